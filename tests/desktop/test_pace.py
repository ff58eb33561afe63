"""The grid of refreshes that frames of the desktop headset are held to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vr_app.desktop.pace import Pace


@given(st.lists(st.floats(0.0, 0.1), max_size=50))
def test_frames_begin_at_refreshes_never_twice_at_one_and_hardly_in_the_past(work: list[float]) -> None:
    pace, now, before = Pace(60.0, 100.0), 100.0, 100.0
    for seconds in work:
        start = pace.next_start(now)
        refreshes = (start - 100.0) * 60
        assert abs(refreshes - round(refreshes)) < 1e-6
        assert start >= before + pace.period - 1e-9
        assert start >= now - 0.2 * pace.period - 1e-9
        assert start <= max(now, before) + pace.period + 1e-9
        before, now = start, max(now, start) + seconds


@given(st.floats(-0.008, 0.008))
def test_the_grid_comes_to_where_the_display_refreshes(phase: float) -> None:
    pace, now = Pace(60.0, 10.0), 10.0
    for _ in range(400):
        start = pace.next_start(now)
        refresh = round((start - 10.0 - phase) * 60) / 60 + 10.0 + phase
        pace.heed(refresh)
        now = max(start, now) + 0.004
    away = (pace.next_start(now) - 10.0 - phase) * 60
    assert abs(away - round(away)) < 0.05


@given(st.floats(0.0, 1.0))
def test_one_refresh_moves_the_grid_by_a_fiftieth_at_most(when: float) -> None:
    pace, still = Pace(60.0, 0.0), Pace(60.0, 0.0)
    pace.heed(when)
    assert abs(pace.next_start(0.5) - still.next_start(0.5)) <= 0.02 / 60 + 1e-9 or when > 0
