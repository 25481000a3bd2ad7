//! Webphone URLs.
#![no_main]

#[path = "../what_holds.rs"]
mod what_holds;

libfuzzer_sys::fuzz_target!(|text: &str| what_holds::of_a_url(text));
