"""A work's strokes as triangles: tubes, ribbons, leaves and motes, copies among them. Metres, +y up.

numpy alone, no state; the renderer's own strokes are in vr_app/render/strokes.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, sin, tau
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vr_app.api import Stroke

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.uint32]
MOST_TRIANGLES: Final = 1_000_000  # of a work, 40 MB at most: a phone shows them still
FARTHEST: Final = 1_000.0  # metres from the work's middle; nobody has painted beyond
THINNEST, THICKEST = 1e-4, 10.0  # metres, of a radius
THICK: Final = {"ribbon": 0.06, "leaf": 0.10, "chalk": 0.3}  # of the width, as shaders/include/brush.glsl has it
KNOWN: Final = ("ribbon", "ink", "chalk", "leaf", "dust", "tube")
PLAINEST: Final = "ink"
MOTES: Final = 4  # of a point of dust
MOTE: Final = (0.0032, 0.0085)  # metres, radius; as shaders/brush_light.glsl has them
_GOLDEN: Final = 0.6180339887


class Fineness(NamedTuple):
    """How much of a tube's roundness is kept."""

    sides: int
    beside: float  # share of its radius that a point may lie beside the line that replaces it


FINENESS: Final = (Fineness(8, 0.0), Fineness(8, 0.03), Fineness(6, 0.06), Fineness(5, 0.12), Fineness(4, 0.25),
                   Fineness(3, 0.5))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Solid:
    """Triangles of one brush."""

    brush: str
    position: Floats  # (n, 3)
    normal: Floats  # (n, 3), unit
    colour: Floats  # (n, 3), linear 0..1
    index: Ints  # (m, 3)


def brush_of(name: str) -> str:
    """As what a brush is shown: one that is not known as the plainest."""
    return name if name in KNOWN else PLAINEST


def solids(strokes: Iterable[Stroke], most: int = MOST_TRIANGLES) -> list[Solid]:
    """One for each brush that is used, in the order of KNOWN, of about so many triangles at most.

    Points that are no numbers, or nowhere, are passed over.
    """
    whole, sides = _within([stroke for stroke in map(sound, strokes) if len(stroke.points)], most)
    parts: dict[str, list[Solid]] = {}
    for stroke in whole:
        name = brush_of(stroke.brush)
        made = _made(name, stroke.points, sides, np.array(stroke.colour[:3], np.float32))
        parts.setdefault(name, []).extend(_copies(made, stroke.turns, stroke.mirror))
    return [_joined(name, parts[name]) for name in KNOWN if name in parts]


def _within(whole: Sequence[Stroke], most: int) -> tuple[Sequence[Stroke], int]:
    """Strokes that make so many triangles at most, and the sides of their tubes: first less round, then of fewer
    points, and where there are too many strokes even so, the largest."""
    for sides, beside in FINENESS:
        smooth = [_straighter(stroke, beside) for stroke in whole]
        amount = sum(_triangles(stroke, sides) for stroke in smooth)
        if amount <= most:
            return smooth, sides
    step = -(-amount // most) + 1
    thin = [stroke._replace(points=_thinned(stroke.points, step)) for stroke in smooth]
    each = np.array([_triangles(stroke, sides) for stroke in thin])
    largest = np.argsort([-_size(stroke) for stroke in thin], kind="stable")
    kept = np.sort(largest[np.cumsum(each[largest]) <= most])
    return [thin[n] for n in kept], sides


def _triangles(stroke: Stroke, sides: int) -> int:
    """Of all its copies."""
    name, n = brush_of(stroke.brush), len(stroke.points)
    if name == "dust":
        one = 8 * MOTES * n
    elif name == "leaf" and n > 1:
        one = 12 * (n - 1)  # in fact 10, with more corners than others have
    else:
        one = 2 * sides * (n + 3)
    return one * stroke.turns * (2 if stroke.mirror else 1)


def _size(stroke: Stroke) -> float:
    """About what area it shows."""
    points = stroke.points
    way = float(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1).sum())
    widest = float(points[:, 3].max())
    return widest * (widest + way)


def sound(stroke: Stroke) -> Stroke:
    """Points that can be somewhere, none twice in a row."""
    points = stroke.points
    points = points[np.isfinite(points).all(axis=1) & (np.abs(points[:, :3]) <= FARTHEST).all(axis=1)]
    if len(points) > 1:
        apart = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1) > 1e-5
        points = points[np.concatenate([[True], apart])]
    radius = np.clip(points[:, 3:], THINNEST, THICKEST)
    return stroke._replace(points=np.concatenate([points[:, :3], radius], axis=1))


def _straighter(stroke: Stroke, beside: float) -> Stroke:
    if not beside or brush_of(stroke.brush) in ("leaf", "dust"):  # one to a point
        return stroke
    return stroke._replace(points=straightened(stroke.points, beside * stroke.points[:, 3]))


