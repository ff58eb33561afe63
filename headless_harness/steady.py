"""The world as it stands still for somebody who turns their head: pictures brought into one fixed direction.

Eyes counter-turn to a slow head (the vestibulo-ocular reflex), so that bars which pass through the picture do not pass
through the eye. What flickers in this still world flickers for the patient.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from headless_harness.flash import Picture, lit
from headless_harness.sight import Floats, Sight
from vr_app.api import Quat


class SteadyWorld:
    """Resamples one eye's pictures; what lies outside a picture stays as it was last seen.

    An edge that is sampled anew in every picture would flicker by itself. So a pixel keeps its value while that lies
    between the darkest and the lightest of it and its neighbours now: flashes lose a rim of one pixel, and those that
    are weaker than the texture they lie on are left to the still head.
    """

    def __init__(self, view: Sight, ahead: Quat) -> None:
        self._view = view
        x, y = np.meshgrid(view.x, view.y)
        self._ahead = np.stack([x, y, -np.ones_like(x)], -1) @ turn(ahead).T  # directions in the world
        shape = view.size[1], view.size[0], 3
        self._now = np.full(shape, np.nan, np.float32)
        self._kept = np.full(shape, np.nan, np.float32)

    def see(self, now: Picture, head: Quat) -> Picture:
        """The still world at the moment of a picture that was taken with the head turned so."""
        seen_from_head = self._ahead @ turn(head)
        depth = -seen_from_head[..., 2]
        before = np.where(depth > 1e-3, depth, np.inf)
        column = (seen_from_head[..., 0] / before - self._view.x[0]) / (self._view.x[1] - self._view.x[0])
        row = (seen_from_head[..., 1] / before - self._view.y[0]) / (self._view.y[1] - self._view.y[0])
        height, width = now.luminance.shape
        inside = (depth > 1e-3) & (column >= 0) & (column <= width - 1) & (row >= 0) & (row <= height - 1)
        self._now[inside] = _between(now.light, row[inside], column[inside])
        darkest, lightest = _near(self._now, np.fmin), _near(self._now, np.fmax)
        self._kept = np.where(np.isnan(self._kept), self._now, np.clip(self._kept, darkest, lightest))
        return lit(now.time, self._kept)


def _near(light: Floats, choose: np.ufunc) -> Floats:
    """The least or most of every pixel and its eight neighbours."""
    for axis in (0, 1):
        chosen = light.copy()
        one, other = (slice(None),) * axis + (slice(1, None),), (slice(None),) * axis + (slice(None, -1),)
        choose(chosen[one], light[other], out=chosen[one])
        choose(chosen[other], light[one], out=chosen[other])
        light = chosen
    return light


def turn(pose: Quat) -> npt.NDArray[np.float64]:
    """The matrix of a unit quaternion: from the head's directions to the world's."""
    x, y, z, w = pose
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _between(light: Floats, row: npt.NDArray[np.float64], column: npt.NDArray[np.float64]) -> Floats:
    """Bilinear."""
    top = np.minimum(row.astype(np.intp), light.shape[0] - 2)
    left = np.minimum(column.astype(np.intp), light.shape[1] - 2)
    down = (row - top).astype(np.float32)[:, None]
    across = (column - left).astype(np.float32)[:, None]
    upper = light[top, left] * (1 - across) + light[top, left + 1] * across
    lower = light[top + 1, left] * (1 - across) + light[top + 1, left + 1] * across
    result: Floats = upper * (1 - down) + lower * down
    return result
