//! `WebphoneUrl`: the address of a phone. Whoever holds it holds the phone, so it is a secret with a type, an origin
//! and an expiry.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use url::{Host, Url};

use crate::error::Error;
use crate::secret::{Secret, is_secret_name};

/// How a phone shows itself (`tipo`).
#[doc(alias("tipo", "floating", "embedded", "hidden"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum PhoneType {
    /// `floating`: the phone opens in a window of its own. The API's default.
    #[default]
    Floating,
    /// `embedded`: the vendor's interface inside the page, in a frame.
    Embedded,
    /// `hidden`: no interface; the application brings its own.
    Hidden,
}

impl PhoneType {
    /// Every type, in the documentation's order.
    pub const ALL: [Self; 3] = [Self::Floating, Self::Embedded, Self::Hidden];

    /// The type's word on the wire: `floating`, `embedded` or `hidden`.
    pub fn as_wire(self) -> &'static str {
        match self {
            Self::Floating => "floating",
            Self::Embedded => "embedded",
            Self::Hidden => "hidden",
        }
    }

    /// The type with this word on the wire, in any case.
    pub fn from_wire(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_wire().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for PhoneType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_wire())
    }
}

/// The URL of an extension's phone: **a credential**. Whoever opens it makes and takes the extension's calls.
///
/// Its text is deliberately not a URL; the real one comes only from [`reveal`](Self::reveal):
///
/// ```
/// use webphone::WebphoneUrl;
/// let url = WebphoneUrl::parse("https://api2.totalvoice.com.br/w3/?key=SECRET&tipo=hidden".into(), None)?;
/// assert_eq!(url.to_string(), "<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>");
/// # Ok::<(), webphone::Error>(())
/// ```
#[doc(alias("url", "dados.url"))]
#[derive(Clone, PartialEq, Eq, Hash, uniffi::Object)]
#[uniffi::export(Eq, Hash)]
pub struct WebphoneUrl {
    text: Secret,
    origin: String,
    phone_type: PhoneType,
    expires_at_ms: Option<i64>,
}

#[uniffi::export]
impl WebphoneUrl {
    /// Takes a URL that was fetched elsewhere. `phone_type` is used when the URL itself names none (`tipo`); without
    /// both it is `floating`, the API's default.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `url`: it has to be `https` (`http` on a loopback host only), without user
    /// information, backslashes, spaces or control characters.
    #[uniffi::constructor(default(phone_type = None))]
    pub fn parse(text: String, phone_type: Option<PhoneType>) -> Result<Self, Error> {
        Self::accept(&text, phone_type.unwrap_or_default(), Loopback::Allowed)
            .map_err(|reason| Error::invalid("url", reason))
    }

    /// The full URL, the secret itself: give it to the page that hosts the phone and to nobody else.
    pub fn reveal(&self) -> String {
        self.text.reveal().to_owned()
    }

    /// How the phone shows itself (`tipo`).
    pub fn phone_type(&self) -> PhoneType {
        self.phone_type
    }

    /// The origin that the page is loaded from: scheme, host and port, `https://api2.totalvoice.com.br`. Not a secret.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// When a signed URL stops working (`expires`), in Unix milliseconds; none when it does not say.
    pub fn expires_at_ms(&self) -> Option<i64> {
        self.expires_at_ms
    }

    /// Whether the URL stops working within the next `margin_ms` milliseconds (0: whether it has stopped), by this
    /// machine's clock. A URL that names no expiry never does.
    #[uniffi::method(default(margin_ms = 0))]
    pub fn is_expired(&self, margin_ms: i64) -> bool {
        self.expires_at_ms.is_some_and(|at| at <= unix_ms().saturating_add(margin_ms))
    }

    /// The URL's public text, safe to print: type, host and expiry.
    pub fn describe(&self) -> String {
        self.to_string()
    }
}

/// Whether a plain `http` URL of this machine itself is acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loopback {
    Allowed,
    Refused,
}

impl WebphoneUrl {
    /// As [`reveal`](Self::reveal), without a copy.
    pub(crate) fn secret(&self) -> &str {
        self.text.reveal()
    }

    /// The number that the phone dials each time it loads this URL, as it stands there (`ligar_para`).
    pub(crate) fn call_on_open(&self) -> Option<String> {
        let url = Url::parse(self.text.reveal()).ok()?;
        let number = url.query_pairs().find(|(name, _)| name == "ligar_para").map(|(_, number)| number.into_owned());
        number.filter(|number| !number.is_empty())
    }

