//! Every wait and grace of a session, with its default and what it is for.

use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::fields::{Fields, Read, deserialize};

/// No wait is longer: 24 hours.
const MAX_WAIT_MS: i64 = 24 * 60 * 60 * 1000;

/// How long a session waits, and for what. All times are milliseconds, 0 to 24 hours.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Record)]
pub struct SessionConfig {
    /// A loaded page that says nothing for so long, and of which the host reported no failure, counts as alive. Default
    /// 2,000.
    #[uniffi(default = 2000)]
    pub alive_grace_ms: i64,
    /// A phone that is alive but does not say whether it has its line counts as ready after so long: one that had it
    /// already may not say so again. Default 2,000.
    #[uniffi(default = 2000)]
    pub ready_grace_ms: i64,
    /// How long a command waits for the page to become ready for it; then it ends in `NotReady`. Only time in which
    /// the page is not ready counts. Default 30,000.
    #[uniffi(default = 30000)]
    pub ready_timeout_ms: i64,
    /// A text that the host took and did not report on counts as posted after so long. Default 5,000.
    #[uniffi(default = 5000)]
    pub post_timeout_ms: i64,
    /// How long `connect` and `disconnect` wait for their event once posted. Default 15,000.
    #[uniffi(default = 15000)]
    pub line_timeout_ms: i64,
    /// How long `call` waits for a sign of its call once posted. Default 10,000.
    #[uniffi(default = 10000)]
    pub call_timeout_ms: i64,
    /// How long a `call` that is confirmed by a status waits on for the call's id. Default 1,000.
    #[uniffi(default = 1000)]
    pub id_grace_ms: i64,
    /// How long `answer` waits for the talk to begin once posted. Default 10,000.
    #[uniffi(default = 10000)]
    pub answer_timeout_ms: i64,
    /// How long `hang_up` waits for its call to end once posted. Default 10,000.
    #[uniffi(default = 10000)]
    pub hang_up_timeout_ms: i64,
    /// How long a queue command waits for its event once posted. Default 5,000.
    #[uniffi(default = 5000)]
    pub queue_timeout_ms: i64,
    /// For so long after a queue command timed out, or one for all queues ended, events without a queue's id confirm
    /// nothing: they may be its late ones. Default 5,000.
    #[uniffi(default = 5000)]
    pub late_window_ms: i64,
    /// For so long after `hang_up` ended a call in consultation, the phone may say that the call goes on. Default
    /// 5,000.
    #[uniffi(default = 5000)]
    pub reopen_window_ms: i64,
    /// A call that the URL makes the phone dial on opening (`ligar_para`) is doubtful after so long without an event.
    /// Default 10,000.
    #[uniffi(default = 10000)]
    pub auto_dial_grace_ms: i64,
    /// The pause between two keys of `send_dtmf`: menus miss keys that come faster. Default 200.
    #[uniffi(default = 200)]
    pub dtmf_pace_ms: i64,
    /// How long before the URL expires `RenewalDue` comes: time to fetch a new one. Default 60,000.
    #[uniffi(default = 60000)]
    pub renewal_margin_ms: i64,
    /// How many ended calls `history` keeps, 0 to 1,000. Default 20.
    #[uniffi(default = 20)]
    pub history_limit: i64,
    /// Whether somebody can see the phone and press its own mute key (types `floating` and `embedded`): then a new
    /// call's mute is not known. Default none: by the type of the session's URL, and true without one, which never
    /// assumes too much.
    #[uniffi(default = None)]
    pub visible_phone: Option<bool>,
    /// Whether the session is recorded, and what of telephone numbers. Default none: it is not.
    #[uniffi(default = None)]
    #[serde(skip)]
    pub record: Option<RecordNumbers>,
}

/// What a recording holds of telephone numbers. Of secrets it never holds any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum RecordNumbers {
    /// As they are.
    Plain,
    /// Others in their place: the same number always by the same other one, of the same length. DTMF keys likewise.
    Masked,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            alive_grace_ms: 2000,
            ready_grace_ms: 2000,
            ready_timeout_ms: 30_000,
            post_timeout_ms: 5000,
            line_timeout_ms: 15_000,
            call_timeout_ms: 10_000,
            id_grace_ms: 1000,
            answer_timeout_ms: 10_000,
            hang_up_timeout_ms: 10_000,
            queue_timeout_ms: 5000,
            late_window_ms: 5000,
            reopen_window_ms: 5000,
            auto_dial_grace_ms: 10_000,
            dtmf_pace_ms: 200,
            renewal_margin_ms: 60_000,
            history_limit: 20,
            visible_phone: None,
            record: None,
        }
    }
}

