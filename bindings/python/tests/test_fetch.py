"""One URL: blocking and asynchronous, in threads and in several event loops, interrupted and cancelled."""

# Wrong types are given on purpose, and the checker does not know pytest's `conftest`.
# mypy: disable-error-code="arg-type,import-not-found,override"

import asyncio
import contextlib
import gc
import signal
import threading
import time
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import EXTENSION, until

from webphone import (
    ApiReason,
    AsyncClient,
    BaseUrl,
    Client,
    ClosedError,
    Extension,
    InvalidError,
    PhoneNumber,
    PhoneType,
    RefusedError,
    UnauthorizedError,
    UnreachableCause,
    UnreachableError,
    UrlRequest,
    _library,
    _waiting,
)


@pytest.fixture
def aclient(simulator):
    return AsyncClient(simulator.token, base_url=simulator.api_url, max_retries=0)


def test_every_parameter_reaches_the_api(client, simulator):
    url = client.fetch(Extension.number(4000), type=PhoneType.HIDDEN, call_on_open="(11) 3333-4444", close_at_end=True)
    assert url.type is PhoneType.HIDDEN
    assert url.origin == simulator.api_url
    assert url.reveal().startswith(simulator.api_url)
    client.fetch(UrlRequest(Extension.number(4001), PhoneType.EMBEDDED, PhoneNumber("*8#")))
    assert simulator.requests() == [
        "/webphone?ramal=4000&tipo=hidden&ligar_para=1133334444&fechar_fim=true",
        "/webphone?ramal=4001&tipo=embedded&ligar_para=*8%23",
    ]


def test_a_refusal_is_a_typed_error(client, simulator):
    with pytest.raises(RefusedError) as caught:
        client.fetch(Extension.number(9999))
    assert caught.value.reason is ApiReason.NOT_FOUND
    assert caught.value.http_status == 404
    assert caught.value.attempts == 1
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    with Client("wrong", base_url=simulator.api_url) as stranger, pytest.raises(UnauthorizedError) as refused:
        stranger.fetch(EXTENSION)
    assert "wrong" not in f"{refused.value} {refused.value!r}"


@pytest.mark.parametrize("value", ["", " ", "40 00", "4&0", "4#0", "4\n0", "٤", "\ud800", "1" * 10_000, -1])
def test_a_wrong_extension_is_named_and_never_sent(client, simulator, value):
    with pytest.raises(InvalidError) as caught:
        client.fetch(Extension.number(value))
    assert caught.value.field == "ramal"
    with pytest.raises(InvalidError) as caught:
        client.fetch(Extension.id(f"{value} "))
    assert caught.value.field == "id_ramal"
    assert simulator.total == 0


def test_wrong_arguments_are_said_at_once(client, simulator):
    with pytest.raises(TypeError, match=r"Extension\.number"):
        client.fetch("4000")
    with pytest.raises(TypeError, match="UrlRequest"):
        client.fetch(UrlRequest(EXTENSION), type=PhoneType.HIDDEN)
    with pytest.raises(InvalidError, match="number"):
        client.fetch(EXTENSION, call_on_open="1&2")
    assert simulator.total == 0


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"token": ""}, "token"),
        ({"token": "a\nb"}, "token"),
        ({"token": "t" * 10_000}, "token"),
        ({"token": "\ud800"}, "token"),
        ({"base_url": "http://public.example"}, "base_url"),
        ({"base_url": "\ud800"}, "base_url"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": timedelta(hours=1)}, "timeout"),
        ({"connect_timeout": -1}, "connect_timeout"),
        ({"max_retries": 2**70}, "max_retries"),
        ({"user_agent": "a\nb"}, "user_agent"),
        ({"root_certificates": b"\xff"}, "root_certificates"),
        ({"root_certificates": "no PEM"}, "root_certificates"),
    ],
)
def test_a_wrong_setting_is_named(options, field):
    with pytest.raises(InvalidError) as caught:
        Client(**{"token": "t", **options})
    assert caught.value.field == field


def test_settings_of_another_type_are_refused():
    for options in (
        {"token": 5},
        {"timeout": "20"},
        {"timeout": True},
        {"max_retries": 1.5},
        {"base_url": b"https://h"},
    ):
        with pytest.raises(TypeError):
            Client(**{"token": "t", **options})


