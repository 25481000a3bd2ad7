//! A switch that is thrown once and awaited by many.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::process::PerProcess;

/// Open until [`set`](Self::set), then set for good.
pub(crate) struct Latch {
    set: AtomicBool,
    /// Those who wait in this process: a thread of the parent's may have held the lock of theirs when it forked.
    waiting: PerProcess<Notify>,
}

impl Default for Latch {
    fn default() -> Self {
        Self { set: AtomicBool::new(false), waiting: PerProcess::new() }
    }
}

impl Latch {
    pub(crate) fn set(&self) {
        self.set.store(true, Ordering::SeqCst);
        self.waiting().notify_waiters();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::SeqCst)
    }

    /// Ends when the latch is set.
    pub(crate) async fn wait(&self) {
        // A `Notified` takes part in `notify_waiters` from its making, so nothing is lost between look and wait.
        let notified = self.waiting().notified();
        if !self.is_set() {
            notified.await;
        }
    }

    fn waiting(&self) -> &Notify {
        self.waiting.get_or_init(Notify::new)
    }
}
