"""A bed of embers: air that is drawn through hot coals, soft and low. Nothing crackles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import CHANNELS, Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import Range, Seeds, add_noise, hush, seeds, wander

# Low and high corner, Hz; dB; seconds in which it sways, and dB by which.
_BANDS: Final = np.array(
    (
        (55.0, 110.0, -9.5, 7.0, 1.3),
        (110.0, 300.0, -10.5, 4.5, 1.2),
        (300.0, 900.0, -20.0, 3.0, 1.0),
        (900.0, 2600.0, -31.5, 2.4, 0.9),
        (2600.0, 7000.0, -42.0, 2.0, 0.8),
    )
)
_HISS: Final = 3  # from this band on
_LEVEL: Final = gain(-0.5)


@kernel
def _glow(swaying: Doubles, state: Seeds, hiss: float, gains: Doubles) -> None:
    for band in range(_BANDS.shape[0]):
        sway = _BANDS[band, 4] * wander(swaying[band], state, _BANDS[band, 3])
        level = _LEVEL * 10.0 ** ((_BANDS[band, 2] + sway) / 20.0)
        if band >= _HISS:
            level *= hiss
        for channel in range(CHANNELS):
            gains[band, channel, 1] = level


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, gains: Doubles) -> None:
    hush(out)
    for band in range(_BANDS.shape[0]):
        add_noise(out, state, memories[band], _BANDS[band, 0], _BANDS[band, 1], gains[band])


class Embers(Source):
    """Parameter: how much of the `hiss` there is, a share of the usual."""

    ranges: ClassVar[Mapping[str, Range]] = {"hiss": Range(0.0, 1.5, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._swaying = np.zeros((len(_BANDS), 2))
        self._memories = np.zeros((len(_BANDS), 2, 3))
        self._gains = np.zeros((len(_BANDS), 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        _glow(self._swaying, self._state, self.parameters.now[0], self._gains)
        _fill(out, self._state, self._memories, self._gains)
        return True


CUES: Final = (bed("embers", Embers, "A bed of embers, soft and low, without a crackle."),)
