"""Whole visits through real processes, on the scripted headset and on Monado: what is painted is found again as it was,
and what is struck sounds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio import performance
from headless_harness.sound.jack import JackServer
from headless_harness.sound.recorded import Samples
from headless_harness.visit import (
    GARDEN,
    Headset,
    Room,
    on_monado,
    operations,
    paint_and_come_back,
    pieces,
    rise,
    scripted,
    seen,
    strike_and_record,
    tone_of_the_bowl,
    works,
)
from vr_app.exports.garden import is_recording
from vr_app.works.operations import Kind

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: processes are killed")


@pytest.fixture(params=["scripted", pytest.param("monado", marks=pytest.mark.monado)])
def headset(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Headset]:
    with (scripted if request.param == "scripted" else on_monado)(tmp_path) as worn:
        yield worn


def test_what_was_painted_is_found_again_as_it_was_and_kept(headset: Headset, tmp_path: Path) -> None:
    room = Room(tmp_path, headset, "--sound", "none")
    visits = paint_and_come_back(room)
    (painted,) = works(visits.first)
    assert {stroke.brush for stroke in painted.sketch.strokes} == {"ribbon", "ink"}
    told = operations(visits.first)
    assert {Kind.BEGIN, Kind.POINTS, Kind.END, Kind.UNDO, Kind.REDO} <= {*told}
    assert told.index(Kind.UNDO) < told.index(Kind.REDO)
    assert 1 < len(seen(painted)) < len(painted.sketch.strokes)  # something was taken back
    assert not painted.sketch.finished

    assert visits.shown == len(seen(painted))
    assert pieces(visits.second).items() >= pieces(visits.first).items()  # not a byte is another
    kept = works(visits.second)[0]
    assert kept.sketch.finished
    assert seen(kept)[: visits.shown] == seen(painted)
    dot = {Kind.BEGIN, Kind.POINTS, Kind.END}  # a press in the air before the words have come
    assert {Kind.FINISH} <= {*operations(visits.second, visits.first)} <= {Kind.FINISH, Kind.PUT, *dot}


@pytest.mark.sound
def test_a_bowl_that_is_struck_sounds_and_its_recording_is_kept(headset: Headset, tmp_path: Path) -> None:
    with JackServer(tmp_path) as server, server.record(tmp_path / "heard") as recorder:
        heard_too = headset._replace(environment={**headset.environment, **server.env})
        played = strike_and_record(Room(tmp_path, heard_too))
        heard = recorder.read()
    assert bowl_rises(heard.samples[heard.frame(played.since) : heard.frame(played.until)], heard.rate)
    recording = next(read.sketch for read in works(played.memories, GARDEN) if is_recording(read.sketch))
    assert recording.finished and not performance.read(recording.things).remark
    at_home = np.concatenate([block.copy() for block in performance.blocks(performance.read(recording.things))])
    assert bowl_rises(at_home, 48_000)


def bowl_rises(samples: Samples, rate: int) -> bool:
    """As nothing does that is no note of the garden."""
    tone = tone_of_the_bowl()
    return rise(samples, rate, tone) > max(8.0, rise(samples, rate, 1.35 * tone) + 3.0)
