"""What stands in the calm room: table, chairs, shelf, stove bench, curtains, rug and the small things on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi, sin, tau

import numpy as np

from scenes.valley.light import Block, spread
from scenes.valley.shapes import Floats, Shape, box, lathe, merged, sheet, srgb, tube
from vr_app.api import Vec3

OAK, HONEY, DARK_OAK, PINE = "#A69279", "#C0AB8D", "#75624F", "#C9B297"
SAGE, LINEN, SLATE, SAND, CLAY = "#98A298", "#DDD5C6", "#87939B", "#C9B79E", "#B09A88"
ROSE, OAT = "#A98E7C", "#BAA997"
LEAF, STRAW, CREAM, BLUE = "#7C8A63", "#B9AE93", "#E4DCCF", "#8C9DAD"
BOOKS = ("#8A7C6C", "#978D7E", "#87917F", "#B09C80", "#7F8C98", "#BFB39C", "#A0806E", "#D2C7B0")


@dataclass(slots=True)
class Furniture:
    """Shapes by material (wood, cloth, glaze) and the blocks that stand for them when light is baked."""

    shapes: dict[str, list[Shape]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def add(self, material: str, shape: Shape, colour: str | None = None) -> None:
        """A shape that lets all light pass; without `colour` in the colours it has."""
        self.shapes.setdefault(material, []).append(shape.painted(colour) if colour else shape)

    def board(
        self, size: Vec3, at: Vec3, colour: str, *, material: str = "wood", yaw: float = 0.0, pitch: float = 0.0,
        bevel: float = 0.006, cells: float = 0.16,
    ) -> None:  # fmt: skip
        """A bevelled box in the light's way; a small `pitch` tilts its shape but not its block."""
        self.add(material, _veneered(box(size, bevel=bevel, cells=cells), size).turned(yaw, pitch).at(*at), colour)
        self.blocks.append(Block(at, (size[0] / 2, size[1] / 2, size[2] / 2), yaw))

    def shade(self, centre: Vec3, half: Vec3) -> None:
        """A block for a shape that is not a box."""
        self.blocks.append(Block(centre, half))

    def placed(self, at: Vec3, yaw: float = 0.0) -> Furniture:
        """All of it, turned by `yaw` and moved."""
        shapes = {name: [s.turned(yaw).at(*at) for s in parts] for name, parts in self.shapes.items()}
        blocks = []
        for block in self.blocks:
            x, y, z = block.centre
            turned = (x * cos(yaw) + z * sin(yaw) + at[0], y + at[1], z * cos(yaw) - x * sin(yaw) + at[2])
            blocks.append(Block(turned, block.half, block.yaw + yaw))
        return Furniture(shapes, blocks)


def _veneered(shape: Shape, size: Vec3) -> Shape:
    """A box whose end faces have grain along their own longer side, as a cupboard's sides have."""
    end, along, across = (int(axis) for axis in np.argsort(size)[::-1])
    ends = np.abs(shape.normal[:, end]) > 0.9
    shape.uv[ends] = shape.position[ends][:, [along, across]]
    return shape


def together(parts: Sequence[Furniture]) -> Furniture:
    """Everything as one, each shape with its own piece of grain."""
    whole = Furniture()
    for part in parts:
        whole.blocks += part.blocks
        for name, shapes in part.shapes.items():
            whole.shapes.setdefault(name, []).extend(shapes)
    for name, shapes in whole.shapes.items():
        for k, shape in enumerate(shapes if name != "paper" else ()):
            shape.uv[:] += np.array([k * 0.731 % 5.0, k * 0.417 % 3.0])
    return whole


def table() -> Furniture:
    """72 cm high, 84 x 56 cm, its top at y = 0.72."""
    made = Furniture()
    made.board((0.84, 0.032, 0.56), (0, 0.704, 0), HONEY, cells=0.05, bevel=0.01)
    for side in (-1, 1):
        made.board((0.70, 0.07, 0.02), (0, 0.652, side * 0.215), OAK)
        made.board((0.02, 0.07, 0.42), (side * 0.345, 0.652, 0), OAK)
        made.board((0.035, 0.035, 0.42), (side * 0.355, 0.16, 0), OAK)
        for end in (-1, 1):
            made.board((0.046, 0.69, 0.046), (side * 0.36, 0.345, end * 0.23), OAK, cells=0.08)
    made.board((0.70, 0.03, 0.03), (0, 0.16, 0), OAK)
    return made


def chair() -> Furniture:
    """A plain low chair for somebody else: seat at 44 cm, one broad rail 74 cm high, facing -z, with a cushion."""
    made = Furniture()
    made.board((0.46, 0.028, 0.44), (0, 0.43, 0), HONEY, cells=0.06, bevel=0.012)
    for side in (-1, 1):
        made.board((0.042, 0.425, 0.042), (side * 0.195, 0.2125, -0.185), OAK, cells=0.08)
        made.board((0.04, 0.7, 0.04), (side * 0.2, 0.35, 0.205), OAK, cells=0.08)
        made.board((0.026, 0.026, 0.36), (side * 0.197, 0.2, 0.01), OAK)
    made.board((0.37, 0.026, 0.026), (0, 0.25, -0.185), OAK)
    made.board((0.47, 0.19, 0.024), (0, 0.645, 0.19), HONEY, cells=0.06, bevel=0.011)
    made.add("cloth", cushion(0.42, 0.40, 0.055).at(0, 0.472, -0.005), SLATE)
    made.shade((0, 0.458, -0.005), (0.17, 0.012, 0.16))
    return made


