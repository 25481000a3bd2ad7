//! What the tests of the client share: a raw server whose bytes are exactly those of the test, a throw-away certificate
//! authority, and the vectors.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod authority;
pub(crate) mod server;
pub(crate) mod vectors;

use std::future::Future;
use std::process::Command;
use std::time::Duration;

use webphone::{BaseUrl, Client, ClientConfig, Error, Extension, UrlRequest, WebphoneUrl};

/// The token of all tests.
pub(crate) const TOKEN: &str = "T0ken-5ecret-0123";

/// The key in every URL that the tests' servers hand out.
pub(crate) const KEY: &str = "k3y5ecret4567";

/// The signature in every URL that the tests' servers hand out.
pub(crate) const SIGNATURE: &str = "5161516151615161516151615161516151615161516151615161516151615161";

/// The proxies' password in all tests.
pub(crate) const PASSWORD: &str = "pr0xy-pa55";

/// Long enough for a loaded machine; whoever waits that long hangs.
pub(crate) const HANG: Duration = Duration::from_secs(30);

/// A configuration for a server of the tests: no retries, so that what happens, happens once.
pub(crate) fn once(base: &str) -> ClientConfig {
    ClientConfig { base_url: BaseUrl::Other { url: base.to_owned() }, max_retries: 0, ..ClientConfig::default() }
}

/// A client of the tests.
#[track_caller]
pub(crate) fn client(config: ClientConfig) -> Client {
    Client::new(TOKEN.to_owned(), config).unwrap()
}

/// The request of the tests: extension 4000, floating.
pub(crate) fn request() -> UrlRequest {
    UrlRequest::new(Extension::number(4000))
}

/// One fetch with this configuration.
pub(crate) async fn fetch(config: ClientConfig) -> Result<std::sync::Arc<WebphoneUrl>, Error> {
    client(config).fetch(request()).await
}

/// Awaits what has to come, and fails instead of hanging when it doesn't.
#[track_caller]
pub(crate) fn soon<F: Future>(what: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        match tokio::time::timeout(HANG, what).await {
            Ok(output) => output,
            Err(_) => panic!("{caller}: nothing came within {HANG:?}"),
        }
    }
}

/// Fails when one of the tests' secrets stands in a text.
#[track_caller]
pub(crate) fn assert_no_secret(text: &str) {
    for secret in [TOKEN, KEY, SIGNATURE, PASSWORD] {
        assert!(!text.contains(secret), "a secret stands in: {text}");
    }
}

/// A test of this program, by its `module_path!()` and its name, alone in another process.
pub(crate) fn alone(module: &str, test: &str) -> Command {
    // The tests of a program do not have its name before theirs.
    let name = match module.split_once("::") {
        Some((_, inner)) => format!("{inner}::{test}"),
        None => test.to_owned(),
    };
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", &name]);
    process
}

/// Runs that test, which is there and passes.
#[track_caller]
pub(crate) fn assert_passes(process: &mut Command) {
    let output = process.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains(" 1 passed"), "{process:?}: {said}");
}
