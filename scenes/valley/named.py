"""The name of what is rested on: it comes slowly, stands in its place, and leaves before another one comes."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, hypot
from typing import Final

from scenes.valley.tide import smooth
from vr_app.api import Comfort, Kit, Pass, Pose, Vec3

FROM_WARMTH: Final = 0.12  # of a spot
COME_SECONDS, LEAVE_SECONDS = 1.0, 0.5
HEIGHTS: Final = (0.0172, 0.0255)  # of capitals at AWAY, regular and large
AWAY: Final = 1.42  # metres from the eyes
EYES: Final = (0.0, 1.2, 0.0)


class Named:
    """`update` once a frame, `draw`."""

    def __init__(self, kit: Kit, words: Sequence[str]) -> None:
        self._labels = [[kit.text(each, height=high, width=0.6) for high in HEIGHTS] for each in words]
        self.enter()

    def enter(self) -> None:
        self.of, self.opacity = 0, 0.0  # which of the words stands there, and how far it has come

    def update(self, name: int | None, warmth: float, passed: float) -> None:
        """`name`: of what is rested on just now, if that has one; `warmth`: of it, 0..1."""
        wanted = name if name is not None and warmth > FROM_WARMTH else None
        if wanted is not None and self.opacity == 0.0:
            self.of = wanted
        aim = float(wanted == self.of)
        self.opacity += min(max(aim - self.opacity, -passed / LEAVE_SECONDS), passed / COME_SECONDS)

    def draw(self, out: Pass, comfort: Comfort, at: Pose) -> None:
        """Only while `opacity` is above 0."""
        out.text(self._labels[self.of][comfort.large_text], at, smooth(self.opacity))


def before(place: Vec3) -> Pose:
    """Where a name stands before something that is farther than AWAY, facing the eyes."""
    x, y, z = (a - b for a, b in zip(place, EYES, strict=True))
    far = hypot(x, y, z)
    at = x / far * AWAY, EYES[1] + y / far * AWAY, z / far * AWAY
    return Pose.facing(at, atan2(-x, -z), atan2(y, hypot(x, z)))
