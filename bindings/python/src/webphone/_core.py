"""The generated module, loaded and fitted in: what needs it takes it from here, and is itself loaded when it is needed.

To load it takes longer than all the rest of a program's start; a client and its fetches (`_library`) do without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _wake
from ._generated import native
from ._library import Handle, freeing, own

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["native"]


def _keeping(free: int) -> Callable[[Any, str, Any], None]:
    def keep(self: Any, name: str, value: Any) -> None:
        if name == "_handle" and type(value) is not Handle:
            value = own(value, free)
        object.__setattr__(self, name, value)

    return keep


def _free_by_handle() -> None:
    """Has the handles of the generated classes free themselves, instead of finalizers."""
    for cls in list(vars(native).values()):
        if isinstance(cls, type) and "_uniffi_clone_handle" in vars(cls) and "__del__" in vars(cls):
            cls.__setattr__ = _keeping(freeing(cls.__name__.lower()))  # type: ignore[assignment]
            del cls.__del__  # type: ignore[attr-defined]


_free_by_handle()
_wake.install()
