//! What a simulator is started with, and the extensions that it knows.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a [`Simulator`](crate::Simulator) is set up. The default is that of the vendor's documentation: extensions 4000
/// and 4001, plain HTTP, no rate limit, URLs that do not expire.
#[derive(Clone, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct SimulatorConfig {
    /// The TCP port of the API on 127.0.0.1, 0 to 65535; 0 takes a free one.
    #[uniffi(default = 0)]
    pub port: i32,
    /// The extensions of the account; none: 4000 and 4001. An empty list is an account without extensions.
    #[uniffi(default = None)]
    pub extensions: Option<Vec<SimulatedExtension>>,
    /// Whether the API speaks HTTPS, with a certificate of a throw-away authority made at the start.
    #[uniffi(default = false)]
    pub tls: bool,
    /// The limit above which requests are answered with HTTP 429; none: there is no limit.
    #[uniffi(default = None)]
    pub rate_limit: Option<SimulatedRateLimit>,
    /// How long a URL works, in milliseconds, 0 (it has expired already) to ten years: URLs are then signed and carry
    /// `signature` and `expires`, which counts whole seconds and is rounded down. None: URLs are unsigned and last.
    #[doc(alias("signature", "expires"))]
    #[uniffi(default = None)]
    pub url_lifetime_ms: Option<i64>,
    /// Whether time stands still until [`advance`](crate::Simulator::advance) moves it: for its phones, for the sessions
    /// that are opened with its [`clock`](crate::Simulator::clock), and for the expiry of its URLs. It starts at the
    /// system's time. Delays and rate limit of the API are not part of it.
    #[uniffi(default = false)]
    pub virtual_time: bool,
}

/// An extension (*ramal*) that a simulator knows.
#[doc(alias("ramal", "id_ramal"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
#[serde(try_from = "Value")]
pub struct SimulatedExtension {
    /// Its number (`ramal`): 1 to 38 digits.
    pub number: String,
    /// Its unique id (`id_ramal`): 1 to 40 letters, digits, `-` and `_`. Left empty, it is `10` and the number, so
    /// that extension 4000 always has the id 104000 and the two can't be mistaken for each other.
    #[uniffi(default = "")]
    pub id: String,
}

impl SimulatedExtension {
    /// An extension with this number and the id made from it.
    pub fn new(number: impl ToString) -> Self {
        Self { number: number.to_string(), id: String::new() }
    }

    /// The same extension with this id.
    #[must_use]
    pub fn with_id(mut self, id: impl ToString) -> Self {
        self.id = id.to_string();
        self
    }
}

/// JSON as people write it: `4000`, `"4000"`, `{"number": 4000}` or `{"number": "4000", "id": "7"}`.
impl TryFrom<Value> for SimulatedExtension {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        const SHAPE: &str = "an extension is a number, or an object with `number` and perhaps `id`";
        match value {
            Value::Object(mut fields) => {
                let number = fields.remove("number").and_then(text).ok_or(SHAPE)?;
                let id = fields.remove("id").map_or(Some(String::new()), text).ok_or(SHAPE)?;
                if fields.is_empty() { Ok(Self { number, id }) } else { Err(SHAPE) }
            }
            other => text(other).map(Self::new).ok_or(SHAPE),
        }
    }
}

/// A text, or a number as text.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// How many requests a second a simulator answers.
///
/// A second's worth may come at once; after that one request is let through every 1/n of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Record)]
pub struct SimulatedRateLimit {
    /// Requests a second, 1 to 1,000,000.
    pub per_second: i32,
    /// Whether the 429 says when to come back (`Retry-After`, in whole seconds).
    #[uniffi(default = true)]
    pub retry_after: bool,
}
