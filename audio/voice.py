"""What a microphone hears of a voice, block by block: its pitch, how loud it is, and whether it is a voice's at all.

Made for humming and calm speech. The pitch is YIN's (de Cheveigne and Kawahara, "YIN, a fundamental frequency
estimator for speech and music", JASA 111, 2002), steps 2 to 5, at 12 kHz, on the newest 40 ms and, beside them, the
same shifted back by each period that may be.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from audio.block import BLOCK, RATE, Doubles, Samples, gain, kernel, loudness
from audio.loudness import weigh, weighting
from vr_app.limits import SURVIVED_GAIN_DB

LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 500.0
QUIETEST_DB: Final = -60.0  # of full scale, root mean square, 48 Hz to 3 kHz: what is softer is a room, not a voice

_STEP: Final = 4  # frames to one sample at 12 kHz
_LOW_RATE: Final = RATE / _STEP
_NEW: Final = BLOCK // _STEP  # samples a block
_WINDOW: Final = 480  # samples, 40 ms: more than two periods of the lowest pitch
_SHORTEST: Final = 8  # samples, 1.5 kHz: a pitch above the range is found, and refused, not taken for its octave
_LONGEST: Final = int(_LOW_RATE / LOWEST_HZ) + 3  # samples
_KEPT: Final = _WINDOW + _LONGEST + 1
_DIP: Final = 0.12  # YIN's threshold (step 4); the paper has 0.1
_NOT_PERIODIC: Final = 0.4  # of YIN's normalised difference: no confidence at all
_NEAR: Final = 0.05  # how much worse a dip may be when it goes on with the pitch before it
_EDGE: Final = 0.005  # so far outside its range a pitch still counts as its end: what is measured of it wavers
_LOUD: Final = 18  # blocks, 96 ms
_TAPS: Final = 48
_QUIETEST: Final = gain(QUIETEST_DB) ** 2
_SURVIVED: Final = gain(SURVIVED_GAIN_DB)


def _low_pass() -> Doubles:
    """Flat to 2.5 kHz, -60 dB from 7 kHz on: what would fold onto a voice's first harmonics is gone. 0.5 ms late."""
    away = np.arange(_TAPS) - 0.5 * (_TAPS - 1)
    cutoff = 2.0 * 4_500.0 / RATE
    taps = np.sinc(cutoff * away) * np.kaiser(_TAPS, 6.0)
    return np.asarray(taps / taps.sum())


def _high_pass() -> Doubles:
    """Butterworth's fourth order at 48 Hz, as two sections (b0, b1, b2, a1, a2): a hand on the cable, steps, DC.

    After R. Bristow-Johnson's "Audio EQ Cookbook".
    """
    turn = 2.0 * np.pi * 48.0 / _LOW_RATE
    sections = []
    for quality in (0.54119610, 1.3065630):
        slope = np.sin(turn) / (2.0 * quality)
        half = 0.5 * (1.0 + np.cos(turn))
        sections.append(np.array((half, -2.0 * half, half, -2.0 * np.cos(turn), 1.0 - slope)) / (1.0 + slope))
    return np.array(sections)


_FILTER: Final = _low_pass()
_SECTIONS: Final = _high_pass()


class Heard(NamedTuple):
    """Of the newest block and a little before."""

    pitch: float  # Hz, LOWEST_HZ to HIGHEST_HZ; 0 when there is none
    loudness: float  # LUFS of the last 96 ms as one channel; -200 for nothing
    confidence: float  # 0, noise or nothing, to 1, periodic; half of it is a voice rather than not


@kernel
def _take(block: Samples, fine: Doubles, mono: Samples) -> None:
    """The mean of all channels, behind what the filter still needs. What is no number is silence."""
    for i in range(_TAPS):
        fine[i] = fine[BLOCK + i]
    for i in range(BLOCK):
        total = 0.0
        for channel in range(block.shape[1]):
            sample = float(block[i, channel])
            if np.isfinite(sample):
                total += min(max(sample, -_SURVIVED), _SURVIVED)
        fine[_TAPS + i] = total / block.shape[1]
        mono[i, 0] = np.float32(fine[_TAPS + i])


@kernel
def _thin_out(fine: Doubles, taps: Doubles, past: Samples) -> None:
    """A block's 64 samples at 12 kHz, after those that are kept."""
    for i in range(_KEPT - _NEW):
        past[i, 0] = past[i + _NEW, 0]
    for i in range(_NEW):
        total = 0.0
        for tap in range(_TAPS):
            total += taps[tap] * fine[(i + 1) * _STEP + tap]
        past[_KEPT - _NEW + i, 0] = np.float32(total)


@kernel
def _steady(past: Samples, sections: Doubles, state: Doubles) -> None:
    """The newest samples without what is below a voice (transposed direct form II)."""
    for section in range(sections.shape[0]):
        a, b = state[section, 0], state[section, 1]
        for i in range(_KEPT - _NEW, _KEPT):
            x = float(past[i, 0])
            y = sections[section, 0] * x + a
            a = sections[section, 1] * x - sections[section, 3] * y + b
            b = sections[section, 2] * x - sections[section, 4] * y
            past[i, 0] = np.float32(y)
        state[section, 0] = a if abs(a) > 1e-20 else 0.0
        state[section, 1] = b if abs(b) > 1e-20 else 0.0


