"""Everything written in the headset as it is seen: letters measured in pictures at every posture; contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from math import atan2, degrees, radians, tan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from headless_harness.pictures import linear
from headless_harness.words import POSTURES, Booth, Posture, Seen, seated
from tests.panel.paper import glyph_boxes
from vr_app import limits
from vr_app.api import Inputs, Pass, Pose, Vec3
from vr_app.commands import Ask
from vr_app.panel import DWELL_SECONDS, Panels, Ring, StopMark, before, lay_out, sizes
from vr_app.placement import rotated
from vr_app.render.context import ContextError, open_context
from vr_app.render.text import Sheet
from vr_app.scripted.headset import looking_at

Light = npt.NDArray[np.float64]
SIZE, HALF = 600, radians(15)  # 20 pixels a degree
ASKED = {
    "label": Ask("a", "label", "HHH"),
    "choice": Ask("a", "choice", "HHH", ("HHH", "HHHH", "HH")),
    "scale": Ask("a", "scale", "HHH", ("HHH", "HHH")),
}
KINDS = (*ASKED, "words", "slot", "mark")
DARK_OF_PLATE, INK = 0.02, 0.79  # relative luminances


class Shown(NamedTuple):
    """What is drawn, what it is made of, and where that hangs."""

    record: Callable[[Pass], None]
    sheet: Sheet
    at: Pose


@pytest.fixture(scope="module")
def booth() -> Iterator[Booth]:
    try:
        with open_context("egl"):
            from vr_app.render.renderer import Renderer

            renderer = Renderer()
            yield Booth(renderer, SIZE, HALF)
            renderer.close()
    except ContextError as error:
        pytest.skip(f"unproven: words are large enough and readable as drawn ({error})")


def panel(kit: Any, command: Ask, seen: Seen, gaze: tuple[str, ...] = ()) -> Shown:
    """As it hangs after it was asked and looked at, a full dwell each, half of one for the last."""
    panels = Panels(kit)
    assert panels.ask(command, seen.comfort) is None
    head = seen.head

    def live(seconds: float) -> None:
        for _ in range(round(seconds * 90)):
            panels.update(1 / 90, Inputs(head), seen.comfort, seen.eyes)

    live(1.2)
    for answer in gaze:
        place = panels.place_of(answer)
        assert place is not None
        head = aimed(seen.eyes.position, place)
        live(DWELL_SECONDS * 0.5 if answer == gaze[-1] else DWELL_SECONDS + 1.2)
    at: list[Pose] = []

    class Catch:
        def draw(self, mesh: object, material: object, where: Pose, **params: object) -> None:
            at.append(where)

    panels.draw(Catch(), 1.0)  # type: ignore[arg-type]
    layout = lay_out(command, seen.comfort, Sheet(kit.typeface))
    return Shown(lambda out: panels.draw(out, 1.0), layout.sheet, at[0])


def shown(kit: Any, kind: str, seen: Seen) -> Shown:
    size, at = sizes(seen.comfort), before(seen.eyes, seen.comfort, radians(-11))
    if kind in ASKED:
        return panel(kit, ASKED[kind], seen)
    if kind == "mark":
        metres, made = 1.4, Catching(kit)
        mark = StopMark(made, metres, "HH")
        at = before(seen.eyes, seen.comfort, -0.5, 0.6, metres)
        sheet = made.sheets[seen.comfort.large_text]
        return Shown(lambda out: mark.draw(out, 0.0, at, 1.0, large=seen.comfort.large_text), sheet, at)
    sheet, _ = kit.typeface.lay_out("HHH", size.capital, size.line)
    if kind == "slot":
        label = kit.slot("own", height=size.capital, width=size.line)
        assert kit.fill("own", "HHH") is None
    else:
        label = kit.text("HHH", height=size.capital, width=size.line)
    return Shown(lambda out: out.text(label, at), sheet, at)


class Catching:
    """A kit whose boards remember their sheets."""

    def __init__(self, kit: Any) -> None:
        self.kit, self.sheets = kit, list[Sheet]()

    def board(self, quads: int) -> Any:
        made = self.kit.board(quads)
        catching = self

        class Board:
            mesh = property(lambda self: made.mesh)
            material = made.material
            sheet = staticmethod(made.sheet)

            def show(self, sheet: Sheet) -> None:
                catching.sheets.append(sheet)
                made.show(sheet)

        return Board()


def aimed(eyes: Vec3, place: Vec3) -> Pose:
    return looking_at(place, eyes)


def facing(seen: Seen, at: Pose) -> Pose:
    """A head that looks straight at something, held as the body lies."""
    return Pose(seen.eyes.position, at.orientation)


def in_picture(head: Pose, at: Pose, x: float, y: float) -> tuple[float, float]:
    """Column and row of a point of a panel."""
    back = (*(-part for part in head.orientation[:3]), head.orientation[3])
    place = np.add(at.position, rotated(at.orientation, (x, y, 0.0)))
    px, py, pz = rotated(back, tuple(np.subtract(place, head.position).tolist()))  # type: ignore[arg-type]
    focal = SIZE / 2 / tan(HALF)
    return SIZE / 2 - focal * px / pz, SIZE / 2 + focal * py / pz


def light_of(booth: Booth, head: Pose, record: Callable[[Pass], None], place: str = "") -> Light:
    light: Light = linear(booth.shoot(place, head, record)) @ np.array(limits.LUMINANCE_WEIGHTS)
    return light


def letters(head: Pose, made: Shown) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of every H in the picture, and two pixels around it."""
    for left, bottom, right, top in glyph_boxes(made.sheet, "H").tolist():
        corners = [in_picture(head, made.at, x, y) for x in (left, right) for y in (bottom, top)]
        columns, rows = zip(*corners, strict=True)
        if min(*columns, *rows) > 4 and max(*columns, *rows) < SIZE - 4:
            yield (
                slice(int(min(rows)) - 2, int(max(rows)) + 4),
                slice(int(min(columns)) - 2, int(max(columns)) + 4),
            )


