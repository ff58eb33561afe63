"""Devices that are lost and engines that are killed: `python -m headless_harness.sound_faults [--kills 50]`.

The sound as the supervisor keeps it, on a JACK server and on a PulseAudio sink. What is judged is heard: a line whose
tone rises tells by its pitch where in the line one is.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from headless_harness.sound.jack import JackServer
from headless_harness.sound.player import environment
from headless_harness.sound.pulse import PulseServer
from headless_harness.sound.recorded import Recording, onset
from vr_app.api import Pose
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk, State
from vr_app.sound.options import SoundOptions
from vr_app.sound.proxy import Sound
from vr_app.station.child import SPAWN
from vr_app.station.hosts import SoundHost

RATE: Final = 48_000
NOTICED_SECONDS, BACK_SECONDS, KILLED_SECONDS, POSITION_SECONDS = 0.300, 1.0, 2.5, 0.100
LINE_SECONDS: Final = 60.0
LOW_HZ, HZ_PER_SECOND = 300.0, 20.0
_LOOK: Final = 0.02


class Rig:
    """The host, looked after as the supervisor does, and a render loop's side."""

    def __init__(self, env: Mapping[str, str], voices: Path) -> None:
        cells = Desk.cells(SPAWN)
        self.desk = Desk(cells)
        self._over = threading.Event()
        with environment(env):
            self.host = SoundHost(cells, SoundOptions(voices=voices), verbose=False)
            self.host.look_after(time.monotonic(), led=True)
        self.sound = Sound(self.desk)
        self._env = env
        self._thread = threading.Thread(target=self._keep)
        self._thread.start()

    def _keep(self) -> None:
        """Both sides: neither blocks."""
        with environment(self._env):
            while not self._over.is_set():
                self.host.look_after(time.monotonic(), led=True)
                self.sound.listen_from(Pose((0.0, 1.2, 0.0)), now_ns() + 20_000_000)
                time.sleep(_LOOK)

    def until(self, true: Callable[[], bool], seconds: float = 10.0) -> float:
        """Seconds until it is so; infinity when it does not come."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                return float("inf")
            time.sleep(0.002)
        return time.monotonic() - began

    def plays(self) -> bool:
        return self.desk.state is State.PLAYING

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self.host.close()


@contextmanager
def _rig(env: Mapping[str, str], voices: Path) -> Iterator[Rig]:
    rig = Rig(env, voices)
    try:
        rig.until(rig.plays, 30.0)
        yield rig
    finally:
        rig.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--times", type=int, default=5, help="each loss of a device")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        voices = _rising_line(folder / "voices")
        good = [_on_jack(folder, voices, asked.times), _on_pulse(folder, voices, asked.times)]
        good.append(_kills(folder, voices, asked.kills))
    print("kept" if all(good) else "NOT KEPT")
    return 0 if all(good) else 1


def _rising_line(folder: Path) -> Path:
    folder.mkdir()
    at = np.arange(round(LINE_SECONDS * RATE)) / RATE
    phase = 2.0 * np.pi * (LOW_HZ * at + 0.5 * HZ_PER_SECOND * at * at)
    np.save(folder / "rising.line.npy", (0.1 * np.sin(phase)).astype(np.float32))
    return folder


# Devices


def _on_jack(folder: Path, voices: Path, times: int) -> bool:
    with JackServer(folder) as server, _rig(server.env, voices) as rig, server.record(folder / "jack") as recorder:
        rig.sound.play("surf")
        ways = {"JACK killed": (server.kill, server.start), "JACK asleep": (server.pause, server.go_on)}
        lost = {what: [_loss(rig, take, give) for _ in range(times)] for what, (take, give) in ways.items()}
        time.sleep(4.0)
        heard = recorder.read()
    kept = [_told(what, found, heard) for what, found in lost.items()]
    return all(kept)


def _on_pulse(folder: Path, voices: Path, times: int) -> bool:
    with PulseServer(folder) as server, _rig(server.env, voices) as rig:
        rig.sound.play("surf")
        ways = {
            "sink suspended": (lambda: server.suspend(True), lambda: server.suspend(False)),
            "sink removed": (server.remove_sink, server.restore_sink),
            "PulseAudio killed": (server.kill, server.start),
        }
        lost = {what: [_loss(rig, take, give) for _ in range(times)] for what, (take, give) in ways.items()}
    kept = [_told(what, found, None) for what, found in lost.items()]
    return all(kept)


def _loss(rig: Rig, take: Callable[[], object], give: Callable[[], object]) -> tuple[float, float, float]:
    """Seconds until the loss is noticed, until it plays again, and when the device was back."""
    rig.until(rig.plays)
    time.sleep(4.0)  # all has risen
    take()
    noticed = rig.until(lambda: not rig.plays())
    time.sleep(1.0)
    give()
    returned = time.monotonic()
    return noticed, rig.until(rig.plays), returned


def _told(what: str, found: list[tuple[float, float, float]], heard: Recording | None) -> bool:
    noticed, back = max(item[0] for item in found), max(item[1] for item in found)
    words = f"{what}, {len(found)} times: noticed {noticed * 1e3:.0f} ms at most, plays after {back:.2f} s"
    kept = noticed <= NOTICED_SECONDS and back <= BACK_SECONDS
    if heard is not None:
        sounds = max(_sounds_after(heard, returned) for _, _, returned in found)
        words += f", heard after {sounds:.2f}"
        kept = kept and sounds <= BACK_SECONDS
    print(f"{words}: {'kept' if kept else 'NOT KEPT'}", flush=True)
    return kept


def _sounds_after(heard: Recording, moment: float) -> float:
    first = onset(heard.samples, heard.frame(moment), above_db=-90.0)
    return heard.moment(first) - moment if first is not None else float("inf")


# Kills


def _kills(folder: Path, voices: Path, times: int) -> bool:
    with JackServer(folder) as server, _rig(server.env, voices) as rig, server.record(folder / "kills") as recorder:
        found = [_kill(rig) for _ in range(times)]
        time.sleep(0.5)
        heard = recorder.read()
    back = [after for after, _, _ in found]
    off = [abs(_position(heard, moment) - (moment - began)) for _, began, moment in found]
    kept = max(back) <= KILLED_SECONDS and max(off) <= POSITION_SECONDS
    print(
        f"killed {times} times: plays after {np.median(back):.2f} s, {max(back):.2f} at most; "
        f"the line goes on within {max(off) * 1e3:.0f} ms: {'kept' if kept else 'NOT KEPT'}"
    )
    return kept


def _kill(rig: Rig) -> tuple[float, float, float]:
    """Seconds until it plays, when the line began, and a moment at which it is heard again."""
    rig.until(rig.plays)
    began = time.monotonic() + 0.3
    rig.sound.say("rising", "line", now_ns() + 300_000_000)
    time.sleep(2.0)
    child = rig.host.child
    if child is not None and child.process.pid is not None:
        os.kill(child.process.pid, signal.SIGKILL)
    rig.until(lambda: not rig.plays())
    back = rig.until(rig.plays)
    time.sleep(1.5)
    return back, began, time.monotonic() - 0.5


def _position(heard: Recording, moment: float) -> float:
    """Where in the line one is at this moment, by its pitch, in seconds; it leaves the device a cycle later."""
    first = heard.frame(moment)
    part = heard.samples[first : first + RATE // 10, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 20))
    hertz = float(np.argmax(spectrum)) * RATE / (1 << 20)
    return (hertz - LOW_HZ) / HZ_PER_SECOND - 0.05


if __name__ == "__main__":
    raise SystemExit(main())
