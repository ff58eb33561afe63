"""A page's side of the companion without a page: enters, asks, and holds a socket, as a browser would."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from websockets.datastructures import Headers
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from headless_harness.station import Session, Wrong

PATIENCE_SECONDS: Final = 20.0


def address_of(session: Session) -> str:
    """One that a browser may be opened with, once there is a companion. Raises Wrong."""
    session.wait_for("a companion", lambda state: state["companion_owes"] == "frames")
    answer, _ = session.tell("companion")
    if not answer.startswith("ok http://127.0.0.1:"):
        raise Wrong(f"no address: {answer}")
    return answer.removeprefix("ok ")


class Browser:
    """Has entered by an address of `harborlight tell companion`. Raises Wrong."""

    def __init__(self, session: Session) -> None:
        address = address_of(session)
        self.origin = address.partition("/enter")[0]
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            opener.open(address, timeout=PATIENCE_SECONDS)
            raise Wrong("an address does not lead to the page")
        except urllib.error.HTTPError as redirected:
            with redirected:
                self.cookie = str(redirected.headers["Set-Cookie"]).partition(";")[0]
        self.build = str(self.ask("GET", "/api/home")["build"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """JSON, whatever the status."""
        headers = {"Cookie": self.cookie, "Origin": self.origin, "X-Harborlight": "1"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.origin + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)

    @contextmanager
    def socket(self, client: str = "tab") -> Iterator[ClientConnection]:
        url = self.origin.replace("http", "ws", 1) + "/ws"
        cookie = Headers(Cookie=self.cookie)
        with connect(
            url, origin=Origin(self.origin), additional_headers=cookie, compression=None, close_timeout=1.0
        ) as socket:
            socket.send(json.dumps({"type": "Hello", "build": self.build, "client": client, "name": "Ada"}))
            yield socket


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def told(socket: ClientConnection, kind: str) -> Any:
    """The next frame of this type."""
    while True:
        frame = socket.recv(timeout=PATIENCE_SECONDS)
        if isinstance(frame, str) and (found := json.loads(frame))["type"] == kind:
            return found


def state_of(socket: ClientConnection, mode: str) -> Any:
    """Of the session, once it is in this mode."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (state := told(socket, "State"))["status"] is None or state["status"]["mode"] != mode:
        if time.monotonic() > end:
            raise Wrong(f"not {mode}: {state}")
    return state


def do(socket: ClientConnection, number: int, command: dict[str, Any]) -> Any:
    """Why it was refused; None: done."""
    socket.send(json.dumps({"type": "Do", "id": number, "command": command}))
    while (answer := told(socket, "Answer"))["id"] != number:
        pass
    return answer["refused"]
