"""The exceptions: one class for each thing that a caller would do next.

Their fields are their arguments, so they are pickled and compared by them; their text comes from the core, when it is
asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._public import publish

if TYPE_CHECKING:
    from datetime import timedelta

    from ._types import AnswerProblem, ApiFailure, ApiReason, FieldProblem, OtherReason, UnreachableCause


class WebphoneError(Exception):
    """The base of every error of this package. None of them ever holds an access token, a URL key or a signature."""

    retry_after: timedelta | None = None
    """How long the API asked to wait before the next try; None when it did not say."""
    attempts: int = 0
    """How many times the request was sent or tried; 0 when it never left."""
    api_text: str | None = None
    """The API's own words (`mensagem`), for the vendor's support; None when it said nothing."""
    http_status: int | None = None
    """The HTTP status code of the answer; None when there was none."""
    motivo: int | None = None
    """The API's own reason code, as sent; None when there was none."""

    @property
    def code(self) -> str:
        """A stable word for programs and logs, in `snake_case`: `rate_limited`."""
        from . import _convert  # It knows these classes.

        return _convert.lower_error(self).code()

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed later without a change."""
        from . import _convert

        return _convert.lower_error(self).is_retryable()

    def __str__(self) -> str:
        from . import _convert

        return _convert.lower_error(self).describe()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebphoneError) and type(self) is type(other) and self.args == other.args

    def __hash__(self) -> int:
        return hash((type(self), self.args))


class InvalidError(WebphoneError, ValueError):
    """An argument is not usable: nothing was sent. Fix the named field."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        """The argument, as this package or the wire calls it: `base_url`, `ramal`."""
        self.reason = reason
        """Why it was refused, as a sentence without its subject: `is empty`."""


class _AnsweredError(WebphoneError):
    """The API answered, but did not give a URL."""

    def __init__(self, failure: ApiFailure, *more: object) -> None:
        super().__init__(failure, *more)
        self.failure = failure
        """What the API said."""
        self.reason: ApiReason | OtherReason = failure.reason
        """The API's reason with a name, from `motivo`, else from the HTTP status."""
        self.http_status = failure.http_status
        self.motivo = failure.motivo
        self.api_text = failure.api_text
        self.attempts = failure.attempts


class UnauthorizedError(_AnsweredError):
    """The API does not accept the access token (HTTP 401, `motivo` 40). Fix the token."""

    def __init__(self, failure: ApiFailure) -> None:
        super().__init__(failure)


class RefusedError(_AnsweredError):
    """The API understood the request and refused it. Fix the request or the account, as the reason says."""

    def __init__(self, failure: ApiFailure) -> None:
        super().__init__(failure)


class RateLimitedError(_AnsweredError):
    """Too many requests a second (HTTP 429), and waiting would not fit into the timeout. Wait, then try again.

    In a batch: into its patience. Then what it has not sent yet fails too, with 0 `attempts` and what is left to wait.
    """

    def __init__(self, failure: ApiFailure, retry_after: timedelta | None = None) -> None:
        super().__init__(failure, retry_after)
        self.retry_after = retry_after


class UnavailableError(_AnsweredError):
    """The API failed on its side (HTTP 500, 502, 503, 504). Try again later."""

    def __init__(self, failure: ApiFailure, retry_after: timedelta | None = None) -> None:
        super().__init__(failure, retry_after)
        self.retry_after = retry_after


class UnreachableError(WebphoneError):
    """No whole answer came. Check the network, then try again."""

    def __init__(self, cause: UnreachableCause, attempts: int = 1) -> None:
        super().__init__(cause, attempts)
        self.cause = cause
        """Where the way to the API broke."""
        self.attempts = attempts


class UnexpectedAnswerError(WebphoneError):
    """What answered is not the documented API. Check the base URL; if it is right, report this."""

    def __init__(
        self, problem: AnswerProblem | FieldProblem, http_status: int | None = None, attempts: int = 1
    ) -> None:
        super().__init__(problem, http_status, attempts)
        self.problem = problem
        """What is wrong with the answer."""
        self.http_status = http_status
        self.attempts = attempts


class NotTriedError(WebphoneError):
    """A batch ended early, because the access token was refused, before this request was sent."""

    def __init__(self) -> None:
        super().__init__()


class ClosedError(WebphoneError):
    """The object was closed, belongs to the process that forked this one, or the program is exiting."""

    def __init__(self) -> None:
        super().__init__()


class WorkCancelledError(WebphoneError):
    """The work was cancelled by its caller: a batch that was closed, say."""

    def __init__(self) -> None:
        super().__init__()


class BusyError(WebphoneError):
    """Another thread is waiting on this object already: it has one waiter at a time."""

    def __init__(self) -> None:
        super().__init__()


class UnsupportedError(WebphoneError):
    """This build of the library does not contain the feature."""

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature
        """The feature's name: `simulator`."""


class InternalError(WebphoneError):
    """A fault of this library. Please report it with its text."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        """What failed, without any data of the caller's."""


publish(globals())
