//! The URLs that the API gives out: how they are made, signed and checked.

use std::fmt::Write;

use ring::hmac;
use ring::rand::SystemRandom;
use url::form_urlencoded::{byte_serialize, parse};

use super::directory::Entry;
use crate::error::Error;
use crate::protocol::PhoneNumber;
use crate::url::PhoneType;

/// The path of the phone's page.
pub(super) const PAGE: &str = "/w3/";

/// Ten years, in milliseconds.
const MAX_LIFETIME_MS: i64 = 10 * 365 * 86_400_000;

/// What stands before the signature. It comes after all that is signed but the expiry, which follows it.
const SIGNATURE: &str = "&signature=";

/// What the API was asked for, all of it valid.
pub(super) struct Wanted {
    pub(super) phone_type: PhoneType,
    pub(super) call_on_open: Option<PhoneNumber>,
    pub(super) close_at_end: Option<bool>,
}

/// Makes and checks the query of a URL.
pub(super) struct Links {
    scheme: &'static str,
    /// Our own host and port, for a request that names none.
    own_host: String,
    signer: Option<Signer>,
}

struct Signer {
    key: hmac::Key,
    lifetime_ms: i64,
}

/// Why a URL does not open a phone any more, or never did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Denied {
    Forged,
    Expired,
}

impl Links {
    pub(super) fn new(scheme: &'static str, own_host: String, lifetime_ms: Option<i64>) -> Result<Self, Error> {
        Ok(Self { scheme, own_host, signer: lifetime_ms.map(Signer::new).transpose()? })
    }

    /// How it is spoken to: `http` or `https`.
    pub(super) fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// The URL of a phone, at the host that the request was sent to.
    pub(super) fn make(&self, host: Option<&str>, entry: &Entry, wanted: &Wanted, now_ms: i64) -> String {
        let host = host.unwrap_or(&self.own_host);
        let key = entry.key(wanted.phone_type);
        let mut query = format!("key={key}&pop=1");
        // The page takes a floating phone for granted.
        if wanted.phone_type != PhoneType::Floating {
            query.push_str("&tipo=");
            query.push_str(wanted.phone_type.as_wire());
        }
        if let Some(close) = wanted.close_at_end {
            query.push_str(if close { "&fechar_fim=1" } else { "&fechar_fim=0" });
        }
        if let Some(number) = &wanted.call_on_open {
            query.push_str("&ligar_para=");
            query.extend(byte_serialize(number.as_str().as_bytes()));
        }
        if let Some(signer) = &self.signer {
            let expires = now_ms.saturating_add(signer.lifetime_ms).div_euclid(1000).to_string();
            let signature = signer.sign(&query, &expires);
            query = format!("{query}{SIGNATURE}{signature}&expires={expires}");
        }
        format!("{}://{host}{PAGE}?{query}", self.scheme)
    }

    /// Whether a URL with this query was made here and still holds. Its key is somebody else's business.
    pub(super) fn check(&self, query: &str, now_ms: i64) -> Result<(), Denied> {
        let Some(signer) = &self.signer else { return Ok(()) };
        let (signed, _) = query.split_once(SIGNATURE).ok_or(Denied::Forged)?;
        let value = |wanted| parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value);
        let expires = value("expires").ok_or(Denied::Forged)?;
        if value("signature").ok_or(Denied::Forged)? != signer.sign(signed, &expires) {
            return Err(Denied::Forged);
        }
        match expires.parse::<i64>() {
            Ok(at) if at > now_ms.div_euclid(1000) => Ok(()),
            _ => Err(Denied::Expired),
        }
    }
}

impl Signer {
    fn new(lifetime_ms: i64) -> Result<Self, Error> {
        if !(0..=MAX_LIFETIME_MS).contains(&lifetime_ms) {
            return Err(Error::invalid("url_lifetime_ms", "is not between 0 and ten years"));
        }
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| Error::internal("the system gives no random bytes"))?;
        Ok(Self { key, lifetime_ms })
    }

    fn sign(&self, query: &str, expires: &str) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [query, "&expires=", expires] {
            context.update(part.as_bytes());
        }
        hex(context.sign().as_ref())
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::directory::Directory;
    use super::*;
    use crate::simulator::SimulatedExtension;

    const NOW: i64 = 1_790_000_000_999;

    fn made(links: &Links, wanted: &Wanted) -> String {
        let mut directory = Directory::default();
        directory.replace(&[SimulatedExtension::new(4000)]).unwrap();
        let entry = directory.by_number("4000").unwrap();
        let url = links.make(None, entry, wanted, NOW);
        url.replace(entry.key(wanted.phone_type), "K")
    }

    #[test]
    fn urls_have_the_documented_forms() {
        let links = Links::new("https", "h:1".to_owned(), None).unwrap();
        let mut wanted = Wanted { phone_type: PhoneType::Floating, call_on_open: None, close_at_end: None };
        assert_eq!(made(&links, &wanted), "https://h:1/w3/?key=K&pop=1");
        wanted.phone_type = PhoneType::Hidden;
        wanted.close_at_end = Some(true);
        wanted.call_on_open = Some(PhoneNumber::parse("*8#").unwrap());
        assert_eq!(made(&links, &wanted), "https://h:1/w3/?key=K&pop=1&tipo=hidden&fechar_fim=1&ligar_para=*8%23");
    }

    #[test]
    fn a_signed_url_holds_until_it_expires_and_only_unchanged() {
        let links = Links::new("http", "h:1".to_owned(), Some(2_500)).unwrap();
        let wanted = Wanted { phone_type: PhoneType::Embedded, call_on_open: None, close_at_end: None };
        let url = made(&links, &wanted);
        let (_, tail) = url.split_once("&signature=").unwrap();
        let (signature, expires) = tail.split_once("&expires=").unwrap();
        assert!(signature.len() == 64 && signature.bytes().all(|b| b.is_ascii_hexdigit()), "{}", signature.len());
        assert_eq!(expires, "1790000003");

        let query = format!("key=K&pop=1&tipo=embedded&signature={}&expires={expires}", {
            links.signer.as_ref().unwrap().sign("key=K&pop=1&tipo=embedded", expires)
        });
        assert_eq!(links.check(&query, NOW), Ok(()));
        assert_eq!(links.check(&format!("{query}&other=1"), NOW), Ok(()));
        assert_eq!(links.check(&query, 1_790_000_003_000), Err(Denied::Expired));
        for forged in [
            query.replace("embedded", "hidden"),
            query.replace("expires=1790000003", "expires=1790000009"),
            query.replace("&expires=1790000003", ""),
            "key=K&pop=1".to_owned(),
            String::new(),
        ] {
            assert_eq!(links.check(&forged, NOW), Err(Denied::Forged));
        }
        assert_eq!(Links::new("http", "h:1".to_owned(), None).unwrap().check("key=K", NOW), Ok(()));
    }

    #[test]
    fn a_lifetime_has_bounds() {
        for wrong in [-1, MAX_LIFETIME_MS + 1, i64::MAX] {
            assert!(Links::new("http", "h:1".to_owned(), Some(wrong)).is_err());
        }
    }
}
