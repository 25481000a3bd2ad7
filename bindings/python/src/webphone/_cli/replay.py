"""`webphone replay`: a recorded session as a timeline."""

from __future__ import annotations

import sys

from webphone import replay

from .arguments import ReplayCommand
from .exits import Exit, UserError
from .timeline import timeline


def run(command: ReplayCommand) -> int:
    """Live it again and print what happens.

    Raises:
        UserError: The file can't be read.
        InvalidError: It is no trace.
    """
    steps = replay(_read(command.input))
    for line in timeline(steps):
        sys.stdout.buffer.write(f"{line}\n".encode())
    differing = sum(bool(step.differs) for step in steps)
    sys.stdout.buffer.write(f"{len(steps)} steps, {differing or 'none'} of them not as recorded\n".encode())
    return Exit.SOME_FAILED if differing else Exit.DONE


def _read(path: str) -> str:
    try:
        if path == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        with open(path, "rb") as file:  # noqa: PTH123 - as the other commands open theirs
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text: it is no trace") from None
    except OSError as error:
        raise UserError(f"can't read {path}: {error.strerror}") from None
