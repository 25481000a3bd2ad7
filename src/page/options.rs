//! How a phone is put into a page, and who carries its messages.

/// Who carries messages between the page and the program. The page's script finds it by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum PageHost {
    /// A message port that the program hands to the page once: Android's `WebView`.
    MessagePort,
    /// `webkit.messageHandlers.webphone` in the script world `webphone`: `WKWebView`, WebKitGTK. The bridge is injected
    /// there, for the main frame only; the page itself holds no script.
    MessageHandler,
    /// A binding `webphonePost` in the isolated world `webphone`: Chromium by its DevTools protocol, Playwright. The
    /// bridge is injected there; the page itself holds no script.
    Binding,
    /// A web server's page in somebody's browser, joined to it by a WebSocket of the same origin.
    WebSocket {
        /// Where browsers find the page: `https://crm.example/phone`. `http` on a loopback host only.
        page_url: String,
        /// The WebSocket's path on that origin, with a leading slash: `/phone/socket`.
        socket_path: String,
    },
    /// Anything else: the program defines `webphoneHost = { post(text) { … } }` in the page before its script runs, and
    /// calls `webphoneHost.receive(text)`.
    Hook,
}

impl PageHost {
    /// Whether page and phone can't see what the bridge knows, since it lives in a script world of its own.
    pub(super) fn has_own_world(&self) -> bool {
        matches!(self, Self::MessageHandler | Self::Binding)
    }

    /// Its word in the bridge's table of hosts.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::MessagePort => "port",
            Self::MessageHandler => "handler",
            Self::Binding => "binding",
            Self::WebSocket { .. } => "socket",
            Self::Hook => "hook",
        }
    }
}

/// How a page loads its phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum PhoneLoading {
    /// In a frame. Every type can be loaded so.
    Frame,
    /// As a script that makes its own frame: the vendor's way for a `hidden` phone. **That script runs in the host page.**
    /// Where the bridge has a world of its own (`MessageHandler`, `Binding`) it learns nothing by that; elsewhere loading
    /// so means to trust the vendor with the page.
    Script,
    /// In a window of its own: the vendor's way for a `floating` phone. For browsers (`WebSocket`), `Binding` and `Hook`.
    Popup,
}

impl PhoneLoading {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Script => "script",
            Self::Popup => "popup",
        }
    }
}

/// What can be chosen about a host page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, uniffi::Record)]
pub struct HostPageOptions {
    /// How the phone is loaded. Default none, which means: a `hidden` phone as a script where the bridge has a world of its
    /// own, a `floating` one in a popup where the page is served to a browser, everything else in a frame.
    #[uniffi(default = None)]
    pub loading: Option<PhoneLoading>,
    /// The page's language, a BCP 47 tag. Default `pt-BR`.
    #[uniffi(default = "pt-BR")]
    pub language: String,
    /// The page's title, for screen readers and window lists. Default `Webphone`.
    #[uniffi(default = "Webphone")]
    pub title: String,
    /// What the page's `viewport` says. Default `width=device-width, initial-scale=1, viewport-fit=cover`.
    #[uniffi(default = "width=device-width, initial-scale=1, viewport-fit=cover")]
    pub viewport: String,
    /// Origins that the phone may move to, beside the vendor's published ones and its URL's own: `https://phone.example`.
    /// They may use the microphone and speak as the phone.
    #[uniffi(default = [])]
    pub extra_origins: Vec<String>,
    /// The phone's origin below whose host the host page stands; default none: the URL's own. A phone that moved to
    /// another site loses its cookies and storage, which the notice `third_party_storage` tells; a page for its new
    /// origin keeps them. Without meaning where the page is served to a browser.
    #[uniffi(default = None)]
    pub below: Option<String>,
    /// A phone whose document has not loaded after so long is reported as failed, 1 to 600,000. Default 30,000.
    #[uniffi(default = 30000)]
    pub load_timeout_ms: i64,
}

impl Default for HostPageOptions {
    fn default() -> Self {
        Self {
            loading: None,
            language: "pt-BR".to_owned(),
            title: "Webphone".to_owned(),
            viewport: "width=device-width, initial-scale=1, viewport-fit=cover".to_owned(),
            extra_origins: Vec::new(),
            below: None,
            load_timeout_ms: 30_000,
        }
    }
}
