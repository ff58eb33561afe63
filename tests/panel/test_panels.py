"""Panels: what can be asked, where it hangs and how large its letters are, how it is answered, and odd poses."""

from __future__ import annotations

import re
from itertools import product
from math import acos, atan2, degrees, hypot, inf, nan, radians
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.panel.paper import PaperKit, PaperPass, glyph_boxes, typeface
from vr_app import limits
from vr_app.api import Comfort, Hand, Inputs, Pose, Quat, Vec3
from vr_app.commands import Ask
from vr_app.panel import (
    COOL_SECONDS,
    DWELL_SECONDS,
    FADE_IN_SECONDS,
    FADE_OUT_SECONDS,
    INDEX_TIP,
    QUADS,
    Panels,
    Ring,
    StopMark,
    before,
    lay_out,
    sizes,
)
from vr_app.placement import rotated
from vr_app.render.text import PILL, PLATE, RING, Sheet
from vr_app.scripted.headset import looking, looking_at

STEP = 1 / 90
EYES = Pose((0.0, 1.2, 0.0))
PLAIN = Comfort()
LABEL = Ask("label", "label", "You're in the clinic, in your chair.")
CHOICE = Ask("where", "choice", "Where would you like to go?", ("The jetty", "The stream", "Nowhere yet"))
SCALE = Ask("worry", "scale", "How much does this worry you?", ("Not at all", "As much as can be"))
LONG = "The light on the water, and the boat that did not move today"
FULL = (
    Ask("l", "label", ("Breathe out slowly and let it be as it is. " * 4)[:140]),
    Ask("c", "choice", "Which of these would you like to keep?", tuple(f"{LONG[:57]} {k}" for k in range(5))),
    Ask("s", "scale", ("How much does any of this worry you now? " * 4)[:140], (LONG, LONG)),
)
unhurried = settings(deadline=None, max_examples=80)


class Patient:
    """Panels, and a body to answer with."""

    def __init__(self, comfort: Comfort = PLAIN, eyes: Pose = EYES) -> None:
        self.kit = PaperKit()
        self.panels = Panels(self.kit)
        self.comfort, self.eyes = comfort, eyes
        self.away = looking(radians(90), at=eyes.position)

    def live(self, seconds: float, inputs: Inputs | None = None) -> None:
        inputs = inputs or Inputs(self.away)
        for _ in range(round(seconds / STEP)):
            self.panels.update(STEP, inputs, self.comfort, self.eyes)

    def asked(self, command: Ask) -> Patient:
        assert self.panels.ask(command, self.comfort) is None
        self.live(FADE_IN_SECONDS + 0.1)
        return self

    def towards(self, place: Vec3 | None, origin: Vec3 | None = None) -> Pose:
        """A head or an aim that points at a place."""
        assert place is not None
        origin = origin or self.eyes.position
        return looking_at(place, origin)

    def look(self, answer: str, seconds: float = DWELL_SECONDS + 0.1) -> None:
        self.live(seconds, Inputs(self.towards(self.panels.place_of(answer))))

    def point(self, answer: str, which: Literal["left", "right"], select: float) -> None:
        place = self.panels.place_of(answer)
        hand = Hand(Pose((0.2, 0.8, -0.2)), self.towards(place, (0.2, 0.8, -0.2)), select)
        left, right = (hand, None) if which == "left" else (None, hand)
        self.live(STEP, Inputs(self.away, True, left, right))

    def drawn(self, opacity: float = 1.0) -> PaperPass:
        out = PaperPass()
        self.panels.draw(out, opacity)
        return out


