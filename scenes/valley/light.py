"""Light baked in numpy: area lights with occlusion, soft contact shadows and bounces between walls.

All results are irradiance divided by pi, so a matt surface sends out albedo times what stands here. Deterministic:
closed forms where there is one, fixed low-discrepancy samples elsewhere; no random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from scenes.valley.shapes import Floats
from vr_app.api import Vec3

BLOCK_ALBEDO = 0.5  # how much light furniture gives back where it covers the view of a wall: it is lit as the wall is


@dataclass(frozen=True, slots=True)
class Block:
    """A box that keeps light away: centre and half extents in metres, turned by `yaw` radians about +y."""

    centre: Vec3
    half: Vec3
    yaw: float = 0.0

    def local(self, points: Floats) -> Floats:
        """World points or, with `points` already relative, directions in the block's own axes."""
        c, s = cos(self.yaw), sin(self.yaw)
        return np.asarray(points @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]))

    def corners(self) -> Floats:
        """Its eight corners in the world, (8, 3)."""
        c, s = cos(self.yaw), sin(self.yaw)
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        return np.asarray(signs * np.array(self.half) @ turn.T + np.array(self.centre))


@dataclass(frozen=True, slots=True)
class Panel:
    """A flat rectangle that receives and gives back light: origin, edges u and v in metres, facing u x v."""

    origin: Vec3
    u: Vec3
    v: Vec3
    albedo: Vec3
    hole: tuple[float, float, float, float] | None = None  # u0, u1, v0, v1 in metres: an opening

    @property
    def size(self) -> tuple[float, float]:
        return float(np.linalg.norm(self.u)), float(np.linalg.norm(self.v))

    @property
    def normal(self) -> Floats:
        facing = np.cross(self.u, self.v)
        return np.asarray(facing / np.linalg.norm(facing))

    def points(self, columns: int, rows: int) -> Floats:
        """Cell centres (rows, columns, 3) of a regular grid."""
        s, t = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
        return np.asarray(np.array(self.origin) + s[..., None] * np.array(self.u) + t[..., None] * np.array(self.v))


def factor(points: Floats, normals: Floats, corners: Floats) -> Floats:
    """Share (0..1) of each point's cosine-weighted view that a polygon (k, 3) fills; seen counter-clockwise.

    Lambert's formula (1760). Corners below a point's horizon are moved up to it, which is exact for a polygon that
    stands on the point's plane and a smooth estimate otherwise.
    """
    nx, ny, nz = normals.T
    rays = []
    for corner in corners:
        x, y, z = (corner - points).T
        below = np.minimum(x * nx + y * ny + z * nz, 0.0)
        x, y, z = x - below * nx, y - below * ny, z - below * nz
        scale = 1.0 / np.sqrt(x * x + y * y + z * z + 1e-18)
        rays.append((x * scale, y * scale, z * scale))
    total = np.zeros(len(points))
    for (ax, ay, az), (bx, by, bz) in zip(rays, rays[1:] + rays[:1], strict=True):
        x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        sine = np.sqrt(x * x + y * y + z * z)
        angle = np.arctan2(sine, ax * bx + ay * by + az * bz)
        total -= (x * nx + y * ny + z * nz) * angle / np.maximum(sine, 1e-9)
    return np.clip(total / (2 * pi), 0.0, 1.0)


def contact(points: Floats, normals: Floats, blocks: Sequence[Block], *, reach: float) -> Floats:
    """What is left (0..1) of light from all around beside the blocks; closed form, so without noise or bands.

    Blocks act up to `reach` metres.
    """
    left = np.ones(len(points))
    for block in blocks:
        local = block.local(points - np.array(block.centre))
        half = np.array(block.half)
        gap = np.linalg.norm(np.maximum(np.abs(local) - half, 0.0), axis=1)
        near = np.flatnonzero(gap < reach)
        if not len(near):
            continue
        covered = np.zeros(len(near))
        facing = block.local(normals[near])
        for axis in range(3):
            b, c = (axis + 1) % 3, (axis + 2) % 3
            for side in (-1.0, 1.0):
                before = np.flatnonzero(side * local[near, axis] > half[axis] + 0.002)
                if not len(before):
                    continue
                corners = np.zeros((4, 3))
                corners[:, axis] = side * half[axis]
                corners[:, b] = np.array([-1, 1, 1, -1]) * half[b]
                corners[:, c] = np.array([-1, -1, 1, 1]) * half[c] * side
                covered[before] += factor(local[near[before]], facing[before], corners)
        fade = np.clip(2.0 - 2.0 * gap[near] / reach, 0.0, 1.0)
        left[near] *= 1.0 - (1.0 - BLOCK_ALBEDO) * fade * np.minimum(covered, 1.0)
    return left


def covered(points: Floats, blocks: Sequence[Block], under: float) -> npt.NDArray[np.bool_]:
    """Which points lie in a block grown by `under` metres: the floor under a leg, where nobody sees it."""
    hidden = np.zeros(len(points), bool)
    for block in blocks:
        near = np.abs(block.local(points - np.array(block.centre)))
        hidden |= (near < np.array(block.half) + under).all(axis=1)
    return hidden


