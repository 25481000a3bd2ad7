//! The simulated API over real sockets: what it answers, how it fails on demand, how it is controlled and how it ends.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use webphone::simulator::{
    Fault, FaultRule, SimulatedExtension, SimulatedRateLimit, Simulator, SimulatorConfig, TokenCheck,
};
use webphone::{Error, PhoneType, Session, SessionConfig, WebphoneUrl};

use crate::support::{alone, assert_passes};

const TOKEN: &str = "Access-Token: Seu_Token";

/// No test waits longer for anything.
const PATIENCE: Duration = Duration::from_secs(10);

fn start(config: SimulatorConfig) -> Simulator {
    Simulator::start(config, None).unwrap()
}

fn plain() -> Simulator {
    start(SimulatorConfig::default())
}

/// An answer as it stood on the wire.
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn url(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["dados"]["url"].as_str().unwrap().to_owned()
    }
}

fn authority(base: &str) -> &str {
    base.split_once("://").unwrap().1
}

fn connect(base: &str) -> TcpStream {
    let stream = TcpStream::connect(authority(base)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn request(method: &str, target: &str, headers: &[&str], body: &str) -> String {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    for header in headers {
        text += &format!("{header}\r\n");
    }
    if !headers.iter().any(|header| header.starts_with("Host:")) {
        text += "Host: 127.0.0.1\r\n";
    }
    if !body.is_empty() {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text + "\r\n" + body
}

/// Reads one answer and leaves the connection at its end.
fn read_answer(reader: &mut impl BufRead, is_head: bool) -> io::Result<Answer> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("not HTTP: {line:?}")))?;
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => break,
        };
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; if is_head { 0 } else { length }];
    reader.read_exact(&mut body)?;
    Ok(Answer { status, headers, body })
}

fn try_send(base: &str, text: &str) -> io::Result<Answer> {
    let mut stream = connect(base);
    stream.write_all(text.as_bytes())?;
    read_answer(&mut BufReader::new(stream), text.starts_with("HEAD "))
}

fn send(base: &str, text: &str) -> Answer {
    try_send(base, text).unwrap()
}

fn get(simulator: &Simulator, target: &str) -> Answer {
    send(&simulator.api_url().unwrap(), &request("GET", target, &[TOKEN], ""))
}

fn control(simulator: &Simulator, method: &str, target: &str, body: &str) -> Answer {
    let headers = if body.is_empty() { vec![] } else { vec!["Content-Type: application/json"] };
    send(&simulator.control_url().unwrap(), &request(method, target, &headers, body))
}

/// Everything that comes until the connection ends.
fn read_all(base: &str) -> io::Result<Vec<u8>> {
    let mut stream = connect(base);
    stream.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map(|_| bytes)
}

#[track_caller]
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

// What it answers

