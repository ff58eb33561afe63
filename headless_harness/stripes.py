"""Striped patterns: more than PATTERN_PAIRS light-dark pairs side by side, still or moving, for PATTERN_SECONDS.

Local spectra in windows of several sizes find where one spatial frequency (two for a chequer) holds most of the
detail: grass, leaves and grain spread over many. There the light-dark pairs are counted, line by line across them.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from headless_harness.finding import Finding, Stretches
from headless_harness.flash import Swings
from headless_harness.sight import Floats, Mask, Sight
from vr_app import limits

WINDOWS = (16, 32, 64, 128, 256, 512)  # pixels; as many of these as the picture holds
LEAST_WAVES = limits.PATTERN_PAIRS / 3  # in a window; the third harmonic of slower changes is no pattern
PURE = 0.5  # of a window's detail in one frequency and its neighbours, with the one square to it for a chequer
FAINTEST = 1 / 3  # of the strongest pair on a line, what a pair is at least


Indices = npt.NDArray[np.intp]


class _Plane(NamedTuple):
    """The frequencies of a window."""

    taper: Floats  # Hann in both directions, mean square 1
    waves: Floats  # periods across the window, of each frequency
    detail: Mask  # frequencies that are no shapes or shades


@lru_cache
def _plane(size: int) -> _Plane:
    one = np.hanning(size + 1)[:-1]
    taper = np.outer(one, one)
    taper /= np.sqrt((taper**2).mean())
    waves = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None, :]) * size
    return _Plane(taper.astype(np.float32), waves.astype(np.float32), waves >= LEAST_WAVES)


class Striped(NamedTuple):
    """Which pixels lie in stripes, and the most pairs in one window of them."""

    where: Mask
    pairs: float


def striped(luminance: Floats) -> Striped:
    """Stripes of one picture of relative luminance, of at least FLASH_LUMINANCE_STEP between light and dark."""
    where = np.zeros(luminance.shape, np.bool_)
    most = 0.0
    for size in WINDOWS:
        if size > min(luminance.shape):
            break
        step = size // 2
        windows = sliding_window_view(luminance, (size, size))[::step, ::step]
        for row, column, down, across in zip(*_candidates(windows, size), strict=True):
            pairs = _pairs(windows[row, column], int(down), int(across))
            most = max(most, pairs)
            if pairs > limits.PATTERN_PAIRS:
                top, left = row * step + size // 4, column * step + size // 4
                where[top : top + step, left : left + step] = True
    return Striped(where, most)


def _pairs(window: Floats, down: int, across: int) -> float:
    """Even light-dark pairs across stripes of so many waves in a window, on the middle one of its lines.

    Folds of a curtain do not become more by the frame of a window beside them: pairs are about as far apart as they
    are wide, and none is much fainter than the strongest.
    """
    waves = max(abs(down), abs(across))
    lines = window if abs(across) == waves else window.T
    step = np.maximum(np.ptp(lines, axis=1) * FAINTEST, limits.FLASH_LUMINANCE_STEP)
    swings = Swings((len(lines),), step, limits.FLASH_DARKER_BELOW)
    near = len(lines) / waves  # pixels: a swing farther than a whole wave from the one before begins a new row
    last, row, longest = (np.full(len(lines), start) for start in (-len(lines), 0, 0))
    for place, values in enumerate(lines.T):
        swung = swings.see(values) != 0
        row = np.where(swung, np.where(place - last <= near, row + 1, 1), row)
        last = np.where(swung, place, last)
        longest = np.maximum(longest, row)
    return float(np.median(longest)) / 2 * hypot(down, across) / waves


def _candidates(windows: Floats, size: int) -> tuple[Indices, Indices, Indices, Indices]:
    """Rows and columns of windows that one frequency rules, and its waves down and across each."""
    plane = _plane(size)
    means = windows.mean((-2, -1))
    spread = np.ptp(windows, axis=(-2, -1)) >= limits.FLASH_LUMINANCE_STEP
    rows, columns = np.nonzero(spread)
    if not len(rows):
        return rows, rows, rows, rows
    centred = (windows[rows, columns] - means[rows, columns, None, None]) * plane.taper
    power = (np.abs(np.fft.fft2(centred)) ** 2).astype(np.float32)
    power[..., ~plane.detail] = 0.0
    peak = power.reshape(len(rows), -1).argmax(-1)
    down, across = (np.where(each > size // 2, each - size, each) for each in np.divmod(peak, size))
    held = 2.0 * (_about(power, down, across) + _about(power, -across, down))  # and as much at their negatives
    ruled = (plane.waves.reshape(-1)[peak] > limits.PATTERN_PAIRS) & (held >= PURE * power.sum((-2, -1)))
    return rows[ruled], columns[ruled], down[ruled], across[ruled]


def _about(power: Floats, down: Indices, across: Indices) -> Floats:
    """The power of each window's frequency and its eight neighbours."""
    size = power.shape[-1]
    every = np.arange(len(down))
    near = [(one, other) for one in (-1, 0, 1) for other in (-1, 0, 1)]
    held: Floats = sum(
        (power[every, (down + one) % size, (across + other) % size] for one, other in near), np.zeros(1, np.float32)
    )
    return held


class PatternWatch:
    """Patterns of one eye that stay; pictures come at `hz`, two in PATTERN_SECONDS at least."""

    def __init__(self, view: Sight, hz: float) -> None:
        self._view = view
        self._least = max(int(limits.PATTERN_SECONDS * hz + 1e-6), 1) + 1  # pictures from first to last
        self._seen = np.zeros((view.size[1], view.size[0]), np.int32)  # pictures in a row that were striped here
        self._found = Stretches("pattern", limits.PATTERN_PAIRS)
        self.most = 0.0  # pairs, of stripes that stayed or not

    def see(self, time: float, luminance: Floats) -> None:
        now = striped(luminance)
        self.most = max(self.most, now.pairs)
        self._seen = np.where(now.where, self._seen + 1, 0).astype(np.int32)
        stays = self._seen >= self._least
        if stays.any() and (found := self._view.exceeds(stays, limits.FLASH_SOLID_ANGLE_SR)):
            self._found.note(time, now.pairs, found[1], lasted=limits.PATTERN_SECONDS)

    @property
    def findings(self) -> list[Finding]:
        return self._found.found
