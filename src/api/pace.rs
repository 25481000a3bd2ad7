//! The pace that the requests of a batch share: at most so many a second, and one pause for all when the API says
//! "too many".

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::select;
use tokio::time::{Instant, sleep_until};

use super::retry::backoff;
use crate::runtime::Latch;

/// A pace shared by many requests.
pub(super) struct Pace {
    /// The time from one start to the next; none: as fast as they come.
    interval: Option<Duration>,
    /// How long the API may hold everything back without letting a single request through.
    patience: Duration,
    /// Set when nothing else shall be sent.
    over: Latch,
    state: Mutex<State>,
}

struct State {
    next_start: Instant,
    resume_at: Instant,
    /// Since when nothing came through, and how many pauses that lasts.
    stalled: Option<Stall>,
    pauses: i64,
}

struct Stall {
    since: Instant,
    rounds: i32,
}

impl Pace {
    pub(super) fn new(interval: Option<Duration>, patience: Duration) -> Self {
        let now = Instant::now();
        let state = State { next_start: now, resume_at: now, stalled: None, pauses: 0 };
        Self { interval, patience, over: Latch::default(), state: Mutex::new(state) }
    }

    /// Waits for this request's turn; false when it will not come any more.
    pub(super) async fn turn(&self) -> bool {
        while !self.over.is_set() {
            let start = self.reserve(Instant::now());
            if start > Instant::now() {
                select(pin!(sleep_until(start)), pin!(self.over.wait())).await;
            }
            // A pause may have begun meanwhile: then the turn is lost, and another is reserved behind the pause.
            if self.state().resume_at <= Instant::now() && !self.over.is_set() {
                return true;
            }
        }
        false
    }

    /// Lets nobody else have a turn.
    pub(super) fn end(&self) {
        self.over.set();
    }

    /// Whether nobody else has a turn.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_set()
    }

    /// Takes the next free start, which may be now.
    fn reserve(&self, now: Instant) -> Instant {
        let mut state = self.state();
        let Some(interval) = self.interval else {
            return state.resume_at.max(now);
        };
        let start = state.next_start.max(state.resume_at).max(now);
        state.next_start = start + interval;
        start
    }

    /// A request that was sent at `sent_at` was answered "too many". Everything waits; false when the patience is over.
    pub(super) fn hold(&self, sent_at: Instant, retry_after: Option<Duration>) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        // Whoever was sent before the running pause began tells nothing new: the pause is honoured once.
        let fresh = sent_at >= state.resume_at || state.stalled.is_none();
        let since = state.stalled.as_ref().map_or(now, |stall| stall.since);
        if !fresh {
            return state.resume_at.duration_since(since) <= self.patience;
        }
        let rounds = state.stalled.as_ref().map_or(0, |stall| stall.rounds) + 1;
        let resume_at = now + retry_after.unwrap_or_else(|| backoff(rounds + 1));
        if resume_at.duration_since(since) > self.patience {
            return false;
        }
        state.resume_at = resume_at;
        state.stalled = Some(Stall { since, rounds });
        state.pauses += 1;
        true
    }

    /// A request came through.
    pub(super) fn flows(&self) {
        self.state().stalled = None;
    }

    /// How many pauses there were.
    pub(super) fn pauses(&self) -> i64 {
        self.state().pauses
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn starts_are_spread_over_the_second() {
        let pace = Pace::new(Some(Duration::from_millis(5)), SECOND);
        let now = Instant::now();
        let starts: Vec<_> = (0..200).map(|_| pace.reserve(now)).collect();
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == Duration::from_millis(5)));
        // What was not used is not saved up for a burst.
        let later = now + SECOND * 9;
        assert_eq!(pace.reserve(later), later);
        assert_eq!(pace.reserve(later), later + Duration::from_millis(5));
    }

    #[test]
    fn a_pause_is_honoured_once_for_all_that_were_under_way() {
        let pace = Pace::new(None, SECOND * 60);
        let sent = Instant::now();
        for _ in 0..64 {
            assert!(pace.hold(sent, Some(SECOND)));
        }
        assert_eq!(pace.pauses(), 1);
        let resume = pace.reserve(sent);
        assert!(resume >= sent + SECOND && resume < sent + SECOND * 2);
        // Sent after the pause and refused again: another one.
        assert!(pace.hold(resume, Some(SECOND)));
        assert_eq!(pace.pauses(), 2);
    }

    #[test]
    fn patience_ends_when_nothing_comes_through() {
        let pace = Pace::new(None, SECOND * 10);
        let now = Instant::now();
        assert!(!pace.hold(now, Some(SECOND * 11)));
        assert!(pace.hold(now, Some(SECOND * 9)));
        let resumed = pace.reserve(now);
        assert!(!pace.hold(resumed, Some(SECOND * 11)));
        pace.flows();
        assert!(pace.hold(resumed, Some(SECOND * 9)));
    }
}
