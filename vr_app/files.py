"""Files that are whole or not there, and files that one process holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any


def replace_file(path: Path, write: Callable[[IO[bytes]], object], *, lasting: bool = False) -> None:
    """Let `write` fill a file that appears at `path` only when it is complete. Raises OSError.

    `lasting` waits until it is on the disk, so that it survives a power cut.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            write(file)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
        if lasting:
            folder_on_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)


def folder_on_disk(folder: Path) -> None:
    """Wait until the names in it are on the disk; Windows sees to it itself."""
    if sys.platform != "win32":
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def lock(file: IO[Any]) -> None:
    """Hold it until it is closed or this process ends, however that is. Raises OSError when another process does."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0x7FFFFFFF)  # beyond what is written, for a locked byte cannot be read
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
