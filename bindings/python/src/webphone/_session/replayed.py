"""A recorded session, lived again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from webphone import _convert
from webphone._core import native
from webphone._public import publish

from . import convert

if TYPE_CHECKING:
    from webphone._errors import WebphoneError
    from webphone.inputs import Input

    from .outcomes import Outcome
    from .states import Moment, Snapshot, Update


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text to post to the phone."""

    n: int
    """Its number, 1, 2, 3, … in the order of posting."""
    generation: int
    """The load of the page that it is for."""
    text: str
    """The message as JSON text."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a command."""

    id: int
    """The command's number."""
    result: Outcome | WebphoneError
    """What became of it, or the error that it failed with."""


@dataclass(frozen=True, slots=True)
class ReplayedStep:
    """One step of a session that was lived again: what went in, and what came of it."""

    at: Moment
    """When."""
    note: str | None
    """A remark for the reader; None when the trace has none."""
    input: Input
    """What happened."""
    texts: tuple[OutgoingText, ...]
    """Texts that were posted to the page, in order."""
    settlements: tuple[Settlement, ...]
    """Commands that ended, in order."""
    updates: tuple[Update, ...]
    """What followers heard, in order."""
    deadline_ms: int | None
    """When the session wanted to look again, in monotonic milliseconds; None when nothing waited."""
    state: Snapshot
    """The session after the step."""
    differs: tuple[str, ...]
    """Which parts of the step came out otherwise than the trace has them: `texts`, `settled`, `updates`, `state`,
    `deadline`, and, at the first step, `initial`. None of them, unless another version wrote the trace."""


def replay(trace: str) -> tuple[ReplayedStep, ...]:
    """Lives a recorded session again: feeds its inputs, at their times, to a fresh one, and tells what comes of each.

    Args:
        trace: The text that `Session.trace()` gave.

    Raises:
        InvalidError: It is no trace; the reason says where.
    """
    pictures = convert.Pictures(None)
    with convert.public_errors():
        return tuple(_step(step, pictures) for step in native.replay(_convert.text(trace, "trace")))


def _step(step: native.ReplayedStep, pictures: convert.Pictures) -> ReplayedStep:
    return ReplayedStep(
        convert.moment(convert.plain(step.at)),
        step.note,
        convert.input_of(step.input),
        tuple(OutgoingText(text.n, text.generation, text.text) for text in step.texts),
        tuple(Settlement(each.id, _result(each.result)) for each in step.settlements),
        tuple(pictures.update(convert.plain(update)) for update in step.updates),
        step.deadline_ms,
        pictures.snapshot(convert.plain(step.state)),
        tuple(step.differs),
    )


def _result(result: Any) -> Outcome | WebphoneError:
    return convert.outcome(result.outcome) if result.is_ENDED() else _convert.error(result.error)


publish(globals())
