"""The ground as one seat sees it: rings about the seat, finer near it, with the light that land and things leave it.

Rings have their own numbers of corners and are sewn together, so that nothing gapes. What lies deep under the sea, or
behind land for any seated eye, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin, tau
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.valley.forms import noise, rise, worn
from scenes.valley.place import LIGHTHOUSE, Seat, beach, height, inland, trodden
from scenes.valley.shapes import Floats, Ints, srgb
from vr_app.api import Arrays

AROUND: Final = 16  # directions of a horizon, from -z clockwise
FARTHEST: Final = 3600.0  # metres to the last ring
LEVELS: Final = (12.0, 48.0, 192.0, 768.0, 3000.0)  # half sides in metres of the squares that `Relief` samples
CELLS: Final = 336  # of a square's side
EYES: Final = ((-0.6, 1.75, 0.3), (0.0, 1.8, -0.5), (0.6, 1.75, 0.3))  # as high and as far as a seated head comes
MARCH: Final = np.concatenate([np.geomspace(0.16, 28.5, 26), np.geomspace(30.0, FARTHEST, 96)])  # metres of a march


GULLY: Final = 5.0  # how strongly hollows far off are shaded


class Caster(NamedTuple):
    """Something that stands on the ground and keeps light away: a rounded block in the valley's frame, metres."""

    x: float
    z: float
    half_x: float
    half_z: float
    top: float  # height of its top
    turn: float = 0.0
    round: bool = True  # an ellipsoid; else a box
    dark: float = 0.75  # share of the sky's light that it takes from the ground at its foot


@dataclass(frozen=True, slots=True)
class Relief:
    """Heights about a seat in squares of growing size, with what stands there; quick to read at many places."""

    seat: Seat
    levels: tuple[npt.NDArray[np.float32], ...]  # (CELLS, CELLS) by z, x; local metres above the seat

    @staticmethod
    def about(seat: Seat, casters: Sequence[Caster] = ()) -> Relief:
        levels = []
        for half in LEVELS:
            x, z = np.meshgrid(*[np.linspace(-half, half, CELLS)] * 2)
            h = ground(seat, x, z)
            for caster in casters:
                _raise(h, x, z, seat, caster, 2.0 * half / (CELLS - 1))
            levels.append(h.astype(np.float32))
        return Relief(seat, tuple(levels))

    def at(self, x: npt.NDArray[np.float32], z: npt.NDArray[np.float32], away: float) -> npt.NDArray[np.float32]:
        """Heights at local places; `away` metres from where one looks, so that far ones may be coarse."""
        made = np.empty(x.shape, np.float32)
        reach = np.maximum(np.abs(x), np.abs(z))
        level = np.searchsorted(np.array([half * 0.98 for half in LEVELS[:-1]], np.float32), reach)
        coarse = sum(2.0 * half / (CELLS - 1) < 0.04 * away for half in LEVELS) - 1
        np.maximum(level, min(max(coarse, 0), len(LEVELS) - 1), out=level)
        for k, (half, raster) in enumerate(zip(LEVELS, self.levels, strict=True)):
            here = level == k
            if here.any():
                made[here] = _bilinear(raster, x[here], z[here], half)
        return made


def _bilinear(
    raster: npt.NDArray[np.float32], x: npt.NDArray[np.float32], z: npt.NDArray[np.float32], half: float
) -> npt.NDArray[np.float32]:
    scale = np.float32((CELLS - 1) / (2.0 * half))
    u = np.clip((x + np.float32(half)) * scale, 0, np.float32(CELLS - 1.001))
    v = np.clip((z + np.float32(half)) * scale, 0, np.float32(CELLS - 1.001))
    i, j = u.astype(np.int32), v.astype(np.int32)
    u -= i
    v -= j
    flat = raster.reshape(-1)
    at = j * CELLS + i
    top = flat[at] + u * (flat[at + 1] - flat[at])
    low = flat[at + CELLS] + u * (flat[at + CELLS + 1] - flat[at + CELLS])
    return np.asarray(top + v * (low - top))


def _raise(h: Floats, x: Floats, z: Floats, seat: Seat, caster: Caster, cell: float) -> None:
    """Lift the heights where something stands; too coarse a raster misses it."""
    here = seat.local(np.array([caster.x, caster.top, caster.z]))
    if min(caster.half_x, caster.half_z) < 0.6 * cell:
        return
    c, s = cos(caster.turn - seat.yaw), sin(caster.turn - seat.yaw)
    dx, dz = x - here[0], z - here[2]
    a, b = (c * dx - s * dz) / caster.half_x, (s * dx + c * dz) / caster.half_z
    if caster.round:
        out = a * a + b * b
        base = h[out < 1.0].min() if (out < 1.0).any() else 0.0
        top = base + (here[1] - base) * np.sqrt(np.clip(1.0 - out, 0.0, 1.0))
        np.maximum(h, np.where(out < 1.0, top, h), out=h)
    else:
        np.maximum(h, np.where((np.abs(a) < 1.0) & (np.abs(b) < 1.0), here[1], h), out=h)


