"""The simulated API in this process: for tests, demos and offline work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any, TypedDict

from . import _convert, faults
from ._core import native
from ._public import publish

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from ._client import AsyncClient, Client
    from ._proxy import Proxy
    from ._session.clock import Clock
    from ._session.phone import SimulatedPhone


@dataclass(frozen=True, slots=True)
class SimulatedExtension:
    """An extension (*ramal*) that a simulator knows."""

    number: str
    """Its number (`ramal`): 1 to 38 digits."""
    id: str = ""
    """Its unique id (`id_ramal`): 1 to 40 letters, digits, `-` and `_`; left empty, `10` and the number."""


class TokenCheck(Enum):
    """What a request had as its access token (`Access-Token`)."""

    MISSING = "missing"
    WRONG = "wrong"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """One request to the simulated API. It never holds a token, a key or a signature."""

    at: datetime
    """When it came, in UTC."""
    method: str
    """The HTTP method: `GET`."""
    target: str
    """Path and query as sent, at most 2,000 bytes, secrets masked: `/webphone?ramal=4000`."""
    extension: str | None
    """The number of the extension that it named, by number or by id; none when that is unknown here."""
    token: TokenCheck
    """Whether it had the right access token."""
    user_agent: str | None
    """The `User-Agent` that it named, at most 200 bytes."""
    http_status: int
    """The HTTP status that it was answered with; 0 when a fault left no answer."""
    fault: str | None
    """The fault that struck it, by its word: `delay`."""


@dataclass(frozen=True, slots=True)
class RequestLog:
    """What the simulated API was asked so far."""

    total: int
    """How many requests came since the start or since they were last forgotten."""
    in_flight: int
    """How many answers are being delayed or sent slowly right now."""
    requests: tuple[SimulatedRequest, ...]
    """The latest requests, oldest first; at most the last 10,000 are kept."""


@dataclass(frozen=True, slots=True)
class SimulatedRateLimit:
    """How many requests a second a simulator answers; the others get HTTP 429.

    A second's worth may come at once; after that one request is let through every 1/n of a second.
    """

    per_second: int
    """Requests a second, 1 to 1,000,000."""
    retry_after: bool = True
    """Whether the 429 says when to come back (`Retry-After`, in whole seconds)."""


class ClientOptions(TypedDict, total=False):
    """What `Simulator.client` passes on to `Client`."""

    timeout: float | timedelta
    connect_timeout: float | timedelta
    max_retries: int
    user_agent: str | None
    proxy: Proxy | None


class Simulator:
    """A simulated API on 127.0.0.1, serving until it is closed.

    Its defaults are those of the vendor's documentation: the token `Seu_Token` and the extensions 4000 and 4001. What
    works against the real API works against it unchanged but for the base URL.

        with webphone.Simulator() as simulator, simulator.client() as client:
            url = client.fetch(Extension.number(4000))

    It belongs to the process that started it. After it is closed, and in a forked child, all but `close` raises
    `ClosedError`.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        port: int = 0,
        extensions: Iterable[int | str | SimulatedExtension] | None = None,
        tls: bool = False,
        rate_limit: int | SimulatedRateLimit | None = None,
        url_lifetime: float | timedelta | None = None,
        virtual_time: bool = False,
    ) -> None:
        """Start serving.

        Args:
            token: The access token that it takes; none: `Seu_Token`.
            port: The TCP port, 0 to 65535; 0 takes a free one.
            extensions: The extensions of the account; none: 4000 and 4001.
            tls: Whether it speaks HTTPS, with a certificate of a throw-away authority; see `root_certificate`.
            rate_limit: How many requests a second it answers; none: there is no limit.
            url_lifetime: How long a URL works, in seconds, 0 (it has expired already) to ten years; URLs are then
                signed. None: they are unsigned and last.
            virtual_time: Whether time stands still until `advance` moves it: for its phones and their sessions, and for
                the expiry of its URLs. It starts at the system's time.

        Raises:
            InvalidError: An argument is out of its range, or another program has the port.
            UnsupportedError: This build of the library has no simulator.
        """
        config = native.SimulatorConfig(
            port=_convert.count(port, "port"),
            extensions=None if extensions is None else [_native_extension(each) for each in extensions],
            tls=tls,
            rate_limit=None if rate_limit is None else _native_rate_limit(rate_limit),
            url_lifetime_ms=None if url_lifetime is None else _convert.milliseconds(url_lifetime, "url_lifetime"),
            virtual_time=virtual_time,
        )
        with _public_errors():
            self._native = native.Simulator.start(config, None if token is None else _convert.text(token, "token"))

    @property
    def api_url(self) -> str:
        """The base URL of the API: `http://127.0.0.1:40123`, or `https` with TLS."""
        with _public_errors():
            return self._native.api_url()

    @property
    def control_url(self) -> str:
        """The base URL of its HTTP control, for other programs: `http://127.0.0.1:40124`."""
        with _public_errors():
            return self._native.control_url()

    @property
    def token(self) -> str:
        """The access token that it takes, in full."""
        with _public_errors():
            return self._native.token()

    @property
    def root_certificate(self) -> str | None:
        """The certificate (PEM) that a client has to trust; none without TLS."""
        with _public_errors():
            return self._native.root_certificate_pem()

    @property
    def extensions(self) -> tuple[SimulatedExtension, ...]:
        """The extensions that it knows, in the order in which they were given. Can be set, also to plain numbers.

        An extension that stays keeps its URLs; those of the others stop working.
        """
        with _public_errors():
            return tuple(SimulatedExtension(each.number, each.id) for each in self._native.extensions())

    @extensions.setter
    def extensions(self, extensions: Iterable[int | str | SimulatedExtension]) -> None:
        with _public_errors():
            self._native.set_extensions([_native_extension(each) for each in extensions])

    def client(self, **options: Unpack[ClientOptions]) -> Client:
        """A client for this simulator: with its address, its token and the certificate that it needs.

        Args:
            **options: As for `Client`.
        """
        from ._client import Client

        return Client(self.token, base_url=self.api_url, root_certificates=self.root_certificate, **options)

    def async_client(self, **options: Unpack[ClientOptions]) -> AsyncClient:
        """As `client`, for asyncio.

        Args:
            **options: As for `AsyncClient`.
        """
        from ._client import AsyncClient

        return AsyncClient(self.token, base_url=self.api_url, root_certificates=self.root_certificate, **options)

    def add_fault(self, fault: faults.Fault, *, times: int | None = None, extension: int | str | None = None) -> None:
        """Put a fault at the end of the queue. The first one that fits a request strikes it.

        Args:
            fault: What goes wrong.
            times: How many requests it strikes before it is spent, 1 or more; none: all, until the faults are cleared.
            extension: The number (`ramal`) of the only extension whose requests it strikes; none: any request.

        Raises:
            InvalidError: A field is out of its range.
        """
        rule = native.FaultRule(
            fault=_native_fault(fault),
            times=None if times is None else _convert.count(times, "times"),
            extension=None if extension is None else _convert.text(str(extension), "extension"),
        )
        with _public_errors():
            self._native.add_fault(rule)

    def clear_faults(self) -> None:
        """Remove every fault. What is being delayed or sent slowly goes on."""
        with _public_errors():
            self._native.clear_faults()

    def requests(self, last: int = 10_000) -> RequestLog:
        """What the API was asked: the counts, and the latest requests.

        Args:
            last: How many requests at most, 0 or more; 0: the counts alone.
        """
        with _public_errors():
            log = self._native.requests(_convert.count(last, "last"))
        return RequestLog(log.total, log.in_flight, tuple(_public_request(each) for each in log.requests))

    def forget_requests(self) -> None:
        """Forget what the API was asked."""
        with _public_errors():
            self._native.forget_requests()

    def phone(self, extension: int | str) -> SimulatedPhone:
        """The phone of an extension, in this process: give it to a `Session` or `BlockingSession` as its transport.

        Args:
            extension: The number (`ramal`) of an extension that it knows.

        Raises:
            InvalidError: It knows none of this number.
        """
        from ._session.phone import SimulatedPhone

        with _public_errors():
            phone = self._native.phone(_convert.text(str(extension), "extension"))
            return SimulatedPhone(phone, self._native.clock())

    @property
    def clock(self) -> Clock | None:
        """The clock that it goes by, for sessions with a transport of their own; None: the system's time."""
        from ._session.clock import Clock

        with _public_errors():
            clock = self._native.clock()
        return None if clock is None else Clock._of(clock)  # noqa: SLF001 - the same package's

    def advance(self, ms: int | timedelta) -> None:
        """Move virtual time on, and return when all that was due until then has happened: each at its time, in order.

        Whoever awaits something is woken, but not waited for. Nor are other threads: time may pass a command that one
        of them is just giving, so see it arrive first, in `SimulatedPhone.state`.

        Args:
            ms: A number of milliseconds or a time span, 0 or more.

        Raises:
            InvalidError: The simulator goes by the system's time, or `ms` is negative.
            BusyError: Somebody else is moving the time.
        """
        span = ms if isinstance(ms, timedelta) else timedelta(milliseconds=ms)
        with _public_errors():
            self._native.advance(_convert.milliseconds(span, "ms"))

    def reset(self) -> None:
        """Put all as it was after the start: its extensions with new keys, no faults, no requests, a fresh limit.

        Its phones are closed, without scripts and faults. Time is not put back.
        """
        with _public_errors():
            self._native.reset()

    def close(self) -> None:
        """Stop serving: its ports and every connection close. Twice is fine."""
        with _public_errors():
            self._native.shut_down()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        try:
            return f"<Simulator at {self._native.api_url()}>"
        except _convert.FAULTS:
            return "<Simulator closed>"


