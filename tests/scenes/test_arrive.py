"""Arrive: what is rested upon answers, by each way there is; nothing is asked, nothing leaps, nothing is lost."""

from __future__ import annotations

import json
from math import asin, atan2, degrees, hypot, nan
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from audio import cue_list
from audio.cues import chime
from scenes import arrive as module
from scenes.arrive import LAP, LISTEN_FROM, TOUCH_EVERY, TOUCH_FROM, Arrive, ArriveSettings
from scenes.valley.clearing import HEARD, SEEN, heard_spots, seen_spots
from scenes.valley.murmurs import BELL, BIRD, CRICKETS, LEAVES, WIRE, Murmur
from scenes.valley.place import CLEARING, GROVE, ROOM, SHORE, height, opening
from tests.core.places import NoHands
from vr_app.api import Frame, Hand, Inputs, Pose, Stage, Vec3
from vr_app.catalogue import SettingsError, make_settings
from vr_app.remembered import Remembered
from vr_app.script import load_script
from vr_app.scripted.headset import looking_at
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

DT = 1 / 45
EYE = (0.0, 1.2, 0.0)


class Outside:
    """In place of all that is drawn and heard of the valley."""

    sky = SimpleNamespace(grain="grain")

    def __init__(self, *_: object) -> None:
        self.frames = 0

    def enter(self, stage: Stage) -> None:
        pass

    def update(self, frame: Frame, settings: object) -> None:
        self.frames += 1


class BareKit:
    """Makes nothing."""

    def bake(self, make: object) -> dict[str, Any]:
        return {}

    def mesh(self, arrays: object) -> str:
        return "mesh"

    def material(self, name: str, **images: object) -> str:
        return name

    def text(self, words: str, *, height: float) -> str:
        return words


class Told(Silent):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.played: list[tuple[str, int, float]] = []  # cue, seed, gain
        self.gains: dict[int, float] = {}

    def play(self, cue: str, *, seed: int = 0, gain_db: float = 0.0, **how: Any) -> int:
        self.played.append((cue, seed, gain_db))
        return len(self.played)

    def shape(self, voice: int, *, gain_db: float, over: float) -> None:
        assert over >= 0.5
        self.gains[voice] = gain_db

    def count(self, cue: str) -> int:
        return sum(name == cue for name, _, _ in self.played)


def gaze(place: Vec3) -> Inputs:
    """A head that looks there."""
    return Inputs(looking_at(place, EYE))


AWAY = gaze((0.0, 40.0, 1.0))  # up, where nothing is


class Visit:
    """One stay in the scene, frame by frame."""

    def __init__(self, remembered: Remembered | None = None, **settings: Any) -> None:
        self.scene, self.told, self.hands = Arrive(), Told(), NoHands()
        self.remembered = remembered or Remembered()
        self.settings = ArriveSettings(**settings)
        self.scene.build(BareKit())  # type: ignore[arg-type]
        self.scene.enter(Stage(self.hands, self.told, self.remembered.of("arrive"), Works().of("arrive"), print, print))
        self.time = self.guided = 0.0
        self.lights: list[list[float]] = []

    def stay(self, seconds: float, inputs: Inputs = AWAY, *, quiet: bool = False, step: float = DT) -> Visit:
        for _ in range(round(seconds / step)):
            dt = 0.0 if quiet else step
            self.time, self.guided = self.time + step, self.guided + dt
            self.scene.update(Frame(0, self.time, self.guided, dt, quiet, inputs, self.settings))
            self.lights.append([*self.scene.light, *self.scene.palm_light])
        return self

    def until(self, guided: float) -> Visit:
        """Nothing is done until then."""
        return self.stay(guided - self.guided + 0.1, step=0.1)

    @property
    def card(self) -> dict[str, Any]:
        return dict(json.loads(self.remembered.get("arrive", "take_home") or b"{}"))


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Outdoors", Outside)


# --- to see


@pytest.mark.parametrize("n", range(len(SEEN)), ids=SEEN)
def test_a_look_that_rests_is_answered_with_light_and_the_things_own_chime(n: int) -> None:
    visit = Visit(prompts="none").stay(3.0)
    assert max(visit.scene.light) == 0.0
    visit.stay(3.0, gaze(seen_spots()[n].centre))
    assert np.argmax(visit.scene.light) == n
    assert visit.scene.light[n] > 0.6
    assert [(cue, seed) for cue, seed, _ in visit.told.played if cue == "chime"] == [("chime", module.CHIMES[n])]
    assert visit.card == {"kind": "grounding", "title": "In the clearing", "lines": [SEEN[n]]}
    later = visit.stay(10.0).scene.light[n]
    assert 0.4 < later < 0.8  # it stays a little
    assert 0.0 < visit.stay(40.0).scene.light[n] < 0.3


