"""Copies stand where their rows say, for both eyes in one pass or two, and for a camera beside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from scenes.valley.shapes import box
from tests.render.test_mirror import Session
from vr_app.api import Frame, Kit, Light, Pass, Pose, Scene, SceneInfo
from vr_app.commands import Watch
from vr_app.render.context import open_context
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio

Pixels = npt.NDArray[np.uint8]
AHEAD = [looking(0.0)]
SIZE = (128, 128)
COPIED = """
#pragma copies
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(p.colour.rgb * p.light.rgb * (0.6 + 0.4 * p.normal.y), 1.0); }
#endif
"""
PLAIN = COPIED.replace("#pragma copies\n", "")
PLACES = [(-0.9, 0.9, -2.0), (0.1, 1.5, -2.6), (0.8, 0.8, -1.7), (0.0, 1.9, -4.0), (0.5, 0.4, -3.0)]
TURNS = [0.0, 0.4, -1.1, 2.0, 0.7]
SCALES = [1.0, 0.6, 1.3, 2.0, 0.8]
COLOURS = [(0.9, 0.2, 0.1), (0.2, 0.8, 0.3), (0.2, 0.3, 0.9), (0.9, 0.8, 0.2), (0.5, 0.5, 0.5)]


def row(place: tuple[float, ...], turn: float, scale: float, colour: tuple[float, ...]) -> list[float]:
    return [*place, turn, scale, scale, scale, 0.0, *colour, 1.0, 0.0, 0.0, 0.0, 0.0]


ROWS = np.array([row(*each) for each in zip(PLACES, TURNS, SCALES, COLOURS, strict=True)], np.float32)
BLOCK = box((0.4, 0.5, 0.3))


class Copied(Scene):
    """Five blocks in one draw."""

    info = SceneInfo("copied", "Copied", "Blocks.", "home")
    shown: int | None = None

    def build(self, kit: Kit) -> None:
        self.rows = kit.buffer(ROWS)
        self.blocks, self.paint = kit.mesh(BLOCK.arrays(), each=self.rows), kit.material("copied")

    def draw(self, frame: Frame, out: Pass) -> None:
        out.draw(self.blocks, self.paint, copies=self.shown)


class Placed(Copied):
    """The same, each drawn by itself."""

    def build(self, kit: Kit) -> None:
        self.paint = kit.material("placed")
        self.each = []
        for scale, colour in zip(SCALES, COLOURS, strict=True):
            block = dict(BLOCK.arrays())
            block["position"] = np.asarray(block["position"]) * scale
            block["colour"] = np.tile([*colour, 1.0], (len(block["position"]), 1))
            self.each.append(kit.mesh(block))

    def draw(self, frame: Frame, out: Pass) -> None:
        for mesh, place, turn in list(zip(self.each, PLACES, TURNS, strict=True))[: self.shown]:
            out.draw(mesh, self.paint, Pose.facing(place, turn))


@pytest.fixture(autouse=True)
def surfaces(shaders: Path) -> None:
    (shaders / "copied.glsl").write_text(COPIED)
    (shaders / "placed.glsl").write_text(PLAIN)


@pytest.fixture(params=[True, False], ids=["one-pass", "two-passes"])
def studio(request: pytest.FixtureRequest) -> Iterator[Studio]:
    with open_studio(SIZE, single_pass=request.param) as studio:
        yield studio


def both(studio: Studio, scene: type[Scene]) -> Pixels:
    photograph = studio.photograph(scene, [0.0], AHEAD)[0].photograph
    return np.concatenate([photograph.left, photograph.right], axis=1)


def assert_alike(one: Pixels, other: Pixels) -> None:
    """But for roundings at edges."""
    assert np.mean(np.abs(one.astype(int) - other).max(axis=2) > 3) < 0.002


def test_copies_look_like_meshes_placed_one_by_one(studio: Studio) -> None:
    copied, placed = both(studio, Copied), both(studio, Placed)
    assert copied.std() > 12.0
    assert_alike(copied, placed)


def test_one_pass_and_two_draw_the_same_copies() -> None:
    pictures = []
    for single_pass in (True, False):
        with open_studio(SIZE, single_pass=single_pass) as studio:
            pictures.append(both(studio, Copied))
    np.testing.assert_array_equal(pictures[0], pictures[1])


@pytest.mark.parametrize("shown", [0, 1, 3, 99])
def test_the_first_so_many_are_drawn(studio: Studio, monkeypatch: pytest.MonkeyPatch, shown: int) -> None:
    monkeypatch.setattr(Copied, "shown", shown)
    assert_alike(both(studio, Copied), both(studio, Placed))


@pytest.mark.parametrize("single_pass", [True, False])
def test_a_camera_beside_sees_every_copy_once(single_pass: bool) -> None:
    pictures = []
    for scene in (Copied, Placed):
        with open_context("egl"):
            session = Session(scene, single_pass=single_pass)
            session.size = SIZE
            session.mirror.watch(Watch("beside", 30.0))
            pictures.append(session.picture().pixels[:, :, :3])
    assert pictures[0].std() > 10.0
    assert_alike(*pictures)


def test_one_eye_alone_sees_every_copy_once() -> None:
    pictures = []
    for scene in (Copied, Placed):
        with open_studio(SIZE, single_pass=True) as studio:
            (shot,) = studio.film(scene, [(0.0, AHEAD)], eye="right")
            pictures.append(shot.photograph.left)
    assert_alike(*pictures)


def test_rows_written_later_are_seen_and_others_stay(studio: Studio) -> None:
    class Moved(Copied):
        def draw(self, frame: Frame, out: Pass) -> None:
            changed = ROWS[1:3].copy()
            changed[:, 1] += 0.6
            self.rows.write(1, changed)
            super().draw(frame, out)

    class Raised(Placed):
        def draw(self, frame: Frame, out: Pass) -> None:
            for index, (mesh, (x, y, z), turn) in enumerate(zip(self.each, PLACES, TURNS, strict=True)):
                out.draw(mesh, self.paint, Pose.facing((x, y + (0.6 if index in (1, 2) else 0.0), z), turn))

    moved = both(studio, Moved)
    assert_alike(moved, both(studio, Raised))
    assert np.abs(moved.astype(int) - both(studio, Copied)).mean() > 1.0


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, 6), (4, 2), (5, 1)])
def test_rows_beyond_the_buffer_are_refused(studio: Studio, first: int, count: int) -> None:
    rows = studio.kit.buffer(ROWS)
    with pytest.raises(ValueError, match=r"do not fit into 5"):
        rows.write(first, np.zeros((count, 16), np.float32))


def test_a_row_of_another_length_is_refused(studio: Studio) -> None:
    with pytest.raises(ValueError, match=r"rows must have shape \(n, 16\), not \(5, 12\)"):
        studio.kit.buffer(ROWS[:, :12])
    with pytest.raises(ValueError, match="do not fit"):
        studio.kit.buffer(ROWS).write(0, ROWS[:, :12])
    with pytest.raises(ValueError, match=r"'horizon' must be uint8 of shape \(5, 16\)"):
        studio.kit.buffer(ROWS, np.zeros((4, 16), np.uint8))


# --- what stands round about, and the light

SEEN = """
#pragma horizon
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(vec3(p.key), 1.0); }
#endif
"""
COLOUR = """
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(key.rgb, 1.0); }
#endif
"""
SQUARE = {
    "position": np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float),
    "index": np.array([0, 1, 2, 0, 2, 3]),
}


def sun(azimuth: float, elevation: float) -> Light:
    """Degrees, clockwise from -z."""
    a, e = np.radians([azimuth, elevation])
    return Light(to_key=(float(np.sin(a) * np.cos(e)), float(np.sin(e)), float(-np.cos(a) * np.cos(e)), 1.0))


def grey_under(studio: Studio, light: Light, copied: bool) -> int:
    """Of a square that sees 20 degrees of land in the east and 40 in the south, and none elsewhere."""
    horizon = np.zeros(16)
    horizon[3:6], horizon[7:10] = 20.0, 40.0
    kept = np.tile(np.round(255.0 * np.sqrt(horizon / 90.0)).astype(np.uint8), (4, 1))

    class Square(Scene):
        info = SceneInfo("square", "Square", "A square.", "home")

        def build(self, kit: Kit) -> None:
            self.seen = kit.material("seen_copied" if copied else "seen")
            rows = kit.buffer(np.array([row((0, 0, 0), 0.0, 1.0, (1, 1, 1))], np.float32), kept[:1]) if copied else None
            self.square = kit.mesh(SQUARE if copied else SQUARE | {"horizon": kept}, rows)

        def draw(self, frame: Frame, out: Pass) -> None:
            out.light(light)
            out.draw(self.square, self.seen, Pose((0.0, 1.2, -1.0)))

    return int(studio.photograph(Square, [0.0], AHEAD)[0].photograph.left[64, 64, 1])


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize(
    ("azimuth", "elevation", "lit"),
    [(0, 2, True), (90, 17, False), (90, 24, True), (180, 37, False), (180, 44, True), (270, 3, True), (80, 24, True)],
)
def test_land_hides_the_sun_below_its_edge(
    studio: Studio, shaders: Path, azimuth: float, elevation: float, lit: bool, copied: bool
) -> None:
    (shaders / "seen.glsl").write_text(SEEN)
    (shaders / "seen_copied.glsl").write_text("#pragma copies\n" + SEEN)
    dark, bright = 15, 170  # black is lifted to 15; a radiance of 1 comes out at 200 or so
    grey = grey_under(studio, sun(azimuth, elevation), copied)
    assert grey > bright if lit else grey < dark


def test_a_light_given_is_seen_and_else_the_usual_one(studio: Studio, shaders: Path) -> None:
    (shaders / "colour.glsl").write_text(COLOUR)

    class Square(Scene):
        info = SceneInfo("square", "Square", "A square.", "home")
        light: Light | None = None

        def build(self, kit: Kit) -> None:
            self.square, self.paint = kit.mesh(SQUARE), kit.material("colour")

        def draw(self, frame: Frame, out: Pass) -> None:
            if self.light:
                out.light(self.light)
            out.draw(self.square, self.paint, Pose((0.0, 1.2, -1.0)))

    def pixel() -> tuple[int, ...]:
        return tuple(studio.photograph(Square, [0.0], AHEAD)[0].photograph.left[64, 64].astype(int))

    usual = pixel()
    Square.light = Light(key=(0.0, 0.0, 1.0, 1.0))
    red, _, blue = pixel()
    assert blue > red + 150
    Square.light = None
    assert pixel() == usual  # the light before it is forgotten
    assert usual[0] > usual[2] + 20
