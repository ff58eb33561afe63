"""What being watched costs a frame: `python -m headless_harness.mirror_cost [--seconds S] [--rounds N] [--json]`.

Plays the lantern on a Monado at 90 Hz without rasterising and lets phases take turns in one run: no mirror at all, a
mirror that nobody watches, the patient's view 15 times a second, the camera beside 10 times, with a process that reads.
Eyes are made large enough that a picture has its full size.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np

from headless_harness.monado.rig import MonadoRig, RigError, missing
from vr_app.catalogue import find_scenes
from vr_app.clock import SessionClock
from vr_app.commands import Go, Watch
from vr_app.director import Director
from vr_app.headset import ExitAsked
from vr_app.link import Mailbox, Order
from vr_app.plan import HOME, load_plan
from vr_app.station.ring import PictureRing
from vr_app.timing.collector import Collector
from vr_app.timing.ledger import BEGUN, ENDED, REPLAYED, THREAD_CPU, Ledger

HZ: Final = 90
PHASES: Final[Mapping[str, Watch | None]] = {
    "no mirror": None,
    "nobody watches": Watch(),
    "eye": Watch("eye", 15.0),
    "beside": Watch("beside", 10.0),
}
EYE_SCALE: Final = 4.5  # of Monado's 320x240: 1440x1080, which makes pictures of 640x480
WARM_UP_SECONDS: Final = 6.0  # the way from the mist to the lantern
SETTLE: Final = 15  # frames at the start of a phase, in which things are made or freed, are told apart
GOAL_MS: Final = 0.5
_READER_SECONDS: Final = 0.005
IDLE, SHRUNK, FETCHED, COPIED, MADE = "other frames", "shrunk", "fetched", "copied", "made"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m headless_harness.mirror_cost")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each phase")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        return play(asked.inside, asked.seconds, asked.rounds)
    try:
        if lack := missing():
            raise RigError(lack)
        frames = measured(asked.seconds, asked.rounds)
    except RigError as error:
        print(f"mirror_cost: {error}", file=sys.stderr)
        return 1
    figures = figures_of(frames)
    print(json.dumps(figures, indent=2) if asked.json else table(figures))
    return 0


def measured(seconds: float, rounds: int) -> dict[str, Any]:
    """Run the session in a process of its own; its rows and what the mirror did in each. Raises RigError."""
    with tempfile.TemporaryDirectory(prefix="harborlight-mirror-") as folder, MonadoRig(HZ) as rig:
        out = Path(folder) / "frames.npz"
        arguments = ["--inside", str(out), "--seconds", str(seconds), "--rounds", str(rounds)]
        ended = subprocess.run(
            [sys.executable, "-m", "headless_harness.mirror_cost", *arguments],
            env={**os.environ, **rig.env, "LP_NO_RAST": "1", "LP_NUM_THREADS": "1"},
            stdout=sys.stderr,
            check=False,
        )
        if ended.returncode:
            raise RigError(f"the session ended with code {ended.returncode}; its words stand above")
        with np.load(out) as kept:
            return dict(kept)


# --- the session


class Turns(Mailbox):
    """Leads through the phases by orders, as a viewer would; `now` is the phase of the frame that follows."""

    def __init__(self, seconds: float, rounds: int) -> None:
        super().__init__()
        self.post(Go())
        self._frames = round(seconds * HZ)
        self._left = round(WARM_UP_SECONDS * HZ)
        self._order = iter([name for _ in range(rounds) for name in PHASES])
        self.now = ""
        self.since = 0  # frames of this phase so far
        self.over = False

    def take(self) -> Iterator[Order]:
        yield from super().take()
        self.since += 1
        if self.since < self._left:
            return
        self.now = next(self._order, "")
        self.over = not self.now
        self.since, self._left = 0, self._frames
        yield Order(0, PHASES.get(self.now) or Watch())


def play(out: Path, seconds: float, rounds: int) -> int:
    """The session itself, on the runtime that the environment names."""
    from vr_app.xr.headset import open_openxr

    context = multiprocessing.get_context("spawn")
    cells, counts = PictureRing.cells(context), context.RawArray("q", 2)
    reader = context.Process(target=drain, args=(cells, counts), daemon=True)
    reader.start()
    entries = find_scenes()
    plan = load_plan("lantern", entries, names={"name": "Nobody"}).lasting(
        (len(PHASES) * rounds * seconds + 60.0) / 60.0
    )
    ledger = Ledger(round((len(PHASES) * rounds * seconds + 60.0) * HZ))
    with ExitStack() as stack:
        headset = stack.enter_context(open_openxr(ledger, scale=EYE_SCALE))
        from vr_app.loop import Loop  # OpenGL may be imported only after the context is open
        from vr_app.render.mirror import Mirror
        from vr_app.render.renderer import Renderer

        turns, seen = Turns(seconds, rounds), Seen(ledger)
        mirror = Mirror(PictureRing(cells))
        renderer = Renderer(zero_counts=True)
        scenes = {name: entries[name].scene for name in (HOME, *(step.scene for step in plan.steps))}
        built = {name: scene() for name, scene in scenes.items() if scene is not None}
        for scene in built.values():
            scene.build(renderer.kit)
        director = Director(plan, built, headset)
        director.build(renderer.kit, {})
        renderer.warm_up(headset.info.eye_size)

        class Timed(Mirror):
            """The same, with a note of what it did and how long that took."""

            def after_replay(self, renderer: Renderer, time_: float) -> None:
                before = mirror.begun, mirror.copied
                spent = time.thread_time_ns()
                if turns.now != "no mirror":
                    mirror.after_replay(renderer, time_)
                spent = time.thread_time_ns() - spent
                did = SHRUNK if mirror.begun > before[0] else COPIED if mirror.copied > before[1] else IDLE
                if did is IDLE and seen.notes and seen.notes[-1][2] == SHRUNK:
                    did = FETCHED
                seen.note(turns.now, MADE if turns.since < SETTLE else did, spent)
                if turns.over:
                    director.hear(ExitAsked("measured"))

            def watch(self, command: Watch) -> str | None:
                return mirror.watch(command)

        collector = stack.enter_context(Collector(ledger))
        Loop(
            headset, director, renderer, ledger, collector, SessionClock(), turns, mirror=Timed(PictureRing(cells))
        ).run()
        print(f"{renderer.path}, eyes {renderer.drawn}, {mirror.copied} pictures written, {counts[0]} read")
        renderer.close()
    counts[1] = 1
    reader.join(5.0)
    frame, phase, did, spent = (np.array(column) for column in zip(*seen.notes, strict=True))
    np.savez(out, rows=ledger.rows(), frame=frame, phase=phase, did=did, spent=spent)
    return 0


class Seen:
    """What the mirror did in each frame of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.notes: list[tuple[int, str, str, int]] = []  # frame, phase, what, nanoseconds

    def note(self, phase: str, did: str, spent: int) -> None:
        self.notes.append((self._ledger.frames, phase, did, spent))


