"""The picture of a session at one moment. What nobody reported is unknown in it, never guessed."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from webphone._public import publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from webphone.causes import Cause

_EPOCH = datetime.fromtimestamp(0, timezone.utc)
_EARLIEST = datetime(1, 1, 1, tzinfo=timezone.utc)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


@dataclass(frozen=True, order=True)
class Moment:
    """A moment, by both clocks."""

    mono_ms: int
    """Monotonic time in milliseconds, from any start; what all waits and durations are made of."""
    unix_ms: int
    """The wall clock in Unix milliseconds, for records; it may be adjusted."""

    @property
    def utc(self) -> datetime:
        """The wall clock, in UTC."""
        return utc(self.unix_ms)


def utc(unix_ms: int) -> datetime:
    """Unix milliseconds as a time in UTC; the nearest one that Python's calendar holds."""
    try:
        return _EPOCH + timedelta(milliseconds=unix_ms)
    except OverflowError:
        return _LATEST if unix_ms > 0 else _EARLIEST


@dataclass(frozen=True)
class CallNumber:
    """A number that the phone named, or that was dialled."""

    raw: str
    """As it came: `(79) 91234-5678`."""
    digits: str
    """Its digits, `*` and `#` alone: `79912345678`. Compare numbers by these."""

    def __str__(self) -> str:
        return self.raw


class CallOrigin(enum.Enum):
    """Who began a call."""

    COMMAND = "command"
    """A `call` of this session."""
    PAGE = "page"
    """The page itself: its URL (`ligar_para`), or its user on the phone's own keys."""
    INCOMING = "incoming"
    """Somebody who calls in."""


class CallPhase(enum.Enum):
    """How far a call got."""

    DIALLING = "dialling"
    """It was dialled; the phone has not said that it calls."""
    CALLING = "calling"
    """The other side is being called (`chamando`)."""
    RINGING = "ringing"
    """It comes in and waits for an answer (`chegandoChamada`)."""
    TALKING = "talking"
    """The two sides talk (`conversando`)."""


class EndReason(enum.Enum):
    """Why a call ended."""

    ENDED = "ended"
    """The phone said that it ended (`encerrada`): either side hung up, or nobody answered."""
    MISSED = "missed"
    """An incoming call ended before it was answered."""
    DECLINED = "declined"
    """An incoming call was hung up before it was answered."""
    REJECTED = "rejected"
    """The phone refused it (`status_erro`)."""
    REPLACED = "replaced"
    """Another call took its place."""
    PAGE_LOST = "page_lost"
    """The page was lost."""
    UNKNOWN = "unknown"
    """Nobody said."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """The end of a call."""

    at: Moment
    """When."""
    reason: EndReason
    """Why."""
    status_erro: str | None
    """The phone's own words, when it refused the call."""


@dataclass(frozen=True, slots=True)
class Consultation:
    """A consultation: the caller waits while a third party is asked. Hanging up then connects the two.

    That the phone's events concern this leg while it is open is an assumption; the vendor does not document it.
    """

    number: CallNumber
    """The third party."""
    phase: CallPhase
    """How far the leg got: dialling, calling or talking."""
    call_id: str | None
    """The leg's own id."""


@dataclass(frozen=True)
class Call:
    """One call, going on or ended. What nobody reported is None.

    It is a picture that does not change, but its times run on: `ring_time`, `talk_time` and `elapsed()` go up to now
    until that part of the call is over.
    """

    serial: int
    """The session's own number for it: 1, 2, 3, …."""
    origin: CallOrigin
    """Who began it."""
    phase: CallPhase
    """How far it got."""
    doubtful: bool
    """Whether it may be over already, or may never have begun: a call that did not end when it was hung up, or of which
    nothing was heard. It never stands in the way of another `call`."""
    number: CallNumber | None
    """The other side: the number that was dialled (`numero`), or the caller's (`numeroChegando`)."""
    called: CallNumber | None
    """Which number an incoming call was made to (`numeroDestino`)."""
    call_id: str | None
    """The phone's id for it (`chamada_id`, `chamadaRecebidaId`), for look-ups by the API or its webhooks."""
    consultation: Consultation | None
    """The call to a third party that a consultative transfer began (`transferirConsulta`)."""
    began: Moment
    """When it was dialled, began to ring, or was first heard of."""
    calling: Moment | None
    """When the other side was first reported to be called (`chamando`)."""
    talking: Moment | None
    """When the talk began (`conversando`)."""
    end: CallEnd | None
    """How it ended; None while it goes on."""
    now: Callable[[], int] | None = field(default=None, compare=False, repr=False, kw_only=True)
    """Its session's monotonic milliseconds now; None: the wall clock has to do, as for a call that was pickled."""

    @property
    def ring_time(self) -> timedelta:
        """How long it rang, or rings so far: from its beginning until the talk or the end."""
        return self._since(self.began, self.talking or self._ended)

    @property
    def talk_time(self) -> timedelta | None:
        """How long the two sides talked, or talk so far; None if they did not."""
        return None if self.talking is None else self._since(self.talking, self._ended)

    def elapsed(self) -> timedelta:
        """How long it lasted, or lasts so far: from its beginning until its end or now, so that a label can tick."""
        return self._since(self.began, self._ended)

    @property
    def _ended(self) -> Moment | None:
        return None if self.end is None else self.end.at

    def _since(self, start: Moment, until: Moment | None) -> timedelta:
        if until is not None:
            ms = until.mono_ms - start.mono_ms
        elif self.now is not None:
            ms = self.now() - start.mono_ms
        else:
            ms = time.time_ns() // 1_000_000 - start.unix_ms
        return timedelta(milliseconds=max(ms, 0))

    def __reduce__(self) -> tuple[type[Call], tuple[object, ...]]:
        return Call, tuple(getattr(self, name) for name in Call.__match_args__)


