//! What will happen by itself: by time, and then in the order in which it was planned.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Agenda<T> {
    entries: BTreeMap<(i64, u64), T>,
    planned: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), planned: 0 }
    }
}

impl<T> Agenda<T> {
    pub(super) fn plan(&mut self, at: i64, what: T) {
        self.entries.insert((at, self.planned), what);
        self.planned += 1;
    }

    /// When the next thing is due.
    pub(super) fn next(&self) -> Option<i64> {
        self.entries.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next thing that is due by `until`, and when it was.
    pub(super) fn take_due(&mut self, until: i64) -> Option<(i64, T)> {
        let entry = self.entries.first_entry().filter(|entry| entry.key().0 <= until)?;
        let ((at, _), what) = entry.remove_entry();
        Some((at, what))
    }

    pub(super) fn retain(&mut self, keeps: impl Fn(&T) -> bool) {
        self.entries.retain(|_, what| keeps(what));
    }
}
