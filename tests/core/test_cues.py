"""What a patient sees and hears of cues, anchors, adjustments, closed eyes, volume and queasiness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import Annotated, Any

import pytest

from tests.core.places import GROUND, QUEASY, Place, Session, Words
from vr_app import limits
from vr_app.api import Choice, Range, SceneInfo
from vr_app.commands import (
    Adjust,
    EndGently,
    Go,
    GoTo,
    GroundNow,
    LoadPlan,
    PlaceView,
    Queasy,
    SetAnchor,
    SetComfort,
    SetEyes,
    SetPhase,
    SetQuiet,
    SetVolume,
    Speak,
    StopNow,
    Veil,
)
from vr_app.course import ENOUGH, LOCKED, Mode
from vr_app.headset import Presence, Visibility
from vr_app.lamp import GLOW, GLOW_SECONDS, GLOW_SWELL, Lamp
from vr_app.plan import AnchorPlace, Plan, Step
from vr_app.script import Caption, Script
from vr_app.sound.silent import Silent
from vr_app.station.messages import Position
from vr_app.veil import VEIL_SECONDS

TIDE, SIGHT = Script("tide", (Caption(0.0, 9.0, "The water."),)), Script("sight", (Caption(0.0, 6.0, "A lantern."),))


@dataclass(frozen=True, slots=True)
class Tuned:
    rate: Annotated[float, Range(5.0, 10.0, 0.5)] = 7.0
    hour: Annotated[str, Choice(("day", "night"))] = "day"


class Shore(Place):
    info = SceneInfo("shore", "The shore", "", "centering", anchor="breath")
    Settings = Tuned


class Lamplight(Place):
    info = SceneInfo("lamp", "Lamplight", "", "centering", anchor="sight")


class Ear(Silent):
    """Remembers what would be heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []

    def blend(self, weights: Mapping[str, float], *, over: float) -> None:
        self.heard.append(("blend", (dict(weights), over)))

    def level(self, db: float, *, over: float) -> None:
        self.heard.append(("level", (db, over)))

    def silence(self) -> None:
        self.heard.append(("silence", None))

    def resume(self) -> None:
        self.heard.append(("resume", None))

    @property
    def snapshot(self) -> str:
        """The one that was gone to last."""
        weights, _ = [what for kind, what in self.heard if kind == "blend"][-1]
        return str(next(iter(weights)))


STEPS = (
    Step("room", 10.0, None, None, "Arrive"),
    Step("shore", 20.0, Tuned(8.0), TIDE, "Water", fade=4.0),
    Step("shore", 20.0, Tuned(6.0), None, "Water again", advance="go"),
    Step("room", 10.0, None, None, "The way back"),
)
PLAN = Plan(
    "cues", "Cues", STEPS, GROUND, QUEASY,
    anchors={"sight": AnchorPlace("lamp", None, SIGHT), "breath": AnchorPlace("shore", Tuned(), None)},
)  # fmt: skip


def session(plan: Plan = PLAN, **how: Any) -> Session:
    return Session({"room": Place(), "shore": Shore(), "lamp": Lamplight()}, plan, sound=Ear(), **how)


def at_the_shore(seconds: float = 5.0) -> Session:
    """So many seconds after its mist could be gone: a session begins covered, and its cue with it."""
    made = session()
    assert made.director.obey(GoTo(1)) is None
    made.run(4.0 + seconds)
    return made


def ear(made: Session) -> Ear:
    assert isinstance(made.sound, Ear)
    return made.sound


def words(made: Session) -> list[str]:
    return [label.words for label, opacity in made.sheet.words if isinstance(label, Words) and opacity > 0.01]


# --- cues


def test_status_names_the_cue_and_the_next_one() -> None:
    made = session()
    status = made.director.status("")
    assert (status.plan_name, status.cue, status.next_cue, status.waits) == ("cues", "Arrive", "Water", False)
    made.director.obey(GoTo(3))
    status = made.director.status("")
    assert (status.cue, status.next_cue) == ("The way back", "")


