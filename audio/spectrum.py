"""Transforms between blocks and their spectra: Stockham's, of radix two, which sorts itself (Van Loan 1992, 1.7)."""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import kernel
from audio.ears import FRAMES, Spectra

_PASSES: Final = FRAMES.bit_length() - 1


def turns(sign: int) -> Spectra:
    """The roots of one that a transform needs; sign -1: into frequencies, +1: back, without the division."""
    return np.asarray(np.exp(sign * 2j * np.pi * np.arange(FRAMES // 2) / FRAMES), np.complex64)


@kernel
def transform(values: Spectra, work: Spectra, roots: Spectra) -> None:
    """In place, FRAMES values; `work` is as long."""
    source, target = values, work
    step = 1
    for _ in range(_PASSES):
        far = FRAMES // 2
        for first in range(0, far, step):
            root = roots[first]
            for i in range(first, first + step):
                a, b = source[i], source[i + far]
                target[i + first] = a + b
                target[i + first + step] = (a - b) * root
        source, target = target, source
        step *= 2
    if _PASSES % 2:
        values[:] = work
