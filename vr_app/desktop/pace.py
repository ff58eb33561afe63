"""The display's refreshes as a grid in time: when a frame may begin, and when it is seen."""

from __future__ import annotations

from math import ceil
from typing import Final

_LATE_SHARE: Final = 0.2  # of a period: a frame may begin so long after its refresh and still be in time
_SHIFT_SHARE: Final = 0.02  # of a period: the most that one refresh moves the grid by


class Pace:
    """Host monotonic seconds throughout. A frame that takes too long is shown at a later refresh."""

    def __init__(self, hz: float, now: float) -> None:
        self.period = 1.0 / hz
        self._origin = now
        self._index = 0

    def next_start(self, now: float) -> float:
        """The refresh after which the next frame begins; it is seen one period later."""
        soonest = ceil((now - _LATE_SHARE * self.period - self._origin) / self.period)
        self._index = max(self._index + 1, soonest)
        return self._origin + self._index * self.period

    def heed(self, refresh: float) -> None:
        """The display was seen to refresh at `refresh`: the grid moves there, little by little."""
        away = (refresh - self._origin + self.period / 2) % self.period - self.period / 2
        most = _SHIFT_SHARE * self.period
        self._origin += max(-most, min(0.1 * away, most))
