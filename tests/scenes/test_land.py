"""The valley's land: heights, the ground's mesh and its light, and that everything stands in the ground."""

from __future__ import annotations

from functools import cache
from math import cos, sin, tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.valley import built, far, land, place, rocks, terrain
from scenes.valley.driftwood import driftwood
from scenes.valley.place import CABIN_GROUND, ROOM, SEEPS, SHORE, Seat, beach, height, inland, stream_course
from scenes.valley.shapes import Floats
from vr_app.api import Arrays

SEATS = {"shore": SHORE, "room": ROOM}
EYE = 1.2  # metres of a seated eye above the floor
seats = pytest.mark.parametrize("seat", SEATS.values(), ids=SEATS.keys())


@cache
def ground(seat: Seat) -> Arrays:
    return land.ground_arrays(seat)


@cache
def standing(seat: Seat) -> Arrays:
    return land.built_arrays(seat)


def at(x: float, z: float) -> float:
    return float(height(np.array([x]), np.array([z]))[0])


# --- heights

places = st.floats(-3000.0, 3000.0, allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(places, places, st.floats(0.0, tau), st.floats(1e-3, 0.5))
def test_the_ground_is_finite_and_has_no_steps(x: float, z: float, way: float, far_on: float) -> None:
    here, there = at(x, z), at(x + far_on * cos(way), z + far_on * sin(way))
    assert np.isfinite(here)
    assert -20.0 < here < 800.0
    assert abs(there - here) < 6.0 * far_on + 0.01  # the steepest known is 5 : 1, on a far ridge


def test_the_beach_before_the_seat_is_what_the_sand_is_shaded_for() -> None:
    x, z = np.meshgrid(np.linspace(SHORE.x - 9.0, SHORE.x + 8.0, 60), np.linspace(SHORE.z - 16.0, SHORE.z, 60))
    s = inland(x, z)
    on = s < 9.8
    np.testing.assert_allclose(height(x, z)[on], beach(s)[on], atol=0.02)


def test_a_bank_shelters_the_seat_from_behind() -> None:
    x, z = np.meshgrid(SHORE.x + np.linspace(-2.0, 2.0, 9), SHORE.z + np.linspace(3.8, 4.4, 9))
    above = height(x, z) - SHORE.y
    assert above.min() > 0.9
    assert above.max() < 1.9


def test_no_ground_rises_to_the_eyes_near_the_seat() -> None:
    points = ground(SHORE)["position"]
    near = np.hypot(points[:, 0], points[:, 2]) < 1.2
    assert near.sum() > 50
    assert points[near, 1].max() < 0.3


def test_the_cabin_stands_on_level_ground_above_the_water() -> None:
    x, z = np.meshgrid(np.linspace(-2.4, 2.2, 20), np.linspace(-3.2, 2.1, 20))
    under = height(x, z)
    assert under.max() < ROOM.y - 0.1, "the ground comes through the floor"
    assert abs(float(under.mean()) - CABIN_GROUND) < 0.2
    assert at(0.0, -24.0) < 0.0


def test_the_stream_runs_down_to_the_beach_and_seeps_away_before_the_tide() -> None:
    course = stream_course()
    assert (np.diff(course.points[:, 1]) <= 1e-9).all(), "water flows uphill"
    assert course.points[-1, 1] < 0.02
    bed = height(course.points[:, 0], course.points[:, 2])
    away = inland(course.points[:, 0], course.points[:, 2])
    assert (bed < course.points[:, 1] - 0.05)[away > SEEPS[1]].all(), "a dry bed"
    swash = np.abs(away - 0.5 * SEEPS[0]) < 0.5 * SEEPS[0]  # farther than any wave comes
    np.testing.assert_allclose(bed[swash], beach(away[swash]), atol=0.05, err_msg="a ditch in the swash")
    away = np.hypot(course.points[:, 0] - SHORE.x, course.points[:, 2] - SHORE.z)
    assert 8.0 < away.min() < 20.0


# --- the ground's mesh


@seats
def test_the_ground_is_a_sound_mesh(seat: Seat) -> None:
    arrays = ground(seat)
    index = arrays["index"].reshape(-1, 3)
    assert len(index) <= 62_000
    for name in ("position", "normal", "uv", "colour", "light"):
        assert np.isfinite(arrays[name]).all()
    np.testing.assert_allclose(np.linalg.norm(arrays["normal"], axis=1), 1.0, atol=1e-4)
    a, b, c = (arrays["position"][index[:, k]].astype(np.float64) for k in range(3))
    assert (np.cross(b - a, c - a)[:, 1] > 0.0).all(), "triangles that face down"


def test_rings_are_sewn_without_a_gap() -> None:
    grid = terrain.rings()
    edges = np.sort(
        np.concatenate([grid.triangles[:, [0, 1]], grid.triangles[:, [1, 2]], grid.triangles[:, [2, 0]]]), axis=1
    )
    unique, uses = np.unique(edges, axis=0, return_counts=True)
    assert uses.max() == 2, "an edge of three triangles"
    alone = unique[uses == 1]
    radius = np.hypot(grid.x, grid.z)
    assert (radius[alone] > terrain.FARTHEST * 0.99).all(), "a crack between rings"
    assert len(alone) == len(terrain.ring_angles(float(radius.max())))


def test_what_is_left_out_is_deep_or_hidden() -> None:
    """Every triangle on dry land that the highest eye sees along a line is kept."""
    grid, arrays = terrain.rings(), ground(SHORE)
    kept = {tuple(np.round(p, 3)) for p in arrays["position"][:, ::2].astype(np.float64)}
    x, z = grid.x, grid.z
    near = np.flatnonzero((np.hypot(x, z) < 9.0) & (z < 0.0))
    shown = [(round(float(np.float32(x[k])), 3), round(float(np.float32(z[k])), 3)) in kept for k in near]
    assert all(shown), "a hole in the beach"


def test_the_beach_is_fine_where_waves_run_up() -> None:
    radii = terrain.ring_radii()
    inner = radii[radii < 12.0]
    assert np.diff(inner).max() <= 0.1201


# --- light


def test_horizons_agree_with_a_brute_force_march() -> None:
    seat = SHORE
    relief = terrain.Relief.about(seat)
    points = np.array([(-6.0, 0.0, -3.0), (3.0, 0.0, 1.0), (0.5, 0.0, 1.6), (-55.0, 0.0, 30.0), (14.0, 0.0, 2.0)])
    points[:, 1] = terrain.ground(seat, points[:, 0], points[:, 2]) + 0.3
    found = terrain.horizons(relief, points)
    steps = np.concatenate([np.arange(0.15, 30.0, 0.05), np.arange(30.0, 300.0, 0.5), np.arange(300.0, 3600.0, 4.0)])
    off = np.zeros((len(points), 16))
    for turn in range(16):
        east, north = sin(turn * tau / 16), cos(turn * tau / 16)
        for k, (x, y, z) in enumerate(points):
            rises = terrain.ground(seat, x + east * steps, z - north * steps) - y
            off[k, turn] = np.degrees(found[k, turn]) - np.degrees(np.arctan(max((rises / steps).max(), 0.0)))
    assert (np.abs(off) < 1.0).mean() > 0.9
    assert np.abs(off).max() < 1.6, "a peak two kilometres off, narrower than the coarsest cell, may lose that much"


def test_a_wall_keeps_the_low_sun_away_and_only_from_its_side() -> None:
    wall = terrain.Caster(SHORE.x, SHORE.z - 3.0, 2.0, 0.3, SHORE.y + 2.0, round=False)
    relief = terrain.Relief.about(SHORE, (wall,))
    angles = np.degrees(terrain.horizons(relief, np.array([(0.0, 0.02, 0.0)])))[0]
    assert angles[0] == pytest.approx(np.degrees(np.arctan2(2.0, 2.7)), abs=4.0)
    assert angles[4] < 5.0


@seats
def test_hollows_are_darker_than_open_ground(seat: Seat) -> None:
    light = ground(seat)["light"]
    assert light.min() >= 0.0
    assert light[:, 0].max() <= 1.0
    normal = np.array([[0.0, 1.0, 0.0]])
    pit, plain = np.full((1, 16), 0.7), np.zeros((1, 16))
    assert terrain.openness(pit, normal)[0] < 0.7 < terrain.openness(plain, normal)[0] == 1.0


def test_things_darken_the_ground_they_stand_on() -> None:
    stone = terrain.Caster(SHORE.x, SHORE.z - 2.0, 0.4, 0.3, SHORE.y + 0.3)
    x, z = np.array([0.0, 0.42, 1.0, 3.0]), np.full(4, -2.0)
    left = terrain.contact(SHORE, x, z, [stone])
    assert (np.diff(left) > 0.0).all()
    assert left[0] < 0.4
    assert left[-1] > 0.99


def test_a_bake_gives_the_same_again() -> None:
    for make in (land.stream_arrays, far.tree_arrays, land.built_arrays):
        first, second = make(ROOM), make(ROOM)
        assert all(np.array_equal(first[name], second[name]) for name in first)


# --- what stands there


def footing(made: built.Built) -> Floats:
    """Metres that the lowest points lie below the ground."""
    feet = np.array(made.feet)
    return np.asarray(height(feet[:, 0], feet[:, 2]) - feet[:, 1])


@pytest.mark.parametrize(
    "make",
    [built.jetty, built.cabin, built.lighthouse, built.boat, driftwood, lambda: rocks.rock_field(SHORE)],
    ids=["jetty", "cabin", "lighthouse", "boat", "driftwood", "rocks"],
)
def test_nothing_floats(make: object) -> None:
    assert callable(make)
    deep = footing(make())
    assert len(deep) >= 3
    assert deep.min() > 0.015


def test_rocks_reach_below_the_ground_all_round() -> None:
    for _, shape in rocks.rock_field(SHORE).shapes:
        ground_there = height(shape.position[:, 0], shape.position[:, 2])
        widest = np.abs(shape.position[:, ::2] - shape.position[:, ::2].mean(axis=0)).max()
        belt = shape.position[:, 1] < ground_there
        assert belt.any()
        out = shape.position[belt, ::2] - shape.position[:, ::2].mean(axis=0)
        ways = np.unique((np.arctan2(out[:, 0], out[:, 1]) / tau * 8).astype(int))
        assert len(ways) >= 6, f"a rock of {widest:.2f} m stands on an edge"


def test_far_trees_stand_in_the_ground_and_off_the_sea() -> None:
    rows = far.tree_arrays(SHORE)["rows"].astype(np.float64)
    points = SHORE.valley(rows[:, :3])
    ground_there = height(points[:, 0], points[:, 2])
    assert (points[:, 1] < ground_there - 0.2).all()
    assert ground_there.min() > 1.0
    assert len(rows) > 500


@seats
def test_what_is_built_is_a_sound_mesh(seat: Seat) -> None:
    arrays = standing(seat)
    assert len(arrays["index"]) // 3 <= 26_000
    np.testing.assert_allclose(np.linalg.norm(arrays["normal"], axis=1), 1.0, atol=2e-3)
    assert set(np.unique(arrays["kind"])) <= set(range(len(built.KINDS)))
    assert arrays["light"].min() >= 0.0
    assert arrays["light"].max() <= 1.0
    assert arrays["horizon"].shape == (len(arrays["position"]), 16)


def test_the_cabin_is_not_drawn_about_those_who_sit_in_it() -> None:
    near = np.abs(standing(ROOM)["position"]).max(axis=1) < 3.0
    assert not near.any()


def test_the_sea_is_open_toward_the_lighthouse() -> None:
    """From both seats the horizon is water on the lighthouse's left, and the headland stands on the left."""
    for seat in (SHORE, ROOM):
        x, z = place.LIGHTHOUSE
        way = np.arctan2(x - seat.x, -(z - seat.z)) - 0.07
        steps = np.geomspace(60.0, 3000.0, 200)
        line = height(seat.x + np.sin(way) * steps, seat.z - np.cos(way) * steps)
        assert line.max() < 12.0
