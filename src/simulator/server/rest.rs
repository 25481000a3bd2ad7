//! The API itself: `GET /webphone`, its envelope and its failures, and the faults that strike it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;
use url::form_urlencoded::parse;

use super::Shared;
use super::directory::{Directory, Entry, is_id, is_number};
use super::links::Wanted;
use super::page::{Link, Place};
use super::state::State;
use super::wire::{self, Ending};
use super::{journal, page};
use crate::protocol::PhoneNumber;
use crate::simulator::{Fault, TokenCheck};
use crate::url::PhoneType;

/// The header that carries the access token.
pub(super) const TOKEN: HeaderName = HeaderName::from_static("access-token");

/// The one path of the API.
const PATH: &str = "/webphone";

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What becomes of a request.
pub(super) enum Outcome {
    Now(Response<Bytes>),
    After(Duration, Response<Bytes>),
    /// No answer that HTTP could carry: the connection is taken from it.
    End(Ending),
    /// The connection becomes the wire of a phone's page.
    Link(Box<Link>),
}

/// Answers a request to the API's port, and writes it down.
pub(super) fn serve(shared: &Shared, request: &Request<Incoming>) -> Outcome {
    let place = page::place(request.uri().path());
    match &place {
        Some(Place::Asset(asset)) => return Outcome::Now(asset.answer(request)),
        Some(Place::Link) => return page::link(shared, request),
        Some(Place::Document) | None => {}
    }
    let now_ms = shared.now_ms();
    let token = check_token(shared, request.headers());
    let mut record = journal::describe(now_ms, request, token, shared.token.reveal());
    let mut state = shared.state();

    let outcome = if place.is_some() {
        let (answer, extension) = page::open(shared, &state, request, now_ms);
        record.extension = extension;
        record.http_status = i32::from(answer.response.status().as_u16());
        match answer.after {
            None => Outcome::Now(answer.response),
            Some(delay) => Outcome::After(delay, answer.response),
        }
    } else {
        let asked = Asked { shared, request, token, now_ms, query: Query::read(request.uri().query()) };
        record.extension = asked.query.entry(state.directory()).map(|entry| entry.number.clone());
        let fault = state.faults().strike(record.extension.as_deref());
        record.fault = fault.as_ref().map(|fault| fault.word().to_owned());
        let (http_status, outcome) = asked.outcome(&mut state, fault);
        record.http_status = http_status;
        outcome
    };
    state.journal().add(record);
    outcome
}

fn check_token(shared: &Shared, headers: &HeaderMap) -> TokenCheck {
    match headers.get(TOKEN) {
        None => TokenCheck::Missing,
        Some(sent) if sent.is_empty() => TokenCheck::Missing,
        Some(sent) if sent.as_bytes() == shared.token.reveal().as_bytes() => TokenCheck::Right,
        Some(_) => TokenCheck::Wrong,
    }
}

/// A request to the API.
struct Asked<'a> {
    shared: &'a Shared,
    request: &'a Request<Incoming>,
    token: TokenCheck,
    now_ms: i64,
    query: Query<'a>,
}

