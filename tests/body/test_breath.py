"""Breath from a controller on the belly: right after half a minute, never sure of noise, honest about disturbances."""

from __future__ import annotations

import numpy as np
import pytest

from headless_harness.breath_traces import Belly, breathing, heard, lost, noises, score, shifted, taken_up
from vr_app import limits
from vr_app.api import Pose
from vr_app.breath import NOTHING, BellyBreath

HZ = 30.0
BREATHS = [(rate, mm) for rate in (4.0, 6.0, 9.0, 12.0, 16.0, 20.0) for mm in (1.0, 4.0, 12.0)]


@pytest.mark.parametrize(("rate", "mm"), BREATHS)
def test_the_rate_is_right_after_half_a_minute(rate: float, mm: float) -> None:
    found = score(breathing("test", Belly(rate=rate, mm=mm), 75.0, seed=2, hz=HZ))
    assert found.error <= limits.BREATH_RATE_ERROR
    assert found.told >= 0.5
    if mm > 1.0 and rate >= 6.0:
        assert found.first <= 45.0
        assert found.phase <= 0.08


@pytest.mark.parametrize("seed", range(6))
def test_noise_is_never_sure(seed: int) -> None:
    for trace in noises(90.0, seed, HZ):
        assert heard(trace).confidence.max() < limits.BREATH_SURE, trace.name


def test_the_phase_never_leaps_and_never_goes_back() -> None:
    found = heard(breathing("test", Belly(rate=10.0, uneven=0.15), 80.0, seed=4, hz=HZ))
    known = found.rate > 0.0
    steps = np.diff(found.phase)[known[:-1] & known[1:]] % 1.0
    assert steps.max() < 0.05


@pytest.mark.parametrize("disturb", ["shift", "loss", "hand"])
def test_what_disturbs_takes_the_confidence_at_once_and_it_comes_back(disturb: str) -> None:
    calm = breathing("test", Belly(rate=12.0), 110.0, seed=5, hz=HZ)
    trace = {"shift": shifted(calm, 50.0, 0.06), "loss": lost(calm, 50.0, 2.0), "hand": taken_up(calm, 50.0, 5.0)}[
        disturb
    ]
    found = heard(trace)
    assert found.confidence[np.searchsorted(found.times, 49.9)] >= limits.BREATH_SURE
    assert found.confidence[(found.times > 50.8) & (found.times < 60.0)].max() < limits.BREATH_SURE
    assert found.confidence[-1] >= limits.BREATH_SURE
    assert found.rate[-1] == pytest.approx(12.0, abs=1.5)


def test_odd_poses_are_none() -> None:
    belly = BellyBreath()
    for k in range(300):
        odd = Pose((float("nan"), 0.0, 0.0)) if k % 2 else Pose((0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 0.0))
        assert belly.update(k / HZ, odd) == NOTHING
    assert not belly.resting
