//! The one error of this library: each variant is something a caller would do next, with the fields to do it.

use std::convert::Infallible;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong, sorted by what to do about it.
///
/// | variant | what to do |
/// | --- | --- |
/// | [`Invalid`](Error::Invalid) | fix the input; nothing was sent |
/// | [`Unauthorized`](Error::Unauthorized) | fix the access token |
/// | [`Refused`](Error::Refused) | fix the request or the account, as the reason says |
/// | [`RateLimited`](Error::RateLimited) | wait, then try again |
/// | [`Unavailable`](Error::Unavailable) | try again later: the API failed |
/// | [`Unreachable`](Error::Unreachable) | check the network, then try again |
/// | [`UnexpectedAnswer`](Error::UnexpectedAnswer) | check the base URL; else report it |
/// | [`Rejected`](Error::Rejected) | tell the user: the phone refused the call |
/// | [`CallInProgress`](Error::CallInProgress), [`NoCall`](Error::NoCall) | look at the session's state first |
/// | [`MuteUnknown`](Error::MuteUnknown) | say what is so (`assume_muted`), or toggle |
/// | [`NotReady`](Error::NotReady) | see to the page or the line, as the reason says |
/// | [`PageLost`](Error::PageLost) | load the page again |
/// | [`DialsOnOpen`](Error::DialsOnOpen) | fetch a URL without a number to dial |
///
/// An error of a command to a phone means that it did nothing: it was never posted, or the phone refused it. Only
/// [`PageLost`](Error::PageLost), [`SessionClosed`](Error::SessionClosed) and
/// [`CommandCancelled`](Error::CommandCancelled) leave that open, and say whether it was [`posted`](Posted).
///
/// No variant ever holds an access token, a URL key or a signature.
///
/// As JSON it is an object with its variant's name as `kind` and its fields beside that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, uniffi::Error)]
#[serde(tag = "kind")]
#[uniffi(name = "WebphoneError")]
pub enum Error {
    /// An argument is not usable: nothing was sent. Fix the named field.
    Invalid {
        /// The argument, as the API of this library or the wire calls it: `base_url`, `ramal`.
        field: String,
        /// Why it was refused, as a sentence without its subject: `is empty`.
        reason: String,
    },
    /// The API does not accept the access token (HTTP 401, `motivo` 40). Fix the token.
    Unauthorized {
        /// What the API said.
        failure: ApiFailure,
    },
    /// The API understood the request and refused it. Fix the request or the account, as the reason says.
    Refused {
        /// What the API said.
        failure: ApiFailure,
    },
    /// Too many requests a second (HTTP 429), and waiting for it would not fit into the timeout, or into the patience of a
    /// batch. Wait, then try again.
    RateLimited {
        /// What the API said, in a batch perhaps to another of its requests.
        failure: ApiFailure,
        /// How long the API asks to wait (`Retry-After`), in milliseconds; none when it did not say. What is left of it
        /// where the request was not sent.
        retry_after_ms: Option<i64>,
    },
    /// The API failed on its side (HTTP 500, 502, 503, 504). Try again later.
    Unavailable {
        /// What the API said.
        failure: ApiFailure,
        /// How long the API asks to wait (`Retry-After`), in milliseconds; none when it did not say.
        retry_after_ms: Option<i64>,
    },
    /// No whole answer came. Check the network, then try again.
    Unreachable {
        /// Where it broke.
        cause: UnreachableCause,
        /// How many times the request was sent or tried, 1 or more.
        attempts: i32,
    },
    /// What answered is not the documented API. Check the base URL; if it is right, report this.
    UnexpectedAnswer {
        /// The HTTP status code; 0 when the answer was not HTTP at all.
        http_status: i32,
        /// What is wrong with the answer.
        problem: AnswerProblem,
        /// How many times the request was sent, 1 or more.
        attempts: i32,
    },
    /// A batch ended early, because the access token was refused, before this request was sent.
    NotTried,
    /// The object was shut down, belongs to the process that forked this one, or the program is exiting.
    Closed,
    /// The work was cancelled by its caller.
    Cancelled,
    /// Somebody else is waiting on this object already (it has one waiter at a time), or a session has as many
    /// commands open as it takes.
    Busy,
    /// The phone refused to set up the call (`status_erro`).
    #[doc(alias = "status_erro")]
    Rejected {
        /// The phone's own words, 1 to 128 characters.
        status_erro: String,
    },
    /// A call is being set up or goes on: another one was not dialled.
    CallInProgress,
    /// There is no call that this command could mean; nothing was sent.
    NoCall,
    /// Whether the microphone is muted is not known, and the phone has only a toggle: nothing was sent.
    MuteUnknown,
    /// The phone did not become ready for this command in time; nothing was sent.
    NotReady {
        /// What was missing.
        reason: NotReadyReason,
    },
    /// The page that holds the phone was lost before the command ended.
    PageLost {
        /// Whether the command had reached the page.
        posted: Posted,
    },
    /// The session was shut down before the command ended.
    #[doc(alias = "Closed")]
    SessionClosed {
        /// Whether the command had reached the page.
        posted: Posted,
    },
    /// The command was cancelled by its caller. What was posted is not taken back.
    #[doc(alias = "Cancelled")]
    CommandCancelled {
        /// Whether the command had reached the page.
        posted: Posted,
    },
    /// The URL makes the phone dial each time it loads (`ligar_para`), so it is loaded once only.
    #[doc(alias = "ligar_para")]
    DialsOnOpen,
    /// This build of the library does not contain the feature.
    Unsupported {
        /// The feature's name: `simulator`.
        feature: String,
    },
    /// A fault of this library. Please report it with this text.
    Internal {
        /// What failed, without any data of the caller's.
        detail: String,
    },
}

