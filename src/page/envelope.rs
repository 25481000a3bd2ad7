//! What bridge and core say to each other: a versioned envelope with the load's number and a batch of items.
//!
//! Both ways it is one JSON text, `{"webphone":1,"nonce":"…","batch":[…]}`; what the page sends also counts itself
//! (`"seq":1`, 2, 3, …). Each item is an array, its word first:
//!
//! | from the page | what it says |
//! | --- | --- |
//! | `["hello"]` | the bridge of this load is there; once |
//! | `["message", text]` | the phone's window said this |
//! | `["posted", n, ok]` | whether text `n` was posted |
//! | `["loaded", page]` | the phone's document has loaded: the first one (1), or another in its place |
//! | `["pinned", origin]` | the phone speaks from there, and is spoken to there only |
//! | `["closed"]` | the phone closed itself |
//! | `["failed", word]` | the phone's document did not load: `timeout`, `script`, `blocked` |
//! | `["notice", word, count]` | anything else worth telling |
//! | `["left"]` | the host page itself goes |
//!
//! | to the page | what it asks for |
//! | --- | --- |
//! | `["start", {url, load, origins, allow, timeout, title}]` | insert the phone; once |
//! | `["post", n, page, text]` | post this to the phone's window, if its document is still that one |
//! | `["stop"]` | remove the phone |
//!
//! What the phone says is only ever the text in a `message`: it can't become anything else.

use serde_json::{Value, json};

use crate::session::LoadFailure;

/// The version of all this.
const VERSION: i64 = 1;

/// The most items in a batch.
pub(super) const MAX_BATCH: usize = 256;

/// The bridge sends no longer ones.
const MAX_ENVELOPE: usize = 4 * 1024 * 1024;

/// The notices that there are, each with what it means to people.
const NOTICES: [(&str, &str); 8] = [
    ("microphone_refused", "The microphone is refused to the page."),
    ("microphone_granted", "The microphone is granted to the page again."),
    ("microphone_missing", "There is no microphone."),
    ("microphone_found", "There is a microphone again."),
    ("navigation_blocked", "The phone's frame was kept from going to a foreign page. It may show nothing now."),
    ("messages_dropped", "The phone said too much at once: messages were dropped."),
    ("popup_blocked", "The browser kept the phone's window from opening until somebody presses the button for it."),
    ("reconnected", "The connection to the page broke and is there again."),
];

/// One thing that the bridge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Hello,
    Message { text: String },
    Posted { n: i64, ok: bool },
    Loaded { page: i64 },
    Pinned { origin: String },
    Closed,
    Failed { failure: LoadFailure },
    Notice { name: &'static str, detail: String },
    Left,
}

/// What came from a page. Whether its number is right is not looked at here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Incoming {
    pub(super) nonce: String,
    pub(super) seq: i64,
    /// None for each item that is not known.
    pub(super) items: Vec<Option<Item>>,
}

/// Reads what came from a page; none when it is not an envelope of this version.
pub(super) fn read(text: &str) -> Option<Incoming> {
    if text.len() > MAX_ENVELOPE {
        return None;
    }
    let mut fields = as_envelope(text)?;
    let Some(Value::String(nonce)) = fields.remove("nonce") else { return None };
    let seq = fields.get("seq").and_then(Value::as_i64)?;
    let Some(Value::Array(batch)) = fields.remove("batch") else { return None };
    if batch.len() > MAX_BATCH {
        return None;
    }
    Some(Incoming { nonce, seq, items: batch.into_iter().map(item).collect() })
}

/// The texts in an envelope of [`write`], by their numbers, and whether it also starts the phone.
pub(super) fn read_back(text: &str) -> (Vec<i64>, bool) {
    let mut fields = as_envelope(text).unwrap_or_default();
    let Some(Value::Array(batch)) = fields.remove("batch") else { return (Vec::new(), false) };
    let word = |item: &Value| item.get(0).and_then(Value::as_str).map(str::to_owned);
    let starts = batch.iter().any(|item| word(item).as_deref() == Some("start"));
    let posts = batch.iter().filter(|item| word(item).as_deref() == Some("post"));
    (posts.filter_map(|item| item.get(1).and_then(Value::as_i64)).collect(), starts)
}

fn as_envelope(text: &str) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) if fields.get("webphone").and_then(Value::as_i64) == Some(VERSION) => Some(fields),
        _ => None,
    }
}

