"""Judges a sound without ears: does it repeat, is it sudden, harsh, combed, and how does its spectrum fall.

Everything here is a figure of a stretch of sound, [frames, 2]. It shares no code with what makes the sound.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audio.block import RATE, Samples

Floats = NDArray[np.floating[Any]]

STEP: Final = 0.05  # seconds between two readings of what bands do
BANDS: Final = 16  # from 60 Hz to 12 kHz
WINDOW: Final = 8192  # frames of a spectrum
HARSH: Final = (2000.0, 5000.0)  # Hz: where the ear is sharpest
_SLOW: Final = 4.0  # seconds: what moves slower is no loop's fine print
_SHORTEST: Final = 1.0  # seconds of a loop
HEARD: Final = 0.5  # dB: a change that is less is not heard, and no return of it either


class Repeats(NamedTuple):
    """The highest return of a sound to itself, 0 to 1, and after how many seconds."""

    fine: float  # of what 16 bands do within 4 s, at any distance up to half the stretch
    fine_seconds: float
    rhythm: float  # of loudness itself, within a minute
    rhythm_seconds: float


def spectrum(sound: Samples) -> tuple[Floats, Floats]:
    """Hz, and power in each bin by Welch's method (Hann windows that overlap by half), both channels."""
    window = np.hanning(WINDOW)
    mono = sound.astype(float)
    starts = range(0, max(len(mono) - WINDOW, 0) + 1, WINDOW // 2)
    total = np.zeros(WINDOW // 2 + 1)
    for start in starts:
        part = mono[start : start + WINDOW]
        part = np.pad(part, ((0, WINDOW - len(part)), (0, 0)))
        total += (np.abs(np.fft.rfft(part * window[:, None], axis=0)) ** 2).sum(axis=1)
    return np.fft.rfftfreq(WINDOW, 1.0 / RATE), total / len(starts)


def share_db(sound: Samples, low: float, high: float) -> float:
    """What lies between two frequencies, in dB of the whole above 40 Hz."""
    hertz, power = spectrum(sound)
    inside = float(power[(hertz >= low) & (hertz < high)].sum() / power[hertz >= 40.0].sum())
    return float(10.0 * np.log10(max(inside, 1e-12)))


def slope_db(sound: Samples, low: float = 500.0, high: float = 8000.0) -> float:
    """dB an octave between two frequencies: a line through thirds of octaves."""
    centres, levels = thirds(sound)
    inside = (centres >= low) & (centres <= high)
    return float(np.polyfit(np.log2(centres[inside]), levels[inside], 1)[0])


def thirds(sound: Samples) -> tuple[Floats, Floats]:
    """Centres of thirds of octaves from 40 Hz to 12.7 kHz, and the density of power in each, dB."""
    hertz, power = spectrum(sound)
    centres = 1000.0 * 2.0 ** (np.arange(-14, 12) / 3.0)
    levels = [
        10.0 * np.log10(power[(hertz >= c * 2 ** (-1 / 6)) & (hertz < c * 2 ** (1 / 6))].mean() + 1e-12)
        for c in centres
    ]
    return centres, np.array(levels)


def ripple_db(sound: Samples) -> float:
    """The deepest regular ripple of the spectrum from 150 Hz to 8 kHz, dB: what an echo of 0.4 to 20 ms leaves.

    By the cepstrum: the spectrum in dB, less a curve through it, is searched for a cosine.
    """
    hertz, power = spectrum(sound)
    inside = (hertz >= 150.0) & (hertz <= 8000.0)
    level = 10.0 * np.log10(power[inside] + 1e-12)
    way = np.log2(hertz[inside])
    level -= np.polyval(np.polyfit(way, level, 9), way)
    found = np.abs(np.fft.rfft(level * np.hanning(len(level)))) * 4.0 / len(level)
    late = np.fft.rfftfreq(len(level), hertz[1] - hertz[0])
    return float(found[(late >= 0.0004) & (late <= 0.020)].max())


def flatness(sound: Samples, low: float = 100.0, high: float = 8000.0) -> float:
    """Of the spectrum, each third of an octave by itself: 1 is noise, 0 a tone (geometric over arithmetic mean)."""
    hertz, power = spectrum(sound)
    found = []
    for centre in 1000.0 * 2.0 ** (np.arange(-10, 10) / 3.0):
        part = power[(hertz >= centre * 2 ** (-1 / 6)) & (hertz < centre * 2 ** (1 / 6))] + 1e-12
        if low <= centre <= high:
            found.append(np.exp(np.log(part).mean()) / part.mean())
    return float(np.mean(found))


def bands(sound: Samples) -> Floats:
    """dB of 16 bands every 50 ms: [reading, band]."""
    step = round(STEP * RATE)
    window = np.hanning(2 * step)
    hertz = np.fft.rfftfreq(2 * step, 1.0 / RATE)
    edges = np.searchsorted(hertz, np.geomspace(60.0, 12_000.0, BANDS + 1))
    edges = np.maximum(edges, edges[0] + np.arange(BANDS + 1))
    mono = sound.mean(axis=1, dtype=float)
    found = np.empty((max(len(mono) // step - 1, 1), BANDS))
    for i in range(len(found)):
        power = np.abs(np.fft.rfft(mono[i * step : (i + 2) * step] * window)) ** 2
        found[i] = [power[a:b].mean() for a, b in pairwise(edges)]
    return np.asarray(10.0 * np.log10(found + 1e-5 * found.mean() + 1e-12))


def repeats(sound: Samples) -> Repeats:
    """Searches for returns beyond a second. A long slow swell is no return: only what has
    gone can come back. Of less than four times 4 s nothing can be said: 0.
    """
    levels = bands(sound)
    if len(levels) < 4 * _SLOW / STEP:
        return Repeats(0.0, 0.0, 0.0, 0.0)
    width = round(_SLOW / STEP)
    kernel = np.ones(width) / width
    fine = levels - np.stack([np.convolve(band, kernel, "same") for band in levels.T], axis=1)
    fine = fine[width:-width]
    loud = 10.0 * np.log10((10.0 ** (levels / 10.0)).sum(axis=1))
    return Repeats(*_return(fine, len(fine) // 2), *_return(loud[:, None], round(60.0 / STEP)))


def _return(features: Floats, most: int) -> tuple[float, float]:
    """The highest local maximum of the autocorrelation after it has first fallen below a tenth; its lag in seconds."""
    count = len(features)
    centred = features - features.mean(axis=0)
    centred /= np.hypot(centred.std(axis=0), HEARD)
    spectra = np.abs(np.fft.rfft(centred, 2 * count, axis=0)) ** 2
    found = np.fft.irfft(spectra.mean(axis=1))[:count] / (count - np.arange(count))
    low = np.flatnonzero(found < 0.1)
    first = max(int(low[0]) if len(low) else count, round(_SHORTEST / STEP))
    most = min(most, count // 2)
    if first >= most:
        return 0.0, 0.0
    best = first + int(np.argmax(found[first:most]))
    return float(found[best]), best * STEP


def attack_seconds(sound: Samples) -> float:
    """From a tenth to nine tenths of the highest amplitude, by the envelope in steps of 1 ms of its loudest 10 ms."""
    step = RATE // 1000
    peaks = np.abs(sound).max(axis=1)[: len(sound) // step * step].reshape(-1, step).max(axis=1)
    peaks = np.array([peaks[max(i - 4, 0) : i + 5].max() for i in range(len(peaks))])
    top = peaks[: round(0.5 / 0.001)].max()
    return float((np.argmax(peaks >= 0.9 * top) - np.argmax(peaks >= 0.1 * top)) * 0.001)