def lying_book() -> Furniture:
    """A closed book that lies at y = 0."""
    made = Furniture()
    for part in _book(0.03, 0.21, 0.15, BOOKS[4], 0.7):
        made.add("cloth", _rolled(part.at(0, -0.105, -0.075), pi / 2).at(0, 0.0155, 0))
    made.shade((0, 0.0155, 0), (0.09, 0.013, 0.06))
    return made


def stool() -> Furniture:
    """A low stool 38 cm high with a folded blanket, and a tray with a cup of tea and a pebble: a place for the eyes."""
    made = Furniture()
    top = 0.38
    made.board((0.62, 0.03, 0.31), (0, top - 0.015, 0), HONEY, cells=0.05, bevel=0.011)
    for side in (-1, 1):
        made.board((0.03, 0.045, 0.25), (side * 0.22, top - 0.052, 0), OAK)
        for end in (-1, 1):
            made.board((0.038, top - 0.03, 0.038), (side * 0.23, top / 2 - 0.015, end * 0.105), OAK, cells=0.07)
    made.board((0.44, 0.035, 0.022), (0, 0.14, 0), OAK)
    blanket = folded(0.28, 0.27, 4).placed((-0.155, top, 0.0), 0.07)
    made.add("wood", lathe(TRAY, sides=32).at(0.155, top, -0.005), DARK_OAK)
    made.shade((0.155, top + 0.005, -0.005), (0.085, 0.004, 0.085))
    _cup(made, (0.135, top + 0.008, -0.025))
    pebble = lathe(smooth([(0.62 * r, 0.6 * h) for r, h in STONE], 12), sides=20)
    made.add("glaze", pebble.at(0.215, top + 0.008, 0.045), "#A8AAA8")
    made.shade((0.215, top + 0.018, 0.045), (0.018, 0.008, 0.018))
    return together([made, blanket])


def _cup(made: Furniture, at: Vec3) -> None:
    """A cup of tea with its handle to the right."""
    made.add("glaze", lathe(smooth(CUP, 21), sides=28).at(*at), "#D9DAD2")
    made.add("glaze", lathe([(0.036, 0.056), (0.0, 0.056)], sides=28).at(*at), "#7A5438")
    turn = np.linspace(-1.25, 1.25, 9)
    ring = np.stack([0.037 + 0.026 * np.cos(turn), 0.042 + 0.022 * np.sin(turn), 0 * turn], axis=1)
    made.add("glaze", tube(ring + np.array(at), 0.0042, sides=8), "#D9DAD2")
    made.shade((at[0], at[1] + 0.034, at[2]), (0.026, 0.03, 0.026))


def folded(wide: float, deep: float, layers: int) -> Furniture:
    """A woollen blanket, folded; its foot at y = 0."""
    made = Furniture()
    thick = 0.021
    for k in range(layers):
        side = -1.0 if k % 2 else 1.0
        layer = cushion(wide - 0.004 * k, deep - 0.003 * (k * 5 % 3), 1.18 * thick, 12)
        made.add("cloth", layer.turned(0.012 * side).at(0.003 * side, thick * (k + 0.5), 0.002 * side), BLUE)
    made.shade((0, 0.5 * thick * layers, 0), (0.42 * wide, 0.4 * thick * layers, 0.42 * deep))
    return made


def basket(at: Vec3) -> Furniture:
    """A wide basket with two rolled blankets in it."""
    made = Furniture()
    made.add("cloth", lathe([(1.35 * r, 1.25 * h) for r, h in BASKET], sides=32).at(*at), SAND)
    made.shade((at[0], at[1] + 0.13, at[2]), (0.115, 0.11, 0.115))
    for dx, dz, lean, colour in ((-0.055, 0.0, -0.1, OAT), (0.06, 0.015, 0.08, "#8FA0A6")):
        foot = np.array([at[0] + dx, at[1] + 0.05, at[2] + dz])
        path = foot + np.array([[0.0], [0.6], [0.94], [0.98], [0.995], [1.0]]) * np.array([lean, 0.34, -0.04])
        made.add("cloth", tube(path, [0.06, 0.062, 0.062, 0.056, 0.042, 0.002], sides=18), colour)
    return made


