//! What a command is, to the machine: tables of what each waits for, and what it has to take back.

use std::collections::VecDeque;

use super::config::SessionConfig;
use super::flags::{InFlight, QueueVerb};
use super::gate::Opens;
use super::input::Request;
use super::snapshot::{Mute, Recording};
use crate::protocol::{Command, DtmfKey};

/// A command that was given and has not ended.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request: Request,
    /// The call that it is about, by its number; none when it is about none, or not yet.
    pub(super) call: Option<i64>,
    /// Keys that are still to be pressed.
    pub(super) keys: VecDeque<DtmfKey>,
    /// How many keys were handed out.
    pub(super) pressed: i32,
    /// The phone's word by which it is confirmed, while it only waits on for the call's id.
    pub(super) confirmed_by: Option<&'static str>,
    /// What was assumed when it was handed out.
    pub(super) undo: Undo,
}

/// What was assumed when a command was handed out, to be taken back if it was not posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undo {
    /// Nothing but what stands in the flags' own veils.
    Nothing,
    /// The call that was dialled, and the doubt about its mute that it used up.
    Dialled { next_mute: Option<Mute> },
    /// The call is doubtful.
    Doubted,
    /// Mute was toggled in this call.
    Toggled,
    /// The leg of a consultation.
    Consulted,
    /// The recording was this before.
    Recorded { before: Recording },
}

impl Job {
    pub(super) fn new(request: Request) -> Self {
        let keys = match &request {
            Request::SendDtmf { keys } => keys.keys().collect(),
            Request::Execute { command: Command::SendDtmf { digit } } => VecDeque::from([*digit]),
            Request::Execute { .. } | Request::SetMuted { .. } => VecDeque::new(),
        };
        Self { request, call: None, keys, pressed: 0, confirmed_by: None, undo: Undo::Nothing }
    }

    /// The command of the phone, where it is one as it stands.
    pub(super) fn command(&self) -> Option<&Command> {
        match &self.request {
            Request::Execute { command } => Some(command),
            Request::SendDtmf { .. } | Request::SetMuted { .. } => None,
        }
    }

    /// What it waits for before it is posted.
    pub(super) fn opens(&self) -> Opens {
        match self.command() {
            Some(Command::Connect) => Opens::Loaded,
            Some(Command::Call { .. }) => Opens::Ready,
            _ => Opens::Alive,
        }
    }

    /// How long it waits for its event once posted; none: the phone never confirms it.
    pub(super) fn wait_ms(&self, config: &SessionConfig) -> Option<i64> {
        Some(match self.command()? {
            Command::Connect | Command::Disconnect => config.line_timeout_ms,
            Command::Call { .. } => config.call_timeout_ms,
            Command::Answer => config.answer_timeout_ms,
            // Without a call there is no end to wait for.
            Command::HangUp => self.call.map(|_| config.hang_up_timeout_ms)?,
            Command::PauseInQueue { .. }
            | Command::ResumeInQueue { .. }
            | Command::JoinQueue { .. }
            | Command::LeaveQueue { .. } => config.queue_timeout_ms,
            Command::SendDtmf { .. }
            | Command::ToggleMute
            | Command::BlindTransfer { .. }
            | Command::ConsultTransfer { .. }
            | Command::StartRecording
            | Command::StopRecording => return None,
        })
    }

    /// Whether it connects (or disconnects) the line; none when it does neither.
    pub(super) fn line_wish(&self) -> Option<bool> {
        match self.command()? {
            Command::Connect => Some(true),
            Command::Disconnect => Some(false),
            _ => None,
        }
    }

    pub(super) fn is(&self, command: &Command) -> bool {
        self.command() == Some(command)
    }

    pub(super) fn is_call(&self) -> bool {
        matches!(self.command(), Some(Command::Call { .. }))
    }

    pub(super) fn is_dtmf(&self) -> bool {
        matches!(self.request, Request::SendDtmf { .. } | Request::Execute { command: Command::SendDtmf { .. } })
    }

    /// Whether it presses mute.
    pub(super) fn is_toggle(&self) -> bool {
        matches!(self.request, Request::SetMuted { .. } | Request::Execute { command: Command::ToggleMute })
    }

    /// The command as the queues' flags see it.
    pub(super) fn queue(&self, id: i64) -> Option<InFlight<'_>> {
        let (verb, queue) = QueueVerb::of_command(self.command()?)?;
        Some(InFlight { id, verb, queue })
    }

    /// The next message that it posts, which is used up; none when there is none left.
    pub(super) fn next_command(&mut self) -> Option<Command> {
        match &self.request {
            Request::SetMuted { .. } => Some(Command::ToggleMute),
            Request::Execute { command } if !matches!(command, Command::SendDtmf { .. }) => Some(command.clone()),
            Request::Execute { .. } | Request::SendDtmf { .. } => {
                let key = self.keys.pop_front()?;
                self.pressed = self.pressed.saturating_add(1);
                Some(Command::SendDtmf { digit: key })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_is_what_the_code_does() {
        let wire = |text: &str| Command::parse(text).unwrap().unwrap();
        let commands = [
            wire(r#"{"message":"conectar"}"#),
            wire(r#"{"message":"desconectar"}"#),
            wire(r#"{"message":"chamaNumero","numero":4000}"#),
            wire(r#"{"message":"answer"}"#),
            wire(r#"{"message":"hangup"}"#),
            wire(r#"{"message":"enviaDTMF","dtmf":1}"#),
            wire(r#"{"message":"mute"}"#),
            wire(r#"{"message":"transferir","numeroTelefone":4000}"#),
            wire(r#"{"message":"transferirConsulta","numeroTelefone":4000}"#),
            wire(r#"{"message":"recStart"}"#),
            wire(r#"{"message":"recStop"}"#),
            wire(r#"{"message":"pausarNaFila"}"#),
            wire(r#"{"message":"despausarNaFila"}"#),
            wire(r#"{"message":"entrarNaFila","filaId":1}"#),
            wire(r#"{"message":"sairDaFila","filaId":1}"#),
        ];
        let mut table =
            String::from("| command | posted once the page is | waits for its event |\n| --- | --- | --- |\n");
        for command in commands {
            let name = command.name();
            let mut job = Job::new(Request::Execute { command });
            job.call = Some(1);
            let opens = match job.opens() {
                Opens::Loaded => "loaded",
                Opens::Alive => "alive",
                Opens::Ready => "ready",
            };
            let wait = job.wait_ms(&SessionConfig::default());
            let wait = wait.map_or_else(|| "never: `Sent`".to_owned(), |ms| format!("{} s", ms / 1000));
            table += &format!("| `{name}` | {opens} | {wait} |\n");
        }
        crate::session::assert_documented("Commands", &table);
    }

    #[test]
    fn hanging_up_waits_for_nothing_without_a_call() {
        let job = Job::new(Request::Execute { command: Command::HangUp });
        assert_eq!(job.wait_ms(&SessionConfig::default()), None);
    }
}
