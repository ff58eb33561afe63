"""Writes what a run came to: report, trace, plot and the ledger itself."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from vr_app.files import replace_file
from vr_app.limits import LATE_STREAK, ON_TIME_PERCENT
from vr_app.timing.control import Control, Stalls
from vr_app.timing.ledger import NAMES, Rows
from vr_app.timing.summary import Lateness, Spread, Summary, summarise
from vr_app.timing.trace import trace_lines


class OutputError(Exception):
    """A file that was asked for cannot be written; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report tells beside the timing. `audio` is None while there is no sound."""

    headset: str
    runtime: str
    system: str
    renderer: str
    refresh_hz: float
    eye_size: tuple[int, int]
    software_rasteriser: bool
    zero_counts: bool
    scale: float = 1.0  # of the picture's width and height against the recommended ones
    scenes: Iterable[Mapping[str, Any]] = ()
    events: Iterable[Mapping[str, Any]] = ()
    faults: Iterable[str] = ()
    audio: Mapping[str, int | str] | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the files of a run go; None: not wanted. A trace whose name ends in .gz is compressed."""

    report: Path | None = None
    trace: Path | None = None
    plot: Path | None = None
    ledger: Path | None = None

    def check(self) -> None:
        """Call before the run. Raises OutputError for the first file that could not be written after it."""
        for path in (self.report, self.trace, self.plot, self.ledger):
            if path is not None:
                check_writable(path)

    def write(self, facts: Facts, rows: Rows, control: Control | None = None) -> None:
        """Write every wanted file, each whole or not at all. Raises OutputError."""
        if self.report is not None:
            text = json.dumps(report(facts, summarise(rows, control), control), indent=2, ensure_ascii=False) + "\n"
            write_atomically(self.report, lambda file: file.write(text.encode()))
        if self.trace is not None:
            compressed = self.trace.suffix == ".gz"
            write_atomically(self.trace, lambda file: _write_trace(file, rows, control, compressed))
        if self.plot is not None:
            from vr_app.timing.plot import draw  # matplotlib takes 0.5 s to import and no other command needs it

            write_atomically(self.plot, lambda file: draw(file, rows, control, f"{facts.headset}: {facts.runtime}"))
        if self.ledger is not None:
            stalls = np.zeros((0, 2), np.int64) if control is None else control.stalls
            write_atomically(self.ledger, lambda file: np.savez(file, rows=rows, names=np.array(NAMES), stalls=stalls))


class Kept(NamedTuple):
    """What a ledger file holds."""

    rows: Rows
    stalls: Stalls  # of the machine, as the control loop saw them


def load_ledger(path: Path) -> Kept:
    """Read a ledger file. Raises OutputError when it is none or of another version."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names, rows, stalls = tuple(file["names"].tolist()), file["rows"], file["stalls"]
    except (OSError, ValueError, KeyError) as error:
        raise OutputError(f"{path} is not a ledger ({error}); make one with `harborlight run --report FILE`") from error
    if names != NAMES or rows.ndim != 2 or rows.shape[1] != len(NAMES):
        raise OutputError(f"{path} was written by another version; make it again with `harborlight run --report FILE`")
    return Kept(np.asarray(rows, np.int64), np.asarray(stalls, np.int64))


def report(facts: Facts, summary: Summary, control: Control | None) -> dict[str, Any]:
    """The report's JSON object; all times in milliseconds."""
    return {
        "headset": facts.headset,
        "runtime": facts.runtime,
        "system": facts.system,
        "renderer": facts.renderer,
        "refresh_hz": facts.refresh_hz,
        "eye_size": list(facts.eye_size),
        "scale": facts.scale,
        "software_rasteriser": facts.software_rasteriser,
        "zero_counts": facts.zero_counts,
        "verdict": verdict(facts, summary),
        "frames": summary.frames,
        "missed": summary.raw.missed,
        "on_time_percent": round(summary.raw.on_time_percent, 4),
        "late_streak_max": summary.raw.late_streak_max,
        "stalls": summary.stalls,
        "beyond_control": _told(summary.beyond_control),
        "control": None if control is None else _control(control),
        "cpu_ms": _told(summary.thread_cpu),
        "process_cpu_ms": _told(summary.process_cpu),
        "process_cpu_mean_ms": _rounded(summary.process_cpu_mean_ms),
        "gpu_ms": _told(summary.gpu),
        "stages": {name: _told(spread) for name, spread in summary.stages.items()},
        "collections": summary.collections,
        "audio": None if facts.audio is None else dict(facts.audio),
        "scenes": [dict(scene) for scene in facts.scenes],
        "events": [dict(event) for event in facts.events],
        "faults": list(facts.faults),
    }


def verdict(facts: Facts, summary: Summary) -> str:
    """One sentence on lateness, for people."""
    if facts.software_rasteriser and not facts.zero_counts:
        return "software rasteriser, not judged"
    late = summary.beyond_control or summary.raw
    if late.on_time_percent < ON_TIME_PERCENT:
        return f"late: {late.on_time_percent:.2f} % on time, {ON_TIME_PERCENT} % wanted"
    if late.late_streak_max > LATE_STREAK:
        return f"late: {late.late_streak_max} refreshes missed in a row, at most {LATE_STREAK} wanted"
    return f"on time: {late.on_time_percent:.2f} %"


def check_writable(path: Path) -> None:
    """Raises OutputError unless a file can be made at `path`; leaves nothing behind."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(_cannot_write(path, error)) from error


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a file that appears at `path` only when it is complete. Raises OutputError."""
    try:
        replace_file(path, write)
    except OSError as error:
        raise OutputError(_cannot_write(path, error)) from error


def _cannot_write(path: Path, error: OSError) -> str:
    if not path.parent.is_dir():
        return f"cannot write {path}: there is no folder {path.parent}; make it or name another"
    return f"cannot write {path}: {error.strerror or error}; name a folder that you may write to"


def _write_trace(file: IO[bytes], rows: Rows, control: Control | None, compressed: bool) -> None:
    lines = (f"{line}\n".encode() for line in trace_lines(rows, control))
    if not compressed:
        file.writelines(lines)
        return
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.writelines(lines)


def _told(value: Spread | Lateness | None) -> dict[str, float] | None:
    return None if value is None else {key: round(number, 4) for key, number in asdict(value).items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _control(control: Control) -> dict[str, float]:
    return {
        "wakes": control.wakes,
        "stalls": len(control.stalls),
        "worst_ms": round(control.worst_ns / 1e6, 4),
        "cpu_ms_per_wake": round(control.cpu_ns / 1e6 / max(control.wakes, 1), 4),
    }
