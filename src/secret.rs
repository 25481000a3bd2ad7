//! Text that must never be printed: tokens, keys, signatures; and the scrubbing of other people's text.

use std::fmt;

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
const MASK: &str = "[secret]";

/// The query parameters of a webphone URL that give the phone away.
const SECRET_PARAMETERS: [&str; 2] = ["key=", "signature="];

/// Replaces each of `secrets`, and the value of every `key=` and `signature=`, in a text that came from outside.
pub(crate) fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a str>) -> String {
    let mut clean = text.to_owned();
    for secret in secrets {
        if !secret.is_empty() {
            clean = clean.replace(secret, MASK);
        }
    }
    for parameter in SECRET_PARAMETERS {
        clean = mask_parameter(&clean, parameter);
    }
    clean
}

fn mask_parameter(text: &str, parameter: &str) -> String {
    // Lower-casing ASCII keeps every offset.
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find(parameter)) {
        let value = from + at + parameter.len();
        out.push_str(text.get(from..value).unwrap_or_default());
        out.push_str(MASK);
        from = text.get(value..).and_then(|rest| rest.find(ends_value)).map_or(text.len(), |end| value + end);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
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
}
