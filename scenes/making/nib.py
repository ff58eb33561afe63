"""The hand that makes: where its mark lies and how hard it presses. Either hand, controller or bare; the first leads.

A jump, a lost hand, a pose that is no number and the space about the head end a stroke; none is bridged, none is an
error. Metres, seconds; the world's frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import dist, exp, isfinite
from typing import Final, Literal, NamedTuple

import numpy as np

from vr_app.api import Frame, Hand, Vec3

PRESS, RELEASE = 0.15, 0.08  # of Mark.press: a light touch draws already
JUMP: Final = 0.25  # metres in a frame: no arm is so quick
HEAD: Final = 0.25  # metres about the head in which nothing is drawn
TIP: Final = 0.06  # metres before a controller's grip, along its aim
SMOOTH_SECONDS: Final = 0.035
PRESSURE_SECONDS: Final = 0.06
THUMB_TIP, INDEX_TIP = 5, 10  # XrHandJointEXT
RAY_PRESS, RAY_RELEASE = 0.5, 0.3  # of Hand.select, where a ray draws: a hand that only points curls its fingers
Side = Literal["left", "right"]


class Mark(NamedTuple):
    """Where a hand would draw, and how hard it presses there, 0..1."""

    place: Vec3
    press: float
    seconds: float = SMOOTH_SECONDS  # that the line follows behind
    touches: bool = False  # what touches draws at once; a press that a hand brings along does not


def hand_of(frame: Frame, side: Side) -> Hand | None:
    return frame.inputs.right if side == "right" else frame.inputs.left


def by_ray(select: float) -> float:
    """How hard a hand presses that draws where its ray ends."""
    return float(np.interp(select, (0.0, RAY_RELEASE, RAY_PRESS, 1.0), (0.0, RELEASE, PRESS, 1.0)))


def in_air(frame: Frame, side: Side) -> Mark | None:
    """Between thumb and finger, or before the controller."""
    hand = hand_of(frame, side)
    if hand is None:
        return None
    if hand.joints is not None:
        x, y, z = (0.5 * (hand.joints[THUMB_TIP, :3] + hand.joints[INDEX_TIP, :3])).tolist()
    else:
        x, y, z = hand.grip.position
        if hand.aim is not None:
            i, j, k, w = hand.aim.orientation
            x, y = x - TIP * 2.0 * (i * k + w * j), y - TIP * 2.0 * (j * k - w * i)
            z -= TIP * (1.0 - 2.0 * (i * i + j * j))
    return Mark((x, y, z), hand.select)


class Nib:
    """`update` once a frame; read the rest. `spoken_for`: a hand that is busy otherwise makes nothing until let go."""

    def __init__(self, mark: Callable[[Frame, Side], Mark | None] = in_air) -> None:
        """`mark`: None where this hand marks nothing."""
        self._mark = mark
        self.hand: Side = "right"  # that makes, or made last
        self.tip: Vec3 | None = None  # where that hand's mark lies; None: it has none
        self.pressure = 0.0  # 0..1
        self.roll = 0.0  # y of the hand's right-hand side: -1..1, 0 is level
        self.began = self.drawing = self.ended = False
        self._raw: Vec3 | None = None
        self._held = {"left": True, "right": True}  # a hand that comes pressed draws nothing until it lets go

    def update(self, frame: Frame, spoken_for: frozenset[Side] = frozenset()) -> None:
        was = self.drawing
        passed = min(max(frame.dt, 1.0 / 144.0), 0.1)
        first = frame.comfort.hand
        marks = {side: self._marked(frame, side) for side in (first, _other(first))}
        wants = {side: self._wants(side, mark, side in spoken_for) for side, mark in marks.items()}
        hand = self.hand if was and wants[self.hand] else next((side for side in marks if wants[side]), None)
        if not was:
            self.hand = hand or (self.hand if marks[self.hand] is not None else _other(self.hand))
        mark = marks[self.hand]
        jumped = mark is None or (self._raw is not None and was and dist(mark.place, self._raw) > JUMP)
        self.drawing = hand == self.hand and wants[self.hand] and not jumped
        if was and not self.drawing and wants[self.hand]:
            self._held[self.hand] = True  # let go before it goes on
        self.began, self.ended = self.drawing and not was, was and not self.drawing
        self._move(mark, hand_of(frame, self.hand), passed)

    def _marked(self, frame: Frame, side: Side) -> Mark | None:
        """What is a number, and not about the head."""
        hand = hand_of(frame, side)
        mark = None if hand is None else self._mark(frame, side)
        if hand is None or mark is None or not isfinite(sum(mark.place) + mark.press):
            return None
        at: Sequence[float] = hand.grip.position if hand.joints is None else hand.joints[INDEX_TIP, :3].tolist()
        return None if dist(at, frame.inputs.head.position) < HEAD else mark

    def _wants(self, side: Side, mark: Mark | None, busy: bool) -> bool:
        """Whether this hand presses, having let go before."""
        if mark is None or busy:
            self._held[side] = True
            return False
        held = self._held[side] and not mark.touches
        pressed = mark.press > (RELEASE if held or (side == self.hand and self.drawing) else PRESS)
        if not pressed:
            self._held[side] = False
        return pressed and not held

    def _move(self, mark: Mark | None, hand: Hand | None, passed: float) -> None:
        if mark is None or hand is None:
            self._raw = self.tip = None
            self.pressure = 0.0
            return
        here, before = mark.place, self.tip
        self._raw = here
        share = 1.0 - exp(-passed / mark.seconds)
        if before is None or self.began or dist(before, here) > JUMP:
            self.tip, self.pressure = here, 0.0 if self.began else self.pressure
        else:
            (x, y, z), (a, b, c) = before, here
            self.tip = x + share * (a - x), y + share * (b - y), z + share * (c - z)
        self.pressure += (1.0 - exp(-passed / PRESSURE_SECONDS)) * (min(max(mark.press, 0.0), 1.0) - self.pressure)
        x, y, z, w = hand.grip.orientation
        level = 2.0 * (x * y + w * z)
        self.roll = level if isfinite(level) else 0.0


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"
