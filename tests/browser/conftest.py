"""What the browser tests share: both engines, one simulator, and an extension for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import Chromium
from hosted import Hosted
from webkit import WebKit

import webphone
from webphone import Extension, PhoneType

EXTENSIONS = range(4000, 4400)
ENGINES = {"chromium": Chromium, "webkit": WebKit}


@pytest.fixture(scope="session")
def engines() -> Iterator[dict[str, Any]]:
    engines = {name: make() for name, make in ENGINES.items()}
    yield engines
    for engine in engines.values():
        engine.close()


@pytest.fixture(params=list(ENGINES))
def engine(request, engines):
    return engines[request.param]


class World:
    """A simulator with a phone for each test."""

    def __init__(self, simulator: webphone.Simulator) -> None:
        self.simulator = simulator
        self._client = simulator.client()
        self.next_extension = EXTENSIONS.start
        self.open: list[Hosted] = []

    def host(self, engine: Any, kind: PhoneType, host: Any, **options: Any) -> Hosted:
        self.extension, self.next_extension = self.next_extension, self.next_extension + 1
        url = self._client.fetch(Extension.number(self.extension), type=kind)
        hosted = Hosted(engine, url, host, **options)
        self.open.append(hosted)
        return hosted


@pytest.fixture(scope="session")
def shared_world() -> Iterator[World]:
    with webphone.Simulator(extensions=EXTENSIONS) as simulator:
        yield World(simulator)


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    yield shared_world
    while shared_world.open:
        shared_world.open.pop().close()
