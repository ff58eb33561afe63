"""Files hold what the graph made."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audio.block import BLOCK, RATE, Samples
from audio.duck import Bus
from audio.offline import At, blocks, put, render, write
from tests.audio.sounds import Clip, noise

TIMELINE = [At(0.0, lambda graph: graph.play(1, Clip(noise(5.0)), Bus.BED))]


def test_flac_holds_24_bits_of_it(tmp_path: Path) -> None:
    write(tmp_path / "bed.flac", TIMELINE, 4.0)
    found, rate = soundfile.read(tmp_path / "bed.flac", dtype="float32")
    expected = render(TIMELINE, 4.0)
    assert rate == RATE and found.shape == expected.shape == (4 * RATE, 2)
    assert np.abs(found - expected).max() <= 2.0**-23


def test_ogg_of_more_than_a_chunk_is_written(tmp_path: Path) -> None:
    write(tmp_path / "bed.ogg", TIMELINE, 2.0)
    assert soundfile.info(tmp_path / "bed.ogg").frames == pytest.approx(2 * RATE, abs=BLOCK)


def test_commands_happen_in_order_and_once() -> None:
    seen: list[tuple[str, int]] = []
    timeline = [
        At(0.5, lambda graph: seen.append(("late", graph.now))),
        At(0.0, lambda graph: seen.append(("first", graph.now))),
        At(0.0, lambda graph: seen.append(("second", graph.now))),
    ]
    render(timeline, 1.0)
    assert [name for name, _ in seen] == ["first", "second", "late"]
    assert abs(seen[2][1] - RATE // 2) < BLOCK


class Full(BytesIO):
    """A disk on which 40 kB are free."""

    def write(self, data: Any) -> int:
        if self.tell() > 40_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_a_disk_that_is_full_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    made = 0

    def counted() -> Iterator[Samples]:
        nonlocal made
        for block in blocks(TIMELINE, 60.0):
            made += 1
            yield block

    with pytest.raises(OSError, match="No space left"):
        put(Full(), "FLAC", counted())
    assert made < 200  # of 11250: it is told at once
    assert capfd.readouterr().err == ""
