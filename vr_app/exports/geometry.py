"""Triangles of strokes: tubes with rounded tips, leaves and specks, as their brushes look (looks.py)."""

from __future__ import annotations

from math import pi, sqrt, tau
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vr_app.exports.lines import Floats, Lines, Whole
from vr_app.exports.looks import Look

LEAF_STEP: Final = 1.3  # radii between two leaves
SPECK_STEP: Final = 0.22  # radii between two specks
_GOLDEN: Final = pi * (3.0 - sqrt(5.0))
_TIPS: Final = ((-1.0, 0.0), (-0.5, 0.8660254), (0.0, 1.0))  # radii beyond the end, share of the radius


class Fineness(NamedTuple):
    """How much of a stroke's roundness is kept."""

    sides: int  # of a tube
    round_tips: bool
    share: float  # of the radius that a point may lie beside the line that replaces it
    step: float = 1.0  # times the usual way between two leaves or specks


class Triangles(NamedTuple):
    """Seen from outside, corners turn to the left."""

    position: NDArray[np.float32]  # (n, 3)
    normal: NDArray[np.float32]  # (n, 3), unit
    colour: NDArray[np.float32]  # (n, 3), linear
    index: NDArray[np.uint32]  # (m,)


def corners(some: Lines, look: Look, fine: Fineness) -> int:
    """How many vertices `triangles` makes of it."""
    if look.form == "tube":
        rings = 2 if fine.round_tips else 0
        return int(((some.counts + rings) * fine.sides + 2).sum())
    per = 4 if look.form == "leaves" else 6
    return per * len(_sampled(some, _step(look, fine))[0])


def triangles(some: Lines, look: Look, fine: Fineness) -> Triangles:
    if look.form == "tube":
        return _tubes(some, look.flat, fine)
    at, radius, along, of = _sampled(some, _step(look, fine))
    return (_leaves if look.form == "leaves" else _specks)(at, radius, along, some.colours[of])


def _step(look: Look, fine: Fineness) -> float:
    return fine.step * (LEAF_STEP if look.form == "leaves" else SPECK_STEP)


# --- tubes


def _tubes(some: Lines, flat: float, fine: Fineness) -> Triangles:
    along = _tangents(some)
    side = _sides(along, some.starts)
    row, away, share = _rows(some, fine)
    centre = some.points[row, :3] + along[row] * (away * some.points[row, 3])[:, None]
    radius = some.points[row, 3] * share
    slope = _slopes(centre, radius, np.repeat(np.arange(len(some.counts)), _rows_of(some, fine)))
    count = np.where(share > 0.0, fine.sides, 1)  # a tip is one corner
    first = np.cumsum(count) - count
    corner = np.arange(int(count.sum())) - np.repeat(first, count)
    ring = np.repeat(np.arange(len(row)), count)
    angle = tau * corner / fine.sides
    u, v = side[row][ring], np.cross(along[row], side[row])[ring]
    t = along[row][ring]
    wide, thick = np.cos(angle)[:, None], np.sin(angle)[:, None]
    position = centre[ring] + radius[ring, None] * (u * wide + v * (thick * flat))
    out = u * wide * flat + v * thick
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
    out = out - t * slope[ring, None]
    tip = (share == 0.0)[ring]
    out[tip] = t[tip] * np.sign(away[ring][tip])[:, None]
    index = _between(first, count, np.repeat(np.arange(len(some.counts)), _rows_of(some, fine)), fine.sides)
    return _made(position, out, some.colours[some.of[row]][ring], index)


def _tangents(some: Lines) -> Floats:
    """At each point the mean direction to both neighbours, as where strokes are drawn; of a dot, up."""
    of, n = some.of, len(some.points)
    step = np.zeros((n + 1, 3))  # step[k] leads to point k; 0 at a stroke's ends
    step[1:n] = np.diff(some.points[:, :3], axis=0) * (of[1:] == of[:-1])[:, None]
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-12)
    mean, ahead = step[:-1] + step[1:], step[1:]
    back = np.linalg.norm(mean, axis=1) < 1e-3  # it turns on its heel
    mean[back] = ahead[back]
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    return np.where(length > 0.0, mean / np.maximum(length, 1e-12), (0.0, 1.0, 0.0))


