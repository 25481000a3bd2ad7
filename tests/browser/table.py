"""The table of what was seen: each type as it is loaded, on each host, in each engine, over HTTP and with TLS."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from webphone import PhoneType

LOADINGS = (
    (PhoneType.HIDDEN, "SCRIPT"),
    (PhoneType.HIDDEN, "FRAME"),
    (PhoneType.EMBEDDED, "FRAME"),
    (PhoneType.FLOATING, "FRAME"),
    (PhoneType.FLOATING, "POPUP"),
)
HOSTS = {
    "binding": "native binding in an isolated world, as Playwright has it",
    "handler": "webkit.messageHandlers in a named world",
    "port": "a transferred message port, as Android has it",
    "hook": "the documented hook",
    "socket": "a web server's page, joined by a WebSocket",
}
# What an engine can't, and why.
NOT_THERE = {
    ("webkit", "binding"): "Chromium's DevTools protocol alone has bindings in isolated worlds",
    ("chromium", "handler"): "WebKit alone has webkit.messageHandlers",
}
NO_POPUP = "refused by the library: a web view that hosts a phone has no windows"


@dataclass(frozen=True)
class Row:
    """One way for a phone to be in a page."""

    engine: str
    host: str
    kind: PhoneType
    loading: str

    def __str__(self) -> str:
        return f"{self.engine:9} {self.host:8} {self.kind.name.lower():9} {self.loading.lower():7}"

    @property
    def is_possible(self) -> bool:
        return self.loading != "POPUP" or self.host not in ("handler", "port")


ROWS = [
    Row(engine, host, kind, loading)
    for engine in ("chromium", "webkit")
    for host in HOSTS
    if (engine, host) not in NOT_THERE
    for kind, loading in LOADINGS
]


class Table:
    """What the tests wrote down."""

    def __init__(self) -> None:
        self._cells: dict[tuple[Row, str], str] = {}
        self._lock = threading.Lock()

    def write(self, row: Row, scheme: str, what: str) -> None:
        with self._lock:
            self._cells[row, scheme] = what

    def lines(self) -> list[str]:
        """All of it, for people."""
        if not self._cells:
            return []
        lines = [f"{'engine':9} {'host':8} {'type':9} {'loaded':7}  {'HTTP, loopback':36}  TLS, the vendor's names"]
        for row in ROWS:
            cells = [self._cells.get((row, scheme), "not run") for scheme in ("http", "tls")]
            same = cells[0] == cells[1] and not row.is_possible
            lines.append(f"{row!s}  {cells[0]}" if same else f"{row!s}  {cells[0]:36}  {cells[1]}")
        lines += [f"{engine:9} {host:8} {'none of them':17}  {why}" for (engine, host), why in NOT_THERE.items()]
        lines += [f"{host}: {what}" for host, what in HOSTS.items()]
        return lines