def test_going_to_a_cue_shows_its_place_behind_as_much_mist_as_it_asks_for() -> None:
    made = session()
    made.director.obey(Go())
    made.run(5.0)
    assert made.director.obey(GoTo(1)) is None
    seen = []
    while made.here == "room":
        made.frame()
        seen.append(made.director.mist)
    assert len(seen) / 90 == pytest.approx(4.0, abs=0.1)
    assert all(before <= after for before, after in pairwise(seen))
    assert made.director.obey(GoTo(9)) == "this plan has 4 cues, the last of them the way back; there is no cue 10"
    assert made.director.status("").position.step == 1


def test_words_wait_until_their_place_is_clear() -> None:
    made = session()
    made.director.obey(Go())
    made.run(10.0)
    first: float | None = None
    for _ in range(90 * 9):
        made.frame()
        if first is None and words(made):
            first = made.director.mist
    assert first is not None
    assert first < 0.55  # as after the usual mist


def test_a_cue_that_waits_says_so_and_goes_on_at_a_go() -> None:
    made = session()
    made.director.obey(GoTo(2))
    made.run(40.0)
    status = made.director.status("")
    assert (status.waits, status.cue, made.here, status.mode) == (True, "Water again", "shore", "playing")
    assert made.place("shore").frames[-1].dt > 0.0  # the world lives, and its pacing goes on
    made.director.obey(Go())
    made.run(5.0)
    assert (made.director.status("").waits, made.here) == (False, "room")


def test_a_caption_in_its_middle_fades_when_the_plan_moves_on() -> None:
    made = at_the_shore(8.0)
    assert words(made) == ["The water."]
    made.director.obey(GoTo(2))
    opacity = [1.0]
    for _ in range(round(90 * (limits.STOP_NOW_ANSWER_SECONDS + 0.05))):
        made.frame()
        opacity.append(max((each for _, each in made.sheet.words), default=0.0))
    assert opacity[-1] == 0.0
    assert max(before - after for before, after in pairwise(opacity)) < 0.15


def test_loading_another_plan_is_not_for_the_picture() -> None:
    refused = session().director.obey(LoadPlan("tide"))
    assert refused is not None
    assert "the station loads another" in refused


# --- anchors


def test_an_anchors_place_comes_behind_four_seconds_of_mist_and_the_cue_goes_on() -> None:
    made = at_the_shore(2.0)
    before = made.stands
    assert made.director.status("").anchors == ("sight", "breath")
    assert made.director.obey(SetAnchor("sight")) is None
    made.run(4.1)
    status = made.director.status("")
    assert (made.here, status.anchor, status.cue, made.director.mist) == ("lamp", "sight", "Water", 0.0)
    assert made.stands.step_seconds == pytest.approx(before.step_seconds + 4.1, abs=0.05)
    assert made.stands.scene_seconds == pytest.approx(before.scene_seconds + 2.0, abs=0.05)  # until it was covered
    made.run(4.0)
    assert words(made) == ["A lantern."]  # its own, from their beginning
    assert made.director.obey(SetAnchor("")) is None
    made.run(2.1)
    assert made.here == "shore"
    assert made.place("shore").frames[-1].scene_time == pytest.approx(before.scene_seconds + 2.1, abs=0.1)


def test_the_cues_own_words_are_silent_meanwhile_and_gone_at_once() -> None:
    made = session(replace(PLAN, anchors={"sight": AnchorPlace("lamp", None, None)}))
    made.director.obey(GoTo(1))
    made.run(11.0)
    assert words(made) == ["The water."]
    made.director.obey(SetAnchor("sight"))
    made.run(limits.STOP_NOW_ANSWER_SECONDS + 0.05)
    assert not words(made)
    for _ in range(80):
        made.run(0.1)
        assert not words(made)


def test_the_next_cue_is_at_its_own_place_again() -> None:
    made = at_the_shore(10.0)
    made.director.obey(SetAnchor("sight"))
    made.run(12.0)
    status = made.director.status("")
    assert (status.cue, status.anchor, made.here) == ("Water again", "", "shore")


def test_an_anchor_that_could_not_be_built_is_refused() -> None:
    made = at_the_shore()
    made.scenes["lamp"].update = None  # type: ignore[assignment, method-assign]
    made.director.obey(SetAnchor("sight"))
    made.run(3.0)
    assert made.director.status("").anchors == ("breath",)
    assert made.director.obey(SetAnchor("sight")) == "the place of the anchor 'sight' could not be built"
    assert made.here == "room"  # which stands in until the therapist chooses
    assert made.director.obey(SetAnchor("")) is None
    made.run(5.0)
    assert made.here == "shore"


