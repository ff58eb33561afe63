"""The cabin's porch from the chair on it: boards, posts and roof, wall and door, the table and what lies on it.

In the frame of its seat (scenes.valley.place.PORCH), metres. What may come and go stands in `COMPANY` and `SHELTER`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import atan2, cos, pi, sin, tau
from types import MappingProxyType
from typing import Final

import numpy as np

from scenes.valley import furniture as make
from scenes.valley.built import GREY_WOOD, PLINTH
from scenes.valley.furniture import HONEY, LINEN, OAK, Furniture, cushion, smooth, together
from scenes.valley.light import Block
from scenes.valley.shapes import Floats, Shape, box, lathe, merged, sheet, srgb, tube
from vr_app.api import Vec3

KINDS: Final = ("wood", "cloth", "glaze", "paint", "paper")  # of shaders/include/porch.glsl
WALL, OUTER, POSTS = -1.24, 1.11, 1.01  # x of the wall's boards, of the deck's edge, of the posts
FRONT, BACK = -1.99, 2.31  # z of the deck's ends
CORNER: Final = (-2.69, 2.61)  # z of the wall's ends
POST_ROWS: Final = (-1.93, 0.16, 2.25)
EAVE, BEAM = 2.40, 2.03  # heights of the roof at the wall and of the beam on the posts
PLANK, GAP = 0.14, 0.008
POST = "#9D8A72"
FLOOR, CEILING, RAFTER = "#AB9C88", "#CDB696", "#A98C69"  # weathered, pale pine, oiled
RAIL: Final = 0.78
TABLE: Final = (0.0, 0.72, -0.79)  # middle of its top
TABLE_HALF: Final = (0.74, 0.31)
WHITE, CREAM, BOARDS = "#DED7CA", "#E4DCCF", "#CDBDA4"


def porch() -> Furniture:
    """All that is always there."""
    return together(
        [_deck(), _frame(), _roof(), _rails(), _wall(), _behind(), bench(), table(), _small(), _steps(), _own()]
    )


def _tinted(made: Furniture, random: np.random.Generator, colour: str, spread: float = 0.14) -> None:
    """The shape that was added last in a tone of its own."""
    shapes = made.shapes["wood"]
    shapes[-1] = shapes[-1].painted(srgb(colour) * random.uniform(1.0 - spread, 1.0 + spread))


def _deck() -> Furniture:
    """Boards along the house, with gaps, none quite as high as the next; the ground's dark below them."""
    made, random = Furniture(), np.random.default_rng(21)
    pitch = PLANK + GAP
    count = int((OUTER - WALL - 0.03) / pitch)
    for k in range(count):
        x = WALL + 0.04 + (k + 0.5) * pitch
        split = random.uniform(-0.9, 1.2)  # two boards end to end
        for z0, z1 in ((FRONT, split), (split + 0.004, BACK)):
            made.board((PLANK, 0.036, z1 - z0), (x, -0.018 + random.uniform(-0.0025, 0.0025), (z0 + z1) / 2), FLOOR,
                       bevel=0.007, cells=0.11)  # fmt: skip
            made.blocks.pop()
            _tinted(made, random, FLOOR)
    made.shade(((WALL + OUTER) / 2, -0.03, (FRONT + BACK) / 2), ((OUTER - WALL) / 2, 0.012, (BACK - FRONT) / 2))
    made.board((0.05, 0.19, BACK - FRONT), (OUTER + 0.02, -0.11, (FRONT + BACK) / 2), POST)
    for z in (FRONT, BACK):
        made.board((OUTER - WALL, 0.19, 0.05), ((WALL + OUTER) / 2, -0.11, z), POST)
    return made


def _post(x: float, z: float) -> Furniture:
    """Round, a little thicker at the foot, on a small stone."""
    made = Furniture()
    t = np.linspace(0.0, 1.0, 15)
    path = np.stack(
        [x + 0.006 * np.sin(5.0 * t + z), 0.02 + (BEAM - 0.04) * t, z + 0.005 * np.sin(4.0 * t + x)], axis=-1
    )
    made.add("wood", tube(path, 0.078 - 0.011 * t + 0.010 * np.exp(-t / 0.03), sides=16), POST)
    made.shade((x, BEAM / 2, z), (0.055, BEAM / 2, 0.055))
    return made


