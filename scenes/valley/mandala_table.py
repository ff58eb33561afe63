"""The table before the fireside's chair: a round top with a shallow bed, small stones on its rim, a lamp, a stand.

The top's own frame: metres, the middle of the bed its origin, +y out of the bed, +z to whoever sits there. It leans as
one needs; the stand under it stays upright, and goes on below the ground.
"""

from __future__ import annotations

from math import cos, pi, radians, sin, tau
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.valley.hearth import stands_at
from scenes.valley.place import FIRESIDE
from scenes.valley.shapes import Floats, Shape, lathe, merged, sheet, srgb, tube
from scenes.valley.sky import Sky
from scenes.valley.terrain import Relief, horizons, kept, openness
from vr_app.api import Arrays, Comfort, Kit, Light, Pass, Pose, Vec3

BED: Final = 0.222  # metres: radius of what can be drawn on
WALL: Final = 0.234  # of the bed's wall
LIP: Final = 0.012  # metres that the rim stands above the bed; shaders/include/bed.glsl repeats these two
RIM: Final = 0.348  # of the top
ON_RIM: Final = 0.292  # from the middle to what lies on the rim
STAVES: Final = 12  # of the rim
KINDS: Final = ("wood", "bed", "paper")  # of shaders/mandala_table.glsl
MEDIA: Final = ("sand", "light", "ink")
EYE: Final[Vec3] = (0.0, 1.2, 0.0)
AWAY: Final = 0.50  # metres before the eyes that an upright patient's bed has its middle
BELOW: Final = 0.475  # metres below them
LEAN: Final = radians(5.0)  # of the top for who sits upright
HEAD: Final = 0.055  # metres from the bed to the stand's head
TONES: Final = ("#7E5C41", "#8A6648", "#75553C", "#846248")  # of the staves, oiled
STAND: Final = "#5E4633"
PAPER: Final = "#E6D3AE"
LAMP_TURN: Final = radians(-50.0)  # from straight ahead to the left, for who draws with the right hand
LAMP_HIGH: Final = 0.066  # metres of its middle above the bed
LAMP_RADIUS: Final = 0.034
LAMP_COLOUR: Final = (1.0, 0.60, 0.27)
LAMP_DAY, LAMP_DARK = 0.30, 1.0  # how bright it is


class Stone(NamedTuple):
    """A thing to rest on at the rim: what it does, and where, degrees from straight ahead toward the hand in use."""

    word: str
    turn: float
    tone: str
    size: float = 1.0


STONES: Final = (
    Stone("fewer", -30.0, "#8B8781"),
    Stone("more", -12.0, "#8B8781"),
    Stone("mirror", 6.0, "#8F877C"),
    Stone("guides", 24.0, "#86857F"),
    Stone("colour", 42.0, "#8F7F70"),
    Stone("sand", -106.0, "#A6937A"),
    Stone("light", -88.0, "#55565C"),
    Stone("ink", -70.0, "#C9C3B4"),
    Stone("undo", 62.0, "#7F8285"),
    Stone("redo", 79.0, "#7F8285"),
    Stone("clear", 96.0, "#837D77"),
    Stone("keep", 113.0, "#A08A6C"),
)
WORDS: Final = tuple(stone.word for stone in STONES)
STONE_RADIUS: Final = 0.0185
TILES: Final = 9  # kept works that lie on the rim
TILE_RADIUS: Final = 0.0145
FIRST_TILE, TILE_STEP = -127.0, 10.0  # degrees, where the first lies and to the next


def table_pose(comfort: Comfort) -> Pose:
    """Of the top in the world: at the hands, before the eyes; it rises and leans as who sits there leans back."""
    raised = comfort.raised
    below = 0.76 - 0.82 * raised  # radians below the level line of sight
    far = 0.69 - 0.03 * min(raised, 1.0)
    place = (EYE[0], EYE[1] - far * sin(below), EYE[2] - far * cos(below))
    return Pose(place, (sin((LEAN + 0.85 * raised) / 2), 0.0, 0.0, cos((LEAN + 0.85 * raised) / 2)))


def on_rim(turn: float, out: float = ON_RIM, high: float = LIP) -> Vec3:
    """A place of the top's frame, `turn` radians to the right of straight ahead."""
    return out * sin(turn), high, -out * cos(turn)


