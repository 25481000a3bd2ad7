//! The machine: one step takes an input through the rooms, lets the timers run that are due, and goes once through
//! the commands, in order. The only place that sees all rooms.

mod commands;

use std::sync::Arc;

use super::call::Call;
use super::calls::{Calls, Fact, Flight, Signal};
use super::config::SessionConfig;
use super::flags::{LineFlag, QueueVerb, Queues};
use super::gate::{Gate, Life, Opens, Turn};
use super::input::{Input, Moment, PageReport, UrlFacts};
use super::job::Job;
use super::output::{Cause, Outcome, OutgoingText, Outputs, Settlement, Update};
use super::pending::Pending;
use super::snapshot::{Line, Page, PagePhase, PhoneError, Snapshot};
use super::sound::Sound;
use crate::error::{Error, Posted};
use crate::protocol::{CallId, CallStatus, Command, Event};

/// A phone in a page, as a pure machine: no clock, no lock, no I/O. The same inputs always give the same outputs.
#[derive(Debug)]
pub struct Machine {
    config: SessionConfig,
    gate: Gate,
    pending: Pending<Job>,
    calls: Calls,
    line: LineFlag,
    queues: Queues,
    sound: Sound,
    url: UrlFacts,
    /// Whether this URL was loaded already.
    url_loaded: bool,
    renewal_due: bool,
    /// The number of the last command that was given.
    last_id: i64,
    /// When the next key may be pressed.
    keypad_free_at: i64,
    last_error: Option<PhoneError>,
    unexpected_events: i64,
    broken_events: i64,
    shut_down: bool,
    now: Moment,
    next_update: i64,
    state: Arc<Snapshot>,
    draft: Draft,
}

/// The outputs of the step that is under way.
#[derive(Debug, Default)]
struct Draft {
    texts: Vec<OutgoingText>,
    settlements: Vec<Settlement>,
    causes: Vec<Cause>,
}

impl Machine {
    /// A session whose page begins to load.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field of the configuration that is out of range.
    pub fn new(config: SessionConfig) -> Result<Self, Error> {
        config.check()?;
        let mut machine = Self {
            gate: Gate::new(),
            pending: Pending::new(),
            calls: Calls::new(usize::try_from(config.history_limit).unwrap_or_default()),
            line: LineFlag::default(),
            queues: Queues::default(),
            sound: Sound::new(config.visible_phone.unwrap_or(true)),
            url: UrlFacts::default(),
            url_loaded: false,
            renewal_due: false,
            last_id: 0,
            keypad_free_at: i64::MIN,
            last_error: None,
            unexpected_events: 0,
            broken_events: 0,
            shut_down: false,
            now: Moment { mono_ms: i64::MIN, unix_ms: 0 },
            next_update: 1,
            state: Arc::default(),
            draft: Draft::default(),
            config,
        };
        machine.repaint();
        Ok(machine)
    }

    /// The session now; it never changes.
    pub fn state(&self) -> Arc<Snapshot> {
        Arc::clone(&self.state)
    }

    /// The last calls that ended, oldest first, at most as many as configured.
    pub fn history(&self) -> Vec<Call> {
        self.calls.history().cloned().collect()
    }

    /// What is known about the URL of the page.
    pub(super) fn url(&self) -> &UrlFacts {
        &self.url
    }

    /// Whether the page may be loaded again now, with this URL.
    ///
    /// # Errors
    /// [`Error::DialsOnOpen`] when it would dial; [`Error::CallInProgress`] when a call goes on.
    pub fn check_reload(&self, url: &UrlFacts) -> Result<(), Error> {
        if url.call_on_open.is_some() {
            Err(Error::DialsOnOpen)
        } else if self.calls.current().is_some_and(|call| !call.doubtful) || self.calls.ringing().is_some() {
            Err(Error::CallInProgress)
        } else {
            Ok(())
        }
    }

    /// Takes one input. It is applied before the timers that are due at its time.
    pub fn step(&mut self, input: &Input, at: Moment) -> Outputs {
        self.now = Moment { mono_ms: at.mono_ms.max(self.now.mono_ms), unix_ms: at.unix_ms };
        if self.shut_down {
            self.after_shut_down(input);
        } else {
            self.apply(input);
        }
        if !self.shut_down {
            self.run_timers();
            self.go_through_commands();
        }
        self.outputs()
    }