# --- What can be asked


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (Ask("a", "label", "Привет"), "CYRILLIC CAPITAL LETTER PE.*Latin script"),
        (Ask("a", "label", "שלום"), "HEBREW LETTER SHIN.*Latin script"),
        (Ask("a", "choice", "Well?", ("Yes", "はい")), "HIRAGANA LETTER HA.*Latin script"),
        (Ask("a", "label", "Rest \N{SLIGHTLY SMILING FACE}"), "SLIGHTLY SMILING FACE.*leave it out"),
        (Ask("a", "label", "abc\u202edef"), "RIGHT-TO-LEFT OVERRIDE.*leave it out"),
        (Ask("a", "label", " \n "), "no words"),
        (Ask("a", "label", "x" * 141), "141 characters, there is room for 140; shorten"),
        (Ask("a", "label", "Sit here", ("OK",)), "nothing to choose"),
        (Ask("a", "choice", "Well?", ("Yes",)), "2 to 5 options, not 1"),
        (Ask("a", "choice", "Well?", tuple("abcdef")), "2 to 5 options, not 6"),
        (Ask("a", "choice", "Well?", ("Yes", "Yes")), "same words"),
        (Ask("a", "scale", "Well?", ("Not at all",)), "both its ends or none, not 1"),
        (Ask("a", "label", "\n".join(["Sit"] * 30)), "too long to be seen at once; shorten"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(command: Ask, told: str) -> None:
    patient = Patient().asked(SCALE)
    patient.look("4")
    refused = patient.panels.ask(command, PLAIN)
    assert refused is not None and "\n" not in refused
    assert re.search(told, refused), refused
    patient.live(3.0)
    assert patient.panels.place_of("4") and patient.panels.answers == {"worry": "4"}  # nothing has changed


@pytest.mark.parametrize("command", FULL, ids=lambda command: command.kind)
@pytest.mark.parametrize("large", [False, True])
def test_the_longest_words_that_are_allowed_find_room(command: Ask, large: bool) -> None:
    layout = lay_out(command, Comfort(large_text=large), Sheet(typeface()))
    assert len(layout.sheet) <= QUADS


def test_a_scale_without_names_has_eleven_numbers() -> None:
    layout = lay_out(Ask("s", "scale", "How is it?"), PLAIN, Sheet(typeface()))
    assert [target.answer for target in layout.targets] == [str(k) for k in range(11)]


# --- Where it hangs


def seen_angle(panel: Pose, eyes: Vec3, one: tuple[float, float], other: tuple[float, float]) -> float:
    """Degrees between two points of a panel, as the eyes see them."""
    rays = []
    for x, y in (one, other):
        place = np.add(panel.position, rotated(panel.orientation, (x, y, 0.0)))
        rays.append((place - eyes) / np.linalg.norm(place - eyes))
    return degrees(acos(min(float(rays[0] @ rays[1]), 1.0)))


@unhurried
@given(
    st.sampled_from([LABEL, CHOICE, SCALE, *FULL]),
    st.booleans(),
    st.sampled_from(["left", "right"]),
    st.floats(0.0, radians(85.0)),
    st.tuples(st.floats(-2, 2), st.floats(0.3, 1.6), st.floats(-2, 2)),
    st.floats(-3.1, 3.1),
)
def test_letters_are_large_enough_and_never_too_near_or_too_far(
    command: Ask, large: bool, hand: Literal["left", "right"], raised: float, eyes: Vec3, yaw: float
) -> None:
    patient = Patient(Comfort("upright", hand, large, raised), Pose.facing(eyes, yaw))
    assert patient.panels.ask(command, patient.comfort) is None
    patient.live(0.1)
    (drawn,) = patient.drawn().drawn
    assert drawn.at is not None
    boxes = glyph_boxes(patient.kit.boards[0].shown)
    capital = sizes(patient.comfort).capital
    corners = [(x, y) for left, bottom, right, top in boxes.tolist() for x in (left, right) for y in (bottom, top)]
    for x, y in {min(corners), max(corners), *(max(corners, key=lambda c: sx * c[0] + sy * c[1])
                                                  for sx, sy in product((-1, 1), (-1, 1)))}:  # fmt: skip
        place = np.add(drawn.at.position, rotated(drawn.at.orientation, (x, y, 0.0)))
        assert limits.TEXT_NEAREST_METRES <= np.linalg.norm(place - eyes) <= limits.TEXT_FARTHEST_METRES
        assert seen_angle(drawn.at, eyes, (x, y - capital / 2), (x, y + capital / 2)) >= limits.CAPITAL_HEIGHT_DEG
    wide = seen_angle(drawn.at, eyes, (boxes[:, 0].min(), 0.0), (boxes[:, 2].max(), 0.0))
    assert wide <= 40.0
    # it faces the eyes
    towards = rotated(drawn.at.orientation, (0.0, 0.0, 1.0))
    way = np.subtract(eyes, drawn.at.position)
    assert float(np.dot(towards, way) / np.linalg.norm(way)) == pytest.approx(1.0, abs=1e-6)


def elevation(place: Vec3 | None, eyes: Pose = EYES) -> float:
    assert place is not None
    _, y, z = (there - here for here, there in zip(eyes.position, place, strict=True))
    return atan2(y, -z)


@pytest.mark.parametrize("raised", [20.0, 40.0, 80.0])
def test_a_raised_panel_stands_as_much_higher(raised: float) -> None:
    def hangs_at(comfort: Comfort) -> float:
        patient = Patient(comfort).asked(SCALE)
        return degrees(elevation(patient.panels.place_of("5")))

    assert hangs_at(Comfort(raised=radians(raised))) - hangs_at(PLAIN) == pytest.approx(raised, abs=0.5)


def test_the_middle_of_a_scale_is_not_before_resting_eyes() -> None:
    for command in (SCALE, CHOICE):
        patient = Patient()
        patient.away = EYES  # straight ahead
        patient.asked(command).live(20.0)
        assert patient.panels.answers == {}
    for command in (SCALE, CHOICE, FULL[0]):
        drawn = Patient().asked(command).drawn().drawn[0]
        targets = lay_out(command, PLAIN, Sheet(typeface())).targets
        assert drawn.at is not None
        top = max((target.hand[3] for target in targets), default=0.0)
        edge = np.add(drawn.at.position, rotated(drawn.at.orientation, (0.0, top, 0.0)))
        assert degrees(elevation(tuple(edge.tolist()))) < -3.0


@pytest.mark.parametrize(("hand", "side"), [("left", -1), ("right", 1)])
def test_rings_stand_on_the_side_of_the_hand_in_use(hand: Literal["left", "right"], side: int) -> None:
    patient = Patient(Comfort(hand=hand)).asked(CHOICE)
    places = [patient.panels.place_of(answer) for answer in CHOICE.options]
    assert all(place and place[0] * side > 0.1 for place in places)
    heights = [place[1] for place in places if place]
    assert heights == sorted(heights, reverse=True)


def test_a_scale_runs_from_left_to_right_for_either_hand() -> None:
    for comfort in (PLAIN, Comfort(hand="left")):
        patient = Patient(comfort).asked(SCALE)
        across = [place[0] for k in range(11) if (place := patient.panels.place_of(str(k)))]
        assert len(across) == 11 and across == sorted(across)


def test_targets_of_a_panel_never_overlap() -> None:
    for command, large, hand in product((CHOICE, SCALE, *FULL[1:]), (False, True), ("left", "right")):
        layout = lay_out(command, Comfort("upright", hand, large), Sheet(typeface()))  # type: ignore[arg-type]
        for boxes in ([target.gaze for target in layout.targets], [target.hand for target in layout.targets]):
            for k, (left, bottom, right, top) in enumerate(boxes):
                for other in boxes[k + 1 :]:
                    apart = max(other[0] - right, left - other[2]), max(other[1] - top, bottom - other[3])
                    assert max(apart) > -1e-9


def test_a_head_that_leans_leaves_the_panel_where_it_is_and_a_new_place_takes_it_along() -> None:
    patient = Patient().asked(SCALE)
    place = patient.panels.place_of("5")
    patient.eyes = Pose((0.1, 1.15, -0.1))
    patient.live(1.0)
    assert patient.panels.place_of("5") == place
    patient.eyes = Pose((0.0, 0.9, 0.5))
    patient.live(0.1)
    moved = patient.panels.place_of("5")
    assert moved and place and np.subtract(moved, place) == pytest.approx((0.0, -0.3, 0.5))


# --- How it is answered


def test_a_label_needs_no_answer() -> None:
    patient = Patient().asked(LABEL)
    patient.live(5.0, Inputs(EYES))
    assert patient.panels.answers == {} and len(patient.drawn().drawn) == 1


def test_a_look_a_ray_and_a_fingertip_answer() -> None:
    patient = Patient().asked(CHOICE)
    patient.look("The stream")
    assert patient.panels.answers == {"where": "The stream"}
    patient.point("The jetty", "left", 0.0)
    patient.point("The jetty", "left", 0.9)
    assert patient.panels.answers == {"where": "The jetty"}
    patient.live(COOL_SECONDS)
    place = patient.panels.place_of("Nowhere yet")
    assert place is not None
    joints = np.full((26, 8), nan, np.float32)
    joints[INDEX_TIP, :3] = np.add(EYES.position, 0.3 * np.subtract(place, EYES.position))
    patient.live(DWELL_SECONDS + 0.1, Inputs(patient.away, True, None, Hand(Pose((0, 0.7, -0.2)), joints=joints)))
    assert patient.panels.answers == {"where": "Nowhere yet"}


def test_a_controller_without_aim_touches_with_its_grip() -> None:
    patient = Patient().asked(SCALE)
    place = patient.panels.place_of("7")
    assert place is not None
    grip = tuple(np.add(EYES.position, 0.35 * np.subtract(place, EYES.position)).tolist())
    patient.live(DWELL_SECONDS + 0.1, Inputs(patient.away, True, Hand(Pose(grip)), None))
    assert patient.panels.answers == {"worry": "7"}


@pytest.mark.parametrize("share", [0.05, 0.9])
def test_a_fingertip_at_the_eye_or_out_of_reach_touches_nothing(share: float) -> None:
    patient = Patient().asked(SCALE)
    place = patient.panels.place_of("7")
    assert place is not None
    grip = tuple(np.add(EYES.position, share * np.subtract(place, EYES.position)).tolist())
    patient.live(5.0, Inputs(patient.away, True, Hand(Pose(grip)), None))
    assert patient.panels.answers == {}


def test_the_answer_of_every_number_is_its_own() -> None:
    for number in range(11):
        patient = Patient().asked(SCALE)
        patient.look(str(number))
        assert patient.panels.answers == {"worry": str(number)}


@pytest.mark.parametrize(("hand", "answer"), [("left", "The jetty"), ("right", "The stream")])
def test_when_both_hands_press_at_once_the_one_in_use_answers(hand: Literal["left", "right"], answer: str) -> None:
    patient = Patient(Comfort(hand=hand)).asked(CHOICE)
    for select in (0.0, 1.0):
        left, right = (
            Hand(Pose(at), patient.towards(patient.panels.place_of(name), at), select)
            for name, at in (("The jetty", (-0.2, 0.8, -0.2)), ("The stream", (0.2, 0.8, -0.2)))
        )
        patient.live(0.1, Inputs(patient.away, True, left, right))
    assert patient.panels.answers == {"where": answer}


def test_it_answers_within_the_frame() -> None:
    patient = Patient().asked(CHOICE)
    before_looking = patient.drawn().drawn[0].states
    patient.look("The jetty", STEP)
    after = patient.drawn().drawn[0].states
    assert before_looking[4] == 0.0 and after[4] > 0.0 and after[6] > 0.0
    patient.point("The stream", "right", 0.0)
    patient.point("The stream", "right", 1.0)
    chosen = patient.drawn().drawn[0].states
    assert chosen[8] == 1.0 and chosen[9] > 0.0


def test_an_answer_can_be_changed_until_it_is_taken_back_and_stays_afterwards() -> None:
    patient = Patient().asked(SCALE)
    patient.look("2")
    patient.live(2.0)
    patient.look("6")
    assert patient.panels.answers == {"worry": "6"}
    patient.panels.take_back("worry")
    place = patient.panels.place_of("9")
    patient.live(0.3, Inputs(patient.towards(place)))
    assert patient.drawn().drawn
    patient.live(5.0, Inputs(patient.towards(place)))
    assert patient.panels.answers == {"worry": "6"}
    assert not patient.panels.showing and patient.drawn().drawn == []


def test_it_fades_in_before_anything_can_be_chosen_and_out() -> None:
    patient = Patient()
    patient.panels.ask(SCALE, PLAIN)
    seen: list[float] = []
    while len(seen) < 90:
        patient.live(STEP)
        seen += [drawn.opacity for drawn in patient.drawn().drawn]
    assert seen == sorted(seen) and seen[0] < 0.02 and seen[88] < 1.0
    assert patient.drawn(0.5).drawn[0].opacity == pytest.approx(0.5 * seen[-1])
    assert patient.drawn(0.0).drawn == []
    patient.panels.take_back("worry")
    patient.live(FADE_OUT_SECONDS / 2)
    assert patient.drawn().drawn[0].opacity == pytest.approx(0.5, abs=0.03)


def test_the_same_question_again_changes_nothing_and_another_comes_after_a_fade() -> None:
    patient = Patient().asked(SCALE)
    patient.look("3")
    assert patient.panels.ask(SCALE, PLAIN) is None
    assert patient.panels.answers == {"worry": "3"} and patient.drawn().drawn[0].opacity == 1.0
    assert patient.panels.ask(CHOICE, PLAIN) is None
    patient.live(FADE_OUT_SECONDS + FADE_IN_SECONDS + 0.2)
    assert patient.panels.place_of("3") is None and patient.panels.place_of("The jetty")
    assert patient.panels.ask(SCALE, PLAIN) is None  # anew: it has no answer yet
    assert patient.panels.answers == {}
    patient.panels.take_back("worry")  # before it was seen
    patient.live(3.0)
    assert not patient.panels.showing


def test_new_comfort_refits_the_question_and_keeps_its_answer() -> None:
    patient = Patient().asked(CHOICE)
    patient.look("The stream")
    small = patient.kit.boards[0].shown
    patient.comfort = Comfort(large_text=True, hand="left")
    patient.live(FADE_OUT_SECONDS + FADE_IN_SECONDS + 0.2)
    shown = patient.kit.boards[1].shown
    heights = [np.median(np.ptp(glyph_boxes(sheet)[:, 1::2], axis=1)) for sheet in (small, shown)]
    assert heights[1] > 1.4 * heights[0]
    place = patient.panels.place_of("The stream")
    assert place and place[0] < -0.1
    assert patient.panels.answers == {"where": "The stream"} and patient.drawn().drawn[0].states[9] == 1.0


def test_one_draw_for_a_whole_panel() -> None:
    patient = Patient().asked(FULL[1])
    assert len(patient.drawn().drawn) == 1
    kinds = patient.kit.boards[0].shown.arrays()["kind"][::4, 0].astype(int) % 8
    assert [int((kinds == kind).sum()) for kind in (PLATE, PILL, RING)] == [1, 5, 5]


# --- Odd input

numbers = st.one_of(st.floats(-3, 3), st.sampled_from([nan, inf, -inf, 0.0, 1e30]))
poses = st.builds(Pose, st.tuples(numbers, numbers, numbers), st.tuples(numbers, numbers, numbers, numbers))
hands = st.one_of(
    st.none(),
    st.builds(
        lambda grip, aim, select, value: Hand(
            grip, aim, select, joints=None if value is None else np.full((26, 8), value, np.float32)
        ),
        poses,
        st.one_of(st.none(), poses),
        numbers,
        st.one_of(st.none(), numbers.filter(lambda value: abs(value) < 1e30 or value != value)),
    ),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(numbers, poses, st.booleans(), hands, hands, poses), max_size=40))
