"""The input of a batch as numbered lines of text: opened, its encoding detected, bounded in memory."""

from __future__ import annotations

import codecs
import io
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from .exits import UserError

MAX_LINE = 65_536
"""How many characters of a line are kept: no row needs more, and a file without line ends must not fill the memory."""

UNDECODABLE = "\udcff"
"""Stands in the text for bytes that are not in its encoding. No well-formed text holds it."""

_HEAD = 4096
_COUNTED_AT_ONCE = 1 << 20
_SIGNATURES = (
    # Longest first: the mark of UTF-16 is how that of UTF-32 begins.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Line(NamedTuple):
    """A line of the input, without its end."""

    number: int
    text: str
    too_long: bool = False


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNDECODABLE, error.end
    raise error


codecs.register_error("webphone.undecodable", _mark_undecodable)


def open_input(path: str) -> io.BufferedReader:
    """The bytes of a file, or of stdin for `-`.

    Raises:
        UserError: There is no such file, or it can't be read.
    """
    source = 0 if path == "-" else path
    try:
        stream = open(source, "rb", closefd=path != "-")  # noqa: SIM115 (stdin has no path; the caller closes it)
        # Says now what a folder would say at the first reading.
        stream.peek(1)
    except OSError as error:
        raise UserError(f"can't read {'stdin' if path == '-' else path}: {error.strerror}") from None
    return stream


def is_file(stream: io.BufferedReader) -> bool:
    """Whether it is a file, which never lets its reader wait and can be read twice."""
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def count_lines(stream: io.BufferedReader) -> int:
    """How many lines a file has. Its reader goes on where it was."""
    position = stream.tell()
    stream.seek(0)
    lines, last = 0, b"\n"
    while block := stream.read(_COUNTED_AT_ONCE):
        lines += block.count(b"\n")
        last = block[-1:]
    stream.seek(position)
    return lines + (last != b"\n")


def read_lines(stream: io.BufferedReader, encoding: str | None) -> Iterator[Line]:
    """The lines of a text, as they come.

    Args:
        stream: The bytes, from their start.
        encoding: A name of Python's, such as `latin-1`; none: UTF-8, with or without a byte order mark.

    Raises:
        UserError: It can't be text in this encoding, or there is no such encoding. Later a wrong byte is no error:
            `UNDECODABLE` stands in its place.
    """
    if encoding is None:
        _refuse_other_than_text(stream.peek(_HEAD)[:_HEAD])
    try:
        # A file that says UTF-8 may have a mark all the same.
        name = codecs.lookup("utf-8" if encoding is None else encoding).name
        text = io.TextIOWrapper(
            stream, encoding="utf-8-sig" if name == "utf-8" else name, errors="webphone.undecodable", newline=None
        )
    except (LookupError, ValueError):
        raise UserError(f"there is no text encoding {encoding!r}: try utf-8, latin-1, cp1252 or utf-16") from None
    return _numbered(text)


def _refuse_other_than_text(head: bytes) -> None:
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise UserError(f"the input is {name.upper()} text: add --encoding {name}")
    if head.startswith(b"PK\x03\x04"):
        raise UserError("the input is a spreadsheet or an archive: save it as CSV first")
    if b"\0" in head:
        raise UserError("the input is not text in UTF-8: save it as CSV, or name its --encoding")


def _numbered(text: io.TextIOWrapper) -> Iterator[Line]:
    number = 0
    try:
        while line := text.readline(MAX_LINE):
            number += 1
            whole = line.endswith("\n")
            if whole or len(line) < MAX_LINE:
                yield Line(number, line.removesuffix("\n"))
                continue
            while not whole and (rest := text.readline(MAX_LINE)):
                whole = rest.endswith("\n")
            yield Line(number, "", too_long=True)
    except UnicodeError:
        # Some decoders give up for good, such as that of UTF-16 when it finds no byte order mark.
        raise UserError(f"line {number + 1} of the input can't be decoded: name another --encoding") from None
    finally:
        # Otherwise the wrapper would close what it was given.
        if not text.closed:
            text.detach()
