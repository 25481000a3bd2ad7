"""The pytest plugin of the package: a simulated API for a test, by the fixture `webphone_simulator`.

pytest finds it by its entry point, in every project where this package is installed, so it loads nothing of the library
before a test asks for the fixture.
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