def armchair() -> Furniture:
    """The patient's own chair, as much of it as one sees looking down: arms, seat, front legs, back."""
    made = Furniture()
    for side in (-1, 1):
        made.board((0.075, 0.03, 0.52), (side * 0.315, 0.645, 0.0), HONEY, cells=0.05, bevel=0.012)
        made.board((0.046, 0.63, 0.046), (side * 0.315, 0.315, -0.2), OAK, cells=0.08)
        made.board((0.046, 0.86, 0.046), (side * 0.315, 0.43, 0.25), OAK, cells=0.1)
        made.board((0.03, 0.06, 0.44), (side * 0.315, 0.36, 0.02), OAK)
    made.board((0.6, 0.06, 0.03), (0, 0.36, -0.2), OAK)
    made.board((0.58, 0.05, 0.5), (0, 0.365, 0.02), OAK, cells=0.1)
    for height in (0.5, 0.65, 0.8):
        made.board((0.59, 0.08, 0.02), (0, height, 0.275), HONEY, cells=0.12)
    made.add("cloth", cushion(0.57, 0.5, 0.11).at(0, 0.435, 0.0), SLATE)
    made.add("cloth", cushion(0.54, 0.42, 0.09).turned(0, 1.45).at(0, 0.69, 0.235), SLATE)
    made.shade((0, 0.415, 0.0), (0.25, 0.03, 0.21))
    made.shade((0, 0.69, 0.25), (0.24, 0.18, 0.015))
    return made


def cushion(wide: float, deep: float, high: float, points: int = 15) -> Shape:
    """A soft slab centred on the origin, fuller in the middle, with rounded corners."""
    s, t = np.meshgrid(*[np.sin(np.linspace(-1, 1, points) * pi / 2)] * 2)
    full = ((1 - s**6) * (1 - t**6)) ** 0.5
    swell = 0.82 + 0.18 * (1 - s**2) * (1 - t**2)
    pull = 1 - 0.05 * (s * t) ** 2
    halves = []
    for side in (1, -1):
        surface = np.stack([side * s * pull * wide / 2, side * full * swell * high / 2, t * pull * deep / 2], axis=-1)
        halves.append(sheet(surface))
    return merged(halves)


def shelf() -> Furniture:
    """Books and pots in an oak case 1.2 m wide and 1.5 m high, its back at z = 0, facing +z."""
    made = Furniture()
    for side in (-1, 1):
        made.board((0.03, 1.5, 0.28), (side * 0.6, 0.75, 0.14), OAK, cells=0.1)
    made.board((1.2, 1.46, 0.012), (0, 0.76, 0.008), HONEY, cells=0.1)
    levels = (0.07, 0.43, 0.80, 1.14, 1.49)
    for level in levels:
        made.board((1.2, 0.026, 0.28), (0, level, 0.14), OAK, cells=0.08)
    rows = ((1, -0.57, 15), (2, -0.1, 16), (3, -0.57, 10))
    for row, start, count in rows:
        _books(made, start, levels[row] + 0.013, count, row * 17)
    for k, (colour, turn) in enumerate(((BOOKS[4], 0.1), (BOOKS[7], -0.06))):  # two lie
        for part in _book(0.03, 0.22, 0.16, colour, 0.7):
            lying = _rolled(part.at(0, -0.11, -0.08), pi / 2).turned(turn)
            made.add("cloth", lying.at(-0.1, levels[3] + 0.029 + 0.031 * k, 0.14))
    made.shade((-0.1, levels[3] + 0.044, 0.14), (0.09, 0.028, 0.06))
    for profile, x, level, colour in (
        (VASE, 0.38, 1, CLAY), (BOWL, -0.36, 2, CREAM), (JUG, 0.15, 3, SAGE), (VASE, 0.4, 3, CREAM),
    ):  # fmt: skip
        _pot(made, profile, (x, levels[level] + 0.013, 0.14), colour)
    for x, colour in ((-0.3, SAND), (0.3, STRAW)):  # two baskets below
        made.add("cloth", lathe(BASKET, sides=24).at(x, levels[0] + 0.013, 0.15), colour)
        made.shade((x, levels[0] + 0.12, 0.15), (0.085, 0.09, 0.085))
    _pot(made, BOWL, (0.2, levels[4] + 0.013, 0.14), CLAY)
    return made


def _books(made: Furniture, start: float, level: float, count: int, seed: int) -> None:
    """A row of standing books; the last two lean on the others."""
    x = start
    for k, (a, b) in enumerate(spread(count + seed)[seed:]):
        thick, high, deep = 0.022 + 0.026 * a, 0.19 + 0.075 * b, 0.15 + 0.04 * a
        colour = BOOKS[int(a * 97 + b * 31 + k) % len(BOOKS)]
        lean = 0.0 if k < count - 2 else 0.13
        for part in _book(thick, high, deep, colour, 0.2 + 0.6 * b):
            made.add("cloth", _rolled(part, lean).at(x + thick / 2 + 0.6 * lean * high, level, 0.05))
        x += thick + 0.001 + 0.02 * lean
    made.shade(((start + x) / 2, level + 0.1, 0.12), ((x - start) / 2, 0.1, 0.08))


def _rolled(shape: Shape, angle: float) -> Shape:
    """Leaning by `angle` radians to the left, seen from +z."""
    return shape.turned(pi / 2).turned(0.0, -angle).turned(-pi / 2)


