//! What a session records: a trace that folds, shows what happened, and holds no secret.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use webphone::protocol::{Command, PhoneNumber};
use webphone::session::trace::{Trace, TraceStep};
use webphone::session::{
    CommandStarted, Input, LoadFailure, OutgoingText, PageReport, RecordNumbers, ReplayedStep, Request, Session,
    SessionConfig, TextsStarted, Update, UpdatesStarted, UrlFacts, replay,
};
use webphone::{Clock, Error, WebphoneUrl};

const KEY: &str = "k3y5ecret4567";
const SIGNATURE: &str = "51615161ffff5161";

fn traces() -> Vec<(String, Trace)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/traces");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |name: std::path::PathBuf| {
        let text = fs::read_to_string(&name).unwrap();
        (text.clone(), Trace::parse(&text).unwrap())
    };
    let traces: Vec<_> = names.map(read).collect();
    assert!(traces.len() >= 20);
    traces
}

fn url(facts: &UrlFacts) -> Arc<WebphoneUrl> {
    let mut text = format!("https://host.example/w3/?key={KEY}&signature={SIGNATURE}");
    if let Some(ms) = facts.expires_at_ms {
        text += &format!("&expires={}", ms / 1000);
    }
    if let Some(number) = &facts.call_on_open {
        text += &format!("&ligar_para={number}");
    }
    Arc::new(WebphoneUrl::parse(text, None).unwrap())
}

/// What a host and its followers saw of a session.
#[derive(Default)]
struct Seen {
    texts: Vec<OutgoingText>,
    updates: Vec<Update>,
}

/// Lives a trace's inputs in a session that records them.
fn live(trace: &Trace, record: RecordNumbers) -> (Session, Seen) {
    let clock = Arc::new(Clock::simulated(trace.unix_base_ms));
    let config = SessionConfig { record: Some(record), ..trace.config.clone() };
    let mut steps = trace.steps.as_slice();
    let first = match steps {
        [TraceStep { input: Input::UrlChanged { url: facts }, .. }, rest @ ..] => {
            steps = rest;
            Some(url(facts))
        }
        _ => None,
    };
    let session = Session::open(config, first, Some(Arc::clone(&clock))).unwrap();
    let updates = session.updates(10_000).unwrap();
    let mut seen = Seen::default();
    let mut open = Vec::new();
    for step in steps {
        clock.advance((step.at - clock.now().mono_ms).max(0)).unwrap();
        match step.input.clone() {
            Input::PhoneMessage { text } => session.receive(text),
            Input::PageReport { report } => session.page_report(report),
            Input::Command { id, request } => match session.start_execute(request, 0) {
                Ok(CommandStarted::Pending { operation }) => open.push((id, operation)),
                Ok(CommandStarted::Done { .. }) | Err(_) => {}
            },
            Input::Cancel { id } => open.retain(|(its, _)| *its != id),
            Input::Posted { n, ok } => session.posted(n, ok),
            Input::AssumeMuted { muted } => session.assume_muted(muted),
            Input::UrlChanged { url: facts } => drop(session.change_url(url(&facts))),
            Input::Tick => {}
            Input::ShutDown => session.shut_down(),
        }
        if let Ok(TextsStarted::Done { value }) = session.start_next_texts(1024, 0) {
            seen.texts.extend(value);
        }
        while let Ok(UpdatesStarted::Done { value }) = updates.start_next(1024, 0) {
            seen.updates.extend(value);
        }
    }
    drop(open);
    (session, seen)
}

fn replayed(session: &Session) -> (String, Vec<ReplayedStep>) {
    let text = session.trace().unwrap().unwrap();
    let steps = replay(text.clone()).unwrap();
    for step in &steps {
        assert!(step.differs.is_empty(), "{step:?}");
    }
    assert!(!text.contains(KEY) && !text.contains(SIGNATURE) && !text.contains("host.example"), "{text}");
    (text, steps)
}

#[test]
fn the_vectors_are_replayed_as_written() {
    for (text, trace) in traces() {
        let steps = replay(text).unwrap();
        assert_eq!(steps.len(), trace.steps.len());
        for step in steps {
            assert!(step.differs.is_empty(), "{}: {step:?}", trace.title);
        }
    }
}

