"""What a hand does on a table: a fingertip or controller that comes near it, a ray that presses on it, or a calm gaze.

One hand at a time; a hand that is lost, leaps or has no numbers ends its line, and nothing is bridged. All places are
metres in the frame of the table's top.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import dist, exp, hypot, isfinite
from typing import Final, Literal, NamedTuple, Protocol

from scenes.valley.attention import INDEX_TIP
from vr_app.api import Frame, Hand, Pose, Vec3

TOUCH, LEAVE = 0.022, 0.040  # metres over the top at which a tip begins to draw, and stops
UNDER: Final = -0.10  # a real hand goes through a table that is none
LEAP: Final = 0.25  # metres in a frame that no hand makes
RAY_LEAP: Final = 0.16  # the same of where its ray meets the table
HEAD: Final = 0.25  # metres about the head in which nothing is drawn
PRESS, RELEASE = 0.5, 0.3  # of Hand.select, for a ray
EASE_SECONDS, RAY_EASE, GAZE_EASE = 0.045, 0.11, 0.55  # that a line follows behind
ALONE_SECONDS: Final = 2.0  # without any hand, until the gaze may draw
DWELL_SECONDS: Final = 1.5  # of resting, until it does
STILL: Final = 0.016  # metres within which a gaze rests
PAUSE_SECONDS: Final = 2.2  # of resting, until it ends
GAZE_SPEED: Final = 0.055  # metres a second: a slow line

Side = Literal["left", "right"]
By = Literal["touch", "ray", "gaze"]


class Top(Protocol):
    """The table's top."""

    def local(self, place: Vec3) -> Vec3: ...

    def turned_back(self, way: Vec3) -> Vec3: ...


class _Reach(NamedTuple):
    """Where a hand would draw, and how strongly, 0..1."""

    x: float
    z: float
    pressure: float
    by: By


class TableHand:
    """`update` once a frame; read `drawing`, `at`, `pressure`, `hand`, `by`, and `rested`, how far a gaze has."""

    def __init__(self, radius: float) -> None:
        self._radius = radius
        self.drawing = self.began = False
        self.at = (0.0, 0.0)  # x and z
        self.pressure = 0.0
        self.hand: Side | None = None
        self.by: By = "touch"
        self.rested = 0.0  # 0..1 of a gaze
        self.near = False  # a hand is close to the table
        self._tips: list[Vec3 | None] = [None, None]  # right, left; in the frame before
        self._pressed = [True, True]
        self._aimed: list[tuple[float, float] | None] = [None, None]
        self._alone = 0.0  # seconds without a hand
        self._gaze: tuple[float, float] | None = None  # where it came to rest
        self._still = 0.0

    def update(self, frame: Frame, passed: float, top: Top, first: Side, *, gaze: bool) -> None:
        """`passed` seconds on; `first`: the hand that is asked first."""
        inputs = frame.inputs
        both: Sequence[tuple[Side, Hand | None]] = (("right", inputs.right), ("left", inputs.left))
        self.near = False
        reaches = {side: self._reach(n, hand, frame, top) for n, (side, hand) in enumerate(both)}
        self._alone = 0.0 if inputs.right or inputs.left else self._alone + passed
        side = self.hand if self.drawing and self.hand else None
        if side is None and not (self.drawing and self.by == "gaze"):
            side = next((each for each in (first, "left", "right") if reaches[each] is not None), None)
        reach = reaches[side] if side else None
        if reach is not None and (not self.drawing or (self.hand == side and self.by == reach.by)):
            self._go(reach.x, reach.z, passed, RAY_EASE if reach.by == "ray" else EASE_SECONDS)
            self.pressure += (reach.pressure - self.pressure) * (1.0 if self.began else 1.0 - exp(-passed / 0.12))
            self.hand, self.by, self.rested = side, reach.by, 0.0
        elif gaze and inputs.head_tracked and self._alone >= ALONE_SECONDS and (not self.drawing or self.by == "gaze"):
            self._look(inputs.head, passed, top)
        else:
            self.stop()

    def stop(self) -> None:
        """The line ends here."""
        self.drawing = self.began = False
        self.hand, self.rested, self._gaze, self._still = None, 0.0, None, 0.0

    def _go(self, x: float, z: float, passed: float, ease: float) -> None:
        self.began = not self.drawing
        if self.began:
            self.drawing, self.at = True, (x, z)
            return
        pull = 1.0 - exp(-passed / ease)
        self.at = self.at[0] + pull * (x - self.at[0]), self.at[1] + pull * (z - self.at[1])

    # --- hands

    def _reach(self, n: int, hand: Hand | None, frame: Frame, top: Top) -> _Reach | None:
        before, self._tips[n] = self._tips[n], None
        was, self._pressed[n] = self._pressed[n], True
        aimed, self._aimed[n] = self._aimed[n], None
        if hand is None:
            return None
        self._pressed[n] = hand.select > (RELEASE if was else PRESS)
        tip = tip_of(hand)
        if not isfinite(sum(tip)) or not isfinite(hand.select):
            return None
        self._tips[n] = tip
        if before is not None and dist(before, tip) > LEAP:
            return None
        if dist(tip, frame.inputs.head.position) < HEAD:
            return None
        x, y, z = top.local(tip)
        mine = self.drawing and self.hand == ("left" if n else "right")
        inside = hypot(x, z) < self._radius + (0.012 if mine else 0.0)
        self.near = self.near or (UNDER < y < 0.10 and hypot(x, z) < self._radius + 0.16)
        if UNDER < y < (LEAVE if mine and self.by == "touch" else TOUCH) and inside:
            return _Reach(x, z, min(max((TOUCH + 0.004 - y) / 0.034, 0.25), 1.0), "touch")
        begun = mine and self.by == "ray"
        if hand.aim is None or y < 0.10 or not self._pressed[n] or (was and not begun):
            return None
        met = meets(hand.aim, top)
        if met is None or hypot(*met) > self._radius or (aimed is not None and dist(aimed, met) > RAY_LEAP):
            return None
        self._aimed[n] = met
        return _Reach(*met, min(max(hand.select, 0.3), 1.0) * 0.7, "ray")

    # --- gaze

    def _look(self, head: Pose, passed: float, top: Top) -> None:
        """Resting begins a slow line that follows; resting again ends it."""
        met = meets(head, top)
        if met is None or hypot(*met) > self._radius:
            self.stop()
            return
        if self._gaze is None or dist(self._gaze, met) > STILL:
            self._gaze, self._still = met, 0.0
        self._still += passed
        if not self.drawing:
            self.rested = min(self._still / DWELL_SECONDS, 1.0)
            self.began = False
            if self._still >= DWELL_SECONDS:
                self._still, self.by, self.hand, self.pressure = 0.0, "gaze", None, 0.5
                self._go(*met, passed, GAZE_EASE)
            else:
                self.at = met
            return
        if self._still >= PAUSE_SECONDS:
            self.stop()
            self._still = -DWELL_SECONDS  # not at once again
            self._gaze = met
            return
        far = dist(self.at, met)
        step = min((1.0 - exp(-passed / GAZE_EASE)) * far, GAZE_SPEED * passed)
        share = step / far if far > 1e-6 else 0.0
        self.began = False
        self.at = self.at[0] + share * (met[0] - self.at[0]), self.at[1] + share * (met[1] - self.at[1])


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
