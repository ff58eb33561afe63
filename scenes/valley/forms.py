"""Forms of land from seeded noise: worn ridges and hollows, spines of hills, soft unions. Points in, metres out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scenes.valley.shapes import Floats

TABLE = 256  # cells after which the noise repeats


@cache
def _slopes(seed: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Unit slopes in random directions at the points of a lattice, row by row; once more round at the end."""
    turn = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, (TABLE, TABLE))
    turn = np.pad(turn, ((0, 1), (0, 1)), mode="wrap").reshape(-1)
    return np.asarray(np.cos(turn), np.float32), np.asarray(np.sin(turn), np.float32)


def rise(t: Floats, begins: float | Floats, ends: float | Floats) -> Floats:
    """0 up to `begins`, 1 from `ends` on, level at both."""
    t = np.clip((t - begins) / (ends - begins), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def sloped_noise(x: Floats, z: Floats, seed: int) -> tuple[Floats, Floats, Floats]:
    """Smooth noise, about -1..1, with one feature a unit, and its two slopes: gradient noise (Perlin 2002), float32."""
    cell_x, cell_z = np.floor(x), np.floor(z)
    f, g = (x - cell_x).astype(np.float32), (z - cell_z).astype(np.float32)
    slopes_x, slopes_z = _slopes(seed)
    at = (cell_z.astype(np.int32) & (TABLE - 1)) * (TABLE + 1) + (cell_x.astype(np.int32) & (TABLE - 1))
    corners = [(slopes_x[at + step], slopes_z[at + step]) for step in (0, 1, TABLE + 1, TABLE + 2)]
    (ax, az), (bx, bz), (cx, cz), (dx, dz) = corners
    f1, g1 = f - 1, g - 1
    a, b, c, d = ax * f + az * g, bx * f1 + bz * g, cx * f + cz * g1, dx * f1 + dz * g1
    u, v = f * f * f * (f * (f * 6 - 15) + 10), g * g * g * (g * (g * 6 - 15) + 10)
    across, both = b - a, a - b - c + d
    value = a + across * u + (c - a) * v + both * u * v
    slope_x = ax + (bx - ax) * u + (cx - ax) * v + (ax - bx - cx + dx) * u * v
    slope_z = az + (bz - az) * u + (cz - az) * v + (az - bz - cz + dz) * u * v
    slope_x += 30 * f * f * f1 * f1 * (across + both * v)
    slope_z += 30 * g * g * g1 * g1 * (c - a + both * u)
    return 1.5 * value, 1.5 * slope_x, 1.5 * slope_z


def noise(x: Floats, z: Floats, seed: int) -> Floats:
    """Smooth noise -1..1 with one feature a unit."""
    return sloped_noise(x, z, seed)[0]


def worn(x: Floats, z: Floats, scale: float, octaves: int, seed: int) -> Floats:
    """About -1..1: broad forms of `scale` metres whose detail is worn off where it is steep.

    Each octave weighs less where those before it slope (Quilez 2008), which leaves crests sharp and hollows smooth.
    """
    p, q = np.asarray(x) / scale, np.asarray(z) / scale
    total, slope_x, slope_z = (np.zeros(np.shape(p)) for _ in range(3))
    weight = 0.75
    for octave in range(octaves):
        n, a, b = sloped_noise(p, q, seed + octave)
        slope_x, slope_z = slope_x + a, slope_z + b
        total += weight * n / (1.0 + 0.6 * (slope_x**2 + slope_z**2))
        weight *= 0.52
        p, q = 1.62 * p - 1.18 * q + 3.7, 1.18 * p + 1.62 * q + 1.9  # twice as fine, turned by 36 degrees
    return total


def upper(a: Floats, b: Floats, soft: float | Floats) -> Floats:
    """The greater of two heights, rounded over `soft` metres where they meet."""
    share = np.maximum(soft - np.abs(a - b), 0.0) / soft
    return np.asarray(np.maximum(a, b) + share * share * soft / 4.0)


def lower(a: Floats, b: Floats, soft: float | Floats) -> Floats:
    """The lesser of two heights, rounded likewise."""
    return -upper(-a, -b, soft)


def nearest(x: Floats, z: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Metres from a line through `points` (k, 2), and where along it: 0 at the first point, k - 1 at the last."""
    best, along = np.full(np.shape(x), np.inf), np.zeros(np.shape(x))
    for k, (a, b) in enumerate(pairwise(points)):
        step = b - a
        t = np.clip(((x - a[0]) * step[0] + (z - a[1]) * step[1]) / (step @ step), 0.0, 1.0)
        square = (x - a[0] - t * step[0]) ** 2 + (z - a[1] - t * step[1]) ** 2
        nearer = square < best
        best, along = np.where(nearer, square, best), np.where(nearer, k + t, along)
    return np.sqrt(best), along


@dataclass(frozen=True, slots=True)
class Spine:
    """A range of hills: x, z, height and half width in metres at points along its crest."""

    points: Sequence[tuple[float, float, float, float]]
    seed: int

    def height(self, x: Floats, z: Floats) -> Floats:
        """Of the range at places, at least -30; its foot is ragged, its flanks are furrowed."""
        line = np.array(self.points)
        wide = float(line[:, 3].mean())
        made = np.full(np.shape(x), -30.0)
        low, high = line[:, :2].min(axis=0) - 3.0 * wide, line[:, :2].max(axis=0) + 3.0 * wide
        near = (x > low[0]) & (x < high[0]) & (z > low[1]) & (z < high[1])
        if not near.any():
            return made
        a, b = x[near], z[near]
        bent_x = a + 0.30 * wide * noise(a / (0.9 * wide), b / (0.9 * wide), self.seed)
        bent_z = b + 0.30 * wide * noise(a / (0.9 * wide), b / (0.9 * wide), self.seed + 1)
        away, along = nearest(bent_x, bent_z, line[:, :2])
        crest = np.interp(along, np.arange(len(line)), line[:, 2])
        half = np.interp(along, np.arange(len(line)), line[:, 3])
        out = away / half
        body = (1.0 - np.minimum(out, 1.0) ** 1.6) ** 1.7
        furrows = worn(a, b, 0.9 * wide, 5, self.seed + 2)
        form = crest * body * (1.0 + 0.30 * furrows) - 1.2 - 8.0 * np.maximum(out - 0.85, 0.0)
        made[near] = np.maximum(form, -30.0)
        return made
