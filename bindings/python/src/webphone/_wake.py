"""How a finished wait reaches its event loop, without a Rust thread ever calling the interpreter.

The generated code polls a Rust future with a callback and a number that stands for the waiting `asyncio` future. Here
its callback becomes the core's own, which queues the number and writes a byte to a socket that the loop listens on; and
its table of numbers becomes one that keeps such a queue for each loop.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import threading
import weakref
from typing import TYPE_CHECKING, Final

from ._generated import native

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

_addresses = native.wake_queue_functions()

# Those that don't wait keep the interpreter's lock: what they take inside is held for moments, by threads that never
# want it.
_open = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_int32)(_addresses.open)
_shut = ctypes.PYFUNCTYPE(None, ctypes.c_int64)(_addresses.shut)
_take_signature = (
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.POINTER(ctypes.c_uint64),
    ctypes.POINTER(ctypes.c_int8),
    ctypes.c_int64,
    ctypes.c_int64,
)
_take = ctypes.PYFUNCTYPE(*_take_signature)(_addresses.take)
_take_waiting = ctypes.CFUNCTYPE(*_take_signature)(_addresses.take)

_QUEUE_SHIFT: Final = 40
_NUMBERS: Final = (1 << _QUEUE_SHIFT) - 1
_ROOM: Final = 256


class _Waits:
    """The waits of one queue, by their numbers."""

    def __init__(self, queue: int) -> None:
        self._base = queue << _QUEUE_SHIFT
        self._last = 0
        # Weakly, since a future holds its loop, and nothing here may keep that alive. Who awaits holds the future.
        self._futures: dict[int, weakref.ref[asyncio.Future[int]]] = {}

    def add(self, future: asyncio.Future[int]) -> int:
        self._last = last = (self._last + 1) & _NUMBERS
        number = self._base | last
        self._futures[number] = weakref.ref(future)
        return number

    def pop(self, number: int) -> asyncio.Future[int] | None:
        """The future of a wait; None when nobody waits any more."""
        known = self._futures.pop(number, None)
        return None if known is None else known()


class _Wakes:
    """Room for the wakes that are taken out of a queue at a time."""

    def __init__(self, queue: int) -> None:
        self._queue = queue
        self._waits = (ctypes.c_uint64 * _ROOM)()
        self._codes = (ctypes.c_int8 * _ROOM)()

    def take(self) -> Iterator[tuple[int, int]]:
        """All that there are now."""
        count = _ROOM
        while count == _ROOM:
            count = _take(self._queue, self._waits, self._codes, _ROOM, 0)
            yield from self._out(count)

    def wait(self, ms: int) -> list[tuple[int, int]] | None:
        """Some, as soon as there are any; None when the queue is closed or the program is exiting."""
        count = _take_waiting(self._queue, self._waits, self._codes, _ROOM, ms)
        return None if count < 0 else [*self._out(count)]

    def _out(self, count: int) -> Iterator[tuple[int, int]]:
        return zip(self._waits[:count], self._codes[:count], strict=True) if count > 0 else iter(())


def _resolve(future: asyncio.Future[int], code: int) -> None:
    if not future.done():
        future.set_result(code)


class _LoopQueue:
    """The queue of a loop that can listen on a socket. The loop owns it, as its reader, and it goes with the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._pid = os.getpid()
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._number = _open(self._bell.fileno())
        if self._number < 0:
            raise NotImplementedError
        self._waits = _Waits(self._number)
        self._wakes = _Wakes(self._number)
        self.add = self._waits.add
        loop.add_reader(self._ear, self._hear)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._ear.recv(4096)
        for number, code in self._wakes.take():
            future = self._waits.pop(number)
            if future is not None:
                _resolve(future, code)

    # What it needs is bound here: at exit the module's names may be gone before it is.
    def __del__(self, shut: Callable[[int], None] = _shut, getpid: Callable[[], int] = os.getpid) -> None:
        # In a child that number is another queue's, or nobody's.
        if getattr(self, "_number", -1) >= 0 and getpid() == self._pid:
            shut(self._number)
        for end in (getattr(self, "_ear", None), getattr(self, "_bell", None)):
            if end is not None:
                end.close()


class _PulledQueue:
    """The queue of all loops that can't listen on a socket: a thread pulls it."""

    def __init__(self) -> None:
        self._number = _open(-1)
        self._waits = _Waits(self._number)
        self.add = self._waits.add
        threading.Thread(target=self._pull, name="webphone-wakes", daemon=True).start()

    def _pull(self) -> None:
        wakes = _Wakes(self._number)
        while (some := wakes.wait(60_000)) is not None:
            for number, code in some:
                future = self._waits.pop(number)
                if future is not None:
                    # An error: its loop is closed.
                    with contextlib.suppress(RuntimeError):
                        future.get_loop().call_soon_threadsafe(_resolve, future, code)


class _Queues:
    """Stands in for the generated module's table of waits: each goes to the queue of its loop."""

    def __init__(self) -> None:
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """Starts afresh: a child has none of its parent's queues."""
        self._of_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[_LoopQueue | _PulledQueue]] = (
            weakref.WeakKeyDictionary()
        )
        self._pulled: _PulledQueue | None = None
        self._lock = threading.Lock()

    def insert(self, waiting: tuple[asyncio.AbstractEventLoop, asyncio.Future[int]]) -> int:
        """The number for a wait: called by the generated code for every poll, in the loop's thread."""
        loop, future = waiting
        try:
            queue = self._of_loop[loop]()
        except KeyError:
            queue = None
        return (queue or self._open_for(loop)).add(future)

    def _open_for(self, loop: asyncio.AbstractEventLoop) -> _LoopQueue | _PulledQueue:
        queue: _LoopQueue | _PulledQueue
        try:
            queue = _LoopQueue(loop)
        except NotImplementedError:
            with self._lock:
                if self._pulled is None:
                    self._pulled = _PulledQueue()
                queue = self._pulled
        self._of_loop[loop] = weakref.ref(queue)
        return queue


def install() -> None:
    """Puts the core's continuation and these queues in the place of the generated module's own."""
    generated = vars(native)
    callback = generated["_UNIFFI_RUST_FUTURE_CONTINUATION_CALLBACK"]
    generated["_uniffi_continuation_callback"] = callback(_addresses.continuation)
    generated["_UniffiContinuationHandleMap"] = _Queues()
