"""All that grows about a seat: grass, reeds, ferns and trees, and how they darken the ground they stand on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import tau
from typing import Any, Protocol

import numpy as np

from scenes.valley import clearing, grass, rocks, trees
from scenes.valley.built import boat
from scenes.valley.driftwood import driftwood
from scenes.valley.growing import Ground, rows_at
from scenes.valley.litter import by_the_beach, litter, underfoot
from scenes.valley.place import GROVE, ROOM, STONES, Seat, trodden
from scenes.valley.shapes import Floats
from scenes.valley.sight import in_sight, seen_part
from scenes.valley.terrace import dark_feet
from vr_app.api import Arrays, Image, Kit, Pass

THINNED = 3  # of so many tufts one stands before the window: the sill hides their feet
TRODDEN = 0.35  # share of bare ground from which on nothing grows
CONTACT = 20.0  # metres from the seat within which tufts darken the ground below them by a disc of their own
SHARES = (0.25, 0.6, 1.0)  # of the copies at detail 0, 1, 2
LEAVES = (0.6, 0.8, 1.0)  # of those that are leaves: with a quarter of them a wood looks dead


class _Sky(Protocol):
    @property
    def grain(self) -> Image: ...


class Plants:
    """Handles of what grows about `seat`."""

    def __init__(self, kit: Kit, sky: _Sky, seat: Seat) -> None:
        arrays = kit.bake(functools.partial(plants_arrays, seat))
        leaves = kit.image(kit.bake(trees.atlas)["leaves"])
        blades, leafy = kit.material("plants", grain=sky.grain), kit.material("leaves", grain=sky.grain, leaves=leaves)
        self._wood = kit.mesh(_mesh(arrays, "wood")), kit.material("wood", grain=sky.grain)
        self._copies = []
        for name in COPIES:
            mesh = _mesh(arrays, name)
            if not mesh:
                continue  # it does not grow here
            rows, horizon = mesh.pop("rows"), mesh.pop("horizon")
            leaf = name in ("twigs", "sprays")
            counts = [int(len(rows) * share) for share in (LEAVES if leaf else SHARES)]
            material = leafy if leaf else blades
            self._copies.append((kit.mesh(mesh, kit.buffer(rows, horizon)), material, counts))
        disc = _mesh(arrays, "contact")
        self._contact = kit.mesh(disc, kit.buffer(disc.pop("rows"))), kit.material("contact")

    def draw(self, out: Pass, detail: int) -> None:
        """`detail` as Frame.detail."""
        out.draw(*self._wood)
        for mesh, material, counts in self._copies:
            out.draw(mesh, material, copies=counts[detail])
        if detail:
            out.draw(*self._contact)


COPIES = ("marram", "meadow", "turf", "reeds", "ferns", "twigs", "sprays")


def _mesh(arrays: Arrays, name: str) -> dict[str, Any]:
    return {key.removeprefix(f"{name}-"): value for key, value in arrays.items() if key.startswith(f"{name}-")}


def plants_arrays(seat: Seat) -> Arrays:
    """'<name>-<attribute>' of each mesh, '<name>-rows' and '<name>-horizon' of the copies of those in COPIES."""
    ground = Ground(seat)
    tufts = _untrodden(ground, grass.marram(ground))
    ferns = grass.ferns(ground)
    wood, twigs, sprays = trees.wood_and_leaves(ground)
    from_near = seat != ROOM and by_the_beach(ground)  # it is too small to be seen from a window
    small = [found for found in (litter(ground) if from_near else None, underfoot(ground)) if found]
    lying = np.concatenate([np.zeros((0, 4)), *(feet for _, feet in small)])
    seen_wood = seen_part(seat, grass.joined([wood, *(mesh for mesh, _ in small)]) if small else wood)
    made: dict[str, Any] = {f"wood-{key}": value for key, value in seen_wood.items()}
    for name, mesh, rows in (
        ("marram", grass.tuft(grass.MARRAM, 1), tufts),
        ("meadow", grass.tuft(grass.MEADOW, 2), _untrodden(ground, grass.meadow(ground))),
        ("turf", grass.tuft(grass.LAWN, 6), grass.turf(ground)),
        ("reeds", grass.tuft(grass.REEDS, 4), grass.reeds(ground)),
        ("ferns", grass.fern(5), ferns),
        ("twigs", trees.twig_of_leaves(2), twigs),
        ("sprays", trees.spray(3), sprays),
    ):
        seen = rows[in_sight(seat, rows[:, :3], 0.8)]
        if seat == ROOM and name in ("marram", "meadow"):
            seen = seen[: len(seen) // THINNED]
        if not len(seen):
            continue
        made |= {f"{name}-{key}": value for key, value in mesh.items()}
        made |= {f"{name}-rows": seen, f"{name}-horizon": ground.horizon(seen[:, :3])}
    near = tufts[in_sight(seat, tufts[:, :3], 0.8) & (np.hypot(tufts[:, 0], tufts[:, 2]) < CONTACT)]
    near = near[: len(near) // THINNED] if seat == ROOM else near
    ferns = ferns[np.hypot(ferns[:, 0], ferns[:, 2]) < CONTACT]
    feet = [_dark(lying, 0.25), _dark(trees.feet(ground, CONTACT), 0.5), _dark(_feet(ferns, 0.45), 0.5)]
    feet += [_dark(_feet(near, 0.42), 0.5), *_of_heavy_things(ground)]
    return made | _contact(ground, np.concatenate(feet))


def _untrodden(ground: Ground, rows: Floats) -> Floats:
    """The rows of what feet have left."""
    return rows[trodden(ground.seat, *ground.valley(rows[:, 0], rows[:, 2])) < TRODDEN]


def _of_heavy_things(ground: Ground) -> list[Floats]:
    """Rocks, driftwood and boat darken the sand here, evenly: with less light of the sky alone it turns orange.

    In the clearing it is stones, posts and the bench.
    """
    if ground.seat == ROOM:
        return []
    if ground.seat == GROVE:
        stones = rocks.contact_places(ground.seat, CONTACT)
        return [_dark(stones, 0.5), _dark(_below(ground, clearing.things().feet, 0.24), 0.5)]
    log = _below(ground, driftwood().feet[::3], 0.30)
    stones, keel_up = rocks.contact_places(ground.seat, CONTACT), _below(ground, boat().feet, 1.0)
    made = [_dark(stones, 0.55), _dark(log, 0.17), _dark(keel_up, 0.3)]
    return [*made, dark_feet()] if ground.seat == STONES else made


def _below(ground: Ground, feet: Sequence[tuple[float, float, float]], radius: float) -> Floats:
    """Places (n, 4) on the ground below a thing's feet, which are in the valley's frame."""
    x, _, z = ground.seat.local(np.array(feet)).T
    return np.column_stack([ground.points(x, z), np.full(len(x), radius)])


def _dark(feet: Floats, share: float) -> Floats:
    """Places (n, 4) with the share (n, 5) of the light that they take."""
    return np.column_stack([feet, np.full(len(feet), share)])


def _feet(rows: Floats, wide: float) -> Floats:
    """Where copies touch the ground, (n, 4) x, y, z and radius, `wide` being the share of their height."""
    return np.concatenate([rows[:, :3] + [0.0, 0.03, 0.0], wide * rows[:, 5:6]], axis=1)


def _contact(ground: Ground, feet: Floats) -> dict[str, Any]:
    """'contact-<attribute>' of a disc of radius 1 and its rows: one at each foot (n, 5), a place, radius and share."""
    turn = np.linspace(0, tau, 13)
    radius = np.array([0.0, 0.5, 1.0])
    position = radius[:, None, None] * np.stack([np.cos(turn), 0 * turn, np.sin(turn)], axis=-1)
    uv = np.stack([np.broadcast_to(radius[:, None], (3, 13)), np.zeros((3, 13))], axis=-1)
    row, column = np.meshgrid(np.arange(2) * 13, np.arange(12), indexing="ij")
    a = (row + column).ravel()
    dark = feet[:, 4]
    slope = ground.slope(feet[:, 0], feet[:, 2])
    rows = rows_at(feet[:, :3], turn=0.0 * dark, scale=np.repeat(feet[:, 3:4], 3, axis=1), own=dark,
                   colour=np.ones(3), free=np.concatenate([slope, slope], axis=1))  # fmt: skip
    return {
        "contact-position": position.reshape(-1, 3).astype(np.float32),
        "contact-uv": uv.reshape(-1, 2).astype(np.float32),
        "contact-index": np.stack([a, a + 1, a + 14, a, a + 14, a + 13], axis=-1).reshape(-1).astype(np.uint32),
        "contact-rows": rows,
    }
