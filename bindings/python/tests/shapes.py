"""A session's values in the shape that the vectors have, so that the two can be compared field by field."""

from __future__ import annotations

import dataclasses
import enum
import json
import re
import typing
from datetime import datetime
from pathlib import Path

import webphone
from webphone import causes, commands, events, inputs, reports

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors"

UNIONS = (
    webphone.Outcome,
    causes.Cause,
    commands.Command,
    events.Event,
    inputs.Input,
    inputs.Request,
    reports.LoadFailure,
    reports.PageReport,
)
VARIANTS = {variant for union in UNIONS for variant in typing.get_args(union)}


def word(name: str) -> str:
    """A name in `snake_case`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def shape(value: object) -> object:
    """What the vectors write for a value. What is null is left out."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return [shape(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, webphone.PhoneNumber):
        return value.dialled
    if isinstance(value, events.OtherStatus):
        return {"other": {"text": value.text}}
    if isinstance(value, webphone.WebphoneError):
        found = {"code": value.code, **{name: getattr(value, name, None) for name in ("posted", "status_erro")}}
        if isinstance(value, webphone.NotReadyError):
            found["reason"] = value.reason
        return {name: shape(field) for name, field in found.items() if field is not None}
    assert dataclasses.is_dataclass(value), value
    names = [field.name for field in dataclasses.fields(value) if field.compare]
    found = {
        "expires_at_ms" if name == "expires_at" else name: shape(getattr(value, name))
        for name in names
        if getattr(value, name) is not None
    }
    if type(value) in VARIANTS:
        found["type"] = word(type(value).__name__)
    return found


def without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_nulls(field) for name, field in value.items() if field is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def read(name: str) -> typing.Any:
    """A file of the API's vectors."""
    document = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    assert document["format"] == 1
    assert document["vectors"]
    return document


def text(value: typing.Any) -> typing.Any:
    """A Text: a string, or the parts of one."""
    if isinstance(value, list):
        return "".join(part if isinstance(part, str) else part["repeat"] * part["times"] for part in value)
    return value


def cases(name: str) -> list[dict[str, object]]:
    """The cases of a file of the phone's language."""
    read = json.loads((VECTORS / name).read_text(encoding="utf-8"))["cases"]
    assert read
    return list(read)


def text_of(case: dict[str, object]) -> str:
    """What a case gives to read."""
    repeat = case.get("repeat")
    if isinstance(repeat, dict):
        return str(repeat["before"]) + str(repeat["unit"]) * int(repeat["times"]) + str(repeat["after"])
    return str(case["text"])
