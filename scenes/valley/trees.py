"""Birches and pines, grown by seeded rules: trunk and branches as tubes, sprays of leaves at their ends."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, tau
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scenes.valley.forms import noise, rise
from scenes.valley.grass import joined
from scenes.valley.growing import Ground, best_first, drifts, kept, rows_at, scattered
from scenes.valley.place import (
    CLEARING,
    FIRESIDE,
    GROVE,
    HEARTH,
    HILL,
    ROOM,
    SHORE,
    STONES,
    TERRACE,
    Seat,
    height,
    inland,
    opening,
    stream_course,
    trodden,
)
from scenes.valley.shapes import Floats, Ints, srgb
from vr_app.api import Arrays

POINTS: Final = 7  # of a branch
BIRCH, PINE, HEATHER, WILLOW = range(4)
LEAVES: Final = 3  # in place of a cell
CARDS: Final = (PINE, HEATHER, BIRCH)  # that have a cell in the image of leaves; near birches and willows have leaves
LEAF_COLOURS: Final = ("#6E7A50", "#4E5C42", "#687058", "#747C58")
WHITE_BARK, PINE_BARK, TWIG_BARK = "#CFC7BA", "#8A6448", "#5E4E44"


@dataclass(frozen=True, slots=True)
class Tree:
    """One that stands at (x, z) in the valley: how tall in metres, turned and leaning (metres at its top)."""

    kind: int
    x: float
    z: float
    tall: float
    turn: float = 0.0
    lean: tuple[float, float] = (0.0, 0.0)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Limbs:
    """Tubes of one number of points: paths (n, points, 3) and radii (n, points), metres."""

    paths: Floats
    radii: Floats


@dataclass(frozen=True, slots=True)
class Grown:
    """A tree of its kind at the origin, 9 m tall: trunk, branches and twigs, and where sprays of leaves are.

    `parents` names the branch of each twig and the twig of each spray; `tips` (n, 3), the way out of the crown there,
    and how open it is to the light, 0..1.
    """

    limbs: tuple[Limbs, Limbs, Limbs]
    parents: tuple[Ints, Ints]
    tips: Floats
    outward: Floats
    open: Floats


def _ways(turn: Floats, elevation: Floats) -> Floats:
    return np.stack([np.cos(turn) * np.cos(elevation), np.sin(elevation), np.sin(turn) * np.cos(elevation)], axis=-1)


def _bent(start: Floats, turn: Floats, elevation: Floats, length: Floats) -> Floats:
    """Paths from `start` (n, 3) whose elevation (n, POINTS) changes on the way."""
    steps = _ways(turn[:, None] + 0.0 * elevation, elevation) * (length / (POINTS - 1))[:, None, None]
    return np.asarray(start[:, None] + np.concatenate([0 * steps[:, :1], np.cumsum(steps[:, :-1], axis=1)], axis=1))


def _along(paths: Floats, which: Ints, t: Floats) -> Floats:
    """Points (n, 3) at share t of the paths `which`."""
    at = np.clip(t, 0, 1) * (paths.shape[1] - 1)
    k = np.minimum(at.astype(int), paths.shape[1] - 2)
    f = (at - k)[:, None]
    return np.asarray(paths[which, k] * (1 - f) + paths[which, k + 1] * f)


def _trunk(random: np.random.Generator, tall: float, radius: float, wander: float, points: int = 13) -> Limbs:
    t = np.linspace(0, 1, points)
    path = np.stack([0 * t, tall * t - 0.35 * (t == 0), 0 * t], axis=-1)
    for k in (1, 2, 3):
        phase, size = random.uniform(0, tau, 2), wander / k**1.5
        path[:, 0] += size * (np.sin(k * 2.1 * t + phase[0]) - np.sin(phase[0]))
        path[:, 2] += size * (np.sin(k * 2.1 * t + phase[1]) - np.sin(phase[1]))
    swell = 1 + 0.55 * np.exp(-t * tall / 0.22)
    return Limbs(path[None], (radius * ((1 - t) ** 0.85 * 0.94 + 0.06) * swell)[None])


def grown(kind: int, seed: int) -> Grown:
    random = np.random.default_rng([kind, seed])
    return _birch(random) if kind == BIRCH else _pine(random)


def _birch(random: np.random.Generator) -> Grown:
    """Slender, branches that rise and then hang."""
    trunk = _trunk(random, 8.7, 0.105, 0.22)
    n = 36
    t = np.linspace(0.24, 0.98, n) + random.uniform(-0.012, 0.012, n)
    turn = np.arange(n) * 2.399963 + random.uniform(-0.4, 0.4, n)
    up = (t - 0.24) / 0.74
    length = (0.5 + 2.0 * np.sin(pi * np.clip(0.20 + 0.78 * up, 0, 1)) ** 0.9) * random.uniform(0.75, 1.15, n)
    s = np.linspace(0, 1, POINTS)
    rises = np.radians(28 + 42 * up)[:, None]
    elevation = rises - np.radians(75 - 25 * up)[:, None] * s**1.6 + random.uniform(-0.1, 0.1, (n, POINTS))
    first = _bent(_along(trunk.paths, np.zeros(n, int), t), turn, elevation, length)
    primary = Limbs(first, (0.007 + 0.008 * length)[:, None] * (1 - 0.85 * s))
    each = 7
    which = np.repeat(np.arange(n), each)
    at = np.tile(np.linspace(0.25, 1.0, each), n) + random.uniform(-0.05, 0.0, n * each)
    away = turn[which] + random.uniform(-1.3, 1.3, n * each)
    short = random.uniform(0.45, 1.0, n * each) * (0.5 + 0.5 * length[which] / 2.4)
    hang = np.radians(random.uniform(-25, 25, n * each))[:, None] - np.radians(72) * s**0.7
    second = _bent(_along(first, which, at), away, hang, short)
    twigs = Limbs(second, np.full((n * each, 1), 0.0045) * (1 - 0.7 * s))
    many = 5
    leafed = np.repeat(np.arange(n * each), many)
    place = np.tile(np.linspace(0.28, 1.0, many), n * each) + random.uniform(-0.10, 0.05, many * n * each)
    tips = _along(second, leafed, place)
    return _leafed((trunk, primary, twigs), (which, leafed), tips, np.array([0.0, 5.4, 0.0]), np.array([2.0, 3.6, 2.0]))


def _pine(random: np.random.Generator) -> Grown:
    """Bare below, broad clumps of needles above."""
    trunk = _trunk(random, 8.5, 0.15, 0.32)
    n = 24
    t = np.linspace(0.40, 0.99, n) + random.uniform(-0.015, 0.015, n)
    turn = np.arange(n) * 2.399963 + random.uniform(-0.5, 0.5, n)
    up = (t - 0.40) / 0.59
    length = (0.5 + 1.9 * np.sin(pi * np.clip(0.28 + 0.66 * up, 0, 1))) * random.uniform(0.65, 1.2, n)
    s = np.linspace(0, 1, POINTS)
    elevation = np.radians(-4 + 30 * up)[:, None] + np.radians(34) * s**2 + random.uniform(-0.18, 0.18, (n, POINTS))
    first = _bent(_along(trunk.paths, np.zeros(n, int), t), turn, elevation, length)
    primary = Limbs(first, (0.012 + 0.017 * length)[:, None] * (1 - 0.8 * s))
    each = 6
    which = np.repeat(np.arange(n), each)
    at = np.tile(np.linspace(0.45, 1.0, each), n) + random.uniform(-0.06, 0.0, n * each)
    side = np.tile(np.array([-0.9, 0.9, -0.7, 0.7, -0.4, 0.0]), n)
    away = turn[which] + side + random.uniform(-0.25, 0.25, n * each)
    lift = np.radians(8) + np.radians(30) * s + random.uniform(-0.15, 0.15, (n * each, POINTS))
    second = _bent(_along(first, which, at), away, lift, random.uniform(0.3, 0.6, n * each))
    twigs = Limbs(second, np.full((n * each, 1), 0.009) * (1 - 0.6 * s))
    leafed = np.repeat(np.arange(n * each), 2)
    tips = _along(second, leafed, np.tile(np.array([0.5, 1.0]), n * each))
    return _leafed((trunk, primary, twigs), (which, leafed), tips, np.array([0.0, 6.4, 0.0]), np.array([2.1, 2.6, 2.1]))


def _leafed(
    limbs: tuple[Limbs, Limbs, Limbs], parents: tuple[Ints, Ints], tips: Floats, middle: Floats, half: Floats
) -> Grown:
    """With normals of a soft ball about the crown, and less light toward its inside."""
    apart = (tips - middle) / half
    far = np.linalg.norm(apart, axis=1, keepdims=True)
    outward = apart / half
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    open_ = (0.40 + 0.60 * np.clip(far[:, 0], 0, 1) ** 1.6) * (0.82 + 0.18 * np.clip(apart[:, 1], -1, 1))
    return Grown(limbs, parents, tips, outward, open_)


# --- where they stand


# Birches that stand beside a view: the one on the bank leans over the beach, the other hangs into the room's window.
FRAMES: Final = (
    Tree(BIRCH, SHORE.x - 5.6, SHORE.z + 1.9, 8.8, 2.1, (2.3, -4.6), 1),
    Tree(BIRCH, -4.2, -5.8, 6.6, 1.5, (2.5, -0.3), 0),
)


# Two that stand by the terrace for those who sit there, and the degrees to the right of straight ahead within which
# none hides the bay from them.
BESIDE: Final = (
    Tree(BIRCH, STONES.x - 5.3, STONES.z - 1.5, 7.4, 0.7, (0.7, -0.3), 2),
    Tree(BIRCH, STONES.x + 4.9, STONES.z + 3.4, 8.3, 2.9, (-0.4, 0.2), 0),
)
VIEW: Final = (-24.0, 21.0)


def listed_about(seat: Seat) -> list[Tree]:
    """The trees that are drawn about a seat, some of them farther off than one sees."""
    if seat != STONES:
        return tree_list()
    turns = ((tree, np.degrees(np.arctan2(tree.x - seat.x, seat.z - tree.z))) for tree in tree_list())
    return [*BESIDE, *(tree for tree, turn in turns if not VIEW[0] < turn < VIEW[1])]


def stands_clear(seat: Seat, points: Floats) -> npt.NDArray[np.bool_]:
    """Which of the points (n, 3) of a seat do not hide what one looks at: the sea from the shore, the bay from the
    grove, the terrace or the fireside, from the room all that its window shows, where only `bough` reaches in.
    """
    x, y, z = points.T
    away, eye = np.hypot(x, z), 1.2
    low, high = VIEW if seat == STONES else (-37.0, 37.0)
    turn = np.arctan2(x, -z)
    ahead = (turn > np.radians(low)) & (turn < np.radians(high)) & (away < (16.0 if seat == FIRESIDE else 26.0))
    if seat == ROOM:
        hidden = ahead & (y > 0.45) & (y < eye + 0.27 * away)
    elif seat == GROVE:
        hidden = opening(seat, x, z) & (y > 0.45) & (away < 40.0)
    else:
        hidden = ahead & (y > 0.45)
    return np.asarray(~hidden & ((away > 1.7) | (y < 1.0)) & (np.hypot(away, y - eye) > 1.1))


def tree_list() -> list[Tree]:
    """All trees of the valley near its seats, in the valley's frame."""
    random = np.random.default_rng(77)
    ticks = np.arange(-150.0, 190.0, 3.4)
    x, z = (axis.ravel() for axis in np.meshgrid(ticks, np.arange(-140.0, 150.0, 3.4)))
    x, z = x + random.uniform(0, 3.0, len(x)), z + random.uniform(0, 3.0, len(z))
    s = inland(x, z)
    groves = noise(x / 31.0, z / 31.0, 91) + 0.35 * noise(x / 9.0, z / 9.0, 92)
    chance = np.clip(1.5 * groves - 0.05, 0, 0.75) * np.clip((s - 17.0) / 8.0, 0, 1)
    for (cx, cz), free in (((0.0, 0.0), 13.0), (HEARTH, 8.0), (TERRACE, 12.0), (CLEARING, 10.0), (HILL, 30.0)):
        chance *= np.hypot(x - cx, z - cz) > free
    chance *= ~((np.abs(x) < 12.0 - 0.9 * z) & (z < 4.0) & (z > -40.0))  # what the room's window looks at
    stay = np.flatnonzero(random.random(len(x)) < chance)
    x, z = x[stay], z[stay]
    ground = height(x, z)
    course = stream_course().points[:, ::2]
    wet = np.array([np.hypot(*(course - (a, b)).T).min() for a, b in zip(x, z, strict=True)]) < 2.2
    made = [*FRAMES]
    for k in np.flatnonzero((ground > 1.2) & ~wet):
        kind = (
            PINE if noise(x[k : k + 1] / 24.0, z[k : k + 1] / 24.0, 93)[0] + random.uniform(-0.3, 0.3) > 0.02 else BIRCH
        )
        tall = random.uniform(6.0, 9.6) * (1.12 if kind == PINE else 1.0)
        lean = tuple(random.normal(0.0, 0.35, 2).tolist())
        made.append(Tree(kind, x[k], z[k], tall, random.uniform(0, tau), (lean[0], lean[1]), int(random.integers(3))))
    return made


