//! The client: fetches one URL, with retries inside one timeout.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use reqwest::Client as Http;
use reqwest::header::HeaderValue;
use tokio::time::{Instant, sleep, timeout};

use super::answer::{Asked, interpret};
use super::batch::{Batch, BatchOptions};
use super::config::{ClientConfig, Settings};
use super::exchange::{self, Failure};
use super::pace::Pace;
use super::request::UrlRequest;
use super::retry;
use crate::error::{Error, UnreachableCause};
use crate::runtime::operation::{self, operation};
use crate::runtime::{Lanes, Latch, OnLane, PerProcess, attach};
use crate::secret::Secret;
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
        let header = token_header(&token)?;
        let core = Core {
            settings: config.check()?,
            header,
            token: Secret::new(token),
            http: PerProcess::new(),
            lanes: Arc::new(Lanes::new()),
            closed: Latch::default(),
        };
        Ok(Self { core: Arc::new(core) })
    }

    /// A client with the token in the environment variable `TOTALVOICE_ACCESS_TOKEN`. If `WEBPHONE_BASE_URL` is set, it
    /// takes the place of a configuration's default base URL.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the variable that is missing or unusable, or the wrong setting.
    #[uniffi::constructor]
    pub fn from_environment(mut config: ClientConfig) -> Result<Self, Error> {
        let token = std::env::var(TOKEN_VARIABLE)
            .map_err(|_| Error::invalid(TOKEN_VARIABLE, "is not set: it has to hold the access token"))?;
        if config.base_url == super::BaseUrl::default()
            && let Ok(url) = std::env::var(BASE_URL_VARIABLE)
        {
            config.base_url = super::BaseUrl::Other { url };
        }
        Self::new(token, config)
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
    pub fn start_fetch(&self, request: UrlRequest, ms: i64) -> Result<FetchStarted, Error> {
        let (http, driver) = self.core.lane()?;
        operation::start_on(driver, self.core.fetch_on(http, request), ms).map(Into::into)
    }

    /// As [`fetch`](Self::fetch), with the request as one JSON text, for hosts where a text crosses faster than a record:
    /// an object as [`Batch::push_json`](super::Batch::push_json) describes.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), and [`Error::Invalid`] naming `request` when the text is no such object.
    pub async fn fetch_json(&self, request: String) -> Result<Arc<WebphoneUrl>, Error> {
        attach(self.core.fetch(UrlRequest::from_wire(&request)?)).await
    }

    /// As [`fetch_json`](Self::fetch_json), for callers that block: waits up to `ms` milliseconds.
    pub fn start_fetch_json(&self, request: String, ms: i64) -> Result<FetchStarted, Error> {
        self.start_fetch(UrlRequest::from_wire(&request)?, ms)
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
    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.core.settings.endpoint.as_str()).finish_non_exhaustive()
    }
}

