"""Whatever is asked, of whatever sounds, in whatever order: the limits hold on what leaves."""

from __future__ import annotations

from functools import partial

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.block import BLOCK, RATE, Samples
from audio.duck import SNAPSHOTS, Bus
from audio.graph import Graph
from audio.offline import At, render
from audio.reverb import ROOMS
from tests.audio.sounds import momentary, noise, steepest_rise, true_peak_db
from vr_app import limits


class _Nasty:
    """Endless; of a kind, as loud as it likes."""

    def __init__(self, kind: str, seed: int) -> None:
        self.kind = kind
        self.random = np.random.default_rng(seed)

    def fill(self, out: Samples, at: int) -> bool:
        random = self.random
        out[:] = random.standard_normal(out.shape) * 10.0 ** random.uniform(-3.0, 1.0)
        if self.kind == "poison":
            out[random.integers(0, BLOCK, 3)] = random.choice([np.nan, np.inf, -np.inf])
        elif self.kind == "clicks":
            out[:] = 0.0
            out[random.integers(0, BLOCK)] = 16.0
        elif self.kind == "on and off":
            out *= at // 4096 % 2
        elif self.kind == "ends" and random.random() < 0.05:
            return False
        elif self.kind == "raises" and random.random() < 0.05:
            raise ZeroDivisionError
        return True


class _Bed:
    def __init__(self) -> None:
        self.sound = noise(8.0)

    def fill(self, out: Samples, at: int) -> bool:
        out[:] = self.sound[at : at + BLOCK]
        return at + 2 * BLOCK <= len(self.sound)


SECONDS = 4.0
KINDS = ["poison", "clicks", "on and off", "ends", "raises", "noise"]
_GAINS = st.floats(-60.0, 2.0 * limits.SURVIVED_GAIN_DB)
_STEPS = st.one_of(
    st.tuples(st.just("play"), st.integers(0, 5), st.sampled_from(KINDS), st.sampled_from(Bus), _GAINS),
    st.tuples(st.just("shape"), st.integers(0, 5), _GAINS, st.integers(0, RATE)),
    st.tuples(st.just("stop"), st.integers(0, 5), st.integers(0, RATE)),
    st.tuples(st.just("blend"), st.sampled_from(sorted(SNAPSHOTS)), st.integers(0, RATE)),
    st.tuples(st.just("enter"), st.sampled_from(sorted(ROOMS))),
    st.tuples(st.sampled_from(["stop all", "hold", "go on", "gesture"])),
)
_TIMELINES = st.lists(st.tuples(st.floats(0.0, SECONDS), _STEPS), max_size=14)


def _do(step: tuple[object, ...], graph: Graph) -> None:
    match step:
        case ("play", int(voice), str(kind), Bus() as bus, float(level)):
            graph.play(voice, _Nasty(kind, voice), bus, gain_db=level)
        case ("shape", int(voice), float(level), int(over)):
            graph.shape(voice, gain_db=level, over=over)
        case ("stop", int(voice), int(fade)):
            graph.stop(voice, fade=fade)
        case ("blend", str(name), int(over)):
            graph.blend({name: 1.0}, over=over)
        case ("enter", str(room)):
            graph.enter(room)
        case ("stop all",):
            graph.stop_all()
        case ("hold",) | ("go on",):
            graph.hold(held=step == ("hold",))
        case ("gesture",):
            graph.gesture()


def _timeline(steps: list[tuple[float, tuple[object, ...]]]) -> list[At]:
    return [At(when, partial(_do, step)) for when, step in steps]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TIMELINES)
def test_nothing_too_loud_ever_leaves(steps: list[tuple[float, tuple[object, ...]]]) -> None:
    graph = Graph()
    out = render(_timeline(steps), SECONDS + 0.5, graph)
    assert np.isfinite(out).all()
    assert true_peak_db(out) <= limits.TRUE_PEAK_DBTP
    assert momentary(out).max() <= limits.MOMENTARY_LUFS
    assert graph.levels.caught == 0, "the last guard had nothing to do"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_TIMELINES.map(lambda steps: [step for step in steps if step[1][0] not in {"play", "gesture"}]))
def test_no_command_lets_a_bed_rise_fast(steps: list[tuple[float, tuple[object, ...]]]) -> None:
    """Two beds, one of them with a place, shaped, stopped, held, blended, moved into rooms, and begun again."""

    def begin(graph: Graph) -> None:
        graph.play(0, _Bed(), Bus.BED)
        graph.play(1, _Bed(), Bus.SPATIAL, gain_db=-6.0)

    timeline = [
        At(0.0, begin),
        *_timeline(steps),
        At(SECONDS, lambda graph: graph.hold(held=False)),
        At(SECONDS, begin),
    ]
    levels = momentary(render(timeline, SECONDS + 3.0))
    assert steepest_rise(levels) <= limits.ONSET_DB_PER_SECOND
