"""The land as a scene draws it: ground out to the far ridges, what is built on it, rocks, stream and far trees.

Everything is baked in the seat's frame. What lies nearest is drawn first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from scenes.valley import built, clearing, far, garden, hearth
from scenes.valley.driftwood import driftwood
from scenes.valley.forms import rise
from scenes.valley.grass import TURF
from scenes.valley.place import (
    FIRESIDE,
    GROVE,
    LANDING,
    PORCH,
    ROOM,
    SEEPS,
    STONES,
    Seat,
    height,
    inland,
    stream_course,
)
from scenes.valley.rocks import rock_field
from scenes.valley.shapes import Floats, merged, srgb
from scenes.valley.sight import seen_part
from scenes.valley.terrace import terrace
from scenes.valley.terrain import Caster, Relief, horizons, kept, openness, terrain_arrays
from vr_app.api import Arrays, Image, Kit, Pass

SHARES: Final = (0.4, 0.7, 1.0)  # of the far trees at detail 0, 1, 2


class HasSky(Protocol):
    """What Land needs of scenes.valley.sky.Sky."""

    grain: Image
    map: Image


class Land:
    """Handles of the land about a seat."""

    def __init__(self, kit: Kit, sky: HasSky, seat: Seat) -> None:
        images = {"grain": sky.grain, "sky_map": sky.map}
        self._ground = kit.mesh(kit.bake(partial(ground_arrays, seat))), kit.material("land", **images)
        self._built = kit.mesh(kit.bake(partial(built_arrays, seat))), kit.material("built", **images)
        stream = kit.bake(partial(stream_arrays, seat))
        self._stream = (kit.mesh(stream), kit.material("stream", **images)) if len(stream["index"]) else None
        trees = kit.bake(partial(far.tree_arrays, seat))
        atlas = kit.image(kit.bake(far.atlas_arrays)["trees"])
        cards = kit.mesh(far.card(), kit.buffer(trees["rows"], trees["horizon"]))
        self._trees = cards, kit.material("far_trees", trees=atlas, **images)
        self._tree_counts = [int(share * len(trees["rows"])) for share in SHARES]

    def draw(self, out: Pass, detail: int = 2, **tide: Any) -> None:
        """`detail` as Frame.detail; the rest is what scenes.valley.tide.Tide.params gives."""
        out.draw(*self._built)
        out.draw(*self._ground, **tide)
        out.draw(*self._trees, copies=self._tree_counts[detail])
        if self._stream:  # the calm room's window does not show it
            out.draw(*self._stream)


def things(seat: Seat) -> list[built.Built]:
    """All that stands on the land of a seat; the cabin is not seen from within."""
    made = [built.jetty(fine=seat == LANDING), built.lighthouse(), built.boat(), driftwood(), rock_field(seat)]
    if seat == GROVE:  # from elsewhere they are too small, or behind the trees
        made.insert(0, clearing.things())
    if seat == STONES:
        made.append(terrace())
    if seat == LANDING:
        made.append(built.landing())
    if seat == PORCH:
        return [*made, built.cabin(porch=False), garden.garden()]
    return made if seat == ROOM else [*made, built.cabin()]


def casters(seat: Seat) -> tuple[Caster, ...]:
    """What keeps light from the ground."""
    beside = [hearth.hearth()] if seat == FIRESIDE else []
    return tuple(caster for thing in [*things(seat), *beside] for caster in thing.casters)


def ground_arrays(seat: Seat) -> Arrays:
    made = terrain_arrays(seat, casters(seat))
    if seat in (FIRESIDE, GROVE):  # looked at from close by
        made = {**made, "kind": np.ones((len(made["position"]), 1), np.float32)}
    return seen_part(seat, _green(made) if seat == GROVE else made)


def _green(ground: Arrays) -> Arrays:
    """The same with little bare earth and dry grass about the seat: a clearing keeps its damp."""
    x, _, z = ground["position"].T
    near = (1.0 - rise(np.hypot(x, z), 12.0, 42.0))[:, None]
    colour, light = ground["colour"].copy(), ground["light"].copy()
    colour[:, :3] += 0.6 * near * (srgb(TURF) * np.array([0.92, 0.95, 0.9]) - colour[:, :3])
    light[:, 3:] *= 1.0 - 0.85 * near
    return {**ground, "colour": colour.astype(np.float32), "light": light.astype(np.float32)}


def built_arrays(seat: Seat) -> Arrays:
    """One mesh of all that stands on the land, nearest first, in the seat's frame; `kind` as in built.KINDS."""
    return seen_part(seat, lit(seat, things(seat), built.KINDS))


def hearth_arrays() -> Arrays:
    """The same of the hearth ring before its chair; `kind` as in hearth.KINDS."""
    return lit(FIRESIDE, [hearth.hearth(), hearth.coals()], hearth.KINDS)