def test_anchors_are_refused_before_go_and_on_the_way_back() -> None:
    made = session()
    assert made.director.obey(SetAnchor("sight")) is not None
    made.director.obey(EndGently())
    made.run(5.0)
    assert made.director.obey(SetAnchor("sight")) is not None
    assert made.here == "room"


def test_a_new_process_comes_back_to_the_anchor() -> None:
    made = session(resume=Position(1, 8.0, 4.0, 200.0, "sight", eyes_closed=True))
    made.run(3.0)
    assert made.here == "room"
    made.director.obey(Go())
    made.run(3.0)
    status = made.director.status("")
    assert (made.here, status.anchor, status.eyes_closed) == ("lamp", "sight", True)
    assert status.exposure_seconds == pytest.approx(206.0, abs=0.1)


# --- adjusting


def test_a_setting_takes_effect_in_the_next_frame_and_stays_for_the_plan() -> None:
    made = at_the_shore()
    assert made.director.status("").settings == {"rate": 8.0, "hour": "day"}
    assert made.director.obey(Adjust("shore", "rate", 5.5)) is None
    assert made.director.obey(Adjust("shore", "hour", "night")) is None
    made.frame()
    assert made.place("shore").frames[-1].settings == Tuned(5.5, "night")
    assert made.director.status("").settings == {"rate": 5.5, "hour": "night"}
    made.director.obey(GoTo(2))
    made.run(1.0)
    assert made.place("shore").frames[-1].settings == Tuned(5.5, "night")


@pytest.mark.parametrize(
    ("scene", "name", "value", "told"),
    [
        ("shore", "rate", 40.0, "'rate' must lie in 5..10, not 40.0"),
        ("shore", "rate", float("nan"), "'rate' must lie in 5..10"),
        ("shore", "rate", inf, "'rate' must lie in 5..10"),
        ("shore", "rate", "fast", "'rate' must lie in 5..10, not 'fast'"),
        ("shore", "hour", "noon", "'hour' must be one of day, night, not 'noon'"),
        ("shore", "hour", 3.0, "'hour' must be one of day, night"),
        ("shore", "glow", 1.0, "no setting 'glow'; it has rate, hour"),
        ("lamp", "glow", 1.0, "scene 'lamp' does not play now; adjust 'shore'"),
        ("cellar", "glow", 1.0, "scene 'cellar' does not play now; adjust 'shore'"),
    ],
)
def test_what_cannot_be_adjusted_is_refused_and_changes_nothing(
    scene: str, name: str, value: float | str, told: str
) -> None:
    made = at_the_shore()
    refused = made.director.obey(Adjust(scene, name, value))
    assert refused is not None
    assert told in refused
    made.frame()
    assert made.place("shore").frames[-1].settings == Tuned(8.0)


def test_night_is_not_for_a_patient_who_avoids_the_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vr_app.profile.OF_THE_HOUR", ("hour",))
    made = at_the_shore()
    made.director._avoid = frozenset({"dark", "water"})
    told = "this patient's profile leaves out dark; choose another value"
    assert made.director.obey(Adjust("shore", "hour", "night")) == told
    assert made.director.obey(Adjust("shore", "rate", 9.0)) is None
    made.frame()
    assert made.place("shore").frames[-1].settings == Tuned(9.0, "day")


def test_what_stood_before_a_loss_may_be_said_before_the_first_frame() -> None:
    made = session(resume=Position(0, 3.0))
    assert made.director.obey(Adjust("shore", "rate", 9.0)) is None
    made.director.obey(GoTo(1))
    made.run(5.0)
    assert made.place("shore").frames[-1].settings == Tuned(9.0)


def test_at_an_anchor_its_scene_is_adjusted() -> None:
    made = session(replace(PLAN, steps=(STEPS[0], Step("lamp", 30.0, None, None), STEPS[3])))
    made.director.obey(GoTo(1))
    made.run(5.0)
    made.director.obey(SetAnchor("breath"))
    made.run(5.0)
    assert made.director.status("").settings == {"rate": 7.0, "hour": "day"}
    assert made.director.obey(Adjust("shore", "rate", 10.0)) is None
    made.frame()
    assert made.place("shore").frames[-1].settings == Tuned(10.0)


