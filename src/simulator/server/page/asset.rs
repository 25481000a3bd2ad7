//! The sources of the phones' pages, and how they are handed out.

use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::form::Script;
use crate::url::PhoneType;

const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// A source file.
macro_rules! source {
    ($file:literal) => {
        include_str!(concat!("../../page/", $file))
    };
}

/// A part of every page: no secret stands in it.
pub(in crate::simulator::server) struct Asset {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
}

const ASSETS: [Asset; 6] = [
    Asset { path: "/w3/line.js", kind: JAVASCRIPT, text: source!("line.js") },
    Asset { path: "/w3/hidden.js", kind: JAVASCRIPT, text: source!("hidden.js") },
    Asset { path: "/w3/phone.js", kind: JAVASCRIPT, text: source!("phone.js") },
    Asset { path: "/w3/words.js", kind: JAVASCRIPT, text: source!("words.js") },
    Asset { path: "/w3/phone.css", kind: CSS, text: source!("phone.css") },
    // What other frames of a phone's script hold.
    Asset { path: "/w3/helper.html", kind: HTML, text: source!("helper.html") },
];

impl Asset {
    pub(super) fn at(path: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.path == path)
    }

    pub(in crate::simulator::server) fn answer<B>(&self, request: &Request<B>) -> Response<Bytes> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let mut response = text(self.kind, self.text);
        // A page in a sandbox is of no origin, not even of its own.
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}

/// The page of a phone. A number holds digits alone: there is nothing in it that HTML would read otherwise.
pub(super) fn document(number: &str, phone_type: PhoneType) -> Response<Bytes> {
    let page = match phone_type {
        PhoneType::Hidden => source!("hidden.html"),
        PhoneType::Embedded | PhoneType::Floating => source!("phone.html"),
    };
    text(HTML, page.replace("{{ramal}}", number).replace("{{tipo}}", phone_type.as_wire()))
}

/// A page that says why there is no phone; `reason` is one of ours.
pub(super) fn refusal(reason: &str) -> Response<Bytes> {
    text(HTML, source!("refused.html").replace("{{motivo}}", reason))
}

/// What a script element gets from a hidden phone's URL.
pub(super) fn script() -> Response<Bytes> {
    text(JAVASCRIPT, source!("frame.js"))
}

/// The same in one of its worst forms.
pub(super) fn worst_script(form: &Script) -> Response<Bytes> {
    // A word, or an object with a host: there is nothing in it that JSON could not hold.
    let form = serde_json::to_string(form).unwrap_or_default();
    text(JAVASCRIPT, source!("worst.js").replacen("\"{{forma}}\"", &form, 1))
}

fn text(kind: &'static str, text: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The address is a credential: nobody keeps it, nobody passes it on.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
