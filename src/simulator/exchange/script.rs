//! What scripts and callers mean: what a number promises, what the phone says, what can't be arranged.

use crate::error::Error;
use crate::protocol::{CallId, CallNumber, Event};
use crate::simulator::{SimulatedAnswer, SimulatedCaller, SimulatedScript};

/// How long a busy line is tried.
const BUSY_MS: i64 = 500;
/// How late a late phone speaks: later than a session waits for anything that it says of a call.
const LATE_MS: i64 = 12_000;
/// No delay is longer: 24 hours.
const MAX_DELAY_MS: i64 = 24 * 60 * 60 * 1000;

impl SimulatedScript {
    /// What becomes of a call to this number when nothing else was arranged.
    pub(in crate::simulator) fn of_number(number: &str) -> Self {
        let ending = number.len().checked_sub(4).and_then(|start| number.get(start..));
        match ending {
            Some("0001") => Self::new(SimulatedAnswer::Answers { after_ms: 0 }),
            Some("0002") => Self::busy(),
            Some("0003") => Self::new(SimulatedAnswer::Never),
            Some("0004") => {
                Self::new(SimulatedAnswer::Refused { status_erro: "Não foi possível completar a chamada".to_owned() })
            }
            Some("0005") => Self { lag_ms: LATE_MS, ..Self::default() },
            Some("0006") => Self { silent_hang_up: true, ..Self::default() },
            _ => Self::default(),
        }
    }

    /// A call to a busy line.
    pub(in crate::simulator) fn busy() -> Self {
        Self::new(SimulatedAnswer::Busy { after_ms: BUSY_MS })
    }

    /// Checks every field.
    pub(in crate::simulator) fn check(&self) -> Result<(), Error> {
        match &self.answer {
            SimulatedAnswer::Answers { after_ms } | SimulatedAnswer::Busy { after_ms } => {
                check_delay("after_ms", Some(*after_ms))?;
            }
            SimulatedAnswer::Never => {}
            SimulatedAnswer::Refused { status_erro } => {
                // What the phone says has to be one of its messages.
                let said = Event::CallError { status_erro: status_erro.clone() };
                if Event::parse(&said.to_json()) != Ok(Some(said)) {
                    return Err(Error::invalid("status_erro", "has to be 1 to 128 characters without spaces around"));
                }
            }
        }
        check_delay("hangs_up_after_ms", self.hangs_up_after_ms)?;
        check_delay("lag_ms", Some(self.lag_ms))
    }
}

impl SimulatedCaller {
    /// What the phone says when this caller rings it.
    pub(in crate::simulator) fn event(&self, extension: &str, call_id: Option<CallId>) -> Event {
        let told = |number: &str| (!number.is_empty()).then(|| CallNumber::new(number));
        Event::IncomingCall {
            caller: told(&self.number),
            called: told(self.to.as_deref().unwrap_or(extension)),
            call_id,
        }
    }

    /// Checks every field.
    pub(in crate::simulator) fn check(&self) -> Result<(), Error> {
        for (field, number) in [("number", Some(&self.number)), ("to", self.to.as_ref())] {
            let Some(number) = number else { continue };
            if number.chars().count() > 128 || number.trim() != number || number.chars().any(char::is_control) {
                return Err(Error::invalid(
                    field,
                    "of a caller (`from`, `to`) has to be at most 128 characters, without spaces around",
                ));
            }
        }
        if self.to.as_deref() == Some("") {
            return Err(Error::invalid("to", "is empty"));
        }
        check_delay("gives_up_after_ms", self.gives_up_after_ms)?;
        check_delay("hangs_up_after_ms", self.hangs_up_after_ms)
    }
}

fn check_delay(field: &str, ms: Option<i64>) -> Result<(), Error> {
    match ms {
        Some(ms) if !(0..=MAX_DELAY_MS).contains(&ms) => {
            Err(Error::invalid(field, "has to be 0 to 86400000 milliseconds (24 hours)"))
        }
        _ => Ok(()),
    }
}
