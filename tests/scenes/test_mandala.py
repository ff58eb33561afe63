"""What is drawn on the table is seen as often as its symmetry says, and no hand that leaps, is lost or has no numbers
leaves a line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import atan2, cos, hypot, nan, sin
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from headless_harness.census import NotingKit
from scenes.making.canvas import Canvas
from scenes.making.table_hand import DWELL_SECONDS, TableHand
from scenes.making.table_lines import TableLines
from scenes.mandala import COLOURS, Mandala, MandalaSettings
from scenes.valley.mandala_table import BED, EYE, MEDIA, WORDS, MandalaTable, table_pose
from tests.core.places import NoHands
from tests.scenes.test_sounds import Told
from tests.scenes.unbuilt import Unbuilt
from vr_app.api import Comfort, Frame, Hand, Inputs, Pose, Stage, Stroke, Vec3, Work
from vr_app.exports import mandala
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking, looking_at
from vr_app.works.works import Works

STEP = 1 / 90


class Rows:
    """A buffer that keeps what the GPU would see."""

    def __init__(self, rows: npt.NDArray[np.float32], horizon: object = None) -> None:
        self.seen = rows.copy()

    def write(self, first: int, rows: npt.NDArray[np.float32]) -> None:
        self.seen[first : first + len(rows)] = rows


class Kit:
    """Makes no more than lines need."""

    def buffer(self, rows: npt.NDArray[np.float32], horizon: object = None) -> Rows:
        self.rows = Rows(rows)
        return self.rows

    def mesh(self, arrays: object, each: object = None) -> object:
        return arrays


def seen(lines: TableLines, rows: Rows) -> npt.NDArray[np.float32]:
    """Pieces that are there."""
    part = rows.seen[: lines.count]
    return np.asarray(part[part[:, 5] > 0.0])


class Bed:
    """A canvas on a table, and what of it would be seen."""

    def __init__(self, work: Work) -> None:
        kit: Any = Kit()
        self.lines = TableLines(kit, np.zeros((1, 16), np.uint8), 4096)
        self.rows = kit.rows
        self.canvas = Canvas(self.lines)
        self.canvas.open(work)
        self.canvas.load_whole()

    def drawn(self, turns: int, mirror: bool, bend: float = 0.0) -> None:
        assert self.canvas.begin("sand", (0.4, 0.3, 0.2, 0.1), turns=turns, mirror=mirror) is not None
        for k in range(6):
            self.canvas.append((0.02 + 0.01 * k, 0.0, -0.01 * k + bend * k * k), 0.004)
        self.canvas.end()

    @property
    def seen(self) -> npt.NDArray[np.float32]:
        self.lines.update()
        return seen(self.lines, self.rows)


@pytest.mark.parametrize(("turns", "mirror"), [(1, False), (1, True), (5, False), (12, True)])
def test_a_piece_is_seen_as_often_as_its_symmetry_says(turns: int, mirror: bool) -> None:
    bed = Bed(Works().of("mandala").open())
    bed.drawn(turns, mirror)
    copies = turns * (1 + mirror)
    assert len(bed.seen) == 5 * copies
    first = bed.seen.reshape(copies, 5, 16)[:, 0]
    assert np.allclose(np.hypot(first[:, 0], first[:, 2]), 0.02, atol=1e-6)
    around = sorted(np.round(np.degrees(np.arctan2(first[:, 0], -first[:, 2])) % 360.0, 2).tolist())
    wanted = [(90.0 - 360.0 * k / turns) % 360.0 for k in range(turns)]
    wanted += [(270.0 - 360.0 * k / turns) % 360.0 for k in range(turns)] * mirror
    assert np.allclose(around, sorted(wanted), atol=0.1)


def test_pieces_of_one_copy_join() -> None:
    bed = Bed(Works().of("mandala").open())
    bed.drawn(6, mirror=True, bend=0.002)
    pieces = bed.seen.reshape(12, 5, 16).swapaxes(0, 1)
    for before, after in pairwise(pieces):
        for across in (-0.004, 0.0, 0.004):  # both edges of a bend, as shaders/include/bed_line.glsl cuts them
            ends = edge(before, before[:, 4] + across * before[:, 13], across)
            assert np.allclose(ends, edge(after, -across * after[:, 12], across), atol=1e-6)
    assert np.abs(pieces[1:, :, 12]).min() > 0.05


def edge(rows: npt.NDArray[np.float32], along: Any, across: float) -> npt.NDArray[np.float32]:
    """x and z of a place so far along a piece and to its right."""
    c, s = np.cos(rows[:, 3]), np.sin(rows[:, 3])
    return np.stack([rows[:, 0] + c * along + s * across, rows[:, 2] - s * along + c * across])


def test_back_again_and_clear_are_seen_and_kept() -> None:
    works = Works().of("mandala")
    bed = Bed(works.open())
    bed.drawn(3, mirror=False)
    bed.drawn(4, mirror=False)
    both = len(bed.seen)
    bed.canvas.undo()
    assert len(bed.seen) == 15
    bed.canvas.redo()
    assert len(bed.seen) == both
    bed.canvas.clear()
    assert not bed.canvas.count and not len(bed.seen) and bed.lines.count == 0
    bed.canvas.undo()
    assert len(bed.seen) == both, "clearing is a step like others"
    assert np.allclose(Bed(works.open()).seen, bed.seen, atol=1e-4), "it comes back as it was left"


class Top:
    """A level table whose bed has its middle here."""

    place: Vec3 = (0.0, 0.7, -0.5)

    def local(self, place: Vec3) -> Vec3:
        return place[0], place[1] - 0.7, place[2] + 0.5

    def world(self, place: Vec3) -> Vec3:
        return place[0], place[1] + 0.7, place[2] - 0.5

    def turned_back(self, way: Vec3) -> Vec3:
        return way


def at(x: float, y: float, z: float) -> Hand:
    return Hand(Pose((x, y, z)))


def frame(inputs: Inputs, index: int = 0) -> Frame:
    return Frame(index, index * STEP, index * STEP, STEP, False, inputs, None)


def led(hand: TableHand, *inputs: Inputs) -> list[bool]:
    found = []
    for k, each in enumerate(inputs):
        hand.update(frame(each, k), STEP, gaze=True)
        found.append(hand.drawing)
    return found


ON = Inputs(right=at(0.05, 0.705, -0.5))


def test_a_tip_near_the_bed_draws_and_one_above_does_not() -> None:
    assert led(TableHand(Top(), BED), ON, Inputs(right=at(0.05, 0.71, -0.49)), Inputs(right=at(0.05, 0.80, -0.49))) == [
        True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [at(nan, 0.7, -0.5), at(0.05, 0.705, -0.9), None])
def test_lost_leaping_and_numberless_hands_end_a_line(wrong: Hand | None) -> None:
    assert led(TableHand(Top(), BED), ON, Inputs(right=wrong)) == [True, False]


def test_the_hand_that_began_goes_on_alone() -> None:
    hand = TableHand(Top(), BED)
    led(hand, ON, Inputs(left=at(-0.1, 0.705, -0.5), right=at(0.05, 0.705, -0.5)))
    assert hand.hand == "right" and hand.at[0] > 0.0


def test_a_gaze_that_rests_draws_slowly_where_no_hand_is() -> None:
    hand = TableHand(Top(), BED)
    down = atan2(0.5, 0.5)
    look = Inputs(Pose((0.0, 1.2, 0.0), (-sin(down / 2), 0.0, 0.0, cos(down / 2))))
    frames = round((2.0 + DWELL_SECONDS + 0.2) / STEP)
    found = led(hand, *[look] * frames)
    assert found[-1] and hand.hand is None and not any(found[: round(2.0 / STEP)])


@pytest.mark.parametrize("raised", [0.0, 0.35, 0.7])
def test_the_bed_stays_in_reach_and_faces_the_eyes(raised: float) -> None:
    (x, y, z), (s, _, _, c) = table_pose(Comfort(raised=raised))
    assert hypot(x, y - 0.95, z) < 0.80, "metres from the shoulders"
    up = (0.0, c * c - s * s, 2.0 * s * c)
    far = hypot(x, y - 1.2, z)
    assert (up[1] * (1.2 - y) + up[2] * -z) / far > 0.6


def test_places_of_the_top_and_of_the_world_agree() -> None:
    table: Any = MandalaTable.__new__(MandalaTable)
    table.at = table_pose(Comfort(raised=0.3))
    assert table.local(table.world((0.1, 0.02, -0.05))) == pytest.approx((0.1, 0.02, -0.05))


# --- the scene

HZ = 1.0 / 30.0
SKY: Any = SimpleNamespace(grain=None, map=None)
UPRIGHT, LEFT, LYING = Comfort(), Comfort(hand="left"), Comfort("lying", raised=0.7)
USUAL = MandalaSettings()
AWAY = at(0.3, 0.9, 0.1)


class SeeingKit(NotingKit):
    """Keeps what the GPU would see of lines."""

    def buffer(self, rows: npt.NDArray[np.float32], horizon: object = None) -> Rows:
        return Rows(rows)


class Visit:
    """One stay, frame by frame; places on the table are its radius and its turn to the right."""

    def __init__(
        self,
        remembered: Remembered | None = None,
        comfort: Comfort = UPRIGHT,
        settings: MandalaSettings = USUAL,
    ) -> None:
        self.remembered = remembered or Remembered()
        self.works = Works(self.remembered)
        self.scene, self.told, kit = Mandala(), Told(), SeeingKit()
        self.scene.outdoors = Unbuilt("hearth")
        self.scene.table = MandalaTable(kit, SKY)
        self.scene.make_tools(kit)
        mine = self.works.of("mandala")
        self.scene.enter(Stage(NoHands(), self.told, self.remembered.of("mandala"), mine, print, print))
        self.settings, self.comfort = settings, comfort
        self.index, self.seconds = 0, 0.0
        self.rest(0.2)

    @property
    def side(self) -> str:
        return self.comfort.hand

    @property
    def strokes(self) -> list[Stroke]:
        return list(self.scene.canvas.work.shown().values())

    @property
    def seen(self) -> npt.NDArray[np.float32]:
        rows: Any = self.scene.lines._buffer
        return seen(self.scene.lines, rows)

    def step(self, hand: Hand | None = None, head: Pose | None = None, *, quiet: bool = False) -> None:
        head = head or looking(2.6, 0.0, EYE)  # back to the house
        inputs = Inputs(head, left=hand) if self.side == "left" else Inputs(head, right=hand)
        dt = 0.0 if quiet or not self.index else HZ
        frame = Frame(self.index, self.seconds, self.seconds, dt, quiet, inputs, self.settings, self.comfort)
        self.scene.update(frame)
        self.works.save(frame.time)
        self.index, self.seconds = self.index + 1, self.seconds + HZ

    def rest(self, seconds: float, hand: Hand | None = AWAY) -> None:
        for _ in range(round(seconds / HZ)):
            self.step(hand)

    def place(self, radius: float, turn: float, high: float = 0.002) -> Vec3:
        return self.scene.table.world((radius * sin(turn), high, -radius * cos(turn)))

    def draw(self, way: str = "touch", turn: float = 0.1) -> None:
        """A line from near the middle outward."""
        steps = [(0.05 + 0.002 * k, turn + 0.004 * k) for k in range(60)]
        self.step(self.hand(way, *steps[0], press=0.0))
        for radius, around in steps:
            self.step(self.hand(way, radius, around))
        self.step(self.hand(way, *steps[-1], press=0.0))
        self.step(AWAY)

    def hand(self, way: str, radius: float, turn: float, press: float = 1.0) -> Hand:
        if way == "touch":
            return Hand(Pose(self.place(radius, turn, 0.002 if press else 0.06)))
        held = self.scene.table.world((0.22, 0.35, 0.22))
        return Hand(Pose(held), toward(self.place(radius, turn, 0.0), held), press)

    def gaze_draw(self) -> None:
        """As who has no hand in use."""
        for k in range(round(9.0 / HZ)):
            along = min(max(k * HZ - 4.0, 0.0), 2.0)
            self.step(None, toward(self.place(0.06 + 0.05 * along, 0.1, 0.0)))

    def take(self, word: str, way: str = "touch") -> None:
        """A stone is touched, pressed on with a ray, or looked at; and left."""
        centre = self.scene.rim.attention.spots[WORDS.index(word)].centre
        if way == "touch":
            self.rest(2.1, Hand(Pose(centre)))
        elif way == "ray":
            held = (0.3, 0.9, 0.0)
            for press in (0.0, 1.0, 1.0, 0.0):
                self.step(Hand(Pose(held), toward(centre, held), press))
        else:
            for _ in range(round(2.1 / HZ)):
                self.step(AWAY, toward(centre))
        self.rest(0.4)


def toward(place: Vec3, eyes: Vec3 = EYE) -> Pose:
    return looking_at(place, eyes)


@pytest.mark.parametrize("comfort", [Comfort(), LEFT, LYING], ids=["upright", "left", "lying"])
@pytest.mark.parametrize("way", ["touch", "ray"])
def test_the_first_line_is_seen_all_around_and_kept(comfort: Comfort, way: str) -> None:
    visit = Visit(comfort=comfort)
    visit.draw(way)
    (stroke,) = visit.strokes
    assert (stroke.turns, stroke.mirror, stroke.brush) == (8, True, "sand")
    assert len(visit.seen) == 16 * (len(stroke.points) - 1)
    out = np.hypot(stroke.points[:, 0], stroke.points[:, 2])
    assert out[0] < 0.07 and out[-1] > 0.15 and (stroke.points[:, 1] == 0.0).all()


@pytest.mark.parametrize("comfort", [Comfort(), LYING], ids=["upright", "lying"])
def test_who_only_looks_draws_and_takes_a_stone(comfort: Comfort) -> None:
    visit = Visit(comfort=comfort)
    visit.gaze_draw()
    (stroke,) = visit.strokes
    assert float(np.ptp(np.hypot(stroke.points[:, 0], stroke.points[:, 2]))) > 0.05
    centre = visit.scene.rim.attention.spots[WORDS.index("undo")].centre
    for _ in range(round(3.0 / HZ)):
        visit.step(None, toward(centre))
    assert not visit.strokes and not len(visit.seen)


def test_who_says_that_a_gaze_does_not_draw_is_heeded() -> None:
    visit = Visit(settings=MandalaSettings(gaze="off"))
    visit.gaze_draw()
    assert not visit.strokes


@pytest.mark.parametrize("way", ["touch", "ray", "gaze"])
def test_stones_do_what_they_say(way: str) -> None:
    visit = Visit(settings=MandalaSettings(stones="all"))
    visit.take("more", way)
    visit.take("mirror", way)
    visit.draw()
    visit.take("light", way)
    visit.rest(3.0)
    visit.take("fewer", way)
    visit.take("colour", way)
    visit.draw(turn=0.3)
    sand, light = visit.strokes
    assert (sand.turns, sand.mirror, sand.brush) == (9, False, "sand")
    assert (light.turns, light.mirror, light.brush) == (8, False, "tube")
    assert light.colour[:3] == pytest.approx(COLOURS["light"][1][:3])
    both = len(visit.seen)
    visit.take("undo", way)
    assert len(visit.strokes) == 1 and len(visit.seen) < both
    visit.take("redo", way)
    assert len(visit.strokes) == 2 and len(visit.seen) == both
    visit.take("clear", way)
    visit.rest(4.0)
    assert not visit.strokes and not len(visit.seen)
    visit.take("undo", way)
    assert len(visit.strokes) == 2 and len(visit.seen) == both


def test_stones_come_one_group_after_another() -> None:
    visit = Visit()
    visit.rest(3.0)
    assert not any(visit.scene.rim.grown)
    visit.rest(5.0)
    there = [word for word, grown in zip(WORDS, visit.scene.rim.grown, strict=True) if grown == 1.0]
    assert there == ["fewer", "more"]
    visit.draw()
    visit.rest(3.0)
    there = [word for word, grown in zip(WORDS, visit.scene.rim.grown, strict=True) if grown == 1.0]
    assert there == ["fewer", "more", "undo", "redo"]


@pytest.mark.parametrize("turns", [1, 5, 12])
@pytest.mark.parametrize("medium", ["sand", "light", "ink"])
def test_a_kept_mandala_hangs_comes_back_and_goes_home_the_same(turns: int, medium: str) -> None:
    settings = MandalaSettings(symmetry=turns, medium=medium, stones="all")
    visit = Visit(settings=settings)
    for k in range(3):
        visit.draw(turn=0.1 + 0.2 * k)
    drawn = visit.strokes
    visit.works.finish()
    back = Visit(Remembered(dict(visit.remembered._known)), settings=MandalaSettings(stones="all"))
    back.rest(1.0)
    assert same(back.strokes, drawn) and np.allclose(back.seen, visit.seen, atol=1e-4)
    assert MEDIA[back.scene.medium] == medium, "it lies in what it was made in"
    back.take("keep")
    back.rest(4.0)
    assert not back.strokes and not len(back.seen), "the bed is empty again"
    back.works.finish()
    ((scene, work),) = Works(Remembered(dict(back.remembered._known))).of("gallery").finished()
    assert scene == "mandala" and same(list(work.shown().values()), drawn)
    assert mandala.svg(list(work.shown().values())) == mandala.svg(drawn)
    assert mandala.svg(drawn).count("<path") == 3 * 2 * turns * (3 if medium == "sand" else 1)


def same(some: list[Stroke], others: list[Stroke]) -> bool:
    return list(map(told, some)) == list(map(told, others))


def told(stroke: Stroke) -> tuple[object, ...]:
    """All of it, as files have it."""
    colour = np.array(stroke.colour, np.float32).tobytes()
    return stroke.brush, colour, stroke.points.tobytes(), stroke.turns, stroke.mirror


def test_a_hand_that_is_lost_and_comes_back_goes_on_without_a_bridge() -> None:
    visit = Visit()
    visit.step(visit.hand("touch", 0.05, 0.0, press=0.0))
    for k in range(20):
        visit.step(visit.hand("touch", 0.05 + 0.002 * k, 0.0))
    visit.step(None)
    for k in range(20):
        visit.step(visit.hand("touch", 0.20 - 0.002 * k, 2.0))
    visit.step(AWAY)
    first, second = visit.strokes
    for stroke in (first, second):
        assert np.linalg.norm(np.diff(stroke.points[:, [0, 2]], axis=0), axis=1).max() < 0.02


def test_one_goes_on_drawing_while_the_session_is_quiet() -> None:
    visit = Visit()
    for k in range(30):
        visit.step(visit.hand("touch", 0.05 + 0.002 * k, 0.0), quiet=True)
    visit.step(AWAY, quiet=True)
    assert len(visit.strokes) == 1 and len(visit.seen)


def test_a_veiled_mandala_is_not_drawn() -> None:
    visit = Visit()
    visit.draw()
    scene: Any = visit.scene
    scene.outdoors.begin = scene.outdoors.draw = lambda *what: None
    scene.embers, scene.hearth, scene.looks = Pose(), scene.hands._cards, ("sand", "light", "ink")
    looks = {}
    for veil in (0.0, 1.0):
        out = Drawn()
        frame_: Any = replace(frame(Inputs()), comfort=visit.comfort, veil=veil)
        scene.draw(frame_, out)
        looks[veil] = "sand" in out.materials
    assert looks == {0.0: True, 1.0: False}


class Drawn:
    """Notes which materials were drawn with."""

    def __init__(self) -> None:
        self.materials: list[object] = []

    def draw(self, mesh: object, material: object, *how: object, **params: object) -> None:
        self.materials.append(material)

    def text(self, *how: object) -> None: ...
