//! A phone's way of speaking: events become texts, worded as asked, and sometimes something goes wrong with them.

use std::collections::VecDeque;

use serde_json::Value;

use crate::protocol::Event;
use crate::simulator::SimulatedPhoneFault;

/// What comes of saying one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Utterance {
    Text(String),
    Crash,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Speech {
    /// What goes wrong with the next things, and how often still; none: until the faults are cleared.
    faults: VecDeque<(SimulatedPhoneFault, Option<i32>)>,
    /// What is said after the next thing.
    held: Option<String>,
}

impl Speech {
    /// Something shall go wrong, after what was arranged before.
    pub(super) fn arrange(&mut self, fault: SimulatedPhoneFault, times: Option<i32>) {
        self.faults.push_back((fault, times));
    }

    pub(super) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Another page begins: what the former was about to say is lost.
    pub(super) fn restart(&mut self) {
        self.held = None;
    }

    pub(super) fn utter(&mut self, event: &Event, ids_as_text: bool) -> Vec<Utterance> {
        let text = event.to_json();
        let text = if ids_as_text { with_ids_as_text(text) } else { text };
        let mut said = match self.next_fault() {
            None => vec![text],
            Some(SimulatedPhoneFault::Silent) => Vec::new(),
            Some(SimulatedPhoneFault::Duplicate) => vec![text.clone(), text],
            Some(SimulatedPhoneFault::UnknownEvent) => {
                vec![r#"{"message":"evento_novo","versao":9}"#.to_owned(), text]
            }
            Some(SimulatedPhoneFault::BrokenPayload) => vec![broken(event.name())],
            Some(SimulatedPhoneFault::Crash) => return vec![Utterance::Crash],
            Some(SimulatedPhoneFault::Reordered) => {
                return self.held.replace(text).into_iter().map(Utterance::Text).collect();
            }
        };
        said.extend(self.held.take());
        said.into_iter().map(Utterance::Text).collect()
    }

    fn next_fault(&mut self) -> Option<SimulatedPhoneFault> {
        let (fault, times) = self.faults.front_mut()?;
        let fault = *fault;
        if let Some(times) = times {
            *times -= 1;
            if *times <= 0 {
                self.faults.pop_front();
            }
        }
        Some(fault)
    }
}

/// The same message with its ids as text.
fn with_ids_as_text(text: String) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(&text) else { return text };
    for (_, value) in
        fields.iter_mut().filter(|(field, _)| matches!(field.as_str(), "chamada_id" | "chamadaRecebidaId" | "filaId"))
    {
        if value.is_number() {
            *value = value.to_string().into();
        }
    }
    Value::Object(fields).to_string()
}

/// The message of this name, with a value of the wrong type in every field that has a type.
fn broken(name: &str) -> String {
    format!(
        r#"{{"message":"{name}","status":7,"status_erro":{{}},"chamada_id":[],"chamadaRecebidaId":[],"filaId":{{}}}}"#
    )
}