@pytest.mark.parametrize("posture", POSTURES, ids=lambda posture: posture.name)
@pytest.mark.parametrize(("kind", "large"), [*product(KINDS, (False, True))])
def test_capitals_are_half_a_degree_high_in_the_picture(booth: Booth, kind: str, large: bool, posture: Posture) -> None:
    seen = seated(posture, large=large, hand="right")
    made = shown(booth.kit, kind, seen)
    head = facing(seen, made.at)
    light = light_of(booth, head, made.record)
    heights = []
    for rows, columns in letters(head, made):
        letter = np.clip((light[rows, columns] - DARK_OF_PLATE) / (INK - DARK_OF_PLATE), 0.0, 1.0)
        stem = letter.sum(axis=0).max()  # pixels of ink in its fullest column
        middle, focal = (rows.start + rows.stop) / 2 - SIZE / 2, SIZE / 2 / tan(HALF)
        heights.append(degrees(atan2(middle + stem / 2, focal) - atan2(middle - stem / 2, focal)))
    assert len(heights) >= 2
    assert min(heights) >= limits.CAPITAL_HEIGHT_DEG
    if large:
        assert min(heights) >= 0.85
    assert max(heights) < 1.3


def contrast(one: float, other: float) -> float:
    """WCAG 2.2, of relative luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("wall", ["bright", "dark"])
@pytest.mark.parametrize(("kind", "gaze"), [("label", ()), ("choice", ("HHHH", "HHH")), ("scale", ("5", "4"))])
def test_words_stand_out_on_plates_and_pills_before_any_wall(
    booth: Booth, wall: str, kind: str, gaze: tuple[str, ...]
) -> None:
    """Also on what is chosen and pointed at."""
    seen = seated(POSTURES[0], large=False, hand="right")
    made = panel(booth.kit, ASKED[kind], seen, gaze)
    head = facing(seen, made.at)
    light = light_of(booth, head, made.record, wall)
    found = 0
    for rows, columns in letters(head, made):
        letter = light[rows, columns]
        assert contrast(float(np.quantile(letter, 0.9)), float(np.quantile(letter, 0.1))) >= 4.5
        found += 1
    assert found >= 3


@pytest.mark.parametrize("wall", ["bright", "dark"])
def test_the_digit_on_a_chosen_disc_is_readable(booth: Booth, wall: str) -> None:
    seen = seated(POSTURES[0], large=False, hand="right")
    made = panel(booth.kit, ASKED["scale"], seen, ("1", "7"))
    head = facing(seen, made.at)
    light = light_of(booth, head, made.record, wall)
    (box, *_) = glyph_boxes(made.sheet, "1").tolist()
    column, row = in_picture(head, made.at, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    digit = light[int(row) - 7 : int(row) + 8, int(column) - 7 : int(column) + 8]
    assert contrast(float(digit.max()), float(digit.min())) >= 4.5
    assert np.median(digit) > 0.3  # dark on a glowing disc


@pytest.mark.parametrize("wall", ["bright", "dark", ""])
@pytest.mark.parametrize("progress", [0.0, 0.35, 1.0])
def test_a_ring_is_seen_before_any_wall_and_shows_how_far_it_is(booth: Booth, wall: str, progress: float) -> None:
    """3 : 1 for what is no text (WCAG 2.2, 1.4.11): against its shade, or where it is filled, against what is not."""
    seen = seated(POSTURES[0], large=False, hand="right")
    ring, at = Ring(booth.kit), before(seen.eyes, seen.comfort, 0.0)
    picture = booth.shoot(wall, facing(seen, at), lambda out: ring.draw(out, progress, at, 1.0))
    light: Light = linear(picture) @ np.array(limits.LUMINANCE_WEIGHTS)
    middle = SIZE // 2
    radius = int(SIZE / 2 * tan(radians(2.2)) / tan(HALF))
    warm = (linear(picture)[..., 0] - linear(picture)[..., 2]) > 0.3
    filled = 0
    for k in range(72):
        turn = radians(k * 5 + 2.5)
        across = [
            (middle - int(r * np.cos(turn)), middle + int(r * np.sin(turn))) for r in range(radius - 10, radius + 11)
        ]
        along = np.array([light[place] for place in across])
        assert contrast(float(along.max()), float(along.min())) >= 3.0
        filled += any(warm[place] for place in across)
    assert filled / 72 == pytest.approx(progress, abs=0.05)
    assert light[middle, middle] == pytest.approx(light[10, 10], abs=0.02)  # the place is seen through it
