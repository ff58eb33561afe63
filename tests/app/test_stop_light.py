"""What every way of stopping looks like: no flash, no darkness, and the calm room when it is promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headless_harness.pictures import mean_luminance
from vr_app import app, limits
from vr_app.commands import Command, EndGently, Go, GroundNow, Leave, Queasy, SetEyes, SetPhase, StopNow
from vr_app.link import Mailbox, Order
from vr_app.options import Options
from vr_app.scripted.headset import open_scripted

HZ = 90.0
PLAN = '[[step]]\nscene = "lantern"\nminutes = 1\n'
SAMPLED_HZ = 20.0
SPAN = 0.1  # seconds over which a change is measured: shorter ones are the dither's
DITHER = 0.002  # of full white: what two pictures of the same light may differ by, at this size
BREATH_PEAK, BREATH_TROUGH = 6.0, 12.0  # session seconds: the lantern at its brightest and its dimmest


class Scheduled(Mailbox):
    """Orders at session times, in seconds; one more frame passes at each look."""

    def __init__(self, orders: dict[float, Command]) -> None:
        super().__init__()
        self.post(SetPhase(False))
        self.post(Go())
        self._due = dict(orders)
        self._frames = 0

    def take(self) -> Iterator[Order]:
        for time in [time for time in self._due if time * HZ <= self._frames]:
            self.post(self._due.pop(time))
        self._frames += 1
        return super().take()


def luminance(
    monkeypatch: pytest.MonkeyPatch, folder: Path, orders: dict[float, Command], times: Sequence[float]
) -> list[float]:
    """Mean of each picture at these session times, of full white."""
    plan = folder / "stops.toml"
    plan.write_text(PLAN)

    def opened(ledger: Any, **options: Any) -> Any:
        return open_scripted(ledger, **{**options, "photograph_at": times})

    monkeypatch.setattr(app, "open_scripted", opened)
    options = Options(headset="headless", plan=str(plan), virtual=True, eye_size=limits.FLASH_TEST_PIXELS, hz=HZ)
    link = Scheduled({**orders, times[-1] + 0.1: Leave()})
    return [mean_luminance(shot.left) for shot in app.play(options, link).photographs]


@pytest.mark.parametrize(
    ("stop", "seconds", "moment"),
    [
        (StopNow(), limits.STOP_NOW_SECONDS, BREATH_PEAK),
        (StopNow(), limits.STOP_NOW_SECONDS, BREATH_TROUGH),
        (GroundNow(), limits.STOP_NOW_SECONDS, BREATH_PEAK),
        (Queasy(), limits.STOP_NOW_SECONDS, BREATH_PEAK),
        (EndGently(), limits.END_GENTLY_SECONDS, BREATH_PEAK),
        (SetPhase(True), limits.END_GENTLY_SECONDS, BREATH_PEAK),
    ],
    ids=["stop now, bright", "stop now, dim", "ground now", "queasy", "end gently", "lock"],
)
def test_a_stop_neither_flashes_nor_darkens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stop: Command, seconds: float, moment: float
) -> None:
    times = [moment - 0.5 + index / SAMPLED_HZ for index in range(int((seconds + 1.0) * SAMPLED_HZ))]
    light = np.array(luminance(monkeypatch, tmp_path, {moment: stop}, times))
    assert len(light) == len(times)
    apart = round(SPAN * SAMPLED_HZ)
    steps = np.abs(light[apart:] - light[:-apart])
    assert steps.max() <= limits.LUMINANCE_CHANGE_PER_SECOND * SPAN + DITHER
    assert light.max() <= limits.FRAME_MEAN_LUMINANCE
    assert light.min() >= min(light[0], light[-1]) - DITHER  # no dip on the way
    assert light[-1] >= light[0] - 0.02  # the room is no darker than where one came from


def test_a_stop_before_closed_eyes_does_not_light_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shut, moment = 1.0, 12.0
    times = [moment - 0.5 + index / SAMPLED_HZ for index in range(int(3.0 * SAMPLED_HZ))]
    light = np.array(luminance(monkeypatch, tmp_path, {shut: SetEyes(True), moment: StopNow()}, times))
    apart = round(SPAN * SAMPLED_HZ)
    assert 0.01 < light[0] < 0.1  # a glow
    assert np.abs(light[apart:] - light[:-apart]).max() <= limits.LUMINANCE_CHANGE_PER_SECOND * SPAN + DITHER
    assert light.min() >= light[0] - 0.01
    assert light[-1] > light[0]  # the eyes are open, and it grows as slowly as ever


def test_the_room_is_there_when_it_is_promised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    moment = BREATH_PEAK
    times = [moment + limits.STOP_NOW_SECONDS + 0.03, moment + 5.0]
    soon, later = luminance(monkeypatch, tmp_path, {moment: StopNow()}, times)
    assert soon == pytest.approx(later, abs=DITHER)
