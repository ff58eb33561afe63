"""The ledger is compared with a runtime's record that agrees, and with ones that do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headless_harness.agreement import compare
from headless_harness.monado.metrics import Metrics, SessionFrame, Used
from tests.timing.synthetic import PERIOD_NS, frames
from vr_app.timing.ledger import DISPLAY, GAP, START, WAITED, Rows

Apart = st.lists(st.integers(1, 4), min_size=1, max_size=40)


def _session_frame(number: int, shown: int, period: int = PERIOD_NS) -> SessionFrame:
    blank = SessionFrame(*([0] * len(SessionFrame._fields)))
    return blank._replace(frame_id=number, predicted_display_time_ns=shown, predicted_display_period_ns=period)


def _metrics(rows: Rows, late: Sequence[int] = ()) -> Metrics:
    """The record of a runtime that predicted what the ledger says; the frames in `late` were shown a refresh later."""
    shown = rows[:, DISPLAY].tolist()
    session = tuple(_session_frame(number, at) for number, at in enumerate(shown))
    refresh = [round((at - shown[0]) / PERIOD_NS) + (number in late) for number, at in enumerate(shown)]
    newest = {number: frame for frame, number in enumerate(refresh)}  # of two for one refresh, the later wins
    used = tuple(Used(0, frame, number, 0) for number, frame in sorted(newest.items()))
    return Metrics(session, used, (), ())


@given(Apart)
def test_two_true_records_agree_whatever_was_missed(apart: list[int]) -> None:
    rows = frames(apart)
    found = compare(rows, _metrics(rows))
    assert found.whole
    assert found.matched == found.ledger_frames == found.runtime_frames == len(rows)
    assert found.ledger_missed == found.runtime_missed == found.repeated == sum(apart) - len(apart)
    assert found.unseen == 0
    assert found.error_ns == 0


def test_the_runtimes_longer_memory_is_no_mismatch() -> None:
    rows = frames([1] * 50)
    found = compare(rows[10:40], _metrics(rows))
    assert found.whole
    assert found.runtime_frames == 30


def test_a_frame_the_ledger_lost_is_named() -> None:
    rows = frames([1] * 20)
    found = compare(np.delete(rows, 7, axis=0), _metrics(rows))
    assert not found.whole
    assert found.mismatches == ("frame 7 of the runtime is not in the ledger",)


def test_a_frame_the_runtime_never_saw_is_named() -> None:
    rows = frames([1] * 20)
    metrics = _metrics(np.delete(rows, 7, axis=0))
    found = compare(rows, metrics)
    assert found.mismatches == ("frame 7 of the ledger is unknown to the runtime",)


def test_a_miss_that_only_one_side_counts_is_named() -> None:
    rows = frames([1] * 5 + [2] + [1] * 5)
    metrics = _metrics(rows)
    rows[6, 12] = 2 * PERIOD_NS  # as if the ledger had believed the application's own doubled period
    found = compare(rows, metrics)
    assert found.mismatches == ("frame 6: the ledger missed 0, the runtime 1",)


def test_the_runtimes_doubled_period_for_a_slow_application_hides_no_miss() -> None:
    rows = frames([1, 1, 2, 2, 1])
    metrics = _metrics(rows)
    slow = tuple(frame._replace(predicted_display_period_ns=2 * PERIOD_NS) for frame in metrics.session_frames[2:])
    assert compare(rows, Metrics(metrics.session_frames[:2] + slow, metrics.used, (), ())).runtime_missed == 2


def test_a_pause_of_ours_is_not_held_against_either() -> None:
    rows = frames([1, 1, 4, 1])
    rows[3, GAP] = 1
    found = compare(rows, _metrics(rows))
    assert found.whole
    assert found.ledger_missed == found.runtime_missed == 0


def test_display_times_may_differ_by_the_conversion_of_clocks() -> None:
    rows = frames([1] * 9)
    metrics = _metrics(rows)
    rows[:, DISPLAY] += 700
    found = compare(rows, metrics)
    assert found.whole
    assert found.error_ns == 700


def test_a_picture_that_came_too_late_is_told_though_the_ledger_cannot_know() -> None:
    rows = frames([1] * 40)
    found = compare(rows, _metrics(rows, late=(20,)))
    assert found.whole
    assert found.ledger_missed == 0
    assert found.repeated == found.unseen == found.unexplained == 1


def test_the_machine_explains_a_late_picture() -> None:
    rows = frames([1] * 40)
    stall = np.array([[rows[20, START], rows[20, WAITED]]], np.int64)
    found = compare(rows, _metrics(rows, late=(20,)), stall)
    assert (found.unseen, found.unexplained) == (1, 0)


@pytest.mark.parametrize("ours", [0, 5])
def test_an_empty_record_agrees_with_nothing_but_itself(ours: int) -> None:
    found = compare(frames([1] * 4)[:ours], Metrics((), (), (), ()))
    assert found.matched == 0
    assert found.whole == (ours == 0)
