"""What the browser tests share: both engines, a simulator over HTTP and one with TLS, and a web server."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from chromium import Chromium
from names import Names
from table import Table
from web import Web
from webkit import WebKit
from world import World

# As in the package's tests: a program that inherits an ignored SIGINT can't be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)

ENGINES = ("chromium", "webkit")
SCHEMES = ("http", "tls")


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    web = Web()
    yield web
    web.close()


@pytest.fixture(scope="session")
def worlds(web) -> Iterator[dict[str, World]]:
    worlds = {scheme: World(web, tls=scheme == "tls") for scheme in SCHEMES}
    yield worlds
    for world in worlds.values():
        world.close()


@pytest.fixture(scope="session")
def names(web, worlds) -> Names:
    return Names(phone=worlds["tls"].port, web=web.tls_port)


@pytest.fixture(scope="session")
def chromium(names) -> Iterator[Chromium]:
    engine = Chromium(names.rules())
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def bare_chromium(names) -> Iterator[Chromium]:
    """Without any microphone, and with its popup blocker."""
    engine = Chromium(names.rules(), bare=True)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def webkit(names) -> Iterator[WebKit]:
    engine = WebKit(names)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def engines(chromium, webkit) -> dict[str, Any]:
    return {engine.name: engine for engine in (chromium, webkit)}


@pytest.fixture(params=ENGINES)
def engine(request, engines):
    return engines[request.param]


def lived_in(world: World) -> Iterator[World]:
    yield world
    world.close_phones()


@pytest.fixture
def world(worlds) -> Iterator[World]:
    """Over HTTP on this machine."""
    yield from lived_in(worlds["http"])


@pytest.fixture
def tls_world(worlds) -> Iterator[World]:
    """With TLS, at the vendor's names."""
    yield from lived_in(worlds["tls"])


TABLE = pytest.StashKey[Table]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table()


@pytest.fixture(scope="session")
def table(request) -> Table:
    table: Table = request.config.stash[TABLE]
    return table


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash[TABLE].lines()
    if lines:
        terminalreporter.section("each type on each host in both engines")
        for line in lines:
            terminalreporter.line(line)
