//! What the phone says: nine messages that are known, and an open end.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{BadField, Envelope, bad, optional, write};
use super::{CallId, CallNumber, QueueId};

/// A message of the phone. The set is open: what is not known here is kept as [`Unknown`](Event::Unknown).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// `chegandoChamada`: a call comes in.
    #[doc(alias("chegandoChamada", "numeroChegando", "numeroDestino", "chamadaRecebidaId"))]
    IncomingCall {
        /// Who calls (`numeroChegando`); none when the phone does not say.
        caller: Option<CallNumber>,
        /// Which number was called (`numeroDestino`); none when the phone does not say.
        called: Option<CallNumber>,
        /// The call's id (`chamadaRecebidaId`); none when the phone does not say.
        call_id: Option<CallId>,
    },
    /// `status`: the line or the call changed.
    #[doc(alias = "status")]
    Status {
        /// To what (`status`).
        status: CallStatus,
    },
    /// `chamada_id`: the id of a call that starts.
    #[doc(alias = "chamada_id")]
    CallId {
        /// The id (`chamada_id`); none when the phone names none: missing, `null`, `false`, `0` or empty.
        call_id: Option<CallId>,
    },
    /// `status_erro`: a call that is being set up failed, for good.
    #[doc(alias = "status_erro")]
    CallError {
        /// The phone's own words (`status_erro`), 1 to 128 characters.
        status_erro: String,
    },
    /// `stats_webphone`: the quality of network and computer, in shapes that the vendor does not document.
    #[doc(alias("stats_webphone", "internet", "computador"))]
    Quality {
        /// About the network (`internet`), such as ping and jitter: JSON text, compact, keys sorted; none if missing.
        internet: Option<String>,
        /// About the computer (`computador`), such as its load: JSON text, compact, keys sorted; none if missing.
        computer: Option<String>,
    },
    /// `entrou_na_fila`: the extension joined a queue.
    #[doc(alias = "entrou_na_fila")]
    JoinedQueue {
        /// Which one (`filaId`); none when the phone does not say.
        queue: Option<QueueId>,
    },
    /// `saiu_da_fila`: the extension left a queue.
    #[doc(alias = "saiu_da_fila")]
    LeftQueue {
        /// Which one (`filaId`); none when the phone does not say.
        queue: Option<QueueId>,
    },
    /// `pausou_na_fila`: the extension takes no calls from a queue for a while.
    #[doc(alias = "pausou_na_fila")]
    PausedInQueue {
        /// Which one (`filaId`); none when the phone does not say.
        queue: Option<QueueId>,
    },
    /// `despausou_na_fila`: the extension takes calls from a queue again.
    #[doc(alias = "despausou_na_fila")]
    ResumedInQueue {
        /// Which one (`filaId`); none when the phone does not say.
        queue: Option<QueueId>,
    },
    /// A message that this library does not know.
    Unknown {
        /// Its name (`message`).
        name: String,
        /// All its other fields: the JSON text of an object, compact, keys sorted.
        payload: String,
    },
}

/// A value of the phone's `status`. The set is open.
#[doc(alias("conectado", "desconectado", "chamando", "conversando", "encerrada"))]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// `conectado`: the phone has its line.
    Connected,
    /// `desconectado`: the phone has no line.
    Disconnected,
    /// `chamando`: the other side is being called.
    Calling,
    /// `conversando`: the two sides talk.
    Talking,
    /// `encerrada`: the call ended.
    Ended,
    /// A status that this library does not know.
    Other {
        /// Its text, as sent.
        text: String,
    },
}

/// A message of the phone that is known, but holds a field that can't be used. The message is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
pub struct BrokenEvent {
    /// The message's name (`message`).
    pub name: String,
    /// The field, as on the wire: `chamada_id`.
    pub field: String,
    /// Why it can't be used, as a sentence without its subject: `is not a whole number`.
    pub reason: String,
}

impl CallStatus {
    const KNOWN: [(Self, &'static str); 5] = [
        (Self::Connected, "conectado"),
        (Self::Disconnected, "desconectado"),
        (Self::Calling, "chamando"),
        (Self::Talking, "conversando"),
        (Self::Ended, "encerrada"),
    ];

    /// The status with this word on the wire.
    pub fn from_wire(word: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|(_, name)| *name == word);
        known.map_or_else(|| Self::Other { text: word.to_owned() }, |(status, _)| status)
    }

    /// The status's word on the wire.
    pub fn as_wire(&self) -> &str {
        match self {
            Self::Connected => "conectado",
            Self::Disconnected => "desconectado",
            Self::Calling => "chamando",
            Self::Talking => "conversando",
            Self::Ended => "encerrada",
            Self::Other { text } => text,
        }
    }
}

