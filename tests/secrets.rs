//! No secret stands in any text: not in an error, a URL, a result, a configuration or a log record at the lowest level,
//! over all vectors and faults. In a process of its own, whose log it collects.

mod support;

use std::fmt::{Debug, Display};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::authority::Authority;
use support::server::{Play, Server, answer, refusal, success, too_many};
use support::vectors::{self, text};
use support::{KEY, PASSWORD, SIGNATURE, TOKEN, client, once, request, soon};
use webphone::{
    BatchOptions, Client, ClientConfig, Error, Extension, LogLevel, LogRecord, Proxy, WebphoneUrl, collect_logs,
    next_log_records,
};

/// All texts that were made, to be searched.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn debug(&mut self, thing: &impl Debug) {
        self.0.push(format!("{thing:?}"));
        self.0.push(format!("{thing:#?}"));
    }

    fn display(&mut self, thing: &impl Display) {
        self.0.push(format!("{thing}"));
        self.0.push(format!("{thing:#}"));
    }

    fn url(&mut self, url: &WebphoneUrl) {
        self.debug(url);
        self.display(url);
        self.0.extend([url.describe(), url.origin()]);
    }

    fn error(&mut self, error: &Error) {
        self.debug(error);
        self.display(error);
        self.0.extend([error.describe(), error.code()]);
        self.0.extend(error.api_text());
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            self.0.extend([format!("{inner:?}"), inner.to_string()]);
            source = inner.source();
        }
    }

    fn result(&mut self, result: &Result<Arc<WebphoneUrl>, Error>) {
        self.debug(result);
        match result {
            Ok(url) => self.url(url),
            Err(error) => self.error(error),
        }
    }

    /// Takes what was logged.
    async fn log(&mut self) {
        // Polled once: what was logged is there already.
        while let Ok(Ok(records)) = tokio::time::timeout(Duration::ZERO, next_log_records(4096)).await {
            assert_eq!(records.lost, 0);
            for LogRecord { target, text, .. } in &records.records {
                assert!(target == "webphone" || target.starts_with("webphone::"), "{target}");
                self.0.extend([target.clone(), text.clone()]);
            }
            self.debug(&records);
        }
    }

    #[track_caller]
    fn assert_without(&self, secrets: &[&str]) {
        assert!(!self.0.is_empty());
        for shown in &self.0 {
            for (number, secret) in secrets.iter().enumerate() {
                assert!(!shown.contains(secret), "secret {number} stands in: {}", shown.replace(secret, "«HERE»"));
            }
        }
    }
}

async fn all_vectors(texts: &mut Texts) {
    let document = vectors::read("rest/answers.json");
    let plays: Vec<_> = vectors::list(&document)
        .iter()
        .map(|vector| {
            let told = &vector["answer"];
            let status = told["status"].as_u64().unwrap().try_into().unwrap();
            Play::Send(answer(status, &[("Retry-After", "0")], &vectors::body(told)))
        })
        .collect();
    let count = plays.len();
    let server = Server::start(move |request| ready(plays[request.extension()].clone()));
    // With a retry, which is logged.
    let client = client(ClientConfig { max_retries: 1, ..once(&server.base()) });
    for number in 0..count {
        texts.result(&soon(client.fetch(Extension::number(number).into())).await);
    }
    texts.debug(&client);
    texts.log().await;
    let wrong_urls = vectors::read("urls.json");
    for vector in vectors::list(&wrong_urls) {
        texts.result(&WebphoneUrl::parse(text(&vector["url"]), None).map(Arc::new));
    }
}

