"""The committed atlas is what the developer command makes of the committed typeface."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from headless_harness import font_atlas


@pytest.fixture(scope="module")
def font() -> TTFont:
    return TTFont(font_atlas.FONTS / f"{font_atlas.NAME}.ttf")


@pytest.mark.parametrize("character", ["g", "Ø", "ĉ", "ģ", "ĵ", "€"])
def test_glyphs_are_as_committed(font: TTFont, character: str) -> None:
    metrics = json.loads((font_atlas.FONTS / f"{font_atlas.NAME}.json").read_text(encoding="utf-8"))
    advance, left, bottom, column, row, width, height = metrics["glyphs"][character]
    with Image.open(font_atlas.FONTS / f"{font_atlas.NAME}.png") as image:
        committed = np.asarray(image)[row : row + height, column : column + width]
    drawn = font_atlas.draw(font, character)
    assert drawn is not None
    assert drawn.advance == advance
    placed = font_atlas.picture(drawn, font_atlas.PIXELS_PER_EM / metrics["units_per_em"])
    assert (placed.left, placed.bottom) == (left, bottom)
    np.testing.assert_array_equal(placed.distances, committed)


def test_distances_are_exact_on_a_square() -> None:
    corners = np.array([(0, 0), (20, 0), (20, 20), (0, 20)], float)
    square = font_atlas.Drawn(np.stack([corners, np.roll(corners, -1, axis=0)], axis=1), 20)
    placed = font_atlas.picture(square, 1.0)
    step = 127 / font_atlas.SPREAD
    row = placed.distances[16]
    np.testing.assert_array_equal(row[5:8], np.rint(128 + np.array([-0.5, 0.5, 1.5]) * step))
    corner = placed.distances[5, 5]  # half a pixel outside in x and y
    assert corner == np.rint(128 - np.hypot(0.5, 0.5) * step)


def test_overlapping_contours_leave_no_dent() -> None:
    def box(left: float, right: float) -> font_atlas.Floats:
        corners = np.array([(left, 0), (right, 0), (right, 20), (left, 20)], float)
        return np.stack([corners, np.roll(corners, -1, axis=0)], axis=1)

    two = font_atlas.picture(font_atlas.Drawn(np.concatenate([box(0, 25), box(15, 40)]), 40), 1.0)
    one = font_atlas.picture(font_atlas.Drawn(box(0, 40), 40), 1.0)
    np.testing.assert_array_equal(two.distances, one.distances)


def test_a_letter_without_glyph_or_mark_is_left_out(font: TTFont) -> None:
    assert font_atlas.draw(font, "ŋ") is None


def test_pictures_do_not_overlap() -> None:
    sizes = {chr(0x4E00 + k): (10 + k % 7, 30 + k % 50) for k in range(200)}
    places, height = font_atlas.pack(sizes)
    used = np.zeros((height, font_atlas.WIDTH), int)
    for character, (row, column) in places.items():
        h, w = sizes[character]
        used[row : row + h, column : column + w] += 1
    assert used.max() == 1
