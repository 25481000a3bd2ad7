//! Time as sessions and simulated phones see it: the system's, or a clock of its own that a test moves by hand.
//!
//! Whoever acts when time has come sets an [`Alarm`] and is called at it: by a task of the library's runtime, which
//! sleeps while no alarm is set, or by [`Clock::advance`].

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use once_cell::sync::OnceCell;
use serde::{Deserialize, Serialize};
use tokio::time::{Sleep, sleep};

use super::process::{PerProcess, ProcessBound};
use super::sync::Mutex;
use crate::error::Error;
use crate::url::unix_ms;

/// So many alarms go off before the runtime's other tasks have their turn.
const TURN: usize = 64;

/// So many alarms at one moment are a circle that never ends.
const MAX_AT_ONCE: usize = 10_000_000;

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Moment {
    /// Monotonic time in milliseconds, from any start; what all waits and durations are made of. A session never
    /// lets it go back.
    pub mono_ms: i64,
    /// The wall clock in Unix milliseconds, for records and for expiry; it may be adjusted.
    pub unix_ms: i64,
}

/// Who acts when time has come.
pub(crate) trait Timed: Send + Sync {
    /// Acts on what is due, and sets its alarm anew: an alarm goes off once.
    fn run_due(&self);
}

/// A clock that stands still until it is moved: for tests, where sessions and simulated phones share one and a day
/// passes in no time. Without one they go by the system's time.
#[derive(uniffi::Object)]
pub struct Clock {
    mono_ms: AtomicI64,
    unix_base_ms: i64,
    agenda: Arc<Agenda>,
    /// Held by whoever moves the clock.
    moving: ProcessBound<Mutex<()>>,
}

#[uniffi::export]
impl Clock {
    /// A clock that shows this Unix time in milliseconds, and monotonic time 0.
    #[uniffi::constructor]
    pub fn simulated(unix_ms: i64) -> Self {
        Self {
            mono_ms: AtomicI64::new(0),
            unix_base_ms: unix_ms,
            agenda: Arc::default(),
            moving: ProcessBound::new(Mutex::new(())),
        }
    }

    /// What it shows.
    pub fn now(&self) -> Moment {
        let mono_ms = self.mono_ms.load(Ordering::SeqCst);
        Moment { mono_ms, unix_ms: self.unix_base_ms.saturating_add(mono_ms) }
    }

    /// Moves it on by `ms` milliseconds, 0 or more, and returns when all that was due until then has happened: each at
    /// its own time, in order, and what came of it as well. Who awaits something is woken, but not waited for.
    ///
    /// It does not wait for other threads: time may pass a command that one of them is just giving. So see it arrive
    /// first, in the phone or in the session's state. Most commands need no time to end.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming `ms` when it is negative; [`Error::Busy`] while somebody else moves the clock;
    /// [`Error::Closed`] in a forked child.
    pub fn advance(&self, ms: i64) -> Result<(), Error> {
        if ms < 0 {
            return Err(Error::invalid("ms", "is negative: time does not go back"));
        }
        let _moving = self.moving.get()?.try_lock().ok_or(Error::Busy)?;
        let mut now = self.mono_ms.load(Ordering::SeqCst);
        let until = now.saturating_add(ms);
        let mut at_once = 0;
        while let Some((due, who)) = self.agenda.take_due(until) {
            at_once = if due > now { 0 } else { at_once + 1 };
            if at_once > MAX_AT_ONCE {
                return Err(Error::internal("an alarm was set to the same moment again and again"));
            }
            now = due.max(now);
            self.mono_ms.store(now, Ordering::SeqCst);
            if let Some(who) = who.upgrade() {
                who.run_due();
            }
        }
        self.mono_ms.store(until, Ordering::SeqCst);
        Ok(())
    }
}

#[cfg(test)]
impl Clock {
    /// How many alarms are set.
    pub(crate) fn alarms(&self) -> usize {
        self.agenda.entries.lock().by_time.len()
    }
}

/// What the system's time is, as sessions without a clock of their own see it: for a host that shows how long a call
/// lasts so far.
#[uniffi::export]
pub fn system_time() -> Moment {
    Moment { mono_ms: since_start(), unix_ms: unix_ms() }
}

/// The time that somebody goes by.
#[derive(Clone)]
pub(crate) enum Time {
    System(Arc<Agenda>),
    Simulated(Arc<Clock>),
}

