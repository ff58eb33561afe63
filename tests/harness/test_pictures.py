"""Numbers about pictures are those that the paper's own program and plain arithmetic give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headless_harness.pictures import (
    DIFFERING_SHARE,
    Picture,
    amplified,
    difference,
    flip,
    linear,
    mean_luminance,
    read,
    write,
)


def bands(gain: float = 1.0, shift: int = 0, stripe: float = 1.0) -> Picture:
    """A smooth coloured test picture, changed in one way."""
    y, x = np.mgrid[0:240, 0:240] / 240
    light = [0.5 + 0.4 * np.sin(7 * x + 2 * y), 0.4 + 0.3 * np.cos(9 * y), 0.5 + 0.4 * np.sin(15 * x * y)]
    picture = np.stack(light, axis=-1)
    picture[np.arange(240) // 20 % 5 == 0] *= stripe
    rounded: Picture = np.rint(np.roll(picture, shift, axis=1) * gain * 255).astype(np.uint8)
    return rounded


@pytest.mark.parametrize(
    ("after", "pixels_per_degree", "reference"),
    [  # mean errors that NVIDIA's flip-evaluator 1.7 gives
        (bands(shift=1), 20, 0.059045),
        (bands(shift=1), 67, 0.060460),
        (bands(gain=0.97), 20, 0.128000),
        (bands(gain=0.97), 67, 0.130996),
        (bands(stripe=0.7), 20, 0.152571),
        (bands(stripe=0.7), 67, 0.165891),
    ],
)
def test_flip_agrees_with_the_reference_program(after: Picture, pixels_per_degree: float, reference: float) -> None:
    assert flip(bands(), after, pixels_per_degree).mean() == pytest.approx(reference, abs=2e-5)


def test_flip_is_symmetric_nil_for_the_same_and_at_most_one() -> None:
    black, white = np.zeros((40, 40, 3), np.uint8), np.full((40, 40, 3), 255, np.uint8)
    assert flip(bands(), bands()).max() == 0
    np.testing.assert_allclose(flip(black, white), flip(white, black))
    assert 0.8 < flip(black, white).max() <= 1


def test_rounding_is_acceptable_and_a_small_object_is_not() -> None:
    before = bands()
    rounded = before.copy()
    rounded[::7, ::5] += 1
    assert difference(before, rounded).acceptable
    assert difference(before, rounded) != (0, 0)
    moth = before.copy()
    moth[100:108, 100:108] = 30
    assert difference(before, moth).differing == pytest.approx(64 / 240**2)
    assert not difference(before, moth).acceptable


def test_a_faint_veil_over_all_is_caught_by_flip_alone() -> None:
    before = np.full((64, 64, 3), 60, np.uint8)
    veiled = difference(before, before + np.uint8(2))
    assert veiled.differing <= DIFFERING_SHARE
    assert not veiled.acceptable


def test_sizes_that_differ_are_a_whole_difference() -> None:
    assert difference(bands(), bands()[:100]) == (1.0, 1.0)


def test_amplified_is_grey_where_nothing_changed() -> None:
    before = bands()
    after = before.copy()
    after[0, 0] += 2
    shown = amplified(before, after, 16)
    assert (shown[0, 0] == 160).all()
    assert (shown[1:] == 128).all()


def test_luminance_is_linear_and_weighted() -> None:
    grey = np.full((8, 8, 3), 188, np.uint8)
    assert mean_luminance(grey) == pytest.approx(0.503, abs=0.001)
    green = np.zeros((8, 8, 3), np.uint8)
    green[:, :4, 1] = 255
    assert mean_luminance(green) == pytest.approx(0.7152 / 2)
    assert linear(np.array([[[0, 10, 255]]], np.uint8))[0, 0] == pytest.approx((0, 0.003035, 1), abs=1e-5)


def test_png_files_hold_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "made" / "here.png"
    write(file, bands())
    np.testing.assert_array_equal(read(file), bands())