def _frame() -> Furniture:
    """Posts, the beam on them, and braces with a bend."""
    made = [_post(POSTS, z) for z in POST_ROWS]
    one = Furniture()
    one.board((0.13, 0.15, BACK - FRONT + 0.5), (POSTS, BEAM + 0.075, (FRONT + BACK) / 2), POST, bevel=0.012)
    for z in (FRONT + 0.06, BACK - 0.06):
        one.board((OUTER - WALL - 0.1, 0.13, 0.09), ((WALL + POSTS) / 2, BEAM + 0.06, z), POST, bevel=0.012)
    for z in POST_ROWS:
        for way in (-1.0, 1.0):
            if FRONT < z + way * 0.45 < BACK:
                t = np.linspace(0.0, 1.0, 8)
                path = np.stack([0 * t + POSTS, BEAM - 0.46 + 0.5 * t**0.8, z + way * (0.04 + 0.42 * t**1.3)], axis=-1)
                one.add("wood", tube(path, 0.032, sides=8), POST)
    return together([*made, one])


def _slope() -> float:
    return atan2(EAVE - BEAM - 0.17, POSTS - WALL)


def _roof() -> Furniture:
    """Rafters from the wall down to the beam, and the boards on them, seen from below."""
    made, random = Furniture(), np.random.default_rng(22)
    fall, deep = _slope(), OUTER + 0.25 - WALL
    long = deep / cos(fall)
    middle = (WALL + OUTER + 0.25) / 2
    height = EAVE - (middle - WALL) * sin(fall) / cos(fall)
    for z in np.linspace(FRONT - 0.22, BACK + 0.22, 8):
        rafter = box((long, 0.13, 0.075), bevel=0.010, cells=0.14)
        made.add(
            "wood",
            _rolled(rafter, -fall).at(middle, height - 0.03, z).painted(srgb(RAFTER) * random.uniform(0.88, 1.04)),
        )
    count = 17
    for k in range(count):
        share = (k + 0.5) / count - 0.5
        x, y = middle + share * deep, height - share * deep * sin(fall) / cos(fall) + 0.055
        board = _rolled(box((long / count + 0.004, 0.022, BACK - FRONT + 0.86), bevel=0.004, cells=0.24), -fall)
        made.add("wood", board.at(x, y, (FRONT + BACK) / 2).painted(srgb(CEILING) * random.uniform(0.88, 1.04)))
    for k in range(6):  # what keeps the light away
        share = (k + 0.5) / 6 - 0.5
        made.shade(
            (middle + share * deep, height - share * deep * sin(fall) / cos(fall) + 0.10, (FRONT + BACK) / 2),
            (deep / 12 + 0.02, 0.02, (BACK - FRONT) / 2 + 0.43),
        )
    return made


def _rolled(shape: Shape, roll: float) -> Shape:
    """Turned about +z."""
    c, s = cos(roll), sin(roll)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return Shape(shape.position @ turn.T, shape.normal @ turn.T, shape.uv, shape.colour, shape.index)


def _rails() -> Furniture:
    """In front and on the right: a worn cap to lay a hand on, two slim rails; open where the steps are."""
    made, random = Furniture(), np.random.default_rng(23)
    front, side = FRONT + 0.06, POSTS
    made.board(
        (POSTS - WALL - 0.03, 0.036, 0.10), ((WALL + POSTS) / 2, RAIL, front), GREY_WOOD, bevel=0.014, cells=0.09
    )
    made.board((0.10, 0.036, 1.98), (side, RAIL, -0.885), GREY_WOOD, bevel=0.014, cells=0.09)
    for up in (0.20, 0.50):
        t = np.linspace(0.0, 1.0, 12)
        sag = up - 0.008 * np.sin(pi * t)
        made.add("wood", tube(np.stack([WALL + (POSTS - WALL) * t, sag, 0 * t + front], -1), 0.019, sides=8), GREY_WOOD)
        made.add("wood", tube(np.stack([0 * t + side, sag, -1.93 + 2.09 * t], -1), 0.019, sides=8), GREY_WOOD)
    for x in (-0.50, 0.27):
        t = np.linspace(0.0, 1.0, 5)
        path = np.stack([0 * t + x, RAIL * t, 0 * t + front], axis=-1)
        made.add("wood", tube(path, 0.024 + 0.004 * random.random(), sides=8), GREY_WOOD)
    return made


DOOR: Final = (0.62, 0.86, 1.98)  # z of its middle, width and height


