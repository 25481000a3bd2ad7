//! Records of what the library does, without a secret at any level. They go to the `log` facade, where a Rust program's
//! own logger takes them; hosts of other languages start collecting and pull them here.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use log::{Log, Metadata, Record};
use once_cell::sync::OnceCell;

use crate::error::Error;
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{Queue as Pulled, Reader, pull};
use crate::runtime::{PerProcess, attach};
use crate::url::unix_ms;

/// The target that all records of this library stand under.
const ROOT: &str = "webphone";

/// Records that wait for a slow reader; the oldest go first.
const MAX_WAITING: usize = 4096;

/// How grave a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum LogLevel {
    /// Something failed that will not mend itself.
    Error,
    /// Something is not as it should be.
    Warn,
    /// Something that an operator wants to know.
    Info,
    /// Something that a developer wants to know.
    Debug,
    /// Every step.
    Trace,
}

/// One thing that the library did.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogRecord {
    /// How grave it is.
    pub level: LogLevel,
    /// Which part speaks: `webphone::api`.
    pub target: String,
    /// What happened, in English.
    pub text: String,
    /// When, in Unix milliseconds.
    pub unix_ms: i64,
}

/// Some records, in order.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogRecords {
    /// The records, one at least.
    pub records: Vec<LogRecord>,
    /// How many older records were dropped before these, because nobody pulled in time.
    pub lost: i64,
}

operation! {
    /// A wait for records.
    LogOperation, LogStarted -> LogRecords
}

/// Collects records of this level and graver ones, to be pulled; none: no more. Off until called; calling it again
/// changes the level.
///
/// # Errors
/// [`Error::Unsupported`] in a Rust program that has set a logger of its own: that one gets the records already.
#[uniffi::export]
pub fn collect_logs(level: Option<LogLevel>) -> Result<(), Error> {
    static INSTALLED: OnceCell<()> = OnceCell::new();
    INSTALLED
        .get_or_try_init(|| log::set_logger(&Collector))
        .map_err(|_| Error::Unsupported { feature: "a second logger".to_owned() })?;
    log::set_max_level(match level {
        None => log::LevelFilter::Off,
        Some(LogLevel::Error) => log::LevelFilter::Error,
        Some(LogLevel::Warn) => log::LevelFilter::Warn,
        Some(LogLevel::Info) => log::LevelFilter::Info,
        Some(LogLevel::Debug) => log::LevelFilter::Debug,
        Some(LogLevel::Trace) => log::LevelFilter::Trace,
    });
    Ok(())
}

/// The next records, at least one and at most `max` (1 to 4,096), as soon as there are any.
///
/// # Errors
/// [`Error::Busy`] while another caller waits for records.
#[uniffi::export]
pub async fn next_log_records(max: i32) -> Result<LogRecords, Error> {
    attach(pull(queue(), max)?).await
}

/// As [`next_log_records`], for callers that block: waits up to `ms` milliseconds.
///
/// # Errors
/// As [`next_log_records`].
#[uniffi::export]
pub fn start_next_log_records(max: i32, ms: i64) -> Result<LogStarted, Error> {
    operation::start(pull(queue(), max)?, ms).map(Into::into)
}

static QUEUE: PerProcess<Queue> = PerProcess::new();

fn queue() -> &'static Queue {
    QUEUE.get_or_init(Queue::default)
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<LogRecord>,
    lost: i64,
    reader: Reader,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, record: LogRecord) {
        let mut state = self.state();
        if state.waiting.len() >= MAX_WAITING {
            state.waiting.pop_front();
            state.lost += 1;
        }
        state.waiting.push_back(record);
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl Pulled for &Queue {
    type Batch = LogRecords;

    const MOST: i32 = 4096;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        look(&mut self.state().reader)
    }

    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<LogRecords, Error>> {
        let mut state = self.state();
        if state.waiting.is_empty() {
            let displaced = state.reader.wait(waker);
            drop(state);
            drop(displaced);
            return Poll::Pending;
        }
        let count = max.min(state.waiting.len());
        let records = state.waiting.drain(..count).collect();
        Poll::Ready(Ok(LogRecords { records, lost: std::mem::take(&mut state.lost) }))
    }
}

struct Collector;

impl Log for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The libraries below us speak of addresses and headers: their records stay out.
        metadata.target().strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            queue().push(LogRecord {
                level: match record.level() {
                    log::Level::Error => LogLevel::Error,
                    log::Level::Warn => LogLevel::Warn,
                    log::Level::Info => LogLevel::Info,
                    log::Level::Debug => LogLevel::Debug,
                    log::Level::Trace => LogLevel::Trace,
                },
                target: record.target().to_owned(),
                text: record.args().to_string(),
                unix_ms: unix_ms(),
            });
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> LogRecord {
        LogRecord { level: LogLevel::Info, target: ROOT.to_owned(), text: text.to_owned(), unix_ms: 0 }
    }

    #[test]
    fn a_slow_reader_is_told_what_it_missed() {
        let queue = Queue::default();
        for number in 0..MAX_WAITING + 3 {
            queue.push(record(&number.to_string()));
        }
        let Poll::Ready(Ok(records)) = (&queue).poll_items(2, Waker::noop()) else { panic!() };
        assert_eq!(records, LogRecords { records: vec![record("3"), record("4")], lost: 3 });
        let Poll::Ready(Ok(records)) = (&queue).poll_items(1, Waker::noop()) else { panic!() };
        assert_eq!(records.lost, 0);
    }

    #[test]
    fn only_our_own_records_are_taken() {
        for (target, ours) in [("webphone", true), ("webphone::api", true), ("webphones", false), ("reqwest", false)] {
            assert_eq!(Collector.enabled(&Metadata::builder().target(target).build()), ours, "{target}");
        }
    }
}
