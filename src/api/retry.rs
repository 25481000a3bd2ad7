//! Which failures are tried again, and after how long. Pure.

use std::time::Duration;

use crate::error::{Error, UnreachableCause};

/// The first pause is drawn from 0 to this, the next from 0 to twice that, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// No pause of our own choosing is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pause before another attempt; none when this failure is final, the retries are used up, or the pause would not
/// fit into what is left of the timeout.
pub(super) fn pause(error: &Error, attempts: i32, max_retries: i32, left: Duration) -> Option<Duration> {
    if attempts > max_retries || !is_transient(error) {
        return None;
    }
    let wait = match error.retry_after_ms() {
        Some(ms) => Duration::from_millis(ms.try_into().unwrap_or(0)),
        None => backoff(attempts),
    };
    (wait < left).then_some(wait)
}

/// Exponential with full jitter, so that clients which failed together do not come back together.
pub(super) fn backoff(attempts: i32) -> Duration {
    let doublings = attempts.clamp(1, 16).unsigned_abs() - 1;
    let ceiling = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
    ceiling.mul_f64(fastrand::f64())
}

/// Whether the same GET is worth sending again at once. An API that says 500 means it; a network that fails before an
/// answer begins usually doesn't.
fn is_transient(error: &Error) -> bool {
    match error {
        Error::RateLimited { .. } => true,
        Error::Unavailable { failure, .. } => matches!(failure.http_status, 502..=504),
        Error::Unreachable { cause, .. } => matches!(
            cause,
            UnreachableCause::Dns
                | UnreachableCause::ConnectionRefused
                | UnreachableCause::ConnectionReset
                | UnreachableCause::ConnectTimeout
                | UnreachableCause::Network
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ApiFailure, ApiReason};

    const LEFT: Duration = Duration::from_secs(20);

    fn failure(http_status: i32, reason: ApiReason) -> ApiFailure {
        ApiFailure { http_status, motivo: None, reason, api_text: None, attempts: 1 }
    }

    fn limited(retry_after_ms: Option<i64>) -> Error {
        Error::RateLimited { failure: failure(429, ApiReason::TooManyRequests), retry_after_ms }
    }

    fn unavailable(http_status: i32) -> Error {
        Error::Unavailable { failure: failure(http_status, ApiReason::Unavailable), retry_after_ms: None }
    }

    #[test]
    fn only_passing_failures_are_tried_again() {
        let unreachable = |cause| Error::Unreachable { cause, attempts: 1 };
        for error in [
            limited(None),
            unavailable(502),
            unavailable(503),
            unavailable(504),
            unreachable(UnreachableCause::Dns),
            unreachable(UnreachableCause::ConnectionRefused),
            unreachable(UnreachableCause::ConnectionReset),
            unreachable(UnreachableCause::ConnectTimeout),
            // No route, no network: before an answer began, as the others.
            unreachable(UnreachableCause::Network),
        ] {
            assert!(pause(&error, 1, 3, LEFT).is_some(), "{error:?}");
            assert_eq!(pause(&error, 4, 3, LEFT), None, "{error:?}");
            assert_eq!(pause(&error, 1, 0, LEFT), None, "{error:?}");
        }
        for error in [
            unavailable(500),
            unreachable(UnreachableCause::Tls),
            unreachable(UnreachableCause::Proxy),
            unreachable(UnreachableCause::Timeout),
            unreachable(UnreachableCause::AnswerCut),
            Error::Unauthorized { failure: failure(401, ApiReason::AuthenticationFailed) },
            Error::Closed,
        ] {
            assert_eq!(pause(&error, 1, 3, LEFT), None, "{error:?}");
        }
    }

    #[test]
    fn the_api_says_how_long_and_the_timeout_how_long_at_most() {
        assert_eq!(pause(&limited(Some(3_000)), 1, 3, LEFT), Some(Duration::from_secs(3)));
        assert_eq!(pause(&limited(Some(20_000)), 1, 3, LEFT), None);
        assert_eq!(pause(&limited(Some(0)), 1, 3, Duration::ZERO), None);
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        for attempts in [1, 2, 5, 9, i32::MAX] {
            let most = FIRST_PAUSE.saturating_mul(1 << (attempts.min(16) - 1)).min(LONGEST_PAUSE);
            assert!((0..200).all(|_| backoff(attempts) <= most));
            assert!((0..200).any(|_| backoff(attempts) > most / 2), "full jitter reaches the upper half");
        }
    }
}
