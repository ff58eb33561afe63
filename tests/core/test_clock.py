"""Session time never runs backwards, stands still in pauses, and takes a stall calmly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.clock import LONGEST_STEP, SLOW_STEP, SessionClock

STEPS = st.lists(st.tuples(st.floats(0.0, 30.0), st.booleans()), max_size=60)


@given(st.floats(0.0, 1e6), STEPS, st.sampled_from([LONGEST_STEP, SLOW_STEP]))
def test_time_is_what_was_shown_less_the_pauses(origin: float, steps: list[tuple[float, bool]], longest: float) -> None:
    clock = SessionClock(longest)
    shown, wanted = origin, 0.0
    assert clock.tick(shown)[:2] == (0.0, 0.0)
    for step, pause in steps:
        if pause:
            clock.pause()
        shown += step
        wanted += 0.0 if pause else step
        moment = clock.tick(shown)
        assert moment.time == pytest.approx(wanted, abs=1e-6)
        assert moment.dt == pytest.approx(0.0 if pause else min(step, longest), abs=1e-6)


@given(st.lists(st.floats(-5.0, 5.0), max_size=40))
def test_a_runtime_that_predicts_backwards_never_turns_time_back(steps: list[float]) -> None:
    clock = SessionClock()
    shown, last = 100.0, clock.tick(100.0)
    for step in steps:
        shown += step
        moment = clock.tick(shown)
        assert moment.time >= last.time
        assert moment.dt >= 0.0
        last = moment
