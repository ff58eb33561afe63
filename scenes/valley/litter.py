"""Small things on the sand before a seat: pebbles, shells, what the highest wave left in a line, cones and twigs."""

from __future__ import annotations

from math import pi, tau
from typing import Final

import numpy as np

from scenes.valley.grass import joined
from scenes.valley.growing import Ground, Nearby, drifts, kept, scattered
from scenes.valley.shapes import Floats, sheet, srgb
from scenes.valley.trees import Limbs, tubes
from vr_app.api import Arrays

STONES: Final = ("#8F8D8A", "#A39C91", "#85827F", "#B8AE9E", "#96826F")
SHELLS: Final = ("#F4EDE2", "#F0DCCB", "#E6CFC4")
WEED, DRIFTWOOD, CONE = "#5E5039", "#A59684", "#6E5540"
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
    half = size * random.uniform([0.7, 0.35, 0.55], [1.1, 0.6, 0.95])
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
    shade = np.clip(0.7 + 0.7 * (placed[..., 1:2] - at[1]) / half[1], 0.55, 1.0)
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


def _weed(random: np.random.Generator, ground: Ground, x: float, z: float) -> Arrays:
    """A ribbon of dried weed that lies in folds along the line."""
    t = np.linspace(0, 1, 12)
    turn = random.normal(0.0, 0.5) + np.cumsum(random.normal(0, 0.45, 12))
    long = random.uniform(0.10, 0.42)
    px, pz = x + np.cumsum(np.cos(turn)) * long / 12, z + np.cumsum(np.sin(turn)) * long / 12
    half = random.uniform(0.006, 0.017) * np.sin(pi * (0.08 + 0.9 * t)) ** 0.5
    across = np.stack([-np.sin(turn), np.cos(turn)], axis=-1) * half[:, None]
    lift = 0.006 + 0.014 * np.abs(np.sin(t * random.uniform(3, 9) + random.uniform(0, 6)))
    edges = []
    for side in (-1, 0, 1):
        points = ground.points(px + side * across[:, 0], pz + side * across[:, 1])
        points[:, 1] += lift * (1.0 + 0.25 * (side == 0)) - 0.003 * abs(side)
        edges.append(points)
    grid = np.stack(edges, axis=1)
    if np.cross(grid[1, 0] - grid[0, 0], grid[0, 1] - grid[0, 0])[1] < 0:
        grid = grid[:, ::-1]
    tone = srgb(WEED) * random.uniform(0.6, 1.3) * (1 + 0.2 * random.normal(size=3) * [1, 0.6, 0.2])
    return _mesh(grid, np.broadcast_to(np.abs(tone), grid.shape), STONE)


def _stick(random: np.random.Generator, ground: Ground, x: float, z: float, long: float, thick: float) -> Arrays:
    t = np.linspace(-0.5, 0.5, 6)
    turn = random.normal(0.0, 0.6)
    bend = random.uniform(-0.15, 0.15) * long * (t**2 * 4)
    px, pz = x + np.cos(turn) * t * long - np.sin(turn) * bend, z + np.sin(turn) * t * long + np.cos(turn) * bend
    path = ground.points(px, pz)
    path[:, 1] = 0.5 * path[:, 1] + 0.5 * np.interp(t, [-0.5, 0.5], path[[0, -1], 1]) + 0.55 * thick
    radii = thick * (1 - 0.5 * (t + 0.5)) * np.sin(pi * np.clip(0.07 + 0.9 * (t + 0.5), 0, 1)) ** 0.3
    return tubes(Limbs(path[None], radii[None]), 6, srgb(DRIFTWOOD) * random.uniform(0.6, 1.0), TWIG)


def _cone(random: np.random.Generator, at: Floats) -> Arrays:
    """A pine's, 5 cm long, on its side."""
    v, u = np.meshgrid(np.linspace(0, 1, 10), np.linspace(0, tau, 13), indexing="ij")
    scales = 1 + 0.16 * np.sin(v * 40 + 5 * u) * np.sin(pi * v)
    radius = 0.021 * np.sin(pi * np.clip(0.12 + 0.86 * v, 0, 1)) ** 0.7 * scales
    turn = random.uniform(0, tau)
    along, side = (v - 0.5) * 0.055, radius * np.cos(u)
    grid = np.stack(
        [
            np.cos(turn) * along - np.sin(turn) * side,
            0.015 + radius * np.sin(u),
            np.sin(turn) * along + np.cos(turn) * side,
        ],
        -1,
    )
    shade = np.clip(0.5 + 12 * (grid[..., 1:2] + 0.01) + 0.25 * (scales[..., None] - 1), 0.3, 1.1)
    return _mesh(grid[:, ::-1] + at, srgb(CONE) * shade[:, ::-1], STONE)


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
    for k in kept(random, chance * (near > 1.25) * (s > LINE - 0.3)):
        at, size = ground.points(x[k : k + 1], z[k : k + 1])[0], 0.010 + 0.05 * random.random() ** 3
        made.append(_stone(random, at, size, near[k] < 4.0 and size > 0.02))
        feet.append((*at.tolist(), 1.7 * size))
    for sx, sz in ((-1.15, -1.55), (0.62, -2.05), (1.75, -0.75), (-2.2, -2.6), (1.5, -3.0), (-0.3, -2.9)):
        if LINE - 0.4 < float(ground.inland(np.array([sx]), np.array([sz]))[0]) < SAND_END:
            at, size = ground.points(np.array([sx]), np.array([sz]))[0], random.uniform(0.028, 0.048)
            made.append(_shell(random, at, size, ground.slope(np.array([sx]), np.array([sz]), 0.05)[0]))
            feet.append((*at.tolist(), 1.5 * size))
    for k in range(130):  # the line itself, in heaps and gaps
        along = random.uniform(-10.5, 10.5)
        if drifts(np.array([along]), np.array([0.0]), 3.7, 5.0)[0] + random.uniform(-0.5, 0.5) < -0.05:
            continue
        inner = LINE + 0.28 * float(drifts(np.array([along]), np.array([0.0]), 3.0, 2.0)[0]) + random.normal(0, 0.09)
        z_at = _z_at(ground, along, inner)
        if np.hypot(along, z_at) < 1.3:
            continue
        made.append(
            _stick(random, ground, along, z_at, random.uniform(0.08, 0.35), random.uniform(0.002, 0.006))
            if k % 6 == 0
            else _weed(random, ground, along, z_at)
        )
        feet.append((along, float(ground.height(np.array([along]), np.array([z_at]))[0]), z_at, 0.10))
    for cx, cz in ((1.9, 1.6), (-1.7, 1.45), (2.3, 0.4)):
        at = ground.points(np.array([cx]), np.array([cz]))[0]
        made.append(_cone(random, at))
        feet.append((*at.tolist(), 0.05))
    mesh = dict(joined(made))
    return mesh | {"horizon": far.horizon(mesh["position"].astype(float))}, np.array(feet)


def _z_at(ground: Ground, x: float, s: float) -> float:
    """z of the place `s` metres inland before or behind the seat at x."""
    z = np.linspace(-14.0, 14.0, 561)
    return float(np.interp(s, ground.inland(np.full_like(z, x), z), z))
