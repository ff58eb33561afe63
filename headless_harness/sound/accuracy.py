"""How well a recording's moments fit the player's clock: `python -m headless_harness.sound.accuracy [STRIKES]`.

A player strikes at the first frame of a callback and notes time.monotonic(); where the strike stands in the recording,
`Recording.moment` tells the same, later by what player and recorder took to run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from headless_harness.sound.jack import JackServer, Recorder
from headless_harness.sound.recorded import onset
from headless_harness.sound.server import wait_for

_EVERY = 12  # callbacks
_STRIKE = 48  # frames


def _strike(count: int) -> None:
    """The player: strikes once the recorder has had time to connect, and tells when."""
    import sounddevice

    moments: list[float] = []
    calls = 0

    def fill(out: Any, frames: int, _time: Any, _status: Any) -> None:
        nonlocal calls
        now = time.monotonic()
        out.fill(0.0)
        calls += 1
        if calls > 50 and calls % _EVERY == 0 and len(moments) < count:
            out[:_STRIKE] = 0.5
            moments.append(now)

    api = next(api for api in sounddevice.query_hostapis() if api["name"].startswith("JACK"))
    with sounddevice.OutputStream(48_000, 0, api["default_output_device"], 2, callback=fill):
        while len(moments) < count:
            time.sleep(0.05)
        time.sleep(0.2)
    print(*moments, sep="\n")


def errors(count: int) -> list[float]:
    """For each strike the seconds from the player's moment to the recording's."""
    with tempfile.TemporaryDirectory(prefix="harborlight-accuracy-") as name, JackServer(Path(name)) as jack:
        with jack.record(Path(name) / "heard") as recorder:
            command = [sys.executable, "-m", "headless_harness.sound.accuracy", "--strike", str(count)]
            player = subprocess.run(command, env={**os.environ, **jack.env}, capture_output=True, text=True, check=True)
            played = [float(line) for line in player.stdout.split()]
            wait_for(lambda: len(_heard(recorder)) >= count, "the last strike", 2.0)
        return [heard - moment for heard, moment in zip(_heard(recorder), played, strict=True)]


def _heard(recorder: Recorder) -> list[float]:
    recording, at = recorder.read(), 0
    moments: list[float] = []
    while (found := onset(recording.samples, at)) is not None:
        moments.append(recording.moment(found))
        at = found + 2 * _STRIKE
    return moments


def main(*arguments: str) -> None:
    """Print the errors' spread."""
    if arguments[:1] == ("--strike",):
        _strike(int(arguments[1]))
        return
    late = 1000.0 * np.array(errors(int(arguments[0]) if arguments else 100))
    low, middle, high = np.percentile(late, [0, 50, 99])
    print(f"{len(late)} strikes: least {low:.3f} ms, median {middle:.3f} ms, 99 % within {high:.3f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
