"""A simulator, and a phone of it for each test."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from hosted import PATIENCE, Around, Hosted, native
from names import PHONE
from web import Web

import webphone
from webphone import Extension, PhoneType

HOSTS = {"binding": "BINDING", "handler": "MESSAGE_HANDLER", "port": "MESSAGE_PORT", "hook": "HOOK"}
EXTENSIONS = range(4000, 5000)


class World:
    """Its time stands still: nothing is said that a test does not ask for."""

    def __init__(self, web: Web, *, tls: bool) -> None:
        self.web = web
        self.tls = tls
        self.simulator = webphone.Simulator(extensions=EXTENSIONS, tls=tls, virtual_time=True)
        self._client = self.simulator.client()
        self._next = iter(EXTENSIONS)
        self._lock = threading.Lock()
        self._open: list[Hosted] = []

    @property
    def port(self) -> int:
        return int(self.simulator.api_url.rpartition(":")[2])

    def url(self, kind: PhoneType, *, form: dict[str, Any] | None = None, **wanted: Any) -> tuple[str, int]:
        """The URL of the phone of another extension, and which one that is; its page loads in this form. With TLS it is
        at one of the vendor's names.
        """
        with self._lock:
            extension = next(self._next)
        if form is not None:
            self.control(f"/phones/{extension}/page", form, "PUT")
        text = self._client.fetch(Extension.number(extension), type=kind, **wanted).reveal()
        if self.tls:
            text = text.replace(f"127.0.0.1:{self.port}", PHONE)
        return text, extension

    def host_kind(self, word: str) -> Any:
        """A kind of host by the word of these tests."""
        return self.web.host(self.tls) if word == "socket" else getattr(native.PageHost, HOSTS[word])()

    def host(
        self,
        engine: Any,
        kind: PhoneType,
        host: str,
        *,
        form: dict[str, Any] | None = None,
        wanted: dict[str, Any] | None = None,
        more: str = "",
        around: Around | None = None,
        session: Any = None,
        **options: Any,
    ) -> Hosted:
        """A phone in a page: how it is `wanted` of the API, what stands after its URL, and the options of its page."""
        url, extension = self.url(kind, form=form, **(wanted or {}))
        made = self.host_kind(host)
        hosted = Hosted(
            engine, url + more, made, extension=extension, web=self.web, around=around, session=session, **options
        )
        with self._lock:
            self._open.append(hosted)
        return hosted

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """Asks the simulator's control."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.simulator.control_url + path, data, method=method or ("GET" if data is None else "POST")
        )
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def tell(self, phone: Hosted, verb: str, body: Any = None) -> Any:
        """Has something done to a phone from outside: `incoming`, `close`."""
        return self.control(f"/phones/{phone.extension}/{verb}", {} if body is None else body)

    def until(self, phone: Hosted, condition: Callable[[Any], object], path: str = "") -> Any:
        """What is so in a simulated phone, as soon as this is; each look is a request."""
        end = time.monotonic() + PATIENCE
        while not condition(seen := self.picture(phone, path)):
            assert time.monotonic() < end, seen
        return seen

    def picture(self, phone: Hosted, path: str = "") -> Any:
        """What is so in a simulated phone now."""
        return self.control(f"/phones/{phone.extension}{path}")

    def microphone(self, phone: Hosted) -> str:
        """How the question for the microphone was answered."""
        word: str = self.until(phone, lambda page: page["microphone"] not in (None, "asked"), "/page")["microphone"]
        return word

    def advance(self, ms: int) -> None:
        with self._lock:
            self.simulator.advance(ms)

    def leave(self, phone: Hosted) -> None:
        """Closes a phone before its test ends."""
        with self._lock:
            self._open.remove(phone)
        phone.close()

    def close_phones(self) -> None:
        with self._lock:
            phones, self._open = self._open, []
        for phone in phones:
            phone.close()

    def close(self) -> None:
        self._client.close()
        self.simulator.close()
