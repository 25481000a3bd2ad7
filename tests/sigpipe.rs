//! A peer that closes early ends a request, and never the program, though that leaves SIGPIPE at its default as one in
//! Swift or C++ does. That program is this test once more, in a process of its own, with its peers in the first one.
#![cfg(any(target_os = "linux", target_os = "android"))]

mod support;

use std::env;
use std::net::Ipv4Addr;
use std::os::unix::process::ExitStatusExt;
use std::thread;

use support::authority::Authority;
use support::server::{Play, Server, success};
use support::{TOKEN, alone, request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use webphone::simulator::{Fault, FaultRule, Simulator, SimulatorConfig};
use webphone::{BaseUrl, BatchOptions, Client, ClientConfig, UrlRequest, blocking};

/// Where the child finds its peer, and the certificate that it has to trust.
const BASE: &str = "WEBPHONE_TEST_BASE";
const PEM: &str = "WEBPHONE_TEST_PEM";

/// Whether a program on its own survives this peer: how it ended.
fn is_survived(base: &str, pem: &str, test: &str) -> bool {
    let status = alone(module_path!(), test).env(BASE, base).env(PEM, pem).status().unwrap();
    assert!(status.success() || status.signal() == Some(libc::SIGPIPE), "{base}: {status}");
    status.success()
}

#[test]
fn a_peer_that_closes_early_does_not_end_the_program() {
    if let Ok(base) = env::var(BASE) {
        return be_the_program(&base, &env::var(PEM).unwrap());
    }
    let authority = Authority::new();
    let half = success(1)[..40].to_vec();
    let plays = [
        ("closes without an answer", Play::Close(Vec::new())),
        ("closes after an answer", Play::Close(success(1))),
        ("resets instead of an answer", Play::Reset(Vec::new())),
        ("resets after an answer", Play::Reset(success(1))),
        ("resets in an answer", Play::Reset(half)),
    ];
    let mut ended: Vec<&str> = Vec::new();
    for (peer, play) in plays {
        let server = Server::start_tls(authority.server("localhost"), move |_| std::future::ready(play.clone()));
        if !is_survived(&server.base(), &authority.pem(), "a_peer_that_closes_early_does_not_end_the_program") {
            ended.push(peer);
        }
    }
    if !is_survived(&hasty_peer(), &authority.pem(), "a_peer_that_closes_early_does_not_end_the_program") {
        ended.push("goes when it is connected");
    }
    assert!(ended.is_empty(), "the program ended by SIGPIPE at a peer that {ended:?}");
}

/// Goes as soon as somebody has connected: what he writes first finds nobody, in the thread that waits for his request.
fn hasty_peer() -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    // It ends with the test's process.
    thread::spawn(move || {
        Builder::new_current_thread().enable_io().build().unwrap().block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((mut stream, _)) = listener.accept().await {
                // A goodbye, then a reset: after that a write is an EPIPE, and not an ECONNRESET.
                let _ = stream.shutdown().await.and_then(|()| stream.set_zero_linger());
            }
        });
    });
    base
}

/// What a program does with a client: it awaits, it blocks, and it fetches many. What comes of that is for others to test.
fn be_the_program(base: &str, pem: &str) {
    // SAFETY: no other thread of this process has to do with signals.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let config = || ClientConfig {
        base_url: BaseUrl::Other { url: base.to_owned() },
        root_certificates_pem: Some(pem.to_owned()),
        max_retries: 0,
        ..ClientConfig::default()
    };
    let client = Client::new(TOKEN.to_owned(), config()).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    for _ in 0..50 {
        drop(runtime.block_on(client.fetch(request())));
    }
    let client = blocking::Client::new(TOKEN.to_owned(), config()).unwrap();
    for _ in 0..50 {
        drop(client.fetch(request()));
    }
    let many: Vec<UrlRequest> = (0..200).map(|_| request()).collect();
    let results = client.fetch_many(many, BatchOptions { concurrency: 32, ..BatchOptions::default() }).unwrap();
    assert_eq!(results.count(), 200);
    // SAFETY: as above.
    assert_eq!(
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) },
        libc::SIG_DFL,
        "the program's choice was changed"
    );
}

#[test]
fn a_client_that_goes_early_does_not_end_the_simulators_program() {
    if env::var(BASE).is_err() {
        assert!(is_survived("", "", "a_client_that_goes_early_does_not_end_the_simulators_program"));
        return;
    }
    // SAFETY: no other thread of this process has to do with signals.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let config = SimulatorConfig { tls: true, ..SimulatorConfig::default() };
    let simulator = Simulator::start(config, None).unwrap();
    let client = |timeout_ms| {
        let config = ClientConfig {
            base_url: BaseUrl::Other { url: simulator.api_url().unwrap() },
            root_certificates_pem: simulator.root_certificate_pem().unwrap(),
            timeout_ms,
            ..ClientConfig::default()
        };
        blocking::Client::new(simulator.token().unwrap(), config).unwrap()
    };
    // The answer goes on piece by piece when nobody waits for it any more.
    simulator.add_fault(FaultRule::always(Fault::Drip { chunk_bytes: 1, pause_ms: 2 })).unwrap();
    for _ in 0..5 {
        drop(client(50).fetch(request()));
    }
    while simulator.requests(0).unwrap().in_flight > 0 {
        thread::yield_now();
    }
    simulator.clear_faults().unwrap();
    client(20_000).fetch(request()).unwrap();
}
