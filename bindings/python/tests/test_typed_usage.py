"""The typed use of the package also runs. That it is typed is checked by the type checker, with the other sources."""

# The checker does not know the modules beside this one.
# mypy: disable-error-code="import-not-found"

import asyncio
import inspect
import types
import typing

import typed_session
import typed_usage

import webphone


def test_the_typed_use_runs(simulator):
    found = typed_usage.blocking(simulator.token, simulator.api_url)
    assert found[1:5] == [simulator.api_url, "hidden", "None", "False"]
    assert found[5].startswith("refused")
    assert found[6:] == [simulator.api_url, "1"]
    assert asyncio.run(typed_usage.asynchronous(simulator.token, simulator.api_url)) == 2
    typed_usage.logs()


def test_the_typed_use_of_sessions_runs():
    with webphone.Simulator() as simulator:
        told: list[str] = []
        asyncio.run(typed_session.the_ten_lines(simulator.phone(4000), told))
        assert told[0].startswith("chamada_id")
        assert told[1] in ("calling True", "talking True")
        assert told[2:4] == ["sent 1", "mute_unknown"]
        assert told[-1] in ("ended", "3 confirmed", "4 confirmed")
        found = typed_session.blocking(simulator.phone(4001))
        assert found[0].startswith("chamada_id")
        assert any(word.startswith("1 chamaNumero") for word in found)
        assert found[-2] == "ShutDown?"
        typed_session.transports()


def members(cls):
    for name, value in vars(cls).items():
        if name[0] != "_" or name == "__init__":
            yield name, getattr(value, "fget", None) or getattr(value, "__func__", None) or value


def test_everything_public_is_documented_and_nothing_is_any():
    for name in webphone.__all__:
        value = getattr(webphone, name)
        if isinstance(value, types.UnionType):
            continue  # Its module says what it is.
        assert value.__doc__, name
        for member, function in members(value) if isinstance(value, type) else [(name, value)]:
            if inspect.isfunction(function):
                assert member == "__init__" or function.__doc__, f"{name}.{member}"
                assert "Any" not in str(inspect.signature(function)), f"{name}.{member}"
                assert "return" in typing.cast("dict[str, str]", function.__annotations__), f"{name}.{member}"
