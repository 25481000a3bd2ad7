//! The session against the simulated phone: what it holds for a fact is one.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::*;
use crate::error::Error;
use crate::protocol::{Command, Dtmf, PhoneNumber, QueueId};

use crate::simulator::phone::{Effect, Fault, Phone, PhoneSetup};

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
    Fault(Fault),
}

struct Day {
    machine: Machine,
    phone: Phone,
    now: i64,
    last_id: i64,
    deadline: Option<i64>,
    settled: Vec<Settlement>,
    /// Whether the phone says less, more or else than what is so: then only that everything ends is asked for.
    faulty: bool,
}

impl Day {
    fn new(setup: PhoneSetup) -> Self {
        let config = SessionConfig { visible_phone: Some(false), ..SessionConfig::default() };
        let machine = Machine::new(config).unwrap();
        let phone = Phone::new(setup);
        let mut day = Self { machine, phone, now: 0, last_id: 0, deadline: None, settled: Vec::new(), faulty: false };
        day.load();
        day
    }

    fn load(&mut self) {
        self.feed(Input::PageReport { report: PageReport::Loading });
        self.feed(Input::PageReport { report: PageReport::Loaded });
        let effects = self.phone.open(None, self.now);
        self.apply(effects);
    }

    /// Gives the machine an input, and the phone what comes of it, at once.
    fn feed(&mut self, input: Input) {
        let outputs = self.machine.step(&input, Moment { mono_ms: self.now, unix_ms: self.now });
        self.deadline = outputs.deadline;
        self.settled.extend(outputs.settlements);
        for text in outputs.texts {
            self.feed(Input::Posted { n: text.n, ok: true });
            let command = Command::parse(&text.text).unwrap().unwrap();
            let effects = self.phone.take(&command, self.now);
            self.apply(effects);
        }
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Say(text) => self.feed(Input::PhoneMessage { text }),
                Effect::Crashes => {
                    self.feed(Input::PageReport { report: PageReport::Lost { detail: String::new() } });
                    self.load();
                }
                Effect::Rings { .. } | Effect::Answers { .. } | Effect::HangsUp { .. } => {}
            }
        }
    }

    /// Lets time pass, stopping wherever the phone or the session wants to act.
    fn wait(&mut self, ms: i64) {
        let until = self.now + ms;
        loop {
            let next = [self.phone.deadline(), self.deadline].into_iter().flatten().min().unwrap_or(until);
            self.now = next.clamp(self.now, until);
            let effects = self.phone.advance(self.now);
            self.apply(effects);
            self.feed(Input::Tick);
            let later = |at: Option<i64>| at.is_none_or(|at| at > self.now);
            if self.now == until && later(self.phone.deadline()) && later(self.deadline) {
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
            Op::Incoming(number) => {
                let effects = self.phone.incoming(number, self.now);
                self.apply(effects);
            }
            Op::RemoteAnswers => {
                let effects = self.phone.remote_answers(self.now);
                self.apply(effects);
            }
            Op::RemoteHangsUp => {
                let effects = self.phone.remote_hangs_up(self.now);
                self.apply(effects);
            }
            // A nameless event that comes while one is waited for can't be told from it.
            Op::Supervise(_) if self.waits() => {}
            Op::Supervise(command) => {
                let effects = self.phone.supervise(command, self.now);
                self.apply(effects);
            }
            Op::Reload => self.load(),
            Op::Wait(ms) => self.wait(*ms),
            Op::Fault(fault) => {
                self.phone.arrange(*fault);
            }
        }
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
        let (state, phone) = (self.machine.state(), &self.phone);
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

fn setup() -> impl Strategy<Value = PhoneSetup> {
    (any::<bool>(), any::<bool>()).prop_map(|(ids_as_text, names_queues)| PhoneSetup {
        ids_as_text,
        names_queues,
        tells_quality: false,
        ..PhoneSetup::default()
    })
}

fn fault() -> impl Strategy<Value = Op> {
    let faults =
        [Fault::Silent, Fault::Duplicate, Fault::Reordered, Fault::UnknownEvent, Fault::BrokenPayload, Fault::Crash];
    prop::sample::select(faults.to_vec()).prop_map(Op::Fault)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn what_the_session_holds_for_a_fact_is_one(setup in setup(), ops in prop::collection::vec(op(&NUMBERS[..5]), 1..24)) {
        let mut day = Day::new(setup);
        for op in &ops {
            day.go(op)?;
        }
        day.ends_well()?;
    }

    #[test]
    fn a_faulty_phone_never_locks_a_session(
        setup in setup(),
        ops in prop::collection::vec(prop_oneof![4 => op(&NUMBERS), 1 => fault()], 1..24),
    ) {
        let mut day = Day { faulty: true, ..Day::new(setup) };
        for op in &ops {
            day.go(op)?;
        }
        day.ends_well()?;
    }
}
