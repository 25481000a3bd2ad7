//! The room of the calls: the current one, a ringing one beside it, a consultation, doubt, and history. It maps what
//! the phone says to a change, and to facts about commands.

use std::collections::VecDeque;

use super::call::{Call, CallEnd, CallOrigin, CallPhase, Consultation, EndReason};
use super::input::Moment;
use crate::protocol::{CallId, CallNumber, CallStatus, Event, PhoneNumber};

/// What the phone says about calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signal<'a> {
    Calling,
    Talking,
    Ended,
    Id(&'a CallId),
    Refused(&'a str),
    Incoming { caller: Option<&'a CallNumber>, called: Option<&'a CallNumber>, call_id: Option<&'a CallId> },
}

impl<'a> Signal<'a> {
    pub(super) fn of(event: &'a Event) -> Option<Self> {
        Some(match event {
            Event::Status { status: CallStatus::Calling } => Self::Calling,
            Event::Status { status: CallStatus::Talking } => Self::Talking,
            Event::Status { status: CallStatus::Ended } => Self::Ended,
            // A phone that names no id says nothing.
            Event::CallId { call_id } => Self::Id(call_id.as_ref()?),
            Event::CallError { status_erro } => Self::Refused(status_erro),
            Event::IncomingCall { caller, called, call_id } => {
                Self::Incoming { caller: caller.as_ref(), called: called.as_ref(), call_id: call_id.as_ref() }
            }
            _ => return None,
        })
    }
}

/// Which commands about the present calls are in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flight {
    /// An `answer` for the ringing call.
    pub(super) answer: bool,
    /// A `hang_up` for the current call.
    pub(super) hang_up: bool,
    /// A `hang_up` for the ringing call.
    pub(super) decline: bool,
}

/// What a signal means to everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there are one or two at a time, for a moment")]
pub(super) enum Fact {
    /// The phone spoke of the call that is being set up; with `call_id` or without, no more will come when `last`.
    Heard { serial: i64, by: &'static str, call_id: Option<CallId>, last: bool },
    /// A ringing call became the current one, beside another or not.
    Answered { serial: i64, call_id: Option<CallId>, second: bool },
    /// A call that no command of ours began became the current one.
    Began,
    /// A call ended. `by` is the phone's word for it, where it said so and could mean no other call.
    Ended { call: Call, current: bool, by: Option<&'static str> },
    /// The error is about no call being set up.
    Failed { status_erro: String },
    /// The signal does not fit.
    Unexpected,
}

/// How a call ends.
#[derive(Clone, Copy, Debug)]
struct Ending<'a> {
    reason: EndReason,
    /// The phone's word for it, where it said so and could mean no other call.
    by: Option<&'static str>,
    /// The phone's words, when it refused the call.
    status_erro: Option<&'a str>,
}

impl From<EndReason> for Ending<'_> {
    fn from(reason: EndReason) -> Self {
        Self { reason, by: None, status_erro: None }
    }
}

/// A call that goes on.
#[derive(Clone, Debug)]
struct Live {
    call: Call,
    /// Whether the phone spoke of it.
    heard: bool,
    /// Whether its `call` ended without a sign of it.
    unconfirmed: bool,
    /// The call in whose place it is though that one may live on, with that one's id: what comes may be about that one.
    instead_of: Option<Option<CallId>>,
    /// Whether its consultation ended a moment ago: the phone may say that it goes on.
    resumes: bool,
    /// When it becomes doubtful unless the phone speaks of it.
    doubt_at: Option<i64>,
}

impl Live {
    fn new(serial: i64, origin: CallOrigin, phase: CallPhase, number: Option<CallNumber>, now: Moment) -> Self {
        let call = Call {
            serial,
            origin,
            phase,
            doubtful: false,
            number,
            called: None,
            call_id: None,
            consultation: None,
            began: now,
            calling: (phase == CallPhase::Calling).then_some(now),
            talking: (phase == CallPhase::Talking).then_some(now),
            end: None,
        };
        Self { call, heard: true, unconfirmed: false, instead_of: None, resumes: false, doubt_at: None }
    }

    /// The phone spoke of it: it lives.
    fn hear(&mut self) {
        self.heard = true;
        self.unconfirmed = false;
        self.resumes = false;
        self.doubt_at = None;
        self.call.doubtful = false;
    }

    /// Whether an `encerrada` can't be its own, because the phone has not spoken of it yet.
    fn is_unheard(&self) -> bool {
        !self.heard && self.call.origin == CallOrigin::Command && !self.call.doubtful
    }

    fn talk(&mut self, now: Moment) {
        self.hear();
        self.call.phase = CallPhase::Talking;
        self.call.talking.get_or_insert(now);
    }
}

#[derive(Debug)]
pub(super) struct Calls {
    current: Option<Live>,
    ringing: Option<Live>,
    /// Ended calls, oldest first.
    history: VecDeque<Call>,
    history_limit: usize,
    next_serial: i64,
    /// The call that `hang_up` ended in consultation, and until when the phone may say that it goes on.
    reopen: Option<(Call, i64)>,
}

impl Calls {
    pub(super) fn new(history_limit: usize) -> Self {
        Self { current: None, ringing: None, history: VecDeque::new(), history_limit, next_serial: 1, reopen: None }
    }

    pub(super) fn current(&self) -> Option<&Call> {
        self.current.as_ref().map(|live| &live.call)
    }

    pub(super) fn ringing(&self) -> Option<&Call> {
        self.ringing.as_ref().map(|live| &live.call)
    }

    pub(super) fn history(&self) -> impl Iterator<Item = &Call> {
        self.history.iter()
    }

    /// The call with this number, if it goes on.
    pub(super) fn live(&self, serial: i64) -> Option<&Call> {
        self.current().into_iter().chain(self.ringing()).find(|call| call.serial == serial)
    }

    fn live_mut(&mut self, serial: i64) -> Option<&mut Live> {
        self.current.iter_mut().chain(self.ringing.iter_mut()).find(|live| live.call.serial == serial)
    }

    // What commands do.

    /// A `call` is handed out: it is the current one from now on. A doubtful one before it ends.
    pub(super) fn dial(&mut self, number: &PhoneNumber, now: Moment) -> (i64, Vec<Fact>) {
        let displaced = self.current().map(|call| call.call_id.clone());
        let mut facts = Vec::new();
        self.end_current(EndReason::Unknown.into(), now, &mut facts);
        let live = self.make(CallOrigin::Command, CallPhase::Dialling, Some(number.into()), now);
        let serial = live.call.serial;
        self.current = Some(Live { heard: false, instead_of: displaced, ..live });
        (serial, facts)
    }

    /// That `call` was not posted; the call never was, unless the phone spoke of it. Returns whether it is gone.
    pub(super) fn take_back_dial(&mut self, serial: i64) -> bool {
        let gone = self.current.as_ref().is_some_and(|live| live.call.serial == serial && !live.heard);
        if gone {
            self.current = None;
        }
        gone
    }

    /// The `call` of this call ended without a sign of it.
    pub(super) fn unconfirmed(&mut self, serial: i64) {
        if let Some(live) = self.live_mut(serial) {
            live.unconfirmed = true;
        }
    }

    /// A `hang_up` is handed out. Returns whether that alone makes the call doubtful: nothing was ever heard of it.
    pub(super) fn hang_up(&mut self, serial: i64) -> bool {
        match self.live_mut(serial) {
            Some(live) if live.unconfirmed && !live.call.doubtful => {
                live.call.doubtful = true;
                true
            }
            _ => false,
        }
    }

    /// Sets whether a call is doubtful: its `hang_up` ended without its end, or was not posted after all.
    pub(super) fn set_doubtful(&mut self, serial: i64, doubtful: bool) {
        if let Some(live) = self.live_mut(serial) {
            live.call.doubtful = doubtful;
        }
    }

    /// A consultative transfer is handed out. Returns whether a leg begins with it: before the talk there is nobody to
    /// consult about, and there is one leg at a time; what the phone says then is about the call or leg that is there.
    pub(super) fn consult(&mut self, serial: i64, number: &PhoneNumber) -> bool {
        let fits = |live: &&mut Live| live.call.phase == CallPhase::Talking && live.call.consultation.is_none();
        let live = self.live_mut(serial).filter(fits);
        live.map(|live| {
            let leg = Consultation { number: number.into(), phase: CallPhase::Dialling, call_id: None };
            live.call.consultation = Some(leg);
        })
        .is_some()
    }

    /// It was not posted; its leg never was, unless the phone spoke of it.
    pub(super) fn take_back_consult(&mut self, serial: i64) {
        if let Some(live) = self.live_mut(serial) {
            let unheard = |leg: &Consultation| leg.phase == CallPhase::Dialling && leg.call_id.is_none();
            live.call.consultation = live.call.consultation.take().filter(|leg| !unheard(leg));
        }
    }

    // What page and time do.

    /// The page dials by itself on opening.
    pub(super) fn page_dials(&mut self, number: &PhoneNumber, doubt_at: i64, now: Moment) {
        let live = self.make(CallOrigin::Page, CallPhase::Dialling, Some(number.into()), now);
        self.current = Some(Live { heard: false, doubt_at: Some(doubt_at), ..live });
    }

    pub(super) fn doubt_at(&self) -> Option<i64> {
        self.current.as_ref().and_then(|live| live.doubt_at)
    }

    pub(super) fn on_time(&mut self, now: i64) {
        if let Some(live) = self.current.as_mut().filter(|live| live.doubt_at.is_some_and(|at| at <= now)) {
            live.doubt_at = None;
            live.call.doubtful = true;
        }
    }

    /// The page is gone, and every call with it.
    pub(super) fn lose(&mut self, now: Moment) -> Vec<Fact> {
        let mut facts = Vec::new();
        self.end_current(EndReason::PageLost.into(), now, &mut facts);
        self.end_ringing(EndReason::PageLost.into(), now, &mut facts);
        self.reopen = None;
        facts
    }

    // What the phone does.

    pub(super) fn on_signal(&mut self, signal: Signal, flight: Flight, reopen_until: i64, now: Moment) -> Vec<Fact> {
        let mut facts = Vec::new();
        match signal {
            Signal::Calling => self.on_calling(now, &mut facts),
            Signal::Talking => self.on_talking(flight, now, &mut facts),
            Signal::Ended => self.on_ended(flight, reopen_until, now, &mut facts),
            Signal::Id(id) => self.on_id(id, &mut facts),
            Signal::Refused(words) => self.on_refused(words, flight, now, &mut facts),
            Signal::Incoming { caller, called, call_id } => self.on_incoming(caller, called, call_id, now, &mut facts),
        }
        facts
    }

    fn on_calling(&mut self, now: Moment, facts: &mut Vec<Fact>) {
        let alone = self.ringing.is_none();
        match &mut self.current {
            Some(Live { call: Call { consultation: Some(leg), .. }, .. }) => match leg.phase {
                CallPhase::Dialling => leg.phase = CallPhase::Calling,
                CallPhase::Talking => facts.push(Fact::Unexpected),
                CallPhase::Calling | CallPhase::Ringing => {}
            },
            Some(live) if live.call.is_setting_up() => {
                live.hear();
                live.call.phase = CallPhase::Calling;
                live.call.calling.get_or_insert(now);
                facts.extend(heard(live, alone, "chamando"));
            }
            // A phone that calls has left the call that was in doubt.
            Some(live) if live.call.doubtful => {
                self.end_current(EndReason::Unknown.into(), now, facts);
                self.begin(CallPhase::Calling, now, facts);
            }
            Some(_) => facts.push(Fact::Unexpected),
            // Whether this speaks of the ringing call or of one that the page's user dials can't be told.
            None if !alone => facts.push(Fact::Unexpected),
            None => self.begin(CallPhase::Calling, now, facts),
        }
    }

    fn on_talking(&mut self, flight: Flight, now: Moment, facts: &mut Vec<Fact>) {
        let alone = self.ringing.is_none();
        if flight.answer && !alone {
            return self.promote(now, facts);
        }
        match &mut self.current {
            Some(Live { call: Call { consultation: Some(leg), .. }, .. }) => leg.phase = CallPhase::Talking,
            Some(live) => {
                let set_up = live.call.is_setting_up();
                // Nothing but talk: it may be that of the call in whose place it was dialled, or of that one's leg.
                let unsure = live.instead_of.is_some() && (live.call.doubtful || !live.heard);
                live.talk(now);
                live.call.doubtful = unsure;
                if set_up {
                    facts.extend(heard(live, alone, "conversando"));
                }
            }
            // The page's user answered.
            None if !alone => self.promote(now, facts),
            None => self.reopen_or_begin(now, facts),
        }
    }

    fn on_ended(&mut self, flight: Flight, reopen_until: i64, now: Moment, facts: &mut Vec<Fact>) {
        let said = |reason| Ending { by: Some("encerrada"), ..Ending::from(reason) };
        match (&mut self.current, &mut self.ringing) {
            (Some(live), ringing) if flight.hang_up => {
                // If the current one was over already, or never began, the phone has hung up the ringing one.
                if let Some(ringing) = ringing.as_mut().filter(|_| live.call.doubtful || live.is_unheard()) {
                    ringing.call.doubtful = true;
                }
                self.reopen = live.call.consultation.is_some().then(|| (live.call.clone(), reopen_until));
                self.end_current(said(EndReason::Ended), now, facts);
            }
            (current, Some(_)) if flight.decline => {
                // It was hung up before the current one came to be, which may be the one that ended.
                if let Some(live) = current.as_mut().filter(|live| !live.is_unheard()) {
                    live.call.doubtful = true;
                }
                self.end_ringing(said(EndReason::Declined), now, facts);
            }
            (Some(live), Some(_)) if live.is_unheard() => self.end_ringing(said(EndReason::Missed), now, facts),
            (Some(live), Some(ringing)) if live.call.doubtful && ringing.call.doubtful => {
                self.end_current(EndReason::Ended.into(), now, facts);
                self.end_ringing(EndReason::Missed.into(), now, facts);
            }
            // Whose end it is, or that of a consultation's leg: the next sign tells.
            (Some(live), Some(ringing)) => {
                live.resumes |= live.call.consultation.take().is_some();
                live.call.doubtful = true;
                ringing.call.doubtful = true;
            }
            (Some(live), None) if live.call.consultation.is_some() => {
                live.call.consultation = None;
                live.resumes = true;
                live.call.doubtful = true;
            }
            // It belongs to an earlier call.
            (Some(live), None) if live.is_unheard() => {}
            (Some(live), None) if live.instead_of.is_some() => {
                self.end_current(EndReason::Ended.into(), now, facts);
            }
            (Some(_), None) => self.end_current(said(EndReason::Ended), now, facts),
            (None, Some(_)) => self.end_ringing(said(EndReason::Missed), now, facts),
            // The phone repeats itself.
            (None, None) => {}
        }
    }

    fn on_id(&mut self, id: &CallId, facts: &mut Vec<Fact>) {
        let nameless_ringing = self.ringing.as_ref().is_some_and(|live| live.call.call_id.is_none());
        if self.knows(id) {
            return;
        }
        match (&mut self.current, &mut self.ringing) {
            (Some(Live { call: Call { consultation: Some(leg), .. }, .. }), _) if leg.call_id.is_none() => {
                leg.call_id = Some(id.clone());
            }
            (Some(live), _) if live.call.consultation.is_none() && live.call.is_setting_up() => {
                let serial = live.call.serial;
                if live.call.call_id.is_some() {
                    facts.push(Fact::Unexpected);
                } else if nameless_ringing || live.instead_of == Some(None) {
                    // It may be the other call's: it shows that a call was made, not which id it has.
                    live.heard = true;
                    facts.push(Fact::Heard { serial, by: "chamada_id", call_id: None, last: true });
                } else {
                    live.hear();
                    live.instead_of = None;
                    live.call.call_id = Some(id.clone());
                    facts.push(Fact::Heard { serial, by: "chamada_id", call_id: Some(id.clone()), last: true });
                }
            }
            (_, Some(live)) | (Some(live), _) if live.call.call_id.is_none() => live.call.call_id = Some(id.clone()),
            _ => match self.history.back_mut() {
                Some(call) if call.call_id.is_none() => call.call_id = Some(id.clone()),
                _ => facts.push(Fact::Unexpected),
            },
        }
    }

    /// Whether a call, or a consultation's leg, has this id already.
    fn knows(&self, id: &CallId) -> bool {
        let current = self.current.as_ref();
        let leg = current.and_then(|live| live.call.consultation.as_ref()).and_then(|leg| leg.call_id.as_ref());
        let former = current.and_then(|live| live.instead_of.as_ref()).and_then(Option::as_ref);
        let ids = [&self.current, &self.ringing].into_iter().flatten().filter_map(|live| live.call.call_id.as_ref());
        let last = self.history.back().and_then(|call| call.call_id.as_ref());
        ids.chain(leg).chain(former).chain(last).any(|known| known == id)
    }

    fn on_refused(&mut self, words: &str, flight: Flight, now: Moment, facts: &mut Vec<Fact>) {
        let refused = Ending { reason: EndReason::Rejected, by: Some("status_erro"), status_erro: Some(words) };
        match (&mut self.current, &self.ringing) {
            (Some(live), _) if live.call.consultation.is_some() => live.call.consultation = None,
            (Some(live), _) if live.call.is_setting_up() => self.end_current(refused, now, facts),
            (_, Some(_)) if flight.answer => self.end_ringing(refused, now, facts),
            _ => facts.push(Fact::Failed { status_erro: words.to_owned() }),
        }
    }

    fn on_incoming(
        &mut self,
        caller: Option<&CallNumber>,
        called: Option<&CallNumber>,
        call_id: Option<&CallId>,
        now: Moment,
        facts: &mut Vec<Fact>,
    ) {
        let same_number = |number: Option<&CallNumber>| match (number, caller) {
            (Some(known), Some(new)) => known.is_same(new),
            (None, None) => true,
            _ => false,
        };
        let repeats = self.ringing.as_ref().is_some_and(|live| match call_id {
            Some(_) => live.call.call_id.as_ref() == call_id,
            None => same_number(live.call.number.as_ref()),
        });
        let answered = call_id.is_some() && self.current().is_some_and(|call| call.call_id.as_ref() == call_id);
        if repeats || answered {
            return;
        }
        self.end_ringing(EndReason::Replaced.into(), now, facts);
        let mut live = self.make(CallOrigin::Incoming, CallPhase::Ringing, caller.cloned(), now);
        live.call.called = called.cloned();
        live.call.call_id = call_id.cloned();
        self.ringing = Some(live);
    }

    // How calls begin and end.

    fn make(&mut self, origin: CallOrigin, phase: CallPhase, number: Option<CallNumber>, now: Moment) -> Live {
        let serial = self.next_serial;
        self.next_serial += 1;
        Live::new(serial, origin, phase, number, now)
    }

    /// A call that the page's user made.
    fn begin(&mut self, phase: CallPhase, now: Moment, facts: &mut Vec<Fact>) {
        self.current = Some(self.make(CallOrigin::Page, phase, None, now));
        facts.push(Fact::Began);
    }

    /// The ringing call is answered.
    fn promote(&mut self, now: Moment, facts: &mut Vec<Fact>) {
        let second = self.current.is_some();
        // The talk may as well be that of what is being set up, a call or a consultation, or of the call that goes on after
        // one, if the ringing one may be over.
        let talks_soon = self.current.as_ref().is_some_and(|Live { call, resumes, .. }| {
            *resumes || call.consultation.is_some() || (call.is_setting_up() && !call.doubtful)
        });
        let unsure = talks_soon && self.ringing().is_some_and(|call| call.doubtful);
        let former = self.current().and_then(|call| call.call_id.clone());
        self.end_current(EndReason::Replaced.into(), now, facts);
        if let Some(mut live) = self.ringing.take() {
            live.talk(now);
            if unsure {
                live.call.doubtful = true;
                live.instead_of = Some(former);
            }
            facts.push(Fact::Answered { serial: live.call.serial, call_id: live.call.call_id.clone(), second });
            self.current = Some(live);
        }
    }

    /// The phone talks although no call is known: one that it did not transfer after all, or a new one.
    fn reopen_or_begin(&mut self, now: Moment, facts: &mut Vec<Fact>) {
        match self.reopen.take() {
            Some((call, until)) if now.mono_ms <= until => {
                self.history.retain(|ended| ended.serial != call.serial);
                let mut live =
                    Live { call, heard: true, unconfirmed: false, instead_of: None, resumes: false, doubt_at: None };
                live.call.consultation = None;
                live.talk(now);
                self.current = Some(live);
                facts.push(Fact::Began);
            }
            _ => self.begin(CallPhase::Talking, now, facts),
        }
    }

    fn end_current(&mut self, ending: Ending, now: Moment, facts: &mut Vec<Fact>) {
        if let Some(live) = self.current.take() {
            self.end(live, true, ending, now, facts);
        }
    }

    fn end_ringing(&mut self, ending: Ending, now: Moment, facts: &mut Vec<Fact>) {
        if let Some(live) = self.ringing.take() {
            self.end(live, false, ending, now, facts);
        }
    }

    fn end(&mut self, live: Live, current: bool, ending: Ending, now: Moment, facts: &mut Vec<Fact>) {
        let Ending { reason, by, status_erro } = ending;
        let end = CallEnd { at: now, reason, status_erro: status_erro.map(str::to_owned) };
        let call = Call { end: Some(end), ..live.call };
        self.history.push_back(call.clone());
        if self.history.len() > self.history_limit {
            self.history.pop_front();
        }
        facts.push(Fact::Ended { call, current, by });
    }
}

/// That a status spoke of a `call` of ours: only where it can speak of no other.
fn heard(live: &Live, alone: bool, by: &'static str) -> Option<Fact> {
    let sure = alone && live.call.origin == CallOrigin::Command && live.instead_of.is_none();
    let call_id = live.call.call_id.clone();
    sure.then(|| Fact::Heard { serial: live.call.serial, by, last: call_id.is_some(), call_id })
}

#[cfg(test)]
mod table;
