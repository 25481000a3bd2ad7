//! A simulated phone as a program holds it.

use std::fmt;
use std::sync::Arc;

use super::{
    SimulatedCaller, SimulatedPhoneFault, SimulatedPhoneOutput, SimulatedPhoneState, SimulatedScript, SimulatedWording,
    Switchboard,
};
use crate::error::Error;
use crate::protocol::{CallId, Command};
use crate::runtime::operation::{self, operation};
use crate::runtime::{ProcessBound, guard};
use crate::session::Session;
use crate::url::WebphoneUrl;

operation! {
    /// A wait for what comes out of a simulated phone's page.
    SimulatedPhoneOperation, SimulatedPhoneStarted -> Vec<SimulatedPhoneOutput>
}

/// The phone of one extension of a simulator, in its page: it does what a real one does, without a browser.
///
/// [`attach`](Self::attach) gives it to a session, and nothing else has to be moved: the session's commands reach the
/// phone, and what the phone says, and what becomes of its page, reaches the session. A transport of the host's own
/// opens the page instead ([`open_page`](Self::open_page)), posts ([`post`](Self::post)) and pulls
/// ([`next_messages`](Self::next_messages)).
///
/// Unscripted it does what the vendor documents: it connects when it opens, tells its quality every 5 s, and a call to
/// any number is answered after 1 s, except for numbers with special endings (see [`SimulatedScript`]) and those of
/// other extensions of the simulator whose phones are open: those ring. Everything else is arranged here or by the
/// simulator's HTTP control.
///
/// All handles of one extension are the same phone; it lives as long as its simulator. Every method gives
/// [`Error::Closed`] after the simulator's shut-down and in a forked child, and [`Error::Invalid`] naming `extension`
/// once the simulator no longer knows it.
#[derive(uniffi::Object)]
pub struct SimulatedPhone {
    extension: String,
    board: ProcessBound<Arc<Switchboard>>,
}

#[uniffi::export]
impl SimulatedPhone {
    /// The number of its extension.
    pub fn extension(&self) -> String {
        self.extension.clone()
    }

    /// Loads its page for this session, by the session's own URL if it has one (`ligar_para`), and connects the two until
    /// the session ends. Then the page closes.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `session`: another session has the phone, somebody else posts this session's texts, or
    /// it goes by another clock than the simulator. [`Error::Closed`] when the session has ended.
    pub fn attach(&self, session: Arc<Session>) -> Result<(), Error> {
        self.board()?.attach(&self.extension, &session)
    }

    /// Loads its page, or loads it again, as a host does: with a URL, by what that says (`ligar_para`, `fechar_fim`);
    /// without, plainly. Whether the URL's key is right is not looked at.
    ///
    /// # Errors
    /// [`Error::Closed`] when the simulator is closed, and in a forked child.
    #[uniffi::method(default(url = None))]
    pub fn open_page(&self, url: Option<Arc<WebphoneUrl>>) -> Result<(), Error> {
        self.board()?.open_page(&self.extension, url.as_deref())
    }

    /// Posts a message to the phone's window, as JSON text: a command of the host, or, while a session has the phone, of
    /// its own user. What is no command, and everything while the page is not open, is ignored, as a page does.
    ///
    /// # Errors
    /// [`Error::Closed`] when the simulator is closed, and in a forked child.
    pub fn post(&self, text: String) -> Result<(), Error> {
        self.board()?.post(&self.extension, &text)
    }

    /// What comes out of its page, in order: at least one and at most `max` (1 to 1,024) things, as soon as there are
    /// any. The last 1,024 that nobody took are kept.
    ///
    /// # Errors
    /// [`Error::Busy`] while another caller waits here, and while a session has the phone; [`Error::Invalid`] naming
    /// `max`.
    pub async fn next_messages(&self, max: i32) -> Result<Vec<SimulatedPhoneOutput>, Error> {
        guard(self.board()?.messages(&self.extension, max)?).await
    }

    /// As [`next_messages`](Self::next_messages), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next_messages`](Self::next_messages).
    pub fn start_next_messages(&self, max: i32, ms: i64) -> Result<SimulatedPhoneStarted, Error> {
        operation::start(self.board()?.messages(&self.extension, max)?, ms).map(Into::into)
    }

    /// What is so in it, whether or not it said so.
    ///
    /// # Errors
    /// [`Error::Closed`] when the simulator is closed, and in a forked child.
    pub fn state(&self) -> Result<SimulatedPhoneState, Error> {
        self.board()?.state(&self.extension)
    }

