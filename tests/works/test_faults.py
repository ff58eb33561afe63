"""Whatever goes wrong while a patient paints, the scene goes on, and what was painted is kept and comes back."""

from __future__ import annotations

import errno
import logging
import random
from dataclasses import dataclass, field
from itertools import pairwise
from math import dist, inf, nan
from typing import Any

import numpy as np
import pytest

from scenes.making.nib import HEAD, JUMP
from scenes.making.reach import CHEST, FARTHEST, in_arc
from tests.scenes.test_making import SCENE, Visit, again, hand
from vr_app.api import WORK_POINTS, Hand, Pose
from vr_app.remembered import Remembered
from vr_app.station.memory import AGAIN_SECONDS, Memory
from vr_app.station.messages import Put
from vr_app.works.chunks import chunk
from vr_app.works.operations import begin, framed

PATIENT = "p"
STRANGE = 250  # a kind of operation that nobody knows


def painted(visit: Visit) -> list[tuple[str, bytes]]:
    return [(stroke.brush, stroke.points.tobytes()) for stroke in visit.scene.canvas.work.shown().values()]


def come_back(visit: Visit) -> Visit:
    """The next visit, with what was on its way."""
    visit.works.finish()
    back = Visit(Remembered(dict(visit.remembered._known)))
    back.rest(1.0)
    return back


# --- hands


def strange(chance: random.Random, at: tuple[float, float, float]) -> Hand | None:
    """A hand as trackers give them at their worst, mostly one that paints near `at`."""
    x, y, z = (place + chance.uniform(-0.03, 0.03) for place in at)
    press = chance.choice((1.0, 1.0, 1.0, 0.0, nan, 2.0, -1.0))
    what = chance.choices(("paints", "lost", "nan", "infinite", "leaps", "head", "bare"), (20, 2, 1, 1, 2, 2, 2))[0]
    match what:
        case "lost":
            return None
        case "nan":
            return Hand(Pose((nan, 1.0, -0.4), (nan,) * 4), Pose((nan,) * 3, (nan,) * 4), press)
        case "infinite":
            return hand(inf, 1.0, -0.4, press)
        case "leaps":
            return hand(chance.uniform(-3.0, 3.0), chance.uniform(-1.0, 3.0), chance.uniform(-3.0, 3.0), press)
        case "head":
            return hand(chance.uniform(-0.1, 0.1), 1.2 + chance.uniform(-0.1, 0.1), chance.uniform(-0.1, 0.1), press)
        case "bare":
            joints = np.full((26, 8), chance.choice((0.1, 0.1, nan)), np.float32)
            return Hand(Pose(at), None, press, joints=joints)
    return hand(x, y, z, press)


@pytest.mark.parametrize("seed", range(6))
def test_the_worst_of_trackers_never_breaks_it_and_leaves_only_strokes_a_hand_could_make(seed: int) -> None:
    chance, visit = random.Random(seed), Visit()
    visit.rest(30.0)  # all tools are there
    at = [(0.2, 1.0, -0.4), (-0.2, 1.0, -0.4)]
    for _ in range(1500):
        at = [tuple(place + chance.uniform(-0.02, 0.02) for place in one) for one in at]  # type: ignore[misc]
        visit.step(strange(chance, at[0]), left=strange(chance, at[1]), quiet=chance.random() < 0.1)
    for stroke in visit.scene.canvas.work.shown().values():
        assert np.isfinite(stroke.points).all()
        places = stroke.points[:, :3].astype(float)
        assert np.linalg.norm(places - np.array(CHEST), axis=1).max() <= FARTHEST + 1e-3
    visit.works.finish()
    works = again(visit.remembered).of(SCENE)
    found = {work.id: work for _, work in works.finished()}  # a hand may have touched "keep"
    work = visit.scene.canvas.work
    kept = found.get(work.id) or works.open()
    assert [(s.brush, s.points.tobytes()) for s in kept.shown().values()] == painted(visit)


def test_a_leap_mid_stroke_is_never_bridged() -> None:
    visit = Visit()
    visit.stroke()
    visit.step(hand(-0.2, select=0.0))
    for n in range(10):
        visit.step(hand(-0.2 + 0.01 * n))
    for n in range(10):
        visit.step(hand(0.6 + 0.01 * n))
    far = dist(in_arc((0.0, 1.0, -0.46)), in_arc((JUMP, 1.0, -0.46)))
    for stroke in visit.scene.canvas.work.shown().values():
        places = [tuple(place) for place in stroke.points[:, :3].tolist()]
        assert all(dist(a, b) < far for a, b in pairwise(places))


def test_two_hands_make_one_stroke() -> None:
    visit = Visit()
    visit.step(hand(select=0.0), left=hand(-0.2, select=0.0))
    for n in range(30):
        visit.step(hand(0.2 + 0.005 * n), left=hand(-0.2 - 0.005 * n))
    visit.step(hand(0.35, select=0.0), left=hand(-0.35, select=0.0))
    assert visit.scene.canvas.count == 1


def test_nothing_is_painted_inside_the_head() -> None:
    visit = Visit()
    visit.step(hand(0.0, 1.2, -0.1, 0.0))
    for n in range(40):
        visit.step(hand(0.0, 1.2, 0.05 - 0.003 * n))
    assert HEAD > 0.2
    assert visit.scene.canvas.count == 0


# --- too much


