//! The keys of a telephone, pressed during a call.

use serde::{Deserialize, Serialize};

use super::checked::checked_text;
use crate::error::Error;

/// No menu asks for more at once; at the default pace these take 13 s.
const MAX_KEYS: usize = 64;

/// Keys to press one after the other: 1 to 64 of `0`–`9`, `*`, `#`. Spaces and `-` between them are dropped.
///
/// ```
/// use webphone::protocol::Dtmf;
/// assert_eq!(Dtmf::parse("12 #")?.as_str(), "12#");
/// assert!(Dtmf::parse("1w2").is_err());
/// # Ok::<(), webphone::Error>(())
/// ```
#[doc(alias("dtmf", "enviaDTMF"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Dtmf(String);

/// One key: `0`–`9`, `*` or `#`.
#[doc(alias("dtmf", "enviaDTMF"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DtmfKey(char);

impl Dtmf {
    /// Reads keys as a person would write them.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `dtmf`, with the reason.
    pub fn parse(written: &str) -> Result<Self, Error> {
        reduce(written).map(Self).map_err(|reason| Error::invalid("dtmf", reason))
    }

    /// The keys: `0`–`9`, `*` and `#` only.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = DtmfKey> + '_ {
        self.0.chars().map(DtmfKey)
    }
}

impl DtmfKey {
    /// Reads one key.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `dtmf`, when it is not exactly one of `0`–`9`, `*`, `#`.
    pub fn parse(written: &str) -> Result<Self, Error> {
        Self::read(written).map_err(|reason| Error::invalid("dtmf", reason))
    }

    /// The key's sign.
    pub fn as_char(self) -> char {
        self.0
    }

    pub(super) fn read(written: &str) -> Result<Self, &'static str> {
        let keys = reduce(written)?;
        let mut chars = keys.chars();
        match (chars.next(), chars.next()) {
            (Some(key), None) => Ok(Self(key)),
            _ => Err("is more than one key"),
        }
    }
}

impl From<DtmfKey> for Dtmf {
    fn from(key: DtmfKey) -> Self {
        Self(key.0.to_string())
    }
}

fn reduce(written: &str) -> Result<String, &'static str> {
    let mut keys = String::new();
    for c in written.chars() {
        match c {
            '0'..='9' | '*' | '#' if keys.len() == MAX_KEYS => return Err("has more than 64 keys"),
            '0'..='9' | '*' | '#' => keys.push(c),
            ' ' | '-' => {}
            _ => return Err("holds something other than the keys 0 to 9, * and #"),
        }
    }
    if keys.is_empty() { Err("is empty") } else { Ok(keys) }
}

checked_text!(Dtmf, DtmfKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_in_order_and_the_rest_is_refused() {
        assert_eq!(Dtmf::parse("12 # -*").unwrap().as_str(), "12#*");
        for (written, part) in
            [("", "empty"), (" - ", "empty"), ("1A", "other than"), ("1\n", "other than"), ("٣", "other than")]
        {
            match Dtmf::parse(written) {
                Err(Error::Invalid { field, reason }) => assert!(field == "dtmf" && reason.contains(part), "{reason}"),
                other => panic!("{written:?} gave {other:?}"),
            }
        }
        assert!(Dtmf::parse(&"1".repeat(64)).is_ok());
        assert!(Dtmf::parse(&"1".repeat(65)).unwrap_err().describe().contains("more than 64"));
    }

    #[test]
    fn a_key_is_exactly_one() {
        assert_eq!(DtmfKey::parse("#").unwrap().as_char(), '#');
        assert!(DtmfKey::parse("12").unwrap_err().describe().contains("more than one"));
        assert!(DtmfKey::parse("").is_err());
    }
}