@contextmanager
def _public_errors() -> Iterator[None]:
    try:
        yield
    except _convert.FAULTS as fault:
        raise _convert.error(fault) from None


def _native_rate_limit(limit: int | SimulatedRateLimit) -> native.SimulatedRateLimit:
    whole = limit if isinstance(limit, SimulatedRateLimit) else SimulatedRateLimit(limit)
    per_second = _convert.count(whole.per_second, "per_second")
    return native.SimulatedRateLimit(per_second=per_second, retry_after=whole.retry_after)


def _native_extension(extension: int | str | SimulatedExtension) -> native.SimulatedExtension:
    whole = extension if isinstance(extension, SimulatedExtension) else SimulatedExtension(str(extension))
    return native.SimulatedExtension(number=_convert.text(whole.number, "number"), id=_convert.text(whole.id, "id"))


# The generated code writes its variants in a way that type checkers can't follow.
_native_faults: Any = native.Fault

_FAULTS: dict[type[faults.Fault], Callable[[Any], native.Fault]] = {
    faults.Delay: lambda fault: _native_faults.DELAY(_convert.milliseconds(fault.seconds, "seconds")),
    faults.Drip: lambda fault: _native_faults.DRIP(fault.chunk_bytes, _convert.milliseconds(fault.pause, "pause")),
    faults.Cut: lambda fault: _native_faults.CUT(fault.body_bytes),
    faults.Reset: lambda _: _native_faults.RESET(),
    faults.Refuse: lambda _: _native_faults.REFUSE(),
    faults.Garbage: lambda _: _native_faults.GARBAGE(),
    faults.Oversized: lambda fault: _native_faults.OVERSIZED(fault.claimed_bytes),
    faults.Endless: lambda _: _native_faults.ENDLESS(),
    faults.Fail: lambda fault: _native_faults.FAIL(
        fault.http_status,
        None if fault.retry_after is None else _convert.milliseconds(fault.retry_after, "retry_after"),
    ),
    faults.Answer: lambda fault: _native_faults.ANSWER(
        fault.http_status,
        dict(fault.headers),
        fault.body.encode() if isinstance(fault.body, str) else bytes(fault.body),
    ),
}


def _native_fault(fault: faults.Fault) -> native.Fault:
    lower = _FAULTS.get(type(fault))
    if lower is None:
        raise TypeError(f"a fault is one of those in webphone.faults, not {type(fault).__name__}")
    return lower(fault)


def _public_request(request: native.SimulatedRequest) -> SimulatedRequest:
    return SimulatedRequest(
        at=datetime.fromtimestamp(request.at_ms / 1000, timezone.utc),
        method=request.method,
        target=request.target,
        extension=request.extension,
        token=TokenCheck[request.token.name],
        user_agent=request.user_agent,
        http_status=request.http_status,
        fault=request.fault,
    )


publish(globals())
