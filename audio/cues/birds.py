"""Far birds over the air of a wood: sparse, soft, each phrase swelling out of the air and sinking back into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import (
    BLOCKS,
    Range,
    Seeds,
    add_air,
    add_partials,
    bump,
    chance,
    hush,
    phasors,
    seeds,
    uniform,
)

# Low and high corner, Hz; dB; seconds in which it sways.
_AIR: Final = np.array(
    (
        (60.0, 150.0, -10.0, 27.0),
        (150.0, 520.0, -12.0, 17.0),
        (520.0, 1700.0, -23.0, 13.0),
        (2000.0, 6000.0, -37.0, 9.0),
    )
)
_SWAY_DB: Final = 1.8
# Of each bird: lowest and highest note, Hz; shortest and longest note, seconds; most notes of a phrase; seconds between
# phrases; dB. A thrush, a robin, a blackbird, a tit and a pigeon, as far as a whistle can be told from afar.
_BIRDS: Final = np.array(
    (
        (1900.0, 2700.0, 0.16, 0.34, 5.0, 34.0, -32.0),
        (2300.0, 3300.0, 0.12, 0.26, 7.0, 41.0, -36.5),
        (1500.0, 2200.0, 0.22, 0.48, 4.0, 29.0, -31.5),
        (2600.0, 3100.0, 0.14, 0.20, 4.0, 47.0, -38.0),
        (410.0, 470.0, 0.30, 0.62, 5.0, 53.0, -34.0),
    )
)
_WAIT, _LEFT, _AT, _LENGTH, _GAP, _FROM, _TO, _LOUD, _SIDE, _DONE = range(10)  # of a bird; seconds, Hz, gain
_SMEAR: Final = 0.09  # seconds in which a far note dies away among the trunks
_LEVEL: Final = gain(-1.0)


@kernel
def _next_note(bird: Doubles, kind: Doubles, state: Seeds) -> None:
    """From where the last one was to somewhere near: a phrase is a line, not a scatter."""
    low, high = kind[0], kind[1]
    bird[_FROM] = min(max(bird[_TO] + 0.5 * (high - low) * uniform(state), low), high)
    bird[_TO] = min(max(bird[_FROM] + 0.35 * (high - low) * uniform(state), low), high)
    bird[_LENGTH] = chance(state, kind[2], kind[3])
    bird[_GAP] = chance(state, 0.05, 0.20)
    bird[_AT] = 0.0


@kernel
def _next_phrase(bird: Doubles, kind: Doubles, state: Seeds, often: float) -> None:
    bird[_LEFT] = np.floor(chance(state, 2.0, kind[4] + 1.0))
    bird[_DONE] = 0.0
    bird[_WAIT] = kind[5] * chance(state, 0.35, 1.65) / max(often, 0.05)
    bird[_LOUD] = 10.0 ** ((kind[6] + 3.0 * uniform(state)) / 20.0)
    bird[_SIDE] = 0.85 * uniform(state)
    bird[_TO] = chance(state, kind[0], kind[1])
    _next_note(bird, kind, state)


@kernel
def _sing(birds: Doubles, state: Seeds, now: Doubles, hertz: Doubles, gains: Doubles) -> None:
    """All birds one block on."""
    fade = np.exp(-1.0 / (_SMEAR * BLOCKS))
    for k in range(_BIRDS.shape[0]):
        bird = birds[k]
        level = 0.0
        if bird[_LEFT] > 0.0:
            bird[_AT] += 1.0 / BLOCKS
            shape = bump(bird[_AT], 0.0, 0.45 * bird[_LENGTH], bird[_LENGTH])
            level = now[0] * _LEVEL * bird[_LOUD] * shape * min(1.0, 0.35 + 0.22 * bird[_DONE])
            way = min(bird[_AT] / bird[_LENGTH], 1.0)
            hertz[k] += (bird[_FROM] + (bird[_TO] - bird[_FROM]) * way - hertz[k]) * 0.35
            if bird[_AT] >= bird[_LENGTH] + bird[_GAP]:
                bird[_LEFT] -= 1.0
                bird[_DONE] += 1.0
                _next_note(bird, _BIRDS[k], state)
        else:
            bird[_WAIT] -= 1.0 / BLOCKS
            if bird[_WAIT] <= 0.0:
                _next_phrase(bird, _BIRDS[k], state, now[1])
        gains[k, 0, 1] = max(level * np.sqrt(1.0 - bird[_SIDE]), gains[k, 0, 0] * fade)
        gains[k, 1, 1] = max(level * np.sqrt(1.0 + bird[_SIDE]), gains[k, 1, 0] * fade)


class Birds(Source):
    """Parameters: how loud `song` is and how `often` it is heard, as shares of the usual."""

    ranges: ClassVar[Mapping[str, Range]] = {"song": Range(0.0, 1.5, 1.0), "often": Range(0.1, 2.5, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        random = np.random.default_rng(abs(seed))
        self._birds = np.zeros((len(_BIRDS), 10))
        self._birds[:, _WAIT] = random.uniform(4.0, 30.0, len(_BIRDS))
        self._birds[:, _LENGTH] = 1.0
        self._phases = phasors(len(_BIRDS), seed)
        self._hertz = _BIRDS[:, :2].mean(axis=1)
        self._songs = np.zeros((len(_BIRDS), 2, 2))
        self._swaying, self._memories = np.zeros((len(_AIR), 2)), np.zeros((len(_AIR), 2, 3))
        self._gains = np.zeros((len(_AIR), 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        hush(out)
        add_air(out, _AIR, _SWAY_DB, self._state, self._swaying, self._memories, self._gains)
        _sing(self._birds, self._state, self.parameters.now, self._hertz, self._songs)
        add_partials(out, self._phases, self._hertz, self._songs)
        return True


CUES: Final = (bed("birds", Birds, "Far birds, now and then, over the air of a wood."),)
