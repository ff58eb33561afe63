"""The land as a scene draws it: the ground from the seat out to the far ridges, and what is built on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from scenes.valley.place import Seat
from scenes.valley.sky import Sky
from scenes.valley.terrain import terrain_arrays
from vr_app.api import Kit, Pass


class Land:
    """Handles of the land about a seat; `draw` takes the tide's params (scenes/valley/tide.py)."""

    def __init__(self, kit: Kit, sky: Sky, seat: Seat) -> None:
        ground = kit.mesh(kit.bake(partial(terrain_arrays, seat)))
        self._ground = ground, kit.material("land", grain=sky.grain, sky_map=sky.map)

    def draw(self, out: Pass, **tide: float | Sequence[float]) -> None:
        out.draw(*self._ground, **tide)
