"""Sessions, used as a program with strict types would: a type checker reads this, and a test runs it.

Each `match` names all that there is; where the checker finds that something is left, it does not let it through.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

import webphone
from webphone import (
    BlockingSession,
    Call,
    Confirmed,
    Mute,
    Sent,
    Session,
    Snapshot,
    Unchanged,
    Unconfirmed,
    Update,
    causes,
    commands,
    events,
    reports,
)

if TYPE_CHECKING:
    from typing_extensions import assert_type


def never(value: NoReturn) -> NoReturn:
    raise AssertionError(value)


def outcome_word(outcome: webphone.Outcome) -> str:
    match outcome:
        case Confirmed(by, call_id):
            return f"{by} {call_id}"
        case Unchanged():
            return "unchanged"
        case Sent(keys):
            return f"sent {keys}"
        case Unconfirmed():
            return "unconfirmed"
        case _:
            never(outcome)


def event_word(event: webphone.Event) -> str:
    match event:
        case events.IncomingCall(caller=caller):
            return "unknown caller" if caller is None else caller.digits
        case events.Status(status):
            return status.text if isinstance(status, events.OtherStatus) else status.value
        case events.CallId(call_id):
            return str(call_id)
        case events.CallError(status_erro):
            return status_erro
        case events.Quality(internet, computer):
            return f"{internet} {computer}"
        case events.JoinedQueue(queue) | events.LeftQueue(queue):
            return str(queue)
        case events.PausedInQueue(queue) | events.ResumedInQueue(queue):
            return str(queue)
        case events.Unknown(name, payload):
            return f"{name} {payload}"
        case _:
            never(event)


def cause_word(cause: webphone.Cause) -> str:
    match cause:
        case causes.Event(event, unexpected):
            return event_word(event) + ("!" if unexpected else "")
        case causes.BrokenEvent(broken):
            return f"{broken.name} {broken.field} {broken.reason}"
        case causes.Page(report):
            return report_word(report)
        case causes.Posting(number, name):
            return f"{number} {name}"
        case causes.TakenBack(number):
            return str(number)
        case causes.Settled(number, code):
            return f"{number} {code}"
        case causes.CallEnded(call):
            return "?" if call.end is None else call.end.reason.value
        case causes.MuteAssumed(muted):
            return str(muted)
        case causes.UrlChanged() | causes.Time() | causes.ShutDown():
            return type(cause).__name__
        case causes.AutoDialled(number=dialled):
            return dialled.dialled
        case causes.RenewalDue(expires_at):
            return expires_at.isoformat()
        case causes.Overflow(lost):
            return str(lost)
        case _:
            never(cause)


def failure_word(failure: reports.LoadFailure | None) -> str:
    match failure:
        case reports.Status(status):
            return str(status)
        case reports.Network(code):
            return code
        case reports.Tls() | reports.Blocked() | reports.TimedOut() | reports.Script() | None:
            return type(failure).__name__
        case _:
            never(failure)


def report_word(report: webphone.PageReport) -> str:
    match report:
        case reports.Failed(detail, failure):
            return f"{detail} {failure_word(failure)}"
        case reports.Lost(detail):
            return detail
        case reports.Notice(name, detail):
            return f"{name} {detail}"
        case reports.Loading() | reports.Loaded() | reports.Closed() | reports.Navigated() | reports.Reloaded():
            return type(report).__name__
        case _:
            never(report)


def mute_word(mute: Mute) -> str:
    match mute:
        case Mute.UNKNOWN:
            return "?"
        case Mute.ASSUMED_MUTED:
            return "muted"
        case Mute.ASSUMED_UNMUTED:
            return "open"
        case _:
            never(mute)


async def the_ten_lines(transport: webphone.SimulatedPhone, told: list[str]) -> None:
    async with webphone.Session(transport) as phone:
        outcome = await phone.call("11999990001")
        told.append(outcome_word(outcome))
        if call := phone.state.call:
            told.append(f"{call.phase.value} {call.elapsed() >= timedelta(0)}")
        updates = phone.updates()
        told.append(outcome_word(await phone.send_dtmf("1")))
        try:
            await phone.set_muted(True)
        except webphone.MuteUnknownError as error:
            told.append(error.code)
        await phone.execute(commands.HangUp())
        async for update in updates:
            told.append(cause_word(update.cause))
            if update.state.call is None:
                break
        if TYPE_CHECKING:
            assert_type(phone, Session)
            assert_type(phone.blocking, BlockingSession)
            assert_type(phone.state, Snapshot)
            assert_type(phone.state.call, Call | None)
            assert_type(update, Update)
            assert_type(phone.history(), tuple[Call, ...])


def blocking(transport: webphone.SimulatedPhone) -> list[str]:
    with BlockingSession(transport, config=webphone.SessionConfig(call_timeout=3), record="masked") as phone:
        followed = phone.updates()
        outcome = phone.call(webphone.PhoneNumber("11999990001"))
        phone.close()
        words = [cause_word(update.cause) + mute_word(update.state.mute) for update in followed]
        trace = phone.trace()
        assert trace is not None
        return [outcome_word(outcome), *words, str(len(webphone.replay(trace)))]


def plain_function(text: str) -> None:
    del text


async def async_function(text: str) -> None:
    del text


def transports() -> None:
    BlockingSession(plain_function).close()
    Session(plain_function).close()
    Session(async_function).close()