def test_each_thing_has_a_pitch_of_its_own() -> None:
    pitches = [float(np.random.default_rng(seed).choice(chime._PITCHES)) for seed in module.CHIMES]
    assert pitches == sorted(set(pitches))
    assert len(pitches) == len(SEEN)


def test_a_glance_is_not_answered() -> None:
    visit = Visit(prompts="none")
    for n in range(len(SEEN)):
        visit.stay(1.0, gaze(seen_spots()[n].centre)).stay(1.0)
    assert visit.told.count("chime") == 0
    assert visit.card == {}


def test_a_hand_that_points_and_presses_needs_no_patience() -> None:
    visit = Visit(prompts="none")
    aim = gaze(seen_spots()[3].centre).head
    for select in (0.0, 1.0):
        visit.stay(DT, Inputs(AWAY.head, left=Hand(Pose((-0.3, 0.8, -0.3)), aim, select)))
    assert visit.card["lines"] == [SEEN[3]]


def test_the_card_has_each_name_once_as_the_scene_calls_it() -> None:
    visit = Visit()
    for n in (3, 0, 3):
        visit.stay(3.0, gaze(seen_spots()[n].centre)).stay(2.0)
    assert visit.card["lines"] == [SEEN[0], SEEN[3]]
    visit.until(LISTEN_FROM).stay(3.0, gaze(heard_spots()[1].centre))
    assert visit.card["lines"] == [SEEN[0], SEEN[3], HEARD[1]]


# --- to hear


@pytest.mark.parametrize("n", range(3), ids=HEARD[:3])
def test_a_sound_grows_clearer_while_the_head_is_turned_to_it(n: int) -> None:
    visit = Visit(see=0.0).until(LISTEN_FROM).stay(1.0)
    voices = {1: visit.told.gains[1], 2: visit.told.gains[2], 3: visit.told.gains[3]}
    visit.stay(3.0, gaze(heard_spots()[n].centre))
    assert visit.told.gains[n + 1] > voices[n + 1] + 6.0
    assert all(visit.told.gains[voice] <= voices[voice] for voice in voices if voice != n + 1)
    clear = visit.told.gains[n + 1]
    assert visit.stay(5.0).told.gains[n + 1] < clear - 6.0


def test_the_bell_is_clearer_too_and_goes_on_while_quiet() -> None:
    gains = []
    for inputs in (AWAY, gaze(heard_spots()[3].centre)):
        visit = Visit().until(LISTEN_FROM).stay(30.0, inputs)
        gains.append([gain for cue, _, gain in visit.told.played if cue == "bowl"][-1])
    assert gains[1] > gains[0] + 6.0
    visit = Visit().stay(60.0, quiet=True, step=0.1)
    assert visit.told.count("bowl") == 3


def test_at_night_crickets_are_there_instead_of_a_bird() -> None:
    visit = Visit(time_of_day="night").until(LISTEN_FROM).stay(3.0, gaze(heard_spots()[0].centre))
    assert visit.told.played[0][0] == "night"
    assert visit.told.count("birds") == 0
    assert visit.card["lines"] == ["the crickets"]


# --- to touch


def hand(place: Vec3, *, tracked: bool = False) -> Hand:
    if not tracked:
        return Hand(Pose(place))
    joints = np.zeros((26, 8), np.float32)
    joints[:, :3] = place
    return Hand(Pose(place), joints=joints)


def test_a_controller_that_rests_is_answered_once_and_a_hand_by_light_alone() -> None:
    arm = (0.33, 0.7, -0.1)
    visit = Visit(prompts="none").until(TOUCH_FROM).stay(6.0, Inputs(AWAY.head, right=hand(arm)))
    assert visit.hands.pulses == ["right"]
    assert visit.scene.palm_light[0] > 0.6
    assert visit.scene.palm_light[1] == 0.0
    bare = Visit().until(TOUCH_FROM).stay(6.0, Inputs(AWAY.head, left=hand((-0.3, 0.7, -0.1), tracked=True)))
    assert bare.hands.pulses == []
    assert bare.scene.palm_light[1] > 0.6


