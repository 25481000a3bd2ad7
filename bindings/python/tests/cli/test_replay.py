"""`webphone replay`: a recorded session as a timeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import webphone as library

TRACES = Path(__file__).resolve().parents[4] / "tests" / "vectors" / "traces"


@pytest.mark.parametrize("path", sorted(TRACES.glob("*.json")), ids=lambda path: path.stem)
def test_every_trace_is_shown(webphone_here, path):
    run = webphone_here("replay", path)
    assert (run.code, run.err) == (0, "")
    steps = len(json.loads(path.read_text(encoding="utf-8"))["steps"])
    assert run.out.splitlines()[-1] == f"{steps} steps, none of them not as recorded"


def test_a_call_is_told_from_its_beginning_to_its_end(webphone):
    lines = webphone("replay", TRACES / "outgoing.json").out.splitlines()
    assert lines[:5] == [
        "     0.000  page     loaded",
        '     0.300  phone    {"message":"status","status":"conectado"}',
        "              now: page ready, line connected",
        "     1.000  command  #1 call 11999990000",
        '              -> {"message":"chamaNumero","numero":"11999990000"}',
    ]
    assert "              => #1 confirmed by chamada_id, call id 123" in lines
    assert "              call ended: 11999990000 ended, rang 2.2 s, talked 60.1 s" in lines


def test_what_comes_out_otherwise_is_said(webphone):
    trace = json.loads((TRACES / "outgoing.json").read_text(encoding="utf-8"))
    trace["steps"][2]["texts"][0]["text"] = "{}"
    (webphone.folder / "changed.json").write_text(json.dumps(trace), encoding="utf-8")
    run = webphone("replay", "changed.json")
    assert run.code == 1
    assert "              DIFFERS from the record: texts" in run.out
    assert run.out.endswith("1 of them not as recorded\n")


def test_what_a_live_session_recorded_is_shown(webphone):
    with library.BlockingSession(lambda _: None, record="plain") as phone:
        phone.page_report(library.reports.Loaded())
        phone.receive('{"message":"status","status":"\\u001b[31m"}')
        (webphone.folder / "trace.json").write_text(str(phone.trace()), encoding="utf-8")
    run = webphone("replay", "trace.json")
    assert run.code == 0
    assert "\x1b" not in run.out


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"steps": [{"at": "x"}]}'])
def test_what_is_no_trace_is_refused(webphone, content):
    (webphone.folder / "file").write_bytes(content)
    run = webphone("replay", "file")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("webphone: ")
    assert "trace" in run.err


def test_a_file_that_is_not_there(webphone):
    run = webphone("replay", "nothing.json")
    assert (run.code, run.err) == (2, "webphone: can't read nothing.json: No such file or directory\n")
