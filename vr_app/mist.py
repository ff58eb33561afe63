"""The mist between two places: covers the picture and clears it again, smoothly and monotonically."""

from __future__ import annotations


class Mist:
    """An amount in 0..1 on its way to 0 or 1. Begins covered: the first picture rises out of it."""

    def __init__(self) -> None:
        self.amount = 1.0
        self._progress = 1.0
        self._rate = 0.0

    @property
    def covered(self) -> bool:
        return self._progress >= 1.0

    def cover(self, seconds: float) -> None:
        """Grow to 1 within `seconds` of a clear picture; never slower than it was growing already."""
        self._rate = max(self._rate, 1.0 / seconds)

    def clear(self, seconds: float) -> None:
        """Shrink to 0 within `seconds` of a covered picture."""
        self._rate = -1.0 / seconds

    def cover_at_once(self) -> None:
        """Only when there is no picture to show: a scene has just failed."""
        self.amount, self._progress, self._rate = 1.0, 1.0, 0.0

    def step(self, dt: float) -> None:
        if self._rate:
            self._progress = p = min(max(self._progress + self._rate * dt, 0.0), 1.0)
            self.amount = p * p * (3.0 - 2.0 * p)
