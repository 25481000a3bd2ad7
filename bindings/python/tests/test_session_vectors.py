"""The vectors of the phone's language and of whole sessions, through the public interface."""

# The checker does not know the modules beside this one.
# mypy: disable-error-code="import-not-found,var-annotated"

import asyncio
import json

import pytest
from shapes import VECTORS, cases, read, shape, text, text_of, without_nulls

import webphone
from webphone import causes, commands, reports

TRACES = sorted((VECTORS / "traces").glob("*.json"))


def session(clock=None):
    """A session that is ready, whose texts nobody reads."""
    phone = webphone.BlockingSession(lambda _: None, clock=clock or webphone.Clock())
    phone.page_report(reports.Loaded())
    phone.receive('{"message":"status","status":"conectado"}')
    return phone


def merge(target, patch):
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_a_trace_is_lived_again_as_it_was(path):
    text = path.read_text(encoding="utf-8")
    trace = json.loads(text)
    steps = webphone.replay(text)
    assert len(steps) == len(trace["steps"]) > 0
    state = trace["initial"]
    for number, (step, recorded) in enumerate(zip(steps, trace["steps"], strict=True)):
        state = merge(state, recorded.get("state", {}))
        base = trace.get("unix_base_ms", 0)
        assert (step.at.mono_ms, step.at.unix_ms) == (recorded["at"], recorded.get("unix_ms", base + recorded["at"]))
        assert step.note == recorded.get("note"), number
        assert shape(step.input) == without_nulls(recorded["input"]), number
        assert shape(step.texts) == recorded.get("texts", []), number
        settled = [
            {
                "id": each.id,
                "error" if isinstance(each.result, webphone.WebphoneError) else "outcome": shape(each.result),
            }
            for each in step.settlements
        ]
        assert settled == recorded.get("settled", []), number
        assert [shape(update.cause) for update in step.updates] == recorded.get("updates", []), number
        assert all(update.state == step.state for update in step.updates), number
        # Time never goes back for a session, whatever its host says.
        assert all(update.at.mono_ms >= step.at.mono_ms for update in step.updates), number
        assert step.deadline_ms == recorded.get("deadline"), number
        assert shape(step.state) == without_nulls(state), number
        assert step.differs == (), number


def test_a_trace_that_was_changed_differs_where_it_was():
    trace = json.loads((VECTORS / "traces" / "outgoing.json").read_text(encoding="utf-8"))
    trace["steps"][2]["texts"][0]["text"] = "{}"
    trace["steps"][4]["deadline"] = 1
    trace["initial"]["line"] = "connected"
    differs = {number: step.differs for number, step in enumerate(webphone.replay(json.dumps(trace))) if step.differs}
    assert differs == {0: ("initial",), 2: ("texts",), 4: ("deadline",)}


def test_what_is_no_trace_is_refused():
    with pytest.raises(webphone.InvalidError, match="not a session's trace in its `steps`") as caught:
        webphone.replay("{}")
    assert caught.value.field == "trace"


def heard(phone, text):
    """The causes of the updates that a message led to."""
    updates = phone.updates()
    phone.receive(text)
    phone.page_report(reports.Notice("end"))
    found = []
    for update in updates:
        if update.cause == causes.Page(reports.Notice("end")):
            return found
        found.append(update.cause)
    raise AssertionError


@pytest.mark.parametrize("case", cases("events/known.json"), ids=str)
def test_a_known_event_is_heard(case):
    with session() as phone:
        said = [cause.event for cause in heard(phone, text_of(case)) if isinstance(cause, causes.Event)]
        assert [shape(event) for event in said] == [without_nulls(case["event"])]
        if "json" in case:
            again = [cause.event for cause in heard(phone, case["json"]) if isinstance(cause, causes.Event)]
            assert again == said


