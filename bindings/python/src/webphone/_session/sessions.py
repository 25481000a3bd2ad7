"""`Session` and `BlockingSession`: what a program holds of a phone in a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from webphone import _convert, commands
from webphone._core import native
from webphone._errors import ClosedError
from webphone._public import publish

from . import convert, direct
from .opened import OpenedSession
from .transport import LoopPump, ThreadPump
from .updates import Updates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import timedelta
    from types import TracebackType

    from typing_extensions import Self

    from webphone._types import PhoneNumber
    from webphone._url import WebphoneUrl
    from webphone.reports import PageReport

    from .clock import Clock
    from .outcomes import Outcome
    from .phone import SimulatedPhone
    from .states import Call, Snapshot


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """How long a session waits, and for what. All times are time spans or seconds, 0 to 24 hours."""

    alive_grace: timedelta | float = 2
    """A loaded page that says nothing for so long, and of which the host reported no failure, counts as alive."""
    ready_grace: timedelta | float = 2
    """A phone that is alive but does not say whether it has its line counts as ready after so long: one that had it
    already may not say so again."""
    ready_timeout: timedelta | float = 30
    """How long a command waits for the page to become ready for it; then it ends in `NotReadyError`. Only time in which
    the page is not ready counts."""
    post_timeout: timedelta | float = 4
    """How long the transport may take for a text. After that it counts as not posted, and the command of it ends in
    `PageLostError`."""
    line_timeout: timedelta | float = 15
    """How long `connect` and `disconnect` wait for their event once posted."""
    call_timeout: timedelta | float = 10
    """How long `call` waits for a sign of its call once posted."""
    id_grace: timedelta | float = 1
    """How long a `call` that is confirmed by a status waits on for the call's id."""
    answer_timeout: timedelta | float = 10
    """How long `answer` waits for the talk to begin once posted."""
    hang_up_timeout: timedelta | float = 10
    """How long `hang_up` waits for its call to end once posted."""
    queue_timeout: timedelta | float = 5
    """How long a queue command waits for its event once posted."""
    late_window: timedelta | float = 5
    """For so long after a queue command timed out, or one for all queues ended, events without a queue's id confirm
    nothing: they may be its late ones."""
    reopen_window: timedelta | float = 5
    """For so long after `hang_up` ended a call in consultation, the phone may say that the call goes on."""
    auto_dial_grace: timedelta | float = 10
    """A call that the URL makes the phone dial on opening (`ligar_para`) is doubtful after so long without an event."""
    dtmf_pace: timedelta | float = 0.2
    """The pause between two keys of `send_dtmf`: menus miss keys that come faster."""
    renewal_margin: timedelta | float = 60
    """How long before the URL expires `RenewalDue` comes: time to fetch a new one."""
    history_limit: int = 20
    """How many ended calls `history` keeps, 0 to 1,000."""
    visible_phone: bool | None = None
    """Whether somebody can see the phone and press its own mute key (types `floating` and `embedded`): then a new
    call's mute is not known. None: as the URL's type says; without a URL it may be seen, which assumes least."""


class _Session:
    """What both kinds of sessions are."""

    def __init__(self, opened: OpenedSession) -> None:
        self._opened = opened
        self._native = opened.native

    @classmethod
    def _of(cls, opened: OpenedSession) -> Self:
        made = object.__new__(cls)
        _Session.__init__(made, opened)
        return made

    @property
    def state(self) -> Snapshot:
        """The session now: one picture, which does not change.

        Raises:
            ClosedError: In a forked child.
        """
        with convert.public_errors():
            return convert.Pictures(self._opened.now).snapshot_of(self._native.state_json())

    def history(self) -> tuple[Call, ...]:
        """The last calls that ended, oldest first, at most `history_limit`.

        Raises:
            ClosedError: In a forked child.
        """
        with convert.public_errors():
            return convert.calls(self._native.history(), self._opened.now)

    def updates(self, limit: int = 256) -> Updates:
        """The updates from now on, for `async for` or for a plain `for`; see `Updates`.

        Args:
            limit: How many may wait to be read, 1 to 65,536.

        Raises:
            InvalidError: The limit is out of its range.
            ClosedError: In a forked child.
        """
        with convert.public_errors():
            followed = self._native.updates(_convert.count(limit, "limit"))
        return Updates(followed, self._opened.now, self._opened.wait)

    def receive(self, text: str) -> None:
        """Takes what came from the phone's window, as JSON text. What is not the phone's is ignored.

        From any thread, also from within the transport. After the session's end nothing happens.
        """
        if not isinstance(text, str):
            raise TypeError(f"a message is JSON text, not {type(text).__name__}")
        direct.receive(self._native, text)

    def page_report(self, report: PageReport) -> None:
        """Takes what became of the page: `reports.Loaded()`, say. After the session's end nothing happens."""
        self._native.page_report(convert.lower_report(report))

    def assume_muted(self, muted: bool) -> None:
        """Somebody knows whether the microphone is muted: the session assumes so from now on."""
        self._native.assume_muted(bool(muted))

    def change_url(self, url: WebphoneUrl) -> None:
        """The page will load this URL next: the same again, or a new one in the place of one that expires.

        Ask before loading; the wait for `RenewalDue` begins anew.

        Raises:
            DialsOnOpenError: The URL makes the phone dial, which only the first one may.
            CallInProgressError: A call goes on or comes in.
            ClosedError: The session is closed.
        """
        with convert.public_errors():
            self._native.change_url(convert.lower_url(url))

    def trace(self) -> str | None:
        """The recording so far, as text that `replay` and `webphone replay` read; None when `record` was not asked for.

        Raises:
            ClosedError: In a forked child.
        """
        with convert.public_errors():
            return self._native.trace()

    def close(self) -> None:
        """Ends the session: every command ends with `SessionClosedError`, and every `updates()` after a last update.

        State and history stay. From any thread; twice is fine.
        """
        self._native.shut_down()

    def __repr__(self) -> str:
        try:
            state = self.state
        except ClosedError:
            return f"<{type(self).__name__} of another process>"
        page = "closed" if state.shut_down else state.page.phase.value
        call = f", {state.call.phase.value}" if state.call else ""
        return f"<{type(self).__name__} {page}{call}>"

    def __reduce__(self) -> str:
        raise TypeError(f"a {type(self).__name__} is a phone and can't be pickled; make another one")


