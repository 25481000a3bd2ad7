//! A session as a program holds it: over a clock that is moved by hand, or the system's.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use futures_util::future::join;
use webphone::protocol::{Command, PhoneNumber};
use webphone::session::{CommandStarted, Input, Outcome, PageReport, Request, Session, SessionConfig};
use webphone::{Clock, Error};

const CONNECTED: &str = r#"{"message":"status","status":"conectado"}"#;

fn session() -> (Session, Arc<Clock>) {
    let clock = Arc::new(Clock::simulated(1_790_000_000_000));
    let session = Session::open(SessionConfig::default(), None, Some(Arc::clone(&clock))).unwrap();
    (session, clock)
}

fn call(number: &str) -> Request {
    Request::Execute { command: Command::Call { number: PhoneNumber::parse(number).unwrap() } }
}

#[tokio::test]
async fn a_command_is_posted_and_confirmed() {
    let (session, _clock) = session();
    session.page_report(PageReport::Loaded);
    session.receive(CONNECTED.to_owned());
    let post = async {
        let texts = session.next_texts(16).await.unwrap();
        assert_eq!(texts.len(), 1);
        assert_eq!(texts[0].text, r#"{"message":"chamaNumero","numero":"11999990000"}"#);
        session.posted(texts[0].n, true);
        session.receive(r#"{"message":"chamada_id","chamada_id":7}"#.to_owned());
    };
    let (outcome, ()) = join(session.execute(call("11999990000")), post).await;
    let confirmed = Outcome::Confirmed { by: "chamada_id".to_owned(), call_id: Some("7".parse().unwrap()) };
    assert_eq!(outcome, Ok(confirmed));
}
