//! What a recording may hold: no secret ever, and, if so asked, no telephone number but another one in its place.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::Value;

use super::input::{Input, LoadFailure, PageReport, Request, UrlFacts};
use crate::protocol::{CallNumber, Command, Dtmf, DtmfKey, PhoneNumber};
use crate::secret::{MASK, Secret, is_secret_name, redact};

/// In text that anything may stand in, as many digits as this are a telephone number, …
const MIN_DIGITS: usize = 8;

/// … and as few as this, if the same number was met before.
const MIN_KNOWN: usize = 3;

/// Words in the names of fields that hold a telephone number.
const NUMBER_WORDS: [&str; 4] = ["numero", "telefone", "ramal", "dtmf"];

#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    secrets: Vec<Secret>,
    numbers: Option<Numbers>,
}

/// One number for another: the same always for the same, of the same length, never one for two.
#[derive(Clone, Debug, Default)]
struct Numbers {
    masked: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Numbers {
    /// Another number: its digits differ; `*` and `#` stay, and so does whether it begins with 0.
    fn mask(&mut self, digits: &str) -> String {
        if let Some(masked) = self.masked.get(digits) {
            return masked.clone();
        }
        let mut masked = random_like(digits);
        // Of short numbers there are few, and most may be taken; there are as many as there are numbers to mask.
        while self.taken.contains(&masked) {
            masked = next_like(&masked);
        }
        self.masked.insert(digits.to_owned(), masked.clone());
        self.taken.insert(masked.clone());
        masked
    }
}

fn random_like(digits: &str) -> String {
    let random = |(place, c): (usize, char)| match c {
        '0' if place == 0 => '0',
        '0'..='9' => fastrand::char(if place == 0 { '1'..='9' } else { '0'..='9' }),
        other => other,
    };
    digits.chars().enumerate().map(random).collect()
}

/// The next number of the same kind, round and round.
fn next_like(digits: &str) -> String {
    let mut carry = true;
    let last = digits.chars().count().saturating_sub(1);
    let mut next: Vec<char> = Vec::new();
    for (back, c) in digits.chars().rev().enumerate() {
        let is_first = back == last;
        next.push(match c {
            '0' if is_first => '0',
            '9' if carry => {
                if is_first {
                    '1'
                } else {
                    '0'
                }
            }
            '0'..='8' if carry => {
                carry = false;
                char::from_digit(c.to_digit(10).unwrap_or(0) + 1, 10).unwrap_or(c)
            }
            other => other,
        });
    }
    next.into_iter().rev().collect()
}

impl Mask {
    pub(super) fn new(numbers: bool) -> Self {
        Self { secrets: Vec::new(), numbers: numbers.then(Numbers::default) }
    }

    pub(super) fn hide(&mut self, secrets: Vec<String>) {
        let new = secrets.into_iter().map(Secret::new).filter(|secret| !self.secrets.contains(secret));
        let new: Vec<Secret> = new.collect();
        self.secrets.extend(new);
    }

    /// The input as it may be recorded.
    pub(super) fn input(&mut self, input: &Input) -> Input {
        match input {
            Input::PhoneMessage { text } => Input::PhoneMessage { text: self.message(text) },
            Input::PageReport { report } => Input::PageReport { report: self.report(report) },
            Input::Command { id, request } => Input::Command { id: *id, request: self.request(request) },
            Input::UrlChanged { url } => {
                let call_on_open = url.call_on_open.as_ref().map(|number| self.number(number));
                Input::UrlChanged { url: UrlFacts { call_on_open, ..url.clone() } }
            }
            other => other.clone(),
        }
    }

    fn request(&mut self, request: &Request) -> Request {
        let command = match request {
            Request::Execute { command } => command,
            Request::SendDtmf { keys } => {
                let masked = self.digits(keys.as_str());
                return Request::SendDtmf { keys: Dtmf::parse(&masked).unwrap_or_else(|_| keys.clone()) };
            }
            other => return other.clone(),
        };
        let command = match command {
            Command::Call { number } => Command::Call { number: self.number(number) },
            Command::BlindTransfer { number } => Command::BlindTransfer { number: self.number(number) },
            Command::ConsultTransfer { number } => Command::ConsultTransfer { number: self.number(number) },
            Command::SendDtmf { digit } => {
                let masked = self.digits(&digit.to_string());
                Command::SendDtmf { digit: DtmfKey::parse(&masked).unwrap_or(*digit) }
            }
            other => other.clone(),
        };
        Request::Execute { command }
    }

