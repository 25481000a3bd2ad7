//! The exchange at work: it goes by the simulator's time, and what comes out of a phone's page reaches whoever holds
//! that page: an attached session, a browser that has it open, or a transport of the host's own that pulls.
//!
//! Nothing is called under a lock. What has to be handed on stands in one line, and whoever puts something there while
//! nobody works it off does so at once, on its own thread: so a call of a session has reached the phone, and the
//! phone's answer the session, when it returns, unless another thread is at work, which then sees to it. In simulated
//! time, with one thread, that makes every run the same.

mod browser;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Weak};
use std::task::{Poll, Wake, Waker};

use super::exchange::{Exchange, Opening, Output};
use super::{
    SimulatedCaller, SimulatedPhoneFault, SimulatedPhoneOutput, SimulatedPhoneState, SimulatedScript, SimulatedWording,
};
use crate::error::Error;
use crate::protocol::Command;
use crate::runtime::pull::{self, Queue, Reader};
use crate::runtime::sync::Mutex;
use crate::runtime::{Alarm, Time, Timed};
use crate::session::{Poster, Session, UrlFacts};
use crate::url::WebphoneUrl;
pub(super) use browser::{Order, Page, Say, Told};
use browser::{Screen, Tab};

/// How many outputs wait for a transport; beyond, the oldest are lost, as a page's messages are that nobody hears.
const MAX_UNHEARD: usize = 1024;

/// How many texts are taken from a session at a time.
const TEXTS_AT_ONCE: usize = 64;

pub(super) struct Switchboard {
    time: Time,
    floor: Mutex<Floor>,
    me: Weak<Self>,
}

struct Floor {
    exchange: Exchange,
    /// The extensions that there are.
    extensions: BTreeSet<String>,
    /// Who holds pages, by extension.
    holders: BTreeMap<String, Holder>,
    /// What waits for transports, by extension.
    mailboxes: BTreeMap<String, Mailbox>,
    line: VecDeque<Errand>,
    /// Whether somebody works the line off.
    working: bool,
    open: bool,
    alarm: Alarm,
}

/// Who holds a page.
enum Holder {
    Session(Arc<Wire>),
    Browser(Screen),
}

/// Something to hand on.
enum Errand {
    /// To a session, from the page that it holds.
    Tell(Arc<Wire>, SimulatedPhoneOutput),
    /// To a page, from the session that holds it.
    Fetch(Arc<Wire>),
    /// To a browser, about the page that it has open.
    Show(Arc<Tab>, Told),
}

/// The wire between a session and its page.
struct Wire {
    extension: String,
    /// Not held: a session that its host drops ends.
    session: Weak<Session>,
    texts: Poster,
}

#[derive(Default)]
struct Mailbox {
    outputs: VecDeque<SimulatedPhoneOutput>,
    reader: Reader,
}

