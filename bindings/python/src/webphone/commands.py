"""What a phone can be asked for, as data: a closed set of fifteen messages. The verbs of a session are the short way.

outcome = await phone.execute(commands.JoinQueue(47))

A wrong number, key or queue is an `InvalidError`, before anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._types import PhoneNumber

__all__ = [
    "Answer",
    "BlindTransfer",
    "Call",
    "Command",
    "Connect",
    "ConsultTransfer",
    "Disconnect",
    "HangUp",
    "JoinQueue",
    "LeaveQueue",
    "PauseInQueue",
    "ResumeInQueue",
    "SendDtmf",
    "StartRecording",
    "StopRecording",
    "ToggleMute",
    "parse",
]


@dataclass(frozen=True, slots=True)
class Connect:
    """`conectar`: takes the line. The phone also does so by itself when it opens."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """`desconectar`: leaves the line; the phone makes and takes no more calls."""


@dataclass(frozen=True, slots=True, init=False)
class _ToNumber:
    number: PhoneNumber

    def __init__(self, number: PhoneNumber | int | str) -> None:
        object.__setattr__(self, "number", as_number(number))


@dataclass(frozen=True, slots=True, init=False)
class Call(_ToNumber):
    """`chamaNumero`: calls a `number` (`numero`), an extension or area code and number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`answer`: takes the incoming call."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """`hangup`: ends the call."""


@dataclass(frozen=True, slots=True)
class SendDtmf:
    """`enviaDTMF`: presses one key."""

    digit: str
    """The key (`dtmf`): `0` to `9`, `*` or `#`. It is checked when it is used."""


@dataclass(frozen=True, slots=True)
class ToggleMute:
    """`mute`: switches the microphone from on to off or from off to on; the phone does not say which."""


@dataclass(frozen=True, slots=True, init=False)
class BlindTransfer(_ToNumber):
    """`transferir`: hands the call over to a `number` (`numeroTelefone`), and ends it here."""


@dataclass(frozen=True, slots=True, init=False)
class ConsultTransfer(_ToNumber):
    """`transferirConsulta`: calls a `number` (`numeroTelefone`) first; hanging up then connects the two."""


@dataclass(frozen=True, slots=True)
class StartRecording:
    """`recStart`: starts to record the call."""


@dataclass(frozen=True, slots=True)
class StopRecording:
    """`recStop`: stops recording the call."""


@dataclass(frozen=True, slots=True, init=False)
class _InQueue:
    queue: str

    def __init__(self, queue: int | str) -> None:
        object.__setattr__(self, "queue", as_queue(queue))


@dataclass(frozen=True, slots=True, init=False)
class _InQueues:
    queue: str | None

    def __init__(self, queue: int | str | None = None) -> None:
        object.__setattr__(self, "queue", None if queue is None else as_queue(queue))


@dataclass(frozen=True, slots=True, init=False)
class PauseInQueue(_InQueues):
    """`pausarNaFila`: takes no calls from a `queue` (`filaId`) for a while; None: from all queues."""


@dataclass(frozen=True, slots=True, init=False)
class ResumeInQueue(_InQueues):
    """`despausarNaFila`: takes calls from a `queue` (`filaId`) again; None: from all queues."""


@dataclass(frozen=True, slots=True, init=False)
class JoinQueue(_InQueue):
    """`entrarNaFila`: becomes a member of a `queue` (`filaId`)."""


@dataclass(frozen=True, slots=True, init=False)
class LeaveQueue(_InQueue):
    """`sairDaFila`: leaves a `queue` (`filaId`)."""


Command = (
    Connect
    | Disconnect
    | Call
    | Answer
    | HangUp
    | SendDtmf
    | ToggleMute
    | BlindTransfer
    | ConsultTransfer
    | StartRecording
    | StopRecording
    | PauseInQueue
    | ResumeInQueue
    | JoinQueue
    | LeaveQueue
)
"""A command to the phone, as one message."""


def parse(text: str) -> Command | None:
    """Reads what a page posts to a phone: for programs that stand in for one.

    Args:
        text: The message as JSON: an object, or its text; numbers and ids as numbers or text.

    Returns:
        The command; None when the message is none.

    Raises:
        InvalidError: It is a command with a `field` (`numero`, `numeroTelefone`, `dtmf`, `filaId`) that can't be used.
    """
    from ._session import convert  # It loads the generated module.

    return convert.parse_command(text)


def as_number(number: PhoneNumber | int | str) -> PhoneNumber:
    """A number to dial; an extension may come as an integer.

    Raises:
        InvalidError: It can't be dialled.
    """
    if isinstance(number, PhoneNumber):
        return number
    # A bool is an integer too, and no number.
    return PhoneNumber(str(number) if type(number) is int else number)  # type: ignore[arg-type]


def as_queue(queue: int | str) -> str:
    """A queue's id as text. It is checked when it is used: 1 to 64 characters, none of them a control character."""
    if isinstance(queue, (int, str)) and not isinstance(queue, bool):
        return str(queue)
    raise TypeError(f"a queue's id is an integer or a string, not {type(queue).__name__}")
