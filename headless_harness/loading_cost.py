"""What loading costs the frames that go on meanwhile: a scene of large arrays on Monado, without rasterising.

`python -m headless_harness.loading_cost [--megabytes 200] [--seconds 20]`. Compares the frames in which something was
sent with those after, in one session at 90 Hz: wall time after the picture, frames missed, the longest share.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from typing import Any, Final

import numpy as np

from headless_harness.monado.rig import MonadoRig
from vr_app.api import Arrays, Kit, Scene, SceneInfo
from vr_app.baked import discard, key
from vr_app.baking import places
from vr_app.catalogue import Entry, find_scenes
from vr_app.clock import SessionClock
from vr_app.commands import Go, SetPhase
from vr_app.director import Director
from vr_app.link import Mailbox
from vr_app.plan import load_plan
from vr_app.timing.collector import Collector
from vr_app.timing.ledger import COLLECTED, DISPLAY, ENDED, PERIOD, REPLAYED, START, Ledger

HZ: Final = 90
EYE_SCALE: Final = 0.1
TEXELS: Final = 2048  # of each image's side
_ENVIRONMENT: Final = {"LP_NO_RAST": "1", "LP_NUM_THREADS": "1"}


def arrays(megabytes: int) -> Arrays:
    """As much as asked: three quarters vertices, one quarter images of 16 MB."""
    chance = np.random.default_rng(0)
    rows = megabytes * 750_000 // 24
    images = megabytes // 64
    made = {f"image-{number}": chance.integers(0, 256, (TEXELS, TEXELS, 4), np.uint8) for number in range(images)}
    return made | {
        "position": chance.random((rows, 3), np.float32),
        "normal": chance.random((rows, 3), np.float32),
        "index": np.arange(rows // 3 * 3, dtype=np.uint32),
    }


class Heavy(Scene):
    info = SceneInfo("lantern", "Heavy", "Large arrays in the lantern's place.", "meditative")
    megabytes = 200

    def build(self, kit: Kit) -> None:
        made = kit.bake(partial(arrays, self.megabytes))
        kit.mesh({name: made[name] for name in ("position", "normal", "index")})
        for name in made:
            if name.startswith("image"):
                kit.image(made[name])


class Noting(Mailbox):
    """Notes how much has been sent by the end of each frame."""

    def __init__(self, uploads: Any) -> None:
        super().__init__()
        self.uploads, self.sent = uploads, list[int]()

    def publish(self, director: Director, inputs: Any, *, frames: bool) -> None:
        if frames:
            self.sent.append(self.uploads.bytes)


def play(seconds: float) -> None:
    """The session itself, on the runtime that the environment names."""
    from vr_app.xr.headset import open_openxr

    entries = find_scenes() | {"lantern": Entry("lantern", Heavy)}
    plan = load_plan("lantern", find_scenes(), names={"name": "Nobody"}).lasting(seconds / 60.0)
    ledger = Ledger(round((seconds + 60.0) * HZ))
    with ExitStack() as stack:
        headset = stack.enter_context(open_openxr(ledger, scale=EYE_SCALE))
        from vr_app.loading import load_scenes
        from vr_app.loop import Loop  # OpenGL may be imported only after the context is open
        from vr_app.render.renderer import Renderer
        from vr_app.render.uploads import Uploads

        class Timed(Uploads):
            """The same, with a note of the processor time of each share: this machine may be busy."""

            def slice(self) -> None:
                waits, before = not self.idle, time.thread_time_ns()
                super().slice()
                if waits:
                    spent.append(time.thread_time_ns() - before)

        spent: list[int] = []
        renderer = Renderer(zero_counts=True)
        kit = renderer.kit
        kit.uploads = Timed(renderer.gl)
        loading = load_scenes(plan, entries, kit, kit.uploads)
        director = Director(plan, loading.scenes, headset, locked=True, ready=loading.ready)
        director.build(kit, loading.failures)
        renderer.warm_up(headset.info.eye_size)
        link = Noting(kit.uploads)
        for command in (SetPhase(False), Go()):
            link.post(command)
        with Collector(ledger) as collector:
            Loop(headset, director, renderer, ledger, collector, SessionClock(), link, loading=loading).run()
        renderer.close()
        for when, words in (*director.journal.events, *director.journal.faults):
            if "loaded" in words or "fail" in words or "cannot" in words:
                print(f"{when:6.2f} s  {words}")
        p50, p99, most = np.percentile(np.array(spent) / 1e6, (50, 99, 100))
        print(f"processor time of a share: p50 {p50:.3f} p99 {p99:.3f} max {most:.3f} ms ({len(spent)} shares)")
    report(ledger.rows(), np.array(link.sent))


def report(rows: Any, sent: Any) -> None:
    """Rows and what was sent begin together; the share of a frame follows its `publish`."""
    frames = min(len(rows), len(sent)) - 1
    rows = rows[: frames + 1]
    share = np.diff(sent[: frames + 1]) > 0  # what was sent after frame k is seen at the end of k + 1
    spent = (rows[1:, START] - rows[:-1, COLLECTED]) / 1e6  # from the frame's last mark to the next frame
    late = np.rint(np.diff(rows[:, DISPLAY]) / np.maximum(rows[1:, PERIOD], 1)) - 1
    drawn = rows[:-1, REPLAYED] > 0
    work = (rows[:-1, ENDED] - rows[:-1, START]) / 1e6
    for name, chosen in (("while loading", share & drawn), ("after", ~share & drawn)):
        if chosen.any():
            p50, p99, most = np.percentile(spent[chosen], (50, 99, 100))
            print(
                f"{name:14} {chosen.sum():6} frames, {int(late[chosen].clip(0).sum()):4} missed; after the frame "
                f"p50 {p50:.3f} p99 {p99:.3f} max {most:.3f} ms; the frame itself p50 {np.median(work[chosen]):.2f} ms"
            )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m headless_harness.loading_cost")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        from headless_harness import loading_cost  # by its name: a maker is found by it

        loading_cost.Heavy.megabytes = options.megabytes
        try:
            loading_cost.play(options.seconds)
        finally:
            discard(places()[0] / key(partial(loading_cost.arrays, options.megabytes)))
        return 0
    with MonadoRig(HZ) as rig:
        command = [sys.executable, "-m", "headless_harness.loading_cost", "--inside", *arguments]
        environment = {**os.environ, **rig.env, **_ENVIRONMENT}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
