"""Input that may be slow: rows as they come, with a word whenever there is none yet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, Queue
from typing import TypeVar

T = TypeVar("T")

_PAUSE = 0.05
"""Seconds without anything new after which a consumer is told so."""
_AHEAD = 1024
"""How much is read ahead, at most."""


def as_they_come(items: Iterator[T]) -> Iterator[T | None]:
    """The items, and None whenever there has been no other for a moment.

    They are taken by a thread of their own, which may block, and which nobody waits for at the end.
    """
    queue: Queue[tuple[T] | BaseException | None] = Queue(_AHEAD)

    def take() -> None:
        try:
            for item in items:
                queue.put((item,))
            queue.put(None)
        except BaseException as failure:  # noqa: BLE001 (the consumer gets it)
            queue.put(failure)

    threading.Thread(target=take, name="webphone-input", daemon=True).start()
    while True:
        try:
            found = queue.get(timeout=_PAUSE)
        except Empty:
            yield None
            continue
        if isinstance(found, BaseException):
            raise found
        if found is None:
            return
        yield found[0]
