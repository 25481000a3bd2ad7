//! The names that the phone gives to calls and queues: opaque, sent as numbers in one place and as text in another.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::checked::checked_text;
use crate::error::Error;

/// No id needs more.
const MAX_ID: usize = 64;

/// JSON numbers are exact up to here in every language.
const MAX_EXACT: u64 = (1 << 53) - 1;

fn check(written: &str) -> Result<String, &'static str> {
    let id = written.trim();
    if id.is_empty() {
        Err("is empty")
    } else if id.chars().count() > MAX_ID {
        Err("is longer than 64 characters")
    } else if id.chars().any(char::is_control) {
        Err("holds a control character")
    } else {
        Ok(id.to_owned())
    }
}

macro_rules! id_type {
    ($(#[$docs:meta])* $name:ident, $field:literal) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes an id; surrounding white space is dropped.
            ///
            /// # Errors
            /// [`Error::Invalid`] with the reason, when it is empty, too long or holds a control character.
            pub fn parse(written: &str) -> Result<Self, Error> {
                Self::read(written).map_err(|reason| Error::invalid($field, reason))
            }

            /// The id as text, whether it came as a number or as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub(super) fn read(written: &str) -> Result<Self, &'static str> {
                check(written).map(Self)
            }

            /// The id as the phone's own pages write it: a number if it is one, else text.
            pub(super) fn to_wire(&self) -> Value {
                match self.0.parse::<u64>() {
                    Ok(number) if number <= MAX_EXACT && number.to_string() == self.0 => Value::from(number),
                    _ => Value::from(self.0.as_str()),
                }
            }
        }

        checked_text!($name);
    };
}

id_type! {
    /// The id of a queue (`filaId`): 1 to 64 characters, none of them a control character. `47` and `"47"` are the
    /// same queue.
    #[doc(alias("filaId", "fila"))]
    QueueId, "queue"
}

id_type! {
    /// The id of a call (`chamada_id`, `chamadaRecebidaId`), by which the API and its webhooks know it: 1 to 64
    /// characters, none of them a control character. `123` and `"123"` are the same call.
    #[doc(alias("chamada_id", "chamadaRecebidaId"))]
    CallId, "call_id"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_number_on_the_wire_only_if_nothing_is_lost() {
        for (text, wire) in [
            ("47", "47"),
            ("0", "0"),
            ("047", "\"047\""),
            ("a-1", "\"a-1\""),
            ("-1", "\"-1\""),
            ("9007199254740991", "9007199254740991"),
            ("9007199254740992", "\"9007199254740992\""),
        ] {
            assert_eq!(QueueId::parse(text).unwrap().to_wire().to_string(), wire);
        }
    }

    #[test]
    fn what_is_no_id_is_refused_with_the_reason() {
        for (text, part) in [("", "empty"), (" \n", "empty"), ("a\u{0}b", "control"), (&"9".repeat(65), "longer")] {
            match QueueId::parse(text) {
                Err(Error::Invalid { field, reason }) => assert!(field == "queue" && reason.contains(part), "{reason}"),
                other => panic!("{text:?} gave {other:?}"),
            }
        }
        assert_eq!(CallId::parse(" 12 ").unwrap().as_str(), "12");
    }
}
