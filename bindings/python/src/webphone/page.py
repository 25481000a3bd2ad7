"""The page that holds a phone, for hosts of one's own: anything that can show a page and carry texts to and from it.

A host page is a page of ours that the phone lives in, beside a small script, the bridge, which carries texts between
the phone's window and the program. What may be in it, what it means and what it may do is decided in the core; a host
shows the page, hands in what it posts, and posts what comes out:

    page = HostPage(url, Hook())
    link = PageLink(page)
    load = link.load()                    # show load.html with load.headers at load.url
    phone = link.session                  # a Session whose page is real
    link.receive(text)                    # for each text that the page posts
    envelope = await link.next_envelope() # for the page's `webphoneHost.receive`, in a loop

`webphone.playwright` does all that in a Chromium, `webphone.web` for a page in somebody's browser.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from . import _convert
from ._core import native
from ._session import convert
from ._session.opened import Carrier, OpenedSession
from ._session.sessions import Session, SessionConfig
from .reports import Blocked, LoadFailure, Network, Script, Status, TimedOut, Tls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from ._session.clock import Clock
    from ._url import WebphoneUrl
    from .reports import PageReport

__all__ = [
    "Binding",
    "Blocked",
    "Hook",
    "HostPage",
    "HostPageOptions",
    "LoadFailure",
    "MessageHandler",
    "MessagePort",
    "NavigationDecision",
    "Network",
    "PageHost",
    "PageLink",
    "PageLoad",
    "PagePart",
    "PermissionRequest",
    "PhoneLoading",
    "Script",
    "Status",
    "TimedOut",
    "Tls",
    "WebSocket",
    "receive_script",
]


@dataclass(frozen=True, slots=True)
class MessagePort:
    """A message port that the program hands to the page once: Android's `WebView`."""


@dataclass(frozen=True, slots=True)
class MessageHandler:
    """`webkit.messageHandlers.webphone` in the script world `webphone`: `WKWebView`, WebKitGTK.

    The bridge is injected there, for the main frame only; the page itself holds no script.
    """


@dataclass(frozen=True, slots=True)
class Binding:
    """A binding `webphonePost` in the isolated world `webphone`: Chromium by its DevTools protocol, Playwright.

    The bridge is injected there; the page itself holds no script.
    """


@dataclass(frozen=True, slots=True)
class WebSocket:
    """A web server's page in somebody's browser, joined to it by a WebSocket of the same origin."""

    page_url: str
    """Where browsers find the page: `https://crm.example/phone`. `http` on a loopback host only."""
    socket_path: str
    """The WebSocket's path on that origin, with a leading slash: `/phone/socket`."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Anything else: the program defines `webphoneHost = { post(text) { … } }` in the page before its script runs.

    It calls `webphoneHost.receive(text)` with what is for the page.
    """


PageHost = MessagePort | MessageHandler | Binding | WebSocket | Hook
"""Who carries messages between the page and the program. The page's script finds it by itself."""


class PhoneLoading(enum.Enum):
    """How a page loads its phone."""

    FRAME = "frame"
    """In a frame. Every type can be loaded so."""
    SCRIPT = "script"
    """As a script that makes its own frame: the vendor's way for a `hidden` phone. **That script runs in the host
    page.** Where the bridge has a world of its own (`MessageHandler`, `Binding`) it learns nothing by that; elsewhere
    loading so means to trust the vendor with the page."""
    POPUP = "popup"
    """In a window of its own: the vendor's way for a `floating` phone. For browsers (`WebSocket`), `Binding` and
    `Hook`."""


@dataclass(frozen=True, slots=True)
class HostPageOptions:
    """What can be chosen about a host page."""

    loading: PhoneLoading | None = None
    """How the phone is loaded. None: a `hidden` phone as a script where the bridge has a world of its own, a `floating`
    one in a popup where the page is served to a browser, everything else in a frame."""
    language: str = "pt-BR"
    """The page's language, a BCP 47 tag."""
    title: str = "Webphone"
    """The page's title, for screen readers and window lists."""
    viewport: str = "width=device-width, initial-scale=1, viewport-fit=cover"
    """What the page's `viewport` says."""
    extra_origins: tuple[str, ...] = ()
    """Origins that the phone may move to, beside the vendor's published ones and its URL's own: `https://phone.example`.
    They may use the microphone and speak as the phone."""
    below: str | None = None
    """The phone's origin below whose host the host page stands; None: the URL's own. A phone that moved to another site
    loses its cookies and storage, which the notice `third_party_storage` tells; a page for its new origin keeps them.
    Without meaning where the page is served to a browser."""
    load_timeout: timedelta | float = 30
    """A phone whose document has not loaded after so long is reported as failed: a time span or seconds, up to ten
    minutes."""


