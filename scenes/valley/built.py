"""What people built in the valley, as seen from outside: jetty, cabin with its porch, lighthouse, an upturned boat.

Everything is in the valley's frame and stands in the ground or the sea floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin

import numpy as np

from scenes.valley.place import JETTY, LANDING_LONG, LANDING_WIDE, LIGHTHOUSE, ROOM, height
from scenes.valley.shapes import Floats, Shape, box, lathe, merged, sheet, srgb, tube
from scenes.valley.shell import BACK, GLASS, HEIGHT, LEFT, RIGHT, WINDOW
from scenes.valley.terrain import Caster

KINDS = ("wood", "stone", "paint", "glow", "lamp", "near wood")  # of shaders/built.glsl
GREY_WOOD, DARK_WOOD, BOARD, ROOF, PLINTH = "#8C7D6C", "#5E5045", "#6C4A3F", "#4A4A4C", "#77746F"
DECK = 0.78  # metres of the jetty's planks above mean sea level
PLANK = 0.14  # metres wide
MOSSY = 0.18  # of slates and walls, 0..1
SUNK = 0.35  # metres that posts go into the ground


@dataclass(slots=True)
class Built:
    """Shapes by kind, and the blocks that keep light from the ground around them."""

    shapes: list[tuple[str, Shape]] = field(default_factory=list)
    casters: list[Caster] = field(default_factory=list)
    feet: list[tuple[float, float, float]] = field(default_factory=list)  # x, lowest y, z of all that bears
    damp: float = 0.45  # metres above the ground up to which it is damp and darker

    def add(self, kind: str, shape: Shape, colour: str | None = None) -> None:
        shape = shape if colour is None else shape.painted(colour)
        if kind == "stone" and colour is not None:
            shape.colour[:, 3] = MOSSY
        self.shapes.append((kind, shape))

    def post(
        self, x: float, z: float, top: float, radius: float, colour: str = DARK_WOOD, *, fine: bool = False
    ) -> None:
        """A round post from below the ground up to `top`; a `fine` one is seen from near by, and from above."""
        foot = ground_at(x, z) - SUNK
        path = [(x, foot, z), (x + 0.01, 0.5 * (foot + top), z), (x, top - 0.03, z), (x, top, z)]
        self.add("wood", tube(path, [radius, radius, 0.96 * radius, 0.75 * radius], sides=14 if fine else 7), colour)
        if fine:
            worn = [(0.77 * radius, -0.004), (0.70 * radius, 0.008), (0.4 * radius, 0.016), (0.0, 0.018)]
            self.add("wood", lathe(worn, sides=14).at(x, top, z), colour)
        self.feet.append((x, foot, z))

    def joined(self, kinds_of: Sequence[str] = KINDS) -> tuple[Shape, Floats]:
        """All as one, and each corner's place in a material's kinds, (n, 1)."""
        kinds = [np.full((len(shape.position), 1), float(kinds_of.index(kind))) for kind, shape in self.shapes]
        return merged([shape for _, shape in self.shapes]), np.concatenate(kinds)


def ground_at(x: float, z: float) -> float:
    return float(height(np.array([x]), np.array([z]))[0])


def slab(x: float, y: float, z: float) -> Shape:
    """A box of these sides in metres with sharp edges, 12 triangles: for what is seen from far. uv along its grain."""
    half = np.array([x, y, z]) / 2.0
    grain = int(np.argmax(half))
    position, normal = [], []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
            face = np.zeros((4, 3))
            face[:, axis] = sign
            face[:, (axis + 1) % 3], face[:, (axis + 2) % 3] = corners[:, 0] * sign, corners[:, 1]
            position.append(face * half)
            normal.append(np.tile(np.eye(3)[axis] * sign, (4, 1)))
    points = np.concatenate(position)
    across = [axis for axis in range(3) if axis != grain]
    uv = np.stack([points[:, grain], points[:, across[0]] + points[:, across[1]]], axis=1)
    first = 4 * np.arange(6)[:, None]
    index = np.concatenate([first + np.array(three) for three in ((0, 1, 2), (0, 2, 3))])
    return Shape(points, np.concatenate(normal), uv, np.ones((24, 4)), index)


FINE = 7.0  # metres of the jetty that are seen from near by from its landing


def _along_jetty() -> tuple[Floats, float, Floats, Floats, float]:
    """x and z of its root, its length, the unit ways along it and to its right, and its turn about +y."""
    (x0, z0), (x1, z1) = JETTY
    long = hypot(x1 - x0, z1 - z0)
    ahead = np.array([(x1 - x0) / long, (z1 - z0) / long])
    return np.array([x0, z0]), long, ahead, np.array([-ahead[1], ahead[0]]), atan2(-ahead[1], ahead[0])


def jetty(*, fine: bool = False) -> Built:
    """Planks across two beams on posts; every fourth pair of posts rises to bear a lantern on one side.

    `fine`: as seen from its landing.
    """
    made = Built()
    root, long, ahead, side, yaw = _along_jetty()
    random = np.random.default_rng(3)
    pitch = PLANK + 0.012
    for k in range(int(long / pitch)):
        x, z = root + ahead * (k + 0.5) * pitch
        wide = 1.72 + random.uniform(-0.05, 0.05)
        near = fine and k * pitch < FINE
        board = _plank(wide) if near else slab(PLANK, 0.045, wide)
        board.uv[:] = board.uv + random.uniform(0.0, 9.0, 2)
        tint = srgb(GREY_WOOD) * random.uniform(0.78, 1.12)
        made.add(
            "near wood" if near else "wood",
            board.turned(yaw + random.normal(0.0, 0.008))
            .at(x, DECK + random.uniform(-0.006, 0.006), z)
            .painted(tint * board.colour[:, :3] if near else tint),
        )
    for sign in (-1.0, 1.0):
        middle = root + ahead * long / 2 + side * 0.62 * sign
        made.add("wood", slab(long, 0.16, 0.09).turned(yaw).at(middle[0], DECK - 0.105, middle[1]), DARK_WOOD)
    spans = round(long / 2.35)
    for k in range(spans + 1):
        for sign in (-1.0, 1.0):
            x, z = root + ahead * min(k * long / spans, long - 0.15) + side * 0.80 * sign
            lit = k % 3 == 1 and sign > 0
            near = fine and k * long / spans < FINE
            made.post(x, z, DECK + (1.18 if lit else 0.16 + 0.05 * (k % 2)), 0.085, fine=near)
            if lit:
                _lantern(made, x, DECK + 1.18, z)
    if fine:
        x, z = root + ahead * FINE / 2
        made.casters.append(Caster(x, z, FINE / 2, 0.86, DECK, yaw, round=False, dark=0.6))
    return made


def _plank(wide: float) -> Shape:
    """A board seen from near by; the next one is so close that hardly any light reaches its long sides."""
    board = box((PLANK, 0.045, wide), bevel=0.005, cells=0.6)
    board.colour[np.abs(board.normal[:, 0]) > 0.7, :3] = 0.22
    return board


def landing() -> Built:
    """Boards as wide as two jetties at its root, level with it, where a chair stands; they end in the sand behind."""
    made = Built()
    root, _, ahead, side, yaw = _along_jetty()
    random = np.random.default_rng(17)
    pitch = PLANK + 0.012
    for k in range(int(LANDING_LONG / pitch)):
        x, z = root - ahead * (k + 0.5) * pitch
        board = _plank(LANDING_WIDE + random.uniform(-0.07, 0.07))
        board.uv[:] = board.uv + random.uniform(0.0, 9.0, 2)
        tint = srgb(GREY_WOOD) * random.uniform(0.78, 1.12)
        turned = board.turned(yaw + random.normal(0.0, 0.006)).at(x, DECK + random.uniform(-0.005, 0.005), z)
        made.add("near wood", turned.painted(tint * board.colour[:, :3]))
    for sign in (-1.0, 1.0):
        middle = root - ahead * LANDING_LONG / 2 + side * 1.45 * sign
        beam = box((LANDING_LONG - 0.1, 0.16, 0.09), bevel=0.006, cells=0.6)
        made.add("wood", beam.turned(yaw).at(middle[0], DECK - 0.105, middle[1]), DARK_WOOD)
        for back in (0.16, LANDING_LONG - 0.5):
            x, z = root - ahead * back + side * (LANDING_WIDE / 2 + 0.05) * sign
            made.post(x, z, DECK + 0.13, 0.08, GREY_WOOD, fine=True)
    x, z = root - ahead * LANDING_LONG / 2
    made.casters.append(Caster(x, z, LANDING_LONG / 2, LANDING_WIDE / 2, DECK, yaw, round=False, dark=0.6))
    return made


def _lantern(made: Built, x: float, y: float, z: float) -> None:
    """A small lantern on a post's top."""
    made.add("glow", slab(0.13, 0.18, 0.13).at(x, y + 0.10, z), "#FFC27A")
    made.add(
        "paint", lathe([(0.13, 0.0), (0.12, 0.03), (0.03, 0.11), (0.0, 0.12)], sides=8).at(x, y + 0.19, z), "#3E3A36"
    )
    for dx, dz in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        made.add("paint", slab(0.018, 0.2, 0.018).at(x + 0.066 * dx, y + 0.1, z + 0.066 * dz), "#3E3A36")


