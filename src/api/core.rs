//! What every fetch of a client shares, and one fetch: sent, retried and held back within one timeout.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use reqwest::Client as Http;
use reqwest::header::HeaderValue;
use tokio::time::{Instant, sleep, timeout};

use super::answer::{Asked, interpret};
use super::config::{ClientConfig, Settings};
use super::exchange::{self, Failure};
use super::pace::Pace;
use super::request::UrlRequest;
use super::retry;
use crate::error::{Error, UnreachableCause};
use crate::runtime::{Lanes, Latch, OnLane, PerProcess};
use crate::secret::Secret;
use crate::url::WebphoneUrl;

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
    pub(super) fn new(token: String, config: &ClientConfig) -> Result<Self, Error> {
        Ok(Self {
            header: token_header(&token)?,
            settings: config.check()?,
            token: Secret::new(token),
            http: PerProcess::new(),
            lanes: Arc::new(Lanes::new()),
            closed: Latch::default(),
        })
    }

    /// Where requests go, for people.
    pub(super) fn endpoint(&self) -> &str {
        self.settings.endpoint.as_str()
    }

    /// A fetch on the shared runtime.
    pub(super) fn fetch(
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
                && let Err(refusal) = pace.turn(attempts).await
            {
                return Err(refusal.unwrap_or(last));
            }
            attempts += 1;
            let sent_at = Instant::now();
            let outcome = self.attempt(http, address.clone(), request, attempts, left).await;
            left = left.saturating_sub(sent_at.elapsed());
            if let Some(pace) = pace
                && matches!(outcome, Ok(_) | Err(Error::Refused { .. }))
            {
                pace.flows(sent_at);
            }
            let error = match outcome {
                Ok(url) => return Ok(url),
                Err(error) => error,
            };
            log::debug!(target: "webphone::api", "extension {}: attempt {attempts} failed: {}", request.extension, error.code());
            if let (Some(pace), Error::RateLimited { failure, retry_after_ms }) = (pace, &error) {
                let retry_after = retry_after_ms.map(|ms| Duration::from_millis(ms.try_into().unwrap_or(0)));
                if !pace.hold(sent_at, failure, retry_after) || left.is_zero() {
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
