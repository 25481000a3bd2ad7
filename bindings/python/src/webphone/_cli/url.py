"""`webphone url`: one URL."""

from __future__ import annotations

import sys

from .arguments import UrlCommand
from .exits import Exit
from .records import FORMATS, record_of
from .signals import Interrupts


def run(command: UrlCommand) -> int:
    """Fetch it and print it.

    Raises:
        UserError: The API can't be asked.
        WebphoneError: It gave no URL.
    """
    with Interrupts() as interrupts, command.access.client() as client:
        url = interrupts.call(lambda: client.fetch(command.row.request))
    as_json = FORMATS["ndjson"]
    sys.stdout.buffer.write(
        as_json.line(record_of(command.row, url)) if command.as_json else f"{url.reveal()}\n".encode()
    )
    return Exit.DONE
