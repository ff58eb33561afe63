"""Whether the sound's kernels must be compiled, and the worker that does it; imports nothing heavy.

A cold start of the engine takes longer than a process that starts may be silent.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import zlib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from vr_app.folders import cache_folder
from vr_app.sources import CHECKOUT, Sources

log = logging.getLogger(__name__)


class Warming:
    """Compiles them, once after an update, in a process of its own beside the picture."""

    def __init__(self) -> None:
        self._worker: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Returns at once."""
        if _stamp().exists():
            return
        print("compiling the sound: once after an update, half a minute; it is heard from then on", flush=True)
        try:
            self._worker = subprocess.Popen([sys.executable, "-m", "audio.warm"], stdin=subprocess.DEVNULL)
        except OSError as error:
            log.warning("the sound cannot be compiled beforehand (%s); its process tries", error)

    def over(self) -> bool:
        """Whether the sound may be started: all is compiled, or its own process must try."""
        if self._worker is None:
            return True
        code = self._worker.poll()
        if code is None:
            return False
        self._worker = None
        if code:
            log.warning("the sound could not be compiled (%d); its process tries again", code)
        else:
            _keep(_stamp())
        return True

    def close(self) -> None:
        """A session that ends does not wait for it."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()


def _keep(stamp: Path) -> None:
    with suppress(OSError):  # then it is done again at the next session
        stamp.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        stamp.touch()


def _stamp() -> Path:
    """Named by what is compiled, where its cache lies, and by what."""
    sources = Sources(CHECKOUT, ("audio",)).digest(CHECKOUT / "audio" / "warm.py", *(CHECKOUT / "audio").rglob("*.py"))
    try:
        numba = version("numba")
    except PackageNotFoundError:
        numba = "none"
    place = f"{zlib.crc32(bytes(CHECKOUT)):08x}"
    return cache_folder() / "sound" / f"{sources}-{place}-{numba}-{sys.implementation.cache_tag}.warm"
