"""Words are laid out in order, inside their width and their plate, or refused in words."""

from __future__ import annotations

from math import atan, degrees

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vr_app import limits
from vr_app.api import Arrays
from vr_app.render.text import GLYPH, PLATE, Typeface, height_for

TYPEFACE = Typeface.load()
PROSE = "Breathe out slowly, and let the shoulders grow heavy. Nothing is asked of you here."
INKED = sorted(character for character, glyph in TYPEFACE.glyphs.items() if glyph.box and character.isalnum())

words = st.lists(st.text(INKED, min_size=1, max_size=12), min_size=1, max_size=12).map(" ".join)
heights = st.floats(0.01, 0.2)
widths_in_heights = st.floats(2.0, 60.0)
unhurried = settings(deadline=None, max_examples=60)  # a busy machine is no failure


def lay_out(text: str, height: float, width: float) -> tuple[Arrays, tuple[float, float]]:
    """As the GPU gets it."""
    sheet, size = TYPEFACE.lay_out(text, height, width)
    return sheet.arrays(), size


def quads(arrays: Arrays) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The plate's four corners and the glyphs' (n, 4), as x and y."""
    position = arrays["position"][:, :2].reshape(-1, 4, 2)
    is_glyph = arrays["kind"][::4, 0] == GLYPH
    assert not is_glyph[0] and is_glyph[1:].all()
    return position[0], position[1:]


def drawn(arrays: Arrays) -> str:
    """The characters of the glyphs, found by their place in the atlas."""
    corners = np.concatenate([arrays["uv"][4::4], arrays["uv"][6::4]], axis=1)
    places = np.array([glyph.uv for glyph in TYPEFACE.glyphs.values()])
    nearest = np.abs(corners[:, None] - places).max(axis=2).argmin(axis=1)
    return "".join(np.array(list(TYPEFACE.glyphs))[nearest])


def rows(arrays: Arrays, height: float) -> list[npt.NDArray[np.float32]]:
    """The glyphs' quads by line, top to bottom: glyphs of one line come together and run to the right."""
    _, glyphs = quads(arrays)
    starts = np.flatnonzero(np.diff(glyphs[:, 0, 0]) < -height) + 1
    return np.split(glyphs, starts)


@unhurried
@given(words, heights, widths_in_heights)
def test_lines_fit_their_width_and_glyphs_their_plate(text: str, height: float, width: float) -> None:
    arrays, size = lay_out(text, height, width * height)
    plate, glyphs = quads(arrays)
    np.testing.assert_allclose(plate[2] - plate[0], size, rtol=1e-5)
    spread = TYPEFACE.spread / 56 / TYPEFACE.capital * height  # the part of a quad that holds no ink
    assert (glyphs.min(axis=(0, 1)) + spread * 0.99 >= plate[0]).all()
    assert (glyphs.max(axis=(0, 1)) - spread * 0.99 <= plate[2]).all()
    ink_width = np.ptp(glyphs[..., 0]) - 2 * spread
    assert ink_width <= width * height + 0.2 * height  # a letter may lean over its advance


@unhurried
@given(words, heights, widths_in_heights)
def test_plate_is_centred_and_the_same_words_give_the_same_arrays(text: str, height: float, width: float) -> None:
    arrays, _ = lay_out(text, height, width * height)
    plate, _ = quads(arrays)
    np.testing.assert_allclose(plate.mean(axis=0), 0, atol=1e-6)
    again, _ = lay_out(text, height, width * height)
    assert all(np.array_equal(arrays[name], again[name]) for name in arrays)


@unhurried
@given(words, widths_in_heights)
def test_every_letter_is_drawn_once_and_in_order(text: str, width: float) -> None:
    arrays, _ = lay_out(text, 0.03, width * 0.03)
    assert drawn(arrays) == text.replace(" ", "")


@unhurried
@given(st.lists(st.sampled_from("HEIMTXL"), min_size=1, max_size=60).map("".join))
def test_capitals_are_as_high_as_asked(text: str) -> None:
    arrays, _ = lay_out(text, 0.04, 100)
    _, glyphs = quads(arrays)
    spread = 2 * TYPEFACE.spread / 56 / TYPEFACE.capital * 0.04
    assert np.ptp(glyphs[..., 1]) - spread == pytest.approx(0.04, rel=0.04)  # quads end on whole atlas pixels


