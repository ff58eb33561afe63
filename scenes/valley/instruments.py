"""What sounds on the terrace and can be rested on: a bell, bowls, a table for birds, a wind harp and a basin.

Places are metres about the seat STONES, y = 0 on its flagstones. The birch that rustles grows in trees.py.
"""

from __future__ import annotations

from math import cos, pi, sin, tau
from typing import Any, Final

import numpy as np

from scenes.valley.attention import Spot
from scenes.valley.land import casters
from scenes.valley.place import STONES
from scenes.valley.shapes import Floats, Shape, box, lathe, merged, tube
from scenes.valley.sky import Sky
from scenes.valley.terrace import BASIN, BELL, BIRDS, HARP, STAND, STAND_TOP, TABLE, lowest
from scenes.valley.terrain import Relief, horizons, kept, openness
from vr_app.api import Arrays, Kit, Pass, Vec3

SURFACES: Final = ("bronze", "wood", "stone", "cord")  # of shaders/instruments.glsl
MAKERS: Final = ("bell", "bowl", "birds", "harp", "water", "leaves")  # `kind` is this place times 4 and the surface
BRONZE, PATINA, OAK, DARK, LINEN, SLATE = "#7E6238", "#6E6A4C", "#7A5F48", "#54453A", "#A89B84", "#6F6D6B"

BELL_HIGH: Final = 1.40  # of the bell's crown
CROWN: Final = (-4.9, 2.7, -1.7)  # of the birch
BASIN_TOP, WATER = 0.44, 0.385  # of its rim and of the water in it
SPOUT: Final = 0.78

# What can be rested on, and whose sound it is. The second and third are in reach of the hands.
SPOTS: Final = (
    Spot((BELL[0], 1.20, BELL[1]), 0.28),
    Spot((STAND[0], STAND_TOP + 0.06, STAND[1]), 0.13),
    Spot((-STAND[0], STAND_TOP + 0.06, STAND[1]), 0.13),
    Spot((TABLE[0], TABLE[2] + 0.10, TABLE[1]), 0.36),
    Spot((BIRDS[0], 1.42, BIRDS[1]), 0.40),
    Spot((HARP[0], 0.92, HARP[1]), 0.50),
    Spot((BASIN[0], 0.50, BASIN[1]), 0.42),
    Spot(CROWN, 1.20),
)
OF_SPOT: Final = (0, 1, 1, 1, 2, 3, 4, 5)  # in MAKERS
IN_REACH: Final = (1, 2)
# Where each is heard from.
PLACES: Final[tuple[Vec3, ...]] = (
    SPOTS[0].centre, SPOTS[3].centre, (BIRDS[0], 1.9, BIRDS[1]), SPOTS[5].centre, SPOTS[6].centre, CROWN,
)  # fmt: skip
# Pools of warm light before what stands on the flagstones, soft light about the others: place, radius, whether it lies.
_GLOWS: Final = (
    ((BELL[0], 0.02, BELL[1]), 1.0, True),
    ((TABLE[0], TABLE[2] + 0.02, TABLE[1]), 0.62, True),
    ((BIRDS[0], 1.45, BIRDS[1]), 0.8, False),
    ((0.84 * HARP[0], 0.02, 0.84 * HARP[1]), 0.95, True),
    ((0.76 * BASIN[0], 0.02, 0.76 * BASIN[1]), 1.0, True),
    (CROWN, 2.2, False),
)
_WARM: Final = (1.0, 0.62, 0.30)
_POOL: Final = 2.2  # radiance of a pool's middle over that of what is warm


