"""The ledger keeps what was written, the newest frames of it, and never grows."""

from __future__ import annotations

import time
import timeit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vr_app.timing.ledger import (
    BEGUN,
    COLUMNS,
    DISPLAY,
    ENDED,
    GAP,
    NAMES,
    PERIOD,
    PROCESS_CPU,
    START,
    THREAD_CPU,
    WAITED,
    Ledger,
)


def test_every_column_has_its_name() -> None:
    assert len(NAMES) == COLUMNS == len(set(NAMES))
    assert NAMES[START] == "start"
    assert NAMES[DISPLAY] == "display"
    assert NAMES[GAP] == "gap"


def test_a_ledger_needs_room() -> None:
    with pytest.raises(ValueError, match="at least one frame, not 0"):
        Ledger(0)


def test_marks_are_host_time_in_the_order_they_were_made() -> None:
    ledger = Ledger(4)
    before = time.perf_counter_ns()
    for column in (WAITED, BEGUN, ENDED):
        ledger.mark(column)
    ledger.next()
    (row,) = ledger.rows()
    assert before <= row[WAITED] <= row[BEGUN] <= row[ENDED] <= time.perf_counter_ns()
    assert row[START] <= before


def test_a_row_begins_empty_and_its_frame_begins_where_the_last_ended() -> None:
    ledger = Ledger(2)
    for _ in range(5):
        ledger.put(PERIOD, 11)
        ledger.next()
    ledger.next()
    rows = ledger.rows()
    assert rows[-1, PERIOD] == 0
    assert rows[0, START] < rows[1, START]


def test_processor_time_is_sampled_once_a_frame_and_only_rises() -> None:
    ledger = Ledger(4)
    for _ in range(3):
        sum(range(20_000))
        ledger.next()
    rows = ledger.rows()
    assert (np.diff(rows[:, THREAD_CPU]) > 0).all()
    assert (np.diff(rows[:, PROCESS_CPU]) > 0).all()


@given(st.integers(1, 12), st.integers(0, 40))
def test_the_newest_frames_are_kept_oldest_first(capacity: int, frames: int) -> None:
    ledger = Ledger(capacity)
    for number in range(frames):
        ledger.put(DISPLAY, number)
        ledger.next()
    assert ledger.frames == frames
    assert ledger.rows()[:, DISPLAY].tolist() == list(range(max(0, frames - capacity), frames))


def test_a_pause_marks_the_frame_after_it_and_no_other() -> None:
    ledger = Ledger(8)
    ledger.next()
    ledger.next()
    ledger.pause()
    ledger.pause()
    ledger.next()
    ledger.next()
    assert ledger.rows()[:, GAP].tolist() == [1, 0, 1, 0]


def test_a_pause_is_no_part_of_the_frame_after_it() -> None:
    ledger = Ledger(2)
    ledger.next()
    time.sleep(0.002)
    resting = time.perf_counter_ns()
    ledger.pause()
    ledger.next()
    assert ledger.rows()[1, START] >= resting


def test_what_was_read_does_not_change_afterwards() -> None:
    ledger = Ledger(1)
    ledger.put(DISPLAY, 7)
    ledger.next()
    rows = ledger.rows()
    ledger.put(DISPLAY, 8)
    ledger.next()
    assert rows[0, DISPLAY] == 7


def test_a_mark_costs_next_to_nothing() -> None:
    ledger = Ledger(1)
    cost = min(timeit.repeat(lambda: ledger.mark(WAITED), number=2_000, repeat=20)) / 2_000
    assert cost < 2e-6  # measured 0.2 us; ten marks a frame must stay under a hundredth of it on any machine
