"""Where plants can stand: the ground about a seat, points scattered over it, and rows that place copies there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi, tau
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from scenes.valley.forms import nearest
from scenes.valley.place import CABIN, PATH, PORCH, ROOM, Seat, height, inland
from scenes.valley.shapes import Floats

AROUND: Final = 16  # directions of a horizon
CELL: Final = 5.0  # metres within which land stands equally high about all
PATH_HALF: Final = 0.5  # metres
FARTHEST: Final = 700.0  # metres to which land is looked for that keeps the sun away


@dataclass(frozen=True)
class Ground:
    """The valley's ground in a seat's own frame."""

    seat: Seat

    def valley(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """The same places in the valley's frame."""
        points = self.seat.valley(np.stack([x, np.zeros_like(x), z], axis=-1))
        return points[..., 0], points[..., 2]

    def height(self, x: Floats, z: Floats) -> Floats:
        return np.asarray(height(*self.valley(x, z)) - self.seat.y)

    def inland(self, x: Floats, z: Floats) -> Floats:
        return np.asarray(inland(*self.valley(x, z)))

    def points(self, x: Floats, z: Floats) -> Floats:
        return np.stack([x, self.height(x, z), z], axis=-1)

    def slope(self, x: Floats, z: Floats, over: float = 0.3) -> Floats:
        """Rise per metre along x and z, (..., 2), over so many metres."""
        along = self.height(x + over, z) - self.height(x - over, z)
        across = self.height(x, z + over) - self.height(x, z - over)
        return np.stack([along, across], axis=-1) / (2 * over)

    def shown(self, x: Floats, z: Floats) -> npt.NDArray[np.bool_]:
        """Where something may be seen: all round, but from the room only through its window; not below the porch."""
        if self.seat == PORCH:
            return ~underfoot(*self.valley(x, z))
        return np.asarray((self.seat != ROOM) | ((z < -3.6) & (np.abs(np.arctan2(x, -z)) < np.radians(50.0))))

    def horizon(self, points: Floats) -> npt.NDArray[np.uint8]:
        """How high land stands about each point in 16 directions, as `Kit.buffer` takes it; once for each CELL."""
        cell = np.floor(points / CELL).astype(int)
        _, first, which = np.unique(cell, axis=0, return_index=True, return_inverse=True)
        seen = points[first]
        turn = np.arange(AROUND) * tau / AROUND
        steps = np.geomspace(2.5, FARTHEST, 16)
        x = seen[:, None, None, 0] + np.sin(turn)[:, None] * steps
        z = seen[:, None, None, 2] - np.cos(turn)[:, None] * steps
        rise = (self.height(x, z) - seen[:, None, None, 1] - 0.3) / steps
        elevation = np.arctan(np.maximum(rise.max(axis=-1), 0.0))
        angles = np.asarray(np.round(255 * np.sqrt(elevation / (pi / 2))), np.uint8)
        return np.asarray(angles[which.reshape(-1)])


class Nearby(Ground):
    """The same with heights read from a raster, quick for many small things within REACH metres of the seat."""

    REACH: ClassVar = 13.0
    CELL: ClassVar = 0.1

    def height(self, x: Floats, z: Floats) -> Floats:
        raster = _raster(self.seat)
        u, v = (np.clip((axis + self.REACH) / self.CELL, 0.0, len(raster) - 1.001) for axis in (x, z))
        i, j = u.astype(int), v.astype(int)
        f, g = u - i, v - j
        upper = raster[j, i] * (1 - f) + raster[j, i + 1] * f
        return np.asarray(upper * (1 - g) + (raster[j + 1, i] * (1 - f) + raster[j + 1, i + 1] * f) * g)


def underfoot(x: Floats, z: Floats) -> npt.NDArray[np.bool_]:
    """Places of the valley where nothing grows: below cabin and porch, and on the path."""
    x0, x1, z0, z1 = CABIN
    return np.asarray(((x > x0) & (x < x1) & (z > z0) & (z < z1)) | (nearest(x, z, np.array(PATH))[0] < PATH_HALF))


@cache
def _raster(seat: Seat) -> Floats:
    ticks = np.arange(-Nearby.REACH, Nearby.REACH + Nearby.CELL, Nearby.CELL)
    return Ground(seat).height(*np.meshgrid(ticks, ticks))


def scattered(random: np.random.Generator, reach: float, spacing: float) -> tuple[Floats, Floats]:
    """x and z of points about `spacing` metres apart over a square with half side `reach`, in no visible order."""
    ticks = np.arange(-reach, reach, spacing)
    x, z = (axis.ravel() for axis in np.meshgrid(ticks, ticks))
    shift = random.random((2, len(x))) * spacing
    return x + shift[0], z + shift[1]


def drifts(x: Floats, z: Floats, metres: float, seed: float) -> Floats:
    """Smooth patches of about `metres`, -1..1 with mean 0."""
    made = np.zeros_like(x)
    for k in range(5):
        angle = seed * 1.7 + k * 2.399963
        wave = tau / (metres * (2.1 - 0.31 * k))
        bend = 0.9 * np.sin(wave * 0.53 * (z * np.cos(angle) - x * np.sin(angle)) + 3.1 * k + seed)
        made += np.sin(wave * (x * np.cos(angle) + z * np.sin(angle)) + bend + 5.3 * k * seed)
    return np.asarray(made / 5.0 * 1.5).clip(-1.0, 1.0)


def kept(random: np.random.Generator, chance: Floats) -> npt.NDArray[np.intp]:
    """Which of the points stay, each with its chance in 0..1."""
    return np.flatnonzero(random.random(len(chance)) < chance)


def best_first(random: np.random.Generator, distance: Floats) -> npt.NDArray[np.intp]:
    """An order in which any beginning is spread over all, denser near the eye."""
    return np.argsort(random.random(len(distance)) * (0.25 + np.minimum(distance, 40.0) / 40.0), kind="stable")


def rows_at(points: Floats, *, turn: Floats, scale: Floats, own: Any, colour: Floats, free: Floats) -> Floats:
    """Rows of `Kit.buffer`; `own` is the one value beside the scale."""
    rows: Any = np.ones((len(points), 16), np.float32)
    rows[:, :3], rows[:, 3] = points, turn
    rows[:, 4:7], rows[:, 7] = scale, own
    rows[:, 8:11] = colour
    rows[:, 12:16] = free
    return np.asarray(rows)
