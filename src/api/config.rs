//! How the client talks: base URL, timeouts, retries, proxy, roots. Checked once, when the client is made.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use url::Url;

use super::exchange::Route;
use crate::error::Error;
use crate::secret::Secret;
use crate::url::{Loopback, is_loopback_http, parse_absolute, parse_web_url};

/// Where the API is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum BaseUrl {
    /// `https://api2.totalvoice.com.br`, the platform's address since its first days. The default.
    #[default]
    TotalVoice,
    /// `https://voice-api.zenvia.com`, the platform's newer name for the same API.
    Zenvia,
    /// Any other place: `https`, or `http` to a loopback host (a simulator).
    Other {
        /// The base, with or without a path: `https://proxy.example/voice`.
        url: String,
    },
}

impl BaseUrl {
    /// The base as a URL.
    pub fn as_str(&self) -> &str {
        match self {
            Self::TotalVoice => "https://api2.totalvoice.com.br",
            Self::Zenvia => "https://voice-api.zenvia.com",
            Self::Other { url } => url,
        }
    }
}

/// How a client talks. Every field has a default that suits production.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ClientConfig {
    /// Where the API is.
    pub base_url: BaseUrl,
    /// How long a connection may take to open, TLS included, in milliseconds, 1 to 600,000.
    #[uniffi(default = 5000)]
    pub connect_timeout_ms: i64,
    /// How long a request may take in all, its retries and their pauses included, in milliseconds, 1 to 600,000.
    #[uniffi(default = 20000)]
    pub timeout_ms: i64,
    /// How often a request is sent again after a connect error, a connection that closed before the answer began, or
    /// HTTP 429, 502, 503 or 504: 0 to 10, with exponential pauses, never past the timeout.
    #[uniffi(default = 3)]
    pub max_retries: i32,
    /// What stands in `User-Agent`; none: `webphone/` and the library's version.
    #[uniffi(default = None)]
    pub user_agent: Option<String>,
    /// Certificates in PEM that are trusted besides the public roots (an own proxy, a simulator).
    #[uniffi(default = None)]
    pub root_certificates_pem: Option<String>,
    /// The proxy that all requests go through; for a plain `http` base, one on this machine. None: no proxy; the
    /// environment's `HTTPS_PROXY` is not read.
    #[uniffi(default = None)]
    pub proxy: Option<Arc<Proxy>>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            base_url: BaseUrl::default(),
            connect_timeout_ms: 5_000,
            timeout_ms: 20_000,
            max_retries: 3,
            user_agent: None,
            root_certificates_pem: None,
            proxy: None,
        }
    }
}

/// An HTTP proxy, with its credentials if it wants some. They are never shown.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Object)]
pub struct Proxy {
    address: Url,
    credentials: Option<(Secret, Secret)>,
}

#[uniffi::export]
impl Proxy {
    /// A proxy at `http://host:port` or `https://host:port`.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `proxy`; credentials belong into the other two arguments, not into the URL.
    #[uniffi::constructor(default(username = None, password = None))]
    pub fn new(url: String, username: Option<String>, password: Option<String>) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::invalid("proxy", reason);
        if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refuse("holds a space or a control character"));
        }
        let address = parse_absolute(&url).map_err(refuse)?;
        if !matches!(address.scheme(), "http" | "https") || address.host().is_none() {
            return Err(refuse("has to be http:// or https:// with a host"));
        }
        if !address.username().is_empty() || address.password().is_some() {
            return Err(refuse("holds credentials: give them as `username` and `password`"));
        }
        let credentials = match (username, password) {
            (None, None) => None,
            (Some(username), password) => Some((Secret::new(username), Secret::new(password.unwrap_or_default()))),
            (None, Some(_)) => return Err(refuse("has a password without a username")),
        };
        Ok(Self { address, credentials })
    }
}

impl Proxy {
    fn build(&self) -> Result<reqwest::Proxy, Error> {
        let proxy = reqwest::Proxy::all(self.address.clone())
            .map_err(|_| Error::invalid("proxy", "is not an address of a proxy"))?;
        Ok(match &self.credentials {
            Some((username, password)) => proxy.basic_auth(username.reveal(), password.reveal()),
            None => proxy,
        })
    }
}

/// A checked configuration.
pub(super) struct Settings {
    pub(super) endpoint: Url,
    /// Whether an answer may name a plain `http` URL of this machine: only where the base is one itself.
    pub(super) loopback: Loopback,
    pub(super) timeout: Duration,
    pub(super) max_retries: i32,
    pub(super) route: Route,
}