impl Time {
    /// This clock's, or the system's.
    ///
    /// # Errors
    /// [`Error::Internal`] when this library's runtime can't start.
    pub(crate) fn by(clock: Option<Arc<Clock>>) -> Result<Self, Error> {
        match clock {
            Some(clock) => Ok(Self::Simulated(clock)),
            None => SYSTEM.get_or_try_init(keep_time).map(|agenda| Self::System(Arc::clone(agenda))),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        match self {
            Self::System(_) => system_time(),
            Self::Simulated(clock) => clock.now(),
        }
    }

    /// Whether both are the same time, and not only at the moment.
    #[allow(dead_code, reason = "only simulated phones compare times")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System(one), Self::System(other)) => Arc::ptr_eq(one, other),
            (Self::Simulated(one), Self::Simulated(other)) => Arc::ptr_eq(one, other),
            (Self::System(_), Self::Simulated(_)) | (Self::Simulated(_), Self::System(_)) => false,
        }
    }

    /// An alarm for `who`, not set yet.
    pub(crate) fn alarm(&self, who: Weak<dyn Timed>) -> Alarm {
        let agenda = match self {
            Self::System(agenda) => agenda,
            Self::Simulated(clock) => &clock.agenda,
        };
        Alarm { agenda: Arc::clone(agenda), id: agenda.new_id(), who, due: None }
    }
}

/// Calls its owner at one time at most.
pub(crate) struct Alarm {
    agenda: Arc<Agenda>,
    id: i64,
    who: Weak<dyn Timed>,
    due: Option<i64>,
}

impl Alarm {
    /// Sets it to this monotonic time in place of the one before. Whom it returns has to be woken, without a lock.
    #[must_use = "who keeps the time has to be woken"]
    pub(crate) fn set(&mut self, due: Option<i64>) -> Option<Waker> {
        let before = std::mem::replace(&mut self.due, due);
        if before.is_none() && due.is_none() {
            return None;
        }
        let mut entries = self.agenda.entries.lock();
        if let Some(before) = before
            && Some(before) != due
        {
            entries.by_time.remove(&(before, self.id));
        }
        let due = due?;
        entries.by_time.entry((due, self.id)).or_insert_with(|| Weak::clone(&self.who));
        let is_first = entries.by_time.first_key_value().is_some_and(|(first, _)| *first == (due, self.id));
        if is_first { entries.keeper.take() } else { None }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // One alarm less wakes nobody.
        let _ = self.set(None);
    }
}

/// The alarms of one time.
#[derive(Default)]
pub(crate) struct Agenda {
    last_id: AtomicI64,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    /// By time, then by age of the alarm.
    by_time: BTreeMap<(i64, i64), Weak<dyn Timed>>,
    /// Who sleeps until the first alarm.
    keeper: Option<Waker>,
}

impl Agenda {
    fn new_id(&self) -> i64 {
        self.last_id.fetch_add(1, Ordering::Relaxed)
    }

    /// The first alarm, if it is due by `now`. It is not set any more.
    fn take_due(&self, now: i64) -> Option<(i64, Weak<dyn Timed>)> {
        let mut entries = self.entries.lock();
        let first = entries.by_time.first_entry().filter(|first| first.key().0 <= now)?;
        let ((due, _), who) = first.remove_entry();
        Some((due, who))
    }

    /// When the first alarm goes off; an earlier one that is set from now on wakes `waker`.
    fn first(&self, waker: &Waker) -> Option<i64> {
        let mut entries = self.entries.lock();
        entries.keeper = Some(waker.clone());
        entries.by_time.first_key_value().map(|((due, _), _)| *due)
    }
}

static SYSTEM: PerProcess<Arc<Agenda>> = PerProcess::new();

fn keep_time() -> Result<Arc<Agenda>, Error> {
    let agenda = Arc::new(Agenda::default());
    let kept = Arc::clone(&agenda);
    super::handle()?.spawn(async move {
        let mut until = pin!(sleep(Duration::ZERO));
        std::future::poll_fn(|context| poll_time(&kept, until.as_mut(), context)).await;
    });
    Ok(agenda)
}

/// Calls those whose time has come, and sleeps until the next one's.
fn poll_time(agenda: &Agenda, mut until: std::pin::Pin<&mut Sleep>, context: &mut Context<'_>) -> Poll<()> {
    loop {
        for _ in 0..TURN {
            let Some((_, who)) = agenda.take_due(since_start()) else { break };
            if let Some(who) = who.upgrade() {
                // One's fault must not stop the others' time.
                let _ = catch_unwind(AssertUnwindSafe(|| who.run_due()));
            }
        }
        let Some(due) = agenda.first(context.waker()) else { return Poll::Pending };
        if due <= since_start() {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let after_start = Duration::from_millis(due.try_into().unwrap_or(0));
        let Some(at) = start().checked_add(after_start) else { return Poll::Pending };
        until.as_mut().reset(at.into());
        if until.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
    }
}

/// Where this process's monotonic time begins.
fn start() -> Instant {
    static START: OnceCell<Instant> = OnceCell::new();
    *START.get_or_init(Instant::now)
}

fn since_start() -> i64 {
    i64::try_from(start().elapsed().as_millis()).unwrap_or(i64::MAX)
}
