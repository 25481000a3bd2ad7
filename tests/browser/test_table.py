"""Every type on every host in both engines, over HTTP and with TLS by the vendor's names: each command goes out of the
session through the bridge into the simulated phone, and each event comes back into the session's picture.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from hosted import ANSWERS_AT_ONCE, native
from table import NO_POPUP, ROWS, Row

REFUSED = "119999900004"
SCHEMES = ("http", "tls")
CASES = [
    pytest.param((row, scheme), id="-".join(f"{scheme} {row}".split()))
    for row in ROWS
    if row.is_possible
    for scheme in SCHEMES
]
IMPOSSIBLE = [pytest.param(row, id="-".join(str(row).split())) for row in ROWS if not row.is_possible]
COMMANDS = {name for name in vars(native.Command) if name.isupper()}
EVENTS = {name for name in vars(native.Event) if name.isupper()} - {"UNKNOWN"}
# Rows at a time: while one waits for its page, another talks.
AT_ONCE = 3


class Tour:
    """All that a phone can be asked for and can say, once."""

    def __init__(self, world, phone) -> None:
        self.world = world
        self.phone = phone
        self.commands: set[str] = set()
        self.events: set[str] = set()

    def does(self, name: str, expected: str, *arguments: object) -> Any:
        outcome = self.phone.execute(getattr(native.Command, name)(*arguments))
        self.commands.add(name)
        assert getattr(outcome, f"is_{expected}")(), (name, outcome, self.phone.story, self.world.picture(self.phone))
        return outcome

    def shows(self, condition) -> None:
        self.phone.until(condition)

    def has(self, condition) -> None:
        """In the simulated phone itself."""
        self.world.until(self.phone, condition)

    def run(self) -> None:
        self.shows(lambda state: state.page.phase == native.PagePhase.READY)
        self.line()
        self.call()
        self.transfers()
        self.incoming()
        self.queues()
        self.quality()
        said = self.phone.events
        self.events = {name for name in EVENTS for event in said if getattr(event, f"is_{name.lower()}")()}
        # Nothing was said that was not understood.
        assert self.phone.link.ignored() == 0

    def line(self) -> None:
        self.does("DISCONNECT", "confirmed")
        self.shows(lambda state: state.line == native.Line.DISCONNECTED)
        self.has(lambda phone: not phone["connected"])
        self.does("CONNECT", "confirmed")
        self.shows(lambda state: state.line == native.Line.CONNECTED)

    def call(self) -> None:
        outcome = self.does("CALL", "confirmed", ANSWERS_AT_ONCE)
        self.shows(lambda state: state.call and state.call.phase == native.CallPhase.TALKING)
        self.has(lambda phone: str(phone["call"]["call_id"]) == outcome.call_id == self.phone.state.call.call_id)
        self.does("SEND_DTMF", "sent", "5")
        self.has(lambda phone: phone["dtmf"] == "5")
        self.does("TOGGLE_MUTE", "sent")
        self.has(lambda phone: phone["muted"])
        self.does("START_RECORDING", "sent")
        self.has(lambda phone: phone["recording"])
        self.shows(lambda state: state.recording == native.Recording.ASSUMED_ON)
        self.does("STOP_RECORDING", "sent")
        self.has(lambda phone: not phone["recording"])

    def transfers(self) -> None:
        self.does("CONSULT_TRANSFER", "sent", ANSWERS_AT_ONCE)
        self.shows(lambda state: state.call.consultation)
        self.has(lambda phone: phone["consultation"] and phone["consultation"]["talking"])
        self.does("HANG_UP", "confirmed")
        self.shows(lambda state: state.call is None)
        self.phone.calls()
        self.does("BLIND_TRANSFER", "sent", ANSWERS_AT_ONCE)
        self.shows(lambda state: state.call is None)
        self.has(lambda phone: phone["call"] is None)
        with pytest.raises(native.WebphoneError.Rejected):
            self.does("CALL", "confirmed", REFUSED)

    def incoming(self) -> None:
        called = self.world.tell(self.phone, "incoming", {"from": "(79) 91234-5678"})
        self.shows(lambda state: state.ringing and state.ringing.number.digits == "79912345678")
        assert self.phone.state.ringing.call_id == str(called["call_id"])
        self.does("ANSWER", "confirmed")
        self.has(lambda phone: phone["call"]["talking"])
        self.world.tell(self.phone, "hangup")
        self.shows(lambda state: state.call is None)

    def queues(self) -> None:
        self.does("JOIN_QUEUE", "confirmed", "47")
        self.does("PAUSE_IN_QUEUE", "confirmed", "47")
        self.has(lambda phone: phone["queues"] == [{"id": "47", "paused": True}])
        self.does("RESUME_IN_QUEUE", "confirmed", "47")
        self.does("LEAVE_QUEUE", "confirmed", "47")
        self.has(lambda phone: phone["queues"] == [])

    def quality(self) -> None:
        self.world.advance(5000)
        said = self.phone.told(lambda cause: cause.is_event() and cause.event.is_quality()).event
        assert "ping" in said.internet
        assert "cpu" in said.computer


@pytest.fixture(scope="module")
def tours(request, engines, worlds) -> Iterator[dict[tuple[Row, str], Future[Tour]]]:
    """A tour of every case that was asked for, some at a time."""

    def go(row: Row, scheme: str) -> Tour:
        world = worlds[scheme]
        phone = world.host(engines[row.engine], row.kind, row.host, loading=native.PhoneLoading[row.loading])
        try:
            tour = Tour(world, phone)
            tour.run()
        finally:
            world.leave(phone)
        return tour

    cases = [item.callspec.params["case"] for item in request.session.items if "tours" in item.fixturenames]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case: pool.submit(go, *case) for case in cases}


@pytest.mark.parametrize("case", CASES)
def test_all_commands_and_events(tours, table, case):
    tour = tours[case].result()
    assert tour.commands == COMMANDS
    assert tour.events == EVENTS
    table.write(*case, f"{len(tour.commands)} commands, {len(tour.events)} events")


@pytest.mark.parametrize("row", IMPOSSIBLE)
def test_what_is_not_possible_is_said(worlds, table, row):
    for scheme in SCHEMES:
        url, _ = worlds[scheme].url(row.kind)
        options = native.HostPageOptions(loading=native.PhoneLoading[row.loading])
        with pytest.raises(native.WebphoneError.Invalid) as refused:
            native.HostPage.open(native.WebphoneUrl.parse(url), worlds[scheme].host_kind(row.host), options)
        assert refused.value.field == "loading"
        table.write(row, scheme, NO_POPUP)


def test_the_table_is_about_all_that_there_is():
    assert len(COMMANDS) == 15
    assert len(EVENTS) == 9
