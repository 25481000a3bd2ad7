"""A view of WebKit's that a test in another process drives over HTTP: the Swift host's, whose own WebKit is a stand-in.

usage: webkit_server.py FILE    (writes its address into FILE, and serves until its standard input ends)

A `POST` of JSON to one of the methods of `View` that are not private gives what the method gives.
"""

from __future__ import annotations

import faulthandler
import gc
import itertools
import json
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402

PATIENCE = 60


def on_main(work: Callable[[Future[Any]], object]) -> Any:
    """Do something on GTK's thread, and wait until it has ended the future."""
    done: Future[Any] = Future()

    def turn() -> bool:
        try:
            work(done)
        except BaseException as error:  # noqa: BLE001 - the caller's
            done.set_exception(error)
        return False

    GLib.idle_add(turn)
    return done.result(PATIENCE)


class View:
    """The one view that there is."""

    def __init__(self) -> None:
        self._happened: queue.Queue[dict[str, Any]] = queue.Queue()
        self._asked: dict[int, Any] = {}
        self._numbers = itertools.count()
        self._window: Any = None
        self._view: Any = None

    def load(self, html: str, url: str, script: str, world: str, handler: str) -> None:
        """Show a page whose script lives in a world of its own, with somebody there to talk to."""
        on_main(lambda done: self._load(done, html, url, script, world, handler))

    def _load(self, done: Future[Any], html: str, url: str, script: str, world: str, handler: str) -> None:
        def committed(_view: Any, event: Any) -> None:
            if event == WebKit2.LoadEvent.COMMITTED:
                done.set_result(None)

        self._drop()
        manager = WebKit2.UserContentManager()
        manager.register_script_message_handler_in_world(handler, world)
        manager.connect(f"script-message-received::{handler}", self._on_text)
        frames, at = WebKit2.UserContentInjectedFrames.TOP_FRAME, WebKit2.UserScriptInjectionTime
        manager.add_script(WebKit2.UserScript.new_for_world(script, frames, at.END, world, None, None))
        settings = WebKit2.Settings()
        settings.props.enable_media_stream = True
        settings.props.enable_mock_capture_devices = True
        settings.props.media_playback_requires_user_gesture = False
        context = WebKit2.WebContext.new_ephemeral()
        self._view = WebKit2.WebView(web_context=context, user_content_manager=manager, settings=settings)
        self._view.connect("permission-request", self._on_permission)
        self._view.connect("load-changed", committed)
        self._window = Gtk.Window(default_width=360, default_height=640)
        self._window.add(self._view)
        self._window.show_all()
        self._view.load_html(html, url)

    def _on_text(self, _manager: Any, result: Any) -> None:
        self._happened.put({"text": result.get_js_value().to_string()})

    def _on_permission(self, _view: Any, request: Any) -> bool:
        user_media = isinstance(request, WebKit2.UserMediaPermissionRequest)
        number = next(self._numbers)
        self._asked[number] = request
        audio = user_media and request.props.is_for_audio_device
        video = not user_media or request.props.is_for_video_device
        self._happened.put({"permission": number, "audio": audio, "video": video})
        return True

    def happened(self) -> dict[str, Any]:
        """What happened next; nothing when nothing did for a while."""
        try:
            return self._happened.get(timeout=PATIENCE / 4)
        except queue.Empty:
            return {}

    def decide(self, permission: int, grant: bool) -> None:
        """Answer what was asked."""

        def answer(done: Future[Any]) -> None:
            # Its last reference too has to go on this thread.
            request = self._asked.pop(permission)
            request.allow() if grant else request.deny()
            done.set_result(None)

        on_main(answer)

    def call(self, body: str, arguments: dict[str, str], world: str) -> None:
        """Call the body of an asynchronous function."""
        values = GLib.Variant("a{sv}", {name: GLib.Variant("s", value) for name, value in arguments.items()})

        def start(done: Future[Any]) -> None:
            def ended(view: Any, result: Any) -> None:
                try:
                    view.call_async_javascript_function_finish(result)
                    done.set_result(None)
                except BaseException as error:  # noqa: BLE001 - the caller's
                    done.set_exception(error)

            self._view.call_async_javascript_function(body, -1, values, world, None, None, ended)

        on_main(start)

    def drop(self) -> None:
        """Show nothing any more."""

        def leave(done: Future[Any]) -> None:
            self._drop()
            done.set_result(None)

        on_main(leave)

    def _drop(self) -> None:
        if self._window is not None:
            self._window.destroy()
        self._window = self._view = None
        self._asked.clear()
        gc.collect()
        self._happened = queue.Queue()


def handler_of(view: View) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = self.path.removeprefix("/")
            try:
                if name.startswith("_"):
                    raise ValueError(name)
                answer, status = getattr(view, name)(**arguments), 200
            except Exception as error:  # noqa: BLE001 - the caller's
                answer, status = {"error": str(error)}, 500
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class Server(ThreadingHTTPServer):
    """Serves whoever is there; who went is no error."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


def main() -> None:
    faulthandler.enable()
    # What is GTK's has to go on GTK's thread: garbage is collected there alone.
    gc.disable()
    Gtk.init([])
    server = Server(("127.0.0.1", 0), handler_of(View()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Path(sys.argv[1]).write_text(f"http://127.0.0.1:{server.server_port}\n")

    def until_the_end() -> None:
        sys.stdin.read()
        GLib.idle_add(Gtk.main_quit)

    threading.Thread(target=until_the_end, daemon=True).start()
    Gtk.main()


main()
