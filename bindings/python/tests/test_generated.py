"""What this package relies on in the generated module, and that it converts all of it."""

# The generated classes are not what they look like to a type checker.
# mypy: disable-error-code="arg-type,assignment,attr-defined,comparison-overlap,misc,unreachable"

import ast
import dataclasses
import enum
import inspect
import json
from pathlib import Path

import pytest

import webphone
from webphone import _client, _convert, _library, _requests
from webphone import page as host_pages
from webphone._core import native
from webphone._session import convert as session_convert
from webphone._session import errors as session_errors
from webphone._session import phone as session_phone

GENERATED = {name: value for name, value in vars(native).items() if isinstance(value, type) and name[0] != "_"}
ENUMS = {name for name, value in GENERATED.items() if issubclass(value, enum.Enum)}
OBJECTS = {name for name, value in GENERATED.items() if hasattr(value, "_uniffi_clone_handle")}
PROTOCOLS = {name for name in GENERATED if name.endswith("Protocol") and name.removesuffix("Protocol") in OBJECTS}
FOREIGN = {name for name, value in GENERATED.items() if value.__module__ != native.__name__} | {"InternalError"}


def variants(cls):
    return {name: value for name, value in vars(cls).items() if isinstance(value, type) and name != "__class__"}


def words(members):
    return {member.value for member in members}


UNIONS = {
    name
    for name, value in GENERATED.items()
    if name not in ENUMS | OBJECTS and variants(value) and not issubclass(value, Exception)
}
RECORDS = set(GENERATED) - ENUMS - OBJECTS - PROTOCOLS - UNIONS - FOREIGN - {"WebphoneError"}

# Converted elsewhere: by the module that speaks of them alone.
SIMULATOR = {name for name in GENERATED if "Simulat" in name} | {"Fault", "FaultRule", "RequestLog", "TokenCheck"}

# A session's, which `_session.convert` converts: what it looks like, what it is asked for, what becomes of that.
SESSION_ENUMS = {
    "AliveBy": webphone.AliveBy,
    "CallOrigin": webphone.CallOrigin,
    "CallPhase": webphone.CallPhase,
    "EndReason": webphone.EndReason,
    "Line": webphone.Line,
    "Mute": webphone.Mute,
    "NotReadyReason": webphone.NotReadyReason,
    "PagePhase": webphone.PagePhase,
    "Posted": webphone.Posted,
    "Recording": webphone.Recording,
}
SESSION_RECORDS = {
    "BrokenEvent": webphone.events.BrokenEvent,
    "Call": webphone.Call,
    "CallEnd": webphone.CallEnd,
    "CallNumber": webphone.CallNumber,
    "Consultation": webphone.Consultation,
    "Moment": webphone.Moment,
    "OutgoingText": webphone.OutgoingText,
    "Page": webphone.Page,
    "PhoneError": webphone.PhoneError,
    "Queue": webphone.Queue,
    "ReplayedSettlement": webphone.Settlement,
    "ReplayedStep": webphone.ReplayedStep,
    "Snapshot": webphone.Snapshot,
    "Update": webphone.Update,
    "UrlFacts": webphone.inputs.UrlFacts,
}
SESSION_UNIONS = {
    "Cause": session_convert.Pictures(None).causes,
    "Command": session_convert.COMMANDS,
    "Event": session_convert.EVENTS,
    "Input": session_convert.INPUTS,
    "LoadFailure": session_convert.FAILURES,
    "Outcome": session_convert.OUTCOMES,
    "PageReport": session_convert.REPORTS,
    "Request": session_convert.REQUESTS,
}
# By themselves: the settings, what they record, the status of a call, the end of a command, what a `start_…` gives.
SESSION_OTHERS = {
    "CallStatus", "CommandResult", "CommandStarted", "RecordNumbers", "SessionConfig", "TextsStarted",
    "UpdatesJsonStarted", "UpdatesStarted",
}  # fmt: skip
SESSION = {*SESSION_ENUMS, *SESSION_RECORDS, *SESSION_UNIONS} | SESSION_OTHERS
# A page's, which `webphone.page` converts.
PAGE_ENUMS = {
    "NavigationDecision": host_pages.NavigationDecision,
    "PagePart": host_pages.PagePart,
    "PhoneLoading": host_pages.PhoneLoading,
}
PAGE_RECORDS = {
    "HostPageOptions": host_pages.HostPageOptions,
    "PermissionRequest": host_pages.PermissionRequest,
}
PAGE_UNIONS = {"PageHost": host_pages.HOSTS}
PAGE = {*PAGE_ENUMS, *PAGE_RECORDS, *PAGE_UNIONS, "EnvelopeStarted", "MessageSource"}
# In words of their own for Python.
IN_PYTHON = {"expires_at_ms": "expires_at", "load_timeout_ms": "load_timeout"}


