"""A station in memory, for the therapist's window."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from typing import Any

from vr_app.commands import Command
from vr_app.course import Mode
from vr_app.station.messages import Position, Reply, Status
from vr_app.station.ring import Picture, PictureRing


class FakeSurface:
    """What it is told to say, it says; what it is sent, it keeps."""

    def __init__(self) -> None:
        self.pictures = _Pictures(self)
        self.picture: Picture | None = None
        self.now: Status | None = None
        self.words = ""
        self.ended = False
        self.beats = 0
        self.number = 0
        self.sent: list[Command] = []
        self.replies: list[Reply] = []

    def beat(self) -> None:
        self.beats += 1

    def status(self) -> Status | None:
        return self.now

    def alarm(self) -> str:
        return self.words

    def send(self, command: Command) -> int:
        self.sent.append(command)
        self.number += 1
        return self.number

    def answers(self) -> Sequence[Reply]:
        given, self.replies = self.replies, []
        return given


class _Pictures(PictureRing):
    def __init__(self, surface: FakeSurface) -> None:
        super().__init__(PictureRing.cells(multiprocessing.get_context("spawn")))
        self._surface = surface

    def latest(self) -> Picture | None:
        return self._surface.picture


def status(**changes: Any) -> Status:
    """A lantern that plays, with changes."""
    usual: dict[str, Any] = {
        "time": 1.0,
        "mode": Mode.PLAYING.value,
        "here": "lantern",
        "clear": True,
        "plan": "Lantern",
        "position": Position(),
        "steps": 2,
        "seconds_left": 130.2,
        "locked": False,
        "quiet": False,
        "worn": True,
        "focused": True,
        "head_tracked": True,
        "headset": "Monado, a simulated headset",
    }
    return Status(**usual | changes)
