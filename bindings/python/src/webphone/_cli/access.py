"""The way to the API: the token, the address and what is trusted, from files and the environment."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from webphone import Client

from . import say
from .exits import UserError, named

TOKEN_VARIABLE = "TOTALVOICE_ACCESS_TOKEN"
BASE_URL_VARIABLE = "WEBPHONE_BASE_URL"
ROOT_CERTIFICATE_VARIABLE = "WEBPHONE_ROOT_CERTIFICATE"

DEFAULT_TIMEOUT: float = (Client.__init__.__kwdefaults__ or {})["timeout"]

_MAX_FILE = 1 << 20


@dataclass(frozen=True, slots=True)
class Access:
    """How to get to the API, as the arguments say; the environment says the rest."""

    token_file: str | None = None
    base_url: str | None = None
    root_certificate: str | None = None
    timeout: float = DEFAULT_TIMEOUT

    def client(self) -> Client:
        """A client for it.

        Raises:
            UserError: There is no token, or a file can't be read.
            InvalidError: The token or the address is unusable.
        """
        certificate = self.root_certificate or os.environ.get(ROOT_CERTIFICATE_VARIABLE)
        flags = {
            "token": TOKEN_VARIABLE if self.token_file is None else "--token-file",
            "base_url": BASE_URL_VARIABLE if self.base_url is None else "--base-url",
            "root_certificates": "--root-certificate" if self.root_certificate else ROOT_CERTIFICATE_VARIABLE,
            "timeout": "--timeout",
        }
        with named(flags):
            return Client(
                self._token(),
                base_url=os.environ.get(BASE_URL_VARIABLE) if self.base_url is None else self.base_url,
                root_certificates=_read(certificate) if certificate else None,
                timeout=self.timeout,
            )

    def _token(self) -> str:
        if self.token_file is not None:
            return _read(self.token_file, secret=True).strip()
        token = os.environ.get(TOKEN_VARIABLE)
        if token is None:
            raise UserError(
                f"there is no access token: set {TOKEN_VARIABLE}, or name a file that holds it by --token-file"
            )
        return token


def _read(path: str, *, secret: bool = False) -> str:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 (`Path` would turn `` into `.`)
            status = os.fstat(file.fileno())
            # Not refused: the secrets that containers mount are readable by all, inside the container.
            if secret and os.name == "posix" and stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
                say(f"warning: other users can read or write {path}: chmod 600 {path}")
            text = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise UserError(f"can't read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"can't read {path}: it is not text") from None
    if len(text) > _MAX_FILE:
        raise UserError(f"can't read {path}: it is larger than 1 MiB")
    return text
