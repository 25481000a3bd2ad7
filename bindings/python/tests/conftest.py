"""What the tests share: a simulated API, and scripts that run in a process of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import pytest

import webphone
from webphone import Client, Extension
from webphone._core import native

EXTENSION = Extension.number(4000)

# A shell without job control starts what is in its background with SIGINT ignored, and a program that inherits that
# can't be interrupted. Here programs are.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The generated variants are not what they look like to a type checker.
DELAY, FAIL = (vars(native.Fault)[name] for name in ("DELAY", "FAIL"))


class Simulator:
    """The simulated API of the library, in this process; scripts in other processes use it by its address."""

    def __init__(self) -> None:
        self._native = native.Simulator.start(config=native.SimulatorConfig())
        self.api_url: str = self._native.api_url()
        self.token: str = self._native.token()

    def set_fault(self, fault: native.Fault | None, times: int | None = None, extension: str | None = None) -> None:
        self._native.clear_faults()
        if fault is not None:
            self._native.add_fault(native.FaultRule(fault=fault, times=times, extension=extension))

    def stall(self, extension: str | None = None) -> None:
        """From now on, no answer comes within the time of a test: none at all, or none for one extension."""
        self.set_fault(DELAY(600_000), extension=extension)

    def fail(self, http_status: int, retry_after_ms: int | None = None, times: int | None = None) -> None:
        self.set_fault(FAIL(http_status, retry_after_ms), times)

    def delay(self, ms: int) -> None:
        self.set_fault(DELAY(ms))

    def requests(self) -> list[str]:
        """The paths and queries that were asked for."""
        return [request.target for request in self._native.requests().requests]

    @property
    def in_flight(self) -> int:
        """How many requests wait for their answers, and have not given up."""
        return self._native.requests(0).in_flight

    @property
    def total(self) -> int:
        return self._native.requests(0).total


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    simulator = Simulator()
    yield simulator
    simulator._native.shut_down()


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    with Client(simulator.token, base_url=simulator.api_url, max_retries=0) as client:
        yield client


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Waits for something that another process or thread brings about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)


@pytest.fixture
def script(simulator: Simulator, tmp_path: Path) -> Script:
    return Script(simulator, tmp_path)


class Script:
    """Runs Python text in a process of its own, with the simulator's address and token in its environment."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "WEBPHONE_BASE_URL": simulator.api_url,
            "TOTALVOICE_ACCESS_TOKEN": simulator.token,
            # The installed package, also where these tests are not started from.
            "PYTHONPATH": str(Path(webphone.__file__).parents[1]),
        }

    def write(self, text: str) -> Path:
        path = self._folder / f"script-{crc32(text.encode()):08x}.py"
        if not path.exists():
            # In one piece: others may run it already.
            whole = path.with_suffix(f".{threading.get_ident()}")
            whole.write_text(textwrap.dedent(text))
            whole.replace(path)
        return path

    @contextmanager
    def started(self, text: str, *options: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, *options, str(self.write(text))]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, env=self._environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        with process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, text: str, *options: str, seconds: float = 300) -> str:
        """What it printed. It has to end well, with nothing on stderr, and has time to where many others run."""
        with self.started(text, *options) as process:
            out, err = process.communicate(timeout=seconds)
            assert (process.returncode, err) == (0, ""), err
            return out
