"""A phone in a page, as a session. Nothing of it is loaded before somebody asks `webphone` for a part of it.

`states` is what a session looks like, `outcomes` what became of a command, `errors` what it failed with; `convert` is
the one place where these and the generated module's become each other. `sessions` is what a program holds, `transport`
carries texts to the page, `updates` follows a session, `replayed` lives a recorded one again.
"""

from types import FunctionType
from typing import Any


def publish(namespace: dict[str, Any]) -> None:
    """Names what a module has for the public after the place where it is found: in tracebacks, pickles, documentation.

    Args:
        namespace: The module's.
    """
    for name, value in namespace.items():
        if isinstance(value, (type, FunctionType)) and value.__module__ == namespace["__name__"] and name[0] != "_":
            value.__module__ = __name__.partition(".")[0]