def _book(thick: float, high: float, deep: float, colour: str, band: float) -> list[Shape]:
    """A book that stands at the origin: pale pages, a round spine toward +z with a band at a share of its height."""
    body = box((thick, high, deep), bevel=0.003, cells=0.3).at(0, high / 2, deep / 2).painted(colour)
    body.colour[(body.normal[:, 1] > 0.9), :3] = srgb(CREAM)
    across = np.linspace(-1, 1, 5)[:, None] * np.ones(6)
    up = np.array([0.004, band - 0.03, band - 0.03, band + 0.03, band + 0.03, 1.0]) * high
    spine = _forward(np.stack([across * thick / 2, up + 0 * across, deep + 0.007 * (1 - across**2)], axis=-1))
    banded = np.tile(np.array([0, 0, 1, 1, 0, 0], float) * 0.35, 5)[:, None]
    return [body, spine.painted(srgb(colour) * (1 - banded) + srgb(CREAM) * banded)]


# (radius, height) in metres, outside from the foot up, then the inside down
VASE = (
    (0.0, 0.0), (0.05, 0.0), (0.052, 0.004), (0.075, 0.06), (0.08, 0.1), (0.065, 0.15), (0.036, 0.185),
    (0.034, 0.2), (0.042, 0.215), (0.039, 0.216), (0.03, 0.2), (0.03, 0.15),
)  # fmt: skip
JUG = (
    (0.0, 0.0), (0.048, 0.0), (0.052, 0.005), (0.066, 0.05), (0.068, 0.085), (0.055, 0.125), (0.045, 0.15),
    (0.05, 0.175), (0.046, 0.176), (0.04, 0.15), (0.04, 0.1),
)  # fmt: skip
TRAY = ((0.0, 0.0), (0.118, 0.0), (0.128, 0.004), (0.131, 0.016), (0.126, 0.017), (0.118, 0.008), (0.0, 0.007))
CUP = (
    (0.0, 0.0), (0.026, 0.0), (0.029, 0.004), (0.038, 0.022), (0.041, 0.045), (0.0415, 0.072), (0.04, 0.0735),
    (0.0385, 0.072), (0.038, 0.045), (0.03, 0.02), (0.0, 0.012),
)  # fmt: skip
BOWL = (
    (0.0, 0.0), (0.038, 0.0), (0.04, 0.006), (0.07, 0.022), (0.096, 0.05), (0.104, 0.075), (0.1, 0.076),
    (0.092, 0.05), (0.06, 0.024), (0.0, 0.012),
)  # fmt: skip
BASKET = (
    (0.0, 0.0), (0.1, 0.0), (0.108, 0.01), (0.125, 0.1), (0.13, 0.2), (0.136, 0.215), (0.126, 0.216),
    (0.118, 0.2), (0.1, 0.03), (0.0, 0.02),
)  # fmt: skip
STONE = ((0.0, 0.0), (0.03, 0.002), (0.046, 0.012), (0.048, 0.02), (0.036, 0.033), (0.015, 0.038), (0.0, 0.039))
POT = (
    (0.0, 0.0), (0.11, 0.0), (0.115, 0.01), (0.145, 0.24), (0.155, 0.25), (0.155, 0.285), (0.142, 0.286),
    (0.138, 0.25), (0.0, 0.25),
)  # fmt: skip


def smooth(profile: Sequence[tuple[float, float]], points: int = 19) -> list[tuple[float, float]]:
    """More points along a profile by Catmull-Rom, so that a pot is round in both ways."""
    knots = np.array([profile[0], *profile, profile[-1]])
    t = np.linspace(0, len(profile) - 1 - 1e-9, points)
    k, f = t.astype(int), (t % 1.0)[:, None]
    a, b, c, d = (knots[k + i] for i in range(4))
    curve = 0.5 * (2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3)
    curve[:, 0] = np.maximum(curve[:, 0], 0.0)
    return [(float(r), float(h)) for r, h in curve]


def _pot(made: Furniture, profile: Sequence[tuple[float, float]], at: Vec3, colour: str) -> None:
    made.add("glaze", lathe(smooth(profile), sides=22).at(*at), colour)
    wide, high = max(r for r, _ in profile), max(h for _, h in profile)
    made.shade((at[0], at[1] + 0.4 * high, at[2]), (0.45 * wide, 0.32 * high, 0.45 * wide))  # inside its belly


def bowl(at: Vec3, colour: str = CREAM) -> Furniture:
    made = Furniture()
    _pot(made, BOWL, at, colour)
    return made


def stones(at: Vec3) -> Furniture:
    """Three beach stones, one laid on the other."""
    made = Furniture()
    for dx, dy, dz, grow, colour in (
        (0, 0, 0, 1.0, "#8C8883"),
        (0.1, 0, 0.02, 0.8, "#A39A8D"),
        (0.012, 0.037, 0.0, 0.66, "#B5ADA0"),
    ):
        shape = lathe(smooth([(r * grow, h * grow) for r, h in STONE], 14), sides=20)
        made.add("glaze", shape.at(at[0] + dx, at[1] + dy, at[2] + dz), colour)
        made.shade((at[0] + dx, at[1] + dy + 0.018 * grow, at[2] + dz), (0.03 * grow, 0.013 * grow, 0.03 * grow))
    return made


