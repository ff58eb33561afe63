"""The patient's own lantern: once it was lit on the jetty it hangs near the jetty's end, and is seen from every place.

A post in the water with an arm, the lantern on it, its glow in the air and its light on the water. Without the memory
of it nothing of this is drawn.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from scenes.valley.built import DARK_WOOD, KINDS, Built, ground_at, slab
from scenes.valley.place import OWN_LANTERN, Seat, height
from scenes.valley.shapes import Floats, lathe, merged, tube
from vr_app.api import Arrays, Image, Kit, Memory, Pass, Vec3

SCENE, KEY = "intention", "lantern"  # whose memory tells of it, and under which key
WARM: Final[Vec3] = (1.30, 0.66, 0.25)  # its radiance
EYE: Final = 1.2  # metres of the seated eye over the seat
SHORT, LONG = 0.45, 1.75  # of the way to where it is mirrored: where its light on the water begins and ends
ROWS: Final = 24  # of that light
OVER_WAVES: Final = 0.16  # metres over the mean sea at which it is drawn, so that the swell does not hide it
GLOW, WATER = 0, 1  # kinds of shaders/own_lantern.glsl


class HasSky(Protocol):
    """What it needs of scenes.valley.sky.Sky."""

    grain: Image
    map: Image


def was_lit(memory: Memory) -> bool:
    """Whether this patient ever lit it; what cannot be read counts as no."""
    try:
        kept = json.loads(memory.get(KEY, scene=SCENE) or b"{}")
    except (ValueError, RecursionError):
        return False
    return isinstance(kept, dict) and kept.get("lit") is True


class OwnLantern:
    """Handles for one seat."""

    def __init__(self, kit: Kit, sky: HasSky, seat: Seat) -> None:
        images = {"grain": sky.grain, "sky_map": sky.map}
        self._post = kit.mesh(kit.bake(partial(post_arrays, seat))), kit.material("built", **images)
        self._light = kit.mesh(kit.bake(partial(light_arrays, seat))), kit.material("own_lantern", **images)
        x, y, z = seat.local(np.array(OWN_LANTERN)).tolist()
        self._at: Vec3 = x, y, z

    def draw(self, out: Pass, glow: float) -> None:
        """The post and the lantern, and so much of its light (0: none, 1: all of it); before the valley's air."""
        out.draw(*self._post)
        if glow > 0.0:
            r, g, b = WARM
            out.draw(*self._light, lantern=(glow * r, glow * g, glow * b), lamp=self._at)


def post_arrays(seat: Seat) -> Arrays:
    """Post, arm and lantern in the seat's frame, as shaders/built.glsl takes them."""
    made = Built()
    x, y, z = OWN_LANTERN
    beside = 0.34  # metres from the post to the lantern
    foot, top = ground_at(x + beside, z) - 0.35, y + 0.52
    post = [(x + beside, foot, z), (x + beside + 0.02, 0.5, z), (x + beside, top - 0.03, z), (x + beside, top, z)]
    made.add("wood", tube(post, [0.085, 0.085, 0.075, 0.05], sides=9), DARK_WOOD)
    made.add("wood", slab(0.56, 0.055, 0.05).at(x + 0.12, y + 0.40, z), DARK_WOOD)
    made.add("paint", slab(0.012, 0.17, 0.012).at(x, y + 0.29, z), "#3E3A36")
    made.add("paint", slab(0.20, 0.27, 0.20).at(x, y, z), "#D6C3A0")
    for at, tall in ((y - 0.15, 0.03), (y + 0.15, 0.03)):
        made.add("paint", slab(0.24, tall, 0.24).at(x, at, z), "#5A4436")
    made.add("paint", lathe([(0.15, 0.0), (0.05, 0.05), (0.0, 0.055)], sides=8).at(x, y + 0.165, z), "#5A4436")
    shape = merged([each for _, each in made.shapes])
    kinds = np.concatenate([np.full((len(s.position), 1), float(KINDS.index(kind))) for kind, s in made.shapes])
    light = np.ones((len(shape.position), 4))
    light[:, 1] = 0.7 * np.clip((0.5 - shape.position[:, 1]) / 0.4, 0.0, 1.0)
    normal = seat.local(shape.normal) - seat.local(np.zeros((1, 3)))
    arrays = {"position": seat.local(shape.position), "normal": normal, "uv": shape.uv, "colour": shape.colour,
              "light": light, "kind": kinds}  # fmt: skip
    packed: dict[str, npt.NDArray[Any]] = {name: column.astype(np.float32) for name, column in arrays.items()}
    flat = np.zeros((len(light), 16), np.uint8)  # nothing high stands about it
    return packed | {"horizon": flat, "index": shape.index.reshape(-1).astype(np.uint32)}


def light_arrays(seat: Seat) -> Arrays:
    """The glow's card, all corners in its middle, and a strip of the water that may mirror it; uv -1..1, and 0..1."""
    lamp = seat.local(np.array(OWN_LANTERN))
    glow = np.tile(lamp, (4, 1))
    strip, uv, index = _strip(seat)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    kinds = np.concatenate([np.full((4, 1), float(GLOW)), np.full((len(strip), 1), float(WATER))])
    arrays = {"position": np.concatenate([glow, strip]), "uv": np.concatenate([corners, uv]), "kind": kinds}
    packed: dict[str, npt.NDArray[Any]] = {name: column.astype(np.float32) for name, column in arrays.items()}
    whole = np.concatenate([np.array([0, 1, 2, 0, 2, 3]), index + 4])
    return packed | {"index": whole.astype(np.uint32)}


def _strip(seat: Seat) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Places on the water from before to behind where the seated eye sees the lantern mirrored; none over land."""
    x, y, z = OWN_LANTERN
    way = np.array([x - seat.x, z - seat.z])
    far = float(np.hypot(*way))
    way, side = way / far, np.array([-way[1], way[0]]) / far
    mirror = far * (seat.y + EYE) / (seat.y + EYE + y)
    along = np.linspace(SHORT * mirror, min(LONG * mirror, far - 0.3), ROWS)
    across = np.linspace(-1.0, 1.0, 5)
    reach = 0.9 + 0.10 * along
    places = np.array([seat.x, seat.z]) + along[:, None, None] * way + (reach[:, None] * across)[..., None] * side
    wet = height(places[..., 0], places[..., 1]) < -0.15
    points = np.stack([places[..., 0], np.full(wet.shape, OVER_WAVES), places[..., 1]], axis=-1)
    share = (along - along[0]) / (along[-1] - along[0])
    uv = np.stack(np.broadcast_arrays(across, share[:, None]), axis=-1)
    corner = np.arange(wet.size).reshape(wet.shape)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    index = np.concatenate([np.stack(three, -1).reshape(-1, 3) for three in ((a, b, c), (a, c, d))])
    return seat.local(points.reshape(-1, 3)), uv.reshape(-1, 2), index[wet.reshape(-1)[index].all(axis=1)].reshape(-1)
