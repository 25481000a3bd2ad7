"""One way of fetching many webphone URLs, timed inside its own process: prints requests a second.

usage: contenders.py NAME BASE_URL TOKEN REQUESTS
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

CONCURRENCY = 64
QUERY = "/webphone?ramal=4000&tipo=hidden"


class Stopwatch:
    """Times what happens inside `run`; what stands before it (imports, the first connection) does not count."""

    seconds = 0.0

    @contextmanager
    def run(self) -> Iterator[None]:
        """Time the block."""
        start = time.perf_counter()
        yield
        self.seconds = time.perf_counter() - start


def webphone_blocking(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch one by one with this package."""
    from webphone import Client, Extension, PhoneType

    with Client(token, base_url=base) as client:
        extension = Extension.number(4000)
        client.fetch(extension, type=PhoneType.HIDDEN)
        with watch.run():
            for _ in range(count):
                client.fetch(extension, type=PhoneType.HIDDEN)


async def webphone_async(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch with this package, 64 awaits at a time."""
    from webphone import AsyncClient, Extension, PhoneType

    async with AsyncClient(token, base_url=base) as client:
        extension = Extension.number(4000)

        async def fetch() -> None:
            await client.fetch(extension, type=PhoneType.HIDDEN)

        await at_once(fetch, CONCURRENCY)
        with watch.run():
            await at_once(fetch, count)


def webphone_batch(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch as one batch with this package, and take out each URL."""
    from webphone import Client, Extension, PhoneType

    with Client(token, base_url=base) as client:

        def batch(size: int) -> None:
            extensions = (Extension.number(4000) for _ in range(size))
            for result in client.fetch_many(extensions, type=PhoneType.HIDDEN, concurrency=CONCURRENCY):
                result.unwrap()

        batch(2 * CONCURRENCY)
        with watch.run():
            batch(count)


def pycurl_blocking(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch one by one with pycurl, the fastest that Python has."""
    import pycurl

    curl = pycurl.Curl()
    curl.setopt(pycurl.HTTPHEADER, [f"Access-Token: {token}", "Accept: application/json"])
    curl.setopt(pycurl.URL, base + QUERY)

    def fetch() -> str:
        body = io.BytesIO()
        curl.setopt(pycurl.WRITEDATA, body)
        curl.perform()
        return str(json.loads(body.getvalue())["dados"]["url"])

    fetch()
    with watch.run():
        for _ in range(count):
            fetch()


def requests_session(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch one by one with a `requests` session."""
    import requests

    with requests.Session() as session:
        session.headers["Access-Token"] = token
        session.get(base + QUERY)
        with watch.run():
            for _ in range(count):
                session.get(base + QUERY, timeout=20).json()["dados"]["url"]


def httpx_client(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch one by one with an httpx client."""
    import httpx

    with httpx.Client(headers={"Access-Token": token}) as client:
        client.get(base + QUERY)
        with watch.run():
            for _ in range(count):
                client.get(base + QUERY).json()["dados"]["url"]


def urllib3_pool(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch one by one with urllib3."""
    import urllib3

    pool = urllib3.PoolManager(headers={"Access-Token": token})
    pool.request("GET", base + QUERY)
    with watch.run():
        for _ in range(count):
            pool.request("GET", base + QUERY).json()["dados"]["url"]


def vendor_client(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch one by one with the vendor's own client, turned to another host."""
    from totalvoice.cliente import Cliente

    client = Cliente(token)
    client.host = base

    def fetch() -> str:
        return str(json.loads(client.webphone.get_webphone(tipo="hidden", ramal="4000"))["dados"]["url"])

    fetch()
    with watch.run():
        for _ in range(count):
            fetch()


async def aiohttp_session(base: str, token: str, count: int, watch: Stopwatch) -> None:
    """Fetch with aiohttp, 64 at a time."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    async with aiohttp.ClientSession(headers={"Access-Token": token}, connector=connector) as session:

        async def fetch() -> None:
            async with session.get(base + QUERY) as response:
                (await response.json())["dados"]["url"]

        await at_once(fetch, CONCURRENCY)
        with watch.run():
            await at_once(fetch, count)


async def at_once(fetch: Callable[[], Awaitable[None]], count: int) -> None:
    """Run `fetch` so many times, in 64 tasks."""
    left = iter(range(count))

    async def worker() -> None:
        for _ in left:
            await fetch()

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


BLOCKING: dict[str, Callable[[str, str, int, Stopwatch], None]] = {
    "webphone": webphone_blocking,
    "webphone-batch": webphone_batch,
    "pycurl": pycurl_blocking,
    "urllib3": urllib3_pool,
    "httpx": httpx_client,
    "requests": requests_session,
    "vendor": vendor_client,
}
ASYNC: dict[str, Callable[[str, str, int, Stopwatch], Awaitable[None]]] = {
    "webphone-async": webphone_async,
    "aiohttp": aiohttp_session,
}


def main(name: str, base: str, token: str, count: int) -> None:
    """Run one contender and print its figure."""
    watch = Stopwatch()
    if name in BLOCKING:
        BLOCKING[name](base, token, count, watch)
    else:
        name, on_uvloop, _ = name.partition("+uvloop")

        async def run() -> None:
            await ASYNC[name](base, token, count, watch)

        if on_uvloop:
            import uvloop

            uvloop.run(run())
        else:
            asyncio.run(run())
    print(count / watch.seconds)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