# --- closed eyes


def test_before_closed_eyes_the_picture_dims_slowly_to_a_glow_and_back() -> None:
    made = at_the_shore(8.0)
    assert words(made)
    assert made.director.obey(SetEyes(True)) is None
    seen = [made.director.brightness]
    for _ in range(90 * 30):
        made.frame()
        seen.append(made.director.brightness)
    most = limits.LUMINANCE_CHANGE_PER_SECOND / 90 + 1e-9
    assert max(abs(a - b) for a, b in pairwise(seen)) <= most
    assert min(seen) >= GLOW - GLOW_SWELL - 1e-9 > 0.0
    assert max(seen[90 * 12 :]) <= GLOW + GLOW_SWELL + 1e-9
    assert max(seen[90 * 12 :]) - min(seen[90 * 12 :]) > GLOW_SWELL  # it swells and settles
    assert 1.0 / GLOW_SECONDS < limits.LUMINANCE_CHANGE_HZ
    assert not words(made)
    assert made.director.status("").eyes_closed
    assert ear(made).snapshot == "eyes closed"
    made.director.obey(SetEyes(False))
    made.run(9.0)
    assert made.director.brightness == 1.0
    assert ear(made).snapshot == "calm"


def test_closed_eyes_hide_words_within_a_tenth() -> None:
    made = at_the_shore(8.0)
    assert words(made)
    made.director.obey(SetEyes(True))
    made.run(limits.STOP_NOW_ANSWER_SECONDS + 0.02)
    assert not words(made)


def test_grounding_opens_the_eyes_and_its_words_can_be_read() -> None:
    made = at_the_shore()
    made.director.obey(SetEyes(True))
    made.run(12.0)
    made.director.obey(GroundNow())
    made.run(10.0)
    assert made.director.brightness == 1.0
    assert words(made)
    assert made.director.obey(SetEyes(True)) is not None


# --- what the patient makes, hidden


def test_what_is_made_fades_into_mist_within_four_seconds_while_the_place_stays_and_comes_back() -> None:
    made = at_the_shore(8.0)
    seen: list[float] = []

    def run(seconds: float) -> None:
        for _ in range(round(90 * seconds)):
            made.frame()
            seen.append(made.place("shore").frames[-1].veil)

    made.director.obey(SetQuiet(True))  # it goes on while guide and pacing cease
    assert made.director.obey(Veil(True)) is None
    run(VEIL_SECONDS / 2)
    assert 0.3 < seen[-1] < 0.7
    run(4.0 - VEIL_SECONDS / 2)
    assert (seen[-1], made.director.mist, made.here) == (1.0, 0.0, "shore")
    assert made.director.status("").veiled
    made.director.obey(Veil(False))
    run(4.0)
    assert seen[-1] == 0.0
    assert not made.director.status("").veiled
    assert max(abs(a - b) for a, b in pairwise(seen)) < 1.6 / (90 * VEIL_SECONDS)  # no step that could be an event


def test_a_picture_that_takes_a_lost_ones_place_never_shows_what_was_hidden() -> None:
    made = session(resume=Position(1, 8.0, 4.0))
    made.director.obey(Veil(True))  # as the order that stands
    made.director.obey(Go())
    made.run(6.0)
    assert made.here == "shore"
    assert all(frame.veil == 1.0 for frame in made.place("shore").frames)


# --- volume


def test_the_volume_goes_to_the_sound_and_is_told() -> None:
    made = session()
    for db in (-3.0, -6.0, 0.0):
        assert made.director.obey(SetVolume(db)) is None
        assert ear(made).heard[-1] == ("level", (db, 1.0))
        assert made.director.status("").volume_db == db


# --- queasy


def test_queasy_is_bright_still_silent_and_has_words() -> None:
    made = at_the_shore()
    made.director.obey(SetComfort(brightness=0.4))
    made.run(8.0)
    made.director.obey(Queasy())
    assert ("silence", None) in ear(made).heard
    made.run(limits.STOP_NOW_SECONDS + 0.03)
    assert (made.here, made.director.mode) == ("room", Mode.QUEASY)
    assert made.director.mist == pytest.approx(0.0, abs=1e-6)
    room = made.place("room")
    still = room.frames[-1].time
    read = []
    for _ in range(300):
        made.run(0.1)
        read += [each for each in words(made) if each not in read]
    assert {frame.time for frame in room.frames[-2600:]} == {still}
    assert made.director.world_seconds == still
    assert room.frames[-1].quiet
    assert made.director.brightness == 1.0
    assert read == ["lift", "bowl", "here"]
    assert ear(made).snapshot == "silent"
    assert any(words == Mode.QUEASY.value for _, words in made.director.journal.events)
    assert made.director.status("").caption == "here"


