"""Host pages for hosts of one's own, and for web back ends. What a browser does is in `tests/browser`."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import sys
from typing import Any

import pytest

import webphone
from webphone import PhoneType, WebphoneUrl, causes, reports
from webphone import page as host_pages
from webphone.page import (
    Hook,
    HostPage,
    HostPageOptions,
    NavigationDecision,
    PageLink,
    PagePart,
    PermissionRequest,
    PhoneLoading,
    WebSocket,
)
from webphone.web import REPLACED, Webphone

HOST = "https://webphone-host.api2.totalvoice.com.br"


def in_a_browser(**options: Any) -> Webphone:
    return Webphone(url(), page_url="https://crm.example/phone", socket_path="/phone/socket", **options)


def url(key: str = "K3Y", kind: PhoneType = PhoneType.EMBEDDED, **query: str) -> WebphoneUrl:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return WebphoneUrl.parse(f"https://api2.totalvoice.com.br/w3/?key={key}&tipo={kind.value}{more}")


class Bridge:
    """What the page's script says."""

    def __init__(self, script: str) -> None:
        found = re.search(r'"nonce":"(\w+)"', script)
        assert found
        self.nonce = found[1]
        self._seq = 0

    def says(self, *items: object) -> str:
        self._seq += 1
        return json.dumps({"webphone": 1, "nonce": self.nonce, "seq": self._seq, "batch": items})

    def phone_says(self, **message: object) -> str:
        return self.says(["message", json.dumps(message)])

    def orders(self, envelope: str) -> Any:
        read = json.loads(envelope)
        assert read["nonce"] == self.nonce
        return read["batch"]


def test_a_page_says_where_it_stands_and_what_it_may_do():
    page = HostPage(url(), Hook())
    assert (page.url, page.origin) == (f"{HOST}/", HOST)
    assert page.phone_origins[0] == "https://api2.totalvoice.com.br"
    assert page.microphone_origins == (HOST,)
    assert page.allow.startswith("microphone https://api2.totalvoice.com.br ")
    assert page.loading is PhoneLoading.FRAME
    assert not page.is_loopback
    assert page.permits(PermissionRequest(HOST, microphone=True))
    assert not page.permits(PermissionRequest(HOST, microphone=True, others=True))
    assert not page.permits(PermissionRequest("https://evil.example", microphone=True))
    assert page.navigation(f"{HOST}/", PagePart.HOST_PAGE) is NavigationDecision.ALLOW
    assert page.navigation("https://help.example/", PagePart.NEW_WINDOW) is NavigationDecision.OPEN_OUTSIDE
    assert page.navigation("javascript:alert(1)", PagePart.FRAME) is NavigationDecision.REFUSE
    assert "K3Y" not in repr(page)


@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("loading", lambda: HostPage(url(), Hook(), HostPageOptions(loading=PhoneLoading.SCRIPT))),
        ("language", lambda: HostPage(url(), Hook(), HostPageOptions(language='"><script>'))),
        ("title", lambda: HostPage(url(), Hook(), HostPageOptions(title="\ud800"))),
        ("page_url", lambda: HostPage(url(), WebSocket("http://crm.example/", "/socket"))),
        ("socket_path", lambda: HostPage(url(), WebSocket("https://crm.example/", "socket"))),
        ("page_url", lambda: Webphone(url(), page_url="https://api2.totalvoice.com.br/x", socket_path="/s")),
    ],
)
def test_what_does_not_fit_is_named(field, make):
    with pytest.raises(webphone.InvalidError) as caught:
        make()
    assert caught.value.field == field


def test_only_hosts_and_failures_are_hosts_and_failures():
    with pytest.raises(TypeError):
        HostPage(url(), "hook")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        PageLink(HostPage(url(), Hook())).document_failed("https://x.example", "403")  # type: ignore[arg-type]


