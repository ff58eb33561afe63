"""The calm room's geometry and baked light, and the lantern's breath."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from headless_harness.census import NotingKit
from scenes.lantern import HIGH, IN_SHARE, LOW, SETTLE_SECONDS, STEADY, Lantern, LanternSettings, breath
from scenes.room import CalmRoom
from scenes.valley import light, room_light, shell
from scenes.valley.furniture import Furniture
from scenes.valley.shapes import Shape, box, lathe, merged, tube
from vr_app.api import Arrays, Frame, Inputs, Stage
from vr_app.remembered import Remembered
from vr_app.sound.silent import Silent
from vr_app.studio import open_studio
from vr_app.works.works import Works

STEP = 1 / 90
SHADER = Path(__file__).resolve().parents[2] / "shaders" / "include" / "room.glsl"
MATERIALS = ("plaster", "planks", "wood", "cloth", "glaze", "paper")


class NoHaptics:
    def pulse(self, hand: str, gain: float, seconds: float) -> None:
        """Nobody holds a controller."""


@cache
def room_arrays() -> Arrays:
    return room_light.room_arrays()


def corners(arrays: Arrays, mesh: str) -> npt.NDArray[np.float64]:
    """(triangles, 3, 3) corner positions."""
    return np.asarray(arrays[f"{mesh}-position"][arrays[f"{mesh}-index"]], np.float64)


@pytest.mark.parametrize("mesh", MATERIALS)
def test_meshes_are_sound(mesh: str) -> None:
    arrays = room_arrays()
    normal = np.asarray(arrays[f"{mesh}-normal"], np.float64)
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1.0, atol=2e-3)
    a, b, c = corners(arrays, mesh).transpose(1, 0, 2)
    facing = np.cross(b - a, c - a)
    area = np.linalg.norm(facing, axis=1)
    assert (area > 0).all(), "degenerate triangles"
    shown = normal[arrays[f"{mesh}-index"]].mean(axis=1)
    assert (np.einsum("ij,ij->i", facing, shown) >= -0.1 * area).all(), "triangles wound against their normals"
    for attribute in ("position", "uv", "colour", "light"):
        assert np.isfinite(arrays[f"{mesh}-{attribute}"]).all()


def test_a_frame_stays_small() -> None:
    vertices = sum(len(room_arrays()[f"{m}-position"]) for m in MATERIALS)
    assert vertices <= 42_000


@pytest.mark.parametrize(
    "shape",
    [box((0.3, 0.2, 0.1)), box((0.01, 2.0, 0.4), cells=0.1), tube([(0, 0, 0), (0, 1, 0), (0.2, 2, 0)], 0.1)],
    ids=["box", "board", "tube"],
)
def test_shapes_face_outward(shape: Shape) -> None:
    from_axis = shape.position - shape.position.mean(axis=0)
    assert (np.einsum("ij,ij->i", from_axis, shape.normal) > -0.15).all()


def test_a_box_keeps_its_size_and_is_closed() -> None:
    shape = box((0.3, 0.2, 0.1), bevel=0.01, cells=0.05)
    np.testing.assert_allclose(np.ptp(shape.position, axis=0), (0.3, 0.2, 0.1))
    edges: dict[tuple[int, int], int] = {}
    for triangle in shape.index.tolist():
        for a, b in ((0, 1), (1, 2), (2, 0)):
            edge = (triangle[a], triangle[b])
            edges[edge] = edges.get(edge, 0) + 1
    assert all(edges.get((b, a)) == count == 1 for (a, b), count in edges.items())


def test_a_lathe_with_a_foot_has_no_slivers() -> None:
    shape = lathe([(0.0, 0.0), (0.1, 0.0), (0.1, 0.2), (0.0, 0.2)])
    a, b, c = (shape.position[shape.index[:, k]] for k in range(3))
    assert (np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-9).all()


def _touching(things: Furniture, slack: float = 0.03) -> set[int]:
    """Blocks that rest, directly or through others, on the floor, a wall, the ceiling or the sill."""
    spans = [(b.corners().min(axis=0), b.corners().max(axis=0)) for b in things.blocks]
    low, high = np.array([shell.LEFT, 0.0, shell.GLASS]), np.array([shell.RIGHT, shell.HEIGHT, shell.BACK])
    held = {k for k, (a, b) in enumerate(spans) if (a <= low + slack).any() or (b >= high - slack).any()}
    front = {k for k, (a, _) in enumerate(spans) if a[2] <= shell.FRONT + 0.07}
    held |= front
    while True:
        more = {
            k
            for k, (a, b) in enumerate(spans)
            if k not in held
            and any((a <= spans[j][1] + slack).all() and (b >= spans[j][0] - slack).all() for j in held)
        }
        if not more:
            return held
        held |= more


def test_nothing_floats() -> None:
    things = shell.furnishing()
    assert _touching(things) == set(range(len(things.blocks)))


def test_nothing_stands_in_a_wall() -> None:
    position = merged([s for shapes in shell.furnishing().shapes.values() for s in shapes]).position
    assert (position >= np.array([shell.LEFT, 0.0, shell.GLASS]) - 0.05).all()
    assert (position <= np.array([shell.RIGHT, shell.HEIGHT, shell.BACK]) + 0.05).all()


def test_figures_of_the_shader_are_those_of_the_bake() -> None:
    text = SHADER.read_text()

    def vector(name: str) -> list[float]:
        found = re.search(rf"\b{name} = vec\d\(([^)]*)\)", text)
        assert found, name
        return [float(part) for part in found[1].split(",")]

    np.testing.assert_allclose(vector("TO_SUN"), shell.TO_SUN, atol=1e-4)
    np.testing.assert_allclose(vector("SUN"), shell.SUN)
    np.testing.assert_allclose(vector("WINDOW"), shell.WINDOW)
    assert f"FRONT = {shell.FRONT}, GLASS = {shell.GLASS};" in text


def test_bake_is_the_same_every_time() -> None:
    again = room_light.room_arrays()
    assert again.keys() == room_arrays().keys()
    for name, array in again.items():
        np.testing.assert_array_equal(array, room_arrays()[name], err_msg=name)


def test_baked_light_is_even_and_never_black() -> None:
    walls = room_arrays()["daylight"][..., :3]
    lit = walls[walls.sum(axis=-1) > 0]
    assert lit.min() >= 0.0
    assert np.percentile(lit, 95) / np.percentile(lit, 20) < 8.0
    assert np.median(lit) > 0.1


def test_form_factor_of_a_square_straight_ahead() -> None:
    """A square of side 2 at distance 1: four corners of (2/pi) x/sqrt(1+x^2) atan(x/sqrt(1+x^2)) (Hottel, 1931)."""
    square = np.array([[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1]], float)
    leg = 1 / np.sqrt(2)
    expected = 4 * (1 / (2 * np.pi)) * 2 * leg * np.arctan(leg)
    got = light.factor(np.zeros((1, 3)), np.array([[0.0, 0.0, -1.0]]), square)
    assert got[0] == pytest.approx(expected, rel=1e-9)


def test_a_block_shadows_what_is_behind_it_only() -> None:
    block = light.Block((0.0, 0.0, -1.0), (0.5, 0.5, 0.1), yaw=0.3)
    ends = np.array([[0.0, 0.0, -2.0], [3.0, 0.0, -2.0], [0.0, 0.0, -0.5]])
    assert light.clear(np.zeros((1, 3)), ends, [block]).tolist() == [[0.0, 1.0, 1.0]]
    directions = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
    assert light.clear(np.zeros((1, 3)), directions, [block], far=True).tolist() == [[0.0, 1.0]]


# The breath


def test_breath_takes_in_for_four_parts_and_out_for_six() -> None:
    assert breath(0.0) == pytest.approx(0.0)
    assert breath(IN_SHARE) == pytest.approx(1.0)
    assert pytest.approx(0.4) == IN_SHARE
    phases = np.linspace(0, 1, 1001)
    values = np.array([breath(p) for p in phases])
    assert (np.diff(values[phases <= IN_SHARE]) > 0).all() and (np.diff(values[phases >= IN_SHARE]) < 0).all()
    assert values.min() >= 0.0 and values.max() <= 1.0


def test_breath_is_smooth_across_its_turns() -> None:
    h = 1e-5
    for turn in (0.0, IN_SHARE, 1.0):
        before, after = (breath(turn) - breath(turn - h)) / h, (breath(turn + h) - breath(turn)) / h
        assert abs(before) < 1e-3 and abs(after) < 1e-3


def glows(seconds: float, *, quiet: tuple[float, float] = (9e9, 9e9), rate: float = 6.0) -> list[float]:
    """Glow frame by frame; the session is quiet between two times."""
    scene = Lantern()
    scene.build(NotingKit())
    scene.enter(
        Stage(NoHaptics(), Silent(), Remembered().of("scene"), Works().of("scene"), lambda words: None, lambda: None)
    )
    settings = LanternSettings(breaths_per_minute=rate)
    guided, values = 0.0, []
    for k in range(int(seconds / STEP)):
        time = k * STEP
        is_quiet = quiet[0] <= time < quiet[1]
        dt = 0.0 if is_quiet or not k else STEP
        guided += dt
        scene.update(Frame(k, time, guided, dt, is_quiet, Inputs(), settings))
        values.append(scene.glow)
    return values


@pytest.mark.parametrize(("rate", "period"), [(5.5, 60.0 / 5.5), (6.0, 10.0), (10.0, 6.0)])
def test_lantern_keeps_its_period(rate: float, period: float) -> None:
    values = glows(3 * period, rate=rate)
    frames = round(period / STEP)
    np.testing.assert_allclose(values[:frames], values[frames : 2 * frames], atol=0.02)
    assert values[round(IN_SHARE * frames)] == pytest.approx(1.0, abs=1e-3)


def test_lantern_rests_while_quiet_and_takes_up_the_breath_again() -> None:
    values = glows(40.0, quiet=(3.0, 15.0))
    settled = values[round((3.0 + SETTLE_SECONDS) / STEP) + 2 : round(15.0 / STEP)]
    np.testing.assert_allclose(settled, STEADY, atol=0.01)
    # 12 quiet seconds later the breath is where it was: the phase stood still
    np.testing.assert_allclose(values[round(30.0 / STEP)], breath(1.8), atol=0.01)
    steps = np.abs(np.diff(values)) / STEP
    assert steps.max() < 0.6, "the glow jumped"
    assert max(abs(b - a) for a, b in pairwise(steps)) < 0.06, "the glow changed its pace abruptly"


def test_lantern_never_goes_out_nor_glares() -> None:
    assert 0.1 < LOW < HIGH <= 1.2


def test_the_lantern_stands_in_the_same_room() -> None:
    with open_studio((16, 16)) as studio:
        CalmRoom().build(studio.kit)
        made = list(studio.kit.materials)  # type: ignore[attr-defined]
        assert made
        Lantern().build(studio.kit)
        assert studio.kit.materials == made, "made twice"  # type: ignore[attr-defined]
