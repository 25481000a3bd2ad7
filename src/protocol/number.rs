//! Telephone numbers as people write them, reduced to what the phone dials.

use serde::{Deserialize, Serialize};

use super::checked::checked_text;
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as a person would write it.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the reason, when it can't be dialled.
    pub fn parse(written: &str) -> Result<Self, Error> {
        Self::read(written).map_err(|reason| Error::invalid("number", reason))
    }

    pub(super) fn read(written: &str) -> Result<Self, &'static str> {
        reduce(written).map(Self)
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

checked_text!(PhoneNumber);

/// The number of a call's other side, or of the line it came in on, as the phone writes it and as digits.
#[doc(alias("numeroChegando", "numeroDestino"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct CallNumber {
    /// As it came: `(79) 91234-5678`, `+55 11 3333-4444`, `4000`, `anonymous`. 1 to 128 characters.
    pub raw: String,
    /// Its digits, `*` and `#`, without `+55` before 10 or 11 digits: what [`PhoneNumber`] would dial, and by what two
    /// spellings are compared. Empty when it has none.
    pub digits: String,
}

impl CallNumber {
    /// A number as somebody wrote it.
    pub fn new(raw: impl Into<String>) -> Self {
        let raw = raw.into();
        let all: String = raw.chars().filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#')).collect();
        let national = raw.trim_start().starts_with('+').then(|| all.strip_prefix("55")).flatten();
        let digits = match national {
            Some(national) if matches!(national.len(), 10 | 11) => national.to_owned(),
            _ => all,
        };
        Self { raw, digits }
    }

    /// Whether both are the same number, whatever their spelling.
    pub fn is_same(&self, other: &Self) -> bool {
        if self.digits.is_empty() && other.digits.is_empty() {
            self.raw == other.raw
        } else {
            self.digits == other.digits
        }
    }
}

impl From<&PhoneNumber> for CallNumber {
    fn from(number: &PhoneNumber) -> Self {
        Self::new(number.as_str())
    }
}

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
    fn a_number_of_a_call_keeps_its_spelling_and_its_digits() {
        for (raw, digits) in [
            ("(79) 91234-5678", "79912345678"),
            ("+55 (79) 91234-5678", "79912345678"),
            ("+1 212 555 0100", "12125550100"),
            ("+55 190", "55190"),
            ("4000", "4000"),
            ("anonymous", ""),
        ] {
            assert_eq!(CallNumber::new(raw), CallNumber { raw: raw.to_owned(), digits: digits.to_owned() });
        }
        assert!(CallNumber::new("(79) 91234-5678").is_same(&CallNumber::new("79912345678")));
        assert!(!CallNumber::new("anonymous").is_same(&CallNumber::new("private")));
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