def test_a_host_of_ones_own():
    async def live():
        link = PageLink(HostPage(url(), Hook()), record="plain")
        phone = link.session
        load = link.load()
        assert load.url == f"{HOST}/"
        assert "frame-ancestors 'none'" in load.headers["Content-Security-Policy"]
        # The phone's URL is in no page that a program could leak.
        assert "K3Y" not in load.html + load.bridge + load.port_message + repr(load) + repr(link)
        bridge = Bridge(load.bridge)
        link.receive(bridge.says(["hello"]), main_frame=True)
        [[word, start]] = bridge.orders(await link.next_envelope())
        assert (word, start["url"]) == ("start", url().reveal())
        assert link.next_envelope_now() is None
        link.receive(bridge.says(["loaded", 1], ["pinned", "https://api2.totalvoice.com.br"]))
        link.receive(bridge.phone_says(message="status", status="conectado"))
        assert link.pinned_origin == "https://api2.totalvoice.com.br"
        calling = asyncio.ensure_future(phone.call("11999990000"))
        [[word, n, _, text]] = bridge.orders(await link.next_envelope())
        assert (word, json.loads(text)["numero"]) == ("post", "11999990000")
        link.receive(bridge.says(["posted", n, True]))
        link.receive(bridge.phone_says(message="chamada_id", chamada_id=7))
        assert await calling == webphone.Confirmed(by="chamada_id", call_id="7")
        # Nobody waits where the texts are carried.
        with pytest.raises(RuntimeError, match="event loop"):
            phone.blocking.hang_up()
        hanging_up = asyncio.ensure_future(phone.hang_up())
        link.undelivered(await link.next_envelope())
        with pytest.raises(webphone.PageLostError) as caught:
            await hanging_up
        assert caught.value.posted is webphone.Posted.NO
        updates = phone.updates()
        link.receive(bridge.says(["closed"]), main_frame=False)
        link.receive("\ud800")
        link.receive(bridge.says(["closed"]), origin="https://evil.example")
        assert link.ignored == 3
        with pytest.raises(webphone.CallInProgressError):
            link.load()
        link.document_failed(url().reveal(), host_pages.Status(403))
        link.document_failed("https://api2.totalvoice.com.br/x", host_pages.Network("net::ERR_FAILED"), document=True)
        link.report(reports.Failed("as told", reports.TimedOut()))
        link.report(reports.Lost("The view's process ended."))
        told = [next(updates).cause for _ in range(5)]
        assert [cause.report for cause in told if isinstance(cause, causes.Page)] == [
            reports.Failed("The phone's page was answered with HTTP 403.", reports.Status(403)),
            reports.Failed(
                "The network failed on the way to the phone's page (net::ERR_FAILED).",
                reports.Network("net::ERR_FAILED"),
            ),
            reports.Failed("as told", reports.TimedOut()),
            reports.Lost("The view's process ended."),
        ]
        # Another page, of another URL.
        again = link.load(HostPage(url("AGAIN"), Hook(), HostPageOptions(title="</title>")))
        assert again.html.count("</title>") == 1
        assert link.page.phone_url == url("AGAIN")
        phone.close()
        assert Bridge(again.bridge).orders(await link.next_envelope()) == [["stop"]]
        with pytest.raises(webphone.ClosedError):
            await link.next_envelope()
        assert "K3Y" not in str(phone.trace())

    asyncio.run(live())


@dataclasses.dataclass
class Browser:
    """One connection of a browser, as a web server has it."""

    said: asyncio.Queue[str | None] = dataclasses.field(default_factory=asyncio.Queue)
    heard: asyncio.Queue[str] = dataclasses.field(default_factory=asyncio.Queue)
    closed: asyncio.Queue[int] = dataclasses.field(default_factory=asyncio.Queue)

    async def texts(self):
        while (text := await self.said.get()) is not None:
            yield text

    async def close(self, code: int) -> None:
        self.closed.put_nowait(code)
        self.said.put_nowait(None)

    def joins(self, phone: Webphone, origin: str | None = "https://crm.example") -> asyncio.Task[None]:
        return asyncio.create_task(phone.join(self.texts(), self.heard.put, self.close, origin=origin))


