"""When the core's objects are freed: after everything that may still call them.

The generated classes free their handle in `__del__`. When the garbage collector takes a cycle apart it runs all
finalizers first, in any order: a `with` block in a forgotten coroutine, say, could call an object whose handle is freed
already, and break the process's memory. So what is finalized while the collector runs is freed when it is done.
"""

from __future__ import annotations

import ctypes
import gc
from typing import TYPE_CHECKING, Any, Literal

from ._core import native

if TYPE_CHECKING:
    from collections.abc import Callable

    Free = Callable[[int, object], None]
    Fields = dict[str, int]

# Written to when freeing panics, and never read: nobody could do anything about it.
_status = ctypes.byref(vars(native)["_UniffiRustCallStatus"].default())


class _Collector:
    """The garbage collector, as far as it matters here."""

    running = False
    waiting: list[tuple[Free, Fields]] = []  # noqa: RUF012 - there is one of it, and no instance
    leaving = False


def _free(free: Free, fields: Fields, status: object = _status) -> None:
    handle = fields.pop("_handle", None)
    if handle is not None:
        free(handle, status)


# What a finalizer needs is bound as a default: at exit a module's names may be gone before the last object is.
def _finalizer(free: Free) -> Callable[[Any], None]:
    def finalize(
        self: Any,
        free: Free = free,
        collector: type[_Collector] = _Collector,
        free_now: Callable[[Free, Fields], None] = _free,
    ) -> None:
        if collector.running:
            collector.waiting.append((free, vars(self)))
        elif not collector.leaving:
            free_now(free, vars(self))

    return finalize


def _collected(phase: Literal["start", "stop"], _info: object) -> None:
    _Collector.running = phase == "start"
    while not (_Collector.running or _Collector.leaving) and _Collector.waiting:
        _free(*_Collector.waiting.pop())


def install() -> None:
    """Has each generated class free its handle that way."""
    library = vars(native)["_UniffiLib"]
    for cls in list(vars(native).values()):
        if isinstance(cls, type) and "__del__" in vars(cls) and "_uniffi_clone_handle" in vars(cls):
            free = getattr(library, f"uniffi_webphone_fn_free_{cls.__name__.lower()}")
            cls.__del__ = _finalizer(free)  # type: ignore[attr-defined]
    gc.callbacks.append(_collected)


def keep_all() -> None:
    """From now on nothing is freed: the memory goes with the process."""
    _Collector.leaving = True
