"""The room: a feedback delay network (Jot and Chaigne 1991) with sixteen lines, and the kinds of rooms.

Its feedback is a Hadamard matrix, which keeps energy; each line loses by its length, through a filter of one pole that
gives high and low frequencies their own time of decay. Four all-pass filters (Schroeder 1962) thicken what enters, and
the lines' lengths sway by a few frames, each at its own pace, so that no mode stands and rings (Dattorro 1997).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from audio.block import BLOCK, RATE, Doubles, Integers, Samples, gain, kernel

LINES: Final = 16
_SHORTEST, _LONGEST = 0.0231, 0.0997  # seconds
_SWAY: Final = 12.0  # frames, each way: with its pace, 2 thousandths of pitch at most
_SLOWEST_SWAY, _FASTEST_SWAY = 0.11, 1.3  # Hz
_MASK: Final = 8191  # frames of a line's ring, less one
_IN: Final = 0.87  # of the input into each line: a steady sound comes back at the level of its room
_DIFFUSERS: Final = (142, 107, 379, 277)  # frames, after Dattorro 1997, table 1
_DIFFUSION: Final = 0.625
_GLIDE: Final = BLOCK / (0.4 * RATE)  # share of a change of room that a block brings
_TINY: Final = 1e-20  # added where sound runs in circles: keeps numbers from becoming too small to be normal


class Room(NamedTuple):
    """How a place answers."""

    decay: float  # seconds to -60 dB, low frequencies
    damping: float  # the high frequencies' share of that, 0 to 1
    level: float  # dB, of what comes back


ROOMS: Final[Mapping[str, Room]] = MappingProxyType(
    {
        "none": Room(0.3, 0.5, -120.0),
        "calm room": Room(0.45, 0.55, -15.0),  # wood, rugs, a window
        "shore": Room(0.9, 0.25, -20.0),  # nothing comes back from the sea, a little from the dune
        "valley": Room(2.6, 0.22, -17.0),  # far slopes: long, dark
        "hall": Room(3.6, 0.45, -14.0),  # for music and bowls
    }
)


def _primes_near(lengths: Doubles) -> Integers:
    """Different primes, so that no two lines' echoes fall together."""
    found: list[int] = []
    for length in lengths:
        candidate = round(float(length))
        while candidate in found or any(candidate % i == 0 for i in range(2, int(candidate**0.5) + 1)):
            candidate += 1
        found.append(candidate)
    return np.array(found)


@kernel
def _hadamard(values: Doubles) -> None:
    """The fast Walsh-Hadamard transform of sixteen values, in place, keeping their energy."""
    half = 1
    while half < LINES:
        for first in range(0, LINES, 2 * half):
            for i in range(first, first + half):
                a, b = values[i], values[i + half]
                values[i], values[i + half] = a + b, a - b
        half *= 2
    for i in range(LINES):
        values[i] *= 0.25


@kernel
def _diffuse(sample: float, memory: Doubles, at: int, first: int) -> float:
    """Two all-pass filters in a row; `memory` is a ring for each."""
    for i in range(first, first + 2):
        place = at % _DIFFUSERS[i]
        late = memory[i, place]
        sample -= _DIFFUSION * late
        memory[i, place] = sample + _TINY
        sample = late + _DIFFUSION * sample
    return sample


@kernel
def _prepare(room: Doubles, wanted: Doubles, lengths: Integers, phases: Doubles, paces: Doubles, line: Doubles) -> None:
    """What holds for a block: `room` is (decay, damping, gain) and glides; `line` is told in `_reverberate`."""
    for i in range(3):
        room[i] += (wanted[i] - room[i]) * _GLIDE
    kept = 0.0
    for i in range(LINES):
        # -60 dB after `decay` at 0 Hz and after `damping * decay` at half the rate: g (1 - p) / (1 - p z) between them.
        bass = 10.0 ** (-3.0 * lengths[i] / (RATE * room[0]))
        treble = 10.0 ** (-3.0 * lengths[i] / (RATE * room[0] * room[1]))
        line[1, i] = (bass - treble) / (bass + treble)
        line[0, i] = bass * (1.0 - line[1, i])
        line[2, i] = lengths[i] + _SWAY * (1.0 + np.sin(phases[i]))
        phases[i] = (phases[i] + paces[i]) % (2.0 * np.pi)
        line[3, i] = (lengths[i] + _SWAY * (1.0 + np.sin(phases[i])) - line[2, i]) / BLOCK
        kept += bass * bass / LINES
    line[4, 0] = line[4, 1]
    line[4, 1] = room[2] * np.sqrt(1.0 - kept)  # a steady sound comes back at the room's level, whatever the decay