    fn apply(&mut self, input: &Input) {
        match input {
            Input::PhoneMessage { text } => self.on_message(text),
            Input::PageReport { report } => self.on_report(report),
            Input::Command { id, request } => self.on_command(*id, request),
            Input::Cancel { id } => {
                let settled = self.pending.cancel(*id);
                self.drop_keys(*id);
                self.publish(settled);
            }
            Input::Posted { n, ok } => self.on_posted(*n, *ok),
            Input::AssumeMuted { muted } => {
                self.sound.assume(*muted, self.calls.current().is_some());
                self.draft.causes.push(Cause::MuteAssumed { muted: *muted });
            }
            Input::UrlChanged { url } => {
                self.url = url.clone();
                self.url_loaded = false;
                self.renewal_due = false;
                self.draft.causes.push(Cause::UrlChanged);
            }
            Input::Tick => {}
            Input::ShutDown => self.on_shut_down(),
        }
    }

    // Page.

    fn on_report(&mut self, report: &PageReport) {
        self.draft.causes.push(Cause::Page { report: report.clone() });
        let turn = self.gate.on_report(report, self.now.mono_ms);
        self.on_turn(turn);
    }

    fn on_turn(&mut self, turn: Turn) {
        match turn {
            Turn::None => {}
            Turn::Arrived => self.on_arrival(),
            Turn::Lost => self.on_loss(),
        }
    }

    /// A page has loaded. With some URLs that makes the phone dial.
    fn on_arrival(&mut self) {
        let again = std::mem::replace(&mut self.url_loaded, true);
        let Some(number) = self.url.call_on_open.clone() else { return };
        if again {
            self.draft.causes.push(Cause::AutoDialled { number: number.clone() });
        }
        let doubt_at = self.after(self.config.auto_dial_grace_ms);
        self.calls.page_dials(&number, doubt_at, self.now);
        self.sound.on_call();
    }

    fn on_loss(&mut self) {
        let in_flight: Vec<i64> = self.pending.in_flight().map(|entry| entry.id).collect();
        for id in in_flight {
            let posted = self.pending.posted(id);
            self.settle(id, Err(Error::PageLost { posted }));
        }
        let facts = self.calls.lose(self.now);
        self.on_facts(facts);
        self.line = LineFlag::default();
        self.queues.lose();
        self.sound.lose();
    }

    fn on_shut_down(&mut self) {
        self.shut_down = true;
        for id in self.pending.ids() {
            let posted = self.pending.posted(id);
            self.settle(id, Err(Error::SessionClosed { posted }));
        }
        self.draft.causes.push(Cause::ShutDown);
    }

    fn after_shut_down(&mut self, input: &Input) {
        if let Input::Command { id, .. } = input
            && *id > self.last_id
        {
            self.last_id = *id;
            let result = Err(Error::SessionClosed { posted: Posted::No });
            self.draft.settlements.push(Settlement { id: *id, result });
        }
    }

    // Phone.

    fn on_message(&mut self, text: &str) {
        if self.gate.life == Life::Lost {
            return;
        }
        match Event::parse(text) {
            Ok(None) => {}
            Ok(Some(event)) => {
                let turn = self.gate.on_message(self.now.mono_ms);
                self.on_turn(turn);
                self.on_event(event);
            }
            Err(broken) => {
                self.broken_events = self.broken_events.saturating_add(1);
                self.draft.causes.push(Cause::BrokenEvent { broken });
            }
        }
    }

    fn on_event(&mut self, event: Event) {
        let place = self.draft.causes.len();
        let unexpected = if let Some(signal) = Signal::of(&event) {
            let facts = self.calls.on_signal(signal, self.flight(), self.after(self.config.reopen_window_ms), self.now);
            let unexpected = facts.contains(&Fact::Unexpected);
            self.on_facts(facts);
            unexpected
        } else if let Some((verb, queue)) = QueueVerb::of_event(&event) {
            let in_flight: Vec<_> = self.pending.in_flight().filter_map(|entry| entry.job.queue(entry.id)).collect();
            let heard = self.queues.on_event(verb, queue, &in_flight, self.now.mono_ms);
            heard.confirmed.into_iter().for_each(|id| self.confirm(id, event.name(), None));
            heard.unexpected
        } else {
            if let Event::Status { status: status @ (CallStatus::Connected | CallStatus::Disconnected) } = &event {
                self.on_line(*status == CallStatus::Connected, status.as_wire());
            }
            false
        };
        self.unexpected_events = self.unexpected_events.saturating_add(i64::from(unexpected));
        // The event comes before what it led to.
        self.draft.causes.insert(place, Cause::Event { event, unexpected });
    }

