"""The interface of the simulated phone's page, as its user has it: with the keyboard alone, by a screen reader, on a
small screen, by day and by night, with a microphone or without.
"""

import re
from pathlib import Path

import pytest

from screenshots import SCENES
from webphone import PhoneType

AXE = Path(__file__).parents[2] / ".cache/phone-page/node_modules/axe-core/axe.min.js"
NUMBER = "11999990001"


@pytest.fixture
def open_phone(request, telephony):
    """Opens the phone of an extension, in the usual tab or in a context with these options."""

    def open_phone(kind=PhoneType.EMBEDDED, *, context=None, extension=4000, wanted=None, **options):
        if context is None and options:
            context = request.getfixturevalue("new_context")(**options)
        page = request.getfixturevalue("page") if context is None else context.new_page()
        page.goto(telephony.url(kind, extension, **(wanted or {})))
        page.get_by_text("Conectado", exact=True).first.wait_for()
        return page

    return open_phone


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def dial(page, number=NUMBER):
    page.get_by_label("Número").fill(number)
    page.keyboard.press("Enter")


def focused(page):
    return page.evaluate("document.activeElement.id")


# The keyboard.


def test_a_call_with_the_keyboard_alone(telephony, open_phone):
    page = open_phone()
    while focused(page) != "number":
        page.keyboard.press("Tab")
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    page.get_by_text("Em conversa").first.wait_for()
    # What was under the fingers is gone; the way out is there instead.
    assert focused(page) == "hang-up"
    page.keyboard.type("12#")
    telephony.until(lambda phone: phone["dtmf"] == "12#")
    while focused(page) != "mute":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Mudo", pressed=True).wait_for()
    telephony.until(lambda phone: phone["muted"])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    telephony.until(lambda phone: phone["recording"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "target"
    # Digits that are written are no keys of the call.
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    telephony.until(lambda phone: phone["consultation"] and phone["consultation"]["talking"] and phone["dtmf"] == "12#")
    while focused(page) != "hang-up":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    telephony.until(lambda phone: phone["call"] is None)
    page.get_by_label("Número").wait_for()
    assert focused(page) == "number"


def test_an_incoming_call_with_the_keyboard_alone(telephony, open_phone):
    page = open_phone()
    page.get_by_label("Número").focus()
    telephony.tell("incoming", {"from": "(79) 91234-5678"})
    button(page, "Atender").wait_for()
    assert focused(page) == "answer"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    telephony.until(lambda phone: phone["ringing"] is None and phone["call"] is None)
    telephony.tell("incoming", {"from": "(79) 91234-5678"})
    button(page, "Atender").wait_for()
    button(page, "Atender").press("Enter")
    telephony.until(lambda phone: phone["call"] and phone["call"]["talking"])
    page.get_by_text("Em conversa").first.wait_for()
    assert focused(page) == "hang-up"


def test_queues_with_the_keyboard_alone(telephony, open_phone):
    page = open_phone()
    telephony.tell("post", {"message": "entrarNaFila", "filaId": 47})
    pause = button(page, "Pausar: Fila 47")
    pause.focus()
    page.keyboard.press("Enter")
    resume = button(page, "Retomar: Fila 47")
    resume.wait_for()
    # The same button, which kept its focus.
    assert resume.evaluate("element => element === document.activeElement")
    page.keyboard.press("Enter")
    telephony.until(lambda phone: phone["queues"] == [{"id": "47", "paused": False}])


# Screen readers.

KEYS = [*"123456789", "asterisco", "0", "cerquilha"]


def names(page):
    """The accessible names of what can be operated, in the order in which it is read."""
    tree = page.locator("main:visible").aria_snapshot()
    return re.findall(r'- (?:button|textbox)(?: "([^"]*)")?', tree)


def test_what_a_screen_reader_says(telephony, open_phone):
    page = open_phone()
    assert names(page) == ["Desconectar", "Número", *KEYS, "Ligar"]
    assert page.get_by_role("heading", name="Ramal 4000").is_visible()
    assert page.get_by_role("group", name="Teclado").is_visible()
    dial(page)
    page.get_by_text("Em conversa").first.wait_for()
    assert names(page) == ["Mudo", "Gravar", "Transferir", *KEYS, "Desligar"]
    assert page.get_by_role("region", name="Chamada").is_visible()
    assert page.get_by_role("timer").is_visible()
    telephony.tell("incoming", {"from": "(79) 91234-5678"})
    button(page, "Atender e encerrar esta").wait_for()
    assert page.get_by_role("status").inner_text() == "Chamada recebida: (79) 91234-5678"
    button(page, "Desligar").click()
    button(page, "Recusar").wait_for()
    assert names(page) == ["Recusar", "Atender"]


def test_what_happens_is_said(telephony, open_phone):
    page = open_phone()
    said = page.get_by_role("status")
    dial(page)
    for words in ("Em conversa 11 99999-0001", "Microfone desligado", "Chamada encerrada"):
        page.get_by_text(words, exact=True).last.wait_for(state="attached")
        assert said.inner_text() == words
        if words.startswith("Em"):
            button(page, "Mudo").click()
        elif words.startswith("Mic"):
            button(page, "Desligar").click()
    dial(page, "11999990004")
    assert "não foi completada" in page.get_by_role("alert").inner_text()


def test_it_speaks_its_readers_language(telephony, new_context):
    page = new_context(locale="en-GB").new_page()
    page.goto(telephony.url(PhoneType.EMBEDDED))
    page.get_by_text("Connected", exact=True).first.wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert names(page) == ["Disconnect", "Number", *"123456789", "star", "0", "hash", "Call"]


# The screen.

SIZES = [(360, 640), (360, 560), (280, 480), (800, 900)]


@pytest.mark.parametrize("scene", SCENES)
def test_axe_finds_nothing(telephony, open_phone, scene):
    page = open_phone(reduced_motion="reduce")
    page.clock.install()
    SCENES[scene](telephony.simulator, page)
    page.evaluate(AXE.read_text())
    for colors in ("light", "dark"):
        page.emulate_media(color_scheme=colors)
        found = page.evaluate("axe.run()")
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
        # It looked.
        assert {"button-name", "color-contrast", "html-has-lang"} <= {each["id"] for each in found["passes"]}


@pytest.mark.parametrize("scene", ["idle", "talking", "ringing", "second"])
def test_everything_is_in_reach(telephony, open_phone, scene):
    page = open_phone(reduced_motion="reduce")
    page.clock.install()
    SCENES[scene](telephony.simulator, page)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        is_in_reach(page, scene, height)


def is_in_reach(page, scene, height):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    covered = page.evaluate(
        """() => [...document.querySelectorAll("button, input")].filter((one) => {
          if (one.getClientRects().length === 0) return false;
          one.scrollIntoView({ block: "nearest" });
          const { left, top, right, bottom } = one.getBoundingClientRect();
          const points = [[left + right, top + bottom], [left + right, 2 * top + 4], [left + right, 2 * bottom - 4]];
          return points.some(([x, y]) => !one.contains(document.elementFromPoint(x / 2, y / 2)));
        }).map((one) => one.id || one.value)"""
    )
    assert covered == []
    page.evaluate("scrollTo(0, 0)")
    if scene in ("talking", "second"):
        box = button(page, "Desligar").bounding_box()
        assert box["y"] + box["height"] <= height
    if scene == "talking":
        # All of it at once: nobody looks for keys in a call.
        last = button(page, "cerquilha").bounding_box()
        assert last["y"] + last["height"] <= box["y"]


# The microphone.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"granted": False}, "O microfone foi recusado", id="refused"),
        pytest.param({"microphone": False}, "Nenhum microfone foi encontrado", id="absent"),
    ],
)
def test_a_phone_without_a_microphone_says_so_and_works(telephony, open_phone, options, words):
    page = open_phone(**options)
    page.get_by_role("alert").get_by_text(words).wait_for()
    dial(page)
    page.get_by_text("Em conversa").first.wait_for()
    if "granted" in options:
        page.context.grant_permissions(["microphone"])
        button(page, "Pedir de novo").click()
        page.get_by_role("alert").get_by_text(words).wait_for(state="hidden")
        telephony.until(lambda page: page["microphone"] == "live", "/phones/4000/page")