# --- about a seat

MOST_TWIGS, MOST_SPRAYS = 2600, 8500
SEEN: Final = 95.0  # metres within which trees are drawn
CROWN: Final = 2.2  # metres from a trunk to the edge of its crown
TREE_FOOT: Final = 0.6  # metres about a trunk that are darker
SPRAY: Final = (0.30, 0.50)  # metres of a birch's and a pine's sprays


@dataclass(frozen=True, slots=True)
class Level:
    """How much of a tree is drawn from some distance on: sides of its limbs by order, each n-th spray, larger."""

    beyond: float
    sides: tuple[int, ...]
    nth: int
    larger: float


LEVELS: Final = {
    BIRCH: (Level(0.0, (12, 6, 3), 1, 1.0), Level(13.0, (7, 3), 7, 1.7), Level(45.0, (4,), 20, 2.4)),
    PINE: (Level(0.0, (12, 6, 3), 1, 1.0), Level(13.0, (7, 3), 2, 1.2), Level(45.0, (4,), 8, 2.1)),
}


def wood_and_leaves(ground: Ground) -> tuple[Arrays, Floats, Floats]:
    """The mesh of all limbs about a seat, rows of twigs of broad leaves and rows of sprays, the best first."""
    forms = {(kind, seed): grown(kind, seed) for kind in (BIRCH, PINE) for seed in range(3)}
    random = np.random.default_rng(78)
    listed = listed_about(ground.seat)
    x, z = (np.array(axis) for axis in zip(*((tree.x, tree.z) for tree in listed), strict=True))
    roots = ground.seat.local(np.stack([x, height(x, z), z], axis=-1))
    away = np.hypot(roots[:, 0], roots[:, 2])
    horizon = ground.horizon(roots + np.array([0.0, 4.0, 0.0]))
    limbs, rows = [], []
    stands = ground.shown(roots[:, 0], roots[:, 2]) & ~opening(ground.seat, roots[:, 0], roots[:, 2], CROWN)
    for k in np.flatnonzero((away < SEEN) & stands):
        tree, form = listed[k], forms[listed[k].kind, listed[k].seed]
        level = next(level for level in reversed(LEVELS[tree.kind]) if away[k] >= level.beyond)
        parts, tips = _standing(ground.seat, tree, form, roots[k])
        stride = 1 if level.beyond == 0.0 else 2
        for order, (part, sides) in enumerate(zip(parts, level.sides, strict=False)):
            bark = (WHITE_BARK, PINE_BARK)[tree.kind] if order == 0 else TWIG_BARK
            thin = Limbs(part.paths[:, ::stride], part.radii[:, ::stride])
            made = dict(tubes(thin, sides, srgb(bark), tree.kind if order == 0 else PINE))
            limbs.append(made | {"horizon": np.repeat(horizon[k : k + 1], len(made["position"]), axis=0)})
        if level.beyond == 0.0:
            foot = _foot(tree, parts[0])
            limbs.append(foot | {"horizon": np.repeat(horizon[k : k + 1], len(foot["position"]), axis=0)})
        rows.append(_sprays(random, tree, form, level, tips))
        if ground.seat == ROOM and tree == FRAMES[1]:
            reaching, leafy = bough(parts[0])
            for part in reaching:
                made = dict(tubes(part, 5, srgb(TWIG_BARK), PINE))
                limbs.append(made | {"horizon": np.repeat(horizon[k : k + 1], len(made["position"]), axis=0)})
            rows.append(leafy)
    leaves = np.concatenate([*rows, bushes(ground)[0]])
    leaves = leaves[best_first(random, np.hypot(leaves[:, 0], leaves[:, 2]))]
    broad = leaves[:, 15] >= LEAVES
    return joined(limbs), leaves[broad][:MOST_TWIGS], leaves[~broad][:MOST_SPRAYS]