def _wall() -> Furniture:
    """Boards that lap over each other, the door, its step and its frame."""
    made, random = Furniture(), np.random.default_rng(24)
    z0, z1 = CORNER
    d0, d1 = DOOR[0] - DOOR[1] / 2 - 0.09, DOOR[0] + DOOR[1] / 2 + 0.09
    step, low, high = 0.176, -0.30, EAVE
    for row in range(int((high - low) / step) + 1):
        y = low + (row + 0.5) * step
        cut = random.uniform(-1.6, -0.5)
        runs = (
            [(z0, cut), (cut + 0.003, d0), (d1, z1)]
            if y - step / 2 < DOOR[2] + 0.09 and y > 0.0
            else [(z0, cut), (cut, z1)]
        )
        for a, b in runs:
            board = box((0.022, step + 0.026, b - a), bevel=0.005, cells=0.13)
            tilt = _rolled(board, 0.085)
            tilt.uv[:] = tilt.uv + random.uniform(0.0, 9.0, 2)
            shade = np.where(tilt.normal[:, 1:2] < -0.4, 0.45, 1.0)  # below its edge, where no light comes
            made.add(
                "paint",
                tilt.at(WALL - 0.012, y, (a + b) / 2).painted(srgb(BOARDS) * (shade * random.uniform(0.86, 1.08))),
            )
    made.shade((WALL - 0.14, 1.1, (z0 + z1) / 2), (0.1, 1.7, (z1 - z0) / 2))
    made.board((0.05, high - low, 0.12), (WALL + 0.002, (high + low) / 2, z0 + 0.04), WHITE, material="paint")
    door = make.door(DOOR[1], DOOR[2]).placed((WALL + 0.012, 0.0, DOOR[0]), pi / 2)
    door.blocks.clear()
    made = together([made, door])
    made.board((0.34, 0.035, 0.95), (WALL + 0.19, 0.018, DOOR[0]), GREY_WOOD, bevel=0.010)
    return made


def _behind() -> Furniture:
    """A boarded end, and firewood before it: a back for whoever sits there."""
    made, random = Furniture(), np.random.default_rng(25)
    wide = POSTS - WALL
    count = 15
    for k in range(count):
        x = WALL + (k + 0.5) * wide / count
        board = box((wide / count + 0.004, 2.42, 0.022), bevel=0.005, cells=0.2).at(x, 1.19, BACK - 0.03)
        made.add("paint", board.painted(srgb(BOARDS) * random.uniform(0.84, 1.05)))
    made.shade(((WALL + POSTS) / 2, 1.2, BACK - 0.02), (wide / 2, 1.2, 0.02))
    for row in range(6):
        for k in range(10 - row % 2):
            radius = random.uniform(0.045, 0.062)
            x = WALL + 0.24 + 0.115 * k + 0.057 * (row % 2) + random.uniform(-0.006, 0.006)
            y, z = 0.06 + 0.098 * row, BACK - 0.05 - random.uniform(0.0, 0.03)
            made.add("wood", tube([(x, y, z), (x, y, z - 0.33)], radius, sides=9), "#8A745E")
            end = lathe([(radius, 0.0), (0.6 * radius, 0.004), (0.0, 0.005)], sides=9).turned(0.0, -pi / 2)
            made.add("wood", end.at(x, y, z - 0.33), ("#B9A07E", "#A98F6E", "#C4AC8A")[(row + k) % 3])
    made.shade((WALL + 0.76, 0.31, BACK - 0.22), (0.56, 0.30, 0.16))
    return made


def _steps() -> Furniture:
    """Two, down to the path."""
    made = Furniture()
    for k in range(2):
        made.board((0.34, 0.05, 1.1), (OUTER + 0.22 + 0.33 * k, -0.20 * (k + 1), 1.21), GREY_WOOD, bevel=0.012)
        made.board((0.28, 0.34, 0.9), (OUTER + 0.22 + 0.33 * k, -0.20 * (k + 1) - 0.2, 1.21), PLINTH, material="glaze")
    return made


def _own() -> Furniture:
    """The chair one sits in."""
    return make.armchair()


BENCH: Final = (-0.30, 0.42, -1.69)  # middle of its seat's top


def bench() -> Furniture:
    """Low, in the corner between wall and rail, with a cushion."""
    made = Furniture()
    x, y, z = BENCH
    made.board((0.80, 0.035, 0.36), (x, y - 0.018, z), HONEY, bevel=0.011, cells=0.08)
    for side in (-0.33, 0.33):
        made.board((0.05, y - 0.035, 0.32), (x + side, (y - 0.035) / 2, z), OAK, bevel=0.008)
    made.board((0.62, 0.06, 0.025), (x, y - 0.11, z), OAK)
    made.add("cloth", cushion(0.44, 0.34, 0.07).at(x - 0.12, y + 0.035, z), "#8C98A0")
    made.shade((x - 0.12, y + 0.03, z), (0.19, 0.02, 0.14))
    return made


def table() -> Furniture:
    """Long and plain, its front edge worn by arms, with a runner of linen."""
    made = Furniture()
    x, y, z = TABLE
    wide, deep = TABLE_HALF
    for k, share in enumerate((-0.66, 0.0, 0.66)):
        tone = (HONEY, "#B8A282", "#C4B092")[k]
        made.board(
            (2 * wide, 0.03, 2 * deep / 3 - 0.003), (x, y - 0.015, z + share * deep), tone, bevel=0.009, cells=0.055
        )
    for side in (-1, 1):
        made.board((0.02, 0.08, 2 * deep - 0.14), (x + side * (wide - 0.09), y - 0.075, z), OAK)
        made.board((2 * wide - 0.2, 0.08, 0.02), (x, y - 0.075, z + side * (deep - 0.06)), OAK)
        for end in (-1, 1):
            made.board((0.05, y - 0.03, 0.05), (x + side * (wide - 0.09), (y - 0.03) / 2, z + end * (deep - 0.06)), OAK)
    return made


