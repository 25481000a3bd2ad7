"""The core's log records in `logging`: a thread pulls them, and hands them to the loggers under `webphone`."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Final

from . import _convert, _exit
from ._core import native
from ._public import publish

TRACE: Final = 5
_MANY: Final = 256
_LONG_MS: Final = 60_000
_MOMENT: Final = 0.01


def enable_logging(level: int = logging.INFO) -> None:
    """Hands the library's log records to `logging`, under the logger `webphone` and its children (`webphone.api`).

    Off until called; calling it again changes the level. It stays on in forked children. No record of any level holds a
    token, a key or a signature. What is shown is up to the loggers: `logging.basicConfig(level=…)`, say.

    Args:
        level: A level of `logging`, such as `logging.DEBUG`; 5 for every step. Records below it are not even made.
    """
    global _reader
    if not isinstance(level, int):
        raise TypeError(f"a level is an integer such as logging.INFO, not {type(level).__name__}")
    with _lock:
        if logging.getLevelName(TRACE) == f"Level {TRACE}":
            logging.addLevelName(TRACE, "TRACE")
        _convert.collect_logs(level)
        if _reader is None:
            _reader = _Reader()


def disable_logging() -> None:
    """Ends what `enable_logging` began, once the records that are there are handed over. Twice is fine."""
    with _lock:
        _convert.collect_logs(None)
        stop(1)


def stop(seconds: float) -> None:
    """Ends the thread, if there is one; waits for that, but not longer than this."""
    global _reader
    reader, _reader = _reader, None
    if reader is not None:
        reader.stop(seconds)


class _Reader:
    """The thread that pulls, until it is told to stop."""

    def __init__(self) -> None:
        self._stopping = False
        self._operation: native.LogOperation | None = None
        self._thread = threading.Thread(target=self._run, name="webphone-log", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        self._stopping = True
        operation = self._operation
        if operation is not None:
            operation.cancel()
        # A handler may be what tells it to stop.
        if self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (records := self._next()) is not None:
                _hand_over(records)
        except native.WebphoneError.Closed:  # type: ignore[attr-defined]
            pass  # The program is exiting.

    def _next(self) -> native.LogRecords | None:
        """The next records; None when it was told to stop and there are no more."""
        while True:
            # Looked at before the records are: those that were there when it was told to stop are then seen.
            stopping = self._stopping
            try:
                started = native.start_next_log_records(_MANY, 0)
            except native.WebphoneError.Busy:  # type: ignore[attr-defined]
                # A reader before this one, which a slow handler has kept, is looking for the last time.
                if stopping:
                    return None
                time.sleep(_MOMENT)
                continue
            if isinstance(started, native.LogStarted.DONE):
                return started.value
            assert isinstance(started, native.LogStarted.PENDING)
            records = None if stopping else self._wait(started.operation)
            # Now and not when it is collected: the next reader would find it still waiting.
            started.operation.cancel()
            if stopping or records is not None:
                return records

    def _wait(self, operation: native.LogOperation) -> native.LogRecords | None:
        """Records as soon as there are any; None when it was told to stop meanwhile, or after a long time."""
        self._operation = operation
        try:
            # Whoever tells it to stop from here on finds the operation.
            return None if self._stopping else operation.wait_for(_LONG_MS)
        except native.WebphoneError.Cancelled:  # type: ignore[attr-defined]
            return None
        finally:
            self._operation = None


def _hand_over(records: native.LogRecords) -> None:
    if records.lost:
        logging.getLogger("webphone").warning(
            "%d older records were lost: they came faster than they were read", records.lost
        )
    for made in records.records:
        logger = logging.getLogger(made.target.replace("::", "."))
        level = _convert.logging_level(made.level)
        if logger.isEnabledFor(level):
            record = logger.makeRecord(logger.name, level, "webphone", 0, made.text, (), None)
            # The time at which it happened, not that at which it was read.
            seconds = made.unix_ms / 1000
            record.relativeCreated += (seconds - record.created) * 1000
            record.created = seconds
            record.msecs = made.unix_ms % 1000
            logger.handle(record)


def _start_again() -> None:
    """In a forked child, which has none of its parent's threads."""
    global _reader, _lock
    _lock = threading.Lock()
    if _reader is not None:
        _reader = _Reader()


_lock = threading.Lock()
_reader: _Reader | None = None
_exit.before(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_again)


publish(globals())
