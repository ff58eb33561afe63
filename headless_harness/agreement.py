"""Compares a ledger with Monado's own metrics, frame for frame: `python -m headless_harness.agreement LEDGER METRICS`.

Monado writes a row for each frame an application began, with the display time it predicted for it, and a row each
time its compositor used one. So it judges twice: by what it predicted, which must agree with the ledger frame for
frame, and by what it showed, which the ledger cannot see but which must tell the same story.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from headless_harness.monado.metrics import Metrics, MetricsError, SessionFrame, Used, read
from vr_app.timing.control import Stalls
from vr_app.timing.ledger import DISPLAY, GAP, Rows
from vr_app.timing.report import OutputError, load_ledger
from vr_app.timing.summary import excused, missed_refreshes

SAME_NS: Final = 1_000_000  # two predictions nearer than this are of one refresh; the shortest period is 8.3 ms
NEARBY: Final = 3  # frames: a picture that comes too late is replaced, and predicted anew, up to so many frames later
_NAMED: Final = 20

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the two records agree."""

    ledger_frames: int
    runtime_frames: int  # begun within the ledger's time
    matched: int
    error_ns: int  # greatest difference between the two display times of one frame
    ledger_missed: int
    runtime_missed: int  # by the runtime's predictions
    repeated: int  # refreshes at which the compositor had nothing new and showed the frame before once more
    unseen: int  # of those, the ones with no miss in the ledger nearby
    unexplained: int  # of the unseen, the ones with no stall of the machine nearby either
    mismatches: tuple[str, ...]  # frames that only one side knows, or whose misses differ; the first twenty

    @property
    def whole(self) -> bool:
        """Every frame has its counterpart and every miss is seen by both."""
        return not self.mismatches


def compare(rows: Rows, metrics: Metrics, stalls: Stalls | None = None) -> Agreement:
    """Match the ledger's frames with the runtime's by predicted display time and compare what was missed."""
    session = _session(rows, metrics.session_frames)
    ours = rows[:, DISPLAY]
    theirs = np.array([frame.predicted_display_time_ns for frame in session], np.int64)
    mine, its = _pairs(ours, theirs)
    predicted = _missed(session)
    missed = missed_refreshes(rows)
    # Misses are compared where both sides know this frame and the one before, and no pause of ours lies between.
    judged = np.zeros(len(mine), np.bool_)
    judged[1:] = (np.diff(mine) == 1) & (np.diff(its) == 1) & (rows[mine[1:], GAP] == 0)
    differs = judged & (missed[mine] != predicted[its])
    repeats = _repeats(session, metrics.used)
    shown_late = np.flatnonzero(repeats[its] * judged)
    unseen = [at for at in mine[shown_late].tolist() if not _near(missed > 0, at)]
    machine = excused(rows, stalls) if stalls is not None else np.zeros(len(rows), np.bool_)

    told = [f"frame {at} of the ledger is unknown to the runtime" for at in _others(len(rows), mine)]
    told += [f"frame {session[at].frame_id} of the runtime is not in the ledger" for at in _others(len(session), its)]
    told += [
        f"frame {at}: the ledger missed {missed[at]}, the runtime {predicted[other]}"
        for at, other in zip(mine[differs].tolist(), its[differs].tolist(), strict=True)
    ]
    return Agreement(
        ledger_frames=len(rows),
        runtime_frames=len(session),
        matched=len(mine),
        error_ns=int(np.abs(ours[mine] - theirs[its]).max(initial=0)),
        ledger_missed=int(missed.sum()),
        runtime_missed=int(predicted[its][judged].sum()),
        repeated=int(repeats[its][judged].sum()),
        unseen=len(unseen),
        unexplained=sum(not _near(machine, at) for at in unseen),
        mismatches=tuple(told[:_NAMED]),
    )


def _session(rows: Rows, frames: Sequence[SessionFrame]) -> list[SessionFrame]:
    """The runtime's frames within the ledger's time, in the order of their display."""
    if not len(rows):
        return []
    first, last = int(rows[0, DISPLAY]) - SAME_NS, int(rows[-1, DISPLAY]) + SAME_NS
    within = (frame for frame in frames if first <= frame.predicted_display_time_ns <= last)
    return sorted(within, key=lambda frame: frame.predicted_display_time_ns)


def _pairs(ours: Numbers, theirs: Numbers) -> tuple[Numbers, Numbers]:
    """Indices of the frames that both know, ascending; none is used twice."""
    if not len(theirs):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    after = np.searchsorted(theirs, ours).clip(max=len(theirs) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(theirs[after] - ours) < np.abs(theirs[before] - ours), after, before)
    near = np.flatnonzero(np.abs(theirs[nearest] - ours) <= SAME_NS)
    its, first = np.unique(nearest[near], return_index=True)
    return near[first], its


def _missed(session: Sequence[SessionFrame]) -> Numbers:
    """Refreshes missed before each frame, from the runtime's predictions alone."""
    missed = np.zeros(len(session), np.int64)
    # A row's period grows in whole multiples for a slow application; the display's own is the smallest.
    period = min((frame.predicted_display_period_ns for frame in session), default=1)
    shown = np.array([frame.predicted_display_time_ns for frame in session], np.int64)
    missed[1:] = np.maximum(np.rint(np.diff(shown) / period) - 1, 0)
    return missed


def _repeats(session: Sequence[SessionFrame], used: Sequence[Used]) -> Numbers:
    """For each frame, refreshes between its first showing and that of the frame shown before it, less one."""
    refresh: dict[tuple[int, int], int] = {}
    for row in used:
        refresh.setdefault((row.session_id, row.session_frame_id), row.system_frame_id)
    repeats = np.zeros(len(session), np.int64)
    before: int | None = None
    for at, frame in enumerate(session):
        now = refresh.get((frame.session_id, frame.frame_id))
        if now is None:
            continue
        if before is not None:
            repeats[at] = max(now - before - 1, 0)
        before = now
    return repeats


def _near(marked: npt.NDArray[np.bool_], at: int) -> bool:
    return bool(marked[max(at - NEARBY, 0) : at + NEARBY + 1].any())


def _others(count: int, known: Numbers) -> list[int]:
    return sorted(set(range(count)) - set(known.tolist()))


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare a ledger with the metrics of the runtime that showed it.")
    parser.add_argument("ledger", type=Path, help="written beside the report by `harborlight run --report FILE`")
    parser.add_argument("metrics", type=Path, help="written by monado-service to XRT_METRICS_FILE")
    asked = parser.parse_args()
    try:
        kept = load_ledger(asked.ledger)
        found = compare(kept.rows, read(asked.metrics), kept.stalls)
    except (OutputError, MetricsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{found.matched} frames matched of {found.ledger_frames} in the ledger, {found.runtime_frames} in the runtime"
    )
    print(f"display times differ by {found.error_ns / 1e3:.1f} us at most")
    print(f"missed refreshes: {found.ledger_missed} by the ledger, {found.runtime_missed} by the runtime")
    print(f"refreshes without a new picture, by the compositor: {found.repeated}")
    print(
        f"of those {found.unseen} far from a miss in the ledger, {found.unexplained} far from a machine's stall as well"
    )
    for line in found.mismatches:
        print(line)
    return 0 if found.whole else 1


if __name__ == "__main__":
    sys.exit(main())
