"""A light that visits places one after the other, slowly, and leaves out what is not wanted."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, tau
from typing import Final

FIRST_SECONDS: Final = 50.0  # until the first visit: one looks around before, and hears what will come
EASE_SECONDS: Final = 5.0  # in which the light comes to a place, or leaves it
SWELL_SECONDS: Final = 7.0  # of a slow swell and its settling
HUSH_SECONDS: Final = 4.0  # of the world's time, until all is steady when the session becomes quiet, and back


class Visits:
    """`update` once a frame. `here` is what is visited, `light` 0..1 of each place, `kept` what is still visited."""

    def __init__(self, count: int) -> None:
        self.here: int | None = None
        self.been: list[int] = []  # places that were visited, in order
        self.light = [0.0] * count
        self.kept = [True] * count
        self.swell = 0.0  # 0..1, the same for all
        self._skipped = [False] * count
        self._there = [0.0] * count  # 0..1, how much of the light is at a place
        self._left = FIRST_SECONDS  # seconds of this visit, or until the first
        self._phase = 0.0
        self._led = 1.0  # 0 while the session is quiet

    def update(self, passed: float, dt: float, wanted: Sequence[bool], seconds: float, *, quiet: bool) -> None:
        """`passed` seconds of the world and `dt` guided ones on; `wanted` of each place, `seconds` of a visit."""
        for n, want in enumerate(wanted):
            self.kept[n] = want and not self._skipped[n]
        self._led += (-1.0 if quiet else 1.0) * passed / HUSH_SECONDS
        self._led = min(max(self._led, 0.0), 1.0)
        self._phase = (self._phase + dt / SWELL_SECONDS) % 1.0
        self.swell = (0.5 - 0.5 * cos(tau * self._phase)) * self._led
        self._left -= dt
        if dt > 0.0 and (self._left <= 0.0 or (self.here is not None and not self.kept[self.here])):
            self._move_on(seconds)
        for n in range(len(self.light)):
            step = dt / EASE_SECONDS
            goes = self._there[n] + (step if n == self.here else -step)
            self._there[n] = there = min(max(goes, 0.0), 1.0)
            self.light[n] = there * there * (3.0 - 2.0 * there) * self.swell

    def skip(self) -> None:
        """What is visited now is left, and not visited again."""
        if self.here is not None:
            self._skipped[self.here] = True

    def _move_on(self, seconds: float) -> None:
        """To the next place that is kept; to none while there is none."""
        count = len(self.kept)
        after = -1 if self.here is None and not self.been else (self.been[-1] if self.here is None else self.here)
        following = ((after + k) % count for k in range(1, count + 1))
        self.here = next((n for n in following if self.kept[n]), None)
        self._left = seconds if self.here is not None else 0.0
        if self.here is not None:
            self.been.append(self.here)