def test_a_full_work_takes_no_more_and_everything_else_goes_on() -> None:
    visit = Visit()
    visit.rest(1.0)
    canvas = visit.scene.canvas
    for row in range(40):
        assert canvas.begin("ink", (0.1, 0.1, 0.1, 0.0)) is not None
        for n in range(WORK_POINTS // 40):
            canvas.append((0.02 * (n % 50), 0.05 * row, -1.0 - 0.001 * n), 0.004)
        canvas.end()
    assert sum(len(stroke.points) for stroke in canvas.work.shown().values()) == WORK_POINTS
    full = painted(visit)
    visit.stroke()
    assert painted(visit) == full
    assert canvas.undo()
    assert canvas.redo()
    assert painted(visit) == full
    visit.works.finish()
    (kept,) = [again(visit.remembered).of(SCENE).open()]
    assert sum(len(stroke.points) for stroke in kept.shown().values()) == WORK_POINTS
    kept.finish()


# --- what keeps it


@dataclass
class Disk:
    """Records that are full for a while, or lose their power after so many pieces."""

    full: bool = False
    power: float = inf  # pieces that are still written
    held: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def put_memory(self, scene: str, key: str, value: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.power > 0:
            self.power -= 1
            self.held[scene, key] = value


@dataclass
class Way:
    """From the scene to the disk, as in a session: Remembered, the supervisor's Memory, what keeps the records."""

    visit: Visit
    disk: Disk
    memory: Memory = field(default_factory=Memory)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.memory.recall(PATIENT)
        self.memory.begin(PATIENT)

    def carry(self, seconds: float) -> None:
        for _ in range(max(round(seconds / 0.25), 1)):
            self.now += 0.25
            for kept in self.visit.remembered.take():
                self.memory.put(Put(self.memory.visit, *kept))
            for keep in self.memory.due(self.now):
                self.memory.sent(keep, self.now)
                try:
                    self.disk.put_memory(keep.scene, keep.key, keep.value)
                except OSError:
                    continue  # no answer: it is asked again
                self.memory.kept(keep.number)


def test_a_disk_that_was_full_has_all_of_it_once_there_is_room() -> None:
    visit, disk = Visit(), Disk()
    way = Way(visit, disk)
    visit.stroke()
    visit.rest(1.5)
    way.carry(1.0)
    disk.full = True
    for n in range(5):
        visit.stroke(x=-0.3 + 0.1 * n)
        visit.rest(1.5)
        way.carry(1.0)
    assert len(again_from(disk).shown()) == 1
    disk.full = False
    way.carry(3.0 * AGAIN_SECONDS)
    assert not way.memory.waits
    assert [s.points.tobytes() for s in again_from(disk).shown().values()] == [each for _, each in painted(visit)]


def test_a_power_cut_after_any_piece_leaves_a_work_that_opens_and_goes_on() -> None:
    visit, pieces = Visit(), Disk()
    way = Way(visit, pieces)
    for n in range(6):
        visit.stroke(x=-0.3 + 0.1 * n)
        visit.rest(1.2)
        way.carry(0.5)
    order, whole = list(pieces.held.items()), painted(visit)
    assert len(order) >= 6
    seen = 0
    for cut in range(len(order) + 1):
        kept = Visit(Remembered(dict(order[:cut])))
        kept.rest(1.0)
        now = painted(kept)
        assert [points for _, points in now[:-1]] == [points for _, points in whole[: max(len(now) - 1, 0)]]
        assert len(now) >= seen
        seen = len(now)
        kept.stroke(x=0.25)
        assert len(painted(kept)) == seen + 1
    assert seen == len(whole)


def again_from(disk: Disk) -> Any:
    return again(Remembered(dict(disk.held))).of(SCENE).open()


# --- from another Harborlight


def test_an_unknown_brush_is_seen_and_its_name_is_never_lost() -> None:
    visit = Visit()
    work = visit.scene.canvas.work
    work.begin("comet of another year", (0.2, 0.4, 0.6, 0.5), turns=3)
    for n in range(20):
        work.append((0.02 * n, 1.0, -0.8), 0.01)
    work.end()
    for _ in range(3):  # as often as one comes back
        visit = come_back(visit)
        assert visit.scene.canvas.count == len(visit.scene.canvas.work.shown())
        visit.stroke()
    brushes = [stroke.brush for stroke in visit.scene.canvas.work.shown().values()]
    assert brushes[0] == "comet of another year"
    assert len(brushes) == 4


def test_a_work_of_a_newer_harborlight_opens_goes_on_and_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    visit = Visit()
    visit.stroke()
    visit.works.finish()
    known = dict(visit.remembered._known)
    (place,) = {key for _, key in known if "/" in key and key.endswith("00000")}
    name, count = place.partition("/")[0], sum("/" in key for _, key in known)
    strange_one = bytes((STRANGE, 5, 0)) + b"later"
    newer = chunk(count, strange_one + begin("ink", (0.1, 0.2, 0.3, 0.0), 1, False) + framed(3))  # type: ignore[arg-type]
    known[SCENE, f"{name}/{count:05}"] = newer
    with caplog.at_level(logging.WARNING):
        back = Visit(Remembered(known))
        back.rest(1.0)
    assert "newer Harborlight" in caplog.text
    assert painted(back) == painted(visit)
    back.stroke(x=0.1)
    last = come_back(back)
    assert last.scene.canvas.count == 2
    assert last.remembered._known[SCENE, f"{name}/{count:05}"] == newer
