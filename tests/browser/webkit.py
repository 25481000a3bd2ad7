"""WebKit, by WebKitGTK. Its hosts: a message handler in a named world, a message port that is handed over as Android
does, the documented hook, and a web server's page.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from chromium import HAND_OVER, HOOK, host_word  # noqa: E402
from gi.repository import Gio, GLib, Gtk, WebKit2  # noqa: E402
from hosted import PATIENCE, Hosted, native, quoted  # noqa: E402
from names import CRM, LOOK_ALIKES, NOBODY, VENDOR, Names, Proxy  # noqa: E402

# The script worlds of what hosts have in a page that the page does not see, and the names of their handlers.
WORLDS = {"handler": ("webphone", "webphone"), "port": ("android", "android")}
TEST_POST = "window.testPost = text => webkit.messageHandlers.test.postMessage(text);"


class WebKit:
    name = "webkit"
    hosts = ("handler", "port", "hook", "socket")

    def __init__(self, names: Names | None = None) -> None:
        """Starts it: with `names`, to where they lead."""
        self._proxy = None if names is None else Proxy(names)
        self._certificates = [] if names is None else list(acceptable(names))
        self._loop = GLib.MainLoop()
        ready = threading.Event()

        def started() -> bool:
            ready.set()
            return False

        def live() -> None:
            Gtk.init([])
            GLib.idle_add(started)
            self._loop.run()

        threading.Thread(target=live, daemon=True).start()
        assert ready.wait(PATIENCE)

    def run(self, work: Callable[[], object]) -> None:
        """Does it where all of GTK has to be done; what it gives stays there."""
        done: Future[None] = Future()

        def turn() -> bool:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the caller's
                done.set_exception(RuntimeError(repr(error)))
            else:
                done.set_result(None)
            return False

        GLib.idle_add(turn)
        done.result(PATIENCE)

    def context(self, tls: bool, certificates: bool) -> Any:
        """The storage and the network of one test."""
        context = WebKit2.WebContext.new_ephemeral()
        if tls and self._proxy is not None:
            settings = WebKit2.NetworkProxySettings.new(self._proxy.url, None)
            manager = context.get_website_data_manager()
            manager.set_network_proxy_settings(WebKit2.NetworkProxyMode.CUSTOM, settings)
            for shown, host in self._certificates if certificates else ():
                context.allow_tls_certificate_for_host(shown, host)
        return context

    def show(self, hosted: Hosted) -> WebKitView:
        return WebKitView(self, hosted)

    def close(self) -> None:
        self.run(self._loop.quit)
        if self._proxy is not None:
            self._proxy.close()


def acceptable(names: Names) -> Iterator[tuple[Any, str]]:
    """The certificates of these tests, each with a host for which it is good enough."""
    shown = {}
    for port in (names.phone, names.web):
        pem = ssl.get_server_certificate(("127.0.0.1", port))
        shown[port] = Gio.TlsCertificate.new_from_pem(pem, -1)
    for name in (*VENDOR, *LOOK_ALIKES, CRM, NOBODY):
        there = urlsplit(f"//{name}")
        host = there.hostname or ""
        yield shown[names.port(host, there.port or 443)], host


class Windows:
    """The windows of one test, the first of which can be asked things."""

    def __init__(self, engine: WebKit) -> None:
        self._engine = engine
        self._view: Any = None
        self._windows: list[Any] = []

    def _settings(self) -> Any:
        settings = WebKit2.Settings()
        settings.props.enable_media_stream = True
        settings.props.enable_mock_capture_devices = True
        settings.props.media_playback_requires_user_gesture = False
        return settings

    def _show(self, view: Any) -> None:
        window = Gtk.Window(default_width=360, default_height=640)
        window.add(view)
        window.show_all()
        self._windows.append(window)

    def _on_close(self, view: Any) -> None:
        window = view.get_toplevel()
        if window in self._windows:
            self._windows.remove(window)
        window.destroy()

    def _evaluate(self, code: str, world: str | None) -> Any:
        return self._result("evaluate_javascript", code, -1, world, None, None)

    def ask(self, body: str) -> Any:
        """What a function with this body comes to."""
        return self._result("call_async_javascript_function", body, -1, None, None, None, None)

    def _result(self, name: str, *arguments: object) -> Any:
        """What one of the view's functions comes to."""
        done: Future[Any] = Future()

        def ended(view: Any, result: Any) -> None:
            try:
                done.set_result(json.loads(getattr(view, f"{name}_finish")(result).to_json(0)))
            except Exception as error:  # noqa: BLE001 - the caller's, without the frames that hold the view
                done.set_exception(RuntimeError(str(error)))

        self._engine.run(lambda: getattr(self._view, name)(*arguments, ended))
        return done.result(PATIENCE)

    def close(self) -> None:
        self._engine.run(self._destroy)

    def _destroy(self) -> None:
        """Where all of it was made: what another thread frees ends the program."""
        while self._windows:
            self._windows.pop().destroy()
        self._view = None


