"""The graph's commands: starting, shaping, stopping, holding; and what it never does."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest

from audio.block import BLOCK, RATE, Samples, frames, silence
from audio.duck import Bus
from audio.graph import VOICES, Graph, warm
from audio.offline import At, render
from tests.audio.sounds import Clip, momentary, noise, speech, steepest_rise, strike, tone
from vr_app import limits


def _level(sound: Samples) -> float:
    """dB of the highest sample."""
    return float(20.0 * np.log10(max(float(np.abs(sound).max()), 1e-10)))


def _everything(graph: Graph) -> None:
    graph.enter("hall")
    graph.play(1, Clip(noise(20.0)), Bus.BED)
    graph.play(2, Clip(noise(20.0, seed=2)), Bus.SPATIAL)
    graph.play(3, Clip(speech(20.0)), Bus.VOICE)
    graph.play(4, Clip(strike(20.0, 300.0, 1.0, 8.0)), Bus.USER)
    graph.play(5, Clip(tone(20.0, 600.0, 0.2)), Bus.INTERFACE)


def test_a_stop_is_silent_in_time() -> None:
    out = render([At(0.0, _everything), At(6.0, lambda graph: graph.stop_all())], 7.0)
    first, until = frames(6.0), frames(6.0 + limits.SILENCE_SECONDS)
    before = _level(out[first - RATE // 5 : first])
    assert _level(out[until:]) <= min(before, 0.0) + limits.SILENCE_DB
    answered = frames(6.0 + limits.STOP_NOW_ANSWER_SECONDS)
    assert _level(out[answered:]) <= before - 20.0
    assert _level(out[frames(6.5) :]) < -180.0, "nothing lingers"


def test_what_is_asked_for_after_a_stop_sounds() -> None:
    graph = Graph()
    timeline = [
        At(0.0, _everything),
        At(6.0, lambda graph: graph.stop_all()),
        At(6.1, lambda graph: graph.play(9, Clip(noise(6.0)), Bus.BED)),
    ]
    out = render(timeline, 12.0, graph)
    assert _level(out[frames(6.31) : frames(6.5)]) < -50.0
    assert momentary(out)[-1] == pytest.approx(limits.BED_LUFS, abs=limits.BED_TOLERANCE_LU)
    assert steepest_rise(momentary(out)[frames(6.7) // BLOCK :]) <= limits.ONSET_DB_PER_SECOND + 0.5


def test_held_voices_wait_and_go_on_softly() -> None:
    graph = Graph()
    timeline = [
        At(0.0, lambda graph: graph.play(1, Clip(noise(20.0)), Bus.BED)),
        At(6.0, lambda graph: graph.hold(held=True)),
        At(12.0, lambda graph: graph.hold(held=False)),
    ]
    place: list[int | None] = []
    timeline += [At(when, lambda graph: place.append(graph.place(1))) for when in (9.2, 11.9, 12.1)]
    out = render(timeline, 18.0, graph)
    levels = momentary(out)
    assert levels[frames(7.4) // BLOCK] > -60.0, "a fade of 3 s, no cut"
    assert _level(out[frames(9.1) : frames(12.0)]) < -80.0
    assert place[0] == place[1] and place[2] != place[1]
    assert steepest_rise(levels[frames(12.0) // BLOCK :]) <= limits.ONSET_DB_PER_SECOND + 0.5
    assert levels[-1] == pytest.approx(limits.BED_LUFS, abs=1.0)


def test_a_hold_that_is_taken_back_in_the_middle_turns_round() -> None:
    timeline = [
        At(0.0, lambda graph: graph.play(1, Clip(noise(20.0)), Bus.BED)),
        At(6.0, lambda graph: graph.hold(held=True)),
        At(7.0, lambda graph: graph.hold(held=False)),
    ]
    levels = momentary(render(timeline, 12.0))
    assert levels[-1] == pytest.approx(limits.BED_LUFS, abs=1.0)
    assert steepest_rise(levels) <= limits.ONSET_DB_PER_SECOND + 0.5


def test_a_voice_starts_when_it_is_due() -> None:
    out = render([At(0.0, lambda graph: graph.play(1, Clip(tone(1.0, 1000.0, 0.1)), Bus.USER, delay=RATE))], 2.0)
    begins = int(np.argmax(np.abs(out[:, 0]) > 1e-5))
    assert RATE - BLOCK <= begins <= RATE + BLOCK + frames(0.010)


def test_gains_ramp_and_voices_end() -> None:
    graph = Graph()
    timeline = [
        At(0.0, lambda graph: graph.play(1, Clip(tone(9.0, 200.0, 0.02)), Bus.USER, fade=RATE)),
        At(3.0, lambda graph: graph.shape(1, gain_db=-12.0, over=RATE)),
        At(6.0, lambda graph: graph.stop(1, fade=RATE)),
    ]
    out = render(timeline, 8.0, graph)
    assert _level(out[frames(5.0) : frames(5.5)]) == pytest.approx(
        _level(out[frames(2.0) : frames(2.5)]) - 12.0, abs=0.2
    )
    assert _level(out[frames(7.1) :]) < -80.0
    assert np.abs(np.diff(out[:, 0])).max() < 1.2 * 0.02 * 2.0 * np.pi * 200.0 / RATE, "no step anywhere"
    assert graph.sounding == 0


def test_the_level_of_all_goes_softly_where_it_is_asked_to() -> None:
    graph = Graph()
    timeline = [
        At(0.0, lambda graph: graph.play(1, Clip(noise(30.0)), Bus.BED)),
        At(6.0, lambda graph: graph.level(-12.0, over=RATE)),
        At(12.0, lambda graph: graph.level(0.0, over=0)),
    ]
    levels = momentary(render(timeline, 18.0, graph))
    usual = levels[frames(5.9) // BLOCK]
    assert levels[frames(11.9) // BLOCK] == pytest.approx(usual - 12.0, abs=0.5)
    assert levels[frames(6.5) // BLOCK] > usual - 8.0, "a ramp, no step"
    assert levels[-1] == pytest.approx(usual, abs=0.5)


def test_a_step_of_the_level_does_not_click_and_does_not_undo_a_stop() -> None:
    timeline = [
        At(0.0, lambda graph: graph.play(1, Clip(tone(9.0, 200.0, 0.02)), Bus.USER)),
        At(2.0, lambda graph: graph.level(-24.0, over=0)),
        At(4.0, lambda graph: graph.stop_all()),
        At(4.1, lambda graph: graph.level(0.0, over=0)),
    ]
    out = render(timeline, 6.0)
    assert np.abs(np.diff(out[:, 0])).max() < 1.5 * 0.02 * 2.0 * np.pi * 200.0 / RATE
    assert _level(out[frames(4.5) :]) < -100.0


def test_a_usual_level_leaves_every_sample_as_it_is() -> None:
    timeline = [At(0.0, _everything)]
    assert render([*timeline, At(1.0, lambda graph: graph.level(0.0, over=RATE))], 3.0).tobytes() == (
        render(timeline, 3.0).tobytes()
    )


@pytest.mark.parametrize("db", [0.1, -24.1, float("nan")])
def test_a_level_that_is_none_is_refused(db: float) -> None:
    with pytest.raises(ValueError, match="the level of all lies in"):
        Graph().level(db, over=0)


def test_the_silent_snapshot_lets_nothing_through_whatever_begins() -> None:
    timeline = [
        At(0.0, lambda graph: graph.play(1, Clip(noise(30.0)), Bus.BED)),
        At(6.0, lambda graph: graph.stop_all()),
        At(6.0, lambda graph: graph.blend({"silent": 1.0}, over=frames(0.2))),
        At(6.4, _all_but_the_first),  # no place changes sooner
        At(14.0, lambda graph: graph.blend({"calm": 1.0}, over=RATE)),
    ]
    out = render(timeline, 24.0)
    heard = frames(6.0 + limits.SILENCE_SECONDS)
    assert _level(out[heard : frames(14.0)]) < -60.0
    assert _level(out[frames(8.0) : frames(14.0)]) < -180.0
    assert _level(out[frames(23.0) :]) > -30.0
    assert steepest_rise(momentary(out)[frames(14.0) // BLOCK :]) <= limits.ONSET_DB_PER_SECOND + 0.5


def _all_but_the_first(graph: Graph) -> None:
    for number, bus in enumerate((Bus.BED, Bus.SPATIAL, Bus.VOICE, Bus.USER, Bus.INTERFACE), start=11):
        lasts = bus not in (Bus.VOICE, Bus.INTERFACE)  # what is said, and a tone, begins anew and does not come back
        graph.play(number, Clip(noise(20.0 if lasts else 7.0, seed=number)), bus)


class _Breaks:
    """A source that raises, or stops in the middle of a wave, after a second."""

    def __init__(self, raises: bool) -> None:
        self.raises = raises
        self.sound = tone(2.0, 100.0, 0.02)

    def fill(self, out: Samples, at: int) -> bool:
        out[:] = self.sound[at : at + BLOCK]
        if at >= RATE and self.raises:
            raise RuntimeError("broken")
        return at < RATE


@pytest.mark.parametrize("raises", [True, False])
def test_a_source_that_breaks_off_does_not_click(raises: bool) -> None:
    graph = Graph()
    out = render([At(0.0, lambda graph: graph.play(1, _Breaks(raises), Bus.USER))], 2.0, graph)
    steepest = 0.02 * 2.0 * np.pi * 100.0 / RATE
    assert np.abs(np.diff(out[:, 0])).max() < 2.0 * steepest
    assert graph.sounding == 0 and graph.levels.faults == int(raises)


def test_commands_that_make_no_sense_are_counted() -> None:
    graph = Graph()
    for voice in range(VOICES + 2):
        graph.play(voice, Clip(silence()), Bus.BED)
    graph.play(0, Clip(silence()), Bus.BED)
    graph.stop(9999, fade=0)
    graph.shape(9999, gain_db=0.0, over=0)
    graph.shape(0, gain_db=float("nan"), over=0)
    assert graph.sounding == VOICES and graph.levels.refused == 6
    with pytest.raises(KeyError):
        graph.enter("cathedral")


def _crowd(graph: Graph) -> None:
    for voice in range(16):
        graph.play(voice, Clip(noise(8.0, -45.0, voice)), Bus(voice % len(Bus)))


def test_the_same_again_bit_for_bit() -> None:
    timeline = [At(0.0, _everything), At(1.0, lambda graph: graph.blend({"guided": 1.0}, over=RATE)),
                At(2.0, lambda graph: graph.stop_all())]  # fmt: skip
    assert render(timeline, 3.0).tobytes() == render(timeline, 3.0).tobytes()


def test_blocks_go_into_memory_of_any_layout() -> None:
    """A ring of a driver may hold channels apart; nothing is compiled for it while sound goes on."""
    expected, apart = Graph(), Graph()
    _everything(expected)
    _everything(apart)
    out, planes = silence(), np.zeros((2, BLOCK), np.float32)
    for _ in range(200):
        expected.block(out)
        apart.block(planes.T)
        assert (out == planes.T).all()


def test_blocks_leave_nothing_behind() -> None:
    warm()
    graph, out = Graph(), silence()
    _crowd(graph)
    for _ in range(50):
        graph.block(out)
    gc.collect()
    tracemalloc.start()
    try:
        graph.block(out)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1000):
            graph.block(out)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2_000  # bytes: numbers of Python that differ in size
    assert peak - before < 8_000
