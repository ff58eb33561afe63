"""What every peer measures of itself, the same way: processor time, collections and memory of each frame."""

from __future__ import annotations

import argparse
import gc
import json
import time
import tracemalloc
from collections.abc import Mapping

import numpy as np


class Meter:
    """Call `frame()` once at the end of each frame; it is False when enough frames were seen."""

    def __init__(self, warm_up: int, frames: int, allocations: bool) -> None:
        self._warm_up = warm_up
        self._room = warm_up + frames + 1
        self._cpu = np.zeros((self._room, 3), np.int64)  # thread ns, process ns, traced bytes
        self._cells = self._cpu.reshape(-1).data
        self._seen = 0
        self._allocations = allocations
        self._collections = 0
        gc.callbacks.append(self._heard)
        if allocations:
            tracemalloc.start()

    def frame(self) -> bool:
        at = self._seen * 3
        self._cells[at] = time.thread_time_ns()
        self._cells[at + 1] = time.process_time_ns()
        if self._allocations:
            self._cells[at + 2] = tracemalloc.get_traced_memory()[0]
        self._seen += 1
        if self._seen == self._warm_up:
            self._collections = 0
        return self._seen < self._room

    def tell(self) -> None:
        """Print the frames after the warm-up as one line of JSON; the last thing a peer does."""
        kept = self._cpu[self._warm_up :]
        frames = np.diff(kept[:, :2], axis=0)
        net = float(np.polyfit(np.arange(len(kept)), kept[:, 2], 1)[0]) if self._allocations else None
        result = {
            "thread_ns": frames[:, 0].tolist(),
            "process_ns": frames[:, 1].tolist(),
            "collections": self._collections,
            "net_bytes": net,
        }
        print(json.dumps(result), flush=True)

    def _heard(self, phase: str, info: Mapping[str, int]) -> None:
        self._collections += phase == "start"


def asked() -> Meter:
    """The meter that the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("warm_up", type=int)
    parser.add_argument("frames", type=int)
    parser.add_argument("--allocations", action="store_true")
    told = parser.parse_args()
    return Meter(told.warm_up, told.frames, told.allocations)
