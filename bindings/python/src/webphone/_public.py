"""What is public: which module of this package has each name that is found in `webphone`.

Nothing of it is loaded before it is asked for: a program pays for what it uses. Most of it loads the generated module,
which a client and its fetches do without.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, Final

MODULES: Final = ("causes", "commands", "events", "faults", "inputs", "reports", "scripts")
"""Modules that are public as such."""

HOMES: Final = {
    "_batch": ("AsyncBatchRun", "BatchRun"),
    "_client": ("AsyncClient", "Client"),
    "_errors": (
        "BusyError",
        "ClosedError",
        "InternalError",
        "InvalidError",
        "NotTriedError",
        "RateLimitedError",
        "RefusedError",
        "UnauthorizedError",
        "UnavailableError",
        "UnexpectedAnswerError",
        "UnreachableError",
        "UnsupportedError",
        "WebphoneError",
        "WorkCancelledError",
    ),
    "_log": ("disable_logging", "enable_logging"),
    "_proxy": ("Proxy",),
    "_session.clock": ("Clock",),
    "_session.errors": (
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
    "_session.outcomes": ("Confirmed", "Outcome", "Sent", "Unchanged", "Unconfirmed"),
    "_session.phone": ("SimulatedLeg", "SimulatedPhone", "SimulatedPhoneState", "SimulatedQueue"),
    "_session.replayed": ("OutgoingText", "ReplayedStep", "Settlement", "replay"),
    "_session.sessions": ("BlockingSession", "Session", "SessionConfig"),
    "_session.states": (
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
    "_session.updates": ("Updates",),
    "_simulator": (
        "RequestLog",
        "SimulatedExtension",
        "SimulatedRateLimit",
        "SimulatedRequest",
        "Simulator",
        "TokenCheck",
    ),
    "_types": (
        "AnswerProblem",
        "ApiFailure",
        "ApiReason",
        "BaseUrl",
        "BatchProgress",
        "BatchResult",
        "Extension",
        "FieldProblem",
        "OtherReason",
        "PhoneNumber",
        "PhoneType",
        "UnreachableCause",
        "UrlRequest",
    ),
    "_url": ("WebphoneUrl",),
    "causes": ("Cause",),
    "commands": ("Command",),
    "events": ("Event",),
    "reports": ("PageReport",),
}
"""The names of each module that are public in `webphone` itself."""

_home_of = {name: home for home, names in HOMES.items() for name in names} | {name: name for name in MODULES}


def names() -> list[str]:
    """All of them."""
    return sorted(_home_of)


def home(name: str) -> str | None:
    """The module that has a name."""
    return _home_of.get(name)


def publish(namespace: dict[str, Any]) -> None:
    """Names what a module has for the public after the place where it is found: in tracebacks, pickles, documentation.

    Args:
        namespace: The module's.
    """
    package, _, module = namespace["__name__"].partition(".")
    for name in HOMES[module]:
        # A union has no place of its own.
        if isinstance(namespace[name], (type, FunctionType)):
            namespace[name].__module__ = package
