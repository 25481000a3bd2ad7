"""A clock that a test moves by hand."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from webphone import _convert
from webphone._core import native
from webphone._errors import InvalidError

from . import publish
from .states import Moment

if TYPE_CHECKING:
    from datetime import timedelta

_START = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Clock:
    """A clock that stands still until it is moved: a day of sessions passes in no time.

    Args:
        start: What it shows at first, aware of its time zone.
    """

    def __init__(self, start: datetime = _START) -> None:
        if start.tzinfo is None:
            raise InvalidError("start", "has no time zone")
        self.native = native.Clock.simulated(round(start.timestamp() * 1000))

    def now(self) -> Moment:
        """What it shows."""
        moment = self.native.now()
        return Moment(moment.mono_ms, moment.unix_ms)

    def advance(self, span: timedelta | float) -> None:
        """Moves it on, and returns when all that was due until then has happened: each at its time, in order.

        Whoever awaits something is woken, but not waited for.

        Args:
            span: A time span or a number of seconds, 0 or more.

        Raises:
            InvalidError: The span is negative.
            BusyError: Somebody else is moving the clock.
            ClosedError: In a forked child.
        """
        try:
            self.native.advance(_convert.milliseconds(span, "span"))
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None


publish(globals())
