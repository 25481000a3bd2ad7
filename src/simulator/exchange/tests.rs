//! Every command and event of the phone's language, every special number, script and fault, and phones among themselves.

use super::*;
use crate::protocol::CallNumber;
use crate::simulator::SimulatedPhoneFault as Fault;

const MINE: &str = "4000";
const OTHER: &str = "4001";

/// An exchange whose phones say nothing about quality, with the time.
struct World {
    exchange: Exchange,
    now: i64,
}

impl World {
    fn new() -> Self {
        let mut world = Self { exchange: Exchange::default(), now: 0 };
        for extension in [MINE, OTHER, "4002"] {
            let wording = SimulatedWording { tells_quality: false, names_queues: true, ..SimulatedWording::default() };
            world.exchange.set_wording(extension, wording);
        }
        world
    }

    /// A world in which these phones are open, and what they said on opening is forgotten.
    fn with(extensions: &[&str]) -> Self {
        let mut world = Self::new();
        for extension in extensions {
            world.exchange.open(extension, Opening::default(), 0);
        }
        world.exchange.outputs();
        world
    }

    /// What was posted since, by everybody; in short: `4000 conversando`, without the number if it is ours.
    fn heard(&mut self) -> Vec<String> {
        self.exchange.outputs().iter().map(short).collect()
    }

    fn post(&mut self, text: &str) -> Vec<String> {
        self.post_to(MINE, text)
    }

    fn post_to(&mut self, extension: &str, text: &str) -> Vec<String> {
        self.exchange.post(extension, text, self.now);
        self.heard()
    }

