//! Work that a host waits for in slices: `start_…` waits the first slice, the operation the rest.

use std::future::Future;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::driver::{Driver, SharedDriver};
use super::gate;
use super::process::ProcessBound;
use super::{attach, guard};
use crate::error::Error;

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
    waiter: Mutex<Option<Waker>>,
    cancelled: AtomicBool,
    left: Left<T>,
}

/// What whoever waits for cancelled work is told.
type Left<T> = Box<dyn Fn() -> Result<T, Error> + Send + Sync>;

type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// The work and who drives it; dropped in this order.
struct Work<T> {
    /// Always there; an option so that it can be dropped where it was driven.
    future: Option<Boxed<T>>,
    driver: Box<dyn Driver>,
}

impl<T> Work<T> {
    /// As [`block`].
    fn block(
        &mut self,
        until: Option<Instant>,
        stop: impl Fn(&Waker) -> Option<Error> + Send + Sync,
    ) -> Option<Result<T, Error>>
    where
        T: Send,
    {
        self.future.as_mut().and_then(|future| block(future.as_mut(), &mut *self.driver, until, stop))
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.driver.inside(&mut || self.future = None);
    }
}

/// Starts a piece of work on the shared runtime and waits for it up to `ms` milliseconds.
pub(crate) fn start<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ms: i64,
) -> Result<Started<T>, Error> {
    start_leaving(work, || Err(Error::Cancelled), ms)
}

/// As [`start`], for work that knows more of its end than that it was cancelled: `left` is asked for it, after the work
/// was dropped or while that goes on.
pub(crate) fn start_leaving<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
    left: impl Fn() -> Result<T, Error> + Send + Sync + 'static,
    ms: i64,
) -> Result<Started<T>, Error> {
    Work { future: Some(Box::pin(attach(work))), driver: Box::new(SharedDriver) }.start(Box::new(left), ms)
}

/// Starts a piece of work that `driver` drives and waits for it up to `ms` milliseconds.
pub(crate) fn start_on<T: Send + 'static>(
    driver: impl Driver + 'static,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ms: i64,
) -> Result<Started<T>, Error> {
    Work { future: Some(Box::pin(guard(work))), driver: Box::new(driver) }.start(Box::new(|| Err(Error::Cancelled)), ms)
}

/// Waits for a piece of work on the shared runtime to its end.
pub(crate) fn wait<T: Send>(work: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
    block(pin!(attach(work)), &mut SharedDriver, None, |_| None).unwrap_or_else(|| Err(endless()))
}

/// Waits for a piece of work that `driver` drives to its end.
pub(crate) fn wait_on<T: Send>(
    mut driver: impl Driver,
    work: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, Error> {
    block(pin!(guard(work)), &mut driver, None, |_| None).unwrap_or_else(|| Err(endless()))
}

fn endless() -> Error {
    Error::internal("a wait without end ended")
}

impl<T: Send> Work<T> {
    fn start(mut self, left: Left<T>, ms: i64) -> Result<Started<T>, Error> {
        match self.block(deadline(ms), |_| None) {
            Some(outcome) => outcome.map(Started::Done),
            None => Ok(Started::Pending(Operation {
                body: ProcessBound::new(Body {
                    work: Mutex::new(Some(self)),
                    waiter: Mutex::default(),
                    cancelled: AtomicBool::new(false),
                    left,
                }),
            })),
        }
    }
}

impl<T: Send> Operation<T> {
    /// Waits up to `ms` milliseconds; none while the work goes on.
    pub(crate) fn wait_for(&self, ms: i64) -> Result<Option<T>, Error> {
        let body = self.body.get()?;
        let mut slot = match body.work.try_lock() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(slot)) => slot.into_inner(),
            // Who cancels holds it too, for as long as dropping the work takes.
            Err(TryLockError::WouldBlock) if body.cancelled.load(Ordering::SeqCst) => return (body.left)().map(Some),
            Err(TryLockError::WouldBlock) => return Err(Error::Busy),
        };
        let Some(work) = slot.as_mut() else {
            return if body.cancelled.load(Ordering::SeqCst) { (body.left)().map(Some) } else { Err(Error::Closed) };
        };
        let stop = |waker: &Waker| {
            // The waker is announced before the look at `cancelled`: whoever cancels in between finds it.
            body.waiter().get_or_insert_with(|| waker.clone());
            body.cancelled.load(Ordering::SeqCst).then_some(Error::Cancelled)
        };
        let outcome = work.block(deadline(ms), stop);
        *body.waiter() = None;
        let Some(outcome) = outcome else { return Ok(None) };
        *slot = None;
        match outcome {
            Err(Error::Cancelled) if body.cancelled.load(Ordering::SeqCst) => (body.left)().map(Some),
            outcome => outcome.map(Some),
        }
    }

    /// Stops the work and lets its waiter go with what it left: [`Error::Cancelled`], if nothing else. Once it ended,
    /// nothing happens.
    pub(crate) fn cancel(&self) {
        let Ok(body) = self.body.get() else { return };
        body.cancelled.store(true, Ordering::SeqCst);
        if let Some(waiter) = &*body.waiter() {
            waiter.wake_by_ref();
        }
        // Nobody waits: the work is dropped here. Else its waiter drops it.
        if let Ok(mut slot) = body.work.try_lock() {
            *slot = None;
        }
    }
}

