"""The patient's gallery as it looks with works in it: `python -m headless_harness.hung_works --out SHEET.jpg`.

The works are generated, the same in every run: `made` puts them through vr_app.works as a session would.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from math import cos, pi, radians, sin, tau
from pathlib import Path
from typing import Final

import numpy as np

from headless_harness.filled_triptych import fill
from headless_harness.pictures import Picture, write
from headless_harness.sheet import Tile, contact_sheet
from scenes.gallery import Gallery
from vr_app.api import Inputs, Pose, Vec4, Work
from vr_app.remembered import Remembered
from vr_app.render.context import ContextError
from vr_app.scripted.headset import looking
from vr_app.studio import open_studio
from vr_app.works.works import Works

AMBER: Final[Vec4] = (0.95, 0.55, 0.18, 0.9)
ROSE: Final[Vec4] = (0.80, 0.32, 0.34, 0.6)
SKY: Final[Vec4] = (0.30, 0.52, 0.78, 0.7)
MOSS: Final[Vec4] = (0.30, 0.42, 0.16, 0.3)
INK: Final[Vec4] = (0.03, 0.035, 0.05, 0.0)
PALE: Final[Vec4] = (0.86, 0.80, 0.66, 0.5)


def ribbon(work: Work) -> None:
    """Waves of light, as an arm makes them in a front arc."""
    for k, colour in enumerate((AMBER, ROSE, SKY, PALE, AMBER)):
        work.begin("ribbon", colour)
        for t in np.linspace(-1.0, 1.0, 160):
            y = 1.15 + 0.12 * (k - 2) + 0.16 * sin(3.2 * t + 0.7 * k)
            work.append(
                (0.75 * t, y, -0.75 - 0.25 * cos(1.5 * t) + 0.10 * sin(5.0 * t + k)), 0.030 + 0.012 * cos(2.0 * t)
            )
        work.end()
    work.finish()


def tree(work: Work) -> None:
    """A tree with leaves of light."""
    random = np.random.default_rng(5)

    def branch(x: float, y: float, z: float, yaw: float, up: float, long: float, thick: float) -> None:
        work.begin("tube", (0.42, 0.27, 0.16, 0.1))
        for t in np.linspace(0.0, 1.0, 24):
            work.append(
                (
                    x + long * t * cos(up) * sin(yaw),
                    y + long * t * sin(up) + 0.02 * sin(5 * t),
                    z + long * t * cos(up) * cos(yaw),
                ),
                thick * (1.0 - 0.55 * t),
            )
        work.end()
        x, y, z = x + long * cos(up) * sin(yaw), y + long * sin(up), z + long * cos(up) * cos(yaw)
        if long > 0.16:
            for _ in range(3):
                branch(
                    x, y, z, yaw + random.uniform(-1.9, 1.9), up * random.uniform(0.5, 0.9), 0.68 * long, 0.6 * thick
                )
        else:
            for _ in range(4):
                at = np.array([x, y, z]) + random.normal(0.0, 0.05, 3)
                work.begin("leaf", (0.75, random.uniform(0.42, 0.66), 0.16, 0.8))
                for t in np.linspace(0.0, 1.0, 6):
                    work.append(
                        (float(at[0] + 0.05 * t), float(at[1] - 0.03 * t * t), float(at[2])),
                        0.002 + 0.014 * sin(pi * t),
                    )
                work.end()

    branch(0.0, 0.75, -0.7, 0.3, 1.45, 0.42, 0.03)
    work.finish()


def mandala(
    work: Work, colours: Sequence[Vec4] = (AMBER, PALE, ROSE, SKY), turns: int = 8, brush: str = "tube"
) -> None:
    for k, colour in enumerate(colours):
        radius = 0.07 + 0.06 * k
        work.begin(brush, colour, turns=turns, mirror=k % 2 == 0)
        for t in np.linspace(0.0, 1.0, 30):
            turn = tau / turns * (t - 0.5)
            r = radius + 0.045 * cos(pi * t)
            work.append((r * sin(turn), 0.0, -r * cos(turn)), 0.0026)
        work.end()
        work.begin(brush, colour, turns=turns)
        for t in np.linspace(0.0, 1.0, 14):
            work.append((0.02 * sin(tau * t), 0.0, -(radius - 0.03 + 0.07 * t)), 0.0012 + 0.003 * sin(pi * t))
        work.end()
    work.finish()


def ink_mandala(work: Work) -> None:
    mandala(work, (INK, (0.20, 0.05, 0.03, 0.0), INK), 12, "ink")


def triptych(work: Work) -> None:
    fill(work)
    work.finish()


def spiral(work: Work) -> None:
    for k in range(3):
        work.begin("tube", (SKY, PALE, ROSE)[k])
        for t in np.linspace(0.0, 1.0, 260):
            turn = 5.0 * tau * t + tau * k / 3
            r = 0.30 * (1.0 - t) + 0.03
            work.append((r * cos(turn), 0.8 + 0.8 * t, -0.7 + r * sin(turn)), 0.010 - 0.006 * t)
        work.end()
    work.finish()


SET: Final[tuple[tuple[str, Callable[[Work], None]], ...]] = (
    ("light_paint", spiral),
    ("mandala", ink_mandala),
    ("triptych", triptych),
    ("light_paint", tree),
    ("mandala", mandala),
    ("light_paint", ribbon),
)  # oldest first


def made(count: int = len(SET)) -> Works:
    """The set, again and again up to so many; oldest first."""
    works = Works(Remembered())
    for n in range(count):
        scene, make = SET[(n - count) % len(SET)]
        make(works.new(scene))
        works.finish()
    return works


class _Filled(Gallery):
    """The scene, with works."""

    count = len(SET)

    def enter(self, stage):  # type: ignore[no-untyped-def]
        super().enter(
            stage.__class__(
                stage.haptics, stage.sound, stage.memory, made(self.count).of("gallery"), stage.note, stage.finish
            )
        )


class _Empty(_Filled):
    count = 0


class _Many(_Filled):
    count = 9


def sheet(size: tuple[int, int]) -> Picture:
    rows: list[list[Tile]] = []
    with open_studio(size, vertical=radians(80)) as studio:
        for scene, words, looks, rest, at in (
            (_Empty, "empty", (0.0, 36.0, -40.0), None, 4.0),
            (_Filled, "six works", (0.0, 36.0, -52.0), None, 6.0),
            (_Filled, "resting on the newest", (26.0,), (26.0, -2.5), 9.0),
            (_Filled, "resting on a mandala", (-42.0,), (-42.0, -2.5), 9.0),
            (_Many, "nine works, the stone", (-20.0,), None, 6.0),
        ):
            heads = [looking(radians(yaw), radians(-6.0), (0.0, 1.2, 0.0)) for yaw in looks]
            told = Inputs(looking(0.0, 0.4, (0.0, 1.2, 0.0)) if rest is None else _rest(*rest))
            shots = studio.film(scene, [(at, heads)], eye="left", inputs=told)
            row = [Tile(f"{words}, yaw {yaw:g}", shot.photograph.left) for yaw, shot in zip(looks, shots, strict=True)]
            if len(looks) == 1 and len(rows[-1]) < 3 and len(rows) > 2:
                rows[-1] += row
            else:
                rows.append(row)
    return contact_sheet(rows, size[0])


def _rest(yaw: float, pitch: float) -> Pose:
    return looking(radians(yaw), radians(pitch), (0.0, 1.2, 0.0))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="hung_works", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="SHEET.jpg")
    parser.add_argument("--size", type=int, nargs=2, default=(480, 480), metavar=("W", "H"))
    chosen = parser.parse_args(arguments)
    try:
        write(chosen.out, sheet(tuple(chosen.size)))
    except ContextError as error:
        print(f"hung_works: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
