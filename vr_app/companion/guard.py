"""Who may ask anything at all: exact host and origin, cookie, the header of writes; and what every answer carries."""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vr_app import limits
from vr_app.companion.forms import TOO_LONG
from vr_app.companion.rooms import refusal
from vr_app.station.door import Door

COOKIE: Final = "harborlight"
ENTER: Final = "/enter"
WRITES: Final = ("X-Harborlight", "1")
SAFE: Final = ("GET", "HEAD")
UNKNOWN: Final = "this browser has not entered; ask for an address with `harborlight tell companion` on this computer"
EVERY: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Around the whole application, sockets included: a page of another site, whatever name it made this machine
    answer to (DNS rebinding), is refused before anything of it is read."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._cookie = app, door.cookie
        self._hosts = [f"127.0.0.1:{door.port}", f"localhost:{door.port}"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        why = self._why_not(scope, Headers(scope=scope))
        if why is not None:
            await _refuse(scope, receive, _dressed(send), *why)
        else:
            await self._app(scope, receive, _dressed(send))

    def _why_not(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Status and sentence."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, f"this is answered at http://{self._hosts[0]}/ alone; open that"
        socket = scope["type"] == "websocket"
        if (socket and not origins) or any(origin != f"http://{hosts[0]}" for origin in origins):
            return 403, "a page of another address may not ask this; open Harborlight's own page"
        if not socket and scope["path"] == ENTER:
            return None if scope["method"] == "GET" else (405, "an address is opened, not sent to")
        if not self._entered(headers):
            return 401, UNKNOWN
        if not socket and scope["method"] not in SAFE:
            return self._write_why_not(headers)
        return None

    def _write_why_not(self, headers: Headers) -> tuple[int, str] | None:
        if headers.get(WRITES[0]) != WRITES[1]:
            return 403, "this is not a request of Harborlight's own page; reload it"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > limits.FORM_BYTES:
            return 413, TOO_LONG
        return None

    def _entered(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        shown = cookies[COOKIE].value if COOKIE in cookies else ""
        return hmac.compare_digest(shown.encode(), self._cookie.encode())


def _dressed(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            headers.update(EVERY)
            message = {**message, "headers": headers.raw}
        await send(message)

    return sent


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    """A socket is refused at its handshake: no script can read why, so a word is enough."""
    if scope["type"] == "http":
        await refusal(status, words)(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": words[:100]})