OUT = 0.16  # metres from a wall's inside to its boards


def cabin(*, porch: bool = True) -> Built:
    """The calm room's cabin: red boards on a stone plinth, its gable to the sea, a roofed porch on its right.

    Without `porch` neither that nor the wall behind it is there: who sits there sees them nearer (porch.py).
    """
    made = Built()
    left, right, front, back = LEFT - OUT, RIGHT + OUT, GLASS - 0.04, BACK + OUT
    floor, eaves = ROOM.y, ROOM.y + HEIGHT + 0.12
    middle, half = (left + right) / 2, (right - left) / 2
    ridge = eaves + half * 0.78
    made.add(
        "stone",
        box((right - left - 0.06, 1.5, back - front - 0.06), bevel=0.03, cells=0.5).at(
            middle, floor - 0.8, (front + back) / 2
        ),
        PLINTH,
    )
    made.feet += [(x, floor - 1.55, z) for x in (left, right) for z in (front, back)]
    _walls(made, left, right, front, back, floor, eaves, shared=porch)
    for z, sign in ((front, -1.0), (back, 1.0)):
        _gable(made, middle, half, eaves, ridge, z, sign)
    _roof(made, middle, half, eaves, ridge, front - 0.45, back + 0.4)
    made.add("stone", box((0.7, 2.6, 0.6), bevel=0.04, cells=0.3).at(middle - 0.9, ridge - 0.3, back - 0.9), PLINTH)
    _window(made, front)
    if porch:
        _porch(made, right, front + 0.7, back - 0.3, floor, eaves)
    under = floor + 2.2 if porch else floor - 0.06  # a roof, or the boards that one sits above
    made.casters = [
        Caster(middle, (front + back) / 2, half + 0.05, (back - front) / 2, eaves + 0.8, round=False, dark=0.5),
        Caster(right + 1.2, (front + back) / 2 + 0.2, 1.2, 2.1, under, round=False, dark=0.6),
    ]
    return made


