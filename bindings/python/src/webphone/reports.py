"""What a host can see of the page that holds the phone, and tells its session: see `Session.page_report`.

phone.page_report(reports.Loaded())
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Blocked",
    "Closed",
    "Failed",
    "LoadFailure",
    "Loaded",
    "Loading",
    "Lost",
    "Navigated",
    "Network",
    "Notice",
    "PageReport",
    "Reloaded",
    "Script",
    "Status",
    "TimedOut",
    "Tls",
]


@dataclass(frozen=True, slots=True)
class Status:
    """The server answered with this HTTP status. One below 400 is no failure."""

    status: int
    """The status, 100 to 999."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate, its name or the protocol is not acceptable."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """It may not be shown in a frame (`X-Frame-Options`, `frame-ancestors`), or a policy forbids to load it."""


@dataclass(frozen=True, slots=True)
class Network:
    """The network failed."""

    code: str
    """The platform's word for it: `net::ERR_CONNECTION_REFUSED`. Only its letters, digits and `_ : . -` are kept."""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nothing had loaded when the time for it was over."""


@dataclass(frozen=True, slots=True)
class Script:
    """The script that makes a hidden phone did not load."""


LoadFailure = Status | Tls | Blocked | Network | TimedOut | Script
"""Why the phone's document did not load, as far as the host can tell."""


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
    failure: LoadFailure | None = None
    """Why, for programs; None: for another reason, which the detail tells."""


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
