"""Kills and hangs a session's processes while a plan plays on Monado, and times the way back and every stop.

python -m headless_harness.station faults [--kills 50] [--hangs 10]    each child; then the supervisor itself
python -m headless_harness.station stops [--count 1000]                under full load, and while the picture hangs
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from headless_harness.monado.rig import MonadoRig
from headless_harness.screen import open_screen
from vr_app import limits
from vr_app.station.stop import HELLO

CHILDREN: Final = ("render", "monitor", "sound")
PATIENCE_SECONDS: Final = 30.0
STOPPED_SHARE: Final = 0.1  # of the stops, those that meet a render process that is stopped
LONGEST_PLAYING_SECONDS: Final = 3.0  # 2 to cover the room, then the lantern clears
PLAN: Final = """title = "Faults"
summary = "A long stay with the lantern, and nobody who wears the headset."
demonstration = true
[[step]]
scene = "lantern"
minutes = 20
[[step]]
scene = "lantern"
minutes = 20
"""


class Wrong(Exception):
    """The session did not do what it promises."""


# --- a session to be tried


class Session:
    """`harborlight run` with its own folders, steered through its socket as a companion's stop would be."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        """`arguments` go to `harborlight run`; `environment` names an XDG_RUNTIME_DIR of its own."""
        self._run_folder = Path(environment["XDG_RUNTIME_DIR"])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vr_app.cli", "run", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, args=(self.process.stderr,), daemon=True)
        self._reader.start()
        self._line: socket.socket | None = None

    def tell(self, words: str) -> tuple[str, float]:
        """The answer's line, and the seconds it took. Raises Wrong."""
        for again in (True, False):
            began = time.perf_counter()
            try:
                answer = self._answer(words)
            except OSError as error:  # a line that was silent for long is closed
                self._drop()
                if not again:
                    raise Wrong(f"the station does not answer: {error}; it said {self.said[-8:]}") from None
            else:
                return answer, time.perf_counter() - began
        raise AssertionError("the second try ends it")

    def _answer(self, words: str) -> str:
        """Raises OSError."""
        line = self._line or self._connect()
        line.sendall(f"{HELLO} {self._token} {words}\n".encode())
        answer = b""
        while not answer.endswith(b"\n"):
            part = line.recv(65_536)
            if not part:
                line.close()
                raise ConnectionResetError("it closed its socket")
            answer += part
        return answer.decode().strip()

    def state(self) -> dict[str, Any]:
        """See Supervisor: children by name, locked, status."""
        answer, _ = self.tell("status")
        told: dict[str, Any] = json.loads(answer.removeprefix("ok "))
        return told

    def wait_for(self, what: str, holds: Callable[[dict[str, Any]], bool]) -> float:
        """When it holds, monotonic seconds. Raises Wrong."""
        end = time.monotonic() + PATIENCE_SECONDS
        state: dict[str, Any] = {}
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Wrong(f"the supervisor ended with {self.process.returncode}: {self.said[-3:]}")
            state = self.state()
            if holds(state):
                return time.monotonic()
            time.sleep(0.02)
        raise Wrong(f"not {what} within {PATIENCE_SECONDS:g} s: {state}; it said {self.said[-3:]}")

    def child(self, name: str) -> int:
        """Its process id, once it is there. Raises Wrong."""
        self.wait_for(name, lambda state: name in state["children"])
        return int(self.state()["children"][name])

    def close(self) -> int:
        """Its exit status."""
        self.tell("leave")
        status = self.process.wait(PATIENCE_SECONDS)
        self._hang_up()
        return status

    def kill(self) -> None:
        """It and all below it, whatever they do."""
        for pid in [*descendants(self.process.pid), self.process.pid]:
            _signal(pid, signal.SIGKILL)
        self.process.wait()
        self._hang_up()

    def _hang_up(self) -> None:
        self._reader.join(PATIENCE_SECONDS)
        self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def address(self) -> tuple[int, str]:
        """The port of its socket, and its token. Raises OSError, ValueError or StopIteration while there is none."""
        told = json.loads(next(self._run_folder.rglob("station.json")).read_text())
        return told["port"], told["token"]

    def _connect(self) -> socket.socket:
        """Raises Wrong."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                port, self._token = self.address()
                self._line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
                self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._line
            except (OSError, ValueError, StopIteration):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise Wrong(f"no station came up: {self.said[-3:]}") from None
                time.sleep(0.02)

    def _read(self, stream: IO[str] | None) -> None:
        assert stream is not None
        with stream:
            for line in stream:
                self.said.append(line.strip())


@contextmanager
def session() -> Iterator[Session]:
    """One that plays the lantern on a Monado at 90 Hz, with a screen for its monitor."""
    with tempfile.TemporaryDirectory(prefix="station-") as name, MonadoRig(hz=90) as rig, open_screen() as screen:
        folder = Path(name)
        plan = folder / "faults.toml"
        plan.write_text(PLAN)
        environment = {**rig.env, "XDG_DATA_HOME": str(folder / "data"), "DISPLAY": screen.display}
        arguments = ("--headset", "openxr", "--zero-counts", "--no-companion", "--plan", str(plan), "--minutes", "41")
        tried = Session(environment, *arguments)
        try:
            playing(tried)
            yield tried
        finally:
            tried.kill()


def playing(tried: Session) -> None:
    """Wait until the lantern is clear to be seen."""
    tried.wait_for("playing", lambda state: _is(state, "playing", "lantern"))


def _is(state: Mapping[str, Any], mode: str, here: str) -> bool:
    status = state["status"]
    return status is not None and status["mode"] == mode and status["here"] == here and status["clear"]


def _shows(state: Mapping[str, Any]) -> bool:
    """Whether a monitor is there and alive."""
    return "monitor" in state["children"] and state["monitor_owes"] == "frames"


def _sounds(state: Mapping[str, Any]) -> bool:
    """Whether an engine is there that plays, or says that there is no device."""
    return "sound" in state["children"] and state["sound"]["state"] in ("playing", "none")


# --- what the system says of processes


def descendants(pid: int) -> list[int]:
    """All processes below one, children first."""
    below: list[int] = []
    for child in _children(pid):
        below += [child, *descendants(child)]
    return below


def _children(pid: int) -> list[int]:
    everyone = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [each for each in everyone if _stat(each)[1:2] == [str(pid)]]


def _stat(pid: int) -> list[str]:
    """State, parent and the rest of /proc/PID/stat; empty when there is no such process."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def alive(pid: int) -> bool:
    return _stat(pid)[:1] not in ([], ["Z"])


