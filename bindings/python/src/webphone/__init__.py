"""Fetch the webphone of a TotalVoice/Zenvia extension.

>>> import webphone
>>> with webphone.Client("token") as client:  # doctest: +SKIP
...     url = client.fetch(webphone.Extension.number(4000), type=webphone.PhoneType.HIDDEN)
...     print(url)
<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

# Loaded when they are asked for: they load the generated module, which a client and its fetches do without.
if TYPE_CHECKING:
    from . import causes, commands, events, faults, inputs, reports, scripts
    from ._batch import AsyncBatchRun, BatchRun
    from ._log import disable_logging, enable_logging
    from ._proxy import Proxy
    from ._session.clock import Clock
    from ._session.errors import (
        CallInProgressError,
        CommandCancelledError,
        DialsOnOpenError,
        MuteUnknownError,
        NoCallError,
        NotReadyError,
        NotReadyReason,
        PageLostError,
        Posted,
        RejectedError,
        SessionClosedError,
    )
    from ._session.outcomes import Confirmed, Outcome, Sent, Unchanged, Unconfirmed
    from ._session.phone import SimulatedLeg, SimulatedPhone, SimulatedPhoneState, SimulatedQueue
    from ._session.replayed import OutgoingText, ReplayedStep, Settlement, replay
    from ._session.sessions import BlockingSession, Session, SessionConfig
    from ._session.states import (
        AliveBy,
        Call,
        CallEnd,
        CallNumber,
        CallOrigin,
        CallPhase,
        Consultation,
        EndReason,
        Line,
        Moment,
        Mute,
        Page,
        PagePhase,
        PhoneError,
        Queue,
        Recording,
        Snapshot,
        Update,
    )
    from ._session.updates import Updates
    from ._simulator import (
        RequestLog,
        SimulatedExtension,
        SimulatedRateLimit,
        SimulatedRequest,
        Simulator,
        TokenCheck,
    )
    from .causes import Cause
    from .commands import Command
    from .events import Event
    from .reports import PageReport

_LATER = {
    "._batch": ("AsyncBatchRun", "BatchRun"),
    "._log": ("disable_logging", "enable_logging"),
    "._proxy": ("Proxy",),
    "._session.clock": ("Clock",),
    "._session.errors": (
        "CallInProgressError",
        "CommandCancelledError",
        "DialsOnOpenError",
        "MuteUnknownError",
        "NoCallError",
        "NotReadyError",
        "NotReadyReason",
        "PageLostError",
        "Posted",
        "RejectedError",
        "SessionClosedError",
    ),
    "._session.outcomes": ("Confirmed", "Outcome", "Sent", "Unchanged", "Unconfirmed"),
    "._session.phone": ("SimulatedLeg", "SimulatedPhone", "SimulatedPhoneState", "SimulatedQueue"),
    "._session.replayed": ("OutgoingText", "ReplayedStep", "Settlement", "replay"),
    "._session.sessions": ("BlockingSession", "Session", "SessionConfig"),
    "._session.states": (
        "AliveBy",
        "Call",
        "CallEnd",
        "CallNumber",
        "CallOrigin",
        "CallPhase",
        "Consultation",
        "EndReason",
        "Line",
        "Moment",
        "Mute",
        "Page",
        "PagePhase",
        "PhoneError",
        "Queue",
        "Recording",
        "Snapshot",
        "Update",
    ),
    "._session.updates": ("Updates",),
    "._simulator": (
        "RequestLog",
        "SimulatedExtension",
        "SimulatedRateLimit",
        "SimulatedRequest",
        "Simulator",
        "TokenCheck",
    ),
    ".causes": ("Cause",),
    ".commands": ("Command",),
    ".events": ("Event",),
    ".reports": ("PageReport",),
}
_MODULES = ("causes", "commands", "events", "faults", "inputs", "reports", "scripts")
_HOMES = {name: home for home, names in _LATER.items() for name in names} | {name: f".{name}" for name in _MODULES}

__all__ += [
    "AliveBy",
    "BlockingSession",
    "Call",
    "CallEnd",
    "CallInProgressError",
    "CallNumber",
    "CallOrigin",
    "CallPhase",
    "Cause",
    "Clock",
    "Command",
    "CommandCancelledError",
    "Confirmed",
    "Consultation",
    "DialsOnOpenError",
    "EndReason",
    "Event",
    "Line",
    "Moment",
    "Mute",
    "MuteUnknownError",
    "NoCallError",
    "NotReadyError",
    "NotReadyReason",
    "Outcome",
    "OutgoingText",
    "Page",
    "PageLostError",
    "PagePhase",
    "PageReport",
    "PhoneError",
    "Posted",
    "Queue",
    "Recording",
    "RejectedError",
    "ReplayedStep",
    "Sent",
    "Session",
    "SessionClosedError",
    "SessionConfig",
    "Settlement",
    "SimulatedLeg",
    "SimulatedPhone",
    "SimulatedPhoneState",
    "SimulatedQueue",
    "Snapshot",
    "Unchanged",
    "Unconfirmed",
    "Update",
    "Updates",
    "causes",
    "commands",
    "events",
    "faults",
    "inputs",
    "replay",
    "reports",
    "scripts",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(home, __name__)
    value: Any = module if name in _MODULES else getattr(module, name)
    if getattr(value, "__module__", "").startswith(f"{__name__}._"):
        value.__module__ = __name__
    globals()[name] = value
    return value
