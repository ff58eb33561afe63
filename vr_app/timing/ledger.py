"""The ledger: what every frame did and when, in one preallocated array."""

from __future__ import annotations

import time
from typing import Final

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

# Columns. The first ten are host monotonic nanoseconds at which that stage was over; 0: the stage did not happen.
START: Final = 0  # written by next() and resume()
WAITED: Final = 1
BEGUN: Final = 2
INPUTS: Final = 3
UPDATED: Final = 4
RECORDED: Final = 5
LOCATED: Final = 6
REPLAYED: Final = 7
ENDED: Final = 8
COLLECTED: Final = 9
NATIVE_DISPLAY: Final = 10  # predicted display time on the device's own clock, ns (XrTime)
DISPLAY: Final = 11  # the same on the host's monotonic clock, ns
PERIOD: Final = 12  # between two refreshes of the display, ns; never the application's own multiple of it
RENDERED: Final = 13  # 1 when the headset wanted a picture of this frame
THREAD_CPU: Final = 14  # CPU time of the render thread when the frame was over, ns, cumulative
PROCESS_CPU: Final = 15  # CPU time (user + system) of the process when the frame was over, ns, cumulative
GPU: Final = 16  # GPU time, ns; 0 when not measured
COLLECTIONS: Final = 17  # automatic garbage collections that broke into this frame
GAP: Final = 18  # 1 when frames were not expected between the frame before and this one
COLUMNS: Final = 19

NAMES: Final = (
    *("start", "waited", "begun", "inputs", "updated", "recorded", "located", "replayed", "ended", "collected"),
    *("native_display", "display", "period", "rendered", "thread_cpu", "process_cpu", "gpu", "collections", "gap"),
)

# time.monotonic of Python 3.11 and 3.12 on Windows moves in steps of 16 ms; perf_counter is the same clock elsewhere.
_now = time.perf_counter_ns
_thread_cpu = time.thread_time_ns
_process_cpu = time.process_time_ns


class Ledger:
    """One row of int64 a frame. After `capacity` frames the oldest row is written over, so it never grows.

    The row is written through a memoryview: 0.1 us a mark against 0.2 us for numpy's own item assignment.
    """

    def __init__(self, capacity: int) -> None:
        """Raises ValueError unless `capacity` (frames) is at least 1."""
        if capacity < 1:
            raise ValueError(f"a ledger needs room for at least one frame, not {capacity}")
        self._rows: Rows = np.zeros((capacity + 1, COLUMNS), np.int64)  # one more: the frame that is open
        self._cells = self._rows.reshape(-1).data
        self._blank = np.zeros(COLUMNS, np.int64).data
        self._base = 0
        self.frames = 0  # finished since the ledger was made, those written over included
        self._cells[GAP] = 1  # nothing came before the first frame
        self.resume()

    def mark(self, column: int) -> None:
        """The stage `column` of the open frame is over now."""
        self._cells[self._base + column] = _now()

    def put(self, column: int, value: int) -> None:
        """Write a value of the open frame."""
        self._cells[self._base + column] = value

    def next(self) -> None:
        """Close the open frame and open the next."""
        cells, base = self._cells, self._base
        cells[base + THREAD_CPU] = _thread_cpu()
        cells[base + PROCESS_CPU] = _process_cpu()
        self.frames += 1
        base += COLUMNS
        if base == len(cells):
            base = 0
        cells[base : base + COLUMNS] = self._blank
        cells[base] = _now()
        self._base = base

    def resume(self) -> None:
        """The open frame begins now: whatever passed since the frame before was outside the loop."""
        self._cells[self._base + START] = _now()

    def pause(self) -> None:
        """No frame is expected at the moment: the distance from the frame before to the open one is no miss."""
        self._cells[self._base + GAP] = 1
        self.resume()

    def rows(self) -> Rows:
        """A copy of the finished frames that are still kept, oldest first, shape (n, COLUMNS)."""
        room = len(self._rows)
        open_row = self._base // COLUMNS
        if self.frames < room:
            return self._rows[:open_row].copy()
        return np.concatenate((self._rows[open_row + 1 :], self._rows[:open_row]))