class Instruments:
    """`draw` with the rest of what is solid, `draw_glow` when all else is drawn. Warmth 0..1 of each of MAKERS."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        images = {"grain": sky.grain, "sky_map": sky.map}
        arrays = kit.bake(instruments_arrays)
        self._solid = kit.mesh(arrays), kit.material("instruments", **images)
        self._water = kit.mesh(kit.bake(water_arrays)), kit.material("stream", **images)
        halo = kit.material("halo")
        self._glows = [(kit.mesh(_glow(*each)), halo) for each in _GLOWS]

    def draw(self, out: Pass, warmth: list[float]) -> None:
        out.draw(*self._solid, warm=warmth[:4], warm_too=(*warmth[4:], 0.0, 0.0))
        out.draw(*self._water)

    def draw_glow(self, out: Pass, warmth: list[float]) -> None:
        for glow, warm in zip(self._glows, warmth, strict=True):
            if warm > 0.004:
                light = _POOL * warm
                out.draw(*glow, lantern=(light * _WARM[0], light * _WARM[1], light * _WARM[2]))


def _glow(place: Vec3, radius: float, lies: bool) -> Arrays:
    """A card that lies, or faces the seated eye; uv -1..1."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    if lies:
        right, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, -1.0])
    else:
        toward = np.array([0.0, 1.2, 0.0]) - place
        right = np.cross([0.0, 1.0, 0.0], toward)
        right /= np.linalg.norm(right)
        up = np.cross(toward, right) / np.linalg.norm(toward)
    position = np.array(place) + radius * (corners[:, :1] * right + corners[:, 1:] * up)
    return {"position": position, "uv": corners, "index": np.array([0, 1, 2, 0, 2, 3])}


# --- their shapes


class _Making:
    """Shapes with the maker and surface that they belong to."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self.kinds: list[Floats] = []
        self.open: list[Floats] = []

    def add(
        self, maker: str, surface: str, shape: Shape, colour: str, sway: float = 0.0, within: float | Floats = 1.0
    ) -> None:
        """`sway`: metres by which wind moves it; `within`: what its own form leaves of the sky's light, 0..1."""
        painted = shape.painted(colour)
        painted.colour[:, 3] = sway
        self.shapes.append(painted)
        kind = 4.0 * MAKERS.index(maker) + SURFACES.index(surface)
        self.kinds.append(np.full((len(shape.position), 1), kind))
        self.open.append(np.broadcast_to(within, len(shape.position)))


def _hung(shape: Shape, place: tuple[float, float, float], y: float = 0.0) -> Shape:
    """At a maker's place and turn."""
    return shape.turned(place[2]).at(place[0], y, place[1])


def instruments_arrays() -> Arrays:
    """All that is solid, in one mesh; colour.a: metres by which wind moves it; light: open sky."""
    made = _Making()
    _bell(made)
    _bowls(made)
    _bird_table(made)
    _harp(made)
    _basin(made)
    shape, kind = merged(made.shapes), np.concatenate(made.kinds)
    relief = Relief.about(STONES, casters(STONES))
    angles = horizons(relief, shape.position + 0.05 * shape.normal + np.array([0.0, 0.02, 0.0]))
    light = np.ones((len(kind), 4))
    light[:, 0] = openness(0.8 * angles, np.tile([0.0, 1.0, 0.0], (len(kind), 1)))
    light[:, 0] *= np.concatenate(made.open)
    light[:, 0] *= 0.62 + 0.38 * np.clip(shape.position[:, 1] / 0.5, 0.0, 1.0)
    columns = {"position": shape.position, "normal": shape.normal, "uv": shape.uv, "colour": shape.colour,
               "light": light, "kind": kind}  # fmt: skip
    arrays: dict[str, Any] = {name: column.astype(np.float32) for name, column in columns.items()}
    return arrays | {"horizon": kept(angles), "index": shape.index.reshape(-1).astype(np.uint32)}


def _rolled(shape: Shape, roll: float) -> Shape:
    """Turned about +z."""
    c, s = cos(roll), sin(roll)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return Shape(shape.position @ turn.T, shape.normal @ turn.T, shape.uv, shape.colour, shape.index)


def _turned_bowl(radius: float, tall: float) -> Shape:
    """A bowl from its foot up its outside, over its rim and down its inside."""
    r, h = radius, tall
    outside = [(0.0, 0.0), (0.45 * r, 0.0), (0.72 * r, 0.12 * h), (0.93 * r, 0.40 * h), (1.0 * r, 0.72 * h)]
    rim = [(0.985 * r, 0.97 * h), (0.965 * r, 1.0 * h), (0.935 * r, 0.97 * h)]
    inside = [(0.945 * r, 0.70 * h), (0.87 * r, 0.42 * h), (0.66 * r, 0.17 * h), (0.0, 0.09 * h)]
    return lathe([*outside, *rim, *inside], sides=28)


