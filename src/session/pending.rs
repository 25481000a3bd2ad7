//! The room of the commands: the one list of them, in order, from the gate over hand-out and posting to the end. It
//! knows no telephony: what a command is about (`J`) is its caller's.

use super::output::{Outcome, Settlement};
use crate::error::{Error, Posted};

/// No host has more open; a further command is refused.
pub(super) const MAX_OPEN: usize = 64;

/// How far a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not handed out: the page is not ready for it, or others come first. Only time at the shut gate counts.
    Gated { shut_since: Option<i64>, shut_ms: i64 },
    /// A text was given to the host, which has not reported. `before`: an earlier text of it was posted.
    HandedOut { n: i64, at: i64, before: bool },
    /// Posted; it waits for its event, or for its next text.
    Waiting { until: i64 },
    /// It ends as another command in flight does.
    Joined { leader: i64 },
}

#[derive(Debug)]
pub(super) struct Entry<J> {
    pub(super) id: i64,
    pub(super) job: J,
    pub(super) stage: Stage,
    /// Whether somebody waits for its end. After a cancellation it stays in flight without.
    awaited: bool,
}

impl<J> Entry<J> {
    /// Whether the phone may be acting on it.
    pub(super) fn is_in_flight(&self) -> bool {
        matches!(self.stage, Stage::HandedOut { .. } | Stage::Waiting { .. })
    }

    pub(super) fn is_gated(&self) -> bool {
        matches!(self.stage, Stage::Gated { .. })
    }
}

#[derive(Debug)]
pub(super) struct Pending<J> {
    entries: Vec<Entry<J>>,
    next_text: i64,
}

