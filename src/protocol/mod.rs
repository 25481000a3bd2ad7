//! The phone's language as data: commands, events and the values in them. Pure; no I/O.
//!
//! What comes in is read leniently (an object or its JSON text, ids as numbers or strings, optional fields missing);
//! what goes out is strict: each [`Command`] and each [`Event`] has one JSON text.

mod checked;
mod command;
mod dtmf;
mod event;
mod id;
mod number;
mod wire;

pub use command::{Command, parse_command};
pub use dtmf::{Dtmf, DtmfKey};
pub use event::{BrokenEvent, CallStatus, Event};
pub use id::{CallId, QueueId};
pub use number::{CallNumber, PhoneNumber, parse_phone_number};
