"""Runs a maker of arrays once and keeps the result as `.npy` files, named by what it was made from.

A kept folder is written beside and renamed into place, so it is whole or absent; every load compares checksums.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import os
import re
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from vr_app.api import Arrays
from vr_app.baking import PARTIAL, SUMS, places, sums_of
from vr_app.sources import CHECKOUT, OURS, STARTED

USED_WITHIN_SECONDS = 30 * 86_400.0  # what nobody used for so long goes
KEPT_TEXTS = 3  # of one maker with one set of arguments: the last few edits
ABANDONED_SECONDS = 600.0  # a partial result of this age belongs to a process that was killed
_DAY_SECONDS = 86_400.0
_NAME = re.compile(r"[\w.-]+")


class NotKept(Exception):
    """Arrays that could not be written: why, and how to mend it."""


def baked(make: Callable[[], Arrays], folder: Path | None = None) -> Arrays:
    """`make()`'s arrays, memory-mapped from the cache when its arguments, and all modules it needs, are unchanged.

    A cache that cannot be read is made again; one that cannot be written costs time, never the scene.
    """
    folders = places() if folder is None else [folder]
    found = find(key(make), folders)
    if found is not None:
        return found
    arrays = make()
    try:
        return keep(make, arrays, folders)
    except NotKept as error:
        _say_once(str(error))
        return arrays


def find(name: str, folders: list[Path]) -> Arrays | None:
    """What is kept under `name`, intact. A folder that is not is removed."""
    for folder in folders:
        if not (folder / name).exists():
            continue
        try:
            found = {array: _checked(folder / name / f"{array}.npy", *sums) for array, sums in sums_of(folder / name)}
        except (OSError, ValueError, msgspec.MsgspecError):
            discard(folder / name)
        else:
            _mark_used(folder / name)
            return found
    return None


def keep(make: Callable[[], Arrays], arrays: Arrays, folders: list[Path]) -> Arrays:
    """Write `arrays` into the first of these folders that takes them, and map them. Raises NotKept."""
    if OURS.changed_since(STARTED, *_called(make)[1]):
        return arrays  # what this process imported may be older than the text that the key names
    name, reasons = key(make), []
    for folder in folders:
        try:
            _write(arrays, folder / name)
        except OSError as error:
            reasons.append(f"{error.strerror or error}: {folder}")
            continue
        return find(name, [folder]) or arrays
    raise NotKept(f"baked light is not kept ({'; '.join(reasons)}); free some space to start faster")


def prune(folder: Path, live: set[str]) -> None:
    """Remove what no session is likely to use again; `live` stays. Raises nothing."""
    now = time.time()
    texts: dict[str, list[tuple[float, Path]]] = {}
    for path, saved in _entries(folder):
        if path.name in live:
            continue
        if path.name.startswith(PARTIAL):
            if now - saved > ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        elif now - saved > USED_WITHIN_SECONDS:
            discard(path)
        elif path.is_dir():
            texts.setdefault(path.name.rpartition("-")[0], []).append((saved, path))
    for older in texts.values():
        for _, path in sorted(older, reverse=True)[KEPT_TEXTS:]:
            discard(path)


def discard(kept: Path) -> None:
    """Remove a kept folder, or a stamp, as one; whoever maps it keeps what he has. Raises nothing."""
    with suppress(OSError):
        if kept.is_dir():
            gone = Path(tempfile.mkdtemp(dir=kept.parent, prefix=PARTIAL))
            kept.rename(gone / "old")
            shutil.rmtree(gone, ignore_errors=True)
        else:
            kept.unlink(missing_ok=True)


def key(make: Callable[[], Arrays]) -> str:
    """A name from the maker, its arguments and the text of every module it needs. Raises ValueError."""
    name, sources, arguments = _called(make)
    return f"{name}-{hashlib.sha256(arguments.encode()).hexdigest()[:8]}-{OURS.digest(*sources)}"


def maker_of(name: str) -> str:
    """The part of a key that an edit of a source leaves as it is."""
    return name.rpartition("-")[0]


# --- what names a cache


def _called(make: Callable[[], Arrays]) -> tuple[str, set[Path], str]:
    """The function's name, the files that it and its arguments come from, and the arguments in words."""
    sources: set[Path] = set()
    inner: Any = make
    words = ""
    while isinstance(inner, functools.partial):
        words += _told((inner.args, inner.keywords), sources)
        inner = inner.func
    _told(inner, sources)
    file = Path(inner.__code__.co_filename).resolve()
    module = inner.__module__ if file.is_relative_to(CHECKOUT) else f"{file.stem}-{zlib.crc32(bytes(file)):08x}"
    return f"{module}.{inner.__qualname__}", sources, words


