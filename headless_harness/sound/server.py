"""What the rigs for sound have in common: a server of one's own, started, paused, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

NEEDED = (
    "jackd",
    "jack_wait",
    "jack_simple_client",
    "pulseaudio",
    "pactl",
    "parec",
    "paplay",
    "setpriv",
    "dbus-daemon",
)
_START_SECONDS = 10.0
_STOP_SECONDS = 3.0


class SoundRigError(RuntimeError):
    """A sound server is missing or would not do as told; one line that says what to do."""


def missing() -> str | None:
    """What this machine lacks for the rigs, with the remedy; None when nothing."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if not lacking:
        return None
    packages = "jackd2 jack-example-tools pulseaudio pulseaudio-utils libasound2-plugins rtkit dbus-daemon"
    return f"not installed: {', '.join(lacking)}; apt-get install {packages} (it may take PipeWire's place)"


def start(command: Sequence[str], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A process that dies with the thread that starts it, its words appended to `log`, its input a pipe."""
    with log.open("ab") as words:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=subprocess.STDOUT,
        )


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """Send `how`, and kill what has not ended within 3 s; harmless when it has ended."""
    process.send_signal(how)
    process.send_signal(signal.SIGCONT)  # one that is paused would not hear the other
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def wait_for(true: Callable[[], bool], what: str, seconds: float = _START_SECONDS) -> None:
    """Ask until it is true. Raises SoundRigError, which tells `what` did not come."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise SoundRigError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


class Server(ABC):
    """A sound server between entering and leaving the `with`; it dies with the thread that started it.

    `env` is what a process that plays or records needs besides its own environment.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        if lack := missing():
            raise SoundRigError(lack)
        self.env = dict(env)
        self.log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the server and wait until it takes clients. Raises SoundRigError with its last words."""
        if self.pid is not None:
            raise SoundRigError("the sound server is running already: stop() or kill() it first")
        self._process = start(self._command, self.env, self.log)
        try:
            wait_for(lambda: self.pid is None or self._is_ready(), self._command[0])
            if self.pid is None:
                raise SoundRigError(f"{self._command[0]} ended")
        except SoundRigError as error:
            self.kill()
            words = self.log.read_text(errors="replace").strip().splitlines()[-3:]
            raise SoundRigError(f"{error}; its last words: {' | '.join(words) or 'none'}") from None

    @abstractmethod
    def _is_ready(self) -> bool:
        """Whether it takes clients."""

    def ask(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the server's own, in its environment."""
        return subprocess.run(command, env={**os.environ, **self.env}, capture_output=True, text=True, timeout=10)

    def pause(self) -> None:
        """Stop the server as a machine that sleeps would (SIGSTOP); its clients hear nothing of it."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Wake it again (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise SoundRigError("the sound server does not run")
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the server at once (SIGKILL), as a crash would. Does nothing when it is not running."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to end (SIGTERM), and kill it when it does not within 3 s."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            end(self._process, how)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()
