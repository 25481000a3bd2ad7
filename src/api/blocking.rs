//! The same client for Rust programs that block.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Batch, BatchOptions, BatchProgress, BatchStarted, BatchStep, ClientConfig, FetchOutcome, UrlRequest};
use crate::error::Error;
use crate::runtime::operation;
use crate::url::WebphoneUrl;

/// How many requests are pushed at a time, at most.
const CHUNK: usize = 64;

/// How many results are awaited at a time, at most.
const MANY: i32 = 256;

/// How long a chunk may take to fill: what a slow input gave so far is not held back.
const MOMENT: Duration = Duration::from_millis(5);

/// [`Client`](super::Client), with calls that block until they are done. It needs no async runtime of the caller's.
#[derive(Debug)]
pub struct Client(super::Client);

impl Client {
    /// A client with this access token.
    ///
    /// # Errors
    /// As [`Client::new`](super::Client::new).
    pub fn new(token: impl Into<String>, config: ClientConfig) -> Result<Self, Error> {
        super::Client::new(token.into(), config).map(Self)
    }

    /// A client with the token in the environment.
    ///
    /// # Errors
    /// As [`Client::from_environment`](super::Client::from_environment).
    pub fn from_environment(config: ClientConfig) -> Result<Self, Error> {
        super::Client::from_environment(config).map(Self)
    }

    /// Asks for the webphone URL of an extension.
    ///
    /// # Errors
    /// As [`Client::fetch`](super::Client::fetch).
    pub fn fetch(&self, request: impl Into<UrlRequest>) -> Result<Arc<WebphoneUrl>, Error> {
        let core = self.0.core();
        let (http, driver) = core.lane()?;
        operation::wait_on(driver, core.fetch_on(http, request.into()))
    }

    /// Fetches the URLs of any number of requests, lazily and in order, with bounded memory.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the wrong option.
    pub fn fetch_many<I>(&self, requests: I, options: BatchOptions) -> Result<FetchMany<I::IntoIter>, Error>
    where
        I: IntoIterator,
        I::Item: Into<UrlRequest>,
    {
        let batch = self.0.batch(options)?;
        // Any number above zero asks for the first chunk.
        Ok(FetchMany {
            batch,
            requests: Some(requests.into_iter()),
            ready: Vec::new().into_iter(),
            wanted: 1,
            chunk: 1,
            ended: false,
        })
    }
}

/// The results of [`Client::fetch_many`], in the order of the requests, each as soon as it is there.
pub struct FetchMany<I> {
    batch: Batch,
    /// None when all were pushed.
    requests: Option<I>,
    ready: std::vec::IntoIter<FetchOutcome>,
    wanted: i64,
    /// How many requests are pushed next: few while the input is slow, so that what it gave goes out at once.
    chunk: usize,
    ended: bool,
}

impl<I> FetchMany<I> {
    /// How far the batch is.
    ///
    /// # Errors
    /// [`Error::Closed`] in a forked child.
    pub fn progress(&self) -> Result<BatchProgress, Error> {
        self.batch.progress()
    }
}

impl<I> FetchMany<I>
where
    I: Iterator,
    I::Item: Into<UrlRequest>,
{
    /// Pushes what the batch wants, then takes what it has; false at the end.
    fn step(&mut self) -> Result<bool, Error> {
        while !self.feed()? {
            if let Some(step) = self.poll()?
                && !step.results.is_empty()
            {
                return Ok(self.take(step));
            }
        }
        let step = operation::wait(self.batch.next_results(MANY))?;
        Ok(self.take(step))
    }

    /// Pushes what the batch wants; false when the input is slow, and there may be results meanwhile.
    fn feed(&mut self) -> Result<bool, Error> {
        while self.wanted > 0
            && let Some(requests) = &mut self.requests
        {
            let until = Instant::now() + MOMENT;
            let (mut chunk, mut slow) = (Vec::new(), false);
            while chunk.len() < self.chunk && !slow {
                let Some(request) = requests.next() else {
                    self.batch.push(chunk)?;
                    self.batch.finish();
                    self.requests = None;
                    return Ok(true);
                };
                chunk.push(request.into());
                slow = Instant::now() > until;
            }
            self.wanted = self.batch.push(chunk)?;
            if slow {
                self.chunk = 1;
                return Ok(false);
            }
            self.chunk = CHUNK.min(2 * self.chunk);
        }
        Ok(true)
    }

    /// What the batch has now.
    fn poll(&self) -> Result<Option<BatchStep>, Error> {
        match self.batch.start_next_results(MANY, 0)? {
            BatchStarted::Done { value } => Ok(Some(value)),
            BatchStarted::Pending { .. } => Ok(None),
        }
    }

    fn take(&mut self, step: BatchStep) -> bool {
        self.wanted = step.wanted;
        self.ready = step.results.into_iter();
        !step.finished
    }
}

impl<I> Iterator for FetchMany<I>
where
    I: Iterator,
    I::Item: Into<UrlRequest>,
{
    type Item = Result<Arc<WebphoneUrl>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.len() == 0 && !self.ended {
            match self.step() {
                Ok(more) => self.ended = !more,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.ready.next().map(Into::into)
    }
}
