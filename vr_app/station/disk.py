"""Writes files on a thread of its own: a disk may take its time, a stop may not."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Final

CLOSE_SECONDS: Final = 2.0  # for what is still to be written; a disk that hangs longer loses it

Job = Callable[[], None]


class Disk:
    """Jobs must not raise."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._newest: Job | None = None
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)
        self._thread.start()

    def later(self, job: Job) -> None:
        """In the order asked."""
        self._jobs.put(job)

    def latest(self, job: Job) -> None:
        """Only the newest of these is still wanted when the disk comes to it."""
        waits = self._newest is not None
        self._newest = job
        if not waits:
            self._jobs.put(self._do_newest)

    def close(self) -> None:
        """Wait for what was asked, but not for ever."""
        self._jobs.put(None)
        self._thread.join(CLOSE_SECONDS)

    def _do_newest(self) -> None:
        job, self._newest = self._newest, None
        if job is not None:
            job()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
