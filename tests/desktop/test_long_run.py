"""The judge of the long run: what grows is found, the ledger's own pages are not held against it."""

from __future__ import annotations

import numpy as np
import pytest

from headless_harness.desktop import Sample, _moved_right, judged
from headless_harness.station import Wrong
from vr_app.timing.ledger import COLUMNS

MEGABYTE = 1_000_000
FRAMES = 60 * 600


def _ten_minutes(memory: float = 0.0, handles: float = 0.0, threads: float = 0.0) -> list[Sample]:
    """Samples that grow by these in a minute, beside the ledger's pages."""
    ledger = 8 * COLUMNS * 60 * 60
    return [
        Sample(
            60.0 * passed,
            int(200 * MEGABYTE + (memory + ledger) * passed),
            int(20 + handles * passed),
            int(9 + threads * passed),
        )
        for passed in (k / 6 for k in range(61))
    ]


def test_a_run_that_holds_what_it_held_is_well() -> None:
    told = judged(_ten_minutes(), FRAMES)
    assert abs(told["memory_bytes"]) < 100_000
    assert told["handles"] == told["threads"] == 0


@pytest.mark.parametrize("growth", [{"memory": 0.5 * MEGABYTE}, {"handles": 0.5}, {"threads": 0.5}])
def test_growth_is_found(growth: dict[str, float]) -> None:
    with pytest.raises(Wrong, match="it grows"):
        judged(_ten_minutes(**growth), FRAMES)


def test_warming_up_is_not_growth() -> None:
    samples = [s._replace(memory=s.memory - 50 * MEGABYTE) if s.at < 120 else s for s in _ten_minutes()]
    assert judged(samples, FRAMES)["memory_bytes"] < 100_000


@pytest.mark.parametrize("shift", [-60, 0, 104])
def test_a_shift_of_the_picture_is_measured(shift: int) -> None:
    columns = np.random.default_rng(1).random(1280).cumsum() % 40 * 6
    picture = np.broadcast_to(columns[None, :, None], (800, 1280, 3)).astype(np.uint8)
    assert _moved_right(picture, np.roll(picture, shift, axis=1)) == shift
