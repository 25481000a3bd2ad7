//! Many URLs: requests are pushed in chunks, results pulled in order. Memory is bounded by the concurrency, one
//! failure never sinks the others, and a refused token ends the rest early.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use super::core::Core;
use super::pace::Pace;
use super::request::{UrlRequest, WireRequest};
use crate::error::Error;
use crate::runtime::operation::{self, operation};
use crate::runtime::pull::{Queue, Reader, pull};
use crate::runtime::{self, ProcessBound, attach};
use crate::url::WebphoneUrl;

/// How many requests are asked for at a time: enough to make a crossing from another language worth it.
const CHUNK: usize = 64;

/// How long a result waits for company: to wake a reader costs more than a result, and more still in another language.
const MOMENT: Duration = Duration::from_millis(1);

/// How a batch works.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct BatchOptions {
    /// How many requests are under way at the same time, 1 to 1,024.
    #[uniffi(default = 16)]
    pub concurrency: i32,
    /// How many requests start a second, at most: 0.001 to 100,000, evenly spread. None: as fast as the concurrency
    /// and the API allow.
    #[uniffi(default = None)]
    pub rate: Option<f64>,
    /// How long the API may answer "too many requests" to everything before requests fail with `RateLimited`, in
    /// milliseconds, 0 to 3,600,000. These waits are no part of a request's timeout. While the API asks for a wait that
    /// does not fit into it, requests are not sent and fail too, with what is left to wait; after that they are sent again.
    #[uniffi(default = 60000)]
    pub rate_limit_patience_ms: i64,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self { concurrency: 16, rate: None, rate_limit_patience_ms: 60_000 }
    }
}

/// What became of one request of a batch.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum FetchOutcome {
    /// The URL was fetched.
    Fetched {
        /// The URL, a secret.
        url: Arc<WebphoneUrl>,
    },
    /// It was not.
    Failed {
        /// Why not.
        error: Error,
    },
}

impl From<Result<WebphoneUrl, Error>> for FetchOutcome {
    fn from(result: Result<WebphoneUrl, Error>) -> Self {
        match result {
            Ok(url) => Self::Fetched { url: Arc::new(url) },
            Err(error) => Self::Failed { error },
        }
    }
}

impl From<FetchOutcome> for Result<Arc<WebphoneUrl>, Error> {
    fn from(outcome: FetchOutcome) -> Self {
        match outcome {
            FetchOutcome::Fetched { url } => Ok(url),
            FetchOutcome::Failed { error } => Err(error),
        }
    }
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct BatchProgress {
    /// How many requests were pushed.
    pub pushed: i64,
    /// How many of them gave a URL.
    pub fetched: i64,
    /// How many of them failed, those that were not tried included.
    pub failed: i64,
    /// How often the API made the whole batch pause.
    pub rate_limit_pauses: i64,
}

/// Some results of a batch, in the order of the requests, and what it wants next.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct BatchStep {
    /// The next results, in the order in which the requests were pushed.
    pub results: Vec<FetchOutcome>,
    /// How far the batch is.
    pub progress: BatchProgress,
    /// How many more requests the batch likes to have pushed now, 0 or more.
    pub wanted: i64,
    /// Whether that was all: the input was finished, and every result was given.
    pub finished: bool,
}

impl BatchStep {
    /// As one text, see [`Batch::next_results_text`].
    fn to_text(&self) -> String {
        let BatchProgress { pushed, fetched, failed, rate_limit_pauses } = self.progress;
        let (wanted, finished) = (self.wanted, i32::from(self.finished));
        let mut text = format!("{pushed} {fetched} {failed} {rate_limit_pauses} {wanted} {finished}");
        for outcome in &self.results {
            text.push('\n');
            match outcome {
                FetchOutcome::Fetched { url } => text.push_str(url.secret()),
                FetchOutcome::Failed { error } => text.push_str(&error.to_json()),
            }
        }
        text
    }
}

operation! {
    /// A wait for the next results of a batch.
    BatchOperation, BatchStarted -> BatchStep
}

operation! {
    /// A wait for the next results of a batch as a text.
    BatchTextOperation, BatchTextStarted -> String
}

/// A running batch. Push requests, pull results, say when the input is finished; dropping it cancels what is under way.
///
/// What is under way and what was not read yet is together at most twice the concurrency: a slow reader stops new
/// requests.
#[derive(uniffi::Object)]
pub struct Batch {
    running: ProcessBound<Running>,
}

struct Running {
    shared: Arc<Shared>,
    worker: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.abort();
        // An operation may still wait for results.
        self.shared.end(Error::Cancelled);
    }
}

