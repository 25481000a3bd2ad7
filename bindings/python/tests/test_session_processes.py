"""Sessions where a process forks or ends: nothing hangs, nothing is said, code 0."""

# The checker does not know pytest's `conftest`.
# mypy: disable-error-code="import-not-found"

import os

import pytest
from conftest import Script

RUNS = int(os.environ.get("WEBPHONE_EXIT_RUNS", "100"))

OPEN = """
    import asyncio, os, signal, sys, threading, warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    import webphone
    from webphone import BlockingSession, ClosedError, Session, reports

    def ready(phone):
        phone.page_report(reports.Loaded())
        phone.receive('{"message":"status","status":"conectado"}')
    """


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_makes_its_own(script: Script) -> None:
    text = """
    simulator = webphone.Simulator(virtual_time=True)
    phone = BlockingSession(simulator.phone(4000))
    other = BlockingSession(lambda text: None)
    ready(other)
    updates = other.updates()
    simulator.advance(3000)

    def refused(work):
        try:
            work()
        except ClosedError:
            return
        raise AssertionError("a parent's session works in the child")

    def child():
        refused(lambda: phone.state)
        refused(lambda: other.call("4001"))
        refused(lambda: other.updates())
        refused(lambda: other.history())
        refused(lambda: simulator.phone(4000))
        refused(lambda: next(updates))
        other.receive("{}")
        other.close()
        with BlockingSession(lambda text: mine.receive('{"message":"status","status":"encerrada"}')) as mine:
            ready(mine)
            mine.receive('{"message":"status","status":"conversando"}')
            assert mine.hang_up().by == "encerrada"
        async def main():
            async with Session(lambda text: None) as phone:
                ready(phone)
                assert phone.state.page.phase is webphone.PagePhase.READY
        asyncio.run(main())

    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            code = 1
            try:
                child()
                code = 0
            except BaseException:
                import traceback
                traceback.print_exc()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert phone.state.line is webphone.Line.CONNECTED
        other.receive('{"message":"nova"}')
        assert next(updates).cause.event.name == "nova"
    print("done")
    """
    assert script.run(OPEN + text) == "done\n"


BUSY = """
    begun = threading.Barrier(4)
    stop = threading.Event()
    simulator = webphone.Simulator()
    simulated = BlockingSession(simulator.phone(4000))
    plain = BlockingSession(lambda text: stop.wait())
    ready(plain)

    def calling(phone):
        begun.wait()
        try:
            phone.call("11900000003")
        except ClosedError:
            pass

    def following():
        begun.wait()
        for update in plain.updates():
            str(update)

    def talking():
        begun.wait()
        while True:
            plain.receive('{"message":"nova"}')

    async def main():
        async def post(text):
            await asyncio.Event().wait()
        phone = Session(post)
        ready(phone)
        async def follow():
            async for update in phone.updates():
                str(update)
        tasks = [asyncio.ensure_future(follow()), asyncio.ensure_future(phone.call("4001"))]
        await asyncio.sleep(0)
        phone.receive('{"message":"nova"}')
        await asyncio.gather(*tasks)

    for work, arguments in ((calling, (simulated,)), (following, ()), (talking, ()), (asyncio.run, (main(),))):
        threading.Thread(target=work, args=arguments, daemon=True).start()
    """


@pytest.mark.parametrize("end", ["", "raise SystemExit(0)", "plain.close(); simulated.close(); simulator.close()"])
def test_a_program_ends_with_sessions_open(script: Script, end: str) -> None:
    for _ in range(max(RUNS // 20, 1)):
        assert script.run(f"{OPEN}{BUSY}\n    begun.wait()\n    print('leaving')\n    {end}\n") == "leaving\n"


def test_a_program_ends_with_nothing_closed(script: Script) -> None:
    text = """
    phone = BlockingSession(lambda text: None)
    updates = phone.updates()
    ready(phone)
    next(updates)

    async def main():
        phone = Session(lambda text: None)
        ready(phone)
        task = asyncio.ensure_future(phone.call("4001"))
        updates = phone.updates()
        await asyncio.sleep(0)
        return phone, task, updates

    kept = asyncio.run(main())
    print("leaving")
    """
    assert script.run(OPEN + text) == "leaving\n"
