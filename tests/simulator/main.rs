//! The simulator: its API on a real socket, its phones in process, and their pages.

#![cfg(feature = "simulator")]

#[path = "../support/mod.rs"]
mod support;

mod api;
mod pages;
mod phones;
