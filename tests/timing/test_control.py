"""The control loop sees the machine stall, costs little and dies with its parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vr_app.timing.control import ControlLoop
from vr_app.timing.waiting import STALL_NS

PERIOD_NS = 5_000_000
posix = pytest.mark.skipif(sys.platform == "win32", reason="stops and kills processes by signal")


def _until(condition: object, seconds: float = 10.0) -> bool:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_a_period_must_be_positive() -> None:
    with pytest.raises(ValueError, match="above 0 ns, not 0"):
        ControlLoop(0)


@posix
def test_a_stall_is_recorded_once_with_when_and_how_long() -> None:
    with ControlLoop(PERIOD_NS) as control:
        assert _until(lambda: control.read().wakes > 20)
        (child,) = (process.pid for process in multiprocessing.active_children())
        assert child is not None
        began = time.perf_counter_ns()
        os.kill(child, signal.SIGSTOP)
        time.sleep(0.08)
        os.kill(child, signal.SIGCONT)
        ended = time.perf_counter_ns()
        wakes = control.read().wakes
        assert _until(lambda: control.read().wakes > wakes + 5)
    seen = control.read()
    long = [(due, woke) for due, woke in seen.stalls.tolist() if woke - due > 50_000_000]
    assert len(long) == 1
    ((due, woke),) = long
    assert began - PERIOD_NS <= due <= began + 2 * PERIOD_NS
    assert woke >= ended - PERIOD_NS
    assert seen.worst_ns >= woke - due
    assert (seen.stalls[:, 1] - seen.stalls[:, 0] > STALL_NS).all()


def test_it_costs_next_to_nothing_and_ends_when_asked() -> None:
    with ControlLoop(PERIOD_NS) as control:
        assert _until(lambda: control.read().cpu_ns > 0)
        asked = time.monotonic()
    assert time.monotonic() - asked < 2.0
    seen = control.read()
    assert seen.cpu_ns / seen.wakes < 1_000_000  # measured 0.1 ms a wake: 1 % of a core at 90 Hz


@posix
def test_it_does_not_outlive_a_parent_that_was_killed() -> None:
    program = (
        "import multiprocessing, time\n"
        "from vr_app.timing.control import ControlLoop\n"
        "if __name__ == '__main__':\n"
        "    with ControlLoop(5_000_000) as control:\n"
        "        while control.read().wakes < 5: time.sleep(0.01)\n"
        "        print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "        time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _until(lambda: not _alive(child), 3.0)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
