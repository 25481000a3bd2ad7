"""`webphone.playwright` with Playwright's async API: a real phone in a real Chromium."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Error, async_playwright
from real_phones import PATIENCE, Numbers, Story, in_time, talking

import webphone
from webphone import PhoneType, causes, reports
from webphone.page import HostPageOptions, PhoneLoading
from webphone.playwright import Webphone, launch_options, open_phone

Run = Callable[[Callable[[Browser], Coroutine[Any, Any, Any]]], Any]


@pytest.fixture(scope="module")
def numbers() -> Iterator[Numbers]:
    with webphone.Simulator(extensions=range(4000, 4100)) as simulator:
        yield Numbers(simulator)


@pytest.fixture(scope="module")
def chromium() -> Iterator[tuple[asyncio.AbstractEventLoop, Browser]]:
    loop = asyncio.new_event_loop()

    async def start() -> tuple[Any, Browser]:
        manager = async_playwright()
        return manager, await (await manager.__aenter__()).chromium.launch(**launch_options())

    manager, browser = loop.run_until_complete(start())
    yield loop, browser
    loop.run_until_complete(browser.close())
    loop.run_until_complete(manager.__aexit__())
    loop.close()


@pytest.fixture
def run(chromium: tuple[asyncio.AbstractEventLoop, Browser]) -> Run:
    """Runs a test in the loop of the browser, and leaves nothing open there."""
    loop, browser = chromium

    def run(test: Callable[[Browser], Coroutine[Any, Any, Any]]) -> Any:
        before = len(browser.contexts)
        result = loop.run_until_complete(asyncio.wait_for(test(browser), 2 * PATIENCE))
        assert len(browser.contexts) == before
        return result

    return run


@pytest.mark.parametrize("kind", PhoneType)
def test_a_call(run, numbers, kind):
    number, url = numbers.url(kind)

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            story = Story(phone)
            outcome = await phone.call("11999990000")
            assert isinstance(outcome, webphone.Confirmed)
            assert outcome.call_id is not None
            await story.until(talking)
            assert numbers.microphone(number) == "live"
            assert await phone.send_dtmf("12#") == webphone.Sent(keys=3)
            assert isinstance(await phone.hang_up(), webphone.Confirmed)
            await story.until(lambda state: state.call is None)
            numbers.simulator.phone(number).incoming("(79) 91234-5678")
            await story.until(lambda state: state.ringing is not None)
            assert isinstance(await phone.answer(), webphone.Confirmed)
            await story.until(talking)
        numbers.until_closed(number)
        assert phone.page.is_closed()

    run(test)


def test_nothing_of_the_bridge_is_seen_by_the_page(run, numbers):
    _, url = numbers.url()

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await phone.call("11999990000")
            names = "Object.getOwnPropertyNames(window).filter(name => /webphone/i.test(name))"
            for frame in phone.page.frames:
                seen = await frame.evaluate(names)
                # What the vendor's script leaves there itself, and no more.
                assert set(seen) <= {"webphone"}

    run(test)


def test_a_flood_of_a_frame_that_is_not_the_phone_is_ignored(run, numbers):
    _, url = numbers.url(PhoneType.EMBEDDED)

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            story = Story(phone)
            await story.until(lambda state: state.page.phase is webphone.PagePhase.READY)
            await phone.page.evaluate(
                """() => { for (let n = 0; n < 1000; n++) {
                     postMessage({ message: "chegandoChamada", numeroChegando: "666" }, "*");
                     postMessage({ webphone: 1, nonce: "x", seq: n, batch: [["closed"]] }, "*");
                } }"""
            )
            assert isinstance(await phone.call("11999990000"), webphone.Confirmed)
            assert phone.state.ringing is None

    run(test)


def test_a_frame_cannot_speak_for_the_page(run, numbers):
    """Chromium makes the bridge's world in frames of the page's process too: what comes from there is not heard."""
    _, url = numbers.url(PhoneType.EMBEDDED)

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await phone.call("11999990000")
            link, load = phone._carrier.host._link, phone._carrier.host._load
            assert load is not None
            nonce = load.bridge.split('"nonce":"')[1].split('"')[0]
            worlds: list[Any] = []
            cdp = await phone.page.context.new_cdp_session(phone.page)
            cdp.on("Runtime.executionContextCreated", lambda event: worlds.append(event["context"]))
            await cdp.send("Runtime.enable")
            main = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            [frame] = [w["id"] for w in worlds if w["name"] == "webphone" and w["auxData"]["frameId"] != main]
            closed = json.dumps({"webphone": 1, "nonce": nonce, "seq": 999, "batch": [["closed"]]})
            before = link.ignored
            script = {"expression": f"webphonePost({json.dumps(closed)})", "contextId": frame}
            assert "exceptionDetails" not in await cdp.send("Runtime.evaluate", script)
            assert isinstance(await phone.hang_up(), webphone.Confirmed)
            assert link.ignored == before + 1

    run(test)


def test_the_microphone_is_the_phones_and_nobody_elses(run, numbers):
    _, url = numbers.url(PhoneType.EMBEDDED)

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await phone.call("11999990000")
            other = await phone.page.context.new_page()
            # The phone's own origin, outside of the host page.
            await other.goto(f"{url.origin}/w3/?key=none")
            ask = "navigator.permissions.query({ name: 'microphone' }).then(status => status.state)"
            assert await other.evaluate(ask) != "granted"
            assert await phone.page.evaluate(ask) == "granted"
            await other.close()

    run(test)


async def lost_while_it_waits(
    numbers: Numbers, number: str, phone: Webphone, lose: Callable[[], Coroutine[Any, Any, Any]]
) -> None:
    """A command that waits for the phone's answer ends when the page is lost, and says that it had been posted."""
    story = Story(phone)
    # It is never heard that this call ended.
    await phone.call("11999990006")
    await story.until(talking)
    hanging_up = asyncio.ensure_future(phone.hang_up())
    await asyncio.to_thread(numbers.until, number, lambda state: state.call is None)
    await lose()
    with pytest.raises(webphone.PageLostError) as caught:
        await hanging_up
    assert caught.value.posted in (webphone.Posted.YES, webphone.Posted.UNKNOWN)
    state = await story.until(lambda state: state.page.phase is webphone.PagePhase.LOST)
    assert state.call is None


