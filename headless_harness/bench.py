"""`harborlight bench`: processor time of a frame, ours and that of peers from PyPI, on one runtime at one rate.

Every program runs on a Monado of its own at 90 Hz, without rasterising (`LP_NO_RAST=1`), and is measured over the
same number of frames after the same warm-up, in rounds that take turns, beside a control loop that only waits.
With `--scene` our own scenes are measured so, one by one, with `--peers` in turns with these, and their GPU time where
there is a GPU.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from headless_harness.census import Census, take_census
from headless_harness.monado.rig import MonadoRig, RigError, missing
from vr_app.catalogue import Entry, find_scenes
from vr_app.folders import cache_folder
from vr_app.plan import RETURN
from vr_app.timing.control import ControlLoop
from vr_app.timing.governor import TARGET, budget_ns
from vr_app.timing.ledger import COLLECTIONS, PROCESS_CPU, THREAD_CPU
from vr_app.timing.report import OutputError, load_ledger

HZ: Final = 90
WARM_UP: Final = 200  # frames
_SPARE_MINUTES: Final = 0.1  # a scene stays beyond the frames that are measured
OURS, WRAPPERS, PANDA = "harborlight", "pyopenxr wrappers", "panda3d-openxr"
_PLAN: Final = """title = "Bench"
summary = "One scene alone, with the shortest way back."
demonstration = true
[[step]]
scene = "{scene}"
minutes = {minutes:.3f}
"""
_PATIENCE_SECONDS: Final = 60.0  # beyond the time the frames themselves take

# The lantern's goals against the wrappers and panda, and those of scenes out of doors.
GOAL_WRAPPERS: Final = 0.6
GOAL_PANDA: Final = 0.4
GOAL_SCENE_WRAPPERS: Final = 0.8
GOAL_SCENE_PANDA: Final = 0.55
GOAL_THREAD_P99_MS: Final = 2.0
GOAL_THREAD_MAX_MS: Final = 5.0
GOAL_NET_BYTES: Final = 2048.0


class BenchError(Exception):
    """Something needed is not there, or a program did not finish; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One program in one round. Nanoseconds of processor time, one value a frame."""

    thread_ns: npt.NDArray[np.int64]
    process_ns: npt.NDArray[np.int64]
    collections: int  # automatic ones inside these frames
    machine_stalls: int  # seen by the one control loop beside it


@dataclass(frozen=True, slots=True)
class Figures:
    """One program over all rounds. `process_us` is the mean of each round's frames, then the median of the rounds."""

    program: str
    process_us: float
    rounds_us: tuple[float, ...]
    thread_p50_ms: float
    thread_p99_ms: float
    thread_max_ms: float
    collections: int
    machine_stalls: int
    net_bytes: float | None  # allocated and not freed again, a frame, in a run of its own


@dataclass(frozen=True, slots=True)
class OfScene:
    """One scene: processor time, what it draws for each eye, and the GPU's milliseconds a frame; empty without a GPU.

    The GPU's are of both eyes at 8.8 million pixels, all round.
    """

    figures: Figures
    census: Census
    gpu_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    what: str
    value: float
    at_most: float

    @property
    def met(self) -> bool:
        return self.value <= self.at_most


@dataclass(frozen=True, slots=True)
class Program:
    """How to run and read one program: `time(rig, frames)` and `net_bytes(rig, frames)`."""

    name: str
    time: Callable[[MonadoRig, int], Measured]
    net_bytes: Callable[[MonadoRig, int], float]


