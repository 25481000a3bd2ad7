//! The way out of a program: threads that block inside the library are let out before the host's interpreter goes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::process::PerProcess;
use crate::error::Error;

static GATE: PerProcess<Gate> = PerProcess::new();

fn gate() -> &'static Gate {
    GATE.get_or_init(Gate::default)
}

#[derive(Default)]
struct Gate {
    shut: AtomicBool,
    tickets: AtomicU64,
    /// The wakers of those inside, once they wait.
    inside: Mutex<HashMap<u64, Option<Waker>>>,
    left: Condvar,
}

impl Gate {
    fn inside(&self) -> MutexGuard<'_, HashMap<u64, Option<Waker>>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the program is on its way out.
pub(crate) fn is_shut() -> bool {
    gate().shut.load(Ordering::SeqCst)
}

/// Makes every blocking call in this process return [`Error::Closed`], those waiting now and those to come, and waits
/// up to `wait_ms` milliseconds until nobody is inside. For hosts whose interpreter is about to end; there is no way
/// back. Returns whether everybody left in time.
#[uniffi::export]
pub fn prepare_exit(wait_ms: i64) -> bool {
    let gate = gate();
    gate.shut.store(true, Ordering::SeqCst);
    let until = Instant::now() + Duration::from_millis(wait_ms.try_into().unwrap_or(0));
    let mut inside = gate.inside();
    inside.values().flatten().for_each(Waker::wake_by_ref);
    while !inside.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        inside = gate.left.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    true
}

/// The place where one thread waits: also the waker of what it waits for.
pub(crate) struct Parking {
    thread: Thread,
    woken: AtomicBool,
}

impl Parking {
    /// For the thread that calls this.
    pub(crate) fn here() -> Self {
        Self { thread: thread::current(), woken: AtomicBool::new(false) }
    }

    /// Lets the thread look around again.
    pub(crate) fn unpark(&self) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }

    /// Waits for [`unpark`](Self::unpark), no longer than until `until`; false when the time is up.
    pub(crate) fn park_until(&self, until: Option<Instant>) -> bool {
        while !self.woken.swap(false, Ordering::SeqCst) {
            match until {
                None => thread::park(),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    thread::park_timeout(left);
                }
            }
        }
        true
    }
}

impl Wake for Parking {
    fn wake(self: Arc<Self>) {
        self.unpark();
    }
}

/// A thread that is inside a blocking call, until this is dropped.
pub(crate) struct Inside {
    /// Of the process that entered: a fork inside a blocking call can't happen on its own thread.
    gate: &'static Gate,
    ticket: u64,
}

/// Enters a blocking call, unless the program is on its way out.
pub(crate) fn enter() -> Result<Inside, Error> {
    let gate = gate();
    let ticket = gate.tickets.fetch_add(1, Ordering::Relaxed);
    // Registered before the look at `shut`: whoever shuts the gate in between finds us.
    gate.inside().insert(ticket, None);
    let inside = Inside { gate, ticket };
    if inside.gate_is_shut() { Err(Error::Closed) } else { Ok(inside) }
}

impl Inside {
    /// Has this waker woken when the gate is shut. A look at [`gate_is_shut`](Self::gate_is_shut) has to follow.
    pub(crate) fn wake_with(&self, waker: &Waker) {
        self.gate.inside().insert(self.ticket, Some(waker.clone()));
    }

    /// Whether the program is on its way out.
    pub(crate) fn gate_is_shut(&self) -> bool {
        self.gate.shut.load(Ordering::SeqCst)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut inside = self.gate.inside();
        inside.remove(&self.ticket);
        if inside.is_empty() {
            self.gate.left.notify_all();
        }
    }
}
