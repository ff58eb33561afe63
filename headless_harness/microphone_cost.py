"""What a microphone costs: `python -m headless_harness.microphone_cost [--seconds S]`.

The thread's own processor time, for each block of 256 frames: what hears a voice, what plays a talk-over (both sides),
what gives a block to a recording; and for each second of sound what seals it, in the writer's thread.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from audio import recording, talkover, voice
from audio.block import BLOCK, RATE, Samples, frames, silence
from audio.recording import Purpose, Recorder
from audio.ring import Ring
from audio.talkover import Talkover
from audio.voice import VoiceMeter

PERIOD_US = 1e6 * BLOCK / RATE


def _hum(seconds: float) -> Samples:
    """Blocks of a voice in hiss: [blocks, BLOCK, 1]."""
    time_s = np.arange(frames(seconds) // BLOCK * BLOCK) / RATE
    wave = sum(0.1 / k * np.sin(2.0 * np.pi * 150.0 * k * time_s) for k in range(1, 8))
    hiss = np.random.default_rng(1).standard_normal(len(time_s)) * 0.01
    return np.asarray(wave + hiss, np.float32).reshape(-1, BLOCK, 1)


def _cost(blocks: Samples, each: Callable[[Samples], object]) -> tuple[float, float]:
    """Median and 99th percentile, microseconds."""
    spent = np.zeros(len(blocks))
    for i, block in enumerate(blocks):
        used = time.thread_time_ns()
        each(block)
        spent[i] = time.thread_time_ns() - used
    return float(np.median(spent)) / 1000.0, float(np.percentile(spent, 99)) / 1000.0


def _talk(block: Samples) -> object:
    _TALK.give(block)
    return _TALK.fill(_OUT, BLOCK)


_TALK, _OUT = Talkover(), silence()


def _sealing(seconds: int) -> float:
    """Processor microseconds of the whole process for each second of mono sound."""
    blocks = _hum(1.0)
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "sealed", secrets.token_bytes(recording.KEY_BYTES), Purpose.MEMO)
        used = time.process_time()
        for second in range(seconds):
            for block in blocks:
                recorder.give(block)
            while recorder.frames < second * RATE:
                time.sleep(0.01)
        recorder.finish()
        recorder.wait(60.0)
        return (time.process_time() - used) / seconds * 1e6


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0, help="of sound")
    options = parser.parse_args(arguments)
    for part in (recording, talkover, voice):
        part.warm()
    blocks, ring = _hum(options.seconds), Ring(frames(options.seconds + 1.0), 1)
    print(f"blocks of {BLOCK} frames = {PERIOD_US:.0f} us, load {os.getloadavg()[0]:.1f}")
    for what, each in {"voice heard": VoiceMeter().take, "talk-over": _talk, "given to a ring": ring.give}.items():
        middle, late = _cost(blocks, each)
        print(f"{what}: p50 {middle:.1f} us, p99 {late:.1f} us ({100.0 * middle / PERIOD_US:.2f} % of a period)")
    print(f"a second sealed, fsync included: {_sealing(max(int(options.seconds), 1)) / 1000.0:.2f} ms of processor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
