"""Soft steady rain: far rain, drops on leaves, and now and then one into a puddle.

A drop in water rings as its bubble does (audio/bubbles.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import CHANNELS, RATE, Doubles, Samples, gain, kernel
from audio.bubbles import ring
from audio.cue import Source, bed
from audio.synth import (
    BLOCKS,
    Range,
    Seeds,
    add_grains,
    add_noise,
    add_partials,
    hush,
    phasors,
    seeds,
    wander,
)

# Low and high corner, Hz; dB; drops a second in each ear, 0 is noise; seconds in which it sways.
_BANDS: Final = np.array(
    (
        (80.0, 260.0, -14.0, 0.0, 23.0),
        (260.0, 900.0, -20.0, 0.0, 17.0),
        (900.0, 2600.0, -34.0, 0.0, 13.0),
        (2600.0, 8000.0, -47.0, 0.0, 11.0),
        (350.0, 1100.0, -9.0, 150.0, 9.0),
        (1300.0, 3800.0, -25.0, 1000.0, 7.0),
    )
)
_SWAY_DB: Final = 1.5
_BUBBLES: Final = 6  # that can ring at once
_FORM: Final = np.array((0.0017, 0.0040, 0.012, 0.030, -44.0, -33.0, 0.8, 0.0))  # as audio/bubbles.py names them
_EVERY: Final = 0.45  # seconds between two in a puddle, on average, at the usual density
_LEVEL: Final = gain(2.5)


@kernel
def _fall(swaying: Doubles, state: Seeds, density: float, gains: Doubles) -> None:
    for band in range(_BANDS.shape[0]):
        sway = _SWAY_DB * wander(swaying[band], state, _BANDS[band, 4])
        level = _LEVEL * 10.0 ** ((_BANDS[band, 2] + sway) / 20.0)
        if _BANDS[band, 3] == 0.0:  # drops that cannot be told apart add up in power; of single ones there are more
            level *= np.sqrt(density)
        for channel in range(CHANNELS):
            gains[band, channel, 1] = level


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, gains: Doubles, density: float) -> None:
    hush(out)
    for band in range(_BANDS.shape[0]):
        low, high, _, drops, _ = _BANDS[band]
        if drops == 0.0:
            add_noise(out, state, memories[band], low, high, gains[band])
        else:
            add_grains(out, state, memories[band], low, high, min(drops * density, 0.5 * RATE), gains[band])


class Rain(Source):
    """Parameters: `density`, a share of the usual rain, and how many drops fall into `puddles`."""

    ranges: ClassVar[Mapping[str, Range]] = {"density": Range(0.2, 2.0, 1.0), "puddles": Range(0.0, 3.0, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._swaying = np.zeros((len(_BANDS), 2))
        self._memories = np.zeros((len(_BANDS), 2, 3))
        self._gains = np.zeros((len(_BANDS), 2, 2))
        self._phases = phasors(_BUBBLES, seed)
        self._hertz, self._rings = np.full(_BUBBLES, 1000.0), np.ones((_BUBBLES, 2))
        self._ringing = np.zeros((_BUBBLES, 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        density, puddles = self.parameters.now
        _fall(self._swaying, self._state, density, self._gains)
        likely = density * puddles / (_EVERY * BLOCKS)
        ring(self._rings, self._hertz, self._ringing, self._state, likely, _LEVEL, _FORM)
        _fill(out, self._state, self._memories, self._gains, density)
        add_partials(out, self._phases, self._hertz, self._ringing)
        return True


CUES: Final = (bed("rain", Rain, "Soft steady rain on leaves, now and then a drop in a puddle."),)
