"""Small things that lie on something upright, and the shade behind each. Metres, radians."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import cos, sin
from typing import Final, NamedTuple

import numpy as np

from scenes.valley.small_things import THINGS, thing_arrays
from vr_app.api import Arrays, Buffer, Image, Kit, Pass, Pose, Vec3

SHADE: Final = 0.011  # before what it lies on


class Laid(NamedTuple):
    """A thing as it is seen."""

    place: Vec3
    size: float  # its radius
    turn: float  # counter-clockwise, as one sees it
    warm: float = 0.0
    yaw: float = 0.0  # to the left, by which what it lies on is turned from +z
    before: float = 0.016  # of that, at which it lies
    high: float = 0.0  # of that again, by which it is lifted: its shade is paler


class LaidThings:
    """`lay` when something moves; `draw` with what is solid, `draw_shade` when all of that is drawn."""

    def __init__(self, kit: Kit, images: dict[str, Image], most: int) -> None:
        """`images`: what natural materials want; at most so many things are seen at once."""
        nothing = np.zeros((most, 16), np.float32)
        self._most, material = most, kit.material("laid", **images)
        self._rows = {name: nothing.copy() for name in THINGS}
        self._counts = dict.fromkeys(THINGS, 0)
        self._buffers: dict[str, Buffer] = {name: kit.buffer(nothing) for name in THINGS}
        self._things = {
            name: (kit.mesh(kit.bake(partial(thing_arrays, name)), self._buffers[name]), material) for name in THINGS
        }
        self._shade_rows, self._shades = nothing.copy(), kit.buffer(nothing)
        self._shade = kit.mesh(_card(), self._shades), kit.material("laid_shade")
        self._count = 0

    def lay(self, things: Sequence[tuple[str, Laid]]) -> None:
        """These are seen, and no others; those first of which there is room for."""
        things = things[: self._most]
        self._counts = dict.fromkeys(THINGS, 0)
        self._count = len(things)
        for n, (name, laid) in enumerate(things):
            (x, y, z), size, s, c = laid.place, laid.size, sin(laid.yaw), cos(laid.yaw)
            row = self._rows[name][self._counts[name]]
            self._counts[name] += 1
            row[:8] = x, y, z, laid.yaw, size, size, size, laid.turn
            row[8:13] = 1.0, 1.0, 1.0, 1.0, laid.warm
            back, wide = laid.before + laid.high - SHADE, 1.28 * size
            low = self._shade_rows[n]
            low[:8] = x - s * back, y - 0.10 * size, z - c * back, laid.yaw, wide, wide, wide, 0.0
            low[8:13] = 1.0, 1.0, 1.0, 1.0, min(max(1.0 - 6.0 * laid.high, 0.25), 1.0)
        for name, count in self._counts.items():
            if count:
                self._buffers[name].write(0, self._rows[name][:count])
        if things:
            self._shades.write(0, self._shade_rows[: len(things)])

    def draw(self, out: Pass, at: Pose = Pose()) -> None:
        for name, count in self._counts.items():
            if count:
                out.draw(*self._things[name], at, copies=count)

    def draw_shade(self, out: Pass, at: Pose = Pose()) -> None:
        if self._count:
            out.draw(*self._shade, at, copies=self._count)


def _card() -> Arrays:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    position = np.concatenate([corners, np.zeros((4, 1))], axis=1)
    return {"position": position, "uv": corners, "index": np.array([0, 1, 2, 0, 2, 3])}
