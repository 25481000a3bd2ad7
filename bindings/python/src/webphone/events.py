"""What the phone says, as data: nine messages that are known, and an open end.

match event:
    case events.IncomingCall(caller=caller):
        print("it rings:", caller)
    case events.Unknown(name=name, payload=payload):
        print("something new:", name, payload)
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._session.states import CallNumber

__all__ = [
    "BrokenEvent",
    "CallError",
    "CallId",
    "CallStatus",
    "Event",
    "IncomingCall",
    "JoinedQueue",
    "LeftQueue",
    "OtherStatus",
    "PausedInQueue",
    "Quality",
    "ResumedInQueue",
    "Status",
    "Unknown",
]


class CallStatus(enum.Enum):
    """A value of the phone's `status` that is known. The set is open: see `OtherStatus`."""

    CONNECTED = "connected"
    """`conectado`: the phone has its line."""
    DISCONNECTED = "disconnected"
    """`desconectado`: the phone has no line."""
    CALLING = "calling"
    """`chamando`: the other side is being called."""
    TALKING = "talking"
    """`conversando`: the two sides talk."""
    ENDED = "ended"
    """`encerrada`: the call ended."""


@dataclass(frozen=True, slots=True)
class OtherStatus:
    """A value of the phone's `status` that this library does not know."""

    text: str
    """Its text, as sent."""


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """`chegandoChamada`: a call comes in."""

    caller: CallNumber | None
    """Who calls (`numeroChegando`); None when the phone does not say."""
    called: CallNumber | None
    """Which number was called (`numeroDestino`); None when the phone does not say."""
    call_id: str | None
    """The call's id (`chamadaRecebidaId`); None when the phone does not say."""


@dataclass(frozen=True, slots=True)
class Status:
    """`status`: the line or the call changed."""

    status: CallStatus | OtherStatus
    """To what."""


@dataclass(frozen=True, slots=True)
class CallId:
    """`chamada_id`: the id of a call that starts."""

    call_id: str | None
    """The id; None when the phone names none: missing, `null`, `false`, `0` or empty."""


@dataclass(frozen=True, slots=True)
class CallError:
    """`status_erro`: a call that is being set up failed, for good."""

    status_erro: str
    """The phone's own words, 1 to 128 characters."""


@dataclass(frozen=True, slots=True)
class Quality:
    """`stats_webphone`: the quality of network and computer, in shapes that the vendor does not document."""

    internet: str | None
    """About the network, such as ping and jitter: JSON text, compact, keys sorted; None if missing."""
    computer: str | None
    """About the computer (`computador`), such as its load: JSON text, compact, keys sorted; None if missing."""


@dataclass(frozen=True, slots=True)
class JoinedQueue:
    """`entrou_na_fila`: the extension joined a queue."""

    queue: str | None
    """Which one (`filaId`); None when the phone does not say."""


@dataclass(frozen=True, slots=True)
class LeftQueue:
    """`saiu_da_fila`: the extension left a queue."""

    queue: str | None
    """Which one (`filaId`); None when the phone does not say."""


@dataclass(frozen=True, slots=True)
class PausedInQueue:
    """`pausou_na_fila`: the extension takes no calls from a queue for a while."""

    queue: str | None
    """Which one (`filaId`); None when the phone does not say."""


@dataclass(frozen=True, slots=True)
class ResumedInQueue:
    """`despausou_na_fila`: the extension takes calls from a queue again."""

    queue: str | None
    """Which one (`filaId`); None when the phone does not say."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message that this library does not know."""

    name: str
    """Its name (`message`)."""
    payload: str
    """All its other fields: the JSON text of an object, compact, keys sorted."""


Event = (
    IncomingCall
    | Status
    | CallId
    | CallError
    | Quality
    | JoinedQueue
    | LeftQueue
    | PausedInQueue
    | ResumedInQueue
    | Unknown
)
"""A message of the phone."""


@dataclass(frozen=True, slots=True)
class BrokenEvent:
    """A message of the phone that is known, but holds a field that can't be used. The message was dropped."""

    name: str
    """The message's name (`message`)."""
    field: str
    """The field, as on the wire: `chamada_id`."""
    reason: str
    """Why it can't be used, as a sentence without its subject: `is not a whole number`."""