#[test]
fn answers_the_documented_envelope() {
    let simulator = plain();
    let answer = get(&simulator, "/webphone?ramal=4000");
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    let text = answer.text();
    let (before, rest) = text.split_once("http://127.0.0.1/w3/?key=").unwrap();
    let (key, after) = rest.split_once('&').unwrap();
    assert_eq!(before, r#"{"status":200,"sucesso":true,"motivo":0,"mensagem":"url webphone","dados":{"url":""#);
    assert_eq!(after, r#"pop=1"}}"#);
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
}

#[test]
fn every_documented_failure_is_reached_by_ordinary_input() {
    let simulator = plain();
    let api = simulator.api_url().unwrap();
    let cases = [
        ("GET", "/webphone?ramal=4000", None, 401, 40),
        ("GET", "/webphone?ramal=4000", Some("Access-Token:"), 401, 40),
        ("GET", "/webphone?ramal=4000", Some("Access-Token: seu_token"), 401, 40),
        ("GET", "/webphone", None, 401, 40),
        ("GET", "/webphone", Some(TOKEN), 405, 10),
        ("GET", "/webphone?ramal=&id_ramal=", Some(TOKEN), 405, 10),
        ("GET", "/webphone?ramal=sales", Some(TOKEN), 405, 11),
        ("GET", "/webphone?id_ramal=a%20b", Some(TOKEN), 405, 11),
        ("GET", "/webphone?ramal=4000&tipo=big", Some(TOKEN), 405, 11),
        ("GET", "/webphone?ramal=4000&tipo=Hidden", Some(TOKEN), 405, 11),
        ("GET", "/webphone?ramal=4000&ligar_para=CALLME", Some(TOKEN), 405, 11),
        ("GET", "/webphone?ramal=4000&fechar_fim=yes", Some(TOKEN), 405, 11),
        ("GET", "/webphone?ramal=4002", Some(TOKEN), 404, 60),
        ("GET", "/webphone?id_ramal=4000", Some(TOKEN), 404, 60),
        ("GET", "/webphone?ramal=4000&id_ramal=9", Some(TOKEN), 404, 60),
        ("GET", "/webphone?ramal=4000&id_ramal=104001", Some(TOKEN), 405, 11),
        ("GET", "/", Some(TOKEN), 404, 90),
        ("GET", "/webphone/", Some(TOKEN), 404, 90),
        ("GET", "/webphones?ramal=4000", None, 404, 90),
        ("POST", "/webphone?ramal=4000", Some(TOKEN), 405, 100),
        ("DELETE", "/webphone?ramal=4000", Some(TOKEN), 405, 100),
        ("OPTIONS", "/webphone?ramal=4000", None, 405, 100),
    ];
    for (method, target, token, status, motivo) in cases {
        let headers: Vec<&str> = token.into_iter().collect();
        let answer = send(&api, &request(method, target, &headers, ""));
        let envelope = answer.json();
        let place = format!("{method} {target} {token:?} gave {envelope}");
        assert_eq!(answer.status, status, "{place}");
        assert_eq!(answer.header("allow").is_some(), motivo == 100, "{place}");
        assert_eq!(envelope["status"], status, "{place}");
        assert_eq!(envelope["sucesso"], false, "{place}");
        assert_eq!(envelope["motivo"], motivo, "{place}");
        assert!(envelope["mensagem"].as_str().is_some_and(|text| !text.is_empty()), "{place}");
        assert!(envelope["dados"].is_null(), "{place}");
        assert_eq!(envelope.as_object().unwrap().len(), 5, "{place}");
    }
}

#[test]
fn reads_parameters_as_clients_send_them() {
    let simulator = plain();
    let tail = |query: &str| {
        let url = get(&simulator, &format!("/webphone?{query}")).url();
        url.split_once("&pop=1").unwrap().1.to_owned()
    };
    for yes in ["true", "True", "TRUE", "1"] {
        assert_eq!(tail(&format!("ramal=4000&fechar_fim={yes}")), "&fechar_fim=1");
    }
    for no in ["false", "False", "0"] {
        assert_eq!(tail(&format!("ramal=4000&fechar_fim={no}")), "&fechar_fim=0");
    }
    assert_eq!(tail("id_ramal=104001&tipo=embedded"), "&tipo=embedded");
    assert_eq!(tail("ramal=4000&tipo=floating"), "");
    assert_eq!(tail("ramal=4000&id_ramal=104000&tipo=hidden"), "&tipo=hidden");
    assert_eq!(tail("tipo=&id_ramal=&ramal=4000&ligar_para=&fechar_fim="), "");
    assert_eq!(tail("ramal=4001&ramal=4000&cor=azul&%F0%28=1&&="), "");
    assert_eq!(tail("ramal=4000&ligar_para=%2B55%20(11)+99999-0000"), "&ligar_para=11999990000");
    assert_eq!(tail("ramal=%34000&ligar_para=*8%23&tipo=hidden"), "&tipo=hidden&ligar_para=*8%23");
}

#[test]
fn the_url_is_at_the_host_that_was_asked() {
    let simulator = plain();
    let api = simulator.api_url().unwrap();
    let url = |text: &str| send(&api, text).url();
    let asked = |host: &str| url(&request("GET", "/webphone?ramal=4000", &[TOKEN, host], ""));
    assert!(asked("Host: api2.totalvoice.com.br").starts_with("http://api2.totalvoice.com.br/w3/?key="));
    assert!(asked("Host: localhost:81").starts_with("http://localhost:81/w3/?key="));
    assert!(asked("Host: [::1]:81").starts_with("http://[::1]:81/w3/?key="));
    for unusable in ["Host: a@b", "Host: a b", "Host:", "Host: \"><script>"] {
        assert!(asked(unusable).starts_with(&format!("{api}/w3/?key=")), "{unusable}");
    }
    assert!(url(&format!("GET /webphone?ramal=4000 HTTP/1.1\r\n{TOKEN}\r\n\r\n")).starts_with(&api));
    assert!(url(&request("GET", "http://proxied/webphone?ramal=4000", &[TOKEN], "")).starts_with("http://proxied/w3/"));
}

#[test]
fn one_connection_serves_many_requests_pipelined_too() {
    let simulator = plain();
    let mut stream = connect(&simulator.api_url().unwrap());
    let one = |method: &str, ramal: &str| request(method, &format!("/webphone?ramal={ramal}"), &[TOKEN], "");
    let batch = [one("GET", "4000"), one("HEAD", "4000"), one("GET", "1"), one("POST", "4000"), one("GET", "4001")];
    stream.write_all(batch.concat().as_bytes()).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let statuses = batch.map(|text| {
        let answer = read_answer(&mut reader, text.starts_with("HEAD")).unwrap();
        if text.starts_with("HEAD") {
            assert!(answer.header("content-length").unwrap().parse::<usize>().unwrap() > 100);
        }
        answer.status
    });
    assert_eq!(statuses, [200, 200, 404, 405, 200]);
    stream.write_all(one("GET", "4000").as_bytes()).unwrap();
    assert_eq!(read_answer(&mut reader, false).unwrap().status, 200);
}

// Keys, signatures, extensions

#[test]
fn a_key_opens_the_phone_of_its_extension_and_type() {
    let simulator = plain();
    let urls = ["ramal=4000", "ramal=4000&tipo=hidden", "ramal=4001&tipo=embedded"].map(|query| {
        let url = get(&simulator, &format!("/webphone?{query}")).url();
        url.split_once("127.0.0.1").unwrap().1.to_owned()
    });
    let pages = urls.clone().map(|target| send(&simulator.api_url().unwrap(), &request("GET", &target, &[], "")));
    for (page, shown) in pages.iter().zip(["Ramal 4000 (floating)", "Ramal 4000 (hidden)", "Ramal 4001 (embedded)"]) {
        assert!(page.status == 200 && page.text().contains(shown), "{}", page.text());
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    }
    assert_eq!(get(&simulator, &urls[0].replace("/w3/", "/w3")).status, 200);
    for wrong in ["/w3/", "/w3/?key=", "/w3/?key=00000000000000000000000000000000&pop=1"] {
        assert_eq!(get(&simulator, wrong).status, 403);
    }
    assert_eq!(send(&simulator.api_url().unwrap(), &request("POST", &urls[0], &[], "")).status, 405);

    simulator.set_extensions(vec![SimulatedExtension::new(4001)]).unwrap();
    assert_eq!(get(&simulator, &urls[1]).status, 403, "its extension is gone");
    assert_eq!(get(&simulator, &urls[2]).status, 200, "its extension stayed");
    simulator.reset().unwrap();
    assert_eq!(get(&simulator, &urls[2]).status, 403, "a reset makes new keys");
}

#[test]
fn signed_urls_expire() {
    let target = |simulator: &Simulator| {
        let url = get(simulator, "/webphone?ramal=4000&tipo=hidden").url();
        let known = WebphoneUrl::parse(url.clone(), None).unwrap();
        assert_eq!(known.phone_type(), PhoneType::Hidden);
        (url.split_once("127.0.0.1").unwrap().1.to_owned(), known)
    };
    let simulator = start(SimulatorConfig { url_lifetime_ms: Some(3_600_000), ..Default::default() });
    let (fresh, known) = target(&simulator);
    assert!(!known.is_expired(3_500_000) && known.is_expired(3_601_000));
    assert_eq!(get(&simulator, &fresh).status, 200);
    assert_eq!(get(&simulator, &fresh.replace("pop=1", "pop=2")).status, 403);

    let simulator = start(SimulatorConfig { url_lifetime_ms: Some(0), ..Default::default() });
    let (stale, known) = target(&simulator);
    assert!(known.is_expired(0));
    assert!(get(&simulator, &stale).text().contains("expirada"));
}

#[test]
fn knows_the_extensions_it_is_given() {
    let own = [SimulatedExtension::new("0042"), SimulatedExtension::new(7).with_id("a-1")];
    let simulator = start(SimulatorConfig { extensions: Some(own.into()), ..Default::default() });
    let listed = simulator.extensions().unwrap();
    assert_eq!(listed, [SimulatedExtension::new("0042").with_id("100042"), SimulatedExtension::new(7).with_id("a-1")]);
    for (query, status) in
        [("ramal=0042", 200), ("ramal=42", 404), ("id_ramal=100042", 200), ("id_ramal=a-1", 200), ("ramal=4000", 404)]
    {
        assert_eq!(get(&simulator, &format!("/webphone?{query}")).status, status, "{query}");
    }
    simulator.set_extensions(Vec::new()).unwrap();
    assert_eq!(get(&simulator, "/webphone?ramal=0042").status, 404);
    simulator.reset().unwrap();
    assert_eq!(simulator.extensions().unwrap(), listed);
}

#[test]
fn a_wrong_configuration_is_named() {
    let extensions = |list: &[(&str, &str)]| SimulatorConfig {
        extensions: Some(list.iter().map(|(number, id)| SimulatedExtension::new(number).with_id(id)).collect()),
        ..Default::default()
    };
    let limit = |per_second| SimulatorConfig {
        rate_limit: Some(SimulatedRateLimit { per_second, retry_after: true }),
        ..Default::default()
    };
    let cases = [
        (SimulatorConfig { port: -1, ..Default::default() }, "port"),
        (SimulatorConfig { port: 65_536, ..Default::default() }, "port"),
        (SimulatorConfig { url_lifetime_ms: Some(-1), ..Default::default() }, "url_lifetime_ms"),
        (limit(0), "per_second"),
        (extensions(&[("", "")]), "number"),
        (extensions(&[("4O00", "")]), "number"),
        (extensions(&[(&"1".repeat(39), "")]), "number"),
        (extensions(&[("1", "a b")]), "id"),
        (extensions(&[("1", ""), ("1", "x")]), "number"),
        (extensions(&[("1", "x"), ("2", "x")]), "id"),
    ];
    for (config, wrong) in cases {
        match Simulator::start(config, None) {
            Err(Error::Invalid { field, .. }) => assert_eq!(field, wrong),
            other => panic!("{wrong} gave {other:?}"),
        }
    }
    for token in ["", "two words", "line\nbreak", "não"] {
        match Simulator::start(SimulatorConfig::default(), Some(token.to_owned())) {
            Err(Error::Invalid { field, .. }) => assert_eq!(field, "token"),
            other => panic!("{token:?} gave {other:?}"),
        }
    }
}

#[test]
fn takes_the_token_it_is_given() {
    let simulator = Simulator::start(SimulatorConfig::default(), Some("other".to_owned())).unwrap();
    assert_eq!(simulator.token().unwrap(), "other");
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 401);
    let api = simulator.api_url().unwrap();
    assert_eq!(send(&api, &request("GET", "/webphone?ramal=4000", &["access-token: other"], "")).status, 200);
}

// Rate limit and faults

#[test]
fn limits_the_rate() {
    for (retry_after, header) in [(true, Some("1")), (false, None)] {
        let rate_limit = Some(SimulatedRateLimit { per_second: 2, retry_after });
        let simulator = start(SimulatorConfig { rate_limit, ..Default::default() });
        let answers: Vec<_> = (0..8).map(|_| get(&simulator, "/webphone?ramal=4000")).collect();
        assert!(answers[..2].iter().all(|answer| answer.status == 200));
        let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
        assert_eq!(refused.header("retry-after"), header);
        assert_eq!(refused.json()["sucesso"], false);
        assert!(refused.json()["motivo"].is_null());
        simulator.reset().unwrap();
        assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200, "a reset empties the bucket");
    }
}