def fields(record):
    return set(inspect.signature(GENERATED[record].__init__).parameters) - {"self"}


def test_the_rebound_names_exist_and_are_read_at_call_time():
    tree = ast.parse(Path(native.__file__).read_text())
    names = {"_uniffi_continuation_callback", "_UniffiContinuationHandleMap"}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            defined |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    assert names <= defined
    # As globals, in the one function that polls: nothing has kept them from before.
    assert names <= set(native._uniffi_rust_call_async.__code__.co_names)
    users = [
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and names & {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    ]
    assert sorted(users) == ["_uniffi_continuation_callback", "_uniffi_rust_call_async"]
    assert type(native._UniffiContinuationHandleMap).__module__ == "webphone._wake"


def test_every_class_of_the_generated_module_needs_no_dataclass():
    for name in RECORDS | UNIONS:
        for cls in variants(GENERATED[name]).values() if name in UNIONS else [GENERATED[name]]:
            own = [vars(base) for base in cls.__mro__[:2]]
            assert any("__init__" in names for names in own), cls
            assert any("__eq__" in names for names in own), cls


def test_every_object_is_freed_by_its_handle_and_by_no_finalizer():
    assert OBJECTS
    for name in OBJECTS:
        assert not hasattr(GENERATED[name], "__del__")
        assert _library.freeing(name.lower())
    proxy = native.Proxy("http://p", None, None)
    assert isinstance(proxy._handle, _library.Handle)
    again = native.Proxy._uniffi_make_instance(proxy._handle)
    assert again._handle is proxy._handle


def test_every_type_is_known_here():
    """A type that the core gets has to be converted, and then to stand in one of these tests."""
    assert set(GENERATED) >= PAGE
    assert {"PhoneType", "UnreachableCause", "LogLevel"} == ENUMS - SIMULATOR - SESSION - PAGE
    assert {
        "AnswerProblem", "ApiReason", "BaseUrl", "BatchStarted", "BatchTextStarted", "Extension", "FetchOutcome",
        "FetchStarted", "LogStarted",
    } == UNIONS - SIMULATOR - SESSION - PAGE  # fmt: skip
    assert {
        "ApiFailure", "BatchOptions", "BatchProgress", "BatchStep", "ClientConfig", "LogRecord", "LogRecords",
        "UrlRequest", "WakeQueueFunctions",
    } == RECORDS - SIMULATOR - SESSION - PAGE  # fmt: skip


def parameters(public):
    return set(inspect.signature(public).parameters)


# What the core may call unusable, and where a caller of this package gave it.
ARGUMENTS = {
    "ClientConfig": parameters(webphone.Client),
    "BatchOptions": parameters(webphone.Client.fetch_many),
    "SessionConfig": parameters(webphone.SessionConfig) | parameters(webphone.Session),
    "HostPageOptions": parameters(host_pages.HostPageOptions),
    "SimulatorConfig": parameters(webphone.Simulator),
    "SimulatedScript": parameters(webphone.scripts.Script),
    **{f"Fault.{each.__name__.upper()}": parameters(each) for each in webphone.faults.Fault.__args__},
    **{f"SimulatedAnswer.{each.__name__.upper()}": parameters(each) for each in webphone.scripts.Answer.__args__},
}


@pytest.mark.parametrize("core", ARGUMENTS)
def test_an_argument_is_called_what_it_is_here(core):
    name, _, variant = core.partition(".")
    of = getattr(GENERATED[name], variant) if variant else GENERATED[name].__init__
    assert {_convert.argument(field) for field in parameters(of) - {"self"}} <= ARGUMENTS[core]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: webphone.Client("t", timeout=0), "`timeout` has to be 1 to 600000 milliseconds"),
        (lambda: webphone.Client("t", root_certificates=""), "`root_certificates` holds no certificate"),
        (
            lambda: webphone.BlockingSession(print, config=webphone.SessionConfig(id_grace=-1)),
            "`id_grace` has to be 0 to",
        ),
    ],
)
def test_what_is_unusable_is_called_what_it_is_here(wrong, says):
    with pytest.raises(webphone.InvalidError) as caught:
        wrong()
    assert str(caught.value).startswith(says)


