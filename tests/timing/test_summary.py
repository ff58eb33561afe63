"""What the figures of a run are, on ledgers made up to order."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timing.synthetic import PERIOD_NS, frames
from vr_app.timing.control import Control
from vr_app.timing.ledger import COLLECTIONS, DISPLAY, GAP, GPU, LOCATED, PERIOD, RECORDED, START, THREAD_CPU, WAITED
from vr_app.timing.summary import cpu_times, excused, missed_refreshes, stage_times, summarise

Apart = st.lists(st.integers(1, 4), min_size=1, max_size=60)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(-200, 200)), min_size=1, max_size=60))
def test_misses_are_counted_whatever_the_runtime_jitters(told: list[tuple[int, int]]) -> None:
    """Predictions may wander by 0.2 ms to either side."""
    rows = frames([apart for apart, _ in told], jitter=[1_000 * late for _, late in told])
    assert missed_refreshes(rows).tolist() == [0, *(apart - 1 for apart, _ in told)]


@given(Apart)
def test_on_time_is_the_share_of_refreshes_that_got_a_picture(apart: list[int]) -> None:
    late = summarise(frames(apart)).raw
    assert late.missed == sum(apart) - len(apart)
    assert late.on_time_percent == pytest.approx(100 * len(apart) / sum(apart))


@given(Apart)
def test_the_longest_streak_adds_up_neighbours_that_were_late(apart: list[int]) -> None:
    missed = [number - 1 for number in apart]
    runs = [sum(run) for late, run in groupby(missed, key=bool) if late]
    assert summarise(frames(apart)).raw.late_streak_max == max(runs, default=0)


@given(Apart, st.data())
def test_nothing_is_missed_across_a_pause(apart: list[int], data: st.DataObject) -> None:
    rows = frames(apart)
    at = data.draw(st.integers(1, len(apart)))
    rows[at, GAP] = 1
    missed = missed_refreshes(rows)
    assert missed[at] == 0
    assert missed.sum() == sum(apart) - len(apart) - (apart[at - 1] - 1)


def test_a_change_of_refresh_rate_is_no_miss() -> None:
    rows = frames([1, 1, 1, 1])
    rows[3:, PERIOD] = 13_888_889
    rows[3:, DISPLAY] = rows[2, DISPLAY] + np.array([1, 2]) * 13_888_889
    assert missed_refreshes(rows).sum() == 0


def test_a_frame_without_a_known_period_is_not_judged() -> None:
    rows = frames([1, 5, 1])
    rows[2, PERIOD] = 0
    assert summarise(rows).raw.missed == 0


def test_two_predictions_of_one_refresh_miss_nothing() -> None:
    assert summarise(frames([1, 0, 1])).raw.missed == 0


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_frames_to_judge_are_on_time(count: int) -> None:
    summary = summarise(frames([1])[:count], Control(0, 0, 0, np.zeros((0, 2), np.int64)))
    assert summary.frames == count
    assert summary.raw.missed == 0
    assert summary.raw.on_time_percent == 100.0
    assert summary.thread_cpu is None


def _stalled(*stalls: tuple[int, int]) -> Control:
    return Control(1_000, 0, 0, np.array(stalls, np.int64).reshape(-1, 2))


def test_a_miss_is_excused_only_while_the_control_loop_stalled() -> None:
    rows = frames([1, 1, 2, 1, 1, 3, 1])
    assert missed_refreshes(rows).tolist() == [0, 0, 0, 1, 0, 0, 2, 0]
    woke = int(rows[3, WAITED])
    summary = summarise(rows, _stalled((woke - 9_000_000, woke - 1_000_000)))
    assert summary.raw.missed == 3
    assert summary.beyond_control is not None
    assert summary.beyond_control.missed == 2
    assert summary.beyond_control.late_streak_max == 2
    assert summary.stalls == 1


def test_without_a_control_loop_nothing_is_excused() -> None:
    assert summarise(frames([2])).beyond_control is None


@given(
    Apart,
    st.lists(st.tuples(st.integers(0, 700_000_000), st.integers(2_000_001, 40_000_000)), max_size=8),
)
def test_excused_is_overlap_with_the_time_in_which_the_frame_was_decided(
    apart: list[int], told: list[tuple[int, int]]
) -> None:
    rows = frames(apart)
    zero = int(rows[0, START])
    stalls: list[tuple[int, int]] = []
    for at, late in sorted(told):
        if not stalls or zero + at > stalls[-1][1]:  # as the control loop records them: one after the other
            stalls.append((zero + at, zero + at + late))
    expected = [False] + [
        any(due < rows[index, WAITED] and woke > rows[index - 1, START] for due, woke in stalls)
        for index in range(1, len(rows))
    ]
    assert excused(rows, _stalled(*stalls).stalls).tolist() == expected


@given(Apart)
def test_beyond_control_is_never_worse_than_raw(apart: list[int]) -> None:
    rows = frames(apart)
    middle = int(rows[len(rows) // 2, WAITED])
    summary = summarise(rows, _stalled((middle - 5_000_000, middle)))
    assert summary.beyond_control is not None
    assert summary.beyond_control.missed <= summary.raw.missed
    assert summary.beyond_control.on_time_percent >= summary.raw.on_time_percent


def test_the_stages_add_up_to_the_frame() -> None:
    rows = frames([1, 1, 2])
    spent = stage_times(rows)
    assert sum(times.sum() for times in spent.values()) == (rows[:, 9] - rows[:, START]).sum()
    assert list(spent) == ["wait", "begin", "inputs", "update", "record", "locate", "replay", "end", "collect"]


def test_a_stage_that_did_not_happen_costs_nothing_and_hides_nothing() -> None:
    rows = frames([1, 1])
    whole = stage_times(rows)
    rows[1, [RECORDED, LOCATED]] = 0
    spent = stage_times(rows)
    assert len(spent["record"]) == len(rows) - 1
    assert spent["replay"][1] == whole["record"][1] + whole["locate"][1] + whole["replay"][1]


def test_processor_time_is_the_difference_between_frames_and_leaves_pauses_out() -> None:
    rows = frames([1, 1, 1])
    rows[2:, THREAD_CPU] += 500_000_000
    rows[2, GAP] = 1
    assert cpu_times(rows, THREAD_CPU).tolist() == [1_000_000, 1_000_000]
    summary = summarise(rows)
    assert summary.thread_cpu is not None
    assert summary.thread_cpu.max == pytest.approx(1.0)
    assert summary.process_cpu_mean_ms == pytest.approx(1.5)


def test_gpu_time_is_told_only_when_it_was_measured() -> None:
    rows = frames([1, 1, 1])
    assert summarise(rows).gpu is None
    rows[1:3, GPU] = (2_000_000, 4_000_000)
    gpu = summarise(rows).gpu
    assert gpu is not None
    assert gpu.p50 == pytest.approx(3.0)
    assert gpu.max == pytest.approx(4.0)


def test_automatic_collections_are_added_up() -> None:
    rows = frames([1, 1, 1])
    rows[1:3, COLLECTIONS] = (1, 2)
    assert summarise(rows).collections == 3


def test_an_hour_is_summarised_at_once() -> None:
    rows = frames([1] * (3_600 * 90))
    rows[1_000:, DISPLAY] += PERIOD_NS
    assert summarise(rows).raw.missed == 1
