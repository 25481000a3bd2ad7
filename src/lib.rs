//! Fetch the webphone of a TotalVoice/Zenvia extension, and drive it.
//!
//! The rooms, in the order in which data flows:
//!
//! - [`api`]: asks the REST API for an extension's webphone URL, one or ten thousand.
//! - [`url`](WebphoneUrl): that URL, a secret with a type, an origin and an expiry.
//! - [`protocol`]: the phone's commands and events as data.
//! - [`session`]: a phone in a page: what it is doing, and what became of each command.
//! - `error`, `runtime`, `secret`, `log`: what all of them stand on.
//!
//! From these types UniFFI generates the Kotlin, Swift and Python bindings.

pub mod api;
pub mod protocol;
pub mod session;

mod error;
mod secret;
mod url;

pub use api::{Extension, UrlRequest};
pub use error::{AnswerProblem, ApiFailure, ApiReason, Error, NotReadyReason, Posted, UnreachableCause};
pub use protocol::PhoneNumber;
pub use url::{PhoneType, WebphoneUrl};

uniffi::setup_scaffolding!();