    fn call(&mut self, number: &str) -> Vec<String> {
        self.post(&format!(r#"{{"message":"chamaNumero","numero":"{number}"}}"#))
    }

    fn hang_up(&mut self) -> Vec<String> {
        self.post(r#"{"message":"hangup"}"#)
    }

    fn wait(&mut self, ms: i64) -> Vec<String> {
        self.now += ms;
        self.exchange.advance(self.now);
        self.heard()
    }

    fn incoming(&mut self, caller: &SimulatedCaller) -> Vec<String> {
        self.exchange.incoming(MINE, caller, self.now).unwrap();
        self.heard()
    }

    fn script(&mut self, script: SimulatedScript) {
        script.check().unwrap();
        self.exchange.add_script(MINE, script, Some(1));
    }

    fn state(&self) -> SimulatedPhoneState {
        self.exchange.state(MINE)
    }

    /// A call in which both sides talk.
    fn talking() -> Self {
        let mut world = Self::with(&[MINE]);
        assert_eq!(world.call("110001"), ["chamando", "chamada_id 1", "conversando"]);
        world
    }
}

fn short(output: &Output) -> String {
    let what = match &output.output {
        SimulatedPhoneOutput::Report { report } => format!("{report:?}").split(' ').next().unwrap().to_owned(),
        SimulatedPhoneOutput::Message { text } => match Event::parse(text) {
            Ok(Some(Event::Status { status })) => status.as_wire().to_owned(),
            Ok(Some(Event::CallId { call_id })) => format!("chamada_id {}", call_id.unwrap()),
            Ok(Some(event @ (Event::JoinedQueue { .. } | Event::LeftQueue { .. }))) => event.name().to_owned(),
            Ok(Some(Event::PausedInQueue { queue: Some(queue) })) => format!("pausou_na_fila {queue}"),
            Ok(Some(Event::ResumedInQueue { queue: Some(queue) })) => format!("despausou_na_fila {queue}"),
            Ok(Some(Event::IncomingCall { caller, .. })) => {
                format!("chegandoChamada {}", caller.map(|caller| caller.raw).unwrap_or_default())
            }
            Ok(Some(event)) => event.name().to_owned(),
            Ok(None) => panic!("not a message of the phone: {text}"),
            Err(broken) => format!("{} with a bad {}", broken.name, broken.field),
        },
    };
    if output.extension == MINE { what } else { format!("{} {what}", output.extension) }
}

const NOTHING: [&str; 0] = [];

// The page

#[test]
fn a_page_loads_and_its_phone_connects_by_itself() {
    let mut world = World::new();
    world.exchange.open(MINE, Opening::default(), 0);
    assert_eq!(world.heard(), ["Loading", "Loaded", "conectado"]);
    assert_eq!(world.state().page, SimulatedPage::Open);
    world.exchange.reload(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["Reloaded", "Loading", "Loaded", "conectado"]);
    world.exchange.crash(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["Lost"]);
    assert_eq!(world.exchange.crash(MINE, 0), Err(Error::NotReady { reason: NotReadyReason::PageLost }));
    assert_eq!(world.call("110001"), NOTHING);
    world.exchange.reload(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["Loading", "Loaded", "conectado"]);
    world.exchange.close(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["Closed"]);
    assert_eq!(world.exchange.reload(MINE, 0), Err(Error::NotReady { reason: NotReadyReason::NotLoaded }));
    assert_eq!(world.exchange.open_phones().count(), 0);
}

#[test]
fn the_default_is_the_documentations() {
    let mut exchange = Exchange::default();
    exchange.open(MINE, Opening::default(), 0);
    exchange.post(MINE, r#"{"message":"entrarNaFila","filaId":47}"#, 0);
    exchange.advance(10_000);
    let texts: Vec<String> = exchange
        .outputs()
        .into_iter()
        .filter_map(|output| match output.output {
            SimulatedPhoneOutput::Message { text } => Some(text),
            SimulatedPhoneOutput::Report { .. } => None,
        })
        .collect();
    let quality = r#"{"message":"stats_webphone","internet":{"jitter":2,"ping":18},"computador":{"cpu":7}}"#;
    assert_eq!(
        texts,
        [r#"{"message":"status","status":"conectado"}"#, r#"{"message":"entrou_na_fila"}"#, quality, quality]
    );
}

#[test]
fn a_url_makes_it_dial_and_close() {
    let mut world = World::new();
    let call_on_open = Some(PhoneNumber::parse("110003").unwrap());
    world.exchange.open(MINE, Opening { call_on_open, close_at_end: true }, 0);
    assert_eq!(world.heard(), ["Loading", "Loaded", "conectado", "chamando", "chamada_id 1"]);
    world.exchange.reload(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["Reloaded", "Loading", "Loaded", "conectado", "chamando", "chamada_id 2"]);
    assert_eq!(world.hang_up(), ["encerrada", "Closed"]);
    // A call that was never taken is no end of one.
    world.exchange.open(MINE, Opening { call_on_open: None, close_at_end: true }, 0);
    world.incoming(&SimulatedCaller::new("11"));
    assert_eq!(world.hang_up(), ["encerrada"]);
    assert_eq!(world.call("110004"), ["status_erro", "Closed"]);
}

// Commands

#[test]
fn the_line_is_taken_and_left() {
    let mut world = World::with(&[MINE]);
    assert_eq!(world.post(r#"{"message":"desconectar"}"#), ["desconectado"]);
    assert_eq!(world.call("110001"), ["status_erro"]);
    let disconnected = Err(Error::NotReady { reason: NotReadyReason::Disconnected });
    assert_eq!(world.exchange.incoming(MINE, &SimulatedCaller::new("11"), 0), disconnected);
    assert_eq!(world.post(r#"{"message":"conectar"}"#), ["conectado"]);
    assert_eq!(world.call("110001"), ["chamando", "chamada_id 1", "conversando"]);
}

#[test]
fn numbers_do_what_the_table_says() {
    let with = || World::with(&[MINE]);
    let mut w = with();
    assert_eq!(w.call("110001"), ["chamando", "chamada_id 1", "conversando"]);
    let mut w = with();
    assert_eq!(w.call("110002"), ["chamando", "chamada_id 1"]);
    assert_eq!(w.wait(499), NOTHING);
    assert_eq!(w.wait(1), ["encerrada"]);
    let mut w = with();
    assert_eq!(w.call("110003"), ["chamando", "chamada_id 1"]);
    assert_eq!(w.wait(3_600_000), NOTHING);
    assert_eq!(with().call("110004"), ["status_erro"]);
    let mut w = with();
    assert_eq!(w.call("110005"), NOTHING);
    assert_eq!(w.wait(11_999), NOTHING);
    assert_eq!(w.wait(1), ["chamando", "chamada_id 1"]);
    assert_eq!(w.wait(1000), ["conversando"]);
    assert_eq!(w.hang_up(), NOTHING);
    assert_eq!(w.wait(12_000), ["encerrada"]);
    let mut w = with();
    assert_eq!(w.call("110006"), ["chamando", "chamada_id 1"]);
    assert_eq!(w.wait(1000), ["conversando"]);
    assert_eq!(w.hang_up(), NOTHING);
    assert_eq!(w.state().call, None);
    let mut w = with();
    assert_eq!(w.call("11999990000"), ["chamando", "chamada_id 1"]);
    assert_eq!(w.wait(999), NOTHING);
    assert_eq!(w.wait(1), ["conversando"]);
    assert_eq!(w.hang_up(), ["encerrada"]);
}

#[test]
fn numbers_and_queues_come_as_numbers_as_text_or_not_at_all() {
    let mut world = World::with(&[MINE]);
    assert_eq!(world.post(r#"{"message":"chamaNumero","numero":110001}"#).len(), 3);
    assert_eq!(world.post(r#"{"message":"transferir"}"#), ["status_erro"]);
    assert_eq!(world.post(r#"{"message":"transferir","numeroTelefone":4009}"#), ["encerrada"]);
    for unusable in [r#"{"message":"chamaNumero"}"#, r#"{"message":"chamaNumero","numero":"CALL ME"}"#] {
        assert_eq!(world.post(unusable), ["status_erro"]);
    }
    assert_eq!(world.post(r#"{"message":"entrarNaFila","filaId":47}"#), ["entrou_na_fila"]);
    assert_eq!(world.post(r#"{"message":"pausarNaFila","filaId":"47"}"#), ["pausou_na_fila 47"]);
    assert_eq!(world.post(r#"{"message":"despausarNaFila"}"#), ["despausou_na_fila 47"]);
    for nothing in [
        r#"{"message":"entrarNaFila"}"#,
        r#"{"message":"enviaDTMF","dtmf":"AB"}"#,
        r#"{"message":"dança"}"#,
        "null",
        "",
        r#"{"type":"webpackOk"}"#,
        &"[".repeat(100_000),
    ] {
        assert_eq!(world.post(nothing), NOTHING, "{nothing:.40}");
    }
}

#[test]
fn an_incoming_call_is_answered_declined_or_missed() {
    let mut world = World::with(&[MINE]);
    assert_eq!(world.post(r#"{"message":"answer"}"#), NOTHING);
    assert_eq!(world.incoming(&SimulatedCaller::new("(79) 91234-5678")), ["chegandoChamada (79) 91234-5678"]);
    assert_eq!(world.exchange.incoming(MINE, &SimulatedCaller::new("11"), 0), Err(Error::CallInProgress));
    assert_eq!(world.post(r#"{"message":"answer"}"#), ["conversando"]);
    assert!(world.state().call.unwrap().talking);
    assert_eq!(world.exchange.remote_answers(MINE, 0), Err(Error::NoCall));
    world.exchange.remote_hangs_up(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["encerrada"]);
    assert_eq!(world.exchange.remote_hangs_up(MINE, 0), Err(Error::NoCall));
    world.incoming(&SimulatedCaller::new("4009"));
    assert_eq!(world.hang_up(), ["encerrada"]);
    world.incoming(&SimulatedCaller::new("4009"));
    world.exchange.remote_hangs_up(MINE, 0).unwrap();
    assert_eq!(world.heard(), ["encerrada"]);
    assert_eq!(world.state().ringing, None);
}

#[test]
fn a_caller_does_as_arranged() {
    let mut world = World::with(&[MINE]);
    let patient = SimulatedCaller { gives_up_after_ms: Some(3000), ..SimulatedCaller::new("11") };
    world.incoming(&patient);
    assert_eq!(world.wait(2999), NOTHING);
    assert_eq!(world.wait(1), ["encerrada"]);
    world.incoming(&SimulatedCaller { hangs_up_after_ms: Some(10_000), ..patient });
    assert_eq!(world.wait(2000), NOTHING);
    assert_eq!(world.post(r#"{"message":"answer"}"#), ["conversando"]);
    assert_eq!(world.wait(9999), NOTHING);
    assert_eq!(world.wait(1), ["encerrada"]);
    let secret = SimulatedCaller { without_id: true, to: Some("3333".to_owned()), ..SimulatedCaller::new("") };
    let id = world.exchange.incoming(MINE, &secret, world.now).unwrap();
    let event = Event::IncomingCall { caller: None, called: Some(CallNumber::new("3333")), call_id: None };
    let SimulatedPhoneOutput::Message { text } = &world.exchange.outputs()[0].output else { panic!() };
    assert_eq!(Event::parse(text), Ok(Some(event)));
    assert_eq!(world.post(r#"{"message":"answer"}"#), ["conversando".to_owned(), format!("chamada_id {id}")]);
}

#[test]
fn a_second_call_takes_the_place_of_the_first() {
    let mut world = World::talking();
    assert_eq!(world.call("110001"), NOTHING, "one call at a time");
    world.incoming(&SimulatedCaller::new("4009"));
    assert_eq!(world.post(r#"{"message":"answer"}"#), ["conversando"]);
    assert_eq!(world.state().call.unwrap().number, "4009");
    assert_eq!(world.hang_up(), ["encerrada"]);
    assert_eq!(world.hang_up(), NOTHING);
}

#[test]
fn keys_mute_and_recording_belong_to_the_call() {
    let mut world = World::with(&[MINE]);
    let keys = [r#"{"message":"enviaDTMF","dtmf":"1"}"#, r##"{"message":"enviaDTMF","dtmf":"#"}"##];
    let (mute, record, stop) = (r#"{"message":"mute"}"#, r#"{"message":"recStart"}"#, r#"{"message":"recStop"}"#);
    for text in [keys[0], mute, record] {
        assert_eq!(world.post(text), NOTHING);
    }
    assert_eq!((world.state().muted, world.state().recording, &*world.state().dtmf), (false, false, ""));
    world.call("110001");
    for text in [keys[0], keys[1], mute, record] {
        assert_eq!(world.post(text), NOTHING);
    }
    assert_eq!((world.state().muted, world.state().recording, &*world.state().dtmf), (true, true, "1#"));
    world.post(mute);
    world.post(stop);
    assert_eq!((world.state().muted, world.state().recording), (false, false));
    world.post(mute);
    world.hang_up();
    world.call("110001");
    assert_eq!((world.state().muted, world.state().recording, &*world.state().dtmf), (false, false, ""));
}

#[test]
fn queues_are_joined_left_and_paused_in() {
    let mut world = World::with(&[MINE]);
    assert_eq!(world.post(r#"{"message":"pausarNaFila","filaId":1}"#), NOTHING, "only a member can pause");
    assert_eq!(world.post(r#"{"message":"pausarNaFila"}"#), ["pausou_na_fila"], "none at all is all");
    world.post(r#"{"message":"entrarNaFila","filaId":1}"#);
    world.post(r#"{"message":"entrarNaFila","filaId":2}"#);
    assert_eq!(world.post(r#"{"message":"pausarNaFila"}"#), ["pausou_na_fila 1", "pausou_na_fila 2"]);
    assert_eq!(world.post(r#"{"message":"despausarNaFila","filaId":2}"#), ["despausou_na_fila 2"]);
    let queue = QueueId::parse("1").unwrap();
    world.exchange.supervise(MINE, &Command::LeaveQueue { queue }, 0).unwrap();
    assert_eq!(world.heard(), ["saiu_da_fila"]);
    world.exchange.reload(MINE, 0).unwrap();
    assert_eq!(world.state().queues, [SimulatedQueue { id: "2".to_owned(), paused: false }], "they outlive the page");
    let other = world.exchange.supervise(MINE, &Command::HangUp, 0);
    assert!(matches!(other, Err(Error::Invalid { field, .. }) if field == "command"));
    // Without names, one event says it of all.
    world.exchange.set_wording(MINE, SimulatedWording { tells_quality: false, ..SimulatedWording::default() });
    world.post(r#"{"message":"entrarNaFila","filaId":3}"#);
    world.heard();
    assert_eq!(world.post(r#"{"message":"pausarNaFila"}"#), ["pausou_na_fila"]);
}

#[test]
fn a_blind_transfer_ends_the_call_here() {
    let mut world = World::talking();
    assert_eq!(world.post(r#"{"message":"transferir","numeroTelefone":"4009"}"#), ["encerrada"]);
    assert_eq!(world.post(r#"{"message":"transferir","numeroTelefone":"4009"}"#), NOTHING);
}

#[test]
fn a_consultation_is_completed_or_ends_by_itself() {
    let consult = |number: &str| format!(r#"{{"message":"transferirConsulta","numeroTelefone":"{number}"}}"#);
    let mut world = World::with(&[MINE]);
    assert_eq!(world.post(&consult("4009")), NOTHING, "there is no call");
    let mut world = World::talking();
    assert_eq!(world.post(&consult("4009")), ["chamando", "chamada_id 2"]);
    assert_eq!(world.post(&consult("4010")), NOTHING, "one at a time");
    assert_eq!(world.wait(1000), ["conversando"]);
    assert_eq!(world.hang_up(), ["encerrada"]);
    assert_eq!((world.state().call, world.state().consultation), (None, None));
    let mut world = World::talking();
    assert_eq!(world.post(&consult("0002")), ["chamando", "chamada_id 2"]);
    assert_eq!(world.wait(500), ["encerrada", "conversando"]);
    assert!(world.state().call.unwrap().talking);
    assert_eq!(world.post(&consult("0004")), ["status_erro"]);
    assert_eq!(world.post(&consult("0001")), ["chamando", "chamada_id 4", "conversando"]);
    world.exchange.remote_hangs_up(MINE, world.now).unwrap();
    assert_eq!(world.heard(), ["encerrada", "conversando"]);
    world.post(&consult("0003"));
    world.exchange.remote_answers(MINE, world.now).unwrap();
    assert_eq!(world.heard().last().unwrap(), "conversando");
}

// Scripts

#[test]
fn a_call_goes_as_scripted() {
    let mut world = World::with(&[MINE]);
    world.script(SimulatedScript {
        hangs_up_after_ms: Some(5000),
        ..SimulatedScript::new(SimulatedAnswer::Answers { after_ms: 3000 })
    });
    world.script(SimulatedScript::new(SimulatedAnswer::Busy { after_ms: 100 }));
    world.script(SimulatedScript::new(SimulatedAnswer::Never));
    world.script(SimulatedScript::new(SimulatedAnswer::Refused { status_erro: "Sem crédito".to_owned() }));
    world.script(SimulatedScript { lag_ms: 50, silent_hang_up: true, ..SimulatedScript::default() });
    assert_eq!(world.call("11999990000"), ["chamando", "chamada_id 1"]);
    assert_eq!(world.wait(3000), ["conversando"]);
    assert_eq!(world.wait(5000), ["encerrada"]);
    assert_eq!(world.call("110001"), ["chamando", "chamada_id 2"]);
    assert_eq!(world.wait(100), ["encerrada"]);
    assert_eq!(world.call("110001"), ["chamando", "chamada_id 3"]);
    assert_eq!(world.wait(100_000), NOTHING);
    world.exchange.remote_answers(MINE, world.now).unwrap();
    assert_eq!(world.heard(), ["conversando"]);
    world.hang_up();
    world.exchange.post(MINE, r#"{"message":"chamaNumero","numero":"110001"}"#, world.now);
    let SimulatedPhoneOutput::Message { text } = &world.exchange.outputs()[0].output else { panic!() };
    assert_eq!(text, r#"{"message":"status_erro","status_erro":"Sem crédito"}"#);
    assert_eq!(world.call("110001"), NOTHING);
    assert_eq!(world.wait(50), ["chamando", "chamada_id 5"]);
    assert_eq!(world.hang_up(), NOTHING);
    assert_eq!(world.call("110001"), ["chamando", "chamada_id 6", "conversando"], "the scripts are used up");
}

#[test]
fn a_script_without_end_lasts_until_it_is_cleared() {
    let mut world = World::with(&[MINE]);
    world.exchange.add_script(MINE, SimulatedScript::new(SimulatedAnswer::Never), None);
    for id in 1..4 {
        assert_eq!(world.call("110001"), ["chamando".to_owned(), format!("chamada_id {id}")]);
        world.hang_up();
    }
    world.exchange.clear_scripts(MINE);
    assert_eq!(world.call("110001").last().unwrap(), "conversando");
}

#[test]
fn what_can_t_be_arranged_is_named() {
    let refused = |status_erro: String| SimulatedScript::new(SimulatedAnswer::Refused { status_erro });
    for (script, wrong) in [
        (SimulatedScript { lag_ms: -1, ..SimulatedScript::default() }, "lag_ms"),
        (SimulatedScript { hangs_up_after_ms: Some(i64::MAX), ..SimulatedScript::default() }, "hangs_up_after_ms"),
        (SimulatedScript::new(SimulatedAnswer::Answers { after_ms: -1 }), "after_ms"),
        (SimulatedScript::new(SimulatedAnswer::Busy { after_ms: 86_400_001 }), "after_ms"),
        (refused(String::new()), "status_erro"),
        (refused("a".repeat(129)), "status_erro"),
    ] {
        assert!(matches!(script.check(), Err(Error::Invalid { field, .. }) if field == wrong), "{script:?}");
    }
    for (caller, wrong) in [
        (SimulatedCaller::new("1".repeat(129)), "from"),
        (SimulatedCaller::new(" 1"), "from"),
        (SimulatedCaller { to: Some(String::new()), ..SimulatedCaller::new("1") }, "to"),
        (SimulatedCaller { gives_up_after_ms: Some(-1), ..SimulatedCaller::new("1") }, "gives_up_after_ms"),
        (SimulatedCaller { hangs_up_after_ms: Some(-1), ..SimulatedCaller::new("1") }, "hangs_up_after_ms"),
    ] {
        assert!(matches!(caller.check(), Err(Error::Invalid { field, .. }) if field == wrong), "{caller:?}");
    }
}

// Speech

#[test]
fn ids_are_numbers_or_text_as_asked() {
    for (ids_as_text, said) in [(false, r#""chamada_id":1"#), (true, r#""chamada_id":"1""#)] {
        let mut exchange = Exchange::default();
        exchange.set_wording(MINE, SimulatedWording { ids_as_text, ..SimulatedWording::default() });
        exchange.open(MINE, Opening::default(), 0);
        exchange.post(MINE, r#"{"message":"chamaNumero","numero":"4001"}"#, 0);
        let says =
            |output: &Output| matches!(&output.output, SimulatedPhoneOutput::Message { text } if text.contains(said));
        assert!(exchange.outputs().iter().any(says));
    }
}

#[test]
fn faults_befall_what_is_said_next() {
    let said = |fault: Fault, times: Option<i32>| {
        let mut world = World::with(&[MINE]);
        world.exchange.add_fault(MINE, fault, times);
        world.call("110001")
    };
    let one = |fault| said(fault, Some(1));
    assert_eq!(one(Fault::Silent), ["chamada_id 1", "conversando"]);
    assert_eq!(one(Fault::Duplicate), ["chamando", "chamando", "chamada_id 1", "conversando"]);
    assert_eq!(one(Fault::Reordered), ["chamada_id 1", "chamando", "conversando"]);
    assert_eq!(one(Fault::UnknownEvent), ["evento_novo", "chamando", "chamada_id 1", "conversando"]);
    assert_eq!(one(Fault::BrokenPayload), ["status with a bad status", "chamada_id 1", "conversando"]);
    assert_eq!(one(Fault::Crash), ["Lost"]);
    assert_eq!(said(Fault::Silent, Some(2)), ["conversando"]);
    assert_eq!(said(Fault::Silent, None), NOTHING);
    let mut world = World::with(&[MINE]);
    for fault in [Fault::Silent, Fault::Duplicate] {
        world.exchange.add_fault(MINE, fault, Some(1));
    }
    assert_eq!(world.call("110001"), ["chamada_id 1", "chamada_id 1", "conversando"]);
    world.exchange.add_fault(MINE, Fault::Silent, None);
    world.exchange.clear_faults(MINE);
    assert_eq!(world.hang_up(), ["encerrada"]);
}

#[test]
fn a_page_can_be_dead_from_its_first_word_on() {
    let mut world = World::new();
    world.exchange.add_fault(MINE, Fault::Crash, Some(1));
    let call_on_open = Some(PhoneNumber::parse("110001").unwrap());
    world.exchange.open(MINE, Opening { call_on_open, close_at_end: false }, 0);
    assert_eq!(world.heard(), ["Loading", "Loaded", "Lost"]);
    assert_eq!(world.exchange.deadline(), None);
}

// Phones among themselves

#[test]
fn two_phones_call_each_other() {
    let mut world = World::with(&[MINE, OTHER]);
    assert_eq!(world.call(OTHER), ["chamando", "chamada_id 1", "4001 chegandoChamada 4000"]);
    assert_eq!(world.wait(60_000), NOTHING, "the other one decides");
    assert_eq!(world.post_to(OTHER, r#"{"message":"answer"}"#), ["4001 conversando", "conversando"]);
    assert_eq!(world.state().call.unwrap().call_id, world.exchange.state(OTHER).call.unwrap().call_id);
    assert_eq!(world.post_to(OTHER, r#"{"message":"hangup"}"#), ["encerrada", "4001 encerrada"]);
    assert_eq!(world.state().call, None);
    // The caller gives up; the called one declines; somebody answers for it.
    world.call(OTHER);
    assert_eq!(world.hang_up(), ["4001 encerrada", "encerrada"]);
    world.call(OTHER);
    assert_eq!(world.post_to(OTHER, r#"{"message":"hangup"}"#), ["encerrada", "4001 encerrada"]);
    world.call(OTHER);
    world.exchange.remote_answers(MINE, world.now).unwrap();
    assert_eq!(world.heard(), ["4001 conversando", "conversando"]);
    world.exchange.remote_hangs_up(MINE, world.now).unwrap();
    assert_eq!(world.heard(), ["4001 encerrada", "encerrada"]);
}

#[test]
fn only_an_open_phone_that_can_ring_is_reached() {
    let mut world = World::with(&[MINE]);
    assert_eq!(world.call(OTHER), ["chamando", "chamada_id 1"]);
    assert_eq!(world.wait(1000), ["conversando"], "it is not open: anybody answers");
    world.hang_up();
    assert_eq!(world.call(MINE), ["chamando", "chamada_id 2"], "nobody reaches himself");
    world.hang_up();
    world.exchange.open(OTHER, Opening::default(), world.now);
    world.post_to(OTHER, r#"{"message":"desconectar"}"#);
    assert_eq!(world.call(OTHER), ["chamando", "chamada_id 3"]);
    assert_eq!(world.wait(500), ["encerrada"], "it is busy");
    world.post_to(OTHER, r#"{"message":"conectar"}"#);
    world.exchange.incoming(OTHER, &SimulatedCaller::new("11"), world.now).unwrap();
    world.heard();
    world.call(OTHER);
    assert_eq!(world.wait(500), ["encerrada"], "it rings already");
}

#[test]
fn a_phone_that_goes_ends_its_calls() {
    for goes in [Exchange::crash, Exchange::close, Exchange::reload] {
        let mut world = World::with(&[MINE, OTHER]);
        world.call(OTHER);
        world.post_to(OTHER, r#"{"message":"answer"}"#);
        goes(&mut world.exchange, OTHER, 0).unwrap();
        assert!(world.heard().contains(&"encerrada".to_owned()));
        assert_eq!(world.state().call, None);
    }
    for says_first in [MINE, OTHER] {
        let mut world = World::with(&[MINE, OTHER]);
        world.exchange.add_fault(says_first, Fault::Crash, Some(1));
        world.call(OTHER);
        assert_eq!((world.state().call, world.exchange.state(OTHER).ringing), (None, None));
    }
}

#[test]
fn a_transfer_reaches_another_phone() {
    // Blind, of a caller outside.
    let mut world = World::with(&[MINE, OTHER]);
    world.incoming(&SimulatedCaller::new("(79) 91234-5678"));
    world.post(r#"{"message":"answer"}"#);
    let blind = format!(r#"{{"message":"transferir","numeroTelefone":"{OTHER}"}}"#);
    assert_eq!(world.post(&blind), ["4001 chegandoChamada (79) 91234-5678", "encerrada"]);
    assert_eq!(world.post_to(OTHER, r#"{"message":"answer"}"#), ["4001 conversando"]);
    assert_eq!(world.post_to(OTHER, r#"{"message":"hangup"}"#), ["4001 encerrada"]);
    // By consultation, of another phone: the two talk on to each other.
    let mut world = World::with(&[MINE, OTHER, "4002"]);
    world.call(OTHER);
    world.post_to(OTHER, r#"{"message":"answer"}"#);
    let consult = r#"{"message":"transferirConsulta","numeroTelefone":"4002"}"#;
    assert_eq!(world.post(consult), ["chamando", "chamada_id 2", "4002 chegandoChamada 4000"]);
    assert_eq!(world.post_to("4002", r#"{"message":"answer"}"#), ["4002 conversando", "conversando"]);
    assert_eq!(world.hang_up(), ["encerrada"]);
    assert_eq!(world.post_to("4002", r#"{"message":"hangup"}"#), ["4001 encerrada", "4002 encerrada"]);
    // Blind, of another phone to somebody outside, who is busy.
    let mut world = World::with(&[MINE, OTHER]);
    world.call(OTHER);
    world.post_to(OTHER, r#"{"message":"answer"}"#);
    assert_eq!(world.post(r#"{"message":"transferir","numeroTelefone":"110002"}"#), ["encerrada"]);
    assert_eq!(world.wait(500), ["4001 encerrada"]);
}

#[test]
fn nothing_is_left_behind() {
    let mut world = World::with(&[MINE, OTHER]);
    for number in ["110001", "110002", "110003", "110005", "110006", OTHER] {
        world.call(number);
        world.wait(20_000);
        world.post_to(OTHER, r#"{"message":"answer"}"#);
        world.hang_up();
    }
    world.wait(100_000);
    for extension in [MINE, OTHER] {
        world.exchange.remove(extension, world.now);
    }
    assert!(world.exchange.parties.is_empty(), "{:?}", world.exchange.parties);
    assert_eq!(world.exchange.lines.count(), 0);
    assert_eq!(world.exchange.deadline(), None);
}