def test_odd_poses_and_times_do_nothing_odd(
    frames: list[tuple[float, Pose, bool, Hand | None, Hand | None, Pose]],
) -> None:
    patient = Patient().asked(CHOICE)
    for dt, head, tracked, left, right, eyes in frames:
        patient.panels.update(dt, Inputs(head, tracked, left, right), PLAIN, eyes)
        for drawn in patient.drawn().drawn:
            assert drawn.at and np.isfinite([*drawn.at.position, *drawn.at.orientation, *drawn.states]).all()
    patient.eyes = EYES
    patient.panels.answers.clear()
    patient.live(FADE_IN_SECONDS + COOL_SECONDS + 1.0)
    for answer in ("The jetty", "The stream"):  # still of use
        patient.look(answer)
        patient.live(COOL_SECONDS)
    assert patient.panels.answers == {"where": "The stream"}


@pytest.mark.parametrize("tracked", [Inputs(EYES, False), Inputs(Pose((0, 1.2, 0), (nan, 0, 0, 1)))])
def test_a_lost_head_looks_at_nothing(tracked: Inputs) -> None:
    patient = Patient().asked(SCALE)
    place = patient.panels.place_of("5")
    head = patient.towards(place) if tracked.head == EYES else tracked.head
    patient.live(10.0, Inputs(head, tracked.head_tracked))
    assert patient.panels.answers == {}


