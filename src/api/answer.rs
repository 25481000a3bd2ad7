//! What an answer of the API means. Pure: bytes in, a URL or a typed error out.

use std::time::Duration;

use reqwest::header::HeaderValue;
use serde_json::{Map, Value};

use super::exchange::Answer;
use crate::error::{AnswerProblem, ApiFailure, ApiReason, Error};
use crate::secret::{Secret, redact};
use crate::url::{Loopback, PhoneType, WebphoneUrl, secret_values, unix_ms};

/// How much of the API's own words is kept.
const MAX_API_TEXT: usize = 500;

/// What the meaning of an answer depends on, besides the answer.
pub(super) struct Asked<'a> {
    pub(super) phone_type: PhoneType,
    pub(super) loopback: Loopback,
    /// Redacted wherever it might come back.
    pub(super) token: &'a Secret,
    pub(super) attempts: i32,
}

/// The URL in an answer, or what stands there instead. `sucesso` decides, not the HTTP code.
pub(super) fn interpret(answer: &Answer, asked: &Asked<'_>) -> Result<WebphoneUrl, Error> {
    match envelope(&answer.body) {
        Ok(envelope) => match envelope.get("sucesso").map(boolean) {
            Some(Some(true)) => url(&envelope, asked).map_err(|problem| unexpected(answer, asked, problem)),
            Some(Some(false)) => Err(failure(answer, asked, Some(&envelope))),
            Some(None) => Err(without_envelope(answer, asked, field("sucesso", "is neither true nor false"))),
            None => Err(without_envelope(answer, asked, field("sucesso", "is missing"))),
        },
        Err(problem) => Err(without_envelope(answer, asked, problem)),
    }
}

fn envelope(body: &[u8]) -> Result<Map<String, Value>, AnswerProblem> {
    let text = std::str::from_utf8(body).map_err(|_| AnswerProblem::NotText)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(AnswerProblem::Empty);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(envelope)) => Ok(envelope),
        Ok(_) => Err(field("sucesso", "is missing")),
        Err(_) => Err(AnswerProblem::NotJson),
    }
}

fn url(envelope: &Map<String, Value>, asked: &Asked<'_>) -> Result<WebphoneUrl, AnswerProblem> {
    const URL: &str = "dados.url";
    match envelope.get("dados").and_then(|data| data.get("url")) {
        None | Some(Value::Null) => Err(field(URL, "is missing")),
        Some(Value::String(text)) => {
            WebphoneUrl::accept(text, asked.phone_type, asked.loopback).map_err(|reason| field(URL, reason))
        }
        Some(_) => Err(field(URL, "is not a text")),
    }
}

/// An answer that is not the API's envelope: what its HTTP code says on its own, where that is something to act on (a
/// gateway in front of the API answers so), else that it is not the API's.
fn without_envelope(answer: &Answer, asked: &Asked<'_>, problem: AnswerProblem) -> Error {
    match answer.http_status {
        401 | 429 | 500 | 502 | 503 | 504 => failure(answer, asked, None),
        _ => unexpected(answer, asked, problem),
    }
}

fn unexpected(answer: &Answer, asked: &Asked<'_>, problem: AnswerProblem) -> Error {
    Error::UnexpectedAnswer { http_status: answer.http_status, problem, attempts: asked.attempts }
}