def test_lines_are_centred_and_even() -> None:
    arrays, _ = lay_out("Breathe out slowly and let the shoulders grow heavy while the light goes", 0.03, 1.0)
    lines = rows(arrays, 0.03)
    assert len(lines) == 2
    centres = [(line[..., 0].min() + line[..., 0].max()) / 2 for line in lines]
    np.testing.assert_allclose(centres, 0, atol=0.003)
    lengths = [np.ptp(line[..., 0]) for line in lines]
    assert min(lengths) > 0.75 * max(lengths)
    assert lines[0][..., 1].mean() > lines[1][..., 1].mean()


def test_lines_end_where_the_sense_ends() -> None:
    lines = rows(lay_out(PROSE, 0.03, 1.2)[0], 0.03)
    sentences = "Breathe out slowly, and let the shoulders grow heavy.", "Nothing is asked of you here."
    assert [len(line) for line in lines] == [len(sentence.replace(" ", "")) for sentence in sentences]


@unhurried
@given(words, widths_in_heights)
def test_no_other_breaks_would_take_fewer_lines(text: str, width: float) -> None:
    lines = rows(lay_out(text, 0.03, width * 0.03)[0], 0.03)
    whole = np.ptp(lay_out(text, 0.03, 1000.0)[0]["position"][4:, 0])
    assert len(lines) <= 2 * whole / (width * 0.03) + 1  # two neighbouring lines never fit on one


def test_newlines_are_kept_and_one_line_stays_one() -> None:
    assert len(rows(lay_out("Rest here.\nYou are safe.", 0.03, 5.0)[0], 0.03)) == 2
    assert len(rows(lay_out(PROSE, 0.03, 5.0)[0], 0.03)) == 1


def test_vertices_tell_the_shader_what_they_are() -> None:
    arrays, (width, height) = lay_out("Home", 0.05, 1.0)
    assert {name: array.dtype for name, array in arrays.items()} == {
        **dict.fromkeys(("position", "uv", "light", "kind"), np.dtype(np.float32)),
        "index": np.dtype(np.uint32),
    }
    assert (arrays["position"][:, 2] == 0).all()
    assert arrays["kind"][:, 0].tolist() == [PLATE] * 4 + [GLYPH] * 16
    np.testing.assert_allclose(arrays["light"][0, :2], (width / 2, height / 2), rtol=1e-6)
    np.testing.assert_allclose(arrays["uv"][:4], arrays["position"][:4, :2])
    assert (arrays["light"][4:, 0] == TYPEFACE.spread).all()
    a, b, c = (arrays["position"][arrays["index"].reshape(-1, 3)[:, k]] for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all()  # counter-clockwise from +z


def test_kerning_draws_pairs_together() -> None:
    def ink(text: str) -> float:
        return float(np.ptp(lay_out(text, 0.05, 5.0)[0]["position"][4:, 0]))

    assert ink("AVAV") < ink("AAVV") - 0.005  # the same letters


def test_languages_of_latin_letters_can_be_written() -> None:
    for text in ("Grüße, schöne Straße", "Où êtes-vous, cœur ?", "Āžuols ģimene ķirsis", "Żółć gęślą", "Ŝi ĉeĝas"):
        lay_out(text, 0.03, 2.0)
    decomposed, _ = lay_out("e\N{COMBINING ACUTE ACCENT}", 0.03, 1.0)
    assert drawn(decomposed) == "é"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Дыши", "CYRILLIC CAPITAL LETTER DE"),
        ("息を吐く", "CJK UNIFIED IDEOGRAPH-606F"),
        ("rest 🙂", "SLIGHTLY SMILING FACE"),
        ("a\tb", "U\\+0009"),
        ("  \n ", "no words"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        lay_out(text, 0.03, 1.0)


@pytest.mark.parametrize(("height", "width"), [(0, 1), (-0.03, 1), (0.03, 0), (float("nan"), 1), (0.03, float("inf"))])
def test_sizes_must_be_positive(height: float, width: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        lay_out("Rest", height, width)


def test_a_letter_that_is_wider_than_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="wider than a line"):
        lay_out("Mm", 1.0, 0.3)


@unhurried
@given(st.floats(limits.CAPITAL_HEIGHT_DEG, 5), st.floats(limits.TEXT_NEAREST_METRES, limits.TEXT_FARTHEST_METRES))
def test_capitals_fill_the_angle_asked_for(angle: float, distance: float) -> None:
    assert degrees(2 * atan(height_for(angle, distance) / 2 / distance)) == pytest.approx(angle)


@pytest.mark.parametrize(("angle", "distance"), [(0.49, 2.0), (0.6, 1.2), (0.6, 3.1)])
def test_words_too_small_or_at_a_tiring_distance_are_refused(angle: float, distance: float) -> None:
    with pytest.raises(ValueError, match=r"degrees|away"):
        height_for(angle, distance)
