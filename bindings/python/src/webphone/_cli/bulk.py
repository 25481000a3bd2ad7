"""`webphone bulk`: a record for each row of a file, in order, as they come."""

from __future__ import annotations

import shlex
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial

from webphone import BatchResult, UnauthorizedError, UrlRequest, WebphoneUrl

from . import output as outputs
from . import say
from .arguments import BulkCommand
from .exits import SIGNALLED, Exit, UserError, named
from .output import Output, Stdout
from .patience import as_they_come
from .progress import Progress, show_progress
from .records import FORMATS, Format, record_of
from .resume import Held
from .rows import NOT_SENT, Row, read_rows
from .signals import Interrupted, Interrupts
from .source import count_lines, is_file, open_input, read_lines

_FLAGS = {"concurrency": "--concurrency", "rate": "--rate"}


@dataclass
class Tally:
    """How far a run is."""

    fetched: int = 0
    failed: int = 0
    skipped: int = 0
    """Rows whose URLs the output held already."""
    token_refused: bool = False

    def __str__(self) -> str:
        held = f", {self.skipped:,} held already" if self.skipped else ""
        return f"{self.fetched:,} fetched, {self.failed:,} failed{held}"

    @property
    def exit(self) -> Exit:
        """What the run comes to."""
        if self.token_refused:
            return Exit.REFUSED
        return Exit.SOME_FAILED if self.failed else Exit.DONE


def run(command: BulkCommand, argv: Sequence[str]) -> int:
    """Do a batch.

    Args:
        command: What to do.
        argv: The arguments that said so, for the advice how to go on.

    Raises:
        UserError: The input or the output is not usable; nothing was sent.
        WebphoneError: The client can't be made.
    """
    form = FORMATS[command.format]
    tally = Tally()
    with Interrupts() as interrupts, command.access.client() as client, ExitStack() as at_end:
        _check_apart(command)
        stream = interrupts.call(lambda: open_input(command.input))
        lines = read_lines(stream, command.encoding)
        rows = interrupts.call(lambda: read_rows(lines, command.defaults, lambda text: say(f"warning: {text}")))
        # What is no file stays open: closing it would wait for whoever is waiting for it.
        is_quick = is_file(stream)
        if is_quick:
            at_end.enter_context(stream)
        held = at_end.enter_context(closing(Held()))
        output = at_end.enter_context(closing(_output(command, form, held)))
        progress = at_end.enter_context(closing(show_progress(partial(count_lines, stream) if is_quick else None)))
        pending: deque[Row | None] = deque()
        due = _due(rows if is_quick else as_they_come(rows), held, pending, tally, progress)
        try:
            interrupts.check()
            with named(_FLAGS):
                results = client.fetch_many(due, concurrency=command.concurrency, rate=command.rate)
            with results:
                while (result := interrupts.call(lambda: next(results, None))) is not None:
                    row = pending.popleft()
                    if row is not None:
                        _settle(row, result, form, output, tally, progress)
        except Interrupted as interrupted:
            progress.close()
            say(f"stopped: {tally}. {_how_to_go_on(command, argv)}")
            return SIGNALLED + interrupted.signal
        progress.finish()
    say(f"{tally}.{_what_next(tally, command)}")
    return tally.exit


def _check_apart(command: BulkCommand) -> None:
    if command.input != "-" and command.output is not None and outputs.is_same(command.input, command.output):
        raise UserError("--output is the input itself: name another file")


def _output(command: BulkCommand, form: Format, held: Held) -> Output:
    if command.output is None:
        output = Stdout()
        if form.header:
            output.append(form.header)
        return output
    if command.resume:
        return outputs.resume(command.output, form, datetime.now(timezone.utc), held, say)
    return outputs.create(command.output, form)


def _due(
    rows: Iterator[Row | None], held: Held, pending: deque[Row | None], tally: Tally, progress: Progress
) -> Iterator[UrlRequest]:
    """The requests of the rows that are still due; the rows themselves wait in `pending` for their results.

    Where there is no row yet, a request that is not sent takes its place: a batch looks for results between requests,
    and those that are there must not wait for a row that comes tomorrow.
    """
    for row in rows:
        if row is None:
            if pending:
                pending.append(None)
                yield NOT_SENT
        elif held.take(row):
            tally.skipped += 1
            progress.skip()
        else:
            pending.append(row)
            yield row.request


def _settle(row: Row, result: BatchResult, form: Format, output: Output, tally: Tally, progress: Progress) -> None:
    outcome = row.fault or result.error or result.url
    assert outcome is not None
    with progress.beside():
        output.append(form.line(record_of(row, outcome)))
    failed = not isinstance(outcome, WebphoneUrl)
    tally.failed += failed
    tally.fetched += not failed
    tally.token_refused |= isinstance(outcome, UnauthorizedError)
    progress.advance(failed=failed)


def _how_to_go_on(command: BulkCommand, argv: Sequence[str]) -> str:
    if command.output is None:
        return "With --output FILE, the next run can go on by --resume where this one stopped"
    again = list(argv) if command.resume else [*argv, "--resume"]
    same = " (with the same input)" if command.input == "-" else ""
    return f"To go on{same}: webphone {shlex.join(again)}"


def _what_next(tally: Tally, command: BulkCommand) -> str:
    if tally.token_refused:
        return " The API does not accept the access token: fix it, then run this again" + _resuming(command)
    if tally.failed:
        return " Each failure has its `error`: fix what it says, then run this again" + _resuming(command)
    return ""


def _resuming(command: BulkCommand) -> str:
    return "" if command.output is None or command.resume else " with --resume"
