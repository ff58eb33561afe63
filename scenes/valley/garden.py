"""The cabin's garden as the porch looks over it: stepping stones, a low fence with its gate, and a hedge that may grow.

Fence and stones stand in the valley's frame (built.py); gate and hedge in the seat's, for they come and go.
"""

from __future__ import annotations

from itertools import pairwise
from math import atan2, cos, hypot, sin, tau
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.valley.built import DARK_WOOD, GREY_WOOD, Built, ground_at, slab
from scenes.valley.furniture import Furniture
from scenes.valley.growing import Ground, rows_at
from scenes.valley.place import PATH, PORCH, height
from scenes.valley.shapes import Floats, lathe, srgb
from scenes.valley.trees import BIRCH, CARDS, HEATHER, colour_of
from vr_app.api import Arrays, Vec3

FENCE: Final = ((-8.5, -6.6), (-3.0, -7.5), (1.5, -7.9), (4.55, -8.0))  # x, z in the valley, left of the gate
FENCE_RIGHT: Final = ((5.75, -8.0), (8.5, -7.6), (12.0, -6.2))
HIGH: Final = 0.92  # metres of its posts above the ground
GATE: Final = (4.62, 1.06)  # x of its hinge in the valley, and its width
GATE_Z: Final = -8.0
HEDGE_TALL, HEDGE_HALF = 1.25, 0.5  # metres high, and half as wide
STONE = "#8F8C86"


def garden() -> Built:
    """What is always there."""
    made = Built(damp=0.25)
    _stones(made)
    for line in (FENCE, FENCE_RIGHT):
        _fence(made, line)
    return made


def along(line: tuple[tuple[float, float], ...], apart: float) -> Floats:
    """Places (n, 2) about `apart` metres from each other on a line, both its ends among them."""
    points = np.array(line)
    reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0.0, reach[-1], max(round(reach[-1] / apart), 1) + 1)
    return np.stack([np.interp(at, reach, axis) for axis in points.T], axis=-1)


def _stones(made: Built) -> None:
    """Flat ones, a step apart, each a little turned."""
    random = np.random.default_rng(61)
    for x, z in along(PATH, 0.62):
        wide = random.uniform(0.19, 0.26)
        shape = lathe(
            [(0.82 * wide, -0.10), (wide, -0.02), (0.93 * wide, 0.015), (0.5 * wide, 0.028), (0.0, 0.03)], sides=11
        )
        shape.position[:, 0] *= random.uniform(0.8, 1.25)
        turn = np.arctan2(shape.position[:, 2], shape.position[:, 0])
        shape.position[:, ::2] *= (1.0 + 0.09 * np.sin(2.0 * turn + random.uniform(0.0, tau)))[:, None]
        x, z = x + random.normal(0.0, 0.04), z + random.normal(0.0, 0.04)
        placed = shape.turned(random.uniform(0.0, tau)).at(x, ground_at(x, z) + 0.015, z)
        placed = placed.painted(srgb(STONE) * random.uniform(0.85, 1.1))
        placed.colour[:, 3] = 0.22
        made.add("stone", placed)


def _fence(made: Built, line: tuple[tuple[float, float], ...]) -> None:
    """Posts, two rails, and pales that are not quite alike."""
    random = np.random.default_rng(62)
    posts = along(line, 1.7)
    for x, z in posts:
        made.post(float(x), float(z), ground_at(x, z) + HIGH + random.uniform(-0.02, 0.03), 0.05)
    for (xa, za), (xb, zb) in pairwise(posts):
        long, turn = hypot(xb - xa, zb - za), atan2(-(zb - za), xb - xa)
        ya, yb = ground_at(xa, za), ground_at(xb, zb)
        for up in (0.28, 0.68):
            rail = slab(long + 0.06, 0.075, 0.03).turned(turn, 0.0)
            share = ((rail.position[:, 0] * cos(turn) - rail.position[:, 2] * sin(turn)) / long + 0.5)[:, None]
            rail.position[:] += np.array([0.0, 1.0, 0.0]) * (ya + share * (yb - ya) + up)
            made.add("wood", rail.at((xa + xb) / 2, 0.0, (za + zb) / 2), GREY_WOOD)
        for k in range(max(int(long / 0.14), 1)):
            part = (k + 0.5) / max(int(long / 0.14), 1)
            x, z = xa + part * (xb - xa), za + part * (zb - za) + 0.022
            high = 0.72 + random.uniform(-0.03, 0.03)
            pale = slab(0.055, high, 0.018).turned(turn + random.normal(0.0, 0.03))
            tone = srgb(GREY_WOOD) * random.uniform(0.8, 1.12)
            made.add("wood", pale.at(x, ya + part * (yb - ya) + 0.10 + high / 2, z).painted(tone))


