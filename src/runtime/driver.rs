//! Who polls the work of a blocking call, and on what: the calling thread always polls, either beside the shared
//! runtime's worker or, with no other thread involved, on a small runtime that it borrows.

use std::future::poll_fn;
use std::mem::ManuallyDrop;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::timeout_at;

use super::gate::Parking;
use super::process::PerProcess;
use super::sigpipe::NoSigpipe;
use crate::error::Error;

/// The step of some work: ready when there is nothing left to poll.
pub(crate) type Step<'a> = dyn FnMut(&mut Context<'_>) -> Poll<()> + Send + 'a;

/// Idle lanes that are kept; more come only from that many threads blocking at once.
const MAX_IDLE: usize = 16;

/// After this, a lane looks at its connections before it trusts them: a server may have closed one meanwhile.
const STALE_AFTER: Duration = Duration::from_secs(1);

/// What polls a piece of work on the calling thread.
pub(crate) trait Driver: Send {
    /// Steps until the work is ready (true) or the time is up (false).
    fn drive(&mut self, step: &mut Step<'_>, until: Option<Instant>) -> bool;

    /// Where the work is dropped: what it gives back may start a task.
    fn inside(&self, drop_work: &mut dyn FnMut());

    /// The work has ended by itself, well or not.
    fn done(&mut self, _well: bool) {}
}

/// The shared runtime: its worker does what the work needs, the calling thread only polls.
pub(crate) struct SharedDriver;

impl Driver for SharedDriver {
    fn drive(&mut self, step: &mut Step<'_>, until: Option<Instant>) -> bool {
        let parking = Arc::new(Parking::here());
        let waker = Waker::from(Arc::clone(&parking));
        let mut context = Context::from_waker(&waker);
        while step(&mut context).is_pending() {
            if !parking.park_until(until) {
                return false;
            }
        }
        true
    }

    fn inside(&self, drop_work: &mut dyn FnMut()) {
        // The work itself sees to it.
        drop_work();
    }
}

/// Small runtimes, each with a companion that is tied to it (an HTTP client, whose connections live there), lent to one
/// blocking call at a time.
pub(crate) struct Lanes<T> {
    idle: PerProcess<Mutex<Vec<Lane<T>>>>,
}

struct Lane<T> {
    companion: T,
    runtime: Background,
    used_at: Instant,
}

impl<T: Clone + Send + 'static> Lanes<T> {
    pub(crate) const fn new() -> Self {
        Self { idle: PerProcess::new() }
    }

    /// Borrows a lane, with its companion.
    pub(crate) fn borrow(self: &Arc<Self>, make: impl FnOnce() -> Result<T, Error>) -> Result<(T, OnLane<T>), Error> {
        let idle = self.idle().pop();
        let lane = match idle {
            Some(lane) => {
                if lane.used_at.elapsed() > STALE_AFTER {
                    lane.settle();
                }
                lane
            }
            None => Lane { companion: make()?, runtime: Background::start()?, used_at: Instant::now() },
        };
        let companion = lane.companion.clone();
        Ok((companion, OnLane { lane: Some(lane), home: Arc::clone(self) }))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Lane<T>>> {
        self.idle.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Lane<T> {
    /// Lets the lane's connections act on what happened to them while nobody drove them.
    fn settle(&self) {
        let mut turns = pin!(async {
            // The first turn takes in what the system reports, the second lets the connections act on it.
            yield_now().await;
            yield_now().await;
        });
        self.runtime.drive(&mut |context| turns.as_mut().poll(context), None);
    }
}

/// A lane on loan. Given back when its work is done; otherwise its connections close with it, so that cancelling
/// reaches the other side.
pub(crate) struct OnLane<T: Clone + Send + 'static> {
    lane: Option<Lane<T>>,
    home: Arc<Lanes<T>>,
}

impl<T: Clone + Send + 'static> Driver for OnLane<T> {
    fn drive(&mut self, step: &mut Step<'_>, until: Option<Instant>) -> bool {
        self.lane.as_ref().is_some_and(|lane| lane.runtime.drive(step, until))
    }

    fn inside(&self, drop_work: &mut dyn FnMut()) {
        let _entered = self.lane.as_ref().map(|lane| lane.runtime.0.enter());
        drop_work();
    }

    fn done(&mut self, well: bool) {
        if let Some(mut lane) = self.lane.take() {
            if !well {
                // What the work gave up, a connection in the middle of an answer say, is closed now.
                lane.settle();
            }
            lane.used_at = Instant::now();
            let mut idle = self.home.idle();
            if idle.len() < MAX_IDLE {
                idle.push(lane);
            }
        }
    }
}

/// A single-threaded runtime that may be used and dropped anywhere, also inside another runtime.
struct Background(ManuallyDrop<Runtime>);

impl Background {
    fn start() -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().max_blocking_threads(2).build();
        runtime.map(|runtime| Self(ManuallyDrop::new(runtime))).map_err(|error| super::did_not_start(&error))
    }

    fn drive(&self, step: &mut Step<'_>, until: Option<Instant>) -> bool {
        if Handle::try_current().is_err() {
            return self.block(step, until);
        }
        // A thread that runs a runtime already can't run another: one of our own does it in its place.
        thread::scope(|scope| {
            let deputy =
                thread::Builder::new().name("webphone".to_owned()).spawn_scoped(scope, || self.block(step, until));
            deputy.is_ok_and(|deputy| deputy.join().unwrap_or(false))
        })
    }

    fn block(&self, step: &mut Step<'_>, until: Option<Instant>) -> bool {
        let _quiet = NoSigpipe::here();
        self.0.block_on(async {
            let ready = poll_fn(step);
            match until {
                None => {
                    ready.await;
                    true
                }
                Some(until) => timeout_at(until.into(), ready).await.is_ok(),
            }
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // SAFETY: taken once, here, and never used again.
        unsafe { ManuallyDrop::take(&mut self.0) }.shutdown_background();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes() -> Arc<Lanes<u8>> {
        Arc::new(Lanes::new())
    }

    #[test]
    fn a_lane_comes_back_when_its_work_is_done_and_only_then() {
        let lanes = lanes();
        let (_, mut done) = lanes.borrow(|| Ok(1)).unwrap();
        let (_, dropped) = lanes.borrow(|| Ok(2)).unwrap();
        done.done(true);
        drop((done, dropped));
        assert_eq!(lanes.borrow(|| Ok(3)).unwrap().0, 1);
        assert_eq!(lanes.borrow(|| Ok(4)).unwrap().0, 4);
    }

    #[test]
    fn drives_inside_another_runtime_too() {
        let (_, mut driver) = lanes().borrow(|| Ok(0)).unwrap();
        Builder::new_current_thread().build().unwrap().block_on(async {
            let mut sleep = Box::pin(async { tokio::time::sleep(Duration::from_millis(1)).await });
            assert!(driver.drive(&mut |context| sleep.as_mut().poll(context), None));
            assert!(!driver.drive(&mut |_| Poll::Pending, Some(Instant::now())));
            drop(driver);
        });
    }
}
