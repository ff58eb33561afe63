"""What is looked for in recordings is found where it was planted, and nowhere else."""

from __future__ import annotations

from math import exp
from pathlib import Path

import numpy as np
import pytest

from headless_harness.sound.recorded import (
    Recording,
    Samples,
    clicks,
    holes,
    onset,
    silent_after,
    sounding,
    tone_onset,
)

RATE = 48_000


def _tone(hertz: float = 440.0, seconds: float = 1.0, level: float = 0.25) -> Samples:
    wave = level * np.cos(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)
    return np.column_stack([wave, wave]).astype(np.float32)


def test_holes_are_where_both_channels_are_silent_between_sounds() -> None:
    sound = np.concatenate([np.zeros((500, 2), np.float32), _tone(), np.zeros((500, 2), np.float32)])
    assert holes(sound) == []
    sound[10_000:10_031] = 0.0
    sound[20_000:20_040, 0] = 0.0
    assert holes(sound) == []
    sound[30_000:30_032] = 0.0
    assert holes(sound) == [(30_000, 30_032)]
    assert sounding(sound) == (500, 48_500)
    assert holes(np.zeros((100, 2), np.float32)) == []
    sound[100] = 1e-33  # a graph at rest, before anything sounds
    assert sounding(sound) == (500, 48_500) and holes(sound) == [(30_000, 30_032)]


@pytest.mark.parametrize("hertz", [55.0, 440.0, 3000.0])
def test_a_click_in_a_tone_is_found_and_the_tone_is_none(hertz: float) -> None:
    fade = np.clip(np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 2400, 0, 1)[:, None].astype(np.float32)
    noise = np.random.default_rng(1).normal(0.0, 0.001, (RATE, 2)).astype(np.float32)
    sound = (_tone(hertz) + noise) * fade
    assert clicks(sound) == []
    sound[24_000:, 1] += 0.1
    (found,) = clicks(sound)
    assert abs(found - 24_000) <= 2


def test_a_sound_begins_where_it_rises() -> None:
    sound = np.zeros((RATE, 2), np.float32)
    assert onset(sound) is None
    sound[7_000:, 1] = 0.01
    assert onset(sound) == 7_000
    assert onset(sound, after=8_000) == 8_000


def test_a_tone_among_others_is_found_within_five_milliseconds() -> None:
    sound = _tone(220.0, 2.0)
    sound[40_000:] += _tone(1760.0, 2.0, 0.1)[: len(sound) - 40_000]
    found = tone_onset(sound, 1760.0, RATE)
    assert found is not None
    assert abs(found - 40_000) <= 240


def test_a_sound_dies_where_it_is_sixty_decibels_down() -> None:
    sound = _tone(seconds=1.0)
    assert silent_after(sound, RATE, 24_000) is None
    sound[24_000:] *= np.exp(-np.arange(24_000) / 2400.0)[:, None].astype(np.float32)
    seconds = silent_after(sound, RATE, 24_000)
    assert seconds == pytest.approx(2400.0 / RATE * -np.log(1e-3), abs=0.003)
    assert seconds is not None
    assert exp(-seconds * RATE / 2400.0) <= 1.1e-3


def test_a_frame_has_a_moment_also_after_the_server_stood_still(tmp_path: Path) -> None:
    times = np.array([(0, 100.0), (480, 100.01), (960, 101.02), (1440, 101.03)])
    (tmp_path / "a.times").write_bytes(times.tobytes() + b"half")
    (tmp_path / "a.f32").write_bytes(_tone()[:1920].tobytes() + b"half")
    recording = Recording.read(tmp_path / "a", RATE)
    assert recording.samples.shape == (1920, 2)
    assert recording.moment(720) == pytest.approx(100.015)
    assert recording.moment(1200) == pytest.approx(101.025)
    assert recording.frame(100.5) == 960
    assert recording.frame(102.0) == 1920
    (pause,) = recording.pauses()
    assert pause == pytest.approx((100.02, 101.02))
    with pytest.raises(ValueError, match="when"):
        Recording(recording.samples, RATE, np.zeros((0, 2))).moment(0)
