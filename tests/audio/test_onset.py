"""No sudden sound leaves: measured on what leaves the whole graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.block import BLOCK, RATE, Samples
from audio.duck import Bus
from audio.graph import Graph
from audio.offline import At, render
from audio.reverb import ROOMS
from tests.audio.sounds import (
    Clip,
    at_level,
    envelope,
    governed,
    momentary,
    noise,
    steepest_rise,
    strike,
    tone,
    true_peak_db,
)
from vr_app import limits


def _alone(sound: NDArray[Any], bus: Bus, seconds: float | None = None, gestures: tuple[float, ...] = ()) -> Samples:
    """What the graph makes of one sound from the second 0.5 on."""
    timeline = [At(0.5, lambda graph: graph.play(1, Clip(sound), bus))]
    timeline += [At(when, lambda graph: graph.gesture()) for when in gestures]
    return render(timeline, seconds or 0.5 + len(sound) / RATE)


def _silence(seconds: float) -> Samples:
    return np.zeros((round(seconds * RATE), 2), np.float32)


def _clicks() -> Samples:
    sound = noise(5.0, -50.0).copy()
    sound[:: RATE // 3] = 16.0
    return sound


def _poisoned() -> Samples:
    sound = noise(5.0).copy()
    sound[RATE : 3 * RATE : 97] = np.nan
    sound[4 * RATE :] = np.inf
    return sound


BEDS: dict[str, Callable[[], NDArray[Any]]] = {
    "begins at full level": lambda: noise(6.0),
    "24 dB too loud": lambda: noise(6.0, -32.0 + limits.SURVIVED_GAIN_DB),
    "comes back after a gap": lambda: np.concatenate([noise(4.0), _silence(1.0), noise(4.0)]),
    "bursts": lambda: noise(5.0, -15.0) * (np.arange(5 * RATE) // (RATE // 4) % 2)[:, None],
    "a step of 20 dB": lambda: np.concatenate([noise(5.0, -45.0), noise(4.0, -25.0)]),
    "clicks": _clicks,
    "no numbers": _poisoned,
    "DC that comes and goes": lambda: noise(5.0) + 4.0 * (np.arange(5 * RATE) // RATE % 2)[:, None],
    "a square wave": lambda: 16.0 * np.sign(tone(5.0, 100.0, 1.0)),
}


@pytest.mark.parametrize("case", BEDS)
@pytest.mark.parametrize("bus", [Bus.BED, Bus.SPATIAL])
def test_a_bed_rises_slowly_whatever_it_is(case: str, bus: Bus) -> None:
    out = _alone(BEDS[case](), bus)
    assert np.isfinite(out).all()
    assert steepest_rise(momentary(out)) <= limits.ONSET_DB_PER_SECOND + 0.5  # as many dB/s come from reading in blocks
    assert true_peak_db(out) <= limits.TRUE_PEAK_DBTP


def test_what_has_a_place_comes_under_cover_of_the_bed() -> None:
    """Over a bed it may be there at once, as loud as the bed; both together rise no faster than either."""
    call = np.concatenate([_silence(6.0), strike(1.5, 2500.0, 0.05, 0.4)])
    timeline = [
        At(0.0, lambda g: g.play(1, Clip(noise(8.0)), Bus.BED)),
        At(0.0, lambda g: g.play(2, Clip(call), Bus.SPATIAL)),
    ]
    out = render(timeline, 7.5)
    assert steepest_rise(momentary(out)) <= limits.ONSET_DB_PER_SECOND + 0.5
    bed = render(timeline[:1], 7.5)
    heard = np.sqrt(((out - bed)[round(6.05 * RATE) : round(6.15 * RATE)].astype(float) ** 2).mean())
    assert 20.0 * np.log10(heard) > -40.0


def test_a_good_bed_is_left_alone() -> None:
    _, gains = governed(noise(8.0, limits.BED_LUFS))
    assert gains[5 * RATE // BLOCK :].min() > 0.999


@pytest.mark.parametrize("seed", range(6))
def test_an_organ_whose_tones_beat_is_not_taken_down_to_silence(seed: int) -> None:
    """Its energy comes in pulses 49 times a second, which do not fit 400 ms; each had been taken for a rise."""
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, 4)
    time = np.arange(60 * RATE) / RATE
    wave = sum(np.sin(2.0 * np.pi * h * time + p) for h, p in zip((97.9, 195.8, 244.7, 293.7), phases, strict=True))
    levels = momentary(governed(at_level(np.repeat(np.asarray(wave)[:, None], 2, axis=1), limits.BED_LUFS))[0])
    settled = levels[6 * RATE // BLOCK :]
    assert np.abs(settled - limits.BED_LUFS).max() < 2.0


@pytest.mark.parametrize("hertz", [6.1, 13.7, 26.0, 31.0, 47.0])
def test_a_bed_that_trembles_keeps_its_level(hertz: float) -> None:
    swing = np.sqrt(1.0 + np.cos(2.0 * np.pi * hertz * np.arange(30 * RATE) / RATE))  # down to nothing
    levels = momentary(governed(at_level(noise(30.0) * swing[:, None], limits.BED_LUFS))[0])
    assert np.abs(levels[8 * RATE // BLOCK :] - limits.BED_LUFS).max() < 2.0


_BURSTS = st.lists(
    st.tuples(
        st.integers(0, 3 * RATE),  # from which frame on
        st.integers(1, RATE),  # frames
        st.floats(-60.0, limits.SURVIVED_GAIN_DB),  # dB of full scale
        st.sampled_from([0.0, 25.0, 60.0, 97.9, 1000.0, 9000.0]),  # Hz; 0 is noise
        st.booleans(),  # has a place
    ),
    max_size=24,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_BURSTS, st.floats(-60.0, -20.0), st.sampled_from(sorted(ROOMS)))
@example([(524, 36836, 16.0, 25.0, False), (840, 43964, 16.0, 25.0, False)], -20.0, "hall")
def test_no_burst_lets_loudness_rise_fast(
    bursts: list[tuple[int, int, float, float, bool]], level: float, room: str
) -> None:
    """Over a bed that sounds, on it and beside it; read at every block, over the 100 ms that a meter leaves between."""
    sounds = np.zeros((2, 5 * RATE, 2))
    sounds[0] = noise(5.0) * 10.0 ** ((level - limits.BED_LUFS) / 20.0)
    random = np.random.default_rng(len(bursts))
    for first, count, loud, hertz, placed in bursts:
        wave = tone(count / RATE, hertz, 1.0) if hertz else 0.3 * random.standard_normal((count, 2))
        sounds[int(placed), first : first + count] += wave * 10.0 ** (loud / 20.0)
    timeline = [
        At(0.0, lambda graph: graph.enter(room)),
        At(0.0, lambda graph: graph.play(1, Clip(sounds[0]), Bus.BED)),
        At(0.0, lambda graph: graph.play(2, Clip(sounds[1]), Bus.SPATIAL)),
    ]
    assert steepest_rise(momentary(render(timeline, 5.0))) <= limits.ONSET_DB_PER_SECOND


def test_a_bed_that_is_too_loud_is_brought_down() -> None:
    out = _alone(noise(30.0, limits.BED_LUFS + 12.0), Bus.BED)
    assert momentary(out)[-RATE // BLOCK :].max() < limits.BED_LUFS + limits.BED_TOLERANCE_LU + 1.0


@pytest.mark.parametrize("bus", [Bus.USER, Bus.INTERFACE])
@pytest.mark.parametrize("peak", [0.01, 0.1, 1.0, 15.0])
def test_a_strike_takes_ten_milliseconds_to_be_there(bus: Bus, peak: float) -> None:
    out = np.abs(_alone(tone(0.5, 2000.0, peak), bus)[:, 0]).reshape(-1, 64).max(axis=1)  # steps of 1.3 ms
    full = np.median(out[-100:])
    rise = (np.argmax(out > 0.9 * full) - np.argmax(out > 0.1 * full)) * 64 / RATE
    assert rise >= 0.95 * limits.STRIKE_ATTACK_SECONDS - 64 / RATE  # read in steps


def _train(apart: float, peak: float = 0.01) -> NDArray[np.floating[Any]]:
    """What leaves of 2 s of clicks, so soft that nothing else holds them: in steps of 1.3 ms, 1 is what came."""
    clicks = np.zeros((2 * RATE, 2))
    clicks[:: round(apart * RATE)] = peak
    out = np.abs(_alone(clicks, Bus.USER)).max(axis=1)
    return out[: len(out) // 64 * 64].reshape(-1, 64).max(axis=1) / peak


@pytest.mark.parametrize("apart", [0.033, 0.040, 0.047, 0.060, 0.200])
def test_a_click_that_stands_alone_is_over_before_it_is_there(apart: float) -> None:
    """However many have been before it: between them there is nothing that could go on."""
    assert _train(apart).max() * 0.01 < 1e-3  # 25 dB below a bed


@pytest.mark.parametrize("apart", [0.002, 0.010, 0.020])
def test_clicks_that_are_one_sound_rise_like_one(apart: float) -> None:
    out = _train(apart)
    assert out.max() > 0.9
    assert (np.argmax(out > 0.9) - np.argmax(out > 0.1)) * 64 / RATE >= 0.95 * limits.STRIKE_ATTACK_SECONDS - 64 / RATE


def test_a_voice_is_there_soon_and_its_words_are_left_alone() -> None:
    """Words of 100 ms that begin at once, 350 ms apart: the first one's beginning is shaped, no other one's."""
    word, pause = tone(0.1, 500.0, 0.2), _silence(0.35)
    out = np.abs(_alone(np.concatenate([word, pause] * 4), Bus.VOICE)).max(axis=1)
    begins = [np.argmax(out[round((0.5 + 0.45 * k) * RATE) :] > 0.18) / RATE for k in range(4)]
    assert 0.010 < begins[0] - begins[1] < 0.020
    assert max(begins[1:]) - min(begins[1:]) < 0.001


@pytest.mark.parametrize("milliseconds", [2, 5, 8, 12, 20])
@pytest.mark.parametrize("peak", [0.03, 15.0])
def test_a_sound_that_ends_in_its_attack_has_not_risen_faster(milliseconds: int, peak: float) -> None:
    out = np.abs(_alone(tone(milliseconds / 1000, 2000.0, peak), Bus.USER, 0.7)).max(axis=1)
    steps = out[: len(out) // 64 * 64].reshape(-1, 64).max(axis=1)
    heard = max(0.1 * steps.max(), 1e-3)  # softer than 25 dB below a bed it is not there
    if 0.9 * steps.max() > heard:
        seconds = (np.argmax(steps > 0.9 * steps.max()) - np.argmax(steps > heard)) * 64 / RATE
        share = np.log(0.9 * steps.max() / heard) / np.log(9.0)  # of an attack
        assert seconds >= 0.95 * share * limits.STRIKE_ATTACK_SECONDS - 64 / RATE


@pytest.mark.parametrize("hertz", [150.0, 400.0, 1000.0, 4000.0])
def test_a_strike_is_no_louder_than_the_bed_allows(hertz: float) -> None:
    """Measured as the whole mix, so that bed, strike and the room's answer are all in it."""
    timeline = [
        At(0.0, lambda graph: graph.enter("hall")),
        At(0.0, lambda graph: graph.play(1, Clip(noise(12.0, limits.BED_LUFS)), Bus.BED)),
        At(5.0, lambda graph: graph.play(2, Clip(strike(3.0, hertz, 15.0, 2.0)), Bus.USER)),
        At(5.0, lambda graph: graph.play(3, Clip(strike(3.0, 1.3 * hertz, 15.0, 2.0)), Bus.INTERFACE)),
        At(9.0, lambda graph: graph.gesture()),
        At(9.1, lambda graph: graph.play(4, Clip(strike(2.0, hertz, 15.0, 2.0)), Bus.USER)),
    ]
    levels = momentary(render(timeline, 11.0))
    before = levels[round(4.5 * RATE / BLOCK)]
    over = levels - before
    struck, made = over[: round(9.0 * RATE / BLOCK)], over[round(9.0 * RATE / BLOCK) :]
    assert 3.0 < struck.max() <= limits.STRIKE_OVER_BED_LU
    assert made.max() <= limits.GESTURE_OVER_BED_LU
    assert over[round(9.9 * RATE / BLOCK) :].max() <= limits.STRIKE_OVER_BED_LU


