"""The back end of `examples/backend` in Chromium: click to call, events, reconnection, and what never leaves it.

All that the browser gets from the back end goes through a relay, which keeps every byte of it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from real_phones import PATIENCE

import webphone
from webphone.playwright import launch_options

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/backend/app.py"
assert EXAMPLE.name == "app.py"
TOKEN = "the-token-that-never-leaves-3f9c1d"


class Relay:
    """A port of its own that leads to another one. It keeps what comes back, and can cut its connections."""

    def __init__(self) -> None:
        self.to = 0
        self.received = bytearray()
        self._ends: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.close()
            return
        self._ends |= {writer, back}
        await asyncio.gather(self._pump(reader, back, None), self._pump(there, writer, self.received))
        self._ends -= {writer, back}

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: bytearray | None) -> None:
        try:
            while data := await reader.read(65_536):
                if keep is not None:
                    keep += data
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    def cut(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def stop(self) -> None:
        self.cut()
        self._server.close()


class Shop:
    """The back end at work, with a browser in front of it."""

    def __init__(self, simulator: webphone.Simulator, browser: Browser, relay: Relay) -> None:
        self.simulator = simulator
        self.browser = browser
        self.relay = relay
        self.url = f"http://127.0.0.1:{relay.port}"
        self.contexts: list[BrowserContext] = []

    async def agent(self, name: str) -> Page:
        """Somebody's browser, logged in."""
        context = await self.browser.new_context()
        self.contexts.append(context)
        await context.grant_permissions(["microphone"], origin=self.url)
        page = await context.new_page()
        await page.goto(self.url)
        await page.get_by_label("Agent").fill(name)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.locator("#state")).not_to_be_empty()
        return page

    async def opened(self, crm: Page) -> Page:
        """Their phone, in a window of its own."""
        async with crm.expect_popup() as popup:
            await crm.get_by_role("button", name="Open my phone").click()
        await expect(crm.locator("#state")).to_have_text("connected")
        return await popup.value


