//! How the phone behaves, as a pure machine: it takes commands, its remote parties' doings and time, and gives what
//! it says. One implementation serves the simulated page and tests in process.
//!
//! | number ends in | what happens |
//! | --- | --- |
//! | `0001` | answers at once |
//! | `0002` | busy: `chamando`, `chamada_id`, `encerrada` |
//! | `0003` | rings and is never answered |
//! | `0004` | `status_erro` only |
//! | `0005` | as any other, but all that the phone says of it comes 12 s late |
//! | `0006` | as any other, but the phone says nothing when it is hung up |
//! | any other | `chamando`, `chamada_id`, and `conversando` after 1 s |
//!
//! What the vendor does not document, and is assumed here: hanging up declines a ringing call; in a consultation the
//! leg speaks like a call, hanging up completes the transfer with `encerrada`, and when the leg ends by itself the
//! phone says `encerrada` and then `conversando`; a second call that is answered takes the place of the first without
//! a word about that; commands that make no sense are passed over.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::{CallId, CallNumber, CallStatus, Command, Event, QueueId};

/// How long a called party takes to answer.
const ANSWER_MS: i64 = 1000;
/// How long a busy line is tried.
const BUSY_MS: i64 = 500;
/// How late a late phone speaks: later than anybody waits.
const LATE_MS: i64 = 12_000;
/// How often the phone tells its quality.
const QUALITY_MS: i64 = 5000;

/// What a phone is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PhoneSetup {
    /// The number of its extension.
    pub(crate) extension: String,
    /// Whether it names calls and queues by text instead of numbers.
    pub(crate) ids_as_text: bool,
    /// Whether its queue events say which queue they are about.
    pub(crate) names_queues: bool,
    /// Whether it tells its quality every 5 s.
    pub(crate) tells_quality: bool,
    /// The id of its first call; each further one is one more.
    pub(crate) first_call_id: i64,
    /// Numbers behind which another phone is: it decides what happens.
    pub(crate) peers: BTreeSet<String>,
}

impl Default for PhoneSetup {
    fn default() -> Self {
        Self {
            extension: "4000".to_owned(),
            ids_as_text: false,
            names_queues: true,
            tells_quality: true,
            first_call_id: 1,
            peers: BTreeSet::new(),
        }
    }
}

/// What a phone does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It posts this message to its page's parent.
    Say(String),
    /// It calls another phone.
    Rings {
        /// The other phone's number.
        number: String,
    },
    /// It answers a call of another phone.
    Answers {
        /// The other phone's number, as it was told.
        number: String,
    },
    /// It ends a call with another phone.
    HangsUp {
        /// The other phone's number.
        number: String,
    },
    /// Its page crashes.
    Crashes,
}

/// What goes wrong with the next thing that the phone says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not said.
    Silent,
    /// It is said twice.
    Duplicate,
    /// It is said after the thing that follows it.
    Reordered,
    /// A message that nobody knows is said before it.
    UnknownEvent,
    /// It is said with a field that can't be used.
    BrokenPayload,
    /// The page crashes instead.
    Crash,
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
}

impl Leg {
    fn ends_in(&self, digits: &str) -> bool {
        self.number.ends_with(digits)
    }

    fn lag_ms(&self) -> i64 {
        if self.ends_in("0005") { LATE_MS } else { 0 }
    }
}

/// What the phone will do by itself.
#[derive(Clone, Debug)]
enum Act {
    Say(Event),
    /// The other side of the call or leg with this id answers.
    Answer(i64),
    /// The other side of the call or leg with this id ends it.
    End(i64),
    Quality,
}

/// A simulated phone.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    setup: PhoneSetup,
    now: i64,
    open: bool,
    connected: bool,
    call: Option<Leg>,
    consultation: Option<Leg>,
    ringing: Option<Leg>,
    muted: bool,
    recording: bool,
    keys: String,
    /// The queues it is a member of, and whether it pauses there.
    queues: BTreeMap<QueueId, bool>,
    next_id: i64,
    /// What it will do, by time and then in order.
    agenda: BTreeMap<(i64, u64), Act>,
    next_act: u64,
    faults: Vec<Fault>,
    /// What is said after the next thing.
    held: Option<String>,
    effects: Vec<Effect>,
}

