"""The way out of a program: nothing of the library disturbs the end of the interpreter."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING, Final

from . import _library

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_MS: Final = 250
"""For those who are inside a blocking call: they need moments. Nobody inside, no wait."""

_leaving = False
_before: list[Callable[[float], None]] = []


def before(end: Callable[[float], None]) -> None:
    """Has something ended before the library is; it is called with the seconds that it may take."""
    _before.append(end)


def _leave() -> None:
    global _leaving
    for end in _before:
        end(_LONGEST_MS / 1000)
    _leaving = True
    _library.prepare_exit(_LONGEST_MS)


def linger() -> None:
    """Keeps a daemon thread that was let out of a blocking call because the program exits from going on.

    The threads that are left when the gate shuts are daemons. They end with the interpreter anyway; the error that they
    came out with would only print a traceback into somebody's last lines.
    """
    if _leaving and threading.current_thread() is not threading.main_thread():
        never = threading.Lock()
        never.acquire()
        never.acquire()


def install() -> None:
    """Has the library leave before the interpreter does."""
    atexit.register(_leave)
