//! What a simulator remembers of the requests to its API.

use serde::Serialize;

/// What the simulated API was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct RequestLog {
    /// How many requests came since the start or since they were last forgotten.
    pub total: i64,
    /// How many answers are being delayed or sent slowly right now. It falls when the other side gives up.
    pub in_flight: i32,
    /// The latest requests, oldest first; at most the last 10,000 are kept.
    pub requests: Vec<SimulatedRequest>,
}

/// One request to the simulated API. It never holds a token, a key or a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct SimulatedRequest {
    /// When it came, in Unix milliseconds.
    pub at_ms: i64,
    /// The HTTP method: `GET`.
    pub method: String,
    /// Path and query as sent, at most 2,000 bytes, secrets masked: `/webphone?ramal=4000`.
    pub target: String,
    /// The number of the extension that it named, by number or by id; none when that is unknown here.
    pub extension: Option<String>,
    /// Whether it had the right access token.
    pub token: TokenCheck,
    /// The `User-Agent` that it named, at most 200 bytes.
    pub user_agent: Option<String>,
    /// The HTTP status that it was answered with; 0 when the fault left no answer.
    pub http_status: i32,
    /// The fault that struck it, by its word: `delay`.
    pub fault: Option<String>,
}

/// What a request had as its access token (`Access-Token`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum TokenCheck {
    /// `missing`: there was none.
    Missing,
    /// `wrong`: there was another one.
    Wrong,
    /// `right`: it was the simulator's.
    Right,
}
