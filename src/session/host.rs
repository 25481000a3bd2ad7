//! What a host holds of a session.

use std::sync::Arc;

use super::call::Call;
use super::config::SessionConfig;
use super::driver::{Driver, Texts};
use super::followers::Updates;
use super::input::{Input, PageReport, Request, UrlFacts};
use super::output::{Outcome, OutgoingText};
use super::record::Recorder;
use super::snapshot::Snapshot;
use crate::error::{Error, Posted};
use crate::protocol::PhoneNumber;
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{Reading, pull};
use crate::runtime::{Clock, ProcessBound, Time, guard};
use crate::url::{PhoneType, WebphoneUrl};

operation! {
    /// A command that has not ended.
    CommandOperation, CommandStarted -> Outcome
}

operation! {
    /// A wait for the next texts to post.
    TextsOperation, TextsStarted -> Vec<OutgoingText>
}

/// A phone in a page: commands that say what became of them, one picture of what the phone is doing, and its updates.
///
/// Whoever hosts the page pulls the texts to post ([`next_texts`](Self::next_texts)), reports on each
/// ([`posted`](Self::posted)), and hands in what the phone says ([`receive`](Self::receive)) and what becomes of the
/// page ([`page_report`](Self::page_report)). All of it may be called from any thread, and nothing ever calls back.
/// Dropping a session shuts it down.
#[derive(uniffi::Object)]
pub struct Session {
    running: ProcessBound<Running>,
}

struct Running {
    driver: Arc<Driver>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Those who still wait hold the driver too.
        self.driver.feed(Input::ShutDown);
    }
}

#[uniffi::export]
impl Session {
    /// A session whose page begins to load. With its URL it knows when that expires, whether it makes the phone dial,
    /// and whether the phone can be seen. With a clock it lives in that one's time, else in the system's.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field of the configuration that is out of range.
    #[uniffi::constructor(default(url = None, clock = None))]
    pub fn open(
        config: SessionConfig,
        url: Option<Arc<WebphoneUrl>>,
        clock: Option<Arc<Clock>>,
    ) -> Result<Self, Error> {
        let hidden = url.as_ref().is_some_and(|url| url.phone_type() == PhoneType::Hidden);
        let config = SessionConfig { visible_phone: Some(config.visible_phone.unwrap_or(!hidden)), ..config };
        let driver = Driver::new(config, Time::by(clock)?)?;
        if let Some(url) = url {
            driver.hide(url.secrets());
            driver.feed(Input::UrlChanged { url: UrlFacts::of(&url) });
        }
        Ok(Self { running: ProcessBound::new(Running { driver }) })
    }

    /// Gives a command and waits for its end: first until the phone is ready for it, then for its confirmation.
    /// Dropping the future cancels the command; what was posted is not taken back.
    ///
    /// # Errors
    /// An error means that the command did nothing, as far as it does not say otherwise: `Rejected`, `CallInProgress`,
    /// `NoCall`, `MuteUnknown`, `NotReady`, `Busy` (with 64 commands open), `PageLost` and `SessionClosed` (which say
    /// whether it was posted), `Closed` in a forked child.
    pub async fn execute(&self, request: Request) -> Result<Outcome, Error> {
        guard(self.driver()?.execute(request)).await
    }

