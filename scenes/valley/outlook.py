"""The harbour valley as the room's window shows it: sky, sea, hills in three depths, jetty, lighthouse, birch.

Real geometry at its real distance, so that it moves against the window when the head does.
"""

from __future__ import annotations

from dataclasses import replace
from math import radians, tau
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.valley.light import spread
from scenes.valley.shapes import Floats, Shape, arrays_of, box, lathe, merged, sheet, srgb, together, tube
from scenes.valley.shell import TO_SUN
from vr_app.api import Arrays, Kit, Pass

SEA_LEVEL = -3.2  # metres; the cabin stands on the slope above the water
SKYLIGHT = np.array([0.34, 0.36, 0.40])
SUNLIGHT = np.array([1.25, 0.80, 0.46])
MEADOW, FOREST, ROCK, WOOD, LEAF = "#8B8A58", "#4F5B43", "#8C8378", "#8B745E", "#77854A"


def waves(x: Floats, seed: float) -> Floats:
    """A smooth, seeded curve of a few sines, about -1..1."""
    return np.asarray(sum(np.sin(x * k + seed * (3.1 * k + 1.7)) / k**0.8 for k in (1.0, 2.3, 4.1, 7.7, 13.0)) / 2.2)


def hill(
    near: float, far: float, left: float, right: float, height: float, seed: float, columns: int, rows: int
) -> Shape:
    """Land between two distances (m) and two azimuths (degrees, right positive), out of the sea and back into it."""
    azimuth = np.radians(np.linspace(left, right, columns))[None]
    back = np.linspace(0, 1, rows)[:, None]
    s = np.linspace(0, 1, columns)[None]
    ends = np.clip(np.minimum(s, 1 - s) * 2.4 - 0.25 * back, 0, 1)  # far parts end sooner, so that no end is a wall
    crest = height * ends * ends * (3 - 2 * ends) * (0.66 + 0.34 * waves(9 * s, seed))
    shore = near * (1 + 0.07 * waves(11 * s, seed + 2))
    distance = shore + (far - near) * back
    x, z = np.sin(azimuth) * distance, -np.cos(azimuth) * distance
    bumps = waves(x / (0.12 * far) + 3 * z / far, seed + 4) * waves(z / (0.1 * far), seed + 5)
    y = (
        crest * (np.sin(np.pi * back**0.8) ** 0.8 + 0.10 * bumps * np.sqrt(back * (1 - back)))
        - 0.9 * (back < 0.02)
        - 2.5 * (1 - ends)
    )
    shape = sheet(np.stack([x, SEA_LEVEL + y, z + 0 * x], axis=-1)[::-1])
    if shape.normal[:, 1].mean() < 0:
        shape = sheet(np.stack([x, SEA_LEVEL + y, z + 0 * x], axis=-1))
    position = shape.position
    wooded = 0.5 + 0.5 * waves(position[:, 0] / (0.05 * far), seed + 7) * waves(position[:, 2] / (0.06 * far), seed + 8)
    wooded = np.clip(wooded * 1.6 - 0.3, 0, 1)[:, None]
    beach = np.clip(1.0 - (position[:, 1:2] - SEA_LEVEL) / (0.02 * height + 0.35), 0, 1)
    colour = srgb(MEADOW) + wooded * (srgb(FOREST) - srgb(MEADOW))
    colour = colour + beach * (srgb(ROCK) - colour)
    shape.uv[:] = position[:, ::2] * (6.0 / height) + seed
    return shape.painted(colour)


def lit(shape: Shape, sway: float = 0.0) -> tuple[Shape, Floats]:
    """A shape with its light: sun by slope, sky by how far it faces up.

    `sway`, in metres, goes to light.a; what sways is thin, and sun shines through it.
    """
    slope = shape.normal @ TO_SUN
    toward = (np.maximum(slope, 0.0) + (0.45 + 0.5 * np.abs(slope) if sway else 0.0))[:, None]
    up = (0.62 + 0.38 * shape.normal[:, 1])[:, None]
    light = SKYLIGHT * up + SUNLIGHT * toward
    return shape, np.concatenate([light, np.full((len(light), 1), sway)], axis=1)


