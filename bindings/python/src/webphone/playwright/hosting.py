"""A host page in a Chromium. One order of steps for both of Playwright's faces, and what the browser tells of the page.

A step is what a call of Playwright gives: in its async face something to await, in its sync face the value itself.
`awaited` and `done` go through them.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any, Final, TypeAlias

from playwright import async_api, sync_api

from webphone import InvalidError, reports
from webphone.page import (
    BareLink,
    Blocked,
    HostPage,
    LoadFailure,
    Network,
    PageLoad,
    Status,
    Tls,
    receive_script,
)

Context: TypeAlias = async_api.BrowserContext | sync_api.BrowserContext
Page: TypeAlias = async_api.Page | sync_api.Page
Cdp: TypeAlias = async_api.CDPSession | sync_api.CDPSession
Frame: TypeAlias = async_api.Frame | sync_api.Frame
Request: TypeAlias = async_api.Request | sync_api.Request
Response: TypeAlias = async_api.Response | sync_api.Response
Route: TypeAlias = async_api.Route | sync_api.Route

# What comes back from a step is what Playwright says it is, which for the DevTools protocol is anything.
Steps: TypeAlias = Generator[object, Any, None]

_WORLD: Final = "webphone"
_BINDING: Final = "webphonePost"
# As long as Playwright waits for a page by default.
_LOADING_MS: Final = 30_000


async def awaited(steps: Steps) -> None:
    """Goes through steps of the async face."""
    step = next(steps, None)
    with suppress(StopIteration):
        while True:
            try:
                answer = await step if inspect.isawaitable(step) else step
            except async_api.Error as error:  # noqa: PERF203 - it belongs to its step
                step = steps.throw(error)
            else:
                step = steps.send(answer)


def done(steps: Steps) -> None:
    """Goes through steps of the sync face."""
    step = next(steps, None)
    with suppress(StopIteration):
        while True:
            step = steps.send(step)


class ChromiumPage:
    """The page of one phone.

    Its bridge lives in an isolated world, where nothing of the page or the phone can see it.
    """

    page: Page
    """The page as it is now: one that crashed or was closed is replaced by the next load."""
    _cdp: Cdp

    def __init__(self, context: Context, link: BareLink, patience: float, *, owns_context: bool) -> None:
        self._context = context
        self._patience_ms = patience * 1000
        self._link = link
        self._owns_context = owns_context
        self._usable = False
        self._load: PageLoad | None = None
        self._script: str | None = None
        self._main_frame = ""
        # The bridge's world in the main frame, by the number of its script context; none while there is no page.
        self._world: int | None = None
        self._popups: list[Page] = []
        # Scripts that the page has asked for, by the numbers of their requests.
        self._scripts: dict[str, str] = {}
        self.on_text: Callable[[], None] = lambda: None
        """Called after the page has said something."""

    def load(self, page: HostPage | None = None) -> Steps:
        """Loads the host page, or another one in its place.

        Raises:
            InvalidError: The browser is not one for phones.
        """
        # Asked first: what can't be loaded now leaves everything as it is.
        load = self._link.load(page)
        if not self._usable:
            yield from self._open()
        page = self._link.page
        permissions = ["microphone", "local-network-access"] if page.is_loopback else ["microphone"]
        for origin in page.microphone_origins:
            yield self._context.grant_permissions(permissions, origin=origin)
        if self._script is not None:
            yield self._ask("Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._script})
        added = yield self._ask("Page.addScriptToEvaluateOnNewDocument", {"source": load.bridge, "worldName": _WORLD})
        self._script = added["identifier"]
        self._load = load
        # Not before the document stands: Chromium forgets to close a page that it is told to close at its commit, and
        # Playwright would wait for that for ever.
        yield self.page.goto(load.url, wait_until="domcontentloaded")

    def _open(self) -> Steps:
        """Opens a page, in the place of one that is not usable any more."""
        before = getattr(self, "page", None)
        if before is None:
            self._context.on("response", self._on_response)
            self._context.on("requestfailed", self._on_request_failed)
        self.page = page = yield self._context.new_page()
        self._cdp = cdp = yield self._context.new_cdp_session(page)
        self._script = None
        yield from self._refuse_headless_shell()
        tree = yield self._ask("Page.getFrameTree")
        self._main_frame = tree["frameTree"]["frame"]["id"]
        cdp.on("Runtime.executionContextCreated", self._on_world)
        cdp.on("Runtime.executionContextsCleared", self._on_no_world)
        cdp.on("Runtime.bindingCalled", self._on_binding)
        cdp.on("Network.requestWillBeSent", self._on_request)
        cdp.on("Network.responseReceivedExtraInfo", self._on_answer)
        yield self._ask("Network.enable")
        yield self._ask("Page.enable")
        yield self._ask("Runtime.enable")
        yield self._ask("Runtime.addBinding", {"name": _BINDING, "executionContextName": _WORLD})
        page.on("crash", self._on_crash)
        page.on("close", self._on_close)
        page.on("popup", self._on_popup)
        page.on("framenavigated", self._on_navigated)
        yield page.route(self._is_host_page, self._answer)
        self._usable = True
        if before is not None:
            yield before.close()

    def deliver(self, envelope: str) -> Steps:
        """Hands the bridge an envelope."""
        try:
            if self._world is None:
                raise async_api.Error("there is no page")
            script = {"expression": receive_script(envelope), "contextId": self._world}
            # A page that hangs or crashes meanwhile never answers.
            answer = yield self._cdp.send("Runtime.evaluate", script, timeout=self._patience_ms)
            if "exceptionDetails" in answer:
                raise async_api.Error("the bridge could not take it")
        except async_api.Error:
            self._link.undelivered(envelope)

    def breathe(self) -> Steps:
        """Lets what the browser has said so far come in."""
        if self._usable:
            yield self._ask("Browser.getVersion")

    def _ask(self, method: str, params: dict[str, Any] | None = None) -> object:
        return self._cdp.send(method, params, timeout=_LOADING_MS)

    def shut(self) -> Steps:
        """Closes what was opened."""
        self._context.remove_listener("response", self._on_response)
        self._context.remove_listener("requestfailed", self._on_request_failed)
        # It may be gone already, with its browser.
        with suppress(async_api.Error):
            if self._owns_context:
                yield self._context.close()
            else:
                for page in [*self._popups, self.page]:
                    yield page.close()

    def _refuse_headless_shell(self) -> Steps:
        version = yield self._ask("Browser.getVersion")
        if version["product"].startswith("HeadlessChrome"):
            raise InvalidError(
                "browser", "is Chromium's headless shell, which has no microphone: launch it with `launch_options()`"
            )

    def _is_host_page(self, url: str) -> bool:
        return self._load is not None and url == self._load.url

    def _answer(self, route: Route) -> Awaitable[None] | None:
        load = self._load
        if load is None or route.request.frame != self.page.main_frame:
            return route.abort()
        return route.fulfill(body=load.html, headers=dict(load.headers))

    # What the browser tells.

    def _on_world(self, event: dict[str, Any]) -> None:
        made = event["context"]
        if made["name"] == _WORLD and made["auxData"]["frameId"] == self._main_frame:
            self._world = made["id"]

    def _on_no_world(self, _: object) -> None:
        self._world = None

    def _on_binding(self, event: dict[str, Any]) -> None:
        self._link.receive(event["payload"], main_frame=event["executionContextId"] == self._world)
        self.on_text()

    def _on_crash(self, page: Page) -> None:
        self._lose(page, "The page's process ended.")

    def _on_close(self, page: Page) -> None:
        self._lose(page, "The page was closed.")

    def _lose(self, page: Page, detail: str) -> None:
        if page == self.page and self._usable:
            self._usable = False
            self._world = None
            self._link.report(reports.Lost(detail))

    def _on_popup(self, popup: Page) -> None:
        self._popups.append(popup)

    def _on_navigated(self, frame: Frame) -> None:
        if frame == self.page.main_frame and self._load is not None and not self._is_host_page(frame.url):
            self._link.report(reports.Navigated())

    def _on_response(self, response: Response) -> None:
        self._judge(response.request, Status(response.status))

    def _on_request_failed(self, request: Request) -> None:
        failure = failure_of(request.failure or "")
        if failure is not None:
            self._judge(request, failure)

    # The document of a hidden phone is a script. Of one that is refused with a page, Chromium shows a page's owner no
    # answer, which is why Playwright has none.

    def _on_request(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Script":
            self._scripts[event["requestId"]] = event["request"]["url"]

    def _on_answer(self, event: dict[str, Any]) -> None:
        url = self._scripts.pop(event["requestId"], None)
        if url is not None:
            self._link.document_failed(url, Status(event["statusCode"]))

    def _judge(self, request: Request, failure: LoadFailure) -> None:
        if request.resource_type == "script" and not isinstance(failure, Status):
            self._link.document_failed(request.url, failure)
        elif request.is_navigation_request():
            try:
                frame = request.frame
            except async_api.Error:
                # A window that is only being made; perhaps somebody else's.
                self._link.document_failed(request.url, failure)
                return
            if frame.parent_frame == self.page.main_frame or any(frame == one.main_frame for one in self._popups):
                self._link.document_failed(request.url, failure, document=True)


def failure_of(word: str) -> LoadFailure | None:
    """Why a request failed, by Chromium's word for it: `net::ERR_CONNECTION_REFUSED`; None when it did not."""
    name = word.removeprefix("net::ERR_")
    if name == "ABORTED":
        # Somebody went elsewhere before it came.
        return None
    if name.startswith(("CERT_", "SSL_")):
        return Tls()
    if name in ("BLOCKED_BY_RESPONSE", "BLOCKED_BY_CSP"):
        return Blocked()
    return Network(word)
