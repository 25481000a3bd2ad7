//! What a phone's URL opens, over real sockets: who gets the page and who the script, the wire between a page and its
//! phone, and the forms that a page can take.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use webphone::session::PageReport;
use webphone::simulator::{
    SimulatedCaller, SimulatedPage, SimulatedPhone, SimulatedPhoneOutput, SimulatedPhoneStarted,
};
use webphone::simulator::{Simulator, SimulatorConfig};
use webphone::{Client, ClientConfig, Extension, PhoneType, Session, SessionConfig, UrlRequest};

use crate::support::soon;

const FRAME: &str = "Sec-Fetch-Dest: iframe";
const SCRIPT: &str = "Sec-Fetch-Dest: script";

/// A simulator, and what is asked of it.
struct World {
    simulator: Simulator,
}

/// An answer as it stood on the wire.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn is_script(&self) -> bool {
        self.header("content-type") == Some("text/javascript; charset=utf-8") && self.body.contains("currentScript")
    }

    fn is_page(&self) -> bool {
        self.header("content-type") == Some("text/html; charset=utf-8") && self.body.contains("Ramal 4000")
    }
}

impl World {
    fn new(config: SimulatorConfig) -> Self {
        Self { simulator: Simulator::start(config, None).unwrap() }
    }

    fn plain() -> Self {
        Self::new(SimulatorConfig::default())
    }

    fn phone(&self, extension: &str) -> SimulatedPhone {
        self.simulator.phone(extension.to_owned()).unwrap()
    }

    fn api(&self) -> String {
        self.simulator.api_url().unwrap()
    }

    /// The path and the query of a URL.
    async fn target(&self, extension: i32, adapt: impl FnOnce(UrlRequest) -> UrlRequest) -> String {
        let config = ClientConfig { base_url: webphone::BaseUrl::Other { url: self.api() }, ..ClientConfig::default() };
        let client = Client::new(self.simulator.token().unwrap(), config).unwrap();
        let url = client.fetch(adapt(UrlRequest::new(Extension::number(extension)))).await.unwrap();
        url.reveal().strip_prefix(&self.api()).unwrap().to_owned()
    }

    async fn hidden(&self) -> String {
        self.target(4000, |request| request.phone_type(PhoneType::Hidden)).await
    }

    async fn get(&self, target: &str, headers: &[&str]) -> Answer {
        ask(&self.api(), "GET", target, headers, "").await
    }

    async fn control(&self, method: &str, target: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let base = self.simulator.control_url().unwrap();
        ask(&base, method, target, &["Content-Type: application/json"], &body).await
    }

    async fn form(&self, form: Value) {
        assert_eq!(self.control("PUT", "/phones/4000/page", &form).await.status, 204, "{form}");
    }