/// Whether a command's text reached the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Posted {
    /// It did: the phone may have acted on it.
    Yes,
    /// It did not: nothing happened.
    No,
    /// It was handed to the host, which has not reported yet.
    Unknown,
}

/// Why a phone was not ready for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum NotReadyReason {
    /// The page has not loaded.
    NotLoaded,
    /// The phone's document failed to load, as the host reported.
    LoadFailed,
    /// The page was lost, and no new one is loading.
    PageLost,
    /// The phone says that it has no line (`desconectado`). Connect first.
    Disconnected,
    /// The phone has not said that it has its line (`conectado`).
    NotConnected,
}

/// What the API said when it did not give a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct ApiFailure {
    /// The HTTP status code of the answer, 100 to 999.
    pub http_status: i32,
    /// The API's own reason code (`motivo`), as sent; none when the answer had none.
    pub motivo: Option<i64>,
    /// The reason with a name, from `motivo`, else from the status.
    pub reason: ApiReason,
    /// The API's own words (`mensagem`): at most 500 characters, control characters removed, secrets redacted.
    /// Quote them to the vendor's support.
    pub api_text: Option<String>,
    /// How many times the request was sent; 0 when it was not, since the API had just refused others of its batch.
    pub attempts: i32,
}

/// The API's reasons with names (`motivo` in its envelope), as the vendor's documentation lists them.
///
/// The set is open: a code that is not known here is kept as [`Other`](ApiReason::Other).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum ApiReason {
    /// `motivo` 8, HTTP 403: the token has no permission for this.
    NoPermission,
    /// `motivo` 9, HTTP 402: the account has no balance.
    NoBalance,
    /// `motivo` 10: a required parameter is missing.
    MissingParameter,
    /// `motivo` 11, HTTP 405: a parameter is invalid.
    InvalidParameter,
    /// `motivo` 20: it exists already.
    Duplicate,
    /// `motivo` 30, HTTP 501: the API does not implement this.
    NotImplemented,
    /// `motivo` 40, HTTP 401: the access token was not accepted.
    AuthenticationFailed,
    /// `motivo` 50, HTTP 500: a fault inside the API.
    InternalError,
    /// `motivo` 60, HTTP 404: the extension (or what else was named) does not exist.
    NotFound,
    /// `motivo` 70: the call has no recording.
    NoRecording,
    /// `motivo` 80: the call is not active.
    CallNotActive,
    /// `motivo` 90: the path does not exist; the base URL may be wrong.
    PathNotFound,
    /// `motivo` 100, HTTP 400: the request is malformed.
    InvalidRequest,
    /// HTTP 429: too many requests a second.
    TooManyRequests,
    /// HTTP 502, 503 or 504: the API is not there for the moment.
    Unavailable,
    /// A reason that this library does not know.
    #[serde(untagged)]
    Other {
        /// The `motivo` as sent, or else the HTTP status code.
        value: i64,
    },
}

/// Where the way to the API broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum UnreachableCause {
    /// The host name, of the API or of the proxy before it, could not be resolved.
    Dns,
    /// The host, or the proxy before it, refused the connection.
    ConnectionRefused,
    /// The connection was closed or reset before an answer began.
    ConnectionReset,
    /// The answer broke off before its end.
    AnswerCut,
    /// No connection within the connect timeout.
    ConnectTimeout,
    /// No whole answer within the total timeout.
    Timeout,
    /// The TLS handshake failed: certificate, name or protocol. Trying again does not help.
    Tls,
    /// The proxy did not open the way.
    Proxy,
    /// Any other fault of the network.
    Network,
}

