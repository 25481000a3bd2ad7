"""A session as a program holds it: over simulated phones in virtual time, over transports of all kinds."""

# The checker does not know the modules beside this one, nor what a test knows of the state at each line.
# mypy: disable-error-code="arg-type,assignment,attr-defined,call-overload"
# mypy: disable-error-code="import-not-found,operator,union-attr,var-annotated"

import asyncio
import contextlib
import gc
import logging
import pickle
import signal
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from conftest import until

import webphone
from webphone import (
    BlockingSession,
    CallPhase,
    Confirmed,
    EndReason,
    Mute,
    Sent,
    Session,
    Unchanged,
    Unconfirmed,
    causes,
    commands,
    events,
    reports,
    scripts,
)

CONNECTED = '{"message":"status","status":"conectado"}'
CALLING = '{"message":"status","status":"chamando"}'
TALKING = '{"message":"status","status":"conversando"}'
ENDED = '{"message":"status","status":"encerrada"}'
FAST = webphone.SessionConfig(post_timeout=0.2)


def ready(phone):
    phone.page_report(reports.Loaded())
    phone.receive(CONNECTED)


@pytest.fixture
def simulator():
    with webphone.Simulator(virtual_time=True) as simulator:
        yield simulator


async def moving(simulator, task, step=100):
    """What a task gives while time is moved."""
    task = asyncio.ensure_future(task)
    while not task.done():
        simulator.advance(step)
        await asyncio.sleep(0)
        await asyncio.wait([task], timeout=0.002)
    return await task


def test_the_ten_lines(simulator):
    async def run():
        async with Session(simulator.phone(4000)) as phone:
            updates = phone.updates()
            outcome = await phone.call("11999990000")
            assert outcome == Confirmed(by="chamada_id", call_id=outcome.call_id)
            simulator.advance(10_000)
            call = phone.state.call
            assert call.phase is CallPhase.TALKING
            began = call.talking
            assert call.talk_time == timedelta(milliseconds=simulator_now(phone) - began.mono_ms)
            assert call.elapsed() == call.ring_time + call.talk_time
            simulator.advance(60_000)
            assert call.elapsed() >= timedelta(minutes=1), "the label of a call that goes on does not tick"
            assert await moving(simulator, phone.send_dtmf("12#")) == Sent(keys=3)
            with pytest.raises(webphone.MuteUnknownError):
                await phone.set_muted(True)
            phone.assume_muted(False)
            assert await phone.set_muted(True) == Sent()
            assert phone.state.mute is Mute.ASSUMED_MUTED
            assert await phone.set_muted(True) == Unchanged()
            assert await phone.hang_up() == Confirmed("encerrada", outcome.call_id)
            (ended,) = phone.history()
            assert ended.end.reason is EndReason.ENDED
            assert ended.talk_time >= timedelta(minutes=1)
            lasted = ended.elapsed()
            simulator.advance(1000)
            assert ended.elapsed() == lasted
        seen = [update async for update in updates]
        assert [update.number for update in seen] == list(range(seen[0].number, seen[0].number + len(seen)))
        assert isinstance(seen[-1].cause, causes.ShutDown)
        assert seen[-1].state.shut_down
        assert any(isinstance(update.cause, causes.CallEnded) for update in seen)

    asyncio.run(run())


def simulator_now(phone):
    return phone._opened.now()


def test_blocking_verbs_do_the_same(simulator):
    with BlockingSession(simulator.phone("4000"), record="plain") as phone:
        outcome = phone.call(11999990000)
        assert outcome.by == "chamada_id"
        simulator.advance(timedelta(seconds=2))
        assert phone.send_dtmf("0") == Sent(keys=1)
        assert phone.start_recording() == Sent()
        assert phone.stop_recording() == Sent()
        assert phone.toggle_mute() == Sent()
        assert simulator.phone(4000).state.muted
        with pytest.raises(webphone.CallInProgressError):
            phone.call("4001")
        assert phone.hang_up().by == "encerrada"
        assert phone.join_queue(47).by == "entrou_na_fila"
        assert phone.pause_in_queue("47").by == "pausou_na_fila"
        assert phone.resume_in_queue().by == "despausou_na_fila"
        assert phone.leave_queue(47).by == "saiu_da_fila"
        assert phone.disconnect().by == "desconectado"
        with pytest.raises(webphone.NotReadyError) as caught:
            phone.call("4001")
        assert caught.value.reason is webphone.NotReadyReason.DISCONNECTED
        assert phone.connect().by == "conectado"
        trace = phone.trace()
    assert all(step.differs == () for step in webphone.replay(trace))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("11900000001", Confirmed),
        ("11900000002", Confirmed),
        ("11900000003", Confirmed),
        ("11900000004", webphone.RejectedError),
    ],
)
def test_magic_numbers(simulator, number, expected):
    with BlockingSession(simulator.phone(4000)) as phone:
        if issubclass(expected, Exception):
            with pytest.raises(expected) as caught:
                phone.call(number)
            assert caught.value.status_erro
        else:
            assert isinstance(phone.call(number), expected)


