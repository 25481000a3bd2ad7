"""A stand-in until simulated phones come."""

from webphone._core import native


class SimulatedPhone:
    clock: native.Clock | None

    def attach(self, session: native.Session) -> None: ...