class PagePart(enum.Enum):
    """Which window or frame wants something."""

    HOST_PAGE = "host_page"
    """The host page itself: the main frame."""
    FRAME = "frame"
    """A frame in it."""
    NEW_WINDOW = "new_window"
    """A window that does not exist yet: a link with a target, `window.open`."""
    CHILD_WINDOW = "child_window"
    """A window that the phone opened, or that it lives in: a popup, a child view."""


class NavigationDecision(enum.Enum):
    """What to do about a navigation."""

    ALLOW = "allow"
    """Let it happen. A new window becomes a child view, which closes with the phone."""
    OPEN_OUTSIDE = "open_outside"
    """Open it in the system's browser or dialler instead."""
    REFUSE = "refuse"
    """Don't, silently."""


@dataclass(frozen=True, slots=True)
class PermissionRequest:
    """What a page asks the user's permission for, as far as the platform tells."""

    origin: str
    """The origin that the platform names; for a frame that is its top-level page's. As the platform writes it."""
    frame_origin: str | None = None
    """The origin of the frame that asks; None where the platform does not tell."""
    child_window: bool = False
    """Whether the asking window is one that the phone opened or lives in."""
    microphone: bool = False
    """Whether the microphone is asked for."""
    others: bool = False
    """Whether anything else is asked for too: the camera, the screen, the location."""


class HostPage:
    """A page of ours that holds one phone, for one kind of host: where it stands, what may be in it, what it may do.

    It holds the phone's URL, a secret, and never prints it.

    Args:
        url: The phone's URL.
        host: Who carries the messages.
        options: What can be chosen about it.

    Raises:
        InvalidError: Something does not fit: `loading` (a script that is no `hidden` phone's, a popup where there are
            none), `language`, `extra_origins`, `below`, `load_timeout`, `page_url`, `socket_path`.
    """

    def __init__(self, url: WebphoneUrl, host: PageHost, options: HostPageOptions | None = None) -> None:
        self.phone_url = url
        """The phone's URL."""
        self.host = host
        """Who carries the messages."""
        self.options = options or HostPageOptions()
        """What was chosen about it."""
        with convert.public_errors():
            self._native = native.HostPage.open(convert.lower_url(url), _lower_host(host), _lower_options(self.options))

    @property
    def url(self) -> str:
        """Where the page is loaded from: intercept requests for exactly this URL, or load its text with this base."""
        return self._native.url()

    @property
    def origin(self) -> str:
        """The page's origin.

        For a host that serves nothing it is a reserved name below the phone's own host
        (`https://webphone-host.api2.totalvoice.com.br`): another origin, the same site.
        """
        return self._native.origin()

    @property
    def phone_origins(self) -> tuple[str, ...]:
        """The phone's origins, its URL's own first: a closed set."""
        return tuple(self._native.phone_origins())

    @property
    def microphone_origins(self) -> tuple[str, ...]:
        """The origins to which browsers that are told beforehand grant the microphone."""
        return tuple(self._native.microphone_origins())

    @property
    def allow(self) -> str:
        """What a frame for the phone has as its `allow`: the microphone and sound, for the phone's origins."""
        return self._native.allow()

    @property
    def loading(self) -> PhoneLoading:
        """How the phone is loaded."""
        return _LOADINGS_OUT[self._native.loading()]

    @property
    def is_loopback(self) -> bool:
        """Whether the phone is served by this machine.

        Where the host page is answered by the host itself, Chromium then asks for `local-network-access` too.
        """
        return self._native.is_loopback()

    def permits(self, request: PermissionRequest) -> bool:
        """Whether to grant what a page asks for: the microphone alone, to the phone alone."""
        return self._native.permits(
            native.PermissionRequest(
                origin=_convert.text(request.origin, "origin"),
                frame_origin=request.frame_origin,
                child_window=request.child_window,
                microphone=request.microphone,
                others=request.others,
            )
        )

    def navigation(self, target: str, part: PagePart) -> NavigationDecision:
        """What to do about a navigation of a window or frame to a URL."""
        return _DECISIONS_OUT[self._native.navigation(_convert.text(target, "target"), native.PagePart[part.name])]

    def __repr__(self) -> str:
        return f"<HostPage {self.url} of {self.phone_url}>"


