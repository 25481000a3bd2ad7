//! Whatever is given: a URL that is kept whole, safe to open and silent about its query, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use webphone::WebphoneUrl;

fuzz_target!(|text: &str| {
    if let Ok(url) = WebphoneUrl::parse(text.to_owned(), None) {
        assert_eq!(url.reveal(), text);
        let origin = url.origin();
        let loopback =
            ["http://127.", "http://localhost", "http://[::1]"].iter().any(|local| origin.starts_with(local));
        assert!(origin.starts_with("https://") || loopback, "{origin}");
        let authority = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
        assert!(authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('@')));
        assert!(!url.describe().contains(['?', '&']), "{url}");
        let _ = url.is_expired(i64::MAX);
    }
});
