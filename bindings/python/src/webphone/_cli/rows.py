"""The rows of a batch: from lines of text to requests. Pure, and in memory one row at a time."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from webphone import Extension, InvalidError, PhoneNumber, PhoneType, UrlRequest

from .exits import UserError
from .source import MAX_LINE, UNDECODABLE, Line

COLUMNS = ("ramal", "id_ramal", "tipo", "ligar_para", "fechar_fim")
"""What a header may name: the wire names of a request's parameters."""

DELIMITERS = (",", ";")

_TYPES = {kind.value: kind for kind in PhoneType}
_FLAGS = {"true": True, "1": True, "false": False, "0": False}

NOT_SENT = UrlRequest(Extension.number(""))
"""Keeps the place of a row that can't be sent: a batch answers it in its turn, and without the network."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What counts where a row says nothing."""

    by_id: bool = False
    """Whether the lines of a list without a header are ids (`id_ramal`) instead of numbers (`ramal`)."""
    type: PhoneType = PhoneType.FLOATING
    call_on_open: PhoneNumber | None = None
    close_at_end: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input: what it says of its extension and type, as written, and what to ask for."""

    line: int
    ramal: str
    id_ramal: str
    tipo: str
    request: UrlRequest
    fault: InvalidError | None = None
    """Why the row can't be sent; its request is then `NOT_SENT`."""


Cells = dict[str, str]