def test_what_comes_too_late_confirms_nothing(simulator):
    device = simulator.phone(4000)
    with BlockingSession(device) as phone, ThreadPoolExecutor(1) as pool:
        calling = pool.submit(phone.call, "11900000005")
        # Time moves when the command has reached the phone: else it might pass while it is still on its way.
        until(lambda: device.state.call)
        while not wait([calling], 0.005).done:
            simulator.advance(1000)
        assert calling.result() == Unconfirmed()


def test_two_phones_of_one_simulator_call_each_other(simulator):
    with BlockingSession(simulator.phone(4000)) as one, BlockingSession(simulator.phone(4001)) as other:
        simulator.advance(3000)
        one.call(4001)
        simulator.advance(100)
        assert other.state.ringing.number.digits == "4000"
        assert other.answer().by == "conversando"
        simulator.advance(100)
        assert one.state.call.phase is other.state.call.phase is CallPhase.TALKING
        other.hang_up()
        simulator.advance(100)
        assert one.state.call is other.state.call is None


def test_a_scripted_world(simulator):
    device = simulator.phone(4000)
    with BlockingSession(device) as phone:
        simulator.advance(3000)
        device.incoming("(79) 91234-5678", gives_up_after=20)
        simulator.advance(100)
        assert phone.state.ringing.number == webphone.CallNumber("(79) 91234-5678", "79912345678")
        simulator.advance(21_000)
        assert phone.history()[-1].end.reason is EndReason.MISSED
        device.add_script(scripts.Script(scripts.Refused("sem credito")))
        with pytest.raises(webphone.RejectedError, match="sem credito"):
            phone.call("11999990000")
        device.add_script(scripts.Script(scripts.Answers(0.5), hangs_up_after=timedelta(seconds=3)))
        phone.call("11999990000")
        simulator.advance(10_000)
        assert phone.history()[-1].talk_time == timedelta(seconds=3)
        device.add_fault(scripts.PhoneFault.BROKEN_PAYLOAD)
        device.incoming("4001")
        simulator.advance(100)
        assert phone.state.broken_events == 1
        device.crash()
        simulator.advance(100)
        assert phone.state.page.phase is webphone.PagePhase.LOST
    assert device.state.page == "crashed"


def test_a_transport_of_ones_own_over_a_simulated_phone(simulator):
    device = simulator.phone(4001)
    device.open_page()

    def carry(phone):
        for output in device.next_messages():
            phone.receive(output) if isinstance(output, str) else phone.page_report(output)

    with BlockingSession(device.post, clock=simulator.clock) as phone:
        until(lambda: carry(phone) or phone.state.page.phase is webphone.PagePhase.READY)
        simulator.advance(timedelta(seconds=1))
        assert simulator_now(phone) == simulator.clock.now().mono_ms == 1000


# Transports


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.DEBUG, "webphone")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "webphone.session"]


def failing(text):
    raise OSError(f"this is where the number would stand: {text}")


async def failing_later(text):
    await asyncio.sleep(0)
    failing(text)


async def hanging(text):
    await asyncio.Event().wait()


async def resisting(text):
    while not _over.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


_over = threading.Event()