POSTURES: Final[tuple[Literal["upright", "reclined", "lying"], ...]] = ("upright", "reclined", "lying")


def _floor_under(posture: Literal["upright", "reclined", "lying"]) -> float:
    """Height of the ground below the table of who sits so."""
    x, _, z = table_pose(Comfort(posture)).position
    return stands_at(x, z)[1]


class MandalaTable:
    """`arrange` for a posture and hand, `draw` with the solid things, `draw_glow` when all else is drawn."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        arrays = kit.bake(table_arrays)
        material = kit.material("mandala_table", grain=sky.grain, sky_map=sky.map)
        self._parts = {name: kit.mesh(_part(arrays, name)) for name in ("top", "lamp", "stand", "feet")}
        self._material = material
        self.horizon: npt.NDArray[np.uint8] = np.asarray(arrays["top-horizon"][:1], np.uint8)
        count = len(STONES) + TILES
        self.rows = np.zeros((count, 16), np.float32)  # of the stones, then of the tiles
        horizon = np.repeat(self.horizon, count, axis=0)
        self._rows = kit.buffer(self.rows, horizon)
        stones = kit.material("mandala_stone", grain=sky.grain, sky_map=sky.map)
        self._stones = kit.mesh(kit.bake(stone_arrays), self._rows), stones
        self._halo = kit.mesh(_card()), kit.material("halo")
        self._shade = kit.mesh(_disc(), kit.buffer(_shades())), kit.material("contact")
        self._floors = {posture: _floor_under(posture) for posture in POSTURES}
        self.at = Pose()
        self.side = 1.0
        self.lamp_at: Vec3 = (0.0, 0.0, 0.0)

    def arrange(self, comfort: Comfort) -> None:
        """For who sits there."""
        self.at = table_pose(comfort)
        self.side = -1.0 if comfort.hand == "left" else 1.0
        x, y, z = self.at.position
        floor = self._floors[comfort.posture]
        self._head = Pose((x, y - HEAD, z))
        self._foot = Pose((x, floor, z))
        lamp = on_rim(self.side * LAMP_TURN)
        self._lamp = Pose(self.world(lamp), self.at.orientation)
        self.lamp_at = self.world((lamp[0], LAMP_HIGH + LIP, lamp[2]))
        for n, stone in enumerate(STONES):
            turn = self.side * radians(stone.turn)
            row = self.rows[n]
            row[0:3] = on_rim(turn, high=LIP + 0.0045)
            row[3] = -turn + 0.4 * sin(5.0 * n)
            row[8:11] = srgb(stone.tone)
            row[11] = 1.0
            row[12] = n
        for k in range(TILES):
            row = self.rows[len(STONES) + k]
            turn = self.side * radians(FIRST_TILE - TILE_STEP * k)
            row[0:3] = on_rim(turn, high=LIP + 0.001)
            row[3] = -turn
            row[8:11] = srgb("#B9A98C")
            row[11] = 1.0
            row[12] = 100.0

    def world(self, place: Vec3) -> Vec3:
        """A place of the top's frame."""
        (x, y, z), (s, _, _, c) = self.at
        up, back = c * c - s * s, 2.0 * s * c
        return x + place[0], y + up * place[1] - back * place[2], z + back * place[1] + up * place[2]

    def local(self, place: Vec3) -> Vec3:
        """The way back."""
        (x, y, z), (s, _, _, c) = self.at
        up, back = c * c - s * s, 2.0 * s * c
        dy, dz = place[1] - y, place[2] - z
        return place[0] - x, up * dy + back * dz, up * dz - back * dy

    def turned_back(self, way: Vec3) -> Vec3:
        """A direction of the world in the top's frame."""
        s, _, _, c = self.at.orientation
        up, back = c * c - s * s, 2.0 * s * c
        return way[0], up * way[1] + back * way[2], up * way[2] - back * way[1]

    def show(self) -> None:
        """Stones and tiles as `rows` has them."""
        self._rows.write(0, self.rows)

    def lit(self, light: Light) -> float:
        """How bright the lamp burns, 0..1: more when the day goes."""
        day = sum(light.skylight[:3]) + 0.2 * sum(light.key[:3])
        share = min(max((day - 0.25) / 0.75, 0.0), 1.0)
        return LAMP_DARK + (LAMP_DAY - LAMP_DARK) * share * share * (3.0 - 2.0 * share)

    def draw(
        self, out: Pass, lamp: float, media: tuple[float, float, float], guides: tuple[float, float, float]
    ) -> None:
        """`media`: how far it is a bed of sand, of dark stone, of paper; `guides`: how far they show, turns, mirror."""
        params: dict[str, Any] = {"lamp": (*self.lamp_at, lamp), "media": media, "guides": guides}
        out.draw(self._parts["top"], self._material, self.at, **params)
        out.draw(self._parts["lamp"], self._material, self._lamp, **params)
        out.draw(self._parts["stand"], self._material, self._head, **params)
        out.draw(self._parts["feet"], self._material, self._foot, **params)
        out.draw(*self._stones, self.at, lamp=(*self.lamp_at, lamp))

    def draw_glow(self, out: Pass, lamp: float) -> None:
        out.draw(*self._shade, self._foot)
        r, g, b = (2.0 * lamp * part for part in LAMP_COLOUR)
        x, y, z = self.lamp_at
        out.draw(*self._halo, Pose((x, y, z), _facing(self.lamp_at)), lantern=(r, g, b))


