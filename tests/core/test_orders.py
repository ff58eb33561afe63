"""What the director makes of each command: lock, position and resuming, grounding, view, comfort, words, status."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import asin, cos, degrees, dist, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.places import Place, Session, Words, plan
from tests.core.test_patient_stop import gaze
from vr_app import limits
from vr_app.api import Hand, Inputs, Pose, SceneInfo
from vr_app.clock import Moment
from vr_app.commands import (
    Ask,
    Command,
    EndGently,
    Go,
    GoTo,
    GroundNow,
    Leave,
    PlaceView,
    SetComfort,
    SetPhase,
    SetQuiet,
    SetText,
    StopNow,
    TakeBack,
    Watch,
)
from vr_app.course import LOCKED, Mode
from vr_app.headset import Presence, Recentred, Running, Visibility
from vr_app.placement import EYE_HEIGHT, LYING_EYE_HEIGHT, about_y, rotated, yaw_and_pitch
from vr_app.plan import BETWEEN_PLACES_SECONDS, RETURN
from vr_app.station.messages import Position


def playing(seconds: float = 15.0) -> Session:
    """By default in the lantern's scene, five seconds into its step, with the mist gone."""
    session = Session()
    session.director.obey(Go())
    session.run(seconds)
    return session


class UnderTheSky(Place):
    info = SceneInfo("sky", "Sky", "Stars overhead.", "meditative", flags=frozenset({"sky"}))


# --- the phase lock


def test_a_locked_session_starts_locked_and_refuses_to_go() -> None:
    session = Session(locked=True)
    session.run(5.0)
    assert session.director.obey(Go()) == LOCKED
    session.run(20.0)
    assert (session.director.mode, session.here, session.stands) == (Mode.LOCKED, "room", Position())
    assert session.director.obey(SetPhase(False)) is None
    session.run(5.0)
    assert session.director.mode.value == "waiting in the calm room"  # nothing begins by itself
    assert session.director.obey(Go()) is None
    session.run(15.0)
    assert session.here == "lantern"


def test_a_plan_that_plays_gives_way_to_the_room_and_keeps_its_place() -> None:
    session = playing()
    kept = session.stands
    session.director.obey(SetPhase(True))
    assert session.director.mode is Mode.LOCKED
    session.run(limits.END_GENTLY_SECONDS + 0.05)
    assert (session.here, session.director.mist) == ("room", 0.0)
    count = len(session.place("lantern").frames)
    session.run(30.0)
    assert len(session.place("lantern").frames) == count
    assert session.stands == pytest.approx(kept)
    session.director.obey(SetPhase(False))
    assert session.director.mode.value == "held in the calm room"
    session.run(30.0)
    assert session.here == "room"


@pytest.mark.parametrize(
    ("stop", "after", "within"),
    [
        (StopNow(), Mode.LOCKED, limits.STOP_NOW_SECONDS),
        (GroundNow(), Mode.GROUNDED, limits.STOP_NOW_SECONDS),
        (EndGently(), Mode.OVER, limits.END_GENTLY_SECONDS / 2),
        (Leave(), Mode.OVER, limits.STOP_NOW_SECONDS / 2),
    ],
)
@pytest.mark.parametrize("moment", [0.3, 1.9, 2.5, 6.0])
def test_every_stop_answers_while_locked(stop: Command, after: Mode, within: float, moment: float) -> None:
    session = playing()
    session.director.obey(SetPhase(True))
    session.run(moment)
    assert session.director.obey(stop) is None
    session.run(within + 0.03)
    assert session.director.mode is after
    if after is not Mode.OVER:
        assert session.here == "room"
        assert session.director.mist == pytest.approx(0.0, abs=1e-6)
        assert session.director.obey(Go()) == LOCKED


def test_grounded_and_locked_unlocking_plays_nothing() -> None:
    session = playing()
    session.director.obey(GroundNow())
    session.director.obey(SetPhase(True))
    session.run(3.0)
    session.director.obey(SetPhase(False))
    session.run(10.0)
    assert session.director.mode is Mode.GROUNDED
    session.director.obey(Go())
    session.run(5.0)
    assert session.here == "lantern"


