"""Blocks of sound: their rate and size, decibels, and the small kernels that mix, scale and clean them.

Everything that runs for a block is compiled by `kernel`, writes into arrays that were made beforehand, and makes
nothing that the interpreter's collector would visit. It keeps the interpreter's lock: a block is a third of a
millisecond, and taking the lock back after each of its thirty kernels, from a thread that is busy, takes as many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vr_app.limits import SURVIVED_GAIN_DB

RATE: Final = 48_000  # frames a second
BLOCK: Final = 256  # frames; 5.3 ms: what a stop waits at most, and long enough that 20 calls from Python cost nothing
CHANNELS: Final = 2

Samples = NDArray[np.float32]  # [frames, channels], full scale is 1
Doubles = NDArray[np.float64]  # states of filters and ledgers of energy
Integers = NDArray[np.int64]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile at the first call and keep the machine code on disk.

    The code lies in `__pycache__` beside the source, or where that cannot be written in the user's own cache folder, or
    in NUMBA_CACHE_DIR. It is made anew when that file changes, but not when another file whose kernel it calls does.
    """
    compiled: Any = njit(cache=True, error_model="numpy")(function)
    found: Callable[_P, _R] = compiled
    return found


def gain(decibels: float) -> float:
    """The factor of amplitude."""
    return float(10.0 ** (decibels / 20.0))


def decibels(amplitude: float) -> float:
    """Of a factor of amplitude; nothing at all is -200."""
    return float(20.0 * np.log10(max(abs(amplitude), 1e-10)))


def power(level: float) -> float:
    """The K-weighted mean square, summed over both channels, of a loudness in LUFS (BS.1770-4, equation 2)."""
    return float(10.0 ** ((level + 0.691) / 10.0))


def loudness(mean_square: float) -> float:
    """LUFS of a K-weighted mean square, summed over both channels; nothing at all is -200."""
    return float(-0.691 + 10.0 * np.log10(max(mean_square, 10.0**-19.9309)))


def frames(seconds: float) -> int:
    """The nearest whole number of frames."""
    return round(seconds * RATE)


def silence(*shape: int) -> Samples:
    """Buffers for blocks: [..., BLOCK, CHANNELS]."""
    return np.zeros((*shape, BLOCK, CHANNELS), np.float32)


_SURVIVED: Final = gain(SURVIVED_GAIN_DB)
_DC_POLE: Final = 1.0 - 2.0 * np.pi * 8.0 / RATE  # a high pass at 8 Hz: below hearing, gone in a tenth of a second


@kernel
def add(bus: Samples, block: Samples, start: float, end: float) -> None:
    """Add a block to a bus under a linear ramp of gain. What is no number is silence; more than +24 dB is clipped."""
    step = (end - start) / block.shape[0]
    for i in range(block.shape[0]):
        level = start + step * (i + 1)
        for channel in range(block.shape[1]):
            sample = block[i, channel]
            if not np.isfinite(sample):
                sample = np.float32(0.0)
            bus[i, channel] += np.float32(level * min(max(sample, -_SURVIVED), _SURVIVED))


@kernel
def scale(block: Samples, start: float, end: float) -> None:
    """Multiply in place by a linear ramp of gain."""
    step = (end - start) / block.shape[0]
    for i in range(block.shape[0]):
        for channel in range(block.shape[1]):
            block[i, channel] *= np.float32(start + step * (i + 1))


@kernel
def block_dc(block: Samples, state: Doubles) -> None:
    """Take away what is constant: y = x - x' + p y'. `state` is [channel, (x', y')]."""
    for channel in range(block.shape[1]):
        before, out = state[channel, 0], state[channel, 1]
        for i in range(block.shape[0]):
            sample = float(block[i, channel])
            out = sample - before + _DC_POLE * out
            before = sample
            block[i, channel] = np.float32(out)
        state[channel, 0] = before
        state[channel, 1] = out if abs(out) > 1e-20 else 0.0  # numbers too small to be normal are slow
