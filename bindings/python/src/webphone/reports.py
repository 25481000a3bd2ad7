"""What a host can see of the page that holds the phone, and tells its session: see `Session.page_report`.

phone.page_report(reports.Loaded())
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Closed", "Failed", "Loaded", "Loading", "Lost", "Navigated", "Notice", "PageReport", "Reloaded"]


@dataclass(frozen=True, slots=True)
class Loading:
    """The page begins to load. After `Loaded` that is a loss of the page before."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The phone's document has loaded, as far as the host can see."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The phone's document failed to load: silence of the page no longer counts as life."""

    detail: str = ""
    """What the host knows about it, for people."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The page is gone: its process ended, its view was removed."""

    detail: str = ""
    """What the host knows about it, for people."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The phone closed itself."""


@dataclass(frozen=True, slots=True)
class Navigated:
    """The phone's window went to another page."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The phone's document loaded again by itself. It counts as lost until the next `Loading`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Anything else worth telling, such as a refused microphone. It changes nothing but reaches the updates."""

    name: str
    """A stable word for programs, in `snake_case`: `microphone_refused`."""
    detail: str = ""
    """What the host knows about it, for people."""


PageReport = Loading | Loaded | Failed | Lost | Closed | Navigated | Reloaded | Notice
"""What a host tells of the page."""