async fn all_faults(texts: &mut Texts) {
    let cut = success(1)[..100].to_vec();
    let leaking = format!("HTTP/1.1 200 OK\r\n{TOKEN} {KEY}\r\n\r\n{SIGNATURE}").into_bytes();
    let address = format!("https://elsewhere.example/w3/?key={KEY}&signature={SIGNATURE}&token={TOKEN}");
    for play in [
        Play::Close(vec![]),
        Play::Reset(vec![]),
        Play::Close(cut),
        Play::Close(leaking),
        Play::Send(answer(302, &[("Location", &address)], address.as_bytes())),
        Play::Send(answer(200, &[], address.as_bytes())),
        Play::Send(too_many("0")),
        Play::Send(refusal(503, 50, &[("Retry-After", "0")])),
        Play::Drip(success(1), Duration::from_millis(50)),
        Play::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), address.clone().into_bytes(), Duration::ZERO),
        Play::Send(success(1)),
    ] {
        let server = Server::always(play.clone());
        let config = ClientConfig { max_retries: 1, timeout_ms: 500, ..once(&server.base()) };
        texts.result(&soon(client(config).fetch(request())).await);
    }

    let authority = Authority::new();
    let server = Server::start_tls(authority.server("localhost"), |_| ready(Play::Send(success(1))));
    texts.result(&soon(client(once(&server.base())).fetch(request())).await);
    texts.result(&soon(client(once("https://webphone-api.invalid")).fetch(request())).await);

    for play in [Play::Send(answer(407, &[], PASSWORD.as_bytes())), Play::Close(vec![]), Play::Send(success(1))] {
        let server = Server::always(play);
        let proxy = format!("http://{}", server.address());
        let proxy = Proxy::new(proxy, Some("me".to_owned()), Some(PASSWORD.to_owned())).unwrap();
        texts.debug(&proxy);
        for base in ["https://webphone-api.invalid", "http://127.0.0.1:9"] {
            let config = ClientConfig { proxy: Some(Arc::new(proxy.clone())), ..once(base) };
            texts.debug(&config);
            let client = client(config);
            texts.debug(&client);
            texts.result(&soon(client.fetch(request())).await);
        }
    }
    texts.log().await;
}

async fn a_batch(texts: &mut Texts) {
    let server = Server::start(|request| {
        ready(match request.number {
            0 => Play::Send(too_many("0")),
            1 => Play::Send(refusal(503, 50, &[("Retry-After", "0")])),
            9.. => Play::Send(refusal(401, 40, &[])),
            _ => Play::Send(success(request.extension())),
        })
    });
    let client = client(ClientConfig { max_retries: 2, ..once(&server.base()) });
    let batch = client.batch(BatchOptions { concurrency: 2, ..BatchOptions::default() }).unwrap();
    batch.push((0..20).map(|number| Extension::number(number).into()).collect()).unwrap();
    batch.finish();
    loop {
        let step = soon(batch.next_results(16)).await.unwrap();
        texts.debug(&step);
        if step.finished {
            break;
        }
    }
    texts.log().await;
}

/// What is refused before anything is sent.
fn refused_arguments(texts: &mut Texts) {
    for token in [format!("{TOKEN} {KEY}"), format!("{TOKEN}\n"), TOKEN.repeat(100)] {
        texts.error(&Client::new(token, ClientConfig::default()).unwrap_err());
    }
    let base = format!("https://me:{PASSWORD}@h");
    texts.error(&Client::new(TOKEN.to_owned(), once(&base)).unwrap_err());
    texts.error(&Proxy::new(format!("http://me:{PASSWORD}@h"), None, None).unwrap_err());
    texts.error(&Proxy::new("http://h".to_owned(), None, Some(PASSWORD.to_owned())).unwrap_err());
    texts.error(&webphone::PhoneNumber::parse(TOKEN).unwrap_err());
}

#[tokio::test]
async fn no_secret_stands_in_any_text() {
    collect_logs(Some(LogLevel::Trace)).unwrap();
    let mut texts = Texts::default();
    refused_arguments(&mut texts);
    all_vectors(&mut texts).await;
    all_faults(&mut texts).await;
    a_batch(&mut texts).await;
    texts.assert_without(&[TOKEN, KEY, SIGNATURE, PASSWORD, "pa55", &STANDARD.encode(format!("me:{PASSWORD}"))]);
    // The log was really read: retries stand in it.
    assert!(texts.0.iter().any(|text| text.starts_with("extension 4000: trying again in ")));
}
