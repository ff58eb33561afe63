"""Where on a picture before the seat the patient points: with a hand's ray, a reaching fingertip, or by looking.

A hand that lies still points at nothing; then the gaze counts. Metres, radians, seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from math import dist, exp, hypot, isfinite
from typing import Final, Generic, Literal, NamedTuple, TypeVar

from scenes.valley.attention import INDEX_TIP, PRESS, RELEASE
from vr_app.api import Frame, Hand, Pose, Ray, Vec3

LIVE_SECONDS: Final = 1.6  # for which a hand that moved its ray still points
MOVED: Final = 0.012  # radians off its slow mean, from which a ray moves
MEAN_SECONDS: Final = 0.8
REACHED: Final = 0.32  # metres from the head to a fingertip that reaches
Side = Literal["right", "left"]
At = TypeVar("At")


class Pointed(NamedTuple, Generic[At]):
    """What is pointed at, and by what."""

    at: At
    by: Literal["right", "left", "gaze"]


def ray_of(pose: Pose) -> Ray | None:
    """Along a pose's -z; None where it is no number."""
    (px, py, pz), (x, y, z, w) = pose
    if not isfinite(px + py + pz + x + y + z + w):
        return None
    return Ray(pose.position, (-2.0 * (x * z + w * y), -2.0 * (y * z - w * x), 2.0 * (x * x + y * y) - 1.0))


class _Aim:
    """Whether a hand's ray is on its way."""

    def __init__(self) -> None:
        self.live = 0.0  # seconds
        self._mean: Vec3 | None = None

    def update(self, ray: Ray | None, seconds: float) -> None:
        self.live = max(self.live - seconds, 0.0)
        if ray is None:
            self._mean = None
            return
        if self._mean is None:  # a hand that has just come has not moved
            self._mean = ray.direction
        if dist(self._mean, ray.direction) > MOVED:
            self.live = LIVE_SECONDS
        share = 1.0 - exp(-seconds / MEAN_SECONDS)
        (x, y, z), (a, b, c) = self._mean, ray.direction
        self._mean = x + share * (a - x), y + share * (b - y), z + share * (c - z)


class Reaching(Generic[At]):
    """`update` once a frame; read the rest."""

    def __init__(self, hit: Callable[[Ray], At | None]) -> None:
        self._hit = hit
        self.at: Pointed[At] | None = None
        self.pressed: dict[Side, bool] = {"right": True, "left": True}  # a hand that comes pressed has not pressed here
        self.began: Side | None = None  # in this frame a hand begins to press
        self.ended: Side | None = None  # or lets go, or is lost
        self._aims: dict[Side, _Aim] = {"right": _Aim(), "left": _Aim()}
        self._came = {"right": True, "left": True}

    def update(self, frame: Frame, seconds: float) -> None:
        inputs = frame.inputs
        self.began = self.ended = None
        found: Pointed[At] | None = None
        hands: tuple[tuple[Side, Hand | None], ...] = (("right", inputs.right), ("left", inputs.left))
        for side, hand in hands:
            self._press(side, hand)
            ray = None if hand is None or hand.aim is None else ray_of(hand.aim)
            self._aims[side].update(ray, seconds)
            at = self.by_hand(frame, side)
            pointing = self.pressed[side] or self._aims[side].live > 0.0 or _reaches(frame, hand)
            if found is None and at is not None and pointing:
                found = Pointed(at, side)
        if found is None and inputs.head_tracked:
            ray = ray_of(inputs.head)
            at = None if ray is None else self._hit(ray)
            found = None if at is None else Pointed(at, "gaze")
        self.at = found

    def by_hand(self, frame: Frame, side: Side) -> At | None:
        """Where this hand's fingertip lies before the eyes if it reaches out, else where its ray ends."""
        hand = frame.inputs.right if side == "right" else frame.inputs.left
        if hand is None:
            return None
        if _reaches(frame, hand):
            ray = _through_tip(frame, hand)
            at = None if ray is None else self._hit(ray)
            if at is not None:
                return at
        ray = None if hand.aim is None else ray_of(hand.aim)
        return None if ray is None else self._hit(ray)

    def _press(self, side: Side, hand: Hand | None) -> None:
        was = self.pressed[side]
        if hand is None:
            self.pressed[side], self._came[side] = False, True
        else:
            now = hand.select > (RELEASE if was or self._came[side] else PRESS)
            if self._came[side]:
                self._came[side] = now
                now = False
            self.pressed[side] = now
        if self.pressed[side] and not was:
            self.began = self.began or side
        if was and not self.pressed[side]:
            self.ended = self.ended or side


def _tip(hand: Hand) -> Vec3:
    x, y, z = hand.grip.position if hand.joints is None else hand.joints[INDEX_TIP, :3].tolist()
    return x, y, z


def _reaches(frame: Frame, hand: Hand | None) -> bool:
    """Bare fingers that are stretched out before the eyes."""
    if hand is None or hand.joints is None:
        return False
    tip, head = _tip(hand), frame.inputs.head.position
    return (
        isfinite(sum(tip))
        and dist(tip, head) > REACHED
        and tip[1] > head[1] - 0.6 * hypot(tip[0] - head[0], tip[2] - head[2])
    )


def _through_tip(frame: Frame, hand: Hand) -> Ray | None:
    tip, head = _tip(hand), frame.inputs.head.position
    far = dist(tip, head)
    if not isfinite(far) or far < 0.05:
        return None
    x, y, z = ((b - a) / far for a, b in zip(head, tip, strict=True))
    return Ray(head, (x, y, z))
