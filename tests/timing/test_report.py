"""Reports: the agreed keys, files whole or absent, and folders refused before the run."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from PIL import Image

from tests.timing.synthetic import frames
from vr_app.timing.control import Control
from vr_app.timing.ledger import NAMES
from vr_app.timing.report import (
    Facts,
    OutputError,
    Outputs,
    check_writable,
    load_ledger,
    report,
    verdict,
    write_atomically,
)
from vr_app.timing.summary import summarise

FACTS = Facts(
    headset="openxr",
    runtime="Monado 25.0.0",
    system="Simulated HMD",
    renderer="llvmpipe",
    refresh_hz=90.0,
    eye_size=(320, 240),
    software_rasteriser=True,
    zero_counts=True,
    scenes=({"id": "lantern", "seconds": 60.0},),
    events=({"at": 1.0, "what": "worn"},),
    faults=("none of note",),
    audio={"underflows": 0},
)
AGREED = (  # docs/design/architecture.md, "The command line"
    *("headset", "runtime", "refresh_hz", "frames", "missed", "late_streak_max", "cpu_ms", "gpu_ms", "scale"),
    *("software_rasteriser", "audio", "scenes", "events", "faults"),
)


def test_a_report_has_the_agreed_keys_and_survives_json() -> None:
    told = json.loads(json.dumps(report(FACTS, summarise(frames([1, 2, 1])), None)))
    assert set(AGREED) <= set(told)
    assert set(told["cpu_ms"]) == {"p50", "p99", "max"}
    assert told["frames"] == 4
    assert told["missed"] == 1
    assert told["gpu_ms"] is None
    assert told["control"] is None
    assert told["audio"] == {"underflows": 0}


def test_a_report_tells_misses_with_and_without_the_machine() -> None:
    rows = frames([1, 2, 1])
    control = Control(100, 90_000_000, 3_000_000, np.array([[rows[1, 0], rows[2, 1]]], np.int64))
    told = report(FACTS, summarise(rows, control), control)
    assert told["missed"] == 1
    assert told["beyond_control"] == {"missed": 0, "on_time_percent": 100.0, "late_streak_max": 0}
    assert told["control"] == {"wakes": 100, "stalls": 1, "worst_ms": 90.0, "cpu_ms_per_wake": 0.03}


def test_the_verdict_judges_only_what_can_be_judged() -> None:
    on_time, late = summarise(frames([1] * 400)), summarise(frames([1] * 400 + [3, 2]))
    assert verdict(FACTS, on_time) == "on time: 100.00 %"
    assert verdict(replace(FACTS, zero_counts=False), late) == "software rasteriser, not judged"
    assert verdict(FACTS, late).startswith("late: ")
    streak = summarise(frames([1] * 800 + [3]))
    assert verdict(FACTS, streak) == "late: 2 refreshes missed in a row, at most 1 wanted"


def test_every_file_asked_for_is_written_and_nothing_else(tmp_path: Path) -> None:
    out = Outputs(tmp_path / "r.json", tmp_path / "r.trace.json.gz", tmp_path / "r.png", tmp_path / "r.npz")
    out.check()
    assert list(tmp_path.iterdir()) == []
    rows = frames([1, 2, 1] * 30)
    control = Control(90, 0, 0, np.array([[1, 2_500_000]], np.int64))
    out.write(FACTS, rows, control)
    assert {path.name for path in tmp_path.iterdir()} == {"r.json", "r.trace.json.gz", "r.png", "r.npz"}
    assert json.loads((tmp_path / "r.json").read_text())["frames"] == len(rows)
    assert json.loads(gzip.decompress((tmp_path / "r.trace.json.gz").read_bytes()))["traceEvents"]
    kept = load_ledger(tmp_path / "r.npz")
    assert np.array_equal(kept.rows, rows)
    assert np.array_equal(kept.stalls, control.stalls)


def test_nothing_asked_for_is_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Outputs().check()
    Outputs().write(FACTS, frames([1]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_the_plot_is_a_picture_however_few_the_frames(tmp_path: Path, count: int) -> None:
    rows = frames([1] * 299)[:count]
    Outputs(plot=tmp_path / "r.png").write(FACTS, rows)
    with Image.open(tmp_path / "r.png") as picture:
        assert picture.size == (1600, 1000)
        colours = picture.convert("RGB").getcolors(1_600_000)
    assert colours is not None
    assert len(colours) > 50


def test_a_missed_refresh_can_be_seen_in_the_plot(tmp_path: Path) -> None:
    shown = []
    for apart in ([1] * 300, [1] * 150 + [3] + [1] * 149):
        Outputs(plot=tmp_path / "r.png").write(FACTS, frames(apart))
        with Image.open(tmp_path / "r.png") as picture:
            pixels = np.asarray(picture.convert("RGB"))[100:180, :1300].reshape(-1, 3).astype(int)
        shown.append(int((np.abs(pixels - (0xFF, 0x6B, 0x57)).sum(axis=1) < 90).sum()))
    assert shown[1] > shown[0]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing/r.json", "there is no folder .*missing; make it or name another"),
        ("file/r.json", "there is no folder .*file; make it or name another"),
        ("folder", "is a folder; name a file in it"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=says) as refused:
        check_writable(tmp_path / name)
    assert "\n" not in str(refused.value)
    with pytest.raises(OutputError):
        Outputs(plot=tmp_path / name).check()


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**told: Path) -> IO[bytes]:  # root may write anywhere, so the refusal is played
        raise PermissionError(13, "Permission denied", str(told["dir"]))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="Permission denied; name a folder that you may write to"):
        check_writable(tmp_path / "r.json")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")

    def half(file: IO[bytes]) -> None:
        file.write(b"ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        write_atomically(path, half)
    assert [found.name for found in tmp_path.iterdir()] == ["r.json"]
    assert path.read_text() == "old"


def test_something_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.npz"
    with pytest.raises(OutputError, match="is not a ledger"):
        load_ledger(path)
    path.write_text("words")
    with pytest.raises(OutputError, match="is not a ledger"):
        load_ledger(path)
    np.savez(path, rows=np.zeros((2, 3), np.int64), names=np.array(("a", "b", "c")), stalls=np.zeros((0, 2)))
    with pytest.raises(OutputError, match="another version"):
        load_ledger(path)
    np.savez(path, rows=np.zeros(3, np.int64), names=np.array(NAMES), stalls=np.zeros((0, 2)))
    with pytest.raises(OutputError, match="another version"):
        load_ledger(path)
