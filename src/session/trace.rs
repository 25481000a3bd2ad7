//! A session as a text: its inputs with their times, and what came of each. The format of the session vectors, and
//! of what a user records to show what a live phone said.
//!
//! A trace is one JSON object: `config` (what differs from the defaults), `unix_base_ms`, `initial` (the first
//! state), and `steps`. A step has `at` (monotonic milliseconds; the wall clock is `unix_base_ms` + `at` unless
//! `unix_ms` says otherwise), `input`, perhaps a `note`, and what came of it: `texts`, `settled`, `updates` (their causes), `deadline`,
//! and `state`, a JSON merge patch (RFC 7386) from the state before. What is empty, null or unchanged is left out.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::config::SessionConfig;
use super::input::{Input, Moment};
use super::output::{Outputs, Settlement};
use super::snapshot::Snapshot;
use crate::error::Error;

/// A trace that was read.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Trace {
    /// What it shows, in one line.
    #[serde(default)]
    pub title: String,
    /// The waits of the session.
    #[serde(default)]
    pub config: SessionConfig,
    /// The wall clock at monotonic time 0, in Unix milliseconds.
    #[serde(default)]
    pub unix_base_ms: i64,
    /// The state before the first step, as JSON.
    #[serde(default)]
    pub initial: Value,
    /// What happened, in order.
    pub steps: Vec<TraceStep>,
}

/// One step of a trace.
#[derive(Clone, Debug, Deserialize)]
pub struct TraceStep {
    /// When, in monotonic milliseconds.
    pub at: i64,
    /// The wall clock, where it is not `unix_base_ms` + `at`.
    #[serde(default)]
    pub unix_ms: Option<i64>,
    /// A remark for the reader.
    #[serde(default)]
    pub note: Option<String>,
    /// What happened.
    pub input: Input,
    /// What came of it, as JSON.
    #[serde(flatten)]
    pub outcome: Map<String, Value>,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `trace`, with the place where it is not one.
    pub fn parse(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::invalid("trace", format!("is not a session's trace at line {line}, column {column}"))
        })
    }

    /// When a step happened, by both clocks.
    pub fn moment(&self, step: &TraceStep) -> Moment {
        let unix_ms = step.unix_ms.unwrap_or_else(|| self.unix_base_ms.saturating_add(step.at));
        Moment { mono_ms: step.at, unix_ms }
    }
}

/// The fields of a step that say what came of it.
pub const OUTCOME_FIELDS: [&str; 5] = ["texts", "settled", "updates", "deadline", "state"];

/// What came of an input, as a step of a trace holds it: `before` and `after` are the session's states.
pub fn outcome_to_json(outputs: &Outputs, before: &Snapshot, after: &Snapshot) -> Map<String, Value> {
    let list = |items: Vec<Value>| if items.is_empty() { Value::Null } else { Value::Array(items) };
    let texts = list(outputs.texts.iter().map(|text| json!(text)).collect());
    let settled = list(outputs.settlements.iter().map(settlement_to_json).collect());
    let updates = list(outputs.updates.iter().map(|update| without_nulls(json!(update.cause))).collect());
    let state = patch(&json!(before), &json!(after)).unwrap_or(Value::Null);
    [
        ("texts", texts),
        ("settled", settled),
        ("updates", updates),
        ("deadline", json!(outputs.deadline)),
        ("state", state),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_null())
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A state, as `initial` of a trace holds it.
pub fn state_to_json(state: &Snapshot) -> Value {
    without_nulls(json!(state))
}

fn settlement_to_json(settlement: &Settlement) -> Value {
    let error = match &settlement.result {
        Ok(outcome) => return json!({"id": settlement.id, "outcome": without_nulls(json!(outcome))}),
        Err(error) => error,
    };
    let (status_erro, reason) = match error {
        Error::Rejected { status_erro } => (Some(status_erro), None),
        Error::NotReady { reason } => (None, Some(reason)),
        _ => (None, None),
    };
    let fields = json!({"code": error.code(), "posted": error.posted(), "status_erro": status_erro, "reason": reason});
    json!({"id": settlement.id, "error": without_nulls(fields)})
}

pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// The merge patch that makes `after` of `before`; none when they are the same.
fn patch(before: &Value, after: &Value) -> Option<Value> {
    match (before, after) {
        (before, after) if before == after => None,
        (Value::Object(old), Value::Object(new)) => {
            let changed = new.iter().filter_map(|(name, value)| {
                let changed = patch(old.get(name).unwrap_or(&Value::Null), value)?;
                Some((name.clone(), changed))
            });
            Some(Value::Object(changed.collect()))
        }
        (_, after) => Some(without_nulls(after.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_tells_exactly_what_changed() {
        let before = json!({"a": 1, "b": {"c": 1, "d": null}, "e": [1]});
        let after = json!({"a": 1, "b": {"c": null, "d": 2}, "e": [1, 2]});
        assert_eq!(patch(&before, &after), Some(json!({"b": {"c": null, "d": 2}, "e": [1, 2]})));
        assert_eq!(patch(&before, &before), None);
        assert_eq!(patch(&json!({"a": null}), &json!({"a": {"b": null, "c": 1}})), Some(json!({"a": {"c": 1}})));
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_place() {
        let error = Trace::parse("{\"steps\": [\n{\"at\": 1}]}").unwrap_err();
        assert!(error.describe().contains("`trace` is not a session's trace at line 2"), "{}", error.describe());
    }
}
