"""What goes into a session, as data: what a replayed step (`replay`) began with.

match step.input:
    case inputs.PhoneMessage(text=text):
        print("the phone said", text)
    case inputs.Command(id=number, request=inputs.Execute(command=command)):
        print("command", number, command)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from . import commands
    from ._types import PhoneNumber
    from .reports import PageReport as Report

__all__ = [
    "AssumeMuted",
    "Cancel",
    "Command",
    "Execute",
    "Input",
    "PageReport",
    "PhoneMessage",
    "Posted",
    "Request",
    "SendDtmf",
    "SetMuted",
    "ShutDown",
    "Tick",
    "UrlChanged",
    "UrlFacts",
]


@dataclass(frozen=True, slots=True)
class Execute:
    """One command of the phone."""

    command: commands.Command
    """The command."""


@dataclass(frozen=True, slots=True)
class SendDtmf:
    """Presses keys one after the other, paced (`enviaDTMF`)."""

    keys: str
    """The keys: `0` to `9`, `*`, `#`."""


@dataclass(frozen=True, slots=True)
class SetMuted:
    """Mutes or unmutes the microphone: a toggle (`mute`), posted only if it is known to be needed."""

    muted: bool
    """Whether it shall be muted."""


Request = Execute | SendDtmf | SetMuted
"""What a caller asks for: a command of the phone as it stands, or one that the session makes of several."""


@dataclass(frozen=True, slots=True)
class UrlFacts:
    """What a session needs to know about a phone's URL; never the URL."""

    expires_at: datetime | None
    """When it expires (`expires`), in UTC; None when it does not."""
    call_on_open: PhoneNumber | None
    """The number that the phone dials each time it loads this URL (`ligar_para`)."""


@dataclass(frozen=True, slots=True)
class PhoneMessage:
    """Text came from the phone's window."""

    text: str
    """The message as JSON text."""


@dataclass(frozen=True, slots=True)
class PageReport:
    """The host reported on the page."""

    report: Report
    """What about it."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command was given."""

    id: int
    """The session's number for it."""
    request: Request
    """What to do."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """A command's caller waits no more."""

    id: int
    """The command's number."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The transport reported on a text that it was given."""

    n: int
    """The text's number."""
    ok: bool
    """Whether it was posted to the page."""


@dataclass(frozen=True, slots=True)
class AssumeMuted:
    """Somebody knows whether the microphone is muted."""

    muted: bool
    """Whether it is."""


@dataclass(frozen=True, slots=True)
class UrlChanged:
    """The URL that the page will load next, or has begun to load, is another one."""

    url: UrlFacts
    """What the session needs to know about it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed."""


@dataclass(frozen=True, slots=True)
class ShutDown:
    """The session was closed."""


Input = PhoneMessage | PageReport | Command | Cancel | Posted | AssumeMuted | UrlChanged | Tick | ShutDown
"""One thing that happened to a session."""
