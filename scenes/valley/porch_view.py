"""The porch as its scene draws it: what is always there, what lies on the table, and what comes and goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from scenes.valley import garden, porch, trees
from scenes.valley.own_place import COMES, OwnPlace, smooth
from scenes.valley.porch_light import porch_arrays
from scenes.valley.shapes import mesh_of
from scenes.valley.sky import Sky
from vr_app.api import Kit, Mesh, Pass, Pose, Vec4

LAMP: Final = (1.05, 0.56, 0.22)  # radiance of the lantern's paper
STAGGER: Final = 0.6  # share of the hedge's growing by which its last sprays begin later
NO_WARMTH: Final = (0.0,) * 16
SHADE: Final[Vec4] = (0.0, 0.0, 0.0, 1.0)
NOWHERE: Final[Vec4] = (0.0, 0.0, 0.0, 0.0)


class PorchView:
    """Handles. `grow` when the hedge is on its way; `draw` before the land, `draw_coming` after all of it."""

    def __init__(self, kit: Kit, sky: Sky) -> None:
        arrays = kit.bake(porch_arrays)
        images = {"grain": sky.grain, "sky_map": sky.map}
        self._there, self._coming = kit.material("porch", **images), kit.material("porch_comes", **images)

        def mesh(name: str) -> Mesh:
            return kit.mesh(mesh_of(arrays, name))

        self._porch, self._tokens = mesh("porch"), mesh("tokens")
        self._dark = [mesh(f"token_{word}") for _, word in porch.DARK]
        self._ring, self._box, self._lid, self._stone = mesh("ring"), mesh("box"), mesh("lid"), mesh("stone")
        self._rack, self._dish, self._gate = mesh("rack"), mesh("dish"), mesh("gate")
        self._keys = [mesh(f"key_{shape}") for shape in porch.KEYS]
        self._comes = {word: (mesh(word), mesh(f"shade_{word}")) for word in COMES}
        self._feet = {name: mesh(f"shade_{name}") for name in porch.FOOT_SHADES}
        self._hinge = garden.hinge()
        hedge = kit.bake(garden.hedge_arrays)
        self._grown = np.array(hedge["rows"], np.float32)
        self._rows = self._grown.copy()
        self._later = np.linspace(0.0, STAGGER, len(self._grown), dtype=np.float32)[:, None]
        self._hedge_rows = kit.buffer(self._rows, hedge["horizon"])
        leaves = kit.image(kit.bake(trees.atlas)["leaves"])
        self._hedge = kit.mesh(trees.spray(3), self._hedge_rows), kit.material("leaves", grain=sky.grain, leaves=leaves)
        self._share = 1.0  # of the hedge that the buffer holds

    def grow(self, share: float) -> None:
        """Upload the hedge as far as it has come, 0..1."""
        if share == self._share:
            return
        self._share = share
        own = np.clip((share * (1.0 + STAGGER) - self._later), 0.0, 1.0)
        self._rows[:, 4:7] = self._grown[:, 4:7] * (own * own * (3.0 - 2.0 * own))
        self._hedge_rows.write(0, self._rows)

    def draw(self, out: Pass, place: OwnPlace, side: float, warmth: Sequence[float], dark: int) -> None:
        """`warmth` 0..1 of tokens (16), keys, stone and lid; so many of the `dark` hours are offered."""
        lit = smooth(place.come["lantern"].share)
        lamp: Vec4 = (LAMP[0] * lit, LAMP[1] * lit, LAMP[2] * lit, 1.0)
        by_token, plain = (*porch.LANTERN, 1.0), (*porch.LANTERN, 0.0)

        def draw(mesh: Mesh, at: Pose | None = None, warm: float = 0.0) -> None:
            out.draw(mesh, self._there, at, lamp=lamp, lamp_at=plain, warmth=(warm, *NO_WARMTH[1:]))

        draw(self._porch)
        out.draw(self._tokens, self._there, lamp=lamp, lamp_at=by_token, warmth=warmth[:16])
        for token in self._dark[:dark]:
            out.draw(token, self._there, lamp=lamp, lamp_at=by_token, warmth=warmth[:16])
        for at in place.rings.values():
            draw(self._ring, Pose(at))
        draw(self._box, place.box_at(side))
        draw(self._lid, place.lid_at(side), warmth[20])
        if place.stone.share < 1.0 or place.lid.share > 0.0:
            draw(self._stone, place.stone_at(side), warmth[19])
        draw(self._rack, place.rack_at(side))
        draw(self._dish, place.dish_at(side))
        for k, mesh in enumerate(self._keys):
            draw(mesh, place.key_at(k, side), warmth[16 + k])
        for word, (mesh, _) in self._comes.items():
            if place.come[word].share >= 1.0:
                draw(mesh)
        draw(self._gate, Pose.facing(self._hinge, place.gate_turn()))
        if place.hedge.share > 0.0:
            out.draw(*self._hedge)

    def draw_coming(self, out: Pass, place: OwnPlace, side: float) -> None:
        """What is half there, and the shade below all that came and all that stands on the table."""
        feet = {"box": place.box_at(side), "rack": place.rack_at(side), "dish": place.dish_at(side)}
        for name, at in feet.items():
            out.draw(self._feet[name], self._coming, at, lamp=SHADE, lamp_at=NOWHERE, warmth=NO_WARMTH)
        lies: Vec4 = (0.0, 0.0, 0.0, max(1.0 - 6.0 * place.stone.share, 0.0))
        out.draw(
            self._feet["stone"], self._coming, place.stone_home(side), lamp=lies, lamp_at=NOWHERE, warmth=NO_WARMTH
        )
        lit = smooth(place.come["lantern"].share)
        for word, (mesh, shade) in self._comes.items():
            share = place.come[word].share
            if share <= 0.0:
                continue
            lamp: Vec4 = (LAMP[0] * lit, LAMP[1] * lit, LAMP[2] * lit, smooth(share))
            out.draw(shade, self._coming, lamp=lamp, lamp_at=(*porch.LANTERN, 0.0), warmth=NO_WARMTH)
            if share < 1.0:
                out.draw(mesh, self._coming, lamp=lamp, lamp_at=(*porch.LANTERN, 0.0), warmth=NO_WARMTH)
