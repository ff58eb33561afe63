"""Leaves of one birch near by: a soft rustle that comes and goes with the wind, and is never quite gone.

As in wind.py, a power of the wind's speed, the higher the more; here the tree alone, without the wind over the land.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import BLOCKS, Range, Seeds, add_grains, add_noise, hush, seeds, wander

# Low and high corner, Hz; dB at the usual wind; power of the wind's speed; seconds until it answers; single leaves a
# second, 0 is noise.
_BANDS: Final = np.array(
    (
        (140.0, 420.0, -17.0, 1.3, 0.5, 0.0),
        (420.0, 1300.0, -15.0, 1.7, 0.7, 0.0),
        (1300.0, 3200.0, -23.0, 2.1, 0.9, 0.0),
        (3200.0, 7500.0, -32.0, 2.3, 1.1, 0.0),
        (900.0, 3000.0, -12.0, 2.1, 0.9, 260.0),
    )
)
_GUSTS: Final = ((15.0, 0.09), (4.5, 0.10), (1.8, 0.05))  # seconds in which they forget themselves, share
_SIDE: Final = (2.6, 0.08)
_LEVEL: Final = gain(-2.2)


@kernel
def _stir(speeds: Doubles, gusts: Doubles, sides: Doubles, state: Seeds, force: float, gains: Doubles) -> None:
    common = 1.0
    for k in range(len(_GUSTS)):
        common += _GUSTS[k][1] * wander(gusts[k], state, _GUSTS[k][0])
    for channel in range(2):
        own = common + _SIDE[1] * wander(sides[channel], state, _SIDE[0])
        speed = force * min(max(own, 0.6), 1.5)
        for band in range(_BANDS.shape[0]):
            _, _, level, power, late, _ = _BANDS[band]
            speeds[band, channel] += (speed - speeds[band, channel]) / (late * BLOCKS)
            gains[band, channel, 1] = _LEVEL * 10.0 ** (level / 20.0) * speeds[band, channel] ** power


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, gains: Doubles) -> None:
    hush(out)
    for band in range(_BANDS.shape[0]):
        low, high, _, _, _, leaves = _BANDS[band]
        if leaves == 0.0:
            add_noise(out, state, memories[band], low, high, gains[band])
        else:
            add_grains(out, state, memories[band], low, high, leaves, gains[band])


class Leaves(Source):
    """Parameter: `force` of the wind, a share of the usual."""

    ranges: ClassVar[Mapping[str, Range]] = {"force": Range(0.6, 1.3, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._speeds = np.ones((len(_BANDS), 2))
        self._gusts, self._sides = np.zeros((len(_GUSTS), 2)), np.zeros((2, 2))
        self._memories, self._gains = np.zeros((len(_BANDS), 2, 3)), np.zeros((len(_BANDS), 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        _stir(self._speeds, self._gusts, self._sides, self._state, self.parameters.now[0], self._gains)
        _fill(out, self._state, self._memories, self._gains)
        return True


CUES: Final = (bed("leaves", Leaves, "The leaves of a birch near by, in a light wind."),)
