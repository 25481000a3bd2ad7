"""`webphone.Simulator`: every option, every fault, and that its types cover the generated ones."""

from __future__ import annotations

import inspect
import pickle
import traceback
import typing
import urllib.parse
import urllib.request
from dataclasses import fields
from datetime import datetime, timedelta, timezone

import pytest

import webphone
from webphone import (
    ClosedError,
    Extension,
    InvalidError,
    RateLimitedError,
    SimulatedExtension,
    SimulatedRateLimit,
    Simulator,
    TokenCheck,
    UnexpectedAnswerError,
    UnreachableError,
    faults,
)
from webphone._core import native

NATIVE_NAMES = {"delay_ms": "seconds", "pause_ms": "pause", "retry_after_ms": "retry_after"}
EVERY_FAULT = [
    (faults.Delay(timedelta(seconds=30).total_seconds()), UnreachableError),
    (faults.Drip(1, 30), UnreachableError),
    (faults.Cut(5), UnreachableError),
    (faults.Reset(), UnreachableError),
    (faults.Refuse(), UnreachableError),
    (faults.Garbage(), UnexpectedAnswerError),
    (faults.Oversized(1 << 30), UnexpectedAnswerError),
    (faults.Endless(), UnexpectedAnswerError),
    (faults.Fail(429, 3), RateLimitedError),
    (faults.Answer(200, "{}"), UnexpectedAnswerError),
]


def test_faults_are_those_of_the_library():
    union = typing.get_args(faults.Fault)
    assert {each.__name__ for each in union} == set(faults.__all__) - {"Fault"}
    variants = {name: value for name, value in vars(native.Fault).items() if isinstance(value, type) and name.isupper()}
    assert {each.__name__.upper() for each in union} == set(variants)
    for each in union:
        native_fields = set(inspect.signature(variants[each.__name__.upper()]).parameters)
        assert {NATIVE_NAMES.get(name, name) for name in native_fields} == {field.name for field in fields(each)}
    assert {type(fault) for fault, _ in EVERY_FAULT} == set(union)


@pytest.mark.parametrize("name", ["SimulatedExtension", "SimulatedRateLimit", "SimulatedRequest", "RequestLog"])
def test_records_are_those_of_the_library(name):
    ours = {field.name for field in fields(getattr(webphone, name))}
    theirs = set(inspect.signature(getattr(native, name).__init__).parameters) - {"self"}
    assert ours == {"at" if field == "at_ms" else field for field in theirs}


def test_methods_are_those_of_the_library():
    theirs = {name for name, value in vars(native.Simulator).items() if callable(value) and name[0] != "_"}
    ours = {name for name in vars(Simulator) if name[0] != "_"}
    renamed = {"root_certificate_pem": "root_certificate", "shut_down": "close", "set_extensions": "extensions"}
    assert {renamed.get(name, name) for name in theirs - {"start"}} <= ours
    assert [check.name for check in TokenCheck] == [check.name for check in native.TokenCheck]


@pytest.mark.parametrize(("fault", "error"), EVERY_FAULT, ids=lambda value: type(value).__name__)
def test_every_fault_strikes_and_tells_no_secret(fault, error, caplog):
    caplog.set_level(1, "webphone")
    webphone.enable_logging(1)
    with Simulator(url_lifetime=3600) as simulator, simulator.client(timeout=0.5, max_retries=1) as client:
        simulator.add_fault(fault, extension=4000)
        with pytest.raises(error) as caught:
            client.fetch(Extension.number(4000))
        urls = [client.fetch(Extension.number(4001))]
        simulator.clear_faults()
        urls.append(client.fetch(Extension.number(4000)))
        # Whoever opens the phone's page has the URL's secrets in his request.
        for url in urls:
            with urllib.request.urlopen(url.reveal()) as page:
                assert page.status == 200
        log = simulator.requests()
        words = {request.fault for request in log.requests}
        # A connection that is refused before anything is read is no request.
        assert words <= {type(fault).__name__.lower(), None}
        with urllib.request.urlopen(f"{simulator.control_url}/requests") as answer:
            control = answer.read().decode()
        assert "/webphone?ramal=4000" in control
        secrets = {simulator.token}
    webphone.disable_logging()
    for url in urls:
        said = urllib.parse.parse_qs(urllib.parse.urlsplit(url.reveal()).query)
        secrets |= {said["key"][0], said["signature"][0]}
    assert len(secrets) == 1 + 2 * len(urls)
    assert caplog.records
    assert str(log).count("key=[secret]") == len(urls)
    texts = [str(caught.value), repr(caught.value), repr(caught.value.args), repr(vars(caught.value))]
    texts += traceback.format_exception(caught.type, caught.value, caught.tb)
    texts += [repr(log), str(log), control, repr(urls), repr(simulator), repr(client), caplog.text]
    texts += [repr(vars(record)) for record in caplog.records]
    assert [secret for secret in secrets for text in texts if secret in text] == []


