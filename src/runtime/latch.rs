//! A switch that is thrown once and awaited by many.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Open until [`set`](Self::set), then set for good.
#[derive(Default)]
pub(crate) struct Latch {
    set: AtomicBool,
    waiting: Notify,
}

impl Latch {
    pub(crate) fn set(&self) {
        self.set.store(true, Ordering::SeqCst);
        self.waiting.notify_waiters();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::SeqCst)
    }

    /// Ends when the latch is set.
    pub(crate) async fn wait(&self) {
        // A `Notified` takes part in `notify_waiters` from its making, so nothing is lost between look and wait.
        let notified = self.waiting.notified();
        if !self.is_set() {
            notified.await;
        }
    }
}