def _told(value: Any, sources: set[Path]) -> str:
    """An argument in words that are the same in every process; adds the files that functions among it come from."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__}({', '.join(_told(part, sources) for part in value)})"
    if isinstance(value, dict):
        return _told(sorted(value.items()), sources)
    if isinstance(value, (np.ndarray, np.generic)):
        return f"{value.dtype.str}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, functools.partial):
        return _told((value.func, value.args, value.keywords), sources)
    if isinstance(value, FunctionType) and "<" not in value.__qualname__:
        sources.add(Path(value.__code__.co_filename).resolve())
        return f"{value.__module__}.{value.__qualname__}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return f"{type(value).__qualname__}{_told(fields, sources)}"
    raise ValueError(
        f"bake: {value!r} names no cache; give a function of a module, or a functools.partial of one "
        "with numbers, words, tuples, arrays or dataclasses"
    )


# --- the files


def _checked(path: Path, size: int, checksum: int) -> npt.NDArray[Any]:
    """The array in a `.npy` file, mapped. Reading all of it once also brings it into memory, before any frame."""
    data = np.memmap(path, np.uint8, "r")
    if len(data) != size or zlib.crc32(data.data) != checksum:
        raise ValueError(f"{path} is not what was written")
    head = io.BytesIO(data[:65_600].tobytes())
    np.lib.format.read_magic(head)
    shape, _, dtype = np.lib.format.read_array_header_1_0(head)
    return data[head.tell() :].view(dtype).reshape(shape)


def _write(arrays: Arrays, kept: Path) -> None:
    """Raises OSError; then nothing is left."""
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = Path(tempfile.mkdtemp(dir=kept.parent, prefix=PARTIAL))
    try:
        sums = {name: _written(beside, name, array) for name, array in arrays.items()}
        (beside / SUMS).write_bytes(msgspec.json.encode(sums))
        beside.rename(kept)
    except OSError:
        if not (kept / SUMS).exists():  # else another process kept the same first
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _written(folder: Path, name: str, array: npt.NDArray[Any]) -> tuple[int, int]:
    """The file's bytes and checksum. Raises OSError, or ValueError for what is no plain array."""
    array = np.asarray(array, order="C")
    if not _NAME.fullmatch(name) or array.dtype.hasobject:
        raise ValueError(f"bake: '{name}' of {array.dtype} cannot be kept; name plain arrays by letters")
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(array))
    data = array.reshape(-1).view(np.uint8).data
    with (folder / f"{name}.npy").open("wb") as file:
        file.write(head.getbuffer())
        file.write(data)
    return len(head.getbuffer()) + data.nbytes, zlib.crc32(data, zlib.crc32(head.getbuffer()))


def _entries(folder: Path) -> Iterator[tuple[Path, float]]:
    """What lies in a folder and when it was last used; other processes may remove any of it meanwhile."""
    with suppress(OSError):
        for path in [*folder.iterdir()]:
            with suppress(OSError):
                yield path, path.stat().st_mtime


def _mark_used(kept: Path) -> None:
    with suppress(OSError):
        if time.time() - kept.stat().st_mtime > _DAY_SECONDS:
            os.utime(kept)


@functools.cache
def _say_once(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
