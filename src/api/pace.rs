//! The pace that the requests of a batch share: at most so many a second, and one pause for all when the API says
//! "too many"; where that pause is too long to wait for, a refusal for all.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::select;
use tokio::time::{Instant, sleep_until};

use super::retry::backoff;
use crate::error::{ApiFailure, Error};
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
    /// What the API said, where nobody waits for `resume_at`: until then requests fail with it.
    refusal: Option<Refusal>,
    /// Since when nothing came through, and how many pauses that lasts.
    stalled: Option<Stall>,
    pauses: i64,
}

struct Refusal {
    failure: ApiFailure,
    /// Whether the API itself said until when.
    dated: bool,
}

struct Stall {
    since: Instant,
    rounds: i32,
}

impl Pace {
    pub(super) fn new(interval: Option<Duration>, patience: Duration) -> Self {
        let now = Instant::now();
        let state = State { next_start: now, resume_at: now, refusal: None, stalled: None, pauses: 0 };
        Self { interval, patience, over: Latch::default(), state: Mutex::new(state) }
    }

    /// Waits for the turn of a request that was sent `attempts` times so far. It gets none, and this error, while the
    /// API would refuse it; none, and no error, when there are no more turns.
    pub(super) async fn turn(&self, attempts: i32) -> Result<(), Option<Error>> {
        while !self.over.is_set() {
            let start = self.reserve(Instant::now(), attempts)?;
            if start > Instant::now() {
                select(pin!(sleep_until(start)), pin!(self.over.wait())).await;
            }
            // A pause may have begun meanwhile: then the turn is lost, and another is reserved behind the pause.
            if self.state().resume_at <= Instant::now() && !self.over.is_set() {
                return Ok(());
            }
        }
        Err(None)
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
    fn reserve(&self, now: Instant, attempts: i32) -> Result<Instant, Error> {
        let mut state = self.state();
        if let Some(refusal) = &state.refusal
            && now < state.resume_at
        {
            return Err(refusal.error(state.resume_at - now, attempts));
        }
        let Some(interval) = self.interval else {
            return Ok(state.resume_at.max(now));
        };
        let start = state.next_start.max(state.resume_at).max(now);
        state.next_start = start + interval;
        Ok(start)
    }

    /// A request that was sent at `sent_at` was answered "too many". Everything waits; false when the patience is over,
    /// and then nothing is sent until the API takes requests again.
    pub(super) fn hold(&self, sent_at: Instant, failure: &ApiFailure, retry_after: Option<Duration>) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        // Whoever was sent before the last pause ended tells nothing new: the pause is honoured once.
        if sent_at < state.resume_at {
            return state.refusal.is_none() || now >= state.resume_at;
        }
        // "At once", said to everybody all the time, would be answered by everybody all the time.
        let said = retry_after.filter(|wait| !wait.is_zero());
        let stall = state.stalled.get_or_insert(Stall { since: now, rounds: 0 });
        stall.rounds += 1;
        let resume_at = now + said.unwrap_or_else(|| backoff(stall.rounds + 1));
        let patient = resume_at.duration_since(stall.since) <= self.patience;
        state.resume_at = resume_at;
        if patient {
            state.pauses += 1;
            state.refusal = None;
        } else {
            state.refusal = Some(Refusal { failure: failure.clone(), dated: said.is_some() });
        }
        patient
    }

    /// A request that was sent at `sent_at` came through. One that was sent before the last pause says nothing about
    /// what comes after it.
    pub(super) fn flows(&self, sent_at: Instant) {
        let mut state = self.state();
        if sent_at >= state.resume_at {
            state.stalled = None;
        }
    }

