"""The porch is chosen by gaze, hand or therapist, changes slowly, and is remembered; nothing on it can go wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.safe_place import EYE, HEIGHTS, LABEL_METRES, WELCOME_AT, WELCOME_HEIGHT, SafePlace
from scenes.valley import porch
from scenes.valley.own_place import (
    FIRST_KEY,
    MILDEST,
    SAID,
    THE_LID,
    THE_STONE,
    TOKENS,
    Chosen,
    OwnPlace,
    read,
    taken_home,
    written,
)  # fmt: skip
from tests.core.places import NoHands
from tests.scenes.test_sounds import Told
from tests.scenes.unbuilt import Unbuilt
from vr_app import limits
from vr_app.api import MEMORY_BYTES, Comfort, Frame, Hand, Inputs, Pose, Quat, Stage, Vec3
from vr_app.avoiding import scene_flags
from vr_app.catalogue import SettingsError, find_scenes, make_settings
from vr_app.plan import Step, load_plan
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking_at
from vr_app.works.works import Works

HZ = 1 / 30
AHEAD = Pose(EYE)


class Visit:
    """A scene that is led without being drawn."""

    def __init__(self, remembered: Remembered | None = None, **settings: Any) -> None:
        self.remembered = remembered or Remembered()
        self.told = Told()
        self.scene = SafePlace()
        self.scene.outdoors = Unbuilt("porch")
        self.scene.enter(
            Stage(NoHands(), self.told, self.remembered.of("safe_place"), Works().of("safe_place"), print, print)
        )
        self.settings = make_settings(SafePlace, settings)
        self.comfort = Comfort()
        self.time = self.guided = 100.0
        self.index = 0

    def frame(self, inputs: Inputs, *, quiet: bool = False) -> None:
        dt = 0.0 if quiet or not self.index else HZ
        self.time, self.guided = self.time + HZ, self.guided + dt
        self.scene.update(Frame(self.index, self.time, self.guided, dt, quiet, inputs, self.settings, self.comfort))
        self.index += 1

    def rest(self, seconds: float, inputs: Inputs | None = None, *, quiet: bool = False) -> None:
        for _ in range(round(seconds / HZ)):
            self.frame(inputs or Inputs(AHEAD), quiet=quiet)

    def set(self, **settings: str) -> None:
        self.settings = replace(self.settings, **settings)

    def spot(self, n: int) -> Vec3:
        return self.scene.attention.spots[n].centre

    def look(self, n: int, seconds: float = 3.0) -> None:
        self.rest(seconds, Inputs(Pose(EYE, toward(EYE, self.spot(n)))))

    @property
    def chosen(self) -> Chosen:
        return self.scene.place.chosen


def toward(eye: Vec3, thing: Vec3) -> Quat:
    """The orientation whose -z points there."""
    return looking_at(thing, eye).orientation


def held(side: str, hand: Hand) -> Inputs:
    return Inputs(AHEAD, left=hand) if side == "left" else Inputs(AHEAD, right=hand)


def token(name: str, word: str) -> int:
    return TOKENS.index((name, word))


# --- by each way


@pytest.mark.parametrize("name_word", [name for name in TOKENS if name != porch.NIGHT])
def test_every_choice_can_be_made_by_gaze_alone(name_word: tuple[str, str]) -> None:
    visit, (name, word) = Visit(), name_word
    visit.rest(1.0)
    visit.look(token("shelter", "curtains"))
    visit.look(token(name, word))
    assert visit.chosen.words[name] == word


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("way", ["aim", "touch", "finger"])
def test_every_choice_can_be_made_by_one_hand(side: str, way: str) -> None:
    visit = Visit()
    visit.comfort = Comfort(hand="left" if side == "left" else "right")
    visit.rest(1.0)
    for n in (token("company", "cat"), FIRST_KEY + 1, THE_STONE):
        spot = visit.spot(n)
        from_lap = (0.2, 0.75, -0.2)
        if way == "aim":
            hand = Hand(Pose(from_lap), aim=Pose(from_lap, toward(from_lap, spot)))
            visit.rest(0.5, held(side, hand))
            visit.rest(0.2, held(side, hand._replace(select=1.0)))
            visit.rest(0.2, held(side, hand))
        else:
            joints = np.zeros((26, 8), np.float32)
            joints[10, :3] = spot
            hand = Hand(Pose(spot if way == "touch" else from_lap), joints=joints if way == "finger" else None)
            visit.rest(3.0, held(side, hand))
        visit.rest(1.0)
    assert visit.chosen.words["company"] == "cat"
    assert visit.chosen.key == porch.KEYS[1]
    assert visit.chosen.stone_in


def test_a_hand_that_is_lost_in_the_middle_loses_nothing() -> None:
    visit = Visit()
    visit.rest(1.0)
    spot = visit.spot(THE_STONE)
    visit.rest(1.2, Inputs(AHEAD, right=Hand(Pose(spot))))
    visit.rest(8.0)
    assert not visit.chosen.stone_in  # left too early: nothing happened
    visit.rest(3.0, Inputs(AHEAD, right=Hand(Pose(spot))))
    visit.rest(0.5, Inputs(AHEAD, head_tracked=False))
    visit.rest(8.0)
    assert visit.scene.place.stone.share == 1.0  # it arrives by itself


def test_eyes_on_the_bay_choose_nothing() -> None:
    visit = Visit()
    for yaw in np.linspace(-0.6, 0.6, 13):
        for pitch in (0.1, 0.0, -0.1, -0.18):
            thing = (float(np.sin(yaw)), 1.2 + float(np.tan(pitch)), -float(np.cos(yaw)))
            visit.rest(2.5, Inputs(Pose(EYE, toward(EYE, thing))))
    assert visit.chosen.words == dict(MILDEST)
    assert visit.remembered.take() == ()


def test_things_stand_where_hands_reach_and_words_where_eyes_read() -> None:
    visit = Visit()
    for hand in ("right", "left"):
        visit.comfort = Comfort(hand=hand)
        visit.rest(0.1)
        for (x, y, z), _ in visit.scene.attention.spots:
            assert 0.45 < np.hypot(x, z) < 1.15
            assert 0.7 < y < 1.0
        for pose in visit.scene._at:
            away = float(np.linalg.norm(np.subtract(pose.position, EYE)))
            assert limits.TEXT_NEAREST_METRES <= away <= limits.TEXT_FARTHEST_METRES
    for height, away in ((HEIGHTS[0], LABEL_METRES), (WELCOME_HEIGHT, -WELCOME_AT.position[2])):
        assert np.degrees(height / away) >= limits.CAPITAL_HEIGHT_DEG
    boxes = [visit.spot(THE_LID)[0]]
    visit.comfort = Comfort(hand="right")
    visit.rest(0.1)
    assert visit.spot(THE_LID)[0] == pytest.approx(-boxes[0])


# --- slowly


def test_what_comes_takes_two_seconds_and_more() -> None:
    place = OwnPlace(Chosen())
    place.chosen.words |= {"shelter": "screen", "company": "cat", "view": "hedge"}
    place.chosen.key, place.chosen.stone_in = "leaf", True
    for _ in range(round(1.9 / HZ)):
        place.update(HZ)
    under_way = [place.come["screen"], place.come["cat"], place.hedge, place.keys[1], place.stone]
    assert all(0.0 < glide.share < 1.0 for glide in under_way)
    for _ in range(round(8.0 / HZ)):
        place.update(HZ)
    assert all(glide.share == 1.0 for glide in under_way)


def test_nothing_moves_faster_than_a_slow_hand() -> None:
    visit = Visit()
    visit.rest(0.2)
    place = visit.scene.place
    place.touch_stone()
    place.take_key("round")
    place.choose("view", "gate")
    before: dict[str, Vec3] = {}
    for _ in range(round(12.0 / HZ)):
        visit.frame(Inputs(AHEAD))
        turn = place.gate_turn()
        now = {
            "stone": place.stone_at(1.0).position,
            "key": place.key_at(0, 1.0).position,
            "gate": (1.06 * float(np.cos(turn)), 0.0, -1.06 * float(np.sin(turn))),
        }
        for name, at in now.items():
            speed = float(np.linalg.norm(np.subtract(at, before.get(name, at)))) / HZ
            assert speed <= (0.45 if name == "stone" else limits.DRIFT_METRES_PER_SECOND), name
        before = now


def test_the_stone_waits_for_the_lid_and_the_lid_for_the_stone() -> None:
    place = OwnPlace(Chosen(open=False))
    place.touch_stone()
    seen: list[tuple[float, float]] = []
    for k in range(round(12.0 / HZ)):
        if k == round(5.0 / HZ):
            place.touch_lid()  # too early: the stone is under way
        place.update(HZ)
        seen.append((place.stone.share, place.lid.share))
    assert all(lid > 0.85 for stone, lid in seen if 0.0 < stone < 1.0)
    assert seen[-1] == (1.0, 0.0)


def test_the_box_opens_again_and_gives_the_stone_back() -> None:
    visit = Visit()
    visit.rest(1.0)
    visit.look(THE_STONE)
    visit.rest(8.0)
    visit.look(THE_LID)
    visit.rest(5.0)
    assert (visit.scene.place.stone.share, visit.scene.place.lid.share) == (1.0, 0.0)
    visit.look(THE_LID)
    visit.rest(5.0)
    visit.look(THE_STONE)
    visit.rest(8.0)
    assert (visit.scene.place.stone.share, visit.scene.place.lid.share) == (0.0, 1.0)


# --- quiet, and what is offered


def test_while_quiet_nothing_is_chosen_and_what_is_under_way_arrives() -> None:
    visit = Visit()
    visit.rest(1.0)
    visit.look(token("company", "lantern"), 2.6)
    assert 0.0 < visit.scene.place.come["lantern"].share < 1.0
    spot = visit.spot(token("shelter", "screen"))
    visit.rest(6.0, Inputs(Pose(EYE, toward(EYE, spot)), right=Hand(Pose(spot), select=1.0)), quiet=True)
    assert visit.scene.place.come["lantern"].share == 1.0
    assert visit.chosen.words["shelter"] == "open"


@pytest.mark.parametrize(
    ("offered", "chosen", "stone"), [("nothing", False, False), ("choices", True, False), ("box", False, True)]
)
def test_what_is_not_offered_does_not_answer(offered: str, chosen: bool, stone: bool) -> None:
    visit = Visit(offered=offered)
    visit.rest(1.0)
    said = []
    for n in (token("shelter", "screen"), THE_STONE):
        visit.look(n, 1.5)
        said.append(visit.scene._shown[n] > 0.0)
        visit.look(n)
    assert said == [chosen, stone]
    assert (visit.chosen.words["shelter"] == "screen", visit.chosen.stone_in) == (chosen, stone)


def test_dark_hours_are_there_only_where_they_are_offered() -> None:
    for darkest, words in (("day_end", ("", "")), ("blue_hour", ("blue_hour", "")), ("night", ("blue_hour", "night"))):
        for hour, word in zip(porch.DARK, words, strict=True):
            visit = Visit(darkest=darkest)
            visit.rest(1.0)
            visit.look(token(*hour))
            assert visit.chosen.words["light"] == word
    visit = Visit(darkest="night")
    visit.rest(1.0)
    visit.look(token(*porch.NIGHT))
    again = Visit(visit.remembered)
    again.rest(0.2)
    assert again.chosen.words["light"] == ""


@pytest.mark.parametrize("wrong", [{"light": "noon"}, {"company": float("nan")}, {"offered": ""}, {"wish": "much"}])
def test_settings_out_of_their_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        make_settings(SafePlace, wrong)


def test_a_therapist_steers_for_who_cannot_point_and_the_patient_may_change_it() -> None:
    visit = Visit(company="cat")
    visit.rest(0.2)
    assert visit.scene.place.come["cat"].share == 1.0  # there from the beginning
    visit.set(shelter="curtains", key="leaf", stone="in_the_box")
    visit.rest(10.0)
    visit.set(lid="closed")
    visit.rest(5.0)
    assert visit.chosen == replace(visit.chosen, key="leaf", stone_in=True, open=False)
    assert visit.chosen.words["shelter"] == "curtains"
    visit.look(token("company", "nobody"))
    visit.rest(2.0)
    assert visit.chosen.words["company"] == "nobody"
    assert visit.settings.company == "cat"


# --- what is remembered


def test_the_place_comes_back_at_once_and_says_so() -> None:
    first = Visit()
    first.rest(1.0)
    first.look(token("view", "gate"))
    first.look(token("light", "blue_hour"))
    first.look(FIRST_KEY)
    first.rest(0.5)
    again = Visit(first.remembered)
    again.frame(Inputs(AHEAD))
    assert again.chosen == first.chosen
    assert again.scene.place.gate.share == 1.0
    assert again.scene._hour.time_of_day == "blue_hour"
    again.guided = 2.5
    again.rest(2.0)
    assert again.scene._welcomed > 0.9
    anew = Visit(first.remembered, visit="anew")
    anew.frame(Inputs(AHEAD))
    assert anew.chosen.words == dict(MILDEST)


WORDS = st.sampled_from([*{word for words in porch.WORDS.values() for word in words}, "", "cellar"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEPT = st.dictionaries(st.sampled_from([*porch.WORDS, "key", "stone", "open", "v", "x"]), JSON)


ANYTHING = st.one_of(st.binary(max_size=60), st.one_of(KEPT, JSON).map(lambda kept: json.dumps(kept).encode()))


@given(ANYTHING)
def test_whatever_was_kept_a_place_comes_of_it(kept: bytes) -> None:
    made = read(kept)
    if made is None:
        return
    assert all(word in (*porch.WORDS[name], MILDEST[name]) for name, word in made.words.items())
    assert made.key in (*porch.KEYS, "")
    OwnPlace(made).update(HZ)
    assert read(written(made)) == made


def test_what_is_taken_home_are_the_choices_in_their_words() -> None:
    visit = Visit()
    visit.rest(1.0)
    visit.look(token("company", "chair"))
    visit.look(FIRST_KEY + 1)
    kept = {each.key: each.value for each in visit.remembered.take()}
    home = json.loads(kept["take_home"])
    assert (home["kind"], home["title"]) == ("place", "A place of your own")
    assert home["lines"] == [
        *("Light: day's end", "Shelter: open", "What can be seen: open view"),
        *("Company: a second chair", "Key: a leaf key"),
    ]
    longest = Chosen({name: max(words, key=lambda word: len(SAID[name, word])) for name, words in porch.WORDS.items()})
    assert len(taken_home(longest)) <= MEMORY_BYTES
    assert len(written(longest)) <= MEMORY_BYTES


def test_no_word_that_is_shown_says_safe() -> None:
    from scenes.safe_place import BOX_WORDS, WELCOME

    shown = " ".join((*SAID.values(), *BOX_WORDS, WELCOME, SafePlace.info.title, SafePlace.info.summary)).lower()
    assert "safe" not in shown


def test_two_visits_are_the_same() -> None:
    def led() -> tuple[Any, ...]:
        visit = Visit()
        visit.rest(0.7)
        visit.look(token("shelter", "screen"), 2.4)
        visit.look(THE_STONE, 2.4)
        visit.rest(1.1)
        place = visit.scene.place
        return (
            place.come["screen"].share,
            place.stone_at(1.0),
            place.lid_at(1.0),
            visit.scene._warmth,
            visit.told.played,
        )

    assert led() == led()


def test_a_profile_hears_of_hours_that_are_set_or_offered() -> None:
    for settings, dark in (({}, False), ({"light": "blue_hour"}, True), ({"darkest": "night"}, True)):
        step = Step("safe_place", 60.0, make_settings(SafePlace, settings), None)
        assert ("dark" in scene_flags(step, find_scenes())) is dark


def test_the_three_scripts_fit_their_cues_and_name_only_what_is_there() -> None:
    plan = load_plan("own_place", find_scenes(), names={"name": "Your therapist"})
    cues = [step for step in plan.steps if step.scene == "safe_place"]
    assert [step.settings.offered for step in cues] == ["choices", "nothing", "box"]
    for step in cues:
        assert step.script is not None
        assert step.seconds - 12.0 < step.script.captions[-1].ends <= step.seconds
