//! The tie between a session and the page that holds its phone: every text of the page comes in here, every text for it
//! goes out here, and both only for the load that is there.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::envelope::{self, Incoming, Item, MAX_BATCH, Order};
use super::escape::{Place, escape};
use super::host_page::HostPage;
use super::load::PageLoad;
use super::origins::{normalized, same_site};
use crate::error::Error;
use crate::protocol::{CallStatus, Event};
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{Queue, Reader, pull};
use crate::runtime::sync::Mutex;
use crate::runtime::{ProcessBound, guard};
use crate::session::{LoadFailure, OutgoingText, PageReport, Poster, Session, UrlFacts};
use crate::url::WebphoneUrl;

operation! {
    /// A wait for the next envelope for the page.
    EnvelopeOperation, EnvelopeStarted -> String
}

/// Who sent a text, as far as the platform tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, uniffi::Record)]
pub struct MessageSource {
    /// Whether it was the main frame; none where the platform does not tell.
    #[uniffi(default = None)]
    pub main_frame: Option<bool>,
    /// The sender's origin, as the platform writes it; none where it does not tell. For a WebSocket: its `Origin` header.
    #[uniffi(default = None)]
    pub origin: Option<String>,
}

/// Ties a [`Session`] to the page that holds its phone. It is the one who posts the session's texts.
///
/// All of it may be called from any thread. What comes in is applied in the order in which it was handed in, perhaps by
/// another thread that is at it, and never under a lock.
#[derive(uniffi::Object)]
pub struct PageLink {
    link: ProcessBound<Arc<Link>>,
}

#[uniffi::export]
impl PageLink {
    /// Becomes the one who posts this session's texts.
    ///
    /// # Errors
    /// [`Error::Busy`] when the session has one; [`Error::Closed`] in a forked child.
    #[uniffi::constructor]
    pub fn open(session: Arc<Session>) -> Result<Self, Error> {
        let poster = session.poster()?;
        let link = Link { session, poster, state: Mutex::default() };
        Ok(Self { link: ProcessBound::new(Arc::new(link)) })
    }

    /// Begins a load of this page, in the place of the one before: the session's page is `loading`, and from now on only
    /// this load is listened and spoken to. Each load is shown once; call this again to load again, also with the page of
    /// another URL (`renew`).
    ///
    /// # Errors
    /// For another load than the first: [`Error::DialsOnOpen`] when the URL makes the phone dial, [`Error::CallInProgress`]
    /// when a call goes on or comes in. [`Error::Closed`] after the session's end and in a forked child.
    pub fn load(&self, page: Arc<HostPage>) -> Result<Arc<PageLoad>, Error> {
        let link = self.link.get()?;
        let load = Arc::new(page.fresh()?);
        link.may_load(&page.phone)?;
        link.feed(Inbound::Load(Arc::clone(&load)));
        Ok(load)
    }

    /// Takes a text that the page posted. What is not this load's, or not the main frame's, is ignored. After the
    /// session's end, and in a forked child, nothing happens.
    pub fn receive_envelope(&self, text: String, source: MessageSource) {
        self.feed(Inbound::Envelope { text, source });
    }

    /// Whether a text is of the load that is there. For servers, which have to know which of their connections leads to the
    /// page before they send anything to it. Nothing becomes of the text; hand it in too.
    pub fn recognizes(&self, text: String, source: MessageSource) -> bool {
        self.link.get().is_ok_and(|link| {
            let state = link.state.lock();
            state.active.as_ref().zip(envelope::read(&text)).is_some_and(|(active, text)| active.knows(&text, &source))
        })
    }

    /// The next text for the page's bridge, as soon as there is one; up to 256 of the session's texts are in it. It is a
    /// secret: the first one holds the phone's URL.
    ///
    /// # Errors
    /// [`Error::Closed`] after the session's end (before which one last text removes the phone from its page) and in a
    /// forked child; [`Error::Busy`] while another caller waits.
    pub async fn next_envelope(&self) -> Result<String, Error> {
        guard(pull(self.outgoing()?, 1)?).await
    }

