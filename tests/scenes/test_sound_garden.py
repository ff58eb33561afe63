"""Sound garden: no note is wrong, loops come back, a lost hand strikes nothing."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from scenes.sound_garden import LIGHTS, POINTS, THINGS, SoundGarden, SoundGardenSettings
from scenes.valley.looper import EMPTY, LOOPS, PLAYS, SOFT, Loop, Looper, unpacked
from scenes.valley.scales import SCALES, cents
from scenes.valley.sounds import Sounds
from tests.core.places import NoHands
from vr_app.api import Frame, Hand, Inputs, Pose, Stage
from vr_app.remembered import Remembered
from vr_app.sound.silent import Silent
from vr_app.works.works import Works


@pytest.mark.parametrize("scale", SCALES)
def test_no_two_notes_of_a_scale_are_wrong_together(scale: str) -> None:
    for one, other in product(range(20), repeat=2):
        apart = abs(cents(scale, one) - cents(scale, other)) % 1200
        apart = min(apart, 1200 - apart)
        assert apart <= 2 or apart >= 180, "no semitone"
        assert not 560 < apart < 640, "no tritone"
    assert cents(scale, 0) == 1200, "the drone's own note"


def _struck() -> Looper:
    looper = Looper()
    looper.touch(0)
    for thing in (1, 4):
        looper.hear(thing, 60)
        looper.update(1.5)
    looper.touch(0)
    return looper


def test_a_loop_plays_what_was_struck_softens_goes_and_comes_back() -> None:
    looper = _struck()
    assert looper.loops[0].state == PLAYS
    heard = [thing for _ in range(65) for _, thing, _ in looper.update(0.1)]
    assert heard.count(1) >= 2 and heard.count(4) >= 2
    looper.touch(0)
    assert looper.loops[0].state == SOFT
    looper.touch(0)
    assert looper.loops[0].state == EMPTY
    looper.undo()
    assert looper.loops[0].state == SOFT


def test_a_loop_is_kept_as_bytes_and_nonsense_is_an_empty_one() -> None:
    loop = _struck().loops[0]
    assert unpacked(loop.packed()) == loop
    for data in (None, b"", b"\xff" * 9, loop.packed()[:-1]):
        assert unpacked(data) == Loop()


class Heard(Silent):
    def __init__(self) -> None:
        self.struck: list[str] = []

    def play(self, cue: str, **how: Any) -> int:
        if how.get("once"):
            self.struck.append(cue)
        return len(self.struck)


class Terrace:
    def enter(self, stage: Stage) -> None:
        self.sounds = Sounds(stage.sound, "terrace")

    def update(self, frame: Frame, settings: SoundGardenSettings) -> None:
        """Nothing moves."""


class Visit:
    """A scene without its pictures, frame by frame."""

    def __init__(self, works: Works | None = None) -> None:
        self.heard, self.scene, self.time = Heard(), SoundGarden(), 0.0
        self.scene.place = Terrace()  # type: ignore[assignment]
        self.scene.rows = np.zeros((LOOPS * LIGHTS + 3 + POINTS, 16), np.float32)
        self.scene.lights = Nowhere()
        memory = Remembered().of("sound_garden")
        works = works or Works()
        self.scene.enter(Stage(NoHands(), self.heard, memory, works.of("sound_garden"), print, print))

    def frame(self, left: Hand | None = None, right: Hand | None = None) -> None:
        self.time += 1 / 30
        inputs = Inputs(Pose((0.0, 1.2, 0.0), (0.7, 0.0, 0.0, 0.7)), left=left, right=right)
        self.scene.update(Frame(0, self.time, self.time, 1 / 30, False, inputs, SoundGardenSettings()))


class Nowhere:
    def write(self, first: int, rows: Any) -> None:
        """No picture."""


def at(x: float, y: float, z: float) -> Hand:
    return Hand(Pose((x, y, z)))


def test_a_tip_strikes_once_and_a_lost_hand_or_no_number_strikes_nothing() -> None:
    visit = Visit()
    x, y, z = THINGS[1][0]
    for up in (0.5, 0.4, 0.3, 0.2, 0.1, 0.1):
        visit.frame(right=at(x, y + up, z))
    assert visit.heard.struck == ["garden_bowl"]
    for hand in (None, at(x, y, z), at(float("nan"), y, z), at(x, y, z)):
        visit.frame(right=hand)
    assert visit.heard.struck == ["garden_bowl"], "it came back where it was"


def test_both_hands_on_one_thing_strike_it_once() -> None:
    visit = Visit()
    x, y, z = THINGS[1][0]
    for up in (0.5, 0.4, 0.3, 0.2, 0.1, 0.1):
        visit.frame(at(x, y + up, z), at(x, y + up, z))
    assert visit.heard.struck == ["garden_bowl"]


def test_loops_come_back_with_the_work() -> None:
    works = Works()
    visit = Visit(works)
    visit.scene.looper = _struck()
    visit.scene._save(0)
    assert Visit(works).scene.looper.loops[0] == visit.scene.looper.loops[0]
