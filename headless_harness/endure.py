"""Kills the runtime service again and again while a plan plays, and times the way back to the calm room.

python -m headless_harness.endure --kills 20
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from headless_harness.monado.rig import MonadoRig

PATIENCE = 60.0  # seconds before a session counts as hung; the lantern comes after the room's part of the plan
DOWN = 1.0  # seconds that the service stays away


class Hung(Exception):
    """The session did not say what was waited for."""


@dataclass(frozen=True, slots=True)
class Endured:
    """Seconds from the service's return to the calm room, one a kill; and how the session ended."""

    back_after: list[float]
    exit_status: int


class Session:
    """`harborlight run` with its log read as it is written."""

    def __init__(self, environment: dict[str, str], minutes: float) -> None:
        command = [sys.executable, "-m", "vr_app.cli", "--verbose", "run", "--headset", "openxr", "--zero-counts"]
        self._process = subprocess.Popen(
            [*command, "--no-companion", "--plan", "lantern", "--minutes", str(minutes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(self._process.stderr,), daemon=True).start()

    def wait_for(self, words: str) -> float:
        """When a line with these words came, monotonic seconds. Raises Hung."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0 and self._process.poll() is None:
            try:
                line = self._lines.get(timeout=min(left, 0.5))
            except queue.Empty:
                continue
            if words in line:
                return time.monotonic()
        raise Hung(f"no '{words}' within {PATIENCE:g} s; the session's status is {self._process.poll()}")

    def say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def finish(self) -> int:
        self.say("leave")
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        self._process.kill()

    def _read(self, stream: IO[str] | None) -> None:
        for line in stream or ():
            self._lines.put(line)


def endure(kills: int) -> Endured:
    """Play, kill, bring back, continue; `kills` times in one session. Raises Hung."""
    back_after: list[float] = []
    with MonadoRig(hz=90) as rig:
        session = Session(rig.env, minutes=1.0 + 0.15 * kills)
        try:
            session.wait_for("playing")
            for _ in range(kills):
                session.wait_for("clear in 'lantern'")
                time.sleep(1.0)
                rig.kill()
                session.wait_for("runtime lost")
                time.sleep(DOWN)
                rig.start()
                returned = time.monotonic()
                back_after.append(session.wait_for("clear in 'room'") - returned)
                session.say("go")
            return Endured(back_after, session.finish())
        finally:
            session.kill()


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when every return took at most 5 s, else 1."""
    parser = argparse.ArgumentParser(prog="endure", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args(arguments)
    try:
        endured = endure(options.kills)
    except Hung as error:
        print(f"endure: {error}", file=sys.stderr)
        return 1
    seconds = sorted(endured.back_after)
    told = {
        "kills": len(seconds),
        "back_seconds": {"p50": seconds[len(seconds) // 2], "max": seconds[-1]},
        "exit_status": endured.exit_status,
    }
    print(json.dumps(told, indent=2))
    return 0 if seconds[-1] <= 5.0 and endured.exit_status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
