"""Whether the scenes' light must be baked anew, and the worker that does it; imports nothing heavy."""

from __future__ import annotations

import logging
import subprocess
import sys

from vr_app.folders import cache_folder
from vr_app.sources import CHECKOUT, OURS

log = logging.getLogger(__name__)


def bake_in_worker() -> None:
    """Bake whatever has changed since the last time, in a process of its own. Slow only after an update."""
    stamp = cache_folder() / "bake" / f"{OURS.digest(*(CHECKOUT / 'scenes').rglob('*.py'))}.complete"
    if stamp.exists():
        return
    print("baking the scenes' light: once after an update, well under a minute", flush=True)
    done = subprocess.run([sys.executable, "-m", "vr_app.bake"], stdin=subprocess.DEVNULL, check=False)
    try:
        if done.returncode == 0:
            stamp.touch()
    except OSError:
        log.debug("no stamp, the next start looks again", exc_info=True)
