//! The room of the microphone and the recording: what the phone never reports, so only assumed.

use super::snapshot::{Mute, Recording};

#[derive(Debug)]
pub(super) struct Sound {
    pub(super) mute: Mute,
    pub(super) recording: Recording,
    /// What the next call's mute starts as, where that is not the phone's default.
    next: Option<Mute>,
    /// The phone's default for a new call.
    fresh: Mute,
}

impl Mute {
    fn assumed(muted: bool) -> Self {
        if muted { Self::AssumedMuted } else { Self::AssumedUnmuted }
    }

    fn toggled(self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::AssumedMuted => Self::AssumedUnmuted,
            Self::AssumedUnmuted => Self::AssumedMuted,
        }
    }
}

impl Sound {
    /// With a visible phone its user can press mute as well, so no call starts with an assumption there.
    pub(super) fn new(visible_phone: bool) -> Self {
        let fresh = if visible_phone { Mute::Unknown } else { Mute::AssumedUnmuted };
        Self { mute: Mute::Unknown, recording: Recording::AssumedOff, next: None, fresh }
    }

    /// A call became the current one. Returns what has to be given back if it turns out that it did not.
    pub(super) fn on_call(&mut self) -> Option<Mute> {
        let next = self.next.take();
        self.mute = next.unwrap_or(self.fresh);
        self.recording = Recording::AssumedOff;
        next
    }

    /// That call never was.
    pub(super) fn take_back_call(&mut self, next: Option<Mute>) {
        self.on_call_end();
        self.next = self.next.or(next);
    }

    pub(super) fn on_call_end(&mut self) {
        self.mute = Mute::Unknown;
        self.recording = Recording::AssumedOff;
    }

    /// From here on nobody knows what a toggle did: not in this call, not in the next.
    pub(super) fn doubt(&mut self) {
        self.mute = Mute::Unknown;
        self.next = Some(Mute::Unknown);
    }

    /// A toggle was posted, or one that was assumed to be posted was not.
    pub(super) fn toggle(&mut self) {
        self.mute = self.mute.toggled();
    }

    /// Recording was asked for, or to stop. Returns what it was before.
    pub(super) fn record(&mut self, on: bool) -> Recording {
        std::mem::replace(&mut self.recording, if on { Recording::AssumedOn } else { Recording::AssumedOff })
    }

    /// Somebody told what is so.
    pub(super) fn assume(&mut self, muted: bool, in_call: bool) {
        if in_call {
            self.mute = Mute::assumed(muted);
            self.next = None;
        } else {
            self.next = Some(Mute::assumed(muted));
        }
    }

    /// Whether it is muted, as assumed; none when unknown.
    pub(super) fn is_muted(&self) -> Option<bool> {
        match self.mute {
            Mute::Unknown => None,
            Mute::AssumedMuted => Some(true),
            Mute::AssumedUnmuted => Some(false),
        }
    }

    pub(super) fn lose(&mut self) {
        self.doubt();
        self.recording = Recording::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_phone_starts_each_call_unmuted_and_a_visible_one_unknown() {
        let mut hidden = Sound::new(false);
        hidden.on_call();
        assert_eq!(hidden.is_muted(), Some(false));
        hidden.toggle();
        assert_eq!(hidden.is_muted(), Some(true));
        let mut visible = Sound::new(true);
        visible.on_call();
        visible.toggle();
        assert_eq!(visible.is_muted(), None);
    }

    #[test]
    fn a_doubt_lasts_for_this_call_and_the_next() {
        let mut sound = Sound::new(false);
        sound.on_call();
        sound.doubt();
        assert_eq!(sound.is_muted(), None);
        sound.on_call_end();
        sound.on_call();
        assert_eq!(sound.is_muted(), None);
        sound.on_call_end();
        sound.on_call();
        assert_eq!(sound.is_muted(), Some(false));
    }

    #[test]
    fn what_somebody_tells_ends_the_doubt() {
        let mut sound = Sound::new(false);
        sound.on_call();
        sound.doubt();
        sound.assume(true, true);
        assert_eq!(sound.is_muted(), Some(true));
        sound.on_call_end();
        sound.doubt();
        sound.assume(false, false);
        sound.on_call();
        assert_eq!(sound.is_muted(), Some(false));
    }

    #[test]
    fn a_call_that_never_was_gives_its_doubt_back() {
        let mut sound = Sound::new(false);
        sound.doubt();
        let next = sound.on_call();
        sound.take_back_call(next);
        sound.on_call();
        assert_eq!(sound.is_muted(), None);
    }
}
