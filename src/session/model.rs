//! The session against the simulated phone: what it holds for a fact is one.

use std::collections::VecDeque;

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseResult};

use super::*;
use crate::error::Error;
use crate::protocol::{Command, Dtmf, PhoneNumber, QueueId};

use crate::simulator::exchange::{Exchange, Opening, Phone};
use crate::simulator::{SimulatedCaller, SimulatedPhoneFault, SimulatedPhoneOutput, SimulatedWording};

/// Whose phone it is.
const EXTENSION: &str = "4000";

/// What happens in a day with a phone.
#[derive(Clone, Debug)]
enum Op {
    Give(Request),
    Incoming(&'static str),
    RemoteAnswers,
    RemoteHangsUp,
    Supervise(Command),
    Reload,
    Wait(i64),
    Fault(SimulatedPhoneFault),
}

struct Day {
    machine: Machine,
    exchange: Exchange,
    /// What came out of the phone's page, and is not told yet.
    heard: VecDeque<SimulatedPhoneOutput>,
    telling: bool,
    now: i64,
    last_id: i64,
    deadline: Option<i64>,
    settled: Vec<Settlement>,
    /// Whether the phone says less, more or else than what is so: then only that everything ends is asked for.
    faulty: bool,
}

impl Day {
    fn new(wording: SimulatedWording) -> Self {
        let config = SessionConfig { visible_phone: Some(false), ..SessionConfig::default() };
        let mut exchange = Exchange::default();
        exchange.set_wording(EXTENSION, wording);
        let mut day = Self {
            machine: Machine::new(config).unwrap(),
            exchange,
            heard: VecDeque::new(),
            telling: false,
            now: 0,
            last_id: 0,
            deadline: None,
            settled: Vec::new(),
            faulty: false,
        };
        day.load();
        day
    }

    fn phone(&self) -> &Phone {
        self.exchange.phone(EXTENSION).unwrap()
    }

    fn load(&mut self) {
        self.exchange.open(EXTENSION, Opening::default(), self.now);
        self.tell();
    }

    /// Gives the machine an input, and the phone what comes of it, at once.
    fn feed(&mut self, input: Input) {
        let outputs = self.machine.step(&input, Moment { mono_ms: self.now, unix_ms: self.now });
        self.deadline = outputs.deadline;
        self.settled.extend(outputs.settlements);
        for text in outputs.texts {
            self.feed(Input::Posted { n: text.n, ok: true });
            self.exchange.post(EXTENSION, &text.text, self.now);
        }
        self.tell();
    }

    /// Tells the machine what came out of the page, in order.
    fn tell(&mut self) {
        if std::mem::replace(&mut self.telling, true) {
            return;
        }
        loop {
            self.heard.extend(self.exchange.outputs().into_iter().map(|output| output.output));
            match self.heard.pop_front() {
                Some(SimulatedPhoneOutput::Message { text }) => self.feed(Input::PhoneMessage { text }),
                Some(SimulatedPhoneOutput::Report { report }) => {
                    let lost = matches!(report, PageReport::Lost { .. });
                    self.feed(Input::PageReport { report });
                    if lost {
                        self.exchange.open(EXTENSION, Opening::default(), self.now);
                    }
                }
                None => break,
            }
        }
        self.telling = false;
    }

    /// Lets time pass, stopping wherever the phone or the session wants to act.
    fn wait(&mut self, ms: i64) {
        let until = self.now + ms;
        loop {
            let next = [self.exchange.deadline(), self.deadline].into_iter().flatten().min().unwrap_or(until);
            self.now = next.clamp(self.now, until);
            self.exchange.advance(self.now);
            self.tell();
            self.feed(Input::Tick);
            let later = |at: Option<i64>| at.is_none_or(|at| at > self.now);
            if self.now == until && later(self.exchange.deadline()) && later(self.deadline) {
                return;
            }
        }
    }

    fn go(&mut self, op: &Op) -> TestCaseResult {
        match op {
            // Before the talk, what comes of a consultation can't be told from what comes of the call.
            Op::Give(Request::Execute { command: Command::ConsultTransfer { .. } }) if !self.is_talking() => {}
            Op::Give(request) => {
                self.last_id += 1;
                self.feed(Input::Command { id: self.last_id, request: request.clone() });
            }
            // What can't be is passed over: a call to a phone that rings already, an answer of nobody.
            Op::Incoming(number) => {
                let _ = self.exchange.incoming(EXTENSION, &SimulatedCaller::new(number), self.now);
            }
            Op::RemoteAnswers => {
                let _ = self.exchange.remote_answers(EXTENSION, self.now);
            }
            Op::RemoteHangsUp => {
                let _ = self.exchange.remote_hangs_up(EXTENSION, self.now);
            }
            // A nameless event that comes while one is waited for can't be told from it.
            Op::Supervise(_) if self.waits() => {}
            Op::Supervise(command) => self.exchange.supervise(EXTENSION, command, self.now).unwrap(),
            Op::Reload => self.load(),
            Op::Wait(ms) => self.wait(*ms),
            Op::Fault(fault) => self.exchange.add_fault(EXTENSION, *fault, Some(1)),
        }
        self.tell();
        if self.faulty { Ok(()) } else { self.holds_only_facts() }
    }

