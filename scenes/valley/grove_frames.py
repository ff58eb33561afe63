"""Six wooden frames in the clearing, for what a patient has made; in those that hold nothing, leaves hang on threads.

Places are metres of the seat `place.GROVE`, y = 0 at the floor under it. They leave the view to the bay free.
"""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scenes.valley.built import DARK_WOOD, GREY_WOOD, KINDS, ground_at
from scenes.valley.driftwood import limb
from scenes.valley.instruments import MAKERS, SURFACES
from scenes.valley.place import GROVE
from scenes.valley.shapes import Floats, Shape, box, lathe, merged, tube
from scenes.valley.sky import Sky
from vr_app.api import Arrays, Kit, Pass, Pose, Vec3

AZIMUTHS: Final = (-26.0, 42.0, -47.0, 63.0, -68.0, 84.0)  # degrees to the right of straight ahead; newest first
AWAY: Final = (2.55, 2.80, 2.95, 2.95, 2.60, 2.65)  # metres from the seat to their middles
MIDDLE: Final = 1.08  # of its height
OPEN: Final = 0.84  # between its posts
LINTEL, RAIL = 0.50, -0.46  # over its middle
SUNK: Final = 1.4  # of its posts in the ground, so that all may stand higher
STONE_TOP: Final = 0.52  # of the post that the stone lies on
STONE_AT: Final = (0.60, -1.30)  # its x on the right hand's side, and z
BOARD: Final = 0.012  # half of a panel's thickness
ROUND: Final = 0.335  # radius of a round panel
WING, GAP = 0.250, 0.012  # width of each of three boards, and between them
TALL: Final = 0.33  # height of those
PALE, DARK, LINEN = "#D6C9AE", "#75675A", "#A6967C"  # of panels; ink, chalk and light are all seen on the last
LEAF, SHELL = "#8A7345", "#CFC2A6"
_HARP: Final = MAKERS.index("harp")
_STRINGS: Final = ((-0.24, 0.50, 3), (-0.03, 0.72, 4), (0.20, 0.42, 3))  # x, length and leaves of each thread


def middle_of(frame: int) -> Vec3:
    """The middle of a frame."""
    turn, away = radians(AZIMUTHS[frame]), AWAY[frame]
    return away * sin(turn), MIDDLE, -away * cos(turn)


def yaw_of(frame: int) -> float:
    """Radians to the left that a frame is turned to face the seat."""
    return -radians(AZIMUTHS[frame])