class PageLoad:
    """One load of a host page, made by `PageLink.load`.

    What it gives is for the page alone: it holds a number that nobody else can guess, and for a page that is served to
    a browser the phone's URL.
    """

    def __init__(self, load: native.PageLoad) -> None:
        self._native = load

    @property
    def url(self) -> str:
        """Where the page is loaded from."""
        return self._native.url()

    @property
    def html(self) -> str:
        """The page, an HTML document."""
        return self._native.html()

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers to answer with, by name."""
        return self._native.headers()

    @property
    def bridge(self) -> str:
        """The bridge, a script.

        Where it has a world of its own, inject it there, into the main frame only, as the document ends. Elsewhere it
        stands in the page already.
        """
        return self._native.bridge()

    @property
    def port_message(self) -> str:
        """For `MessagePort`: the text of the one message that hands the port to the page, once it has loaded."""
        return self._native.port_message()


class BareLink:
    """A link whose session somebody else holds: `PageLink` without it."""

    def __init__(self, session: native.Session, page: HostPage) -> None:
        with convert.public_errors():
            self._native = native.PageLink.open(session)
        self._page = page

    @property
    def page(self) -> HostPage:
        """The page that was loaded last, or will be loaded first."""
        return self._page

    def load(self, page: HostPage | None = None) -> PageLoad:
        """Begins a load of a page, in the place of the one before.

        The session's page is `loading`, and from now on only this load is listened and spoken to. Each load is shown
        once; call this again to load again.

        Args:
            page: Another page, perhaps of another URL in the place of one that expires; None: the same as before.

        Raises:
            DialsOnOpenError: It is not the first load, and the URL makes the phone dial.
            CallInProgressError: It is not the first load, and a call goes on or comes in.
            ClosedError: The session is closed.
        """
        page = page or self._page
        with convert.public_errors():
            load = PageLoad(self._native.load(page._native))  # noqa: SLF001 - the same module's
        self._page = page
        return load

    def receive(self, text: str, *, main_frame: bool | None = None, origin: str | None = None) -> None:
        """Takes a text that the page posted. What is not this load's, or not the main frame's, is ignored.

        Args:
            text: The text.
            main_frame: Whether it was the main frame that posted it; None where the platform does not tell.
            origin: The sender's origin, as the platform writes it; None where it does not tell. For a WebSocket: its
                `Origin` header.
        """
        self._native.receive_envelope(_text(text), native.MessageSource(main_frame=main_frame, origin=origin))

    async def next_envelope(self) -> str:
        """The next text for the page's bridge, as soon as there is one. It is a secret: the first holds the URL.

        Raises:
            ClosedError: The session is closed, and the last text was given.
            BusyError: Another caller waits.
        """
        try:
            return await self._native.next_envelope()
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None

    def recognizes(self, text: str, *, origin: str | None = None) -> bool:
        """Whether a text is of the load that is there.

        For servers, which have to know which of their connections leads to the page before they send anything to it.
        Nothing becomes of the text; hand it in too.

        Args:
            text: The text.
            origin: As for `receive`.
        """
        return self._native.recognizes(_text(text), native.MessageSource(main_frame=None, origin=origin))

    def next_envelope_now(self) -> str | None:
        """As `next_envelope`; None when there is nothing for the page now."""
        with convert.public_errors():
            started: Any = self._native.start_next_envelope(0)
            if started.is_DONE():
                envelope: str = started.value
                return envelope
            started.operation.cancel()
        return None

    def undelivered(self, envelope: str) -> None:
        """A text of `next_envelope` did not reach the page's bridge: what is in it was not posted."""
        self._native.undelivered(envelope)

    def report(self, report: PageReport) -> None:
        """Takes what the host sees of the page by itself: lost, a refused microphone."""
        self._native.report(convert.lower_report(report))

    def document_failed(self, url: str, failure: LoadFailure, *, document: bool | None = None) -> None:
        """A document, or something in one, did not load: if it is the phone's own, silence no longer counts as life.

        Args:
            url: What did not load.
            failure: Why.
            document: Whether the platform knows that `url` is the document of a frame of the host page, or of the
                phone's popup; None where it does not tell documents from images.
        """
        self._native.document_failed(_text(url), convert.lower_failure(failure), document)

    @property
    def pinned_origin(self) -> str | None:
        """Where the phone of this load speaks from; None before it spoke."""
        return self._native.pinned_origin()

    @property
    def ignored(self) -> int:
        """How many texts and parts of texts were ignored so far: from another load or frame, or not understood."""
        return self._native.ignored()