def uncovered(grid: Floats, hidden: npt.NDArray[np.bool_]) -> Floats:
    """A grid (rows, columns, k) whose `hidden` cells have taken the mean of their open neighbours', ring by ring.

    So no darkness from under a thing leaks out around it where the grid is interpolated.
    """
    weight = np.where(hidden, 0.0, 1.0)[..., None]
    filled = grid * weight
    while 0.0 < weight.sum() < weight.size:
        known = _around(weight)
        ring = (weight == 0.0) & (known > 0.0)
        filled = np.where(ring, _around(filled) / np.maximum(known, 1.0), filled)
        weight = np.where(ring, 1.0, weight)
    return filled


def _around(grid: Floats) -> Floats:
    """Sum of each cell's eight neighbours in a grid (rows, columns, k), 0 beyond its edges."""
    wide = np.pad(grid, ((1, 1), (1, 1), (0, 0)))
    rows, columns = grid.shape[:2]
    total = np.zeros_like(grid)
    for down in range(3):
        for across in range(3):
            if (down, across) != (1, 1):
                total += wide[down : down + rows, across : across + columns]
    return total


def clear(origins: Floats, ends: Floats, blocks: Sequence[Block], *, far: bool = False) -> npt.NDArray[np.float32]:
    """1 where nothing stands between origins (n, 3) and ends (m, 3), else 0; shape (n, m), float32.

    With `far`, `ends` are directions of rays 8 m long. Give origins in an order in which neighbours lie together:
    blocks that no ray of 1,024 neighbours can meet are skipped.
    """
    seen = np.ones((len(origins), len(ends)), np.float32)
    ends = 8.0 * ends if far else ends
    corners = [block.corners() @ _AXES.T for block in blocks]
    lows, highs = np.array([c.min(axis=0) for c in corners]), np.array([c.max(axis=0) for c in corners])
    for start in range(0, len(origins), 1024):
        rows = slice(start, start + 1024)
        here, there = origins[rows] @ _AXES.T, ends @ _AXES.T
        low, high = here.min(axis=0), here.max(axis=0)
        far_low, far_high = (low + there.min(axis=0), high + there.max(axis=0)) if far else (there.min(0), there.max(0))
        low, high = np.minimum(low, far_low), np.maximum(high, far_high)
        for k in np.flatnonzero(((lows <= high) & (highs >= low)).all(axis=1)):
            _cast_shadow(seen[rows], origins[rows], ends, blocks[int(k)], far)
    return seen


# what a bundle of rays and a block are projected on, to see that they are apart
_AXES = np.array(
    [
        (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 1, -1),
        (2, 0, 1), (2, 0, -1), (1, 0, 2), (1, 0, -2),
    ],
    float,
)  # fmt: skip


def _cast_shadow(seen: npt.NDArray[np.float32], origins: Floats, ends: Floats, block: Block, far: bool) -> None:
    """Set 0 in `seen` (n, m) where the block is in the way: the slab test of Kay and Kajiya (1986)."""
    begin = block.local(origins - np.array(block.centre)).astype(np.float32)
    end = block.local(ends if far else ends - np.array(block.centre)).astype(np.float32)
    enter, leave = np.full(seen.shape, 1e-4, np.float32), np.full(seen.shape, 0.9999, np.float32)
    for axis in range(3):
        ray = end[None, :, axis] - (0.0 if far else begin[:, axis, None])
        step = 1.0 / np.where(np.abs(ray) < 1e-7, np.float32(1e-7), ray)
        middle = -begin[:, axis, None] * step
        reach = np.abs(step) * np.float32(block.half[axis])
        np.maximum(enter, middle - reach, out=enter)
        np.minimum(leave, middle + reach, out=leave)
    seen[enter < leave] = 0.0


def spread(count: int) -> Floats:
    """`count` points evenly over the unit square: the R2 sequence (Roberts 2018)."""
    k = np.arange(count)[:, None]
    return np.asarray((0.5 + k * np.array([0.7548776662466927, 0.5698402909980532])) % 1.0)


