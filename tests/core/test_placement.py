"""Placing the view: where the world comes to stand before a patient who sits or lies anyhow."""

from __future__ import annotations

from math import acos, cos, degrees, dist, pi, radians, sin

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vr_app import limits
from vr_app.api import Hand, Inputs, Pose, Quat, Vec3
from vr_app.headset import Fov, View
from vr_app.placement import (
    EYE_HEIGHT,
    LYING_EYE_HEIGHT,
    Seat,
    about_x,
    about_y,
    product,
    rotated,
    seen_from,
    sound,
    yaw_and_pitch,
)

ANGLE = st.floats(-pi, pi)
PITCH = st.floats(radians(-85), radians(89))
NEAR = st.floats(-3.0, 3.0)
POINT = st.tuples(NEAR, NEAR, NEAR)
TURN = st.tuples(ANGLE, PITCH, st.floats(-0.4, 0.4)).map(lambda angles: looking(*angles))
POSE = st.builds(Pose, POINT, TURN)
AHEAD = (0.0, 0.0, -1.0)


def looking(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> Quat:
    return product(product(about_y(yaw), about_x(pitch)), (0.0, 0.0, sin(roll / 2), cos(roll / 2)))


def close(a: tuple[float, ...], b: tuple[float, ...], within: float = 1e-6) -> bool:
    return all(abs(p - q) <= within for p, q in zip(a, b, strict=True))


def same_turn(a: Quat, b: Quat) -> bool:
    return abs(sum(p * q for p, q in zip(a, b, strict=True))) > 1 - 1e-9


def placed_before(head: Pose, *, level: bool = False, eye_height: float | None = None) -> Seat:
    seat = Seat()
    seat.take(Inputs(head))
    seat.place(level=level, eye_height=eye_height)
    return seat


def test_unplaced_it_returns_what_it_was_given() -> None:
    seat, inputs = Seat(), Inputs(left=Hand(Pose()))
    views = (View(Pose(), Fov(-1, 1, 1, -1)),)
    assert seat.take(inputs) is inputs
    assert seat.placed_views(views) is views


@given(POSE)
def test_yaw_and_pitch_survive_any_posture(head: Pose) -> None:
    yaw, pitch = yaw_and_pitch(head)
    ahead = rotated(head.orientation, AHEAD)
    assert pitch == pytest.approx(acos(min(max(-ahead[1], -1.0), 1.0)) - pi / 2, abs=1e-6)
    if abs(pitch) < radians(60):
        size = cos(pitch)
        assert close((-sin(yaw) * size, -cos(yaw) * size), (ahead[0], ahead[2]), 1e-6)


def test_a_head_that_looks_straight_up_still_faces_somewhere() -> None:
    for yaw in (0.0, 1.0, -2.5):
        assert yaw_and_pitch(Pose(orientation=looking(yaw, pi / 2))) == pytest.approx((yaw, pi / 2), abs=1e-6)


@given(POSE, st.booleans(), st.one_of(st.none(), st.floats(0.3, 1.6)))
def test_the_place_comes_before_the_head(head: Pose, level: bool, eye_height: float | None) -> None:
    seat = placed_before(head, level=level, eye_height=eye_height)
    own = LYING_EYE_HEIGHT if seat.posture == "lying" else EYE_HEIGHT
    placed = seat.placed(Inputs(head)).head
    assert close(placed.position, (0.0, eye_height or own, 0.0), 1e-5)
    yaw, pitch = yaw_and_pitch(placed)
    was = yaw_and_pitch(head)[1]
    if abs(was) < radians(60):
        assert abs(yaw) < 1e-5
    pitched = seat.posture == "reclined" and not level
    assert pitch == pytest.approx(0.0 if pitched else was, abs=1e-5)
    words = 0.0 if pitched else min(max(was, 0.0), radians(85))
    assert seat.raised == pytest.approx(words, abs=1e-6)
    limit = "lying" if was >= radians(60) else "reclined" if was > radians(limits.PLACE_VIEW_RAISE_DEG) else "upright"
    assert seat.posture == limit


@given(POSE, POSE, POSE, st.booleans())
def test_it_is_a_rigid_motion_and_hands_joints_and_eyes_follow_it(
    head: Pose, one: Pose, other: Pose, level: bool
) -> None:
    seat = placed_before(head, level=level)
    joints = np.zeros((26, 8), np.float32)
    joints[:, :3], joints[:, 3:7], joints[:, 7] = one.position, one.orientation, 0.01
    before = joints.copy()
    inputs = seat.placed(Inputs(head, True, Hand(one, other, 0.3, 0.4, True, joints), Hand(other)))
    left, right = inputs.left, inputs.right
    assert left is not None and right is not None and left.aim is not None and left.joints is not None
    assert dist(left.grip.position, right.grip.position) == pytest.approx(dist(one.position, other.position), abs=1e-6)
    assert left[2:5] == (0.3, 0.4, True)
    assert same_turn(left.aim.orientation, right.grip.orientation)
    assert np.allclose(left.joints[7, :3], left.grip.position, atol=1e-4)
    assert np.allclose(left.joints[7, 3:7], left.grip.orientation, atol=1e-4)
    assert left.joints[7, 7] == pytest.approx(0.01)
    assert (joints == before).all()
    (view,) = seat.placed_views((View(one, Fov(-1, 1, 1, -1)),))
    assert view == View(left.grip, Fov(-1, 1, 1, -1))


@given(POSE, POSE, st.booleans())
def test_after_a_jump_the_head_stands_and_faces_as_before(head: Pose, jumped_to: Pose, level: bool) -> None:
    assume(dist(head.position, jumped_to.position) > limits.TRACKING_JUMP_METRES)
    seat = placed_before(head, level=level)
    assert not seat.jumped(1.0)
    before = seat.placed(Inputs(head)).head
    seat.take(Inputs(jumped_to))
    assert seat.jumped(1.011)
    after = seat.placed(Inputs(jumped_to)).head
    assert close(after.position, before.position, 1e-5)
    # Gravity stays where it is: the head's own pitch and roll are kept, its compass direction is the one before.
    flat = Pose(head.position, about_y(yaw_and_pitch(head)[0]))
    turned = Pose(jumped_to.position, about_y(yaw_and_pitch(jumped_to)[0]))
    reference = placed_before(head, level=level)
    assert same_turn(seat.placed(Inputs(turned)).head.orientation, reference.placed(Inputs(flat)).head.orientation)


@pytest.mark.parametrize(
    ("metres", "turn", "elapsed", "jumped"),
    [
        (0.19, 0.0, 0.011, False),
        (0.21, 0.0, 0.011, True),
        (0.0, 19.0, 0.011, False),
        (0.0, 21.0, 0.011, True),
        (0.0, 60.0, 0.5, False),  # a stall, not a jump: a head can turn so far meanwhile
        (1.0, 0.0, 0.5, False),
        (2.0, 0.0, 0.5, True),
    ],
)
def test_a_jump_is_what_no_head_can_do(metres: float, turn: float, elapsed: float, jumped: bool) -> None:
    seat = Seat()
    seat.take(Inputs(Pose((0.0, 1.2, 0.0))))
    assert not seat.jumped(10.0)
    seat.take(Inputs(Pose((metres, 1.2, 0.0), about_y(radians(turn)))))
    assert seat.jumped(10.0 + elapsed) is jumped
    assert not seat.jumped(10.0 + 2 * elapsed)


def test_after_a_loss_the_new_place_is_believed_but_covered() -> None:
    seat = Seat()
    seat.take(Inputs(Pose((0.0, 1.2, 0.0))))
    seat.jumped(1.0)
    seat.take(Inputs(Pose((0.0, 1.2, 0.0)), False))
    assert not seat.jumped(2.0)
    moved = Inputs(Pose((1.0, 1.2, 0.0)))
    seat.take(moved)
    assert seat.jumped(3.0)
    assert seat.placed(moved) is moved


def test_recentring_follows_the_runtime_and_keeps_height_and_chair() -> None:
    leaning = Pose((1.0, 0.9, 2.0), looking(1.0, radians(40)))
    seat = placed_before(leaning)
    recentred = Pose((0.0, 0.9, 0.0), looking(0.2, radians(35)))
    seat.take(Inputs(recentred))
    seat.recentre()
    head = seat.placed(Inputs(recentred)).head
    assert close(head.position, (0.0, EYE_HEIGHT, 0.0), 1e-5)
    assert yaw_and_pitch(head) == pytest.approx((0.0, radians(-5)), abs=1e-5)
    assert seat.posture == "reclined"


@given(POSE, st.floats(0.3, 1.6), st.floats(0.3, 1.6))
def test_another_height_moves_the_eyes_straight_up_or_down(head: Pose, first: float, second: float) -> None:
    seat = placed_before(head, eye_height=first)
    before = seat.placed(Inputs(head)).head
    seat.raise_eyes(second)
    after = seat.placed(Inputs(head)).head
    assert close(after.position, (before.position[0], second, before.position[2]), 1e-5)
    assert same_turn(before.orientation, after.orientation)


BAD = [float("nan"), float("inf"), -float("inf"), 1e30]


@given(st.integers(0, 6), st.sampled_from(BAD), POSE)
def test_an_odd_pose_counts_as_lost_and_its_stop_button_still_counts(index: int, value: float, head: Pose) -> None:
    numbers = [*head.position, *head.orientation]
    numbers[index] = value
    odd = Pose((numbers[0], numbers[1], numbers[2]), (numbers[3], numbers[4], numbers[5], numbers[6]))
    assert not sound(odd)
    seat = Seat()
    seat.take(Inputs(head))
    taken = seat.take(Inputs(odd, True, Hand(odd, stop=True), Hand(head, odd)))
    assert taken == Inputs(head, False, None, None)
    assert seat.stop_pressed
    seat.take(Inputs(head))
    assert not seat.stop_pressed


@given(POINT, ANGLE, st.floats(-1.4, 1.4), st.floats(1.3, 3.0))
def test_what_is_seen_from_the_eyes_faces_them(eyes: Vec3, yaw: float, pitch: float, distance: float) -> None:
    at = seen_from(eyes, yaw, pitch, distance)
    assert dist(at.position, eyes) == pytest.approx(distance)
    facing = rotated(at.orientation, (0.0, 0.0, 1.0))
    assert close(facing, tuple((e - p) / distance for e, p in zip(eyes, at.position, strict=True)), 1e-6)
    assert degrees(yaw_and_pitch(Pose(orientation=at.orientation))[1]) == pytest.approx(degrees(pitch), abs=1e-4)