TRAYS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(  # x and z of the middle of each choice's tray
    {"light": (-0.215, -0.935), "shelter": (0.225, -0.935), "view": (-0.215, -0.655), "company": (0.275, -0.655)}
)
APART: Final = 0.115  # metres between two tokens
WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "light": ("first_light", "day_end", "blue_hour", "night"),
        "shelter": ("open", "screen", "curtains"),
        "view": ("open", "gate", "hedge"),
        "company": ("nobody", "cat", "chair", "lantern"),
    }
)
NIGHT: Final = ("light", "night")
DARK: Final = (("light", "blue_hour"), NIGHT)  # tokens that lie there only where so dark an hour is offered
ON_TRAY: Final = TABLE[1] + 0.012


def token_places() -> dict[tuple[str, str], Vec3]:
    """Where each choice's token stands, by choice and word."""
    places = {}
    for name in WORDS:
        x, z = TRAYS[name]
        words = on_tray(name)
        for k, word in enumerate(words):
            places[name, word] = (x + (k - (len(words) - 1) / 2) * APART, ON_TRAY, z)
    x, _, z = places["light", "first_light"]
    places[NIGHT] = (x - 1.12 * APART, TABLE[1], z)  # beside its tray: it isn't always offered
    return places


def on_tray(name: str) -> tuple[str, ...]:
    """Words of a choice whose tokens are always there."""
    return tuple(word for word in WORDS[name] if (name, word) != NIGHT)


def _small() -> Furniture:
    """Trays on the table."""
    made = Furniture()
    for name, (x, z) in TRAYS.items():
        wide = APART * len(on_tray(name)) + 0.02
        made.board((wide, 0.012, 0.115), (x, TABLE[1] + 0.006, z), "#8A7358", bevel=0.005, cells=0.022)
    for token, (x, y, z) in token_places().items():
        if token != NIGHT:
            made.shade((x, y + 0.022, z), (0.022, 0.02, 0.012))
    return made


# --- tokens: small carved things, their foot at y = 0


def _disc(colour: str, *, half: bool = False, inlay: str = "") -> Furniture:
    """A round of wood that stands on its edge in a small foot."""
    made = Furniture()
    radius = 0.030
    profile = [(0.0, -0.006), (radius - 0.003, -0.006), (radius, 0.0), (radius - 0.003, 0.006), (0.0, 0.006)]
    disc = lathe(profile, sides=28).turned(0.0, pi / 2)
    if half:
        disc.position[:, 1] = np.maximum(disc.position[:, 1], -0.004)
    made.add("glaze", disc.at(0.0, 0.006 if half else 0.034, 0.0), colour)
    if inlay:
        small = lathe([(0.021, 0.0), (0.019, 0.0015), (0.0, 0.002)], sides=22).turned(0.0, pi / 2)
        made.add("glaze", small.at(0.006, 0.037, 0.0055), inlay)
        dark = lathe([(0.019, 0.0), (0.017, 0.0015), (0.0, 0.002)], sides=22).turned(0.0, pi / 2)
        made.add("glaze", dark.at(0.014, 0.040, 0.0066), colour)
    made.board((0.05, 0.010, 0.028), (0.0, 0.005, 0.0), OAK, bevel=0.003, cells=0.03)
    return made


def _plinth(made: Furniture, deep: float = 0.042) -> None:
    made.board((0.066, 0.008, deep), (0.0, 0.004, 0.0), OAK, bevel=0.003, cells=0.03)


def _little_porch(fill: str) -> Furniture:
    """Two posts and a beam; between them nothing, a woven panel, or two hangings."""
    made = Furniture()
    _plinth(made)
    for side in (-1, 1):
        made.add("wood", tube([(side * 0.026, 0.006, 0), (side * 0.026, 0.055, 0)], 0.0034, sides=7), POST)
    made.board((0.066, 0.006, 0.008), (0.0, 0.056, 0.0), POST, bevel=0.002)
    if fill == "screen":
        for k in range(8):
            y = 0.012 + 0.0053 * k
            t = np.linspace(-1.0, 1.0, 9)
            path = np.stack([0.025 * t, 0 * t + y, 0.0022 * np.cos(pi * 2.0 * t + pi * k)], axis=-1)
            made.add("wood", tube(path, 0.0026, sides=5), "#B79F78")
    if fill == "curtains":
        for side in (-1, 1):
            s = np.linspace(0.0, 1.0, 9)
            x = side * (0.023 - 0.013 * s)
            y, up = np.meshgrid(np.array([0.053, 0.012]), s, indexing="ij")
            wave = 0.0025 * np.sin(3.0 * tau * up / 2.0)
            made.add("cloth", sheet(np.stack([np.tile(x, (2, 1)), y, wave], axis=-1)).both_sides(), LINEN)
    return made


