"""Many URLs: in order, lazily, bounded; interrupted, dropped, failing."""

# The checker does not know pytest's `conftest`.
# mypy: disable-error-code="import-not-found,misc,var-annotated"

import asyncio
import gc
import itertools
import signal
import threading
import time

import pytest
from conftest import EXTENSION, until

from webphone import (
    AsyncClient,
    BatchProgress,
    BatchResult,
    BusyError,
    Extension,
    InvalidError,
    NotTriedError,
    PhoneType,
    RefusedError,
    UnauthorizedError,
    UrlRequest,
    WorkCancelledError,
)


def numbers(count=None):
    cycle = itertools.cycle([Extension.number(4000), Extension.number(4001)])
    return cycle if count is None else itertools.islice(cycle, count)


async def listed(iterable):
    return [item async for item in iterable]


async def alone():
    """Waits until no other task is left in the loop."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        ended, _ = await asyncio.wait(others, timeout=20)
        assert ended, others


async def slowly(items, every=1, seconds=0.001):
    for index, item in enumerate(items):
        if index % every == 0:
            await asyncio.sleep(seconds)
        yield item


@pytest.fixture
def fetch_all(request, client, simulator):
    """Runs a batch to its end: blocking, asynchronous, and asynchronous with an asynchronous input."""
    kind = request.param
    aclient = AsyncClient(simulator.token, base_url=simulator.api_url, max_retries=0)

    def run(items, **options):
        if kind == "blocking":
            return list(client.fetch_many(items, **options))
        return asyncio.run(listed(aclient.fetch_many(slowly(items) if kind == "pulled" else items, **options)))

    return run


every_kind = pytest.mark.parametrize("fetch_all", ["blocking", "async", "pulled"], indirect=True)


@every_kind
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 500])
def test_results_come_in_the_order_of_the_requests(fetch_all, count):
    results = fetch_all(numbers(count), concurrency=16)
    assert [result.request.extension for result in results] == list(numbers(count))
    assert all(result.unwrap() is result.url for result in results)
    # Each has the URL of its own extension.
    assert len({(result.request.extension, result.url) for result in results}) == min(count, 2)


@every_kind
def test_extensions_and_whole_requests_are_mixed(fetch_all, simulator):
    whole = UrlRequest(Extension.number(4001), PhoneType.EMBEDDED)
    results = fetch_all([EXTENSION, whole], type=PhoneType.HIDDEN, call_on_open="4001", close_at_end=True)
    assert results[0].request == UrlRequest(EXTENSION, PhoneType.HIDDEN, "4001", True)
    assert results[1].request == whole
    assert [result.url.type for result in results] == [PhoneType.HIDDEN, PhoneType.EMBEDDED]
    assert sorted(simulator.requests()) == [
        "/webphone?ramal=4000&tipo=hidden&ligar_para=4001&fechar_fim=true",
        "/webphone?ramal=4001&tipo=embedded",
    ]


@every_kind
def test_one_failure_never_sinks_the_others(fetch_all):
    wrong = ["x", "", "\ud800", "9999"]
    results = fetch_all([EXTENSION, *map(Extension.number, wrong), EXTENSION])
    assert [type(result.error) for result in results] == [type(None), *[InvalidError] * 3, RefusedError, type(None)]
    assert results[3].error.field == "ramal"
    with pytest.raises(RefusedError):
        results[4].unwrap()


@every_kind
def test_a_refused_token_ends_the_rest_untried(fetch_all, simulator):
    simulator.fail(401)
    results = fetch_all(numbers(300), concurrency=2)
    assert len(results) == 300
    assert isinstance(results[0].error, UnauthorizedError)
    assert isinstance(results[-1].error, NotTriedError)
    assert simulator.total < 10


@every_kind
def test_progress_is_told_and_ends_complete(fetch_all):
    told = []
    fetch_all([*numbers(200), Extension.number("x")], on_progress=told.append)
    assert told[-1] == BatchProgress(pushed=201, fetched=200, failed=1, rate_limit_pauses=0)
    done = [progress.fetched + progress.failed for progress in told]
    assert done == sorted(done)


def test_progress_is_told_while_the_first_result_is_awaited(client, simulator):
    simulator.delay(700)
    told = []
    run = client.fetch_many([EXTENSION, Extension.number("x")], on_progress=told.append)
    next(run)
    assert told[0] == BatchProgress(pushed=2, fetched=0, failed=1, rate_limit_pauses=0)
    assert next(run).error is not None
    assert run.progress.fetched == 1


@every_kind
def test_what_the_input_raises_comes_out(fetch_all):
    class BrokenError(Exception):
        pass

    def broken():
        yield from numbers(10)
        raise BrokenError

    with pytest.raises(BrokenError):
        fetch_all(broken())
    with pytest.raises(TypeError, match=r"Extension\.number"):
        fetch_all([EXTENSION, "4000"])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 2**70}, "concurrency"),
        ({"rate": 0}, "rate"),
        ({"rate": float("nan")}, "rate"),
        ({"rate_limit_patience": -1}, "rate_limit_patience"),
        ({"call_on_open": "x"}, "number"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_pulled(client, options, field):
    items = numbers()
    with pytest.raises(InvalidError) as caught:
        client.fetch_many(items, **options)
    assert caught.value.field == field
    assert next(items) == EXTENSION


def test_a_rate_spreads_the_requests(client):
    start = time.monotonic()
    assert len(list(client.fetch_many(numbers(21), rate=100))) == 21
    assert time.monotonic() - start >= 0.2


class Counted:
    """An endless input that knows how much was pulled."""

    def __init__(self):
        self.pulled = 0

    def __iter__(self):
        for item in numbers():
            self.pulled += 1
            yield item


def test_the_input_is_pulled_lazily_and_memory_is_bounded(client, simulator):
    items = Counted()
    run = client.fetch_many(items, concurrency=4)
    assert items.pulled == 0
    for read in range(1, 1001):
        assert isinstance(next(run), BatchResult)
        assert items.pulled <= read + 256 + 128 + 2 * 4 + 64
    # Nobody reads: nothing else is sent.
    sent = simulator.total
    assert sent <= items.pulled
    time.sleep(0.1)
    assert simulator.total <= sent + 2 * 4
    run.close()


def test_what_a_slow_input_gave_goes_out_at_once(client, simulator):
    def items():
        for sent in range(5):
            # The request before this one is not held back until a chunk is full.
            until(lambda sent=sent: simulator.total == sent)
            time.sleep(0.02)
            yield EXTENSION

    assert [result.url is not None for result in client.fetch_many(items())] == [True] * 5


def test_an_asynchronous_input_may_depend_on_results(simulator):
    aclient = AsyncClient(simulator.token, base_url=simulator.api_url)

    async def main():
        queue = asyncio.Queue()

        async def items():
            while (item := await queue.get()) is not None:
                yield item

        queue.put_nowait(EXTENSION)
        read = 0
        async for result in aclient.fetch_many(items()):
            assert result.unwrap()
            read += 1
            queue.put_nowait(EXTENSION if read < 20 else None)
        return read

    assert asyncio.run(asyncio.wait_for(main(), 30)) == 20


def test_an_end_is_an_end(client):
    run = client.fetch_many([EXTENSION])
    assert len(list(run)) == 1
    assert list(run) == []
    assert run.progress.fetched == 1


@pytest.mark.parametrize("end", ["close", "drop", "with"])
def test_a_batch_that_is_left_stops_what_is_under_way(client, simulator, end):
    simulator.stall("4001")
    run = client.fetch_many(itertools.chain([EXTENSION], itertools.repeat(Extension.number(4001))), concurrency=8)
    next(run)
    until(lambda: simulator.in_flight == 8)
    if end == "with":
        with run:
            pass
    if end == "close":
        run.close()
    if end != "drop":
        with pytest.raises(WorkCancelledError):
            next(run)
    del run
    until(lambda: simulator.in_flight == 0)


@pytest.mark.parametrize("source", ["plain", "pulled"])
@pytest.mark.parametrize("end", ["close", "drop", "cancel"])
def test_an_async_batch_that_is_left_stops_what_is_under_way(simulator, end, source):
    aclient = AsyncClient(simulator.token, base_url=simulator.api_url, max_retries=0)
    simulator.stall()

    async def main():
        items = numbers()
        run = aclient.fetch_many(items if source == "plain" else slowly(items, every=10), concurrency=8)
        waiting = asyncio.ensure_future(run.__anext__())
        await asyncio.to_thread(until, lambda: simulator.in_flight == 8)
        if end == "close":
            run.close()
            with pytest.raises(WorkCancelledError):
                await waiting
        else:
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        if end != "drop":
            with pytest.raises(WorkCancelledError):
                await run.__anext__()
        del run, waiting
        gc.collect()
        await asyncio.to_thread(until, lambda: simulator.in_flight == 0)
        await alone()

    asyncio.run(main())


def test_a_dropped_async_batch_stops_its_pulling_too(simulator):
    aclient = AsyncClient(simulator.token, base_url=simulator.api_url)

    async def main():
        run = aclient.fetch_many(slowly(numbers(), every=10))
        async for _ in run:
            break
        del run, _
        gc.collect()
        await alone()

    asyncio.run(main())


def test_one_thread_reads_at_a_time(client, simulator):
    simulator.stall()
    run = client.fetch_many([EXTENSION])
    ended = []

    def read():
        try:
            next(run)
        except WorkCancelledError as error:
            ended.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    until(lambda: simulator.in_flight == 1)
    with pytest.raises(BusyError):
        next(run)
    run.close()
    thread.join(10)
    assert len(ended) == 1


def test_an_endless_batch_is_interruptible(simulator, script):
    text = """
        import itertools, sys
        import webphone
        from webphone import Extension

        client = webphone.Client()
        try:
            for result in client.fetch_many(map(Extension.number, itertools.cycle([4000, 4001])), concurrency=8):
                print(flush=True)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    with script.started(text) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out.splitlines()[-1], err) == (0, "interrupted", "")
    until(lambda: simulator.in_flight == 0)
