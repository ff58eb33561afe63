"""A chime of metal tubes in a light wind, one touch: the modes of a bar that hangs free.

Its frequencies are to one another as 3.0112^2, 5^2, 7^2, 9^2: 1, 2.757, 5.404, 8.933 (Fletcher and Rossing 1998,
section 2.14). One touch is one tube.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import gain
from audio.cue import struck
from audio.modal import Knock, Mode, Struck

_BENDS: Final = (3.0112, 5.0, 7.0, 9.0)
RATIOS: Final = tuple((bend / _BENDS[0]) ** 2 for bend in _BENDS)
_LEVELS_DB: Final = (0.0, -9.0, -22.0, -34.0)  # under a soft clapper
_DECAYS: Final = (2.6, 1.3, 0.55, 0.25)  # seconds to 1/e
_PAIR: Final = (0.0007, 0.2)  # a tube is not quite round: a second mode so much higher, and so loud
_ATTACK: Final = 0.020  # seconds
_PITCHES: Final = (440.0, 493.883, 587.330, 659.255, 739.989)  # Hz: A4 B4 D5 E5 F#5, pentatonic
_LEVEL: Final = gain(-34.1)


def chime(seed: int, hertz: float | None = None, strength: float = 1.0) -> Struck:
    """One of five tubes, by its seed, or of a pitch in Hz; `strength` 0 to 1 makes it louder, and brighter."""
    random = np.random.default_rng(abs(seed))
    first = hertz or float(random.choice(_PITCHES))
    side = random.uniform(-0.6, 0.6)
    modes = []
    for ratio, level, decay in zip(RATIOS, _LEVELS_DB, _DECAYS, strict=True):
        loud = _LEVEL * strength * gain(level + random.uniform(-2.0, 2.0) + 6.0 * (strength - 1.0) * np.log2(ratio))
        modes.append(Mode(first * ratio, loud, decay, side))
        modes.append(Mode(first * ratio * (1.0 + _PAIR[0]), loud * _PAIR[1], decay * 0.8, side))
    return Struck(seed, modes, _ATTACK, Knock(300.0, 900.0, 0.15 * _LEVEL * strength, 0.015))


CUES: Final = (struck("chime", chime, "One tube of a wind chime, touched softly."),)