def test_token_and_base_come_from_the_environment(simulator, monkeypatch):
    monkeypatch.delenv("TOTALVOICE_ACCESS_TOKEN", raising=False)
    monkeypatch.setenv("WEBPHONE_BASE_URL", simulator.api_url)
    with pytest.raises(InvalidError) as caught:
        Client()
    assert caught.value.field == "TOTALVOICE_ACCESS_TOKEN"
    monkeypatch.setenv("TOTALVOICE_ACCESS_TOKEN", simulator.token)
    with Client() as client:
        assert client.fetch(EXTENSION).origin == simulator.api_url
    # What is asked for by name is not replaced: this one is not the simulator's.
    monkeypatch.setenv("WEBPHONE_BASE_URL", "http://public.example")
    for base in (BaseUrl.TOTALVOICE, BaseUrl.ZENVIA):
        Client(base_url=base).close()
    # What is wrong there is never passed over: the token would go to a host that nobody meant.
    for base in ("http://public.example", "", "https://api.example/\udcff"):
        monkeypatch.setenv("WEBPHONE_BASE_URL", base)
        with pytest.raises(InvalidError) as caught:
            Client()
        assert caught.value.field == "WEBPHONE_BASE_URL"
    monkeypatch.delenv("WEBPHONE_BASE_URL")
    for token in ("", "a token", "t\udcff"):
        monkeypatch.setenv("TOTALVOICE_ACCESS_TOKEN", token)
        with pytest.raises(InvalidError) as caught:
            Client()
        assert caught.value.field == "TOTALVOICE_ACCESS_TOKEN"


def test_certificates_may_stand_in_a_file(tmp_path):
    path = tmp_path / "roots.pem"
    path.write_bytes(b"no PEM")
    with pytest.raises(InvalidError) as caught:
        Client("t", root_certificates=path)
    assert caught.value.field == "root_certificates"
    with pytest.raises(FileNotFoundError):
        Client("t", root_certificates=tmp_path / "missing")


def test_a_closed_client_says_so(client, aclient):
    client.close()
    client.close()
    with pytest.raises(ClosedError):
        client.fetch(EXTENSION)
    with pytest.raises(ClosedError):
        client.fetch_many([EXTENSION])
    aclient.close()
    with pytest.raises(ClosedError):
        asyncio.run(aclient.fetch(EXTENSION))


def test_closing_ends_what_is_under_way(client, simulator):
    simulator.stall()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(client.fetch, EXTENSION) for _ in range(3)]
        until(lambda: simulator.in_flight == 3)
        client.close()
        for future in waiting:
            assert isinstance(future.exception(timeout=10), ClosedError)


def test_a_slow_answer_is_waited_for_and_a_timeout_ends_it(simulator):
    simulator.delay(250)
    with Client(simulator.token, base_url=simulator.api_url) as patient:
        assert patient.fetch(EXTENSION).type is PhoneType.FLOATING
    with Client(simulator.token, base_url=simulator.api_url, timeout=0.15) as hasty:
        with pytest.raises(UnreachableError) as caught:
            hasty.fetch(EXTENSION)
        assert caught.value.cause is UnreachableCause.TIMEOUT


def test_many_threads_share_a_client(client):
    with ThreadPoolExecutor(16) as pool:
        urls = [*pool.map(lambda number: client.fetch(Extension.number(number)), [4000, 4001] * 100)]
    assert len(set(urls)) == 2
    assert urls[::2] == [urls[0]] * 100


def test_async_fetches_run_at_the_same_time(simulator, aclient):
    simulator.delay(200)

    async def main():
        async with aclient:
            return await asyncio.gather(*[aclient.fetch(EXTENSION) for _ in range(50)])

    start = time.monotonic()
    assert len(set(asyncio.run(main()))) == 1
    assert time.monotonic() - start < 50 * 0.2


def test_async_errors_are_the_same(aclient):
    with pytest.raises(RefusedError) as caught:
        asyncio.run(aclient.fetch(Extension.number(9999)))
    assert caught.value.reason is ApiReason.NOT_FOUND
    with pytest.raises(InvalidError):
        asyncio.run(aclient.fetch(Extension.number("x")))


def test_cancelling_a_task_reaches_the_request(simulator, aclient):
    simulator.stall()

    async def main():
        tasks = [asyncio.create_task(aclient.fetch(EXTENSION)) for _ in range(5)]
        await asyncio.to_thread(until, lambda: simulator.in_flight == 5)
        for task in tasks:
            task.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*tasks, return_exceptions=True)
        )
        await asyncio.to_thread(until, lambda: simulator.in_flight == 0)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aclient.fetch(EXTENSION), 0.05)
        await asyncio.to_thread(until, lambda: simulator.in_flight == 0)

    asyncio.run(main())


def test_several_loops_in_several_threads_share_a_client(aclient):
    async def main():
        return [await aclient.fetch(Extension.number(number)) for number in [4000, 4001] * 20]

    with ThreadPoolExecutor(8) as pool:
        for urls in pool.map(lambda _: asyncio.run(main()), range(16)):
            assert len(urls) == 40
            assert len(set(urls)) == 2


def open_files():
    """All but connections: how many of those a client keeps is a matter of what ends before the next one begins."""
    lines = Path("/proc/self/net/tcp").read_text().splitlines()[1:]
    connections = {f"socket:[{line.split()[9]}]" for line in lines}
    opened = 0
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            opened += str(file.readlink()) not in connections
    return opened


