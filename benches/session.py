"""From a message of the phone to its update in Python: the package, and what one would write by hand instead.

usage: session.py webphone|handwritten single|backlog     (prints microseconds a message)

The phone is in a call, and a member of two queues. `single`: each message is read as soon as it came; `backlog`: a
hundred messages come before the first is read.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

BEFORE = [
    '{"message":"status","status":"conectado"}',
    '{"message":"chegandoChamada","numeroChegando":"(79) 91234-5678","numeroDestino":"4000","chamadaRecebidaId":123}',
    '{"message":"status","status":"conversando"}',
    '{"message":"entrou_na_fila","filaId":47}',
    '{"message":"entrou_na_fila","filaId":48}',
]
MESSAGES = ['{"message":"pausou_na_fila","filaId":47}', '{"message":"despausou_na_fila","filaId":47}']
BACKLOG = 100
MANY = 100 * BACKLOG


@dataclass(frozen=True)
class Queue:
    """A queue, as a program would keep it."""

    id: str
    member: bool = False
    paused: bool = False


@dataclass(frozen=True)
class Call:
    """A call, as a program would keep it."""

    number: str
    id: str
    phase: str
    began: float
    talking: float | None = None


@dataclass(frozen=True)
class State:
    """What a program would show."""

    line: str = "unknown"
    call: Call | None = None
    queues: tuple[Queue, ...] = ()


@dataclass(frozen=True)
class Update:
    """What it would hand to whoever follows."""

    number: int
    at: float
    message: dict[str, object]
    state: State


QUEUE_EVENTS: dict[str, Callable[[Queue], Queue]] = {
    "entrou_na_fila": lambda queue: replace(queue, member=True),
    "saiu_da_fila": lambda queue: replace(queue, member=False),
    "pausou_na_fila": lambda queue: replace(queue, paused=True),
    "despausou_na_fila": lambda queue: replace(queue, paused=False),
}


class Handler:
    """The least that does it: no commands, no doubt, no faults of the phone, and one who follows."""

    def __init__(self) -> None:
        self.state = State()
        self.updates: deque[Update] = deque()
        self._count = 0

    def receive(self, text: str) -> None:
        """Take a message."""
        message = json.loads(text)
        name = message["message"]
        now = time.monotonic()
        state = self.state
        if name in QUEUE_EVENTS:
            queues = {queue.id: queue for queue in state.queues}
            wanted = str(message["filaId"])
            queues[wanted] = QUEUE_EVENTS[name](queues.get(wanted) or Queue(wanted))
            state = replace(state, queues=tuple(queues.values()))
        elif name == "chegandoChamada":
            number = "".join(c for c in message["numeroChegando"] if c.isdigit())
            state = replace(state, call=Call(number, str(message["chamadaRecebidaId"]), "ringing", now))
        elif message["status"] == "conversando" and state.call:
            state = replace(state, call=replace(state.call, phase="talking", talking=now))
        else:
            state = replace(state, line=message["status"])
        self.state = state
        self._count += 1
        self.updates.append(Update(self._count, now, message, state))


def handwritten() -> tuple[Callable[[str], None], Callable[[], object]]:
    """How to hand a message in, and how to take an update."""
    handler = Handler()
    for text in BEFORE:
        handler.receive(text)
    handler.updates.clear()
    return handler.receive, handler.updates.popleft


def package() -> tuple[Callable[[str], None], Callable[[], object]]:
    """The same for the package; messages and updates are the same in a loop and in a thread that waits."""
    import webphone

    phone = webphone.BlockingSession(lambda _: None)
    phone.page_report(webphone.reports.Loaded())
    for text in BEFORE:
        phone.receive(text)
    updates = phone.updates()
    return phone.receive, updates.__next__


def measure(name: str, how: str) -> float:
    """Microseconds a message."""
    receive, take = package() if name == "webphone" else handwritten()
    texts = MESSAGES * (BACKLOG // 2)
    rounds = MANY // BACKLOG
    # The time of this process alone: other programs may be busy.
    begin = time.process_time()
    for _ in range(rounds):
        if how == "single":
            for text in texts:
                receive(text)
                take()
        else:
            for text in texts:
                receive(text)
            for _ in texts:
                take()
    return (time.process_time() - begin) / MANY * 1e6


if __name__ == "__main__":
    print(measure(sys.argv[1], sys.argv[2]))
