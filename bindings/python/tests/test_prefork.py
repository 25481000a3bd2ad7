"""A real pre-fork server: gunicorn loads the application, with clients in use, before it forks its workers."""

# The checker does not know pytest's `conftest`.
# mypy: disable-error-code="import-not-found"

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from conftest import Simulator, until

APPLICATION = """
import asyncio, os
import webphone

EXTENSION = webphone.Extension.number(4000)
client, aclient = webphone.Client(), webphone.AsyncClient()

def fetched():
    "One URL, fetched in every way there is."
    async def main():
        return await aclient.fetch(EXTENSION)
    (url,) = {
        client.fetch(EXTENSION),
        asyncio.run(main()),
        *(result.unwrap() for result in client.fetch_many([EXTENSION] * 20)),
    }
    return url

# In use before the fork: connections, lanes, the runtime and a wake queue are there. Its logs go on in the workers.
webphone.enable_logging(1)
before = fetched()

def application(environ, start_response):
    assert fetched() == before
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""


class Server:
    """gunicorn on a Unix socket."""

    def __init__(self, process: subprocess.Popen[bytes], address: str) -> None:
        self._process = process
        self._address = address

    def worker(self) -> int:
        """The process id of the worker that answers."""
        connection = HTTPConnection("localhost")
        with socket.socket(socket.AF_UNIX) as connection.sock:
            connection.sock.settimeout(60)
            connection.sock.connect(self._address)
            connection.request("GET", "/")
            answer = connection.getresponse()
            body = answer.read()
        assert answer.status == 200, body
        return int(body)

    def workers(self) -> set[int]:
        """The process ids of the workers that there are."""
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return {int(pid) for thread in threads for pid in (thread / "children").read_text().split()}

    def every_worker_answers(self) -> set[int]:
        """Asks until each of the three has answered."""
        answered: set[int] = set()
        with ThreadPoolExecutor(12) as pool:

            def all_have() -> bool:
                answered.update(pool.map(lambda _: self.worker(), range(24)))
                return len(answered & self.workers()) == 3

            until(all_have)
        return answered

    def end(self) -> tuple[int, str]:
        """Ends it as a service manager does: its exit code, and all that it and its workers said."""
        self._process.send_signal(signal.SIGTERM)
        said, _ = self._process.communicate(timeout=60)
        return self._process.returncode, said.decode()


def listens(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(address)) == 0


@contextmanager
def gunicorn(folder: Path, simulator: Simulator, *options: str) -> Iterator[Server]:
    (folder / "served.py").write_text(APPLICATION)
    address = folder / "socket"
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers=3", "--no-control-socket", *options]
    command += ["--chdir", str(folder), "--bind", f"unix:{address}", "served:application"]
    environment = {**os.environ, "WEBPHONE_BASE_URL": simulator.api_url, "TOTALVOICE_ACCESS_TOKEN": simulator.token}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            until(lambda: listens(address) or process.poll() is not None)
            assert process.poll() is None, process.communicate()[0].decode()
            yield Server(process, str(address))
        finally:
            process.kill()


@pytest.mark.parametrize("kind", [["sync"], ["gthread", "--threads=4"]], ids=lambda kind: kind[0])
def test_clients_made_before_the_fork_serve_in_every_worker(simulator, tmp_path, kind):
    with gunicorn(tmp_path, simulator, "--worker-class", *kind) as server:
        answered = server.every_worker_answers()

        # The next worker is forked from a parent that stood still since, and ends like any other.
        killed = answered.pop()
        os.kill(killed, signal.SIGKILL)
        until(lambda: killed not in server.workers())
        assert server.every_worker_answers() - answered

        code, said = server.end()
    assert code == 0, said
    assert [line for line in said.splitlines() if "[INFO]" not in line and "SIGKILL" not in line] == []


def test_workers_come_and_go(simulator, tmp_path):
    with gunicorn(tmp_path, simulator, "--max-requests=5") as server:
        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(lambda _: server.worker(), range(60)))) >= 6
        code, said = server.end()
    assert code == 0, said
    assert [line for line in said.splitlines() if "[INFO]" not in line and "Autorestarting" not in line] == []
