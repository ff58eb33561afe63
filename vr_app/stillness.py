"""How still a head is, from its motion over the last seconds.

Ten times a second: with the head's mean speeds since the last time, v and w, in units of HALF_SPEED and HALF_TURN, both
MOST at most, v * v + w * w goes into a mean that forgets with MEMORY_SECONDS; stillness is 1 / (1 + mean). Half, then,
is a head that goes on at 2 cm/s, or turns at 8 degrees/s; one that only sways with breath and balance has some 0.95.
"""

from __future__ import annotations

from math import radians, sqrt
from typing import Final

from vr_app.api import Pose, Vec3

EVERY_SECONDS: Final = 0.1
MEMORY_SECONDS: Final = 5.0
HALF_SPEED: Final = 0.02  # m/s
HALF_TURN: Final = radians(8.0)  # a second
LONGEST_SECONDS: Final = 0.5  # between two looks; after a longer time there is no speed
MOST: Final = 4.0  # of each unit that counts: a look around is soon forgotten, and so is a jump of tracking


class Stillness:
    """`update` once a frame, in the room's own tracking space."""

    def __init__(self) -> None:
        self.amount = 0.0  # 0..1
        self._head: Pose | None = None
        self._seen = 0.0  # seconds of it
        self._mean = 2.0 * MOST  # squares; nobody is still before one has looked

    def update(self, time: float, head: Pose, *, tracked: bool) -> None:
        """At session time `time`. A head that is not tracked tells nothing."""
        passed = time - self._seen
        if not tracked:
            self._head = None
            return
        if self._head is not None and passed < EVERY_SECONDS:
            return
        before, self._head, self._seen = self._head, head, time
        if before is None or passed > LONGEST_SECONDS:
            return
        v = min(_apart(before.position, head.position) / (passed * HALF_SPEED), MOST)
        w = min(_turn(before, head) / (passed * HALF_TURN), MOST)
        self._mean += passed / MEMORY_SECONDS * (v * v + w * w - self._mean)
        self.amount = 1.0 / (1.0 + self._mean)


def _apart(a: Vec3, b: Vec3) -> float:
    return sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)


def _turn(before: Pose, after: Pose) -> float:
    """Radians between two orientations, small ones exact: the chord of the unit sphere of quaternions, doubled."""
    (ax, ay, az, aw), (bx, by, bz, bw) = before.orientation, after.orientation
    if ax * bx + ay * by + az * bz + aw * bw < 0.0:
        bx, by, bz, bw = -bx, -by, -bz, -bw
    return 2.0 * sqrt((ax - bx) ** 2 + (ay - by) ** 2 + (az - bz) ** 2 + (aw - bw) ** 2)
