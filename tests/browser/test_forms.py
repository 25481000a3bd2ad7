"""The vendor's script and page in their worst forms, on hosts whose bridge has a world of its own."""

import json
import time
import urllib.request

import pytest
from hosted import PATIENCE

from webphone import PhoneType
from webphone._core import native

OWN_WORLD = {"chromium": "BINDING", "webkit": "MESSAGE_HANDLER"}
FORMS = ["without_allow", "late_source", "inner_html", "style_attribute", "chained", "many_frames", "hunts"]


def ask(world, path, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{world.simulator.control_url}{path}", data, method=method)
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def host_in_form(world, engine, kind, **form):
    ask(world, f"/phones/{world.next_extension}/page", "PUT", form)
    return world.host(engine, kind, getattr(native.PageHost, OWN_WORLD[engine.name])())


def page_with_microphone(world):
    """What is known of the page once its question for the microphone is answered; each look is a request."""
    end = time.monotonic() + PATIENCE
    while (page := ask(world, f"/phones/{world.extension}/page"))["microphone"] in (None, "asked"):
        assert time.monotonic() < end, page
    return page


@pytest.mark.parametrize("form", FORMS)
def test_a_script_in_a_bad_form_is_still_a_phone(world, engine, form):
    phone = host_in_form(world, engine, PhoneType.HIDDEN, script=form)
    number = native.parse_phone_number("119999900001")
    assert phone.execute(native.Command.CALL(number)).is_confirmed()
    phone.until(lambda state: state.call and state.call.phase == native.CallPhase.TALKING)
    page = page_with_microphone(world)
    assert page["microphone"] == "live"
    # What it found of the page around it: nothing that opens the way to the program.
    assert phone.load.port_message().split('"nonce":"')[1][:32] not in json.dumps(page)


@pytest.mark.parametrize("load", ["forbidden", "unframeable"])
def test_a_page_that_does_not_load_is_no_phone(world, engines, load):
    phone = host_in_form(world, engines["chromium"], PhoneType.EMBEDDED, load=load)
    if load == "forbidden":
        phone.told(lambda cause: cause.is_page() and cause.report.is_failed(), "failed")
        assert phone.state.page.failed
    phone.until(lambda state: state.page.phase == native.PagePhase.LOADED)
