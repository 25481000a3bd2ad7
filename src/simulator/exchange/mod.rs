//! The telephone exchange of a simulator: every phone of its extensions, the people outside whom they talk to, and the
//! lines between them. Pure: it takes what phones are told, what their remote parties do and the time, and gives what
//! comes out of the phones' pages and when it will do something by itself.
//!
//! `phone` is one phone, without time and alone; `speech` puts its events into words; `lines` knows who is connected to
//! whom, `script` what the people outside do, `agenda` what will happen when.

mod agenda;
mod lines;
mod phone;
mod script;
mod speech;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use super::{
    SimulatedAnswer, SimulatedCaller, SimulatedLeg, SimulatedPage, SimulatedPhoneFault, SimulatedPhoneOutput,
    SimulatedPhoneState, SimulatedQueue, SimulatedScript, SimulatedWording,
};
use crate::error::{Error, NotReadyReason};
use crate::protocol::{Command, Event, PhoneNumber, QueueId};
use crate::session::PageReport;
use agenda::Agenda;
use lines::{Lines, Side};
pub(crate) use phone::Phone;
use phone::{CallIds, Effect, Leg, Manner};
use speech::{Speech, Utterance};

/// How often a phone tells its quality.
const QUALITY_MS: i64 = 5000;

/// What a page's URL asks of the phone in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opening {
    /// What it dials when it opens (`ligar_para`).
    pub(crate) call_on_open: Option<PhoneNumber>,
    /// Whether it closes when its call ends (`fechar_fim`).
    pub(crate) close_at_end: bool,
}

/// Something that came out of a phone's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// The number of its extension.
    pub(crate) extension: String,
    pub(crate) output: SimulatedPhoneOutput,
}

/// What will happen by itself.
#[derive(Clone, Debug)]
enum Act {
    Speaks {
        extension: String,
        event: Event,
    },
    TellsQuality {
        extension: String,
    },
    /// The call of a phone that closes at its end is over.
    Closes {
        extension: String,
    },
    /// Somebody outside answers.
    Answers {
        party: i64,
    },
    /// Somebody outside gives up, if the talk has not begun.
    GivesUp {
        party: i64,
    },
    /// Somebody outside hangs up.
    HangsUp {
        party: i64,
    },
}

/// An extension: its phone while it is open, and what outlives its page.
#[derive(Clone, Debug, Default)]
struct Desk {
    page: Page,
    speech: Speech,
    wording: SimulatedWording,
    queues: BTreeMap<QueueId, bool>,
    /// What becomes of its next calls, and how often still; none: until the scripts are cleared.
    scripts: VecDeque<(SimulatedScript, Option<i32>)>,
}

#[derive(Clone, Debug, Default)]
enum Page {
    #[default]
    Closed,
    Crashed,
    Open {
        phone: Box<Phone>,
        opening: Opening,
    },
}

/// Somebody outside.
#[derive(Clone, Debug)]
struct Party {
    number: String,
    talking: bool,
    hangs_up_after_ms: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    now: i64,
    desks: BTreeMap<String, Desk>,
    lines: Lines,
    parties: BTreeMap<i64, Party>,
    last_party: i64,
    ids: CallIds,
    agenda: Agenda<Act>,
    outputs: Vec<Output>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            now: i64::MIN,
            desks: BTreeMap::new(),
            lines: Lines::default(),
            parties: BTreeMap::new(),
            last_party: 0,
            ids: CallIds::default(),
            agenda: Agenda::default(),
            outputs: Vec::new(),
        }
    }
}

impl Exchange {
    // What can be seen.

    /// When something will happen by itself.
    pub(crate) fn deadline(&self) -> Option<i64> {
        self.agenda.next()
    }

    /// What came out of the phones' pages since this was last asked.
    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// Forgets what came out of a page that nobody holds any more.
    #[cfg(feature = "simulator")]
    pub(crate) fn forget_outputs(&mut self, extension: &str) {
        self.outputs.retain(|output| output.extension != extension);
    }

    /// The phone of an extension, if its page is open.
    pub(crate) fn phone(&self, extension: &str) -> Option<&Phone> {
        match &self.desks.get(extension)?.page {
            Page::Open { phone, .. } => Some(phone),
            Page::Closed | Page::Crashed => None,
        }
    }

