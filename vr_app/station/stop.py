"""The station's own small socket: answers a stop when everything else is dead. Loopback only, a line each way.

`harborlight/1 TOKEN WORDS` is answered by `ok ...` or `no ...`. A stop needs no token, so that anybody at this
machine can stop; all else takes the one in the run folder. A first line of any other kind, such as a browser's,
closes the connection.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hmac import compare_digest
from pathlib import Path
from typing import Final

from vr_app.station.words import STOPS, Asked, NotUnderstood, understand

HELLO: Final = "harborlight/1"
MOST_CLIENTS: Final = 32
LONGEST_LINE: Final = 4096  # bytes
IDLE_SECONDS: Final = 10.0  # then a silent client is closed
PATIENCE_SECONDS: Final = 3.0  # of `tell`

Answer = Callable[[bool, str], None]  # answer(ok, words), once
Ask = Callable[[Asked, Answer], None]


class Client:
    """One connection: bytes until a line is whole, then its answer."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.heard = time.monotonic()
        self._partial = b""

    def fileno(self) -> int:
        return self.connection.fileno()

    def lines(self) -> list[str] | None:
        """Whole lines that have come; None when the connection is to be closed."""
        try:
            data = self.connection.recv(LONGEST_LINE)
        except BlockingIOError:
            return []
        except OSError:
            return None
        self.heard = time.monotonic()
        *lines, self._partial = (self._partial + data).split(b"\n")
        if not data or len(self._partial) >= LONGEST_LINE:
            return None
        return [line.decode(errors="replace").strip() for line in lines]

    def say(self, ok: bool, words: str) -> None:
        """A client that does not read its answer loses it."""
        with suppress(OSError):
            self.connection.send(f"{'ok' if ok else 'no'} {' '.join(words.split())}\n".encode())

    def close(self) -> None:
        self.connection.close()


class StopServer:
    """Give `waitable()` to the supervisor's wait and hand what is ready to `serve`; nothing here blocks."""

    def __init__(self, ask: Ask, folder: Path) -> None:
        """Raises OSError when no port or the folder's file can be had."""
        self._ask = ask
        self._token = secrets.token_urlsafe(24)
        self._clients: list[Client] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=MOST_CLIENTS)
        self._listener.setblocking(False)
        self._file = folder / "station.json"
        self._publish()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def waitable(self) -> list[socket.socket]:
        return [self._listener, *(client.connection for client in self._clients)]

    def serve(self, ready: object) -> None:
        """`ready` is one of `waitable()`."""
        if ready is self._listener:
            self._accept()
            return
        for client in self._clients:
            if client.connection is ready:
                self._hear(client)
                return

    def tidy(self, now: float) -> None:
        """Close who has been silent for too long; `now` in monotonic seconds."""
        for client in [client for client in self._clients if now - client.heard > IDLE_SECONDS]:
            self._drop(client)

    def close(self) -> None:
        self._file.unlink(missing_ok=True)
        for client in [*self._clients]:
            self._drop(client)
        self._listener.close()

    def _publish(self) -> None:
        told = json.dumps({"pid": os.getpid(), "port": self.port, "token": self._token})
        self._file.unlink(missing_ok=True)
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(told)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        if len(self._clients) >= MOST_CLIENTS:
            self._drop(min(self._clients, key=lambda client: client.heard))
        self._clients.append(Client(connection))

    def _hear(self, client: Client) -> None:
        lines = client.lines()
        for line in lines or ():
            if not self._obey(client, line):
                lines = None
                break
        if lines is None:
            self._drop(client)

    def _obey(self, client: Client, line: str) -> bool:
        """False when the client does not speak our language."""
        hello, _, rest = line.partition(" ")
        token, _, words = rest.partition(" ")
        if hello != HELLO:
            return False
        try:
            asked = understand(words)
        except NotUnderstood as error:
            client.say(False, str(error))
            return True
        if not isinstance(asked.command, tuple(map(type, STOPS.values()))) and not self._knows(token):
            client.say(False, "this needs the token of this run; use `harborlight tell` as the same user")
            return True
        self._ask(asked, client.say)
        return True

    def _knows(self, token: str) -> bool:
        return compare_digest(token.encode(), self._token.encode())

    def _drop(self, client: Client) -> None:
        self._clients.remove(client)
        client.close()


class NoStation(Exception):
    """Nothing runs here that could be told anything."""


def tell(words: str, folder: Path) -> tuple[bool, str]:
    """Say `words` to the station that runs here; whether it was done, and its answer. Raises NoStation."""
    try:
        station = json.loads((folder / "station.json").read_text(encoding="utf-8"))
        port, token = int(station["port"]), str(station["token"])
    except (OSError, ValueError, KeyError, TypeError):
        raise NoStation("Harborlight does not run here; start it with `harborlight run`") from None
    line = f"{HELLO} {token} {' '.join(words.split())}\n".encode()
    try:
        with _connected(port) as connection:
            connection.sendall(line)
            answer = connection.makefile("r", encoding="utf-8").readline()
    except OSError as error:
        raise NoStation(f"Harborlight does not answer ({error}); start it again with `harborlight run`") from None
    ok, _, said = answer.strip().partition(" ")
    return ok == "ok", said or "no answer came"


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection
