//! Work that a host waits for in slices: `start_…` waits the first slice, the operation the rest.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::gate::{self, Parking};
use super::process::ProcessBound;
use crate::error::Error;

type Work<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// What became of a piece of work after its first slice.
pub(crate) enum Started<T> {
    Done(T),
    Pending(Operation<T>),
}

/// A piece of work that is not done yet. Dropping it cancels the work.
pub(crate) struct Operation<T> {
    body: ProcessBound<Body<T>>,
}

struct Body<T> {
    /// Held by the one waiter while it waits; empty once the work ended.
    work: Mutex<Option<Work<T>>>,
    waiter: Mutex<Option<Arc<Parking>>>,
    cancelled: AtomicBool,
}

/// Starts a piece of work and waits for it up to `ms` milliseconds.
pub(crate) fn start<T: 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ms: i64,
) -> Result<Started<T>, Error> {
    let mut work: Work<T> = Box::pin(super::attach(work));
    match block(work.as_mut(), deadline(ms), |_| {}, || None)? {
        Some(value) => Ok(Started::Done(value)),
        None => Ok(Started::Pending(Operation {
            body: ProcessBound::new(Body {
                work: Mutex::new(Some(work)),
                waiter: Mutex::default(),
                cancelled: AtomicBool::new(false),
            }),
        })),
    }
}

/// Waits for a piece of work to its end.
pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
    let work = pin!(super::attach(work));
    let done = block(work, None, |_| {}, || None)?;
    done.ok_or_else(|| Error::internal("a wait without end ended"))
}

impl<T> Operation<T> {
    /// Waits up to `ms` milliseconds; none while the work goes on.
    pub(crate) fn wait_for(&self, ms: i64) -> Result<Option<T>, Error> {
        let body = self.body.get()?;
        let mut slot = match body.work.try_lock() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(slot)) => slot.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy),
        };
        let Some(work) = slot.as_mut() else {
            return Err(if body.cancelled.load(Ordering::SeqCst) { Error::Cancelled } else { Error::Closed });
        };
        let stop = || body.cancelled.load(Ordering::SeqCst).then_some(Error::Cancelled);
        let outcome = block(work.as_mut(), deadline(ms), |parking| *body.waiter() = Some(parking), stop);
        *body.waiter() = None;
        if !matches!(outcome, Ok(None)) {
            *slot = None;
        }
        outcome
    }

    /// Stops the work and lets its waiter go with [`Error::Cancelled`]. Once it ended, nothing happens.
    pub(crate) fn cancel(&self) {
        let Ok(body) = self.body.get() else { return };
        body.cancelled.store(true, Ordering::SeqCst);
        if let Some(waiter) = &*body.waiter() {
            waiter.unpark();
        }
        // Nobody waits: the work is dropped here. Else its waiter drops it.
        if let Ok(mut slot) = body.work.try_lock() {
            *slot = None;
        }
    }
}

impl<T> Body<T> {
    fn waiter(&self) -> MutexGuard<'_, Option<Arc<Parking>>> {
        self.waiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn deadline(ms: i64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(ms.try_into().unwrap_or(0)))
}

/// Polls on the calling thread until the work is done (its value), the time is up (none), `stop` gives a reason, or
/// the program is on its way out.
fn block<T, F: Future<Output = Result<T, Error>> + ?Sized>(
    mut work: Pin<&mut F>,
    until: Option<Instant>,
    announce: impl FnOnce(Arc<Parking>),
    stop: impl Fn() -> Option<Error>,
) -> Result<Option<T>, Error> {
    let inside = gate::enter()?;
    announce(Arc::clone(&inside.parking));
    let waker = Waker::from(Arc::clone(&inside.parking));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Some(reason) = stop() {
            return Err(reason);
        }
        if gate::is_shut() {
            return Err(Error::Closed);
        }
        if let Poll::Ready(outcome) = work.as_mut().poll(&mut context) {
            return outcome.map(Some);
        }
        if !inside.parking.park_until(until) {
            return Ok(None);
        }
    }
}

/// The exported shape of an operation with a certain result: the object, and what its `start_…` returns.
macro_rules! operation {
    ($(#[$about:meta])* $operation:ident, $started:ident -> $value:ty) => {
        $(#[$about])*
        ///
        /// It has one waiter at a time; dropping it cancels the work.
        #[derive(uniffi::Object)]
        pub struct $operation($crate::runtime::operation::Operation<$value>);

        #[uniffi::export]
        impl $operation {
            /// Waits up to `ms` milliseconds for the result; none while the work goes on.
            ///
            /// # Errors
            /// The work's own; `Busy` while another thread waits here; `Cancelled` after `cancel`; `Closed` after its
            /// end, in a forked child, or when the program is exiting.
            pub fn wait_for(&self, ms: i64) -> Result<Option<$value>, $crate::Error> {
                $crate::runtime::unclaimed::claim();
                self.0.wait_for(ms)
            }

            /// Stops the work and lets its waiter go with `Cancelled`. Once it ended, nothing happens.
            pub fn cancel(&self) {
                self.0.cancel();
            }
        }

        impl $crate::runtime::unclaimed::Cancel for $operation {
            fn cancel(&self) {
                self.0.cancel();
            }
        }

        /// What became of the work within its first slice.
        #[derive(uniffi::Enum)]
        pub enum $started {
            /// It is done.
            Done {
                /// The result.
                value: $value,
            },
            /// It goes on: wait for it, cancel it, or drop it.
            Pending {
                /// The work that goes on.
                operation: ::std::sync::Arc<$operation>,
            },
        }

        impl From<$crate::runtime::operation::Started<$value>> for $started {
            fn from(started: $crate::runtime::operation::Started<$value>) -> Self {
                use $crate::runtime::operation::Started;
                match started {
                    Started::Done(value) => Self::Done { value },
                    Started::Pending(operation) => {
                        let operation = ::std::sync::Arc::new($operation(operation));
                        $crate::runtime::unclaimed::announce(&operation);
                        Self::Pending { operation }
                    }
                }
            }
        }
    };
}
pub(crate) use operation;
