"""Plays plans in each way that a patient may take part: by gaze, one hand, bare hands; reclined, lying; photographed.

python -m headless_harness.ways [PLAN ...] [--ways gaze left right bare reclined lying] [--size PIXELS] --out DIR

In virtual time. Eyes, or a hand's ray, go from place to place round what lies before the seat and rest there longer
than anything asks for, so that most of what can be chosen is chosen; who leans back turns the head as on a headrest.
A sheet of photographs of each run stays in DIR. Said of each: whether it came to its end, and what a patient would
take home, for a plan ends as well when nothing was chosen. A plan that a posture does not allow is held in the calm
room, and said to be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from math import atan2, hypot, radians
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
from vr_app.placement import LYING_EYE_HEIGHT, about_x, about_y, rotated, seen_from
from vr_app.placement import product as turned
from vr_app.plan import plan_names
from vr_app.remembered import Remembered

Way = Literal["gaze", "left", "right", "bare", "reclined", "lying"]
WAYS: Final[tuple[Way, ...]] = get_args(Way)
RESTS: Final = 4.6  # seconds at each place: a lantern takes four
# Degrees to the left and up. None is where a gaze that stays would stop the session.
PLACES: Final = (
    *((yaw, 0) for yaw in (0, 20, 40, 15, -15, -40, -20, -5)),
    *((yaw, -20) for yaw in (0, 20, 40, 15, -15, -27, -5)),
    *((yaw, -31) for yaw in (-22, 22)),
    *((yaw, -38) for yaw in (0, 20, 15, -10)),
)
CHAIR: Final = {"reclined": 35.0, "lying": 82.0}  # degrees by which it leans back
NEAR, FAR = 1.4, 12.0  # metres of what a hand points at
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
    kept: tuple[str, ...]  # scene and lines of what would be taken home


class Steered(Mailbox):
    """A therapist who places the view, and says Go where a cue waits for one."""

    def __init__(self, *, place: bool) -> None:
        super().__init__()
        self.scenes: list[tuple[float, str]] = []  # and when they came, in session seconds
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
            self.scenes = journal.scenes
            self.events, self.faults = [words for _, words in journal.events], [words for _, words in journal.faults]


def script(way: Way, seconds: float) -> list[str]:
    """Lines of a script of inputs (vr_app/scripted/script.py)."""
    lines = []
    lean = radians(CHAIR.get(way, 0.0))
    eyes: Vec3 = (0.0, LYING_EYE_HEIGHT if way == "lying" else 1.2, 0.0)
    gaze = way in ("gaze", "bare", "reclined", "lying")
    for number in range(int(seconds / RESTS)):
        yaw, pitch = (radians(part) for part in PLACES[number % len(PLACES)])
        looks = gaze and number > 0
        head = _leant(eyes, yaw if looks else 0.0, pitch if looks else 0.0, lean)
        started = number * RESTS
        for after, away in ((0.0, NEAR), (RESTS / 2.0, FAR)):  # a hand's ray meets the line of sight near, then far off
            at = _leant(eyes, yaw, pitch, 0.0, away).position
            line: dict[str, object] = {"at": round(started + after, 3), "head": [*head.position, *head.orientation]}
            line["bare"] = way == "bare"
            for side, x in (("left", -0.2), ("right", 0.2)):
                if way == side:
                    line[side] = _pointing((x, 0.9, -0.25), at)
                elif way == "bare":
                    reach = 0.25 + 0.05 * (number % 8)
                    line[side] = [x + 0.4 * yaw, 0.75 + 0.3 * pitch + 0.25, -reach, 0.0, 0.0, 0.0, 1.0]
            lines.append(json.dumps(line))
            if way in ("left", "right"):  # pressed once it points there
                for later, select in ((1.2, 1.0), (1.7, 0.0)):
                    press = [select if side == way else 0.0 for side in ("left", "right")]
                    lines.append(json.dumps({"at": round(started + after + later, 3), "select": press}))
    return lines


def _leant(eyes: Vec3, yaw: float, pitch: float, lean: float, away: float = 0.0) -> Pose:
    """So far ahead of eyes that turn about a spine which leans back."""
    turn = turned(turned(about_x(lean), about_y(yaw)), about_x(pitch))
    x, y, z = rotated(turn, (0.0, 0.0, -away))
    return Pose((eyes[0] + x, eyes[1] + y, eyes[2] + z), turn)


def _pointing(hand: Vec3, at: Vec3) -> list[float]:
    x, y, z = (b - a for a, b in zip(hand, at, strict=True))
    pose = seen_from(hand, atan2(-x, -z), atan2(y, hypot(x, z)), 0.0)
    return [*pose.position, *pose.orientation]


def play(plan: str, way: Way, size: int, out: Path) -> Seen:
    """In this process; raises what vr_app.app.play raises."""
    with TemporaryDirectory(prefix="ways-") as name:
        inputs, report = Path(name) / "inputs.jsonl", Path(name) / "report.json"
        inputs.write_text("\n".join(script(way, 1800.0)))
        options = run_options(["run", "--headset", "headless", "--virtual", "--plan", plan, "--size", f"{size}x{size}",
                               "--script", str(inputs), "--report", str(report)])  # fmt: skip
        told = Steered(place=way in CHAIR)
        remembered = Remembered()
        played = app.play(options, told, remembered=remembered)
    write_run_sheet(out / f"{Path(plan).stem}-{way}.jpg", played.photographs)
    scenes = tuple(scene for _, scene in told.scenes)
    return Seen(Path(plan).stem, way, scenes, tuple(told.events), tuple(told.faults), taken_home(remembered, scenes))


def taken_home(remembered: Remembered, scenes: Iterable[str]) -> tuple[str, ...]:
    """By scene: the lines of what a patient would take home from there."""
    kept = ((scene, remembered.get(scene, "take_home")) for scene in dict.fromkeys(scenes))
    return tuple(f"{scene}: {', '.join(json.loads(raw).get('lines', []))}" for scene, raw in kept if raw)


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
            told = [*seen.faults, *held[:1]] or [f"to its end; takes home {'; '.join(seen.kept) or 'nothing'}"]
            print(f"{seen.plan:16} {seen.way:9} {' '.join(seen.scenes)}: {'; '.join(told)}", flush=True)
            good = good and not seen.faults
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
