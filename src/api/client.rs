//! The client: what a program holds to fetch URLs, one or many.

use std::env::VarError;
use std::sync::Arc;

use super::batch::{Batch, BatchOptions};
use super::config::ClientConfig;
use super::core::Core;
use super::request::UrlRequest;
use crate::error::Error;
use crate::runtime::attach;
use crate::runtime::operation::{self, operation};
use crate::url::WebphoneUrl;

/// Where the token is looked for when none is given: the vendor's own name for it.
const TOKEN_VARIABLE: &str = "TOTALVOICE_ACCESS_TOKEN";

/// Where the base URL is looked for by [`Client::from_environment`].
const BASE_URL_VARIABLE: &str = "WEBPHONE_BASE_URL";

operation! {
    /// A fetch that is under way.
    FetchOperation, FetchStarted -> Arc<WebphoneUrl>
}

/// Fetches webphone URLs with one access token. Cheap to share between threads and tasks; make one and keep it, since
/// it holds the connections.
///
/// ```no_run
/// use webphone::{Client, ClientConfig, Extension, PhoneType, UrlRequest};
/// # async fn run() -> Result<(), webphone::Error> {
/// let client = Client::new("token".into(), ClientConfig::default())?;
/// let url = client.fetch(UrlRequest::new(Extension::number(4000)).phone_type(PhoneType::Hidden)).await?;
/// println!("{url}"); // <WebphoneUrl hidden at …; use reveal()>
/// # Ok(())
/// # }
/// ```
#[derive(uniffi::Object)]
pub struct Client {
    core: Arc<Core>,
}

#[uniffi::export]
impl Client {
    /// A client with this access token (`Access-Token`).
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `token` when it cannot be a header (empty, control characters, anything but ASCII,
    /// over 512 characters), or the wrong setting.
    #[uniffi::constructor]
    pub fn new(token: String, config: ClientConfig) -> Result<Self, Error> {
        let core = Core::new(token, &config)?;
        Ok(Self { core: Arc::new(core) })
    }

    /// A client with the token in the environment variable `TOTALVOICE_ACCESS_TOKEN`. If `WEBPHONE_BASE_URL` is set, it
    /// takes the place of a configuration's default base URL.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the variable that is missing or unusable, or the wrong setting.
    #[uniffi::constructor]
    pub fn from_environment(mut config: ClientConfig) -> Result<Self, Error> {
        let token = variable(TOKEN_VARIABLE)?
            .ok_or_else(|| Error::invalid(TOKEN_VARIABLE, "is not set: it has to hold the access token"))?;
        let mut named = vec![("token", TOKEN_VARIABLE)];
        if config.base_url == super::BaseUrl::default()
            && let Some(url) = variable(BASE_URL_VARIABLE)?
        {
            config.base_url = super::BaseUrl::Other { url };
            named.push(("base_url", BASE_URL_VARIABLE));
        }
        // Whoever reads the error never wrote the setting, but perhaps the variable.
        Self::new(token, config).map_err(|error| match error {
            Error::Invalid { field, reason } => {
                let variable = named.iter().find(|(setting, _)| *setting == field).map(|(_, variable)| *variable);
                Error::invalid(variable.unwrap_or(&field), reason)
            }
            other => other,
        })
    }

    /// Asks for the webphone URL of an extension (`GET /webphone`). Dropping the future cancels the request.
    ///
    /// # Errors
    /// Every variant of [`Error`] that speaks of the API or the way to it; [`Error::Invalid`] before anything is sent.
    pub async fn fetch(&self, request: UrlRequest) -> Result<Arc<WebphoneUrl>, Error> {
        attach(self.core.fetch(request)).await
    }

    /// As [`fetch`](Self::fetch), for callers that block: waits up to `ms` milliseconds, then hands out what goes on. The
    /// calling thread itself does the work, so nothing moves while nobody waits: wait again at once, or cancel.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn start_fetch(&self, request: UrlRequest, ms: i64) -> Result<FetchStarted, Error> {
        let (http, driver) = self.core.lane()?;
        operation::start_on(driver, self.core.fetch_on(http, request), ms).map(Into::into)
    }

    /// As [`fetch`](Self::fetch) with texts, for hosts where a text crosses faster than a record or an object: takes a
    /// request as a JSON object, as [`Batch::push_json`](super::Batch::push_json) describes it, and gives the full URL,
    /// **the secret itself**, as [`WebphoneUrl::reveal`] does.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and [`Error::Invalid`] naming `request` when the text is no such object.
    pub async fn fetch_json(&self, request: String) -> Result<String, Error> {
        self.fetch(UrlRequest::from_wire(&request)?).await.map(|url| url.reveal())
    }

    /// Fetches many URLs with bounded memory, one rate and one pause for all.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the wrong option.
    pub fn batch(&self, options: BatchOptions) -> Result<Batch, Error> {
        Batch::start(Arc::clone(&self.core), &options)
    }

    /// Ends the client: what is under way ends with [`Error::Closed`], and so does every later call. Twice is fine.
    pub fn shut_down(&self) {
        self.core.closed.set();
    }
}

impl Client {
    /// As [`start_fetch`](Self::start_fetch), with the request as a JSON object.
    pub(super) fn start_fetch_json(&self, request: &str, ms: i64) -> Result<FetchStarted, Error> {
        self.start_fetch(UrlRequest::from_wire(request)?, ms)
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

/// A variable of the environment; none when it is not set. One that can't be read is not one that is not set.
fn variable(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::invalid(name, "is not Unicode text")),
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.core.endpoint()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_cannot_be_a_header_is_refused_before_the_network() {
        for token in ["", " ", "a b", "a\nb", "a\0", "tokén", &"t".repeat(10_000)] {
            match Client::new(token.to_owned(), ClientConfig::default()) {
                Err(Error::Invalid { field, reason }) => {
                    assert_eq!(field, "token");
                    assert!(token.len() < 2 || !reason.contains(token), "the token stands in {reason:?}");
                }
                other => panic!("{:?}", other.map(|_| ())),
            }
        }
    }

    #[test]
    fn debug_shows_where_but_not_the_token() {
        let client = Client::new("T0KEN".into(), ClientConfig::default()).unwrap();
        assert_eq!(format!("{client:?}"), r#"Client { endpoint: "https://api2.totalvoice.com.br/webphone", .. }"#);
    }
}
