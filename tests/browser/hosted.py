"""A phone in a real page: session, link and page of the library, shown by a real engine.

A test waits on the session itself; engines live on threads of their own, and a pump carries what goes to the page.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from webphone import WebphoneUrl, _core

# What the generated module holds is more than its types say.
native: Any = _core.native

# "Ends at all": nothing here takes a tenth of it.
PATIENCE = 30.0


class View(Protocol):
    """A page that an engine shows."""

    def deliver(self, envelope: str) -> None: ...
    def evaluate(self, code: str) -> Any: ...
    def close(self) -> None: ...


class Engine(Protocol):
    name: str

    def show(self, hosted: Hosted) -> View: ...


class Hosted:
    """One phone, hosted as an application would."""

    def __init__(self, engine: Engine, url: WebphoneUrl, host: Any, **options: Any) -> None:
        secret = native.WebphoneUrl.parse(url.reveal(), native.PhoneType[url.type.name])
        self.engine = engine
        self.host = host
        self.session = native.Session.open(native.SessionConfig(), secret, None)
        self.updates = self.session.updates(limit=4096)
        self.causes: list[Any] = []
        self.link = native.PageLink.open(self.session)
        self.page = native.HostPage.open(secret, host, native.HostPageOptions(**options))
        self.load = self.link.load(self.page)
        self.view = engine.show(self)
        self._pump = threading.Thread(target=self._carry, daemon=True)
        self._pump.start()

    def receive(self, text: str, main_frame: bool | None, origin: str | None) -> None:
        self.link.receive_envelope(text, native.MessageSource(main_frame=main_frame, origin=origin))

    def _carry(self) -> None:
        try:
            while True:
                started = self.link.start_next_envelope(1000)
                envelope = started.value if started.is_done() else None
                while envelope is None:
                    envelope = started.operation.wait_for(1000)
                try:
                    self.view.deliver(envelope)
                except Exception:  # noqa: BLE001 - whatever the engine says, it was not delivered
                    self.link.undelivered(envelope)
        except native.WebphoneError.Closed:
            pass

    @property
    def state(self) -> Any:
        return self.session.state()

    def until(self, condition: Callable[[Any], object], what: str = "the state") -> Any:
        """Waits, update by update, for a state; gives it."""
        end = time.monotonic() + PATIENCE
        while not condition(state := self.session.state()):
            assert time.monotonic() < end, f"{what} did not come; {state}; {self.causes[-20:]}"
            self._take(200)
        return state

    def told(self, condition: Callable[[Any], object], what: str = "the cause") -> Any:
        """Waits for an update with a cause, from the beginning on; gives it."""
        end = time.monotonic() + PATIENCE
        while True:
            for cause in self.causes:
                if condition(cause):
                    return cause
            assert time.monotonic() < end, f"{what} did not come; {self.causes[-20:]}"
            self._take(200)

    def notice(self, name: str) -> Any:
        return self.told(lambda cause: cause.is_page() and getattr(cause.report, "name", None) == name, name)

    def _take(self, ms: int) -> None:
        started = self.updates.start_next(256, ms)
        if started.is_done():
            self.causes.extend(update.cause for update in started.value)
        else:
            started.operation.cancel()

    def execute(self, command: Any) -> Any:
        started = self.session.start_execute(native.Request.EXECUTE(command), int(PATIENCE * 1000))
        assert started.is_done(), f"{command} did not end; {self.state}"
        return started.value

    def close(self) -> None:
        self.session.shut_down()
        self._pump.join(PATIENCE)
        self.view.close()


def quoted(text: str) -> str:
    """A text as an expression of a script."""
    return json.dumps(text)
