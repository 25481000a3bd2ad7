//! The REST side: what to ask for, how to ask, and what comes back.

mod request;

pub use request::{Extension, UrlRequest};