def test_after_a_gesture_its_sound_may_be_louder() -> None:
    def loudest(*gestures: float) -> float:
        return float(momentary(_alone(strike(0.6, 800.0, 2.0, 0.1), Bus.USER, gestures=gestures)).max())

    assert loudest(0.5) > loudest() + 1.0


def _onsets(sound: Samples) -> NDArray[np.intp]:
    """In steps of 10 ms: where the envelope rises by 6 dB within 30 ms to what is no swell, once for each rise.

    A swell is 12 dB below the strongest: what is left of a strike that came too often.
    """
    found = envelope(sound)
    heard = np.maximum(found, found.max() / 4.0)
    rises = heard[3:] > 2.0 * heard[:-3]
    return np.flatnonzero(rises[1:] & ~rises[:-1])


@pytest.mark.parametrize("a_second", [3, 6, 10, 16])
def test_no_more_than_four_strikes_a_second(a_second: int) -> None:
    one = strike(1.0 / a_second, 1500.0, 0.03, 0.02)
    out = _alone(np.concatenate([one] * (4 * a_second)), Bus.USER)
    onsets = _onsets(out)
    most = max((np.count_nonzero((onsets >= first) & (onsets < first + 100)) for first in onsets), default=0)
    assert min(a_second, 3) <= most <= limits.STRIKES_PER_SECOND