def _bowls(made: _Making) -> None:
    """One on each stand, for a hand; three on the stone table; all on felt, with a mallet beside them."""
    places = [(side * STAND[0], STAND_TOP, STAND[1], 0.108 + 0.006 * side, 0.098) for side in (-1.0, 1.0)]
    x, z, top = TABLE
    places += [(x - 0.27, top, z + 0.05, 0.165, 0.13), (x + 0.08, top, z - 0.08, 0.125, 0.105)]
    places += [(x + 0.33, top, z + 0.09, 0.092, 0.085)]
    for k, (bx, by, bz, radius, tall) in enumerate(places):
        felt = lathe([(0.78 * radius, 0.0), (0.86 * radius, 0.008), (0.80 * radius, 0.02), (0.0, 0.022)], sides=20)
        made.add("bowl", "cord", felt.at(bx, by + 0.002, bz), ("#62504A", "#5D5A52")[k % 2])
        turned = _turned_bowl(radius, tall)
        deep = 1.0 - turned.position[:, 1] / tall  # its inside sees less of the sky the lower it lies
        inward = np.einsum("ij,ij->i", turned.normal[:, ::2], turned.position[:, ::2]) <= 0.0
        left = np.where(inward & (turned.normal[:, 1] > 0.0), 0.75 - 0.62 * deep, 1.0)
        made.add("bowl", "bronze", turned.at(bx, by + 0.018, bz), (BRONZE, PATINA)[k == 3], within=left)
    stick = tube([(-0.11, 0.0, 0.0), (0.02, 0.0, 0.0), (0.03, 0.0, 0.0)], [0.009, 0.009, 0.005], sides=8)
    head = lathe([(0.0, -0.04), (0.018, -0.035), (0.021, 0.0), (0.018, 0.035), (0.0, 0.04)], sides=12)
    lying = _rolled(head, pi / 2)
    made.add("bowl", "wood", stick.turned(0.5).at(x + 0.10, top + 0.024, z + 0.19), OAK)
    made.add("bowl", "cord", lying.turned(0.5).at(x + 0.15, top + 0.024, z + 0.165), "#62504A")


def _frame(made: _Making) -> None:
    """A beam on two posts, each on a foot with struts."""
    half, top = 0.46, 1.62
    for side in (-1.0, 1.0):
        foot, head = side * (half + 0.03), side * (half - 0.01)
        post = tube([(foot, -0.06, 0.0), (side * half, 0.7, 0.0), (head, top, 0.0)], [0.045, 0.040, 0.036], sides=10)
        made.add("bell", "wood", _hung(post, BELL), OAK)
        made.add("bell", "wood", _hung(box((0.13, 0.07, 0.50), bevel=0.02).at(foot, 0.03, 0.0), BELL), DARK)
        for way in (-1.0, 1.0):
            strut = tube([(foot, 0.06, 0.21 * way), (side * (half + 0.012), 0.40, 0.03 * way)], 0.017, sides=6)
            made.add("bell", "wood", _hung(strut, BELL), DARK)
    beam = [(x, top + 0.012 * cos(2.0 * x) - 0.01, 0.0) for x in np.linspace(-0.66, 0.66, 9)]
    made.add("bell", "wood", _hung(tube(beam, [0.030, *(0.041,) * 7, 0.030], sides=10), BELL), OAK)
    loop = [(0.035 * cos(t), top - 0.02 + 0.06 * sin(t), 0.0) for t in np.linspace(0.0, tau, 17)]
    made.add("bell", "cord", _hung(tube(loop, 0.009, sides=6), BELL), LINEN)
    rope = [(0.0, top - 0.07, 0.0), (0.0, BELL_HIGH + 0.03, 0.0)]
    made.add("bell", "cord", _hung(tube(rope, 0.010, sides=6), BELL), LINEN)