# --- in the seat's frame


def hinge() -> Vec3:
    """Where the gate turns."""
    x, y, z = PORCH.local(np.array([GATE[0], ground_at(GATE[0], GATE_Z), GATE_Z])).tolist()
    return x, y, z


def gate() -> Furniture:
    """Its leaf, hinged at the origin and going toward +x; it closes the path when it is not turned."""
    made, wide = Furniture(), GATE[1]
    random = np.random.default_rng(63)
    for up in (0.26, 0.70):
        made.board((wide, 0.07, 0.03), (wide / 2, up, 0.0), GREY_WOOD)
    brace = hypot(wide - 0.1, 0.44)
    made.add("wood", slab(brace, 0.06, 0.022), GREY_WOOD)
    lean = atan2(0.44, wide - 0.1)
    shape = made.shapes["wood"][-1]
    x, y = shape.position[:, 0].copy(), shape.position[:, 1].copy()
    shape.position[:, 0], shape.position[:, 1] = cos(lean) * x - sin(lean) * y, sin(lean) * x + cos(lean) * y
    shape.position[:] += np.array([wide / 2, 0.48, 0.012])
    for k in range(7):
        high = 0.74 + 0.10 * sin(0.5 * k) + random.uniform(-0.015, 0.015)
        made.board((0.075, high, 0.02), (0.05 + k * (wide - 0.1) / 6, 0.12 + high / 2, 0.028), GREY_WOOD)
    made.board((0.06, 0.95, 0.06), (0.0, 0.5, 0.0), DARK_WOOD)
    return made


def hedge_arrays() -> Arrays:
    """'rows' and 'horizon' of the sprays of a grown hedge, as Kit.buffer takes them, before the fence."""
    random = np.random.default_rng(64)
    ground = Ground(PORCH)
    left = along(((-8.4, -5.7), (-3.0, -6.6), (1.5, -7.0), (4.3, -7.1)), 0.16)
    right = along(((6.0, -7.1), (8.5, -6.7), (12.0, -5.3)), 0.16)
    middle = np.repeat(np.concatenate([left, right]), 7, axis=0)
    n = len(middle)
    turn, out, up = random.uniform(0.0, tau, n), np.sqrt(random.random(n)), random.random(n) ** 0.8
    swell = 1.0 + 0.10 * np.sin(1.9 * middle[:, 0]) + 0.06 * np.sin(4.3 * middle[:, 0] + 1.0)
    across = HEDGE_HALF * out * np.sqrt(1.0 - 0.5 * up**2) * swell
    x, z = middle[:, 0] + across * np.cos(turn), middle[:, 1] + across * np.sin(turn)
    y = height(x, z) + HEDGE_TALL * swell * up * (1.0 - 0.25 * out**2) - 0.08
    points = PORCH.local(np.stack([x, y, z], axis=-1))
    outward = np.stack([np.cos(turn) * out, 0.30 + 0.8 * up, np.sin(turn) * out], axis=-1)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
    broad = random.random(n) < 0.6
    cell = np.where(broad, CARDS.index(BIRCH), CARDS.index(HEATHER))[:, None] + 0.98 * random.random((n, 1))
    tone = 1.0 + random.uniform(-0.2, 0.15, (n, 1)) * np.array([1.0, 0.7, 0.4])
    colour = np.where(broad[:, None], colour_of(BIRCH), colour_of(HEATHER)) * tone
    own = (0.35 + 0.65 * np.clip(0.55 * up + 0.45 * out, 0.0, 1.0)) * (0.45 + 0.55 * np.clip(2.0 * up, 0.0, 1.0))
    size = np.repeat(random.uniform(0.30, 0.46, n)[:, None], 3, axis=1)
    rows: npt.NDArray[np.float32] = rows_at(
        points, turn=random.uniform(0.0, tau, n), scale=size, own=own, colour=colour,
        free=np.concatenate([outward, cell], axis=-1),
    ).astype(np.float32)  # fmt: skip
    return {"rows": rows, "horizon": ground.horizon(points)}
