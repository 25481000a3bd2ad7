//! What holds for a session whatever happens to it: any sequence of inputs, at any times.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseResult};
use webphone::protocol::{Command, Dtmf, DtmfKey, PhoneNumber, QueueId};
use webphone::session::*;
use webphone::{Error, Posted};

/// What may happen; numbers that refer to something earlier are taken modulo what there is.
#[derive(Clone, Debug)]
enum Op {
    Phone(String),
    Page(PageReport),
    Command(Request),
    Repeat,
    Cancel(usize),
    Posted(usize, bool),
    StrayReport(i64),
    AssumeMuted(bool),
    Url(UrlFacts),
    Tick,
}

#[derive(Clone, Copy, Debug)]
enum Wait {
    Ms(i64),
    Deadline,
    BeforeDeadline,
    Back,
}

fn phone_text() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(
        [
            r#"{"message":"status","status":"conectado"}"#,
            r#"{"message":"status","status":"conectado"}"#,
            r#"{"message":"status","status":"desconectado"}"#,
            r#"{"message":"status","status":"chamando"}"#,
            r#"{"message":"status","status":"chamando"}"#,
            r#"{"message":"status","status":"conversando"}"#,
            r#"{"message":"status","status":"conversando"}"#,
            r#"{"message":"status","status":"encerrada"}"#,
            r#"{"message":"status","status":"encerrada"}"#,
            r#"{"message":"status","status":"ocupado"}"#,
            r#"{"message":"status","status":5}"#,
            r#"{"message":"status_erro","status_erro":"Numero invalido"}"#,
            r#"{"message":"chamada_id","chamada_id":null}"#,
            r#"{"message":"stats_webphone","internet":{"ping":3},"computador":"ok"}"#,
            r#"{"message":"novidade","x":1}"#,
            r#"{"type":"webpackOk"}"#,
            "null",
            "",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    let id = || prop::sample::select(vec!["1", "2", "3"]);
    prop_oneof![
        8 => fixed,
        2 => id().prop_map(|id| format!(r#"{{"message":"chamada_id","chamada_id":{id}}}"#)),
        2 => (prop::option::of(id()), id()).prop_map(|(id, number)| match id {
            Some(id) => format!(r#"{{"message":"chegandoChamada","numeroChegando":"400{number}","chamadaRecebidaId":{id}}}"#),
            None => format!(r#"{{"message":"chegandoChamada","numeroChegando":"400{number}"}}"#),
        }),
        3 => (prop::sample::select(vec!["entrou_na_fila", "saiu_da_fila", "pausou_na_fila", "despausou_na_fila"]),
              prop::option::of(id())).prop_map(|(name, id)| match id {
            Some(id) => format!(r#"{{"message":"{name}","filaId":{id}}}"#),
            None => format!(r#"{{"message":"{name}"}}"#),
        }),
    ]
}

fn report() -> impl Strategy<Value = PageReport> {
    prop_oneof![
        4 => Just(PageReport::Loading),
        6 => Just(PageReport::Loaded),
        1 => Just(PageReport::Failed { detail: "404".into(), failure: Some(LoadFailure::Status { status: 404 }) }),
        1 => Just(PageReport::Lost { detail: "crash".into() }),
        1 => Just(PageReport::Closed),
        1 => Just(PageReport::Navigated),
        1 => Just(PageReport::Reloaded),
        1 => Just(PageReport::Notice { name: "microphone_refused".into(), detail: String::new() }),
    ]
}

fn number() -> PhoneNumber {
    PhoneNumber::parse("11999990000").unwrap()
}

fn queue() -> impl Strategy<Value = QueueId> {
    prop::sample::select(vec!["1", "2"]).prop_map(|id| QueueId::parse(id).unwrap())
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => Just(Command::Connect),
        1 => Just(Command::Disconnect),
        4 => Just(Command::Call { number: number() }),
        3 => Just(Command::Answer),
        4 => Just(Command::HangUp),
        1 => Just(Command::SendDtmf { digit: DtmfKey::parse("#").unwrap() }),
        2 => Just(Command::ToggleMute),
        1 => Just(Command::BlindTransfer { number: number() }),
        2 => Just(Command::ConsultTransfer { number: number() }),
        1 => Just(Command::StartRecording),
        1 => Just(Command::StopRecording),
        2 => prop::option::of(queue()).prop_map(|queue| Command::PauseInQueue { queue }),
        2 => prop::option::of(queue()).prop_map(|queue| Command::ResumeInQueue { queue }),
        2 => queue().prop_map(|queue| Command::JoinQueue { queue }),
        1 => queue().prop_map(|queue| Command::LeaveQueue { queue }),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        8 => command().prop_map(|command| Request::Execute { command }),
        1 => prop::sample::select(vec!["1", "12#"]).prop_map(|keys| Request::SendDtmf { keys: Dtmf::parse(keys).unwrap() }),
        1 => any::<bool>().prop_map(|muted| Request::SetMuted { muted }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => phone_text().prop_map(Op::Phone),
        2 => report().prop_map(Op::Page),
        8 => request().prop_map(Op::Command),
        1 => Just(Op::Repeat),
        2 => any::<usize>().prop_map(Op::Cancel),
        6 => (any::<usize>(), prop::bool::weighted(0.85)).prop_map(|(which, ok)| Op::Posted(which, ok)),
        1 => (-1..9_i64).prop_map(Op::StrayReport),
        1 => any::<bool>().prop_map(Op::AssumeMuted),
        1 => (prop::option::of(0..90_000_i64), any::<bool>()).prop_map(|(expires_at_ms, dials)| {
            Op::Url(UrlFacts { expires_at_ms, call_on_open: dials.then(number) })
        }),
        2 => Just(Op::Tick),
    ]
}

fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![
        6 => prop::sample::select(vec![0, 1, 50, 200, 999, 2000, 5000, 10_000]).prop_map(Wait::Ms),
        3 => Just(Wait::Deadline),
        1 => Just(Wait::BeforeDeadline),
        1 => Just(Wait::Back),
    ]
}

fn life() -> impl Strategy<Value = (bool, bool, Vec<(Wait, Op)>)> {
    (any::<bool>(), any::<bool>(), prop::collection::vec((wait(), op()), 1..20))
}

/// A session under observation: whatever goes in, what has to hold is checked.
struct Bench {
    config: SessionConfig,
    machine: Machine,
    now: i64,
    last_id: i64,
    deadline: Option<i64>,
    /// Texts that were handed out and not reported.
    unreported: Vec<i64>,
    last_text: i64,
    /// Commands that were given.
    given: BTreeMap<i64, Request>,
    texts_of: BTreeMap<i64, usize>,
    settled: BTreeSet<i64>,
    last_update: i64,
    last_at: i64,
    tape: Vec<(Input, Moment, Outputs)>,
}

impl Bench {
    fn new(visible_phone: bool) -> Self {
        let config = SessionConfig { visible_phone: Some(visible_phone), history_limit: 3, ..SessionConfig::default() };
        Self {
            machine: Machine::new(config.clone()).unwrap(),
            config,
            now: 0,
            last_id: 0,
            deadline: None,
            unreported: Vec::new(),
            last_text: 0,
            given: BTreeMap::new(),
            texts_of: BTreeMap::new(),
            settled: BTreeSet::new(),
            last_update: 0,
            last_at: i64::MIN,
            tape: Vec::new(),
        }
    }

    fn go(&mut self, wait: Wait, op: &Op) -> TestCaseResult {
        if matches!(op, Op::Posted(..)) && self.unreported.is_empty() {
            return Ok(());
        }
        let mut at = match wait {
            Wait::Ms(ms) => self.now + ms,
            Wait::Deadline => self.deadline.unwrap_or(self.now),
            Wait::BeforeDeadline => self.deadline.map_or(self.now, |at| at - 1),
            Wait::Back => self.now - 500,
        };
        self.now = self.now.max(at);
        if !matches!(wait, Wait::Back) {
            at = self.now;
        }
        let input = match op {
            Op::Phone(text) => Input::PhoneMessage { text: text.clone() },
            Op::Page(report) => Input::PageReport { report: report.clone() },
            Op::Command(request) => {
                self.last_id += 1;
                self.given.insert(self.last_id, request.clone());
                Input::Command { id: self.last_id, request: request.clone() }
            }
            Op::Repeat => {
                let request = Request::Execute { command: Command::Call { number: number() } };
                Input::Command { id: self.last_id, request }
            }
            Op::Cancel(which) => Input::Cancel { id: (*which % 30) as i64 },
            Op::Posted(which, ok) => {
                let n = self.unreported.remove(which % self.unreported.len());
                Input::Posted { n, ok: *ok }
            }
            Op::StrayReport(n) => Input::Posted { n: *n, ok: true },
            Op::AssumeMuted(muted) => Input::AssumeMuted { muted: *muted },
            Op::Url(url) => Input::UrlChanged { url: url.clone() },
            Op::Tick => Input::Tick,
        };
        self.step(input, at)
    }

    fn step(&mut self, input: Input, at: i64) -> TestCaseResult {
        let before = self.machine.state();
        let moment = Moment { mono_ms: at, unix_ms: at };
        let outputs = self.machine.step(&input, moment);
        let state = self.machine.state();

        for text in &outputs.texts {
            prop_assert_eq!(text.n, self.last_text + 1, "texts are numbered in order");
            self.last_text = text.n;
            self.unreported.push(text.n);
            prop_assert_eq!(text.generation, state.page.generation);
            prop_assert!(Command::parse(&text.text).unwrap().unwrap().to_json() == text.text);
        }
        let dialled = outputs.texts.iter().filter(|text| text.text.contains("chamaNumero")).count();
        prop_assert!(dialled <= 1, "two calls at once");
        if dialled == 1 {
            // Nothing is dialled over a call: it ended, as the phone says or because it was doubtful.
            let ended = |call: &Call| {
                outputs.updates.iter().any(|update| match &update.cause {
                    Cause::CallEnded { call: it } => {
                        let said = it.end.as_ref().is_some_and(|end| end.reason != EndReason::Unknown);
                        it.serial == call.serial && (it.doubtful || said)
                    }
                    _ => false,
                })
            };
            prop_assert!(before.call.as_ref().is_none_or(ended), "dialled twice");
        }
        let mut postings = 0;
        let mut codes = Vec::new();
        for update in &outputs.updates {
            prop_assert_eq!(update.number, self.last_update + 1, "updates are numbered in order");
            self.last_update = update.number;
            prop_assert_eq!(&update.state, &*state);
            prop_assert!(update.at.mono_ms >= self.last_at, "time never goes back");
            self.last_at = update.at.mono_ms;
            match &update.cause {
                Cause::Posting { id, .. } => {
                    postings += 1;
                    let texts = self.texts_of.entry(*id).or_default();
                    *texts += 1;
                    let most = if let Request::SendDtmf { keys } = &self.given[id] { keys.as_str().len() } else { 1 };
                    prop_assert!(*texts <= most, "nothing is posted twice");
                }
                Cause::Settled { id, code } => codes.push((*id, code.clone())),
                Cause::CallEnded { call } => {
                    prop_assert!(call.end.is_some());
                    check_times(call)?;
                }
                _ => {}
            }
        }
        prop_assert_eq!(postings, outputs.texts.len());
        // After the end there are no updates any more.
        prop_assert!(before.shut_down || codes.len() == outputs.settlements.len());
        prop_assert!(
            before.shut_down || codes == outputs.settlements.iter().map(|it| (it.id, it.code())).collect::<Vec<_>>()
        );
        if before != state {
            prop_assert!(!outputs.updates.is_empty(), "a change is told");
        }

        for settlement in &outputs.settlements {
            prop_assert!(self.given.contains_key(&settlement.id));
            prop_assert!(self.settled.insert(settlement.id), "a command settles once");
            let posted = self.texts_of.contains_key(&settlement.id);
            // A second `hang_up` is as posted as the first one.
            let joins = self.given[&settlement.id] == Request::Execute { command: Command::HangUp };
            match &settlement.result {
                Ok(Outcome::Unchanged) => prop_assert!(!posted),
                Ok(Outcome::Sent { .. }) => prop_assert_eq!(state.page.alive_by, Some(AliveBy::Message)),
                Ok(_) | Err(Error::Rejected { .. }) => {}
                Err(Error::PageLost { posted: Posted::No }) => prop_assert!(posted || joins, "it was handed out"),
                Err(
                    Error::PageLost { posted: its }
                    | Error::SessionClosed { posted: its }
                    | Error::CommandCancelled { posted: its },
                ) => {
                    prop_assert!((*its != Posted::No) == posted || joins, "{:?}", settlement);
                }
                Err(error) => prop_assert!(!posted, "{error:?} after it was posted"),
            }
        }

        if let (Some(call), Some(ringing)) = (&state.call, &state.ringing) {
            prop_assert!(call.serial != ringing.serial);
        }
        for call in state.call.iter().chain(&state.ringing) {
            prop_assert!(call.end.is_none());
            check_times(call)?;
        }
        if let Some(ringing) = &state.ringing {
            prop_assert_eq!((ringing.phase, ringing.origin), (CallPhase::Ringing, CallOrigin::Incoming));
        }
        prop_assert!(state.call.as_ref().is_none_or(|call| call.phase != CallPhase::Ringing));
        let history = self.machine.history();
        prop_assert!(history.len() <= 3 && history.iter().all(|call| call.end.is_some()));

        self.deadline = outputs.deadline;
        if self.given.len() > self.settled.len() {
            prop_assert!(outputs.deadline.is_some(), "something waits without a deadline");
        }
        prop_assert!(outputs.deadline.is_none_or(|at| at >= self.now), "a deadline has passed");
        self.tape.push((input, moment, outputs));
        Ok(())
    }

    /// Lets time pass until every command has ended.
    fn settle_all(&mut self) -> TestCaseResult {
        for _ in 0..400 {
            if self.given.len() == self.settled.len() {
                return Ok(());
            }
            self.go(Wait::Deadline, &Op::Tick)?;
        }
        prop_assert!(false, "commands never end");
        Ok(())
    }

    /// With its line and after one `hang_up`, the phone dials, whatever happened before.
    fn dials(&mut self) -> TestCaseResult {
        if self.machine.state().page.phase == PagePhase::Lost {
            self.go(Wait::Ms(0), &Op::Page(PageReport::Loading))?;
            self.go(Wait::Ms(0), &Op::Page(PageReport::Loaded))?;
        }
        let connected = Op::Phone(r#"{"message":"status","status":"conectado"}"#.into());
        self.go(Wait::Ms(0), &connected)?;
        self.go(Wait::Ms(0), &Op::Command(Request::Execute { command: Command::HangUp }))?;
        self.settle_all()?;
        // What was open may have disconnected it.
        self.go(Wait::Ms(0), &connected)?;
        self.go(Wait::Ms(0), &Op::Command(Request::Execute { command: Command::Call { number: number() } }))?;
        let (_, _, outputs) = self.tape.last().unwrap();
        prop_assert!(
            outputs.texts.iter().any(|text| text.text.contains("chamaNumero")),
            "dialling is locked: {:?}",
            outputs.settlements
        );
        Ok(())
    }

    /// Folding what went in into a fresh machine gives what came out.
    fn refolds(&self) -> TestCaseResult {
        let mut machine = Machine::new(self.config.clone()).unwrap();
        for (input, at, outputs) in &self.tape {
            prop_assert_eq!(&machine.step(input, *at), outputs);
        }
        prop_assert_eq!(machine.state(), self.machine.state());
        Ok(())
    }

    fn shut_down(&mut self) -> TestCaseResult {
        self.step(Input::ShutDown, self.now)?;
        prop_assert_eq!(self.settled.len(), self.given.len(), "every command settles");
        prop_assert_eq!(self.deadline, None);
        self.step(Input::ShutDown, self.now)?;
        self.go(Wait::Ms(5), &Op::Command(Request::Execute { command: Command::HangUp }))?;
        let (_, _, outputs) = self.tape.last().unwrap();
        let closed = Settlement { id: self.last_id, result: Err(Error::SessionClosed { posted: Posted::No }) };
        prop_assert_eq!(&outputs.settlements, &vec![closed]);
        Ok(())
    }
}

fn check_times(call: &Call) -> TestCaseResult {
    let times = [Some(call.began), call.calling, call.talking, call.end.as_ref().map(|end| end.at)];
    let times: Vec<i64> = times.into_iter().flatten().map(|moment| moment.mono_ms).collect();
    prop_assert!(times.is_sorted(), "times go back: {call:?}");
    prop_assert!(call.ring_ms(i64::MIN) >= 0 && call.talk_ms(i64::MIN).is_none_or(|ms| ms >= 0));
    Ok(())
}

fn live(ops: &[(Wait, Op)], ready: bool, visible: bool) -> Result<Bench, TestCaseError> {
    let mut bench = Bench::new(visible);
    bench.go(Wait::Ms(0), &Op::Tick)?;
    if ready {
        bench.go(Wait::Ms(0), &Op::Page(PageReport::Loaded))?;
        bench.go(Wait::Ms(0), &Op::Phone(r#"{"message":"status","status":"conectado"}"#.into()))?;
    }
    for (wait, op) in ops {
        bench.go(*wait, op)?;
    }
    Ok(bench)
}

/// 100,000 sequences by default, in two tests that run side by side; more with PROPTEST_CASES.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 50_000 };
    // The default's numbers are good enough for secrets, and cost as much as all the rest.
    let rng_algorithm = RngAlgorithm::XorShift;
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 20_000, rng_algorithm, ..default }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_life_keeps_what_has_to_hold_and_refolds((ready, visible, ops) in life()) {
        let mut bench = live(&ops, ready, visible)?;
        bench.shut_down()?;
        bench.refolds()?;
    }

    #[test]
    fn from_any_state_dialling_is_one_hang_up_away((ready, visible, ops) in life()) {
        let mut bench = live(&ops, ready, visible)?;
        bench.dials()?;
        bench.shut_down()?;
    }
}
