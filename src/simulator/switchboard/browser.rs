//! Pages in browsers: each holds its phone as a session does. The server carries what is said between the two.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Errand, Floor, Holder, Mailbox, Switchboard, opening};
use crate::error::{Error, NotReadyReason};
use crate::protocol::{CallStatus, Event};
use crate::session::PageReport;
use crate::simulator::{SimulatedPhoneOutput, SimulatedPhoneState};
use crate::url::WebphoneUrl;

/// What a page in a browser is told.
#[derive(Debug)]
pub(in crate::simulator) enum Told {
    /// To post this text to its host.
    Post(String),
    /// What is so in its phone by now.
    Picture(SimulatedPhoneState),
    /// To do something with itself.
    Order(Order),
}

/// What a page in a browser is told to do with itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::simulator) enum Order {
    /// To load again.
    Reload,
    /// To close, as far as a browser lets it.
    Close,
    /// To stand still for good, as one that has crashed.
    Crash,
    /// To step back: the phone is somebody else's now.
    Leave,
    /// To post something that its phone did not say.
    Say(Say),
}

/// Something for a page to post that its phone did not say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Say {
    /// Whatever it is.
    message: Value,
    #[serde(default = "once")]
    times: i32,
    /// How many a second; none: all at once.
    #[serde(default)]
    per_second: Option<i32>,
    /// How long a text is added to it (`padding`), in characters.
    #[serde(default)]
    padding: i32,
    /// Whether it holds itself (`itself`), which JSON can't express.
    #[serde(default)]
    cyclic: bool,
}

fn once() -> i32 {
    1
}

impl Say {
    fn check(&self) -> Result<(), Error> {
        let fields = [
            ("times", self.times, 1, 10_000_000),
            ("per_second", self.per_second.unwrap_or(1), 1, 1_000_000),
            ("padding", self.padding, 0, 100_000_000),
        ];
        for (field, value, least, most) in fields {
            if !(least..=most).contains(&value) {
                return Err(Error::invalid(field, format!("is not between {least} and {most}")));
            }
        }
        if (self.padding > 0 || self.cyclic) && !self.message.is_object() {
            return Err(Error::invalid("message", "has to be an object to be padded, or to hold itself"));
        }
        Ok(())
    }
}

impl Told {
    /// What a browser has to be told of what came out of the page that it has open. That it loads it knows.
    pub(super) fn of(output: SimulatedPhoneOutput) -> Option<Self> {
        match output {
            SimulatedPhoneOutput::Message { text } => Some(Self::Post(text)),
            SimulatedPhoneOutput::Report { report: PageReport::Closed } => Some(Self::Order(Order::Close)),
            SimulatedPhoneOutput::Report { report: PageReport::Lost { .. } } => Some(Self::Order(Order::Crash)),
            SimulatedPhoneOutput::Report { .. } => None,
        }
    }
}

/// The way to a browser that has a page open.
pub(super) struct Tab {
    /// Without a bound: of a day of virtual time a page has to hear all, and what it is told is small.
    told: UnboundedSender<Told>,
}

impl Tab {
    pub(super) fn tell(&self, told: Told) {
        // It may have gone.
        let _ = self.told.send(told);
    }
}

/// A browser that holds a page, and what it shows.
pub(super) struct Screen {
    pub(super) tab: Arc<Tab>,
    shown: Option<SimulatedPhoneState>,
}

/// A page that is open in a browser. It closes when this is dropped.
pub(in crate::simulator) struct Page {
    board: Arc<Switchboard>,
    extension: String,
    tab: Arc<Tab>,
}