    /// As [`next_envelope`](Self::next_envelope), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next_envelope`](Self::next_envelope).
    pub fn start_next_envelope(&self, ms: i64) -> Result<EnvelopeStarted, Error> {
        operation::start(pull(self.outgoing()?, 1)?, ms).map(Into::into)
    }

    /// A text of [`next_envelope`](Self::next_envelope) did not reach the page's bridge: what is in it was not posted.
    pub fn undelivered(&self, envelope: String) {
        self.feed(Inbound::Undelivered { envelope });
    }

    /// Takes what the host sees of the page by itself: lost, a refused microphone. What the bridge reports comes in
    /// envelopes.
    pub fn report(&self, report: PageReport) {
        self.feed(Inbound::Report(report));
    }

    /// A document, or something in one, did not load: if it is the phone's own, silence no longer counts as life.
    /// `document` tells whether the platform knows that `url` is the document of a frame of the host page, or of the
    /// phone's popup; none where it does not tell documents from images.
    #[uniffi::method(default(document = None))]
    pub fn document_failed(&self, url: String, failure: LoadFailure, document: Option<bool>) {
        self.feed(Inbound::DocumentFailed { url, failure, document });
    }

    /// Where the phone of this load speaks from; none before it spoke.
    pub fn pinned_origin(&self) -> Option<String> {
        self.link.get().ok()?.state.lock().active.as_ref()?.pinned.clone()
    }

    /// How many texts and parts of texts were ignored so far: from another load or frame, or not understood.
    pub fn ignored(&self) -> i64 {
        self.link.get().map_or(0, |link| link.state.lock().ignored)
    }
}

impl PageLink {
    fn feed(&self, inbound: Inbound) {
        if let Ok(link) = self.link.get() {
            link.feed(inbound);
        }
    }

    fn outgoing(&self) -> Result<Outgoing, Error> {
        self.link.get().map(|link| Outgoing(Arc::clone(link)))
    }
}

/// An envelope as a script that hands it to the bridge, for hosts that can only run scripts.
#[uniffi::export]
pub fn receive_script(envelope: String) -> String {
    let text = serde_json::Value::String(envelope).to_string();
    format!("webphoneHost.receive({})", escape(&text, Place::Script))
}

struct Link {
    session: Arc<Session>,
    poster: Poster,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What waits to be applied, and whether somebody is at it: no lock is held while the session is fed.
    inbox: VecDeque<Inbound>,
    applying: bool,
    loaded_before: bool,
    active: Option<Active>,
    /// What goes to the page before the session's texts.
    orders: VecDeque<Order>,
    stopped: bool,
    reader: Reader,
    ignored: i64,
}

/// The load that is there.
struct Active {
    load: Arc<PageLoad>,
    /// Whether its bridge has said that it is there.
    greeted: bool,
    /// Whether its page loaded again by itself: its number is used up.
    void: bool,
    /// The number of the last envelope that came.
    seq: i64,
    /// Which document of the phone is in it: 1, or more when the phone loaded again by itself.
    page: i64,
    /// The session's generation since that document is there: texts of an older one are not for it.
    since: i64,
    pinned: Option<String>,
}

impl Active {
    /// Whether a text is of this load, and from its page's main frame.
    fn knows(&self, incoming: &Incoming, source: &MessageSource) -> bool {
        let foreign = |origin: &String| normalized(origin).as_deref() != Some(self.load.page().origin.as_str());
        !self.void
            && source.main_frame != Some(false)
            && incoming.nonce == self.load.nonce()
            && !source.origin.as_ref().is_some_and(foreign)
    }
}

/// What comes in.
enum Inbound {
    Load(Arc<PageLoad>),
    Envelope { text: String, source: MessageSource },
    Undelivered { envelope: String },
    Report(PageReport),
    DocumentFailed { url: String, failure: LoadFailure, document: Option<bool> },
}

