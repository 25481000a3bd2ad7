//! The client against a real server whose bytes are exactly those of a test: one request, many, and the vectors.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that is surprised fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod batch;
mod client;
mod vectors;
