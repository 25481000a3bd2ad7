"""The pytest plugin of `webphone`: a simulated API for a test, and simulated phones.

They are the fixtures `webphone_simulator` and `webphone_phones`.

pytest loads it by its entry point in every project that has `webphone` installed. So it is a package of its own, and
loads `webphone` only when a test asks for one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from webphone import Simulator


@pytest.fixture
def webphone_simulator() -> Iterator[Simulator]:
    """A fresh simulated API (`webphone.Simulator`) for one test.

    def test_my_widget(webphone_simulator):
        with webphone_simulator.client() as client:
            ...
    """
    from webphone import Simulator

    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def webphone_phones() -> Iterator[Simulator]:
    """A fresh simulator whose time stands still until the test moves it: for code that drives a phone.

    def test_my_dialler(webphone_phones):
        with webphone.BlockingSession(webphone_phones.phone(4000)) as phone:
            webphone_phones.advance(3000)
            assert phone.state.line is webphone.Line.CONNECTED
    """
    from webphone import Simulator

    with Simulator(virtual_time=True) as simulator:
        yield simulator