def jug_of_grass(at: Vec3) -> Furniture:
    """A jug with a few stems from the meadow."""
    made = Furniture()
    _pot(made, JUG, at, "#B9B7AC")
    for k, (a, b) in enumerate(spread(16)):
        around, lean, high = tau * a, 0.05 + 0.2 * b, 0.24 + 0.2 * ((a * 7.3 + b) % 1.0)
        t = np.linspace(0, 1, 8)
        out = lean * t**2 + 0.012
        path = np.stack(
            [out * cos(around), 0.1 + high * (t - 0.25 * lean * t**3), out * sin(around)], axis=1
        ) + np.array(at)
        if k % 3 == 0:  # a seed head
            width = 0.0012 + 0.0065 * np.exp(-(((t - 0.88) / 0.1) ** 2))
            made.add("cloth", tube(path, width, sides=6), STRAW)
        else:
            made.add("cloth", blade(path, 0.007 * np.sin(0.15 + 2.9 * t)), LEAF if k % 2 else "#8A8A5C")
    return made


def blade(path: Floats, width: Floats) -> Shape:
    """A leaf along `path`, `width` metres at each point, folded a little along its rib."""
    along = np.gradient(path, axis=0)
    side = np.cross(along, np.array([0.0, 1.0, 0.0]))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    half = np.maximum(width, 4e-4)[:, None] / 2
    droop = np.array([0.0, -0.35, 0.0]) * half
    return sheet(np.stack([path - side * half + droop, path, path + side * half + droop])).both_sides()


def plant(at: Vec3) -> Furniture:
    """A pot with a sword fern, about 0.9 m high."""
    made = Furniture()
    _pot(made, POT, at, CLAY)
    for k, (a, b) in enumerate(spread(19)):
        around, high, reach = tau * (k * 0.381966 + 0.1 * a), 0.3 + 0.42 * b, 0.16 + 0.3 * a
        t = np.linspace(0, 1, 27)
        out = 0.02 + reach * t**1.5
        path = np.stack(
            [out * cos(around), 0.25 + high * (t - (0.2 + 1.2 * reach) * t**3), out * sin(around)], axis=1
        ) + np.array(at)
        made.add("cloth", frond(path, 0.085 * np.sin(0.25 + 2.85 * t) ** 0.6), ("#8A9A6A", "#7C8F68", "#98A572")[k % 3])
    made.shade((at[0], at[1] + 0.5, at[2]), (0.015, 0.3, 0.015))
    for height, wide in ((0.45, 0.08), (0.6, 0.12)):
        made.shade((at[0], at[1] + height, at[2]), (wide, 0.04, wide))
    return made


def frond(path: Floats, width: Floats) -> Shape:
    """A frond of a fern along `path`: leaflets that taper and point forward, by turns with the rib alone."""
    whole = blade(path, width)
    count = len(path)
    points = whole.position.reshape(2, 3, count, 3).copy()
    rib = points[:, 1:2]
    open_by = np.where(np.arange(count) % 2, 1.0, 0.12)[:, None]
    ahead = np.gradient(path, axis=0) * np.where(np.arange(count) % 2, 0.9, 0.0)[:, None]
    points[:, ::2] = rib + (points[:, ::2] - rib) * open_by + ahead
    return replace(whole, position=points.reshape(-1, 3))


def rug(wide: float, deep: float) -> Furniture:
    """Flat-woven wool in quiet bands, centred on the origin, 9 mm thick."""
    made = Furniture()
    bands = (
        (0.03, LINEN), (0.012, SLATE), (0.012, LINEN), (0.05, SLATE), (0.012, LINEN), (0.012, SLATE), (0.03, LINEN),
        (0.03, ROSE), (0.012, OAT), (0.012, ROSE), (0.22, OAT), (0.008, SLATE), (0.012, OAT),
        (0.008, SLATE), (0.24, OAT),
    )  # fmt: skip
    whole = sum(share for share, _ in bands)
    for end in (-1.0, 1.0):
        start = deep / 2
        for share, colour in bands:
            stop = start - share / whole * deep / 2
            x, z = np.meshgrid(
                np.linspace(-wide / 2, wide / 2, 18), np.linspace(start, stop, 2 + int(24 * share)) * end
            )
            wave = 0.009 + 0.0012 * np.sin(9 * x + 4 * z)
            made.add("cloth", _upward(np.stack([x, wave, z], axis=-1)), colour)
            start = stop
    made.add("cloth", box((wide + 0.002, 0.007, deep + 0.002), cells=0.2, bevel=0.003).at(0, 0.0035, 0), LINEN)
    for end in (-1.0, 1.0):
        made.add("cloth", _fringe(wide, end * deep / 2, end * 0.028), LINEN)
    return made


