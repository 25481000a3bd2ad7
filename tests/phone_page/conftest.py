"""The simulated phone's page, opened by browsers as others open it: a simulator for each test, two engines."""

from __future__ import annotations

import functools
import http.server
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from chromium import NOT_NEEDED
from hosted import PATIENCE
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from webkit import Tab, WebKit

import webphone
from webphone import Extension, PhoneType

HERE = Path(__file__).parent
PERMISSIONS = ["microphone", "local-network-access"]


class Telephony:
    """A simulator and its control."""

    def __init__(self, simulator: webphone.Simulator) -> None:
        self.simulator = simulator

    def url(self, kind: PhoneType, extension: int = 4000, **wanted: Any) -> str:
        with self.simulator.client() as client:
            return client.fetch(Extension.number(extension), type=kind, **wanted).reveal()

    def tell(self, verb: str, body: object = None, extension: int = 4000) -> Any:
        return self._ask(f"/phones/{extension}/{verb}", json.dumps({} if body is None else body).encode())

    def until(self, condition: Callable[[Any], object], path: str = "/phones/4000") -> Any:
        """What is so, as soon as this is; each look is a request."""
        end = time.monotonic() + PATIENCE
        while not condition(seen := self._ask(path)):
            assert time.monotonic() < end, seen
        return seen

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(self.simulator.control_url + path, body)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None


@pytest.fixture
def telephony() -> Iterator[Telephony]:
    """Its time goes on."""
    with webphone.Simulator() as simulator:
        yield Telephony(simulator)


@pytest.fixture
def still_telephony() -> Iterator[Telephony]:
    """Its time stands still."""
    with webphone.Simulator(virtual_time=True) as simulator:
        yield Telephony(simulator)


@pytest.fixture
def still_signed_telephony() -> Iterator[Telephony]:
    """Its time stands still; its addresses expire after a minute."""
    with webphone.Simulator(virtual_time=True, url_lifetime=60) as simulator:
        yield Telephony(simulator)


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[[bool], Browser]]:
    """Chromium, with a microphone or without; never one that grants everything."""
    with sync_playwright() as playwright, ExitStack() as stack:

        @functools.cache
        def launch(microphone: bool) -> Browser:
            arguments = ["--no-sandbox", "--headless=new", NOT_NEEDED]
            if microphone:
                arguments.append("--use-fake-device-for-media-stream")
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=arguments, ignore_default_args=["--headless", "--mute-audio"]
            )
            stack.callback(browser.close)
            return browser

        yield launch


def make_context(browser: Browser, *, granted: bool = True, **options: Any) -> BrowserContext:
    wanted = {"viewport": {"width": 360, "height": 640}, "locale": "pt-BR", **options}
    context = browser.new_context(permissions=PERMISSIONS if granted else PERMISSIONS[1:], **wanted)
    context.set_default_timeout(PATIENCE * 1000)
    return context


@pytest.fixture
def new_context(browsers) -> Iterator[Callable[..., BrowserContext]]:
    """A context with something special about it, for this test alone."""
    contexts = []

    def new(*, microphone: bool = True, **options: Any) -> BrowserContext:
        contexts.append(context := make_context(browsers(microphone), **options))
        return context

    yield new
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def plain_page(browsers) -> Page:
    return make_context(browsers(True)).new_page()


@pytest.fixture
def page(plain_page) -> Iterator[Page]:
    """The tab of those who want nothing special: a new one costs as much as many loads."""
    yield plain_page
    for opened in plain_page.context.pages:
        if opened != plain_page:
            opened.close()
    plain_page.goto("about:blank")


class ChromiumTab:
    """A tab that can be asked things."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, url: str) -> None:
        self.page.goto(url)

    def ask(self, body: str) -> Any:
        return self.page.evaluate(f"(async () => {{ {body} }})()")

    def close(self) -> None:
        """It is used again."""


@pytest.fixture(scope="session")
def webkit() -> Iterator[WebKit]:
    engine = WebKit()
    yield engine
    engine.close()


@pytest.fixture(params=["chromium", "webkit"])
def tab(request) -> Iterator[ChromiumTab | Tab]:
    """A tab of each engine."""
    tab: ChromiumTab | Tab = (
        ChromiumTab(request.getfixturevalue("page"))
        if request.param == "chromium"
        else Tab(request.getfixturevalue("webkit"))
    )
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[str]:
    """Where the pages of this folder are served, at another origin than any phone."""
    handler = functools.partial(Quiet, directory=HERE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
