//! What a host can ask of the phone: a closed set of fifteen messages.

use serde::Serialize;
use serde_json::Value;

use super::wire::{BadField, Envelope, optional, write};
use super::{DtmfKey, PhoneNumber, QueueId};
use crate::error::Error;
use crate::fields::{Fields, Read, deserialize};

/// A command to the phone, as one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, uniffi::Enum)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// `conectar`: takes the line. The phone also does so by itself when it opens.
    #[doc(alias = "conectar")]
    Connect,
    /// `desconectar`: leaves the line; the phone makes and takes no more calls.
    #[doc(alias = "desconectar")]
    Disconnect,
    /// `chamaNumero`: calls a number.
    #[doc(alias("chamaNumero", "numero"))]
    Call {
        /// An extension, or area code and number (`numero`).
        number: PhoneNumber,
    },
    /// `answer`: takes the incoming call.
    Answer,
    /// `hangup`: ends the call.
    #[doc(alias = "hangup")]
    HangUp,
    /// `enviaDTMF`: presses one key.
    #[doc(alias("enviaDTMF", "dtmf"))]
    SendDtmf {
        /// The key (`dtmf`).
        digit: DtmfKey,
    },
    /// `mute`: switches the microphone from on to off or from off to on; the phone does not say which.
    #[doc(alias = "mute")]
    ToggleMute,
    /// `transferir`: hands the call over to another number, and ends it here.
    #[doc(alias("transferir", "numeroTelefone"))]
    BlindTransfer {
        /// The number to hand over to (`numeroTelefone`).
        number: PhoneNumber,
    },
    /// `transferirConsulta`: calls another number first; hanging up then connects the two.
    #[doc(alias("transferirConsulta", "numeroTelefone"))]
    ConsultTransfer {
        /// The number to consult (`numeroTelefone`).
        number: PhoneNumber,
    },
    /// `recStart`: starts to record the call.
    #[doc(alias = "recStart")]
    StartRecording,
    /// `recStop`: stops recording the call.
    #[doc(alias = "recStop")]
    StopRecording,
    /// `pausarNaFila`: takes no calls from a queue for a while.
    #[doc(alias("pausarNaFila", "filaId"))]
    PauseInQueue {
        /// The queue (`filaId`); none: all queues.
        queue: Option<QueueId>,
    },
    /// `despausarNaFila`: takes calls from a queue again.
    #[doc(alias("despausarNaFila", "filaId"))]
    ResumeInQueue {
        /// The queue (`filaId`); none: all queues.
        queue: Option<QueueId>,
    },
    /// `entrarNaFila`: becomes a member of a queue.
    #[doc(alias("entrarNaFila", "filaId"))]
    JoinQueue {
        /// The queue (`filaId`).
        queue: QueueId,
    },
    /// `sairDaFila`: leaves a queue.
    #[doc(alias("sairDaFila", "filaId"))]
    LeaveQueue {
        /// The queue (`filaId`).
        queue: QueueId,
    },
}

