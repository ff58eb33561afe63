"""Bakes the porch's light: how open each corner is to sky and garden, and to the beam of each hour's sun or moon."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, tau
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scenes.valley import garden, light, porch
from scenes.valley.daylight import light_of
from scenes.valley.furniture import Furniture
from scenes.valley.light import Block
from scenes.valley.place import PORCH
from scenes.valley.shapes import Floats, Shape, merged
from scenes.valley.terrain import AROUND, Relief, horizons
from vr_app.api import Arrays, Vec3

Baked = dict[str, npt.NDArray[Any]]
WAYS, IN_BEAM = 72, 6  # directions to sky and garden, and within the disc of sun or moon
BEAM_HOURS: Final = ("day_end", "first_light", "night")  # green, blue and alpha of `light`; porch.glsl repeats them
GROUND: Final = 0.22  # of the garden's light, to the sky's
GIVEN_BACK: Final = 0.54  # of all light, by what stands in its way: pale boards, again and again
ADAPTED: Final = 1.45  # how much brighter than for an eye out there: one below a roof has got used to its shade
FROM_BOARDS: Final = 0.8  # more, for what faces down: lit boards lie below it, not the garden's earth
THIN, THIN_LIGHT = ("curtains",), 1.0  # what light comes through, and how much at least
DISC: Final = 0.022  # radians, half
EYE: Final = np.array([0.0, 1.2, 0.0])
TOKENS: Final = tuple(porch.TOKENS)


def porch_arrays() -> Arrays:
    """'<name>-<attribute>' as Kit.mesh takes them, in the frames in which they are drawn; see `Stands`."""
    whole = porch.porch()
    bake = Stands(porch.blocks(whole))
    made = bake.mesh("porch", whole)
    made |= bake.mesh("box", porch.the_box(), porch.BOX) | bake.mesh("stone", porch.the_stone(), porch.STONE)
    hinge = (porch.BOX[0], porch.BOX[1] + porch.BOX_SIZE[1] + 0.05, porch.BOX[2])
    made |= bake.mesh("lid", porch.the_lid(), hinge)
    made |= bake.mesh("rack", porch.rack(), porch.RACK) | bake.mesh("dish", porch.dish(), porch.DISH)
    for form in porch.KEYS:
        made |= bake.mesh(
            f"key_{form}", porch.key(form), (porch.RACK[0], porch.RACK[1] + porch.HOOK_UP, porch.RACK[2] + 0.03)
        )
    made |= bake.mesh("ring", porch.ring(), (0.0, porch.ON_TRAY, porch.TABLE[2]))
    made |= _tokens(bake, "tokens", [name for name in TOKENS if name not in porch.DARK])
    for name, word in porch.DARK:
        made |= _tokens(bake, f"token_{word}", [(name, word)])
    made |= bake.mesh("gate", garden.gate(), garden.hinge())
    for (_, word), make in porch.COMES.items():
        made |= bake.mesh(word, make(), farthest_first=True)
    for (_, word), disc in porch.SHADES.items():
        shape = porch.shade_disc(*disc)
        made |= _arrays(
            f"shade_{word}", shape, np.ones((len(shape.position), 4)), np.full((len(shape.position), 1), 5.0)
        )
    for name, (half_x, half_z) in porch.FOOT_SHADES.items():
        shape = porch.shade_disc((0.0, 0.0015, 0.0), half_x, half_z)
        made |= _arrays(
            f"shade_{name}", shape, np.ones((len(shape.position), 4)), np.full((len(shape.position), 1), 5.0)
        )
    return made


def _tokens(bake: Stands, called: str, names: Sequence[tuple[str, str]]) -> Baked:
    """In their places; colour.a says which of TOKENS."""
    places, parts, kinds, lights = porch.token_places(), [], [], []
    for name in names:
        shape, kind = porch.one(porch.TOKENS[name]())
        shape = shape.turned(0.0, -0.12).at(*places[name])
        shape.colour[:, 3] = TOKENS.index(name) / 16.0
        parts.append(shape)
        kinds.append(kind)
        lights.append(bake.at(shape.position, shape.normal))
    return _arrays(called, merged(parts), np.concatenate(lights), np.concatenate(kinds))


class Stands:
    """Where things stand among blocks that keep the light away."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = list(blocks)
        k = np.arange(WAYS) + 0.5
        up, turn = 1.0 - 2.0 * k / WAYS, k * pi * (3.0 - 5.0**0.5)
        ring = np.sqrt(1.0 - up * up)
        self._ways = np.stack([ring * np.cos(turn), up, ring * np.sin(turn)], axis=-1)
        self._worth = np.where(up > 0.0, 1.0, GROUND)
        relief = Relief.about(PORCH)
        self._land = horizons(relief, np.array([[0.0, 1.0, 0.0]]))[0]
        self._keys = [np.array(light_of(hour, "fair").to_key[:3]) for hour in BEAM_HOURS]

    def mesh(self, name: str, things: Furniture, at: Vec3 = (0.0, 0.0, 0.0), *, farthest_first: bool = False) -> Baked:
        """Things about the origin, lit as where they will stand at first."""
        shape, kind = porch.one(things)
        lit = self.at(shape.position + np.array(at), shape.normal, things.blocks if at == (0.0, 0.0, 0.0) else ())
        if name in THIN:
            lit[:, 0] = np.maximum(lit[:, 0], THIN_LIGHT)
        if farthest_first:  # it fades in, which is blended
            away = np.linalg.norm(shape.position[shape.index].mean(axis=1) - EYE, axis=1)
            shape = Shape(shape.position, shape.normal, shape.uv, shape.colour, shape.index[np.argsort(-away)])
        return _arrays(name, shape, lit, kind)

    def at(self, points: Floats, normals: Floats, own: Sequence[Block] = ()) -> Floats:
        """(n, 4): the share of the light around that comes there, and of each hour's beam."""
        blocks = [*self._blocks, *(block for block in own if block not in self._blocks)]
        order = np.lexsort(np.floor(points.T * 1.5))
        origins = points[order] + 0.014 * normals[order]
        lit = np.empty((len(points), 4))
        facing = np.maximum(normals[order] @ self._ways.T, 0.0) * self._worth
        seen = light.clear(origins, self._ways, blocks, far=True)
        total = facing.sum(axis=1)
        share = (facing * seen).sum(axis=1) / np.maximum(total, 1e-6)
        down = 1.0 + FROM_BOARDS * np.maximum(-normals[order, 1], 0.0)
        lit[order, 0] = ADAPTED * down * (share + GIVEN_BACK * (1.0 - share))
        for k, key in enumerate(self._keys):
            lit[order, 1 + k] = self._beam(origins, key, blocks)
        return lit

    def _beam(self, origins: Floats, key: Floats, blocks: Sequence[Block]) -> Floats:
        spread = (light.spread(IN_BEAM) - 0.5) * 2.0 * DISC
        across = np.cross(key, [0.0, 1.0, 0.0])
        toward = key + spread[:, :1] * across + spread[:, 1:] * np.array([0.0, 1.0, 0.0])
        return np.asarray(light.clear(origins, toward, blocks, far=True).mean(axis=1) * self._over_land(key))

    def _over_land(self, key: Floats) -> float:
        """As shaders/include/vertex_main.glsl has it."""
        turn = (np.arctan2(key[0], -key[2]) / tau * AROUND) % AROUND
        first = int(turn) % AROUND
        root = np.sqrt(self._land)
        land = (root[first] + (turn % 1.0) * (root[(first + 1) % AROUND] - root[first])) ** 2
        return float(np.clip((np.arcsin(key[1]) - land + 0.02) / 0.05, 0.0, 1.0))


def _arrays(name: str, shape: Shape, lit: Floats, kind: Floats) -> Baked:
    columns = {"position": shape.position, "normal": shape.normal, "uv": shape.uv, "colour": shape.colour, "light": lit}
    made: Baked = {f"{name}-{key}": value.astype(np.float32) for key, value in columns.items()}
    made[f"{name}-kind"] = kind.astype(np.float32)
    return made | {f"{name}-index": shape.index.reshape(-1).astype(np.uint32)}
