"""All that grows about a seat: grass, reeds, ferns and trees, and how they darken the ground they stand on."""

from __future__ import annotations

import functools
from typing import Protocol

from scenes.valley import grass
from scenes.valley.growing import Ground
from scenes.valley.place import Seat
from vr_app.api import Arrays, Image, Kit, Pass

SHARES = (0.35, 0.65, 1.0)  # of the copies at detail 0, 1, 2


class _Sky(Protocol):
    @property
    def grain(self) -> Image: ...


class Plants:
    """Handles of what grows about `seat`."""

    def __init__(self, kit: Kit, sky: _Sky, seat: Seat) -> None:
        arrays = kit.bake(functools.partial(grass_arrays, seat))
        material = kit.material("plants", grain=sky.grain)
        self._drawn = []
        for name in STANDS:
            mesh = {key.removeprefix(f"{name}-"): value for key, value in arrays.items() if key.startswith(f"{name}-")}
            rows, horizon = mesh.pop("rows"), mesh.pop("horizon")
            each = kit.buffer(rows, horizon)
            self._drawn.append((kit.mesh(mesh, each), material, [int(len(rows) * share) for share in SHARES]))

    def draw(self, out: Pass, detail: int) -> None:
        """`detail` as Frame.detail."""
        for mesh, material, counts in self._drawn:
            out.draw(mesh, material, copies=counts[detail])


STANDS = ("marram", "meadow")


def grass_arrays(seat: Seat) -> Arrays:
    """'<stand>-<attribute>' of a tuft, '<stand>-rows' and '<stand>-horizon' of its copies."""
    ground = Ground(seat)
    made = {}
    for name, mesh, rows in (
        ("marram", grass.tuft(grass.MARRAM, 1), grass.marram(ground)),
        ("meadow", grass.tuft(grass.MEADOW, 2), grass.meadow(ground)),
    ):
        made |= {f"{name}-{key}": value for key, value in mesh.items()}
        made |= {f"{name}-rows": rows, f"{name}-horizon": ground.horizon(rows[:, :3])}
    return made
