//! Telephone numbers as people write them, reduced to what the phone dials.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// No written number needs more; a longer text is refused before it is looked at.
const MAX_WRITTEN: usize = 64;

/// A number that the phone can dial: 2 to 20 of `0`–`9`, `*`, `#`.
///
/// Made from text as people write it: spaces and `( ) - .` are dropped, `+55` (Brazil) before 10 or 11 digits is
/// dropped, any other `+` and any letter is refused. No area code is ever added.
///
/// ```
/// use webphone::PhoneNumber;
/// assert_eq!(PhoneNumber::parse("+55 (11) 99999-0000")?.as_str(), "11999990000");
/// assert!(PhoneNumber::parse("+1 212 555 0100").is_err());
/// # Ok::<(), webphone::Error>(())
/// ```
#[doc(alias("numero", "numeroTelefone", "ligar_para"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as a person would write it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the reason, when it can't be dialled.
    pub fn parse(written: &str) -> Result<Self, Error> {
        reduce(written).map(Self).map_err(|reason| Error::invalid("number", reason))
    }

    /// The number as it is dialled: digits, `*` and `#` only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a number as a person would write it, and gives what the phone dials: for hosts that want to check it before they
/// use it.
///
/// # Errors
/// [`Error::Invalid`] naming `number` with the reason, when it can't be dialled.
#[uniffi::export]
pub fn parse_phone_number(written: String) -> Result<PhoneNumber, Error> {
    PhoneNumber::parse(&written)
}

fn reduce(written: &str) -> Result<String, &'static str> {
    if written.len() > MAX_WRITTEN {
        return Err("is too long: a telephone number has 2 to 20 digits");
    }
    let mut dialled = String::with_capacity(written.len());
    let mut international = false;
    for c in written.chars() {
        match c {
            '0'..='9' | '*' | '#' => dialled.push(c),
            '(' | ')' | '-' | '.' => {}
            '+' if dialled.is_empty() && !international => international = true,
            '+' => return Err("has a `+` that is not at its start"),
            c if c.is_control() => return Err("holds a control character"),
            c if c.is_whitespace() => {}
            c if c.is_alphabetic() => return Err("holds a letter: write it in digits"),
            _ => return Err("holds a sign that no telephone number has"),
        }
    }
    if international {
        let national = dialled.strip_prefix("55").ok_or("starts with `+` and a country code other than Brazil's 55")?;
        if !matches!(national.len(), 10 | 11) || !national.bytes().all(|b| b.is_ascii_digit()) {
            return Err("needs area code and number, 10 or 11 digits, after +55");
        }
        return Ok(national.to_owned());
    }
    match dialled.len() {
        0 => Err("is empty"),
        2..=20 => Ok(dialled),
        _ => Err("has to have 2 to 20 digits"),
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PhoneNumber {
    type Err = Error;

    fn from_str(written: &str) -> Result<Self, Error> {
        Self::parse(written)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = Error;

    fn try_from(written: String) -> Result<Self, Error> {
        Self::parse(&written)
    }
}

impl TryFrom<&str> for PhoneNumber {
    type Error = Error;

    fn try_from(written: &str) -> Result<Self, Error> {
        Self::parse(written)
    }
}

uniffi::custom_type!(PhoneNumber, String, {
    try_lift: |written| Ok(PhoneNumber::parse(&written)?),
    lower: |number| number.0,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reason(written: &str) -> String {
        match PhoneNumber::parse(written) {
            Err(Error::Invalid { reason, .. }) => reason,
            other => panic!("{written:?} gave {other:?}"),
        }
    }

    #[test]
    fn accepts_what_people_write() {
        for (written, dialled) in [
            ("4000", "4000"),
            ("*8#", "*8#"),
            ("(11) 99999-0000", "11999990000"),
            ("11.3333.4444", "1133334444"),
            ("+55 11 99999 0000", "11999990000"),
            ("+55 (11) 3333-4444", "1133334444"),
            ("11\u{a0}3333\u{202f}4444", "1133334444"),
            ("0011", "0011"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            assert_eq!(PhoneNumber::parse(written).unwrap().as_str(), dialled, "{written:?}");
        }
    }

    #[test]
    fn refuses_the_rest_with_the_reason() {
        for (written, part) in [
            ("", "empty"),
            (" - ", "empty"),
            ("1", "2 to 20"),
            ("123456789012345678901", "2 to 20"),
            ("+1 212 555 0100", "country code"),
            ("+55 3333-4444", "10 or 11"),
            ("+55 11 9999*0000", "10 or 11"),
            ("11+22", "not at its start"),
            ("++5511999990000", "not at its start"),
            ("0800-FLOWERS", "letter"),
            ("1\n2", "control"),
            ("1&2", "sign"),
            ("١٢٣", "sign"),
        ] {
            assert!(reason(written).contains(part), "{written:?}: {}", reason(written));
        }
        assert!(reason(&"9".repeat(10_000)).contains("too long"));
    }
}