def _sides(along: Floats, starts: Whole) -> Floats:
    """Across each point, carried along its stroke without turning about it."""
    out = np.empty_like(along)
    begins = set(starts.tolist())
    side = (1.0, 0.0, 0.0)
    for n, (dx, dy, dz) in enumerate(along.tolist()):
        if n in begins:
            side = (0.0, 1.0, 0.0) if abs(dy) < 0.8 else (1.0, 0.0, 0.0)
        x, y, z = side
        share = x * dx + y * dy + z * dz
        x, y, z = x - share * dx, y - share * dy, z - share * dz
        length = sqrt(x * x + y * y + z * z)
        if length < 1e-3:  # a bend of a right angle: begin anew
            x, y, z = (-dz, 0.0, dx) if abs(dy) < 0.8 else (0.0, dz, -dy)
            length = sqrt(x * x + y * y + z * z)
        side = x / length, y / length, z / length
        out[n] = side
    return out


def _rows_of(some: Lines, fine: Fineness) -> Whole:
    return some.counts + (4 if fine.round_tips else 2)


def _rows(some: Lines, fine: Fineness) -> tuple[Whole, Floats, Floats]:
    """Of each ring: its point, how many radii it lies beyond it along the stroke, and its share of the radius."""
    tips = _TIPS[:2] if fine.round_tips else _TIPS[:1]
    n = np.arange(len(some.points))
    first, last = some.starts, some.starts + some.counts - 1
    parts = [(n, 0.0, 1.0, n * 8.0 + 4)]
    for place, (away, share) in enumerate(tips):
        parts += [(first, away, share, first * 8.0 + place), (last, -away, share, last * 8.0 + 7 - place)]
    order = np.argsort(np.concatenate([key for *_, key in parts]), kind="stable")
    row = np.concatenate([at for at, *_ in parts])[order]
    away = np.concatenate([np.full(len(at), far) for at, far, *_ in parts])[order]
    share = np.concatenate([np.full(len(at), part) for at, _, part, _ in parts])[order]
    return row, away, share


def _slopes(centre: Floats, radius: Floats, of: Whole) -> Floats:
    """How fast the radius grows along the stroke at each ring."""
    same = of[1:] == of[:-1]
    way = np.linalg.norm(np.diff(centre, axis=0), axis=1) * same
    grown = np.diff(radius) * same
    length, growth = np.zeros(len(radius)), np.zeros(len(radius))
    length[1:] += way
    length[:-1] += way
    growth[1:] += grown
    growth[:-1] += grown
    return np.clip(growth / np.maximum(length, 1e-9), -4.0, 4.0)


def _between(first: Whole, count: Whole, of: Whole, sides: int) -> Whole:
    """Triangles between each ring and the next of its stroke; a tip is a ring of one corner."""
    here = np.flatnonzero(of[1:] == of[:-1])
    a, b = first[here][:, None], first[here + 1][:, None]
    one, two = (count[here] == 1)[:, None], (count[here + 1] == 1)[:, None]
    n = np.arange(sides)[None, :]
    beside = (n + 1) % sides
    low, low2 = np.where(one, a, a + n), np.where(one, a, a + beside)
    high, high2 = np.where(two, b, b + n), np.where(two, b, b + beside)
    lower = np.stack([low, low2, high2], axis=-1)[np.broadcast_to(~one, low.shape)]
    upper = np.stack([low, high2, high], axis=-1)[np.broadcast_to(~two, low.shape)]
    return np.concatenate([lower, upper]).reshape(-1)


# --- leaves and specks


