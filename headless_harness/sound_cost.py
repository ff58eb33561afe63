"""What a block of sound costs: `python -m headless_harness.sound_cost [--seconds S] [--voices N] [--places N]`.

Renders as fast as it can a crowd of voices with everything in the chain at work, and compares what each block takes
with how long it lasts. Judged is the thread's own processor time: where others use the machine, the clock tells how
long they kept it waiting. Sources cost next to nothing here: a cue's own cost comes on top.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from math import cos, pi, sin
from typing import Final

import numpy as np

from audio.block import BLOCK, RATE, Samples, frames, silence
from audio.duck import Bus
from audio.graph import VOICES, Graph, warm
from audio.space import PLACES, Placed

BUDGET: Final = 0.25  # of a block's period, at the 99th percentile
PERIOD_US: Final = 1e6 * BLOCK / RATE


class _Loop:
    """A second of noise, over and over."""

    def __init__(self, seed: int, peak: float) -> None:
        self._sound = np.random.default_rng(seed).uniform(-peak, peak, (RATE // BLOCK, BLOCK, 2)).astype(np.float32)

    def fill(self, out: Samples, at: int) -> bool:
        out[:] = self._sound[at // BLOCK % len(self._sound)]
        return True


def _crowd(voices: int, places: int) -> Graph:
    """Voices of every kind in the longest room, loud enough that each governor has work; as many more have a place."""
    graph = Graph()
    graph.enter("hall")
    graph.blend({"guided": 1.0}, over=frames(1.0))
    for voice in range(voices):
        graph.play(voice, _Loop(voice, 0.3), Bus(voice % len(Bus)))
    for i in range(places):
        around = 2.0 * pi * i / places
        placed = Placed(_Loop(voices + i, 0.3), (3.0 * sin(around), i % 3 - 1.0, 3.0 * cos(around)))
        graph.play(voices + i, placed, Bus.USER if i % 4 == 0 else Bus.SPATIAL)
    return graph


def _turn(graph: Graph) -> None:
    """The head, at 180 degrees/s and with a pose for every block: each filter is made anew each time."""
    half = 0.5 * pi * graph.now / RATE
    graph.listen_from((0.0, 0.0, 0.0), (0.0, sin(half), 0.0, cos(half)), graph.now)


def measure(seconds: float, voices: int, places: int) -> dict[str, float]:
    """Microseconds of a block on the clock and of its thread, percentiles and longest; the thread's p99 as a share."""
    warm()
    graph, out = _crowd(voices, places), silence()
    for _ in range(frames(1.0) // BLOCK):
        graph.block(out)
    gc.collect()
    gc.freeze()
    clock, thread = np.zeros((2, frames(seconds) // BLOCK))
    for i in range(len(clock)):
        begun, used = time.perf_counter_ns(), time.thread_time_ns()
        _turn(graph)
        graph.block(out)
        clock[i], thread[i] = time.perf_counter_ns() - begun, time.thread_time_ns() - used
    found = {
        f"{name}_p{percent:g}_us": float(np.percentile(spent, percent)) / 1000.0
        for name, spent in (("clock", clock), ("thread", thread))
        for percent in (50, 99, 99.9, 100)
    }
    return {**found, "share": found["thread_p99_us"] / PERIOD_US}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0, help="of sound")
    parser.add_argument("--voices", type=int, default=16, help=f"at once, {VOICES} at most")
    parser.add_argument("--places", type=int, default=PLACES, help=f"that many more have one, {PLACES} at most")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    places = min(options.places, PLACES)
    voices = min(options.voices, VOICES - places)
    found = measure(options.seconds, voices, places)
    if options.json:
        print(json.dumps(found))
    else:
        what = f"{voices} voices and {places} places, blocks of {BLOCK} frames = {PERIOD_US:.0f} us"
        print(f"{what}, load {os.getloadavg()[0]:.1f}")
        print("  ".join(f"{name} {value:.3g}" for name, value in found.items()))
    return 0 if found["share"] <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
