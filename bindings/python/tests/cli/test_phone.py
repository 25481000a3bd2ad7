"""`webphone phone`, as far as it goes without a browser; with one it is in `tests/browser`."""

from __future__ import annotations

import pytest

from webphone._cli.verbs import VERBS, NotUnderstoodError, help_lines, understand
from webphone.commands import Command


def test_without_playwright_it_says_the_one_line_to_install_it(webphone):
    run = webphone("phone", "4000", "--simulate")
    assert run.code == 2
    assert run.err == 'webphone: `webphone phone` needs Playwright: pip install "webphone[playwright]"\n'
    assert run.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "EXTENSION"),
        (["4000", "--simulate", "--id"], "leave out --id"),
        (["4000", "--plain"], "--record"),
        (["4000", "--type", "loud"], "--type"),
        (["4000", "--token", "T"], "the access token is no argument"),
    ],
)
def test_wrong_usage(webphone, arguments, said):
    run = webphone("phone", *arguments)
    assert run.code == 2
    assert said in run.err


def test_help_names_every_way_to_begin(webphone):
    run = webphone("phone", "--help")
    assert run.code == 0
    for option in ("--call", "--headed", "--record", "--simulate", "--microphone"):
        assert option in run.out


def test_every_command_of_the_phone_has_its_verb():
    # 15 commands; DTMF is paced, and mute is said as what is wanted too.
    names = {"send_dtmf": "dtmf", "hang_up": "hangup", "blind_transfer": "transfer", "consult_transfer": "consult"}
    names |= {"start_recording": "record", "stop_recording": "stop-recording", "toggle_mute": "toggle-mute"}
    names |= {f"{verb}_queue": verb.removesuffix("_in") for verb in ("pause_in", "resume_in", "join", "leave")}
    for command in Command.__args__:
        word = "".join(f"_{c.lower()}" if c.isupper() else c for c in command.__name__).strip("_")
        assert names.get(word, word) in VERBS, word


def test_a_line_is_a_command_and_what_it_takes():
    assert understand("  ", simulated=False) is None
    verb, value = understand(" CALL  11 99999-0000 ", simulated=False) or (None, "")
    assert verb is VERBS["call"]
    assert value == "11 99999-0000"
    assert understand("pause", simulated=False) == (VERBS["pause"], "")
    for line in ("call", "hangup now", "anser", "incoming 4001", "dtmf"):
        with pytest.raises(NotUnderstoodError):
            understand(line, simulated=False)
    assert understand("incoming 4001", simulated=True) == (VERBS["incoming"], "4001")


def test_help_shows_what_there_is():
    assert len(help_lines("", simulated=True)) == len(VERBS)
    assert not any(line.startswith("incoming") for line in help_lines("", simulated=False))
    assert help_lines("call", simulated=False) == ["call NUMBER  call a number"]
    with pytest.raises(NotUnderstoodError):
        help_lines("incoming", simulated=False)
