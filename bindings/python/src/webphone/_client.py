"""`Client` and `AsyncClient`: an access token and what is done with it."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from . import _library, _requests, _url, _waiting
from ._arguments import count, json_text, milliseconds, text
from ._public import publish
from ._types import PhoneNumber, PhoneType, UrlRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable
    from datetime import timedelta
    from types import TracebackType

    from typing_extensions import Self

    from ._batch import AsyncBatchRun, BatchRun
    from ._core import native
    from ._proxy import Proxy
    from ._types import BatchProgress, Extension
    from ._url import WebphoneUrl


class _Connected:
    """What both clients are: settings that are checked at once, and connections."""

    def __init__(
        self,
        token: str | None = None,
        *,
        base_url: str | None = None,
        timeout: timedelta | float = 20,
        connect_timeout: timedelta | float = 5,
        max_retries: int = 3,
        user_agent: str | None = None,
        root_certificates: str | bytes | PathLike[str] | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        settings = _settings(
            token=token,
            base_url=base_url,
            timeout=timeout,
            connect_timeout=connect_timeout,
            max_retries=max_retries,
            user_agent=user_agent,
            root_certificates=root_certificates,
        )
        self._handle = _library.client(settings, 0 if proxy is None else proxy.handle)
        self._generated: native.Client | None = None
        self._prepare()

    def _prepare(self) -> None:
        """Does at once what would else take its time later."""

    @property
    def _native(self) -> native.Client:
        """The client as the generated module has it: the same one."""
        if self._generated is None:
            from ._core import native

            make = vars(native.Client)["_uniffi_make_instance"].__get__(None, native.Client)
            self._generated = make(self._handle)
        return self._generated

    def close(self) -> None:
        """Ends the client: what is under way ends with `ClosedError`, and so does every later call. Twice is fine."""
        _library.shut_down(self._handle)

    def __reduce__(self) -> str:
        raise TypeError(f"a {type(self).__name__} holds a token and connections and can't be pickled; make another one")

    def _asked(
        self,
        extension: Extension | UrlRequest,
        type: PhoneType | None,  # noqa: A002
        call_on_open: PhoneNumber | str | None,
        close_at_end: bool | None,
    ) -> UrlRequest:
        """The whole request."""
        if not isinstance(extension, UrlRequest):
            kind = PhoneType.FLOATING if type is None else type
            extension = UrlRequest(extension, kind, call_on_open, bool(close_at_end))
        elif type is not None or call_on_open is not None or close_at_end is not None:
            raise TypeError("a whole UrlRequest says all of that itself: use dataclasses.replace(request, …)")
        return extension


def _settings(
    *,
    token: str | None,
    base_url: str | None,
    timeout: timedelta | float,
    connect_timeout: timedelta | float,
    max_retries: int,
    user_agent: str | None,
    root_certificates: str | bytes | PathLike[str] | None,
) -> str:
    """A client's settings as JSON. What is None is left out: the core knows what that means."""
    if isinstance(root_certificates, PathLike):
        with open(root_certificates, "rb") as file:  # noqa: PTH123 - `pathlib` would be a third of this package's import
            root_certificates = file.read()
    if isinstance(root_certificates, bytes):
        root_certificates = root_certificates.decode("utf-8", "replace")
    texts = {
        "token": token,
        "base_url": base_url,
        "user_agent": user_agent,
        "root_certificates_pem": root_certificates,
    }
    written = [
        f'"timeout_ms":{milliseconds(timeout, "timeout")}',
        f'"connect_timeout_ms":{milliseconds(connect_timeout, "connect_timeout")}',
        f'"max_retries":{count(max_retries, "max_retries")}',
    ]
    for name, value in texts.items():
        if value is not None:
            written.append(f'"{name}":{json_text(text(value, name.removesuffix("_pem")))}')
    return f"{{{','.join(written)}}}"


