"""Files in three dimensions, as two judges find them who did not make them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from headless_harness.gltf_check import (
    BRUSHES,
    agreement,
    brush_sheet,
    drawn_by_another,
    generated,
    outline,
)
from headless_harness.gltf_judges import Judges, judges, missing
from vr_app.exports.gltf import glb


@pytest.fixture(scope="module")
def judge(request: pytest.FixtureRequest) -> Iterator[Judges]:
    if lack := missing():
        pytest.skip(f"unproven: exports are valid glTF that others draw as we do; {lack}")
    with judges(request.getfixturevalue("chromium")) as both:
        yield both


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5])
def test_khronos_validator_finds_nothing(judge: Judges, seed: int) -> None:
    issues = judge.validate(glb(generated(seed).strokes))["issues"]
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_the_validator_would_find_something(judge: Judges) -> None:
    assert judge.validate(glb(generated(1).strokes)[:-8])["issues"]["numErrors"]


LEAST = {"ribbon": 0.85, "ink": 0.95, "chalk": 0.92, "leaf": 0.7, "dust": 0.5, "tube": 0.95}  # soft and ragged edges


@pytest.mark.parametrize("brush", BRUSHES)
def test_another_library_draws_it_as_we_do(judge: Judges, brush: str) -> None:
    strokes = brush_sheet(brush)
    theirs, ours = drawn_by_another(judge, strokes)[..., 3] > 127, outline(strokes)
    assert agreement(brush, ours, theirs) > LEAST.get(brush, 0.95)
    if brush == "chalk":  # whose holes are closed for that: nothing of ours lies beside theirs, and holes are few
        assert (ours & theirs).sum() > 0.99 * ours.sum() and ours.sum() > 0.8 * theirs.sum()
