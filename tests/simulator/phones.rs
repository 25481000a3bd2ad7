//! Sessions on simulated phones, in simulated time: every command, every special number, scripts, faults, phones among
//! themselves.

use std::sync::Arc;
use std::thread;

use serde_json::Value;
use webphone::protocol::{CallId, Command, Dtmf, PhoneNumber, QueueId};
use webphone::session::{
    CallEnd, CallOrigin, CallPhase, Cause, CommandOperation, CommandStarted, EndReason, Line, Mute, Outcome, PagePhase,
    PageReport, RecordNumbers, Recording, Request, Session, SessionConfig, Snapshot, Update, UpdatesStarted,
};
use webphone::simulator::{
    SimulatedAnswer, SimulatedCaller, SimulatedPage, SimulatedPhone, SimulatedPhoneFault, SimulatedPhoneOutput,
    SimulatedPhoneStarted, SimulatedScript, SimulatedWording, Simulator, SimulatorConfig,
};
use webphone::{Clock, Error, NotReadyReason, Posted, WebphoneUrl};

fn start(virtual_time: bool) -> Simulator {
    Simulator::start(SimulatorConfig { virtual_time, ..SimulatorConfig::default() }, None).unwrap()
}

fn open(simulator: &Simulator, config: SessionConfig, url: Option<&str>) -> Arc<Session> {
    let url = url.map(|url| Arc::new(WebphoneUrl::parse(url.to_owned(), None).unwrap()));
    Arc::new(Session::open(config, url, simulator.clock().unwrap()).unwrap())
}

/// A session with its phone, and the simulator that both are in.
struct Desk {
    simulator: Arc<Simulator>,
    phone: SimulatedPhone,
    session: Arc<Session>,
}

/// A command that was given.
enum Given {
    Ended(Result<Outcome, Error>),
    Open(Arc<CommandOperation>),
}

impl Given {
    /// What became of it by now.
    fn outcome(&mut self) -> Option<Result<Outcome, Error>> {
        if let Self::Open(operation) = self
            && let Some(ended) = operation.wait_for(0).transpose()
        {
            *self = Self::Ended(ended);
        }
        match self {
            Self::Ended(outcome) => Some(outcome.clone()),
            Self::Open(_) => None,
        }
    }
}

impl Desk {
    fn new() -> Self {
        Self::at(&Arc::new(start(true)), "4000")
    }

    fn at(simulator: &Arc<Simulator>, extension: &str) -> Self {
        let config = SessionConfig { visible_phone: Some(false), ..SessionConfig::default() };
        let session = open(simulator, config, None);
        let phone = simulator.phone(extension.to_owned()).unwrap();
        phone.attach(Arc::clone(&session)).unwrap();
        Self { simulator: Arc::clone(simulator), phone, session }
    }

    fn state(&self) -> Snapshot {
        self.session.state().unwrap()
    }

    fn advance(&self, ms: i64) {
        self.simulator.advance(ms).unwrap();
    }

    fn give(&self, request: Request) -> Given {
        match self.session.start_execute(request, 0) {
            Ok(CommandStarted::Done { value }) => Given::Ended(Ok(value)),
            Ok(CommandStarted::Pending { operation }) => Given::Open(operation),
            Err(error) => Given::Ended(Err(error)),
        }
    }

    fn tell(&self, command: Command) -> Given {
        self.give(Request::Execute { command })
    }

    /// What becomes of a command at once.
    #[track_caller]
    fn now(&self, command: Command) -> Result<Outcome, Error> {
        self.tell(command).outcome().expect("it has not ended")
    }

    /// What becomes of a command, and after how long.
    fn ends(&self, mut given: Given) -> (Result<Outcome, Error>, i64) {
        for ms in (0..60_000).step_by(100) {
            if let Some(outcome) = given.outcome() {
                return (outcome, ms);
            }
            self.advance(100);
        }
        panic!("a command never ended");
    }

    /// What becomes of a command in the system's time.
    fn waits(&self, command: Command) -> Result<Outcome, Error> {
        match self.tell(command) {
            Given::Ended(outcome) => outcome,
            Given::Open(operation) => operation.wait_for(10_000).map(|outcome| outcome.expect("it never ends")),
        }
    }

    fn call(&self, to: &str) -> Result<Outcome, Error> {
        self.now(Command::Call { number: number(to) })
    }
}

fn number(written: &str) -> PhoneNumber {
    PhoneNumber::parse(written).unwrap()
}

fn queue(id: &str) -> QueueId {
    QueueId::parse(id).unwrap()
}

