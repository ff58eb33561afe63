"""Three bays of linen in frames of driftwood on the beach, and before them a bench of small things and tools.

A bay's own frame: metres, the middle of its cloth the origin, +x right, +z to the seat. What is made in the bays is
kept as if nothing were raised: `lift` metres are added for who leans back.
"""

from __future__ import annotations

from math import cos, pi, radians, sin, tan, tau
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.valley.built import ground_at
from scenes.valley.driftwood import limb
from scenes.valley.laid_things import Laid, LaidThings
from scenes.valley.place import SHORE
from scenes.valley.shapes import Floats, Shape, box, lathe, merged, sheet, srgb, tube
from scenes.valley.sky import Sky
from scenes.valley.small_things import CORD, MATTER, THINGS, WOOD, thing
from vr_app.api import Arrays, Kit, Pass, Pose, Ray, Vec3, Vec4

BAYS: Final = ("before", "now", "next")
TURNS: Final = (radians(34.0), 0.0, radians(-34.0))  # of each bay to the left
AWAY: Final = 1.95  # metres from the seat to a cloth
MIDDLE: Final = 1.12  # height of its middle
HALF_WIDE, HALF_HIGH = 0.42, 0.50  # of a cloth
BESIDE: Final = 0.045  # metres beyond a cloth's edge at which one still points at it
BEAM: Final = HALF_HIGH + 0.10  # of the upper bar's middle above the cloth's
FACE: Final = 0.016  # metres before the cloth's plane at which things and paint lie
MOST: Final = 24  # things that are laid at once

SHELF, SHELF_TOP, LEDGE, LEDGE_TOP = 1.22, 0.66, 1.05, 0.50  # metres from the seat and above the floor, of both boards
BENCH_TURNS: Final = (radians(30.0), 0.0, radians(-30.0))
ON_SHELF: Final = 0.056  # radius of a thing on the shelf
INK, CHALK, LIGHT, BACK, AGAIN, CLEAR, KEEP = TOOLS = ("ink", "chalk", "light", "back", "again", "clear", "keep")
PAINTS: Final = (INK, CHALK, LIGHT)
PIGMENT: Final = {INK: "#2C3A55", CHALK: "#EFE7DA", LIGHT: "#FFC27A"}
TOOL_RADIUS: Final = 0.044
_SHELVES: Final = (THINGS[:3], THINGS[3:7], THINGS[7:])
_LEDGES: Final = ((BACK, AGAIN), (INK, CHALK, LIGHT), (CLEAR, KEEP))

PLANK, CLOTH, TOKEN = 5, 6, 7  # kinds of shaders/bays.glsl, after those of natural.glsl
POST_X: Final = HALF_WIDE + 0.075  # metres from a bay's middle to its posts


class Hit(NamedTuple):
    """A place on a cloth: which bay, metres to the right of and above its middle."""

    bay: int
    x: float
    y: float


def bay_pose(bay: int, lift: float = 0.0) -> Pose:
    turn = TURNS[bay]
    return Pose.facing((-sin(turn) * AWAY, MIDDLE + lift, -cos(turn) * AWAY), turn)


def lift_of(raised: float) -> float:
    """Metres by which the bays stand higher for who looks `raised` radians up."""
    return AWAY * tan(raised)


def bench_lift(raised: float) -> float:
    return SHELF * tan(raised)


def hit(ray: Ray, lift: float = 0.0) -> Hit | None:
    """Where a ray meets a cloth from the seat's side."""
    (ox, oy, oz), (dx, dy, dz) = ray
    for bay, turn in enumerate(TURNS):
        s, c = sin(turn), cos(turn)
        toward = dx * s + dz * c  # along the cloth's +z
        if toward > -1e-3:
            continue
        far = -(ox * s + oz * c + AWAY) / toward
        if not 0.0 < far < 9.0:
            continue
        px, py, pz = ox + far * dx, oy + far * dy, oz + far * dz
        x, y = px * c - pz * s, py - MIDDLE - lift
        if abs(x) <= HALF_WIDE + BESIDE and abs(y) <= HALF_HIGH + BESIDE:
            return within(Hit(bay, x, y), 0.0)
    return None


def place_of(at: Hit, before: float = FACE) -> Vec3:
    """Its place in the scene, `before` metres before the cloth, nothing raised."""
    turn = TURNS[at.bay]
    s, c = sin(turn), cos(turn)
    return c * at.x + s * (before - AWAY), MIDDLE + at.y, -s * at.x + c * (before - AWAY)


