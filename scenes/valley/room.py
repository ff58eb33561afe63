"""The calm room: a modest wooden cabin above the harbour, with its furniture and all its baked light.

The patient sits at the origin. Walls, floor and ceiling carry their light in one lightmap, everything else at its
vertices. Baked: light from the window, its bounces, contact, and who stands in the sun. Live, in the shaders: the
sun's window-shaped patch with its leaf shadow (shaders/include/room.glsl) and the lantern's strength.
"""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from scenes.valley import furniture as make
from scenes.valley import light
from scenes.valley.furniture import Furniture
from scenes.valley.light import Panel
from scenes.valley.shapes import Floats, Shape, box, merged
from vr_app.api import Arrays, Kit, Material, Mesh, Pass, Vec3

LEFT, RIGHT, BACK, FRONT, HEIGHT = -2.2, 2.0, 1.9, -3.0, 2.5
WINDOW = (-1.15, 1.5, 0.62, 2.02)  # left, right, sill and head of the opening; shaders/include/room.glsl repeats it
GLASS = -3.2  # z of the panes; the wall is 20 cm thick
SUN_AZIMUTH, SUN_HEIGHT = radians(31), radians(12)  # left of straight ahead, above the horizon
TO_SUN = np.array([-sin(SUN_AZIMUTH) * cos(SUN_HEIGHT), sin(SUN_HEIGHT), -cos(SUN_AZIMUTH) * cos(SUN_HEIGHT)])
SUN = np.array([1.9, 1.28, 0.74])  # irradiance / pi across the beam; room.glsl repeats it
LEAVES = 0.7  # share of the sun that the tree outside lets through
TABLE: Vec3 = (-1.14, 0.72, -1.92)  # middle of the table's top, the lantern's place
LANTERN_HEIGHT, LANTERN_RADIUS = 0.235, 0.165  # of the globe's centre above the table; of the globe, in metres
LAMP: Vec3 = (0.28, 1.62, BACK - 0.14)
LANTERN_GAIN = 7.0  # how much more light the lantern gives than its paper shows, so that daylight doesn't drown it
TEXEL = 0.025  # metres of wall in one texel of the lightmap
ATLAS_WIDTH = 400

PLASTER: Vec3 = (0.76, 0.715, 0.65)
FLOOR: Vec3 = (0.33, 0.26, 0.20)
CEILING: Vec3 = (0.60, 0.55, 0.48)


def panels() -> dict[str, Panel]:
    """Every flat surface of the shell by name, each facing the room."""
    wide, deep = RIGHT - LEFT, BACK - FRONT
    x0, x1, y0, y1 = WINDOW
    thick = FRONT - GLASS
    return {
        "floor": Panel((LEFT, 0, BACK), (wide, 0, 0), (0, 0, -deep), FLOOR),
        "ceiling": Panel((LEFT, HEIGHT, FRONT), (wide, 0, 0), (0, 0, deep), CEILING),
        "left": Panel((LEFT, 0, BACK), (0, 0, -deep), (0, HEIGHT, 0), PLASTER),
        "right": Panel((RIGHT, 0, FRONT), (0, 0, deep), (0, HEIGHT, 0), PLASTER),
        "front": Panel((LEFT, 0, FRONT), (wide, 0, 0), (0, HEIGHT, 0), PLASTER, (x0 - LEFT, x1 - LEFT, y0, y1)),
        "back": Panel((RIGHT, 0, BACK), (-wide, 0, 0), (0, HEIGHT, 0), PLASTER),
        "jamb_left": Panel((x0, y0, FRONT), (0, 0, -thick), (0, y1 - y0, 0), PLASTER),
        "jamb_right": Panel((x1, y0, GLASS), (0, 0, thick), (0, y1 - y0, 0), PLASTER),
        "head": Panel((x0, y1, GLASS), (x1 - x0, 0, 0), (0, 0, thick), PLASTER),
    }