def _foot(tree: Tree, trunk: Limbs) -> dict[str, npt.NDArray[Any]]:
    """Where a trunk widens into its roots; a trunk's own points lie too far apart for that."""
    s = np.linspace(0.0, 1.0, 7)
    path = _along(trunk.paths, np.zeros(7, int), 1.4 * s / (trunk.paths.shape[1] - 1))
    above = np.maximum(path[:, 1] - path[0, 1] - 0.3, 0.0)
    wide = np.interp(1.4 * s, np.arange(2), trunk.radii[0, :2]) * (1.0 + 0.9 * np.exp(-above / 0.14))
    return dict(tubes(Limbs(path[None], wide[None]), 12, srgb((WHITE_BARK, PINE_BARK)[tree.kind]), tree.kind))


# Where the bough that the room's window shows goes on from its trunk, about the room's seat.
BOUGH: Final = ((-2.75, 2.64, -5.75), (-1.85, 2.58, -5.5), (-1.15, 2.38, -5.3), (-0.62, 2.12, -5.1))


def bough(trunk: Limbs) -> tuple[list[Limbs], Floats]:
    """It enters the window from its left side: the bough itself, its twigs, and rows of their leaves."""
    random = np.random.default_rng(80)
    start = trunk.paths[0, np.argmin(np.abs(trunk.paths[0, :, 1] - 2.2))]
    knots = np.stack([start, *np.array(BOUGH)])
    t = np.linspace(0.0, len(knots) - 1.0, 17)
    path = np.stack([np.interp(t, np.arange(len(knots)), axis) for axis in knots.T], axis=-1)
    path[1:-1] = 0.25 * path[:-2] + 0.5 * path[1:-1] + 0.25 * path[2:]
    n = 22
    at = np.linspace(0.42, 1.0, n)
    base = _along(path[None], np.zeros(n, int), at)
    s = np.linspace(0.0, 1.0, POINTS)
    turn = np.asarray(2.399963 * np.arange(n), np.float64)
    hang = np.asarray(np.radians(random.uniform(-5.0, 30.0, n))[:, None] - np.radians(80.0) * s**0.7, np.float64)
    twigs = _bent(base, turn, hang, random.uniform(0.16, 0.34, n))
    which = np.repeat(np.arange(n), 3)
    tips = _along(twigs, which, np.tile([0.4, 0.7, 1.0], n))
    size = np.repeat(random.uniform(0.13, 0.22, len(tips))[:, None], 3, axis=1) * [1.0, -1.0, 1.0]
    tone = 1.0 + random.uniform(-0.15, 0.15, (len(tips), 1)) * np.array([1.0, 0.6, -0.2])
    outward = np.tile([0.0, 0.5, 0.8], (len(tips), 1))
    free = np.concatenate([outward, LEAVES + 0.98 * random.random((len(tips), 1))], axis=-1)
    round_ = random.uniform(0, tau, len(tips))
    rows = rows_at(tips, turn=round_, scale=size, own=0.9, colour=colour_of(BIRCH) * tone, free=free)
    thick = np.linspace(0.030, 0.008, len(path))
    return [Limbs(path[None], thick[None]), Limbs(twigs, np.full((n, 1), 0.005) * (1.0 - 0.6 * s))], rows


