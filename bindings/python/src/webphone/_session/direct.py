"""What happens with every message of a phone, in one call of the core each: the generated code makes five."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final

from webphone._core import native

if TYPE_CHECKING:
    from collections.abc import Callable


class _Functions(ctypes.Structure):
    """The core's table of functions. None of them waits: they keep the interpreter's lock."""

    _fields_ = (
        ("receive", ctypes.PYFUNCTYPE(None, ctypes.c_uint64, ctypes.c_char_p, ctypes.c_int64)),
        ("take_updates", ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int32)),
        ("take_back", ctypes.PYFUNCTYPE(None, ctypes.c_void_p)),
    )


_functions: Any = _Functions.from_address(native.direct_session_functions())
_receive = _functions.receive
_take_updates = _functions.take_updates
_take_back = _functions.take_back
_read: Final[Callable[[int], bytes]] = ctypes.string_at


def receive(session: native.Session, text: str) -> None:
    """`session.receive(text)`; half a character, which JavaScript may send and is no text elsewhere, is replaced."""
    encoded = text.encode("utf-8", "replace")
    _receive(session._handle, encoded, len(encoded))  # noqa: SLF001 - as the generated code does


def take_updates(updates: native.Updates, most: int) -> str | None:
    """What `updates.next_json(most)` gives if it is there; None when it would wait, or fail."""
    taken = _take_updates(updates._handle, most)  # noqa: SLF001
    if not taken:
        return None
    try:
        return _read(taken).decode()
    finally:
        _take_back(taken)
