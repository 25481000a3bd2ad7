"""A real phone in a real Chromium, headless or not, by Playwright.

    from playwright.async_api import async_playwright
    from webphone.playwright import launch_options, open_phone

    async with async_playwright() as p:
        browser = await p.chromium.launch(**launch_options())
        async with await open_phone(browser, url) as phone:
            await phone.call("11999990000")

With Playwright's sync API it is the same without `async` and `await`. It needs the extra: `pip install
"webphone[playwright]"`, and the full Chromium (`playwright install chromium`, or the system's): Playwright's headless
shell has no microphone.

`launching` says how to start a Chromium, `hosting` is the host page in it, `phones` what a program holds.
"""

try:
    import playwright as _playwright
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        'webphone.playwright needs Playwright: pip install "webphone[playwright]"', name="playwright"
    ) from None
del _playwright

from .launching import LaunchOptions, launch_options  # noqa: E402 - what they need is there now
from .phones import BlockingWebphone, Webphone, open_phone  # noqa: E402

__all__ = ["BlockingWebphone", "LaunchOptions", "Webphone", "launch_options", "open_phone"]

# Where they are found: in tracebacks, in documentation.
for _public in (BlockingWebphone, LaunchOptions, Webphone, launch_options, open_phone):
    _public.__module__ = __name__
del _public