def bushes(ground: Ground) -> tuple[Floats, Floats]:
    """Heather on the bank and willow scrub behind it: rows of sprays; where each stands (n, 4), y 0 and its radius."""
    random = np.random.default_rng(79)
    x, z = scattered(random, 46.0, 1.5)
    s, near = ground.inland(x, z), np.hypot(x, z)
    patch = 0.8 * drifts(x, z, 9.0, 11.0) + 0.5 * drifts(x, z, 3.0, 12.0)
    heath = rise(s, 12.0, 14.0) * rise(patch, 0.25, 0.6) * 0.75 * (1.0 - 0.7 * rise(near, 16.0, 40.0))
    scrub = rise(s, 15.5, 19.0) * rise(-patch, 0.35, 0.8) * 0.20
    there = (near > 3.0) * ground.shown(x, z) * (np.hypot(*ground.valley(x, z)) > 6.5) * ground.open(x, z)
    stay = kept(random, (heath + scrub) * there)
    stay = stay[trodden(ground.seat, *ground.valley(x[stay], z[stay])) < 0.1]
    stay = stay[stands_clear(ground.seat, ground.points(x[stay], z[stay]) + np.array([0.0, 1.2, 0.0]))]
    x, z, low = x[stay], z[stay], patch[stay] > 0.0
    each = np.where(low, 9, 14)
    which = np.repeat(np.arange(len(x)), each)
    wide, tall = np.where(low, 0.58, 0.75)[which], np.where(low, 0.24, 1.1)[which]
    size = random.uniform(0.75, 1.25, len(x))[which]
    turn, out, up = random.uniform(0, tau, len(which)), np.sqrt(random.random(len(which))), random.random(len(which))
    across = wide * size * out * np.sqrt(1.0 - 0.75 * up**2)
    points = ground.points(x[which] + across * np.cos(turn), z[which] + across * np.sin(turn))
    points[:, 1] += tall * size * up * (1.0 - 0.5 * out) * 0.8
    outward = np.stack([np.cos(turn) * out, 0.35 + up, np.sin(turn) * out], axis=-1)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
    kind = np.where(low, HEATHER, WILLOW)[which]
    scale = np.repeat(
        (np.where(low, 0.25, 0.48)[which] * size * random.uniform(0.8, 1.2, len(which)))[:, None], 3, axis=1
    )
    tone = 1 + random.uniform(-0.2, 0.2, (len(which), 1)) * np.array([1.0, 0.7, 0.4])
    cell = np.where(low, CARDS.index(HEATHER), LEAVES)[which]
    free = np.concatenate([outward, cell[:, None] + 0.98 * random.random((len(which), 1))], axis=-1)
    colour = np.array([colour_of(k) for k in range(4)])[kind] * tone
    own = 0.45 + 0.55 * np.clip(0.5 * up + 0.6 * out, 0, 1)
    rows = rows_at(points, turn=random.uniform(0, tau, len(which)), scale=scale, own=own, colour=colour, free=free)
    return rows, np.stack([x, 0.0 * x, z, np.where(low, 0.6, 0.8)], axis=-1)


