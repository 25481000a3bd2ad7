//! Living a recorded session again.

use super::input::{Input, Moment};
use super::output::{Outcome, OutgoingText, Settlement, Update};
use super::snapshot::Snapshot;
use super::step::Machine;
use super::trace::{self, Trace};
use crate::error::Error;

/// One step of a session that was lived again: what went in, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ReplayedStep {
    /// When.
    pub at: Moment,
    /// A remark for the reader; none when the trace has none.
    pub note: Option<String>,
    /// What happened.
    pub input: Input,
    /// Texts that were posted to the page, in order.
    pub texts: Vec<OutgoingText>,
    /// Commands that ended, in order.
    pub settlements: Vec<ReplayedSettlement>,
    /// What followers heard, in order.
    pub updates: Vec<Update>,
    /// When the session wanted to look again, in monotonic milliseconds; none when nothing waited.
    pub deadline_ms: Option<i64>,
    /// The session after the step.
    pub state: Snapshot,
    /// Which parts of the step came out otherwise than the trace has them: `texts`, `settled`, `updates`, `state`,
    /// `deadline`, and, at the first step, `initial`. None of them, unless another version wrote the trace.
    pub differs: Vec<String>,
}

/// The end of a command in a session that was lived again.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ReplayedSettlement {
    /// The command's number.
    pub id: i64,
    /// What became of it.
    pub result: CommandResult,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CommandResult {
    /// It ended well, as far as is known.
    Ended {
        /// How.
        outcome: Outcome,
    },
    /// It failed.
    Failed {
        /// Why.
        error: Error,
    },
}

impl From<Settlement> for ReplayedSettlement {
    fn from(Settlement { id, result }: Settlement) -> Self {
        let result = match result {
            Ok(outcome) => CommandResult::Ended { outcome },
            Err(error) => CommandResult::Failed { error },
        };
        Self { id, result }
    }
}

/// Lives a recorded session again: feeds a trace's inputs, at their times, to a fresh session, and tells what comes of
/// each. The trace is [`Session::trace`](super::Session::trace)'s, or one of the session vectors.
///
/// # Errors
/// [`Error::Invalid`] naming `trace`, with the place where it is not one, or the field of its configuration that is out
/// of range.
#[uniffi::export]
pub fn replay(trace: String) -> Result<Vec<ReplayedStep>, Error> {
    let trace = Trace::parse(&trace)?;
    let mut machine = Machine::new(trace.config.clone())?;
    let recorded_otherwise = !trace.initial.is_null() && trace.initial != trace::state_to_json(&machine.state());
    let mut initial = recorded_otherwise.then(|| "initial".to_owned());
    let steps = trace.steps.iter().map(|step| {
        let before = machine.state();
        let at = trace.moment(step);
        let outputs = machine.step(&step.input, at);
        let state = machine.state();
        let came = trace::outcome_to_json(&outputs, &before, &state);
        let other = trace::OUTCOME_FIELDS.iter().filter(|field| came.get(**field) != step.outcome.get(**field));
        ReplayedStep {
            at,
            note: step.note.clone(),
            input: step.input.clone(),
            texts: outputs.texts,
            settlements: outputs.settlements.into_iter().map(Into::into).collect(),
            updates: outputs.updates,
            deadline_ms: outputs.deadline,
            state: Snapshot::clone(&state),
            differs: initial.take().into_iter().chain(other.map(|field| (*field).to_owned())).collect(),
        }
    });
    Ok(steps.collect())
}
