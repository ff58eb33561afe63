"""A summer night: still air, far crickets, and hardly ever an owl.

Crickets chirp at random distances in time and each falls silent for a while, so that no beat is set; far away, the
pulses of a chirp run into each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Samples, kernel
from audio.cue import Source, bed
from audio.synth import (
    BLOCKS,
    Range,
    Seeds,
    add_air,
    add_partials,
    bump,
    chance,
    hush,
    phasors,
    seeds,
    uniform,
    wander,
)

# Low and high corner, Hz; dB; seconds in which it sways.
_AIR: Final = np.array(((55.0, 130.0, -9.0, 29.0), (120.0, 420.0, -10.0, 19.0), (420.0, 1500.0, -22.0, 15.0)))
_SWAY_DB: Final = 1.6
_CRICKETS: Final = 7
_LOWEST, _HIGHEST = 2150.0, 3900.0  # Hz, of their songs: tree crickets below 3 kHz, field crickets above
_SONG_DB: Final = -35.5
_AT, _LENGTH, _PULSES, _SIDE, _PRESENT = range(5)  # of a cricket: seconds in its chirp, of it, pulses a second, side
_OWL_HERTZ: Final = 395.0
_OWL_DB: Final = -34.5
_OWL: Final = (70.0, 200.0)  # seconds from one call to the next
# When a hoot begins and ends in a call, seconds, and how deep it quavers.
_HOOTS: Final = ((0.0, 1.1, 0.0), (3.9, 4.4, 0.0), (4.8, 6.6, 0.35))


@kernel
def _chirp(crickets: Doubles, presence: Doubles, state: Seeds, now: Doubles, hertz: Doubles, gains: Doubles) -> None:
    """All crickets one block on."""
    for k in range(_CRICKETS):
        cricket = crickets[k]
        cricket[_AT] += 1.0 / BLOCKS
        if cricket[_AT] >= cricket[_LENGTH]:
            cricket[_AT] = 0.0
            cricket[_LENGTH] = chance(state, 0.5, 2.2)
        here = 1.0 / (1.0 + np.exp(-2.2 * wander(presence[k], state, 14.0) + 0.6))
        at = cricket[_AT]
        pulse = 0.72 + 0.28 * np.cos(2.0 * np.pi * cricket[_PULSES] * at)
        level = here * pulse * bump(at, 0.0, 0.14, 0.42) * cricket[_PRESENT]
        level *= now[0] * 10.0 ** (_SONG_DB / 20.0) * (2500.0 / hertz[k])  # air takes more of what is high
        gains[k, 0, 1], gains[k, 1, 1] = level * np.sqrt(1.0 - cricket[_SIDE]), level * np.sqrt(1.0 + cricket[_SIDE])


@kernel
def _hoot(owl: Doubles, state: Seeds, amount: float, hertz: Doubles, gains: Doubles) -> None:
    """`owl` is (seconds until the next call, or less than 0 since it began; side)."""
    owl[0] -= 1.0 / BLOCKS
    since = -owl[0]
    level, bend = 0.0, 0.0
    for k in range(len(_HOOTS)):
        begins, ends, quaver = _HOOTS[k]
        shape = bump(since, begins, begins + 0.35 * (ends - begins), ends)
        if shape > 0.0:
            level = shape * (1.0 - quaver * (0.5 + 0.5 * np.cos(2.0 * np.pi * 5.3 * since)))
            bend = 0.03 * (shape - 0.6)
    if since > _HOOTS[-1][1]:
        owl[0] = chance(state, _OWL[0], _OWL[1])
        owl[1] = 0.6 * uniform(state)
    level *= amount * 10.0 ** (_OWL_DB / 20.0)
    for k in range(2):
        hertz[_CRICKETS + k] = (k + 1.0) * _OWL_HERTZ * (1.0 + bend)
        part = level * (0.06 if k else 1.0)
        gains[_CRICKETS + k, 0, 1], gains[_CRICKETS + k, 1, 1] = (
            part * np.sqrt(1.0 - owl[1]),
            part * np.sqrt(1.0 + owl[1]),
        )


class Night(Source):
    """Parameters: how loud the `crickets` and the `owl` are, as shares of the usual."""

    ranges: ClassVar[Mapping[str, Range]] = {"crickets": Range(0.0, 2.0, 1.0), "owl": Range(0.0, 2.0, 1.0)}

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        random = np.random.default_rng(abs(seed))
        self._crickets = np.zeros((_CRICKETS, 5))
        self._crickets[:, _LENGTH] = random.uniform(0.5, 1.7, _CRICKETS)
        self._crickets[:, _AT] = random.uniform(0.0, 0.5, _CRICKETS)
        self._crickets[:, _PULSES] = random.uniform(22.0, 34.0, _CRICKETS)
        self._crickets[:, _SIDE] = np.linspace(-0.85, 0.85, _CRICKETS)[random.permutation(_CRICKETS)]
        self._crickets[:, _PRESENT] = random.uniform(0.35, 1.0, _CRICKETS)
        self._presence = np.zeros((_CRICKETS, 2))
        self._owl = np.array((random.uniform(40.0, 120.0), random.uniform(-0.6, 0.6)))
        self._phases = phasors(_CRICKETS + 2, seed)
        self._hertz = np.full(_CRICKETS + 2, _OWL_HERTZ)
        self._hertz[:_CRICKETS] = np.linspace(_LOWEST, _HIGHEST, _CRICKETS) * random.uniform(0.96, 1.04, _CRICKETS)
        self._songs = np.zeros((_CRICKETS + 2, 2, 2))
        self._swaying, self._memories = np.zeros((len(_AIR), 2)), np.zeros((len(_AIR), 2, 3))
        self._gains = np.zeros((len(_AIR), 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        now = self.parameters.now
        hush(out)
        add_air(out, _AIR, _SWAY_DB, self._state, self._swaying, self._memories, self._gains)
        _chirp(self._crickets, self._presence, self._state, now, self._hertz, self._songs)
        _hoot(self._owl, self._state, now[1], self._hertz, self._songs)
        add_partials(out, self._phases, self._hertz, self._songs)
        return True


CUES: Final = (bed("night", Night, "Still air, far crickets, and hardly ever an owl."),)
