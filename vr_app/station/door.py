"""Where the companion listens, and who may enter: the supervisor keeps both, so that they outlive any one companion."""

from __future__ import annotations

import hmac
import secrets
import socket
from typing import Final, NamedTuple

HOST: Final = "127.0.0.1"
MOST_KEYS: Final = 63  # as many as the page has marks for
_BACKLOG: Final = 64  # of browsers that come while the companion is being started anew


class PortTaken(Exception):
    """The text is the one line for people."""


class Door(NamedTuple):
    """A listening socket on loopback alone, and the secret that cookie and keys are made of."""

    listener: socket.socket
    token: str

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/"

    @property
    def cookie(self) -> str:
        """What a browser that has entered shows from then on."""
        return self._made("cookie")

    def key(self, number: int) -> str:
        """One of MOST_KEYS, each good for entering once."""
        return f"{number}.{self._made(f'key {number}')}"

    def address_with(self, number: int) -> str:
        """To be opened in a browser of this machine."""
        return f"{self.address}enter?key={self.key(number)}"

    def number_of(self, key: str) -> int | None:
        """Which key this is; None: none of ours."""
        number, _, _ = key.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) <= 2 and int(number) < MOST_KEYS):
            return None
        return int(number) if hmac.compare_digest(key.encode(), self.key(int(number)).encode()) else None

    def _made(self, what: str) -> str:
        return hmac.digest(self.token.encode(), what.encode(), "sha256").hex()


def open_door(port: int) -> Door:
    """At this port of loopback; 0: any that is free. Raises PortTaken."""
    try:
        listener = socket.create_server((HOST, port), backlog=_BACKLOG)
    except OSError as error:
        raise PortTaken(
            f"port {port} cannot be had ({error.strerror or error}); close what uses it, or choose another with --port"
        ) from None
    listener.setblocking(False)
    return Door(listener, secrets.token_urlsafe(32))
