"""Runs a scene's slow array work once and keeps the result as `.npy` files, named by what it was made from."""

from __future__ import annotations

import functools
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vr_app.api import Arrays
from vr_app.folders import cache_folder

SCENES = Path(__file__).resolve().parents[1] / "scenes"


def baked(make: Callable[[], Arrays], folder: Path | None = None) -> Arrays:
    """`make()`'s arrays, memory-mapped from the cache when every source under scenes/ is unchanged.

    A cache that cannot be read is made again; one that cannot be written costs time, never the scene.
    """
    folder = folder or cache_folder() / "bake"
    kept = folder / _key(make)
    try:
        return {path.stem: np.load(path, mmap_mode="r") for path in _complete(kept)}
    except (OSError, ValueError, EOFError):
        shutil.rmtree(kept, ignore_errors=True)
    arrays = make()
    try:
        _keep(arrays, kept)
    except OSError as error:
        print(f"baked light is not kept ({error.strerror}: {folder}); free some space to start faster", file=sys.stderr)
    return arrays


def _complete(kept: Path) -> list[Path]:
    paths = sorted(kept.glob("*.npy"))
    if not paths:
        raise OSError("nothing baked yet")
    return paths


def _key(make: Callable[[], Arrays]) -> str:
    """A name from the maker, its arguments and the text of every scene source."""
    called: Any = make
    arguments = ""
    if isinstance(called, functools.partial):
        arguments = repr((called.args, sorted(called.keywords.items())))
        called = called.func
    digest = hashlib.sha256(f"{called.__module__}.{called.__qualname__}{arguments}{np.__version__}".encode())
    for path in sorted(SCENES.rglob("*.py")):
        digest.update(path.relative_to(SCENES).as_posix().encode() + path.read_bytes())
    return f"{called.__module__}.{called.__qualname__}-{digest.hexdigest()[:16]}"


def _keep(arrays: Arrays, kept: Path) -> None:
    """Write beside and rename, so that a cache folder is whole or absent."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=kept.parent, prefix=".baking-"))
    try:
        for name, array in arrays.items():
            np.save(beside / f"{name}.npy", array)
        beside.replace(kept)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        if not kept.exists():  # else another process kept the same first
            raise