    /// The extensions whose phones are open.
    pub(crate) fn open_phones(&self) -> impl Iterator<Item = &str> {
        self.desks
            .iter()
            .filter(|(_, desk)| matches!(desk.page, Page::Open { .. }))
            .map(|(extension, _)| extension.as_str())
    }

    pub(crate) fn state(&self, extension: &str) -> SimulatedPhoneState {
        let desk = self.desks.get(extension);
        let phone = self.phone(extension);
        let leg = |of: fn(&Phone) -> Option<&Leg>| {
            phone.and_then(of).map(|leg| SimulatedLeg {
                call_id: leg.id,
                number: leg.number.clone(),
                talking: leg.talking,
            })
        };
        let queues = phone.map(Phone::queues).or(desk.map(|desk| &desk.queues)).into_iter().flatten();
        SimulatedPhoneState {
            extension: extension.to_owned(),
            page: match desk.map(|desk| &desk.page) {
                None | Some(Page::Closed) => SimulatedPage::Closed,
                Some(Page::Crashed) => SimulatedPage::Crashed,
                Some(Page::Open { .. }) => SimulatedPage::Open,
            },
            connected: phone.is_some_and(Phone::is_connected),
            call: leg(Phone::call),
            consultation: leg(Phone::consultation),
            ringing: leg(Phone::ringing),
            muted: phone.is_some_and(Phone::is_muted),
            recording: phone.is_some_and(Phone::is_recording),
            dtmf: phone.map(|phone| phone.keys().to_owned()).unwrap_or_default(),
            queues: queues.map(|(id, paused)| SimulatedQueue { id: id.to_string(), paused: *paused }).collect(),
        }
    }

    // What is arranged.

    pub(crate) fn set_wording(&mut self, extension: &str, wording: SimulatedWording) {
        let desk = self.desk(extension);
        desk.wording = wording;
        if let Page::Open { phone, .. } = &mut desk.page {
            phone.wording = wording;
        }
    }

    /// Something goes wrong with the next so many things that a phone says, after what was arranged before; none:
    /// until the faults are cleared.
    pub(crate) fn add_fault(&mut self, extension: &str, fault: SimulatedPhoneFault, times: Option<i32>) {
        self.desk(extension).speech.arrange(fault, times);
    }

    pub(crate) fn clear_faults(&mut self, extension: &str) {
        self.desk(extension).speech.clear_faults();
    }

    /// What becomes of the next so many calls that a phone makes, after what was arranged before; none: until the
    /// scripts are cleared.
    pub(crate) fn add_script(&mut self, extension: &str, script: SimulatedScript, times: Option<i32>) {
        self.desk(extension).scripts.push_back((script, times));
    }

    pub(crate) fn clear_scripts(&mut self, extension: &str) {
        self.desk(extension).scripts.clear();
    }

    // What happens.

    /// Time passes.
    pub(crate) fn advance(&mut self, now: i64) {
        let until = now.max(self.now);
        while let Some((at, act)) = self.agenda.take_due(until) {
            // What was planned before the first moment was told is due at once.
            self.now = at.max(self.now);
            self.act(act);
        }
        self.now = until;
    }

    /// A host loads a phone's page, or loads it again: the phone connects, and dials if its URL says so.
    pub(crate) fn open(&mut self, extension: &str, opening: Opening, now: i64) {
        self.advance(now);
        self.leave(extension, Page::Closed);
        self.report(extension, PageReport::Loading);
        self.report(extension, PageReport::Loaded);
        let call_on_open = opening.call_on_open.clone();
        let desk = self.desk(extension);
        let phone = Phone::open(desk.wording, std::mem::take(&mut desk.queues));
        desk.page = Page::Open { phone: Box::new(phone), opening };
        self.plan(QUALITY_MS, Act::TellsQuality { extension: extension.to_owned() });
        self.with_phone(extension, |_, _| {});
        if let Some(number) = call_on_open {
            self.with_phone(extension, |phone, ids| phone.dial(number.as_str(), ids));
        }
        self.settle();
    }

