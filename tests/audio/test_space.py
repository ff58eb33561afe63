"""Places are where KEMAR would hear them, stay there as the head turns, and neither click nor startle."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import pairwise
from math import cos, hypot, nan, radians, sin

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from audio.block import BLOCK, RATE, Samples, frames, silence
from audio.duck import BUSES, Bus
from audio.ears import FRAMES, absorption, kemar
from audio.graph import Graph, warm
from audio.offline import At, render
from audio.space import PLACES, Placed
from headless_harness.hearing import HERTZ, LENGTH, Stage, around, later, louder, measured, response
from tests.audio.sounds import Clip, momentary, noise, steepest_rise, true_peak_db
from vr_app.limits import MOMENTARY_LUFS, ONSET_DB_PER_SECOND, TRUE_PEAK_DBTP

AHEAD = (0.0, 0.0, 0.0, 1.0)


def _turned(degrees: float) -> tuple[float, float, float, float]:
    """To the left."""
    return 0.0, sin(radians(degrees) / 2.0), 0.0, cos(radians(degrees) / 2.0)


def _decibels(part: NDArray[np.floating], whole: NDArray[np.floating]) -> float:
    """Energy against energy."""
    return float(10.0 * np.log10((part.astype(float) ** 2).sum() / (whole.astype(float) ** 2).sum() + 1e-30))


def test_time_differences_are_kemars() -> None:
    """Within 20 us at each of 72 measured azimuths, and between two never outside theirs by more."""
    kemars = {azimuth: later(ears) for azimuth, ears in measured().items()}
    assert max(kemars.values()) > 650.0 and len(kemars) == 72
    ours = np.array([later(response(around(azimuth))) for azimuth in kemars])
    assert np.abs(ours - np.array(list(kemars.values()))).max() < 15.0
    for azimuth in range(0, 360, 5):
        low, high = sorted((kemars[azimuth], kemars[(azimuth + 5) % 360]))
        for part in (1.25, 2.5, 3.75):
            assert low - 15.0 < later(response(around(azimuth + part))) < high + 15.0


def test_between_measured_directions_no_colour_is_lost() -> None:
    """A response half way is as loud as its neighbours in every octave, within 1.5 dB: none is mixed out of phase."""

    def octaves(azimuth: float) -> NDArray[np.float64]:
        power = np.abs(np.fft.rfft(response(around(azimuth)), LENGTH)) ** 2
        bands = [(low <= HERTZ) & (2.0 * low > HERTZ) for low in (700.0, 1400.0, 2800.0, 5600.0)]
        return 10.0 * np.log10([[ear[band].sum() for band in bands] for ear in power])

    measured_ones = [octaves(azimuth) for azimuth in range(0, 365, 5)]
    for i, (one, other) in enumerate(pairwise(measured_ones)):
        assert np.abs(octaves(5.0 * i + 2.5) - 0.5 * (one + other)).max() < 1.5


def test_level_differences_are_kemars() -> None:
    errors = np.array([louder(response(around(a))) - louder(ears) for a, ears in measured().items()])
    assert np.abs(errors).max() < 1.5
    assert np.sqrt((errors**2).mean()) < 0.6


def test_front_back_above_and_below_differ() -> None:
    """In the colours of an ear that hears them at the same time: by 3 dB and more between 1 and 12 kHz."""
    heard = (HERTZ > 1000.0) & (HERTZ < 12_000.0)
    places = [around(0.0), around(180.0), around(0.0, elevation=60.0), around(0.0, elevation=-40.0)]
    spectra = [20.0 * np.log10(np.abs(np.fft.rfft(response(place)[0], LENGTH)[heard])) for place in places]
    for i, one in enumerate(spectra):
        for other in spectra[:i]:
            assert np.sqrt(((one - other) ** 2).mean()) > 3.0


def test_from_all_around_a_place_has_no_colour() -> None:
    """Neither KEMAR's loudspeaker nor ear canal, and no lack of bass: octaves from 40 Hz to 20 kHz within 2.5 dB."""
    places = [around(azimuth, 1.0, height) for azimuth in range(0, 360, 15) for height in (-30.0, -10.0, 10.0, 30.0)]
    power = np.mean([np.abs(np.fft.rfft(response(place), LENGTH)) ** 2 for place in places], axis=(0, 1))
    octaves = [power[(low <= HERTZ) & (2.0 * low > HERTZ)].mean() for low in 40.0 * 2.0 ** np.arange(8.5)]
    assert np.abs(10.0 * np.log10(octaves)).max() < 2.5


