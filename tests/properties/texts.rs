//! What holds for every input of the public parsers, whatever it is.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use webphone::{PhoneNumber, PhoneType, WebphoneUrl};

use crate::what_holds;

/// Signs that a written number may hold between its digits without a meaning.
const DROPPED: [&str; 7] = ["", " ", "(", ")", "-", ".", "\u{a0}"];

/// A number as it is dialled.
fn dialled() -> impl Strategy<Value = String> {
    "[0-9*#]{2,20}"
}

/// Text of what such texts are made of, which is nearly right more often than any text.
fn nearly_a_number() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9*#+() .-]{0,30}", "\\+55[0-9 ]{8,14}", any::<String>()]
}

/// A number with signs that are dropped between its digits.
fn decorate(number: &str, signs: &[Index]) -> String {
    let signs = signs.iter().map(|index| DROPPED[index.index(DROPPED.len())]).chain(std::iter::repeat(""));
    number.chars().zip(signs).flat_map(|(c, sign)| [sign.to_owned(), c.to_string()]).collect()
}

/// The parts of a URL that is in order.
#[derive(Clone, Debug)]
struct Parts {
    host: String,
    key: String,
    phone_type: Option<PhoneType>,
    /// Unix seconds.
    expires: Option<u32>,
    slash: bool,
    type_first: bool,
}

impl Parts {
    fn text(&self) -> String {
        let mut query = vec![format!("key={}", self.key), "pop=1".to_owned()];
        if let Some(at) = self.expires {
            query.push(format!("signature={}&expires={at}", self.key));
        }
        if let Some(phone_type) = self.phone_type {
            query.insert(if self.type_first { 0 } else { query.len() }, format!("tipo={phone_type}"));
        }
        format!("https://{}/w3{}?{}", self.host, if self.slash { "/" } else { "" }, query.join("&"))
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    let host = prop_oneof![
        select(&["api2.totalvoice.com.br", "voice-api.zenvia.com", "voice-app.zenvia.com"][..]).prop_map(str::to_owned),
        "[a-z]([a-z0-9]{0,8}[a-z])?(\\.[a-z]{2,6}){1,3}(:[1-9][0-9]{3})?",
    ];
    let phone_type = proptest::option::of(select(&PhoneType::ALL[..]));
    (host, "[A-Za-z0-9]{24,64}", phone_type, any::<Option<u32>>(), any::<bool>(), any::<bool>()).prop_map(
        |(host, key, phone_type, expires, slash, type_first)| Parts {
            host,
            key,
            phone_type,
            expires,
            slash,
            type_first,
        },
    )
}

/// A text with another put in somewhere.
fn with(text: &str, at: Index, inserted: &str) -> String {
    let places: Vec<_> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    let (before, after) = text.split_at(places[at.index(places.len())]);
    format!("{before}{inserted}{after}")
}

fn nearly_a_url() -> impl Strategy<Value = String> {
    prop_oneof![
        (parts(), any::<Index>(), any::<String>()).prop_map(|(parts, at, inserted)| with(&parts.text(), at, &inserted)),
        (parts(), any::<Index>(), "[:/@?#\\\\.%\\[\\]a-z0-9 -]{1,4}").prop_map(|(parts, at, inserted)| with(
            &parts.text(),
            at,
            &inserted
        )),
        "(https?|javascript|data|file|HTTPS|blob):?/{0,4}[a-z0-9.@:\\[\\]/?#\\\\-]{0,30}",
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_number_is_dialled_or_refused_with_a_reason(written in nearly_a_number()) {
        what_holds::of_a_number(&written);
    }

    #[test]
    fn signs_between_the_digits_change_nothing(number in dialled(), signs in any::<[Index; 20]>()) {
        let parsed = PhoneNumber::parse(&decorate(&number, &signs)).unwrap();
        prop_assert_eq!(parsed.as_str(), number);
    }

    #[test]
    fn the_country_code_is_dropped(national in "[1-9]{2}[0-9]{8,9}", signs in any::<[Index; 13]>()) {
        let written = format!("+{}", decorate(&format!("55{national}"), &signs));
        let parsed = PhoneNumber::parse(&written).unwrap();
        prop_assert_eq!(parsed.as_str(), national);
    }

    #[test]
    fn a_letter_anywhere_is_refused(number in dialled(), at in any::<Index>(), letter in "\\p{L}") {
        prop_assert!(PhoneNumber::parse(&with(&number, at, &letter)).is_err());
    }

    #[test]
    fn any_url_is_kept_whole_or_refused_with_a_reason(text in nearly_a_url()) {
        what_holds::of_a_url(&text);
    }

    #[test]
    fn a_url_in_order_says_what_it_is_and_hides_its_key(parts in parts(), given in select(&PhoneType::ALL[..])) {
        let url = WebphoneUrl::parse(parts.text(), Some(given)).unwrap();
        prop_assert_eq!(url.phone_type(), parts.phone_type.unwrap_or(given));
        prop_assert_eq!(url.origin(), format!("https://{}", parts.host));
        prop_assert_eq!(url.expires_at_ms(), parts.expires.map(|at| i64::from(at) * 1000));
        let shown = format!("{url} {url:?} {}", url.describe());
        let at = format!("at {}", parts.host);
        prop_assert!(shown.contains(&at) && !shown.contains(&parts.key), "{}", shown);
    }

    #[test]
    fn what_a_browser_would_drop_or_mend_is_refused_anywhere(
        parts in parts(),
        at in any::<Index>(),
        inserted in "[\\p{Cc}\\p{White_Space}\\\\]",
    ) {
        prop_assert!(WebphoneUrl::parse(with(&parts.text(), at, &inserted), None).is_err());
    }

    #[test]
    fn user_information_is_refused(parts in parts(), user in "[a-z0-9.:%-]{0,12}") {
        let text = parts.text().replacen("://", &format!("://{user}@"), 1);
        prop_assert!(WebphoneUrl::parse(text, None).is_err());
    }

    #[test]
    fn plain_http_is_refused(parts in parts()) {
        prop_assert!(WebphoneUrl::parse(parts.text().replacen("https:", "http:", 1), None).is_err());
    }
}