def bay_of(place: Vec3) -> Hit:
    """The bay that a place belongs to, and where on its cloth it lies."""
    x, y, z = place
    bay = max(range(3), key=lambda n: -x * sin(TURNS[n]) - z * cos(TURNS[n]))
    s, c = sin(TURNS[bay]), cos(TURNS[bay])
    return Hit(bay, x * c - z * s, y - MIDDLE)


def within(at: Hit, margin: float) -> Hit:
    """The nearest place that lies so many metres within the cloth's edge."""
    wide, high = HALF_WIDE - margin, HALF_HIGH - margin
    return Hit(at.bay, min(max(at.x, -wide), wide), min(max(at.y, -high), high))


def _row(shelves: tuple[tuple[str, ...], ...], name: str, away: float, apart: float) -> tuple[float, float, float]:
    """Turn of a board, metres along it, and metres from the seat, of what stands on it."""
    for segment, names in enumerate(shelves):
        if name in names:
            return BENCH_TURNS[segment], (names.index(name) - (len(names) - 1) / 2) * apart, away
    raise KeyError(name)


def shelf_place(name: str) -> Vec3:
    """The middle of one of THINGS on the shelf, or of one of TOOLS on the ledge."""
    if name in THINGS:
        turn, along, away = _row(_SHELVES, name, SHELF, 0.145)
        y = SHELF_TOP + ON_SHELF + 0.012
    else:
        turn, along, away = _row(_LEDGES, name, LEDGE, 0.155)
        y = LEDGE_TOP + 0.022
    return cos(turn) * along - sin(turn) * away, y, -sin(turn) * along - cos(turn) * away


# --- meshes


class _Making:
    """Shapes with their surface and the number of what they belong to; -1: of nothing that answers."""

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self.kinds: list[Floats] = []
        self.light: list[Floats] = []

    def add(self, kind: float | Floats, shape: Shape, number: float = -1.0, within: float | Floats = 1.0) -> None:
        """`within`: what is left of the sky's light, 0..1."""
        count = len(shape.position)
        self.shapes.append(shape)
        self.kinds.append(np.broadcast_to(np.asarray(kind, float).reshape(-1, 1), (count, 1)))
        light = np.ones((count, 4))
        light[:, 0], light[:, 1] = within, number
        self.light.append(light)

    def arrays(self) -> Arrays:
        whole = merged(self.shapes)
        arrays = whole.arrays() | {"light": np.concatenate(self.light), "kind": np.concatenate(self.kinds)}
        made: dict[str, Any] = {name: array.astype(np.float32) for name, array in arrays.items() if name != "index"}
        return made | {"index": whole.index.reshape(-1).astype(np.uint32)}


_CAP: Final = np.array([0.25, 0.55, 0.8, 0.95])  # of its radius, rings of a round end


def _upright(random: np.random.Generator, x: float, low: float, high: float, thick: float) -> Shape:
    """A grown post, a little crooked, with a round worn top."""
    long = high - low
    t = np.concatenate([np.linspace(0.0, 1.0, 30), 1.0 + _CAP * thick / long])
    lean, turn = random.normal(0.0, 0.012, 2), random.uniform(0.0, tau, 2)
    path = np.stack(
        [
            long * t,
            -lean[0] * (t - 0.6) - 0.016 * np.sin(5.0 * t + turn[0]),
            lean[1] * (t - 0.6) + 0.013 * np.sin(4.0 * t + turn[1]),
        ],
        axis=-1,
    )
    radius = thick * (1.12 - 0.30 * t + 0.05 * np.sin(11.0 * t + turn[0]))
    radius[-4:] *= np.sqrt(1.0 - _CAP**2)
    lying = limb(random, path, radius, columns=15, cracks=5, torn=(0.0, 0.0))
    return Shape(_stood(lying.position), _stood(lying.normal), lying.uv, lying.colour, lying.index).at(x, low, 0.0)


def _stood(points: Floats) -> Floats:
    """What lies along +x, upright."""
    return np.stack([-points[:, 1], points[:, 0], points[:, 2]], axis=-1)


def _bar(random: np.random.Generator, y: float, half: float, thick: float) -> Shape:
    """A grown rod across, both its ends round."""
    cap = 1.0 + _CAP * thick / half
    t = np.concatenate([-cap[::-1], np.linspace(-1.0, 1.0, 26), cap])
    path = np.stack([half * t, y + 0.014 * np.sin(2.1 * t + random.uniform(0.0, tau)), 0.012 + 0.0 * t], axis=-1)
    radius = thick * (1.0 - 0.12 * t + 0.05 * np.sin(9.0 * t))
    radius[:4] *= np.sqrt(1.0 - _CAP[::-1] ** 2)
    radius[-4:] *= np.sqrt(1.0 - _CAP**2)
    return limb(random, path, radius, columns=15, cracks=5, torn=(0.0, 0.0))


