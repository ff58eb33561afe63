"""A paper lantern on a board before a seat, and a row of paper cards to choose what is cut into it.

The stand's own frame: metres, its middle the origin on the floor, +z to whoever sits before it.
"""

from __future__ import annotations

from math import radians
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.valley.built import DARK_WOOD, GREY_WOOD
from scenes.valley.shapes import Floats, Shape, box, merged, srgb, tube
from scenes.valley.sky import Sky
from scenes.valley.symbols import SYMBOLS, symbol_arrays
from vr_app.api import Arrays, Kit, Pass, Pose, Vec3

PAPER, CARD, WOOD = 0, 1, 2  # kinds of shaders/paper_lantern.glsl
CARDS: Final = (*SYMBOLS, "")  # from left to right; the last is plain
TOP: Final = 0.46  # metres of the board's top over the floor
FOOT: Final = 0.055  # metres that the lantern stands over the board, so that cards do not hide it
HALF: Final = 0.105  # of the lantern's width
HEIGHT: Final = 0.30  # of its paper
LAMP: Final = (0.0, TOP + FOOT + 0.175, -0.10)  # the lantern's middle; paper_lantern.glsl repeats it
HANDLE: Final = TOP + FOOT + HEIGHT + 0.11  # the lantern's highest
PITCH: Final = 0.122  # from card to card
LEAN: Final = radians(28.0)
SHEET, PALE = "#E6DCC8", "#F3ECDD"  # of the lantern, and of the cards


class Cut(NamedTuple):
    """What is cut into the lantern's paper and how far it shows, 0..1; the same of what was there before."""

    now: int = -1  # of SYMBOLS; -1: nothing
    shown: float = 0.0
    before: int = -1
    left: float = 0.0


def card_place(n: int) -> Vec3:
    """The middle of a card."""
    return (n - (len(CARDS) - 1) / 2) * PITCH, TOP + 0.062, 0.10


class LanternStand:
    """`draw`, and `draw_halo` after everything solid."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        symbols = kit.image(kit.bake(symbol_arrays)["symbols"])
        material = kit.material("paper_lantern", grain=sky.grain, sky_map=sky.map, symbols=symbols)
        self._all = kit.mesh(kit.bake(stand_arrays)), material
        self._contact = kit.mesh(_disc(), kit.buffer(_feet())), kit.material("contact")
        halo = kit.material("halo")
        self._air, self._pool = (kit.mesh(_air()), halo), (kit.mesh(_pool()), halo)

    def draw(self, out: Pass, at: Pose, lantern: Vec3, cut: Cut, warm: tuple[float, ...]) -> None:
        """`lantern`: radiance of its paper where it is brightest; `warm` 0..1 of each of CARDS."""
        out.draw(*self._all, at, lantern=lantern, symbol=cut, warm=(*warm, 0.0))
        out.draw(*self._contact, _on_floor(at))

    def draw_halo(self, out: Pass, at: Pose, lantern: Vec3) -> None:
        """The air about it, and its light on the boards below."""
        if lantern[0] > 0.0:
            out.draw(*self._air, at, lantern=lantern)
            out.draw(*self._pool, _on_floor(at), lantern=lantern)


def _on_floor(at: Pose) -> Pose:
    x, _, z = at.position
    return Pose((x, 0.0, z), at.orientation)


def stand_arrays() -> Arrays:
    """One mesh in the stand's frame, as paper_lantern.glsl takes it."""
    parts: list[tuple[int, Shape, Floats]] = []  # kind, shape, light of each corner

    def add(kind: int, shape: Shape, number: float = 0.0) -> None:
        light = np.ones((len(shape.position), 4))
        light[:, 0] = _open(shape.position)
        light[:, 1] = number
        parts.append((kind, shape, light))

    for shape in (*_board(), *_frame()):
        add(WOOD, shape)
    for shape in _panels():
        add(PAPER, shape)
    for n in range(len(CARDS)):
        add(CARD, _card().at(*card_place(n)), n)
    whole = merged([shape for _, shape, _ in parts])
    kinds = [np.full((len(shape.position), 1), float(kind)) for kind, shape, _ in parts]
    arrays = whole.arrays() | {"light": np.concatenate([light for *_, light in parts]), "kind": np.concatenate(kinds)}
    made: dict[str, Any] = {name: array.astype(np.float32) for name, array in arrays.items() if name != "index"}
    return made | {"index": whole.index.reshape(-1).astype(np.uint32)}


