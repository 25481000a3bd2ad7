"""The exceptions: their hierarchy, fields, texts, and that they travel."""

import pickle
import re
from datetime import timedelta
from pathlib import Path

import pytest

import webphone
from webphone import (
    AnswerProblem,
    ApiFailure,
    ApiReason,
    BusyError,
    ClosedError,
    FieldProblem,
    InternalError,
    InvalidError,
    NotTriedError,
    OtherReason,
    RateLimitedError,
    RefusedError,
    UnauthorizedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableCause,
    UnreachableError,
    UnsupportedError,
    WebphoneError,
    WorkCancelledError,
    _convert,
)
from webphone._session import errors

FAILURE = ApiFailure(404, 60, ApiReason.NOT_FOUND, "Ramal não encontrado", 2)

# Each with its code and a part of its text.
EXAMPLES = [
    (InvalidError("token", "is empty"), "invalid", "`token` is empty"),
    (UnauthorizedError(FAILURE), "unauthorized", "does not accept the access token"),
    (RefusedError(FAILURE), "refused", "does not know this extension"),
    (RefusedError(ApiFailure(418, 123, OtherReason(123), None, 1)), "refused", "motivo 123"),
    (RateLimitedError(FAILURE, timedelta(seconds=7)), "rate_limited", "Try again in 7 s"),
    (RateLimitedError(FAILURE), "rate_limited", "in a few seconds"),
    (UnavailableError(FAILURE, timedelta(seconds=1.5)), "unavailable", "Try again in 2 s"),
    (UnreachableError(UnreachableCause.TIMEOUT, 3), "unreachable", "attempts: 3"),
    (UnexpectedAnswerError(AnswerProblem.NOT_HTTP), "unexpected_answer", "it is not HTTP"),
    (
        UnexpectedAnswerError(FieldProblem("dados.url", "is missing"), 200, 1),
        "unexpected_answer",
        "`dados.url` is missing",
    ),
    (NotTriedError(), "not_tried", "Not tried"),
    (ClosedError(), "closed", "closed"),
    (WorkCancelledError(), "cancelled", "cancelled"),
    (BusyError(), "busy", "waiting"),
    (UnsupportedError("simulator"), "unsupported", "`simulator`"),
    (InternalError("a panic"), "internal", "a panic"),
]

CLASSES = {
    value
    for name in webphone.__all__
    if isinstance(value := getattr(webphone, name), type)
    and issubclass(value, WebphoneError)
    and value is not WebphoneError
}


def test_every_class_has_an_example():
    # A session's have tests of their own.
    sessions = {public for public, _, _ in errors.by_name.values()}
    assert {type(error) for error, _, _ in EXAMPLES} == CLASSES - sessions


def test_the_readme_lists_every_error_by_its_names():
    every = {**_convert.errors_by_name, **errors.by_name}
    names = {public.__name__: name for name, (public, _, _) in every.items()}
    assert set(names) == {cls.__name__ for cls in CLASSES}
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
    shown: dict[str, str] = {}
    for row in re.findall(r"^\| (`\w+Error`.*) \|$", readme, re.MULTILINE):
        ours, theirs = (re.findall(r"`(\w+)`", cell) for cell in row.split(" | ")[:2])
        shown.update(zip(ours, theirs, strict=True))
    assert shown == names


@pytest.mark.parametrize(("error", "code", "part"), EXAMPLES)
def test_the_text_and_the_code_are_the_cores(error, code, part):
    assert error.code == code
    assert part in str(error)
    assert isinstance(error, WebphoneError)


@pytest.mark.parametrize("error", [error for error, _, _ in EXAMPLES])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_travels_whole(error, protocol):
    arrived = pickle.loads(pickle.dumps(error, protocol))
    assert arrived == error
    assert hash(arrived) == hash(error)
    assert type(arrived) is type(error)
    assert vars(arrived) == vars(error)
    assert str(arrived) == str(error)
    assert arrived != RefusedError(ApiFailure(1, 1, OtherReason(1), None, 1))


def test_an_error_has_the_fields_that_apply():
    refused = RefusedError(FAILURE)
    assert (refused.http_status, refused.motivo, refused.reason) == (404, 60, ApiReason.NOT_FOUND)
    assert (refused.api_text, refused.attempts, refused.retry_after) == ("Ramal não encontrado", 2, None)
    assert not refused.is_retryable
    limited = RateLimitedError(FAILURE, timedelta(seconds=7))
    assert limited.is_retryable
    assert limited.retry_after == timedelta(seconds=7)
    closed = ClosedError()
    assert (closed.http_status, closed.motivo, closed.api_text, closed.attempts) == (None, None, None, 0)
    assert not UnreachableError(UnreachableCause.TLS).is_retryable
    assert UnreachableError(UnreachableCause.DNS).is_retryable


def test_a_wrong_argument_is_a_value_error_too():
    assert issubclass(InvalidError, ValueError)
    assert not issubclass(WorkCancelledError, __import__("asyncio").CancelledError)


def test_a_subclass_of_a_users_speaks_as_its_base():
    class MineError(RefusedError):
        pass

    assert MineError(FAILURE).code == "refused"
    assert WebphoneError().code == "internal"
