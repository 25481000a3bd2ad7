//! The client against a real server whose bytes are exactly those of a test: one request, many, and the vectors.

#[path = "../support/mod.rs"]
mod support;

mod batch;
mod client;
mod vectors;
