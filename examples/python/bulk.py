"""Fetch the URL of each extension in a file, one a line, and do something else with each kind of failure.

usage: bulk.py FILE

The token comes from TOTALVOICE_ACCESS_TOKEN, and the address of another API than the vendor's from WEBPHONE_BASE_URL.
Without an account: webphone simulator -- python examples/python/bulk.py FILE
For files that are to be written, there is the command `webphone bulk`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import webphone
from webphone import BatchProgress, Extension


def extensions(path: Path) -> Iterator[Extension]:
    """The extensions of the file, read while they are fetched."""
    with path.open(encoding="utf-8-sig") as lines:
        yield from (Extension.number(number) for line in lines if (number := line.strip()))


def show(progress: BatchProgress) -> None:
    """How far it is."""
    print(f"{progress.fetched} fetched, {progress.failed} failed", file=sys.stderr)


if len(sys.argv) != 2:
    sys.exit(__doc__)

again = []
with webphone.Client() as client, client.fetch_many(extensions(Path(sys.argv[1])), on_progress=show) as results:
    for result in results:
        extension = result.request.extension
        try:
            url = result.unwrap()
        except webphone.InvalidError as error:
            print(f"{extension}: fix the file: `{error.field}` {error.reason}")
        except webphone.UnauthorizedError as error:
            sys.exit(str(error))
        except webphone.WebphoneError as error:
            if error.is_retryable:
                again.append(extension)
            else:
                print(f"{extension}: {error}")
        else:
            print(f"{extension}: a {url.type.value} phone at {url.origin}")

if again:
    print("try again later:", *again)
