"""Boulders and stones: worn blocks with rounded edges, half in the ground, mossy where they stand in the shade."""

from __future__ import annotations

from functools import cache
from math import tau
from typing import NamedTuple

import numpy as np

from scenes.valley.built import Built
from scenes.valley.forms import noise
from scenes.valley.place import GROVE, SHORE, Seat, coast, height, inland, stream_course
from scenes.valley.shapes import Floats, Ints, Shape, srgb
from scenes.valley.terrain import Caster

STONES = ("#989693", "#9B958C", "#8E8F90", "#9E9A93")

EYE_HIGH = 1.2  # metres of the eye above the seat
DAMP = 0.05  # metres above the ground up to which a rock is damp


class Rock(NamedTuple):
    """Where a boulder lies, in the valley's frame; metres."""

    x: float
    z: float
    radius: float
    moss: float  # 0..1
    seed: int
    pale: float = 1.0  # times as light as other stones


@cache
def ball(splits: int) -> tuple[Floats, Ints]:
    """Points of a unit sphere and its triangles: an icosahedron, each triangle split in four so many times."""
    g = (1.0 + 5.0**0.5) / 2.0
    points = [(-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g)]
    points += [(0, -1, -g), (0, 1, -g), (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)]
    faces = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6)]
    faces += [(7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10)]
    faces += [(8, 6, 7), (9, 8, 1)]
    at, index = np.array(points, float), np.array(faces)
    for _ in range(splits):
        edges = np.sort(np.concatenate([index[:, [0, 1]], index[:, [1, 2]], index[:, [2, 0]]]), axis=1)
        unique, which = np.unique(edges, axis=0, return_inverse=True)
        a, b, c = (len(at) + which.reshape(3, -1)[k] for k in range(3))
        at = np.concatenate([at, at[unique].mean(axis=1)])
        i, j, k = index.T
        index = np.concatenate([np.stack(t, axis=-1) for t in ((i, a, c), (a, j, b), (c, b, k), (a, b, c))])
    return at / np.linalg.norm(at, axis=1, keepdims=True), index


def boulder(rock: Rock, splits: int) -> Shape:
    """About the origin: a block cut by planes, its edges worn round, then weathered."""
    random = np.random.default_rng(rock.seed)
    ways, index = ball(splits)
    planes = random.normal(size=(14, 3))
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    near = random.uniform(0.66, 1.0, 14)
    reach = near / np.maximum(ways @ planes.T, 0.12)
    reach = np.minimum(reach, 1.25)
    soft = -np.log(np.exp(-34.0 * reach).mean(axis=1) + np.exp(-34.0 * 1.2)) / 34.0  # the nearest plane, edges worn
    p = ways * 2.1 + rock.seed
    rough = noise(p[:, 0] + 0.7 * p[:, 1], p[:, 2] - 0.6 * p[:, 1], 31) + 0.45 * noise(
        2.6 * p[:, 0] - p[:, 1], 2.6 * p[:, 2] + p[:, 1], 33
    )
    position = ways * (soft * (1.0 + 0.085 * rough))[:, None]
    position *= rock.radius * np.array([1.0, random.uniform(0.68, 0.88), random.uniform(0.72, 0.95)])
    a, b, c = (position[index[:, k]] for k in range(3))
    facing, normal = np.cross(b - a, c - a), np.zeros_like(position)
    for k in range(3):
        np.add.at(normal, index[:, k], facing)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    colour = np.ones((len(position), 4))
    colour[:, :3] = rock.pale * srgb(STONES[rock.seed % len(STONES)]) * (1.0 + 0.12 * rough[:, None])
    colour[:, 3] = rock.moss
    return Shape(position, normal, position[:, :2], colour, index).turned(random.uniform(0.0, tau))


@cache
def rocks() -> tuple[Rock, ...]:
    """All of them: some by the beach's seat, along the stream, in the bank, and at the headland's foot."""
    random = np.random.default_rng(47)
    x, z = SHORE.x, SHORE.z
    near = [
        (-0.98, -2.36, 0.23),
        (-1.36, -2.18, 0.13),
        (-1.12, -2.02, 0.07),
        (-2.75, -1.75, 0.42),
        (-3.45, -1.25, 0.27),
        (-3.05, -2.5, 0.17),
        (3.4, 0.5, 0.30),
        (3.9, 0.05, 0.16),
    ]
    near += [
        (-3.4, 2.0, 0.5),
        (-4.1, 1.35, 0.22),
        (4.6, 1.7, 0.34),
        (7.9, -0.6, 0.50),
        (8.8, -1.3, 0.38),
        (7.2, -1.5, 0.2),
        (-6.8, 0.7, 0.33),
    ]
    made = [Rock(x + a, z + b, r, 0.12 if b < 0.4 else 0.55, k) for k, (a, b, r) in enumerate(near)]
    made += _by_the_stream(random)
    for k in range(34):  # at the headland's foot
        t = random.uniform(0.0, 1.0)
        a, b = (
            np.array([-66.0, -60.0])
            + t * (np.array([-40.0, -122.0]) - np.array([-66.0, -60.0]))
            + random.normal(0.0, 4.5, 2)
        )
        if -0.7 < height(np.array([a]), np.array([b]))[0] < 1.6:
            made.append(Rock(float(a), float(b), float(random.uniform(0.5, 1.7)), 0.0, 100 + k))
    for k in range(26):  # along the bank and in the meadow
        a = float(random.uniform(-30.0, 70.0))
        b = float(coast(np.array(a)) + random.uniform(12.0, 34.0))
        if np.hypot(a - x, b - z) > 4.5 and np.hypot(a, b) > 7.0 and inland(np.array(a), np.array(b)) > 11.5:
            made.append(Rock(a, b, float(random.uniform(0.2, 0.7)), 0.7, 200 + k))
    return (*made, *in_the_clearing())


