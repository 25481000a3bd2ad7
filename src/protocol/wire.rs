//! The envelope that commands and events share, `{"message": name, …}`, and its fields: lenient in, strict out.

use serde_json::{Map, Value};

/// No message of the phone needs more; a longer text is not looked at. It bounds the memory that a page can cost.
/// (Nesting is bounded by the JSON reader, at 128 levels.)
const MAX_MESSAGE: usize = 64 * 1024;

/// No number, key or id needs more.
const MAX_TEXT: usize = 128;

/// A message of the phone's language: its name and its fields.
pub(super) struct Envelope {
    pub(super) name: String,
    pub(super) fields: Map<String, Value>,
}

/// A field that can't be used: which one, and why, as a sentence without its subject.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadField {
    pub(super) field: &'static str,
    pub(super) reason: String,
}

impl Envelope {
    /// Reads a message; none when it is not one of this language.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut value = json(text)?;
        // Some pages post the JSON text of the object instead of the object.
        if let Value::String(inner) = &value {
            value = json(inner)?;
        }
        let Value::Object(mut fields) = value else { return None };
        match fields.remove("message") {
            Some(Value::String(name)) if !name.is_empty() => Some(Self { name, fields }),
            _ => None,
        }
    }

    /// A text, or a whole number as text; none when the field is missing, `null`, `false` or empty.
    pub(super) fn text(&self, field: &'static str) -> Result<Option<String>, BadField> {
        let text = match self.fields.get(field) {
            None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => match (number.as_u64(), number.as_i64()) {
                (Some(whole), _) => whole.to_string(),
                (None, Some(negative)) => negative.to_string(),
                // Beyond 64 bits its digits are lost, and with a fraction it is no id.
                (None, None) => return bad(field, "is not a whole number"),
            },
            Some(_) => return bad(field, "is neither text nor a number"),
        };
        if text.is_empty() {
            Ok(None)
        } else if text.chars().count() > MAX_TEXT {
            bad(field, "is longer than 128 characters")
        } else {
            Ok(Some(text))
        }
    }

    /// A field as a type of its own; none as for [`text`](Self::text).
    pub(super) fn get<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, BadField> {
        match self.text(field)? {
            None => Ok(None),
            Some(text) => read(&text).map(Some).or_else(|reason| bad(field, reason)),
        }
    }

    /// The same for a field that has to be there.
    pub(super) fn need<T>(
        &self,
        field: &'static str,
        read: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<T, BadField> {
        self.get(field, read)?.ok_or_else(|| BadField { field, reason: "is missing".to_owned() })
    }

    /// A field as it came, as compact JSON text; none when it is missing or `null`.
    pub(super) fn raw(&self, field: &str) -> Option<String> {
        self.fields.get(field).filter(|value| !value.is_null()).map(Value::to_string)
    }

    /// All fields but the name, as compact JSON text.
    pub(super) fn payload(self) -> String {
        Value::Object(self.fields).to_string()
    }
}

pub(super) fn bad<T>(field: &'static str, reason: impl Into<String>) -> Result<T, BadField> {
    Err(BadField { field, reason: reason.into() })
}

fn json(text: &str) -> Option<Value> {
    if text.len() > MAX_MESSAGE { None } else { serde_json::from_str(text).ok() }
}

/// Writes a message: its name first, then its fields in the order given.
pub(super) fn write<'a>(name: &str, fields: impl IntoIterator<Item = (&'a str, Value)>) -> String {
    let mut text = format!("{{\"message\":{}", Value::from(name));
    for (field, value) in fields {
        text.push_str(&format!(",{}:{value}", Value::from(field)));
    }
    text.push('}');
    text
}

/// A field that is left out when there is nothing to say.
pub(super) fn optional(field: &str, value: Option<impl Into<Value>>) -> Option<(&str, Value)> {
    value.map(|value| (field, value.into()))
}
