"""A JACK server without a sound card: a strict clock, a recorder, and a C client to compare with.

The dummy driver discards what reaches it, so the recorder is a client of the server that connects itself to whatever
plays, again when that comes back. JACK's own messages name the client that was late for a cycle.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headless_harness.sound.recorded import Recording
from headless_harness.sound.server import Server, SoundRigError, end, start, wait_for

PLAYER = "PortAudio"  # what PortAudio calls its clients, with a number behind when there are more
BESIDE = "beside"
_numbers = itertools.count()


class Recorder:
    """What is heard so far; `path` has `.f32` behind it for the sound, `.times` for when, `.log` for its words."""

    def __init__(self, path: Path, rate: int) -> None:
        self.path, self.rate = path, rate

    def read(self) -> Recording:
        """Everything until 0.1 s ago, or until the end once the recorder has ended."""
        return Recording.read(self.path, self.rate)

    def clients(self) -> int:
        """How often a client was connected so far."""
        return self.path.with_suffix(".log").read_text(errors="replace").count("connected ")


class JackServer(Server):
    """jackd on its dummy driver, under a name of its own, so that several can run (8 at most)."""

    def __init__(self, folder: Path, rate: int = 48_000, period: int = 512) -> None:
        self.name = f"hl-{os.getpid()}-{next(_numbers)}"
        self.folder, self.rate, self.period = folder, rate, period
        # With the 2048 ports of its default each server takes 107 MB of /dev/shm.
        command = ["jackd", "--name", self.name, "-R", "-P", "70", "--port-max", "64"]
        env = {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1"}
        super().__init__([*command, "-d", "dummy", "-r", str(rate), "-p", str(period)], env, folder / "jackd.log")

    def _is_ready(self) -> bool:
        return self.ask("jack_wait", "--server", self.name, "--check").stdout.strip() == "running"

    def ports(self) -> dict[str, list[str]]:
        """Every port with those it is connected to."""
        connected: dict[str, list[str]] = {}
        for line in self.ask("jack_lsp", "--connections").stdout.splitlines():
            if line.startswith(" "):
                next(reversed(connected.values())).append(line.strip())
            else:
                connected[line] = []
        return connected

    def late(self) -> Counter[str]:
        """How many cycles each client was late for, so far: JACK's own xruns, by client.

        Who listens to a late client, as the recorder does, is late with it.
        """
        return Counter(re.findall(r"JackEngine::XRun: client = (.+) was not finished", self._words()))

    def own_xruns(self) -> int:
        """How often the server itself woke too late: then the machine was too busy for any client."""
        return len(re.findall(r"JackTimedDriver::Process XRun", self._words()))

    def _words(self) -> str:
        return self.log.read_text(errors="replace")

    @contextmanager
    def record(self, path: Path, client: str = PLAYER) -> Iterator[Recorder]:
        """Record what clients whose names begin with `client` play: the first port left, the second right.

        Outlives the server: what a server of the same name plays later follows in the same recording.
        """
        recorder = Recorder(path, self.rate)
        log = path.with_suffix(".log")
        module = [sys.executable, "-m", "headless_harness.sound.jack_recorder", str(path), client]
        process = start(module, self.env | {"PYTHONUNBUFFERED": "1"}, log)
        try:
            wait_for(lambda: process.poll() is not None or "ready" in log.read_text(), "the recorder", 30.0)
            if process.poll() is None:
                yield recorder
        finally:
            if process.stdin:
                process.stdin.close()  # tells it to write what is left
            try:
                process.wait(10.0)
            except subprocess.TimeoutExpired:
                end(process)
        if process.returncode:
            words = log.read_text(errors="replace")[-300:]
            raise SoundRigError(f"the recorder ended with {process.returncode}: {words}")

    @contextmanager
    def beside(self) -> Iterator[str]:
        """A client in C that plays a sine meanwhile: its name in `late()`. What it is late for, no one can keep up."""
        process = start(["jack_simple_client", BESIDE], self.env, self.folder / "beside.log")
        try:
            wait_for(lambda: any(port.startswith(BESIDE) for port in self.ports()), "jack_simple_client")
            yield BESIDE
        finally:
            end(process)