    /// Whether the phone closes when its call ends (`fechar_fim`).
    pub(crate) fn close_at_end(&self) -> bool {
        let url = Url::parse(self.text.reveal()).ok();
        let said = url.as_ref().and_then(|url| url.query_pairs().find(|(name, _)| name == "fechar_fim"));
        said.is_some_and(|(_, value)| value == "1" || value.eq_ignore_ascii_case("true"))
    }

    /// The values in it that give the phone away.
    pub(crate) fn secrets(&self) -> Vec<String> {
        secret_values(self.text.reveal())
    }

    /// Takes a URL from an API answer; the reason is a sentence without its subject.
    pub(crate) fn accept(text: &str, fallback: PhoneType, loopback: Loopback) -> Result<Self, &'static str> {
        let url = parse_web_url(text, loopback)?;
        let mut phone_type = fallback;
        let mut expires_at_ms = None;
        for (name, value) in url.query_pairs() {
            match &*name {
                "tipo" => phone_type = PhoneType::from_wire(&value).unwrap_or(phone_type),
                "expires" => expires_at_ms = value.parse::<i64>().ok().and_then(|s| s.checked_mul(1000)),
                _ => {}
            }
        }
        Ok(Self { text: Secret::new(text), origin: url.origin().ascii_serialization(), phone_type, expires_at_ms })
    }
}

/// The values in a webphone URL that give the phone away; none in what is no URL.
pub(crate) fn secret_values(url: &str) -> Vec<String> {
    let Ok(url) = Url::parse(url) else { return Vec::new() };
    let secrets = url.query_pairs().filter(|(name, _)| is_secret_name(name));
    secrets.map(|(_, value)| value.into_owned()).collect()
}

/// The one rule for web addresses from outside: `https`, or `http` on this machine itself where that is allowed; no
/// user information; nothing that a parser would silently drop or mend.
pub(crate) fn parse_web_url(text: &str, loopback: Loopback) -> Result<Url, &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("holds a space or a control character");
    }
    // A slash to browsers, a part of the host or of the user to others.
    if text.contains('\\') {
        return Err("holds a backslash");
    }
    let url = parse_absolute(text)?;
    let host = url.host().ok_or("has no host")?;
    if matches!(host, Host::Domain(name) if !name.bytes().all(is_in_host_names)) {
        return Err("has a host with signs that no host name has");
    }
    if written_authority(text).is_some_and(|authority| authority.contains('@')) {
        return Err("holds user information before its host");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback == Loopback::Allowed && is_loopback(&host) => Ok(url),
        "http" => Err("is http where only https is acceptable"),
        _ => Err("is neither https nor http"),
    }
}

/// An absolute URL whose host is written in ASCII. The tables that turn other letters into `xn--` would be a twentieth of
/// the library, which is built without them.
pub(crate) fn parse_absolute(text: &str) -> Result<Url, &'static str> {
    // First: the parser would also find a host without its `://`, or in the path.
    let host = written_authority(text).and_then(|authority| authority.rsplit('@').next()).unwrap_or_default();
    if host.is_empty() {
        return Err("has no host: it has to be an absolute URL");
    }
    if !host.bytes().all(|b| b.is_ascii() && b != b'%') {
        return Err("has a host with letters outside ASCII: write it in its `xn--` form");
    }
    Url::parse(text).map_err(|_| "is not an absolute URL with a host")
}

/// Browsers accept more, `;` and `'` among it: enough to break out of a page's security policy.
fn is_in_host_names(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')
}

/// What really stands between `scheme://` and the path: the parser makes a host of the path where there is none
/// (`https:///w3`, `https:w3`), and forgets an empty user (`https://@host`).
fn written_authority(text: &str) -> Option<&str> {
    let in_schemes = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let (_, rest) = text.split_once("://").filter(|(scheme, _)| scheme.bytes().all(in_schemes))?;
    rest.split(['/', '?', '#']).next()
}