def main(asked: argparse.Namespace) -> int:
    """`asked` has peers, zero_counts and json (bool), rounds and frames (int), scene (str or None): the exit code."""
    if asked.rounds < 1 or asked.frames < 10:
        print("bench: --rounds must be at least 1 and --frames at least 10", file=sys.stderr)
        return 2
    if asked.scene is not None:
        return _bench_scenes(asked)
    try:
        programs = [ours(asked.zero_counts)]
        if asked.peers:
            programs += peers()
        if lack := missing():
            raise BenchError(lack)
        figures = measure(programs, asked.rounds, asked.frames)
    except (BenchError, RigError, OutputError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    goals = judge(figures)
    if asked.json:
        print(json.dumps(told(figures, goals, asked), indent=2))
    else:
        print(table(figures, goals))
    return 0


def _bench_scenes(asked: argparse.Namespace) -> int:
    # the way back ends every plan by itself: it is in no plan of its own
    entries = {name: entry for name, entry in find_scenes().items() if entry.scene is not None and name != RETURN}
    if asked.scene not in ("all", *entries):
        print(f"bench: no scene '{asked.scene}'; --scene takes all, {', '.join(entries)}", file=sys.stderr)
        return 2
    names = list(entries) if asked.scene == "all" else [asked.scene]
    try:
        if lack := missing():
            raise BenchError(lack)
        programs = [ours(asked.zero_counts, name, name) for name in names] + (peers() if asked.peers else [])
        figures = measure(programs, asked.rounds, asked.frames)
        own, others = figures[: len(names)], figures[len(names) :]
        rows = [OfScene(row, _census(entries[row.program]), _gpu_ms(row.program, asked.frames)) for row in own]
    except (BenchError, RigError, OutputError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    goals = judge_scenes(rows, others)
    if asked.json:
        print(json.dumps(told_scenes(rows, goals, asked, others), indent=2))
    else:
        print(table_of_scenes(rows, goals, others))
    return 0


def _census(entry: Entry) -> Census:
    assert entry.scene is not None
    return take_census(entry.scene)


def _gpu_ms(scene: str, frames: int) -> tuple[float, ...]:
    """In a process of its own, for the context; empty without a GPU."""
    print(f"GPU: {scene}", file=sys.stderr)
    command = [sys.executable, "-m", "headless_harness.gpu_frames", scene, str(frames)]
    return tuple(json.loads(_run(scene, command, {}, frames).splitlines()[-1])["ms"])


def measure(programs: Sequence[Program], rounds: int, frames: int) -> list[Figures]:
    """Time all programs in turns, then trace the memory of each once."""
    timed: dict[str, list[Measured]] = {program.name: [] for program in programs}
    for turn in range(rounds):
        for at in range(len(programs)):
            program = programs[(at + turn) % len(programs)]  # none is always first, none always last
            print(f"round {turn + 1} of {rounds}: {program.name}", file=sys.stderr)
            with MonadoRig(HZ) as rig:
                timed[program.name].append(program.time(rig, frames))
    found = []
    for program in programs:
        print(f"memory: {program.name}", file=sys.stderr)
        with MonadoRig(HZ) as rig:
            found.append(figures_of(program.name, timed[program.name], program.net_bytes(rig, frames)))
    return found


def figures_of(name: str, rounds: Sequence[Measured], net_bytes: float | None) -> Figures:
    """All rounds of one program in one row."""
    thread = np.concatenate([seen.thread_ns for seen in rounds]) / 1e6
    means = tuple(float(seen.process_ns.mean()) / 1e3 for seen in rounds)
    p50, p99 = (float(value) for value in np.percentile(thread, (50, 99)))
    return Figures(
        program=name,
        process_us=median(means),
        rounds_us=means,
        thread_p50_ms=p50,
        thread_p99_ms=p99,
        thread_max_ms=float(thread.max()),
        collections=sum(seen.collections for seen in rounds),
        machine_stalls=sum(seen.machine_stalls for seen in rounds),
        net_bytes=net_bytes,
    )


def judge(figures: Sequence[Figures]) -> list[Goal]:
    """Our figures against the goals; the ratios only where the peer was measured too."""
    our = next(row for row in figures if row.program == OURS)
    return _against(our, figures, (GOAL_WRAPPERS, GOAL_PANDA)) + _own_goals(our)


def _against(our: Figures, figures: Sequence[Figures], at_most: tuple[float, float]) -> list[Goal]:
    by_name = {row.program: row for row in figures}
    return [
        Goal(f"processor time against {peer}", our.process_us / by_name[peer].process_us, most)
        for peer, most in zip((WRAPPERS, PANDA), at_most, strict=True)
        if peer in by_name
    ]


def _own_goals(our: Figures) -> list[Goal]:
    goals = [
        Goal("thread p99, ms", our.thread_p99_ms, GOAL_THREAD_P99_MS),
        Goal("thread max, ms", our.thread_max_ms, GOAL_THREAD_MAX_MS),
        Goal("automatic collections in frames", our.collections, 0),
    ]
    if our.net_bytes is not None:
        goals.append(Goal("net allocation, bytes a frame", our.net_bytes, GOAL_NET_BYTES))
    return goals


def judge_scenes(rows: Sequence[OfScene], others: Sequence[Figures] = ()) -> list[Goal]:
    """The same of every scene, and the GPU's time against the governor's target: what it must not need to touch."""
    goals = []
    for row in rows:
        own = _against(row.figures, others, (GOAL_SCENE_WRAPPERS, GOAL_SCENE_PANDA)) + _own_goals(row.figures)
        if row.gpu_ms:
            own.append(Goal("GPU p99, ms", _percentile(row.gpu_ms, 99), TARGET * budget_ns(HZ) / 1e6))
        goals += [Goal(f"{row.figures.program}: {goal.what}", goal.value, goal.at_most) for goal in own]
    return goals


def _percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, share))