#[test]
fn delays_an_answer() {
    let simulator = plain();
    simulator.add_fault(FaultRule::times(Fault::Delay { delay_ms: 150 }, 1)).unwrap();
    let begun = Instant::now();
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_delayed_answer_is_in_flight_until_its_client_gives_up() {
    let simulator = plain();
    simulator.add_fault(FaultRule::always(Fault::Delay { delay_ms: 600_000 })).unwrap();
    let mut stream = connect(&simulator.api_url().unwrap());
    stream.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes()).unwrap();
    wait_until("the request is in flight", || simulator.requests(0).unwrap().in_flight == 1);
    assert_eq!(simulator.requests(0).unwrap().total, 1);
    drop(stream);
    wait_until("it is given up", || simulator.requests(0).unwrap().in_flight == 0);
}

#[test]
fn drips_an_answer() {
    let simulator = plain();
    simulator.add_fault(FaultRule::times(Fault::Drip { chunk_bytes: 50, pause_ms: 20 }, 1)).unwrap();
    let begun = Instant::now();
    let answer = get(&simulator, "/webphone?ramal=4000");
    assert!(answer.url().contains("/w3/?key="));
    // Head and body have more than 250 bytes: six pieces, five pauses.
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn cuts_a_body() {
    let simulator = plain();
    for (body_bytes, sent) in [(0, 0), (10, 10)] {
        simulator.add_fault(FaultRule::times(Fault::Cut { body_bytes }, 1)).unwrap();
        let bytes = read_all(&simulator.api_url().unwrap()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let promised: usize =
            head.split_once("content-length: ").unwrap().1.split_once('\r').unwrap().0.parse().unwrap();
        assert!(promised > 100 && body.len() == sent, "{promised} {}", body.len());
    }
    simulator.add_fault(FaultRule::times(Fault::Cut { body_bytes: i64::MAX }, 1)).unwrap();
    let error = try_send(&simulator.api_url().unwrap(), &request("GET", "/webphone?ramal=4000", &[TOKEN], ""));
    assert_eq!(error.err().map(|error| error.kind()), Some(io::ErrorKind::UnexpectedEof), "never the whole");
}

#[test]
fn resets_or_drops_a_connection() {
    let simulator = plain();
    let api = simulator.api_url().unwrap();
    simulator.add_fault(FaultRule::times(Fault::Reset, 1)).unwrap();
    assert_eq!(read_all(&api).map_err(|error| error.kind()), Err(io::ErrorKind::ConnectionReset));
    simulator.add_fault(FaultRule::times(Fault::Garbage, 1)).unwrap();
    let garbage = read_all(&api).unwrap();
    assert!(!garbage.is_empty() && !garbage.starts_with(b"HTTP"));
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200);
}

#[test]
fn refuses_connections() {
    let simulator = plain();
    let api = simulator.api_url().unwrap();
    let mut open = connect(&api);
    open.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes()).unwrap();
    let mut reader = BufReader::new(open.try_clone().unwrap());
    assert_eq!(read_answer(&mut reader, false).unwrap().status, 200);

    simulator.add_fault(FaultRule::always(Fault::Refuse)).unwrap();
    assert_eq!(connect(&api).read(&mut [0; 1]).unwrap(), 0, "a new connection is closed before anything is read");
    open.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes()).unwrap();
    assert_eq!(reader.read(&mut [0; 1]).unwrap(), 0, "an open one ends without an answer");
    assert_eq!(simulator.requests(10).unwrap().requests[1].fault.as_deref(), Some("refuse"));

    simulator.clear_faults().unwrap();
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200);
}

