"""What scenes let sound: beds that exist, near the loudness of a bed, led by the tide."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from typing import Any, get_args, get_type_hints

import pytest

from audio import cue_list
from audio.reverb import ROOMS
from scenes.tide_breath import TideBreath, TideSettings
from scenes.valley import sounds
from scenes.valley.daylight import TIMES
from scenes.valley.sounds import GROVE, HEARTH, JETTY, MUSIC, PORCH, SHORE, TERRACE, Sounds
from tests.core.places import NoHands
from tests.scenes.unbuilt import Unbuilt
from vr_app import limits
from vr_app.api import Choice, Frame, Inputs, Stage
from vr_app.remembered import Remembered
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

CUES = cue_list.working()


class Told(Silent):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.played: dict[int, str] = {}
        self.turned: list[tuple[int, str, float]] = []
        self.stopped: list[int] = []
        self.breaths: list[tuple[float, float]] = []
        self.room = ""

    def play(self, cue: str, **how: Any) -> int:
        self.played[len(self.played) + 1] = cue
        return len(self.played)

    def turn(self, voice: int, name: str, value: float, *, over: float = 0.5) -> None:
        self.turned.append((voice, name, value))

    def stop(self, voice: int, *, fade: float = 1.0) -> None:
        self.stopped.append(voice)

    def breathe(self, phase: float, depth: float) -> None:
        self.breaths.append((phase, depth))

    def enter(self, room: str) -> None:
        self.room = room


@pytest.mark.parametrize("beds", [*SHORE.values(), *GROVE.values(), *HEARTH.values(), *PORCH.values()])
def test_beds_together_are_about_as_loud_as_one(beds: Mapping[str, float]) -> None:
    assert beds.keys() <= CUES.keys()
    together = 10.0 * log10(sum(10.0 ** ((CUES[cue].lufs + gain) / 10.0) for cue, gain in beds.items()))
    assert together == pytest.approx(limits.BED_LUFS, abs=limits.BED_TOLERANCE_LU)


def test_every_hour_and_every_music_has_its_beds() -> None:
    assert {tuple(hours) for hours in (SHORE, GROVE, HEARTH, JETTY, PORCH, TERRACE)} == {TIMES}
    assert {f"chords_{name}" for name in MUSIC[1:]} == {cue for cue in CUES if cue.startswith("chords_")}
    _, choice = get_args(get_type_hints(TideSettings, include_extras=True)["music"])
    assert choice == Choice(MUSIC)
    assert TideSettings().music == "none"


@pytest.mark.parametrize(
    "ways", [sounds._OUT_THERE, sounds._BY_THE_HEARTH, sounds._FROM_A_PORCH, sounds._THROUGH_A_WINDOW]
)
def test_what_is_turned_is_there_and_within_its_range(ways: Mapping[str, Mapping[str, float]]) -> None:
    for cue, parameters in ways.items():
        ranges = CUES[cue].make(0).ranges
        for name, value in parameters.items():
            assert ranges[name].low <= value <= ranges[name].high


def test_an_hour_that_changes_changes_what_is_heard() -> None:
    told = Told()
    heard = Sounds(told, "shore")
    for hour, music in (("day_end", "none"), ("day_end", "none"), ("night", "none"), ("night", "valley")):
        heard.outdoors(hour, 0.5, music)
    assert list(told.played.values()) == ["surf", "wind", "birds", "night", "chords_valley"]
    assert told.stopped == [3]
    assert [name for _, name, _ in told.turned].count("force") == 1
    assert told.room in ROOMS


def test_the_sea_is_led_by_what_is_seen() -> None:
    told = Told()
    scene = TideBreath()
    scene.shore = Unbuilt()
    scene.enter(Stage(NoHands(), told, Remembered().of("scene"), Works().of("scene"), print, print))
    for index in range(30 * 20):
        time = index / 30.0
        scene.update(Frame(index, time, time, 1 / 30.0, False, Inputs(), TideSettings()))
    assert len(told.breaths) == 30 * 20
    assert all(0.0 <= phase < 1.0 and 0.0 < depth <= 1.0 for phase, depth in told.breaths)
    assert told.breaths[-1][0] == scene.shore.tide.phase