    fn report(&mut self, report: &PageReport) -> PageReport {
        let mut report = report.clone();
        if let Some(detail) = report.detail_mut() {
            *detail = self.text(detail);
        }
        if let PageReport::Failed { failure: Some(LoadFailure::Network { code }), .. } = &mut report {
            *code = self.text(code);
        }
        report
    }

    fn number(&mut self, number: &PhoneNumber) -> PhoneNumber {
        let masked = self.digits(number.as_str());
        PhoneNumber::parse(&masked).unwrap_or_else(|_| number.clone())
    }

    fn digits(&mut self, digits: &str) -> String {
        self.numbers.as_mut().map_or_else(|| digits.to_owned(), |numbers| numbers.mask(digits))
    }

    /// A message of the phone; as it came, if there is nothing to hide.
    fn message(&mut self, text: &str) -> String {
        let Ok(message) = serde_json::from_str::<Value>(text) else { return self.text(text) };
        let masked = match &message {
            // The JSON text of a message.
            Value::String(inner) => Value::String(self.message(inner)),
            _ => self.value("", &message),
        };
        if masked == message { text.to_owned() } else { masked.to_string() }
    }

    fn value(&mut self, name: &str, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut fields = fields.clone();
                fields.iter_mut().for_each(|(name, value)| *value = self.value(name, value));
                Value::Object(fields)
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(name, item)).collect()),
            Value::String(_) | Value::Number(_) if is_secret_name(name) => Value::from(MASK),
            Value::String(text) if is_number_name(name) => Value::from(self.written_number(text)),
            Value::String(text) => Value::from(self.text(text)),
            // The phone means the same by a number and by its text, and a masked one may not fit into 64 bits.
            Value::Number(number) if is_number_name(name) => {
                let text = number.to_string();
                let masked = self.written_number(&text);
                if masked == text { value.clone() } else { Value::from(masked) }
            }
            other => other.clone(),
        }
    }

    /// A number as somebody wrote it: only its digits change, and `+55` stays.
    fn written_number(&mut self, raw: &str) -> String {
        let hidden = redact(raw, self.secrets.iter().map(Secret::reveal));
        let digits = CallNumber::new(hidden.as_str()).digits;
        if digits.is_empty() { hidden } else { self.replace_digits(&hidden, &digits) }
    }

    /// Puts the mask of `digits` in the place of the last of `text`'s digits.
    fn replace_digits(&mut self, text: &str, digits: &str) -> String {
        let mut masked: Vec<char> = self.digits(digits).chars().collect();
        let replaced = text.chars().rev().map(|c| if is_dialled(c) { masked.pop().unwrap_or(c) } else { c });
        replaced.collect::<Vec<_>>().into_iter().rev().collect()
    }

    fn is_telephone_number(&self, text: &str) -> bool {
        let digits = CallNumber::new(text).digits;
        let is_known = || self.numbers.as_ref().is_some_and(|numbers| numbers.masked.contains_key(&digits));
        digits.len() >= MIN_DIGITS || digits.len() >= MIN_KNOWN && is_known()
    }

    /// A text that anything may stand in.
    fn text(&mut self, text: &str) -> String {
        let hidden = redact(text, self.secrets.iter().map(Secret::reveal));
        if self.numbers.is_none() {
            return hidden;
        }
        let mut masked = String::with_capacity(hidden.len());
        let mut done = 0;
        for found in numbers_in(&hidden) {
            let number = hidden.get(found.clone()).unwrap_or_default();
            if self.is_telephone_number(number) {
                masked.push_str(hidden.get(done..found.start).unwrap_or_default());
                masked.push_str(&self.written_number(number));
                done = found.end;
            }
        }
        masked.push_str(hidden.get(done..).unwrap_or_default());
        masked
    }
}

fn is_dialled(c: char) -> bool {
    matches!(c, '0'..='9' | '*' | '#')
}

fn is_number_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NUMBER_WORDS.iter().any(|word| name.contains(word))
}