def _little_view(what: str) -> Furniture:
    """A round slice of land: bare, with a gate, with a hedge."""
    made = Furniture()
    made.add(
        "wood", lathe([(0.0, 0.0), (0.034, 0.0), (0.036, 0.004), (0.033, 0.010), (0.0, 0.011)], sides=24), "#8D8A6C"
    )
    if what == "open":
        t = np.linspace(-1.0, 1.0, 9)
        made.add(
            "wood", tube(np.stack([0.026 * t, 0.010 + 0 * t, 0.006 * np.sin(2.2 * t)], -1), 0.004, sides=6), "#C9AE8C"
        )
    if what == "gate":
        for k in range(5):
            made.board((0.006, 0.030, 0.004), (-0.022 + 0.011 * k, 0.026, 0.0), GREY_WOOD, bevel=0.001)
        for y in (0.020, 0.033):
            made.board((0.052, 0.005, 0.003), (0.0, y, -0.003), GREY_WOOD, bevel=0.001)
    if what == "hedge":
        t = np.linspace(-1.0, 1.0, 13)
        path = np.stack([0.029 * t, 0.020 + 0.002 * np.sin(9.0 * t), 0.002 * np.cos(7.0 * t)], axis=-1)
        made.add("cloth", tube(path, 0.0135 * (1.0 - t**8) ** 0.5 + 0.0005, sides=11), "#5D6B45")
    return made


def _little_company(who: str) -> Furniture:
    """An empty dish, a curled cat, a chair, a lantern."""
    made = Furniture()
    if who == "nobody":
        dish = [(0.0, 0.0), (0.022, 0.0), (0.033, 0.008), (0.036, 0.015), (0.033, 0.015), (0.020, 0.006), (0.0, 0.004)]
        made.add("glaze", lathe(smooth(dish), sides=24), "#B9B7AC")
        return made
    _plinth(made)
    if who == "cat":
        made.shapes.setdefault("cloth", []).extend(_scaled(s, 0.17).at(0.0, 0.008, 0.0) for s in cat().shapes["cloth"])
    if who == "chair":
        for shape in make.chair().shapes["wood"]:
            made.add("wood", _scaled(shape, 0.075).turned(0.5).at(0.0, 0.007, 0.0))
    if who == "lantern":
        for kind, shapes in make.lantern(0.165, 0.235).shapes.items():
            for shape in shapes:
                made.add("glaze" if kind == "paper" else kind, _scaled(shape, 0.13).at(0.0, 0.008, 0.0),
                         "#E2C79A" if kind == "paper" else None)  # fmt: skip
    return made


def _scaled(shape: Shape, by: float) -> Shape:
    return Shape(shape.position * by, shape.normal, shape.uv, shape.colour, shape.index)


TOKENS: Final[Mapping[tuple[str, str], Callable[[], Furniture]]] = MappingProxyType(
    {
        ("light", "first_light"): lambda: _disc("#D8A793", half=True),
        ("light", "day_end"): lambda: _disc("#D9A25F"),
        ("light", "blue_hour"): lambda: _disc("#5F7396"),
        ("light", "night"): lambda: _disc("#3A4258", inlay="#C9D2DC"),
        ("shelter", "open"): lambda: _little_porch(""),
        ("shelter", "screen"): lambda: _little_porch("screen"),
        ("shelter", "curtains"): lambda: _little_porch("curtains"),
        ("view", "open"): lambda: _little_view("open"),
        ("view", "gate"): lambda: _little_view("gate"),
        ("view", "hedge"): lambda: _little_view("hedge"),
        ("company", "nobody"): lambda: _little_company("nobody"),
        ("company", "cat"): lambda: _little_company("cat"),
        ("company", "chair"): lambda: _little_company("chair"),
        ("company", "lantern"): lambda: _little_company("lantern"),
    }
)


def ring() -> Furniture:
    """Pale wood, to lie about the token that is chosen."""
    made = Furniture()
    turn = np.linspace(0.0, tau, 37)
    made.add(
        "wood",
        tube(np.stack([0.047 * np.cos(turn), 0 * turn + 0.004, 0.047 * np.sin(turn)], -1), 0.0042, sides=8),
        CREAM,
    )
    return made


# --- box, stone and keys, on the side of the hand; x is turned round for the left