fn confirmed(by: &str) -> Result<Outcome, Error> {
    Ok(Outcome::Confirmed { by: by.to_owned(), call_id: None })
}

fn call_confirmed(by: &str, id: &str) -> Result<Outcome, Error> {
    Ok(Outcome::Confirmed { by: by.to_owned(), call_id: Some(CallId::parse(id).unwrap()) })
}

#[track_caller]
fn invalid(result: Result<(), Error>, wrong: &str) {
    assert!(matches!(&result, Err(Error::Invalid { field, .. }) if field == wrong), "{result:?}");
}

fn phase(state: &Snapshot) -> Option<CallPhase> {
    state.call.as_ref().map(|call| call.phase)
}

// A session on a phone

#[test]
fn a_session_lives_on_a_simulated_phone() {
    let desk = Desk::new();
    let state = desk.state();
    assert_eq!((state.page.phase, state.line, state.unexpected_events), (PagePhase::Ready, Line::Connected, 0));
    assert_eq!(desk.call("11999990000"), call_confirmed("chamada_id", "1"));
    assert_eq!(phase(&desk.state()), Some(CallPhase::Calling));
    desk.advance(999);
    assert_eq!(phase(&desk.state()), Some(CallPhase::Calling));
    desk.advance(1);
    assert_eq!(phase(&desk.state()), Some(CallPhase::Talking));
    desk.advance(61_000);
    assert_eq!(desk.now(Command::HangUp), call_confirmed("encerrada", "1"));
    let history = desk.session.history().unwrap();
    assert_eq!((history[0].ring_ms(0), history[0].talk_ms(0)), (1000, Some(61_000)));
    assert_eq!(desk.state().unexpected_events, 0);
}

#[test]
fn every_special_number_does_what_is_said_of_it() {
    let desk = Desk::new();
    assert_eq!(desk.call("1130000001"), call_confirmed("chamada_id", "1"));
    assert_eq!(phase(&desk.state()), Some(CallPhase::Talking));

    let desk = Desk::new();
    assert_eq!(desk.call("1130000002"), call_confirmed("chamada_id", "1"));
    desk.advance(500);
    let ended = desk.session.history().unwrap().remove(0);
    assert!(matches!(ended.end, Some(CallEnd { reason: EndReason::Ended, .. })));
    assert_eq!((ended.talking, desk.state().call), (None, None));

    let desk = Desk::new();
    assert_eq!(desk.call("1130000003"), call_confirmed("chamada_id", "1"));
    desk.advance(3_600_000);
    assert_eq!(phase(&desk.state()), Some(CallPhase::Calling));
    assert_eq!(desk.call("1130000001"), Err(Error::CallInProgress));

    let desk = Desk::new();
    assert!(matches!(desk.call("1130000004"), Err(Error::Rejected { status_erro }) if !status_erro.is_empty()));
    assert_eq!(desk.state().call, None);

    let desk = Desk::new();
    let call = desk.tell(Command::Call { number: number("1130000005") });
    assert_eq!(desk.ends(call), (Ok(Outcome::Unconfirmed), 10_000));
    assert_eq!(phase(&desk.state()), Some(CallPhase::Dialling));
    desk.advance(2000);
    assert_eq!(phase(&desk.state()), Some(CallPhase::Calling));
    assert_eq!(desk.state().call.unwrap().call_id, Some(CallId::parse("1").unwrap()));
    desk.advance(1000);
    assert_eq!(phase(&desk.state()), Some(CallPhase::Talking));

    let desk = Desk::new();
    assert_eq!(desk.call("1130000006"), call_confirmed("chamada_id", "1"));
    desk.advance(1000);
    let hang_up = desk.tell(Command::HangUp);
    assert_eq!(desk.ends(hang_up), (Ok(Outcome::Unconfirmed), 10_000));
    assert!(desk.state().call.unwrap().doubtful);
    assert_eq!(desk.call("1130000001"), call_confirmed("chamada_id", "2"), "it locks nothing");
}