fn failure(answer: &Answer, asked: &Asked<'_>, envelope: Option<&Map<String, Value>>) -> Error {
    let get = |name| envelope.and_then(|envelope| envelope.get(name));
    let motivo = get("motivo").and_then(integer);
    let status = match answer.http_status {
        // Some gateways answer 200 to everything; the envelope repeats the status it meant.
        200..=299 => get("status").and_then(integer).and_then(|s| i32::try_from(s).ok()).unwrap_or(answer.http_status),
        status => status,
    };
    let reason = match status {
        429 => ApiReason::TooManyRequests,
        502..=504 => ApiReason::Unavailable,
        _ => motivo.and_then(ApiReason::from_motivo).unwrap_or_else(|| ApiReason::from_http_status(status)),
    };
    let failure = ApiFailure {
        http_status: answer.http_status,
        motivo,
        reason,
        api_text: get("mensagem").and_then(|text| api_text(text, get("dados"), asked.token)),
        attempts: asked.attempts,
    };
    let retry_after_ms = answer.retry_after.as_ref().and_then(|value| retry_after(value, unix_ms()));
    let retry_after_ms = retry_after_ms.and_then(|wait| i64::try_from(wait.as_millis()).ok());
    // A reason that is not known does not change what the status says to do.
    let decisive = match failure.reason {
        ApiReason::Other { .. } => &ApiReason::from_http_status(status),
        ref reason => reason,
    };
    match decisive {
        ApiReason::AuthenticationFailed => Error::Unauthorized { failure },
        ApiReason::TooManyRequests => Error::RateLimited { failure, retry_after_ms },
        ApiReason::Unavailable | ApiReason::InternalError => Error::Unavailable { failure, retry_after_ms },
        _ => Error::Refused { failure },
    }
}

fn field(name: &str, reason: &str) -> AnswerProblem {
    AnswerProblem::Field { field: name.to_owned(), reason: reason.to_owned() }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Numbers arrive as numbers in one place and as text in another.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The API's words for the vendor's support: bounded, on one line, without a secret.
fn api_text(words: &Value, data: Option<&Value>, token: &Secret) -> Option<String> {
    let words = match words {
        Value::String(text) => text.clone(),
        Value::Null => return None,
        other => other.to_string(),
    };
    let url = data.and_then(|data| data.get("url")).and_then(Value::as_str).unwrap_or_default();
    // What may not stand alone either, of a webphone URL.
    let parts = secret_values(url);
    let secrets = [token.reveal(), url].into_iter().chain(parts.iter().map(String::as_str));
    // Cleaned before it is searched: a control character inside would hide a secret. Cut only afterwards.
    let clean: String = redact(&on_one_line(&words), secrets).chars().take(MAX_API_TEXT).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

fn on_one_line(words: &str) -> String {
    let spaced = words.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c });
    spaced.filter(|c| !c.is_control()).collect()
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(value: &HeaderValue, now_unix_ms: i64) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More than fits is very long, and not "nothing said".
        return Some(Duration::from_secs(text.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let now = std::time::UNIX_EPOCH + Duration::from_millis(now_unix_ms.try_into().ok()?);
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(http_status: i32, body: &str) -> Result<WebphoneUrl, Error> {
        let answer = Answer { http_status, retry_after: None, body: body.as_bytes().to_vec() };
        let token = Secret::new("T0KEN");
        let asked = Asked { phone_type: PhoneType::Hidden, loopback: Loopback::Refused, token: &token, attempts: 2 };
        interpret(&answer, &asked)
    }

    #[test]
    fn the_words_of_the_api_are_kept_without_secrets() {
        let body = r#"{"sucesso":false,"motivo":"11","mensagem":"a\u0007b\nfor T0KEN at https://h/?key=K1&pop=1","dados":null}"#;
        let Err(error @ Error::Refused { .. }) = ask(405, body) else { panic!() };
        let failure = error.failure().unwrap();
        assert_eq!(failure.motivo, Some(11));
        assert_eq!(failure.reason, ApiReason::InvalidParameter);
        assert_eq!(failure.api_text.as_deref(), Some("ab for [secret] at https://h/?key=[secret]&pop=1"));
        let long = format!(r#"{{"sucesso":false,"mensagem":"{}"}}"#, "é".repeat(9_000));
        assert_eq!(ask(400, &long).unwrap_err().api_text().unwrap().chars().count(), 500);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |text: &str| retry_after(&HeaderValue::from_str(text).unwrap(), 784_111_777_000);
        assert_eq!(wait("3"), Some(Duration::from_secs(3)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:07 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }

    #[test]
    fn deep_json_ends_in_an_error() {
        let deep = "[".repeat(50_000);
        let Err(Error::UnexpectedAnswer { problem, .. }) = ask(200, &deep) else { panic!() };
        assert_eq!(problem, AnswerProblem::NotJson);
    }
}
