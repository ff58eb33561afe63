"""Sounds to try the graph with, and judges of what leaves it that share no code with it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy import signal

from audio.block import BLOCK, RATE, Samples, silence
from audio.loudness import Meter
from audio.onset import Beds

WINDOW = round(0.4 * RATE)


class Clip:
    """An array as a source; whole blocks, the last one filled up with silence."""

    def __init__(self, sound: NDArray[Any]) -> None:
        self.sound = np.concatenate([sound, np.zeros((-len(sound) % BLOCK, 2))]).astype(np.float32)

    def fill(self, out: Samples, at: int) -> bool:
        out[:] = self.sound[at : at + BLOCK]
        return at + BLOCK < len(self.sound)


def at_level(sound: NDArray[Any], lufs: float) -> Samples:
    """The same, as loud as asked by pyloudnorm."""
    found = pyloudnorm.Meter(RATE).integrated_loudness(sound)
    return np.asarray(sound * 10.0 ** ((lufs - found) / 20.0), np.float32)


def _kept(sound: Samples) -> Samples:
    """Shared by tests, so that none may change it."""
    sound.setflags(write=False)
    return sound


@cache
def noise(seconds: float, lufs: float = -32.0, seed: int = 1) -> Samples:
    """Pink, a stand-in for wind and surf."""
    count = round(seconds * RATE)
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal((count, 2)), axis=0)
    tilt = 1.0 / np.sqrt(np.maximum(np.fft.rfftfreq(count, 1.0 / RATE), 40.0))
    return _kept(at_level(np.fft.irfft(white * tilt[:, None], count, axis=0), lufs))


def tone(seconds: float, hertz: float, peak: float) -> Samples:
    wave = peak * np.sin(2.0 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def strike(seconds: float, hertz: float, peak: float, decay: float) -> Samples:
    """Begins at once and rings off; `decay` is to 1/e, in seconds."""
    fall = np.exp(-np.arange(round(seconds * RATE)) / (decay * RATE))
    return np.asarray(tone(seconds, hertz, peak) * fall[:, None], np.float32)


@cache
def speech(seconds: float, lufs: float = -20.0, seed: int = 3) -> Samples:
    """Noise in syllables: 2 to 4 a second, with gaps."""
    sound = noise(seconds, -20.0, seed)
    time = np.arange(len(sound)) / RATE
    syllables = np.sin(2 * np.pi * 2.2 * time) + 0.4 * np.sin(2 * np.pi * 3.7 * time + 1.0) + 0.5
    mono = sound[:, :1] * np.clip(syllables, 0.0, None)[:, None] ** 1.5
    return _kept(at_level(np.repeat(mono, 2, axis=1), lufs))


def integrated(sound: Samples) -> float:
    """LUFS, by pyloudnorm."""
    return float(pyloudnorm.Meter(RATE).integrated_loudness(sound))


def governed(bed: NDArray[Any]) -> tuple[Samples, NDArray[np.float64]]:
    """What the governor of beds alone lets out in a room without an answer, a block late; its gain in each block."""
    beds, nothing = Beds(), silence()
    out, gains = silence(len(bed) // BLOCK), np.empty(len(bed) // BLOCK)
    for i, block in enumerate(out):
        block[:] = bed[i * BLOCK : (i + 1) * BLOCK]
        beds.process(block, nothing)
        beds.enter(block, nothing, nothing)
        gains[i] = beds.bed.gain
    return out.reshape(-1, 2), gains


def momentary(sound: Samples) -> NDArray[np.float64]:
    """LUFS of the 400 ms before each block's end, by scipy's filters; silence is -200."""
    # The same tables of BS.1770-4 as in audio/loudness.py: there is only one set for 48 kHz.
    weighted = signal.lfilter([1.53512485958697, -2.69169618940638, 1.19839281085285],
                              [1.0, -1.69065929318241, 0.73248077421585], sound.astype(float), axis=0)  # fmt: skip
    weighted = signal.lfilter([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], weighted, axis=0)
    power = np.concatenate([np.zeros(WINDOW), (weighted**2).sum(axis=1)]).cumsum()
    ends = np.arange(BLOCK, len(sound) + 1, BLOCK)
    return np.asarray(
        -0.691 + 10.0 * np.log10(np.maximum(power[ends + WINDOW - 1] - power[ends - 1], 0.0) / WINDOW + 1e-20)
    )


def steepest_rise(levels: NDArray[np.float64], over_seconds: float = 0.1) -> float:
    """dB a second between readings so far apart; what is below -70 LUFS counts as -70."""
    steps = round(over_seconds * RATE / BLOCK)
    heard = np.maximum(levels, -70.0)
    return float((heard[steps:] - heard[:-steps]).max() / (steps * BLOCK / RATE))


def true_peak_db(sound: Samples) -> float:
    """dBTP, by sixteen times oversampling of each stretch that comes near the limit."""
    loudest = 20.0 * np.log10(max(float(np.abs(sound).max()), 1e-10))
    piece, beside = 4096, 64
    for first in range(beside, len(sound) - beside, piece):  # not at the very ends, where the array is cut
        part = sound[first - beside : first + piece + beside].astype(float)
        if np.abs(part).max() > 0.4:
            fine = np.abs(signal.resample_poly(part, 16, 1, axis=0))[16 * beside : -16 * beside].max()
            loudest = max(loudest, 20.0 * float(np.log10(fine)))
    return float(loudest)


def envelope(sound: Samples, seconds: float = 0.010) -> NDArray[np.float64]:
    """Root mean square in steps of so many seconds."""
    step = round(seconds * RATE)
    whole = sound[: len(sound) // step * step, 0].astype(float).reshape(-1, step)
    return np.asarray(np.sqrt((whole**2).mean(axis=1)))


def measured(sound: Samples) -> Meter:
    """Our own meter, fed in blocks."""
    meter = Meter()
    for first in range(0, len(sound), BLOCK):
        meter.take(sound[first : first + BLOCK])
    return meter