def _facing(place: Vec3) -> tuple[float, float, float, float]:
    """Turned about +y toward the seat."""
    turn = float(np.arctan2(EYE[0] - place[0], EYE[2] - place[2]))
    return 0.0, sin(turn / 2), 0.0, cos(turn / 2)


# --- shapes


def _part(arrays: Arrays, name: str) -> Arrays:
    start = f"{name}-"
    return {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}


def table_arrays() -> Arrays:
    """'<part>-<attribute>' of top, lamp, stand and feet; light: open sky."""
    made: dict[str, Any] = {}
    middle = table_pose(Comfort()).position
    relief = Relief.about(FIRESIDE)
    angles = horizons(relief, np.array([middle]))
    open_sky = float(openness(angles, np.array([[0.0, 1.0, 0.0]]))[0])
    for name, parts in (("top", _top()), ("lamp", _lamp()), ("stand", _stand()), ("feet", _feet())):
        shape = merged([part for _, part, _ in parts])
        kind = np.concatenate([np.full((len(part.position), 1), float(KINDS.index(of))) for of, part, _ in parts])
        light = np.ones((len(kind), 4))
        light[:, 0] = open_sky * np.concatenate([left for *_, left in parts])
        columns = {name: getattr(shape, name) for name in ("position", "normal", "uv", "colour")}
        columns |= {"kind": kind, "light": light}
        made |= {f"{name}-{key}": value.astype(np.float32) for key, value in columns.items()}
        made[f"{name}-horizon"] = np.repeat(kept(angles), len(kind), axis=0)
        made[f"{name}-index"] = shape.index.reshape(-1).astype(np.uint32)
    return made


Part = tuple[str, Shape, Floats]  # kind, shape, share of the sky that its own form leaves


