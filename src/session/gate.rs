//! The room of the page: its life, its loads, and what it is ready for.

use super::config::SessionConfig;
use super::flags::LineFlag;
use super::input::PageReport;
use super::snapshot::AliveBy;
use crate::error::NotReadyReason;

/// How far the page is, without the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Loading,
    Loaded { since: i64 },
    Alive { by: AliveBy, since: i64 },
    Lost,
}

/// What a command waits for before it is posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opens {
    Loaded,
    Alive,
    Ready,
}

/// What a report did to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    /// The page of this load came to be: it has loaded, or spoke before that.
    Arrived,
    Lost,
}

#[derive(Debug)]
pub(super) struct Gate {
    pub(super) life: Life,
    /// Which load this is; what is posted to an older one is void.
    pub(super) generation: i64,
    /// Whether the host reported that the phone's document failed.
    pub(super) failed: bool,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self { life: Life::Loading, generation: 1, failed: false }
    }

    pub(super) fn on_report(&mut self, report: &PageReport, now: i64) -> Turn {
        match (report, self.life) {
            (PageReport::Loading, Life::Loading | Life::Lost) => {
                // What failed before is another load's failure.
                self.failed = false;
                self.life = Life::Loading;
                Turn::None
            }
            (PageReport::Loading, Life::Loaded { .. } | Life::Alive { .. }) => {
                self.lose();
                self.life = Life::Loading;
                Turn::Lost
            }
            (PageReport::Loaded, Life::Loading) => {
                self.life = Life::Loaded { since: now };
                Turn::Arrived
            }
            (PageReport::Failed { .. }, Life::Loading | Life::Loaded { .. }) => {
                self.failed = true;
                Turn::None
            }
            (PageReport::Failed { .. }, Life::Alive { by: AliveBy::Silence, since }) => {
                // That silence was life was an assumption, and a wrong one.
                self.failed = true;
                self.life = Life::Loaded { since };
                Turn::None
            }
            (
                PageReport::Lost { .. } | PageReport::Closed | PageReport::Navigated | PageReport::Reloaded,
                Life::Loading | Life::Loaded { .. } | Life::Alive { .. },
            ) => {
                self.lose();
                Turn::Lost
            }
            _ => Turn::None,
        }
    }

    fn lose(&mut self) {
        *self = Self { life: Life::Lost, generation: self.generation.saturating_add(1), failed: false };
    }

    /// The phone spoke.
    pub(super) fn on_message(&mut self, now: i64) -> Turn {
        match self.life {
            Life::Loading => {
                self.life = Life::Alive { by: AliveBy::Message, since: now };
                Turn::Arrived
            }
            Life::Loaded { .. } => {
                self.life = Life::Alive { by: AliveBy::Message, since: now };
                Turn::None
            }
            Life::Alive { by: AliveBy::Silence, since } => {
                self.life = Life::Alive { by: AliveBy::Message, since };
                Turn::None
            }
            Life::Alive { by: AliveBy::Message, .. } | Life::Lost => Turn::None,
        }
    }

    /// Lets a silent page come to life once its grace is over.
    pub(super) fn on_time(&mut self, config: &SessionConfig, now: i64) {
        if self.silent_until(config).is_some_and(|at| at <= now) {
            self.life = Life::Alive { by: AliveBy::Silence, since: now };
        }
    }

    /// When a silent page counts as alive.
    pub(super) fn silent_until(&self, config: &SessionConfig) -> Option<i64> {
        match self.life {
            Life::Loaded { since } if !self.failed => Some(since.saturating_add(config.alive_grace_ms)),
            _ => None,
        }
    }

    pub(super) fn is_open(&self, opens: Opens, line: &LineFlag, config: &SessionConfig, now: i64) -> bool {
        match (opens, self.life) {
            (Opens::Loaded, life) => matches!(life, Life::Loaded { .. } | Life::Alive { .. }),
            (Opens::Alive, life) => matches!(life, Life::Alive { .. }),
            (Opens::Ready, _) => {
                line.value() == Some(true) && matches!(self.life, Life::Alive { .. })
                    || self.ready_at(line, config).is_some_and(|at| at <= now)
            }
        }
    }

    /// When a page that is silent about its line counts as ready.
    pub(super) fn ready_at(&self, line: &LineFlag, config: &SessionConfig) -> Option<i64> {
        match self.life {
            Life::Alive { since, .. } => {
                line.silent_since().map(|silent| silent.max(since).saturating_add(config.ready_grace_ms))
            }
            _ => None,
        }
    }

    /// Whether the phone itself has spoken since this page loaded.
    pub(super) fn has_spoken(&self) -> bool {
        matches!(self.life, Life::Alive { by: AliveBy::Message, .. })
    }

    /// What a command misses that waits here.
    pub(super) fn missing(&self, line: &LineFlag) -> NotReadyReason {
        match self.life {
            Life::Lost => NotReadyReason::PageLost,
            Life::Loading | Life::Loaded { .. } if self.failed => NotReadyReason::LoadFailed,
            Life::Loading | Life::Loaded { .. } => NotReadyReason::NotLoaded,
            Life::Alive { .. } if line.value() == Some(false) => NotReadyReason::Disconnected,
            Life::Alive { .. } => NotReadyReason::NotConnected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> PageReport {
        PageReport::Lost { detail: String::new() }
    }

    fn failed() -> PageReport {
        PageReport::Failed { failure: None, detail: String::new() }
    }

    #[test]
    fn a_page_goes_from_loading_over_loaded_to_alive_by_its_first_message() {
        let mut gate = Gate::new();
        assert_eq!(gate.on_report(&PageReport::Loading, 1), Turn::None);
        assert_eq!(gate.on_report(&PageReport::Loaded, 2), Turn::Arrived);
        assert_eq!(gate.on_message(3), Turn::None);
        assert_eq!(gate.life, Life::Alive { by: AliveBy::Message, since: 3 });
        assert_eq!(gate.on_report(&PageReport::Loaded, 4), Turn::None);
        assert_eq!(gate.life, Life::Alive { by: AliveBy::Message, since: 3 });
        assert_eq!(gate.generation, 1);
    }

    #[test]
    fn a_message_may_come_before_loaded() {
        let mut gate = Gate::new();
        assert_eq!(gate.on_message(3), Turn::Arrived);
        assert!(gate.has_spoken());
    }

    #[test]
    fn silence_counts_as_life_unless_a_failure_was_reported() {
        let config = SessionConfig::default();
        let mut gate = Gate::new();
        gate.on_report(&PageReport::Loaded, 100);
        assert_eq!(gate.silent_until(&config), Some(2100));
        gate.on_time(&config, 2099);
        assert_eq!(gate.life, Life::Loaded { since: 100 });
        gate.on_time(&config, 2100);
        assert_eq!(gate.life, Life::Alive { by: AliveBy::Silence, since: 2100 });
        assert!(!gate.has_spoken());
        gate.on_report(&failed(), 2200);
        assert!(matches!(gate.life, Life::Loaded { .. }) && gate.silent_until(&config).is_none());
        gate.on_message(2300);
        assert!(gate.has_spoken());
    }

    #[test]
    fn every_loss_begins_a_new_generation_and_only_loading_leads_on() {
        for report in [lost(), PageReport::Closed, PageReport::Navigated, PageReport::Reloaded, PageReport::Loading] {
            let mut gate = Gate::new();
            gate.on_report(&PageReport::Loaded, 0);
            gate.on_message(0);
            assert_eq!(gate.on_report(&report, 1), Turn::Lost, "{report:?}");
            assert_eq!(gate.generation, 2);
            if report == PageReport::Loading {
                assert_eq!(gate.life, Life::Loading);
                continue;
            }
            for ignored in [PageReport::Loaded, lost(), PageReport::Reloaded, failed()] {
                assert_eq!(gate.on_report(&ignored, 2), Turn::None);
            }
            gate.on_message(3);
            assert_eq!((gate.life, gate.generation, gate.failed), (Life::Lost, 2, false));
            assert_eq!(gate.on_report(&PageReport::Loading, 4), Turn::None);
            assert_eq!((gate.life, gate.generation), (Life::Loading, 2));
        }
    }

    #[test]
    fn ready_is_a_line_or_silence_about_it() {
        let config = SessionConfig::default();
        let mut gate = Gate::new();
        let mut line = LineFlag::default();
        assert!(!gate.is_open(Opens::Loaded, &line, &config, 0));
        gate.on_report(&PageReport::Loaded, 0);
        assert!(gate.is_open(Opens::Loaded, &line, &config, 0) && !gate.is_open(Opens::Alive, &line, &config, 0));
        gate.on_message(10);
        assert!(gate.is_open(Opens::Alive, &line, &config, 10));
        assert!(!gate.is_open(Opens::Ready, &line, &config, 2009));
        assert!(gate.is_open(Opens::Ready, &line, &config, 2010));
        line.report(false);
        assert!(!gate.is_open(Opens::Ready, &line, &config, 9000));
        assert_eq!(gate.missing(&line), NotReadyReason::Disconnected);
        line.report(true);
        assert!(gate.is_open(Opens::Ready, &line, &config, 11));
    }

    #[test]
    fn the_documented_table_is_what_the_code_does() {
        let loaded = Life::Loaded { since: 0 };
        let spoken = Life::Alive { by: AliveBy::Message, since: 0 };
        let silent = Life::Alive { by: AliveBy::Silence, since: 0 };
        let show = |gate: &Gate| match gate.life {
            Life::Loading if gate.failed => "loading, failed",
            Life::Loading => "loading",
            Life::Loaded { .. } if gate.failed => "loaded, failed",
            Life::Loaded { .. } => "loaded",
            Life::Alive { by: AliveBy::Message, .. } => "alive by message",
            Life::Alive { by: AliveBy::Silence, .. } => "alive by silence",
            Life::Lost => "lost",
        };
        let reports =
            [("loading", PageReport::Loading), ("loaded", PageReport::Loaded), ("failed", failed()), ("lost", lost())];
        let mut table = String::from("| before | a message | silence |");
        reports.iter().for_each(|(name, _)| table += &format!(" `{name}` |"));
        table += "\n| --- | --- | --- | --- | --- | --- | --- |\n";
        let lives = [
            (Life::Loading, false),
            (Life::Loading, true),
            (loaded, false),
            (loaded, true),
            (silent, false),
            (spoken, false),
            (Life::Lost, false),
        ];
        for (life, failed) in lives {
            let gate = || Gate { life, generation: 1, failed };
            let told =
                |gate: Gate, turn: Turn| format!("{}{}", show(&gate), if turn == Turn::Lost { "; a loss" } else { "" });
            let (mut spoken_to, mut left) = (gate(), gate());
            let turn = spoken_to.on_message(0);
            left.on_time(&SessionConfig::default(), 60_000);
            table += &format!("| {} | {} | {} |", show(&gate()), told(spoken_to, turn), show(&left));
            for (_, report) in &reports {
                let mut gate = gate();
                let turn = gate.on_report(report, 0);
                table += &format!(" {} |", told(gate, turn));
            }
            table += "\n";
        }
        crate::session::assert_documented("The page", &table);
    }
}