PLANKS = ("floor", "ceiling")


def furnishing() -> Furniture:
    """Everything that stands or hangs in the room, in its place."""
    x0, x1, y0, y1 = WINDOW
    return make.together(
        [
            _timber(),
            _window_frame(),
            make.rod(x0 - 0.42, x1 + 0.42, y1 + 0.12, FRONT + 0.075),
            make.curtain(x0 - 0.34, x0 - 0.02, y1 + 0.105, 0.3, FRONT + 0.075),
            make.curtain(x1 + 0.03, x1 + 0.36, y1 + 0.105, 0.3, FRONT + 0.075),
            make.jug_of_grass((1.08, y0 + 0.02, GLASS + 0.17)),
            make.bowl((0.72, y0 + 0.02, GLASS + 0.2), "#A9B0AE"),
            make.stones((-0.78, y0 + 0.02, GLASS + 0.2)),
            make.table().placed((TABLE[0], 0.0, TABLE[2]), 0.16),
            make.lantern(LANTERN_RADIUS, LANTERN_HEIGHT).placed(TABLE),
            make.bowl((TABLE[0] + 0.27, TABLE[1], TABLE[2] + 0.1), make.SLATE),
            make.chair().placed((1.2, 0.0, -1.42), 2.15),
            make.armchair(),
            make.rug(1.7, 2.2).placed((0.05, 0.0, -0.72), 0.03),
            make.shelf().placed((LEFT + 0.005, 0.0, -0.35), np.pi / 2),
            make.chest().placed((LEFT + 0.005, 0.0, 1.12), np.pi / 2),
            make.hanging(0.5, 0.72).placed((LEFT + 0.004, 1.62, 1.12), np.pi / 2),
            make.hat_and_scarf().placed((RIGHT, 1.62, 1.0), -np.pi / 2),
            make.plant((1.54, 0.0, -2.58)),
            make.door(0.86, 1.98).placed((-1.1, 0.0, BACK), np.pi),
            make.bench(1.15).placed((1.2, 0.0, BACK - 0.01), np.pi),
            make.wall_lamp().placed((LAMP[0], 1.5, BACK), np.pi),
            make.picture(0.36, 0.5).placed((1.25, 1.42, BACK), np.pi),
        ]
    )


def _timber() -> Furniture:
    """Beams, skirting and a rail of pegs."""
    made = Furniture()
    middle, wide, deep = (LEFT + RIGHT) / 2, RIGHT - LEFT, BACK - FRONT
    for z in (-2.35, -1.1, 0.15, 1.4):
        made.board((wide, 0.16, 0.13), (middle, HEIGHT - 0.075, z), make.OAK, cells=0.14, bevel=0.014)
    for z in (FRONT + 0.009, BACK - 0.009):
        made.board((wide, 0.1, 0.018), (middle, 0.05, z), make.OAK, cells=0.12)
    for x in (LEFT + 0.009, RIGHT - 0.009):
        made.board((0.018, 0.1, deep), (x, 0.05, (FRONT + BACK) / 2), make.OAK, cells=0.12)
    made.board((0.022, 0.09, 1.1), (RIGHT - 0.011, 1.62, 1.0), make.HONEY, cells=0.12)
    for z in (0.6, 0.87, 1.13, 1.4):
        made.board((0.08, 0.022, 0.022), (RIGHT - 0.055, 1.63, z), make.OAK, cells=0.1)
    return made