#[test]
fn an_incoming_call_is_answered_declined_and_missed() {
    let desk = Desk::new();
    let id = desk.phone.incoming(SimulatedCaller::new("(79) 91234-5678")).unwrap();
    let ringing = desk.state().ringing.unwrap();
    assert_eq!(ringing.call_id.as_ref(), Some(&id));
    assert_eq!(ringing.number.unwrap().digits, "79912345678");
    desk.advance(3000);
    assert_eq!(desk.now(Command::Answer), call_confirmed("conversando", id.as_str()));
    desk.phone.remote_hang_up().unwrap();
    assert_eq!(desk.state().call, None);

    desk.phone.incoming(SimulatedCaller::new("4009")).unwrap();
    assert!(desk.now(Command::HangUp).is_ok());
    let caller = SimulatedCaller { gives_up_after_ms: Some(5000), ..SimulatedCaller::new("4009") };
    desk.phone.incoming(caller).unwrap();
    desk.advance(5000);
    let ends: Vec<EndReason> =
        desk.session.history().unwrap().into_iter().map(|call| call.end.unwrap().reason).collect();
    assert_eq!(ends, [EndReason::Ended, EndReason::Declined, EndReason::Missed]);
    assert_eq!(desk.now(Command::Answer), Err(Error::NoCall));
}

#[test]
fn both_transfers() {
    let desk = Desk::new();
    desk.call("1130000001").unwrap();
    assert_eq!(desk.now(Command::BlindTransfer { number: number("4009") }), Ok(Outcome::Sent { keys: None }));
    assert_eq!((desk.state().call, desk.phone.state().unwrap().call), (None, None));

    desk.call("1130000001").unwrap();
    assert_eq!(desk.now(Command::ConsultTransfer { number: number("4009") }), Ok(Outcome::Sent { keys: None }));
    let leg = desk.state().call.unwrap().consultation.unwrap();
    assert_eq!((leg.phase, leg.call_id), (CallPhase::Calling, Some(CallId::parse("3").unwrap())));
    desk.advance(1000);
    assert_eq!(desk.state().call.unwrap().consultation.unwrap().phase, CallPhase::Talking);
    assert!(matches!(desk.now(Command::HangUp), Ok(Outcome::Confirmed { by, .. }) if by == "encerrada"));
    assert_eq!(desk.state().call, None);

    desk.call("1130000001").unwrap();
    desk.now(Command::ConsultTransfer { number: number("0002") }).unwrap();
    desk.advance(500);
    let call = desk.state().call.unwrap();
    assert_eq!((call.consultation, call.doubtful, call.phase), (None, false, CallPhase::Talking));
}

#[test]
fn microphone_keys_and_recording_are_what_the_session_holds_them_for() {
    let desk = Desk::new();
    assert_eq!(desk.now(Command::StartRecording), Err(Error::NoCall));
    desk.call("1130000001").unwrap();
    assert_eq!(desk.state().mute, Mute::AssumedUnmuted);
    for muted in [true, false, true] {
        assert_eq!(desk.give(Request::SetMuted { muted }).outcome(), Some(Ok(Outcome::Sent { keys: None })));
        assert_eq!(desk.phone.state().unwrap().muted, muted);
        assert_eq!(desk.give(Request::SetMuted { muted }).outcome(), Some(Ok(Outcome::Unchanged)));
    }
    assert_eq!(desk.now(Command::ToggleMute), Ok(Outcome::Sent { keys: None }));
    assert_eq!((desk.phone.state().unwrap().muted, desk.state().mute), (false, Mute::AssumedUnmuted));

    let keys = desk.give(Request::SendDtmf { keys: Dtmf::parse("12#").unwrap() });
    assert_eq!(desk.phone.state().unwrap().dtmf, "1");
    assert_eq!(desk.ends(keys), (Ok(Outcome::Sent { keys: Some(3) }), 400));
    assert_eq!(desk.phone.state().unwrap().dtmf, "12#");

    desk.now(Command::StartRecording).unwrap();
    assert_eq!((desk.phone.state().unwrap().recording, desk.state().recording), (true, Recording::AssumedOn));
    desk.now(Command::StopRecording).unwrap();
    assert_eq!((desk.phone.state().unwrap().recording, desk.state().recording), (false, Recording::AssumedOff));
}

#[test]
fn queues_with_and_without_names() {
    for names_queues in [false, true] {
        let desk = Desk::new();
        desk.phone.set_wording(SimulatedWording { names_queues, ..SimulatedWording::default() }).unwrap();
        assert_eq!(desk.now(Command::JoinQueue { queue: queue("47") }), confirmed("entrou_na_fila"));
        assert_eq!(desk.now(Command::JoinQueue { queue: queue("48") }), confirmed("entrou_na_fila"));
        assert_eq!(desk.now(Command::PauseInQueue { queue: Some(queue("47")) }), confirmed("pausou_na_fila"));
        let told: Vec<_> = desk.state().queues.into_iter().map(|queue| (queue.member, queue.paused)).collect();
        assert_eq!(told[0], (Some(true), Some(true)));
        assert_eq!(told[1].0, Some(true));
        assert_eq!(desk.now(Command::PauseInQueue { queue: None }), confirmed("pausou_na_fila"));
        assert!(desk.phone.state().unwrap().queues.iter().all(|queue| queue.paused));
        // The answers to an *all* are over.
        desk.advance(5000);
        assert_eq!(desk.now(Command::ResumeInQueue { queue: Some(queue("48")) }), confirmed("despausou_na_fila"));
        assert_eq!(desk.now(Command::LeaveQueue { queue: queue("48") }), confirmed("saiu_da_fila"));
        desk.phone.supervise(Command::LeaveQueue { queue: queue("47") }).unwrap();
        let member = desk.state().queues[0].member;
        assert_eq!(member, names_queues.then_some(false), "an event without a name is about some queue");
    }
}

