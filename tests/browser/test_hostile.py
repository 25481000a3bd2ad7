"""Whatever a page could do to a host: frames that pass for the phone, phones that run wild, addresses that are code.
Each ends in a typed report or is ignored; nothing hangs, nothing leaks, and the session makes a call afterwards.
"""

import json
from pathlib import Path

import pytest
from hosted import Around, native
from names import LOOK_ALIKES, NOBODY, PHONE
from within import OBEYS, go, in_phone, obedient

from webphone import PhoneType

OWN_WORLD = {"chromium": "binding", "webkit": "handler"}
INTRUDER = Path(__file__).with_name("intruder.html").read_text()
# Guessed, since nobody tells it.
GUESS = "0" * 32


def own_world(engine):
    return OWN_WORLD[engine.name]


def until_ready(phone):
    return phone.until(lambda state: state.page.phase == native.PagePhase.READY, "a ready page")


def intruder(web, base, nonce=GUESS):
    """The address of an intruder at this origin, and where it tells what it got."""
    ear = web.ear()
    config = {"nonce": nonce, "ear": base + ear}
    return base + web.page(INTRUDER.replace("__INTRUDER__", json.dumps(config))), ear


def add_frame(phone, url, sandbox=""):
    """Puts a frame into the host page."""
    attribute = f'frame.sandbox = "{sandbox}";' if sandbox else ""
    phone.view.evaluate(
        f"""(() => {{
          const frame = document.createElement("iframe");
          {attribute}
          frame.src = {json.dumps(url)};
          document.body.append(frame);
        }})(), 0"""
    )


def sound(world, phone, ear, before):
    """What an intruder did came to nothing."""
    state = phone.state
    assert (state.page.phase, state.line, state.call, state.ringing) == (
        native.PagePhase.READY,
        native.Line.CONNECTED,
        None,
        None,
    )
    assert (state.queues, state.unexpected_events, state.broken_events, state.last_error) == ([], 0, 0, None)
    seen = world.control(f"/phones/{phone.extension}")
    assert (seen["connected"], seen["call"], seen["queues"]) == (True, None, [])
    assert len(phone.events) == before
    phone.makes_a_call()
    # By now what was posted before has come, and a port that somebody had taken would have spoken.
    assert phone.web.nothing_more(ear)
    assert "66606660666" not in phone.story


def attack(world, phone, url, ear, **how):
    before = len(phone.events)
    add_frame(phone, url, **how)
    done = phone.web.heard(ear)
    assert done.startswith("done"), done
    sound(world, phone, ear, before)
    return done


# Frames beside the phone.

ORIGINS = [*LOOK_ALIKES, NOBODY]
HOSTS = ["own world", "port", "hook", "socket"]
# The second is of no origin at all.
SANDBOXES = ["", "allow-scripts"]


def test_a_frame_of_another_origin_is_nobody(tls_world, engine):
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=Around(policy=False))
    until_ready(phone)
    for origin in ORIGINS:
        done = attack(tls_world, phone, *intruder(phone.web, f"https://{origin}"))
        assert done == "done, 0 in reach", origin


@pytest.mark.parametrize("host", HOSTS)
def test_a_frame_beside_the_phone_is_nobody_on_any_host(world, engine, host):
    word = own_world(engine) if host == "own world" else host
    phone = world.host(engine, PhoneType.HIDDEN, word, around=Around(policy=False))
    until_ready(phone)
    frames = [(phone.web.url(""), sandbox) for sandbox in SANDBOXES]
    if host != "socket":
        # The phone's host with another port; there that is the host page's own origin.
        frames.append((phone.web.url("", host="127.0.0.1"), ""))
    for base, sandbox in frames:
        attack(world, phone, *intruder(phone.web, base), sandbox=sandbox)


@pytest.mark.parametrize("kind", [PhoneType.HIDDEN, PhoneType.FLOATING])
def test_a_frame_within_the_phone_is_nobody(world, engine, kind):
    phone = world.host(engine, kind, own_world(engine), around=obedient())
    until_ready(phone)
    before = len(phone.events)
    url, ear = intruder(phone.web, phone.web.url(""))
    frame = f'Object.assign(document.createElement("iframe"), {{ src: {json.dumps(url)} }})'
    in_phone(phone, f"document.body.append({frame})")
    assert phone.web.heard(ear) == "done, 0 in reach"
    sound(world, phone, ear, before)


