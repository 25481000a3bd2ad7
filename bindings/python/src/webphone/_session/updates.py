"""`Updates`: what happens in a session, as an iterator of both kinds."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from webphone import _convert
from webphone._errors import BusyError, ClosedError
from webphone._public import publish

from . import convert, direct
from .states import Update

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

    from webphone import _waiting
    from webphone._core import native

_MANY: Final = 256
"""Updates that are pulled at a time, at most."""


class Updates:
    """A session's updates, from the moment on at which `updates()` was called: in order, and bounded.

    It is an iterator of both kinds: `async for`, and plain `for` in a thread that may wait (Ctrl-C ends that within
    100 ms). It ends with the session, after the update of the cause `ShutDown`, and follows no more once it is closed
    or dropped. Who reads too slowly loses the oldest; an update of the cause `Overflow` stands for those that were
    lost. One reader at a time: make one for each.
    """

    def __init__(self, followed: native.Updates, now: Callable[[], int], wait: _waiting.Wait) -> None:
        self._native: native.Updates | None = followed
        self._wait = wait
        self._pictures = convert.Pictures(now)
        self._ready: deque[Update] = deque()
        self._reading = threading.Lock()
        self._pid = os.getpid()

    def close(self) -> None:
        """Follows no more: a thread that waits here is at the end within 100 ms, a task with the next update.

        Twice is fine.
        """
        self._native = None
        self._ready.clear()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Update:
        """The next update, as soon as there is one.

        Raises:
            BusyError: Somebody else is waiting for the next update.
            ClosedError: In a forked child.
        """
        while not self._ready:
            followed = self._enter(StopIteration)
            try:
                written: str = direct.take_updates(followed, _MANY) or self._wait(
                    followed.start_next_json, _MANY, self._check
                )
            except ClosedError:
                self._end_here()
                raise StopIteration from None
            finally:
                self._reading.release()
            self._take(written)
        return self._ready.popleft()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Update:
        """The next update, as soon as there is one. Its errors are those of `__next__`."""
        while not self._ready:
            followed = self._enter(StopAsyncIteration)
            try:
                written = direct.take_updates(followed, _MANY) or await followed.next_json(_MANY)
            except _convert.FAULTS as fault:
                error = _convert.error(fault)
                if isinstance(error, ClosedError):
                    self._end_here()
                    raise StopAsyncIteration from None
                raise error from None
            finally:
                self._reading.release()
            self._take(written)
        return self._ready.popleft()

    def _end_here(self) -> None:
        """Its session has ended, unless that goes on in the process from which this one was forked."""
        if os.getpid() != self._pid:
            raise ClosedError
        self._native = None

    def _enter(self, end: type[Exception]) -> native.Updates:
        followed = self._native
        if followed is None:
            raise end
        if not self._reading.acquire(blocking=False):
            raise BusyError
        return followed

    def _check(self) -> None:
        if self._native is None:
            raise StopIteration

    def _take(self, written: str) -> None:
        if self._native is not None:
            self._ready.extend(self._pictures.updates_of(written))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


publish(globals())
