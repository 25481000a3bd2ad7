"""Where the names of the internet lead in these tests, for both engines: the vendor's to the simulator, all others to
the tests' own web server. Chromium takes it as rules; WebKit by a proxy.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass

VENDOR = ("api.totalvoice.com.br", "api2.totalvoice.com.br", "voice-api.zenvia.com", "voice-app.zenvia.com")
PHONE = VENDOR[1]
# A web application's own name.
CRM = "crm.example"
NOBODY = "nobody.example"
# What looks like the phone's origin and is another: a longer name, another port, a name below it.
LOOK_ALIKES = (f"{PHONE}.evil.example", f"{PHONE}:444", f"evil.{PHONE}")


@dataclass(frozen=True)
class Names:
    """The ports on this machine that the names lead to."""

    phone: int
    """The simulator's, with TLS."""
    web: int
    """The web server's, with TLS."""

    def port(self, host: str, port: int) -> int:
        """Where a connection to this name and port goes."""
        return self.phone if host in VENDOR and port == 443 else self.web

    def rules(self) -> str:
        """As `--host-resolver-rules`: the first that fits is taken."""
        vendor = [f"MAP {name}:443 127.0.0.1:{self.phone}" for name in VENDOR]
        others = [f"MAP {name} 127.0.0.1:{self.web}" for name in ("*.totalvoice.com.br", "*.zenvia.com", "*.example")]
        return ", ".join(vendor + others)


class Proxy:
    """A proxy that connects to where the names lead (`CONNECT` alone)."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        opened = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop)
        self._server = opened.result(30)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            method, target, _ = head.split(" ", 2)
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                there = await asyncio.open_connection("127.0.0.1", self._names.port(host, int(port)))
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))
            else:
                writer.write(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    @staticmethod
    async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        writer.close()

    def close(self) -> None:
        async def end() -> None:
            self._server.close()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