def test_a_page_in_somebodys_browser():
    async def live():
        async with in_a_browser() as phone:
            load = await phone.load()
            assert "K3Y" in load.html
            bridge, browser = Bridge(load.html), Browser()
            browser.joins(phone)
            browser.said.put_nowait(bridge.says(["hello"], ["loaded", 1]))
            browser.said.put_nowait(bridge.phone_says(message="status", status="conectado"))
            calling = asyncio.ensure_future(phone.call("11999990000"))
            [[word, n, _, _]] = bridge.orders(await browser.heard.get())
            assert word == "post"
            browser.said.put_nowait(bridge.says(["posted", n, True]))
            browser.said.put_nowait(bridge.phone_says(message="chamada_id", chamada_id=7))
            assert await calling == webphone.Confirmed(by="chamada_id", call_id="7")

            # The connection breaks and comes back: what is to be posted waits for it.
            browser.said.put_nowait(None)
            hanging_up = asyncio.ensure_future(phone.hang_up())
            again = Browser()
            again.joins(phone)
            again.said.put_nowait(bridge.says(["notice", "reconnected"]))
            [[_, n, _, _]] = bridge.orders(await again.heard.get())
            again.said.put_nowait(bridge.says(["posted", n, True]))
            again.said.put_nowait(bridge.phone_says(message="status", status="encerrada"))
            assert await hanging_up == webphone.Confirmed(by="encerrada", call_id="7")

            # Another window takes its place.
            assert phone.is_joined
            other = Bridge((await phone.load()).html)
            assert await again.closed.get() == REPLACED
            third = Browser()
            third.joins(phone)
            third.said.put_nowait(other.says(["hello"]))
            # Who is left over from before is told to stay away, and so is who can't be the page.
            for late, origin, code in (
                (bridge.says(["notice", "reconnected"]), "https://crm.example", REPLACED),
                (other.says(["closed"]), "https://evil.example", 1008),
                (other.says(["closed"]), None, 1008),
                ("x", "https://crm.example", REPLACED),
            ):
                stranger = Browser()
                joining = stranger.joins(phone, origin)
                stranger.said.put_nowait(late)
                await joining
                assert await stranger.closed.get() == code
                assert stranger.heard.empty()
            assert phone.is_joined
        assert other.orders(await third.heard.get()) == [["stop"]]
        assert await third.closed.get() == 1000
        with pytest.raises(webphone.ClosedError):
            await phone.load()

    asyncio.run(live())


def test_nobody_who_is_joined_is_told_at_once_when_the_session_ends():
    async def live():
        phone = in_a_browser(config=webphone.SessionConfig(post_timeout=3600))
        await phone.load()
        await phone.aclose()

    asyncio.run(asyncio.wait_for(live(), 60))


def test_a_text_that_cannot_be_sent_was_not_posted():
    async def live():
        async with in_a_browser(config=webphone.SessionConfig(post_timeout=0.05)) as phone:
            bridge, browser = Bridge((await phone.load()).html), Browser()

            async def broken(_: str) -> None:
                raise ConnectionError

            task = asyncio.create_task(phone.join(browser.texts(), broken, browser.close, origin="https://crm.example"))
            browser.said.put_nowait(bridge.says(["hello"], ["loaded", 1]))
            browser.said.put_nowait(bridge.phone_says(message="status", status="conectado"))
            with pytest.raises(webphone.PageLostError) as caught:
                await phone.call("11999990000")
            assert caught.value.posted is webphone.Posted.NO
            browser.said.put_nowait(None)
            await task
            # Nobody there: it waits for the page as long as it may.
            with pytest.raises(webphone.PageLostError):
                await phone.call("11999990000")

    asyncio.run(live())


def test_without_playwright_the_one_line_to_install_it_is_said():
    assert "playwright" not in sys.modules
    with pytest.raises(ModuleNotFoundError, match=re.escape('pip install "webphone[playwright]"')):
        __import__("webphone.playwright")