def trees(near: float, far: float, left: float, right: float, count: int, tall: float, ground: Shape) -> list[Shape]:
    """Round trees standing on `ground`."""
    made = []
    for a, b in spread(count):
        azimuth, distance = radians(left + (right - left) * a), near + (far - near) * b
        x, z = np.sin(azimuth) * distance, -np.cos(azimuth) * distance
        gap = (ground.position[:, 0] - x) ** 2 + (ground.position[:, 2] - z) ** 2
        y = float(ground.position[int(np.argmin(gap)), 1])
        if y < SEA_LEVEL + 1.0:
            continue
        high = tall * (0.7 + 0.6 * ((a * 13 + b * 7) % 1))
        wide = high * (0.19 + 0.07 * ((a * 5 + b * 11) % 1))
        tiers = [
            (0.14, -0.1),
            (0.16, 0.06),
            (0.6, 0.08),
            (1.0, 0.16),
            (0.62, 0.3),
            (0.84, 0.37),
            (0.46, 0.5),
            (0.63, 0.56),
        ]
        tiers += [(0.3, 0.7), (0.4, 0.75), (0.1, 0.92), (0.0, 1.0)]
        crown = lathe([(r * wide, h * high) for r, h in tiers], sides=9)
        turn = np.arctan2(crown.position[:, 2], crown.position[:, 0])
        ragged = 1 + 0.2 * np.sin(3 * turn + 9 * a) * np.sin(5 * turn + 40 * crown.position[:, 1])
        crown = bent(crown, crown.position * np.stack([ragged, np.ones_like(ragged), ragged], axis=1))
        made.append(crown.at(x, y, z).painted(FOREST if (a * 17) % 1 < 0.6 else "#66704B"))
    return made


