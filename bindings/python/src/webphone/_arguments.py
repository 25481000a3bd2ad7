"""Checks of arguments that the core can't make, since what is wrong in them can't cross."""

from __future__ import annotations

from math import ceil, isnan
from typing import TYPE_CHECKING

from ._errors import InvalidError

if TYPE_CHECKING:
    from datetime import timedelta


def text(value: str, field: str) -> str:
    """A text that can cross: not every Python string is one."""
    if not isinstance(value, str):
        raise TypeError(f"{field} is a string, not {type(value).__name__}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidError(field, "holds half a character (a lone surrogate)") from None
    return value


def json_text(value: str) -> str:
    """A text that can cross, in JSON. Written by hand: nothing needs more, and no import is owed for it."""
    if value.isascii() and value.isalnum():
        return f'"{value}"'
    units = value.encode("utf-16-be").hex()
    return '"' + "".join([f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)]) + '"'


def milliseconds(value: timedelta | float, field: str) -> int:
    """A time span or a number of seconds, in milliseconds rounded up: no timeout becomes nothing."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds: float = value
    else:
        seconds = _seconds(value, field)
    if isnan(seconds):
        raise InvalidError(field, "is not a number")
    return ceil(round(_bounded(seconds * 1000, 1 << 53), 3))


def _seconds(value: object, field: str) -> float:
    from datetime import timedelta

    if not isinstance(value, timedelta):
        raise TypeError(f"{field} is a number of seconds or a timedelta, not {type(value).__name__}")
    return value.total_seconds()


def count(value: int, field: str) -> int:
    """A number that fits the core's, which has the say about its range."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{field} is an integer, not {type(value).__name__}")
    return int(_bounded(value, (1 << 31) - 1))


def _bounded(value: float, most: int) -> float:
    return min(max(value, -most), most)
