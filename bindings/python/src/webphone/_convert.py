"""The one place where the generated module's types and the public ones become each other."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

from . import _errors, _types
from ._arguments import count, milliseconds, text
from ._core import native

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAULTS", "count", "milliseconds", "text"]

FAULTS = (native.WebphoneError, native.InternalError)
"""What a call of the generated module raises: catch these, and raise `error(…)` of them."""

# The generated code writes its variants in a way that type checkers can't follow.
_native_errors = vars(native.WebphoneError)
_native_reasons = vars(native.ApiReason)
_native_problems = vars(native.AnswerProblem)

# What comes out comes as one of the generated module's values, or as its word where it was written as text.
_types_in = {kind: native.PhoneType[kind.name] for kind in _types.PhoneType}
_types_out = {value: kind for kind, value in _types_in.items()}
_causes_in = {cause: native.UnreachableCause[cause.name] for cause in _types.UnreachableCause}
_causes_out = {value: cause for cause, value in _causes_in.items()} | {cause.value: cause for cause in _causes_in}
_reasons_in = {reason: _native_reasons[reason.name] for reason in _types.ApiReason}
_reasons_out = {value: reason for reason, value in _reasons_in.items()} | {
    reason.value: reason for reason in _reasons_in
}
_problems_in = {problem: _native_problems[problem.name] for problem in _types.AnswerProblem}
_problems_out = {value: problem for problem, value in _problems_in.items()} | {
    problem.value: problem for problem in _problems_in
}

# `logging` has no name for the first.
_levels_in = {
    5: native.LogLevel.TRACE,
    10: native.LogLevel.DEBUG,
    20: native.LogLevel.INFO,
    30: native.LogLevel.WARN,
    40: native.LogLevel.ERROR,
}
_levels_out = {level: number for number, level in _levels_in.items()}


# In


def lower_type(kind: _types.PhoneType | None) -> native.PhoneType | None:
    """A phone's type."""
    return None if kind is None else _types_in[kind]


def lower_url(revealed: str, asked: _types.PhoneType) -> native.WebphoneUrl:
    """A URL, and the type that was asked for."""
    return native.WebphoneUrl.parse(revealed, lower_type(asked))


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


def progress(value: native.BatchProgress) -> _types.BatchProgress:
    """How far a batch is."""
    return _types.BatchProgress(value.pushed, value.fetched, value.failed, value.rate_limit_pauses)


def logging_level(level: native.LogLevel) -> int:
    """A record's level in `logging`; 5 for the core's lowest."""
    return _levels_out[level]


# Errors, both ways


def error(fault: Exception) -> _errors.WebphoneError:
    """The public exception for one of `FAULTS`."""
    if type(fault) not in _errors_out and isinstance(fault, native.WebphoneError):
        from ._session import errors  # noqa: F401 - it makes a session's errors known here
    lift = _errors_out.get(type(fault))
    # The other of the faults is the generated code's own. Its text is not: a panic may quote what a caller gave.
    return _errors.InternalError("a panic, or a library of another version") if lift is None else lift(fault)


def error_of(written: str) -> _errors.WebphoneError:
    """The public exception for an error that the core wrote as JSON: its variant's name is `kind`."""
    fault, _ = _error_reader.raw_decode(written)
    error: _errors.WebphoneError = _errors_by_word[fault.kind](fault)
    return error


def _namespace(fields: dict[str, object]) -> SimpleNamespace:
    return SimpleNamespace(**fields)


_error_reader = json.JSONDecoder(object_hook=_namespace)


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
    known = _reasons_out.get(value if isinstance(value, str) else type(value))
    return _types.OtherReason(value.value) if known is None else known  # type: ignore[attr-defined]


def _lower_reason(reason: _types.ApiReason | _types.OtherReason) -> native.ApiReason:
    if isinstance(reason, _types.OtherReason):
        return native.ApiReason.OTHER(reason.value)  # type: ignore[return-value]
    return _reasons_in[reason]()  # type: ignore[no-any-return]


def _problem(value: native.AnswerProblem) -> _types.AnswerProblem | _types.FieldProblem:
    known = _problems_out.get(value if isinstance(value, str) else type(value))
    return _types.FieldProblem(value.field, value.reason) if known is None else known  # type: ignore[attr-defined]


def _lower_problem(problem: _types.AnswerProblem | _types.FieldProblem) -> native.AnswerProblem:
    if isinstance(problem, _types.FieldProblem):
        return native.AnswerProblem.FIELD(problem.field, problem.reason)  # type: ignore[return-value]
    return _problems_in[problem]()  # type: ignore[no-any-return]


def _span(ms: int | None) -> timedelta | None:
    return None if ms is None else timedelta(milliseconds=ms)


def _lower_span(span: timedelta | None) -> int | None:
    return None if span is None else milliseconds(span, "retry_after")


# What is called otherwise here, beside the spans of time: those have no unit.
_arguments = {"delay_ms": "seconds", "root_certificates_pem": "root_certificates"}


def argument(field: str) -> str:
    """What this package calls an argument of the core's."""
    return _arguments.get(field) or field.removesuffix("_ms")


errors_by_name: dict[
    str, tuple[type[_errors.WebphoneError], Callable[[Any], tuple[Any, ...]], Callable[[Any], tuple[Any, ...]]]
] = {
    "Invalid": (_errors.InvalidError, lambda e: (argument(e.field), e.reason), lambda e: (e.field, e.reason)),
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
"""By the generated classes' names: how to make the public exception of one, and back."""


def _maker(make: Callable[..., Any], fields: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], Any]:
    return lambda value: make(*fields(value))


_errors_out: dict[type, Callable[[Exception], _errors.WebphoneError]] = {
    _native_errors[name]: _maker(public, lift) for name, (public, lift, _) in errors_by_name.items()
}
_errors_by_word = {name: _maker(public, lift) for name, (public, lift, _) in errors_by_name.items()}
_errors_in: dict[type, Callable[[_errors.WebphoneError], Any]] = {
    public: _maker(_native_errors[name], lower) for name, (public, _, lower) in errors_by_name.items()
}


def learn_errors(
    by_name: dict[
        str, tuple[type[_errors.WebphoneError], Callable[[Any], tuple[Any, ...]], Callable[[Any], tuple[Any, ...]]]
    ],
) -> None:
    """Takes in the errors of a part of the package that is loaded later."""
    for name, (public, lift, lower) in by_name.items():
        _errors_out[_native_errors[name]] = _errors_by_word[name] = _maker(public, lift)
        _errors_in[public] = _maker(_native_errors[name], lower)
