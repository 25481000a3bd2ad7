//! The queue of fault rules, and what may stand in it.

use hyper::header::{self, HeaderName, HeaderValue};

use crate::error::Error;
use crate::simulator::{Fault, FaultRule};

/// The longest delay or pause: an hour outlasts every timeout.
const MAX_PAUSE_MS: i64 = 3_600_000;

/// The headers that say where an answer ends. They have to be true, else the fault is another one.
const FRAMING: [HeaderName; 3] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];

#[derive(Default)]
pub(super) struct Faults {
    rules: Vec<FaultRule>,
}

impl Faults {
    pub(super) fn add(&mut self, rule: FaultRule) -> Result<(), Error> {
        check(&rule.fault)?;
        if rule.times.is_some_and(|times| times < 1) {
            return Err(Error::invalid("times", "is less than 1"));
        }
        self.rules.push(rule);
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault for a request that names this extension, if there is one; its rule is used once.
    pub(super) fn strike(&mut self, extension: Option<&str>) -> Option<Fault> {
        let fits = |rule: &FaultRule| rule.extension.is_none() || rule.extension.as_deref() == extension;
        let at = self.rules.iter().position(fits)?;
        self.spend(at)
    }

    /// Whether a new connection is refused. A rule further back has to wait for the requests of those before it, and
    /// whose request a connection will carry is not known yet.
    pub(super) fn refuse_connection(&mut self) -> bool {
        let refuses = self.rules.first().is_some_and(|rule| rule.fault == Fault::Refuse && rule.extension.is_none());
        refuses && self.spend(0).is_some()
    }

    fn spend(&mut self, at: usize) -> Option<Fault> {
        let rule = self.rules.get_mut(at)?;
        match &mut rule.times {
            Some(1) => Some(self.rules.remove(at).fault),
            Some(times) => {
                *times -= 1;
                Some(rule.fault.clone())
            }
            None => Some(rule.fault.clone()),
        }
    }
}

fn check(fault: &Fault) -> Result<(), Error> {
    match fault {
        Fault::Delay { delay_ms } => within("delay_ms", *delay_ms, 0, MAX_PAUSE_MS),
        Fault::Drip { chunk_bytes, pause_ms } => {
            within("chunk_bytes", i64::from(*chunk_bytes), 1, 65_536)?;
            within("pause_ms", *pause_ms, 0, MAX_PAUSE_MS)
        }
        Fault::Cut { body_bytes } => within("body_bytes", *body_bytes, 0, i64::MAX),
        Fault::Reset | Fault::Refuse | Fault::Garbage | Fault::Endless => Ok(()),
        Fault::Oversized { claimed_bytes } => within("claimed_bytes", *claimed_bytes, 1, i64::MAX),
        Fault::Fail { http_status, retry_after_ms } => {
            within("http_status", i64::from(*http_status), 400, 599)?;
            within("retry_after_ms", retry_after_ms.unwrap_or(0), 0, i64::MAX)
        }
        Fault::Answer { http_status, headers, .. } => {
            within("http_status", i64::from(*http_status), 200, 999)?;
            headers.iter().try_for_each(|(name, value)| check_header(name, value))
        }
    }
}

fn within(field: &str, value: i64, min: i64, max: i64) -> Result<(), Error> {
    if (min..=max).contains(&value) {
        Ok(())
    } else if max == i64::MAX {
        Err(Error::invalid(field, format!("is less than {min}")))
    } else {
        // Hosts call the field otherwise, and count it in seconds.
        let unit = if field.ends_with("_ms") { " milliseconds" } else { "" };
        Err(Error::invalid(field, format!("is not between {min} and {max}{unit}")))
    }
}

fn check_header(name: &str, value: &str) -> Result<(), Error> {
    let name = HeaderName::try_from(name).map_err(|_| Error::invalid("headers", "hold a name that is no header's"))?;
    HeaderValue::try_from(value).map_err(|_| Error::invalid("headers", "hold a value with a control character"))?;
    if FRAMING.contains(&name) {
        return Err(Error::invalid("headers", format!("may not hold `{name}`: it belongs to the connection")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(faults: &mut Faults, extensions: &[Option<&str>]) -> Vec<Option<&'static str>> {
        extensions.iter().map(|extension| faults.strike(*extension).map(|fault| fault.word())).collect()
    }

    #[test]
    fn the_first_rule_that_fits_strikes_until_it_is_spent() {
        let mut faults = Faults::default();
        faults.add(FaultRule::times(Fault::Reset, 2).for_extension(4001)).unwrap();
        faults.add(FaultRule::times(Fault::Garbage, 1)).unwrap();
        faults.add(FaultRule::always(Fault::Endless).for_extension(4000)).unwrap();
        let (a, b) = (Some("4000"), Some("4001"));
        assert_eq!(
            words(&mut faults, &[b, a, b, b, None, a, a]),
            [Some("reset"), Some("garbage"), Some("reset"), None, None, Some("endless"), Some("endless")]
        );
        faults.clear();
        assert_eq!(words(&mut faults, &[a, b]), [None, None]);
    }

    #[test]
    fn a_connection_is_refused_only_by_the_first_rule() {
        let mut faults = Faults::default();
        faults.add(FaultRule::times(Fault::Garbage, 1)).unwrap();
        faults.add(FaultRule::times(Fault::Refuse, 1)).unwrap();
        assert!(!faults.refuse_connection());
        assert_eq!(words(&mut faults, &[None]), [Some("garbage")]);
        assert!(faults.refuse_connection());
        assert!(!faults.refuse_connection());
        faults.add(FaultRule::times(Fault::Refuse, 1).for_extension(4000)).unwrap();
        assert!(!faults.refuse_connection(), "whose request the connection carries is not known");
        assert_eq!(words(&mut faults, &[Some("4000")]), [Some("refuse")]);
    }

    #[test]
    fn names_the_field_that_is_out_of_range() {
        let answer = |http_status, name: &str, value: &str| Fault::Answer {
            http_status,
            headers: [(name.to_owned(), value.to_owned())].into(),
            body: Vec::new(),
        };
        let cases = [
            (Fault::Delay { delay_ms: -1 }, "delay_ms"),
            (Fault::Delay { delay_ms: 3_600_001 }, "delay_ms"),
            (Fault::Drip { chunk_bytes: 0, pause_ms: 1 }, "chunk_bytes"),
            (Fault::Drip { chunk_bytes: 1, pause_ms: -1 }, "pause_ms"),
            (Fault::Cut { body_bytes: -1 }, "body_bytes"),
            (Fault::Oversized { claimed_bytes: 0 }, "claimed_bytes"),
            (Fault::Fail { http_status: 200, retry_after_ms: None }, "http_status"),
            (Fault::Fail { http_status: 429, retry_after_ms: Some(-1) }, "retry_after_ms"),
            (answer(101, "A", "b"), "http_status"),
            (answer(200, "A B", "b"), "headers"),
            (answer(200, "A", "b\nc"), "headers"),
            (answer(200, "Content-length", "3"), "headers"),
        ];
        let mut faults = Faults::default();
        for (fault, wrong) in cases {
            match faults.add(FaultRule::always(fault)) {
                Err(Error::Invalid { field, .. }) => assert_eq!(field, wrong),
                other => panic!("{wrong} gave {other:?}"),
            }
        }
        assert!(faults.add(FaultRule::times(Fault::Reset, 0)).is_err());
        assert!(faults.rules.is_empty());
    }
}
