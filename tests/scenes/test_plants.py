"""What grows about a seat: where it may stand, that it hides nothing and floats nowhere, and how wind moves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from math import radians
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from headless_harness.pictures import Picture
from scenes.valley import grass, plants, trees
from scenes.valley.grain import grain_image
from scenes.valley.growing import Ground
from scenes.valley.litter import FEET, litter, underfoot
from scenes.valley.place import FIRESIDE, GROVE, ROOM, SHORE, Seat
from scenes.valley.shapes import Floats
from vr_app.api import Arrays, Frame, Kit, Light, Material, Mesh, Pass, Pose, Scene, SceneInfo
from vr_app.studio import open_studio

SEATS = {"shore": SHORE, "room": ROOM}
EYE = np.array([0.0, 1.2, 0.0])
TUFTS = ("marram", "meadow", "reeds", "ferns")
HIGHEST_WAVE = 5.75  # metres inland, scenes/valley/tide.py
ROOTS = 0.06  # metres that a tuft may stand in the ground
seats = pytest.mark.parametrize("seat", SEATS.values(), ids=SEATS.keys())


@cache
def grown(seat: Seat) -> Arrays:
    return plants.plants_arrays(seat)


def rows_of(seat: Seat, *names: str) -> Floats:
    found = [np.asarray(grown(seat)[f"{name}-rows"], float) for name in names if f"{name}-rows" in grown(seat)]
    return np.concatenate(found)


def bodies(seat: Seat) -> Iterator[tuple[str, Floats]]:
    """Every corner (n, 3) that is drawn, by name, as the vertex stage places it in still air; of 4,000 copies."""
    arrays = grown(seat)
    yield "wood", np.asarray(arrays["wood-position"], float)
    for name in plants.COPIES:
        if f"{name}-rows" not in arrays:
            continue
        rows, corner = rows_of(seat, name)[:4000, None], np.asarray(arrays[f"{name}-position"], float)
        x, y, z = (corner[:, axis] * rows[..., 4 + axis] for axis in range(3))
        c, s = np.cos(rows[..., 3]), np.sin(rows[..., 3])
        across, along = c * x + s * z, c * z - s * x
        if name in TUFTS:
            y = y + rows[..., 12] * across + rows[..., 13] * along
        placed = np.stack([across, y, along], axis=-1) + rows[..., :3]
        yield name, placed.reshape(-1, 3)


# --- where it stands


@seats
@pytest.mark.parametrize("name", ["marram", "meadow", "ferns"])
def test_no_plant_of_the_land_stands_where_a_wave_comes(seat: Seat, name: str) -> None:
    ground = Ground(seat)
    if f"{name}-rows" not in grown(seat):
        assert (seat, name) == (ROOM, "ferns")
        return
    rows = rows_of(seat, name)
    assert ground.inland(rows[:, 0], rows[:, 2]).min() > HIGHEST_WAVE + 1.0
    assert (ground.height(rows[:, 0], rows[:, 2]) + seat.y).min() > 0.3


@seats
def test_reeds_stand_in_shallow_water_or_beside_it(seat: Seat) -> None:
    rows = rows_of(seat, "reeds")
    level = Ground(seat).height(rows[:, 0], rows[:, 2]) + seat.y
    assert level.min() > -0.5 and level.max() < 1.3


@seats
def test_no_bush_stands_on_the_beach(seat: Seat) -> None:
    rows, _ = trees.bushes(Ground(seat))
    assert Ground(seat).inland(rows[:, 0], rows[:, 2]).min() > 11.0


@seats
def test_no_tuft_floats_or_is_buried(seat: Seat) -> None:
    rows = rows_of(seat, *TUFTS)
    gap = rows[:, 1] - Ground(seat).height(rows[:, 0], rows[:, 2])
    assert gap.min() > -ROOTS and gap.max() < 0.005


@seats
def test_a_tree_s_foot_is_in_the_ground_and_its_leaves_hang_on_its_twigs(seat: Seat) -> None:
    listed = [tree for tree in trees.tree_list() if tree in trees.FRAMES or tree.seed == 2][:12]
    for tree in listed:
        at = seat.valley(np.zeros(3)) * 0.0 + np.array([tree.x, 0.0, tree.z])
        local = seat.local(at)
        root = Ground(seat).points(local[:1], local[2:])[0]
        parts, tips = trees._standing(seat, tree, trees.grown(tree.kind, tree.seed), root)
        foot = parts[0].paths[0, 0] - root
        assert -0.5 < foot[1] < -0.1
        assert np.hypot(foot[0], foot[2]) < 0.05
        twigs = parts[2].paths.reshape(-1, 3)
        for tip in list(tips.values())[::25]:
            assert np.linalg.norm(twigs - tip, axis=1).min() < 0.12


def test_small_things_lie_on_the_sand_out_of_the_waves_reach() -> None:
    ground = Ground(SHORE)
    mesh, feet = litter(ground)
    assert np.abs(feet[:, 1] - ground.height(feet[:, 0], feet[:, 2])).max() < 0.02
    assert ground.inland(feet[:, 0], feet[:, 2]).min() > HIGHEST_WAVE - 0.15  # its heaps are what the wave left
    over = mesh["position"][:, 1] - ground.height(*mesh["position"][:, ::2].astype(float).T)
    assert over.min() > -0.08 and over.max() < 0.12


@pytest.mark.parametrize("seat", [FIRESIDE, GROVE])
def test_small_things_lie_about_the_feet_and_not_below_the_chair(seat: Seat) -> None:
    ground = Ground(seat)
    found = underfoot(ground)
    assert found is not None
    mesh, feet = found
    x, y, z = mesh["position"].astype(float).T
    away = np.hypot(x, z)
    assert FEET[0] - 0.1 < away.min() and away.max() < FEET[1] + 0.1
    assert np.abs(y - ground.height(x, z)).max() < 0.06
    assert np.isfinite(feet).all() and feet.shape[1] == 4


@pytest.mark.parametrize("seat", [ROOM, SHORE])
def test_rooms_and_sand_have_none_of_them(seat: Seat) -> None:
    assert underfoot(Ground(seat)) is None


@seats
def test_everything_has_its_contact(seat: Seat) -> None:
    rows = rows_of(seat, "contact")
    gap = rows[:, 1] - Ground(seat).height(rows[:, 0], rows[:, 2])
    assert np.abs(gap).max() < 0.03
    tufts = rows_of(seat, "marram")
    near = tufts[np.hypot(tufts[:, 0], tufts[:, 2]) < 10.0][:, [0, 2]]
    trunks = [seat.local(np.array([tree.x, 0.0, tree.z]))[[0, 2]] for tree in trees.FRAMES]
    for x, z in [*near, *(at for at in trunks if np.hypot(*at) < 10.0)]:
        assert np.hypot(rows[:, 0] - x, rows[:, 2] - z).min() < 0.01


# --- what it may not hide


def test_the_way_to_the_sea_is_open() -> None:
    for name, points in bodies(SHORE):
        x, y, z = points.T
        ahead = (np.abs(np.arctan2(x, -z)) < radians(35.0)) & (np.hypot(x, z) < 25.0)
        assert not (ahead & (y > 0.5)).any(), name


@seats
def test_nothing_is_close_to_the_face(seat: Seat) -> None:
    for name, points in bodies(seat):
        assert np.linalg.norm(points - EYE, axis=1).min() > 1.0, name
        near = np.hypot(points[:, 0], points[:, 2]) < 1.6
        assert not (near & (points[:, 1] > EYE[1])).any(), name


def test_the_room_s_birch_shows_in_the_window_s_upper_corner_and_leaves_the_jetty_open() -> None:
    leaves = rows_of(ROOM, "twigs", "sprays")[:, :3]
    away = np.hypot(leaves[:, 0], leaves[:, 2])
    through = -3.2 / leaves[:, 2]  # where the line from the eye meets the window, metres
    x, y = leaves[:, 0] * through, EYE[1] + (leaves[:, 1] - EYE[1]) * through
    shown = (x > -1.15) & (x < 1.5) & (y > 0.62) & (y < 2.02) & (away < 12.0)
    assert shown.any()
    assert x[shown].max() < 0.2
    assert y[shown].min() > 1.5


# --- how much of it is drawn


class _Copies:
    """A Pass that notes how many copies of each mesh are drawn."""

    def __init__(self) -> None:
        self.drawn: dict[int, int | None] = {}

    def draw(self, mesh: Mesh, material: Material, at: Pose | None = None, copies: int | None = None, **_: Any) -> None:
        self.drawn[id(mesh)] = copies


class _Numbers:
    """A Kit whose meshes are the number of their rows."""

    grain = None

    def mesh(self, arrays: Arrays, each: Any = None) -> Any:
        return [each]

    def buffer(self, rows: npt.NDArray[np.float32], horizon: npt.NDArray[np.uint8] | None = None) -> int:
        assert horizon is None or len(horizon) == len(rows)
        return len(rows)

    def material(self, name: str, **images: Any) -> Any:
        return name

    def image(self, pixels: Any, **_: Any) -> Any:
        return None

    def bake(self, make: Any) -> Mapping[str, Any]:
        return grown(make.args[0]) if hasattr(make, "args") else make()


@seats
def test_less_detail_draws_a_beginning_of_the_same_copies(seat: Seat) -> None:
    made = plants.Plants(_Numbers(), _Numbers(), seat)  # type: ignore[arg-type]
    counts = []
    for detail in range(3):
        out = _Copies()
        made.draw(out, detail)  # type: ignore[arg-type]
        counts.append(out.drawn)
    for mesh, copies in counts[0].items():
        assert copies is None or 0 < copies < (counts[1][mesh] or 0) < (counts[2][mesh] or 0)
    assert len(counts[2]) <= 8


@pytest.mark.parametrize("name", ["marram", "meadow", "twigs", "sprays"])
def test_the_first_copies_are_near_ones_and_all_round(name: str) -> None:
    rows = rows_of(SHORE, name)
    first, away = rows[: len(rows) // 4], np.hypot(rows[:, 0], rows[:, 2])
    assert np.median(away[: len(first)]) <= np.median(away)
    whole = np.histogram(np.arctan2(rows[:, 0], rows[:, 2]), bins=4, range=(-np.pi, np.pi))[0] / len(rows)
    part = np.histogram(np.arctan2(first[:, 0], first[:, 2]), bins=4, range=(-np.pi, np.pi))[0] / len(first)
    assert np.all(part[whole > 0.1] > 0.2 * whole[whole > 0.1])


@seats
def test_it_is_the_same_whenever_it_is_made(seat: Seat) -> None:
    again = plants.plants_arrays(seat)
    assert again.keys() == grown(seat).keys()
    for name, array in grown(seat).items():
        np.testing.assert_array_equal(array, again[name], err_msg=name)


@seats
def test_there_are_no_more_triangles_than_a_headset_draws(seat: Seat) -> None:
    arrays = grown(seat)
    total = len(arrays["wood-index"]) // 3
    for name in (*plants.COPIES, "contact"):
        if f"{name}-rows" in arrays:
            total += len(arrays[f"{name}-index"]) // 3 * len(arrays[f"{name}-rows"])
    blades = len(rows_of(seat, "marram")) * grass.MARRAM.blades + len(rows_of(seat, "meadow")) * grass.MEADOW.blades
    assert total < 620_000
    assert blades <= 60_000


# --- wind


class _Tuft(Scene):
    """One tuft of dune grass two metres ahead, before nothing."""

    info = SceneInfo(id="tuft", title="Tuft", summary="One tuft.", kind="centering", minutes=(1.0, 2.0))
    strength: ClassVar[float] = 1.0

    def build(self, kit: Kit) -> None:
        row = np.zeros((1, 16), np.float32)
        row[0, :3], row[0, 4:12] = (0.0, 0.8, -2.0), 1.0
        buffer = kit.buffer(row, np.zeros((1, 16), np.uint8))
        self.tuft = kit.mesh(grass.tuft(grass.MARRAM, 1), buffer), kit.material("plants", grain=grain_image(kit))

    def draw(self, frame: Frame, out: Pass) -> None:
        out.light(Light(wind=(1.0, 0.0, self.strength, 0.0), clouds=(0.0, 0.0, 0.0, 0.0)))
        out.draw(*self.tuft)


def shapes(strength: float, times: list[float]) -> list[npt.NDArray[np.bool_]]:
    """Where the tuft covers the picture (160 pixels a metre at the tuft's distance), top row first."""
    scene = type("_Blown", (_Tuft,), {"strength": strength})
    with open_studio((640, 640)) as studio:
        shots = studio.photograph(scene, times, [Pose(tuple(EYE.tolist()))])
        pictures: list[Picture] = [shot.photograph.left for shot in shots]
    empty = pictures[0][0, 0].astype(int)
    return [(np.abs(picture.astype(int) - empty) > 6).any(axis=2) for picture in pictures]


def test_wind_bends_the_tips_and_leaves_the_roots() -> None:
    still = shapes(0.0, [0.0, 5.0])
    np.testing.assert_array_equal(still[0], still[1])
    blown = shapes(1.0, [0.0, 2.0, 5.0])
    lines, columns = np.nonzero(still[0])
    root, top = int(lines.max()), int(lines.min())
    assert root - top > 80
    foot = slice(root - 2, root + 1)
    for one in blown:
        assert (one[foot] ^ still[0][foot]).sum() <= 4
        assert (one[: top + 60] ^ still[0][: top + 60]).sum() > 100
        reach = np.nonzero(one)[1]
        assert columns.min() - 60 < reach.min() and reach.max() < columns.max() + 60
    assert (blown[0] ^ blown[1]).sum() > 60
