"""What a session lives, in lines for people: what happened at each time, and what changed by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from webphone import (
    Call,
    Confirmed,
    Outcome,
    ReplayedStep,
    Sent,
    Settlement,
    Snapshot,
    Unchanged,
    Unconfirmed,
    WebphoneError,
    causes,
    commands,
    inputs,
    reports,
)

_INDENT = " " * 12


def timeline(steps: Sequence[ReplayedStep]) -> Iterator[str]:
    """The lines of a session's steps; those in which nothing happened that anybody could see are left out."""
    before: Snapshot | None = None
    for step in steps:
        what = _input(step.input)
        came = list(_came(step, before))
        before = step.state
        if step.note is not None:
            yield f"{_INDENT}# {printable(step.note)}"
        if what is not None or came:
            yield f"{step.at.mono_ms / 1000:>10.3f}  {printable(what or 'time passed')}"
            yield from (f"{_INDENT}  {printable(line)}" for line in came)


def printable(text: str) -> str:
    """A trace, and what a phone says, comes from anywhere: nothing of it may drive the terminal."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _input(given: inputs.Input) -> str | None:
    """What happened; None where that is worth a line only for what came of it."""
    match given:
        case inputs.PhoneMessage(text):
            return f"phone    {text}"
        case inputs.PageReport(report):
            return f"page     {report_text(report)}"
        case inputs.Command(number, request):
            return f"command  #{number} {_request(request)}"
        case inputs.Cancel(number):
            return f"command  #{number} cancelled by its caller"
        case inputs.Posted(n, ok):
            return None if ok else f"host     text {n} was not posted"
        case inputs.AssumeMuted(muted):
            return f"host     the microphone is {'muted' if muted else 'open'}"
        case inputs.UrlChanged():
            return "host     another URL"
        case inputs.Tick():
            return None
        case inputs.ShutDown():
            return "host     the session is closed"


def report_text(report: reports.PageReport) -> str:
    """What a host saw of the page."""
    word = type(report).__name__.lower()
    match report:
        case reports.Failed(detail, _) | reports.Lost(detail):
            return f"{word} {detail}".rstrip()
        case reports.Notice(name, detail):
            return f"{name} {detail}".rstrip()
        case _:
            return word


def _request(request: inputs.Request) -> str:
    match request:
        case inputs.Execute(command):
            return _command(command)
        case inputs.SendDtmf(keys):
            return f"send DTMF {keys}"
        case inputs.SetMuted(muted):
            return "mute" if muted else "unmute"


def _command(command: commands.Command) -> str:
    name = "".join(f" {c.lower()}" if c.isupper() else c for c in type(command).__name__).strip()
    values = [str(value) for field in fields(command) if (value := getattr(command, field.name)) is not None]
    return " ".join([name, *values])


def _came(step: ReplayedStep, before: Snapshot | None) -> Iterator[str]:
    """What came of a step."""
    for text in step.texts:
        yield f"-> {text.text}"
    for update in step.updates:
        came = consequence(update.cause)
        if came is not None:
            yield came
    yield from (_settlement(settlement) for settlement in step.settlements)
    if before is not None:
        changed = changes(before, step.state)
        if changed:
            yield f"now: {changed}"
    if step.differs:
        yield f"DIFFERS from the record: {', '.join(step.differs)}"


def consequence(cause: causes.Cause) -> str | None:
    """What of an update's cause is worth a line, beside what went in; None: nothing."""
    match cause:
        case causes.Event(unexpected=True):
            return "unexpected: it does not fit into what was known"
        case causes.BrokenEvent(broken):
            return f"unusable: `{broken.field}` {broken.reason}"
        case causes.CallEnded(call):
            return f"call ended: {_ended(call)}"
        case causes.AutoDialled(number):
            return f"the page dialled {number} again, by loading again"
        case causes.RenewalDue(expires_at):
            return f"the URL expires at {expires_at:%H:%M:%S} UTC: fetch a new one"
        case _:
            return None


def changes(before: Snapshot, after: Snapshot) -> str:
    """What of the picture is another now; empty: nothing."""
    return ", ".join(f"{name} {now}" for name, was, now in _seen(before, after) if was != now)


def _seen(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, str, str]]:
    yield "page", before.page.phase.value, after.page.phase.value
    yield "line", before.line.value, after.line.value
    yield "call", call_text(before.call), call_text(after.call)
    yield "ringing", call_text(before.ringing), call_text(after.ringing)
    yield "mute", before.mute.value, after.mute.value
    yield "recording", before.recording.value, after.recording.value
    yield "queues", _queues(before), _queues(after)


def call_text(call: Call | None) -> str:
    """A call that goes on."""
    if call is None:
        return "none"
    leg = f" consulting {call.consultation.number}" if call.consultation else ""
    return f"{call.phase.value} {call.number or 'unknown'}{leg}{' (doubtful)' if call.doubtful else ''}"


def _queues(state: Snapshot) -> str:
    words = {True: "", False: "not ", None: "perhaps "}
    each = (f"{q.id} {words[q.member]}member {words[q.paused]}paused" for q in state.queues)
    return "; ".join(each) or "none"


def _ended(call: Call) -> str:
    reason = "?" if call.end is None else call.end.reason.value
    talked = "no talk" if call.talk_time is None else f"talked {call.talk_time.total_seconds():.1f} s"
    return f"{call.number or 'unknown'} {reason}, rang {call.ring_time.total_seconds():.1f} s, {talked}"


def _settlement(settlement: Settlement) -> str:
    result = settlement.result
    if isinstance(result, WebphoneError):
        return f"=> #{settlement.id} failed: {result}"
    return f"=> #{settlement.id} {outcome_text(result)}"


def outcome_text(outcome: Outcome) -> str:
    """What became of a command."""
    match outcome:
        case Confirmed(by, call_id):
            return f"confirmed by {by}" + (f", call id {call_id}" if call_id else "")
        case Unchanged():
            return "unchanged: it was so already"
        case Sent(keys):
            return "sent" if keys is None else f"sent, {keys} keys"
        case Unconfirmed():
            return "unconfirmed: it may have worked"
