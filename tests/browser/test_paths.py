"""What becomes of pages that do not simply load and live: popups, connections that break, reloads, blocked ways, closed
phones, microphones that are not there.
"""

import pytest
from hosted import ANSWERS_AT_ONCE, Around, native
from names import NOBODY, PHONE
from within import go, obedient

from webphone import PhoneType

OWN_WORLD = {"chromium": "binding", "webkit": "handler"}
OTHER_PHONE = "voice-app.zenvia.com"
POPUP = native.PhoneLoading.POPUP


def own_world(engine):
    return OWN_WORLD[engine.name]


def until_ready(phone):
    return phone.until(lambda state: state.page.phase == native.PagePhase.READY, "a ready page")


def until_lost(phone):
    return phone.until(lambda state: state.page.phase == native.PagePhase.LOST, "a lost page")


def load_again(phone):
    phone.load = phone.link.load(phone.page)
    phone.view.load_again()


def notices(phone):
    reports = [cause.report for cause in phone.causes if cause.is_page()]
    return [report.name for report in reports if report.is_notice()]


# Popups.


def test_a_popup_that_the_browser_blocks_opens_by_a_button(world, bare_chromium):
    phone = world.host(bare_chromium, PhoneType.FLOATING, "socket", loading=POPUP)
    phone.notice("popup_blocked")
    # A click of a real pointer: a script's would be blocked as well.
    bare_chromium.run(phone.view.page.get_by_role("button", name="Webphone").click())
    phone.makes_a_call()


def test_a_popup_that_webkit_blocks_opens_by_a_button(world, webkit):
    # Whatever a host itself runs in a page counts as its user's: only a page that starts by itself is blocked.
    phone = world.host(webkit, PhoneType.FLOATING, "socket", loading=POPUP, around=Around(popups=False))
    phone.notice("popup_blocked")
    phone.view.evaluate('document.querySelector("button").click(), 0')
    phone.makes_a_call()
    assert phone.view.evaluate('document.querySelector("button") === null')


def test_a_popup_that_is_closed_is_a_closed_phone(world, engine):
    phone = world.host(engine, PhoneType.FLOATING, "hook", loading=POPUP)
    phone.calls()
    world.tell(phone, "close")
    phone.report("closed")
    assert until_lost(phone).call is None


# Phones that close.


def test_a_script_that_removes_its_frame_has_closed_the_phone(world, engine):
    phone = world.host(engine, PhoneType.HIDDEN, own_world(engine))
    phone.calls()
    world.tell(phone, "close")
    phone.report("closed")
    assert until_lost(phone).call is None
    # A new load brings it back.
    load_again(phone)
    phone.makes_a_call()


def test_a_phone_that_closes_at_the_end_of_its_call(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), wanted={"close_at_end": True})
    phone.calls()
    phone.execute(native.Command.HANG_UP())
    phone.report("closed")
    until_lost(phone)


def test_a_phone_that_dials_when_it_opens(world, engine):
    wanted = {"call_on_open": ANSWERS_AT_ONCE}
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), wanted=wanted)
    state = phone.until(lambda state: state.call and state.call.phase == native.CallPhase.TALKING)
    assert state.call.origin == native.CallOrigin.PAGE
    with pytest.raises(native.WebphoneError.DialsOnOpen):
        phone.link.load(phone.page)


# Loads that come again.


@pytest.mark.parametrize("host", ["own world", "port", "hook"])
def test_a_host_page_that_loads_itself_again_is_a_reload_and_no_second_phone(world, engine, host):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine) if host == "own world" else host)
    phone.calls()
    phone.view.reload()
    phone.report("reloaded")
    assert until_lost(phone).call is None
    assert phone.view.evaluate('document.querySelectorAll("iframe").length') == 0
    load_again(phone)
    phone.makes_a_call()


def test_a_phone_that_loads_itself_again_in_a_call(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine))
    phone.calls()
    before = phone.state.page.generation
    world.tell(phone, "reload")
    phone.report("reloaded")
    state = until_ready(phone)
    assert state.page.generation > before
    assert state.call is None
    assert not state.page.failed
    assert "navigation_blocked" not in notices(phone)
    phone.makes_a_call()


