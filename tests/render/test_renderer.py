"""What reaches the eyes: both paths draw the same, blocks carry parameters, shader errors name file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vr_app.api import Frame, Kit, Pass, Pose, Scene, SceneInfo
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio

AHEAD = [looking(0.0)]
QUAD = {
    "position": np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float),
    "normal": np.tile([0.0, 0.0, 1.0], (4, 1)),
    "index": np.array([0, 1, 2, 0, 2, 3]),
}


class Tinted(Scene):
    info = SceneInfo("tinted", "Tinted", "A coloured square.", "home")
    near_first = True

    def build(self, kit: Kit) -> None:
        self.quad, self.paint, self.words = kit.mesh(QUAD), kit.material("tinted"), kit.text("Here", height=0.1)

    def draw(self, frame: Frame, out: Pass) -> None:
        squares = [(-2.0, (1.0, 0.0, 0.0)), (-3.0, (0.0, 1.0, 0.0))]
        for distance, tint in squares if self.near_first else reversed(squares):
            out.draw(self.quad, self.paint, Pose((0.0, 1.2, distance)), glow=2.0, tint=tint)
        out.text(self.words, Pose((0.0, 1.2, -1.5)))


@pytest.fixture
def studio() -> Iterator[Studio]:
    with open_studio((96, 96)) as studio:
        yield studio


def test_one_pass_and_two_passes_draw_the_same_bytes(shaders: Path) -> None:
    pictures = []
    for single_pass in (True, False):
        with open_studio((96, 96), single_pass=single_pass) as studio:
            assert studio.single_pass is single_pass
            pictures.append(studio.photograph(Tinted, [0.0], AHEAD)[0].photograph)
    np.testing.assert_array_equal(pictures[0].left, pictures[1].left)
    np.testing.assert_array_equal(pictures[0].right, pictures[1].right)
    assert not np.array_equal(pictures[0].left, pictures[0].right)  # two eyes, two pictures


def test_one_detail_alone_is_drawn_as_in_a_program_that_has_all(shaders: Path) -> None:
    lifted = (shaders / "tinted.glsl").read_text().replace("tint * glow", "tint * glow * 0.1 * float(DETAIL + 1)")
    (shaders / "tinted.glsl").write_text(lifted)

    def seen(only: int | None, asked: int) -> npt.NDArray[np.uint8]:
        with open_studio((96, 96), detail=only) as studio:
            (shot,) = studio.film(Tinted, [(0.0, AHEAD)], detail=asked)
            return shot.photograph.left

    for level in (0, 2):
        np.testing.assert_array_equal(seen(None, level), seen(level, level))
    np.testing.assert_array_equal(seen(0, 2), seen(0, 0))  # what is not in its programs cannot be asked for
    assert seen(None, 2)[62, 48, 0] > seen(None, 0)[62, 48, 0] + 40


def test_depth_decides_not_the_order(shaders: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    near_first = studio.photograph(Tinted, [0.0], AHEAD)[0].photograph.left
    monkeypatch.setattr(Tinted, "near_first", False)
    np.testing.assert_array_equal(near_first, studio.photograph(Tinted, [0.0], AHEAD)[0].photograph.left)
    red, green, _ = near_first[62, 48].astype(int)
    assert red > green + 100  # the nearer square


def test_parameters_not_given_are_zero_and_unknown_ones_are_refused(shaders: Path, studio: Studio) -> None:
    class Black(Tinted):
        def draw(self, frame: Frame, out: Pass) -> None:
            out.draw(self.quad, self.paint, Pose((0.0, 1.2, -2.0)))

    black = studio.photograph(Black, [0.0], AHEAD)[0].photograph.left[48, 48]
    assert tuple(black) == (11, 15, 26)  # the art direction's deepest black, #0B0F1A

    class Wrong(Tinted):
        def draw(self, frame: Frame, out: Pass) -> None:
            out.draw(self.quad, self.paint, loud=1.0)

    with pytest.raises(KeyError, match="no parameter 'loud'; it has \\['glow', 'more', 'tint'\\]"):
        studio.photograph(Wrong, [0.0], AHEAD)


def test_white_is_never_above_the_art_directions(shaders: Path, studio: Studio) -> None:
    class Bright(Tinted):
        def draw(self, frame: Frame, out: Pass) -> None:
            out.draw(self.quad, self.paint, Pose((0.0, 1.2, -1.0)), glow=1e4, tint=(1.0, 1.0, 1.0))

    assert tuple(studio.photograph(Bright, [0.0], AHEAD)[0].photograph.left[48, 48]) == (247, 241, 232)  # #F7F1E8


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "\n#ifdef FRAGMENT\nvec4 surface(Point p) { return vec4(nonsense); }\n#endif\n",
            "tinted.glsl, line 3: .*nonsense",
        ),
        ('#include "nowhere.glsl"\n', "nowhere.glsl: No such file"),
        ("#pragma blend loudly\n", "tinted.glsl: unknown '#pragma blend loudly'"),
        ("", "surface"),
    ],
)
def test_a_shader_that_does_not_compile_names_file_and_line(
    shaders: Path, studio: Studio, text: str, told: str
) -> None:
    from vr_app.render.programs import ShaderError

    (shaders / "tinted.glsl").write_text(text)
    with pytest.raises(ShaderError, match=told) as caught:
        studio.photograph(Tinted, [0.0], AHEAD)
    assert "\n" not in str(caught.value)


def test_a_mesh_without_colour_is_white(shaders: Path, studio: Studio) -> None:
    class Unpainted(Tinted):
        def build(self, kit: Kit) -> None:
            super().build(kit)
            (shaders / "shown.glsl").write_text(
                "#ifdef FRAGMENT\nvec4 surface(Point p) { return p.colour * p.light * 1e4; }\n#endif\n"
            )
            self.paint = kit.material("shown")

        def draw(self, frame: Frame, out: Pass) -> None:
            out.draw(self.quad, self.paint, Pose((0.0, 1.2, -1.0)))

    assert tuple(studio.photograph(Unpainted, [0.0], AHEAD)[0].photograph.left[48, 48]) == (247, 241, 232)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"normal": np.zeros((3, 3))}, "'normal' must have shape \\(4, 3\\)"),
        ({"index": np.array([0, 1, 4])}, "'index' must name corners below 4"),
        ({"index": np.array([0, 1])}, "three a triangle"),
        ({"weight": np.zeros(4)}, "'weight'"),
    ],
)
def test_a_wrong_mesh_is_refused(change: dict[str, np.ndarray], told: str, studio: Studio) -> None:
    with pytest.raises(ValueError, match=told):
        studio.kit.mesh(QUAD | change)


def test_a_missing_image_is_refused(studio: Studio) -> None:
    from vr_app.render.programs import ShaderError

    with pytest.raises(ShaderError, match=r"takes images \['atlas'\], the scene gave \[\]"):
        studio.kit.material("text")
    with pytest.raises(ValueError, match="pixels must be"):
        studio.kit.image(np.zeros((0, 4)))
