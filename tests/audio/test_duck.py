"""A voice makes the bed step back, and snapshots blend."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from audio.block import BLOCK, RATE, Samples
from audio.duck import DUCK_DB, MOST_REDUCTION_DB, RISE_DB_PER_SECOND, SNAPSHOTS, Bus, Duck
from audio.graph import Graph
from audio.offline import At, render
from tests.audio.sounds import Clip, integrated, momentary, noise, speech
from vr_app import limits


def _say(sound: Samples, graph: Graph) -> None:
    graph.play(100 + graph.now, Clip(sound), Bus.VOICE)


def _at(seconds: float) -> int:
    return round(seconds * RATE / BLOCK)


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "unforeseen"])
def test_the_bed_steps_back_under_a_voice(announced: bool) -> None:
    """The bed is what is left of the mix when the same mix without a bed is taken away."""
    delay = 6 * RATE if announced else 0
    voice = At(0.0 if announced else 6.0, lambda graph: graph.play(2, Clip(speech(5.0)), Bus.VOICE, delay=delay))
    bed = At(0.0, lambda graph: graph.play(1, Clip(noise(18.0)), Bus.BED))
    levels = momentary(render([voice, bed], 18.0) - render([voice], 18.0))
    before = levels[_at(5.0)]
    arrived = 6.5 if announced else 7.5  # of the window of 400 ms behind it
    assert levels[_at(arrived) : _at(11.0)].max() <= before - limits.DUCK_LU
    assert levels[_at(11.0) : _at(18.0)].max() <= before + 0.5
    back = np.argmax(levels[_at(11.0) :] > before - 1.0) * BLOCK / RATE
    assert 2.0 <= back <= 0.6 + 3.0 + 0.4  # held for a breath, 2 to 3 s, and the window
    if announced:
        assert levels[_at(5.2)] > before - 1.0, "not before the voice is near"


def test_how_long_the_duck_takes() -> None:
    duck = Duck()

    def blocks(*, spoken: bool, until: float) -> float:
        count = 0
        while duck.depth != until:
            duck.turn(spoken=spoken)
            count += 1
        return count * BLOCK / RATE

    assert 0.5 <= blocks(spoken=True, until=DUCK_DB) <= 1.0
    assert 2.0 <= blocks(spoken=False, until=0.0) <= 3.0


@pytest.mark.parametrize("name", [name for name in SNAPSHOTS if name != "silent"])
def test_duck_and_snapshot_together_have_a_bottom(name: str) -> None:
    duck = Duck()
    duck.blend({name: 1.0}, over=RATE)
    for _ in range(_at(10.0)):
        duck.turn(spoken=True)
    bed = 20.0 * np.log10(duck.gains[1, Bus.BED])
    alone = SNAPSHOTS[name][Bus.BED]
    assert bed == pytest.approx(min(alone, max(alone - DUCK_DB, -MOST_REDUCTION_DB)), abs=0.01)


def test_a_blend_lies_between() -> None:
    duck = Duck()
    duck.blend({"calm": 3.0, "hear the room": 1.0}, over=RATE)
    for _ in range(_at(5.0)):
        duck.turn(spoken=False)
    assert 20.0 * np.log10(duck.gains[1, Bus.BED]) == pytest.approx(
        0.25 * SNAPSHOTS["hear the room"][Bus.BED], abs=0.01
    )


def test_no_gain_rises_or_steps_fast() -> None:
    duck, last = Duck(), np.zeros(len(Bus))
    duck.blend({"quiet": 1.0}, over=0)
    rises = []
    for count in range(_at(12.0)):
        if count == _at(3.0):
            duck.blend({"calm": 1.0}, over=0)
        duck.turn(spoken=count % 500 < 250)
        assert (duck.gains[0] == last).all() or count == 0, "a block begins where the last one ended"
        last = duck.gains[1].copy()
        heard = 20.0 * np.log10(np.maximum(duck.gains, 1e-4))
        rises.append((heard[1] - heard[0]) * RATE / BLOCK)
    steepest = np.max(rises[1:], axis=0)
    assert steepest[[Bus.BED, Bus.SPATIAL, Bus.USER]].max() <= RISE_DB_PER_SECOND + 0.1
    assert steepest[Bus.VOICE] <= 241.0, "what is said begins by itself, and softly"


def test_a_line_that_begins_again_after_quiet_is_heard_from_its_first_word() -> None:
    duck = Duck()
    duck.blend({"quiet": 1.0}, BLOCK)
    for _ in range(_at(3.0)):
        duck.turn(spoken=False)
    assert duck.gains[1, Bus.VOICE] == 0.0
    duck.blend({"guided": 1.0}, round(0.4 * RATE))
    for _ in range(_at(0.5)):
        duck.turn(spoken=False)
    assert 20.0 * np.log10(duck.gains[1, Bus.VOICE]) > -1.0


@pytest.mark.parametrize("weights", [{}, {"calm": 0.0}, {"calm": -1.0, "speak": 2.0}, {"calm": float("nan")}])
def test_a_blend_of_nothing_is_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Duck().blend(weights, over=0)


def test_an_unknown_snapshot_is_refused() -> None:
    with pytest.raises(KeyError):
        Duck().blend({"loud": 1.0}, over=0)


def test_a_voice_is_at_its_level_and_a_wrong_one_is_brought_near() -> None:
    for level in (limits.VOICE_LUFS, limits.VOICE_LUFS + limits.SURVIVED_GAIN_DB):
        out = render([At(0.0, partial(_say, speech(12.0, level)))], 12.0)
        assert integrated(out[-7 * RATE :]) == pytest.approx(limits.VOICE_LUFS, abs=limits.VOICE_TOLERANCE_LU)
        assert momentary(out).max() <= limits.MOMENTARY_LUFS


def test_a_guided_plan_is_near_its_level() -> None:
    """Phrases of 4 s with pauses of 6 s, in the middle of what `guidance.md` asks, over a bed."""
    timeline = [At(0.0, lambda graph: graph.play(1, Clip(noise(66.0)), Bus.BED))]
    timeline += [At(4.0 + 10.0 * line, partial(_say, speech(4.0, seed=line))) for line in range(6)]
    loud = integrated(render(timeline, 64.0))
    assert loud == pytest.approx(limits.GUIDED_PLAN_LUFS, abs=limits.GUIDED_PLAN_TOLERANCE_LU)
