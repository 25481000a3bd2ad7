//! One load of a host page: its markup, its headers, and the bridge with what only this load knows.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::envelope;
use super::escape::{Place, escape};
use super::host_page::HostPage;
use super::options::{PageHost, PhoneLoading};
use crate::error::Error;
use crate::secret::Secret;

/// The script that carries messages in the page; `bridge/bridge.ts` is its source.
const BRIDGE: &str = include_str!("bridge.min.js");

/// Where a load's own values go in it.
const CONFIG: &str = "__WEBPHONE__";

/// One load of a [`HostPage`]. What it gives is for the page alone: it holds a number that nobody else can guess, and
/// for a page that is served to a browser the phone's URL.
#[derive(uniffi::Object)]
pub struct PageLoad {
    page: Arc<HostPage>,
    nonce: Secret,
    /// Which scripts of the page its own policy lets run.
    script_nonce: String,
}

#[uniffi::export]
impl PageLoad {
    /// The page, an HTML document.
    pub fn html(&self) -> String {
        let options = &self.page.options;
        let markup = |text: &str| escape(text, Place::Markup);
        let script = if self.page.host.has_own_world() {
            String::new()
        } else {
            format!("<script nonce=\"{}\">{}</script>", markup(&self.script_nonce), self.bridge())
        };
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\
             <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"viewport\" content=\"{}\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title><style>{STYLE}</style></head>\
             <body><div id=\"widget-evoline-api-container\"></div>{script}</body></html>",
            markup(&options.language),
            markup(&self.policy()),
            markup(&options.viewport),
            markup(&options.title),
        )
    }

    /// The bridge, a script: where it has a world of its own, inject it there, into the main frame only, as the document
    /// ends. Elsewhere it stands in the page already.
    pub fn bridge(&self) -> String {
        let mut config = json!({
            "host": self.page.host.word(),
            "nonce": self.nonce.reveal(),
            "origin": self.page.origin,
        });
        if let (Some(socket), Value::Object(fields)) = (&self.page.socket, &mut config) {
            fields.insert("socket".to_owned(), socket.as_str().into());
            // A browser's page has nobody to wait for.
            fields.insert("start".to_owned(), self.start());
        }
        BRIDGE.trim_end().replacen(CONFIG, &escape(&config.to_string(), Place::Script), 1)
    }

    /// The headers to answer with, by name.
    pub fn headers(&self) -> HashMap<String, String> {
        let mut headers = HashMap::from([
            ("Content-Type", "text/html; charset=utf-8".to_owned()),
            ("Content-Security-Policy", format!("{}; frame-ancestors 'none'", self.policy())),
            ("Referrer-Policy", "no-referrer".to_owned()),
            ("Cache-Control", "no-store".to_owned()),
            ("X-Content-Type-Options", "nosniff".to_owned()),
        ]);
        if self.page.loading == PhoneLoading::Popup {
            headers.insert("Cross-Origin-Opener-Policy", "same-origin-allow-popups".to_owned());
        }
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Where the page is loaded from.
    pub fn url(&self) -> String {
        self.page.url.clone()
    }

    /// For [`MessagePort`](PageHost::MessagePort): the text of the one message that hands the port to the page, once it
    /// has loaded.
    pub fn port_message(&self) -> String {
        envelope::write(self.nonce.reveal(), [])
    }
}

impl PageLoad {
    /// # Errors
    /// [`Error::Internal`] when the system has no randomness.
    pub(super) fn new(page: Arc<HostPage>) -> Result<Self, Error> {
        Ok(Self { page, nonce: Secret::new(random_text()?), script_nonce: random_text()? })
    }

    pub(super) fn nonce(&self) -> &str {
        self.nonce.reveal()
    }

    pub(super) fn page(&self) -> &HostPage {
        &self.page
    }

    /// Whether the page inserts its phone by itself, without being told.
    pub(super) fn starts_by_itself(&self) -> bool {
        matches!(self.page.host, PageHost::WebSocket { .. })
    }

    /// What the bridge needs to insert the phone.
    pub(super) fn start(&self) -> Value {
        let page = &self.page;
        json!({
            "url": page.phone.secret(),
            "load": page.loading.word(),
            "origins": page.origins.as_slice(),
            "allow": page.allow(),
            "timeout": page.options.load_timeout_ms,
            "title": page.options.title,
        })
    }

    /// What may be in the page and where it may reach.
    fn policy(&self) -> String {
        let origins = self.page.origins.listed();
        let mut scripts = Vec::new();
        if !self.page.host.has_own_world() {
            scripts.push(format!("'nonce-{}'", self.script_nonce));
        }
        let mut connect = self.page.socket.clone().unwrap_or_default();
        let mut rest = String::new();
        if self.page.loading == PhoneLoading::Script {
            // What the vendor's script needs to do its work in our page, and nothing of ours.
            scripts.push(origins.clone());
            connect = format!("{connect} {origins}");
            rest = format!("; img-src {origins} data:; font-src {origins}");
        }
        let or_none = |sources: &str| match sources.trim() {
            "" => "'none'".to_owned(),
            sources => sources.to_owned(),
        };
        format!(
            "default-src 'none'; base-uri 'none'; form-action 'none'; script-src {}; connect-src {}; frame-src {origins}; \
             style-src 'unsafe-inline'{rest}",
            or_none(&scripts.join(" ")),
            or_none(&connect),
        )
    }
}

impl fmt::Debug for PageLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageLoad").field("page", &self.page).finish_non_exhaustive()
    }
}

