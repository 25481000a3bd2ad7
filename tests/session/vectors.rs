//! The vectors of the phone's language and of whole sessions, which the tests of every language read. Their format
//! stands in `tests/vectors/SESSION-VECTORS.md`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use webphone::protocol::{BrokenEvent, Command, Dtmf, Event, PhoneNumber, QueueId};
use webphone::session::{Machine, trace};
use webphone::{Error, session};

fn vectors(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(folder)
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: Option<String>,
    repeat: Option<Repeat>,
    command: Option<Command>,
    event: Option<Event>,
    json: Option<String>,
    error: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Repeat {
    before: String,
    unit: String,
    times: usize,
    after: String,
}

impl Case {
    fn text(&self) -> String {
        match (&self.text, &self.repeat) {
            (Some(text), None) => text.clone(),
            (None, Some(it)) => format!("{}{}{}", it.before, it.unit.repeat(it.times), it.after),
            _ => panic!("a case has either `text` or `repeat`"),
        }
    }
}

fn cases(file: &str) -> Vec<Case> {
    let text = fs::read_to_string(vectors(file)).unwrap();
    let File { cases } = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(!cases.is_empty());
    cases
}

#[test]
fn every_command_has_one_json_text() {
    for case in cases("commands/canonical.json") {
        let (command, json) = (case.command.unwrap(), case.json.unwrap());
        assert_eq!(command.to_json(), json);
        assert_eq!(Command::parse(&json), Ok(Some(command)));
    }
}

#[test]
fn commands_are_read_leniently() {
    for case in cases("commands/lenient.json") {
        let text = case.text();
        match (Command::parse(&text), case.error) {
            (Err(Error::Invalid { field, .. }), Some(error)) => assert_eq!(json!(field), error["field"], "{text}"),
            (read, None) => assert_eq!(read, Ok(case.command), "{text}"),
            (read, _) => panic!("{text} gave {read:?}"),
        }
    }
}

#[test]
fn values_are_read_as_people_write_them() {
    for case in cases("commands/values.json") {
        let (text, kind) = (case.text(), case.kind.unwrap());
        let read = match kind.as_str() {
            "number" => PhoneNumber::parse(&text).map(|value| value.to_string()),
            "dtmf" => Dtmf::parse(&text).map(|value| value.to_string()),
            "queue" => QueueId::parse(&text).map(|value| value.to_string()),
            other => panic!("{other} is no type of value"),
        };
        match (read, case.error) {
            (Err(Error::Invalid { field, reason }), Some(part)) => {
                assert!(field == kind && reason.contains(part.as_str().unwrap()), "{text:?}: {field} {reason}");
            }
            (read, _) => assert_eq!(read.ok(), case.value, "{text:?}"),
        }
    }
}

#[test]
fn events_are_read_in_every_form() {
    for file in ["events/known.json", "events/foreign.json", "events/broken.json"] {
        for case in cases(file) {
            let text = case.text();
            let shown: String = text.chars().take(200).collect();
            match (Event::parse(&text), &case.error) {
                (Err(BrokenEvent { name, field, reason }), Some(error)) => {
                    assert_eq!(&json!({"name": name, "field": field}), error, "{shown}");
                    assert!(!reason.is_empty());
                }
                (read, None) => assert_eq!(read, Ok(case.event.clone()), "{shown}"),
                (read, _) => panic!("{shown} gave {read:?}"),
            }
            if let (Some(event), Some(json)) = (case.event, case.json) {
                assert_eq!(event.to_json(), json);
                assert_eq!(Event::parse(&json), Ok(Some(event)));
            }
        }
    }
}

/// Runs a trace; returns what came of each step, and the state at its beginning.
fn run(trace: &trace::Trace) -> (Value, Vec<Map<String, Value>>) {
    let mut machine = Machine::new(trace.config.clone()).unwrap();
    let initial = trace::state_to_json(&machine.state());
    let mut step = |step: &trace::TraceStep| {
        let before = machine.state();
        let outputs = machine.step(&step.input, trace.moment(step));
        trace::outcome_to_json(&outputs, &before, &machine.state())
    };
    (initial, trace.steps.iter().map(&mut step).collect())
}

#[test]
fn every_trace_is_lived_as_written() {
    let mut names: Vec<PathBuf> = fs::read_dir(vectors("traces")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 20, "there are only {} traces", names.len());
    for name in names {
        let text = fs::read_to_string(&name).unwrap();
        let trace = trace::Trace::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        let (initial, outcomes) = run(&trace);
        if std::env::var_os("WRITE_TRACES").is_some() {
            write(&name, &text, &initial, &outcomes);
            continue;
        }
        assert_eq!(initial, trace.initial, "{}", name.display());
        for (at, (step, outcome)) in trace.steps.iter().zip(&outcomes).enumerate() {
            assert_eq!(
                &step.outcome,
                outcome,
                "{}, step {at}: {:?}\nexpected {}\ngot      {}",
                name.display(),
                step.input,
                json!(step.outcome),
                json!(outcome)
            );
        }
    }
}

/// Writes what came of each step into a trace, to be read and judged by its author: one line for each field.
fn write(name: &Path, text: &str, initial: &Value, outcomes: &[Map<String, Value>]) {
    let trace: Value = serde_json::from_str(text).unwrap();
    let mut lines = String::from("{");
    for field in ["title", "config", "unix_base_ms"] {
        if let Some(value) = trace.get(field) {
            lines += &format!("\n  \"{field}\": {value},");
        }
    }
    lines += &format!("\n  \"initial\": {initial},\n  \"steps\": [");
    for (at, (step, outcome)) in trace["steps"].as_array().unwrap().iter().zip(outcomes).enumerate() {
        let given = ["at", "unix_ms", "note", "input"].map(|field| (field, step.get(field)));
        let came = ["texts", "settled", "updates", "state", "deadline"].map(|field| (field, outcome.get(field)));
        let fields = given.into_iter().chain(came).filter_map(|(field, value)| Some((field, value?)));
        let fields: Vec<String> = fields.map(|(field, value)| format!("\"{field}\": {value}")).collect();
        lines += &format!("{}\n    {{{}}}", if at == 0 { "" } else { "," }, fields.join(",\n     "));
    }
    fs::write(name, lines + "\n  ]\n}\n").unwrap();
}

#[test]
fn a_session_takes_any_text() {
    let mut machine = Machine::new(session::SessionConfig::default()).unwrap();
    let at = session::Moment::default();
    machine.step(&session::Input::PageReport { report: session::PageReport::Loaded }, at);
    for file in ["events/foreign.json", "events/broken.json"] {
        for case in cases(file) {
            let before = machine.state();
            let outputs = machine.step(&session::Input::PhoneMessage { text: case.text() }, at);
            assert!(outputs.texts.is_empty() && outputs.settlements.is_empty());
            // What is not the phone's makes no noise; what is broken is told, and changes nothing but its count.
            let broken = i64::from(case.error.is_some());
            assert_eq!(outputs.updates.len() as i64, broken);
            assert_eq!(machine.state().broken_events, before.broken_events + broken);
            assert_eq!(machine.state().page, before.page);
        }
    }
}