def told(figures: Sequence[Figures], goals: Sequence[Goal], asked: argparse.Namespace) -> dict[str, Any]:
    """The JSON form."""
    return _told({"programs": [asdict(row) for row in figures]}, goals, asked)


def told_scenes(
    rows: Sequence[OfScene], goals: Sequence[Goal], asked: argparse.Namespace, others: Sequence[Figures] = ()
) -> dict[str, Any]:
    """The JSON form of scenes, with the peers that ran beside them; `gpu_ms` is null without a GPU."""
    measured = {"scenes": [_told_scene(row) for row in rows], "programs": [asdict(row) for row in others]}
    return _told(measured, goals, asked)


def _told_scene(row: OfScene) -> dict[str, Any]:
    figures = asdict(row.figures)
    shares = {f"p{share}": _percentile(row.gpu_ms, share) for share in (50, 99)} if row.gpu_ms else None
    gpu = None if shares is None else {**shares, "max": max(row.gpu_ms)}
    return {
        "scene": figures.pop("program"),
        "draws": row.census.draws,
        "triangles": row.census.triangles,
        **figures,
        "gpu_ms": gpu,
    }


def _told(measured: dict[str, Any], goals: Sequence[Goal], asked: argparse.Namespace) -> dict[str, Any]:
    return {
        "hz": HZ,
        "warm_up": WARM_UP,
        "frames": asked.frames,
        "rounds": asked.rounds,
        "zero_counts": asked.zero_counts,
        **measured,
        "goals": [{**asdict(goal), "met": goal.met} for goal in goals],
    }


def table(figures: Sequence[Figures], goals: Sequence[Goal]) -> str:
    """The form for people."""
    return "\n".join([*_program_lines(figures), "", *_goal_lines(goals)])


def _program_lines(figures: Sequence[Figures]) -> list[str]:
    head = (
        f"{'':20}{'process us':>12}{'thread p50':>12}{'p99':>8}{'max ms':>8}{'collections':>13}{'net bytes':>11}"
        f"{'machine stalls':>16}"
    )
    rows = [
        f"{row.program:20}{row.process_us:12.0f}{row.thread_p50_ms:12.2f}{row.thread_p99_ms:8.2f}"
        f"{row.thread_max_ms:8.2f}{row.collections:13d}{_bytes(row.net_bytes):>11}{row.machine_stalls:16d}"
        for row in figures
    ]
    return [head, *rows]


def table_of_scenes(rows: Sequence[OfScene], goals: Sequence[Goal], others: Sequence[Figures] = ()) -> str:
    """The form for people."""
    heads = f"{'draws':>7}{'triangles':>11}{'process us':>12}{'thread p50':>12}{'p99':>8}{'max ms':>8}"
    lines = [f"{'':20}{heads}{'net bytes':>11}{'GPU p50':>9}{'p99 ms':>8}{'machine stalls':>16}"]
    for row in rows:
        own, counted = row.figures, row.census
        gpu = [f"{_percentile(row.gpu_ms, share):.2f}" if row.gpu_ms else "-" for share in (50, 99)]
        lines.append(
            f"{own.program:20}{counted.draws:7d}{counted.triangles:11d}{own.process_us:12.0f}{own.thread_p50_ms:12.2f}"
            f"{own.thread_p99_ms:8.2f}{own.thread_max_ms:8.2f}{_bytes(own.net_bytes):>11}{gpu[0]:>9}{gpu[1]:>8}"
            f"{own.machine_stalls:16d}"
        )
    if not all(row.gpu_ms for row in rows):
        lines += ["", "no GPU here, so none is timed; `python -m headless_harness.instructions` counts without one"]
    if others:
        lines += ["", *_program_lines(others)]
    return "\n".join([*lines, "", *_goal_lines(goals)])


def _goal_lines(goals: Sequence[Goal]) -> list[str]:
    return [
        f"{goal.what:45}{goal.value:10.2f}  at most {goal.at_most:g}: {'met' if goal.met else 'NOT met'}"
        for goal in goals
    ]


def _bytes(number: float | None) -> str:
    return "-" if number is None else str(round(number))


# --- The programs ------------------------------------------------------------------------------------------------


