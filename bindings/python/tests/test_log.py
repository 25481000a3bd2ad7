"""Log records in `logging`: off until asked, at their level, without secrets."""

# Wrong types are given on purpose, and the checker does not know pytest's `conftest`.
# mypy: disable-error-code="arg-type,attr-defined,import-not-found,union-attr"

import logging
import threading

import pytest
from conftest import EXTENSION, until

import webphone
from webphone import Client, Extension, RefusedError, UnavailableError, WebphoneError, _log
from webphone._core import native


class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)

    def texts(self):
        return [record.getMessage() for record in self.records]


@pytest.fixture
def kept():
    handler, logger = Kept(), logging.getLogger("webphone")
    logger.addHandler(handler)
    logger.setLevel(1)
    yield handler
    webphone.disable_logging()
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def readers():
    return [thread.name for thread in threading.enumerate()].count("webphone-log")


def refused(client):
    with pytest.raises(RefusedError):
        client.fetch(Extension.number(9999))


def test_nothing_comes_until_it_is_asked_for(client, kept):
    refused(client)
    assert readers() == 0
    webphone.enable_logging(logging.DEBUG)
    webphone.disable_logging()
    assert kept.records == []


def test_records_come_with_their_logger_level_and_time(client, kept):
    webphone.enable_logging(logging.DEBUG)
    refused(client)
    webphone.disable_logging()
    (record,) = kept.records
    assert (record.name, record.levelno, record.levelname) == ("webphone.api", logging.DEBUG, "DEBUG")
    assert record.getMessage() == "extension 9999: attempt 1 failed: refused"
    assert 0 <= logging.makeLogRecord({}).created - record.created < 60
    assert 0 <= record.msecs < 1000


def test_turning_it_on_twice_changes_the_level_and_off_ends_it(client, simulator, kept):
    for level in (logging.DEBUG, logging.WARNING):
        webphone.enable_logging(level)
        refused(client)
    assert readers() == 1
    webphone.disable_logging()
    webphone.disable_logging()
    assert len(kept.records) == 1
    assert readers() == 0
    webphone.enable_logging(5)
    refused(client)
    webphone.disable_logging()
    assert len(kept.records) == 2
    assert logging.getLevelName(5) == "TRACE"
    with pytest.raises(TypeError, match="integer"):
        webphone.enable_logging("DEBUG")


def test_what_happened_before_it_is_turned_off_is_handed_over(client, kept, monkeypatch):
    looked, go_on = threading.Event(), threading.Event()
    start = native.start_next_log_records

    def slow_start(*arguments):
        started = start(*arguments)
        looked.set()
        go_on.wait(20)
        return started

    monkeypatch.setattr(native, "start_next_log_records", slow_start)
    webphone.enable_logging(logging.DEBUG)
    reader = _log._reader
    # It has looked and found nothing; then something happens; then it is told to stop, before it can wait.
    assert looked.wait(20)
    refused(client)
    off = threading.Thread(target=webphone.disable_logging)
    off.start()
    until(lambda: reader._stopping)
    go_on.set()
    off.join(20)
    assert len(kept.records) == 1
    assert readers() == 0


def test_a_reader_that_finds_another_one_comes_back(client, kept):
    other = native.start_next_log_records(1, 0).operation
    webphone.enable_logging(logging.DEBUG)
    refused(client)
    assert kept.records == []
    other.cancel()
    until(lambda: kept.records)
    assert readers() == 1


def test_a_handler_may_turn_it_off_and_may_use_the_library(client, kept):
    class Meddling(Kept):
        def emit(self, record):
            super().emit(record)
            client.fetch(EXTENSION)
            webphone.disable_logging()

    meddling = Meddling()
    logging.getLogger("webphone").addHandler(meddling)
    try:
        webphone.enable_logging(logging.DEBUG)
        refused(client)
        until(lambda: readers() == 0)
    finally:
        logging.getLogger("webphone").removeHandler(meddling)
    assert len(meddling.records) == 1


def test_no_secret_stands_in_a_record_or_an_error(simulator, kept):
    webphone.enable_logging(1)
    shown = []
    for token in (simulator.token, "T0PSECRET"):
        with Client(token, base_url=simulator.api_url, max_retries=2, timeout=2) as client:
            for status in (None, 401, 403, 429, 500, 503):
                if status is None:
                    simulator.set_fault(None)
                else:
                    simulator.fail(status)
                try:
                    url = client.fetch(EXTENSION)
                except WebphoneError as error:
                    shown += [str(error), repr(error), repr(vars(error))]
                else:
                    secret = url.reveal()
                    shown += [str(url), repr(url), repr([url])]
                shown += [repr(result) for result in client.fetch_many([EXTENSION], rate_limit_patience=0)]
    webphone.disable_logging()
    shown += kept.texts()
    assert any(isinstance(record, logging.LogRecord) for record in kept.records)
    key = secret.partition("key=")[2].partition("&")[0]
    assert len(key) >= 8
    for text in shown:
        for word in (simulator.token, "T0PSECRET", key, "key=", "signature="):
            assert word not in text, f"{word!r} stands in {text!r}"


def test_a_flood_says_what_it_lost(client, kept):
    release = threading.Event()

    class Slow(logging.Handler):
        def emit(self, record):
            release.wait(20)

    slow = Slow()
    logging.getLogger("webphone").addHandler(slow)
    try:
        webphone.enable_logging(logging.DEBUG)
        for _ in client.fetch_many((Extension.number(9999) for _ in range(6000)), concurrency=64):
            pass
        release.set()
        until(lambda: any("older records were lost" in text for text in kept.texts()))
    finally:
        release.set()
        logging.getLogger("webphone").removeHandler(slow)


def test_logging_is_not_a_reason_to_fail(client, simulator):
    simulator.fail(503)
    with pytest.raises(UnavailableError):
        client.fetch(EXTENSION)
