"""Surf on a shallow beach: a wave comes in with the in-breath and falls back over fizzing foam and pebbles.

Each band has noise of its own, so that no two of them can cancel; together they fall by 5 to 6 dB an octave above
500 Hz, as breakers heard in air do. What a wave does is a matter of its phase, as in scenes/valley/tide.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np

from audio.block import BLOCK, RATE, Doubles, Samples, gain, kernel
from audio.cue import Source, bed
from audio.synth import (
    BLOCKS,
    Range,
    Seeds,
    add_grains,
    add_noise,
    bump,
    chance,
    hush,
    normal,
    pole,
    seeds,
    to_gain,
    uniform,
    wander,
)

# Low and high corner, Hz; dB of the sea at rest and of a wave at its strongest; where in a wave's phase it begins, is
# strongest and ends. The last two are grains: the fizz of foam, and pebbles that the water draws down.
_BANDS: Final = np.array(
    (
        (60.0, 130.0, -13.0, -3.5, -0.30, 0.22, 0.80),
        (110.0, 380.0, -15.0, -1.0, -0.25, 0.26, 0.90),
        (420.0, 1300.0, -26.0, -7.5, -0.16, 0.32, 0.95),
        (1900.0, 4800.0, -41.0, -21.0, -0.06, 0.40, 1.02),
        (2600.0, 8000.0, -56.0, -13.5, 0.04, 0.46, 1.08),
        (800.0, 1900.0, -70.0, -5.0, 0.40, 0.62, 0.98),
    )
)
_NOISES: Final = 4  # bands; the others are grains
_FIZZ, _PEBBLES = 4, 5
_GRAINS_A_SECOND: Final = (0.0, 0.0, 0.0, 0.0, 1400.0, 110.0)
_SWAYS: Final = (31.0, 23.0, 17.0, 13.0, 11.0, 9.0)  # seconds in which a band's level at rest forgets itself
_SWAY_DB: Final = 1.2

_WAVES: Final = 4  # the one that may be led, and others along the beach
_PHASE, _PACE, _STRENGTH, _PAN, _BRIGHT = range(5)  # of a wave; breaths, breaths a second, 0..1, -1..1, dB
_TARGET, _DEPTH, _WEIGHT, _LED_PACE, _SINCE = range(5)  # of who leads; _SINCE in seconds
_LEAST_STRENGTH: Final = 0.55  # of a led wave, at depth 0
_NEIGHBOUR: Final = 0.5  # strength of the others; half of that while a deep breath leads
_FULLER_DB: Final = 4.5  # of the sea at rest, at depth 0: a small wave leaves no softer a bed
_CALM: Final = 1.5  # seconds without a lead after which the sea has its own rhythm again
_TAKE, _LET = 3.0, 6.0  # seconds to take a lead, and to let it go (tide.py: FADE_SECONDS)
_PULL: Final = 1.5  # 1/s: a critically damped loop has come to the lead's phase and pace in twice this time's inverse
_LEVEL: Final = gain(-7.0)


@kernel
def _next_wave(wave: Doubles, state: Seeds, strength: float) -> None:
    """Another period, strength, place and brightness: no two waves are alike."""
    wave[_PACE] = 1.0 / min(max(10.0 * np.exp(0.42 * normal(state)), 5.5), 22.0)
    wave[_STRENGTH] = strength * chance(state, 0.4, 1.0)
    wave[_PAN] = 0.55 * uniform(state)
    wave[_BRIGHT] = 2.5 * uniform(state)


@kernel
def _follow(led: Doubles, waves: Doubles) -> float:
    """How far the lead leads now, 0..1; the first wave's pace while it does."""
    led[_SINCE] += BLOCK / RATE
    if led[_SINCE] < _CALM:
        led[_WEIGHT] = min(1.0, led[_WEIGHT] + 1.0 / (_TAKE * BLOCKS))
        late = led[_TARGET] - waves[0, _PHASE]
        late -= np.floor(late + 0.5)
        led[_LED_PACE] = min(max(led[_LED_PACE] + _PULL * _PULL * late / BLOCKS, 0.04), 0.7)
        led[_TARGET] = (led[_TARGET] + led[_LED_PACE] / BLOCKS) % 1.0
        return float(led[_LED_PACE] + 2.0 * _PULL * late)
    led[_WEIGHT] = max(0.0, led[_WEIGHT] - 1.0 / (_LET * BLOCKS))
    return float(led[_LED_PACE])


@kernel
def _roll(waves: Doubles, led: Doubles, state: Seeds) -> None:
    """All waves one block on."""
    led_pace = _follow(led, waves)
    share = led[_WEIGHT]
    for k in range(_WAVES):
        pace = waves[k, _PACE]
        if k == 0:
            pace = max(share * led_pace + (1.0 - share) * pace, 0.02)
        waves[k, _PHASE] += pace / BLOCKS
        if waves[k, _PHASE] >= 1.0:
            waves[k, _PHASE] -= 1.0
            _next_wave(waves[k], state, 1.0 if k == 0 else _NEIGHBOUR)


