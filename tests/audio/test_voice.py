"""What is heard of a voice: against sounds whose pitch is known, and sounds that have none."""

from __future__ import annotations

import tracemalloc
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal

from audio.block import BLOCK, RATE
from audio.packs import Recording
from audio.placeholder import ESPEAK, FLITE, Audience, Voice, rehearse
from audio.voice import HIGHEST_HZ, LOWEST_HZ, Heard, VoiceMeter
from tests.audio.sounds import tone
from vr_app.script import load_script

PITCH, LOUDNESS, CONFIDENCE = range(3)
SETTLED = 20  # blocks
LATE = round(0.025 * RATE)  # frames between the moment a pitch belongs to and its block's end
SUNG = {k: k**-1.5 for k in range(1, 9)}

Sound = NDArray[np.float64]


def heard(sound: NDArray[Any]) -> Sound:
    """[block, (pitch, loudness, confidence)]."""
    meter = VoiceMeter()
    blocks = sound[: len(sound) // BLOCK * BLOCK].astype(np.float32).reshape(-1, BLOCK, 1)
    found = np.empty((len(blocks), 3))
    for i, block in enumerate(blocks):
        meter.take(block)
        found[i] = meter.heard
    return found


def harmonics(hertz: float | Sound, amplitudes: dict[int, float], seconds: float = 1.0, seed: int = 0) -> Sound:
    """-20 dBFS, of any phase."""
    count = round(seconds * RATE)
    phase = 2.0 * np.pi * np.cumsum(np.broadcast_to(hertz, count)) / RATE
    turns = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, 32)
    sound = np.sum([a * np.sin(k * phase + turns[k]) for k, a in amplitudes.items()], axis=0)
    return np.asarray(0.1 * sound / np.sqrt((sound**2).mean()))


def noise(seconds: float, seed: int = 0, root: float = 0.1) -> Sound:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE)) * root


def cents(found: Sound, hertz: float | Sound) -> Sound:
    """How far off, once settled, where there is a voice; the true pitch is that of 25 ms before each block's end."""
    ends = np.arange(1, len(found) + 1) * BLOCK - LATE
    true = np.broadcast_to(hertz, ends[-1] + 1 if np.isscalar(hertz) else np.shape(hertz))[np.clip(ends, 0, None)]
    sure = found[:, CONFIDENCE] >= 0.5
    sure[:SETTLED] = False
    return np.asarray(1200.0 * np.abs(np.log2(found[sure, PITCH] / true[sure])))


# Pitch


@pytest.mark.parametrize("hertz", [60.0, 61.0, 82.4, 110.0, 220.0, 330.0, 440.0, 500.0])
def test_a_sine_is_heard_within_two_cents(hertz: float) -> None:
    found = heard(tone(1.0, hertz, 0.2)[:, 0])
    assert found[SETTLED:, CONFIDENCE].min() > 0.98
    assert cents(found, hertz).max() < 2.0


