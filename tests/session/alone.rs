//! A session as a program holds it: over a clock that is moved by hand, or the system's.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join;
use webphone::protocol::{CallId, Command, Dtmf, PhoneNumber};
use webphone::session::{
    Cause, CommandOperation, CommandStarted, Mute, Outcome, OutgoingText, PagePhase, PageReport, Request, Session,
    SessionConfig, TextsStarted, Update, Updates, UpdatesStarted,
};
use webphone::{Clock, Error, Posted, WebphoneUrl};

const CONNECTED: &str = r#"{"message":"status","status":"conectado"}"#;
const TALKING: &str = r#"{"message":"status","status":"conversando"}"#;
const ENDED: &str = r#"{"message":"status","status":"encerrada"}"#;
const CALL_ID: &str = r#"{"message":"chamada_id","chamada_id":7}"#;
const NOW: i64 = 1_790_000_000_000;

fn open(config: SessionConfig, url: Option<&str>) -> (Session, Arc<Clock>) {
    let clock = Arc::new(Clock::simulated(NOW));
    let url = url.map(|url| Arc::new(WebphoneUrl::parse(url.to_owned(), None).unwrap()));
    (Session::open(config, url, Some(Arc::clone(&clock))).unwrap(), clock)
}

/// A session whose phone has its line.
fn ready() -> (Session, Arc<Clock>) {
    let (session, clock) = open(SessionConfig::default(), None);
    session.page_report(PageReport::Loaded);
    session.receive(CONNECTED.to_owned());
    (session, clock)
}

fn call() -> Request {
    Request::Execute { command: Command::Call { number: PhoneNumber::parse("11999990000").unwrap() } }
}

fn hang_up() -> Request {
    Request::Execute { command: Command::HangUp }
}

/// Gives a command that does not end at once.
fn give(session: &Session, request: Request) -> Arc<CommandOperation> {
    match session.start_execute(request, 0).unwrap() {
        CommandStarted::Pending { operation } => operation,
        CommandStarted::Done { value } => panic!("{value:?}"),
    }
}

/// What has to be posted now.
fn texts(session: &Session) -> Vec<OutgoingText> {
    match session.start_next_texts(1024, 0).unwrap() {
        TextsStarted::Done { value } => value,
        TextsStarted::Pending { .. } => Vec::new(),
    }
}

/// Posts what has to be posted, and tells which commands.
fn post(session: &Session) -> Vec<String> {
    let texts = texts(session);
    texts.iter().for_each(|text| session.posted(text.n, true));
    texts.into_iter().map(|text| text.text).collect()
}

/// What followers were told by now.
fn told(updates: &Updates) -> Vec<Update> {
    match updates.start_next(1024, 0) {
        Ok(UpdatesStarted::Done { value }) => value,
        Ok(UpdatesStarted::Pending { .. }) => Vec::new(),
        Err(error) => panic!("{error:?}"),
    }
}

fn ended(operation: &CommandOperation) -> Result<Outcome, Error> {
    operation.wait_for(0).map(|outcome| outcome.expect("the command ended"))
}

fn confirmed() -> Outcome {
    Outcome::Confirmed { by: "chamada_id".to_owned(), call_id: Some(CallId::parse("7").unwrap()) }
}

#[tokio::test]
async fn a_command_is_posted_and_confirmed() {
    let (session, _clock) = ready();
    let post = async {
        let texts = session.next_texts(16).await.unwrap();
        assert_eq!(texts.len(), 1);
        assert_eq!(texts[0].text, r#"{"message":"chamaNumero","numero":"11999990000"}"#);
        session.posted(texts[0].n, true);
        session.receive(CALL_ID.to_owned());
    };
    let (outcome, ()) = join(session.execute(call()), post).await;
    assert_eq!(outcome, Ok(confirmed()));
    assert_eq!(session.state().unwrap().call.unwrap().call_id, Some(CallId::parse("7").unwrap()));
}

#[tokio::test]
async fn without_a_clock_waits_end_by_the_systems_time() {
    let config = SessionConfig { ready_timeout_ms: 30, ..SessionConfig::default() };
    let session = Session::open(config, None, None).unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(30), session.execute(call())).await.unwrap();
    assert_eq!(outcome.unwrap_err().code(), "not_ready");
}