impl Asked<'_> {
    /// What becomes of it, and the HTTP status that it is answered with, 0 for none.
    fn outcome(&self, state: &mut State, fault: Option<Fault>) -> (i32, Outcome) {
        let status = |response: &Response<Bytes>| i32::from(response.status().as_u16());
        match fault {
            None => {
                let answer = self.answer(state);
                (status(&answer), Outcome::Now(answer))
            }
            Some(Fault::Delay { delay_ms }) => {
                let answer = self.answer(state);
                (status(&answer), Outcome::After(milliseconds(delay_ms), answer))
            }
            Some(Fault::Drip { chunk_bytes, pause_ms }) => {
                let answer = self.answer(state);
                let ending = Ending::Drip {
                    bytes: wire::render(&answer, answer.body().len()),
                    chunk: usize::try_from(chunk_bytes).unwrap_or(1),
                    pause: milliseconds(pause_ms),
                };
                (status(&answer), Outcome::End(ending))
            }
            Some(Fault::Cut { body_bytes }) => {
                let answer = self.answer(state);
                let body = answer.body().len();
                let missing = body - usize::try_from(body_bytes).unwrap_or(body).min(body.saturating_sub(1));
                let mut bytes = wire::render(&answer, body);
                bytes.truncate(bytes.len() - missing);
                (status(&answer), Outcome::End(Ending::Cut { bytes }))
            }
            Some(Fault::Reset) => (0, Outcome::End(Ending::Reset)),
            Some(Fault::Refuse) => (0, Outcome::End(Ending::Silence)),
            Some(Fault::Garbage) => (0, Outcome::End(Ending::Garbage)),
            Some(Fault::Oversized { claimed_bytes }) => {
                (200, Outcome::End(Ending::Oversized { body: claimed_bytes.unsigned_abs() }))
            }
            Some(Fault::Endless) => (200, Outcome::End(Ending::Endless)),
            Some(Fault::Fail { http_status, retry_after_ms }) => {
                (http_status, Outcome::Now(simulated_failure(http_status, retry_after_ms)))
            }
            Some(Fault::Answer { http_status, headers, body }) => {
                let headers = headers.iter().filter_map(|(name, value)| {
                    // Checked when the rule was added.
                    Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
                });
                let mut response = json(status_code(http_status), body);
                response.headers_mut().extend(headers);
                (http_status, Outcome::Now(response))
            }
        }
    }

    /// The answer of the API when nothing goes wrong on the way.
    fn answer(&self, state: &mut State) -> Response<Bytes> {
        if let Some(Err(too_many)) = state.limiter().map(|limiter| limiter.admit(Instant::now())) {
            return failure(429, None, "Limite de requisições por segundo excedido", too_many.retry_after_s);
        }
        match self.phone(state.directory()) {
            Ok((entry, wanted)) => {
                let url = self.shared.links.make(host(self.request), entry, &wanted, self.now_ms);
                envelope(&Envelope {
                    status: 200,
                    sucesso: true,
                    motivo: Some(0),
                    mensagem: "url webphone",
                    dados: Some(Dados { url: &url }),
                })
            }
            Err(refusal) => {
                let (status, motivo, mensagem) = refusal.parts();
                let mut response = failure(status, Some(motivo), mensagem, None);
                if refusal == Refusal::Method {
                    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
                }
                response
            }
        }
    }

    /// Whose phone was asked for, and which.
    fn phone<'d>(&self, directory: &'d Directory) -> Result<(&'d Entry, Wanted), Refusal> {
        if self.request.uri().path() != PATH {
            return Err(Refusal::Path);
        }
        if !matches!(*self.request.method(), Method::GET | Method::HEAD) {
            return Err(Refusal::Method);
        }
        match self.token {
            TokenCheck::Missing => return Err(Refusal::TokenMissing),
            TokenCheck::Wrong => return Err(Refusal::TokenWrong),
            TokenCheck::Right => {}
        }
        let query = &self.query;
        if query.ramal.is_none() && query.id_ramal.is_none() {
            return Err(Refusal::ExtensionMissing);
        }
        if query.ramal.as_deref().is_some_and(|number| !is_number(number)) {
            return Err(Refusal::NumberMalformed);
        }
        if query.id_ramal.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(Refusal::IdMalformed);
        }
        let wanted = query.wanted()?;
        Ok((query.extension(directory)?, wanted))
    }
}

/// The query parameters of the API. One without a value counts as not given, of several with one name the last counts.
#[derive(Default)]
struct Query<'a> {
    id_ramal: Option<Cow<'a, str>>,
    ramal: Option<Cow<'a, str>>,
    tipo: Option<Cow<'a, str>>,
    ligar_para: Option<Cow<'a, str>>,
    fechar_fim: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    fn read(text: Option<&'a str>) -> Self {
        let mut query = Self::default();
        for (name, value) in parse(text.unwrap_or_default().as_bytes()) {
            let parameter = match &*name {
                "id_ramal" => &mut query.id_ramal,
                "ramal" => &mut query.ramal,
                "tipo" => &mut query.tipo,
                "ligar_para" => &mut query.ligar_para,
                "fechar_fim" => &mut query.fechar_fim,
                _ => continue,
            };
            *parameter = Some(value).filter(|value| !value.is_empty());
        }
        query
    }

    /// The extension that it names, by the id if it has both.
    fn entry<'d>(&self, directory: &'d Directory) -> Option<&'d Arc<Entry>> {
        let by_id = self.id_ramal.as_deref().and_then(|id| directory.by_id(id));
        by_id.or_else(|| self.ramal.as_deref().and_then(|number| directory.by_number(number)))
    }

    /// The extension that it names, if that is one.
    fn extension<'d>(&self, directory: &'d Directory) -> Result<&'d Entry, Refusal> {
        let by_id = self.id_ramal.as_deref().map(|id| directory.by_id(id).ok_or(Refusal::ExtensionUnknown));
        let by_number =
            self.ramal.as_deref().map(|number| directory.by_number(number).ok_or(Refusal::ExtensionUnknown));
        match (by_id.transpose()?, by_number.transpose()?) {
            (Some(one), Some(other)) if !Arc::ptr_eq(one, other) => Err(Refusal::ExtensionsDiffer),
            (Some(entry), _) | (None, Some(entry)) => Ok(entry),
            (None, None) => Err(Refusal::ExtensionMissing),
        }
    }

    fn wanted(&self) -> Result<Wanted, Refusal> {
        let phone_type = match self.tipo.as_deref() {
            None => PhoneType::default(),
            // As documented, in lower case: what the real API makes of others is not known.
            Some(word) => PhoneType::ALL.into_iter().find(|kind| kind.as_wire() == word).ok_or(Refusal::TypeUnknown)?,
        };
        let call_on_open = match self.ligar_para.as_deref() {
            None => None,
            Some(number) => Some(PhoneNumber::parse(number).map_err(|_| Refusal::CallMalformed)?),
        };
        let close_at_end = match self.fechar_fim.as_deref() {
            None => None,
            Some(word) if word == "1" || word.eq_ignore_ascii_case("true") => Some(true),
            Some(word) if word == "0" || word.eq_ignore_ascii_case("false") => Some(false),
            Some(_) => return Err(Refusal::CloseMalformed),
        };
        Ok(Wanted { phone_type, call_on_open, close_at_end })
    }
}