@given(
    hertz=st.floats(LOWEST_HZ, HIGHEST_HZ),
    amplitudes=st.lists(st.floats(0.0, 1.0), min_size=4, max_size=7),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_any_voice_with_a_fundamental_is_heard_at_its_own_octave(
    hertz: float, amplitudes: list[float], seed: int
) -> None:
    found = heard(harmonics(hertz, {1: 1.0, **dict(enumerate(amplitudes, 2))}, 0.4, seed))
    assert found[SETTLED:, CONFIDENCE].min() > 0.8
    assert cents(found, hertz).max() < 5.0


@pytest.mark.parametrize("hertz", [62.0, 75.0, 100.0, 150.0, 240.0, 350.0, 480.0])
@pytest.mark.parametrize("parts", [(2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 6, 7)])
def test_a_fundamental_that_is_missing_is_heard_as_ears_hear_it(hertz: float, parts: tuple[int, ...]) -> None:
    found = heard(harmonics(hertz, dict.fromkeys(parts, 1.0)))
    assert found[SETTLED:, CONFIDENCE].min() > 0.9
    assert cents(found, hertz).max() < 3.0


@pytest.mark.parametrize("hertz", [80.0, 150.0, 220.0, 440.0])
def test_a_strong_second_harmonic_is_no_octave(hertz: float) -> None:
    found = heard(harmonics(hertz, {1: 0.3, 2: 1.0, 3: 0.3}))
    assert cents(found, hertz).max() < 3.0


@pytest.mark.parametrize("hertz", [90.0, 180.0, 350.0])
@pytest.mark.parametrize("depth", [30.0, 100.0])
def test_vibrato_is_followed(hertz: float, depth: float) -> None:
    moving = hertz * 2.0 ** (depth / 1200.0 * np.sin(2.0 * np.pi * 5.5 * np.arange(2 * RATE) / RATE))
    found = heard(harmonics(moving, SUNG, 2.0))[SETTLED:]
    assert found[:, CONFIDENCE].min() > 0.9
    swing = 1200.0 * np.log2(found[:, PITCH].max() / found[:, PITCH].min())
    assert 1.7 * depth < swing < 2.05 * depth  # 40 ms of 180 flatten it a little


def test_a_glide_over_two_octaves_has_no_leap() -> None:
    moving = 80.0 * 4.0 ** (np.arange(4 * RATE) / (4 * RATE))
    found = heard(harmonics(moving, SUNG, 4.0))
    assert found[SETTLED:, CONFIDENCE].min() > 0.9
    assert np.abs(1200.0 * np.diff(np.log2(found[SETTLED:, PITCH]))).max() < 15.0
    assert cents(found, moving).max() < 10.0


@pytest.mark.parametrize("hertz", [30.0, 50.0, 55.0, 515.0, 600.0, 700.0, 900.0, 1400.0])
def test_what_is_out_of_range_is_no_pitch_rather_than_another_octave(hertz: float) -> None:
    assert heard(tone(1.0, hertz, 0.2)[:, 0])[SETTLED:, CONFIDENCE].max() == 0.0


@pytest.mark.parametrize("db", [-46.0, -34.0, -6.0, 6.0])
def test_soft_and_loud_have_the_same_pitch(db: float) -> None:
    found = heard(harmonics(150.0, SUNG) * 10.0 ** ((db + 20.0) / 20.0))
    assert cents(found, 150.0).max() < 2.0
    assert found[SETTLED:, CONFIDENCE].min() > 0.98


# Confidence


@pytest.mark.parametrize("hertz", [80.0, 150.0, 300.0])
def test_confidence_falls_with_the_noise(hertz: float) -> None:
    confidence = [
        np.median(heard(harmonics(hertz, SUNG) + noise(1.0, root=0.1 * 10.0 ** (-over / 20.0)))[SETTLED:, CONFIDENCE])
        for over in (30.0, 10.0, 0.0, -12.0)
    ]
    assert sorted(confidence, reverse=True) == confidence
    assert confidence[0] > 0.95
    assert confidence[-1] < 0.2


@pytest.mark.parametrize("hertz", [80.0, 150.0, 300.0])
def test_in_noise_ten_decibels_below_it_is_right_within_a_quarter_of_a_semitone(hertz: float) -> None:
    found = heard(harmonics(hertz, SUNG, 2.0) + noise(2.0, root=0.0316))
    assert found[SETTLED:, CONFIDENCE].min() > 0.5
    assert cents(found, hertz).max() < 25.0


@pytest.mark.parametrize("kind", ["white", "brown", "band", "clicks"])
@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_voice(kind: str, seed: int) -> None:
    sound = noise(10.0, seed)
    if kind == "brown":
        sound = signal.lfilter([0.05], [1.0, -0.995], sound)
    elif kind == "band":  # a breath through the nose
        sound = signal.sosfilt(signal.butter(2, (300.0, 1_500.0), "bandpass", fs=RATE, output="sos"), sound)
    elif kind == "clicks":
        sound = np.where(np.abs(sound) > 0.37, sound, 0.0)
    assert (heard(sound)[:, CONFIDENCE] >= 0.5).mean() < 0.01


def test_silence_is_nothing() -> None:
    found = heard(np.zeros(RATE))
    assert found[:, PITCH].max() == found[:, CONFIDENCE].max() == 0.0
    assert found[:, LOUDNESS].max() == pytest.approx(-200.0)


def test_a_hum_below_the_noise_of_a_room_is_no_voice() -> None:
    assert heard(tone(1.0, 100.0, 0.001)[:, 0])[:, CONFIDENCE].max() == 0.0


@pytest.mark.parametrize("hertz", [80.0, 150.0, 300.0])
@pytest.mark.parametrize(("below", "peak"), [(0.0, 0.5), (8.0, 0.3), (15.0, 0.2), (25.0, 0.05), (50.0, 0.005)])
def test_what_is_below_a_voice_hides_it_not(hertz: float, below: float, peak: float) -> None:
    """A hum of -30 dBFS over an offset, steps, a hand on the cable, the mains."""
    rumble = peak * np.cos(2.0 * np.pi * below * np.arange(2 * RATE) / RATE)
    found = heard(0.316 * harmonics(hertz, SUNG, 2.0) + rumble)
    assert found[2 * SETTLED :, CONFIDENCE].min() > 0.7
    assert cents(found, hertz)[SETTLED:].max() < 25.0


# A person


@cache
def _hummed(hertz: float, seed: int) -> Sound:
    """A glottis that wavers by a percent, through closed lips' one resonance, with breath, in a room's hiss."""
    random, count = np.random.default_rng(seed), 3 * RATE
    drift = signal.lfilter([0.002], [1.0, -0.998], random.standard_normal(count))
    moving = hertz * (1.0 + 0.01 * drift / np.abs(drift).max())
    phase = np.cumsum(moving) / RATE % 1.0
    pulses = np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2, 0.0)
    breath = 0.05 * random.standard_normal(count) * pulses
    lips = signal.butter(1, (180.0, 400.0), "bandpass", fs=RATE, output="sos")
    sound = signal.sosfilt(lips, pulses - pulses.mean() + breath)
    sound *= 0.03 / np.sqrt((sound**2).mean())
    return np.stack([sound + 0.0005 * random.standard_normal(count), moving])


