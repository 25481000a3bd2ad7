"""A phone as it lives, on a terminal or in a pipe: a line for each thing that happens, and what is typed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime

from webphone import Call, Mute, PagePhase, Snapshot, Update, causes, events

from .timeline import call_text, changes, consequence, printable, report_text
from .verbs import VERBS


def lines_of(update: Update, before: Snapshot) -> Iterator[str]:
    """What to show of an update."""
    match update.cause:
        case causes.Event(event=event):
            yield f"phone  {_event(event)}"
        case causes.Page(report):
            yield f"page   {report_text(report)}"
        case causes.Posting(name=name):
            yield f"    -> {name}"
        case causes.ShutDown():
            yield "the phone is closed"
        case causes.Overflow(lost):
            yield f"({lost} things happened too fast to be shown)"
        case _:
            pass
    came = consequence(update.cause)
    if came is not None:
        yield f"       {came}"
    changed = changes(before, update.state)
    if changed:
        yield f"       now: {changed}"


def _event(event: events.Event) -> str:
    match event:
        case events.Status(events.OtherStatus(text)):
            return f"status {text}"
        case events.Status(status):
            return status.value if isinstance(status, events.CallStatus) else ""
        case events.CallId(call_id):
            return f"call id {call_id or 'none'}"
        case events.CallError(status_erro):
            return f"refused: {status_erro}"
        case events.IncomingCall(caller, called, _):
            return f"{caller or 'somebody'} calls{f' {called}' if called else ''}"
        case events.Unknown(name, payload):
            return f"{name} {payload}"
        case _:
            name = "".join(f" {c.lower()}" if c.isupper() else c for c in type(event).__name__).strip()
            values = [(field.name, getattr(event, field.name)) for field in fields(event)]
            return " ".join([name, *(f"{key.replace('_', ' ')} {value}" for key, value in values if value is not None)])


def status_lines(state: Snapshot) -> list[str]:
    """All that is so."""
    queues = [f"{queue.id} (member: {_known(queue.member)}, paused: {_known(queue.paused)})" for queue in state.queues]
    return [
        f"page       {state.page.phase.value}{', its document failed to load' if state.page.failed else ''}",
        f"line       {state.line.value}",
        f"call       {call_text(state.call)}{_lasted(state.call)}",
        f"ringing    {call_text(state.ringing)}",
        f"microphone {state.mute.value.replace('_', ' ')}",
        f"recording  {state.recording.value.replace('_', ' ')}",
        f"queues     {', '.join(queues) or 'none'}",
    ]


def _known(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def _lasted(call: Call | None) -> str:
    if call is None:
        return ""
    seconds = int(call.elapsed().total_seconds())
    return f", {seconds // 60}:{seconds % 60:02}"


def prompt(state: Snapshot) -> str:
    """The state in a few words, before what is typed."""
    parts = [state.page.phase.value if state.page.phase is not PagePhase.READY else state.line.value]
    if state.call is not None:
        parts.append(f"{call_text(state.call)}{_lasted(state.call)}")
    if state.mute is Mute.ASSUMED_MUTED:
        parts.append("muted")
    if state.ringing is not None:
        parts.append(f"RINGING {state.ringing.number or ''}".rstrip())
    return printable(f"[{' | '.join(parts)}] ")


class Screen:
    """Where lines are shown and typed. On a terminal the state stands before what is being typed, and keeps up."""

    def __init__(self) -> None:
        self._interactive = sys.stdin.isatty() and sys.stdout.isatty()
        self._prompt = ""
        self._restore: Callable[[], None] = lambda: None
        self._typed: Callable[[], str] = str

    @property
    def is_interactive(self) -> bool:
        """Whether somebody types at it."""
        return self._interactive

    def show(self, line: str, *, at: datetime | None = None) -> None:
        """Shows a line, perhaps with its time."""
        text = printable(line)
        if at is not None:
            text = f"{at.astimezone():%H:%M:%S}  {text}"
        if self._interactive:
            text = f"\r\x1b[K{text}"
        sys.stdout.write(f"{text}\n")
        self._redraw()

    def keep(self, prompt: str) -> None:
        """Shows the state; the same again costs nothing."""
        if prompt != self._prompt:
            self._prompt = prompt
            self._redraw()

    def _redraw(self) -> None:
        if self._interactive:
            sys.stdout.write(f"\r\x1b[K{self._prompt}{self._typed()}")
        sys.stdout.flush()

    def lines(self) -> asyncio.Queue[str | None]:
        """What is typed, line by line, and None at its end. It is read by a thread that nobody waits for."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        read = self._edited if self._interactive else _piped

        def take() -> None:
            # The loop may be gone before the input is.
            with contextlib.suppress(RuntimeError):
                for line in read():
                    loop.call_soon_threadsafe(queue.put_nowait, line)
                loop.call_soon_threadsafe(queue.put_nowait, None)

        threading.Thread(target=take, name="webphone-input", daemon=True).start()
        return queue

    def _edited(self) -> Iterator[str]:
        """With the keys of a line editor, where Python has one."""
        with contextlib.suppress(ImportError):
            import readline
            import termios

            before = termios.tcgetattr(0)
            self._restore = lambda: termios.tcsetattr(0, termios.TCSADRAIN, before)
            self._typed = readline.get_line_buffer
            readline.parse_and_bind("tab: complete")
            readline.set_completer(_complete)
        with contextlib.suppress(EOFError):
            while True:
                yield input(self._prompt)

    def close(self) -> None:
        """Gives the terminal back as it was. Twice is fine."""
        self._restore()
        if self._interactive:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()


def _complete(text: str, number: int) -> str | None:
    fitting = [f"{name} " for name in VERBS if name.startswith(text)]
    return fitting[number] if number < len(fitting) else None


def _piped() -> Iterator[str]:
    # Straight from the system: Python can't end while a thread holds the lock of `sys.stdin`.
    rest = b""
    with contextlib.suppress(OSError):
        while data := os.read(0, 65_536):
            *lines, rest = (rest + data).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")
