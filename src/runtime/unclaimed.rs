//! Work that a host started and then lost: an interrupt (Python's Ctrl-C) may strike between a `start_…` call's return and
//! the taking of what it returned, and then nobody holds the operation any more.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

pub(crate) trait Cancel: Send + Sync {
    fn cancel(&self);
}

thread_local! {
    static LATEST: RefCell<Option<Weak<dyn Cancel>>> = const { RefCell::new(None) };
}

/// An operation is on its way to the host.
pub(crate) fn announce<C: Cancel + 'static>(operation: &Arc<C>) {
    let operation: Arc<dyn Cancel> = Arc::clone(operation) as _;
    LATEST.set(Some(Arc::downgrade(&operation)));
}

/// The host waits for what it got.
pub(crate) fn claim() {
    LATEST.set(None);
}

/// Cancels the work that this thread left pending last, unless it has waited for an operation since. For hosts where an
/// interrupt can make a `start_…` call's result disappear; they call this when that happens.
#[uniffi::export]
pub fn cancel_unclaimed() {
    if let Some(operation) = LATEST.take().and_then(|latest| latest.upgrade()) {
        operation.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicI32);

    impl Cancel for Counter {
        fn cancel(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn only_what_nobody_waits_for_is_cancelled_and_only_once() {
        let (claimed, lost, dropped) = (Arc::new(Counter::default()), Arc::new(Counter::default()), Arc::default());
        announce(&claimed);
        claim();
        cancel_unclaimed();
        assert_eq!(claimed.0.load(Ordering::SeqCst), 0);
        announce(&lost);
        cancel_unclaimed();
        cancel_unclaimed();
        assert_eq!(lost.0.load(Ordering::SeqCst), 1);
        announce::<Counter>(&dropped);
        drop(dropped);
        cancel_unclaimed();
    }
}