def bent(shape: Shape, position: Floats) -> Shape:
    """The shape with its vertices elsewhere and normals to match."""
    a, b, c = (position[shape.index[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    normal = np.zeros_like(position)
    for k in range(3):
        np.add.at(normal, shape.index[:, k], facing)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal = np.where(length > 1e-9, normal / np.maximum(length, 1e-9), shape.normal)
    return replace(shape, position=position, normal=normal)


def jetty() -> list[Shape]:
    """Planks 14 cm wide on posts, from the left shore out into the bay."""
    start, end = np.array([-9.5, SEA_LEVEL + 0.75, -27.0]), np.array([0.6, SEA_LEVEL + 0.75, -38.0])
    length = float(np.linalg.norm(end - start))
    yaw = float(np.arctan2(-(end - start)[2], (end - start)[0]))
    made = []
    count = int(length / 0.6)
    for k in range(count):  # four planks a piece, seen from far
        x, y, z = start + (end - start) * (k + 0.5) / count
        made.append(
            box((0.57, 0.06, 1.7), bevel=0.01, cells=2.0).turned(yaw).at(x, y + 0.008 * (k % 3), z).painted(WOOD)
        )
    side = np.array([np.sin(yaw), 0, np.cos(yaw)]) * 0.75
    for k in range(0, count + 1, 4):
        for sign in (-1, 1):
            x, _, z = start + (end - start) * k / count + sign * side
            top = SEA_LEVEL + (1.5 if k % 8 == 0 else 0.85)
            made.append(
                tube([(x, SEA_LEVEL - 0.5, z), (x, SEA_LEVEL + 0.4, z), (x, top, z)], 0.09, sides=7).painted("#6E5A49")
            )
    return made


def lighthouse() -> list[Shape]:
    """White, far out on a low rock; its lamp is small and steady."""
    x, z = 84.0, -330.0
    tower = lathe(
        [(2.3, 0.0), (1.9, 6.0), (1.55, 11.5), (1.55, 12.0), (2.1, 12.1), (2.1, 12.5), (1.2, 12.6), (1.15, 14.4)],
        sides=14,
    )
    cap = lathe([(1.5, 14.4), (1.35, 14.8), (0.5, 15.8), (0.0, 16.3)], sides=14)
    house = box((7.0, 3.0, 5.0), cells=9.0).at(6.5, 1.5, 1.0)
    roof = box((7.6, 0.9, 5.6), bevel=0.4, cells=9.0).at(6.5, 3.3, 1.0)
    parts = [tower.painted("#E6DED0"), cap.painted("#7D5F50"), house.painted("#DCD3C4"), roof.painted("#7D5F50")]
    return [part.at(x, SEA_LEVEL + 2.2, z) for part in parts]


def birch() -> tuple[list[Shape], list[Shape]]:
    """Twigs and leaves of the tree that shades the window, hanging into its upper left corner."""
    twigs, leaves = [], []
    for k, (a, b) in enumerate(spread(7)):
        root = np.array([-2.75 + 0.25 * a, 2.95, -4.9 - 0.8 * b])
        t = np.linspace(0, 1, 9)[:, None]
        path = root + t * np.array([1.1 + 0.75 * a, 0.12, 0.2 * b]) + t**2 * np.array([0.15, -0.75 - 0.45 * b, 0.0])
        twigs.append(tube(path, np.linspace(0.010, 0.002, 9), sides=5).painted("#6B5B4D"))
        for j in range(3, 30):
            f = j / 30
            base = np.array([np.interp(f * 8, np.arange(9), path[:, axis]) for axis in range(3)])
            turn = (j * 2.399 + k) % tau
            out = np.array([np.cos(turn), -0.75, np.sin(turn)])
            side = np.cross(out, [0.2, 0.3, 1.0])
            side /= np.linalg.norm(side)
            s = np.linspace(0, 1, 5)[:, None]
            rib = base + 0.02 * out * (j % 3) + 0.062 * out * s
            half = 0.021 * np.sin(0.2 + 2.8 * s) * side
            leaves.append(sheet(np.stack([rib - half, rib + half])).both_sides().painted(LEAF if j % 3 else "#9A9553"))
    return twigs, leaves


KINDS = ("land", "sea", "sky")  # of shaders/outlook.glsl; near ones first, they hide the others


def outlook_arrays() -> Arrays:
    """Meshes 'sky-...', 'sea-...', 'land-...' with the attributes of Kit.mesh, float32."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, (shape, light) in (("sky", _dome()), ("sea", _water()), ("land", _land())):
        arrays |= arrays_of(name, shape, light)
    return arrays


def _dome() -> tuple[Shape, Floats]:
    """The part of the sky that the window can show."""
    azimuth, height = np.meshgrid(np.radians(np.linspace(-75, 75, 13)), np.radians(np.linspace(-2, 60, 7)))
    ring = np.cos(height)
    position = 3000.0 * np.stack([np.sin(azimuth) * ring, np.sin(height), -np.cos(azimuth) * ring], axis=-1)
    shape = sheet(position)
    inward = shape if shape.normal[:, 2].mean() > 0 else sheet(position[::-1])
    return inward, np.ones((len(inward.position), 4))


def _water() -> tuple[Shape, Floats]:
    x = np.linspace(-1, 1, 3)[None] * 2600.0
    z = -np.array([6.0, 60.0, 600.0, 2800.0])[:, None]
    grid = np.stack([x + 0 * z, SEA_LEVEL + 0 * x + 0 * z, z + 0 * x], axis=-1)
    shape = sheet(grid)
    shape = shape if shape.normal[0, 1] > 0 else sheet(grid[::-1])
    return shape, np.ones((len(shape.position), 4))


def _land() -> tuple[Shape, Floats]:
    head = hill(60.0, 190.0, -58.0, -8.0, 17.0, 1.3, 80, 20)
    parts = [head]
    parts += [hill(230.0, 560.0, -50.0, 12.0, 36.0, 2.1, 100, 16), hill(300.0, 420.0, 11.5, 19.0, 2.9, 5.2, 24, 8)]
    parts += [hill(420.0, 900.0, 16.0, 70.0, 62.0, 3.4, 80, 16), hill(1100.0, 2000.0, -60.0, 60.0, 150.0, 6.6, 120, 12)]
    parts += trees(75.0, 150.0, -34.0, -13.0, 70, 5.5, head)
    parts += jetty() + lighthouse()
    twigs, leaves = birch()
    pieces = [lit(shape) for shape in parts + twigs]
    pieces += [lit(shape, 0.012) for shape in leaves]
    return merged([shape for shape, _ in pieces]), np.concatenate([light for _, light in pieces])


class Outlook:
    """Handle of the view; one draw, after the room so that walls hide it early."""

    def __init__(self, kit: Kit) -> None:
        arrays = kit.bake(outlook_arrays)
        self._view = kit.mesh(together(arrays, KINDS)), kit.material("outlook")

    def draw(self, out: Pass) -> None:
        out.draw(*self._view)
