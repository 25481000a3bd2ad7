//! The room of what the phone reports about itself: its line and its queues. Tables only: judge, on event, on loss.
//!
//! A flag is what the phone said last. Handing out a command that may change it veils it: it is unknown until the
//! phone says more, or until it turns out that the command never reached the phone.

use std::collections::BTreeMap;

use super::snapshot::Queue;
use crate::protocol::{Command, Event, QueueId};

/// No extension is in more queues; further ones are not kept.
const MAX_QUEUES: usize = 100;

/// One thing that the phone reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flag {
    reported: Option<bool>,
    /// The commands that may have changed it since.
    veils: Vec<i64>,
}

impl Flag {
    pub(super) fn value(&self) -> Option<bool> {
        if self.veils.is_empty() { self.reported } else { None }
    }

    fn report(&mut self, value: bool) {
        *self = Self { reported: Some(value), veils: Vec::new() };
    }

    fn veil(&mut self, command: i64) {
        self.veils.push(command);
    }

    /// The command never reached the phone.
    fn unveil(&mut self, command: i64) {
        self.veils.retain(|veil| *veil != command);
    }

    /// The command ended; if nothing was reported meanwhile, nothing is known any more.
    fn forget(&mut self, command: i64) {
        if self.veils.contains(&command) {
            self.reported = None;
            self.unveil(command);
        }
    }
}

/// Whether the phone has its line.
#[derive(Debug, Default)]
pub(super) struct LineFlag {
    flag: Flag,
    /// Since when it has been unknown.
    silent_since: i64,
    /// A command in flight whose event will tell.
    expecting: Option<i64>,
}

impl LineFlag {
    pub(super) fn value(&self) -> Option<bool> {
        self.flag.value()
    }

    pub(super) fn report(&mut self, connected: bool) {
        self.flag.report(connected);
    }

    pub(super) fn hand_out(&mut self, command: i64, connect: bool, now: i64) {
        // A phone that is connected already may not say so again; a change it will tell.
        let changes = !connect || self.flag.value() == Some(false);
        self.expecting = changes.then_some(command);
        self.flag.veil(command);
        self.silent_since = now;
    }

    pub(super) fn take_back(&mut self, command: i64) {
        self.flag.unveil(command);
        self.expecting = self.expecting.filter(|expected| *expected != command);
    }

    pub(super) fn settle(&mut self, command: i64, now: i64) {
        self.flag.forget(command);
        if self.expecting == Some(command) {
            self.expecting = None;
            self.silent_since = now;
        }
    }

    /// Since when the phone has been silent about its line; none when it told, or is about to.
    pub(super) fn silent_since(&self) -> Option<i64> {
        (self.value().is_none() && self.expecting.is_none()).then_some(self.silent_since)
    }
}

/// One of the four things that can be done with a queue, as a command wants it and as an event tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueVerb {
    Join,
    Leave,
    Pause,
    Resume,
}

impl QueueVerb {
    pub(super) fn of_command(command: &Command) -> Option<(Self, Option<&QueueId>)> {
        Some(match command {
            Command::JoinQueue { queue } => (Self::Join, Some(queue)),
            Command::LeaveQueue { queue } => (Self::Leave, Some(queue)),
            Command::PauseInQueue { queue } => (Self::Pause, queue.as_ref()),
            Command::ResumeInQueue { queue } => (Self::Resume, queue.as_ref()),
            _ => return None,
        })
    }

    pub(super) fn of_event(event: &Event) -> Option<(Self, Option<&QueueId>)> {
        Some(match event {
            Event::JoinedQueue { queue } => (Self::Join, queue.as_ref()),
            Event::LeftQueue { queue } => (Self::Leave, queue.as_ref()),
            Event::PausedInQueue { queue } => (Self::Pause, queue.as_ref()),
            Event::ResumedInQueue { queue } => (Self::Resume, queue.as_ref()),
            _ => return None,
        })
    }

    /// What the flag is when it is done.
    fn wish(self) -> bool {
        matches!(self, Self::Join | Self::Pause)
    }

