"""The world around a simulated phone, as data: what becomes of the calls that it makes, and what goes wrong.

phone.add_script(scripts.Script(scripts.Busy()))
phone.add_fault(scripts.PhoneFault.DUPLICATE)

Without a script the number decides. It speaks for any number that ends so:

0001  the other side answers at once
0002  busy: `chamando`, `chamada_id`, and `encerrada` after 0.5 s
0003  it rings and is never answered
0004  refused: `status_erro` and nothing else
0005  as any other, but all that the phone says of it comes 12 s late
0006  as any other, but the phone says nothing when it is hung up
any other  `chamando`, `chamada_id`, and `conversando` after 1 s

All times are time spans or seconds, 0 to 24 hours.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["Answer", "Answers", "Busy", "Never", "PhoneFault", "Refused", "Script"]


@dataclass(frozen=True, slots=True)
class Answers:
    """The other side answers."""

    after: timedelta | float = 1
    """After so long."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Its line is busy: `chamando`, `chamada_id`, then `encerrada`."""

    after: timedelta | float = 0.5
    """How long it is tried."""


@dataclass(frozen=True, slots=True)
class Never:
    """It rings until somebody hangs up, or the other side is made to answer."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The phone can't set up the call, and says nothing but `status_erro`."""

    status_erro: str = "Não foi possível completar a chamada"
    """The phone's words, 1 to 128 characters."""


Answer = Answers | Busy | Never | Refused
"""Whether and when the other side of a call answers."""


@dataclass(frozen=True, slots=True)
class Script:
    """What becomes of a call that a simulated phone makes."""

    answer: Answer = field(default_factory=Answers)
    """Whether and when the other side answers."""
    hangs_up_after: timedelta | float | None = None
    """The other side hangs up so long after it answered; None: it does not."""
    lag: timedelta | float = 0
    """How late all comes that the phone says of the call."""
    silent_hang_up: bool = False
    """Whether the phone says nothing when it hangs the call up."""


class PhoneFault(enum.Enum):
    """What goes wrong with one thing that a simulated phone says."""

    SILENT = "silent"
    """It is not said."""
    DUPLICATE = "duplicate"
    """It is said twice."""
    REORDERED = "reordered"
    """It is said after the thing that follows it."""
    UNKNOWN_EVENT = "unknown_event"
    """A message that nobody knows is said before it."""
    BROKEN_PAYLOAD = "broken_payload"
    """It is said with a value of the wrong type in every field."""
    CRASH = "crash"
    """The page crashes instead."""
