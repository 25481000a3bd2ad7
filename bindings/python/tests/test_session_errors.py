"""The exceptions of a session: their texts, and that they travel."""

import asyncio
import pickle
import subprocess
import sys

import pytest

import webphone
from webphone import ClosedError, WebphoneError, WorkCancelledError
from webphone._session import errors
from webphone._session.errors import NotReadyReason, Posted

EXAMPLES = [
    (errors.RejectedError("sem credito"), "rejected", "refused the call: sem credito"),
    (errors.CallInProgressError(), "call_in_progress", "A call is under way"),
    (errors.NoCallError(), "no_call", "no call"),
    (errors.MuteUnknownError(), "mute_unknown", "assume_muted"),
    *((errors.NotReadyError(reason), "not_ready", "Nothing was sent") for reason in NotReadyReason),
    *((errors.PageLostError(posted), "page_lost", "The phone's page was lost") for posted in Posted),
    (errors.SessionClosedError(Posted.YES), None, "had been sent"),
    (errors.CommandCancelledError(Posted.NO), None, "had not been sent"),
    (errors.DialsOnOpenError(), "dials_on_open", "dial each time"),
]


def test_every_class_has_an_example():
    assert {type(error) for error, _, _ in EXAMPLES} == {public for public, _, _ in errors.by_name.values()}


@pytest.mark.parametrize(("error", "code", "part"), EXAMPLES, ids=repr)
def test_an_error_has_its_text_and_travels_whole(error, code, part):
    assert part in str(error)
    assert code in (None, error.code)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        arrived = pickle.loads(pickle.dumps(error, protocol))
        assert (arrived, type(arrived), vars(arrived)) == (error, type(error), vars(error))
        assert str(arrived) == str(error)
    assert error != errors.RejectedError("something else")
    assert type(error).__module__ == "webphone"


def test_who_catches_an_end_catches_a_sessions_too():
    assert issubclass(errors.SessionClosedError, ClosedError)
    assert issubclass(errors.CommandCancelledError, WorkCancelledError)
    assert not issubclass(errors.CommandCancelledError, asyncio.CancelledError)
    assert issubclass(errors.PageLostError, WebphoneError)


def test_nothing_of_a_session_is_loaded_before_it_is_asked_for():
    script = (
        "import sys, webphone; webphone.Client('t'); "
        "assert not [m for m in sys.modules if m.startswith('webphone._session') or m == 'webphone.causes']; "
        "webphone.Session; webphone.causes.CallEnded; webphone.events.Unknown"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_public_name_is_found():
    assert len(webphone.__all__) == len(set(webphone.__all__))
    for name in webphone.__all__:
        assert getattr(webphone, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = webphone.nothing  # type: ignore[attr-defined]
