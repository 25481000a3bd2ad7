//! Text that must never be printed: tokens, keys, signatures; and the scrubbing of other people's text.

use std::fmt;
use std::ops::Range;

/// A text whose `Debug` says only that it is there.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// What stands in place of a secret in somebody else's text.
pub(crate) const MASK: &str = "[secret]";

/// What gives a phone away: names of query parameters of a webphone URL, and of fields that carry them.
const SECRET_NAMES: [&str; 2] = ["key", "signature"];

/// Whether a field of this name carries a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Replaces each of `secrets`, and every value that is called `key` or `signature`, in a text that came from outside.
pub(crate) fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut clean = text.to_owned();
    for secret in secrets {
        if !secret.is_empty() {
            clean = clean.replace(secret, MASK);
        }
    }
    mask_named_values(&clean)
}

fn mask_named_values(text: &str) -> String {
    // Lower-casing ASCII keeps every offset.
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(value) = next_named_value(&lower, done) {
        out.push_str(text.get(done..value.start).unwrap_or_default());
        out.push_str(MASK);
        done = value.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Where the next named value stands: `key=…`, `key%3D…`, `key: …`, `"key":"…"`.
fn next_named_value(lower: &str, mut from: usize) -> Option<Range<usize>> {
    loop {
        let rest = lower.get(from..)?;
        let (at, length) = SECRET_NAMES.iter().filter_map(|name| Some((rest.find(name)?, name.len()))).min()?;
        from += at + length;
        let behind_name = lower.get(from..)?.trim_start_matches(opens_value);
        let plain = behind_name.strip_prefix(['=', ':']).map(|value| (value, None));
        let encoded =
            || ["%3d", "%3a"].iter().find_map(|sign| behind_name.strip_prefix(sign)).map(|v| (v, Some("%26")));
        let Some((value, encoded_end)) = plain.or_else(encoded) else { continue };
        let value = value.trim_start_matches(opens_value);
        let length = value.find(ends_value).unwrap_or(value.len());
        let length = encoded_end.and_then(|end| value.find(end)).map_or(length, |end| end.min(length));
        if length > 0 && !value.starts_with(MASK) {
            let start = lower.len() - value.len();
            return Some(start..start + length);
        }
    }
}

fn opens_value(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\' | '<' | '(' | '{') || c.is_whitespace()
}

fn ends_value(c: char) -> bool {
    matches!(c, '&' | '#' | '"' | '\'' | '<' | '>') || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text() {
        assert_eq!(format!("{:?}", Secret::new("abc")), "[secret]");
    }

    #[test]
    fn redacts_named_secrets_and_url_parameters() {
        let text = "token T0 for https://h/w3/?KEY=abc&pop=1&signature=ff#x and key=z";
        assert_eq!(
            redact(text, ["T0", ""]),
            "token [secret] for https://h/w3/?KEY=[secret]&pop=1&signature=[secret]#x and key=[secret]"
        );
    }

    #[test]
    fn redacts_named_values_however_they_are_written() {
        for (text, clean) in [
            (r#"{"key":"abc","n":1}"#, r#"{"key":"[secret]","n":1}"#),
            (r#"{\"signature\": \"abc"#, r#"{\"signature\": \"[secret]"#),
            ("key='abc' (signature: abc", "key='[secret]' (signature: [secret]"),
            ("u=h%3Fkey%3Dabc%26pop%3D1", "u=h%3Fkey%3D[secret]%26pop%3D1"),
            ("key=&pop=1 keyboard key", "key=&pop=1 keyboard key"),
            ("é key=é", "é key=[secret]"),
        ] {
            assert_eq!(redact(text, []), clean);
        }
        assert_eq!(redact("key=T0 T0", ["T0"]), "key=[secret] [secret]");
    }
}
