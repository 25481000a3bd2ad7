//! What goes into the machine: from the page, from the host, from the caller, and time.

use serde::Serialize;
use serde_json::Value;

use crate::fields::{Fields, Read, deserialize};
use crate::protocol::{Command, Dtmf, PhoneNumber};
pub use crate::runtime::Moment;

/// The longest word of a platform's for a failure of the network.
const MAX_CODE: usize = 64;

/// One thing that happened to a session. Text of the page can only ever be a [`PhoneMessage`](Input::PhoneMessage).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Input {
    /// Text came from the phone's window. What is not the phone's is ignored.
    PhoneMessage {
        /// The message as JSON text.
        text: String,
    },
    /// The host reports on the page.
    PageReport {
        /// What about it.
        report: PageReport,
    },
    /// A command was given.
    Command {
        /// The caller's number for it: 1 or more, and larger than every one before; another one is ignored as a repeat.
        id: i64,
        /// What to do.
        request: Request,
    },
    /// A command's caller waits no more.
    Cancel {
        /// The command's number; one that is not open is ignored.
        id: i64,
    },
    /// The host reports on a text that it was given.
    Posted {
        /// The text's number.
        n: i64,
        /// Whether it was posted to the page.
        ok: bool,
    },
    /// Somebody knows whether the microphone is muted.
    AssumeMuted {
        /// Whether it is.
        muted: bool,
    },
    /// The URL that the page will load next, or has begun to load, is another one.
    UrlChanged {
        /// What the session needs to know about it.
        url: UrlFacts,
    },
    /// Time passed.
    Tick,
    /// The session ends.
    ShutDown,
}

/// What a caller asks for: a command of the phone as it stands, or one that the session makes of several.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// One command of the phone. `ToggleMute` is always posted.
    Execute {
        /// The command.
        command: Command,
    },
    /// Presses keys one after the other, in the pace of `dtmf_pace_ms`.
    #[doc(alias = "enviaDTMF")]
    SendDtmf {
        /// The keys.
        keys: Dtmf,
    },
    /// Mutes or unmutes the microphone: a toggle, posted only if it is known to be needed.
    #[doc(alias = "mute")]
    SetMuted {
        /// Whether it shall be muted.
        muted: bool,
    },
}

/// Why the phone's document did not load, as far as the host can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LoadFailure {
    /// The server answered with this HTTP status. One below 400 is no failure.
    Status {
        /// The status, 100 to 999.
        status: i32,
    },
    /// The certificate, its name or the protocol is not acceptable.
    Tls,
    /// The document may not be shown in a frame (`X-Frame-Options`, `frame-ancestors`), or a policy forbids to load it.
    Blocked,
    /// The network failed.
    Network {
        /// The platform's word for it: `net::ERR_CONNECTION_REFUSED`. Only its letters, digits and `_ : . -` are kept.
        code: String,
    },
    /// Nothing had loaded when the time for it was over.
    TimedOut,
    /// The script that makes a hidden phone did not load.
    Script,
}

/// What a host can see of the page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PageReport {
    /// The page begins to load. After [`Loaded`](PageReport::Loaded) that is a loss of the page before.
    Loading,
    /// The phone's document has loaded, as far as the host can see.
    Loaded,
    /// The phone's document failed to load: silence of the page no longer counts as life.
    Failed {
        /// What the host knows about it, for people.
        detail: String,
        /// Why, for programs; none: for another reason, which the detail tells.
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<LoadFailure>,
    },
    /// The page is gone: its process ended, its view was removed.
    Lost {
        /// What the host knows about it, for people.
        detail: String,
    },
    /// The phone closed itself.
    Closed,
    /// The phone's window went to another page.
    Navigated,
    /// The phone's document loaded again by itself. It counts as lost until the next [`Loading`](PageReport::Loading).
    Reloaded,
    /// Anything else worth telling, such as a refused microphone. It changes nothing but reaches the updates.
    Notice {
        /// A stable word for programs, in `snake_case`: `microphone_refused`.
        name: String,
        /// What the host knows about it, for people.
        detail: String,
    },
}

impl LoadFailure {
    /// With nothing in it but what a platform's word consists of: whatever a host hands in, no URL gets through.
    pub(crate) fn cleaned(self) -> Self {
        match self {
            Self::Network { code } => {
                let kept = code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-'));
                Self::Network { code: kept.take(MAX_CODE).collect() }
            }
            other => other,
        }
    }