def lit(seat: Seat, made_of: Sequence[built.Built], kinds: Sequence[str]) -> Arrays:
    """One mesh of things, nearest first, in the light that land leaves them; `kind` is a corner's place in `kinds`."""
    parts = [thing.joined(kinds) for thing in made_of]
    shape, kind = merged([part for part, _ in parts]), np.concatenate([each for _, each in parts])
    damp = np.repeat([thing.damp for thing in made_of], [len(each) for _, each in parts])
    above = shape.position[:, 1] - height(shape.position[:, 0], shape.position[:, 2])
    points = seat.local(shape.position)
    normal = seat.local(shape.normal) - seat.local(np.zeros((1, 3)))
    relief = Relief.about(seat, terrace().casters if seat == STONES else ())
    lifted = (
        points
        + 0.04 * normal
        + np.array([0.0, 0.03, 0.0])
        - np.minimum(above, 0.0)[:, None] * np.array([0.0, 1.0, 0.0])
    )
    angles = horizons(relief, lifted)
    foot = 1.0 - rise(above, -0.05, damp)
    shaded = _under_porch(shape.position) if seat != ROOM else np.zeros(len(above))
    angles = np.maximum(angles, 1.2 * shaded[:, None])
    light = np.ones((len(above), 4))
    light[:, 0] = openness(angles * (1.0 - 0.9 * shaded[:, None]), np.tile([0.0, 1.0, 0.0], (len(above), 1)))
    light[:, 0] *= (1.0 - 0.5 * foot * (1.0 - 0.6 * np.maximum(normal[:, 1], 0.0))) * (1.0 - 0.45 * shaded)
    light[:, 1] = 0.8 * foot * (1.0 - rise(shape.position[:, 1], 0.5, 1.1))
    arrays = {
        "position": points,
        "normal": normal,
        "uv": shape.uv,
        "colour": shape.colour,
        "light": light,
        "kind": kind,
    }
    made: dict[str, npt.NDArray[Any]] = {name: column.astype(np.float32) for name, column in arrays.items()}
    order = np.argsort(np.linalg.norm(points[shape.index].mean(axis=1), axis=1), kind="stable")
    return made | {"horizon": kept(angles), "index": shape.index[order].reshape(-1).astype(np.uint32)}


def _under_porch(points: Floats) -> Floats:
    """1 below the porch's roof, 0 outside."""
    low, high = np.array([2.17, ROOM.y - 0.2, -2.5]), np.array([4.5, ROOM.y + 2.3, 1.7])
    return np.asarray(((points > low) & (points < high)).all(axis=1), np.float64)


def stream_arrays(seat: Seat) -> Arrays:
    """The stream's water; uv: metres along and across; light: depth in metres, how steeply it falls, how much
    of it has not seeped into the sand."""
    course = stream_course()
    part = np.flatnonzero(course.points[:, 2] < 60.0)
    points, half = course.points[part], course.half_width[part]
    step = np.gradient(points, axis=0)
    long = np.maximum(np.hypot(step[:, 0], step[:, 2]), 1e-6)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points[:, ::2], axis=0).T))])
    side = np.stack([-step[:, 2], step[:, 0]], axis=-1) / long[:, None]
    across = np.linspace(-1.9, 1.9, 19)
    x = points[:, :1] + side[:, :1] * half[:, None] * across
    z = points[:, 2:] + side[:, 1:] * half[:, None] * across
    y = np.repeat(points[:, 1:2], len(across), axis=1) + 0.004
    fall = np.repeat((-step[:, 1] / long)[:, None], len(across), axis=1)
    depth = y - height(x, z)
    there = rise(inland(x, z), SEEPS[0] + 0.8, SEEPS[1] - 0.2)
    place = seat.local(np.stack([x, y, z], axis=-1).reshape(-1, 3))
    normal = np.stack(
        [step[:, 0] * -step[:, 1] / long**2, np.ones(len(part)), step[:, 2] * -step[:, 1] / long**2], axis=-1
    )
    normal = np.repeat(normal / np.linalg.norm(normal, axis=1, keepdims=True), len(across), axis=0)
    corner = np.arange(x.size).reshape(x.shape)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    index = np.concatenate([np.stack(each, axis=-1).reshape(-1, 3) for each in ((a, d, c), (a, c, b))])
    wet = ((depth > -0.02) & (there > 0.0)).reshape(-1)[index].any(axis=1)
    ways = np.stack([np.repeat(along[:, None], len(across), axis=1), half[:, None] * across], axis=-1).reshape(-1, 2)
    light = np.stack([depth, fall, there, 0 * fall], axis=-1).reshape(-1, 4)
    arrays = {"position": place, "normal": normal, "uv": ways, "light": light}
    made: dict[str, npt.NDArray[Any]] = {name: column.astype(np.float32) for name, column in arrays.items()}
    angles = horizons(Relief.about(seat), place + np.array([0.0, 0.1, 0.0]))
    return seen_part(seat, made | {"horizon": kept(angles), "index": index[wet].reshape(-1).astype(np.uint32)})
