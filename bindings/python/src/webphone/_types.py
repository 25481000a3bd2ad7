"""The values that go in and come out: frozen, hashable, compared by what they hold."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Literal

from . import _library
from ._arguments import text
from ._public import publish
from ._values import Value, put

if TYPE_CHECKING:
    from ._errors import WebphoneError
    from ._url import WebphoneUrl


class BaseUrl:
    """The addresses that the API is published at. Any other `https` address is as good: give it as a string."""

    TOTALVOICE: Final = "https://api2.totalvoice.com.br"
    """The platform's address since its first days; the default."""
    ZENVIA: Final = "https://voice-api.zenvia.com"
    """The platform's newer name for the same API."""


class PhoneType(enum.Enum):
    """How a phone shows itself (`tipo`); the value is the word on the wire."""

    FLOATING = "floating"
    """The phone opens in a window of its own. The API's default."""
    EMBEDDED = "embedded"
    """The vendor's interface inside the page, in a frame."""
    HIDDEN = "hidden"
    """No interface; the application brings its own."""


class Extension(Value):
    """Which extension (*ramal*): made by `Extension.number(4000)` or `Extension.id(12345)`.

    It is checked when it is used: 1 to 40 digits for a number; letters, digits, `-` and `_` for an id. A wrong one is
    an `InvalidError` naming `ramal` or `id_ramal`, and nothing is sent.
    """

    __slots__ = ("kind", "value")

    kind: Literal["number", "id"]
    """Whether the value is the extension's number (`ramal`) or its unique id (`id_ramal`)."""
    value: str
    """The number or the id; leading zeros count."""

    def __init__(self, kind: Literal["number", "id"], value: str) -> None:
        put(self, "kind", kind)
        put(self, "value", value)

    @classmethod
    def number(cls, value: int | str) -> Extension:
        """An extension by its number (`ramal`), such as 4000 or "0042".

        Raises:
            TypeError: The value is neither an integer nor a string.
        """
        return cls("number", _written(value))

    @classmethod
    def id(cls, value: int | str) -> Extension:
        """An extension by its unique id in the account (`id_ramal`), number or text as the API gave it.

        Raises:
            TypeError: The value is neither an integer nor a string.
        """
        return cls("id", _written(value))

    def __str__(self) -> str:
        return self.value if self.kind == "number" else f"id {self.value}"

    def __repr__(self) -> str:
        return f"Extension.{self.kind}({self.value!r})"


def _written(value: int | str) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"an extension is an integer or a string, not {type(value).__name__}")


class PhoneNumber(Value):
    """A number that the phone can dial: 2 to 20 of `0` to `9`, `*`, `#`.

    Made from text as people write it: spaces and `( ) - .` are dropped, `+55` (Brazil) before 10 or 11 digits is
    dropped, any other `+` and any letter is refused. No area code is ever added. `str()` gives what is dialled.

    Raises:
        InvalidError: It can't be dialled; `field` is `number`.
    """

    __slots__ = ("dialled",)

    dialled: str
    """What is dialled: digits, `*` and `#` only."""

    def __init__(self, written: str) -> None:
        if not isinstance(written, str):
            raise TypeError(f"a telephone number is a string, not {type(written).__name__}")
        put(self, "dialled", _library.phone_number(text(written, "number")))

    def __str__(self) -> str:
        return self.dialled

    def __repr__(self) -> str:
        return f"PhoneNumber({self.dialled!r})"

    def __reduce__(self) -> tuple[type[PhoneNumber], tuple[str]]:
        return PhoneNumber, (self.dialled,)


class UrlRequest(Value):
    """One request for a webphone URL: `GET /webphone` with its documented parameters.

    Raises:
        InvalidError: `call_on_open` is a text that can't be dialled.
        TypeError: An argument is of another type.
    """

    __slots__ = ("call_on_open", "close_at_end", "extension", "type")

    extension: Extension
    """Which extension (`ramal` or `id_ramal`)."""
    type: PhoneType
    """How the phone shows itself (`tipo`)."""
    call_on_open: PhoneNumber | None
    """The number that the phone dials when it opens (`ligar_para`); None: it dials nothing."""
    close_at_end: bool
    """Whether the phone closes when its call ends (`fechar_fim`)."""

    def __init__(
        self,
        extension: Extension,
        type: PhoneType = PhoneType.FLOATING,  # noqa: A002 - the parameter's name on the wire, in English
        call_on_open: PhoneNumber | str | None = None,
        close_at_end: bool = False,
    ) -> None:
        if not isinstance(extension, Extension):
            raise TypeError(
                f"an extension is made by Extension.number(…) or Extension.id(…), this is {_kind(extension)}"
            )
        if not isinstance(type, PhoneType):
            raise TypeError(f"type is a PhoneType, this is {_kind(type)}")
        if isinstance(call_on_open, str):
            call_on_open = PhoneNumber(call_on_open)
        elif call_on_open is not None and not isinstance(call_on_open, PhoneNumber):
            raise TypeError(f"call_on_open is a PhoneNumber or a string, this is {_kind(call_on_open)}")
        put(self, "extension", extension)
        put(self, "type", type)
        put(self, "call_on_open", call_on_open)
        put(self, "close_at_end", bool(close_at_end))


def _kind(value: object) -> str:
    return value.__class__.__name__


