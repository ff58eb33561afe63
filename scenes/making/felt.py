"""What one feels and hears of a brush that moves: a faint tick in the hand every so far, and a rustle meanwhile."""

from __future__ import annotations

from math import dist
from typing import Final

from scenes.making.nib import Side
from vr_app.api import Stage, Vec3

MOVES, STANDS = 0.015, 0.006  # metres a second from which on it rustles, and below which it is still
PACE_SECONDS: Final = 0.15
PULSE_SECONDS: Final = 0.03


class Felt:
    """`begin`, `go` in every frame of a stroke, `lift`."""

    def __init__(self, stage: Stage, gain: float, metres: float) -> None:
        """A tick of `gain` 0..1 every so many metres."""
        self._stage, self._gain, self._metres = stage, gain, metres
        self.pace = 0.0  # metres a second
        self._at: Vec3 | None = None
        self._long = 0.0  # metres since the last tick
        self._voice: int | None = None

    def begin(self, at: Vec3) -> None:
        self._at, self._long, self.pace = at, 0.0, 0.0

    def go(self, at: Vec3, hand: Side | None, passed: float, gain_db: float | None) -> None:
        """`at`: the world's frame; `hand` that makes, if one does; None decibels: nothing is heard."""
        far = 0.0 if self._at is None else dist(at, self._at)
        self._at = at
        if passed > 0.0:
            self.pace += (far / passed - self.pace) * min(passed / PACE_SECONDS, 1.0)
        self._long += far
        if self._long >= self._metres:
            self._long = 0.0
            if hand is not None:
                self._stage.haptics.pulse(hand, self._gain, PULSE_SECONDS)
            if self._voice is not None:
                self._stage.sound.move(self._voice, at)
        if gain_db is None or self.pace < STANDS:
            self._hush(0.5)
        elif self._voice is None and self.pace > MOVES:
            self._voice = self._stage.sound.play("leaves", position=at, gain_db=gain_db, fade=0.5)

    def lift(self) -> None:
        self._at = None
        self._hush(1.2)

    def _hush(self, fade: float) -> None:
        if self._voice is not None:
            self._stage.sound.stop(self._voice, fade=fade)
            self._voice = None
