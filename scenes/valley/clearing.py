"""What is in the clearing: a gatepost with its fence, a bench over the bay, and what grows warm there when rested upon.

Lengths are metres; places are of the seat there, `place.GROVE`, unless said otherwise.
"""

from __future__ import annotations

from math import cos, radians, sin, tau
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scenes.valley.attention import Spot
from scenes.valley.built import Built, ground_at
from scenes.valley.driftwood import limb
from scenes.valley.place import GROVE, LIGHTHOUSE, height
from scenes.valley.rocks import in_the_clearing, resting
from scenes.valley.shapes import Floats, Shape, box, merged, srgb, tube
from scenes.valley.terrain import Caster
from scenes.valley.trees import BIRCH, Limbs, grown, placed, tree_list, tubes
from vr_app.api import Arrays

STONE: Final = "the mossy stone"
SEEN: Final = ("the gatepost", STONE, "the birch", "the bench", "the far lighthouse")
HEARD: Final = ("a bird", "the leaves", "the fence wire", "a far bell")
POSTS: Final = ((1.62, -2.72, 1.22), (3.55, -4.35, 1.02), (5.25, -5.75, 0.97), (6.9, -7.3, 1.0))  # x, z, height
BENCH: Final = (-0.75, -8.1, 0.10)  # x, z and turn
BENCH_WIDE, BENCH_SEAT, BENCH_BACK = 1.5, 0.44, 0.86
MOSS: Final = (0.13, 0.145, 0.075)
GROUND: Final = (0.135, 0.140, 0.070)  # albedo of what lies about things
SUNK: Final = 0.4  # metres of a post in the ground
OAK: Final = "#8F8474"


def _ground(x: float, z: float) -> float:
    """Height of the ground at a place of the seat, in the valley's frame."""
    return ground_at(GROVE.x + x, GROVE.z + z)


def things() -> Built:
    """All that people made there, in the valley's frame."""
    made = Built(damp=0.22)
    made.add("wood", gatepost())
    made.add("wood", fence())
    made.add("wood", bench())
    for x, z, high in POSTS:
        made.feet.append((GROVE.x + x, _ground(x, z), GROVE.z + z))
        top = _ground(x, z) + high
        made.casters.append(Caster(GROVE.x + x, GROVE.z + z, 0.11, 0.11, top, round=False, dark=0.3))
    x, z, turn = BENCH
    for side in (-0.55, 0.0, 0.55):
        made.feet.append((GROVE.x + x + side, _ground(x + side, z), GROVE.z + z))
    top = _ground(x, z) + BENCH_SEAT
    made.casters.append(Caster(GROVE.x + x, GROVE.z + z, 0.5 * BENCH_WIDE, 0.2, top, turn, round=False, dark=0.35))
    return made


def gatepost() -> Shape:
    """Split oak, silvered and cracked, leaning a little; an iron hook's worn notch is all that is left of its gate."""
    x, z, high = POSTS[0]
    t = np.linspace(0.0, 1.0, 26)
    foot = _ground(x, z) - SUNK
    y = foot + t * (high + SUNK)
    path = np.stack([GROVE.x + x + 0.055 * t + 0.012 * np.sin(5.0 * t), y, GROVE.z + z + 0.03 * t], axis=-1)
    radius = 0.115 - 0.018 * t + 0.012 * np.exp(-(((y - foot - SUNK) / 0.14) ** 2))
    return _silvered(limb(np.random.default_rng(51), path, radius, columns=26, cracks=8, torn=(0.0, 0.055)))


def _silvered(wood: Shape) -> Shape:
    """Green with algae toward its foot."""
    tint = wood.colour.copy()
    low = np.clip(1.0 - (wood.position[:, 1:2] - wood.position[:, 1].min() - SUNK) / 0.55, 0.0, 1.0)
    tint[:, :3] *= 1.0 - 0.45 * low * np.array([0.9, 0.55, 1.0])
    return Shape(wood.position, wood.normal, wood.uv, tint, wood.index)


def fence() -> Shape:
    """The posts beyond the gate, rails that sag, one of them fallen at one end, and a wire."""
    random = np.random.default_rng(52)
    parts = []
    for x, z, high in POSTS[1:]:
        t = np.linspace(0.0, 1.0, 14)
        lean = random.normal(0.0, 0.05, 2)
        foot = _ground(x, z) - SUNK
        path = np.stack([GROVE.x + x + (0.02 + lean[0]) * t, foot + t * (high + SUNK), GROVE.z + z + lean[1] * t], -1)
        radius = 0.072 - 0.01 * t
        parts.append(_silvered(limb(random, path, radius, columns=14, cracks=4, torn=(0.0, 0.05))))
    for k in range(len(POSTS) - 1):
        for above, sag in ((0.84, 0.03), (0.44, 0.04)):
            fallen = k == 0 and above < 0.5
            parts.append(_rail(random, k, (above, 0.02 if fallen else above), sag))
        parts.append(_wire(k))
    return merged(parts)


