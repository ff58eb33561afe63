"""A caption comes and goes by the session's time, also in frames that nobody sees."""

from __future__ import annotations

from typing import Any

import pytest

from vr_app.captions import Captions

DT = 1.0 / 90.0


class _Paper:
    def __init__(self) -> None:
        self.written: list[tuple[str, float]] = []

    def text(self, words: str, *rest: Any, **_: Any) -> str:
        """As a kit, and as a pass."""
        if rest:
            self.written.append((words, rest[-1]))
        return words


@pytest.fixture
def captions() -> Captions:
    made = Captions()
    for words in ("One.", "Two."):
        made.lay_out(_Paper(), words)  # type: ignore[arg-type]
    return made


def seen(captions: Captions) -> list[tuple[str, float]]:
    paper = _Paper()
    captions.draw(paper, large=False)  # type: ignore[arg-type]
    return paper.written


def test_what_was_taken_away_while_nobody_looked_is_not_seen_afterwards(captions: Captions) -> None:
    captions.step("One.", 1.0, DT, clear=1.0)
    assert seen(captions) == [("One.", 1.0)]
    for _ in range(30):
        captions.step("Two.", 1.0, DT, clear=1.0)
    assert seen(captions) == [("Two.", 1.0)]


def test_a_caption_that_is_taken_away_goes_within_a_tenth(captions: Captions) -> None:
    captions.step("One.", 1.0, DT, clear=1.0)
    captions.step("", 0.0, DT, clear=1.0)
    ((words, opacity),) = seen(captions)
    assert words == "One."
    assert 0.8 < opacity < 1.0
    for _ in range(9):
        captions.step("", 0.0, DT, clear=1.0)
    assert seen(captions) == []


def test_drawing_twice_is_the_same(captions: Captions) -> None:
    captions.step("One.", 0.6, DT, clear=1.0)
    assert seen(captions) == seen(captions)