@pytest.mark.parametrize("transport", [failing, failing_later, hanging, lambda text: hanging(text), resisting])
def test_what_is_not_posted_is_said_so(transport, said):
    _over.clear()

    async def run():
        async with Session(transport, config=FAST) as phone:
            ready(phone)
            for _ in range(2):
                with pytest.raises(webphone.PageLostError) as caught:
                    await asyncio.wait_for(phone.call("11999990000"), 20)
                assert caught.value.posted is webphone.Posted.NO
            assert phone.state.call is None
        _over.set()

    asyncio.run(run())
    assert len(said()) == 2
    assert all("not posted" in line and "1199" not in line and "numero" not in line for line in said())


def test_a_blocking_transport_that_fails_or_blocks_is_said_so(said):
    let_go = threading.Event()

    def blocking(text):
        let_go.wait(60)

    for transport in (failing, blocking, hanging_lambda):
        with BlockingSession(transport, config=FAST) as phone:
            ready(phone)
            with pytest.raises(webphone.PageLostError):
                phone.call("11999990000")
    let_go.set()
    assert len(said()) == 3
    assert all("1199" not in line for line in said())


class Awaitable:
    def __await__(self):
        yield


def hanging_lambda(text):
    return Awaitable()


def test_an_async_function_is_no_transport_of_a_blocking_session():
    with pytest.raises(TypeError, match="async"):
        BlockingSession(hanging)
    for session in (Session, BlockingSession):
        with pytest.raises(TypeError, match="a transport is"):
            session(None)


def answering(phone_of):
    """A transport that answers by itself: it uses the session that it posts for."""

    def answer(text):
        phone = phone_of()
        if "chamaNumero" in text:
            phone.receive(CALLING)
            phone.receive('{"message":"chamada_id","chamada_id":7}')
        elif "hangup" in text:
            phone.receive(ENDED)
        assert phone.state.page.phase is webphone.PagePhase.READY

    return answer


def test_a_transport_may_use_the_session():
    made = []
    with BlockingSession(answering(lambda: made[0])) as phone:
        made.append(phone)
        ready(phone)
        assert phone.call("4001") == Confirmed("chamada_id", "7")
        assert phone.hang_up() == Confirmed("encerrada", "7")

    async def run():
        made[0] = Session(answering(lambda: made[0]))
        async with made[0] as phone:
            ready(phone)
            assert await phone.call("4001") == Confirmed("chamada_id", "7")

    asyncio.run(run())


def test_cancelling_the_task_cancels_the_command():
    async def run():
        texts = asyncio.Queue()
        async with Session(texts.put_nowait) as phone:
            # At the gate: it is dropped.
            waiting = asyncio.ensure_future(phone.call("4001"))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            updates = phone.updates()
            ready(phone)
            # Posted: it goes on, and nobody waits.
            waiting = asyncio.ensure_future(phone.call("4002"))
            assert "4002" in await texts.get()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            phone.receive(CALLING)
            assert phone.state.call.phase is CallPhase.CALLING
            phone.close()
            codes = [update.cause.code async for update in updates if isinstance(update.cause, causes.Settled)]
            assert codes == ["cancelled"]

    asyncio.run(run())


# Waiting, threads, loops


def test_other_threads_use_the_session_of_a_running_loop():
    async def run():
        made = []
        async with Session(answering(lambda: made[0])) as phone:
            made.append(phone)
            ready(phone)
            loop = asyncio.get_running_loop()
            blocking = phone.blocking
            with pytest.raises(RuntimeError, match="block the event loop"):
                blocking.call("4001")
            outcome = await loop.run_in_executor(None, blocking.call, "4001")
            assert outcome == Confirmed("chamada_id", "7")
            seen = []
            updates = phone.updates()
            following = loop.run_in_executor(None, lambda: seen.extend(updates))
            assert (await loop.run_in_executor(None, blocking.hang_up)).by == "encerrada"
            await phone.aclose()
            await following
            assert isinstance(seen[-1].cause, causes.ShutDown)

    asyncio.run(run())


def test_several_loops_share_a_session():
    made = []

    async def post(text):
        answering(lambda: made[0])(text)

    async def first():
        async with Session(post) as phone:
            made.append(phone)
            ready(phone)

            async def second():
                return await phone.call("4001")

            return await asyncio.to_thread(asyncio.run, second())

    assert asyncio.run(first()) == Confirmed("chamada_id", "7")