class Frames:
    """`draw` with what is solid, `draw_below` after all of that. `lift`: metres by which all stands higher."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        images = {"grain": sky.grain, "sky_map": sky.map}
        wood = kit.material("built", **images)
        self._frames = kit.mesh(kit.bake(frames_arrays)), wood
        self._stone = kit.mesh(kit.bake(stone_arrays)), wood
        self._leaves = kit.mesh(kit.bake(leaves_arrays)), kit.material("instruments", **images)
        self._round = {tone: (kit.mesh(_lit(_disc(tone), "paint")), wood) for tone in (PALE, DARK)}
        self._three = kit.mesh(_lit(_wings(LINEN), "paint")), wood
        self._contact = kit.mesh(_spot(), kit.buffer(_feet())), kit.material("contact")
        self._halo = kit.mesh(_card(), None), kit.material("halo")
        self._empty = [Pose.facing(middle_of(frame), yaw_of(frame)) for frame in range(len(AZIMUTHS))]

    def draw(self, out: Pass, lift: float) -> None:
        out.draw(*self._frames, Pose((0.0, lift, 0.0)))

    def draw_stone(self, out: Pass, lift: float, side: float) -> None:
        """`side` 1: on the right."""
        out.draw(*self._stone, Pose((side * STONE_AT[0], lift, STONE_AT[1])))

    def draw_leaves(self, out: Pass, frame: int, lift: float, warm: float) -> None:
        """In a frame that holds nothing; `warm` 0..1 as it is rested on."""
        (x, y, z), turned = self._empty[frame]
        out.draw(*self._leaves, Pose((x, y + lift, z), turned), warm=(0.0, 0.0, 0.0, 0.6 * warm))

    def draw_round(self, out: Pass, at: Pose, *, pale: bool) -> None:
        """A round panel, its face at `at`, toward +z."""
        out.draw(*self._round[PALE if pale else DARK], at)

    def draw_three(self, out: Pass, at: Pose) -> None:
        """A board in three parts, its face at `at`, toward +z."""
        out.draw(*self._three, at)

    def draw_below(self, out: Pass) -> None:
        """Shade on the ground at their feet."""
        out.draw(*self._contact)

    def draw_glow(self, out: Pass, at: Pose, light: Vec3) -> None:
        """Soft light in the air about what is rested on."""
        out.draw(*self._halo, at, lantern=light)


# --- their shapes


def _ground(x: float, z: float) -> float:
    return ground_at(GROVE.x + x, GROVE.z + z) - GROVE.y


def frames_arrays() -> Arrays:
    """All six, as shaders/built.glsl takes them."""
    random = np.random.default_rng(331)
    parts, damp = [], []
    for frame in range(len(AZIMUTHS)):
        x, _, z = middle_of(frame)
        foot = _ground(x, z)
        shape = _frame(random, foot).turned(yaw_of(frame)).at(x, 0.0, z)
        parts.append(shape)
        damp.append(np.clip(0.8 - (shape.position[:, 1] - foot) / 0.4, 0.0, 0.6))
    return _arrays(merged(parts), np.concatenate(damp), "wood")


def _frame(random: np.random.Generator, foot: float) -> Shape:
    """Two posts, what lies across them and a rail; its own middle is x = z = 0."""
    made = []
    for side in (-1.0, 1.0):
        top = MIDDLE + LINTEL + random.uniform(0.05, 0.11)
        t = np.append(np.linspace(0.0, 0.996, 16), 1.0)[:, None]
        lean = random.uniform(0.02, 0.05) * np.array([side * random.uniform(0.6, 1.0), 0.0, random.uniform(-0.7, 0.7)])
        low, high = np.array([side * OPEN / 2, foot - SUNK, 0.0]), np.array([side * OPEN / 2, top, 0.0])
        path = low + t * (high - low) + lean * (t + 0.06 * np.sin(9.0 * t + side) - 1.0)  # never straight up
        radius = 0.034 - 0.006 * t[:, 0]
        made.append(_tinted(random, limb(random, path, radius, columns=14, cracks=3, torn=(0.0, 0.008))))
    for above, half, thick in ((LINTEL, 0.55, 0.027), (RAIL, 0.47, 0.021)):
        t = np.concatenate([[-1.0], np.linspace(-0.985, 0.985, 14), [1.0]])
        tilt = random.normal(0.0, 0.006)
        y = MIDDLE + above + tilt * t - 0.008 * (1.0 - t * t)
        path = np.stack([half * t, y, 0.012 * np.sin(2.5 * t)], axis=-1)
        made.append(_tinted(random, limb(random, path, thick - 0.002 * t, columns=12, cracks=2, torn=(0.008, 0.008))))
    for side in (-1.0, 1.0):  # cord about each corner
        for turn in range(4):
            tied = MIDDLE + LINTEL + 0.013 * (turn - 1.5)
            ring = np.linspace(0.0, 2.0 * np.pi, 13)
            path = np.stack(
                [side * OPEN / 2 + 0.040 * np.cos(ring), tied + 0.012 * np.sin(ring), 0.040 * np.sin(ring)], axis=-1
            )
            made.append(tube(path, 0.0065, sides=6).painted("#9A8A6C"))
    return merged(made)


def _tinted(random: np.random.Generator, wood: Shape) -> Shape:
    tint = wood.colour.copy()
    tint[:, :3] *= np.array([1.06, 0.98, 0.88]) * random.uniform(0.9, 1.1)
    return Shape(wood.position, wood.normal, wood.uv, tint, wood.index)


def stone_arrays() -> Arrays:
    """A flat stone on a stump; its middle x = z = 0 on the seat's floor."""
    random = np.random.default_rng(337)
    t = np.linspace(0.0, 1.0, 14)
    path = np.stack([0.02 * t, -1.6 + t * (STONE_TOP + 1.6), 0.01 * np.sin(3.0 * t)], axis=-1)
    stump = limb(random, path, 0.085 - 0.01 * t, columns=20, cracks=5, torn=(0.0, 0.0))
    top = lathe([(0.073, 0.0), (0.05, 0.006), (0.0, 0.007)], sides=20).at(0.02, STONE_TOP - 0.004, 0.0)
    profile = [(0.0, 0.0), (0.055, 0.003), (0.088, 0.016), (0.092, 0.026), (0.078, 0.042), (0.04, 0.050), (0.0, 0.052)]
    stone = lathe(profile, sides=26).at(0.02, STONE_TOP + 0.003, 0.0)
    uneven = 1.0 + 0.07 * np.sin(3.0 * np.arctan2(stone.position[:, 2], stone.position[:, 0]) + 0.7)
    stone.position[:, 0] = 0.02 + (stone.position[:, 0] - 0.02) * uneven
    stone.position[:, 2] *= 0.82 * uneven
    wooden = merged([_tinted(random, stump), top.painted(DARK_WOOD)])
    both = [("wood", wooden), ("stone", stone.painted("#8B867E"))]
    kinds = np.concatenate([np.full((len(shape.position), 1), float(KINDS.index(kind))) for kind, shape in both])
    whole = merged([shape for _, shape in both])
    whole.colour[:, 3] = 0.0
    return _arrays(whole, np.zeros(len(whole.position)), "wood") | {"kind": kinds.astype(np.float32)}