def straightened(points: Floats, beside: Floats) -> Floats:
    """Without points that lie less than `beside` (a value for each) from the line between their neighbours."""
    for _ in range(8):
        if len(points) < 3:
            break
        before, here, after = points[:-2], points[1:-1], points[2:]
        chord = after - before
        share = np.einsum("ij,ij->i", here - before, chord) / np.maximum(np.einsum("ij,ij->i", chord, chord), 1e-12)
        off = np.linalg.norm(before + np.clip(share, 0.0, 1.0)[:, None] * chord - here, axis=1)
        spare = (off < beside[1:-1]) & (np.arange(len(off)) % 2 == 0)  # none goes together with its neighbour
        if not spare.any():
            break
        keep = np.concatenate([[True], ~spare, [True]])
        points, beside = points[keep], beside[keep]
    return points


def _thinned(points: Floats, step: int) -> Floats:
    if step == 1 or len(points) < 3:
        return points
    return np.concatenate([points[:-1:step], points[-1:]])


def _made(name: str, points: Floats, sides: int, colour: Floats) -> Solid:
    if name == "dust":
        return _motes(points, colour)
    if name == "leaf" and len(points) > 1:
        return _leaves(points, colour)
    return _tube(name, points, sides, colour)


def _copies(made: Solid, turns: int, mirror: bool) -> Iterator[Solid]:
    """Turned about +y, as the renderer turns them, and across x = 0."""
    for turn in range(turns):
        c, s = cos(tau * turn / turns), sin(tau * turn / turns)
        about = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]], np.float32)
        yield Solid(made.brush, made.position @ about, made.normal @ about, made.colour, made.index)
        if mirror:
            across = np.array([-1.0, 1.0, 1.0], np.float32)
            position, normal = (
                np.asarray((part * across) @ about, np.float32) for part in (made.position, made.normal)
            )
            yield Solid(made.brush, position, normal, made.colour, made.index[:, ::-1])


def _joined(name: str, parts: Sequence[Solid]) -> Solid:
    first = np.cumsum([0] + [len(part.position) for part in parts[:-1]])
    index = np.concatenate([part.index + np.uint32(at) for part, at in zip(parts, first, strict=True)])
    position, normal, colour = (
        np.concatenate([getattr(part, what) for part in parts]) for what in ("position", "normal", "colour")
    )
    return Solid(name, position, normal, colour, np.ascontiguousarray(index, np.uint32))


# --- along a stroke


