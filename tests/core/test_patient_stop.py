"""The patient's own stop: what counts, what must never count, and what answers meanwhile."""

from __future__ import annotations

from math import cos, degrees, dist, pi, radians, sin, tau
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.places import Session
from vr_app import limits
from vr_app.api import Comfort, Hand, Inputs, Pose, Quat, Vec3
from vr_app.commands import EndGently, Go, GroundNow, PlaceView, SetComfort, SetPhase, SetQuiet, StopNow
from vr_app.course import Mode
from vr_app.director import MARK_FAINT
from vr_app.headset import Visibility
from vr_app.patient_stop import GAZE_SECONDS, PatientStop, palms_out
from vr_app.placement import about_x, about_y, product, rotated, seen_from

HZ = 90
EYES = (0.0, 1.2, 0.0)
HEAD = Pose(EYES)
MARK = seen_from(EYES, radians(-35), radians(-30), 1.4).position
OUT: Quat = about_x(pi / 2)  # fingers up: the palm's -y then faces ahead, away from the patient
LEFT, RIGHT = (-0.15, 1.05, -0.45), (0.15, 1.05, -0.45)


def hand(at: Vec3, turn: Quat, *, stop: bool = False) -> Hand:
    joints = np.zeros((26, 8), np.float32)
    joints[:, :3], joints[:, 3:7], joints[:, 7] = at, turn, 0.02
    return Hand(Pose(at, turn), stop=stop, joints=joints)


def palms(turn: Quat, left: Vec3 = LEFT, right: Vec3 = RIGHT) -> tuple[Hand, Hand]:
    return hand(left, turn), hand(right, turn)


def gaze(yaw: float, pitch: float) -> Pose:
    return Pose(EYES, product(about_y(radians(yaw)), about_x(radians(pitch))))


def seconds_to_stop(inputs: Inputs, longest: float = 5.0) -> float | None:
    """How long this must be kept up; None: it never stops."""
    stop = PatientStop()
    for frame in range(1, round(longest * HZ) + 1):
        if stop.update(inputs, 1 / HZ, MARK, 0.0):
            return frame / HZ
    return None


