"""The vendor's script in its worst forms, on hosts whose bridge has a world of its own."""

import json

import pytest

from webphone import PhoneType

OWN_WORLD = {"chromium": "binding", "webkit": "handler"}
FORMS = ["without_allow", "late_source", "inner_html", "style_attribute", "chained", "many_frames", "hunts"]


def one_phone(world, engine, form, microphone="live"):
    phone = world.host(engine, PhoneType.HIDDEN, OWN_WORLD[engine.name], form={"script": form})
    phone.makes_a_call()
    assert world.microphone(phone) == microphone
    return phone


@pytest.mark.parametrize("form", FORMS)
def test_a_script_in_a_bad_form_is_still_a_phone(world, engine, form):
    phone = one_phone(world, engine, form)
    # What it found of the page around it: nothing that opens the way to the program.
    assert phone.nonce not in json.dumps(world.control(f"/phones/{phone.extension}/page"))


def test_a_frame_at_a_sibling_of_the_scripts_host_is_the_phone(tls_world, engine):
    phone = one_phone(tls_world, engine, {"sibling_frame": {"host": "voice-app.zenvia.com"}})
    assert phone.link.pinned_origin() == "https://voice-app.zenvia.com"