#[uniffi::export]
impl Batch {
    /// Adds requests at the end and returns how many more the batch likes to have now. It takes them all even if that
    /// is none; 64 at a time is a good size.
    ///
    /// # Errors
    /// [`Error::Closed`] after [`finish`](Self::finish) or in a forked child; [`Error::Cancelled`] after
    /// [`cancel`](Self::cancel). A wrong request is no error here: it gets its own result.
    pub fn push(&self, requests: Vec<UrlRequest>) -> Result<i64, Error> {
        self.running.get()?.shared.push(requests.into_iter().map(Ok))
    }

    /// As [`push`](Self::push), with the requests as one JSON text: for hosts where a text crosses faster than many
    /// records. An array of objects with the API's own names and values: `{"ramal": "4000"}` or `{"id_ramal": "77"}`,
    /// and, where they are not the defaults, `"tipo": "hidden"`, `"ligar_para": "11999990000"`, `"fechar_fim": true`.
    ///
    /// # Errors
    /// As [`push`](Self::push), and [`Error::Invalid`] naming `requests` when the text is no such array. A request that
    /// is wrong in itself gets its own result.
    pub fn push_json(&self, requests: &str) -> Result<i64, Error> {
        let requests: Vec<WireRequest> = serde_json::from_str(requests)
            .map_err(|_| Error::invalid("requests", "is not a JSON array of requests"))?;
        self.running.get()?.shared.push(requests.into_iter().map(UrlRequest::try_from))
    }

    /// Says that no more requests come. Twice is fine.
    pub fn finish(&self) {
        if let Ok(running) = self.running.get() {
            let mut state = running.shared.state();
            state.input_finished = true;
            state.wake_worker();
        }
    }

    /// The next results, at least one and at most `max` (1 to 1,024; 16 to 256 is a good size), as soon as there are any:
    /// a first one waits a millisecond for others.
    ///
    /// With nothing under way it returns at once without results: push more, or finish.
    ///
    /// # Errors
    /// [`Error::Cancelled`], [`Error::Closed`], and [`Error::Busy`] while another caller waits for results.
    pub async fn next_results(&self, max: i32) -> Result<BatchStep, Error> {
        attach(self.step(max)?).await
    }

    /// As [`next_results`](Self::next_results), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next_results`](Self::next_results).
    pub fn start_next_results(&self, max: i32, ms: i64) -> Result<BatchStarted, Error> {
        operation::start(self.step(max)?, ms).map(Into::into)
    }

    /// As [`next_results`](Self::next_results), for hosts where one text crosses faster than many objects: the text of a
    /// [`BatchStep`] has a line of six numbers with a space between each two, `pushed`, `fetched`, `failed`,
    /// `rate_limit_pauses`, `wanted`, and 1 or 0 for `finished`, and then a line for each result: the full URL, **the
    /// secret itself**, or the error as a JSON object with its variant's name as `kind` and its fields.
    ///
    /// # Errors
    /// As [`next_results`](Self::next_results).
    pub async fn next_results_text(&self, max: i32) -> Result<String, Error> {
        self.next_results(max).await.map(|step| step.to_text())
    }

    /// As [`next_results_text`](Self::next_results_text), for callers that block: waits up to `ms` milliseconds.
    ///
    /// # Errors
    /// As [`next_results`](Self::next_results).
    pub fn start_next_results_text(&self, max: i32, ms: i64) -> Result<BatchTextStarted, Error> {
        let step = self.step(max)?;
        operation::start(async { step.await.map(|step| step.to_text()) }, ms).map(Into::into)
    }

    /// How far the batch is.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn progress(&self) -> Result<BatchProgress, Error> {
        Ok(self.running.get()?.shared.progress())
    }

    /// Stops what is under way; its reader gets [`Error::Cancelled`]. Results that were not read are lost.
    pub fn cancel(&self) {
        if let Ok(running) = self.running.get() {
            running.worker.abort();
            running.shared.end(Error::Cancelled);
        }
    }
}

impl Batch {
    pub(super) fn start(core: Arc<Core>, options: &BatchOptions) -> Result<Self, Error> {
        let (concurrency, pace) = options.check()?;
        if core.closed.is_set() {
            return Err(Error::Closed);
        }
        let shared = Arc::new(Shared { concurrency, pace, state: Mutex::default() });
        let worker = runtime::handle()?.spawn(supervise(core, Arc::clone(&shared))).abort_handle();
        Ok(Self { running: ProcessBound::new(Running { shared, worker }) })
    }

