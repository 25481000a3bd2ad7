//! The lock that this library's hand-offs stand on. A panic of another holder is no reason to stop. In unit tests the
//! order in which threads take it can be explored (see `explore`).

pub(crate) use std::sync::MutexGuard;
use std::sync::{PoisonError, TryLockError};

/// As [`std::sync::Mutex`], but never poisoned.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        #[cfg(test)]
        while explore::turn() {
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None while somebody else holds it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Exploration of interleavings: its threads all run on one, and change places where a lock is taken.
#[cfg(test)]
pub(crate) mod explore {
    use std::cell::Cell;

    use shuttle::sync::atomic::{AtomicBool, Ordering};

    thread_local! {
        static EXPLORING: Cell<bool> = const { Cell::new(false) };
    }

    /// Lets another explored thread go first, perhaps. False outside of an exploration.
    pub(super) fn turn() -> bool {
        let exploring = EXPLORING.get();
        if exploring {
            // Not a yield: that counts as a wake, and would hide a wake that is missing.
            AtomicBool::default().load(Ordering::SeqCst);
        }
        exploring
    }

    /// Runs `scenario` in so many random interleavings. A hand-off that gets lost is a deadlock, which is told.
    pub(crate) fn interleavings(count: usize, scenario: impl Fn() + Send + Sync + 'static) {
        EXPLORING.set(true);
        shuttle::check_random(scenario, count);
        EXPLORING.set(false);
    }
}