impl Command {
    /// The command's word on the wire (`message`): `chamaNumero`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connect => "conectar",
            Self::Disconnect => "desconectar",
            Self::Call { .. } => "chamaNumero",
            Self::Answer => "answer",
            Self::HangUp => "hangup",
            Self::SendDtmf { .. } => "enviaDTMF",
            Self::ToggleMute => "mute",
            Self::BlindTransfer { .. } => "transferir",
            Self::ConsultTransfer { .. } => "transferirConsulta",
            Self::StartRecording => "recStart",
            Self::StopRecording => "recStop",
            Self::PauseInQueue { .. } => "pausarNaFila",
            Self::ResumeInQueue { .. } => "despausarNaFila",
            Self::JoinQueue { .. } => "entrarNaFila",
            Self::LeaveQueue { .. } => "sairDaFila",
        }
    }

    /// The one JSON text of this command: `message` first, numbers and keys as text, a queue's id as a number if it
    /// is one, nothing else.
    pub fn to_json(&self) -> String {
        let field: Option<(&str, Value)> = match self {
            Self::Call { number } => Some(("numero", number.as_str().into())),
            Self::BlindTransfer { number } | Self::ConsultTransfer { number } => {
                Some(("numeroTelefone", number.as_str().into()))
            }
            Self::SendDtmf { digit } => Some(("dtmf", digit.to_string().into())),
            Self::PauseInQueue { queue } | Self::ResumeInQueue { queue } => {
                optional("filaId", queue.as_ref().map(QueueId::to_wire))
            }
            Self::JoinQueue { queue } | Self::LeaveQueue { queue } => Some(("filaId", queue.to_wire())),
            Self::Connect
            | Self::Disconnect
            | Self::Answer
            | Self::HangUp
            | Self::ToggleMute
            | Self::StartRecording
            | Self::StopRecording => None,
        };
        write(self.name(), field)
    }

    /// Reads a command as a page may post it: an object, or its JSON text; numbers and ids as numbers or text, the
    /// former as people write them. None when it is no command.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field (`numero`, `numeroTelefone`, `dtmf`, `filaId`) of a command that can't be
    /// used.
    pub fn parse(text: &str) -> Result<Option<Self>, Error> {
        let Some(envelope) = Envelope::read(text) else { return Ok(None) };
        Self::read(&envelope).map_err(|BadField { field, reason }| Error::invalid(field, reason))
    }

    fn read(envelope: &Envelope) -> Result<Option<Self>, BadField> {
        Ok(Some(match envelope.name.as_str() {
            "conectar" => Self::Connect,
            "desconectar" => Self::Disconnect,
            "chamaNumero" => Self::Call { number: envelope.need("numero", PhoneNumber::read)? },
            "answer" => Self::Answer,
            "hangup" => Self::HangUp,
            "enviaDTMF" => Self::SendDtmf { digit: envelope.need("dtmf", DtmfKey::read)? },
            "mute" => Self::ToggleMute,
            "transferir" => Self::BlindTransfer { number: envelope.need("numeroTelefone", PhoneNumber::read)? },
            "transferirConsulta" => {
                Self::ConsultTransfer { number: envelope.need("numeroTelefone", PhoneNumber::read)? }
            }
            "recStart" => Self::StartRecording,
            "recStop" => Self::StopRecording,
            "pausarNaFila" => Self::PauseInQueue { queue: envelope.get("filaId", QueueId::read)? },
            "despausarNaFila" => Self::ResumeInQueue { queue: envelope.get("filaId", QueueId::read)? },
            "entrarNaFila" => Self::JoinQueue { queue: envelope.need("filaId", QueueId::read)? },
            "sairDaFila" => Self::LeaveQueue { queue: envelope.need("filaId", QueueId::read)? },
            _ => return Ok(None),
        }))
    }
}

/// Reads a command as a page may post it: an object, or its JSON text; numbers and ids as numbers or text, the former as
/// people write them. None when it is no command. For hosts that stand in for a phone.
///
/// # Errors
/// [`Error::Invalid`] naming the field (`numero`, `numeroTelefone`, `dtmf`, `filaId`) of a command that can't be used.
#[uniffi::export]
pub fn parse_command(text: String) -> Result<Option<Command>, Error> {
    Command::parse(&text)
}

deserialize!(Command);

/// As it is written in a trace: its name here as `type`, beside its fields.
impl Read for Command {
    fn read(value: Value) -> Option<Self> {
        let mut fields = Fields::of(value)?;
        Some(match fields.take::<String>("type")?.as_str() {
            "connect" => Self::Connect,
            "disconnect" => Self::Disconnect,
            "call" => Self::Call { number: fields.take("number")? },
            "answer" => Self::Answer,
            "hang_up" => Self::HangUp,
            "send_dtmf" => Self::SendDtmf { digit: fields.take("digit")? },
            "toggle_mute" => Self::ToggleMute,
            "blind_transfer" => Self::BlindTransfer { number: fields.take("number")? },
            "consult_transfer" => Self::ConsultTransfer { number: fields.take("number")? },
            "start_recording" => Self::StartRecording,
            "stop_recording" => Self::StopRecording,
            "pause_in_queue" => Self::PauseInQueue { queue: fields.take("queue")? },
            "resume_in_queue" => Self::ResumeInQueue { queue: fields.take("queue")? },
            "join_queue" => Self::JoinQueue { queue: fields.take("queue")? },
            "leave_queue" => Self::LeaveQueue { queue: fields.take("queue")? },
            _ => return None,
        })
    }
}