def test_user_and_interface_are_counted_together() -> None:
    graph = Graph()
    hits = np.concatenate([strike(0.2, 900.0, 0.03, 0.02)] * 10)
    timeline = [
        At(0.0, lambda g: g.play(1, Clip(hits), Bus.USER)),
        At(0.1, lambda g: g.play(2, Clip(hits), Bus.INTERFACE)),
    ]
    render(timeline, 2.0, graph)
    assert graph.levels.strikes <= 2 * limits.STRIKES_PER_SECOND


def _fuzzed(random: np.random.Generator) -> NDArray[Any]:
    """A quarter of a second of something nobody would write."""
    count = RATE // 4
    sound = random.standard_normal((count, 2)) * 10.0 ** random.uniform(-4.0, 1.2)
    kind = random.integers(0, 8)
    where = random.integers(0, count, 40)
    if kind == 0:
        sound[where] = np.nan
    elif kind == 1:
        sound[where] = random.choice([np.inf, -np.inf, 1e38])
    elif kind == 2:
        sound = np.full((count, 2), random.uniform(-16.0, 16.0))
    elif kind == 3:
        sound = np.zeros((count, 2))
        sound[where] = 16.0
    elif kind == 4:
        sound *= (np.arange(count) // random.integers(1, 6000) % 2)[:, None]
    elif kind == 5:
        sound = 16.0 * np.sign(tone(0.25, float(random.uniform(20.0, 20_000.0)), 1.0))
    elif kind == 6:
        sound = np.zeros((count, 2))
    return np.asarray(sound, np.float32)


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_fuzzed_sounds_of_the_user_stay_within_limits(seed: int) -> None:
    random = np.random.default_rng(seed)
    sound = np.concatenate([_fuzzed(random) for _ in range(100)])
    graph = Graph()
    timeline = [
        At(0.0, lambda g: g.play(1, Clip(noise(31.0, limits.BED_LUFS)), Bus.BED)),
        At(5.0, lambda g: g.play(2, Clip(sound), Bus.USER)),
    ]
    out = render(timeline, 30.0, graph)
    levels = momentary(out)
    bed = levels[round(4.5 * RATE / BLOCK)]
    assert np.isfinite(out).all() and graph.levels.caught == 0
    assert levels.max() <= min(limits.MOMENTARY_LUFS, bed + limits.STRIKE_OVER_BED_LU + 0.3)  # the bed itself sways
    assert true_peak_db(out) <= limits.TRUE_PEAK_DBTP
