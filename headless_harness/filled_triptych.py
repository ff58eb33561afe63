"""The three bays with a patient's things, words and paint in them, for pictures:

`python -m headless_harness.look headless_harness/filled_triptych.py --class FilledTriptych --out FILE.png --at 4`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import cos, pi, sin, tau
from typing import Any, Final

from scenes.making.placed import NATURAL, PREFIX
from scenes.triptych import Triptych
from scenes.valley.three_bays import BAYS, FACE, Hit, place_of
from vr_app.api import Frame, Kit, Stage, Vec4, Work

THINGS: Final = (  # name, bay, place on its cloth, turn
    ("door", 0, -0.20, 0.02, 0.0),
    ("stone", 0, 0.16, -0.24, 0.2),
    ("leaf", 0, 0.22, 0.18, -0.5),
    ("lantern", 1, 0.0, 0.10, 0.0),
    ("shell", 1, -0.23, -0.22, 0.3),
    ("boat", 2, -0.12, -0.10, 0.0),
    ("seed", 2, 0.20, -0.26, 0.4),
    ("feather", 2, 0.16, 0.24, 0.9),
)
INK: Final[Vec4] = (0.025, 0.042, 0.091, 0.5)
CHALK: Final[Vec4] = (0.863, 0.799, 0.701, 1.0)
LIGHT: Final[Vec4] = (1.0, 0.539, 0.195, 0.5)
WORDS: Final = ("The door at home\nwas always open", "Warm hands", "Write to Ana")
Curve = Callable[[float], tuple[float, float]]


def arch(radius: float) -> Curve:
    return lambda t: (radius * cos(pi * (0.1 + 0.8 * t)), 0.10 + radius * sin(pi * (0.1 + 0.8 * t)))


def curves() -> Iterator[tuple[str, Vec4, int, float, Curve]]:
    """Brush, colour, bay, radius, and place on the cloth for 0..1."""
    yield "ink", INK, 0, 0.0065, lambda t: (-0.36 + 0.72 * t, -0.14 - 0.03 * sin(9.0 * t))
    yield "ink", INK, 0, 0.0050, lambda t: (-0.36 + 0.60 * t, -0.19 - 0.02 * sin(11.0 * t + 1.0))
    yield "chalk", CHALK, 0, 0.0180, lambda t: (0.02 + 0.09 * cos(tau * t), 0.30 + 0.09 * sin(tau * t))
    for k in range(3):
        yield "tube", LIGHT, 1, 0.0075 - 0.0012 * k, arch(0.16 + 0.045 * k)
    yield "ink", INK, 1, 0.0060, lambda t: (-0.30 + 0.60 * t, -0.12 + 0.015 * sin(8.0 * t))
    yield "chalk", CHALK, 2, 0.0180, lambda t: (-0.36 + 0.70 * t, -0.18 + 0.025 * sin(12.0 * t))
    yield "chalk", CHALK, 2, 0.0150, lambda t: (-0.30 + 0.58 * t, -0.24 + 0.020 * sin(12.0 * t + 1.0))
    yield "ink", INK, 2, 0.0055, lambda t: (-0.34 + 0.62 * t, 0.02 + 0.12 * sin(pi * t) + 0.02 * sin(9.0 * t))


def fill(work: Work) -> None:
    """As the scene's own hand would have left it."""
    for brush, colour, bay, radius, curve in curves():
        work.begin(brush, colour)
        for step in range(61):
            t = step / 60.0
            work.append(place_of(Hit(bay, *curve(t)), FACE - 0.004), radius * (0.55 + 0.45 * sin(pi * t)))
        work.end()
    for n, (name, bay, x, y, turn) in enumerate(THINGS):
        work.begin(PREFIX + name, (*NATURAL, turn))
        work.append(place_of(Hit(bay, x, y), FACE + 0.0016 * n), 0.10)
        work.end()


class FilledTriptych(Triptych):
    """All tools have come; nobody points at anything."""

    def build(self, kit: Kit) -> None:
        super().build(kit)
        studio: Any = kit
        for bay, words in zip(BAYS, WORDS, strict=True):
            studio.fill(bay, words)

    def enter(self, stage: Stage) -> None:
        fill(stage.works.open())
        super().enter(stage)

    def update(self, frame: Frame) -> None:
        super().update(replace(frame, settings=replace(frame.settings, tools="all")))
