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
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__), *(EXAMPLES.parent / "tests/browser").glob("*.py"))
    )
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


def test_session(webphone):
    run = subprocess.run(
        [sys.executable, EXAMPLES / "python" / "session.py"],
        env=webphone.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert any(line.startswith("Confirmed(by='chamada_id'") for line in lines)
    assert "Sent(keys=3)" in lines
    assert any(line.startswith("  ended: 11999990001, talked 0:00:0") for line in lines)


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
    assert "hang up             Confirmed(by='encerrada', call_id=" in run.stdout
    assert "=> #1 confirmed by chamada_id" in run.stdout
    assert "none of them not as recorded" in run.stdout
    assert "99999" not in run.stdout.split("timeline")[1]
    # With a browser it is among its tests.
    assert 'pip install "webphone[playwright]"' in run.stdout
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


README = EXAMPLES.parent / "README.md"


def shown_in_the_readme(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_what_the_readme_shows_in_python(webphone, tmp_path):
    # The third one has a browser: it is among its tests.
    block, session, _ = shown_in_the_readme("python")
    script = tmp_path / "readme.py"
    script.write_text(block, encoding="utf-8")
    run = webphone("simulator", "--", sys.executable, script)
    assert run.code == 0, run.err
    lines = run.out.splitlines()
    assert SHOWN.fullmatch(lines[0])
    assert [line.split(" ", 1)[0] for line in lines[1:]] == ["4000", "4001"]
    assert all(SHOWN.fullmatch(line.split(" ", 1)[1]) for line in lines[1:])
    script.write_text(f"import asyncio\n{session}\nasyncio.run(main())", encoding="utf-8")
    run = webphone("simulator", "--", sys.executable, script)
    assert (run.code, run.err) == (0, "")
    lines = run.out.splitlines()
    assert lines[0].startswith("Confirmed(by='chamada_id', call_id=")
    assert lines[1].startswith("CallPhase.")
    assert lines[-1].startswith("CallEnded(call=Call(")


def test_what_the_readme_shows_in_a_shell(webphone, tmp_path):
    (tmp_path / "extensions.csv").write_text("ramal\n4000\n4001\n", encoding="utf-8")
    (tmp_path / "my_script.py").write_text("print('ran')\n", encoding="utf-8")
    commands = [
        line.split("#")[0].split()[1:]
        for block in shown_in_the_readme("sh")
        for line in block.splitlines()
        if line.startswith("webphone ")
    ]
    assert [command[0] for command in commands] == ["url", "bulk", "phone", "simulator", "replay"]
    url, bulk, _, simulator, replay = commands
    assert replay == ["replay", "trace.json"]
    run = webphone("simulator", "--", sys.executable, "-m", "webphone", *url)
    assert (run.code, run.out.count("key=")) == (0, 1), run.err
    files = [str(tmp_path / name) if name.endswith(".csv") else name for name in bulk]
    run = webphone("simulator", "--", sys.executable, "-m", "webphone", *files)
    assert run.code == 0, run.err
    assert len((tmp_path / "urls.csv").read_text(encoding="utf-8").splitlines()) == 3
    command = [{"python": sys.executable, "my_script.py": str(tmp_path / "my_script.py")}.get(w, w) for w in simulator]
    run = webphone(*command)
    assert (run.code, run.out) == (0, "ran\n"), run.err
