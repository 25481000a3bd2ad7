"""Every type on every host in both engines: a page that gets ready, a call, and its end."""

import pytest

from webphone import PhoneType
from webphone._core import native

HOSTS = {
    "chromium": {"binding": "BINDING", "port": "MESSAGE_PORT", "hook": "HOOK"},
    "webkit": {"handler": "MESSAGE_HANDLER", "port": "MESSAGE_PORT", "hook": "HOOK"},
}
LOADINGS = [
    (PhoneType.HIDDEN, "SCRIPT"),
    (PhoneType.HIDDEN, "FRAME"),
    (PhoneType.EMBEDDED, "FRAME"),
    (PhoneType.FLOATING, "FRAME"),
]
ROWS = [
    pytest.param(engine, host, kind, loading, id=f"{engine}-{host}-{kind.name.lower()}-{loading.lower()}")
    for engine, hosts in HOSTS.items()
    for host in hosts
    for kind, loading in LOADINGS
]


@pytest.mark.parametrize(("engine_name", "host", "kind", "loading"), ROWS)
def test_a_call_through_a_real_page(engines, world, engine_name, host, kind, loading):
    made = getattr(native.PageHost, HOSTS[engine_name][host])()
    phone = world.host(engines[engine_name], kind, made, loading=native.PhoneLoading[loading])
    number = native.parse_phone_number("119999900001")
    outcome = phone.execute(native.Command.CALL(number))
    assert outcome.is_confirmed()
    assert outcome.call_id is not None
    phone.until(lambda state: state.call and state.call.phase == native.CallPhase.TALKING)
    assert phone.execute(native.Command.HANG_UP()).is_confirmed()
    phone.until(lambda state: state.call is None)
    assert phone.link.ignored() == 0
