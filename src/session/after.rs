//! What a step leaves to be done without the lock.

use std::task::Waker;

use log::Level;

use super::output::{Cause, Update};
use crate::secret::redact;

/// The target of a session's log records.
const LOG: &str = "webphone::session";

/// What is to be done once the lock is free: who has to be woken, and what an operator may want to know.
#[derive(Default)]
pub(super) struct After {
    pub(super) wakes: Vec<Waker>,
    notes: Vec<(Level, String)>,
}

impl After {
    pub(super) fn happen(self) {
        self.wakes.into_iter().for_each(Waker::wake);
        for (level, note) in self.notes {
            log::log!(target: LOG, level, "{note}");
        }
    }

    pub(super) fn note(&mut self, level: Level, note: impl FnOnce() -> String) {
        // Not the logger's own opinion: it is not to be called now.
        if level <= log::max_level() {
            self.notes.push((level, note()));
        }
    }

    /// What an operator may want to know of an update. Names come from the page, so they are escaped and cut.
    pub(super) fn note_update(&mut self, update: &Update) {
        let cut = |name: &str| format!("{:?}", name.chars().take(64).collect::<String>());
        match &update.cause {
            Cause::Event { event, unexpected: true } => {
                self.note(Level::Debug, || format!("the phone's {} does not fit what was known", cut(event.name())));
            }
            Cause::BrokenEvent { broken } => self.note(Level::Warn, || {
                format!("the phone's {} can't be used: `{}` {}", cut(&broken.name), broken.field, broken.reason)
            }),
            Cause::AutoDialled { .. } => {
                self.note(Level::Warn, || "the page loaded again by itself, and its URL makes it dial".to_owned());
            }
            Cause::RenewalDue { .. } => self.note(Level::Info, || "the URL expires soon".to_owned()),
            Cause::Page { report } => {
                if let Some(detail) = report.detail() {
                    // The host's own words may hold anything, a URL too.
                    self.note(Level::Info, || format!("the page: {} {}", report.name(), cut(&redact(detail, []))));
                }
            }
            _ => {}
        }
    }
}
