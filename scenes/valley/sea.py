"""The bay's surface from a seat: one mesh, finest at the shore before the chair, out to the horizon."""

from __future__ import annotations

from functools import partial
from math import tau
from typing import Any, Protocol

import numpy as np

from scenes.valley.place import ROOM, Seat, coast, height
from scenes.valley.shapes import Floats
from scenes.valley.sight import seen_part
from vr_app.api import Arrays, Image, Kit, Pass

COLUMNS, ROWS = 150, (92, 50, 34)  # of a seat on the beach: across, and near, farther and far ones out to sea
FEWER = 72, (20, 30, 34)  # of the room, whose window is a long way from the waves
OUT = 7000.0  # metres that it reaches to all sides
EYE = 1.2  # metres over the seat
BEARINGS, FAR = 360, np.geomspace(4.0, 3000.0, 120)  # round the seat, and metres along each, where land is looked for


class HasSky(Protocol):
    """What Sea needs of scenes.valley.sky.Sky."""

    grain: Image
    map: Image


def sea_arrays(seat: Seat) -> Arrays:
    """The mesh in the seat's frame; uv is metres inland and x in the valley's frame."""
    columns, (close, middle, away) = FEWER if seat == ROOM else (COLUMNS, ROWS)
    aside = np.linspace(-1.0, 1.0, columns + 1)
    x = OUT * np.sinh(8.6 * aside) / np.sinh(8.6)
    near = np.linspace(0.5, -14.0, close)
    out = 9.0 - np.concatenate([np.geomspace(23.4, 110.0, middle), np.geomspace(116.0, OUT, away)])
    s, across = np.meshgrid(np.concatenate([near, out]), x + seat.x, indexing="ij")
    bend = np.exp(-np.maximum(-s - 20.0, 0.0) / 60.0) * np.exp(-np.maximum(np.abs(across - seat.x) - 60.0, 0.0) / 40.0)
    askew = np.sqrt(1.0 + (coast(across + 0.5) - coast(across - 0.5)) ** 2)
    z = coast(across) * bend + coast(np.array(seat.x)) * (1.0 - bend) + s * (1.0 + bend * (askew - 1.0))
    points = np.stack([across, np.zeros_like(s), z], axis=-1)
    rows, columns = s.shape
    corner = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    index = np.concatenate([np.stack([a, d, c], -1).reshape(-1), np.stack([a, c, b], -1).reshape(-1)])
    position = seat.local(points.reshape(-1, 3))
    normal = np.tile(np.array([0.0, 1.0, 0.0]), (len(position), 1))
    uv = np.stack([s, across], axis=-1).reshape(-1, 2)
    light = np.ones((len(position), 4))
    light[:, 0] = -np.minimum(height(across, z), 0.0).reshape(-1)
    light[:, 1] = land_mirrored(seat, across.reshape(-1), z.reshape(-1))
    made = {"position": position, "normal": normal, "uv": uv, "light": light}
    arrays: dict[str, Any] = {name: value.astype(np.float32) for name, value in made.items()}
    flat = {"index": index.astype(np.uint32), "horizon": np.zeros((len(position), 16), np.uint8)}
    return seen_part(seat, arrays | flat)


def land_mirrored(seat: Seat, x: Floats, z: Floats) -> Floats:
    """Whether a calm sea at places of the valley would mirror land, not sky, to the seated eye: 0..1, soft."""
    turn = np.linspace(0.0, tau, BEARINGS, endpoint=False)[:, None]
    hills = np.maximum(height(seat.x + FAR * np.sin(turn), seat.z - FAR * np.cos(turn)), 0.0)
    away = np.maximum(np.hypot(x - seat.x, z - seat.z), 1.0)
    bearing = np.rint(np.arctan2(x - seat.x, seat.z - z) * BEARINGS / tau).astype(int) % BEARINGS
    share = np.empty(len(x))
    for part in np.array_split(np.arange(len(x)), 32):
        beyond = FAR - away[part, None]
        steep = np.where(beyond > 0.0, hills[bearing[part]] / np.maximum(beyond, 2.0), 0.0).max(axis=1)
        share[part] = np.clip(1.5 - 1.5 * ((seat.y + EYE) / away[part] + 0.01) / np.maximum(steep, 1e-6), 0.0, 1.0)
    return share


class Sea:
    """Built once for a scene; drawn with what its Tide says."""

    def __init__(self, kit: Kit, sky: HasSky, seat: Seat) -> None:
        self._mesh = kit.mesh(kit.bake(partial(sea_arrays, seat)))
        self._water = kit.material("sea", grain=sky.grain, sky_map=sky.map)

    def draw(self, out: Pass, **tide: Any) -> None:
        out.draw(self._mesh, self._water, **tide)
