"""The hand that makes: where its tip is and how hard it presses. Either hand, controller or bare; the first one leads.

A jump, a lost hand, a pose that is no number and the space about the head end a stroke; none is bridged, none is an
error. Metres, seconds; the world's frame.
"""

from __future__ import annotations

from math import dist, exp, isfinite
from typing import Final, Literal

from vr_app.api import Frame, Hand, Vec3

PRESS, RELEASE = 0.15, 0.08  # of Hand.select: a light touch draws already
JUMP: Final = 0.25  # metres in a frame: no arm is so quick
HEAD: Final = 0.25  # metres about the head in which nothing is drawn
TIP: Final = 0.06  # metres before a controller's grip, along its aim
SMOOTH_SECONDS: Final = 0.035
PRESSURE_SECONDS: Final = 0.06
THUMB_TIP, INDEX_TIP = 5, 10  # XrHandJointEXT
Side = Literal["left", "right"]


class Nib:
    """`update` once a frame; read the rest. `spoken_for`: a hand that is busy otherwise makes nothing until let go."""

    def __init__(self) -> None:
        self.hand: Side = "right"  # that makes, or made last
        self.tip: Vec3 | None = None  # of that hand; None: it is not there
        self.pressure = 0.0  # 0..1
        self.roll = 0.0  # y of the tip's right-hand side: -1..1, 0 is level
        self.began = self.drawing = self.ended = False
        self._raw: Vec3 | None = None
        self._held = {"left": True, "right": True}  # a hand that comes pressed draws nothing until it lets go

    def update(self, frame: Frame, spoken_for: frozenset[Side] = frozenset()) -> None:
        was = self.drawing
        passed = min(max(frame.dt, 1.0 / 144.0), 0.1)
        hands: dict[Side, Hand | None] = {"right": frame.inputs.right, "left": frame.inputs.left}
        wants = self._wants(hands, spoken_for)
        hand = self.hand if was and wants[self.hand] else next((side for side in hands if wants[side]), None)
        if not was:
            self.hand = hand or (self.hand if hands[self.hand] is not None else _other(self.hand))
        here = _tip(hands[self.hand])
        jumped = here is None or (self._raw is not None and was and dist(here, self._raw) > JUMP)
        near_head = here is not None and dist(here, frame.inputs.head.position) < HEAD
        self.drawing = hand == self.hand and wants[self.hand] and not jumped and not near_head
        if was and not self.drawing and wants[self.hand]:
            self._held[self.hand] = True  # let go before it goes on
        self.began, self.ended = self.drawing and not was, was and not self.drawing
        self._move(here, hands[self.hand], passed)

    def _wants(self, hands: dict[Side, Hand | None], spoken_for: frozenset[Side]) -> dict[Side, bool]:
        """Which hands press, having let go before."""
        found: dict[Side, bool] = {}
        for side, hand in hands.items():
            pressed = hand is not None and hand.select > (
                RELEASE if (side == self.hand and self.drawing) or self._held[side] else PRESS
            )
            if hand is None or side in spoken_for:
                self._held[side] = True
            elif not pressed:
                self._held[side] = False
            found[side] = pressed and not self._held[side]
        return found

    def _move(self, here: Vec3 | None, hand: Hand | None, passed: float) -> None:
        self._raw = here
        if here is None or hand is None:
            self.tip, self.pressure = None, 0.0
            return
        share = 1.0 - exp(-passed / SMOOTH_SECONDS)
        before = self.tip
        if before is None or self.began or dist(before, here) > JUMP:
            self.tip, self.pressure = here, 0.0 if self.began else self.pressure
        else:
            (x, y, z), (a, b, c) = before, here
            self.tip = x + share * (a - x), y + share * (b - y), z + share * (c - z)
        self.pressure += (1.0 - exp(-passed / PRESSURE_SECONDS)) * (min(max(hand.select, 0.0), 1.0) - self.pressure)
        x, y, z, w = hand.grip.orientation
        level = 2.0 * (x * y + w * z)
        self.roll = level if isfinite(level) else 0.0


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"


def _tip(hand: Hand | None) -> Vec3 | None:
    """Between thumb and finger, or before the controller; None: not there, or no number."""
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
    return (x, y, z) if isfinite(x + y + z) else None
