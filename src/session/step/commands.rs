//! The machine's commands: given, judged when their gate is open, handed out, taken back, and ended.

use super::{Job, Machine, confirmed};
use crate::error::{Error, NotReadyReason, Posted};
use crate::protocol::{CallId, Command};
use crate::session::call::CallPhase;
use crate::session::input::Request;
use crate::session::job::Undo;
use crate::session::output::{Cause, Outcome, OutgoingText, Settlement};
use crate::session::pending::Stage;

/// What is to be done with a command whose gate is open.
enum Verdict {
    Post,
    /// It joins the command with this number, which is in flight.
    Join(i64),
    /// Others come first.
    Wait,
    Settle(Result<Outcome, Error>),
}

impl Machine {
    pub(super) fn on_command(&mut self, id: i64, request: &Request) {
        if id <= self.last_id {
            return;
        }
        self.last_id = id;
        let mut job = Job::new(request.clone());
        let mut withdrawn = false;
        if job.is(&Command::HangUp) {
            job.call = self.calls.current().or(self.calls.ringing()).map(|call| call.serial);
            withdrawn = self.withdraw_calls();
        } else if job.is_dtmf() {
            job.call = self.calls.current().map(|call| call.serial);
        }
        let hung_up_by_that = withdrawn && job.call.is_none();
        if hung_up_by_that {
            self.publish([Settlement { id, result: Ok(Outcome::Unchanged) }]);
        } else if !self.pending.push(id, job) {
            self.publish([Settlement { id, result: Err(Error::Busy) }]);
        }
    }

    /// Hanging up withdraws every `call` that was not dialled yet. Returns whether there was one.
    fn withdraw_calls(&mut self) -> bool {
        let gated = self.pending.iter().filter(|entry| entry.is_gated() && entry.job.is_call());
        let gated: Vec<i64> = gated.map(|entry| entry.id).collect();
        for id in &gated {
            let settled = self.pending.cancel(*id);
            self.publish(settled);
        }
        !gated.is_empty()
    }

    pub(super) fn on_posted(&mut self, n: i64, ok: bool) {
        let Some(id) = self.pending.handed_out(n) else { return };
        if ok {
            self.posted(id);
            return;
        }
        self.take_back(id);
        self.draft.causes.push(Cause::TakenBack { id });
        // Keys before this one were posted.
        let posted = match self.pending.posted(id) {
            Posted::Yes => Posted::Yes,
            Posted::No | Posted::Unknown => Posted::No,
        };
        self.settle(id, Err(Error::PageLost { posted }));
    }

    /// A text reached the page: its clock starts, or the command is `Sent`.
    fn posted(&mut self, id: i64) {
        let Some(job) = self.pending.get(id).map(|entry| &entry.job) else { return };
        if let Some(wait) = job.wait_ms(&self.config) {
            let until = self.after(wait);
            self.pending.wait(id, until);
            return;
        }
        let (dtmf, pressed, more) = (job.is_dtmf(), job.pressed, !job.keys.is_empty());
        if dtmf {
            self.keypad_free_at = self.after(self.config.dtmf_pace_ms);
        }
        if more {
            self.pending.wait(id, self.keypad_free_at);
        } else {
            self.settle_sent(id, dtmf.then_some(pressed));
        }
    }

    /// A page that has not spoken may not live: nothing is known to be sent to it.
    fn settle_sent(&mut self, id: i64, keys: Option<i32>) {
        let outcome = if self.gate.has_spoken() { Outcome::Sent { keys } } else { Outcome::Unconfirmed };
        self.settle(id, Ok(outcome));
    }

    /// The rest of the keys is not pressed.
    pub(super) fn drop_keys(&mut self, id: i64) {
        let Some(entry) = self.pending.get_mut(id).filter(|entry| entry.job.is_dtmf() && entry.is_in_flight()) else {
            return;
        };
        entry.job.keys.clear();
        let pressed = entry.job.pressed;
        if matches!(entry.stage, Stage::Waiting { .. }) {
            self.settle_sent(id, Some(pressed));
        }
    }

