//! A phone in a page, as a session: what it is doing, and what became of each command.
//!
//! The phone speaks without request ids, repeats itself or not as it likes, and can be operated by its own user. A
//! [`Session`] makes one sound picture of that. Whoever hosts the page carries messages to and fro, over any transport:
//!
//! ```
//! use webphone::session::{PageReport, Session, SessionConfig};
//!
//! async fn host(session: &Session, mut post: impl FnMut(&str)) {
//!     session.page_report(PageReport::Loaded);
//!     while let Ok(texts) = session.next_texts(16).await {
//!         for text in texts {
//!             post(&text.text); // to the phone's window
//!             session.posted(text.n, true);
//!         }
//!     }
//! } // meanwhile, for each message of the phone: session.receive(text)
//!
//! async fn use_it(session: &Session) -> Result<(), webphone::Error> {
//!     let outcome = session.call("11 99999-0000").await?; // waits for the phone to be ready, by itself
//!     println!("{outcome:?}");
//!     if let Some(call) = session.state()?.call {
//!         println!("{:?} with {:?}", call.phase, call.number);
//!     }
//!     session.send_dtmf("12#").await?; // paced
//!     session.hang_up().await?;
//!     Ok(())
//! }
//! # let session = Session::open(SessionConfig::default(), None, None)?;
//! # let _ = (host(&session, |_| ()), use_it(&session));
//! # Ok::<(), webphone::Error>(())
//! ```
//!
//! What holds for each session:
//!
//! 1. **An error means that the command did nothing**: it was never posted, or the phone refused it. Only a lost page,
//!    the session's end and a cancellation leave that open, and say whether it was [posted](crate::Posted). Whatever
//!    was posted and not confirmed is an [outcome](Outcome), because its effect is unknown.
//! 2. **Unknown is a value.** What nobody reported is unknown, assumed or doubtful, never guessed as fact.
//! 3. **Dialling is never locked** by something that the phone forgot to say, and never happens twice by something
//!    that the host repeated.
//!
//! Inside is a [`Machine`], which is pure: time is an input, and the same inputs always give the same outputs. Who drives
//! it feeds [`Input`]s, posts the [texts](OutgoingText) that come out and reports on each, wakes those whose commands
//! are [settled](Settlement), hands on the [updates](Update), and comes back at the deadline. A session does, in the
//! system's time or that of a [`Clock`](crate::Clock) which tests move by hand.
//!
//! The machine's rooms: `gate` (the page's life and loads, and what it is ready for), `pending` (the one list of
//! commands; it knows no telephony), `calls` (the current, the ringing, consultation, doubt, history), `flags` (line and
//! queues) and `sound` (mute and recording), and `step`, the only one that sees them all. Around it: `driver` (its one
//! owner), `outbox` and `followers` (what waits to be pulled), `record` with `mask` (a session written down as a
//! [`trace`], see [`SessionConfig::record`]) and [`replay()`].
//!
//! ```
//! use webphone::protocol::{Command, PhoneNumber};
//! use webphone::session::{Input, Machine, Moment, PageReport, Request, SessionConfig};
//!
//! let mut machine = Machine::new(SessionConfig::default())?;
//! let at = |ms| Moment { mono_ms: ms, unix_ms: 1_790_000_000_000 + ms };
//! machine.step(&Input::PageReport { report: PageReport::Loaded }, at(0));
//! machine.step(&Input::PhoneMessage { text: r#"{"message":"status","status":"conectado"}"#.into() }, at(300));
//!
//! let command = Command::Call { number: PhoneNumber::parse("11 99999-0000")? };
//! let outputs = machine.step(&Input::Command { id: 1, request: Request::Execute { command } }, at(1000));
//! assert_eq!(outputs.texts[0].text, r#"{"message":"chamaNumero","numero":"11999990000"}"#);
//! machine.step(&Input::Posted { n: outputs.texts[0].n, ok: true }, at(1005));
//!
//! let id = Input::PhoneMessage { text: r#"{"message":"chamada_id","chamada_id":123}"#.into() };
//! let outputs = machine.step(&id, at(1200));
//! println!("{:?}", outputs.settlements[0].result);
//! # assert!(outputs.settlements[0].result.is_ok());
//! # Ok::<(), webphone::Error>(())
//! ```
//!
//! # Assumptions
//! The vendor's documents leave open: that hanging up declines a ringing call; that in a consultation the phone's
//! events are about its leg, and that hanging up completes the transfer; that mute is a plain toggle which starts
//! unmuted in each call of a hidden phone; that there is nothing to consult about before the talk, and one leg at a
//! time; that a pause need not outlast the membership in its queue.
//!
#![doc = include_str!("transitions.md")]

mod after;
mod call;
mod calls;
mod config;
mod direct;
mod driver;
#[cfg(test)]
mod explored;
mod flags;
mod followers;
mod gate;
mod host;
mod input;
mod job;
mod mask;
#[cfg(test)]
mod model;
mod outbox;
mod output;
mod pending;
mod record;
mod replay;
mod snapshot;
mod sound;
mod step;
pub mod trace;
mod verbs;

pub use call::{Call, CallEnd, CallOrigin, CallPhase, Consultation, EndReason};
pub use config::{RecordNumbers, SessionConfig};
pub use direct::direct_session_functions;
pub use followers::{
    UpdateStream, Updates, UpdatesJsonOperation, UpdatesJsonStarted, UpdatesOperation, UpdatesStarted,
};
pub(crate) use host::Poster;
pub use host::{CommandOperation, CommandStarted, Session, TextsOperation, TextsStarted};
pub use input::{Input, LoadFailure, Moment, PageReport, Request, UrlFacts};
pub use output::{Cause, Outcome, OutgoingText, Outputs, Settlement, Update};
pub use replay::{CommandResult, ReplayedSettlement, ReplayedStep, replay};
pub use snapshot::{AliveBy, Line, Mute, Page, PagePhase, PhoneError, Queue, Recording, Snapshot};
pub use step::Machine;

/// Compares a table with the one in the documentation below this heading.
#[cfg(test)]
fn assert_documented(heading: &str, rendered: &str) {
    let documented = include_str!("transitions.md");
    let (_, section) = documented.split_once(&format!("# {heading}\n")).unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let table: String = lines.map(|line| format!("{line}\n")).collect();
    assert!(table == rendered, "the table under `{heading}` in transitions.md should be:\n\n{rendered}");
}