def _walls(
    made: Built, left: float, right: float, front: float, back: float, floor: float, eaves: float, *, shared: bool
) -> None:
    """Boards that lap over each other, each a little off, round the window's opening; `shared`: also of the porch."""
    random = np.random.default_rng(5)
    rows = 15
    step = (eaves - floor + 0.1) / rows
    x0, x1, y0, y1 = WINDOW
    for row in range(rows):
        y = floor - 0.08 + (row + 0.5) * step
        runs = [((left + right) / 2, back, right - left, 0.0), (left, (front + back) / 2, back - front, pi / 2)]
        runs += [(right, (front + back) / 2, back - front, pi / 2)] if shared else []
        if y0 - 0.05 < y - floor < y1 + 0.05:
            runs += [
                ((left + x0 - 0.06) / 2, front, x0 - 0.06 - left, 0.0),
                ((right + x1 + 0.06) / 2, front, right - x1 - 0.06, 0.0),
            ]
        else:
            runs += [((left + right) / 2, front, right - left, 0.0)]
        for x, z, long, turn in runs:
            tilt = 0.12 if (turn == 0.0 and z > 0) or (turn > 0 and x < 0) else -0.12
            board = slab(long, step + 0.03, 0.025).turned(0.0, tilt if turn == 0.0 else 0.0).turned(turn)
            board.uv[:] = board.uv + random.uniform(0.0, 9.0, 2)
            made.add("paint", board.at(x, y, z).painted(srgb(BOARD) * random.uniform(0.85, 1.1)))
    for x in (left, right):
        for z in (front, back):
            made.add("paint", slab(0.13, eaves - floor + 0.14, 0.13).at(x, (floor + eaves) / 2 - 0.02, z), "#D8CFBF")