    /// Opens the wire of the page at this address.
    async fn wire(&self, target: &str, headers: &[(&'static str, &str)]) -> Result<Wire, u16> {
        let base = self.api().replace("http", "ws");
        let query = target.split_once('?').unwrap().1;
        let mut request = format!("{base}/w3/link?{query}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(base.split_once("://").unwrap().1).await.unwrap();
        match soon(tokio_tungstenite::client_async(request, stream)).await {
            Ok((socket, _)) => Ok(Wire { socket }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    async fn open(&self, target: &str) -> Wire {
        self.wire(target, &[]).await.unwrap_or_else(|status| panic!("refused with {status}"))
    }
}

async fn ask(base: &str, method: &str, target: &str, headers: &[&str], body: &str) -> Answer {
    let authority = base.split_once("://").unwrap().1;
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let mut request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|header| header.starts_with("Host:")) {
        request += &format!("Host: {authority}\r\n");
    }
    for header in headers {
        request += &format!("{header}\r\n");
    }
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    soon(stream.read_to_end(&mut bytes)).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap()[9..12].parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: body.to_owned() }
}

/// What a page in a browser holds.
struct Wire {
    socket: WebSocketStream<TcpStream>,
}

impl Wire {
    async fn tell(&mut self, what: Value) {
        self.socket.send(Message::text(what.to_string())).await.unwrap();
    }

    async fn post(&mut self, message: Value) {
        self.tell(json!({ "post": message })).await;
    }

    /// What it is told next; none at its end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            match soon(self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next thing that the page has to post.
    async fn posts(&mut self) -> Value {
        loop {
            let told = self.next().await.expect("it ended");
            if let Some(message) = told.get("post") {
                return message.clone();
            }
        }
    }

    /// The next picture of the phone with which this is so.
    async fn shows(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let told = self.next().await.expect("it ended");
            if told.get("picture").is_some_and(&wanted) {
                return told["picture"].clone();
            }
        }
    }

    async fn order(&mut self) -> Option<Value> {
        loop {
            let told = self.next().await?;
            if let Some(order) = told.get("order") {
                return Some(order.clone());
            }
        }
    }
}

fn status(word: &str) -> Value {
    json!({ "message": "status", "status": word })
}

/// What comes out of a phone's page that no browser has open: the reports of what became of it.
fn reports(phone: &SimulatedPhone) -> Vec<PageReport> {
    let started = match phone.start_next_messages(1024, 0).unwrap() {
        SimulatedPhoneStarted::Done { value } => value,
        SimulatedPhoneStarted::Pending { .. } => Vec::new(),
    };
    started
        .into_iter()
        .filter_map(|output| match output {
            SimulatedPhoneOutput::Report { report } => Some(report),
            SimulatedPhoneOutput::Message { .. } => None,
        })
        .collect()
}

// Who gets what

#[tokio::test]
async fn a_hidden_phone_is_a_script_to_scripts_and_a_page_to_everybody_else() {
    let world = World::plain();
    let hidden = world.hidden().await;
    let cases: [(&[&str], bool); 9] = [
        (&[SCRIPT, "Accept: */*"], true),
        (&[SCRIPT, "Accept: text/html"], true),
        (&[FRAME, "Accept: */*"], false),
        (&["Sec-Fetch-Dest: document"], false),
        (&["Sec-Fetch-Dest: empty", "Accept: text/html"], false),
        (&["Accept: */*"], true),
        (&["Accept: text/javascript"], true),
        (&["Accept: text/html,application/xhtml+xml,*/*;q=0.8"], false),
        (&[], false),
    ];
    for (headers, script) in cases {
        let answer = world.get(&hidden, headers).await;
        assert_eq!((answer.status, answer.is_script(), answer.is_page()), (200, script, !script), "{headers:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), None);
    }
    for kind in [PhoneType::Embedded, PhoneType::Floating] {
        let shown = world.target(4000, |request| request.phone_type(kind)).await;
        for headers in [SCRIPT, FRAME, "Accept: */*"] {
            let answer = world.get(&shown, &[headers]).await;
            assert!(answer.is_page() && answer.body.contains("/w3/phone.js"), "{kind} {headers}");
        }
    }
}

#[tokio::test]
async fn all_that_a_page_is_made_of_is_there() {
    let world = World::plain();
    let shown = world.get(&world.target(4000, |request| request).await, &[]).await.body;
    let hidden = world.get(&world.hidden().await, &[FRAME]).await.body;
    let mut wanted = vec!["/w3/line.js".to_owned(), "/w3/words.js".to_owned(), "/w3/helper.html".to_owned()];
    for page in [&shown, &hidden] {
        wanted.extend(page.split('"').filter(|text| text.starts_with("/w3/")).map(ToOwned::to_owned));
    }
    assert_eq!(wanted.len(), 6, "{wanted:?}");
    world.simulator.forget_requests().unwrap();
    for path in wanted {
        let answer = world.get(&path, &["Origin: null"]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}: a sandbox has no origin");
        assert_eq!(ask(&world.api(), "POST", &path, &[], "").await.status, 405, "{path}");
    }
    assert_eq!(world.simulator.requests(10).unwrap().total, 0, "they are not the API's");
    assert_eq!(world.get("/w3/other.js", &[]).await.status, 404);
}

// The wire

#[tokio::test]
async fn a_phone_lives_as_long_as_the_wire_of_its_page() {
    let world = World::plain();
    let phone = world.phone("4000");
    let mut page = world.open(&world.hidden().await).await;
    assert_eq!(page.posts().await, status("conectado"));
    assert_eq!(page.shows(|_| true).await["call"], Value::Null);
    assert_eq!(phone.state().unwrap().page, SimulatedPage::Open);

    page.post(json!({ "message": "chamaNumero", "numero": 11_999_990_001_i64 })).await;
    assert_eq!(page.posts().await, status("chamando"));
    assert_eq!(page.posts().await, json!({ "message": "chamada_id", "chamada_id": 1 }));
    assert_eq!(page.posts().await, status("conversando"));
    let picture = page.shows(|picture| picture["call"]["talking"] == json!(true)).await;
    assert_eq!(picture["call"]["number"], json!("11999990001"));
    for noise in [json!(null), json!("conectar"), json!({ "message": 7 }), json!([1])] {
        page.post(noise).await;
    }
    page.socket.send(Message::text("no JSON")).await.unwrap();
    page.tell(json!({ "unknown": 1 })).await;
    page.post(json!({ "message": "hangup" })).await;
    assert_eq!(page.posts().await, status("encerrada"));

    phone.incoming(SimulatedCaller::new("(79) 91234-5678")).unwrap();
    assert_eq!(page.posts().await["numeroChegando"], "(79) 91234-5678");
    page.socket.close(None).await.unwrap();
    while page.next().await.is_some() {}
    let mut again = world.open(&world.hidden().await).await;
    assert_eq!(again.posts().await, status("conectado"));
    assert_eq!(phone.state().unwrap().ringing, None, "its calls ended with its page");
}

#[tokio::test]
async fn a_wire_wants_the_address_of_its_page() {
    let world = World::new(SimulatorConfig { url_lifetime_ms: Some(60_000), virtual_time: true, ..Default::default() });
    let target = world.hidden().await;
    assert!(world.wire(&target, &[]).await.is_ok());
    for forged in [target.replace("key=", "key=0"), target.replace("pop=1", "pop=2"), "/w3/?".to_owned()] {
        assert_eq!(world.wire(&forged, &[]).await.err(), Some(403));
    }
    let query = target.split_once('?').unwrap().1;
    assert_eq!(world.get(&format!("/w3/link?{query}"), &[]).await.status, 426, "it is no page");
    world.simulator.advance(61_000).unwrap();
    assert_eq!(world.wire(&target, &[]).await.err(), Some(403), "it has expired");
    assert_eq!(world.get(&target, &[FRAME]).await.status, 403);
}

#[tokio::test]
async fn a_second_page_takes_the_phone_from_the_first() {
    let world = World::plain();
    let target = world.hidden().await;
    let mut first = world.open(&target).await;
    assert_eq!(first.posts().await, status("conectado"));
    let mut second = world.open(&target).await;
    assert_eq!(second.posts().await, status("conectado"));
    assert_eq!(first.posts().await, status("desconectado"));
    assert_eq!(first.order().await, Some(json!("leave")));
    assert_eq!(first.next().await, None);
    second.post(json!({ "message": "chamaNumero", "numero": "0003" })).await;
    assert_eq!(second.posts().await, status("chamando"));
    assert_eq!(world.phone("4000").state().unwrap().page, SimulatedPage::Open, "the first has gone, the phone has not");
}

#[tokio::test]
async fn a_session_and_a_page_do_not_share_a_phone() {
    let world = World::plain();
    let phone = world.phone("4000");
    let session = Arc::new(Session::open(SessionConfig::default(), None, None).unwrap());
    phone.attach(Arc::clone(&session)).unwrap();
    let mut page = world.open(&world.hidden().await).await;
    assert_eq!(page.next().await, Some(json!({ "order": "leave" })));
    assert_eq!(page.next().await, None);

    let other = world.phone("4001");
    let mut page = world.open(&world.target(4001, |request| request).await).await;
    assert_eq!(page.posts().await, status("conectado"));
    let refused = other.attach(Arc::new(Session::open(SessionConfig::default(), None, None).unwrap())).unwrap_err();
    assert!(refused.to_string().contains("a browser has it"), "{refused}");
    assert!(matches!(other.start_next_messages(1, 0), Err(webphone::Error::Busy)));
    other.open_page(None).unwrap();
    assert_eq!(page.order().await, Some(json!("leave")), "a host opens it elsewhere");
}

#[tokio::test]
async fn a_page_is_told_what_to_do_with_itself() {
    let world = World::plain();
    let phone = world.phone("4000");
    let target = world.hidden().await;
    let mut page = world.open(&target).await;
    assert_eq!(page.posts().await, status("conectado"));
    phone.reload().unwrap();
    assert_eq!(page.order().await, Some(json!("reload")));
    assert_eq!(phone.state().unwrap().page, SimulatedPage::Open, "until the browser does it");
    phone.crash().unwrap();
    assert_eq!(page.order().await, Some(json!("crash")));
    assert_eq!(page.next().await, None);
    assert_eq!(phone.state().unwrap().page, SimulatedPage::Crashed);

    let mut page = world.open(&target).await;
    assert_eq!(page.posts().await, status("conectado"));
    phone.close_page().unwrap();
    assert_eq!(page.order().await, Some(json!("close")));
    assert_eq!(page.next().await, None);
    assert_eq!(phone.state().unwrap().page, SimulatedPage::Closed);
    assert_eq!(reports(&phone), [], "a browser saw it all: nothing is left for a transport");

    let mut page = world.open(&target).await;
    assert_eq!(page.posts().await, status("conectado"));
    world.simulator.set_extensions(vec![]).unwrap();
    assert_eq!(page.order().await, Some(json!("close")));
}

#[tokio::test]
async fn what_the_url_asks_is_done_with_each_load() {
    let world = World::new(SimulatorConfig { url_lifetime_ms: Some(60_000), ..Default::default() });
    let target = world.target(4000, |request| request.call_on_open("0002".parse().unwrap()).close_at_end(true)).await;
    for id in 1..=2 {
        let mut page = world.open(&target).await;
        assert_eq!(page.posts().await, status("conectado"));
        assert_eq!(page.posts().await, status("chamando"));
        assert_eq!(page.posts().await, json!({ "message": "chamada_id", "chamada_id": id }));
        assert_eq!(page.posts().await, status("encerrada"), "the line is busy");
        assert_eq!(page.order().await, Some(json!("close")));
    }
}

#[tokio::test]
async fn pages_call_each_other_and_come_to_thousands_of_events() {
    let world = World::new(SimulatorConfig { virtual_time: true, ..Default::default() });
    let mut one = world.open(&world.hidden().await).await;
    let mut other = world.open(&world.target(4001, |request| request).await).await;
    assert_eq!(one.posts().await, status("conectado"));
    assert_eq!(other.posts().await, status("conectado"));
    one.post(json!({ "message": "chamaNumero", "numero": 4001 })).await;
    let arriving = other.posts().await;
    assert_eq!((&arriving["message"], &arriving["numeroChegando"]), (&json!("chegandoChamada"), &json!("4000")));
    other.post(json!({ "message": "answer" })).await;
    other.shows(|picture| picture["call"]["talking"] == json!(true)).await;
    one.shows(|picture| picture["call"]["talking"] == json!(true)).await;
    world.simulator.advance(6 * 3_600_000).unwrap();
    other.post(json!({ "message": "hangup" })).await;
    let mut quality = 0;
    while one.posts().await != status("encerrada") {
        quality += 1;
    }
    assert_eq!(quality, 6 * 720, "none is lost, however long nobody reads");
}

// Forms

#[tokio::test]
async fn pages_load_in_every_form() {
    let world = World::plain();
    let target = world.hidden().await;
    world.form(json!({ "load": "forbidden" })).await;
    assert_eq!(world.get(&target, &[FRAME]).await.status, 403);
    assert_eq!(world.get(&world.target(4001, |request| request).await, &[]).await.status, 200, "others are left alone");
    world.form(json!({ "load": "unframeable" })).await;
    let answer = world.get(&target, &[FRAME]).await;
    assert_eq!((answer.status, answer.header("x-frame-options")), (200, Some("DENY")));
    world.form(json!({ "load": { "slow": { "after_ms": 30 } } })).await;
    assert!(world.get(&target, &[FRAME]).await.is_page());
    assert_eq!(world.control("DELETE", "/phones/4000/page", &Value::Null).await.status, 204);
    assert!(world.get(&target, &[FRAME]).await.is_page());
}

#[tokio::test]
async fn a_page_that_never_comes_is_waited_for() {
    let world = World::plain();
    let target = world.hidden().await;
    world.form(json!({ "load": "never" })).await;
    let authority = world.api().split_once("://").unwrap().1.to_owned();
    let mut stream = TcpStream::connect(&authority).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    while world.simulator.requests(0).unwrap().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while world.simulator.requests(0).unwrap().in_flight > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_page_can_be_at_another_host() {
    let world = World::plain();
    let target = world.hidden().await;
    for (to, location) in [("localhost", "http://localhost:81"), ("localhost:82", "http://localhost:82")] {
        world.form(json!({ "load": { "redirects": { "to": to } } })).await;
        let answer = world.get(&target, &["Host: 127.0.0.1:81"]).await;
        assert_eq!(answer.status, 307);
        assert_eq!(answer.header("location"), Some(format!("{location}{target}").as_str()));
    }
    assert!(world.get(&target, &["Host: localhost:82", FRAME]).await.is_page(), "it is there");
    assert!(world.get(&target, &["Host: localhost:82", SCRIPT]).await.is_script());
}

#[tokio::test]
async fn a_wire_can_want_the_cookie_of_its_page() {
    let world = World::plain();
    let target = world.hidden().await;
    world.form(json!({ "load": "needs_cookie" })).await;
    let answer = world.get(&target, &[FRAME]).await;
    let cookie = answer.header("set-cookie").unwrap().split_once(';').unwrap().0.to_owned();
    assert_eq!(world.wire(&target, &[]).await.err(), Some(403));
    assert_eq!(world.wire(&target, &[("Cookie", "other=1")]).await.err(), Some(403));
    let mut page = world.wire(&target, &[("Cookie", &format!("other=1; {cookie}"))]).await.ok().unwrap();
    assert_eq!(page.posts().await, status("conectado"));
}

#[tokio::test]
async fn scripts_come_in_every_form() {
    let world = World::plain();
    let target = world.hidden().await;
    for form in [
        json!("without_allow"),
        json!("late_source"),
        json!("inner_html"),
        json!("style_attribute"),
        json!("many_frames"),
        json!("hunts"),
        json!({ "sibling_frame": { "host": "localhost" } }),
    ] {
        world.form(json!({ "script": form })).await;
        let answer = world.get(&target, &[SCRIPT]).await;
        assert!(answer.is_script() && answer.body.contains(&format!("const form = {form};")), "{form}");
        assert!(world.get(&target, &[FRAME]).await.is_page(), "{form}");
    }
    world.form(json!({ "script": "chained" })).await;
    assert!(world.get(&target, &[SCRIPT]).await.body.contains("const form = \"chained\";"));
    let second = world.get(&format!("{target}&segundo=1"), &[SCRIPT]).await;
    assert!(second.is_script() && !second.body.contains("const form"));
}

#[tokio::test]
async fn what_a_page_tells_of_itself_is_known() {
    let world = World::plain();
    let mut page = world.open(&world.hidden().await).await;
    assert_eq!(page.posts().await, status("conectado"));
    page.tell(json!({ "microphone": "refused" })).await;
    page.tell(json!({ "found": "document: <iframe src=\"/w3/?key=s3cret&pop=1\">" })).await;
    page.tell(json!({ "found": "á".repeat(5_000) })).await;
    // What it says is heard in order.
    page.post(json!({ "message": "mute" })).await;
    page.post(json!({ "message": "conectar" })).await;
    assert_eq!(page.posts().await, status("conectado"));
    let known: Value =
        serde_json::from_str(&world.control("GET", "/phones/4000/page", &Value::Null).await.body).unwrap();
    assert_eq!((&known["load"], &known["script"]), (&json!("plain"), &json!("plain")));
    assert_eq!(known["microphone"], json!("refused"));
    assert_eq!(known["found"][0], json!("document: <iframe src=\"/w3/?key=[secret]&pop=1\">"));
    assert_eq!(known["found"][1].as_str().unwrap().len(), 4_096);
    world.simulator.reset().unwrap();
    let known = world.control("GET", "/phones/4000/page", &Value::Null).await.body;
    assert_eq!(serde_json::from_str::<Value>(&known).unwrap()["microphone"], Value::Null);
}

#[tokio::test]
async fn a_page_is_made_to_say_what_no_phone_says() {
    let world = World::plain();
    let hello = json!({ "message": { "hello": "world" } });
    assert_eq!(world.control("POST", "/phones/4000/say", &hello).await.status, 409, "no browser has it open");
    let mut page = world.open(&world.hidden().await).await;
    assert_eq!(page.posts().await, status("conectado"));
    let documentation = include_str!("../../src/simulator/mod.rs");
    let lines = documentation.lines().filter(|line| line.ends_with("/phones/4000/say` |"));
    let bodies: Vec<Value> = lines
        .map(|line| serde_json::from_str(line.split_once("--json '").unwrap().1.split_once('\'').unwrap().0).unwrap())
        .collect();
    assert_eq!(bodies.len(), 3);
    for body in bodies {
        assert_eq!(world.control("POST", "/phones/4000/say", &body).await.status, 204, "{body}");
        let mut wanted = json!({ "times": 1, "per_second": null, "padding": 0, "cyclic": false });
        wanted.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        assert_eq!(page.order().await, Some(json!({ "say": wanted })));
    }
}

#[tokio::test]
async fn a_form_that_can_t_be_is_refused_with_its_field() {
    let world = World::plain();
    let cases = [
        ("page", json!({ "load": "odd" }), "odd"),
        ("page", json!({ "loads": "plain" }), "loads"),
        ("page", json!({ "load": { "slow": { "after_ms": -1 } } }), "after_ms"),
        ("page", json!({ "load": { "redirects": { "to": "a b" } } }), "`to`"),
        ("page", json!({ "load": { "redirects": { "to": "me@there" } } }), "`to`"),
        ("page", json!({ "script": { "sibling_frame": { "host": "" } } }), "`host`"),
        ("say", json!({ "message": 1, "times": 0 }), "times"),
        ("say", json!({ "message": 1, "per_second": 0 }), "per_second"),
        ("say", json!({ "message": {}, "padding": -1 }), "padding"),
        ("say", json!({ "message": "text", "cyclic": true }), "message"),
    ];
    for (verb, body, part) in cases {
        let method = if verb == "page" { "PUT" } else { "POST" };
        let answer = world.control(method, &format!("/phones/4000/{verb}"), &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body.contains(part), "{body}: {}", answer.body);
    }
    assert_eq!(world.control("POST", "/phones/4000/page", &json!({})).await.status, 405);
}