    /// Takes back what was assumed of a command that was not posted.
    fn take_back(&mut self, id: i64) {
        let Some(entry) = self.pending.get(id) else { return };
        let job = &entry.job;
        if job.line_wish().is_some() {
            self.line.take_back(id);
        }
        if let Some(command) = job.queue(id) {
            self.queues.take_back(command);
        }
        let current = self.calls.current().map(|call| call.serial);
        let Some(serial) = job.call else { return };
        match job.undo {
            Undo::Nothing => {}
            Undo::Dialled { next_mute } => {
                if self.calls.take_back_dial(serial) {
                    self.sound.take_back_call(next_mute);
                }
            }
            Undo::Doubted => self.calls.set_doubtful(serial, false),
            Undo::Toggled if current == Some(serial) => self.sound.toggle(),
            Undo::Recorded { before } if current == Some(serial) => self.sound.recording = before,
            Undo::Toggled | Undo::Recorded { .. } => {}
            Undo::Consulted => self.calls.take_back_consult(serial),
        }
    }

    pub(super) fn confirm(&mut self, id: i64, by: &str, call_id: Option<CallId>) {
        self.leave_flags(id, true);
        self.settle(id, Ok(confirmed(by, call_id)));
    }

    fn time_out(&mut self, id: i64) {
        let Some(Job { call, confirmed_by, .. }) = self.pending.get(id).map(|entry| &entry.job) else { return };
        let (call, confirmed_by) = (*call, *confirmed_by);
        if let Some(by) = confirmed_by {
            let call_id = call.and_then(|serial| self.calls.live(serial)).and_then(|call| call.call_id.clone());
            return self.confirm(id, by, call_id);
        }
        self.leave_flags(id, false);
        let Some(entry) = self.pending.get(id) else { return };
        if let Some(serial) = call {
            if entry.job.is_call() {
                self.calls.unconfirmed(serial);
            } else if entry.job.is(&Command::HangUp) {
                self.calls.set_doubtful(serial, true);
            }
        }
        self.settle(id, Ok(Outcome::Unconfirmed));
    }

    /// A command about line or queues ended.
    fn leave_flags(&mut self, id: i64, confirmed: bool) {
        let blind_until = self.after(self.config.late_window_ms);
        let Some(job) = self.pending.get(id).map(|entry| &entry.job) else { return };
        if job.line_wish().is_some() {
            self.line.settle(id, self.now.mono_ms);
        }
        if let Some(command) = job.queue(id) {
            self.queues.settle(command, confirmed, blind_until);
        }
    }

    pub(super) fn settle(&mut self, id: i64, result: Result<Outcome, Error>) {
        let settled = self.pending.settle(id, &result);
        self.publish(settled);
    }

    pub(super) fn publish(&mut self, settled: impl IntoIterator<Item = Settlement>) {
        for settlement in settled {
            self.draft.causes.push(Cause::Settled { id: settlement.id, code: settlement.code() });
            self.draft.settlements.push(settlement);
        }
    }

    pub(super) fn go_through_commands(&mut self) {
        for id in self.pending.ids() {
            match self.pending.get(id).map(|entry| entry.stage) {
                Some(Stage::Gated { .. }) => self.try_gate(id),
                Some(Stage::HandedOut { at, .. })
                    if at.saturating_add(self.config.post_timeout_ms) <= self.now.mono_ms =>
                {
                    self.posted(id);
                }
                Some(Stage::Waiting { until }) if until <= self.now.mono_ms => self.on_wait_over(id),
                _ => {}
            }
        }
    }

    fn on_wait_over(&mut self, id: i64) {
        match self.pending.get(id) {
            Some(entry) if entry.job.is_dtmf() => self.post(id),
            _ => self.time_out(id),
        }
    }