def ours(zero_counts: bool, scene: str = "lantern", name: str = OURS) -> Program:
    """One scene, by default the lantern in the calm room, as `harborlight run` plays it."""

    def arguments(folder: Path, frames: int) -> list[str]:
        plan = folder / "bench.toml"
        minutes = (WARM_UP + frames) / HZ / 60 + _SPARE_MINUTES
        plan.write_text(_PLAN.format(scene=scene, minutes=minutes))
        wanted = ["run", "--headset", "openxr", "--no-monitor", "--no-companion", "--plan", str(plan)]
        return [*wanted, *(["--zero-counts"] if zero_counts else [])]

    def time(rig: MonadoRig, frames: int) -> Measured:
        with _home() as folder:
            wanted = [*arguments(folder, frames), "--report", str(folder / "r.json")]
            home = {"HARBORLIGHT_HOME": str(folder)}
            _run(name, [sys.executable, "-m", "vr_app.cli", *wanted], {**rig.env, **home}, frames)
            kept = load_ledger(folder / "r.ledger.npz")  # `run` has a control loop of its own
        rows = kept.rows
        if len(rows) <= WARM_UP + frames:
            raise BenchError(f"{name} made {len(rows)} frames where {WARM_UP + frames + 1} were needed: try again")
        rows = rows[WARM_UP : WARM_UP + frames + 1]
        thread, process = np.diff(rows[:, THREAD_CPU]), np.diff(rows[:, PROCESS_CPU])
        return Measured(thread, process, int(rows[1:, COLLECTIONS].sum()), len(kept.stalls))

    def net_bytes(rig: MonadoRig, frames: int) -> float:
        with _home() as folder:
            out = folder / "held.json"
            wanted = [str(out), *arguments(folder, frames)]
            home = {"HARBORLIGHT_HOME": str(folder)}
            _run(name, [sys.executable, "-m", "headless_harness.allocations", *wanted], {**rig.env, **home}, frames)
            held = json.loads(out.read_text())[WARM_UP : WARM_UP + frames]
        return float(np.polyfit(np.arange(len(held)), held, 1)[0])

    return Program(name, time, net_bytes)


@contextmanager
def _home() -> Iterator[Path]:
    """A HARBORLIGHT_HOME for one run, so that no real session's state is touched; baked light is shared."""
    with tempfile.TemporaryDirectory(prefix="harborlight-bench-") as made:
        folder = Path(made)
        cache_folder().mkdir(parents=True, exist_ok=True)
        (folder / "cache").symlink_to(cache_folder())
        yield folder


def peers() -> list[Program]:
    """The peers. Raises BenchError when one cannot be run here."""
    if importlib.util.find_spec("p3dopenxr") is None:
        raise BenchError("the peer panda3d-openxr is not installed: pip install panda3d-openxr")
    if shutil.which("xvfb-run") is None:
        raise BenchError("panda3d-openxr needs an X display: apt-get install xvfb xauth")
    return [
        _peer(WRAPPERS, [sys.executable, "-m", "headless_harness.peers.wrappers"], {}),
        _peer(
            PANDA,
            ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24", sys.executable, "-m", "headless_harness.peers.panda"],
            {"PYOPENGL_PLATFORM": "glx", "EGL_PLATFORM": None},
        ),
    ]


def _peer(name: str, command: Sequence[str], environment: Mapping[str, str | None]) -> Program:
    def run(rig: MonadoRig, frames: int, *more: str) -> dict[str, Any]:
        said = _run(name, [*command, str(WARM_UP), str(frames), *more], {**rig.env, **environment}, frames)
        try:
            result: dict[str, Any] = json.loads(said.splitlines()[-1])
        except (IndexError, ValueError) as error:
            raise BenchError(f"{name} ended without figures; its last words: {said[-200:]!r}") from error
        return result

    def time(rig: MonadoRig, frames: int) -> Measured:
        with ControlLoop(round(1e9 / HZ)) as control:
            result = run(rig, frames)
        thread, process = (np.array(result[key], np.int64) for key in ("thread_ns", "process_ns"))
        return Measured(thread, process, int(result["collections"]), len(control.read().stalls))

    def net_bytes(rig: MonadoRig, frames: int) -> float:
        return float(run(rig, frames, "--allocations")["net_bytes"])

    return Program(name, time, net_bytes)


def _run(name: str, command: Sequence[str], environment: Mapping[str, str | None], frames: int) -> str:
    """Run to the end without rasterising; what it printed. A value of None takes a variable away."""
    changed = {**os.environ, **environment, "LP_NO_RAST": "1", "LP_NUM_THREADS": "1"}
    patience = 2 * (WARM_UP + frames) / HZ + _PATIENCE_SECONDS
    try:
        done = subprocess.run(
            command,
            env={key: value for key, value in changed.items() if value is not None},
            cwd=Path(__file__).resolve().parents[1],
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{name} did not finish within {patience:.0f} s") from error
    if done.returncode != 0:
        words = done.stderr.strip().splitlines()[-1:] or ["nothing"]
        raise BenchError(f"{name} ended with code {done.returncode}, saying: {words[0]}")
    return done.stdout
