"""What strokes cost: `python -m headless_harness.strokes [--json]`.

Appending a point, and the processor's time for a frame that draws 1,000 to 200,000 tubes in strokes of 200 points:
with counts of zero (the same calls and uploads, nothing drawn) and, with --draw, as this machine's GPU draws them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from math import cos, sin
from typing import Final

from vr_app.api import Pose
from vr_app.headset import Target
from vr_app.render.context import ContextError, open_context
from vr_app.scripted.headset import eye_views

AMOUNTS: Final = (0, 1_000, 10_000, 50_000, 200_000)  # tubes
OF_A_STROKE: Final = 200  # points
FRAMES: Final = 300
SIZE: Final = (320, 240)


def measure(amount: int, *, draw: bool) -> dict[str, float]:
    """Microseconds, medians."""
    from vr_app.render.renderer import Renderer
    from vr_app.render.targets import make_images

    with open_context("egl"):
        renderer = Renderer(zero_counts=not draw)
        strokes = max(amount // OF_A_STROKE, 1)
        ink, wax = renderer.kit.strokes(max(amount, 1), strokes), renderer.kit.material("strokes")
        points = [(0.3 * cos(0.1 * step), 1.2 + 0.3 * sin(0.13 * step), -2.0) for step in range(OF_A_STROKE)]
        append, each = ink.append, []
        for _ in range(amount // OF_A_STROKE):
            ink.begin((0.8, 0.5, 0.3, 0.2))
            begun = time.perf_counter_ns()
            for point in points:
                append(point, 0.01)
            each.append((time.perf_counter_ns() - begun) / OF_A_STROKE / 1e3)
            ink.end()
        targets = [Target(texture, *SIZE) for texture in make_images(SIZE)]
        views, frames = eye_views(Pose((0.0, 1.2, 0.0)), SIZE), []
        for _ in range(3 if draw else FRAMES):
            begun = time.perf_counter_ns()
            recording = renderer.record()
            recording.strokes(ink, wax, own=0.2)
            renderer.replay(views, targets)
            frames.append((time.perf_counter_ns() - begun) / 1e3)
        frame = {"tubes": float(amount), "strokes": float(ink.count), "frame_us": statistics.median(frames)}
        return frame | ({"append_us": statistics.median(each)} if each else {})


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="strokes", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--draw", action="store_true", help="three frames each, drawn: minutes without a GPU")
    chosen = parser.parse_args(arguments)
    try:
        found = [measure(amount, draw=chosen.draw) for amount in AMOUNTS]
    except ContextError as error:
        print(f"strokes: {error}", file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps(found))
        return 0
    print(f"{'tubes':>8}{'strokes':>9}{'append us':>11}{'frame us':>10}")
    for each in found:
        append = f"{each['append_us']:11.2f}" if "append_us" in each else " " * 11
        print(f"{each['tubes']:8.0f}{each['strokes']:9.0f}{append}{each['frame_us']:10.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