impl Switchboard {
    pub(super) fn new<'a>(time: Time, extensions: impl IntoIterator<Item = &'a str>) -> Arc<Self> {
        Arc::new_cyclic(|me: &Weak<Self>| {
            let alarm = time.alarm(Weak::clone(me) as _);
            let floor = Floor {
                exchange: Exchange::default(),
                extensions: extensions.into_iter().map(ToOwned::to_owned).collect(),
                holders: BTreeMap::new(),
                mailboxes: BTreeMap::new(),
                line: VecDeque::new(),
                working: false,
                open: true,
                alarm,
            };
            Self { time, floor: Mutex::new(floor), me: Weak::clone(me) }
        })
    }

    pub(super) fn time(&self) -> &Time {
        &self.time
    }

    /// Does something at one moment, and hands on what comes of it.
    ///
    /// # Errors
    /// `Closed` after the shut-down.
    fn at_once<T>(&self, work: impl FnOnce(&mut Floor, i64) -> Result<T, Error>) -> Result<T, Error> {
        let mut floor = self.floor.lock();
        if !floor.open {
            return Err(Error::Closed);
        }
        let now = self.time.now().mono_ms;
        let result = work(&mut floor, now);
        let wakes = floor.sort();
        drop(floor);
        wakes.into_iter().for_each(Waker::wake);
        self.work();
        result
    }

    /// The same for one extension's phone.
    ///
    /// # Errors
    /// `Invalid` naming `extension` when there is none of this number.
    fn with<T>(&self, extension: &str, work: impl FnOnce(&mut Exchange, i64) -> Result<T, Error>) -> Result<T, Error> {
        self.at_once(|floor, now| {
            floor.check(extension)?;
            work(&mut floor.exchange, now)
        })
    }

    /// Works the line off, unless somebody does already.
    fn work(&self) {
        let Some(mut turn) = Turn::begin(self) else { return };
        while let Some(errand) = turn.next() {
            match errand {
                Errand::Tell(wire, output) => wire.tell(output),
                Errand::Fetch(wire) => self.fetch(&wire),
                Errand::Show(tab, told) => tab.tell(told),
            }
        }
    }

    /// Posts a session's texts to its page.
    fn fetch(&self, wire: &Arc<Wire>) {
        let waker = Waker::from(Arc::new(Bell { board: Weak::clone(&self.me), wire: Arc::downgrade(wire) }));
        while let Poll::Ready(texts) = wire.texts.poll_texts(TEXTS_AT_ONCE, &waker) {
            let Ok(texts) = texts else { return self.unplug(wire) };
            for text in texts {
                let posted = self.at_once(|floor, now| {
                    let ok = floor.can_post(wire);
                    if ok {
                        floor.exchange.post(&wire.extension, &text.text, now);
                    }
                    Ok(ok)
                });
                if let Some(session) = wire.session.upgrade() {
                    session.posted(text.n, posted.unwrap_or(false));
                }
            }
        }
    }

    /// The session ended: its page goes with it.
    fn unplug(&self, wire: &Arc<Wire>) {
        // There is nothing to unplug after the shut-down.
        let _ = self.at_once(|floor, now| {
            if matches!(floor.holders.get(&wire.extension), Some(Holder::Session(held)) if Arc::ptr_eq(held, wire)) {
                floor.holders.remove(&wire.extension);
                // It may be closed already.
                let _ = floor.exchange.close(&wire.extension, now);
            }
            Ok(())
        });
    }

    // What a simulator asks.

    /// The extensions that there are from now on. The pages of the others close.
    pub(super) fn set_extensions<'a>(&self, extensions: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let extensions: BTreeSet<String> = extensions.into_iter().map(ToOwned::to_owned).collect();
        let gone = self.at_once(|floor, now| {
            let gone: Vec<String> = floor.extensions.difference(&extensions).cloned().collect();
            floor.extensions = extensions;
            gone.iter().for_each(|extension| floor.exchange.remove(extension, now));
            Ok(gone)
        })?;
        // After they were told.
        let mut floor = self.floor.lock();
        let holders: Vec<_> = gone.iter().filter_map(|extension| floor.holders.remove(extension)).collect();
        let mailboxes: Vec<_> = gone.iter().filter_map(|extension| floor.mailboxes.remove(extension)).collect();
        drop(floor);
        mailboxes.into_iter().filter_map(|mut mailbox| mailbox.reader.take()).for_each(Waker::wake);
        drop(holders);
        Ok(())
    }

    /// Closes every page, and forgets what was arranged.
    pub(super) fn reset<'a>(&self, extensions: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        self.set_extensions([])?;
        self.set_extensions(extensions)
    }

    /// Closes every page, and everything ends.
    pub(super) fn shut_down(&self) {
        // Twice is fine.
        if self.set_extensions([]).is_ok() {
            self.floor.lock().open = false;
        }
    }

    pub(super) fn open_phones(&self) -> Result<Vec<SimulatedPhoneState>, Error> {
        self.at_once(|floor, now| {
            floor.exchange.advance(now);
            Ok(floor.exchange.open_phones().map(|extension| floor.exchange.state(extension)).collect())
        })
    }

    // What is asked of one phone.

    /// Whether there is an extension of this number.
    pub(super) fn check(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |_, _| Ok(()))
    }

    /// Loads an extension's page for a session, and connects the two.
    pub(super) fn attach(&self, extension: &str, session: &Arc<Session>) -> Result<(), Error> {
        self.check(extension)?;
        if !session.goes_by(&self.time)? {
            return Err(Error::invalid("session", "goes by another clock than the simulator: open it with its clock"));
        }
        if session.state()?.shut_down {
            return Err(Error::Closed);
        }
        let opening = Opening { call_on_open: session.url()?.call_on_open, close_at_end: false };
        let texts = session.poster().map_err(|error| match error {
            Error::Busy => Error::invalid("session", "has its texts posted by somebody else already"),
            other => other,
        })?;
        let wire = Arc::new(Wire { extension: extension.to_owned(), session: Arc::downgrade(session), texts });
        let transport = self.at_once(|floor, now| {
            floor.check(extension)?;
            let holder = match floor.holders.get(extension) {
                None => None,
                Some(Holder::Session(_)) => Some("another session"),
                Some(Holder::Browser(_)) => Some("a browser"),
            };
            if let Some(holder) = holder {
                return Err(Error::invalid("session", format!("can't have phone {extension}: {holder} has it")));
            }
            floor.holders.insert(extension.to_owned(), Holder::Session(Arc::clone(&wire)));
            floor.exchange.open(extension, opening, now);
            Ok(floor.mailboxes.get_mut(extension).and_then(Mailbox::abandon))
        })?;
        // A transport that waits here learns that it has lost its place.
        transport.into_iter().for_each(Waker::wake);
        // Only now: the session has heard of its page.
        self.floor.lock().line.push_back(Errand::Fetch(wire));
        self.work();
        Ok(())
    }

    /// What comes out of an extension's page, for a transport of the host's own.
    pub(super) fn messages(
        &self,
        extension: &str,
        max: i32,
    ) -> Result<impl Future<Output = Result<Vec<SimulatedPhoneOutput>, Error>> + Send + use<>, Error> {
        self.check(extension)?;
        let board = self.me.upgrade().ok_or(Error::Closed)?;
        pull::pull(Messages { board, extension: extension.to_owned() }, max)
    }

    pub(super) fn open_page(&self, extension: &str, url: Option<&WebphoneUrl>) -> Result<(), Error> {
        let opening = url.map_or_else(Opening::default, opening);
        self.at_once(|floor, now| {
            floor.check(extension)?;
            floor.displace_browser(extension);
            floor.exchange.open(extension, opening, now);
            Ok(())
        })
    }

    pub(super) fn post(&self, extension: &str, text: &str) -> Result<(), Error> {
        self.with(extension, |exchange, now| {
            exchange.post(extension, text, now);
            Ok(())
        })
    }

    pub(super) fn state(&self, extension: &str) -> Result<SimulatedPhoneState, Error> {
        self.with(extension, |exchange, now| {
            exchange.advance(now);
            Ok(exchange.state(extension))
        })
    }

    pub(super) fn set_wording(&self, extension: &str, wording: SimulatedWording) -> Result<(), Error> {
        self.with(extension, |exchange, _| {
            exchange.set_wording(extension, wording);
            Ok(())
        })
    }

    pub(super) fn add_fault(
        &self,
        extension: &str,
        fault: SimulatedPhoneFault,
        times: Option<i32>,
    ) -> Result<(), Error> {
        check_times(times)?;
        self.with(extension, |exchange, _| {
            exchange.add_fault(extension, fault, times);
            Ok(())
        })
    }

    pub(super) fn clear_faults(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |exchange, _| {
            exchange.clear_faults(extension);
            Ok(())
        })
    }

    pub(super) fn add_script(&self, extension: &str, script: SimulatedScript, times: Option<i32>) -> Result<(), Error> {
        check_times(times)?;
        script.check()?;
        self.with(extension, |exchange, _| {
            exchange.add_script(extension, script, times);
            Ok(())
        })
    }

    pub(super) fn clear_scripts(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |exchange, _| {
            exchange.clear_scripts(extension);
            Ok(())
        })
    }

    pub(super) fn incoming(&self, extension: &str, caller: &SimulatedCaller) -> Result<i64, Error> {
        caller.check()?;
        self.with(extension, |exchange, now| exchange.incoming(extension, caller, now))
    }

    pub(super) fn remote_answer(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |exchange, now| exchange.remote_answers(extension, now))
    }

    pub(super) fn remote_hang_up(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |exchange, now| exchange.remote_hangs_up(extension, now))
    }

    pub(super) fn supervise(&self, extension: &str, command: &Command) -> Result<(), Error> {
        self.with(extension, |exchange, now| exchange.supervise(extension, command, now))
    }

    pub(super) fn reload(&self, extension: &str) -> Result<(), Error> {
        self.at_once(|floor, now| {
            floor.check(extension)?;
            // A browser loads it, so the phone ends with one document and begins with the next.
            match floor.tab(extension) {
                Some(tab) => floor.line.push_back(Errand::Show(tab, Told::Order(Order::Reload))),
                None => floor.exchange.reload(extension, now)?,
            }
            Ok(())
        })
    }

    pub(super) fn crash(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |exchange, now| exchange.crash(extension, now))
    }

    pub(super) fn close_page(&self, extension: &str) -> Result<(), Error> {
        self.with(extension, |exchange, now| exchange.close(extension, now))
    }
}

