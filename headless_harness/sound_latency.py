"""How soon a strike is heard and a stop is silence, recorded: `python -m headless_harness.sound_latency`."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from headless_harness.sound.jack import JackServer
from headless_harness.sound.player import Player, playing
from headless_harness.sound.recorded import Recording, onset, silent_after
from vr_app.limits import SILENCE_SECONDS, STRIKE_TO_SOUND_SECONDS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=50)
    parser.add_argument("--stops", type=int, default=10)
    parser.add_argument("--period", type=int, default=256, help="frames of the server's cycle")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with JackServer(folder, period=asked.period) as server:
            with playing(server.env) as player, server.record(folder / "heard") as recorder:
                player.frames(1.0)
                struck = [_strike(player) for _ in range(asked.strikes)]
                stopped = [_stop(player) for _ in range(asked.stops)]
                time.sleep(0.3)
            heard = recorder.read()
    period = asked.period / heard.rate  # what a cycle asks for is heard after it
    strikes = np.array([_heard_after(heard, moment) + period for moment in struck])
    stops = np.array([_silent_after(heard, moment) + period for moment in stopped])
    good = _told("strike to sound", strikes, STRIKE_TO_SOUND_SECONDS)
    good = _told("stop to -60 dB", stops, SILENCE_SECONDS) and good
    return 0 if good else 1


def _strike(player: Player) -> float:
    """When it was asked for."""
    player.frames(4.0 + random.random() * 0.02)  # a stone has rung out
    moment = time.monotonic()
    player.sound.gesture()
    player.sound.play("stone", once=True)
    return moment


def _stop(player: Player) -> float:
    player.sound.play("surf")
    player.frames(5.0)
    moment = time.monotonic()
    player.sound.silence()
    player.frames(1.0)
    return moment


def _heard_after(heard: Recording, moment: float) -> float:
    first = onset(heard.samples, heard.frame(moment))
    return heard.moment(first) - moment if first is not None else float("inf")


def _silent_after(heard: Recording, moment: float) -> float:
    at = heard.frame(moment)
    later = silent_after(heard.samples[: at + heard.rate], heard.rate, at)
    return heard.moment(at) - moment + later if later is not None else float("inf")


def _told(what: str, seconds: np.ndarray, limit: float) -> bool:
    ms = np.sort(seconds) * 1e3
    kept = bool(ms[-1] <= limit * 1e3)
    print(
        f"{what}: {len(ms)} times, median {np.median(ms):.1f} ms, p95 {ms[int(0.95 * (len(ms) - 1))]:.1f}, "
        f"most {ms[-1]:.1f}; {limit * 1e3:.0f} allowed: {'kept' if kept else 'NOT KEPT'}"
    )
    return kept


if __name__ == "__main__":
    raise SystemExit(main())
