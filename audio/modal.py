"""Struck things by their modes: partials that rise within the attack and die away each at its own pace, and a knock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple

import numpy as np

from audio.block import CHANNELS, RATE, Doubles, Samples, gain, kernel
from audio.cue import Source
from audio.synth import BLOCKS, Range, Seeds, add_noise, add_partials, hush, seeds

_OVER: Final = gain(-96.0)  # a struck thing below this has ended
_DAMPED: Final = 0.12  # seconds to 1/e under a hand


class Mode(NamedTuple):
    """A partial of a struck thing."""

    hertz: float
    level: float  # amplitude
    decay: float  # seconds to 1/e
    side: float = 0.0  # -1 left to 1 right
    delay: float = 0.0  # seconds


class Knock(NamedTuple):
    """The noise of what strikes: corners in Hz, amplitude of white noise before them, seconds to 1/e."""

    low: float
    high: float
    level: float
    decay: float


@kernel
def _ring(at: float, attack: float, modes: Doubles, damp: float, kept: Doubles, gains: Doubles) -> float:
    """Gains at the end of a block that ends `at` seconds after the strike; the loudest of them.

    `kept` is what the hand has left of each. The rise is a raised cosine: level at both ends, so that it has no click.
    """
    loudest = 0.0
    for k in range(modes.shape[0]):
        _, level, decay, side, delay = modes[k]
        since = at - delay
        kept[k] *= np.exp(-damp / (_DAMPED * BLOCKS))
        if since <= 0.0:
            loudest = max(loudest, level)
            continue
        rise = 0.5 - 0.5 * np.cos(np.pi * min(since / attack, 1.0))
        now = level * rise * kept[k] * np.exp(-max(since - attack, 0.0) / decay)
        gains[k, 0, 1], gains[k, 1, 1] = now * np.sqrt(1.0 - side), now * np.sqrt(1.0 + side)
        loudest = max(loudest, now if rise == 1.0 else level)
    return loudest


@kernel
def _sound(out: Samples, state: Seeds, memory: Doubles, thud: Doubles, knock: Doubles, at: float, attack: float,
           phases: Doubles, hertz: Doubles, gains: Doubles) -> None:  # fmt: skip
    hush(out)
    rise = 0.5 - 0.5 * np.cos(np.pi * min(at / attack, 1.0))
    for channel in range(CHANNELS):
        thud[channel, 1] = knock[2] * rise * np.exp(-max(at - attack, 0.0) / knock[3])
    add_noise(out, state, memory, knock[0], knock[1], thud)
    add_partials(out, phases, hertz, gains)


class Struck(Source):
    """Sounds once. Parameter: `damp`, how much of a hand lies on it, 0 to 1."""

    ranges: ClassVar[Mapping[str, Range]] = {"damp": Range(0.0, 1.0, 0.0)}

    def __init__(self, seed: int, modes: list[Mode], attack: float, knock: Knock) -> None:
        """`attack` in seconds from nothing to all: from a tenth to nine tenths of it take 0.59 of that."""
        super().__init__()
        self._state = seeds(seed)
        self._modes = np.array(modes)
        self._hertz = self._modes[:, 0].copy()
        self._kept = np.ones(len(modes))
        self._gains = np.zeros((len(modes), CHANNELS, 2))
        self._phases = np.repeat(((1.0, 0.0),), len(modes), axis=0)  # a blow finds all at rest: the two of a pair agree
        self._attack = attack
        self._knock, self._thud, self._memory = np.array(knock), np.zeros((CHANNELS, 2)), np.zeros((CHANNELS, 3))

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        ends = (at + len(out)) / RATE
        loudest = _ring(ends, self._attack, self._modes, self.parameters.now[0], self._kept, self._gains)
        _sound(out, self._state, self._memory, self._thud, self._knock, ends, self._attack, self._phases, self._hertz,
               self._gains)  # fmt: skip
        return loudest > _OVER
