"""The terrace: worn flagstones above the bay, a low dry-stone wall with a gap, and behind the seat a wall and a bench.

Places are metres about the seat STONES, y = 0 on its flagstones; `terrace` puts them in the valley's frame.
"""

from __future__ import annotations

from math import cos, degrees, radians, sin, tau
from typing import Final

import numpy as np

from scenes.valley.built import Built, ground_at
from scenes.valley.place import FLAGS, STONES
from scenes.valley.shapes import Floats, Ints, Shape, box, srgb
from scenes.valley.terrain import Caster

PAVED: Final = 4.05  # metres of flagstones about the seat
WALL: Final = 4.3  # metres from the seat to the low wall's middle
GAP: Final = (-66.0, -45.0)  # degrees to the right of straight ahead: the way out to the meadow
ENDS: Final = (-118.0, 118.0)  # of the low wall
BACK: Final = (126.0, 234.0, 2.15)  # of the wall behind: from, to, metres from the seat
STAND: Final = (0.62, -0.50)  # x and z of the stand beside the right hand; another on the left
STAND_TOP: Final = 0.60
TABLE: Final = (0.50, -2.55, 0.34)  # x, z and height of the stone table with the bowls
# What sounds there (scenes/valley/instruments.py): x, z and its turn to face the seat.
BELL: Final = (-1.244, -2.340, radians(28.0))
HARP: Final = (1.837, -2.113, radians(-41.0))
BIRDS: Final = (1.637, -5.355, radians(-17.0))
BASIN: Final = (2.110, -0.410, radians(-79.0))
GREY, WARM, COOL = "#7C7A78", "#857F77", "#73757A"
WORN: Final = 0.19  # share of an edge that a corner has lost
JOINT: Final = 0.017  # metres from a flagstone's edge to the middle of the joint


def at_azimuth(degrees: float, away: float) -> tuple[float, float]:
    """x and z, so many degrees to the right of straight ahead."""
    return away * sin(radians(degrees)), -away * cos(radians(degrees))


def terrace() -> Built:
    """All of it, of stone."""
    made = Built(damp=0.12)
    random = np.random.default_rng(211)
    for stone in _flags(random):
        made.add("stone", stone)
    _wall(made, random, ENDS[0], GAP[0], WALL, 0.43)
    _wall(made, random, GAP[1], ENDS[1], WALL, 0.43)
    _wall(made, random, *BACK, 0.98)
    _bench(made, random)
    for side in (-1.0, 1.0):
        _stand(made, random, side * STAND[0], STAND[1], 0.30, STAND_TOP)
    _table(made, random)
    made.shapes = [(kind, shape.at(STONES.x, STONES.y, STONES.z)) for kind, shape in made.shapes]
    return made


# --- flagstones


def _flags(random: np.random.Generator) -> list[Shape]:
    """One stone for each cell about scattered middles; the outermost end where no stone lies beside them."""
    apart = 0.80
    ticks = np.arange(-6.0, 6.01, apart)
    x, z = (axis.ravel() for axis in np.meshgrid(ticks, ticks * 0.87))
    x = x + (np.round(z / (0.87 * apart)) % 2) * 0.5 * apart
    sites = np.stack([x, z], axis=-1) + random.uniform(-0.24, 0.24, (len(x), 2))
    away = np.hypot(*sites.T)
    return [_flag(random, _cell(sites, int(k))) for k in np.flatnonzero(away < PAVED - 0.25 + random.uniform(0, 0.3))]


def _cell(sites: Floats, k: int) -> Floats:
    """The outline (n, 2), counter-clockwise, of what lies nearest to a site, less half a joint, its corners worn."""
    outline = sites[k] + 0.75 * np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    near = np.flatnonzero(np.hypot(*(sites - sites[k]).T) < 1.9)
    for other in near[near != k]:
        way = sites[other] - sites[k]
        far = float(np.hypot(*way))
        outline = _cut(outline, way / far, float(way @ (sites[k] + sites[other]) / (2.0 * far)) - JOINT)
    after = np.roll(outline, -1, axis=0)
    return np.stack([outline + WORN * (after - outline), after - WORN * (after - outline)], axis=1).reshape(-1, 2)


def _cut(outline: Floats, normal: Floats, reach: float) -> Floats:
    """A convex outline's part where point @ normal <= reach."""
    over = outline @ normal - reach
    made: list[Floats] = []
    for k in range(len(outline)):
        a, b = over[k - 1], over[k]
        if a * b < 0.0:
            made.append(outline[k - 1] + (outline[k] - outline[k - 1]) * a / (a - b))
        if b <= 0.0:
            made.append(outline[k])
    return np.array(made)