# --- where the plan stands


@pytest.mark.parametrize(
    "interrupt",
    [StopNow(), GroundNow(), SetPhase(True), Presence(False), Running(False, "x")],
    ids=lambda i: type(i).__name__,
)
def test_a_plan_goes_on_in_the_same_second_with_its_scene(interrupt: Command | Presence | Running) -> None:
    session = playing(20.0)
    before = session.stands
    assert before.step == 1
    assert before.step_seconds == pytest.approx(10.0, abs=0.05)
    assert before.scene_seconds == pytest.approx(8.0, abs=0.05)  # two seconds of mist, then the scene
    if isinstance(interrupt, (Presence, Running)):
        session.director.hear(interrupt)
    else:
        session.director.obey(interrupt)
    session.run(30.0)
    assert session.stands == before
    session.director.obey(SetPhase(False))
    session.director.obey(Go())
    session.run(BETWEEN_PLACES_SECONDS + 0.05)
    frame = session.place("lantern").frames[-1]
    assert session.here == "lantern"
    assert frame.scene_time == pytest.approx(before.scene_seconds, abs=0.1)
    session.run(2.0)
    after = session.stands
    assert after.step_seconds - before.step_seconds == pytest.approx(2.0, abs=0.1)
    assert after.scene_seconds - before.scene_seconds == pytest.approx(2.0, abs=0.1)
    session.run(7.5)
    assert session.here == "lantern"
    session.run(3.0)
    assert session.here == "room"


@given(st.integers(0, 2), st.floats(0, 9), st.floats(0, 30))
@settings(max_examples=20, deadline=None)
def test_a_new_process_takes_it_up_where_the_old_one_fell(step: int, seconds: float, scene: float) -> None:
    wanted = Position(step, seconds, scene)
    session = Session(resume=wanted, locked=True)
    session.run(3.0)
    assert (session.director.mode, session.here) == (Mode.LOCKED, "room")
    session.director.obey(SetPhase(False))
    assert session.director.mode.value == "held in the calm room"
    session.run(3.0)
    assert session.stands == wanted
    session.director.obey(Go())
    session.run(BETWEEN_PLACES_SECONDS + 0.05 if step == 1 else 0.02)
    now = session.stands
    assert now.step == step
    assert now.step_seconds == pytest.approx(seconds, abs=0.1)
    if step == 1:
        assert session.here == "lantern"
        assert session.place("lantern").frames[-1].scene_time == pytest.approx(scene, abs=0.1)


ODD = st.one_of(st.floats(), st.sampled_from([-1.0, 1e300, float("nan"), float("inf")]))


@given(st.integers(-5, 50), ODD, ODD)
@settings(deadline=None)
def test_a_position_outside_the_plan_is_drawn_into_it(step: int, seconds: float, scene: float) -> None:
    session = Session(resume=Position(step, seconds, scene))
    position = session.stands
    assert 0 <= position.step <= 2
    assert 0.0 <= position.step_seconds <= plan().steps[position.step].seconds
    assert 0.0 <= position.scene_seconds <= 24 * 3600
    session.director.obey(Go())
    session.run(0.5)


def test_a_scene_that_finishes_ends_its_own_step_only() -> None:
    session = playing()
    stage = session.place("lantern").stage
    assert stage is not None
    session.director.obey(StopNow())
    session.run(3.0)
    stage.finish()  # too late: it is not on
    assert session.stands.step_seconds == pytest.approx(5.0, abs=0.05)
    session.director.obey(Go())
    session.run(5.0)
    stage.finish()
    session.run(0.1)
    assert session.stands.step == 2


# --- grounding


def test_grounding_offers_the_way_out_first_and_its_last_words_stay() -> None:
    session = playing()
    session.director.obey(GroundNow())
    session.run(limits.STOP_NOW_SECONDS + 0.03)
    assert (session.director.mode, session.here) == (Mode.GROUNDED, "room")
    assert session.director.mist == pytest.approx(0.0, abs=1e-6)
    read: list[str] = []
    for _ in range(300):
        session.run(0.1)
        words = [said.words for said, opacity in session.sheet.words if isinstance(said, Words) and opacity > 0.5]
        if words and words[0] not in read:
            read += words
    assert read == ["off", "place", "chair"]
    session.run(120.0)
    assert session.director.status("x").caption == "chair"
    assert session.place("room").frames[-1].quiet  # no pacing
    session.director.obey(GroundNow())
    session.run(1.0)
    assert session.director.status("x").caption == "chair"  # repeated, it changes nothing
    session.director.obey(Go())
    session.run(5.0)
    assert session.here == "lantern"