# What its address asks of it.


def test_it_dials_when_it_opens(telephony, open_phone):
    page = open_phone(wanted={"call_on_open": NUMBER})
    page.get_by_text("Em conversa").first.wait_for()
    assert page.locator("#call-number").inner_text() == "11 99999-0001"


@pytest.mark.parametrize("closes", [True, False])
def test_it_closes_when_its_call_ends_if_it_was_asked_to(telephony, open_phone, closes):
    page = open_phone(wanted={"close_at_end": closes})
    dial(page)
    page.get_by_text("Em conversa").first.wait_for()
    button(page, "Desligar").click()
    words = "O telefone foi fechado." if closes else "Ligar"
    page.get_by_text(words, exact=True).wait_for()
    assert page.get_by_text("Ligar", exact=True).is_visible() is not closes


# Two phones.


def test_two_pages_call_each_other(telephony, open_phone, new_context):
    context = new_context()
    one = open_phone(context=context)
    other = open_phone(context=context, extension=4001)
    dial(one, "4001")
    button(other, "Atender").click()
    for page, number in ((one, "4001"), (other, "4000")):
        page.get_by_text("Em conversa").first.wait_for()
        assert page.locator("#call-number").inner_text() == number
    button(other, "Desligar").click()
    for page in (one, other):
        button(page, "Ligar").wait_for()


