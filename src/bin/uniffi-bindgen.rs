//! The binding generator, tied to the version of UniFFI that this crate is built with.

fn main() {
    uniffi::uniffi_bindgen_main();
}
