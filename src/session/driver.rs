//! The owner of a machine: feeds it inputs with their times, keeps what comes out for those who pull it, and wakes
//! them. One lock, held for one step; nobody is woken, and nothing is called, under it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll, Waker};

use super::after::After;
use super::call::Call;
use super::config::SessionConfig;
use super::followers::Followers;
use super::input::{Input, Moment, Request, UrlFacts};
use super::outbox::Outbox;
use super::output::{Outcome, OutgoingText, Settlement};
use super::record::Recorder;
use super::snapshot::Snapshot;
use super::step::Machine;
use crate::error::Error;
use crate::runtime::pull::{Queue, Reader};
use crate::runtime::sync::Mutex;
use crate::runtime::{Alarm, Time, Timed};

/// A session's machine with all that is around it.
pub(super) struct Driver {
    time: Time,
    state: Mutex<State>,
}

struct State {
    machine: Machine,
    last_id: i64,
    commands: BTreeMap<i64, Waiter>,
    outbox: Outbox,
    followers: Followers,
    recorder: Option<Recorder>,
    deadline: Option<i64>,
    alarm: Alarm,
}

/// The one who waits for a command.
enum Waiter {
    Waiting(Option<Waker>),
    Settled(Result<Outcome, Error>),
}

impl Driver {
    pub(super) fn new(config: SessionConfig, time: Time) -> Result<Arc<Self>, Error> {
        let recorder = config.record.map(|numbers| Recorder::new(&config, numbers));
        let outbox = Outbox::new(config.post_timeout_ms);
        let machine = Machine::new(config)?;
        Ok(Arc::new_cyclic(|driver: &Weak<Self>| {
            let alarm = time.alarm(Weak::clone(driver) as _);
            let state = State {
                machine,
                last_id: 0,
                commands: BTreeMap::new(),
                outbox,
                followers: Followers::default(),
                recorder,
                deadline: None,
                alarm,
            };
            Self { time, state: Mutex::new(state) }
        }))
    }

    /// Does something at one moment, and wakes whom it concerns.
    fn at_once<T>(&self, work: impl FnOnce(&mut State, Moment, &mut After) -> T) -> T {
        let mut after = After::default();
        let mut state = self.state.lock();
        // Read under the lock: the machine is told of everything in the order of time.
        let now = self.time.now();
        let result = work(&mut state, now, &mut after);
        let deadline = state.deadline;
        after.wakes.extend(state.alarm.set(deadline));
        drop(state);
        after.happen();
        result
    }

    pub(super) fn feed(&self, input: Input) {
        self.at_once(|state, now, after| state.feed(&input, now, after));
    }

    /// Gives a command; what it returns waits for its end, and cancels it when dropped before.
    pub(super) fn execute(self: Arc<Self>, request: Request) -> Command {
        let id = self.at_once(|state, now, after| {
            state.last_id = state.last_id.saturating_add(1);
            let id = state.last_id;
            state.commands.insert(id, Waiter::Waiting(None));
            state.feed(&Input::Command { id, request }, now, after);
            id
        });
        Command { driver: self, id, end: Arc::default() }
    }

    /// Lets the page load another URL, if it may be loaded now.
    pub(super) fn change_url(&self, url: UrlFacts) -> Result<(), Error> {
        self.at_once(|state, now, after| {
            if state.machine.state().shut_down {
                return Err(Error::Closed);
            }
            state.machine.check_reload(&url)?;
            state.feed(&Input::UrlChanged { url }, now, after);
            Ok(())
        })
    }

    pub(super) fn state(&self) -> Arc<Snapshot> {
        self.state.lock().machine.state()
    }

    pub(super) fn time(&self) -> &Time {
        &self.time
    }

    /// What is known about the URL of its page.
    pub(super) fn url(&self) -> UrlFacts {
        self.state.lock().machine.url().clone()
    }

    pub(super) fn history(&self) -> Vec<Call> {
        self.state.lock().machine.history()
    }

    /// These must never stand in a recording.
    pub(super) fn hide(&self, secrets: Vec<String>) {
        if let Some(recorder) = &mut self.state.lock().recorder {
            recorder.hide(secrets);
        }
    }