def _top() -> list[Part]:
    """Bed, rim of staves, and the dark underside."""
    random = np.random.default_rng(83)
    out, turn = np.meshgrid(np.linspace(0.0, 1.0, 10) ** 0.8, np.linspace(0.0, tau, 97), indexing="ij")
    flat = np.stack([WALL * out * np.cos(turn), 0.0 * out, WALL * out * np.sin(turn)], axis=-1)
    bed = _up(sheet(flat))
    bed.uv[:] = bed.position[:, ::2]
    parts: list[Part] = [("bed", bed, np.ones(len(bed.position)))]
    profile = np.array([
        (WALL, -0.004), (WALL, 0.004), (WALL + 0.0008, LIP - 0.004), (WALL + 0.003, LIP - 0.0008), (WALL + 0.008, LIP),
        (0.27, LIP - 0.0002), (0.30, LIP - 0.0002), (RIM - 0.014, LIP - 0.001), (RIM - 0.005, LIP - 0.004),
        (RIM - 0.0005, LIP - 0.011), (RIM, LIP - 0.020), (RIM - 0.004, LIP - 0.030), (RIM - 0.020, LIP - 0.038),
    ])  # fmt: skip
    for k in range(STAVES):
        ends = tau * k / STAVES, tau * (k + 1) / STAVES
        around = np.linspace(*ends, 9)
        r, y = profile[:, :1], profile[:, 1:]
        grid = np.stack([r * np.sin(around), 0.0 * around + y, -r * np.cos(around)], axis=-1)
        stave = sheet(grid)
        if (stave.normal[:, 1] * (stave.position[:, 1] > LIP - 0.001)).sum() < 0.0:
            stave = sheet(grid[:, ::-1])
        middle = (ends[0] + ends[1]) / 2
        along, outward = np.array([cos(middle), 0.0, sin(middle)]), np.array([sin(middle), 0.0, -cos(middle)])
        side = stave.position @ outward - 0.6 * stave.position[:, 1]
        stave.uv[:] = np.stack([stave.position @ along, side], axis=-1) + random.uniform(0.0, 9.0, 2)
        tint = srgb(TONES[int(random.integers(len(TONES)))]) * random.uniform(0.90, 1.08)
        bevel = np.minimum(
            np.abs(np.tile(around, len(profile)) - ends[0]), np.abs(np.tile(around, len(profile)) - ends[1])
        )
        dark = np.where(bevel < 1e-6, 0.72, 1.0)[: len(stave.position)]
        left = np.clip(0.45 + (stave.position[:, 1] + 0.03) / 0.05, 0.35, 1.0)
        left = np.where(
            (np.hypot(*stave.position[:, ::2].T) < WALL + 0.002) & (stave.position[:, 1] < 0.006), 0.7, left
        )
        parts.append(("wood", stave.painted(tint * dark[:, None]), left))
    under = lathe([(0.0, -0.034), (0.20, -0.034), (RIM - 0.018, LIP - 0.037)], sides=48).painted(STAND)
    parts.append(("wood", under, np.full(len(under.position), 0.35)))
    return parts


def _up(shape: Shape) -> Shape:
    """It faces +y."""
    if shape.normal[:, 1].mean() < 0.0:
        return Shape(shape.position, -shape.normal, shape.uv, shape.colour, shape.index[:, ::-1])
    return shape


def _lamp() -> list[Part]:
    """A paper globe on a turned foot, its foot at the origin."""
    foot = lathe([(0.0, 0.0), (0.026, 0.0), (0.027, 0.004), (0.018, 0.009), (0.008, 0.014), (0.007, 0.026),
                  (0.012, 0.031), (0.0, 0.033)], sides=28).painted(STAND)  # fmt: skip
    around = np.linspace(-1.0, 1.0, 25) * 1.25
    globe = lathe([(LAMP_RADIUS * cos(t), 0.96 * LAMP_RADIUS * sin(t)) for t in around], sides=32)
    globe.uv[:] = np.stack([globe.uv[:, 0] / (tau * LAMP_RADIUS), globe.position[:, 1] / LAMP_RADIUS], axis=-1)
    shade = globe.at(0.0, LAMP_HIGH, 0.0).painted(PAPER)
    cap = lathe([(0.012, 0.0), (0.013, 0.002), (0.011, 0.005), (0.0, 0.006)], sides=20)
    cap = cap.at(0.0, LAMP_HIGH + 0.9 * LAMP_RADIUS, 0.0).painted(STAND)
    return [("wood", foot, np.full(len(foot.position), 0.8)), ("paper", shade, np.ones(len(shade.position))),
            ("wood", cap, np.ones(len(cap.position)))]  # fmt: skip


def _stand() -> list[Part]:
    """A turned column from its head at the origin to far below the ground, and the joint that the top leans on."""
    joint = lathe([(0.0, -0.03), (0.030, -0.022), (0.038, 0.0), (0.030, 0.024), (0.0, 0.036)], sides=24).painted(STAND)
    column = lathe([(0.036, -1.9), (0.036, -0.50), (0.030, -0.42), (0.033, -0.30), (0.027, -0.16), (0.031, -0.09),
                    (0.024, -0.05), (0.034, -0.02), (0.0, -0.015)], sides=24).painted(STAND)  # fmt: skip
    column.uv[:] = column.uv[:, ::-1]
    return [("wood", part, np.full(len(part.position), 0.5)) for part in (joint, column)]