def _flag(random: np.random.Generator, outline: Floats) -> Shape:
    """A stone that is a little off level; its upper edge is round."""
    middle = outline.mean(axis=0)
    out = outline - middle
    wide = np.hypot(*out.T)[:, None]
    out /= wide
    n = len(outline)
    tilt, up = random.normal(0.0, 0.004, 2), random.uniform(-0.007, 0.005)
    edge = 0.016 + 0.006 * np.sin(np.arange(n) * tau * 3.0 / n + random.uniform(0.0, tau))[:, None]
    rings = [(outline, -0.085), (outline, -0.016), (outline - 0.4 * edge * out, -0.004), (outline - edge * out, 0.0)]
    rings.append((middle + 0.55 * (outline - middle), 0.001))
    position = [np.insert(ring, 1, y + up + (ring - middle) @ tilt, axis=1) for ring, y in rings]
    position.append(np.array([[middle[0], up + 0.001, middle[1]]]))
    bends = (0.0, 0.25, 0.8, 1.0, 1.0)
    flat = np.insert(out, 1, 0.0, axis=1)
    level = np.array([-tilt[0], 1.0, -tilt[1]])
    normal = [(1.0 - bend) * flat + bend * level for bend in bends] + [level[None]]
    index: list[Ints] = []
    k, after = np.arange(n), (np.arange(n) + 1) % n
    for row in range(len(rings) - 1):
        a, b, c, d = row * n + k, row * n + after, row * n + n + after, row * n + n + k
        index += [np.stack([a, c, b], axis=-1), np.stack([a, d, c], axis=-1)]
    last = (len(rings) - 1) * n
    index.append(np.stack([last + k, np.full(n, last + n), last + after], axis=-1))
    points, facing = np.concatenate(position), np.concatenate(normal)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    turn = random.uniform(0.0, tau)
    uv = points[:, ::2] @ np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]]) + random.uniform(0.0, 9.0, 2)
    uv[:n] += 0.07 * out  # its side is no smear of its edge
    moss = 0.10 + 0.30 * float(np.clip((np.hypot(*middle) - 2.0) / 2.0, 0.0, 1.0)) * random.random()
    return _coloured(
        Shape(points, facing, uv, np.ones((len(points), 4)), _outward(points, facing, index)), random, moss
    )


def _outward(points: Floats, normal: Floats, index: list[Ints]) -> Ints:
    """Triangles turned to the side that normals show."""
    joined = np.concatenate(index)
    a, b, c = (points[joined[:, k]] for k in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), normal[joined].sum(axis=1)) < 0.0
    return np.asarray(np.where(inward[:, None], joined[:, ::-1], joined))


def _coloured(shape: Shape, random: np.random.Generator, moss: float) -> Shape:
    tone = srgb((GREY, WARM, COOL)[int(random.integers(3))]) * random.uniform(0.78, 1.16)
    painted = shape.painted(np.tile(tone, (len(shape.position), 1)))
    painted.colour[:, 3] = moss
    return painted


# --- walls


def _worn(random: np.random.Generator, size: tuple[float, float, float], bevel: float, by: float) -> Shape:
    """A block about the origin with round edges, nowhere quite straight."""
    made = box(size, bevel=bevel, cells=9.0)
    ways, turns = random.normal(0.0, 5.0, (3, 3)), random.uniform(0.0, tau, 3)
    bent = made.position + by * np.sin(made.position @ ways + turns)
    side = np.argmax(np.abs(made.normal), axis=1)[:, None]
    uv = np.take_along_axis(made.position, np.concatenate([(side + 1) % 3, (side + 2) % 3], axis=1), axis=1)
    shape = Shape(bent, made.normal, uv + random.uniform(0.0, 9.0, 2), made.colour, made.index)
    return shape.turned(random.normal(0.0, 0.04), random.normal(0.0, 0.03))


def _wall(made: Built, random: np.random.Generator, begins: float, ends: float, away: float, high: float) -> None:
    """Courses of stones without mortar along an arc, and flat ones on their top."""
    cap = 0.085
    courses = max(2, round((high - cap) / 0.17))
    each = (high - cap) / courses
    for course in range(courses + 1):
        top = course == courses
        low, tall = course * each, cap if top else each
        deep = 0.42 if top else 0.38 - 0.02 * course
        turn = radians(begins) - (0.0 if top else 0.02 * (course % 2))
        while (left := (radians(ends) - turn) * away) > 0.14:
            long = min(random.uniform(0.40, 0.74) if top else _stone_long(random), left)
            middle = turn + 0.5 * long / away
            size = (long * 0.985, tall * random.uniform(0.90, 1.16), deep * random.uniform(0.84, 1.12))
            stone = _worn(random, size, 0.040 if not top else 0.028, 0.017).turned(-middle)
            x, z = away * sin(middle), -away * cos(middle)
            rise = random.uniform(-0.012, 0.012)
            shape = stone.at(x, low + 0.5 * tall + rise, z)
            made.add("stone", _coloured(shape, random, 0.16 + 0.12 * top + 0.25 * random.random() * (course == 0)))
            turn += long / away
    _foot(made, begins, ends, away, high)


def _stone_long(random: np.random.Generator) -> float:
    """Metres: short ones and long ones, few between."""
    return float(random.choice((0.20, 0.32, 0.46, 0.60)) * random.uniform(0.85, 1.15))