WAYS = {
    "left button": (Inputs(HEAD, left=Hand(Pose(), stop=True)), limits.STOP_BUTTON_SECONDS),
    "right button": (Inputs(HEAD, right=Hand(Pose(), stop=True)), limits.STOP_BUTTON_SECONDS),
    "palms": (Inputs(HEAD, True, *palms(OUT)), limits.STOP_PALMS_SECONDS),
    "gaze": (Inputs(gaze(-35, -30)), GAZE_SECONDS),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_takes_its_time(way: str) -> None:
    inputs, seconds = WAYS[way]
    assert seconds_to_stop(inputs) == pytest.approx(seconds, abs=1.5 / HZ)


@pytest.mark.parametrize("way", WAYS)
def test_it_answers_at_once_grows_and_stops_but_once(way: str) -> None:
    inputs, seconds = WAYS[way]
    stop, begun, stopped, before = PatientStop(), 0, 0, 0.0
    for frame in range(round(3 * seconds * HZ)):
        stopped += stop.update(inputs, 1 / HZ, MARK, 0.0)
        begun += stop.begins
        assert stop.progress >= before or stopped
        before = stop.progress
        if frame / HZ >= limits.STOP_FEEDBACK_SECONDS:
            assert stop.progress > 0.0 or stopped
    assert (begun, stopped) == (1, 1)
    assert stop.progress == 0.0  # kept up for ever, a stuck button say, it is neither seen nor counted again


@pytest.mark.parametrize("way", WAYS)
def test_let_go_it_begins_anew_and_a_flicker_costs_little(way: str) -> None:
    inputs, seconds = WAYS[way]
    stop = PatientStop()
    for _ in range(round((seconds - 0.1) * HZ)):
        assert not stop.update(inputs, 1 / HZ, MARK, 0.0)
    stop.update(Inputs(HEAD), 1 / HZ, MARK, 0.0)
    assert stop.progress > 0.5  # one frame
    for _ in range(HZ // 10):
        stop.update(Inputs(HEAD), 1 / HZ, MARK, 0.0)
    assert stop.progress == 0.0
    for _ in range(round((seconds - 0.1) * HZ)):
        assert not stop.update(inputs, 1 / HZ, MARK, 0.0)


def test_a_stuck_button_leaves_the_other_ways_open() -> None:
    stop = PatientStop()
    stuck = Hand(Pose(), stop=True)
    for _ in range(5 * HZ):
        stop.update(Inputs(HEAD, left=stuck), 1 / HZ, MARK, 0.0)
    assert any(stop.update(Inputs(gaze(-35, -30), left=stuck), 1 / HZ, MARK, 0.0) for _ in range(4 * HZ))


def test_a_gaze_asks_before_it_counts() -> None:
    stop, asked = PatientStop(), []
    for _ in range(round(GAZE_SECONDS * HZ)):
        stop.update(Inputs(gaze(-35, -30)), 1 / HZ, MARK, 0.0)
        asked.append(stop.confirming)
    assert asked.index(True) / HZ == pytest.approx(limits.STOP_GAZE_SECONDS, abs=2 / HZ)


@pytest.mark.parametrize("head", [gaze(0, 0), gaze(-35, 0), gaze(0, -30), gaze(35, -30), gaze(-35, -40)])
def test_looking_elsewhere_never_stops(head: Pose) -> None:
    assert seconds_to_stop(Inputs(head)) is None


def test_a_lost_head_does_not_look() -> None:
    assert seconds_to_stop(Inputs(gaze(-35, -30), head_tracked=False)) is None


def test_trigger_and_grip_never_stop() -> None:
    pressed = Hand(Pose(), select=1.0, squeeze=1.0)
    assert seconds_to_stop(Inputs(HEAD, left=pressed, right=pressed)) is None


@given(
    st.floats(0, tau),
    st.floats(-40, 40),
    st.tuples(st.floats(-0.5, 0.5), st.floats(0.4, 1.6), st.floats(-0.7, 0.0)),
)
def test_palms_up_never_count(turn: float, lean: float, at: Vec3) -> None:
    """As people meditate: wherever the hands are, whichever way the fingers point, leaning by up to 40 degrees."""
    up: Quat = (0.0, 0.0, 1.0, 0.0)  # rolled over: -y points up
    turned = product(product(about_x(radians(lean)), about_y(turn)), up)
    assert rotated(turned, (0.0, -1.0, 0.0))[1] > 0.7
    left, right = palms(turned, at, (at[0] + 0.3, at[1], at[2]))
    assert not palms_out(HEAD, left, right, 0.0)


NEVER = {
    "down, on the knees": palms((0.0, 0.0, 0.0, 1.0), (-0.15, 0.65, -0.4), (0.15, 0.65, -0.4)),
    "towards the face": palms(about_x(-pi / 2)),
    "towards each other": (hand(LEFT, product(about_y(-pi / 2), OUT)), hand(RIGHT, product(about_y(pi / 2), OUT))),
    "out, but on the lap": palms(OUT, (-0.15, 0.6, -0.4), (0.15, 0.6, -0.4)),
    "out, but not pushed": palms(OUT, (-0.2, 1.1, -0.15), (0.2, 1.1, -0.15)),
    "fingers down": palms(product((0.0, 0.0, 1.0, 0.0), OUT)),
    "one only": (hand(LEFT, OUT), hand(RIGHT, (0.0, 0.0, 0.0, 1.0))),
    "not seen": palms((0.0, 0.0, 0.0, 0.0)),
    "nowhere": palms((float("nan"),) * 4),
}


@pytest.mark.parametrize("how", NEVER)
def test_other_hands_never_count(how: str) -> None:
    assert not palms_out(HEAD, *NEVER[how], 0.0)


def test_with_controllers_there_are_no_palms() -> None:
    left, right = (Hand(Pose(at, OUT)) for at in (LEFT, RIGHT))
    assert seconds_to_stop(Inputs(HEAD, left=left, right=right)) is None


@given(st.floats(-40, 29), st.floats(-20, 20), st.floats(-30, 30))
def test_palms_count_as_people_push_them(lean: float, splay: float, around: float) -> None:
    """Leaning, splayed and pushed in any direction of the compass."""
    body = about_y(radians(around) * 6)

    def pushed(at: Vec3, side: float) -> Hand:
        own = product(about_y(radians(side * splay)), product(about_x(radians(lean)), OUT))
        x, _, z = rotated(body, (at[0], 0.0, at[2]))
        return hand((x, at[1], z), product(body, own))

    assert palms_out(HEAD, pushed(LEFT, 1.0), pushed(RIGHT, -1.0), 0.0)


@pytest.mark.parametrize("tilt", [0.0, 25.0, 50.0, 80.0])
def test_palms_follow_a_body_that_leans_back(tilt: float) -> None:
    back = about_x(radians(tilt))

    def leaned(at: Vec3, turn: Quat) -> Hand:
        x, y, z = rotated(back, (at[0], at[1] - EYES[1], at[2]))
        return hand((x, y + EYES[1], z), product(back, turn))

    assert palms_out(HEAD, leaned(LEFT, OUT), leaned(RIGHT, OUT), radians(tilt))
    resting: Quat = (0.0, 0.0, 1.0, 0.0)  # palms up beside the body, as seen by gravity
    beside = [
        hand((x, EYES[1] - 0.2 * sin(radians(tilt)), -0.6 * cos(radians(90 - tilt))), resting) for x in (-0.3, 0.3)
    ]
    assert not palms_out(HEAD, beside[0], beside[1], radians(tilt))


# --- in a session


def test_it_works_while_quiet_and_without_focus() -> None:
    for by_therapist in (True, False):
        session = Session()
        session.director.obey(Go())
        session.run(15.0)
        if by_therapist:
            session.director.obey(SetQuiet(True))
        else:
            session.director.hear(Visibility(True, False))
        session.run(limits.STOP_BUTTON_SECONDS + 0.05, left=Hand(Pose(), stop=True))
        assert session.director.mode is Mode.STOPPED
        session.run(limits.STOP_NOW_SECONDS + 0.05)
        assert session.here == "room"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (StopNow(), Mode.STOPPED),
        (GroundNow(), Mode.GROUNDED),
        (SetPhase(True), Mode.LOCKED),
        (SetPhase(False), Mode.STOPPED),
    ],
)
def test_it_is_harmless_where_nothing_plays(before: StopNow | GroundNow | SetPhase, after: Mode) -> None:
    session = Session()
    session.director.obey(before)
    session.run(3.0)
    session.run(2.0, right=Hand(Pose(), stop=True))
    assert session.director.mode is after
    session.run(2.0)
    assert (session.here, session.director.mist) == ("room", 0.0)


