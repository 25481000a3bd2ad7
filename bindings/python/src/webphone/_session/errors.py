"""The exceptions of a session. An error of a command means that it did nothing, as far as it does not say otherwise."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from webphone import _convert
from webphone._core import native
from webphone._errors import ClosedError, WebphoneError, WorkCancelledError
from webphone._public import publish

if TYPE_CHECKING:
    from collections.abc import Callable


class Posted(enum.Enum):
    """Whether a command's text reached the page."""

    YES = "yes"
    """It did: the phone may have acted on it."""
    NO = "no"
    """It did not: nothing happened."""
    UNKNOWN = "unknown"
    """It was handed to the transport, which has not reported yet."""


class NotReadyReason(enum.Enum):
    """Why a phone was not ready for a command."""

    NOT_LOADED = "not_loaded"
    """The page has not loaded."""
    LOAD_FAILED = "load_failed"
    """The phone's document failed to load, as the host reported."""
    PAGE_LOST = "page_lost"
    """The page was lost, and no new one is loading."""
    DISCONNECTED = "disconnected"
    """The phone says that it has no line (`desconectado`). Connect first."""
    NOT_CONNECTED = "not_connected"
    """The phone has not said that it has its line (`conectado`)."""


class RejectedError(WebphoneError):
    """The phone refused to set up the call (`status_erro`)."""

    def __init__(self, status_erro: str) -> None:
        super().__init__(status_erro)
        self.status_erro = status_erro
        """The phone's own words, 1 to 128 characters."""


class CallInProgressError(WebphoneError):
    """A call is being set up or goes on: another one was not dialled."""

    def __init__(self) -> None:
        super().__init__()


class NoCallError(WebphoneError):
    """There is no call that this command could mean; nothing was sent."""

    def __init__(self) -> None:
        super().__init__()


class MuteUnknownError(WebphoneError):
    """Whether the microphone is muted is not known, and the phone has only a toggle: nothing was sent.

    Say what is so (`assume_muted`), or toggle.
    """

    def __init__(self) -> None:
        super().__init__()


class NotReadyError(WebphoneError):
    """The phone did not become ready for this command in time; nothing was sent."""

    def __init__(self, reason: NotReadyReason) -> None:
        super().__init__(reason)
        self.reason = reason
        """What was missing."""


class PageLostError(WebphoneError):
    """The page that holds the phone was lost before the command ended, or its text could not be posted."""

    def __init__(self, posted: Posted) -> None:
        super().__init__(posted)
        self.posted = posted
        """Whether the command had reached the page."""


class SessionClosedError(ClosedError):
    """The session was closed before the command ended."""

    def __init__(self, posted: Posted) -> None:
        super().__init__()
        self.args = (posted,)
        self.posted = posted
        """Whether the command had reached the page."""


class CommandCancelledError(WorkCancelledError):
    """The command was cancelled: a `call` that was hung up before it was dialled, say. What was posted stays posted."""

    def __init__(self, posted: Posted) -> None:
        super().__init__()
        self.args = (posted,)
        self.posted = posted
        """Whether the command had reached the page."""


class DialsOnOpenError(WebphoneError):
    """The URL makes the phone dial each time it loads (`ligar_para`), so it is loaded once only.

    Fetch one without a number to call on opening.
    """

    def __init__(self) -> None:
        super().__init__()


_posted_in = {posted: native.Posted[posted.name] for posted in Posted}
_posted_out = {value: posted for posted, value in _posted_in.items()}
_reasons_in = {reason: native.NotReadyReason[reason.name] for reason in NotReadyReason}
_reasons_out = {value: reason for reason, value in _reasons_in.items()}


def _none(_: Any) -> tuple[Any, ...]:
    return ()


def _lift_posted(error: Any) -> tuple[Any, ...]:
    return (_posted_out[error.posted],)


def _lower_posted(error: Any) -> tuple[Any, ...]:
    return (_posted_in[error.posted],)


def _words(error: Any) -> tuple[Any, ...]:
    return (error.status_erro,)


by_name: dict[str, tuple[type[WebphoneError], Callable[[Any], tuple[Any, ...]], Callable[[Any], tuple[Any, ...]]]] = {
    "Rejected": (RejectedError, _words, _words),
    "CallInProgress": (CallInProgressError, _none, _none),
    "NoCall": (NoCallError, _none, _none),
    "MuteUnknown": (MuteUnknownError, _none, _none),
    "NotReady": (NotReadyError, lambda e: (_reasons_out[e.reason],), lambda e: (_reasons_in[e.reason],)),
    "PageLost": (PageLostError, _lift_posted, _lower_posted),
    "SessionClosed": (SessionClosedError, _lift_posted, _lower_posted),
    "CommandCancelled": (CommandCancelledError, _lift_posted, _lower_posted),
    "DialsOnOpen": (DialsOnOpenError, _none, _none),
}
"""By the generated classes' names: how to make the public exception of one, and back."""

_convert.learn_errors(by_name)


publish(globals())
