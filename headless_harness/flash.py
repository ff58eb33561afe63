"""Flashes of light and of saturated red, by area, in a sequence of pictures (WCAG 2.2, stricter by vr_app/limits.py).

Every pixel counts for itself: neighbouring peaks and valleys of its light that differ enough are transitions, two
opposing ones a flash. Pixels that flash within one second are added up by solid angle in any circle of view.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from headless_harness.finding import Finding, Stretches
from headless_harness.pictures import linear
from headless_harness.sight import Floats, Mask, Sight, Spot
from vr_app import limits

# What a display shows where a picture is black, of white: contrast 1000 : 1. It gives black a hue, which is none.
BLACK_GLOW = 0.001
# CIE 1976 u'v' of linear Rec. 709 light: numerators of u' and v' and their denominator, from XYZ (IEC 61966-2-1).
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_UVD = (np.array([[4, 0, 0], [0, 9, 0], [1, 15, 3]]) @ _XYZ).astype(np.float32)
RED_PRIMARY = _UVD[:2, 0] / _UVD[2, 0]  # u'v' of the reddest red
_DECODED = linear(np.arange(256, dtype=np.uint8)).astype(np.float32)
Pixels = npt.NDArray[np.uint8]


class Picture(NamedTuple):
    """One eye at one moment, as light."""

    time: float  # seconds
    light: Floats  # (h, w, 3) linear red, green, blue in 0..1, top row first; NaN where nothing was ever seen
    luminance: Floats  # (h, w), relative


def picture(time: float, pixels: Pixels) -> Picture:
    """From (h, w, 3) uint8, sRGB-encoded."""
    return lit(time, _DECODED[pixels])


def lit(time: float, light: Floats) -> Picture:
    """From linear light."""
    return Picture(time, light, light @ np.array(limits.LUMINANCE_WEIGHTS, np.float32))


class Swings:
    """Finds, element by element, rises and falls of at least `step` between neighbouring peaks and valleys.

    With `darker_below` only those count whose lower end lies below it.
    """

    def __init__(self, shape: tuple[int, ...], step: float | Floats, darker_below: float = np.inf) -> None:
        self._step, self._darker_below = step, darker_below
        self._high = np.full(shape, np.nan, np.float32)  # since the last swing
        self._low = np.full(shape, np.nan, np.float32)
        self._way = np.zeros(shape, np.int8)  # of the last swing: 1 up, -1 down, 0 none yet

    def see(self, values: Floats) -> npt.NDArray[np.int8]:
        """1 where a rise has just become large enough, -1 where a fall has, else 0. NaN: not seen, nothing changes."""
        np.fmax(self._high, values, out=self._high)
        np.fmin(self._low, values, out=self._low)
        risen = (self._way <= 0) & (values - self._low >= self._step) & (self._low < self._darker_below)
        fallen = (self._way >= 0) & (self._high - values >= self._step) & (values < self._darker_below) & ~risen
        swung = risen | fallen
        np.copyto(self._high, values, where=swung)
        np.copyto(self._low, values, where=swung)
        turned = risen.astype(np.int8) - fallen.astype(np.int8)
        np.copyto(self._way, turned, where=swung)
        return turned


class RedSwings:
    """Finds changes by at least RED_CHROMATICITY_STEP in u'v' from or to a saturated red, pixel by pixel.

    Since the last change each pixel keeps the hue that is nearest to the reddest red, where it was a saturated red,
    or farthest from it, where it was none: the peaks and valleys of redness.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._kept = np.full((2, *shape), np.nan, np.float32)  # u'v'
        self._kept_off = np.full(shape, np.nan, np.float32)  # its distance from the red primary
        self._red = np.zeros(shape, np.bool_)

    def see(self, light: Floats) -> tuple[Mask, Mask]:
        """Where a change is complete, and where the picture is saturated red now."""
        glowing = light + np.float32(BLACK_GLOW)
        now = glowing[..., 0] >= limits.RED_SHARE * glowing.sum(-1)
        if not now.any() and not self._red.any():  # the usual case: only the farthest hue may have moved
            self._keep_farthest(glowing)
            return now, now
        u, v, off = _hue(glowing)
        first = np.isnan(self._kept_off)
        away = np.hypot(u - self._kept[0], v - self._kept[1])
        changed = (now != self._red) & (away > limits.RED_CHROMATICITY_STEP)
        # A red that has lost its saturation, but not yet enough, is still the red of before.
        better = np.where(self._red, now & (off < self._kept_off), ~now & (off > self._kept_off))
        self._put(changed | better | first, u, v, off)
        self._red = np.where(changed | first, now, self._red)
        return changed, now

    def _keep_farthest(self, glowing: Floats) -> None:
        u, v, off = _hue(glowing)
        self._put(~(off <= self._kept_off), u, v, off)

    def _put(self, where: Mask, u: Floats, v: Floats, off: Floats) -> None:
        np.copyto(self._kept[0], u, where=where)
        np.copyto(self._kept[1], v, where=where)
        np.copyto(self._kept_off, off, where=where)


