"""Results become outcomes: qualified successes are successes, unknown ones keep their sign."""

from __future__ import annotations

import logging

import pytest
import xr
from hypothesis import given
from hypothesis import strategies as st

from vr_app.xr.outcome import Judge, Outcome, outcome


@given(st.sampled_from(sorted(xr.Result)))
def test_a_result_succeeds_as_its_sign_says(result: int) -> None:
    assert outcome(int(result)).succeeded == (int(result) >= 0)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (xr.Result.SUCCESS, Outcome.OK),
        (xr.Result.TIMEOUT_EXPIRED, Outcome.TIMEOUT),
        (xr.Result.SESSION_LOSS_PENDING, Outcome.LOSS_PENDING),
        (xr.Result.EVENT_UNAVAILABLE, Outcome.NOTHING),
        (xr.Result.SESSION_NOT_FOCUSED, Outcome.NOT_FOCUSED),
        (xr.Result.FRAME_DISCARDED, Outcome.SKIP),
        (xr.Result.ERROR_CALL_ORDER_INVALID, Outcome.OUT_OF_ORDER),
        (xr.Result.ERROR_SESSION_NOT_RUNNING, Outcome.NOT_RUNNING),
        (xr.Result.ERROR_SESSION_LOST, Outcome.SESSION_LOST),
        (xr.Result.ERROR_INSTANCE_LOST, Outcome.INSTANCE_LOST),
        (xr.Result.ERROR_RUNTIME_FAILURE, Outcome.ERROR),
        (-2_000_000_000, Outcome.ERROR),
        (2_000_000_000, Outcome.OK),
    ],
)
def test_each_result_has_its_outcome(result: int, expected: Outcome) -> None:
    assert outcome(int(result)) is expected


def test_a_judge_logs_each_kind_of_failure_once_and_keeps_a_loss(caplog: pytest.LogCaptureFixture) -> None:
    judge = Judge()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert judge("xrSyncActions", -2) is Outcome.ERROR
            assert judge("xrSyncActions", 8) is Outcome.NOT_FOCUSED
    assert len(caplog.records) == 1
    assert judge.loss == ""
    assert judge("xrEndFrame", -17) is Outcome.SESSION_LOST
    assert judge.loss == "xrEndFrame: session lost"
