"""The calm room as a scene draws it: a modest wooden cabin above the harbour.

Baked (room_light.py): light from the window, its bounces, contact, and who stands in the sun. Live, in the shaders: the
sun's window-shaped patch with its leaf shadow (shaders/include/room.glsl) and the lantern's strength.
"""

from __future__ import annotations

import numpy as np

from scenes.valley.dapple import dapple_image
from scenes.valley.grain import grain_image
from scenes.valley.room_light import room_arrays
from scenes.valley.shapes import mesh_of, together
from scenes.valley.shell import LANTERN_HEIGHT, TABLE
from vr_app.api import Arrays, Kit, Pass, Vec3

SHELL = ("plaster", "planks")  # the kinds of shaders/shell.glsl
FURNISHING = ("wood", "cloth", "glaze")  # the kinds of shaders/furnishing.glsl
EMBER: Vec3 = (0.46, 0.27, 0.115)  # radiance of the lantern when no scene leads it


class Room:
    """The room's handles; `draw` records three of the frame's draws."""

    def __init__(self, kit: Kit) -> None:
        arrays = kit.bake(room_arrays)
        seen = {"grain": kit.share(grain_image), "dapple": dapple_image(kit)}
        maps = {"daylight": kit.image(arrays["daylight"]), "lamplight": kit.image(arrays["lamplight"])}
        self._shell = kit.mesh(together(arrays, SHELL)), kit.material("shell", **seen, **maps)
        self._furnishing = kit.mesh(together(arrays, FURNISHING)), kit.material("furnishing", **seen)
        self._paper = kit.mesh(mesh_of(arrays, "paper")), kit.material("paper", grain=seen["grain"])
        self._halo = kit.mesh(_halo()), kit.material("halo")

    def draw(self, out: Pass, lantern: Vec3 = EMBER, swell: float = 0.0, plain: float = 0.0) -> None:
        """`lantern`: linear radiance of the paper globe on the table; `swell`: metres by which the globe grows.

        `plain`: from 0, the room at day's end, to 1, an ordinary one by day.
        """
        out.draw(*self._shell, lantern=lantern, plain=plain)
        out.draw(*self._furnishing, lantern=lantern, plain=plain)
        out.draw(*self._paper, lantern=lantern, swell=swell)

    def draw_halo(self, out: Pass, lantern: Vec3) -> None:
        """The air about the lantern; after everything else."""
        out.draw(*self._halo, lantern=lantern)


def _halo() -> Arrays:
    """A card 1.2 m wide around the globe, facing the seated eye."""
    centre = np.array(TABLE) + np.array([0.0, LANTERN_HEIGHT, 0.0])
    toward = np.array([0.0, 1.2, 0.0]) - centre
    toward /= np.linalg.norm(toward)
    right = np.cross([0.0, 1.0, 0.0], toward)
    right /= np.linalg.norm(right)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    position = centre + 0.6 * (corners[:, :1] * right + corners[:, 1:] * np.cross(toward, right))
    return {
        "position": position + 0.18 * toward,
        "normal": np.tile(toward, (4, 1)),
        "uv": corners,
        "index": np.array([0, 1, 2, 0, 2, 3]),
    }
