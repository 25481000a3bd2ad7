"""The one place where a session's public types and the core's become each other.

What comes out has one shape: that of a trace's JSON. Updates and states cross as such a text, which takes a tenth of
the time of records; what crosses as one of the generated module's values is brought into that shape first (`plain`).
"""

from __future__ import annotations

import enum
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from webphone import _convert, _types, causes, commands, events, inputs, reports
from webphone._core import native

from . import outcomes, states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from webphone._url import WebphoneUrl

    from .sessions import SessionConfig

    Plain = dict[str, Any]
    Lift = Callable[[Any], Any]


T = TypeVar("T")


def plain(value: Any) -> Any:
    """One of the generated module's values in the shape of a trace's JSON."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.name.lower()
    fields = {name: plain(field) for name, field in vars(value).items()}
    union, _, variant = type(value).__name__.rpartition(".")
    return {"type": variant.lower(), **fields} if union else fields


# Words


def _words(public: type[enum.Enum]) -> dict[str, Any]:
    return {member.value: member for member in public}


_origins = _words(states.CallOrigin)
_phases = _words(states.CallPhase)
_reasons = _words(states.EndReason)
_page_phases = _words(states.PagePhase)
_alive_by = _words(states.AliveBy)
_lines = _words(states.Line)
_mutes = _words(states.Mute)
_recordings = _words(states.Recording)
_statuses = _words(events.CallStatus)


# The picture


def _made(public: type[T], fields: Plain) -> T:
    """A frozen value with these fields, all of them: what its constructor does, in a fifth of the time."""
    value = _new(public)
    value.__dict__.update(fields)
    return value


_new = object.__new__


def moment(value: Plain) -> states.Moment:
    """A moment."""
    return _made(states.Moment, value)


def _moment(value: Plain | None) -> states.Moment | None:
    return None if value is None else _made(states.Moment, value)


def _number(value: Plain | None) -> states.CallNumber | None:
    return None if value is None else _made(states.CallNumber, value)


def _consultation(value: Plain | None) -> states.Consultation | None:
    if value is None:
        return None
    return states.Consultation(_made(states.CallNumber, value["number"]), _phases[value["phase"]], value["call_id"])


def _end(value: Plain | None) -> states.CallEnd | None:
    return (
        None if value is None else states.CallEnd(moment(value["at"]), _reasons[value["reason"]], value["status_erro"])
    )


def _page(value: Plain) -> states.Page:
    alive_by = value["alive_by"]
    return states.Page(
        _page_phases[value["phase"]],
        None if alive_by is None else _alive_by[alive_by],
        value["generation"],
        value["failed"],
        value["renewal_due"],
    )


def _queues(value: list[Plain]) -> tuple[states.Queue, ...]:
    return tuple([_made(states.Queue, queue) for queue in value])


def _as_it_is(value: Any) -> Any:
    return value


def _phone_error(value: Plain | None) -> states.PhoneError | None:
    return None if value is None else states.PhoneError(value["status_erro"], moment(value["at"]))


# Unions


@dataclass(frozen=True)
class Variant:
    """How a variant of a union is made: its class, and how each of its fields is, in order."""

    public: type
    lifts: dict[str, Lift | None]

    def lift(self, value: Plain) -> Any:
        """The public value."""
        return self.public(*[lift(value.get(name)) if lift else value.get(name) for name, lift in self.lifts.items()])


def _union(variants: dict[str, tuple[type, dict[str, Lift | None]]]) -> dict[str, Variant]:
    return {name: Variant(*made) for name, made in variants.items()}


def _of(union: dict[str, Variant]) -> Lift:
    return lambda value: union[value["type"]].lift(value)


def _status(value: Any) -> events.CallStatus | events.OtherStatus:
    if isinstance(value, str):
        return _statuses[value]  # type: ignore[no-any-return]
    # Written by the core, or brought into shape here.
    other = value.get("other", value)
    kind = other.get("type", "other")
    return events.OtherStatus(other["text"]) if kind == "other" else _statuses[kind]


def _failure(value: Plain | None) -> reports.LoadFailure | None:
    return None if value is None else _of(FAILURES)(value)


EVENTS: Final = _union(
    {
        "incoming_call": (events.IncomingCall, {"caller": _number, "called": _number, "call_id": None}),
        "status": (events.Status, {"status": _status}),
        "call_id": (events.CallId, {"call_id": None}),
        "call_error": (events.CallError, {"status_erro": None}),
        "quality": (events.Quality, {"internet": None, "computer": None}),
        "joined_queue": (events.JoinedQueue, {"queue": None}),
        "left_queue": (events.LeftQueue, {"queue": None}),
        "paused_in_queue": (events.PausedInQueue, {"queue": None}),
        "resumed_in_queue": (events.ResumedInQueue, {"queue": None}),
        "unknown": (events.Unknown, {"name": None, "payload": None}),
    }
)

FAILURES: Final = _union(
    {
        "status": (reports.Status, {"status": None}),
        "tls": (reports.Tls, {}),
        "blocked": (reports.Blocked, {}),
        "network": (reports.Network, {"code": None}),
        "timed_out": (reports.TimedOut, {}),
        "script": (reports.Script, {}),
    }
)

REPORTS: Final = _union(
    {
        "loading": (reports.Loading, {}),
        "loaded": (reports.Loaded, {}),
        "failed": (reports.Failed, {"detail": None, "failure": _failure}),
        "lost": (reports.Lost, {"detail": None}),
        "closed": (reports.Closed, {}),
        "navigated": (reports.Navigated, {}),
        "reloaded": (reports.Reloaded, {}),
        "notice": (reports.Notice, {"name": None, "detail": None}),
    }
)

OUTCOMES: Final = _union(
    {
        "confirmed": (outcomes.Confirmed, {"by": None, "call_id": None}),
        "unchanged": (outcomes.Unchanged, {}),
        "sent": (outcomes.Sent, {"keys": None}),
        "unconfirmed": (outcomes.Unconfirmed, {}),
    }
)

COMMANDS: Final = _union(
    {
        "connect": (commands.Connect, {}),
        "disconnect": (commands.Disconnect, {}),
        "call": (commands.Call, {"number": None}),
        "answer": (commands.Answer, {}),
        "hang_up": (commands.HangUp, {}),
        "send_dtmf": (commands.SendDtmf, {"digit": None}),
        "toggle_mute": (commands.ToggleMute, {}),
        "blind_transfer": (commands.BlindTransfer, {"number": None}),
        "consult_transfer": (commands.ConsultTransfer, {"number": None}),
        "start_recording": (commands.StartRecording, {}),
        "stop_recording": (commands.StopRecording, {}),
        "pause_in_queue": (commands.PauseInQueue, {"queue": None}),
        "resume_in_queue": (commands.ResumeInQueue, {"queue": None}),
        "join_queue": (commands.JoinQueue, {"queue": None}),
        "leave_queue": (commands.LeaveQueue, {"queue": None}),
    }
)

REQUESTS: Final = _union(
    {
        "execute": (inputs.Execute, {"command": _of(COMMANDS)}),
        "send_dtmf": (inputs.SendDtmf, {"keys": None}),
        "set_muted": (inputs.SetMuted, {"muted": None}),
    }
)


def _url_facts(value: Plain) -> inputs.UrlFacts:
    expires_at_ms, call_on_open = value["expires_at_ms"], value["call_on_open"]
    return inputs.UrlFacts(
        None if expires_at_ms is None else states.utc(expires_at_ms),
        None if call_on_open is None else _types.PhoneNumber(call_on_open),
    )


INPUTS: Final = _union(
    {
        "phone_message": (inputs.PhoneMessage, {"text": None}),
        "page_report": (inputs.PageReport, {"report": _of(REPORTS)}),
        "command": (inputs.Command, {"id": None, "request": _of(REQUESTS)}),
        "cancel": (inputs.Cancel, {"id": None}),
        "posted": (inputs.Posted, {"n": None, "ok": None}),
        "assume_muted": (inputs.AssumeMuted, {"muted": None}),
        "url_changed": (inputs.UrlChanged, {"url": _url_facts}),
        "tick": (inputs.Tick, {}),
        "shut_down": (inputs.ShutDown, {}),
    }
)


def _broken(value: Plain) -> events.BrokenEvent:
    return events.BrokenEvent(value["name"], value["field"], value["reason"])


class Pictures:
    """Makes pictures of one session, one after the other: parts that stay as they were are shared."""

    def __init__(self, now: Callable[[], int] | None) -> None:
        self._now = now
        # The last picture, whole, and its parts: as they came and as they were made of it.
        self._picture: states.Snapshot | None = None
        self._came: Plain = {}
        self._parts: Plain = {}
        self._makers: dict[str, Lift] = {
            "page": _page,
            "line": _lines.__getitem__,
            "call": self._call,
            "ringing": self._call,
            "mute": _mutes.__getitem__,
            "recording": _recordings.__getitem__,
            "queues": _queues,
            "last_error": _phone_error,
            "unexpected_events": _as_it_is,
            "broken_events": _as_it_is,
            "shut_down": _as_it_is,
        }
        self.causes = _union(
            {
                "event": (causes.Event, {"event": _of(EVENTS), "unexpected": None}),
                "broken_event": (causes.BrokenEvent, {"broken": _broken}),
                "page": (causes.Page, {"report": _of(REPORTS)}),
                "posting": (causes.Posting, {"id": None, "name": None}),
                "taken_back": (causes.TakenBack, {"id": None}),
                "settled": (causes.Settled, {"id": None, "code": None}),
                "call_ended": (causes.CallEnded, {"call": self.call}),
                "mute_assumed": (causes.MuteAssumed, {"muted": None}),
                "url_changed": (causes.UrlChanged, {}),
                "auto_dialled": (causes.AutoDialled, {"number": _types.PhoneNumber}),
                "renewal_due": (causes.RenewalDue, {"expires_at_ms": states.utc}),
                "time": (causes.Time, {}),
                "shut_down": (causes.ShutDown, {}),
                "overflow": (causes.Overflow, {"lost": None}),
            }
        )

    def call(self, value: Plain) -> states.Call:
        """A call."""
        return _made(
            states.Call,
            {
                "serial": value["serial"],
                "origin": _origins[value["origin"]],
                "phase": _phases[value["phase"]],
                "doubtful": value["doubtful"],
                "number": _number(value["number"]),
                "called": _number(value["called"]),
                "call_id": value["call_id"],
                "consultation": _consultation(value["consultation"]),
                "began": moment(value["began"]),
                "calling": _moment(value["calling"]),
                "talking": _moment(value["talking"]),
                "end": _end(value["end"]),
                "now": self._now,
            },
        )

    def _call(self, value: Plain | None) -> states.Call | None:
        return None if value is None else self.call(value)

    def snapshot(self, changes: Plain) -> states.Snapshot:
        """The picture with these changes; the first one has all of its fields."""
        came, parts = self._came, self._parts
        picture = self._picture
        for name, part in changes.items():
            if name not in came or came[name] != part:
                parts[name] = self._makers[name](part)
                came[name] = part
                picture = None
        if picture is None:
            self._picture = picture = _made(states.Snapshot, parts)
        return picture

    def snapshot_of(self, written: str) -> states.Snapshot:
        """The picture that the core wrote."""
        return self.snapshot(json.loads(written))

    def update(self, value: Plain) -> states.Update:
        """An update."""
        cause = value["cause"]
        return _made(
            states.Update,
            {
                "number": value["number"],
                "at": moment(value["at"]),
                "cause": self.causes[cause["type"]].lift(cause),
                "state": self.snapshot(value["state"]),
            },
        )

    def updates_of(self, written: str) -> list[states.Update]:
        """The updates that the core wrote."""
        return [self.update(value) for value in json.loads(written)]


def outcome(value: native.Outcome) -> outcomes.Outcome:
    """What became of a command."""
    lifted: outcomes.Outcome = _of(OUTCOMES)(plain(value))
    return lifted


def report(value: native.PageReport) -> reports.PageReport:
    """What a host sees of a page."""
    lifted: reports.PageReport = _of(REPORTS)(plain(value))
    return lifted


def parse_command(text: str) -> commands.Command | None:
    """What a page posts to a phone, if it is a command."""
    with public_errors():
        value = native.parse_command(_convert.text(text, "text"))
    lifted: commands.Command | None = None if value is None else _of(COMMANDS)(plain(value))
    return lifted


def input_of(value: native.Input) -> inputs.Input:
    """What went into a session."""
    lifted: inputs.Input = _of(INPUTS)(plain(value))
    return lifted


# In


def _lowered(union: Any, public: dict[str, Variant], value: object) -> Any:
    """A public value as one of the generated module's."""
    for name, variant in public.items():
        if type(value) is variant.public:
            fields = [_lower_field(getattr(value, field), field) for field in variant.lifts]
            return vars(union)[name.upper()](*fields)
    names = ", ".join(variant.public.__name__ for variant in public.values())
    raise TypeError(f"this is one of {names}, not {type(value).__name__}")