/// Why the API does not give a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Path,
    Method,
    TokenMissing,
    TokenWrong,
    ExtensionMissing,
    NumberMalformed,
    IdMalformed,
    TypeUnknown,
    CallMalformed,
    CloseMalformed,
    ExtensionUnknown,
    ExtensionsDiffer,
}

impl Refusal {
    /// HTTP status, `motivo`, `mensagem`.
    fn parts(self) -> (u16, i64, &'static str) {
        match self {
            Self::Path => (404, 90, "Path não encontrado"),
            Self::Method => (405, 100, "Requisição inválida: utilize o método GET"),
            Self::TokenMissing => (401, 40, "Falha na autenticação: informe o Access-Token"),
            Self::TokenWrong => (401, 40, "Falha na autenticação: Access-Token inválido"),
            Self::ExtensionMissing => (405, 10, "Parâmetro obrigatório não informado: id_ramal ou ramal"),
            Self::NumberMalformed => (405, 11, "Parâmetro inválido: ramal"),
            Self::IdMalformed => (405, 11, "Parâmetro inválido: id_ramal"),
            Self::TypeUnknown => (405, 11, "Parâmetro inválido: tipo (floating, embedded ou hidden)"),
            Self::CallMalformed => (405, 11, "Parâmetro inválido: ligar_para"),
            Self::CloseMalformed => (405, 11, "Parâmetro inválido: fechar_fim"),
            Self::ExtensionUnknown => (404, 60, "Ramal não encontrado"),
            Self::ExtensionsDiffer => (405, 11, "Parâmetro inválido: id_ramal e ramal são de ramais diferentes"),
        }
    }
}

/// The envelope of every answer, its fields in the documentation's order.
#[derive(Serialize)]
struct Envelope<'a> {
    status: u16,
    sucesso: bool,
    motivo: Option<i64>,
    mensagem: &'a str,
    dados: Option<Dados<'a>>,
}

#[derive(Serialize)]
struct Dados<'a> {
    url: &'a str,
}

fn envelope(envelope: &Envelope<'_>) -> Response<Bytes> {
    // Numbers and texts: there is nothing in it that JSON could not hold.
    let body = serde_json::to_vec(envelope).unwrap_or_default();
    json(StatusCode::from_u16(envelope.status).unwrap_or_default(), body)
}

fn failure(status: u16, motivo: Option<i64>, mensagem: &str, retry_after_s: Option<u64>) -> Response<Bytes> {
    let mut response = envelope(&Envelope { status, sucesso: false, motivo, mensagem, dados: None });
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The envelope of [`Fault::Fail`].
fn simulated_failure(http_status: i32, retry_after_ms: Option<i64>) -> Response<Bytes> {
    let status = status_code(http_status).as_u16();
    let motivo = match status {
        400 => Some(100),
        401 => Some(40),
        402 => Some(9),
        403 => Some(8),
        404 => Some(60),
        405 => Some(11),
        500 => Some(50),
        501 => Some(30),
        _ => None,
    };
    failure(status, motivo, "Falha simulada", retry_after_ms.map(|ms| ms.unsigned_abs().div_ceil(1000)))
}

fn json(status: StatusCode, body: Vec<u8>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn status_code(http_status: i32) -> StatusCode {
    u16::try_from(http_status).ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default()
}

fn milliseconds(ms: i64) -> Duration {
    Duration::from_millis(ms.unsigned_abs())
}

/// The host and port that a request was sent to, if it names a usable one.
pub(super) fn host<B>(request: &Request<B>) -> Option<&str> {
    let named = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let host = request.uri().authority().map(Authority::as_str).or(named)?;
    (!host.contains('@') && host.parse::<Authority>().is_ok()).then_some(host)
}
