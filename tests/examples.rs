//! The Rust example, run as a program of its own beside a simulator; it is what the README shows.
#![cfg(feature = "simulator")]

use std::env::current_exe;
use std::process::Command;

use webphone::simulator::{Simulator, SimulatorConfig};

#[test]
fn fetch_prints_urls_and_says_what_failed() {
    let simulator = Simulator::start(SimulatorConfig::default(), None).unwrap();
    // Cargo builds the examples beside the tests, and names none of them.
    let example = current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/fetch");
    let api = simulator.api_url().unwrap();
    let run = Command::new(example)
        .env("TOTALVOICE_ACCESS_TOKEN", simulator.token().unwrap())
        .env("WEBPHONE_BASE_URL", &api)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(run.status.success(), "{err}");

    let host = api.strip_prefix("http://").unwrap();
    let shown = |kind: &str| format!("<WebphoneUrl {kind} at {host}; use reveal()>");
    assert_eq!(out.lines().collect::<Vec<_>>(), [shown("hidden"), shown("floating"), shown("floating")]);
    assert_eq!(err.lines().count(), 98, "the simulator knows two of the hundred");
    assert!(err.lines().all(|line| line.contains("does not know this extension")), "{err}");
}

#[test]
fn the_readme_shows_the_example() {
    let code = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let readme = include_str!("../README.md").split_once("```rust,no_run\n").unwrap().1.split_once("\n# Ok").unwrap().0;
    let mut example = code(include_str!("../examples/fetch.rs"));
    example.retain(|line| !line.starts_with("//!") && !line.starts_with("fn main"));
    assert_eq!(example.split_off(example.len() - 2), ["Ok(())", "}"]);
    assert_eq!(example, code(readme));
}