    /// What it is, for people.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Status { status } => format!("The phone's page was answered with HTTP {status}."),
            Self::Tls => {
                "The connection to the phone's page is not secure: its certificate is not acceptable.".to_owned()
            }
            Self::Blocked => {
                "The phone's page may not be loaded: it forbids to be framed, or a policy does.".to_owned()
            }
            Self::Network { code } => format!("The network failed on the way to the phone's page ({code})."),
            Self::TimedOut => "The phone's page did not load in time.".to_owned(),
            Self::Script => "The phone's script did not load.".to_owned(),
        }
    }
}

impl PageReport {
    /// Its word, as in a trace.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Loaded => "loaded",
            Self::Failed { .. } => "failed",
            Self::Lost { .. } => "lost",
            Self::Closed => "closed",
            Self::Navigated => "navigated",
            Self::Reloaded => "reloaded",
            Self::Notice { .. } => "notice",
        }
    }

    /// What the host knows about it, for people.
    pub(super) fn detail(&self) -> Option<&str> {
        match self {
            Self::Failed { detail, .. } | Self::Lost { detail } | Self::Notice { detail, .. } => Some(detail),
            Self::Loading | Self::Loaded | Self::Closed | Self::Navigated | Self::Reloaded => None,
        }
    }

    /// As a host may hand it in.
    pub(super) fn cleaned(self) -> Self {
        match self {
            Self::Failed { failure, detail } => Self::Failed { failure: failure.map(LoadFailure::cleaned), detail },
            other => other,
        }
    }

    /// As [`detail`](Self::detail), to be written over.
    pub(super) fn detail_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Failed { detail, .. } | Self::Lost { detail } | Self::Notice { detail, .. } => Some(detail),
            Self::Loading | Self::Loaded | Self::Closed | Self::Navigated | Self::Reloaded => None,
        }
    }
}

/// What a session needs to know about a phone's URL; never the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, uniffi::Record)]
pub struct UrlFacts {
    /// When it expires, in Unix milliseconds; none when it does not.
    #[doc(alias = "expires")]
    pub expires_at_ms: Option<i64>,
    /// The number that the phone dials each time it loads this URL (`ligar_para`).
    #[doc(alias = "ligar_para")]
    pub call_on_open: Option<PhoneNumber>,
}

deserialize!(Input, Request, LoadFailure, PageReport, UrlFacts);

impl Read for Input {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let input = match fields.take::<String>("type")?.as_str() {
            "phone_message" => Self::PhoneMessage { text: fields.take("text")? },
            "page_report" => Self::PageReport { report: fields.take("report")? },
            "command" => Self::Command { id: fields.take("id")?, request: fields.take("request")? },
            "cancel" => Self::Cancel { id: fields.take("id")? },
            "posted" => Self::Posted { n: fields.take("n")?, ok: fields.take("ok")? },
            "assume_muted" => Self::AssumeMuted { muted: fields.take("muted")? },
            "url_changed" => Self::UrlChanged { url: fields.take("url")? },
            "tick" => Self::Tick,
            "shut_down" => Self::ShutDown,
            _ => return None,
        };
        fields.end(input)
    }
}

impl Read for Request {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let request = match fields.take::<String>("type")?.as_str() {
            "execute" => Self::Execute { command: fields.take("command")? },
            "send_dtmf" => Self::SendDtmf { keys: fields.take("keys")? },
            "set_muted" => Self::SetMuted { muted: fields.take("muted")? },
            _ => return None,
        };
        fields.end(request)
    }
}

impl Read for LoadFailure {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let failure = match fields.take::<String>("type")?.as_str() {
            "status" => Self::Status { status: fields.take("status")? },
            "tls" => Self::Tls,
            "blocked" => Self::Blocked,
            "network" => Self::Network { code: fields.take("code")? },
            "timed_out" => Self::TimedOut,
            "script" => Self::Script,
            _ => return None,
        };
        fields.end(failure)
    }
}

impl Read for PageReport {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let report = match fields.take::<String>("type")?.as_str() {
            "loading" => Self::Loading,
            "loaded" => Self::Loaded,
            "failed" => Self::Failed { detail: fields.take("detail")?, failure: fields.take("failure")? },
            "lost" => Self::Lost { detail: fields.take("detail")? },
            "closed" => Self::Closed,
            "navigated" => Self::Navigated,
            "reloaded" => Self::Reloaded,
            "notice" => Self::Notice { name: fields.take("name")?, detail: fields.take("detail")? },
            _ => return None,
        };
        fields.end(report)
    }
}

impl Read for UrlFacts {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let facts = Self { expires_at_ms: fields.take("expires_at_ms")?, call_on_open: fields.take("call_on_open")? };
        fields.end(facts)
    }
}
