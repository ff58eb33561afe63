"""A singing bowl, struck with felt: few partials, far from harmonic, each a pair that beats slowly.

A bowl's rim bends in n waves; its frequencies go as ((n^2 - 1)^2 + k) / (1 + 1 / n^2), the root of it (Terwagne and
Bush 2011, after French 1983); k, the wall's share, makes the second 2.71 times the first, as measured bowls have it.
No bowl is quite round: each mode is two, a fraction of a hertz apart.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np

from audio.block import gain
from audio.cue import struck
from audio.modal import Knock, Mode, Struck

_WALL: Final = 0.94
_WAVES: Final = (2, 3, 4, 5, 6)  # round the rim
RATIOS: Final = tuple(
    sqrt(((n * n - 1) ** 2 + _WALL) / (9.0 + _WALL) * 1.25 / (1.0 + 1.0 / (n * n))) for n in _WAVES
)  # 1, 2.71, 5.17, 8.35, 12.25
_LEVELS_DB: Final = (0.0, -6.0, -15.0, -26.0, -38.0)  # under felt
_DECAYS: Final = (7.5, 4.2, 2.0, 0.9, 0.45)  # seconds to 1/e, of a bowl of 220 Hz
_SPLITS: Final = (0.28, 0.55, 0.9, 1.3, 1.7)  # Hz between the two of a pair, about
_SECOND: Final = 0.28  # amplitude of the weaker one: the sound swells, and never goes out
_ATTACK: Final = 0.030  # seconds
_PITCHES: Final = (146.832, 220.0, 293.665)  # Hz: D3, A3, D4
_LEVEL: Final = gain(-33.6)


def bowl(seed: int, hertz: float | None = None, strength: float = 1.0) -> Struck:
    """One of three, by its seed, or of a pitch in Hz; `strength` 0 to 1 makes it louder, and brighter."""
    random = np.random.default_rng(abs(seed))
    first = hertz or float(random.choice(_PITCHES))
    modes = []
    for ratio, level, decay, split in zip(RATIOS, _LEVELS_DB, _DECAYS, _SPLITS, strict=True):
        loud = _LEVEL * strength * gain(level + 6.0 * (strength - 1.0) * np.log2(ratio))
        lasts = decay * (220.0 / first) ** 0.5
        apart = split * random.uniform(0.7, 1.3)
        side = random.uniform(-0.3, 0.3)
        modes.append(Mode(first * ratio - apart / 2.0, loud, lasts, side))
        modes.append(Mode(first * ratio + apart / 2.0, loud * _SECOND, lasts * 0.9, -side))
    return Struck(seed, modes, _ATTACK, Knock(90.0, 300.0, 0.5 * _LEVEL * strength, 0.03))


CUES: Final = (struck("bowl", bowl, "A singing bowl, struck with felt."),)