def test_what_is_taken_for_granted_is_what_the_core_does():
    """The signatures repeat the core's defaults, so that help and editors show them."""
    config = vars(native.ClientConfig(base_url=native.BaseUrl.TOTAL_VOICE()))
    options = vars(native.BatchOptions())
    clients = [(webphone.Client, config), (webphone.AsyncClient, config)]
    batches = [(webphone.Client.fetch_many, options), (webphone.AsyncClient.fetch_many, options)]
    for public, core in clients + batches:
        found = {name: parameter.default for name, parameter in inspect.signature(public).parameters.items()}
        expected = {
            _convert.argument(name): value / 1000 if name.endswith("_ms") else value for name, value in core.items()
        }
        # None stands for the core's own base URL.
        expected |= {"base_url": None} if "base_url" in core else {}
        assert {name: found[name] for name in expected} == expected


def test_every_member_of_the_enums_is_converted():
    assert set(_convert._types_out) == set(native.PhoneType)
    assert set(_convert._causes_out) == {*native.UnreachableCause, *words(webphone.UnreachableCause)}
    assert set(_convert._levels_out) == set(native.LogLevel)


def test_every_variant_of_the_unions_is_converted():
    reasons, problems = variants(native.ApiReason), variants(native.AnswerProblem)
    assert {*_convert._reasons_out, reasons["OTHER"]} == {*reasons.values(), *words(webphone.ApiReason)}
    assert {*_convert._problems_out, problems["FIELD"]} == {*problems.values(), *words(webphone.AnswerProblem)}
    errors = variants(native.WebphoneError)
    assert set(_convert._errors_out) == set(errors.values())
    assert set(_convert._errors_by_word) == set(errors)
    assert {kind.upper() for kind in _requests._names} == set(variants(native.Extension))


def test_every_field_of_what_goes_in_is_converted():
    settings = _client._settings(
        token='t"\\',
        base_url="https://h",
        timeout=1.5,
        connect_timeout=0.0004,
        max_retries=7,
        user_agent="ag\u00ebnt \U0001f4de",
        root_certificates=b"roots",
    )
    assert json.loads(settings) == {
        "token": 't"\\',
        "base_url": "https://h",
        "timeout_ms": 1500,
        "connect_timeout_ms": 1,
        "max_retries": 7,
        "user_agent": "ag\u00ebnt \U0001f4de",
        "root_certificates_pem": "roots",
    }
    assert fields("ClientConfig") | {"token"} == {*json.loads(settings), "proxy"}
    options = _convert.lower_batch_options(concurrency=3, rate=2, rate_limit_patience=1)
    assert vars(options) == {"concurrency": 3, "rate": 2.0, "rate_limit_patience_ms": 1000}
    assert fields("BatchOptions") == set(vars(options))
    request = webphone.UrlRequest(webphone.Extension.id(7), webphone.PhoneType.HIDDEN, "4001", True)
    assert json.loads(_requests.lower(request)) == {
        "id_ramal": "7",
        "tipo": "hidden",
        "ligar_para": "4001",
        "fechar_fim": True,
    }
    assert {field.name for field in dataclasses.fields(request)} == {
        "extension",
        "type",
        "call_on_open",
        "close_at_end",
    }


@pytest.mark.parametrize("name", SESSION_ENUMS | PAGE_ENUMS)
def test_every_word_of_a_session_and_of_a_page_is_public(name):
    members = {member.name: member.value for member in (SESSION_ENUMS | PAGE_ENUMS)[name]}
    assert members == {member.name: member.name.lower() for member in GENERATED[name]}