class Tab(Windows):
    """A plain page, with whatever it wants."""

    def open(self, url: str) -> None:
        loaded = threading.Event()

        def start() -> None:
            settings = self._settings()
            settings.props.javascript_can_open_windows_automatically = True
            self._view = WebKit2.WebView(web_context=self._engine.context(False, False), settings=settings)
            self._follow(self._view)
            finished = WebKit2.LoadEvent.FINISHED
            self._view.connect("load-changed", lambda _, event: loaded.set() if event == finished else None)
            self._show(self._view)
            self._view.load_uri(url)

        self._engine.run(start)
        assert loaded.wait(PATIENCE), "the page did not load"

    def _follow(self, view: Any) -> None:
        view.connect("permission-request", lambda _, request: request.allow() or True)
        view.connect("close", self._on_close)
        view.connect("create", self._on_create)

    def _on_create(self, view: Any, _action: Any) -> Any:
        child = WebKit2.WebView.new_with_related_view(view)
        self._follow(child)
        child.connect("ready-to-show", self._show)
        return child


class WebKitView(Windows):
    """A host page."""

    def __init__(self, engine: WebKit, hosted: Hosted) -> None:
        super().__init__(engine)
        self._hosted = hosted
        self._host = host_word(hosted.host)
        self._loaded = threading.Event()
        engine.run(self._open)
        self._wait_and_hand_over()

    def _wait_and_hand_over(self) -> None:
        assert self._loaded.wait(PATIENCE), "the host page did not load"
        if self._host == "port" and self._hosted.around.hands_over:
            self.give_port()

    def _open(self) -> None:
        hosted = self._hosted
        tls = hosted.page.phone_origins()[0].startswith("https:")
        self._manager = WebKit2.UserContentManager()
        if self._host in WORLDS:
            world, name = WORLDS[self._host]
            self._manager.register_script_message_handler_in_world(name, world)
            self._manager.connect(f"script-message-received::{name}", self._on_text)
        elif self._host == "hook":
            self._manager.register_script_message_handler("test")
            self._manager.connect("script-message-received::test", self._on_text)
        self._add_scripts()
        settings = self._settings()
        settings.props.enable_mock_capture_devices = hosted.around.devices
        settings.props.javascript_can_open_windows_automatically = hosted.around.popups
        self._view = WebKit2.WebView(
            web_context=self._engine.context(tls, hosted.around.certificates),
            user_content_manager=self._manager,
            settings=settings,
        )
        self._follow(self._view)
        self._view.connect("load-changed", self._on_load)
        if hosted.around.window:
            self._show(self._view)
        self._load()

    def attach(self) -> None:
        """Puts the page into a window."""
        self._engine.run(lambda: self._show(self._view))

    def _add_scripts(self) -> None:
        hosted, at = self._hosted, WebKit2.UserScriptInjectionTime
        top, everywhere = (getattr(WebKit2.UserContentInjectedFrames, name) for name in ("TOP_FRAME", "ALL_FRAMES"))
        self._manager.remove_all_scripts()
        if self._host == "handler":
            world = WORLDS["handler"][0]
            script = WebKit2.UserScript.new_for_world(hosted.load.bridge(), top, at.END, world, None, None)
            self._manager.add_script(script)
        elif self._host == "hook":
            self._manager.add_script(WebKit2.UserScript.new(TEST_POST + HOOK, top, at.START, None, None))
        if hosted.around.script:
            self._manager.add_script(WebKit2.UserScript.new(hosted.around.script, everywhere, at.START, None, None))

    def _load(self) -> None:
        if self._host == "socket":
            self.key = self._hosted.web.expect(self._hosted)
            self._view.load_uri(self._hosted.page.url())
        else:
            self._view.load_html(self._hosted.html(), self._hosted.page.url())

    def _follow(self, view: Any) -> None:
        """What a host answers to, in the page and in windows that it opens."""
        view.connect("permission-request", self._on_permission)
        view.connect("create", self._on_create)
        view.connect("close", self._on_close)
        view.connect("resource-load-started", self._on_resource)

    def _on_create(self, view: Any, action: Any) -> Any:
        target = action.get_request().get_uri()
        decision = self._hosted.page.navigation(target, native.PagePart.NEW_WINDOW)
        if decision != native.NavigationDecision.ALLOW:
            return None
        child = WebKit2.WebView.new_with_related_view(view)
        self._follow(child)
        child.connect("ready-to-show", self._show)
        return child

    def _on_load(self, _view: Any, event: Any) -> None:
        # A host page is empty; one that is served inserts its phone, which may never load.
        if event == (WebKit2.LoadEvent.COMMITTED if self._host == "socket" else WebKit2.LoadEvent.FINISHED):
            self._loaded.set()

    def _on_text(self, _manager: Any, result: Any) -> None:
        self._hosted.receive(result.get_js_value().to_string(), None, None)

    def _on_permission(self, view: Any, request: Any) -> bool:
        user_media = isinstance(request, WebKit2.UserMediaPermissionRequest)
        asked = native.PermissionRequest(
            origin=view.get_uri(),
            child_window=view is not self._view,
            microphone=user_media and request.props.is_for_audio_device,
            others=not user_media or request.props.is_for_video_device,
        )
        if self._hosted.around.microphone and self._hosted.page.permits(asked):
            request.allow()
        else:
            request.deny()
            if user_media:
                detail = "The microphone is refused to the page."
                self._hosted.link.report(native.PageReport.NOTICE(name="microphone_refused", detail=detail))
        return True

    def _on_resource(self, _view: Any, resource: Any, _request: Any) -> None:
        resource.connect("notify::response", self._on_response)
        resource.connect("failed", self._on_failure)

    def _on_response(self, resource: Any, _property: Any) -> None:
        failure = native.LoadFailure.STATUS(resource.get_response().get_status_code())
        self._hosted.link.document_failed(resource.get_uri(), failure, None)

    def _on_failure(self, resource: Any, error: Any) -> None:
        failure = native.LoadFailure.NETWORK(f"{error.domain}:{error.code}")
        if error.matches(WebKit2.NetworkError.quark(), WebKit2.NetworkError.CANCELLED):
            # So a document ends that may not be framed; one whose answer came already was left for another.
            if resource.get_response() is not None:
                return
            failure = native.LoadFailure.BLOCKED()
        self._hosted.link.document_failed(resource.get_uri(), failure, None)

    def give_port(self) -> None:
        """As Android does once the page is there."""
        post = "text => webkit.messageHandlers.android.postMessage(text)"
        self._evaluate(f"({HAND_OVER})({quoted(self._hosted.load.port_message())}, {post}), 0", WORLDS["port"][0])

    def deliver(self, envelope: str) -> None:
        if self._host == "socket":
            self._hosted.web.send(self.key, envelope)
        elif self._host == "port":
            self._evaluate(f"androidPort.postMessage({quoted(envelope)}), 0", WORLDS["port"][0])
        else:
            world = WORLDS["handler"][0] if self._host == "handler" else None
            self._evaluate(native.receive_script(envelope) + ", 0", world)

    def evaluate(self, code: str) -> Any:
        return self._evaluate(code, None)

    def load_again(self) -> None:
        """Shows the load that there is, in the place of the one before."""
        self._loaded.clear()

        def again() -> None:
            self._add_scripts()
            self._load()

        self._engine.run(again)
        self._wait_and_hand_over()

    def reload(self) -> None:
        """The page loads itself again; a host that hands over does so for each page that is there."""
        self._loaded.clear()
        self._engine.run(self._load)
        self._wait_and_hand_over()

    def take_microphone(self) -> None:
        """As the platform does when something more important needs it."""
        self._engine.run(lambda: self._view.set_microphone_capture_state(WebKit2.MediaCaptureState.NONE))

    def _destroy(self) -> None:
        super()._destroy()
        self._manager = None
