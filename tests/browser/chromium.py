"""Chromium, by Playwright. Its hosts: a binding in an isolated world, a message port that is handed over as Android
does, the documented hook, and a web server's page.

Never with `--use-fake-ui-for-media-stream`, which would grant everything to everybody.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from hosted import PATIENCE, Hosted, native, quoted
from playwright.async_api import BrowserContext, CDPSession, Error, Page, Request, Route, async_playwright

# The script worlds of what hosts have in a page that the page does not see.
WORLDS = {"binding": ("webphone", "webphonePost"), "port": ("android", "androidPost")}
# Android's way: the port was made elsewhere and transferred; it comes in an event with no origin and no source.
HAND_OVER = """(text, post) => {
  const inner = new MessageChannel();
  const way = new MessageChannel();
  way.port2.onmessage = ({ ports }) => {
    dispatchEvent(new MessageEvent("message", { data: text, origin: "", source: null, ports: [...ports] }));
  };
  way.port1.postMessage(null, [inner.port2]);
  inner.port1.onmessage = ({ data }) => post(data);
  globalThis.androidPort = inner.port1;
}"""
# What a browser with a window keeps ready beside its pages: half of its processes.
NOT_NEEDED = "--disable-features=PreloadTopChromeWebUI,SpareRendererForSitePerProcess,WebUIReloadButton"
HOOK = "if (top === window) window.webphoneHost = { post: text => testPost(text) };"


class Chromium:
    name = "chromium"
    hosts = ("binding", "port", "hook", "socket")

    def __init__(self, rules: str = "", *, bare: bool = False) -> None:
        """Starts it: `bare`, without any microphone and with its popup blocker."""
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.run(self._start(rules, bare))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _start(self, rules: str, bare: bool) -> None:
        self._playwright = await async_playwright().start()
        arguments = ["--no-sandbox", "--headless=new", NOT_NEEDED]
        left_out = ["--headless", "--mute-audio"]
        if bare:
            left_out.append("--disable-popup-blocking")
        else:
            arguments.append("--use-fake-device-for-media-stream")
        if rules:
            arguments.append(f"--host-resolver-rules={rules}")
        self.browser = await self._playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=arguments, ignore_default_args=left_out
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
    context: BrowserContext

    def __init__(self, engine: Chromium, hosted: Hosted) -> None:
        self._engine = engine
        self._hosted = hosted
        self._host = host_word(hosted.host)

    async def open(self) -> None:
        hosted = self._hosted
        self.context = await self._engine.browser.new_context(ignore_https_errors=hosted.around.certificates)
        if hosted.around.microphone:
            for origin in hosted.page.microphone_origins():
                await self.context.grant_permissions(["microphone", "local-network-access"], origin=origin)
        else:
            for origin in hosted.page.microphone_origins():
                await self.context.grant_permissions(["local-network-access"], origin=origin)
        if hosted.around.script:
            await self.context.add_init_script(hosted.around.script)
        self.page = await self.context.new_page()
        self.context.on("response", lambda response: self._on_response(response.request, response.status))
        self.context.on("requestfailed", self._on_failure)
        if self._host == "socket":
            self.key = hosted.web.expect(hosted)
        else:

            async def answer(route: Route) -> None:
                await route.fulfill(body=hosted.html(), headers=hosted.headers())

            await self.context.route(lambda url: url == hosted.page.url(), answer)
        if self._host in WORLDS:
            await self._open_world(*WORLDS[self._host])
        elif self._host == "hook":
            await self.page.expose_binding("testPost", self._on_text)
            await self.page.add_init_script(HOOK)
        await self.page.goto(hosted.page.url())
        if self._host == "port" and hosted.around.hands_over:
            await self.hand_over()

    async def _open_world(self, world: str, binding: str) -> None:
        self.cdp: CDPSession = await self.context.new_cdp_session(self.page)
        self._world = world
        self._main = 0
        self._contexts: dict[int, bool] = {}
        self._frame = (await self.cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]

        def on_context(event: dict[str, Any]) -> None:
            made = event["context"]
            if made["name"] == world:
                self._contexts[made["id"]] = main = made["auxData"]["frameId"] == self._frame
                if main:
                    self._main = made["id"]

        def on_text(event: dict[str, Any]) -> None:
            if event["name"] == binding:
                main = self._contexts.get(event["executionContextId"], False)
                self._hosted.receive(event["payload"], main, None)

        self.cdp.on("Runtime.executionContextCreated", on_context)
        self.cdp.on("Runtime.bindingCalled", on_text)
        await self.cdp.send("Runtime.enable")
        await self.cdp.send("Page.enable")
        await self.cdp.send("Runtime.addBinding", {"name": binding, "executionContextName": world})
        if self._host == "binding":
            await self._inject()

    async def _inject(self) -> None:
        """The bridge of the load that there is, for the next document."""
        script = {"source": self._hosted.load.bridge(), "worldName": self._world}
        added = await self.cdp.send("Page.addScriptToEvaluateOnNewDocument", script)
        self._injected: str = added["identifier"]

    async def hand_over(self) -> None:
        """As Android does once the page is there."""
        await self.cdp.send("Page.createIsolatedWorld", {"frameId": self._frame, "worldName": self._world})
        await self._call(f"text => ({HAND_OVER})(text, androidPost)", self._hosted.load.port_message())

    async def _call(self, function: str, text: str) -> None:
        call = {"executionContextId": self._main, "functionDeclaration": function, "arguments": [{"value": text}]}
        answer = await self.cdp.send("Runtime.callFunctionOn", call)
        assert "exceptionDetails" not in answer, answer

    def _on_text(self, source: dict[str, Any], text: str) -> None:
        self._hosted.receive(text, source["frame"] == self.page.main_frame, None)

    def _is_document(self, request: Request) -> bool:
        # That of a frame, or of a window that the page opened, which is there before its frame is.
        if not request.is_navigation_request():
            return False
        try:
            return bool(request.frame != self.page.main_frame)
        except Error:
            return True

    def _on_response(self, request: Request, status: int) -> None:
        if self._is_document(request):
            self._hosted.link.document_failed(request.url, native.DocumentFailure.STATUS(status), True)

    def _on_failure(self, request: Request) -> None:
        code = request.failure or ""
        if not self._is_document(request):
            return
        failure = native.DocumentFailure.NETWORK(code)
        if "BLOCKED_BY" in code:
            failure = native.DocumentFailure.BLOCKED()
        elif "ERR_CERT" in code:
            failure = native.DocumentFailure.TLS()
        self._hosted.link.document_failed(request.url, failure, True)

    def deliver(self, envelope: str) -> None:
        if self._host == "socket":
            self._hosted.web.send(self.key, envelope)
        else:
            self._engine.run(self._deliver(envelope))

    async def _deliver(self, envelope: str) -> None:
        if self._host == "binding":
            await self._call("function(text) { webphoneHost.receive(text) }", envelope)
        elif self._host == "port":
            await self._call("function(text) { androidPort.postMessage(text) }", envelope)
        else:
            await self.page.evaluate(f"webphoneHost.receive({quoted(envelope)})")

    def evaluate(self, code: str) -> Any:
        return self._engine.run(self.page.evaluate(code))

    def ask(self, body: str) -> Any:
        """What a function with this body comes to."""
        return self._engine.run(self.page.evaluate(f"(async () => {{ {body} }})()"))

    def give_port(self) -> None:
        self.run(self.hand_over())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._engine.run(work)

    def load_again(self) -> None:
        """Shows the load that there is, in the place of the one before."""

        async def again() -> None:
            if self._host == "binding":
                await self.cdp.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._injected})
                await self._inject()
            await self.page.goto(self._hosted.page.url())
            if self._host == "port":
                await self.hand_over()

        self.run(again())

    def reload(self) -> None:
        """The page loads itself again; a host that hands over does so for each page that is there."""

        async def again() -> None:
            await self.page.reload()
            if self._host == "port":
                await self.hand_over()

        self.run(again())

    def set_microphone(self, setting: str) -> None:
        """The user decides anew: `granted`, `denied`."""

        async def decide() -> None:
            page = await self.context.new_cdp_session(self.page)
            context = (await page.send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
            browser = await self._engine.browser.new_browser_cdp_session()
            for origin in self._hosted.page.microphone_origins():
                change = {"permission": {"name": "microphone"}, "setting": setting, "origin": origin}
                await browser.send("Browser.setPermission", {**change, "browserContextId": context})

        self.run(decide())

    def take_microphone(self) -> None:
        """Its user takes it away."""
        self.set_microphone("denied")

    def close(self) -> None:
        self._engine.run(self.context.close())


def host_word(host: Any) -> str:
    """What these tests call a kind of host."""
    kinds = {"binding": "binding", "handler": "message_handler", "port": "message_port", "hook": "hook"}
    return next((word for word, kind in kinds.items() if getattr(host, f"is_{kind}")()), "socket")
