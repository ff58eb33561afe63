"""A player beside the test, for a rig's server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from headless_harness.sound.recorded import Recording, Samples, tone_levels

HERTZ, LEVEL_DB = 440.0, -12.04


@contextmanager
def playing(env: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`player.py` with these arguments, playing."""
    command = [sys.executable, str(Path(__file__).with_name("player.py")), *arguments]
    player = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True)
    assert player.stdout is not None
    try:
        assert player.stdout.readline() == "playing\n"
        yield player
    finally:
        player.kill()  # PortAudio waits for ever for a server that is gone
        player.wait()
        player.stdout.close()


def middle(recording: Recording, seconds: float) -> Samples:
    """The last `seconds` before the last 0.2 s of sound."""
    loud = np.flatnonzero(recording.samples.any(axis=1))
    end = int(loud[-1]) - recording.rate // 5
    return recording.samples[end - int(seconds * recording.rate) : end]


def heard_db(samples: Samples, rate: int = 48_000) -> float:
    """The tone's median level."""
    return float(np.median(tone_levels(samples, HERTZ, rate, 4800, 4800)))