def drain(cells: Any, counts: Any) -> None:
    """A viewer: reads until told to end, or until the session is gone."""
    ring, parent = PictureRing(cells), multiprocessing.parent_process()
    while not counts[1] and parent is not None and parent.is_alive():
        counts[0] += ring.latest() is not None
        time.sleep(_READER_SECONDS)


# --- what it came to


def figures_of(frames: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each thing the mirror did in each phase, in microseconds.

    `thread` and `wall` are whole frames by the ledger, `mirror` is the processor time of the mirror's own part.
    """
    rows, at = frames["rows"], frames["frame"]
    thread = np.diff(rows[:, THREAD_CPU], prepend=0)[at] / 1e3
    wall = (rows[at, ENDED] - rows[at, BEGUN]) / 1e3
    drawn = rows[at, REPLAYED] > 0
    found = []
    for phase in PHASES:
        for did in (IDLE, SHRUNK, FETCHED, COPIED, MADE):
            chosen = drawn & (frames["phase"] == phase) & (frames["did"] == did)
            if not chosen.any():
                continue
            row: dict[str, Any] = {"phase": phase, "did": did, "frames": int(chosen.sum())}
            for name, values in (("thread", thread), ("wall", wall), ("mirror", frames["spent"] / 1e3)):
                p50, p99 = np.percentile(values[chosen], (50, 99))
                row |= {f"{name}_p50": round(float(p50), 1), f"{name}_p99": round(float(p99), 1)}
            row["mirror_max"] = round(float(frames["spent"][chosen].max()) / 1e3, 1)
            found.append(row)
    return found


def table(figures: list[dict[str, Any]]) -> str:
    """The form for people; what is added is told against the frames of a mirror that nobody watches."""
    base = next(row for row in figures if row["phase"] == "nobody watches" and row["did"] == IDLE)
    lines = [
        (
            f"{'us a frame':30}{'frames':>8}{'thread p50':>12}{'p99':>8}{'wall p50':>10}{'p99':>8}"
            f"{'mirror p50':>12}{'p99':>8}{'max':>8}{'added thread':>14}{'wall':>8}{'ratio':>7}"
        )
    ]
    lines += [
        f"{row['phase'] + ', ' + row['did']:30}{row['frames']:8d}{row['thread_p50']:12.0f}{row['thread_p99']:8.0f}"
        f"{row['wall_p50']:10.0f}{row['wall_p99']:8.0f}{row['mirror_p50']:12.1f}{row['mirror_p99']:8.1f}"
        f"{row['mirror_max']:8.1f}{row['thread_p50'] - base['thread_p50']:14.0f}"
        f"{row['wall_p50'] - base['wall_p50']:8.0f}{row['thread_p50'] / base['thread_p50']:7.2f}"
        for row in figures
    ]
    mirrored = [row for row in figures if row["did"] in (SHRUNK, FETCHED, COPIED)]
    worst = max(max(row["thread_p50"] - base["thread_p50"], row["mirror_p99"]) for row in mirrored) / 1e3
    lines.append(f"\na mirrored frame, ms more: {worst:.2f}, at most {GOAL_MS}: {'met' if worst <= GOAL_MS else 'NOT'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