    /// How many pauses there were.
    pub(super) fn pauses(&self) -> i64 {
        self.state().pauses
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Refusal {
    /// As the error of another request, which was sent `attempts` times, when there is still so long to wait.
    fn error(&self, left: Duration, attempts: i32) -> Error {
        // Rounded up: who waits that long comes in time.
        let left_ms = left.as_nanos().div_ceil(1_000_000);
        Error::RateLimited {
            failure: ApiFailure { attempts, ..self.failure.clone() },
            retry_after_ms: self.dated.then(|| i64::try_from(left_ms).unwrap_or(i64::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ApiReason;

    const SECOND: Duration = Duration::from_secs(1);

    fn failure() -> ApiFailure {
        let reason = ApiReason::TooManyRequests;
        ApiFailure { http_status: 429, motivo: None, reason, api_text: Some("devagar".to_owned()), attempts: 1 }
    }

    fn hold(pace: &Pace, sent_at: Instant, retry_after: Option<Duration>) -> bool {
        pace.hold(sent_at, &failure(), retry_after)
    }

    #[test]
    fn starts_are_spread_over_the_second() {
        let pace = Pace::new(Some(Duration::from_millis(5)), SECOND);
        let now = Instant::now();
        let starts: Vec<_> = (0..200).map(|_| pace.reserve(now, 0).unwrap()).collect();
        assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == Duration::from_millis(5)));
        // What was not used is not saved up for a burst.
        let later = now + SECOND * 9;
        assert_eq!(pace.reserve(later, 0), Ok(later));
        assert_eq!(pace.reserve(later, 0), Ok(later + Duration::from_millis(5)));
    }

    #[test]
    fn a_pause_is_honoured_once_for_all_that_were_under_way() {
        let pace = Pace::new(None, SECOND * 60);
        let sent = Instant::now();
        for _ in 0..64 {
            assert!(hold(&pace, sent, Some(SECOND)));
        }
        assert_eq!(pace.pauses(), 1);
        let resume = pace.reserve(sent, 0).unwrap();
        assert!(resume >= sent + SECOND && resume < sent + SECOND * 2);
        // Sent after the pause and refused again: another one.
        assert!(hold(&pace, resume, Some(SECOND)));
        assert_eq!(pace.pauses(), 2);
    }

    #[test]
    fn what_came_through_before_a_pause_does_not_end_it() {
        let pace = Pace::new(None, SECOND * 60);
        let sent = Instant::now();
        assert!(hold(&pace, sent, Some(SECOND * 5)));
        let resume = pace.reserve(sent, 0).unwrap();
        for _ in 0..8 {
            pace.flows(sent);
            assert!(hold(&pace, sent, Some(SECOND * 9)));
        }
        assert_eq!((pace.pauses(), pace.reserve(sent, 0)), (1, Ok(resume)));
        // It neither makes the patience begin anew.
        assert!(!hold(&pace, resume, Some(SECOND * 61)));
        pace.flows(resume + SECOND * 99);
        assert!(hold(&pace, resume + SECOND * 99, Some(SECOND * 59)));
    }

    #[test]
    fn patience_ends_when_nothing_comes_through() {
        let pace = Pace::new(None, SECOND * 10);
        let now = Instant::now();
        assert!(hold(&pace, now, Some(SECOND * 9)));
        let resumed = pace.reserve(now, 0).unwrap();
        assert!(!hold(&pace, resumed, Some(SECOND * 11)));
        let over = resumed + SECOND * 99;
        assert!(!hold(&pace, over, Some(SECOND * 11)));
        pace.flows(over + SECOND * 99);
        assert!(hold(&pace, over + SECOND * 99, Some(SECOND * 9)));
    }

    #[test]
    fn what_is_too_long_to_wait_for_fails_unsent_until_it_is_over() {
        let pace = Pace::new(None, SECOND * 10);
        let sent = Instant::now();
        assert!(!hold(&pace, sent, Some(SECOND * 11)));
        let resume = pace.state().resume_at;
        let unsent = |wait_ms, attempts| {
            let failure = ApiFailure { attempts, ..failure() };
            Err(Error::RateLimited { failure, retry_after_ms: Some(wait_ms) })
        };
        assert_eq!(pace.reserve(resume - SECOND * 11, 0), unsent(11_000, 0));
        assert_eq!(pace.reserve(resume - SECOND * 3, 2), unsent(3_000, 2));
        assert_eq!(pace.reserve(resume - Duration::from_nanos(1), 0), unsent(1, 0));
        // Those that were under way with it don't prolong it, and fail as it does.
        assert!(!hold(&pace, sent, Some(SECOND * 60)));
        assert_eq!((pace.reserve(resume, 0), pace.pauses()), (Ok(resume), 0));
    }

    #[test]
    fn without_a_wait_named_a_refusal_names_none() {
        let pace = Pace::new(None, Duration::ZERO);
        let mut sent = Instant::now();
        for said in [None, Some(Duration::ZERO)] {
            assert!(!hold(&pace, sent, said));
            let resume = pace.state().resume_at;
            assert!(resume <= Instant::now() + SECOND);
            let error = pace.reserve(resume - Duration::from_nanos(1), 0).unwrap_err();
            assert_eq!(
                error,
                Error::RateLimited { failure: ApiFailure { attempts: 0, ..failure() }, retry_after_ms: None }
            );
            sent = resume;
        }
    }

    #[tokio::test]
    async fn a_turn_is_an_error_an_end_or_now() {
        let pace = Pace::new(None, Duration::ZERO);
        assert_eq!(pace.turn(0).await, Ok(()));
        assert!(!hold(&pace, Instant::now(), Some(SECOND * 60)));
        let refused = pace.turn(3).await;
        assert!(matches!(&refused, Err(Some(error)) if error.attempts() == 3), "{refused:?}");
        pace.end();
        assert_eq!(pace.turn(0).await, Err(None));
    }
}