def _opened(
    transport: Callable[[str], Awaitable[object] | object] | SimulatedPhone,
    url: WebphoneUrl | None,
    config: SessionConfig | None,
    record: Literal["plain", "masked"] | None,
    clock: Clock | None,
    pump: Callable[[native.Session, Callable[[str], Awaitable[object] | object], float], LoopPump | ThreadPump],
) -> OpenedSession:
    from .phone import SimulatedPhone

    native_clock = None if clock is None else clock._native  # noqa: SLF001 - the same package's
    config = config or SessionConfig()
    if isinstance(transport, SimulatedPhone):
        # A phone that is simulated in this process needs nobody to carry its texts.
        opened = OpenedSession(url, config, record, native_clock or transport._clock)  # noqa: SLF001
        with convert.public_errors():
            transport._native.attach(opened.native)  # noqa: SLF001
        return opened
    if not callable(transport):
        raise TypeError(f"a transport is a function or a SimulatedPhone, not {type(transport).__name__}")
    opened = OpenedSession(url, config, record, native_clock)
    made = pump(opened.native, transport, opened.post_timeout)
    opened.carrier = made if isinstance(made, LoopPump) else None
    return opened


class Session(_Session):
    """A phone in a page, for `asyncio` and `uvloop`: commands that say what became of them, and one picture of it all.

        async with webphone.Session(transport) as phone:
            outcome = await phone.call("11999990000")

    Each verb waits until the phone is ready for it and then for its confirmation, and gives an `Outcome`. An error
    means that the command did nothing: it was never posted, or the phone refused it; only `PageLostError`,
    `SessionClosedError` and `CommandCancelledError` leave that open, and say whether it was `posted`. Besides those
    that a verb names, each raises `NotReadyError` when the phone does not get ready in time, and `BusyError` with 64
    commands open. Cancelling a task cancels its command; what was posted stays posted.

    What the page says goes in by `receive`, what becomes of the page by `page_report`. It works for any number of
    tasks, loops and threads; a forked child has to make its own. Without `async with`, end it by `close`.

    Args:
        transport: What posts a text to the phone's window: an async function, or a plain one that does not block,
            called in the event loop that first uses the session; or a phone of a `Simulator`. It may use the session,
            but not wait for a command of it. What it raises means that the text was not posted, and so does taking
            longer than `config.post_timeout`.
        url: The URL that the page loads: so the session knows when it expires, whether it makes the phone dial, and
            whether the phone can be seen.
        config: How long it waits, and for what.
        record: Whether `trace()` has a recording, with telephone numbers as they are ("plain") or "masked". Of secrets
            it never has any.
        clock: A clock that a test moves; None: the system's, or that of the simulator of a simulated phone.

    Raises:
        InvalidError: A setting is out of its range.
    """

    def __init__(
        self,
        transport: Callable[[str], Awaitable[object] | object] | SimulatedPhone,
        *,
        url: WebphoneUrl | None = None,
        config: SessionConfig | None = None,
        record: Literal["plain", "masked"] | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(_opened(transport, url, config, record, clock, LoopPump))

    @property
    def blocking(self) -> BlockingSession:
        """The same session for other threads, which may wait while this one's loop runs."""
        return BlockingSession._of(self._opened)  # noqa: SLF001 - the other face of this

    async def aclose(self) -> None:
        """Ends the session as `close` does, and waits until nothing is posted any more. Twice is fine."""
        self.close()
        if self._opened.carrier is not None:
            await self._opened.carrier.stop()

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _start(self) -> None:
        if self._opened.carrier is not None:
            self._opened.carrier.start()

    async def _execute(self, request: native.Request) -> Outcome:
        self._start()
        try:
            return convert.outcome(await self._native.execute(request))
        except _convert.FAULTS as fault:
            raise _convert.error(fault) from None

    async def execute(self, command: commands.Command) -> Outcome:
        """Gives a command of the phone as it stands, and waits for its end. The other verbs are short for it.

        Raises:
            InvalidError: The command holds something that can't be used; nothing was sent.
            WebphoneError: As the verb that does the same.
        """
        return await self._execute(convert.lower_command(command))

    async def connect(self) -> Outcome:
        """Takes the line (`conectar`). The phone also does so by itself when it opens."""
        return await self._execute(convert.lower_command(commands.Connect()))

    async def disconnect(self) -> Outcome:
        """Leaves the line (`desconectar`): the phone makes and takes no more calls."""
        return await self._execute(convert.lower_command(commands.Disconnect()))

    async def call(self, number: PhoneNumber | int | str) -> Outcome:
        """Calls a number (`chamaNumero`), an extension or area code and number, as soon as the phone is ready.

        Raises:
            InvalidError: The number can't be dialled; nothing was sent.
            RejectedError: The phone refused it (`status_erro`).
            CallInProgressError: A call is being set up or goes on; nothing was dialled.
            CommandCancelledError: It was hung up before it was dialled.
        """
        return await self._execute(convert.lower_command(commands.Call(number)))

    async def answer(self) -> Outcome:
        """Takes the incoming call (`answer`).

        Raises:
            NoCallError: Nothing rings.
            RejectedError: The phone refused it (`status_erro`).
        """
        return await self._execute(convert.lower_command(commands.Answer()))

    async def hang_up(self) -> Outcome:
        """Ends the call (`hangup`); of a ringing call it declines, in a consultation it completes the transfer."""
        return await self._execute(convert.lower_command(commands.HangUp()))

    async def send_dtmf(self, keys: str) -> Outcome:
        """Presses keys one after the other, paced (`enviaDTMF`): `0` to `9`, `*`, `#`. Ends with `Sent(keys=…)`.

        Raises:
            InvalidError: There is another key among them; nothing was sent.
            NoCallError: There is no call.
        """
        return await self._execute(convert.lower_keys(keys))

    async def set_muted(self, muted: bool) -> Outcome:
        """Mutes or unmutes the microphone: a toggle (`mute`), posted only if it is known to be needed.

        Raises:
            NoCallError: Nobody talks.
            MuteUnknownError: Whether it is muted is not known: `assume_muted` what is so, or `toggle_mute`.
        """
        return await self._execute(convert.lower_muted(muted))

    async def toggle_mute(self) -> Outcome:
        """Presses mute (`mute`), whatever the microphone is.

        Raises:
            NoCallError: There is no call.
        """
        return await self._execute(convert.lower_command(commands.ToggleMute()))

    async def blind_transfer(self, number: PhoneNumber | int | str) -> Outcome:
        """Hands the call over to another number (`transferir`), and ends it here.

        Raises:
            InvalidError: The number can't be dialled; nothing was sent.
            NoCallError: There is no call.
        """
        return await self._execute(convert.lower_command(commands.BlindTransfer(number)))

    async def consult_transfer(self, number: PhoneNumber | int | str) -> Outcome:
        """Calls another number first (`transferirConsulta`); hanging up then connects the two.

        Raises:
            InvalidError: The number can't be dialled; nothing was sent.
            NoCallError: There is no call.
        """
        return await self._execute(convert.lower_command(commands.ConsultTransfer(number)))

    async def start_recording(self) -> Outcome:
        """Starts to record the call (`recStart`).

        Raises:
            NoCallError: There is no call.
        """
        return await self._execute(convert.lower_command(commands.StartRecording()))

    async def stop_recording(self) -> Outcome:
        """Stops recording the call (`recStop`).

        Raises:
            NoCallError: There is no call.
        """
        return await self._execute(convert.lower_command(commands.StopRecording()))

    async def pause_in_queue(self, queue: int | str | None = None) -> Outcome:
        """Takes no calls from a queue (`pausarNaFila`) for a while; None: from all queues.

        Raises:
            InvalidError: The queue's id can't be one; nothing was sent.
        """
        return await self._execute(convert.lower_command(commands.PauseInQueue(queue)))

    async def resume_in_queue(self, queue: int | str | None = None) -> Outcome:
        """Takes calls from a queue (`despausarNaFila`) again; None: from all queues.

        Raises:
            InvalidError: The queue's id can't be one; nothing was sent.
        """
        return await self._execute(convert.lower_command(commands.ResumeInQueue(queue)))

    async def join_queue(self, queue: int | str) -> Outcome:
        """Becomes a member of a queue (`entrarNaFila`).

        Raises:
            InvalidError: The queue's id can't be one; nothing was sent.
        """
        return await self._execute(convert.lower_command(commands.JoinQueue(queue)))

    async def leave_queue(self, queue: int | str) -> Outcome:
        """Leaves a queue (`sairDaFila`).

        Raises:
            InvalidError: The queue's id can't be one; nothing was sent.
        """
        return await self._execute(convert.lower_command(commands.LeaveQueue(queue)))


class BlockingSession(_Session):
    """A phone in a page, for code that blocks: as `Session`, with verbs that wait. Ctrl-C ends a wait within 100 ms.

        with webphone.BlockingSession(transport) as phone:
            outcome = phone.call("11999990000")

    Any number of threads may share it. `Session.blocking` gives one beside a running event loop.

    Args:
        transport: What posts a text to the phone's window: a plain function, called in a thread of the session's own,
            so that it may block; or a phone of a `Simulator`. See `Session`.
        url: As for `Session`.
        config: As for `Session`.
        record: As for `Session`.
        clock: As for `Session`.

    Raises:
        InvalidError: A setting is out of its range.
    """

    def __init__(
        self,
        transport: Callable[[str], object] | SimulatedPhone,
        *,
        url: WebphoneUrl | None = None,
        config: SessionConfig | None = None,
        record: Literal["plain", "masked"] | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(_opened(transport, url, config, record, clock, ThreadPump))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _execute(self, request: native.Request) -> Outcome:
        carrier = self._opened.carrier
        if carrier is not None and carrier.is_here():
            raise RuntimeError("this would block the event loop that posts for the session: await the Session's verb")
        return convert.outcome(self._opened.wait(self._native.start_execute, request))

    def execute(self, command: commands.Command) -> Outcome:
        """As `Session.execute`."""
        return self._execute(convert.lower_command(command))

    def connect(self) -> Outcome:
        """As `Session.connect`."""
        return self._execute(convert.lower_command(commands.Connect()))

    def disconnect(self) -> Outcome:
        """As `Session.disconnect`."""
        return self._execute(convert.lower_command(commands.Disconnect()))

    def call(self, number: PhoneNumber | int | str) -> Outcome:
        """As `Session.call`."""
        return self._execute(convert.lower_command(commands.Call(number)))

    def answer(self) -> Outcome:
        """As `Session.answer`."""
        return self._execute(convert.lower_command(commands.Answer()))

    def hang_up(self) -> Outcome:
        """As `Session.hang_up`."""
        return self._execute(convert.lower_command(commands.HangUp()))

    def send_dtmf(self, keys: str) -> Outcome:
        """As `Session.send_dtmf`."""
        return self._execute(convert.lower_keys(keys))

    def set_muted(self, muted: bool) -> Outcome:
        """As `Session.set_muted`."""
        return self._execute(convert.lower_muted(muted))

    def toggle_mute(self) -> Outcome:
        """As `Session.toggle_mute`."""
        return self._execute(convert.lower_command(commands.ToggleMute()))

    def blind_transfer(self, number: PhoneNumber | int | str) -> Outcome:
        """As `Session.blind_transfer`."""
        return self._execute(convert.lower_command(commands.BlindTransfer(number)))

    def consult_transfer(self, number: PhoneNumber | int | str) -> Outcome:
        """As `Session.consult_transfer`."""
        return self._execute(convert.lower_command(commands.ConsultTransfer(number)))

    def start_recording(self) -> Outcome:
        """As `Session.start_recording`."""
        return self._execute(convert.lower_command(commands.StartRecording()))

    def stop_recording(self) -> Outcome:
        """As `Session.stop_recording`."""
        return self._execute(convert.lower_command(commands.StopRecording()))

    def pause_in_queue(self, queue: int | str | None = None) -> Outcome:
        """As `Session.pause_in_queue`."""
        return self._execute(convert.lower_command(commands.PauseInQueue(queue)))

    def resume_in_queue(self, queue: int | str | None = None) -> Outcome:
        """As `Session.resume_in_queue`."""
        return self._execute(convert.lower_command(commands.ResumeInQueue(queue)))

    def join_queue(self, queue: int | str) -> Outcome:
        """As `Session.join_queue`."""
        return self._execute(convert.lower_command(commands.JoinQueue(queue)))

    def leave_queue(self, queue: int | str) -> Outcome:
        """As `Session.leave_queue`."""
        return self._execute(convert.lower_command(commands.LeaveQueue(queue)))


publish(globals())
