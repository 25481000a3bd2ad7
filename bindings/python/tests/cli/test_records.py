"""The records that a batch writes, and what an earlier run's records are worth."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webphone import Extension, InvalidError, UrlRequest
from webphone._cli.records import FIELDS, FORMATS, Format, Record, format_time, record_of
from webphone._cli.resume import Held, NotOursError, held_lines
from webphone._cli.rows import Row

NOW = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
WORKS = Record("4000", None, "hidden", "https://h.example/w3/?key=k", None)
LASTS = Record("4001", None, "hidden", "https://h.example/w3/?key=k", format_time(NOW + timedelta(seconds=1)))
EXPIRED = Record("4002", None, "hidden", "https://h.example/w3/?key=k", format_time(NOW))
FAILED = Record("4003", None, "hidden", error="refused: line 4: no", api_text="não")

formats = pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))


def file_of(form: Format, *records: Record) -> bytes:
    return form.header + b"".join(map(form.line, records))


def held_in(data: bytes, form) -> list[Record]:
    return [record for _, record in held_lines(io.BytesIO(data), form, NOW)]


def row(ramal: str, tipo: str = "hidden", call: str | None = None, close: bool = False) -> Row:
    return Row(1, ramal, "", tipo, UrlRequest(Extension.number(ramal), call_on_open=call, close_at_end=close))


def test_the_fields_are_those_documented():
    assert FIELDS == ("ramal", "id_ramal", "tipo", "url", "expires_at", "error", "api_text")
    assert FORMATS["csv"].header == b"ramal,id_ramal,tipo,url,expires_at,error,api_text\n"
    assert tuple(json.loads(FORMATS["ndjson"].line(WORKS))) == FIELDS


def test_a_record_does_not_show_its_url():
    assert "key" not in repr(WORKS)


def test_an_error_says_its_code_its_line_and_what_to_do():
    record = record_of(
        Row(7, "4000", "", "popup", UrlRequest(Extension.number(""))), InvalidError("tipo", "is no type")
    )
    assert record.error is not None
    assert record.error.startswith("invalid: line 7: `tipo` is no type")
    assert (record.ramal, record.id_ramal, record.tipo, record.url) == ("4000", None, "popup", None)


values = st.none() | st.text(
    st.characters(exclude_categories=["Cs"]).filter(str.isprintable) | st.sampled_from("=+-@',\"; "),
    min_size=1,
    max_size=12,
)


@formats
@given(data=st.data())
def test_what_is_written_is_one_line_and_read_back(form, data):
    ramal, id_ramal, tipo, api_text = (data.draw(values) for _ in range(4))
    fetched = Record(ramal, id_ramal, tipo, url="https://h/?a")
    failed = Record(ramal, id_ramal, tipo, error="e", api_text=api_text)
    record = data.draw(st.sampled_from([fetched, failed]))
    line = form.line(record)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert form.parse(line) == record


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", "'="])
def test_no_cell_of_a_csv_is_a_formula(start):
    line = FORMATS["csv"].line(Record(f"{start}cmd|' /C calc'!A0", error="e", api_text=f"{start}1+1"))
    cells = next(csv.reader(io.StringIO(line.decode(), newline="")))
    assert cells[0].startswith("'")
    assert cells[6].startswith("'")


@formats
def test_only_urls_that_work_still_are_held(form):
    assert held_in(file_of(form, WORKS, EXPIRED, FAILED, LASTS), form) == [WORKS, LASTS]


@formats
def test_a_file_cut_anywhere_holds_its_whole_lines(form):
    data = file_of(form, WORKS, LASTS)
    whole = [len(form.header + form.line(WORKS)), len(data)]
    for cut in range(len(data) + 1):
        held = held_in(data[:cut], form)
        # A line to which only its end is missing is whole as well.
        assert held == [WORKS, LASTS][: sum(end - 1 <= cut for end in whole)], cut


@formats
@pytest.mark.parametrize(
    "foreign",
    [
        b"hello\n",
        b"\n",
        b"{}\n",
        b"[1]\n",
        b"4000\n",
        b'{"ramal": "1"}\n',
        b"\xff\xfe\n",
        b"1,2,3,4,5,6,7,8\n",
        b"\0" * 9,
    ],
)
def test_a_file_that_is_not_ours_is_not_taken_for_one(form, foreign):
    with pytest.raises(NotOursError):
        held_in(foreign + file_of(form, WORKS), form)
    with pytest.raises(NotOursError) as caught:
        held_in(file_of(form, WORKS) + foreign + form.line(WORKS), form)
    assert caught.value.line == (3 if form.header else 2)


def test_a_file_of_the_other_format_is_not_ours():
    for ours, other in ("ndjson", "csv"), ("csv", "ndjson"):
        with pytest.raises(NotOursError):
            held_in(file_of(FORMATS[other], WORKS, LASTS), FORMATS[ours])


def test_each_held_url_does_for_one_row():
    held = Held()
    for record in (WORKS, WORKS, LASTS):
        held.add(record)
    assert [held.take(row("4000")) for _ in range(3)] == [True, True, False]
    assert held.take(row("4001", "embedded")) is False
    assert held.take(row("4001")) is True
    assert held.take(Row(1, "4001", "", "hidden", UrlRequest(Extension.number("")), InvalidError("tipo", "x"))) is False
    held.close()


@pytest.mark.parametrize(
    ("query", "call", "close"),
    [
        ("key=k", None, False),
        ("key=k&ligar_para=&fechar_fim=0", None, False),
        ("key=k&fechar_fim=false&ligar_para=*8%23", "*8#", False),
        ("ligar_para=1133330001&ligar_para=2&key=k", "(11) 3333-0001", False),
        ("key=k&ligar_para=%2B5511999990000", "11999990000", False),
        ("key=k&fechar_fim=1", None, True),
        ("key=k&fechar_fim=True&ligar_para=4001#ligar_para=2", "4001", True),
    ],
)
def test_a_held_url_does_for_the_row_that_asks_for_what_it_says(query, call, close):
    held = Held()
    held.add(Record("4000", None, "hidden", f"https://h.example/w3/?{query}"))
    for other in row("4000", call="77", close=close), row("4000", call=call, close=not close):
        assert held.take(other) is False
    assert held.take(row("4000", call=call, close=close)) is True
    held.close()


def test_a_number_that_cannot_be_read_is_no_row_s():
    held = Held()
    held.add(Record("4000", None, "hidden", "https://h.example/w3/?ligar_para=nobody"))
    assert held.take(row("4000")) is False
    assert held.take(row("4000", call="4001")) is False
    held.close()