def test_the_sides_are_where_the_api_says() -> None:
    """x to the right, -z ahead, turning to the left is positive; a place stays put when the head turns."""
    right = response((2.0, 0.0, 0.0))
    assert later(right) > 600.0 and louder(right)[3] < -10.0
    stage = Stage((2.0, 0.0, 0.0))
    stage.space.listen_from((0.0, 0.0, 0.0), _turned(-90.0), 0.0)  # looks at it
    impulse = np.zeros(2 * BLOCK, np.float32)
    impulse[0] = 1.0
    ahead = np.asarray(stage.play(impulse).T, float)
    assert abs(later(ahead)) < 1.0
    assert np.allclose(ahead, response((0.0, 0.0, -2.0)), atol=1e-6)
    stage.space.listen_from((2.0, 0.0, 3.0), (0.0, 0.0, 0.0, 1.0), 0.0)  # 3 m behind it: ahead again
    stage.play(0.0 * impulse)
    assert np.allclose(stage.play(impulse).T, response((0.0, 0.0, -3.0)), atol=1e-6)


def test_a_still_head_hears_a_plain_convolution() -> None:
    """With its own answer to an impulse. A part of a frame's delay rings on for longer than a block, 84 dB below."""
    sound = np.random.default_rng(5).standard_normal(20 * BLOCK).astype(np.float32)
    place = around(37.0, 2.0, 12.0)
    ours = Stage(place).play(sound)
    for ear, answer in enumerate(response(place)):
        assert _decibels(ours[:, ear] - np.convolve(sound, answer)[: len(sound)], ours[:, ear]) < -80.0


def test_sixteen_sound_as_each_alone() -> None:
    rng = np.random.default_rng(6)
    places = [tuple(rng.uniform(-4.0, 4.0, 3).tolist()) for _ in range(PLACES)]
    sounds = rng.standard_normal((PLACES, 3 * BLOCK)).astype(np.float32)
    crowd = Stage(*places)
    together = np.concatenate([crowd.block(*sounds[:, i : i + BLOCK]) for i in range(0, 3 * BLOCK, BLOCK)])
    alone = sum(Stage(place).play(sound) for place, sound in zip(places, sounds, strict=True))
    assert _decibels(together - alone, together) < -90.0
    again = Stage(*places)
    assert all((again.block(*sounds[:, i : i + BLOCK]) == together[i : i + BLOCK]).all() for i in range(0, 768, BLOCK))
    assert crowd.space.sit(Bus.USER, crowd.placed[0]) is None


_TURN = 180.0 / RATE  # degrees a frame


def _while_turning(sound: Samples) -> tuple[Samples, Samples]:
    """What is heard while the head turns by 180 degrees/s, and the same with filters eight times as often."""
    stage = Stage((0.0, 0.0, -2.0))
    ours = []
    for part in sound.reshape(-1, BLOCK):
        at = stage.at + BLOCK
        stage.space.listen_from((0.0, 0.0, 0.0), _turned(_TURN * at), at)
        ours.append(stage.block(part))
    fine, reach = BLOCK // 8, FRAMES
    padded = np.concatenate([np.zeros(reach), sound])
    reference = np.zeros((len(sound), 2))
    fade = np.arange(1, fine + 1) / fine
    before = response(around(-_TURN * BLOCK, 2.0))  # the first block begins with the filter of its end
    for first in range(0, len(sound), fine):
        after = response(around(-_TURN * max(first + fine, BLOCK), 2.0))
        near = padded[first + 1 : first + reach + fine]
        for ear in range(2):
            old, new = (np.convolve(near, answer[ear], "valid") for answer in (before, after))
            reference[first : first + fine, ear] = old + fade * (new - old)
        before = after
    return np.concatenate(ours), reference.astype(np.float32)


def test_no_click_while_the_head_turns() -> None:
    """At 180 degrees/s: what differs from filters eight times as often is 45 dB below pink noise."""
    ours, reference = _while_turning(noise(0.5)[: 90 * BLOCK, 0])
    assert _decibels(ours - reference, reference) < -45.0


@pytest.mark.parametrize("hertz", [200.0, 1000.0])
def test_a_tone_stays_a_tone_while_the_head_turns(hertz: float) -> None:
    """A click would be steep: nothing 2 kHz above the tone is heard, within 70 dB, in any 5 ms."""
    tone = np.sin(2.0 * np.pi * hertz * np.arange(90 * BLOCK) / RATE).astype(np.float32)
    ours, reference = _while_turning(tone)
    high = signal.butter(8, hertz + 2000.0, "high", fs=RATE, output="sos")
    steep = signal.sosfilt(high, ours, axis=0)[4 * BLOCK :]
    loudest = np.sqrt((steep.reshape(-1, BLOCK, 2) ** 2).mean(axis=1)).max()
    assert 20.0 * np.log10(loudest / np.sqrt((ours**2).mean())) < -70.0
    steps, steps_reference = (np.abs(np.diff(sound[4 * BLOCK :], axis=0)).max() for sound in (ours, reference))
    assert steps < 1.01 * steps_reference