@kernel
def _differences(past: Samples, found: Samples) -> None:
    """YIN's steps 2 and 3: how unlike itself the sound is after each lag, over the mean of all shorter lags."""
    for lag in range(_LONGEST + 1):
        found[lag, 0] = np.float32(0.0)
    for i in range(_KEPT - _WINDOW, _KEPT):
        newest = past[i, 0]
        for lag in range(1, _LONGEST + 1):
            apart = newest - past[i - lag, 0]
            found[lag, 0] += apart * apart
    total = 0.0
    found[0, 0] = np.float32(1.0)
    for lag in range(1, _LONGEST + 1):
        difference = float(found[lag, 0])
        total += difference
        found[lag, 0] = np.float32(difference * lag / total if total > 0.0 else 1.0)


@kernel
def _beside(found: Samples, lag: int) -> float:
    """YIN's step 5: how far beside a whole lag the parabola through a dip has its lowest point."""
    left, middle, right = float(found[lag - 1, 0]), float(found[lag, 0]), float(found[lag + 1, 0])
    bend = left - 2.0 * middle + right
    return 0.5 * (left - right) / bend if bend > 0.0 else 0.0


@kernel
def _depth(found: Samples, lag: int) -> float:
    """The lowest point itself."""
    left, middle, right = float(found[lag - 1, 0]), float(found[lag, 0]), float(found[lag + 1, 0])
    return middle - 0.25 * (left - right) * _beside(found, lag)


@kernel
def _dip(found: Samples, before: float) -> int:
    """YIN's step 4: the first dip below its threshold, else the deepest; 0 when there is none.

    Where another dip lies near the period of the block before and is hardly worse, it is that one.
    """
    best = first = near = 0
    least = least_near = 1e9
    for lag in range(_SHORTEST, _LONGEST):
        if found[lag, 0] > found[lag - 1, 0] or found[lag, 0] > found[lag + 1, 0]:
            continue
        depth = _depth(found, lag)
        if depth < least:
            best, least = lag, depth
        if first == 0 and depth < _DIP:
            first = lag
        if abs(lag - before) < 0.1 * before and depth < least_near:
            near, least_near = lag, depth
    chosen = first or best
    if near and least_near < min(_depth(found, chosen) + _NEAR, 0.5 * _NOT_PERIODIC):
        return near
    return chosen


@kernel
def _judge(past: Samples, found: Samples, heard: Doubles) -> None:
    """Pitch and confidence into `heard`: pitch (Hz), loudness (LUFS), confidence, period before (samples at 12 kHz)."""
    heard[0] = heard[2] = 0.0
    energy = 0.0
    for i in range(_KEPT - _WINDOW, _KEPT):
        energy += float(past[i, 0]) * float(past[i, 0])
    lag = _dip(found, heard[3]) if energy > _WINDOW * _QUIETEST else 0
    heard[3] = 0.0
    if lag == 0:
        return
    period = lag + _beside(found, lag)
    pitch = _LOW_RATE / period
    confidence = min(max(1.0 - _depth(found, lag) / _NOT_PERIODIC, 0.0), 1.0)
    if confidence > 0.0 and LOWEST_HZ * (1.0 - _EDGE) <= pitch <= HIGHEST_HZ * (1.0 + _EDGE):
        heard[0], heard[2] = min(max(pitch, LOWEST_HZ), HIGHEST_HZ), confidence
        if confidence >= 0.5:
            heard[3] = period


class VoiceMeter:
    """Listens to one microphone. Nothing is allocated for a block.

    The pitch is that of a moment 21 (500 Hz) to 29 ms (60 Hz) before the block's end; a step is followed whole after
    41 to 58 ms. Loudness answers within 96 ms.
    """

    def __init__(self) -> None:
        self.numbers = np.array((0.0, -200.0, 0.0, 0.0))  # `Heard`, and a memory; to be copied by whoever shares it
        self._fine = np.zeros(_TAPS + BLOCK)
        self._mono = np.zeros((BLOCK, 1), np.float32)
        self._past = np.zeros((_KEPT, 1), np.float32)
        self._below = np.zeros((len(_SECTIONS), 2))
        self._found = np.zeros((_LONGEST + 1, 1), np.float32)
        self._weighting = weighting()
        self._energies = np.zeros(_LOUD)
        self._at = 0

    def take(self, block: Samples) -> None:
        """The next BLOCK frames, [BLOCK, channels] as they lie in memory, 48 kHz."""
        _take(block, self._fine, self._mono)
        self._energies[self._at] = weigh(self._mono, self._weighting)
        self._at = (self._at + 1) % _LOUD
        _thin_out(self._fine, _FILTER, self._past)
        _steady(self._past, _SECTIONS, self._below)
        _differences(self._past, self._found)
        _judge(self._past, self._found, self.numbers)
        self.numbers[1] = loudness(float(self._energies.sum()) / (_LOUD * BLOCK))

    @property
    def heard(self) -> Heard:
        return Heard(*self.numbers[:3].tolist())


def warm() -> None:
    """Compile, or load, every kernel: before a session, never in it."""
    meter = VoiceMeter()
    for channels in (1, 2):
        meter.take(np.zeros((BLOCK, channels), np.float32))
