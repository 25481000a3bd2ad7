"""`WebphoneUrl`: the address of a phone, a secret with a type, an origin and an expiry."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

from . import _library
from ._arguments import milliseconds
from ._arguments import text as crossing
from ._public import publish
from ._types import PhoneType

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ._core import native


class WebphoneUrl:
    """The URL of an extension's phone: **a credential**. Whoever opens it makes and takes the extension's calls.

    Its text is deliberately not a URL (`<WebphoneUrl hidden at api2.totalvoice.com.br; use reveal()>`), so that nobody
    ships a masked link by accident; `reveal()` gives the real one. It is compared and hashed by the real one, and can't
    be pickled or turned into JSON.
    """

    # What the core knows of it is asked for when it is wanted: of most URLs nobody wants more than the URL.
    __slots__ = ("__weakref__", "_asked", "_facts", "_text")
    _text: str
    _asked: PhoneType
    _facts: _Facts

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
        url = made(crossing(text, "url"), PhoneType.FLOATING if type is None else type)
        url._known()  # noqa: SLF001 - the class's own
        return url

    def reveal(self) -> str:
        """The full URL, the secret itself: give it to the page that hosts the phone and to nobody else."""
        return self._text

    def _known(self) -> _Facts:
        try:
            return self._facts
        except AttributeError:
            self._facts = facts = _Facts(*_library.url(self._text, self._asked.value))
            return facts

    @property
    def _native(self) -> native.WebphoneUrl:
        """The core's own, for what the core is to do with it."""
        from . import _convert  # It loads the generated module.

        return _convert.lower_url(self._text, self._asked)

    @property
    def type(self) -> PhoneType:
        """How the phone shows itself (`tipo`)."""
        return self._known().type

    @property
    def origin(self) -> str:
        """The origin that the page is loaded from, `https://api2.totalvoice.com.br`. Not a secret."""
        return self._known().origin

    @property
    def expires_at(self) -> datetime | None:
        """When a signed URL stops working (`expires`), in UTC; None when it does not say."""
        from datetime import datetime, timedelta, timezone

        ms = self._known().expires_at_ms
        if ms is None:
            return None
        try:
            return datetime.fromtimestamp(0, timezone.utc) + timedelta(milliseconds=ms)
        except OverflowError:
            # Beyond what Python's calendar holds.
            if ms < 0:
                return datetime(1, 1, 1, tzinfo=timezone.utc)
            return datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)

    def is_expired(self, margin: timedelta | float = 0) -> bool:
        """Whether the URL stops working within `margin` from now, by this machine's clock.

        Args:
            margin: A time span or a number of seconds; 0: whether it has stopped.

        Returns:
            False for a URL that names no expiry.
        """
        ms = milliseconds(margin, "margin")
        at = self._known().expires_at_ms
        return at is not None and at <= time.time() * 1000 + ms

    def __str__(self) -> str:
        return self._known().shown

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WebphoneUrl):
            return NotImplemented
        # Only where the text does not say it, the type is what was asked for.
        return self._text == other._text and (self._asked is other._asked or self.type is other.type)

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> WebphoneUrl:
        return self

    def __deepcopy__(self, memo: object) -> WebphoneUrl:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a WebphoneUrl is a secret and can't be pickled; use reveal() there and WebphoneUrl.parse() here"
        )


class _Facts:
    """What the core knows of a URL. Nothing of it is secret."""

    __slots__ = ("expires_at_ms", "origin", "shown", "type")

    def __init__(self, kind: str, origin: str, expires_at_ms: str, shown: str) -> None:
        self.type = PhoneType(kind)
        self.origin = origin
        self.expires_at_ms = int(expires_at_ms) if expires_at_ms else None
        self.shown = shown


def made(text: str, asked: PhoneType) -> WebphoneUrl:
    """A URL of the core's, without the constructor that it doesn't have.

    Args:
        text: The URL itself.
        asked: The type that was asked for.
    """
    url = _new(WebphoneUrl)
    url._text = text  # noqa: SLF001 - the class's own maker
    url._asked = asked  # noqa: SLF001
    return url


_new = object.__new__


publish(globals())