    fn step(&self, max: i32) -> Result<impl Future<Output = Result<BatchStep, Error>> + Send + use<>, Error> {
        pull(Arc::clone(&self.running.get()?.shared), max)
    }
}

impl BatchOptions {
    fn check(&self) -> Result<(usize, Pace), Error> {
        let concurrency = match usize::try_from(self.concurrency) {
            Ok(concurrency @ 1..=1024) => concurrency,
            _ => return Err(Error::invalid("concurrency", "has to be 1 to 1024")),
        };
        let interval = match self.rate {
            None => None,
            Some(rate) if (0.001..=100_000.0).contains(&rate) => Some(Duration::from_secs_f64(rate.recip())),
            Some(_) => return Err(Error::invalid("rate", "has to be 0.001 to 100000 requests a second")),
        };
        let patience = match u64::try_from(self.rate_limit_patience_ms) {
            Ok(ms @ 0..=3_600_000) => Duration::from_millis(ms),
            _ => return Err(Error::invalid("rate_limit_patience_ms", "has to be 0 to 3600000 milliseconds")),
        };
        Ok((concurrency, Pace::new(interval, patience)))
    }
}

/// What the caller's side and the worker share.
struct Shared {
    concurrency: usize,
    pace: Pace,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Pushed, not started; one that was wrong from the start as its error.
    queue: VecDeque<Result<UrlRequest, Error>>,
    /// Started or done, not read, in order; empty where still under way.
    window: VecDeque<Option<FetchOutcome>>,
    /// How many results at the beginning of the window are there.
    ready: usize,
    /// Whether those that are ready need not wait for others.
    due: bool,
    /// How many results were read: the number of the first request in the window.
    read: usize,
    in_flight: usize,
    progress: BatchProgress,
    input_finished: bool,
    ended: Option<Error>,
    /// Woken when there may be something to start.
    worker: Option<Waker>,
    reader: Reader,
}

impl State {
    fn place(&mut self, place: usize, outcome: FetchOutcome) {
        if let Some(slot) = self.window.get_mut(place) {
            *slot = Some(outcome);
        }
        while matches!(self.window.get(self.ready), Some(Some(_))) {
            self.ready += 1;
        }
    }

