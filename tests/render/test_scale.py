"""A picture drawn smaller is the same picture, in the same images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from vr_app.api import Frame, Inputs
from vr_app.headset import Target, scaled
from vr_app.render.context import open_context
from vr_app.scripted.headset import eye_views, looking, open_scripted
from vr_app.timing.governor import LADDER
from vr_app.timing.ledger import Ledger

SIZE = (320, 320)
SMALL = scaled(SIZE, 0.7)
Pixels = npt.NDArray[np.uint8]


class Easel:
    """Draws the calm room into two textures or into one, at any size."""

    def __init__(self, *, shared: bool, single_pass: bool | None = None) -> None:
        from scenes.room import CalmRoom
        from vr_app.render.renderer import Renderer
        from vr_app.render.targets import make_images

        self.renderer = Renderer(single_pass=single_pass)
        self.scene = CalmRoom()
        self.scene.build(self.renderer.kit)
        self.shared = shared
        images = make_images((2 * SIZE[0], SIZE[1]))
        self.textures = images[:1] * 2 if shared else images

    def draw(self, size: tuple[int, int]) -> tuple[Pixels, Pixels]:
        """Both eyes."""
        from vr_app.render.targets import read_image

        self.scene.draw(Frame(0, 0.0, 0.0, 0.0, False, Inputs(), None), self.renderer.record())
        targets = [Target(texture, *size) for texture in self.textures]
        self.renderer.replay(eye_views(looking(0.3), SIZE), targets)
        if self.shared:
            both = read_image(self.textures[0], (2 * size[0], size[1]))
            return both[:, : size[0]], both[:, size[0] :]
        left, right = (read_image(texture, size) for texture in self.textures)
        return left, right


@pytest.fixture
def context() -> Iterator[None]:
    with open_context("egl"):
        yield


def shrunk(picture: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


@pytest.mark.parametrize("single_pass", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_a_smaller_picture_shows_what_the_full_one_does(context: None, shared: bool, single_pass: bool) -> None:
    easel = Easel(shared=shared, single_pass=single_pass)
    full, small = easel.draw(SIZE), easel.draw(SMALL)
    for eye in (0, 1):
        assert small[eye].shape == (SMALL[1], SMALL[0], 3)
        assert difference(small[eye], shrunk(full[eye], SMALL)) < 2.5
        assert difference(small[eye], shrunk(full[1 - eye], SMALL)) > 5.0  # the figure can tell two eyes apart


def difference(one: Pixels, other: Pixels) -> float:
    """Mean over all pixels, of 255."""
    return float(np.abs(one.astype(int) - other).mean())


def test_a_change_of_scale_makes_no_images(context: None) -> None:
    easel = Easel(shared=True)
    before = easel.draw(SIZE)
    room = easel.renderer._targets
    for rung in LADDER:
        easel.draw(scaled(SIZE, rung.scale))
        assert easel.renderer._targets is room
    np.testing.assert_array_equal(before, easel.draw(SIZE))


def test_nothing_is_drawn_outside_of_a_smaller_picture(context: None) -> None:
    from OpenGL import GL

    from vr_app.render.targets import read_image

    easel = Easel(shared=True)
    easel.draw(SIZE)
    pink = np.array((255, 0, 255, 255), np.uint8)
    GL.glClearTexImage(easel.textures[0], 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, pink)
    easel.draw(SMALL)
    whole = read_image(easel.textures[0], (2 * SIZE[0], SIZE[1]))
    outside = np.ones(whole.shape[:2], bool)
    outside[SIZE[1] - SMALL[1] :, : 2 * SMALL[0]] = False  # the first row is the top one
    assert (whole[outside] == pink[:3]).all()
    assert (whole[~outside] != pink[:3]).any(axis=1).all()


def test_images_forgotten_while_small_are_made_at_full_size_again(context: None) -> None:
    easel = Easel(shared=True)
    easel.draw(SIZE)
    easel.draw(SMALL)
    easel.renderer.forget_images()
    easel.draw(SMALL)
    assert easel.renderer._targets is not None
    assert easel.renderer._targets.size == SIZE


def test_what_the_lenses_hide_is_hidden_at_any_scale(context: None) -> None:
    easel = Easel(shared=True)
    left_half = np.array([[[-9, -9], [0, -9], [0, 9]], [[-9, -9], [0, 9], [-9, 9]]], np.float32)
    easel.renderer.set_hidden_area([left_half, None])
    for size in (SIZE, SMALL):
        left, right = easel.draw(size)
        middle = size[0] // 2
        assert left[:, : middle - 1].max() < 30  # the deepest black
        assert left[:, middle + 1 :].mean() > 60
        assert right[:, : middle - 1].mean() > 60


def test_the_scripted_headset_photographs_what_was_drawn() -> None:
    with open_scripted(Ledger(10), eye_size=SIZE, photograph_at=[0.0, 0.01]) as headset:
        for scale in (0.7, 1.0):
            with headset.frame() as frame:
                targets = frame.targets(scale)
                assert {(target.width, target.height) for target in targets} == {scaled(SIZE, scale)}
        sizes = [photograph.left.shape for photograph in headset.photographs]
    assert sizes == [(SMALL[1], SMALL[0], 3), (SIZE[1], SIZE[0], 3)]


@given(some.integers(16, 8192), some.integers(16, 8192), some.floats(0.5, 1.0))
def test_a_scaled_size_is_one_that_a_renderer_can_use(width: int, height: int, scale: float) -> None:
    got = scaled((width, height), scale)
    for side, full in zip(got, (width, height), strict=True):
        assert side == full or (side % 8 == 0 and 64 <= side < full)
        assert abs(side - full * scale) <= 4 or side == min(64, full)
    assert scaled((width, height), 1.0) == (width, height)
