"""A run as Chrome trace events: drop the file on https://ui.perfetto.dev to walk through it frame by frame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from vr_app.timing.control import Control
from vr_app.timing.ledger import COLLECTED, COLLECTIONS, DISPLAY, ENDED, GPU, RENDERED, START, Rows
from vr_app.timing.summary import STAGES, excused, missed_refreshes

_RENDER: Final = 1
_MACHINE: Final = 2
_FRAMES, _STAGES, _MISSES, _DISPLAY, _COLLECTIONS = range(1, 6)
_TRACKS: Final = {
    _FRAMES: "frames",
    _STAGES: "stages",
    _MISSES: "missed refreshes",
    _DISPLAY: "reaches the eyes",
    _COLLECTIONS: "automatic collections",
}


def trace_lines(rows: Rows, control: Control | None = None) -> Iterator[str]:
    """The file line by line; times are microseconds since the first frame began."""
    yield '{"displayTimeUnit":"ms","traceEvents":['
    yield from (f"{json.dumps(event, separators=(',', ':'))}," for event in _events(rows, control))
    yield json.dumps({"ph": "M", "pid": _RENDER, "name": "process_name", "args": {"name": "render"}}) + "]}"


def _events(rows: Rows, control: Control | None) -> Iterator[dict[str, Any]]:
    for sort, (tid, name) in enumerate(_TRACKS.items()):
        yield {"ph": "M", "pid": _RENDER, "tid": tid, "name": "thread_name", "args": {"name": name}}
        yield {"ph": "M", "pid": _RENDER, "tid": tid, "name": "thread_sort_index", "args": {"sort_index": sort}}
    if not len(rows):
        return
    zero = int(rows[0, START])
    missed = missed_refreshes(rows).tolist()
    blamed = excused(rows, control.stalls).tolist() if control is not None else [False] * len(rows)
    before = zero
    for index, (row, late, machine) in enumerate(zip(rows.tolist(), missed, blamed, strict=True)):
        told = {"frame": index, "rendered": bool(row[RENDERED]), "gpu_ms": row[GPU] / 1e6}
        over = max(row[START : COLLECTED + 1])
        yield _span(_FRAMES, f"frame {index}", row[START] - zero, over - row[START], told)
        mark = row[START]
        for column, name in STAGES.items():
            if row[column]:
                yield _span(_STAGES, name, mark - zero, row[column] - mark)
                mark = row[column]
        if late:
            name = f"missed {late}" + (", the machine stalled" if machine else "")
            yield _span(_MISSES, name, before - zero, row[DISPLAY] - before, {"frame": index, "refreshes": late})
        before = row[DISPLAY]
        yield _moment(_DISPLAY, f"frame {index}", before - zero)
        if row[COLLECTIONS]:
            yield _moment(_COLLECTIONS, f"{row[COLLECTIONS]} collected", row[ENDED] - zero)
    if control is None:
        return
    yield {"ph": "M", "pid": _MACHINE, "name": "process_name", "args": {"name": "control loop, only waits"}}
    yield {"ph": "M", "pid": _MACHINE, "tid": 1, "name": "thread_name", "args": {"name": "stalls of the machine"}}
    for due, woke in control.stalls.tolist():
        yield {**_span(1, f"{(woke - due) / 1e6:.1f} ms late", due - zero, woke - due), "pid": _MACHINE}


def _span(tid: int, name: str, start: int, length: int, told: dict[str, Any] | None = None) -> dict[str, Any]:
    event = {"ph": "X", "pid": _RENDER, "tid": tid, "name": name, "ts": start / 1e3, "dur": length / 1e3}
    return event if told is None else {**event, "args": told}


def _moment(tid: int, name: str, at: int) -> dict[str, Any]:
    return {"ph": "i", "s": "t", "pid": _RENDER, "tid": tid, "name": name, "ts": at / 1e3}