fn token_header(token: &str) -> Result<HeaderValue, Error> {
    let refuse = |reason: &str| Error::invalid("token", reason);
    if token.is_empty() {
        return Err(refuse("is empty"));
    }
    if token.len() > 512 {
        return Err(refuse("is longer than 512 characters"));
    }
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(refuse("holds a space, a control character or a letter that is not ASCII"));
    }
    let mut header = HeaderValue::from_str(token).map_err(|_| refuse("cannot be a header"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// What every fetch of a client shares.
pub(super) struct Core {
    settings: Settings,
    header: HeaderValue,
    token: Secret,
    /// For what runs on the shared runtime. Connections belong to the process that opened them.
    http: PerProcess<Http>,
    /// For callers that block: a blocking fetch needs no other thread.
    lanes: Arc<Lanes<Http>>,
    pub(super) closed: Latch,
}

impl Core {
    /// A fetch on the shared runtime.
    fn fetch(
        self: &Arc<Self>,
        request: UrlRequest,
    ) -> impl Future<Output = Result<Arc<WebphoneUrl>, Error>> + Send + use<> {
        let core = Arc::clone(self);
        async move { core.fetch_paced(&request, None).await.map(Arc::new) }
    }

    /// For a caller that blocks: a connection to fetch over, and who drives it.
    pub(super) fn lane(&self) -> Result<(Http, OnLane<Http>), Error> {
        self.lanes.borrow(|| self.open())
    }

    /// A fetch over the connection of a lane.
    pub(super) fn fetch_on(
        self: &Arc<Self>,
        http: Http,
        request: UrlRequest,
    ) -> impl Future<Output = Result<Arc<WebphoneUrl>, Error>> + Send + use<> {
        let core = Arc::clone(self);
        async move { core.fetch_over(&http, &request, None).await.map(Arc::new) }
    }

    /// Fetches on the shared runtime, at a shared pace if there is one. Waiting for that pace is not part of the
    /// timeout.
    pub(super) async fn fetch_paced(&self, request: &UrlRequest, pace: Option<&Pace>) -> Result<WebphoneUrl, Error> {
        let http = self.http.get_or_try_init(|| self.open())?;
        self.fetch_over(http, request, pace).await
    }

    fn open(&self) -> Result<Http, Error> {
        self.settings.route.open(&self.header)
    }

    async fn fetch_over(&self, http: &Http, request: &UrlRequest, pace: Option<&Pace>) -> Result<WebphoneUrl, Error> {
        let work = pin!(self.try_until_done(http, request, pace));
        let closed = pin!(self.closed.wait());
        match select(closed, work).await {
            Either::Left(_) => Err(Error::Closed),
            Either::Right((outcome, _)) => outcome,
        }
    }

    async fn try_until_done(
        &self,
        http: &Http,
        request: &UrlRequest,
        pace: Option<&Pace>,
    ) -> Result<WebphoneUrl, Error> {
        let address = request.address(&self.settings.endpoint)?;
        let mut left = self.settings.timeout;
        let mut attempts = 0;
        // Attempts that were held back for everybody don't use up this request's own retries.
        let mut held = 0;
        // What it ends with should its turn not come any more.
        let mut last = Error::NotTried;
        loop {
            if let Some(pace) = pace
                && !pace.turn().await
            {
                return Err(last);
            }
            attempts += 1;
            let sent_at = Instant::now();
            let outcome = self.attempt(http, address.clone(), request, attempts, left).await;
            left = left.saturating_sub(sent_at.elapsed());
            let error = match outcome {
                Ok(url) => {
                    if let Some(pace) = pace {
                        pace.flows();
                    }
                    return Ok(url);
                }
                Err(error) => error,
            };
            log::debug!(target: "webphone::api", "extension {}: attempt {attempts} failed: {}", request.extension, error.code());
            if let (Some(pace), Error::RateLimited { .. }) = (pace, &error) {
                let retry_after = error.retry_after_ms().map(|ms| Duration::from_millis(ms.try_into().unwrap_or(0)));
                if !pace.hold(sent_at, retry_after) || left.is_zero() {
                    return Err(error);
                }
                held += 1;
                last = error;
                continue;
            }
            let Some(pause) = retry::pause(&error, attempts - held, self.settings.max_retries, left) else {
                return Err(error);
            };
            log::info!(target: "webphone::api", "extension {}: trying again in {} ms", request.extension, pause.as_millis());
            sleep(pause).await;
            left = left.saturating_sub(pause);
            last = error;
        }
    }

    async fn attempt(
        &self,
        http: &Http,
        address: reqwest::Url,
        request: &UrlRequest,
        attempts: i32,
        left: Duration,
    ) -> Result<WebphoneUrl, Error> {
        let answer = match timeout(left, exchange::get(http, address)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(Failure::Unreachable(cause))) => return Err(Error::Unreachable { cause, attempts }),
            Ok(Err(Failure::Unexpected { http_status, problem })) => {
                return Err(Error::UnexpectedAnswer { http_status, problem, attempts });
            }
            Err(_) => return Err(Error::Unreachable { cause: UnreachableCause::Timeout, attempts }),
        };
        let asked =
            Asked { phone_type: request.phone_type, loopback: self.settings.loopback, token: &self.token, attempts };
        interpret(&answer, &asked)
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
