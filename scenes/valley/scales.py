"""Scales in which no note is wrong: five neighbours of the circle of fifths, all pure, over the drone's D.

Between any two notes of one scale lies a whole tone at least; all of them hold D and, but for one, A.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from types import MappingProxyType
from typing import Final

ROOT_CENTS: Final = 1200  # of D3 over D2, in which a garden's lowest bowl sounds


def _fifths(first: int, count: int = 5) -> tuple[float, ...]:
    """Cents within an octave of so many neighbours of the circle of fifths, from `first` fifths above D."""
    return tuple(sorted(1200.0 * ((first + k) * log2(1.5) % 1.0) for k in range(count)))


SCALES: Final[Mapping[str, tuple[float, ...]]] = MappingProxyType(
    {
        "bright": _fifths(0),  # D E F# A B
        "meadow": _fifths(-1),  # D E G A B
        "open": _fifths(-2),  # D E G A C
        "dusk": _fifths(-3),  # D F G A C
        "overtones": tuple(1200.0 * log2(share) for share in (1.0, 9 / 8, 5 / 4, 3 / 2)),  # of the drone itself
    }
)


def cents(scale: str, step: int) -> int:
    """Of a step from D3 upwards, over D2."""
    notes = SCALES[scale]
    octave, degree = divmod(step, len(notes))
    return round(ROOT_CENTS + 1200 * octave + notes[degree])