def _foot(made: Built, begins: float, ends: float, away: float, high: float) -> None:
    """A wall's dark inside, from below the ground to its flat stones; and what of it keeps light away."""
    count = max(3, round(radians(ends - begins) * away / 0.7))
    step = radians(ends - begins) / count
    for k in range(count):
        turn = radians(begins) + (k + 0.5) * step
        x, z = STONES.x + away * sin(turn), STONES.z - away * cos(turn)
        core = box((step * away + 0.01, high + 0.14, 0.20), bevel=0.01, cells=9.0).turned(-turn)
        core = core.at(x - STONES.x, 0.5 * (high - 0.06) - 0.10, z - STONES.z).painted("#4A4845")
        core.colour[:, 3] = 0.3
        made.add("stone", core)
        made.casters.append(Caster(x, z, 0.5 * step * away + 0.02, 0.19, STONES.y + high, -turn, round=False, dark=0.5))
        made.feet.append((x, STONES.y - 0.20, z))


def _bench(made: Built, random: np.random.Generator) -> None:
    """A slab on two stones, along the wall behind."""
    slab = _worn(random, (1.75, 0.10, 0.42), 0.03, 0.012)
    made.add("stone", _coloured(slab.at(0.0, 0.40, 1.55), random, 0.22))
    for x in (-0.62, 0.62):
        foot = _worn(random, (0.34, 0.40, 0.34), 0.04, 0.012)
        made.add("stone", _coloured(foot.at(x, 0.16, 1.57), random, 0.3))
        made.feet.append((STONES.x + x, STONES.y - FLAGS - 0.03, STONES.z + 1.57))


def _stand(made: Built, random: np.random.Generator, x: float, z: float, wide: float, top: float) -> None:
    """A rough pillar of two stones, for a bowl."""
    lower = _worn(random, (wide * 1.06, 0.40, wide), 0.022, 0.012)
    upper = _worn(random, (wide * 0.94, top - 0.31, wide * 0.96), 0.020, 0.010)
    made.add("stone", _coloured(lower.at(x, 0.15, z), random, 0.25))
    made.add("stone", _coloured(upper.at(x, 0.5 * (top + 0.31), z), random, 0.18))
    made.casters.append(
        Caster(STONES.x + x, STONES.z + z, 0.5 * wide, 0.5 * wide, STONES.y + top, round=False, dark=0.6)
    )
    made.feet.append((STONES.x + x, STONES.y - FLAGS - 0.03, STONES.z + z))


def _table(made: Built, random: np.random.Generator) -> None:
    """A broad low stone before the seat."""
    x, z, top = TABLE
    slab = _worn(random, (1.02, 0.12, 0.58), 0.035, 0.014).turned(0.10)
    made.add("stone", _coloured(slab.at(x, top - 0.06, z), random, 0.12))
    for side in (-0.30, 0.30):
        foot = _worn(random, (0.30, 0.34, 0.40), 0.04, 0.012)
        made.add("stone", _coloured(foot.at(x + side, 0.10, z), random, 0.3))
        made.feet.append((STONES.x + x + side, STONES.y - FLAGS - 0.03, STONES.z + z))
    made.casters.append(Caster(STONES.x + x, STONES.z + z, 0.5, 0.28, STONES.y + top, 0.1, round=False, dark=0.6))


# --- shade


def dark_feet() -> Floats:
    """Where what stands on the flagstones darkens them (n, 5), about the seat: x, y, z, radius and share."""
    made = [(0.0, 0.0, 1.60, 0.8, 0.25), (-0.62, 0.0, 1.60, 0.5, 0.25), (0.62, 0.0, 1.60, 0.5, 0.25)]
    made += [(side * STAND[0], 0.0, STAND[1], 0.40, 0.5) for side in (-1.0, 1.0)]
    made += [(TABLE[0] + side, 0.0, TABLE[1], 0.52, 0.42) for side in (-0.3, 0.3)]
    made += [(BASIN[0], 0.0, BASIN[1], 0.50, 0.55), (BASIN[0] + 0.56, 0.0, BASIN[1] - 0.11, 0.36, 0.45)]
    made += [(HARP[0], 0.0, HARP[1], 0.52, 0.5)]
    made += [(BELL[0] + 0.43 * side, 0.0, BELL[1] - 0.23 * side, 0.24, 0.5) for side in (-1.0, 1.0)]
    for begins, ends, away in ((ENDS[0], GAP[0], WALL - 0.12), (GAP[1], ENDS[1], WALL - 0.12), (BACK[0], BACK[1], 2.0)):
        for turn in np.arange(begins, ends, degrees(0.42 / away)):
            x, z = at_azimuth(float(turn), away)
            made.append((x, 0.0, z, 0.42, 0.25))
    return np.array(made)


def lowest(x: float, z: float) -> float:
    """The ground's height about the seat, below its flagstones."""
    return ground_at(STONES.x + x, STONES.z + z) - STONES.y