def feet(ground: Ground, reach: float) -> Floats:
    """Where trees and bushes within `reach` metres of the seat darken the ground: (n, 4) x, y, z and radius."""
    listed = np.array([(tree.x, tree.z) for tree in listed_about(ground.seat)])
    x, _, z = ground.seat.local(np.stack([listed[:, 0], 0.0 * listed[:, 0], listed[:, 1]], axis=-1)).T
    _, low = bushes(ground)
    there = ~opening(ground.seat, x, z, CROWN)
    made = np.concatenate([np.stack([x, 0.0 * x, z, np.full(len(x), TREE_FOOT)], axis=-1)[there], low])
    made = made[(np.hypot(made[:, 0], made[:, 2]) < reach) & ground.shown(made[:, 0], made[:, 2])]
    made[:, 1] = ground.height(made[:, 0], made[:, 2])
    return np.asarray(made)


def placed(tree: Tree, points: Floats, root: Floats) -> Floats:
    """Points of a form where the tree stands: turned, of its size, leaning the more the higher."""
    c, s, size = np.cos(tree.turn), np.sin(tree.turn), tree.tall / 9.0
    x, y, z = (size * points[..., axis] for axis in range(3))
    up = np.maximum(y / tree.tall, 0.0) ** 1.5
    return np.stack([c * x + s * z + tree.lean[0] * up, y, c * z - s * x + tree.lean[1] * up], axis=-1) + root