class Client(_Connected):
    """Fetches webphone URLs with one access token, for code that blocks.

    Make one and keep it: it holds the connections. Any number of threads may share it, and it works on in forked
    children. It is a context manager.

    Args:
        token: The access token (`Access-Token`); None: the environment variable `TOTALVOICE_ACCESS_TOKEN`.
        base_url: Where the API is: `BaseUrl.TOTALVOICE` (the default), `BaseUrl.ZENVIA`, any other `https` address, or
            `http` to a loopback host (a simulator). Where the token comes from the environment, `WEBPHONE_BASE_URL`
            takes the default's place.
        timeout: How long a request may take in all, its retries and their pauses included: a time span or seconds, 1 ms
            to 600 s.
        connect_timeout: How long a connection may take to open, TLS included: a time span or seconds, 1 ms to 600 s.
        max_retries: How often a request is sent again after a connect error, a connection that closed before the answer
            began, or HTTP 429, 502, 503 or 504: 0 to 10, with exponential pauses, never past the timeout.
        user_agent: What stands in `User-Agent`; None: `webphone/` and the version.
        root_certificates: Certificates in PEM that are trusted besides the public roots: the text, or the path of a
            file.
        proxy: The proxy that all requests go through; None: no proxy.

    Raises:
        InvalidError: `field` names the argument or the environment variable that is missing or unusable.
        OSError: The file of the certificates can't be read.
    """

    def fetch(
        self,
        extension: Extension | UrlRequest,
        /,
        *,
        type: PhoneType | None = None,  # noqa: A002
        call_on_open: PhoneNumber | str | None = None,
        close_at_end: bool | None = None,
    ) -> WebphoneUrl:
        """Asks for the webphone URL of an extension (`GET /webphone`). Ctrl-C ends it within 100 ms.

        Args:
            extension: The extension, or a whole request.
            type: How the phone shows itself (`tipo`); None: floating.
            call_on_open: The number that the phone dials when it opens (`ligar_para`).
            close_at_end: Whether the phone closes when its call ends (`fechar_fim`).

        Raises:
            InvalidError: The extension or the number is wrong; nothing was sent.
            UnauthorizedError: The API does not accept the access token.
            RefusedError: The API refused the request; `reason` says why.
            RateLimitedError: Too many requests a second, and waiting would not fit into the timeout.
            UnavailableError: The API failed on its side.
            UnreachableError: No whole answer came.
            UnexpectedAnswerError: What answered is not the documented API.
            ClosedError: The client is closed.
        """
        request = self._asked(extension, type, call_on_open, close_at_end)
        start = partial(_library.start_fetch, self._handle)
        return _url.made(_waiting.wait(start, _requests.lower(request)), request.type)

    def fetch_many(
        self,
        extensions: Iterable[Extension | UrlRequest],
        /,
        *,
        type: PhoneType = PhoneType.FLOATING,  # noqa: A002
        call_on_open: PhoneNumber | str | None = None,
        close_at_end: bool = False,
        concurrency: int = 16,
        rate: float | None = None,
        rate_limit_patience: timedelta | float = 60,
        on_progress: Callable[[BatchProgress], None] | None = None,
    ) -> BatchRun:
        """Fetches many URLs: an iterator over their results, in the order of the requests.

        Nothing starts before the first result is asked for. The input may be endless: it is pulled some hundred
        requests ahead of those that are sent, and what is under way or unread is at most twice the concurrency. One
        failure never sinks the others; after a refused token the rest is reported as not tried. When the input raises,
        the batch is cancelled and the exception comes out.

        Args:
            extensions: Extensions, whole requests, or both mixed.
            type: For the extensions among them: how the phone shows itself (`tipo`).
            call_on_open: For the extensions among them: the number that the phone dials when it opens (`ligar_para`).
            close_at_end: For the extensions among them: whether the phone closes when its call ends (`fechar_fim`).
            concurrency: How many requests are under way at the same time, 1 to 1,024.
            rate: How many requests start a second, at most: 0.001 to 100,000, evenly spread.
            rate_limit_patience: How long the API may answer "too many requests" to everything before requests fail with
                `RateLimitedError`: a time span or seconds, 0 to 3,600. These waits are no part of a request's timeout.
                While the API asks for a wait that does not fit into it, requests are not sent and fail too, with what
                is left to wait; after that they are sent again.
            on_progress: Called in the thread that reads, as the batch gets on.

        Raises:
            InvalidError: An option or the number is wrong.
            ClosedError: The client is closed.
        """
        from ._batch import BatchRun, Defaults, start  # It loads the generated module.

        defaults = Defaults(type, call_on_open, close_at_end)
        batch = start(self._native, concurrency, rate, rate_limit_patience)
        return BatchRun(batch, extensions, defaults, on_progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Connected):
    """Fetches webphone URLs with one access token, for `asyncio` and `uvloop`.

    Make one and keep it: it holds the connections. Any number of tasks, event loops and threads may share it, and it
    works on in forked children. It is an asynchronous context manager. Its arguments and errors are those of `Client`.
    """

    def _prepare(self) -> None:
        # The generated module is loaded here, and not while an event loop waits.
        assert self._native

    async def fetch(
        self,
        extension: Extension | UrlRequest,
        /,
        *,
        type: PhoneType | None = None,  # noqa: A002
        call_on_open: PhoneNumber | str | None = None,
        close_at_end: bool | None = None,
    ) -> WebphoneUrl:
        """Asks for the webphone URL of an extension (`GET /webphone`). Cancelling the task cancels the request.

        Its arguments and errors are those of `Client.fetch`.
        """
        request = self._asked(extension, type, call_on_open, close_at_end)
        try:
            revealed = await self._native.fetch_json(_requests.lower(request))
        except Exception as caught:
            error = _waiting.outcome(caught)
            if error is None:
                raise
            raise error from None
        return _url.made(revealed, request.type)

    def fetch_many(
        self,
        extensions: Iterable[Extension | UrlRequest] | AsyncIterable[Extension | UrlRequest],
        /,
        *,
        type: PhoneType = PhoneType.FLOATING,  # noqa: A002
        call_on_open: PhoneNumber | str | None = None,
        close_at_end: bool = False,
        concurrency: int = 16,
        rate: float | None = None,
        rate_limit_patience: timedelta | float = 60,
        on_progress: Callable[[BatchProgress], None] | None = None,
    ) -> AsyncBatchRun:
        """Fetches many URLs: an asynchronous iterator over their results, in the order of the requests.

        As `Client.fetch_many`. An asynchronous input is pulled by a task of its own while results are awaited; a plain
        one is pulled in the loop's thread, and should not block. Cancelling a task that awaits a result ends the batch.
        """
        from ._batch import AsyncBatchRun, Defaults, start

        defaults = Defaults(type, call_on_open, close_at_end)
        batch = start(self._native, concurrency, rate, rate_limit_patience)
        return AsyncBatchRun(batch, extensions, defaults, on_progress)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


publish(globals())
