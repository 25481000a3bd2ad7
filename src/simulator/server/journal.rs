//! The record of requests: bounded, and without anybody's secrets.

use std::collections::VecDeque;

use hyper::body::Incoming;
use hyper::{Request, header};

use super::rest::TOKEN;
use crate::secret::redact;
use crate::simulator::{RequestLog, SimulatedRequest, TokenCheck};

/// How many requests are kept.
const KEPT: usize = 10_000;

/// How much of a text is kept: a request may be as long as it likes.
const MAX_TARGET: usize = 2_000;
const MAX_USER_AGENT: usize = 200;
const MAX_METHOD: usize = 40;

#[derive(Default)]
pub(super) struct Journal {
    total: i64,
    latest: VecDeque<SimulatedRequest>,
}

impl Journal {
    pub(super) fn add(&mut self, request: SimulatedRequest) {
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(request);
        self.total += 1;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What was asked, masked on the way out: that spares every request the work.
    pub(super) fn read(&self, last: usize, in_flight: i32, token: &str) -> RequestLog {
        let skipped = self.latest.len().saturating_sub(last);
        let requests = self.latest.iter().skip(skipped).cloned().map(|request| mask(request, token)).collect();
        RequestLog { total: self.total, in_flight, requests }
    }
}

fn mask(mut request: SimulatedRequest, token: &str) -> SimulatedRequest {
    request.target = redact(&request.target, [token]);
    request.user_agent = request.user_agent.map(|text| redact(&text, [token]));
    request
}

/// The part of a record that the request itself tells.
pub(super) fn describe(
    at_ms: i64,
    request: &Request<Incoming>,
    token: TokenCheck,
    own_token: &str,
) -> SimulatedRequest {
    let headers = request.headers();
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let target = request.uri().path_and_query().map_or("*", |target| target.as_str());
    // A token that is not ours may be somebody's real one. Ours, and what is in URLs, is masked when the record is read.
    let sent = headers.get(TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let keep = |text: &str, max: usize| {
        if text.len() > max || (token == TokenCheck::Wrong && text.contains(sent)) {
            // Before it is cut: half a secret would not be recognised later.
            start(&redact(text, [own_token, sent]), max).to_owned()
        } else {
            text.to_owned()
        }
    };
    SimulatedRequest {
        at_ms,
        method: start(request.method().as_str(), MAX_METHOD).to_owned(),
        target: keep(target, MAX_TARGET),
        extension: None,
        token,
        user_agent: user_agent.map(|text| keep(text, MAX_USER_AGENT)),
        http_status: 0,
        fault: None,
    }
}

/// The longest start of a text that has at most `max` bytes.
fn start(text: &str, max: usize) -> &str {
    let end = (0..=max).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or(text)
}
