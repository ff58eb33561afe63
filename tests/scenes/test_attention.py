"""What attention rests on: by each way alone, never by chance, never while quiet."""

from __future__ import annotations

from math import radians

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.valley.attention import COOL_SECONDS, LEAST, Attention, Spot
from vr_app.api import Frame, Hand, Inputs, NoSettings, Pose, Vec3

AHEAD, ASIDE = Spot((0.0, 1.2, -3.0), 0.2), Spot((-2.0, 1.2, -2.0), 0.2)
EYES: Vec3 = (0.0, 1.2, 0.0)
DT = 1.0 / 90.0


def frame(inputs: Inputs, dt: float = DT, *, quiet: bool = False) -> Frame:
    return Frame(0, 0.0, 0.0, 0.0 if quiet else dt, quiet, inputs, NoSettings())


def looking(left_degrees: float) -> Inputs:
    return Inputs(head=Pose.facing(EYES, radians(left_degrees)))


AWAY = looking(90.0)  # at neither


def rest(attention: Attention, inputs: Inputs, seconds: float, *, quiet: bool = False) -> list[int]:
    """What is taken meanwhile."""
    found = [attention.update(frame(inputs, quiet=quiet)) for _ in range(round(seconds / DT))]
    return [each for each in found if each is not None]


def test_a_gaze_that_stays_takes_once_and_again_only_after_it_has_left() -> None:
    attention = Attention([AHEAD, ASIDE], seconds=2.0)
    assert rest(attention, looking(0.0), 1.9) == []
    assert rest(attention, looking(0.0), 8.0) == [0]
    assert rest(attention, AWAY, 0.1) == []
    assert rest(attention, looking(0.0), 2.2) == [0]


def test_the_nearest_of_two_is_meant_and_warmth_follows_the_gaze() -> None:
    attention = Attention([AHEAD, ASIDE], seconds=2.0)
    rest(attention, looking(45.0), 1.0)
    assert [attention.at, *attention.warmth] == pytest.approx([1, 0.0, 0.5], abs=0.01)
    rest(attention, AWAY, COOL_SECONDS)
    assert [attention.at, *attention.warmth] == [None, 0.0, 0.0]


def test_a_trembling_head_keeps_what_it_rests_on() -> None:
    attention = Attention([AHEAD])
    edge = np.degrees(LEAST)
    seen = []
    for degrees in (1.1 * edge, 0.9 * edge, 1.1 * edge):
        rest(attention, looking(degrees), 0.1)
        seen.append(attention.at)
    assert seen == [None, 0, 0]


def test_nothing_is_taken_while_quiet_and_a_lost_head_rests_on_nothing() -> None:
    attention = Attention([AHEAD])
    assert rest(attention, looking(0.0), 20.0, quiet=True) == [] and attention.warmth == [0.0]
    rest(attention, looking(0.0)._replace(head_tracked=False), 0.1)
    assert attention.at is None


@pytest.mark.parametrize("side", ["left", "right"])
def test_one_hand_of_either_side_points_and_presses(side: str) -> None:
    attention = Attention([AHEAD, ASIDE], seconds=30.0)
    points = Pose.facing((0.2, 1.0, 0.0), radians(47.0))
    for select, taken in ((0.0, None), (1.0, 1), (1.0, None), (0.0, None), (1.0, 1)):
        hand = Hand(points, Pose((0.0, 1.2, 0.0), points.orientation), select=select)
        inputs = AWAY._replace(left=hand) if side == "left" else AWAY._replace(right=hand)
        assert attention.update(frame(inputs)) == taken


def test_a_hand_that_comes_pressed_takes_nothing() -> None:
    attention = Attention([AHEAD], seconds=30.0)
    pressed = Hand(Pose(), Pose(EYES), select=1.0)
    assert attention.update(frame(AWAY._replace(right=pressed))) is None
    assert attention.update(frame(AWAY)) is None  # lost meanwhile
    assert attention.update(frame(AWAY._replace(right=pressed))) is None


def test_a_fingertip_touches_and_a_hand_lost_in_the_middle_leaves_without_harm() -> None:
    near = Spot((0.1, 0.8, -0.5), 0.05)
    attention = Attention([near], seconds=1.0)
    joints = np.zeros((26, 8), np.float32)
    joints[10, :3] = near.centre
    touching = AWAY._replace(left=Hand(Pose(), joints=joints))
    assert rest(attention, touching, 0.9) == []
    assert rest(attention, AWAY, 0.2) == [] and attention.at is None
    assert rest(attention, touching, 1.1) == [0]


def test_of_two_that_a_fingertip_reaches_the_nearest_is_touched() -> None:
    near, beside = Spot((0.1, 0.8, -0.5), 0.05), Spot((0.18, 0.8, -0.5), 0.05)
    attention = Attention([near, beside], seconds=1.0)
    joints = np.zeros((26, 8), np.float32)
    joints[10, :3] = beside.centre
    assert rest(attention, AWAY._replace(left=Hand(Pose(), joints=joints)), 1.1) == [1]


@given(st.floats(-180.0, 180.0), st.floats(-89.0, 89.0), st.floats(0.0, 0.1))
def test_warmth_stays_within_bounds(left: float, up: float, dt: float) -> None:
    attention = Attention([AHEAD, ASIDE])
    for _ in range(50):
        attention.update(frame(Inputs(head=Pose.facing((up / 90.0, 1.2, 0.0), radians(left))), dt))
        assert all(0.0 <= warmth <= 1.0 for warmth in attention.warmth)