def test_a_light_lies_at_the_hands_as_each_thing_to_touch_is_named() -> None:
    def rises(**settings: Any) -> int:
        visit = Visit(**settings).until(TOUCH_FROM)
        light = np.array(visit.stay(80.0, step=0.1).lights)[:, len(SEEN) + len(HEARD)]
        assert light.max() < 0.3
        return int(np.count_nonzero((light[1:] > 0.1) & (light[:-1] <= 0.1)))

    assert [rises(touch=count) for count in (0.0, 1.0, 2.0, 3.0)] == [0, 1, 2, 3]
    assert rises(prompts="none") == 0


def test_no_more_pulses_than_were_asked_for() -> None:
    visit = Visit(touch=1.0).until(TOUCH_FROM)
    for n in range(4):
        visit.stay(4.0, Inputs(AWAY.head, right=hand((0.3, 0.7, -0.6 + 0.5 * (n % 2)))))
    assert visit.hands.pulses == ["right"]


def test_before_its_time_a_hand_may_do_as_it_likes() -> None:
    visit = Visit().stay(6.0, Inputs(AWAY.head, right=hand(LAP[0])))
    assert visit.hands.pulses == []
    assert max(visit.scene.palm_light) == 0.0


def test_a_look_at_ones_lap_is_as_good() -> None:
    visit = Visit().until(TOUCH_FROM).stay(3.0, gaze(LAP[1]))
    assert visit.scene.palm_light[1] > 0.6
    assert visit.hands.pulses == []


def test_a_hand_that_is_lost_meanwhile_loses_nothing() -> None:
    resting = Inputs(AWAY.head, right=hand((0.33, 0.7, -0.1)))
    visit = Visit().until(TOUCH_FROM).stay(1.2, resting)
    visit.stay(0.5).stay(6.0, resting)
    assert visit.hands.pulses == ["right"]
    assert np.abs(np.diff(np.array(visit.lights), axis=0)).max() < 0.05


# --- and nothing else


def test_time_leads_on_though_nothing_is_done_and_nothing_is_kept_of_it() -> None:
    visit = Visit().until(TOUCH_FROM).stay(60.0)
    assert set(visit.told.gains) == {1, 2, 3}
    assert visit.remembered.take() == ()
    assert max(visit.scene.light) < 0.05


def test_things_show_themselves_one_after_the_other_or_not() -> None:
    lights = np.array(Visit().until(LISTEN_FROM + 40.0).lights)[:, : len(SEEN) + len(HEARD)]
    brightest = lights.max(axis=0)
    assert (brightest > 0.1).all()
    assert (brightest < 0.3).all()
    assert (np.diff(lights.argmax(axis=0)) > 0).all()
    assert np.array(Visit(prompts="none").until(LISTEN_FROM + 40.0).lights).max() == 0.0


def test_while_quiet_nothing_is_taken_and_nothing_shows_itself() -> None:
    visit = Visit().stay(60.0, gaze(seen_spots()[0].centre), quiet=True)
    assert visit.told.count("chime") == 0
    assert visit.card == {}
    assert max(visit.scene.light) == 0.0


def test_what_lit_up_before_it_became_quiet_fades_as_it_would() -> None:
    visit = Visit(prompts="none").stay(3.0, gaze(seen_spots()[0].centre))
    assert visit.stay(60.0, quiet=True).scene.light[0] < 0.75


@pytest.mark.parametrize("name", ["see", "hear", "touch"])
def test_where_none_were_asked_for_none_answers(name: str) -> None:
    none: dict[str, Any] = {name: 0.0}
    visit = Visit(prompts="none", **none).until(TOUCH_FROM)
    first = {"see": 0, "hear": len(SEEN), "touch": len(SEEN) + len(HEARD)}[name]
    spots = {"see": seen_spots(), "hear": heard_spots(), "touch": []}[name]
    for spot in spots:
        visit.stay(3.0, gaze(spot.centre))
    visit.stay(4.0, Inputs(AWAY.head, right=hand((0.33, 0.7, -0.1))))
    if name == "touch":
        assert visit.hands.pulses == []
    part = np.array(visit.lights)[:, first : {0: 5, 5: 9, 9: 11}[first]]
    assert part.max() == 0.0


def test_lights_never_leap() -> None:
    visit = Visit(dwell=1.0)
    for n in (0, 1, 0, 4, 2, 3):
        visit.stay(1.4, gaze(seen_spots()[n].centre))
    assert np.abs(np.diff(np.array(visit.lights), axis=0)).max() < 0.05