#[test]
fn sends_more_than_anybody_wants() {
    let simulator = plain();
    let cases = [
        (Fault::Oversized { claimed_bytes: 1_000_000_000 }, "Content-Length: 1000000000\r\n"),
        (Fault::Endless, "Transfer-Encoding: chunked\r\n"),
    ];
    for (fault, framing) in cases {
        simulator.add_fault(FaultRule::times(fault, 1)).unwrap();
        let mut stream = connect(&simulator.api_url().unwrap());
        stream.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes()).unwrap();
        let mut start = vec![0; 2_000_000];
        stream.read_exact(&mut start).unwrap();
        assert!(String::from_utf8_lossy(&start[..200]).contains(framing));
        assert_eq!(simulator.requests(0).unwrap().in_flight, 1);
        drop(stream);
        wait_until("the stream ends with its reader", || simulator.requests(0).unwrap().in_flight == 0);
    }
    simulator.add_fault(FaultRule::times(Fault::Oversized { claimed_bytes: 100_000 }, 1)).unwrap();
    assert_eq!(get(&simulator, "/webphone?ramal=4000").body.len(), 100_000, "what is claimed is sent");
}

#[test]
fn fails_in_the_envelope() {
    let simulator = plain();
    let motivos = [(400, 100), (401, 40), (402, 9), (403, 8), (404, 60), (405, 11), (500, 50), (501, 30)];
    for (http_status, motivo) in motivos {
        simulator.add_fault(FaultRule::times(Fault::Fail { http_status, retry_after_ms: None }, 1)).unwrap();
        let answer = get(&simulator, "/webphone?ramal=4000");
        let envelope = answer.json();
        assert_eq!((i32::from(answer.status), &envelope["motivo"]), (http_status, &json!(motivo)));
        assert_eq!((&envelope["sucesso"], &envelope["status"]), (&json!(false), &json!(http_status)));
    }
    for (retry_after_ms, header) in [(None, None), (Some(0), Some("0")), (Some(1), Some("1")), (Some(2500), Some("3"))]
    {
        for http_status in [429, 503] {
            simulator.add_fault(FaultRule::times(Fault::Fail { http_status, retry_after_ms }, 1)).unwrap();
            let answer = get(&simulator, "/webphone?ramal=4000");
            assert_eq!(i32::from(answer.status), http_status);
            assert_eq!(answer.header("retry-after"), header);
            assert!(answer.json()["motivo"].is_null());
        }
    }
}

#[test]
fn answers_anything_it_is_told_to() {
    let simulator = plain();
    let answer = |http_status, headers: &[(&str, &str)], body: &[u8]| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        simulator.add_fault(FaultRule::times(Fault::Answer { http_status, headers, body: body.to_vec() }, 1)).unwrap();
        get(&simulator, "/webphone?ramal=4000")
    };
    let empty = answer(200, &[], b"");
    assert_eq!((empty.status, empty.body.len(), empty.header("content-length")), (200, 0, Some("0")));
    assert_eq!(empty.header("content-type"), Some("application/json; charset=utf-8"));
    let html = answer(999, &[("Content-Type", "text/html")], b"<h1>no</h1>");
    assert_eq!(
        (html.status, html.text().as_str(), html.header("content-type")),
        (999, "<h1>no</h1>", Some("text/html"))
    );
    assert_eq!(answer(200, &[], b"\xff\xfe{\x00").body, b"\xff\xfe{\x00");
    let redirect = answer(302, &[("Location", "https://elsewhere.example/")], b"");
    assert_eq!((redirect.status, redirect.header("location")), (302, Some("https://elsewhere.example/")));
}

#[test]
fn a_fault_strikes_whom_and_as_often_as_it_should() {
    let simulator = plain();
    let fail = |http_status| Fault::Fail { http_status, retry_after_ms: None };
    simulator.add_fault(FaultRule::times(fail(500), 2).for_extension(4001)).unwrap();
    simulator.add_fault(FaultRule::times(fail(503), 1)).unwrap();
    let statuses = ["ramal=4001", "ramal=4000", "id_ramal=104001", "id_ramal=104001", "ramal=4000"]
        .map(|query| get(&simulator, &format!("/webphone?{query}")).status);
    assert_eq!(statuses, [500, 503, 500, 200, 200]);
    simulator.add_fault(FaultRule::always(fail(500))).unwrap();
    assert_eq!(get(&simulator, "/elsewhere").status, 500, "before the path is looked at");
    assert_eq!(get(&simulator, "/w3/").status, 403, "the page is left alone");
    simulator.clear_faults().unwrap();
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200);
}

// The record