#[test]
fn the_line_and_who_is_without() {
    let desk = Desk::new();
    assert_eq!(desk.now(Command::Connect), Ok(Outcome::Unchanged));
    assert_eq!(desk.now(Command::Disconnect), confirmed("desconectado"));
    assert_eq!(desk.call("1130000001"), Err(Error::NotReady { reason: NotReadyReason::Disconnected }));
    let disconnected = Err(Error::NotReady { reason: NotReadyReason::Disconnected });
    assert_eq!(desk.phone.incoming(SimulatedCaller::new("11")), disconnected);
    assert_eq!(desk.now(Command::Connect), confirmed("conectado"));
    assert!(desk.call("1130000001").is_ok());
}

// Scripts and faults

#[test]
fn a_script_decides_what_becomes_of_a_call() {
    let desk = Desk::new();
    let refused = SimulatedAnswer::Refused { status_erro: "Sem crédito".to_owned() };
    desk.phone.add_script(SimulatedScript::new(refused), Some(1)).unwrap();
    desk.phone
        .add_script(
            SimulatedScript {
                hangs_up_after_ms: Some(7000),
                ..SimulatedScript::new(SimulatedAnswer::Answers { after_ms: 3000 })
            },
            Some(1),
        )
        .unwrap();
    assert_eq!(desk.call("11999990000"), Err(Error::Rejected { status_erro: "Sem crédito".to_owned() }));
    desk.call("11999990000").unwrap();
    desk.advance(20_000);
    let call = desk.session.history().unwrap().pop().unwrap();
    assert_eq!((call.ring_ms(0), call.talk_ms(0)), (3000, Some(7000)));
    desk.phone.add_script(SimulatedScript::new(SimulatedAnswer::Never), None).unwrap();
    desk.call("1130000001").unwrap();
    assert_eq!(phase(&desk.state()), Some(CallPhase::Calling));
    desk.phone.remote_answer().unwrap();
    assert_eq!(phase(&desk.state()), Some(CallPhase::Talking));
    invalid(desk.phone.add_script(SimulatedScript::default(), Some(0)), "times");
    invalid(desk.phone.add_script(SimulatedScript { lag_ms: -1, ..SimulatedScript::default() }, None), "lag_ms");
}

#[test]
fn a_session_copes_with_every_fault() {
    let desk = Desk::new();
    let add = |fault| desk.phone.add_fault(fault, Some(1)).unwrap();
    add(SimulatedPhoneFault::Silent);
    assert_eq!(desk.call("1130000001"), call_confirmed("chamada_id", "1"), "`chamando` was not said");
    desk.now(Command::HangUp).unwrap();
    add(SimulatedPhoneFault::Duplicate);
    desk.call("1130000001").unwrap();
    desk.now(Command::HangUp).unwrap();
    add(SimulatedPhoneFault::Reordered);
    assert_eq!(desk.call("1130000001"), call_confirmed("chamada_id", "3"));
    desk.now(Command::HangUp).unwrap();
    add(SimulatedPhoneFault::BrokenPayload);
    desk.call("1130000001").unwrap();
    assert_eq!(desk.state().broken_events, 1);
    let updates = desk.session.updates(16).unwrap();
    add(SimulatedPhoneFault::UnknownEvent);
    desk.now(Command::HangUp).unwrap();
    let Ok(UpdatesStarted::Done { value }) = updates.start_next(16, 0) else { panic!("no updates") };
    assert!(value.iter().any(|update| format!("{:?}", update.cause).contains("evento_novo")), "{value:?}");
    desk.phone.add_fault(SimulatedPhoneFault::Silent, None).unwrap();
    let call = desk.tell(Command::Call { number: number("1130000001") });
    assert_eq!(desk.ends(call), (Ok(Outcome::Unconfirmed), 10_000));
    desk.phone.clear_faults().unwrap();
    invalid(desk.phone.add_fault(SimulatedPhoneFault::Silent, Some(-1)), "times");
}

