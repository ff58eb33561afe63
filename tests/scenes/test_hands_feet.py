"""Hands and feet: a light that visits, skips and rests; lights that follow hands or lie on the lap; soft pulses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from headless_harness.census import NotingKit
from scenes.hands_feet import (
    BEAT_SECONDS,
    BOTH,
    EYE,
    FEET,
    GAIN,
    LEFT,
    PLACES,
    REST,
    RIGHT,
    VISIT_SECONDS,
    HandsFeet,
    HandsFeetSettings,
    facing_eye,
)
from scenes.valley.attention import REST_SECONDS
from scenes.valley.hearth import MARKER, stands_at
from scenes.valley.soft_hands import GLOWS, LAP, SoftHands
from scenes.valley.visits import EASE_SECONDS, FIRST_SECONDS, HUSH_SECONDS
from tests.scenes.unbuilt import Unbuilt
from vr_app.api import Comfort, Frame, Hand, Inputs, Pose, Stage, Vec3
from vr_app.catalogue import SettingsError, make_settings
from vr_app.remembered import Remembered
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

DT = 1.0 / 30.0
AHEAD: Vec3 = (0.0, 1.2, 0.0)
HELD = Hand(Pose((0.3, 1.0, -0.4)))


class Felt:
    """Remembers pulses."""

    def __init__(self) -> None:
        self.pulses: list[tuple[str, float, float]] = []

    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        self.pulses.append((hand, gain, seconds))


class Visit(NamedTuple):
    """The scene without its picture, and what it reaches."""

    scene: HandsFeet
    felt: Felt
    remembered: Remembered
    clock: list[float]  # session and guided seconds

    def go(self, seconds: float, inputs: Inputs = Inputs(), *, quiet: bool = False, **changes: Any) -> None:  # noqa: B008
        comfort = Comfort(hand=changes.pop("hand", "right"))
        settings = replace(HandsFeetSettings(), **changes)
        for _ in range(round(seconds / DT)):
            dt = 0.0 if quiet else DT
            self.clock[0] += DT
            self.clock[1] += dt
            self.scene.update(Frame(0, self.clock[0], self.clock[1], dt, quiet, inputs, settings, comfort))


@pytest.fixture
def visit() -> Visit:
    scene, felt, remembered = HandsFeet(), Felt(), Remembered()
    kit = NotingKit()
    scene.place, scene.hands = Unbuilt("hearth"), SoftHands(kit)
    scene.markers = {"right": stands_at(*MARKER), "left": stands_at(-MARKER[0], MARKER[1])}
    notes: list[str] = []
    scene.enter(Stage(felt, Silent(), remembered.of("hands_feet"), Works().of("hands_feet"), notes.append, print))
    return Visit(scene, felt, remembered, [0.0, 0.0])


def at_marker(visit: Visit) -> Pose:
    """A head that looks at the words."""
    return Pose(EYE, facing_eye(visit.scene.attention.spots[0].centre).orientation)


def test_the_light_visits_each_place_in_turn(visit: Visit) -> None:
    visit.go(FIRST_SECONDS - 1.0)
    assert visit.scene.visits.here is None and max(visit.scene.bright) == pytest.approx(REST)
    seen: list[int | None] = []
    for _ in range(5):
        visit.go(VISIT_SECONDS)
        seen.append(visit.scene.visits.here)
    assert seen == [RIGHT, LEFT, BOTH, FEET, RIGHT]
    assert len(PLACES) == 4


def test_what_is_turned_off_is_not_visited_and_has_no_light(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + 3 * VISIT_SECONDS, feet="off", left_hand="off", both_hands="off")
    assert set(visit.scene.visits.been) == {RIGHT}
    assert visit.scene.bright[FEET] == visit.scene.bright[LEFT] == 0.0


def test_with_all_turned_off_nothing_is_visited(visit: Visit) -> None:
    off: dict[str, Any] = {"right_hand": "off", "left_hand": "off", "both_hands": "off", "feet": "off"}
    visit.go(FIRST_SECONDS + VISIT_SECONDS, **off)
    assert visit.scene.visits.been == [] and visit.scene.shown == 0.0


@pytest.mark.parametrize("hand", ["right", "left"])
def test_a_gaze_on_the_marker_leaves_out_what_is_visited(visit: Visit, hand: str) -> None:
    visit.go(FIRST_SECONDS + 8.0, hand=hand)
    visit.go(REST_SECONDS + 0.2, Inputs(head=at_marker(visit)), hand=hand)
    assert visit.scene.visits.here == LEFT
    visit.go(4 * VISIT_SECONDS, hand=hand)
    assert visit.scene.visits.been.count(RIGHT) == 1


def test_one_press_is_enough_and_a_press_held_takes_no_more(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + 8.0)
    away = Pose.facing(AHEAD, 1.5)
    visit.go(0.1, Inputs(head=away, left=Hand(HELD.grip, at_marker(visit))))
    visit.go(8.0, Inputs(head=away, left=Hand(HELD.grip, at_marker(visit), select=1.0)))
    assert visit.scene.visits.been == [RIGHT, LEFT]


def test_presses_of_a_hand_that_wanders_over_the_words_leave_out_one_place(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + 8.0)
    away = Pose.facing(AHEAD, 1.5)
    for _ in range(10):
        visit.go(0.3, Inputs(head=away, left=Hand(HELD.grip, at_marker(visit))))
        visit.go(0.3, Inputs(head=away, left=Hand(HELD.grip, at_marker(visit), select=1.0)))
    assert visit.scene.visits.been == [RIGHT, LEFT] and visit.scene.shown == 0.0


def test_a_glance_leaves_nothing_out(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + 8.0)
    visit.go(0.5 * REST_SECONDS, Inputs(head=at_marker(visit)))
    visit.go(5.0)
    assert visit.scene.visits.here == RIGHT


def test_all_left_out_the_lights_are_gone_and_nothing_is_offered(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + 1.0)
    for _ in PLACES:
        visit.scene.visits.skip()
        visit.go(1.0)
    visit.go(EASE_SECONDS + 5.0)
    assert visit.scene.visits.here is None
    assert visit.scene.bright == [0.0] * 4 and visit.scene.shown == 0.0


def test_quiet_stops_visits_and_pulses_and_the_lights_come_to_rest(visit: Visit) -> None:
    held = Inputs(right=HELD, left=HELD)
    visit.go(FIRST_SECONDS + 10.0, held)
    visit.felt.pulses.clear()
    visit.go(HUSH_SECONDS + 1.0, held, quiet=True)
    visit.go(2 * VISIT_SECONDS, held, quiet=True)
    assert visit.scene.visits.here == RIGHT and visit.felt.pulses == []
    assert visit.scene.bright == pytest.approx([REST] * 4)


def test_brightness_never_leaps_whatever_happens(visit: Visit) -> None:
    last, steepest = list(visit.scene.bright), 0.0
    for step in range(1500):
        what = step // 150
        visit.go(DT, quiet=what % 3 == 1, feet="off" if what % 4 == 3 else "on", right_hand="off" if what > 6 else "on")
        if step % 400 == 399:
            visit.scene.visits.skip()
        steepest = max(steepest, *(abs(a - b) / DT for a, b in zip(visit.scene.bright, last, strict=True)))
        last = list(visit.scene.bright)
    assert steepest < 0.6  # of full brightness a second


def test_pulses_are_soft_and_only_at_the_hand_that_is_visited(visit: Visit) -> None:
    held = Inputs(right=HELD, left=HELD)
    visit.go(FIRST_SECONDS + VISIT_SECONDS, held, haptics=1.0)
    assert {hand for hand, _, _ in visit.felt.pulses} == {"right"}
    gains = [gain for _, gain, _ in visit.felt.pulses]
    assert 0.3 < max(gains) <= GAIN
    assert len(gains) <= VISIT_SECONDS / BEAT_SECONDS
    visit.felt.pulses.clear()
    visit.go(3 * VISIT_SECONDS, held, haptics=0.0)
    assert visit.felt.pulses == []


def test_feet_are_not_felt_at_the_hands_and_an_absent_hand_is_not_asked(visit: Visit) -> None:
    only: dict[str, Any] = {"right_hand": "off", "left_hand": "off", "both_hands": "off"}
    visit.go(FIRST_SECONDS + VISIT_SECONDS, Inputs(right=HELD, left=HELD), **only)
    assert visit.felt.pulses == []
    visit.go(VISIT_SECONDS, Inputs(left=HELD), feet="off", left_hand="off", right_hand="off")
    visit.go(VISIT_SECONDS, Inputs(left=HELD), feet="off", left_hand="off", right_hand="off")
    assert {hand for hand, _, _ in visit.felt.pulses} == {"left"}


def test_a_light_follows_its_hand_and_eases_to_the_lap_when_it_is_lost(visit: Visit) -> None:
    hands = visit.scene.hands
    assert hands.middle(0) == pytest.approx(LAP[0]) and hands.middle(1) == pytest.approx(LAP[1])
    visit.go(6.0, Inputs(right=HELD))
    assert hands.middle(0) == pytest.approx(HELD.grip.position, abs=0.005)
    last, quickest = np.array(hands.middle(0)), 0.0
    for _ in range(150):
        visit.go(DT)
        now = np.array(hands.middle(0))
        quickest, last = max(quickest, float(np.linalg.norm(now - last)) / DT), now
    assert quickest < 1.0  # m/s
    assert hands.middle(0) == pytest.approx(LAP[0], abs=0.01)


def test_joints_lead_each_glow_and_numbers_that_are_none_lead_none(visit: Visit) -> None:
    joints = np.tile(np.array([0.2, 1.1, -0.5, 0, 0, 0, 1, 0.01], np.float32), (26, 1))
    joints[10, :3] = 0.25, 1.2, -0.6
    visit.go(6.0, Inputs(right=HELD._replace(joints=joints)))
    assert visit.scene.hands.places[0].max(axis=0) == pytest.approx([0.25, 1.2, -0.5], abs=0.005)
    joints = np.full((26, 8), np.nan, np.float32)
    lost = Hand(Pose((float("nan"), 1.0, 0.0)), joints=joints)
    visit.go(6.0, Inputs(right=lost))
    assert np.isfinite(visit.scene.hands.places).all()
    assert visit.scene.hands.middle(0) == pytest.approx(LAP[0], abs=0.01)
    assert visit.scene.hands.places.shape == (2, GLOWS, 3)


def test_what_was_visited_may_be_taken_home_in_plain_words(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + VISIT_SECONDS + 1.0)
    kept = visit.remembered.get("hands_feet", "take_home")
    assert kept is not None
    assert json.loads(kept) == {"kind": "audio", "title": "Hands and feet", "lines": ["Right hand", "Left hand"]}
    visit.scene.visits.skip()
    visit.go(1.0)
    kept = visit.remembered.get("hands_feet", "take_home")
    assert json.loads(kept or b"")["lines"] == ["Right hand", "Both hands"]


def test_the_same_visit_twice_is_the_same(visit: Visit) -> None:
    visit.go(FIRST_SECONDS + 20.0, Inputs(right=HELD))
    once = visit.scene.hands.places.copy(), list(visit.scene.bright)
    again = HandsFeet()
    again.place, again.hands, again.markers = visit.scene.place, visit.scene.hands, visit.scene.markers
    again.enter(visit.scene.stage)
    Visit(again, visit.felt, visit.remembered, [0.0, 0.0]).go(FIRST_SECONDS + 20.0, Inputs(right=HELD))
    assert np.array_equal(again.hands.places, once[0]) and again.bright == once[1]


@pytest.mark.parametrize(
    "wrong", [{"haptics": float("nan")}, {"haptics": 1.2}, {"pace": 0.0}, {"feet": "maybe"}, {"pace": float("inf")}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        make_settings(HandsFeet, wrong)


def test_the_words_face_the_eye() -> None:
    at = (0.43, 0.3, -1.48)
    x, y, z, w = facing_eye(at).orientation
    facing = np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)])
    way = np.array(EYE) - at
    assert facing == pytest.approx(way / np.linalg.norm(way))
