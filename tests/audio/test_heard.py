"""Which frame is heard when, by a device that tells it unsteadily."""

from __future__ import annotations

import random

import pytest

from audio.block import RATE
from audio.heard import HeardClock
from vr_app.sound.desk import frame_at

MS = RATE / 1000.0


@pytest.mark.parametrize("parts_per_million", [100.0, -100.0])
@pytest.mark.parametrize("jitter_ms", [0.0, 1.0, 5.0])
def test_half_an_hour_of_drift_and_jitter(parts_per_million: float, jitter_ms: float) -> None:
    clock, random_ms = HeardClock(), random.Random(1)
    rate = RATE * (1.0 + parts_per_million * 1e-6)
    worst = 0.0
    for frame in range(0, 1800 * RATE, 4800):
        time = frame / rate * 1e9
        heard = clock.hear(frame, round(time + random_ms.uniform(-jitter_ms, jitter_ms) * 1e6))
        if frame > 30 * RATE:
            worst = max(worst, abs(frame_at(heard, round(time)) - frame) / MS)
    assert worst < 0.05 + 0.3 * jitter_ms
    assert heard.rate / RATE - 1.0 == pytest.approx(parts_per_million * 1e-6, abs=1e-6 + 1e-5 * jitter_ms)


def test_a_device_that_stood_still_is_believed_at_once() -> None:
    clock = HeardClock()
    for frame in range(0, 5 * RATE, 512):
        clock.hear(frame, round(frame / RATE * 1e9))
    heard = clock.hear(5 * RATE, 9_000_000_000)
    assert heard.frame == 5 * RATE and heard.time == 9_000_000_000


def test_another_device_starts_from_what_it_says() -> None:
    clock = HeardClock()
    clock.hear(0, 0)
    clock.hear(4800, 100_050_000)
    clock.reset()
    heard = clock.hear(5000, 100_000_000)
    assert (heard.frame, heard.time, heard.rate) == (5000, 100_000_000, RATE)
