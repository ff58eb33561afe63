"""A pen for who has no hand in use: a gaze that rests begins a slow line that follows it, and resting again ends it.

Metres and seconds; places in any one frame.
"""

from __future__ import annotations

from math import dist, exp
from typing import Final

from vr_app.api import Frame, Vec3

ALONE_SECONDS: Final = 2.0  # without any hand, until a gaze may draw
PRESSURE: Final = 0.5  # of what it draws


class GazePen:
    """`update` once a frame; read the rest."""

    def __init__(self, still: float, seconds: float, speed: float) -> None:
        """A gaze rests within `still` metres; the line follows `seconds` behind, at most so many metres a second."""
        self._stays, self._seconds, self._speed = still, seconds, speed
        self.drawing = self.began = False
        self.at: Vec3 | None = None  # where the line has come to, or would begin
        self._alone = 0.0  # seconds without a hand
        self._anchor: Vec3 | None = None  # where it came to rest
        self._still = 0.0  # seconds there

    def update(self, frame: Frame, met: Vec3 | None, passed: float, begins: float, ends: float) -> None:
        """`met`: what the gaze meets that can be drawn on; `begins`, `ends`: seconds of resting until it does."""
        hands = frame.inputs.left is not None or frame.inputs.right is not None
        self._alone = 0.0 if hands else self._alone + passed
        self.began = False
        if met is None or self._alone < ALONE_SECONDS:
            self.drawing, self.at, self._anchor, self._still = False, None, None, 0.0
            return
        if self._anchor is None or dist(self._anchor, met) > self._stays:
            self._anchor, self._still = met, 0.0
        self._still += passed
        if not self.drawing:
            self.at = met
            if self._still >= begins:
                self.drawing = self.began = True
                self._still = 0.0
        elif self._still >= ends:
            self.drawing, self._still = False, -begins  # not at once again
        else:
            self._follow(met, passed)

    def _follow(self, met: Vec3, passed: float) -> None:
        assert self.at is not None
        far = dist(self.at, met)
        step = min((1.0 - exp(-passed / self._seconds)) * far, self._speed * passed)
        share = step / far if far > 1e-6 else 0.0
        (x, y, z), (a, b, c) = self.at, met
        self.at = x + share * (a - x), y + share * (b - y), z + share * (c - z)
