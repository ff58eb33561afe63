"""What is struck in the sound garden: bowl, chime and stone of any pitch; the seed says which.

A seed is cents above D2 and 10,000 times the strength in hundredths: 801,200 is D3 at 0.8 of what it may be. A seed
without a strength has the whole of it, at a usual pitch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from audio.cue import struck
from audio.cues.bowl import bowl
from audio.cues.chime import chime
from audio.cues.stone import stone
from audio.modal import Struck

_ROOT: Final = 73.416  # Hz, D2: the drone's
_STEP: Final = 10_000


def _tuned(make: Callable[[int, float, float], Struck], usual: int) -> Callable[[int], Struck]:
    """The same with pitch and strength in its seed."""

    def made(seed: int) -> Struck:
        strength, cents = divmod(abs(seed), _STEP)
        if not strength:
            strength, cents = 100, usual + cents % 5 * 200
        hertz = _ROOT * 2.0 ** (min(cents, 4800) / 1200.0)
        return make(seed, hertz, min(max(strength / 100.0, 0.3), 1.0))

    return made


CUES: Final = (
    struck("garden_bowl", _tuned(bowl, 1200), "A singing bowl of the sound garden, by its pitch."),
    struck("garden_chime", _tuned(chime, 3600), "A tube of the sound garden, by its pitch."),
    struck("garden_stone", _tuned(stone, 3000), "A stone of the sound garden, by its pitch."),
)
