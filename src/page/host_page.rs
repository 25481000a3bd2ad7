//! The page that a phone lives in: what of it is the same for every load.

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::load::PageLoad;
use super::options::{HostPageOptions, PageHost, PhoneLoading};
use super::origins::{self, PhoneOrigins};
use super::rules::{self, NavigationDecision, PagePart, PermissionRequest};
use crate::error::Error;
use crate::url::{Loopback, PhoneType, WebphoneUrl, parse_web_url};

/// The longest wait for a phone's document.
const MAX_LOAD_TIMEOUT_MS: i64 = 600_000;

/// A page of our own that holds one phone, for one kind of host: where it stands, what may be in it, and what it may do.
/// A [`PageLink`](super::PageLink) makes loads of it. It holds the phone's URL, a secret, and never prints it.
#[derive(uniffi::Object)]
pub struct HostPage {
    pub(super) phone: Arc<WebphoneUrl>,
    pub(super) host: PageHost,
    pub(super) options: HostPageOptions,
    pub(super) loading: PhoneLoading,
    pub(super) origin: String,
    pub(super) url: String,
    pub(super) socket: Option<String>,
    pub(super) origins: PhoneOrigins,
}

#[uniffi::export]
impl HostPage {
    /// A page for this phone and this host.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming what does not fit: `loading` (a script that is no `hidden` phone's, a popup where there
    /// are none), `language`, `extra_origins`, `below`, `load_timeout_ms`, `page_url`, `socket_path`.
    #[uniffi::constructor]
    pub fn open(url: Arc<WebphoneUrl>, host: PageHost, options: HostPageOptions) -> Result<Self, Error> {
        let loading = choose_loading(url.phone_type(), &host, options.loading)?;
        check_options(&options)?;
        let origins = PhoneOrigins::new(url.origin(), &options.extra_origins)?;
        let (origin, page_url, socket) = match &host {
            PageHost::WebSocket { page_url, socket_path } => served_at(page_url, socket_path, &origins)?,
            _ => {
                let below = options.below.as_deref().map(|text| {
                    let below = origins::normalized(text).filter(|origin| origins.contains(origin));
                    below.ok_or_else(|| Error::invalid("below", "is not one of the phone's origins"))
                });
                let phone = below.transpose()?.unwrap_or_else(|| url.origin());
                let phone = Url::parse(&phone).ok();
                let origin = phone.and_then(|phone| origins::host_origin(&phone));
                let origin = origin.ok_or_else(|| Error::internal("a phone without a host"))?;
                (origin.clone(), format!("{origin}/"), None)
            }
        };
        Ok(Self { phone: url, host, options, loading, origin, url: page_url, socket, origins })
    }

    /// Where the page is loaded from: intercept requests for exactly this URL, or load its text with this base.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The page's origin. For a host that serves nothing it is a reserved name below the phone's own host
    /// (`https://webphone-host.api2.totalvoice.com.br`): another origin, the same site.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// The phone's origins, its URL's own first: a closed set.
    pub fn phone_origins(&self) -> Vec<String> {
        self.origins.as_slice().to_vec()
    }

    /// What a frame for the phone has as its `allow`: the microphone and sound, for the phone's origins.
    pub fn allow(&self) -> String {
        let origins = self.origins.listed();
        format!("microphone {origins}; autoplay {origins}")
    }

    /// How the phone is loaded.
    pub fn loading(&self) -> PhoneLoading {
        self.loading
    }

    /// The origins to which browsers that are told beforehand grant the microphone.
    pub fn microphone_origins(&self) -> Vec<String> {
        let mut origins = vec![self.origin.clone()];
        if self.loading == PhoneLoading::Popup {
            origins.extend_from_slice(self.origins.as_slice());
        }
        origins
    }

    /// Whether the phone is served by this machine: where the host page is answered by the host itself, Chromium then asks
    /// for `local-network-access` too.
    pub fn is_loopback(&self) -> bool {
        origins::is_loopback(&self.phone.origin())
    }

    /// Whether to grant what a page asks for: the microphone alone, to the phone alone.
    pub fn permits(&self, request: PermissionRequest) -> bool {
        // Android's `PermissionRequest.getOrigin` is the asking frame's: by Chromium's source, never seen on a device.
        let phone_is_named = self.loading == PhoneLoading::Popup || self.host == PageHost::MessagePort;
        rules::permits(&request, &self.origin, phone_is_named, |origin| self.origins.contains(origin))
    }

    /// What to do about a navigation of a window or frame to `target`.
    pub fn navigation(&self, target: String, part: PagePart) -> NavigationDecision {
        let is_host_page = |url: &Url| {
            let mut url = url.clone();
            url.set_fragment(None);
            Url::parse(&self.url).is_ok_and(|page| page == url)
        };
        rules::navigation(&target, part, is_host_page, |origin| self.origins.contains(origin))
    }
}

