"""Strokes: tubes where they were drawn, whole at joins and ends, each hidden and copied, in every way of looking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, pi, sin, tau
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.render.test_mirror import Session
from vr_app.api import Frame, Kit, Pass, Pose, Scene, SceneInfo, Strokes, Vec3
from vr_app.commands import Watch
from vr_app.render.context import open_context
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio

Pixels = npt.NDArray[np.uint8]
SIZE = (160, 160)
WHITE = """
#pragma strokes
#ifdef FRAGMENT
vec4 surface(Point p) { return vec4(p.colour.rgb * 100.0, 1.0); }
#endif
"""
BRIGHT = (1.0, 1.0, 1.0, 1.0)
LINE = [(0.05 * step - 0.5, 1.2, -2.0) for step in range(21)]
CIRCLE = [(0.6 * sin(tau * step / 60), 1.2 + 0.6 * cos(tau * step / 60), -2.0) for step in range(61)]


def draw_stroke(
    ink: Strokes, points: Sequence[Vec3], radius: float = 0.05, *, turns: int = 1, mirror: bool = False
) -> int:
    number = ink.begin(BRIGHT, turns=turns, mirror=mirror)
    assert number is not None
    assert all(ink.append(point, radius) for point in points)
    ink.end()
    return number


class Drawn(Scene):
    info = SceneInfo("drawn", "Drawn", "Strokes.", "home")

    def build(self, kit: Kit) -> None:
        self.ink, self.white = kit.strokes(400, 6), kit.material("white")
        self.fill()

    def fill(self) -> None:
        draw_stroke(self.ink, LINE)
        draw_stroke(self.ink, CIRCLE, 0.03)

    def draw(self, frame: Frame, out: Pass) -> None:
        out.strokes(self.ink, self.white)


@pytest.fixture(autouse=True)
def surfaces(shaders: Path) -> None:
    (shaders / "white.glsl").write_text(WHITE)


@pytest.fixture(params=[True, False], ids=["one-pass", "two-passes"])
def studio(request: pytest.FixtureRequest) -> Iterator[Studio]:
    with open_studio(SIZE, single_pass=request.param, eye_distance=0.0, vertical=pi / 2) as studio:
        yield studio


def covered(picture: Pixels) -> npt.NDArray[np.bool_]:
    return np.asarray(picture[:, :, 2] > 180)


def seen(studio: Studio, fill: Sequence[Sequence[Vec3]], radius: float = 0.05) -> npt.NDArray[np.bool_]:
    """Where one sees these strokes, 80 pixels a metre at 1 m: the camera stands at eye height of 1.2 m."""

    class These(Drawn):
        def fill(self) -> None:
            for points in fill:
                draw_stroke(self.ink, points, radius)

    return covered(studio.photograph(These, [0.0], [Pose((0.0, 1.2, 0.0))])[0].photograph.left)


def test_a_line_is_as_long_and_thick_as_it_was_drawn(studio: Studio) -> None:
    shown = seen(studio, [LINE])
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    assert columns[0] == pytest.approx(80 - 0.55 * 40, abs=1.5)  # its tip stands a radius beyond its first point
    assert columns[-1] == pytest.approx(80 + 0.55 * 40, abs=1.5)
    assert len(rows) == pytest.approx(0.1 * 41, abs=1.5)
    assert shown[rows[len(rows) // 2], columns[0] : columns[-1] + 1].all()  # no gap at a join


def test_a_point_is_a_dot(studio: Studio) -> None:
    shown = seen(studio, [[(0.0, 1.2, -1.0)]], 0.2)
    assert shown.sum() == pytest.approx(pi * (0.2 * 80) ** 2, rel=0.15)


@pytest.mark.parametrize("bend", [30, 90, 150])
def test_a_bend_has_no_spike_and_no_gap(studio: Studio, bend: int) -> None:
    turn = np.radians(bend)
    after = [(0.1 * step * cos(turn), 1.2 + 0.1 * step * sin(turn), -2.0) for step in range(1, 6)]
    shown = seen(studio, [[(0.1 * step, 1.2, -2.0) for step in range(-5, 1)] + after])
    y, x = np.nonzero(shown)
    away = np.stack([(x + 0.5 - 80) / 40, (80 - y - 0.5) / 40], axis=1)
    near = np.hypot(*away.T) < 0.2
    back = np.minimum(np.maximum(away[:, 0], -0.5), 0.0)
    along = np.clip(away @ (cos(turn), sin(turn)), 0.0, 0.5)
    off = np.minimum(
        np.hypot(away[:, 0] - back, away[:, 1]),
        np.hypot(away[:, 0] - along * cos(turn), away[:, 1] - along * sin(turn)),
    )
    assert off[near].max() < 0.05 + 0.03  # a radius and a pixel
    middle = [(80 + int(40 * s * cos(turn)), 80 - int(40 * s * sin(turn))) for s in (0.15, 0.3, 0.4)]
    assert all(shown[row, column] for column, row in middle)


def test_one_pass_and_two_draw_the_same_strokes() -> None:
    pictures = []
    for single_pass in (True, False):
        with open_studio(SIZE, single_pass=single_pass) as studio:
            photograph = studio.photograph(Drawn, [0.0], [looking(0.0)])[0].photograph
            pictures.append(np.concatenate([photograph.left, photograph.right]))
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert covered(pictures[0]).mean() > 0.02


def test_a_camera_beside_sees_the_same_strokes_in_one_pass_and_two() -> None:
    pictures = []
    for single_pass in (True, False):
        with open_context("egl"):
            session = Session(Drawn, single_pass=single_pass)
            session.size = SIZE
            session.mirror.watch(Watch("beside", 30.0))
            pictures.append(session.picture().pixels[:, :, :3])
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert covered(pictures[0]).any()


def test_each_stroke_is_hidden_and_shown_by_its_number(studio: Studio) -> None:
    line, circle, both, none = (
        seen(studio, [LINE]),
        seen(studio, [CIRCLE]),
        seen(studio, [LINE, CIRCLE]),
        seen(studio, []),
    )

    class Changed(Drawn):
        steps: Sequence[tuple[str, int, bool]] = ()

        def fill(self) -> None:
            numbers = draw_stroke(self.ink, LINE), draw_stroke(self.ink, CIRCLE)
            for step, which, shown in self.steps:
                if step == "show":
                    self.ink.show(numbers[which], shown)
                elif step == "forget":
                    self.ink.forget(numbers[which])
                else:
                    self.ink.clear()

    for Changed.steps, expected in [
        ([("show", 1, False)], line),
        ([("show", 0, False)], circle),
        ([("show", 0, False), ("show", 1, False)], none),
        ([("show", 1, False), ("show", 1, True)], both),
        ([("forget", 0, False)], circle),
        ([("forget", 0, False), ("show", 0, True)], circle),
        ([("clear", 0, False)], none),
    ]:
        shown = studio.photograph(Changed, [0.0], [Pose((0.0, 1.2, 0.0))])[0].photograph.left
        np.testing.assert_array_equal(covered(shown), expected)
    assert both.sum() > line.sum() > none.sum() == 0


def test_copies_stand_turned_about_the_middle_and_across_it(studio: Studio) -> None:
    post = [(0.3, 0.9 + 0.05 * step, -2.0) for step in range(13)]
    turned = [(z * sin(pi) + x * cos(pi), y, z * cos(pi) - x * sin(pi)) for x, y, z in post]

    class Copied(Drawn):
        turns, mirror = 1, False

        def fill(self) -> None:
            draw_stroke(self.ink, post, turns=self.turns, mirror=self.mirror)

    def shown(head: Pose) -> npt.NDArray[np.bool_]:
        return covered(studio.photograph(Copied, [0.0], [head])[0].photograph.left)

    ahead, behind = Pose((0.0, 1.2, 0.0)), Pose.facing((0.0, 1.2, 0.0), pi)
    Copied.turns, Copied.mirror = 1, True
    np.testing.assert_array_equal(shown(ahead), seen(studio, [post, [(-x, y, z) for x, y, z in post]]))
    Copied.turns, Copied.mirror = 2, False
    np.testing.assert_array_equal(shown(ahead), seen(studio, [post]))
    there = shown(behind)
    assert there.any() and turned[0][2] == pytest.approx(2.0)
    np.testing.assert_array_equal(there, shown(ahead))  # half a turn about the seat: the same from behind


def test_what_is_forgotten_gives_its_room_to_the_next(studio: Studio) -> None:
    class Redrawn(Drawn):
        def fill(self) -> None:
            for _ in range(40):  # more points than there is room for at once
                self.ink.forget(draw_stroke(self.ink, CIRCLE, turns=2))
            draw_stroke(self.ink, LINE)

    shown = studio.photograph(Redrawn, [0.0], [Pose((0.0, 1.2, 0.0))])[0].photograph.left
    np.testing.assert_array_equal(covered(shown), seen(studio, [LINE]))


def test_a_material_that_draws_no_strokes_is_refused(studio: Studio) -> None:
    from vr_app.render.programs import ShaderError

    class Wrong(Drawn):
        def build(self, kit: Kit) -> None:
            super().build(kit)
            self.white = kit.material("plain")

    with pytest.raises(ShaderError, match=r"plain\.glsl draws no strokes; it needs `#pragma strokes`"):
        studio.photograph(Wrong, [0.0], [looking(0.0)])
    with pytest.raises(ValueError, match="room for at least one point"):
        studio.kit.strokes(0)


@pytest.fixture(scope="module")
def standing() -> Iterator[None]:
    with open_context("egl"):
        yield


STEPS = st.lists(
    st.one_of(
        st.sampled_from(["begin", "end", "clear"]),
        st.tuples(st.sampled_from(["forget", "hide", "show"]), st.integers(0, 20)),
        st.tuples(*[st.floats(-2.0, 2.0, width=16)] * 3),
    ),
    max_size=80,
)


@settings(max_examples=80, deadline=None)
@given(steps=STEPS)
def test_any_order_of_steps_keeps_strokes_apart_and_within_their_room(standing: None, steps: list[object]) -> None:
    from vr_app.render.strokes import GpuStrokes

    ink = GpuStrokes(12, 4, 1)
    kept: dict[int, bool] = {}  # whether each is seen
    drawing: int | None = None
    for step in steps:
        match step:
            case "begin":
                drawing = ink.begin(BRIGHT)
                if drawing is not None:
                    assert drawing not in kept
                    kept[drawing] = True
                assert len(kept) <= 4
            case "end":
                ink.end()
                drawing = None
            case "clear":
                ink.clear()
                kept.clear()
                drawing = None
            case ("forget", int(number)):
                ink.forget(number)
                kept.pop(number, None)
                drawing = None if drawing == number else drawing
            case ("hide" | "show" as how, int(number)):
                ink.show(number, how == "show")
                if number in kept:
                    kept[number] = how == "show"
            case (float(x), float(y), float(z)):
                taken = ink.append((x, y, z), 0.1)
                assert drawing is not None or not taken
        spans = sorted(ink.spans())
        assert len(spans) == sum(kept.values())
        ends = [first + length for first, length in spans]
        assert all(first >= end for (first, _), end in zip(spans[1:], ends, strict=False))
        assert not ends or ends[-1] <= 12 + 4 * 4