def test_loops_come_and_go_without_leaving_anything(aclient):
    async def fetch_one():
        await aclient.fetch(EXTENSION)

    def with_loops(count, end):
        for _ in range(count):
            loop = asyncio.new_event_loop()
            loop.run_until_complete(fetch_one())
            end(loop)
            del loop
        gc.collect()

    def drop(loop):
        # As a program does that forgets its loop: the loop itself warns of that.
        loop._selector.close()
        loop._csock.close()
        loop._ssock.close()
        loop._closed = True

    with_loops(10, lambda loop: loop.close())
    before = open_files()
    with_loops(900, lambda loop: loop.close())
    with_loops(100, drop)
    assert open_files() <= before + 2


def test_a_loop_that_is_dropped_with_pending_waits_is_collected(simulator, aclient):
    simulator.stall()

    def drop():
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        task = loop.create_task(aclient.fetch(EXTENSION))
        until(lambda: loop.run_until_complete(asyncio.sleep(0.001)) or simulator.in_flight == 1)
        assert not task.done()
        return weakref.ref(loop)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gone = drop()
        gc.collect()
    assert gone() is None
    until(lambda: simulator.in_flight == 0)


def test_a_loop_without_readers_is_served_by_a_thread(simulator, aclient):
    class Loop(asyncio.SelectorEventLoop):
        def add_reader(self, fd, callback, *args):
            raise NotImplementedError

    async def main():
        urls = await asyncio.gather(*[aclient.fetch(EXTENSION) for _ in range(100)])
        simulator.stall()
        task = asyncio.create_task(aclient.fetch(EXTENSION))
        await asyncio.to_thread(until, lambda: simulator.in_flight == 1)
        task.cancel()
        await asyncio.to_thread(until, lambda: simulator.in_flight == 0)
        simulator.set_fault(None)
        return urls

    for _ in range(3):
        loop = Loop()
        try:
            assert len(loop.run_until_complete(main())) == 100
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()
    assert [thread.name for thread in threading.enumerate()].count("webphone-wakes") == 1


def test_uvloop_is_served_as_well(simulator, aclient):
    import uvloop

    async def main():
        urls = await asyncio.gather(*[aclient.fetch(EXTENSION) for _ in range(100)])
        assert len([result async for result in aclient.fetch_many([EXTENSION] * 300)]) == 300
        return urls

    for _ in range(3):
        loop = uvloop.new_event_loop()
        try:
            assert len(loop.run_until_complete(main())) == 100
        finally:
            loop.close()


INTERRUPTED = """
    import signal, sys, time
    import webphone
    from webphone import Extension

    client = webphone.Client(timeout=60, max_retries=0)
    {setup}
    for _ in range({times}):
        print("ready", flush=True)
        try:
            {work}
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        sys.stdin.readline()
    """


@pytest.mark.parametrize(
    "work", ["client.fetch(Extension.number(4000))", "next(client.fetch_many([Extension.number(4000)]))"]
)
def test_ctrl_c_ends_a_blocking_call_and_its_request(simulator, script, work):
    simulator.stall()
    # In its first slice and in later ones, at its begin and at its end.
    moments = [0.0, 0.03, 0.08, 0.12, 0.15, 0.19, 0.35]
    took = []
    with script.started(INTERRUPTED.format(setup="", work=work, times=len(moments))) as process:
        for moment in moments:
            assert process.stdout.readline() == "ready\n"
            until(lambda: simulator.in_flight == 1)
            time.sleep(moment)
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "interrupted\n"
            took.append(time.monotonic() - start)
            # The process goes on, but its request does not.
            until(lambda: simulator.in_flight == 0, 5)
            process.stdin.write("\n")
            process.stdin.flush()
        assert (*process.communicate(timeout=20), process.returncode) == ("", "", 0)
    # The machine may be busy now and then. What is promised is the length of a slice.
    assert sorted(took)[len(took) // 2] < 0.1, took


def test_no_wait_in_the_core_is_longer_than_an_interrupt_may_take():
    slices = []

    class Operation:
        def wait_for(self, ms):
            slices.append(ms)
            return "done" if len(slices) == 4 else None

    def start(_argument, ms):
        slices.append(ms)
        return _library._Started(None, Operation())

    assert _waiting.wait(start, None) == "done"
    assert slices == [100] * 4


def test_ctrl_c_in_an_event_loop_ends_its_request(simulator, script):
    simulator.stall()
    text = INTERRUPTED.format(
        setup="import asyncio; aclient = webphone.AsyncClient()",
        work="asyncio.run(aclient.fetch(Extension.number(4000)))",
        times=1,
    )
    with script.started(text) as process:
        assert process.stdout.readline() == "ready\n"
        until(lambda: simulator.in_flight == 1)
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        until(lambda: simulator.in_flight == 0, 5)
        assert process.communicate("\n", timeout=20) == ("", "")


def test_an_object_may_be_used_by_finalizers_of_its_own_garbage(client, simulator):
    class Service:
        def __init__(self, run):
            self.run = run
            self.me = self

        def __del__(self):
            ended.append(self.run.progress)
            self.run.close()

    ended: list[object] = []
    for _ in range(50):
        # Both orders: which of the finalizers the collector runs first depends on their age.
        Service(client.fetch_many([EXTENSION]))
    gc.collect()
    assert len(ended) == 50
    assert client.fetch(EXTENSION)