impl Link {
    /// Whether a page of this URL may be loaded now.
    fn may_load(&self, phone: &Arc<WebphoneUrl>) -> Result<(), Error> {
        let again = mem::replace(&mut self.state.lock().loaded_before, true);
        if self.session.state()?.shut_down {
            return Err(Error::Closed);
        }
        if !again && self.session.url()? == UrlFacts::of(phone) {
            return Ok(());
        }
        self.session.change_url(Arc::clone(phone))
    }

    /// Applies what comes in, in order, on the thread of whoever came first.
    fn feed(&self, inbound: Inbound) {
        {
            let mut state = self.state.lock();
            state.inbox.push_back(inbound);
            if mem::replace(&mut state.applying, true) {
                return;
            }
        }
        let _applying = Applying(self);
        while let Some(inbound) = self.next_inbound() {
            self.apply(inbound);
        }
    }

    /// None when all is applied; then nobody is at it any more.
    fn next_inbound(&self) -> Option<Inbound> {
        let mut state = self.state.lock();
        let next = state.inbox.pop_front();
        state.applying = next.is_some();
        next
    }

    fn apply(&self, inbound: Inbound) {
        match inbound {
            Inbound::Load(load) => self.begin(load),
            Inbound::Envelope { text, source } => self.open_envelope(&text, &source),
            Inbound::Undelivered { envelope } => {
                let (posts, starts) = envelope::read_back(&envelope);
                posts.into_iter().for_each(|n| self.session.posted(n, false));
                if starts {
                    let detail = "The host page could not be told which phone to load.".to_owned();
                    self.session.page_report(PageReport::Failed { failure: None, detail });
                }
            }
            Inbound::Report(report) => self.session.page_report(report),
            Inbound::DocumentFailed { url, failure, document } => {
                let load = self.state.lock().active.as_ref().map(|active| Arc::clone(&active.load));
                let is_phone = load.is_some_and(|load| load.page().is_phone_document(&url, document));
                if is_phone && !matches!(failure, LoadFailure::Status { status } if status < 400) {
                    self.failed(failure);
                }
            }
        }
    }

    fn begin(&self, load: Arc<PageLoad>) {
        self.session.page_report(PageReport::Loading);
        let since = self.generation();
        let mut state = self.state.lock();
        state.orders.clear();
        let active = Active { load, greeted: false, void: false, seq: 0, page: 1, since, pinned: None };
        let _before = state.active.replace(active);
    }

    fn generation(&self) -> i64 {
        self.session.state().map_or(i64::MAX, |state| state.page.generation)
    }

    fn open_envelope(&self, text: &str, source: &MessageSource) {
        let Some((items, missing)) = self.accept(text, source) else {
            let mut state = self.state.lock();
            state.ignored = state.ignored.saturating_add(1);
            return;
        };
        if missing > 0 {
            self.notice(
                "messages_lost",
                format!("The connection to the page lost something of what it said. ({missing})"),
            );
        }
        for item in items {
            match item {
                Some(item) => self.on_item(item),
                None => {
                    let mut state = self.state.lock();
                    state.ignored = state.ignored.saturating_add(1);
                }
            }
        }
    }

    /// The items of a text that is of this load and from its main frame, and how many envelopes before it never came.
    fn accept(&self, text: &str, source: &MessageSource) -> Option<(Vec<Option<Item>>, i64)> {
        let incoming = envelope::read(text)?;
        let mut state = self.state.lock();
        let active = state.active.as_mut().filter(|active| active.knows(&incoming, source))?;
        // A page that loaded again begins to count again: it says hello first.
        let again = active.greeted && incoming.items.first() == Some(&Some(Item::Hello));
        if incoming.seq <= active.seq && !again {
            return None;
        }
        let missing = if again { 0 } else { incoming.seq.saturating_sub(active.seq).saturating_sub(1) };
        active.seq = incoming.seq;
        Some((incoming.items, missing))
    }

