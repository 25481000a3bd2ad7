//! Control by HTTP, for tests in any language: the same verbs as in process, on a port of its own.

mod phones;

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::parse;

use super::Shared;
use crate::error::Error;
use crate::url::{Loopback, parse_web_url};

/// The largest body that is read: a hundred thousand extensions fit.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Why a request to the control was refused.
struct Refusal {
    status: StatusCode,
    reason: String,
}

impl Refusal {
    fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }

    fn bad(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    fn method(path: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} can't be asked with this method"))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { field, reason } => Self::bad(format!("`{field}` {reason}")),
            // The phone is not in a state in which it could be.
            Error::NotReady { .. } => {
                Self::new(StatusCode::CONFLICT, "the phone's page is not open, or it is disconnected")
            }
            Error::CallInProgress => Self::new(StatusCode::CONFLICT, "the phone rings already"),
            Error::Busy => Self::new(StatusCode::CONFLICT, "a session holds the phone"),
            Error::NoCall => Self::new(StatusCode::CONFLICT, "the phone has no call that this could mean"),
            other => Self::new(StatusCode::INTERNAL_SERVER_ERROR, other.to_string()),
        }
    }
}

/// The body of a refusal.
#[derive(Serialize)]
struct Explained<'a> {
    error: &'a str,
}

pub(super) async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Response<Bytes> {
    let answer = match guard(&request) {
        Ok(()) => route(&shared, request).await,
        Err(refusal) => Err(refusal),
    };
    match answer {
        Ok(response) => response,
        Err(refusal) => {
            let mut response = json(&Explained { error: &refusal.reason });
            *response.status_mut() = refusal.status;
            response
        }
    }
}

/// Keeps web pages out. A page of another origin can't leave `Origin` away when it writes; one that has had its own name
/// pointed here can't leave that name out of `Host`.
fn guard(request: &Request<Incoming>) -> Result<(), Refusal> {
    let forbidden = |reason| Err(Refusal::new(StatusCode::FORBIDDEN, reason));
    if request.headers().contains_key(header::ORIGIN) {
        return forbidden("web pages may not control the simulator: the request has an `Origin`");
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if parse_web_url(&format!("http://{host}/"), Loopback::Allowed).is_err() {
        return forbidden("`Host` is not this machine's loopback: use the control URL as it was given");
    }
    Ok(())
}

async fn route(shared: &Shared, request: Request<Incoming>) -> Result<Response<Bytes>, Refusal> {
    let (path, method) = (request.uri().path().to_owned(), request.method().as_str().to_owned());
    if let Some(rest) = path.strip_prefix("/phones").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        return phones::route(shared, rest, request).await;
    }
    match (path.as_str(), method.as_str()) {
        ("/requests", "GET") => Ok(json(&shared.requests(last(request.uri().query())?))),
        ("/requests", "DELETE") => {
            shared.state().journal().clear();
            Ok(done())
        }
        ("/faults", "POST") => {
            let rule = read(request).await?;
            shared.state().faults().add(rule)?;
            Ok(done())
        }
        ("/faults", "DELETE") => {
            shared.state().faults().clear();
            Ok(done())
        }
        ("/extensions", "GET") => Ok(json(&shared.state().extensions())),
        ("/extensions", "PUT") => {
            let extensions: Vec<_> = read(request).await?;
            Ok(json(&shared.set_extensions(&extensions)?))
        }
        ("/reset", "POST") => {
            shared.reset()?;
            Ok(done())
        }
        ("/requests" | "/faults" | "/extensions" | "/reset", _) => Err(Refusal::method(&path)),
        _ => Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "there is no such path: /requests, /faults, /extensions, /phones and /reset are known",
        )),
    }
}

/// How many of the latest requests are wanted (`last`); all without it.
fn last(query: Option<&str>) -> Result<usize, Refusal> {
    match parse(query.unwrap_or_default().as_bytes()).find(|(name, _)| name == "last") {
        None => Ok(usize::MAX),
        Some((_, value)) => value.parse().map_err(|_| Refusal::bad("`last` is not a count")),
    }
}

/// The body as what it has to be.
async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, Refusal> {
    serde_json::from_slice(&bytes(request).await?)
        .map_err(|error| Refusal::bad(format!("the body is not usable: {error}")))
}

/// The body, which has to be JSON and to say so: a page can't send that without being asked first.
async fn bytes(request: Request<Incoming>) -> Result<Bytes, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body has to be JSON, with `Content-Type: application/json`",
        ));
    }
    let body = Limited::new(request.into_body(), MAX_BODY)
        .collect()
        .await
        .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body broke off or is larger than 8 MiB"))?;
    Ok(body.to_bytes())
}

fn json(value: &impl Serialize) -> Response<Bytes> {
    // Records of texts and numbers: there is nothing in them that JSON could not hold.
    let mut response = Response::new(Bytes::from(serde_json::to_vec(value).unwrap_or_default()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
