"""Fetch the webphone of a TotalVoice/Zenvia extension.

>>> import webphone
>>> with webphone.Client("token") as client:  # doctest: +SKIP
...     url = client.fetch(webphone.Extension.number(4000), type=webphone.PhoneType.HIDDEN)
...     print(url)
<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>
"""

from . import _exit, _wake
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

_wake.install()
_exit.install()

# Where they are found: in tracebacks, in pickles, in documentation.
for _name in __all__:
    globals()[_name].__module__ = __name__
del _name