def _standing(seat: Seat, tree: Tree, form: Grown, root: Floats) -> tuple[list[Limbs], dict[int, Floats]]:
    """Its limbs where it stands, and its sprays by number, without what would hide the view."""
    size = tree.tall / 9.0
    trunk, branches, twigs = (Limbs(placed(tree, part.paths, root), part.radii * size) for part in form.limbs)
    clear = [
        stands_clear(seat, part.paths.reshape(-1, 3)).reshape(part.radii.shape).all(axis=1)
        for part in (branches, twigs)
    ]
    clear[1] &= clear[0][form.parents[0]]
    tips = placed(tree, form.tips, root)
    leafy = stands_clear(seat, tips - [0.0, 0.35, 0.0]) & clear[1][form.parents[1]]
    left = [Limbs(part.paths[stay], part.radii[stay]) for part, stay in zip((branches, twigs), clear, strict=True)]
    return [trunk, *left], {int(k): tips[k] for k in np.flatnonzero(leafy)}


def _sprays(random: np.random.Generator, tree: Tree, form: Grown, level: Level, places: dict[int, Floats]) -> Floats:
    part = np.array(list(places)[int(random.integers(level.nth)) :: level.nth], int)
    tips = np.array([places[int(k)] for k in part]).reshape(-1, 3)
    outward = placed(Tree(tree.kind, 0, 0, 9.0, tree.turn), form.outward[part], np.zeros(3))
    n = len(tips)
    size = SPRAY[tree.kind] * level.larger * tree.tall / 9.0 * random.uniform(0.6, 1.4, n)
    scale = np.stack([size, size * (-1.0 if tree.kind == BIRCH else 0.8), size], axis=-1)
    tone = 1 + random.uniform(-0.12, 0.12) + random.uniform(-0.15, 0.15, n)[:, None] * np.array([1.0, 0.6, -0.2])
    cell = CARDS.index(tree.kind) if level.beyond or tree.kind == PINE else LEAVES
    free = np.concatenate([outward, cell + 0.98 * random.random((n, 1))], axis=-1)
    colour = colour_of(tree.kind) * tone
    return rows_at(tips, turn=random.uniform(0, tau, n), scale=scale, own=form.open[part], colour=colour, free=free)


# --- as meshes


def tubes(limbs: Limbs, sides: int, colour: Floats, kind: int) -> Arrays:
    """Open tubes for shaders/wood.glsl; uv round and along in metres."""
    paths, radii = limbs.paths, limbs.radii
    n, k = radii.shape
    along = np.gradient(paths, axis=1)
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    mean = paths[:, -1] - paths[:, 0]
    hint = np.eye(3)[np.argmin(np.abs(mean), axis=1)][:, None]
    side = np.cross(along, hint)
    side /= np.linalg.norm(side, axis=-1, keepdims=True)
    third = np.cross(side, along)
    angle = np.linspace(0, tau, sides + 1)
    normal = np.cos(angle)[:, None] * side[:, :, None] + np.sin(angle)[:, None] * third[:, :, None]
    position = paths[:, :, None] + normal * radii[..., None, None]
    length = np.concatenate(
        [np.zeros((n, 1)), np.cumsum(np.linalg.norm(np.diff(paths, axis=1), axis=-1), axis=1)], axis=1
    )
    u = np.broadcast_to(angle * radii.max(axis=1)[:, None, None], (n, k, sides + 1))
    uv = np.stack([u, np.broadcast_to(length[..., None], u.shape)], axis=-1)
    row, column = np.meshgrid(np.arange(k - 1), np.arange(sides), indexing="ij")
    a = (row * (sides + 1) + column).ravel()
    b = a + sides + 1
    one = np.stack([a, a + 1, b + 1, a, b + 1, b], axis=-1).reshape(-1)
    index = (np.arange(n)[:, None] * k * (sides + 1) + one).reshape(-1)
    count = n * k * (sides + 1)
    tint = np.ones((count, 4))
    tint[:, :3] = colour
    return {
        "position": position.reshape(-1, 3).astype(np.float32),
        "normal": normal.reshape(-1, 3).astype(np.float32),
        "uv": uv.reshape(-1, 2).astype(np.float32),
        "colour": tint.astype(np.float32),
        "light": np.ones((count, 4), np.float32),
        "kind": np.full((count, 1), kind, np.float32),
        "index": index.astype(np.uint32),
    }


