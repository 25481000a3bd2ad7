//! The vectors, through the public interface: answers come from a real socket, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use webphone::{ApiReason, ClientConfig, Error, Extension, PhoneNumber, PhoneType, UrlRequest, WebphoneUrl};

use crate::support::authority::Authority;
use crate::support::server::{Event, Play, Server, answer, success};
use crate::support::vectors::{self, differences, error_differences, text};
use crate::support::{self, client, once};

/// The bytes of a vector's answer.
fn bytes(vector: &Value) -> Vec<u8> {
    let told = &vector["answer"];
    let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
    let headers: Vec<_> = told["headers"].as_array().unwrap().iter().map(pair).collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    answer(told["status"].as_u64().unwrap().try_into().unwrap(), &headers, &vectors::body(told))
}

fn phone_type(word: &Value) -> PhoneType {
    PhoneType::from_wire(word.as_str().unwrap()).unwrap()
}

fn url_facts(url: &WebphoneUrl) -> Value {
    json!({
        "type": url.phone_type().as_wire(),
        "origin": url.origin(),
        "expires_at_ms": url.expires_at_ms(),
        "reveal": url.reveal(),
        "public_text": url.describe(),
    })
}

/// Every text in which a result can come before people's eyes.
fn texts(result: &Result<Arc<WebphoneUrl>, Error>) -> String {
    match result {
        Ok(url) => format!("{url} {url:?} {} {result:?}", url.describe()),
        Err(error) => format!("{error} {error:?} {} {result:?} {:?}", error.describe(), error.api_text()),
    }
}

