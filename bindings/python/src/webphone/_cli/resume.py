"""What an earlier run left: which of its lines hold, and which rows are done by that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import BinaryIO
from urllib.parse import parse_qsl

from webphone import InvalidError, PhoneNumber

from .records import Format, Record
from .rows import Row

MAX_RECORD = 1 << 20
"""How many bytes a line of the output can have, and more: a longer one is not ours."""


class NotOursError(Exception):
    """A line that no batch in this format wrote; its number is the argument."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def held_lines(stream: BinaryIO, form: Format, now: datetime) -> Iterator[tuple[bytes, Record]]:
    """The lines, ends included, whose URLs work still, with their records.

    A last line that breaks off is left out. One to which only its end is missing gets it.

    Raises:
        NotOursError: There is a line that this format does not write.
    """
    number = 0
    if form.header:
        number = 1
        first = stream.readline(MAX_RECORD)
        if first != form.header:
            if form.header.startswith(first):
                return
            raise NotOursError(number)
    while line := stream.readline(MAX_RECORD):
        number += 1
        try:
            record = form.parse(line)
        except ValueError:
            if _breaks_off(line, form):
                return
            raise NotOursError(number) from None
        if record.is_held(now):
            yield line if line.endswith(b"\n") else line + b"\n", record


def _breaks_off(line: bytes, form: Format) -> bool:
    """Whether a line can be the beginning of a record, and all that came of it."""
    ours = line.startswith(form.start) or form.start.startswith(line)
    return ours and not line.endswith(b"\n") and len(line) < MAX_RECORD


Key = tuple[str, str, str, str, bool]
"""What tells the rows of an input apart: number, id and type, and what they have dialled and whether they close."""


def _key_of_row(row: Row) -> Key:
    request = row.request
    number = request.call_on_open
    return row.ramal, row.id_ramal, row.tipo, "" if number is None else number.dialled, request.close_at_end


def _key_of_record(record: Record) -> Key:
    """That of the row which a URL certainly does for: a record has no field for the last two, but its URL says them."""
    said: dict[str, str] = {}
    for name, value in parse_qsl((record.url or "").partition("#")[0].partition("?")[2]):
        said.setdefault(name, value)
    number = said.get("ligar_para", "")
    # A number that can't be read is no row's.
    with suppress(InvalidError):
        number = PhoneNumber(number).dialled if number else ""
    close_at_end = said.get("fechar_fim", "").lower() in ("1", "true")
    return record.ramal or "", record.id_ramal or "", record.tipo or "", number, close_at_end


class Held:
    """How many URLs are held for which rows.

    A URL does for a row only when it says itself what the row asks for. Where it is silent, the row is due: better one
    URL too many than a row that is lost.

    It counts in SQLite's temporary space, which moves to a file of the system's own when it grows: neither the lines
    nor their keys are all in memory, and no URL ever gets there.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE held (ramal, id_ramal, tipo, ligar_para, fechar_fim, times,"
            " PRIMARY KEY (ramal, id_ramal, tipo, ligar_para, fechar_fim)) WITHOUT ROWID;"
            "BEGIN"
        )
        self._left = 0

    def add(self, record: Record) -> None:
        """Count a record that holds."""
        self._left += 1
        self._database.execute(
            "INSERT INTO held VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (ramal, id_ramal, tipo, ligar_para, fechar_fim)"
            " DO UPDATE SET times = times + 1",
            _key_of_record(record),
        )

    def take(self, row: Row) -> bool:
        """Whether there is one more for this row, which is then used up: rows may be there twice."""
        if not self._left or row.fault is not None:
            return False
        found = self._database.execute(
            "UPDATE held SET times = times - 1 WHERE ramal = ? AND id_ramal = ? AND tipo = ? AND ligar_para = ?"
            " AND fechar_fim = ? AND times > 0",
            _key_of_row(row),
        )
        self._left -= found.rowcount
        return found.rowcount == 1

    def close(self) -> None:
        """Give the space back."""
        self._database.close()
