"""Wind over grass and through a birch: gusts that come and go, never a whistle.

Aerodynamic noise grows with a high power of the wind's speed, and the more the higher it is: a gust is not only louder
but brighter, and leaves answer late (Fegeant 1999, wind-induced vegetation noise).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import BLOCKS, Range, Seeds, add_noise, hush, seeds, wander

# Low and high corner, Hz; dB at the usual wind; power of the wind's speed; seconds until it answers.
_BANDS: Final = np.array(
    (
        (60.0, 120.0, -12.0, 1.2, 0.3),
        (110.0, 360.0, -9.0, 1.7, 0.3),
        (340.0, 1150.0, -18.5, 2.3, 0.5),
        (1300.0, 3600.0, -31.0, 3.0, 0.9),
        (3600.0, 8000.0, -37.0, 3.2, 1.1),
    )
)
_LEAVES: Final = 3  # from this band on
# Seconds in which a part of the speed forgets itself, and its share; two parts for the sides.
_GUSTS: Final = ((19.0, 0.10), (5.5, 0.11), (1.6, 0.04))
_SIDE: Final = (3.5, 0.09)
_LEVEL: Final = gain(-0.5)


@kernel
def _blow(speeds: Doubles, gusts: Doubles, sides: Doubles, state: Seeds, now: Doubles, gains: Doubles) -> None:
    """The wind's speed at each side, as a share of the usual, and what each band makes of it."""
    common = 1.0
    for k in range(len(_GUSTS)):
        common += _GUSTS[k][1] * wander(gusts[k], state, _GUSTS[k][0])
    for channel in range(2):
        own = common + _SIDE[1] * wander(sides[channel], state, _SIDE[0])
        speed = now[0] * min(max(own, 0.6), 1.6)
        for band in range(_BANDS.shape[0]):
            _, _, level, power, late = _BANDS[band]
            speeds[band, channel] += (speed - speeds[band, channel]) / (late * BLOCKS)
            amount = now[1] if band >= _LEAVES else 1.0
            gains[band, channel, 1] = _LEVEL * amount * 10.0 ** (level / 20.0) * speeds[band, channel] ** power


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, gains: Doubles) -> None:
    hush(out)
    for band in range(_BANDS.shape[0]):
        add_noise(out, state, memories[band], _BANDS[band, 0], _BANDS[band, 1], gains[band])


class Wind(Source):
    """Parameters: `force`, a share of the usual wind, and how much of the `leaves` there is."""

    ranges: ClassVar[Mapping[str, Range]] = {"force": Range(0.5, 1.4, 1.0), "leaves": Range(0.0, 2.0, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._speeds = np.full((len(_BANDS), 2), 0.8)
        self._gusts = np.zeros((len(_GUSTS), 2))
        self._sides = np.zeros((2, 2))
        self._memories = np.zeros((len(_BANDS), 2, 3))
        self._gains = np.zeros((len(_BANDS), 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        _blow(self._speeds, self._gusts, self._sides, self._state, self.parameters.now, self._gains)
        _fill(out, self._state, self._memories, self._gains)
        return True


CUES: Final = (bed("wind", Wind, "Wind over grass and in a birch, in slow gusts."),)