def test_a_session_that_ends_is_only_ended_faster() -> None:
    session = Session()
    session.director.obey(SetPhase(True))
    session.run(3.0)
    session.director.obey(EndGently())
    assert session.director.mode is Mode.LEAVING
    session.run(1.6, right=Hand(Pose(), stop=True))
    session.run(0.3)
    assert session.director.finished


def test_it_is_felt_as_it_begins_and_as_it_is_done() -> None:
    session = Session()
    session.run(5.0)
    pressed = Hand(Pose(), stop=True)
    session.run(0.1, left=pressed)
    assert session.haptics.pulses == ["left"]
    session.run(1.5, left=pressed)
    assert session.haptics.pulses == ["left", "left"]


def test_the_ring_is_seen_from_the_first_tenth_of_a_second() -> None:
    session = Session()
    session.run(5.0)
    assert session.sheet.board("") is None
    session.run(limits.STOP_FEEDBACK_SECONDS, left=Hand(Pose(), stop=True))
    ring = session.sheet.board("")
    assert ring is not None
    at, looks = ring
    assert looks["opacity"] > 0.5
    assert 0.05 < looks["states"][0] < 0.1
    assert limits.TEXT_NEAREST_METRES <= distance(at.position) <= limits.TEXT_FARTHEST_METRES


def distance(place: Vec3, eyes: Vec3 = EYES) -> float:
    return dist(place, eyes)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_mark_stands_low_on_the_side_in_use_and_follows_the_view(side: Literal["left", "right"]) -> None:
    session = Session()
    session.director.obey(SetComfort(hand=side))
    session.run(5.0)
    for pitch in (0.0, 20.0, 45.0, 75.0):
        session.head = gaze(70.0, pitch)
        session.run(0.1)
        assert session.director.obey(PlaceView()) is None
        session.run(4.0)
        mark = session.sheet.board("Stop")
        assert mark is not None
        eyes = session.seen.head
        way = rotated((-eyes.orientation[0], -eyes.orientation[1], -eyes.orientation[2], eyes.orientation[3]),
                      tuple(m - e for m, e in zip(mark[0].position, eyes.position, strict=True)))  # type: ignore[arg-type]  # fmt: skip
        assert (way[0] > 0.3) == (side == "right")
        assert way[1] < -0.3
        assert way[2] < -0.3
        assert distance(mark[0].position, eyes.position) == pytest.approx(1.4, abs=1e-3)
        assert mark[1]["opacity"] == pytest.approx(MARK_FAINT, abs=0.01)


def test_a_look_at_the_mark_where_it_stands_now_stops() -> None:
    session = Session()
    session.head = gaze(100.0, 40.0)
    session.run(5.0)
    session.director.obey(Go())
    session.director.obey(PlaceView())
    session.run(15.0)
    turn = product(about_y(radians(100.0)), product(about_x(radians(40.0)), gaze(-35.0, -30.0).orientation))
    for share in range(1, 46):  # half a second to turn the head there
        part = share / 45
        half = product(about_y(radians(100.0)), about_x(radians(40.0)))
        session.head = Pose(EYES, product(half, gaze(-35.0 * part, -30.0 * part).orientation))
        session.frame()
    assert session.head.orientation == pytest.approx(turn)
    session.run(GAZE_SECONDS - 0.2)
    assert session.director.mode.value == "playing"
    asking = session.sheet.board("Keep looking to stop")
    assert asking is not None
    assert asking[1]["opacity"] == pytest.approx(1.0)
    session.run(0.3)
    assert session.director.mode is Mode.STOPPED


def test_comfort_reaches_the_scenes() -> None:
    session = Session()
    session.director.obey(SetComfort(hand="left", text="large"))
    session.head = gaze(0.0, 20.0)
    session.run(1.0)
    session.director.obey(PlaceView())
    session.run(3.0)
    comfort = session.place("room").frames[-1].comfort
    assert comfort == Comfort("upright", "left", True, comfort.raised)
    assert degrees(comfort.raised) == pytest.approx(20.0)