/// Where a text holds digits, with nothing but what people write into a number in between.
fn numbers_in(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    // A last sign that belongs to no number.
    for (at, c) in text.char_indices().chain([(text.len(), 'x')]) {
        let part = is_dialled(c) || matches!(c, '+' | '(' | ')' | '-' | '.' | ' ');
        run = match (run, part) {
            (None, true) if is_dialled(c) || matches!(c, '+' | '(') => Some((at, at)),
            (None, _) => None,
            (Some((from, until)), true) if !is_dialled(c) => Some((from, until)),
            (Some((from, _)), true) => Some((from, at)),
            (Some((from, until)), false) => {
                // What is dialled is one byte long.
                found.push(from..until + 1);
                None
            }
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(mask: &mut Mask, text: &str) -> Value {
        serde_json::from_str(&mask.message(text)).unwrap()
    }

    #[test]
    fn the_same_number_has_the_same_mask_however_it_is_written() {
        let mut mask = Mask::new(true);
        let plain = mask.number(&PhoneNumber::parse("11999990000").unwrap());
        assert_ne!(plain.as_str(), "11999990000");
        for written in ["(11) 99999-0000", "+55 11 99999-0000", "11999990000"] {
            let text = format!(r#"{{"message":"chegandoChamada","numeroChegando":"{written}"}}"#);
            let masked = message(&mut mask, &text);
            let raw = masked["numeroChegando"].as_str().unwrap();
            assert_eq!(raw.len(), written.len());
            assert_eq!(CallNumber::new(raw).digits, plain.as_str(), "{written}");
        }
        let number = message(&mut mask, r#"{"message":"chegandoChamada","numeroChegando":11999990000}"#);
        assert_eq!(number["numeroChegando"], plain.as_str());
        let short = mask.number(&PhoneNumber::parse("4000").unwrap());
        let busy = message(&mut mask, r#"{"message":"status","status":"ramal 4000 em 2000 ms"}"#);
        assert_eq!(busy["status"], format!("ramal {short} em 2000 ms"));
        let refused = message(&mut mask, r#"{"message":"status_erro","status_erro":"(11) 99999-0000 ocupado"}"#);
        assert!(CallNumber::new(refused["status_erro"].as_str().unwrap()).digits == plain.as_str(), "{refused}");
    }

    #[test]
    fn no_two_numbers_have_one_mask_even_when_there_are_no_more() {
        let mut numbers = Numbers::default();
        let masked: HashSet<String> = (0..1000).map(|number| numbers.mask(&format!("{number:03}"))).collect();
        assert_eq!(masked.len(), 1000);
        assert_eq!(masked.iter().filter(|masked| masked.starts_with('0')).count(), 100);
        assert_eq!(numbers.mask("*9").len(), 2);
        assert!(numbers.mask("*9#").starts_with('*') && numbers.mask("*9#").ends_with('#'));
    }

    #[test]
    fn ids_and_what_is_no_number_stay() {
        let mut mask = Mask::new(true);
        for text in [
            r#"{"message":"chamada_id","chamada_id":1234567890}"#,
            r#"{"message":"entrou_na_fila","filaId":47}"#,
            r#"{"message":"stats_webphone","internet":{"ping":12}}"#,
            r#"{"message":"chegandoChamada","numeroChegando":"anonymous"}"#,
            r#"{"message":"status","status":"em 3 filas"}"#,
        ] {
            assert_eq!(mask.message(text), text);
        }
    }

    #[test]
    fn secrets_go_even_where_numbers_stay() {
        let mut mask = Mask::new(false);
        mask.hide(vec!["s3cr3t".to_owned()]);
        for (text, hidden) in [
            (r#"{"message":"x","key":12}"#, r#"{"key":"[secret]","message":"x"}"#),
            (r#"{"message":"x","a":["s3cr3t"]}"#, r#"{"a":["[secret]"],"message":"x"}"#),
            (
                r#"{"message":"x","url":"https://h/w3/?key=abc&pop=1"}"#,
                r#"{"message":"x","url":"https://h/w3/?key=[secret]&pop=1"}"#,
            ),
            (
                r#"{"message":"chegandoChamada","numeroChegando":"11999990000"}"#,
                r#"{"message":"chegandoChamada","numeroChegando":"11999990000"}"#,
            ),
        ] {
            assert_eq!(mask.message(text), hidden);
        }
        let report = PageReport::Failed { failure: None, detail: "https://h/?signature=ff refused".to_owned() };
        assert_eq!(
            mask.report(&report),
            PageReport::Failed { failure: None, detail: "https://h/?signature=[secret] refused".to_owned() }
        );
    }
}
