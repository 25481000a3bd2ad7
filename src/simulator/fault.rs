//! Faults on demand: what can go wrong on the way, as data.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// Something that goes wrong with an answer of the simulated API.
///
/// Over HTTP a fault is its word, or an object with its word and its fields: `"reset"`, `{"delay": {"delay_ms": 500}}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// `delay`: the right answer, late.
    Delay {
        /// How late, in milliseconds, 0 to 3,600,000.
        delay_ms: i64,
    },
    /// `drip`: the right answer from its first byte on in small pieces, then the connection closes.
    Drip {
        /// The size of a piece in bytes, 1 to 65,536.
        chunk_bytes: i32,
        /// The pause before each further piece in milliseconds, 0 to 3,600,000.
        pause_ms: i64,
    },
    /// `cut`: the right answer breaks off: its `Content-Length` promises all of the body, then the connection closes.
    Cut {
        /// How many bytes of the body are sent, 0 or more; never the whole.
        body_bytes: i64,
    },
    /// `reset`: the connection is reset (TCP RST) instead of an answer.
    Reset,
    /// `refuse`: a new connection is closed before anything is read, if this rule is the first in the queue; on an open
    /// connection the request gets no answer and the connection closes.
    Refuse,
    /// `garbage`: bytes that are not HTTP, then the connection closes.
    Garbage,
    /// `oversized`: HTTP 200 with a body of this size, sent as fast as the other side reads.
    Oversized {
        /// The size in bytes that `Content-Length` claims, 1 or more.
        claimed_bytes: i64,
    },
    /// `endless`: HTTP 200 with a chunked body that never ends.
    Endless,
    /// `fail`: the API's own envelope of failure with this status, such as 429, 500 or 401.
    Fail {
        /// The HTTP status, 400 to 599. `motivo` is the one that the vendor documents for it, else `null`.
        http_status: i32,
        /// When to come back (`Retry-After`), in milliseconds rounded up to whole seconds, 0 or more; none: it does
        /// not say.
        retry_after_ms: Option<i64>,
    },
    /// `answer`: any other answer, given in full: an empty body, HTML, UTF-16, a redirect, an envelope without
    /// `sucesso`.
    Answer {
        /// The HTTP status, 200 to 999.
        http_status: i32,
        /// The headers; without a `Content-Type` among them it is `application/json`. `Content-Length`,
        /// `Transfer-Encoding` and `Connection` are not accepted: they belong to the connection.
        #[serde(default)]
        headers: HashMap<String, String>,
        /// The body; over HTTP a text (sent as UTF-8) or a list of byte values.
        #[serde(default, deserialize_with = "body")]
        body: Vec<u8>,
    },
}

impl Fault {
    /// The fault's word, as HTTP control and the record of requests use it: `delay`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Drip { .. } => "drip",
            Self::Cut { .. } => "cut",
            Self::Reset => "reset",
            Self::Refuse => "refuse",
            Self::Garbage => "garbage",
            Self::Oversized { .. } => "oversized",
            Self::Endless => "endless",
            Self::Fail { .. } => "fail",
            Self::Answer { .. } => "answer",
        }
    }
}

/// When a fault strikes. Rules stand in a queue: the first one that fits a request is used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// How many requests it strikes before the rule is spent, 1 or more; none: all, until the faults are cleared.
    #[uniffi(default = None)]
    pub times: Option<i32>,
    /// The number (`ramal`) of the only extension whose requests it strikes; none: any request.
    #[uniffi(default = None)]
    pub extension: Option<String>,
}

impl FaultRule {
    /// A fault that strikes every request.
    pub fn always(fault: Fault) -> Self {
        Self { fault, times: None, extension: None }
    }

    /// A fault that strikes the next so many requests.
    pub fn times(fault: Fault, times: i32) -> Self {
        Self { fault, times: Some(times), extension: None }
    }

    /// The same fault, for the requests of this extension (`ramal`) only.
    #[must_use]
    pub fn for_extension(mut self, number: impl ToString) -> Self {
        self.extension = Some(number.to_string());
        self
    }
}

fn body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let wrong = || de::Error::custom("`body` is a text or a list of byte values");
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text.into_bytes()),
        Value::Array(bytes) => {
            bytes.iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}
