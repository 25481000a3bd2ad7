//! The library's own runtime: one tokio runtime with one worker, made at first use in each process; the ways into it for
//! hosts that await and for hosts that block; queues that hosts pull from, and time.

pub(crate) mod capsule;
mod clock;
mod driver;
mod gate;
mod latch;
pub(crate) mod operation;
mod process;
pub(crate) mod pull;
mod sigpipe;
pub(crate) mod sync;
pub(crate) mod unclaimed;
mod wake_queue;

use std::future::{Future, poll_fn};
use std::io;
use std::mem::{self, ManuallyDrop};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::{Builder, Handle, Runtime};

pub(crate) use clock::{Alarm, Time, Timed};
pub use clock::{Clock, Moment, system_time};
pub(crate) use driver::{Lanes, OnLane};
pub use gate::prepare_exit;
pub(crate) use latch::Latch;
pub(crate) use process::{PerProcess, ProcessBound};
pub(crate) use sigpipe::NoSigpipe;
pub use unclaimed::cancel_unclaimed;
pub use wake_queue::{WakeQueueFunctions, wake_queue_functions};

use crate::error::Error;

static RUNTIME: PerProcess<Runtime> = PerProcess::new();

/// This process's runtime.
pub(crate) fn handle() -> Result<&'static Handle, Error> {
    RUNTIME.get_or_try_init(make).map(Runtime::handle)
}

fn make() -> Result<Runtime, Error> {
    Builder::new_multi_thread()
        .worker_threads(1)
        // Name resolution is all that blocks.
        .max_blocking_threads(16)
        .thread_name("webphone")
        // For as long as these threads live: they do nothing else.
        .on_thread_start(|| mem::forget(NoSigpipe::here()))
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| did_not_start(&error))
}

fn did_not_start(error: &io::Error) -> Error {
    Error::internal(format!("a runtime could not start ({})", error.kind()))
}

/// Work that may be polled and dropped on any thread: it is inside this process's runtime each time, so that a wake costs
/// one hop and dropping the work ends it. Otherwise as [`guard`].
pub(crate) fn attach<T, F>(work: F) -> impl Future<Output = Result<T, Error>> + Send
where
    F: Future<Output = Result<T, Error>> + Send,
{
    guard(Attached { work: ManuallyDrop::new(Box::pin(work)) })
}

struct Attached<F> {
    work: ManuallyDrop<Pin<Box<F>>>,
}

impl<T, F: Future<Output = Result<T, Error>>> Future for Attached<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let _entered = handle()?.enter();
        // A connection opens where it is awaited.
        let _quiet = NoSigpipe::here();
        self.work.as_mut().poll(context)
    }
}

impl<F> Drop for Attached<F> {
    fn drop(&mut self) {
        // A connection that goes back to its pool may start a task.
        let _entered = handle().map(Handle::enter);
        // SAFETY: dropped once, here, and never used again.
        unsafe { ManuallyDrop::drop(&mut self.work) }
    }
}

/// Work of this process: in a forked child it is [`Error::Closed`], and leaked instead of dropped; a panic in it is
/// [`Error::Internal`].
pub(crate) fn guard<T, F>(work: F) -> impl Future<Output = Result<T, Error>> + Send + Unpin
where
    F: Future<Output = Result<T, Error>> + Send,
{
    let mut work = ProcessBound::new(Box::pin(work));
    poll_fn(move |context| {
        let work = work.get_mut()?.as_mut();
        catch_unwind(AssertUnwindSafe(|| work.poll(context)))
            .unwrap_or_else(|_| Poll::Ready(Err(Error::internal("a panic while working"))))
    })
}
