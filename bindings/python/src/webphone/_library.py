"""The native library itself: what every program needs of it, in plain calls with texts.

The generated module has all that the library has, and takes longer to load than everything else before a first fetch:
it is loaded (`_core`) by what needs it. Both use the same library and the same objects of it.
"""

from __future__ import annotations

import ctypes
import sys
from os.path import dirname, join
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ._errors import WebphoneError

_LAYOUT: Final = 2
"""That of the table of functions, on both sides."""


class _Answer(ctypes.Structure):
    """Room for what a function leaves."""

    if TYPE_CHECKING:
        number: int
        text: bytes
    else:
        _fields_ = (("number", ctypes.c_uint64), ("text", ctypes.c_char_p))


_answer = ctypes.POINTER(_Answer)
_function = ctypes.CFUNCTYPE(ctypes.c_int8, ctypes.c_uint64, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64, _answer)
# Those that don't wait, and never want the interpreter's lock from elsewhere, keep it.
_take_back_function = ctypes.PYFUNCTYPE(None, _answer)
_use_capsules_function = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
_own_function = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_uint64, ctypes.c_void_p)


class _Functions(ctypes.Structure):
    """The table of functions; the library says what each does."""

    _fields_ = (
        ("layout", ctypes.c_int64),
        ("client", _function),
        ("fetch", _function),
        ("wait", _function),
        ("cancel", _function),
        ("shut_down", _function),
        ("push", _function),
        ("results", _function),
        ("wait_results", _function),
        ("cancel_results", _function),
        ("phone_number", _function),
        ("url", _function),
        ("prepare_exit", _function),
        ("cancel_unclaimed", _function),
        ("take_back", _take_back_function),
        ("use_capsules", _use_capsules_function),
        ("own", _own_function),
    )


def _load() -> ctypes.CDLL:
    if sys.platform == "win32":
        name = "webphone.dll"
    elif sys.platform == "darwin":
        name = "libwebphone.dylib"
    else:
        name = "libwebphone.so"
    return ctypes.CDLL(join(dirname(__file__), "_native", name))  # noqa: PTH118, PTH120 - `pathlib` is a heavy import


def _table(library: ctypes.CDLL) -> Any:
    where = library.uniffi_webphone_fn_func_direct_functions
    where.restype = ctypes.c_int64
    # Room for a status that tells of nothing: this can't fail.
    table = _Functions.from_address(where(ctypes.create_string_buffer(64)))
    if table.layout != _LAYOUT:
        raise ImportError("the native library is not the one of this version of the package: install it again")
    return table


_library = _load()
_functions: Any = _table(_library)
_take_back = _functions.take_back
_own = _functions.own

_capsules = (ctypes.c_void_p * 4)(
    *(
        ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
        for name in ("PyCapsule_New", "PyCapsule_GetPointer", "PyCapsule_SetContext", "PyCapsule_GetContext")
    )
)
_functions.use_capsules(_capsules)

_PENDING: Final = 1
_FAILED: Final = 2


class Handle(int):
    """The number of an object of the core's, which is freed with it.

    A capsule does that, in C. A finalizer in Python would swallow the Ctrl-C that strikes in it; and in a reference
    cycle it would free what other finalizers of that cycle may still use.
    """

    _owner: object


def freeing(kind: str) -> int:
    """The address of the function that frees the objects of a kind: a class's name in lower case."""
    return ctypes.cast(getattr(_library, f"uniffi_webphone_fn_free_{kind}"), ctypes.c_void_p).value or 0


def own(number: int, free: int) -> Handle:
    """A handle that nobody else frees, and the address of what does that, as one that frees itself."""
    handle = Handle(number)
    handle._owner = _own(number, free)  # noqa: SLF001 - its maker
    return handle


_free_client = freeing("client")


def _text(answer: _Answer) -> str:
    text = answer.text.decode()
    _take_back(answer)
    return text


