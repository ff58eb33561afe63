"""Where the patient sits or lies: takes the room's tracking space to the world, and tells when tracking jumps.

A head's *pitch* is the elevation of its gaze, its *yaw* the compass direction that it faces, counter-clockwise from -z;
radians, both.
"""

from __future__ import annotations

from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Literal

import numpy as np

from vr_app import limits
from vr_app.api import Comfort, Hand, Inputs, Pose, Quat, Vec3
from vr_app.headset import View

EYE_HEIGHT = 1.2  # metres: where scenes are composed from
LYING_EYE_HEIGHT = 0.9  # metres: a bed's, and words overhead stay below the calm room's ceiling
RAISED_MOST = radians(limits.PLACE_VIEW_RAISE_DEG)
LYING_FROM = radians(60.0)
STEEP_FROM = radians(80.0)
RAISED_LYING_MOST = radians(85.0)
FARTHEST = 100.0  # metres: a pose beyond is none
HEAD_TURNS = radians(600.0)  # a second: faster than any head; so a stall is not taken for a jump
HEAD_MOVES = 3.0  # metres a second
_JUMP = radians(limits.TRACKING_JUMP_DEG)
_UPRIGHT: Quat = (0.0, 0.0, 0.0, 1.0)
Posture = Literal["upright", "reclined", "lying"]


def rotated(turn: Quat, point: Vec3) -> Vec3:
    """`point` turned by a unit quaternion."""
    x, y, z, w = turn
    px, py, pz = point
    tx, ty, tz = 2.0 * (y * pz - z * py), 2.0 * (z * px - x * pz), 2.0 * (x * py - y * px)
    return px + w * tx + y * tz - z * ty, py + w * ty + z * tx - x * tz, pz + w * tz + x * ty - y * tx


