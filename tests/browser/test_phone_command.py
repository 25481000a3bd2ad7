"""`webphone phone` with a real browser: a script in a pipe, somebody at a terminal, a recording, an interrupt."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from real_phones import PATIENCE

PHONE = [sys.executable, "-m", "webphone", "phone", "4000", "--simulate"]


def piped(*options: str, script: str) -> tuple[int, str, str]:
    run = subprocess.run(
        [*PHONE, *options], input=script, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    assert "Traceback" not in run.stderr
    assert "key=" not in run.stdout + run.stderr
    return run.returncode, run.stdout, run.stderr


def test_a_script_in_a_pipe(tmp_path):
    record = tmp_path / "trace.json"
    script = """
        wait talking
        status
        dtmf 12#
        mute
        hangup
        incoming (79) 91234-5678
        wait ringing
        answer
        wait talking
        remote-hangup
        wait idle
        join 47
        help call
        quit
        call 999
    """
    code, out, err = piped("--call", "11999990000", "--record", str(record), script=script)
    assert (code, err) == (0, "")
    for line in (
        "call 11999990000: confirmed by chamada_id, call id 1",
        "call       talking 11999990000",
        "dtmf 12#: sent, 3 keys",
        "mute: sent",
        "hangup: confirmed by encerrada, call id 1",
        "answer: confirmed by conversando",
        "join 47: confirmed by entrou_na_fila",
        "call NUMBER  call a number",
        "the phone is closed",
    ):
        assert line in out, out
    assert "999" not in out.split("call NUMBER")[1]
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert "91234" not in record.read_text()
    assert json.loads(record.read_text())
    replayed = subprocess.run([*PHONE[:3], "replay", str(record)], capture_output=True, text=True, check=True)
    assert replayed.stdout.endswith("none of them not as recorded\n")


def test_what_fails_in_a_script_is_told_and_counts(tmp_path):
    code, out, err = piped(script="answer\nanser\ncall\ncall 11999990004\nmuted perhaps\nincoming 1\nhelp\n")
    assert (code, err) == (1, "")
    assert "answer: There is no call" in out
    assert "there is no command anser: `help` shows those that there are" in out
    assert "write `call NUMBER`" in out
    assert "call 11999990004: The phone refused the call" in out
    assert "remote-hangup" in out
    taken = tmp_path / "taken"
    taken.write_text("")
    code, out, err = piped("--record", str(taken), script="")
    assert (code, out) == (2, "")
    assert "is there already" in err


def test_a_browser_that_is_none(tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    code, _, err = piped("--browser", str(broken), script="")
    assert code == 2
    assert "no Chromium could be started" in err
    code, _, err = piped("--browser", "/usr/bin/chromium-headless-shell", script="")
    assert code == 2
    assert "headless shell" in err
    for option in "--browser", "--microphone":
        code, _, err = piped(option, str(tmp_path / "nothing"), script="")
        assert (code, err) == (2, f"webphone: `{option}` is no file. Nothing was sent.\n")


class Terminal:
    """`webphone phone` with somebody at its terminal."""

    def __init__(self) -> None:
        self.process_id, self._terminal = pty.fork()
        if self.process_id == 0:
            os.execv(PHONE[0], PHONE)
        self.text = ""

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def until(self, wanted: Callable[[str], bool]) -> None:
        """Reads until it is there; reading ends when the program does."""
        while not wanted(self.text):
            try:
                data = os.read(self._terminal, 65_536)
            except OSError:
                data = b""
            assert data, f"the program ended: {self.text}"
            self.text += data.decode("utf-8", "replace")

    def ended(self) -> int:
        with suppress(OSError):
            while data := os.read(self._terminal, 65_536):
                self.text += data.decode("utf-8", "replace")
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.process_id, 0)[1])


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(terminal.process_id, signal.SIGKILL)


def test_somebody_at_a_terminal(terminal):
    terminal.until(lambda text: "[connected] " in text)
    terminal.type("call 11999990000\n")
    terminal.until(lambda text: "[connected | talking 11999990000, 0:0" in text)
    terminal.type("mute\n")
    terminal.until(lambda text: "| muted]" in text)
    # Two at a time: the second one ends the first.
    terminal.type("wait idle\nhangup\n")
    terminal.until(lambda text: "hangup: confirmed" in text and "wait idle: done" in text)
    terminal.type("incoming 4001\n")
    terminal.until(lambda text: "RINGING 4001" in text)
    # The end of what is typed.
    terminal.type("\x04")
    assert terminal.ended() == 0
    assert "the phone is closed" in terminal.text
    assert "Traceback" not in terminal.text


def test_an_interrupt_at_a_terminal(terminal):
    """Ctrl-C reaches all that the terminal started, the browser too."""
    terminal.until(lambda text: "[connected] " in text)
    terminal.type("call 11999990000\n")
    terminal.until(lambda text: "talking" in text)
    terminal.type("\x03")
    assert terminal.ended() == 130
    assert "Traceback" not in terminal.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(number, tmp_path):
    record = tmp_path / "trace.json"
    with subprocess.Popen(
        [*PHONE, "--record", str(record)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while "line connected" not in (line := process.stdout.readline()):
            assert line, process.communicate()
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (128 + number, "")
    # What happened until then is written down.
    assert json.loads(record.read_text())["steps"]