def test_a_head_that_turns_is_known_ahead() -> None:
    """Poses at 90 Hz, 40 ms old when they are heard, give what exact ones would, within a degree."""
    sound = noise(1.0)[: 180 * BLOCK, 0]
    late, exact = Stage((0.0, 0.0, -2.0)), Stage((0.0, 0.0, -2.0))
    out: list[tuple[Samples, Samples]] = []
    seen = -1.0
    for part in sound.reshape(-1, BLOCK):
        heard = late.at + BLOCK
        stamp = np.floor((heard - 0.040 * RATE) / (RATE / 90.0)) * RATE / 90.0
        if stamp != seen:
            late.space.listen_from((0.0, 0.0, 0.0), _turned(_TURN * stamp), stamp)
            seen = stamp
        exact.space.listen_from((0.0, 0.0, 0.0), _turned(_TURN * heard), heard)
        out.append((late.block(part), exact.block(part)))
    ours, wanted = (np.concatenate(side)[90 * BLOCK :] for side in zip(*out, strict=True))
    assert _decibels(ours - wanted, wanted) < -40.0


def test_a_lost_head_is_not_carried_away() -> None:
    """No pose comes any more: the head stays where it would have been 80 ms later."""
    stage, still = Stage((0.0, 0.0, -2.0)), Stage((0.0, 0.0, -2.0))
    for at in range(0, RATE // 2, RATE // 100):
        stage.space.listen_from((0.0, 0.0, 0.0), _turned(_TURN * at), at)
    last = at + 0.080 * RATE
    still.space.listen_from((0.0, 0.0, 0.0), _turned(_TURN * last), last)
    stage.at = still.at = RATE
    sound = noise(0.5)[: 4 * BLOCK, 0]
    assert _decibels(stage.play(sound) - still.play(sound), sound) < -60.0


def test_distance_and_air() -> None:
    """Half as loud at twice the distance, no louder within a metre; far away the treble goes as ISO 9613-1 says."""
    near, one, two, far = (np.abs(np.fft.rfft(response((0.0, 0.0, -m))[0], LENGTH)) for m in (0.3, 1.0, 2.0, 101.0))
    low = HERTZ < 1000.0
    assert np.allclose(near[low], one[low], rtol=0.01)
    assert np.allclose(2.0 * two[low], one[low], rtol=0.01)
    for hertz in (1000.0, 4000.0, 8000.0):
        k = np.argmin(np.abs(HERTZ - hertz))
        lost = 20.0 * np.log10(one[k] / far[k] / 101.0)
        assert lost == pytest.approx(100.0 * absorption(np.array([hertz]))[0], rel=0.05, abs=0.05)
    # ISO 9613-1's own table at 15 C and 70 %: 4.08, 26.6 and 95.0 dB a kilometre, read off between 10 and 20 C.
    assert 1000.0 * absorption(np.array([1000.0, 4000.0, 8000.0])) == pytest.approx([4.1, 26.6, 95.0], rel=0.02)


def test_what_flies_through_the_head_does_not_whip() -> None:
    """A tone at 20 m/s from ear to ear: no step beyond those of the tone itself."""
    stage = Stage((-3.0, 0.0, 0.0))
    tone = np.sin(2.0 * np.pi * 300.0 * np.arange(60 * BLOCK) / RATE).astype(np.float32)
    out = []
    for i, part in enumerate(tone.reshape(-1, BLOCK)):
        stage.placed[0].move((-3.0 + 20.0 * i * BLOCK / RATE, 0.0, 0.0))
        out.append(stage.block(part))
    heard = np.concatenate(out)[2 * BLOCK :]
    steepest = 2.0 * np.pi * 300.0 / RATE * np.abs(heard).max()
    assert np.abs(np.diff(heard, axis=0)).max() < 1.6 * steepest


def test_silence_in_silence_out() -> None:
    stage = Stage(*[around(20.0 * i) for i in range(PLACES)])
    for _ in range(3):
        assert not stage.block(*np.zeros((PLACES, BLOCK), np.float32)).any()


def test_a_seat_is_free_again_and_its_end_is_heard() -> None:
    stage = Stage(around(90.0))
    impulse = np.zeros(BLOCK, np.float32)
    impulse[-1] = 1.0
    stage.block(impulse)
    stage.space.leave(stage.seats[0])
    buses = silence(BUSES)
    stage.space.sound(buses, stage.at)
    assert np.abs(buses[Bus.SPATIAL]).max() > 0.1
    for _ in range(3):
        stage.space.sound(buses, stage.at)
    for _ in range(PLACES):
        assert stage.space.sit(Bus.SPATIAL, stage.placed[0]) is not None


def test_the_graph_gives_seats_back() -> None:
    """After a stop, before a start, and at a source's own end."""
    graph, out = Graph(), silence()
    for voice in range(PLACES):
        length = BLOCK if voice < 4 else 2 * RATE
        placed = Placed(Clip(noise(2.0)[:length]), around(20.0 * voice))
        graph.play(voice, placed, Bus.SPATIAL, delay=RATE if voice > 11 else 0)
    graph.block(out)
    for voice in range(4, PLACES):
        graph.stop(voice, fade=0)
    for _ in range(6):
        graph.block(out)
    assert graph.sounding == 0
    for voice in range(PLACES):
        graph.play(voice, Placed(Clip(noise(2.0)), around(20.0 * voice)), Bus.USER)
    assert graph.sounding == PLACES and graph.levels.refused == 0


@pytest.mark.parametrize("place", [(nan, 0.0, 0.0), (0.0, float("inf"), 0.0), (0.0, 0.0, 1e300), (0.0, 0.0)])
def test_a_place_that_is_none_is_refused_in_words(place: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="three numbers, metres"):
        Placed(Clip(silence(1)[0]), place)
    placed = Placed(Clip(silence(1)[0]), (1.0, 2.0, 3.0))
    placed.move(place)
    assert placed.position.tolist() == [1.0, 2.0, 3.0] and placed.refused == 1


@pytest.mark.parametrize(
    ("position", "orientation", "at"),
    [((nan, 0.0, 0.0), AHEAD, 0.0), ((0.0, 0.0, nan), AHEAD, 0.0), ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), 0.0),
     ((0.0, 0.0, 0.0), (nan, 0.0, 0.0, 1.0), 0.0), ((0.0, 0.0, 0.0), AHEAD, nan)],
)  # fmt: skip
def test_a_pose_that_is_none_is_counted_and_the_last_one_holds(
    position: tuple[float, float, float], orientation: tuple[float, float, float, float], at: float
) -> None:
    stage, other = Stage(around(30.0)), Stage(around(30.0))
    for space in (stage.space, other.space):
        space.listen_from((0.1, 0.2, 0.3), _turned(40.0), 0.0)
    stage.space.listen_from(position, orientation, at)
    sound = noise(0.5)[: 2 * BLOCK, 0]
    assert stage.space.refused == 1
    assert (stage.play(sound) == other.play(sound)).all()


