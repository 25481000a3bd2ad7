"""The command line `webphone`: `url`, `bulk`, `phone`, `simulator` and `replay`.

`arguments` says what can be asked for; `url`, `bulk`, `phone`, `simulator` and `replay` do it. `rows`, `records`,
`resume`, `timeline`, `verbs` and `exits` are pure; `source`, `output`, `progress`, `live`, `signals` and `access` are
the edges to files, terminal, signals and environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code. No exception leaves it.

    Args:
        argv: The arguments without the program's name; none: those of the process.
    """
    from webphone import WebphoneError

    from .exits import SIGNALLED, Exit, UserError, exit_of
    from .signals import SIGPIPE, Interrupted

    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except UserError as failure:
        say(str(failure))
        return failure.code
    except WebphoneError as error:
        say(str(error))
        return exit_of(error)
    except Interrupted as interrupted:
        return SIGNALLED + interrupted.signal
    except KeyboardInterrupt:
        return SIGNALLED + 2
    except BrokenPipeError:
        # Whoever read our output has enough.
        _abandon_stdout()
        return SIGNALLED + SIGPIPE
    except OSError as error:
        say(f"can't read or write {error.filename or 'stdin or stdout'}: {error.strerror}; mend that, then try again")
        _abandon_stdout()
        return Exit.TRY_AGAIN
    except Exception as error:  # noqa: BLE001 (the last line of defence: a user gets a sentence and not a traceback)
        # The text of an unforeseen exception may hold anything, also a secret.
        say(f"a fault inside webphone ({type(error).__name__} {_where(error)}): please report it")
        return Exit.INTERNAL
    return code


def say(text: str) -> None:
    """Tell the user something, on stderr."""
    if sys.stderr is None:
        return
    # Nobody may be listening.
    with suppress(OSError, ValueError):
        print(f"webphone: {text}", file=sys.stderr, flush=True)


def _abandon_stdout() -> None:
    """What is still buffered for it must not fail once more when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _run(argv: list[str]) -> int:
    from .arguments import BulkCommand, PhoneCommand, ReplayCommand, UrlCommand, parse
    from .exits import UserError

    if sys.stdout is None:
        raise UserError("stdout is closed: there is nowhere to print to")
    try:
        command = parse(argv)
    except SystemExit as done:
        return int(done.code or 0)
    if isinstance(command, UrlCommand):
        from .url import run as run_url

        return run_url(command)
    if isinstance(command, BulkCommand):
        from .bulk import run as run_bulk

        return run_bulk(command, argv)
    if isinstance(command, PhoneCommand):
        from .phone import run as run_phone

        return run_phone(command)
    if isinstance(command, ReplayCommand):
        from .replay import run as run_replay

        return run_replay(command)
    from .simulator import run as run_simulator

    return run_simulator(command)


def _where(error: BaseException) -> str:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "somewhere"
    return f"at {os.path.basename(traceback.tb_frame.f_code.co_filename)}:{traceback.tb_lineno}"  # noqa: PTH119