def valley_xz(seat: Seat, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Local places in the valley's frame."""
    c, s = cos(seat.yaw), sin(seat.yaw)
    return c * x + s * z + seat.x, c * z - s * x + seat.z


def ground(seat: Seat, x: Floats, z: Floats) -> Floats:
    """Height of the ground at local places, above the seat's floor."""
    return np.asarray(height(*valley_xz(seat, x, z)) - seat.y)


def normals(seat: Seat, x: Floats, z: Floats, over: Floats) -> Floats:
    """Unit normals of the ground (n, 3), from its rise over `over` metres about each place."""
    slope_x = (ground(seat, x + over, z) - ground(seat, x - over, z)) / (2.0 * over)
    slope_z = (ground(seat, x, z + over) - ground(seat, x, z - over)) / (2.0 * over)
    normal = np.stack([-slope_x, np.ones_like(slope_x), -slope_z], axis=-1)
    return np.asarray(normal / np.linalg.norm(normal, axis=-1, keepdims=True))


# --- the rings


def ring_radii() -> Floats:
    """Metres from the seat: a hand's breadth near it, 12 cm over the beach, then ever wider."""
    near = [0.10, 0.22]
    while near[-1] < 13.0:
        near.append(near[-1] + (0.12 if near[-1] > 1.0 else 0.10))
    step = 0.12
    while near[-1] < FARTHEST:
        step = min(step * 1.2, 0.075 * near[-1])
        near.append(near[-1] + step)
    return np.array(near)


def _apart(radius: float, azimuth: Floats) -> Floats:
    """Metres between a ring's corners at azimuths (0 at -z, right positive)."""
    ahead = 1.0 - rise(np.abs(azimuth), 1.75, 2.5)
    aslant = np.abs(np.sin(azimuth)) * ahead
    reach = min(radius, 14.0)
    near = 0.115 + (0.036 - 0.021 * aslant) * reach + (1.0 - ahead) * 0.035 * reach
    far = radius * (0.0165 - 0.009 * min(radius / 250.0, 1.0) + 0.012 * (1.0 - ahead))
    return np.asarray(np.maximum(near, far))


def ring_angles(radius: float) -> Floats:
    """Azimuths of a ring's corners from -pi on; the first corner is not repeated."""
    fine = np.linspace(-pi, pi, 721)
    density = radius / _apart(radius, fine)
    total = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * (tau / 720))])
    count = max(8, int(np.ceil(total[-1])))
    return np.asarray(np.interp(np.arange(count) * total[-1] / count, total, fine))


def sewn(inner: Floats, outer: Floats, first_inner: int, first_outer: int) -> Ints:
    """Triangles (n, 3) between two rings given by their azimuths: each edge of one meets a corner of the other."""
    made = []
    for one, other, start, other_start, flip in (
        (inner, outer, first_inner, first_outer, False),
        (outer, inner, first_outer, first_inner, True),
    ):
        middles = 0.5 * (one + np.append(one[1:], pi))
        others = 0.5 * (other + np.append(other[1:], pi))
        apex = np.searchsorted(others, middles, side="left" if flip else "right") % len(other) + other_start
        a = np.arange(len(one)) + start
        b = (np.arange(len(one)) + 1) % len(one) + start
        made.append(np.stack([b, a, apex] if flip else [a, b, apex], axis=-1))
    return np.concatenate(made)


class Rings(NamedTuple):
    """Corners in rings about the seat, and their triangles."""

    x: Floats
    z: Floats
    spacing: Floats  # metres to the next ring
    triangles: Ints


@cache
def rings() -> Rings:
    """The same for every seat."""
    radii = ring_radii()
    steps = np.diff(radii, append=radii[-1] + (radii[-1] - radii[-2]))
    xs, zs, spacing, index = [np.zeros(1)], [np.zeros(1)], [np.full(1, 0.1)], []
    start, former, former_start = 1, None, 0
    for radius, step in zip(radii, steps, strict=True):
        angle = ring_angles(float(radius))
        xs.append(radius * np.sin(angle))
        zs.append(-radius * np.cos(angle))
        spacing.append(np.full(len(angle), step))
        if former is None:
            a = np.arange(len(angle)) + start
            index.append(np.stack([np.zeros_like(a), np.roll(a, -1), a], axis=-1))
        else:
            index.append(sewn(former, angle, former_start, start))
        former, former_start, start = angle, start, start + len(angle)
    return Rings(np.concatenate(xs), np.concatenate(zs), np.concatenate(spacing), np.concatenate(index))


