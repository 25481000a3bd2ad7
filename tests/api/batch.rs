//! Batches against a real server: order, bounds, one failure among many, shared rate limits, and every way to end.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use webphone::api::{BatchOperation, BatchStarted};
use webphone::{
    Batch, BatchOptions, BatchProgress, BatchStep, ClientConfig, Error, Extension, FetchOutcome, UrlRequest, blocking,
};

use crate::support::server::{Event, Play, Server, answer, refusal, success, too_many};
use crate::support::{TOKEN, assert_no_secret, client, once, soon};

fn requests(numbers: impl IntoIterator<Item = usize>) -> Vec<UrlRequest> {
    numbers.into_iter().map(|number| UrlRequest::new(Extension::number(number))).collect()
}

fn at_once(concurrency: i32) -> BatchOptions {
    BatchOptions { concurrency, ..BatchOptions::default() }
}

fn batch(server: &Server, options: BatchOptions) -> Batch {
    client(once(&server.base())).batch(options).unwrap()
}

/// Answers every extension with a URL that holds its number.
fn numbered() -> Server {
    Server::start(|request| ready(Play::Send(success(request.extension()))))
}

/// Answers once it is told to, and counts what waits.
struct Held {
    server: Server,
    gate: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Held {
    fn start() -> Self {
        let (gate, waiting) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let (opened, counter) = (Arc::clone(&gate), Arc::clone(&waiting));
        let server = Server::start(move |request| {
            let (opened, counter) = (Arc::clone(&opened), Arc::clone(&counter));
            async move {
                counter.fetch_add(1, Ordering::SeqCst);
                opened.acquire().await.unwrap().forget();
                counter.fetch_sub(1, Ordering::SeqCst);
                Play::Send(success(request.extension()))
            }
        });
        Self { server, gate, waiting }
    }
}

/// Reads to the end.
async fn rest(batch: &Batch) -> (Vec<FetchOutcome>, BatchProgress) {
    batch.finish();
    let mut results = Vec::new();
    loop {
        let step = soon(batch.next_results(64)).await.unwrap();
        results.extend(step.results);
        if step.finished {
            return (results, step.progress);
        }
    }
}

#[track_caller]
fn assert_fetched(outcome: &FetchOutcome, number: usize) {
    match outcome {
        FetchOutcome::Fetched { url } => assert!(url.reveal().contains(&format!("&pop={number}&")), "not {number}"),
        FetchOutcome::Failed { error } => panic!("{number}: {error:?}"),
    }
}

fn code(outcome: &FetchOutcome) -> String {
    match outcome {
        FetchOutcome::Fetched { .. } => "fetched".to_owned(),
        FetchOutcome::Failed { error } => error.code(),
    }
}

mod results {
    use super::*;

    #[tokio::test]
    async fn come_in_the_order_of_the_requests() {
        // Every eighth answer is late, so that they come back in another order.
        let server = Server::start(|request| async move {
            if request.extension() % 8 == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Play::Send(success(request.extension()))
        });
        let batch = batch(&server, at_once(16));
        batch.push(requests(0..200)).unwrap();
        let (results, progress) = rest(&batch).await;
        assert_eq!(results.len(), 200);
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
        assert_eq!(progress, BatchProgress { pushed: 200, fetched: 200, failed: 0, rate_limit_pauses: 0 });
        assert_no_secret(&format!("{results:?}"));
    }

    #[tokio::test]
    async fn come_as_soon_as_there_are_any_and_no_more_than_asked_for() {
        let held = Held::start();
        let batch = batch(&held.server, at_once(4));
        batch.push(requests(0..8)).unwrap();
        held.gate.add_permits(8);
        let mut results = Vec::new();
        while results.len() < 8 {
            let step = soon(batch.next_results(3)).await.unwrap();
            assert!((1..=3).contains(&step.results.len()), "{}", step.results.len());
            assert!(!step.finished, "the input is not finished");
            results.extend(step.results);
        }
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
    }