def frames_of(points: Floats) -> tuple[Floats, Floats]:
    """At each of (n, 3) places the unit direction along and one across; across never turns about the stroke."""
    if len(points) == 1:
        return np.array([[0.0, 1.0, 0.0]], np.float32), np.array([[1.0, 0.0, 0.0]], np.float32)
    steps = np.diff(points, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    mean = np.concatenate([steps[:1], steps[:-1] + steps[1:], steps[-1:]])
    size = np.linalg.norm(mean, axis=1, keepdims=True)
    along = np.where(size > 1e-4, mean / np.maximum(size, 1e-9), np.concatenate([steps[:1], steps]))
    across = np.empty_like(along)
    side = _square_to(along[0])
    for n, way in enumerate(along):
        side = side - way * float(side @ way)
        far = float(np.sqrt(side @ side))
        side = side / far if far > 1e-3 else _square_to(way)
        across[n] = side
    return along, across


def _square_to(way: Floats) -> Floats:
    other = np.array([0.0, 1.0, 0.0] if abs(float(way[1])) < 0.8 else [1.0, 0.0, 0.0], np.float32)
    side = other - way * float(other @ way)
    return np.asarray(side / np.linalg.norm(side))


def _tube(name: str, points: Floats, sides: int, colour: Floats) -> Solid:
    """With round tips; a ribbon is flat."""
    along, across = frames_of(points[:, :3])
    centre, radius = points[:, :3], np.maximum(points[:, 3], 1e-4)
    # two rings more at either end, as far out as a ball's
    tips = ((1.0, 0.0), (0.5, 0.8660254))
    before = [centre[:1] - along[:1] * radius[0] * away for away, _ in tips]
    after = [centre[-1:] + along[-1:] * radius[-1] * away for away, _ in reversed(tips)]
    rings = np.concatenate([*before, centre, *after])
    sizes = np.concatenate([
        [radius[0] * share for _, share in tips], radius, [radius[-1] * share for _, share in reversed(tips)]
    ])  # fmt: skip
    pad = [0, 0, *range(len(points)), len(points) - 1, len(points) - 1]
    along, across = along[pad], across[pad]
    other = np.cross(along, across)
    thick = THICK.get(name, 1.0)
    turns = np.arange(sides) * (tau / sides)
    c, s = np.cos(turns)[None, :, None], np.sin(turns)[None, :, None]
    ring = across[:, None] * c + other[:, None] * s * thick
    out = across[:, None] * c * thick + other[:, None] * s
    slope = (
        np.gradient(sizes)[:, None, None]
        / np.maximum(np.linalg.norm(np.gradient(rings, axis=0), axis=1), 1e-6)[:, None, None]
    )
    normal = out - along[:, None] * slope
    position = rings[:, None] + ring * sizes[:, None, None]
    count = len(rings)
    k, beside = np.arange(sides), (np.arange(sides) + 1) % sides
    base = (np.arange(count - 1) * sides)[:, None]
    quads = [base + k, base + beside, base + sides + beside, base + sides + k]
    index = np.concatenate([
        np.stack([quads[0], quads[1], quads[2]], axis=-1), np.stack([quads[0], quads[2], quads[3]], axis=-1)
    ]).reshape(-1, 3)  # fmt: skip
    return _solid(name, position.reshape(-1, 3), normal.reshape(-1, 3), colour, index)


# A leaf: shares of the way from its stalk to its tip, and half as wide there as that way is long. As brush.glsl has it.
_LEAF: Final = ((0.0, 0.0), (0.15, 0.20), (0.15, -0.20), (0.5, 0.225), (0.5, -0.225), (1.0, 0.0))
_LEAF_FACES: Final = ((0, 2, 1), (1, 2, 3), (3, 2, 4), (3, 4, 5))
_TIP: Final = (0.70, 0.86)  # off from the stalk, in lengths of a piece if that is 0.74 radii
_STEM: Final = 0.06  # of a radius


def _leaves(points: Floats, colour: Floats) -> Solid:
    """A twig: from each point a leaf to either side, and the piece of stem to the next."""
    along, across = frames_of(points[:, :3])
    start, way = points[:-1, :3], np.diff(points[:, :3], axis=0)
    radius, side = points[:-1, 3:4], across[:-1]
    up = np.cross(along[:-1], side)
    own = ((np.arange(len(start)) * _GOLDEN) % 1.0)[:, None]
    corners: list[Floats] = []
    tones: list[Floats] = []
    faces: list[tuple[int, ...]] = []
    for hand in (1.0, -1.0):
        long, first = 0.82 + 0.18 * own, len(corners)
        for share, wide in _LEAF:
            out = long * (_TIP[0] * share + _TIP[1] * wide) / 0.74
            on = long * (_TIP[1] * share - _TIP[0] * wide) + 0.05 + 0.10 * own
            corners.append(start + way * on + side * radius * hand * out)
            tones.append(0.75 + 0.4 * own)
        faces += [tuple(first + corner for corner in face[:: int(hand)]) for face in _LEAF_FACES]
        own = 1.0 - own
    for at, hand in ((0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (1.0, -1.0)):
        corners.append(start + way * at + side * radius * hand * _STEM + up * 0.02 * radius)
        tones.append(np.full_like(own, 0.55))
    faces += [(12, 13, 14), (14, 13, 15)]
    count = len(corners)
    position, shade = np.stack(corners, axis=1).reshape(-1, 3), np.stack(tones, axis=1).reshape(-1, 1)
    index = (np.arange(len(start))[:, None, None] * count + np.array(faces)).reshape(-1, 3)
    made = _solid("leaf", position, up.repeat(count, axis=0), colour, index)
    return Solid(
        made.brush, made.position, made.normal, np.clip(made.colour * shade, 0, 1).astype(np.float32), made.index
    )


def _motes(points: Floats, colour: Floats) -> Solid:
    """Small stars about each point."""
    n = np.arange(len(points) * MOTES)
    turn, high, far = (n * _GOLDEN) % 1.0 * tau, (n * 0.7548777) % 1.0 * 2.0 - 1.0, (n * 0.5698403) % 1.0
    flat = np.sqrt(1.0 - high * high)
    away = np.stack([flat * np.cos(turn), high, flat * np.sin(turn)], axis=-1) * far[:, None]
    middle = points.repeat(MOTES, axis=0)
    centre = middle[:, :3] + away * middle[:, 3:4]
    size = np.minimum(MOTE[0] + (MOTE[1] - MOTE[0]) * ((n * 0.3247) % 1.0) ** 2, 0.35 * middle[:, 3])
    out = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], np.float32)
    position = centre[:, None] + out * size[:, None, None]
    normal = np.broadcast_to(out, position.shape)
    one = np.array([(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)])
    index = (n[:, None, None] * 6 + one).reshape(-1, 3)
    return _solid("dust", position.reshape(-1, 3), normal.reshape(-1, 3), colour, index)


def _solid(name: str, position: Floats, normal: Floats, colour: Floats, index: npt.NDArray[np.integer]) -> Solid:
    size = np.linalg.norm(normal, axis=1, keepdims=True)
    unit = np.where(size > 1e-6, normal / np.maximum(size, 1e-9), np.array([0.0, 1.0, 0.0]))
    painted = np.tile(np.clip(colour, 0.0, 1.0), (len(position), 1))
    return Solid(
        name, position.astype(np.float32), unit.astype(np.float32), painted.astype(np.float32), index.astype(np.uint32)
    )


def expanded(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Each turned and mirrored copy as a stroke of its own."""
    found = []
    for stroke in map(sound, strokes):
        flat = Solid(stroke.brush, stroke.points[:, :3], stroke.points[:, :3], stroke.points[:, :3], _NO_TRIANGLES)
        for copy in _copies(flat, stroke.turns, stroke.mirror):
            points = np.concatenate([copy.position, stroke.points[:, 3:]], axis=1)
            found.append(Stroke(stroke.brush, stroke.colour, points.astype(np.float32)))
    return found


_NO_TRIANGLES: Final = np.zeros((0, 3), np.uint32)