def leaves_arrays() -> Arrays:
    """Threads with thin leaves of brass and shell, as shaders/instruments.glsl takes them; about a frame's middle."""
    random = np.random.default_rng(347)
    shapes, kinds, sway = [], [], []

    def add(surface: str, shape: Shape) -> None:
        shapes.append(shape)
        kinds.append(np.full((len(shape.position), 1), 4.0 * _HARP + SURFACES.index(surface)))
        sway.append(0.035 * np.clip(LINTEL - shape.position[:, 1], 0.0, 1.0))

    for x, long, count in _STRINGS:
        line = np.linspace(LINTEL - 0.02, LINTEL - long, 9)
        add("cord", tube([(x, y, 0.0) for y in line], 0.0016, sides=5).painted("#B7A98C"))
        for k in range(count):
            y = LINTEL - long * (0.42 + 0.58 * (k + 0.55) / count)
            wide = random.uniform(0.036, 0.049)
            surface, tone = ("bronze", LEAF) if (k + count) % 2 else ("cord", SHELL)
            add(surface, _leaf(wide).turned(random.uniform(-1.1, 1.1), random.uniform(-0.15, 0.15)).at(x, y, 0.0)
                .painted(tone))  # fmt: skip
    whole = merged(shapes)
    whole.colour[:, 3] = np.concatenate(sway)
    return _arrays(whole, np.zeros(len(whole.position)), "wood") | {"kind": np.concatenate(kinds).astype(np.float32)}


def _leaf(wide: float) -> Shape:
    """A pointed leaf of thin sheet, hung from its tip."""
    t = np.linspace(0.0, 1.0, 9)[:, None]
    half = wide * np.sin(np.pi * t**0.8) * (1.0 - 0.25 * t)
    across = np.linspace(-1.0, 1.0, 5)
    points = np.stack(
        np.broadcast_arrays(half * across, -2.9 * wide * (t - 0.15), 0.25 * half * across**2 + 0.0 * t), axis=-1
    )
    n = points.shape
    corner = np.arange(n[0] * n[1]).reshape(n[:2])
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    index = np.concatenate([np.stack(each, -1).reshape(-1, 3) for each in ((a, b, c), (a, c, d))])
    flat = points.reshape(-1, 3)
    shape = Shape(flat, np.tile([0.0, 0.0, 1.0], (len(flat), 1)), flat[:, :2].copy(), np.ones((len(flat), 4)), index)
    return shape.both_sides()


def _disc(tone: str) -> Shape:
    """A round panel with a rim, its face at z = 0."""
    r, t = ROUND, BOARD
    face = lathe([(r - 0.016, -2.0 * t), (r - 0.016, 0.0), (0.0, 0.0)], sides=64).painted(tone)
    profile = [(r - 0.017, -2.4 * t), (r, -2.2 * t), (r + 0.004, -t), (r, 0.4 * t), (r - 0.008, 0.55 * t)]
    rim = lathe([*profile, (r - 0.017, 0.3 * t)], sides=64).painted(GREY_WOOD)
    back = lathe([(0.0, -2.0 * t), (r - 0.016, -2.0 * t)], sides=64).painted(DARK_WOOD)
    return merged([face, rim, back]).turned(0.0, np.pi / 2)


