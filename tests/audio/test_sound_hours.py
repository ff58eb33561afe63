"""The judge of hours, on seconds: it keeps what is good and finds what is not."""

from __future__ import annotations

import numpy as np
import pytest

from audio.block import BLOCK, RATE
from headless_harness.sound_hours import Judge, bed, duck, fuzz, main
from tests.audio.sounds import integrated, momentary, noise, steepest_rise, tone, true_peak_db


def test_it_reads_what_another_meter_reads() -> None:
    sound = np.concatenate([noise(4.0), noise(8.0, -20.0), tone(4.0, 11_000.0, 0.05)])
    sound = sound[: len(sound) // BLOCK * BLOCK]
    judge = Judge()
    for first in range(0, len(sound), 100 * BLOCK):
        judge.take(sound[first : first + 100 * BLOCK])
    found = judge.reading()
    assert found.seconds == pytest.approx(len(sound) / RATE)
    assert found.integrated == pytest.approx(integrated(sound), abs=0.3)  # ends are cut otherwise
    assert judge.momentary() == pytest.approx(momentary(sound), abs=0.2)
    assert found.rise == pytest.approx(steepest_rise(momentary(sound)), rel=0.05)
    assert found.peak == pytest.approx(true_peak_db(sound), abs=0.1)


def test_a_bed_keeps_its_limits_and_makes_room_for_a_voice() -> None:
    assert bed("rain", 0.4)[1]
    assert duck("rain")[1]


def test_a_few_fuzzed_sounds_stay_within_limits() -> None:
    assert fuzz(0, 3) == [""] * 3  # the third are clicks in a train


def test_a_bed_that_is_not_there_is_told() -> None:
    with pytest.raises(SystemExit):
        main(["--cue", "thunder"])
