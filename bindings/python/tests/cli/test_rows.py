"""Reading the input of a batch: lists and CSVs, whatever people and spreadsheets make of them."""

from __future__ import annotations

import csv
import io
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webphone import Extension, PhoneType
from webphone._cli.exits import UserError
from webphone._cli.rows import COLUMNS, NOT_SENT, Defaults, Row, read_rows, readable
from webphone._cli.source import MAX_LINE, Line, read_lines


def rows_of(data: bytes | str, encoding: str | None = None, **defaults: Any) -> tuple[list[Row], list[str]]:
    """The rows of an input, and the warnings about it."""
    warnings: list[str] = []
    raw = cast("io.RawIOBase", io.BytesIO(data if isinstance(data, bytes) else data.encode()))
    stream: io.BufferedReader = io.BufferedReader(raw)
    rows = read_rows(read_lines(stream, encoding), Defaults(**defaults), warnings.append)
    return list(rows), warnings


def refusal(data: bytes | str, encoding: str | None = None, **defaults: Any) -> str:
    with pytest.raises(UserError) as caught:
        rows_of(data, encoding, **defaults)
    assert caught.value.code == 2
    return str(caught.value)


def named(rows: list[Row]) -> list[str]:
    return [row.ramal or row.id_ramal for row in rows]


def test_a_list_keeps_leading_zeros_duplicates_and_order():
    rows, warnings = rows_of("4000\n\n  0042 \n4000\r\n \t\n4001")
    assert named(rows) == ["4000", "0042", "4000", "4001"]
    assert [row.line for row in rows] == [1, 3, 4, 6]
    assert rows[1].request.extension == Extension.number("0042")
    assert not warnings


def test_a_list_of_ids():
    rows, _ = rows_of("a-1\n007\n", by_id=True)
    assert [row.request.extension for row in rows] == [Extension.id("a-1"), Extension.id("007")]
    assert [(row.ramal, row.id_ramal) for row in rows] == [("", "a-1"), ("", "007")]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_as_spreadsheets_write_it(delimiter, mark, end):
    table = [
        ["tipo", "Nome", "RAMAL", "fechar_fim", "ligar_para"],
        ["hidden", "Ana; Rui, Lda", "0042", "True", "(11) 99999-0000"],
        ["", 'say "hi"', "4001", "", ""],
        ["Embedded", "two\nlines", "4002", "0", "*8#"],
        ["", "", "", "", ""],
    ]
    text = io.StringIO()
    # Not all writers quote only what needs it; Python's own of 3.10 does not quote all that does.
    quoting: Any = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)
    rows, warnings = rows_of(mark + text.getvalue().encode())
    assert named(rows) == ["0042", "4001", "4002"]
    assert [row.fault for row in rows] == [None] * 3
    first, second, third = (row.request for row in rows)
    assert (first.type, first.close_at_end, str(first.call_on_open)) == (PhoneType.HIDDEN, True, "11999990000")
    assert (second.type, second.close_at_end, second.call_on_open) == (PhoneType.FLOATING, False, None)
    assert (third.type, third.close_at_end, str(third.call_on_open)) == (PhoneType.EMBEDDED, False, "*8#")
    assert [row.line for row in rows] == [2, 3, 4]
    assert warnings == ["columns that are not used: nome"]


def test_empty_cells_mean_the_options():
    rows, _ = rows_of("ramal,tipo,fechar_fim\n1,,\n2,embedded,false\n3\n", type=PhoneType.HIDDEN, close_at_end=True)
    assert [row.tipo for row in rows] == ["hidden", "embedded", "hidden"]
    assert [row.request.close_at_end for row in rows] == [True, False, True]


def test_rows_of_both_kinds_of_extension():
    rows, _ = rows_of("id_ramal;ramal\n;4000\nx-1;\n")
    assert [row.request.extension for row in rows] == [Extension.number("4000"), Extension.id("x-1")]


@pytest.mark.parametrize(
    ("row", "field", "part"),
    [
        (",,hidden,,", "ramal", "is empty"),
        ("4000,77,,,", "id_ramal", "beside `ramal`"),
        ("4000,,popup,,", "tipo", "floating, embedded or hidden"),
        ("4000,,,0800-FLOWERS,", "ligar_para", "letter"),
        ("4000,,,,maybe", "fechar_fim", "true, false, 1 or 0"),
        ("4000,,,,,one too many", "row", "6 cells where the header has 5"),
        ('4000,,"hid"den,,', "row", "quote"),
        ('4000,,"hidden', "row", "quote"),
        ("4000\N{REPLACEMENT CHARACTER}".replace("\ufffd", "\udcff"), "ramal", "encoding"),
    ],
)
def test_a_wrong_row_names_its_field_and_costs_only_itself(row, field, part):
    lines = [",".join(COLUMNS[:2]) + ",tipo,ligar_para,fechar_fim", "4001", row, "4002"]
    rows = list(read_rows((Line(number, text) for number, text in enumerate(lines, 1)), Defaults(), lambda text: None))
    assert [each.line for each in rows] == [2, 3, 4]
    assert [each.fault is None for each in rows] == [True, False, True]
    fault = rows[1].fault
    assert fault is not None
    assert fault.field == field
    assert part in fault.reason
    assert rows[1].request is NOT_SENT
    assert [rows[0].ramal, rows[2].ramal] == ["4001", "4002"]


