"""How soon a strike is heard and a stop is silence, recorded: `python -m headless_harness.sound_latency`.

A strike is asked for at once, or a hand makes it in the sound garden: it comes down on a bowl, a chime or a stone, seen
in frames of 90 Hz where it is when a frame begins, without any prediction; from the moment at which its tip is on the
thing until the sound, and from the frame that struck.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from headless_harness.garden_play import Garden
from headless_harness.sound.jack import JackServer
from headless_harness.sound.player import FRAME_SECONDS, Player, playing
from headless_harness.sound.recorded import Recording, onset, silent_after
from scenes.sound_garden import THINGS, SoundGardenSettings
from vr_app.api import Hand, Pose
from vr_app.limits import SILENCE_SECONDS, STRIKE_TO_SOUND_SECONDS
from vr_app.shared import now_ns


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=50)
    parser.add_argument("--stops", type=int, default=10)
    parser.add_argument("--garden", type=int, default=50, help="strikes of a hand in the sound garden")
    parser.add_argument("--period", type=int, default=256, help="frames of the server's cycle")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with JackServer(folder, period=asked.period) as server:
            with playing(server.env) as player, server.record(folder / "heard") as recorder:
                player.frames(1.0)
                struck = [_strike(player) for _ in range(asked.strikes)]
                stopped = [_stop(player) for _ in range(asked.stops)]
                by_hand = Struck(player).strikes(asked.garden) if asked.garden else []
                time.sleep(0.3)
            heard = recorder.read()
            stalls = f"{sum(server.late().values())} late clients, {server.own_xruns()} of the server's own"
    period = asked.period / heard.rate  # what a cycle asks for is heard after it
    strikes = np.array([_heard_after(heard, moment) + period for moment in struck])
    stops = np.array([_silent_after(heard, moment) + period for moment in stopped])
    print(f"xruns: {stalls}; starvations: {player.sound.starvations}")
    good = _told("strike to sound", strikes, STRIKE_TO_SOUND_SECONDS)
    good = _told("stop to -60 dB", stops, SILENCE_SECONDS) and good
    if by_hand:
        frames = np.array([_heard_after(heard, frame) + period for _, frame in by_hand])
        contacts = frames + np.array([frame - contact for contact, frame in by_hand])
        _told("the garden's frame to sound", frames, STRIKE_TO_SOUND_SECONDS)  # told; a strike is the tip's
        good = _told("a tip on a thing to sound", contacts, STRIKE_TO_SOUND_SECONDS) and good
    return 0 if good else 1


class Struck:
    """The garden's own scene, orders and all; no wind, no drone, for the onset of a strike out of silence is exact."""

    def __init__(self, player: Player) -> None:
        self._player, self._garden = player, Garden(player.sound, beds=False)
        self._settings = SoundGardenSettings(drone="off")
        self._garden.frame((None, None), self._settings)  # the harp begins now, and is silenced before the first strike

    def strikes(self, count: int) -> list[tuple[float, float]]:
        """When the tip was on the thing, and when the frame began that struck; seconds of time.monotonic()."""
        found = [self._one(n) for n in range(count)]
        self._garden.scene.leave()
        if missed := found.count(None):
            print(f"{missed} of {count} strikes were not seen: the machine stood still while the hand came down")
        return [each for each in found if each is not None]

    def _one(self, n: int) -> tuple[float, float] | None:
        (x, y, z), radius, *_ = THINGS[(1, 4, 8)[n % 3]]
        speed = random.uniform(0.3, 1.5)
        self._player.sound.silence()  # what was struck before rings for long
        contact = time.monotonic() + 1.5 + random.random() * FRAME_SECONDS
        struck: float | None = None
        while (begun := time.monotonic()) < contact + 0.3:
            high = radius + speed * (contact - begun)
            hand = Hand(Pose((x, y + min(max(high, 0.0), 0.30), z)))
            before = self._garden.pulses.count
            self._garden.frame((None, hand), self._settings, passed=FRAME_SECONDS)
            self._player.sound.listen_from(Pose((0.0, 1.2, 0.0)), now_ns() + 20_000_000)
            if self._garden.pulses.count > before:
                struck = begun
            time.sleep(max(FRAME_SECONDS - (time.monotonic() - begun), 0.0))
        return None if struck is None else (contact, struck)


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
        f"{what}: {len(ms)} times, least {ms[0]:.1f} ms, median {np.median(ms):.1f}, "
        f"p95 {ms[int(0.95 * (len(ms) - 1))]:.1f}, "
        f"most {ms[-1]:.1f}; {limit * 1e3:.0f} allowed: {'kept' if kept else 'NOT KEPT'}"
    )
    return kept


if __name__ == "__main__":
    raise SystemExit(main())
