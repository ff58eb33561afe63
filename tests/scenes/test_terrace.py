"""The terrace: stones that lie in the ground and apart, an open view over the bay, and nothing in the way of a seat."""

from __future__ import annotations

from functools import cache
from math import radians

import numpy as np
import pytest

from scenes.valley import grass, instruments, land, litter, terrace, trees
from scenes.valley.built import Built
from scenes.valley.growing import PAVED, Ground
from scenes.valley.place import ROOM, SHORE, STONES, height
from scenes.valley.shapes import Floats

EYE = 1.2  # metres of a seated eye above the floor


@cache
def made() -> Built:
    return terrace.terrace()


def local(points: Floats) -> Floats:
    return STONES.local(points)


def test_all_of_it_stands_in_the_ground() -> None:
    feet = np.array(made().feet)
    assert (height(feet[:, 0], feet[:, 2]) - feet[:, 1]).min() > 0.02
    shape, _ = made().joined()
    assert np.isfinite(shape.position).all()
    np.testing.assert_allclose(np.linalg.norm(shape.normal, axis=1), 1.0, atol=2e-3)


def test_flagstones_are_level_enough_to_sit_on_and_have_joints() -> None:
    stones = terrace._flags(np.random.default_rng(211))
    assert 60 < len(stones) < 140
    tops = np.concatenate([stone.position[stone.normal[:, 1] > 0.99] for stone in stones])
    assert np.abs(tops[:, 1]).max() < 0.025
    outlines = [stone.position[: (len(stone.position) - 1) // 5, ::2] for stone in stones]
    for k, outline in enumerate(outlines):
        points = np.concatenate(outlines[:k] + outlines[k + 1 :])
        edges = np.roll(outline, -1, axis=0) - outline
        to = points[:, None] - outline
        side = edges[:, 0] * to[..., 1] - edges[:, 1] * to[..., 0]
        inside = (side > 0.0).all(axis=1) | (side < 0.0).all(axis=1)
        assert not inside.any(), "a stone reaches over its neighbour"
    middles = np.array([outline.mean(axis=0) for outline in outlines])
    assert len(stones) == sum(np.hypot(*middles.T) < PAVED), "no grass comes up between them"


def test_a_wall_shelters_the_seat_from_behind_and_leaves_a_way_out() -> None:
    shape, _ = made().joined()
    points = local(shape.position)
    turn, away = np.degrees(np.arctan2(points[:, 0], -points[:, 2])), np.hypot(points[:, 0], points[:, 2])
    behind = (np.abs(turn) > 150.0) & (away < 2.6)
    assert points[behind, 1].max() > 0.9
    low, high = terrace.GAP
    gap = (turn > low + 3.0) & (turn < high - 3.0) & (away > 3.9)
    assert points[gap, 1].max() < 0.05
    near = away < 0.55
    assert points[near, 1].max() < 0.05, "nothing stands where the chair is"


@pytest.mark.parametrize("azimuth", [-35.0, -15.0, 0.0, 15.0])
def test_one_looks_over_the_wall_and_the_meadow_to_the_water(azimuth: float) -> None:
    away = np.linspace(1.0, 200.0, 400)
    x, z = STONES.x + away * np.sin(radians(azimuth)), STONES.z - away * np.cos(radians(azimuth))
    ground = height(x, z)
    line = STONES.y + EYE + (0.0 - STONES.y - EYE) * away / 200.0
    assert (line > ground).all()
    shape, _ = made().joined()
    points = local(shape.position)
    ahead = (np.abs(np.arctan2(points[:, 0], -points[:, 2]) - radians(azimuth)) < 0.2) & (points[:, 2] < -3.0)
    slope = (EYE - points[ahead, 1]) / np.hypot(points[ahead, 0], points[ahead, 2])
    assert slope.min() > (STONES.y + EYE) / 120.0, "the wall hides the water from 120 m on"


def test_no_tree_stands_before_the_bay_and_the_two_of_its_own_do_not_lean_over_the_seat() -> None:
    for tree in trees.listed_about(STONES):
        turn = np.degrees(np.arctan2(tree.x - STONES.x, STONES.z - tree.z))
        assert not trees.VIEW[0] < turn < trees.VIEW[1]
        assert np.hypot(tree.x - STONES.x, tree.z - STONES.z) > 4.0
    for seat in (ROOM, SHORE):
        assert trees.listed_about(seat) == trees.tree_list()


@pytest.mark.parametrize("rows", [grass.meadow, grass.marram, grass.ferns, grass.reeds])
def test_nothing_grows_through_the_flagstones(rows: object) -> None:
    assert callable(rows)
    found = rows(Ground(STONES))
    assert not len(found) or np.hypot(found[:, 0], found[:, 2]).min() > PAVED


def test_no_drift_line_is_looked_for_where_there_is_no_beach() -> None:
    assert not litter.by_the_beach(Ground(STONES))
    assert litter.by_the_beach(Ground(SHORE))


def test_other_seats_have_no_terrace_about_them() -> None:
    assert len(land.things(STONES)) == len(land.things(SHORE)) + 1


def test_what_sounds_is_a_sound_mesh_that_stands_on_the_stones() -> None:
    making = instruments._Making()
    for each in (instruments._bell, instruments._bowls, instruments._bird_table, instruments._harp, instruments._basin):
        each(making)
    for shape, kind in zip(making.shapes, making.kinds, strict=True):
        assert np.isfinite(shape.position).all()
        assert kind.min() >= 0.0 and kind.max() < 4.0 * len(instruments.MAKERS)
    for maker in ("bell", "harp", "water"):
        first = 4.0 * instruments.MAKERS.index(maker)
        parts = zip(making.shapes, making.kinds, strict=True)
        points = np.concatenate([shape.position for shape, kind in parts if first <= kind[0, 0] < first + 4.0])
        assert points[:, 1].min() < 0.0, f"{maker} floats"
        away = np.hypot(points[:, 0], points[:, 2])
        assert away.min() > 1.0
    water = instruments.water_arrays()
    assert water["index"].max() < len(water["position"])
    assert instruments.WATER < instruments.BASIN_TOP


def test_each_spot_lies_about_what_it_names() -> None:
    making = instruments._Making()
    for each in (instruments._bell, instruments._bowls, instruments._bird_table, instruments._harp, instruments._basin):
        each(making)
    for number, spot in enumerate(instruments.SPOTS[:-1]):
        first = 4.0 * instruments.OF_SPOT[number]
        parts = zip(making.shapes, making.kinds, strict=True)
        points = np.concatenate([shape.position for shape, kind in parts if first <= kind[0, 0] < first + 4.0])
        inside = np.linalg.norm(points - np.array(spot.centre), axis=1) < spot.radius
        assert inside.sum() > 20