#[test]
fn a_trace_that_was_altered_says_where() {
    let (text, _) = traces().into_iter().find(|(text, _)| text.contains("chamaNumero")).unwrap();
    let altered = text.replacen(r#"\"message\":\"chamaNumero\""#, r#"\"message\":\"chamaNumera\""#, 1);
    let altered = altered.replacen(r#""line":"unknown""#, r#""line":"connected""#, 1);
    let differs: Vec<_> = replay(altered).unwrap().into_iter().flat_map(|step| step.differs).collect();
    assert_eq!(differs, ["initial", "texts"]);
    for bad in ["", "[]", "{}", "{\"steps\":5}", "{\"steps\":[{\"at\":1,\"input\":{\"type\":\"x\"}}]}"] {
        assert!(matches!(replay(bad.to_owned()), Err(Error::Invalid { field, .. }) if field == "trace"), "{bad}");
    }
}

#[test]
fn what_a_session_lived_is_what_its_trace_shows() {
    for (_, trace) in traces() {
        let (session, seen) = live(&trace, RecordNumbers::Plain);
        let (_, steps) = replayed(&session);
        assert_eq!(steps.last().unwrap().state, session.state().unwrap(), "{}", trace.title);
        let first = seen.updates[0].number;
        let told = steps.iter().flat_map(|step| step.updates.clone()).filter(|update| update.number >= first);
        // What came after the last look is in the trace alone.
        assert!(told.take(seen.updates.len()).eq(seen.updates), "{}", trace.title);
        let handed_out: Vec<_> = steps.into_iter().flat_map(|step| step.texts).collect();
        assert!(seen.texts.iter().all(|text| handed_out.contains(text)), "{}", trace.title);
    }
}

/// A step without what it says: how much of each came of it, and which fields the session then had.
fn shape(step: &ReplayedStep) -> impl PartialEq + std::fmt::Debug {
    let settled: Vec<_> = step.settlements.iter().map(|it| (it.id, std::mem::discriminant(&it.result))).collect();
    let causes: Vec<_> = step.updates.iter().map(|it| std::mem::discriminant(&it.cause)).collect();
    let call = step.state.call.as_ref().map(|call| (call.serial, call.phase, call.call_id.clone()));
    let texts: Vec<_> = step.texts.iter().map(|text| (text.n, text.text.len())).collect();
    (step.at, settled, causes, call, texts, step.deadline_ms, step.state.queues.clone(), step.state.mute)
}

#[test]
fn a_masked_trace_shows_the_same_but_the_numbers() {
    for (_, trace) in traces() {
        let (plain, masked) = (live(&trace, RecordNumbers::Plain).0, live(&trace, RecordNumbers::Masked).0);
        let ((_, plain), (text, masked)) = (replayed(&plain), replayed(&masked));
        assert_eq!(plain.len(), masked.len(), "{}", trace.title);
        for (plain, masked) in plain.iter().zip(&masked) {
            assert_eq!(shape(plain), shape(masked), "{}", trace.title);
        }
        for step in &plain {
            let Input::Command { request: Request::Execute { command }, .. } = &step.input else { continue };
            if let Command::Call { number } | Command::BlindTransfer { number } = command
                && number.as_str().len() >= 8
            {
                assert!(!text.contains(number.as_str()), "{}: {number} in {text}", trace.title);
            }
        }
    }
}

#[test]
fn what_is_not_the_phones_and_what_is_secret_is_not_recorded() {
    let clock = Arc::new(Clock::simulated(0));
    let config = SessionConfig { record: Some(RecordNumbers::Masked), ..SessionConfig::default() };
    let url = url(&UrlFacts::default());
    let session = Session::open(config, Some(Arc::clone(&url)), Some(clock)).unwrap();
    session.receive(format!(r#"{{"type":"other frame","token":"{KEY}"}}"#));
    session.receive(format!(r#"{{"message":"debug","at":"{}"}}"#, url.reveal().replace("host.example", "h")));
    session.receive(format!(r#"{{"message":"debug","anything":["{SIGNATURE}"]}}"#));
    let failure = Some(LoadFailure::Network { code: format!("net::{KEY}") });
    session.page_report(PageReport::Failed { detail: format!("{KEY} was refused"), failure });
    session.receive(r#"{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","chamadaRecebidaId":1}"#.into());
    session.receive(r#"{"message":"status_erro","status_erro":"79912345678 ocupado"}"#.into());
    let (text, steps) = replayed(&session);
    assert_eq!(steps.len(), 6, "{text}");
    assert!(!text.contains("other frame") && !text.contains("91234"), "{text}");
    // Without a wish nothing is kept.
    assert_eq!(Session::open(SessionConfig::default(), None, None).unwrap().trace(), Ok(None));
}

#[test]
fn a_recording_is_bounded_and_says_so() {
    let clock = Arc::new(Clock::simulated(0));
    let config = SessionConfig { record: Some(RecordNumbers::Plain), ..SessionConfig::default() };
    let session = Session::open(config, None, Some(clock)).unwrap();
    let text = format!(r#"{{"message":"debug","text":"{}"}}"#, "x".repeat(60_000));
    for _ in 0..200 {
        session.receive(text.clone());
    }
    let (trace, steps) = replayed(&session);
    assert!(trace.len() < 40_000_000 && steps.len() < 200, "{} bytes in {} steps", trace.len(), steps.len());
    let note = steps.last().unwrap().note.clone().unwrap();
    assert_eq!(note, format!("The recording is full: {} more inputs were left out.", 201 - steps.len()));
}

#[test]
fn a_call_is_masked_by_a_number_that_can_be_dialled() {
    let (session, _) = live(&Trace::default(), RecordNumbers::Masked);
    let number = PhoneNumber::parse("11999990000").unwrap();
    let _open = session.start_execute(Request::Execute { command: Command::Call { number } }, 0).unwrap();
    let (_, steps) = replayed(&session);
    let Input::Command { request: Request::Execute { command: Command::Call { number } }, .. } = &steps[0].input else {
        panic!("{steps:?}")
    };
    assert!(number.as_str().len() == 11 && number.as_str() != "11999990000");
}