class _CellError(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def read_rows(lines: Iterator[Line], defaults: Defaults, warn: Callable[[str], None]) -> Iterator[Row]:
    """The rows of a list of extensions, one a line, or of a CSV with a header of wire names. Blank ones are skipped.

    The shape is looked at here, before the first row is asked for.

    Args:
        lines: The lines of the input.
        defaults: What counts where a row says nothing.
        warn: Told what the input holds that is not used.

    Raises:
        UserError: It is neither such a list nor such a CSV.
    """
    first = next((line for line in lines if line.too_long or line.text.strip()), None)
    if first is None:
        return iter(())
    if first.too_long:
        raise UserError(
            f"line {first.number} of the input is longer than {MAX_LINE} characters: it is no list and no CSV"
        )
    header = _header(first.text)
    if header is not None:
        delimiter, names = header
        _check_header(names, defaults, warn)
        return (_row(number, cells, defaults) for number, cells in _csv_cells(lines, delimiter, names))
    _check_list(first, defaults)
    return (_row(number, cells, defaults) for number, cells in _list_cells(chain([first], lines), defaults))


def only_row(extension: str, defaults: Defaults) -> Row:
    """The row of a list that has only this line, whatever it is."""
    ramal, id_ramal = ("", extension) if defaults.by_id else (extension, "")
    named = Extension.id(extension) if defaults.by_id else Extension.number(extension)
    request = UrlRequest(
        named, type=defaults.type, call_on_open=defaults.call_on_open, close_at_end=defaults.close_at_end
    )
    return Row(1, ramal, id_ramal, request.type.value, request)


def _header(text: str) -> tuple[str, list[str]] | None:
    """The delimiter and the column names, if a line is a header: if it has at least one of the wire names."""
    splits = {delimiter: _split(text, delimiter) or [] for delimiter in DELIMITERS}
    named = {delimiter: [cell.strip().lower() for cell in cells] for delimiter, cells in splits.items()}
    delimiter = max(DELIMITERS, key=lambda delimiter: sum(name in COLUMNS for name in named[delimiter]))
    names = named[delimiter]
    return (delimiter, names) if any(name in COLUMNS for name in names) else None


def _check_header(names: list[str], defaults: Defaults, warn: Callable[[str], None]) -> None:
    if "ramal" not in names and "id_ramal" not in names:
        raise UserError(
            "the header of the input names neither `ramal` nor `id_ramal`: add the column of the extensions"
        )
    if defaults.by_id and "id_ramal" not in names:
        raise UserError("--id is for a list without a header; rename the column `ramal` to `id_ramal` if it holds ids")
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise UserError(f"the header of the input names `{twice[0]}` twice: leave one of them")
    unknown = [readable(name) or "(no name)" for name in names if name not in COLUMNS]
    if unknown:
        warn(f"columns that are not used: {', '.join(unknown)}")


def _check_list(first: Line, defaults: Defaults) -> None:
    """Refuses what would only give failures. The text itself is not shown: it may be another file than was meant."""
    known = ",".join(COLUMNS)
    if any(delimiter in first.text for delimiter in DELIMITERS):
        raise UserError(
            f"line {first.number} of the input has several cells but is no header: begin with one of {known}"
        )
    if not defaults.by_id and not any(char.isdigit() for char in first.text):
        raise UserError(
            f"line {first.number} of the input is neither the number of an extension nor a header: "
            f"begin with a number, or with a header of {known}; for a list of ids add --id"
        )


def _list_cells(lines: Iterator[Line], defaults: Defaults) -> Iterator[tuple[int, Cells | _CellError]]:
    column = "id_ramal" if defaults.by_id else "ramal"
    for number, text, too_long in lines:
        if too_long:
            yield number, _CellError(column, f"is longer than {MAX_LINE} characters")
        elif value := text.strip():
            yield number, {column: value}


def _csv_cells(lines: Iterator[Line], delimiter: str, names: list[str]) -> Iterator[tuple[int, Cells | _CellError]]:
    for number, cells in _csv_records(lines, delimiter):
        if isinstance(cells, _CellError):
            yield number, cells
            continue
        values = [cell.strip() for cell in cells]
        if not any(values):
            continue
        if any(values[len(names) :]):
            yield number, _CellError("row", f"has {len(values)} cells where the header has {len(names)}")
        else:
            # Cells that are missing at its end are empty ones.
            yield number, {name: value for name, value in zip(names, values, strict=False) if name in COLUMNS}


def _csv_records(lines: Iterator[Line], delimiter: str) -> Iterator[tuple[int, list[str] | _CellError]]:
    """The records of a CSV, each with the number of its first line.

    A quoted cell may hold line ends. A quote that nobody closes costs its own line only: the lines after it are read
    again, each for itself.
    """
    again: deque[Line] = deque()
    while (first := again.popleft() if again else next(lines, None)) is not None:
        if first.too_long:
            yield first.number, _CellError("row", f"is longer than {MAX_LINE} characters")
            continue
        taken, size, is_open = [first.text], len(first.text), first.text.count('"') % 2 == 1
        following: list[Line] = []
        while is_open and size < MAX_LINE:
            line = again.popleft() if again else next(lines, None)
            if line is None:
                break
            following.append(line)
            if line.too_long:
                break
            taken.append(line.text)
            size += len(line.text) + 1
            is_open ^= line.text.count('"') % 2 == 1
        cells = None if is_open else _split("\n".join(taken), delimiter)
        if cells is None:
            again.extendleft(reversed(following))
            yield first.number, _CellError("row", "is no CSV: look for a quote that is not closed")
        else:
            yield first.number, cells


def _split(text: str, delimiter: str) -> list[str] | None:
    """The cells of one record; none when its quotes are wrong."""
    try:
        return next(csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error:
        return None


def _row(number: int, cells: Cells | _CellError, defaults: Defaults) -> Row:
    if isinstance(cells, _CellError):
        return Row(number, "", "", "", NOT_SENT, InvalidError(cells.field, cells.reason))
    ramal, id_ramal, tipo = (readable(cells.get(name, "")) for name in ("ramal", "id_ramal", "tipo"))
    try:
        request = _request(cells, defaults)
    except _CellError as wrong:
        return Row(number, ramal, id_ramal, tipo, NOT_SENT, InvalidError(wrong.field, wrong.reason))
    return Row(number, ramal, id_ramal, request.type.value, request)


def _request(cells: Cells, defaults: Defaults) -> UrlRequest:
    for name, value in cells.items():
        if UNDECODABLE in value:
            raise _CellError(name, "holds bytes that are not in the input's encoding: name another --encoding")
    ramal, id_ramal = cells.get("ramal", ""), cells.get("id_ramal", "")
    if ramal and id_ramal:
        raise _CellError("id_ramal", "is given beside `ramal`: leave one of the two cells empty")
    if not ramal and not id_ramal:
        raise _CellError("ramal", "is empty")
    tipo, fechar_fim, ligar_para = cells.get("tipo"), cells.get("fechar_fim"), cells.get("ligar_para")
    kind = _TYPES.get(tipo.lower()) if tipo else defaults.type
    if kind is None:
        raise _CellError("tipo", "has to be floating, embedded or hidden")
    close_at_end = _FLAGS.get(fechar_fim.lower()) if fechar_fim else defaults.close_at_end
    if close_at_end is None:
        raise _CellError("fechar_fim", "has to be true, false, 1 or 0")
    return UrlRequest(
        Extension.id(id_ramal) if id_ramal else Extension.number(ramal),
        type=kind,
        call_on_open=_number(ligar_para) if ligar_para else defaults.call_on_open,
        close_at_end=close_at_end,
    )


def _number(written: str) -> PhoneNumber:
    try:
        return PhoneNumber(written)
    except InvalidError as error:
        raise _CellError("ligar_para", error.reason) from None


def readable(text: str) -> str:
    """Text from outside without what a terminal obeys or an encoder refuses."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)
