"""What cues are made of: numbers that ramp, seeded noise, filters without resonance, slow wandering, partials.

A cue never sends two detuned tones to the two ears: partials have one frequency and one phase for both channels, only
their gains differ (docs/design/safety.md: no binaural beats). Nothing here repeats: what moves slowly is filtered
noise, never a sine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audio.block import BLOCK, CHANNELS, RATE, Doubles, Samples, kernel

Seeds = NDArray[np.uint64]  # [1]: the state of a stream of random numbers

BLOCKS: Final = RATE / BLOCK  # a second
_WEYL: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11))
_UNIT: Final = 2.0**-52  # of 53 random bits: 0 to 2
_TINY: Final = 1e-18  # added where a filter runs: keeps numbers from becoming too small to be normal
_CURVES: Final = 2  # poles of a wandering number
_EARS: Final = 0.17  # metres apart
_SOUND: Final = 343.0  # m/s


class Range(NamedTuple):
    """What a parameter may be, and what it is until it is told."""

    low: float
    high: float
    usual: float


class Parameters:
    """Named numbers that go to what is asked in straight lines; read once a block."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        self.ranges = ranges
        self._places = {name: place for place, name in enumerate(ranges)}
        self.now = np.array([allowed.usual for allowed in ranges.values()])  # in the order of `ranges`
        self._ramps = np.zeros((2, len(ranges)))  # what is asked, and the blocks that are left until then
        self._ramps[0] = self.now

    def go(self, name: str, value: float, over: int) -> None:
        """To a value, kept within its range, over so many frames. Raises KeyError, and ValueError for no number."""
        place, allowed = self._places[name], self.ranges[name]
        if not np.isfinite(value):
            raise ValueError(f"'{name}' must be a number, not {value!r}")
        self._ramps[0, place] = min(max(value, allowed.low), allowed.high)
        self._ramps[1, place] = max(over / BLOCK, 1.0)

    def turn(self) -> None:
        """One block on."""
        _ramp(self.now, self._ramps)


@kernel
def _ramp(now: Doubles, ramps: Doubles) -> None:
    for i in range(now.shape[0]):
        if ramps[1, i] > 1.0:
            now[i] += (ramps[0, i] - now[i]) / ramps[1, i]
            ramps[1, i] -= 1.0
        else:
            now[i] = ramps[0, i]


def seeds(seed: int) -> Seeds:
    """A stream that is the same for the same seed, whatever whole number it is."""
    return np.random.SeedSequence(abs(seed)).generate_state(1, np.uint64).astype(np.uint64)


@kernel
def uniform(state: Seeds) -> float:
    """-1 to 1, flat: splitmix64 (Steele, Lea and Flood 2014)."""
    state[0] += _WEYL
    bits = state[0]
    bits = (bits ^ (bits >> _SHIFTS[0])) * _MIX[0]
    bits = (bits ^ (bits >> _SHIFTS[1])) * _MIX[1]
    bits = (bits ^ (bits >> _SHIFTS[2])) >> _SHIFTS[3]
    return np.float64(bits) * _UNIT - 1.0


@kernel
def chance(state: Seeds, low: float, high: float) -> float:
    """Flat between the two."""
    return low + (high - low) * (0.5 + 0.5 * uniform(state))


@kernel
def normal(state: Seeds) -> float:
    """Nearly normal, of variance 1: the sum of six flat ones."""
    total = 0.0
    for _ in range(6):
        total += uniform(state)
    return total * 0.7071067811865476


@kernel
def wander(memory: Doubles, state: Seeds, seconds: float) -> float:
    """A number of mean 0 and variance 1 that forgets itself in about `seconds`; one step a block. `memory` is [2].

    Normal noise through two equal poles; scaled by the sum of the squares of their impulse response.
    """
    a = 1.0 - np.exp(-_CURVES * BLOCK / (RATE * seconds))
    q = (1.0 - a) * (1.0 - a)
    memory[0] += a * (normal(state) - memory[0])
    memory[1] += a * (memory[0] - memory[1])
    return float(memory[1] / (a * a * np.sqrt((1.0 + q) / (1.0 - q) ** 3)))


@kernel
def pole(hertz: float) -> float:
    """The share of its input that a low pass of one pole takes in a frame."""
    return float(1.0 - np.exp(-2.0 * np.pi * hertz / RATE))


@kernel
def hush(out: Samples) -> None:
    for i in range(out.shape[0]):
        for channel in range(out.shape[1]):
            out[i, channel] = np.float32(0.0)


@kernel
def coherence(hertz: float) -> float:
    """How far two ears in a diffuse field hear the same, 0 to 1: sin(k d) / (k d) (Cook et al. 1955)."""
    way = 2.0 * np.pi * hertz * _EARS / _SOUND
    return float(max(np.sin(way) / way, 0.0)) if way < np.pi else 0.0


