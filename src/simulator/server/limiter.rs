//! The rate limit: a second's worth at once, then one request every 1/n of a second.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::simulator::SimulatedRateLimit;

const SECOND: Duration = Duration::from_secs(1);

/// A bucket that leaks: each request adds its share of a second, and it holds one second.
pub(super) struct Limiter {
    share: Duration,
    retry_after: bool,
    /// When the bucket will be empty; none before the first request.
    empty_at: Option<Instant>,
}

/// A request above the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// When to come back, in whole seconds, if the answer shall say so.
    pub(super) retry_after_s: Option<u64>,
}

impl Limiter {
    pub(super) fn new(limit: SimulatedRateLimit) -> Result<Self, Error> {
        let per_second = u32::try_from(limit.per_second)
            .ok()
            .filter(|n| (1..=1_000_000).contains(n))
            .ok_or_else(|| Error::invalid("per_second", "is not between 1 and 1,000,000"))?;
        Ok(Self { share: SECOND / per_second, retry_after: limit.retry_after, empty_at: None })
    }

    /// Lets a request through or not.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), TooMany> {
        let filled_to = self.empty_at.map_or(now, |at| at.max(now)) + self.share;
        let over = filled_to.duration_since(now).saturating_sub(SECOND);
        if over.is_zero() {
            self.empty_at = Some(filled_to);
            return Ok(());
        }
        // Even one hundredth of a second is a whole one in `Retry-After`.
        Err(TooMany { retry_after_s: self.retry_after.then(|| over.as_millis().div_ceil(1000) as u64) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_second: i32, retry_after: bool) -> Limiter {
        Limiter::new(SimulatedRateLimit { per_second, retry_after }).unwrap()
    }

    #[test]
    fn a_second_s_worth_at_once_then_one_at_a_time() {
        let start = Instant::now();
        let mut limiter = limiter(4, true);
        for _ in 0..4 {
            assert_eq!(limiter.admit(start), Ok(()));
        }
        assert_eq!(limiter.admit(start), Err(TooMany { retry_after_s: Some(1) }));
        let later = start + Duration::from_millis(250);
        assert_eq!(limiter.admit(later), Ok(()));
        assert!(limiter.admit(later).is_err(), "a refused request takes no share, an admitted one does");
        let idle = start + Duration::from_secs(60);
        assert_eq!((0..10).filter(|_| limiter.admit(idle).is_ok()).count(), 4, "idle time saves up one second only");
    }

    #[test]
    fn an_even_pace_is_never_refused() {
        let start = Instant::now();
        let mut limiter = limiter(200, true);
        assert!((0..1000).all(|n| limiter.admit(start + Duration::from_millis(5 * n)).is_ok()));
    }

    #[test]
    fn says_when_to_come_back_only_if_told_to() {
        let start = Instant::now();
        let mut limiter = limiter(1, false);
        assert_eq!(limiter.admit(start), Ok(()));
        assert_eq!(limiter.admit(start), Err(TooMany { retry_after_s: None }));
    }

    #[test]
    fn refuses_a_limit_out_of_range() {
        for per_second in [0, -1, 1_000_001] {
            assert!(Limiter::new(SimulatedRateLimit { per_second, retry_after: true }).is_err());
        }
    }
}
