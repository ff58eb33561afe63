"""The control loop: a process that only waits, at the headset's rate, and so shows when the machine itself stalls."""

from __future__ import annotations

import multiprocessing
from collections.abc import MutableSequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

import numpy as np
import numpy.typing as npt

from vr_app.timing import waiting

Stalls = npt.NDArray[np.int64]  # (n, 2): when the control loop meant to wake and when it woke, host nanoseconds


@dataclass(frozen=True, slots=True)
class Control:
    """What the control loop saw. `stalls` are the times it woke more than waiting.STALL_NS late."""

    wakes: int
    worst_ns: int
    cpu_ns: int  # the control loop's own cost since its first wake
    stalls: Stalls


class ControlLoop:
    """Runs the control loop during its `with`. It costs about 1 % of one core at 90 Hz."""

    def __init__(self, period_ns: int) -> None:
        """Raises ValueError unless the period is positive."""
        if period_ns <= 0:
            raise ValueError(f"the control loop needs a period above 0 ns, not {period_ns}")
        spawn = multiprocessing.get_context("spawn")
        self._cells = cast(MutableSequence[int], spawn.RawArray("q", waiting.HEAD + 2 * waiting.ROOM))
        self._process = spawn.Process(
            target=waiting.wait_only, args=(self._cells, period_ns), name="control", daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._cells[waiting.STOP] = 1
        self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def read(self) -> Control:
        """What was seen until now; also after the `with`."""
        cells = self._cells
        stalls = np.array(cells[waiting.HEAD : waiting.HEAD + 2 * cells[waiting.STALLS]], np.int64).reshape(-1, 2)
        return Control(cells[waiting.WAKES], cells[waiting.WORST], cells[waiting.CPU], stalls)