BOX: Final = (0.585, TABLE[1], -0.88)
BOX_TURN: Final = -0.45  # radians: toward whoever sits there, where it stands on the right
BOX_SIZE: Final = (0.20, 0.105, 0.15)
STONE: Final = (0.585, TABLE[1], -0.60)  # where it lies at first
KEYS: Final = ("round", "leaf", "square")
RACK: Final = (-0.60, TABLE[1], -0.90)
RACK_TURN: Final = 0.5
HOOK_UP, HOOKS_APART = 0.145, 0.10
DISH: Final = (-0.585, TABLE[1], -0.60)


def the_box() -> Furniture:
    """Open above, its foot at y = 0."""
    made = Furniture()
    wide, high, deep = BOX_SIZE
    thick = 0.012
    for side in (-1, 1):
        made.board((wide, high, thick), (0.0, high / 2, side * (deep - thick) / 2), "#8E6E4C", bevel=0.004, cells=0.04)
        made.board(
            (thick, high, deep - 2 * thick),
            (side * (wide - thick) / 2, high / 2, 0.0),
            "#866747",
            bevel=0.003,
            cells=0.04,
        )
    made.board((wide - 0.01, 0.012, deep - 0.01), (0.0, 0.008, 0.0), "#6F563C", bevel=0.003, cells=0.04)
    made.board((wide + 0.012, 0.012, deep + 0.012), (0.0, 0.006, 0.0), "#7A5D40", bevel=0.004, cells=0.05)
    made.add("cloth", cushion(wide - 0.03, deep - 0.03, 0.022, 9).at(0.0, 0.022, 0.0), "#77807A")
    return made


def the_lid() -> Furniture:
    """Closed, hinged along the x axis at the origin; it reaches to +z."""
    made = Furniture()
    wide, _, deep = BOX_SIZE
    made.board((wide + 0.012, 0.016, deep + 0.010), (0.0, 0.008, deep / 2), "#96754F", bevel=0.006, cells=0.04)
    made.board((wide - 0.05, 0.006, deep - 0.05), (0.0, 0.018, deep / 2), "#8A6A47", bevel=0.003, cells=0.05)
    made.add("glaze", lathe(smooth([(0.0, 0.0), (0.008, 0.0), (0.007, 0.006), (0.010, 0.012), (0.0, 0.016)]), sides=16)
             .at(0.0, 0.020, deep - 0.025), "#A58B5A")  # fmt: skip
    return made


def the_stone() -> Furniture:
    made = Furniture()
    shape = lathe(smooth([(r * 0.72, h * 0.95) for r, h in make.STONE], 20), sides=26)
    shape.position[:, 0] *= 1.18
    shape.position[:, 1] += 0.0025 * np.sin(40.0 * shape.position[:, 0] + 1.0)
    made.add("glaze", shape, "#7F8388")
    return made


def rack() -> Furniture:
    """A small board on a foot, with three hooks; the middle of its foot at the origin, facing +z."""
    made = Furniture()
    made.board((0.32, 0.014, 0.07), (0.0, 0.007, 0.0), OAK, bevel=0.004, cells=0.05)
    for side in (-1, 1):
        made.board((0.016, 0.175, 0.018), (side * 0.142, 0.094, -0.012), OAK, bevel=0.004)
    made.board((0.32, 0.045, 0.014), (0.0, HOOK_UP + 0.015, -0.010), HONEY, bevel=0.005, cells=0.05)
    for k in (-1, 0, 1):
        t = np.linspace(0.0, 1.0, 8)
        path = np.stack(
            [0 * t + k * HOOKS_APART, HOOK_UP + 0.004 - 0.010 * np.sin(pi * t), -0.004 + 0.024 * t], axis=-1
        )
        made.add("glaze", tube(path, 0.0022, sides=6), "#6E6152")
    return made


def dish() -> Furniture:
    """Where a key that was taken lies."""
    made = Furniture()
    profile = [(0.0, 0.0), (0.045, 0.0), (0.064, 0.008), (0.071, 0.018), (0.066, 0.019), (0.052, 0.009), (0.0, 0.006)]
    made.add("wood", lathe(smooth(profile), sides=28), "#94795A")
    return made


def key(shape: str) -> Furniture:
    """Hanging: the top of its bow at the origin, its bit down, flat toward +z."""
    made, metal = Furniture(), "#A8905F"
    turn = np.linspace(0.0, tau, 29)
    bow = {
        "round": np.stack([0.0165 * np.cos(turn), 0.0165 * np.sin(turn)], axis=-1),
        "leaf": np.stack([0.0135 * np.cos(turn) * (1.0 - 0.35 * np.sin(turn)), 0.0195 * np.sin(turn)], axis=-1),
        "square": np.stack([0.0155 * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.45,
                            0.0155 * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.45], axis=-1),
    }[shape]  # fmt: skip
    low = float(bow[:, 1].min())
    top = float(bow[:, 1].max())
    path = np.stack([bow[:, 0], bow[:, 1] - top, 0.0 * turn], axis=-1)
    made.add("glaze", tube(path, 0.0033, sides=8), metal)
    foot = low - top
    stem = [(0.0, foot + 0.003, 0.0), (0.0, foot - 0.03, 0.0), (0.0, foot - 0.058, 0.0), (0.0, foot - 0.0585, 0.0)]
    made.add("glaze", tube(stem, [0.0038, 0.0036, 0.0036, 0.0005], sides=8), metal)
    for k, long in enumerate((0.016, 0.012)):
        made.board(
            (long, 0.0065, 0.004), (long / 2, foot - 0.046 + 0.011 * k, 0.0), metal, material="glaze", bevel=0.001
        )
    return made


