//! Holds the table of transitions in the documentation against the code.

use super::*;

const NOW: Moment = Moment { mono_ms: 1000, unix_ms: 0 };
const REOPEN_UNTIL: i64 = 6000;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn caller(text: &str) -> CallNumber {
    CallNumber::new(text)
}

fn id(text: &str) -> CallId {
    CallId::parse(text).unwrap()
}

fn flight(letters: &str) -> Flight {
    Flight { answer: letters.contains('A'), hang_up: letters.contains('H'), decline: letters.contains('D') }
}

/// One sign of the phone, or one thing that a command does.
fn go(calls: &mut Calls, what: &str, flight: Flight) -> Vec<Fact> {
    let (ringing, other) = (caller("4001"), caller("4009"));
    let known = id("9");
    let signal = match what {
        "call" => return calls.dial(&number("4000"), NOW).1,
        "ligar_para" => {
            calls.page_dials(&number("4000"), 11_000, NOW);
            return Vec::new();
        }
        "consult" => {
            assert!(calls.consult(calls.current().unwrap().serial, &number("4002")));
            return Vec::new();
        }
        "doubt" => {
            calls.set_doubtful(calls.current().unwrap().serial, true);
            return Vec::new();
        }
        "ring" => Signal::Incoming { caller: Some(&ringing), called: None, call_id: None },
        "chamando" => Signal::Calling,
        "conversando" => Signal::Talking,
        "encerrada" => Signal::Ended,
        "chamada_id" => Signal::Id(&known),
        "status_erro" => Signal::Refused("x"),
        "chegandoChamada" => Signal::Incoming { caller: Some(&other), called: None, call_id: None },
        other => panic!("{other} is nothing that happens"),
    };
    calls.on_signal(signal, flight, REOPEN_UNTIL, NOW)
}

fn phase(phase: CallPhase) -> &'static str {
    match phase {
        CallPhase::Dialling => "dialling",
        CallPhase::Calling => "calling",
        CallPhase::Ringing => "ringing",
        CallPhase::Talking => "talking",
    }
}

fn show_call(call: &Call) -> String {
    let mut text = phase(call.phase).to_owned();
    if let Some(id) = &call.call_id {
        text += &format!(" #{id}");
    }
    if let Some(leg) = &call.consultation {
        text += &format!(" (leg {}", phase(leg.phase));
        text += &leg.call_id.as_ref().map_or_else(String::new, |id| format!(" #{id}"));
        text += ")";
    }
    if call.doubtful {
        text += "?";
    }
    text
}

fn show(calls: &Calls) -> String {
    let parts: Vec<String> = calls.current().into_iter().chain(calls.ringing()).map(show_call).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(" + ") }
}

fn show_fact(fact: &Fact) -> String {
    match fact {
        Fact::Heard { last: true, .. } => "`call` ✓".to_owned(),
        Fact::Heard { last: false, .. } => "`call` ✓ in 1 s".to_owned(),
        Fact::Answered { .. } => "answered".to_owned(),
        Fact::Began => "began".to_owned(),
        Fact::Ended { call, by, .. } => {
            let reason = format!("{:?}", call.end.as_ref().unwrap().reason).to_lowercase();
            if by.is_some() { format!("{reason} ✓") } else { reason }
        }
        Fact::Failed { .. } => "last error".to_owned(),
        Fact::Unexpected => "unexpected".to_owned(),
    }
}

/// What was before, and which commands are in flight.
const SITUATIONS: [(&[&str], &str); 22] = [
    (&[], ""),
    (&["call"], ""),
    (&["call"], "H"),
    (&["call", "chamada_id"], ""),
    (&["call", "chamando"], ""),
    (&["call", "doubt"], ""),
    (&["ligar_para"], ""),
    (&["chamando", "doubt", "call"], ""),
    (&["call", "conversando"], ""),
    (&["call", "conversando"], "H"),
    (&["call", "conversando", "doubt"], ""),
    (&["call", "conversando", "consult"], ""),
    (&["call", "conversando", "consult", "conversando"], "H"),
    (&["call", "conversando", "consult", "conversando", "encerrada:H"], ""),
    (&["ring"], ""),
    (&["ring"], "A"),
    (&["ring"], "D"),
    (&["ring", "call"], ""),
    (&["call", "conversando", "ring"], ""),
    (&["call", "conversando", "ring"], "A"),
    (&["call", "conversando", "ring"], "H"),
    (&["call", "conversando", "ring", "encerrada"], ""),
];

const EVENTS: [&str; 6] = ["chamando", "conversando", "encerrada", "chamada_id", "status_erro", "chegandoChamada"];

fn set_up(before: &[&str]) -> Calls {
    let mut calls = Calls::new(20);
    for what in before {
        let (what, letters) = what.split_once(':').unwrap_or((what, ""));
        go(&mut calls, what, flight(letters));
    }
    calls
}

fn render() -> String {
    let mut table = String::from("| before | in flight |");
    EVENTS.iter().for_each(|event| table += &format!(" `{event}` |"));
    table += "\n| --- | --- |";
    EVENTS.iter().for_each(|_| table += " --- |");
    for (before, letters) in SITUATIONS {
        let commands: Vec<&str> = [("A", "`answer`"), ("H", "`hang_up`"), ("D", "`hang_up`")]
            .iter()
            .filter_map(|(letter, name)| letters.contains(letter).then_some(*name))
            .collect();
        let situation = match before {
            ["ligar_para"] => "dialling by `ligar_para`".to_owned(),
            ["chamando", "doubt", "call"] => "dialling, after a doubtful call".to_owned(),
            [.., "encerrada:H"] => "none, 0 to 5 s after a consultation".to_owned(),
            _ => show(&set_up(before)),
        };
        table += &format!("\n| {situation} | {} |", commands.join(", "));
        for event in EVENTS {
            let mut calls = set_up(before);
            let facts = go(&mut calls, event, flight(letters));
            let facts: Vec<String> = facts.iter().map(show_fact).collect();
            let told = if facts.is_empty() { String::new() } else { format!("; {}", facts.join(", ")) };
            table += &format!(" {}{told} |", show(&calls));
        }
    }
    table + "\n"
}

#[test]
fn the_documented_table_is_what_the_code_does() {
    crate::session::assert_documented("Calls", &render());
}

#[test]
fn talk_after_a_consultation_is_no_fact_about_a_doubtful_ringing_call() {
    // The first end may be the ringing call's, the second is its leg's, and the phone then says that the call goes on.
    let before = ["call", "conversando", "ring", "encerrada", "conversando", "consult", "encerrada:A"];
    let mut calls = set_up(&before);
    go(&mut calls, "conversando", flight("A"));
    assert_eq!(show(&calls), "talking?");
}
