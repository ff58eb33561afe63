"""Runs a scene's slow array work once and keeps the result as `.npy` files, named by what it was made from.

`python -m vr_app.bake`, started by `vr_app.baking`, does all scenes; a session then only maps files.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vr_app import logs
from vr_app.api import Arrays
from vr_app.catalogue import find_scenes
from vr_app.folders import cache_folder
from vr_app.sources import OURS, STARTED
from vr_app.station.parent import die_with_parent

log = logging.getLogger(__name__)


def baked(make: Callable[[], Arrays], folder: Path | None = None) -> Arrays:
    """`make()`'s arrays, memory-mapped from the cache when its arguments, and all modules it needs, are unchanged.

    A cache that cannot be read is made again; one that cannot be written costs time, never the scene.
    """
    folder = folder or cache_folder() / "bake"
    kept = folder / _key(make)
    try:
        return {path.stem: np.load(path, mmap_mode="r") for path in _complete(kept)}
    except (OSError, ValueError, EOFError):
        shutil.rmtree(kept, ignore_errors=True)
    arrays = make()
    if OURS.changed_since(STARTED, _source(make)):
        return arrays  # what this process imported may be older than the text that the key names
    try:
        _keep(arrays, kept)
    except OSError as error:
        print(f"baked light is not kept ({error.strerror}: {folder}); free some space to start faster", file=sys.stderr)
    return arrays


def bake_all() -> None:
    """Build every scene that can be built, for its baked arrays only."""
    for entry in find_scenes().values():
        if entry.scene is None:
            continue
        try:
            entry.scene().build(_BakingKit())
        except Exception as error:  # noqa: BLE001 - a scene may raise anything; a session tells it to the user
            log.debug("scene '%s' cannot be baked: %s", entry.id, error)


class _BakingKit:
    """A Kit that keeps arrays and makes nothing for the GPU."""

    size = (1.0, 1.0)

    def mesh(self, arrays: Arrays) -> _BakingKit:
        return self

    def material(self, name: str, **images: object) -> _BakingKit:
        return self

    def image(self, pixels: object, *, colour: bool = False, repeat: bool = False) -> _BakingKit:
        return self

    def text(self, words: str, *, height: float = 0.03, width: float = 1.0) -> _BakingKit:
        return self

    def slot(self, name: str, *, height: float = 0.03, width: float = 1.0) -> _BakingKit:
        return self

    def bake(self, make: Callable[[], Arrays]) -> Arrays:
        return baked(make)


def _complete(kept: Path) -> list[Path]:
    paths = sorted(kept.glob("*.npy"))
    if not paths:
        raise OSError("nothing baked yet")
    return paths


def _key(make: Callable[[], Arrays]) -> str:
    """A name from the maker, its arguments and the text of every module it needs."""
    called, arguments = _called(make)
    name = f"{called.__module__}.{called.__qualname__}"
    return f"{name}-{hashlib.sha256(f'{name}{arguments}{OURS.digest(_source(make))}'.encode()).hexdigest()[:16]}"


def _called(make: Callable[[], Arrays]) -> tuple[Any, str]:
    """The function itself, and what it is given."""
    if isinstance(make, functools.partial):
        return make.func, repr((make.args, sorted(make.keywords.items())))
    return make, ""


def _source(make: Callable[[], Arrays]) -> Path:
    """The file of the maker's module."""
    return Path(_called(make)[0].__code__.co_filename).resolve()


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


if __name__ == "__main__":
    die_with_parent()
    with logs.start("bake"):
        bake_all()
