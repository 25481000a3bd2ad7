"""Blocking waits: in slices, since an interrupt (Ctrl-C) can strike only between two calls of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from . import _library
from ._errors import ClosedError, WebphoneError
from ._exit import linger

if TYPE_CHECKING:
    from collections.abc import Callable

A = TypeVar("A")

SLICE_MS: Final = 100
"""How long an interrupt waits at most."""


class Wait(Protocol):
    """A way to wait: `wait`, or one that has something else to do between the slices."""

    def __call__(self, start: Callable[[A, int], Any], argument: A, meanwhile: Callable[[], None] | None = None) -> Any:
        """As `wait` does."""


def wait(
    start: Callable[[A, int], Any],
    argument: A,
    meanwhile: Callable[[], None] | None = None,
    slices: Callable[[], int] = lambda: SLICE_MS,
) -> Any:
    """Starts work and waits for its end; whatever interrupts that cancels the work.

    Args:
        start: A `start_…` of the core: it gets the argument and the length of its first slice in milliseconds, and
            gives a `DONE` with the value or a `PENDING` with the operation.
        argument: Its argument.
        meanwhile: Called after each slice.
        slices: Gives the length of each slice in milliseconds.

    Raises:
        WebphoneError: What the work ended with.
    """
    operation = None
    try:
        started = start(argument, slices())
        if started.is_DONE():
            return started.value
        operation = started.operation
        value = None
        while value is None:
            if meanwhile is not None:
                meanwhile()
            value = operation.wait_for(slices())
    except BaseException as caught:
        error = outcome(caught)
        if error is not None:
            if isinstance(error, ClosedError):
                linger()
            raise error from None
        if operation is None:
            # The interrupt may have struck between the core's call and the taking of its result.
            _library.cancel_unclaimed()
        else:
            operation.cancel()
        raise
    return value


def outcome(caught: BaseException) -> WebphoneError | None:
    """What the work ended with; None when something else came in between."""
    if isinstance(caught, WebphoneError) or not isinstance(caught, Exception):
        return caught if isinstance(caught, WebphoneError) else None
    from . import _convert  # It loads the generated module.

    return _convert.error(caught) if isinstance(caught, _convert.FAULTS) else None