def test_a_ray_from_behind_meets_nothing() -> None:
    patient = Patient().asked(SCALE)
    place = patient.panels.place_of("5")
    assert place
    behind = (place[0], place[1], place[2] - 1.0)
    turned: Quat = (0.0, 1.0, 0.0, 0.0)  # looks along +z
    for select in (0.0, 1.0):
        patient.live(0.1, Inputs(patient.away, True, None, Hand(Pose(behind), Pose(behind, turned), select)))
    assert patient.panels.answers == {}


@pytest.mark.parametrize("raised", [0.0, 20.0, 40.0, 85.0])
@pytest.mark.parametrize(("hand", "side"), [("left", -1.0), ("right", 1.0)])
def test_aside_is_as_far_aside_for_a_patient_who_lies(
    raised: float, hand: Literal["left", "right"], side: float
) -> None:
    comfort = Comfort("upright", hand, raised=radians(raised))
    eyes = Pose.facing((0.3, 0.9, 0.2), 0.5)
    at = before(eyes, comfort, radians(-30.0), radians(35.0), 1.4)
    rest = before(eyes, comfort, 0.0)
    qx, qy, qz, qw = rest.orientation
    back = -qx, -qy, -qz, qw
    x, y, z = rotated(back, tuple(np.subtract(at.position, eyes.position).tolist()))
    assert np.linalg.norm((x, y, z)) == pytest.approx(1.4)
    assert degrees(atan2(x * side, -z)) == pytest.approx(35.0)
    assert degrees(atan2(y, hypot(x, z))) == pytest.approx(-30.0)
    level = rotated(back, rotated(at.orientation, (1.0, 0.0, 0.0)))
    assert level[1] == pytest.approx(0.0, abs=1e-9)  # its lines run level for these eyes


