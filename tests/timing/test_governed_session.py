"""A whole session on a GPU that falls behind for some seconds: the picture shrinks at once and grows again."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vr_app import app
from vr_app.options import Options
from vr_app.timing.governor import SCALES
from vr_app.timing.ledger import GPU
from vr_app.timing.report import load_ledger

HZ, EYE = 90, 320
HEAVY = range(3 * HZ, 8 * HZ)  # frames
BUDGET_MS = 7.5
LATE = 4  # frames after which a time is known


class SlowGpu:
    """A FrameTimer that makes its times from the size of the picture drawn: 1 ms, and the rest by its pixels."""

    def __init__(self, drawn: Callable[[], tuple[int, int]]) -> None:
        self._drawn = drawn
        self._times: deque[int] = deque([0] * LATE)
        self._frames = 0

    def start(self) -> None:
        """Nothing is timed."""

    def stop(self) -> None:
        width, height = self._drawn()
        whole = 10.0 if self._frames in HEAVY else 3.0
        self._times.append(round((1.0 + whole * width * height / EYE**2) * 1e6))
        self._frames += 1

    def take(self) -> int:
        return self._times.popleft()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], Path]:
    """The report of half a minute, and its ledger."""
    from vr_app.render import renderer

    class OnSlowGpu(renderer.Renderer):
        def warm_up(self, *how: Any) -> None:
            super().warm_up(*how)
            self.gpu_clock = SlowGpu(lambda: self.drawn)

    monkeypatch.setattr(renderer, "Renderer", OnSlowGpu)
    monkeypatch.setenv("LP_NO_RAST", "0")  # the driver reads it once for the whole process
    report = tmp_path / "r.json"
    app.run(
        Options(headset="headless", minutes=0.5, virtual=True, eye_size=(EYE, EYE), zero_counts=True, report=report)
    )
    return json.loads(report.read_text()), report.with_suffix(".ledger.npz")


def test_the_picture_shrinks_while_the_gpu_is_slow_and_grows_again(told: tuple[dict[str, Any], Path]) -> None:
    report, ledger = told
    assert report["faults"] == []
    assert report["scale"] == 1.0  # at the end
    changes = [event for event in report["events"] if event["what"].startswith("picture at ")]
    down, *up = changes
    low = next(scale for scale in SCALES if 1.0 + 10.0 * scale**2 < 0.85 * BUDGET_MS)
    assert down["what"].startswith(f"picture at {low:.0%} of its width and height, detail ")
    assert HEAVY[0] / HZ < down["at"] < HEAVY[0] / HZ + 0.15
    scales = [f"picture at {scale:.0%} of its width and height" for scale in reversed(SCALES) if scale > low]
    assert [event["what"].split(",")[0] for event in up] == scales
    assert all(event["at"] > HEAVY[-1] / HZ + 3.0 for event in up)
    gpu = load_ledger(ledger).rows[:, GPU] / 1e6
    assert (gpu[LATE:-1] > 0).all()
    assert (gpu > BUDGET_MS).sum() <= 2 + LATE + 1
    assert gpu[-2] == pytest.approx(4.0, abs=0.1)
