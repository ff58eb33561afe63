"""The therapist's microphone in the patient's headphones: two clocks, late callbacks, loops, and never a click."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.block import BLOCK, RATE, Samples, silence
from audio.duck import Bus
from audio.graph import Graph
from audio.talkover import Flow, Talkover
from tests.audio.sounds import momentary, speech, true_peak_db
from vr_app import limits

HERTZ, PEAK = 1_000.0, 0.3
BEND = PEAK * (2.0 * np.pi * HERTZ / RATE) ** 2  # the most that a sine's slope changes from frame to frame
AT_ONCE = 512

Wave = Callable[[int, int], NDArray[np.float64]]  # (first frame, frames)
When = Callable[[float], bool]  # seconds


def sine(first: int, count: int) -> NDArray[np.float64]:
    return PEAK * np.sin(2.0 * np.pi * HERTZ * np.arange(first, first + count) / RATE)


def ramp(first: int, count: int) -> NDArray[np.float64]:
    """Each frame's own number, as a float32 can hold it."""
    return np.arange(first, first + count) / 2.0**24


class Block(NamedTuple):
    """What a block's fill gave, and when (s)."""

    sound: Samples  # [BLOCK]
    time: float
    flow: Flow


def played(
    seconds: float,
    wave: Wave = sine,
    *,
    ppm: float = 0.0,
    callback: int = 480,
    jitter: float = 0.001,
    lost: When = lambda _: False,
    late: When = lambda _: False,
    held: When = lambda _: False,
) -> Iterator[Block]:
    """A microphone whose clock is `ppm` fast, late by a random time of this scale (s), beside an output of 512 frames.

    Its callbacks may be lost, or come all together after they were late; while the graph holds, nobody asks for blocks.
    """
    random = np.random.default_rng(1)
    source, out = Talkover(AT_ONCE), silence()
    rate, recorded, arrives, at = RATE * (1.0 + ppm * 1e-6), 0, 0.0, 0
    for turn in range(round(seconds * RATE) // AT_ONCE):
        now = turn * AT_ONCE / RATE + 0.3 * jitter * abs(random.normal())
        while arrives <= now and not late(now):
            if not lost(arrives):
                source.give(wave(recorded, callback)[:, None].astype(np.float32))
            recorded += callback
            arrives = (recorded + callback) / rate + jitter * abs(random.normal())
        for _ in range(0 if held(now) else AT_ONCE // BLOCK):
            source.fill(out, at)
            at += BLOCK
            yield Block(out[:, 0].copy(), now, source.flow)


def sound(blocks: list[Block]) -> NDArray[np.float64]:
    return np.concatenate([block.sound for block in blocks]).astype(float)


def lowest_peak(wave: NDArray[np.float64]) -> float:
    """Of stretches of two periods."""
    return float(np.abs(wave[: len(wave) // 96 * 96]).reshape(-1, 96).max(axis=1).min())


def roughest(wave: NDArray[np.float64]) -> float:
    """The greatest change of slope, of what a sine has."""
    return float(np.abs(np.diff(wave, 2)).max() / BEND)


# Two clocks


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_two_clocks_run_for_ten_minutes_without_a_gap_or_a_click(ppm: float) -> None:
    blocks = list(played(600.0, ppm=ppm))
    last = blocks[-1].flow
    assert (last.starved, last.skipped, last.dropped) == (0, 0, 0)
    wave = sound(blocks)
    assert roughest(wave[:RATE]) < 1.1  # it fades in
    assert roughest(wave[RATE:]) < 1.02
    assert lowest_peak(wave[RATE:]) > 0.98 * PEAK
    ratios = np.array([block.flow.ratio for block in blocks])
    assert abs(np.median(ratios[len(ratios) // 4 :]) - 1.0 - ppm * 1e-6) < 50e-6
    assert np.abs(ratios[4000:] - 1.0).max() < 0.0015  # after 21 s: 2.6 cents
    waiting = np.array([block.flow.waiting for block in blocks[4000:]])
    assert waiting.max() < 0.040
    halves = [part.mean() for part in np.array_split(waiting, 2)]
    assert abs(halves[0] - halves[1]) < 0.001  # it neither grows nor shrinks


@pytest.mark.parametrize("callback", [64, 128, 256, 441, 480, 512, 1024])
def test_from_microphone_to_graph_it_takes_less_than_its_share(callback: int) -> None:
    """A frame's age when its block is asked for, the time for which a callback gathers it included."""
    ages = [
        block.time - block.sound[0] * 2.0**24 / RATE
        for block in played(60.0, ramp, callback=callback, jitter=0.0005)
        if block.time > 20.0
    ]
    assert max(ages) < (callback + AT_ONCE) / RATE + 0.015
    assert max(ages) < 0.050  # of 120 ms: the rest is the graph's 7 and the output's


@pytest.mark.parametrize("hertz", [100.0, 1_000.0, 4_000.0, 8_000.0, 12_000.0])
def test_a_tone_stays_a_tone(hertz: float) -> None:
    def wave(first: int, count: int) -> NDArray[np.float64]:
        return PEAK * np.sin(2.0 * np.pi * hertz * np.arange(first, first + count) / RATE)

    blocks = [block for block in played(30.0, wave, ppm=100.0, jitter=0.0) if block.time > 25.0]
    heard = sound(blocks)[: 4 * RATE] * np.hanning(4 * RATE)
    spectrum = np.abs(np.fft.rfft(heard))
    peak = int(spectrum.argmax())
    assert abs(peak / 4.0 - hertz) < 0.003 * hertz
    spectrum[int(0.99 * peak) - 24 : int(1.01 * peak) + 24] = 0.0  # a ratio that moves is a pitch that moves
    assert 20.0 * np.log10(spectrum.max() / (PEAK * RATE)) < -60.0


# Late, and too much


def test_a_microphone_that_stops_fades_and_comes_back_softly() -> None:
    blocks = list(played(6.0, lost=lambda time: 3.0 <= time < 3.2))
    wave = sound(blocks)
    assert blocks[-1].flow.starved == 1
    assert roughest(wave[RATE // 10 :]) < 1.3  # faded over 2.7 ms at least
    quiet = np.abs(wave).reshape(-1, BLOCK).max(axis=1) == 0.0
    gap = np.flatnonzero(quiet[100:]) + 100
    assert 0.10 < len(gap) * BLOCK / RATE < 0.25
    assert lowest_peak(wave[5 * RATE :]) > 0.98 * PEAK


def test_a_microphone_that_is_late_again_and_again_gets_a_larger_margin() -> None:
    blocks = list(played(30.0, late=lambda time: time % 1.0 < 0.020))
    assert 1 <= blocks[-1].flow.starved <= 5
    assert blocks[-1].flow.starved == next(block.flow.starved for block in blocks if block.time > 15.0)
    settled = sound([block for block in blocks if block.time > 15.0])
    assert roughest(settled) < 1.02
    assert lowest_peak(settled) > 0.98 * PEAK


def test_a_hold_leaves_nothing_old_to_be_heard() -> None:
    blocks = list(played(8.0, ramp, held=lambda time: 3.0 <= time < 5.0))
    after = [block for block in blocks if block.time >= 5.0]
    assert blocks[-1].flow.skipped == 1
    assert blocks[-1].flow.dropped > 0
    heard = [block for block in after[2:] if block.sound[-1] > 0.0]
    assert heard[0].time - 5.0 < 0.06
    ages = [block.time - block.sound[-1] * 2.0**24 / RATE for block in heard[1:]]
    assert max(ages) < 0.060


def test_a_hold_makes_no_click() -> None:
    blocks = list(played(8.0, held=lambda time: 3.0 <= time < 5.0))
    assert roughest(sound([block for block in blocks if block.time < 3.0])) < 1.2
    assert roughest(sound([block for block in blocks if block.time >= 5.0])) < 1.2


def test_played_again_it_begins_with_what_is_said_now() -> None:
    source, out = Talkover(), silence()
    for turn in range(40):
        source.give(np.full((BLOCK, 1), 0.25, np.float32))
        source.fill(out, turn * BLOCK)
    assert out.max() > 0.2
    for _ in range(8):
        source.give(np.full((BLOCK, 1), 0.25, np.float32))
    source.fill(out, 0)
    assert np.abs(out).max() == 0.0
    for turn in range(1, 20):
        source.give(np.full((BLOCK, 1), 0.5, np.float32))
        source.fill(out, turn * BLOCK)
    assert out.max() == pytest.approx(0.5, rel=0.01)


def test_without_a_microphone_it_is_silent() -> None:
    source, out = Talkover(), np.full((BLOCK, 2), np.nan, np.float32)
    for turn in range(10):
        assert source.fill(out, turn * BLOCK)
        assert np.abs(out).max() == 0.0
    source.give(np.zeros(BLOCK, np.float32))  # no [n, channels]: dropped, and no reason to raise
    assert source.flow.dropped == BLOCK


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 12)), min_size=1, max_size=60), st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_whatever_order_things_happen_in_nothing_raises_and_nothing_leaps(
    steps: list[tuple[int, int]], channels: int
) -> None:
    """A constant goes in: what comes out is that, silence, or half a cosine between them."""
    source, out, at, heard = Talkover(), silence(), 0, [np.zeros(2)]
    for frames, fills in steps:
        source.give(np.full((frames, channels), 0.5, np.float32))
        for _ in range(fills):
            assert source.fill(out, at)
            at += BLOCK
            heard.append(out[:, 0].astype(float))
    wave = np.concatenate(heard)
    assert wave.min() >= -1e-6
    assert wave.max() < 0.501
    assert np.abs(np.diff(wave)).max() < 0.5 * np.pi / 2.0 / 129.0 * 1.1  # the reserve of 2.7 ms, or longer


def test_no_number_spreads_no_farther_than_the_filter() -> None:
    source, graph, out = Talkover(), Graph(), silence()
    graph.play(1, source, Bus.VOICE)
    for turn in range(200):
        block = sine(turn * BLOCK, BLOCK)[:, None].astype(np.float32)
        block[::97] = np.nan if 100 <= turn < 105 else block[::97]
        source.give(block)
        graph.block(out)
        assert np.isfinite(out).all()
    assert np.abs(out).max() > 0.01
    assert graph.levels.faults == 0


# In the graph


def test_a_loop_through_loudspeakers_stays_under_what_is_allowed() -> None:
    """No headphones: what leaves comes back into the microphone 40 ms later, four times as strong."""
    source, graph, out = Talkover(), Graph(), silence()
    graph.play(1, source, Bus.VOICE)
    said, air = speech(3.0)[:, 0], [np.zeros(BLOCK, np.float32)] * 8
    heard = []
    for turn in range(15 * RATE // BLOCK):
        word = said[turn * BLOCK : (turn + 1) * BLOCK]
        back = 4.0 * air.pop(0)
        source.give((back + np.pad(word, (0, BLOCK - len(word))))[:, None].astype(np.float32))
        graph.block(out)
        air.append(out[:, 0].copy())
        heard.append(out.copy())
    whole = np.concatenate(heard)
    levels = momentary(whole)
    assert levels[-5 * RATE // BLOCK :].max() > -25.0  # it does howl
    assert levels.max() <= limits.MOMENTARY_LUFS
    assert true_peak_db(whole) <= limits.TRUE_PEAK_DBTP


def test_a_voice_is_heard_as_it_was_said() -> None:
    said = speech(6.0)
    source, graph, out = Talkover(), Graph(), silence()
    graph.play(1, source, Bus.VOICE)
    heard = []
    for first in range(0, len(said) - BLOCK, BLOCK):
        source.give(said[first : first + BLOCK])
        graph.block(out)
        heard.append(out.copy())
    levels = momentary(np.concatenate(heard))
    assert levels.max() == pytest.approx(momentary(said).max(), abs=2.0)
    assert graph.levels.duck_db > 10.0


def test_neither_side_makes_garbage() -> None:
    source, out, block = Talkover(), silence(), np.zeros((BLOCK, 1), np.float32)

    def turn(count: int) -> None:
        for i in range(count):
            source.give(block)
            source.fill(out, BLOCK + i)

    turn(300)
    tracemalloc.start()
    try:
        turn(1000)
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 1000
    assert most < 4000
