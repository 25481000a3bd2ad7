//! What holds for whatever is given to a public parser: for what a fuzzer finds, and for what the property tests generate.

use webphone::{Error, PhoneNumber, WebphoneUrl};

/// A number that can be dialled, the same again when it is read again; or an error that says why not.
#[allow(dead_code, reason = "each target has one of these")]
pub(crate) fn of_a_number(written: &str) {
    match PhoneNumber::parse(written) {
        Ok(number) => {
            let dialled = number.as_str();
            assert!((2..=20).contains(&dialled.len()));
            assert!(dialled.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'#')));
            assert!(!written.chars().any(|c| c.is_alphabetic() || c.is_control()));
            // Nothing is added, and nothing lost but a country code.
            let kept: String = written.chars().filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#')).collect();
            assert!(kept == dialled || (written.contains('+') && kept.strip_prefix("55") == Some(dialled)));
            assert_eq!(PhoneNumber::parse(dialled), Ok(number));
        }
        Err(Error::Invalid { field, reason }) => {
            assert_eq!(field, "number");
            assert!(!reason.is_empty());
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// A URL that is kept whole, safe to open and silent about its query; or an error that says why not.
#[allow(dead_code, reason = "each target has one of these")]
pub(crate) fn of_a_url(text: &str) {
    match WebphoneUrl::parse(text.to_owned(), None) {
        Ok(url) => {
            assert_eq!(url.reveal(), text);
            let lower = text.to_ascii_lowercase();
            let authority = lower.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
            assert!(authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@')));
            assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\'));
            let origin = url.origin();
            let loopback =
                ["http://127.", "http://localhost", "http://[::1]"].iter().any(|local| origin.starts_with(local));
            assert!(origin.starts_with("https://") || loopback, "{origin}");
            assert!(origin.split_once("://").is_some_and(|(scheme, _)| lower.starts_with(scheme)));
            assert!(!url.describe().contains(['?', '&', '\'']) && !url.describe().contains("key="), "{url}");
            let _ = url.is_expired(i64::MAX);
        }
        Err(Error::Invalid { field, reason }) => {
            assert_eq!(field, "url");
            assert!(!reason.is_empty());
        }
        Err(other) => panic!("{other:?}"),
    }
}