def mat(wide: float, deep: float) -> Furniture:
    """A woven mat, centred on the origin, 8 mm thick."""
    made = Furniture()
    made.add("cloth", box((wide, 0.008, deep), bevel=0.003, cells=0.3).at(0, 0.004, 0), SAND)
    for end in (-1.0, 1.0):
        made.add("cloth", box((wide, 0.001, 0.03), cells=0.5).at(0, 0.0082, end * (deep / 2 - 0.06)), SLATE)
    return made


def _fringe(wide: float, edge: float, long: float) -> Shape:
    """Tapering tufts along the end of a rug at z = `edge`."""
    x = np.linspace(-wide / 2, wide / 2, 161)
    tip = np.where(np.arange(161) % 2, 1.0 + 0.12 * np.sin(2.4 * np.arange(161)), 0.2) * long
    grid = np.stack([np.stack([x, 0.006 + 0 * x, edge + 0 * x], -1), np.stack([x, 0.003 + 0 * x, edge + tip], -1)])
    return _upward(grid)


def _upward(grid: Floats) -> Shape:
    shape = sheet(grid)
    return shape if shape.normal[0, 1] > 0 else sheet(grid[::-1])


def curtain(x0: float, x1: float, top: float, bottom: float, z: float) -> Furniture:
    """Linen in soft folds, facing +z, hung from a rod that is not part of it."""
    made = Furniture()
    folds = max(3, round((x1 - x0) / 0.075))
    s, h = np.meshgrid(np.linspace(0, 1, folds * 8 + 1), np.linspace(bottom, top, 13))
    fall = (top - h) / (top - bottom)
    x = x0 + (x1 - x0) * (s + 0.012 * np.sin(tau * 1.5 * s + 5 * fall))
    fold = np.sin(tau * folds * s + 0.9 * np.sin(3 * s + 2 * fall))
    depth = (0.018 + 0.016 * fall) * fold + 0.006 * np.sin(7 * s + 4 * fall)
    cloth = sheet(np.stack([x, h, z + depth], axis=-1)[::-1])
    shade = 0.86 + 0.14 * fold[::-1].reshape(-1, 1)  # light is lost between the folds
    made.add("cloth", cloth.painted(srgb("#EBE8E1") * shade).both_sides())
    made.shade(
        ((x0 + x1) / 2, (top + bottom) / 2, z - 0.055), ((x1 - x0) / 2 - 0.035, (top - bottom) / 2 - 0.03, 0.02)
    )  # and the gap behind
    return made


def rod(x0: float, x1: float, y: float, z: float) -> Furniture:
    made = Furniture()
    made.add("wood", tube([(x0, y, z), ((x0 + x1) / 2, y, z), (x1, y, z)], 0.014, sides=12), DARK_OAK)
    for x in (x0, x1):
        made.add(
            "wood",
            lathe([(0.0, -0.03), (0.018, -0.022), (0.026, 0.0), (0.018, 0.022), (0.0, 0.03)], sides=14).at(x, y, z),
            DARK_OAK,
        )
    return made


def door(wide: float, high: float) -> Furniture:
    """Planks on two ledges, with a frame and an open wooden handle; its back at z = 0, facing +z."""
    made = Furniture()
    count = 6
    for k in range(count):
        x = (k + 0.5) / count * wide - wide / 2
        made.board((wide / count - 0.004, high, 0.03), (x, high / 2 + 0.01, 0.02), SAGE, cells=0.12)
    for side in (-1, 1):
        made.board((0.09, high + 0.1, 0.05), (side * (wide / 2 + 0.05), (high + 0.1) / 2, 0.025), OAK, cells=0.15)
    made.board((wide + 0.19, 0.1, 0.055), (0, high + 0.065, 0.0275), OAK, cells=0.15)
    for height in (0.35, high - 0.35):
        made.board((wide - 0.06, 0.11, 0.022), (0, height, 0.046), SAGE, cells=0.12)
    turn = np.linspace(0.0, pi, 11)
    grip = np.stack([0 * turn, -0.1 * np.cos(turn), 0.05 * np.sin(turn) ** 0.7], axis=1)
    made.add("wood", tube(grip + np.array([wide / 2 - 0.09, 1.02, 0.034]), 0.0125, sides=10), DARK_OAK)
    return made


def bench(wide: float) -> Furniture:
    """A low bench with a folded blanket and a cushion, its back at z = 0, facing +z."""
    made = Furniture()
    made.board((wide, 0.035, 0.36), (0, 0.44, 0.2), HONEY, cells=0.08, bevel=0.01)
    for side in (-1, 1):
        made.board((0.04, 0.42, 0.32), (side * (wide / 2 - 0.1), 0.21, 0.2), OAK, cells=0.1)
    made.board((wide - 0.2, 0.06, 0.025), (0, 0.34, 0.2), OAK)
    for k, colour in enumerate((SAND, SLATE, SAND)):
        made.board(
            (0.38, 0.035, 0.28),
            (-wide / 2 + 0.28, 0.476 + 0.036 * k, 0.2),
            colour,
            material="cloth",
            bevel=0.016,
            cells=0.06,
        )
    made.add("cloth", cushion(0.42, 0.4, 0.13).turned(0, 1.25).at(wide / 2 - 0.28, 0.655, 0.1), CLAY)
    made.shade((wide / 2 - 0.28, 0.63, 0.09), (0.16, 0.15, 0.02))
    return made


