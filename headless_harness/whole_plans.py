"""Plays plans from their first second to their last, in real time, and judges what was seen to be late and heard.

python -m headless_harness.whole_plans [PLAN ...] [--headset scripted monado] [--at-once N] --out DIR

Each is a whole station on a PulseAudio of its own, its guide spoken by a synthesiser; the scripted headset, or Monado
at 90 Hz, all calls and no vertices. Where a cue waits for a Go it is told. Reports, traces and sheets stay in DIR; what
was heard is recorded and held against the figures of a plan.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from audio.block import BLOCK
from headless_harness.monado.rig import MonadoRig
from headless_harness.sound.pulse import PulseServer
from headless_harness.sound_hours import Judge, Reading
from headless_harness.station import Session, Wrong
from vr_app import limits
from vr_app.catalogue import find_scenes
from vr_app.course import Mode
from vr_app.lint_words import NAMES
from vr_app.plan import load_plan, plan_names

Where = Literal["scripted", "monado"]
WHERE: Final[tuple[Where, ...]] = ("scripted", "monado")
LOOKS_EVERY: Final = 0.5  # seconds
BEYOND: Final = 120.0  # seconds that a session may take beyond its plan
_CHUNK: Final = 375 * BLOCK  # frames that are judged at a time


@dataclass(frozen=True, slots=True)
class Played:
    """One plan on one headset."""

    plan: str
    where: Where
    wanted: float  # seconds of the plan
    lasted: float  # seconds that it played
    report: dict[str, Any]
    heard: Reading
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        report, heard = self.report, self.heard
        timing = f"{report.get('on_time_percent', 0.0):7.3f} % {report.get('late_streak_max', 0):3}"
        sound = f"{heard.integrated:6.1f} {heard.most:6.1f} {heard.peak:6.1f}"
        told = ", ".join(self.wrong) or "kept"
        return f"{self.plan:16} {self.where:9} {self.lasted / 60.0:5.1f} {timing} {sound}  {told}"


HEAD: Final = f"{'plan':16} {'headset':9} {'min':>5} {'on time':>9} {'row':>3} {'LUFS':>6} {'most':>6} {'dBTP':>6}"


def play(plan: str, where: Where, out: Path) -> Played:
    """Raises Wrong when it does not come to its end."""
    seconds = load_plan(plan, find_scenes(), names=dict(NAMES)).seconds
    report = out / f"{Path(plan).stem}-{where}.json"
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plans-")))
        pulse = stack.enter_context(PulseServer(home))
        environment = {**pulse.env, "XDG_DATA_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home)}
        if where == "monado":
            environment |= stack.enter_context(MonadoRig(hz=90)).env
        sound = home / "heard"
        with pulse.record(sound):
            began = time.monotonic()
            _to_the_end(Session(environment, *_arguments(plan, where, report)), began + seconds + BEYOND)
            lasted = time.monotonic() - began
        heard = _heard(sound.with_suffix(".f32"))
    told = json.loads(report.read_text())
    return Played(Path(plan).stem, where, seconds, lasted, told, heard, tuple(_wrong(told, heard)))


def _arguments(plan: str, where: Where, report: Path) -> list[str]:
    headset = "openxr" if where == "monado" else "headless"
    return ["--headset", headset, "--plan", plan, "--zero-counts", "--no-companion", "--no-monitor", "--rehearsal",
            "--sound", "pulse", "--report", str(report)]  # fmt: skip


def _to_the_end(session: Session, until: float) -> None:
    """A Go wherever one is waited for."""
    try:
        while session.process.poll() is None:
            if time.monotonic() > until:
                raise Wrong(f"it has not ended: {session.said[-3:]}")
            time.sleep(LOOKS_EVERY)
            status = _status(session)
            if status and (status["waits"] or status["mode"] == Mode.HELD.value):
                session.tell("go")
        if session.process.returncode:
            raise Wrong(f"it ended with {session.process.returncode}: {session.said[-3:]}")
    finally:
        session.kill()


def _status(session: Session) -> dict[str, Any] | None:
    """None when it is starting, or just ends."""
    try:
        found: dict[str, Any] | None = session.state()["status"]
    except (Wrong, OSError, ValueError):
        return None
    return found


def _heard(recording: Path) -> Reading:
    judge = Judge()
    whole = np.memmap(recording, np.float32, "r")
    sound = whole[: len(whole) // (2 * BLOCK) * 2 * BLOCK].reshape(-1, 2)
    for first in range(0, len(sound), _CHUNK):
        judge.take(np.asarray(sound[first : first + _CHUNK]))
    return judge.reading()


def _wrong(report: dict[str, Any], heard: Reading) -> list[str]:
    late = report["beyond_control"] or {}
    told = {
        "on time": late.get("on_time_percent", report["on_time_percent"]) >= limits.ON_TIME_PERCENT,
        "in a row": late.get("late_streak_max", report["late_streak_max"]) <= limits.LATE_STREAK,
        "momentary": heard.most <= limits.MOMENTARY_LUFS,
        "peak": heard.peak <= limits.TRUE_PEAK_DBTP,
        "silent": heard.integrated > limits.BED_LUFS - limits.BED_TOLERANCE_LU,
        "faults": not report["faults"],
    }
    return [*(name for name, kept in told.items() if not kept), *report["faults"]]


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 when a plan does not come to its end, or not within the limits."""
    parser = argparse.ArgumentParser(prog="whole_plans", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("plans", nargs="*", metavar="PLAN", help="all of them by default")
    parser.add_argument("--headset", nargs="+", choices=WHERE, default=WHERE)
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="sessions at a time (1)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    kept = True
    print(f"{os.cpu_count()} cores, {chosen.at_once} at once\n{HEAD}", flush=True)
    with ThreadPoolExecutor(chosen.at_once) as pool:
        asked = {pool.submit(play, plan, where, chosen.out): (plan, where)
                 for plan, where in product(chosen.plans or plan_names(), chosen.headset)}  # fmt: skip
        for done in as_completed(asked):
            try:
                played = done.result()
            except Wrong as error:
                print(f"{' on '.join(asked[done])}: {error}", flush=True)
                kept = False
            else:
                print(played, flush=True)
                kept = kept and not played.wrong
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
