"""A phone whose page is in somebody's browser, commanded by the web back end that served the page.

The back end fetches the phone's URL with its secret token and holds the session; the browser holds the page alone,
joined to the back end by a WebSocket of the same origin. With FastAPI:

    phone = Webphone(url, page_url="https://crm.example/phone", socket_path="/phone/socket")

    @app.get("/phone")
    async def page() -> Response:
        load = await phone.load()
        return HTMLResponse(load.html, headers=dict(load.headers))

    @app.websocket("/phone/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        origin = websocket.headers.get("origin")
        await phone.join(websocket.iter_text(), websocket.send_text, websocket.close, origin=origin)

    @app.post("/call")
    async def call(number: str) -> str:
        return str(await phone.call(number))

Who may ask for the page and the WebSocket is for the back end to say: they are one agent's phone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ._errors import ClosedError
from ._session.opened import OpenedSession, TaskCarrier
from ._session.sessions import Session, SessionConfig
from .page import BareLink, HostPage, HostPageOptions, PageLoad, WebSocket

if TYPE_CHECKING:
    from ._url import WebphoneUrl

__all__ = ["REPLACED", "Webphone"]

REPLACED: Final = 4001
"""The close code of a WebSocket whose page is no longer the phone's: another took its place. It does not come back."""

_FORBIDDEN: Final = 1008
_DONE: Final = 1000

_log: Final = logging.getLogger("webphone.web")


@dataclass(frozen=True, eq=False)
class _Connection:
    send: Callable[[str], Awaitable[object]]
    close: Callable[[int], Awaitable[object]]


class Webphone(Session):
    """A session whose phone is in somebody's browser.

    One at a time: a page that is loaded takes the place of the one before. When the WebSocket breaks, the page connects
    again by itself, and texts wait for it as long as `config.post_timeout` lets them.

    Args:
        url: The phone's URL.
        page_url: Where browsers find the page: `https://crm.example/phone`. `http` on a loopback host only.
        socket_path: The WebSocket's path on that origin, with a leading slash: `/phone/socket`.
        options: What can be chosen about the page.
        config: As for `Session`.
        record: As for `Session`.

    Raises:
        InvalidError: Something does not fit: `page_url` is the phone's own origin, say.
    """

    def __init__(
        self,
        url: WebphoneUrl,
        *,
        page_url: str,
        socket_path: str,
        options: HostPageOptions | None = None,
        config: SessionConfig | None = None,
        record: Literal["plain", "masked"] | None = None,
    ) -> None:
        page = HostPage(url, WebSocket(page_url, socket_path), options)
        opened = OpenedSession(url, config or SessionConfig(), record, None)
        opened.carrier = self._carrier = _SocketCarrier(BareLink(opened.native, page), opened.post_timeout)
        super(Session, self).__init__(opened)

    async def load(self, url: WebphoneUrl | None = None) -> PageLoad:
        """Begins a load of the page: answer with its `html` and `headers`. The page before is told that it is over.

        Args:
            url: Another URL, in the place of one that expires; None: the same as before.

        Raises:
            DialsOnOpenError: It is not the first load, and the URL makes the phone dial.
            CallInProgressError: A call goes on in the page that is there.
            SessionClosedError: The session is closed.
        """
        self._start()
        return await self._carrier.load(url)

    async def join(
        self,
        texts: AsyncIterable[str],
        send: Callable[[str], Awaitable[object]],
        close: Callable[[int], Awaitable[object]],
        *,
        origin: str | None,
    ) -> None:
        """Serves one connection of a browser, until it ends.

        It is closed if it does not come from the page that was loaded last, by its origin and by a number that only
        that page knows.

        Args:
            texts: What comes from it, text by text, and its end: Starlette's `websocket.iter_text()`.
            send: Sends a text: `websocket.send_text`.
            close: Closes it with a code: `websocket.close`.
            origin: Its `Origin` header.
        """
        self._start()
        await self._carrier.serve(texts, _Connection(send, close), origin or "")

    @property
    def is_joined(self) -> bool:
        """Whether the page is connected now."""
        return self._carrier.is_joined


class _SocketCarrier(TaskCarrier):
    """Carries envelopes to the connection that is the page's. It does not hold the session."""

    def __init__(self, link: BareLink, patience: float) -> None:
        super().__init__()
        self._link = link
        self._patience = patience
        self._connection: _Connection | None = None
        self._joined = asyncio.Event()

    @property
    def is_joined(self) -> bool:
        return self._connection is not None

    async def stop(self) -> None:
        # Nothing waits for a page any more.
        self._joined.set()
        await super().stop()

    async def load(self, url: WebphoneUrl | None) -> PageLoad:
        page = self._link.page
        load = self._link.load(None if url is None else HostPage(url, page.host, page.options))
        await self._connect(None)
        return load

    async def serve(self, texts: AsyncIterable[str], connection: _Connection, origin: str) -> None:
        try:
            async for text in texts:
                if self._connection is not connection:
                    if not self._link.recognizes(text, origin=origin):
                        await self._refuse(connection, origin)
                        return
                    await self._connect(connection)
                self._link.receive(text, origin=origin)
        finally:
            if self._connection is connection:
                self._connection = None
                self._joined.clear()

    async def _connect(self, connection: _Connection | None) -> None:
        """Speaks to this connection from now on; the one before is over."""
        before, self._connection = self._connection, connection
        if connection is None:
            self._joined.clear()
        else:
            self._joined.set()
        if before is not None:
            await _close(before, REPLACED)

    async def _refuse(self, connection: _Connection, origin: str) -> None:
        ours = origin == self._link.page.origin
        _log.warning("a connection was refused: %s", "of another page" if ours else "of another origin")
        # A page that was left open somewhere asks again and again, unless it is told that it is over.
        await _close(connection, REPLACED if ours else _FORBIDDEN)

    async def _carry(self) -> None:
        # A text that was taken is sent or given back: this is never cancelled.
        with suppress(ClosedError):
            while True:
                envelope = await self._link.next_envelope()
                if not await self._send(envelope):
                    self._link.undelivered(envelope)
        if self._connection is not None:
            await _close(self._connection, _DONE)

    async def _send(self, envelope: str) -> bool:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._joined.wait(), self._patience)
        connection = self._connection
        if connection is None:
            return False
        try:
            await connection.send(envelope)
        except Exception as error:  # noqa: BLE001 - whatever a server's connection raises, the session goes on
            _log.warning("a text was not sent to the page: %s", type(error).__name__)
            return False
        return True


async def _close(connection: _Connection, code: int) -> None:
    # It may be closed already, and then every server says so in its own way.
    with suppress(Exception):
        await connection.close(code)
