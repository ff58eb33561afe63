"""What strokes cost: `python -m headless_harness.strokes [--json] [--plot PNG]`.

Appending a point to the GPU's buffer, and to a canvas with its work. The processor's time for a frame that draws 1,000
to 200,000 tubes in strokes of 200 points: with counts of zero (the same calls, nothing drawn) or, with --draw, as this
machine draws them. And how long it takes until a work of 50,000 segments that is opened is all there.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from math import cos, sin
from pathlib import Path
from typing import Final

from scenes.making.brushes import AirInks
from scenes.making.canvas import LOADED, Canvas
from vr_app.api import Pose, Vec3, Work
from vr_app.headset import Target
from vr_app.remembered import Remembered
from vr_app.render.context import ContextError, open_context
from vr_app.scripted.headset import eye_views
from vr_app.works.works import Works

AMOUNTS: Final = (0, 1_000, 10_000, 50_000, 100_000, 200_000)  # tubes
OPENED: Final = 50_000  # segments of a work that is opened
OF_A_STROKE: Final = 200  # points
FRAMES: Final = 300
SIZE: Final = (320, 240)
POINTS: Final = [(0.3 * cos(0.1 * step), 1.2 + 0.3 * sin(0.13 * step), -2.0) for step in range(OF_A_STROKE)]


def measure(amount: int, *, draw: bool) -> dict[str, float]:
    """Microseconds, medians."""
    from vr_app.render.renderer import Renderer
    from vr_app.render.targets import make_images

    with open_context("egl"):
        renderer = Renderer(zero_counts=not draw)
        strokes = max(amount // OF_A_STROKE, 1)
        ink, wax = renderer.kit.strokes(max(amount, 1), strokes), renderer.kit.material("strokes")
        each = []
        for _ in range(amount // OF_A_STROKE):
            ink.begin((0.8, 0.5, 0.3, 0.2))
            each.append(_appended(ink.append))
            ink.end()
        targets = [Target(texture, *SIZE) for texture in make_images(SIZE)]
        views, frames = eye_views(Pose((0.0, 1.2, 0.0)), SIZE), []
        for _ in range(3 if draw else FRAMES):
            begun = time.perf_counter_ns()
            recording = renderer.record()
            recording.strokes(ink, wax, own=0.2)
            renderer.replay(views, targets)
            frames.append((time.perf_counter_ns() - begun) / 1e3)
        frame = {"tubes": float(amount), "strokes": float(strokes), "frame_us": statistics.median(frames)}
        return frame | ({"append_us": statistics.median(each)} if each else {})


def _appended(append: Callable[[Vec3, float], bool]) -> float:
    """Microseconds a point."""
    begun = time.perf_counter_ns()
    for point in POINTS:
        append(point, 0.01)
    return (time.perf_counter_ns() - begun) / len(POINTS) / 1e3


def painted(works: Works, segments: int) -> Work:
    """A work of so many segments, of all brushes."""
    work = works.of("light_paint").open()
    names = ("ribbon", "ink", "chalk", "leaf", "dust", "tube")
    for number in range(segments // OF_A_STROKE):
        work.begin(names[number % len(names)], (0.8, 0.5, 0.3, 0.5))
        for x, y, z in POINTS:
            work.append((x + 0.001 * number, y, z), 0.01)
        work.end()
        works.finish()
    return work


def opening() -> dict[str, float]:
    """What a work of OPENED segments costs: read from its pieces, and shown in shares; and a point on a canvas."""
    from vr_app.render.renderer import Renderer

    remembered = Remembered()
    painted(Works(remembered), OPENED)
    kept = {(each.scene, each.key): each.value for each in remembered.take()}
    with open_context("egl"):
        canvas = Canvas(AirInks(Renderer(zero_counts=True).kit))
        begun = time.perf_counter()
        work = Works(Remembered(kept)).of("light_paint").open()
        read = time.perf_counter() - begun
        canvas.open(work)
        shares = []
        while not canvas.whole:
            begun = time.perf_counter()
            canvas.load()
            shares.append(time.perf_counter() - begun)
        each = []
        for _ in range(40):
            canvas.begin("ink", (0.8, 0.5, 0.3, 0.5))
            each.append(_appended(canvas.append))
            canvas.end()
    return {
        "read_s": read, "shown_s": sum(shares), "frames": float(len(shares)), "points_a_frame": float(LOADED),
        "share_ms": 1e3 * statistics.median(shares), "worst_share_ms": 1e3 * max(shares),
        "seconds_at_90_hz": read + len(shares) / 90.0, "canvas_point_us": statistics.median(each),
    }  # fmt: skip


def plot(rows: Sequence[dict[str, float]], path: Path) -> None:
    """The processor's time for a frame over tubes, as a picture."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    axes.plot([row["tubes"] for row in rows], [row["frame_us"] for row in rows], "o-", color="#31506B")
    axes.set(xlabel="segments", ylabel="processor, us a frame", ylim=(0, None), title="Strokes: a frame's cost")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main(arguments: Sequence[str]) -> int:
    """Exit status: 1 without a GPU context."""
    parser = argparse.ArgumentParser(prog="strokes", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--draw", action="store_true", help="three frames each, drawn: minutes without a GPU")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="needs matplotlib")
    chosen = parser.parse_args(arguments)
    try:
        rows = [measure(amount, draw=chosen.draw) for amount in AMOUNTS]
        opened = opening()
    except ContextError as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.plot:
        plot(rows, chosen.plot)
    if chosen.json:
        print(json.dumps({"frames": rows, "opening": opened}))
        return 0
    for row in rows:
        append = f", a point {row['append_us']:.2f} us" if "append_us" in row else ""
        print(f"{row['tubes']:7.0f} tubes: a frame {row['frame_us']:6.1f} us{append}")
    print(", ".join(f"{name} {value:.3f}" for name, value in opened.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