# --- what comes and goes


def cat() -> Furniture:
    """Curled up asleep, as a soft shape: no face is seen. Its foot at y = 0, about 34 cm wide."""
    made = Furniture()
    t = np.linspace(0.0, 1.0, 22)
    turn = 0.5 + 4.6 * t
    around = np.stack([0.098 * np.cos(turn), 0.0 * t, 0.085 * np.sin(turn)], axis=-1)
    thick = 0.050 + 0.030 * np.sin(pi * np.clip(t * 1.05, 0.0, 1.0)) ** 0.7
    around[:, 1] = 0.86 * thick
    body = tube(around, thick, sides=18)
    body.position[:, 1] = np.maximum(body.position[:, 1], 0.002)
    made.add("cloth", body, "#8D8073")
    made.add("cloth", _ellipsoid((0.090, 0.050, 0.080)).at(0.0, 0.055, 0.0), "#8D8073")
    head = around[0] + np.array([0.0, 0.030, 0.022])
    made.add("cloth", _ellipsoid((0.052, 0.042, 0.047)).at(*head), "#96897B")
    haunch = around[-4]
    made.add("cloth", _ellipsoid((0.066, 0.064, 0.060)).at(haunch[0], 0.066, haunch[2]), "#867A6D")
    for side in (-1.0, 1.0):  # ears, seen from above and behind
        ear = head + np.array([0.012 + 0.008 * side, 0.036, 0.026 * side])
        cone = lathe([(0.021, -0.010), (0.017, 0.008), (0.006, 0.034), (0.0, 0.037)], sides=10)
        made.add("cloth", cone.turned(0.0, 0.3 * side).at(*ear), "#7C7065")
    s = np.linspace(0.0, 1.0, 14)
    sweep = 5.1 + 2.2 * s
    tail = np.stack([0.150 * np.cos(sweep), 0.030 + 0.004 * np.sin(5.0 * s), 0.132 * np.sin(sweep)], axis=-1)
    made.add(
        "cloth",
        tube(tail, 0.022 * (1.0 - 0.35 * s) * np.sqrt(np.clip((1.02 - s) / 0.08, 0.0, 1.0)), sides=10),
        "#83776B",
    )
    return made


def _ellipsoid(half: Vec3) -> Shape:
    v, u = np.meshgrid(np.linspace(pi, 0.0, 11), np.linspace(0.0, tau, 19), indexing="ij")
    way = np.stack([np.sin(v) * np.cos(u), np.cos(v), np.sin(v) * np.sin(u)], axis=-1)
    shape = sheet(way * np.array(half))
    normal = (way / np.array(half)).reshape(-1, 3)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    flip = float((shape.normal * normal).sum()) < 0.0
    index = shape.index[:, ::-1] if flip else shape.index
    return Shape(shape.position, normal, shape.uv, shape.colour, index)


def _cat_on_cushion() -> Furniture:
    made = cat().placed((BENCH[0] - 0.12, BENCH[1] + 0.062, BENCH[2]), 0.5)
    made.shade((BENCH[0] - 0.12, BENCH[1] + 0.10, BENCH[2]), (0.12, 0.04, 0.10))
    return made


def _second_chair() -> Furniture:
    return make.chair().placed((0.62, 0.0, -1.44), 0.95)


def _lantern() -> Furniture:
    return make.lantern(0.135, 0.20).placed(LANTERN_FOOT)


LANTERN_FOOT: Vec3 = (BENCH[0] + 0.24, BENCH[1], BENCH[2] + 0.02)
LANTERN: Vec3 = (LANTERN_FOOT[0], LANTERN_FOOT[1] + 0.20, LANTERN_FOOT[2])  # middle of its globe