@pytest.mark.parametrize("hertz", [75.0, 98.0, 131.0, 196.0, 262.0, 392.0])
@pytest.mark.parametrize("seed", range(2))
def test_a_hum_is_followed_with_confidence(hertz: float, seed: int) -> None:
    sound, moving = _hummed(hertz, seed)
    found = heard(sound)
    assert (found[SETTLED:, CONFIDENCE] > 0.8).mean() > 0.99
    assert cents(found, moving).max() < 20.0


def played(line: Recording) -> Sound:
    out = np.zeros((-(-line.frames // BLOCK), BLOCK, 2), np.float32)
    for i, block in enumerate(out):
        line.fill(block, i * BLOCK)
    return out.reshape(-1, 2)[:, 0].astype(float)


@pytest.mark.parametrize(
    ("voice", "low", "high"), [(ESPEAK, 70.0, 135.0), (FLITE, 140.0, 215.0)], ids=["espeak", "flite"]
)
def test_speech_is_voiced_where_it_is_and_never_leaps_an_octave(voice: Voice, low: float, high: float) -> None:
    if not voice.there:
        pytest.skip(f"unproven without {voice.program}: {voice.remedy}")
    spoken = rehearse(load_script("room", names={"name": "Ada"}), voice, audience=Audience.TEST)
    found = np.concatenate([heard(played(line)) for line in spoken.values()])
    sure = found[:, CONFIDENCE] >= 0.5
    loud = found[:, LOUDNESS] > -35.0
    assert 0.4 < sure[loud].mean() < 0.95
    assert ((found[sure, PITCH] > low) & (found[sure, PITCH] < high)).mean() > 0.99
    steps = np.abs(np.diff(np.log2(np.maximum(found[:, PITCH], 1.0))))[sure[1:] & sure[:-1]]
    assert (steps > 0.4).mean() < 0.005


# Loudness, time, care


@pytest.mark.parametrize("peak", [1.0, 0.1, 0.01])
def test_loudness_is_that_of_the_standard_for_one_channel(peak: float) -> None:
    """BS.1770-4: a sine of 997 Hz at full scale in one channel reads -3.01 LKFS."""
    found = heard(tone(1.0, 997.0, peak)[:, 0])[SETTLED:, LOUDNESS]
    assert np.abs(found - (-3.01 + 20.0 * np.log10(peak))).max() < 0.1


def test_a_step_of_pitch_is_followed_within_sixty_milliseconds() -> None:
    for low, high in ((100.0, 150.0), (150.0, 100.0), (80.0, 320.0), (440.0, 110.0)):
        moving = np.where(np.arange(RATE) < RATE // 2, low, high)
        found = heard(harmonics(moving, SUNG))
        right = np.abs(np.log2(np.maximum(found[:, PITCH], 1.0) / high)) < 0.03
        wrong = np.flatnonzero(~right)[-1] + 1  # blocks
        assert wrong * BLOCK / RATE - 0.5 < 0.060


def test_two_channels_are_one_microphone() -> None:
    sound = harmonics(150.0, SUNG)[: 60 * BLOCK].astype(np.float32)
    meter = VoiceMeter()
    for first in range(0, len(sound), BLOCK):
        meter.take(np.ascontiguousarray(np.repeat(sound[first : first + BLOCK, None], 2, axis=1)))
    assert meter.heard == Heard(*heard(sound)[-1])


@given(st.lists(st.sampled_from([0.0, 1e-30, 1.0, -1e30, np.nan, np.inf, -np.inf, 0.3]), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_whatever_comes_in_the_numbers_are_numbers_and_the_next_voice_is_heard(nasty: list[float]) -> None:
    meter = VoiceMeter()
    block = np.resize(np.array(nasty, np.float32), (BLOCK, 1))
    for _ in range(5):
        meter.take(block)
        pitch, loudness, confidence = meter.heard
        assert pitch == 0.0 or LOWEST_HZ <= pitch <= HIGHEST_HZ
        assert -200.001 < loudness < 40.0
        assert 0.0 <= confidence <= 1.0
    for block in harmonics(200.0, SUNG)[: 100 * BLOCK].astype(np.float32).reshape(-1, BLOCK, 1):
        meter.take(block)
    assert meter.heard.confidence > 0.98
    assert abs(meter.heard.pitch - 200.0) < 0.2


def test_a_block_makes_no_garbage() -> None:
    meter, block = VoiceMeter(), noise(1.0)[:BLOCK, None].astype(np.float32)
    for _ in range(10):
        meter.take(block)
    tracemalloc.start()
    try:
        for _ in range(1000):
            meter.take(block)
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 500
    assert most < 4000
