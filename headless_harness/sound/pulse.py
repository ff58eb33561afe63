"""A PulseAudio server without a sound card: sinks that come and go, and a microphone that is fed by a file.

PortAudio of Debian 13 knows no PulseAudio: its way there is ALSA's device `pulse` of libasound2-plugins.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np

from headless_harness.sound.recorded import Recording
from headless_harness.sound.server import Server, SoundRigError, end, start, wait_for

# With rewinds an idle null sink renders two seconds ahead: so long its monitor, and who reads it, would hear nothing.
_NULL_SINK = ("module-null-sink", "norewinds=1", "format=float32le")
SINK = "ci"
MICROPHONE = "mic"
_CHUNK = 4096


class Recorder(threading.Thread):
    """What a sink plays, in two channels; goes on in the same recording when the sink is there again."""

    def __init__(self, path: Path, rate: int, command: list[str], env: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.path, self.rate = path, rate
        self._command, self._env = command, env
        self._done = threading.Event()
        self._frames = 0

    def read(self) -> Recording:
        """Everything until now. Its times tell when a piece came here: 10 to 50 ms after it was played."""
        return Recording.read(self.path, self.rate)

    def run(self) -> None:
        """Until `finish`: a parec after the other."""
        with self.path.with_suffix(".f32").open("wb") as sound, self.path.with_suffix(".times").open("wb") as times:
            while not self._done.is_set():
                command = ["setpriv", "--pdeathsig", "KILL", *self._command]
                parec = subprocess.Popen(command, env=self._env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                assert parec.stdout is not None
                while not self._done.is_set() and (piece := os.read(parec.stdout.fileno(), _CHUNK)):
                    piece += parec.stdout.read(-len(piece) % 8)
                    times.write(np.array([self._frames, time.monotonic()]).tobytes())
                    sound.write(piece)
                    self._frames += len(piece) // 8
                    sound.flush()
                    times.flush()
                end(parec)
                parec.stdout.close()
                self._done.wait(0.05)

    def finish(self) -> None:
        """End the recording."""
        self._done.set()
        self.join(10.0)

    @property
    def frames(self) -> int:
        """How many have been written."""
        return self._frames


class PulseServer(Server):
    """pulseaudio with one null sink, at its own socket; nothing of the user's configuration is read."""

    def __init__(self, folder: Path, rate: int = 48_000, channels: int = 2) -> None:
        # A socket's path holds 107 bytes at most, so the runtime folder stays apart from `folder`.
        self._temporary = tempfile.TemporaryDirectory(prefix="harborlight-pulse-")
        self.rate, self.channels = rate, channels
        socket = f"{self._temporary.name}/native"
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        command += ["--disallow-exit", "--log-target=stderr", "--log-level=notice"]
        command += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={socket}", "-L", self._sink()]
        folders = dict.fromkeys(("PULSE_RUNTIME_PATH", "PULSE_STATE_PATH"), self._temporary.name)
        env = {"PULSE_SERVER": f"unix:{socket}", "JACK_NO_START_SERVER": "1", **folders}
        super().__init__(command, env, folder / "pulseaudio.log")

    def _sink(self) -> str:
        return " ".join([*_NULL_SINK, f"sink_name={SINK}", f"rate={self.rate}", f"channels={self.channels}"])

    def _is_ready(self) -> bool:
        return SINK in self.ask("pactl", "list", "short", "sinks").stdout

    def _told(self, *words: str) -> str:
        done = self.ask("pactl", *words)
        if done.returncode:
            raise SoundRigError(f"pactl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def sinks(self) -> dict[str, str]:
        """Each sink's state: RUNNING, IDLE or SUSPENDED."""
        lines = self._told("list", "short", "sinks").splitlines()
        return {line.split("\t")[1]: line.split("\t")[-1] for line in lines}

    def players(self) -> list[str]:
        """The sinks, by number, that streams play to: one for each stream."""
        return [line.split("\t")[1] for line in self._told("list", "short", "sink-inputs").splitlines()]

    def remove_sink(self) -> None:
        """Unplug the device: what played to it is ended, unless another sink is there to take it."""
        self._told("unload-module", "module-null-sink")

    def restore_sink(self, rate: int | None = None, channels: int | None = None) -> None:
        """Plug it in again, as another device if asked."""
        self.rate, self.channels = rate or self.rate, channels or self.channels
        self._told("load-module", *self._sink().split())

    def suspend(self, suspended: bool) -> None:
        """Let the device sleep, or wake it; players wait meanwhile."""
        self._told("suspend-sink", SINK, str(int(suspended)))

    @contextmanager
    def record(self, path: Path, rate: int = 48_000) -> Iterator[Recorder]:
        """Record what the sink plays, mixed to two channels at `rate`, whatever the sink itself has."""
        form = ["--format=float32le", f"--rate={rate}", "--channels=2", "--latency-msec=10"]
        command = ["parec", "--raw", "-d", f"{SINK}.monitor", *form]
        recorder = Recorder(path, rate, command, {**os.environ, **self.env})
        recorder.start()
        try:
            wait_for(lambda: recorder.frames > 0, "the recorder")
            yield recorder
        finally:
            recorder.finish()

    @contextmanager
    def microphone(self, sound: Path) -> Iterator[None]:
        """The default source: someone speaks what a WAV file holds, once, from now on; then it is silent."""
        voices = self._told("load-module", *_NULL_SINK, "sink_name=voice", "rate=48000", "channels=1")
        self._told("load-module", "module-remap-source", f"source_name={MICROPHONE}", "master=voice.monitor")
        self._told("set-default-sink", SINK)
        self._told("set-default-source", MICROPHONE)
        voice = start(["paplay", "-d", "voice", "--latency-msec=20", str(sound)], self.env, self.log)
        try:
            yield
        finally:
            end(voice)
            self._told("unload-module", "module-remap-source")
            self._told("unload-module", voices)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, where)
        self._temporary.cleanup()