impl Timed for Switchboard {
    fn run_due(&self) {
        // Nothing is due after the shut-down.
        let _ = self.at_once(|floor, now| {
            floor.exchange.advance(now);
            Ok(())
        });
    }
}

impl Floor {
    fn check(&self, extension: &str) -> Result<(), Error> {
        if self.extensions.contains(extension) {
            Ok(())
        } else {
            Err(Error::invalid("extension", "is not one that the simulator knows"))
        }
    }

    /// Puts what came out of the pages where it belongs; those who have to be woken for it.
    fn sort(&mut self) -> Vec<Waker> {
        let mut wakes = Vec::new();
        for Output { extension, output } in self.exchange.outputs() {
            match self.holders.get(&extension) {
                Some(Holder::Session(wire)) => {
                    self.line.push_back(Errand::Tell(Arc::clone(wire), output));
                    continue;
                }
                Some(Holder::Browser(screen)) => {
                    self.line.extend(Told::of(output).map(|told| Errand::Show(Arc::clone(&screen.tab), told)));
                    continue;
                }
                None => {}
            }
            let mailbox = self.mailboxes.entry(extension).or_default();
            if mailbox.outputs.len() == MAX_UNHEARD {
                mailbox.outputs.pop_front();
            }
            mailbox.outputs.push_back(output);
            wakes.extend(mailbox.reader.take());
        }
        self.show_pictures();
        wakes.extend(self.alarm.set(self.exchange.deadline()));
        wakes
    }

