"""Why an update comes, as data.

match update.cause:
    case causes.Event(event=events.IncomingCall(caller=caller)):
        print("it rings:", caller)
    case causes.CallEnded(call=call):
        print("ended:", call.end, call.talk_time)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from . import events
    from ._session.states import Call
    from ._types import PhoneNumber
    from .reports import PageReport

__all__ = [
    "AutoDialled",
    "BrokenEvent",
    "CallEnded",
    "Cause",
    "Event",
    "MuteAssumed",
    "Overflow",
    "Page",
    "Posting",
    "RenewalDue",
    "Settled",
    "ShutDown",
    "TakenBack",
    "Time",
    "UrlChanged",
]


@dataclass(frozen=True, slots=True)
class Event:
    """The phone said something."""

    event: events.Event
    """What."""
    unexpected: bool
    """Whether it does not fit into what was known; it was applied as well as it can be."""


@dataclass(frozen=True, slots=True)
class BrokenEvent:
    """The phone said something that can't be used; nothing changed."""

    broken: events.BrokenEvent
    """What, and which field."""


@dataclass(frozen=True, slots=True)
class Page:
    """The host reported on the page."""

    report: PageReport
    """What."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A command's text was handed out for posting."""

    id: int
    """The command's number."""
    name: str
    """Its word on the wire: `chamaNumero`."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A command's text was not posted: what had been assumed of it was taken back."""

    id: int
    """The command's number."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A command ended."""

    id: int
    """The command's number."""
    code: str
    """The outcome's or error's word: `confirmed`, `unchanged`, `sent`, `unconfirmed`, `rejected`, …."""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call ended."""

    call: Call
    """The call as it was at its end."""


@dataclass(frozen=True, slots=True)
class MuteAssumed:
    """Somebody told whether the microphone is muted."""

    muted: bool
    """Whether it is."""


@dataclass(frozen=True, slots=True)
class UrlChanged:
    """The session works with another URL."""


@dataclass(frozen=True, slots=True)
class AutoDialled:
    """The page loaded again by itself, with a URL that makes the phone dial each time it loads: it dialled again."""

    number: PhoneNumber
    """The number."""


@dataclass(frozen=True, slots=True)
class RenewalDue:
    """The URL expires soon: fetch a new one, and load it when no call goes on."""

    expires_at: datetime
    """When it expires, in UTC."""


@dataclass(frozen=True, slots=True)
class Time:
    """A wait or grace ended."""


@dataclass(frozen=True, slots=True)
class ShutDown:
    """The session was closed. No further update comes."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """A follower was too slow: updates before this one were dropped for it."""

    lost: int
    """How many."""


Cause = (
    Event
    | BrokenEvent
    | Page
    | Posting
    | TakenBack
    | Settled
    | CallEnded
    | MuteAssumed
    | UrlChanged
    | AutoDialled
    | RenewalDue
    | Time
    | ShutDown
    | Overflow
)
"""Why an update comes."""
