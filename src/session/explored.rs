//! The driver's hand-offs in many interleavings: a wake that gets lost is a deadlock, which the exploration tells.

use std::sync::Arc;

use futures_util::StreamExt;
use shuttle::future::{block_on, spawn};
use shuttle::thread;

use super::driver::{Driver, Texts};
use super::followers::Updates;
use super::input::{Input, PageReport, Request};
use super::output::{Cause, Outcome};
use super::{SessionConfig, Update};
use crate::error::Error;
use crate::protocol::Command;
use crate::runtime::pull::pull;
use crate::runtime::sync::explore::interleavings;
use crate::runtime::{Clock, Time};

const COUNT: usize = 2000;

fn message(text: &str) -> Input {
    Input::PhoneMessage { text: text.to_owned() }
}

fn ready() -> (Arc<Driver>, Arc<Clock>) {
    let clock = Arc::new(Clock::simulated(0));
    let time = Time::by(Some(Arc::clone(&clock))).unwrap();
    let driver = Driver::new(SessionConfig::default(), time).unwrap();
    driver.feed(Input::PageReport { report: PageReport::Loaded });
    driver.feed(message(r#"{"message":"status","status":"conectado"}"#));
    (driver, clock)
}

fn join_queue(queue: &str) -> Request {
    Request::Execute { command: Command::JoinQueue { queue: queue.try_into().unwrap() } }
}

fn toggle_mute() -> Request {
    Request::Execute { command: Command::ToggleMute }
}

/// Work on the driver in a thread of its own.
fn beside<T: Send + 'static>(
    driver: &Arc<Driver>,
    work: impl FnOnce(Arc<Driver>) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let driver = Arc::clone(driver);
    thread::spawn(move || work(driver))
}

/// A session that is ready, with its host in a thread of its own, and its updates from now on.
fn hosted() -> (Arc<Driver>, thread::JoinHandle<()>, Updates) {
    let (driver, _clock) = ready();
    let updates = Updates::of(Arc::clone(&driver), 1024).unwrap();
    let host = beside(&driver, |driver| block_on(host(driver)));
    (driver, host, updates)
}

/// Posts what comes until the session ends; the phone does as it is told.
async fn host(driver: Arc<Driver>) {
    while let Ok(texts) = pull(Texts(Arc::clone(&driver)), 2).unwrap().await {
        for text in texts {
            driver.feed(Input::Posted { n: text.n, ok: true });
            if let Ok(Some(Command::JoinQueue { queue })) = Command::parse(&text.text) {
                driver.feed(message(&format!(r#"{{"message":"entrou_na_fila","filaId":"{queue}"}}"#)));
            }
        }
    }
}

async fn all(updates: Updates) -> Vec<Update> {
    updates.into_stream().unwrap().collect().await
}

/// Each update came once, in order; returns which commands ended.
fn settled(updates: &[Update]) -> Vec<i64> {
    let mut numbers = updates.iter().map(|update| update.number);
    let first = numbers.next().unwrap();
    assert!(numbers.eq(first + 1..first + updates.len() as i64), "{updates:?}");
    let mut ids: Vec<i64> = updates
        .iter()
        .filter_map(|update| match update.cause {
            Cause::Settled { id, .. } => Some(id),
            _ => None,
        })
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_command_always_hears_of_its_end() {
    interleavings(COUNT, || {
        let (driver, host, updates) = hosted();
        let follower = thread::spawn(move || block_on(all(updates)));
        let callers =
            ["1", "2", "3"].map(|queue| beside(&driver, move |driver| block_on(driver.execute(join_queue(queue)))));
        for caller in callers {
            let outcome = Outcome::Confirmed { by: "entrou_na_fila".to_owned(), call_id: None };
            assert_eq!(caller.join().unwrap(), Ok(outcome));
        }
        driver.feed(Input::ShutDown);
        host.join().unwrap();
        assert_eq!(settled(&follower.join().unwrap()), [1, 2, 3]);
    });
}

#[test]
fn a_cancelled_command_ends_once_whoever_comes_first() {
    interleavings(COUNT, || {
        let (driver, host, updates) = hosted();
        let callers = [0, 1, 2].map(|_| {
            beside(&driver, |driver| {
                block_on(async {
                    let command = spawn(driver.execute(toggle_mute()));
                    shuttle::future::yield_now().await;
                    command.abort();
                    // Cancelled, or done before: both are an end.
                    command.await.ok()
                })
            })
        });
        let results: Vec<_> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        assert!(results.into_iter().flatten().all(|result| result == Ok(Outcome::Sent { keys: None })));
        driver.feed(Input::ShutDown);
        host.join().unwrap();
        assert_eq!(settled(&block_on(all(updates))), [1, 2, 3]);
        assert_eq!(driver.open_commands(), 0);
    });
}

#[test]
fn everybody_who_waits_is_let_go_at_the_end() {
    interleavings(COUNT, || {
        let (driver, host, updates) = hosted();
        let follower = thread::spawn(move || block_on(all(updates)));
        let caller = beside(&driver, |driver| {
            // The phone never says that it has its line: only the end of the session ends this.
            driver.feed(message(r#"{"message":"status","status":"desconectado"}"#));
            block_on(driver.execute(Request::Execute { command: Command::Connect }))
        });
        let enders = [0, 1].map(|_| beside(&driver, |driver| driver.feed(Input::ShutDown)));
        for ender in enders {
            ender.join().unwrap();
        }
        host.join().unwrap();
        assert!(matches!(caller.join().unwrap(), Err(Error::SessionClosed { .. })));
        let updates = follower.join().unwrap();
        assert_eq!(updates.last().map(|update| &update.cause), Some(&Cause::ShutDown));
    });
}

#[test]
fn a_follower_misses_nothing_of_two_who_feed() {
    interleavings(COUNT, || {
        let (driver, _clock) = ready();
        let updates = Updates::of(Arc::clone(&driver), 1024).unwrap();
        let follower = thread::spawn(move || block_on(all(updates)));
        let feeders = [0, 1].map(|_| {
            beside(&driver, |driver| {
                for _ in 0..3 {
                    driver.feed(message(r#"{"message":"novidade"}"#));
                }
            })
        });
        for feeder in feeders {
            feeder.join().unwrap();
        }
        driver.feed(Input::ShutDown);
        let updates = follower.join().unwrap();
        assert_eq!((settled(&updates), updates.len()), (vec![], 7));
    });
}

#[test]
fn a_clock_that_moves_loses_no_alarm() {
    interleavings(COUNT, || {
        let (driver, clock) = ready();
        driver.feed(Input::PageReport { report: PageReport::Loading });
        let caller = beside(&driver, |driver| block_on(driver.execute(toggle_mute())));
        let mover = thread::spawn({
            let clock = Arc::clone(&clock);
            move || clock.advance(10).unwrap()
        });
        mover.join().unwrap();
        // The command is given by now, or will be: a minute after that, its wait is over.
        while driver.open_commands() == 0 {
            thread::yield_now();
        }
        clock.advance(60_000).unwrap();
        assert_eq!(caller.join().unwrap().unwrap_err().code(), "not_ready");
        assert_eq!(clock.alarms(), 0, "an idle session sets no alarm");
    });
}
