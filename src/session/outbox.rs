//! The texts that wait for the one who posts them.

use std::collections::VecDeque;
use std::task::{Poll, Waker};

use super::output::OutgoingText;
use crate::error::Error;
use crate::runtime::pull::{Polled, Reader};

pub(super) struct Outbox {
    /// With the monotonic time since when each waits, oldest first.
    texts: VecDeque<(i64, OutgoingText)>,
    /// Nothing waits longer: a command that nobody took must not go out when nobody expects it any more.
    patience_ms: i64,
    shut: bool,
    pub(super) reader: Reader,
}

impl Outbox {
    pub(super) fn new(patience_ms: i64) -> Self {
        Self { texts: VecDeque::new(), patience_ms, shut: false, reader: Reader::default() }
    }

    /// Takes texts in. What is for an older load of the page than this goes: its commands ended with that load.
    pub(super) fn push(&mut self, texts: Vec<OutgoingText>, generation: i64, now: i64, wakes: &mut Vec<Waker>) {
        self.texts.retain(|(_, text)| text.generation == generation);
        if !texts.is_empty() {
            self.texts.extend(texts.into_iter().map(|text| (now, text)));
            wakes.extend(self.reader.take());
        }
    }

    /// Nothing is posted any more.
    pub(super) fn shut(&mut self, wakes: &mut Vec<Waker>) {
        self.shut = true;
        self.texts.clear();
        wakes.extend(self.reader.take());
    }

    /// Whether the oldest text waited too long.
    pub(super) fn is_stale(&self, now: i64) -> bool {
        self.texts.front().is_some_and(|(since, _)| since.saturating_add(self.patience_ms) <= now)
    }

    /// The number of a text that waited too long; it is gone.
    pub(super) fn take_stale(&mut self, now: i64) -> Option<i64> {
        let stale = self.is_stale(now).then(|| self.texts.pop_front()).flatten();
        stale.map(|(_, text)| text.n)
    }

    /// Up to `max` texts; with none there, `waker` is kept.
    pub(super) fn poll_take(&mut self, max: usize, waker: &Waker) -> Polled<Vec<OutgoingText>> {
        if self.shut {
            return (Poll::Ready(Err(Error::Closed)), None);
        }
        if self.texts.is_empty() {
            return (Poll::Pending, self.reader.wait(waker));
        }
        let count = max.min(self.texts.len());
        let texts = self.texts.drain(..count).map(|(_, text)| text).collect();
        (Poll::Ready(Ok(texts)), None)
    }
}
