"""What a head does to sound from each direction: MIT's KEMAR as a mesh on the sphere, and the air on the way (ADR 52).

Between measured directions a response is the mean of three, weighted as vectors (Pulkki 1997), of responses without
their delays; the delay is the same mean of the three delays.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from audio.block import BLOCK, RATE, Doubles, Integers

FRAMES: Final = 2 * BLOCK  # of a transform: the block before and this one
BINS: Final = BLOCK + 1
LEAD: Final = 16  # frames by which all is late: room for what a part of a frame's delay rings ahead

_DATA: Final = Path(__file__).parents[1] / "assets" / "hrtf" / "kemar.npz"
_SOFT: Final = 18_000.0  # Hz; above, responses fade, so that a part of a frame's delay rings for a few frames only
_CELSIUS, _HUMIDITY = 15.0, 70.0  # a mild day by the sea; per cent

Spectra = NDArray[np.complex64]


class Ears(NamedTuple):
    """Arrays for the kernels of audio/space.py. The last row, after the directions, is what a sound inside has."""

    spectra: Spectra  # [direction, bin] of the left ear, without delay
    late: Doubles  # [direction] frames, of the left ear
    mirror: Integers  # [direction] whose left ear is this one's right
    corners: Integers  # [triangle, 3] directions
    inverse: Doubles  # [triangle, 3, 3]: times a direction gives its weight at each corner
    beyond: Integers  # [triangle, 3] the triangle across the edge that faces the corner
    air: Doubles  # [bin] nepers a metre


def _neighbours(corners: Integers) -> Integers:
    """Which triangle lies across the edge that faces each corner; on a sphere every edge has two sides."""
    across = {
        (frozenset(triangle) - {corner}, corner): i
        for i, triangle in enumerate(corners.tolist())
        for corner in triangle
    }
    sides: dict[frozenset[int], list[int]] = {}
    for (edge, _), i in across.items():
        sides.setdefault(edge, []).append(i)
    beyond = np.empty_like(corners)
    for i, triangle in enumerate(corners.tolist()):
        for place, corner in enumerate(triangle):
            first, second = sides[frozenset(triangle) - {corner}]
            beyond[i, place] = second if first == i else first
    return beyond


def absorption(hertz: Doubles) -> Doubles:
    """Decibels a metre by ISO 9613-1:1993, equations 3 to 5 and B.2 to B.3, at the pressure of sea level."""
    kelvin = _CELSIUS + 273.15
    warmth = kelvin / 293.15
    vapour = _HUMIDITY * 10.0 ** (-6.8346 * (273.16 / kelvin) ** 1.261 + 4.6151)  # molar concentration, per cent
    oxygen = 24.0 + 4.04e4 * vapour * (0.02 + vapour) / (0.391 + vapour)  # relaxation, Hz
    nitrogen = warmth**-0.5 * (9.0 + 280.0 * vapour * np.exp(-4.170 * (warmth ** (-1.0 / 3.0) - 1.0)))
    relaxing = 0.01275 * np.exp(-2239.1 / kelvin) / (oxygen + hertz**2 / oxygen)
    relaxing += 0.1068 * np.exp(-3352.0 / kelvin) / (nitrogen + hertz**2 / nitrogen)
    return np.asarray(8.686 * hertz**2 * (1.84e-11 * warmth**0.5 + warmth**-2.5 * relaxing))


@cache
def kemar() -> Ears:
    """Read once, in about 50 ms: before a session. Raises OSError when the file is missing."""
    with np.load(_DATA) as data:
        responses = data["responses"] * float(data["scale"])
        directions, late = data["directions"].astype(float), data["late"].astype(float)
        corners, mirror = data["triangles"].astype(np.int64), data["mirror"].astype(np.int64)
    middle = len(directions)
    hertz = np.arange(BINS) * RATE / FRAMES
    fade = np.cos(0.5 * np.pi * np.clip((hertz - _SOFT) / (0.5 * RATE - _SOFT), 0.0, 1.0)) ** 2
    responses = np.concatenate([responses, responses.mean(axis=0, keepdims=True)])
    return Ears(
        (np.fft.rfft(responses, FRAMES) * fade).astype(np.complex64),
        LEAD + np.append(late, late.mean()),
        np.append(mirror, middle),
        corners,
        np.linalg.inv(directions[corners].transpose(0, 2, 1)),
        _neighbours(corners),
        absorption(hertz) * np.log(10.0) / 20.0,
    )
