//! A call as the session knows it.

use serde::{Deserialize, Serialize};

use super::input::Moment;
use crate::protocol::{CallId, CallNumber};

/// One call, going on or ended. What nobody reported is not filled in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Call {
    /// The session's own number for it: 1, 2, 3, ….
    pub serial: i64,
    /// Who began it.
    pub origin: CallOrigin,
    /// How far it got.
    pub phase: CallPhase,
    /// Whether it may be over already, or may never have begun: a call that did not end when it was hung up, or of
    /// which nothing was heard. It never stands in the way of another `call`.
    pub doubtful: bool,
    /// The other side: the number that was dialled, or the caller's; none when it is not known.
    #[doc(alias("numero", "numeroChegando"))]
    pub number: Option<CallNumber>,
    /// Which number an incoming call was made to.
    #[doc(alias = "numeroDestino")]
    pub called: Option<CallNumber>,
    /// The phone's id for it.
    #[doc(alias("chamada_id", "chamadaRecebidaId"))]
    pub call_id: Option<CallId>,
    /// The call to a third party that a consultative transfer began; none when there is none.
    #[doc(alias = "transferirConsulta")]
    pub consultation: Option<Consultation>,
    /// When it was dialled, began to ring, or was first heard of.
    pub began: Moment,
    /// When the other side was first reported to be called (`chamando`).
    pub calling: Option<Moment>,
    /// When the talk began (`conversando`).
    pub talking: Option<Moment>,
    /// How it ended; none while it goes on.
    pub end: Option<CallEnd>,
}

/// Who began a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum CallOrigin {
    /// A `call` of this session.
    Command,
    /// The page itself: its URL (`ligar_para`), or its user on the phone's own keys.
    Page,
    /// Somebody who calls in.
    Incoming,
}

/// How far a call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum CallPhase {
    /// It was dialled; the phone has not said that it calls.
    Dialling,
    /// The other side is being called (`chamando`).
    Calling,
    /// It comes in and waits for an answer (`chegandoChamada`).
    Ringing,
    /// The two sides talk (`conversando`).
    Talking,
}

/// A consultation: the caller waits while a third party is asked. Hanging up then connects the two.
///
/// That the phone's events concern this leg while it is open is an assumption; the vendor does not document it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct Consultation {
    /// The third party.
    pub number: CallNumber,
    /// How far the leg got: dialling, calling or talking.
    pub phase: CallPhase,
    /// The leg's own id.
    pub call_id: Option<CallId>,
}

/// The end of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct CallEnd {
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: EndReason,
    /// The phone's own words, when it refused the call.
    pub status_erro: Option<String>,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The phone said that it ended (`encerrada`): either side hung up, or nobody answered.
    Ended,
    /// An incoming call ended before it was answered.
    Missed,
    /// An incoming call was hung up before it was answered.
    Declined,
    /// The phone refused it (`status_erro`).
    Rejected,
    /// Another call took its place.
    Replaced,
    /// The page was lost.
    PageLost,
    /// Nobody said.
    Unknown,
}

#[uniffi::export]
impl Call {
    /// How long it rang, or has rung by `now_mono_ms`, until the talk or the end: milliseconds, 0 or more.
    pub fn ring_ms(&self, now_mono_ms: i64) -> i64 {
        let until = self.talking.or(self.end.as_ref().map(|end| end.at)).map_or(now_mono_ms, |moment| moment.mono_ms);
        until.saturating_sub(self.began.mono_ms).max(0)
    }

    /// How long the two sides talked, or have talked by `now_mono_ms`: milliseconds, 0 or more; none if they did not.
    pub fn talk_ms(&self, now_mono_ms: i64) -> Option<i64> {
        let until = self.end.as_ref().map_or(now_mono_ms, |end| end.at.mono_ms);
        self.talking.map(|from| until.saturating_sub(from.mono_ms).max(0))
    }
}

impl Call {
    /// Whether it is being set up by this side.
    pub(super) fn is_setting_up(&self) -> bool {
        matches!(self.phase, CallPhase::Dialling | CallPhase::Calling)
    }
}