def _gable(made: Built, middle: float, half: float, eaves: float, ridge: float, z: float, sign: float) -> None:
    rows = 8
    for row in range(rows):
        share = (row + 0.5) / rows
        wide = 2.0 * half * (1.0 - share)
        board = slab(max(wide, 0.1), (ridge - eaves) / rows + 0.03, 0.025).turned(0.0, 0.10 * sign)
        made.add("paint", board.at(middle, eaves + share * (ridge - eaves), z), BOARD)


def _roof(made: Built, middle: float, half: float, eaves: float, ridge: float, front: float, back: float) -> None:
    """Two slopes of slate, a little thick, over the walls on all sides."""
    slope = atan2(ridge - eaves, half)
    over = 0.42
    long = half / cos(slope) + over
    for sign in (-1.0, 1.0):
        x = np.linspace(0.0, 1.0, 9)
        rows = []
        for share in x:  # courses that lap: each ends a little lower than the next begins
            down = share * long
            rows.append((middle + sign * down * cos(slope), ridge + 0.10 - down * sin(slope)))
        for (xa, ya), (xb, yb) in pairwise(rows):
            course = slab(hypot(xb - xa, yb - ya) + 0.05, 0.045, back - front)
            tilted = _rolled(course, -sign * (slope - 0.06))
            made.add("stone", tilted.at((xa + xb) / 2, (ya + yb) / 2, (front + back) / 2), ROOF)
        for z in (front, back):
            barge = _rolled(slab(long, 0.17, 0.04), -sign * slope)
            made.add(
                "paint",
                barge.at(middle + sign * long / 2 * cos(slope), ridge + 0.03 - long / 2 * sin(slope), z),
                "#D8CFBF",
            )
    made.add("stone", tube([(middle, ridge + 0.14, front), (middle, ridge + 0.14, back)], 0.07, sides=7), ROOF)


def _rolled(shape: Shape, roll: float) -> Shape:
    """Turned about +z."""
    c, s = cos(roll), sin(roll)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return Shape(shape.position @ turn.T, shape.normal @ turn.T, shape.uv, shape.colour, shape.index)


def _window(made: Built, front: float) -> None:
    """The calm room's window from outside: frame, bars and panes with the lamp's light behind them."""
    x0, x1, y0, y1 = WINDOW
    y = ROOM.y
    middle, high = (x0 + x1) / 2, (y0 + y1) / 2 + y
    for x in (x0, x1):
        made.add("paint", slab(0.12, y1 - y0 + 0.2, 0.06).at(x, high, front - 0.02), "#D8CFBF")
    for edge in (y0, y1):
        made.add("paint", slab(x1 - x0 + 0.24, 0.12, 0.07).at(middle, edge + y, front - 0.02), "#D8CFBF")
    for third in (1, 2):
        made.add("paint", slab(0.05, y1 - y0, 0.04).at(x0 + (x1 - x0) * third / 3, high, front - 0.01), "#D8CFBF")
    made.add("glow", slab(x1 - x0, y1 - y0, 0.01).at(middle, high, front + 0.05), "#B98A5A")


