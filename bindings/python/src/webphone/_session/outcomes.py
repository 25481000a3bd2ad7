"""What became of a command that did not fail."""

from __future__ import annotations

from dataclasses import dataclass

from webphone._public import publish


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The phone said that it happened."""

    by: str
    """The phone's word for it: `chamada_id`, `conversando`."""
    call_id: str | None = None
    """The id of the call that the command was about; None when there is none or it is not known."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """It was so already: nothing was posted."""


@dataclass(frozen=True, slots=True)
class Sent:
    """It was posted; the phone never confirms this command."""

    keys: int | None = None
    """How many keys were pressed; None for every other command than DTMF."""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """It was posted and no confirmation came in its time; it may have worked.

    A late confirmation still reaches state and updates.
    """


Outcome = Confirmed | Unchanged | Sent | Unconfirmed
"""What became of a command that did not fail."""


publish(globals())
