//! Whatever is written: a number that can be dialled, the same again when it is read again, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use webphone::PhoneNumber;

fuzz_target!(|written: &str| {
    if let Ok(number) = PhoneNumber::parse(written) {
        let dialled = number.as_str();
        assert!((2..=20).contains(&dialled.len()));
        assert!(dialled.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'#')));
        assert_eq!(PhoneNumber::parse(dialled), Ok(number));
    }
});