    fn try_gate(&mut self, id: i64) {
        let Some(job) = self.pending.get(id).map(|entry| &entry.job) else { return };
        let connecting = || self.pending.iter().any(|entry| entry.job.is(&Command::Connect));
        if job.is_call() && self.line.value() == Some(false) && !connecting() {
            return self.settle(id, Err(Error::NotReady { reason: NotReadyReason::Disconnected }));
        }
        let open = self.gate.is_open(job.opens(), &self.line, &self.config, self.now.mono_ms);
        let shut_ms = self.pending.at_gate(id, !open, self.now.mono_ms);
        if !open {
            if shut_ms >= self.config.ready_timeout_ms {
                self.settle(id, Err(Error::NotReady { reason: self.gate.missing(&self.line) }));
            }
            return;
        }
        match self.judge(id) {
            Verdict::Post => self.post(id),
            Verdict::Join(leader) => self.pending.join(id, leader),
            Verdict::Wait => {}
            Verdict::Settle(result) => self.settle(id, result),
        }
    }

    /// What is to be done with a command, now that it could be posted.
    fn judge(&self, id: i64) -> Verdict {
        let Some(job) = self.pending.get(id).map(|entry| &entry.job) else { return Verdict::Wait };
        let unchanged = || Verdict::Settle(Ok(Outcome::Unchanged));
        let current = self.calls.current();
        let needs_call = || match current {
            Some(_) => Verdict::Post,
            None => Verdict::Settle(Err(Error::NoCall)),
        };
        let command = match &job.request {
            Request::SetMuted { muted } => return self.judge_mute(*muted),
            Request::SendDtmf { .. } => return self.judge_dtmf(id, job),
            Request::Execute { command } => command,
        };
        match command {
            Command::Connect | Command::Disconnect => {
                let first = self.pending.iter().find(|entry| entry.job.line_wish().is_some());
                if first.is_some_and(|first| first.id != id) {
                    Verdict::Wait
                } else if self.line.value().is_some() && self.line.value() == job.line_wish() {
                    unchanged()
                } else {
                    Verdict::Post
                }
            }
            Command::Call { .. } if current.is_some_and(|call| !call.doubtful) => {
                Verdict::Settle(Err(Error::CallInProgress))
            }
            Command::Call { .. } | Command::ToggleMute => Verdict::Post,
            Command::Answer if self.calls.ringing().is_none() => Verdict::Settle(Err(Error::NoCall)),
            Command::Answer => Verdict::Post,
            Command::HangUp => self.judge_hang_up(job),
            Command::SendDtmf { .. } => self.judge_dtmf(id, job),
            Command::BlindTransfer { .. }
            | Command::ConsultTransfer { .. }
            | Command::StartRecording
            | Command::StopRecording => needs_call(),
            Command::PauseInQueue { .. }
            | Command::ResumeInQueue { .. }
            | Command::JoinQueue { .. }
            | Command::LeaveQueue { .. } => {
                if self.is_in_queue_already(job, id) {
                    unchanged()
                } else {
                    Verdict::Post
                }
            }
        }
    }

    /// Whether a queue is as a command wants it, and no other command is about to change that.
    fn is_in_queue_already(&self, job: &Job, id: i64) -> bool {
        let Some(wish) = job.queue(id) else { return false };
        let mut others = self.pending.in_flight().filter_map(|entry| entry.job.queue(entry.id));
        let changing = others
            .any(|other| other.verb.is_same_kind(wish.verb) && (other.queue.is_none() || other.queue == wish.queue));
        !changing && self.queues.is_already(wish.verb, wish.queue)
    }

    fn judge_mute(&self, muted: bool) -> Verdict {
        match self.calls.current() {
            Some(call) if call.phase == CallPhase::Talking && call.doubtful => Verdict::Settle(Err(Error::MuteUnknown)),
            Some(call) if call.phase == CallPhase::Talking => match self.sound.is_muted() {
                None => Verdict::Settle(Err(Error::MuteUnknown)),
                Some(now) if now == muted => Verdict::Settle(Ok(Outcome::Unchanged)),
                Some(_) => Verdict::Post,
            },
            _ => Verdict::Settle(Err(Error::NoCall)),
        }
    }

