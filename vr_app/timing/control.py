"""The control loop: a process that only waits, at the headset's rate, and so shows when the machine itself stalls."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import MutableSequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, cast

import numpy as np
import numpy.typing as npt

Stalls = npt.NDArray[np.int64]  # (n, 2): when the control loop meant to wake and when it woke, host nanoseconds

STALL_NS: Final = 2_000_000  # ours: later than this the machine, not the application, lost a good part of a frame
_ROOM: Final = 65_536  # stalls kept; a machine that stalls more often is of no use for timing anyway
_STOP, _WAKES, _STALLS, _WORST, _CPU, _HEAD = range(6)
_CHECK_EVERY: Final = 64  # wakes between two looks whether the parent lives: 30 us each


@dataclass(frozen=True, slots=True)
class Control:
    """What the control loop saw. `stalls` are the times it woke more than STALL_NS late."""

    wakes: int
    worst_ns: int
    cpu_ns: int  # the control loop's own cost since its first wake
    stalls: Stalls


class ControlLoop:
    """Runs the control loop during its `with`. It costs about 0.5 % of one core at 90 Hz."""

    def __init__(self, period_ns: int) -> None:
        """Raises ValueError unless the period is positive."""
        if period_ns <= 0:
            raise ValueError(f"the control loop needs a period above 0 ns, not {period_ns}")
        spawn = multiprocessing.get_context("spawn")
        self._cells = cast(MutableSequence[int], spawn.RawArray("q", _HEAD + 2 * _ROOM))
        self._process = spawn.Process(target=_wait_only, args=(self._cells, period_ns), name="control", daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._cells[_STOP] = 1
        self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def read(self) -> Control:
        """What was seen until now; also after the `with`."""
        cells = self._cells
        stalls = np.array(cells[_HEAD : _HEAD + 2 * cells[_STALLS]], np.int64).reshape(-1, 2)
        return Control(cells[_WAKES], cells[_WORST], cells[_CPU], stalls)


def _wait_only(cells: MutableSequence[int], period_ns: int) -> None:
    """The process's whole life. It ends by itself when asked, and within a second when its parent is gone."""
    gc.disable()
    parent = multiprocessing.parent_process()
    started = time.process_time_ns()
    due = time.perf_counter_ns() + period_ns
    while not cells[_STOP]:
        time.sleep(max(due - time.perf_counter_ns(), 0) / 1e9)  # absolute and monotonic inside CPython since 3.11
        woke = time.perf_counter_ns()
        late = woke - due
        if late > cells[_WORST]:
            cells[_WORST] = late
        count = cells[_STALLS]
        if late > STALL_NS and count < _ROOM:
            at = _HEAD + 2 * count
            cells[at] = due
            cells[at + 1] = woke
            cells[_STALLS] = count + 1
        cells[_WAKES] += 1
        if cells[_WAKES] % _CHECK_EVERY == 0:
            cells[_CPU] = time.process_time_ns() - started
            if parent is not None and not parent.is_alive():
                return
        due += period_ns * (1 + max(late, 0) // period_ns)  # a long stall is recorded once, not as a burst