# --- light


def horizons(relief: Relief, points: Floats) -> Floats:
    """Elevation in radians of the land and things about points (n, 3), in 16 directions; 0 over open ground or sea."""
    x, y, z = (points[:, axis].astype(np.float32) for axis in range(3))
    steepest = np.zeros((len(points), AROUND), np.float32)
    for turn in range(AROUND):
        east, north = np.float32(sin(turn * tau / AROUND)), np.float32(cos(turn * tau / AROUND))
        highest = steepest[:, turn]
        for step in MARCH:
            h = relief.at(x + east * np.float32(step), z - north * np.float32(step), float(step))
            np.maximum(highest, (h - y) / np.float32(step), out=highest)
    return np.asarray(np.arctan(steepest))


def kept(angles: Floats) -> npt.NDArray[np.uint8]:
    """Horizons as `Kit.mesh` takes them."""
    return np.asarray(np.round(255.0 * np.sqrt(np.clip(angles / (pi / 2), 0.0, 1.0))), np.uint8)


def openness(angles: Floats, normal: Floats) -> Floats:
    """Share (0..1) of the sky's light that land and things leave to slopes; what rises above the slope counts."""
    turn = np.arange(AROUND) * tau / AROUND
    own = np.arctan(-(normal[:, :1] * np.sin(turn) - normal[:, 2:] * np.cos(turn)) / np.maximum(normal[:, 1:2], 0.05))
    above = np.maximum(angles - np.maximum(own, 0.0), 0.0)
    return np.asarray(1.0 - (np.sin(above) ** 2).mean(axis=1))


def contact(seat: Seat, x: Floats, z: Floats, casters: Sequence[Caster]) -> Floats:
    """What is left (0..1) of the sky's light on the ground beside and below things."""
    left = np.ones(len(x))
    for caster in casters:
        here = seat.local(np.array([caster.x, caster.top, caster.z]))
        reach = 0.2 + 0.6 * min(caster.half_x, caster.half_z)
        wide = max(caster.half_x, caster.half_z)
        near = np.flatnonzero(np.hypot(x - here[0], z - here[2]) < 1.5 * wide + 2.0 * reach)
        if not len(near):
            continue
        c, s = cos(caster.turn - seat.yaw), sin(caster.turn - seat.yaw)
        dx, dz = x[near] - here[0], z[near] - here[2]
        a, b = np.abs(c * dx - s * dz), np.abs(s * dx + c * dz)
        if caster.round:
            out = np.hypot(a / caster.half_x, b / caster.half_z)
            gap = np.maximum(out - 0.85, 0.0) / np.maximum(out, 1e-6) * np.hypot(a, b)
        else:
            gap = np.hypot(np.maximum(a - caster.half_x, 0.0), np.maximum(b - caster.half_z, 0.0))
        left[near] *= 1.0 - caster.dark * np.exp(-((gap / (0.55 * reach)) ** 1.3))
    return left


def gullies(seat: Seat, x: Floats, z: Floats, y: Floats) -> Floats:
    """What far hollows leave (0..1) of the sky's light: more is taken than is true, for haze evens it out."""
    left = np.ones(len(x))
    far = np.flatnonzero(np.hypot(x, z) > 60.0)
    a, b, wide = x[far], z[far], 0.035 * np.hypot(x[far], z[far])
    about = sum(ground(seat, a + dx * wide, b + dz * wide) for dx, dz in ((1, 0), (-1, 0), (0, 1), (0, -1)))
    left[far] = np.exp(-GULLY * np.maximum(0.25 * about - y[far] + 0.04 * wide, 0.0) / wide)
    return left


# --- what grows and lies where

MEADOW, DRY, FOREST = "#616A4E", "#898579", "#36422E"


