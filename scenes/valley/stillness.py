"""How long a head has been quiet: slow to rise, quicker to fall, and never torn between two steps.

A head that looks about is not still, one that breathes is: only how far it is from where it has been of late counts,
not how fast tracking trembles.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import Final

from vr_app.api import Frame, Vec3

LATELY: Final = 5.0  # seconds over which a head's place and way are remembered
SMOOTH: Final = 0.4  # seconds over which tremor is evened out
QUIET, MOVING = 0.055, 0.13  # of `away`: below it is still, above it is not, between them nothing changes
METRES: Final = 1.6  # radians that a metre counts for
RISE_SECONDS: Final = 80.0  # of stillness until all has settled
FALL_SECONDS: Final = 20.0  # of moving until nothing has
BACK: Final = 0.45  # of a step, that must be lost again before it is taken back


class Stillness:
    """`update` once a frame; read `settled` and `step`. While quiet, or without a tracked head, nothing changes."""

    def __init__(self, steps: int) -> None:
        self.settled = 0.0  # 0..1
        self.step = 0  # 0..steps, with hysteresis
        self.away = 0.0  # radians from where it has been of late
        self._steps = steps
        self._now: list[float] | None = None  # way and place, evened out
        self._lately: list[float] = []

    def update(self, frame: Frame) -> None:
        if not frame.inputs.head_tracked or frame.dt <= 0.0:
            return
        (px, py, pz), (x, y, z, w) = frame.inputs.head
        way: Vec3 = (-2.0 * (x * z + w * y), -2.0 * (y * z - w * x), 2.0 * (x * x + y * y) - 1.0)
        self._follow((*way, METRES * px, METRES * py, METRES * pz), frame.dt)
        if self.away < QUIET:
            self.settled = min(self.settled + frame.dt / RISE_SECONDS, 1.0)
        elif self.away > MOVING:
            self.settled = max(self.settled - frame.dt / FALL_SECONDS, 0.0)
        reached = self.settled * self._steps
        if reached >= self.step + 1 or reached <= self.step - BACK - 1e-9:
            self.step = int(reached)

    def _follow(self, numbers: tuple[float, float, float, float, float, float], dt: float) -> None:
        if self._now is None:
            self._now, self._lately = list(numbers), list(numbers)
        soon, late, total = 1.0 - exp(-dt / SMOOTH), 1.0 - exp(-dt / LATELY), 0.0
        for k, number in enumerate(numbers):
            self._now[k] += soon * (number - self._now[k])
            self._lately[k] += late * (self._now[k] - self._lately[k])
            total += (self._now[k] - self._lately[k]) ** 2
        self.away = sqrt(total)
