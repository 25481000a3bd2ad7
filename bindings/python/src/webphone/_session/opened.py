"""The core's session with what is around it in Python."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal

from webphone import _convert, _waiting
from webphone._core import native

from . import convert

if TYPE_CHECKING:
    from webphone._url import WebphoneUrl

    from .sessions import SessionConfig

_ONE_SECOND_MS: Final = 1000


_carrying: Final[set[asyncio.Task[None]]] = set()
"""Loops hold their tasks weakly, and a session that was dropped has a last text for its page."""


class Carrier:
    """Who carries a session's texts to the page from within an event loop. Nobody may wait there for the phone."""

    def __init__(self) -> None:
        # None before it was started.
        self._loop: asyncio.AbstractEventLoop | None = None

    def is_here(self) -> bool:
        """Whether it does so in the event loop of this thread."""
        try:
            return self._loop is asyncio.get_running_loop()
        except RuntimeError:
            return False

    def start(self) -> None:
        """Starts, in the loop that runs. Twice is fine."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()

    async def stop(self) -> None:
        """Stops, and waits for that in the loop in which it started; the session is closed already."""


class TaskCarrier(Carrier):
    """Carries in a task that ends by itself, after the session."""

    def __init__(self) -> None:
        super().__init__()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts, in the loop that runs. Twice is fine."""
        if self._task is None:
            super().start()
            self._task = asyncio.create_task(self._carry())
            _carrying.add(self._task)
            self._task.add_done_callback(_carrying.discard)

    async def stop(self) -> None:
        """Waits for the end of the task in the loop in which it started; the session is closed already."""
        task = self._task
        if task is not None and self.is_here() and task is not asyncio.current_task():
            await asyncio.wait([task])

    async def _carry(self) -> None:
        raise NotImplementedError


class OpenedSession:
    """The core's session with what is around it, shared by the session and its blocking face. Dropping it ends it."""

    def __init__(
        self,
        url: WebphoneUrl | None,
        config: SessionConfig,
        record: Literal["plain", "masked"] | None,
        clock: native.Clock | None,
    ) -> None:
        post_timeout_ms = _convert.milliseconds(config.post_timeout, "post_timeout")
        # The transport's watch reports in any case: the core's own, which takes silence for success, comes later.
        settings = convert.lower_config(config, record, post_timeout_ms + _ONE_SECOND_MS)
        with convert.public_errors():
            self.native = native.Session.open(settings, None if url is None else convert.lower_url(url), clock)
        self.post_timeout = post_timeout_ms / 1000
        self.now = convert.now_of(clock)
        self.carrier: Carrier | None = None
        self.wait: _waiting.Wait = _waiting.wait
        """How a thread waits for the core."""

    def __del__(self) -> None:
        opened = getattr(self, "native", None)
        if opened is not None:
            opened.shut_down()