    fn on_item(&self, item: Item) {
        match item {
            Item::Hello => self.on_hello(),
            Item::Message { text } => self.on_message(text),
            Item::Posted { n, ok } => self.session.posted(n, ok),
            Item::Loaded { page } => self.on_loaded(page),
            Item::Pinned { origin } => self.on_pinned(origin),
            Item::Closed => self.session.page_report(PageReport::Closed),
            Item::Failed { failure } => self.failed(failure),
            Item::Notice { name, detail } => self.notice(name, detail),
            Item::Left => {
                let detail = "The host page was left.".to_owned();
                self.session.page_report(PageReport::Lost { detail });
            }
        }
    }

    fn failed(&self, failure: LoadFailure) {
        let failure = failure.cleaned();
        let detail = failure.detail();
        self.session.page_report(PageReport::Failed { failure: Some(failure), detail });
    }

    fn notice(&self, name: &str, detail: String) {
        self.session.page_report(PageReport::Notice { name: name.to_owned(), detail });
    }

    fn on_hello(&self) {
        let mut reloaded = false;
        let waker = {
            let mut state = self.state.lock();
            let Some(active) = &mut state.active else { return };
            if mem::replace(&mut active.greeted, true) {
                active.void = true;
                reloaded = true;
                None
            } else if active.load.starts_by_itself() {
                None
            } else {
                let start = Order::Start(active.load.start());
                state.orders.push_back(start);
                state.reader.take()
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        if reloaded {
            self.session.page_report(PageReport::Reloaded);
        }
    }

    fn on_message(&self, text: String) {
        let closes = {
            let state = self.state.lock();
            // What a page says that was not asked to load a phone yet is not a phone's.
            let Some(active) = state.active.as_ref().filter(|active| active.greeted) else { return };
            active.load.page().phone.close_at_end()
        };
        let ended = closes && matches!(Event::parse(&text), Ok(Some(Event::Status { status: CallStatus::Ended })));
        self.session.receive(text);
        // A window that closes itself can be seen, a frame that does not: that it did is an assumption.
        if ended && self.session.state().is_ok_and(|state| state.call.is_none()) {
            self.session.page_report(PageReport::Closed);
        }
    }

    fn on_loaded(&self, page: i64) {
        let known = self.state.lock().active.as_ref().map_or(page, |active| active.page);
        if page > known {
            self.session.page_report(PageReport::Reloaded);
            self.session.page_report(PageReport::Loading);
            let since = self.generation();
            if let Some(active) = &mut self.state.lock().active {
                active.page = page;
                active.since = since;
                active.pinned = None;
            }
        }
        self.session.page_report(PageReport::Loaded);
    }

    fn on_pinned(&self, origin: String) {
        let third_party = {
            let mut state = self.state.lock();
            let Some(active) = &mut state.active else { return };
            let page = active.load.page();
            if !page.origins.contains(&origin) {
                return;
            }
            let third_party = !same_site(&page.origin, &origin);
            active.pinned = Some(origin);
            third_party
        };
        if third_party {
            let detail =
                "The phone is on another site than the host page: browsers may keep its cookies and storage from it.";
            self.notice("third_party_storage", detail.to_owned());
        }
    }

    /// What goes out now, in one envelope; and the texts that are not for the document that is there.
    fn pack(&self, texts: Vec<OutgoingText>) -> (Option<String>, Vec<i64>) {
        let mut state = self.state.lock();
        let mut stale = Vec::new();
        let mut orders: Vec<Order> = mem::take(&mut state.orders).into();
        let Some(active) = &state.active else {
            return (None, texts.into_iter().map(|text| text.n).collect());
        };
        for OutgoingText { n, generation, text } in texts {
            if generation < active.since {
                stale.push(n);
            } else {
                orders.push(Order::Post { n, page: active.page, text });
            }
        }
        let packed = (!orders.is_empty()).then(|| envelope::write(active.load.nonce(), orders));
        (packed, stale)
    }

    /// The last envelope: it removes the phone from its page.
    fn farewell(&self) -> Option<String> {
        let mut state = self.state.lock();
        if mem::replace(&mut state.stopped, true) {
            return None;
        }
        state.active.as_ref().map(|active| envelope::write(active.load.nonce(), [Order::Stop]))
    }
}

/// Whoever applies what comes in; also when that panics, the next one can.
struct Applying<'a>(&'a Link);

impl Drop for Applying<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state.lock().applying = false;
        }
    }
}