def test_after_it_the_world_goes_on_where_it_stood() -> None:
    made = at_the_shore()
    made.director.obey(Queasy())
    made.run(20.0)
    still = made.place("room").frames[-1].time
    made.director.obey(StopNow())
    made.frame()
    assert made.place("room").frames[-1].time == pytest.approx(still + 1 / 90)
    made.run(2.0)
    assert ear(made).snapshot == "calm"
    assert made.place("room").frames[-1].time == pytest.approx(still + 2.0, abs=0.05)
    made.director.obey(Go())
    made.run(3.0)
    assert made.here == "shore"


def test_in_the_calm_room_already_what_sounded_there_does_not_come_back() -> None:
    made = session()
    made.run(3.0)
    made.director.obey(Queasy())
    made.run(10.0)
    assert ("resume", None) not in ear(made).heard
    made.director.obey(Speak(True))
    made.director.obey(SetQuiet(True))
    made.run(1.0)
    assert ear(made).snapshot == "silent"
    made.director.obey(StopNow())
    made.run(1.0)
    assert ("resume", None) in ear(made).heard


def test_queasy_and_grounded_lead_to_each_other_with_their_own_words() -> None:
    made = session()
    made.run(3.0)
    for order, first in ((GroundNow(), "off"), (Queasy(), "lift"), (GroundNow(), "off")):
        made.director.obey(order)
        made.run(2.0)
        assert words(made) == [first]


def test_locked_it_is_answered_too_and_unlocking_plays_nothing() -> None:
    made = session(locked=True)
    made.run(3.0)
    assert made.director.obey(Queasy()) is None
    made.run(2.0)
    assert made.director.mode is Mode.QUEASY
    assert made.director.obey(GoTo(1)) == LOCKED
    made.director.obey(SetPhase(False))
    made.run(2.0)
    assert made.director.mode is Mode.QUEASY


# --- how long


def test_only_a_headset_that_is_worn_and_seen_counts() -> None:
    made = session()
    made.run(3.0)
    made.director.hear(Presence(False))
    made.run(5.0)
    made.director.hear(Presence(True))
    made.director.hear(Visibility(False, False))
    made.run(5.0)
    made.director.hear(Visibility(True, True))
    made.run(2.0)
    assert made.director.status("").exposure_seconds == pytest.approx(5.0, abs=0.1)


def test_after_twenty_minutes_it_goes_to_its_return_and_says_why() -> None:
    made = session(resume=Position(1, 2.0, 2.0, limits.EXPOSURE_MINUTES * 60.0 - 8.0))
    made.director.obey(Go())
    made.run(7.5)
    assert made.here == "shore"
    made.run(0.6 + limits.END_GENTLY_SECONDS)
    assert (made.here, made.director.status("").cue) == ("room", "The way back")
    assert ENOUGH in [words for _, words in made.director.journal.events]
    assert made.director.obey(GoTo(1)) == ENOUGH
    made.run(12.0)
    assert made.director.finished


def test_the_view_can_still_be_placed_at_an_anchor() -> None:
    made = at_the_shore()
    made.director.obey(SetAnchor("sight"))
    made.run(5.0)
    assert made.director.obey(PlaceView()) is None
    made.run(2.5)
    assert (made.here, made.director.mist) == ("lamp", 0.0)


# --- the lamp alone


@pytest.mark.parametrize("closed", [True, False])
def test_a_lamp_never_changes_faster_than_it_may(closed: bool) -> None:
    lamp, before = Lamp(), 1.0
    lamp.ask(0.3)
    for number in range(2000):
        lamp.step(number / 90, 1 / 90, closed=closed if number < 1000 else not closed, full=number > 1700)
        assert abs(lamp.brightness - before) <= limits.LUMINANCE_CHANGE_PER_SECOND / 90 + 1e-12
        before = lamp.brightness
