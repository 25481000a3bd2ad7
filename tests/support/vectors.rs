//! The vectors, as `tests/vectors/README.md` describes them.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use webphone::{AnswerProblem, ApiReason, Error};

/// A file of vectors.
pub(crate) fn read(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let document: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(document["format"], 1, "{}", path.display());
    document
}

/// The vectors in a file; none of them is a mistake.
pub(crate) fn list(document: &Value) -> &Vec<Value> {
    let list = document["vectors"].as_array().unwrap();
    assert!(!list.is_empty());
    list
}

/// The texts that must stand nowhere.
pub(crate) fn secrets(document: &Value) -> Vec<&str> {
    document["secrets"].as_array().unwrap().iter().map(|secret| secret.as_str().unwrap()).collect()
}

/// A Text: a string, or parts of one.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text).collect(),
        Value::Object(part) => {
            part["repeat"].as_str().unwrap().repeat(part["times"].as_u64().unwrap().try_into().unwrap())
        }
        other => panic!("{other} is no Text"),
    }
}

/// The body of a vector's answer.
pub(crate) fn body(answer: &Value) -> Vec<u8> {
    match answer["body_base64"].as_str() {
        Some(encoded) => STANDARD.decode(encoded).unwrap(),
        None => text(&answer["body"]).into_bytes(),
    }
}

/// What an error says, in the words of the vectors.
pub(crate) fn error_facts(error: &Error) -> Value {
    let mut facts = json!({
        "code": error.code(),
        "is_retryable": error.is_retryable(),
        "retry_after_ms": error.retry_after_ms(),
        "api_text": error.api_text(),
    });
    let mut put = |name: &str, value: Value| facts[name] = value;
    if let Some(failure) = error.failure() {
        put("http_status", failure.http_status.into());
        put("motivo", failure.motivo.into());
        put("reason", snake_case(&failure.reason).into());
        put("reason_value", if let ApiReason::Other { value } = failure.reason { value.into() } else { Value::Null });
    }
    match error {
        Error::UnexpectedAnswer { http_status, problem, .. } => {
            put("http_status", (*http_status).into());
            put("problem", snake_case(problem).into());
            let field = if let AnswerProblem::Field { field, .. } = problem { Some(field.clone()) } else { None };
            put("field", field.into());
        }
        Error::Invalid { field, .. } => put("field", field.clone().into()),
        _ => {}
    }
    facts
}

/// The name of an enumeration's variant, as the vectors spell it.
fn snake_case(variant: &impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for c in format!("{variant:?}").chars().take_while(|c| c.is_alphanumeric()) {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// What differs between what a vector expects and what was found: a line for each fact, none when all is well.
pub(crate) fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let nothing = Map::new();
    let expected = expected.as_object().unwrap_or(&nothing);
    assert!(!expected.is_empty(), "a vector that expects nothing");
    let mut lines = Vec::new();
    for (name, value) in expected.iter().filter(|(name, _)| *name != "says") {
        let value = if name == "api_text" && !value.is_null() { text(value).into() } else { value.clone() };
        let found = found.get(name).unwrap_or(&Value::Null);
        if *found != value {
            lines.push(format!("{name}: expected {value}, found {found}"));
        }
    }
    lines
}

/// As [`differences`], for an error.
pub(crate) fn error_differences(expected: &Value, found: &Error) -> Vec<String> {
    let mut lines = differences(expected, &error_facts(found));
    let described = found.describe();
    for said in expected["says"].as_array().into_iter().flatten() {
        let said = text(said);
        if !described.contains(&said) {
            lines.push(format!("does not say {said:?}: {described}"));
        }
    }
    lines
}
