"""What a phone's page is made to do by these tests: as if the vendor had written it so."""

from __future__ import annotations

import json

from hosted import Around, Hosted

# Every frame does what a message of the tests says. The phone's page has no policy that forbids it.
OBEYS = """addEventListener("message", ({ data }) => {
  if (data && typeof data.testRun === "string") (0, eval)(data.testRun);
});"""


def obedient(**around: object) -> Around:
    """Pages that do what `in_phone` says."""
    return Around(script=OBEYS, **around)  # type: ignore[arg-type]


def in_phone(phone: Hosted, code: str) -> None:
    """Runs this in the phone's frame, soon."""
    message = json.dumps({"testRun": code})
    phone.view.evaluate(f'document.querySelector("iframe").contentWindow.postMessage({message}, "*"), 0')


def go(phone: Hosted, url: str) -> None:
    """The phone's frame goes somewhere."""
    in_phone(phone, f"location.href = {json.dumps(url)}")
