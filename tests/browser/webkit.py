"""WebKit, by WebKitGTK: with a message handler in a named world, a transferred message port, and the hook."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from chromium import HAND_OVER, HOOK  # noqa: E402
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402
from hosted import PATIENCE, Hosted, quoted  # noqa: E402

from webphone._core import native  # noqa: E402

WORLD = "webphone"
TEST_POST = "window.testPost = text => webkit.messageHandlers.test.postMessage(text);"


class WebKit:
    name = "webkit"

    def __init__(self) -> None:
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

    def run(self, work: Callable[[], Any]) -> Any:
        done: Future[Any] = Future()

        def turn() -> bool:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001 - the caller's
                done.set_exception(error)
            return False

        GLib.idle_add(turn)
        return done.result(PATIENCE)

    def show(self, hosted: Hosted) -> WebKitView:
        return WebKitView(self, hosted)

    def close(self) -> None:
        self.run(self._loop.quit)


class WebKitView:
    def __init__(self, engine: WebKit, hosted: Hosted) -> None:
        self._engine = engine
        self._hosted = hosted
        self._loaded = threading.Event()
        engine.run(self._open)
        assert self._loaded.wait(PATIENCE), "the host page did not load"
        if hosted.host.is_message_port():
            self._evaluate(f"({HAND_OVER})({quoted(hosted.load.port_message())}), 0", None)

    def _open(self) -> None:
        load = self._hosted.load
        self._context = WebKit2.WebContext.new_ephemeral()
        manager = WebKit2.UserContentManager()
        frames, at = WebKit2.UserContentInjectedFrames.TOP_FRAME, WebKit2.UserScriptInjectionTime
        if self._hosted.host.is_message_handler():
            manager.register_script_message_handler_in_world("webphone", WORLD)
            manager.connect("script-message-received::webphone", self._on_text)
            manager.add_script(WebKit2.UserScript.new_for_world(load.bridge(), frames, at.END, WORLD, None, None))
        else:
            manager.register_script_message_handler("test")
            manager.connect("script-message-received::test", self._on_text)
            script = TEST_POST + (HOOK if self._hosted.host.is_hook() else "")
            manager.add_script(WebKit2.UserScript.new(script, frames, at.START, None, None))
        settings = WebKit2.Settings()
        settings.props.enable_media_stream = True
        settings.props.enable_mock_capture_devices = True
        settings.props.media_playback_requires_user_gesture = False
        self._view = WebKit2.WebView(web_context=self._context, user_content_manager=manager, settings=settings)
        self._view.connect("permission-request", self._on_permission)
        self._view.connect("load-changed", self._on_load)
        self._window = Gtk.Window(default_width=360, default_height=640)
        self._window.add(self._view)
        self._window.show_all()
        self._view.load_html(load.html(), load.url())

    def _on_load(self, _view: Any, event: Any) -> None:
        # The host page is empty: committed is there.
        if event == WebKit2.LoadEvent.FINISHED:
            self._loaded.set()

    def _on_text(self, _manager: Any, result: Any) -> None:
        self._hosted.receive(result.get_js_value().to_string(), None, None)

    def _on_permission(self, view: Any, request: Any) -> bool:
        user_media = isinstance(request, WebKit2.UserMediaPermissionRequest)
        asked = native.PermissionRequest(
            origin=view.get_uri(),
            microphone=user_media and request.props.is_for_audio_device,
            others=not user_media or request.props.is_for_video_device,
        )
        if self._hosted.page.permits(asked):
            request.allow()
        else:
            request.deny()
        return True

    def _evaluate(self, code: str, world: str | None) -> Any:
        done: Future[Any] = Future()

        def ended(view: Any, result: Any) -> None:
            try:
                done.set_result(view.evaluate_javascript_finish(result).to_json(0))
            except BaseException as error:  # noqa: BLE001 - the caller's
                done.set_exception(error)

        self._engine.run(lambda: self._view.evaluate_javascript(code, -1, world, None, None, ended))
        return done.result(PATIENCE)

    def deliver(self, envelope: str) -> None:
        if self._hosted.host.is_message_handler():
            self._evaluate(native.receive_script(envelope) + ", 0", WORLD)
        elif self._hosted.host.is_message_port():
            self._evaluate(f"testPort.postMessage({quoted(envelope)}), 0", None)
        else:
            self._evaluate(native.receive_script(envelope) + ", 0", None)

    def evaluate(self, code: str) -> Any:
        return self._evaluate(code, None)

    def close(self) -> None:
        self._engine.run(self._window.destroy)
