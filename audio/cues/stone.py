"""A sounding stone, struck with wood: a thick short bar, dry and low.

Frequencies of a free bar as in chime.py, each lowered by what shear and turning take from a thick bar, to the first
order in its thickness over its length: 1 / (1 + a (b h / l)^2) (Fletcher and Rossing 1998, section 2.15, after
Timoshenko 1921). Twisting adds one in between.
"""

from __future__ import annotations

from math import pi
from typing import Final

import numpy as np

from audio.block import gain
from audio.cue import struck
from audio.modal import Knock, Mode, Struck

_BENDS: Final = (3.0112, 5.0, 7.0, 9.0)
_THICKNESS: Final = 0.16  # over length
_SHEAR: Final = 4.1  # E / (kappa G) + 1 of stone: 2 (1 + 0.25) / 0.83 + 1
_TWIST: Final = 1.92  # of the first bending mode, a slab twice as wide as it is thick


def _lowered(bend: float) -> float:
    """A mode's frequency, in units of its own."""
    return bend * bend / (1.0 + _SHEAR / 24.0 * (bend * pi / 2.0 * _THICKNESS) ** 2)


RATIOS: Final = (1.0, _TWIST, *(_lowered(bend) / _lowered(_BENDS[0]) for bend in _BENDS[1:]))
_LEVELS_DB: Final = (0.0, -10.0, -11.0, -20.0, -30.0)
_DECAYS: Final = (0.34, 0.20, 0.15, 0.08, 0.05)  # seconds to 1/e
_ATTACK: Final = 0.018  # seconds
_PITCHES: Final = (293.665, 329.628, 369.994, 440.0, 493.883)  # Hz: D4 E4 F#4 A4 B4, pentatonic
_LEVEL: Final = gain(-31.2)


def stone(seed: int, hertz: float | None = None, strength: float = 1.0) -> Struck:
    """One of five, by its seed, or of a pitch in Hz; `strength` 0 to 1 makes it louder, and brighter."""
    random = np.random.default_rng(abs(seed))
    first = hertz or float(random.choice(_PITCHES))
    side = random.uniform(-0.4, 0.4)
    modes = []
    for ratio, level, decay in zip(RATIOS, _LEVELS_DB, _DECAYS, strict=True):
        where = random.uniform(-3.0, 1.0)  # on the stone it is struck
        loud = _LEVEL * strength * gain(level + where + 6.0 * (strength - 1.0) * np.log2(ratio))
        modes.append(Mode(first * ratio, loud, decay, side))
    return Struck(seed, modes, _ATTACK, Knock(200.0, 700.0, 0.9 * _LEVEL * strength, 0.02))


CUES: Final = (struck("stone", stone, "A sounding stone, struck with wood."),)