def _lashing(x: float, y: float, thick: float) -> list[Shape]:
    """Cord round where bar and post cross."""
    made = []
    for k, roll in enumerate((0.75, -0.75, 0.70, -0.80)):
        t = np.linspace(0.0, tau, 21)
        across, deep = 1.32 * thick * np.cos(t), 1.25 * thick * np.sin(t)
        ring = np.stack([across * cos(roll) + 0.006 * k, across * sin(roll), deep + 0.01], axis=-1)
        made.append(tube(ring, 0.0052, sides=6).at(x, y, 0.0).painted("#A2937A"))
    return made


def _cloth() -> Shape:
    """Its uv: -1..1 across, 0..1 up."""
    u, v = np.meshgrid(np.linspace(-1.0, 1.0, 37), np.linspace(0.0, 1.0, 41), indexing="xy")
    sag = 0.010 * np.sin(pi * v) * (1.0 - u**2) + 0.005 * np.sin(2.6 * pi * u + 1.0) * v**6
    pulled = 0.016 * np.abs(np.sin(2.0 * pi * (u + 1.0))) * v**10  # between the loops that it hangs from
    grid = np.stack(
        [HALF_WIDE * u * (1.0 - 0.012 * np.sin(pi * v)), HALF_HIGH * (2.0 * v - 1.0) - pulled, sag], axis=-1
    )
    made = sheet(grid)
    if made.normal[:, 2].mean() < 0.0:
        made = Shape(made.position, -made.normal, made.uv, made.colour, made.index[:, ::-1])
    made.uv[:] = np.stack([u.ravel(), v.ravel()], axis=-1)
    return made.painted("#C2B49C")


def frames_arrays() -> Arrays:
    """All three, as they stand when nothing is raised; light.y of a cloth: its bay."""
    made = _Making()
    for bay, turn in enumerate(TURNS):
        random = np.random.default_rng(400 + bay)
        x, y, z = bay_pose(bay).position

        def put(shape: Shape, turn: float = turn, at: Vec3 = (x, y, z)) -> Shape:
            return shape.turned(turn).at(*at)

        for side in (-1.0, 1.0):
            post = _upright(
                random, side * (HALF_WIDE + 0.075), -MIDDLE - 1.35, BEAM + random.uniform(0.07, 0.16), 0.036
            )
            made.add(WOOD, put(post))
            for shape in _lashing(side * (HALF_WIDE + 0.075), BEAM, 0.036):
                made.add(CORD, put(shape))
        made.add(WOOD, put(_bar(random, BEAM, HALF_WIDE + 0.17, 0.027)))
        made.add(WOOD, put(_bar(random, -HALF_HIGH - 0.004, HALF_WIDE + 0.05, 0.013)), within=0.85)
        for k in range(5):
            lx = HALF_WIDE * (-0.98 + 0.49 * k)
            t = np.linspace(0.0, tau, 17)
            loop = np.stack(
                [lx + 0.006 * np.sin(2 * t), BEAM - 0.042 + 0.072 * np.cos(t), 0.012 + 0.034 * np.sin(t)], -1
            )
            made.add(CORD, put(tube(loop, 0.0042, sides=6).painted("#A2937A")))
        made.add(CLOTH, put(_cloth()), bay)
    return made.arrays()


def _board(random: np.random.Generator, long: float, deep: float, colour: str) -> Shape:
    """A plank that the sea has had: its edges are round, its ends uneven."""
    board = box((long, 0.036, deep), bevel=0.011, cells=0.03)
    x, _, z = board.position.T
    worn = 0.004 * np.sin(13.0 * x + random.uniform(0, tau)) + 0.002 * np.sin(43.0 * x + 1.0)
    board.position[:, 2] += worn * np.sign(z) * (np.abs(z) > 0.3 * deep)
    board.position[:, 0] += 0.008 * np.sin(60.0 * z) * np.sign(x) * (np.abs(x) > 0.45 * long)
    board.position[:, 1] += 0.0025 * np.sin(4.0 * x + random.uniform(0, tau))
    board.uv[:] += random.uniform(0.0, 9.0, 2)
    return board.painted(srgb(colour) * random.uniform(0.92, 1.08))