def cover(x: Floats, z: Floats, h: Floats, normal_y: Floats) -> tuple[Floats, Floats]:
    """In the valley's frame: albedo of the ground (n, 3), and shares (n, 3) of forest, rock and bare earth."""
    s = inland(x, z)
    broad, fine = worn(x, z, 70.0, 3, 71), worn(x, z, 9.0, 3, 75)
    far = rise(np.hypot(x - 20.0, z), 45.0, 130.0)
    belts = 0.5 * noise(x / 210.0, z / 210.0, 79) + far * (0.9 + 0.8 * noise(x / 52.0, z / 52.0, 80))
    forest = rise(broad + belts + 0.003 * np.minimum(h, 90.0), 0.15, 0.75)
    forest = forest * rise(h, 1.0, 2.8) * np.maximum(rise(s, 30.0, 60.0), rise(-s, 9.0, 22.0))
    forest = forest * rise(np.hypot(x - LIGHTHOUSE[0], z - LIGHTHOUSE[1]), 40.0, 70.0)
    steep = 1.0 - normal_y
    cliff = rise(steep + 0.12 * fine, 0.22, 0.40) * rise(np.abs(s), 30.0, 60.0)
    rock = np.clip(cliff + (1.0 - rise(h, 1.5 + 1.2 * fine, 3.0 + 1.6 * fine)) * rise(-s, 6.0, 16.0), 0.0, 1.0)
    earth = rise(fine + 0.4 * noise(x / 2.1, z / 2.1, 83), 0.28, 0.75) * 0.5 * (1.0 - far)
    dry = np.clip(0.45 + 0.6 * worn(x, z, 23.0, 3, 85) + 0.5 * (1.0 - rise(s, 11.0, 20.0)), 0.0, 1.0)[..., None]
    colour = srgb(MEADOW) + dry * (srgb(DRY) - srgb(MEADOW))
    tone = (1.0 + 0.25 * noise(x / 47.0, z / 47.0, 87) + 0.2 * noise(x / 160.0, z / 160.0, 88))[..., None]
    colour = colour + forest[..., None] * (srgb(FOREST) * tone - colour)
    return colour, np.stack([forest * (1.0 - 0.8 * rock), rock, earth], axis=-1)


# --- all of it


def terrain_arrays(seat: Seat, casters: tuple[Caster, ...] = ()) -> Arrays:
    """The ground's mesh in the seat's frame, as Kit.mesh takes it.

    uv: metres inland of the waterline, and along the coast; colour: albedo, and where the beach is, 0..1; light: the
    share of the sky that is open, and shares of forest, rock and bare earth.
    """
    relief = Relief.about(seat, casters)
    grid = rings()
    y = ground(seat, grid.x, grid.z)
    index = grid.triangles[_seen(seat, relief, grid, y)]
    used, index = np.unique(index, return_inverse=True)
    x, z, y = grid.x[used], grid.z[used], y[used]
    points = np.stack([x, y, z], axis=-1)
    normal = normals(seat, x, z, np.maximum(0.03, 0.4 * grid.spacing[used]))
    angles = horizons(relief, points + np.array([0.0, 0.02, 0.0]))
    there_x, there_z = valley_xz(seat, x, z)
    colour, shares = cover(there_x, there_z, y + seat.y, normal[:, 1])
    bare = trodden(seat, there_x, there_z)
    shares[:, 2] = np.maximum(shares[:, 2], bare)
    open_sky = openness(angles, normal) * contact(seat, x, z, casters) * gullies(seat, x, z, y)
    s = inland(there_x, there_z)
    sandy = 1.0 - rise(np.abs(there_x - 25.0), 60.0, 110.0)
    sandy *= 1.0 - rise(8.0 - s, 0.0, 2.0) * rise(y + seat.y - beach(s), 0.35, 0.9)
    sandy *= 1.0 - 0.72 * bare  # earth and ash, darker than sand
    arrays: dict[str, npt.NDArray[Any]] = {
        "position": points,
        "normal": normal,
        "uv": np.stack([s, there_x], axis=-1),
        "colour": np.concatenate([colour, sandy[:, None]], axis=1),
        "light": np.concatenate([open_sky[:, None], shares], axis=1),
    }
    made: dict[str, npt.NDArray[Any]] = {name: column.astype(np.float32) for name, column in arrays.items()}
    return made | {"horizon": kept(angles), "index": index.reshape(-1).astype(np.uint32)}


def _seen(seat: Seat, relief: Relief, grid: Rings, y: Floats) -> npt.NDArray[np.bool_]:
    """Which triangles a seated eye may see: not deep under water, not behind land."""
    radius = np.hypot(grid.x, grid.z)
    shown = y + seat.y > -(0.9 + 0.9 * (radius < 60.0))
    x, z, h = grid.x.astype(np.float32), grid.z.astype(np.float32), (y + 0.25 + 0.004 * radius).astype(np.float32)
    clear = np.zeros(len(x), bool)
    for eye in EYES:
        hidden = np.zeros(len(x), bool)
        for share in np.concatenate([np.linspace(0.05, 0.9, 30), [0.93, 0.95]]).astype(np.float32):
            a, b = eye[0] + share * (x - eye[0]), eye[2] + share * (z - eye[2])
            line = eye[1] + share * (h - eye[1])
            hidden |= relief.at(a.astype(np.float32), b.astype(np.float32), 0.0) > line + 0.15
        clear |= ~hidden
    clear |= radius < 16.0
    return np.asarray(shown[grid.triangles].any(axis=1) & clear[grid.triangles].any(axis=1))
