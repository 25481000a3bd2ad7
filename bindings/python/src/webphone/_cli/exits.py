"""The exit codes of the command line, and what leads to which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webphone import WebphoneError


class Exit(IntEnum):
    """What an exit code of `webphone` says."""

    DONE = 0
    SOME_FAILED = 1
    WRONG_INPUT = 2
    REFUSED = 3
    TRY_AGAIN = 4
    NOT_THE_API = 5
    INTERNAL = 70
    """A fault of this program (`EX_SOFTWARE`)."""
    NOT_EXECUTABLE = 126
    """The command of `webphone simulator -- COMMAND` can't be run, as shells say it."""
    NOT_FOUND = 127
    """The command of `webphone simulator -- COMMAND` is not there, as shells say it."""


SIGNALLED = 128
"""What shells add to the number of the signal that ended a program: 130 after Ctrl-C, 141 after a broken pipe."""

OF_ERROR = {
    "invalid": Exit.WRONG_INPUT,
    "unsupported": Exit.WRONG_INPUT,
    "unauthorized": Exit.REFUSED,
    "refused": Exit.REFUSED,
    "not_tried": Exit.REFUSED,
    "rate_limited": Exit.TRY_AGAIN,
    "unavailable": Exit.TRY_AGAIN,
    "unexpected_answer": Exit.NOT_THE_API,
}
"""The exit code for each error code that decides by itself."""


def exit_of(error: WebphoneError) -> Exit:
    """The exit code that says what to do about an error."""
    if error.code == "unreachable":
        # Whoever fails the TLS handshake has not shown to be the API, and will not by being asked again.
        return Exit.TRY_AGAIN if error.is_retryable else Exit.NOT_THE_API
    return OF_ERROR.get(error.code, Exit.INTERNAL)


@contextmanager
def named(flags: Mapping[str, str]) -> Iterator[None]:
    """What is unusable in here comes out under the name that a user knows it by.

    Args:
        flags: Those names, by the arguments' own.
    """
    from webphone import InvalidError

    try:
        yield
    except InvalidError as error:
        raise InvalidError(flags.get(error.field, error.field), error.reason) from None


class UserError(Exception):
    """Ends the program with this text for people on stderr and this exit code."""

    def __init__(self, text: str, code: int = Exit.WRONG_INPUT) -> None:
        super().__init__(text)
        self.code = code