    /// Whether a command has not ended.
    fn waits(&self) -> bool {
        self.settled.len() < usize::try_from(self.last_id).unwrap()
    }

    fn is_talking(&self) -> bool {
        self.machine.state().call.as_ref().is_some_and(|call| call.phase == CallPhase::Talking)
    }

    fn holds_only_facts(&self) -> TestCaseResult {
        let (state, phone) = (self.machine.state(), self.phone());
        match state.line {
            Line::Unknown => {}
            line => prop_assert_eq!(line == Line::Connected, phone.is_connected()),
        }
        for queue in &state.queues {
            let paused = phone.queues().get(&queue.id);
            prop_assert!(queue.member.is_none_or(|member| member == paused.is_some()), "member of {}", queue.id);
            // Who is no member has no pause that could be told.
            if let (Some(told), Some(paused)) = (queue.paused, paused) {
                prop_assert_eq!(told, *paused, "paused in {}", queue.id);
            }
        }
        // That a call was dialled, and nothing heard of it, says nothing about the phone.
        let told = |call: &&Call| !call.doubtful && (call.phase != CallPhase::Dialling || call.call_id.is_some());
        if let Some(call) = state.call.as_ref().filter(told).filter(|_| !self.waits()) {
            let Some(leg) = phone.call() else {
                return Err(TestCaseError::fail("the session holds a call that the phone has not"));
            };
            prop_assert_eq!(call.phase == CallPhase::Talking, leg.talking, "{:?}", call);
            if let Some(id) = &call.call_id {
                prop_assert_eq!(id.as_str(), leg.id.to_string());
            }
            if let Some(number) = &call.number {
                prop_assert_eq!(&number.digits, &leg.number);
            }
            prop_assert_eq!(call.consultation.is_some(), phone.consultation().is_some());
            match state.mute {
                Mute::Unknown => {}
                mute => prop_assert_eq!(mute == Mute::AssumedMuted, phone.is_muted()),
            }
            match state.recording {
                Recording::Unknown => {}
                recording => prop_assert_eq!(recording == Recording::AssumedOn, phone.is_recording()),
            }
        }
        if state.call.is_none() {
            prop_assert_eq!(phone.call(), None, "the phone has a call that the session has not");
        }
        if let Some(ringing) = state.ringing.as_ref().filter(|call| !call.doubtful) {
            prop_assert_eq!(ringing.call_id.as_ref().unwrap().as_str(), phone.ringing().unwrap().id.to_string());
        }
        Ok(())
    }

    /// Every command ends, and whatever went wrong, the phone can be used again.
    fn ends_well(mut self) -> TestCaseResult {
        self.wait(60_000);
        self.settled.sort_by_key(|settlement| settlement.id);
        let ids: Vec<i64> = self.settled.iter().map(|settlement| settlement.id).collect();
        prop_assert_eq!(ids, (1..=self.last_id).collect::<Vec<_>>(), "every command ends once");
        prop_assert!(!self.settled.iter().any(|it| matches!(it.result, Err(Error::Busy))));
        Ok(())
    }
}

/// A phone that forgets to say that a call ended (0006) is a faulty one: its next word may be about any call.
const NUMBERS: [&str; 6] = ["1130000001", "1130000002", "1130000003", "1130000004", "4001", "1130000006"];

fn request(numbers: &'static [&'static str]) -> impl Strategy<Value = Request> {
    let number = |text: &str| PhoneNumber::parse(text).unwrap();
    let queue = |text: &str| QueueId::parse(text).unwrap();
    let call = prop::sample::select(numbers);
    let third = prop::sample::select(vec!["0001", "0002", "0003", "0004", "4002"]);
    let command = prop_oneof![
        6 => call.prop_map(move |it| Command::Call { number: number(it) }),
        3 => Just(Command::Answer),
        4 => Just(Command::HangUp),
        3 => third.prop_map(move |it| Command::ConsultTransfer { number: number(it) }),
        1 => Just(Command::BlindTransfer { number: number("4002") }),
        1 => Just(Command::Connect),
        1 => Just(Command::Disconnect),
        1 => Just(Command::ToggleMute),
        1 => Just(Command::StartRecording),
        1 => Just(Command::StopRecording),
        2 => prop::sample::select(vec!["1", "2"]).prop_map(move |it| Command::JoinQueue { queue: queue(it) }),
        1 => prop::sample::select(vec!["1", "2"]).prop_map(move |it| Command::LeaveQueue { queue: queue(it) }),
        1 => prop::option::of(Just("1")).prop_map(move |it| Command::PauseInQueue { queue: it.map(queue) }),
        1 => prop::option::of(Just("1")).prop_map(move |it| Command::ResumeInQueue { queue: it.map(queue) }),
    ];
    prop_oneof![
        9 => command.prop_map(|command| Request::Execute { command }),
        1 => Just(Request::SendDtmf { keys: Dtmf::parse("12#").unwrap() }),
        2 => any::<bool>().prop_map(|muted| Request::SetMuted { muted }),
    ]
}

