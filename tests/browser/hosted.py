"""A phone in a real page: session, link and page of the library, shown by a real engine.

A test waits on the session itself; engines live on threads of their own, and a pump carries what goes to the page.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from webphone import _core

if TYPE_CHECKING:
    from web import Web

# What the generated module holds is more than its types say.
native: Any = _core.native

# "Ends at all": nothing here takes a tenth of it.
PATIENCE = 30.0
# What a command waits for comes late where many pages have two processors: an application's limits are no measure here.
LIMITS = ("line_timeout_ms", "call_timeout_ms", "answer_timeout_ms", "hang_up_timeout_ms", "queue_timeout_ms")
PATIENT = native.SessionConfig(**dict.fromkeys(LIMITS, int(PATIENCE * 1000 * 0.8)))
# A number whose owner does.
ANSWERS_AT_ONCE = "119999900001"


class View(Protocol):
    """A page that an engine shows."""

    def deliver(self, envelope: str) -> None: ...
    def evaluate(self, code: str) -> Any: ...
    def close(self) -> None: ...


class Engine(Protocol):
    name: str

    def show(self, hosted: Hosted) -> View: ...


@dataclass(frozen=True)
class Around:
    """What is around a page, beside what an application gives it. The default is what it should be."""

    script: str = ""
    """What runs first in every frame, as if each page had said so itself."""
    policy: bool = True
    """Whether the host page has its policy; without it, anything may be in it."""
    microphone: bool = True
    """Whether the host grants the microphone to whom it may have it."""
    devices: bool = True
    """Whether there is a microphone (WebKit; Chromium has it from its start on)."""
    window: bool = True
    """Whether the page is in a window from the start (WebKit)."""
    popups: bool = True
    """Whether pages may open windows unasked."""
    hands_over: bool = True
    """Whether the host hands over its port as soon as the page is there."""
    certificates: bool = True
    """Whether the certificates of these tests are good enough."""


class Hosted:
    """One phone, hosted as an application would."""

    def __init__(
        self,
        engine: Engine,
        url: str,
        host: Any,
        *,
        extension: int,
        web: Web,
        around: Around | None = None,
        session: Any = None,
        **options: Any,
    ) -> None:
        self.engine = engine
        self.host = host
        self.extension = extension
        self.web = web
        self.around = around or Around()
        self.secret = native.WebphoneUrl.parse(url)
        self.session = native.Session.open(session or PATIENT, self.secret, None)
        self.updates = self.session.updates(limit=4096)
        self.causes: list[Any] = []
        self.link = native.PageLink.open(self.session)
        self.page = native.HostPage.open(self.secret, host, native.HostPageOptions(**options))
        self.load = self.link.load(self.page)
        self._used = False
        self.view = engine.show(self)
        self._pump = threading.Thread(target=self._pump_all, daemon=True)
        self._pump.start()

    def next_load(self) -> None:
        """For a page that is served: each request for it gets a load of its own."""
        if self._used:
            self.load = self.link.load(self.page)
        self._used = True

    def html(self) -> str:
        """The host page as this test wants it."""
        text: str = self.load.html()
        if not self.around.policy:
            start = text.index("<meta http-equiv")
            text = text[:start] + text[text.index(">", start) + 1 :]
        return text

    def headers(self) -> dict[str, str]:
        """What it comes with."""
        headers: dict[str, str] = self.load.headers()
        if not self.around.policy:
            del headers["Content-Security-Policy"]
        return headers

    @property
    def nonce(self) -> str:
        """The number of this load, for those who shall not be helped by it."""
        number: str = json.loads(self.load.port_message())["nonce"]
        return number

    def receive(self, text: str, main_frame: bool | None, origin: str | None) -> None:
        self.link.receive_envelope(text, native.MessageSource(main_frame=main_frame, origin=origin))

    def _pump_all(self) -> None:
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

    def _lately(self) -> str:
        return "; ".join(str(cause) for cause in self.causes[-20:])

    def until(self, condition: Callable[[Any], object], what: str = "the state") -> Any:
        """Waits, update by update, for a state; gives it."""
        end = time.monotonic() + PATIENCE
        while not condition(state := self.session.state()):
            assert time.monotonic() < end, f"{what} did not come; {state}; {self._lately()}"
            self._take(200)
        return state

    def told(self, condition: Callable[[Any], object], what: str = "the cause") -> Any:
        """Waits for an update with a cause, from the beginning on; gives it."""
        end = time.monotonic() + PATIENCE
        while True:
            for cause in self.causes:
                if condition(cause):
                    return cause
            assert time.monotonic() < end, f"{what} did not come; {self._lately()}"
            self._take(200)

    def notice(self, name: str) -> Any:
        return self.told(lambda cause: cause.is_page() and getattr(cause.report, "name", None) == name, name).report

    def report(self, word: str) -> Any:
        """Waits for a report of this kind: `failed`."""
        return self.told(lambda cause: cause.is_page() and getattr(cause.report, f"is_{word}")(), word).report

    @property
    def events(self) -> list[Any]:
        """What the phone said so far."""
        self._take_all()
        return [cause.event for cause in self.causes if cause.is_event()]

    @property
    def story(self) -> str:
        """All that happened so far, as text."""
        self._take_all()
        return "; ".join(str(cause) for cause in self.causes)

    def _take(self, ms: int) -> bool:
        """Takes what there is, or waits for it; whether there was anything."""
        started = self.updates.start_next(256, ms)
        if not started.is_done():
            started.operation.cancel()
            return False
        self.causes.extend(update.cause for update in started.value)
        return True

    def _take_all(self) -> None:
        while self._take(0):
            pass

    def execute(self, command: Any) -> Any:
        started = self.session.start_execute(native.Request.EXECUTE(command), int(PATIENCE * 1000))
        assert started.is_done(), f"{command} did not end; {self.state}"
        return started.value

    def calls(self, number: str = ANSWERS_AT_ONCE) -> Any:
        """Makes a call up to the talk; what became of the command."""
        outcome = self.execute(native.Command.CALL(number))
        self.until(lambda state: state.call and state.call.phase == native.CallPhase.TALKING, "the talk")
        return outcome

    def makes_a_call(self) -> None:
        """Proves that all is well: a call, and its end."""
        assert self.calls().is_confirmed()
        assert self.execute(native.Command.HANG_UP()).is_confirmed()
        self.until(lambda state: state.call is None)

    def close(self) -> None:
        self.session.shut_down()
        self._pump.join(PATIENCE)
        self.view.close()


def quoted(text: str) -> str:
    """A text as an expression of a script."""
    return json.dumps(text)