@kernel
def _levels(
    waves: Doubles, led: Doubles, swaying: Doubles, state: Seeds, now: Doubles, depth: Doubles, gains: Doubles
) -> None:
    """What each band has in each channel at the end of this block: powers add up."""
    share = led[_WEIGHT]
    depth[0] += (led[_DEPTH] - depth[0]) * 2.0 / BLOCKS
    shallow = share * (1.0 - depth[0])
    for band in range(_BANDS.shape[0]):
        _, _, rest, top, begins, strongest, ends = _BANDS[band]
        sway = _SWAY_DB * wander(swaying[band], state, _SWAYS[band])
        floor = to_gain(rest + sway + _FULLER_DB * shallow)
        left = right = floor * floor
        for k in range(_WAVES):
            strength = waves[k, _STRENGTH] * (1.0 - 0.5 * (share - 0.5 * shallow))
            if k == 0:
                strength = share * (_LEAST_STRENGTH + (1.0 - _LEAST_STRENGTH) * depth[0])
                strength += (1.0 - share) * waves[k, _STRENGTH]
            at = waves[k, _PHASE]
            height = max(bump(at, begins, strongest, ends), bump(at - 1.0, begins, strongest, ends))
            height = max(height, bump(at + 1.0, begins, strongest, ends))
            bright = waves[k, _BRIGHT] * (band - 2.0) / 3.0
            loud = to_gain(top + bright) * height * strength * now[0]
            side = waves[k, _PAN] * (1.0 if band else 0.3)  # what is low has no side
            left += loud * loud * (1.0 - side)
            right += loud * loud * (1.0 + side)
        amount = now[1] if band == _PEBBLES else 1.0
        gains[band, 0, 1] = _LEVEL * amount * np.sqrt(left)
        gains[band, 1, 1] = _LEVEL * amount * np.sqrt(right)


@kernel
def _fill(out: Samples, state: Seeds, memories: Doubles, gains: Doubles, far: Doubles, distance: float) -> None:
    hush(out)
    for band in range(_NOISES):
        add_noise(out, state, memories[band], _BANDS[band, 0], _BANDS[band, 1], gains[band])
    for band in range(_NOISES, _BANDS.shape[0]):
        rate = _GRAINS_A_SECOND[band]
        add_grains(out, state, memories[band], _BANDS[band, 0], _BANDS[band, 1], rate, gains[band])
    share = pole(14_000.0 * 0.05**distance)  # air and dunes take the high notes
    for channel in range(out.shape[1]):
        a = far[channel]
        for i in range(out.shape[0]):
            a += share * (out[i, channel] - a)
            out[i, channel] = np.float32(a)
        far[channel] = a


class Surf(Source):
    """Parameters: `size` of the waves and amount of `pebbles`, shares of the usual; `distance` to the water, 0 to 1."""

    ranges: ClassVar[Mapping[str, Range]] = {
        "size": Range(0.3, 1.4, 1.0),
        "pebbles": Range(0.0, 1.5, 1.0),
        "distance": Range(0.0, 1.0, 0.15),
    }

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._state = seeds(seed)
        self._waves = np.zeros((_WAVES, 5))
        for k in range(_WAVES):
            _next_wave(self._waves[k], self._state, 1.0 if k == 0 else _NEIGHBOUR)
            self._waves[k, _PHASE] = (0.9 + 0.37 * k) % 1.0  # the first is about to come in
        self._led = np.zeros(5)
        self._led[_LED_PACE], self._led[_SINCE], self._led[_DEPTH] = 0.1, _CALM, 0.7
        self._depth = np.full(1, 0.7)
        self._swaying = np.zeros((len(_BANDS), 2))
        self._memories = np.zeros((len(_BANDS), 2, 3))
        self._gains = np.zeros((len(_BANDS), 2, 2))
        self._far = np.zeros(2)

    def lead(self, phase: float, depth: float) -> None:
        """The breath's phase, 0 to 1 (in until 0.4, as tide.py's swell), and its depth, 0 to 1; whenever it is known.

        The wave glides to it, so that a lead may begin anywhere, jump or cease: 1.5 s after the last one the sea goes
        on in its own rhythm. What is no number is not heard.
        """
        if not (np.isfinite(phase) and np.isfinite(depth)):
            return
        self._led[_TARGET], self._led[_DEPTH], self._led[_SINCE] = phase % 1.0, min(max(depth, 0.0), 1.0), 0.0

    @property
    def phase(self) -> float:
        """Of the wave that may be led, 0 to 1."""
        return float(self._waves[0, _PHASE])

    def fill(self, out: Samples, at: int) -> bool:
        self.parameters.turn()
        now = self.parameters.now
        _roll(self._waves, self._led, self._state)
        _levels(self._waves, self._led, self._swaying, self._state, now, self._depth, self._gains)
        _fill(out, self._state, self._memories, self._gains, self._far, now[2])
        return True


CUES: Final = (bed("surf", Surf, "Waves on a shallow beach, which come in with the breath or by themselves."),)