impl Phone {
    /// A phone that is not open yet.
    pub(crate) fn new(setup: PhoneSetup) -> Self {
        let next_id = setup.first_call_id;
        Self {
            setup,
            now: i64::MIN,
            open: false,
            connected: false,
            call: None,
            consultation: None,
            ringing: None,
            muted: false,
            recording: false,
            keys: String::new(),
            queues: BTreeMap::new(),
            next_id,
            agenda: BTreeMap::new(),
            next_act: 0,
            faults: Vec::new(),
            held: None,
            effects: Vec::new(),
        }
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

    /// When it will do something by itself.
    pub(crate) fn deadline(&self) -> Option<i64> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    /// Something shall go wrong with the next thing that it says, after what was arranged before.
    pub(crate) fn arrange(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Its page opens, or opens again: it connects, and dials if its URL says so (`ligar_para`).
    pub(crate) fn open(&mut self, call_on_open: Option<&str>, now: i64) -> Vec<Effect> {
        let fresh =
            Self { next_id: self.next_id, queues: std::mem::take(&mut self.queues), ..Self::new(self.setup.clone()) };
        let faults = std::mem::take(&mut self.faults);
        *self = Self { open: true, connected: true, faults, now, ..fresh };
        self.say_status(CallStatus::Connected, 0);
        if self.setup.tells_quality {
            self.plan(QUALITY_MS, Act::Quality);
        }
        if let Some(number) = call_on_open {
            self.dial(number);
        }
        self.finish()
    }

    /// A command reaches it.
    pub(crate) fn take(&mut self, command: &Command, now: i64) -> Vec<Effect> {
        self.run_to(now);
        if self.open {
            self.obey(command);
        }
        self.finish()
    }

    /// Time passes.
    pub(crate) fn advance(&mut self, now: i64) -> Vec<Effect> {
        self.run_to(now);
        self.finish()
    }

    /// Somebody calls.
    pub(crate) fn incoming(&mut self, number: &str, now: i64) -> Vec<Effect> {
        self.run_to(now);
        if self.open && self.connected && self.ringing.is_none() {
            let leg = self.new_leg(number);
            let called = Some(CallNumber::new(self.setup.extension.as_str()));
            let event = Event::IncomingCall { caller: Some(CallNumber::new(number)), called, call_id: id(leg.id) };
            self.say(event, 0);
            self.ringing = Some(leg);
        }
        self.finish()
    }

    /// The called party answers: the leg of a consultation if there is one, else the call.
    pub(crate) fn remote_answers(&mut self, now: i64) -> Vec<Effect> {
        self.run_to(now);
        if let Some(id) = self.consultation.as_ref().or(self.call.as_ref()).map(|leg| leg.id) {
            self.answered(id);
        }
        self.finish()
    }

    /// The other side hangs up: of the leg of a consultation if there is one, else of the call, else of the one that
    /// comes in.
    pub(crate) fn remote_hangs_up(&mut self, now: i64) -> Vec<Effect> {
        self.run_to(now);
        let leg = self.consultation.as_ref().or(self.call.as_ref()).or(self.ringing.as_ref());
        if let Some(id) = leg.map(|leg| leg.id) {
            self.ended(id);
        }
        self.finish()
    }

    /// Somebody else changes its queues: a supervisor.
    pub(crate) fn supervise(&mut self, command: &Command, now: i64) -> Vec<Effect> {
        self.run_to(now);
        if self.open {
            self.obey_queue(command);
        }
        self.finish()
    }

    fn finish(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn run_to(&mut self, now: i64) {
        let until = now.max(self.now);
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), act) = entry.remove_entry();
            self.now = at;
            match act {
                Act::Say(event) => self.utter(&event),
                Act::Answer(id) => self.answered(id),
                Act::End(id) => self.ended(id),
                Act::Quality => {
                    let internet = Some(r#"{"jitter":2,"ping":18}"#.to_owned());
                    self.utter(&Event::Quality { internet, computer: Some(r#"{"cpu":7}"#.to_owned()) });
                    self.plan(QUALITY_MS, Act::Quality);
                }
            }
        }
        self.now = until;
    }

    fn plan(&mut self, in_ms: i64, act: Act) {
        self.agenda.insert((self.now.saturating_add(in_ms), self.next_act), act);
        self.next_act += 1;
    }

    // Commands.

    fn obey(&mut self, command: &Command) {
        match command {
            Command::Connect => {
                self.connected = true;
                self.say_status(CallStatus::Connected, 0);
            }
            Command::Disconnect => {
                self.connected = false;
                self.say_status(CallStatus::Disconnected, 0);
            }
            Command::Call { number } => self.dial(number.as_str()),
            Command::Answer => self.answer(),
            Command::HangUp => self.hang_up(),
            Command::SendDtmf { digit } if self.call.is_some() => self.keys.push(digit.as_char()),
            Command::SendDtmf { .. } => {}
            Command::ToggleMute => self.muted = !self.muted && self.call.is_some(),
            Command::BlindTransfer { .. } => {
                if let Some(leg) = self.call.take() {
                    self.consultation = None;
                    self.say_status(CallStatus::Ended, leg.lag_ms());
                }
            }
            Command::ConsultTransfer { number } => self.consult(number.as_str()),
            Command::StartRecording => self.recording = self.call.is_some(),
            Command::StopRecording => self.recording = false,
            Command::PauseInQueue { .. }
            | Command::ResumeInQueue { .. }
            | Command::JoinQueue { .. }
            | Command::LeaveQueue { .. } => self.obey_queue(command),
        }
    }

    fn dial(&mut self, number: &str) {
        if self.call.is_some() {
            return;
        }
        let leg = self.new_leg(number);
        if !self.connected {
            return self.say(Event::CallError { status_erro: "Ramal desconectado".to_owned() }, 0);
        }
        if leg.ends_in("0004") {
            return self.say(Event::CallError { status_erro: "Não foi possível completar a chamada".to_owned() }, 0);
        }
        self.begin_call(leg.clone());
        self.set_up(&leg);
    }

    fn consult(&mut self, number: &str) {
        if self.call.as_ref().is_none_or(|leg| !leg.talking) || self.consultation.is_some() {
            return;
        }
        let leg = self.new_leg(number);
        if leg.ends_in("0004") {
            return self.say(Event::CallError { status_erro: "Não foi possível completar a chamada".to_owned() }, 0);
        }
        self.consultation = Some(leg.clone());
        self.set_up(&leg);
    }

    /// What the phone says of a call that it makes, and what the other side will do.
    fn set_up(&mut self, leg: &Leg) {
        let lag = leg.lag_ms();
        self.say_status(CallStatus::Calling, lag);
        self.say(Event::CallId { call_id: id(leg.id) }, lag);
        if self.setup.peers.contains(&leg.number) {
            self.effects.push(Effect::Rings { number: leg.number.clone() });
        } else if leg.ends_in("0001") {
            self.answered(leg.id);
        } else if leg.ends_in("0002") {
            self.plan(BUSY_MS, Act::End(leg.id));
        } else if !leg.ends_in("0003") {
            self.plan(ANSWER_MS, Act::Answer(leg.id));
        }
    }

    fn answer(&mut self) {
        let Some(leg) = self.ringing.take() else { return };
        if let Some(former) = self.call.take() {
            self.part(&former);
        }
        if let Some(leg) = self.consultation.take() {
            self.part(&leg);
        }
        if self.setup.peers.contains(&leg.number) {
            self.effects.push(Effect::Answers { number: leg.number.clone() });
        }
        self.begin_call(Leg { talking: true, ..leg });
        self.say_status(CallStatus::Talking, 0);
    }

    fn hang_up(&mut self) {
        let leg = match self.call.take() {
            // The two others go on talking to each other.
            Some(leg) if self.consultation.take().is_some() => leg,
            Some(leg) => {
                self.part(&leg);
                leg
            }
            None => match self.ringing.take() {
                Some(leg) => {
                    self.part(&leg);
                    leg
                }
                None => return,
            },
        };
        if !leg.ends_in("0006") {
            self.say_status(CallStatus::Ended, leg.lag_ms());
        }
    }

    fn obey_queue(&mut self, command: &Command) {
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

    /// Only a member can pause. For all queues there is one event each; one in all if it names none, or has none.
    fn set_paused(&mut self, queue: Option<&QueueId>, paused: bool, event: impl Fn(Option<QueueId>) -> Event) {
        let mut done = Vec::new();
        for (id, flag) in &mut self.queues {
            if queue.is_none_or(|queue| queue == id) {
                *flag = paused;
                done.push(id.clone());
            }
        }
        if queue.is_none() && (done.is_empty() || !self.setup.names_queues) {
            return self.say(event(None), 0);
        }
        done.iter().for_each(|queue| self.say_queue(&event, queue));
    }

    // Calls.

    fn new_leg(&mut self, number: &str) -> Leg {
        let leg = Leg { id: self.next_id, number: number.to_owned(), talking: false };
        self.next_id += 1;
        leg
    }

    fn begin_call(&mut self, leg: Leg) {
        self.call = Some(leg);
        self.muted = false;
        self.recording = false;
        self.keys.clear();
    }

    /// The other side answers.
    fn answered(&mut self, id: i64) {
        let its = |leg: &&mut Leg| leg.id == id && !leg.talking;
        let lag = self.call.iter_mut().chain(&mut self.consultation).find(its).map(|leg| {
            leg.talking = true;
            leg.lag_ms()
        });
        if let Some(lag) = lag {
            self.say_status(CallStatus::Talking, lag);
        }
    }

    /// The other side ends it.
    fn ended(&mut self, id: i64) {
        let is_it = |leg: &mut Leg| leg.id == id;
        if let Some(leg) = self.consultation.take_if(is_it) {
            self.say_status(CallStatus::Ended, leg.lag_ms());
            self.say_status(CallStatus::Talking, leg.lag_ms());
        } else if let Some(leg) = self.call.take_if(is_it) {
            if let Some(consulted) = self.consultation.take() {
                self.part(&consulted);
            }
            self.say_status(CallStatus::Ended, leg.lag_ms());
        } else if let Some(leg) = self.ringing.take_if(is_it) {
            self.say_status(CallStatus::Ended, leg.lag_ms());
        }
    }

    /// Tells another phone that this one leaves the call.
    fn part(&mut self, leg: &Leg) {
        if self.setup.peers.contains(&leg.number) {
            self.effects.push(Effect::HangsUp { number: leg.number.clone() });
        }
    }

    // Speech.

    fn say_status(&mut self, status: CallStatus, lag_ms: i64) {
        self.say(Event::Status { status }, lag_ms);
    }

    fn say_queue(&mut self, event: impl Fn(Option<QueueId>) -> Event, queue: &QueueId) {
        self.say(event(self.setup.names_queues.then(|| queue.clone())), 0);
    }

    fn say(&mut self, event: Event, lag_ms: i64) {
        if lag_ms == 0 {
            self.utter(&event);
        } else {
            self.plan(lag_ms, Act::Say(event));
        }
    }

    fn utter(&mut self, event: &Event) {
        if !self.open {
            return;
        }
        let text = event.to_json();
        let text = if self.setup.ids_as_text { with_ids_as_text(&text) } else { text };
        let fault = if self.faults.is_empty() { None } else { Some(self.faults.remove(0)) };
        match fault {
            None => self.effects.push(Effect::Say(text)),
            Some(Fault::Silent) => {}
            Some(Fault::Duplicate) => self.effects.extend([Effect::Say(text.clone()), Effect::Say(text)]),
            Some(Fault::UnknownEvent) => {
                let unknown = r#"{"message":"evento_novo","versao":9}"#.to_owned();
                self.effects.extend([Effect::Say(unknown), Effect::Say(text)]);
            }
            Some(Fault::BrokenPayload) => self.effects.push(Effect::Say(broken(event))),
            Some(Fault::Reordered) => {
                let earlier = self.held.replace(text);
                return self.effects.extend(earlier.map(Effect::Say));
            }
            Some(Fault::Crash) => {
                self.open = false;
                self.agenda.clear();
                (self.call, self.consultation, self.ringing) = (None, None, None);
                self.effects.push(Effect::Crashes);
            }
        }
        self.effects.extend(self.held.take().map(Effect::Say));
    }
}

fn id(number: i64) -> Option<CallId> {
    CallId::parse(&number.to_string()).ok()
}

/// The same message with its ids as text.
fn with_ids_as_text(text: &str) -> String {
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::from_str(text) else { return text.to_owned() };
    for (_, value) in
        fields.iter_mut().filter(|(field, _)| matches!(field.as_str(), "chamada_id" | "chamadaRecebidaId" | "filaId"))
    {
        if value.is_number() {
            *value = value.to_string().into();
        }
    }
    serde_json::Value::Object(fields).to_string()
}

/// The same message, with a value of the wrong type in every field that has a type.
fn broken(event: &Event) -> String {
    format!(
        r#"{{"message":"{}","status":7,"status_erro":{{}},"chamada_id":[],"chamadaRecebidaId":[],"filaId":{{}}}}"#,
        event.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::PhoneNumber;

    fn opened(setup: PhoneSetup) -> Phone {
        let mut phone = Phone::new(PhoneSetup { tells_quality: false, ..setup });
        assert_eq!(words(&phone.open(None, 0)), ["conectado"]);
        phone
    }

    /// What was said, in short: the status, or the message's name.
    fn words(effects: &[Effect]) -> Vec<String> {
        let word = |effect: &Effect| match effect {
            Effect::Say(text) => match Event::parse(text) {
                Ok(Some(Event::Status { status })) => status.as_wire().to_owned(),
                Ok(Some(event)) => event.name().to_owned(),
                other => format!("{other:?}"),
            },
            other => format!("{other:?}"),
        };
        effects.iter().map(word).collect()
    }

    fn call(phone: &mut Phone, number: &str) -> Vec<String> {
        let number = PhoneNumber::parse(number).unwrap();
        let now = phone.now;
        words(&phone.take(&Command::Call { number }, now))
    }

    fn wait(phone: &mut Phone, ms: i64) -> Vec<String> {
        let until = phone.now + ms;
        words(&phone.advance(until))
    }

    #[test]
    fn numbers_do_what_the_table_says() {
        let phone = || opened(PhoneSetup::default());
        let none: [&str; 0] = [];
        let mut p = phone();
        assert_eq!(call(&mut p, "110001"), ["chamando", "chamada_id", "conversando"]);
        let mut p = phone();
        assert_eq!(call(&mut p, "110002"), ["chamando", "chamada_id"]);
        assert_eq!(wait(&mut p, 500), ["encerrada"]);
        let mut p = phone();
        assert_eq!(call(&mut p, "110003"), ["chamando", "chamada_id"]);
        assert_eq!(wait(&mut p, 600_000), none);
        assert_eq!(call(&mut phone(), "110004"), ["status_erro"]);
        let mut p = phone();
        assert_eq!(call(&mut p, "110005"), none);
        assert_eq!(wait(&mut p, 11_999), none);
        assert_eq!(wait(&mut p, 1001), ["chamando", "chamada_id", "conversando"]);
        let mut p = phone();
        assert_eq!(call(&mut p, "110006"), ["chamando", "chamada_id"]);
        assert_eq!(wait(&mut p, 1000), ["conversando"]);
        assert_eq!(words(&p.take(&Command::HangUp, 1000)), none);
        assert_eq!(p.call(), None);
        let mut p = phone();
        assert_eq!(call(&mut p, "11999990000"), ["chamando", "chamada_id"]);
        assert_eq!(wait(&mut p, 999), none);
        assert_eq!(wait(&mut p, 1), ["conversando"]);
    }

    #[test]
    fn ids_are_numbers_or_text_as_asked() {
        for (ids_as_text, said) in [(false, r#""chamada_id":1"#), (true, r#""chamada_id":"1""#)] {
            let mut phone = opened(PhoneSetup { ids_as_text, ..PhoneSetup::default() });
            let effects = phone.take(&Command::Call { number: PhoneNumber::parse("4001").unwrap() }, 0);
            assert!(effects.iter().any(|effect| matches!(effect, Effect::Say(text) if text.contains(said))));
        }
    }

    #[test]
    fn a_peer_decides_itself() {
        let mut phone = opened(PhoneSetup { peers: BTreeSet::from(["4001".to_owned()]), ..PhoneSetup::default() });
        assert_eq!(call(&mut phone, "4001"), ["chamando", "chamada_id", r#"Rings { number: "4001" }"#]);
        assert_eq!(wait(&mut phone, 60_000), [""; 0]);
        assert_eq!(words(&phone.remote_answers(60_000)), ["conversando"]);
        assert_eq!(words(&phone.take(&Command::HangUp, 60_000)), [r#"HangsUp { number: "4001" }"#, "encerrada"]);
        assert_eq!(words(&phone.incoming("4001", 61_000)), ["chegandoChamada"]);
        assert_eq!(words(&phone.take(&Command::Answer, 61_000)), [r#"Answers { number: "4001" }"#, "conversando"]);
        assert_eq!(words(&phone.remote_hangs_up(62_000)), ["encerrada"]);
    }

    #[test]
    fn faults_befall_what_is_said_next() {
        let said = |faults: &[Fault]| {
            let mut phone = opened(PhoneSetup::default());
            faults.iter().for_each(|fault| phone.arrange(*fault));
            call(&mut phone, "110001")
        };
        assert_eq!(said(&[Fault::Silent]), ["chamada_id", "conversando"]);
        assert_eq!(said(&[Fault::Duplicate]), ["chamando", "chamando", "chamada_id", "conversando"]);
        assert_eq!(said(&[Fault::Reordered]), ["chamada_id", "chamando", "conversando"]);
        assert_eq!(said(&[Fault::UnknownEvent]), ["evento_novo", "chamando", "chamada_id", "conversando"]);
        assert!(said(&[Fault::BrokenPayload])[0].contains("BrokenEvent"));
        assert_eq!(said(&[Fault::Crash]), ["Crashes"]);
    }

    #[test]
    fn it_tells_its_quality_every_five_seconds_and_dials_what_its_url_says() {
        let mut phone = Phone::new(PhoneSetup::default());
        assert_eq!(words(&phone.open(Some("110003"), 0)), ["conectado", "chamando", "chamada_id"]);
        assert_eq!(words(&phone.advance(10_000)), ["stats_webphone"; 2]);
    }
}
