"""The baked cache: made once, mapped after, mended when broken, never in the way."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core import makers
from vr_app.baked import NotKept, baked, find, keep, key, prune
from vr_app.baking import PARTIAL, SUMS, intact

MADE: list[float] = []


def arrays(scale: float = 1.0) -> dict[str, np.ndarray]:
    MADE.append(scale)
    return {"position": np.arange(12.0).reshape(4, 3) * scale, "grey": np.full(3, 7, np.uint8)}


@dataclass(frozen=True)
class Sand:
    grains: float


def of_things(*things: object) -> dict[str, np.ndarray]:
    return {}


@pytest.fixture(autouse=True)
def _forget() -> None:
    MADE.clear()


def test_it_is_made_once_and_mapped_after(tmp_path: Path) -> None:
    first, again = baked(arrays, tmp_path), baked(arrays, tmp_path)
    assert MADE == [1.0]
    assert isinstance(again["position"], np.memmap)
    assert not again["position"].flags.writeable
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 3), np.float32),
        np.array(2.5),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.arange(24, dtype=np.float16)[::2],
        np.array([True, False]),
        np.arange(3, dtype=">i4"),
    ],
    ids=["empty", "scalar", "columns", "every other", "bits", "big-endian"],
)
def test_every_array_comes_back_as_it_was(tmp_path: Path, array: np.ndarray) -> None:
    keep(arrays, {"it": array}, [tmp_path])
    found = find(key(arrays), [tmp_path])
    assert found is not None
    assert (found["it"].dtype, found["it"].shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found["it"], array)


def test_other_arguments_are_another_bake(tmp_path: Path) -> None:
    baked(arrays, tmp_path)
    other = baked(functools.partial(arrays, scale=2.0), tmp_path)
    assert MADE == [1.0, 2.0]
    assert other["position"][1, 0] == 6.0


def test_arguments_are_told_apart_by_what_they_hold() -> None:
    big = np.zeros(5000)
    harmed = big.copy()
    harmed[2500] = 1.0  # which repr leaves out
    given_things = [
        big,
        harmed,
        big.astype(np.float32),
        Sand(1.0),
        Sand(2.0),
        arrays,
        makers.plain,
        "a",
        ("a",),
        1,
        1.0,
    ]
    keys = [key(functools.partial(of_things, thing)) for thing in given_things]
    assert len(set(keys)) == len(keys)
    assert key(functools.partial(of_things, big)) == key(functools.partial(of_things, big.copy()))
    assert key(functools.partial(functools.partial(of_things, 1), 2)) == key(
        functools.partial(functools.partial(of_things, 1), 2)
    )


@pytest.mark.parametrize("thing", [lambda: 1, object(), {1}, dict])
def test_what_names_no_cache_is_refused(thing: object) -> None:
    with pytest.raises(ValueError, match="names no cache"):
        key(functools.partial(of_things, thing))


def test_a_maker_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="names no cache"):
        key(lambda: {"it": np.zeros(1)})


def _empty(kept: Path) -> None:
    for path in kept.iterdir():
        path.unlink()


def _file(kept: Path) -> None:
    shutil.rmtree(kept)
    kept.write_text("in the way")


HARMS: dict[str, Callable[[Path], object]] = {
    "empty file": lambda kept: (kept / "position.npy").write_bytes(b""),
    "garbage": lambda kept: (kept / "position.npy").write_bytes(b"not numpy at all"),
    "cut": lambda kept: (kept / "position.npy").write_bytes((kept / "position.npy").read_bytes()[:-9]),
    "longer": lambda kept: (kept / "position.npy").write_bytes((kept / "position.npy").read_bytes() + b"\0"),
    "gone": lambda kept: (kept / "position.npy").unlink(),
    "another type": lambda kept: np.save(kept / "position.npy", np.zeros((4, 3), np.float32)),
    "another shape": lambda kept: np.save(kept / "position.npy", np.zeros((3, 4))),
    "exchanged": lambda kept: shutil.copy(kept / "grey.npy", kept / "position.npy"),
    "no sums": lambda kept: (kept / SUMS).unlink(),
    "cut sums": lambda kept: (kept / SUMS).write_bytes((kept / SUMS).read_bytes()[:-3]),
    "other sums": lambda kept: (kept / SUMS).write_text('{"position": "fine"}'),
    "empty folder": _empty,
    "a file instead": _file,
}


def _assert_mended(folder: Path) -> None:
    np.testing.assert_array_equal(baked(arrays, folder)["position"], np.arange(12.0).reshape(4, 3))
    assert len(MADE) == 2
    baked(arrays, folder)
    assert len(MADE) == 2
    assert intact(folder / key(arrays))
    assert [path.name for path in folder.iterdir()] == [key(arrays)]


@pytest.mark.parametrize("harm", HARMS)
def test_a_broken_cache_is_made_again(tmp_path: Path, harm: str) -> None:
    baked(arrays, tmp_path)
    HARMS[harm](tmp_path / key(arrays))
    assert not intact(tmp_path / key(arrays))
    _assert_mended(tmp_path)


@given(where=st.floats(0.0, 1.0, exclude_max=True), bit=st.integers(0, 7), file=st.sampled_from(["position", "grey"]))
def test_a_single_flipped_bit_is_found(
    tmp_path_factory: pytest.TempPathFactory, where: float, bit: int, file: str
) -> None:
    MADE.clear()
    folder = tmp_path_factory.mktemp("cache")
    baked(arrays, folder)
    path = folder / key(arrays) / f"{file}.npy"
    data = bytearray(path.read_bytes())
    data[int(where * len(data))] ^= 1 << bit
    path.write_bytes(data)
    assert not intact(path.parent)
    _assert_mended(folder)


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert baked(arrays, blocked)["position"].shape == (4, 3)
    assert baked(functools.partial(arrays, scale=2.0), blocked)["position"].shape == (4, 3)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="unproven on Windows, which cannot limit a file")
def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(NotKept, match=r"not kept.*free some space"):
            keep(arrays, {"position": np.zeros(300_000)}, [tmp_path / "bake"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((tmp_path / "bake").iterdir()) == []


def test_the_second_folder_serves_when_the_first_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folders = [tmp_path / "file", tmp_path / "spare"]
    keep(arrays, arrays(), folders)
    assert find(key(arrays), folders) is not None


def test_who_loses_the_race_uses_what_the_winner_kept(tmp_path: Path) -> None:
    baked(arrays, tmp_path)
    kept = keep(arrays, {"position": np.zeros(1)}, [tmp_path])
    np.testing.assert_array_equal(kept["position"], np.arange(12.0).reshape(4, 3))


@pytest.mark.parametrize("array", [np.array([object()]), np.array([{}], object)])
def test_what_is_no_plain_array_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        keep(arrays, {"it": array}, [tmp_path])
    with pytest.raises(ValueError, match="cannot be kept"):
        keep(arrays, {"../it": np.zeros(1)}, [tmp_path])
    assert list(tmp_path.iterdir()) == []


def test_old_results_go_and_those_in_use_stay(tmp_path: Path) -> None:
    now, day = time.time(), 86_400.0
    ages = {
        **{f"scenes.shore.sand-0000-{number}": number for number in range(6)},  # days since their last use
        "scenes.room.light-0000-a": 29,
        "scenes.room.light-1111-a": 31,
        "scenes.room.needed-0000-a": 400,
        "aaaa.complete": 2,
        "bbbb.complete": 31,
        f"{PARTIAL}young": 0,
        f"{PARTIAL}killed": 1,
    }
    for name, days in ages.items():
        path = tmp_path / name
        path.write_text("") if name.endswith(".complete") else path.mkdir()
        os.utime(path, (now - days * day, now - days * day))
    prune(tmp_path, {"scenes.room.needed-0000-a"})
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"scenes.shore.sand-0000-{number}" for number in range(3)),
        "scenes.room.light-0000-a",
        "scenes.room.needed-0000-a",
        "aaaa.complete",
        f"{PARTIAL}young",
    }


def test_what_is_used_is_not_old(tmp_path: Path) -> None:
    baked(arrays, tmp_path)
    long_ago = time.time() - 40 * 86_400.0
    os.utime(tmp_path / key(arrays), (long_ago, long_ago))
    baked(arrays, tmp_path)
    prune(tmp_path, set())
    assert (tmp_path / key(arrays)).is_dir()
