"""The values: frozen, hashable, equal by what they hold, silent about secrets."""

# Wrong types are given on purpose.
# mypy: disable-error-code="arg-type,call-overload,misc,union-attr"

import ast
import copy
import dataclasses
import enum
import inspect
import json
import os
import pickle
import types
from datetime import datetime, timedelta, timezone

import pytest

import webphone
from webphone import (
    BatchProgress,
    Extension,
    InvalidError,
    PhoneNumber,
    PhoneType,
    Proxy,
    UrlRequest,
    WebphoneUrl,
    _public,
)

SIGNED = "https://voice-app.zenvia.com/w3?key=K3Y&pop=1&signature=51GNATURE&expires=1790000000&tipo=hidden"

DATACLASSES = [value for name in webphone.__all__ if dataclasses.is_dataclass(value := getattr(webphone, name))]

# With every message of a phone: with slots they would take several times as long to make.
MADE_OFTEN = {
    webphone.Call,
    webphone.CallNumber,
    webphone.Moment,
    webphone.Queue,
    webphone.Snapshot,
    webphone.Update,
}


@pytest.mark.parametrize("cls", DATACLASSES)
def test_every_dataclass_is_frozen_and_slotted(cls):
    assert cls.__dataclass_params__.frozen
    assert "__slots__" in vars(cls) or cls in MADE_OFTEN


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (Extension.number(4000), Extension.number("4000"), Extension.id(4000)),
        (Extension.number("0042"), Extension.number("0042"), Extension.number(42)),
        (PhoneNumber("+55 (11) 99999-0000"), PhoneNumber("11999990000"), PhoneNumber("1199999000")),
        (
            UrlRequest(Extension.id("a-1"), PhoneType.HIDDEN, "11 3333-4444", True),
            UrlRequest(Extension.id("a-1"), PhoneType.HIDDEN, PhoneNumber("1133334444"), True),
            UrlRequest(Extension.id("a-1")),
        ),
        (BatchProgress(1, 2, 3, 4), BatchProgress(1, 2, 3, 4), BatchProgress(1, 2, 3, 5)),
        (WebphoneUrl.parse(SIGNED), WebphoneUrl.parse(SIGNED), WebphoneUrl.parse(SIGNED + "0")),
    ],
)
def test_values_are_compared_and_hashed_by_what_they_hold(one, same, other):
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert len({one, same, other}) == 2
    assert one != "something else"


@pytest.mark.parametrize(
    "value",
    [
        Extension.number(4000),
        PhoneNumber("*8#"),
        UrlRequest(Extension.id(7), call_on_open="4001"),
        BatchProgress(1, 2, 3, 4),
        PhoneType.HIDDEN,
    ],
)
def test_values_survive_pickle_and_copies(value):
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value


def test_an_extension_is_an_integer_or_a_string():
    assert Extension.number(4000) == Extension("number", "4000")
    assert str(Extension.number("0042")) == "0042"
    assert str(Extension.id(7)) == "id 7"
    assert repr(Extension.id("a-1")) == "Extension.id('a-1')"
    for wrong in (None, 4.5, True, b"4000"):
        with pytest.raises(TypeError, match="integer or a string"):
            Extension.number(wrong)


def test_a_request_says_what_is_wrong_where_it_is_made():
    with pytest.raises(InvalidError) as caught:
        UrlRequest(Extension.number(4000), call_on_open="0800-FLOWERS")
    assert caught.value.field == "number"
    assert isinstance(caught.value, ValueError)
    with pytest.raises(TypeError, match=r"Extension\.number"):
        UrlRequest("4000")
    with pytest.raises(TypeError, match="PhoneType"):
        UrlRequest(Extension.number(4000), "hidden")
    with pytest.raises(TypeError, match="PhoneNumber"):
        UrlRequest(Extension.number(4000), call_on_open=4001)


def test_a_request_is_changed_by_replacing():
    request = UrlRequest(Extension.number(4000), PhoneType.HIDDEN, "4001", True)
    changed = dataclasses.replace(request, type=PhoneType.EMBEDDED)
    assert changed == UrlRequest(Extension.number(4000), PhoneType.EMBEDDED, "4001", True)
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.type = PhoneType.FLOATING