async def crashed(phone: Webphone) -> None:
    with pytest.raises(Error):
        await phone.page.goto("chrome://crash")


LOSSES: dict[str, Callable[[Webphone], Coroutine[Any, Any, Any]]] = {
    "crash": crashed,
    "navigation": lambda phone: phone.page.goto("about:blank"),
    "reload": lambda phone: phone.page.reload(),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_page_that_is_lost_and_loaded_again(run, numbers, loss):
    number, url = numbers.url()

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await lost_while_it_waits(numbers, number, phone, lambda: LOSSES[loss](phone))
            await phone.restart()
            assert isinstance(await phone.call("11999990001"), webphone.Confirmed)

    run(test)


def test_a_page_that_somebody_closes(run, numbers):
    number, url = numbers.url()

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await lost_while_it_waits(numbers, number, phone, phone.page.close)

    run(test)


def test_a_browser_that_ends(numbers):
    number, url = numbers.url()

    async def test():
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options())
            async with await open_phone(browser, url) as phone:
                await lost_while_it_waits(numbers, number, phone, browser.close)

    asyncio.run(in_time(test()))


@pytest.mark.parametrize(
    ("kind", "loading", "load", "failure"),
    [
        (PhoneType.EMBEDDED, None, "forbidden", reports.Status(403)),
        (PhoneType.HIDDEN, None, "forbidden", reports.Status(403)),
        (PhoneType.HIDDEN, PhoneLoading.FRAME, "forbidden", reports.Status(403)),
        (PhoneType.FLOATING, PhoneLoading.POPUP, "forbidden", reports.Status(403)),
        (PhoneType.EMBEDDED, None, "unframeable", reports.Blocked()),
    ],
)
def test_a_phone_whose_document_is_refused(run, numbers, kind, loading, load, failure):
    number, url = numbers.url(kind)
    numbers.control(f"/phones/{number}/page", "PUT", {"load": load})

    async def test(browser):
        async with await open_phone(browser, url, options=HostPageOptions(loading=loading)) as phone:
            await failed(phone, failure)

    run(test)


async def failed(phone: Webphone, failure: reports.LoadFailure) -> None:
    """The host tells why the phone's document did not load, and silence is not taken for life."""

    def is_it(update: webphone.Update) -> bool:
        match update.cause:
            case causes.Page(reports.Failed(detail, told)):
                assert "key=" not in detail
                return told == failure
            case _:
                return False

    await Story(phone).told(is_it)
    assert phone.state.page.failed


def test_a_phone_that_is_not_there(run):
    with webphone.Simulator() as gone:
        _, url = Numbers(gone).url()

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await failed(phone, reports.Network("net::ERR_CONNECTION_REFUSED"))

    run(test)


def test_a_phone_whose_certificate_nobody_knows(run):
    with webphone.Simulator(tls=True) as simulator:
        _, url = Numbers(simulator).url(PhoneType.EMBEDDED)

        async def test(browser):
            async with await open_phone(browser, url) as phone:
                await failed(phone, reports.Tls())

        run(test)


def test_another_url_in_the_place_of_one_that_expires(run, numbers):
    _, url = numbers.url()
    number, renewed = numbers.url(PhoneType.EMBEDDED)

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            await phone.call("11999990000")
            with pytest.raises(webphone.CallInProgressError):
                await phone.renew(renewed)
            await phone.hang_up()
            await phone.renew(renewed)
            assert isinstance(await phone.call("11999990000"), webphone.Confirmed)
            assert numbers.simulator.phone(number).state.call is not None

    run(test)


def test_a_url_that_dials_is_loaded_once(run, numbers):
    _, url = numbers.url(call_on_open="11999990000")

    async def test(browser):
        async with await open_phone(browser, url) as phone:
            story = Story(phone)
            state = await story.until(talking)
            assert state.call is not None
            assert state.call.origin is webphone.CallOrigin.PAGE
            with pytest.raises(webphone.DialsOnOpenError):
                await phone.restart()

    run(test)


