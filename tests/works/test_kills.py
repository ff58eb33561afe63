"""Whoever draws may be killed at any moment: the work loads, and is at most seconds old."""

from __future__ import annotations

from pathlib import Path

import pytest

from headless_harness.works_kills import Drawn, _kept_until, next_step, play, steps
from vr_app.works.sketch import Sketch


@pytest.mark.alone
def test_a_work_survives_whoever_draws_it(tmp_path: Path) -> None:
    """Six kills here; `python -m headless_harness.works_kills` does 300."""
    told = play(tmp_path / "records", kills=6, seed=3)
    assert told.good, (told.lost, told.wrong)
    assert told.kills == 6


def test_a_work_that_nobody_drew_would_be_seen() -> None:
    lived = [number / 90 for number in range(300)]
    chance, loaded = steps(5), Sketch()
    for _ in range(200):
        Drawn(loaded, loaded).do(*next_step(chance))
    assert _kept_until(Sketch(), loaded, 5, lived) == pytest.approx(199 / 90, abs=0.1)
    loaded.strokes[0].values[0] += 0.001
    assert _kept_until(Sketch(), loaded, 5, lived) is None


def test_nothing_more_is_drawn_at_a_work_once_it_is_finished() -> None:
    """What is lost is counted in what was drawn, not in the time that passed after it."""
    seed = next(seed for seed in range(100_000) if next_step(steps(seed))[0] == "finish")
    lived = [number / 90 for number in range(900)]
    loaded = Sketch()
    Drawn(loaded, loaded).do("finish", 0.0)
    assert _kept_until(Sketch(), loaded, seed, lived) == lived[-1]
    assert _kept_until(Sketch(), Sketch(), seed, lived) == 0.0
