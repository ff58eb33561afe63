"""What is drawn on the table is seen as often as its symmetry says, and no hand that leaps, is lost or has no numbers
leaves a line."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, cos, hypot, nan, sin
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scenes.making.table_hand import DWELL_SECONDS, TableHand
from scenes.making.table_lines import TableLines
from scenes.valley.mandala_table import BED, MandalaTable, table_pose
from vr_app.api import Comfort, Frame, Hand, Inputs, Pose, Vec3
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


def lines_of(work: Any) -> tuple[TableLines, Rows]:
    kit: Any = Kit()
    lines = TableLines(kit, np.zeros((1, 16), np.uint8), 4096)
    lines.open(work)
    return lines, kit.rows


def drawn(lines: TableLines, turns: int, mirror: bool) -> None:
    assert lines.begin("sand", (0.4, 0.3, 0.2, 0.1), turns=turns, mirror=mirror)
    for k in range(6):
        lines.append(0.02 + 0.01 * k, -0.01 * k, 0.004)
    lines.end()
    lines.update()


def seen(lines: TableLines, rows: Rows) -> npt.NDArray[np.float32]:
    part = rows.seen[: lines.count]
    return part[part[:, 5] > 0.0]


@pytest.mark.parametrize(("turns", "mirror"), [(1, False), (1, True), (5, False), (12, True)])
def test_a_piece_is_seen_as_often_as_its_symmetry_says(turns: int, mirror: bool) -> None:
    lines, rows = lines_of(Works().of("mandala").open())
    drawn(lines, turns, mirror)
    copies = turns * (1 + mirror)
    assert len(seen(lines, rows)) == 5 * copies
    first = seen(lines, rows)[:copies]
    assert np.allclose(np.hypot(first[:, 0], first[:, 2]), 0.02, atol=1e-6)
    around = sorted(np.round(np.degrees(np.arctan2(first[:, 0], -first[:, 2])) % 360.0, 2).tolist())
    wanted = [(90.0 - 360.0 * k / turns) % 360.0 for k in range(turns)]
    wanted += [(270.0 - 360.0 * k / turns) % 360.0 for k in range(turns)] * mirror
    assert np.allclose(around, sorted(wanted), atol=0.1)


def test_pieces_of_one_copy_join() -> None:
    lines, rows = lines_of(Works().of("mandala").open())
    drawn(lines, 6, mirror=True)
    pieces = seen(lines, rows).reshape(5, 12, 16)
    for before, after in pairwise(pieces):
        end_x = before[:, 0] + before[:, 4] * np.cos(before[:, 3])
        end_z = before[:, 2] - before[:, 4] * np.sin(before[:, 3])
        assert np.allclose(end_x, after[:, 0], atol=1e-6) and np.allclose(end_z, after[:, 2], atol=1e-6)
        assert np.allclose(before[:, 13], after[:, 12], atol=1e-6), "the cut between them is one"


def test_back_again_and_clear_are_seen_and_kept() -> None:
    works = Works().of("mandala")
    lines, rows = lines_of(works.open())
    drawn(lines, 3, mirror=False)
    drawn(lines, 4, mirror=False)
    both = len(seen(lines, rows))
    lines.undo()
    lines.update()
    assert len(seen(lines, rows)) == 15
    lines.redo()
    lines.update()
    assert len(seen(lines, rows)) == both
    lines.clear()
    lines.update()
    assert lines.empty and lines.count == 0
    lines.undo()
    lines.update()
    assert len(seen(lines, rows)) == both, "clearing is a step like others"
    again, rows_again = lines_of(works.open())
    again.update()
    assert np.allclose(seen(again, rows_again), seen(lines, rows), atol=1e-4), "it comes back as it was left"


class Top:
    """A level table whose bed has its middle here."""

    place: Vec3 = (0.0, 0.7, -0.5)

    def local(self, place: Vec3) -> Vec3:
        return place[0], place[1] - 0.7, place[2] + 0.5

    def turned_back(self, way: Vec3) -> Vec3:
        return way


def at(x: float, y: float, z: float) -> Hand:
    return Hand(Pose((x, y, z)))


def frame(inputs: Inputs, index: int = 0) -> Frame:
    return Frame(index, index * STEP, index * STEP, STEP, False, inputs, None)


def led(hand: TableHand, *inputs: Inputs) -> list[bool]:
    found = []
    for k, each in enumerate(inputs):
        hand.update(frame(each, k), STEP, Top(), "right", gaze=True)
        found.append(hand.drawing)
    return found


ON = Inputs(right=at(0.05, 0.705, -0.5))


def test_a_tip_near_the_bed_draws_and_one_above_does_not() -> None:
    assert led(TableHand(BED), ON, Inputs(right=at(0.05, 0.71, -0.49)), Inputs(right=at(0.05, 0.80, -0.49))) == [
        True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [at(nan, 0.7, -0.5), at(0.05, 0.705, -0.9), None])
def test_lost_leaping_and_numberless_hands_end_a_line(wrong: Hand | None) -> None:
    assert led(TableHand(BED), ON, Inputs(right=wrong)) == [True, False]


def test_the_hand_that_began_goes_on_alone() -> None:
    hand = TableHand(BED)
    led(hand, ON, Inputs(left=at(-0.1, 0.705, -0.5), right=at(0.05, 0.705, -0.5)))
    assert hand.hand == "right" and hand.at[0] > 0.0


def test_a_gaze_that_rests_draws_slowly_where_no_hand_is() -> None:
    hand = TableHand(BED)
    down = atan2(0.5, 0.5)
    look = Inputs(Pose((0.0, 1.2, 0.0), (-sin(down / 2), 0.0, 0.0, cos(down / 2))))
    frames = round((2.0 + DWELL_SECONDS + 0.2) / STEP)
    found = led(hand, *[look] * frames)
    assert found[-1] and hand.by == "gaze" and not any(found[: round(2.0 / STEP)])


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
