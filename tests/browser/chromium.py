"""Chromium, by Playwright: with a binding in an isolated world, a transferred message port, and the documented hook."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from hosted import PATIENCE, Hosted, quoted
from playwright.async_api import Page, Request, Route, async_playwright

from webphone._core import native

WORLD = "webphone"
# Android's way: the port comes in an event with no origin and no source.
HAND_OVER = """text => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => testPost(data);
  globalThis.testPort = port1;
  dispatchEvent(new MessageEvent("message", { data: text, origin: "", source: null, ports: [port2] }));
}"""
HOOK = "if (top === window) window.webphoneHost = { post: text => testPost(text) }"


class Chromium:
    name = "chromium"

    def __init__(self, resolve: str = "") -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._resolve = resolve
        self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _start(self) -> None:
        self._playwright = await async_playwright().start()
        arguments = ["--no-sandbox", "--headless=new", "--use-fake-device-for-media-stream"]
        if self._resolve:
            arguments.append(f"--host-resolver-rules={self._resolve}")
        self.browser = await self._playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=arguments, ignore_default_args=["--headless", "--mute-audio"]
        )

    def show(self, hosted: Hosted) -> ChromiumView:
        view = ChromiumView(self, hosted)
        self.run(view.open())
        return view

    def close(self) -> None:
        self.run(self.browser.close())
        self.run(self._playwright.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)


class ChromiumView:
    page: Page

    def __init__(self, engine: Chromium, hosted: Hosted) -> None:
        self._engine = engine
        self._hosted = hosted
        self._worlds: dict[int, bool] = {}
        self._world: asyncio.Future[int] | None = None

    async def open(self) -> None:
        hosted, load = self._hosted, self._hosted.load
        self.context = await self._engine.browser.new_context(ignore_https_errors=True)
        for origin in hosted.page.microphone_origins():
            await self.context.grant_permissions(["microphone", "local-network-access"], origin=origin)
        self.page = await self.context.new_page()

        async def answer(route: Route) -> None:
            await route.fulfill(body=load.html(), headers=load.headers())

        await self.context.route(lambda url: url == load.url(), answer)
        self.page.on("response", lambda response: self._on_response(response.request, response.status))
        if hosted.host.is_binding():
            await self._open_world()
        else:
            await self.page.expose_binding("testPost", self._on_text)
        if hosted.host.is_hook():
            await self.page.add_init_script(HOOK)
        await self.page.goto(load.url())
        if hosted.host.is_message_port():
            await self.page.evaluate(HAND_OVER, load.port_message())

    async def _open_world(self) -> None:
        self._cdp = cdp = await self.context.new_cdp_session(self.page)
        self._world = asyncio.get_running_loop().create_future()
        frame = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]

        def on_context(event: dict[str, Any]) -> None:
            made = event["context"]
            if made["name"] == WORLD:
                self._worlds[made["id"]] = made["auxData"]["frameId"] == frame
                if self._worlds[made["id"]]:
                    self._main = made["id"]

        cdp.on("Runtime.executionContextCreated", on_context)
        cdp.on(
            "Runtime.bindingCalled",
            lambda event: self._hosted.receive(
                event["payload"], self._worlds.get(event["executionContextId"], False), None
            ),
        )
        await cdp.send("Runtime.enable")
        await cdp.send("Page.enable")
        await cdp.send("Runtime.addBinding", {"name": "webphonePost", "executionContextName": WORLD})
        await cdp.send(
            "Page.addScriptToEvaluateOnNewDocument", {"source": self._hosted.load.bridge(), "worldName": WORLD}
        )

    def _on_text(self, source: dict[str, Any], text: str) -> None:
        self._hosted.receive(text, source["frame"] == self.page.main_frame, None)

    def _on_response(self, request: Request, status: int) -> None:
        if request.is_navigation_request() and request.frame != self.page.main_frame:
            failure = native.DocumentFailure.STATUS(status)
            self._hosted.link.document_failed(request.url, failure, True)

    def deliver(self, envelope: str) -> None:
        self._engine.run(self._deliver(envelope))

    async def _deliver(self, envelope: str) -> None:
        if self._hosted.host.is_binding():
            call = {
                "executionContextId": self._main,
                "functionDeclaration": "function(text) { webphoneHost.receive(text) }",
                "arguments": [{"value": envelope}],
            }
            answer = await self._cdp.send("Runtime.callFunctionOn", call)
            assert "exceptionDetails" not in answer
        elif self._hosted.host.is_message_port():
            await self.page.evaluate(f"testPort.postMessage({quoted(envelope)})")
        else:
            await self.page.evaluate(f"webphoneHost.receive({quoted(envelope)})")

    def evaluate(self, code: str) -> Any:
        return self._engine.run(self.page.evaluate(code))

    def close(self) -> None:
        self._engine.run(self.context.close())
