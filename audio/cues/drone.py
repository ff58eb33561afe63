"""A low drone: harmonics of one root, each with a slow life of its own, over a breath of noise.

No two partials are near enough to beat, and both ears hear the same frequencies: see audio/synth.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import BLOCKS, Range, Seeds, add_noise, add_wide, hush, phasors, seeds, wander

# Multiple of the root, dB, seconds in which it forgets itself.
_PARTIALS: Final = np.array(
    (
        (1.0, -6.0, 37.0),
        (2.0, 0.0, 29.0),
        (3.0, -3.0, 23.0),
        (4.0, -6.0, 19.0),
        (5.0, -13.0, 17.0),
        (6.0, -13.0, 13.0),
        (8.0, -19.0, 11.0),
        (9.0, -24.0, 10.0),
        (12.0, -29.0, 9.0),
    )
)
_LIFE_DB: Final = 3.5
_SIDE_DB: Final = 2.0
_CENTS: Final = 2.5  # the whole drone drifts together by about this much
_BREATH: Final = (90.0, 420.0, -33.0)  # corners, Hz; dB
_LEVEL: Final = gain(-35.0)


@kernel
def _live(lives: Doubles, drift: Doubles, root: Doubles, state: Seeds, now: Doubles, hertz: Doubles, gains: Doubles,
          breath: Doubles) -> None:  # fmt: skip
    """All partials one block on. `lives` is [partial, (both, sides), 2]."""
    root[0] += (now[0] - root[0]) / BLOCKS
    tuned = root[0] * 2.0 ** (_CENTS * wander(drift, state, 21.0) / 1200.0)
    for k in range(_PARTIALS.shape[0]):
        multiple, level, seconds = _PARTIALS[k]
        hertz[k] = multiple * tuned
        both = level + (now[1] - 0.5) * 8.0 * np.log2(multiple)
        both += _LIFE_DB * wander(lives[k, 0], state, seconds)
        side = _SIDE_DB * wander(lives[k, 1], state, 0.7 * seconds) * (1.0 if k else 0.2)
        gains[k, 0, 1] = _LEVEL * 10.0 ** ((both + side) / 20.0)
        gains[k, 1, 1] = _LEVEL * 10.0 ** ((both - side) / 20.0)
    breath[0, 1] = breath[1, 1] = _LEVEL * 10.0 ** (_BREATH[2] / 20.0)


@kernel
def _fill(out: Samples, state: Seeds, memory: Doubles, breath: Doubles, phases: Doubles, hertz: Doubles,
          gains: Doubles) -> None:  # fmt: skip
    hush(out)
    add_noise(out, state, memory, _BREATH[0], _BREATH[1], breath)
    add_wide(out, phases, hertz, gains, hertz.shape[0])


class Drone(Source):
    """Parameters: its `root` in Hz, and its `light`: 0 is darkest, 0.5 as it is made."""

    ranges: ClassVar[Mapping[str, Range]] = {"root": Range(55.0, 110.0, 73.416), "light": Range(0.0, 1.0, 0.5)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        count = len(_PARTIALS)
        self._state = seeds(seed)
        self._lives, self._drift = np.zeros((count, 2, 2)), np.zeros(2)
        self._root = np.full(1, self.ranges["root"].usual)
        self._phases, self._hertz = phasors(count, seed), np.zeros(count)
        self._gains, self._breath = np.zeros((count, 2, 2)), np.zeros((2, 2))
        self._memory = np.zeros((2, 3))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        _live(self._lives, self._drift, self._root, self._state, self.parameters.now, self._hertz, self._gains,
              self._breath)  # fmt: skip
        _fill(out, self._state, self._memory, self._breath, self._phases, self._hertz, self._gains)
        return True


CUES: Final = (bed("drone", Drone, "A low, slow drone on D."),)