class BatchProgress(Value):
    """How far a batch is."""

    __slots__ = ("failed", "fetched", "pushed", "rate_limit_pauses")

    pushed: int
    """How many requests were taken from the input."""
    fetched: int
    """How many of them gave a URL."""
    failed: int
    """How many of them failed, those that were not tried included."""
    rate_limit_pauses: int
    """How often the API made the whole batch pause."""


class BatchResult(Value):
    """What became of one request of a batch: either `url` or `error` is there."""

    __slots__ = ("error", "request", "url")

    request: UrlRequest
    """The request."""
    url: WebphoneUrl | None
    """The URL, a secret; None when it failed."""
    error: WebphoneError | None
    """Why it failed; None when it did not."""

    def __init__(self, request: UrlRequest, url: WebphoneUrl | None, error: WebphoneError | None) -> None:
        put(self, "request", request)
        put(self, "url", url)
        put(self, "error", error)

    def unwrap(self) -> WebphoneUrl:
        """The URL.

        Raises:
            WebphoneError: The error, if the request failed.
        """
        if self.url is None:
            assert self.error is not None
            raise self.error
        return self.url


class ApiReason(enum.Enum):
    """The API's reasons with names (`motivo` in its envelope), as the vendor's documentation lists them."""

    NO_PERMISSION = "no_permission"
    """`motivo` 8, HTTP 403: the token has no permission for this."""
    NO_BALANCE = "no_balance"
    """`motivo` 9, HTTP 402: the account has no balance."""
    MISSING_PARAMETER = "missing_parameter"
    """`motivo` 10: a required parameter is missing."""
    INVALID_PARAMETER = "invalid_parameter"
    """`motivo` 11, HTTP 405: a parameter is invalid."""
    DUPLICATE = "duplicate"
    """`motivo` 20: it exists already."""
    NOT_IMPLEMENTED = "not_implemented"
    """`motivo` 30, HTTP 501: the API does not implement this."""
    AUTHENTICATION_FAILED = "authentication_failed"
    """`motivo` 40, HTTP 401: the access token is not accepted."""
    INTERNAL_ERROR = "internal_error"
    """`motivo` 50, HTTP 500: the API failed."""
    NOT_FOUND = "not_found"
    """`motivo` 60, HTTP 404: it does not exist."""
    NO_RECORDING = "no_recording"
    """`motivo` 70: the call has no recording."""
    CALL_NOT_ACTIVE = "call_not_active"
    """`motivo` 80: the call is not active."""
    PATH_NOT_FOUND = "path_not_found"
    """`motivo` 90: the API does not know this path."""
    INVALID_REQUEST = "invalid_request"
    """`motivo` 100, HTTP 400: the request is malformed."""
    TOO_MANY_REQUESTS = "too_many_requests"
    """HTTP 429: too many requests a second."""
    UNAVAILABLE = "unavailable"
    """HTTP 502, 503, 504: the API is not available."""


class OtherReason(Value):
    """A reason that has no name in the vendor's documentation."""

    __slots__ = ("value",)

    value: int
    """The code: `motivo`, else the HTTP status."""


class ApiFailure(Value):
    """What the API said when it did not give a URL."""

    __slots__ = ("api_text", "attempts", "http_status", "motivo", "reason")

    http_status: int
    """The HTTP status code of the answer, 100 to 999."""
    motivo: int | None
    """The API's own reason code, as sent; None when the answer had none."""
    reason: ApiReason | OtherReason
    """The reason with a name, from `motivo`, else from the status."""
    api_text: str | None
    """The API's own words (`mensagem`): at most 500 characters, no secrets. Quote them to the vendor's support."""
    attempts: int
    """How many times the request was sent; 0 when it was not, since the API had just refused others of its batch."""


class UnreachableCause(enum.Enum):
    """Where the way to the API broke."""

    DNS = "dns"
    """The host name could not be resolved."""
    CONNECTION_REFUSED = "connection_refused"
    """The host refused the connection."""
    CONNECTION_RESET = "connection_reset"
    """The connection closed before an answer began."""
    ANSWER_CUT = "answer_cut"
    """The answer broke off before its end."""
    CONNECT_TIMEOUT = "connect_timeout"
    """No connection within the connect timeout."""
    TIMEOUT = "timeout"
    """No whole answer within the total timeout."""
    TLS = "tls"
    """The TLS handshake failed: certificate, name or protocol. Trying again does not help."""
    PROXY = "proxy"
    """The proxy did not open the way."""
    NETWORK = "network"
    """Any other fault of the network."""


class AnswerProblem(enum.Enum):
    """Why an answer is not the documented API's."""

    NOT_HTTP = "not_http"
    """It is not HTTP."""
    REDIRECT = "redirect"
    """It is a redirect, which is never followed: it would carry the token to another place."""
    EMPTY = "empty"
    """It has no body."""
    TOO_LARGE = "too_large"
    """Its body is larger than the library reads (64 KiB)."""
    NOT_TEXT = "not_text"
    """Its body is not UTF-8 text."""
    NOT_JSON = "not_json"
    """Its body is not JSON, or nests too deep."""


class FieldProblem(Value):
    """A field of an answer is missing or not as documented."""

    __slots__ = ("field", "reason")

    field: str
    """The field's path: `sucesso`, `dados.url`."""
    reason: str
    """Why it was refused, as a sentence without its subject: `is missing`."""


publish(globals())