    /// Whether both change the same flag.
    pub(super) fn is_same_kind(self, other: Self) -> bool {
        matches!(self, Self::Join | Self::Leave) == matches!(other, Self::Join | Self::Leave)
    }
}

#[derive(Debug, Default)]
struct QueueFlags {
    member: Flag,
    paused: Flag,
}

impl QueueFlags {
    /// The phone said that this was done.
    fn report(&mut self, verb: QueueVerb) {
        self.flag(verb).report(verb.wish());
        if verb == QueueVerb::Leave {
            // Whether a pause outlasts the membership is not documented.
            self.paused.reported = None;
        }
    }

    /// The phone said that this was done, perhaps here.
    fn make_unknown(&mut self, verb: QueueVerb) {
        self.flag(verb).reported = None;
        if verb == QueueVerb::Leave {
            self.paused.reported = None;
        }
    }

    fn flag(&mut self, verb: QueueVerb) -> &mut Flag {
        match verb {
            QueueVerb::Join | QueueVerb::Leave => &mut self.member,
            QueueVerb::Pause | QueueVerb::Resume => &mut self.paused,
        }
    }
}

/// Events of one verb that named no queue.
#[derive(Clone, Copy, Debug, Default)]
struct Nameless {
    /// How many came for the commands that are in flight.
    came: usize,
    /// Until when they confirm nothing, because they may be late ones.
    blind_until: Option<i64>,
}

/// A queue command in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight<'a> {
    pub(super) id: i64,
    pub(super) verb: QueueVerb,
    /// None: all queues.
    pub(super) queue: Option<&'a QueueId>,
}

/// What an event of a queue did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The commands that it confirms.
    pub(super) confirmed: Vec<i64>,
    /// Whether it does not fit.
    pub(super) unexpected: bool,
}

/// All queues that were ever named.
#[derive(Debug, Default)]
pub(super) struct Queues {
    table: BTreeMap<QueueId, QueueFlags>,
    join: Nameless,
    leave: Nameless,
    pause: Nameless,
    resume: Nameless,
}

impl Queues {
    /// Whether the phone reported that it is so already. An *all* is never known to be.
    pub(super) fn is_already(&self, verb: QueueVerb, queue: Option<&QueueId>) -> bool {
        let flags = queue.and_then(|queue| self.table.get(queue));
        let flag = flags.map(|flags| match verb {
            QueueVerb::Join | QueueVerb::Leave => &flags.member,
            QueueVerb::Pause | QueueVerb::Resume => &flags.paused,
        });
        flag.and_then(Flag::value) == Some(verb.wish())
    }

    pub(super) fn hand_out(&mut self, command: InFlight) {
        if let Some(queue) = command.queue {
            if let Some(flags) = self.entry(queue) {
                flags.flag(command.verb).veil(command.id);
            }
        } else {
            self.table.values_mut().for_each(|flags| flags.flag(command.verb).veil(command.id));
        }
    }

    pub(super) fn take_back(&mut self, command: InFlight) {
        self.table.values_mut().for_each(|flags| flags.flag(command.verb).unveil(command.id));
    }

    /// A command ended, confirmed or not.
    pub(super) fn settle(&mut self, command: InFlight, confirmed: bool, blind_until: i64) {
        self.table.values_mut().for_each(|flags| flags.flag(command.verb).forget(command.id));
        if !confirmed || command.queue.is_none() {
            let nameless = self.nameless(command.verb);
            nameless.blind_until = Some(blind_until);
            if std::mem::take(&mut nameless.came) > 0 {
                self.make_unknown(command.verb);
            }
        }
    }

