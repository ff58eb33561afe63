"""Steering from the terminal: words, a line each; Ctrl-C ends gently, twice leaves."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vr_app.commands import EndGently, Leave
from vr_app.station.stop import Answer
from vr_app.station.words import Asked, NotUnderstood, understand

Post = Callable[[Asked, Answer], None]


class Terminal:
    """Whether somebody may be there who types."""

    def __init__(self, file: int | None) -> None:
        self.there = file is not None and os.isatty(file)


@contextmanager
def listening(post: Post) -> Iterator[Terminal]:
    """`post` is called on another thread, or in a signal handler, for all that is asked."""
    interrupts: list[int] = []

    def interrupted(number: int, _: object) -> None:
        leaves = bool(interrupts) or number == signal.SIGTERM
        interrupts.append(number)
        post(Asked(Leave() if leaves else EndGently()), _told)

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    file = _terminal()
    terminal = Terminal(file)
    if file is not None:
        threading.Thread(target=_read, args=(file, post, terminal), name="terminal", daemon=True).start()
    try:
        yield terminal
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal() -> int | None:
    """The file descriptor that words come from, if there is one."""
    try:
        return sys.stdin.fileno() if sys.stdin else None
    except (OSError, ValueError):
        return None


def _read(file: int, post: Post, terminal: Terminal) -> None:
    """Blocks in a read for as long as the session lasts."""
    rest = b""
    while chunk := os.read(file, 4096):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in filter(None, (line.decode(errors="replace").strip() for line in lines)):
            try:
                post(understand(line), _told)
            except NotUnderstood as error:
                print(error, file=sys.stderr, flush=True)
    terminal.there = False  # its end was closed


def _told(ok: bool, words: str) -> None:
    """Only what was not done is worth a line."""
    if not ok:
        print(words, file=sys.stderr, flush=True)
