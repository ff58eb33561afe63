"""A little running water: it slides over stone, and falls from a spout into a basin, full of small bubbles.

What is heard of running water is its bubbles (audio/bubbles.py); they come in no order, and more of them where more
water falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import CHANNELS, Doubles, Samples, gain, kernel
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

# Low and high corner, Hz; dB; grains a second in each ear, 0 is noise; seconds in which it sways; by how many dB.
_BANDS: Final = np.array(
    (
        (110.0, 330.0, -15.0, 0.0, 9.0, 1.5),
        (330.0, 1000.0, -12.5, 0.0, 3.5, 1.8),
        (1000.0, 2800.0, -25.0, 0.0, 2.3, 1.6),
        (2800.0, 7500.0, -38.5, 0.0, 5.0, 1.5),
        (450.0, 1500.0, -5.0, 190.0, 1.7, 1.8),
    )
)
_BUBBLES: Final = 14  # that can ring at once
# As audio/bubbles.py names them; 540 to 1480 Hz. One near the surface rings higher as it goes.
_FORM: Final = np.array((0.0022, 0.0060, 0.014, 0.034, -44.0, -34.0, 0.6, 0.02))
_A_SECOND: Final = 26.0  # bubbles that can be told apart, at the usual flow
_LEVEL: Final = gain(-3.2)


@kernel
def _flow(swaying: Doubles, state: Seeds, flow: float, gains: Doubles) -> None:
    for band in range(_BANDS.shape[0]):
        sway = _BANDS[band, 5] * wander(swaying[band], state, _BANDS[band, 4])
        level = _LEVEL * flow * 10.0 ** ((_BANDS[band, 2] + sway) / 20.0)
        for channel in range(CHANNELS):
            gains[band, channel, 1] = level


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, gains: Doubles, flow: float) -> None:
    hush(out)
    for band in range(_BANDS.shape[0]):
        low, high, _, grains, _, _ = _BANDS[band]
        if grains == 0.0:
            add_noise(out, state, memories[band], low, high, gains[band])
        else:
            add_grains(out, state, memories[band], low, high, grains * flow, gains[band])


class Stream(Source):
    """Parameters: `flow`, a share of the usual water, and how many `bubbles` it takes along."""

    ranges: ClassVar[Mapping[str, Range]] = {"flow": Range(0.4, 1.5, 1.0), "bubbles": Range(0.0, 2.0, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._swaying = np.zeros((len(_BANDS), 2))
        self._memories = np.zeros((len(_BANDS), 2, 3))
        self._gains = np.zeros((len(_BANDS), 2, 2))
        self._phases = phasors(_BUBBLES, seed)
        self._hertz, self._rings = np.full(_BUBBLES, 800.0), np.ones((_BUBBLES, 2))
        self._ringing = np.zeros((_BUBBLES, 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        flow, bubbles = self.parameters.now
        _flow(self._swaying, self._state, flow, self._gains)
        likely = flow * bubbles * _A_SECOND / BLOCKS
        ring(self._rings, self._hertz, self._ringing, self._state, likely, _LEVEL, _FORM)
        _fill(out, self._state, self._memories, self._gains, flow)
        add_partials(out, self._phases, self._hertz, self._ringing)
        return True


CUES: Final = (bed("stream", Stream, "A little water that runs over stone into a basin."),)
