"""Ten small things to lay into a picture: stone, leaf, shell, feather, boat, door, bridge, lantern, knot and seed.

Each lies about its origin within a circle of radius 1 and faces +z; colours are of natural stuff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, pi, radians, sin, tau
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from scenes.valley.shapes import Floats, Shape, box, lathe, merged, sheet, srgb, tube
from vr_app.api import Arrays

MATTER, WOOD, CORD, THIN, GLOW = range(5)  # surfaces of shaders/include/natural.glsl
Parts = list[tuple[int, Shape]]


def _outlined(outline: Floats, spine: tuple[float, float], high: float, full: float = 2.4, rings: int = 11) -> Shape:
    """A cushion over an outline (n, 2), counter-clockwise and closed, that rises to `high` on a spine of x = 0."""
    share = np.linspace(0.0, 1.0, rings) ** 0.75
    core = np.stack([0.0 * outline[:, 0], np.clip(outline[:, 1], *spine)], axis=-1)
    flat = core + share[:, None, None] * (outline - core)
    rise = high * (1.0 - share**full) ** 0.7
    return sheet(np.concatenate([flat, np.broadcast_to(rise[:, None, None], (*flat.shape[:2], 1))], axis=-1))


def _turn(count: int = 49) -> Floats:
    return np.linspace(0.0, tau, count)


def _mixed(a: str, b: str, share: Floats) -> Floats:
    return np.asarray(srgb(a) + np.clip(share, 0.0, 1.0)[:, None] * (srgb(b) - srgb(a)))


def _stone() -> Parts:
    t = _turn()
    r = 1.0 + 0.05 * np.sin(2 * t + 0.6) + 0.035 * np.sin(3 * t + 2.0) + 0.02 * np.sin(5 * t)
    shape = _outlined(np.stack([0.92 * r * np.cos(t), 0.70 * r * np.sin(t)], axis=-1), (0.0, 0.0), 0.46)
    x, y = shape.position[:, 0], shape.position[:, 1]
    vein = np.exp(-(((0.45 * x + y - 0.16 + 0.06 * np.sin(4.0 * x)) / 0.055) ** 2))
    return [(MATTER, shape.painted(_mixed("#77757A", "#C9C3B8", 0.8 * vein)))]


def _leaf() -> Parts:
    t = np.linspace(0.0, 1.0, 26)
    half = 0.47 * np.sin(pi * t**0.86) ** 0.85
    y = -0.72 + 1.68 * t
    outline = np.concatenate([np.stack([half, y], -1), np.stack([-half[::-1], y[::-1]], -1)])
    shape = _outlined(np.concatenate([outline, outline[:1]]), (-0.6, 0.85), 0.15, full=1.6)
    x, up = shape.position[:, 0], shape.position[:, 1]
    veins = np.exp(-((x / 0.03) ** 2)) + 0.55 * np.exp(-((np.sin((up - 0.8 * np.abs(x)) * 15.0) / 0.22) ** 2))
    shape.position[:, 2] -= 0.06 * np.exp(-((x / 0.07) ** 2)) - 0.10 * np.abs(x) ** 1.5
    leaf = shape.painted(_mixed("#6F7B4A", "#A5A673", 0.7 * veins))
    stalk = tube([(0.0, -0.62, 0.05), (0.02, -0.82, 0.05), (0.07, -1.0, 0.06)], [0.035, 0.03, 0.022], sides=8)
    return [(THIN, leaf), (WOOD, stalk.painted("#7E7A4E"))]


def _shell() -> Parts:
    share, fan = np.meshgrid(np.linspace(0.03, 1.0, 22), np.radians(np.linspace(-62.0, 62.0, 89)), indexing="ij")
    ribs = np.cos(fan * 15.0)
    reach = share * (1.62 - 0.30 * np.abs(fan) ** 2.2) * (1.0 + 0.025 * ribs * share)
    x, y = reach * np.sin(fan), -0.72 + reach * np.cos(fan)
    z = 0.50 * np.sin(pi * (0.08 + 0.80 * share)) * np.cos(1.1 * fan) ** 0.6 + 0.030 * ribs * share
    shape = sheet(np.stack([x, y, z], axis=-1)[:, ::-1])
    along = share[:, ::-1].ravel()
    bands = 0.5 + 0.5 * np.sin(16.0 * along**1.5)
    tone = _mixed("#E2D3BE", "#B88A74", 0.25 + 0.45 * along * bands)
    ears = [box((0.26, 0.16, 0.10), bevel=0.04).at(side * 0.15, -0.72, 0.06).painted("#D4C0A6") for side in (-1, 1)]
    return [(MATTER, shape.painted(tone)), *((MATTER, ear) for ear in ears)]


def _feather() -> Parts:
    made: Parts = []
    t = np.linspace(0.0, 1.0, 40)
    bend = 0.16 * (t - 0.4) ** 2
    quill = np.stack([bend, -0.98 + 1.94 * t, 0.09 + 0.0 * t], axis=-1)
    made.append((CORD, tube(quill, 0.030 - 0.024 * t, sides=8).painted("#D9CFB8")))
    v = np.linspace(0.0, 1.0, 64)
    for side in (-1.0, 1.0):
        wide = (0.30 if side > 0 else 0.21) * np.sin(pi * np.clip(v, 0.0, 1.0) ** 0.72) ** 0.6
        notch = 1.0 - 0.35 * np.exp(-(((v - (0.43 if side > 0 else 0.62)) / 0.012) ** 2))
        across = np.linspace(0.0, 1.0, 9)
        grid = np.zeros((len(v), len(across), 3))
        centre = 0.16 * (0.22 + 0.78 * v - 0.4) ** 2
        grid[..., 0] = centre[:, None] + side * across * (wide * notch)[:, None]
        grid[..., 1] = (-0.58 + 1.52 * v)[:, None] + 0.16 * across
        grid[..., 2] = 0.08 + 0.05 * np.sin(pi * across) + 0.012 * np.sin(60.0 * v[:, None] + 3.0 * across)
        shape = sheet(grid if side < 0 else grid[:, ::-1])
        if shape.normal[:, 2].mean() < 0.0:
            shape = sheet(grid[:, ::-1] if side < 0 else grid)
        up = shape.position[:, 1]
        made.append((THIN, shape.painted(_mixed("#DAD5CB", "#6E6C70", (up - 0.2) * 1.2))))
    return made


def _boat() -> Parts:
    t = np.linspace(0.0, 1.0, 30)
    deck = np.stack([-0.92 + 1.84 * t, -0.30 + 0.13 * (2.0 * t - 1.0) ** 2], axis=-1)
    keel = np.stack([0.80 - 1.60 * t, -0.74 + 0.22 * np.abs(1.0 - 2.0 * t) ** 2.5], axis=-1)
    outline = np.concatenate([deck[::-1], keel[::-1], deck[-1:]])
    shape = _outlined([*outline, 0.0, 0.48], (-0.03, 0.03), 0.26, full=2.0)
    hull = shape.at(0.0, -0.48, 0.0)
    strake = 0.75 + 0.25 * np.cos(hull.position[:, 1:2] * 42.0)
    mast = tube([(0.05, -0.42, 0.14), (0.04, 0.96, 0.10)], [0.030, 0.018], sides=8)
    u, v = np.meshgrid(np.linspace(0.0, 1.0, 12), np.linspace(0.0, 1.0, 12), indexing="ij")
    sail = np.stack(
        [0.11 + 0.66 * u * (1.0 - v) ** 0.9, -0.16 + 1.02 * v + 0.04 * u, 0.12 + 0.15 * np.sin(pi * u) * (1.0 - v)], -1
    )
    jib = np.stack([-0.03 - 0.52 * u * (1.0 - v), -0.12 + 0.90 * v, 0.11 + 0.09 * np.sin(pi * u) * (1.0 - v)], -1)
    cloths = [_toward(sail, "#DCD1BC"), _toward(jib, "#CDBFA6")]
    return [
        (WOOD, hull.painted(srgb("#7A5A43") * strake)),
        (WOOD, mast.painted("#5E5045")),
        *((THIN, c) for c in cloths),
    ]


def _toward(grid: Floats, colour: str) -> Shape:
    """A sheet that faces +z."""
    shape = sheet(grid)
    return (shape if shape.normal[:, 2].mean() > 0.0 else sheet(grid[:, ::-1])).painted(colour)


def _door() -> Parts:
    made: Parts = []
    for k in range(4):
        x = -0.315 + 0.21 * k
        top = 0.42 + 0.36 * (1.0 - (abs(x) / 0.44) ** 2) ** 0.5
        board = box((0.20, top + 0.92, 0.12), bevel=0.03, cells=0.5).at(x, 0.5 * (top - 0.92), 0.12)
        made.append((WOOD, board.painted(srgb("#5E7377") * (0.86 + 0.1 * (k % 3)))))
    t = np.linspace(0.0, pi, 15)
    for k in range(14):
        middle = 0.5 * (t[k] + t[k + 1])
        stone = box((0.17, 0.145, 0.26), bevel=0.04).at(0.0, 0.0, 0.13)
        made.append(
            (
                MATTER,
                _rolled(stone, middle)
                .at(0.51 * cos(middle), 0.40 + 0.51 * sin(middle), 0.0)
                .painted(srgb("#8A8680") * (0.85 + 0.05 * (k * 5 % 6))),
            )
        )
    for side in (-1.0, 1.0):
        for k in range(5):
            stone = box((0.17, 0.25, 0.26), bevel=0.04).at(0.515 * side, -0.80 + 0.262 * k, 0.13)
            made.append((MATTER, stone.painted(srgb("#8A8680") * (0.84 + 0.06 * ((k * 3 + (side > 0)) % 4)))))
    made.append((MATTER, box((1.24, 0.12, 0.34), bevel=0.03).at(0.0, -0.93, 0.17).painted("#77746F")))
    knob = lathe([(0.0, -0.045), (0.045, 0.0), (0.0, 0.045)], sides=12).at(0.26, -0.20, 0.22)
    return [*made, (MATTER, knob.painted("#B8935A"))]


def _rolled(shape: Shape, roll: float) -> Shape:
    """Turned about +z."""
    c, s = cos(roll), sin(roll)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return Shape(shape.position @ turn.T, shape.normal @ turn.T, shape.uv, shape.colour, shape.index)


def _bridge() -> Parts:
    made: Parts = []
    span = radians(62.0)
    for k in range(13):  # the arch
        middle = -span + 2.0 * span * (k + 0.5) / 13
        stone = _rolled(box((0.165, 0.20, 0.34), bevel=0.035).at(0.0, 0.78, 0.17), -middle).at(0.0, -0.62, 0.0)
        made.append((MATTER, stone.painted(srgb("#8B857C") * (0.84 + 0.05 * (k * 7 % 6)))))
    x = np.linspace(-0.98, 0.98, 15)
    for k in range(14):  # the way over it
        middle, rise = 0.5 * (x[k] + x[k + 1]), 0.30 * cos(0.5 * (x[k] + x[k + 1]) * 1.35)
        tilt = -0.40 * sin(middle * 1.35)
        for y, high, deep, colour in ((0.06, 0.13, 0.40, "#7C7A78"), (0.22, 0.16, 0.30, "#938C80")):
            block = _rolled(box((0.150, high, deep), bevel=0.03).at(0.0, 0.0, deep / 2), tilt)
            made.append(
                (MATTER, block.at(middle, rise + y - 0.10, 0.0).painted(srgb(colour) * (0.86 + 0.05 * (k * 5 % 5))))
            )
    for side in (-1.0, 1.0):
        pier = box((0.26, 0.62, 0.36), bevel=0.04).at(side * 0.80, -0.26, 0.18)
        made.append((MATTER, pier.painted("#807B74")))
    return made


def _lantern() -> Parts:
    made: Parts = [(GLOW, box((0.84, 1.02, 0.30), bevel=0.05, cells=0.2).at(0.0, -0.14, 0.17).painted("#E9D9B8"))]
    for x, y, wide, high in (
        (0.0, -0.70, 1.06, 0.12), (0.0, 0.42, 1.06, 0.11), (0.0, 0.53, 0.72, 0.11),
        (-0.44, -0.14, 0.09, 1.1), (0.44, -0.14, 0.09, 1.1), (0.0, -0.14, 0.05, 1.04), (0.0, -0.14, 0.88, 0.05),
    ):  # fmt: skip
        made.append((WOOD, box((wide, high, 0.40), bevel=0.02).at(x, y, 0.18).painted("#5E4A3B")))
    t = np.linspace(0.0, pi, 13)
    handle = np.stack([0.24 * np.cos(t), 0.58 + 0.34 * np.sin(t), 0.18 + 0.0 * t], axis=-1)
    return [*made, (WOOD, tube(handle, 0.032, sides=8).painted("#4E4238"))]


def _knot() -> Parts:
    t = np.linspace(0.0, tau, 121)
    path = np.stack([np.sin(t) + 2.0 * np.sin(2 * t), np.cos(t) - 2.0 * np.cos(2 * t), -np.sin(3 * t)], axis=-1)
    path = path * [0.27, 0.27, 0.16] + [0.0, -0.03, 0.30]
    return [(CORD, tube(path, 0.135, sides=14).painted("#A89B84"))]


def _seed() -> Parts:
    nut = lathe(
        [(0.0, -0.98), (0.045, -0.94), (0.07, -0.86), (0.30, -0.70), (0.46, -0.38), (0.51, 0.0), (0.47, 0.30)], sides=28
    )
    cap = lathe(
        [
            (0.46, 0.20),
            (0.58, 0.24),
            (0.60, 0.34),
            (0.52, 0.54),
            (0.32, 0.70),
            (0.10, 0.76),
            (0.06, 0.78),
            (0.055, 0.98),
            (0.0, 0.99),
        ],
        sides=28,
    )
    turn = np.arctan2(cap.position[:, 2], cap.position[:, 0])
    scales = 0.5 + 0.5 * np.sin(14.0 * turn + 26.0 * cap.position[:, 1]) * np.sin(
        26.0 * cap.position[:, 1] - 14.0 * turn
    )
    cap.position[:] += 0.028 * scales[:, None] * cap.normal
    up = nut.position[:, 1]
    halves = [
        (WOOD, nut.painted(_mixed("#9A7B48", "#6E5430", -0.6 * up))),
        (MATTER, cap.painted(_mixed("#5A4A3C", "#7D6A54", scales))),
    ]
    return [(kind, _rolled(shape.at(0.0, 0.0, 0.5), -0.25)) for kind, shape in halves]


_MAKE: Final[Mapping[str, Callable[[], Parts]]] = MappingProxyType(
    {
        "stone": _stone, "leaf": _leaf, "shell": _shell, "feather": _feather, "boat": _boat,
        "door": _door, "bridge": _bridge, "lantern": _lantern, "knot": _knot, "seed": _seed,
    }
)  # fmt: skip
THINGS: Final = tuple(_MAKE)


def thing(name: str) -> tuple[Shape, Floats]:
    """One of THINGS and each corner's surface, (n, 1)."""
    parts = _MAKE[name]()
    return merged([shape for _, shape in parts]), np.concatenate(
        [np.full((len(s.position), 1), float(k)) for k, s in parts]
    )


def thing_arrays(name: str) -> Arrays:
    """For Kit.mesh, as shaders/laid.glsl takes it."""
    shape, kind = thing(name)
    light = np.ones((len(kind), 4))
    light[:, 0] = 0.72 + 0.28 * np.clip(shape.position[:, 2] / 0.25, 0.0, 1.0)  # less sky close to what it lies on
    arrays = shape.arrays() | {"light": light, "kind": kind}
    made: dict[str, Any] = {key: array.astype(np.float32) for key, array in arrays.items() if key != "index"}
    return made | {"index": shape.index.reshape(-1).astype(np.uint32)}
