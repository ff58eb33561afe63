"""Rooms decay as they say, do not ring, and never grow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from audio.block import BLOCK, RATE, Samples, silence
from audio.reverb import ROOMS, Reverb, Room


def _answer(room: Room, seconds: float) -> Samples:
    """To an impulse in both channels, in a room that one has been in for a while."""
    reverb, nothing = Reverb(), silence()
    reverb.enter(room)
    for _ in range(700):
        reverb.process(nothing, silence())
    out = silence(round(seconds * RATE / BLOCK))
    impulse = silence()
    impulse[0] = 1.0
    for i, block in enumerate(out):
        reverb.process(nothing if i else impulse, block)
    return out.reshape(-1, 2)


def _decay(sound: Samples, low: float, high: float) -> float:
    """Seconds to -60 dB in a band, from -5 to -35 dB of the backward integral (ISO 3382)."""
    band = signal.sosfiltfilt(signal.butter(4, (low, high), "band", fs=RATE, output="sos"), sound[:, 0].astype(float))
    left = 10.0 * np.log10(np.cumsum(band[::-1] ** 2)[::-1] + 1e-30)
    left -= left[0]
    return float(2.0 * (np.argmax(left < -35.0) - np.argmax(left < -5.0)) / RATE)


@pytest.mark.parametrize("name", ["calm room", "shore", "valley", "hall"])
def test_a_room_decays_as_it_says_and_its_highs_sooner(name: str) -> None:
    room = ROOMS[name]
    answer = _answer(room, 1.2 * room.decay)
    low = _decay(answer, 100.0, 400.0)
    assert low == pytest.approx(room.decay, rel=0.12)
    assert _decay(answer, 6000.0, 12000.0) < 0.85 * low


@pytest.mark.parametrize("name", ["valley", "hall"])
def test_no_frequency_rings_on(name: str) -> None:
    """In the tail no line stands more than 4 dB above the highest that noise of the same decay has."""
    room = ROOMS[name]
    first, count = round(0.3 * room.decay * RATE), 32_768
    tail = _answer(room, 0.3 * room.decay + 0.8)[first : first + count]
    fall = 10.0 ** (-3.0 * np.arange(count) / (RATE * room.decay))

    def highest(sound: Samples) -> float:
        lines = np.abs(np.fft.rfft(sound * np.hanning(count))) ** 2
        around = np.convolve(lines, np.ones(301) / 301.0, "same")
        return float(10.0 * np.log10((lines / around)[200:8000].max()))

    assert (
        max(highest(tail[:, 0]), highest(tail[:, 1]))
        < highest(np.random.default_rng(5).standard_normal(count) * fall) + 4.0
    )


def test_left_and_right_differ() -> None:
    answer = _answer(ROOMS["hall"], 1.0)
    assert abs(np.corrcoef(answer[:, 0], answer[:, 1])[0, 1]) < 0.1


def test_the_longest_room_does_not_grow() -> None:
    reverb, random = Reverb(), np.random.default_rng(2)
    reverb.enter(Room(20.0, 1.0, 0.0))
    heard = []
    for _ in range(4000):
        out = silence()
        reverb.process(random.uniform(-0.1, 0.1, (BLOCK, 2)).astype(np.float32), out)
        heard.append(float((out.astype(float) ** 2).mean()))
    assert np.mean(heard[-500:]) < 4.0 * 0.1**2 / 3.0  # at most 6 dB above what goes in


@pytest.mark.parametrize("room", [Room(0.0, 0.5, -10.0), Room(float("nan"), 0.5, -10.0), Room(2.0, 0.5, 6.0)])
def test_a_room_that_cannot_be_is_refused(room: Room) -> None:
    with pytest.raises(ValueError, match="decay"):
        Reverb().enter(room)
