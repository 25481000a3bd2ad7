"""The records that a batch writes, one a line, as JSON or CSV, and their reading back. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from operator import attrgetter
from typing import Protocol

from webphone import WebphoneError, WebphoneUrl

from .rows import Row, readable


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one row. Every field is a text or none, and holds no line end."""

    ramal: str | None = None
    id_ramal: str | None = None
    tipo: str | None = None
    url: str | None = field(default=None, repr=False)
    """The URL in full: a secret."""
    expires_at: str | None = None
    """When the URL stops working, as RFC 3339 in UTC; none when it does not say."""
    error: str | None = None
    """Why there is no URL: the error's code, the line of the input, and what to do."""
    api_text: str | None = None
    """The API's own words."""

    def is_held(self, now: datetime) -> bool:
        """Whether it has a URL that works at this time, as far as it says."""
        if not self.url or self.error:
            return False
        return self.expires_at is None or _parse_time(self.expires_at) > now


FIELDS = tuple(each.name for each in fields(Record))
_values = attrgetter(*FIELDS)


def record_of(row: Row, outcome: WebphoneUrl | WebphoneError) -> Record:
    """The record of a row that gave this URL or this error."""
    ramal, id_ramal, tipo = row.ramal or None, row.id_ramal or None, row.tipo or None
    if isinstance(outcome, WebphoneUrl):
        expires_at = outcome.expires_at
        return Record(ramal, id_ramal, tipo, outcome.reveal(), None if expires_at is None else format_time(expires_at))
    error = readable(f"{outcome.code}: line {row.line}: {outcome}")
    return Record(ramal, id_ramal, tipo, error=error, api_text=outcome.api_text and readable(outcome.api_text))


def format_time(at: datetime) -> str:
    """A time as RFC 3339 in UTC, in whole seconds: `2025-12-31T23:59:59Z`."""
    return f"{at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def _parse_time(text: str) -> datetime:
    # Before Python 3.11 `fromisoformat` knows no `Z`.
    at = datetime.fromisoformat(text.removesuffix("Z") + "+00:00" if text.endswith("Z") else text)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at


class Format(Protocol):
    """How records stand in a file. A record is always one whole line."""

    header: bytes
    """The file's first line; empty when it has none."""
    start: bytes
    """How each line of a record begins."""

    @abstractmethod
    def line(self, record: Record) -> bytes:
        """The record as a line, with its end."""

    @abstractmethod
    def parse(self, line: bytes) -> Record:
        """The record of a line.

        Raises:
            ValueError: This line was not written by `line`, or not to its end.
        """


class Ndjson:
    """One JSON object a line."""

    header = b""
    start = b'{"ramal": '

    def line(self, record: Record) -> bytes:
        """The record as a line, with its end."""
        return json.dumps(dict(zip(FIELDS, _values(record), strict=True)), ensure_ascii=False).encode() + b"\n"

    def parse(self, line: bytes) -> Record:
        """The record of a line."""
        found = json.loads(line)
        if not isinstance(found, dict) or tuple(found) != FIELDS:
            raise ValueError("not an object with the fields of a record")
        return _checked(Record(**found))


class Csv:
    """Comma-separated, in UTF-8, the field names in the first line."""

    header = (",".join(FIELDS) + "\n").encode()
    start = b""

    def line(self, record: Record) -> bytes:
        """The record as a line, with its end."""
        text = io.StringIO()
        cells = ("" if value is None else _defused(value) for value in _values(record))
        csv.writer(text, lineterminator="\n").writerow(cells)
        return text.getvalue().encode()

    def parse(self, line: bytes) -> Record:
        """The record of a line."""
        try:
            cells = next(csv.reader([line.decode()], strict=True))
        except (csv.Error, StopIteration):
            raise ValueError("not a line of CSV") from None
        if len(cells) != len(FIELDS):
            raise ValueError("not the cells of a record")
        return _checked(Record(*(_as_it_was(cell) or None for cell in cells)))


FORMATS: Mapping[str, Format] = {"ndjson": Ndjson(), "csv": Csv()}

# A spreadsheet takes what begins like this for a formula and runs it. The apostrophe is what makes a cell a text there.
# (It does so with a tab and a carriage return, too; no record has them.)
_STARTS_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_TEXT_MARK = "'"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _defused(value: str) -> str:
    # What begins with the mark gets one more, so that it is the same when it is read back.
    return _TEXT_MARK + value if value.startswith((*_STARTS_FORMULA, _TEXT_MARK)) else value


def _as_it_was(cell: str) -> str:
    return cell.removeprefix(_TEXT_MARK)


def _checked(record: Record) -> Record:
    if not all(value is None or (isinstance(value, str) and not _CONTROL.search(value)) for value in _values(record)):
        raise ValueError("a field is no text, or not one that is written")
    if (record.url is None) == (record.error is None):
        raise ValueError("a record has either a URL or an error")
    if record.expires_at is not None:
        _parse_time(record.expires_at)
    return record