def test_a_phone_that_is_sent_to_a_foreign_page_is_no_reload(tls_world, engine):
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=obedient())
    until_ready(phone)
    go(phone, f"https://{NOBODY}/")
    phone.notice("navigation_blocked")
    assert not any(cause.is_page() and cause.report.is_reloaded() for cause in phone.causes)
    if engine.name == "webkit":
        # The old phone lives on there, and its next message says so; in Chromium an error page is in its place.
        phone.makes_a_call()
    else:
        phone.link.report(native.PageReport.LOST(detail="The host takes the page away."))
        load_again(phone)
        phone.makes_a_call()


def test_a_phone_that_moves_to_another_of_its_origins(tls_world, engine):
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=obedient())
    until_ready(phone)
    go(phone, phone.secret.reveal().replace(PHONE, OTHER_PHONE))
    phone.report("reloaded")
    phone.notice("third_party_storage")
    until_ready(phone)
    assert phone.link.pinned_origin() == f"https://{OTHER_PHONE}"
    phone.makes_a_call()


# Redirects and storage.


def test_a_phone_that_is_redirected_to_another_site_is_told(tls_world, engine):
    form = {"load": {"redirects": {"to": OTHER_PHONE}}}
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), form=form)
    phone.makes_a_call()
    phone.notice("third_party_storage")
    # The whole set of its origins may use the microphone.
    assert tls_world.microphone(phone) == "live"


def test_a_host_page_below_the_phones_new_host_is_of_its_site(tls_world, engine):
    form = {"load": {"redirects": {"to": OTHER_PHONE}}}
    below = f"https://{OTHER_PHONE}"
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), form=form, below=below)
    phone.makes_a_call()
    assert phone.link.pinned_origin() == below
    assert "third_party_storage" not in notices(phone)


@pytest.mark.parametrize("scheme", ["http", "tls"])
def test_the_phones_cookies_are_its_own(request, engine, scheme):
    world = request.getfixturevalue("world" if scheme == "http" else "tls_world")
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), form={"load": "needs_cookie"})
    phone.makes_a_call()


# Pages that do not load.

IMPATIENT = {"load_timeout_ms": 500}


def test_a_page_that_never_loads(world, engine):
    session = native.SessionConfig(ready_timeout_ms=1500)
    phone = world.host(
        engine, PhoneType.EMBEDDED, own_world(engine), form={"load": "never"}, session=session, **IMPATIENT
    )
    assert phone.report("failed").failure.is_timed_out()
    with pytest.raises(native.WebphoneError.NotReady):
        phone.execute(native.Command.CALL(ANSWERS_AT_ONCE))


def test_a_page_that_loads_late_is_a_phone_all_the_same(world, engine):
    form = {"load": {"slow": {"after_ms": 1500}}}
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), form=form, **IMPATIENT)
    phone.report("failed")
    phone.makes_a_call()


def test_a_script_that_does_not_load(world, engine):
    phone = world.host(engine, PhoneType.HIDDEN, own_world(engine), form={"load": "forbidden"})
    phone.report("failed")
    assert phone.state.page.failed


def test_a_page_that_is_forbidden(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), form={"load": "forbidden"})
    assert phone.report("failed").failure.status == 403


def test_a_page_that_may_not_be_framed(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), form={"load": "unframeable"})
    assert phone.report("failed").failure.is_blocked()
    phone.until(lambda state: state.page.failed)


def test_a_page_whose_certificate_is_not_acceptable(tls_world, engine):
    phone = tls_world.host(
        engine, PhoneType.EMBEDDED, own_world(engine), around=Around(certificates=False), **IMPATIENT
    )
    failure = phone.report("failed").failure
    # WebKitGTK says nothing of it: that the page does not come is all that is known.
    assert failure.is_tls() if engine.name == "chromium" else failure.is_timed_out(), failure


def test_a_redirect_to_a_foreign_page_is_blocked(tls_world, engine):
    form = {"load": {"redirects": {"to": NOBODY}}}
    phone = tls_world.host(engine, PhoneType.EMBEDDED, own_world(engine), form=form)
    phone.told(lambda cause: cause.is_page() and cause.report.is_failed() and cause.report.failure.is_blocked())