def _hue(light: Floats) -> tuple[Floats, Floats, Floats]:
    """u', v' and the distance from the red primary."""
    parts = light @ _UVD.T
    u, v = parts[..., 0] / parts[..., 2], parts[..., 1] / parts[..., 2]
    return u, v, np.hypot(u - RED_PRIMARY[0], v - RED_PRIMARY[1])


class LastSecond:
    """How many transitions each pixel had within one second up to now."""

    def __init__(self, shape: tuple[int, int], hz: float) -> None:
        self._ring = np.zeros((max(round(hz), 1), *shape), np.bool_)
        self._turn = 0
        self.count = np.zeros(shape, np.int16)

    def add(self, changed: Mask) -> None:
        slot = self._ring[self._turn]
        self.count += changed
        self.count -= slot
        slot[...] = changed
        self._turn = (self._turn + 1) % len(self._ring)


def too_many(allowed: int) -> int:
    """Transitions within a second that are more than `allowed` flashes; a flash is two, so one alone is none."""
    return max(2 * allowed + 1, 2)


class FlashWatch:
    """General flashes, red flashes and saturated red fields of one eye; pictures come at `hz`."""

    def __init__(self, view: Sight, hz: float) -> None:
        shape = view.size[1], view.size[0]
        self._view = view
        self._swings = Swings(shape, limits.FLASH_LUMINANCE_STEP, limits.FLASH_DARKER_BELOW)
        self._reds = RedSwings(shape)
        self._recent, self._recent_red = LastSecond(shape, hz), LastSecond(shape, hz)
        self._general = Stretches("general flash", limits.GENERAL_FLASHES_PER_SECOND)
        self._red = Stretches("red flash", limits.RED_FLASHES_PER_SECOND)
        self._field = Stretches("red field", limits.FLASH_SOLID_ANGLE_SR)
        self.most = 0.0  # general flashes in a second, over the area that counts

    def see(self, now: Picture) -> None:
        self._recent.add(self._swings.see(now.luminance) != 0)
        self.most = max(self.most, self._judge(now.time, self._recent, self._general, 1))
        changed, red = self._reds.see(now.light)
        self._recent_red.add(changed)
        self._judge(now.time, self._recent_red, self._red, too_many(limits.RED_FLASHES_PER_SECOND))
        if red.any() and (found := self._view.exceeds(red, limits.FLASH_SOLID_ANGLE_SR)):
            self._field.note(now.time, *found)

    @property
    def findings(self) -> list[Finding]:
        return [*self._general.found, *self._red.found, *self._field.found]

    def _judge(self, time: float, recent: LastSecond, kept: Stretches, least: int) -> float:
        """Note the most flashes that enough of the view has had; return their number."""
        transitions, spot = self._highest(recent, least)
        if spot is not None and transitions >= too_many(int(kept.limit)):
            kept.note(time, transitions / 2, spot, lasted=1.0)
        return transitions / 2

    def _highest(self, recent: LastSecond, least: int) -> tuple[int, Spot | None]:
        """The most transitions, `least` or more, that a large enough area has had."""
        top, spot = 0, None
        for transitions in range(least, int(recent.count.max()) + 1):
            found = self._view.exceeds(recent.count >= transitions, limits.FLASH_SOLID_ANGLE_SR)
            if found is None:
                break
            top, spot = transitions, found[1]
        return top, spot
