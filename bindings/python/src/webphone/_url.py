"""`WebphoneUrl`: the address of a phone, a secret with a type, an origin and an expiry."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NoReturn

from . import _convert
from ._core import native

if TYPE_CHECKING:
    from ._types import PhoneType

_EPOCH = datetime.fromtimestamp(0, timezone.utc)
_EARLIEST = datetime(1, 1, 1, tzinfo=timezone.utc)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


class WebphoneUrl:
    """The URL of an extension's phone: **a credential**. Whoever opens it makes and takes the extension's calls.

    Its text is deliberately not a URL (`<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>`), so that nobody
    ships a masked link by accident; `reveal()` gives the real one. It is compared and hashed by the real one, and can't
    be pickled or turned into JSON.
    """

    __slots__ = ("__weakref__", "_native")
    _native: native.WebphoneUrl

    def __init__(self) -> None:
        raise TypeError("a WebphoneUrl is fetched by a client, or made by WebphoneUrl.parse(text)")

    @classmethod
    def parse(cls, text: str, type: PhoneType | None = None) -> WebphoneUrl:  # noqa: A002 - as everywhere here
        """Takes a URL that was fetched elsewhere.

        Args:
            text: The URL: `https` (`http` on a loopback host only), without user information, spaces or control
                characters.
            type: The phone's type where the URL itself names none (`tipo`); without both it is floating, the API's
                default.

        Raises:
            InvalidError: The URL is not acceptable; `field` is `url`.
        """
        try:
            return _convert.url(native.WebphoneUrl.parse(_convert.text(text, "url"), _convert.lower_type(type)))
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None

    def reveal(self) -> str:
        """The full URL, the secret itself: give it to the page that hosts the phone and to nobody else."""
        return self._native.reveal()

    @property
    def type(self) -> PhoneType:
        """How the phone shows itself (`tipo`)."""
        return _convert.phone_type(self._native.phone_type())

    @property
    def origin(self) -> str:
        """The origin that the page is loaded from, `https://api2.totalvoice.com.br`. Not a secret."""
        return self._native.origin()

    @property
    def expires_at(self) -> datetime | None:
        """When a signed URL stops working (`expires`), in UTC; None when it does not say."""
        ms = self._native.expires_at_ms()
        if ms is None:
            return None
        try:
            return _EPOCH + timedelta(milliseconds=ms)
        except OverflowError:
            # Beyond what Python's calendar holds.
            return _LATEST if ms > 0 else _EARLIEST

    def is_expired(self, margin: timedelta | float = 0) -> bool:
        """Whether the URL stops working within `margin` from now, by this machine's clock.

        Args:
            margin: A time span or a number of seconds; 0: whether it has stopped.

        Returns:
            False for a URL that names no expiry.
        """
        return self._native.is_expired(_convert.milliseconds(margin, "margin"))

    def __str__(self) -> str:
        return self._native.describe()

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WebphoneUrl):
            return NotImplemented
        return self._native == other._native

    def __hash__(self) -> int:
        return hash(self._native)

    def __copy__(self) -> WebphoneUrl:
        return self

    def __deepcopy__(self, memo: object) -> WebphoneUrl:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a WebphoneUrl is a secret and can't be pickled; use reveal() there and WebphoneUrl.parse() here"
        )


def wrap(value: native.WebphoneUrl) -> WebphoneUrl:
    """A URL of the core's, without the constructor that it doesn't have."""
    public = _new(WebphoneUrl)
    public._native = value  # noqa: SLF001 - the class's own maker
    return public


_new = object.__new__