/// Why an answer is not the documented API's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum AnswerProblem {
    /// It is not HTTP.
    NotHttp,
    /// It is a redirect (HTTP 3xx), which is never followed: it would carry the token to another place.
    Redirect,
    /// It has no body.
    Empty,
    /// Its body is larger than the library reads (64 KiB).
    TooLarge,
    /// Its body is not UTF-8 text.
    NotText,
    /// Its body is not JSON, nests too deep, or holds a number that no 64-bit float can.
    NotJson,
    /// A field is missing or not as documented.
    #[serde(untagged)]
    Field {
        /// The field's path: `sucesso`, `dados.url`.
        field: String,
        /// Why it was refused, as a sentence without its subject: `is missing`.
        reason: String,
    },
}

/// What can't fail needs no error: for arguments that are of the right type already.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[uniffi::export(name = "WebphoneError")]
impl Error {
    /// What happened and what to do next, in English, for people. Never holds a secret.
    pub fn describe(&self) -> String {
        self.to_string()
    }

    /// What happened, in English, for people: the first sentence of [`describe`](Self::describe), for hosts that show it
    /// apart from what to do.
    pub fn summary(&self) -> String {
        self.sentences().0
    }

    /// What to do next, in English, for people: the rest of [`describe`](Self::describe); none when there is nothing more
    /// to say.
    pub fn advice(&self) -> Option<String> {
        self.sentences().1
    }

    /// A stable word for programs and logs, in `snake_case`: `rate_limited`.
    pub fn code(&self) -> String {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::Unauthorized { .. } => "unauthorized",
            Self::Refused { .. } => "refused",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::Unreachable { .. } => "unreachable",
            Self::UnexpectedAnswer { .. } => "unexpected_answer",
            Self::NotTried => "not_tried",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::Rejected { .. } => "rejected",
            Self::CallInProgress => "call_in_progress",
            Self::NoCall => "no_call",
            Self::MuteUnknown => "mute_unknown",
            Self::NotReady { .. } => "not_ready",
            Self::PageLost { .. } => "page_lost",
            // To a caller these are what the plain ones are; they only know more.
            Self::SessionClosed { .. } => "closed",
            Self::CommandCancelled { .. } => "cancelled",
            Self::DialsOnOpen => "dials_on_open",
            Self::Unsupported { .. } => "unsupported",
            Self::Internal { .. } => "internal",
        }
        .to_owned()
    }

    /// Whether the same request may succeed later without a change.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unavailable { .. } | Self::NotReady { .. } => true,
            Self::PageLost { posted } => *posted == Posted::No,
            Self::Unreachable { cause, .. } => *cause != UnreachableCause::Tls,
            _ => false,
        }
    }

    /// How long the API asked to wait before the next try, in milliseconds; none when it did not say.
    pub fn retry_after_ms(&self) -> Option<i64> {
        match self {
            Self::RateLimited { retry_after_ms, .. } | Self::Unavailable { retry_after_ms, .. } => *retry_after_ms,
            _ => None,
        }
    }

    /// How many times the request was sent or tried; 0 when it never left.
    pub fn attempts(&self) -> i32 {
        match self {
            Self::Unreachable { attempts, .. } | Self::UnexpectedAnswer { attempts, .. } => *attempts,
            other => other.failure().map_or(0, |failure| failure.attempts),
        }
    }

    /// Whether a command that ended early had reached the page; none for every other error.
    pub fn posted(&self) -> Option<Posted> {
        match self {
            Self::PageLost { posted } | Self::SessionClosed { posted } | Self::CommandCancelled { posted } => {
                Some(*posted)
            }
            _ => None,
        }
    }

    /// The API's own words (`mensagem`), for the vendor's support; none when it said nothing.
    pub fn api_text(&self) -> Option<String> {
        self.failure().and_then(|failure| failure.api_text.clone())
    }
}

impl Error {
    /// The first sentence of its text, and the others.
    fn sentences(&self) -> (String, Option<String>) {
        let whole = self.to_string();
        // The phone's own words are one whole, whatever stands in them.
        let first = if matches!(self, Self::Rejected { .. }) { None } else { whole.split_once(". ") };
        match first {
            Some((first, rest)) => (format!("{first}."), Some(rest.to_owned())),
            None => (whole, None),
        }
    }