def _lower_field(value: Any, field: str) -> Any:
    if isinstance(value, _types.PhoneNumber):
        return value.dialled
    if field == "failure" and value is not None:
        return lower_failure(value)
    if isinstance(value, int):
        return _convert.count(value, field)
    return _convert.text(value, field) if isinstance(value, str) else value


def lower_report(report: reports.PageReport) -> native.PageReport:
    """What a host tells of the page."""
    lowered: native.PageReport = _lowered(native.PageReport, REPORTS, report)
    return lowered


def lower_failure(failure: reports.LoadFailure) -> native.LoadFailure:
    """Why the phone's document did not load."""
    lowered: native.LoadFailure = _lowered(native.LoadFailure, FAILURES, failure)
    return lowered


def lower_plain_command(command: commands.Command) -> native.Command:
    """A command of the phone."""
    lowered: native.Command = _lowered(native.Command, COMMANDS, command)
    return lowered


def lower_command(command: commands.Command) -> native.Request:
    """A command of the phone, as what a session is asked for."""
    request: Any = native.Request
    lowered: native.Request = request.EXECUTE(lower_plain_command(command))
    return lowered


def lower_url(url: WebphoneUrl) -> native.WebphoneUrl:
    """A URL."""
    return native.WebphoneUrl.parse(url.reveal(), _convert.lower_type(url.type))


