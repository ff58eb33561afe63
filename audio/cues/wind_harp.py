"""A wind harp: harmonics of two notes that swell and fade as the wind finds them.

Wind sheds eddies behind a string at 0.2 times its speed over the string's thickness (Strouhal 1878); harmonics near
that frequency are carried along (Rayleigh 1894, 2, section 372). It takes them a while.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import BLOCKS, Range, Seeds, add_noise, add_wide, hush, phasors, seeds, wander

# Fundamental, Hz (D2 and A2); thickness, millimetres; side.
_STRINGS: Final = np.array(
    ((73.416, 1.25, -0.6), (73.416, 0.95, 0.5), (73.416, 0.72, -0.1), (110.124, 1.1, 0.3), (110.124, 0.80, -0.4))
)
_HARMONICS: Final = (2, 3, 4, 5, 6, 8, 9, 10, 12)  # the strings are damped at a seventh: no 7th, which sounds false
_STROUHAL: Final = 0.2
_WIND: Final = 2.7  # m/s
_GUSTS: Final = ((17.0, 0.20), (6.0, 0.12))  # seconds in which they forget themselves, share
_WIDTH: Final = 0.17  # of the frequency of shedding, within which a harmonic is carried along
_GROWS, _FADES = 1.6, 2.8  # seconds
_AIR: Final = ((50.0, 200.0, -21.0), (250.0, 900.0, -36.0))  # corners, Hz; dB
_LEVEL: Final = gain(-29.5)


@kernel
def _blow(gusts: Doubles, local: Doubles, state: Seeds, now: Doubles, hertz: Doubles, gains: Doubles) -> None:
    wind = 1.0
    for k in range(len(_GUSTS)):
        wind += _GUSTS[k][1] * wander(gusts[k], state, _GUSTS[k][0])
    for s in range(_STRINGS.shape[0]):
        root, thickness, side = _STRINGS[s]
        speed = _WIND * now[0] * min(max(wind + 0.10 * wander(local[s], state, 9.0), 0.4), 1.8)
        shed = _STROUHAL * speed / (0.001 * thickness)
        for n in range(len(_HARMONICS)):
            i = s * len(_HARMONICS) + n
            hertz[i] = _HARMONICS[n] * root
            off = (hertz[i] - shed) / (_WIDTH * shed)
            wanted = _LEVEL * np.exp(-off * off) * (speed / _WIND) / np.sqrt(_HARMONICS[n])
            for channel in range(2):
                aim = wanted * np.sqrt(1.0 + side * (2 * channel - 1))
                slow = _GROWS if aim > gains[i, channel, 0] else _FADES
                gains[i, channel, 1] = gains[i, channel, 0] + (aim - gains[i, channel, 0]) / (slow * BLOCKS)


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, air: Doubles, amount: float) -> None:
    hush(out)
    for band in range(len(_AIR)):
        low, high, level = _AIR[band]
        air[band, 0, 1] = air[band, 1, 1] = _LEVEL * amount * 10.0 ** (level / 20.0)
        add_noise(out, state, memories[band], low, high, air[band])


class WindHarp(Source):
    """Parameters: `force` of the wind, a share of the usual, and how much of its `air` is heard."""

    ranges: ClassVar[Mapping[str, Range]] = {"force": Range(0.5, 1.6, 1.0), "air": Range(0.0, 2.0, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        count = len(_STRINGS) * len(_HARMONICS)
        self._state = seeds(seed)
        self._gusts, self._local = np.zeros((len(_GUSTS), 2)), np.zeros((len(_STRINGS), 2))
        self._phases, self._hertz, self._gains = phasors(count, seed), np.zeros(count), np.zeros((count, 2, 2))
        self._memories, self._air = np.zeros((len(_AIR), 2, 3)), np.zeros((len(_AIR), 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        now = self.parameters.now
        _fill(out, self._state, self._memories, self._air, now[1])
        _blow(self._gusts, self._local, self._state, now, self._hertz, self._gains)
        add_wide(out, self._phases, self._hertz, self._gains, len(_STRINGS))
        return True


CUES: Final = (bed("wind_harp", WindHarp, "Strings in the wind, whose overtones swell and fade."),)
