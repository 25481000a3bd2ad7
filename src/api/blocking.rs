//! The same client for Rust programs that block.

use std::sync::Arc;

use super::{Batch, BatchOptions, ClientConfig, FetchOutcome, UrlRequest};
use crate::error::Error;
use crate::runtime::operation;
use crate::url::WebphoneUrl;

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
            ended: false,
        })
    }
}

/// The results of [`Client::fetch_many`], in the order of the requests.
pub struct FetchMany<I> {
    batch: Batch,
    /// None when all were pushed.
    requests: Option<I>,
    ready: std::vec::IntoIter<FetchOutcome>,
    wanted: i64,
    ended: bool,
}

impl<I> FetchMany<I>
where
    I: Iterator,
    I::Item: Into<UrlRequest>,
{
    /// Pushes what the batch wants, then takes what it has; false at the end.
    fn step(&mut self) -> Result<bool, Error> {
        while self.wanted > 0
            && let Some(requests) = &mut self.requests
        {
            let chunk: Vec<_> = requests.by_ref().take(64).map(Into::into).collect();
            if chunk.is_empty() {
                self.requests = None;
                self.batch.finish();
            } else {
                self.wanted = self.batch.push(chunk)?;
            }
        }
        let step = operation::wait(self.batch.next_results(256))?;
        self.wanted = step.wanted;
        self.ready = step.results.into_iter();
        Ok(!step.finished)
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