    #[tokio::test]
    async fn of_nothing_are_nothing() {
        let mut server = numbered();
        let batch = batch(&server, BatchOptions::default());
        let step = soon(batch.next_results(16)).await.unwrap();
        assert_eq!((step.results.len(), step.finished), (0, false), "push more, or finish");
        assert!(step.wanted >= 64, "{}", step.wanted);
        assert_eq!(rest(&batch).await, (vec![], BatchProgress::default()));
        assert!(server.events().is_empty());
    }

    #[tokio::test]
    async fn one_failure_never_sinks_the_others() {
        let server = Server::start(|request| {
            ready(match request.extension() % 8 {
                1 => Play::Send(refusal(404, 60, &[])),
                2 => Play::Close(vec![]),
                3 => Play::Send(answer(200, &[], b"<html>")),
                4 => Play::Send(refusal(403, 8, &[])),
                5 => Play::Send(refusal(500, 50, &[])),
                6 => Play::Reset(vec![]),
                _ => Play::Send(success(request.extension())),
            })
        });
        let batch = batch(&server, at_once(8));
        let mut pushed = requests(0..80);
        pushed[7] = Extension::number("not a number").into();
        batch.push(pushed).unwrap();
        let (results, progress) = rest(&batch).await;
        let codes: Vec<_> = results.iter().map(code).collect();
        assert_eq!(codes[7], "invalid");
        let expected = [
            "fetched",
            "refused",
            "unreachable",
            "unexpected_answer",
            "refused",
            "unavailable",
            "unreachable",
            "fetched",
        ];
        for (number, code) in codes.iter().enumerate().filter(|(number, _)| *number != 7) {
            assert_eq!(code, expected[number % 8], "{number}");
        }
        assert_eq!((progress.pushed, progress.fetched, progress.failed), (80, 19, 61));
    }

    #[tokio::test]
    async fn may_be_pushed_for_while_others_are_read() {
        let server = numbered();
        let batch = batch(&server, at_once(8));
        let mut results = Vec::new();
        for chunk in 0..10 {
            assert!(batch.push(requests(chunk * 20..(chunk + 1) * 20)).unwrap() >= 0);
            results.extend(soon(batch.next_results(16)).await.unwrap().results);
        }
        let (more, progress) = rest(&batch).await;
        results.extend(more);
        assert_eq!(results.len(), 200);
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
        assert_eq!(batch.progress(), Ok(progress));
    }

    /// A debug build fetches some thousand a second: enough for every bound to be met many times.
    #[test]
    fn of_very_many_requests_come_lazily() {
        const MANY: usize = 10_000;
        let server = numbered();
        let client = blocking::Client::new(TOKEN, once(&server.base())).unwrap();
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let endless = (0..MANY).map(move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            Extension::number(number)
        });
        let mut ahead = 0;
        let mut count = 0;
        for (number, result) in client.fetch_many(endless, at_once(64)).unwrap().enumerate() {
            assert!(result.unwrap().reveal().contains(&format!("&pop={number}&")));
            count += 1;
            ahead = ahead.max(taken.load(Ordering::SeqCst) - count);
        }
        assert_eq!(count, MANY);
        assert!(ahead <= 600, "{ahead} requests were taken before their results were read");
    }

    /// An input whose next item is late holds back nothing that is there.
    #[test]
    fn come_while_a_slow_input_goes_on() {
        let server = numbered();
        let client = blocking::Client::new(TOKEN, once(&server.base())).unwrap();
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let slow = (0..200).map(move |number| {
            // Other work of the caller's: what a whole chunk of it takes would be felt.
            std::thread::sleep(Duration::from_millis(10));
            counter.fetch_add(1, Ordering::SeqCst);
            Extension::number(number)
        });
        let mut run = client.fetch_many(slow, at_once(16)).unwrap();
        for number in 0..3 {
            let url = run.next().unwrap().unwrap();
            assert!(url.reveal().contains(&format!("&pop={number}&")));
        }
        let taken = taken.load(Ordering::SeqCst);
        assert!(taken < 64, "{taken} requests were taken before the third result came");
        let progress = run.progress().unwrap();
        assert!(progress.fetched >= 3 && progress.pushed <= i64::try_from(taken).unwrap(), "{progress:?}");
    }

