"""The driftwood on the beach: a trunk that the sea brought, forked at its thin end, its torn root at the other."""

from __future__ import annotations

from math import pi, tau
from typing import Final

import numpy as np

from scenes.valley.built import Built
from scenes.valley.place import SHORE, height
from scenes.valley.shapes import Floats, Shape, sheet, srgb
from scenes.valley.terrain import Caster

SILVER, HEART = "#A09485", "#51463A"  # weathered outside; in cracks and where it broke
FORK, ROOT = (0.66, -2.34), (2.86, -1.42)  # where its ends lie about the seat on the beach, metres
TWIST: Final = 0.9  # radians that the grain turns over the trunk's length
POINTS: Final = 42  # of the trunk
FORKED: Final = 18  # at which of them its other arm begins
SUNK: Final = 0.36  # share of its thickness that lies in the sand
DAMP: Final = 0.07  # metres above the sand up to which it is damp
HALF_CRACK: Final = 0.005  # metres


def driftwood() -> Built:
    made = Built(damp=DAMP)
    random = np.random.default_rng(21)
    t = 0.5 - 0.5 * np.sin(pi * (0.5 - np.linspace(0.0, 1.0, POINTS)) * 0.999)
    along = np.array([ROOT[0] - FORK[0], ROOT[1] - FORK[1]])
    side = np.array([-along[1], along[0]]) / np.hypot(*along)
    bend = 0.15 * np.sin(3.4 * t + 0.7) + 0.035 * np.sin(7.3 * t + 1.0)
    plan = np.array(FORK) + along * t[:, None] + side * bend[:, None]
    radius = 0.050 + 0.078 * t**0.55 + 0.008 * np.sin(9.0 * t) + 0.075 * np.clip((t - 0.84) / 0.16, 0.0, 1.0) ** 1.6
    trunk = _lying(plan, radius)
    made.add("wood", limb(random, trunk, radius, columns=18, cracks=9, torn=(0.035, 0.07)))
    s = np.linspace(0.0, 1.0, 16)
    arm = plan[FORKED] + s[:, None] * (-0.72 * along / np.hypot(*along) - 0.66 * side) + (s**2)[:, None] * 0.16 * side
    thin = 0.078 - 0.048 * s**0.7
    lifted = _lying(arm, thin)
    lifted[:, 1] = np.maximum(lifted[:, 1], (1.0 - s) * trunk[FORKED, 1] + s * lifted[:, 1] + 0.03 * np.sin(pi * s))
    made.add("wood", limb(random, lifted, thin, columns=18, cracks=6, torn=(0.0, 0.03)))
    for turn, long in ((-0.15, 0.30), (0.45, 0.26), (0.95, 0.34), (1.75, 0.16), (2.5, 0.28), (3.25, 0.36)):
        path, thick = _root(random, trunk, along / np.hypot(*along), side, turn, long)
        made.add("wood", limb(random, path, thick, columns=13, cracks=2, torn=(0.0, 0.05)))
    made.casters = _casters(trunk, radius)
    made.feet = [(*(trunk[k] - [0.0, radius[k], 0.0]),) for k in range(2, POINTS - 2)]
    return made


def _lying(plan: Floats, radius: Floats) -> Floats:
    """A path (n, 3) in the valley's frame over places (n, 2) about the seat, sunk into smoothed ground."""
    x, z = plan[:, 0] + SHORE.x, plan[:, 1] + SHORE.z
    soft = np.ones(9) / 9
    ground = np.convolve(np.pad(height(x, z), 4, mode="edge"), soft, "valid")
    return np.stack([x, ground + (1.0 - 2.0 * SUNK) * radius, z], axis=-1)


def _root(
    random: np.random.Generator, trunk: Floats, along: Floats, side: Floats, turn: float, long: float
) -> tuple[Floats, Floats]:
    """Path and radii of a blunt root that spreads from the trunk's thick end and bends back to the sand."""
    s = np.linspace(0.0, 1.0, 8)
    out = np.array([side[0] * np.cos(turn), np.sin(turn), side[1] * np.cos(turn)])
    ahead = np.array([along[0], 0.0, along[1]])
    path = trunk[-5] + 0.03 * out + (long * s)[:, None] * (0.85 * out + 0.50 * ahead)
    path += (long * s**2)[:, None] * (0.3 * random.normal(0.0, 0.8, 3) - [0.0, 0.45, 0.0])
    return path, 0.072 - 0.044 * s**0.7 + 0.005 * np.sin(9.0 * s + 5.0 * turn)