fn op(numbers: &'static [&'static str]) -> impl Strategy<Value = Op> {
    let supervised = prop::sample::select(vec!["1", "2", "3"]).prop_flat_map(|id| {
        let queue = QueueId::parse(id).unwrap();
        prop::sample::select(vec![
            Command::JoinQueue { queue: queue.clone() },
            Command::LeaveQueue { queue: queue.clone() },
            Command::PauseInQueue { queue: Some(queue.clone()) },
            Command::ResumeInQueue { queue: Some(queue) },
        ])
    });
    prop_oneof![
        8 => request(numbers).prop_map(Op::Give),
        3 => prop::sample::select(vec!["79912345678", "4009"]).prop_map(Op::Incoming),
        1 => Just(Op::RemoteAnswers),
        2 => Just(Op::RemoteHangsUp),
        1 => supervised.prop_map(Op::Supervise),
        1 => Just(Op::Reload),
        6 => prop::sample::select(vec![1, 200, 500, 1000, 3000, 12_000]).prop_map(Op::Wait),
    ]
}

fn wording() -> impl Strategy<Value = SimulatedWording> {
    (any::<bool>(), any::<bool>()).prop_map(|(ids_as_text, names_queues)| SimulatedWording {
        ids_as_text,
        names_queues,
        tells_quality: false,
    })
}

fn fault() -> impl Strategy<Value = Op> {
    use SimulatedPhoneFault::{BrokenPayload, Crash, Duplicate, Reordered, Silent, UnknownEvent};
    prop::sample::select(vec![Silent, Duplicate, Reordered, UnknownEvent, BrokenPayload, Crash]).prop_map(Op::Fault)
}

/// The same days each time, unless `PROPTEST_RNG_SEED` asks for others: among millions there is still one that deceives.
fn seed() -> RngSeed {
    let asked = std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok());
    RngSeed::Fixed(asked.unwrap_or(4000))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 10_000,
        rng_seed: seed(),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_session_holds_for_a_fact_is_one(wording in wording(), ops in prop::collection::vec(op(&NUMBERS[..5]), 1..24)) {
        let mut day = Day::new(wording);
        for op in &ops {
            day.go(op)?;
        }
        day.ends_well()?;
    }

    #[test]
    fn a_faulty_phone_never_locks_a_session(
        wording in wording(),
        ops in prop::collection::vec(prop_oneof![4 => op(&NUMBERS), 1 => fault()], 1..24),
    ) {
        let mut day = Day { faulty: true, ..Day::new(wording) };
        for op in &ops {
            day.go(op)?;
        }
        day.ends_well()?;
    }
}

/// A day with these, in which what the session holds for a fact is one at each step.
fn day(ops: &[Op]) -> Day {
    let mut day = Day::new(SimulatedWording { ids_as_text: false, names_queues: false, tells_quality: false });
    for op in ops {
        day.go(op).unwrap();
    }
    day
}

/// Whether the call that the session has after these is in doubt.
fn ends_in_doubt(ops: &[Op]) -> bool {
    day(ops).machine.state().call.as_ref().unwrap().doubtful
}

fn give(command: Command) -> Op {
    Op::Give(Request::Execute { command })
}

fn call(number: &str) -> Op {
    give(Command::Call { number: PhoneNumber::parse(number).unwrap() })
}

fn consult(number: &str) -> Op {
    give(Command::ConsultTransfer { number: PhoneNumber::parse(number).unwrap() })
}

#[test]
fn talk_that_may_be_of_an_earlier_call_is_no_fact() {
    assert!(ends_in_doubt(&[
        call("1130000001"),
        Op::Incoming("79912345678"),
        Op::RemoteHangsUp,
        call("1130000002"),
        give(Command::Answer),
        consult("4002"),
        call("1130000001"),
        Op::Wait(12_000),
    ]));
}

#[test]
fn talk_that_may_be_of_a_consultation_is_no_fact_about_a_doubtful_ringing_call() {
    assert!(ends_in_doubt(&[
        Op::Incoming("79912345678"),
        call("1130000001"),
        Op::RemoteHangsUp,
        give(Command::HangUp),
        call("1130000001"),
        give(Command::Answer),
        consult("0001"),
    ]));
}

#[test]
fn the_end_of_a_consultation_makes_no_fact_of_a_doubtful_call() {
    day(&[
        Op::Incoming("79912345678"),
        call("1130000002"),
        Op::Wait(500),
        give(Command::HangUp),
        give(Command::Answer),
        call("1130000001"),
        consult("0001"),
        Op::RemoteHangsUp,
    ]);
}

#[test]
fn a_ringing_call_is_in_doubt_when_the_call_that_was_hung_up_may_never_have_been() {
    let day = day(&[
        Op::Incoming("79912345678"),
        call("1130000001"),
        give(Command::BlindTransfer { number: PhoneNumber::parse("4002").unwrap() }),
        call("1130000002"),
        give(Command::Answer),
        call("1130000001"),
        Op::RemoteHangsUp,
        Op::Incoming("79912345678"),
        give(Command::HangUp),
    ]);
    assert!(day.machine.state().ringing.as_ref().unwrap().doubtful);
}
