//! Which origins are the phone's, and under which one the host page stands.

use url::{Host, Url};

use crate::error::Error;
use crate::url::{Loopback, parse_web_url};

/// Where the vendor serves phones. A phone may redirect from one of them to another.
const PUBLISHED: [&str; 4] = [
    "https://api.totalvoice.com.br",
    "https://api2.totalvoice.com.br",
    "https://voice-api.zenvia.com",
    "https://voice-app.zenvia.com",
];

/// The registrable domains of these.
const PUBLISHED_SITES: [&str; 2] = ["totalvoice.com.br", "zenvia.com"];

/// A name below the phone's own host that nobody serves: another origin, the same site.
const HOST_LABEL: &str = "webphone-host";

/// The closed set of a phone's origins, its URL's own first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PhoneOrigins(Vec<String>);

impl PhoneOrigins {
    /// # Errors
    /// [`Error::Invalid`] naming `extra_origins`.
    pub(super) fn new(own: String, extra: &[String]) -> Result<Self, Error> {
        let mut all = vec![own];
        all.extend(PUBLISHED.map(str::to_owned));
        for text in extra {
            let url =
                parse_web_url(text, Loopback::Allowed).map_err(|reason| Error::invalid("extra_origins", reason))?;
            all.push(url.origin().ascii_serialization());
        }
        let mut set = Vec::with_capacity(all.len());
        for origin in all {
            if !set.contains(&origin) {
                set.push(origin);
            }
        }
        Ok(Self(set))
    }

    pub(super) fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    pub(super) fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// As a list in a security policy or an `allow` attribute.
    pub(super) fn listed(&self) -> String {
        self.0.join(" ")
    }
}

/// The origin that a platform means, however it writes it: with a path, with a slash, with 0 for the default port.
/// None for an opaque origin and for what is none.
pub(super) fn normalized(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if url.port() == Some(0) {
        url.set_port(None).ok()?;
    }
    let origin = url.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// The host page's origin for a phone at this one: the same site, so that the phone's cookies and storage stay its own,
/// but never its origin.
pub(super) fn host_origin(phone: &Url) -> Option<String> {
    match phone.host()? {
        // What is no public name has no names below it; the port is what differs.
        Host::Domain(name) if !name.eq_ignore_ascii_case("localhost") => Some(format!("https://{HOST_LABEL}.{name}")),
        host => {
            let scheme = phone.scheme();
            let port = if phone.port().is_none() { ":8080" } else { "" };
            Some(format!("{scheme}://{host}{port}"))
        }
    }
}

/// Whether pages of the two origins share their site, as far as this library knows: the same scheme and host, one below
/// the other, or both of one of the vendor's domains.
pub(super) fn same_site(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Url::parse(one), Url::parse(other)) else { return false };
    let (Some(a), Some(b)) = (one.host_str(), other.host_str()) else { return false };
    let below =
        |name: &str, parent: &str| name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    one.scheme() == other.scheme()
        && (below(a, b) || below(b, a) || PUBLISHED_SITES.iter().any(|site| below(a, site) && below(b, site)))
}

/// Whether a host page under this origin is routed by its host and frames a phone on this machine: then Chromium asks for
/// one more permission.
pub(super) fn is_loopback(origin: &str) -> bool {
    let url = Url::parse(origin).ok();
    url.is_some_and(|url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(phone: &str) -> String {
        host_origin(&Url::parse(phone).unwrap()).unwrap()
    }

    #[test]
    fn the_host_page_is_of_the_phones_site_and_never_of_its_origin() {
        assert_eq!(host("https://api2.totalvoice.com.br/w3/"), "https://webphone-host.api2.totalvoice.com.br");
        assert_eq!(host("https://phone.example:8443/"), "https://webphone-host.phone.example");
        assert_eq!(host("http://127.0.0.1:8123/"), "http://127.0.0.1");
        assert_eq!(host("http://localhost:8123/"), "http://localhost");
        assert_eq!(host("http://[::1]:8123/"), "http://[::1]");
        assert_eq!(host("http://127.0.0.1/"), "http://127.0.0.1:8080");
        assert_eq!(host("https://localhost/"), "https://localhost:8080");
        for phone in ["https://api2.totalvoice.com.br", "http://127.0.0.1:8123", "http://127.0.0.1", "https://10.0.0.1"]
        {
            assert_ne!(host(phone), phone);
        }
    }

    #[test]
    fn the_set_is_the_published_ones_and_the_urls_own() {
        let set =
            PhoneOrigins::new("https://api2.totalvoice.com.br".into(), &["https://x.example/path".into()]).unwrap();
        assert_eq!(set.as_slice().len(), 5);
        assert_eq!(set.as_slice()[0], "https://api2.totalvoice.com.br");
        assert!(set.contains("https://x.example") && set.contains("https://voice-app.zenvia.com"));
        for other in [
            "https://api2.totalvoice.com.br.evil.example",
            "http://api2.totalvoice.com.br",
            "https://api2.totalvoice.com.br:444",
            "https://x.api2.totalvoice.com.br",
            "null",
            "",
        ] {
            assert!(!set.contains(other), "{other}");
        }
        let error = PhoneOrigins::new("https://h".into(), &["http://x.example".into()]).unwrap_err();
        assert!(error.describe().contains("`extra_origins`"));
    }

    #[test]
    fn platforms_write_origins_in_their_ways() {
        for text in ["https://h.example", "https://h.example/", "https://h.example:0", "https://h.example:443/a?b"] {
            assert_eq!(normalized(text).as_deref(), Some("https://h.example"), "{text}");
        }
        for text in ["", "null", "about:blank", "data:text/html,x", "h.example"] {
            assert_eq!(normalized(text), None, "{text}");
        }
    }

    #[test]
    fn sites() {
        assert!(same_site("https://webphone-host.api2.totalvoice.com.br", "https://voice.totalvoice.com.br"));
        assert!(same_site("https://webphone-host.phone.example", "https://phone.example:8443"));
        assert!(same_site("http://127.0.0.1", "http://127.0.0.1:8123"));
        for (one, other) in [
            ("https://webphone-host.api2.totalvoice.com.br", "https://voice-app.zenvia.com"),
            ("http://127.0.0.1", "http://localhost:8123"),
            ("https://a.example", "http://a.example"),
            ("https://eviltotalvoice.com.br", "https://api.totalvoice.com.br"),
        ] {
            assert!(!same_site(one, other), "{one} {other}");
        }
    }
}
