"""`open_phone`, and the sessions that it gives: a phone in a page of a Chromium."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, overload

from playwright import async_api, sync_api

from webphone import BlockingSession, ClosedError, InvalidError, Session, SessionConfig, _waiting
from webphone._session.opened import OpenedSession, TaskCarrier
from webphone.page import BareLink, Binding, HostPage, HostPageOptions

from .hosting import ChromiumPage, awaited, done

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from webphone import WebphoneUrl

_LONGEST_SLICE_MS = 20


class Webphone(Session):
    """A session whose phone is in a page of a Chromium, for Playwright's async API; made by `open_phone`.

    It ends with `async with`, by `aclose` or by `close`, and its page with it; the page's loss, by a crash, a
    navigation or somebody who closes it, ends its commands with `PageLostError`, and `restart` makes a new one.
    """

    _carrier: _LoopCarrier

    @property
    def page(self) -> async_api.Page:
        """Playwright's page, for screenshots and clicks: the host page, with the phone in a frame of it."""
        page = self._carrier.host.page
        assert isinstance(page, async_api.Page)
        return page

    async def restart(self) -> None:
        """Loads the page again, also after its loss.

        Raises:
            DialsOnOpenError: The URL makes the phone dial each time it loads: `renew` it by one that does not.
            CallInProgressError: A call goes on or comes in.
            SessionClosedError: The session is closed.
        """
        await awaited(self._carrier.host.load())

    async def renew(self, url: WebphoneUrl) -> None:
        """Loads the page of another URL, in the place of one that expires.

        Raises:
            WebphoneError: As `restart`.
        """
        await awaited(self._carrier.host.load(self._carrier.page_of(url)))


class BlockingWebphone(BlockingSession):
    """As `Webphone`, for Playwright's sync API and code that blocks; made by `open_phone`.

    Playwright's sync API lives in the thread that started it, and so does the page: while that thread waits for the
    phone, or for Playwright, the page is served. Other threads may use the session meanwhile, but not `page`, and only
    the first thread's `close` closes the page.
    """

    _carrier: _ThreadCarrier

    @property
    def page(self) -> sync_api.Page:
        """Playwright's page, for screenshots and clicks: the host page, with the phone in a frame of it."""
        page = self._carrier.host.page
        assert isinstance(page, sync_api.Page)
        return page

    def restart(self) -> None:
        """As `Webphone.restart`."""
        done(self._carrier.host.load())

    def renew(self, url: WebphoneUrl) -> None:
        """As `Webphone.renew`."""
        done(self._carrier.host.load(self._carrier.page_of(url)))

    def close(self) -> None:
        """Ends the session, and closes its page. Twice is fine."""
        super().close()
        self._carrier.finish()


@overload
def open_phone(
    browser: async_api.Browser | async_api.BrowserContext,
    url: WebphoneUrl,
    *,
    options: HostPageOptions | None = None,
    config: SessionConfig | None = None,
    record: Literal["plain", "masked"] | None = None,
) -> Awaitable[Webphone]: ...
@overload
def open_phone(
    browser: sync_api.Browser | sync_api.BrowserContext,
    url: WebphoneUrl,
    *,
    options: HostPageOptions | None = None,
    config: SessionConfig | None = None,
    record: Literal["plain", "masked"] | None = None,
) -> BlockingWebphone: ...
def open_phone(
    browser: async_api.Browser | async_api.BrowserContext | sync_api.Browser | sync_api.BrowserContext,
    url: WebphoneUrl,
    *,
    options: HostPageOptions | None = None,
    config: SessionConfig | None = None,
    record: Literal["plain", "masked"] | None = None,
) -> Awaitable[Webphone] | BlockingWebphone:
    """Opens a phone in a page of its own; of Playwright's async API, await it.

    The page is loaded when this returns, and the phone loads in it: a command waits for that by itself.

    Args:
        browser: A Chromium that was launched with `launch_options()`, for a context of the phone's own, which is
            closed with it. Or a context: its recordings, traces, proxies and certificates are as it was made, it stays
            open, and the microphone is granted in it to the host page.
        url: The phone's URL. A `hidden` one is loaded as the vendor does, as a script, the others in a frame.
        options: What can be chosen about the page.
        config: As for `Session`.
        record: As for `Session`.

    Raises:
        InvalidError: The browser is not a Chromium, or it is the headless shell; or an option is unusable.
    """
    page = HostPage(url, Binding(), options)
    config = config or SessionConfig()
    if isinstance(browser, (sync_api.Browser, sync_api.BrowserContext)):
        return _open_blocking(browser, page, config, record)
    return _open(browser, page, config, record)