/// Whether a URL is plain `http` to this machine.
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Now, in Unix milliseconds.
pub(crate) fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for WebphoneUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        write!(f, "<WebphoneUrl {} at {host}", self.phone_type)?;
        let expiry = self.expires_at_ms.and_then(|ms| u64::try_from(ms).ok());
        // Years beyond 9999 have no such text, and mean "never" anyway.
        if let Some(ms) = expiry.filter(|ms| *ms < 253_402_300_800_000) {
            let at = UNIX_EPOCH + Duration::from_millis(ms);
            write!(f, ", expires {}", humantime::format_rfc3339_seconds(at))?;
        }
        f.write_str("; use reveal()>")
    }
}

impl fmt::Debug for WebphoneUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &str) -> Result<WebphoneUrl, &'static str> {
        WebphoneUrl::accept(text, PhoneType::Embedded, Loopback::Refused)
    }

    #[test]
    fn knows_type_origin_and_expiry_and_shows_no_secret() {
        let url = accept("https://voice-app.zenvia.com/w3?key=K1&pop=1&signature=ff00&expires=1790000000&tipo=hidden")
            .unwrap();
        assert_eq!(url.phone_type(), PhoneType::Hidden);
        assert_eq!(url.origin(), "https://voice-app.zenvia.com");
        assert_eq!(url.expires_at_ms(), Some(1_790_000_000_000));
        let shown = format!("{url} {url:?} {}", url.describe());
        assert!(shown.contains("expires 2026-09-21T"), "{shown}");
        assert!(!shown.contains("K1") && !shown.contains("ff00") && !shown.contains("https:"), "{shown}");
        assert!(url.reveal().contains("key=K1"));
    }

    #[test]
    fn type_falls_back_to_what_was_asked_for() {
        assert_eq!(accept("https://h/w3/?key=1&pop=1").unwrap().phone_type(), PhoneType::Embedded);
        assert_eq!(accept("https://h/w3/?key=1&tipo=new").unwrap().phone_type(), PhoneType::Embedded);
    }

    #[test]
    fn expiry_has_a_margin_and_bounds() {
        let in_an_hour = unix_ms() / 1000 + 3600;
        let url = accept(&format!("https://h/w3?expires={in_an_hour}")).unwrap();
        assert!(!url.is_expired(0) && url.is_expired(3_601_000));
        assert!(accept("https://h/w3?expires=1").unwrap().is_expired(0));
        for never in ["https://h/w3", "https://h/w3?expires=soon", "https://h/w3?expires=99999999999999999999"] {
            assert!(!accept(never).unwrap().is_expired(i64::MAX), "{never}");
        }
        assert!(accept("https://h/w3?expires=9000000000000").unwrap().to_string().ends_with("at h; use reveal()>"));
    }

    #[test]
    fn refuses_what_is_not_a_safe_web_address() {
        for (text, part) in [
            ("", "empty"),
            ("https://h/\nw3", "control"),
            (" https://h/", "space"),
            ("https://h/\u{85}", "control"),
            ("/w3/?key=1", "absolute"),
            ("https://", "absolute"),
            ("https://user@h/", "user information"),
            ("https://user:pw@h/", "user information"),
            ("https://@h/", "user information"),
            ("https:///h/", "has no host"),
            ("https:h/?u=https://x", "has no host"),
            ("https:A\u{11180}//h/", "has no host"),
            ("https:A\u{11180}/?u=https://x", "has no host"),
            ("https:///A\u{11180}/", "has no host"),
            ("https://A\u{11180}/", "xn--"),
            ("https://user@A\u{11180}/", "xn--"),
            ("https://\u{11180}@h/", "user information"),
            ("https:\\\\h\\", "backslash"),
            ("http://h/", "https"),
            ("http://127.0.0.1/", "https"),
            ("javascript:alert(1)", "host"),
            ("ftp://h/", "neither"),
        ] {
            let reason = accept(text).unwrap_err();
            assert!(reason.contains(part), "{text:?}: {reason}");
        }
    }

    #[test]
    fn plain_http_only_to_this_machine() {
        for text in ["http://127.0.0.1:8000/", "http://localhost/", "http://[::1]:1/", "http://127.9.9.9/"] {
            assert!(parse_web_url(text, Loopback::Allowed).is_ok(), "{text}");
        }
        for text in ["http://localhost.example/", "http://10.0.0.1/", "http://0.0.0.0/"] {
            assert!(parse_web_url(text, Loopback::Allowed).is_err(), "{text}");
        }
    }
}
