"""An hour beside a busy render loop: `python -m headless_harness.sound_soak [--minutes 30]`.

The real engine on a JACK server with a strict clock, recorded by another client, beside a render loop at 90 Hz, a
client in C on the same server, and every two seconds a busy thread of the engine's own interpreter.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headless_harness.sound.jack import PLAYER, JackServer
from headless_harness.sound.player import Player, playing
from headless_harness.sound.recorded import holes, sounding
from vr_app.sound.desk import State

ALLOWED_MORE_XRUNS = 2  # than the client in C
BLOCK_SHARE = 0.25  # of a block's period, at the 99th percentile
PERIOD_US = 256 / 48_000 * 1e6
TOLD_EVERY = 300.0  # seconds
BEDS = ("surf", "wind", "birds", "chords_valley")
STRUCK = ("bowl", "chime", "stone")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--period", type=int, default=512, help="frames of the server's cycle")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return _soak(Path(name), asked.minutes, asked.period)


def _soak(folder: Path, minutes: float, period: int) -> int:
    with (
        JackServer(folder, period=period) as server,
        _render_loop(minutes),
        server.beside() as beside,
        playing(server.env, hog=True) as player,
        server.record(folder / "heard") as recorder,
    ):
        before, own = server.late(), server.own_xruns()
        _session(player, minutes * 60.0)
        after = server.late()
        starved, depth, state = player.desk.starved, player.desk.depth, player.desk.state
        server_late = server.own_xruns() - own
    heard = recorder.read()
    part = sounding(heard.samples)
    found = holes(heard.samples)
    ours = sum(count for client, count in (after - before).items() if client.startswith(PLAYER))
    theirs = (after - before)[beside]
    account = player.account
    recorded = (part.end - part.first) / heard.rate / 60.0
    print(f"{minutes:g} min on JACK, cycles of {period} frames, {recorded:.1f} min of sound recorded")
    print(f"starvations {starved}, kept ready {depth} frames, state {state.name}")
    print(f"runs of 32 and more zeros {len(found)}")
    for hole in found[:10]:
        print(f"  at {(hole.first - part.first) / heard.rate:.3f} s, {hole.end - hole.first} frames")
    for begins, ends in heard.pauses()[:10]:
        print(
            f"  the server stood still for {(ends - begins) * 1e3:.0f} ms at {begins - heard.moment(part.first):.3f} s"
        )
    print(f"xruns: ours {ours}, a client in C {theirs}, the server itself {server_late}")
    if account is not None:
        median, p99, longest = account.median, account.p99, account.longest
        print(
            f"{account.blocks} blocks: median {median:.0f} us, p99 {p99:.0f}, longest {longest:.0f} of {PERIOD_US:.0f}"
        )
    good = (
        starved == 0 and not found and ours <= theirs + ALLOWED_MORE_XRUNS and state is State.PLAYING
        and account is not None and account.p99 < BLOCK_SHARE * PERIOD_US
    )  # fmt: skip
    print("kept" if good else "NOT KEPT")
    return 0 if good else 1


def _session(player: Player, seconds: float) -> None:
    """Beds that come and go, places that move, strikes: about what a session has."""
    sound, chance = player.sound, random.Random(1)
    until = time.monotonic() + seconds
    beds = [sound.play(BEDS[0])]
    told = time.monotonic()
    while time.monotonic() < until:
        if time.monotonic() - told > TOLD_EVERY:
            told = time.monotonic()
            print(f"{(until - told) / 60.0:.0f} min to go, starvations {player.desk.starved}", flush=True)
        player.frames(min(5.0, until - time.monotonic()))
        sound.gesture()
        sound.play(chance.choice(STRUCK), position=(chance.uniform(-2, 2), 1.0, -1.0), once=True)
        if chance.random() < 0.1:
            sound.stop(beds.pop(0), fade=3.0)
        while len(beds) < 2:
            beds.append(sound.play(chance.choice(BEDS), position=chance.choice([None, (3.0, 1.0, -4.0)]), fade=2.0))


@contextmanager
def _render_loop(minutes: float) -> Iterator[None]:
    """A session at 90 Hz on the real clock, without sound of its own; only a demonstration may last so long."""
    command = [sys.executable, "-m", "vr_app.cli", "run", "--headset", "headless", "--zero-counts", "--no-monitor"]
    command += ["--plan", "demo", "--minutes", f"{min(minutes + 1.0, 60.0):g}", "--sound", "none"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(10.0)  # until it plays
        yield
        if process.poll() is not None:
            print(f"the render loop ended early ({process.returncode})")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
