"""`webphone bulk`: what it reads, writes, keeps and says, as a process of its own."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import pty
import re
import resource
import signal
import stat
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from webphone import Simulator, faults

from .conftest import COMMAND, PATIENCE, CommandLine, Run, checked, wait_until

FIELDS = ["ramal", "id_ramal", "tipo", "url", "expires_at", "error", "api_text"]


def records_of(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def asked_for(simulator: Simulator) -> list[str | None]:
    return [request.extension for request in simulator.requests().requests]


def numbers(count: int) -> list[str]:
    return [str(5000 + number) for number in range(count)]


@pytest.fixture
def many(simulator) -> list[str]:
    """The numbers of a thousand extensions of the simulator."""
    simulator.extensions = numbers(1000)
    return numbers(1000)


def test_records_come_in_the_order_of_the_rows(webphone, many):
    run = webphone("bulk", "-", "--concurrency", "64", stdin="\n".join(many))
    assert run.code == 0
    assert [record["ramal"] for record in run.records] == many
    assert all(list(record) == FIELDS for record in run.records)
    assert all(record["url"] and not record["error"] for record in run.records)
    assert run.err == "webphone: 1,000 fetched, 0 failed.\n"


def test_csv_out_of_csv_in(webphone, simulator):
    simulator.reset()
    table = "ramal;nome;tipo;ligar_para;fechar_fim\n4001;Zé;hidden;*8#;1\n0042;;;;\n4000;;EMBEDDED;;\n=1+1;;;;\n"
    run = webphone("bulk", "-", "--format", "csv", "--encoding", "cp1252", stdin=table.encode("cp1252"))
    assert run.code == 1
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [row["ramal"] for row in rows] == ["4001", "0042", "4000", "'=1+1"]
    assert [row["tipo"] for row in rows] == ["hidden", "floating", "embedded", "floating"]
    assert [row["error"].split(":")[:2] for row in rows] == [[""], ["refused", " line 3"], [""], ["invalid", " line 5"]]
    assert rows[1]["api_text"] == "Ramal não encontrado"
    assert "columns that are not used: nome" in run.err
    targets = {request.target for request in simulator.requests().requests}
    assert "/webphone?ramal=4001&tipo=hidden&ligar_para=*8%23&fechar_fim=true" in targets
    assert len(targets) == 3


def test_the_flags_of_url_are_the_defaults_of_every_row(webphone, simulator):
    flags = ["--concurrency", "1", "--type", "hidden", "--call", "(48) 3283-0151", "--close-at-end"]
    assert webphone("bulk", "-", "--id", *flags, stdin="104000\n").code == 0
    table = "id_ramal,tipo,ligar_para,fechar_fim\n104001,,,\n104001,embedded,*8,0\n"
    assert webphone("bulk", "-", *flags, stdin=table).code == 0
    defaults = "tipo=hidden&ligar_para=4832830151&fechar_fim=true"
    assert [request.target for request in simulator.requests().requests] == [
        f"/webphone?id_ramal=104000&{defaults}",
        f"/webphone?id_ramal=104001&{defaults}",
        "/webphone?id_ramal=104001&tipo=embedded&ligar_para=*8",
    ]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_spreadsheet_s_file_keeps_its_zeros(webphone, simulator, tmp_path, delimiter):
    simulator.extensions = ["0042", "007"]
    rows = [["tipo", "ramal"], ["hidden", "0042"], ["", "007"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "in.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    for form in "ndjson", "csv":
        run = webphone("bulk", "in.csv", "--concurrency", "1", "--format", form, "--output", form)
        assert (run.code, run.out) == (0, ""), run.err
    held = csv.DictReader(io.StringIO((tmp_path / "csv").read_text()))
    for records in records_of(tmp_path / "ndjson"), list(held):
        assert [(record["ramal"], record["tipo"]) for record in records] == [("0042", "hidden"), ("007", "floating")]
    assert asked_for(simulator) == ["0042", "007"] * 2


def test_wrong_rows_fail_each_for_itself(webphone, simulator):
    run = webphone("bulk", "-", "--type", "hidden", stdin="4000\nx\n4001\n" + "4" * 10_000 + "\n4000\n")
    assert run.code == 1
    assert [record["url"] is not None for record in run.records] == [True, False, True, False, True]
    assert "line 2: `ramal`" in (run.records[1]["error"] or "")
    assert sorted(map(str, asked_for(simulator))) == ["4000", "4000", "4001"]


def test_a_batch_of_nothing_is_done(webphone):
    assert webphone("bulk", "-") == Run(0, "", "webphone: 0 fetched, 0 failed.\n")
    assert webphone("bulk", "-", "--format", "csv").out == ",".join(FIELDS) + "\n"


def test_a_wrong_shape_is_2_before_anything_is_sent_or_made(webphone, simulator, tmp_path):
    run = webphone("bulk", "-", "--output", "out", stdin="name,type\nAna,hidden\n")
    assert run.code == 2
    assert not (tmp_path / "out").exists()
    assert simulator.requests().total == 0


def test_a_refused_token_ends_the_batch_with_3(webphone, simulator, many):
    webphone.environment["TOTALVOICE_ACCESS_TOKEN"] = "wr0ng-token"
    run = webphone("bulk", "-", "--concurrency", "2", stdin="\n".join(many))
    assert run.code == 3
    assert len(run.records) == 1000
    assert "fix it" in run.err
    assert simulator.requests().total < 100
    assert (run.records[-1]["error"] or "").startswith("not_tried: line 1000:")


def test_the_rate_is_kept(webphone, simulator, many):
    simulator.close()
    with Simulator(extensions=many, rate_limit=50) as limited:
        webphone.environment["WEBPHONE_BASE_URL"] = limited.api_url
        assert webphone("bulk", "-", "--rate", "100", stdin="\n".join(many[:60])).code == 0
        log = limited.requests().requests
        assert (log[-1].at - log[0].at).total_seconds() >= 0.5


def test_the_output_is_for_nobody_else(webphone, tmp_path):
    before = os.umask(0)
    try:
        assert webphone("bulk", "-", "--output", "out", stdin="4000\n").code == 0
    finally:
        os.umask(before)
    out = tmp_path / "out"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(records_of(out)) == 1


def test_what_is_there_is_not_overwritten(webphone, simulator, tmp_path):
    (tmp_path / "out").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    for name in ("out", "dangling", ".", "no/such/folder", "/dev/null"):
        assert webphone("bulk", "-", "--output", name, stdin="4000\n").code == 2, name
    assert (tmp_path / "out").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
    assert simulator.requests().total == 0


def test_what_is_not_ours_is_not_resumed(webphone, simulator, tmp_path):
    (tmp_path / "out").write_text("mine")
    (tmp_path / "list").write_text("4000\n")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    for name in ("out", "link", ".", "list", "/dev/null"):
        run = webphone("bulk", "list", "--output", name, "--resume")
        assert run.code == 2, name
    assert (tmp_path / "out").read_text() == "mine"
    assert simulator.requests().total == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "list", "out"]


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_resume_does_only_what_is_not_held(webphone, simulator, tmp_path, form):
    def run(*more: str, stdin: str = "4000\n4001\n4000\n4001\n"):
        return webphone("bulk", "-", "--format", form, "--output", "out", *more, stdin=stdin)

    def held() -> list[str | None]:
        text = out.read_text()
        rows = csv.DictReader(io.StringIO(text)) if form == "csv" else map(json.loads, text.splitlines())
        return [row["ramal"] for row in rows if row["url"]]

    out = tmp_path / "out"
    simulator.add_fault(faults.Fail(500), extension=4001, times=1)
    assert run("--concurrency", "1").code == 1
    assert held() == ["4000", "4000", "4001"]
    simulator.forget_requests()
    done = run("--resume")
    assert (done.code, asked_for(simulator)) == (0, ["4001"])
    assert "1 fetched, 0 failed, 3 held already" in done.err
    assert held() == ["4000", "4000", "4001", "4001"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600

    # All is held: nothing changes.
    before = out.stat().st_ino, out.read_bytes()
    simulator.forget_requests()
    assert run("--resume").code == 0
    assert (before, simulator.requests().total) == ((out.stat().st_ino, out.read_bytes()), 0)

    # A last line that breaks off is due again, whatever else came into the input.
    out.write_bytes(before[1][:-30])
    assert run("--resume", stdin="4000\n4001\n4000\n4001\n4001\n").code == 0
    assert asked_for(simulator) == ["4001", "4001"]
    assert held() == ["4000", "4000", "4001", "4001", "4001"]
    # Another type is another URL.
    assert run("--resume", "--type", "hidden", stdin="4000\n").code == 0
    assert len(held()) == 6


CALLING = "ramal,ligar_para,fechar_fim\n"


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_resume_tells_rows_apart_by_all_that_they_ask_for(webphone, simulator, tmp_path, form):
    def run(*more: str, stdin: str):
        simulator.forget_requests()
        options = ["--format", form, "--output", "out", "--concurrency", "1"]
        return webphone("bulk", "-", *options, *more, stdin=stdin)

    def sent() -> list[str]:
        return [request.target.partition("&")[2] for request in simulator.requests().requests]

    out = tmp_path / "out"
    # The first fails, the others don't: they differ in nothing else than whom the phone calls, and when it closes.
    rows = ["4000,(11) 3333-0001,", "4000,1133330002,", "4000,1133330001,1", "4000,,", "4000,*8#,"]
    simulator.add_fault(faults.Fail(500), times=1)
    assert run(stdin=CALLING + "\n".join(rows)).code == 1
    assert len(out.read_text().splitlines()) == len(rows) + (form == "csv")
    again = run("--resume", stdin=CALLING + "\n".join(rows))
    assert (again.code, sent()) == (0, ["tipo=floating&ligar_para=1133330001"]), again.err
    assert "1 fetched, 0 failed, 4 held already" in again.err
    assert run("--resume", stdin=CALLING + "\n".join(reversed(rows))).code == 0
    assert sent() == []

    # In any order, and however the number is written; one URL does for one row.
    written = ["4000,*8#,0", "4000,11-3333-0001,", "4000,+55 11 3333 0001,TRUE", "4000,*8#,"]
    assert run("--resume", stdin=CALLING + "\n".join(written)).code == 0
    assert sent() == ["tipo=floating&ligar_para=*8%23"]

    # What counts for all rows is a part of each.
    for more in ["--call", "1133330009"], ["--close-at-end"]:
        assert run("--resume", *more, stdin="4000\n").code == 0
        assert len(sent()) == 1, more
        assert run("--resume", *more, stdin="4000\n").code == 0
        assert sent() == [], more


def test_resume_renews_what_has_expired(webphone, tmp_path):
    out = tmp_path / "out"
    with Simulator(url_lifetime=0) as expiring:
        webphone.environment["WEBPHONE_BASE_URL"] = expiring.api_url
        assert webphone("bulk", "-", "--output", "out", stdin="4000\n4001\n").code == 0
    with Simulator(url_lifetime=3600) as lasting:
        webphone.environment["WEBPHONE_BASE_URL"] = lasting.api_url
        for _ in range(2):
            assert webphone("bulk", "-", "--output", "out", "--resume", stdin="4000\n4001\n").code == 0
        assert asked_for(lasting) == ["4000", "4001"]
        assert [record["url"].startswith(lasting.api_url) for record in records_of(out)] == [True, True]


def test_resume_takes_an_output_back_from_others(webphone, tmp_path):
    out = tmp_path / "out"
    assert webphone("bulk", "-", "--output", "out", "--resume", stdin="4000\n").code == 0
    out.chmod(0o644)
    run = webphone("bulk", "-", "--output", "out", "--resume", stdin="4000\n")
    assert run.code == 0
    assert "other users could read" in run.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_only_one_run_writes_an_output(webphone, simulator, tmp_path):
    first = webphone.start("bulk", "-", "--output", "out")
    first.stdin.write(b"4000\n")
    first.stdin.flush()
    wait_for(tmp_path / "out")
    run = webphone("bulk", "-", "--output", "out", "--resume", stdin="4000\n")
    assert run.code == 4
    assert "another run" in run.err
    first.communicate(b"4000\n", timeout=PATIENCE)
    assert first.returncode == 0


def wait_for(path: Path) -> None:
    """Wait until a file is there."""
    wait_until(path.exists)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_valid_file_and_says_how_to_go_on(webphone, simulator, tmp_path, many, number, code):
    (tmp_path / "in").write_text("\n".join(many))
    simulator.add_fault(faults.Delay(3600), extension=many[500])
    process = webphone.start("bulk", "in", "--output", "the out", "--concurrency", "4")
    wait_for(tmp_path / "the out")
    wait_until(lambda: simulator.requests(0).in_flight == 1)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    run = checked(Run(process.returncode, out.decode(), err.decode()), webphone.environment)
    assert run.code == code, run.err
    assert "webphone bulk in --output 'the out' --concurrency 4 --resume" in run.err
    held = [record["ramal"] for record in records_of(tmp_path / "the out")]
    assert held == many[: len(held)]
    assert len(held) <= 500

    simulator.clear_faults()
    simulator.forget_requests()
    assert webphone("bulk", "in", "--output", "the out", "--resume").code == 0
    assert [record["ramal"] for record in records_of(tmp_path / "the out")] == many
    assert simulator.requests().total == len(many) - len(held)


def test_ctrl_c_while_it_waits_for_input(webphone, simulator, tmp_path):
    process = webphone.start("bulk", "-", "--output", "out")
    process.stdin.write(b"4000\n")
    process.stdin.flush()
    wait_for(tmp_path / "out")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    err = process.stderr.read()
    assert b"--resume" in err
    assert b"Traceback" not in err


def test_ctrl_c_before_there_is_any_input(webphone):
    process = webphone.start("bulk", "-")
    wait_for_handler(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert process.stderr.read() == b""


def wait_for_handler(pid: int) -> None:
    """Wait until a process catches SIGTERM, which Python itself does not."""
    status = Path(f"/proc/{pid}/status")

    def catches() -> bool:
        caught = int(re.search(r"SigCgt:\s+([0-9a-f]+)", status.read_text())[1], 16)  # type: ignore[index]
        return bool(caught >> (signal.SIGTERM - 1) & 1)

    wait_until(catches)


def test_a_reader_that_has_gone_ends_it_quietly(webphone, many):
    process = webphone.start("bulk", "-")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write("\n".join(many * 5).encode())
    process.stdin.close()
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE) == 141
    assert process.stderr.read() == b""


def test_a_full_disk_says_how_to_go_on(webphone, simulator):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        run = webphone("bulk", "-", stdin="4000\n", stdout=full)
    assert run.code == 4
    assert "No space left" in run.err


def test_a_file_that_can_grow_no_more_ends_with_a_whole_line(webphone, many, tmp_path):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    run = webphone("bulk", "-", "--output", "out", stdin="\n".join(many), preexec_fn=limit)
    assert run.code == 4
    assert "can't write out: File too large" in run.err
    held = [record["ramal"] for record in records_of(tmp_path / "out")]
    assert held == many[: len(held)]
    assert 5 < len(held) < 20


def test_a_record_is_there_before_the_next_row_is(webphone):
    process = webphone.start("bulk", "-")
    assert process.stdin is not None
    assert process.stdout is not None
    for number in ("4000", "4001", "4000"):
        process.stdin.write(f"{number}\n".encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["ramal"] == number
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


def on_terminal(webphone: CommandLine, *arguments: str, stdin: str, both: bool = False) -> tuple[int, str, str]:
    """A run with stderr (or stdout too) on a terminal: exit code, stdout, and what the terminal got."""
    ours, theirs = pty.openpty()
    process = webphone.start(*arguments, stderr=theirs, stdout=theirs if both else subprocess.PIPE)
    os.close(theirs)
    with shown_on(ours) as shown:
        out, _ = process.communicate(stdin.encode(), timeout=PATIENCE)
    return process.returncode, (out or b"").decode(), shown.decode()


@contextmanager
def shown_on(terminal: int) -> Iterator[bytearray]:
    """What a terminal gets until its other side has gone."""
    shown = bytearray()

    def read() -> None:
        # The system says so by an error when the other side has gone.
        try:
            while data := os.read(terminal, 65_536):
                shown.extend(data)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    yield shown
    reader.join(PATIENCE)
    os.close(terminal)


def test_a_terminal_gets_a_bar_with_rate_and_failures(webphone, many, tmp_path):
    (tmp_path / "in").write_text("\n".join([*many, "9", "8"]))
    code, out, shown = on_terminal(webphone, "bulk", "in", stdin="")
    assert code == 1
    assert len(out.splitlines()) == 1002
    assert re.search(r"100%\|.*1002/1002 .*URLs/s, failed=2", shown), shown[-500:]
    assert "key=" not in shown


def test_bar_and_records_share_a_terminal(webphone, many):
    code, _, shown = on_terminal(webphone, "bulk", "-", stdin="\n".join(many[:20]) + "\n", both=True)
    assert code == 0
    lines = [re.sub(r".*\r|\x1b\[[0-9;]*[A-Za-z]", "", line.rstrip("\r")) for line in shown.split("\n")]
    records = [json.loads(line) for line in lines if line.startswith("{")]
    assert [record["ramal"] for record in records] == many[:20]


@pytest.mark.parametrize("beside", [[], ["simulator", "--", *COMMAND]], ids=["alone", "beside a simulator"])
def test_ctrl_c_typed_at_a_terminal(webphone, tmp_path, beside):
    """A terminal sends the signal to every process in front of it, to a simulator that the command runs beside, too."""
    (tmp_path / "in").write_text("4000\n" * 10_000)
    out = tmp_path / "out"
    ours, theirs = pty.openpty()
    arguments = [*beside, "bulk", "in", "--output", "out", "--rate", "50"]
    process = webphone.start(
        *arguments,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    with shown_on(ours) as shown:
        wait_until(lambda: out.exists() and out.stat().st_size > 0)
        os.write(ours, b"\x03")
        assert process.wait(PATIENCE) == 130
    assert {record["ramal"] for record in records_of(out)} == {"4000"}
    run = checked(Run(130, "", shown.decode()), webphone.environment)
    assert run.err.count("webphone bulk in --output out --rate 50 --resume") == 1, run.err


def test_without_a_terminal_there_is_no_bar(webphone):
    assert webphone("bulk", "-", stdin="4000\n").err == "webphone: 1 fetched, 0 failed.\n"


def peak_memory(webphone: CommandLine, rows: int) -> int:
    """The most memory in KiB that a run took for so many rows, which all fail without the network."""
    script = (
        "import sys; from webphone._cli import main; main(['bulk', '-']);"
        " sys.stderr.write(open('/proc/self/status').read())"
    )
    data = b"ramal,tipo\n" + b"4000,no such type\n" * rows
    run = subprocess.run(
        [sys.executable, "-c", script], input=data, env=webphone.environment, capture_output=True, check=True
    )
    assert run.stdout.count(b"\n") == rows
    found = re.search(rb"VmHWM:\s+(\d+)", run.stderr)
    assert found is not None
    return int(found[1])


def test_memory_does_not_grow_with_the_input(webphone):
    assert peak_memory(webphone, 20_000) < peak_memory(webphone, 2_000) + 4_096
