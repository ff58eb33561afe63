"""Who makes room for whom: snapshots of the buses' gains that blend, and the duck that lowers the bed under a voice.

All of it is in decibels and moves in decibels: the ear hears ratios.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from audio.block import BLOCK, RATE, Doubles, kernel
from vr_app.limits import DUCK_LU


class Bus(IntEnum):
    """What kind of sound a voice is; its rule of onset follows from it."""

    VOICE = 0  # guidance, and the therapist's microphone
    BED = 1  # what sounds all the time, and music
    SPATIAL = 2  # what has a place in the world and is not struck
    USER = 3  # what is struck, and what the patient makes, with or without a place
    INTERFACE = 4  # tones of choices and stops


BUSES: Final = len(Bus)
MUTED_DB: Final = -90.0  # and below: no sound at all

# Gains in dB, in the order of `Bus`. "speak": the therapist speaks in the room. "hear the room": the patient hears the
# room above everything. "silent": nothing at all, whatever begins to sound meanwhile.
SNAPSHOTS: Final[Mapping[str, tuple[float, float, float, float, float]]] = MappingProxyType(
    {
        "calm": (0.0, 0.0, 0.0, 0.0, 0.0),
        "guided": (0.0, -1.0, -2.0, -2.0, 0.0),
        "speak": (-12.0, -12.0, -12.0, -12.0, 0.0),
        "eyes closed": (-1.0, 0.0, -3.0, -4.0, -3.0),
        "silent": (MUTED_DB, MUTED_DB, MUTED_DB, MUTED_DB, MUTED_DB),
        "quiet": (MUTED_DB, -4.0, -4.0, -6.0, 0.0),
        "hear the room": (-9.0, -24.0, -24.0, -24.0, -6.0),
    }
)
_NAMES: Final = tuple(SNAPSHOTS)

DUCK_DB: Final = DUCK_LU + 1.5  # what is heard of it is less: the room's tail, the window of the measure
DOWN_SECONDS: Final = 0.7  # of 0.5 to 1
UP_SECONDS: Final = 2.5  # of 2 to 3
MOST_REDUCTION_DB: Final = 18.0  # of duck and snapshot together, where the snapshot alone asks for less
RISE_DB_PER_SECOND: Final = 12.0  # of what may sound at the time, whatever is asked
_SOON_DB_PER_SECOND: Final = 240.0  # of what begins from nothing by itself: a line, a tone
_FALL_DB_PER_SECOND: Final = 120.0
_SHARES: Final = np.array((0.0, 1.0, 1.0, 0.5, 0.0))  # of the duck, in the order of `Bus`
_RISES: Final = np.array((_SOON_DB_PER_SECOND, *(RISE_DB_PER_SECOND,) * 3, _SOON_DB_PER_SECOND))  # likewise


@kernel
def _turn(weights: Doubles, wanted: Doubles, over: float, gains: Doubles, levels: Doubles, table: Doubles,
          shares: Doubles, rises: Doubles, duck: float) -> None:  # fmt: skip
    """One block: weights go straight, levels (dB) follow no faster than they may, gains are [before, after]."""
    total = 0.0
    for i in range(weights.shape[0]):
        weights[i] += (wanted[i] - weights[i]) * min(1.0, BLOCK / max(over, 1.0))
        total += weights[i]
    for bus in range(levels.shape[0]):
        level = 0.0
        for i in range(weights.shape[0]):
            level += weights[i] / total * table[i, bus]
        reduced = min(level, max(level - duck * shares[bus], -MOST_REDUCTION_DB))
        rise, fall = rises[bus] * BLOCK / RATE, _FALL_DB_PER_SECOND * BLOCK / RATE
        levels[bus] = min(max(reduced, levels[bus] - fall), levels[bus] + rise)
        gains[0, bus] = gains[1, bus]
        gains[1, bus] = 10.0 ** (levels[bus] / 20.0) if levels[bus] > MUTED_DB + 1.0 else 0.0


class Duck:
    """Gains of all buses, block by block: a blend of snapshots, less the duck."""

    def __init__(self) -> None:
        self._table = np.array([SNAPSHOTS[name] for name in _NAMES])
        self._weights = np.zeros(len(_NAMES))
        self._weights[_NAMES.index("calm")] = 1.0
        self._wanted = self._weights.copy()
        self._left = 0.0  # frames until the weights are there
        self._levels = np.zeros(BUSES)
        self.depth = 0.0  # dB, of the duck now
        self.gains = np.ones((2, BUSES))  # at the beginning and at the end of the block

    def blend(self, weights: Mapping[str, float], over: int) -> None:
        """Go to a blend of snapshots over so many frames; weights are made to sum to 1. Raises KeyError, ValueError."""
        total = sum(weights.values())
        if not (total > 0.0 and np.isfinite(total) and min(weights.values()) >= 0.0):
            raise ValueError(f"weights of snapshots must be 0 or more, and not all 0: {dict(weights)}")
        for name in weights:
            SNAPSHOTS[name]
        for i, name in enumerate(_NAMES):
            self._wanted[i] = weights.get(name, 0.0) / total
        self._left = float(max(over, BLOCK))

    def turn(self, *, spoken: bool) -> None:
        """One block on; `spoken` says whether a voice sounds or is about to."""
        seconds = DOWN_SECONDS if spoken else -UP_SECONDS
        self.depth = min(max(self.depth + DUCK_DB * BLOCK / RATE / seconds, 0.0), DUCK_DB)
        _turn(
            self._weights, self._wanted, self._left, self.gains, self._levels, self._table, _SHARES, _RISES, self.depth
        )
        self._left = max(self._left - BLOCK, 0.0)