def _screen() -> Furniture:
    """Willow woven between rods, on the side that the wind comes from; light comes through it."""
    made, random = Furniture(), np.random.default_rng(26)
    x0, x1, z = WALL + 0.05, -0.46, FRONT + 0.16
    rods = np.linspace(x0 + 0.03, x1 - 0.03, 7)
    for x in rods:
        t = np.linspace(0.0, 1.0, 6)
        made.add("wood", tube(np.stack([0 * t + x, 0.03 + 1.72 * t, 0 * t + z], -1), 0.010, sides=7), "#7A6448")
    apart = rods[1] - rods[0]
    across = np.linspace(x0, x1, 37)
    for k in range(66):
        y = 0.08 + 0.0245 * k
        bend = 0.014 * np.cos(pi * (across - rods[0]) / apart + pi * (k % 2))
        drift = 0.004 * np.sin(3.0 * across + 1.7 * k)
        tone = srgb("#A68D66") * random.uniform(0.72, 1.15)
        path = np.stack([across, y + drift, z + bend], axis=-1)
        made.add("wood", tube(path, random.uniform(0.008, 0.0105), sides=5).painted(tone))
    made.shade(((x0 + x1) / 2, 0.9, z), ((x1 - x0) / 2, 0.82, 0.01))
    return made


def _curtains() -> Furniture:
    """Linen at both sides of the view, and at the right."""
    left = make.curtain(WALL + 0.06, WALL + 0.42, BEAM - 0.04, 0.10, FRONT + 0.17)
    right = make.curtain(POSTS - 0.44, POSTS - 0.10, BEAM - 0.04, 0.10, FRONT + 0.17)
    side = make.curtain(-0.72, 0.72, BEAM - 0.04, 0.10, 0.0).placed((POSTS + 0.10, 0.0, -0.98), -pi / 2)
    rods = Furniture()
    rods.add("wood", tube([(WALL + 0.03, BEAM - 0.02, FRONT + 0.17), (POSTS, BEAM - 0.02, FRONT + 0.17)], 0.012), POST)
    rods.add("wood", tube([(POSTS + 0.10, BEAM - 0.02, FRONT + 0.17), (POSTS + 0.10, BEAM - 0.02, -0.1)], 0.012), POST)
    made = together([left, right, side, rods])
    return Furniture(
        {("cloth" if name == "cloth" else "wood"): shapes for name, shapes in made.shapes.items()}, made.blocks
    )


COMES: Final[Mapping[tuple[str, str], Callable[[], Furniture]]] = MappingProxyType(
    {
        ("shelter", "screen"): _screen,
        ("shelter", "curtains"): _curtains,
        ("company", "cat"): _cat_on_cushion,
        ("company", "chair"): _second_chair,
        ("company", "lantern"): _lantern,
    }
)
# Discs of shade below what comes: middle, half width and depth.
SHADES: Final[Mapping[tuple[str, str], tuple[Vec3, float, float]]] = MappingProxyType(
    {
        ("shelter", "screen"): ((-0.83, 0.006, FRONT + 0.16), 0.55, 0.20),
        ("shelter", "curtains"): ((POSTS + 0.04, 0.006, -0.98), 0.14, 0.85),
        ("company", "cat"): ((BENCH[0] - 0.12, BENCH[1] + 0.066, BENCH[2]), 0.21, 0.17),
        ("company", "chair"): ((0.62, 0.006, -1.44), 0.38, 0.36),
        ("company", "lantern"): ((LANTERN_FOOT[0], LANTERN_FOOT[1] + 0.004, LANTERN_FOOT[2]), 0.13, 0.12),
    }
)


# The same below what stands on the table, about its foot: half width and depth.
FOOT_SHADES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"box": (0.15, 0.12), "rack": (0.19, 0.06), "dish": (0.085, 0.08), "stone": (0.052, 0.042)}
)


def blocks(things: Furniture) -> list[Block]:
    """What keeps the light away on the porch."""
    return [*things.blocks, Block((WALL - 2.2, 0.9, 0.0), (2.0, 2.2, 2.6))]


def one(things: Furniture) -> tuple[Shape, Floats]:
    """All shapes as one, and each corner's place in KINDS, (n, 1)."""
    shapes = [(name, shape) for name, group in things.shapes.items() for shape in group]
    kinds = [np.full((len(shape.position), 1), float(KINDS.index(name))) for name, shape in shapes]
    return merged([shape for _, shape in shapes]), np.concatenate(kinds)


def shade_disc(middle: Vec3, half_x: float, half_z: float) -> Shape:
    """A level disc; uv is its radius, 0 to 1."""
    turn = np.linspace(0.0, tau, 25)
    radius = np.array([0.0, 0.5, 1.0])
    grid = np.stack(
        [middle[0] + half_x * radius[:, None] * np.cos(turn), np.full((3, 25), middle[1]),
         middle[2] + half_z * radius[:, None] * np.sin(turn)], axis=-1,
    )  # fmt: skip
    shape = sheet(grid)
    index = shape.index if shape.normal[30, 1] > 0 else shape.index[:, ::-1]
    uv = np.stack([np.repeat(radius, 25), np.zeros(75)], axis=-1)
    return Shape(shape.position, np.tile([0.0, 1.0, 0.0], (75, 1)), uv, shape.colour, index)