def _window_frame() -> Furniture:
    """Frame, a transom, two uprights and the deep sill."""
    made = Furniture()
    x0, x1, y0, y1 = WINDOW
    middle, wide, high = (x0 + x1) / 2, x1 - x0, y1 - y0
    z = GLASS + 0.02
    for x in (x0 + 0.022, x1 - 0.022):
        made.add("wood", box((0.045, high, 0.06), cells=0.2).at(x, (y0 + y1) / 2, z), make.SAGE)
    for y in (y0 + 0.022, y1 - 0.022):
        made.add("wood", box((wide, 0.045, 0.06), cells=0.2).at(middle, y, z), make.SAGE)
    for third in (1, 2):
        made.add("wood", box((0.034, high, 0.045), cells=0.2).at(x0 + wide * third / 3, (y0 + y1) / 2, z), make.SAGE)
    made.add("wood", box((wide, 0.03, 0.042), cells=0.2).at(middle, y1 - 0.4, z), make.SAGE)
    made.board((wide + 0.12, 0.04, 0.34), (middle, y0 - 0.0, GLASS + 0.19), make.HONEY, cells=0.09, bevel=0.012)
    return made


def sun_share(points: Floats) -> Floats:
    """Share (0..1) of the sun that reaches points through the open window, with the tree's shade but no furniture."""
    share = np.full(len(points), LEAVES)
    x0, x1, y0, y1 = WINDOW
    for depth in (FRONT, GLASS):
        reach = (points[:, 2] - depth) / -TO_SUN[2]
        soft = 0.008 + 0.015 * np.maximum(reach, 0.0)
        x, y = points[:, 0] + TO_SUN[0] * reach, points[:, 1] + TO_SUN[1] * reach
        for edge in (x - x0, x1 - x, y - y0, y1 - y):
            share *= np.where(reach > 0, np.clip(0.5 + edge / (2 * soft), 0.0, 1.0), 1.0)
    return share


def sky_light(directions: Floats) -> Floats:
    """Radiance of the view outside for baking, (..., 3): brighter than its picture, as an eye in a room wants it."""
    up = np.clip(directions[..., 1:2] * 2.5 + 0.45, 0.0, 1.0)
    glow = np.maximum(directions @ TO_SUN.astype(directions.dtype), 0.0)[..., None] ** 4
    ground, sky = np.array([0.85, 0.76, 0.66]), np.array([2.1, 2.06, 2.02])
    return np.asarray(ground + (sky - ground) * up + glow * np.array([1.8, 1.25, 0.75]))


def room_arrays() -> Arrays:
    """Meshes ('<material>-<attribute>') and lightmaps ('daylight' (h, w, 4), 'lamplight' (h, w)), float32."""
    shell, things = panels(), furnishing()
    places, height = _atlas(shell)
    pieces = light.patches(list(shell.values()), 0.4)
    opening = _opening()
    ball = np.array(TABLE) + np.array([0.0, LANTERN_HEIGHT, 0.0])
    centres, facing = np.stack([p.centre for p in pieces]), np.stack([p.normal for p in pieces])
    direct = light.through_opening(centres, facing, opening, sky_light, things.blocks, 48)
    direct += _sun_on_patches(pieces) + _lamp(centres, facing, things) + FILL
    lantern = light.from_ball(centres, facing, ball, LANTERN_RADIUS, things.blocks, 16)
    sent = light.bounced(pieces, direct, 4)
    sent_lantern = light.bounced(pieces, np.repeat(lantern[:, None], 3, 1), 3)
    bounce = np.concatenate([sent, LANTERN_GAIN * sent_lantern.mean(axis=1, keepdims=True)], axis=1)

    daylight, lamplight = np.zeros((height, ATLAS_WIDTH, 4)), np.zeros((height, ATLAS_WIDTH))
    for name, panel in shell.items():
        day, lamp = _panel_light(panel, things, pieces, bounce, opening, ball)
        rows, columns = _span(places[name], day.shape[:2])
        daylight[rows, columns] = np.pad(day, ((GUTTER, GUTTER), (GUTTER, GUTTER), (0, 0)), mode="edge")
        lamplight[rows, columns] = np.pad(lamp, GUTTER, mode="edge")

    arrays = {"daylight": daylight.astype(np.float32), "lamplight": lamplight.astype(np.float32)}
    for material, names in (("planks", PLANKS), ("plaster", tuple(n for n in shell if n not in PLANKS))):
        mesh = merged([_panel_mesh(shell[name], places[name], height) for name in names])
        arrays |= _columns(material, mesh, np.ones((len(mesh.position), 4)))
    for material in ("wood", "cloth", "glaze", "paper"):
        mesh = merged(things.shapes[material])
        day, lamp = _vertex_light(mesh, things, pieces, bounce, opening, ball)
        mesh.colour[:, 3] = day[:, 3]
        lit = np.concatenate([day[:, :3], lamp[:, None]], axis=1)
        if material == "glaze":  # the lamp's shade shines by itself
            shade = merged(things.shapes["glow"])
            mesh, lit = merged([mesh, shade]), np.concatenate([lit, np.tile(SHADE_LIGHT, (len(shade.position), 1))])
        arrays |= _columns(material, mesh, lit)
    return arrays


