"""`webphone simulator`: the API on this machine, until it is told to stop or while a command runs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from webphone import SimulatedExtension, Simulator

from .access import BASE_URL_VARIABLE, ROOT_CERTIFICATE_VARIABLE, TOKEN_VARIABLE
from .arguments import SimulatorCommand
from .exits import SIGNALLED, Exit, UserError, named

CONTROL_URL_VARIABLE = "WEBPHONE_CONTROL_URL"

_FLAGS = {
    "port": "--port",
    "token": "--token",
    "number": "--extensions",
    "id": "--extensions",
    "per_second": "--rate-limit",
    "url_lifetime": "--url-lifetime",
}


def run(command: SimulatorCommand) -> int:
    """Serve, and give the exit code: 0, or that of the command beside it.

    Raises:
        UserError: The command can't be run.
        InvalidError: An option is out of its range.
    """
    # Before anything is said: whoever reads the first line may send a signal at once.
    # A queue of this kind may be told from within a signal handler.
    told: SimpleQueue[int] = SimpleQueue()
    _on_signals(told.put)
    with _simulator(command) as simulator, _certificate_file(simulator) as certificate:
        if command.command:
            return _run_beside(command.command, simulator, certificate, told)
        sys.stdout.write(json.dumps(_description(simulator, certificate)) + "\n")
        sys.stdout.flush()
        if command.until_stdin_closes:
            threading.Thread(target=_tell_end_of_stdin, args=(told,), daemon=True).start()
        told.get()
    return Exit.DONE


def _simulator(command: SimulatorCommand) -> Simulator:
    extensions = command.extensions
    with named(_FLAGS):
        return Simulator(
            command.token,
            port=command.port,
            extensions=None if extensions is None else [SimulatedExtension(*each) for each in extensions],
            tls=command.tls,
            rate_limit=command.rate_limit,
            url_lifetime=command.url_lifetime,
        )


def _description(simulator: Simulator, certificate: str | None) -> dict[str, str]:
    """The first line. Whoever starts a simulator from another language has nothing else: it must stay stable."""
    description = {"api": simulator.api_url, "token": simulator.token, "control": simulator.control_url}
    pem = simulator.root_certificate
    if pem is not None and certificate is not None:
        description |= {"root_certificate": pem, "root_certificate_file": certificate}
    return description


@contextmanager
def _certificate_file(simulator: Simulator) -> Iterator[str | None]:
    """The path of the certificate to trust, for programs that take it as a file; none without TLS."""
    pem = simulator.root_certificate
    if pem is None:
        yield None
        return
    descriptor, path = tempfile.mkstemp(prefix="webphone-simulator-", suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(pem)
        yield path
    finally:
        Path(path).unlink(missing_ok=True)


def _tell_end_of_stdin(told: SimpleQueue[int]) -> None:
    # Straight from the system: Python can't end while a thread holds the lock of `sys.stdin`.
    with contextlib.suppress(OSError):
        while os.read(0, 65_536):
            pass
    told.put(0)


def _run_beside(command: Sequence[str], simulator: Simulator, certificate: str | None, told: SimpleQueue[int]) -> int:
    environment = {
        **os.environ,
        TOKEN_VARIABLE: simulator.token,
        BASE_URL_VARIABLE: simulator.api_url,
        CONTROL_URL_VARIABLE: simulator.control_url,
    }
    environment.pop(ROOT_CERTIFICATE_VARIABLE, None)
    if certificate is not None:
        environment[ROOT_CERTIFICATE_VARIABLE] = certificate
    if not told.empty():
        return SIGNALLED + told.get()
    try:
        child = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        raise UserError(f"there is no command {command[0]}", Exit.NOT_FOUND) from None
    except OSError as error:
        raise UserError(f"can't run {command[0]}: {error.strerror}", Exit.NOT_EXECUTABLE) from None
    # Who is asked to end is the command, and the simulator with it. A terminal asks it itself.
    asked_by_terminal = _in_foreground()
    _on_signals(lambda number: None if number == signal.SIGINT and asked_by_terminal else child.send_signal(number))
    # What came while it was started: whether a terminal told the command too, nobody knows.
    while not told.empty():
        child.send_signal(told.get())
    code = child.wait()
    return code if code >= 0 else SIGNALLED - code


def _in_foreground() -> bool:
    """Whether Ctrl-C in a terminal reaches this program, and so what it started."""
    if os.name != "posix":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


def _on_signals(handle: Callable[[int], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: handle(received))
