"""What mouse, keys and gamepad make of a seated person: head and hands. Time is passed in; no device is touched.

Dragging with the left button pulls the place along with the pointer. A click without dragging selects; so does a
press that rests for a moment, for as long as it lasts. The head leans while a key is held and comes back by itself.
"""

from __future__ import annotations

from enum import Enum
from math import atan2, exp, hypot, pi
from typing import Final, NamedTuple

from vr_app.api import Hand, Inputs, Pose, Quat, Vec3
from vr_app.placement import product, rotated
from vr_app.scripted.headset import looking
from vr_app.scripted.script import SEATED_HEAD

LEAN_METRES: Final = 0.3  # a seated person, upright from the hips
PITCH_MOST: Final = 1.4  # radians up and down
_TURN_RATE: Final = 0.9  # radians a second while a key is held
_HEAD_RATE: Final = pi  # radians a second at most, however the mouse is flung: no jump of tracking
_LOOK_SECONDS: Final = 0.05  # the head follows so quickly
_LEAN_SECONDS: Final = 0.3
_LONGEST_STEP: Final = 0.1  # seconds

_DRAG_PIXELS: Final = 6.0  # a press that moves farther is a drag
_HOLD_SECONDS: Final = 0.25  # a press that rests so long selects until it is released
_CLICK_SECONDS: Final = 0.12

_POINTING: Final = (0.10, -0.16, -0.42)  # metres from the eye, along the ray: the hand that the pointer moves
_PAD_HANDS: Final = ((-0.20, -0.28, -0.38), (0.20, -0.28, -0.38))  # metres from the head: left, right
_PAD_RATE: Final = 1.2  # radians a second at full stick
_PAD_MOST: Final = 0.9  # radians from straight ahead
_STICK_REST: Final = 0.15  # a stick that is let go does not rest at 0


class Key(Enum):
    """What a held key does."""

    LEFT = "lean left"
    RIGHT = "lean right"
    FORWARD = "lean forward"
    BACK = "lean back"
    TURN_LEFT = "turn left"
    TURN_RIGHT = "turn right"
    LOOK_UP = "look up"
    LOOK_DOWN = "look down"
    SELECT = "select"
    STOP = "stop"


class Pane(NamedTuple):
    """The part of the window that one eye's picture fills: pixels, tangents of the half angles, the eye's place."""

    width: float
    height: float
    tan_x: float
    tan_y: float
    shift: float = 0.0  # metres from the head's middle to its right


class Pad(NamedTuple):
    """A gamepad at one moment: left, then right. Sticks are (x, y) in -1..1, y downwards; triggers 0..1."""

    sticks: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    triggers: tuple[float, float] = (0.0, 0.0)
    bumpers: tuple[bool, bool] = (False, False)
    turn: tuple[float, float] = (0.0, 0.0)  # (right, up) in -1..1
    stop: bool = False

    @property
    def used(self) -> bool:
        return self != Pad() and (any(map(_tilted, self.sticks)) or self._replace(sticks=Pad().sticks) != Pad())


class _Press(NamedTuple):
    """The left button, down since `at` seconds at these pixels."""

    at: float
    x: float
    y: float


