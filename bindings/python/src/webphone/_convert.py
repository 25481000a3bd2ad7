"""The one place where the generated module's types and the public ones become each other."""

from __future__ import annotations

import os
from datetime import timedelta
from math import ceil, isnan
from typing import TYPE_CHECKING, Any, Protocol

from . import _errors, _types, _url
from ._core import native

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._proxy import Proxy

FAULTS = (native.WebphoneError, native.InternalError)
"""What a call of the generated module raises: catch these, and raise `error(…)` of them."""

# The generated code writes its variants in a way that type checkers can't follow.
_native_base_urls: Any = native.BaseUrl
_native_errors = vars(native.WebphoneError)
_native_reasons = vars(native.ApiReason)
_native_problems = vars(native.AnswerProblem)

_types_in = {kind: native.PhoneType[kind.name] for kind in _types.PhoneType}
_types_out = {value: kind for kind, value in _types_in.items()}
_causes_in = {cause: native.UnreachableCause[cause.name] for cause in _types.UnreachableCause}
_causes_out = {value: cause for cause, value in _causes_in.items()}
_reasons_in = {reason: _native_reasons[reason.name] for reason in _types.ApiReason}
_reasons_out = {value: reason for reason, value in _reasons_in.items()}
_problems_in = {problem: _native_problems[problem.name] for problem in _types.AnswerProblem}
_problems_out = {value: problem for problem, value in _problems_in.items()}

# `logging` has no name for the first.
_levels_in = {
    5: native.LogLevel.TRACE,
    10: native.LogLevel.DEBUG,
    20: native.LogLevel.INFO,
    30: native.LogLevel.WARN,
    40: native.LogLevel.ERROR,
}
_levels_out = {level: number for number, level in _levels_in.items()}


# Values