#[test]
fn a_blocking_caller_is_served_by_other_threads() {
    let (session, _clock) = ready();
    thread::scope(|scope| {
        scope.spawn(|| {
            let TextsStarted::Done { value } = session.start_next_texts(16, 30_000).unwrap() else { panic!("hangs") };
            session.posted(value[0].n, true);
            session.receive(CALL_ID.to_owned());
        });
        let CommandStarted::Done { value } = session.start_execute(call(), 30_000).unwrap() else { panic!("hangs") };
        assert_eq!(value, confirmed());
    });
}

#[test]
fn dropping_or_cancelling_what_waits_cancels_the_command() {
    let (session, _clock) = open(SessionConfig::default(), None);
    let updates = session.updates(64).unwrap();
    drop(give(&session, call()));
    let cancelled = give(&session, call());
    cancelled.cancel();
    assert_eq!(cancelled.wait_for(0), Err(Error::CommandCancelled { posted: Posted::No }));
    let codes: Vec<_> = told(&updates)
        .into_iter()
        .map(|update| match update.cause {
            Cause::Settled { id, code } => (id, code),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(codes, [(1, "cancelled".to_owned()), (2, "cancelled".to_owned())]);
    // Nothing of it is left: neither is dialled once the phone is ready.
    session.page_report(PageReport::Loaded);
    session.receive(CONNECTED.to_owned());
    assert_eq!(post(&session), [""; 0]);
    // What ended is not cancelled by being dropped.
    let done = give(&session, call());
    post(&session);
    session.receive(CALL_ID.to_owned());
    told(&updates);
    drop(done);
    assert_eq!(told(&updates), []);
}

#[test]
fn a_cancelled_command_says_how_far_it_was() {
    for (report, posted) in [(false, Posted::Unknown), (true, Posted::Yes)] {
        let (session, _clock) = ready();
        let cancelled = give(&session, call());
        let handed_out = texts(&session);
        if report {
            session.posted(handed_out[0].n, true);
        }
        cancelled.cancel();
        assert_eq!(ended(&cancelled), Err(Error::CommandCancelled { posted }));
    }
    // One that ended before is not lost with that.
    let (session, _clock) = ready();
    let over = give(&session, call());
    post(&session);
    session.receive(CALL_ID.to_owned());
    over.cancel();
    assert_eq!(ended(&over), Ok(confirmed()));
}

#[test]
fn every_waiter_ends_with_the_session() {
    // To those who wait it is the same how it ends.
    let ends: [fn(Session); 2] = [|session| session.shut_down(), drop];
    for end in ends {
        let (session, _clock) = ready();
        let posted = give(&session, call());
        let updates = session.updates(64).unwrap();
        post(&session);
        let TextsStarted::Pending { operation: reader } = session.start_next_texts(1, 0).unwrap() else { panic!() };
        let UpdatesStarted::Pending { operation: follower } = updates.start_next(64, 0).unwrap() else { panic!() };
        let barrier = Barrier::new(4);
        thread::scope(|scope| {
            let waiting = |work: Box<dyn FnOnce() + Send>| {
                scope.spawn(|| {
                    barrier.wait();
                    work();
                });
            };
            waiting(Box::new(|| assert_eq!(reader.wait_for(30_000), Err(Error::Closed))));
            waiting(Box::new(|| {
                let closed = Err(Error::SessionClosed { posted: Posted::Yes });
                assert_eq!(posted.wait_for(30_000), closed);
            }));
            waiting(Box::new(|| {
                let causes: Vec<_> = follower.wait_for(30_000).unwrap().unwrap();
                assert!(matches!(causes[0].cause, Cause::Settled { .. }), "{causes:?}");
            }));
            barrier.wait();
            end(session);
        });
        // The last update was given; there are no more.
        match updates.start_next(64, 0) {
            Err(error) => assert_eq!(error, Error::Closed),
            Ok(UpdatesStarted::Done { value }) => assert_eq!(value.last().unwrap().cause, Cause::ShutDown),
            Ok(UpdatesStarted::Pending { .. }) => panic!("it waits on"),
        }
        assert_eq!(updates.start_next(64, 0).err(), Some(Error::Closed));
    }
}

#[test]
fn after_its_end_a_session_still_answers() {
    let (session, _clock) = ready();
    session.shut_down();
    session.shut_down();
    assert!(session.state().unwrap().shut_down);
    assert_eq!(session.start_next_texts(1, 0).err(), Some(Error::Closed));
    assert_eq!(session.start_execute(call(), 0).err(), Some(Error::SessionClosed { posted: Posted::No }));
    assert_eq!(session.updates(1).unwrap().start_next(1, 0).err(), Some(Error::Closed));
    let url = Arc::new(WebphoneUrl::parse("https://h/w3/?key=k".to_owned(), None).unwrap());
    assert_eq!(session.change_url(url), Err(Error::Closed));
    let before = session.state().unwrap();
    session.receive(ENDED.to_owned());
    session.page_report(PageReport::Closed);
    session.posted(1, true);
    session.assume_muted(true);
    assert_eq!(session.state().unwrap(), before);
    assert_eq!(session.history().unwrap(), []);
}

#[test]
fn a_slow_follower_is_told_what_it_lost_and_costs_the_others_nothing() {
    let (session, _clock) = open(SessionConfig::default(), None);
    let (slow, quick, dropped) =
        (session.updates(3).unwrap(), session.updates(100).unwrap(), session.updates(1).unwrap());
    drop(dropped);
    for _ in 0..10 {
        session.receive(CONNECTED.to_owned());
    }
    let all = told(&quick);
    assert_eq!(all.iter().map(|update| update.number).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    let late = told(&slow);
    assert_eq!(late[0].cause, Cause::Overflow { lost: 7 });
    assert_eq!((late[0].number, &late[0].state), (7, &all[6].state));
    assert_eq!(late[1..], all[7..]);
    // It goes on without a gap, and two at a time.
    session.receive(ENDED.to_owned());
    session.receive(CONNECTED.to_owned());
    let UpdatesStarted::Done { value } = slow.start_next(1, 0).unwrap() else { panic!() };
    assert_eq!(value.iter().map(|update| update.number).collect::<Vec<_>>(), [11]);
    assert_eq!(told(&slow).len(), 1);
}

#[tokio::test]
async fn updates_are_a_stream_that_ends_with_the_session() {
    let (session, _clock) = open(SessionConfig::default(), None);
    let stream = session.updates(16).unwrap().into_stream().unwrap();
    let feed = async {
        session.page_report(PageReport::Loaded);
        tokio::task::yield_now().await;
        session.receive(CONNECTED.to_owned());
        session.shut_down();
    };
    let (updates, ()) = join(stream.collect::<Vec<_>>(), feed).await;
    let phases: Vec<_> = updates.iter().map(|update| update.state.page.phase).collect();
    assert_eq!(phases, [PagePhase::Loaded, PagePhase::Ready, PagePhase::Ready]);
    assert_eq!(updates[2].cause, Cause::ShutDown);
}

#[test]
fn there_is_one_reader_at_a_time() {
    let (session, _clock) = open(SessionConfig::default(), None);
    let updates = session.updates(1).unwrap();
    let (texts, follower) = (session.start_next_texts(1, 0).unwrap(), updates.start_next(1, 0).unwrap());
    assert_eq!(session.start_next_texts(1, 0).err(), Some(Error::Busy));
    assert_eq!(updates.start_next(1, 0).err(), Some(Error::Busy));
    drop((texts, follower));
    assert!(session.start_next_texts(1, 0).is_ok() && updates.start_next(1, 0).is_ok());
    for max in [0, -1, 1025, i32::MAX] {
        assert!(matches!(session.start_next_texts(max, 0), Err(Error::Invalid { field, .. }) if field == "max"));
        assert!(matches!(updates.start_next(max, 0), Err(Error::Invalid { field, .. }) if field == "max"));
    }
    for limit in [0, -1, 65_537] {
        assert!(matches!(session.updates(limit), Err(Error::Invalid { field, .. }) if field == "limit"));
    }
}

#[test]
fn a_new_load_of_the_page_empties_the_outbox() {
    let (session, _clock) = ready();
    let operation = give(&session, call());
    session.page_report(PageReport::Loading);
    assert_eq!(ended(&operation), Err(Error::PageLost { posted: Posted::Unknown }));
    assert_eq!(texts(&session), []);
    // What was not posted waits on, for the new page.
    let waiting = give(&session, call());
    session.page_report(PageReport::Loaded);
    session.receive(CONNECTED.to_owned());
    let texts = texts(&session);
    assert_eq!((texts.len(), texts[0].generation), (1, 2));
    drop(waiting);
}

#[test]
fn a_text_that_nobody_takes_is_not_posted_later() {
    let (session, clock) = ready();
    let operation = give(&session, call());
    clock.advance(4999).unwrap();
    assert_eq!(operation.wait_for(0), Ok(None));
    clock.advance(1).unwrap();
    assert_eq!(ended(&operation), Err(Error::PageLost { posted: Posted::No }));
    assert_eq!(texts(&session), []);
    // Taken in time, it counts as posted.
    let operation = give(&session, call());
    assert_eq!(texts(&session).len(), 1);
    clock.advance(14_999).unwrap();
    assert_eq!(operation.wait_for(0), Ok(None));
    clock.advance(1).unwrap();
    assert_eq!(ended(&operation), Ok(Outcome::Unconfirmed));
}

#[test]
fn time_that_is_moved_by_hand_happens_in_its_order() {
    let (session, clock) = ready();
    let dialling = give(&session, call());
    post(&session);
    session.receive(CALL_ID.to_owned());
    session.receive(TALKING.to_owned());
    assert_eq!(ended(&dialling), Ok(confirmed()));
    let keys = give(&session, Request::SendDtmf { keys: Dtmf::parse("12#").unwrap() });
    let mut pressed = Vec::new();
    for _ in 0..5 {
        pressed.push(post(&session).len());
        clock.advance(100).unwrap();
    }
    assert_eq!(pressed, [1, 0, 1, 0, 1]);
    assert_eq!(ended(&keys), Ok(Outcome::Sent { keys: Some(3) }));
    assert_eq!((clock.now().mono_ms, clock.now().unix_ms), (500, NOW + 500));
    assert!(matches!(clock.advance(-1), Err(Error::Invalid { field, .. }) if field == "ms"));
    // Two sessions of one clock: each wait ends at its own time, in one go.
    let long = Session::open(SessionConfig::default(), None, Some(Arc::clone(&clock))).unwrap();
    let config = SessionConfig { ready_timeout_ms: 10, ..SessionConfig::default() };
    let short = Session::open(config, None, Some(Arc::clone(&clock))).unwrap();
    let (after_long, after_short) = (long.updates(8).unwrap(), short.updates(8).unwrap());
    let waiting = (give(&long, call()), give(&short, call()));
    clock.advance(60_000).unwrap();
    assert_eq!(told(&after_long)[0].at.mono_ms, 30_500);
    assert_eq!(told(&after_short)[0].at.mono_ms, 510);
    assert_eq!(ended(&waiting.1).unwrap_err().code(), "not_ready");
}

#[test]
fn a_url_tells_its_session_what_matters() {
    let hidden = "https://h/w3/?key=k&tipo=hidden&expires=1790000100";
    let (session, clock) = open(SessionConfig::default(), Some(hidden));
    let updates = session.updates(64).unwrap();
    clock.advance(39_999).unwrap();
    assert_eq!(told(&updates), []);
    clock.advance(1).unwrap();
    let due = told(&updates);
    assert_eq!(due[0].cause, Cause::RenewalDue { expires_at_ms: 1_790_000_100_000 });
    assert!(due[0].state.page.renewal_due);

    let url = |text: &str| Arc::new(WebphoneUrl::parse(text.to_owned(), None).unwrap());
    let dials = url("https://h/w3/?key=k&ligar_para=%2B55+11+99999-0000");
    assert_eq!(session.change_url(dials), Err(Error::DialsOnOpen));
    session.page_report(PageReport::Loaded);
    session.receive(CONNECTED.to_owned());
    let dialling = give(&session, call());
    post(&session);
    // Nobody can press mute on a hidden phone.
    assert_eq!(session.state().unwrap().mute, Mute::AssumedUnmuted);
    let renewed = url("https://h/w3/?key=k&tipo=hidden&expires=1790000200");
    assert_eq!(session.change_url(Arc::clone(&renewed)), Err(Error::CallInProgress));
    session.receive(CALL_ID.to_owned());
    session.receive(ENDED.to_owned());
    assert_eq!(session.change_url(renewed), Ok(()));
    assert!(!session.state().unwrap().page.renewal_due);
    assert_eq!(ended(&dialling), Ok(confirmed()));
    assert_eq!(session.history().unwrap().len(), 1);

    for (url, visible_phone, mute) in [
        (None, None, Mute::Unknown),
        (None, Some(false), Mute::AssumedUnmuted),
        (Some(hidden), Some(true), Mute::Unknown),
        (Some("https://h/w3/?key=k&tipo=embedded"), None, Mute::Unknown),
    ] {
        let (session, _clock) = open(SessionConfig { visible_phone, ..SessionConfig::default() }, url);
        session.page_report(PageReport::Loaded);
        session.receive(CONNECTED.to_owned());
        let _dialling = give(&session, call());
        post(&session);
        assert_eq!(session.state().unwrap().mute, mute, "{url:?} {visible_phone:?}");
    }
}

#[test]
fn a_url_that_dials_makes_a_call_of_the_page() {
    for (number, dialled) in
        [("11999990000", "11999990000"), ("%2B55+(11)+99999-0000", "11999990000"), ("0a1-2", "012")]
    {
        let (session, _clock) =
            open(SessionConfig::default(), Some(&format!("https://h/w3/?key=k&ligar_para={number}")));
        session.page_report(PageReport::Loaded);
        assert_eq!(session.state().unwrap().call.unwrap().number.unwrap().digits, dialled, "{number}");
    }
}

#[test]
fn a_configuration_out_of_range_is_named() {
    let config = SessionConfig { call_timeout_ms: -1, ..SessionConfig::default() };
    let error = Session::open(config, None, None).err();
    assert!(matches!(error, Some(Error::Invalid { field, .. }) if field == "call_timeout_ms"));
}

#[test]
fn more_than_64_commands_are_refused() {
    let (session, _clock) = open(SessionConfig::default(), None);
    let open: Vec<_> = (0..64).map(|_| give(&session, hang_up())).collect();
    assert_eq!(session.start_execute(hang_up(), 0).err(), Some(Error::Busy));
    drop(open);
    drop(give(&session, hang_up()));
}

#[test]
fn what_goes_in_may_be_anything() {
    let (session, clock) = ready();
    let updates = session.updates(1024).unwrap();
    let huge = format!(r#"{{"message":"status","status":"{}"}}"#, "a".repeat(10_000_000));
    let deep = format!(r#"{{"message":"x","a":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
    let ignored = [
        "",
        "null",
        "NaN",
        "{",
        "[]",
        "\u{fffd}",
        r#""\ud800""#,
        r#"{"message":"\udc00"}"#,
        r#"{"message":5}"#,
        &huge,
        &deep,
    ];
    for text in ignored {
        session.receive(text.to_owned());
    }
    assert_eq!(told(&updates), []);
    let before = session.state().unwrap();
    let values = ["{}", "[]", "[1]", "true", "1.5", "1e400", "-1e99", "99999999999999999999999", r#"{"a":null}"#];
    let fields = [
        ("status", "status"),
        ("chamada_id", "chamada_id"),
        ("status_erro", "status_erro"),
        ("chegandoChamada", "numeroChegando"),
        ("chegandoChamada", "numeroDestino"),
        ("chegandoChamada", "chamadaRecebidaId"),
        ("entrou_na_fila", "filaId"),
        ("saiu_da_fila", "filaId"),
        ("pausou_na_fila", "filaId"),
        ("despausou_na_fila", "filaId"),
    ];
    for (name, field) in fields {
        for value in values {
            session.receive(format!(r#"{{"message":"{name}","{field}":{value}}}"#));
            for update in told(&updates) {
                let Cause::BrokenEvent { broken } = update.cause else { panic!("{name} {field} {value}: {update:?}") };
                assert_eq!((broken.name.as_str(), broken.field.as_str()), (name, field));
            }
        }
    }
    let after = session.state().unwrap();
    assert!(after.broken_events > before.broken_events);
    assert_eq!(webphone::session::Snapshot { broken_events: before.broken_events, ..after }, before);
    // The last of two is what counts, as in every browser.
    session.receive(
        r#"{"message":"status","message":"chamada_id","status":"x","chamada_id":1,"chamada_id":9}"#.to_owned(),
    );
    assert!(matches!(told(&updates)[0].cause, Cause::Event { .. }));
    // Reports and numbers from nowhere.
    for n in [0, -1, 1, i64::MIN, i64::MAX] {
        session.posted(n, true);
        session.posted(n, false);
    }
    session.page_report(PageReport::Notice { name: "x".repeat(100_000), detail: "\0".repeat(100_000) });
    assert!(matches!(Clock::simulated(i64::MAX).advance(i64::MAX), Ok(())));
    clock.advance(i64::MAX).unwrap();
    drop(give(&session, call()));
}
