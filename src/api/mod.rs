//! The REST side: what to ask for, how to ask, and what comes back.
//!
//! A request goes down the list, its answer comes up again: `client` and `batch` drive, `core` fetches one, `pace` and
//! `retry` decide when, `exchange` is the wire, `answer` the meaning.

mod answer;
mod batch;
pub mod blocking;
mod client;
mod config;
mod core;
mod direct;
mod exchange;
mod pace;
mod request;
mod retry;

pub use batch::{
    Batch, BatchOperation, BatchOptions, BatchProgress, BatchStarted, BatchStep, BatchTextOperation, BatchTextStarted,
    FetchOutcome,
};
pub use client::{Client, FetchOperation, FetchStarted};
pub use config::{BaseUrl, ClientConfig, Proxy};
pub use direct::direct_functions;
pub use request::{Extension, UrlRequest};
