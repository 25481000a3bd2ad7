"""Batches: the caller's iterable goes in by chunks while results come out, one by one and in order."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterable
from time import monotonic
from typing import TYPE_CHECKING, Final

from . import _convert, _exit, _library, _requests, _url, _waiting
from ._core import native
from ._errors import BusyError, ClosedError
from ._public import publish
from ._types import BatchProgress, BatchResult, Extension, PhoneNumber, PhoneType, UrlRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from types import TracebackType

    from typing_extensions import Self

_CHUNK: Final = 64
"""Requests that are pushed at a time: a crossing costs more than a request."""
_MANY: Final = 256
"""Results that are awaited at a time, at most."""
_PATIENCE: Final = 0.005
"""Seconds that a chunk may take to fill: what a slow input gave so far is not held back."""


def start(client: native.Client, concurrency: int, rate: float | None, patience: timedelta | float) -> native.Batch:
    """A batch of the core's.

    Raises:
        InvalidError: An option is wrong.
        ClosedError: The client is closed.
    """
    options = _convert.lower_batch_options(concurrency=concurrency, rate=rate, rate_limit_patience=patience)
    try:
        return client.batch(options)
    except _convert.FAULTS as fault:
        raise _convert.error(fault) from None


class Defaults:
    """What is asked for the extensions of an input that come without a request."""

    def __init__(self, kind: PhoneType, call_on_open: PhoneNumber | str | None, close_at_end: bool) -> None:
        # Made once with any extension, so that a wrong one is found before the batch begins.
        checked = UrlRequest(Extension.number(0), kind, call_on_open, close_at_end)
        self._rest = (checked.type, checked.call_on_open, checked.close_at_end)

    def request(self, item: Extension | UrlRequest) -> UrlRequest:
        """The whole request for an item of the input."""
        return item if isinstance(item, UrlRequest) else UrlRequest(item, *self._rest)


class _Line:
    """What stands in line at the core: the requests that were pushed, until their results come."""

    def __init__(self, batch: native.Batch, defaults: Defaults) -> None:
        self.batch = batch
        self.wanted = _CHUNK
        """How many more requests the core likes to have."""
        self.finished = False
        """Whether the input has ended."""
        self.handle: int = vars(batch)["_handle"]
        """The batch, for calls past the generated code: what happens with each chunk."""
        self._request = defaults.request
        self._asked: deque[UrlRequest] = deque()

    def push(self, items: list[Extension | UrlRequest]) -> None:
        requests = [self._request(item) for item in items]
        self.wanted = _library.push(self.handle, _requests.lower_all(requests))
        self._asked.extend(requests)

    def finish(self) -> None:
        self.batch.finish()
        self.finished = True
        self.wanted = 0

    def step(self, text: str) -> _Step:
        """What the core says in a text, each result with its request."""
        told, *lines = text.split("\n")
        pushed, fetched, failed, pauses, wanted, over = map(int, told.split(" "))
        if not self.finished:
            self.wanted = wanted
        return _Step(
            # No line is empty: a URL is not, and an error is an object in JSON.
            [
                BatchResult(request, None, _convert.error_of(line))
                if line[0] == "{"
                else BatchResult(request, _url.made(line, request.type), None)
                for line, request in zip(lines, map(self._next_asked, lines), strict=True)
            ],
            (pushed, fetched, failed, pauses),
            over == 1,
        )

    def _next_asked(self, _line: str) -> UrlRequest:
        return self._asked.popleft()


class _Step:
    """Some results, and how far the batch is."""

    __slots__ = ("over", "progress", "results")

    def __init__(self, results: list[BatchResult], progress: tuple[int, int, int, int], over: bool) -> None:
        self.results = results
        self.progress = progress
        self.over = over


class _Run:
    """What both kinds of batches are."""

    def __init__(
        self, batch: native.Batch, defaults: Defaults, on_progress: Callable[[BatchProgress], None] | None
    ) -> None:
        self._batch = batch
        self._line = _Line(batch, defaults)
        self._ready: deque[BatchResult] = deque()
        self._over = False
        self._on_progress = on_progress
        self._told: BatchProgress | None = None

    @property
    def progress(self) -> BatchProgress:
        """How far the batch is.

        Raises:
            ClosedError: In a forked child.
        """
        try:
            return _convert.progress(self._batch.progress())
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None

    def close(self) -> None:
        """Stops what is under way. Unread results are lost; whoever waits for one gets `WorkCancelledError`."""
        self._batch.cancel()
        self._ready.clear()

    def _poll(self) -> _Step | None:
        """Results that are there now, if any."""
        try:
            started = _library.start_results(self._line.handle, 0)
        except ClosedError:
            _exit.linger()
            raise
        if started.operation is not None:
            # At once, since the next read would find this one still waiting.
            started.operation.cancel()
            return None
        step = self._line.step(started.value or "")
        return step if step.results else None

    def _take(self, step: _Step) -> None:
        """Takes in a step."""
        self._ready.extend(step.results)
        self._over = step.over
        if self._on_progress is not None:
            self._tell(BatchProgress(*step.progress))

    def _tell(self, progress: BatchProgress) -> None:
        if self._on_progress is not None and progress != self._told:
            self._told = progress
            self._on_progress(progress)


class _PlainInput:
    """A plain iterable, pulled in chunks: small ones while it is slow, so that what it gave goes out at once."""

    def __init__(self, line: _Line, items: Iterable[Extension | UrlRequest]) -> None:
        self._line = line
        self._items = iter(items)
        self._size = 1

    def feed(self) -> bool:
        """Pushes what the batch wants to have; False when the input is slow, and there may be results meanwhile."""
        line = self._line
        while line.wanted > 0:
            room = min(line.wanted, self._size)
            chunk: list[Extension | UrlRequest] = []
            until = monotonic() + _PATIENCE
            slow = False
            for item in self._items:
                chunk.append(item)
                slow = monotonic() > until
                if slow or len(chunk) >= room:
                    break
            else:
                line.push(chunk)
                line.finish()
                return True
            line.push(chunk)
            if slow:
                self._size = 1
                return False
            self._size = min(2 * self._size, _CHUNK)
        return True


class BatchRun(_Run):
    """A running batch: an iterator over its results, and a context manager that ends it.

    Dropping it, leaving its `with` block, or an exception in between (Ctrl-C) stops what is under way.
    """

    def __init__(
        self,
        batch: native.Batch,
        extensions: Iterable[Extension | UrlRequest],
        defaults: Defaults,
        on_progress: Callable[[BatchProgress], None] | None,
    ) -> None:
        super().__init__(batch, defaults, on_progress)
        self._input = _PlainInput(self._line, extensions)
        self._reading = threading.Lock()
        self._meanwhile = None if on_progress is None else self._tell_now

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> BatchResult:
        """The next result, as soon as it is there.

        Raises:
            WorkCancelledError: The batch was closed.
            BusyError: Another thread is waiting for the next result.
            ClosedError: In a forked child; when the client is closed, each result holds it.
        """
        if not self._ready:
            self._read()
        return self._ready.popleft()

    def _read(self) -> None:
        """Waits for results; there is one at least."""
        if not self._reading.acquire(blocking=False):
            raise BusyError
        try:
            while not self._ready:
                if self._over:
                    raise StopIteration
                self._take(self._step())
        except StopIteration:
            raise
        except BaseException:
            self.close()
            raise
        finally:
            self._reading.release()

    def _step(self) -> _Step:
        while not self._input.feed():
            if (step := self._poll()) is not None:
                return step
        return self._line.step(_waiting.wait(_library.start_results, self._line.handle, self._meanwhile))

    def _tell_now(self) -> None:
        self._tell(self.progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _AsyncInput:
    """An asynchronous iterable, pulled by a task of its own. It does not know who reads, and so keeps nobody alive."""

    def __init__(self, line: _Line, items: AsyncIterable[Extension | UrlRequest]) -> None:
        self._line = line
        self._items = aiter(items)
        self._chunk: list[Extension | UrlRequest] = []
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.news = asyncio.Event()
        """Set when something was pushed, or the input has ended one way or the other."""
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begins, in the running loop. Twice is fine."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._pull())

    def stop(self) -> None:
        """Ends the pulling. From any thread, and also when the loop is closed."""
        if self._task is not None and not self._task.done():
            with contextlib.suppress(RuntimeError):
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def refresh(self) -> None:
        """There may be room again."""
        if self._line.wanted > 0:
            self._room.set()

    async def _pull(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async for item in self._items:
                self._chunk.append(item)
                if len(self._chunk) == 1:
                    # Runs when the input waits for something, so that nothing is held back meanwhile.
                    loop.call_soon(self._flush)
                elif len(self._chunk) >= _CHUNK:
                    self._flush()
                while self._line.wanted <= 0 and self.failure is None:
                    self._room.clear()
                    await self._room.wait()
                if self.failure is not None:
                    return
            self._flush()
            self._line.finish()
        except Exception as failure:  # noqa: BLE001 - the reader gets it
            self._fail(failure)
        self.news.set()

    def _flush(self) -> None:
        chunk, self._chunk = self._chunk, []
        if chunk and self.failure is None:
            try:
                self._line.push(chunk)
            except Exception as failure:  # noqa: BLE001 - as above
                self._fail(failure)
        self.news.set()

    def _fail(self, failure: Exception) -> None:
        self.failure = failure
        # Whoever reads is waiting for results: now it looks here.
        self._line.batch.cancel()


class AsyncBatchRun(_Run):
    """A running batch: an asynchronous iterator over its results, and an asynchronous context manager that ends it.

    Dropping it, leaving its `async with` block, cancelling the task that waits for a result, or another exception in
    between stops what is under way.
    """

    def __init__(
        self,
        batch: native.Batch,
        extensions: Iterable[Extension | UrlRequest] | AsyncIterable[Extension | UrlRequest],
        defaults: Defaults,
        on_progress: Callable[[BatchProgress], None] | None,
    ) -> None:
        super().__init__(batch, defaults, on_progress)
        self._reading = False
        self._input: _PlainInput | _AsyncInput
        if isinstance(extensions, AsyncIterable):
            self._input = _AsyncInput(self._line, extensions)
        else:
            self._input = _PlainInput(self._line, extensions)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> BatchResult:
        """The next result, as soon as it is there.

        Raises:
            WorkCancelledError: The batch was closed.
            BusyError: Another task is waiting for the next result.
            ClosedError: In a forked child; when the client is closed, each result holds it.
        """
        if not self._ready:
            await self._read()
        return self._ready.popleft()

    async def _read(self) -> None:
        """Waits for results; there is one at least."""
        if self._reading:
            raise BusyError
        self._reading = True
        try:
            while not self._ready:
                if self._over:
                    raise StopAsyncIteration
                self._take(await self._step())
        except StopAsyncIteration:
            raise
        except BaseException:
            # What a cancelled step had taken out would be missing.
            self.close()
            raise
        finally:
            self._reading = False

    async def _step(self) -> _Step:
        source = self._input
        try:
            if isinstance(source, _PlainInput):
                while not source.feed():
                    if (step := self._poll()) is not None:
                        return step
                    # The others of this loop have their turn, since the input took its time.
                    await asyncio.sleep(0)
                return self._line.step(await self._batch.next_results_text(_MANY))
            source.start()
            while True:
                source.news.clear()
                step = self._line.step(await self._batch.next_results_text(_MANY))
                if step.results or step.over:
                    return step
                # Nothing is under way.
                source.refresh()
                await source.news.wait()
        except _convert.FAULTS as fault:
            failure = source.failure if isinstance(source, _AsyncInput) else None
            raise failure or _convert.error(fault) from None

    def _take(self, step: _Step) -> None:
        super()._take(step)
        if isinstance(self._input, _AsyncInput):
            self._input.refresh()

    def close(self) -> None:
        """Stops what is under way. Unread results are lost; whoever waits for one gets `WorkCancelledError`."""
        super().close()
        if isinstance(self._input, _AsyncInput):
            self._input.stop()

    def __del__(self) -> None:
        source = getattr(self, "_input", None)
        if isinstance(source, _AsyncInput):
            source.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


publish(globals())
