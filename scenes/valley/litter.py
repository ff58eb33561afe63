"""Small things on the ground before a seat: pebbles, shells, twigs, leaves and the line that the highest wave left."""

from __future__ import annotations

from math import pi, tau
from typing import Final

import numpy as np

from scenes.valley.grass import joined
from scenes.valley.growing import Ground, Nearby, drifts, kept, scattered
from scenes.valley.place import FIRESIDE, GROVE, trodden
from scenes.valley.shapes import Floats, sheet, srgb
from scenes.valley.trees import Limbs, tubes
from vr_app.api import Arrays

STONES: Final = ("#B3B0AA", "#BDB5A8", "#A8A6A3", "#C9C0B1", "#B9AD9B")
SHELLS: Final = ("#D8CBB4", "#D6C2AC", "#CBB9A4")
WEEDS: Final = ("#7A6A4C", "#857652", "#8E825C")
DRIFTWOOD: Final = "#A59684"
DEAD, STRAWS = ("#7A6A4C", "#857447", "#6A5A42", "#8A8058"), ("#A89A70", "#8F8558", "#7A7A4A")  # leaves and blades
FEET: Final = (0.28, 2.7)  # metres from a chair on earth or grass within which small things are seen one by one
LINE: Final = 6.15  # metres inland where the highest wave ends
SAND_END: Final = 11.0
STONE, TWIG = 2, 1  # kinds of shaders/wood.glsl


def _mesh(grid: Floats, colour: Floats, kind: int) -> Arrays:
    """A surface through a grid of points with colours (rows, columns, 3)."""
    shape = sheet(grid)
    count = len(shape.position)
    tint = np.ones((count, 4), np.float32)
    tint[:, :3] = colour.reshape(-1, 3)
    return {
        "position": shape.position.astype(np.float32),
        "normal": shape.normal.astype(np.float32),
        "uv": shape.uv.astype(np.float32),
        "colour": tint,
        "light": np.ones((count, 4), np.float32),
        "kind": np.full((count, 1), kind, np.float32),
        "index": shape.index.reshape(-1).astype(np.uint32),
    }


def _stone(random: np.random.Generator, at: Floats, size: float, fine: bool) -> Arrays:
    """Round and worn, a third of it in the sand."""
    rows, columns = (7, 13) if fine else (5, 9)
    v, u = np.meshgrid(np.linspace(pi, 0, rows), np.linspace(0, tau, columns), indexing="ij")
    ball = np.stack([np.sin(v) * np.cos(u), np.cos(v), np.sin(v) * np.sin(u)], axis=-1)
    half = size * random.uniform([0.8, 0.45, 0.7], [1.1, 0.65, 1.0])
    bumps = (
        1
        + 0.09 * np.sin(ball @ random.normal(0, 2.2, 3) + random.uniform(0, tau))
        + 0.06 * np.sin(ball @ random.normal(0, 3.5, 3))
    )
    turn = random.uniform(0, tau)
    point = ball * bumps[..., None] * half
    x, z = (
        np.cos(turn) * point[..., 0] + np.sin(turn) * point[..., 2],
        np.cos(turn) * point[..., 2] - np.sin(turn) * point[..., 0],
    )
    placed = np.stack([x, point[..., 1] + 0.35 * half[1], z], axis=-1) + at
    tone = srgb(STONES[random.integers(len(STONES))]) * random.uniform(0.8, 1.15)
    shade = np.clip(0.8 + 0.4 * (placed[..., 1:2] - at[1]) / half[1], 0.75, 1.0)
    return _mesh(placed, tone * shade, STONE)


def _shell(random: np.random.Generator, at: Floats, size: float, slope: Floats) -> Arrays:
    """A scallop's upper valve, lying on the sand; ribs fan out from its hinge."""
    t, u = np.meshgrid(np.linspace(0.02, 1, 7), np.linspace(-1, 1, 17), indexing="ij")
    angle = 1.05 * u
    rim = t * (1 - 0.10 * np.abs(u) ** 3)
    ribs = np.cos(u * 7.5 * pi)
    x, z = np.sin(angle) * rim, np.cos(angle) * rim - 0.5
    y = 0.05 + 0.46 * np.sin(pi * np.clip(0.15 + 0.85 * t, 0, 1)) * np.cos(0.95 * u) + 0.03 * ribs * t - 0.02
    turn = random.uniform(0, tau)
    a, b = size * (np.cos(turn) * x + np.sin(turn) * z), size * (np.cos(turn) * z - np.sin(turn) * x)
    placed = np.stack([a, size * np.maximum(y, 0.0) + slope[0] * a + slope[1] * b + 0.002, b], axis=-1) + at
    colour = srgb(SHELLS[random.integers(len(SHELLS))])
    bands = 1.0 - 0.16 * (np.sin(t * 17 + 2) > 0.4) - 0.10 * (ribs < 0)
    return _mesh(placed, colour * bands[..., None], STONE)


