//! One request on the wire and what came back, uninterpreted. The only place that knows the HTTP library.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use reqwest::{Client as Http, Response, redirect};
use rustls::crypto::ring;
use rustls::{ClientConfig as TlsConfig, RootCertStore};
use url::Url;

use crate::error::{AnswerProblem, Error, UnreachableCause};

/// No answer of the API comes near it.
const MAX_ANSWER: usize = 64 * 1024;

/// The header that carries the token.
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("access-token");

/// How requests travel.
pub(super) struct Route {
    pub(super) connect_timeout: Duration,
    pub(super) user_agent: HeaderValue,
    pub(super) roots: RootCertStore,
    pub(super) proxy: Option<reqwest::Proxy>,
}

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) http_status: i32,
    pub(super) retry_after: Option<HeaderValue>,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer to interpret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Unreachable(UnreachableCause),
    Unexpected { http_status: i32, problem: AnswerProblem },
}

impl Route {
    /// The HTTP client of this route, with the token in every request.
    pub(super) fn open(&self, token: &HeaderValue) -> Result<Http, Error> {
        let provider = ring::default_provider();
        let tls = TlsConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::internal("no TLS version is available"))?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let headers = HeaderMap::from_iter([
            (ACCESS_TOKEN, token.clone()),
            (ACCEPT, HeaderValue::from_static("application/json")),
            (USER_AGENT, self.user_agent.clone()),
        ]);
        let builder = Http::builder()
            .tls_backend_preconfigured(tls)
            .default_headers(headers)
            // A redirect would carry the token to another place.
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            // The environment's proxies would be used otherwise.
            .no_proxy()
            .connect_timeout(self.connect_timeout);
        let builder = match &self.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder,
        };
        builder.build().map_err(|_| Error::internal("the HTTP client could not be made"))
    }
}

/// Sends one GET and reads its answer, no more of it than [`MAX_ANSWER`].
pub(super) async fn get(http: &Http, address: Url) -> Result<Answer, Failure> {
    let response = http.get(address).send().await.map_err(|error| broken(&error, Phase::Waiting))?;
    let http_status = i32::from(response.status().as_u16());
    let unexpected = |problem| Failure::Unexpected { http_status, problem };
    if response.status().is_redirection() {
        return Err(unexpected(AnswerProblem::Redirect));
    }
    if response.content_length().is_some_and(|length| length > MAX_ANSWER as u64) {
        return Err(unexpected(AnswerProblem::TooLarge));
    }
    let retry_after = response.headers().get(RETRY_AFTER).cloned();
    match read(response).await? {
        Some(body) => Ok(Answer { http_status, retry_after, body }),
        None => Err(unexpected(AnswerProblem::TooLarge)),
    }
}

/// The whole body; none when it is too large.
async fn read(mut response: Response) -> Result<Option<Vec<u8>>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error, Phase::Reading))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Reading,
}

/// Sorts an error of the HTTP library. Its text is never used: it may hold the address.
fn broken(error: &reqwest::Error, phase: Phase) -> Failure {
    // The innermost one knows best: the outer ones say `Other`.
    let io_kind = layers(error).filter_map(|layer| layer.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    let says = |text: &str| layers(error).any(|layer| layer.to_string().starts_with(text));
    let cause = if layers(error).any(|layer| layer.is::<rustls::Error>()) {
        UnreachableCause::Tls
    } else if error.is_connect() {
        match io_kind {
            _ if error.is_timeout() => UnreachableCause::ConnectTimeout,
            Some(io::ErrorKind::ConnectionRefused) => UnreachableCause::ConnectionRefused,
            Some(io::ErrorKind::TimedOut) => UnreachableCause::ConnectTimeout,
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => UnreachableCause::ConnectionReset,
            // These two have no public type: only their texts tell them from the rest.
            _ if says("dns error") => UnreachableCause::Dns,
            _ if says("tunnel error") => UnreachableCause::Proxy,
            _ => UnreachableCause::Network,
        }
    } else if phase == Phase::Reading {
        UnreachableCause::AnswerCut
    } else if layers(error).any(is_not_http) {
        return Failure::Unexpected { http_status: 0, problem: AnswerProblem::NotHttp };
    } else {
        match io_kind {
            None if error.is_timeout() => UnreachableCause::Timeout,
            None | Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {
                UnreachableCause::ConnectionReset
            }
            Some(_) => UnreachableCause::Network,
        }
    };
    Failure::Unreachable(cause)
}

/// What an error holds, outermost first. An `io::Error` skips the error that it wraps when it is asked for its source:
/// TLS failures stand in there, wrapped twice.
fn layers(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&layer| {
        match layer.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => layer.source(),
        }
    })
}

fn is_not_http(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}
