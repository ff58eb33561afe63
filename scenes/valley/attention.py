"""What a patient's attention rests on: by gaze, by a hand's ray or by touch; any one is enough, nothing can be missed.

What is rested on grows warm and, after a while, is taken; what is left cools slowly. Metres, radians and seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import asin, cos, radians, sqrt
from typing import Final, NamedTuple

from vr_app.api import Frame, Hand, Pose, Vec3

REST_SECONDS: Final = 2.0  # until what is rested on is taken
COOL_SECONDS: Final = 4.0  # in which warmth fades
LEAST: Final = radians(4.0)  # half the angle of the smallest spot: nobody aims a head better
KEEP: Final = 1.35  # times its angle until a spot is left: a head is never quite still
TOUCH: Final = 0.06  # metres beyond a spot's radius at which a fingertip is there
PRESS, RELEASE = 0.5, 0.3  # of Hand.select
INDEX_TIP: Final = 10  # XR_HAND_JOINT_INDEX_TIP_EXT


class Spot(NamedTuple):
    """Something to rest on, in the world."""

    centre: Vec3
    radius: float


class Attention:
    """`update` once a frame. Read `at`, `warmth` and `taken`; nothing is taken while the session is quiet."""

    def __init__(self, spots: Sequence[Spot], seconds: float = REST_SECONDS) -> None:
        self.spots = list(spots)  # one may be moved; their number stays
        self.seconds = seconds
        self.at: int | None = None  # what is rested on
        self.warmth = [0.0] * len(self.spots)  # 0..1 of each
        self.taken: int | None = None  # in this frame
        self._rested = 0.0  # seconds on `at`
        self._spent = False  # it was taken; it must be left before it is again
        self._pressed = [True, True]  # a hand that comes pressed takes nothing until it lets go

    def update(self, frame: Frame) -> int | None:
        """What is taken in this frame, if anything."""
        inputs, dt, before = frame.inputs, frame.dt, self.at
        right, right_pressed = self._hand(0, inputs.right)
        left, left_pressed = self._hand(1, inputs.left)
        at = left if right is None else right
        if at is None and inputs.head_tracked:
            at = self._along(inputs.head)
        self.at, pressed = at, right_pressed or left_pressed
        if self.at != before:
            self._rested, self._spent = 0.0, False
        self.taken = None
        if self.at is not None and not frame.quiet and not self._spent:
            self._rested += dt
            if pressed or self._rested >= self.seconds:
                self.taken, self._spent = self.at, True
        for n, warmth in enumerate(self.warmth):
            if n == self.at:
                self.warmth[n] = min(warmth + dt / self.seconds, 1.0)
            elif warmth > 0.0:
                self.warmth[n] = max(warmth - dt / COOL_SECONDS, 0.0)
        return self.taken

    def _hand(self, n: int, hand: Hand | None) -> tuple[int | None, bool]:
        """What this hand touches, or points at as it begins to press; and whether it presses on that just now."""
        was, self._pressed[n] = self._pressed[n], hand is None
        if hand is None:
            return None, False
        self._pressed[n] = hand.select > (RELEASE if was else PRESS)
        begins = self._pressed[n] and not was
        at = self._touched(hand)
        if at is None and begins and hand.aim is not None:
            at = self._along(hand.aim)
        return at, begins and at is not None

    def _touched(self, hand: Hand) -> int | None:
        """The spot that lies nearest to its fingertip, if that reaches one."""
        found, best = None, 1.0
        x, y, z = hand.grip.position if hand.joints is None else hand.joints[INDEX_TIP, :3].tolist()
        for n, ((cx, cy, cz), radius) in enumerate(self.spots):
            reach = radius + TOUCH
            away = ((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) / (reach * reach)
            if away < best:
                found, best = n, away
        return found

    def _along(self, pose: Pose) -> int | None:
        """The spot that lies nearest to where it points, if it points at one."""
        (px, py, pz), (x, y, z, w) = pose
        ax, ay, az = -2.0 * (x * z + w * y), -2.0 * (y * z - w * x), 2.0 * (x * x + y * y) - 1.0
        found, best = None, 1.0
        for n, ((cx, cy, cz), radius) in enumerate(self.spots):
            dx, dy, dz = cx - px, cy - py, cz - pz
            far = sqrt(dx * dx + dy * dy + dz * dz)
            if far <= radius:
                continue
            half = max(asin(radius / far), LEAST) * (KEEP if n == self.at else 1.0)
            away = (1.0 - (dx * ax + dy * ay + dz * az) / far) / (1.0 - cos(half))
            if away < best:
                found, best = n, away
        return found