def limb(
    random: np.random.Generator, path: Floats, radius: Floats, *, columns: int, cracks: int, torn: tuple[float, float]
) -> Shape:
    """A limb with lobes, cracks along its twisted grain, and ends that taper raggedly over `torn` metres."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    thick, share = float(radius.mean()), (length / length[-1])[:, None]
    turns, crack = _columns(random, columns, cracks, thick)
    out = radius[:, None] * (1.0 + _lobes(random, turns, share, float(length[-1]), thick))
    begins, ends = random.uniform(-0.15, 0.6, cracks), random.uniform(0.3, 0.75, cracks)
    along = np.clip((share - begins[crack]) / ends[crack], 0.0, 1.0)
    gaping = np.where(crack >= 0, np.sin(pi * along) ** 0.6, 0.0)
    left = _torn(random, turns, length, torn)
    out = (out - 0.016 * gaping * (radius[:, None] > 0.03)) * left
    around = _around(path, turns + TWIST * share)
    points = path[:, None] + out[..., None] * around
    shape = sheet(points)
    dark = np.clip(0.85 * gaping + 0.6 * (1.0 - left), 0.0, 1.0)[..., None]
    uv = np.stack(np.broadcast_arrays(length[:, None], thick * turns), axis=-1)
    if (shape.normal.reshape(around.shape) * around).sum() < 0.0:
        shape, dark, uv = sheet(points[:, ::-1]), dark[:, ::-1], uv[:, ::-1]
    grey = srgb(SILVER) * (1.0 + 0.10 * np.sin(7.0 * share + 2.0))
    tone = grey[:, None] + dark * (srgb(HEART) - grey[:, None])
    shape.uv[:] = uv.reshape(-1, 2)
    return shape.painted(tone.reshape(-1, 3))


def _around(path: Floats, angle: Floats) -> Floats:
    """Directions (n, columns, 3) out of a path at angles (n, columns) from level."""
    way = np.gradient(path, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    level = np.cross(way, [0.0, 1.0, 0.0])
    level /= np.linalg.norm(level, axis=1, keepdims=True)
    upper = np.cross(level, way)
    return np.asarray(np.cos(angle)[..., None] * level[:, None] + np.sin(angle)[..., None] * upper[:, None])


def _lobes(random: np.random.Generator, turns: Floats, share: Floats, long: float, thick: float) -> Floats:
    """How far a limb bulges, as a share of its radius: broad swellings that follow the grain, and knots."""
    made = 0.12 * np.sin(2 * (turns + TWIST * share) + 1.0 + 2.0 * share) + 0.05 * np.sin(5 * turns + 4.0 * share)
    made = made + 0.03 * np.sin(9 * turns + 1.0) + 0.03 * np.sin(14.0 * share + 2 * turns)
    for at, turn in zip(random.uniform(0.1, 0.9, 5), random.uniform(0.2, pi - 0.2, 5), strict=True):
        apart = np.hypot((share - at) * long / 0.05, (turns - turn) * thick / 0.04)
        made = made + 0.28 * np.exp(-(apart**2)) - 0.16 * np.exp(-((2.5 * apart) ** 2))
    return np.asarray(made)


def _torn(random: np.random.Generator, turns: Floats, length: Floats, torn: tuple[float, float]) -> Floats:
    """What is left (0..1) of a limb's radius where its ends taper raggedly."""
    ragged = 1.0 + 0.55 * np.sin(3 * turns + random.uniform(0, tau)) + 0.3 * np.sin(8 * turns)
    left = np.ones((len(length), len(turns)))
    for from_end, reach in zip((length, length[-1] - length), torn, strict=True):
        if reach:
            left *= np.sqrt(np.clip(from_end[:, None] / (reach * (0.5 + 0.35 * ragged)), 2e-3, 1.0))
    return left


def _columns(random: np.random.Generator, columns: int, cracks: int, radius: float) -> tuple[Floats, Floats]:
    """Angles of a limb's columns round from under it, closed; which crack each is the bottom of, else -1."""
    even = np.linspace(-pi / 2, 3 * pi / 2, columns + 1)
    middles = np.sort(random.uniform(-0.2, pi + 0.4, cracks) - 0.5 * TWIST)
    half = HALF_CRACK / radius
    far = np.abs(even[:, None] - middles).min(axis=1) > 2.0 * half
    rims = np.concatenate([middles - half, middles + half])
    turns = np.concatenate([even[far | (np.abs(even - pi / 2) > 0.99 * pi)], rims, middles])
    order = np.argsort(turns)
    crack = np.concatenate([np.full(len(turns) - cracks, -1), np.arange(cracks)])
    return turns[order], crack[order]


def _casters(trunk: Floats, radius: Floats) -> list[Caster]:
    """Blocks along it; it takes little of the sky's light from the sand, for discs darken that evenly."""
    made = []
    for k in range(3, POINTS - 2, 6):
        before, after = trunk[k - 3], trunk[min(k + 3, POINTS - 1)]
        turn = float(np.arctan2(-(after[2] - before[2]), after[0] - before[0]))
        half = 0.5 * float(np.hypot(*(after - before)[::2])) + 0.05
        top = float(trunk[k, 1] + 0.9 * radius[k])
        made.append(Caster(trunk[k, 0], trunk[k, 2], half, 0.9 * float(radius[k]), top, turn, round=False, dark=0.12))
    return made
