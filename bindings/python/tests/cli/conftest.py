"""What the tests of the command line share: running it as users do, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from webphone import Simulator
from webphone._cli import main

PATIENCE = 60
"""Seconds after which something hangs. No test waits for it to pass."""

# The same examples in every run, and no verdict by the clock: machines are busy at times.
settings.register_profile(
    "webphone", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("webphone")

COMMAND = [sys.executable, "-m", "webphone"]


@dataclass
class Run:
    """A run that has ended."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, str | None]]:
        """What stdout holds as NDJSON."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class CommandLine:
    """`webphone`, with an environment that leads to one simulator."""

    environment: dict[str, str]
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[bytes]:
        """A run that goes on; it is ended after the test if it has not by then."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [*COMMAND, *map(str, arguments)], env=self.environment, cwd=self.folder, **{**pipes, **options}
        )
        self.running.append(process)
        return process

    def __call__(self, *arguments: object, stdin: bytes | str = b"", **options: Any) -> Run:
        """A run from its start to its end."""
        process = self.start(*arguments, **options)
        data = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = process.communicate(data, timeout=PATIENCE)
        return checked(Run(process.returncode, (out or b"").decode(), (err or b"").decode()), self.environment)


def checked(run: Run, environment: dict[str, str]) -> Run:
    """A run, whose messages hold no traceback and no secret."""
    assert "Traceback" not in run.err
    assert "key=" not in run.err
    assert "signature=" not in run.err
    token = environment.get("TOTALVOICE_ACCESS_TOKEN")
    assert not token or token not in run.err
    return run


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that another process brings about."""
    for _ in range(PATIENCE * 100):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it does not come")


@pytest.fixture
def simulator(webphone_simulator: Simulator) -> Simulator:
    return webphone_simulator


@pytest.fixture
def webphone(simulator: Simulator, tmp_path: Path) -> Iterator[CommandLine]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("WEBPHONE_", "TOTALVOICE_", "PYTHON"))
    }
    environment = {
        **inherited,
        "TOTALVOICE_ACCESS_TOKEN": simulator.token,
        "WEBPHONE_BASE_URL": simulator.api_url,
    }
    command_line = CommandLine(environment, tmp_path)
    yield command_line
    for process in command_line.running:
        process.kill()
        # Closes its pipes, too.
        with suppress(BrokenPipeError), process:
            pass


@pytest.fixture
def webphone_here(
    webphone: CommandLine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Run]]:
    """As `webphone`, in this process: for many runs that differ only in what they are given."""
    # A command that serves keeps its handlers: its process is its own.
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.chdir(webphone.folder)
    for name, value in webphone.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> Run:
        code = main([*map(str, arguments)])
        said = capsys.readouterr()
        return checked(Run(code, said.out, said.err), webphone.environment)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)