    /// As a JSON text: its variant's name is `kind`.
    pub(crate) fn to_json(&self) -> String {
        // Its fields are texts and numbers: they all have JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What the API said, where it said anything.
    pub fn failure(&self) -> Option<&ApiFailure> {
        match self {
            Self::Unauthorized { failure }
            | Self::Refused { failure }
            | Self::RateLimited { failure, .. }
            | Self::Unavailable { failure, .. } => Some(failure),
            _ => None,
        }
    }

    pub(crate) fn invalid(field: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), reason: reason.into() }
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::Internal { detail: detail.into() }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { field, reason } => write!(f, "`{field}` {reason}. Nothing was sent."),
            Self::Unauthorized { failure } => {
                f.write_str("The API does not accept the access token. Check the token and its account")?;
                failure.write_tail(f)
            }
            Self::Refused { failure } => {
                f.write_str(failure.reason.advice())?;
                failure.write_tail(f)
            }
            Self::RateLimited { failure, retry_after_ms } => {
                f.write_str(match failure.attempts {
                    0 => "The API gets too many requests: this one was not sent. ",
                    _ => "The API got too many requests. ",
                })?;
                write_retry(f, *retry_after_ms)?;
                f.write_str(", and send fewer a second")?;
                failure.write_tail(f)
            }
            Self::Unavailable { failure, retry_after_ms } => {
                f.write_str("The API failed on its side. ")?;
                write_retry(f, *retry_after_ms)?;
                failure.write_tail(f)
            }
            Self::Unreachable { cause, attempts } => {
                write!(f, "{} (attempts: {attempts}).", cause.advice())
            }
            Self::UnexpectedAnswer { http_status, problem, attempts } => {
                f.write_str("What answered is not the webphone API: ")?;
                problem.write(f)?;
                f.write_str(". Check the base URL; if it is right, report this (")?;
                if *http_status != 0 {
                    write!(f, "HTTP {http_status}, ")?;
                }
                write!(f, "attempts: {attempts}).")
            }
            Self::NotTried => f.write_str(
                "Not tried: the batch ended because the API refused the access token. Fix the token, then send this request again.",
            ),
            Self::Closed => f.write_str("This object is closed, belongs to the parent process, or the program is exiting. Make a new one."),
            Self::Cancelled => f.write_str("The work was cancelled."),
            Self::Busy => f.write_str(
                "Another caller is waiting on this object, or too many commands are open. Wait for what is under way first.",
            ),
            Self::Rejected { status_erro } => write!(f, "The phone refused the call: {status_erro}"),
            Self::CallInProgress => f.write_str("A call is under way; nothing was dialled. Hang up first."),
            Self::NoCall => f.write_str("There is no call that this could mean. Nothing was sent."),
            Self::MuteUnknown => f.write_str(
                "Whether the microphone is muted is not known; nothing was sent. Say what is so (assume_muted), or toggle.",
            ),
            Self::NotReady { reason } => write!(f, "{} Nothing was sent.", reason.advice()),
            Self::PageLost { posted } => write!(f, "The phone's page was lost. {}", posted.consequence()),
            Self::SessionClosed { posted } => write!(f, "The session was shut down. {}", posted.consequence()),
            Self::CommandCancelled { posted } => write!(f, "The command was cancelled. {}", posted.consequence()),
            Self::DialsOnOpen => f.write_str(
                "This URL makes the phone dial each time it loads. Fetch one without a number to call on opening.",
            ),
            Self::Unsupported { feature } => {
                write!(f, "This build of the library has no `{feature}`. Use a build with that feature.")
            }
            Self::Internal { detail } => write!(f, "A fault inside the webphone library: {detail}. Please report it."),
        }
    }
}

impl Posted {
    fn consequence(self) -> &'static str {
        match self {
            Self::Yes => "The command had been sent: the phone may have acted on it.",
            Self::No => "The command had not been sent: nothing happened.",
            Self::Unknown => "Whether the command was sent is not known: the phone may have acted on it.",
        }
    }
}

impl NotReadyReason {
    fn advice(self) -> &'static str {
        match self {
            Self::NotLoaded => "The phone's page has not loaded in time. Check the page and its network.",
            Self::LoadFailed => "The phone's page failed to load. Check its URL and the network, then load it again.",
            Self::PageLost => "The phone's page was lost. Load it again.",
            Self::Disconnected => "The phone is disconnected. Connect first.",
            Self::NotConnected => "The phone did not connect in time. Check its network, then connect.",
        }
    }
}