@pytest.mark.parametrize("name", SESSION_RECORDS | PAGE_RECORDS)
def test_every_field_of_a_session_and_of_a_page_is_public(name):
    public = {field.name for field in dataclasses.fields((SESSION_RECORDS | PAGE_RECORDS)[name]) if field.compare}
    assert public == {IN_PYTHON.get(field, field) for field in fields(name)}


@pytest.mark.parametrize("name", SESSION_UNIONS)
def test_every_variant_of_a_session_is_converted(name):
    converted = SESSION_UNIONS[name]
    generated = variants(GENERATED[name])
    assert {word.upper() for word in converted} == set(generated)
    for word, variant in converted.items():
        its_fields = set(inspect.signature(generated[word.upper()].__init__).parameters) - {"self"}
        assert set(variant.lifts) == its_fields
        public = [field.name for field in dataclasses.fields(variant.public)]
        assert public == [IN_PYTHON.get(field, field) for field in variant.lifts]


@pytest.mark.parametrize("name", PAGE_UNIONS)
def test_every_variant_of_a_page_is_converted(name):
    generated = variants(GENERATED[name])
    assert set(PAGE_UNIONS[name].values()) == set(generated)
    for public, word in PAGE_UNIONS[name].items():
        its_fields = set(inspect.signature(generated[word].__init__).parameters) - {"self"}
        assert {field.name for field in dataclasses.fields(public)} == its_fields


def test_what_a_page_assumes_by_itself_is_what_the_core_does():
    assert vars(host_pages._lower_options(host_pages.HostPageOptions())) == vars(native.HostPageOptions())
    assert fields("MessageSource") == {"main_frame", "origin"}


def test_every_setting_of_a_session_is_public():
    public = {field.name for field in dataclasses.fields(webphone.SessionConfig)}
    assert set(session_convert.SPANS) == public - {"history_limit", "post_timeout", "visible_phone"}
    spans = {f"{name}_ms" for name in (*session_convert.SPANS, "post_timeout")}
    assert fields("SessionConfig") == spans | {"history_limit", "visible_phone", "record"}
    # What Python says of its defaults is what the core's are.
    core = native.SessionConfig()
    lowered = session_convert.lower_config(webphone.SessionConfig(), None, core.post_timeout_ms)
    assert vars(lowered) == vars(core)
    assert {word.name.lower() for word in native.RecordNumbers} == {"plain", "masked"}


def test_the_rest_of_a_session_is_converted():
    assert {name.lower() for name in variants(native.CallStatus)} == {*session_convert._statuses, "other"}
    assert set(variants(native.CommandResult)) == {"ENDED", "FAILED"}
    assert set(session_errors.by_name) <= set(variants(native.WebphoneError))
    assert session_errors._posted_out.keys() == set(native.Posted)
    assert session_errors._reasons_out.keys() == set(native.NotReadyReason)


def test_a_simulated_phone_is_public():
    for public in (session_phone.SimulatedLeg, session_phone.SimulatedQueue, session_phone.SimulatedPhoneState):
        assert {field.name for field in dataclasses.fields(public)} == fields(public.__name__)
    assert {fault.name for fault in webphone.scripts.PhoneFault} == {f.name for f in native.SimulatedPhoneFault}
    answers = {answer.__name__.upper() for answer in webphone.scripts.Answer.__args__}
    assert answers == set(variants(native.SimulatedAnswer))
    public = {field.name for field in dataclasses.fields(webphone.scripts.Script)}
    assert public == {name.removesuffix("_ms") for name in fields("SimulatedScript")}


@pytest.mark.parametrize("public", [webphone.BatchProgress, webphone.ApiFailure])
def test_every_field_of_what_comes_out_is_public(public):
    assert {field.name for field in dataclasses.fields(public)} == fields(public.__name__)


def test_what_stays_inside_has_the_fields_that_are_read():
    assert fields("LogRecords") == {"records", "lost"}
    assert fields("LogRecord") == {"level", "target", "text", "unix_ms"}
    assert fields("WakeQueueFunctions") == {"continuation", "open", "shut", "take"}


def test_a_fault_of_the_generated_code_is_an_internal_error_that_quotes_nothing():
    error = _convert.error(native.InternalError("called `Option::unwrap()` on T0KEN"))
    assert error == webphone.InternalError("a panic, or a library of another version")
    assert "T0KEN" not in f"{error} {error!r}"
