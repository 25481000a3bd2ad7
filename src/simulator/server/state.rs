//! What changes while a simulator runs: extensions, faults, the rate limit, the record of requests.

use super::directory::Directory;
use super::faults::Faults;
use super::journal::Journal;
use super::limiter::Limiter;
use super::page::Pages;
use crate::error::Error;
use crate::simulator::{SimulatedExtension, SimulatedRateLimit};

pub(super) struct State {
    configured: (Vec<SimulatedExtension>, Option<SimulatedRateLimit>),
    directory: Directory,
    faults: Faults,
    limiter: Option<Limiter>,
    journal: Journal,
    pages: Pages,
}

impl State {
    pub(super) fn new(
        extensions: Option<Vec<SimulatedExtension>>,
        rate_limit: Option<SimulatedRateLimit>,
    ) -> Result<Self, Error> {
        let extensions = extensions.unwrap_or_else(|| [4000, 4001].map(SimulatedExtension::new).into());
        let mut directory = Directory::default();
        directory.replace(&extensions)?;
        Ok(Self {
            directory,
            faults: Faults::default(),
            limiter: rate_limit.map(Limiter::new).transpose()?,
            journal: Journal::default(),
            pages: Pages::default(),
            configured: (extensions, rate_limit),
        })
    }

    pub(super) fn reset(&mut self) -> Result<(), Error> {
        let (extensions, rate_limit) = self.configured.clone();
        *self = Self::new(Some(extensions), rate_limit)?;
        Ok(())
    }

    pub(super) fn extensions(&self) -> Vec<SimulatedExtension> {
        self.directory.list()
    }

    pub(super) fn set_extensions(&mut self, extensions: &[SimulatedExtension]) -> Result<(), Error> {
        self.directory.replace(extensions)
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(super) fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    pub(super) fn limiter(&mut self) -> Option<&mut Limiter> {
        self.limiter.as_mut()
    }

    pub(super) fn pages(&self) -> &Pages {
        &self.pages
    }

    pub(super) fn pages_mut(&mut self) -> &mut Pages {
        &mut self.pages
    }

    pub(super) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }
}
