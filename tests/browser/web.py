"""A web server of the tests' own, over HTTP and TLS: host pages for browsers, joined to their sessions by WebSockets,
and whatever else a phone's page could meet.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import socket
import ssl
import tempfile
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

import trustme
import uvicorn
from hosted import Hosted, native
from names import CRM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

# "Another page took this one's place": the close code that the bridge knows.
REPLACED = 4001


class Server(uvicorn.Server):
    """One that says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Web:
    """Serves until it is closed."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._pages: dict[str, str] = {}
        self._hosted: dict[str, Hosted] = {}
        self._sockets: dict[str, WebSocket] = {}
        self._told: defaultdict[str, queue.Queue[str]] = defaultdict(queue.Queue)
        self._app = Starlette(
            routes=[
                Route("/phone/{key}", self._host_page),
                WebSocketRoute("/socket/{key}", self._join),
                Route("/page/{name}", self._page),
                Route("/tell/{name}", self._tell, methods=["POST"]),
            ]
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._servers: list[Server] = []
        self.port = self._serve()
        with tempfile.TemporaryDirectory() as folder:
            certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            made = trustme.CA().issue_cert(CRM, "*.example")
            certificate.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
            made.private_key_pem.write_to_path(key)
            self.tls_port = self._serve(ssl_certfile=str(certificate), ssl_keyfile=str(key))

    def _serve(self, **options: Any) -> int:
        config = uvicorn.Config(self._app, port=0, log_level="warning", lifespan="off", **options)
        server = Server(config)
        self._servers.append(server)
        asyncio.run_coroutine_threadsafe(server.serve(), self._loop)
        assert server.ready.wait(30)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        return port

    # Host pages.

    def host(self, tls: bool) -> Any:
        """A kind of host whose page is served here."""
        key = f"k{next(self._numbers)}"
        origin = f"https://{CRM}" if tls else f"http://127.0.0.1:{self.port}"
        return native.PageHost.WEB_SOCKET(page_url=f"{origin}/phone/{key}", socket_path=f"/socket/{key}")

    def expect(self, hosted: Hosted) -> str:
        """From now on this page is served here; by what key."""
        key: str = hosted.host.page_url.rpartition("/")[2]
        self._hosted[key] = hosted
        return key

    async def _host_page(self, request: Request) -> Response:
        hosted = self._hosted[request.path_params["key"]]
        try:
            hosted.next_load()
        except native.WebphoneError.CallInProgress:
            return PlainTextResponse("The phone is in a call.", 409)
        return HTMLResponse(hosted.html(), headers=hosted.headers())

    async def _join(self, socket: WebSocket) -> None:
        key = socket.path_params["key"]
        hosted = self._hosted[key]
        await socket.accept()
        before, self._sockets[key] = self._sockets.get(key), socket
        if before is not None:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await before.close(REPLACED)
        with contextlib.suppress(WebSocketDisconnect):
            async for text in socket.iter_text():
                hosted.receive(text, None, socket.headers.get("origin", ""))
        if self._sockets.get(key) is socket:
            del self._sockets[key]

    def send(self, key: str, text: str) -> None:
        """To the page that is there."""
        asyncio.run_coroutine_threadsafe(self._sockets[key].send_text(text), self._loop).result(30)

    def cut(self, key: str, code: int = 1011) -> None:
        """Closes the connection to the page that is there."""
        asyncio.run_coroutine_threadsafe(self._sockets[key].close(code), self._loop).result(30)

    # Anything else.

    def page(self, html: str) -> str:
        """The path of a page with this text, which every name of this server has."""
        name = f"p{next(self._numbers)}"
        self._pages[name] = html
        return f"/page/{name}"

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(self._pages[request.path_params["name"]])

    def ear(self) -> str:
        """A path to which pages tell something (`POST`), from whatever origin."""
        return f"/tell/t{next(self._numbers)}"

    def url(self, path: str, *, host: str = "localhost") -> str:
        """Where a path is over HTTP."""
        return f"http://{host}:{self.port}{path}"

    def heard(self, ear: str, patience: float = 30) -> str:
        """The next thing that a page told there."""
        return self._told[ear].get(timeout=patience)

    def nothing_more(self, ear: str) -> bool:
        """Whether nothing was told there that was not heard."""
        return self._told[ear].empty()

    async def _tell(self, request: Request) -> Response:
        self._told[request.url.path].put((await request.body()).decode())
        return PlainTextResponse("", headers={"Access-Control-Allow-Origin": "*"})

    @property
    def certificate(self) -> str:
        """What its TLS port shows, as PEM."""
        return ssl.get_server_certificate(("127.0.0.1", self.tls_port))

    def close(self) -> None:
        for server in self._servers:
            server.should_exit = True
            server.force_exit = True
