"""What a hand makes: seen and kept are the same, and come back; a hand that is lost loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headless_harness.census import NotingKit, NotingPass
from scenes.light_paint import LightPaint, LightPaintSettings
from scenes.making.brushes import BRUSHES, AirInks, brush, paint
from scenes.making.canvas import Canvas
from scenes.making.nib import JUMP, Nib
from scenes.making.palette import COLOURS, WORDS
from scenes.making.reach import CHEST, FARTHEST, NEAREST, in_arc
from tests.core.places import NoHands
from tests.scenes.test_sounds import Told
from tests.scenes.unbuilt import Unbuilt
from vr_app.api import Frame, Hand, Inputs, Pose, Stage, Vec3
from vr_app.remembered import Remembered
from vr_app.render.context import open_context
from vr_app.works.works import Works

HZ = 1.0 / 30.0
COLOUR = (0.5, 0.25, 1.0, 0.5)
SCENE = "light_paint"


def again(remembered: Remembered) -> Works:
    """The next visit."""
    return Works(Remembered(dict(remembered._known)))


# --- canvas


@pytest.fixture(scope="module")
def kit() -> Iterator[Any]:
    with open_context("egl"):
        from vr_app.render.renderer import Renderer

        yield Renderer().kit


def drawn(canvas: Canvas) -> int:
    """Points that the GPU shows, tips left out."""
    lengths = [length for strokes in (canvas._inks.matter, canvas._inks.light) for _, length in strokes.spans()]  # type: ignore[attr-defined]
    return sum(max(length - 4, 0) for length in lengths)


def kept(canvas: Canvas) -> int:
    """Points that the work shows."""
    return sum(len(stroke.points) for stroke in canvas.work.shown().values())


STEPS = st.lists(
    st.one_of(
        st.sampled_from(["undo", "redo", "clear"]),
        st.tuples(st.sampled_from(["erase"]), st.integers(0, 3)),
        st.tuples(st.sampled_from([*BRUSHES, "a brush of tomorrow"]), st.integers(1, 30)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_what_is_seen_is_what_is_kept_and_comes_back(kit: Any, steps: list[Any]) -> None:
    remembered = Remembered()
    works = Works(remembered)
    canvas = Canvas(AirInks(kit, 4000, 60))
    canvas.open(works.of(SCENE).open())
    canvas.load_whole()
    for index, step in enumerate(steps):
        match step:
            case ("erase", int(where)):
                canvas.erase((0.5 * where, 0.0, -1.0), 0.1)
            case (str(name), int(count)):
                number = canvas.begin(name, COLOUR, turns=1 + index % 3, mirror=bool(index % 2))
                assert number is not None
                for point in range(count):
                    canvas.append((0.5 * (index % 4), 0.1 * point, -1.0), 0.02)
                canvas.end()
            case _:
                getattr(canvas, step)()
        assert canvas.count == len(canvas.work.shown())
        assert drawn(canvas) == kept(canvas)
    works.finish()
    reopened = Canvas(AirInks(kit, 4000, 60))
    reopened.open(again(remembered).of(SCENE).open())
    reopened.load_whole()
    assert drawn(reopened) == drawn(canvas) and reopened.count == canvas.count
    while canvas.undo():  # and so do all the steps behind it
        assert reopened.undo() and drawn(reopened) == drawn(canvas) == kept(canvas)
    assert not reopened.undo()


def test_an_eraser_finds_turned_and_mirrored_copies(kit: Any) -> None:
    for where, turns, mirror in (
        ((-0.5, 1.0, -1.0), 1, True),
        ((-0.5, 1.0, 1.0), 2, False),
        ((0.5, 1.0, 1.0), 2, True),
    ):
        canvas = Canvas(AirInks(kit, 100, 20))
        canvas.open(Works().of(SCENE).open())
        canvas.load_whole()
        canvas.begin("ink", COLOUR, turns=turns, mirror=mirror)
        canvas.append((0.5, 1.0, -1.0), 0.01)
        canvas.end()
        assert not canvas.erase((0.0, 1.0, 0.0), 0.1)
        assert canvas.erase(where, 0.1) and not canvas.count


def test_a_canvas_without_room_says_so(kit: Any) -> None:
    canvas = Canvas(AirInks(kit, 20, 2))
    canvas.open(Works().of(SCENE).open())
    canvas.load_whole()
    assert canvas.begin("ink", COLOUR) is not None
    assert all(canvas.append((0.1 * n, 0.0, -1.0), 0.01) for n in range(20))
    canvas.begin("ink", COLOUR)
    canvas.end()
    assert canvas.begin("ink", COLOUR, turns=12) is None


def test_brush_and_own_value_share_a_byte() -> None:
    for name, made in BRUSHES.items():
        for own in (0.0, 0.5, 1.0):
            byte = round(255.0 * paint(name, (0.0, 0.0, 0.0, own))[3])
            assert byte >> 5 == made.number and (byte & 31) / 31.0 == pytest.approx(own, abs=0.02)
    assert brush("a brush of tomorrow") == BRUSHES["ink"]


@given(st.tuples(*[st.floats(-1.2, 1.2)] * 3), st.floats(0.5, 2.0))
def test_every_mark_lies_in_the_arc(tip: Vec3, gain: float) -> None:
    away = float(np.linalg.norm(np.subtract(in_arc(tip, gain), CHEST)))
    assert NEAREST - 1e-6 <= away <= FARTHEST + 1e-6


# --- nib


def hand(x: float = 0.2, y: float = 1.0, z: float = -0.4, select: float = 1.0) -> Hand:
    pose = Pose((x, y, z))
    return Hand(pose, pose, select)


def frame_of(
    index: int, right: Hand | None = None, left: Hand | None = None, head: Pose = Pose((0.0, 1.2, 0.0))
) -> Frame:
    now = index * HZ
    return Frame(
        index, now, now, HZ if index else 0.0, False, Inputs(head, right=right, left=left), LightPaintSettings()
    )


def led(hands: list[tuple[Hand | None, Hand | None]]) -> list[Nib]:
    """A nib after each frame, as it was then."""
    nib, seen = Nib(), []
    for index, (right, left) in enumerate(hands):
        nib.update(frame_of(index, right, left))
        copy = Nib()
        copy.__dict__.update(nib.__dict__)
        seen.append(copy)
    return seen


def test_a_press_draws_and_letting_go_ends_it() -> None:
    seen = led([(hand(select=0.0), None), (hand(), None), (hand(), None), (hand(select=0.0), None)])
    assert [(n.began, n.drawing, n.ended) for n in seen] == [
        (False, False, False), (True, True, False), (False, True, False), (False, False, True),
    ]  # fmt: skip


def test_a_hand_that_comes_pressed_draws_nothing_until_it_lets_go() -> None:
    seen = led([(None, None), (hand(), None), (hand(), None), (hand(select=0.0), None), (hand(), None)])
    assert [n.drawing for n in seen] == [False, False, False, False, True]


@pytest.mark.parametrize("lost", [None, hand(x=nan), hand(x=0.2 + 2 * JUMP), hand(0.0, 1.2, -0.1)])
def test_what_is_no_movement_ends_a_stroke_and_is_not_bridged(lost: Hand | None) -> None:
    """A hand that is lost, no number, jumps, or is at the head."""
    seen = led([(hand(select=0.0), None), (hand(), None), (lost, None), (hand(), None), (hand(), None)])
    assert seen[2].ended and not any(n.drawing for n in seen[2:])


def test_of_two_hands_the_one_that_began_makes() -> None:
    rest, press = hand(select=0.0), hand()
    away = hand(-0.2)
    seen = led(
        [(rest, rest), (rest, away), (press, away), (press, away), (press, hand(-0.2, select=0.0)), (press, rest)]
    )
    assert [n.hand for n in seen[1:4]] == ["left"] * 3 and all(n.drawing for n in seen[1:4])
    assert seen[4].ended


def test_bare_hands_draw_between_thumb_and_finger() -> None:
    joints = np.zeros((26, 8), np.float32)
    joints[:, :3] = (0.1, 1.0, -0.5)
    nib = Nib()
    for index, select in enumerate((0.0, 1.0)):
        nib.update(frame_of(index, Hand(Pose((9.0, 9.0, 9.0)), None, select, joints=joints)))
    assert nib.drawing and nib.tip == pytest.approx((0.1, 1.0, -0.5))


# --- the scene


class Visit:
    def __init__(self, remembered: Remembered | None = None) -> None:
        self.remembered = remembered or Remembered()
        self.works = Works(self.remembered)
        self.scene, self.told, self.kit = LightPaint(), Told(), NotingKit()
        self.scene.make_tools(self.kit)
        self.scene.place = Unbuilt("grove")
        self.scene.enter(Stage(NoHands(), self.told, self.remembered.of(SCENE), self.works.of(SCENE), print, print))
        self.settings, self.index, self.seconds = LightPaintSettings(), 0, 0.0

    def step(self, right: Hand | None, *, left: Hand | None = None, quiet: bool = False) -> None:
        frame = replace(frame_of(self.index, right, left), settings=self.settings, quiet=quiet, scene_time=self.seconds)
        self.scene.update(frame)
        self.works.save(frame.time)
        self.index, self.seconds = self.index + 1, self.seconds + HZ

    def rest(self, seconds: float, right: Hand | None = None) -> None:
        for _ in range(round(seconds / HZ)):
            self.step(right or hand(select=0.0))

    def stroke(self, count: int = 30, x: float = -0.2) -> None:
        self.step(hand(x, select=0.0))
        for n in range(count):
            self.step(hand(x + 0.01 * n, 1.0 + 0.004 * n))
        self.step(hand(x + 0.01 * count, select=0.0))

    def touch(self, word: str) -> None:
        """A hand reaches one of the words, and goes away again."""
        at = self.scene.palette.centre(len(COLOURS) + len(BRUSHES) + list(WORDS).index(word))  # type: ignore[arg-type]
        for _ in range(75):
            self.step(Hand(Pose(at), None, 0.0))
        self.step(hand(select=0.0))


def test_a_newcomer_with_one_hand_has_a_mark_in_half_a_minute_and_a_kept_work_in_two() -> None:
    visit = Visit()
    visit.rest(18.0)  # looks about, and hears that the trigger leaves a mark
    visit.stroke()
    assert visit.scene.canvas.count == 1 and visit.seconds < 30.0
    for n in range(4):
        visit.rest(5.0)
        visit.stroke(x=-0.3 + 0.1 * n)
    visit.rest(max(52.0 - visit.seconds, 0.0))
    visit.touch("keep")
    assert visit.seconds < 120.0 and visit.scene.kept
    visit.works.finish()
    ((scene, work),) = again(visit.remembered).of(SCENE).finished()
    assert scene == SCENE and len(work.shown()) == 5


def test_tools_come_one_after_the_other_and_all_at_once_to_who_comes_back() -> None:
    visit = Visit()
    visit.rest(5.0)
    assert not any(visit.scene.palette.seen)
    visit.rest(20.0)
    shown = [n for n, seen in enumerate(visit.scene.palette.seen) if seen]
    assert shown == list(range(len(COLOURS)))
    visit.stroke()
    visit.works.finish()
    back = Visit(Remembered(dict(visit.remembered._known)))
    back.rest(4.0)
    assert sum(seen > 0.0 for seen in back.scene.palette.seen) > len(COLOURS) + len(BRUSHES)
    assert back.scene.canvas.count == 1


def test_undo_erase_mirror_clear_and_another_do_what_they_say() -> None:
    visit = Visit()
    visit.settings = replace(visit.settings, tools="at_once")
    visit.rest(4.0)
    visit.stroke()
    visit.touch("mirror")
    visit.stroke(x=0.1)
    canvas = visit.scene.canvas
    assert [stroke.mirror for stroke in canvas.work.shown().values()] == [False, True]
    visit.touch("undo")
    assert canvas.count == 1
    visit.touch("redo")
    assert canvas.count == 2
    visit.touch("clear")
    assert canvas.count == 0
    visit.touch("undo")
    assert canvas.count == 2
    visit.touch("erase")
    visit.stroke()
    assert canvas.count < 2
    visit.touch("erase")
    visit.stroke()
    before = canvas.work.id
    visit.touch("keep")
    visit.rest(4.0)
    visit.touch("another")
    assert canvas.work.id != before and canvas.count == 0


def test_one_goes_on_painting_while_the_session_is_quiet() -> None:
    visit = Visit()
    for n in range(30):
        visit.step(hand(0.01 * n, select=0.0 if n == 0 else 1.0), quiet=True)
    visit.step(hand(0.3, select=0.0), quiet=True)
    assert visit.scene.canvas.count == 1


def test_a_veiled_work_is_not_drawn() -> None:
    visit = Visit()
    visit.stroke()
    drawn: dict[float, int] = {}
    for veil in (0.0, 1.0):
        out = NotingPass(visit.kit)
        visit.scene.inks.draw(out, replace(frame_of(0), veil=veil))
        drawn[veil] = out.draws
    assert drawn[0.0] > drawn[1.0] == 0
