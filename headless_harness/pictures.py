"""Looks at pictures with numbers: brightness, differences a machine sees, differences a person sees (FLIP).

A picture is (h, w, 3) uint8, sRGB-encoded, first row on top.
"""

from __future__ import annotations

from functools import cache
from math import ceil, pi, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from vr_app import limits

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

LSB = 2  # a channel that differs by more is a pixel that differs
DIFFERING_SHARE = 0.001  # of the pixels, at most
MEAN_FLIP = 0.01  # at most
PIXELS_PER_DEGREE = 20.0  # what a patient's headset shows, not what a desk's monitor does


def read(file: Path) -> Picture:
    """A picture from a PNG file."""
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def write(file: Path, picture: Picture) -> None:
    """A picture into a PNG or JPEG file, whose folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(file, optimize=True, quality=88)


# --- Brightness --------------------------------------------------------------------------------------------------


def linear(picture: Picture) -> Floats:
    """Linear light in 0..1 (IEC 61966-2-1)."""
    return _linear_of_byte()[picture]


@cache
def _linear_of_byte() -> Floats:
    encoded = np.arange(256) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def mean_luminance(picture: Picture) -> float:
    """Mean relative luminance as a share of full white, 0..1."""
    return float((linear(picture) @ np.array(limits.LUMINANCE_WEIGHTS)).mean())


# --- Difference --------------------------------------------------------------------------------------------------


class Difference(NamedTuple):
    """How far two pictures are apart. Shares in 0..1; all 0 for the same bytes."""

    differing: float  # share of pixels with a channel more than LSB apart
    flip: float  # mean FLIP error

    @property
    def acceptable(self) -> bool:
        """Too small for a person to see, such as another processor's rounding."""
        return self.differing <= DIFFERING_SHARE and self.flip <= MEAN_FLIP


def difference(before: Picture, after: Picture) -> Difference:
    """Compare two pictures; pictures of unequal size differ wholly."""
    if before.shape != after.shape:
        return Difference(1.0, 1.0)
    if np.array_equal(before, after):
        return Difference(0.0, 0.0)
    apart = np.abs(before.astype(np.int16) - after).max(axis=2) > LSB
    return Difference(float(apart.mean()), float(flip(before, after).mean()))


def amplified(before: Picture, after: Picture, gain: int = 16) -> Picture:
    """Grey where two pictures of one size are alike; channels that rose or fell by `gain` times as much beside it."""
    grey: Picture = np.clip(128 + gain * (after.astype(np.int16) - before), 0, 255).astype(np.uint8)
    return grey


def flip(reference: Picture, test: Picture, pixels_per_degree: float = PIXELS_PER_DEGREE) -> Floats:
    """LDR-FLIP, (h, w) in 0..1: the difference a person sees who flips between two pictures.

    Andersson, Nilsson, Akenine-Moeller, Oskarsson, Astrom, Fairchild: "FLIP: A Difference Evaluator for Alternating
    Images", Proc. ACM Comput. Graph. Interact. Tech. 3(2), 2020. Constants are the paper's.
    """
    opponent = [_opponent(linear(picture)) for picture in (reference, test)]
    seen = [_hunt(_lab(_filtered(channels, pixels_per_degree))) for channels in opponent]
    colour = _redistributed(_hyab(*seen) ** 0.7)
    grey = [(channels[..., 0] + 16) / 116 for channels in opponent]
    edges, points = (
        np.abs(_features(grey[0], pixels_per_degree, order) - _features(grey[1], pixels_per_degree, order))
        for order in (1, 2)
    )
    feature = np.clip(np.maximum(edges, points) / sqrt(2), 0, 1) ** 0.5
    error: Floats = colour ** (1 - feature)
    return error


_XYZ = np.array([[10135552, 8788810, 4435075], [5226144, 17577620, 1774030], [475104, 2929603, 23358062]]) / 24577794
_WHITE = _XYZ.sum(axis=1)
_YCXCZ = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]])  # of X, Y, Z as shares of white; then Y - 16


