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
from webphone._core import native

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

# The phone's language and the session's picture: no exported function gives or takes them, so nothing converts them.
SESSION = {
    "AliveBy",
    "BrokenEvent",
    "Call",
    "CallEnd",
    "CallNumber",
    "CallOrigin",
    "CallPhase",
    "CallStatus",
    "Cause",
    "Command",
    "Consultation",
    "EndReason",
    "Event",
    "Input",
    "Line",
    "Moment",
    "Mute",
    "NotReadyReason",
    "Outcome",
    "OutgoingText",
    "Page",
    "PagePhase",
    "PageReport",
    "PhoneError",
    "Posted",
    "Queue",
    "Recording",
    "Request",
    "SessionConfig",
    "Snapshot",
    "Update",
    "UrlFacts",
}
SESSION_ERRORS = {
    "CallInProgress", "CommandCancelled", "DialsOnOpen", "MuteUnknown", "NoCall", "NotReady", "PageLost", "Rejected",
    "SessionClosed",
}  # fmt: skip


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
    assert {"PhoneType", "UnreachableCause", "LogLevel"} == ENUMS - SIMULATOR - SESSION
    assert {
        "AnswerProblem", "ApiReason", "BaseUrl", "BatchStarted", "BatchTextStarted", "Extension", "FetchOutcome",
        "FetchStarted", "LogStarted",
    } == UNIONS - SIMULATOR - SESSION  # fmt: skip
    assert {
        "ApiFailure", "BatchOptions", "BatchProgress", "BatchStep", "ClientConfig", "LogRecord", "LogRecords",
        "UrlRequest", "WakeQueueFunctions",
    } == RECORDS - SIMULATOR - SESSION  # fmt: skip


def test_every_member_of_the_enums_is_converted():
    assert set(_convert._types_out) == set(native.PhoneType)
    assert set(_convert._causes_out) == {*native.UnreachableCause, *words(webphone.UnreachableCause)}
    assert set(_convert._levels_out) == set(native.LogLevel)


def test_every_variant_of_the_unions_is_converted():
    reasons, problems = variants(native.ApiReason), variants(native.AnswerProblem)
    assert {*_convert._reasons_out, reasons["OTHER"]} == {*reasons.values(), *words(webphone.ApiReason)}
    assert {*_convert._problems_out, problems["FIELD"]} == {*problems.values(), *words(webphone.AnswerProblem)}
    errors = variants(native.WebphoneError)
    assert set(errors) >= SESSION_ERRORS
    assert set(_convert._errors_out) == {errors[name] for name in set(errors) - SESSION_ERRORS}
    assert set(_convert._errors_by_word) == set(errors) - SESSION_ERRORS
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


@pytest.mark.parametrize("public", [webphone.BatchProgress, webphone.ApiFailure])
def test_every_field_of_what_comes_out_is_public(public):
    assert {field.name for field in dataclasses.fields(public)} == fields(public.__name__)


def test_what_stays_inside_has_the_fields_that_are_read():
    assert fields("LogRecords") == {"records", "lost"}
    assert fields("LogRecord") == {"level", "target", "text", "unix_ms"}
    assert fields("WakeQueueFunctions") == {"continuation", "open", "shut", "take"}


def test_a_fault_of_the_generated_code_is_an_internal_error():
    assert _convert.error(native.InternalError("a panic")) == webphone.InternalError("a panic")
