"""Plays a sine of 440 Hz at -12 dBFS: `player.py API DEVICE LATENCY [HOLE FRAMES]`, until it is ended.

A process of its own: importing sounddevice starts PortAudio, which looks for servers once.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import sounddevice

HERTZ, LEVEL = 440.0, 0.25


def _device(api: str, name: str) -> int:
    apis = [known["name"] for known in sounddevice.query_hostapis()]
    found = [known for known in sounddevice.query_devices() if apis[known["hostapi"]] == api and known["name"] == name]
    return int(found[0]["index"])


def main(api: str, name: str, latency: str, hole: str = "0", frames: str = "0") -> None:
    """Play until ended; `frames` frames from `hole` on are silent."""
    at = 0

    def fill(out: Any, count: int, _time: Any, _status: Any) -> None:
        nonlocal at
        places = at + np.arange(count)
        sine = LEVEL * np.cos(2 * np.pi * HERTZ * places / 48_000)
        sine[(places >= int(hole)) & (places < int(hole) + int(frames))] = 0.0
        out[:] = sine[:, None]
        at += count

    with sounddevice.OutputStream(48_000, 0, _device(api, name), 2, latency=float(latency), callback=fill):
        print("playing", flush=True)
        time.sleep(60.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