# A web server's page.


def test_a_broken_connection_comes_back(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, "socket")
    phone.calls()
    phone.web.cut(phone.view.key)
    phone.notice("reconnected")
    # The call went on meanwhile.
    assert phone.state.call.phase == native.CallPhase.TALKING
    assert phone.execute(native.Command.HANG_UP()).is_confirmed()
    phone.makes_a_call()


def test_a_second_page_takes_the_place_of_the_first(world, chromium):
    phone = world.host(chromium, PhoneType.EMBEDDED, "socket")
    until_ready(phone)
    first = phone.view.page

    async def open_another():
        page = await phone.view.context.new_page()
        await page.goto(phone.page.url())

    chromium.run(open_another())
    chromium.run(first.locator("iframe").wait_for(state="detached"))
    until_ready(phone)
    phone.makes_a_call()


def test_a_second_page_gets_nothing_while_a_call_goes_on(world, chromium):
    phone = world.host(chromium, PhoneType.EMBEDDED, "socket")
    phone.calls()

    async def open_another():
        page = await phone.view.context.new_page()
        answer = await page.goto(phone.page.url())
        return answer.status

    assert chromium.run(open_another()) == 409
    assert phone.state.call.phase == native.CallPhase.TALKING
    assert phone.execute(native.Command.HANG_UP()).is_confirmed()


# The microphone.


def test_a_microphone_that_its_user_refuses_and_grants_again(world, chromium):
    phone = world.host(chromium, PhoneType.EMBEDDED, "binding")
    phone.calls()
    phone.view.set_microphone("denied")
    phone.notice("microphone_refused")
    phone.view.set_microphone("granted")
    phone.notice("microphone_granted")
    assert phone.execute(native.Command.HANG_UP()).is_confirmed()


def test_a_microphone_that_is_refused(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine), around=Around(microphone=False))
    assert world.microphone(phone) == "refused"
    if engine.name == "webkit":
        # There the host itself is asked. Chromium only tells a page what its user has decided.
        phone.notice("microphone_refused")
    phone.makes_a_call()


def test_a_microphone_that_is_not_there(request, world, engine):
    if engine.name == "chromium":
        phone = world.host(request.getfixturevalue("bare_chromium"), PhoneType.EMBEDDED, "binding")
    else:
        phone = world.host(engine, PhoneType.EMBEDDED, "handler", around=Around(devices=False))
    phone.notice("microphone_missing")
    assert world.microphone(phone) in ("absent", "refused")
    phone.makes_a_call()


def test_where_the_host_itself_is_asked_the_page_says_nothing_of_the_microphone(world, bare_chromium):
    # As in Android's web view: a page hears `denied` there, and of no microphone, whatever the phone may do.
    phone = world.host(bare_chromium, PhoneType.EMBEDDED, "port")
    phone.view.set_microphone("denied")
    load_again(phone)
    phone.makes_a_call()
    seen = phone.view.ask("""
        const { state } = await navigator.permissions.query({ name: "microphone" });
        const kinds = (await navigator.mediaDevices.enumerateDevices()).map(({ kind }) => kind);
        return [state, kinds.includes("audioinput")];
    """)
    assert seen == ["denied", False]
    assert "microphone" not in phone.story


def test_webkit_asks_for_the_microphone_once_the_page_is_in_a_window(world, webkit):
    phone = world.host(webkit, PhoneType.HIDDEN, "handler", around=Around(window=False))
    phone.makes_a_call()
    assert world.control(f"/phones/{phone.extension}/page")["microphone"] == "asked"
    phone.view.attach()
    assert world.microphone(phone) == "live"


def test_a_microphone_that_is_taken_away_in_a_call(world, engine):
    phone = world.host(engine, PhoneType.EMBEDDED, own_world(engine))
    phone.calls()
    assert world.microphone(phone) == "live"
    phone.view.take_microphone()
    world.until(phone, lambda page: page["microphone"] != "live", "/page")
    assert phone.state.call.phase == native.CallPhase.TALKING
    assert phone.execute(native.Command.HANG_UP()).is_confirmed()
    phone.makes_a_call()
