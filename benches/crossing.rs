//! What other languages are held against: from a message of a phone to its update, and a fetch, in Rust.
//! Prints microseconds, the median of several runs.
//!
//! `cargo bench --bench crossing -- receive | fetch BASE_URL TOKEN`
#![allow(missing_docs)]

mod messages;

use std::time::Instant;

use futures_util::StreamExt;
use messages::{BEFORE, MEASURED};
use webphone::session::{PageReport, Session, SessionConfig};
use webphone::{BaseUrl, Client, ClientConfig, Extension, UrlRequest};

/// Runs, whose median is told.
const RUNS: usize = 9;

fn micros(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}

async fn median<F: Future<Output = ()>>(count: usize, run: impl Fn() -> F) -> f64 {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        run().await;
        times.push(micros(began) / count as f64);
    }
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

async fn receive() -> f64 {
    let count = 99_999;
    let session = Session::open(SessionConfig::default(), None, None).unwrap();
    session.page_report(PageReport::Loaded);
    BEFORE.iter().for_each(|text| session.receive((*text).to_owned()));
    let updates = tokio::sync::Mutex::new(session.updates(256).unwrap().into_stream().unwrap());
    median(count, || async {
        let mut updates = updates.lock().await;
        for text in MEASURED.into_iter().cycle().take(count) {
            session.receive(text.to_owned());
            assert!(updates.next().await.is_some());
        }
    })
    .await
}

fn request() -> UrlRequest {
    UrlRequest::new(Extension::number(4000))
}

async fn fetch(client: &Client) -> f64 {
    let count = 1_000;
    for _ in 0..200 {
        client.fetch(request()).await.unwrap();
    }
    median(count, || async {
        for _ in 0..count {
            client.fetch(request()).await.unwrap();
        }
    })
    .await
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // Cargo adds an option of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let took = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["receive"] => receive().await,
        ["fetch", base, token] => {
            let config = ClientConfig { base_url: BaseUrl::Other { url: base.to_owned() }, ..ClientConfig::default() };
            fetch(&Client::new(token.to_owned(), config).unwrap()).await
        }
        _ => panic!("usage: receive | fetch BASE_URL TOKEN"),
    };
    println!("{took}");
}
