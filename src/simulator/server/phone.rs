//! What a phone's URL opens. The check is real: a wrong key, a wrong signature or an expired URL opens nothing.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response};
use url::form_urlencoded::parse;

use super::Shared;
use super::directory::Directory;
use super::links::{Denied, PAGE};

/// Whether a path is the phone's page: `/w3/` or `/w3`.
pub(super) fn is_page(path: &str) -> bool {
    path == PAGE || Some(path) == PAGE.strip_suffix('/')
}

/// The page for a request, and the number of the extension whose phone it is.
pub(super) fn serve<B>(
    shared: &Shared,
    directory: &Directory,
    request: &Request<B>,
    now_ms: i64,
) -> (Response<Bytes>, Option<String>) {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = page(StatusCode::METHOD_NOT_ALLOWED, "Método não permitido");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return (response, None);
    }
    let query = request.uri().query().unwrap_or_default();
    let key = parse(query.as_bytes()).find(|(name, _)| name == "key").map(|(_, key)| key);
    let Some((entry, phone_type)) = key.and_then(|key| directory.by_key(&key)) else {
        return (page(StatusCode::FORBIDDEN, "Chave inválida"), None);
    };
    let response = match shared.links.check(query, now_ms) {
        Ok(()) => page(StatusCode::OK, &format!("Ramal {} ({phone_type})", entry.number)),
        Err(Denied::Forged) => page(StatusCode::FORBIDDEN, "Assinatura inválida"),
        Err(Denied::Expired) => page(StatusCode::FORBIDDEN, "URL expirada"),
    };
    (response, Some(entry.number.clone()))
}

/// A page that says one thing. `text` holds nothing that HTML would read otherwise.
fn page(status: StatusCode, text: &str) -> Response<Bytes> {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"pt-BR\"><meta charset=\"utf-8\"><title>Webphone simulado</title><p>{text}</p></html>\n"
    );
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // The address is a credential: nobody keeps it, nobody passes it on.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