def zombies(pid: int) -> list[int]:
    return [child for child in _children(pid) if _stat(child)[:1] == ["Z"]]


def shared_memory() -> set[str]:
    return {path.name for path in Path("/dev/shm").iterdir()}


def handles(pid: int) -> int:
    return len(list((Path("/proc") / str(pid) / "fd").iterdir()))


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


# --- faults


@dataclass(slots=True)
class Endured:
    """Seconds back after each kill and hang, by child; what was not as promised."""

    back: dict[str, list[float]] = field(default_factory=dict)
    drift: list[float] = field(default_factory=list)  # seconds of scene time between before and after
    wrong: list[str] = field(default_factory=list)
    handles: tuple[int, int] = (0, 0)
    orphans_after: float = 0.0


def faults(children: Sequence[str], kills: int, hangs: int) -> Endured:
    """Kill and hang these children again and again in one session; then kill the supervisor. Raises Wrong."""
    endured = Endured()
    before = shared_memory()
    with session() as tried:
        if "monitor" in children:
            tried.wait_for("the monitor", _shows)
        if "sound" in children:
            tried.wait_for("the sound", _sounds)
        first = handles(tried.process.pid)
        for child in children:
            for fault, times in ((signal.SIGKILL, kills), (signal.SIGSTOP, hangs)):
                key = f"{child} {'killed' if fault == signal.SIGKILL else 'hung'}"
                endured.back[key] = []
                for turn in range(times):
                    seconds = _fault(tried, child, fault, endured, locked=turn % 5 == 4)
                    endured.back[key].append(seconds)
                    print(f"{key} {turn + 1}: back after {seconds:.2f} s", file=sys.stderr, flush=True)
                    if dead := zombies(tried.process.pid):
                        endured.wrong.append(f"{key} {turn + 1}: zombies {dead}")
        endured.handles = first, handles(tried.process.pid)
        endured.orphans_after = _after_the_supervisor(tried)
    if leaked := shared_memory() - before:
        endured.wrong.append(f"shared memory is left: {sorted(leaked)}")
    return endured


