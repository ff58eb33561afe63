"""The control loop's own process: the standard library only, so that its start takes nothing from the application."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import MutableSequence
from typing import Final

STALL_NS: Final = 2_000_000  # ours: later than this the machine took a good part of a frame away
ROOM: Final = 65_536  # stalls kept; a machine that stalls more often is of no use for timing anyway

# Cells shared with the parent; from HEAD on, pairs of due and woken host nanoseconds.
STOP, WAKES, STALLS, WORST, CPU, HEAD = range(6)

_CHECK_EVERY: Final = 64  # wakes between two looks whether the parent lives: 30 us each


def wait_only(cells: MutableSequence[int], period_ns: int) -> None:
    """The process's whole life. It ends by itself when asked, and within a second when its parent is gone."""
    gc.disable()
    parent = multiprocessing.parent_process()
    started = time.process_time_ns()
    due = time.perf_counter_ns() + period_ns
    while not cells[STOP]:
        time.sleep(max(due - time.perf_counter_ns(), 0) / 1e9)  # absolute and monotonic inside CPython since 3.11
        woke = time.perf_counter_ns()
        late = woke - due
        if late > cells[WORST]:
            cells[WORST] = late
        count = cells[STALLS]
        if late > STALL_NS and count < ROOM:
            at = HEAD + 2 * count
            cells[at] = due
            cells[at + 1] = woke
            cells[STALLS] = count + 1
        cells[WAKES] += 1
        if cells[WAKES] % _CHECK_EVERY == 0:
            cells[CPU] = time.process_time_ns() - started
            if parent is not None and not parent.is_alive():
                return
        due += period_ns * (1 + max(late, 0) // period_ns)  # a long stall is recorded once, not as a burst