    /// Keys of two commands don't mix: one at a time, each in the call that it was given for.
    fn judge_dtmf(&self, id: i64, job: &Job) -> Verdict {
        let Some(current) = self.calls.current() else { return Verdict::Settle(Err(Error::NoCall)) };
        if job.call.is_some_and(|serial| serial != current.serial) {
            return Verdict::Settle(Err(Error::NoCall));
        }
        let pressing = self.pending.in_flight().any(|entry| entry.id != id && entry.job.is_dtmf());
        if pressing || self.now.mono_ms < self.keypad_free_at { Verdict::Wait } else { Verdict::Post }
    }

    fn judge_hang_up(&self, job: &Job) -> Verdict {
        let nothing_known = self.calls.current().is_none() && self.calls.ringing().is_none();
        let still_there = match job.call {
            Some(serial) => self.calls.live(serial).is_some(),
            // It was meant for no call that is known: it must not end one that came meanwhile.
            None => nothing_known,
        };
        let mut same = self.pending.in_flight().filter(|entry| entry.job.is(&Command::HangUp));
        match same.find(|entry| entry.job.call == job.call) {
            _ if !still_there => Verdict::Settle(Ok(Outcome::Unchanged)),
            Some(first) => Verdict::Join(first.id),
            None => Verdict::Post,
        }
    }

    /// Hands out the next text of a command, and assumes what it does.
    fn post(&mut self, id: i64) {
        let Some(command) = self.pending.get_mut(id).and_then(|entry| entry.job.next_command()) else { return };
        let n = self.pending.hand_out(id, self.now.mono_ms);
        self.draft.texts.push(OutgoingText { n, generation: self.gate.generation, text: command.to_json() });
        self.draft.causes.push(Cause::Posting { id, name: command.name().to_owned() });
        let (call, undo) = self.assume(id, &command);
        if let Some(entry) = self.pending.get_mut(id) {
            entry.job.call = entry.job.call.or(call);
            entry.job.undo = undo;
        }
    }

    /// What a command does, as far as can be assumed: the call that it is about, and how to take it back.
    fn assume(&mut self, id: i64, command: &Command) -> (Option<i64>, Undo) {
        let now = self.now;
        let current = self.calls.current().map(|call| call.serial);
        let undo = match command {
            Command::Connect => {
                self.line.hand_out(id, true, now.mono_ms);
                return (None, Undo::Nothing);
            }
            Command::Disconnect => {
                self.line.hand_out(id, false, now.mono_ms);
                return (None, Undo::Nothing);
            }
            Command::Call { number } => {
                let (serial, facts) = self.calls.dial(number, now);
                self.on_facts(facts);
                return (Some(serial), Undo::Dialled { next_mute: self.sound.on_call() });
            }
            Command::Answer => return (self.calls.ringing().map(|call| call.serial), Undo::Nothing),
            Command::HangUp => {
                let bound = self.pending.get(id).and_then(|entry| entry.job.call);
                let doubted = bound.is_some_and(|serial| self.calls.hang_up(serial));
                return (bound, if doubted { Undo::Doubted } else { Undo::Nothing });
            }
            Command::SendDtmf { .. } => Undo::Nothing,
            Command::ToggleMute => {
                if self.calls.current().is_some_and(|call| call.phase == CallPhase::Talking && !call.doubtful) {
                    self.sound.toggle();
                    Undo::Toggled
                } else {
                    self.sound.doubt();
                    Undo::Nothing
                }
            }
            Command::BlindTransfer { .. } => {
                self.sound.doubt();
                Undo::Nothing
            }
            Command::ConsultTransfer { number } => {
                self.sound.doubt();
                let begins = current.is_some_and(|serial| self.calls.consult(serial, number));
                if begins { Undo::Consulted } else { Undo::Nothing }
            }
            Command::StartRecording => Undo::Recorded { before: self.sound.record(true) },
            Command::StopRecording => Undo::Recorded { before: self.sound.record(false) },
            Command::PauseInQueue { .. }
            | Command::ResumeInQueue { .. }
            | Command::JoinQueue { .. }
            | Command::LeaveQueue { .. } => {
                if let Some(command) = self.pending.get(id).and_then(|entry| entry.job.queue(id)) {
                    self.queues.hand_out(command);
                }
                return (None, Undo::Nothing);
            }
        };
        (current, undo)
    }
}
