//! What a webphone URL is asked for: the parameters of `GET /webphone`.

use std::fmt;

use serde::Deserialize;
use url::Url;

use crate::error::Error;
use crate::protocol::PhoneNumber;
use crate::url::PhoneType;

/// No extension's number or id needs more.
const MAX_EXTENSION: usize = 40;

/// Which extension (*ramal*), by its number or by its unique id. A request always has one.
///
/// It is checked when the request is used: letters, digits, `-` and `_` for an id, digits for a number, 1 to 40 of
/// them. A wrong one is [`Error::Invalid`] naming `ramal` or `id_ramal`, and nothing is sent.
#[doc(alias("ramal", "id_ramal"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum Extension {
    /// The extension's unique id in the account (`id_ramal`).
    Id {
        /// The id as the API gave it, number or text.
        value: String,
    },
    /// The extension's number (`ramal`), such as 4000.
    Number {
        /// The number; leading zeros count.
        value: String,
    },
}

impl Extension {
    /// An extension by its unique id (`id_ramal`): `Extension::id(12345)`.
    pub fn id(value: impl ToString) -> Self {
        Self::Id { value: value.to_string() }
    }

    /// An extension by its number (`ramal`): `Extension::number(4000)`.
    pub fn number(value: impl ToString) -> Self {
        Self::Number { value: value.to_string() }
    }

    /// The query parameter of this extension, checked: its name and its value.
    fn parameter(&self) -> Result<(&'static str, &str), Error> {
        let (name, value, digits_only) = match self {
            Self::Id { value } => ("id_ramal", value, false),
            Self::Number { value } => ("ramal", value, true),
        };
        let fits =
            |b: u8| b.is_ascii_digit() || (!digits_only && (b.is_ascii_alphabetic() || matches!(b, b'-' | b'_')));
        if value.is_empty() {
            Err(Error::invalid(name, "is empty"))
        } else if value.len() > MAX_EXTENSION {
            Err(Error::invalid(name, "is longer than 40 characters"))
        } else if value.bytes().all(fits) {
            Ok((name, value))
        } else if digits_only {
            Err(Error::invalid(name, "may hold digits only"))
        } else {
            Err(Error::invalid(name, "may hold letters, digits, `-` and `_` only"))
        }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id { value } => write!(f, "id {value}"),
            Self::Number { value } => f.write_str(value),
        }
    }
}

/// One request for a webphone URL: `GET /webphone` with its documented parameters.
///
/// ```
/// use webphone::{Extension, PhoneType, UrlRequest};
/// let request = UrlRequest::new(Extension::number(4000)).phone_type(PhoneType::Hidden);
/// # assert_eq!(request.phone_type, PhoneType::Hidden);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, uniffi::Record)]
pub struct UrlRequest {
    /// Which extension (`ramal` or `id_ramal`).
    pub extension: Extension,
    /// How the phone shows itself (`tipo`).
    pub phone_type: PhoneType,
    /// The number that the phone dials when it opens (`ligar_para`); none: it dials nothing.
    #[uniffi(default = None)]
    pub call_on_open: Option<PhoneNumber>,
    /// Whether the phone closes when its call ends (`fechar_fim`).
    #[uniffi(default = false)]
    pub close_at_end: bool,
}

impl UrlRequest {
    /// A request with the API's defaults: a floating phone that dials nothing and stays open.
    pub fn new(extension: Extension) -> Self {
        Self { extension, phone_type: PhoneType::default(), call_on_open: None, close_at_end: false }
    }

    /// The same request for a phone of another type (`tipo`).
    #[must_use]
    pub fn phone_type(mut self, phone_type: PhoneType) -> Self {
        self.phone_type = phone_type;
        self
    }

    /// The same request for a phone that dials this number when it opens (`ligar_para`).
    #[must_use]
    pub fn call_on_open(mut self, number: PhoneNumber) -> Self {
        self.call_on_open = Some(number);
        self
    }

    /// The same request for a phone that closes when its call ends (`fechar_fim`), or not.
    #[must_use]
    pub fn close_at_end(mut self, close: bool) -> Self {
        self.close_at_end = close;
        self
    }

    /// Reads one request in the API's own names and values.
    pub(super) fn from_wire(json: &str) -> Result<Self, Error> {
        let wire: WireRequest =
            serde_json::from_str(json).map_err(|_| Error::invalid("request", "is not a JSON object of a request"))?;
        wire.try_into()
    }

