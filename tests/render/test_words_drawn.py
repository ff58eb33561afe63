"""Words as they are drawn: readable before any wall, and as bold small or aslant as they are large and straight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, radians
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from headless_harness.pictures import linear
from vr_app import limits
from vr_app.api import Pose
from vr_app.headset import Fov, Target, View
from vr_app.render.context import ContextError, open_context
from vr_app.render.text import GLYPH, height_for

Light = npt.NDArray[np.float64]
Draw = Callable[[Callable[[Any], None]], Light]
SIZE = 600  # 20 pixels a degree
HALF = radians(15)
EYE = Pose()
AHEAD = Pose((0.0, 0.0, -1.8))
WORDS = "Rest here"
INK_LIGHT = 0.79  # relative luminance of #EDE6DA


@pytest.fixture(scope="module")
def draw() -> Iterator[tuple[Any, Draw]]:
    """A kit, and what turns a recording into one eye's relative luminance (h, w)."""
    try:
        with open_context("egl"):
            from vr_app.render.renderer import Renderer
            from vr_app.render.targets import make_images, read_image

            renderer = Renderer()
            images = make_images((SIZE, SIZE))
            views = [View(EYE, Fov(-HALF, HALF, HALF, -HALF))] * 2

            def drawn(record: Callable[[Any], None]) -> Light:
                record(renderer.record())
                renderer.replay(views, [Target(texture, SIZE, SIZE) for texture in images])
                light: Light = linear(read_image(images[0], (SIZE, SIZE))) @ np.array(limits.LUMINANCE_WEIGHTS)
                return light

            yield renderer.kit, drawn
            renderer.close()
    except ContextError as error:
        pytest.skip(f"unproven: words are readable as drawn ({error})")


def contrast(light: Light) -> float:
    """WCAG 2.2 contrast of the brightest ink against the plate beside it, by the middle of the picture."""
    middle = light[SIZE // 2 - 20 : SIZE // 2 + 20, SIZE // 2 - 60 : SIZE // 2 + 60]
    return float((np.quantile(middle, 0.97) + 0.05) / (np.median(middle) + 0.05))


def ink(kit: Any, drawn: Draw, height: float, at: Pose) -> float:
    """Pixels of ink: the words without their plate, coverage added up."""
    arrays = kit.typeface.lay_out(WORDS, height, 2.0)[0].arrays()
    mesh = kit.mesh({**arrays, "index": arrays["index"][6:]})
    light = drawn(lambda out: out.draw(mesh, kit.text_material, at, opacity=1.0))
    return float((light - light.min()).sum() / (INK_LIGHT - light.min()))


def white_wall(kit: Any) -> Any:
    """A wall of ink behind the words: all of it lies in the middle of a dot."""
    corners = np.array([(-3, -3, -2.5), (3, -3, -2.5), (3, 3, -2.5), (-3, 3, -2.5)])
    left, bottom, right, top = kit.typeface.glyphs["•"].uv
    middle, reach = ((left + right) / 2, (bottom + top) / 2), 0.02 * np.array((right - left, top - bottom))
    uv = middle + reach * ((-1, -1), (1, -1), (1, 1), (-1, 1))
    light = np.full((4, 4), kit.typeface.spread)
    kind = np.full((4, 1), GLYPH)
    return kit.mesh(
        {"position": corners, "uv": uv, "light": light, "kind": kind, "index": np.array([0, 1, 2, 0, 2, 3])}
    )


def test_words_stand_out_from_the_mist_and_from_a_white_wall(draw: tuple[Any, Draw]) -> None:
    kit, drawn = draw
    label, wall = kit.text(WORDS, height=height_for(1.0, 1.8), width=2.0), white_wall(kit)

    def before_the_wall(out: Any) -> None:
        out.draw(wall, kit.text_material, opacity=1.0)
        out.text(label, AHEAD)

    assert drawn(lambda out: out.draw(wall, kit.text_material, opacity=1.0)).min() > 0.7
    assert contrast(drawn(before_the_wall)) >= 4.5
    assert contrast(drawn(lambda out: out.text(label, AHEAD))) >= 4.5


@pytest.mark.parametrize("yaw", [0, 45, 70, -70])
def test_small_and_slanted_words_are_as_bold_as_large_ones(draw: tuple[Any, Draw], yaw: float) -> None:
    least, large = height_for(limits.CAPITAL_HEIGHT_DEG, 1.8), height_for(2.2, 1.8)
    expected = ink(*draw, large, AHEAD) * (least / large) ** 2 * cos(radians(yaw))
    assert ink(*draw, least, Pose.facing(AHEAD.position, radians(yaw))) == pytest.approx(expected, rel=0.1)


def test_words_fade(draw: tuple[Any, Draw]) -> None:
    kit, drawn = draw
    label = kit.text(WORDS, height=0.05, width=2.0)

    def contrast_at(opacity: float) -> float:
        return float(np.ptp(drawn(lambda out: out.text(label, AHEAD, opacity))))

    seen = [contrast_at(opacity) for opacity in (0.0, 0.3, 0.6, 1.0)]
    assert seen[0] == 0
    assert (np.diff(seen) > 0.02).all()