@kernel
def add_noise(out: Samples, state: Seeds, memory: Doubles, low: float, high: float, gains: Doubles) -> None:
    """Add noise between two corners, 6 dB an octave below `low`, 12 above `high`; white is 1.

    The channels share what two ears share at its middle, and have the rest to themselves. `gains` is [channel, (at the
    end of the block before, of this)]: a line between them. `memory` is [channel, 3].
    """
    rise, fall = pole(low), pole(high)
    shared = coherence(np.sqrt(low * high))
    common, own = np.sqrt(shared), np.sqrt(1.0 - shared)
    a, b, c = memory[0]
    d, e, f = memory[1]
    left, right = gains[0, 0], gains[1, 0]
    left_step, right_step = (gains[0, 1] - left) / out.shape[0], (gains[1, 1] - right) / out.shape[0]
    for i in range(out.shape[0]):
        both = common * uniform(state) if shared > 0.0 else 0.0
        a += fall * (both + own * uniform(state) - a)
        b += fall * (a - b)
        c += rise * (b - c) + _TINY
        d += fall * (both + own * uniform(state) - d)
        e += fall * (d - e)
        f += rise * (e - f) + _TINY
        left += left_step
        right += right_step
        out[i, 0] += np.float32(left * (b - c))
        out[i, 1] += np.float32(right * (e - f))
    memory[0, 0], memory[0, 1], memory[0, 2] = a, b, c
    memory[1, 0], memory[1, 1], memory[1, 2] = d, e, f
    gains[0, 0], gains[1, 0] = gains[0, 1], gains[1, 1]


@kernel
def add_grains(
    out: Samples, state: Seeds, memory: Doubles, low: float, high: float, rate: float, gains: Doubles
) -> None:
    """Add single grains, `rate` a second in each channel, through the filter of `add_noise`: fizz, drops, pebbles.

    Their sizes are spread over 12 dB; with more than some thousands a second they are noise.
    """
    rise, fall, share = pole(low), pole(high), 2.0 * rate / RATE - 1.0
    for channel in range(CHANNELS):
        a, b, c = memory[channel, 0], memory[channel, 1], memory[channel, 2]
        level = gains[channel, 0]
        step = (gains[channel, 1] - level) / out.shape[0]
        for i in range(out.shape[0]):
            grain = 0.0
            if uniform(state) < share:
                size = uniform(state)
                grain = size * abs(size) * 4.0
            a += fall * (grain - a)
            b += fall * (a - b)
            c += rise * (b - c) + _TINY
            level += step
            out[i, channel] += np.float32(level * (b - c))
        memory[channel, 0], memory[channel, 1], memory[channel, 2] = a, b, c
        gains[channel, 0] = gains[channel, 1]


def phasors(count: int, seed: int) -> Doubles:
    """Partials at phases of their own: [partial, (cosine, sine)]."""
    angles = np.random.default_rng(abs(seed)).uniform(0.0, 2.0 * np.pi, count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@kernel
def _add_partial(out: Samples, phase: Doubles, hertz: float, gains: Doubles, ahead: float) -> None:
    """Add one sine; in the right ear a quarter turn before (1) or after (-1) the left one, or with it (0)."""
    left, right = gains[0, 0], gains[1, 0]
    if max(left, right, gains[0, 1], gains[1, 1]) > 0.0:
        angle = 2.0 * np.pi * hertz / RATE
        turn, shift = np.cos(angle), np.sin(angle)
        c, s = phase[0], phase[1]
        left_step, right_step = (gains[0, 1] - left) / out.shape[0], (gains[1, 1] - right) / out.shape[0]
        for i in range(out.shape[0]):
            c, s = c * turn - s * shift, s * turn + c * shift
            left += left_step
            right += right_step
            out[i, 0] += np.float32(left * s)
            out[i, 1] += np.float32(right * (ahead * c if ahead != 0.0 else s))
        radius = 1.0 / np.sqrt(c * c + s * s)
        phase[0], phase[1] = c * radius, s * radius
    for channel in range(CHANNELS):
        gains[channel, 0] = gains[channel, 1]


@kernel
def add_partials(out: Samples, phase: Doubles, hertz: Doubles, gains: Doubles) -> None:
    """Add sines. `phase` is [partial, 2], turned on in place; `gains` is [partial, channel, (before, after)].

    A partial is a point on a circle that is turned by the same angle in every frame, and put back to radius 1 once a
    block: no table, no jump when its frequency changes.
    """
    for k in range(phase.shape[0]):
        _add_partial(out, phase[k], hertz[k], gains[k], 0.0)


@kernel
def add_wide(out: Samples, phase: Doubles, hertz: Doubles, gains: Doubles, voices: int) -> None:
    """Add sines as `add_partials` does, but a quarter turn apart at the two ears, `voices` in turn ahead and behind.

    Pure chords are one slow pulse a period if all partials agree, and the onset governor reads the energy of single
    blocks. So placed, the beats that two neighbouring voices make in one ear and in the other cancel each other.
    """
    for k in range(phase.shape[0]):
        _add_partial(out, phase[k], hertz[k], gains[k], 1.0 if k * voices // phase.shape[0] % 2 == 0 else -1.0)


@kernel
def add_air(
    out: Samples, bands: Doubles, sway: float, state: Seeds, swaying: Doubles, memories: Doubles, gains: Doubles
) -> None:
    """Add still air: noise of each band (low and high corner, Hz; dB; seconds in which it sways by `sway` dB)."""
    for band in range(bands.shape[0]):
        low, high, level, seconds = bands[band]
        common = 10.0 ** ((level + sway * wander(swaying[band], state, seconds)) / 20.0)
        gains[band, 0, 1] = gains[band, 1, 1] = common
        add_noise(out, state, memories[band], low, high, gains[band])


@kernel
def bump(at: float, begins: float, top: float, ends: float) -> float:
    """0 to 1 and back to 0, level at all three."""
    if at <= begins or at >= ends:
        return 0.0
    share = (at - begins) / (top - begins) if at < top else (ends - at) / (ends - top)
    return float(0.5 - 0.5 * np.cos(np.pi * share))


@kernel
def to_gain(decibels: float) -> float:
    """The factor of amplitude."""
    return float(10.0 ** (decibels / 20.0))