    /// The page loads again by itself, as it was opened; one that crashed, without what its URL asked.
    ///
    /// # Errors
    /// As [`need`](Self::need), except that a crashed page loads as well.
    pub(crate) fn reload(&mut self, extension: &str, now: i64) -> Result<(), Error> {
        self.advance(now);
        let opening = match &self.desk(extension).page {
            Page::Open { opening, .. } => opening.clone(),
            Page::Crashed => Opening::default(),
            Page::Closed => return Err(Error::NotReady { reason: NotReadyReason::NotLoaded }),
        };
        if self.phone(extension).is_some() {
            self.report(extension, PageReport::Reloaded);
        }
        self.open(extension, opening, now);
        Ok(())
    }

    /// The phone's page crashes.
    pub(crate) fn crash(&mut self, extension: &str, now: i64) -> Result<(), Error> {
        self.advance(now);
        self.need(extension)?;
        self.crash_now(extension);
        self.settle();
        Ok(())
    }

    /// The phone's page closes itself.
    pub(crate) fn close(&mut self, extension: &str, now: i64) -> Result<(), Error> {
        self.advance(now);
        self.need(extension)?;
        self.close_now(extension);
        self.settle();
        Ok(())
    }

    /// A message is posted to the phone. What is no command of the phone is ignored, as a page does.
    pub(crate) fn post(&mut self, extension: &str, text: &str, now: i64) {
        self.advance(now);
        match Command::parse(text) {
            Ok(Some(command)) => self.with_phone(extension, |phone, ids| phone.obey(&command, ids)),
            Err(Error::Invalid { field, .. }) if matches!(field.as_str(), "numero" | "numeroTelefone") => {
                self.with_phone(extension, |phone, _| phone.complain_of_number());
            }
            Ok(None) | Err(_) => {}
        }
        self.settle();
    }

    /// Somebody calls; the id of the call.
    ///
    /// # Errors
    /// `CallInProgress` when another call rings already; `NotReady` when the phone is not open or has no line.
    pub(crate) fn incoming(&mut self, extension: &str, caller: &SimulatedCaller, now: i64) -> Result<i64, Error> {
        self.advance(now);
        let phone = self.need(extension)?;
        if !phone.is_connected() {
            return Err(Error::NotReady { reason: NotReadyReason::Disconnected });
        }
        if phone.ringing().is_some() {
            return Err(Error::CallInProgress);
        }
        let call = self.ids.next();
        let party = self.add_party(&caller.number, caller.hangs_up_after_ms);
        self.lines.connect(Side::Party(party), Side::phone(extension, call));
        self.with_phone(extension, |phone, _| phone.ring(call, caller, extension));
        if let Some(ms) = caller.gives_up_after_ms {
            self.plan(ms, Act::GivesUp { party });
        }
        self.settle();
        Ok(call)
    }

    /// The called party answers: the leg of a consultation if that is being called, else the call.
    ///
    /// # Errors
    /// `NoCall` when nobody is being called; as [`need`](Self::need).
    pub(crate) fn remote_answers(&mut self, extension: &str, now: i64) -> Result<(), Error> {
        self.advance(now);
        let phone = self.need(extension)?;
        let called = [phone.consultation(), phone.call()].into_iter().flatten().find(|leg| !leg.talking);
        let call = called.ok_or(Error::NoCall)?.id;
        match self.lines.other(&Side::phone(extension, call)) {
            Some(Side::Party(party)) => self.act(Act::Answers { party: *party }),
            Some(Side::Phone { extension: other, .. }) => {
                let other = other.clone();
                self.with_phone(&other, |phone, ids| phone.obey(&Command::Answer, ids));
            }
            None => return Err(Error::NoCall),
        }
        self.settle();
        Ok(())
    }

    /// The other side hangs up: of the leg of a consultation if there is one, else of the call, else of the one that
    /// rings.
    ///
    /// # Errors
    /// `NoCall` when there is none of them; as [`need`](Self::need).
    pub(crate) fn remote_hangs_up(&mut self, extension: &str, now: i64) -> Result<(), Error> {
        self.advance(now);
        let call = self.need(extension)?.legs().next().ok_or(Error::NoCall)?.id;
        let side = Side::phone(extension, call);
        if let Some(other) = self.lines.cut(&side) {
            self.ends(&other);
        }
        self.ends(&side);
        self.settle();
        Ok(())
    }

