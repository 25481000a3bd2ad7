//! One phone: what it does when it is told to, and when something comes over its lines. It knows no time and no other
//! phone; its [`Effect`]s say what it wants of both.
//!
//! What the vendor does not document, and is assumed here: hanging up declines a ringing call; in a consultation the
//! leg speaks like a call, hanging up completes the transfer with `encerrada`, and when the leg ends by itself the
//! phone says `encerrada` and then `conversando`; a second call that is answered takes the place of the first without
//! a word about that; a number that can't be dialled is a `status_erro`; commands that make no sense are passed over.

use std::collections::BTreeMap;

use crate::protocol::{CallId, CallStatus, Command, Event, QueueId};
use crate::simulator::{SimulatedCaller, SimulatedWording};

/// What a phone does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It says this, so much later.
    Says { event: Event, lag_ms: i64 },
    /// It calls a number.
    Dials { call: i64, number: String },
    /// It answers a call.
    Answers { call: i64 },
    /// It leaves a call.
    HangsUp { call: i64 },
    /// It leaves a call and has the other side connected to a number.
    Transfers { call: i64, number: String },
    /// It leaves two calls and has their other sides connected to each other.
    Joins { call: i64, consulted: i64 },
    /// Its call is over, and it has said so after so long.
    Over { lag_ms: i64 },
}

/// What the phone says of a call that it makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Manner {
    /// How late all of it comes.
    pub(super) lag_ms: i64,
    /// Whether it says nothing when it hangs the call up.
    pub(super) silent_hang_up: bool,
}

/// A call of the phone, or the leg of a consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leg {
    /// Its id.
    pub(crate) id: i64,
    /// The other side.
    pub(crate) number: String,
    /// Whether the two sides talk.
    pub(crate) talking: bool,
    /// Whether the phone has told its id.
    named: bool,
    manner: Manner,
}

/// The ids of calls: each is one more than the last.
#[derive(Clone, Debug, Default)]
pub(super) struct CallIds(i64);

impl CallIds {
    pub(super) fn next(&mut self) -> i64 {
        self.0 += 1;
        self.0
    }
}

/// A simulated phone with an open page.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(super) wording: SimulatedWording,
    connected: bool,
    call: Option<Leg>,
    consultation: Option<Leg>,
    ringing: Option<Leg>,
    muted: bool,
    recording: bool,
    keys: String,
    /// The queues it is a member of, and whether it pauses there.
    queues: BTreeMap<QueueId, bool>,
    effects: Vec<Effect>,
}

impl Phone {
    /// A phone whose page opens: it connects by itself. What queues it is a member of is not its page's affair.
    pub(super) fn open(wording: SimulatedWording, queues: BTreeMap<QueueId, bool>) -> Self {
        let mut phone = Self {
            wording,
            connected: true,
            call: None,
            consultation: None,
            ringing: None,
            muted: false,
            recording: false,
            keys: String::new(),
            queues,
            effects: Vec::new(),
        };
        phone.say_status(CallStatus::Connected, 0);
        phone
    }

