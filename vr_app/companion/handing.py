"""What goes home, from works to one ZIP: made by a worker of its own, told while it is made, kept until it was taken.

What is made is plain, so it lies in a folder that only this account may open, is gone once it was taken, after a while,
and when the records are locked or the companion ends; what a crash left goes when the next companion begins.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path
from shutil import rmtree
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from vr_app.companion.forms import HandOver
from vr_app.exports.items import HandOverError, Item, Language
from vr_app.exports.worker import Exporting

log = logging.getLogger(__name__)

LIMIT_SECONDS: Final = 600.0  # for all of it
KEPT_SECONDS: Final = 600.0  # until it is taken
NAMES: Final[dict[Language, str]] = {"en": "What you made", "es": "Lo que ha hecho"}  # of the folder in the ZIP
_PLAIN: Final = "the pictures are in plain paint, for this computer cannot draw them as the headset does"
_FAILED: Final = "this could not be made; the log says more, and the works are as they were"
_BLOCK: Final = 1 << 20  # bytes
_SHRINKS: Final = (".html", ".svg", ".glb")  # pictures and sounds are small already


@dataclass(slots=True)
class Job:
    """One hand-over."""

    patient: str
    works: tuple[str, ...]
    pieces: int  # of them all: a work that went on is another
    language: Language
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    done: int = 0  # of the works
    state: str = "making"  # "ready", "failed"
    words: str = ""  # what is less than it should be, or why there is nothing
    dropped: bool = False  # it is gone, or about to be
    exporting: Exporting | None = None

    def same(self, other: Job) -> bool:
        """Whether nothing has changed since."""
        mine, theirs = ((job.patient, job.works, job.pieces, job.language) for job in (self, other))
        return mine == theirs

    def told(self) -> HandOver:
        return HandOver(self.token, self.state, self.done, len(self.works), self.words)


class Handing:
    """One at a time. Its methods are the event loop's."""

    def __init__(self, folder: Path) -> None:
        """`folder` is its own: what lies there is a crash's, and goes."""
        self._folder = folder
        self._job: Job | None = None
        # The kernel ends a worker with the thread that started it: this one lives as long as the companion.
        self._thread = ThreadPoolExecutor(1, "hand-over")
        self._thread.submit(rmtree, folder, ignore_errors=True)

    def begin(self, job: Job, items: Sequence[Item]) -> HandOver:
        """What it is known by. The same that is made already, and was not taken, is given instead.

        Raises HandOverError while another patient's is made.
        """
        before = self._job
        if before is not None and not before.dropped and before.state != "failed":
            if before.same(job):
                return before.told()
            if before.state == "making":
                raise HandOverError("something else is made ready to go home just now; try again when that is done")
        self.drop()
        self._job = job
        self._thread.submit(self._make, job, items, asyncio.get_running_loop())
        return job.told()

    def job(self, token: str) -> Job | None:
        """None: there is none by this name, or no more."""
        job = self._job
        return job if job is not None and job.token == token and not job.dropped else None

    def take(self, job: Job) -> Iterator[bytes]:
        """Its ZIP, piece by piece; when the last is taken nothing of it is left here."""
        yield from zipped(self._made(job))
        self._drop(job)

    def drop(self) -> None:
        """Whatever is made or waits is gone."""
        if self._job is not None:
            self._drop(self._job)

    def close(self) -> None:
        """The same, for good, and it waits until it is so."""
        self.drop()
        self._thread.shutdown()

    # --- on its thread

    def _make(self, job: Job, items: Sequence[Item], loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            job.exporting = Exporting(self._made(job), items, job.language)
            if job.dropped:
                job.exporting.end()
            job.exporting.wait(LIMIT_SECONDS, lambda done: setattr(job, "done", done))
            job.words, job.state = _PLAIN if job.exporting.remarks else "", "ready"
            loop.call_soon_threadsafe(loop.call_later, KEPT_SECONDS, self._drop, job)
        except HandOverError as error:
            job.words, job.state = str(error), "failed"
        except Exception:
            log.exception("a hand-over could not be made")
            job.words, job.state = _FAILED, "failed"
        if job.dropped or job.state == "failed":
            self._remove(job)

    def _remove(self, job: Job) -> None:
        rmtree(self._folder / job.token, ignore_errors=True)

    # --- of one job

    def _made(self, job: Job) -> Path:
        return self._folder / job.token / NAMES[job.language]

    def _drop(self, job: Job) -> None:
        job.dropped = True
        if job.exporting is not None and job.state == "making":
            job.exporting.end()
        self._thread.submit(self._remove, job)


class _Sink(RawIOBase):
    """What a ZIP is written to, and taken from as it grows."""

    def __init__(self) -> None:
        super().__init__()
        self._waits = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waits += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self._waits)
        self._waits.clear()
        return data


def zipped(folder: Path) -> Iterator[bytes]:
    """A ZIP of a folder of files, never whole in memory; no file in it says when it was made."""
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for path in sorted(folder.iterdir()):
            info = ZipInfo(f"{folder.name}/{path.name}")  # of 1980: what it says by itself
            info.compress_type = ZIP_DEFLATED if path.suffix in _SHRINKS else ZIP_STORED
            info.external_attr = 0o644 << 16
            info.file_size = path.stat().st_size
            with archive.open(info, "w") as out, path.open("rb") as file:
                while block := file.read(_BLOCK):
                    out.write(block)
                    yield sink.taken()
    yield sink.taken()
