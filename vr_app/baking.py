"""Whether the scenes' light must be baked anew, and the worker that does it; imports nothing heavy."""

from __future__ import annotations

import functools
import hashlib
import logging
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from vr_app.folders import cache_folder

log = logging.getLogger(__name__)

SCENES = Path(__file__).resolve().parents[1] / "scenes"


def bake_in_worker() -> None:
    """Bake whatever has changed since the last time, in a process of its own. Slow only after an update."""
    stamp = cache_folder() / "bake" / f"{sources_digest()}.complete"
    if stamp.exists():
        return
    print("baking the scenes' light: once after an update, well under a minute", flush=True)
    done = subprocess.run([sys.executable, "-m", "vr_app.bake"], stdin=subprocess.DEVNULL, check=False)
    try:
        if done.returncode == 0:
            stamp.touch()
    except OSError:
        log.debug("no stamp, the next start looks again", exc_info=True)


@functools.cache
def sources_digest() -> str:
    """A name for all that baked light depends on: every scene source and numpy."""
    digest = hashlib.sha256(version("numpy").encode())
    for path in sorted(SCENES.rglob("*.py")):
        digest.update(path.relative_to(SCENES).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]
