//! What a message of the phone costs until a follower has its update, with a call and two queues: in the machine alone,
//! and in a session. Prints microseconds, the median of several runs.
//!
//! `cargo bench --bench session`
#![allow(missing_docs)]

mod messages;

use std::time::Instant;

use futures_util::{FutureExt, StreamExt};
use messages::{BEFORE, MEASURED};
use webphone::session::{Input, Machine, Moment, PageReport, Session, SessionConfig, UpdateStream};

/// Messages in a run.
const MESSAGES: usize = 100_000;

/// Runs, whose median is told.
const RUNS: usize = 9;

fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed().as_secs_f64() * 1e6 / MESSAGES as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

fn messages() -> impl Iterator<Item = &'static str> {
    MEASURED.into_iter().cycle().take(MESSAGES)
}

fn in_the_machine() -> f64 {
    let mut machine = Machine::new(SessionConfig::default()).unwrap();
    let mut now = 0;
    let mut step = |input: Input| {
        now += 1;
        machine.step(&input, Moment { mono_ms: now, unix_ms: now }).updates.len()
    };
    step(Input::PageReport { report: PageReport::Loaded });
    for text in BEFORE {
        step(Input::PhoneMessage { text: text.to_owned() });
    }
    median(|| {
        let told: usize = messages().map(|text| step(Input::PhoneMessage { text: text.to_owned() })).sum();
        assert_eq!(told, MESSAGES);
    })
}

fn ready(followers: usize) -> (Session, Vec<UpdateStream>) {
    let session = Session::open(SessionConfig::default(), None, None).unwrap();
    session.page_report(PageReport::Loaded);
    BEFORE.iter().for_each(|text| session.receive((*text).to_owned()));
    let streams = (0..followers).map(|_| session.updates(256).unwrap().into_stream().unwrap());
    let streams = streams.collect();
    (session, streams)
}

fn in_a_session(followers: usize) -> f64 {
    let (session, mut streams) = ready(followers);
    assert!(session.state().unwrap().queues.len() == 2 && session.state().unwrap().call.is_some());
    median(|| {
        for text in messages() {
            session.receive(text.to_owned());
            for stream in &mut streams {
                let update = stream.next().now_or_never().flatten();
                assert!(update.is_some());
            }
        }
    })
}

fn main() {
    println!("the machine alone        {:.2} µs a message", in_the_machine());
    for followers in [0, 1, 2] {
        println!("a session, {followers} followers   {:.2} µs a message", in_a_session(followers));
    }
}
