"""`Proxy`: the way through an HTTP proxy."""

from __future__ import annotations

from typing import NoReturn

from . import _convert
from ._arguments import text
from ._core import native
from ._public import publish


class Proxy:
    """An HTTP proxy at `http://host:port` or `https://host:port`, with its credentials if it wants some.

    The credentials are never shown. Without a proxy none is used: the environment's `HTTPS_PROXY` is not read.

    Args:
        url: The proxy's address, without credentials.
        username: The user's name, if the proxy wants one.
        password: The user's password.

    Raises:
        InvalidError: The address can't be a proxy's, or there is a password without a username; `field` is `proxy`.
    """

    __slots__ = ("__weakref__", "native", "url")

    def __init__(self, url: str, username: str | None = None, password: str | None = None) -> None:
        texts = (None if value is None else text(value, "proxy") for value in (username, password))
        try:
            self.native = native.Proxy(text(url, "proxy"), *texts)
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None
        self.url = url
        """The proxy's address."""

    @property
    def handle(self) -> int:
        """The core's own."""
        handle: int = vars(self.native)["_handle"]
        return handle

    def __repr__(self) -> str:
        return f"<Proxy {self.url}>"

    def __copy__(self) -> Proxy:
        return self

    def __deepcopy__(self, memo: object) -> Proxy:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Proxy may hold credentials and can't be pickled; make another one there")


publish(globals())