# --- Ring and mark


def test_ring_and_mark_are_one_draw_each_or_none() -> None:
    kit, out, at = PaperKit(), PaperPass(), before(EYES, PLAIN, 0.0)
    ring, mark = Ring(kit), StopMark(kit, 1.4, "Keep looking to stop")
    ring.draw(out, 0.35, at, 0.8)
    mark.draw(out, 1.0, at, 0.4)
    mark.draw(out, 1.0, at, 0.4, large=True)
    assert [(drawn.opacity, drawn.states[0], sum(drawn.states)) for drawn in out.drawn] == [
        (0.8, 0.35, 0.35),
        (0.4, 1.0, 1.0),
        (0.4, 1.0, 1.0),
    ]
    assert len({id(drawn.board) for drawn in out.drawn}) == 3
    ring.draw(out, 0.5, at, 0.0)
    mark.draw(out, 0.5, at, 0.0)
    assert len(out.drawn) == 3


@pytest.mark.parametrize("words", ["Stop", "Keep looking to stop"])
def test_letters_of_the_mark_are_large_enough_where_it_stands(words: str) -> None:
    kit = PaperKit()
    StopMark(kit, 1.4, words)
    for board, least in zip(kit.boards, (0.6, 0.95), strict=True):
        (box, *_) = glyph_boxes(board.shown, words[0])
        assert degrees((box[3] - box[1]) / 1.4) >= least