def chest() -> Furniture:
    """A low cupboard with two doors, its back at z = 0, facing +z, and a vase of twigs on it."""
    made = Furniture()
    made.board((0.96, 0.03, 0.4), (0, 0.735, 0.2), HONEY, cells=0.08, bevel=0.01)
    made.board((0.9, 0.66, 0.36), (0, 0.39, 0.185), OAK, cells=0.12)
    made.board((0.82, 0.06, 0.3), (0, 0.03, 0.17), DARK_OAK, cells=0.2)
    for side in (-1, 1):
        made.board((0.42, 0.58, 0.02), (side * 0.218, 0.39, 0.374), HONEY, cells=0.1)
        made.board((0.025, 0.06, 0.02), (side * 0.05, 0.42, 0.39), DARK_OAK)
    at = (-0.22, 0.75, 0.2)
    _pot(made, [(r * 1.25, h * 1.25) for r, h in VASE], at, "#A7ADA6")
    for k, (a, b) in enumerate(spread(9)):
        around, lean = tau * a, 0.08 + 0.16 * b
        t = np.linspace(0, 1, 8)
        out = 0.01 + lean * t**1.4
        path = np.stack([out * cos(around), 0.2 + (0.36 + 0.2 * a) * t, 0.8 * out * sin(around)], axis=1) + np.array(at)
        made.add("cloth", tube(path, np.linspace(0.003, 0.0012, 8), sides=5), "#7C6A58")
        for j in range(3, 8):
            turn = 2.4 * j + k
            tip = np.array([cos(turn), 0.5, sin(turn)]) * 0.055
            leaf = path[j] + np.linspace(0, 1, 5)[:, None] * tip
            made.add(
                "cloth", blade(leaf, 0.026 * np.sin(0.15 + 2.9 * np.linspace(0, 1, 5))), ("#8F9A7C", "#A3A487")[j % 2]
            )
    _pot(made, BOWL, (0.24, 0.75, 0.2), LINEN)
    return made


def chart(wide: float, high: float) -> Furniture:
    """A chart of the bay in a narrow frame: land, lines of depth, a rose; centred, its back at z = 0, facing +z."""
    made = Furniture()
    made.board((wide, high, 0.008), (0, 0, 0.006), "#DDDCD2", material="cloth", cells=0.1, bevel=0.001)
    for side in (-1, 1):
        made.board((0.02, high + 0.02, 0.02), (side * wide / 2, 0, 0.01), OAK)
        made.board((wide - 0.02, 0.02, 0.02), (0, side * high / 2, 0.01), OAK)
    up = np.linspace(-0.43, 0.43, 33)
    bay = 0.16 * np.cos(5.2 * up + 0.3) + 0.035 * np.sin(13 * up + 1) + 0.014 * np.sin(31 * up)
    shore = np.clip(0.16 + bay, -0.44, 0.42)
    made.add("cloth", _on_chart(np.full(33, 0.45), shore, up, wide, high), "#C6B795")
    for step, width in ((0.045, 0.006), (0.115, 0.004), (0.21, 0.004)):
        line = np.maximum(shore - step - 0.35 * step * np.cos(3 * up), -0.445)
        made.add("cloth", _on_chart(line + width, line, up, wide, high), "#7E99A8")
    turn, ring = np.meshgrid(np.linspace(0, tau, 33), np.array([0.030, 0.033]))
    rose = np.stack([ring * np.cos(turn) - 0.3 * wide, ring * np.sin(turn) - 0.24 * high, 0.0115 + 0 * ring], axis=-1)
    made.add("cloth", _forward(rose), "#6F8290")
    for k in range(4):
        a = k * tau / 4
        ray = np.array([[-0.3 * wide, -0.24 * high, 0.0112]]) + np.linspace(0, 0.042, 5)[:, None] * np.array(
            [[cos(a), sin(a), 0.0]]
        )
        made.add("cloth", tube(ray, np.linspace(0.003, 0.0008, 5), sides=4), "#6F8290")
    made.shade((0, 0, 0.006), (0.48 * wide, 0.48 * high, 0.005))
    return made


def _on_chart(right: Floats, left: Floats, up: Floats, wide: float, high: float) -> Shape:
    """The flat piece between two lines, in shares of the chart."""
    s = np.linspace(0, 1, 3)[:, None]
    x = left + s * (right - left)
    return _forward(np.stack([x * wide, up * high + 0 * x, np.full_like(x, 0.0112)], axis=-1))


def _forward(grid: Floats) -> Shape:
    shape = sheet(grid)
    return shape if shape.normal[:, 2].mean() > 0 else sheet(grid[::-1])