/// What waits to go to the page.
struct Outgoing(Arc<Link>);

impl Queue for Outgoing {
    type Batch = String;

    const MOST: i32 = 1;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        look(&mut self.0.state.lock().reader)
    }

    fn poll_items(&self, _max: usize, waker: &Waker) -> Poll<Result<String, Error>> {
        // In place before the look: what comes in between wakes it.
        let _displaced = self.0.state.lock().reader.wait(waker);
        loop {
            let (texts, empty) = match self.0.poster.poll_texts(MAX_BATCH - 1, waker) {
                Poll::Ready(Ok(texts)) => (texts, false),
                Poll::Pending => (Vec::new(), true),
                Poll::Ready(Err(Error::Closed)) => {
                    return Poll::Ready(self.0.farewell().ok_or(Error::Closed));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            };
            let (packed, stale) = self.0.pack(texts);
            stale.into_iter().for_each(|n| self.0.session.posted(n, false));
            match packed {
                Some(envelope) => return Poll::Ready(Ok(envelope)),
                None if empty => return Poll::Pending,
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::{HostPageOptions, PageHost};
    use super::*;
    use crate::protocol::{Command, PhoneNumber};
    use crate::session::{Cause, CommandStarted, PagePhase, Request, SessionConfig};

    const PHONE: &str = "https://api2.totalvoice.com.br/w3/?key=K3Y&tipo=hidden";

    struct Bench {
        session: Arc<Session>,
        link: PageLink,
        load: Arc<PageLoad>,
        seq: i64,
    }

    fn page(url: &Arc<WebphoneUrl>) -> Arc<HostPage> {
        Arc::new(HostPage::open(Arc::clone(url), PageHost::Hook, HostPageOptions::default()).unwrap())
    }

    fn bench(url: &str) -> Bench {
        let url = Arc::new(WebphoneUrl::parse(url.to_owned(), None).unwrap());
        let session = Arc::new(Session::open(SessionConfig::default(), Some(Arc::clone(&url)), None).unwrap());
        let link = PageLink::open(Arc::clone(&session)).unwrap();
        let load = link.load(page(&url)).unwrap();
        Bench { session, link, load, seq: 0 }
    }

    impl Bench {
        fn say(&mut self, batch: &str) {
            self.seq += 1;
            let nonce = self.load.nonce();
            let text = format!(r#"{{"webphone":1,"nonce":"{nonce}","seq":{},"batch":{batch}}}"#, self.seq);
            self.link.receive_envelope(text, MessageSource::default());
        }

        fn start(url: &str) -> Self {
            let mut bench = bench(url);
            bench.say(r#"[["hello"]]"#);
            assert!(bench.next().unwrap().contains(r#""start""#));
            bench.say(r#"[["loaded",1],["message","{\"message\":\"status\",\"status\":\"conectado\"}"]]"#);
            bench
        }

        /// What goes out now.
        fn next(&self) -> Option<String> {
            match self.link.start_next_envelope(0).unwrap() {
                EnvelopeStarted::Done { value } => Some(value),
                EnvelopeStarted::Pending { .. } => None,
            }
        }

        fn phase(&self) -> PagePhase {
            self.session.state().unwrap().page.phase
        }

        fn call(&self) -> CommandStarted {
            let command = Command::Call { number: PhoneNumber::parse("4001").unwrap() };
            self.session.start_execute(Request::Execute { command }, 0).unwrap()
        }
    }

    #[test]
    fn from_hello_to_a_call() {
        let mut bench = bench(PHONE);
        assert_eq!(bench.next(), None);
        bench.say(r#"[["hello"]]"#);
        let start = bench.next().unwrap();
        assert!(start.contains("key=K3Y") && start.contains(r#""load":"frame""#), "{start}");
        bench.say(r#"[["loaded",1],["pinned","https://api2.totalvoice.com.br"]]"#);
        assert_eq!(bench.phase(), PagePhase::Loaded);
        assert_eq!(bench.link.pinned_origin().as_deref(), Some("https://api2.totalvoice.com.br"));
        bench.say(r#"[["message","{\"message\":\"status\",\"status\":\"conectado\"}"]]"#);
        assert_eq!(bench.phase(), PagePhase::Ready);
        let CommandStarted::Pending { operation } = bench.call() else { panic!() };
        let envelope = bench.next().unwrap();
        assert!(envelope.contains(r#"["post",1,1,"{\"message\":\"chamaNumero\",\"numero\":\"4001\"}"]"#), "{envelope}");
        bench.say(r#"[["posted",1,true],["message","{\"message\":\"chamada_id\",\"chamada_id\":5}"]]"#);
        assert!(operation.wait_for(10_000).unwrap().is_some());
        assert_eq!(bench.link.ignored(), 0);
    }

    #[test]
    fn only_this_load_and_its_main_frame_are_heard() {
        let mut bench = Bench::start(PHONE);
        let ignored = |bench: &Bench, text: String, source: MessageSource| {
            let before = bench.link.ignored();
            bench.link.receive_envelope(text, source);
            assert_eq!(bench.link.ignored(), before + 1);
            assert_eq!(bench.phase(), PagePhase::Ready);
        };
        let good = |bench: &Bench, seq: i64| {
            format!(r#"{{"webphone":1,"nonce":"{}","seq":{seq},"batch":[["closed"]]}}"#, bench.load.nonce())
        };
        ignored(&bench, good(&bench, 9).replace(bench.load.nonce(), "guessed"), MessageSource::default());
        ignored(&bench, good(&bench, 9), MessageSource { main_frame: Some(false), origin: None });
        let origin = |text: &str| MessageSource { main_frame: Some(true), origin: Some(text.to_owned()) };
        ignored(&bench, good(&bench, 9), origin("https://api2.totalvoice.com.br"));
        ignored(&bench, good(&bench, 9), origin("null"));
        ignored(&bench, good(&bench, 1), MessageSource::default());
        ignored(&bench, r#"{"message":"status","status":"encerrada"}"#.into(), MessageSource::default());
        bench.say(r#"[["lost"]]"#);
        assert_eq!(bench.phase(), PagePhase::Ready);
        let seq = bench.seq + 1;
        bench.link.receive_envelope(good(&bench, seq), origin("https://webphone-host.api2.totalvoice.com.br:0/"));
        assert_eq!(bench.phase(), PagePhase::Lost);
    }

    #[test]
    fn a_server_knows_which_connection_is_the_pages() {
        let bench = Bench::start(PHONE);
        let knows = |nonce: &str, origin: Option<&str>| {
            let text = format!(r#"{{"webphone":1,"nonce":"{nonce}","seq":9,"batch":[["closed"]]}}"#);
            bench.link.recognizes(text, MessageSource { main_frame: None, origin: origin.map(str::to_owned) })
        };
        let nonce = bench.load.nonce().to_owned();
        assert!(knows(&nonce, None));
        assert!(knows(&nonce, Some("https://webphone-host.api2.totalvoice.com.br")));
        assert!(!knows("guessed", None));
        assert!(!knows(&nonce, Some("https://evil.example")));
        assert!(!bench.link.recognizes("x".into(), MessageSource::default()));
        // It was looked at, and not applied.
        assert_eq!((bench.phase(), bench.link.ignored()), (PagePhase::Ready, 0));
        bench.link.load(page(&Arc::clone(&bench.load.page().phone))).unwrap();
        assert!(!knows(&nonce, None));
    }

    #[test]
    fn text_of_the_phone_is_never_a_report() {
        let mut bench = Bench::start(PHONE);
        let inner = r#"{\"webphone\":1,\"nonce\":\"x\",\"seq\":9,\"batch\":[[\"closed\"]],\"message\":\"closed\"}"#;
        bench.say(&format!(r#"[["message","{inner}"],["message","[\"closed\"]"],["message","closed"]]"#));
        assert_eq!(bench.phase(), PagePhase::Ready);
    }

    #[test]
    fn a_second_hello_is_a_reload_and_ends_the_load() {
        let mut bench = Bench::start(PHONE);
        bench.seq = 0;
        bench.say(r#"[["hello"]]"#);
        assert_eq!(bench.phase(), PagePhase::Lost);
        assert_eq!(bench.next(), None);
        bench.say(r#"[["loaded",1]]"#);
        assert_eq!(bench.phase(), PagePhase::Lost);
        let url = Arc::clone(&bench.load.page().phone);
        bench.load = bench.link.load(page(&url)).unwrap();
        bench.seq = 0;
        assert_eq!(bench.phase(), PagePhase::Loading);
        bench.say(r#"[["hello"]]"#);
        assert!(bench.next().unwrap().contains(r#""start""#));
    }

    #[test]
    fn a_text_for_a_document_that_is_gone_is_not_posted_to_the_next() {
        let mut bench = Bench::start(PHONE);
        let CommandStarted::Pending { operation } = bench.call() else { panic!() };
        // Nobody took it yet.
        bench.say(r#"[["loaded",2]]"#);
        assert_eq!(bench.next(), None);
        assert!(matches!(operation.wait_for(10_000), Err(Error::PageLost { .. })));
        bench.say(r#"[["message","{\"message\":\"status\",\"status\":\"conectado\"}"]]"#);
        let CommandStarted::Pending { .. } = bench.call() else { panic!() };
        assert!(bench.next().unwrap().contains(r#"["post",2,2,"#));
    }

    #[test]
    fn what_was_not_delivered_was_not_posted() {
        let bench = Bench::start(PHONE);
        let CommandStarted::Pending { operation } = bench.call() else { panic!() };
        let envelope = bench.next().unwrap();
        bench.link.undelivered(envelope);
        let lost = Error::PageLost { posted: crate::Posted::No };
        assert_eq!(operation.wait_for(10_000), Err(lost));
    }

    #[test]
    fn a_url_that_dials_is_loaded_once() {
        let bench = bench("https://api2.totalvoice.com.br/w3/?key=K3Y&ligar_para=4001");
        let url = Arc::clone(&bench.load.page().phone);
        assert_eq!(bench.link.load(page(&url)).unwrap_err(), Error::DialsOnOpen);
        bench.session.shut_down();
        let url = Arc::new(WebphoneUrl::parse(PHONE.into(), None).unwrap());
        assert_eq!(bench.link.load(page(&url)).unwrap_err(), Error::Closed);
    }

    #[test]
    fn a_phone_that_closes_at_the_end_of_its_call_is_closed_then() {
        let mut bench = Bench::start("https://api2.totalvoice.com.br/w3/?key=K3Y&tipo=hidden&fechar_fim=1");
        bench.say(r#"[["message","{\"message\":\"chegandoChamada\",\"numeroChegando\":\"4001\"}"]]"#);
        assert_eq!(bench.phase(), PagePhase::Ready);
        bench.say(r#"[["message","{\"message\":\"status\",\"status\":\"encerrada\"}"]]"#);
        assert_eq!(bench.phase(), PagePhase::Lost);
    }

    #[test]
    fn what_the_host_sees_reaches_the_session() {
        let bench = Bench::start(PHONE);
        let updates = bench.session.updates(64).unwrap();
        let status = LoadFailure::Status { status: 403 };
        bench.link.document_failed("https://api2.totalvoice.com.br/favicon.ico".into(), status.clone(), None);
        bench.link.document_failed(PHONE.into(), LoadFailure::Status { status: 302 }, None);
        bench.link.document_failed(PHONE.into(), status.clone(), None);
        let code = format!("net::ERR\"?key=1&{}<script>", "A".repeat(100));
        bench.link.document_failed(PHONE.into(), LoadFailure::Network { code: code.clone() }, None);
        bench.link.report(PageReport::Failed { failure: Some(LoadFailure::Network { code }), detail: String::new() });
        bench.link.report(PageReport::Lost { detail: "The view's process ended.".into() });
        let seen = updates.start_next(16, 10_000).unwrap();
        let crate::session::UpdatesStarted::Done { value } = seen else { panic!() };
        let reports: Vec<_> = value
            .into_iter()
            .filter_map(|update| match update.cause {
                Cause::Page { report } => Some(report),
                _ => None,
            })
            .collect();
        let network = Some(LoadFailure::Network { code: format!("net::ERRkey1{}", "A".repeat(52)) });
        let [refused, cut, own, PageReport::Lost { .. }] = &reports[..] else { panic!("{reports:?}") };
        let detail = "The phone's page was answered with HTTP 403.".to_owned();
        assert_eq!(*refused, PageReport::Failed { failure: Some(status), detail });
        for cut in [cut, own] {
            assert!(matches!(cut, PageReport::Failed { failure, .. } if *failure == network), "{cut:?}");
        }
        assert!(!format!("{reports:?}").contains("K3Y"));
    }

    #[test]
    fn a_phone_on_another_site_is_told() {
        let mut bench = Bench::start(PHONE);
        let updates = bench.session.updates(64).unwrap();
        bench.say(r#"[["pinned","https://evil.example"],["pinned","https://voice-app.zenvia.com"]]"#);
        let crate::session::UpdatesStarted::Done { value } = updates.start_next(16, 10_000).unwrap() else { panic!() };
        assert!(format!("{:?}", value[0].cause).contains("third_party_storage"));
        assert_eq!(bench.link.pinned_origin().as_deref(), Some("https://voice-app.zenvia.com"));
    }

    #[test]
    fn envelopes_that_never_came_are_told() {
        let mut bench = Bench::start(PHONE);
        let updates = bench.session.updates(64).unwrap();
        bench.seq += 3;
        bench.say("[]");
        let crate::session::UpdatesStarted::Done { value } = updates.start_next(16, 10_000).unwrap() else { panic!() };
        assert!(format!("{:?}", value[0].cause).contains("(3)"));
    }

    #[test]
    fn the_last_envelope_removes_the_phone() {
        let bench = Bench::start(PHONE);
        bench.session.shut_down();
        assert!(bench.next().unwrap().contains(r#"[["stop"]]"#));
        assert_eq!(bench.link.start_next_envelope(0).err(), Some(Error::Closed));
    }

    #[test]
    fn who_waits_is_woken_by_a_hello_and_by_a_text() {
        let mut bench = bench(PHONE);
        let EnvelopeStarted::Pending { operation } = bench.link.start_next_envelope(0).unwrap() else { panic!() };
        assert_eq!(bench.link.start_next_envelope(0).err(), Some(Error::Busy));
        let waiting = std::thread::spawn(move || operation.wait_for(60_000).unwrap().unwrap());
        bench.say(r#"[["hello"]]"#);
        assert!(waiting.join().unwrap().contains(r#""start""#));
    }

    #[test]
    fn a_session_has_one_link() {
        let bench = bench(PHONE);
        assert_eq!(PageLink::open(Arc::clone(&bench.session)).err(), Some(Error::Busy));
    }

    #[test]
    fn secrets_are_not_shown() {
        let bench = bench(PHONE);
        let shown = format!("{:?} {:?}", bench.load, bench.load.page());
        assert!(!shown.contains("K3Y") && !shown.contains(bench.load.nonce()), "{shown}");
        for kept in [bench.load.html(), bench.load.bridge(), bench.load.port_message()] {
            assert!(!kept.contains("K3Y"));
        }
    }

    #[test]
    fn a_script_for_hosts_that_can_only_run_scripts() {
        assert_eq!(
            receive_script("{\"</script>\":\"\u{2028}\"}".into()),
            r#"webphoneHost.receive("{\"\u003c/script\u003e\":\"\u2028\"}")"#
        );
    }
}