def test_a_phone_that_is_opened_elsewhere_steps_back(telephony, open_phone, new_context):
    context = new_context()
    first = open_phone(context=context)
    second = open_phone(context=context)
    first.get_by_role("heading", name="O telefone foi aberto em outro lugar.").wait_for()
    dial(second)
    second.get_by_text("Em conversa").first.wait_for()
    button(first, "Carregar de novo").click()
    first.get_by_text("Conectado", exact=True).first.wait_for()
    second.get_by_role("heading", name="O telefone foi aberto em outro lugar.").wait_for()


# What goes wrong.


def test_a_page_that_crashes_says_so(telephony, open_phone):
    page = open_phone()
    telephony.tell("crash")
    page.get_by_role("heading", name="A página parou de funcionar.").wait_for()
    button(page, "Carregar de novo").click()
    page.get_by_text("Conectado", exact=True).first.wait_for()


def test_what_the_phone_says_wrongly_does_not_change_what_is_shown(telephony, open_phone):
    page = open_phone()
    for fault in ("unknown_event", "broken_payload", "duplicate", "silent", "reordered"):
        telephony.tell("faults", {"fault": fault})
    dial(page)
    page.get_by_text("Em conversa").first.wait_for()
    button(page, "Desligar").click()
    button(page, "Ligar").wait_for()


def test_a_simulator_that_ends_is_a_phone_that_is_gone(telephony, open_phone):
    page = open_phone()
    telephony.simulator.close()
    # Whether the phone still says that it closes is a matter of who is faster.
    page.get_by_role("heading", name=re.compile("ligação com o telefone caiu|telefone foi fechado")).wait_for()


def test_a_wrong_key_opens_nothing(telephony, page):
    url = telephony.url(PhoneType.EMBEDDED)
    key = url.split("key=")[1].split("&")[0]
    answer = page.goto(url.replace(key, "0" * len(key)))
    assert answer.status == 403
    assert page.get_by_role("heading").inner_text() == "Chave inválida"
    assert key not in page.content()


def test_an_expired_address_opens_nothing(page, still_signed_telephony):
    url = still_signed_telephony.url(PhoneType.EMBEDDED)
    page.goto(url)
    page.get_by_text("Conectado", exact=True).first.wait_for()
    still_signed_telephony.simulator.advance(61_000)
    answer = page.goto(url)
    assert answer.status == 403
    assert page.get_by_role("heading").inner_text() == "URL expirada"
    page.goto(url.replace("signature=", "signature=0"))
    assert page.get_by_role("heading").inner_text() == "Assinatura inválida"