def _feet() -> list[Part]:
    """Three that curve down to the ground, which is the plane y = 0 there."""
    parts: list[Part] = []
    t = np.linspace(0.0, 1.0, 10)
    for k in range(3):
        turn = tau * (k + 0.5) / 3
        out = 0.02 + 0.25 * t
        high = 0.015 + 0.26 * (1.0 - t) ** 1.8
        path = np.stack([out * sin(turn), high, out * cos(turn)], axis=-1)
        foot = tube(path, 0.024 - 0.008 * t, sides=10).painted(STAND)
        end = lathe([(0.0, -0.02), (0.026, -0.02), (0.030, 0.0), (0.022, 0.02), (0.0, 0.026)], sides=14)
        end = end.at(float(path[-1, 0]), 0.012, float(path[-1, 2])).painted(STAND)
        parts += [("wood", each, np.full(len(each.position), 0.45)) for each in (foot, end)]
    return parts


def stone_arrays() -> Arrays:
    """A pebble that a hand may turn over, radius 1 and 0.42 high over the plane; uv -1..1 across its top."""
    rows, sides = 13, 28
    up, turn = np.meshgrid(np.linspace(-0.35, pi / 2, rows), np.linspace(0.0, tau, sides + 1), indexing="ij")
    flat = np.cos(up) ** 0.85
    bump = 1.0 + 0.05 * np.sin(2.0 * turn + 0.7) + 0.025 * np.sin(3.0 * turn + 2.0)
    grid = np.stack([flat * bump * np.cos(turn), 0.42 * np.sin(up), flat * bump * np.sin(turn)], axis=-1)
    shape = sheet(grid)
    out = np.einsum("ij,ij->i", shape.normal, shape.position)
    if out.mean() < 0.0:
        shape = Shape(shape.position, -shape.normal, shape.uv, shape.colour, shape.index[:, ::-1])
    normal = np.where(shape.position[:, 1:2] > 0.419, np.array([[0.0, 1.0, 0.0]]), shape.normal)
    light = np.ones((len(normal), 4))
    light[:, 0] = np.clip(0.55 + 1.4 * shape.position[:, 1], 0.4, 1.0)
    columns = {"position": shape.position, "normal": normal, "uv": shape.position[:, ::2], "light": light}
    made: dict[str, Any] = {name: column.astype(np.float32) for name, column in columns.items()}
    return made | {"index": shape.index.reshape(-1).astype(np.uint32)}


def _card() -> Arrays:
    """In the air before the lamp, facing +z; uv as shaders/halo.glsl has it."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    position = np.stack([0.26 * corners[:, 0], 0.26 * corners[:, 1], np.full(4, 0.05)], axis=-1)
    return {"position": position, "uv": corners, "index": np.array([0, 1, 2, 0, 2, 3])}


def _disc() -> Arrays:
    """A flat disc of radius 1; uv.x is its radius."""
    turn = np.linspace(0.0, tau, 25)
    radius = np.array([0.0, 0.5, 1.0])[:, None]
    position = np.stack([radius * np.cos(turn), 0.0 * radius * turn, radius * np.sin(turn)], axis=-1)
    uv = np.stack(np.broadcast_arrays(radius, 0.0 * turn), axis=-1)
    row, column = np.meshgrid(np.arange(2) * 25, np.arange(24), indexing="ij")
    a = (row + column).ravel()
    index = np.stack([a, a + 1, a + 26, a, a + 26, a + 25], axis=-1).reshape(-1)
    return {"position": position.reshape(-1, 3), "uv": uv.reshape(-1, 2), "index": index}


def _shades() -> npt.NDArray[np.float32]:
    """Rows of shaders/contact.glsl: wide below the top, dark about each foot."""
    made = np.zeros((4, 16), np.float32)
    made[:, 4:7] = made[:, 8:12] = 1.0
    made[0, [1, 4, 6, 7]] = 0.015, 0.46, 0.46, 0.42
    for k in range(3):
        turn = tau * (k + 0.5) / 3
        made[k + 1, [0, 1, 2, 4, 6, 7]] = 0.25 * sin(turn), 0.016, 0.25 * cos(turn), 0.10, 0.10, 0.5
    return made
