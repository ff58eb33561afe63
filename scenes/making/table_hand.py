"""What draws on a table: a fingertip or controller that comes near it, a ray that presses on it, or a calm gaze."""

from __future__ import annotations

from math import hypot, isfinite
from typing import Final, Protocol

import numpy as np

from scenes.making.gaze_pen import PRESSURE, GazePen
from scenes.making.nib import INDEX_TIP, PRESS, RELEASE, Mark, Nib, Side, by_ray, hand_of
from vr_app.api import Frame, Hand, Pose, Vec3

DEEPEST, TOUCH, LEAVE = -0.008, 0.022, 0.040  # metres over the top: pressed hard, begins to draw, stops
UNDER: Final = -0.10  # a real hand goes through a table that is none
RAY_FROM: Final = 0.10  # metres over the top, from which a hand's ray may draw
BESIDE: Final = 0.012  # metres beyond the edge at which one still draws along it
EASE_SECONDS, RAY_SECONDS, GAZE_SECONDS = 0.045, 0.11, 0.55  # that a line follows behind
DWELL_SECONDS, PAUSE_SECONDS = 1.5, 2.2  # of a gaze that rests, until it draws, and until it ends
STILL: Final = 0.016  # metres within which a gaze rests
GAZE_SPEED: Final = 0.055  # metres a second: a slow line
BUSY: Final[frozenset[Side]] = frozenset(("left", "right"))


class Top(Protocol):
    """The table's top."""

    def local(self, place: Vec3) -> Vec3: ...

    def world(self, place: Vec3) -> Vec3: ...

    def turned_back(self, way: Vec3) -> Vec3: ...


class TableHand:
    """`update` once a frame; read the rest."""

    def __init__(self, top: Top, radius: float) -> None:
        """`radius` metres of the top may be drawn on."""
        self._top, self._radius = top, radius
        self._nib, self._gaze = Nib(self._mark), GazePen(STILL, GAZE_SECONDS, GAZE_SPEED)
        self.drawing = self.began = False
        self.at = (0.0, 0.0)  # x and z of the top's frame
        self.pressure = 0.0
        self.hand: Side | None = None  # that draws

    def update(self, frame: Frame, passed: float, *, gaze: bool, ready: bool = True) -> None:
        """`gaze`: it may draw where no hand is; `ready`: anything may."""
        nib, pen = self._nib, self._gaze
        nib.update(frame, frozenset() if ready else BUSY)
        met = meets(frame.inputs.head, self._top) if gaze and ready and frame.inputs.head_tracked else None
        there = met is not None and hypot(*met) <= self._radius
        pen.update(frame, (met[0], 0.0, met[1]) if met and there else None, passed, DWELL_SECONDS, PAUSE_SECONDS)
        self.drawing, self.began = nib.drawing or pen.drawing, nib.began or pen.began
        self.hand = nib.hand if nib.drawing else None
        self.pressure = nib.pressure if nib.drawing else PRESSURE
        at = self._top.local(nib.tip) if nib.drawing and nib.tip is not None else pen.at
        if at is not None:
            self.at = at[0], at[2]

    def _mark(self, frame: Frame, side: Side) -> Mark | None:
        """Under a tip that is near the top, else where the ray of one that is above it ends."""
        hand = hand_of(frame, side)
        if hand is None:
            return None
        tip = tip_of(hand)
        x, y, z = self._top.local(tip)
        out = hypot(x, z)
        if UNDER < y < LEAVE and out < self._radius + BESIDE:
            share = min(self._radius / max(out, 1e-6), 1.0)
            press = float(np.interp(y, (DEEPEST, TOUCH, LEAVE), (1.0, PRESS, RELEASE)))
            return Mark(self._top.world((share * x, 0.0, share * z)), press, EASE_SECONDS, touches=True)
        if hand.aim is None or y < RAY_FROM:
            return Mark(tip, 0.0)
        met = meets(hand.aim, self._top)
        if met is None or hypot(*met) > self._radius:
            return None
        return Mark(self._top.world((met[0], 0.0, met[1])), by_ray(hand.select), RAY_SECONDS)


def tip_of(hand: Hand) -> Vec3:
    """Of the index finger, or of what is held."""
    if hand.joints is not None:
        x, y, z = hand.joints[INDEX_TIP, :3].tolist()
        return x, y, z
    return hand.grip.position if hand.aim is None else hand.aim.position


def meets(pose: Pose, top: Top) -> tuple[float, float] | None:
    """Where its -z meets the top's plane, from above."""
    (x, y, z, w), place = pose.orientation, top.local(pose.position)
    way = top.turned_back((-2.0 * (x * z + w * y), -2.0 * (y * z - w * x), 2.0 * (x * x + y * y) - 1.0))
    if not isfinite(sum(place) + sum(way)) or place[1] <= 0.0 or way[1] > -0.05:
        return None
    far = -place[1] / way[1]
    return place[0] + far * way[0], place[2] + far * way[2]
