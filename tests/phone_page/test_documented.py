"""A page that somebody wrote who knows the vendor's documentation and nothing else works against the simulated phone,
wherever it is opened from, in both engines.
"""

import threading
from pathlib import Path

import pytest

from webphone import PhoneType

HERE = Path(__file__).parent
KINDS = [
    (PhoneType.EMBEDDED, "frame"),
    (PhoneType.HIDDEN, "script"),
    (PhoneType.HIDDEN, "frame"),
    (PhoneType.FLOATING, "popup"),
]
CASES = [
    pytest.param(place, kind, how, id=f"{place}-{kind.name.lower()}-{how}")
    for place in ("another origin", "file", "sandbox")
    for kind, how in KINDS
    # A sandbox that lets windows out gives them an origin again.
    if (place, how) != ("sandbox", "popup")
]
EVENTS = [
    "chamada_id",
    "chegandoChamada",
    "despausou_na_fila",
    "entrou_na_fila",
    "pausou_na_fila",
    "saiu_da_fila",
    "stats_webphone",
    "status",
    "status_erro",
]


def helps(telephony):
    """What happens outside of the page: once it has joined its queue, time passes and somebody calls."""
    telephony.until(lambda phone: any(queue["id"] == "47" for queue in phone["queues"]))
    telephony.simulator.advance(5000)
    telephony.tell("incoming", {"from": "(79) 91234-5678"})


@pytest.mark.parametrize(("place", "kind", "how"), CASES)
def test_a_page_of_the_documentation(still_telephony, tab, elsewhere, place, kind, how):
    base = {"another origin": f"{elsewhere}/documented.html", "sandbox": f"{elsewhere}/sandbox.html"}
    address = base.get(place, (HERE / "documented.html").as_uri())
    helper = threading.Thread(target=helps, args=[still_telephony], daemon=True)
    helper.start()
    tab.open(f"{address}#{how}:{still_telephony.url(kind)}")
    result = tab.ask("return await window.resultado")
    helper.join(30)
    assert result == {"numeroChegando": "(79) 91234-5678", "ouvido": EVENTS}
    phone = still_telephony.until(lambda phone: not phone["queues"])
    assert phone["call"] is None
    assert phone["connected"]
