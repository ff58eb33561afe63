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


def warm_in_worker() -> None:
    """Compile them, once after an update."""
    stamp = _stamp()
    if stamp.exists():
        return
    print("compiling the sound: once after an update, half a minute", flush=True)
    done = subprocess.run([sys.executable, "-m", "audio.warm"], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        log.warning("the sound could not be compiled (%d); its process tries again", done.returncode)
        return
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
