"""Fetch webphone URLs with asyncio: two at the same time, and many in one batch.

The token comes from TOTALVOICE_ACCESS_TOKEN, and the address of another API than the vendor's from WEBPHONE_BASE_URL.
Without an account: webphone simulator -- python examples/python/fetch_async.py
"""

import asyncio

import webphone
from webphone import Extension, PhoneType


async def main() -> None:
    """Fetch them."""
    async with webphone.AsyncClient() as client:
        both = await asyncio.gather(client.fetch(Extension.number(4000)), client.fetch(Extension.number(4001)))
        print(*both, sep="\n")

        # A request that takes too long for you is cancelled, in the library as well.
        url = await asyncio.wait_for(client.fetch(Extension.number(4000), type=PhoneType.EMBEDDED), timeout=5)
        print(url)

        extensions = (Extension.number(number) for number in range(4000, 4003))
        async for result in client.fetch_many(extensions, type=PhoneType.HIDDEN):
            print(result.request.extension, result.url or result.error)


asyncio.run(main())