    /// Whether it has its line.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected
    }

    /// Its call.
    pub(crate) fn call(&self) -> Option<&Leg> {
        self.call.as_ref()
    }

    /// The call to a third party, while one is consulted.
    pub(crate) fn consultation(&self) -> Option<&Leg> {
        self.consultation.as_ref()
    }

    /// The call that comes in.
    pub(crate) fn ringing(&self) -> Option<&Leg> {
        self.ringing.as_ref()
    }

    /// Whether its microphone is muted.
    pub(crate) fn is_muted(&self) -> bool {
        self.muted
    }

    /// Whether it records.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording
    }

    /// The keys that were pressed in this call.
    pub(crate) fn keys(&self) -> &str {
        &self.keys
    }

    /// The queues it is a member of, and whether it pauses there.
    pub(crate) fn queues(&self) -> &BTreeMap<QueueId, bool> {
        &self.queues
    }

    /// Every call and leg that it has.
    pub(super) fn legs(&self) -> impl Iterator<Item = &Leg> {
        [&self.consultation, &self.call, &self.ringing].into_iter().flatten()
    }

    /// What it wants of the world since this was last asked.
    pub(super) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    // What it is told.

    /// Its page posts a message to it.
    pub(super) fn obey(&mut self, command: &Command, ids: &mut CallIds) {
        match command {
            Command::Connect => {
                self.connected = true;
                self.say_status(CallStatus::Connected, 0);
            }
            Command::Disconnect => {
                self.connected = false;
                self.say_status(CallStatus::Disconnected, 0);
            }
            Command::Call { number } => self.dial(number.as_str(), ids),
            Command::Answer => self.answer(),
            Command::HangUp => self.hang_up(),
            Command::SendDtmf { digit } if self.call.is_some() => self.keys.push(digit.as_char()),
            Command::SendDtmf { .. } => {}
            Command::ToggleMute => self.muted = !self.muted && self.call.is_some(),
            Command::BlindTransfer { number } => self.transfer(number.as_str()),
            Command::ConsultTransfer { number } => self.consult(number.as_str(), ids),
            Command::StartRecording => self.recording = self.call.is_some(),
            Command::StopRecording => self.recording = false,
            Command::PauseInQueue { .. }
            | Command::ResumeInQueue { .. }
            | Command::JoinQueue { .. }
            | Command::LeaveQueue { .. } => self.obey_queue(command),
        }
    }

    /// A command about queues, of its page or of a supervisor.
    pub(super) fn obey_queue(&mut self, command: &Command) {
        match command {
            Command::JoinQueue { queue } => {
                self.queues.entry(queue.clone()).or_insert(false);
                self.say_queue(|queue| Event::JoinedQueue { queue }, queue);
            }
            Command::LeaveQueue { queue } => {
                self.queues.remove(queue);
                self.say_queue(|queue| Event::LeftQueue { queue }, queue);
            }
            Command::PauseInQueue { queue } => {
                self.set_paused(queue.as_ref(), true, |queue| Event::PausedInQueue { queue });
            }
            Command::ResumeInQueue { queue } => {
                self.set_paused(queue.as_ref(), false, |queue| Event::ResumedInQueue { queue });
            }
            _ => {}
        }
    }

    /// It was told to call, or to transfer to, a number that can't be dialled.
    pub(super) fn complain_of_number(&mut self) {
        self.say_error("Número inválido", 0);
    }

    pub(super) fn dial(&mut self, number: &str, ids: &mut CallIds) {
        if self.call.is_some() {
            return;
        }
        if !self.connected {
            return self.say_error("Ramal desconectado", 0);
        }
        let leg = Leg::new(ids.next(), number);
        self.effects.push(Effect::Dials { call: leg.id, number: leg.number.clone() });
        self.begin_call(leg);
    }

    fn consult(&mut self, number: &str, ids: &mut CallIds) {
        if self.call.as_ref().is_none_or(|leg| !leg.talking) || self.consultation.is_some() {
            return;
        }
        let leg = Leg::new(ids.next(), number);
        self.effects.push(Effect::Dials { call: leg.id, number: leg.number.clone() });
        self.consultation = Some(leg);
    }

    fn answer(&mut self) {
        let Some(leg) = self.ringing.take() else { return };
        for former in self.call.take().into_iter().chain(self.consultation.take()) {
            self.effects.push(Effect::HangsUp { call: former.id });
        }
        let (id, named) = (leg.id, leg.named);
        self.begin_call(Leg { talking: true, named: true, ..leg });
        self.say_status(CallStatus::Talking, 0);
        if !named {
            self.say_id(id, 0);
        }
        self.effects.push(Effect::Answers { call: id });
    }

    fn hang_up(&mut self) {
        let (leg, effect) = match (self.call.take(), self.consultation.take()) {
            (Some(leg), Some(consulted)) => {
                let effect = Effect::Joins { call: leg.id, consulted: consulted.id };
                (leg, effect)
            }
            (Some(leg), None) => {
                let effect = Effect::HangsUp { call: leg.id };
                (leg, effect)
            }
            (None, _) => {
                let Some(leg) = self.ringing.take() else { return };
                self.effects.push(Effect::HangsUp { call: leg.id });
                return self.say_status(CallStatus::Ended, 0);
            }
        };
        self.effects.push(effect);
        if !leg.manner.silent_hang_up {
            self.say_status(CallStatus::Ended, leg.manner.lag_ms);
        }
        self.effects.push(Effect::Over { lag_ms: leg.manner.lag_ms });
    }

    fn transfer(&mut self, number: &str) {
        let Some(leg) = self.call.take() else { return };
        if let Some(consulted) = self.consultation.take() {
            self.effects.push(Effect::HangsUp { call: consulted.id });
        }
        self.effects.push(Effect::Transfers { call: leg.id, number: number.to_owned() });
        self.end_call(&leg);
    }

    // What comes over its lines.

    /// Somebody calls. Whoever lets it ring has looked that it can.
    pub(super) fn ring(&mut self, id: i64, caller: &SimulatedCaller, extension: &str) {
        let event = caller.event(extension, call_id(id).filter(|_| !caller.without_id));
        self.say(event, 0);
        self.ringing = Some(Leg { named: !caller.without_id, ..Leg::new(id, &caller.from) });
    }

    /// Its call, or its consultation, can't be set up.
    pub(super) fn refused(&mut self, id: i64, status_erro: &str, lag_ms: i64) {
        self.say_error(status_erro, lag_ms);
        if self.consultation.take_if(|leg| leg.id == id).is_none() && self.call.take_if(|leg| leg.id == id).is_some() {
            self.effects.push(Effect::Over { lag_ms });
        }
    }

    /// Its call, or its consultation, is on its way.
    pub(super) fn calling(&mut self, id: i64, manner: Manner) {
        let Some(leg) = self.outgoing(id) else { return };
        leg.manner = manner;
        leg.named = true;
        self.say_status(CallStatus::Calling, manner.lag_ms);
        self.say_id(id, manner.lag_ms);
    }

    /// The other side answers.
    pub(super) fn answered(&mut self, id: i64) {
        let Some(leg) = self.outgoing(id).filter(|leg| !leg.talking) else { return };
        leg.talking = true;
        let lag_ms = leg.manner.lag_ms;
        self.say_status(CallStatus::Talking, lag_ms);
    }

    /// The other side ends it.
    pub(super) fn ended(&mut self, id: i64) {
        let is_it = |leg: &mut Leg| leg.id == id;
        if let Some(leg) = self.consultation.take_if(is_it) {
            self.say_status(CallStatus::Ended, leg.manner.lag_ms);
            self.say_status(CallStatus::Talking, leg.manner.lag_ms);
        } else if let Some(leg) = self.call.take_if(is_it) {
            if let Some(consulted) = self.consultation.take() {
                self.effects.push(Effect::HangsUp { call: consulted.id });
            }
            self.end_call(&leg);
        } else if let Some(leg) = self.ringing.take_if(is_it) {
            self.say_status(CallStatus::Ended, leg.manner.lag_ms);
        }
    }

    // Calls.

    fn outgoing(&mut self, id: i64) -> Option<&mut Leg> {
        self.call.iter_mut().chain(&mut self.consultation).find(|leg| leg.id == id)
    }

    fn begin_call(&mut self, leg: Leg) {
        self.call = Some(leg);
        self.muted = false;
        self.recording = false;
        self.keys.clear();
    }

    fn end_call(&mut self, leg: &Leg) {
        self.say_status(CallStatus::Ended, leg.manner.lag_ms);
        self.effects.push(Effect::Over { lag_ms: leg.manner.lag_ms });
    }

    // Queues.

    /// Only a member can pause. For all queues there is one event each; one in all if it names none, or has none.
    fn set_paused(&mut self, queue: Option<&QueueId>, paused: bool, event: impl Fn(Option<QueueId>) -> Event) {
        let mut done = Vec::new();
        for (id, flag) in &mut self.queues {
            if queue.is_none_or(|queue| queue == id) {
                *flag = paused;
                done.push(id.clone());
            }
        }
        if queue.is_none() && (done.is_empty() || !self.wording.names_queues) {
            return self.say(event(None), 0);
        }
        done.iter().for_each(|queue| self.say_queue(&event, queue));
    }

    // Speech.

    fn say_status(&mut self, status: CallStatus, lag_ms: i64) {
        self.say(Event::Status { status }, lag_ms);
    }

    fn say_id(&mut self, id: i64, lag_ms: i64) {
        self.say(Event::CallId { call_id: call_id(id) }, lag_ms);
    }

    fn say_error(&mut self, status_erro: &str, lag_ms: i64) {
        self.say(Event::CallError { status_erro: status_erro.to_owned() }, lag_ms);
    }

    fn say_queue(&mut self, event: impl Fn(Option<QueueId>) -> Event, queue: &QueueId) {
        self.say(event(self.wording.names_queues.then(|| queue.clone())), 0);
    }

    fn say(&mut self, event: Event, lag_ms: i64) {
        self.effects.push(Effect::Says { event, lag_ms });
    }
}

impl Leg {
    fn new(id: i64, number: &str) -> Self {
        Self { id, number: number.to_owned(), talking: false, named: false, manner: Manner::default() }
    }
}

fn call_id(id: i64) -> Option<CallId> {
    CallId::parse(&id.to_string()).ok()
}
