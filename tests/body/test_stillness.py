"""Stillness of the head: high while it only sways, low while it looks around, and soon back."""

from __future__ import annotations

from math import cos, pi, radians, sin
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.api import Pose
from vr_app.stillness import MEMORY_SECONDS, Stillness

HZ = 90


def swayed(time: float, metres: float, degrees: float, hz: float, noise: Random) -> Pose:
    turn = radians(degrees) * sin(2 * pi * hz * time) / 2
    place = metres * sin(2 * pi * hz * time), 1.2, noise.gauss(0.0, 0.0001)
    return Pose(place, (0.0, sin(turn), 0.0, cos(turn)))


def after(seconds: float, metres: float, degrees: float, hz: float = 0.2, still: Stillness | None = None) -> Stillness:
    still, noise = still or Stillness(), Random(3)
    first = still._seen
    for k in range(round(seconds * HZ)):
        time = first + (k + 1) / HZ
        still.update(time, swayed(time, metres, degrees, hz, noise), tracked=True)
    return still


def test_a_head_that_sways_is_still() -> None:
    assert after(30.0, 0.002, 0.5).amount > 0.9


def test_a_head_that_looks_around_is_not() -> None:
    assert after(30.0, 0.02, 30.0).amount < 0.2


def test_the_more_it_moves_the_less_still_it_is() -> None:
    amounts = [after(20.0, size * 0.01, size * 5.0).amount for size in (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)]
    assert amounts == sorted(amounts, reverse=True)


def test_half_is_told_at_two_centimetres_a_second() -> None:
    still = Stillness()
    for k in range(60 * HZ):
        still.update(k / HZ, Pose((0.02 * k / HZ, 1.2, 0.0)), tracked=True)
    assert still.amount == pytest.approx(0.5, abs=0.01)


def test_it_is_still_again_soon_after() -> None:
    still = after(10.0, 0.05, 60.0)
    assert still.amount < 0.2
    assert after(4 * MEMORY_SECONDS, 0.0, 0.0, still=still).amount > 0.5


def test_a_loss_of_tracking_is_no_motion() -> None:
    still = after(40.0, 0.0, 0.0)
    before = still.amount
    still.update(40.2, Pose((3.0, 0.0, 0.0)), tracked=False)
    still.update(40.4, Pose((2.0, 1.2, 0.0)), tracked=True)
    assert still.amount == before


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(-90.0, 90.0), st.floats(-1.0, 1.0)), max_size=40))
def test_it_lies_between_nothing_and_one(steps: list[tuple[float, float, float]]) -> None:
    still, time = Stillness(), 0.0
    for passed, x, turn in steps:
        time += passed
        still.update(time, Pose((x, 1.2, 0.0), (0.0, sin(turn), 0.0, cos(turn))), tracked=turn > -0.9)
        assert 0.0 <= still.amount <= 1.0
