"""Fetch the webphone URL of extensions, one and then several.

The token comes from TOTALVOICE_ACCESS_TOKEN, and the address of another API than the vendor's from WEBPHONE_BASE_URL.
Without an account: webphone simulator -- python examples/python/fetch.py
"""

import webphone
from webphone import Extension, PhoneType


def open_somewhere(url: str) -> None:
    """Stands for what your program does with it. Whoever sees a URL can use the phone, so nobody sees it here."""
    print(f"got a URL of {len(url)} characters")


extensions = [Extension.number(4000), Extension.number(4001), Extension.number(4002)]

with webphone.Client() as client:
    url = client.fetch(Extension.number(4000), type=PhoneType.HIDDEN)
    print(url)
    open_somewhere(url.reveal())

    for result in client.fetch_many(extensions, type=PhoneType.HIDDEN, concurrency=64):
        print(result.request.extension, result.url or result.error)
