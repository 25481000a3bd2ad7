"""How far a batch is, shown on stderr while it runs."""

from __future__ import annotations

import os
import sys
from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Progress(Protocol):
    """Something that can show how far a batch is."""

    @abstractmethod
    def advance(self, *, failed: bool) -> None:
        """One more row is done."""

    @abstractmethod
    def skip(self) -> None:
        """One row of those counted needs nothing."""

    @abstractmethod
    def beside(self) -> AbstractContextManager[None]:
        """While something else is written to the same terminal."""

    @abstractmethod
    def finish(self) -> None:
        """All rows are done."""

    @abstractmethod
    def close(self) -> None:
        """Show no more. Twice is fine."""


def show_progress(count_rows: Callable[[], int] | None) -> Progress:
    """A bar when stderr is a terminal, else nothing.

    Args:
        count_rows: Says how many rows there will be, about; none when nobody knows.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        return _Nothing()
    return _Bar(None if count_rows is None else count_rows())


class _Nothing:
    def advance(self, *, failed: bool) -> None:
        pass

    def skip(self) -> None:
        pass

    def beside(self) -> AbstractContextManager[None]:
        return nullcontext()

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Bar:
    def __init__(self, rows: int | None) -> None:
        # Only here: it takes a while to load, and a pipeline needs none.
        from tqdm import tqdm

        # It redraws by itself when rows come; a thread of its own would only watch for rows that do not.
        tqdm.monitor_interval = 0
        # A terminal that does not know its size, as some that are no windows, would get an empty bar.
        is_sized = all(os.get_terminal_size(sys.stderr.fileno()))
        self._bar = tqdm(
            total=rows,
            desc="webphone",
            unit=" URLs",
            file=sys.stderr,
            dynamic_ncols=is_sized,
            ncols=None if is_sized else 80,
            nrows=None if is_sized else 24,
            postfix={"failed": 0},
        )
        self._failed = 0
        self._shares_terminal = sys.stdout is not None and sys.stdout.isatty()

    def advance(self, *, failed: bool) -> None:
        if failed:
            self._failed += 1
            self._bar.set_postfix(failed=self._failed, refresh=False)
        self._bar.update()

    def skip(self) -> None:
        if self._bar.total is not None:
            self._bar.total -= 1

    def beside(self) -> AbstractContextManager[None]:
        if not self._shares_terminal:
            return nullcontext()
        context: AbstractContextManager[None] = self._bar.external_write_mode(file=sys.stdout)
        return context

    def finish(self) -> None:
        if self._bar.total is not None:
            # Blank lines and a header were counted too.
            self._bar.total = self._bar.n
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()