impl Event {
    /// Reads what came from the page: an object, or its JSON text, with ids and numbers as numbers or text and
    /// optional fields missing. None when it is not a message of the phone: no JSON, no object, without a `message`,
    /// nested deeper than 128 levels, or longer than 64 KiB.
    ///
    /// # Errors
    /// [`BrokenEvent`] naming the field of a known message that can't be used.
    pub fn parse(text: &str) -> Result<Option<Self>, BrokenEvent> {
        let Some(envelope) = Envelope::read(text) else { return Ok(None) };
        let name = envelope.name.clone();
        Self::read(envelope).map(Some).map_err(|BadField { field, reason }| BrokenEvent {
            name,
            field: field.to_owned(),
            reason,
        })
    }

    fn read(envelope: Envelope) -> Result<Self, BadField> {
        let number = |field| envelope.get(field, |text| Ok(CallNumber::new(text)));
        let queue = || envelope.get("filaId", QueueId::read);
        Ok(match envelope.name.as_str() {
            "chegandoChamada" => Self::IncomingCall {
                caller: number("numeroChegando")?,
                called: number("numeroDestino")?,
                call_id: call_id(&envelope, "chamadaRecebidaId")?,
            },
            "status" => match envelope.fields.get("status") {
                Some(Value::String(text)) => Self::Status { status: CallStatus::from_wire(text) },
                None | Some(Value::Null) => return bad("status", "is missing"),
                Some(_) => return bad("status", "is not text"),
            },
            "chamada_id" => Self::CallId { call_id: call_id(&envelope, "chamada_id")? },
            "status_erro" => Self::CallError { status_erro: envelope.need("status_erro", |text| Ok(text.to_owned()))? },
            "stats_webphone" => {
                Self::Quality { internet: envelope.raw("internet"), computer: envelope.raw("computador") }
            }
            "entrou_na_fila" => Self::JoinedQueue { queue: queue()? },
            "saiu_da_fila" => Self::LeftQueue { queue: queue()? },
            "pausou_na_fila" => Self::PausedInQueue { queue: queue()? },
            "despausou_na_fila" => Self::ResumedInQueue { queue: queue()? },
            name => Self::Unknown { name: name.to_owned(), payload: envelope.payload() },
        })
    }

    /// The message's word on the wire (`message`): `chegandoChamada`.
    pub fn name(&self) -> &str {
        match self {
            Self::IncomingCall { .. } => "chegandoChamada",
            Self::Status { .. } => "status",
            Self::CallId { .. } => "chamada_id",
            Self::CallError { .. } => "status_erro",
            Self::Quality { .. } => "stats_webphone",
            Self::JoinedQueue { .. } => "entrou_na_fila",
            Self::LeftQueue { .. } => "saiu_da_fila",
            Self::PausedInQueue { .. } => "pausou_na_fila",
            Self::ResumedInQueue { .. } => "despausou_na_fila",
            Self::Unknown { name, .. } => name,
        }
    }

    /// The one JSON text of this event, as the simulated phone says it: `message` first, numbers as text as they
    /// were written, ids as numbers if they are, what is not known left out.
    pub fn to_json(&self) -> String {
        let mut fields: Vec<(&str, Value)> = Vec::new();
        match self {
            Self::IncomingCall { caller, called, call_id } => {
                fields.extend(optional("numeroChegando", caller.as_ref().map(|number| number.raw.as_str())));
                fields.extend(optional("numeroDestino", called.as_ref().map(|number| number.raw.as_str())));
                fields.extend(optional("chamadaRecebidaId", call_id.as_ref().map(CallId::to_wire)));
            }
            Self::Status { status } => fields.push(("status", status.as_wire().into())),
            Self::CallId { call_id } => fields.extend(optional("chamada_id", call_id.as_ref().map(CallId::to_wire))),
            Self::CallError { status_erro } => fields.push(("status_erro", status_erro.as_str().into())),
            Self::Quality { internet, computer } => {
                fields.extend(optional("internet", internet.as_deref().map(json_or_text)));
                fields.extend(optional("computador", computer.as_deref().map(json_or_text)));
            }
            Self::JoinedQueue { queue }
            | Self::LeftQueue { queue }
            | Self::PausedInQueue { queue }
            | Self::ResumedInQueue { queue } => {
                fields.extend(optional("filaId", queue.as_ref().map(QueueId::to_wire)));
            }
            Self::Unknown { name, payload } => {
                let payload = match serde_json::from_str(payload) {
                    Ok(Value::Object(payload)) => payload,
                    _ => serde_json::Map::new(),
                };
                let fields = payload.iter().filter(|(field, _)| *field != "message");
                return write(name, fields.map(|(field, value)| (field.as_str(), value.clone())));
            }
        }
        write(self.name(), fields)
    }
}

/// The id of a call; a phone without one may also send 0.
fn call_id(envelope: &Envelope, field: &'static str) -> Result<Option<CallId>, BadField> {
    match envelope.fields.get(field) {
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => Ok(None),
        _ => envelope.get(field, CallId::read),
    }
}

/// What was kept as JSON text goes out as that JSON; anything else as text.
fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

impl fmt::Display for BrokenEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The phone sent `{}` whose field `{}` {}.", self.name, self.field, self.reason)
    }
}

impl std::error::Error for BrokenEvent {}
