"""Plays plans in each way that a patient may take part: by gaze, one hand, bare hands; reclined, lying; photographed.

python -m headless_harness.ways [PLAN ...] [--ways gaze left right bare reclined lying] [--size PIXELS] --out DIR

In virtual time. Eyes, or a hand's ray, go from place to place round what lies before the seat and rest there, so that
whatever can be chosen is chosen by chance; a sheet of photographs of each run stays in DIR. A plan that a posture does
not allow is held in the calm room, and said to be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from math import radians
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, get_args

from headless_harness.sheet import write_run_sheet
from vr_app import app
from vr_app.api import Inputs, Pose, Vec3
from vr_app.baking import bake_in_worker
from vr_app.cli import run_options
from vr_app.commands import EndGently, Go, PlaceView, SetPhase
from vr_app.director import Director, Mode
from vr_app.link import Mailbox
from vr_app.placement import LYING_EYE_HEIGHT, seen_from
from vr_app.plan import plan_names

Way = Literal["gaze", "left", "right", "bare", "reclined", "lying"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
RESTS: Final = 3.5  # seconds at each place
# Degrees to the left and up. None is where a gaze that stays would stop the session.
PLACES: Final = (
    *((yaw, 0) for yaw in (0, 20, 40, 15, -15, -40, -20, -5)),
    *((yaw, -20) for yaw in (0, 20, 40, 15, -15, -5)),
    *((yaw, -38) for yaw in (0, 20, 15, -10)),
)
CHAIR: Final = {"reclined": 35.0, "lying": 82.0}  # degrees by which it leans back
PLACED_AFTER: Final = 45  # frames, until the view is placed
HOLDS_MOST: Final = 20.0  # seconds in which a plan that was held goes on, or is over


@dataclass(frozen=True, slots=True)
class Seen:
    """One plan, in one way."""

    plan: str
    way: Way
    scenes: tuple[str, ...]  # in order
    events: tuple[str, ...]
    faults: tuple[str, ...]


class Steered(Mailbox):
    """A therapist who places the view, and says Go where a cue waits for one."""

    def __init__(self, *, place: bool) -> None:
        super().__init__()
        self.scenes: list[str] = []
        self.events: list[str] = []
        self.faults: list[str] = []
        self._place, self._frames, self._held = place, 0, 0.0
        for command in (SetPhase(False), Go()):
            self.post(command)

    def publish(self, director: Director, inputs: Inputs | None, *, frames: bool) -> None:
        self._frames += 1
        if self._place and self._frames == PLACED_AFTER:
            self.post(PlaceView())
        if self._frames % 90 == 0:
            waits = director.mode is Mode.HELD or director.status("").waits
            self._held = self._held + 1.0 if waits else 0.0
            if waits:
                self.post(Go() if self._held < HOLDS_MOST else EndGently())
        if director.finished:
            journal = director.journal
            self.scenes = [scene for _, scene in journal.scenes]
            self.events, self.faults = [words for _, words in journal.events], [words for _, words in journal.faults]


def script(way: Way, seconds: float) -> list[str]:
    """Lines of a script of inputs (vr_app/scripted/script.py)."""
    lines = []
    lean = radians(CHAIR.get(way, 0.0))
    eyes: Vec3 = (0.0, LYING_EYE_HEIGHT if way == "lying" else 1.2, 0.0)
    gaze = way in ("gaze", "reclined", "lying")
    for number in range(int(seconds / RESTS)):
        yaw, pitch = (radians(part) for part in PLACES[number % len(PLACES)])
        head = _toward(eyes, yaw, pitch + lean) if gaze and number else _toward(eyes, 0.0, lean)
        line: dict[str, object] = {"at": round(number * RESTS, 3), "head": head, "bare": way == "bare"}
        for side, x in (("left", -0.2), ("right", 0.2)):
            if way == side:
                line[side] = _toward((x, 0.9, -0.25), yaw, pitch + 0.1)
            elif way == "bare":
                reach = 0.25 + 0.05 * (number % 8)
                line[side] = [x + 0.4 * yaw, 0.75 + 0.3 * pitch + 0.25, -reach, 0.0, 0.0, 0.0, 1.0]
        lines.append(json.dumps(line))
        if way in ("left", "right"):  # pressed in the middle of each rest
            for after, select in ((1.5, 1.0), (2.0, 0.0)):
                press = [select if side == way else 0.0 for side in ("left", "right")]
                lines.append(json.dumps({"at": round(number * RESTS + after, 3), "select": press}))
    return lines


def _toward(at: Vec3, yaw: float, pitch: float) -> list[float]:
    pose: Pose = seen_from(at, yaw, pitch, 0.0)
    return [*pose.position, *pose.orientation]


def play(plan: str, way: Way, size: int, out: Path) -> Seen:
    """In this process; raises what vr_app.app.play raises."""
    with TemporaryDirectory(prefix="ways-") as name:
        inputs, report = Path(name) / "inputs.jsonl", Path(name) / "report.json"
        inputs.write_text("\n".join(script(way, 1800.0)))
        options = run_options(["run", "--headset", "headless", "--virtual", "--plan", plan, "--size", f"{size}x{size}",
                               "--script", str(inputs), "--report", str(report)])  # fmt: skip
        told = Steered(place=way in CHAIR)
        played = app.play(options, told)
    write_run_sheet(out / f"{Path(plan).stem}-{way}.jpg", played.photographs)
    return Seen(Path(plan).stem, way, tuple(told.scenes), tuple(told.events), tuple(told.faults))


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 when a scene fails."""
    parser = argparse.ArgumentParser(prog="ways", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("plans", nargs="*", metavar="PLAN", help="all of them by default")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--size", type=int, default=480, metavar="PIXELS", help="of an eye (480)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at a time (1)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    bake_in_worker()
    good = True
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        asked = [pool.submit(play, plan, way, chosen.size, chosen.out)
                 for plan, way in product(chosen.plans or plan_names(), chosen.ways)]  # fmt: skip
        for done in asked:
            seen = done.result()
            held = [words for words in seen.events if "not for lying down" in words]
            told = [*seen.faults, *held[:1]] or ["to its end"]
            print(f"{seen.plan:16} {seen.way:9} {' '.join(seen.scenes)}: {'; '.join(told)}", flush=True)
            good = good and not seen.faults
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
