"""What a pixel is to an eye: directions, solid angles, and how much of any small circle of view a set of pixels fills.

A picture of a tangent plane gives its middle more solid angle than its corners; every area here is the true one.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from math import atan, cos, degrees, hypot, radians, tan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vr_app.headset import Fov
from vr_app.limits import FLASH_CIRCLE_DEG

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


class Spot(NamedTuple):
    """A direction in a picture: degrees right of and above the middle of the view."""

    right: float
    up: float

    def __str__(self) -> str:
        sideways = f"{abs(self.right):.0f} deg {'right' if self.right >= 0 else 'left'}"
        return f"{sideways}, {abs(self.up):.0f} deg {'up' if self.up >= 0 else 'down'}"


class _Runs(NamedTuple):
    """For every circle of view and every row it meets, the pixels of that row which lie in it."""

    first: npt.NDArray[np.intp]  # into a picture's running sums, one run after another
    last: npt.NDArray[np.intp]
    circle: npt.NDArray[np.intp]  # index of the first run of each circle that has any
    centre: npt.NDArray[np.intp]  # flat pixel that each such circle is about


class Sight:
    """Pixels of a picture `fov` wide, top row first."""

    def __init__(self, size: tuple[int, int], fov: Fov) -> None:
        self.size = size
        self.fov = fov
        width, height = size
        left, right, up, down = (tan(angle) for angle in fov)
        self._dx, self._dy = (right - left) / width, (up - down) / height
        self.x = left + self._dx * (np.arange(width) + 0.5)  # tangents of the pixels' centres
        self.y = up - self._dy * (np.arange(height) + 0.5)
        distance = 1.0 + self.x[None, :] ** 2 + self.y[:, None] ** 2
        self.solid: Floats = (self._dx * self._dy / distance**1.5).astype(np.float32)  # sr of each pixel
        self.whole = float(self.solid.sum(dtype=np.float64))  # sr

    def spot(self, row: float, column: float) -> Spot:
        """Where a place of the picture is seen, in pixels from the upper left."""
        x = self.x[0] + self._dx * column
        y = self.y[0] - self._dy * row
        return Spot(degrees(atan(x)), degrees(atan(y / hypot(1.0, x))))

    def share(self, mask: Mask) -> float:
        """Of the whole view, 0..1."""
        return float(self.solid[mask].sum(dtype=np.float64)) / self.whole

    def mean(self, values: Floats) -> float:
        """Over the view, each direction as much as any other."""
        return float(np.vdot(values, self.solid)) / self.whole

    def middle(self, mask: Mask) -> Spot:
        """Of a set of pixels that is not empty."""
        rows, columns = np.nonzero(mask)
        weights = self.solid[mask]
        return self.spot(float(np.average(rows, weights=weights)), float(np.average(columns, weights=weights)))

    def densest(self, mask: Mask) -> tuple[float, Spot]:
        """The most solid angle (sr) that the pixels fill in any circle of FLASH_CIRCLE_DEG, and its centre."""
        runs = self._runs
        sums = np.concatenate([[0.0], np.cumsum(np.where(mask, self.solid, 0.0), dtype=np.float64)])
        filled = np.add.reduceat(sums[runs.last] - sums[runs.first], runs.circle)
        fullest = int(filled.argmax())
        row, column = divmod(int(runs.centre[fullest]), self.size[0])
        return float(filled[fullest]), self.spot(row, column)

    def exceeds(self, mask: Mask, limit: float) -> tuple[float, Spot] | None:
        """`densest`, when it is more than `limit` sr; quick where there is little to see."""
        if float(self.solid[mask].sum()) <= limit:
            return None
        filled, spot = self.densest(mask)
        return (filled, spot) if filled > limit else None

    @cached_property
    def _runs(self) -> _Runs:
        """About every pixel: a cone meets a row of a plane in an interval, the roots of a quadratic."""
        width, height = self.size
        squared = cos(radians(FLASH_CIRCLE_DEG / 2)) ** 2
        first, last, centre = [], [], []
        for row in range(height):
            x, y = self.x[None, :], self.y[row]
            length = np.sqrt(1.0 + x * x + y * y)
            across, upward, ahead = x / length, y / length, 1.0 / length  # centres of this row's circles
            rest = upward * self.y[:, None] + ahead  # (rows met, circles)
            a = across**2 - squared
            c = rest**2 - squared * (1.0 + self.y[:, None] ** 2)
            inner = (across * rest) ** 2 - a * c
            root = np.sqrt(np.maximum(inner, 0.0))
            low, high = (-across * rest + root) / a, (-across * rest - root) / a  # a < 0
            begin = np.clip(np.ceil((low - self.x[0]) / self._dx), 0, width).astype(np.intp)
            end = np.clip(np.floor((high - self.x[0]) / self._dx) + 1, 0, width).astype(np.intp)
            column, met = np.nonzero(((inner > 0) & (end > begin)).T)  # circle by circle
            first.append(met * width + begin[met, column])
            last.append(met * width + end[met, column])
            centre.append(row * width + column)
        about = np.concatenate(centre)
        circle = np.flatnonzero(np.diff(about, prepend=-1))
        return _Runs(np.concatenate(first), np.concatenate(last), circle, about[circle])


@lru_cache(maxsize=8)
def sight(size: tuple[int, int], fov: Fov) -> Sight:
    """The same for every picture of that size and width."""
    return Sight(size, fov)