    // The world around it.

    /// Somebody calls it; the id of the call.
    ///
    /// # Errors
    /// [`Error::NotReady`] when its page is not open, or it is disconnected; [`Error::CallInProgress`] when it rings
    /// already; [`Error::Invalid`] naming the field of the caller.
    pub fn incoming(&self, caller: SimulatedCaller) -> Result<CallId, Error> {
        let id = self.board()?.incoming(&self.extension, &caller)?;
        CallId::parse(&id.to_string())
    }

    /// The other side of the call that it makes answers now; of the leg of a consultation, if that is being called.
    ///
    /// # Errors
    /// [`Error::NoCall`] when nobody is being called; [`Error::NotReady`] when its page is not open.
    pub fn remote_answer(&self) -> Result<(), Error> {
        self.board()?.remote_answer(&self.extension)
    }

    /// The other side hangs up: of the leg of a consultation if there is one, else of the call, else of the one that
    /// rings.
    ///
    /// # Errors
    /// [`Error::NoCall`] when there is none of them; [`Error::NotReady`] when its page is not open.
    pub fn remote_hang_up(&self) -> Result<(), Error> {
        self.board()?.remote_hang_up(&self.extension)
    }

    /// Arranges what becomes of the next `times` (1 or more) calls that it makes, after what was arranged before; none:
    /// of all, until the scripts are cleared.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `times` or the field of the script.
    #[uniffi::method(default(times = Some(1)))]
    pub fn add_script(&self, script: SimulatedScript, times: Option<i32>) -> Result<(), Error> {
        self.board()?.add_script(&self.extension, script, times)
    }

    /// Forgets every script that is not used up.
    ///
    /// # Errors
    /// [`Error::Closed`] when the simulator is closed, and in a forked child.
    pub fn clear_scripts(&self) -> Result<(), Error> {
        self.board()?.clear_scripts(&self.extension)
    }

    /// Somebody else changes its queues, such as a supervisor: the phone does as if its page had been told.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `command` when it is not about a queue; [`Error::NotReady`] when its page is not open.
    pub fn supervise(&self, command: Command) -> Result<(), Error> {
        self.board()?.supervise(&self.extension, &command)
    }

    // How it speaks.

    /// How it words what it says from now on.
    ///
    /// # Errors
    /// [`Error::Closed`] when the simulator is closed, and in a forked child.
    pub fn set_wording(&self, wording: SimulatedWording) -> Result<(), Error> {
        self.board()?.set_wording(&self.extension, wording)
    }

    /// Arranges that something goes wrong with the next `times` (1 or more) things that it says, after what was arranged
    /// before; none: with all, until the faults are cleared.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `times`.
    #[uniffi::method(default(times = Some(1)))]
    pub fn add_fault(&self, fault: SimulatedPhoneFault, times: Option<i32>) -> Result<(), Error> {
        self.board()?.add_fault(&self.extension, fault, times)
    }

    /// Forgets every fault that is not used up.
    ///
    /// # Errors
    /// [`Error::Closed`] when the simulator is closed, and in a forked child.
    pub fn clear_faults(&self) -> Result<(), Error> {
        self.board()?.clear_faults(&self.extension)
    }

    // Its page.

    /// Its page loads again by itself, or comes back after a crash. Its calls end.
    ///
    /// # Errors
    /// [`Error::NotReady`] when it was never open, or closed itself.
    pub fn reload(&self) -> Result<(), Error> {
        self.board()?.reload(&self.extension)
    }

    /// Its page crashes. Its calls end.
    ///
    /// # Errors
    /// [`Error::NotReady`] when its page is not open.
    pub fn crash(&self) -> Result<(), Error> {
        self.board()?.crash(&self.extension)
    }

    /// Its page closes itself. Its calls end.
    ///
    /// # Errors
    /// [`Error::NotReady`] when its page is not open.
    pub fn close_page(&self) -> Result<(), Error> {
        self.board()?.close_page(&self.extension)
    }
}

impl SimulatedPhone {
    pub(super) fn new(extension: String, board: Arc<Switchboard>) -> Result<Self, Error> {
        board.check(&extension)?;
        Ok(Self { extension, board: ProcessBound::new(board) })
    }

    fn board(&self) -> Result<&Switchboard, Error> {
        self.board.get().map(Arc::as_ref)
    }
}

impl fmt::Debug for SimulatedPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<SimulatedPhone {}>", self.extension)
    }
}
