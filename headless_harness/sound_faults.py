"""Devices that are lost and engines that are killed: `python -m headless_harness.sound_faults [--kills 50]`.

The sound as the supervisor keeps it, on a JACK server and on a PulseAudio sink. What is judged is heard: a line whose
tone rises tells by its pitch where in the line one is.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from headless_harness.sound.jack import JackServer
from headless_harness.sound.kept import KeptSound, kept_sound
from headless_harness.sound.pulse import PulseServer
from headless_harness.sound.recorded import Recording, onset
from vr_app.shared import now_ns
from vr_app.sound.options import SoundOptions

RATE: Final = 48_000
NOTICED_SECONDS, BACK_SECONDS, KILLED_SECONDS, POSITION_SECONDS = 0.300, 1.0, 2.5, 0.100
LINE_SECONDS: Final = 60.0
LOW_HZ, HZ_PER_SECOND = 300.0, 20.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--times", type=int, default=5, help="each loss of a device")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        voices = rising_line(folder / "voices")
        good = [_on_jack(folder, voices, asked.times), _on_pulse(folder, voices, asked.times)]
        good.append(_kills(folder, voices, asked.kills))
    print("kept" if all(good) else "NOT KEPT")
    return 0 if all(good) else 1


def rising_line(folder: Path) -> Path:
    folder.mkdir()
    at = np.arange(round(LINE_SECONDS * RATE)) / RATE
    phase = 2.0 * np.pi * (LOW_HZ * at + 0.5 * HZ_PER_SECOND * at * at)
    np.save(folder / "rising.line.npy", (0.1 * np.sin(phase)).astype(np.float32))
    return folder


# Devices


def _on_jack(folder: Path, voices: Path, times: int) -> bool:
    with (
        JackServer(folder) as server,
        kept_sound(server.env, SoundOptions(voices=voices)) as kept,
        server.record(folder / "jack") as recorder,
    ):
        kept.sound.play("surf")
        ways = {"JACK killed": (server.kill, server.start), "JACK asleep": (server.pause, server.go_on)}
        lost = {what: [_loss(kept, take, give) for _ in range(times)] for what, (take, give) in ways.items()}
        time.sleep(4.0)
        heard = recorder.read()
    good = [_told(what, found, heard) for what, found in lost.items()]
    return all(good)


def _on_pulse(folder: Path, voices: Path, times: int) -> bool:
    with PulseServer(folder) as server, kept_sound(server.env, SoundOptions(voices=voices)) as kept:
        kept.sound.play("surf")
        ways = {
            "sink suspended": (lambda: server.suspend(True), lambda: server.suspend(False)),
            "sink removed": (server.remove_sink, server.restore_sink),
            "PulseAudio killed": (server.kill, server.start),
        }
        lost = {what: [_loss(kept, take, give) for _ in range(times)] for what, (take, give) in ways.items()}
    good = [_told(what, found, None) for what, found in lost.items()]
    return all(good)


def _loss(kept: KeptSound, take: Callable[[], object], give: Callable[[], object]) -> tuple[float, float, float]:
    """Seconds until the loss is noticed, until it plays again, and when the device was back."""
    kept.until(kept.plays)
    time.sleep(4.0)  # all has risen
    take()
    noticed = kept.until(lambda: not kept.plays())
    time.sleep(1.0)
    give()
    returned = time.monotonic()
    return noticed, kept.until(kept.plays), returned


def _told(what: str, found: list[tuple[float, float, float]], heard: Recording | None) -> bool:
    noticed, back = max(item[0] for item in found), max(item[1] for item in found)
    words = f"{what}, {len(found)} times: noticed {noticed * 1e3:.0f} ms at most, plays after {back:.2f} s"
    good = noticed <= NOTICED_SECONDS and back <= BACK_SECONDS
    if heard is not None:
        sounds = max(_sounds_after(heard, returned) for _, _, returned in found)
        words += f", heard after {sounds:.2f}"
        good = good and sounds <= BACK_SECONDS
    print(f"{words}: {'kept' if good else 'NOT KEPT'}", flush=True)
    return good


def _sounds_after(heard: Recording, moment: float) -> float:
    first = onset(heard.samples, heard.frame(moment), above_db=-90.0)
    return heard.moment(first) - moment if first is not None else float("inf")


# Kills


def _kills(folder: Path, voices: Path, times: int) -> bool:
    with (
        JackServer(folder) as server,
        kept_sound(server.env, SoundOptions(voices=voices)) as kept,
        server.record(folder / "kills") as recorder,
    ):
        found = [_kill(kept) for _ in range(times)]
        time.sleep(0.5)
        heard = recorder.read()
    back = [after for after, _, _ in found]
    off = [abs(position(heard, moment) - (moment - began)) for _, began, moment in found]
    good = max(back) <= KILLED_SECONDS and max(off) <= POSITION_SECONDS
    print(
        f"killed {times} times: plays after {np.median(back):.2f} s, {max(back):.2f} at most; "
        f"the line goes on within {max(off) * 1e3:.0f} ms: {'kept' if good else 'NOT KEPT'}"
    )
    return good


def _kill(kept: KeptSound) -> tuple[float, float, float]:
    """Seconds until it plays, when the line began, and a moment at which it is heard again."""
    kept.until(kept.plays)
    began = time.monotonic() + 0.3
    kept.sound.say("rising", "line", now_ns() + 300_000_000)
    time.sleep(2.0)
    child = kept.host.child
    if child is not None and child.process.pid is not None:
        os.kill(child.process.pid, signal.SIGKILL)
    kept.until(lambda: not kept.plays())
    back = kept.until(kept.plays)
    time.sleep(1.5)
    return back, began, time.monotonic() - 0.5


def position(heard: Recording, moment: float) -> float:
    """Where in the line one is at this moment, by its pitch, in seconds; it leaves the device a cycle later."""
    first = heard.frame(moment)
    part = heard.samples[first : first + RATE // 10, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 20))
    hertz = float(np.argmax(spectrum)) * RATE / (1 << 20)
    return (hertz - LOW_HZ) / HZ_PER_SECOND - 0.05


if __name__ == "__main__":
    raise SystemExit(main())
