"""The pytest plugin of `webphone`: a simulated API for a test, by the fixture `webphone_simulator`.

pytest loads it by its entry point in every project that has `webphone` installed. So it is a package of its own, and
loads `webphone` only when a test asks for the fixture.
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