def _porch(made: Built, wall: float, front: float, back: float, floor: float, eaves: float) -> None:
    """A deck with a bench and a table under its own roof, on posts, with a step down to the grass."""
    deep = 2.35
    deck = floor - 0.06
    for k in range(int(deep / (PLANK + 0.01))):
        x = wall + 0.08 + (k + 0.5) * (PLANK + 0.01)
        made.add("wood", slab(PLANK, 0.05, back - front).at(x, deck - 0.002 * (k % 3), (front + back) / 2), GREY_WOOD)
    made.add("wood", slab(0.06, 0.2, back - front).at(wall + deep, deck - 0.12, (front + back) / 2), DARK_WOOD)
    for z in (front, back):
        made.add("wood", slab(deep, 0.2, 0.06).at(wall + deep / 2, deck - 0.12, z), DARK_WOOD)
    top = eaves - 0.62
    for z in (front + 0.06, (front + back) / 2, back - 0.06):
        made.post(wall + deep - 0.1, z, top, 0.07)
    made.add("wood", slab(0.12, 0.14, back - front + 0.5).at(wall + deep - 0.1, top, (front + back) / 2), DARK_WOOD)
    fall = atan2(eaves - top - 0.02, deep)
    roof = _rolled(slab(hypot(deep + 0.35, eaves - top), 0.06, back - front + 0.9), -fall)
    made.add("stone", roof.at(wall + (deep + 0.3) / 2, (eaves + top) / 2 + 0.10, (front + back) / 2), ROOF)
    for z in (front + 0.1, (front + back) / 2 - 0.2):
        made.add(
            "wood",
            tube([(wall + deep - 0.1, deck + 0.92, z), (wall + deep - 0.1, deck + 0.92, z + 1.75)], 0.035, sides=6),
            GREY_WOOD,
        )
    _bench(made, wall + 0.34, front + 1.0, deck)
    _table(made, wall + 1.15, front + 1.1, deck)
    for k in range(2):
        made.add(
            "wood", slab(0.34, 0.07, 1.1).at(wall + deep + 0.2 + 0.33 * k, deck - 0.2 * (k + 1), back - 0.75), GREY_WOOD
        )
        made.add(
            "stone",
            slab(0.30, 0.5, 0.9).at(wall + deep + 0.2 + 0.33 * k, deck - 0.2 * (k + 1) - 0.28, back - 0.75),
            PLINTH,
        )
        made.feet.append((wall + deep + 0.2 + 0.33 * k, deck - 0.2 * (k + 1) - 0.53, back - 0.75))
    _lantern(made, wall + deep - 0.1, deck + 0.95, front + 0.06)


def _bench(made: Built, x: float, z: float, floor: float) -> None:
    made.add("wood", slab(0.42, 0.05, 1.5).at(x, floor + 0.44, z), GREY_WOOD)
    made.add("wood", slab(0.04, 0.34, 1.5).at(x - 0.2, floor + 0.72, z), GREY_WOOD)
    for side in (-0.6, 0.6):
        made.add("wood", slab(0.36, 0.44, 0.05).at(x, floor + 0.22, z + side), DARK_WOOD)


def _table(made: Built, x: float, z: float, floor: float) -> None:
    made.add("wood", slab(0.62, 0.04, 0.95).at(x, floor + 0.70, z), GREY_WOOD)
    for dx in (-0.25, 0.25):
        for dz in (-0.4, 0.4):
            made.add("wood", slab(0.05, 0.7, 0.05).at(x + dx, floor + 0.35, z + dz), DARK_WOOD)
    made.add(
        "paint",
        lathe([(0.05, 0.0), (0.075, 0.05), (0.07, 0.11), (0.055, 0.12)], sides=10).at(x, floor + 0.72, z + 0.15),
        "#9FB0B4",
    )


def lighthouse() -> Built:
    """White, far out on its low rock; its lamp is small and steady."""
    made = Built()
    x, z = LIGHTHOUSE
    base = min(ground_at(x + dx, z + dz) for dx in (-2.5, 0.0, 10.5) for dz in (-3.0, 0.0, 3.5)) - 0.3
    tower = lathe(
        [(2.5, 0.0), (2.3, 1.2), (1.9, 6.5), (1.55, 12.0), (1.55, 12.4), (2.1, 12.5), (2.1, 12.9), (1.2, 13.0)],
        sides=18,
    )
    made.add("paint", tower.at(x, base, z), "#E6DED0")
    made.add("lamp", lathe([(1.0, 13.0), (1.05, 14.6)], sides=12).at(x, base, z), "#FFC27A")
    made.add("paint", lathe([(1.5, 14.6), (1.35, 15.0), (0.5, 16.0), (0.0, 16.5)], sides=14).at(x, base, z), "#7D5F50")
    made.add("paint", slab(7.0, 4.0, 5.0).at(x + 6.5, base + 1.6, z + 0.5), "#DCD3C4")
    for sign in (-1.0, 1.0):
        made.add(
            "stone",
            slab(7.8, 0.2, 3.4).turned(0.0, sign * 0.62).at(x + 6.5, base + 4.3, z + 0.5 + sign * 1.35),
            "#7D5F50",
        )
    made.feet += [
        (x + dx, base, z + dz) for dx, dz in ((0, 0), (2.4, 0), (-2.4, 0), (10.0, 3.0), (10.0, -2.0), (3.0, 3.0))
    ]
    return made