/// What is wrong with a result: a line for each fact.
fn judge(expected: &Value, result: &Result<Arc<WebphoneUrl>, Error>, secrets: &[&str]) -> Vec<String> {
    let mut lines = match (expected.get("url"), expected.get("error"), result) {
        (Some(expected), None, Ok(url)) => {
            let mut facts = url_facts(url);
            // No accessor of its own: it is what stands in the public text.
            let shown = url.describe();
            let host = shown.split_once(" at ").and_then(|(_, rest)| rest.split([',', ';']).next()).unwrap();
            facts["host"] = host.into();
            differences(expected, &facts)
        }
        (None, Some(expected), Err(error)) => error_differences(expected, error),
        _ => vec![format!("expected {expected}, found {result:?}")],
    };
    let texts = texts(result);
    lines.extend(secrets.iter().filter(|secret| texts.contains(**secret)).map(|_| "shows a secret".to_owned()));
    lines
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// Fetches every vector of this base from a server that plays it.
async fn fetch_all(document: &Value, base: &str, server: &Server, config: ClientConfig) -> Vec<String> {
    let client = webphone::Client::new(document["token"].as_str().unwrap().to_owned(), config).unwrap();
    let secrets = vectors::secrets(document);
    let mut wrong = Vec::new();
    let mut count = 0;
    for (number, vector) in vectors::list(document).iter().enumerate().filter(|(_, vector)| vector["base"] == base) {
        let request = UrlRequest::new(Extension::number(number)).phone_type(phone_type(&vector["asked"]));
        let result = support::soon(client.fetch(request)).await;
        for line in judge(&vector["expect"], &result, &secrets) {
            wrong.push(format!("{} ({}): {line}", vector["name"], vector["why"]));
        }
        count += 1;
    }
    assert!(count > 0, "no vector has the base {base} of {}", server.base());
    wrong
}

#[tokio::test]
async fn answers_to_a_public_base() {
    let document = vectors::read("rest/answers.json");
    let authority = Authority::new();
    let plays: Vec<_> = vectors::list(&document).iter().map(bytes).collect();
    let server = Server::start_tls(authority.server("localhost"), move |request| {
        std::future::ready(Play::Send(plays[request.extension()].clone()))
    });
    let config = ClientConfig { root_certificates_pem: Some(authority.pem()), ..once(&server.base()) };
    assert_none(&fetch_all(&document, "public", &server, config).await);
}

#[tokio::test]
async fn answers_to_a_loopback_base() {
    let document = vectors::read("rest/answers.json");
    let plays: Vec<_> = vectors::list(&document).iter().map(bytes).collect();
    let server = Server::start(move |request| std::future::ready(Play::Send(plays[request.extension()].clone())));
    let config = once(&server.base());
    assert_none(&fetch_all(&document, "loopback", &server, config).await);
}

#[test]
fn every_documented_reason_and_code_has_a_vector() {
    let document = vectors::read("rest/answers.json");
    let errors: Vec<_> = vectors::list(&document).iter().filter_map(|vector| vector["expect"].get("error")).collect();
    for motivo in [8, 9, 10, 11, 20, 30, 40, 50, 60, 70, 80, 90, 100] {
        assert!(!matches!(ApiReason::from_motivo(motivo), None | Some(ApiReason::Other { .. })), "motivo {motivo}");
        assert!(errors.iter().any(|error| error["motivo"] == motivo), "motivo {motivo}");
    }
    for status in [200, 400, 401, 402, 403, 404, 405, 429, 500, 501, 502, 503, 504] {
        assert!(errors.iter().any(|error| error["http_status"] == status), "HTTP {status}");
    }
    for problem in ["redirect", "empty", "too_large", "not_text", "not_json", "field"] {
        assert!(errors.iter().any(|error| error["problem"] == problem), "{problem}");
    }
}

/// The files below a folder with this ending.
fn files_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { files_in(&path, ending) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

#[test]
fn every_file_is_read_in_every_language() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("tests/vectors");
    let name = |path: PathBuf| path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
    // The readers of traces take whatever is in their folder.
    let (traces, mut wanted): (Vec<_>, Vec<_>) =
        files_in(&folder, "json").into_iter().map(name).partition(|name| name.starts_with("traces/"));
    assert!(!traces.is_empty() && !wanted.is_empty());
    wanted.push("traces".to_owned());
    for (readers, ending) in [("tests", "rs"), ("bindings/python/tests", "py")] {
        let sources: String =
            files_in(&root.join(readers), ending).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let unread: Vec<_> = wanted.iter().filter(|name| !sources.contains(&format!("\"{name}\""))).collect();
        assert!(unread.is_empty(), "no test in {readers} reads {unread:?}");
    }
}

#[test]
fn names_are_unique() {
    for file in ["rest/answers.json", "rest/requests.json"] {
        let document = vectors::read(file);
        let mut names: Vec<_> =
            vectors::list(&document).iter().map(|vector| vector["name"].as_str().unwrap()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{file}");
    }
}

/// The request of a vector; a number that can't be dialled is refused here already.
fn request(fields: &Value) -> Result<UrlRequest, Error> {
    let extension = &fields["extension"];
    let extension = match (extension.get("id"), extension.get("number")) {
        (Some(id), None) => Extension::id(text(id)),
        (None, Some(number)) => Extension::number(text(number)),
        _ => panic!("{extension} is no extension"),
    };
    let request = UrlRequest::new(extension)
        .phone_type(phone_type(&fields["type"]))
        .close_at_end(fields["close_at_end"].as_bool().unwrap());
    match &fields["call_on_open"] {
        Value::Null => Ok(request),
        written => Ok(request.call_on_open(PhoneNumber::parse(&text(written))?)),
    }
}

#[tokio::test]
async fn requests_are_sent_as_they_should_be_or_not_at_all() {
    let document = vectors::read("rest/requests.json");
    let mut server = Server::always(Play::Send(success(1)));
    let client = client(once(&server.base()));
    let mut wrong = Vec::new();
    for vector in vectors::list(&document) {
        let expected = &vector["expect"];
        let result = match request(&vector["request"]) {
            Ok(request) => support::soon(client.fetch(request)).await.map(drop),
            Err(error) => Err(error),
        };
        let events = server.events();
        let asked: Vec<_> = events
            .iter()
            .filter_map(|event| if let Event::Asked(request) = event { Some(request) } else { None })
            .collect();
        let lines = match (expected.get("query"), expected.get("error"), result) {
            (Some(query), None, Ok(())) => match asked[..] {
                [one] if one.method() == "GET" && one.target() == format!("/webphone?{}", query.as_str().unwrap()) => {
                    vec![]
                }
                _ => vec![format!("expected {query}, found {asked:?}")],
            },
            (None, Some(expected), Err(error)) => {
                let mut lines = error_differences(expected, &error);
                if !events.is_empty() {
                    lines.push(format!("something was sent: {events:?}"));
                }
                lines
            }
            (_, _, result) => vec![format!("expected {expected}, found {result:?}")],
        };
        wrong.extend(lines.iter().map(|line| format!("{} ({}): {line}", vector["name"], vector["why"])));
    }
    assert_none(&wrong);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let document = vectors::read("numbers.json");
    let mut wrong = Vec::new();
    for vector in vectors::list(&document) {
        let written = text(&vector["written"]);
        let expected = &vector["expect"];
        let lines = match (expected.get("dialled"), expected.get("error"), PhoneNumber::parse(&written)) {
            (Some(dialled), None, Ok(number)) if number.as_str() == dialled => vec![],
            (None, Some(expected), Err(error)) => error_differences(expected, &error),
            (_, _, found) => vec![format!("expected {expected}, found {found:?}")],
        };
        wrong.extend(lines.iter().map(|line| format!("{written:?} ({}): {line}", vector["why"])));
    }
    assert_none(&wrong);
}

#[test]
fn urls_from_elsewhere_are_held_to_the_rule() {
    let document = vectors::read("urls.json");
    let secrets = vectors::secrets(&document);
    let mut wrong = Vec::new();
    for vector in vectors::list(&document) {
        let url = text(&vector["url"]);
        let given = if vector["given_type"].is_null() { None } else { Some(phone_type(&vector["given_type"])) };
        let result = WebphoneUrl::parse(url.clone(), given).map(Arc::new);
        let expected = &vector["expect"];
        let mut lines = match (expected.get("error"), &result) {
            (None, Ok(parsed)) => {
                let mut lines = differences(expected, &url_facts(parsed));
                if parsed.reveal() != url {
                    lines.push(format!("reveals {}", parsed.reveal()));
                }
                for pair in vector.get("expired").and_then(Value::as_array).into_iter().flatten() {
                    let margin = pair[0].as_i64().unwrap();
                    if parsed.is_expired(margin) != pair[1].as_bool().unwrap() {
                        lines.push(format!("is wrong about {margin} ms from now"));
                    }
                }
                lines
            }
            (Some(expected), Err(error)) => error_differences(expected, error),
            _ => vec![format!("expected {expected}, found {result:?}")],
        };
        let texts = texts(&result);
        lines.extend(secrets.iter().filter(|secret| texts.contains(**secret)).map(|_| "shows a secret".to_owned()));
        wrong.extend(lines.iter().map(|line| format!("{url:?} ({}): {line}", vector["why"])));
    }
    assert_none(&wrong);
}
