"""The commands that `webphone phone` takes: their names, what they need, and what they ask for. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from webphone import CallPhase, Outcome, Session, SimulatedPhone, Snapshot


@dataclass(frozen=True, slots=True)
class Desk:
    """What commands are about."""

    phone: Session
    restart: Callable[[], Awaitable[None]]
    """Loads the page again."""
    until: Callable[[Callable[[Snapshot], bool]], Awaitable[None]]
    """Waits for a state."""
    world: SimulatedPhone | None
    """The world around a simulated phone; None: it is a real one."""


Act = Callable[[Desk, str], Awaitable[Outcome | None]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A command."""

    name: str
    parameter: str
    """What it takes: nothing, `NUMBER`, or `[QUEUE]` where that can be left out."""
    help: str
    act: Act | None
    """What it does; None: the program itself does it."""
    simulated: bool = False
    """Whether it is about the world around a simulated phone."""

    @property
    def usage(self) -> str:
        """How it is written."""
        return f"{self.name} {self.parameter}".rstrip()


class NotUnderstoodError(Exception):
    """A line is no command; its text says what to do."""


async def _assume(desk: Desk, word: str) -> None:
    if word not in ("yes", "no"):
        raise NotUnderstoodError("write `muted yes` or `muted no`")
    desk.phone.assume_muted(word == "yes")


_STATES: dict[str, Callable[[Snapshot], bool]] = {
    "ready": lambda state: state.page.phase.value == "ready",
    "ringing": lambda state: state.ringing is not None,
    "talking": lambda state: state.call is not None and state.call.phase is CallPhase.TALKING,
    "idle": lambda state: state.call is None and state.ringing is None,
}


async def _wait(desk: Desk, word: str) -> None:
    if word not in _STATES:
        raise NotUnderstoodError(f"it waits for one of {', '.join(_STATES)}")
    await desk.until(_STATES[word])


async def _restart(desk: Desk, _: str) -> None:
    await desk.restart()


def _in_world(do: Callable[[SimulatedPhone, str], object]) -> Act:
    async def act(desk: Desk, value: str) -> None:
        if desk.world is not None:
            do(desk.world, value)

    return act


VERBS = {
    verb.name: verb
    for verb in (
        Verb("call", "NUMBER", "call a number", lambda desk, number: desk.phone.call(number)),
        Verb("answer", "", "take the incoming call", lambda desk, _: desk.phone.answer()),
        Verb("hangup", "", "end the call, or decline the one that rings", lambda desk, _: desk.phone.hang_up()),
        Verb("dtmf", "KEYS", "press keys: 0 to 9, *, #", lambda desk, keys: desk.phone.send_dtmf(keys)),
        Verb("mute", "", "mute the microphone", lambda desk, _: desk.phone.set_muted(True)),
        Verb("unmute", "", "open the microphone", lambda desk, _: desk.phone.set_muted(False)),
        Verb("toggle-mute", "", "press mute, whatever the microphone is", lambda desk, _: desk.phone.toggle_mute()),
        Verb("muted", "yes|no", "say what the microphone is", _assume),
        Verb("transfer", "NUMBER", "hand the call over", lambda desk, number: desk.phone.blind_transfer(number)),
        Verb(
            "consult",
            "NUMBER",
            "call somebody first; `hangup` then connects the two",
            lambda desk, number: desk.phone.consult_transfer(number),
        ),
        Verb("record", "", "start to record the call", lambda desk, _: desk.phone.start_recording()),
        Verb("stop-recording", "", "stop recording the call", lambda desk, _: desk.phone.stop_recording()),
        Verb(
            "pause",
            "[QUEUE]",
            "pause in a queue, or in all",
            lambda desk, queue: desk.phone.pause_in_queue(queue or None),
        ),
        Verb(
            "resume",
            "[QUEUE]",
            "resume in a queue, or in all",
            lambda desk, queue: desk.phone.resume_in_queue(queue or None),
        ),
        Verb("join", "QUEUE", "become a member of a queue", lambda desk, queue: desk.phone.join_queue(queue)),
        Verb("leave", "QUEUE", "leave a queue", lambda desk, queue: desk.phone.leave_queue(queue)),
        Verb("connect", "", "take the line", lambda desk, _: desk.phone.connect()),
        Verb("disconnect", "", "leave the line", lambda desk, _: desk.phone.disconnect()),
        Verb("restart", "", "load the page again", _restart),
        Verb("wait", "|".join(_STATES), "wait until it is so, such as between the commands of a script", _wait),
        Verb("incoming", "NUMBER", "somebody calls", _in_world(lambda world, number: world.incoming(number)), True),
        Verb("remote-answer", "", "the other side answers", _in_world(lambda world, _: world.remote_answer()), True),
        Verb("remote-hangup", "", "the other side hangs up", _in_world(lambda world, _: world.remote_hang_up()), True),
        Verb("status", "", "show what is so", None),
        Verb("help", "[COMMAND]", "show the commands", None),
        Verb("quit", "", "close the phone", None),
    )
}
"""By their names."""


def understand(line: str, *, simulated: bool) -> tuple[Verb, str] | None:
    """The command of a line and its value; None for an empty line.

    Raises:
        NotUnderstoodError: There is no such command, or its value is missing or too much.
    """
    name, _, value = line.strip().partition(" ")
    if not name:
        return None
    verb = VERBS.get(name.lower())
    if verb is None or (verb.simulated and not simulated):
        raise NotUnderstoodError(f"there is no command {name}: `help` shows those that there are")
    value = value.strip()
    if value and not verb.parameter:
        raise NotUnderstoodError(f"`{verb.name}` takes nothing")
    if verb.parameter and not verb.parameter.startswith("[") and not value:
        raise NotUnderstoodError(f"write `{verb.usage}`")
    return verb, value


def help_lines(name: str, *, simulated: bool) -> list[str]:
    """What there is to know of a command, or of all.

    Raises:
        NotUnderstoodError: There is no such command.
    """
    verbs = [verb for verb in VERBS.values() if simulated or not verb.simulated]
    if name:
        verbs = [verb for verb in verbs if verb.name == name.lower()]
        if not verbs:
            raise NotUnderstoodError(f"there is no command {name}: `help` shows those that there are")
    width = max(len(verb.usage) for verb in verbs)
    return [f"{verb.usage:<{width}}  {verb.help}" for verb in verbs]