def _between(k: int, above: tuple[float, float], t: Floats, sag: float) -> Floats:
    """A way (n, 3) in the valley's frame from post k to the next, at heights over the ground at each."""
    (ax, az, _), (bx, bz, _) = POSTS[k], POSTS[k + 1]
    begin, end = _ground(ax, az) + above[0], _ground(bx, bz) + above[1]
    y = begin + t * (end - begin) - sag * np.sin(np.pi * np.clip(t, 0.0, 1.0))
    return np.stack([GROVE.x + ax + t * (bx - ax), y, GROVE.z + az + t * (bz - az)], axis=-1)


def _rail(random: np.random.Generator, k: int, above: tuple[float, float], sag: float) -> Shape:
    t = np.linspace(-0.05, 1.05 if above[0] == above[1] else 0.86, 16)
    path = _between(k, above, t, sag)
    path[:, 1] += 0.012 * np.sin(9.0 * t + random.uniform(0.0, tau))
    return limb(random, path, 0.036 + 0.004 * np.sin(7.0 * t), columns=12, cracks=3, torn=(0.03, 0.04))


def _wire(k: int) -> Shape:
    path = _between(k, (0.66, 0.66), np.linspace(0.0, 1.0, 12), 0.035)
    return tube(path, 0.0055, sides=5).painted("#5B5650")


def bench() -> Shape:
    """Two planks on legs and one to lean on; it looks where the seat looks."""
    random = np.random.default_rng(53)
    x, z, turn = BENCH
    ground = _ground(x, z)
    parts = [
        box((BENCH_WIDE, 0.05, 0.185), bevel=0.008, cells=0.25).at(0.0, BENCH_SEAT, 0.10),
        box((BENCH_WIDE + 0.03, 0.05, 0.175), bevel=0.008, cells=0.25).at(0.01, BENCH_SEAT + 0.004, -0.095),
        box((BENCH_WIDE, 0.17, 0.038), bevel=0.008, cells=0.25).turned(0.0, 0.14).at(-0.01, BENCH_BACK - 0.10, 0.245),
    ]
    for side in (-0.58, 0.58):
        parts.append(
            box((0.075, BENCH_SEAT + 0.3, 0.075), bevel=0.008, cells=0.2).at(side, 0.5 * BENCH_SEAT - 0.17, -0.12)
        )
        back = box((0.075, BENCH_BACK + 0.3, 0.07), bevel=0.008, cells=0.2)
        parts.append(back.turned(0.0, 0.09).at(side, 0.5 * BENCH_BACK - 0.16, 0.19))
    for part in parts:
        part.uv[:] = part.uv + random.uniform(0.0, 9.0, 2)
    tinted = [part.painted(srgb(OAK) * random.uniform(0.86, 1.1)) for part in parts]
    return merged(tinted).turned(turn).at(GROVE.x + x, ground, GROVE.z + z)


# --- what may be rested on


def _toward(right: float, up: float, away: float) -> tuple[float, float, float]:
    """A place so many degrees to the right of -z and above the seated eye."""
    a, e = radians(right), radians(up)
    return away * sin(a) * cos(e), 1.2 + away * sin(e), -away * cos(a) * cos(e)


def _local(x: float, z: float, above: float) -> tuple[float, float, float]:
    return x, _ground(x, z) - GROVE.y + above, z


BIRCH_AT: Final = (7.25, -9.3)  # about the seat: the tree that stands nearest to it is meant


def seen_spots() -> list[Spot]:
    """Of SEEN, in its order."""
    (px, pz, high), stone = POSTS[0], in_the_clearing()[0]
    x, z, _ = BENCH
    lamp = GROVE.local(np.array([LIGHTHOUSE[0], ground_at(*LIGHTHOUSE) + 9.0, LIGHTHOUSE[1]]))
    return [
        Spot(_local(px + 0.03, pz, 0.58 * high), 0.34),
        Spot(_local(stone.x - GROVE.x, stone.z - GROVE.z, 0.24), 0.42),
        Spot(_local(*BIRCH_AT, 2.2), 1.1),
        Spot(_local(x, z, 0.62), 0.85),
        Spot((float(lamp[0]), float(lamp[1]), float(lamp[2])), 16.0),
    ]


def heard_spots() -> list[Spot]:
    """Of HEARD, in its order: none behind, all of them where the head turns without effort."""
    (ax, az, _), (bx, bz, _) = POSTS[1:3]
    wire = _local(0.5 * (ax + bx), 0.5 * (az + bz), 0.66)
    return [
        Spot(_toward(-56.0, 10.0, 18.0), 3.4),
        Spot(_toward(38.0, 17.0, 12.0), 2.4),
        Spot(wire, 0.8),
        Spot(_toward(6.0, -4.5, 70.0), 12.0),
    ]


# --- how it grows warm


