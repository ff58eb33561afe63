"""The valley's sky: a map of it that is painted a sixteenth in each frame, and the dome that shows it.

The map (shaders/sky_map.glsl) holds the whole sky above the horizon but sun, moon and stars, seen from below in
stereographic projection: no seam, no pole, as fine all round. Land and water mirror it (shaders/include/sky.glsl).
"""

from __future__ import annotations

from math import pi, tau

import numpy as np
import numpy.typing as npt

from scenes.valley.grain import grain_image
from vr_app.api import Arrays, Kit, Light, Pass

MAP = (768, 768)  # texels; shaders/include/sky.glsl repeats it
DOME = 20_000.0  # metres to the dome, beyond all land
SHARES, RENEWED = 16, 0.7  # of the map, and seconds in which all of it is painted anew: clouds take minutes
STARS = 760
CARD: Arrays = {  # its shaders place the corners by uv
    "position": np.zeros((4, 3)),
    "uv": np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float),
    "index": np.array([0, 1, 2, 0, 2, 3]),
}


class Sky:
    """`grain` and `map` are for every material outside. A frame starts with `begin`; `draw` comes after the land."""

    def __init__(self, kit: Kit) -> None:
        self.grain = kit.share(grain_image)
        self.map = kit.field("sky_map", MAP, shares=SHARES, seconds=RENEWED, grain=self.grain)
        images = {"grain": self.grain, "sky_map": self.map}
        self._dome = kit.mesh(dome()), kit.material("sky", **images)
        self._stars = kit.mesh(CARD, kit.buffer(stars())), kit.material("star", **images)
        self._starlight = 0.0

    def begin(self, out: Pass, light: Light) -> None:
        """Set the light and paint the map's next share."""
        out.light(light)
        out.march(self.map)
        self._starlight = light.zenith[3]

    def draw(self, out: Pass) -> None:
        out.draw(*self._dome)
        if self._starlight > 0.0:
            out.draw(*self._stars)


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


def stars() -> npt.NDArray[np.float32]:
    """Rows of Kit.buffer for shaders/star.glsl, the brightest first: many faint ones and few bright, as in nature."""
    random = np.random.default_rng(11)
    up, turn = random.uniform(0.03, 1.0, STARS), random.uniform(0.0, tau, STARS)
    rank = np.arange(STARS) / STARS
    bright = 0.5 * (rank + 0.012) ** -0.42 - 0.45  # 2.8 down to 0.05
    warmth = random.normal(0.0, 1.0, (STARS, 1))
    tint = np.array([0.86, 0.92, 1.0]) + np.clip(warmth, -1.0, 1.6) * np.array([0.10, 0.0, -0.13])
    ring = np.sqrt(1.0 - up**2)
    rows = np.zeros((STARS, 16), np.float32)
    rows[:, :3] = 0.95 * DOME * np.stack([np.sin(turn) * ring, up, -np.cos(turn) * ring], axis=-1)
    rows[:, 4:7], rows[:, 7] = 1.0, 1.5 + 0.4 * np.clip(bright - 0.6, 0.0, 1.2)  # half its size in pixels
    rows[:, 8:11], rows[:, 11] = tint, 0.22 * bright
    rows[:, 12], rows[:, 13] = random.uniform(4.0, 9.0, STARS), random.random(STARS)
    rows[:, 14] = np.clip(rank * 1.3, 0.0, 1.0)
    return rows