def _fault(tried: Session, child: str, fault: int, endured: Endured, *, locked: bool) -> float:
    """One fault and the way back to a playing plan; seconds until the child was back."""
    playing(tried)
    time.sleep(random.uniform(0.1, 0.6))
    if locked and child == "render":
        tried.tell("lock")
    state = tried.state()
    position, pid = state["status"]["position"], int(state["children"][child])
    began = time.monotonic()
    _signal(pid, fault)
    if child == "sound":
        return tried.wait_for("back", lambda state: _sounds(state) and state["children"]["sound"] != pid) - began
    if child == "monitor":
        return tried.wait_for("back", lambda state: _shows(state) and state["children"]["monitor"] != pid) - began
    mode = "locked: nothing plays" if locked else "held in the calm room"
    back = tried.wait_for(
        "back", lambda state: state["children"].get("render", pid) != pid and _is(state, mode, "room")
    )
    again = tried.state()["status"]["position"]
    drift = abs(again["scene_seconds"] - position["scene_seconds"])
    endured.drift.append(drift)
    if again["step"] != position["step"] or drift > limits.RESUME_SECONDS:
        endured.wrong.append(f"it stood at {position} and goes on at {again}")
    if locked:
        answer, _ = tried.tell("go")
        if not answer.startswith("no ") or not tried.state()["status"]["locked"]:
            endured.wrong.append(f"the phase lock was lost: {answer}")
        tried.tell("unlock Harness")
        tried.wait_for("unlocked", lambda state: not state["status"]["locked"])
    tried.tell("go")
    playing(tried)
    resumed = tried.state()["status"]["position"]["scene_seconds"]
    if not -0.2 <= resumed - again["scene_seconds"] <= 4.0 + limits.RESUME_SECONDS:
        endured.wrong.append(f"it stood at {again} and played on at {resumed}")
    return back - began


def _after_the_supervisor(tried: Session) -> float:
    """Seconds until nothing of the session is left once its supervisor is killed."""
    everyone = descendants(tried.process.pid)
    began = time.monotonic()
    tried.process.kill()
    tried.process.wait()
    while any(alive(pid) for pid in everyone):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise Wrong(f"left without a supervisor: {[pid for pid in everyone if alive(pid)]}")
        time.sleep(0.01)
    return time.monotonic() - began


# --- stops


@dataclass(slots=True)
class Stops:
    """Seconds."""

    answers: list[float] = field(default_factory=list)
    completions: list[float] = field(default_factory=list)
    answers_while_hung: list[float] = field(default_factory=list)
    back_while_hung: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def stops(count: int, counting: int) -> Stops:
    """Stop a playing session `count` times, beside `counting` processes that only count, and a flood. Raises Wrong."""
    seen = Stops()
    hung = round(count * STOPPED_SHARE)
    with session() as tried, busy(counting), flood(tried):
        for turn in range(count):
            _stop(tried, seen, hang=turn >= count - hung)
            lost = [line for line in tried.said if line.startswith("the picture has stopped")]
            if turn % 20 == 19:
                print(f"stop {turn + 1} of {count}; lost so far: {lost}", file=sys.stderr, flush=True)
            if lost and turn < count - hung:
                seen.wrong.append(f"at stop {turn + 1}: {lost[-1]}")
                tried.said.clear()
    return seen