fn item(value: Value) -> Option<Item> {
    let Value::Array(parts) = value else { return None };
    let mut parts = parts.into_iter();
    let Some(Value::String(word)) = parts.next() else { return None };
    let mut next = || parts.next().unwrap_or_default();
    Some(match word.as_str() {
        "hello" => Item::Hello,
        "message" => match next() {
            Value::String(text) => Item::Message { text },
            _ => return None,
        },
        "posted" => Item::Posted { n: next().as_i64()?, ok: next().as_bool()? },
        "loaded" => Item::Loaded { page: next().as_i64()? },
        "pinned" => match next() {
            Value::String(origin) => Item::Pinned { origin },
            _ => return None,
        },
        "closed" => Item::Closed,
        "failed" => Item::Failed {
            failure: match next().as_str()? {
                "timeout" => LoadFailure::TimedOut,
                "script" => LoadFailure::Script,
                "blocked" => LoadFailure::Blocked,
                _ => return None,
            },
        },
        "notice" => {
            let word = next();
            let (name, detail) = NOTICES.into_iter().find(|(name, _)| word.as_str() == Some(name))?;
            let detail = match next().as_i64() {
                Some(count) => format!("{detail} ({count})"),
                None => detail.to_owned(),
            };
            Item::Notice { name, detail }
        }
        "left" => Item::Left,
        _ => return None,
    })
}

/// One thing that the bridge is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    Start(Value),
    Post { n: i64, page: i64, text: String },
    Stop,
}

/// An envelope for the page.
pub(super) fn write(nonce: &str, orders: impl IntoIterator<Item = Order>) -> String {
    let batch: Vec<Value> = orders
        .into_iter()
        .map(|order| match order {
            Order::Start(start) => json!(["start", start]),
            Order::Post { n, page, text } => json!(["post", n, page, text]),
            Order::Stop => json!(["stop"]),
        })
        .collect();
    json!({ "webphone": VERSION, "nonce": nonce, "batch": batch }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(batch: &str) -> Vec<Option<Item>> {
        read(&format!(r#"{{"webphone":1,"nonce":"n","seq":1,"batch":{batch}}}"#)).unwrap().items
    }

    #[test]
    fn a_batch_is_read_item_by_item() {
        let read = items(
            r#"[["hello"],["message","{\"message\":\"x\"}"],["posted",3,true],["loaded",1],["pinned","https://h"],
                ["closed"],["failed","timeout"],["notice","messages_dropped",7],["left"]]"#,
        );
        let read: Vec<Item> = read.into_iter().map(Option::unwrap).collect();
        assert_eq!(read[1], Item::Message { text: r#"{"message":"x"}"#.into() });
        assert_eq!(read[2], Item::Posted { n: 3, ok: true });
        assert!(matches!(&read[7], Item::Notice { name: "messages_dropped", detail } if detail.ends_with("(7)")));
        assert_eq!(read.len(), 9);
    }

    #[test]
    fn what_is_not_known_is_nothing() {
        for broken in [
            r#"[["report","lost"]]"#,
            r#"[["message",{"message":"status"}]]"#,
            r#"[["posted","3",true]]"#,
            r#"[["failed","</script>"]]"#,
            r#"[["notice","lost"]]"#,
            r#"["hello"]"#,
            r#"[[]]"#,
            r#"[null]"#,
        ] {
            assert_eq!(items(broken), [None], "{broken}");
        }
    }

    #[test]
    fn what_is_no_envelope_of_this_version_is_nothing() {
        for text in [
            "",
            "null",
            "[]",
            r#"{"webphone":2,"nonce":"n","seq":1,"batch":[]}"#,
            r#"{"webphone":1,"nonce":1,"seq":1,"batch":[]}"#,
            r#"{"webphone":1,"nonce":"n","batch":[]}"#,
            r#"{"webphone":1,"nonce":"n","seq":1,"batch":{}}"#,
            r#"{"message":"status","status":"conectado"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let many = vec!["[\"hello\"]"; MAX_BATCH + 1].join(",");
        assert_eq!(read(&format!(r#"{{"webphone":1,"nonce":"n","seq":1,"batch":[{many}]}}"#)), None);
        assert_eq!(read(&"[".repeat(100_000)), None);
        assert_eq!(read(&" ".repeat(MAX_ENVELOPE + 1)), None);
    }

    #[test]
    fn what_was_written_can_be_read_back() {
        let text = write("n", [Order::Start(json!({})), Order::Post { n: 7, page: 1, text: "x".into() }, Order::Stop]);
        assert_eq!(read_back(&text), (vec![7], true));
        assert_eq!(read_back("x"), (vec![], false));
    }
}