def test_a_context_of_ones_own_with_its_traces_and_pictures(run, numbers, tmp_path):
    _, url = numbers.url(PhoneType.EMBEDDED)

    async def test(browser):
        context = await browser.new_context(viewport={"width": 360, "height": 640}, color_scheme="dark")
        await context.tracing.start(screenshots=True, snapshots=True)
        async with await open_phone(context, url, record="masked") as phone:
            await phone.call("11999990000")
            assert len(await phone.page.screenshot()) > 1000
            # All of the page is the phone.
            assert await phone.page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
            trace = phone.trace()
        assert context.pages == []
        await context.tracing.stop(path=tmp_path / "trace.zip")
        assert (tmp_path / "trace.zip").stat().st_size > 1000
        await context.close()
        assert trace is not None
        assert "99999" not in trace
        assert webphone.replay(trace)[-1].differs == ()

    run(test)


def test_two_phones_call_each_other(run, numbers):
    (_, one), (number, other) = numbers.url(), numbers.url(PhoneType.EMBEDDED)

    async def test(browser):
        async with await open_phone(browser, one) as caller, await open_phone(browser, other) as called:
            story, ringing = Story(caller), Story(called)
            await ringing.until(lambda state: state.page.phase is webphone.PagePhase.READY)
            assert isinstance(await caller.call(number), webphone.Confirmed)
            await ringing.until(lambda state: state.ringing is not None)
            await called.answer()
            await story.until(talking)
            await ringing.until(talking)

    run(test)


def test_a_floating_phone_in_a_window_of_its_own(run, numbers):
    number, url = numbers.url(PhoneType.FLOATING)

    async def test(browser):
        options = HostPageOptions(loading=PhoneLoading.POPUP)
        async with await open_phone(browser, url, options=options) as phone:
            assert isinstance(await phone.call("11999990000"), webphone.Confirmed)
            assert len(phone.page.context.pages) == 2
            assert numbers.microphone(number) == "live"

    run(test)


def test_a_phone_that_nobody_holds_closes_itself(run, numbers):
    number, url = numbers.url()

    async def test(browser):
        phone = await open_phone(browser, url)
        await phone.call("11999990000")
        closed = asyncio.get_running_loop().create_future()
        phone.page.context.once("close", lambda _: closed.set_result(None))
        del phone
        gc.collect()
        await closed

    run(test)
    numbers.until_closed(number)


def test_a_session_that_is_closed_from_another_thread(run, numbers):
    _, url = numbers.url()

    async def test(browser):
        phone = await open_phone(browser, url)
        outcome = await asyncio.to_thread(phone.blocking.call, "11999990000")
        assert isinstance(outcome, webphone.Confirmed)
        with pytest.raises(RuntimeError, match="event loop"):
            phone.blocking.call("11999990000")
        await asyncio.to_thread(phone.close)
        await phone.aclose()
        assert phone.page.is_closed()
        with pytest.raises(webphone.SessionClosedError):
            await phone.call("1234")
        with pytest.raises(webphone.ClosedError):
            await phone.restart()

    run(test)


def test_the_headless_shell_and_other_engines_are_refused(numbers):
    _, url = numbers.url()

    async def test():
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell")
            with pytest.raises(webphone.InvalidError, match="headless shell"):
                await open_phone(browser, url)
            assert browser.contexts == []
            await browser.close()

    asyncio.run(in_time(test()))


def test_what_a_browser_is_started_with(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    options = launch_options()
    assert options["headless"]
    assert str(options["executable_path"]).endswith("chromium")
    assert "--use-fake-device-for-media-stream" in options["args"]
    # The permission is given to the phone, and to nobody else.
    assert "--use-fake-ui-for-media-stream" not in options["args"]
    (tmp_path / "chromium-1234").mkdir()
    assert launch_options()["channel"] == "chromium"
    real = launch_options(headed=True, microphone="real")
    assert real["ignore_default_args"] == ["--mute-audio"]
    assert not any("fake" in argument for argument in real["args"])
    sound = tmp_path / "hello.wav"
    with pytest.raises(webphone.InvalidError, match="microphone"):
        launch_options(microphone=sound)
    sound.write_bytes(b"RIFF")
    assert f"--use-file-for-fake-audio-capture={sound}" in launch_options(microphone=sound)["args"]
    with pytest.raises(webphone.InvalidError, match="executable"):
        launch_options(executable=tmp_path / "nothing")


def test_no_secret_is_in_what_is_shown(run, numbers):
    _, url = numbers.url()
    secret = url.reveal().split("key=")[1][:16]

    async def test(browser):
        async with await open_phone(browser, url, record="plain") as phone:
            await phone.call("11999990000")
            shown = [repr(phone), str(phone.state), json.dumps(phone.trace()), repr(phone.page)]
        assert not any(secret in text for text in shown)

    run(test)
