"""A clock that a test moves by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from webphone import _convert
from webphone._core import native
from webphone._errors import InvalidError
from webphone._public import publish

from .states import Moment

_START = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Clock:
    """A clock that stands still until it is moved: a day of sessions passes in no time.

    Args:
        start: What it shows at first, aware of its time zone.
    """

    def __init__(self, start: datetime = _START) -> None:
        if start.tzinfo is None:
            raise InvalidError("start", "has no time zone")
        self._native: native.Clock = native.Clock.simulated(round(start.timestamp() * 1000))

    @classmethod
    def _of(cls, clock: native.Clock) -> Clock:
        made = object.__new__(cls)
        made._native = clock
        return made

    def now(self) -> Moment:
        """What it shows."""
        moment = self._native.now()
        return Moment(moment.mono_ms, moment.unix_ms)

    def advance(self, ms: int | timedelta) -> None:
        """Moves it on, and returns when all that was due until then has happened: each at its time, in order.

        Whoever awaits something is woken, but not waited for.

        Args:
            ms: A number of milliseconds or a time span, 0 or more.

        Raises:
            InvalidError: `ms` is negative.
            BusyError: Somebody else is moving the clock.
            ClosedError: In a forked child.
        """
        span = ms if isinstance(ms, timedelta) else timedelta(milliseconds=ms)
        try:
            self._native.advance(_convert.milliseconds(span, "ms"))
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None


publish(globals())