impl Switchboard {
    /// A browser has loaded an extension's page: it holds the phone from now on, instead of another browser that did.
    /// What the page is told comes out of the receiver, which ends with it.
    ///
    /// # Errors
    /// `Busy` while a session holds the phone; `Invalid` naming `extension`.
    pub(in crate::simulator) fn open_in_browser(
        &self,
        extension: &str,
        url: Option<&WebphoneUrl>,
    ) -> Result<(Page, UnboundedReceiver<Told>), Error> {
        let opening = url.map(opening).unwrap_or_default();
        let (sender, told) = unbounded_channel();
        let tab = Arc::new(Tab { told: sender });
        let board = self.me.upgrade().ok_or(Error::Closed)?;
        let transport = self.at_once(|floor, now| {
            floor.check(extension)?;
            if matches!(floor.holders.get(extension), Some(Holder::Session(_))) {
                return Err(Error::Busy);
            }
            floor.displace_browser(extension);
            let screen = Screen { tab: Arc::clone(&tab), shown: None };
            floor.holders.insert(extension.to_owned(), Holder::Browser(screen));
            floor.exchange.open(extension, opening, now);
            Ok(floor.mailboxes.get_mut(extension).and_then(Mailbox::abandon))
        })?;
        // A transport that waits here learns that it has lost its place.
        transport.into_iter().for_each(std::task::Waker::wake);
        Ok((Page { board, extension: extension.to_owned(), tab }, told))
    }

    /// Has the page that a browser has open post something.
    ///
    /// # Errors
    /// `NotReady` when no browser has it open; `Invalid` naming the field that is out of its range.
    pub(in crate::simulator) fn say(&self, extension: &str, say: Say) -> Result<(), Error> {
        say.check()?;
        self.at_once(|floor, _| {
            floor.check(extension)?;
            let tab = floor.tab(extension).ok_or(Error::NotReady { reason: NotReadyReason::NotLoaded })?;
            floor.line.push_back(Errand::Show(tab, Told::Order(Order::Say(say))));
            Ok(())
        })
    }
}

impl Floor {
    /// The browser that has an extension's page open.
    pub(super) fn tab(&self, extension: &str) -> Option<Arc<Tab>> {
        match self.holders.get(extension)? {
            Holder::Browser(screen) => Some(Arc::clone(&screen.tab)),
            Holder::Session(_) => None,
        }
    }

    /// A browser that has an extension's page open loses the phone in it.
    pub(super) fn displace_browser(&mut self, extension: &str) {
        if let Some(tab) = self.tab(extension) {
            self.holders.remove(extension);
            let farewell = Event::Status { status: CallStatus::Disconnected }.to_json();
            self.line.push_back(Errand::Show(Arc::clone(&tab), Told::Post(farewell)));
            self.line.push_back(Errand::Show(tab, Told::Order(Order::Leave)));
        }
    }

    /// Browsers are shown what is so by now, where that has changed.
    pub(super) fn show_pictures(&mut self) {
        for (extension, holder) in &mut self.holders {
            let Holder::Browser(screen) = holder else { continue };
            let state = self.exchange.state(extension);
            if screen.shown.as_ref() != Some(&state) {
                screen.shown = Some(state.clone());
                self.line.push_back(Errand::Show(Arc::clone(&screen.tab), Told::Picture(state)));
            }
        }
    }
}

impl Page {
    /// Its host, or its own user, tells its phone something.
    pub(in crate::simulator) fn post(&self, text: &str) {
        // Nobody is there to hear that the simulator has ended.
        let _ = self.board.at_once(|floor, now| {
            if floor.is_held_by(&self.extension, &self.tab) {
                floor.exchange.post(&self.extension, text, now);
            }
            Ok(())
        });
    }
}

impl Floor {
    fn is_held_by(&self, extension: &str, tab: &Arc<Tab>) -> bool {
        matches!(self.holders.get(extension), Some(Holder::Browser(screen)) if Arc::ptr_eq(&screen.tab, tab))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.board.at_once(|floor, now| {
            if floor.is_held_by(&self.extension, &self.tab) {
                // It may have crashed or closed already. What it says last, nobody hears.
                let _ = floor.exchange.close(&self.extension, now);
                floor.exchange.forget_outputs(&self.extension);
                floor.holders.remove(&self.extension);
            }
            Ok(())
        });
    }
}
