"""Bakes the calm room's light: window, bounces, contact, the lantern, and what stands in the sun.

Walls, floor and ceiling get one lightmap, everything else light at its vertices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.valley import light
from scenes.valley.light import Block, Panel, Patch
from scenes.valley.shapes import Floats, Shape, arrays_of, merged
from scenes.valley.shell import (
    FRONT,
    GLASS,
    LAMP,
    LANTERN_HEIGHT,
    LANTERN_RADIUS,
    LEAVES,
    PLANKS,
    RIGHT,
    SUN,
    TABLE,
    TO_SUN,
    WINDOW,
    furnishing,
    panels,
)  # fmt: skip
from vr_app.api import Arrays

LANTERN_GAIN = 14.0  # how much more light the lantern gives than its paper shows, so that daylight doesn't drown it
POOL = 1.3  # metres within which most of it stays: a pool of its own on table and walls, the rest left to the day
LAMP_LIGHT = np.array([7.0, 4.4, 2.2])  # radiance of the small lamp on the back wall, as a ball of LAMP_RADIUS metres
LAMP_RADIUS = 0.085
SHADE_LIGHT = np.array([0.95, 0.9, 0.8, 0.0])  # of that lamp's linen, which shines by itself
FILL = np.array([0.018, 0.044, 0.066, 0.0])  # light from nowhere, a little blue: an eye gets used to shadows
WARMTH = np.array([0.75, 0.62, 0.46, 0.0])  # what the sunlit wall gives back besides its bounces, so that the left half
SUNLIT = np.array([(RIGHT, 1.0, 1.9), (RIGHT, 1.7, -1.9), (RIGHT, 0.3, -1.9), (RIGHT, 0.3, 1.9)])  # isn't dull
TEXEL = 0.02  # metres of wall in one texel of the lightmap
ATLAS_WIDTH, GUTTER = 500, 3  # texels
CONTACT = 0.35  # metres from a thing up to which it darkens what is beside it
PATCH = 0.45  # metres of wall that share one colour in the bounces


def room_arrays() -> Arrays:
    """Meshes ('<material>-<attribute>') and lightmaps ('daylight' (h, w, 4), 'lamplight' (h, w)), float32."""
    shell, things = panels(), furnishing()
    lighting = _lighting(list(shell.values()), things.blocks)
    places, height = _atlas(shell)
    daylight, lamplight = np.zeros((height, ATLAS_WIDTH, 4)), np.zeros((height, ATLAS_WIDTH))
    for name, panel in shell.items():
        day, lamp = lighting.on_panel(panel)
        span = _span(places[name], day.shape[:2])
        daylight[span] = np.pad(day, ((GUTTER, GUTTER), (GUTTER, GUTTER), (0, 0)), mode="edge")
        lamplight[span] = np.pad(lamp, GUTTER, mode="edge")

    arrays = {"daylight": daylight.astype(np.float32), "lamplight": lamplight.astype(np.float32)}
    for material, names in (("planks", PLANKS), ("plaster", tuple(n for n in shell if n not in PLANKS))):
        mesh = merged([_panel_mesh(shell[name], places[name], height) for name in names])
        arrays |= arrays_of(material, mesh, np.ones((len(mesh.position), 4)))
    for material in ("wood", "cloth", "glaze", "paper"):
        mesh = merged(things.shapes[material])
        day, lamp = lighting.at_vertices(mesh)
        mesh.colour[:, 3] = day[:, 3]
        lit = np.concatenate([day[:, :3], lamp[:, None]], axis=1)
        if material == "glaze":
            shade = merged(things.shapes["glow"])
            mesh, lit = merged([mesh, shade]), np.concatenate([lit, np.tile(SHADE_LIGHT, (len(shade.position), 1))])
        arrays |= arrays_of(material, mesh, lit)
    return arrays


@dataclass(frozen=True, slots=True)
class _Lighting:
    """All that lights the room. `bounce` (patches, 4): radiance by day, and by the lantern alone."""

    blocks: Sequence[Block]
    pieces: Sequence[Patch]
    bounce: Floats

    def on_panel(self, panel: Panel) -> tuple[Floats, Floats]:
        """Lightmap: (rows, columns, 4) daylight and the sun's visibility, (rows, columns) lantern light."""
        columns, rows = _texels(panel)
        fine, facing = _grid(panel, rows, columns)
        half, coarse = (max(1, rows // 2), max(1, columns // 2)), (max(2, rows // 8), max(2, columns // 8))
        soft = _resized(
            light.gathered(*_grid(panel, *coarse), self.pieces, self.bounce).reshape(*coarse, 4), rows, columns
        )
        beside = light.contact(fine, facing, self.blocks, reach=CONTACT).reshape(rows, columns, 1)
        points, normals = _grid(panel, *half)
        straight = np.column_stack([_day(points, normals, self.blocks, 40), _lantern(points, normals, self.blocks)])
        sharp = _resized(self._open(points, straight, half), rows, columns)
        sun = _sun_seen(fine, facing, self.blocks).reshape(rows, columns, 1)
        lit = np.concatenate([sharp + (soft + _fill(fine, facing).reshape(rows, columns, 4)) * beside, sun], axis=-1)
        lit = self._open(fine, lit.reshape(-1, 5), (rows, columns))
        return lit[..., [0, 1, 2, 4]], np.maximum(lit[..., 3], 0.0)

    def _open(self, points: Floats, lit: Floats, size: tuple[int, int]) -> Floats:
        """Light (n, k) on a grid of this size, as if what stands on it were not there."""
        return light.uncovered(lit.reshape(*size, -1), light.covered(points, self.blocks, 0.002).reshape(size))

    def at_vertices(self, mesh: Shape) -> tuple[Floats, Floats]:
        """The same (n, 4) and (n,) for the vertices of a mesh."""
        at, normal = mesh.position, mesh.normal
        beside = light.contact(at, normal, self.blocks, reach=CONTACT)[:, None]
        soft = light.gathered_far(at, normal, self.pieces, self.bounce)
        day = _day(at, normal, self.blocks, 32) + (soft + _fill(at, normal))[:, :3] * beside
        sun = _sun_seen(at, normal, self.blocks)
        return np.column_stack([day, sun]), _lantern(at, normal, self.blocks) + soft[:, 3] * beside[:, 0]


def _lighting(shell: Sequence[Panel], blocks: Sequence[Block]) -> _Lighting:
    pieces = light.patches(shell, PATCH)
    centres, facing = np.stack([p.centre for p in pieces]), np.stack([p.normal for p in pieces])
    day = light.bounced(pieces, _day(centres, facing, blocks, 48) + _sun_on_patches(pieces) + FILL[:3], 4)
    lantern = light.bounced(pieces, np.repeat(_lantern(centres, facing, blocks)[:, None], 3, axis=1), 3)
    return _Lighting(blocks, pieces, np.column_stack([day, lantern.mean(axis=1)]))


def _day(points: Floats, normals: Floats, blocks: Sequence[Block], samples: int) -> Floats:
    """Straight from the window and the small lamp."""
    x0, x1, y0, y1 = WINDOW
    opening = Panel((x0, y0, GLASS), (x1 - x0, 0, 0), (0, y1 - y0, 0), (0, 0, 0))
    lamp = light.from_ball(points, normals, np.array(LAMP), LAMP_RADIUS, blocks, 6)
    window = light.through_opening(points, normals, opening, sky_light, blocks, samples)
    return np.asarray(window + lamp[:, None] * LAMP_LIGHT)


def _fill(points: Floats, normals: Floats) -> Floats:
    """(n, 4) light that no bounce brings: from nowhere, and from the sunlit wall."""
    away = np.clip(2.0 * (RIGHT - points[:, 0]) - 0.1, 0.0, 1.0)  # nothing for that wall itself
    quiet = 1.0 - 0.35 * normals[:, 2:]  # around the window, which is to be the lighter
    return np.asarray(quiet * FILL + (away * light.factor(points, normals, SUNLIT))[:, None] * WARMTH)


def _lantern(points: Floats, normals: Floats, blocks: Sequence[Block]) -> Floats:
    """Straight from the lantern when its paper has radiance 1."""
    ball = np.array(TABLE) + np.array([0.0, LANTERN_HEIGHT, 0.0])
    near = 1.0 / (1.0 + (np.linalg.norm(points - ball, axis=1) / POOL) ** 4)
    return np.asarray(LANTERN_GAIN * near * light.from_ball(points, normals, ball, LANTERN_RADIUS, blocks, 16))


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
    ground, sky = np.array([0.60, 0.57, 0.54]), np.array([1.17, 1.29, 1.40])
    return np.asarray(ground + (sky - ground) * up + glow * np.array([1.7, 1.2, 0.72]))


def _sun_on_patches(pieces: Sequence[Patch]) -> Floats:
    """Mean sunlight on each patch."""
    total = np.zeros((len(pieces), 3))
    for k, piece in enumerate(pieces):
        s, t = light.spread(25).T[:, :, None]
        u, v = piece.corners[1] - piece.corners[0], piece.corners[3] - piece.corners[0]
        share = sun_share(piece.corners[0] + s * u + t * v).mean()
        total[k] = SUN * share * max(float(piece.normal @ TO_SUN), 0.0)
    return total


def _sun_seen(points: Floats, normals: Floats, blocks: Sequence[Block]) -> Floats:
    """Share of the hazy sun's disc that furniture leaves free; 1 where no sun comes through the window anyway."""
    seen = np.ones(len(points))
    rows = np.flatnonzero((sun_share(points) > 0.0) & (normals @ TO_SUN > 0.0))
    disc = (light.spread(20) - 0.5) * 0.05
    across = np.cross(TO_SUN, [0.0, 1.0, 0.0])
    toward = TO_SUN + disc[:, :1] * across + disc[:, 1:] * np.array([0.0, 1.0, 0.0])
    seen[rows] = light.clear(points[rows] + normals[rows] * 0.012, toward, blocks, far=True).mean(axis=1)
    return seen


def _grid(panel: Panel, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Points (rows x columns, 3) on a panel and their normals."""
    points = panel.points(columns, rows).reshape(-1, 3)
    return points, np.tile(panel.normal, (len(points), 1))


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