def test_a_frame_of_the_phones_own_origin_is_not_the_phone(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=obedient())
    until_ready(phone)
    before = len(phone.events)
    ear = phone.web.ear()
    inner = f"""<script>
      top.postMessage({{ message: "chegandoChamada", numeroChegando: "66606660666" }}, "*");
      top.postMessage({{ message: "status", status: "desconectado" }}, "*");
      fetch("{phone.web.url(ear)}", {{ method: "POST", mode: "no-cors", body: "done" }});
    </script>"""
    frame = f'Object.assign(document.createElement("iframe"), {{ srcdoc: {json.dumps(inner)} }})'
    in_phone(phone, f"document.body.append({frame})")
    assert phone.web.heard(ear) == "done"
    sound(world, phone, ear, before)


def test_the_policy_lets_no_foreign_frame_in(tls_world, engine):
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine))
    until_ready(phone)
    ear = phone.web.ear()
    page = f'<script>fetch("{ear}", {{ method: "POST", body: "here" }})</script>'
    in_html = f"https://{NOBODY}{phone.web.page(page)}"
    directive = phone.view.ask(
        f"""const told = new Promise((resolve) => addEventListener("securitypolicyviolation", resolve));
        document.body.append(Object.assign(document.createElement("iframe"), {{ src: "{in_html}" }}));
        return (await told).effectiveDirective;"""
    )
    assert directive == "frame-src"
    phone.makes_a_call()
    assert phone.web.nothing_more(ear)


# Ports and words that are not the host's.


@pytest.mark.parametrize("kind", [PhoneType.HIDDEN, PhoneType.EMBEDDED])
def test_the_program_is_who_has_the_number(world, engine, kind):
    phone = world.host(engine, kind, "hook")
    until_ready(phone)
    stop = json.dumps({"webphone": 1, "nonce": GUESS, "batch": [["stop"], ["post", 1, 1, '{"message":"hangup"}']]})
    phone.calls()
    phone.view.evaluate(f"webphoneHost.receive({json.dumps(stop)}), 0")
    assert phone.view.evaluate('document.querySelectorAll("iframe").length') == 1
    assert phone.state.call.phase == native.CallPhase.TALKING
    # Nor is the bridge taken for it.
    hello = json.dumps({"webphone": 1, "nonce": GUESS, "seq": 99, "batch": [["closed"]]})
    phone.view.evaluate(f"testPost({json.dumps(hello)}), 0")
    assert phone.execute(native.Command.HANG_UP()).is_confirmed()
    phone.makes_a_call()
    assert phone.link.ignored() == 1


def test_a_port_of_a_frame_is_refused_even_with_the_right_number(world, engine):
    around = Around(policy=False, hands_over=False)
    phone = world.host(engine, PhoneType.EMBEDDED, "port", around=around)
    url, ear = intruder(phone.web, phone.web.url(""), phone.nonce)
    for sandbox in SANDBOXES:
        add_frame(phone, url, sandbox)
        assert phone.web.heard(ear).startswith("done")
    # From the page itself too, as long as it can't hide where it comes from, or does not know the number.
    right = phone.load.port_message()
    wrong = right.replace(phone.nonce, GUESS)
    phone.view.evaluate(
        f"""(() => {{
          const offer = () => {{
            const {{ port1, port2 }} = new MessageChannel();
            port1.onmessage = () => fetch("{phone.web.url(ear)}", {{ method: "POST", mode: "no-cors", body: "taken" }});
            return [port2];
          }};
          postMessage({json.dumps(right)}, "*", offer());
          const imitation = {{ origin: "", source: null }};
          dispatchEvent(new MessageEvent("message", {{ ...imitation, data: {json.dumps(wrong)}, ports: offer() }}));
          dispatchEvent(new MessageEvent("message", {{ ...imitation, data: {json.dumps(right)} }}));
        }})(), 0"""
    )
    assert phone.link.ignored() == 0
    phone.view.give_port()
    phone.makes_a_call()
    assert phone.web.nothing_more(ear)


def test_a_second_port_is_refused(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, "port")
    until_ready(phone)
    ear = phone.web.ear()
    # All is right about it but that it comes second.
    phone.view.evaluate(
        f"""(() => {{
          const {{ port1, port2 }} = new MessageChannel();
          port1.onmessage = () => fetch("{phone.web.url(ear)}", {{ method: "POST", mode: "no-cors", body: "taken" }});
          const data = {json.dumps(phone.load.port_message())};
          dispatchEvent(new MessageEvent("message", {{ data, origin: "", source: null, ports: [port2] }}));
        }})(), 0"""
    )
    phone.makes_a_call()
    assert phone.web.nothing_more(ear)