    fn wake_worker(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.wake();
        }
    }

    fn wake_reader(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

/// What the worker does next.
enum Next {
    Start(usize, UrlRequest),
    Wait,
    Finish,
}

/// Works until the end; should that be a fault, the reader is told and not left waiting.
async fn supervise(core: Arc<Core>, shared: Arc<Shared>) {
    if let Err(error) = attach(work(core, Arc::clone(&shared))).await {
        shared.end(error);
    }
}

/// The work of a batch: starts what may start, takes in what ended, and tells the reader when it has nothing else to do.
async fn work(core: Arc<Core>, shared: Arc<Shared>) -> Result<(), Error> {
    let (core, shared) = (&core, &shared);
    let mut running = FuturesUnordered::new();
    let mut moment = pin!(sleep(MOMENT));
    let mut waiting = false;
    let turn = |context: &mut Context<'_>| {
        loop {
            match shared.next(context.waker()) {
                Next::Start(number, request) => {
                    running.push(async move { (number, core.fetch_paced(&request, Some(&shared.pace)).await) });
                    continue;
                }
                Next::Finish => {
                    shared.tell(true);
                    return Poll::Ready(Ok(()));
                }
                Next::Wait => {}
            }
            match running.poll_next_unpin(context) {
                Poll::Ready(Some((number, outcome))) => shared.settle(number, outcome),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        if !shared.tell(false) {
            waiting = false;
        } else {
            if !std::mem::replace(&mut waiting, true) {
                moment.as_mut().reset(Instant::now() + MOMENT);
            }
            if moment.as_mut().poll(context).is_ready() {
                waiting = false;
                shared.tell(true);
            }
        }
        Poll::Pending
    };
    poll_fn(turn).await
}

impl Shared {
    fn push(&self, requests: impl ExactSizeIterator<Item = Result<UrlRequest, Error>>) -> Result<i64, Error> {
        let mut state = self.state();
        if let Some(error) = &state.ended {
            return Err(error.clone());
        }
        if state.input_finished {
            return Err(Error::Closed);
        }
        state.progress.pushed += i64::try_from(requests.len()).unwrap_or(i64::MAX);
        state.queue.extend(requests);
        state.wake_worker();
        Ok(self.wanted(&state))
    }

    /// What may be done now. Where it is up to the caller's side that there is nothing, that wakes the worker.
    fn next(&self, worker: &Waker) -> Next {
        let mut state = self.state();
        loop {
            if state.in_flight >= self.concurrency {
                return Next::Wait;
            }
            let full = state.window.len() >= 2 * self.concurrency || state.ended.is_some();
            let Some(request) = (if full { None } else { state.queue.pop_front() }) else {
                if !full && state.input_finished && state.in_flight == 0 {
                    return Next::Finish;
                }
                state.worker.get_or_insert_with(|| worker.clone()).clone_from(worker);
                return Next::Wait;
            };
            let place = state.window.len();
            state.window.push_back(None);
            match request {
                Ok(request) if !self.pace.is_over() => {
                    state.in_flight += 1;
                    return Next::Start(state.read + place, request);
                }
                never_sent => {
                    let error = never_sent.err().unwrap_or(Error::NotTried);
                    state.progress.failed += 1;
                    state.place(place, FetchOutcome::Failed { error });
                }
            }
        }
    }

    fn settle(&self, number: usize, outcome: Result<WebphoneUrl, Error>) {
        let mut state = self.state();
        state.in_flight -= 1;
        match &outcome {
            Ok(_) => state.progress.fetched += 1,
            Err(error) => {
                state.progress.failed += 1;
                if matches!(error, Error::Unauthorized { .. }) {
                    // Nothing else is tried, what waits for its turn included.
                    self.pace.end();
                }
            }
        }
        let place = number - state.read;
        state.place(place, outcome.into());
        if state.ready >= self.company() {
            state.due = true;
            state.wake_reader();
        }
    }

    /// How many results are worth waking the reader for: as many come soon.
    fn company(&self) -> usize {
        (self.concurrency / 2).clamp(1, CHUNK)
    }

    /// Tells the reader of the results that are ready: now, or else when there is nothing to wait for. Returns whether it
    /// has to be told in a moment.
    fn tell(&self, now: bool) -> bool {
        let mut state = self.state();
        if state.ready == 0 || state.due {
            return false;
        }
        if now || state.in_flight == 0 {
            state.due = true;
            state.wake_reader();
        }
        !state.due
    }

    /// Nothing until a whole chunk has a place.
    fn wanted(&self, state: &State) -> i64 {
        let places = (2 * self.concurrency).max(2 * CHUNK).saturating_sub(state.queue.len());
        if places < CHUNK { 0 } else { i64::try_from(places).unwrap_or(i64::MAX) }
    }

    fn progress(&self) -> BatchProgress {
        BatchProgress { rate_limit_pauses: self.pace.pauses(), ..self.state().progress }
    }

    fn end(&self, error: Error) {
        let mut state = self.state();
        state.ended.get_or_insert(error);
        state.queue.clear();
        state.wake_reader();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue for Arc<Shared> {
    type Batch = BatchStep;

    const MOST: i32 = 1024;

    fn reader<T>(&self, look: impl FnOnce(&mut Reader) -> T) -> T {
        look(&mut self.state().reader)
    }

    fn poll_items(&self, max: usize, waker: &Waker) -> Poll<Result<BatchStep, Error>> {
        let mut state = self.state();
        if let Some(error) = &state.ended {
            return Poll::Ready(Err(error.clone()));
        }
        let idle = state.window.is_empty() && state.queue.is_empty();
        if !state.due && !idle {
            let displaced = state.reader.wait(waker);
            drop(state);
            drop(displaced);
            return Poll::Pending;
        }
        let count = state.ready.min(max);
        let results = state.window.drain(..count).flatten().collect();
        state.read += count;
        state.ready -= count;
        state.due = state.ready > 0;
        if count > 0 {
            state.wake_worker();
        }
        Poll::Ready(Ok(BatchStep {
            results,
            progress: BatchProgress { rate_limit_pauses: self.pace.pauses(), ..state.progress },
            wanted: self.wanted(&state),
            finished: state.input_finished && state.window.is_empty() && state.queue.is_empty(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_option_is_named() {
        let field = |options: BatchOptions| match options.check() {
            Err(Error::Invalid { field, .. }) => field,
            _ => panic!("{options:?} was accepted"),
        };
        let default = BatchOptions::default;
        for concurrency in [0, -1, 1025] {
            assert_eq!(field(BatchOptions { concurrency, ..default() }), "concurrency");
        }
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9, 1e-9] {
            assert_eq!(field(BatchOptions { rate: Some(rate), ..default() }), "rate");
        }
        assert_eq!(field(BatchOptions { rate_limit_patience_ms: -1, ..default() }), "rate_limit_patience_ms");
    }
}
