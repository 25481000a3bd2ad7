//! Those who follow a session: each has a bounded queue of updates of its own, so that a slow or dead one costs the
//! others nothing.

mod json;

pub use json::{UpdatesJsonOperation, UpdatesJsonStarted};

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::Stream;

use super::driver::Driver;
use super::output::{Cause, Update};
use crate::error::Error;
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{Polled, Queue, Reader, Reading, poll_now, pull};
use crate::runtime::{ProcessBound, guard};

/// No follower may lag further behind.
const MAX_LIMIT: i32 = 65_536;

/// The followers of one session.
#[derive(Default)]
pub(super) struct Followers {
    last_id: i64,
    by_id: BTreeMap<i64, Follower>,
    shut: bool,
}

#[derive(Default)]
struct Follower {
    limit: usize,
    waiting: VecDeque<Arc<Update>>,
    lost: i64,
    /// The last one that was lost.
    last_lost: Option<Arc<Update>>,
    reader: Reader,
}

impl Followers {
    fn add(&mut self, limit: usize) -> i64 {
        self.last_id = self.last_id.saturating_add(1);
        self.by_id.insert(self.last_id, Follower { limit, ..Follower::default() });
        self.last_id
    }

    pub(super) fn publish(&mut self, updates: Vec<Update>, wakes: &mut Vec<Waker>) {
        for update in updates {
            self.shut |= update.cause == Cause::ShutDown;
            if self.by_id.is_empty() {
                continue;
            }
            let update = Arc::new(update);
            for follower in self.by_id.values_mut() {
                follower.push(Arc::clone(&update));
                wakes.extend(follower.reader.take());
            }
        }
    }

    fn poll_take(&mut self, id: i64, max: usize, waker: &Waker) -> Polled<Vec<Arc<Update>>> {
        let Some(follower) = self.by_id.get_mut(&id) else { return (Poll::Ready(Err(Error::Closed)), None) };
        if let Some(updates) = follower.take(max) {
            (Poll::Ready(Ok(updates)), None)
        } else if self.shut {
            (Poll::Ready(Err(Error::Closed)), None)
        } else {
            (Poll::Pending, follower.reader.wait(waker))
        }
    }
}

impl Follower {
    fn push(&mut self, update: Arc<Update>) {
        self.waiting.push_back(update);
        if self.waiting.len() > self.limit {
            self.last_lost = self.waiting.pop_front();
            self.lost = self.lost.saturating_add(1);
        }
    }

    /// Up to `max` updates, none if there are none. A loss comes first, as an update in the place of the last that was lost.
    fn take(&mut self, max: usize) -> Option<Vec<Arc<Update>>> {
        let overflow = self.last_lost.take().map(|last| {
            let cause = Cause::Overflow { lost: std::mem::take(&mut self.lost) };
            Arc::new(Update { number: last.number, at: last.at, cause, state: last.state.clone() })
        });
        let count = max.saturating_sub(overflow.iter().len()).min(self.waiting.len());
        let updates: Vec<_> = overflow.into_iter().chain(self.waiting.drain(..count)).collect();
        (!updates.is_empty()).then_some(updates)
    }
}

operation! {
    /// A wait for the next updates of a session.
    UpdatesOperation, UpdatesStarted -> Vec<Update>
}

/// A session's updates, from the moment on at which this was made: in order, and bounded. Dropping it ends them.
///
/// Who pulls too slowly loses the oldest; one update of the cause `Overflow` then stands for those that were lost.
#[derive(uniffi::Object)]
pub struct Updates {
    following: ProcessBound<Arc<Following>>,
}

/// A place among the followers, until it is dropped.
struct Following {
    driver: Arc<Driver>,
    id: i64,
}

impl Drop for Following {
    fn drop(&mut self) {
        // Dropped here, without the lock.
        let _follower = self.driver.followers(|followers| followers.by_id.remove(&self.id));
    }
}

#[uniffi::export]
impl Updates {
    /// The next updates, at least one and at most `max` (1 to 1,024), as soon as there are any.
    ///
    /// # Errors
    /// [`Error::Closed`] after the update of the cause `ShutDown`, and in a forked child; [`Error::Busy`] while another
    /// caller waits here; [`Error::Invalid`] naming `max`.
    pub async fn next(&self, max: i32) -> Result<Vec<Update>, Error> {
        guard(self.pull(max)?).await
    }

    /// As [`next`](Self::next), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn start_next(&self, max: i32, ms: i64) -> Result<UpdatesStarted, Error> {
        operation::start(self.pull(max)?, ms).map(Into::into)
    }
}

impl Updates {
    pub(super) fn of(driver: Arc<Driver>, limit: i32) -> Result<Self, Error> {
        let limit = match usize::try_from(limit) {
            Ok(count) if (1..=MAX_LIMIT).contains(&limit) => count,
            _ => return Err(Error::invalid("limit", format!("has to be 1 to {MAX_LIMIT}"))),
        };
        let id = driver.followers(|followers| followers.add(limit));
        Ok(Self { following: ProcessBound::new(Arc::new(Following { driver, id })) })
    }

    /// The updates as a stream, which ends after the session's shutdown.
    ///
    /// # Errors
    /// [`Error::Busy`] while somebody waits here; [`Error::Closed`] in a forked child.
    pub fn into_stream(self) -> Result<UpdateStream, Error> {
        let reading = Reading::enter(Arc::clone(self.following.get()?))?;
        Ok(UpdateStream { reading: ProcessBound::new(reading) })
    }

    /// What [`next`](Self::next) would give at once; pending when it would wait.
    pub(super) fn poll_next_now(&self, max: i32) -> Poll<Result<Vec<Update>, Error>> {
        poll_now(Arc::clone(self.following.get()?), max)
    }

    fn pull(&self, max: i32) -> Result<impl Future<Output = Result<Vec<Update>, Error>> + Send + use<>, Error> {
        pull(Arc::clone(self.following.get()?), max)
    }
}

impl Queue for Arc<Following> {
    type Batch = Vec<Update>;

    const MOST: i32 = 1024;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        self.driver.followers(|followers| look(&mut followers.by_id.entry(self.id).or_default().reader))
    }

    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<Self::Batch, Error>> {
        let (updates, _displaced) = self.driver.followers(|followers| followers.poll_take(self.id, max, waker));
        // Copied, where another follower waits for the same, without the lock.
        updates.map_ok(|updates| updates.into_iter().map(Arc::unwrap_or_clone).collect())
    }
}

/// A session's updates as a stream: [`Updates::into_stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct UpdateStream {
    reading: ProcessBound<Reading<Arc<Following>>>,
}

impl Stream for UpdateStream {
    type Item = Update;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Update>> {
        // All that it ends with is that there is nothing more.
        let Ok(reading) = self.reading.get() else { return Poll::Ready(None) };
        reading.poll_items(1, context.waker()).map(|updates| updates.ok()?.pop())
    }
}