impl<J> Pending<J> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), next_text: 1 }
    }

    /// Takes a command in, at the gate; false when there are too many.
    pub(super) fn push(&mut self, id: i64, job: J) -> bool {
        if self.entries.len() >= MAX_OPEN {
            return false;
        }
        let stage = Stage::Gated { shut_since: None, shut_ms: 0 };
        self.entries.push(Entry { id, job, stage, awaited: true });
        true
    }

    pub(super) fn ids(&self) -> Vec<i64> {
        self.entries.iter().map(|entry| entry.id).collect()
    }

    pub(super) fn get(&self, id: i64) -> Option<&Entry<J>> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    pub(super) fn get_mut(&mut self, id: i64) -> Option<&mut Entry<J>> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry<J>> {
        self.entries.iter()
    }

    /// All commands that the phone may be acting on, oldest first.
    pub(super) fn in_flight(&self) -> impl Iterator<Item = &Entry<J>> {
        self.entries.iter().filter(|entry| entry.is_in_flight())
    }

    /// The command whose text has this number, if the host has not reported on it.
    pub(super) fn handed_out(&self, n: i64) -> Option<i64> {
        let is_it = |entry: &&Entry<J>| matches!(entry.stage, Stage::HandedOut { n: its, .. } if its == n);
        self.entries.iter().find(is_it).map(|entry| entry.id)
    }

    /// Hands out a text of a command, and gives it its number.
    pub(super) fn hand_out(&mut self, id: i64, now: i64) -> i64 {
        let n = self.next_text;
        self.next_text += 1;
        if let Some(entry) = self.get_mut(id) {
            let before = matches!(entry.stage, Stage::Waiting { .. });
            entry.stage = Stage::HandedOut { n, at: now, before };
        }
        n
    }

    pub(super) fn wait(&mut self, id: i64, until: i64) {
        if let Some(entry) = self.get_mut(id) {
            entry.stage = Stage::Waiting { until };
        }
    }

    pub(super) fn join(&mut self, id: i64, leader: i64) {
        if let Some(entry) = self.get_mut(id) {
            entry.stage = Stage::Joined { leader };
        }
    }

    /// Tells a gated command whether the gate is shut. Returns how long it was so, in all.
    pub(super) fn at_gate(&mut self, id: i64, shut: bool, now: i64) -> i64 {
        let Some(Entry { stage: Stage::Gated { shut_since, shut_ms }, .. }) = self.get_mut(id) else { return 0 };
        let running = shut_since.map_or(0, |since| now.saturating_sub(since));
        if shut {
            shut_since.get_or_insert(now);
            shut_ms.saturating_add(running)
        } else {
            *shut_since = None;
            *shut_ms = shut_ms.saturating_add(running);
            *shut_ms
        }
    }

    /// Whether the texts of a command reached the page.
    pub(super) fn posted(&self, id: i64) -> Posted {
        match self.get(id).map(|entry| entry.stage) {
            None | Some(Stage::Gated { .. }) => Posted::No,
            Some(Stage::HandedOut { before: false, .. }) => Posted::Unknown,
            Some(Stage::HandedOut { before: true, .. } | Stage::Waiting { .. }) => Posted::Yes,
            Some(Stage::Joined { leader }) => self.get(leader).map_or(Posted::Yes, |_| self.posted(leader)),
        }
    }

    /// Ends a command, and those that joined it, for those who wait.
    pub(super) fn settle(&mut self, id: i64, result: &Result<Outcome, Error>) -> Vec<Settlement> {
        let mut settled = Vec::new();
        self.entries.retain(|entry| {
            let ends = entry.id == id || entry.stage == Stage::Joined { leader: id };
            if ends && entry.awaited {
                settled.push(Settlement { id: entry.id, result: result.clone() });
            }
            !ends
        });
        settled
    }

    /// Nobody waits any more. What is not in flight goes; the rest stays until its event or its time.
    pub(super) fn cancel(&mut self, id: i64) -> Option<Settlement> {
        let posted = self.posted(id);
        let entry = self.entries.iter_mut().find(|entry| entry.id == id && entry.awaited)?;
        entry.awaited = false;
        if !entry.is_in_flight() {
            self.entries.retain(|entry| entry.id != id);
        }
        Some(Settlement { id, result: Err(Error::CommandCancelled { posted }) })
    }

    /// When a command's next wait ends.
    pub(super) fn deadline(&self, ready_timeout_ms: i64, post_timeout_ms: i64) -> Option<i64> {
        let ends = |entry: &Entry<J>| match entry.stage {
            Stage::Gated { shut_since: Some(since), shut_ms } => {
                Some(since.saturating_add(ready_timeout_ms.saturating_sub(shut_ms).max(0)))
            }
            Stage::HandedOut { at, .. } => Some(at.saturating_add(post_timeout_ms)),
            Stage::Waiting { until } => Some(until),
            Stage::Gated { shut_since: None, .. } | Stage::Joined { .. } => None,
        };
        self.entries.iter().filter_map(ends).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(ids: &[i64]) -> Pending<()> {
        let mut pending = Pending::new();
        for id in ids {
            assert!(pending.push(*id, ()));
        }
        pending
    }

    fn cancelled(id: i64, posted: Posted) -> Option<Settlement> {
        Some(Settlement { id, result: Err(Error::CommandCancelled { posted }) })
    }

    #[test]
    fn only_time_at_the_shut_gate_counts() {
        let mut pending = pending(&[1]);
        assert_eq!(pending.at_gate(1, true, 100), 0);
        assert_eq!(pending.at_gate(1, true, 150), 50);
        assert_eq!(pending.deadline(1000, 5000), Some(1100));
        assert_eq!(pending.at_gate(1, false, 200), 100);
        assert_eq!(pending.deadline(1000, 5000), None);
        assert_eq!(pending.at_gate(1, true, 900), 100);
        assert_eq!(pending.deadline(1000, 5000), Some(1800));
        assert_eq!(pending.at_gate(1, true, 1800), 1000);
    }

    #[test]
    fn cancelling_drops_what_is_gated_and_only_stops_waiting_for_the_rest() {
        let mut pending = pending(&[1, 2, 3]);
        assert_eq!(pending.cancel(1), cancelled(1, Posted::No));
        assert_eq!(pending.cancel(1), None);
        pending.hand_out(2, 0);
        assert_eq!(pending.cancel(2), cancelled(2, Posted::Unknown));
        pending.hand_out(3, 0);
        pending.wait(3, 10);
        assert_eq!(pending.cancel(3), cancelled(3, Posted::Yes));
        assert_eq!(pending.ids(), [2, 3]);
        assert_eq!(pending.settle(2, &Ok(Outcome::Unconfirmed)), []);
        assert_eq!(pending.ids(), [3]);
    }

    #[test]
    fn who_joins_ends_with_the_leader_even_when_nobody_waits_for_that() {
        let mut pending = pending(&[1, 2]);
        let n = pending.hand_out(1, 0);
        pending.join(2, 1);
        assert_eq!(pending.handed_out(n), Some(1));
        assert_eq!(pending.posted(2), Posted::Unknown);
        assert!(pending.cancel(1).is_some());
        let settled = pending.settle(1, &Ok(Outcome::Unconfirmed));
        assert_eq!(settled, [Settlement { id: 2, result: Ok(Outcome::Unconfirmed) }]);
        assert_eq!(pending.ids(), [0; 0]);
    }

    #[test]
    fn a_later_text_of_a_command_was_posted_before() {
        let mut pending = pending(&[1]);
        assert_eq!(pending.hand_out(1, 0), 1);
        assert_eq!(pending.posted(1), Posted::Unknown);
        pending.wait(1, 200);
        assert_eq!(pending.hand_out(1, 200), 2);
        assert_eq!(pending.posted(1), Posted::Yes);
        assert_eq!(pending.deadline(1, 5000), Some(5200));
    }

    #[test]
    fn there_is_a_bound() {
        let mut pending = pending(&(0..64).collect::<Vec<_>>());
        assert!(!pending.push(64, ()));
    }
}
