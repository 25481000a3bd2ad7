"""`webphone phone`: the phone of an extension in a Chromium, shown as it lives, with commands by their names."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from webphone import SimulatedExtension, SimulatedPhone, Simulator, Snapshot, Updates, WebphoneError, WebphoneUrl

from .arguments import PhoneCommand
from .exits import Exit, UserError, named
from .live import Screen, lines_of, prompt, status_lines
from .output import new_file
from .rows import readable
from .signals import Interrupted
from .timeline import outcome_text
from .url import fetch
from .verbs import Act, Desk, NotUnderstoodError, help_lines, understand

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

    from webphone.playwright import Webphone

_TICK = 1.0
"""Seconds after which a call's time is shown anew."""


def run(command: PhoneCommand) -> int:
    """Open it, and live with it until it is told to end.

    Raises:
        UserError: There is no Playwright, no browser, or a file can't be written.
        WebphoneError: There is no such phone.
        Interrupted: A signal ended it.
    """
    if importlib.util.find_spec("playwright") is None:
        raise UserError('`webphone phone` needs Playwright: pip install "webphone[playwright]"')
    with _recording(command) as write, _phone(command) as (url, world):
        return asyncio.run(_live(command, url, world, write))


@contextmanager
def _recording(command: PhoneCommand) -> Iterator[Callable[[str], object]]:
    """What writes the recording down. Its file is made at once: nobody wants to learn after a call that it can't be."""
    if command.record is None:
        yield lambda _: None
        return
    with os.fdopen(new_file(command.record, "name another --record"), "w", encoding="utf-8") as file:
        yield file.write


@contextmanager
def _phone(command: PhoneCommand) -> Iterator[tuple[WebphoneUrl, SimulatedPhone | None]]:
    """The URL, and the world around it where it is simulated."""
    if not command.simulated:
        yield fetch(command.access, command.row), None
        return
    number = command.row.ramal
    extensions = dict.fromkeys([number, "4000", "4001"])
    with (
        Simulator(extensions=[SimulatedExtension(each) for each in extensions]) as simulator,
        simulator.client() as client,
    ):
        yield client.fetch(command.row.request), simulator.phone(number)


async def _live(
    command: PhoneCommand, url: WebphoneUrl, world: SimulatedPhone | None, write: Callable[[str], object]
) -> int:
    """The whole life of the phone, until a signal ends it.

    Raises:
        Interrupted: One did.
    """
    loop = asyncio.get_running_loop()
    life = asyncio.ensure_future(_life(command, url, world, write))
    received: list[int] = []

    def on_signal(number: int) -> None:
        received.append(number)
        life.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        # Where there are no such handlers, Ctrl-C cancels all of this by itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, on_signal, number)
    try:
        return await life
    except asyncio.CancelledError:
        if not received:
            raise
        raise Interrupted(received[0]) from None


async def _life(
    command: PhoneCommand, url: WebphoneUrl, world: SimulatedPhone | None, write: Callable[[str], object]
) -> int:
    from playwright.async_api import async_playwright

    from webphone.playwright import open_phone

    async with AsyncExitStack() as stack:
        browser = await _browser(command, await stack.enter_async_context(async_playwright()), stack)
        masked: Literal["plain", "masked"] = "masked" if command.masked else "plain"
        phone = await open_phone(browser, url, record=masked if command.record else None)
        screen = Screen()
        stack.callback(screen.close)
        room = _Room(phone, world, screen)
        try:
            return await room.live(command.call)
        finally:
            phone.close()
            try:
                await phone.aclose()
                await room.last_words()
            finally:
                # Also when somebody does not want to wait for the page.
                write(phone.trace() or "")


async def _browser(command: PhoneCommand, playwright: Playwright, stack: AsyncExitStack) -> Browser:
    from playwright.async_api import Error

    from webphone.playwright import launch_options

    with named({"executable": "--browser", "microphone": "--microphone"}):
        options = launch_options(
            headed=command.headed,
            microphone=_microphone(command.microphone),
            executable=command.browser,
        )
    try:
        # A terminal's Ctrl-C reaches whatever was started from it; the browser is closed after the phone.
        browser = await playwright.chromium.launch(**options, handle_sigint=False, handle_sigterm=False)
    except Error as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"no Chromium could be started ({readable(reason)}): install the system's, or Playwright's own by "
            "`playwright install chromium`, or name one by --browser"
        ) from None

    async def close() -> None:
        # It may be gone already.
        with contextlib.suppress(Error):
            await browser.close()

    stack.push_async_callback(close)
    return browser


def _microphone(word: str) -> Literal["fake", "real"] | Path:
    return "fake" if word == "fake" else "real" if word == "real" else Path(word)


class _Room:
    """The phone, and whoever commands it."""

    def __init__(self, phone: Webphone, world: SimulatedPhone | None, screen: Screen) -> None:
        self._phone = phone
        self._screen = screen
        self._desk = Desk(phone, phone.restart, self._until, world)
        self._open: set[asyncio.Task[None]] = set()
        self._failed = False
        self._shown = asyncio.create_task(self._show(phone.updates(), phone.state))

    async def live(self, first: str | None) -> int:
        """Takes commands until `quit` or the end of what is typed."""
        ticking = asyncio.create_task(self._tick())
        lines = self._screen.lines()
        try:
            if first is not None:
                await self._take(f"call {first}")
            while (line := await lines.get()) is not None and await self._take(line):
                pass
            if line is None and self._open:
                await asyncio.wait(self._open)
        finally:
            ticking.cancel()
            for task in self._open:
                task.cancel()
        return Exit.SOME_FAILED if self._failed and not self._screen.is_interactive else Exit.DONE

    async def last_words(self) -> None:
        """What the closed phone had to say."""
        await self._shown

    async def _take(self, line: str) -> bool:
        """Does what a line says; tells whether more may come."""
        try:
            understood = understand(line, simulated=self._desk.world is not None)
            if understood is None:
                return True
            verb, value = understood
            if verb.name == "quit":
                return False
            if verb.name == "status":
                self._say(*status_lines(self._phone.state))
            elif verb.name == "help":
                self._say(*help_lines(value, simulated=self._desk.world is not None))
        except NotUnderstoodError as error:
            self._failed = True
            self._say(str(error))
            return True
        if verb.act is not None:
            task = asyncio.create_task(self._act(verb.act, line.strip(), value))
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            # Who types may want to hang up before the call is there; what a script says is meant in order.
            if not self._screen.is_interactive:
                await asyncio.wait([task])
        return True

    async def _act(self, act: Act, line: str, value: str) -> None:
        try:
            outcome = await act(self._desk, value)
        except (WebphoneError, NotUnderstoodError) as error:
            self._failed = True
            self._tell(f"{line}: {error}")
        else:
            self._tell(f"{line}: {'done' if outcome is None else outcome_text(outcome)}")

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._screen.show(line)

    def _tell(self, line: str) -> None:
        self._screen.show(line, at=datetime.now(timezone.utc))

    async def _until(self, condition: Callable[[Snapshot], bool]) -> None:
        updates = self._phone.updates()
        if condition(self._phone.state):
            return
        async for update in updates:
            if condition(update.state):
                return

    async def _show(self, updates: Updates, before: Snapshot) -> None:
        async for update in updates:
            for line in lines_of(update, before):
                self._screen.show(line, at=update.at.utc)
            before = update.state
            self._screen.keep(prompt(before))

    async def _tick(self) -> None:
        """Lets the time of a call run."""
        while True:
            self._screen.keep(prompt(self._phone.state))
            await asyncio.sleep(_TICK)
