//! What comes out of the machine: texts to post, settled commands, updates, and when to look again.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::input::{Moment, PageReport};
use super::snapshot::Snapshot;
use crate::error::Error;
use crate::protocol::{BrokenEvent, CallId, Event, PhoneNumber};

/// All that one input led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// Texts to post to the page, in order.
    pub texts: Vec<OutgoingText>,
    /// Commands that ended, in order.
    pub settlements: Vec<Settlement>,
    /// What the session's followers shall hear, in order.
    pub updates: Vec<Update>,
    /// When the next [`Tick`](super::Input::Tick) is due, in monotonic milliseconds; none when nothing waits.
    pub deadline: Option<i64>,
}

/// A text to post to the phone. The host reports on it by its number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct OutgoingText {
    /// Its number, 1, 2, 3, … in the order of posting.
    pub n: i64,
    /// The load of the page that it is for. A host never posts a text of an older generation, but reports it as not
    /// posted.
    pub generation: i64,
    /// The message as JSON text.
    pub text: String,
}

/// The end of a command. Each command has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The command's number.
    pub id: i64,
    /// What became of it.
    pub result: Result<Outcome, Error>,
}

/// What became of a command that did not fail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// The phone said that it happened.
    Confirmed {
        /// The phone's word for it: `chamada_id`, `conversando`.
        by: String,
        /// The id of the call that the command was about; none when there is none or it is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call_id: Option<CallId>,
    },
    /// It was so already: nothing was posted.
    Unchanged,
    /// It was posted; the phone never confirms this command.
    Sent {
        /// How many keys were pressed; none for every other command than DTMF.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keys: Option<i32>,
    },
    /// It was posted and no confirmation came in its time; it may have worked. A late confirmation still reaches
    /// state and updates.
    Unconfirmed,
}

/// Something happened: why, and what the session looks like now.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Update {
    /// Its number, 1, 2, 3, … without gaps.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// Why it comes.
    pub cause: Cause,
    /// The session after it. Several updates of one input carry the same picture.
    pub state: Snapshot,
}

/// Why an update comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "a box would not cross into other languages")]
pub enum Cause {
    /// The phone said something.
    Event {
        /// What.
        event: Event,
        /// Whether it does not fit into what was known; it was applied as well as it can be.
        unexpected: bool,
    },
    /// The phone said something that can't be used; nothing changed.
    BrokenEvent {
        /// What, and which field.
        broken: BrokenEvent,
    },
    /// The host reported on the page.
    Page {
        /// What.
        report: PageReport,
    },
    /// A command's text was handed out for posting.
    Posting {
        /// The command's number.
        id: i64,
        /// Its word on the wire: `chamaNumero`.
        name: String,
    },
    /// A command's text was not posted: what had been assumed of it was taken back.
    TakenBack {
        /// The command's number.
        id: i64,
    },
    /// A command ended.
    Settled {
        /// The command's number.
        id: i64,
        /// The outcome's or error's word: `confirmed`, `unchanged`, `sent`, `unconfirmed`, `rejected`, ….
        code: String,
    },
    /// A call ended.
    CallEnded {
        /// The call as it was at its end.
        call: Call,
    },
    /// Somebody told whether the microphone is muted.
    MuteAssumed {
        /// Whether it is.
        muted: bool,
    },
    /// The session works with another URL.
    UrlChanged,
    /// The page loaded again by itself, with a URL that makes the phone dial each time it loads: it dialled again.
    AutoDialled {
        /// The number.
        number: PhoneNumber,
    },
    /// The URL expires soon: fetch a new one, and load it when no call goes on.
    RenewalDue {
        /// When it expires, in Unix milliseconds.
        expires_at_ms: i64,
    },
    /// A wait or grace ended.
    Time,
    /// The session was shut down. No further update comes.
    ShutDown,
    /// A follower was too slow: updates before this one were dropped for it.
    Overflow {
        /// How many.
        lost: i64,
    },
}

impl Outcome {
    /// A stable word for programs and logs: `confirmed`, `unchanged`, `sent` or `unconfirmed`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Confirmed { .. } => "confirmed",
            Self::Unchanged => "unchanged",
            Self::Sent { .. } => "sent",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl Settlement {
    /// The outcome's or error's word.
    pub fn code(&self) -> String {
        match &self.result {
            Ok(outcome) => outcome.code().to_owned(),
            Err(error) => error.code(),
        }
    }
}