/// The phone's frame fills the page; what a hidden phone adds is not seen. Where its script puts nothing, nothing stands in
/// the frame's way.
const STYLE: &str = ":root{color-scheme:light dark}html,body,#widget-evoline-api-container{margin:0;height:100%}\
                     #widget-evoline-api-container:empty{display:none}\
                     iframe{border:0;width:100%;height:100%;display:block}body{overflow:hidden}\
                     button{font:inherit;padding:.75em 1.5em;margin:1em}";

/// 128 bits that nobody can guess, as text.
fn random_text() -> Result<String, Error> {
    let mut bits = [0; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bits).map_err(|_| Error::internal("the system has no randomness"))?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::super::options::HostPageOptions;
    use super::*;
    use crate::url::WebphoneUrl;

    const HOSTILE: &str = "https://h.example/w3/?key='\"</script><script>x</script>\u{2028}&a=`";

    fn load(url: &str, host: PageHost, options: HostPageOptions) -> PageLoad {
        let url = Arc::new(WebphoneUrl::parse(url.to_owned(), None).unwrap());
        PageLoad::new(Arc::new(HostPage::open(url, host, options).unwrap())).unwrap()
    }

    fn web() -> PageHost {
        PageHost::WebSocket { page_url: "https://crm.example/phone".into(), socket_path: "/socket".into() }
    }

    #[test]
    fn the_bridge_has_one_place_for_its_values() {
        assert_eq!(BRIDGE.matches(CONFIG).count(), 1);
        assert!(BRIDGE.len() <= 6144 && BRIDGE.is_ascii() && !BRIDGE.contains("</"));
    }

    #[test]
    fn a_hostile_url_stays_a_value() {
        let page = load(&HOSTILE.replace('\u{2028}', "%E2"), web(), HostPageOptions::default());
        let html = page.html();
        assert_eq!(html.matches("</script>").count(), 1, "{html}");
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        let config = html.split_once("\"start\":").unwrap().1;
        assert!(config.contains(r#"key='\"\u003c/script\u003e\u003cscript\u003ex"#), "{config}");
        // White space, U+2028 among it, never gets into a URL.
        assert!(WebphoneUrl::parse(HOSTILE.to_owned(), None).is_err());
        assert!(WebphoneUrl::parse("javascript:alert(1)".to_owned(), None).is_err());
    }

    #[test]
    fn hostile_options_stay_values() {
        let hostile = "\"><script>alert(1)</script>".to_owned();
        let options = HostPageOptions { title: hostile.clone(), viewport: hostile, ..HostPageOptions::default() };
        let html = load("https://h.example/", PageHost::Hook, options).html();
        assert_eq!(html.matches("<script").count(), 1, "{html}");
    }

    #[test]
    fn native_pages_hold_no_url_and_pages_of_an_own_world_no_script() {
        let url = "https://h.example/w3/?key=K3Y&tipo=hidden";
        for host in [PageHost::MessagePort, PageHost::Hook, PageHost::MessageHandler, PageHost::Binding] {
            let own_world = host.has_own_world();
            let page = load(url, host, HostPageOptions::default());
            assert!(!page.html().contains("K3Y") && !page.bridge().contains("K3Y"));
            assert_eq!(page.html().contains("<script"), !own_world);
            assert_eq!(page.html().contains(page.nonce()), !own_world);
            assert!(page.bridge().contains(page.nonce()));
        }
        assert!(load(url, web(), HostPageOptions::default()).html().contains("K3Y"));
    }

    #[test]
    fn the_policy_lets_in_what_the_loading_needs_and_no_more() {
        let policy = |url: &str, host| load(url, host, HostPageOptions::default()).policy();
        let framed = policy("https://h.example/w3/", PageHost::MessageHandler);
        assert!(framed.starts_with(
            "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'none'; connect-src 'none'; \
             frame-src https://h.example https://api.totalvoice.com.br"
        ));
        let script = policy("https://h.example/w3/?tipo=hidden", PageHost::MessageHandler);
        assert!(script.contains("script-src https://h.example https://api.") && !script.contains("'self'"), "{script}");
        let served = policy("https://h.example/w3/", web());
        assert!(served.contains("connect-src wss://crm.example/socket; ") && served.contains("script-src 'nonce-"));
    }

    #[test]
    fn the_header_says_what_the_page_says_and_who_may_frame_it() {
        let page = load("https://h.example/w3/?tipo=floating", web(), HostPageOptions::default());
        let headers = page.headers();
        assert_eq!(headers["Content-Security-Policy"], format!("{}; frame-ancestors 'none'", page.policy()));
        assert_eq!(headers["Cache-Control"], "no-store");
        assert_eq!(headers["Cross-Origin-Opener-Policy"], "same-origin-allow-popups");
        assert!(page.html().contains(&escape(&page.policy(), Place::Markup)));
    }

    #[test]
    fn every_load_is_another() {
        let page = Arc::new(
            HostPage::open(
                Arc::new(WebphoneUrl::parse("https://h.example/".into(), None).unwrap()),
                PageHost::Hook,
                HostPageOptions::default(),
            )
            .unwrap(),
        );
        let (one, other) = (page.fresh().unwrap(), page.fresh().unwrap());
        assert_ne!(one.nonce(), other.nonce());
        assert_ne!(one.script_nonce, other.script_nonce);
        assert_eq!(one.nonce().len(), 32);
        assert_eq!(one.port_message(), format!(r#"{{"batch":[],"nonce":"{}","webphone":1}}"#, one.nonce()));
    }
}
