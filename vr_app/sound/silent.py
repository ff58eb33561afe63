"""No sound at all: for photographs, virtual time and sessions in one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from vr_app.api import Pose, Vec3
from vr_app.sound.desk import State


class Silent:
    """See vr_app.sound.led.LedSound."""

    state = State.NONE
    told = ""
    starvations = restarts = 0

    def play(
        self, cue: str, *, delay: float = 0.0, position: Vec3 | None = None, gain_db: float = 0.0, fade: float = 0.0,
        once: bool = False, seed: int = 0,
    ) -> int:  # fmt: skip
        return 0

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        """Nothing sounds."""

    def turn(self, voice: int, name: str, value: float, *, over: float = 0.5) -> None:
        """Nothing sounds."""

    def move(self, voice: int, position: Vec3) -> None:
        """Nothing sounds."""

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        """Nothing sounds."""

    def gesture(self) -> None:
        """Nothing sounds."""

    def breathe(self, phase: float, depth: float) -> None:
        """Nothing sounds."""

    def enter(self, room: str) -> None:
        """Nothing sounds."""

    def listen(self, on: bool) -> None:
        """Nobody listens."""

    def voice(self) -> None:
        return None

    def record(self, purpose: Literal["memo", ""]) -> None:
        """Nothing is recorded."""

    def hear(self, on: bool) -> None:
        """Nothing sounds."""

    def say(self, script: str, line: str, at: int) -> int:
        return 0

    def unsay(self) -> None:
        """Nothing sounds."""

    def heard_at(self, time: int) -> float | None:
        return None

    def silence(self) -> None:
        """Nothing sounds."""

    def resume(self) -> None:
        """Nothing sounds."""

    def end_all(self, *, fade: float) -> None:
        """Nothing sounds."""

    def blend(self, weights: Mapping[str, float], *, over: float) -> None:
        """Nothing sounds."""

    def level(self, db: float, *, over: float) -> None:
        """Nothing sounds."""

    def listen_from(self, head: Pose, time: int) -> None:
        """Nobody listens."""