def product(a: Quat, b: Quat) -> Quat:
    """The turn `b`, then the turn `a`."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def about_x(angle: float) -> Quat:
    return sin(angle / 2), 0.0, 0.0, cos(angle / 2)


def about_y(angle: float) -> Quat:
    return 0.0, sin(angle / 2), 0.0, cos(angle / 2)


def seen_from(eyes: Vec3, yaw: float, pitch: float, distance: float) -> Pose:
    """`distance` metres from `eyes`, `yaw` to the left and `pitch` above straight ahead, its +z towards the eyes."""
    turn = product(about_y(yaw), about_x(pitch))
    x, y, z = rotated(turn, (0.0, 0.0, -distance))
    return Pose((eyes[0] + x, eyes[1] + y, eyes[2] + z), turn)


def yaw_and_pitch(head: Pose) -> tuple[float, float]:
    """Of a head in any posture, also one that looks straight up; its roll is left out."""
    ahead, right = rotated(head.orientation, (0.0, 0.0, -1.0)), rotated(head.orientation, (1.0, 0.0, 0.0))
    x, y, z = ahead
    flat, across = hypot(x, z), hypot(right[0], right[2])
    pitch = atan2(y, flat)
    steep = min(max((abs(pitch) - LYING_FROM) / (STEEP_FROM - LYING_FROM), 0.0), 1.0)
    if flat < 1e-6:
        steep = 1.0
    if steep and across > 0.3:  # the face points up or down: its ears still say where it would look
        x = (1.0 - steep) * x / max(flat, 1e-6) + steep * right[2] / across
        z = (1.0 - steep) * z / max(flat, 1e-6) - steep * right[0] / across
    return atan2(-x, -z), pitch


def sound(pose: Pose) -> bool:
    """A pose that can be used: finite, near, its quaternion of about unit length."""
    (px, py, pz), (x, y, z, w) = pose
    return (
        0.9 < x * x + y * y + z * z + w * w < 1.1
        and -FARTHEST < px < FARTHEST
        and -FARTHEST < py < FARTHEST
        and -FARTHEST < pz < FARTHEST
    )


class Seat:
    """The placement as it is, the last sound head, and the comfort that follows from both."""

    def __init__(self) -> None:
        self.raw = Inputs()  # the last frame's, in tracking space, sound
        self.stop_pressed = False  # by a hand of which nothing else is known
        self.posture: Posture = "upright"
        self.raised = 0.0
        self._pitched = 0.0  # radians by which the place leans back with the chair
        self.eye_height: float | None = None  # of the nominal eyes in the world; None: never placed
        self._turn: Quat = _UPRIGHT
        self._axes: tuple[Vec3, Vec3, Vec3] = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)  # turned
        self._move: Vec3 = (0.0, 0.0, 0.0)
        self._placed = False  # whether turn and move do anything
        self._head: Pose | None = None  # the last tracked one, in tracking space
        self._seen = 0.0  # session seconds of it
        self._was_tracked = False
        self._matrix = np.eye(8, dtype=np.float32)  # the same for rows of joints: multiplied, then added
        self._added = np.zeros(8, np.float32)
        self._joints = np.zeros((2, 26, 8), np.float32)

    @property
    def eyes(self) -> Vec3:
        """Where the eyes stood in the world when the view was placed."""
        return 0.0, EYE_HEIGHT if self.eye_height is None else self.eye_height, 0.0

    # --- each frame

    def take(self, inputs: Inputs) -> Inputs:
        """The world's inputs of this frame; odd values are taken for lost tracking. Costs nothing while unplaced."""
        head, _, left, right, _ = inputs
        self.stop_pressed = False
        if not sound(head) or (left and not _sound_hand(left)) or (right and not _sound_hand(right)):
            inputs = self._mended(inputs)
        self.raw = inputs
        return self.placed(inputs) if self._placed else inputs

    def placed(self, inputs: Inputs) -> Inputs:
        """Tracking space to world."""
        if not self._placed:
            return inputs
        head, tracked, left, right, breath = inputs
        return Inputs(
            self._pose(head),
            tracked,
            None if left is None else self._hand(left, 0),
            None if right is None else self._hand(right, 1),
            breath,
        )

    def placed_views(self, views: tuple[View, ...]) -> tuple[View, ...]:
        """The same for both eyes."""
        if not self._placed:
            return views
        return tuple([View(self._pose(view.pose), view.fov) for view in views])

    def jumped(self, time: float) -> bool:
        """Whether the head stands elsewhere than it can have moved to; then the placement is shifted so that it does
        not. After a loss of tracking the new place is believed. Once a frame, at session time `time`."""
        head, tracked = self.raw.head, self.raw.head_tracked
        before, elapsed, returned = self._head, time - self._seen, not self._was_tracked
        self._was_tracked = tracked
        if not tracked:
            return False
        self._head, self._seen = head, time
        if before is None or before == head:
            return False
        (ax, ay, az), (bx, by, bz) = before.position, head.position
        (qx, qy, qz, qw), (rx, ry, rz, rw) = before.orientation, head.orientation
        moved = (ax - bx) ** 2 + (ay - by) ** 2 + (az - bz) ** 2
        alike = abs(qx * rx + qy * ry + qz * rz + qw * rw)  # the cosine of half the angle between the two
        if returned:
            elapsed = 0.0
        elif moved <= limits.TRACKING_JUMP_METRES**2 and alike >= _COS_HALF_JUMP:
            return False
        near = moved <= max(limits.TRACKING_JUMP_METRES, HEAD_MOVES * elapsed) ** 2
        if near and alike >= cos(min(max(_JUMP, HEAD_TURNS * elapsed), pi) / 2):
            return False
        if not returned:
            self._keep(before, head)
        return True

    def forget(self) -> None:
        """Whatever comes next is no jump: no frames were seen meanwhile."""
        self._head = None

    # --- placing: only while nothing is seen

    def place(self, *, level: bool, eye_height: float | None) -> None:
        """Put the world before the head as it is now, the eyes at `eye_height` metres or the posture's own."""
        head = self.raw.head
        yaw, pitch = yaw_and_pitch(head)
        self.posture = "lying" if pitch >= LYING_FROM else "reclined" if pitch > RAISED_MOST else "upright"
        # Lying, the sky itself is before the eyes: such a place stays level.
        self._pitched = pitch if self.posture == "reclined" and not level else 0.0
        self.raised = 0.0 if self._pitched else min(max(pitch, 0.0), RAISED_LYING_MOST)
        self.eye_height = eye_height or (LYING_EYE_HEIGHT if self.posture == "lying" else EYE_HEIGHT)
        self._stand(product(about_x(-self._pitched), about_y(-yaw)), self.eyes, head.position)

    def raise_eyes(self, eye_height: float | None) -> None:
        """Another height of the eyes, everything else as it is."""
        wanted = eye_height or (LYING_EYE_HEIGHT if self.posture == "lying" else EYE_HEIGHT)
        x, y, z = self._move
        before = self._pose(self.raw.head).position[1] if self.eye_height is None else self.eye_height
        self.eye_height = wanted
        self._set(self._turn, (x, y + wanted - before, z))

    def recentre(self) -> None:
        """The runtime moved its origin: the head faces ahead again, as high and as pitched as the place was."""
        self._head = None
        if not self._placed:
            return  # the runtime's own centre is ours
        head = self.raw.head
        height = self._pose(head).position[1] if self.eye_height is None else self.eye_height
        turn = product(about_x(-self._pitched), about_y(-yaw_and_pitch(head)[0]))
        self._stand(turn, (0.0, height, 0.0), head.position)

    def _keep(self, before: Pose, after: Pose) -> None:
        """Shift the placement so that a head now tracked at `after` stands and faces as `before` did."""
        off = yaw_and_pitch(before)[0] - yaw_and_pitch(after)[0]
        self._stand(product(self._turn, about_y(off)), self._pose(before).position, after.position)

    def _stand(self, turn: Quat, world: Vec3, tracked: Vec3) -> None:
        """Turned by `turn`, the tracked place lies at `world`."""
        x, y, z = rotated(turn, tracked)
        self._set(turn, (world[0] - x, world[1] - y, world[2] - z))

    def _set(self, turn: Quat, move: Vec3) -> None:
        size = sqrt(sum(part * part for part in turn))
        x, y, z, w = (part / size for part in turn)
        self._turn, self._move, self._placed = (x, y, z, w), move, True
        units: tuple[Quat, ...] = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), _UPRIGHT)
        turn = self._turn
        self._axes = rotated(turn, (1.0, 0.0, 0.0)), rotated(turn, (0.0, 1.0, 0.0)), rotated(turn, (0.0, 0.0, 1.0))
        self._matrix[:3, :3] = self._axes
        self._matrix[3:7, 3:7] = [product(self._turn, unit) for unit in units]
        self._added[:3] = move

    def _pose(self, pose: Pose) -> Pose:
        """`product` and `rotated` in one, for it is done up to seven times a frame."""
        x, y, z, w = self._turn
        (px, py, pz), (bx, by, bz, bw) = pose
        (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = self._axes
        mx, my, mz = self._move
        place = xx * px + yx * py + zx * pz + mx, xy * px + yy * py + zy * pz + my, xz * px + yz * py + zz * pz + mz
        if x == z == 0.0:  # a place that stands level is turned about +y alone
            return Pose(place, (w * bx + y * bz, w * by + y * bw, w * bz - y * bx, w * bw - y * by))
        return Pose(
            place,
            (
                w * bx + x * bw + y * bz - z * by,
                w * by - x * bz + y * bw + z * bx,
                w * bz + x * by - y * bx + z * bw,
                w * bw - x * bx - y * by - z * bz,
            ),
        )

    def _hand(self, hand: Hand, which: int) -> Hand:
        grip, aim, select, squeeze, stop, joints = hand
        if joints is not None:
            placed = self._joints[which]
            np.dot(joints, self._matrix, placed)
            np.add(placed, self._added, placed)
            joints = placed
        return Hand(self._pose(grip), None if aim is None else self._pose(aim), select, squeeze, stop, joints)

    def _mended(self, inputs: Inputs) -> Inputs:
        """Without what cannot be used. A stop that is pressed counts even on a hand that is nowhere."""
        head, tracked, left, right, breath = inputs
        if not sound(head):
            head, tracked = self.raw.head, False
        hands: list[Hand | None] = []
        for hand in (left, right):
            if hand is not None and not _sound_hand(hand):
                self.stop_pressed = self.stop_pressed or hand.stop
                hand = None
            hands.append(hand)
        return Inputs(head, tracked, hands[0], hands[1], breath)


_COS_HALF_JUMP = cos(_JUMP / 2)


def _sound_hand(hand: Hand) -> bool:
    return sound(hand.grip) and (hand.aim is None or sound(hand.aim))


def comfort_with(seat: Seat, hand: Literal["left", "right"], *, large_text: bool) -> Comfort:
    """What scenes are told."""
    return Comfort(seat.posture, hand, large_text, seat.raised)