def _frond(random: np.random.Generator, ground: Ground, x: float, z: float, along: float) -> Arrays:
    """A dried frond or a crumb of one, pressed flat; long ones lie with the line, which runs `along` (radians)."""
    long = 0.010 + 0.085 * random.random() ** 1.7
    half = min(0.40 * long, random.uniform(0.005, 0.012))
    t = np.linspace(0.0, 1.0, 6 if long > 0.03 else 3)
    turn = along + random.normal(0.0, 0.55) + random.normal(0.0, 0.8) * t
    px, pz = x + np.cumsum(np.cos(turn)) * long / len(t), z + np.cumsum(np.sin(turn)) * long / len(t)
    wide = half * np.sin(pi * (0.14 + 0.72 * t)) * random.uniform(0.6, 1.3, len(t))
    sides = np.array([1.0, -1.0])[:, None]
    points = ground.points(px - sides * wide * np.sin(turn), pz + sides * wide * np.cos(turn))
    points[..., 1] += 0.002 + 0.003 * random.random()
    tone = srgb(WEEDS[random.integers(len(WEEDS))]) * random.uniform(0.85, 1.15)
    return _mesh(points.swapaxes(0, 1), np.broadcast_to(tone, (len(t), 2, 3)), STONE)


def _blade(random: np.random.Generator, ground: Ground, x: float, z: float) -> Arrays:
    """A blade of grass that fell or was trodden down."""
    long, turn = random.uniform(0.04, 0.13), random.uniform(0.0, tau)
    t = np.linspace(-0.5, 0.5, 5)
    way = turn + random.normal(0.0, 0.5) * t
    wide = 0.0017 * np.sin(pi * (0.10 + 0.85 * (t + 0.5)))
    sides = np.array([1.0, -1.0])[:, None]
    px, pz = x + long * t * np.cos(way), z + long * t * np.sin(way)
    points = ground.points(px - sides * wide * np.sin(way), pz + sides * wide * np.cos(way))
    points[..., 1] += 0.003 + 0.012 * random.random() * np.sin(pi * (t + 0.5))
    tone = srgb(STRAWS[random.integers(len(STRAWS))]) * random.uniform(0.6, 1.1)
    return _mesh(points.swapaxes(0, 1), np.broadcast_to(tone, (len(t), 2, 3)), STONE)


def _leaf(random: np.random.Generator, ground: Ground, x: float, z: float, lift: float) -> Arrays:
    """A birch's leaf of last year, curled along its rib, `lift` metres above the ground."""
    long, turn = random.uniform(0.022, 0.038), random.uniform(0.0, tau)
    t, u = np.meshgrid(np.linspace(0.0, 1.0, 7), np.linspace(-1.0, 1.0, 5), indexing="ij")
    half = 0.40 * long * np.sin(pi * np.clip(t, 0.02, 0.98) ** 0.72)
    along, across = long * (t - 0.5), half * u
    px, pz = (
        x + along * np.cos(turn) - across * np.sin(turn),
        z + along * np.sin(turn) + across * np.cos(turn),
    )
    points = ground.points(px, pz)
    points[..., 1] += lift + 0.30 * half * u**2 + random.uniform(0.0, 0.3) * along * (along > 0.0)
    tone = srgb(DEAD[random.integers(len(DEAD))]) * random.uniform(0.6, 1.05)
    return _mesh(points[:, ::-1], tone * (1.0 - 0.3 * np.exp(-((u / 0.18) ** 2)))[..., None], STONE)


def underfoot(ground: Ground) -> tuple[Arrays, Floats] | None:
    """Little stones, twigs, blades and leaves about a chair on earth or grass, as `litter` gives them; else None."""
    if ground.seat not in (FIRESIDE, GROVE):
        return None
    random, near = np.random.default_rng(32), Nearby(ground.seat)
    on_earth = ground.seat == FIRESIDE
    made: list[Arrays] = []
    feet: list[tuple[float, float, float, float]] = []

    def places(count: int) -> Floats:
        out, turn = FEET[0] + (FEET[1] - FEET[0]) * random.random(count), random.uniform(0.0, tau, count)
        return np.stack([out * np.sin(turn), -out * np.cos(turn)], axis=-1)

    for x, z in places(330 if on_earth else 0):
        at, size = near.points(np.array([x]), np.array([z]))[0], 0.0035 + 0.016 * random.random() ** 3
        stone = dict(_stone(random, at, size, size > 0.011))
        stone["colour"] = stone["colour"] * np.array([0.62, 0.60, 0.57, 1.0], np.float32)
        made.append(stone)
        if size > 0.006:
            feet.append((*at.tolist(), 2.0 * size))
    for x, z in places(34):
        made.append(_stick(random, near, x, z, random.uniform(0.04, 0.16), random.uniform(0.0014, 0.0032)))
    blades = places(230 if on_earth else 420)
    if on_earth:  # fewer where feet tread
        there = trodden(FIRESIDE, *ground.valley(blades[:, 0], blades[:, 1]))
        blades = blades[kept(random, 1.0 - 0.6 * there)]
    made += [_blade(random, near, x, z) for x, z in blades]
    made += [_leaf(random, near, x, z, 0.004 if on_earth else 0.03) for x, z in places(16 if on_earth else 80)]
    mesh = dict(joined(made))
    return mesh | {"horizon": ground.horizon(mesh["position"].astype(float))}, np.reshape(feet, (-1, 4))