def _wings(tone: str) -> Shape:
    """Three boards side by side in one frame, faces at z = 0."""
    pitch = WING + GAP
    made = [box((WING, TALL, 2.0 * BOARD), bevel=0.004, cells=0.1).at(k * pitch, 0.0, -BOARD) for k in (-1, 0, 1)]
    boards = [board.painted(tone) for board in made]
    wide = 3.0 * WING + 2.0 * GAP
    across, upright = (
        box((wide + 0.05, 0.022, 0.036), bevel=0.005, cells=0.2),
        box((GAP + 0.006, TALL + 0.02, 0.032), bevel=0.004, cells=0.2),
    )
    boards += [across.at(0.0, y, -BOARD).painted(GREY_WOOD) for y in (-TALL / 2 - 0.012, TALL / 2 + 0.012)]
    boards += [upright.at(k * pitch, 0.0, -BOARD).painted(GREY_WOOD) for k in (-1.5, -0.5, 0.5, 1.5)]
    return merged(boards)


def _lit(shape: Shape, kind: str) -> Arrays:
    return _arrays(shape, np.zeros(len(shape.position)), kind)


def _arrays(shape: Shape, damp: Floats, kind: str) -> dict[str, npt.NDArray[Any]]:
    """With nothing high about it, so damp at its foot, all of one kind of shaders/built.glsl."""
    light = np.ones((len(shape.position), 4))
    light[:, 1] = damp
    kinds = np.full((len(shape.position), 1), float(KINDS.index(kind)))
    columns = shape.arrays() | {"light": light, "kind": kinds}
    made = {name: column.astype(np.float32) for name, column in columns.items() if name != "index"}
    flat = np.zeros((len(light), 16), np.uint8)
    return made | {"horizon": flat, "index": shape.index.reshape(-1).astype(np.uint32)}


def _spot() -> Arrays:
    """A flat disc of radius 1; uv.x is its radius."""
    turn, radius = np.linspace(0.0, 2.0 * np.pi, 17), np.array([0.0, 0.5, 1.0])[:, None]
    position = np.stack([radius * np.cos(turn), 0.0 * radius * turn, radius * np.sin(turn)], axis=-1)
    uv = np.stack(np.broadcast_arrays(radius, 0.0 * turn), axis=-1)
    row, column = np.meshgrid(np.arange(2) * 17, np.arange(16), indexing="ij")
    a = (row + column).ravel()
    index = np.stack([a, a + 1, a + 18, a, a + 18, a + 17], axis=-1).reshape(-1)
    return {"position": position.reshape(-1, 3), "uv": uv.reshape(-1, 2), "index": index}


def _feet() -> npt.NDArray[np.float32]:
    """Rows of shaders/contact.glsl, on the slope at each post."""
    rows = []
    for frame in range(len(AZIMUTHS)):
        x, _, z = middle_of(frame)
        turn = radians(AZIMUTHS[frame])
        for side in (-OPEN / 2, OPEN / 2):
            fx, fz = x + side * cos(turn), z + side * sin(turn)
            dx = (_ground(fx + 0.1, fz) - _ground(fx - 0.1, fz)) / 0.2
            dz = (_ground(fx, fz + 0.1) - _ground(fx, fz - 0.1)) / 0.2
            row = np.zeros(16)
            row[0], row[1], row[2] = fx, _ground(fx, fz) + 0.01, fz
            row[4:8] = 0.16, 1.0, 0.16, 0.5
            row[8:12] = 1.0
            row[12], row[13] = dx, dz
            rows.append(row)
    return np.array(rows, np.float32)


def _card() -> Arrays:
    """Before what glows, facing +z; uv as shaders/halo.glsl has it."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    card = np.stack([0.75 * corners[:, 0], 0.75 * corners[:, 1], np.full(4, -0.12)], axis=-1)
    return {"position": card, "uv": corners, "index": np.array([0, 1, 2, 0, 2, 3])}


def stone_middle(side: float) -> Vec3:
    """Of the stone, before it is lifted."""
    return side * (STONE_AT[0] + 0.02), STONE_TOP + 0.03, STONE_AT[1]