    fn on_line(&mut self, connected: bool, by: &str) {
        self.line.report(connected);
        let expected = self.pending.in_flight().find(|entry| entry.job.line_wish() == Some(connected));
        if let Some(id) = expected.map(|entry| entry.id) {
            self.confirm(id, by, None);
        }
    }

    /// Which commands about the present calls are in flight.
    fn flight(&self) -> Flight {
        let about = |command: Command, call: Option<&Call>| {
            call.is_some_and(|call| {
                self.pending.in_flight().any(|entry| entry.job.call == Some(call.serial) && entry.job.is(&command))
            })
        };
        Flight {
            answer: about(Command::Answer, self.calls.ringing()),
            hang_up: about(Command::HangUp, self.calls.current()),
            decline: about(Command::HangUp, self.calls.ringing()),
        }
    }

    fn on_facts(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            match fact {
                Fact::Heard { serial, by, call_id, last } => self.on_heard(serial, by, call_id, last),
                Fact::Answered { serial, call_id, second } => {
                    self.sound.on_call();
                    if second {
                        self.sound.doubt();
                    }
                    for id in self.about(serial, |job| job.is(&Command::Answer)) {
                        self.confirm(id, "conversando", call_id.clone());
                    }
                }
                Fact::Began => {
                    self.sound.on_call();
                }
                Fact::Ended { call, current, by } => self.on_call_end(call, current, by),
                Fact::Failed { status_erro } => self.last_error = Some(PhoneError { status_erro, at: self.now }),
                Fact::Unexpected => {}
            }
        }
    }

    /// The phone spoke of a call that is being set up.
    fn on_heard(&mut self, serial: i64, by: &'static str, call_id: Option<CallId>, last: bool) {
        let until = self.after(self.config.id_grace_ms);
        for id in self.about(serial, Job::is_call) {
            if last {
                self.confirm(id, by, call_id.clone());
            } else if let Some(entry) = self.pending.get_mut(id)
                && entry.job.confirmed_by.is_none()
            {
                entry.job.confirmed_by = Some(by);
                self.pending.wait(id, until);
            }
        }
    }

    /// A call ended: so do the commands about it.
    fn on_call_end(&mut self, call: Call, current: bool, by: Option<&'static str>) {
        for id in self.about(call.serial, |_| true) {
            let Some(job) = self.pending.get(id).map(|entry| &entry.job) else { continue };
            match end_with_call(job, &call, by) {
                Some(result) => self.settle(id, result),
                None if job.is_toggle() => {
                    // It may have met this call or the next.
                    self.sound.doubt();
                }
                None => self.drop_keys(id),
            }
        }
        if current {
            self.sound.on_call_end();
        }
        self.draft.causes.push(Cause::CallEnded { call });
    }

    /// The commands in flight about a call.
    fn about(&self, serial: i64, which: impl Fn(&Job) -> bool) -> Vec<i64> {
        let its = self.pending.in_flight().filter(|entry| entry.job.call == Some(serial) && which(&entry.job));
        its.map(|entry| entry.id).collect()
    }

    // Time.

    fn run_timers(&mut self) {
        self.gate.on_time(&self.config, self.now.mono_ms);
        self.calls.on_time(self.now.mono_ms);
        if let Some(expires_at_ms) = self.url.expires_at_ms.filter(|_| !self.renewal_due)
            && self.now.unix_ms >= expires_at_ms.saturating_sub(self.config.renewal_margin_ms)
        {
            self.renewal_due = true;
            self.draft.causes.push(Cause::RenewalDue { expires_at_ms });
        }
    }

    // Outputs.

    fn after(&self, ms: i64) -> i64 {
        self.now.mono_ms.saturating_add(ms)
    }

    fn outputs(&mut self) -> Outputs {
        let Draft { texts, settlements, mut causes } = std::mem::take(&mut self.draft);
        let changed = self.repaint();
        if changed && causes.is_empty() {
            causes.push(Cause::Time);
        }
        let first = self.next_update;
        let updates: Vec<Update> = (first..)
            .zip(causes)
            .map(|(number, cause)| Update { number, at: self.now, cause, state: Snapshot::clone(&self.state) })
            .collect();
        self.next_update = updates.last().map_or(first, |update| update.number.saturating_add(1));
        Outputs { texts, settlements, updates, deadline: self.deadline() }
    }

    /// When time changes something next.
    fn deadline(&self) -> Option<i64> {
        if self.shut_down {
            return None;
        }
        let now = self.now.mono_ms;
        let later = |at: &i64| *at > now;
        let mut dtmf = self.pending.iter().filter(|entry| entry.is_gated() && entry.job.is_dtmf());
        let renewal = self.url.expires_at_ms.filter(|_| !self.renewal_due).map(|at| {
            let due = at.saturating_sub(self.config.renewal_margin_ms);
            now.saturating_add(due.saturating_sub(self.now.unix_ms).max(0))
        });
        [
            self.pending.deadline(self.config.ready_timeout_ms, self.config.post_timeout_ms),
            self.gate.silent_until(&self.config),
            self.gate.ready_at(&self.line, &self.config).filter(later),
            self.calls.doubt_at(),
            dtmf.next().map(|_| self.keypad_free_at).filter(later),
            renewal,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Brings the picture up to date; whether that changed it. Most messages change little, so only that is copied.
    fn repaint(&mut self) -> bool {
        let ready = self.gate.is_open(Opens::Ready, &self.line, &self.config, self.now.mono_ms);
        let (phase, alive_by) = match self.gate.life {
            Life::Loading => (PagePhase::Loading, None),
            Life::Loaded { .. } => (PagePhase::Loaded, None),
            Life::Alive { by, .. } => (if ready { PagePhase::Ready } else { PagePhase::Alive }, Some(by)),
            Life::Lost => (PagePhase::Lost, None),
        };
        let page = Page {
            phase,
            alive_by,
            generation: self.gate.generation,
            failed: self.gate.failed,
            renewal_due: self.renewal_due,
        };
        let line = match self.line.value() {
            None => Line::Unknown,
            Some(true) => Line::Connected,
            Some(false) => Line::Disconnected,
        };
        let plain = |state: &Snapshot| {
            (state.mute, state.recording, state.unexpected_events, state.broken_events, state.shut_down)
        };
        let plain_now =
            (self.sound.mute, self.sound.recording, self.unexpected_events, self.broken_events, self.shut_down);
        let same_call = self.state.call.as_ref() == self.calls.current();
        let same_ringing = self.state.ringing.as_ref() == self.calls.ringing();
        let same_queues = self.queues.is_pictured_by(&self.state.queues);
        let same_error = self.state.last_error == self.last_error;
        let same_rest = self.state.page == page && self.state.line == line && plain(&self.state) == plain_now;
        if same_call && same_ringing && same_queues && same_error && same_rest {
            return false;
        }
        // A picture that somebody holds is copied first: it never changes.
        let state = Arc::make_mut(&mut self.state);
        state.page = page;
        state.line = line;
        if !same_call {
            state.call = self.calls.current().cloned();
        }
        if !same_ringing {
            state.ringing = self.calls.ringing().cloned();
        }
        if !same_queues {
            state.queues = self.queues.picture();
        }
        if !same_error {
            state.last_error.clone_from(&self.last_error);
        }
        (state.mute, state.recording, state.unexpected_events, state.broken_events, state.shut_down) = plain_now;
        true
    }
}

/// How a command in flight ends when its call does, `by` the phone's word for that; none: it does not.
fn end_with_call(job: &Job, call: &Call, by: Option<&'static str>) -> Option<Result<Outcome, Error>> {
    let refused = call.end.as_ref().and_then(|end| end.status_erro.clone());
    let ended = |by: Option<&str>| by.map_or(Outcome::Unconfirmed, |by| confirmed(by, call.call_id.clone()));
    Some(match (job.command()?, refused) {
        (Command::Call { .. } | Command::Answer, Some(status_erro)) => Err(Error::Rejected { status_erro }),
        (Command::Call { .. }, None) => Ok(ended(by.or(job.confirmed_by))),
        (Command::HangUp, None) => Ok(ended(by)),
        // The call is over, but not in the way that the command asked for.
        (Command::Answer | Command::HangUp, _) => Ok(Outcome::Unconfirmed),
        _ => return None,
    })
}

fn confirmed(by: &str, call_id: Option<CallId>) -> Outcome {
    Outcome::Confirmed { by: by.to_owned(), call_id }
}
