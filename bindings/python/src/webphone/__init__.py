"""Fetch the webphone of a TotalVoice/Zenvia extension.

>>> import webphone
>>> with webphone.Client("token") as client:  # doctest: +SKIP
...     url = client.fetch(webphone.Extension.number(4000), type=webphone.PhoneType.HIDDEN)
...     print(url)
<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>
"""

from typing import TYPE_CHECKING

from . import _exit, _handles, _wake
from ._batch import AsyncBatchRun, BatchRun
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
from ._log import disable_logging, enable_logging
from ._proxy import Proxy
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

_handles.install()
_wake.install()
_exit.install()

# Where they are found: in tracebacks, in pickles, in documentation.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name

# The simulator is for tests: who only fetches does not load it.
if TYPE_CHECKING:
    from ._simulator import (
        RequestLog,
        SimulatedExtension,
        SimulatedRateLimit,
        SimulatedRequest,
        Simulator,
        TokenCheck,
    )

__all__ += [
    "RequestLog",
    "SimulatedExtension",
    "SimulatedRateLimit",
    "SimulatedRequest",
    "Simulator",
    "TokenCheck",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _simulator

    value: object = getattr(_simulator, name)
    globals()[name] = value
    return value