def test_a_quote_that_nobody_closes_costs_its_own_line_only():
    following = [f"{number},x" for number in range(100, 20_000)]
    rows, _ = rows_of("\n".join(["ramal,nome", '4000,"open', *following]))
    assert [row.line for row in rows if row.fault] == [2]
    assert [row.ramal for row in rows[1:]] == [str(number) for number in range(100, 20_000)]


def test_bytes_outside_of_the_encoding_cost_their_own_row_only():
    rows, _ = rows_of(b"4000\n40\xff1\n4002\n")
    assert [row.fault and row.fault.field for row in rows] == [None, "ramal", None]
    assert "\N{REPLACEMENT CHARACTER}" in rows[1].ramal
    rows, warnings = rows_of("ramal;descrição\n4000;São João\n".encode("cp1252"))
    assert [row.fault for row in rows] == [None]
    assert len(warnings) == 1
    rows, warnings = rows_of("ramal;descrição\n4000;São João\n".encode("cp1252"), "cp1252")
    assert warnings == ["columns that are not used: descrição"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8", "UTF-8-SIG", "latin-1"])
def test_an_encoding_by_name(encoding):
    rows, _ = rows_of("ramal;tipo\n0042;hidden\n".encode(encoding), encoding)
    assert [(row.ramal, row.tipo) for row in rows] == [("0042", "hidden")]


def test_a_line_without_end_is_one_failed_row():
    rows, _ = rows_of("4000\n" + "1" * (3 * MAX_LINE) + "\n4001\n")
    assert [row.fault is None for row in rows] == [True, False, True]
    rows, _ = rows_of("ramal\n4000\n" + "1" * (3 * MAX_LINE) + "\n4001\n")
    assert [row.fault is None for row in rows] == [True, False, True]


@pytest.mark.parametrize("data", ["", "\n\n \n", "ramal\n", "\ufeff"])
def test_nothing_to_do_is_no_error(data):
    assert rows_of(data)[0] == []


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("tipo,fechar_fim\nhidden,1\n", "neither `ramal` nor `id_ramal`"),
        ("ramal,tipo,RAMAL\n", "`ramal` twice"),
        ("4000,hidden\n4001,hidden\n", "several cells"),
        ("4000;4001;4002\n", "several cells"),
        ("extension\n4000\n", "neither the number"),
        ("Seu_Token\n", "neither the number"),
        (b"\xff\xfe4\x000\x00", "--encoding utf-16"),
        (b"\xff\xfe\x00\x004\x00\x00\x00", "--encoding utf-32"),
        (b"PK\x03\x04 and so on", "save it as CSV"),
        (b"\x7fELF\x00\x00", "not text"),
        ("1" * (2 * MAX_LINE), "longer than"),
    ],
)
def test_a_file_of_another_shape_is_refused_before_its_first_row(data, part):
    text = refusal(data)
    assert part in text
    assert "Seu_Token" not in text


def test_wrong_names_of_encodings_are_refused():
    for name in ("base64", "no-such", "", "utf-8\0", "idna "):
        assert "encoding" in refusal("4000\n", name)
    assert "--encoding" in refusal("4000\n", "utf-16") or "can't be decoded" in refusal("4000\n", "utf-16")


def test_ids_are_no_option_for_a_column_of_numbers():
    assert "--id" in refusal("ramal\n4000\n", by_id=True)


def test_rows_come_one_by_one():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield Line(taken, "4000")

    rows = read_rows(endless(), Defaults(), lambda text: None)
    for _ in range(1000):
        next(rows)
    assert taken <= 1002


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(
    table=st.lists(st.tuples(st.from_regex(r"[0-9]{1,10}", fullmatch=True), cells, cells), max_size=20),
    delimiter=st.sampled_from(",;"),
    order=st.permutations([0, 1, 2]),
)
def test_any_csv_that_python_writes_is_read(table, delimiter, order):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([["ramal", "nota", "x"][column] for column in order])
    writer.writerows([row[column] for column in order] for row in table)
    rows, _ = rows_of(text.getvalue())
    assert [row.ramal for row in rows] == [row[0] for row in table]
    assert not any(row.fault for row in rows)


@given(st.lists(st.sampled_from(['"', ",", "\n", "4", "é", '""', "x"]), max_size=60).map("".join))
def test_any_text_after_a_header_gives_rows_in_the_order_of_their_lines(text):
    rows, _ = rows_of("ramal,nota\n" + text)
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(2 <= line <= 2 + text.count("\n") for line in lines)


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_refusal(data):
    try:
        rows, _ = rows_of(data)
    except UserError:
        return
    for row in rows:
        assert readable(row.ramal) == row.ramal