@pytest.mark.parametrize("written", ["", "1", "+1 212 555 0100", "\ud800", "9" * 10_000])
def test_a_number_that_cannot_be_dialled_is_refused(written):
    with pytest.raises(InvalidError) as caught:
        PhoneNumber(written)
    assert caught.value.field == "number"


def test_a_url_knows_its_type_origin_and_expiry():
    url = WebphoneUrl.parse(SIGNED)
    assert url.reveal() == SIGNED
    assert url.type is PhoneType.HIDDEN
    assert url.origin == "https://voice-app.zenvia.com"
    assert url.expires_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=timezone.utc)
    plain = WebphoneUrl.parse("https://h/w3/?key=1", PhoneType.EMBEDDED)
    assert (plain.type, plain.expires_at, plain.is_expired(10**9)) == (PhoneType.EMBEDDED, None, False)
    assert WebphoneUrl.parse("https://h/w3?expires=9000000000000000").expires_at.year == 9999


def test_expiry_has_a_margin_in_seconds_or_as_a_span():
    soon = int(datetime.now(timezone.utc).timestamp()) + 3600
    url = WebphoneUrl.parse(f"https://h/w3?expires={soon}")
    assert not url.is_expired()
    assert not url.is_expired(3500)
    assert url.is_expired(3601)
    assert url.is_expired(timedelta(hours=2))
    assert url.is_expired(float("inf"))
    with pytest.raises(InvalidError):
        url.is_expired(float("nan"))
    with pytest.raises(TypeError, match="seconds"):
        url.is_expired("1h")


def test_a_url_is_never_printed_by_accident():
    url = WebphoneUrl.parse(SIGNED)
    masked = "<WebphoneUrl hidden at voice-app.zenvia.com, expires 2026-09-21T14:13:20Z; use reveal()>"
    shown = [str(url), repr(url), f"{url}", "%s" % url, f"{[url]}", json.dumps(url, default=str)]  # noqa: UP031
    assert shown[:4] == [masked] * 4
    assert not any(secret in text for text in shown for secret in ("K3Y", "51GNATURE", "https:"))
    with pytest.raises(TypeError, match=r"reveal\(\)"):
        pickle.dumps(url)
    for refuses in (json.dumps, os.fspath, bytes, len, iter, vars):
        with pytest.raises(TypeError):
            refuses(url)
    with pytest.raises(TypeError, match="parse"):
        WebphoneUrl()
    assert copy.deepcopy(url) is url
    assert copy.copy(url) is url


@pytest.mark.parametrize("text", ["", "http://public.example/w3", "https://u:p@h/", "https://h/\n", "\ud800", "w3"])
def test_a_url_that_is_not_acceptable_is_refused(text):
    with pytest.raises(InvalidError) as caught:
        WebphoneUrl.parse(text)
    assert caught.value.field == "url"


def test_a_proxy_never_shows_its_credentials():
    proxy = Proxy("http://proxy.example:3128", "U53R", "P455")
    assert repr(proxy) == "<Proxy http://proxy.example:3128>"
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(proxy)
    assert copy.deepcopy(proxy) is proxy
    for arguments in (("http://u:p@h",), ("h",), ("http://h", None, "P455"), ("http://h", "\ud800")):
        with pytest.raises(InvalidError) as caught:
            Proxy(*arguments)
        assert caught.value.field == "proxy"
        assert "P455" not in str(caught.value)


def test_public_names_are_found_where_they_are_imported_from():
    for name in webphone.__all__:
        value = getattr(webphone, name)
        if isinstance(value, types.ModuleType):
            assert value.__name__ == f"webphone.{name}"
        elif not isinstance(value, types.UnionType):
            assert value.__module__ == "webphone"


def test_type_checkers_see_what_there_is():
    (block,) = (node for node in ast.parse(inspect.getsource(webphone)).body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = [(node.module, name.name, name.asname) for node in imports for name in node.names]
    homes = [(home, name, name) for home, names in _public.HOMES.items() for name in names]
    assert sorted(seen, key=str) == sorted([*homes, *((None, name, name) for name in _public.MODULES)], key=str)


def test_enums_carry_the_words_of_the_wire():
    assert [kind.value for kind in PhoneType] == ["floating", "embedded", "hidden"]
    assert all(issubclass(kind, enum.Enum) for kind in (webphone.ApiReason, webphone.AnswerProblem))
