"""Which frame is heard when: a loop that follows the device's own clock through the jitter of its reports."""

from __future__ import annotations

from math import pi, sqrt
from typing import Final

from audio.block import RATE
from vr_app.sound.desk import Heard

_SLOWEST_HZ: Final = 0.02  # of the loop at rest: jitter of 5 ms becomes one of some tenths
_SETTLING: Final = 0.6  # over the seconds since it began: it is quick at first
_LOST_NS: Final = 30e6  # an error like this is no jitter: the device stood still
_DRIFT: Final = 0.001  # of a crystal, at most


class HeardClock:
    """A delay-locked loop of the second order (Adriaensen, Using a DLL to filter time, 2005)."""

    def __init__(self) -> None:
        self._first = self._frame = 0
        self._time = 0.0
        self._period = 0.0  # ns a frame; 0: nothing was heard yet

    def reset(self) -> None:
        """The device stood still, or is another one."""
        self._period = 0.0

    def hear(self, frame: int, time: int) -> Heard:
        """`frame` is heard at `time` ns, more or less; returns what is rather so."""
        passed = frame - self._frame
        if self._period == 0.0 or passed < 0:
            return self._begin(frame, time)
        expected = self._time + passed * self._period
        error = time - expected
        if abs(error) > _LOST_NS:
            return self._begin(frame, time)
        seconds = (frame - self._first) / RATE
        turn = min(2.0 * pi * max(_SLOWEST_HZ, _SETTLING / (seconds + 1.0)) * passed / RATE, 0.5)
        self._frame, self._time = frame, expected + sqrt(2.0) * turn * error
        if passed:
            period = self._period + turn * turn * error / passed
            self._period = min(max(period, (1.0 - _DRIFT) * 1e9 / RATE), (1.0 + _DRIFT) * 1e9 / RATE)
        return self._heard()

    def _begin(self, frame: int, time: int) -> Heard:
        self._first, self._frame, self._time, self._period = frame, frame, float(time), 1e9 / RATE
        return self._heard()

    def _heard(self) -> Heard:
        return Heard(self._frame, round(self._time), 1e9 / self._period)
