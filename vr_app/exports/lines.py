"""Strokes as rows of points in a few arrays: what cannot be drawn left out, and made simpler where that is not seen.

All lengths in metres, in the work's own frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, sin, tau
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vr_app.api import Stroke

NEAREST: Final = 1e-4  # between two points; nearer ones are passed over, as where they are drawn
FARTHEST: Final = 1_000.0  # from the work's middle: nobody has painted there
THICKEST: Final = 10.0  # of a radius
_PASSES: Final = 8

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Lines(NamedTuple):
    """Some strokes, one behind the other."""

    points: Floats  # (n, 4): position and radius
    counts: Whole  # points of each stroke, at least 1
    colours: Floats  # (strokes, 3), linear 0..1

    @property
    def of(self) -> Whole:
        """The stroke of each point."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @property
    def starts(self) -> Whole:
        """Where each stroke begins."""
        return np.cumsum(self.counts) - self.counts

    def only(self, strokes: Whole) -> Lines:
        """These strokes of it, in this order."""
        keep = np.concatenate([np.zeros(0, np.int64), *(np.arange(self.counts[n]) + self.starts[n] for n in strokes)])
        return Lines(self.points[keep], self.counts[strokes], self.colours[strokes])


def lines(strokes: Iterable[Stroke]) -> Lines:
    """Of the points that can be drawn; a stroke without any is left out."""
    kept = [(found, stroke.colour[:3]) for stroke in strokes if len(found := _clean(stroke.points))]
    if not kept:
        return Lines(np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros((0, 3)))
    counts = np.array([len(points) for points, _ in kept], np.int64)
    colours = np.clip(np.array([colour for _, colour in kept], float), 0.0, 1.0)
    return Lines(np.concatenate([points for points, _ in kept]), counts, colours)


def _clean(points: NDArray[np.float32]) -> Floats:
    found = points.astype(float)
    found = found[np.isfinite(found).all(axis=1) & (np.abs(found[:, :3]) <= FARTHEST).all(axis=1)]
    found[:, 3] = np.clip(np.abs(found[:, 3]), NEAREST, THICKEST)
    apart = np.ones(len(found), bool)
    apart[1:] = np.linalg.norm(np.diff(found[:, :3], axis=0), axis=1) >= NEAREST
    return found[apart]


def simpler(some: Lines, share: float) -> Lines:
    """Without points that lie nearer to the line between their neighbours than this share of the radius there."""
    points, of = some.points, some.of
    for _ in range(_PASSES):
        spare = _spare(points, of, share)
        if not spare.any():
            break
        points, of = points[~spare], of[~spare]
    return Lines(points, np.bincount(of, minlength=len(some.counts)), some.colours)


def _spare(points: Floats, of: Whole, share: float) -> Flags:
    """Every second one at most, so that none goes together with its neighbour; never an end."""
    spare = np.zeros(len(points), bool)
    if len(points) < 3:
        return spare
    before, here, after = points[:-2], points[1:-1], points[2:]
    chord = after[:, :3] - before[:, :3]
    length = np.maximum((chord * chord).sum(axis=1), 1e-18)
    along = np.clip(((here[:, :3] - before[:, :3]) * chord).sum(axis=1) / length, 0.0, 1.0)[:, None]
    off = np.linalg.norm(before + along * (after - before) - here, axis=1)  # of position and radius together
    inside = (of[:-2] == of[2:]) & (np.arange(1, len(points) - 1) % 2 == 1)
    spare[1:-1] = inside & (off < share * here[:, 3])
    return spare


def thinned(some: Lines, points: int) -> Lines:
    """Of so many points at most: the largest strokes, each with its share of them."""
    if len(some.points) <= points:
        return some
    if len(some.counts) > points // 2:
        order = np.argsort(-_sizes(some), kind="stable")[: max(points // 2, 1)]
        some = some.only(np.sort(order))
    place = np.arange(len(some.points)) - np.repeat(some.starts, some.counts)
    last = np.repeat(some.counts - 1, some.counts)
    step = max(-(-len(some.points) // max(points - 2 * len(some.counts), 1)), 1)
    keep = (place % step == 0) | (place == last)
    counts = np.bincount(some.of[keep], minlength=len(some.counts))
    return Lines(some.points[keep], counts, some.colours)


def _sizes(some: Lines) -> Floats:
    """About what area each stroke shows."""
    length = np.zeros(len(some.points))
    length[1:] = np.linalg.norm(np.diff(some.points[:, :3], axis=0), axis=1)
    length[some.starts] = some.points[some.starts, 3]
    return np.bincount(some.of, length * some.points[:, 3], minlength=len(some.counts))


def copies(turns: int, mirror: bool) -> Sequence[Floats]:
    """A matrix (3, 3) for each time that a stroke is seen, itself first."""
    turned = [
        np.array([[cos(angle), 0.0, sin(angle)], [0.0, 1.0, 0.0], [-sin(angle), 0.0, cos(angle)]])
        for angle in (tau * n / turns for n in range(turns))
    ]
    across = np.diag([-1.0, 1.0, 1.0])
    return [*turned, *(turn @ across for turn in turned)] if mirror else turned
