"""Fetch the webphone of a TotalVoice/Zenvia extension.

>>> import webphone
>>> with webphone.Client("token") as client:  # doctest: +SKIP
...     url = client.fetch(webphone.Extension.number(4000), type=webphone.PhoneType.HIDDEN)
...     print(url)
<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import _exit
from ._client import AsyncClient, Client
from ._errors import (
    BusyError,
    ClosedError,
    InternalError,
    InvalidError,
    NotTriedError,
    RateLimitedError,
    RefusedError,
    UnauthorizedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
    UnsupportedError,
    WebphoneError,
    WorkCancelledError,
)
from ._types import (
    AnswerProblem,
    ApiFailure,
    ApiReason,
    BaseUrl,
    BatchProgress,
    BatchResult,
    Extension,
    FieldProblem,
    OtherReason,
    PhoneNumber,
    PhoneType,
    UnreachableCause,
    UrlRequest,
)
from ._url import WebphoneUrl

__all__ = [
    "AnswerProblem",
    "ApiFailure",
    "ApiReason",
    "AsyncBatchRun",
    "AsyncClient",
    "BaseUrl",
    "BatchProgress",
    "BatchResult",
    "BatchRun",
    "BusyError",
    "Client",
    "ClosedError",
    "Extension",
    "FieldProblem",
    "InternalError",
    "InvalidError",
    "NotTriedError",
    "OtherReason",
    "PhoneNumber",
    "PhoneType",
    "Proxy",
    "RateLimitedError",
    "RefusedError",
    "RequestLog",
    "SimulatedExtension",
    "SimulatedRateLimit",
    "SimulatedRequest",
    "Simulator",
    "TokenCheck",
    "UnauthorizedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnreachableCause",
    "UnreachableError",
    "UnsupportedError",
    "UrlRequest",
    "WebphoneError",
    "WebphoneUrl",
    "WorkCancelledError",
    "disable_logging",
    "enable_logging",
]

_exit.install()

# Where they are found: in tracebacks, in pickles, in documentation.
for _name in __all__:
    if _name in globals():
        globals()[_name].__module__ = __name__
del _name

# They are loaded when they are asked for: they load the generated module, which a client and its fetches do without.
if TYPE_CHECKING:
    from ._batch import AsyncBatchRun, BatchRun
    from ._log import disable_logging, enable_logging
    from ._proxy import Proxy
    from ._simulator import (
        RequestLog,
        SimulatedExtension,
        SimulatedRateLimit,
        SimulatedRequest,
        Simulator,
        TokenCheck,
    )

_LATER = {
    "_batch": ("AsyncBatchRun", "BatchRun"),
    "_log": ("disable_logging", "enable_logging"),
    "_proxy": ("Proxy",),
    "_simulator": (
        "RequestLog",
        "SimulatedExtension",
        "SimulatedRateLimit",
        "SimulatedRequest",
        "Simulator",
        "TokenCheck",
    ),
}


def __getattr__(name: str) -> object:
    for module, names in _LATER.items():
        if name in names:
            loaded = import_module(f"{__name__}.{module}")
            for each in names:
                value = globals()[each] = getattr(loaded, each)
                value.__module__ = __name__
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
