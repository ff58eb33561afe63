"""The valley's sky: a map of it that is painted a quarter in each frame, and the dome that shows it.

The map (shaders/sky_map.glsl) holds the whole sky above the horizon but sun, moon and stars, seen from below in
stereographic projection: no seam, no pole, as fine all round. Land and water mirror it (shaders/include/sky.glsl).
"""

from __future__ import annotations

from math import pi, tau

import numpy as np

from scenes.valley.grain import grain_image
from vr_app.api import Arrays, Kit, Light, Pass

MAP = (768, 768)  # texels; shaders/include/sky.glsl repeats it
DOME = 20_000.0  # metres to the dome, beyond all land


class Sky:
    """`grain` and `map` are for every material outside. A frame starts with `begin`; `draw` comes after the land."""

    def __init__(self, kit: Kit) -> None:
        self.grain = grain_image(kit)
        self.map = kit.field("sky_map", MAP, grain=self.grain)
        self._dome = kit.mesh(dome()), kit.material("sky", grain=self.grain, sky_map=self.map)

    def begin(self, out: Pass, light: Light) -> None:
        """Set the light and paint the map's next share."""
        out.light(light)
        out.march(self.map)

    def draw(self, out: Pass) -> None:
        out.draw(*self._dome)


def dome(columns: int = 32, rows: int = 16) -> Arrays:
    """A sphere about the seat that faces inward."""
    turn, tilt = np.meshgrid(np.linspace(0.0, tau, columns + 1), np.linspace(0.0, pi, rows + 1))
    inward = -np.stack([np.sin(tilt) * np.sin(turn), np.cos(tilt), -np.sin(tilt) * np.cos(turn)], axis=-1)
    corner = np.arange(turn.size).reshape(turn.shape)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    index = np.concatenate([np.stack(three, axis=-1).reshape(-1, 3) for three in ((a, c, b), (a, d, c))])
    normal = inward.reshape(-1, 3)
    first, second, third = (normal[index[:, k]] for k in range(3))
    whole = np.linalg.norm(np.cross(second - first, third - first), axis=1) > 1e-9  # none at the poles
    return {"position": -DOME * normal, "normal": normal, "index": index[whole].reshape(-1)}