def _bell(made: _Making) -> None:
    """It hangs in its frame; below it, on a cord, a thin board that wind moves."""
    _frame(made)
    shell = [(0.195, -0.390), (0.203, -0.371), (0.192, -0.340), (0.172, -0.267), (0.156, -0.18), (0.146, -0.10)]
    shell += [(0.130, -0.046), (0.091, -0.010), (0.039, 0.0), (0.034, 0.016), (0.039, 0.039), (0.0, 0.047)]
    inside = [(0.195, -0.390), (0.177, -0.37), (0.153, -0.27), (0.135, -0.18), (0.11, -0.065), (0.0, -0.04)]
    made.add("bell", "bronze", _hung(lathe(shell, sides=40), BELL, BELL_HIGH), BRONZE)
    made.add("bell", "bronze", _hung(lathe(inside, sides=40), BELL, BELL_HIGH), "#4A3B26", within=0.25)
    for y, wide in ((-0.338, 0.193), (-0.280, 0.177), (-0.068, 0.138)):
        band = [(wide * cos(t), y, wide * sin(t)) for t in np.linspace(0.0, tau, 41)]
        made.add("bell", "bronze", _hung(tube(band, 0.005, sides=6), BELL, BELL_HIGH), BRONZE)
    clapper = lathe([(0.0, -0.40), (0.024, -0.392), (0.034, -0.36), (0.024, -0.328), (0.0, -0.32)], sides=14)
    made.add("bell", "wood", _hung(clapper, BELL, BELL_HIGH), DARK, sway=0.012)
    line = [(0.0, BELL_HIGH - y, 0.0) for y in (0.05, 0.38, 0.47, 0.56)]
    made.add("bell", "cord", _hung(tube(line, 0.003, sides=5), BELL), LINEN, sway=0.014)
    sail = box((0.095, 0.22, 0.006), bevel=0.002, cells=0.1).turned(0.5)
    made.add("bell", "wood", _hung(sail.at(0.0, BELL_HIGH - 0.66, 0.0), BELL), "#9A8468", sway=0.030)


def _bird_table(made: _Making) -> None:
    """A post beyond the wall with a small roofed board; a thin branch is tied to it."""

    def add(shape: Shape, colour: str, y: float = 0.0) -> None:
        made.add("birds", "wood", _hung(shape, BIRDS, y), colour)

    foot = lowest(*BIRDS[:2]) - 0.3
    add(tube([(0.0, foot, 0.0), (0.01, 0.4, 0.0), (0.0, 1.26, 0.0)], [0.055, 0.050, 0.044], sides=10), DARK)
    add(box((0.52, 0.028, 0.40)), OAK, 1.27)
    for side in (-1.0, 1.0):
        add(box((0.022, 0.05, 0.40)).at(0.26 * side, 0.02, 0.0), OAK, 1.27)
        add(box((0.52, 0.05, 0.022)).at(0.0, 0.02, 0.19 * side), OAK, 1.27)
        for way in (-1.0, 1.0):
            add(tube([(0.21 * side, 0.0, 0.14 * way), (0.20 * side, 0.32, 0.13 * way)], 0.013, sides=6), DARK, 1.28)
        add(_rolled(box((0.36, 0.018, 0.50)), -0.56 * side).at(0.145 * side, 1.70, 0.0), "#5A5149")
    branch = [(0.03, 0.95, 0.02), (0.16, 1.08, 0.06), (0.34, 1.16, 0.06), (0.52, 1.30, 0.10), (0.66, 1.38, 0.10)]
    add(tube(branch, [0.014, 0.013, 0.011, 0.008, 0.004], sides=7), DARK)
    add(tube([(0.34, 1.16, 0.06), (0.44, 1.17, 0.0), (0.58, 1.23, -0.03)], [0.008, 0.006, 0.003], sides=6), DARK)


def _harp(made: _Making) -> None:
    """Strings in an upright frame on a stone: the wind plays it."""
    made.add("harp", "stone", _hung(box((0.62, 0.30, 0.34), bevel=0.045, cells=0.3).at(0.0, 0.13, 0.0), HARP), SLATE)
    made.add("harp", "wood", _hung(box((0.54, 0.13, 0.17), bevel=0.018, cells=0.2).at(0.0, 0.345, 0.0), HARP), OAK)
    made.add("harp", "wood", _hung(box((0.60, 0.02, 0.22), bevel=0.006, cells=0.3).at(0.0, 0.418, 0.0), HARP), DARK)
    left = [(-0.235, 0.42, 0.0), (-0.255, 0.75, 0.0), (-0.27, 1.10, 0.0), (-0.25, 1.36, 0.0), (-0.20, 1.45, 0.0)]
    right = [(0.235, 0.42, 0.0), (0.25, 0.70, 0.0), (0.265, 0.98, 0.0), (0.25, 1.16, 0.0), (0.22, 1.23, 0.0)]
    top = [(-0.27, 1.43, 0.0), (-0.12, 1.45, 0.0), (0.02, 1.385, 0.0), (0.14, 1.285, 0.0), (0.29, 1.215, 0.0)]
    for path, thick in ((left, 0.028), (right, 0.026), (top, 0.029)):
        made.add("harp", "wood", _hung(tube(path, thick, sides=10), HARP), OAK)
    for x in np.linspace(-0.18, 0.18, 9):
        high = float(np.interp(x, [p[0] for p in top], [p[1] for p in top])) - 0.02
        made.add("harp", "cord", _hung(tube([(x, 0.425, 0.0), (x, high, 0.0)], 0.0022, sides=5), HARP), "#C4B594")