def through_opening(
    points: Floats,
    normals: Floats,
    opening: Panel,
    sky: Callable[[Floats], Floats],
    blocks: Sequence[Block],
    samples: int,
) -> Floats:
    """Light (n, 3) from outside through a rectangle; `sky(directions)` gives radiance (..., 3).

    The unshadowed amount is Lambert's closed form; samples only decide its colour and the share that furniture takes,
    so few of them suffice.
    """
    at = spread(samples)
    origin, u, v = np.array(opening.origin), np.array(opening.u), np.array(opening.v)
    whole = factor(points, normals, np.stack([origin, origin + u, origin + u + v, origin + v]))
    rows = np.flatnonzero(whole > 1e-5)
    targets = origin + at[:, :1] * u + at[:, 1:] * v
    origins = points[rows] + normals[rows] * 0.008
    to = targets.astype(np.float32)[None] - origins.astype(np.float32)[:, None]
    distance = np.sqrt(np.einsum("nmj,nmj->nm", to, to))
    to /= distance[..., None]
    cosines = np.einsum("nmj,nj->nm", to, normals[rows].astype(np.float32)), to @ -opening.normal.astype(np.float32)
    weight = np.maximum(cosines[0], 0.0) * np.maximum(cosines[1], 0.0) / (distance**2 + 0.02)
    total = np.maximum(weight.sum(axis=1), 1e-9)
    weight *= clear(origins, targets, blocks) * (whole[rows] / total)[:, None]
    arriving = np.zeros((len(points), 3))
    arriving[rows] = np.einsum("nm,nmj->nj", weight, sky(to))
    return arriving


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of a panel, small enough to have one colour."""

    centre: Floats
    normal: Floats
    corners: Floats
    albedo: Floats


def patches(panels: Sequence[Panel], size: float) -> list[Patch]:
    """Panels cut into pieces of about `size` metres; pieces in an opening are left out."""
    pieces = []
    for panel in panels:
        wide, high = panel.size
        columns, rows = max(1, round(wide / size)), max(1, round(high / size))
        u, v = np.array(panel.u) / columns, np.array(panel.v) / rows
        for row, line in enumerate(panel.points(columns, rows)):
            for column, centre in enumerate(line):
                s, t = (column + 0.5) * wide / columns, (row + 0.5) * high / rows
                if panel.hole and panel.hole[0] < s < panel.hole[1] and panel.hole[2] < t < panel.hole[3]:
                    continue
                corners = centre + np.stack([-u - v, u - v, u + v, v - u]) / 2
                pieces.append(Patch(centre, panel.normal, corners, np.array(panel.albedo)))
    return pieces


def bounced(pieces: Sequence[Patch], direct: Floats, bounces: int) -> Floats:
    """Radiance (n, 3) that each patch sends out, from its direct light (n, 3) after some bounces."""
    centres, normals = np.stack([p.centre for p in pieces]), np.stack([p.normal for p in pieces])
    albedo = np.stack([p.albedo for p in pieces])
    factors = np.stack([factor(centres, normals, p.corners) for p in pieces], axis=1)
    sent = albedo * direct
    for _ in range(bounces):
        sent = albedo * (direct + factors @ sent)
    return sent


def gathered(points: Floats, normals: Floats, pieces: Sequence[Patch], sent: Floats) -> Floats:
    """Light (n, 3) that the patches bring to points in the room."""
    total = np.zeros((len(points), sent.shape[1]))
    for piece, radiance in zip(pieces, sent, strict=True):
        total += factor(points, normals, piece.corners)[:, None] * radiance
    return total


def gathered_far(points: Floats, normals: Floats, pieces: Sequence[Patch], sent: Floats) -> Floats:
    """As `gathered`, with each patch as a disc: quicker, for points that are not in the corners of the room."""
    centres, facing = np.stack([p.centre for p in pieces]), np.stack([p.normal for p in pieces])
    areas = np.array(
        [np.linalg.norm(np.cross(p.corners[1] - p.corners[0], p.corners[3] - p.corners[0])) for p in pieces]
    )
    total = np.zeros((len(points), sent.shape[1]))
    for start in range(0, len(points), 2048):
        rows = slice(start, start + 2048)
        x, n = points[rows].astype(np.float32), normals[rows].astype(np.float32)
        square = np.maximum((x**2).sum(1)[:, None] + (centres**2).sum(1) - 2 * x @ centres.T, 1e-4)
        here = n @ centres.T - np.einsum("nj,nj->n", x, n)[:, None]
        there = x @ facing.T - np.einsum("mj,mj->m", centres, facing)
        share = areas * np.maximum(here, 0) * np.maximum(there, 0) / square / (pi * square + areas)
        total[rows] = share @ sent
    return total


def from_ball(
    points: Floats, normals: Floats, centre: Floats, radius: float, blocks: Sequence[Block], samples: int
) -> Floats:
    """Light (n,) from a ball of radiance 1 with soft shadows of the blocks."""
    k = np.arange(samples) + 0.5
    height, angle = 1 - 2 * k / samples, k * pi * (3 - 5**0.5)
    ring = np.sqrt(1 - height**2)
    on_ball = centre + 0.8 * radius * np.stack([ring * np.cos(angle), height, ring * np.sin(angle)], axis=1)
    to = centre - points
    distance = np.maximum(np.linalg.norm(to, axis=1), 1.05 * radius)
    sine = radius / distance
    cosine = np.einsum("nj,nj->n", to, normals) / distance
    # a ball half below the horizon still gives some light: bend the cosine smoothly over its angular size
    lifted = np.where(cosine > sine, cosine, np.maximum(cosine + sine, 0.0) ** 2 / (4 * sine))
    arriving = sine**2 * lifted
    rows = np.flatnonzero(arriving > 2e-4)
    arriving[rows] *= clear(points[rows] + normals[rows] * 0.008, on_ball, blocks).mean(axis=1)
    return np.asarray(arriving)