class PagePhase(enum.Enum):
    """How far a page is."""

    LOADING = "loading"
    """It loads."""
    LOADED = "loaded"
    """It has loaded; the phone in it has not spoken."""
    ALIVE = "alive"
    """The phone lives in it."""
    READY = "ready"
    """The phone can make calls."""
    LOST = "lost"
    """It is gone; what it still says is ignored until a new one loads."""


class AliveBy(enum.Enum):
    """How it is known that a page is alive."""

    MESSAGE = "message"
    """The phone spoke."""
    SILENCE = "silence"
    """It loaded, nobody reported a failure, and it stayed silent: an assumption. Nothing is `Sent` on its strength."""


class Line(enum.Enum):
    """Whether the phone has its line."""

    UNKNOWN = "unknown"
    """The phone did not say, or a command may have changed it."""
    CONNECTED = "connected"
    """It has (`conectado`)."""
    DISCONNECTED = "disconnected"
    """It has not (`desconectado`): it makes and takes no calls."""


class Mute(enum.Enum):
    """The microphone. The phone never says whether it is muted."""

    UNKNOWN = "unknown"
    """It can't be known; also when there is no call."""
    ASSUMED_MUTED = "assumed_muted"
    """By what was posted it should be muted."""
    ASSUMED_UNMUTED = "assumed_unmuted"
    """By what was posted it should be open."""


class Recording(enum.Enum):
    """The partial recording of a call. The phone never says whether it records."""

    UNKNOWN = "unknown"
    """It can't be known."""
    ASSUMED_ON = "assumed_on"
    """By what was posted it should be on."""
    ASSUMED_OFF = "assumed_off"
    """By what was posted it should be off; so is every new call's."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page that holds the phone."""

    phase: PagePhase
    """How far it is."""
    alive_by: AliveBy | None
    """How it came to life; None before."""
    generation: int
    """Which load of the page this is: 1, 2, 3, …; each loss begins a new one."""
    failed: bool
    """Whether the host reported that the phone's document failed to load."""
    renewal_due: bool
    """Whether the URL expires soon, or has expired."""


@dataclass(frozen=True)
class Queue:
    """A queue (*fila*), as far as the phone told."""

    id: str
    """Its id (`filaId`)."""
    member: bool | None
    """Whether the extension is a member; None: unknown."""
    paused: bool | None
    """Whether the extension pauses in it; None: unknown."""


@dataclass(frozen=True, slots=True)
class PhoneError:
    """An error that the phone reported (`status_erro`)."""

    status_erro: str
    """The phone's own words, 1 to 128 characters."""
    at: Moment
    """When it came."""


@dataclass(frozen=True)
class Snapshot:
    """A session at one moment; it never changes."""

    page: Page
    """The page that holds the phone."""
    line: Line
    """Whether the phone has its line."""
    call: Call | None
    """The current call; None when there is none."""
    ringing: Call | None
    """An incoming call that rings, beside the current one or alone."""
    mute: Mute
    """The microphone in the current call."""
    recording: Recording
    """The recording of the current call."""
    queues: tuple[Queue, ...]
    """Every queue that was ever named, by id."""
    last_error: PhoneError | None
    """The last error that was about no call being set up."""
    unexpected_events: int
    """Events so far that did not fit into what was known."""
    broken_events: int
    """Events so far with a field that can't be used."""
    shut_down: bool
    """Whether the session was closed."""


@dataclass(frozen=True)
class Update:
    """Something happened: why, and what the session looks like now."""

    number: int
    """Its number, 1, 2, 3, … without gaps."""
    at: Moment
    """When."""
    cause: Cause
    """Why it comes."""
    state: Snapshot
    """The session after it. Several updates of one moment carry the same picture."""


publish(globals())
