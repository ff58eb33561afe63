"""Fields: painted share by share they come to what is painted at once, and they are whole wherever they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.render.test_copies import SQUARE
from vr_app.api import Frame, Image, Inputs, Kit, Pass, Pose, Scene, SceneInfo
from vr_app.headset import Target
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking

SIZE = (32, 16)
PAINTED = """
#pragma field
layout(std140, binding = 1) uniform Draw { mat4 at; float lift; };
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(p.uv, lift, 1.0) + 0.0 * clouds; }
#endif
"""
READ = """
layout(binding = 5) uniform sampler2D painted;
layout(std140, binding = 1) uniform Draw { mat4 at; vec2 where; };
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(texture(painted, where).rgb, 1.0); }
#endif
"""
Texels = npt.NDArray[np.float32]


class Painter:
    """A renderer with one field, whose frames paint it."""

    def __init__(self, shares: int = 4, *, seconds: float = 0.0, zero_counts: bool = False) -> None:
        from vr_app.render.renderer import Renderer
        from vr_app.render.targets import make_images

        self.renderer = Renderer(zero_counts=zero_counts)
        self.field = self.renderer.kit.field("painted", SIZE, shares=shares, seconds=seconds)
        self.targets = [Target(texture, 16, 16) for texture in make_images((16, 16))]

    def frame(self, lift: float | None, time: float = 0.0) -> None:
        self.renderer.air.seconds = time
        recording = self.renderer.record()
        if lift is not None:
            recording.march(self.field, lift=lift)
        self.renderer.replay(eye_views(looking(0.0), (16, 16)), self.targets)

    def texels(self, level: int = 0) -> Texels:
        """(h, w, 4), the lowest row first."""
        from OpenGL import GL

        width, height = max(SIZE[0] >> level, 1), max(SIZE[1] >> level, 1)
        out = np.empty((height, width, 4), np.float32)
        part = 0, 0, 0, width, height, 1
        GL.glGetTextureSubImage(self.field.texture, level, *part, GL.GL_RGBA, GL.GL_FLOAT, out.nbytes, out)
        assert GL.glGetError() == 0
        return out


@pytest.fixture(autouse=True)
def surfaces(shaders: Path) -> Iterator[None]:
    (shaders / "painted.glsl").write_text(PAINTED)
    (shaders / "read.glsl").write_text(READ)
    with open_context("egl"):
        yield


def test_the_first_march_paints_all_of_it() -> None:
    painter = Painter()
    painter.frame(0.25)
    across, along = (np.arange(SIZE[0]) + 0.5) / SIZE[0], (np.arange(SIZE[1]) + 0.5) / SIZE[1]
    texels = painter.texels()
    np.testing.assert_allclose(texels[:, :, 0], np.tile(across, (SIZE[1], 1)), atol=1e-3)
    np.testing.assert_allclose(texels[:, :, 1], np.tile(along[:, None], (1, SIZE[0])), atol=1e-3)
    assert (texels[:, :, 2] == 0.25).all()


@pytest.mark.parametrize("shares", [1, 3, 4, 16])
def test_shares_of_several_frames_come_to_what_is_painted_at_once(shares: int) -> None:
    painter, at_once = Painter(shares), Painter(shares)
    at_once.renderer.whole_fields = True
    painter.frame(0.25)
    seen = []
    for _ in range(shares):
        painter.frame(0.75)
        seen.append((painter.texels()[:, :, 2] == 0.75).mean())
    at_once.frame(0.75)
    np.testing.assert_array_equal(painter.texels(), at_once.texels())
    steps = np.diff([0.0, *seen])
    assert (steps > 0).all()
    assert steps.max() <= 1.0 / shares + 1.0 / SIZE[1]


def test_a_field_may_rest_between_its_shares(shaders: Path) -> None:
    painter = Painter(2, seconds=0.6)
    painter.frame(0.25, 9.0)
    seen = []
    for time in (9.1, 9.2, 9.35, 9.5, 9.6, 9.7):
        painter.frame(0.75, time)
        seen.append(float((painter.texels()[:, :, 2] == 0.75).mean()))
    assert seen == [0.0, 0.0, 0.5, 0.5, 0.5, 1.0]
    painter.frame(0.5, 0.1)  # another visit
    assert (painter.texels()[:, :, 2] == 0.5).mean() == 0.5
    painter.renderer.whole_fields = True  # a photograph's is of its own moment
    painter.frame(0.5, 0.2)
    assert (painter.texels()[:, :, 2] == 0.5).all()


def test_smaller_levels_follow_when_a_round_is_done() -> None:
    painter = Painter(4)
    painter.frame(0.25)
    smallest = SIZE[0].bit_length() - 1
    assert painter.texels(smallest)[0, 0, 2] == pytest.approx(0.25, abs=1e-3)
    for _ in range(3):
        painter.frame(0.75)
        assert painter.texels(smallest)[0, 0, 2] == pytest.approx(0.25, abs=1e-3)  # of one moment
    painter.frame(0.75)
    assert painter.texels(smallest)[0, 0, 2] == pytest.approx(0.75, abs=1e-3)


def test_a_frame_without_a_march_leaves_it() -> None:
    painter = Painter()
    painter.frame(0.25)
    before = painter.texels()
    painter.frame(None)
    painter.renderer.warm_up((16, 16))
    np.testing.assert_array_equal(painter.texels(), before)


def test_with_zero_counts_the_turn_goes_on_and_nothing_is_painted() -> None:
    painter = Painter(4, zero_counts=True)
    for turn in (0, 1, 2, 3, 0):
        painter.frame(0.5)
        assert painter.field.turn == turn
    assert (painter.texels() == 0.0).all()


def test_a_field_is_read_round_and_round_along_u(shaders: Path) -> None:
    from vr_app.studio import Studio

    pixels = {}
    for where in ((0.25, 0.5), (1.25, 0.5), (-0.75, 0.5), (0.75, 0.5)):
        with open_context("egl") as context:
            studio = Studio(context, (32, 32), 0.06, None)

            class Read(Scene):
                info = SceneInfo("read", "Read", "A square.", "home")

                def build(self, kit: Kit) -> None:
                    self.field = kit.field("painted", SIZE)
                    self.square, self.paint = kit.mesh(SQUARE), kit.material("read", painted=self.field)

                def draw(self, frame: Frame, out: Pass, where: tuple[float, float] = where) -> None:
                    out.march(self.field, lift=0.5)
                    out.draw(self.square, self.paint, Pose((0.0, 1.2, -1.0)), where=where)

            pixels[where] = tuple(studio.photograph(Read, [0.0], [looking(0.0)])[0].photograph.left[16, 16].astype(int))
    assert pixels[0.25, 0.5] == pixels[1.25, 0.5] == pixels[-0.75, 0.5]
    assert pixels[0.75, 0.5][0] > pixels[0.25, 0.5][0] + 20


def test_a_shader_for_something_else_is_refused() -> None:
    from vr_app.render.programs import ShaderError
    from vr_app.render.renderer import Renderer

    kit = Renderer().kit
    with pytest.raises(ShaderError, match=r"plain\.glsl is for a material, not for a field"):
        kit.field("plain", SIZE)
    with pytest.raises(ShaderError, match=r"painted\.glsl is for a field, not for a material"):
        kit.material("painted")
    with pytest.raises(ShaderError, match=r"drift\.glsl is for a kernel, not for a material"):
        kit.material("drift")


class Everything(Scene):
    """All that a frame may ask for."""

    info = SceneInfo("everything", "Everything", "Copies, a field, a kernel, strokes.", "home")

    def build(self, kit: Kit) -> None:
        homes = np.zeros((40, 16), np.float32)
        homes[:, 4:7], homes[:, 8:12] = 0.02, 1.0
        grain: Image = kit.image(np.zeros((4, 4, 1), np.float32), repeat=True)
        self.rows = kit.buffer(homes)
        self.motes = kit.kernel("drift", self.rows, grain=grain)
        self.field = kit.field("painted", SIZE)
        self.copies, self.paint = kit.mesh(SQUARE, each=self.motes), kit.material("plain")
        self.ink, self.wax = kit.strokes(100), kit.material("strokes")
        self.ink.begin((0.5, 0.5, 0.5, 1.0))
        for step in range(20):
            self.ink.append((0.1 * step, 1.2, -2.0), 0.02)
        self.written = homes[:4]

    def draw(self, frame: Frame, out: Pass) -> None:
        self.rows.write(3, self.written)
        out.march(self.field, lift=frame.time)
        out.run(self.motes, middle=(0.0, 1.2, -2.0), room=(2.0, 2.0, 2.0), life=9.0, eddy=1.0)
        out.draw(self.copies, self.paint, copies=20)
        out.strokes(self.ink, self.wax, own=0.3)


@pytest.mark.parametrize("zero_counts", [False, True])
def test_frames_of_everything_hold_no_memory_and_make_no_errors(zero_counts: bool) -> None:
    import gc
    import tracemalloc

    from OpenGL import GL

    from vr_app.render.renderer import Renderer
    from vr_app.render.targets import make_images

    renderer, scene = Renderer(zero_counts=zero_counts), Everything()
    scene.build(renderer.kit)
    renderer.warm_up((16, 16))
    targets = [Target(texture, 16, 16) for texture in make_images((16, 16))]
    views = eye_views(looking(0.0), (16, 16))

    def frames(count: int) -> None:
        for index in range(count):
            scene.draw(Frame(index, index / 90, index / 90, 1 / 90, False, Inputs(), None), renderer.record())
            renderer.replay(views, targets)
            gc.collect(0)  # as the loop does

    frames(20)
    tracemalloc.start()
    frames(100)
    held = [tracemalloc.get_traced_memory()[0]]
    for _ in range(4):
        frames(200)
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert min(np.diff(held)) < 1_600  # 8 bytes a frame; the interpreter's own tables grow now and then
    assert GL.glGetError() == 0


def test_what_a_warm_up_painted_is_painted_anew_as_a_whole() -> None:
    painter = Painter(4)
    painter.renderer.warm_up((16, 16))
    painter.frame(0.5)
    assert (painter.texels()[..., 2] == 0.5).all()
