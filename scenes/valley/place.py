"""Where everything stands in the one valley: its compass, the seats of its scenes, the coast and the land's height.

The valley's frame is metres, +y up, y = 0 at mean sea level, -z out to sea; the cabin's chair stands above its origin.
A scene's own frame is the same, moved so that its seat's chair is the origin (and turned by the seat's yaw).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numpy as np

from scenes.valley.shapes import Floats


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a scene's chair stands, in the valley's frame; `yaw` radians to the left of -z that it faces."""

    x: float
    y: float
    z: float
    yaw: float = 0.0

    def local(self, points: Floats) -> Floats:
        """Points (..., 3) of the valley in the scene's frame."""
        c, s = cos(self.yaw), sin(self.yaw)
        turn = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
        return np.asarray((points - np.array([self.x, self.y, self.z])) @ turn.T)

    def valley(self, points: Floats) -> Floats:
        """The way back."""
        c, s = cos(self.yaw), sin(self.yaw)
        turn = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
        return np.asarray(points @ turn.T + np.array([self.x, self.y, self.z]))


ROOM = Seat(0.0, 3.2, 0.0)
SHORE_X = 34.0  # of the seat on the beach


def coast(x: Floats) -> Floats:
    """z of the mean waterline at x."""
    return np.asarray(-19.0 - 5.0 * np.cos((x - 30.0) / 38.0) + 1.1 * np.sin(x / 7.3) + 0.5 * np.sin(x / 3.1 + 1.0))


def inland(x: Floats, z: Floats) -> Floats:
    """Metres from the mean waterline, positive on land; exact near the coast."""
    slope = (coast(x + 0.5) - coast(x - 0.5)) / 1.0
    return np.asarray((z - coast(x)) / np.sqrt(1.0 + slope**2))


def beach(s: Floats) -> Floats:
    """Height of smooth sand `s` metres inland of the waterline; the sea floor where s < 0."""
    floor = -7.0 * (1.0 - np.exp(np.minimum(s, 0.0) * 0.085 / 7.0))
    sand = 0.085 * np.clip(s, 0.0, 13.0)
    return np.asarray(np.where(s < 0.0, floor, sand))


SHORE = Seat(SHORE_X, float(beach(np.array(9.5))), float(coast(np.array(SHORE_X))) + 9.6)


def _rise(s: Floats, begins: float, ends: float) -> Floats:
    t = np.clip((s - begins) / (ends - begins), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def height(x: Floats, z: Floats) -> Floats:
    """Height of the ground in the valley's frame, metres; a first outline that scenes/valley/terrain.py works out."""
    s = inland(x, z)
    bank = 1.5 * _rise(s, 11.0, 16.0)
    meadow = 0.06 * np.maximum(s - 14.0, 0.0)
    hills = 46.0 * _rise(s, 60.0, 260.0) * (0.75 + 0.25 * np.sin(x / 83.0 + 1.2))
    return np.asarray(beach(s) + bank + meadow + hills)