def _opponent(colour: Floats) -> Floats:
    """Linear RGB as YCxCz."""
    opponent: Floats = (colour @ _XYZ.T / _WHITE) @ _YCXCZ.T - np.array((16, 0, 0))
    return opponent


def _filtered(opponent: Floats, pixels_per_degree: float) -> Floats:
    """What the eye's contrast sensitivity leaves (paper, table 1), as X, Y, Z in shares of white."""
    radius = ceil(3 * sqrt(0.04 / (2 * pi**2)) * pixels_per_degree)
    degrees_squared = (np.arange(-radius, radius + 1) / pixels_per_degree) ** 2

    def blurred(channel: Floats, scale: float) -> tuple[Floats, float]:
        kernel = np.exp(-(pi**2) * degrees_squared / scale)
        weight = kernel.sum()
        return _convolved(channel, kernel / weight, kernel / weight), sqrt(pi / scale) * weight**2

    y, red_green = (blurred(opponent[..., k], scale)[0] for k, scale in ((0, 0.0047), (1, 0.0053)))
    (wide, wide_weight), (narrow, narrow_weight) = (blurred(opponent[..., 2], scale) for scale in (0.04, 0.025))
    blue_yellow = np.average([wide, narrow], axis=0, weights=[34.1 * wide_weight, 13.5 * narrow_weight])
    channels = np.stack([y + 16, red_green, blue_yellow], axis=-1)
    share = channels @ np.linalg.inv(_YCXCZ).T
    colour = np.clip((share * _WHITE) @ np.linalg.inv(_XYZ).T, 0, 1)
    light: Floats = colour @ _XYZ.T / _WHITE
    return light


def _lab(share: Floats) -> Floats:
    """CIE L*a*b* of X, Y, Z in shares of white."""
    x, y, z = np.moveaxis(np.where(share > (6 / 29) ** 3, np.cbrt(share), share * 841 / 108 + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _hunt(lab: Floats) -> Floats:
    """Colours count less where it is dark."""
    adjusted: Floats = lab * np.concatenate([np.ones_like(lab[..., :1]), *[0.01 * lab[..., :1]] * 2], axis=-1)
    return adjusted


def _hyab(one: Floats, other: Floats) -> Floats:
    apart = one - other
    distance: Floats = np.abs(apart[..., 0]) + np.hypot(apart[..., 1], apart[..., 2])
    return distance


def _redistributed(error: Floats) -> Floats:
    """Errors up to 0.4 of the largest there is (green against blue) take 0.95 of the scale."""
    green, blue = (_hunt(_lab(_XYZ[:, k] / _WHITE)) for k in (1, 2))
    largest = _hyab(green, blue) ** 0.7
    knee = 0.4 * largest
    return np.where(error < knee, 0.95 * error / knee, 0.95 + 0.05 * (error - knee) / (largest - knee))


def _features(grey: Floats, pixels_per_degree: float, order: int) -> Floats:
    """Strength of edges (order 1) or points (order 2), by derivatives of a Gaussian as wide as features are seen."""
    deviation = 0.5 * 0.082 * pixels_per_degree
    x = np.arange(-ceil(3 * deviation), ceil(3 * deviation) + 1)
    bell: Floats = np.exp(-(x**2) / (2 * deviation**2))
    slope: Floats = -x * bell if order == 1 else (x**2 / deviation**2 - 1) * bell
    slope = np.where(slope < 0, slope / -slope[slope < 0].sum(), slope / slope[slope > 0].sum())
    bell = bell / bell.sum()
    return np.hypot(_convolved(grey, slope, bell), _convolved(grey, bell, slope))


def _convolved(channel: Floats, along_rows: Floats, along_columns: Floats) -> Floats:
    """Correlated with a separable kernel, the border repeated."""
    for axis, kernel in ((1, along_rows), (0, along_columns)):
        reach = len(kernel) // 2
        padding = [(reach, reach) if k == axis else (0, 0) for k in (0, 1)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(channel, padding, mode="edge"), len(kernel), axis)
        channel = windows @ kernel
    return channel
