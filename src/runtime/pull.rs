//! A queue that its reader waits on: one at a time, each wait for one item at least and a bounded number at most.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::error::Error;

/// The place of the one reader in a queue's state.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    reading: bool,
    waker: Option<Waker>,
}

impl Reader {
    /// Has this waker woken by the next [`take`](Self::take). What it displaces is the caller's to drop, without a lock.
    #[must_use = "dropping a waker may run anything: unlock first"]
    pub(crate) fn wait(&mut self, waker: &Waker) -> Option<Waker> {
        match &self.waker {
            Some(known) if known.will_wake(waker) => None,
            _ => self.waker.replace(waker.clone()),
        }
    }

    /// Who waits, to be woken without a lock.
    pub(crate) fn take(&mut self) -> Option<Waker> {
        self.waker.take()
    }
}

/// What a look at a queue gave, and the waker that it displaced, which is the caller's to drop, without a lock.
pub(crate) type Polled<T> = (Poll<Result<T, Error>>, Option<Waker>);

/// What a reader holds of a queue.
pub(crate) trait Queue {
    /// What it gives at a time.
    type Batch;

    /// How many items a reader may ask for at a time.
    const MOST: i32;

    /// Looks at the place of the reader, under the queue's lock.
    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T;

    /// Up to `max` items; with none there, the waker is kept.
    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<Self::Batch, Error>>;
}

/// The one reader of a queue, until this is dropped.
pub(crate) struct Reading<Q: Queue> {
    queue: Q,
}

impl<Q: Queue> Reading<Q> {
    /// # Errors
    /// [`Error::Busy`] while there is another.
    pub(crate) fn enter(queue: Q) -> Result<Self, Error> {
        let busy = queue.reader(|reader| std::mem::replace(&mut reader.reading, true));
        if busy {
            // Not one of these: dropping it would end the other's reading.
            return Err(Error::Busy);
        }
        Ok(Self { queue })
    }

    pub(crate) fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<Q::Batch, Error>> {
        self.queue.poll_items(max, waker)
    }
}

impl<Q: Queue> Drop for Reading<Q> {
    fn drop(&mut self) {
        // Dropped here, after the lock.
        let _waker = self.queue.reader(|reader| {
            reader.reading = false;
            reader.take()
        });
    }
}

/// The next items of a queue, as soon as there are any. Its reader is in place when this returns.
///
/// # Errors
/// [`Error::Invalid`] naming `max`, [`Error::Busy`] while another caller waits, and what the queue ends with.
pub(crate) fn pull<Q: Queue + Send + Sync>(
    queue: Q,
    max: i32,
) -> Result<impl Future<Output = Result<Q::Batch, Error>> + Send + use<Q>, Error> {
    let (reading, max) = begin(queue, max)?;
    Ok(async move { poll_fn(|context| reading.poll_items(max, context.waker())).await })
}

/// What [`pull`] would give at once; pending when it would wait.
pub(crate) fn poll_now<Q: Queue>(queue: Q, max: i32) -> Poll<Result<Q::Batch, Error>> {
    let (reading, max) = begin(queue, max)?;
    reading.poll_items(max, Waker::noop())
}

fn begin<Q: Queue>(queue: Q, max: i32) -> Result<(Reading<Q>, usize), Error> {
    let max = match usize::try_from(max) {
        Ok(count) if (1..=Q::MOST).contains(&max) => count,
        _ => return Err(Error::invalid("max", format!("has to be 1 to {}", Q::MOST))),
    };
    Ok((Reading::enter(queue)?, max))
}