def test_stop_now_takes_the_grounding_words_away() -> None:
    session = playing()
    session.director.obey(GroundNow())
    session.run(5.0)
    session.director.obey(StopNow())
    session.run(1.0)
    assert session.director.mode is Mode.STOPPED
    assert not session.sheet.words


# --- view


def placed(session: Session, head: Pose, command: PlaceView | None = None) -> list[float]:
    """Place the view for this head; the mist on the way there."""
    session.head = head
    session.run(0.2)
    assert session.director.obey(command or PlaceView()) is None
    mist = []
    for _ in range(round(90 * 2.2)):
        session.frame()
        mist.append(session.director.mist)
    return mist


def test_the_view_is_placed_behind_the_mist_and_nowhere_else() -> None:
    session = playing(5.0)
    session.head = Pose((0.1, 1.1, 0.05), gaze(12.0, 10.0).orientation)
    session.run(1.0)
    before = session.seen.head
    session.director.obey(PlaceView())
    for _ in range(180):
        session.frame()
        if session.seen.head != before:
            break
        before = session.seen.head
    assert session.director.mist > 0.999  # the frame in which the view changed
    session.run(1.2)
    head = session.place("room").frames[-1].inputs.head
    assert head.position == pytest.approx((0.0, EYE_HEIGHT, 0.0), abs=1e-5)
    assert degrees(yaw_and_pitch(head)[1]) == pytest.approx(10.0, abs=0.01)
    assert session.director.mist == 0.0
    assert session.director.mode is Mode.PLAYING


@pytest.mark.parametrize(
    ("pitch", "level", "posture", "left_over", "raised"),
    [
        (-20.0, False, "upright", -20.0, 0.0),
        (15.0, False, "upright", 15.0, 15.0),
        (24.9, False, "upright", 24.9, 24.9),
        (40.0, False, "reclined", 0.0, 0.0),
        (40.0, True, "reclined", 40.0, 40.0),
        (75.0, False, "lying", 75.0, 75.0),
    ],
)
def test_the_place_follows_the_posture(
    pitch: float, level: bool, posture: str, left_over: float, raised: float
) -> None:
    session = Session()
    session.run(3.0)
    mist = placed(session, gaze(130.0, pitch), PlaceView(level))
    assert max(abs(a - b) for a, b in pairwise(mist)) < 0.02  # a second each way, no jump
    comfort = session.place("room").frames[-1].comfort
    assert comfort.posture == posture
    assert degrees(comfort.raised) == pytest.approx(raised, abs=0.01)
    assert degrees(yaw_and_pitch(session.seen.head)[1]) == pytest.approx(left_over, abs=0.01)
    assert session.director.status("x").posture == posture


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("pitch", [-15.0, 0.0, 20.0, 30.0, 55.0, 65.0, 88.0])
def test_captions_stand_before_the_eyes_in_every_posture(pitch: float, level: bool, large: bool) -> None:
    session = Session()
    session.director.obey(SetComfort(text="large" if large else "regular"))
    session.run(3.0)
    placed(session, gaze(-70.0, pitch), PlaceView(level))
    session.director.obey(GroundNow())
    session.run(4.0)
    (label, opacity), at, eyes = session.sheet.words[-1], session.sheet.poses[-1], session.seen.head
    assert isinstance(label, Words)
    assert opacity > 0.9
    away = dist(at.position, eyes.position)
    assert limits.TEXT_NEAREST_METRES <= away <= limits.TEXT_FARTHEST_METRES
    assert degrees(label.height / away) >= (0.95 if large else limits.CAPITAL_HEIGHT_DEG + 0.1)
    x, y, z, w = eyes.orientation
    way = rotated((-x, -y, -z, w), tuple((a - e) / away for a, e in zip(at.position, eyes.position, strict=True)))  # type: ignore[arg-type]
    assert abs(way[0]) < 0.01
    assert -20.0 < degrees(asin(way[1])) < 5.0  # a little below where they look, level heads apart
    facing = rotated(at.orientation, (0.0, 0.0, 1.0))
    assert sum(f * (e - a) for f, e, a in zip(facing, eyes.position, at.position, strict=True)) / away > cos(radians(5))
    assert at.position[1] < 2.4  # below the calm room's ceiling


