"""`webphone simulator`: the one line that other languages know, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import typing
import urllib.error
import urllib.request

import pytest

from webphone import faults

from .conftest import COMMAND, PATIENCE, CommandLine, Run

ENDINGS = [signal.SIGINT, signal.SIGTERM]


def first_line(process: subprocess.Popen[bytes]) -> dict[str, str]:
    assert process.stdout is not None
    description: dict[str, str] = json.loads(process.stdout.readline())
    return description


def fetch(description: dict[str, str], webphone: CommandLine) -> Run:
    """A URL from the simulator that a first line describes."""
    environment = {"TOTALVOICE_ACCESS_TOKEN": description["token"], "WEBPHONE_BASE_URL": description["api"]}
    if "root_certificate_file" in description:
        environment["WEBPHONE_ROOT_CERTIFICATE"] = description["root_certificate_file"]
    webphone.environment.update(environment)
    return webphone("url", "4000", "--json")


@pytest.mark.parametrize("number", ENDINGS)
def test_one_line_then_it_serves_until_a_signal(webphone, number):
    process = webphone.start("simulator")
    description = first_line(process)
    assert list(description) == ["api", "token", "control"]
    assert description["token"] == "Seu_Token"
    assert fetch(description, webphone).code == 0
    with urllib.request.urlopen(f"{description['control']}/requests") as answer:
        assert json.load(answer)["total"] == 1
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, b"", b"")


def test_its_options(webphone):
    options = ["--token", "another-token", "--extensions", "4000, 0042:77", "--url-lifetime", "60", "--rate-limit", "1"]
    process = webphone.start("simulator", *options)
    description = first_line(process)
    assert description["token"] == "another-token"
    with urllib.request.urlopen(f"{description['control']}/extensions") as answer:
        assert json.load(answer) == [{"number": "4000", "id": "104000"}, {"number": "0042", "id": "77"}]
    run = fetch(description, webphone)
    assert run.records[0]["expires_at"]
    assert webphone("url", "4000", "--timeout", "0.3").code == 4


@pytest.mark.parametrize("ending", [*ENDINGS, None])
def test_tls_with_the_certificate_as_text_and_as_file(webphone, ending):
    process = webphone.start("simulator", "--tls", "--until-stdin-closes")
    description = first_line(process)
    assert description["api"].startswith("https://")
    file = description["root_certificate_file"]
    with open(file, encoding="ascii") as text:  # noqa: PTH123
        assert text.read() == description["root_certificate"]
    assert fetch(description, webphone).code == 0
    if ending is not None:
        process.send_signal(ending)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not os.path.exists(file)  # noqa: PTH110


def test_it_ends_with_its_parent_when_told(webphone):
    starter = (
        "import subprocess, sys\n"
        "simulator = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(simulator.stdout.readline().decode(), end='', flush=True)\n"
        "import os; os._exit(9)\n"
    )
    command = [sys.executable, "-c", starter, *COMMAND, "simulator", "--until-stdin-closes"]
    # The simulator holds the parent's stderr: its end is there when the simulator has ended.
    parent = subprocess.run(command, env=webphone.environment, capture_output=True, timeout=PATIENCE, check=False)
    assert parent.returncode == 9
    assert parent.stderr == b""
    assert json.loads(parent.stdout)["api"]


def test_without_being_told_it_does_not_look_at_stdin(webphone):
    process = webphone.start("simulator", stdin=subprocess.DEVNULL)
    assert fetch(first_line(process), webphone).code == 0
    assert process.poll() is None


def section_of_help(webphone: CommandLine, title: str) -> str:
    """What stands in the help below a line that begins so, until the next empty one."""
    text = webphone("simulator", "--help").out
    return text[text.index(f"\n{title}, ") :].strip().split("\n\n")[0]


def curl(line: str, control: str) -> None:
    """Does what a `curl` line does."""
    options = shlex.split(line.replace("$CONTROL", control))
    method, data, url = None, None, options.pop()
    while options:
        name, value = options.pop(0), options.pop(0)
        assert name in ("-X", "--json")
        method, data = (value, data) if name == "-X" else (method, value.encode())
    headers = {} if data is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method or ("GET" if data is None else "POST"))
    with urllib.request.urlopen(request) as answer:
        assert answer.status in (200, 204), line


def test_its_help_shows_the_control_as_it_is(webphone, simulator):
    control = section_of_help(webphone, "control")
    lines = re.findall("curl (.*)", control.partition("\n")[2])
    for line in lines:
        curl(line, simulator.control_url)
    with pytest.raises(urllib.error.HTTPError) as caught:
        curl("$CONTROL/no-such-path", simulator.control_url)
    known = re.findall(r"/\w+", json.load(caught.value)["error"])
    assert len(known) >= 5
    assert [path for path in known if not any(f"$CONTROL{path}" in line for line in lines)] == []


def test_its_help_shows_every_fault(webphone, simulator):
    shown = [re.split(r" {2,}", line.strip())[1] for line in section_of_help(webphone, "faults").splitlines()[1:]]
    for fault in shown:
        curl(f"""--json '{{"fault":{fault},"times":1}}' $CONTROL/faults""", simulator.control_url)
    words = [fault if isinstance(fault, str) else next(iter(fault)) for fault in map(json.loads, shown)]
    assert words == [each.__name__.lower() for each in typing.get_args(faults.Fault)]


def beside(webphone, *options: str, script: str, **more: object):
    return webphone("simulator", *options, "--", sys.executable, "-c", script, **more)


def test_a_command_gets_the_way_to_it(webphone):
    webphone.environment["TOTALVOICE_ACCESS_TOKEN"] = "the real one"
    show = (
        "import os; print([os.environ[name] for name in"
        " ('TOTALVOICE_ACCESS_TOKEN', 'WEBPHONE_BASE_URL', 'WEBPHONE_CONTROL_URL')])"
    )
    run = beside(webphone, "--token", "T", script=show)
    assert run.code == 0
    assert run.out.startswith("['T', 'http://127.0.0.1:")
    assert run.out.count("http://127.0.0.1:") == 2
    assert webphone("simulator", "--tls", "--", *COMMAND, "url", "4000").code == 0


def test_it_ends_with_the_commands_exit_code(webphone):
    assert beside(webphone, script="import sys; sys.exit(7)").code == 7
    assert beside(webphone, script="import os; os.kill(os.getpid(), 9)").code == 128 + 9
    assert webphone("simulator", "--", "no-such-command").code == 127
    assert webphone("simulator", "--", "/").code == 126
    assert webphone("simulator", "--", *COMMAND, "simulator", "--", *COMMAND, "url", "1").code == 3


def test_a_command_reads_stdin_and_has_options_of_its_own(webphone):
    run = beside(webphone, script="import sys; print(sys.stdin.read(), sys.argv)", stdin="hello")
    assert run.out == "hello ['-c']\n"
    assert webphone("simulator", "--", "echo", "--", "--port", "x").out == "-- --port x\n"


@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_reaches_the_command(webphone, number):
    wait = "import time; print('here', flush=True); time.sleep(600)"
    process = webphone.start("simulator", "--", sys.executable, "-c", wait, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert b"webphone" not in err


TOLD = """
import signal, subprocess, sys
from webphone._cli import main, simulator

def tell_after(module, name):
    work = getattr(module, name)

    def told(*arguments, **options):
        done = work(*arguments, **options)
        signal.raise_signal(int(sys.argv[1]))
        return done

    setattr(module, name, told)

# Before the command is there, or when it is there and nobody knows it yet.
tell_after(*{"before": (simulator, "_simulator"), "after": (subprocess, "Popen")}[sys.argv[2]])
sys.exit(main(["simulator", "--", *sys.argv[3:]]))
"""


@pytest.mark.parametrize("number", ENDINGS)
@pytest.mark.parametrize(("moment", "command"), [("before", ["echo", "ran"]), ("after", ["sleep", "600"])])
def test_a_signal_that_comes_early_reaches_the_command_or_keeps_it_away(webphone, number, moment, command):
    run = subprocess.run(
        [sys.executable, "-c", TOLD, str(int(number)), moment, *command],
        env=webphone.environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        start_new_session=True,
    )
    assert (run.returncode, run.stdout, run.stderr) == (128 + number, b"", b"")


def test_a_port_that_is_taken_is_2(webphone, simulator):
    run = webphone("simulator", "--port", simulator.api_url.rpartition(":")[2])
    assert run.code == 2
    assert "port" in run.err