def _open(points: Floats) -> Floats:
    """Share of the sky (0..1) that is left: less below the board, about the lantern's foot and behind the cards."""
    x, y, z = points.T
    below = np.clip((TOP - 0.02 - y) / 0.10, 0.0, 1.0)
    foot = np.exp(-np.maximum(np.hypot(x, z - LAMP[2]) - HALF, 0.0) / 0.05) * np.exp(-np.abs(y - TOP) / 0.03)
    behind = np.exp(-(((z - 0.06) / 0.035) ** 2)) * np.exp(-np.abs(y - TOP) / 0.03) * (np.abs(x) < 0.45)
    return np.asarray((1.0 - 0.55 * below) * (1.0 - 0.55 * foot) * (1.0 - 0.4 * behind))


def _board() -> list[Shape]:
    """A plank on two posts that go far below the floor, so that it may stand higher; a ledge for the cards."""
    random = np.random.default_rng(23)
    made = [
        _grained(box((0.98, 0.036, 0.19), bevel=0.008, cells=0.05).at(0.0, TOP - 0.018, 0.085), random, GREY_WOOD),
        _grained(box((0.98, 0.036, 0.17), bevel=0.008, cells=0.05).at(0.0, TOP - 0.018, -0.10), random, "#877868"),
        _grained(box((0.95, 0.016, 0.014), bevel=0.003, cells=0.1).at(0.0, TOP + 0.008, 0.152), random, DARK_WOOD),
        _grained(box((0.95, 0.05, 0.03), bevel=0.004, cells=0.2).at(0.0, TOP - 0.062, -0.01), random, DARK_WOOD),
    ]
    for side in (-1.0, 1.0):
        path = [(0.37 * side, -0.75, 0.0), (0.372 * side, -0.1, 0.004), (0.37 * side, TOP - 0.03, 0.0)]
        made.append(_grained(tube(path, [0.05, 0.048, 0.045], sides=14), random, DARK_WOOD))
    return made


def _frame() -> list[Shape]:
    """The lantern's wood: foot, four corners, two rims, a lid that overhangs, and a handle."""
    random = np.random.default_rng(29)
    x, y, z = 0.0, TOP + FOOT, LAMP[2]
    wide = 2.0 * HALF
    made = [box((wide + 0.034, 0.018, wide + 0.034), bevel=0.005, cells=0.1).at(x, y + 0.009, z)]
    made += [
        box((0.03, FOOT, wide - 0.03), bevel=0.005, cells=0.1).at(x + side, TOP + FOOT / 2, z)
        for side in (-0.075, 0.075)
    ]
    for sx in (-1.0, 1.0):
        for sz in (-1.0, 1.0):
            at = (x + sx * HALF, y + 0.018 + HEIGHT / 2, z + sz * HALF)
            made.append(box((0.017, HEIGHT + 0.012, 0.017), bevel=0.004, cells=0.1).at(*at))
    for rim in (y + 0.028, y + 0.012 + HEIGHT):
        for sign in (-1.0, 1.0):
            made.append(box((wide, 0.013, 0.012), bevel=0.003, cells=0.1).at(x, rim, z + sign * HALF))
            made.append(box((0.012, 0.013, wide), bevel=0.003, cells=0.1).at(x + sign * HALF, rim, z))
    lid = y + HEIGHT + 0.024
    made.append(box((wide + 0.05, 0.014, wide + 0.05), bevel=0.005, cells=0.1).at(x, lid + 0.007, z))
    made.append(box((wide - 0.04, 0.016, wide - 0.04), bevel=0.006, cells=0.1).at(x, lid + 0.021, z))
    turn = np.linspace(0.0, np.pi, 13)
    handle = np.stack([0.062 * np.cos(turn), lid + 0.026 + 0.055 * np.sin(turn), np.full(13, z)], axis=-1)
    made.append(tube(handle, 0.0045, sides=8))
    return [_grained(shape, random, "#6A5140") for shape in made]