@asynccontextmanager
async def shop() -> AsyncIterator[Shop]:
    spec = importlib.util.spec_from_file_location("backend_app", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = sys.modules["backend_app"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    relay = Relay()
    await relay.start()
    with webphone.Simulator(TOKEN) as simulator:
        app = example.make_app(simulator.async_client(), f"http://127.0.0.1:{relay.port}")
        # What is compressed could hold anything.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws_per_message_deflate=False))
        # Who connects before it serves waits in the socket's queue.
        listening = socket.create_server(("127.0.0.1", 0))
        relay.to = listening.getsockname()[1]
        serving = asyncio.create_task(server.serve([listening]))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options())
            made = Shop(simulator, browser, relay)
            try:
                yield made
            finally:
                for context in made.contexts:
                    await context.close()
                await browser.close()
        await relay.stop()
        server.should_exit = True
        await serving


def run(test: Callable[[Shop], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        async with shop() as made:
            await test(made)
            received = bytes(made.relay.received)
            # The proof that it was looked at: pages, WebSocket frames and events are in there.
            for part in (b"Open my phone", b"event: state"):
                assert part in received
            assert TOKEN.encode() not in received

    asyncio.run(asyncio.wait_for(whole(), 2 * PATIENCE))


def test_a_click_calls():
    async def test(shop: Shop) -> None:
        crm = await shop.agent("sales")
        phone = await shop.opened(crm)
        await crm.get_by_role("button", name="11 99999-0001").click()
        await expect(crm.locator("#state")).to_have_text("connected, talking 11999990001")
        await expect(crm.locator("#log")).to_contain_text("11999990001: confirmed")
        # A second click dials nothing.
        await crm.get_by_role("button", name="11 99999-0002").click()
        await expect(crm.locator("#log")).to_contain_text("call")
        # Reloading would end the call: the page stays as it is.
        await phone.evaluate("location.href = '/phone'")
        await crm.get_by_role("button", name="Hang up").click()
        await expect(crm.locator("#log")).to_contain_text("11999990001: ended")
        await expect(crm.locator("#state")).to_have_text("connected")
        shop.simulator.phone(4000).incoming("4001")
        await expect(crm.locator("#state")).to_have_text("connected, 4001 calls")
        # The commands went over the WebSocket, and the phone's URL with its key to the phone's page alone.
        assert b'"post",' in shop.relay.received
        assert shop.relay.received.count(b"key=") == shop.relay.received.count(b'"url":"http://127.0.0.1')
        # And of the browser nothing, the phone's frame included, knows the token.
        for frame in phone.frames:
            assert TOKEN not in await frame.content()

    run(test)


def test_a_connection_that_breaks_comes_back():
    async def test(shop: Shop) -> None:
        crm = await shop.agent("sales")
        await shop.opened(crm)
        await crm.get_by_role("button", name="11 99999-0001").click()
        await expect(crm.locator("#state")).to_have_text("connected, talking 11999990001")
        shop.relay.cut()
        # By itself: the WebSocket, so that the command gets there, and the events, which tell of it.
        await expect(crm.locator("#state")).to_have_text("connected, talking 11999990001")
        await crm.get_by_role("button", name="Hang up").click()
        await expect(crm.locator("#state")).to_have_text("connected", timeout=PATIENCE * 1000)

    run(test)


def test_one_phone_for_each_agent_in_one_window_at_a_time():
    async def test(shop: Shop) -> None:
        sales, support = await shop.agent("sales"), await shop.agent("support")
        first = await shop.opened(sales)
        await shop.opened(support)
        await sales.get_by_role("button", name="11 99999-0001").click()
        await expect(sales.locator("#state")).to_have_text("connected, talking 11999990001")
        await expect(support.locator("#state")).to_have_text("connected")
        await sales.get_by_role("button", name="Hang up").click()
        await expect(sales.locator("#state")).to_have_text("connected")
        # The same agent elsewhere: the phone moves there, and the page before it is empty.
        again = await shop.agent("sales")
        await shop.opened(again)
        await expect(first.locator("iframe")).to_have_count(0)
        await again.get_by_role("button", name="11 99999-0001").click()
        await expect(again.locator("#state")).to_have_text("connected, talking 11999990001")
        await expect(sales.locator("#state")).to_have_text("connected, talking 11999990001")

    run(test)


def test_who_may_do_what():
    async def test(shop: Shop) -> None:
        crm = await shop.agent("sales")
        ask = """async ([path, method, type]) =>
            (await fetch(path, { method, body: method === "POST" ? '{"number":"1234"}' : undefined,
                                 headers: type ? { "Content-Type": type } : {} })).status"""
        # Nobody opened the phone.
        assert await crm.evaluate(ask, ["/call", "POST", "application/json"]) == 409
        # Somebody who is not logged in.
        stranger = await (await shop.browser.new_context()).new_page()
        await stranger.goto(shop.url)
        for path, method in (("/call", "POST"), ("/hangup", "POST"), ("/phone", "GET"), ("/events", "GET")):
            assert await stranger.evaluate(ask, [path, method, "application/json"]) == 401
        closed = await stranger.evaluate(
            """() => new Promise(done => {
                 const socket = new WebSocket(`ws://${location.host}/phone/socket`);
                 socket.onclose = ({ code }) => done(code);
                 socket.onmessage = () => done("heard something");
               })"""
        )
        assert closed != "heard something"
        # A request that says it comes from another site's page, with the cookie of somebody who is.
        forged = await crm.context.request.post(f"{shop.url}/hangup", headers={"Origin": "https://evil.example"})
        assert forged.status == 403
        await shop.opened(crm)
        # Somebody who is logged in but is not the phone's page: nothing is sent there.
        told = await crm.evaluate(
            """() => new Promise(done => {
                 const socket = new WebSocket(`ws://${location.host}/phone/socket`);
                 socket.onopen = () => socket.send('{"webphone":1,"nonce":"guessed","seq":1,"batch":[["hello"]]}');
                 socket.onclose = ({ code }) => done(code);
                 socket.onmessage = () => done("heard something");
               })"""
        )
        assert told == 4001
        await expect(crm.locator("#state")).to_have_text("connected")

    run(test)


def test_the_address_of_the_example_is_what_it_says():
    assert "uvicorn --factory app:from_environment" in EXAMPLE.read_text(encoding="utf-8")
