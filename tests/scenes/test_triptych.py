"""Things, words and paint come into the three bays in any way, move, and go back; nothing that was made is lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import dist, hypot, isfinite, nan
from typing import Any, cast

import numpy as np
import pytest

from headless_harness.census import NotingKit
from scenes.making.bench import NAMES
from scenes.making.brushes import BRUSHES
from scenes.making.placed import PREFIX
from scenes.making.taken_home import PROMPTS, card
from scenes.triptych import Triptych, TriptychSettings
from scenes.valley.small_things import THINGS, thing_arrays
from scenes.valley.three_bays import (
    AGAIN,
    BACK,
    BAYS,
    CLEAR,
    HALF_HIGH,
    HALF_WIDE,
    INK,
    KEEP,
    TOOLS,
    Hit,
    bay_of,
    bay_pose,
    frames_arrays,
    hit,
    lift_of,
    place_of,
    shelf_place,
)  # fmt: skip
from tests.scenes.unbuilt import Unbuilt
from vr_app import limits
from vr_app.api import MEMORY_BYTES, Comfort, Frame, Hand, Inputs, Pose, Ray, Stage, Stroke, Vec3
from vr_app.catalogue import SettingsError, make_settings
from vr_app.exports import items
from vr_app.remembered import Remembered
from vr_app.scripted.headset import looking, looking_at
from vr_app.sound.silent import Silent
from vr_app.works.works import Works

STEP = 1 / 45
EYES: Vec3 = (0.0, 1.2, 0.0)
ASIDE = Inputs(Pose(EYES, looking(2.6, 0.0).orientation))  # looks back to the bank
EVERYTHING = TriptychSettings(tools="all")


class Nothing:
    """Haptics and bays that nobody feels or sees."""

    def pulse(self, *how: object) -> None: ...
    def lay(self, things: object) -> None: ...

    @property
    def things(self) -> Nothing:
        return self


@dataclass
class Plate:
    words: str = ""
    size: tuple[float, float] = (0.0, 0.0)

    def recall(self, words: str) -> None:
        self.words = self.words or words


class Visit:
    """One stay, frame by frame."""

    def __init__(self, known: Remembered | None = None, settings: TriptychSettings = EVERYTHING) -> None:
        self.kept = known or Remembered()
        self.works = Works(self.kept)
        self.settings, self.comfort = settings, Comfort()
        self.scene = Triptych()
        self.scene.outdoors = Unbuilt()
        self.nothing: Any = Nothing()
        self.scene.bays = cast("Any", self.nothing)
        self.scene.make_tools(NotingKit())
        self.plates = [Plate() for _ in BAYS]
        self.scene.words.plates = [[plate, plate] for plate in self.plates]
        mine = self.works.of("triptych")
        self.scene.enter(Stage(self.nothing, Silent(), self.kept.of("triptych"), mine, print, print))
        self.index, self.time = 0, 0.0
        self.rest(0.5)

    def rest(self, seconds: float, inputs: Inputs = ASIDE, *, quiet: bool = False) -> None:
        for _ in range(max(round(seconds / STEP), 1)):
            dt = 0.0 if quiet or not self.index else STEP
            frame = Frame(self.index, self.time, self.time, dt, quiet, inputs, self.settings, self.comfort)
            self.scene.update(frame)
            self.index, self.time = self.index + 1, self.time + STEP

    @property
    def paint(self) -> list[Stroke]:
        """In the order it was made."""
        shown = self.scene.canvas.work.shown().values()
        return [stroke for stroke in shown if not stroke.brush.startswith(PREFIX)]

    @property
    def things(self) -> list[tuple[str, str]]:
        """Name and bay of each that lies there, in order."""
        placed = self.scene.placed.things.values()
        return [(thing.name, BAYS[bay_of(thing.place).bay]) for thing in placed]

    # what a patient does, by each way

    def take(self, name: str, way: str) -> None:
        x, y, z = shelf_place(name)
        self.on((x, y + self.scene.low_lift, z), way)

    def lay(self, bay: int, way: str, x: float = 0.0, y: float = 0.0) -> None:
        px, py, pz = place_of(Hit(bay, x, y))
        self.on((px, py + self.scene.lift, pz), way)

    def on(self, place: Vec3, way: str) -> None:
        if way == "gaze":
            self.rest(2.5, gaze(place))
        elif way == "touch":
            self.rest(2.5, touch(place))
        else:
            self.rest(0.1, ray(place, 0.0, way))
            self.rest(0.1, ray(place, 1.0, way))
            self.rest(0.1, ray(place, 0.0, way))
        self.rest(0.2)

    def use(self, tool: str) -> None:
        self.take(tool, "right")


def gaze(place: Vec3) -> Inputs:
    return Inputs(looking_at(place))


def ray(place: Vec3, select: float, side: str = "right", inputs: Inputs = ASIDE) -> Inputs:
    held = Pose((0.3 if side == "right" else -0.3, 0.8, -0.2))
    one = Hand(held, aim=looking_at(place, held.position), select=select)
    return inputs._replace(right=one) if side == "right" else inputs._replace(left=one)


def touch(place: Vec3) -> Inputs:
    """A bare hand that reaches for what is in reach, and toward what is not."""
    far = dist(place, EYES)
    share = 1.0 if far < 1.45 else 0.6 / far
    tip = tuple(e + share * (p - e) for e, p in zip(EYES, place, strict=True))
    joints = np.zeros((26, 8), np.float32)
    joints[:, 6] = 1.0
    joints[:, :3] = tip
    return ASIDE._replace(right=Hand(Pose(tip), joints=joints))  # type: ignore[arg-type]


WAYS = ["gaze", "right", "left", "touch"]


@pytest.mark.parametrize("way", WAYS)
def test_a_thing_is_taken_laid_moved_and_put_back_in_any_way(way: str) -> None:
    visit = Visit()
    visit.take("boat", way)
    visit.lay(0, way)
    assert visit.things == [("boat", "before")]
    if way == "gaze":
        thing = next(iter(visit.scene.placed.things.values()))
        visit.rest(5.0, gaze(thing.place))
    else:
        visit.lay(0, way)  # it is taken up again
        if way == "touch":
            visit.rest(5.0, gaze(next(iter(visit.scene.placed.things.values())).place))
    assert visit.scene.carried.name == "boat"
    visit.lay(2, way)
    assert visit.things == [("boat", "next")]
    number = next(iter(visit.scene.placed.things))
    visit.rest(5.0, gaze(visit.scene.placed.things[number].place))
    visit.take("boat", way)
    assert visit.things == []
    assert visit.scene.carried.name == ""


@pytest.mark.parametrize("raised", [0.0, 0.35])
def test_things_lie_where_they_were_laid_however_one_leans(raised: float) -> None:
    visit = Visit()
    visit.comfort = Comfort(raised=raised)
    visit.rest(0.1)
    visit.take("leaf", "right")
    visit.lay(1, "right", 0.15, -0.2)
    thing = next(iter(visit.scene.placed.things.values()))
    at = bay_of(thing.place)
    assert (at.bay, at.x, at.y) == pytest.approx((1, 0.15, -0.2), abs=0.01)


def test_nothing_hangs_over_a_cloths_edge() -> None:
    visit = Visit()
    visit.take("stone", "right")
    visit.lay(2, "right", HALF_WIDE - 0.005, HALF_HIGH - 0.005)
    at = bay_of(next(iter(visit.scene.placed.things.values())).place)
    assert abs(at.x) < HALF_WIDE - 0.05
    assert abs(at.y) < HALF_HIGH - 0.05


def test_it_may_be_dragged() -> None:
    visit = Visit()
    visit.rest(0.1, ray(shelf_place("shell"), 0.0))
    visit.rest(0.1, ray(shelf_place("shell"), 1.0))
    visit.rest(0.3, ray(place_of(Hit(1, 0.1, 0.1)), 1.0))
    assert visit.things == []
    visit.rest(0.1, ray(place_of(Hit(1, 0.1, 0.1)), 0.0))
    assert visit.things == [("shell", "now")]


def test_who_only_looks_at_a_picture_takes_nothing_up() -> None:
    visit = Visit()
    visit.take("knot", "gaze")
    visit.lay(1, "gaze")
    place = next(iter(visit.scene.placed.things.values())).place
    visit.rest(20.0, gaze(place))  # still there from when it was laid
    assert visit.scene.carried.name == ""
    visit.rest(0.5)
    visit.rest(3.0, gaze(place))
    assert visit.scene.carried.name == ""


def test_steps_go_back_and_on_and_a_move_is_one() -> None:
    visit = Visit()
    for name, bay in (("seed", 0), ("door", 1)):
        visit.take(name, "right")
        visit.lay(bay, "right")
    visit.lay(0, "right")
    visit.lay(2, "right")
    moved = [("door", "now"), ("seed", "next")]
    assert visit.things == moved
    visit.use(BACK)
    assert sorted(visit.things) == [("door", "now"), ("seed", "before")]
    visit.use(BACK)
    assert visit.things == [("seed", "before")]
    visit.use(BACK)
    visit.use(BACK)  # there is none
    assert visit.things == []
    for _ in range(4):
        visit.use(AGAIN)
    assert sorted(visit.things) == moved


def test_a_thing_put_back_before_another_moved_comes_on_again_alone() -> None:
    placed = Visit().scene.placed
    a, b = (placed.lay(name, place_of(Hit(0, x, 0.0)), 0.1) for name, x in (("leaf", -0.2), ("stone", 0.2)))
    assert a is not None
    assert b is not None
    placed.put_back(a)
    placed.move(b, place_of(Hit(2, 0.0, 0.0)), 0.0)
    placed.undo()
    placed.undo()
    assert [thing.name for thing in placed.things.values()] == ["leaf", "stone"]
    placed.redo()
    assert [bay_of(thing.place).bay for thing in placed.things.values()] == [0]
    placed.redo()
    assert [bay_of(thing.place).bay for thing in placed.things.values()] == [2]


def test_one_bay_is_emptied_and_that_can_be_undone() -> None:
    visit = Visit()
    for name, bay in (("leaf", 0), ("lantern", 0), ("bridge", 1)):
        visit.take(name, "right")
        visit.lay(bay, "right", 0.2 if name == "lantern" else -0.2)
    paint_in(visit, 0)
    assert visit.paint
    visit.use(CLEAR)
    visit.lay(0, "right", 0.0, -0.3)
    assert visit.things == [("bridge", "now")]
    assert not visit.paint
    visit.use(BACK)
    assert len(visit.things) == 3
    assert len(visit.paint) == 1


# --- paint


def paint_in(visit: Visit, bay: int, side: str = "right") -> None:
    if visit.scene.carried.name != INK:
        visit.take(INK, side)
    way = [place_of(Hit(bay, -0.2 + 0.01 * k, 0.1 - 0.004 * k)) for k in range(30)]
    visit.rest(0.1, ray(way[0], 0.0, side))
    for place in way:
        visit.rest(STEP, ray(place, 0.8, side))
    visit.rest(0.1, ray(way[-1], 0.0, side))
    visit.use(INK)


@pytest.mark.parametrize("side", ["left", "right"])
def test_either_hand_paints_on_the_cloth_it_points_at(side: str) -> None:
    visit = Visit()
    paint_in(visit, 2, side)
    (stroke,) = visit.paint
    assert stroke.brush == "ink"
    assert len(stroke.points) > 15
    for x, y, z, radius in stroke.points.tolist():
        assert bay_of((x, y, z)).bay == 2
        assert 0.002 < radius < 0.012
    assert dist(stroke.points[0, :3], place_of(Hit(2, -0.2, 0.1))) < 0.03


def test_a_jump_or_a_lost_hand_ends_a_line_and_nothing_bridges_it() -> None:
    visit = Visit()
    visit.take(INK, "right")
    far = [place_of(Hit(1, -0.35, 0.0)), place_of(Hit(1, 0.35, 0.0))]
    for gone in (ray(far[1], 1.0), ASIDE, broken()):
        visit.rest(0.1, ray(far[0], 0.0))
        visit.rest(0.3, ray(far[0], 1.0))
        visit.rest(0.1, gone)
        visit.rest(0.3, ray(far[1], 1.0))
        visit.rest(0.1, ray(far[1], 0.0))
    for stroke in visit.paint:
        assert np.isfinite(stroke.points).all()
        steps = np.linalg.norm(np.diff(stroke.points[:, :3], axis=0), axis=1)
        assert not len(steps) or steps.max() < 0.1


def broken() -> Inputs:
    lost = Pose((nan, nan, nan), (nan, nan, nan, nan))
    return ASIDE._replace(right=Hand(lost, aim=lost, select=1.0))


def test_who_has_no_hand_paints_by_looking() -> None:
    visit = Visit()
    visit.take(INK, "gaze")
    visit.rest(2.6, gaze(place_of(Hit(1, -0.2, 0.0))))
    for k in range(60):
        visit.rest(STEP, gaze(place_of(Hit(1, -0.2 + 0.006 * k, 0.0))))
    visit.rest(3.0, gaze(place_of(Hit(1, 0.16, 0.0))))
    assert not visit.scene.pen.drawing
    (stroke,) = visit.paint
    assert float(np.ptp(stroke.points[:, 0])) > 0.25


def test_a_gaze_that_goes_to_another_cloth_takes_no_line_along() -> None:
    visit = Visit()
    visit.take(INK, "gaze")
    visit.rest(2.6, gaze(place_of(Hit(1, 0.30, 0.0))))
    for k in range(60):
        visit.rest(STEP, gaze(place_of(Hit(1, 0.30 + 0.002 * k, 0.0))))
    visit.rest(1.0, gaze(place_of(Hit(2, -0.40, 0.0))))
    (stroke,) = visit.paint
    assert {bay_of((x, y, z)).bay for x, y, z, _ in stroke.points.tolist()} == {1}


@pytest.mark.parametrize("brush", ["ink", "chalk", "light"])
def test_what_is_painted_is_as_light_paint_has_it(brush: str) -> None:
    visit = Visit()
    visit.take(brush, "right")
    way = [place_of(Hit(1, -0.2 + 0.01 * k, 0.1)) for k in range(20)]
    visit.rest(0.1, ray(way[0], 0.0))
    for place in way:
        visit.rest(STEP, ray(place, 0.8))
    visit.rest(0.1, ray(way[-1], 0.0))
    (stroke,) = visit.paint
    assert stroke.brush in BRUSHES
    shines = visit.scene.inks.of(stroke.brush) is visit.scene.inks.light
    assert shines == (brush == "light")


# --- what is lost, quiet, remembered


def test_a_lost_or_broken_hand_loses_nothing_that_is_carried() -> None:
    visit = Visit()
    visit.take("feather", "right")
    visit.rest(1.0, broken())
    visit.rest(3.0)
    assert visit.scene.carried.name == "feather"
    visit.rest(0.1, ray(place_of(Hit(0, 0.0, 0.0)), 1.0))  # it comes back pressed: nobody meant that
    assert visit.things == []
    visit.lay(0, "right")
    assert visit.things == [("feather", "before")]


def test_one_may_go_on_making_while_it_is_quiet() -> None:
    visit = Visit()
    visit.rest(2.5, gaze(shelf_place("leaf")), quiet=True)
    visit.rest(2.5, gaze(place_of(Hit(1, 0.0, 0.0))), quiet=True)
    assert visit.things == [("leaf", "now")]


def test_the_next_visit_goes_on_with_what_lies_there() -> None:
    visit = Visit()
    visit.take("seed", "right")
    visit.lay(2, "right")
    paint_in(visit, 1)
    visit.scene.leave()
    visit.works.finish()
    again = Visit(visit.kept)
    assert again.things == [("seed", "next")]
    assert len(again.paint) == 1
    again.use(BACK)
    assert not again.paint
    again.use(KEEP)
    assert [where for where, _ in again.works.of("gallery").finished()] == ["triptych"]
    stroke = next(iter(again.scene.canvas.work.shown().values()))
    assert stroke.brush == PREFIX + "seed"
    assert stroke.points.shape == (1, 4)


def test_shapes_of_another_release_are_left_alone() -> None:
    visit = Visit()
    work = visit.scene.canvas.work
    work.begin(PREFIX + "comet", (1.0, 1.0, 1.0, 0.0))
    work.append((0.0, 1.0, -1.9), 0.1)
    work.end()
    visit.works.finish()
    again = Visit(visit.kept)
    assert again.things == []
    again.rest(1.0)
    assert [stroke.brush for stroke in again.scene.canvas.work.shown().values()] == [PREFIX + "comet"]


def test_words_stay_as_they_were_said() -> None:
    visit = Visit()
    said = "Mañana,\nnada más"
    visit.plates[2].words = said
    visit.rest(0.1)
    assert visit.scene.words.opacity[2] < 0.2
    visit.take("leaf", "right")
    visit.lay(2, "right")
    visit.scene.leave()
    assert visit.scene.canvas.work.get("next") == said.encode()
    home = json.loads(visit.kept.get("triptych", "take_home") or b"")
    assert home["lines"][:4] == ["Next", "Mañana,", "nada más", "leaf"]
    assert home["lines"][4:] == list(PROMPTS)


def test_words_have_the_names_under_which_they_go_home() -> None:
    assert items.BAYS == BAYS


def test_words_stand_there_again_at_the_next_visit_and_may_be_changed() -> None:
    visit = Visit()
    visit.plates[0].words, visit.plates[2].words = "a door", "the sea"
    visit.rest(0.1)
    visit.scene.leave()
    visit.works.finish()
    again = Visit(visit.kept)
    assert [plate.words for plate in again.plates] == ["a door", "", "the sea"]
    again.plates[0].words = ""
    again.plates[1].words = "bread"
    again.rest(0.1)
    again.scene.leave()
    home = json.loads(again.kept.get("triptych", "take_home") or b"")
    assert home["lines"][:4] == ["Now", "bread", "Next", "the sea"]
    kept = [again.scene.canvas.work.get(bay) for bay in BAYS]
    assert kept == [b"", b"bread", b"the sea"]


def test_the_longest_words_go_home_whole() -> None:
    longest = dict.fromkeys(BAYS, "\\" * 60 + "ị" * 80)
    made = card(longest, dict.fromkeys(BAYS, THINGS))
    assert len(made) <= MEMORY_BYTES
    assert [line for line in json.loads(made)["lines"] if "ị" in line] == list(longest.values())


def test_who_makes_nothing_leaves_nothing() -> None:
    visit = Visit()
    visit.rest(30.0)
    visit.use(KEEP)
    visit.scene.leave()
    visit.works.finish()
    assert visit.kept.take() == ()


# --- where all of it is


def test_tools_come_one_by_one() -> None:
    visit = Visit(settings=TriptychSettings())
    assert not any(visit.scene.bench.come)
    visit.take("leaf", "right")
    visit.lay(0, "right")
    visit.rest(2.0)
    assert visit.scene.bench.come[TOOLS.index(BACK)]
    assert not visit.scene.bench.come[TOOLS.index(INK)]
    visit.take("leaf", "right")
    visit.lay(1, "right")
    visit.rest(16.0)
    assert visit.scene.bench.come[TOOLS.index(INK)]
    plain = Visit(settings=TriptychSettings(tools="things_only"))
    for bay in range(3):
        plain.take("leaf", "right")
        plain.lay(bay, "right")
    plain.rest(110.0)
    assert not plain.scene.bench.come[TOOLS.index(INK)]


def test_a_ray_meets_the_cloth_it_points_at() -> None:
    for bay in range(3):
        for lift in (0.0, lift_of(0.3)):
            place = place_of(Hit(bay, 0.2, -0.3), 0.0)
            x, y, z = (b - a for a, b in zip(EYES, (place[0], place[1] + lift, place[2]), strict=True))
            far = hypot(x, y, z)
            found = hit(Ray(EYES, (x / far, y / far, z / far)), lift)
            assert found is not None
            assert found == pytest.approx((bay, 0.2, -0.3))
    assert hit(Ray(EYES, (0.0, 0.0, 1.0))) is None
    assert hit(Ray(EYES, (0.0, nan, -1.0))) is None


def test_all_stands_where_eyes_are_at_ease() -> None:
    for name in (*THINGS, *TOOLS):
        assert dist(shelf_place(name), EYES) >= limits.CONTENT_NEAREST_METRES
    for bay in range(3):
        assert limits.TEXT_NEAREST_METRES < dist(bay_pose(bay).position, EYES) < limits.TEXT_FARTHEST_METRES
    assert (*THINGS, *TOOLS) == NAMES


@pytest.mark.parametrize("name", THINGS)
def test_each_thing_is_whole_and_lies_within_its_circle(name: str) -> None:
    arrays = thing_arrays(name)
    place, normal = arrays["position"], arrays["normal"]
    assert all(map(isfinite, (*place.min(axis=0).tolist(), *normal.sum(axis=0).tolist())))
    assert float(np.hypot(place[:, 0], place[:, 1]).max()) < 1.2
    assert len(arrays["index"]) < 15_000


def test_the_posts_stand_in_the_sand_however_high_the_bays_are() -> None:
    lowest = frames_arrays()["position"][:, 1].min()
    assert lowest + lift_of(np.radians(limits.PLACE_VIEW_RAISE_DEG)) < -0.25


@pytest.mark.parametrize("given", [{"size": nan}, {"size": 0.5}, {"dwell": -1.0}, {"template": "skull"}])
def test_settings_out_of_range_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        make_settings(Triptych, given)