    /// Somebody else changes the queues of a phone: a supervisor.
    ///
    /// # Errors
    /// `Invalid` for another command than one about queues; as [`need`](Self::need).
    pub(crate) fn supervise(&mut self, extension: &str, command: &Command, now: i64) -> Result<(), Error> {
        let is_about_queues = matches!(
            command,
            Command::JoinQueue { .. }
                | Command::LeaveQueue { .. }
                | Command::PauseInQueue { .. }
                | Command::ResumeInQueue { .. }
        );
        if !is_about_queues {
            return Err(Error::invalid("command", "is not about a queue"));
        }
        self.advance(now);
        self.need(extension)?;
        self.with_phone(extension, |phone, _| phone.obey_queue(command));
        self.settle();
        Ok(())
    }

    /// An extension is no more: its page closes, and what was arranged for it is forgotten.
    pub(crate) fn remove(&mut self, extension: &str, now: i64) {
        // Nobody is there to hear that it was closed already.
        let _ = self.close(extension, now);
        self.desks.remove(extension);
    }

    // By itself.

    fn settle(&mut self) {
        self.advance(self.now);
    }

    fn plan(&mut self, in_ms: i64, act: Act) {
        self.agenda.plan(self.now.saturating_add(in_ms), act);
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Speaks { extension, event } => self.utter(&extension, &event),
            Act::TellsQuality { extension } => {
                if self.phone(&extension).is_some_and(|phone| phone.wording.tells_quality) {
                    let internet = Some(r#"{"jitter":2,"ping":18}"#.to_owned());
                    self.utter(&extension, &Event::Quality { internet, computer: Some(r#"{"cpu":7}"#.to_owned()) });
                }
                if self.phone(&extension).is_some() {
                    self.plan(QUALITY_MS, Act::TellsQuality { extension });
                }
            }
            Act::Closes { extension } => self.close_now(&extension),
            Act::Answers { party } => {
                self.talks(party);
                if let Some(Side::Phone { extension, call }) = self.lines.other(&Side::Party(party)).cloned() {
                    self.with_phone(&extension, |phone, _| phone.answered(call));
                }
            }
            Act::GivesUp { party } if self.parties.get(&party).is_some_and(|party| party.talking) => {}
            Act::GivesUp { party } | Act::HangsUp { party } => {
                let other = self.lines.cut(&Side::Party(party));
                self.parties.remove(&party);
                if let Some(other) = other {
                    self.ends(&other);
                }
            }
        }
    }

    // Phones.

    fn desk(&mut self, extension: &str) -> &mut Desk {
        self.desks.entry(extension.to_owned()).or_default()
    }

    /// The open phone of an extension.
    ///
    /// # Errors
    /// `NotReady`: its page is not open, or has crashed.
    fn need(&self, extension: &str) -> Result<&Phone, Error> {
        let page = self.desks.get(extension).map(|desk| &desk.page);
        let reason = match page {
            Some(Page::Open { phone, .. }) => return Ok(phone),
            Some(Page::Crashed) => NotReadyReason::PageLost,
            None | Some(Page::Closed) => NotReadyReason::NotLoaded,
        };
        Err(Error::NotReady { reason })
    }

    /// Has an open phone do something, and does what it wants of the world.
    fn with_phone(&mut self, extension: &str, action: impl FnOnce(&mut Phone, &mut CallIds)) {
        let Some(Page::Open { phone, .. }) = self.desks.get_mut(extension).map(|desk| &mut desk.page) else { return };
        action(phone, &mut self.ids);
        for effect in phone.effects() {
            self.carry_out(extension, effect);
        }
    }

    fn carry_out(&mut self, extension: &str, effect: Effect) {
        let side = |call| Side::phone(extension, call);
        match effect {
            Effect::Says { event, lag_ms: 0 } => self.utter(extension, &event),
            Effect::Says { event, lag_ms } => {
                self.plan(lag_ms, Act::Speaks { extension: extension.to_owned(), event });
            }
            Effect::Dials { call, number } => self.dials(extension, call, &number),
            Effect::Answers { call } => self.answers(&side(call)),
            Effect::HangsUp { call } => {
                if let Some(other) = self.lines.cut(&side(call)) {
                    self.ends(&other);
                }
            }
            Effect::Transfers { call, number } => {
                if let Some(other) = self.lines.cut(&side(call)) {
                    self.hands_over(other, &number);
                }
            }
            Effect::Joins { call, consulted } => {
                match (self.lines.cut(&side(call)), self.lines.cut(&side(consulted))) {
                    (Some(one), Some(other)) => self.join(one, other),
                    (Some(alone), None) | (None, Some(alone)) => self.ends(&alone),
                    (None, None) => {}
                }
            }
            Effect::Over { lag_ms } => {
                let closes = matches!(
                    self.desks.get(extension).map(|desk| &desk.page),
                    Some(Page::Open { opening, .. }) if opening.close_at_end
                );
                if closes {
                    self.plan(lag_ms, Act::Closes { extension: extension.to_owned() });
                }
            }
        }
    }

    fn utter(&mut self, extension: &str, event: &Event) {
        let Some(desk) = self.desks.get_mut(extension) else { return };
        let Page::Open { phone, .. } = &desk.page else { return };
        for utterance in desk.speech.utter(event, phone.wording.ids_as_text) {
            match utterance {
                Utterance::Text(text) => {
                    let output = SimulatedPhoneOutput::Message { text };
                    self.outputs.push(Output { extension: extension.to_owned(), output });
                }
                Utterance::Crash => return self.crash_now(extension),
            }
        }
    }

    fn report(&mut self, extension: &str, report: PageReport) {
        let output = SimulatedPhoneOutput::Report { report };
        self.outputs.push(Output { extension: extension.to_owned(), output });
    }

    fn crash_now(&mut self, extension: &str) {
        self.report(extension, PageReport::Lost { detail: "the simulated page crashed".to_owned() });
        self.leave(extension, Page::Crashed);
    }

    fn close_now(&mut self, extension: &str) {
        self.report(extension, PageReport::Closed);
        self.leave(extension, Page::Closed);
    }

    /// The page is gone, and its calls with it.
    fn leave(&mut self, extension: &str, page: Page) {
        let Some(desk) = self.desks.get_mut(extension) else { return };
        desk.speech.restart();
        let Page::Open { phone, .. } = std::mem::replace(&mut desk.page, page) else { return };
        desk.queues = phone.queues().clone();
        self.agenda.retain(|act| match act {
            Act::Speaks { extension: its, .. }
            | Act::TellsQuality { extension: its }
            | Act::Closes { extension: its } => its != extension,
            Act::Answers { .. } | Act::GivesUp { .. } | Act::HangsUp { .. } => true,
        });
        for leg in phone.legs() {
            if let Some(other) = self.lines.cut(&Side::phone(extension, leg.id)) {
                self.ends(&other);
            }
        }
    }

    // Lines.

    fn add_party(&mut self, number: &str, hangs_up_after_ms: Option<i64>) -> i64 {
        self.last_party += 1;
        self.parties.insert(self.last_party, Party { number: number.to_owned(), talking: false, hangs_up_after_ms });
        self.last_party
    }

    /// The phone of another open extension that a number reaches.
    fn peer(&self, number: &str, caller: &str) -> Option<&Phone> {
        if number == caller { None } else { self.phone(number) }
    }

    /// A phone calls a number: another phone rings, or a script is played.
    fn dials(&mut self, extension: &str, call: i64, number: &str) {
        let script = match self.peer(number, extension) {
            Some(phone) if phone.is_connected() && phone.ringing().is_none() => {
                self.with_phone(extension, |phone, _| phone.calling(call, Manner::default()));
                return self.rings(number, call, &SimulatedCaller::new(extension), Side::phone(extension, call));
            }
            Some(_) => SimulatedScript::busy(),
            None => self.next_script(extension).unwrap_or_else(|| SimulatedScript::of_number(number)),
        };
        let SimulatedScript { answer, hangs_up_after_ms, lag_ms, silent_hang_up } = script;
        if let SimulatedAnswer::Refused { status_erro } = &answer {
            return self.with_phone(extension, |phone, _| phone.refused(call, status_erro, lag_ms));
        }
        let party = self.add_party(number, hangs_up_after_ms);
        self.lines.connect(Side::phone(extension, call), Side::Party(party));
        self.with_phone(extension, |phone, _| phone.calling(call, Manner { lag_ms, silent_hang_up }));
        self.play(party, &answer);
    }

    fn next_script(&mut self, extension: &str) -> Option<SimulatedScript> {
        let scripts = &mut self.desk(extension).scripts;
        let (script, times) = scripts.front_mut()?;
        let script = script.clone();
        if let Some(times) = times {
            *times -= 1;
            if *times <= 0 {
                scripts.pop_front();
            }
        }
        Some(script)
    }

    /// What somebody outside does who is called.
    fn play(&mut self, party: i64, answer: &SimulatedAnswer) {
        match answer {
            SimulatedAnswer::Answers { after_ms } => self.plan(*after_ms, Act::Answers { party }),
            SimulatedAnswer::Busy { after_ms } => self.plan(*after_ms, Act::GivesUp { party }),
            SimulatedAnswer::Never => {}
            SimulatedAnswer::Refused { .. } => self.plan(0, Act::GivesUp { party }),
        }
    }

    /// A phone rings, which is open, connected and does not ring yet; unless the caller's page crashed at its first word.
    fn rings(&mut self, extension: &str, call: i64, caller: &SimulatedCaller, from: Side) {
        if let Side::Phone { extension, call } = &from
            && !self.phone(extension).is_some_and(|phone| phone.legs().any(|leg| leg.id == *call))
        {
            return;
        }
        self.lines.connect(from, Side::phone(extension, call));
        self.with_phone(extension, |phone, _| phone.ring(call, caller, extension));
    }

    /// A phone answered.
    fn answers(&mut self, side: &Side) {
        match self.lines.other(side).cloned() {
            Some(Side::Phone { extension, call }) => self.with_phone(&extension, |phone, _| phone.answered(call)),
            Some(Side::Party(party)) => self.talks(party),
            None => {}
        }
    }

    /// Somebody outside begins to talk.
    fn talks(&mut self, party: i64) {
        let talking = self.parties.get_mut(&party).filter(|party| !party.talking);
        let hangs_up_after_ms = talking.and_then(|party| {
            party.talking = true;
            party.hangs_up_after_ms
        });
        if let Some(ms) = hangs_up_after_ms {
            self.plan(ms, Act::HangsUp { party });
        }
    }

    /// A side hears that its call ended.
    fn ends(&mut self, side: &Side) {
        match side {
            Side::Phone { extension, call } => self.with_phone(extension, |phone, _| phone.ended(*call)),
            Side::Party(party) => {
                self.parties.remove(party);
            }
        }
    }

    /// Two sides are connected to each other. People outside go their own ways.
    fn join(&mut self, one: Side, other: Side) {
        match (&one, &other) {
            (Side::Party(one), Side::Party(other)) => {
                self.parties.remove(one);
                self.parties.remove(other);
            }
            _ => self.lines.connect(one, other),
        }
    }

    /// Whoever is left by a blind transfer is connected to a number.
    fn hands_over(&mut self, side: Side, number: &str) {
        let caller = match &side {
            Side::Phone { extension, .. } => extension.clone(),
            Side::Party(party) => self.parties.get(party).map(|party| party.number.clone()).unwrap_or_default(),
        };
        match self.peer(number, &caller) {
            Some(phone) if phone.is_connected() && phone.ringing().is_none() => {
                let call = self.ids.next();
                self.rings(number, call, &SimulatedCaller::new(caller), side);
            }
            Some(_) => self.ends(&side),
            None => match side {
                Side::Party(party) => {
                    self.parties.remove(&party);
                }
                Side::Phone { .. } => {
                    let SimulatedScript { answer, hangs_up_after_ms, .. } = SimulatedScript::of_number(number);
                    let party = self.add_party(number, hangs_up_after_ms);
                    self.lines.connect(side, Side::Party(party));
                    self.play(party, &answer);
                }
            },
        }
    }
}