def test_all_of_it_through_the_graph_cannot_startle() -> None:
    """Broken, much too loud, and at the ear: the limits hold as for any sound, and stop_all ends it."""
    broken = 16.0 * noise(4.0, -20.0)
    broken[::1001] = nan
    graph = Graph()

    def begin(graph: Graph) -> None:
        for voice in range(PLACES + 1):
            graph.play(voice, Placed(Clip(broken), (0.05, 0.0, 0.0)), Bus.SPATIAL if voice % 2 else Bus.USER)

    out = render([At(0.5, begin), At(3.0, Graph.stop_all)], 4.0, graph)
    assert graph.levels.refused == 1 and graph.sounding == 0
    assert np.isfinite(out).all() and momentary(out).max() <= MOMENTARY_LUFS
    assert true_peak_db(out) <= TRUE_PEAK_DBTP
    assert np.abs(out[frames(3.4) :]).max() < 1e-8


def test_a_placed_bed_rises_no_faster_than_any() -> None:
    out = render([At(0.2, lambda graph: graph.play(1, Placed(Clip(noise(4.0, -20.0)), (1.0, 0.0, 0.0)), Bus.SPATIAL))],
                 4.0)  # fmt: skip
    assert steepest_rise(momentary(out)) <= ONSET_DB_PER_SECOND
    assert hypot(*out[-1000:].std(axis=0)) > 0.001


def test_blocks_leave_nothing_behind() -> None:
    warm()
    graph, out = Graph(), silence()
    for voice in range(PLACES):
        graph.play(voice, Placed(Clip(noise(8.0, -45.0, voice)), around(22.5 * voice)), Bus.SPATIAL)
    turn = [_turned(float(degrees)) for degrees in range(360)]
    for _ in range(50):
        graph.block(out)
    gc.collect()
    tracemalloc.start()
    try:
        graph.block(out)
        before, _ = tracemalloc.get_traced_memory()
        for i in range(1000):
            graph.listen_from((0.0, 0.0, 0.0), turn[i % 360], graph.now)
            graph.block(out)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2_000  # bytes: numbers of Python that differ in size
    assert peak - before < 8_000


def test_the_mesh_is_whole() -> None:
    """Every triangle is found from any other, and each direction has weights between nought and one."""
    ears = kemar()
    assert ears.corners.shape == (1418, 3) and (ears.mirror[ears.mirror] == np.arange(len(ears.mirror))).all()
    for i, beyond in enumerate(ears.beyond):
        for j in beyond:
            assert i in ears.beyond[j] and len(set(ears.corners[i]) & set(ears.corners[j])) == 2
