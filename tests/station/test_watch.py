"""Whether a process lives: three graces, a stop that lies there, and a machine that slept."""

from __future__ import annotations

import pytest

from vr_app import limits
from vr_app.shared import Beat, Duty
from vr_app.station.watch import GRACE, Watchdog

TICK = 0.02


def looked(beats: list[Beat], untaken: float = 0.0) -> str | None:
    """What the last of these looks says; the watcher has been awake for long."""
    dog, now = Watchdog(), 1000.0
    for _ in range(10_000):
        dog.look(now, Beat(Duty.FRAMES, 0.0))
        now += TICK
    said = None
    for beat in beats:
        said = dog.look(now, beat, untaken)
        now += TICK
    return said


@pytest.mark.parametrize("duty", list(Duty))
def test_each_duty_has_its_grace(duty: Duty) -> None:
    assert looked([Beat(duty, GRACE[duty] - 0.1)]) is None
    assert "no sign of life" in str(looked([Beat(duty, GRACE[duty] + 0.1)]))


def test_frames_owe_signs_soonest() -> None:
    assert GRACE[Duty.FRAMES] < GRACE[Duty.IDLE] < GRACE[Duty.STARTING]


def test_a_stop_that_is_not_taken_is_a_fault_of_its_own() -> None:
    late = limits.ORDER_TAKEN_SECONDS + 0.1
    assert looked([Beat(Duty.FRAMES, 0.0)], untaken=late) == "it does not take a stop"
    assert looked([Beat(Duty.FRAMES, 0.0)], untaken=late - 0.2) is None
    assert looked([Beat(Duty.STARTING, 0.0)], untaken=late) is None


def test_a_watcher_that_slept_lets_everybody_wake_up_first() -> None:
    dog = Watchdog()
    for turn in range(1000):
        assert dog.look(turn * TICK, Beat(Duty.FRAMES, 0.0)) is None
    woke = 1000 * TICK + 3600.0  # the lid was closed for an hour, and the other's last sign is as old
    for turn in range(int(limits.HEARTBEAT_SECONDS / TICK)):
        assert dog.look(woke + turn * TICK, Beat(Duty.FRAMES, 3600.0 + turn * TICK), untaken=3600.0) in (
            None,
            "it does not take a stop",
        )
        if turn * TICK < limits.ORDER_TAKEN_SECONDS:
            assert dog.look(woke + turn * TICK, Beat(Duty.FRAMES, 3600.0), untaken=3600.0) is None
    late = woke + limits.HEARTBEAT_SECONDS + 0.1
    for turn in range(10):
        said = dog.look(late - 0.1 + turn * TICK, Beat(Duty.FRAMES, 3602.0))
    assert "no sign of life" in str(said)
