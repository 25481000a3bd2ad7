"""`webphone url`: one URL."""

from __future__ import annotations

import sys

from webphone import WebphoneUrl

from .access import Access
from .arguments import UrlCommand
from .exits import Exit
from .records import FORMATS, record_of
from .rows import Row
from .signals import Interrupts


def run(command: UrlCommand) -> int:
    """Fetch it and print it.

    Raises:
        UserError: The API can't be asked.
        WebphoneError: It gave no URL.
    """
    url = fetch(command.access, command.row)
    as_json = FORMATS["ndjson"]
    sys.stdout.buffer.write(
        as_json.line(record_of(command.row, url)) if command.as_json else f"{url.reveal()}\n".encode()
    )
    return Exit.DONE


def fetch(access: Access, row: Row) -> WebphoneUrl:
    """The URL that a row asks for.

    Raises:
        UserError: The API can't be asked.
        WebphoneError: It gave no URL.
    """
    with Interrupts() as interrupts, access.client() as client:
        return interrupts.call(lambda: client.fetch(row.request))