    /// Whether a text of this session is for the page that is open now: it is not if the session has yet to hear of
    /// another page's beginning.
    fn can_post(&self, wire: &Arc<Wire>) -> bool {
        let is_news = |errand: &Errand| match errand {
            Errand::Tell(to, output) => Arc::ptr_eq(to, wire) && matches!(output, SimulatedPhoneOutput::Report { .. }),
            Errand::Fetch(_) | Errand::Show(..) => false,
        };
        self.exchange.phone(&wire.extension).is_some() && !self.line.iter().any(is_news)
    }
}

impl Mailbox {
    /// Forgets what nobody heard; who waited for it.
    fn abandon(&mut self) -> Option<Waker> {
        self.outputs.clear();
        self.reader.take()
    }
}

/// The turn of the one who works the line off. Others leave it to it until it finds nothing more.
struct Turn<'a> {
    board: &'a Switchboard,
    over: bool,
}

impl<'a> Turn<'a> {
    fn begin(board: &'a Switchboard) -> Option<Self> {
        let taken = std::mem::replace(&mut board.floor.lock().working, true);
        (!taken).then_some(Self { board, over: false })
    }

    fn next(&mut self) -> Option<Errand> {
        let mut floor = self.board.floor.lock();
        let errand = floor.line.pop_front();
        if errand.is_none() {
            // Under the same lock: what comes now finds nobody at work.
            floor.working = false;
            self.over = true;
        }
        errand
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // A panic in a session must not end everybody's turn.
        if !self.over {
            self.board.floor.lock().working = false;
        }
    }
}

impl Wire {
    fn tell(&self, output: SimulatedPhoneOutput) {
        let Some(session) = self.session.upgrade() else { return };
        match output {
            SimulatedPhoneOutput::Message { text } => session.receive(text),
            SimulatedPhoneOutput::Report { report } => session.page_report(report),
        }
    }
}

/// Rings when a session has texts to post. It holds neither side: a session keeps it.
struct Bell {
    board: Weak<Switchboard>,
    wire: Weak<Wire>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let (Some(board), Some(wire)) = (self.board.upgrade(), self.wire.upgrade()) else { return };
        board.floor.lock().line.push_back(Errand::Fetch(wire));
        board.work();
    }
}

/// What a transport of the host's own holds of a page.
struct Messages {
    board: Arc<Switchboard>,
    extension: String,
}

impl Queue for Messages {
    type Batch = Vec<SimulatedPhoneOutput>;

    const MOST: i32 = 1024;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        look(&mut self.board.floor.lock().mailboxes.entry(self.extension.clone()).or_default().reader)
    }

    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<Self::Batch, Error>> {
        let mut floor = self.board.floor.lock();
        if !floor.open {
            return Poll::Ready(Err(Error::Closed));
        }
        if let Err(unknown) = floor.check(&self.extension) {
            return Poll::Ready(Err(unknown));
        }
        if floor.holders.contains_key(&self.extension) {
            return Poll::Ready(Err(Error::Busy));
        }
        let mailbox = floor.mailboxes.entry(self.extension.clone()).or_default();
        if mailbox.outputs.is_empty() {
            let displaced = mailbox.reader.wait(waker);
            drop(floor);
            drop(displaced);
            return Poll::Pending;
        }
        let count = max.min(mailbox.outputs.len());
        Poll::Ready(Ok(mailbox.outputs.drain(..count).collect()))
    }
}

/// What a URL asks of the phone that it opens.
fn opening(url: &WebphoneUrl) -> Opening {
    Opening { call_on_open: UrlFacts::of(url).call_on_open, close_at_end: url.close_at_end() }
}

fn check_times(times: Option<i32>) -> Result<(), Error> {
    match times {
        Some(times) if times < 1 => Err(Error::invalid("times", "has to be 1 or more")),
        _ => Ok(()),
    }
}
