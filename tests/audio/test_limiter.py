"""Peaks between samples stay under the limit, whatever comes; momentary loudness too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.block import BLOCK, RATE, Samples
from audio.limiter import CEILING_DBTP, LATENCY, Limiter, LoudnessGovernor
from tests.audio.sounds import integrated, momentary, noise, speech, tone, true_peak_db
from vr_app import limits


def _limited(sound: Samples) -> tuple[Samples, Limiter]:
    limiter, out = Limiter(), sound[: len(sound) // BLOCK * BLOCK].copy()
    for first in range(0, len(out), BLOCK):
        limiter.process(out[first : first + BLOCK])
    return out, limiter


def _governed(sound: Samples, *, guided: bool) -> Samples:
    governor, out = LoudnessGovernor(), sound[: len(sound) // BLOCK * BLOCK].copy()
    for first in range(0, len(out), BLOCK):
        governor.process(out[first : first + BLOCK], guided=guided)
    return out


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-20.0, limits.SURVIVED_GAIN_DB))
def test_true_peak_of_anything(seed: int, level: float) -> None:
    random = np.random.default_rng(seed)
    sound = random.standard_normal((8 * BLOCK, 2)) * random.uniform(0.0, 1.0, (8 * BLOCK, 1)) ** random.integers(0, 12)
    if random.random() < 0.5:  # alternating signs at a quarter of the rate: the worst between samples
        sound = np.sign(sound) * np.abs(sound).max()
    out, _ = _limited((sound * 10.0 ** (level / 20.0)).astype(np.float32))
    assert true_peak_db(out) <= limits.TRUE_PEAK_DBTP


@pytest.mark.parametrize("hertz", [997.0, 6000.0, 11_999.0, 12_000.0, 17_321.0])
def test_true_peak_of_loud_tones(hertz: float) -> None:
    out, limiter = _limited(tone(1.0, hertz, 8.0))
    assert true_peak_db(out) <= limits.TRUE_PEAK_DBTP
    assert limiter.caught == 0, "the clip must never be what holds the limit"


def test_what_is_soft_enough_passes_unchanged_but_late() -> None:
    sound = tone(0.5, 440.0, 0.5)
    out, _ = _limited(sound)
    assert (
        np.abs(out[RATE // 4 :] - sound[RATE // 4 - LATENCY : len(out) - LATENCY]).max() < 0.012
    )  # the DC blocker's phase


def test_a_limited_tone_is_at_the_ceiling() -> None:
    out, _ = _limited(tone(1.0, 441.0, 4.0))
    assert true_peak_db(out[RATE // 2 :]) == pytest.approx(CEILING_DBTP, abs=0.3)


def test_nothing_that_is_no_number_leaves() -> None:
    sound = tone(0.2, 440.0, 0.5)
    sound[3000] = np.nan
    sound[4000] = np.inf
    out, _ = _limited(sound)
    assert np.isfinite(out).all() and np.abs(out).max() <= 10.0 ** (limits.TRUE_PEAK_DBTP / 20.0)


@pytest.mark.parametrize("level", [-12.0, -3.0, 12.0])
def test_momentary_loudness_is_held(level: float) -> None:
    sound = np.concatenate([noise(1.0, -32.0), noise(2.0, level), noise(0.5, -40.0), noise(0.5, level)[: RATE // 5]])
    assert momentary(_governed(sound, guided=False)).max() <= limits.MOMENTARY_LUFS


def test_the_trim_of_a_guided_programme_is_no_stronger_than_the_voice_tolerates() -> None:
    for level in (-26.0, -20.5):
        out = _governed(speech(24.0, level), guided=True)
        moved = integrated(out[-10 * RATE :]) - integrated(speech(24.0, level)[-10 * RATE :])
        assert 0.5 <= abs(moved) <= limits.VOICE_TOLERANCE_LU and (moved > 0.0) == (level < limits.GUIDED_PLAN_LUFS)
