"""Runs the application with every allocation traced: `python -m headless_harness.allocations OUT.json run ...`.

The loop collects once after each frame, so the end of that collection is a frame's end, seen from outside. Tracing
doubles the cost of a frame, so this is a run of its own and its timing is worth nothing.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from vr_app import app, cli

_ROOM: Final = 200_000  # frames


class Tracer:
    """Bytes that Python code holds at the end of every frame."""

    def __init__(self) -> None:
        self._bytes = np.zeros(_ROOM, np.int64)
        self._cells = self._bytes.data
        self.frames = 0

    def heard(self, phase: str, info: Mapping[str, int]) -> None:
        by_the_loop = not gc.isenabled() and info["generation"] < 2  # what start-up collects is no frame's end
        if phase == "stop" and by_the_loop and self.frames < _ROOM:
            self._cells[self.frames] = tracemalloc.get_traced_memory()[0]
            self.frames += 1

    def held(self) -> list[int]:
        return [int(held) for held in self._bytes[: self.frames]]


def main() -> int:
    out, arguments = Path(sys.argv[1]), sys.argv[2:]
    tracer = Tracer()
    gc.callbacks.append(tracer.heard)
    tracemalloc.start()
    app.run(cli.run_options(arguments))
    out.write_text(json.dumps(tracer.held()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