def text(value: str, field: str) -> str:
    """A text that can cross: not every Python string is one."""
    if not isinstance(value, str):
        raise TypeError(f"{field} is a string, not {type(value).__name__}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _errors.InvalidError(field, "holds half a character (a lone surrogate)") from None
    return value


def milliseconds(value: timedelta | float, field: str) -> int:
    """A time span or a number of seconds, in milliseconds rounded up: no timeout becomes nothing."""
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value
    else:
        raise TypeError(f"{field} is a number of seconds or a timedelta, not {type(value).__name__}")
    if isnan(seconds):
        raise _errors.InvalidError(field, "is not a number")
    return ceil(round(_bounded(seconds * 1000, 1 << 53), 3))


def count(value: int, field: str) -> int:
    """A number that fits the core's, which has the say about its range."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{field} is an integer, not {type(value).__name__}")
    return int(_bounded(value, (1 << 31) - 1))


def _bounded(value: float, most: int) -> float:
    return min(max(value, -most), most)


# In


def lower_type(kind: _types.PhoneType | None) -> native.PhoneType | None:
    """A phone's type."""
    return None if kind is None else _types_in[kind]


def lower_request(request: _types.UrlRequest) -> str:
    """A request, as a JSON text: that crosses ten times faster than a record does.

    Written by hand: nothing in it needs more, and no import is owed for it.
    """
    extension = request.extension
    text = f'{{"{_parameters[extension.kind]}":"{_crossing(extension.value)}"'
    if request.type is not _types.PhoneType.FLOATING:
        text += f',"tipo":"{_words[request.type]}"'
    if request.call_on_open is not None:
        text += f',"ligar_para":"{request.call_on_open.dialled}"'
    return text + (',"fechar_fim":true}' if request.close_at_end else "}")


def lower_requests(requests: list[_types.UrlRequest]) -> str:
    """Many requests, as one JSON text."""
    return f"[{','.join(map(lower_request, requests))}]"


def _crossing(value: str) -> str:
    """A text that the core checks, in JSON: what is not ASCII is replaced, which leaves it as wrong as it was."""
    if value.isalnum() and value.isascii():
        return value
    return "".join(f"\\u{code:04x}" for code in value.encode("ascii", "replace"))


_words = {kind: kind.value for kind in _types.PhoneType}
_parameters = {"number": "ramal", "id": "id_ramal"}


def lower_base_url(base_url: str | None) -> native.BaseUrl:
    """A base URL; None: the default, which the environment may replace where the token comes from there too."""
    lowered: native.BaseUrl
    if base_url is None:
        lowered = _native_base_urls.TOTAL_VOICE()
    elif base_url == _types.BaseUrl.ZENVIA:
        lowered = _native_base_urls.ZENVIA()
    else:
        # The default too, if it is asked for by its name: then the environment has no say.
        lowered = _native_base_urls.OTHER(text(base_url, "base_url"))
    return lowered


def lower_config(
    *,
    base_url: str | None,
    timeout: timedelta | float,
    connect_timeout: timedelta | float,
    max_retries: int,
    user_agent: str | None,
    root_certificates: str | bytes | os.PathLike[str] | None,
    proxy: Proxy | None,
) -> native.ClientConfig:
    """A client's settings."""
    if isinstance(root_certificates, os.PathLike):
        with open(root_certificates, "rb") as file:  # noqa: PTH123 - `pathlib` would be a third of this package's import
            root_certificates = file.read()
    if isinstance(root_certificates, bytes):
        root_certificates = root_certificates.decode("utf-8", "replace")
    return native.ClientConfig(
        base_url=lower_base_url(base_url),
        connect_timeout_ms=milliseconds(connect_timeout, "connect_timeout"),
        timeout_ms=milliseconds(timeout, "timeout"),
        max_retries=count(max_retries, "max_retries"),
        user_agent=None if user_agent is None else text(user_agent, "user_agent"),
        root_certificates_pem=None if root_certificates is None else text(root_certificates, "root_certificates"),
        proxy=None if proxy is None else proxy.native,
    )


def lower_batch_options(
    *, concurrency: int, rate: float | None, rate_limit_patience: timedelta | float
) -> native.BatchOptions:
    """How a batch works."""
    return native.BatchOptions(
        concurrency=count(concurrency, "concurrency"),
        rate=None if rate is None else float(rate),
        rate_limit_patience_ms=milliseconds(rate_limit_patience, "rate_limit_patience"),
    )


def collect_logs(level: int | None) -> None:
    """Has the core make the records that `logging` would show at this level; None: none.

    Raises:
        WebphoneError: The library is part of a Rust program that has a logger of its own.
    """
    ours = (
        None
        if level is None
        else next((ours for number, ours in _levels_in.items() if level <= number), native.LogLevel.ERROR)
    )
    try:
        native.collect_logs(ours)
    except FAULTS as fault:
        raise error(fault) from None


# Out


def phone_type(kind: native.PhoneType) -> _types.PhoneType:
    """A phone's type."""
    return _types_out[kind]


def url(value: native.WebphoneUrl) -> _url.WebphoneUrl:
    """A URL."""
    return _url.wrap(value)


def progress(value: native.BatchProgress) -> _types.BatchProgress:
    """How far a batch is."""
    return _types.BatchProgress(value.pushed, value.fetched, value.failed, value.rate_limit_pauses)


def result(request: _types.UrlRequest, outcome: native.FetchOutcome) -> _types.BatchResult:
    """What became of a request of a batch."""
    if isinstance(outcome, native.FetchOutcome.FETCHED):
        return _types.BatchResult(request, url(outcome.url), None)
    assert isinstance(outcome, native.FetchOutcome.FAILED)
    return _types.BatchResult(request, None, error(outcome.error))


def logging_level(level: native.LogLevel) -> int:
    """A record's level in `logging`; 5 for the core's lowest."""
    return _levels_out[level]


# Errors, both ways


def error(fault: Exception) -> _errors.WebphoneError:
    """The public exception for one of `FAULTS`."""
    if type(fault) not in _errors_out and isinstance(fault, native.WebphoneError):
        from ._session import errors  # noqa: F401 - it makes a session's errors known here
    lift = _errors_out.get(type(fault))
    # The other of the faults is the generated code's own: a panic, a broken binding.
    return _errors.InternalError(str(fault)) if lift is None else lift(fault)


class _Judging(Protocol):
    """What the core's errors know."""

    def describe(self) -> str: ...
    def code(self) -> str: ...
    def is_retryable(self) -> bool: ...


def lower_error(public: _errors.WebphoneError) -> _Judging:
    """The core's error, which has the text and the judgement."""
    lower = next((_errors_in[base] for base in type(public).__mro__ if base in _errors_in), None)
    lowered: _Judging = _native_errors["Internal"]("an error without a kind") if lower is None else lower(public)
    return lowered


def _failure(value: native.ApiFailure) -> _types.ApiFailure:
    return _types.ApiFailure(value.http_status, value.motivo, _reason(value.reason), value.api_text, value.attempts)


def _lower_failure(failure: _types.ApiFailure) -> native.ApiFailure:
    return native.ApiFailure(
        http_status=failure.http_status,
        motivo=failure.motivo,
        reason=_lower_reason(failure.reason),
        api_text=failure.api_text,
        attempts=failure.attempts,
    )


def _reason(value: native.ApiReason) -> _types.ApiReason | _types.OtherReason:
    known = _reasons_out.get(type(value))
    return _types.OtherReason(value.value) if known is None else known  # type: ignore[attr-defined]


def _lower_reason(reason: _types.ApiReason | _types.OtherReason) -> native.ApiReason:
    if isinstance(reason, _types.OtherReason):
        return native.ApiReason.OTHER(reason.value)  # type: ignore[return-value]
    return _reasons_in[reason]()  # type: ignore[no-any-return]


def _problem(value: native.AnswerProblem) -> _types.AnswerProblem | _types.FieldProblem:
    known = _problems_out.get(type(value))
    return _types.FieldProblem(value.field, value.reason) if known is None else known  # type: ignore[attr-defined]


def _lower_problem(problem: _types.AnswerProblem | _types.FieldProblem) -> native.AnswerProblem:
    if isinstance(problem, _types.FieldProblem):
        return native.AnswerProblem.FIELD(problem.field, problem.reason)  # type: ignore[return-value]
    return _problems_in[problem]()  # type: ignore[no-any-return]


def _span(ms: int | None) -> timedelta | None:
    return None if ms is None else timedelta(milliseconds=ms)


def _lower_span(span: timedelta | None) -> int | None:
    return None if span is None else milliseconds(span, "retry_after")


# By the generated classes' names: how to make the public exception of one, and back.
_errors_by_name: dict[
    str, tuple[type[_errors.WebphoneError], Callable[[Any], tuple[Any, ...]], Callable[[Any], tuple[Any, ...]]]
] = {
    "Invalid": (_errors.InvalidError, lambda e: (e.field, e.reason), lambda e: (e.field, e.reason)),
    "Unauthorized": (
        _errors.UnauthorizedError,
        lambda e: (_failure(e.failure),),
        lambda e: (_lower_failure(e.failure),),
    ),
    "Refused": (_errors.RefusedError, lambda e: (_failure(e.failure),), lambda e: (_lower_failure(e.failure),)),
    "RateLimited": (
        _errors.RateLimitedError,
        lambda e: (_failure(e.failure), _span(e.retry_after_ms)),
        lambda e: (_lower_failure(e.failure), _lower_span(e.retry_after)),
    ),
    "Unavailable": (
        _errors.UnavailableError,
        lambda e: (_failure(e.failure), _span(e.retry_after_ms)),
        lambda e: (_lower_failure(e.failure), _lower_span(e.retry_after)),
    ),
    "Unreachable": (
        _errors.UnreachableError,
        lambda e: (_causes_out[e.cause], e.attempts),
        lambda e: (_causes_in[e.cause], e.attempts),
    ),
    "UnexpectedAnswer": (
        _errors.UnexpectedAnswerError,
        # The core writes 0 where there is no status.
        lambda e: (_problem(e.problem), e.http_status or None, e.attempts),
        lambda e: (e.http_status or 0, _lower_problem(e.problem), e.attempts),
    ),
    "NotTried": (_errors.NotTriedError, lambda _: (), lambda _: ()),
    "Closed": (_errors.ClosedError, lambda _: (), lambda _: ()),
    "Cancelled": (_errors.WorkCancelledError, lambda _: (), lambda _: ()),
    "Busy": (_errors.BusyError, lambda _: (), lambda _: ()),
    "Unsupported": (_errors.UnsupportedError, lambda e: (e.feature,), lambda e: (e.feature,)),
    "Internal": (_errors.InternalError, lambda e: (e.detail,), lambda e: (e.detail,)),
}


def _maker(make: Callable[..., Any], fields: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], Any]:
    return lambda value: make(*fields(value))


_errors_out: dict[type, Callable[[Exception], _errors.WebphoneError]] = {
    _native_errors[name]: _maker(public, lift) for name, (public, lift, _) in _errors_by_name.items()
}
_errors_in: dict[type, Callable[[_errors.WebphoneError], Any]] = {
    public: _maker(_native_errors[name], lower) for name, (public, _, lower) in _errors_by_name.items()
}


def learn_errors(
    by_name: dict[
        str, tuple[type[_errors.WebphoneError], Callable[[Any], tuple[Any, ...]], Callable[[Any], tuple[Any, ...]]]
    ],
) -> None:
    """Takes in the errors of a part of the package that is loaded later."""
    for name, (public, lift, lower) in by_name.items():
        _errors_out[_native_errors[name]] = _maker(public, lift)
        _errors_in[public] = _maker(_native_errors[name], lower)