def lower_keys(keys: str) -> native.Request:
    """Keys to press one after the other."""
    request: Any = native.Request
    lowered: native.Request = request.SEND_DTMF(_convert.text(keys, "keys"))
    return lowered


def lower_muted(muted: bool) -> native.Request:
    """Whether the microphone shall be muted."""
    request: Any = native.Request
    lowered: native.Request = request.SET_MUTED(bool(muted))
    return lowered


SPANS: Final = (
    "alive_grace",
    "ready_grace",
    "ready_timeout",
    "line_timeout",
    "call_timeout",
    "id_grace",
    "answer_timeout",
    "hang_up_timeout",
    "queue_timeout",
    "late_window",
    "reopen_window",
    "auto_dial_grace",
    "dtmf_pace",
    "renewal_margin",
)
"""The settings of a session that are spans of time; in the core they end in `_ms`."""


def lower_config(config: SessionConfig, record: str | None, post_timeout_ms: int) -> native.SessionConfig:
    """A session's settings."""
    spans = {f"{name}_ms": _convert.milliseconds(getattr(config, name), name) for name in SPANS}
    if record not in (None, "plain", "masked"):
        raise TypeError(f"record is 'plain', 'masked' or None, not {record!r}")
    return native.SessionConfig(
        **spans,
        post_timeout_ms=post_timeout_ms,
        history_limit=_convert.count(config.history_limit, "history_limit"),
        visible_phone=config.visible_phone,
        record=None if record is None else native.RecordNumbers[record.upper()],
    )


# Time


class _SystemTime:
    """The system's monotonic time as the core counts it, without asking the core each time."""

    def __init__(self) -> None:
        self._offset_ms = native.system_time().mono_ms - time.monotonic_ns() // 1_000_000

    def __call__(self) -> int:
        return time.monotonic_ns() // 1_000_000 + self._offset_ms


system_now: Final = _SystemTime()


def now_of(clock: native.Clock | None) -> Callable[[], int]:
    """A clock's monotonic time, to be asked for."""
    return system_now if clock is None else lambda: clock.now().mono_ms


def calls(values: Sequence[native.Call], now: Callable[[], int]) -> tuple[states.Call, ...]:
    """Calls, as the generated module holds them."""
    pictures = Pictures(now)
    return tuple(pictures.call(plain(value)) for value in values)


# Errors


@contextmanager
def public_errors() -> Iterator[None]:
    """What the core raises in here comes out as a public exception."""
    try:
        yield
    except _convert.FAULTS as fault:
        raise _convert.error(fault) from None