def kindled_arrays() -> Arrays:
    """A mesh for shaders/kindled.glsl: over each of SEEN a skin and the ground about it, over each of HEARD too a glow.

    kind: which of SEEN and HEARD; uv: across a glow, -1..1; light: how near to where it is rested on, 0..1, and half a
    glow's side, 0 for what is a skin; colour: albedo.
    """
    spots = [*seen_spots(), *heard_spots()]
    stone = in_the_clearing()[0]
    shape, base = resting(stone, 4)
    skins = [gatepost(), shape.at(stone.x, base, stone.z), None, bench()]
    parts: list[dict[str, npt.NDArray[Any]]] = []
    for kind, skin in enumerate(skins):
        parts.append(_birch(spots[kind]) if skin is None else _skin(kind, skin, spots[kind]))
        parts.append(_about(kind, spots[kind]))
    for kind, spot in enumerate(spots):
        parts.append(_glow(kind, spot))
    starts = np.cumsum([0, *(len(part["position"]) for part in parts[:-1])])
    made = {
        name: np.concatenate([part[name] for part in parts]).astype(np.float32) for name in parts[0] if name != "index"
    }
    index = np.concatenate([part["index"].reshape(-1) + start for part, start in zip(parts, starts, strict=True)])
    return made | {"index": index.astype(np.uint32)}


def _part(kind: int, position: Floats, normal: Floats, colour: Floats, near: Floats, index: Any) -> dict[str, Any]:
    count = len(position)
    light = np.stack([near, np.zeros(count), np.zeros(count), np.ones(count)], axis=-1)
    return {
        "position": position,
        "normal": normal,
        "uv": np.zeros((count, 2)),
        "colour": np.concatenate([np.broadcast_to(colour, (count, 3)), np.ones((count, 1))], axis=1),
        "light": light,
        "kind": np.full((count, 1), float(kind)),
        "index": np.asarray(index),
    }


def _nearness(points: Floats, spot: Spot, reach: float) -> Floats:
    return np.asarray(np.exp(-((np.linalg.norm(points - np.array(spot.centre), axis=1) / reach) ** 2)))


def _skin(kind: int, shape: Shape, spot: Spot) -> dict[str, Any]:
    points, normal = GROVE.local(shape.position), shape.normal
    lifted = points + 0.004 * normal
    moss = 0.8 * shape.colour[:, 3:] * np.clip(1.5 * normal[:, 1:2], 0.0, 1.0) if kind == SEEN.index(STONE) else 0.0
    albedo = shape.colour[:, :3] + moss * (np.array(MOSS) - shape.colour[:, :3])
    return _part(kind, lifted, normal, albedo, _nearness(points, spot, 1.5 * spot.radius), shape.index)


def _birch(spot: Spot) -> dict[str, Any]:
    """The lower trunk of the tree that stands there."""
    tree = min(tree_list(), key=lambda each: np.hypot(each.x - GROVE.x - BIRCH_AT[0], each.z - GROVE.z - BIRCH_AT[1]))
    root = GROVE.local(np.array([tree.x, ground_at(tree.x, tree.z), tree.z]))
    trunk = grown(BIRCH, tree.seed).limbs[0]
    limbs = Limbs(placed(tree, trunk.paths, root)[:, :6], trunk.radii[:, :6] * tree.tall / 9.0 + 0.012)
    made = tubes(limbs, 12, srgb("#CFC7BA"), BIRCH)
    points = np.asarray(made["position"], float)
    index = np.asarray(made["index"]).reshape(-1, 3)
    normal = np.asarray(made["normal"], float)
    return _part(SEEN.index("the birch"), points, normal, 0.55 * srgb("#CFC7BA"), _nearness(points, spot, 1.6), index)


def _about(kind: int, spot: Spot) -> dict[str, Any]:
    """The ground about a thing, out to where its light ends."""
    x, _, z = spot.centre
    reach, rows, columns = 0.45 + 1.3 * min(spot.radius, 0.8), 9, 29
    r, turn = np.meshgrid(np.linspace(0.02, 1.0, rows), np.linspace(0.0, tau, columns), indexing="ij")
    a, b = (x + reach * r * np.cos(turn)).ravel(), (z + reach * r * np.sin(turn)).ravel()
    y = height(GROVE.x + a, GROVE.z + b) - GROVE.y + 0.03
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    c = (row * columns + column).ravel()
    index = np.concatenate([np.stack([c, c + columns + 1, c + columns], -1), np.stack([c, c + 1, c + columns + 1], -1)])
    near = 0.8 * (1.0 - r.ravel() ** 2) ** 2
    normal = np.tile([0.0, 1.0, 0.0], (len(a), 1))
    return _part(kind, np.stack([a, y, b], axis=-1), normal, np.array(GROUND), near, index)


def _glow(kind: int, spot: Spot) -> dict[str, Any]:
    """A card that turns to the eye."""
    uv = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    made = _part(kind, np.tile(spot.centre, (4, 1)), np.tile([0.0, 0.0, 1.0], (4, 1)), np.ones(3), np.ones(4), [])
    made["uv"] = uv
    made["light"][:, 1] = 2.0 * spot.radius if kind < len(SEEN) else 0.7 * spot.radius
    return made | {"index": np.array([[0, 1, 2], [0, 2, 3]])}


def palm_arrays() -> Arrays:
    """A glow about the origin, for a hand; kind 0."""
    made = _glow(0, Spot((0.0, 0.0, 0.0), 0.10))
    index = np.asarray(made.pop("index"), np.uint32).reshape(-1)
    return {name: np.asarray(part, np.float32) for name, part in made.items()} | {"index": index}
