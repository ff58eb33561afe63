"""How loud something is: ITU-R BS.1770-4 and EBU Tech 3341, streaming and without garbage."""

from __future__ import annotations

from typing import Final

import numpy as np

from audio.block import CHANNELS, RATE, Doubles, Integers, Samples, kernel, loudness

# BS.1770-4, annex 1, tables 1 and 2: the head's shelf, then the revised low-frequency B curve; both for 48 kHz.
_SHELF: Final = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
_HIGH_PASS: Final = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)

_HOP: Final = RATE // 10  # Tech 3341: a new reading at least every 100 ms; blocks of 400 ms overlap by three quarters
_MOMENTARY: Final = 4  # hops: 400 ms
_SHORT_TERM: Final = 30  # hops: 3 s
_RING: Final = _SHORT_TERM + 1  # hops: one is being filled
_ABSOLUTE_GATE: Final = -70.0  # LUFS, BS.1770-4
_RELATIVE_GATE: Final = -10.0  # LU, BS.1770-4
_BINS_A_LU: Final = 50
_BINS: Final = 100 * _BINS_A_LU  # from the absolute gate to +30 LUFS


def weighting() -> Doubles:
    """The memory of a K-weighting filter: [channel, stage, 2]."""
    return np.zeros((CHANNELS, 2, 2))


@kernel
def weigh(block: Samples, state: Doubles) -> float:
    """The K-weighted energy of a block: the sum of squares over frames and channels (transposed direct form II)."""
    energy = 0.0
    for channel in range(block.shape[1]):
        a, b, c, d = state[channel, 0, 0], state[channel, 0, 1], state[channel, 1, 0], state[channel, 1, 1]
        for i in range(block.shape[0]):
            x = float(block[i, channel])
            y = _SHELF[0] * x + a
            a = _SHELF[1] * x - _SHELF[3] * y + b
            b = _SHELF[2] * x - _SHELF[4] * y
            z = _HIGH_PASS[0] * y + c
            c = _HIGH_PASS[1] * y - _HIGH_PASS[3] * z + d
            d = _HIGH_PASS[2] * y - _HIGH_PASS[4] * z
            energy += z * z
        for stage, place, value in ((0, 0, a), (0, 1, b), (1, 0, c), (1, 1, d)):
            state[channel, stage, place] = value if abs(value) > 1e-20 else 0.0
    return energy


@kernel
def _close_hop(hops: Doubles, counts: Integers, energies: Doubles, place: Integers) -> None:
    """A hop is full: its 400 ms go into the histogram if they pass the absolute gate."""
    place[0] += 1
    if place[0] >= _MOMENTARY:
        mean = 0.0
        for back in range(_MOMENTARY):
            mean += hops[(place[0] - 1 - back) % _RING]
        mean /= _MOMENTARY * _HOP
        level = -0.691 + 10.0 * np.log10(max(mean, 1e-20))
        if level >= _ABSOLUTE_GATE:
            found = min(int((level - _ABSOLUTE_GATE) * _BINS_A_LU), _BINS - 1)
            counts[found] += 1
            energies[found] += mean
    hops[place[0] % _RING] = 0.0
    place[1] = 0


@kernel
def _take(block: Samples, state: Doubles, hops: Doubles, counts: Integers, energies: Doubles, place: Integers) -> None:
    first = 0
    while first < block.shape[0]:
        last = min(block.shape[0], first + _HOP - place[1])
        hops[place[0] % _RING] += weigh(block[first:last], state)
        place[1] += last - first
        first = last
        if place[1] == _HOP:
            _close_hop(hops, counts, energies, place)


@kernel
def _recent(hops: Doubles, place: Integers, count: int) -> float:
    """The mean square of the last `count` whole hops; 0 before there are as many."""
    if place[0] < count:
        return 0.0
    total = 0.0
    for back in range(count):
        total += hops[(place[0] - 1 - back) % _RING]
    return total / (count * _HOP)


@kernel
def _gated(counts: Integers, energies: Doubles) -> float:
    """The mean square of what passes both gates (BS.1770-4, equations 5 to 7); 0 when nothing does."""
    blocks, total = 0, 0.0
    for found in range(_BINS):
        blocks += counts[found]
        total += energies[found]
    if blocks == 0:
        return 0.0
    gate = -0.691 + 10.0 * np.log10(total / blocks) + _RELATIVE_GATE
    first = min(max(int((gate - _ABSOLUTE_GATE) * _BINS_A_LU), 0), _BINS - 1)
    blocks, total = 0, 0.0
    for found in range(first, _BINS):
        blocks += counts[found]
        total += energies[found]
    return total / blocks if blocks else 0.0


class Meter:
    """Momentary, short-term and integrated loudness, LUFS, of what it was given; -200 before it has heard enough.

    Integrated loudness comes from a histogram with the energy of each bin (0.02 LU), so that an hour costs what a
    second does; only which blocks pass the relative gate is rounded.
    """

    def __init__(self) -> None:
        self._state = weighting()
        self._hops = np.zeros(_RING)
        self._counts = np.zeros(_BINS, np.int64)
        self._energies = np.zeros(_BINS)
        self._place = np.zeros(2, np.int64)  # whole hops so far, frames in this one

    def take(self, block: Samples) -> None:
        """Any number of frames."""
        _take(block, self._state, self._hops, self._counts, self._energies, self._place)

    def reset(self) -> None:
        for memory in (self._state, self._hops, self._counts, self._energies, self._place):
            memory.fill(0)

    @property
    def gated_blocks(self) -> int:
        """How many blocks of 400 ms, ten a second, passed the absolute gate."""
        return int(self._counts.sum())

    @property
    def momentary(self) -> float:
        return loudness(_recent(self._hops, self._place, _MOMENTARY))

    @property
    def short_term(self) -> float:
        return loudness(_recent(self._hops, self._place, _SHORT_TERM))

    @property
    def integrated(self) -> float:
        return loudness(_gated(self._counts, self._energies))
