"""How texts get to the page: one at a time, in order, each reported on to the session.

A transport that raises, or that takes too long, has not posted its text: the session hears so, and one record in the
log says so, with nothing of the text.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from typing import TYPE_CHECKING, Any, Final

from webphone import _convert

from .opened import Carrier

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from webphone._core import native

    Post = Callable[[str], Awaitable[object] | object]

_log: Final = logging.getLogger("webphone.session")
_LONG_MS: Final = 60_000


def _say_failed(text: native.OutgoingText, error: BaseException) -> None:
    # Of the exception only its kind: its words may hold the text, and so a telephone number.
    _log.warning("text %d was not posted: the transport raised %s", text.n, type(error).__name__)


def _say_late(text: native.OutgoingText, seconds: float) -> None:
    _log.warning("text %d counts as not posted: the transport took more than %g s", text.n, seconds)


class LoopPump(Carrier):
    """Posts in an event loop: an async function is awaited there, a plain one called."""

    def __init__(self, session: native.Session, post: Post, seconds: float) -> None:
        super().__init__()
        self._session = session
        self._post = post
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Starts to post in the loop that runs. Twice is fine."""
        if self._loop is None:
            super().start()
            self._task = asyncio.create_task(_post_in_loop(self._session, self._post, self._seconds))

    async def stop(self) -> None:
        """Stops posting, in the loop in which it started; the session is closed already."""
        task = self._task
        if task is None or not self.is_here() or task is asyncio.current_task():
            return
        task.cancel()
        await asyncio.wait([task])


async def _post_in_loop(session: native.Session, post: Post, seconds: float) -> None:
    while True:
        try:
            texts = await session.next_texts(1)
        except _convert.FAULTS:
            return  # The session is closed.
        for text in texts:
            try:
                answer = post(text.text)
                posted = not inspect.isawaitable(answer) or await _in_time(answer, text, seconds)
            except Exception as error:  # noqa: BLE001 - whatever it raises, the session goes on
                _say_failed(text, error)
                posted = False
            session.posted(text.n, posted)


async def _in_time(answer: Awaitable[object], text: native.OutgoingText, seconds: float) -> bool:
    """Whether a text was posted within its time."""
    posting = asyncio.ensure_future(answer)
    try:
        done, _ = await asyncio.wait([posting], timeout=seconds)
    except asyncio.CancelledError:
        posting.cancel()
        raise
    if not done:
        # Not waited for: it may resist.
        posting.cancel()
        _say_late(text, seconds)
        return False
    if posting.cancelled():
        _say_failed(text, asyncio.CancelledError())
        return False
    posting.result()
    return True


class ThreadPump:
    """Posts in a thread of its own, by a plain function that may block."""

    def __init__(self, session: native.Session, post: Post, seconds: float) -> None:
        if inspect.iscoroutinefunction(post):
            raise TypeError("an async function posts for a Session, in its event loop; this needs a plain one")
        run = threading.Thread(target=_post_in_thread, args=(session, post, seconds), name="webphone-post", daemon=True)
        run.start()


def _post_in_thread(session: native.Session, post: Post, seconds: float) -> None:
    try:
        while True:
            for text in _next_texts(session):
                _post_watched(session, post, seconds, text)
    except _convert.FAULTS:
        pass  # The session is closed, or the program is exiting.


def _next_texts(session: native.Session) -> list[native.OutgoingText]:
    started: Any = session.start_next_texts(1, _LONG_MS)
    texts: list[native.OutgoingText] | None = started.value if started.is_DONE() else None
    while texts is None:
        texts = started.operation.wait_for(_LONG_MS)
    return texts


def _post_watched(session: native.Session, post: Post, seconds: float, text: native.OutgoingText) -> None:
    # Whoever takes it reports: this thread, or the watch when the function takes too long.
    report = threading.Lock()

    def give_up() -> None:
        if report.acquire(blocking=False):
            _say_late(text, seconds)
            session.posted(text.n, False)

    watch = threading.Timer(seconds, give_up)
    watch.daemon = True
    watch.start()
    posted = True
    try:
        answer = post(text.text)
        if inspect.isawaitable(answer):
            raise TypeError("nobody awaits what the transport returned")
    except Exception as error:  # noqa: BLE001 - whatever it raises, the session goes on
        posted = False
        if not report.locked():
            _say_failed(text, error)
    watch.cancel()
    if report.acquire(blocking=False):
        session.posted(text.n, posted)
