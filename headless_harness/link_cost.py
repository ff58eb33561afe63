"""What the link to the supervisor costs a frame: `python -m headless_harness.link_cost [--seconds S] [--json]`.

Plays the lantern on a Monado at 90 Hz without rasterising, in a process as the supervisor starts it, while this one
reads its page as the supervisor does. Every call of the link is timed where it happens, in the running loop.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from headless_harness.monado.rig import MonadoRig, RigError, missing
from vr_app import limits
from vr_app.api import Pose
from vr_app.app import play
from vr_app.commands import Go, SetPhase
from vr_app.link import Order
from vr_app.options import Options
from vr_app.shared import now_ns
from vr_app.sound.desk import Desk
from vr_app.sound.proxy import Sound
from vr_app.station.child import SPAWN
from vr_app.station.page import Page
from vr_app.station.render import StationLink
from vr_app.station.ring import PictureRing
from vr_app.station.supervisor import TICK_SECONDS

HZ: Final = 90
WARM_UP: Final = 5 * HZ  # frames
PATIENCE_SECONDS: Final = 60.0
PARTS: Final = ("take", "publish", "sound", "all")


class Timed(StationLink):
    """The link with a clock around what it does in each frame; nanoseconds of taking orders and of publishing."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.taking: list[int] = []
        self.publishing: list[int] = []

    def take(self) -> Iterator[Order]:
        began = time.perf_counter_ns()
        orders = list(super().take())
        self.taking.append(time.perf_counter_ns() - began)
        return iter(orders)

    def publish(self, *arguments: Any, frames: bool) -> None:
        began = time.perf_counter_ns()
        super().publish(*arguments, frames=frames)
        if frames:
            self.publishing.append(time.perf_counter_ns() - began)
        else:
            self.taking.pop()  # this turn was no frame


class TimedSound(Sound):
    """The same of the sound: nanoseconds of what it does in each frame."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.hearing: list[int] = []

    def listen_from(self, head: Pose, time: int) -> None:
        began = now_ns()
        super().listen_from(head, time)
        self.hearing.append(now_ns() - began)


def inside(
    seconds: float, page_cells: Any, picture_cells: Any, out: str, commands: Connection, reports: Connection
) -> None:
    """The session itself."""
    sound = TimedSound(Desk(Desk.cells(SPAWN)))
    link = Timed(Page(page_cells), commands, reports, (SetPhase(False), Go()))
    options = Options(headset="openxr", zero_counts=True, minutes=seconds / 60.0)
    play(options, link, pictures=PictureRing(picture_cells), sound=sound)
    count = min(len(link.publishing), len(sound.hearing))
    np.save(out, np.array([link.taking[:count], link.publishing[:count], sound.hearing[:count]]))


def measured(seconds: float) -> np.ndarray[Any, Any]:
    """(3, frames) nanoseconds. Raises RigError."""
    with tempfile.TemporaryDirectory(prefix="harborlight-link-") as folder, MonadoRig(HZ) as rig:
        out = Path(folder) / "calls.npy"
        page_cells, picture_cells = Page.cells(SPAWN), PictureRing.cells(SPAWN)
        hears, tells = SPAWN.Pipe(duplex=False)
        heard, says = SPAWN.Pipe(duplex=False)
        with patch.dict(os.environ, {**rig.env, "LP_NUM_THREADS": "1"}):
            session = SPAWN.Process(target=inside, args=(seconds, page_cells, picture_cells, str(out), hears, says))
            session.start()
        page, end = Page(page_cells), time.monotonic() + seconds + PATIENCE_SECONDS
        while session.is_alive() and time.monotonic() < end:
            page.status()
            page.beat()
            time.sleep(TICK_SECONDS)
        session.kill()
        session.join()
        for pipe in (hears, tells, heard, says):
            pipe.close()
        if not out.exists():
            raise RigError("the session did not end by itself; its words stand above")
        return np.asarray(np.load(out))[:, WARM_UP:]


def figures_of(calls: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Microseconds a frame."""
    whole = calls.sum(axis=0) / 1e3
    told = {
        name: {"p50": round(float(np.percentile(values, 50)), 1), "p99": round(float(np.percentile(values, 99)), 1)}
        for name, values in zip(PARTS, (*calls / 1e3, whole), strict=True)
    }
    mean = float(whole.mean())
    return {"frames": len(whole), **told, "mean": round(mean, 1), "met": mean <= limits.LINK_MICROSECONDS}


def main() -> int:
    """Exit status: 0 when a frame pays at most limits.LINK_MICROSECONDS in the mean, else 1."""
    parser = argparse.ArgumentParser(prog="python -m headless_harness.link_cost")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        if lack := missing():
            raise RigError(lack)
        figures = figures_of(measured(asked.seconds))
    except RigError as error:
        print(f"link_cost: {error}", file=sys.stderr)
        return 1
    if asked.json:
        print(json.dumps(figures, indent=2))
    else:
        for name in PARTS:
            print(f"{name:8} p50 {figures[name]['p50']:6.1f} us   p99 {figures[name]['p99']:6.1f} us")
        print(f"a frame pays {figures['mean']:.1f} us in the mean, at most {limits.LINK_MICROSECONDS:g} wanted")
    return 0 if figures["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