def _basin(made: _Making) -> None:
    """A stone basin that a wooden spout fills."""
    body = [(0.20, -0.07), (0.25, 0.0), (0.33, 0.16), (0.375, 0.33), (0.385, 0.42), (0.372, BASIN_TOP), (0.335, 0.436),
            (0.315, 0.415), (0.29, 0.34), (0.20, 0.29), (0.0, 0.28)]  # fmt: skip
    shape = lathe(body, sides=36)
    turn = np.arctan2(shape.position[:, 2], shape.position[:, 0])
    bumps = 1.0 + 0.022 * np.sin(3.0 * turn + 1.0) + 0.014 * np.sin(7.0 * turn + 9.0 * shape.position[:, 1])
    shape.position[:, ::2] *= bumps[:, None]
    made.add("water", "stone", _hung(shape, BASIN), SLATE)
    stone = box((0.30, 1.0, 0.26), bevel=0.05, cells=0.2).at(0.0, 0.42, -0.58)
    stone.position[:, 0] += 0.02 * np.sin(7.0 * stone.position[:, 1])
    made.add("water", "stone", _hung(stone, BASIN), SLATE)
    for side in (-1.0, 1.0):
        rail = tube([(0.032 * side, SPOUT + 0.052, -0.50), (0.028 * side, SPOUT + 0.022, -0.12)], 0.012, sides=7)
        made.add("water", "wood", _hung(rail, BASIN), OAK)
    floor = tube([(0.0, SPOUT + 0.03, -0.52), (0.0, SPOUT, -0.10)], [0.030, 0.026], sides=10)
    made.add("water", "wood", _hung(floor, BASIN), DARK)


def water_arrays() -> Arrays:
    """The basin's water, and what falls into it, for shaders/stream.glsl."""
    turn = np.linspace(0.0, tau, 33)
    radius = np.array([0.0, 0.10, 0.20, 0.285])
    disc = radius[:, None, None] * np.stack([np.cos(turn), 0.0 * turn, np.sin(turn)], axis=-1)
    flat = disc.reshape(-1, 3) + np.array([0.0, WATER, 0.0])
    depth = np.repeat(np.array([0.34, 0.32, 0.26, 0.10]), len(turn))
    s = np.linspace(0.0, 1.0, 7)
    drop = SPOUT + 0.01 - WATER
    fall = np.stack([0.0 * s, SPOUT + 0.01 - drop * s**1.4, -0.105 + 0.085 * s], axis=-1)
    thread = tube(fall, 0.011 - 0.004 * s, sides=8)
    position = np.concatenate([flat, thread.position])
    normal = np.concatenate([np.tile([0.0, 1.0, 0.0], (len(flat), 1)), thread.normal])
    falls = np.concatenate([np.full(len(flat), 0.012), np.full(len(thread.position), 0.13)])
    deep = np.concatenate([depth, np.full(len(thread.position), 0.035)])
    uv = np.concatenate([flat[:, ::2], thread.uv])
    row, column = np.meshgrid(np.arange(3) * 33, np.arange(32), indexing="ij")
    a = (row + column).ravel()
    index = np.concatenate([np.stack([a, a + 34, a + 33], -1), np.stack([a, a + 1, a + 34], -1)])
    index = np.concatenate([index, thread.index + len(flat)])
    c, s_ = cos(BASIN[2]), sin(BASIN[2])
    there = np.array([[c, 0.0, s_], [0.0, 1.0, 0.0], [-s_, 0.0, c]])
    position = position @ there.T + [BASIN[0], 0.0, BASIN[1]]
    light = np.stack([deep, falls, np.ones(len(deep)), 0.0 * deep], axis=-1)
    made = {"position": position, "normal": normal @ there.T, "uv": uv, "light": light}
    arrays: dict[str, Any] = {name: column.astype(np.float32) for name, column in made.items()}
    return arrays | {"index": index.reshape(-1).astype(np.uint32), "horizon": np.zeros((len(position), 16), np.uint8)}