def _error(answer: _Answer) -> WebphoneError:
    from . import _convert  # It loads the generated module.

    return _convert.error_of(_text(answer))


def _given(function: Any, object: int = 0, text: str = "", ms: int = 0) -> _Answer:  # noqa: A002 - as the core calls it
    data = text.encode()
    answer = _Answer()
    if function(object, data, len(data), ms, answer) == _FAILED:
        raise _error(answer)
    return answer


def client(settings: str, proxy: int) -> Handle:
    """A client from its settings as JSON and its proxy's handle, or 0."""
    return own(_given(_functions.client, proxy, settings).number, _free_client)


def shut_down(client: int) -> None:
    """Ends a client."""
    _given(_functions.shut_down, client)


def phone_number(written: str) -> str:
    """A telephone number as it is dialled."""
    return _text(_given(_functions.phone_number, text=written))


def url(text: str, otherwise: str) -> list[str]:
    """What is known of a webphone URL: its type, origin, expiry in Unix milliseconds or nothing, and its public text.

    Args:
        text: The URL.
        otherwise: The type's word where the URL names none.
    """
    return _text(_given(_functions.url, text=f"{otherwise}\n{text}")).split("\n")


def prepare_exit(ms: int) -> None:
    """Lets everybody out of blocking calls and nobody in, and frees nothing any more."""
    _given(_functions.prepare_exit, ms=ms)


def cancel_unclaimed() -> None:
    """Cancels the work that this thread began last, if nobody waited for it."""
    _given(_functions.cancel_unclaimed)


class _Work:
    """A kind of work that is waited for: how it is begun, waited on with, cancelled and freed."""

    def __init__(self, start: Any, wait: Any, cancel: Any, free: int) -> None:
        self.start, self.wait, self.cancel, self.free = start, wait, cancel, free


_FETCH: Final = _Work(_functions.fetch, _functions.wait, _functions.cancel, freeing("fetchoperation"))
_RESULTS: Final = _Work(
    _functions.results, _functions.wait_results, _functions.cancel_results, freeing("batchtextoperation")
)


class _Operation:
    """Work that goes on."""

    __slots__ = ("_handle", "_work")

    def __init__(self, work: _Work, handle: Handle) -> None:
        self._work = work
        self._handle = handle

    def wait_for(self, ms: int) -> str | None:
        answer = _Answer()
        if self._work.wait(self._handle, None, 0, ms, answer) == _FAILED:
            raise _error(answer)
        return _text(answer) if answer.text else None

    def cancel(self) -> None:
        _given(self._work.cancel, self._handle)


class _Started:
    """What became of work within its first slice, as the generated code has it."""

    __slots__ = ("operation", "value")

    def __init__(self, value: str | None, operation: _Operation | None) -> None:
        self.value = value
        self.operation = operation

    def is_DONE(self) -> bool:  # noqa: N802 - as the generated code has it
        return self.operation is None


def _start(work: _Work, object: int, data: bytes | None, length: int, ms: int) -> _Started:  # noqa: A002 - as the core
    answer = _Answer()
    code = work.start(object, data, length, ms, answer)
    if code == _FAILED:
        raise _error(answer)
    if code == _PENDING:
        return _Started(None, _Operation(work, own(answer.number, work.free)))
    return _Started(_text(answer), None)


def start_fetch(client: int, request: str, ms: int) -> _Started:
    """Fetches for up to so many milliseconds, with a request as JSON."""
    data = request.encode()
    return _start(_FETCH, client, data, len(data), ms)


def push(batch: int, requests: str) -> int:
    """Adds requests, a JSON array, to a batch; how many more it likes to have."""
    return _given(_functions.push, batch, requests).number


def start_results(batch: int, ms: int) -> _Started:
    """The next results of a batch, waited for up to so many milliseconds, as the text that the core describes."""
    return _start(_RESULTS, batch, None, 0, ms)