    /// The whole hundred thousand, without a network between: a wrong request gets its result here.
    #[tokio::test]
    async fn of_a_hundred_thousand_requests_that_are_refused_here() {
        let mut server = numbered();
        let batch = batch(&server, at_once(1024));
        let wrong: Vec<UrlRequest> = (0..100_000).map(|_| Extension::number("x").into()).collect();
        assert_eq!(batch.push(wrong), Ok(0), "it takes them all, and wants no more");
        let (results, progress) = rest(&batch).await;
        assert!(results.iter().all(|outcome| code(outcome) == "invalid"));
        assert_eq!((results.len(), progress.failed), (100_000, 100_000));
        assert!(server.events().is_empty());
    }
}

mod bounds {
    use super::*;

    #[tokio::test]
    async fn no_more_at_the_same_time_than_the_concurrency() {
        let most = Arc::new(AtomicUsize::new(0));
        let (now, seen) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&most));
        let server = Server::start(move |request| {
            let (now, seen) = (Arc::clone(&now), Arc::clone(&seen));
            async move {
                seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(2)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Play::Send(success(request.extension()))
            }
        });
        let batch = batch(&server, at_once(6));
        batch.push(requests(0..120)).unwrap();
        assert_eq!(rest(&batch).await.1.fetched, 120);
        assert_eq!(most.load(Ordering::SeqCst), 6);
    }

    #[tokio::test]
    async fn a_slow_reader_stops_new_requests() {
        const CONCURRENCY: usize = 8;
        let mut server = numbered();
        let batch = batch(&server, at_once(8));
        batch.push(requests(0..400)).unwrap();
        let mut asked = 0;
        let mut read = 0;
        while read < 400 {
            // All that may be sent comes; the reader reads nothing meanwhile.
            let most = (read + 2 * CONCURRENCY).min(400);
            while asked < most {
                server.asked().await;
                asked += 1;
            }
            while batch.progress().unwrap().fetched < i64::try_from(most).unwrap() {
                tokio::task::yield_now().await;
            }
            assert!(server.requests().is_empty(), "more than {most} were sent when {read} were read");
            let step = soon(batch.next_results(5)).await.unwrap();
            read += step.results.len();
        }
    }

    #[tokio::test]
    async fn a_late_first_answer_holds_no_more_than_the_window() {
        let gate = Arc::new(Semaphore::new(0));
        let opened = Arc::clone(&gate);
        let mut server = Server::start(move |request| {
            let opened = Arc::clone(&opened);
            async move {
                if request.extension() == 0 {
                    opened.acquire().await.unwrap().forget();
                }
                Play::Send(success(request.extension()))
            }
        });
        let batch = batch(&server, at_once(4));
        batch.push(requests(0..40)).unwrap();
        while batch.progress().unwrap().fetched < 7 {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.requests().len(), 8);
        gate.add_permits(1);
        let (results, _) = rest(&batch).await;
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
    }

    #[test]
    fn wrong_options_and_arguments_are_named() {
        let server = numbered();
        let client = client(once(&server.base()));
        for (options, field) in [
            (at_once(0), "concurrency"),
            (at_once(1025), "concurrency"),
            (BatchOptions { rate: Some(0.0), ..BatchOptions::default() }, "rate"),
            (BatchOptions { rate: Some(f64::NAN), ..BatchOptions::default() }, "rate"),
            (BatchOptions { rate_limit_patience_ms: -1, ..BatchOptions::default() }, "rate_limit_patience_ms"),
        ] {
            match client.batch(options) {
                Err(Error::Invalid { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{field}: {:?}", other.err()),
            }
        }
        let batch = client.batch(BatchOptions::default()).unwrap();
        for max in [0, -1, 1025] {
            match batch.start_next_results(max, 0) {
                Err(Error::Invalid { field, .. }) => assert_eq!(field, "max"),
                other => panic!("{max}: {:?}", other.err()),
            }
        }
    }
}

mod refusals {
    use super::*;

    #[tokio::test]
    async fn a_refused_token_ends_the_batch_early() {
        let mut server = Server::start(|request| {
            ready(match request.extension() {
                ..20 => Play::Send(success(request.extension())),
                _ => Play::Send(refusal(401, 40, &[])),
            })
        });
        let batch = batch(&server, at_once(4));
        batch.push(requests(0..500)).unwrap();
        let (results, progress) = rest(&batch).await;
        let codes: Vec<_> = results.iter().map(code).collect();
        assert_eq!(codes.len(), 500);
        assert!(codes[..20].iter().all(|code| code == "fetched"));
        let refused = codes.iter().filter(|code| *code == "unauthorized").count();
        assert!((1..=4).contains(&refused), "{refused}: what was under way when the first came back");
        assert!(codes[20 + refused..].iter().all(|code| code == "not_tried"));
        assert_eq!(server.requests().len(), 20 + refused);
        assert_eq!((progress.fetched, progress.failed), (20, 480));
    }

    #[tokio::test]
    async fn by_its_motivo_too() {
        let server = Server::always(Play::Send(refusal(200, 40, &[])));
        let batch = batch(&server, at_once(1));
        batch.push(requests(0..3)).unwrap();
        let codes: Vec<_> = rest(&batch).await.0.iter().map(code).collect();
        assert_eq!(codes, ["unauthorized", "not_tried", "not_tried"]);
    }

    /// What waits for its turn at a slow rate was not sent either.
    #[tokio::test]
    async fn a_refused_token_ends_the_waiting_for_a_turn() {
        let mut server = Server::always(Play::Send(refusal(401, 40, &[])));
        let batch = batch(&server, BatchOptions { rate: Some(0.01), ..at_once(16) });
        batch.push(requests(0..40)).unwrap();
        let codes: Vec<_> = rest(&batch).await.0.iter().map(code).collect();
        assert_eq!(codes[0], "unauthorized");
        assert!(codes[1..].iter().all(|code| code == "not_tried"), "{codes:?}");
        assert_eq!(server.requests().len(), 1);
    }

    #[tokio::test]
    async fn a_missing_permission_does_not() {
        for play in [refusal(403, 8, &[]), refusal(401, 8, &[]), refusal(403, 0, &[])] {
            let server = Server::start(move |request| {
                let play = if request.extension() % 2 == 0 { play.clone() } else { success(request.extension()) };
                ready(Play::Send(play))
            });
            let batch = batch(&server, at_once(4));
            batch.push(requests(0..40)).unwrap();
            let (results, progress) = rest(&batch).await;
            assert!(results.iter().step_by(2).all(|outcome| code(outcome) == "refused"));
            assert_eq!((progress.fetched, progress.failed), (20, 20));
        }
    }
}

mod rate_limits {
    use super::*;

    #[tokio::test]
    async fn one_pause_for_all_that_were_refused_together() {
        // The first eight come together and are refused together.
        let barrier = Arc::new(tokio::sync::Barrier::new(8));
        let paused = Arc::new(std::sync::Mutex::new((None, Duration::MAX)));
        let seen = Arc::clone(&paused);
        let mut server = Server::start(move |request| {
            let (barrier, seen) = (Arc::clone(&barrier), Arc::clone(&seen));
            async move {
                if request.number < 8 {
                    barrier.wait().await;
                    seen.lock().unwrap().0.get_or_insert(Instant::now());
                    return Play::Send(too_many("1"));
                }
                let mut seen = seen.lock().unwrap();
                let since = seen.0.unwrap().elapsed();
                seen.1 = seen.1.min(since);
                Play::Send(success(request.extension()))
            }
        });
        let batch = batch(&server, at_once(8));
        batch.push(requests(0..50)).unwrap();
        let begun = Instant::now();
        let (results, progress) = rest(&batch).await;
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
        assert_eq!(progress.rate_limit_pauses, 1);
        assert_eq!(server.requests().len(), 58);
        // Honoured, and once: eight pauses one after the other would take eight seconds.
        assert!(paused.lock().unwrap().1 >= Duration::from_millis(950), "{:?}", paused.lock().unwrap().1);
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn the_pause_is_no_part_of_a_requests_timeout_or_retries() {
        let server = Server::start(|request| {
            ready(if request.number < 2 { Play::Send(too_many("1")) } else { Play::Send(success(request.extension())) })
        });
        let client = client(ClientConfig { timeout_ms: 1_500, max_retries: 0, ..once(&server.base()) });
        let batch = client.batch(at_once(1)).unwrap();
        batch.push(requests([7])).unwrap();
        let (results, progress) = rest(&batch).await;
        assert_fetched(&results[0], 7);
        assert_eq!(progress.rate_limit_pauses, 2);
    }

    /// What the API would refuse is not sent: it fails with the refusal of another, and says how long is left to wait.
    #[tokio::test]
    async fn patience_has_an_end() {
        const CONCURRENCY: usize = 8;
        let mut server = Server::always(Play::Send(too_many("120")));
        let batch = batch(&server, BatchOptions { rate_limit_patience_ms: 119_000, ..at_once(8) });
        batch.push(requests(0..1_000)).unwrap();
        let (results, progress) = rest(&batch).await;
        let asked = server.requests().len();
        assert!((1..=CONCURRENCY).contains(&asked), "{asked} were sent");
        assert_eq!((results.len(), progress.failed, progress.rate_limit_pauses), (1_000, 1_000, 0));
        let mut sent = 0;
        for outcome in &results {
            let FetchOutcome::Failed { error } = outcome else { panic!("{outcome:?}") };
            assert_eq!((error.code().as_str(), error.is_retryable()), ("rate_limited", true));
            let wait = error.retry_after_ms().unwrap();
            if error.attempts() == 0 {
                assert!((1..=120_000).contains(&wait) && wait > 120_000 - 60_000, "{wait}");
                assert!(error.summary().contains("not sent"), "{}", error.describe());
            } else {
                sent += 1;
                assert_eq!((error.attempts(), wait), (1, 120_000));
            }
        }
        assert_eq!(sent, asked);
    }

    /// An extension that the API does not know came through the limit all the same: the patience begins anew.
    #[tokio::test]
    async fn patience_is_for_what_is_answered_to_everything() {
        let server = Server::start(|request| {
            ready(Play::Send(match request.number {
                0 | 2 => too_many("1"),
                1 => refusal(404, 60, &[]),
                _ => success(request.extension()),
            }))
        });
        let batch = batch(&server, BatchOptions { rate_limit_patience_ms: 1_500, ..at_once(1) });
        batch.push(requests(0..2)).unwrap();
        let (results, progress) = rest(&batch).await;
        assert_eq!(results.iter().map(code).collect::<Vec<_>>(), ["refused", "fetched"]);
        assert_eq!(progress.rate_limit_pauses, 2);
    }

    #[tokio::test]
    async fn a_batch_goes_on_when_the_api_takes_requests_again() {
        let mut server = Server::start(|request| {
            ready(if request.number == 0 {
                Play::Send(too_many("1"))
            } else {
                Play::Send(success(request.extension()))
            })
        });
        let batch = batch(&server, BatchOptions { rate_limit_patience_ms: 0, ..at_once(1) });
        batch.push(requests(0..3)).unwrap();
        let mut failed = Vec::new();
        while failed.len() < 3 {
            failed.extend(soon(batch.next_results(3)).await.unwrap().results);
        }
        assert!(failed.iter().all(|outcome| code(outcome) == "rate_limited"), "{failed:?}");
        assert_eq!(server.requests().len(), 1);
        // Whoever waits as long as the last one says is let through.
        let FetchOutcome::Failed { error } = &failed[2] else { panic!("{failed:?}") };
        let wait = Duration::from_millis(error.retry_after_ms().unwrap().try_into().unwrap());
        tokio::time::sleep(wait).await;
        batch.push(requests(3..6)).unwrap();
        let (results, progress) = rest(&batch).await;
        for (place, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, 3 + place);
        }
        assert_eq!((progress.fetched, progress.failed, server.requests().len()), (3, 3, 3));
    }

    #[tokio::test]
    async fn without_a_wait_named_the_pauses_are_short_and_grow() {
        let server = Server::start(|request| {
            ready(match request.number {
                ..3 => Play::Send(refusal(429, 0, &[])),
                _ => Play::Send(success(request.extension())),
            })
        });
        let batch = batch(&server, at_once(1));
        batch.push(requests(0..10)).unwrap();
        let (results, progress) = rest(&batch).await;
        assert!(results.iter().all(|outcome| code(outcome) == "fetched"), "{results:?}");
        assert_eq!(progress.rate_limit_pauses, 3);
    }

    #[tokio::test]
    async fn a_rate_is_kept() {
        let mut server = numbered();
        let batch = batch(&server, BatchOptions { rate: Some(100.0), ..at_once(16) });
        batch.push(requests(0..40)).unwrap();
        let begun = Instant::now();
        let (_, progress) = rest(&batch).await;
        assert_eq!(progress.fetched, 40);
        // 40 starts, 39 intervals of 10 ms.
        assert!(begun.elapsed() >= Duration::from_millis(390), "{:?}", begun.elapsed());
        assert_eq!(server.requests().len(), 40);
    }
}

mod ends {
    use super::*;

    #[tokio::test]
    async fn cancelling_stops_what_is_under_way() {
        let mut server = Server::silent();
        let batch = Arc::new(batch(&server, at_once(5)));
        batch.push(requests(0..50)).unwrap();
        for _ in 0..5 {
            server.asked().await;
        }
        let reader = tokio::spawn({
            let batch = Arc::clone(&batch);
            async move { batch.next_results(16).await }
        });
        batch.cancel();
        assert_eq!(soon(reader).await.unwrap(), Err(Error::Cancelled));
        for _ in 0..5 {
            server.gone().await;
        }
        assert_eq!(soon(batch.next_results(16)).await, Err(Error::Cancelled));
        assert_eq!(batch.push(requests(0..1)), Err(Error::Cancelled));
        batch.cancel();
        batch.finish();
        assert_eq!(batch.progress().unwrap().pushed, 50);
        assert!(!server.events().iter().any(|event| matches!(event, Event::Asked(_))), "nothing else is sent");
    }

    #[tokio::test]
    async fn dropping_stops_what_is_under_way() {
        let mut server = Server::silent();
        let batch = batch(&server, at_once(5));
        batch.push(requests(0..50)).unwrap();
        for _ in 0..5 {
            server.asked().await;
        }
        drop(batch);
        for _ in 0..5 {
            server.gone().await;
        }
    }

    #[tokio::test]
    async fn dropping_ends_the_wait_of_an_operation() {
        let server = Server::silent();
        let batch = batch(&server, at_once(5));
        batch.push(requests(0..5)).unwrap();
        let operation = pending_step(&batch);
        drop(batch);
        let waiter = tokio::task::spawn_blocking(move || operation.wait_for(30_000));
        assert_eq!(soon(waiter).await.unwrap(), Err(Error::Cancelled));
    }

    #[tokio::test]
    async fn dropping_the_reader_keeps_the_results() {
        let held = Held::start();
        let batch = batch(&held.server, at_once(4));
        batch.push(requests(0..4)).unwrap();
        let read = tokio::time::timeout(Duration::from_millis(20), batch.next_results(16)).await;
        assert!(read.is_err(), "{read:?}");
        held.gate.add_permits(4);
        let (results, _) = rest(&batch).await;
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
        assert_eq!(results.len(), 4);
        assert_eq!(held.waiting.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn the_clients_end_ends_its_batches() {
        let mut server = Server::silent();
        let client = client(once(&server.base()));
        let batch = client.batch(at_once(3)).unwrap();
        batch.push(requests(0..9)).unwrap();
        for _ in 0..3 {
            server.asked().await;
        }
        client.shut_down();
        let (results, progress) = rest(&batch).await;
        assert!(results.iter().all(|outcome| code(outcome) == "closed"), "{results:?}");
        assert_eq!(progress.failed, 9);
        assert!(server.requests().is_empty());
    }

    #[tokio::test]
    async fn a_batch_outlives_its_client() {
        let server = numbered();
        let batch = batch(&server, at_once(3));
        batch.push(requests(0..9)).unwrap();
        assert_eq!(rest(&batch).await.1.fetched, 9);
    }

    #[tokio::test]
    async fn nothing_is_pushed_after_the_input_was_finished() {
        let server = numbered();
        let batch = batch(&server, BatchOptions::default());
        batch.push(requests(0..2)).unwrap();
        batch.finish();
        batch.finish();
        assert_eq!(batch.push(requests(2..3)), Err(Error::Closed));
        assert_eq!(rest(&batch).await.0.len(), 2);
        let again = soon(batch.next_results(16)).await.unwrap();
        assert!(again.finished && again.results.is_empty(), "the end stays the end");
        assert_eq!(batch.push(vec![]), Err(Error::Closed));
    }

    fn pending_step(batch: &Batch) -> Arc<BatchOperation> {
        match batch.start_next_results(16, 10) {
            Ok(BatchStarted::Pending { operation }) => operation,
            Ok(BatchStarted::Done { value }) => panic!("done: {value:?}"),
            Err(error) => panic!("{error:?}"),
        }
    }

    #[tokio::test]
    async fn there_is_one_reader_at_a_time() {
        let server = Server::start(|_| pending());
        let batch = batch(&server, BatchOptions::default());
        batch.push(requests(0..2)).unwrap();
        let operation = pending_step(&batch);
        assert_eq!(soon(batch.next_results(16)).await, Err(Error::Busy));
        assert!(matches!(batch.start_next_results(16, 0), Err(Error::Busy)));
        drop(operation);
        // The place is free again.
        let next = pending_step(&batch);
        next.cancel();
        assert_eq!(next.wait_for(0), Err(Error::Cancelled));
        drop(pending_step(&batch));
        assert_eq!(batch.progress().unwrap().failed, 0, "a reader's end is not the batch's");
    }

    #[test]
    fn blocking_readers_wait_in_slices() {
        let held = Held::start();
        let batch = batch(&held.server, at_once(2));
        batch.push(requests(0..2)).unwrap();
        let operation = pending_step(&batch);
        assert_eq!(operation.wait_for(5), Ok(None));
        // Both: who comes first is let through first, and that need not be the first request.
        held.gate.add_permits(2);
        let first: BatchStep = operation.wait_for(30_000).unwrap().unwrap();
        assert_eq!(operation.wait_for(0), Err(Error::Closed));
        batch.finish();
        let mut results = first.results;
        while results.len() < 2 {
            match batch.start_next_results(16, 30_000) {
                Ok(BatchStarted::Done { value }) => results.extend(value.results),
                Ok(BatchStarted::Pending { .. }) => panic!("no result in 30 s"),
                Err(error) => panic!("{error:?}"),
            }
        }
        for (number, outcome) in results.iter().enumerate() {
            assert_fetched(outcome, number);
        }
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_by_a_push_and_by_the_finish() {
        let held = Held::start();
        let batch = Arc::new(batch(&held.server, at_once(2)));
        batch.push(requests(0..1)).unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let reader = tokio::spawn({
            let (batch, done) = (Arc::clone(&batch), Arc::clone(&done));
            async move {
                let mut count = 0;
                loop {
                    let step = batch.next_results(16).await.unwrap();
                    count += step.results.len();
                    if step.finished {
                        done.store(true, Ordering::SeqCst);
                        return count;
                    }
                    // Nothing is under way: whoever pushes next makes it worth asking again.
                    tokio::task::yield_now().await;
                }
            }
        });
        batch.push(requests(1..3)).unwrap();
        held.gate.add_permits(3);
        while batch.progress().unwrap().fetched < 3 {
            tokio::task::yield_now().await;
        }
        assert!(!done.load(Ordering::SeqCst));
        batch.finish();
        assert_eq!(soon(reader).await.unwrap(), 3);
    }
}
