"""Loudness agrees with an independent meter and with the signals of EBU Tech 3341."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.block import RATE, Samples
from audio.loudness import Meter
from tests.audio.sounds import integrated, measured, momentary, noise, speech, tone


def _parts(*parts: tuple[float, float]) -> Samples:
    """(seconds, dBFS) of a stereo sine of 1 kHz, as Tech 3341 has them."""
    return np.concatenate([tone(seconds, 1000.0, 10.0 ** (level / 20.0)) for seconds, level in parts])


# EBU Tech 3341, table 1: cases 1 to 5 ask for integrated loudness within 0.1 LU.
TECH_3341 = {
    "1": (_parts((20.0, -23.0)), -23.0),
    "2": (_parts((20.0, -33.0)), -33.0),
    "3": (_parts((10.0, -36.0), (60.0, -23.0), (10.0, -36.0)), -23.0),
    "4": (_parts((10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)), -23.0),
    "5": (_parts((20.0, -26.0), (20.1, -20.0), (20.0, -26.0)), -23.0),
}


@pytest.mark.parametrize("case", TECH_3341)
def test_the_minimum_requirements_of_the_ebu(case: str) -> None:
    sound, expected = TECH_3341[case]
    assert measured(sound).integrated == pytest.approx(expected, abs=0.1)


def test_short_term_and_momentary_of_a_steady_sine() -> None:
    """Tech 3341, cases 9 and 12 in their steady form: all three scales read the same."""
    meter = measured(_parts((4.0, -23.0)))
    assert meter.momentary == pytest.approx(-23.0, abs=0.1)
    assert meter.short_term == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_pyloudnorm(seed: int) -> None:
    gains = np.random.default_rng(seed).uniform(0.02, 1.5, 12).repeat(RATE)
    for sound in (noise(12.0, -28.0, seed) * gains[:, None], speech(12.0, -21.0, seed)):
        piece = np.asarray(sound, np.float32)
        assert measured(piece).integrated == pytest.approx(integrated(piece), abs=0.1)


def test_momentary_agrees_with_filters_of_scipy() -> None:
    sound = speech(3.0)
    assert measured(sound).momentary == pytest.approx(momentary(sound)[-1], abs=0.1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12))
def test_the_size_of_the_pieces_does_not_matter(sizes: list[int]) -> None:
    sound = noise(1.5, -25.0)
    whole, pieces = Meter(), Meter()
    length = min(sum(sizes), len(sound))
    whole.take(sound[:length])
    first = 0
    for size in sizes:
        pieces.take(sound[first : min(first + size, length)])
        first += size
    assert pieces.momentary == pytest.approx(whole.momentary, abs=1e-9)
    assert pieces.integrated == pytest.approx(whole.integrated, abs=1e-9)


def test_nothing_heard_is_nothing() -> None:
    meter = Meter()
    assert meter.momentary == meter.short_term == meter.integrated == pytest.approx(-200.0)
    meter.take(noise(1.0))
    meter.reset()
    assert meter.integrated == pytest.approx(-200.0)
