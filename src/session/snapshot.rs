//! The picture of a session at one moment. What nobody reported is unknown in it, never guessed.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::input::Moment;
use crate::protocol::QueueId;

/// A session at one moment; it never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Snapshot {
    /// The page that holds the phone.
    pub page: Page,
    /// Whether the phone has its line.
    pub line: Line,
    /// The current call; none when there is none.
    pub call: Option<Call>,
    /// An incoming call that rings, beside the current one or alone.
    pub ringing: Option<Call>,
    /// The microphone in the current call.
    pub mute: Mute,
    /// The recording of the current call.
    pub recording: Recording,
    /// Every queue that was ever named, by id.
    pub queues: Vec<Queue>,
    /// The last error that was about no call being set up.
    pub last_error: Option<PhoneError>,
    /// Events so far that did not fit into what was known.
    pub unexpected_events: i64,
    /// Events so far with a field that can't be used.
    pub broken_events: i64,
    /// Whether the session was shut down.
    pub shut_down: bool,
}

/// The page that holds the phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Page {
    /// How far it is.
    pub phase: PagePhase,
    /// How it came to life; none before.
    pub alive_by: Option<AliveBy>,
    /// Which load of the page this is: 1, 2, 3, …; each loss begins a new one.
    pub generation: i64,
    /// Whether the host reported that the phone's document failed to load.
    pub failed: bool,
    /// Whether the URL expires soon, or has expired.
    pub renewal_due: bool,
}

/// How far a page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum PagePhase {
    /// It loads.
    #[default]
    Loading,
    /// It has loaded; the phone in it has not spoken.
    Loaded,
    /// The phone lives in it.
    Alive,
    /// The phone can make calls.
    Ready,
    /// It is gone; what it still says is ignored until a new one loads.
    Lost,
}

/// How it is known that a page is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum AliveBy {
    /// The phone spoke.
    Message,
    /// It loaded, nobody reported a failure, and it stayed silent: an assumption. Nothing is `Sent` on its strength.
    Silence,
}

/// Whether the phone has its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The phone did not say, or a command may have changed it.
    #[default]
    Unknown,
    /// It has (`conectado`).
    #[doc(alias = "conectado")]
    Connected,
    /// It has not (`desconectado`): it makes and takes no calls.
    #[doc(alias = "desconectado")]
    Disconnected,
}

/// The microphone. The phone never says whether it is muted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Mute {
    /// It can't be known; also when there is no call.
    #[default]
    Unknown,
    /// By what was posted it should be muted.
    AssumedMuted,
    /// By what was posted it should be open.
    AssumedUnmuted,
}

/// The partial recording of a call. The phone never says whether it records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    /// It can't be known.
    Unknown,
    /// By what was posted it should be on.
    AssumedOn,
    /// By what was posted it should be off; so is every new call's.
    #[default]
    AssumedOff,
}

/// A queue, as far as the phone told.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Whether the extension is a member; none: unknown.
    pub member: Option<bool>,
    /// Whether the extension pauses in it; none: unknown.
    pub paused: Option<bool>,
}

/// An error that the phone reported (`status_erro`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct PhoneError {
    /// The phone's own words, 1 to 128 characters.
    pub status_erro: String,
    /// When it came.
    pub at: Moment,
}
