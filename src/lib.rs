//! Fetch the webphone of a TotalVoice/Zenvia extension, and drive it.
//!
//! The rooms, in the order in which data flows:
//!
//! - [`api`]: asks the REST API for an extension's webphone URL, one or ten thousand.
//! - [`url`](WebphoneUrl): that URL, a secret with a type, an origin and an expiry.
//! - [`protocol`]: the phone's commands and events as data.
//! - [`session`]: a phone in a page, as a [`Session`]: what it is doing, and what became of each command.
//! - [`page`]: the page that holds a phone, and what goes between it and a session.
//! - [`simulator`]: the API on this machine, for tests, demos and offline work.
//! - `error`, `runtime`, `secret`, `log`: what all of them stand on.
//!
//! From these types UniFFI generates the Kotlin, Swift and Python bindings.

// Library code never panics and never prints. Tests may: a test fails by panicking.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_errors_doc,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::todo,
    clippy::unimplemented,
    clippy::unwrap_used
)]

pub mod api;
pub mod page;
pub mod protocol;
pub mod session;
pub mod simulator;

mod error;
mod fields;
mod log;
mod runtime;
mod secret;
mod url;

pub use api::{
    BaseUrl, Batch, BatchOptions, BatchProgress, BatchStep, Client, ClientConfig, Extension, FetchOutcome, Proxy,
    UrlRequest, blocking,
};
pub use error::{AnswerProblem, ApiFailure, ApiReason, Error, NotReadyReason, Posted, UnreachableCause};
pub use log::{
    LogLevel, LogOperation, LogRecord, LogRecords, LogStarted, collect_logs, next_log_records, start_next_log_records,
};
pub use page::{HostPage, PageLink};
pub use protocol::{Command, PhoneNumber, parse_command, parse_phone_number};
pub use runtime::{
    Clock, Moment, WakeQueueFunctions, cancel_unclaimed, prepare_exit, system_time, wake_queue_functions,
};
pub use session::{Outcome, Session, SessionConfig, Snapshot, Update};
pub use simulator::Simulator;
pub use url::{PhoneType, WebphoneUrl};

uniffi::setup_scaffolding!();

/// What the README shows has to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
