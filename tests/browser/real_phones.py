"""What the tests of phones in a real browser share: a simulator with an extension for each, and waits that end."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import webphone
from webphone import Extension, PhoneType, Snapshot, Update

T = TypeVar("T")

# "Ends at all": nothing here takes a tenth of it.
PATIENCE = 60.0


class Numbers:
    """A simulator, and an extension that nobody else has for whoever asks."""

    def __init__(self, simulator: webphone.Simulator) -> None:
        self.simulator = simulator
        self._client = simulator.client()
        self._next = itertools.count(4000)

    def url(self, kind: PhoneType = PhoneType.HIDDEN, **options: Any) -> tuple[str, webphone.WebphoneUrl]:
        """A number and the URL of its phone."""
        number = str(next(self._next))
        return number, self._client.fetch(Extension.number(number), type=kind, **options)

    def control(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Asks the simulator's control."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.simulator.control_url}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def microphone(self, number: str) -> str:
        """How a page's microphone is, once that is decided; each look is a request."""
        end = time.monotonic() + PATIENCE
        while (word := self.control(f"/phones/{number}/page")["microphone"]) in (None, "asked"):
            assert time.monotonic() < end
        return str(word)

    def until(self, number: str, wanted: Callable[[webphone.SimulatedPhoneState], bool]) -> None:
        """Waits until a phone is so, whether or not it said so."""
        end = time.monotonic() + PATIENCE
        while not wanted(self.simulator.phone(number).state):
            assert time.monotonic() < end

    def until_closed(self, number: str) -> None:
        """Waits until a phone's page is gone."""
        self.until(number, lambda state: state.page == "closed")


async def in_time(work: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wait_for(work, PATIENCE)


class Story:
    """What happened in a session, from its beginning on."""

    def __init__(self, phone: webphone.Session | webphone.BlockingSession) -> None:
        self.phone = phone
        self.updates = phone.updates(limit=4096)
        self.seen: list[Update] = []

    async def told(self, wanted: Callable[[Update], object]) -> Update:
        """The first update, from the beginning, that is so."""

        async def wait() -> Update:
            for update in self.seen:
                if wanted(update):
                    return update
            async for update in self.updates:
                self.seen.append(update)
                if wanted(update):
                    return update
            raise AssertionError(f"the session ended: {[update.cause for update in self.seen]}")

        return await in_time(wait())

    async def until(self, wanted: Callable[[Snapshot], object]) -> Snapshot:
        """The state, as soon as it is so."""
        if not wanted(self.phone.state):
            await self.told(lambda update: wanted(update.state))
        return self.phone.state


def talking(state: Snapshot) -> bool:
    return state.call is not None and state.call.phase is webphone.CallPhase.TALKING
