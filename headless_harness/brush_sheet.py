"""The brushes of light paint in the clearing, and pictures made with them.

`python -m headless_harness.brush_sheet --out SHEET.jpg`. A visit of its own, the same in every run; each brush draws
one line from a light to a full press.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import cos, pi, radians, sin, tau
from pathlib import Path
from typing import Final

import numpy as np

from headless_harness.hung_works import AMBER, INK, MOSS, PALE, ROSE, SKY
from headless_harness.pictures import Picture, write
from headless_harness.sheet import Tile, contact_sheet
from scenes.light_paint import LightPaint
from scenes.making.brushes import BRUSHES, brush
from scenes.making.palette import COLOURS
from vr_app.api import Pose, Stage, Vec4, Work
from vr_app.remembered import Remembered
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking
from vr_app.studio import Studio, open_studio
from vr_app.works.works import Works

AT: Final = 6.0  # seconds of the scene
COLOUR: Final = {"ribbon": AMBER, "ink": INK, "chalk": PALE, "leaf": COLOURS[2], "dust": COLOURS[0], "tube": SKY}


Points = Iterable[tuple[float, float, float, float]]  # x, y, z, radius; metres


def stroke(work: Work, name: str, colour: Vec4, points: Points) -> None:
    work.begin(name, colour)
    for x, y, z, radius in points:
        work.append((x, y, z), radius)
    work.end()


def along(count: int, first: float = -1.0) -> list[float]:
    return [float(t) for t in np.linspace(first, 1.0, count)]


def line(work: Work, name: str, colour: Vec4, up: float, wide: float = 1.1, away: float = 1.1) -> None:
    """A wave from left to right before the seat, pressed ever more."""
    made = brush(name)
    share = 0.5 * (1.0 - made.least)
    points = (
        (0.5 * wide * t, 1.2 + up + 0.10 * sin(1.5 * pi * t), -away, made.radius * (made.least + share * (1.0 + t)))
        for t in along(round(2.0 * wide / made.spacing))
    )
    stroke(work, name, colour, points)


def one(name: str) -> Callable[[Work], None]:
    def make(work: Work) -> None:
        line(work, name, COLOUR[name], 0.14)
        for k, colour in enumerate((COLOURS[1], COLOURS[3], COLOURS[4])):  # three short ones below, in other colours
            _dash(work, name, colour, -0.42 + 0.42 * k)

    return make


def _dash(work: Work, name: str, colour: Vec4, right: float) -> None:
    made = brush(name)
    ways = along(round(0.34 / made.spacing) + 2)
    thick = [made.radius * (0.7 + 0.3 * cos(0.5 * pi * t)) for t in ways]
    points = zip(ways, thick, strict=True)
    stroke(work, name, colour, ((right + 0.16 * t, 1.0 + 0.05 * cos(pi * t), -1.05, radius) for t, radius in points))


def all_of_them(work: Work) -> None:
    for row, name in enumerate(BRUSHES):
        line(work, name, COLOUR[name], 0.36 - 0.125 * row, 1.3, 1.25)


def bay(work: Work) -> None:
    """What a patient might make: hills in chalk, water in ribbons, a sun of dust, birds in ink, a light."""
    for k, colour in enumerate((MOSS, (0.22, 0.30, 0.20, 0.4), (0.20, 0.26, 0.30, 0.4))):
        up, away = 1.18 + 0.07 * k, -1.35 - 0.12 * k
        hill = ((0.95 * t, up + 0.11 * sin(2.1 * t + 1.7 * k) + 0.03 * sin(6 * t + k), away, 0.020) for t in along(150))
        stroke(work, "chalk", colour, hill)
    for k, colour in enumerate((SKY, COLOURS[3], SKY)):
        up, away = 0.98 - 0.07 * k, -1.15 + 0.05 * k
        stroke(work, "ribbon", colour, ((0.8 * t, up + 0.02 * sin(5 * t + 2 * k), away, 0.024) for t in along(130)))
    sun = ((0.28 + 0.1 * t * cos(2 * tau * t), 1.56 + 0.1 * t * sin(2 * tau * t), -1.6, 0.06) for t in along(60, 0.0))
    stroke(work, "dust", AMBER, sun)
    for k in range(4):
        right, up = -0.42 + 0.13 * k, 1.60 + 0.06 * sin(2.2 * k)
        bird = ((right + 0.05 * t, up + 0.022 * abs(t) ** 0.7, -1.45, 0.006 * (1.15 - abs(t))) for t in along(24))
        stroke(work, "ink", INK, bird)
    stroke(work, "tube", AMBER, ((0.62, 1.16 + 0.10 * t, -1.3, 0.010) for t in along(30, 0.0)))
    ring = ((0.62 + 0.05 * sin(pi * t), 1.30 - 0.05 * cos(pi * t), -1.3, 0.006) for t in along(40))
    stroke(work, "tube", ROSE, ring)


def flower(work: Work) -> None:
    """Petals of ribbon about a heart of dust, on a stem with leaves."""
    for k in range(9):
        c, s = cos(tau * k / 9), sin(tau * k / 9)
        petal = ((0.26 * sin(0.5 * pi * t) + 0.03, 0.10 * sin(pi * t), sin(pi * t)) for t in along(40, 0.0))
        at = ((x * c - y * s, 1.42 + x * s + y * c, -1.25 - 0.1 * wide, 0.012 + 0.03 * wide) for x, y, wide in petal)
        stroke(work, "ribbon", (ROSE, COLOURS[4], COLOURS[1])[k % 3], at)
    heart = ((0.03 * cos(pi * t), 1.42 + 0.03 * sin(pi * t), -1.22, 0.05) for t in along(20))
    stroke(work, "dust", AMBER, heart)
    for name, thick, count in (("ink", 0.008, 60), ("leaf", 0.034, 11)):
        stem = ((0.1 * t * t, 1.36 - 0.5 * t, -1.26, thick * (1.0 - 0.3 * t)) for t in along(count, 0.0))
        stroke(work, name, COLOURS[2], stem)


def painted(make: Callable[[Work], None]) -> type[LightPaint]:
    """The scene, opened with a work that is there already; its tools as who comes back finds them."""

    class Painted(LightPaint):
        def enter(self, stage: Stage) -> None:
            works = Works(Remembered())
            make(works.new("light_paint"))
            super().enter(replace(stage, works=works.of("light_paint")))

    return Painted


def tile(studio: Studio, words: str, make: Callable[[Work], None], head: Pose) -> Tile:
    (shot,) = studio.film(painted(make), [(AT, [head])], eye="left")
    return Tile(words, shot.photograph.left)


def sheet(size: tuple[int, int]) -> Picture:
    ahead, down = looking(0.0, radians(-4.0), (0.0, 1.2, 0.0)), looking(0.0, radians(-16.0), (0.0, 1.2, 0.0))
    with open_studio(size, vertical=radians(62.0)) as studio:
        rows = [
            [tile(studio, name, one(name), ahead) for name in names]
            for names in (("ribbon", "ink", "chalk"), ("leaf", "dust", "tube"))
        ]
        rows.append(
            [
                tile(studio, "all six, and what may be taken", all_of_them, down),
                tile(studio, "a bay", bay, ahead),
                tile(studio, "a flower", flower, ahead),
            ]
        )
    return contact_sheet(rows, size[0])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="brush_sheet", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="SHEET.jpg")
    parser.add_argument("--size", type=int, nargs=2, default=(560, 560), metavar=("W", "H"))
    chosen = parser.parse_args(arguments)
    try:
        write(chosen.out, sheet(tuple(chosen.size)))
    except ContextError as error:
        print(f"brush_sheet: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
