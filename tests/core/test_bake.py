"""The baked cache: made once, mapped after, mended when broken, never in the way."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from vr_app.bake import baked

MADE: list[float] = []


def arrays(scale: float = 1.0) -> dict[str, np.ndarray]:
    MADE.append(scale)
    return {"position": np.arange(12.0).reshape(4, 3) * scale}


@pytest.fixture(autouse=True)
def _forget() -> None:
    MADE.clear()


def test_it_is_made_once_and_mapped_after(tmp_path: Path) -> None:
    first, again = baked(arrays, tmp_path), baked(arrays, tmp_path)
    assert MADE == [1.0]
    assert isinstance(again["position"], np.memmap)
    np.testing.assert_array_equal(first["position"], again["position"])


def test_other_arguments_are_another_bake(tmp_path: Path) -> None:
    baked(arrays, tmp_path)
    other = baked(functools.partial(arrays, scale=2.0), tmp_path)
    assert MADE == [1.0, 2.0]
    assert other["position"][1, 0] == 6.0


@pytest.mark.parametrize("harm", ["empty", "garbage", "cut", "gone"])
def test_a_broken_cache_is_made_again(tmp_path: Path, harm: str) -> None:
    baked(arrays, tmp_path)
    (file,) = tmp_path.glob("*/*.npy")
    whole = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "garbage": b"not numpy at all", "cut": whole[:-9]}[harm])
    np.testing.assert_array_equal(baked(arrays, tmp_path)["position"], np.arange(12.0).reshape(4, 3))
    assert len(MADE) == 2
    assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert baked(arrays, blocked)["position"].shape == (4, 3)
    assert "free some space" in capsys.readouterr().err
