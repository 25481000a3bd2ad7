"""The vendor's own clients, and its documentation's examples, against the simulated API: changed is the base URL alone.

Each program beside this file takes the parameters of one request, and prints the answer that its client gave it.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from webphone import Extension, PhoneType, Simulator, TokenCheck

HERE = Path(__file__).parent
DOCUMENTATION = HERE.parents[1] / "src" / "simulator" / "mod.rs"

Parameters = dict[str, Any]


def ask_by_curl(parameters: Parameters, root: str) -> list[str]:
    return ["bash", str(HERE / "fetch.sh"), urlencode(parameters)]


def ask_by_php(parameters: Parameters, root: str) -> list[str]:
    return ["php", "-d", f"curl.cainfo={root}", str(HERE / "fetch.php"), json.dumps(parameters)]


def ask_by_node(parameters: Parameters, root: str) -> list[str]:
    return ["node", str(HERE / "fetch.js"), json.dumps(parameters)]


def ask_by_python(parameters: Parameters, root: str) -> list[str]:
    return [sys.executable, str(HERE / "fetch.py"), json.dumps(parameters)]


AGENTS: dict[Callable[[Parameters, str], list[str]], str] = {
    ask_by_curl: "curl/",
    ask_by_php: "",
    ask_by_node: "lib-node/",
    ask_by_python: "lib-python/",
}
"""What each calls itself, to be sure that it is who asked."""


@pytest.fixture(params=[False, True], ids=["http", "https"])
def simulator(request) -> Iterator[Simulator]:
    with Simulator(tls=request.param) as simulator:
        yield simulator


@pytest.fixture(params=AGENTS, ids=lambda ask: ask.__name__.removeprefix("ask_by_"))
def ask(request, simulator, tmp_path):
    root = tmp_path / "root.pem"
    root.write_text(simulator.root_certificate or "")

    def asked(parameters: Parameters, token: str = simulator.token) -> Any:
        """The answer; the client has to be the one that was asked to ask."""
        environment = {**os.environ, "TOTALVOICE_ACCESS_TOKEN": token, "WEBPHONE_BASE_URL": simulator.api_url}
        if simulator.root_certificate:
            environment |= dict.fromkeys(("CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"), str(root))
        command = request.param(parameters, str(root) if simulator.root_certificate else "")
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (run.returncode, run.stderr) == (0, "")
        (record,) = simulator.requests().requests
        assert (record.user_agent or "").startswith(AGENTS[request.param])
        return json.loads(run.stdout)

    return asked


@pytest.mark.parametrize("kind", PhoneType)
def test_a_phone_with_every_parameter(simulator, ask, kind):
    # Each language writes the number and the truth in its own way.
    parameters = {"tipo": kind.value, "ramal": 4001, "ligar_para": 4832830151, "fechar_fim": True}
    answer = ask(parameters)
    simulator.forget_requests()
    with simulator.client() as client:
        url = client.fetch(Extension.number(4001), type=kind, call_on_open="4832830151", close_at_end=True)
    assert answer == {
        "status": 200,
        "sucesso": True,
        "motivo": 0,
        "mensagem": "url webphone",
        "dados": {"url": url.reveal()},
    }


def test_a_phone_by_the_id_of_its_extension(simulator, ask):
    url = ask({"id_ramal": "104000"})["dados"]["url"]
    (record,) = simulator.requests().requests
    assert (record.extension, record.token, record.http_status) == ("4000", TokenCheck.RIGHT, 200)
    assert url.startswith(f"{simulator.api_url}/w3/?key=")


@pytest.mark.parametrize(
    ("parameters", "status", "motivo"),
    [
        ({"ramal": "4009"}, 404, 60),
        ({"ramal": "4000", "tipo": "popup"}, 405, 11),
        ({"tipo": "hidden"}, 405, 10),
        ({"ramal": "4000", "id_ramal": "104001"}, 405, 11),
    ],
)
def test_a_refusal(ask, parameters, status, motivo):
    answer = ask(parameters)
    assert (answer["sucesso"], answer["status"], answer["motivo"], answer["dados"]) == (False, status, motivo, None)
    assert answer["mensagem"]


def test_a_wrong_token(ask):
    answer = ask({"ramal": "4000"}, token="wrong")
    assert (answer["sucesso"], answer["status"], answer["motivo"]) == (False, 401, 40)


def test_the_documentation_s_curl_lines(webphone_simulator):
    environment = {**os.environ, "API": webphone_simulator.api_url, "CONTROL": webphone_simulator.control_url}
    found = re.findall(r"^//! (curl .*)$|`(curl .*)` \|$", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    # Those of the phones want one that is open: they are run where there is one, with the simulator's own tests.
    lines = [line for line in map("".join, found) if "/phones" not in line]
    assert len(lines) == 20
    for line in lines:
        command = line.replace("curl", "curl --fail --silent --show-error", 1)
        run = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (0, ""), line
        # What answers, answers in JSON.
        assert not run.stdout or json.loads(run.stdout) is not None, line
