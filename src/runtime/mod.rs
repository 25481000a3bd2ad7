//! The library's own runtime: one tokio runtime with one worker, made at first use in each process; and the ways into
//! it for hosts that await and for hosts that block.

mod driver;
mod gate;
mod latch;
pub(crate) mod operation;
mod process;
pub(crate) mod unclaimed;
mod wake_queue;

use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use tokio::runtime::{Builder, Handle, Runtime};

pub(crate) use driver::{Lanes, OnLane};
pub use gate::prepare_exit;
pub(crate) use latch::Latch;
pub(crate) use process::{PerProcess, ProcessBound};
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
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| did_not_start(&error))
}

fn did_not_start(error: &io::Error) -> Error {
    Error::internal(format!("a runtime could not start ({})", error.kind()))
}

/// Work that may be polled on any thread: each poll enters this process's runtime, so that a wake costs one hop and
/// dropping the work ends it. Otherwise as [`guard`].
pub(crate) fn attach<T, F>(work: F) -> impl Future<Output = Result<T, Error>> + Send
where
    F: Future<Output = Result<T, Error>> + Send,
{
    let mut work = guard(work);
    poll_fn(move |context| {
        let _entered = handle()?.enter();
        Pin::new(&mut work).poll(context)
    })
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