def in_the_clearing() -> list[Rock]:
    """Mossy stones about the seat there, the one to look at first; a bank of great ones behind.

    Those to look at stand before the sun: paler, and with less moss, so that one sees where it ends.
    """
    near = [(-1.45, -2.15, 0.44, 0.62), (-2.05, -1.85, 0.22, 0.6), (-1.02, -2.62, 0.16, 0.4), (-1.95, -2.6, 0.13, 0.5)]
    near += [(3.3, -1.5, 0.3, 0.5), (-5.2, -5.0, 0.55, 0.6), (-4.5, -5.5, 0.26, 0.5), (5.6, -8.2, 0.4, 0.6)]
    near += [(-1.35, 2.35, 1.0, 0.85), (0.65, 2.75, 1.2, 0.9), (2.35, 2.2, 0.85, 0.9), (-2.75, 1.55, 0.62, 0.8)]
    near += [(3.25, 1.35, 0.42, 0.8), (-0.3, 1.85, 0.3, 0.9), (1.45, 1.75, 0.26, 0.9), (-3.4, 2.6, 0.5, 0.9)]
    return [
        Rock(GROVE.x + a, GROVE.z + b, r, moss, 400 + k, 1.5 if k < 4 else 1.0)
        for k, (a, b, r, moss) in enumerate(near)
    ]


def _by_the_stream(random: np.random.Generator) -> list[Rock]:
    """At its sides and in its bed, more where it is steep."""
    course = stream_course()
    made: list[Rock] = []
    for k in range(len(course.half_width) - 1):
        (x, y, z), (x1, y1, z1) = course.points[k], course.points[k + 1]
        if z > 24.0 or inland(np.array(x), np.array(z)) < 3.0:
            continue
        along = np.array([x1 - x, z1 - z])
        across = np.array([-along[1], along[0]]) / np.hypot(*along)
        for _ in range(2 if (y - y1) / np.hypot(*along) > 0.1 else int(random.random() < 0.4)):
            off = course.half_width[k] * random.uniform(0.75, 1.7) * random.choice([-1.0, 1.0])
            a, b = np.array([x, z]) + across * off + along * random.uniform(0.0, 1.0)
            made.append(Rock(float(a), float(b), float(random.uniform(0.10, 0.36)), 0.6, 300 + len(made)))
    return made


def _splits(rock: Rock, seat: Seat) -> int:
    """So that a triangle is about 0.7 degrees wide from the seat; below 0 where the rock itself is hardly seen."""
    away = max(float(np.hypot(rock.x - seat.x, rock.z - seat.z)) - rock.radius, 0.8)
    return min(int(np.floor(np.log2(rock.radius / (0.006 * away)))), 4) - 1


def as_seen(points: Floats, ray: Floats) -> Floats:
    """uv in metres across and up a ray from the eye: what faces the seat is not stretched."""
    right = np.cross(ray, [0.0, 1.0, 0.0])
    up = np.cross(right, ray)
    return np.stack([points @ right / np.linalg.norm(right), points @ up / np.linalg.norm(up)], axis=-1)


def resting(rock: Rock, splits: int) -> tuple[Shape, float]:
    """Its shape about the origin, and how high that lies: sunk to a third, deeper than the lowest ground below it."""
    shape = boulder(rock, splits)
    under = shape.position[shape.position[:, 1] < 0.35 * shape.position[:, 1].min()]
    ground = height(under[:, 0] + rock.x, under[:, 2] + rock.z)
    base = float(np.min(ground - under[:, 1])) - 0.12 * rock.radius
    middle = float(height(np.array([rock.x]), np.array([rock.z]))[0])
    return shape, min(base, middle + 0.10 * rock.radius)


def rock_field(seat: Seat) -> Built:
    """Every rock in its place."""
    made = Built(damp=DAMP)
    for rock in rocks():
        splits = _splits(rock, seat)
        if splits < 0:
            continue
        shape, base = resting(rock, max(splits, 1))
        shape.uv[:] = as_seen(shape.position, np.array([rock.x - seat.x, -EYE_HIGH, rock.z - seat.z]))
        made.add("stone", shape.at(rock.x, base, rock.z))
        wide, top = np.abs(shape.position).max(axis=0), float(shape.position[:, 1].max())
        made.casters.append(Caster(rock.x, rock.z, 0.92 * wide[0], 0.92 * wide[2], base + 0.9 * top, dark=0.2))
        made.feet.append((rock.x, base + float(shape.position[:, 1].min()), rock.z))
    return made


def contact_places(seat: Seat, reach: float) -> Floats:
    """Where rocks within `reach` metres of a seat darken the ground (n, 4), in its frame: x, y, z and radius."""
    x, z, radius = np.array([(rock.x, rock.z, rock.radius) for rock in rocks()]).T
    points = seat.local(np.stack([x, height(x, z), z], axis=-1))
    near = np.hypot(points[:, 0], points[:, 2]) < reach
    return np.column_stack([points, 1.55 * radius])[near]
