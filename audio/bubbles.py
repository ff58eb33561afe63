"""Bubbles that ring in water, the higher the smaller: f r = 3.26 m/s (Minnaert 1933). What rain and a stream share."""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import CHANNELS, Doubles, kernel
from audio.synth import BLOCKS, Seeds, chance, uniform

_MINNAERT: Final = 3.26  # m/s
# Of a form: radii in metres; seconds in which one dies away; dB; how far aside; share by which it may rise, 0: never.
RADIUS, DIES, LOUD, ASIDE, RISES = 0, 2, 4, 6, 7


@kernel
def ring(
    rings: Doubles, hertz: Doubles, gains: Doubles, state: Seeds, likely: float, level: float, form: Doubles
) -> None:
    """On by a block: bubbles ring off, and with this likelihood another is shut in, if there is room for one.

    `rings` is [bubble, (decay, rise) of a block], `gains` [bubble, channel, (before, after)], `level` a factor.
    """
    count = rings.shape[0]
    for k in range(count):
        hertz[k] *= rings[k, 1]
        for channel in range(CHANNELS):
            gains[k, channel, 1] = gains[k, channel, 0] * rings[k, 0]
            if gains[k, channel, 1] < 1e-6:
                gains[k, channel, 1] = 0.0
    if uniform(state) > 2.0 * likely - 1.0:
        return
    for k in range(count):
        if gains[k, 0, 1] == 0.0 and gains[k, 1, 1] == 0.0:
            hertz[k] = _MINNAERT / chance(state, form[RADIUS], form[RADIUS + 1])
            rings[k, 0] = np.exp(-1.0 / (chance(state, form[DIES], form[DIES + 1]) * BLOCKS))
            if form[RISES] > 0.0:
                rings[k, 1] = 1.0 + form[RISES] * chance(state, 0.0, 1.0) * chance(state, 0.0, 1.0)
            loud = level * 10.0 ** (chance(state, form[LOUD], form[LOUD + 1]) / 20.0)
            side = form[ASIDE] * uniform(state)
            gains[k, 0, 1], gains[k, 1, 1] = loud * np.sqrt(1.0 - side), loud * np.sqrt(1.0 + side)
            return