#[test]
fn remembers_what_it_was_asked_without_secrets() {
    let simulator = Simulator::start(
        SimulatorConfig { url_lifetime_ms: Some(60_000), ..Default::default() },
        Some("OWN-TOKEN".to_owned()),
    )
    .unwrap();
    let api = simulator.api_url().unwrap();
    let own = "Access-Token: OWN-TOKEN";
    let agent = "User-Agent: curl/8 OWN-TOKEN";
    let url = send(&api, &request("GET", "/webphone?ramal=4000", &[own, agent], "")).url();
    let page = url.split_once("127.0.0.1").unwrap().1;
    send(&api, &request("GET", page, &[], ""));
    let leaky = "/webphone?id_ramal=104001&token=REAL-TOKEN&again=OWN-TOKEN";
    send(&api, &request("GET", leaky, &["Access-Token: REAL-TOKEN"], ""));
    let long = format!("/webphone?pad={}REAL-TOKEN", "x".repeat(1_980));
    send(&api, &request("GET", &long, &["Access-Token: REAL-TOKEN"], ""));
    simulator.add_fault(FaultRule::always(Fault::Reset)).unwrap();
    assert!(try_send(&api, &request("GET", "/webphone?ramal=4000", &[own], "")).is_err());

    let log = simulator.requests(10).unwrap();
    assert_eq!((log.total, log.requests.len()), (5, 5));
    let seen: Vec<_> =
        log.requests.iter().map(|r| (r.token, r.http_status, r.extension.as_deref(), r.fault.as_deref())).collect();
    assert_eq!(
        seen,
        [
            (TokenCheck::Right, 200, Some("4000"), None),
            (TokenCheck::Missing, 200, Some("4000"), None),
            (TokenCheck::Wrong, 401, Some("4001"), None),
            (TokenCheck::Wrong, 401, None, None),
            (TokenCheck::Right, 0, Some("4000"), Some("reset")),
        ]
    );
    assert_eq!(log.requests[0].target, "/webphone?ramal=4000");
    assert_eq!(log.requests[0].method, "GET");
    assert!(log.requests.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
    assert!(log.requests[3].target.len() <= 2_000);

    let key = page.split_once("key=").unwrap().1.split_once('&').unwrap().0;
    let signature = page.split_once("signature=").unwrap().1.split_once('&').unwrap().0;
    let shown = format!("{log:?} {simulator:?}") + &control(&simulator, "GET", "/requests", "").text();
    for secret in ["OWN-TOKEN", "REAL-TOKEN", "REAL-T", key, signature] {
        assert!(!shown.contains(secret), "a secret is shown");
    }

    assert_eq!(simulator.requests(2).unwrap().requests, log.requests[3..]);
    assert_eq!(simulator.requests(0).unwrap().total, 5);
    assert!(matches!(simulator.requests(-1), Err(Error::Invalid { .. })));
    simulator.forget_requests().unwrap();
    assert_eq!(simulator.requests(10).unwrap().total, 0);
}

#[test]
fn the_record_is_bounded_and_the_count_is_not() {
    let simulator = plain();
    let mut stream = connect(&simulator.api_url().unwrap());
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let hundred = request("GET", "/x", &[], "").repeat(100);
    for _ in 0..101 {
        stream.write_all(hundred.as_bytes()).unwrap();
        for _ in 0..100 {
            assert_eq!(read_answer(&mut reader, false).unwrap().status, 404);
        }
    }
    let log = simulator.requests(i32::MAX).unwrap();
    assert_eq!((log.total, log.requests.len()), (10_100, 10_000));
}

// Control by HTTP

#[test]
fn is_controlled_by_http() {
    let simulator = plain();
    let (done, shown) = (204, 200);
    let listed = control(&simulator, "GET", "/extensions", "");
    assert_eq!(listed.json(), json!([{"number": "4000", "id": "104000"}, {"number": "4001", "id": "104001"}]));
    let set =
        control(&simulator, "PUT", "/extensions", r#"["4000", 4002, {"number": 4003}, {"number":"4004","id":7}]"#);
    assert_eq!(set.status, shown);
    assert_eq!(set.json()[3], json!({"number": "4004", "id": "7"}));
    assert_eq!(set.json(), control(&simulator, "GET", "/extensions", "").json());
    assert_eq!(get(&simulator, "/webphone?id_ramal=104003").status, 200);

    let faults = [
        (r#"{"fault":{"delay":{"delay_ms":1}},"times":1}"#, Some(200)),
        (r#"{"fault":{"drip":{"chunk_bytes":100,"pause_ms":0}},"times":1}"#, Some(200)),
        (r#"{"fault":{"cut":{"body_bytes":3}},"times":1}"#, None),
        (r#"{"fault":"reset","times":1,"extension":"4000"}"#, None),
        (r#"{"fault":"refuse","times":1}"#, None),
        (r#"{"fault":"garbage","times":1}"#, None),
        (r#"{"fault":{"oversized":{"claimed_bytes":5}},"times":1}"#, Some(200)),
        (r#"{"fault":{"fail":{"http_status":429,"retry_after_ms":2000}},"times":1}"#, Some(429)),
        (r#"{"fault":{"fail":{"http_status":500}},"times":1}"#, Some(500)),
        (
            r#"{"fault":{"answer":{"http_status":302,"headers":{"Location":"https://e.example/"}}},"times":1}"#,
            Some(302),
        ),
        (r#"{"fault":{"answer":{"http_status":200,"body":[255,254,0]}},"times":1}"#, Some(200)),
    ];
    let api = simulator.api_url().unwrap();
    for (rule, status) in faults {
        assert_eq!(control(&simulator, "POST", "/faults", rule).status, done, "{rule}");
        let answer = try_send(&api, &request("GET", "/webphone?ramal=4000", &[TOKEN], ""));
        assert_eq!(answer.ok().map(|answer| answer.status), status, "{rule}");
    }
    assert_eq!(control(&simulator, "POST", "/faults", r#"{"fault":"endless"}"#).status, done);
    assert_eq!(control(&simulator, "DELETE", "/faults", "").status, done);
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200);

    let log = control(&simulator, "GET", "/requests?last=2", "").json();
    assert_eq!(log["total"], 12, "a refused connection carried no request");
    assert_eq!(log["in_flight"], 0);
    let last = &log["requests"][1];
    assert_eq!((&last["target"], &last["token"]), (&json!("/webphone?ramal=4000"), &json!("right")));
    assert_eq!((&last["extension"], &last["http_status"]), (&json!("4000"), &json!(200)));
    assert_eq!(log["requests"][0]["fault"], "answer");
    assert_eq!(control(&simulator, "DELETE", "/requests", "").status, done);
    assert_eq!(control(&simulator, "GET", "/requests", "").json()["total"], 0);

    assert_eq!(control(&simulator, "POST", "/reset", "").status, done);
    assert_eq!(control(&simulator, "GET", "/extensions", "").json().as_array().unwrap().len(), 2);
}

#[test]
fn the_documentation_s_curl_lines_do_what_they_say() {
    let simulator = plain();
    let documentation = include_str!("../../src/simulator/mod.rs");
    let lines: Vec<_> =
        documentation.lines().filter_map(|line| line.strip_prefix("//! | ")?.split_once("| `curl ")).collect();
    assert_eq!(lines.len(), 50);
    // A page that posts is there when a browser has it open: those lines are run with the pages' tests.
    for (_, line) in lines.into_iter().filter(|(_, line)| !line.contains("/say")) {
        let line = line.trim_end_matches("` |");
        let target = line.split_once("$CONTROL").unwrap().1.trim_end_matches('"');
        let json = line.split_once("--json '").map_or("", |(_, rest)| rest.split_once('\'').unwrap().0);
        let method = match line.strip_prefix("-X ") {
            Some(rest) => rest.split_once(' ').unwrap().0,
            None if json.is_empty() => "GET",
            None => "POST",
        };
        let answer = control(&simulator, method, target, json);
        assert_eq!(answer.status, if answer.body.is_empty() { 204 } else { 200 }, "{line}");
    }
}

#[test]
fn control_says_what_is_wrong() {
    let simulator = plain();
    let cases = [
        ("GET", "/", "", 404, "/requests"),
        ("GET", "/faults", "", 405, "method"),
        ("POST", "/requests", "{}", 405, "method"),
        ("GET", "/requests?last=-1", "", 400, "last"),
        ("POST", "/faults", "{", 400, "not usable"),
        ("POST", "/faults", r#"{"fault":"explode"}"#, 400, "explode"),
        ("POST", "/faults", r#"{"fault":"reset","time":1}"#, 400, "time"),
        ("POST", "/faults", r#"{"fault":{"delay":{"delay_ms":-1}}}"#, 400, "delay_ms"),
        ("POST", "/faults", r#"{"fault":{"answer":{"http_status":200,"body":[256]}}}"#, 400, "body"),
        ("PUT", "/extensions", r#"[{"number":"1","name":"x"}]"#, 400, "extension is"),
        ("PUT", "/extensions", r#"["x"]"#, 400, "number"),
        ("PUT", "/extensions", r#"["1","1"]"#, 400, "two extensions"),
    ];
    for (method, target, body, status, part) in cases {
        let answer = control(&simulator, method, target, body);
        assert_eq!(answer.status, status, "{method} {target} {body}");
        let reason = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(reason.contains(part), "{method} {target} {body}: {reason}");
    }
    assert_eq!(simulator.extensions().unwrap().len(), 2, "what is refused changes nothing");
}

#[test]
fn phones_are_controlled_by_http() {
    let simulator = start(SimulatorConfig { virtual_time: true, ..SimulatorConfig::default() });
    let phones = |method: &str, target: &str, body: &str| {
        let answer = control(&simulator, method, &format!("/phones{target}"), body);
        assert!(
            answer.status == 200 || (answer.status == 204 && answer.body.is_empty()),
            "{target}: {}",
            answer.text()
        );
        answer
    };
    let refused = |method: &str, target: &str, body: &str| {
        let answer = control(&simulator, method, &format!("/phones{target}"), body);
        assert!(answer.json()["error"].as_str().is_some_and(|reason| !reason.is_empty()), "{target}");
        answer.status
    };
    let state = |extension: &str| phones("GET", &format!("/{extension}"), "").json();
    assert_eq!(phones("GET", "", "").json(), json!([]));
    assert_eq!(state("4000")["page"], "closed");
    assert_eq!(refused("POST", "/4000/incoming", r#"{"from":"11"}"#), 409, "nobody has opened it");
    phones("POST", "/4000/open", "");
    let open = json!({
        "extension": "4000", "page": "open", "connected": true, "call": null, "consultation": null, "ringing": null,
        "muted": false, "recording": false, "dtmf": "", "queues": [],
    });
    assert_eq!(phones("GET", "", "").json(), json!([open]));

    // Calls
    let caller =
        r#"{"from":"(79) 91234-5678","to":"3333","without_id":true,"gives_up_after_ms":1000,"hangs_up_after_ms":5000}"#;
    assert_eq!(phones("POST", "/4000/incoming", caller).json(), json!({"call_id": 1}));
    assert_eq!(state("4000")["ringing"], json!({"call_id": 1, "number": "(79) 91234-5678", "talking": false}));
    assert_eq!(refused("POST", "/4000/incoming", r#"{"from":11}"#), 409, "it rings already");
    simulator.advance(1000).unwrap();
    assert_eq!(state("4000")["ringing"], json!(null));
    phones("POST", "/4000/incoming", r#"{"from":4009}"#);
    phones("POST", "/4000/post", r#"{"message":"answer"}"#);
    assert_eq!(state("4000")["call"], json!({"call_id": 2, "number": "4009", "talking": true}));
    assert_eq!(refused("POST", "/4000/answer", ""), 409, "they talk already");
    phones("POST", "/4000/hangup", "");
    assert_eq!(refused("POST", "/4000/hangup", ""), 409);
    for (script, talking) in [
        (r#"{"script":{"answer":"never"}}"#, json!(false)),
        (r#"{"script":{"answer":{"answers":{"after_ms":0}},"hangs_up_after_ms":900},"times":1}"#, json!(true)),
        (r#"{"script":{"answer":{"busy":{"after_ms":1}},"lag_ms":1,"silent_hang_up":true}}"#, json!(false)),
        (r#"{"script":{"answer":{"refused":{"status_erro":"Sem crédito"}}},"times":null}"#, json!(null)),
    ] {
        phones("POST", "/4000/scripts", script);
        phones("POST", "/4000/post", r#"{"message":"chamaNumero","numero":"110003"}"#);
        assert_eq!(state("4000")["call"]["talking"], talking, "{script}");
        phones("POST", "/4000/post", r#"{"message":"hangup"}"#);
    }
    phones("DELETE", "/4000/scripts", "");
    phones("POST", "/4000/post", r#"{"message":"chamaNumero","numero":"110003"}"#);
    assert_eq!(state("4000")["call"]["talking"], false);
    phones("POST", "/4000/answer", "");
    assert_eq!(state("4000")["call"]["talking"], true);

    // Speech, queues, page
    phones("PUT", "/4000/wording", r#"{"ids_as_text":true}"#);
    phones("POST", "/4000/supervise", r#"{"message":"entrarNaFila","filaId":7}"#);
    assert_eq!(state("4000")["queues"], json!([{"id": "7", "paused": false}]));
    phones("POST", "/4000/faults", r#"{"fault":"silent","times":null}"#);
    phones("DELETE", "/4000/faults", "");
    phones("POST", "/4000/faults", r#"{"fault":"crash"}"#);
    phones("POST", "/4000/post", r#"{"message":"conectar"}"#);
    assert_eq!(state("4000")["page"], "crashed");
    assert_eq!(refused("POST", "/4000/crash", ""), 409);
    phones("POST", "/4000/reload", "");
    phones("POST", "/4000/crash", "");
    phones("POST", "/4000/reload", "");
    phones("POST", "/4000/close", "");
    assert_eq!(refused("POST", "/4000/reload", ""), 409);

    // A session hears of it.
    let session = Arc::new(Session::open(SessionConfig::default(), None, simulator.clock().unwrap()).unwrap());
    simulator.phone("4001".to_owned()).unwrap().attach(Arc::clone(&session)).unwrap();
    phones("POST", "/4001/incoming", r#"{"from":"4009"}"#);
    assert_eq!(session.state().unwrap().ringing.unwrap().number.unwrap().digits, "4009");
    phones("POST", "/4001/hangup", "");
    assert_eq!(session.state().unwrap().ringing, None);
    assert_eq!(control(&simulator, "POST", "/reset", "").status, 204);
    assert_eq!(phones("GET", "", "").json(), json!([]));
}

#[test]
fn what_phones_can_t_be_asked_is_refused() {
    let simulator = plain();
    for (method, target, body, status, part) in [
        ("POST", "/phones", "", 405, "method"),
        ("GET", "/phones/4002", "", 404, "no extension"),
        ("GET", "/phones/", "", 404, "no extension"),
        ("GET", "/phonebook", "", 404, "/phones"),
        ("POST", "/phones/4000", "", 405, "method"),
        ("GET", "/phones/4000/incoming", "", 405, "method"),
        ("POST", "/phones/4000/dance", "", 404, "incoming"),
        ("POST", "/phones/4000/answer/now", "", 404, "incoming"),
        ("POST", "/phones/4000/incoming", "", 415, "application/json"),
        ("POST", "/phones/4000/incoming", "{}", 400, "from"),
        ("POST", "/phones/4000/incoming", r#"{"from":[]}"#, 400, "from"),
        ("POST", "/phones/4000/incoming", r#"{"from":" 1"}"#, 400, "from"),
        ("POST", "/phones/4000/incoming", r#"{"from":"1","gives_up_after_ms":-1}"#, 400, "gives_up_after_ms"),
        ("POST", "/phones/4000/incoming", r#"{"from":"1","when":1}"#, 400, "when"),
        ("POST", "/phones/4000/answer", "", 409, "not open"),
        ("POST", "/phones/4000/scripts", r#"{"script":{"answer":"maybe"}}"#, 400, "maybe"),
        ("POST", "/phones/4000/scripts", r#"{"script":{"lag_ms":-1}}"#, 400, "lag_ms"),
        ("POST", "/phones/4000/scripts", r#"{"script":{},"times":0}"#, 400, "times"),
        ("POST", "/phones/4000/faults", r#"{"fault":"boring"}"#, 400, "boring"),
        ("PUT", "/phones/4000/wording", r#"{"language":"pt"}"#, 400, "language"),
        ("POST", "/phones/4000/supervise", r#"{"message":"hangup"}"#, 400, "queue"),
        ("POST", "/phones/4000/supervise", "{}", 400, "no command"),
        ("POST", "/phones/4000/supervise", r#"{"message":"entrarNaFila","filaId":{}}"#, 400, "filaId"),
    ] {
        let answer = control(&simulator, method, target, body);
        let reason = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, status, "{method} {target} {body}: {reason}");
        assert!(reason.contains(part), "{method} {target} {body}: {reason}");
    }
    let base = simulator.control_url().unwrap();
    let page = request("POST", "/phones/4000/open", &["Origin: https://evil.example"], "");
    assert_eq!(send(&base, &page).status, 403);
    assert_eq!(control(&simulator, "GET", "/phones", "").json(), json!([]));
}

#[test]
fn urls_expire_in_simulated_time() {
    let simulator =
        start(SimulatorConfig { virtual_time: true, url_lifetime_ms: Some(60_000), ..SimulatorConfig::default() });
    let url = get(&simulator, "/webphone?ramal=4000").url();
    let target = url.split_once("127.0.0.1").unwrap().1.to_owned();
    assert_eq!(get(&simulator, &target).status, 200);
    simulator.advance(59_000 - 1000).unwrap();
    assert_eq!(get(&simulator, &target).status, 200);
    simulator.advance(2000).unwrap();
    assert_eq!(get(&simulator, &target).status, 403);
}

#[test]
fn web_pages_have_no_control() {
    let simulator = plain();
    let control = simulator.control_url().unwrap();
    let status =
        |method: &str, headers: &[&str], body: &str| send(&control, &request(method, "/faults", headers, body)).status;
    let (json, rule) = ("Content-Type: application/json", r#"{"fault":"reset"}"#);
    assert_eq!(status("POST", &[json, "Origin: https://evil.example"], rule), 403);
    assert_eq!(status("POST", &[json, "Origin: null"], rule), 403);
    assert_eq!(status("DELETE", &["Host: evil.example"], ""), 403);
    assert_eq!(status("POST", &["Host: localhost.evil.example", json], rule), 403);
    assert_eq!(status("POST", &["Host:", json], rule), 403);
    assert_eq!(status("POST", &["Content-Type: text/plain"], rule), 415);
    assert_eq!(status("POST", &[], rule), 415);
    for host in ["Host: localhost:1", "Host: 127.0.0.1:1", "Host: [::1]"] {
        assert_eq!(status("DELETE", &[host], ""), 204);
    }
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200, "no rule came through");
    assert_eq!(get(&simulator, "/faults").status, 404, "the API's port has no control");
}

// TLS

type TlsStream = rustls::StreamOwned<rustls::ClientConnection, TcpStream>;

fn tls(simulator: &Simulator, name: &str, trusted: bool) -> TlsStream {
    let mut roots = rustls::RootCertStore::empty();
    if trusted {
        let pem = simulator.root_certificate_pem().unwrap().unwrap();
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    rustls::StreamOwned::new(connection, connect(&simulator.api_url().unwrap()))
}

#[test]
fn speaks_tls_with_its_own_authority() {
    let simulator = start(SimulatorConfig { tls: true, ..Default::default() });
    let api = simulator.api_url().unwrap();
    assert!(api.starts_with("https://127.0.0.1:"));
    for name in ["127.0.0.1", "localhost", "api2.totalvoice.com.br", "voice-app.zenvia.com"] {
        let mut stream = tls(&simulator, name, true);
        let host = format!("Host: {name}");
        stream.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN, &host], "").as_bytes()).unwrap();
        let answer = read_answer(&mut BufReader::new(stream), false).unwrap();
        assert!(answer.url().starts_with(&format!("https://{name}/w3/?key=")));
    }
    let text = request("GET", "/webphone?ramal=4000", &[TOKEN], "");
    assert!(tls(&simulator, "evil.example", true).write_all(text.as_bytes()).is_err());
    assert!(tls(&simulator, "127.0.0.1", false).write_all(text.as_bytes()).is_err());
    assert!(plain().root_certificate_pem().unwrap().is_none());
    assert!(simulator.control_url().unwrap().starts_with("http://"));
    assert_eq!(control(&simulator, "GET", "/requests", "").json()["total"], 4);
}

#[test]
fn faults_strike_tls_as_well() {
    let simulator = start(SimulatorConfig { tls: true, ..Default::default() });
    let all = |fault| {
        simulator.add_fault(FaultRule::times(fault, 1)).unwrap();
        let mut stream = tls(&simulator, "127.0.0.1", true);
        stream.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).map_err(|error| error.kind());
        (end.err(), bytes)
    };
    assert_eq!(all(Fault::Reset), (Some(io::ErrorKind::ConnectionReset), Vec::new()));
    let (end, bytes) = all(Fault::Cut { body_bytes: 5 });
    assert_eq!(end, Some(io::ErrorKind::UnexpectedEof), "TLS is not closed by its rules");
    assert!(bytes.ends_with(b"\r\n\r\n{\"sta"));
}

// How it ends

#[test]
fn shuts_down_promptly_and_twice() {
    let simulator = plain();
    let api = simulator.api_url().unwrap();
    simulator.add_fault(FaultRule::always(Fault::Delay { delay_ms: 600_000 })).unwrap();
    let mut waiting = connect(&api);
    waiting.write_all(request("GET", "/webphone?ramal=4000", &[TOKEN], "").as_bytes()).unwrap();
    wait_until("the request is in flight", || simulator.requests(0).unwrap().in_flight == 1);

    let begun = Instant::now();
    simulator.shut_down().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(matches!(waiting.read(&mut [0; 1]), Ok(0) | Err(_)), "its connections are closed");
    assert!(TcpStream::connect(authority(&api)).is_err(), "its port too");
    simulator.shut_down().unwrap();

    assert_eq!(format!("{simulator:?}"), "<Simulator closed>");
    let closed = [
        simulator.api_url().err(),
        simulator.control_url().err(),
        simulator.token().err(),
        simulator.root_certificate_pem().err(),
        simulator.add_fault(FaultRule::always(Fault::Reset)).err(),
        simulator.clear_faults().err(),
        simulator.requests(1).err(),
        simulator.forget_requests().err(),
        simulator.extensions().err(),
        simulator.set_extensions(Vec::new()).err(),
        simulator.reset().err(),
    ];
    assert!(closed.iter().all(|error| *error == Some(Error::Closed)), "{closed:?}");
}

#[test]
fn a_drop_frees_the_port() {
    let simulator = plain();
    let port: i32 = simulator.api_url().unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
    let config = SimulatorConfig { port, ..Default::default() };
    match Simulator::start(config.clone(), None) {
        Err(Error::Invalid { field, reason }) => assert!(field == "port" && reason.contains("in use"), "{reason}"),
        other => panic!("{other:?}"),
    }
    // A connection that the server closes first leaves the port in TIME_WAIT: it has to be usable all the same.
    let _open = connect(&simulator.api_url().unwrap());
    drop(simulator);
    let simulator = start(config);
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200);
}

#[test]
fn two_simulators_know_nothing_of_each_other() {
    let one = plain();
    let two = plain();
    one.add_fault(FaultRule::always(Fault::Fail { http_status: 500, retry_after_ms: None })).unwrap();
    let target = get(&two, "/webphone?ramal=4000").url().split_once("127.0.0.1").unwrap().1.to_owned();
    assert_eq!(get(&one, "/webphone?ramal=4000").status, 500);
    assert_eq!(get(&one, &target).status, 403, "its key is the other's");
    drop(one);
    assert_eq!(get(&two, &target).status, 200);
}

#[cfg(unix)]
#[test]
fn a_forked_child_leaves_it_alone() {
    // In a process of its own: the child would hold the sockets of all tests that run beside this one.
    const ALONE: &str = "WEBPHONE_TEST_FORK_ALONE";
    if std::env::var_os(ALONE).is_none() {
        return assert_passes(alone(module_path!(), "a_forked_child_leaves_it_alone").env(ALONE, "1"));
    }
    unsafe extern "C" {
        fn fork() -> i32;
        fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
        fn _exit(code: i32) -> !;
    }
    let simulator = plain();
    // SAFETY: the child does what a forked child of threads may do, checks and `_exit`: no lock, no allocation.
    let child = unsafe { fork() };
    if child == 0 {
        let closed = simulator.api_url().is_err_and(|error| error == Error::Closed)
            && simulator.clear_faults() == Err(Error::Closed)
            && simulator.shut_down() == Err(Error::Closed);
        drop(simulator);
        // SAFETY: ends the child at once, without the handlers of the parent's.
        unsafe { _exit(if closed { 7 } else { 8 }) }
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` outlives the call.
    assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 7 << 8, "the child's exit code");
    assert_eq!(get(&simulator, "/webphone?ramal=4000").status, 200, "the parent's goes on");
}
