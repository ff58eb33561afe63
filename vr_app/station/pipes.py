"""One-way pipes between processes: sending never waits, and what comes in is taken without asking the system."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection

MOST_WAITING = 256  # messages; a reader that lets so many lie is not reading


class Sender:
    """Sends on a thread of its own: a full pipe, or a stopped reader, holds up that thread and nobody else."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> bool:
        """False when the pipe is closed or MOST_WAITING messages wait already; the message is then dropped."""
        try:
            if not self._closed:
                self._waiting.put_nowait(data)
        except queue.Full:
            return False
        return not self._closed

    def close(self, seconds: float = 0.0) -> None:
        """Send what waits, then end; wait at most so long for it."""
        self._closed = True
        with suppress(queue.Full):  # nobody reads: the thread ends when the other side of its pipe is gone
            self._waiting.put_nowait(None)
        if seconds:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                self._connection.send_bytes(data)
        except (OSError, ValueError):  # the other end is gone
            self._closed = True


def receive(connection: Connection, heard: Callable[[bytes], None], gone: Callable[[], None], longest: int) -> None:
    """Call `heard` on a thread of its own for each message, and `gone` once when the other end has closed.

    The thread waits in the system, without the interpreter lock. A message longer than `longest` closes the pipe.
    """

    def run() -> None:
        try:
            while True:
                heard(connection.recv_bytes(longest))
        except (OSError, EOFError):
            gone()

    threading.Thread(target=run, name="receiver", daemon=True).start()
