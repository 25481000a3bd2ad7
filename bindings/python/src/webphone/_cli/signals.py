"""Ctrl-C and SIGTERM, so that they end a wait at once and never a write halfway."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TypeVar

T = TypeVar("T")

SIGPIPE = 13
"""The number of the signal of a broken pipe, also where the system has none."""

_CAUGHT = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """A signal asked the program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


class Interrupts:
    """While it is entered, signals end what `call` does; anything else is done to its end first.

    A second signal ends anything, such as a write into a pipe that nobody reads.
    """

    def __init__(self) -> None:
        self._received: int | None = None
        self._waiting = False

    def __enter__(self) -> Interrupts:
        # Also where the parent had them ignored, as shells do for what runs in the background.
        self._before = {number: signal.signal(number, self._on_signal) for number in _CAUGHT}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def call(self, work: Callable[[], T]) -> T:
        """Do something that may take its time.

        Raises:
            Interrupted: A signal came meanwhile, or since the last call.
        """
        self._waiting = True
        try:
            self.check()
            return work()
        finally:
            self._waiting = False

    def check(self) -> None:
        """Stop here if a signal came.

        Raises:
            Interrupted: One did.
        """
        if self._received is not None:
            raise Interrupted(self._received)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        again = self._received is not None
        self._received = number
        if self._waiting or again:
            raise Interrupted(number)