    /// As [`execute`](Self::execute), for callers that block: waits up to `ms` milliseconds. Cancelling or dropping the
    /// operation cancels the command; whoever waits on is told how it ended, `CommandCancelled` if it had not.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub fn start_execute(&self, request: Request, ms: i64) -> Result<CommandStarted, Error> {
        let command = self.driver()?.execute(request);
        let end = command.end();
        // Asked before its end: it is just being cancelled, and how far it is is not known.
        let unknown = || Err(Error::CommandCancelled { posted: Posted::Unknown });
        operation::start_leaving(command, move || end.get().cloned().unwrap_or_else(unknown), ms).map(Into::into)
    }

    /// The next texts to post to the phone's window, at least one and at most `max` (1 to 1,024), as soon as there are
    /// any. Post them in order, each only if its `generation` is that of the page, and report on each. A text that
    /// nobody took within `post_timeout_ms` is not given out any more: its command ends with `PageLost`.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`shut_down`](Self::shut_down) and in a forked child; [`Error::Busy`] while another
    /// caller waits for texts; [`Error::Invalid`] naming `max`.
    pub async fn next_texts(&self, max: i32) -> Result<Vec<OutgoingText>, Error> {
        guard(pull(self.texts()?, max)?).await
    }

    /// As [`next_texts`](Self::next_texts), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next_texts`](Self::next_texts).
    pub fn start_next_texts(&self, max: i32, ms: i64) -> Result<TextsStarted, Error> {
        operation::start(pull(self.texts()?, max)?, ms).map(Into::into)
    }

    /// Reports on a text by its number: whether it was posted. Once is enough; without a report it counts as posted
    /// after `post_timeout_ms`. After the session's end, and in a forked child, nothing happens.
    pub fn posted(&self, n: i64, ok: bool) {
        self.feed(Input::Posted { n, ok });
    }

    /// Takes what came from the phone's window, as JSON text. What is not the phone's is ignored. After the session's
    /// end, and in a forked child, nothing happens.
    pub fn receive(&self, text: String) {
        self.feed(Input::PhoneMessage { text });
    }

    /// Takes what became of the page. After the session's end, and in a forked child, nothing happens.
    pub fn page_report(&self, report: PageReport) {
        self.feed(Input::PageReport { report: report.cleaned() });
    }

    /// Somebody knows whether the microphone is muted: the session assumes so from now on. After the session's end, and
    /// in a forked child, nothing happens.
    pub fn assume_muted(&self, muted: bool) {
        self.feed(Input::AssumeMuted { muted });
    }

    /// The page will load this URL next: the same again, or a new one in the place of one that expires. Ask before
    /// loading; the session's waits for `RenewalDue` begin anew.
    ///
    /// # Errors
    /// [`Error::DialsOnOpen`] when the URL makes the phone dial, which only the first one may; [`Error::CallInProgress`]
    /// when a call goes on or comes in; [`Error::Closed`] after [`shut_down`](Self::shut_down) and in a forked child.
    pub fn change_url(&self, url: Arc<WebphoneUrl>) -> Result<(), Error> {
        let driver = self.driver()?;
        driver.hide(url.secrets());
        driver.change_url(UrlFacts::of(&url))
    }

    /// The session now.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn state(&self) -> Result<Snapshot, Error> {
        self.driver().map(|driver| Arc::unwrap_or_clone(driver.state()))
    }

    /// The session now, as one JSON text: an object with the fields of a `Snapshot`, written as in a trace but with every
    /// field. For hosts where a text crosses faster than a record does.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn state_json(&self) -> Result<String, Error> {
        serde_json::to_string(&*self.driver()?.state()).map_err(|_| Error::internal("a state that can't be written"))
    }

    /// The last calls that ended, oldest first, at most `history_limit`.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn history(&self) -> Result<Vec<Call>, Error> {
        self.driver().map(|driver| driver.history())
    }

    /// The updates from now on; up to `limit` (1 to 65,536) of them wait to be pulled.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `limit`; [`Error::Closed`] in a forked child.
    #[uniffi::method(default(limit = 256))]
    pub fn updates(&self, limit: i32) -> Result<Updates, Error> {
        Updates::of(self.driver()?, limit)
    }

    /// The recording so far, as a trace that [`replay`](super::replay()) reads; none when the configuration asked for
    /// none. It is written at each call.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn trace(&self) -> Result<Option<String>, Error> {
        self.driver()?.recording().map(Recorder::write).transpose()
    }

    /// Ends the session: every command ends with `SessionClosed`, followers get a last update, and who waits for texts
    /// gets `Closed`. State and history stay. From any thread; twice is fine.
    pub fn shut_down(&self) {
        self.feed(Input::ShutDown);
    }
}

impl Session {
    fn driver(&self) -> Result<Arc<Driver>, Error> {
        self.running.get().map(|running| Arc::clone(&running.driver))
    }

    fn feed(&self, input: Input) {
        if let Ok(running) = self.running.get() {
            running.driver.feed(input);
        }
    }

    fn texts(&self) -> Result<Texts, Error> {
        self.driver().map(Texts)
    }

    /// Whether it goes by this time.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    #[allow(dead_code, reason = "only simulated phones ask")]
    pub(crate) fn goes_by(&self, time: &Time) -> Result<bool, Error> {
        self.driver().map(|driver| driver.time().is_same(time))
    }

    /// What it knows about the URL of its page.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub(crate) fn url(&self) -> Result<UrlFacts, Error> {
        self.driver().map(|driver| driver.url())
    }

    /// The place of the one who posts, from inside the library: its waker is called, outside of every lock, when there are
    /// texts.
    ///
    /// # Errors
    /// As [`next_texts`](Self::next_texts).
    pub(crate) fn poster(&self) -> Result<Poster, Error> {
        self.texts().and_then(Reading::enter).map(|reading| Poster(ProcessBound::new(reading)))
    }
}

/// The one who posts a session's texts, from inside the library.
pub(crate) struct Poster(ProcessBound<Reading<Texts>>);

impl Poster {
    /// Up to `max` texts; with none there, `waker` is kept for the next ones, and woken once. `Closed`: there will be
    /// none.
    pub(crate) fn poll_texts(
        &self,
        max: usize,
        waker: &std::task::Waker,
    ) -> std::task::Poll<Result<Vec<OutgoingText>, Error>> {
        match self.0.get() {
            Ok(reading) => reading.poll_items(max, waker),
            Err(closed) => std::task::Poll::Ready(Err(closed)),
        }
    }
}

impl UrlFacts {
    pub(crate) fn of(url: &WebphoneUrl) -> Self {
        let call_on_open = url.call_on_open().and_then(|number| {
            // What the phone would make of it; a number that can't be one dials nothing.
            let dialled: String = number.chars().filter(|c| matches!(c, '0'..='9' | '*' | '#')).collect();
            PhoneNumber::parse(&number).or_else(|_| PhoneNumber::parse(&dialled)).ok()
        });
        Self { expires_at_ms: url.expires_at_ms(), call_on_open }
    }
}
