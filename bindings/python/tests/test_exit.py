"""The end of the interpreter with work under way: code 0, nothing on stderr."""

# The checker does not know pytest's `conftest`.
# mypy: disable-error-code="import-not-found"

import os
from concurrent.futures import ThreadPoolExecutor

from conftest import Script, Simulator

RUNS = int(os.environ.get("WEBPHONE_EXIT_RUNS", "100"))

BUSY = """
    import asyncio, itertools, logging, sys, threading
    import webphone
    from webphone import Extension

    class Sink(logging.Handler):
        def emit(self, record):
            self.format(record)

    logging.getLogger("webphone").addHandler(Sink())
    logging.getLogger("webphone").setLevel(1)
    logging.getLogger("webphone").propagate = False
    webphone.enable_logging(1)

    client, aclient = webphone.Client(), webphone.AsyncClient()
    stalled = webphone.Client(max_retries=0, timeout=600)
    begun = threading.Barrier(9)

    def progress():
        told = itertools.count()
        endless = map(Extension.number, itertools.cycle([4000, 9999]))
        run = client.fetch_many(endless, concurrency=16, on_progress=lambda progress: next(told))
        for result in itertools.islice(run, 20):
            str(result.error)
        begun.wait()
        for result in run:
            str(result.error)

    def blocking():
        begun.wait()
        while True:
            client.fetch(Extension.number(4001))

    def retrying():
        begun.wait()
        while True:
            try:
                client.fetch(Extension.number(4002))
            except webphone.WebphoneError as error:
                str(error)

    async def fetching(aclient):
        while True:
            await asyncio.gather(*[aclient.fetch(Extension.number(4000)) for _ in range(8)])

    def looping():
        async def main():
            tasks = [asyncio.create_task(fetching(aclient)) for _ in range(4)]
            batch = asyncio.create_task(reading())
            await asyncio.sleep(0.05)
            begun.wait()
            await asyncio.gather(*tasks, batch)

        async def reading():
            async for result in aclient.fetch_many(map(Extension.number, itertools.cycle([4000]))):
                pass

        asyncio.run(main())

    for target in [progress, progress, blocking, blocking, retrying, looping, looping, blocking]:
        threading.Thread(target=target, daemon=True).start()
    kept = client.fetch(Extension.number(4000))
    begun.wait()
    """

PENDING = """
    import asyncio, threading
    import webphone
    from webphone import Extension

    client, aclient = webphone.Client(timeout=600), webphone.AsyncClient(timeout=600)
    webphone.enable_logging(1)

    def blocking():
        client.fetch(Extension.number(4000))

    def reading():
        for _ in client.fetch_many([Extension.number(4000)]):
            pass

    for target in (blocking, reading):
        threading.Thread(target=target, daemon=True).start()

    class Forgotten:
        "Lives as long as the interpreter lets it, with an object of the library's."
        def __init__(self):
            self.run = client.fetch_many([Extension.number(4000)])
            self.me = self

    import builtins
    builtins.forgotten = [Forgotten(), client, aclient]

    async def main():
        pending = [asyncio.create_task(aclient.fetch(Extension.number(4000))) for _ in range(8)]
        await asyncio.sleep(0.02)

    asyncio.run(main())
    """


def test_a_busy_program_ends_quietly(script: Script) -> None:
    assert ends(script, BUSY, RUNS) == RUNS


def test_a_waiting_program_ends_quietly(simulator: Simulator, script: Script) -> None:
    simulator.stall()
    assert ends(script, PENDING, RUNS) == RUNS


def test_a_batch_with_a_slow_input_ends_quietly(script: Script) -> None:
    said = script.run(
        """
        import atexit, threading, time
        failed = threading.Event()
        # Called after what the library does at the end: the thread has time to meet it.
        atexit.register(failed.wait, 1)
        import webphone
        from webphone import Extension

        def slow():
            while True:
                time.sleep(0.01)
                yield Extension.number(4000)

        def reading():
            for _ in client.fetch_many(slow()):
                begun.set()

        def fail(told):
            print(repr(told.exc_value))
            failed.set()

        threading.excepthook = fail
        client, begun = webphone.Client(), threading.Event()
        threading.Thread(target=reading, daemon=True).start()
        begun.wait()
        """
    )
    assert said == ""


def ends(script: Script, text: str, runs: int) -> int:
    """How many of so many runs ended well and said nothing; the first that did not end well is raised.

    As many as there are processors run beside one another, and one more: so they also meet a busy machine.
    """
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        said = pool.map(lambda _: script.run(text), range(runs))
        return sum(each == "" for each in said)


def test_the_gate_is_quick_when_nobody_is_inside(script: Script) -> None:
    took = script.run(
        """
        import atexit, time
        atexit.register(lambda: print(time.perf_counter() - start))
        import webphone
        from webphone import Extension
        webphone.Client().fetch(Extension.number(4000))
        def begin():
            global start
            start = time.perf_counter()
        atexit.register(begin)
        """
    )
    # Under a millisecond on a free machine; this one may be busy.
    assert float(took) < 0.02


def test_calls_after_the_gate_say_that_it_is_over(script: Script) -> None:
    printed = script.run(
        """
        import atexit

        def late():
            try:
                client.fetch(webphone.Extension.number(4000))
            except webphone.ClosedError as error:
                print(error)

        atexit.register(late)
        import webphone
        client = webphone.Client()
        """
    )
    assert "the program is exiting" in printed


def test_records_are_handed_over_before_the_end(simulator: Simulator, script: Script) -> None:
    simulator.fail(503, times=1)
    printed = script.run(
        """
        import logging, sys
        logging.basicConfig(stream=sys.stdout, level=1, format="%(name)s %(levelname)s %(message)s")
        import webphone
        webphone.enable_logging(1)
        webphone.Client().fetch(webphone.Extension.number(4000))
        """
    )
    assert "webphone.api INFO extension 4000: trying again" in printed