class Body:
    """Events go in as they come, `step` once a frame, `inputs` as often as one likes."""

    def __init__(self) -> None:
        self.held: set[Key] = set()
        self.squeezing = False
        self.pane = Pane(1.0, 1.0, 1.0, 1.0)
        self._pad: Pad | None = None
        self._pad_aims = [(0.0, 0.0), (0.0, 0.0)]
        self._pad_last = False  # the right hand is the gamepad's, not the pointer's
        self._pointer: tuple[float, float] | None = None
        self._press: _Press | None = None
        self._dragging = False
        self._selecting = False
        self._click = False  # not yet seen by a frame
        self._click_ends = 0.0
        self._wanted = (0.0, 0.0)  # yaw, pitch in radians
        self._turned = (0.0, 0.0)
        self._lean = (0.0, 0.0)  # metres to the right, to the front
        self._now = 0.0
        self._head = SEATED_HEAD

    # --- what happens

    def point(self, x: float, y: float) -> None:
        """The pointer is at these pixels of its pane, from the upper left."""
        before, self._pointer = self._pointer, (x, y)
        self._pad_last = False
        press = self._press
        if press is None or self._selecting:
            return
        if not self._dragging:
            if hypot(x - press.x, y - press.y) <= _DRAG_PIXELS:
                return
            self._dragging, before = True, (press.x, press.y)
        if before is not None:
            self._drag(x - before[0], y - before[1])

    def leave(self) -> None:
        """The pointer is no longer over the window."""
        self._pointer = None

    def press(self, x: float, y: float, now: float) -> None:
        """The left button goes down."""
        self.point(x, y)
        self._press, self._dragging, self._selecting = _Press(now, x, y), False, False

    def release(self) -> None:
        """The left button comes up."""
        self._click = self._click or (self._press is not None and not self._dragging and not self._selecting)
        self._press, self._dragging, self._selecting = None, False, False

    def let_go(self) -> None:
        """The window has lost the keyboard: nothing is held any longer."""
        self.held.clear()
        self.squeezing = False
        self._press, self._dragging, self._selecting = None, False, False

    def look_ahead(self) -> None:
        """Turn back to the front."""
        yaw = (self._turned[0] + pi) % (2 * pi) - pi
        self._turned, self._wanted = (yaw, self._turned[1]), (0.0, 0.0)

    # --- each frame

    def step(self, now: float, pad: Pad | None) -> None:
        """Move on to `now` (monotonic seconds); `pad` is None while no gamepad is there."""
        dt = min(max(now - self._now, 0.0), _LONGEST_STEP)
        self._now = now
        if self._press and not self._dragging and now - self._press.at >= _HOLD_SECONDS:
            self._selecting = True
        if self._click:
            self._click, self._click_ends = False, now + _CLICK_SECONDS
        self._use_pad(pad, dt)
        self._turn(dt)
        self._lean_over(dt)
        yaw, pitch = self._turned
        x, _, z = rotated(looking(yaw).orientation, (self._lean[0], 0.0, -self._lean[1]))
        seat = SEATED_HEAD.position
        self._head = looking(yaw, pitch, (seat[0] + x, seat[1], seat[2] + z))

    def inputs(self) -> Inputs:
        """Head and hands of this frame. Whatever else is missing, a held stop has a hand."""
        left = self._pad_hand(0)
        right = self._pad_hand(1) if self._pad_last else self._pointing_hand() or self._pad_hand(1)
        if Key.STOP in self.held:
            right = (right or Hand(self._from_head(_PAD_HANDS[1])))._replace(stop=True)
        return Inputs(self._head, True, left, right)

    # --- inside

    def _drag(self, right: float, down: float) -> None:
        """The place follows the pointer, exactly so in the middle of the picture."""
        pane = self.pane
        self._want(right * 2 * pane.tan_x / pane.width, down * 2 * pane.tan_y / pane.height)

    def _want(self, left: float, up: float) -> None:
        yaw, pitch = self._wanted
        self._wanted = yaw + left, max(-PITCH_MOST, min(pitch + up, PITCH_MOST))

    def _turn(self, dt: float) -> None:
        amount = _TURN_RATE * dt
        pad_right, pad_up = self._pad.turn if self._pad else (0.0, 0.0)
        right = self._both(Key.TURN_RIGHT, Key.TURN_LEFT) + pad_right
        up = self._both(Key.LOOK_UP, Key.LOOK_DOWN) + pad_up
        if right or up:
            self._want(-amount * right, amount * up)
        share, most = 1.0 - exp(-dt / _LOOK_SECONDS), _HEAD_RATE * dt
        yaw, pitch = ((goal - at) * share for goal, at in zip(self._wanted, self._turned, strict=True))
        brake = min(1.0, most / max(hypot(yaw, pitch), 1e-9))
        self._turned = self._turned[0] + brake * yaw, self._turned[1] + brake * pitch

    def _lean_over(self, dt: float) -> None:
        right, forward = self._both(Key.RIGHT, Key.LEFT), self._both(Key.FORWARD, Key.BACK)
        length = LEAN_METRES / max(hypot(right, forward), 1.0)
        share = 1.0 - exp(-dt / _LEAN_SECONDS)
        x, z = self._lean
        self._lean = x + (right * length - x) * share, z + (forward * length - z) * share

    def _both(self, more: Key, less: Key) -> float:
        return float(more in self.held) - float(less in self.held)

    def _use_pad(self, pad: Pad | None, dt: float) -> None:
        self._pad = pad
        if pad is None:
            self._pad_last = False
            self._pad_aims = [(0.0, 0.0), (0.0, 0.0)]
            return
        if pad.used:
            self._pad_last = True
        for side, stick in enumerate(pad.sticks):
            if _tilted(stick):
                aim = zip(self._pad_aims[side], stick, strict=True)
                yaw, pitch = (
                    max(-_PAD_MOST, min(at - part * abs(part) * _PAD_RATE * dt, _PAD_MOST)) for at, part in aim
                )
                self._pad_aims[side] = yaw, pitch

    def _pad_hand(self, side: int) -> Hand | None:
        pad = self._pad
        if pad is None:
            return None
        grip = self._from_head(_PAD_HANDS[side], looking(*self._pad_aims[side]).orientation)
        return Hand(grip, grip, pad.triggers[side], float(pad.bumpers[side]), pad.stop)

    def _pointing_hand(self) -> Hand | None:
        """The ray leaves the eye, so it meets whatever is seen under the pointer, near or far."""
        if self._pointer is None:
            return None
        pane = self.pane
        right = (2 * self._pointer[0] / pane.width - 1) * pane.tan_x
        up = (1 - 2 * self._pointer[1] / pane.height) * pane.tan_y
        aim = self._from_head(
            (pane.shift, 0.0, 0.0), looking(-atan2(right, 1.0), atan2(up, hypot(right, 1.0))).orientation
        )
        grip = Pose(_sum(aim.position, rotated(aim.orientation, _POINTING)), aim.orientation)
        selects = self._selecting or self._now < self._click_ends or Key.SELECT in self.held
        return Hand(grip, aim, float(selects), float(self.squeezing))

    def _from_head(self, place: Vec3, turn: Quat = (0.0, 0.0, 0.0, 1.0)) -> Pose:
        """A pose that is given as the head sees it."""
        head = self._head
        return Pose(_sum(head.position, rotated(head.orientation, place)), product(head.orientation, turn))


def _tilted(stick: tuple[float, float]) -> bool:
    return hypot(*stick) > _STICK_REST


def _sum(a: Vec3, b: Vec3) -> Vec3:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]