def test_many_threads_give_commands_at_once():
    # Each of the 64 that are open at a time ends.
    with BlockingSession(lambda _: None, config=webphone.SessionConfig(queue_timeout=0.2)) as phone:
        ready(phone)
        ends = []

        def give(queue):
            ends.append(type(phone.join_queue(queue)))

        threads = [threading.Thread(target=give, args=(number,)) for number in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ends == [Unconfirmed] * 40


def test_an_interrupt_ends_a_blocking_verb_and_its_command():
    with BlockingSession(lambda _: None) as phone:
        updates = phone.updates()
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            phone.call("4001")
        assert time.monotonic() - start < 5
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            next(update for update in updates if isinstance(update.cause, causes.CallEnded))
        phone.close()
        assert phone.state.call is None


# Updates


def test_updates_are_from_now_on_and_for_each_follower():
    with BlockingSession(lambda _: None) as phone:
        ready(phone)
        one, other = phone.updates(), phone.updates()
        phone.receive(TALKING)
        heard = next(one)
        assert heard.cause == causes.Event(events.Status(events.CallStatus.TALKING), unexpected=heard.cause.unexpected)
        assert heard.state == phone.state
        assert next(other) == heard
        later = phone.updates()
        phone.receive(ENDED)
        assert next(later).number == heard.number + 1


def test_a_slow_follower_is_told_what_it_lost():
    with BlockingSession(lambda _: None) as phone:
        updates = phone.updates(limit=2)
        for _ in range(5):
            phone.page_report(reports.Notice("a"))
        assert next(updates).cause == causes.Overflow(lost=3)
        assert [next(updates).number for _ in range(2)] == [4, 5]
        for limit in (0, -1, 65_537):
            with pytest.raises(webphone.InvalidError):
                phone.updates(limit)


def test_who_stops_reading_follows_no_more():
    with BlockingSession(lambda _: None) as phone:
        ready(phone)
        phone.receive(TALKING)
        updates = phone.updates()
        updates.close()
        assert list(updates) == []
        followed = weakref.ref(phone.updates())
        gc.collect()
        assert followed() is None
        updates = phone.updates()
        phone.close()
        phone.close()
        assert [type(update.cause) for update in updates][-1] is causes.ShutDown
        assert list(updates) == []
        assert list(phone.updates()) == []


def test_one_reader_at_a_time():
    async def run():
        async with Session(lambda _: None) as phone:
            updates = phone.updates()
            first = asyncio.ensure_future(updates.__anext__())
            await asyncio.sleep(0)
            with pytest.raises(webphone.BusyError):
                await updates.__anext__()
            with pytest.raises(webphone.BusyError):
                next(updates)
            phone.page_report(reports.Loaded())
            assert (await first).cause == causes.Page(reports.Loaded())

    asyncio.run(run())


def test_both_ways_of_crossing_make_the_same():
    """What crosses as text and what crosses as the generated module's records is the same picture."""
    with BlockingSession(lambda _: None, record="plain") as phone:
        updates = phone.updates()
        ready(phone)
        for text in (
            '{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","chamadaRecebidaId":1}',
            '{"message":"status","status":"algo novo"}',
            '{"message":"entrou_na_fila","filaId":47}',
            '{"message":"status_erro","status_erro":"x"}',
            '{"message":"nova","a":1}',
            '{"message":"chamada_id","chamada_id":[]}',
            ENDED,
        ):
            phone.receive(text)
        trace = phone.trace()
        phone.close()
        seen = [update for update in updates if not isinstance(update.cause, causes.ShutDown)]
    again = [update for step in webphone.replay(trace) for update in step.updates]
    assert seen == again
    assert [hash(update) for update in seen] == [hash(update) for update in again]
    assert events.Status(events.OtherStatus("algo novo")) in [getattr(u.cause, "event", None) for u in seen]
    for update in seen:
        assert pickle.loads(pickle.dumps(update)) == update


# Ends


def test_after_its_end_a_session_says_so():
    with BlockingSession(lambda _: None) as phone:
        ready(phone)
    phone.receive(TALKING)
    phone.page_report(reports.Loaded())
    phone.assume_muted(True)
    for verb in (phone.hang_up, lambda: phone.call("4001"), phone.connect):
        with pytest.raises(webphone.SessionClosedError) as caught:
            verb()
        assert caught.value.posted is webphone.Posted.NO
        assert isinstance(caught.value, webphone.ClosedError)
    assert phone.state.shut_down
    assert "closed" in repr(phone)
    with pytest.raises(webphone.ClosedError):
        phone.change_url(webphone.WebphoneUrl.parse("https://host.example/w3/?key=1"))
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(phone)


def test_closing_ends_who_waits():
    with BlockingSession(lambda _: None) as phone:
        ended = []

        def wait():
            with pytest.raises(webphone.SessionClosedError):
                phone.call("4001")
            ended.append(True)

        thread = threading.Thread(target=wait)
        updates = phone.updates()
        thread.start()
        phone.close()
        thread.join(20)
        assert list(updates)
        assert ended == [True]


def test_a_forgotten_session_ends():
    texts = []
    updates = None

    def forget():
        nonlocal updates
        phone = BlockingSession(texts.append)
        updates = phone.updates()
        return weakref.ref(phone)

    assert forget()() is None
    assert [type(update.cause) for update in updates] == [causes.ShutDown]
    until(lambda: not any(thread.name == "webphone-post" for thread in threading.enumerate()))


def test_urls_that_dial_are_loaded_once():
    dials = webphone.WebphoneUrl.parse("https://host.example/w3/?key=1&ligar_para=4001")
    plain = webphone.WebphoneUrl.parse("https://host.example/w3/?key=1&tipo=hidden")
    with BlockingSession(lambda _: None, url=plain) as phone:
        phone.change_url(plain)
        with pytest.raises(webphone.DialsOnOpenError):
            phone.change_url(dials)


# Bad input


@pytest.mark.parametrize(
    "text",
    ["", "x" * 10_000_000, "[" * 1000 + "]" * 1000, '"\\ud800"', "\ud800", '{"message":"status","status":"\ud800"}',
     '{"message":"chamada_id","chamada_id":1e400}', '{"message":"chamada_id","chamada_id":NaN}',
     '{"message":"status","message":"x","status":1}', "\0"],
    ids=range(10),
)  # fmt: skip
def test_bad_messages_leave_the_state_sound(text):
    with BlockingSession(lambda _: None) as phone:
        ready(phone)
        before = phone.state
        phone.receive(text)
        after = phone.state
        assert (after.page, after.line, after.call) == (before.page, before.line, before.call)
        phone.receive(TALKING)
        assert phone.state.call.phase is CallPhase.TALKING


def test_bad_arguments_send_nothing():
    sent = []
    with BlockingSession(sent.append) as phone:
        for wrong in (None, 1.5, b"4001", True, ["4001"]):
            with pytest.raises(TypeError):
                phone.call(wrong)
            with pytest.raises(TypeError):
                phone.join_queue(wrong)
        for wrong in (None, 5, b"1"):
            with pytest.raises(TypeError):
                phone.send_dtmf(wrong)
            with pytest.raises(TypeError):
                phone.receive(wrong)
        refused = [
            (phone.call, ["", "\ud800", "a"]),
            (phone.send_dtmf, ["", "\ud800", "a"]),
            (phone.join_queue, ["", "x" * 65]),
            (phone.pause_in_queue, ["\0"]),
        ]
        for verb, wrong in [(verb, wrong) for verb, wrongs in refused for wrong in wrongs]:
            with pytest.raises(webphone.InvalidError):
                verb(wrong)
        for wrong in (reports, "loaded", None, events.Unknown("a", "{}")):
            with pytest.raises(TypeError):
                phone.page_report(wrong)
            with pytest.raises(TypeError):
                phone.execute(wrong)
        with pytest.raises(webphone.InvalidError):
            phone.execute(commands.SendDtmf("12"))
        for config in (webphone.SessionConfig(call_timeout=-1), webphone.SessionConfig(history_limit=1001)):
            with pytest.raises(webphone.InvalidError):
                BlockingSession(sent.append, config=config)
        with pytest.raises(TypeError, match="record"):
            BlockingSession(sent.append, record="all")
    assert sent == []


def test_numbers_are_masked_in_a_recording_when_asked():
    with BlockingSession(lambda _: None, record="masked") as phone:
        ready(phone)
        phone.receive('{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678"}')
        assert "1234" not in phone.trace()
        assert all(step.differs == () for step in webphone.replay(phone.trace()))
    with BlockingSession(lambda _: None) as phone:
        assert phone.trace() is None
