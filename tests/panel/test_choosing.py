"""Choosing: what stays looked at, is pressed or touched is chosen; by glances and jitter nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vr_app.panel import (
    COOL_SECONDS,
    DRAIN_SECONDS,
    DWELL_SECONDS,
    KEEP,
    PRESS,
    RELEASE,
    Chooser,
    Point,
    Pointer,
    Target,
)

STEP = 1 / 90
# Three in a row, each 2 by 1; the gaze's own place is the right half of each.
ROW = [
    Target(name, (2 * k + 1.0, 0.0, 2 * k + 2.0, 1.0), (2.0 * k, 0.0, 2 * k + 2.0, 1.0)) for k, name in enumerate("abc")
]
A, B, C, NOWHERE = (1.5, 0.5), (3.5, 0.5), (5.5, 0.5), (-9.0, -9.0)
NO_HANDS = (None, None)


def hand(ray: Point | None = None, select: float = 0.0, touch: Point | None = None) -> Pointer:
    return Pointer(ray, touch, select)


def fresh() -> Chooser:
    """One whose patient looks elsewhere."""
    chooser = Chooser(ROW)
    chooser.update(STEP, NOWHERE, NO_HANDS)
    return chooser


def look(chooser: Chooser, at: Point | None, seconds: float, hands: Sequence[Pointer | None] = NO_HANDS) -> list[int]:
    """Everything that is chosen meanwhile."""
    frames = [chooser.update(STEP, at, hands) for _ in range(round(seconds / STEP))]
    return [chosen for chosen in frames if chosen is not None]


def test_what_stays_looked_at_is_chosen_once() -> None:
    chooser = fresh()
    assert look(chooser, B, DWELL_SECONDS - 0.1) == []
    assert look(chooser, B, 0.2) == [1]
    assert look(chooser, B, 10.0) == []
    assert chooser.chosen == 1 and chooser.filled == [0.0, 1.0, 0.0]


def test_the_ring_answers_in_the_first_frame() -> None:
    chooser = fresh()
    chooser.update(STEP, A, NO_HANDS)
    assert chooser.filled[0] == pytest.approx(STEP / DWELL_SECONDS)
    assert chooser.lit[0] > 0 and chooser.lit[1:] == [0.0, 0.0]


def test_looking_round_chooses_nothing_and_leaves_nothing() -> None:
    chooser = fresh()
    for _ in range(20):
        for place in (A, B, C, NOWHERE):
            assert look(chooser, place, DWELL_SECONDS * 0.4) == []
    assert look(chooser, NOWHERE, DRAIN_SECONDS) == []
    assert chooser.filled == [0.0] * 3 and chooser.chosen is None


def test_a_blink_costs_little() -> None:
    chooser = fresh()
    look(chooser, A, DWELL_SECONDS - 0.2)
    look(chooser, None, 0.1)
    assert look(chooser, A, 0.1) == []
    assert look(chooser, A, DWELL_SECONDS * 0.1 / DRAIN_SECONDS + 0.2) == [0]


def test_jitter_at_an_edge_chooses_what_was_looked_at_first() -> None:
    chooser = Chooser([Target(name, box, box) for name, box in (("left", (0, 0, 1, 1)), ("right", (1, 0, 2, 1)))])
    chooser.update(STEP, NOWHERE, NO_HANDS)
    chooser.update(STEP, (0.9, 0.5), NO_HANDS)
    edge = [(1 + side * 0.2, 0.5) for side in (-1, 1)]
    chosen = [chooser.update(STEP, edge[k % 2], NO_HANDS) for k in range(round((DWELL_SECONDS + 0.1) / STEP))]
    assert [one for one in chosen if one is not None] == [0]
    assert chooser.filled[1] == 0.0


def test_reading_an_option_chooses_nothing() -> None:
    assert look(fresh(), (0.5, 0.5), 60.0) == []


def test_what_was_under_the_gaze_by_chance_must_be_left_first() -> None:
    chooser = Chooser(ROW)
    assert look(chooser, B, 30.0) == []
    look(chooser, NOWHERE, 0.1)
    assert look(chooser, B, DWELL_SECONDS + 0.1) == [1]


def test_after_a_choice_the_gaze_rests_before_it_chooses_again() -> None:
    chooser = fresh()
    look(chooser, A, DWELL_SECONDS + 0.05)
    assert look(chooser, C, COOL_SECONDS + DWELL_SECONDS - 0.2) == []
    assert look(chooser, C, 0.3) == [2]
    look(chooser, NOWHERE, 2.0)
    assert look(chooser, A, DWELL_SECONDS + 0.1) == [0]  # changed back


def test_a_press_chooses_at_once_and_once() -> None:
    chooser = fresh()
    look(chooser, NOWHERE, 0.1, (hand(), None))
    pressed = hand((0.2, 0.5), 0.9)
    assert look(chooser, NOWHERE, 1.0, (pressed, None)) == [0]
    for select in (PRESS - 0.1, PRESS + 0.1, RELEASE + 0.01, 1.0):  # not let go
        assert look(chooser, NOWHERE, 0.1, (hand(B, select), None)) == []
    look(chooser, NOWHERE, 0.1, (hand(B, RELEASE - 0.1), None))
    assert look(chooser, NOWHERE, 0.1, (hand(B, PRESS + 0.1), None)) == [1]


def test_a_press_that_began_elsewhere_is_not_dragged_in() -> None:
    chooser = fresh()
    look(chooser, NOWHERE, 0.1, (hand(NOWHERE), None))
    look(chooser, NOWHERE, 0.1, (hand(NOWHERE, 1.0), None))
    assert look(chooser, NOWHERE, 1.0, (hand(A, 1.0), None)) == []


@pytest.mark.parametrize("before", [(None, None), NO_HANDS])
def test_a_hand_that_comes_pressed_chooses_nothing(before: tuple[Pointer | None, Pointer | None]) -> None:
    chooser = Chooser(ROW)
    assert look(chooser, NOWHERE, 1.0, (hand(A, 1.0), hand(B, 1.0))) == []
    look(chooser, NOWHERE, 0.1, (hand(A), hand(B)))
    look(chooser, NOWHERE, 0.1, before)
    assert look(chooser, NOWHERE, 1.0, (hand(A, 1.0), hand(B, 1.0))) == []


def test_of_both_hands_at_once_the_one_in_use_counts() -> None:
    chooser = fresh()
    look(chooser, NOWHERE, 0.1, (hand(), hand()))
    assert look(chooser, NOWHERE, 0.5, (hand(C, 1.0), hand(A, 1.0))) == [2]
    chooser = fresh()
    assert look(chooser, B, DWELL_SECONDS + 0.1, (hand(touch=C), hand(touch=A))) == [2]


def test_a_fingertip_chooses_by_staying_and_comes_before_the_gaze() -> None:
    chooser = fresh()
    touching = hand(touch=(2.2, 0.5))  # where the gaze would only read
    assert look(chooser, A, DWELL_SECONDS - 0.1, (touching, None)) == []
    assert look(chooser, A, 0.2, (None, touching)) == [1]


def test_a_ray_that_rests_on_a_target_only_lights_it() -> None:
    chooser = fresh()
    assert look(chooser, NOWHERE, 30.0, (hand(A), hand(C))) == []
    assert chooser.lit == [1.0, 0.0, 1.0] and chooser.filled == [0.0] * 3


def test_time_that_stands_still_chooses_nothing() -> None:
    chooser = fresh()
    assert all(chooser.update(0.0, A, NO_HANDS) is None for _ in range(10_000))


points = st.one_of(st.none(), st.sampled_from([A, B, C, NOWHERE, (0.5, 0.5), (2.05, 0.5)]), st.tuples(
    st.floats(-1, 7), st.floats(-1, 2)))  # fmt: skip
selects = st.one_of(st.sampled_from([0.0, 0.29, 0.31, 0.5, 0.51, 1.0, nan]), st.floats(0, 1))
pointers = st.one_of(st.none(), st.builds(Pointer, points, points, selects))
moments = st.lists(st.tuples(st.floats(0, 0.1), points, pointers, pointers, st.integers(1, 30)), max_size=60)


def near(point: Point | None, box: tuple[float, float, float, float]) -> bool:
    reach = KEEP * (box[3] - box[1]) + 1e-9
    return point is not None and (
        box[0] - reach <= point[0] <= box[2] + reach and box[1] - reach <= point[1] <= box[3] + reach
    )


@settings(deadline=None, max_examples=200)
@given(moments)
def test_nothing_is_chosen_that_was_not_pressed_or_dwelt_on(
    moments: list[tuple[float, Point | None, Pointer | None, Pointer | None, int]],
) -> None:
    chooser = Chooser(ROW)
    stayed = [0.0] * 3  # seconds for which each could have been dwelt on since the last choice
    low = [False, False]  # seen let go since it came or last pressed
    for dt, gaze, first, second, times in moments:
        for _ in range(times):
            for k, target in enumerate(ROW):
                touches = [one.touch for one in (first, second) if one]
                if near(gaze, target.gaze) or any(near(touch, target.hand) for touch in touches):
                    stayed[k] += dt
            may_press = set()
            for k, one in enumerate((first, second)):
                if one is None:
                    low[k] = False
                elif one.select < RELEASE:
                    low[k] = True
                elif one.select > PRESS and low[k]:
                    low[k] = False
                    may_press |= {i for i, target in enumerate(ROW) if one.ray and near(one.ray, target.hand)}
            chosen = chooser.update(dt, gaze, (first, second))
            assert all(0.0 <= value <= 1.0 for value in (*chooser.filled, *chooser.lit, *chooser.glow))
            if chosen is not None:
                assert chosen == chooser.chosen
                assert chosen in may_press or stayed[chosen] >= DWELL_SECONDS - 1e-6
                stayed = [0.0] * 3
