"""How to start a Chromium that is a phone's: with a microphone, and with sound."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Literal, TypedDict

from webphone import InvalidError

_SYSTEMS_OWN = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
"""The names under which a system has one."""


class LaunchOptions(TypedDict, total=False):
    """What Playwright's `chromium.launch` takes of this."""

    headless: bool
    channel: str
    executable_path: Path
    args: list[str]
    ignore_default_args: list[str]


def launch_options(
    *,
    headed: bool = False,
    microphone: Literal["fake", "real"] | Path = "fake",
    executable: Path | str | None = None,
) -> LaunchOptions:
    """What to start a Chromium with, so that a phone in it has a microphone: `chromium.launch(**launch_options())`.

    Args:
        headed: Whether it shows a window.
        microphone: Which microphone phones have. "fake": one that beeps, and no sound; "real": the machine's, with
            sound; a path: what this WAV file holds, again and again, and no sound.
        executable: A Chromium or Chrome of one's own; None: the full Chromium that Playwright downloaded, or, where
            there is none, the system's.

    Raises:
        InvalidError: There is no such file.
    """
    options = LaunchOptions(headless=not headed, args=["--autoplay-policy=no-user-gesture-required"])
    if microphone == "real":
        options["ignore_default_args"] = ["--mute-audio"]
    else:
        options["args"].append("--use-fake-device-for-media-stream")
        if headed:
            options["args"].append("--mute-audio")
        if isinstance(microphone, Path):
            options["args"].append(f"--use-file-for-fake-audio-capture={_there(microphone, 'microphone')}")
        elif microphone != "fake":
            raise InvalidError("microphone", "is 'fake', 'real' or the path of a WAV file")
    found = _there(Path(executable), "executable") if executable is not None else _of_the_system()
    if found is None:
        # Without it, Playwright starts its headless shell.
        options["channel"] = "chromium"
    else:
        options["executable_path"] = found
    return options


def _there(path: Path, field: str) -> Path:
    if not path.is_file():
        raise InvalidError(field, "is no file")
    return path.resolve() if field == "microphone" else path


def _of_the_system() -> Path | None:
    """The system's own Chromium, where Playwright has downloaded none."""
    if any(_downloads().glob("chromium-*")):
        return None
    found = next(filter(None, map(shutil.which, _SYSTEMS_OWN)), None)
    return None if found is None else Path(found)


def _downloads() -> Path:
    """Where Playwright keeps its browsers, as its documentation says."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        import playwright

        return Path(playwright.__file__).parent / "driver/package/.local-browsers"
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ms-playwright"