impl HostPage {
    /// A load of it, which nobody else can guess.
    pub(super) fn fresh(self: &Arc<Self>) -> Result<PageLoad, Error> {
        PageLoad::new(Arc::clone(self))
    }

    /// Whether a document is the phone's own. `document` tells whether the platform knows that it is one; where it does
    /// not, only the phone's URL itself counts: any image may fail.
    pub(super) fn is_phone_document(&self, url: &str, document: Option<bool>) -> bool {
        match document {
            Some(true) => origins::normalized(url).is_some_and(|origin| self.origins.contains(&origin)),
            Some(false) => false,
            None => {
                let without_fragment = |text: &str| {
                    let mut url = Url::parse(text).ok()?;
                    url.set_fragment(None);
                    Some(url)
                };
                without_fragment(url).is_some_and(|url| without_fragment(self.phone.secret()) == Some(url))
            }
        }
    }
}

impl fmt::Debug for HostPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("HostPage");
        shown.field("url", &self.url).field("phone", &self.phone).field("loading", &self.loading).finish()
    }
}

fn choose_loading(kind: PhoneType, host: &PageHost, wish: Option<PhoneLoading>) -> Result<PhoneLoading, Error> {
    let refused = |reason: &str| Err(Error::invalid("loading", reason));
    match (wish, kind) {
        (Some(PhoneLoading::Script), PhoneType::Floating | PhoneType::Embedded) => {
            refused("can be a script for a `hidden` phone only")
        }
        (Some(PhoneLoading::Popup), _) if matches!(host, PageHost::MessagePort | PageHost::MessageHandler) => {
            refused("can't be a popup: a web view has no windows")
        }
        (Some(PhoneLoading::Popup), PhoneType::Hidden) => {
            refused("can't be a popup for a `hidden` phone, which shows nothing")
        }
        (Some(wish), _) => Ok(wish),
        (None, PhoneType::Hidden) if host.has_own_world() => Ok(PhoneLoading::Script),
        (None, PhoneType::Floating) if matches!(host, PageHost::WebSocket { .. }) => Ok(PhoneLoading::Popup),
        (None, _) => Ok(PhoneLoading::Frame),
    }
}

fn check_options(options: &HostPageOptions) -> Result<(), Error> {
    let language = &options.language;
    if language.is_empty() || language.len() > 35 || !language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Error::invalid("language", "is not a language tag, like `pt-BR`"));
    }
    if !(1..=MAX_LOAD_TIMEOUT_MS).contains(&options.load_timeout_ms) {
        return Err(Error::invalid("load_timeout_ms", "has to be 1 to 600000 milliseconds (10 minutes)"));
    }
    Ok(())
}