def test_lying_shows_the_sky_only() -> None:
    sky = UnderTheSky()
    made = plan()
    under = replace(made, steps=(made.steps[0], replace(made.steps[1], scene="sky"), made.steps[2]))
    session = Session({"room": Place(), "sky": sky}, under)
    placed(session, gaze(0.0, 80.0))
    assert session.seen.head.position[1] == pytest.approx(LYING_EYE_HEIGHT, abs=1e-5)
    assert session.director.obey(Go()) is None
    session.run(15.0)
    assert session.here == "sky"
    session = Session()
    session.scenes["lantern"].info = SceneInfo("lantern", "Lantern", "", "centering")  # type: ignore[misc]
    placed(session, gaze(0.0, 80.0))
    refused = session.director.obey(Go())
    assert refused is not None
    assert "'Lantern'" in refused
    assert session.director.mode.value == "waiting in the calm room"


def test_the_way_back_is_for_every_posture() -> None:
    made = plan()
    back = replace(made.steps[2], scene=RETURN)
    session = Session(
        {name: Place() for name in ("room", "lantern", RETURN)}, replace(made, steps=(*made.steps[:2], back))
    )
    session.scenes[RETURN].info = SceneInfo(RETURN, "The way back", "", "home")  # type: ignore[misc]
    placed(session, gaze(0.0, 80.0))
    assert session.director.obey(GoTo(2)) is None
    session.run(6.0)
    assert (session.director.mode, session.here) == (Mode.PLAYING, RETURN)
    session.director.obey(StopNow())
    session.run(2.0)
    assert (session.director.mode, session.here) == (Mode.STOPPED, "room")


def test_laid_down_in_the_middle_of_a_plan_it_is_held_with_the_reason() -> None:
    session = playing()
    place = session.stands
    placed(session, gaze(0.0, 80.0))
    session.run(2.0)
    assert (session.director.mode, session.here) == (Mode.HELD, "room")
    assert any("is not for lying down" in words for _, words in session.director.journal.events)
    assert session.director.obey(Go()) is not None
    placed(session, gaze(0.0, 10.0))
    assert session.director.obey(Go()) is None
    session.run(3.0)
    assert session.here == "lantern"
    assert session.stands.step == place.step
    session = playing(5.0)
    session.director.obey(PlaceView())
    placed(session, gaze(0.0, 80.0))
    session.run(15.0)  # the plan comes to a scene that is not for lying
    assert (session.director.mode, session.here) == (Mode.HELD, "room")


def test_a_tracking_jump_is_covered_in_the_frame_it_comes_and_the_view_stays() -> None:
    session = playing()
    session.head = gaze(10.0, -5.0)
    session.run(0.5)
    before = session.seen.head
    session.head = Pose((0.7, 1.5, -2.0), about_y(radians(120.0)))
    session.frame()
    assert session.director.mist == 1.0
    head = session.place("lantern").frames[-1].inputs.head
    assert head.position == pytest.approx(before.position, abs=1e-5)
    assert yaw_and_pitch(head)[0] == pytest.approx(yaw_and_pitch(before)[0], abs=1e-5)
    session.run(limits.FADE_SECONDS + 0.05)
    assert session.director.mist == 0.0
    assert session.director.mode is Mode.PLAYING


