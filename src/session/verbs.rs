//! The verbs of a phone, as methods of a session in Rust: one line each over [`Session::execute`]. Other languages have
//! theirs in their own packages.

use super::host::Session;
use super::input::Request;
use super::output::Outcome;
use crate::error::Error;
use crate::protocol::{Command, Dtmf, PhoneNumber, QueueId};

type Told = Result<Outcome, Error>;

/// The verbs. Each ends as [`execute`](Self::execute) does, with its errors, and with [`Error::Invalid`] for an argument
/// that can't be used, before anything is given.
#[allow(clippy::missing_errors_doc, reason = "they stand above, for all of them")]
impl Session {
    /// Connects the phone to its line. Confirmed by `conectado`.
    #[doc(alias = "conectar")]
    pub async fn connect(&self) -> Told {
        self.command(Command::Connect).await
    }

    /// Disconnects it: it makes and takes no more calls. Confirmed by `desconectado`.
    #[doc(alias = "desconectar")]
    pub async fn disconnect(&self) -> Told {
        self.command(Command::Disconnect).await
    }

    /// Dials a number, once the phone is ready. Confirmed by `chamada_id`, or by a status of the call.
    #[doc(alias = "chamaNumero")]
    pub async fn call(&self, number: impl TryInto<PhoneNumber, Error: Into<Error>>) -> Told {
        self.command(Command::Call { number: number.try_into().map_err(Into::into)? }).await
    }

    /// Answers the call that rings. Confirmed by `conversando`.
    pub async fn answer(&self) -> Told {
        self.command(Command::Answer).await
    }

    /// Ends the current call, or declines the one that rings; withdraws a `call` that was not dialled yet. Confirmed by
    /// `encerrada`.
    #[doc(alias = "hangup")]
    pub async fn hang_up(&self) -> Told {
        self.command(Command::HangUp).await
    }

    /// Presses keys one after the other, in the pace of `dtmf_pace_ms`. Never confirmed: `Sent`, with how many.
    #[doc(alias = "enviaDTMF")]
    pub async fn send_dtmf(&self, keys: impl TryInto<Dtmf, Error: Into<Error>>) -> Told {
        self.execute(Request::SendDtmf { keys: keys.try_into().map_err(Into::into)? }).await
    }

    /// Mutes or unmutes the microphone, if that is known to need the toggle. Never confirmed.
    #[doc(alias = "mute")]
    pub async fn set_muted(&self, muted: bool) -> Told {
        self.execute(Request::SetMuted { muted }).await
    }

    /// Toggles mute, whatever it is. Never confirmed.
    #[doc(alias = "mute")]
    pub async fn toggle_mute(&self) -> Told {
        self.command(Command::ToggleMute).await
    }

    /// Ends the call here and transfers it. Never confirmed.
    #[doc(alias = "transferir")]
    pub async fn blind_transfer(&self, number: impl TryInto<PhoneNumber, Error: Into<Error>>) -> Told {
        self.command(Command::BlindTransfer { number: number.try_into().map_err(Into::into)? }).await
    }

    /// Calls a third party while the caller waits; hanging up then connects the two. Never confirmed.
    #[doc(alias = "transferirConsulta")]
    pub async fn consult_transfer(&self, number: impl TryInto<PhoneNumber, Error: Into<Error>>) -> Told {
        self.command(Command::ConsultTransfer { number: number.try_into().map_err(Into::into)? }).await
    }

    /// Starts the partial recording of the call. Never confirmed.
    #[doc(alias = "recStart")]
    pub async fn start_recording(&self) -> Told {
        self.command(Command::StartRecording).await
    }

    /// Stops it. Never confirmed.
    #[doc(alias = "recStop")]
    pub async fn stop_recording(&self) -> Told {
        self.command(Command::StopRecording).await
    }

    /// Takes no calls from a queue for a while. Confirmed by `pausou_na_fila`.
    #[doc(alias = "pausarNaFila")]
    pub async fn pause_in_queue(&self, queue: impl TryInto<QueueId, Error: Into<Error>>) -> Told {
        let queue = queue.try_into().map_err(Into::into)?;
        self.command(Command::PauseInQueue { queue: Some(queue) }).await
    }

    /// Takes no calls from any queue for a while. Confirmed by `pausou_na_fila`.
    #[doc(alias = "pausarNaFila")]
    pub async fn pause_in_all_queues(&self) -> Told {
        self.command(Command::PauseInQueue { queue: None }).await
    }

    /// Takes calls from a queue again. Confirmed by `despausou_na_fila`.
    #[doc(alias = "despausarNaFila")]
    pub async fn resume_in_queue(&self, queue: impl TryInto<QueueId, Error: Into<Error>>) -> Told {
        let queue = queue.try_into().map_err(Into::into)?;
        self.command(Command::ResumeInQueue { queue: Some(queue) }).await
    }

    /// Takes calls from all queues again. Confirmed by `despausou_na_fila`.
    #[doc(alias = "despausarNaFila")]
    pub async fn resume_in_all_queues(&self) -> Told {
        self.command(Command::ResumeInQueue { queue: None }).await
    }

    /// Joins a queue. Confirmed by `entrou_na_fila`.
    #[doc(alias = "entrarNaFila")]
    pub async fn join_queue(&self, queue: impl TryInto<QueueId, Error: Into<Error>>) -> Told {
        self.command(Command::JoinQueue { queue: queue.try_into().map_err(Into::into)? }).await
    }

    /// Leaves a queue. Confirmed by `saiu_da_fila`.
    #[doc(alias = "sairDaFila")]
    pub async fn leave_queue(&self, queue: impl TryInto<QueueId, Error: Into<Error>>) -> Told {
        self.command(Command::LeaveQueue { queue: queue.try_into().map_err(Into::into)? }).await
    }

    async fn command(&self, command: Command) -> Told {
        self.execute(Request::Execute { command }).await
    }
}
