"""Whether the scenes' light must be baked anew, and the worker that does it; imports nothing heavy."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from vr_app.folders import cache_folder
from vr_app.sources import CHECKOUT, OURS

log = logging.getLogger(__name__)

SUMS: Final = "sums.json"  # in a kept folder: name of each array -> (bytes of its file, CRC-32)
PARTIAL: Final = ".partial-"  # what names of folders that are being written, or removed, begin with
STOPPED: Final = 130  # exit status of a worker that was told to stop
_CHUNK: Final = 1 << 20


def bake_in_worker() -> None:
    """Bake whatever has changed since the last time, in a process of its own. Slow only after an update.

    Also reads all that is kept, so that no frame ever waits for the disk when what it maps is uploaded.
    """
    if _all_intact():
        return
    print("baking the scenes' light: once after an update, a minute or two", flush=True)
    done = subprocess.run([sys.executable, "-m", "vr_app.bake"], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        log.info("the baking ended with %d; what is missing is made when it is needed", done.returncode)


def places() -> list[Path]:
    """Folders of kept arrays, the best first; the second is for a home that cannot be written."""
    spare = _spare_folder()
    return [cache_folder() / "bake", *([spare] if spare else [])]


def stamp_name() -> str:
    """Names the list of all kept folders that the scenes, as their sources stand, need."""
    return f"{OURS.digest(*(CHECKOUT / 'scenes').rglob('*.py'))}.complete"


def sums_of(kept: Path) -> Iterable[tuple[str, tuple[int, int]]]:
    """Name, bytes and checksum of each array in a kept folder. Raises OSError or msgspec.MsgspecError."""
    return msgspec.json.decode((kept / SUMS).read_bytes(), type=dict[str, tuple[int, int]]).items()


def intact(kept: Path) -> bool:
    """Whether every file of a kept folder is as it was written."""
    try:
        return all(_summed(kept / f"{name}.npy") == sums for name, sums in sums_of(kept))
    except (OSError, msgspec.MsgspecError):
        return False


def _all_intact() -> bool:
    for place in places():
        try:
            names = (place / stamp_name()).read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            continue
        if all(any(intact(kept / name) for kept in places()) for name in names):
            return True
    return False


def _summed(path: Path) -> tuple[int, int]:
    size = checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
    return size, checksum


def _spare_folder() -> Path | None:
    """A folder for this user alone among the machine's temporary files, if it is or can be made so."""
    if "HARBORLIGHT_HOME" in os.environ:  # where everything is to be
        return None
    owner = os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME", "")
    folder = Path(tempfile.gettempdir()) / f"harborlight-bake-{owner}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    if sys.platform != "win32" and (found.st_uid != owner or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o77):
        return None
    return folder