def bench_arrays() -> Arrays:
    """Boards on posts, and what lies on them; light.y: the number of a thing or tool, things first."""
    made = _Making()
    for segment, turn in enumerate(BENCH_TURNS):
        random = np.random.default_rng(500 + segment)

        def put(shape: Shape, away: float, y: float, turn: float = turn) -> Shape:
            return shape.at(0.0, y, -away).turned(turn)

        shade = 0.82
        made.add(PLANK, put(_board(random, 0.60, 0.15, "#A1968A"), SHELF, SHELF_TOP - 0.018), within=0.95)
        made.add(PLANK, put(_board(random, 0.53, 0.15, "#988D80"), LEDGE, LEDGE_TOP - 0.018), within=shade)
        for side in (-1.0, 1.0):
            post = _upright(random, 0.23 * side, -1.0, SHELF_TOP - 0.03, 0.030)
            made.add(WOOD, put(post, SHELF - 0.01, 0.0), within=0.6)
            strut = tube(
                [(0.23 * side, LEDGE_TOP - 0.055, 0.0), (0.22 * side, LEDGE_TOP - 0.045, 0.215)],
                [0.021, 0.017],
                sides=10,
            )
            made.add(WOOD, put(strut.painted("#7D7267"), SHELF, 0.0), within=0.55)
        for name in _SHELVES[segment]:
            shape, kind = thing(name)
            small = Shape(shape.position * ON_SHELF, shape.normal, shape.uv * ON_SHELF, shape.colour, shape.index)
            leaning = small.turned(turn, -0.12)
            x, _, z = shelf_place(name)
            lying = leaning.at(x, SHELF_TOP + 0.001 - float(leaning.position[:, 1].min()), z)
            low = np.clip((small.position[:, 1] / ON_SHELF + 1.0) / 0.5, 0.0, 1.0)
            made.add(kind, lying, THINGS.index(name), 0.62 + 0.38 * low)
        for name in _LEDGES[segment]:
            _tool(made, name, turn)
    return made.arrays()


def _tool(made: _Making, name: str, turn: float) -> None:
    """A pebble with a sign cut into its face, or a small stone bowl with pigment."""
    number, (x, y, z) = len(THINGS) + TOOLS.index(name), shelf_place(name)
    r = TOOL_RADIUS
    if name in PAINTS:
        bowl = lathe(
            [
                (0.5 * r, -0.020),
                (0.86 * r, -0.012),
                (r, 0.008),
                (0.98 * r, 0.016),
                (0.88 * r, 0.014),
                (0.80 * r, 0.004),
            ],
            sides=28,
        )
        made.add(MATTER, bowl.painted("#7C7A78").at(x, y, z), number, 0.8)
        fill = lathe([(0.84 * r, 0.006), (0.5 * r, 0.011), (0.0, 0.013)], sides=28)
        made.add(MATTER, fill.painted(PIGMENT[name]).at(x, y, z), number)
        return
    share, angle = np.meshgrid(np.linspace(0.0, 1.0, 12), np.linspace(0.0, tau, 33), indexing="ij")
    edge = r * (1.0 + 0.03 * np.sin(2 * angle + number) + 0.02 * np.sin(3 * angle))
    flat = np.stack(
        [share * edge * np.cos(angle), share * edge * np.sin(angle), 0.017 * (1.0 - share**4) ** 0.5], axis=-1
    )
    pebble = sheet(flat)
    pebble.uv[:] = pebble.position[:, :2] / r
    made.add(TOKEN, pebble.painted("#8C8780").turned(turn, radians(-52.0)).at(x, y + 0.008, z), number)


def _veil_cards() -> Arrays:
    """A card before each cloth, a fifth larger: its edge is soft."""
    corners = np.array([[-1, 0], [1, 0], [1, 1], [-1, 1]], float)
    places, index = [], []
    for bay in range(3):
        for u, v in corners:
            places.append(place_of(Hit(bay, 1.22 * HALF_WIDE * u, 1.22 * HALF_HIGH * (2.0 * v - 1.0)), 0.13))
        index += [4 * bay + k for k in (0, 1, 2, 0, 2, 3)]
    return {"position": np.array(places), "uv": np.tile(corners, (3, 1)), "index": np.array(index)}