SHADE_LIGHT = np.array([0.95, 0.9, 0.8, 0.0])
FILL = np.array([0.075, 0.088, 0.11])
GUTTER = 3


def _opening() -> Panel:
    x0, x1, y0, y1 = WINDOW
    return Panel((x0, y0, GLASS), (x1 - x0, 0, 0), (0, y1 - y0, 0), (0, 0, 0))


def _sun_on_patches(pieces: list[light.Patch]) -> Floats:
    """Mean sunlight on each patch."""
    total = np.zeros((len(pieces), 3))
    for k, piece in enumerate(pieces):
        s, t = light.spread(25).T[:, :, None]
        u, v = piece.corners[1] - piece.corners[0], piece.corners[3] - piece.corners[0]
        share = sun_share(piece.corners[0] + s * u + t * v).mean()
        total[k] = SUN * share * max(float(piece.normal @ TO_SUN), 0.0)
    return total


def _lamp(points: Floats, normals: Floats, things: Furniture) -> Floats:
    """The small lamp on the back wall."""
    near = light.from_ball(points, normals, np.array(LAMP), 0.085, things.blocks, 6)
    return np.asarray(near[:, None] * np.array([7.0, 4.4, 2.2]))


def _day(points: Floats, normals: Floats, things: Furniture, opening: Panel, samples: int) -> Floats:
    """Direct light: window and lamp."""
    return light.through_opening(points, normals, opening, sky_light, things.blocks, samples) + _lamp(
        points, normals, things
    )


def _sun_seen(points: Floats, normals: Floats, things: Furniture) -> Floats:
    """Share of the hazy sun's disc that furniture leaves free; 1 where no sun comes through the window anyway."""
    seen = np.ones(len(points))
    rows = np.flatnonzero((sun_share(points) > 0.0) & (normals @ TO_SUN > 0.0))
    disc = (light.spread(20) - 0.5) * 0.05
    across = np.cross(TO_SUN, [0.0, 1.0, 0.0])
    toward = TO_SUN + disc[:, :1] * across + disc[:, 1:] * np.array([0.0, 1.0, 0.0])
    origins = points[rows] + normals[rows] * 0.012
    seen[rows] = light.clear(origins, toward, things.blocks, far=True).mean(axis=1)
    return seen


