"""Photographs the simulated phone's page in its states: by day, by night, at 360 pixels, in a call."""

from __future__ import annotations

import argparse
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import webphone
from webphone import Extension, PhoneType

CHROMIUM = ["--no-sandbox", "--headless=new", "--use-fake-device-for-media-stream"]


def tell(simulator: webphone.Simulator, path: str, body: object) -> None:
    """Has the simulator's control do something."""
    request = urllib.request.Request(
        simulator.control_url + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()


def idle(_: webphone.Simulator, page: Page) -> None:
    """Nothing happens; a number is half written."""
    page.get_by_label("Número").fill("11 9999")


def talking(simulator: webphone.Simulator, page: Page) -> None:
    """A call, muted."""
    for queue in (47, 48):
        tell(simulator, "/phones/4000/post", {"message": "entrarNaFila", "filaId": queue})
    tell(simulator, "/phones/4000/post", {"message": "pausarNaFila", "filaId": 48})
    page.get_by_label("Número").fill("11999990001")
    page.keyboard.press("Enter")
    page.get_by_text("Em conversa").first.wait_for()
    for digit in "12#":
        page.keyboard.press(digit)
    page.get_by_role("button", name="Mudo").click()
    page.locator("[aria-pressed=true]").wait_for()
    page.clock.run_for(83_000)
    page.get_by_text("01:23").wait_for()


def transferring(_: webphone.Simulator, page: Page) -> None:
    """A call that is being transferred."""
    page.get_by_label("Número").fill("11999990001")
    page.keyboard.press("Enter")
    page.get_by_text("Em conversa").first.wait_for()
    page.get_by_role("button", name="Transferir").click()


def ringing(simulator: webphone.Simulator, page: Page) -> None:
    """Somebody calls."""
    tell(simulator, "/phones/4000/incoming", {"from": "(79) 91234-5678"})
    page.get_by_role("button", name="Atender").wait_for()


def second(simulator: webphone.Simulator, page: Page) -> None:
    """Somebody calls during a call."""
    page.get_by_label("Número").fill("11999990001")
    page.keyboard.press("Enter")
    page.get_by_text("Em conversa").first.wait_for()
    ringing_too(simulator, page)


def ringing_too(simulator: webphone.Simulator, page: Page) -> None:
    """Beside a call."""
    tell(simulator, "/phones/4000/incoming", {"from": "(79) 91234-5678"})
    page.get_by_role("button", name="Atender e encerrar").wait_for()


def closed(simulator: webphone.Simulator, page: Page) -> None:
    """The phone has closed."""
    tell(simulator, "/phones/4000/close", {})
    page.get_by_text("foi fechado").wait_for()


SCENES: dict[str, Callable[[webphone.Simulator, Page], None]] = {
    "idle": idle,
    "talking": talking,
    "transferring": transferring,
    "ringing": ringing,
    "second": second,
    "closed": closed,
}


def photograph(browser: Browser, folder: Path, scene: str, *, dark: bool, width: int, height: int) -> None:
    """One scene, in a simulator of its own."""
    with webphone.Simulator() as simulator, simulator.client() as client:
        url = client.fetch(Extension.number(4000), type=PhoneType.EMBEDDED)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="pt-BR",
            permissions=["microphone"],
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.clock.install()
        page.goto(url.reveal())
        page.get_by_text("Conectado").first.wait_for()
        SCENES[scene](simulator, page)
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=folder / f"{scene}-{'dark' if dark else 'light'}-{width}.png")
        context.close()


def main() -> None:
    """All of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM, ignore_default_args=["--headless"]
        )
        for scene in SCENES:
            for dark in (False, True):
                photograph(browser, folder, scene, dark=dark, width=360, height=640)
        for dark in (False, True):
            photograph(browser, folder, "talking", dark=dark, width=800, height=800)
        photograph(browser, folder, "talking", dark=False, width=280, height=560)
        browser.close()


if __name__ == "__main__":
    main()
