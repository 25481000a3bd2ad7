"""Chromium, by Playwright. Its hosts: a binding in an isolated world, a message port that is handed over as Android
does, the documented hook, and a web server's page.

Never with `--use-fake-ui-for-media-stream`, which would grant everything to everybody.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from hosted import PATIENCE, Around, Hosted, native, quoted
from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Error,
    Page,
    Request,
    Response,
    Route,
    async_playwright,
)

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
        self._free: list[Seat] = []
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

    async def seat(self, around: Around) -> Seat:
        """A tab like this: one that was used before, if nothing is special about it."""
        if around == Around() and self._free:
            return self._free.pop()
        return await Seat.make(self.browser, around)

    async def leave(self, seat: Seat, around: Around) -> None:
        if around == Around():
            await seat.clear()
            self._free.append(seat)
        else:
            await seat.context.close()

    def close(self) -> None:
        self.run(self.browser.close())
        self.run(self._playwright.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)


class Seat:
    """A tab, with what any host may have in it. It is used again and again: a new one costs as much as many loads."""

    context: BrowserContext
    page: Page
    cdp: CDPSession
    frame: str

    def __init__(self) -> None:
        self.view: ChromiumView | None = None
        self.scripts: list[str] = []
        self._exposes = False
        # The script worlds of this tab by their numbers: their names, and whether they are the main frame's.
        self._worlds: dict[int, tuple[str, bool]] = {}

    @classmethod
    async def make(cls, browser: Browser, around: Around) -> Seat:
        seat = cls()
        seat.context = context = await browser.new_context(ignore_https_errors=around.certificates)
        if around.script:
            await context.add_init_script(around.script)
        seat.page = await context.new_page()
        context.on("response", seat._on_response)
        context.on("requestfailed", seat._on_failure)
        seat.cdp = await context.new_cdp_session(seat.page)
        seat.frame = (await seat.cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        seat.cdp.on("Runtime.executionContextCreated", seat._on_world)
        # Another site is another process, which counts its worlds anew.
        seat.cdp.on("Runtime.executionContextsCleared", lambda _: seat._worlds.clear())
        seat.cdp.on("Runtime.bindingCalled", seat._on_binding)
        await seat.cdp.send("Runtime.enable")
        await seat.cdp.send("Page.enable")
        for world, binding in WORLDS.values():
            await seat.cdp.send("Runtime.addBinding", {"name": binding, "executionContextName": world})
        return seat

    async def inject(self, source: str, world: str = "") -> None:
        """A script for the documents to come, instead of those before."""
        for script in self.scripts:
            await self.cdp.send("Page.removeScriptToEvaluateOnNewDocument", {"identifier": script})
        given = {"source": source, **({"worldName": world} if world else {})}
        added = await self.cdp.send("Page.addScriptToEvaluateOnNewDocument", given)
        self.scripts = [added["identifier"]]

    async def expose(self) -> None:
        """Has `testPost` in every frame: once there it stays."""
        if not self._exposes:
            await self.page.expose_binding("testPost", self._on_test_post)
        self._exposes = True

    async def call(self, world: str, function: str, text: str) -> None:
        """A function in a world of the main frame."""
        number = max(number for number, known in self._worlds.items() if known == (world, True))
        call = {"executionContextId": number, "functionDeclaration": function, "arguments": [{"value": text}]}
        answer = await self.cdp.send("Runtime.callFunctionOn", call)
        assert "exceptionDetails" not in answer, answer

    async def clear(self) -> None:
        """As it was when it was new."""
        self.view = None
        await self.inject("0")
        await self.context.unroute_all()
        for page in self.context.pages:
            if page != self.page:
                await page.close()
        await self.page.goto("about:blank")
        await self.context.clear_permissions()
        await self.context.clear_cookies()

    def _on_world(self, event: dict[str, Any]) -> None:
        made = event["context"]
        self._worlds[made["id"]] = made["name"], made["auxData"]["frameId"] == self.frame

    def _on_binding(self, event: dict[str, Any]) -> None:
        world, main = self._worlds.get(event["executionContextId"], ("", False))
        if self.view is not None and (world, event["name"]) in WORLDS.values():
            self.view.hosted.receive(event["payload"], main, None)

    def _on_test_post(self, source: dict[str, Any], text: str) -> None:
        if self.view is not None:
            self.view.hosted.receive(text, source["frame"] == self.page.main_frame, None)

    def _is_document(self, request: Request) -> bool:
        # That of a frame, or of a window that the page opened, which is there before its frame is.
        if not request.is_navigation_request():
            return False
        try:
            return bool(request.frame != self.page.main_frame)
        except Error:
            return True

    def _on_response(self, response: Response) -> None:
        self._failed(response.request, native.LoadFailure.STATUS(response.status))

    def _on_failure(self, request: Request) -> None:
        code = request.failure or ""
        if "BLOCKED_BY" in code:
            self._failed(request, native.LoadFailure.BLOCKED())
        elif "ERR_CERT" in code:
            self._failed(request, native.LoadFailure.TLS())
        else:
            self._failed(request, native.LoadFailure.NETWORK(code))

    def _failed(self, request: Request, failure: Any) -> None:
        if self.view is not None and self._is_document(request):
            self.view.hosted.link.document_failed(request.url, failure, True)


class ChromiumView:
    seat: Seat

    def __init__(self, engine: Chromium, hosted: Hosted) -> None:
        self._engine = engine
        self.hosted = hosted
        self._host = host_word(hosted.host)

    @property
    def page(self) -> Page:
        return self.seat.page

    @property
    def context(self) -> BrowserContext:
        return self.seat.context

    async def open(self) -> None:
        hosted = self.hosted
        self.seat = await self._engine.seat(hosted.around)
        self.seat.view = self
        permissions = ["microphone", "local-network-access"]
        for origin in hosted.page.microphone_origins():
            granted = permissions if hosted.around.microphone else permissions[1:]
            await self.context.grant_permissions(granted, origin=origin)
        if self._host == "socket":
            self.key = hosted.web.expect(hosted)
        else:

            async def answer(route: Route) -> None:
                await route.fulfill(body=hosted.html(), headers=hosted.headers())

            await self.context.route(lambda url: url == hosted.page.url(), answer)
        await self._show()

    async def _show(self) -> None:
        """The load that there is."""
        if self._host == "binding":
            await self.seat.inject(self.hosted.load.bridge(), WORLDS["binding"][0])
        elif self._host == "hook":
            await self.seat.expose()
            await self.seat.inject(HOOK)
        await self.page.goto(self.hosted.page.url())
        await self._is_there()

    async def _is_there(self) -> None:
        if self._host == "port" and self.hosted.around.hands_over:
            await self._hand_over()

    async def _hand_over(self) -> None:
        """As Android does once the page is there."""
        world, post = WORLDS["port"]
        await self.seat.cdp.send("Page.createIsolatedWorld", {"frameId": self.seat.frame, "worldName": world})
        await self.seat.call(world, f"text => ({HAND_OVER})(text, {post})", self.hosted.load.port_message())

    def deliver(self, envelope: str) -> None:
        if self._host == "socket":
            self.hosted.web.send(self.key, envelope)
        else:
            self._engine.run(self._deliver(envelope))

    async def _deliver(self, envelope: str) -> None:
        if self._host == "binding":
            await self.seat.call(WORLDS["binding"][0], "text => { webphoneHost.receive(text) }", envelope)
        elif self._host == "port":
            await self.seat.call(WORLDS["port"][0], "text => { androidPort.postMessage(text) }", envelope)
        else:
            await self.page.evaluate(f"webphoneHost.receive({quoted(envelope)})")

    def evaluate(self, code: str) -> Any:
        return self._engine.run(self.page.evaluate(code))

    def ask(self, body: str) -> Any:
        """What a function with this body comes to."""
        return self._engine.run(self.page.evaluate(f"(async () => {{ {body} }})()"))

    def give_port(self) -> None:
        self.run(self._hand_over())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._engine.run(work)

    def load_again(self) -> None:
        """Shows the load that there is, in the place of the one before."""
        self.run(self._show())

    def reload(self) -> None:
        """The page loads itself again; a host that hands over does so for each page that is there."""

        async def again() -> None:
            await self.page.reload()
            await self._is_there()

        self.run(again())

    def set_microphone(self, setting: str) -> None:
        """The user decides anew: `granted`, `denied`."""

        async def decide() -> None:
            page = await self.context.new_cdp_session(self.page)
            context = (await page.send("Target.getTargetInfo"))["targetInfo"]["browserContextId"]
            browser = await self._engine.browser.new_browser_cdp_session()
            for origin in self.hosted.page.microphone_origins():
                change = {"permission": {"name": "microphone"}, "setting": setting, "origin": origin}
                await browser.send("Browser.setPermission", {**change, "browserContextId": context})

        self.run(decide())

    def take_microphone(self) -> None:
        """Its user takes it away."""
        self.set_microphone("denied")

    def close(self) -> None:
        self._engine.run(self._engine.leave(self.seat, self.hosted.around))


def host_word(host: Any) -> str:
    """What these tests call a kind of host."""
    kinds = {"binding": "binding", "handler": "message_handler", "port": "message_port", "hook": "hook"}
    return next((word for word, kind in kinds.items() if getattr(host, f"is_{kind}")()), "socket")