class PageLink(BareLink):
    """Ties a session of its own to the page that holds its phone.

    All of it may be called from any thread. What comes in is applied in the order in which it was handed in. It ends
    with its session: then `next_envelope` gives one last text, which removes the phone from its page, and after that
    raises `ClosedError`.

    Args:
        page: The first page to load.
        config: As for `Session`.
        record: As for `Session`.
        clock: As for `Session`.

    Raises:
        InvalidError: A setting is out of its range.
    """

    def __init__(
        self,
        page: HostPage,
        *,
        config: SessionConfig | None = None,
        record: Literal["plain", "masked"] | None = None,
        clock: Clock | None = None,
    ) -> None:
        native_clock = None if clock is None else clock._native  # noqa: SLF001 - the same package's
        self._opened = OpenedSession(page.phone_url, config or SessionConfig(), record, native_clock)
        self._opened.carrier = self._carrier = Carrier()
        super().__init__(self._opened.native, page)

    @property
    def session(self) -> Session:
        """The session whose phone is in the page."""
        return Session._of(self._opened)  # noqa: SLF001 - the same package's

    async def next_envelope(self) -> str:
        """As `BareLink.next_envelope`."""
        self._carrier.start()
        return await super().next_envelope()


def receive_script(envelope: str) -> str:
    """An envelope as a script that hands it to the bridge, for hosts that can only run scripts."""
    return native.receive_script(envelope)


# The generated code writes its variants in a way that type checkers can't follow.
_native_host: Any = native.PageHost

HOSTS: Final[dict[type[PageHost], str]] = {
    MessagePort: "MESSAGE_PORT",
    MessageHandler: "MESSAGE_HANDLER",
    Binding: "BINDING",
    WebSocket: "WEB_SOCKET",
    Hook: "HOOK",
}
_LOADINGS_OUT: Final = {native.PhoneLoading[loading.name]: loading for loading in PhoneLoading}
_DECISIONS_OUT: Final = {native.NavigationDecision[decision.name]: decision for decision in NavigationDecision}


def _text(text: str) -> str:
    """Half a character, which JavaScript may send and is no text elsewhere, is replaced."""
    return text.encode("utf-8", "replace").decode()


def _lower_host(host: PageHost) -> native.PageHost:
    if type(host) not in HOSTS:
        raise TypeError(f"a host is one of those in webphone.page, not {type(host).__name__}")
    variant = getattr(_native_host, HOSTS[type(host)])
    if isinstance(host, WebSocket):
        made = variant(_convert.text(host.page_url, "page_url"), _convert.text(host.socket_path, "socket_path"))
    else:
        made = variant()
    lowered: native.PageHost = made
    return lowered


def _lower_options(options: HostPageOptions) -> native.HostPageOptions:
    return native.HostPageOptions(
        loading=None if options.loading is None else native.PhoneLoading[options.loading.name],
        language=_convert.text(options.language, "language"),
        title=_convert.text(options.title, "title"),
        viewport=_convert.text(options.viewport, "viewport"),
        extra_origins=[_convert.text(origin, "extra_origins") for origin in options.extra_origins],
        below=None if options.below is None else _convert.text(options.below, "below"),
        load_timeout_ms=_convert.milliseconds(options.load_timeout, "load_timeout"),
    )
