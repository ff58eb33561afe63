"""The whole picture of one eye over time: how bright it is, how fast that changes, and whether it pulsates.

For a head that is held still; what a turning head sees changes by itself.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from headless_harness.finding import Finding, Stretches
from headless_harness.flash import BLACK_GLOW, Picture, Swings
from headless_harness.sight import Sight
from vr_app import limits

SLOPE_SECONDS = 0.25  # over which a change is measured: one frame's share is below what 8 bits can tell
RIPPLE = 0.01  # of white: a whole picture that rises and falls by less is not seen to pulsate


class BrightnessWatch:
    """Mean, slope and pulsation; pictures come at `hz`."""

    def __init__(self, view: Sight, hz: float) -> None:
        self._view, self._hz = view, hz
        self._past: deque[float] = deque(maxlen=max(round(SLOPE_SECONDS * hz), 1) + 1)
        self._swings = Swings((1,), RIPPLE)
        self._turns: deque[float] = deque(maxlen=2)  # when the mean last turned
        self._way = 0  # of the last swing: 1 up, -1 down
        self._extreme = (0.0, 0.0)  # time and mean of the highest or lowest since the last swing
        self._slope = Stretches("luminance slope", limits.LUMINANCE_CHANGE_PER_SECOND)
        self._pulse = Stretches("pulsation", limits.LUMINANCE_CHANGE_HZ)
        self._bright = Stretches("too bright", limits.FRAME_MEAN_LUMINANCE)
        self._black = Stretches("black", BLACK_GLOW, low=True)
        self.brightest, self.steepest = 0.0, 0.0  # mean, of white; its change, of white a second

    def see(self, now: Picture) -> None:
        mean = self._view.mean(now.luminance)
        self.brightest = max(self.brightest, mean)
        if mean > limits.FRAME_MEAN_LUMINANCE:
            self._bright.note(now.time, mean)
        if mean < BLACK_GLOW:
            self._black.note(now.time, mean)
        self._judge_slope(now.time, mean)
        self._judge_pulse(now.time, mean)

    @property
    def findings(self) -> list[Finding]:
        return [*self._slope.found, *self._pulse.found, *self._bright.found, *self._black.found]

    def _judge_slope(self, time: float, mean: float) -> None:
        self._past.append(mean)
        if len(self._past) < 2:
            return
        slope = abs(mean - self._past[0]) * self._hz / (len(self._past) - 1)
        if len(self._past) == self._past.maxlen:
            self.steepest = max(self.steepest, slope)
            if slope > limits.LUMINANCE_CHANGE_PER_SECOND * (1.0 + 1e-6):
                self._slope.note(time, slope, lasted=SLOPE_SECONDS)

    def _judge_pulse(self, time: float, mean: float) -> None:
        """A period is from one peak to the next, or from valley to valley."""
        way = int(self._swings.see(np.array([mean], np.float32))[0])
        if not way:
            if (mean - self._extreme[1]) * self._way > 0:
                self._extreme = (time, mean)
            return
        if self._way:  # the picture turned at the extreme, as is known only now
            self._turned(self._extreme[0], time)
        self._way, self._extreme = way, (time, mean)

    def _turned(self, turn: float, time: float) -> None:
        if len(self._turns) == 2:
            period = turn - self._turns[0]
            if period < 1.0 / limits.LUMINANCE_CHANGE_HZ - 1.5 / self._hz:  # both ends are known to a picture
                self._pulse.note(time, 1.0 / period, lasted=time - self._turns[0])
        self._turns.append(turn)
