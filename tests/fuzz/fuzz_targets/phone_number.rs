//! Numbers as people write them.
#![no_main]

#[path = "../what_holds.rs"]
mod what_holds;

libfuzzer_sys::fuzz_target!(|written: &str| what_holds::of_a_number(written));