def _opened(
    browser: async_api.Browser | async_api.BrowserContext | sync_api.Browser | sync_api.BrowserContext,
    page: HostPage,
    config: SessionConfig,
    record: Literal["plain", "masked"] | None,
) -> tuple[OpenedSession, BareLink]:
    """The session, and what ties it to the page, once it is known that the engine can show a phone."""
    engine = browser.browser if isinstance(browser, (async_api.BrowserContext, sync_api.BrowserContext)) else browser
    if engine is not None and engine.browser_type.name != "chromium":
        raise InvalidError("browser", f"is {engine.browser_type.name}: phones need a Chromium")
    opened = OpenedSession(page.phone_url, config, record, None)
    return opened, BareLink(opened.native, page)


async def _open(
    browser: async_api.Browser | async_api.BrowserContext,
    page: HostPage,
    config: SessionConfig,
    record: Literal["plain", "masked"] | None,
) -> Webphone:
    opened, link = _opened(browser, page, config, record)
    owns_context = isinstance(browser, async_api.Browser)
    context = await browser.new_context() if isinstance(browser, async_api.Browser) else browser
    host = ChromiumPage(context, link, opened.post_timeout, owns_context=owns_context)
    try:
        await awaited(host.load())
    except BaseException:
        await awaited(host.shut())
        raise
    phone = Webphone._of(opened)  # noqa: SLF001 - its maker
    opened.carrier = phone._carrier = _LoopCarrier(host, link)  # noqa: SLF001
    phone._carrier.start()  # noqa: SLF001
    return phone


def _open_blocking(
    browser: sync_api.Browser | sync_api.BrowserContext,
    page: HostPage,
    config: SessionConfig,
    record: Literal["plain", "masked"] | None,
) -> BlockingWebphone:
    opened, link = _opened(browser, page, config, record)
    owns_context = isinstance(browser, sync_api.Browser)
    context = browser.new_context() if isinstance(browser, sync_api.Browser) else browser
    host = ChromiumPage(context, link, opened.post_timeout, owns_context=owns_context)
    phone = BlockingWebphone._of(opened)  # noqa: SLF001 - its maker
    phone._carrier = carrier = _ThreadCarrier(host, link)  # noqa: SLF001
    opened.wait = carrier.wait
    try:
        done(host.load())
    except BaseException:
        done(host.shut())
        raise
    return phone


class _Carries:
    """Carries envelopes to the page. It doesn't hold the session, so that dropping that ends it."""

    def __init__(self, host: ChromiumPage, link: BareLink) -> None:
        super().__init__()
        self.host = host
        self._link = link

    def page_of(self, url: WebphoneUrl) -> HostPage:
        """The host page for another URL."""
        return HostPage(url, Binding(), self._link.page.options)


class _LoopCarrier(_Carries, TaskCarrier):
    """In an event loop."""

    async def _carry(self) -> None:
        try:
            while True:
                await awaited(self.host.deliver(await self._link.next_envelope()))
        except ClosedError:
            pass  # The last one removed the phone from its page.
        finally:
            await awaited(self.host.shut())


class _ThreadCarrier(_Carries):
    """In the thread of Playwright's sync API, which moves only while that is called: a wait takes turns with it."""

    def __init__(self, host: ChromiumPage, link: BareLink) -> None:
        super().__init__(host, link)
        self._thread = threading.get_ident()
        self._finished = False
        host.on_text = self._deliver

    def wait(
        self,
        start: Callable[[_waiting.A, int], Any],
        argument: _waiting.A,
        meanwhile: Callable[[], None] | None = None,
    ) -> Any:
        """As `_waiting.wait`."""
        if threading.get_ident() != self._thread or self._finished:
            return _waiting.wait(start, argument, meanwhile)
        slice_ms = 1

        def take_turn() -> None:
            nonlocal slice_ms
            slice_ms = min(2 * slice_ms, _LONGEST_SLICE_MS)
            self._deliver()
            with suppress(sync_api.Error):
                done(self.host.breathe())
            if meanwhile is not None:
                meanwhile()

        return _waiting.wait(start, argument, take_turn, lambda: slice_ms)

    def finish(self) -> None:
        """Closes the page; the session is closed already."""
        if threading.get_ident() == self._thread and not self._finished:
            self._deliver()
            self._finished = True
            done(self.host.shut())

    def _deliver(self) -> None:
        with suppress(ClosedError):
            while (envelope := self._link.next_envelope_now()) is not None:
                done(self.host.deliver(envelope))