/// Origin, URL and WebSocket URL of a page that a web server serves.
fn served_at(
    page_url: &str,
    socket_path: &str,
    phone: &PhoneOrigins,
) -> Result<(String, String, Option<String>), Error> {
    let mut page = parse_web_url(page_url, Loopback::Allowed).map_err(|reason| Error::invalid("page_url", reason))?;
    page.set_fragment(None);
    let origin = page.origin().ascii_serialization();
    if phone.contains(&origin) {
        return Err(Error::invalid(
            "page_url",
            "has the phone's own origin, where it could not be told from the phone",
        ));
    }
    // Whatever a policy or a path would understand in its own way is refused.
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~');
    if !socket_path.starts_with('/') || socket_path.starts_with("//") || !socket_path.bytes().all(plain) {
        return Err(Error::invalid(
            "socket_path",
            "has to be a path with a leading slash, of letters, digits and `/-_.~`",
        ));
    }
    // `https` becomes `wss`, `http` becomes `ws`.
    let socket = origin.strip_prefix("http").map(|rest| format!("ws{rest}{socket_path}"));
    Ok((origin, page.into(), socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Arc<WebphoneUrl> {
        Arc::new(WebphoneUrl::parse(text.to_owned(), None).unwrap())
    }

    fn web() -> PageHost {
        PageHost::WebSocket { page_url: "https://crm.example/phone#x".into(), socket_path: "/phone/socket".into() }
    }

    fn open(kind: &str, host: PageHost, loading: Option<PhoneLoading>) -> Result<HostPage, Error> {
        let url = url(&format!("https://api2.totalvoice.com.br/w3/?key=K1&tipo={kind}"));
        HostPage::open(url, host, HostPageOptions { loading, ..HostPageOptions::default() })
    }

    #[test]
    fn each_type_is_loaded_in_its_way_on_each_host() {
        use PhoneLoading::{Frame, Popup, Script};
        for (kind, own_world, port, browser) in
            [("hidden", Script, Frame, Frame), ("embedded", Frame, Frame, Frame), ("floating", Frame, Frame, Popup)]
        {
            for (host, expected) in [
                (PageHost::MessageHandler, own_world),
                (PageHost::Binding, own_world),
                (PageHost::MessagePort, port),
                (PageHost::Hook, port),
                (web(), browser),
            ] {
                assert_eq!(open(kind, host.clone(), None).unwrap().loading(), expected, "{kind} {host:?}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let field = |result: Result<HostPage, Error>| match result.unwrap_err() {
            Error::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(open("embedded", PageHost::Hook, Some(PhoneLoading::Script))), "loading");
        assert_eq!(field(open("floating", PageHost::MessagePort, Some(PhoneLoading::Popup))), "loading");
        assert_eq!(field(open("hidden", PageHost::Hook, Some(PhoneLoading::Popup))), "loading");
        for (page_url, socket_path, expected) in [
            ("http://crm.example/", "/s", "page_url"),
            ("https://api2.totalvoice.com.br/x", "/s", "page_url"),
            ("https://crm.example/", "s", "socket_path"),
            ("https://crm.example/", "//evil.example/s", "socket_path"),
            ("https://crm.example/", "/s; script-src *", "socket_path"),
        ] {
            let host = PageHost::WebSocket { page_url: page_url.into(), socket_path: socket_path.into() };
            assert_eq!(field(open("embedded", host, None)), expected, "{page_url} {socket_path}");
        }
        let with = |options| HostPage::open(url("https://h.example/"), PageHost::Hook, options);
        let default = HostPageOptions::default;
        assert_eq!(field(with(HostPageOptions { language: "\"><script>".into(), ..default() })), "language");
        assert_eq!(field(with(HostPageOptions { load_timeout_ms: 0, ..default() })), "load_timeout_ms");
        assert_eq!(field(with(HostPageOptions { extra_origins: vec!["x".into()], ..default() })), "extra_origins");
        assert_eq!(field(with(HostPageOptions { below: Some("https://x.example".into()), ..default() })), "below");
    }

    #[test]
    fn a_frame_that_a_web_view_names_itself_gets_the_microphone() {
        let permits = |host, origin: &str| {
            let asked = PermissionRequest {
                origin: origin.to_owned(),
                frame_origin: None,
                child_window: false,
                microphone: true,
                others: false,
            };
            open("hidden", host, None).unwrap().permits(asked)
        };
        assert!(permits(PageHost::MessagePort, "https://voice-app.zenvia.com/"));
        assert!(permits(PageHost::MessagePort, "https://webphone-host.api2.totalvoice.com.br/"));
        assert!(!permits(PageHost::MessagePort, "https://evil.example/"));
        assert!(!permits(PageHost::MessageHandler, "https://voice-app.zenvia.com/"));
    }

    #[test]
    fn where_a_page_stands() {
        let page = open("hidden", PageHost::Binding, None).unwrap();
        assert_eq!(page.origin(), "https://webphone-host.api2.totalvoice.com.br");
        assert_eq!(page.url(), "https://webphone-host.api2.totalvoice.com.br/");
        assert!(page.allow().starts_with("microphone https://api2.totalvoice.com.br https://api."));
        assert_eq!(page.microphone_origins(), [page.origin()]);
        let page = open("floating", web(), None).unwrap();
        assert_eq!((page.url().as_str(), page.origin().as_str()), ("https://crm.example/phone", "https://crm.example"));
        assert_eq!(page.socket.as_deref(), Some("wss://crm.example/phone/socket"));
        assert_eq!(page.microphone_origins().len(), 5);
        let below =
            HostPageOptions { below: Some("https://voice-app.zenvia.com/".into()), ..HostPageOptions::default() };
        let page = HostPage::open(url("https://api2.totalvoice.com.br/w3"), PageHost::Hook, below).unwrap();
        assert_eq!(page.origin(), "https://webphone-host.voice-app.zenvia.com");
        assert!(!format!("{page:?}").contains("w3"));
        assert!(!page.is_loopback());
    }

    #[test]
    fn which_documents_are_the_phones() {
        let page =
            HostPage::open(url("https://h.example/w3?key=1"), PageHost::Hook, HostPageOptions::default()).unwrap();
        assert!(page.is_phone_document("https://h.example/w3?key=1#x", None));
        assert!(!page.is_phone_document("https://h.example/favicon.ico", None));
        assert!(page.is_phone_document("https://voice-app.zenvia.com/x", Some(true)));
        assert!(!page.is_phone_document("https://evil.example/w3?key=1", Some(true)));
        assert!(!page.is_phone_document("https://h.example/w3?key=1", Some(false)));
    }
}
