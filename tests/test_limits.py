"""The safety figures: each one sourced, none changed in passing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from vr_app import limits

SOURCE = Path(limits.__file__).read_text(encoding="utf-8")
FIGURES = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.AnnAssign)]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: ast.unparse(figure.target))
def test_every_figure_is_final_and_says_where_it_comes_from(figure: ast.AnnAssign) -> None:
    assert ast.unparse(figure.annotation) == "Final"
    line = SOURCE.splitlines()[(figure.end_lineno or 0) - 1]
    source = line.partition("#")[2]
    assert any(name in source for name in ("ours", "WCAG", "Harding", "Meta VRC", "Microsoft", "WHO", "EBU")), line


def test_no_figure_stands_twice() -> None:
    names = [ast.unparse(figure.target) for figure in FIGURES]
    assert len(names) == len(set(names))


def test_ours_is_never_laxer_than_the_standard() -> None:
    assert limits.GENERAL_FLASHES_PER_SECOND < limits.WCAG_FLASHES_PER_SECOND
    assert limits.RED_FLASHES_PER_SECOND == limits.PATTERNS == 0
    assert limits.CAPITAL_HEIGHT_DEG >= 0.4
    assert limits.CEILING_DBA <= 75.0
    assert limits.TLS_LEAST >= (1, 2)


def test_the_figures_agree_with_one_another() -> None:
    assert limits.STOP_NOW_ANSWER_SECONDS < limits.STOP_NOW_SECONDS < limits.END_GENTLY_SECONDS
    assert limits.STOP_NOW_SECONDS <= limits.FADE_SECONDS
    assert min(limits.STOP_BUTTON_SECONDS, limits.STOP_PALMS_SECONDS) > limits.STOP_FEEDBACK_SECONDS
    assert limits.TEXT_NEAREST_METRES > limits.CONTENT_NEAREST_METRES
    assert limits.RUNTIME_BACK_P95_SECONDS < limits.RUNTIME_BACK_SECONDS
    assert limits.BED_LUFS + limits.DUCK_LU < limits.VOICE_LUFS
