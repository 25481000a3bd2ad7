"""Show the package at work against a simulated API: URLs, a batch, a refusal, a retry, calls in and out of a browser.

usage: demo.py [PICTURE]     PICTURE: where the browser's screenshot goes (default: a file for it alone)
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tqdm import tqdm

import webphone
from webphone import Extension, PhoneType, faults

BATCH = 2_000


def say(text: str = "") -> None:
    """A line for whoever watches."""
    print(text, flush=True)


def one_of_each_type(client: webphone.Client) -> None:
    """The three ways in which a phone shows itself."""
    say("One URL of each type. A URL is a credential, so its text hides it; reveal() gives it:")
    for kind in PhoneType:
        url = client.fetch(Extension.number(4000), type=kind)
        say(f"  {kind.value:<9} {url}  ({len(url.reveal())} characters)")


def a_batch(client: webphone.Client, extensions: list[Extension]) -> None:
    """Many at once, in order and with bounded memory."""
    say(f"\nA batch of {len(extensions):,}, at most 64 under way at a time:")
    start = time.monotonic()
    failed = 0
    with (
        client.fetch_many(extensions, type=PhoneType.HIDDEN, concurrency=64) as results,
        tqdm(results, total=len(extensions), unit=" URLs", mininterval=0.3, file=sys.stdout, ncols=80) as shown,
    ):
        for expected, result in zip(extensions, shown, strict=True):
            assert result.request.extension == expected
            failed += result.error is not None
    say(f"  {len(extensions) - failed:,} fetched, {failed} failed, in order, in {time.monotonic() - start:.1f} s")


def a_refusal(client: webphone.Client) -> None:
    """An error says what to do, and has the fields to do it."""
    say("\nAn extension that the account does not have:")
    try:
        client.fetch(Extension.number(9999))
    except webphone.RefusedError as error:
        say(f"  {type(error).__name__}: {error}")
        say(
            f"  reason {error.reason}, HTTP {error.http_status}, motivo {error.motivo}, retryable: {error.is_retryable}"
        )


def a_retry(client: webphone.Client, simulator: webphone.Simulator) -> None:
    """What is wrong only for a moment is tried again, within the timeout."""
    say("\nAn API that is not there for a moment (503), then wants less (429), then answers:")
    simulator.forget_requests()
    simulator.add_fault(faults.Fail(503), times=1)
    simulator.add_fault(faults.Fail(429, retry_after=1), times=1)
    start = time.monotonic()
    url = client.fetch(Extension.number(4001))
    answers = [str(request.http_status) for request in simulator.requests().requests]
    say(f"  {url}")
    say(f"  answers: {', then '.join(answers)}; {time.monotonic() - start:.1f} s in all")


def a_call(simulator: webphone.Simulator) -> None:
    """A phone as a session: each command says what became of it, and the recording shows the rest."""
    say("\nA call with the phone of extension 4000 (simulated too), command by command:")
    with webphone.BlockingSession(simulator.phone(4000), record="masked") as phone:
        updates = phone.updates()
        say(f"  call 11 99999-0000  {phone.call('11 99999-0000')}")
        talking = next(update for update in updates if update.state.call and update.state.call.talking)
        say(f"  (answered)          {talking.cause}")
        say(f"  send DTMF 12#       {phone.send_dtmf('12#')}")
        say(f"  hang up             {phone.hang_up()}")
        trace = phone.trace()
    a_timeline(trace)


def a_timeline(trace: str | None) -> None:
    """A recorded session, as people read it."""
    say("Its timeline, as `webphone replay` shows what was recorded (numbers masked):")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.write(trace or "")
        file.flush()
        subprocess.run([sys.executable, "-m", "webphone", "replay", file.name], check=True)


def a_browser(simulator: webphone.Simulator, client: webphone.Client, picture: Path) -> None:
    """The same phone in a real page of a real browser, where there is one: a call out, a call in."""
    say("\nThe phone's page in a headless Chromium:")
    try:
        from playwright.sync_api import Error, sync_playwright

        from webphone.playwright import launch_options, open_phone
    except ModuleNotFoundError:
        say('  Playwright is not installed here, so there is no browser to show: pip install "webphone[playwright]"')
        return
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(**launch_options())
        except Error:
            say("  There is no Chromium on this machine, so this part is left out. With one it opens the phone, makes")
            say("  a call and takes one: install the system's, or Playwright's own (playwright install chromium).")
            return
        context = browser.new_context(viewport={"width": 360, "height": 640}, locale="pt-BR")
        url = client.fetch(Extension.number(4001), type=PhoneType.EMBEDDED)
        with open_phone(context, url, record="masked") as phone:
            updates = phone.updates()
            say(f"  call 11 99999-0001  {phone.call('11 99999-0001')}")
            next(update for update in updates if update.state.call and update.state.call.talking)
            phone.page.screenshot(path=picture)
            say(f"  hang up             {phone.hang_up()}")
            simulator.phone(4001).incoming("(79) 91234-5678")
            next(update for update in updates if update.state.ringing)
            say(f"  answer              {phone.answer()}")
            simulator.phone(4001).remote_hang_up()
            next(update for update in updates if update.state.call is None)
            trace = phone.trace()
        browser.close()
    a_timeline(trace)
    say(f"A screenshot of it is {picture}")


def main() -> None:
    """All of it."""
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="webphone-demo-"), "phone.png")
    extensions = [Extension.number(number) for number in range(4000, 4000 + BATCH)]
    with (
        webphone.Simulator(extensions=[extension.value for extension in extensions]) as simulator,
        simulator.client() as client,
    ):
        say(f"A simulated API serves at {simulator.api_url}; nothing leaves this machine.\n")
        one_of_each_type(client)
        a_batch(client, extensions)
        a_refusal(client)
        a_retry(client, simulator)
        a_call(simulator)
        a_browser(simulator, client, picture)
        say("\nThat was all. The same from a shell: webphone simulator -- webphone url 4000")


if __name__ == "__main__":
    main()