def spray(seed: int, cards: int = 6) -> Arrays:
    """A mesh for shaders/leaves.glsl: cards about the origin that grow along +y and outward, 1 m long."""
    random = np.random.default_rng(seed)
    turn = np.arange(cards) * 2.399963 + random.uniform(-0.3, 0.3, cards)
    rise = np.radians(np.linspace(5, 75, cards)[random.permutation(cards)])
    way = _ways(turn, rise)
    roll = random.uniform(0, pi, cards)[:, None]
    flat = np.stack([-np.sin(turn), 0 * turn, np.cos(turn)], axis=-1)
    other = np.cross(way, flat)
    across = np.cos(roll) * flat + np.sin(roll) * other
    facing = np.cross(across, way)
    t = np.array([0.0, 1.0])
    centre = -0.12 * way[:, None] + way[:, None] * t[:, None]
    corners = centre[:, :, None] + across[:, None, None] * np.array([-0.5, 0.5])[:, None]
    uv = np.stack([np.broadcast_to([0.0, 1.0], (cards, 2, 2)), np.broadcast_to(t[:, None], (cards, 2, 2))], axis=-1)
    one = np.array([0, 1, 3, 0, 3, 2])
    tint = np.ones((cards, 4, 4))
    tint[..., :3] = random.uniform(0.8, 1.2, (cards, 1, 1))
    return {
        "position": corners.reshape(-1, 3).astype(np.float32),
        "normal": np.repeat(facing, 4, axis=0).astype(np.float32),
        "uv": uv.reshape(-1, 2).astype(np.float32),
        "colour": tint.reshape(-1, 4).astype(np.float32),
        "index": (np.arange(cards)[:, None] * 4 + one).reshape(-1).astype(np.uint32),
    }


def twig_of_leaves(seed: int, leaves: int = 26) -> Arrays:
    """A mesh for shaders/leaves.glsl, kind 1: leaves of two triangles along a twig that grows 1 m along +y."""
    random = np.random.default_rng(seed)
    t = (np.arange(leaves) + random.uniform(0, 1, leaves)) / leaves
    turn = np.arange(leaves) * 2.399963 + random.uniform(-0.5, 0.5, leaves)
    out = _ways(turn, random.uniform(0.0, 1.0, leaves))
    base = np.stack([0.10 * np.sin(7 * t), t - 0.1, 0.10 * np.cos(5 * t)], axis=-1) + 0.05 * out
    flat = np.stack([-np.sin(turn), random.uniform(-0.6, 0.6, leaves), np.cos(turn)], axis=-1)
    flat /= np.linalg.norm(flat, axis=-1, keepdims=True)
    facing = np.cross(flat, out)
    facing /= np.linalg.norm(facing, axis=-1, keepdims=True)
    long = random.uniform(0.15, 0.23, leaves)[:, None]
    wide = 0.34 * long
    corners = np.stack(
        [
            base,
            base + 0.42 * long * out + wide * flat,
            base + long * out - 0.12 * long * facing,
            base + 0.42 * long * out - wide * flat,
        ],
        axis=1,
    )
    corners[:, [1, 3]] += (0.25 * wide * facing)[:, None]
    tint = np.ones((leaves, 4, 4))
    tint[..., :3] = random.uniform(0.75, 1.2, (leaves, 1, 1)) * (
        1 + 0.12 * random.normal(size=(leaves, 1, 1)) * np.array([1.0, 0.5, -0.5])
    )
    uv = np.broadcast_to(np.array([[0.0, 0.0], [1.0, 0.4], [0.0, 1.0], [-1.0, 0.4]]), (leaves, 4, 2))
    stem = np.array([[-0.012, -0.12, 0.0], [0.012, -0.12, 0.0], [0.0, 0.95, 0.06]])
    bark = np.array([0.55, 0.40, 0.45, 1.0])
    count = 4 * leaves
    return {
        "position": np.concatenate([corners.reshape(-1, 3), stem]).astype(np.float32),
        "normal": np.concatenate([np.repeat(facing, 4, axis=0), np.tile([0.0, 0.0, 1.0], (3, 1))]).astype(np.float32),
        "uv": np.concatenate([uv.reshape(-1, 2), np.zeros((3, 2))]).astype(np.float32),
        "colour": np.concatenate([tint.reshape(-1, 4), np.tile(bark, (3, 1))]).astype(np.float32),
        "kind": np.ones((count + 3, 1), np.float32),
        "index": np.concatenate([
            (np.arange(leaves)[:, None] * 4 + np.array([0, 1, 2, 0, 2, 3])).reshape(-1), count + np.arange(3),
        ]).astype(np.uint32),
    }  # fmt: skip