# Phones that went away, or that never were.


def test_what_a_foreign_page_says_in_the_phones_window_is_ignored(tls_world, engine):
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=Around(script=OBEYS, policy=False))
    until_ready(phone)
    before = len(phone.events)
    url, ear = intruder(phone.web, f"https://{LOOK_ALIKES[0]}")
    go(phone, url)
    assert phone.web.heard(ear).startswith("done")
    phone.report("reloaded")
    phone.until(lambda _: phone.link.pinned_origin() is None, "a phone that nobody knows")
    assert len(phone.events) == before
    assert "66606660666" not in phone.story
    phone.load = phone.link.load(phone.page)
    phone.view.load_again()
    phone.makes_a_call()


# Phones that run wild.


def say(world, phone, message, **how):
    world.tell(phone, "say", {"message": message, **how})


def test_a_phone_that_floods(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine))
    until_ready(phone)
    say(world, phone, {"message": "stats_webphone", "internet": {"ping": 1}}, times=20_000, per_second=10_000)
    phone.makes_a_call()
    say(world, phone, {"message": "evento_novo"}, times=10_000)
    say(world, phone, {"message": "evento_novo", "ultimo": True})
    phone.makes_a_call()
    assert phone.state.broken_events == 0


def test_a_phone_that_says_what_nobody_can_hear(world, engine):
    phone = world.host(engine, PhoneType.HIDDEN, own_world(engine), around=obedient())
    until_ready(phone)
    say(world, phone, {"message": "status", "status": "conversando"}, padding=10_000_000)
    assert phone.notice("messages_dropped")
    say(world, phone, {"message": "status", "status": "conversando"}, cyclic=True)
    in_phone(
        phone,
        """const deep = {}; let inner = deep;
        for (let n = 0; n < 5000; n++) inner = inner.a = {};
        const holds = (more) => ({ message: "status", status: "conversando", ...more });
        for (const more of [{ deep }, { big: 10n }, { date: new Date(NaN) }, { map: new Map() }]) {
          parent.postMessage(holds(more), "*");
        }
        for (const bad of [null, undefined, 0, "", "{", [], { message: 1 }, { message: "" }, new ArrayBuffer(9), NaN]) {
          parent.postMessage(bad, "*");
        }
        for (const bad of [() => 0, holds({ run() {} }), document]) {
          try { parent.postMessage(bad, "*"); } catch (error) { if (error.name !== "DataCloneError") throw error; }
        }""",
    )
    phone.makes_a_call()


def test_an_accessor_in_a_message_is_only_a_value(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=obedient())
    until_ready(phone)
    in_phone(
        phone,
        """parent.postMessage({ message: "evento_novo", toJSON: "x", __proto__: null, constructor: 1 }, "*");
        parent.postMessage({ message: "evento_novo", get value() { return "read here"; } }, "*");""",
    )
    phone.told(lambda cause: cause.is_event() and cause.event.is_unknown() and "read here" in cause.event.payload)
    phone.makes_a_call()


# Addresses that are code.

CODE = "&x='\"</script><script>window.pwned=1</script>%E2%80%A8<!--`${window.pwned=1}"


@pytest.mark.parametrize("host", HOSTS)
def test_an_address_stays_an_address(world, engine, host):
    word = own_world(engine) if host == "own world" else host
    phone = world.host(engine, PhoneType.HIDDEN, word, more=CODE, title='"><script>window.pwned=1</script>')
    phone.makes_a_call()
    assert phone.view.evaluate("typeof window.pwned") == "undefined"
    assert phone.view.evaluate("document.title.length") == 33


@pytest.mark.parametrize("text", ["javascript:alert(1)", "https://h.example/\u2028", "data:text/html,x", f"//{PHONE}/"])
def test_what_is_no_address_of_a_phone_is_refused(text):
    with pytest.raises(native.WebphoneError.Invalid):
        native.WebphoneUrl.parse(text)


def test_nothing_of_it_all_is_told(world, engine):
    phone = world.host(engine, PhoneType.HIDDEN, own_world(engine), form={"script": "hunts"})
    phone.makes_a_call()
    phone.view.reload()
    phone.report("reloaded")
    key = phone.secret.reveal().split("key=")[1].split("&")[0]
    shown = phone.story + str(phone.state) + repr(phone.load) + repr(phone.page)
    assert "RELOADED" in shown
    assert key not in shown
    assert phone.nonce not in shown