def _stick(random: np.random.Generator, ground: Ground, x: float, z: float, long: float, thick: float) -> Arrays:
    t = np.linspace(-0.5, 0.5, 6)
    turn = random.normal(0.0, 0.6)
    bend = random.uniform(-0.15, 0.15) * long * (t**2 * 4)
    px, pz = x + np.cos(turn) * t * long - np.sin(turn) * bend, z + np.sin(turn) * t * long + np.cos(turn) * bend
    path = ground.points(px, pz)
    path[:, 1] = 0.5 * path[:, 1] + 0.5 * np.interp(t, [-0.5, 0.5], path[[0, -1], 1]) + 0.55 * thick
    radii = thick * (1 - 0.5 * (t + 0.5)) * np.sin(pi * np.clip(0.07 + 0.9 * (t + 0.5), 0, 1)) ** 0.3
    return tubes(Limbs(path[None], radii[None]), 6, srgb(DRIFTWOOD) * random.uniform(0.6, 1.0), TWIG)


def by_the_beach(ground: Ground) -> bool:
    """Whether the line of the highest wave runs near the seat."""
    x, z = scattered(np.random.default_rng(0), 11.0, 0.5)
    return bool((np.abs(ground.inland(x, z) - LINE) < 0.5).any())


def litter(ground: Ground) -> tuple[Arrays, Floats]:
    """All of it as one mesh with its `horizon`, and places (n, 4) where it touches the ground: x, y, z, radius."""
    random = np.random.default_rng(31)
    far, ground = ground, Nearby(ground.seat)
    made: list[Arrays] = []
    feet: list[tuple[float, float, float, float]] = []
    x, z = scattered(random, 11.0, 0.5)
    s, near = ground.inland(x, z), np.hypot(x, z)
    off_line = np.abs(s - LINE - 0.25 * drifts(x, z, 3.0, 2.0))
    chance = 0.035 * (s > LINE) * (s < SAND_END) + 0.30 * np.exp(-((off_line / 0.35) ** 2))
    for k in kept(random, chance * (near > 1.25) * (s > LINE - 0.3) * ground.shown(x, z)):
        at, size = ground.points(x[k : k + 1], z[k : k + 1])[0], 0.010 + 0.05 * random.random() ** 3
        made.append(_stone(random, at, size, near[k] < 4.0 and size > 0.02))
        if size > 0.015:
            feet.append((*at.tolist(), 1.7 * size))
    for sx, sz in ((-1.15, -1.55), (0.62, -2.05), (1.75, -0.75), (-2.2, -2.6), (1.5, -3.0), (-0.3, -2.9)):
        if LINE - 0.4 < float(ground.inland(np.array([sx]), np.array([sz]))[0]) < SAND_END:
            at, size = ground.points(np.array([sx]), np.array([sz]))[0], random.uniform(0.028, 0.048)
            made.append(_shell(random, at, size, ground.slope(np.array([sx]), np.array([sz]), 0.05)[0]))
            feet.append((*at.tolist(), 1.5 * size))
    made += _wrack(random, ground)
    mesh = dict(joined(made))
    return mesh | {"horizon": far.horizon(mesh["position"].astype(float))}, np.array(feet)


def _wrack(random: np.random.Generator, ground: Ground) -> list[Arrays]:
    """What the highest wave left: one soft band of fronds and crumbs with a few twigs, denser here and there."""
    made = []
    x = random.uniform(-9.0, 9.0, 3000)
    line = LINE + 0.28 * drifts(x, np.zeros_like(x), 3.0, 2.0)
    heap = np.clip(0.62 + 0.75 * drifts(x, np.zeros_like(x), 3.7, 5.0), 0.08, 1.0)
    off = random.normal(0.0, 1.0, len(x)) * (0.025 + 0.055 * heap)
    for k in kept(random, heap):
        z = _z_at(ground, x[k], line[k] + off[k])
        if np.hypot(x[k], z) < 1.3 or not ground.shown(x[k], np.array(z)):
            continue
        ahead = _z_at(ground, x[k] + 0.2, line[k])
        along = float(np.arctan2(ahead - z + off[k], 0.2))
        if k % 97 == 0:
            made.append(_stick(random, ground, x[k], z, random.uniform(0.08, 0.22), random.uniform(0.002, 0.005)))
        made.append(_frond(random, ground, x[k], z, along))
    return made


def _z_at(ground: Ground, x: float, s: float) -> float:
    """z of the place `s` metres inland before or behind the seat at x."""
    z = np.linspace(-14.0, 14.0, 561)
    return float(np.interp(s, ground.inland(np.full_like(z, x), z), z))
