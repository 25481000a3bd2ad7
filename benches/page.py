"""From a page that is ready to a confirmed call, in milliseconds: a real Chromium, a remote side that answers at once.

usage: page.py PHONES     how many phones, each in a page of its own; prints one number a line
"""

from __future__ import annotations

import asyncio
import sys
import time

from playwright.async_api import Browser, async_playwright

import webphone
from webphone import Extension, PagePhase, PhoneType
from webphone.playwright import launch_options, open_phone

# A number with this ending is answered at once.
NUMBER = "119999900001"


async def measure(browser: Browser, url: webphone.WebphoneUrl) -> float:
    """One phone: its page gets ready, then it calls."""
    async with await open_phone(browser, url) as phone:
        updates = phone.updates()
        if phone.state.page.phase is not PagePhase.READY:
            async for update in updates:
                if update.state.page.phase is PagePhase.READY:
                    break
        begin = time.perf_counter()
        outcome = await phone.call(NUMBER)
        took = time.perf_counter() - begin
        assert isinstance(outcome, webphone.Confirmed), outcome
        await phone.hang_up()
    return took * 1000


async def main(phones: int) -> None:
    """One after the other; the first one, with which the browser warms up, does not count."""
    numbers = range(4000, 4001 + phones)
    with webphone.Simulator(extensions=numbers) as simulator:
        async with simulator.async_client() as client, async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options())
            for number in numbers:
                url = await client.fetch(Extension.number(number), type=PhoneType.HIDDEN)
                took = await measure(browser, url)
                if number != numbers[0]:
                    print(took)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