def test_two_visits_are_the_same() -> None:
    def lived() -> Visit:
        visit = Visit().stay(3.0, gaze(seen_spots()[1].centre)).until(LISTEN_FROM)
        return visit.stay(3.0, gaze(heard_spots()[2].centre)).stay(15.0)

    one, two = lived(), lived()
    assert one.lights == two.lights
    assert one.told.played == two.told.played
    assert one.told.gains == two.told.gains


def test_what_was_rested_on_before_is_still_a_little_warm() -> None:
    known = {("arrive", "rested"): json.dumps([SEEN[2]]).encode()}
    visit = Visit(Remembered(known), prompts="none").stay(5.0)
    assert 0.0 < visit.scene.light[2] < 0.1
    assert max(visit.scene.light[:2]) == 0.0


@pytest.mark.parametrize("kept", [b"", b"{", b'{"a": 1}', b"[1, null]", b"\xff"])
def test_what_cannot_be_read_is_as_nothing(kept: bytes) -> None:
    assert max(Visit(Remembered({("arrive", "rested"): kept}), prompts="none").stay(2.0).scene.light) == 0.0


def test_names_stand_by_what_is_looked_at_where_the_therapist_wants_them() -> None:
    def told(prompts: str) -> list[float]:
        return list(Visit(prompts=prompts).stay(3.0, gaze(seen_spots()[0].centre)).scene._told)

    assert max(told("light")) == 0.0
    named = told("names")
    assert named[0] == 1.0
    assert max(named[1:]) == 0.0


@pytest.mark.parametrize(
    ("name", "value"),
    [("see", 6.0), ("see", -1.0), ("hear", nan), ("touch", 4.0), ("dwell", nan), ("dwell", 0.0), ("prompts", "loud")],
)
def test_settings_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name):
        make_settings(Arrive, {name: value})


# --- where it is


def test_the_seat_stands_on_the_clearings_ground() -> None:
    assert abs(float(height(np.array([GROVE.x]), np.array([GROVE.z]))[0]) - GROVE.y) < 0.02
    assert (GROVE.x, GROVE.z) == CLEARING


def test_only_this_seat_keeps_its_view_open_and_no_tree_stands_in_it() -> None:
    x, z = np.array([0.0, 3.0, 0.0, 9.0]), np.array([-20.0, -40.0, 20.0, -9.0])
    assert opening(GROVE, x, z).tolist() == [True, True, False, False]
    assert not opening(SHORE, x, z).any()
    assert not opening(ROOM, x, z).any()


@pytest.mark.parametrize("murmur", [BIRD, CRICKETS, LEAVES, WIRE, BELL], ids=lambda murmur: murmur.cue)
def test_what_murmurs_is_there_and_is_clearest_when_one_attends(murmur: Murmur) -> None:
    cue = cue_list.working()[murmur.cue]
    ranges = cue.make(0).ranges
    assert all(ranges[name].low <= value <= ranges[name].high for name, value in murmur.ways)
    assert murmur.low < murmur.ready < murmur.clear <= 1.0


def test_nothing_is_behind_and_nothing_is_near() -> None:
    for spot in (*seen_spots(), *heard_spots()):
        x, y, z = (there - here for there, here in zip(spot.centre, EYE, strict=True))
        away = hypot(x, y, z)
        assert away - spot.radius > 1.0
        assert abs(degrees(atan2(x, -z))) < 70.0
        assert abs(degrees(asin(y / away))) < 30.0


def test_no_two_things_are_taken_for_each_other() -> None:
    for spots in (seen_spots(), heard_spots()):
        ways = [np.array(spot.centre) - EYE for spot in spots]
        for k, way in enumerate(ways):
            for other in ways[:k]:
                cosine = way @ other / np.linalg.norm(way) / np.linalg.norm(other)
                assert degrees(np.arccos(cosine)) > 12.0


def _begins(line: str) -> float:
    script = load_script("arrive", names={"name": "Your therapist"})
    return next(moment.begins for moment in script.moments if moment.line.id == line) / 48_000


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("ears", LISTEN_FROM),
        ("chair", TOUCH_FROM),
        ("sleeve", TOUCH_FROM + TOUCH_EVERY),
        ("floor", TOUCH_FROM + 2.0 * TOUCH_EVERY),
    ],
)
def test_what_is_said_and_what_is_there_go_together(line: str, at: float) -> None:
    assert 0.0 < _begins(line) + 3.0 - at < 6.0  # words begin three seconds after the place is there
