//! What a phone's URL opens: the page in which the phone lives, or, to a script request for a hidden one, the script that
//! makes its frame. The check is real: a wrong key, a wrong signature or an expired URL opens nothing.
//!
//! `asset` holds the page's sources, `form` its worst forms, `link` the wire between a page and its phone.

mod asset;
mod form;
mod link;

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use url::form_urlencoded::parse;

use super::Shared;
use super::directory::{Directory, Entry};
use super::links::{Denied, PAGE};
use super::rest::host;
use super::state::State;
use crate::url::PhoneType;
use asset::Asset;
pub(super) use form::{Form, Pages};
use form::{Load, Script};
pub(super) use link::{Link, link};

/// The path of the wire between a page and its phone.
const LINK: &str = "/w3/link";

/// The header by which a browser says what it wants something for.
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The parameter with which the script of [`Script::Chained`] asks for the second.
const SECOND: &str = "segundo";

/// The cookie of [`Load::NeedsCookie`], as a server sets it that was never meant to be framed by others: browsers take
/// it for `SameSite=Lax`.
const COOKIE: HeaderValue = HeaderValue::from_static("webphone_simulado=1; Path=/; HttpOnly");
const COOKIE_NAME: &str = "webphone_simulado";

/// The pause that nobody waits out: a day.
const NEVER: Duration = Duration::from_secs(86_400);

/// What stands at a path of the phones' pages.
pub(super) enum Place {
    /// The page itself, or its script: `/w3/` or `/w3`.
    Document,
    /// The wire between the page and its phone.
    Link,
    /// A part of every page.
    Asset(&'static Asset),
}

/// What stands at this path, if it is one of the phones' pages.
pub(super) fn place(path: &str) -> Option<Place> {
    match path {
        _ if path == PAGE || Some(path) == PAGE.strip_suffix('/') => Some(Place::Document),
        LINK => Some(Place::Link),
        _ => Asset::at(path).map(Place::Asset),
    }
}

/// An answer, and how long it takes to come.
pub(super) struct Answer {
    pub(super) response: Response<Bytes>,
    pub(super) after: Option<Duration>,
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        Self { response, after: None }
    }
}

/// Why a request opens no phone.
struct Refused {
    reason: &'static str,
    /// Whose phone it would have been.
    extension: Option<String>,
}

/// The extension and the type of the phone that a request with this query opens.
fn admit(shared: &Shared, directory: &Directory, query: &str, now_ms: i64) -> Result<(Arc<Entry>, PhoneType), Refused> {
    let key = parse(query.as_bytes()).find(|(name, _)| name == "key").map(|(_, key)| key);
    let Some((entry, phone_type)) = key.and_then(|key| directory.by_key(&key)) else {
        return Err(Refused { reason: "Chave inválida", extension: None });
    };
    let refused = |reason| Err(Refused { reason, extension: Some(entry.number.clone()) });
    match shared.links.check(query, now_ms) {
        Ok(()) => Ok((Arc::clone(entry), *phone_type)),
        Err(Denied::Forged) => refused("Assinatura inválida"),
        Err(Denied::Expired) => refused("URL expirada"),
    }
}

/// What a phone's URL is answered with, and the number of the extension whose phone it is.
pub(super) fn open<B>(shared: &Shared, state: &State, request: &Request<B>, now_ms: i64) -> (Answer, Option<String>) {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "Método não permitido");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return (response.into(), None);
    }
    let query = request.uri().query().unwrap_or_default();
    match admit(shared, state.directory(), query, now_ms) {
        Err(Refused { reason, extension }) => (refusal(StatusCode::FORBIDDEN, reason).into(), extension),
        Ok((entry, phone_type)) => {
            let form = state.pages().form(&entry.number);
            let answer = in_form(form, shared, request, || body(form, &entry, phone_type, request));
            (answer, Some(entry.number.clone()))
        }
    }
}

/// The page or the script, loaded as its form says.
fn in_form<B>(form: &Form, shared: &Shared, request: &Request<B>, body: impl FnOnce() -> Response<Bytes>) -> Answer {
    match &form.load {
        Load::Plain => body().into(),
        Load::Slow { after_ms } => {
            Answer { response: body(), after: Some(Duration::from_millis(after_ms.unsigned_abs().into())) }
        }
        Load::Never => Answer { response: body(), after: Some(NEVER) },
        Load::Forbidden => refusal(StatusCode::FORBIDDEN, "Acesso negado").into(),
        Load::Unframeable => {
            let mut response = body();
            response.headers_mut().insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
            response.into()
        }
        Load::Redirects { to } => match elsewhere(to, shared, request) {
            None => body().into(),
            Some(location) => {
                let mut response = refusal(StatusCode::TEMPORARY_REDIRECT, "Em outro endereço");
                response.headers_mut().insert(header::LOCATION, location);
                response.into()
            }
        },
        Load::NeedsCookie => {
            let mut response = body();
            response.headers_mut().insert(header::SET_COOKIE, COOKIE);
            response.into()
        }
    }
}

/// The same page at another host, unless the request is there already.
fn elsewhere<B>(to: &str, shared: &Shared, request: &Request<B>) -> Option<HeaderValue> {
    let here = host(request).unwrap_or_default();
    let (name, port) = match here.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (here, None),
    };
    if to == here || to == name {
        return None;
    }
    let path = request.uri().path_and_query().map_or(PAGE, |target| target.as_str());
    let scheme = shared.links.scheme();
    let location = match port {
        Some(port) if !to.contains(':') => format!("{scheme}://{to}:{port}{path}"),
        _ => format!("{scheme}://{to}{path}"),
    };
    // A host that was checked when the form was set, and a path that came in a request.
    HeaderValue::try_from(location).ok()
}

/// Whether a request carries the cookie that the first answer set.
fn has_cookie(headers: &HeaderMap) -> bool {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    sent.flat_map(|cookies| cookies.split(';')).any(|cookie| cookie.trim().split('=').next() == Some(COOKIE_NAME))
}

/// The page, or the script that makes its frame.
fn body<B>(form: &Form, entry: &Entry, phone_type: PhoneType, request: &Request<B>) -> Response<Bytes> {
    if phone_type == PhoneType::Hidden && wants_script(request.headers()) {
        let query = request.uri().query().unwrap_or_default();
        let is_second = parse(query.as_bytes()).any(|(name, _)| name == SECOND);
        return match &form.script {
            Script::Plain => asset::script(),
            Script::Chained if is_second => asset::script(),
            worst => asset::worst_script(worst),
        };
    }
    asset::document(&entry.number, phone_type)
}

/// Whether a hidden phone's URL is asked for by a script element. Browsers say so; those who don't may say what they
/// take: a document's request names HTML.
fn wants_script(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match text(&FETCH_DEST) {
        Some("script") => true,
        Some("document" | "iframe" | "frame" | "embed" | "object") => false,
        _ => text(&header::ACCEPT).is_some_and(|accept| !accept.contains("text/html")),
    }
}

/// A page that opens no phone and says why.
fn refusal(status: StatusCode, reason: &str) -> Response<Bytes> {
    let mut response = asset::refusal(reason);
    *response.status_mut() = status;
    response
}
