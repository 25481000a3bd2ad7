"""`webphone url`, and what all of the command line promises: exit codes, the token's ways, no traceback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from webphone import Simulator, faults

from .conftest import PATIENCE, wait_until


def test_the_url_and_nothing_else(webphone, simulator):
    run = webphone("url", "4000")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith(f"{simulator.api_url}/w3/?key=")
    assert run.out.count("\n") == 1


def test_every_flag_reaches_the_api(webphone, simulator):
    flags = ["--id", "--type", "hidden", "--call", "(11) 99999-0000", "--close-at-end"]
    assert webphone("url", "104001", *flags).code == 0
    (request,) = simulator.requests().requests
    assert request.target == "/webphone?id_ramal=104001&tipo=hidden&ligar_para=11999990000&fechar_fim=true"
    assert request.extension == "4001"


def test_json_has_the_fields_of_a_batch(webphone):
    run = webphone("url", "4000", "--json", "--type", "embedded")
    (record,) = run.records
    assert record.pop("url").startswith("http://127.0.0.1:")
    assert record == {
        "ramal": "4000",
        "id_ramal": None,
        "tipo": "embedded",
        "expires_at": None,
        "error": None,
        "api_text": None,
    }


def test_the_console_script_is_the_same(webphone):
    script = Path(sys.executable).with_name("webphone")
    run = subprocess.run([script, "url", "4000"], env=webphone.environment, capture_output=True, text=True, check=True)
    assert run.stdout == webphone("url", "4000").out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "usage"),
        (["url"], "usage"),
        (["uurl", "4000"], "invalid choice"),
        (["url", "4000", "4001"], "1 arguments too many"),
        (["url", "4000", "--typ", "hidden"], "no option --typ"),
        (["url", "4000", "--type", "popup"], "invalid choice"),
        (["url", "4000", "--call", "0800-FLOWERS"], "--call holds a letter"),
        (["url", "4000", "--timeout", "0"], "`--timeout` has to be 1 to 600000 milliseconds"),
        (["url", "4000", "--timeout", "nan"], "`--timeout` is not a number"),
        (["url", "4000", "--base-url", "http://api.example"], "`--base-url` is http"),
        (["url", "4000", "--base-url", ""], "`--base-url` is empty"),
        (["url", "4000", "--root-certificate", "no-such-file"], "can't read"),
        (["url", "4000", "--root-certificate", "/dev/null"], "`--root-certificate` holds"),
        (["url", ""], "`ramal` is empty"),
        (["url", " "], "`ramal`"),
        (["url", "40&00"], "`ramal`"),
        (["url", "40\n00"], "`ramal`"),
        (["url", "4" * 10_000], "`ramal`"),
        (["url", "a#", "--id"], "`id_ramal`"),
        (["bulk"], "usage"),
        (["bulk", "-", "--concurrency", "0"], "`--concurrency`"),
        (["bulk", "-", "--concurrency", "many"], "invalid int"),
        (["bulk", "-", "--rate", "nan"], "`--rate`"),
        (["bulk", "-", "--format", "xml"], "invalid choice"),
        (["bulk", "-", "--resume"], "--output"),
        (["bulk", "no-such-file"], "can't read no-such-file"),
        (["bulk", "."], "can't read .: Is a directory"),
        (["simulator", "--port", "65536"], "`--port`"),
        (["simulator", "--token", ""], "`--token`"),
        (["simulator", "--extensions", "4000,4000"], "`--extensions`"),
        (["simulator", "--extensions", "4000:1,4001:1"], "`--extensions`"),
        (["simulator", "--rate-limit", "0"], "`--rate-limit`"),
        (["simulator", "--url-lifetime", "nan"], "`--url-lifetime`"),
        (["simulator", "--url-lifetime", "-1"], "`--url-lifetime`"),
        (["simulator", "--until-stdin-closes", "--", "true"], "--until-stdin-closes"),
    ],
)
def test_wrong_usage_and_input_are_2(webphone_here, simulator, arguments, part):
    run = webphone_here(*arguments)
    assert run.code == 2, run.err
    assert part in run.err
    assert run.out == ""
    assert simulator.requests().total == 0


def test_the_base_url_is_an_option_too(webphone, simulator):
    webphone.environment["WEBPHONE_BASE_URL"] = "https://nobody.invalid"
    there = ["--base-url", simulator.api_url]
    assert webphone("url", "4000", *there).code == 0
    assert webphone("bulk", "-", *there, stdin="4001\n").code == 0
    assert [request.extension for request in simulator.requests().requests] == ["4000", "4001"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOTALVOICE_ACCESS_TOKEN", "a b"),
        ("WEBPHONE_BASE_URL", "http://api.example"),
        ("WEBPHONE_ROOT_CERTIFICATE", "/dev/null"),
    ],
)
def test_what_is_wrong_in_the_environment_has_its_name(webphone, variable, value):
    webphone.environment[variable] = value
    run = webphone("url", "4000")
    assert run.code == 2
    assert f"webphone: `{variable}` " in run.err


def test_no_token_is_2(webphone):
    del webphone.environment["TOTALVOICE_ACCESS_TOKEN"]
    run = webphone("url", "4000")
    assert run.code == 2
    assert "TOTALVOICE_ACCESS_TOKEN" in run.err
    assert "--token-file" in run.err


@pytest.mark.parametrize(
    "spelling", [["--token", "S3CR3T"], ["--token=S3CR3T"], ["--access-token", "S3CR3T"], ["S3CR3T"]]
)
def test_a_token_is_no_argument_and_is_not_repeated(webphone, spelling):
    run = webphone("url", "4000", *spelling)
    assert run.code == 2
    assert "S3CR3T" not in run.err


def test_the_token_file(webphone, simulator, tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{simulator.token}\n")
    file.chmod(0o600)
    webphone.environment["TOTALVOICE_ACCESS_TOKEN"] = "wrong"
    assert webphone("url", "4000", "--token-file", file).err == ""
    file.chmod(0o640)
    run = webphone("url", "4000", "--token-file", file)
    assert run.code == 0
    assert f"chmod 600 {file}" in run.err


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"t" * (2 << 20), "não".encode()])
def test_a_wrong_token_file_is_2(webphone, simulator, tmp_path, content):
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(0o600)
    assert webphone("url", "4000", "--token-file", file).code == 2
    assert webphone("url", "4000", "--token-file", tmp_path / "none").code == 2
    assert simulator.requests().total == 0


def test_refused_is_3(webphone):
    run = webphone("url", "4009")
    assert (run.code, run.out) == (3, "")
    assert "Ramal" in run.err
    webphone.environment["TOTALVOICE_ACCESS_TOKEN"] = "wr0ng"
    run = webphone("url", "4000")
    assert run.code == 3
    assert "token" in run.err


@pytest.mark.parametrize("fault", [faults.Fail(503), faults.Fail(429), faults.Reset(), faults.Delay(5)])
def test_a_temporary_failure_is_4(webphone, simulator, fault):
    simulator.add_fault(fault)
    assert webphone("url", "4000", "--timeout", "0.5").code == 4


def test_nobody_there_is_4(webphone, simulator):
    simulator.close()
    assert webphone("url", "4000", "--timeout", "0.5").code == 4


@pytest.mark.parametrize(
    "fault",
    [
        faults.Garbage(),
        faults.Oversized(1 << 30),
        faults.Answer(200),
        faults.Answer(200, "<html>"),
        faults.Answer(302, headers={"Location": "https://elsewhere.example/"}),
        faults.Answer(200, b"\xff\xfe{\x00}\x00"),
        faults.Answer(200, json.dumps({"sucesso": True, "dados": {"url": "http://public.example/w3/?key=K"}})),
    ],
)
def test_an_answer_that_is_not_the_apis_is_5(webphone, simulator, fault):
    simulator.add_fault(fault)
    assert webphone("url", "4000").code == 5


def test_who_is_not_trusted_is_5(webphone, tmp_path):
    with Simulator(tls=True) as simulator:
        webphone.environment["WEBPHONE_BASE_URL"] = simulator.api_url
        assert webphone("url", "4000").code == 5
        certificate = tmp_path / "root.pem"
        certificate.write_text(simulator.root_certificate)
        assert webphone("url", "4000", "--root-certificate", certificate).code == 0
        webphone.environment["WEBPHONE_ROOT_CERTIFICATE"] = str(certificate)
        assert webphone("url", "4000").code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_without_a_word(webphone, simulator, number, code):
    simulator.add_fault(faults.Delay(3600))
    process = webphone.start("url", "4000", "--timeout", "600")
    wait_until(lambda: simulator.requests(0).in_flight == 1)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (code, b"", b"")
    wait_until(lambda: simulator.requests(0).in_flight == 0)


@pytest.mark.parametrize("command", [[], ["url"], ["bulk"], ["simulator"]])
def test_help_says_the_exit_codes(webphone, command):
    run = webphone(*command, "--help")
    assert run.code == 0
    assert "exit codes:" in run.out


def test_a_reader_that_has_gone_is_no_traceback(webphone):
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as gone:
        gone.wait()
        for arguments in ["url", "4000"], ["--help"]:
            run = webphone(*arguments, stdout=gone.stdin)
            assert run.code == 141
            assert run.err == ""
