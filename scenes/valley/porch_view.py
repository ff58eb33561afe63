"""The porch as its scene draws it: what is always there, what lies on the table, and what comes and goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from scenes.valley import garden, porch, trees
from scenes.valley.own_place import COMES, MILDEST, Chosen, OwnPlace, smooth
from scenes.valley.porch_light import porch_arrays
from scenes.valley.shapes import mesh_of
from scenes.valley.sky import Sky
from vr_app.api import Arrays, Kit, Mesh, Pass, Pose, Vec3, Vec4

LAMP: Final = (1.05, 0.56, 0.22)  # radiance of the lantern's paper
STAGGER: Final = 0.6  # share of the hedge's growing by which its last sprays begin later
NO_WARMTH: Final = (0.0,) * 16
SHADE: Final[Vec4] = (0.0, 0.0, 0.0, 1.0)


class Poses(NamedTuple):
    """Of what may be moved."""

    lid: Pose
    stone: Pose
    stone_home: Pose
    keys: tuple[Pose, ...]


class PorchView:
    """Handles. `grow` when the hedge is on its way; `draw` before the land, `draw_coming` after all of it."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        arrays = kit.bake(porch_arrays)
        images = {"grain": sky.grain, "sky_map": sky.map}
        self._there, self._coming = kit.material("porch", **images), kit.material("porch_comes", **images)

        def mesh(name: str) -> Mesh:
            return kit.mesh(mesh_of(arrays, name))

        self._porch = mesh("porch")
        tokens = [mesh_of(arrays, name) for name in ("tokens", *(f"token_{word}" for _, word in porch.DARK))]
        self._tokens = [kit.mesh(_joined(tokens[: dark + 1])) for dark in range(len(tokens))]  # so many dark hours
        self._lid, self._stone, self._gate = mesh("lid"), mesh("stone"), mesh("gate")
        self._ring_rows = np.zeros((len(MILDEST), 16), np.float32)
        self._ring_rows[:, 4:7] = self._ring_rows[:, 8:12] = 1.0
        self._ring_buffer = kit.buffer(self._ring_rows)
        self._rings = kit.mesh(mesh_of(arrays, "ring"), self._ring_buffer), kit.material("porch_rings", **images)
        self._ringed: list[Vec3] = []  # where they lie in the buffer
        # what stands on the table and is never moved, for either side; and the shade below it
        self._laid = {side: kit.mesh(_on_table(arrays, side)) for side in SIDES}
        self._laid_shade = {side: kit.mesh(_on_table(arrays, side, "shade_")) for side in SIDES}
        self._keys = [mesh(f"key_{shape}") for shape in porch.KEYS]
        self._comes = {word: (mesh(word), mesh(f"shade_{word}")) for word in COMES}
        self._stone_shade = mesh("shade_stone")
        self._hinge = garden.hinge()
        hedge = kit.bake(garden.hedge_arrays)
        self._grown = np.array(hedge["rows"], np.float32)
        self._rows = self._grown.copy()
        self._later = np.linspace(0.0, STAGGER, len(self._grown), dtype=np.float32)[:, None]
        self._hedge_rows = kit.buffer(self._rows, hedge["horizon"])
        leaves = kit.image(kit.bake(trees.atlas)["leaves"])
        self._hedge = kit.mesh(trees.spray(3), self._hedge_rows), kit.material("leaves", grain=sky.grain, leaves=leaves)
        self._share = 1.0  # of the hedge that the buffer holds
        self._posed: tuple[float, ...] = ()  # what the poses were made for

    def grow(self, share: float) -> None:
        """Upload the hedge as far as it has come, 0..1."""
        if share == self._share:
            return
        self._share = share
        own = np.clip((share * (1.0 + STAGGER) - self._later), 0.0, 1.0)
        self._rows[:, 4:7] = self._grown[:, 4:7] * (own * own * (3.0 - 2.0 * own))
        self._hedge_rows.write(0, self._rows)

    def draw(self, out: Pass, place: OwnPlace, side: float, warmth: Sequence[float], dark: int) -> None:
        """`warmth` 0..1 of tokens (16), keys, stone and lid; so many of the `dark` hours are offered.

        What is zero is not said: a draw's parameters are zero when they are not given.
        """
        lit = smooth(place.come["lantern"].share)
        lamp: Vec4 = (LAMP[0] * lit, LAMP[1] * lit, LAMP[2] * lit, 1.0)
        plain: dict[str, Sequence[float]] = {"lamp": lamp, "lamp_at": (*porch.LANTERN, 0.0)} if lit > 0.0 else {}
        there = self._there

        def draw(mesh: Mesh, at: Pose, warm: float = 0.0) -> None:
            if warm > 0.0:
                out.draw(mesh, there, at, None, **plain, warmth=(warm, *NO_WARMTH[1:]))
            else:
                out.draw(mesh, there, at, None, **plain)

        out.draw(self._porch, there, None, None, **plain)
        out.draw(self._laid[side], there, None, None, **plain)
        for word, (mesh, _) in self._comes.items():
            if place.come[word].share >= 1.0:
                out.draw(mesh, there, None, None, **plain)
        by_token = (*porch.LANTERN, 1.0)
        out.draw(self._tokens[dark], there, lamp=lamp, lamp_at=by_token, warmth=warmth[:16])
        poses = self._poses_of(place, side)
        draw(self._lid, poses.lid, warmth[20])
        if place.stone.share < 1.0 or place.lid.share > 0.0:
            draw(self._stone, poses.stone, warmth[19])
        for k, (mesh, at) in enumerate(zip(self._keys, poses.keys, strict=True)):
            draw(mesh, at, warmth[16 + k])
        draw(self._gate, Pose.facing(self._hinge, place.gate_turn()))
        self._lay_rings(list(place.rings.values()))
        out.draw(*self._rings, None, None, **plain)
        if place.hedge.share > 0.0:
            out.draw(*self._hedge)

    def _lay_rings(self, places: list[Vec3]) -> None:
        if places != self._ringed:
            self._ringed = places
            self._ring_rows[:, :3] = places
            self._ring_buffer.write(0, self._ring_rows)

    def draw_coming(self, out: Pass, place: OwnPlace, side: float) -> None:
        """What is half there, and the shade below all that came and all that stands on the table."""
        poses, coming = self._poses_of(place, side), self._coming
        out.draw(self._laid_shade[side], coming, lamp=SHADE)
        lies: Vec4 = (0.0, 0.0, 0.0, max(1.0 - 6.0 * place.stone.share, 0.0))
        out.draw(self._stone_shade, coming, poses.stone_home, lamp=lies)
        lit = smooth(place.come["lantern"].share)
        for word, (mesh, shade) in self._comes.items():
            share = place.come[word].share
            if share <= 0.0:
                continue
            lamp: Vec4 = (LAMP[0] * lit, LAMP[1] * lit, LAMP[2] * lit, smooth(share))
            out.draw(shade, coming, lamp=lamp, lamp_at=(*porch.LANTERN, 0.0))
            if share < 1.0:
                out.draw(mesh, coming, lamp=lamp, lamp_at=(*porch.LANTERN, 0.0))

    def _poses_of(self, place: OwnPlace, side: float) -> Poses:
        """Where all that may be moved is; made anew when something has moved."""
        now = side, place.lid.share, place.stone.share, *(glide.share for glide in place.keys)
        if now != self._posed:
            self._posed = now
            keys = tuple(place.key_at(k, side) for k in range(len(self._keys)))
            self._poses = Poses(place.lid_at(side), place.stone_at(side), place.stone_home(side), keys)
        return self._poses


SIDES: Final = (1.0, -1.0)


def _on_table(arrays: Arrays, side: float, prefix: str = "") -> Arrays:
    """Box, rack and dish where they stand, as one mesh."""
    place = OwnPlace(Chosen())
    poses = {"box": place.box_at(side), "rack": place.rack_at(side), "dish": place.dish_at(side)}
    return _joined([_stood(mesh_of(arrays, prefix + name), at) for name, at in poses.items()])


def _joined(parts: Sequence[Arrays]) -> Arrays:
    first = np.cumsum([0, *(len(part["position"]) for part in parts[:-1])])
    index = np.concatenate([part["index"] + at for part, at in zip(parts, first, strict=True)])
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0] if key != "index"}
    return {**joined, "index": index.astype(np.uint32)}


def _stood(arrays: Arrays, at: Pose) -> Arrays:
    """A mesh turned about +y and moved."""
    (_, y, _, w) = at.orientation
    c, s = 1.0 - 2.0 * y * y, 2.0 * y * w
    turn = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]], np.float32)
    position = (arrays["position"] @ turn + np.array(at.position, np.float32)).astype(np.float32)
    return {**arrays, "position": position, "normal": (arrays["normal"] @ turn).astype(np.float32)}
