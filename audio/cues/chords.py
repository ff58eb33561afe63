"""Slow modal harmony, three beds to choose from: chords that follow one another by chance, a voice at a time.

A chord lasts a quarter of a minute or more. Each voice goes on its own to the tone of the next chord that lies in its
place, fading over seconds; chords stay within one mode, so that nothing presses to be resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Final

import numpy as np

from audio.block import Doubles, Integers, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import BLOCKS, Range, Seeds, add_wide, chance, hush, phasors, seeds, wander

VOICES: Final = 4
_TONIC: Final = 146.832  # Hz, D3
# Multiples of the tonic, voices from low to high; any chord may follow any other. Each chord is tuned pure in itself,
# so that overtones that meet do not beat.
MODES: Final[Mapping[str, tuple[tuple[float, ...], ...]]] = {
    "morning": (  # lydian: D, B minor, E, F sharp minor, A
        (1.0, 3 / 2, 9 / 4, 5 / 2), (5 / 6, 5 / 4, 2.0, 20 / 9), (9 / 8, 27 / 16, 9 / 4, 45 / 16),
        (5 / 4, 15 / 8, 9 / 4, 3.0), (3 / 4, 9 / 8, 15 / 8, 9 / 4),
    ),
    "valley": (  # dorian: D minor, G, A minor, F, C
        (1.0, 3 / 2, 9 / 5, 12 / 5), (2 / 3, 4 / 3, 5 / 3, 2.0), (3 / 4, 9 / 8, 27 / 20, 9 / 5),
        (6 / 5, 3 / 2, 9 / 5, 9 / 4), (9 / 10, 27 / 20, 9 / 5, 9 / 4),
    ),
    "evening": (  # mixolydian: D, C, G, A minor, E minor
        (1.0, 3 / 2, 2.0, 5 / 2), (8 / 9, 4 / 3, 2.0, 20 / 9), (2 / 3, 4 / 3, 5 / 3, 20 / 9),
        (3 / 4, 3 / 2, 9 / 5, 9 / 4), (10 / 9, 4 / 3, 5 / 3, 2.0),
    ),
}  # fmt: skip
_PARTIALS: Final = np.array((0.0, -9.0, -17.0, -24.0, -30.0, -36.0))  # dB of the harmonics
_VOICE_DB: Final = (0.0, -1.5, -3.0, -4.5)
_SIDES: Final = (0.0, -0.35, 0.35, -0.15)
_SLOTS: Final = 2 * VOICES  # a voice has two, one that sounds and one that fades away
_STAYS: Final = (16.0, 30.0)  # seconds of a chord
_LATE: Final = 6.0  # seconds, at most, that a voice lags behind its chord: it has faded before it moves again
_RISE, _SINK = 4.5, 7.5  # seconds
_LIFE_DB: Final = 2.0
_CENTS: Final = 2.0
_LEVEL: Final = gain(-36.0)
_UNTIL, _CHORD = range(2)  # of the harmony: seconds until it changes, which it is


@kernel
def _move(harmony: Doubles, voices: Doubles, sounding: Integers, pitches: Doubles, chords: Doubles, state: Seeds,
          pace: float) -> None:  # fmt: skip
    """Perhaps another chord; voices whose time has come take their tone of it. `voices` is seconds until they do."""
    harmony[_UNTIL] -= pace / BLOCKS
    if harmony[_UNTIL] <= 0.0:
        harmony[_UNTIL] = chance(state, _STAYS[0], _STAYS[1])
        other = int(chance(state, 1.0, chords.shape[0] - 1e-9))
        harmony[_CHORD] = (int(harmony[_CHORD]) + other) % chords.shape[0]
        for k in range(VOICES):
            voices[k] = chance(state, 0.0, _LATE)
    for k in range(VOICES):
        if voices[k] <= 0.0:
            continue
        voices[k] -= pace / BLOCKS
        wanted = chords[int(harmony[_CHORD]), k]
        if voices[k] <= 0.0 and wanted != pitches[2 * k + sounding[k]]:
            sounding[k] = 1 - sounding[k]
            pitches[2 * k + sounding[k]] = wanted


@kernel
def _voice(heights: Doubles, sounding: Integers, pitches: Doubles, lives: Doubles, drift: Doubles, state: Seeds,
           now: Doubles, hertz: Doubles, gains: Doubles) -> None:  # fmt: skip
    """Slots fade towards what they should be; each harmonic of a slot is a partial."""
    drifting = _CENTS * wander(drift, state, 16.0)
    for slot in range(_SLOTS):
        k = slot // 2
        if slot % 2 == sounding[k]:
            heights[slot] = min(1.0, heights[slot] + 1.0 / (_RISE * BLOCKS))
        else:
            heights[slot] = max(0.0, heights[slot] - 1.0 / (_SINK * BLOCKS))
        height = np.sin(0.5 * np.pi * heights[slot])
        life = _VOICE_DB[k] + _LIFE_DB * wander(lives[slot], state, 8.0)
        tone = _TONIC * pitches[slot] * 2.0 ** (drifting / 1200.0)
        for n in range(_PARTIALS.shape[0]):
            i = slot * _PARTIALS.shape[0] + n
            hertz[i] = (n + 1) * tone
            dark = _PARTIALS[n] + (now[1] - 0.5) * 10.0 * np.log2(n + 1.0)
            level = _LEVEL * height * 10.0 ** ((life + dark) / 20.0)
            gains[i, 0, 1] = level * np.sqrt(1.0 - _SIDES[k])
            gains[i, 1, 1] = level * np.sqrt(1.0 + _SIDES[k])


class Chords(Source):
    """Parameters: `pace` of the changes, a share of the usual, and `light`: 0 is darkest, 0.5 as it is made."""

    ranges: ClassVar[Mapping[str, Range]] = {"pace": Range(0.25, 1.25, 1.0), "light": Range(0.0, 1.0, 0.5)}

    def __init__(self, seed: int, mode: str) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._chords = np.array(MODES[mode], float)
        self._harmony = np.array((12.0, 0.0))
        self._until = np.zeros(VOICES)
        self._sounding = np.zeros(VOICES, np.int64)
        self._pitches = np.repeat(self._chords[0], 2)
        self._heights = np.zeros(_SLOTS)
        self._lives, self._drift = np.zeros((_SLOTS, 2)), np.zeros(2)
        count = _SLOTS * len(_PARTIALS)
        self._phases, self._hertz, self._gains = phasors(count, seed), np.zeros(count), np.zeros((count, 2, 2))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        now = self.parameters.now
        _move(self._harmony, self._until, self._sounding, self._pitches, self._chords, self._state, now[0])
        _voice(self._heights, self._sounding, self._pitches, self._lives, self._drift, self._state, now, self._hertz,
               self._gains)  # fmt: skip
        hush(out)
        add_wide(out, self._phases, self._hertz, self._gains, VOICES)
        return True


CUES: Final = tuple(bed(f"chords_{mode}", partial(Chords, mode=mode), f"Slow chords: {mode}.") for mode in MODES)
