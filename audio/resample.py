"""From one sample rate to another, before a session: a windowed sinc in phases, numpy alone."""

from __future__ import annotations

from math import gcd
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_ZEROS: Final = 32  # zero crossings of the sinc at each side
_BETA: Final = 10.0  # Kaiser's window: -100 dB (Kaiser, 1974)
_PASSED: Final = 0.92  # of the lower rate's half: the rest is the filter's slope


def resampled(sound: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """One channel at another rate. What lies above 0.92 of half the lower rate is taken away; no delay."""
    if rate == to:
        return sound
    common = gcd(rate, to)
    up, down = to // common, rate // common
    cutoff = _PASSED * min(1.0, to / rate)  # of half the input's rate
    reach = int(np.ceil(_ZEROS / cutoff))
    count = -(-len(sound) * up // down)
    padded = np.concatenate([np.zeros(reach, np.float32), sound, np.zeros(reach + down, np.float32)])
    windows = sliding_window_view(padded, 2 * reach)
    out = np.empty(count, np.float32)
    for phase in range(min(up, count)):  # every output of a phase stands equally between two inputs
        first, rest = divmod(phase * down, up)
        mine = out[phase::up]
        mine[:] = windows[first + 1 :: down][: len(mine)] @ _filter(rest / up, cutoff, reach)
    return out


def _filter(between: float, cutoff: float, reach: int) -> NDArray[np.float32]:
    """The weights of 2 `reach` inputs for a moment so far after the middle two's first."""
    away = np.arange(1 - reach, reach + 1) - between
    window = np.i0(_BETA * np.sqrt(np.maximum(1.0 - (away / reach) ** 2, 0.0))) / np.i0(_BETA)
    return np.asarray(cutoff * np.sinc(cutoff * away) * window, np.float32)