// The page

#[test]
fn a_crash_is_a_lost_page_and_a_reload_brings_it_back() {
    let desk = Desk::new();
    let mut call = desk.tell(Command::Call { number: number("1130000005") });
    assert_eq!(call.outcome(), None);
    desk.phone.crash().unwrap();
    assert_eq!(call.outcome(), Some(Err(Error::PageLost { posted: Posted::Yes })));
    assert_eq!((desk.state().page.phase, desk.state().call), (PagePhase::Lost, None));
    assert_eq!(desk.phone.state().unwrap().page, SimulatedPage::Crashed);
    assert_eq!(desk.phone.crash(), Err(Error::NotReady { reason: NotReadyReason::PageLost }));
    let mut gated = desk.tell(Command::Call { number: number("1130000001") });
    assert_eq!(gated.outcome(), None, "it waits for a page");
    desk.phone.reload().unwrap();
    assert_eq!(gated.outcome(), Some(call_confirmed("chamada_id", "2")));
    desk.phone.reload().unwrap();
    assert_eq!((desk.state().page.phase, desk.state().call), (PagePhase::Ready, None));
    let reasons: Vec<EndReason> =
        desk.session.history().unwrap().into_iter().map(|call| call.end.unwrap().reason).collect();
    assert_eq!(reasons, [EndReason::PageLost, EndReason::PageLost]);

    desk.phone.add_fault(SimulatedPhoneFault::Crash, Some(1)).unwrap();
    assert_eq!(desk.call("1130000001"), Err(Error::PageLost { posted: Posted::Yes }));
    desk.phone.open_page(None).unwrap();
    desk.phone.close_page().unwrap();
    assert_eq!(desk.state().page.phase, PagePhase::Lost);
    assert_eq!(desk.phone.state().unwrap().page, SimulatedPage::Closed);
    assert_eq!(desk.phone.reload(), Err(Error::NotReady { reason: NotReadyReason::NotLoaded }));
}

#[test]
fn a_url_that_dials_is_obeyed_at_each_load() {
    let simulator = start(true);
    let url = "https://api2.totalvoice.com.br/w3/?key=k&pop=1&tipo=hidden&ligar_para=1130000001";
    let session = open(&simulator, SessionConfig::default(), Some(url));
    let phone = simulator.phone("4000".to_owned()).unwrap();
    let updates = session.updates(64).unwrap();
    phone.attach(Arc::clone(&session)).unwrap();
    let call = session.state().unwrap().call.unwrap();
    assert_eq!((call.origin, call.phase), (CallOrigin::Page, CallPhase::Talking));
    phone.reload().unwrap();
    let Ok(UpdatesStarted::Done { value }) = updates.start_next(64, 0) else { panic!("no updates") };
    assert!(value.iter().any(|update| matches!(update.cause, Cause::AutoDialled { .. })), "{value:?}");
    let closing = format!("{url}&fechar_fim=1");
    phone.open_page(Some(Arc::new(WebphoneUrl::parse(closing, None).unwrap()))).unwrap();
    phone.remote_hang_up().unwrap();
    assert_eq!(phone.state().unwrap().page, SimulatedPage::Closed);
    assert_eq!(session.state().unwrap().page.phase, PagePhase::Lost);
}