def test_a_fault_is_spent():
    with Simulator() as simulator, simulator.client(max_retries=0) as client:
        simulator.add_fault(faults.Fail(429, retry_after=2), times=1)
        with pytest.raises(RateLimitedError) as caught:
            client.fetch(Extension.number(4000))
        assert caught.value.retry_after == timedelta(seconds=2)
        assert client.fetch(Extension.number(4000)).reveal()


def test_what_it_was_asked():
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    with Simulator("right") as simulator, webphone.Client("wrong", base_url=simulator.api_url) as stranger:
        with pytest.raises(webphone.UnauthorizedError):
            stranger.fetch(Extension.id(104000))
        with simulator.client(user_agent="mine") as client:
            client.fetch(Extension.number(4001))
        log = simulator.requests()
        assert (log.total, log.in_flight, len(log.requests)) == (2, 0, 2)
        first, second = log.requests
        assert (first.method, first.extension, first.token, first.http_status) == ("GET", "4000", TokenCheck.WRONG, 401)
        assert (second.target, second.token) == ("/webphone?ramal=4001&tipo=floating", TokenCheck.RIGHT)
        assert second.user_agent == "mine"
        assert before < first.at <= second.at
        assert hash(log) == hash(simulator.requests())
        assert pickle.loads(pickle.dumps(log)) == log
        assert simulator.requests(1).requests == (second,)
        simulator.forget_requests()
        assert simulator.requests().total == 0


def test_its_options():
    extensions: list[int | str | SimulatedExtension] = [42, "0042", SimulatedExtension("7", "x-1")]
    with Simulator(
        "T", extensions=extensions, tls=True, rate_limit=SimulatedRateLimit(2, False), url_lifetime=timedelta(hours=1)
    ) as simulator:
        assert simulator.token == "T"
        assert simulator.api_url.startswith("https://127.0.0.1:")
        assert simulator.control_url.startswith("http://127.0.0.1:")
        assert [each.number for each in simulator.extensions] == ["42", "0042", "7"]
        assert [each.id for each in simulator.extensions] == ["1042", "100042", "x-1"]
        with simulator.client(max_retries=0) as client:
            url = client.fetch(Extension.id("x-1"))
            assert url.expires_at is not None
            assert timedelta(minutes=59) < url.expires_at - datetime.now(timezone.utc) <= timedelta(hours=1)
            assert client.fetch(Extension.number(42)).type is webphone.PhoneType.FLOATING
            with pytest.raises(RateLimitedError):
                client.fetch(Extension.number(42))
        simulator.extensions = (4000,)
        assert simulator.extensions == (SimulatedExtension("4000", "104000"),)
        simulator.reset()
        assert [each.number for each in simulator.extensions] == ["42", "0042", "7"]
    with Simulator(extensions=[]) as empty:
        assert empty.extensions == ()
        assert empty.root_certificate is None


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"port": -1}, "port"),
        ({"port": 1 << 40}, "port"),
        ({"token": ""}, "token"),
        ({"token": "a\nb"}, "token"),
        ({"token": "\ud800"}, "token"),
        ({"extensions": ["x"]}, "number"),
        ({"extensions": ["\ud800"]}, "number"),
        ({"extensions": [4000, 4000]}, "number"),
        ({"rate_limit": 0}, "per_second"),
        ({"url_lifetime": -1}, "url_lifetime"),
        ({"url_lifetime": float("nan")}, "url_lifetime"),
        ({"url_lifetime": float("inf")}, "url_lifetime"),
    ],
)
def test_a_wrong_option_is_named(options, field):
    with pytest.raises(InvalidError) as caught:
        Simulator(**options)
    assert caught.value.field == field


@pytest.mark.parametrize("fault", [faults.Delay(-1), faults.Fail(200), faults.Drip(0, 1), faults.Answer(99)])
def test_a_wrong_fault_is_refused(webphone_simulator, fault):
    with pytest.raises(InvalidError):
        webphone_simulator.add_fault(fault)
    with pytest.raises(InvalidError):
        webphone_simulator.add_fault(faults.Reset(), times=0)
    with pytest.raises(TypeError):
        webphone_simulator.add_fault("reset")


def test_its_text_has_no_token():
    simulator = Simulator("t0ken")
    assert repr(simulator) == f"<Simulator at {simulator.api_url}>"
    assert "t0ken" not in repr(vars(simulator))
    simulator.close()
    simulator.close()
    assert repr(simulator) == "<Simulator closed>"
    for use in (lambda: simulator.api_url, lambda: simulator.requests(), lambda: simulator.client()):
        with pytest.raises(ClosedError):
            use()


@pytest.mark.asyncio
async def test_a_client_for_asyncio(webphone_simulator):
    async with webphone_simulator.async_client() as client:
        assert (await client.fetch(Extension.number(4000))).origin == webphone_simulator.api_url