def _panels() -> list[Shape]:
    """Four sides of paper; uv is -1..1 across and the same measure upward, 0 in the middle."""
    made = []
    for turn in range(4):
        panel = _flat(2.0 * HALF - 0.012, HEIGHT - 0.008, 8).at(0.0, 0.0, HALF - 0.001).turned(turn * np.pi / 2)
        made.append(panel.at(LAMP[0], TOP + FOOT + 0.018 + HEIGHT / 2, LAMP[2]).painted(SHEET))
    return made


def _card() -> Shape:
    """Leaning back on the board, its middle the origin; uv as of the panels."""
    return _flat(0.092, 0.108, 1).both_sides().painted(PALE).turned(0.0, -LEAN)


def _flat(wide: float, high: float, cells: int) -> Shape:
    """A sheet that faces +z."""
    u, v = np.meshgrid(np.linspace(-1.0, 1.0, cells + 1), np.linspace(-1.0, 1.0, cells + 1))
    points = np.stack([0.5 * wide * u, 0.5 * high * v, 0.0 * u], axis=-1).reshape(-1, 3)
    corner = np.arange(u.size).reshape(u.shape)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    index = np.concatenate([np.stack(three, -1).reshape(-1, 3) for three in ((a, b, c), (a, c, d))])
    uv = np.stack([u, v * high / wide], axis=-1).reshape(-1, 2)
    return Shape(points, np.tile([0.0, 0.0, 1.0], (len(points), 1)), uv, np.ones((len(points), 4)), index)


def _grained(shape: Shape, random: np.random.Generator, colour: str) -> Shape:
    """With a piece of grain of its own."""
    shape.uv[:] += random.uniform(0.0, 9.0, 2)
    return shape.painted(srgb(colour) * random.uniform(0.92, 1.06))


def _disc() -> Arrays:
    """A flat disc of radius 1; uv.x is its radius."""
    turn = np.linspace(0.0, 2.0 * np.pi, 25)
    radius = np.array([0.0, 0.5, 1.0])[:, None]
    position = np.stack([radius * np.cos(turn), 0.0 * radius * turn, radius * np.sin(turn)], axis=-1)
    uv = np.stack(np.broadcast_arrays(radius, 0.0 * turn), axis=-1)
    row, column = np.meshgrid(np.arange(2) * 25, np.arange(24), indexing="ij")
    a = (row + column).ravel()
    index = np.stack([a, a + 1, a + 26, a, a + 26, a + 25], axis=-1).reshape(-1)
    return {"position": position.reshape(-1, 3), "uv": uv.reshape(-1, 2), "index": index}


def _feet() -> npt.NDArray[np.float32]:
    """Rows of shaders/contact.glsl: about each post, and wide below the board."""
    made = np.zeros((3, 16), np.float32)
    made[:, 4:7] = made[:, 8:12] = 1.0
    for row, (x, wide, dark) in zip(made, ((-0.37, 0.13, 0.55), (0.37, 0.13, 0.55), (0.0, 0.62, 0.38)), strict=True):
        row[0], row[1], row[4], row[6], row[7] = x, 0.012, wide, wide if wide < 0.5 else 0.34, dark
    return made


def _air() -> Arrays:
    """A card in the air before the lantern; uv as shaders/halo.glsl has it."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    away = np.array([0.0, 1.2, 1.22]) - np.array(LAMP)
    away /= np.linalg.norm(away)
    right = np.array([1.0, 0.0, 0.0])
    card = np.array(LAMP) + 0.16 * away + 0.62 * (corners[:, :1] * right + corners[:, 1:] * np.cross(away, right))
    return {"position": card, "uv": corners, "index": np.array([0, 1, 2, 0, 2, 3])}


def _pool() -> Arrays:
    """A disc of its light on the floor."""
    disc = _disc()
    spread = np.asarray(disc["position"]) * np.array([1.25, 1.0, 1.1]) + np.array([0.0, 0.02, 0.0])
    return {**disc, "position": spread}
