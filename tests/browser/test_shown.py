"""What the README and the demo show with a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from real_phones import PATIENCE

import webphone

ROOT = Path(__file__).resolve().parents[2]


def test_the_ten_lines_of_the_readme(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    [lines] = [block for block in blocks if "playwright" in block]
    script = tmp_path / "readme.py"
    script.write_text(f"import asyncio\n{lines}\nasyncio.run(main())\n")
    with webphone.Simulator() as simulator:
        environment = {
            **os.environ,
            "TOTALVOICE_ACCESS_TOKEN": simulator.token,
            "WEBPHONE_BASE_URL": simulator.api_url,
            "PYTHONUNBUFFERED": "1",
        }
        with subprocess.Popen(
            [sys.executable, script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            while "CallStatus.TALKING" not in (line := process.stdout.readline()):
                assert line, process.communicate()
            assert line.startswith("Update(")
            assert "key=" not in line
            # They follow the phone for ever.
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
            assert "KeyboardInterrupt" in err


def test_the_demo(tmp_path):
    picture = tmp_path / "phone.png"
    run = subprocess.run(
        [sys.executable, ROOT / "examples/demo.py", picture],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    shown = run.stdout.split("headless Chromium:")[1]
    assert "call 11 99999-0001  Confirmed(by='chamada_id'" in shown
    assert "answer              Confirmed(by='conversando'" in shown
    assert "none of them not as recorded" in shown
    assert "91234" not in shown
    assert str(picture) in shown
    assert picture.read_bytes().startswith(b"\x89PNG")