def hat_and_scarf() -> Furniture:
    """What hangs on the pegs: a straw hat and a scarf; the rail at y = 0, the wall at z = 0, facing +z."""
    made = Furniture()
    hat = [(0.185, 0.0), (0.18, 0.006), (0.1, 0.012), (0.092, 0.03), (0.085, 0.085), (0.06, 0.105), (0.0, 0.11)]
    made.add("cloth", lathe(smooth(hat, 22), sides=32).turned(0, 1.42).at(-0.4, -0.1, 0.06), "#C6BBA2")
    made.shade((-0.4, -0.1, 0.02), (0.12, 0.12, 0.004))
    fall, s = np.meshgrid(np.linspace(0, 1, 16), np.linspace(-1, 1, 13), indexing="ij")
    for side, drop in ((-1, 0.5), (1, 0.62)):
        x = 0.4 + side * (0.035 + 0.02 * fall) + s * (0.03 + 0.025 * fall)
        z = 0.045 + 0.012 * np.cos(2.5 * s + side) * fall + 0.02 * (1 - fall) ** 3
        made.add("cloth", _forward(np.stack([x, 0.03 - drop * fall, z], axis=-1)), "#93A0A6")
    made.shade((0.4, -0.25, 0.012), (0.07, 0.24, 0.004))
    return made


def wall_lamp() -> Furniture:
    """An arm and a small linen shade that glows; its plate at z = 0, facing +z."""
    made = Furniture()
    made.board((0.08, 0.16, 0.02), (0, 0, 0.01), DARK_OAK, cells=0.05)
    made.add(
        "wood", tube([(0, 0.0, 0.01), (0, 0.005, 0.07), (0, 0.0, 0.12), (0, 0.04, 0.14)], 0.009, sides=8), DARK_OAK
    )
    made.add(
        "glow",
        lathe([(0.095, 0.03), (0.088, 0.08), (0.078, 0.14), (0.068, 0.2)], sides=32).at(0, 0, 0.14).both_sides(),
        "#F2C590",
    )
    return made


def lantern(radius: float, height: float) -> Furniture:
    """A paper globe on a small oak stand, its middle `height` metres above the foot; material `paper`."""
    made = Furniture()
    made.add(
        "wood",
        lathe([(0.0, 0.0), (0.095, 0.0), (0.102, 0.006), (0.1, 0.016), (0.09, 0.02), (0.0, 0.02)], sides=28),
        OAK,
    )
    for k in range(3):
        turn = tau * (k / 3 + 0.08)
        foot, neck = (
            (0.078 * cos(turn), 0.018, 0.078 * sin(turn)),
            (0.052 * cos(turn), height - 0.82 * radius, 0.052 * sin(turn)),
        )
        middle = (0.074 * cos(turn), height * 0.2, 0.074 * sin(turn))
        made.add("wood", tube([foot, middle, neck], 0.006, sides=8), OAK)
    for y in (height - 0.88 * radius, height + 0.88 * radius):
        made.add(
            "wood",
            lathe([(0.056, -0.008), (0.066, -0.006), (0.066, 0.006), (0.056, 0.008)], sides=24).at(0, y, 0),
            DARK_OAK,
        )
    around = np.linspace(-1, 1, 25) * 1.08
    globe = lathe([(radius * cos(t), radius * 0.98 * sin(t)) for t in around], sides=40)
    globe.uv[:] = np.stack([globe.uv[:, 0] / (tau * radius), globe.position[:, 1] / radius], axis=1)
    made.add("paper", globe.at(0, height, 0), "#CDC2AE")
    made.shade((0.0, 0.01, 0.0), (0.08, 0.008, 0.08))
    return made


def picture(wide: float, high: float) -> Furniture:
    """A pressed fern under glass in an oak frame; its back at z = 0, facing +z."""
    made = Furniture()
    made.board((wide, high, 0.008), (0, 0, 0.006), CREAM, material="cloth", cells=0.1, bevel=0.001)
    for side in (-1, 1):
        made.board((0.028, high + 0.028, 0.022), (side * wide / 2, 0, 0.011), OAK)
        made.board((wide - 0.028, 0.028, 0.022), (0, side * high / 2, 0.011), OAK)
    stem = np.stack(
        [0.03 * np.sin(np.linspace(0, 2, 10)), np.linspace(-0.36, 0.36, 10) * high, np.full(10, 0.0125)], axis=1
    )
    made.add("cloth", tube(stem, 0.0015, sides=4), LEAF)
    for k in range(1, 19):
        base = np.array([np.interp(k / 19 * 9, np.arange(10), stem[:, a]) for a in range(3)])
        length = 0.3 * wide * (1 - k / 20) ** 0.7
        for hand in (-1.0, 1.0):
            t = np.linspace(0, 1, 5)
            path = base + np.stack([hand * length * t, 0.45 * length * t**1.3, 0.0 * t], axis=1)
            edge = 0.011 * np.sin(0.3 + 2.7 * t)
            leaf = np.stack(
                [path - np.array([0, 1, 0]) * edge[:, None] / 2, path + np.array([0, 1, 0]) * edge[:, None] / 2]
            )
            shape = sheet(leaf)
            made.add("cloth", shape if shape.normal[0, 2] > 0 else sheet(leaf[::-1]), LEAF)
    return made