def _sampled(some: Lines, step: float) -> tuple[Floats, Floats, Floats, Whole]:
    """Places along the strokes, so many radii from one to the next: position, radius, direction, stroke."""
    of, n = some.of, len(some.points)
    if not n:
        return np.zeros((0, 3)), np.zeros(0), np.zeros((0, 3)), np.zeros(0, np.int64)
    way = np.zeros(n)
    mean = 0.5 * (some.points[1:, 3] + some.points[:-1, 3])
    same = of[1:] == of[:-1]
    way[1:] = np.where(same, np.linalg.norm(np.diff(some.points[:, :3], axis=0), axis=1) / np.maximum(mean, 1e-9), 0.0)
    gone = np.cumsum(way)
    begin, end = gone[some.starts], gone[some.starts + some.counts - 1]
    number = np.floor((end - begin) / step).astype(np.int64) + 1
    stroke = np.repeat(np.arange(len(number)), number)
    at = begin[stroke] + step * (np.arange(len(stroke)) - np.repeat(np.cumsum(number) - number, number))
    # between strokes there is a way of 1 that no sample lies on
    line, place = gone + of, at + stroke
    points = np.column_stack([np.interp(place, line, some.points[:, axis]) for axis in range(4)])
    along = _tangents(some)
    near = np.clip(np.searchsorted(line, place, side="right") - 1, 0, n - 1)
    return points[:, :3], points[:, 3], along[near], stroke


def _leaves(at: Floats, radius: Floats, along: Floats, colour: Floats) -> Triangles:
    """Each a folded rhomb that points outward and ahead, turned on from the one before."""
    n = len(at)
    turn = np.arange(n) * _GOLDEN
    u = np.cross(along, np.where(np.abs(along[:, 1:2]) < 0.8, (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
    u /= np.maximum(np.linalg.norm(u, axis=1, keepdims=True), 1e-12)
    v = np.cross(along, u)
    out = u * np.cos(turn)[:, None] + v * np.sin(turn)[:, None]
    way = 0.75 * along + 0.66 * out
    across = np.cross(way, out)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    up = np.cross(across, way)
    size = radius[:, None]
    base, tip = at, at + 2.0 * size * way
    middle = at + 0.9 * size * way + 0.12 * size * up
    left, right = middle + 0.55 * size * across, middle - 0.55 * size * across
    position = np.stack([base, right, tip, left], axis=1).reshape(-1, 3)
    lean = 0.25 * across
    normal = np.stack([up, up - lean, up, up + lean], axis=1).reshape(-1, 3)
    quad = np.array([0, 1, 2, 0, 2, 3])
    index = (4 * np.arange(n)[:, None] + quad).reshape(-1)
    return _made(position, normal, np.repeat(colour, 4, axis=0), index)


_EIGHT: Final = np.array(
    [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]], np.int64
)
_SIX: Final = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], float)


def _specks(at: Floats, radius: Floats, along: Floats, colour: Floats) -> Triangles:
    """Grains about the way, always the same ones."""
    n = len(at)
    random = np.random.default_rng(7)
    off = random.normal(size=(n, 3))
    off *= (random.random(n) ** 0.5 / np.maximum(np.linalg.norm(off, axis=1), 1e-12))[:, None]
    size = radius * (0.05 + 0.09 * random.random(n))
    centre = at + off * (radius - size)[:, None]
    position = (centre[:, None] + _SIX * size[:, None, None]).reshape(-1, 3)
    index = (6 * np.arange(n)[:, None, None] + _EIGHT).reshape(-1)
    return _made(position, np.tile(_SIX, (n, 1)), np.repeat(colour, 6, axis=0), index)


def _made(position: Floats, normal: Floats, colour: Floats, index: Whole) -> Triangles:
    unit = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    return Triangles(
        position.astype(np.float32), unit.astype(np.float32), colour.astype(np.float32), index.astype(np.uint32)
    )