impl ClientConfig {
    pub(super) fn check(&self) -> Result<Settings, Error> {
        let base = parse_web_url(self.base_url.as_str(), Loopback::Allowed)
            .map_err(|reason| Error::invalid("base_url", reason))?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(Error::invalid("base_url", "may have no query and no fragment"));
        }
        if !(0..=10).contains(&self.max_retries) {
            return Err(Error::invalid("max_retries", "has to be 0 to 10"));
        }
        let loopback = if is_loopback_http(&base) { Loopback::Allowed } else { Loopback::Refused };
        if loopback == Loopback::Allowed && self.proxy.as_ref().is_some_and(|proxy| !is_loopback_http(&proxy.address)) {
            return Err(Error::invalid(
                "proxy",
                "is elsewhere: with a plain http base the token would travel in the open",
            ));
        }
        Ok(Settings {
            loopback,
            endpoint: endpoint(base),
            timeout: timeout("timeout_ms", self.timeout_ms)?,
            max_retries: self.max_retries,
            route: Route {
                connect_timeout: timeout("connect_timeout_ms", self.connect_timeout_ms)?,
                user_agent: user_agent(self.user_agent.as_deref())?,
                roots: roots(self.root_certificates_pem.as_deref())?,
                proxy: self.proxy.as_deref().map(Proxy::build).transpose()?,
            },
        })
    }
}

/// `GET {base}/webphone`.
fn endpoint(mut base: Url) -> Url {
    let path = format!("{}/webphone", base.path().trim_end_matches('/'));
    base.set_path(&path);
    base
}

fn timeout(field: &str, ms: i64) -> Result<Duration, Error> {
    match u64::try_from(ms) {
        Ok(ms @ 1..=600_000) => Ok(Duration::from_millis(ms)),
        _ => Err(Error::invalid(field, "has to be 1 to 600000 milliseconds")),
    }
}

fn user_agent(text: Option<&str>) -> Result<HeaderValue, Error> {
    let text = text.unwrap_or(concat!("webphone/", env!("CARGO_PKG_VERSION")));
    if text.is_empty() || text.len() > 256 {
        return Err(Error::invalid("user_agent", "has to have 1 to 256 characters"));
    }
    HeaderValue::from_str(text).map_err(|_| Error::invalid("user_agent", "holds a character that no header may hold"))
}

fn roots(extra_pem: Option<&str>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_pem {
        let refuse = |reason: &str| Error::invalid("root_certificates_pem", reason);
        let mut found = false;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| refuse("is not PEM"))?;
            roots.add(certificate).map_err(|_| refuse("holds a certificate that cannot be a root"))?;
            found = true;
        }
        if !found {
            return Err(refuse("holds no certificate"));
        }
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(config: ClientConfig) -> String {
        match config.check() {
            Err(Error::Invalid { field, .. }) => field,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("accepted"),
        }
    }

    fn at(url: &str) -> ClientConfig {
        ClientConfig { base_url: BaseUrl::Other { url: url.to_owned() }, ..ClientConfig::default() }
    }

    #[test]
    fn the_endpoint_stands_below_the_base() {
        for (base, endpoint) in [
            ("https://h", "https://h/webphone"),
            ("https://h/", "https://h/webphone"),
            ("https://h/voice/", "https://h/voice/webphone"),
            ("http://127.0.0.1:81", "http://127.0.0.1:81/webphone"),
        ] {
            assert_eq!(at(base).check().unwrap().endpoint.as_str(), endpoint);
        }
        assert_eq!(ClientConfig::default().check().unwrap().loopback, Loopback::Refused);
        assert_eq!(at("http://[::1]:81").check().unwrap().loopback, Loopback::Allowed);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for base in
            ["", "h", "http://h", "https://u:p@h", "https://h/?a=1", "https://h/#a", "https://h/\n", "https://é"]
        {
            assert_eq!(field(at(base)), "base_url", "{base:?}");
        }
        let default = ClientConfig::default;
        for ms in [0, -1, 600_001, i64::MAX] {
            assert_eq!(field(ClientConfig { timeout_ms: ms, ..default() }), "timeout_ms");
            assert_eq!(field(ClientConfig { connect_timeout_ms: ms, ..default() }), "connect_timeout_ms");
        }
        assert_eq!(field(ClientConfig { max_retries: 11, ..default() }), "max_retries");
        for agent in ["", "a\nb", &"a".repeat(257)] {
            assert_eq!(field(ClientConfig { user_agent: Some(agent.to_owned()), ..default() }), "user_agent");
        }
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "hello", broken, "-----BEGIN CERTIFICATE-----\n!"] {
            let config = ClientConfig { root_certificates_pem: Some(pem.to_owned()), ..default() };
            assert_eq!(field(config), "root_certificates_pem", "{pem:?}");
        }
    }

    #[test]
    fn a_proxy_hides_its_credentials_and_refuses_them_in_its_url() {
        let proxy = Proxy::new("http://p:3128".into(), Some("me".into()), Some("pw0".into())).unwrap();
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("pw0") && !shown.contains("me\""), "{shown}");
        for url in ["", "p:1", "ftp://p", "http://", "http://u:p@h", "http://h /", "http://pröxy"] {
            assert!(Proxy::new(url.into(), None, None).is_err(), "{url:?}");
        }
        assert!(Proxy::new("http://p".into(), None, Some("pw".into())).is_err());
    }
}