def _stop(tried: Session, seen: Stops, *, hang: bool) -> None:
    tried.tell("go")
    time.sleep(random.uniform(0.0, LONGEST_PLAYING_SECONDS))  # on the way to the lantern, or there
    render = tried.child("render")
    if hang:
        os.kill(render, signal.SIGSTOP)
    began = time.monotonic()
    answer, seconds = tried.tell("stop")
    if not answer.startswith("ok "):
        seen.wrong.append(f"a stop was answered {answer!r}")
    if hang:
        seen.answers_while_hung.append(seconds)
        back = tried.wait_for(
            "back", lambda state: state["children"].get("render", render) != render and _in_the_room(state)
        )
        seen.back_while_hung.append(back - began)
        return
    seen.answers.append(seconds)
    seen.completions.append(tried.wait_for("stopped", _in_the_room) - began)


def _in_the_room(state: Mapping[str, Any]) -> bool:
    return any(_is(state, mode, "room") for mode in ("stopped in the calm room", "held in the calm room"))


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that only count."""
    counting = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in counting:
            each.kill()
            each.wait()


@contextmanager
def flood(tried: Session) -> Iterator[None]:
    """Two hundred commands a second through a connection of their own."""
    over = threading.Event()
    port, token = tried.address()

    def run() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.settimeout(0.5)
            while not over.wait(0.05):
                words = '{"type": "SetText", "slot": "intention", "text": "rest"}'
                try:
                    line.sendall(f"{HELLO} {token} {words}\n".encode() * 10)
                    line.recv(65_536)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(2.0)


# --- the program


def _told(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    return {
        "count": len(seconds),
        "p50": round(ordered[len(ordered) // 2], 4),
        "p99": round(ordered[min(int(len(ordered) * 0.99), len(ordered) - 1)], 4),
        "max": round(ordered[-1], 4),
    }


def _judge_faults(endured: Endured) -> tuple[dict[str, Any], list[str]]:
    wrong = [*endured.wrong]
    for key, seconds in endured.back.items():
        most = limits.BACK_AFTER_KILL_SECONDS if key.endswith("killed") else limits.BACK_AFTER_HANG_SECONDS
        wrong += [f"{key}: back after {late:.2f} s, {most:g} s wanted" for late in seconds if late > most]
    if endured.orphans_after > limits.CHILDREN_GONE_SECONDS:
        wrong.append(f"children were left for {endured.orphans_after:.2f} s")
    told = {
        "back_seconds": {key: _told(seconds) for key, seconds in endured.back.items()},
        "scene_time_drift_seconds": _told(endured.drift),
        "supervisor_handles": endured.handles,
        "children_gone_seconds": round(endured.orphans_after, 3),
    }
    return told, wrong


def _judge_stops(seen: Stops) -> tuple[dict[str, Any], list[str]]:
    wrong = [*seen.wrong]
    for name, seconds, most in (
        ("answer", seen.answers, limits.STOP_NOW_ANSWER_SECONDS),
        ("answer while the picture hangs", seen.answers_while_hung, limits.STOP_NOW_ANSWER_SECONDS),
        ("complete", seen.completions, limits.STOP_NOW_SECONDS),
    ):
        wrong += [f"{name}: {late:.3f} s, {most:g} s wanted" for late in seconds if late > most]
    told = {
        "answer_seconds": _told(seen.answers),
        "answer_while_hung_seconds": _told(seen.answers_while_hung),
        "complete_seconds": _told(seen.completions),
        "back_after_hang_seconds": _told(seen.back_while_hung),
    }
    return told, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 when every promise was kept, else 1."""
    parser = argparse.ArgumentParser(prog="station", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("faults", "stops"))
    parser.add_argument("--children", nargs="+", choices=CHILDREN, default=CHILDREN)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--hangs", type=int, default=10)
    parser.add_argument("--count", type=int, default=limits.STOP_TRIALS)
    parser.add_argument("--busy", type=int, default=os.cpu_count(), help="processes that only count, beside the stops")
    options = parser.parse_args(arguments)
    try:
        if options.what == "faults":
            told, wrong = _judge_faults(faults(options.children, options.kills, options.hangs))
        else:
            told, wrong = _judge_stops(stops(options.count, options.busy))
    except Wrong as error:
        print(f"station: {error}", file=sys.stderr)
        return 1
    print(json.dumps({**told, "wrong": wrong}, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