    /// An event tells of a queue. `in_flight` are all queue commands in flight, oldest first.
    pub(super) fn on_event(
        &mut self,
        verb: QueueVerb,
        queue: Option<&QueueId>,
        in_flight: &[InFlight],
        now: i64,
    ) -> Heard {
        let mine = || in_flight.iter().filter(|command| command.verb == verb);
        if let Some(queue) = queue {
            let named = mine().find(|command| command.queue == Some(queue));
            let confirmed = named.or_else(|| mine().find(|command| command.queue.is_none()));
            if confirmed.is_some() && std::mem::take(&mut self.nameless(verb).came) > 0 {
                // This phone names its queues: the nameless ones before were about something else.
                self.make_unknown(verb);
            }
            let kept = self.entry(queue).map(|flags| flags.report(verb)).is_some();
            return Heard { confirmed: confirmed.map(|command| command.id).into_iter().collect(), unexpected: !kept };
        }
        let expected = mine().count();
        let nameless = self.nameless(verb);
        // Both ends of a wait count as within it, as for a command's own time.
        if expected == 0 || nameless.blind_until.is_some_and(|until| now <= until) {
            nameless.came = 0;
            self.make_unknown(verb);
            return Heard::default();
        }
        nameless.came += 1;
        if nameless.came < expected {
            return Heard::default();
        }
        nameless.came = 0;
        for queue in mine().filter_map(|command| command.queue) {
            if let Some(flags) = self.entry(queue) {
                flags.report(verb);
            }
        }
        Heard { confirmed: mine().map(|command| command.id).collect(), unexpected: false }
    }

    pub(super) fn picture(&self) -> Vec<Queue> {
        let row = |(id, flags): (&QueueId, &QueueFlags)| Queue {
            id: id.clone(),
            member: flags.member.value(),
            paused: flags.paused.value(),
        };
        self.table.iter().map(row).collect()
    }

    /// Whether [`picture`](Self::picture) would be this.
    pub(super) fn is_pictured_by(&self, picture: &[Queue]) -> bool {
        let is = |((id, flags), queue): ((&QueueId, &QueueFlags), &Queue)| {
            *id == queue.id && flags.member.value() == queue.member && flags.paused.value() == queue.paused
        };
        self.table.len() == picture.len() && self.table.iter().zip(picture).all(is)
    }

    /// The page is gone: all is unknown, and nothing is late any more.
    pub(super) fn lose(&mut self) {
        let names = std::mem::take(self).table.into_keys();
        self.table = names.map(|queue| (queue, QueueFlags::default())).collect();
    }

    fn make_unknown(&mut self, verb: QueueVerb) {
        self.table.values_mut().for_each(|flags| flags.make_unknown(verb));
    }

    fn entry(&mut self, queue: &QueueId) -> Option<&mut QueueFlags> {
        if self.table.len() >= MAX_QUEUES && !self.table.contains_key(queue) {
            return None;
        }
        Some(self.table.entry(queue.clone()).or_default())
    }

    fn nameless(&mut self, verb: QueueVerb) -> &mut Nameless {
        match verb {
            QueueVerb::Join => &mut self.join,
            QueueVerb::Leave => &mut self.leave,
            QueueVerb::Pause => &mut self.pause,
            QueueVerb::Resume => &mut self.resume,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(id: &str) -> QueueId {
        QueueId::parse(id).unwrap()
    }

    fn flight<'a>(id: i64, verb: QueueVerb, queue: Option<&'a QueueId>) -> InFlight<'a> {
        InFlight { id, verb, queue }
    }

    #[test]
    fn a_command_veils_its_flag_until_it_is_known_again() {
        let mut flag = Flag::default();
        flag.report(true);
        flag.veil(1);
        flag.veil(2);
        assert_eq!(flag.value(), None);
        flag.unveil(1);
        assert_eq!(flag.value(), None);
        flag.unveil(2);
        assert_eq!(flag.value(), Some(true));
        flag.veil(3);
        flag.forget(3);
        assert_eq!(flag.value(), None);
        flag.veil(4);
        flag.report(false);
        flag.forget(4);
        assert_eq!(flag.value(), Some(false));
    }

    #[test]
    fn an_event_with_an_id_confirms_that_id_else_an_all() {
        let (q1, q2) = (queue("1"), queue("2"));
        let mut queues = Queues::default();
        let flying = [flight(5, QueueVerb::Pause, None), flight(6, QueueVerb::Pause, Some(&q1))];
        flying.into_iter().for_each(|command| queues.hand_out(command));
        assert_eq!(queues.on_event(QueueVerb::Pause, Some(&q1), &flying, 0).confirmed, [6]);
        assert_eq!(queues.on_event(QueueVerb::Pause, Some(&q2), &flying[..1], 0).confirmed, [5]);
        assert!(queues.is_already(QueueVerb::Pause, Some(&q2)) && !queues.is_already(QueueVerb::Pause, None));
        assert_eq!(queues.on_event(QueueVerb::Resume, Some(&q2), &[], 0).confirmed, [0; 0]);
        assert!(queues.is_already(QueueVerb::Resume, Some(&q2)));
    }

