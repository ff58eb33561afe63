"""One station at a time on a machine: two would fight over one headset."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vr_app.files import lock


class AnotherRuns(Exception):
    """Another station runs here; the text is the one line for people."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system gives it back however this process ends. Raises AnotherRuns or OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "station.lock").open("a+") as file:
        try:
            lock(file)
        except OSError:
            raise AnotherRuns(
                "Harborlight runs already on this machine; steer it with `harborlight tell`, or end it first: "
                "`harborlight tell leave`"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
