"""`webphone.playwright` with Playwright's sync API, which moves only while its thread calls it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from real_phones import PATIENCE, Numbers, talking

import webphone
from webphone import PhoneType, causes
from webphone.playwright import BlockingWebphone, launch_options, open_phone


@pytest.fixture(scope="module")
def numbers() -> Iterator[Numbers]:
    with webphone.Simulator(extensions=range(4000, 4100)) as simulator:
        yield Numbers(simulator)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


def until(phone: BlockingWebphone, wanted):
    """A plain loop over the updates, which waits in this thread."""
    updates = phone.updates()
    if wanted(phone.state):
        return phone.state
    return next(update.state for update in updates if wanted(update.state))


@pytest.mark.parametrize("kind", PhoneType)
def test_a_call_from_a_plain_script(browser, numbers, kind):
    number, url = numbers.url(kind)
    with open_phone(browser, url) as phone:
        assert isinstance(phone.call("11999990000"), webphone.Confirmed)
        until(phone, talking)
        assert numbers.microphone(number) == "live"
        assert phone.send_dtmf("12#") == webphone.Sent(keys=3)
        assert isinstance(phone.hang_up(), webphone.Confirmed)
        until(phone, lambda state: state.call is None)
        assert phone.page.title() == "Webphone"
    numbers.until_closed(number)
    assert phone.page.is_closed()
    assert browser.contexts == []


def test_a_wait_lets_playwright_move(browser, numbers):
    """While the thread waits for the phone, what the browser says arrives, and its handlers may call Playwright."""
    number, url = numbers.url(PhoneType.EMBEDDED)
    with open_phone(browser, url) as phone:
        said = []

        def on_console(message):
            said.append((message.text, phone.page.evaluate("1 + 1")))
            numbers.simulator.phone(number).incoming("4001")

        phone.page.on("console", on_console)
        until(phone, lambda state: state.page.phase is webphone.PagePhase.READY)
        phone.page.evaluate("setTimeout(() => console.log('later'), 300)")
        until(phone, lambda state: state.ringing is not None)
        assert said == [("later", 2)]
        assert isinstance(phone.answer(), webphone.Confirmed)


def test_a_page_is_served_while_playwright_is_waited_for(browser, numbers):
    _, url = numbers.url(PhoneType.EMBEDDED)
    with open_phone(browser, url) as phone:
        # Nobody waits for the session here: the phone is inserted and connects all the same.
        phone.page.frame_locator("iframe").get_by_role("button", name="Disconnect").wait_for()
        assert phone.state.line is webphone.Line.CONNECTED


def test_another_thread_calls_meanwhile(browser, numbers):
    _, url = numbers.url()
    with open_phone(browser, url) as phone:
        outcomes: list[object] = []
        thread = threading.Thread(target=lambda: outcomes.append(phone.call("11999990000")))
        updates = phone.updates()
        thread.start()
        next(update for update in updates if talking(update.state))
        thread.join(PATIENCE)
        assert isinstance(outcomes[0], webphone.Confirmed)
        # Which thread it is decides who closes the page.
        other = threading.Thread(target=phone.close)
        other.start()
        other.join(PATIENCE)
        assert not phone.page.is_closed()
    assert phone.page.is_closed()


def test_a_page_that_is_lost_and_loaded_again(browser, numbers):
    _, url = numbers.url()
    with open_phone(browser, url) as phone:
        updates = phone.updates()
        phone.call("11999990000")
        with pytest.raises(PlaywrightError, match="crash"):
            phone.page.goto("chrome://crash")
        next(update for update in updates if update.state.page.phase is webphone.PagePhase.LOST)
        ended = next(update.cause for update in updates if isinstance(update.cause, causes.CallEnded))
        assert ended.call.end is not None
        assert ended.call.end.reason is webphone.EndReason.PAGE_LOST
        phone.restart()
        assert isinstance(phone.call("11999990000"), webphone.Confirmed)
        with pytest.raises(webphone.CallInProgressError):
            phone.restart()


def test_a_page_that_was_closed(browser, numbers):
    _, url = numbers.url()
    # A command waits that long for another page. Nothing here depends on how fast one loads.
    with open_phone(browser, url, config=webphone.SessionConfig(ready_timeout=1)) as phone:
        phone.page.close()
        with pytest.raises(webphone.NotReadyError) as caught:
            phone.call("11999990000")
        assert caught.value.reason is webphone.NotReadyReason.PAGE_LOST


def test_a_context_of_ones_own(browser, numbers):
    _, url = numbers.url()
    context = browser.new_context()
    with open_phone(context, url) as phone:
        phone.call("11999990000")
    assert context.pages == []
    context.close()


def test_the_headless_shell_is_refused(browser, numbers):
    _, url = numbers.url()
    shell = browser.browser_type.launch(executable_path="/usr/bin/chromium-headless-shell")
    with pytest.raises(webphone.InvalidError, match="headless shell"):
        open_phone(shell, url)
    assert shell.contexts == []
    shell.close()


WAITS = """
import sys
from playwright.sync_api import sync_playwright
import webphone
from webphone.playwright import launch_options, open_phone
with webphone.Simulator() as simulator, simulator.client() as client, sync_playwright() as p:
    browser = p.chromium.launch(**launch_options(), handle_sigint=False)
    with open_phone(browser, client.fetch(webphone.Extension.number(4000), type=webphone.PhoneType.HIDDEN)) as phone:
        phone.call("11999990000")
        try:
            for update in phone.updates():
                print("waiting", flush=True)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        print(phone.hang_up())
"""


def test_an_interrupt_ends_a_wait(tmp_path):
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
        assert process.wait(PATIENCE) == 0
    assert "interrupted" in rest
    assert rest[-1].startswith("Confirmed(by='encerrada'")