fn write_retry(f: &mut fmt::Formatter<'_>, retry_after_ms: Option<i64>) -> fmt::Result {
    match retry_after_ms {
        // Rounded up: a wait that is a little too long works, one that is a little too short doesn't.
        Some(ms) => write!(f, "Try again in {} s", ms.saturating_add(999) / 1000),
        None => f.write_str("Try again in a few seconds"),
    }
}

impl ApiFailure {
    fn write_tail(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " (HTTP {}", self.http_status)?;
        if let Some(motivo) = self.motivo {
            write!(f, ", motivo {motivo}")?;
        }
        write!(f, ", attempts: {}).", self.attempts)?;
        match &self.api_text {
            Some(text) => write!(f, " The API says: {text}"),
            None => Ok(()),
        }
    }
}

impl ApiReason {
    /// The reason for a code of the envelope (`motivo`); none for 0, which means "ok".
    pub fn from_motivo(motivo: i64) -> Option<Self> {
        Some(match motivo {
            0 => return None,
            8 => Self::NoPermission,
            9 => Self::NoBalance,
            10 => Self::MissingParameter,
            11 => Self::InvalidParameter,
            20 => Self::Duplicate,
            30 => Self::NotImplemented,
            40 => Self::AuthenticationFailed,
            50 => Self::InternalError,
            60 => Self::NotFound,
            70 => Self::NoRecording,
            80 => Self::CallNotActive,
            90 => Self::PathNotFound,
            100 => Self::InvalidRequest,
            other => Self::Other { value: other },
        })
    }

    /// The reason for an HTTP status code, for answers without a `motivo`.
    pub fn from_http_status(status: i32) -> Self {
        match status {
            400 => Self::InvalidRequest,
            401 => Self::AuthenticationFailed,
            402 => Self::NoBalance,
            403 => Self::NoPermission,
            404 => Self::NotFound,
            405 => Self::InvalidParameter,
            429 => Self::TooManyRequests,
            500 => Self::InternalError,
            501 => Self::NotImplemented,
            502..=504 => Self::Unavailable,
            other => Self::Other { value: i64::from(other) },
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::NoPermission => "The API denies permission for this. Use a token or an extension that has it",
            Self::NoBalance => "The account has no balance. Top it up",
            Self::MissingParameter => "The API misses a required parameter. Complete the request",
            Self::InvalidParameter => "The API refuses a parameter. Correct the request",
            Self::Duplicate => "The API says that this exists already. Use what is there",
            Self::NotImplemented => "The API does not implement this. Ask the vendor",
            Self::AuthenticationFailed => "The API does not accept the access token. Check the token",
            Self::NotFound => "The API does not know this extension. Check its number or id",
            Self::NoRecording => "The call has no recording",
            Self::CallNotActive => "The call is not active",
            Self::PathNotFound => "The API does not know this path. Check the base URL",
            Self::InvalidRequest => "The API calls the request malformed. Correct it",
            Self::InternalError | Self::Unavailable => "The API failed on its side. Try again later",
            Self::TooManyRequests => "The API got too many requests. Send fewer a second",
            Self::Other { .. } => {
                "The API refused the request for a reason that this library does not know. Ask the vendor"
            }
        }
    }
}

impl UnreachableCause {
    fn advice(self) -> &'static str {
        match self {
            Self::Dns => {
                "The host name of the API, or of the proxy before it, could not be resolved. Check both and the network, then try again"
            }
            Self::ConnectionRefused => {
                "The API's host, or the proxy before it, refused the connection. Check both addresses and the network, then try again"
            }
            Self::ConnectionReset => "The connection closed before an answer began. Try again",
            Self::AnswerCut => "The answer broke off before its end. Try again",
            Self::ConnectTimeout => {
                "No connection within the connect timeout. Check the network or raise the timeout, then try again"
            }
            Self::Timeout => "No whole answer within the timeout. Try again or raise the timeout",
            Self::Tls => {
                "The secure connection failed: the host's certificate, name or protocol is not acceptable. Check the base URL and the root certificates"
            }
            Self::Proxy => "The proxy did not open the way. Check its address and credentials",
            Self::Network => "The network failed. Check it, then try again",
        }
    }
}

impl AnswerProblem {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp => f.write_str("it is not HTTP"),
            Self::Redirect => f.write_str("it redirects elsewhere, which is never followed"),
            Self::Empty => f.write_str("it is empty"),
            Self::TooLarge => f.write_str("it is larger than 64 KiB"),
            Self::NotText => f.write_str("it is not UTF-8 text"),
            Self::NotJson => f.write_str("it is not JSON"),
            Self::Field { field, reason } => write!(f, "`{field}` {reason}"),
        }
    }
}