#[test]
fn a_phone_goes_with_its_session_and_with_its_extension() {
    let desk = Desk::new();
    desk.session.shut_down();
    assert_eq!(desk.phone.state().unwrap().page, SimulatedPage::Closed);
    let ended = desk.phone.attach(Arc::clone(&desk.session));
    assert_eq!(ended, Err(Error::Closed));
    assert_eq!(desk.phone.state().unwrap().page, SimulatedPage::Closed);

    let Desk { simulator, phone, session } = Desk::at(&desk.simulator, "4001");
    drop(session);
    assert_eq!(phone.state().unwrap().page, SimulatedPage::Closed, "a session that is dropped ends");

    let desk = Desk::at(&simulator, "4001");
    simulator.set_extensions(vec![webphone::simulator::SimulatedExtension::new(4000)]).unwrap();
    assert_eq!(desk.state().page.phase, PagePhase::Lost);
    invalid(desk.phone.post("{}".to_owned()), "extension");
    simulator.reset().unwrap();
    assert_eq!(desk.phone.state().unwrap().page, SimulatedPage::Closed);
    let again = Desk::at(&simulator, "4001");
    assert!(again.call("1130000001").is_ok());
    simulator.shut_down().unwrap();
    assert_eq!(again.state().page.phase, PagePhase::Lost);
    assert_eq!(again.phone.state().err(), Some(Error::Closed));
    assert_eq!(simulator.phone("4000".to_owned()).err(), Some(Error::Closed));
    assert_eq!(simulator.advance(1), Err(Error::Closed));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let desk = Desk::new();
    invalid(desk.simulator.phone("4002".to_owned()).map(drop), "extension");
    let other = open(&desk.simulator, SessionConfig::default(), None);
    invalid(desk.phone.attach(Arc::clone(&other)), "session");
    invalid(desk.simulator.phone("4001".to_owned()).unwrap().attach(Arc::clone(&desk.session)), "session");
    let free = desk.simulator.phone("4001".to_owned()).unwrap();
    for clock in [None, Some(Arc::new(Clock::simulated(0)))] {
        let elsewhere = Session::open(SessionConfig::default(), None, clock).unwrap();
        invalid(free.attach(Arc::new(elsewhere)), "session");
    }
    free.attach(other).unwrap();
    invalid(desk.simulator.advance(-1), "ms");
    invalid(start(false).advance(1), "virtual_time");
    assert!(start(false).clock().unwrap().is_none());
    assert_eq!(desk.phone.remote_answer(), Err(Error::NoCall));
    assert_eq!(desk.phone.remote_hang_up(), Err(Error::NoCall));
    desk.phone.incoming(SimulatedCaller::new("11")).unwrap();
    assert_eq!(desk.phone.incoming(SimulatedCaller::new("12")).err(), Some(Error::CallInProgress));
    invalid(desk.phone.incoming(SimulatedCaller::new(" 12")).map(drop), "number");
    invalid(desk.phone.supervise(Command::HangUp), "command");
    assert!(matches!(desk.phone.start_next_messages(1, 0), Err(Error::Busy)));
}

// Without a session