def test_recentring_is_covered_at_once_and_leaves_an_unplaced_view_to_the_runtime() -> None:
    session = playing()
    session.director.hear(Recentred(None))
    session.head = gaze(3.0, 0.0)
    session.frame()
    assert session.director.mist == 1.0
    assert session.seen.head is session.head
    session.run(2.0)
    assert session.director.mist == 0.0
    placed(session, gaze(50.0, 0.0))
    session.director.hear(Recentred(None))
    session.head = gaze(0.0, 0.0)
    session.frame()
    assert session.director.mist == 1.0
    assert yaw_and_pitch(session.place("lantern").frames[-1].inputs.head)[0] == pytest.approx(0.0, abs=1e-6)


def test_recentring_while_the_view_is_about_to_be_placed_is_covered_too() -> None:
    session = playing()
    session.run(1.0)
    session.director.obey(PlaceView())
    session.run(0.2)
    session.director.hear(Recentred(None))
    session.head = gaze(90.0, 0.0)
    session.frame()
    assert session.director.mist == 1.0
    session.run(2.2)
    assert session.director.mist == 0.0
    assert yaw_and_pitch(session.seen.head)[0] == pytest.approx(0.0, abs=1e-6)


def test_a_stop_while_the_view_is_placed_is_as_fast_as_ever() -> None:
    for moment in (0.1, 0.5, 0.95, 1.05, 1.5, 1.9):
        session = playing()
        session.head = gaze(80.0, 50.0)
        session.run(0.1)
        session.director.obey(PlaceView())
        session.run(moment)
        session.director.obey(StopNow())
        session.run(limits.STOP_NOW_SECONDS + 0.03)
        assert (session.here, session.director.mode) == ("room", Mode.STOPPED)
        assert session.director.mist == pytest.approx(0.0, abs=1e-6)


def test_an_untracked_head_cannot_be_placed() -> None:
    session = Session()
    nowhere = session.director.placed_inputs(Inputs(Pose((float("nan"), 0.0, 0.0))))
    assert not nowhere.head_tracked
    refused = session.director.obey(PlaceView())
    assert refused is not None
    assert "not tracked" in refused


def test_eyes_are_lifted_to_the_height_that_is_asked_for() -> None:
    session = Session()
    session.head = Pose((0.0, 0.95, 0.0))
    session.run(3.0)
    session.director.obey(SetComfort(seated_height=1.1))
    session.run(2.5)
    assert session.seen.head.position[1] == pytest.approx(1.1)
    placed(session, Pose((0.3, 0.7, 0.0)))
    assert session.seen.head.position == pytest.approx((0.0, 1.1, 0.0))
    session.director.obey(SetComfort())
    session.run(2.5)
    assert session.seen.head.position[1] == pytest.approx(EYE_HEIGHT)


# --- comfort, words, panels, status


@pytest.mark.parametrize(("wanted", "seconds"), [(0.3, 7.0), (0.5, 5.0), (0.95, 1.0)])
def test_brightness_changes_slowly(wanted: float, seconds: float) -> None:
    session = Session()
    session.run(3.0)
    session.director.obey(SetComfort(brightness=wanted))
    seen = [session.director.brightness]
    for _ in range(round(90 * (seconds - 0.1))):
        session.frame()
        seen.append(session.director.brightness)
    steps = [a - b for a, b in pairwise(seen)]
    assert min(steps) >= 0.0
    assert max(steps) <= limits.LUMINANCE_CHANGE_PER_SECOND / 90 + 1e-9
    assert seen[-1] > wanted
    session.run(0.2)
    assert session.director.brightness == wanted


def test_the_patients_words_go_to_their_slot_or_are_refused() -> None:
    session = Session()
    assert session.director.obey(SetText("value", "The sea")) is None
    assert session.kit.slots == {"value": "The sea"}
    assert session.director.obey(SetText("value", "\N{SNOWMAN}")) == "the typeface lacks that"


QUESTION = Ask("now", "choice", "How is it?", ("Fine", "Not so fine"))


