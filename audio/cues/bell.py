"""A small hanging bell of bronze, touched by a wooden clapper: a hum below, a long prime, a bright third over it.

Partials as a bell founder names and tunes them (Fletcher and Rossing 1998, chapter 21): hum, prime, tierce, quint,
nominal, twelfth and upper octave, at 1/2, 1, 6/5, 3/2, 2, 3 and 4 times the prime; the tierce here is the major third,
5/4, with which bells have been cast since (Schoofs et al. 1987). No bell is quite round: the low modes are two each, a
fraction of a hertz apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import gain
from audio.cue import struck
from audio.modal import Knock, Mode, Struck

RATIOS: Final = (0.5, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
_LEVELS_DB: Final = (-3.0, 0.0, -10.0, -19.0, -12.0, -25.0, -33.0)  # under wood
_DECAYS: Final = (8.5, 6.0, 3.6, 1.8, 2.4, 0.9, 0.5)  # seconds to 1/e, of a bell whose prime is D4
_SPLITS: Final = (0.16, 0.24, 0.45, 0.6, 0.8, 0.0, 0.0)  # Hz between the two of a pair, about
_SECOND: Final = 0.22  # amplitude of the weaker one: it swells slowly, and never goes out
_ATTACK: Final = 0.032  # seconds
_PITCH: Final = 293.665  # Hz, D4: the bowls' and the harp's key
_LEVEL: Final = gain(-35.4)


def bell(seed: int, hertz: float | None = None, strength: float = 1.0) -> Struck:
    """The seed says where on its rim it is touched; `strength` 0 to 1 makes it louder, and brighter."""
    random = np.random.default_rng(abs(seed))
    prime = hertz or _PITCH
    modes = []
    for ratio, level, decay, split in zip(RATIOS, _LEVELS_DB, _DECAYS, _SPLITS, strict=True):
        where = random.uniform(-1.5, 1.0) if ratio > 1.0 else 0.0
        loud = _LEVEL * strength * gain(level + where + 6.0 * (strength - 1.0) * np.log2(max(ratio, 1.0)))
        lasts = decay * (_PITCH / prime) ** 0.5
        side = random.uniform(-0.25, 0.25)
        if split == 0.0:
            modes.append(Mode(prime * ratio, loud, lasts, side))
            continue
        apart = split * random.uniform(0.7, 1.3)
        modes.append(Mode(prime * ratio - apart / 2.0, loud, lasts, side))
        modes.append(Mode(prime * ratio + apart / 2.0, loud * _SECOND, lasts * 0.9, -side))
    return Struck(seed, modes, _ATTACK, Knock(140.0, 520.0, 0.35 * _LEVEL * strength, 0.025))


CUES: Final = (struck("bell", bell, "A small bronze bell, touched by a wooden clapper."),)