@pytest.mark.parametrize("case", cases("events/broken.json"), ids=lambda case: str(case)[:80])
def test_a_broken_event_is_named_and_changes_nothing_else(case):
    with session() as phone:
        before = phone.state
        (cause,) = heard(phone, text_of(case))
        assert isinstance(cause, causes.BrokenEvent)
        assert (cause.broken.name, cause.broken.field) == (case["error"]["name"], case["error"]["field"])
        assert phone.state.broken_events == before.broken_events + 1
        assert phone.state.line == before.line


@pytest.mark.parametrize("case", cases("events/foreign.json"), ids=lambda case: str(case)[:80])
def test_what_is_not_the_phones_is_nobodys_business(case):
    with session() as phone:
        before = phone.state
        assert heard(phone, text_of(case)) == []
        assert phone.state == before


def made(fields):
    """The public command of a vector."""
    fields = dict(fields)
    name = "".join(part.capitalize() for part in fields.pop("type").split("_"))
    return getattr(commands, name)(**{field: value for field, value in fields.items() if value is not None})


async def posted(command):
    """What a session posts for a command, in a state in which it can be given."""
    texts = asyncio.Queue()
    async with webphone.Session(texts.put, clock=webphone.Clock()) as phone:
        phone.page_report(reports.Loaded())
        phone.receive('{"message":"status","status":"conectado"}')
        if isinstance(command, commands.Answer):
            phone.receive('{"message":"chegandoChamada","numeroChegando":"4001"}')
        elif not isinstance(command, commands.Call):
            phone.receive('{"message":"status","status":"conversando"}')
        if isinstance(command, commands.Connect):
            phone.receive('{"message":"status","status":"desconectado"}')
        waiting = asyncio.ensure_future(phone.execute(command))
        text = await asyncio.wait_for(texts.get(), 20)
        waiting.cancel()
        return text


@pytest.mark.parametrize("case", cases("commands/canonical.json"), ids=str)
def test_a_command_is_posted_as_its_one_text(case):
    command = made(case["command"])
    assert shape(command) == without_nulls(case["command"])
    assert asyncio.run(posted(command)) == case["json"]
    assert commands.parse(case["json"]) == command


@pytest.mark.parametrize("case", cases("commands/lenient.json"), ids=lambda case: str(case)[:80])
def test_what_a_page_posts_is_read(case):
    if "error" in case:
        with pytest.raises(webphone.InvalidError) as caught:
            commands.parse(text_of(case))
        assert caught.value.field == case["error"]["field"]
    else:
        command = commands.parse(text_of(case))
        assert (None if command is None else shape(command)) == without_nulls(case["command"])


@pytest.mark.parametrize("case", cases("commands/values.json"), ids=str)
def test_a_value_is_checked_before_anything_is_sent(case):
    sent = []
    with webphone.BlockingSession(sent.append, clock=webphone.Clock()) as phone:
        give = {
            "number": webphone.PhoneNumber,
            "dtmf": phone.send_dtmf,
            "queue": phone.join_queue,
        }[case["type"]]
        if "error" in case:
            with pytest.raises(webphone.InvalidError) as caught:
                give(text_of(case))
            assert case["error"] in caught.value.reason
        elif case["type"] == "number":
            assert str(give(text_of(case))) == case["value"]
        else:
            # It is taken: what is in the way is only that there is no page.
            phone.close()
            with pytest.raises(webphone.SessionClosedError):
                give(text_of(case))
    assert sent == []


@pytest.mark.parametrize("vector", read("numbers.json")["vectors"], ids=lambda vector: vector["why"])
def test_a_number_to_call_is_read_as_people_write_it(vector):
    written = text(vector["written"])
    error = vector["expect"].get("error")
    if error is None:
        assert commands.Call(written).number.dialled == vector["expect"]["dialled"]
    else:
        with pytest.raises(webphone.InvalidError) as caught:
            commands.Call(written)
        assert caught.value.code == error["code"]
        assert all(part in str(caught.value) for part in error.get("says", []))