BOAT = (23.4, -14.0, 2.45)  # x, z and turn of the boat that lies on the beach


def boat() -> Built:
    """A rowing boat of 3.7 m, keel up, its boards lapped; its rim lies in the sand."""
    made = Built()
    x, z, turn = BOAT
    long, strakes = 1.85, 6
    u, v = np.meshgrid(np.linspace(-1.0, 1.0, 33), np.linspace(-1.0, 1.0, 49), indexing="ij")
    toward_bow, toward_stern = np.maximum(u + 0.2, 0.0) / 1.2, np.maximum(-0.2 - u, 0.0) / 0.8
    half = 0.70 * (1.0 - toward_bow**2.1) ** 0.9 * (1.0 - 0.36 * toward_stern**2)
    half = np.maximum(half, 0.015)  # the stem
    keel = 0.55 - 0.06 * u - 0.14 * toward_bow**5
    rim = 0.10 * (1.0 - u**2)
    lap = (np.abs(v) * strakes) % 1.0
    y = (
        rim
        + (keel - rim) * (1.0 - np.abs(v) ** 2.3) ** 0.72
        + 0.014 * lap * (np.abs(v) < 0.99)
        - 0.12 * (np.abs(v) > 0.99)
    )
    hull = sheet(np.stack([long * u, y, half * np.sin(v * pi / 2)], axis=-1))
    if hull.normal[:, 1].mean() < 0.0:
        hull = sheet(np.stack([long * u, y, half * np.sin(v * pi / 2)], axis=-1)[:, ::-1])
    tone = (1.0 - 0.45 * (lap < 0.12)).reshape(-1, 1) * np.where(
        (np.abs(v) > 0.86).reshape(-1, 1), srgb("#B9AE9C"), srgb("#5E7377")
    )
    made.add("paint", hull.painted(np.asarray(tone, np.float64)))
    stern = np.stack(
        [
            np.stack(
                [-long + 0.0 * v[0], s * y[0] + (1.0 - s) * (rim[0] - 0.12), half[0] * np.sin(v[0] * pi / 2)], axis=-1
            )
            for s in (1.0, 0.0)
        ]
    )
    made.add("paint", _facing(sheet(stern), np.array([-1.0, 0.0, 0.0])).both_sides(), "#435559")
    line = [(s * long, float(np.interp(s, u[:, 0], keel[:, 24])) + 0.012, 0.0) for s in np.linspace(-1.0, 1.0, 17)]
    made.add("wood", tube(line, 0.026, sides=6), GREY_WOOD)
    low = min(ground_at(x + dx, z + dz) for dx in (-1.3, 0.0, 1.3) for dz in (-1.3, 0.0, 1.3)) - 0.02
    made.shapes = [(kind, shape.turned(turn, 0.03).at(x, low, z)) for kind, shape in made.shapes]
    made.casters = [Caster(x, z, long, 0.68, low + 0.52, turn, dark=0.9)]
    made.feet = [(x + dx * cos(turn), low - 0.03, z - dx * sin(turn)) for dx in (-1.5, -0.75, 0.0, 0.75, 1.5)]
    return made


def _facing(shape: Shape, normal: Floats) -> Shape:
    """A flat shape with one normal throughout, its triangles turned to match."""
    a, b, c = (shape.position[shape.index[:, k]] for k in range(3))
    turned = np.cross(b - a, c - a) @ normal < 0.0
    index = np.where(turned[:, None], shape.index[:, ::-1], shape.index)
    return replace(shape, normal=np.tile(normal, (len(shape.position), 1)), index=index)