#[test]
fn a_transport_of_ones_own() {
    let simulator = start(true);
    let phone = simulator.phone("4000".to_owned()).unwrap();
    let pull = |max| match phone.start_next_messages(max, 0) {
        Ok(SimulatedPhoneStarted::Done { value }) => value,
        Ok(SimulatedPhoneStarted::Pending { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    };
    let message = |text: &str| SimulatedPhoneOutput::Message { text: text.to_owned() };
    phone.post(r#"{"message":"chamaNumero","numero":1130000001}"#.to_owned()).unwrap();
    assert_eq!(pull(16), [], "its page is not open");
    phone.open_page(None).unwrap();
    let connected = message(r#"{"message":"status","status":"conectado"}"#);
    let report = |report| SimulatedPhoneOutput::Report { report };
    assert_eq!(pull(16), [report(PageReport::Loading), report(PageReport::Loaded), connected]);
    phone.set_wording(SimulatedWording { ids_as_text: true, ..SimulatedWording::default() }).unwrap();
    phone.post(r#"{"message":"chamaNumero","numero":1130000001}"#.to_owned()).unwrap();
    let calling = message(r#"{"message":"status","status":"chamando"}"#);
    assert_eq!(pull(1), [calling]);
    let talking = message(r#"{"message":"status","status":"conversando"}"#);
    assert_eq!(pull(16), [message(r#"{"chamada_id":"1","message":"chamada_id"}"#), talking]);
    // Who waits is woken.
    let Ok(SimulatedPhoneStarted::Pending { operation }) = phone.start_next_messages(16, 0) else { panic!() };
    assert!(matches!(phone.start_next_messages(16, 0), Err(Error::Busy)));
    let waiter = thread::spawn(move || operation.wait_for(10_000));
    simulator.advance(5000).unwrap();
    let heard = waiter.join().unwrap().unwrap().unwrap();
    assert!(matches!(&heard[..], [SimulatedPhoneOutput::Message { text }] if text.contains("stats_webphone")));
    // What nobody takes is bounded.
    simulator.advance(5000 * 2000).unwrap();
    assert_eq!(pull(1024).len(), 1024);
    assert_eq!(pull(1024), []);
    // A session takes the place of who waits.
    let Ok(SimulatedPhoneStarted::Pending { operation }) = phone.start_next_messages(16, 0) else { panic!() };
    let session = open(&simulator, SessionConfig::default(), None);
    phone.attach(Arc::clone(&session)).unwrap();
    assert_eq!(operation.wait_for(10_000), Err(Error::Busy));
    // The phone's own user may still press its keys.
    phone.post(r#"{"message":"chamaNumero","numero":"1130000001"}"#.to_owned()).unwrap();
    assert_eq!(session.state().unwrap().call.unwrap().origin, CallOrigin::Page);
    drop(session);
    let pending = phone.start_next_messages(16, 0);
    drop(pending);
    pull(1024);
    let Ok(SimulatedPhoneStarted::Pending { operation }) = phone.start_next_messages(16, 0) else { panic!() };
    simulator.shut_down().unwrap();
    assert_eq!(operation.wait_for(10_000), Err(Error::Closed));
}

// Phones among themselves

#[test]
fn two_sessions_call_each_other() {
    let simulator = Arc::new(start(true));
    let (anna, bert) = (Desk::at(&simulator, "4000"), Desk::at(&simulator, "4001"));
    assert_eq!(anna.call("4001"), call_confirmed("chamada_id", "1"));
    let ringing = bert.state().ringing.unwrap();
    assert_eq!(
        (ringing.number.unwrap().digits, ringing.call_id),
        ("4000".to_owned(), anna.state().call.unwrap().call_id)
    );
    assert_eq!(bert.now(Command::Answer), call_confirmed("conversando", "1"));
    assert_eq!((phase(&anna.state()), phase(&bert.state())), (Some(CallPhase::Talking), Some(CallPhase::Talking)));
    simulator.advance(3000).unwrap();
    assert_eq!(bert.now(Command::HangUp), call_confirmed("encerrada", "1"));
    for desk in [&anna, &bert] {
        assert_eq!(desk.state().call, None);
        assert_eq!(desk.session.history().unwrap()[0].talk_ms(0), Some(3000));
        assert_eq!(desk.state().unexpected_events, 0);
    }
    bert.call("4000").unwrap();
    anna.phone.crash().unwrap();
    assert_eq!((bert.state().call, anna.state().ringing), (None, None));
}

#[test]
fn a_caller_is_transferred_to_a_colleague() {
    let simulator = Arc::new(start(true));
    let (anna, bert) = (Desk::at(&simulator, "4000"), Desk::at(&simulator, "4001"));
    anna.phone.incoming(SimulatedCaller::new("(79) 91234-5678")).unwrap();
    anna.now(Command::Answer).unwrap();
    anna.now(Command::ConsultTransfer { number: number("4001") }).unwrap();
    bert.now(Command::Answer).unwrap();
    assert_eq!(anna.state().call.unwrap().consultation.unwrap().phase, CallPhase::Talking);
    anna.now(Command::HangUp).unwrap();
    assert_eq!((anna.state().call, phase(&bert.state())), (None, Some(CallPhase::Talking)));
    bert.phone.remote_hang_up().unwrap();
    assert_eq!(bert.state().call, None);
}

// Time

/// All that a session heard and recorded, with the wall clock counted from its start.
fn a_day() -> (Vec<String>, Value) {
    let simulator = Arc::new(start(true));
    let begin = simulator.clock().unwrap().unwrap().now().unix_ms;
    let config = SessionConfig { record: Some(RecordNumbers::Plain), ..SessionConfig::default() };
    let session = open(&simulator, config, None);
    let updates = session.updates(1024).unwrap();
    let phone = simulator.phone("4000".to_owned()).unwrap();
    phone.attach(Arc::clone(&session)).unwrap();
    let desk = Desk { simulator: Arc::clone(&simulator), phone, session };
    let other = Desk::at(&simulator, "4001");
    let calls = ["1130000005", "4001", "1130000002", "1130000006", "11999990000"];
    let mut given = Vec::new();
    for to in calls {
        given.push(desk.tell(Command::Call { number: number(to) }));
        given.push(other.tell(Command::Answer));
        desk.phone.add_fault(SimulatedPhoneFault::Reordered, Some(1)).unwrap();
        desk.advance(1700);
        given.push(desk.give(Request::SendDtmf { keys: Dtmf::parse("123").unwrap() }));
        given.push(desk.tell(Command::HangUp));
        desk.advance(30_000);
    }
    let mut heard: Vec<String> = given.iter_mut().map(|given| format!("{:?}", given.outcome())).collect();
    let Ok(UpdatesStarted::Done { value }) = updates.start_next(1024, 0) else { panic!("no updates") };
    heard.extend(
        value.iter().map(|Update { number, at, cause, .. }| format!("{number} {} {}", at.mono_ms, code(cause))),
    );
    let mut trace = serde_json::from_str(&desk.session.trace().unwrap().unwrap()).unwrap();
    rebase(&mut trace, begin);
    (heard, trace)
}

fn code(cause: &Cause) -> String {
    let json = serde_json::to_value(cause).unwrap();
    json["type"].as_str().unwrap().to_owned()
}

fn rebase(value: &mut Value, begin: i64) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_i64() {
                    Some(ms) if name.starts_with("unix_") => *value = (ms - begin).into(),
                    _ => rebase(value, begin),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rebase(item, begin)),
        _ => {}
    }
}

#[test]
fn a_day_in_simulated_time_is_always_the_same() {
    let (first, trace) = a_day();
    assert!(first.len() > 60, "{}", first.len());
    for _ in 0..9 {
        let (again, its_trace) = a_day();
        assert_eq!(first, again);
        assert_eq!(trace, its_trace);
    }
}

#[test]
fn who_is_due_first_acts_first() {
    let desk = Desk::new();
    let (updates, begin) = (desk.session.updates(64).unwrap(), desk.simulator.clock().unwrap().unwrap().now().mono_ms);
    // The phone answers at 1,000; the session's keys go at 0, 200 and 400; the caller is there at 700.
    desk.phone
        .add_script(SimulatedScript { hangs_up_after_ms: Some(500), ..SimulatedScript::default() }, Some(1))
        .unwrap();
    desk.call("11999990000").unwrap();
    let keys = desk.give(Request::SendDtmf { keys: Dtmf::parse("12345678").unwrap() });
    desk.advance(60_000);
    assert_eq!(desk.ends(keys).0, Ok(Outcome::Sent { keys: Some(8) }));
    let Ok(UpdatesStarted::Done { value }) = updates.start_next(64, 0) else { panic!("no updates") };
    let times: Vec<i64> = value.iter().map(|update| update.at.mono_ms - begin).collect();
    assert!(times.is_sorted(), "{times:?}");
    let at =
        |wanted: &dyn Fn(&Cause) -> bool| value.iter().find(|update| wanted(&update.cause)).unwrap().at.mono_ms - begin;
    assert_eq!(at(&|cause| matches!(cause, Cause::CallEnded { .. })), 1500);
    assert_eq!(at(&|cause| code(cause) == "settled" && format!("{cause:?}").contains("sent")), 1400);
}

#[test]
fn in_the_systems_time_phones_act_by_themselves() {
    let simulator = Arc::new(start(false));
    let desk = Desk::at(&simulator, "4000");
    desk.phone.add_script(SimulatedScript::new(SimulatedAnswer::Answers { after_ms: 20 }), None).unwrap();
    let updates = desk.session.updates(64).unwrap();
    assert_eq!(desk.waits(Command::Call { number: number("11999990000") }), call_confirmed("chamada_id", "1"));
    while phase(&desk.state()) != Some(CallPhase::Talking) {
        match updates.start_next(64, 10_000).unwrap() {
            UpdatesStarted::Done { .. } => {}
            UpdatesStarted::Pending { .. } => panic!("nobody answered"),
        }
    }
    assert_eq!(desk.waits(Command::HangUp), call_confirmed("encerrada", "1"));
}

#[test]
fn many_threads_at_one_exchange() {
    let simulator = Arc::new(start(false));
    simulator.set_extensions((0..8).map(|n| webphone::simulator::SimulatedExtension::new(4000 + n)).collect()).unwrap();
    let desks: Vec<Arc<Desk>> = (0..8).map(|n| Arc::new(Desk::at(&simulator, &(4000 + n).to_string()))).collect();
    let threads: Vec<_> = desks
        .iter()
        .enumerate()
        .map(|(n, desk)| {
            let desk = Arc::clone(desk);
            thread::spawn(move || {
                for round in 0..50 {
                    let to = (4000 + (n + round) % 8).to_string();
                    let mut given = [
                        desk.tell(Command::Call { number: number(&to) }),
                        desk.tell(Command::Answer),
                        desk.tell(Command::HangUp),
                    ];
                    if round % 10 == 9 {
                        desk.phone.reload().unwrap();
                    }
                    given.iter_mut().for_each(|given| drop(given.outcome()));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    for desk in &desks {
        desk.phone.reload().unwrap();
    }
    for desk in &desks {
        let state = desk.phone.state().unwrap();
        assert_eq!((state.call, state.ringing, state.page), (None, None, SimulatedPage::Open));
    }
    // Whatever happened, each can be used.
    for desk in &desks {
        let outcome = desk.waits(Command::Call { number: number("1130000001") });
        assert!(matches!(outcome, Ok(Outcome::Confirmed { .. })), "{outcome:?}");
    }
}
