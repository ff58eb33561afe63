"""A disk that is full while a patient paints, and a power cut: what was said to be kept is, and all else soon after."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from headless_harness.visit import Room, goes_on, scripted, seen, works
from vr_app.companion.books import NO_ROOM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="unproven here: a disk of its own is mounted")
MEGABYTES = 24
LOST_SECONDS = 5.0  # of what was made, at most (docs/design/safety.md)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that holds what the station keeps, and little more."""
    disk = tmp_path / "data"
    disk.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(how, capture_output=True).returncode:
        pytest.skip("unproven without a disk of its own: mounting takes root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """To the last byte; the file that takes the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    with pytest.raises(OSError, match="space") as full:
        (disk / "more").write_bytes(bytes(4096))
    assert full.value.errno == errno.ENOSPC
    (disk / "more").unlink()
    return filler


def test_a_full_disk_stops_no_hand_and_a_power_cut_takes_seconds(small_disk: Path, tmp_path: Path) -> None:
    with scripted(tmp_path) as headset:
        room = Room(tmp_path, headset, "--sound", "none")
        room.act(goes_on)
        with room.open() as sitting:
            sitting.visit()
            sitting.recording(lambda said: said == "saved")
            filler = fill(small_disk)
            assert sitting.recording(lambda said: said != "saved") == f"kept aside: {NO_ROOM}"
            before = sitting.strokes()
            sitting.session.wait_for("more strokes", lambda state: sitting.strokes() > before + 2)
            filler.unlink()
            sitting.recording(lambda said: said == "saved")
            told = [(time.monotonic(), sitting.strokes())]
            while told[-1][0] - told[0][0] < LOST_SECONDS + 2.0:
                time.sleep(0.1)
                told.append((time.monotonic(), sitting.strokes()))
            sitting.session.kill()
            cut = time.monotonic()
        (painted,) = works(room.memories())
        assert len(seen(painted)) >= max(strokes for at, strokes in told if at <= cut - LOST_SECONDS)
        with room.open() as sitting:
            sitting.visit()
            assert sitting.strokes() >= len(seen(painted))
