"""Forked children: clients of the parent's work on, batches and waits of the parent's are closed."""

# The checker does not know pytest's `conftest`.
# mypy: disable-error-code="import-not-found"

import os

import pytest
from conftest import Script

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

HEAD = """
    import asyncio, multiprocessing, os, signal, sys, threading, warnings
    # Python warns of forking with threads; what it fears is handled here.
    warnings.simplefilter("ignore", DeprecationWarning)
    import webphone
    from webphone import AsyncClient, Client, ClosedError, Extension

    A = Extension.number(4000)
    client, aclient = Client(), AsyncClient()

    def child(work):
        "Runs work in a forked child, which has to end well and soon."
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            code = 1
            try:
                work()
                code = 0
            except BaseException:
                import traceback
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    def use():
        assert client.fetch(A).type is webphone.PhoneType.FLOATING
        assert len([r.unwrap() for r in client.fetch_many([A] * 100)]) == 100
        async def main():
            await asyncio.gather(*[aclient.fetch(A) for _ in range(20)])
            assert len([r.unwrap() async for r in aclient.fetch_many([A] * 100)]) == 100
        asyncio.run(main())
    """


def test_a_client_made_and_used_before_the_fork_is_used_on_both_sides(script: Script) -> None:
    text = """
    url = client.fetch(A)
    use()
    for _ in range(10):
        child(use)
        use()

    def grandchild():
        use()
        child(use)

    child(grandchild)
    assert client.fetch(A) == url
    """
    assert script.run(HEAD + text) == ""


def test_children_run_at_the_same_time_as_the_parent(script: Script) -> None:
    text = """
    def work():
        for _ in range(20):
            use()

    use()
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=use) for _ in range(4)]
    for process in children:
        process.start()
    use()
    for process in children:
        process.join(30)
        assert process.exitcode == 0
    with context.Pool(2) as pool:
        assert pool.map(fetch_in_child, [4000, 4001] * 10) == ["<class 'webphone.WebphoneUrl'>"] * 20
    """
    define = """
    def fetch_in_child(number):
        return str(type(client.fetch(Extension.number(number))))
    """
    assert script.run(HEAD + define + text) == ""


def test_what_was_pending_in_the_parent_is_closed_in_the_child(script: Script, simulator) -> None:
    text = """
    from itertools import cycle

    run = client.fetch_many(cycle([A]), concurrency=4)
    next(run)
    stalled = Client(timeout=600, base_url=os.environ["WEBPHONE_BASE_URL"])
    from webphone import _library
    operation = _library.start_fetch(client._handle, '{"ramal":"4001"}', 0).operation

    def inside():
        try:
            operation.wait_for(1000)
        except webphone.ClosedError:
            pass
        else:
            raise AssertionError("an operation of the parent's")
        for use_it in (lambda: list(run), lambda: run.progress, lambda: next(client.fetch_many([A])) and run.progress):
            try:
                use_it()
            except ClosedError:
                pass
            else:
                raise AssertionError("a batch of the parent's")
        run.close()
        use()

    child(inside)
    # The parent does not notice.
    assert next(run).unwrap()
    while (value := operation.wait_for(1000)) is None:
        pass
    run.close()
    use()
    """
    simulator.delay(30)
    assert script.run(HEAD + text) == ""


def test_forks_under_load_never_hang(script: Script) -> None:
    text = """
    stop = threading.Event()

    def fetching():
        while not stop.is_set():
            client.fetch(A)

    def looping():
        async def main():
            while not stop.is_set():
                await asyncio.gather(*[aclient.fetch(A) for _ in range(8)])
        asyncio.run(main())

    threads = [threading.Thread(target=target) for target in (fetching, fetching, looping)]
    for thread in threads:
        thread.start()
    for _ in range(15):
        child(use)
    stop.set()
    for thread in threads:
        thread.join()
    """
    assert script.run(HEAD + text) == ""


def test_a_child_may_end_as_any_program_does(script: Script) -> None:
    text = """
    use()
    webphone.enable_logging(1)
    if os.fork() == 0:
        use()
        sys.exit(0)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
    use()
    """
    assert script.run(HEAD + text) == ""


def test_logging_goes_on_in_the_child(script: Script, simulator) -> None:
    text = """
    import logging
    logging.basicConfig(stream=sys.stdout, level=1, format="%(process)d %(name)s %(message)s")
    webphone.enable_logging(1)
    here = os.getpid()

    def refused():
        try:
            client.fetch(Extension.number(9999))
        except webphone.RefusedError:
            pass
        webphone.disable_logging()
        print("child" if os.getpid() != here else "parent")

    child(refused)
    refused()
    """
    lines = script.run(HEAD + text).splitlines()
    assert [line.split()[-1] for line in lines] == ["refused", "child", "refused", "parent"]
    assert lines[0].split()[0] != lines[2].split()[0]
