"""Brightness, drift and words are held to their limits, whatever level, rate or place they come at."""

from __future__ import annotations

from math import pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headless_harness.clips import HZ, VIEW, grey
from headless_harness.comfort import BrightnessWatch
from headless_harness.drift import DriftWatch
from headless_harness.finding import Finding
from headless_harness.flash import lit
from headless_harness.readable import Drawn, Words, WordsWatch, seen_from, words_of
from headless_harness.sight import Sight
from vr_app import limits
from vr_app.api import Frame, Inputs, Kit, NoSettings, Pass, Pose, Scene, SceneInfo
from vr_app.headset import Fov

TINY = Sight((4, 4), Fov(-0.7, 0.7, 0.7, -0.7))
EYE = (0.0, 1.2, 0.0)


def brightness(mean: list[float], hz: float = HZ) -> list[Finding]:
    watch = BrightnessWatch(TINY, hz)
    for index, value in enumerate(mean):
        watch.see(lit(index / hz, np.full((4, 4, 3), value, np.float32)))
    return watch.findings


@given(st.floats(0.01, 0.14), st.floats(0.0, 0.09), st.sampled_from([30.0, 60.0, 90.0]))
@settings(max_examples=20, deadline=None)
def test_a_ramp_is_judged_by_its_rate_and_not_by_its_level(level: float, rate: float, hz: float) -> None:
    times = [index / hz for index in range(round(hz))]
    assert not brightness([level + rate * time for time in times], hz)
    found = brightness([level + (rate + 0.11) * time for time in times], hz)
    assert [each.kind for each in found] == ["luminance slope"]
    assert found[0].much == pytest.approx(rate + 0.11, rel=0.02)


@given(st.floats(0.2, 3.0), st.floats(0.0, 2 * pi))
@settings(max_examples=30, deadline=None)
def test_a_pulsation_is_judged_by_its_frequency(hz: float, phase: float) -> None:
    """Small enough not to break the slope's limit."""
    size = min(0.09 / (2 * pi * hz), 0.03)
    mean = [0.15 + size * sin(2 * pi * hz * index / HZ + phase) for index in range(round(HZ * 4 / hz))]
    found = brightness(mean)
    if hz > 0.55 and 2 * size > 0.0115:
        assert [each.kind for each in found] == ["pulsation"]
        assert found[0].much == pytest.approx(hz, rel=0.12)
    if hz < 0.5 or 2 * size < 0.0095:
        assert not found


def test_the_whole_fade_to_black_is_one_finding_with_its_end() -> None:
    found = brightness([max(0.3 - 0.09 * index / HZ, 0.0) for index in range(150)])
    assert [each.kind for each in found] == ["black"]
    assert found[0].begin == pytest.approx(0.3 / 0.09, abs=0.1)
    assert found[0].end == pytest.approx(149 / HZ)


@given(st.floats(0.0, 2 * pi), st.floats(1.0, 12.0))
@settings(max_examples=10, deadline=None)
def test_drift_is_measured_in_any_direction(turn: float, degrees_per_second: float) -> None:
    rng = np.random.default_rng(2)
    waves, turns = rng.uniform(0.3, 0.7, 9), rng.uniform(0, 2 * pi, 9)
    x, y = np.meshgrid(np.arange(128.0), np.arange(128.0))
    pixels = np.radians(degrees_per_second) / float(VIEW.x[1] - VIEW.x[0])
    watch = DriftWatch(VIEW, HZ)
    for index in range(40):
        there, down = x - np.cos(turn) * pixels * index / HZ, y - np.sin(turn) * pixels * index / HZ
        value = sum(np.sin(w * (np.cos(t) * there + np.sin(t) * down)) for w, t in zip(waves, turns, strict=True))
        watch.see(lit(index / HZ, grey((0.2 + 0.012 * value).astype(np.float32))))
    middle = watch.speeds()[56:72, 56:72]
    assert float(np.median(middle)) == pytest.approx(degrees_per_second, rel=0.15)
    assert ("drift speed" in {each.kind for each in watch.findings}) == (watch.fastest > limits.DRIFT_DEG_PER_SECOND)


def test_light_that_swells_in_place_is_no_drift() -> None:
    rng = np.random.default_rng(3)
    texture = 0.15 + 0.1 * rng.random((128, 128))
    watch = DriftWatch(VIEW, HZ)
    for index in range(60):
        watch.see(lit(index / HZ, grey((texture * (1.0 + 0.1 * sin(index / 10))).astype(np.float32))))
    assert not watch.findings
    assert watch.widest < 0.02


# --- words


@given(st.floats(1.3, 3.0), st.floats(-1.0, 1.0), st.floats(-0.5, 0.5))
def test_words_are_as_high_as_geometry_says(distance: float, aside: float, above: float) -> None:
    at = Pose.facing((distance * np.sin(aside), EYE[1] + above, -distance * np.cos(aside)), -aside)
    seen = seen_from(EYE, Drawn(Words("A", 0.03), at))
    away = float(np.hypot(distance, above))
    assert seen.distance == pytest.approx(away)
    assert seen.capitals == pytest.approx(float(np.degrees(0.03 * distance / away**2)), rel=0.01)


def test_words_too_small_too_near_and_too_far_are_told_by_their_words() -> None:
    watch = WordsWatch(EYE)
    words = [("tiny", 0.01, 2.0), ("near", 0.03, 1.0), ("far", 0.1, 4.0), ("right", 0.03, 2.0)]
    for time in (0.0, 0.5):
        watch.see(time, [Drawn(Words(name, height), Pose((0.0, 1.2, -away))) for name, height, away in words])
    found = {(each.who, each.kind) for each in watch.findings}
    assert found == {("“tiny”", "text size"), ("“near”", "text distance"), ("“far”", "text distance")}
    assert watch.smallest == pytest.approx(0.286, abs=0.001)


class _Telling(Scene):
    info = SceneInfo("telling", "Telling", "Small words that fade in after a second.", "home")

    def build(self, kit: Kit) -> None:
        self.label = kit.text("Hello", height=0.012)

    def draw(self, frame: Frame, out: Pass) -> None:
        out.text(self.label, Pose((0.0, 1.2, -2.0)), opacity=min(frame.scene_time - 1.0, 1.0))


def test_a_scenes_words_are_read_when_they_can_be_seen() -> None:
    seen = [
        (time, [each.label.words for each in drawn]) for time, drawn in words_of(_Telling, NoSettings(), 3.0, Inputs())
    ]
    assert seen == [(0.0, []), (0.5, []), (1.0, []), (1.5, ["Hello"]), (2.0, ["Hello"]), (2.5, ["Hello"])]
