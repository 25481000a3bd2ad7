//! Writing a session down, as a trace that anybody can live again.
//!
//! Only what went in is kept: what came of it is the same each time, so it is made when the trace is written. That way a
//! trace folds by construction, masked or not. Text of other frames on the page is not kept: it is nobody's business
//! here, and to a session it is no more than time that passes.

use serde_json::{Value, json};

use super::config::{RecordNumbers, SessionConfig};
use super::input::{Input, Moment};
use super::mask::Mask;
use super::output::Outputs;
use super::step::Machine;
use super::trace;
use crate::error::Error;
use crate::protocol::Event;

/// A recording takes no more memory than this, by a rough count; later inputs are only counted.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What an input takes beside its texts.
const STEP_BYTES: usize = 256;

/// A recording that goes on.
#[derive(Clone)]
pub(super) struct Recorder {
    config: SessionConfig,
    mask: Mask,
    steps: Vec<(Moment, Input)>,
    bytes: usize,
    /// How many inputs found no room.
    left_out: usize,
    /// When the session wants to look again.
    deadline: Option<i64>,
}

impl Recorder {
    pub(super) fn new(config: &SessionConfig, numbers: RecordNumbers) -> Self {
        let mask = Mask::new(numbers == RecordNumbers::Masked);
        Self { config: config.clone(), mask, steps: Vec::new(), bytes: 0, left_out: 0, deadline: None }
    }

    /// These must never stand in the recording.
    pub(super) fn hide(&mut self, secrets: Vec<String>) {
        self.mask.hide(secrets);
    }

    /// Takes an input down that led to these outputs.
    pub(super) fn record(&mut self, input: &Input, at: Moment, outputs: &Outputs) {
        let nothing_was_due = self.deadline.is_none_or(|deadline| at.mono_ms < deadline);
        self.deadline = outputs.deadline;
        let foreign = matches!(input, Input::PhoneMessage { text } if Event::parse(text) == Ok(None));
        if (foreign || *input == Input::Tick) && nothing_was_due && outputs.updates.is_empty() {
            return;
        }
        if self.left_out > 0 || self.bytes >= MAX_BYTES {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let input = if foreign { Input::Tick } else { self.mask.input(input) };
        self.bytes = self.bytes.saturating_add(STEP_BYTES).saturating_add(text_bytes(&input));
        self.steps.push((at, input));
    }

    /// The trace so far.
    ///
    /// # Errors
    /// None: the configuration was good for the session itself.
    pub(super) fn write(self) -> Result<String, Error> {
        let mut machine = Machine::new(self.config.clone())?;
        let base = self.steps.first().map_or(0, |(at, _)| at.unix_ms.saturating_sub(at.mono_ms));
        let head = json!({
            "title": "A recorded session",
            "config": changed_settings(&self.config),
            "unix_base_ms": base,
            "initial": trace::state_to_json(&machine.state()),
        });
        let note =
            (self.left_out > 0).then(|| format!("The recording is full: {} more inputs were left out.", self.left_out));
        let last = note.map(|note| (self.steps.last().map(|(at, _)| *at).unwrap_or_default(), Input::Tick, Some(note)));
        let steps = self.steps.into_iter().map(|(at, input)| (at, input, None)).chain(last);
        let lines: Vec<String> = steps
            .map(|(at, input, note)| {
                let before = machine.state();
                let outputs = machine.step(&input, at);
                let mut step = trace::outcome_to_json(&outputs, &before, &machine.state());
                step.insert("at".to_owned(), at.mono_ms.into());
                step.insert("input".to_owned(), trace::to_json(&input));
                if at.mono_ms.saturating_add(base) != at.unix_ms {
                    step.insert("unix_ms".to_owned(), at.unix_ms.into());
                }
                step.extend(note.map(|note| ("note".to_owned(), note.into())));
                Value::Object(step).to_string()
            })
            .collect();
        let head = head.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        Ok(format!("{head},\"steps\":[\n{}\n]}}\n", lines.join(",\n")))
    }
}

/// How much text an input holds.
fn text_bytes(input: &Input) -> usize {
    match input {
        Input::PhoneMessage { text } => text.len(),
        Input::PageReport { report } => report.detail().map_or(0, str::len),
        _ => 0,
    }
}

/// What differs from the defaults.
fn changed_settings(config: &SessionConfig) -> Value {
    let (mut config, usual) = (trace::with_nulls(config), trace::with_nulls(&SessionConfig::default()));
    if let Value::Object(config) = &mut config {
        config.retain(|name, value| usual.get(name) != Some(value));
    }
    config
}