# --- leaves as an image

LOOSE: Final = {PINE: 0.006, HEATHER: 0.004, BIRCH: 0.032}  # how far leaves lie off their stem, in a cell
CELL: Final = 512  # pixels of each cell's side


def atlas() -> Arrays:
    """'leaves' (CELL, 3 CELL, 4) uint8: shade, yellow, free, cover (half on a leaf's outline); cells as in CARDS."""
    return {"leaves": np.concatenate([_cell(kind) for kind in CARDS], axis=1)}


def _cell(kind: int) -> Floats:
    random = np.random.default_rng(500 + kind)
    image = np.zeros((CELL, CELL, 4))
    image[..., 0], image[..., 1] = 0.5, 0.3
    stems = {PINE: 13, HEATHER: 11, BIRCH: 9}[kind]
    for k in range(stems):
        side = (k % 2 * 2 - 1) * (k > 0)
        begin = np.array([0.5, 0.02 + 0.11 * k * (7 / stems)])
        lean = side * random.uniform(0.5, 0.95) if k else random.uniform(-0.1, 0.1)
        length = 0.85 if k == 0 else random.uniform(0.22, 0.46) * (1.1 - 0.06 * k)
        t = np.linspace(0, 1, 40)
        angle = lean * (1 - 0.35 * t)
        path = begin + np.cumsum(np.stack([np.sin(angle), np.cos(angle)], -1), axis=0) * length / 40
        for a, b in zip(path[:-1:3], path[3::3], strict=False):
            _leaf(image, a, b - a, 0.004 if kind != PINE else 0.006, 0.30, 0.55)
        for place, way, size in _foliage(random, kind, path, angle):
            wide = {PINE: 0.03, HEATHER: 0.22, BIRCH: 0.36}[kind]
            _leaf(image, place, way * size, wide * size, random.uniform(0.55, 1.0), random.random())
    return np.asarray(np.clip(image * 255, 0, 255).round().astype(np.uint8))


def _foliage(random: np.random.Generator, kind: int, path: Floats, angle: Floats) -> list[tuple[Floats, Floats, float]]:
    """Where leaves sit on a stem: place, unit direction, length; all in the cell's 0..1."""
    made = []
    step, size, spread = {PINE: (2, 0.06, 0.7), HEATHER: (2, 0.05, 0.8), BIRCH: (3, 0.052, 1.1)}[kind]
    for j in range(3, len(path), step):
        for side in (-1, 1):
            turn = angle[j] + side * spread * random.uniform(0.6, 1.2)
            way = np.array([np.sin(turn), np.cos(turn)])
            made.append((path[j] + LOOSE[kind] * random.normal(size=2), way, size * random.uniform(0.7, 1.15)))
    return made


def _leaf(image: Floats, begin: Floats, way: Floats, half: float, shade: float, yellow: float) -> None:
    """Draw one leaf from `begin` along `way`, `half` wide to each side, over what is there."""
    length = float(np.linalg.norm(way))
    unit = way / max(length, 1e-9)
    low = np.clip((np.minimum(begin, begin + way) - half - 0.015) * CELL, 0, CELL).astype(int)
    high = np.clip((np.maximum(begin, begin + way) + half + 0.015) * CELL + 1, 0, CELL).astype(int)
    if (high <= low).any():
        return
    v, u = np.meshgrid(np.arange(low[1], high[1]), np.arange(low[0], high[0]), indexing="ij")
    x, y = (u + 0.5) / CELL - begin[0], (v + 0.5) / CELL - begin[1]
    along, across = (x * unit[0] + y * unit[1]) / length, x * unit[1] - y * unit[0]
    inner = np.clip(along, 0.0, 1.0)
    wide = half * np.sin(pi * inner**0.75) ** 0.8 + 0.0008
    inside = np.minimum(wide - np.abs(across), length * np.minimum(along, 1 - along) + 0.002)
    cover = np.clip(0.5 + inside * CELL / 5.0, 0, 1)
    edge = np.minimum(0.01, np.abs(across) * 0.9)
    part = image[low[1] : high[1], low[0] : high[0]]
    over = cover > 0.5
    vein = 1.0 - 0.25 * np.exp(-((across / (0.0028)) ** 2)) * (half > 0.012) + 6.0 * edge * (half > 0.012)
    part[..., 0] = np.where(over, shade * vein * (0.85 + 0.15 * inner), part[..., 0])
    part[..., 1] = np.where(over, yellow, part[..., 1])
    part[..., 3] = np.maximum(part[..., 3], cover)


def colour_of(kind: int) -> Floats:
    """Linear albedo of its leaves."""
    return srgb(LEAF_COLOURS[kind])