    /// The address to get, below the API's base.
    pub(crate) fn address(&self, endpoint: &Url) -> Result<Url, Error> {
        let (name, value) = self.extension.parameter()?;
        let mut address = endpoint.clone();
        let mut query = address.query_pairs_mut();
        query.append_pair(name, value).append_pair("tipo", self.phone_type.as_wire());
        if let Some(number) = &self.call_on_open {
            query.append_pair("ligar_para", number.as_str());
        }
        if self.close_at_end {
            query.append_pair("fechar_fim", "true");
        }
        drop(query);
        Ok(address)
    }
}

impl From<Extension> for UrlRequest {
    fn from(extension: Extension) -> Self {
        Self::new(extension)
    }
}

/// A request in the API's own names and values, not checked yet. What is left out has the API's default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireRequest {
    ramal: Option<String>,
    id_ramal: Option<String>,
    tipo: Option<String>,
    ligar_para: Option<String>,
    #[serde(default)]
    fechar_fim: bool,
}

impl TryFrom<WireRequest> for UrlRequest {
    type Error = Error;

    fn try_from(wire: WireRequest) -> Result<Self, Error> {
        let extension = match (wire.ramal, wire.id_ramal) {
            (Some(value), None) => Extension::Number { value },
            (None, Some(value)) => Extension::Id { value },
            (None, None) => return Err(Error::invalid("ramal", "is missing, and so is `id_ramal`")),
            (Some(_), Some(_)) => return Err(Error::invalid("ramal", "stands beside `id_ramal`: give one of them")),
        };
        let phone_type = match wire.tipo {
            None => PhoneType::default(),
            Some(word) => PhoneType::from_wire(&word)
                .ok_or_else(|| Error::invalid("tipo", "is none of floating, embedded, hidden"))?,
        };
        let call_on_open = wire.ligar_para.map(|written| {
            PhoneNumber::parse(&written).map_err(|error| match error {
                Error::Invalid { reason, .. } => Error::invalid("ligar_para", reason),
                other => other,
            })
        });
        Ok(Self { extension, phone_type, call_on_open: call_on_open.transpose()?, close_at_end: wire.fechar_fim })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(request: &UrlRequest) -> Result<String, Error> {
        let endpoint = Url::parse("https://h/webphone").unwrap();
        request.address(&endpoint).map(|url| url.query().unwrap().to_owned())
    }

    #[test]
    fn every_parameter_has_its_wire_name() {
        let request = UrlRequest::new(Extension::id("a-1"))
            .phone_type(PhoneType::Hidden)
            .call_on_open(PhoneNumber::parse("*8#").unwrap())
            .close_at_end(true);
        assert_eq!(query(&request).unwrap(), "id_ramal=a-1&tipo=hidden&ligar_para=*8%23&fechar_fim=true");
        assert_eq!(query(&Extension::number("0042").into()).unwrap(), "ramal=0042&tipo=floating");
    }

    #[test]
    fn a_wrong_extension_is_named_and_never_sent() {
        let long = "1".repeat(10_000);
        for value in ["", " ", "4000 ", "40\n00", "4&0", "4#0", "ramal", "-1", "٤", &long] {
            match query(&Extension::number(value).into()) {
                Err(Error::Invalid { field, .. }) => assert_eq!(field, "ramal"),
                other => panic!("{value:?} gave {other:?}"),
            }
        }
        for value in ["", "a b", "a\0", "a&b", "é", &long] {
            match query(&Extension::id(value).into()) {
                Err(Error::Invalid { field, .. }) => assert_eq!(field, "id_ramal"),
                other => panic!("{value:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn wire_requests_are_read_one_by_one() {
        let read = UrlRequest::from_wire;
        let full = r#"{"id_ramal":"7","tipo":"hidden","ligar_para":"(11) 3333-4444","fechar_fim":true}"#;
        let expected = UrlRequest::new(Extension::id(7))
            .phone_type(PhoneType::Hidden)
            .call_on_open(PhoneNumber::parse("1133334444").unwrap())
            .close_at_end(true);
        assert_eq!(read(full).unwrap(), expected);
        assert_eq!(read(r#"{"ramal":"0042"}"#).unwrap(), Extension::number("0042").into());
        for (json, wrong) in [
            (r#"{}"#, "ramal"),
            (r#"{"ramal":"1","id_ramal":"2"}"#, "ramal"),
            (r#"{"ramal":"1","tipo":"big"}"#, "tipo"),
            (r#"{"ramal":"1","ligar_para":"x"}"#, "ligar_para"),
            (r#"{"ramal":1}"#, "request"),
            (r#"{"ramal":"1","tippo":"hidden"}"#, "request"),
            ("", "request"),
        ] {
            match read(json) {
                Err(Error::Invalid { field, .. }) => assert_eq!(field, wrong),
                other => panic!("{json} gave {other:?}"),
            }
        }
    }
}