    #[test]
    fn nameless_events_confirm_only_when_all_came() {
        let (q1, q2) = (queue("1"), queue("2"));
        let mut queues = Queues::default();
        let flying = [flight(1, QueueVerb::Join, Some(&q1)), flight(2, QueueVerb::Join, Some(&q2))];
        flying.into_iter().for_each(|command| queues.hand_out(command));
        assert_eq!(queues.on_event(QueueVerb::Join, None, &flying, 0), Heard::default());
        assert_eq!(queues.on_event(QueueVerb::Join, None, &flying, 0).confirmed, [1, 2]);
        assert!(queues.is_already(QueueVerb::Join, Some(&q1)) && queues.is_already(QueueVerb::Join, Some(&q2)));
    }

    #[test]
    fn after_a_time_out_nameless_events_confirm_nothing_for_a_while() {
        let (q1, q2) = (queue("1"), queue("2"));
        let mut queues = Queues::default();
        queues.on_event(QueueVerb::Pause, Some(&q1), &[], 0);
        let first = flight(1, QueueVerb::Pause, Some(&q2));
        queues.hand_out(first);
        queues.settle(first, false, 5000);
        let second = [flight(2, QueueVerb::Pause, Some(&q2))];
        queues.hand_out(second[0]);
        assert_eq!(queues.on_event(QueueVerb::Pause, None, &second, 5000), Heard::default());
        assert!(!queues.is_already(QueueVerb::Pause, Some(&q1)), "it may have been about this queue");
        assert_eq!(queues.on_event(QueueVerb::Pause, None, &second, 5001).confirmed, [2]);
    }

    #[test]
    fn unasked_nameless_news_make_that_kind_unknown() {
        let q1 = queue("1");
        let mut queues = Queues::default();
        queues.on_event(QueueVerb::Pause, Some(&q1), &[], 0);
        queues.on_event(QueueVerb::Join, Some(&q1), &[], 0);
        queues.on_event(QueueVerb::Resume, None, &[], 0);
        assert_eq!(queues.picture(), [Queue { id: q1, member: Some(true), paused: None }]);
    }

    #[test]
    fn whether_a_pause_outlasts_the_membership_is_not_known() {
        let q1 = queue("1");
        let mut queues = Queues::default();
        for leave in [Some(&q1), None] {
            queues.on_event(QueueVerb::Join, Some(&q1), &[], 0);
            queues.on_event(QueueVerb::Pause, Some(&q1), &[], 0);
            queues.on_event(QueueVerb::Leave, leave, &[], 0);
            assert_eq!(queues.picture()[0].paused, None);
        }
    }

    #[test]
    fn no_more_queues_are_kept_than_anybody_has() {
        let mut queues = Queues::default();
        for n in 0..200 {
            let heard = queues.on_event(QueueVerb::Join, Some(&queue(&n.to_string())), &[], 0);
            assert_eq!(heard.unexpected, n >= 100);
        }
        assert_eq!(queues.picture().len(), 100);
    }

    #[test]
    fn a_phone_is_silent_about_its_line_unless_it_told_or_is_about_to() {
        let mut line = LineFlag::default();
        assert_eq!(line.silent_since(), Some(0));
        line.hand_out(1, true, 10);
        assert_eq!(line.silent_since(), Some(10), "it may be connected already");
        line.report(false);
        assert_eq!(line.silent_since(), None);
        line.settle(1, 20);
        line.hand_out(2, true, 30);
        assert_eq!(line.silent_since(), None, "it will tell that it connected");
        line.settle(2, 40);
        assert_eq!(line.silent_since(), Some(40));
        line.hand_out(3, false, 50);
        line.take_back(3);
        assert_eq!(line.silent_since(), Some(50));
    }
}
