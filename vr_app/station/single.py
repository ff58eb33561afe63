"""One station at a time on a machine: two would fight over one headset."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class AnotherRuns(Exception):
    """Another station runs here; the text is the one line for people."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system gives it back however this process ends. Raises AnotherRuns or OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "station.lock").open("a+") as file:
        try:
            _take(file)
        except OSError:
            raise AnotherRuns(
                "Harborlight runs already on this machine; steer it with `harborlight tell`, or end it first: "
                "`harborlight tell leave`"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _take(file: IO[str]) -> None:
    """Raises OSError when another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0x7FFFFFFF)  # beyond what is written, for a locked byte cannot be read
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
