//! A session as a text: its inputs with their times, and what came of each. The format of the session vectors, and
//! of what a user records to show what a live phone said.
//!
//! A trace is one JSON object: `config` (what differs from the defaults), `unix_base_ms`, `initial` (the first
//! state), and `steps`. A step has `at` (monotonic milliseconds; the wall clock is `unix_base_ms` + `at` unless
//! `unix_ms` says otherwise), `input`, perhaps a `note`, and what came of it: `texts`, `settled`, `updates` (their causes), `deadline`,
//! and `state`, a JSON merge patch (RFC 7386) from the state before. What is empty, null or unchanged is left out.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::config::SessionConfig;
use super::input::{Input, Moment};
use super::output::{Outputs, Settlement};
use super::snapshot::Snapshot;
use crate::error::Error;
use crate::fields::{Fields, Read};

/// A trace that was read.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// What it shows, in one line.
    pub title: String,
    /// The waits of the session.
    pub config: SessionConfig,
    /// The wall clock at monotonic time 0, in Unix milliseconds.
    pub unix_base_ms: i64,
    /// The state before the first step, as JSON.
    pub initial: Value,
    /// What happened, in order.
    pub steps: Vec<TraceStep>,
}

/// One step of a trace.
#[derive(Clone, Debug)]
pub struct TraceStep {
    /// When, in monotonic milliseconds.
    pub at: i64,
    /// The wall clock, where it is not `unix_base_ms` + `at`.
    pub unix_ms: Option<i64>,
    /// A remark for the reader.
    pub note: Option<String>,
    /// What happened.
    pub input: Input,
    /// What came of it, as JSON.
    pub outcome: Map<String, Value>,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `trace`, with the place where it is not one.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |place: String| Error::invalid("trace", format!("is not a session's trace {place}"));
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            refuse(format!("at line {line}, column {column}"))
        })?;
        let mut fields = Fields::of(value).ok_or_else(|| refuse("but something else".to_owned()))?;
        let at = |name: &str| refuse(format!("in its `{name}`"));
        let steps: Vec<Value> = fields.take("steps").ok_or_else(|| at("steps"))?;
        let steps = (1..).zip(steps).map(|(number, step): (usize, _)| {
            TraceStep::read(step).ok_or_else(|| refuse(format!("in its step {number}")))
        });
        Ok(Self {
            title: fields.take_or("title", String::new()).ok_or_else(|| at("title"))?,
            config: fields.take_or("config", SessionConfig::default()).ok_or_else(|| at("config"))?,
            unix_base_ms: fields.take_or("unix_base_ms", 0).ok_or_else(|| at("unix_base_ms"))?,
            initial: fields.take("initial").unwrap_or_default(),
            steps: steps.collect::<Result<_, _>>()?,
        })
    }

    /// When a step happened, by both clocks.
    pub fn moment(&self, step: &TraceStep) -> Moment {
        let unix_ms = step.unix_ms.unwrap_or_else(|| self.unix_base_ms.saturating_add(step.at));
        Moment { mono_ms: step.at, unix_ms }
    }
}

impl Read for TraceStep {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        Some(Self {
            at: fields.take("at")?,
            unix_ms: fields.take("unix_ms")?,
            note: fields.take("note")?,
            input: fields.take("input")?,
            outcome: fields.rest(),
        })
    }
}

/// The fields of a step that say what came of it.
pub const OUTCOME_FIELDS: [&str; 5] = ["texts", "settled", "updates", "deadline", "state"];

/// What came of an input, as a step of a trace holds it: `before` and `after` are the session's states.
pub fn outcome_to_json(outputs: &Outputs, before: &Snapshot, after: &Snapshot) -> Map<String, Value> {
    let mut step = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            step.insert(name.to_owned(), value);
        }
    };
    let list = |items: Vec<Value>| if items.is_empty() { Value::Null } else { Value::Array(items) };
    put("texts", list(outputs.texts.iter().map(to_json).collect()));
    put("settled", list(outputs.settlements.iter().map(settlement_to_json).collect()));
    put("updates", list(outputs.updates.iter().map(|update| to_json(&update.cause)).collect()));
    put("deadline", outputs.deadline.map_or(Value::Null, Value::from));
    put("state", patch(&with_nulls(before), &with_nulls(after)).unwrap_or_default());
    step
}

/// A state, as `initial` of a trace holds it.
pub fn state_to_json(state: &Snapshot) -> Value {
    to_json(state)
}

fn settlement_to_json(settlement: &Settlement) -> Value {
    let error = match &settlement.result {
        Ok(outcome) => return json!({"id": settlement.id, "outcome": to_json(outcome)}),
        Err(error) => error,
    };
    let (status_erro, reason) = match error {
        Error::Rejected { status_erro } => (Some(status_erro.as_str()), None),
        Error::NotReady { reason } => (None, Some(with_nulls(reason))),
        _ => (None, None),
    };
    let posted = error.posted().map(|posted| with_nulls(&posted));
    let mut fields = json!({"code": error.code(), "posted": posted, "status_erro": status_erro, "reason": reason});
    drop_nulls(&mut fields);
    json!({"id": settlement.id, "error": fields})
}

/// As a trace holds it: what is null is left out.
pub(super) fn to_json(it: &impl Serialize) -> Value {
    let mut value = with_nulls(it);
    drop_nulls(&mut value);
    value
}

/// By way of its text, which is written in one way only.
pub(super) fn with_nulls(it: &impl Serialize) -> Value {
    serde_json::to_string(it).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// The merge patch that makes `after` of `before`; none when they are the same.
fn patch(before: &Value, after: &Value) -> Option<Value> {
    match (before, after) {
        (before, after) if before == after => None,
        (Value::Object(old), Value::Object(new)) => {
            let mut changes = Map::new();
            for (name, value) in new {
                if let Some(changed) = patch(old.get(name).unwrap_or(&Value::Null), value) {
                    changes.insert(name.clone(), changed);
                }
            }
            Some(Value::Object(changes))
        }
        (_, after) => {
            let mut after = after.clone();
            drop_nulls(&mut after);
            Some(after)
        }
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
        let step =
            |rest: &str| format!(r#"{{"steps": [{{"at": 1, "input": {{"type": "tick"}}}}, {{"at": 2{rest}}}]}}"#);
        for (text, place) in [
            ("{\"steps\": [\n{\"at\": }]}", "at line 2, column 8"),
            ("[]", "but something else"),
            ("{}", "in its `steps`"),
            (r#"{"steps": [], "config": {"alive_grace": 1}}"#, "in its `config`"),
            (r#"{"steps": [], "config": {"alive_grace_ms": "1"}}"#, "in its `config`"),
            (r#"{"steps": [], "unix_base_ms": 0.5}"#, "in its `unix_base_ms`"),
            (&step(""), "in its step 2"),
            (&step(r#", "input": {"type": "tack"}"#), "in its step 2"),
            (&step(r#", "input": {"type": "cancel", "id": "1"}"#), "in its step 2"),
            (&step(r#", "input": {"type": "tick", "id": 1}"#), "in its step 2"),
        ] {
            let told = Trace::parse(text).unwrap_err().describe();
            assert!(told.starts_with(&format!("`trace` is not a session's trace {place}.")), "{text}: {told}");
        }
    }
}