impl<T> Body<T> {
    fn waiter(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn deadline(ms: i64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(ms.try_into().unwrap_or(0)))
}

/// Polls on the calling thread until the work is done, `stop` gives a reason or the program is on its way out; none
/// when the time is up.
fn block<T: Send>(
    mut work: Pin<&mut (dyn Future<Output = Result<T, Error>> + Send + '_)>,
    driver: &mut dyn Driver,
    until: Option<Instant>,
    stop: impl Fn(&Waker) -> Option<Error> + Send + Sync,
) -> Option<Result<T, Error>> {
    let inside = match gate::enter() {
        Ok(inside) => inside,
        Err(closed) => return Some(Err(closed)),
    };
    let mut outcome = None;
    let mut announced = false;
    let mut ended = false;
    let mut step = |context: &mut Context<'_>| {
        if !mem::replace(&mut announced, true) {
            inside.wake_with(context.waker());
        }
        let stopped = if inside.gate_is_shut() { Some(Error::Closed) } else { stop(context.waker()) };
        if let Some(reason) = stopped {
            outcome = Some(Err(reason));
            return Poll::Ready(());
        }
        work.as_mut().poll(context).map(|done| {
            ended = true;
            outcome = Some(done);
        })
    };
    driver.drive(&mut step, until);
    if ended {
        driver.done(matches!(outcome, Some(Ok(_))));
    }
    outcome
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
            /// The work's own; `Busy` while another thread waits here; `Cancelled` after `cancel`, but a command's own
            /// end, which is `CommandCancelled` if it had not ended; `Closed` after its end, in a forked child, or when
            /// the program is exiting.
            pub fn wait_for(&self, ms: i64) -> Result<Option<$value>, $crate::Error> {
                $crate::runtime::unclaimed::claim();
                self.0.wait_for(ms)
            }

            /// Stops the work and lets its waiter go. Once it ended, nothing happens.
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

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::runtime::Lanes;

    /// Starts a task where it is dropped, as a connection does that goes back to its pool.
    struct Starting;

    impl Drop for Starting {
        fn drop(&mut self) {
            tokio::spawn(async {});
        }
    }

    async fn endless_with(_starting: Starting) -> Result<(), Error> {
        pending().await
    }

    #[test]
    fn work_is_dropped_where_it_was_driven() {
        let Ok(Started::Pending(shared)) = start(endless_with(Starting), 0) else { panic!() };
        drop(shared);
        let lanes = std::sync::Arc::new(Lanes::new());
        let (_, lane) = lanes.borrow(|| Ok(())).unwrap();
        let Ok(Started::Pending(on_lane)) = start_on(lane, endless_with(Starting), 0) else { panic!() };
        on_lane.cancel();
        drop(attach(endless_with(Starting)));
    }

    /// Says when it is dropped, and is not gone before it may.
    struct SlowToGo(mpsc::Sender<()>, mpsc::Receiver<()>);

    impl Drop for SlowToGo {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
            self.1.recv().unwrap();
        }
    }

    #[test]
    fn who_waits_while_the_cancelled_work_goes_is_told_that_it_was_cancelled() {
        let (going, gone) = mpsc::channel();
        let (let_go, may_go) = mpsc::channel();
        let slow = SlowToGo(going, may_go);
        let work = async move {
            let _held = slow;
            pending::<Result<(), Error>>().await
        };
        let Ok(Started::Pending(operation)) = start(work, 0) else { panic!() };
        thread::scope(|scope| {
            scope.spawn(|| operation.cancel());
            gone.recv().unwrap();
            assert_eq!(operation.wait_for(0), Err(Error::Cancelled));
            let_go.send(()).unwrap();
        });
    }
}
