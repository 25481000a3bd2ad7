//! A phone in a page, as a session: what it is doing, and what became of each command.

mod call;
mod calls;
mod config;
mod flags;
mod gate;
mod input;
mod job;
mod output;
mod pending;
mod snapshot;
mod sound;
mod step;
pub mod trace;

pub use call::{Call, CallEnd, CallOrigin, CallPhase, Consultation, EndReason};
pub use config::SessionConfig;
pub use input::{Input, Moment, PageReport, Request, UrlFacts};
pub use output::{Cause, Outcome, OutgoingText, Outputs, Settlement, Update};
pub use snapshot::{AliveBy, Line, Mute, Page, PagePhase, PhoneError, Queue, Recording, Snapshot};
pub use step::Machine;
