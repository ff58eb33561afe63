"""Shapes that everything in the valley is built from: bevelled boxes, lathed profiles, tubes and grids.

A shape's uv is in metres, u along the grain, so that one wood or cloth shader serves them all. Colours are given as
sRGB hex words of the palette and kept as linear albedo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import cos, sin, tau
from typing import Any

import numpy as np
import numpy.typing as npt

from vr_app.api import Arrays, Vec3

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """Triangles: position, normal (n, 3) in metres; uv (n, 2); colour (n, 4) linear albedo; index (m, 3)."""

    position: Floats
    normal: Floats
    uv: Floats
    colour: Floats
    index: Ints

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """For `kit.mesh`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def turned(self, yaw: float = 0.0, pitch: float = 0.0) -> Shape:
        """Tilted by `pitch` radians about +x, then turned by `yaw` radians about +y (to the left)."""
        tilt = np.array([[1, 0, 0], [0, cos(pitch), -sin(pitch)], [0, sin(pitch), cos(pitch)]])
        turn = np.array([[cos(yaw), 0, sin(yaw)], [0, 1, 0], [-sin(yaw), 0, cos(yaw)]]) @ tilt
        return replace(self, position=self.position @ turn.T, normal=self.normal @ turn.T)

    def at(self, x: float, y: float, z: float) -> Shape:
        return replace(self, position=self.position + np.array([x, y, z]))

    def painted(self, colour: str | Floats) -> Shape:
        """In one palette colour, or with (n, 3) linear colours of its own."""
        rgb = srgb(colour) if isinstance(colour, str) else colour
        painted = self.colour.copy()
        painted[:, :3] = rgb
        return replace(self, colour=painted)

    def both_sides(self) -> Shape:
        """With a second set of triangles that faces the other way."""
        back = replace(self, normal=-self.normal, index=self.index[:, ::-1])
        return merged([self, back])