@kernel
def _reverberate(
    send: Samples, out: Samples, rings: Samples, diffusers: Doubles, line: Doubles, low: Doubles, at: int
) -> None:
    """Add to `out` what comes back.

    `line` is [what, line]: gains, poles, delays, their sway a frame, (wet gain before, after), and what is being mixed.
    """
    mixed = line[5]
    for i in range(send.shape[0]):
        left = _IN * _diffuse(float(send[i, 0]), diffusers, at, 0)
        right = _IN * _diffuse(float(send[i, 1]), diffusers, at, 2)
        for k in range(LINES):
            delay = line[2, k] + line[3, k] * i
            whole = int(delay)
            part = delay - whole
            late = (1.0 - part) * rings[k, (at - whole) & _MASK] + part * rings[k, (at - whole - 1) & _MASK]
            low[k] = line[0, k] * late + line[1, k] * low[k]
            mixed[k] = low[k]
        a = b = 0.0
        for k in range(0, LINES, 4):
            a += mixed[k] - mixed[k + 2]
            b += mixed[k + 1] - mixed[k + 3]
        wet = line[4, 0] + (line[4, 1] - line[4, 0]) * (i + 1) / BLOCK
        out[i, 0] += np.float32(wet * a)
        out[i, 1] += np.float32(wet * b)
        _hadamard(mixed)
        for k in range(LINES):
            rings[k, at & _MASK] = np.float32(mixed[k] + (left if k % 2 == 0 else right) + _TINY)
        at += 1


class Reverb:
    """The room that sounds are in. Changing it glides; nothing is cut."""

    def __init__(self) -> None:
        self._lengths = _primes_near(RATE * np.geomspace(_SHORTEST, _LONGEST, LINES))
        # Multiples of the golden section: spread as evenly, and as little in step, as can be.
        spread = np.linspace(0.0, (LINES - 1) * 0.6180339887, LINES) % 1.0
        self._paces = 2.0 * np.pi * (_SLOWEST_SWAY + (_FASTEST_SWAY - _SLOWEST_SWAY) * spread) * BLOCK / RATE
        self._phases = 2.0 * np.pi * spread[::-1].copy()
        self._rings = np.zeros((LINES, _MASK + 1), np.float32)
        self._diffusers = np.zeros((len(_DIFFUSERS), max(_DIFFUSERS)))
        self._line = np.zeros((6, LINES))
        self._low = np.zeros(LINES)
        self._room = np.array(_numbers(ROOMS["none"]))
        self._wanted = self._room.copy()
        self._at = 0

    def enter(self, room: Room) -> None:
        """Be in this room within a second or two. Raises ValueError for one that never falls silent."""
        if not (0.1 <= room.decay <= 20.0 and 0.05 <= room.damping <= 1.0 and room.level <= 0.0):
            raise ValueError(f"decay 0.1 to 20 s, damping 0.05 to 1, level 0 dB at most: {room}")
        self._wanted[:] = _numbers(room)

    @property
    def level(self) -> float:
        """What comes back of a steady noise, in amplitude."""
        return float(self._room[2])

    def process(self, send: Samples, out: Samples) -> None:
        """Add to `out` what comes back from `send`."""
        _prepare(self._room, self._wanted, self._lengths, self._phases, self._paces, self._line)
        _reverberate(send, out, self._rings, self._diffusers, self._line, self._low, self._at)
        self._at += BLOCK

    def clear(self) -> None:
        """Nothing comes back any more: only when nothing is heard."""
        for memory in (self._rings, self._diffusers, self._low):
            memory.fill(0.0)


def _numbers(room: Room) -> tuple[float, float, float]:
    return room.decay, room.damping, gain(room.level)
