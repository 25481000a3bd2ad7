"""The examples: each runs as its first lines say, beside a simulator."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
SHOWN = re.compile(r"<WebphoneUrl (floating|embedded|hidden) at 127\.0\.0\.1:\d+; use reveal\(\)>")


def beside(webphone, name: str, *arguments: object):
    run = webphone("simulator", "--", sys.executable, EXAMPLES / "python" / name, *arguments)
    assert "key=" not in run.out
    return run


def test_every_example_has_its_test():
    tests = Path(__file__).read_text(encoding="utf-8")
    for example in EXAMPLES.rglob("*.py"):
        assert f'"{example.name}"' in tests, f"no test runs {example.name}"


def test_fetch(webphone):
    run = beside(webphone, "fetch.py")
    assert run.code == 0, run.err
    lines = run.out.splitlines()
    assert SHOWN.fullmatch(lines[0])
    assert re.fullmatch(r"got a URL of \d+ characters", lines[1])
    assert [line.split(" ", 1)[0] for line in lines[2:]] == ["4000", "4001", "4002"]
    assert SHOWN.fullmatch(lines[3].split(" ", 1)[1])
    assert "Ramal" in lines[4]


def test_fetch_async(webphone):
    run = beside(webphone, "fetch_async.py")
    assert run.code == 0, run.err
    assert [found[1] for found in SHOWN.finditer(run.out)] == ["floating", "floating", "embedded", "hidden", "hidden"]
    assert "4002 The API does not know this extension" in run.out


def test_bulk(webphone, tmp_path):
    (tmp_path / "list").write_text("4000\n\n4001\nx\n4002\n")
    run = beside(webphone, "bulk.py", tmp_path / "list")
    assert run.code == 0, run.err
    assert [line.split(":")[0] for line in run.out.splitlines()] == ["4000", "4001", "x", "4002"]
    assert "x: fix the file: `ramal` may hold digits only" in run.out
    assert "2 fetched, 2 failed" in run.err
    assert beside(webphone, "bulk.py").code == 1


def test_demo(webphone):
    demo = EXAMPLES / "demo.py"
    assert demo.name == "demo.py"
    run = subprocess.run(
        [sys.executable, demo], env=webphone.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert {found[1] for found in SHOWN.finditer(run.stdout)} == {"floating", "embedded", "hidden"}
    assert "2,000 fetched, 0 failed, in order" in run.stdout
    assert "RefusedError: The API does not know this extension" in run.stdout
    assert "answers: 503, then 429, then 200" in run.stdout
    assert "key=" not in run.stdout


@pytest.mark.parametrize("name", ["fetch.py", "fetch_async.py"])
def test_an_example_without_a_token_says_so(webphone, name):
    del webphone.environment["TOTALVOICE_ACCESS_TOKEN"]
    run = subprocess.run(
        [sys.executable, EXAMPLES / "python" / name],
        env=webphone.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "TOTALVOICE_ACCESS_TOKEN" in run.stderr
