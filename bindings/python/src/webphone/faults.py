"""What can go wrong with an answer of the simulated API, as data: see `Simulator.add_fault`.

simulator.add_fault(faults.Fail(503), times=1)
simulator.add_fault(faults.Delay(0.5), extension=4001)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = [
    "Answer",
    "Cut",
    "Delay",
    "Drip",
    "Endless",
    "Fail",
    "Fault",
    "Garbage",
    "Oversized",
    "Refuse",
    "Reset",
]


@dataclass(frozen=True, slots=True)
class Delay:
    """The right answer, late."""

    seconds: float
    """How late, in seconds, 0 to 3,600."""


@dataclass(frozen=True, slots=True)
class Drip:
    """The right answer from its first byte on in small pieces, then the connection closes."""

    chunk_bytes: int
    """The size of a piece in bytes, 1 to 65,536."""
    pause: float
    """The pause before each further piece, in seconds, 0 to 3,600."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The right answer breaks off: its `Content-Length` promises all of the body, then the connection closes."""

    body_bytes: int
    """How many bytes of the body are sent, 0 or more; never the whole."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (TCP RST) instead of an answer."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """A connection is closed without an answer: a new one before anything is read, if this fault is the next."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are not HTTP, then the connection closes."""


@dataclass(frozen=True, slots=True)
class Oversized:
    """HTTP 200 with a body of this size, sent as fast as the other side reads."""

    claimed_bytes: int
    """The size in bytes that `Content-Length` claims, 1 or more."""


@dataclass(frozen=True, slots=True)
class Endless:
    """HTTP 200 with a chunked body that never ends."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The API's own envelope of failure with this status, such as 429, 500 or 401."""

    http_status: int
    """The HTTP status, 400 to 599. `motivo` is the one that the vendor documents for it, else `null`."""
    retry_after: float | None = None
    """When to come back (`Retry-After`), in seconds, 0 or more, rounded up to whole ones; none: it does not say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Any other answer, given in full: an empty body, HTML, UTF-16, a redirect, an envelope without `sucesso`."""

    http_status: int
    """The HTTP status, 200 to 999."""
    body: bytes | str = b""
    """The body; a text is sent in UTF-8."""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    """The headers; without a `Content-Type` among them it is `application/json`. `Content-Length`, `Transfer-Encoding`
    and `Connection` are not accepted: they belong to the connection."""


Fault = Delay | Drip | Cut | Reset | Refuse | Garbage | Oversized | Endless | Fail | Answer
"""Every fault that there is."""