deserialize!(SessionConfig);

/// As a trace holds it: what is left out is as usual.
impl Read for SessionConfig {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        let usual = Self::default();
        let config = Self {
            alive_grace_ms: fields.take_or("alive_grace_ms", usual.alive_grace_ms)?,
            ready_grace_ms: fields.take_or("ready_grace_ms", usual.ready_grace_ms)?,
            ready_timeout_ms: fields.take_or("ready_timeout_ms", usual.ready_timeout_ms)?,
            post_timeout_ms: fields.take_or("post_timeout_ms", usual.post_timeout_ms)?,
            line_timeout_ms: fields.take_or("line_timeout_ms", usual.line_timeout_ms)?,
            call_timeout_ms: fields.take_or("call_timeout_ms", usual.call_timeout_ms)?,
            id_grace_ms: fields.take_or("id_grace_ms", usual.id_grace_ms)?,
            answer_timeout_ms: fields.take_or("answer_timeout_ms", usual.answer_timeout_ms)?,
            hang_up_timeout_ms: fields.take_or("hang_up_timeout_ms", usual.hang_up_timeout_ms)?,
            queue_timeout_ms: fields.take_or("queue_timeout_ms", usual.queue_timeout_ms)?,
            late_window_ms: fields.take_or("late_window_ms", usual.late_window_ms)?,
            reopen_window_ms: fields.take_or("reopen_window_ms", usual.reopen_window_ms)?,
            auto_dial_grace_ms: fields.take_or("auto_dial_grace_ms", usual.auto_dial_grace_ms)?,
            dtmf_pace_ms: fields.take_or("dtmf_pace_ms", usual.dtmf_pace_ms)?,
            renewal_margin_ms: fields.take_or("renewal_margin_ms", usual.renewal_margin_ms)?,
            history_limit: fields.take_or("history_limit", usual.history_limit)?,
            visible_phone: fields.take_or("visible_phone", usual.visible_phone)?,
            record: usual.record,
        };
        fields.end(config)
    }
}

impl SessionConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (field, value) in [
            ("alive_grace_ms", self.alive_grace_ms),
            ("ready_grace_ms", self.ready_grace_ms),
            ("ready_timeout_ms", self.ready_timeout_ms),
            ("post_timeout_ms", self.post_timeout_ms),
            ("line_timeout_ms", self.line_timeout_ms),
            ("call_timeout_ms", self.call_timeout_ms),
            ("id_grace_ms", self.id_grace_ms),
            ("answer_timeout_ms", self.answer_timeout_ms),
            ("hang_up_timeout_ms", self.hang_up_timeout_ms),
            ("queue_timeout_ms", self.queue_timeout_ms),
            ("late_window_ms", self.late_window_ms),
            ("reopen_window_ms", self.reopen_window_ms),
            ("auto_dial_grace_ms", self.auto_dial_grace_ms),
            ("dtmf_pace_ms", self.dtmf_pace_ms),
            ("renewal_margin_ms", self.renewal_margin_ms),
        ] {
            if !(0..=MAX_WAIT_MS).contains(&value) {
                return Err(Error::invalid(field, "has to be 0 to 86400000 milliseconds (24 hours)"));
            }
        }
        if !(0..=1000).contains(&self.history_limit) {
            return Err(Error::invalid("history_limit", "has to be 0 to 1000"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_out_of_range_is_named() {
        assert_eq!(SessionConfig::default().check(), Ok(()));
        let config = SessionConfig { id_grace_ms: -1, ..SessionConfig::default() };
        assert!(config.check().unwrap_err().describe().contains("`id_grace_ms`"));
        let config = SessionConfig { late_window_ms: i64::MAX, ..SessionConfig::default() };
        assert!(config.check().unwrap_err().describe().contains("`late_window_ms`"));
        let config = SessionConfig { history_limit: 1001, ..SessionConfig::default() };
        assert!(config.check().unwrap_err().describe().contains("`history_limit`"));
    }
}
