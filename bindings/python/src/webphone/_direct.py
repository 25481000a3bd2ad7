"""A blocking fetch in one call of the core: the generated code makes five for it, which take longer than the fetch."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Final

from ._core import native

_RustBuffer = vars(native)["_UniffiRustBuffer"]
_lift_error = vars(native)["_UniffiFfiConverterTypeWebphoneError"].lift


class _Answer(ctypes.Structure):
    """`DirectAnswer` of the core."""

    if TYPE_CHECKING:
        handle: int
        error: object
    else:
        _fields_ = (("handle", ctypes.c_uint64), ("error", _RustBuffer))


_PENDING: Final = 1
_FAILED: Final = 2
_fetch = ctypes.CFUNCTYPE(
    ctypes.c_int8, ctypes.c_uint64, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64, ctypes.POINTER(_Answer)
)(native.direct_fetch_address())
_started = vars(native.FetchStarted)
_done, _pending = _started["DONE"], _started["PENDING"]
_url = vars(native.WebphoneUrl)["_uniffi_make_instance"].__get__(None, native.WebphoneUrl)
_operation = vars(native.FetchOperation)["_uniffi_make_instance"].__get__(None, native.FetchOperation)


def start_fetch(client: native.Client, request: str, ms: int) -> native.FetchStarted:
    """`client.start_fetch_json(request, ms)`."""
    text = request.encode()
    answer = _Answer()
    code = _fetch(client._handle, text, len(text), ms, answer)  # noqa: SLF001 - as the generated code does
    started: native.FetchStarted
    if code == _FAILED:
        raise _lift_error(answer.error)
    started = _pending(_operation(answer.handle)) if code == _PENDING else _done(_url(answer.handle))
    return started