def _panel_light(
    panel: Panel, things: Furniture, pieces: list[light.Patch], bounce: Floats, opening: Panel, ball: Floats
) -> tuple[Floats, Floats]:
    """Lightmap of one panel: (rows, columns, 4) daylight and sun's visibility, (rows, columns) lantern light."""
    columns, rows = _texels(panel)
    fine = panel.points(columns, rows).reshape(-1, 3)
    up = np.tile(panel.normal, (len(fine), 1))
    half = (max(1, rows // 2), max(1, columns // 2))
    points = panel.points(half[1], half[0]).reshape(-1, 3)
    normals = np.tile(panel.normal, (len(points), 1))
    coarse = (max(2, rows // 7), max(2, columns // 7))
    far = panel.points(coarse[1], coarse[0]).reshape(-1, 3)
    soft = light.gathered(far, np.tile(panel.normal, (len(far), 1)), pieces, bounce).reshape(*coarse, 4)
    soft = _resized(soft, rows, columns)
    beside = light.contact(fine, up, things.blocks, reach=0.7, under=0.5 * TEXEL).reshape(rows, columns, 1)
    sharp = _resized(_day(points, normals, things, opening, 48).reshape(*half, 3), rows, columns)
    glow = light.from_ball(points, normals, ball, LANTERN_RADIUS, things.blocks, 16).reshape(*half, 1)
    sun = _sun_seen(fine, up, things).reshape(rows, columns, 1)
    day = np.concatenate([sharp + (soft[..., :3] + FILL) * beside, sun], axis=-1)
    return day, (LANTERN_GAIN * _resized(glow, rows, columns) + soft[..., 3:] * beside)[..., 0]


def _vertex_light(
    mesh: Shape, things: Furniture, pieces: list[light.Patch], bounce: Floats, opening: Panel, ball: Floats
) -> tuple[Floats, Floats]:
    """As `_panel_light`, for vertices."""
    at, normal = mesh.position, mesh.normal
    beside = light.contact(at, normal, things.blocks, reach=0.35, under=-0.003)[:, None]
    soft = light.gathered_far(at, normal, pieces, bounce)
    day = _day(at, normal, things, opening, 32) + (soft[:, :3] + FILL) * beside
    glow = light.from_ball(at, normal, ball, LANTERN_RADIUS, things.blocks, 16)
    sun = _sun_seen(at, normal, things)
    return np.concatenate([day, sun[:, None]], axis=1), LANTERN_GAIN * glow + soft[:, 3] * beside[:, 0]


def _texels(panel: Panel) -> tuple[int, int]:
    wide, high = panel.size
    return max(2, round(wide / TEXEL)), max(2, round(high / TEXEL))


def _atlas(shell: dict[str, Panel]) -> tuple[dict[str, tuple[int, int]], int]:
    """Corner (row, column) of each panel's texels with its gutter, packed in shelves; and the height of it all."""
    places: dict[str, tuple[int, int]] = {}
    row = column = shelf = 0
    for name in sorted(shell, key=lambda n: (-_texels(shell[n])[1], n)):
        columns, rows = (count + 2 * GUTTER for count in _texels(shell[name]))
        if column + columns > ATLAS_WIDTH:
            row, column, shelf = row + shelf, 0, 0
        places[name] = (row, column)
        column, shelf = column + columns, max(shelf, rows)
    return places, row + shelf


def _span(place: tuple[int, int], size: tuple[int, ...]) -> tuple[slice, slice]:
    row, column = place
    return slice(row, row + size[0] + 2 * GUTTER), slice(column, column + size[1] + 2 * GUTTER)


def _resized(grid: Floats, rows: int, columns: int) -> Floats:
    """Bilinear, cell centres to cell centres, with straight lines continued to the edges."""
    across, down = _blend(columns, grid.shape[1]), _blend(rows, grid.shape[0])
    return np.asarray(np.einsum("ra,abk,cb->rck", down, grid, across, optimize=True))


def _blend(fine: int, coarse: int) -> Floats:
    """Weights (fine, coarse) of linear interpolation."""
    at = (np.arange(fine) + 0.5) * coarse / fine - 0.5
    below = np.clip(np.floor(at), 0, max(coarse - 2, 0)).astype(int)
    weights = np.zeros((fine, coarse))
    rows = np.arange(fine)
    weights[rows, below] = 1.0 - (at - below)
    weights[rows, np.minimum(below + 1, coarse - 1)] += at - below
    return weights


def _panel_mesh(panel: Panel, place: tuple[int, int], height: int) -> Shape:
    """Rectangles of the panel around its opening; uv is the place in the lightmap."""
    wide, high = panel.size
    cuts = [(0.0, wide, 0.0, high)]
    if panel.hole:
        a, b, c, d = panel.hole
        cuts = [(0.0, wide, 0.0, c), (0.0, wide, d, high), (0.0, a, c, d), (b, wide, c, d)]
    columns, rows = _texels(panel)
    corner, u, v = np.array(panel.origin), np.array(panel.u) / wide, np.array(panel.v) / high
    positions, uvs, index = [], [], []
    for k, (a, b, c, d) in enumerate(cuts):
        for s, t in ((a, c), (b, c), (b, d), (a, d)):
            positions.append(corner + s * u + t * v)
            column, row = place[1] + GUTTER + s / wide * columns, place[0] + GUTTER + t / high * rows
            uvs.append((column / ATLAS_WIDTH, row / height))
        index += [(4 * k, 4 * k + 1, 4 * k + 2), (4 * k, 4 * k + 2, 4 * k + 3)]
    count = len(positions)
    colour = np.tile(np.r_[panel.albedo, 1.0], (count, 1))
    return Shape(np.array(positions), np.tile(panel.normal, (count, 1)), np.array(uvs), colour, np.array(index))


def _columns(material: str, mesh: Shape, lit: Floats) -> dict[str, np.ndarray]:
    columns = {"position": mesh.position, "normal": mesh.normal, "uv": mesh.uv, "colour": mesh.colour, "light": lit}
    arrays = {f"{material}-{name}": column.astype(np.float32) for name, column in columns.items()}
    return arrays | {f"{material}-index": mesh.index.astype(np.uint32)}


def mesh_of(arrays: Arrays, material: str) -> Arrays:
    """One material's mesh out of `room_arrays`."""
    start = f"{material}-"
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}


EMBER: Vec3 = (0.2, 0.125, 0.06)  # radiance of the lantern when no scene leads it


class Room:
    """The room's handles; `draw` records six of the frame's draws."""

    def __init__(self, kit: Kit) -> None:
        arrays = kit.bake(room_arrays)
        maps = {"daylight": kit.image(arrays["daylight"]), "lamplight": kit.image(arrays["lamplight"])}
        self._parts: list[tuple[Mesh, Material]] = []
        for material in ("plaster", "planks"):
            self._parts.append((kit.mesh(mesh_of(arrays, material)), kit.material(material, **maps)))
        for material in ("wood", "cloth", "glaze"):
            self._parts.append((kit.mesh(mesh_of(arrays, material)), kit.material(material)))
        self._paper = kit.mesh(mesh_of(arrays, "paper")), kit.material("paper")
        self._halo = kit.mesh(_halo()), kit.material("halo")

    def draw(self, out: Pass, lantern: Vec3 = EMBER, swell: float = 0.0) -> None:
        """`lantern`: linear radiance of the paper globe on the table; `swell`: metres by which the globe grows."""
        for mesh, material in self._parts:
            out.draw(mesh, material, lantern=lantern)
        out.draw(*self._paper, lantern=lantern, swell=swell)

    def draw_halo(self, out: Pass, lantern: Vec3) -> None:
        """The air about the lantern; after everything else."""
        out.draw(*self._halo, lantern=lantern)


def _halo() -> Arrays:
    """A card 1.2 m wide around the globe, facing the seated eye."""
    centre = np.array(TABLE) + np.array([0.0, LANTERN_HEIGHT, 0.0])
    toward = np.array([0.0, 1.2, 0.0]) - centre
    toward /= np.linalg.norm(toward)
    right = np.cross([0.0, 1.0, 0.0], toward)
    right /= np.linalg.norm(right)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    position = centre + 0.6 * (corners[:, :1] * right + corners[:, 1:] * np.cross(toward, right))
    return {
        "position": position + 0.18 * toward,
        "normal": np.tile(toward, (4, 1)),
        "uv": corners,
        "index": np.array([0, 1, 2, 0, 2, 3]),
    }
