"""Figures of a run from its ledger: what was late, what each stage cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.timing.control import Control, Stalls
from vr_app.timing.ledger import (
    COLLECTED,
    COLLECTIONS,
    DISPLAY,
    GAP,
    GPU,
    PERIOD,
    PROCESS_CPU,
    START,
    THREAD_CPU,
    WAITED,
    Rows,
)

Counts = npt.NDArray[np.int64]

STAGES: Final[Mapping[int, str]] = dict(
    enumerate(
        ("wait", "begin", "inputs", "update", "record", "locate", "replay", "end", "collect"),
        start=WAITED,
    )
)  # the mark that closes a stage -> the stage's name


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Lateness:
    """Refreshes of the display at which no new picture was there.

    `late_streak_max` adds up the refreshes missed by frames that were late one after the other.
    """

    missed: int
    on_time_percent: float  # of the refreshes that a frame was due at; 100 when none was due
    late_streak_max: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a ledger comes to. `beyond_control` leaves out misses during which the control loop stalled as well."""

    frames: int
    raw: Lateness
    beyond_control: Lateness | None  # None: no control loop ran
    stalls: int  # times at which two refreshes or more were missed at once
    stages: Mapping[str, Spread]
    thread_cpu: Spread | None
    process_cpu: Spread | None
    process_cpu_mean_ms: float | None
    gpu: Spread | None  # None: not measured
    collections: int  # automatic ones, inside frames


def missed_refreshes(rows: Rows) -> Counts:
    """For each frame, how many refreshes passed without a picture since the frame before, shape (n,).

    Between two frames d = round((DISPLAY[i] - DISPLAY[i-1]) / PERIOD[i]) refreshes go by, d - 1 of them missed.
    The first frame, a frame after a pause and one without a known period miss nothing.
    """
    missed = np.zeros(len(rows), np.int64)
    period = rows[1:, PERIOD]
    judged = (period > 0) & (rows[1:, GAP] == 0)
    apart = np.diff(rows[:, DISPLAY])
    refreshes = np.rint(apart / np.where(judged, period, 1)).astype(np.int64)
    missed[1:] = np.where(judged, np.maximum(refreshes - 1, 0), 0)
    return missed


def excused(rows: Rows, stalls: Stalls) -> npt.NDArray[np.bool_]:
    """Frames for which the machine is to blame, shape (n,).

    True where the control loop was stalled at some moment between the start of the frame before and the waking of
    this one: that is when a frame's display time is decided.
    """
    blamed = np.zeros(len(rows), np.bool_)
    if len(rows) < 2 or not len(stalls):
        return blamed
    begin, end = rows[:-1, START], rows[1:, WAITED]
    # Stalls do not overlap one another, so the last one that began before the frame's end is the only candidate.
    last = np.searchsorted(stalls[:, 0], end, side="left") - 1
    blamed[1:] = (last >= 0) & (stalls[np.maximum(last, 0), 1] > begin)
    return blamed


def stage_times(rows: Rows) -> dict[str, npt.NDArray[np.int64]]:
    """Nanoseconds of each stage that took place, from the mark before it, whichever that was."""
    marks = rows[:, START : COLLECTED + 1]
    so_far = np.maximum.accumulate(marks, axis=1)
    spent = {}
    for column, name in STAGES.items():
        happened = marks[:, column] > 0
        spent[name] = (marks[:, column] - so_far[:, column - 1])[happened]
    return spent


def cpu_times(rows: Rows, column: int) -> npt.NDArray[np.int64]:
    """Nanoseconds of CPU each frame used; `column` is THREAD_CPU or PROCESS_CPU. Frames after a gap are left out."""
    counter = rows[:, column]
    used: npt.NDArray[np.int64] = (counter[1:] - counter[:-1])[rows[1:, GAP] == 0]
    return used


def lateness(rows: Rows, missed: Counts) -> Lateness:
    """How late the frames were, given what each of them missed."""
    due = int(np.count_nonzero((rows[1:, GAP] == 0) & (rows[1:, PERIOD] > 0)))
    lost = int(missed.sum())
    percent = 100.0 * due / (due + lost) if due else 100.0
    return Lateness(lost, percent, _longest_run(missed))


def summarise(rows: Rows, control: Control | None = None) -> Summary:
    """All figures of the given frames (the output of `Ledger.rows()` or consecutive rows of it)."""
    missed = missed_refreshes(rows)
    beyond = None
    if control is not None:
        beyond = lateness(rows, np.where(excused(rows, control.stalls), 0, missed))
    process = cpu_times(rows, PROCESS_CPU)
    return Summary(
        frames=len(rows),
        raw=lateness(rows, missed),
        beyond_control=beyond,
        stalls=int(np.count_nonzero(missed > 1)),
        stages={name: spread for name, spent in stage_times(rows).items() if (spread := _spread(spent)) is not None},
        thread_cpu=_spread(cpu_times(rows, THREAD_CPU)),
        process_cpu=_spread(process),
        process_cpu_mean_ms=float(process.mean()) / 1e6 if len(process) else None,
        gpu=_spread(rows[rows[:, GPU] > 0, GPU]),
        collections=int(rows[:, COLLECTIONS].sum()),
    )


def _spread(nanoseconds: npt.NDArray[np.int64]) -> Spread | None:
    if not len(nanoseconds):
        return None
    p50, p99 = np.percentile(nanoseconds, (50, 99))
    return Spread(float(p50) / 1e6, float(p99) / 1e6, float(nanoseconds.max()) / 1e6)


def _longest_run(missed: Counts) -> int:
    """The greatest sum of neighbouring values that are all above 0."""
    late = missed > 0
    total = np.cumsum(missed)
    before = np.maximum.accumulate(np.where(late, 0, total))  # the sum up to the last frame that was on time
    return int((total - before).max(initial=0))