def _feet() -> npt.NDArray[np.float32]:
    """Rows of shaders/contact.glsl: about each post in the sand, and wide below bench and cloths."""
    places: list[tuple[float, float, float, float]] = []  # x, z, radius, strength
    for turn in TURNS:
        posts = ((cos(turn) * x - sin(turn) * AWAY, -sin(turn) * x - cos(turn) * AWAY) for x in (-POST_X, POST_X))
        places += [(x, z, 0.17, 0.55) for x, z in posts]
        places.append((-sin(turn) * AWAY, -cos(turn) * AWAY, 0.62, 0.22))
    for turn in BENCH_TURNS:
        feet = ((cos(turn) * x - sin(turn) * SHELF, -sin(turn) * x - cos(turn) * SHELF) for x in (-0.23, 0.23))
        places += [(x, z, 0.12, 0.5) for x, z in feet]
        places.append((-sin(turn) * 1.14, -cos(turn) * 1.14, 0.46, 0.42))
    made = np.zeros((len(places), 16), np.float32)
    made[:, 4:7] = made[:, 8:12] = 1.0
    for row, (x, z, radius, strength) in zip(made, places, strict=True):
        low, high = (ground_at(SHORE.x + x, SHORE.z + z + d) - SHORE.y for d in (-0.2, 0.2))
        row[0], row[1], row[2] = x, 0.5 * (low + high) + 0.012, z
        row[4] = row[6] = radius
        row[7], row[13] = strength, (high - low) / 0.4
    return made


def feet_arrays() -> Arrays:
    return {"rows": _feet()}


def posts_arrays() -> Arrays:
    """Rows of shaders/long_shade.glsl: of frames and bench."""
    places: list[tuple[float, float, float, float]] = []  # x, z, height, radius
    posts = ((TURNS, AWAY, POST_X, 1.8, 0.036), (BENCH_TURNS, SHELF, 0.23, 0.64, 0.030))
    for turns, away, beside, high, radius in posts:
        for s, c in ((sin(turn), cos(turn)) for turn in turns):
            places += [(c * x - s * away, -s * x - c * away, high, radius) for x in (-beside, beside)]
    made = np.zeros((len(places), 16), np.float32)
    for row, (x, z, height, radius) in zip(made, places, strict=True):
        west, east = (ground_at(SHORE.x + x + d, SHORE.z + z) for d in (-0.5, 0.5))
        back, front = (ground_at(SHORE.x + x, SHORE.z + z + d) for d in (0.0, 1.2))
        row[0:3] = x, back - SHORE.y + 0.004, z
        row[4], row[5] = height, radius
        row[12], row[13] = east - west, (front - back) / 1.2
    return {"rows": made}


def _strip() -> Arrays:
    """uv: 0..1 along, -1..1 across."""
    uv = np.array([[along, across] for along in np.linspace(0.0, 1.0, 9) for across in (-1.0, 1.0)])
    index = [2 * k + corner for k in range(8) for corner in (0, 2, 1, 1, 2, 3)]
    return {"position": np.insert(uv, 1, 0.0, axis=1), "uv": uv, "index": np.array(index)}


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


def on_cloth(place: Vec3, size: float, turn: float, warm: float) -> Laid:
    """A thing in the bay that its place belongs to."""
    yaw = TURNS[bay_of(place).bay]
    before = place[0] * sin(yaw) + place[2] * cos(yaw) + AWAY
    return Laid(place, size, turn, warm, yaw, FACE, before - FACE)


class ThreeBays:
    """`things.lay` when something moves; `draw` with all that is solid, `draw_shade` when all of that is drawn."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        images = {"grain": sky.grain, "sky_map": sky.map}
        bays = kit.material("bays", **images)
        self._frames = kit.mesh(kit.bake(frames_arrays)), bays
        self._bench = kit.mesh(kit.bake(bench_arrays)), bays
        self.things = LaidThings(kit, images, MOST)
        self._veil = kit.mesh(_veil_cards()), kit.material("bay_veil", **images)
        self._contact = kit.mesh(_disc(), kit.buffer(kit.bake(feet_arrays)["rows"])), kit.material("contact")
        self._long = kit.mesh(_strip(), kit.buffer(kit.bake(posts_arrays)["rows"])), kit.material("long_shade")

    def draw(
        self, out: Pass, lift: float, low_lift: float, warm: list[float], seen: list[float], bays: Vec4, made: bool
    ) -> None:
        """`made`: what lies in the bays too. All 0..1: `warm` of things and tools (20), `seen` of tools (8), `bays` of
        each and of the template.
        """
        at = Pose((0.0, lift, 0.0))
        out.draw(*self._bench, Pose((0.0, low_lift, 0.0)), warm=warm, seen=seen, bays=bays)
        if made:
            self.things.draw(out, at)
        out.draw(*self._frames, at, warm=warm, seen=seen, bays=bays)

    def draw_veil(self, out: Pass, lift: float, veil: float) -> None:
        """Over all that is made, 0..1."""
        if veil > 0.0:
            out.draw(*self._veil, Pose((0.0, lift, 0.0)), veil=veil)

    def draw_shade(self, out: Pass, lift: float) -> None:
        out.draw(*self._long)
        out.draw(*self._contact)
        self.things.draw_shade(out, Pose((0.0, lift, 0.0)))
