"""Ledgers made up to order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vr_app.timing.ledger import (
    COLLECTED,
    COLUMNS,
    DISPLAY,
    ENDED,
    GAP,
    NATIVE_DISPLAY,
    PERIOD,
    PROCESS_CPU,
    RENDERED,
    START,
    THREAD_CPU,
    WAITED,
    Rows,
)

PERIOD_NS = 11_111_111


def frames(apart: Sequence[int], *, begin: int = 1_000_000_000, jitter: Sequence[int] | None = None) -> Rows:
    """A ledger of len(apart) + 1 frames; frame i + 1 is shown apart[i] refreshes after frame i.

    Each frame wakes 8 ms before it is shown, works 2 ms (of them 1 ms on the processor) and is collected in 0.1 ms.
    """
    rows = np.zeros((len(apart) + 1, COLUMNS), np.int64)
    shown = begin + np.concatenate(([0], np.cumsum(np.array(apart, np.int64)))) * PERIOD_NS
    if jitter is not None:
        shown[1:] += np.array(jitter, np.int64)
    rows[:, DISPLAY] = shown
    rows[:, NATIVE_DISPLAY] = shown + 12_345
    rows[:, PERIOD] = PERIOD_NS
    woke = shown - 8_000_000
    for column in range(WAITED, ENDED + 1):
        rows[:, column] = woke + (column - WAITED) * 2_000_000 // (ENDED - WAITED)
    rows[:, COLLECTED] = rows[:, ENDED] + 100_000
    rows[0, START] = woke[0] - 1_000_000
    rows[1:, START] = rows[:-1, COLLECTED]
    rows[:, RENDERED] = 1
    rows[0, GAP] = 1
    rows[:, THREAD_CPU] = np.arange(len(rows)) * 1_000_000
    rows[:, PROCESS_CPU] = np.arange(len(rows)) * 1_500_000
    return rows