def test_a_panel_is_shown_answered_and_never_while_locked_leaving_or_grounded() -> None:
    session = Session()
    session.run(3.0)
    assert session.director.obey(QUESTION) is None
    session.run(2.0)
    words = "How is it? Fine Not so fine"
    assert session.sheet.board(words) is not None
    session.director.obey(SetPhase(True))
    session.run(0.1)
    assert session.sheet.board(words) is None
    assert session.director.obey(QUESTION) == LOCKED
    session.director.obey(SetPhase(False))
    session.run(0.1)
    assert session.sheet.board(words) is not None
    session.director.obey(GroundNow())
    session.run(0.1)
    assert session.sheet.board(words) is None
    refused = session.director.obey(QUESTION)
    assert refused is not None
    assert "grounded" in refused
    session.director.obey(StopNow())
    session.run(1.5)
    assert session.sheet.board(words) is not None
    session.director.obey(TakeBack("now"))
    session.run(1.0)
    assert session.sheet.board(words) is None


def test_status_tells_the_whole_session() -> None:
    session = Session(made=plan(words="The water comes up the sand."))
    director = session.director
    first = director.status("Monado, simulated")
    assert (first.mode, first.here, first.plan, first.headset) == (Mode.WAITING.value, "", "Test", "Monado, simulated")
    assert (first.worn, first.focused, first.head_tracked) == (True, True, True)
    assert (first.position, first.steps, first.seconds_left) == (Position(), 3, 40.0)
    director.obey(Go())
    session.run(15.0)
    status = director.status("")
    assert (status.mode, status.here, status.caption) == ("playing", "lantern", "The water comes up the sand.")
    assert status.time == pytest.approx(15.0)
    assert status.seconds_left == pytest.approx(25.0, abs=0.05)
    director.hear(Visibility(True, False))
    director.hear(Presence(False))
    director.placed_inputs(Inputs(head_tracked=False))
    director.obey(SetPhase(True))
    status = director.status("")
    assert (status.worn, status.focused, status.head_tracked, status.quiet, status.locked) == (
        False,
        False,
        False,
        True,
        True,
    )
    session.scenes["room"].update = None  # type: ignore[assignment, method-assign]
    session.run(3.0)
    assert "scene 'room' failed" in director.status("").fault


def test_scenes_are_told_how_much_detail_a_machine_can_draw() -> None:
    session = Session()
    session.director.detail = 1
    session.run(1.0)
    assert session.place("room").frames[-1].detail == 1


EVERY: list[Command] = [
    *(Go(), SetQuiet(True), EndGently(), StopNow(), GroundNow(), Leave(), SetPhase(True), SetPhase(False)),
    *(SetText("a", "b"), PlaceView(), SetComfort(brightness=0.5, hand="left"), QUESTION, TakeBack("now")),
]


@pytest.mark.parametrize("command", EVERY, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("seconds", [0.0, 15.0])
def test_every_command_may_be_repeated(command: Command, seconds: float) -> None:
    """Once or five times in a row: the same session comes of it."""
    statuses = []
    for times in (1, 5):
        session = playing(seconds)
        answers = [session.director.obey(command) for _ in range(times)]
        assert len(set(answers)) == 1
        session.run(3.0)
        statuses.append((session.director.status("x"), session.director.mist, session.director.brightness))
    assert statuses[0] == statuses[1]


def test_what_is_not_the_directors_is_refused_in_words() -> None:
    refused = Session().director.obey(Watch())
    assert refused is not None
    assert "Watch" in refused


def test_before_the_first_frame_everything_may_be_asked() -> None:
    for command in EVERY:
        session = Session()
        session.director.obey(command)
        session.director.status("x")
        session.frame()


def test_a_head_that_is_lost_while_it_is_placed_is_placed_where_it_was_last() -> None:
    session = playing(5.0)
    session.head = gaze(40.0, 0.0)
    session.run(0.5)
    session.director.obey(PlaceView())
    for number in range(200):
        session.time += 1 / 90
        inputs = session.director.placed_inputs(Inputs(gaze(40.0, 0.0), head_tracked=False, left=Hand(Pose())))
        session.director.update(number, Moment(session.time, 1 / 90), inputs)
    assert session.director.mist == 0.0


def test_words_that_cannot_be_shown_are_left_out_and_told() -> None:
    session = Session(made=plan(words="\N{SNOWMAN} is beside you."))
    session.director.obey(Go())
    session.run(16.0)
    assert session.here == "lantern"
    assert not session.sheet.words
    assert session.director.status("").fault == "a caption cannot be shown: the typeface lacks that"
