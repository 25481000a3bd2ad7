"""The phone of a simulator's extension, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from webphone import _convert, _waiting, scripts
from webphone._core import native
from webphone._public import publish

from . import convert

if TYPE_CHECKING:
    from datetime import timedelta

    from webphone._url import WebphoneUrl
    from webphone.commands import JoinQueue, LeaveQueue, PauseInQueue, ResumeInQueue
    from webphone.reports import PageReport


@dataclass(frozen=True, slots=True)
class SimulatedLeg:
    """A call of a simulated phone, or the leg of a consultation."""

    call_id: int
    """Its id (`chamada_id`), 1 or more. Two phones of one simulator that call each other have the same."""
    number: str
    """The other side, as the phone knows it."""
    talking: bool
    """Whether the two sides talk."""


@dataclass(frozen=True, slots=True)
class SimulatedQueue:
    """A queue that a simulated phone is a member of."""

    id: str
    """Its id (`filaId`)."""
    paused: bool
    """Whether it pauses there."""


@dataclass(frozen=True, slots=True)
class SimulatedPhoneState:
    """A simulated phone at one moment: what is so, whether or not it said so."""

    extension: str
    """The number of its extension."""
    page: Literal["closed", "open", "crashed"]
    """Its page."""
    connected: bool
    """Whether it has its line."""
    call: SimulatedLeg | None
    """Its call."""
    consultation: SimulatedLeg | None
    """The call to a third party, while one is consulted."""
    ringing: SimulatedLeg | None
    """The call that comes in."""
    muted: bool
    """Whether its microphone is muted."""
    recording: bool
    """Whether it records."""
    dtmf: str
    """What was dialled into its call (`enviaDTMF`)."""
    queues: tuple[SimulatedQueue, ...]
    """The queues that it is a member of, by id."""


class SimulatedPhone:
    """The phone of one extension of a simulator, in its page: it does what a real one does, without a browser.

    Give it to a session as its transport, and nothing else has to be moved; it opens then, and closes with the session:

        with webphone.Simulator() as simulator, webphone.BlockingSession(simulator.phone(4000)) as phone:
            print(phone.call("11999990000"))

    A transport of one's own opens the page (`open_page`), posts (`post`), and takes what the phone says
    (`next_messages`). Unscripted the phone does what the vendor documents: it connects when it opens, tells its quality
    every 5 s, and a call to any number is answered after 1 s, except for numbers with special endings (see `scripts`)
    and those of other extensions of the simulator whose phones are open: those ring.

    All handles of one extension are the same phone, which lives as long as its simulator. Every method raises
    `ClosedError` after that and in a forked child, and `InvalidError` naming `extension` once the simulator no longer
    knows it. It is made by `Simulator.phone`.
    """

    def __init__(self, phone: native.SimulatedPhone, clock: native.Clock | None) -> None:
        self._native = phone
        self._clock = clock

    @property
    def extension(self) -> str:
        """The number of its extension."""
        return self._native.extension()

    @property
    def state(self) -> SimulatedPhoneState:
        """What is so in it, whether or not it said so."""
        with convert.public_errors():
            fields = convert.plain(self._native.state())
        for name in ("call", "consultation", "ringing"):
            fields[name] = None if fields[name] is None else SimulatedLeg(**fields[name])
        queues = tuple(SimulatedQueue(**queue) for queue in fields.pop("queues"))
        return SimulatedPhoneState(**fields, queues=queues)

    def incoming(
        self,
        caller: int | str,
        *,
        to: int | str | None = None,
        without_id: bool = False,
        gives_up_after: timedelta | float | None = None,
        hangs_up_after: timedelta | float | None = None,
    ) -> str:
        """Somebody calls it; gives the id of the call.

        Args:
            caller: The caller's number as the phone tells it (`numeroChegando`): `(79) 91234-5678`; empty: not at all.
            to: The number that was called (`numeroDestino`); None: the extension's own.
            without_id: Whether the phone leaves the call's id (`chamadaRecebidaId`) away.
            gives_up_after: The caller gives up so long after, without an answer: a time span or seconds; None: never.
            hangs_up_after: The caller hangs up so long after the answer; None: never.

        Raises:
            NotReadyError: Its page is not open, or it is disconnected.
            CallInProgressError: It rings already.
            InvalidError: An argument can't be used.
        """
        lowered = native.SimulatedCaller(
            number=_convert.text(str(caller), "caller"),
            to=None if to is None else _convert.text(str(to), "to"),
            without_id=without_id,
            gives_up_after_ms=_span(gives_up_after, "gives_up_after"),
            hangs_up_after_ms=_span(hangs_up_after, "hangs_up_after"),
        )
        with convert.public_errors():
            return self._native.incoming(lowered)

    def remote_answer(self) -> None:
        """The other side of the call that it makes answers now; of the leg of a consultation, if that is being called.

        Raises:
            NoCallError: Nobody is being called.
            NotReadyError: Its page is not open.
        """
        with convert.public_errors():
            self._native.remote_answer()

    def remote_hang_up(self) -> None:
        """The other side hangs up: of a consultation's leg if there is one, else of the call, else of what rings.

        Raises:
            NoCallError: There is none of them.
            NotReadyError: Its page is not open.
        """
        with convert.public_errors():
            self._native.remote_hang_up()

    def add_script(self, script: scripts.Script, *, times: int | None = 1) -> None:
        """Arranges what becomes of the next calls that it makes, after what was arranged before.

        Args:
            script: What becomes of them.
            times: How many calls; None: all, until the scripts are cleared.

        Raises:
            InvalidError: A field is out of its range.
        """
        with convert.public_errors():
            self._native.add_script(_lower_script(script), None if times is None else _convert.count(times, "times"))

    def clear_scripts(self) -> None:
        """Forgets every script that is not used up."""
        with convert.public_errors():
            self._native.clear_scripts()

    def add_fault(self, fault: scripts.PhoneFault, *, times: int | None = 1) -> None:
        """Arranges that something goes wrong with the next things that it says, after what was arranged before.

        Args:
            fault: What goes wrong.
            times: With how many things; None: with all, until the faults are cleared.

        Raises:
            InvalidError: `times` is out of its range.
        """
        lowered = native.SimulatedPhoneFault[fault.name]
        with convert.public_errors():
            self._native.add_fault(lowered, None if times is None else _convert.count(times, "times"))

    def clear_faults(self) -> None:
        """Forgets every fault that is not used up."""
        with convert.public_errors():
            self._native.clear_faults()

    def set_wording(self, *, ids_as_text: bool = False, names_queues: bool = False, tells_quality: bool = True) -> None:
        """How it words what it says from now on.

        Args:
            ids_as_text: Whether the ids of calls and queues are text instead of numbers.
            names_queues: Whether its queue events say which queue they are about (`filaId`), which is not documented.
            tells_quality: Whether it tells its quality (`stats_webphone`) every 5 s.
        """
        wording = native.SimulatedWording(
            ids_as_text=ids_as_text, names_queues=names_queues, tells_quality=tells_quality
        )
        with convert.public_errors():
            self._native.set_wording(wording)

    def supervise(self, command: JoinQueue | LeaveQueue | PauseInQueue | ResumeInQueue) -> None:
        """Somebody else changes its queues, such as a supervisor.

        Raises:
            NotReadyError: Its page is not open.
        """
        with convert.public_errors():
            self._native.supervise(convert.lower_plain_command(command))

    def reload(self) -> None:
        """Its page loads again by itself, or comes back after a crash. Its calls end.

        Raises:
            NotReadyError: It was never open, or closed itself.
        """
        with convert.public_errors():
            self._native.reload()

    def crash(self) -> None:
        """Its page crashes. Its calls end.

        Raises:
            NotReadyError: Its page is not open.
        """
        with convert.public_errors():
            self._native.crash()

    def close_page(self) -> None:
        """Its page closes itself. Its calls end.

        Raises:
            NotReadyError: Its page is not open.
        """
        with convert.public_errors():
            self._native.close_page()

    def open_page(self, url: WebphoneUrl | None = None) -> None:
        """Loads its page, or loads it again, as a host does whose transport is its own.

        Args:
            url: By what it says (`ligar_para`, `fechar_fim`); None: plainly.
        """
        with convert.public_errors():
            self._native.open_page(None if url is None else convert.lower_url(url))

    def post(self, text: str) -> None:
        """Posts a message to the phone's window, as JSON text. What is no command is ignored, as a page does."""
        with convert.public_errors():
            self._native.post(_convert.text(text, "text"))

    def next_messages(self) -> list[str | PageReport]:
        """Waits for what comes out of its page: messages as JSON text, and what a host would see of the page.

        Raises:
            BusyError: Somebody else waits here, or a session has the phone.
        """
        outputs: list[Any] = _waiting.wait(self._native.start_next_messages, _MANY)
        return [output.text if output.is_MESSAGE() else convert.report(output.report) for output in outputs]

    def __repr__(self) -> str:
        return f"<SimulatedPhone {self.extension}>"


_MANY = 256


def _span(value: timedelta | float | None, field: str) -> int | None:
    return None if value is None else _convert.milliseconds(value, field)


def _lower_script(script: scripts.Script) -> native.SimulatedScript:
    answers: Any = native.SimulatedAnswer
    match script.answer:
        case scripts.Answers(after):
            answer = answers.ANSWERS(_convert.milliseconds(after, "after"))
        case scripts.Busy(after):
            answer = answers.BUSY(_convert.milliseconds(after, "after"))
        case scripts.Never():
            answer = answers.NEVER()
        case scripts.Refused(status_erro):
            answer = answers.REFUSED(_convert.text(status_erro, "status_erro"))
    return native.SimulatedScript(
        answer=answer,
        hangs_up_after_ms=_span(script.hangs_up_after, "hangs_up_after"),
        lag_ms=_convert.milliseconds(script.lag, "lag"),
        silent_hang_up=script.silent_hang_up,
    )


publish(globals())