def srgb(word: str) -> Floats:
    """'#RRGGBB' as linear Rec. 709 (IEC 61966-2-1)."""
    encoded = np.array([int(word[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def merged(shapes: Sequence[Shape]) -> Shape:
    """All shapes as one, for one draw."""
    starts = np.cumsum([0] + [len(shape.position) for shape in shapes[:-1]])
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(shape, name) for shape in shapes])
        for name in ("position", "normal", "uv", "colour")
    }
    index = np.concatenate([shape.index + start for shape, start in zip(shapes, starts, strict=True)])
    return Shape(**columns, index=index)


def box(size: Vec3, *, bevel: float = 0.006, cells: float = 0.3) -> Shape:
    """A box centred on the origin with rounded edges, its faces split into cells of about `cells` metres.

    Face corners keep the face's normal; the bevel between two faces blends them, so edges look worn, not cut.
    """
    half = np.array(size) / 2
    bevel = min(bevel, 0.45 * float(half.min()))
    splits = np.maximum(1, np.ceil(2 * half / cells).astype(int))
    grain = int(np.argmax(half))
    ticks = [np.linspace(-half[a] + bevel, half[a] - bevel, splits[a] + 1) for a in range(3)]
    positions: list[Floats] = []
    normals: list[Floats] = []
    corners: dict[tuple[int, int], Ints] = {}
    triangles: list[tuple[int, int, int]] = []
    count = 0
    for axis in range(3):
        b, c = (axis + 1) % 3, (axis + 2) % 3
        for side in (-1, 1):
            grid_b, grid_c = np.meshgrid(ticks[b], ticks[c], indexing="ij")
            points = np.zeros((*grid_b.shape, 3))
            points[..., axis], points[..., b], points[..., c] = side * half[axis], grid_b, grid_c
            positions.append(points.reshape(-1, 3))
            normals.append(np.tile(np.eye(3)[axis] * side, (grid_b.size, 1)))
            rows = count + np.arange(grid_b.size).reshape(grid_b.shape)
            corners[axis, side] = rows
            triangles += _quads(rows)
            count += grid_b.size
    for axis in range(3):  # bevels along `axis`, between faces b and c
        b, c = (axis + 1) % 3, (axis + 2) % 3
        for side_b in (-1, 1):
            for side_c in (-1, 1):
                # face b is indexed [c, axis], face c is indexed [axis, b]
                first = corners[b, side_b][-1 if side_c > 0 else 0, :]
                second = corners[c, side_c][:, -1 if side_b > 0 else 0]
                triangles += _quads(np.stack([first, second]))
    for sx in (-1, 1):
        for sy in (-1, 1):
            for sz in (-1, 1):
                ix, iy, iz = (-1 if s > 0 else 0 for s in (sx, sy, sz))
                triangles.append(
                    (int(corners[0, sx][iy, iz]), int(corners[1, sy][iz, ix]), int(corners[2, sz][ix, iy]))
                )
    position, normal = np.concatenate(positions), np.concatenate(normals)
    across = [a for a in range(3) if a != grain]
    uv = np.stack([position[:, grain], position[:, across[0]] + position[:, across[1]]], axis=1)
    return _shape(position, normal, uv, np.array(triangles))


def _quads(rows: Ints) -> list[tuple[int, int, int]]:
    """Two triangles for each cell of a grid of corners; `_shape` turns them outward."""
    a, b, c, d = rows[:-1, :-1], rows[1:, :-1], rows[1:, 1:], rows[:-1, 1:]
    both = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    return [tuple(row) for row in both.tolist()]


def _shape(position: Floats, normal: Floats, uv: Floats, index: Ints) -> Shape:
    """Drop slivers, turn each triangle to the side its normals show, paint white."""
    a, b, c = (position[index[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    index = index[np.linalg.norm(facing, axis=1) > 1e-10]
    a, b, c = (position[index[:, k]] for k in range(3))
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), normal[index].sum(axis=1)) < 0
    index = np.where(inward[:, None], index[:, ::-1], index)
    return Shape(position, normal, uv, np.ones((len(position), 4)), index)


def lathe(profile: Sequence[tuple[float, float]], *, sides: int = 32) -> Shape:
    """Turned about +y: `profile` is (radius, height) in metres from bottom to top of the outside."""
    points = np.array(profile)
    along = np.gradient(points, axis=0)
    outward = np.stack([along[:, 1], -along[:, 0]], axis=1)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-12)
    angle = np.linspace(0, tau, sides + 1)
    ring = np.stack([np.cos(angle), np.zeros(sides + 1), np.sin(angle)], axis=1)
    up = np.array([0.0, 1.0, 0.0])
    position = points[:, None, :1] * ring[None] + points[:, None, 1:] * up
    normal = outward[:, None, :1] * ring[None] + outward[:, None, 1:] * up
    length = np.cumsum(np.r_[0, np.linalg.norm(np.diff(points, axis=0), axis=1)])
    widest = float(points[:, 0].max())
    u, v = np.meshgrid(angle * widest, length)
    rows = np.arange(position[..., 0].size).reshape(position.shape[:2])
    return _shape(
        position.reshape(-1, 3), normal.reshape(-1, 3), np.stack([u, v], -1).reshape(-1, 2), np.array(_quads(rows))
    )


def tube(path: Sequence[Vec3] | Floats, radius: Sequence[float] | Floats | float, *, sides: int = 8) -> Shape:
    """A round rod along `path`; `radius` in metres, one or one a point. Ends are open: sink them into something."""
    points = np.asarray(path, dtype=float)
    radii = np.broadcast_to(np.asarray(radius, dtype=float), len(points))
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.zeros_like(points)
    hint = np.eye(3)[int(np.argmin(np.abs(along[0])))]
    for k, direction in enumerate(along):  # carry the frame along, so that the tube does not twist
        hint = hint - direction * (hint @ direction)
        hint /= np.linalg.norm(hint)
        side[k] = hint
    third = np.cross(along, side)
    angle = np.linspace(0, tau, sides + 1)
    normal = np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * third[:, None]
    position = points[:, None] + normal * radii[:, None, None]
    length = np.cumsum(np.r_[0, np.linalg.norm(np.diff(points, axis=0), axis=1)])
    v, u = np.meshgrid(angle * float(radii.max()), length)
    rows = np.arange(position[..., 0].size).reshape(position.shape[:2])
    return _shape(
        position.reshape(-1, 3), normal.reshape(-1, 3), np.stack([u, v], -1).reshape(-1, 2), np.array(_quads(rows))
    )


def sheet(position: Floats) -> Shape:
    """A surface through a grid of points (rows, columns, 3); it faces d(rows) x d(columns). uv in metres."""
    down, across = np.gradient(position, axis=0), np.gradient(position, axis=1)
    normal = np.cross(down, across)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12)
    u = np.cumsum(np.linalg.norm(across, axis=-1), axis=1)
    v = np.cumsum(np.linalg.norm(down, axis=-1), axis=0)
    rows = np.arange(position[..., 0].size).reshape(position.shape[:2])
    return _shape(
        position.reshape(-1, 3), normal.reshape(-1, 3), np.stack([u, v], -1).reshape(-1, 2), np.array(_quads(rows))
    )


def arrays_of(name: str, shape: Shape, light: Floats) -> dict[str, npt.NDArray[Any]]:
    """A shape and its light (n, 4) as baked arrays: '<name>-<attribute of Kit.mesh>', float32 and uint32."""
    made = {key: getattr(shape, key) for key in ("position", "normal", "uv", "colour")} | {"light": light}
    arrays: dict[str, npt.NDArray[Any]] = {f"{name}-{key}": value.astype(np.float32) for key, value in made.items()}
    return arrays | {f"{name}-index": shape.index.astype(np.uint32)}


def together(arrays: Arrays, names: Sequence[str]) -> Arrays:
    """Several of `arrays_of`'s meshes as one; `kind` (n, 1) is each corner's place in `names`."""
    meshes = [mesh_of(arrays, name) for name in names]
    sizes = [len(mesh["position"]) for mesh in meshes]
    starts = np.cumsum([0, *sizes[:-1]])
    joined = {key: np.concatenate([mesh[key] for mesh in meshes]) for key in meshes[0] if key != "index"}
    joined["kind"] = np.repeat(np.arange(len(names), dtype=np.float32), sizes)[:, None]
    joined["index"] = np.concatenate([mesh["index"] + start for mesh, start in zip(meshes, starts, strict=True)])
    return joined


def mesh_of(arrays: Arrays, name: str) -> Arrays:
    """What `arrays_of` made, as Kit.mesh takes it."""
    start = f"{name}-"
    return {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}