    /// The recording so far; none when nothing is recorded.
    pub(super) fn recording(&self) -> Option<Recorder> {
        self.state.lock().recorder.clone()
    }

    /// How many commands somebody waits for.
    #[cfg(test)]
    pub(super) fn open_commands(&self) -> usize {
        self.state.lock().commands.len()
    }

    /// Looks at those who follow, under the lock.
    pub(super) fn followers<T>(&self, look: impl FnOnce(&mut Followers) -> T) -> T {
        look(&mut self.state.lock().followers)
    }
}

impl Timed for Driver {
    fn run_due(&self) {
        self.feed(Input::Tick);
    }
}

impl State {
    fn feed(&mut self, input: &Input, now: Moment, after: &mut After) {
        // What nobody took in its time was not posted: said before anything can count it as posted.
        while let Some(n) = self.outbox.take_stale(now.mono_ms) {
            after.note(log::Level::Warn, || format!("nobody took text {n} to post it"));
            self.step(&Input::Posted { n, ok: false }, now, after);
        }
        self.step(input, now, after);
    }

    fn step(&mut self, input: &Input, now: Moment, after: &mut After) {
        let outputs = self.machine.step(input, now);
        if let Some(recorder) = &mut self.recorder {
            recorder.record(input, now, &outputs);
        }
        outputs.updates.iter().for_each(|update| after.note_update(update));
        let state = self.machine.state();
        if state.shut_down {
            self.outbox.shut(&mut after.wakes);
        }
        self.outbox.push(outputs.texts, state.page.generation, now.mono_ms, &mut after.wakes);
        for Settlement { id, result } in outputs.settlements {
            // Nobody waits for what was cancelled before.
            if let Some(waiter) = self.commands.get_mut(&id)
                && let Waiter::Waiting(waker) = std::mem::replace(waiter, Waiter::Settled(result))
            {
                after.wakes.extend(waker);
            }
        }
        self.followers.publish(outputs.updates, &mut after.wakes);
        self.deadline = outputs.deadline;
    }
}

/// A command that was given, until its end. Dropping it cancels it.
pub(super) struct Command {
    driver: Arc<Driver>,
    id: i64,
    end: End,
}

/// How a command ended, for whoever outlives it.
pub(super) type End = Arc<OnceLock<Result<Outcome, Error>>>;

impl Command {
    pub(super) fn end(&self) -> End {
        Arc::clone(&self.end)
    }
}

impl Future for Command {
    type Output = Result<Outcome, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.driver.state.lock();
        match state.commands.remove(&self.id) {
            Some(Waiter::Settled(result)) => {
                _ = self.end.set(result.clone());
                Poll::Ready(result)
            }
            Some(Waiter::Waiting(displaced)) => {
                state.commands.insert(self.id, Waiter::Waiting(Some(context.waker().clone())));
                drop(state);
                drop(displaced);
                Poll::Pending
            }
            // Its end was given out already.
            None => Poll::Ready(Err(Error::Closed)),
        }
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        let id = self.id;
        // Its waker is not woken, and is dropped here, without the lock.
        let (end, _waker) = self.driver.at_once(|state, now, after| {
            let waker = match state.commands.get_mut(&id) {
                Some(Waiter::Waiting(waker)) => {
                    let waker = waker.take();
                    state.feed(&Input::Cancel { id }, now, after);
                    waker
                }
                _ => None,
            };
            (state.commands.remove(&id), waker)
        });
        if let Some(Waiter::Settled(result)) = end {
            _ = self.end.set(result);
        }
    }
}

/// What the one who posts holds of a session.
pub(super) struct Texts(pub(super) Arc<Driver>);

impl Queue for Texts {
    type Batch = Vec<OutgoingText>;

    const MOST: i32 = 1024;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        look(&mut self.0.state.lock().outbox.reader)
    }

    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<Self::Batch, Error>> {
        let (texts, _displaced) = self.0.at_once(|state, now, after| {
            // A text that became stale is not given out.
            if state.outbox.is_stale(now.mono_ms) {
                state.feed(&Input::Tick, now, after);
            }
            state.outbox.poll_take(max, waker)
        });
        texts
    }
}
