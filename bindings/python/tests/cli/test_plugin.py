"""The pytest plugin: there for whoever asks, and nothing for those who don't."""

from __future__ import annotations

import subprocess
import sys

import webphone
from webphone import Extension


def test_the_fixture_is_a_fresh_simulator(webphone_simulator):
    assert webphone_simulator.requests().total == 0
    with webphone_simulator.client() as client:
        assert client.fetch(Extension.number(4000)).reveal().startswith(webphone_simulator.api_url)
    assert webphone_simulator.requests().total == 1


def test_the_phones_of_a_test_live_in_its_time(webphone_phones):
    with webphone.BlockingSession(webphone_phones.phone(4000)) as phone:
        webphone_phones.advance(3000)
        assert phone.state.line is webphone.Line.CONNECTED
        webphone_phones.phone(4000).incoming("4001", gives_up_after=3600)
        webphone_phones.advance(3_600_000)
        assert phone.history()[-1].ring_time.total_seconds() == 3600


def test_the_package_does_not_need_pytest():
    script = "import sys, webphone, webphone._cli; webphone.Simulator().close(); assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
