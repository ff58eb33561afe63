"""World drift: how fast, and in how much of the view, the picture moves while the head is held still.

Every block of the picture gets one velocity from its gradients over half a second (Lucas and Kanade 1981), at three
sizes of detail so that fast motion is followed too. A block counts only where that motion explains most of what has
changed: light that swells in place is no drift. Things narrower than some 16 degrees are not judged. Speeds are angles;
how far things are is not known here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from headless_harness.finding import Finding, Stretches
from headless_harness.flash import Picture
from headless_harness.sight import Floats, Mask, Sight, sight
from vr_app import limits

NOTICED_DEG_PER_SECOND = 0.5  # slower motion of a part of the view is not counted in its area
EXPLAINED = 0.6  # of a block's change by its motion, at least
GRADIENT = 0.004  # of white a pixel, root mean square: fainter detail says nothing of motion
MEMORY_SECONDS = 0.5  # of sums that fade


class _Scale(NamedTuple):
    """One size of detail. Slow motion shows in fine detail after a while, fast motion in coarse detail at once."""

    coarser: int  # pixels of the picture in one of this scale
    block: int  # pixels of this scale, each way
    seconds: float  # between the two pictures that are compared, at least one


SCALES = (_Scale(1, 8, 0.2), _Scale(2, 8, 0.1), _Scale(4, 4, 0.0))


@dataclass(slots=True)
class _Level:
    """What is known at one scale."""

    scale: _Scale
    view: Sight
    past: deque[Floats]  # pictures of this scale, the oldest is compared with the newest
    sums: Floats  # (6, blocks down, blocks across), fading means of xx, xy, yy, xt, yt, tt


class DriftWatch:
    """Drift of one eye; pictures come at `hz`."""

    def __init__(self, view: Sight, hz: float) -> None:
        self._view, self._hz = view, hz
        self._keep = 1.0 - 1.0 / max(MEMORY_SECONDS * hz, 1.0)
        self._levels = [_level(view, scale, hz) for scale in SCALES]
        self._seen = 0
        self._speed = Stretches("drift speed", limits.DRIFT_DEG_PER_SECOND)
        self._area = Stretches("drift area", limits.DRIFT_VIEW_SHARE)
        self.fastest, self.widest = 0.0, 0.0  # degrees/s of what fills a flash's area; share of the view

    def see(self, now: Picture) -> None:
        for level in self._levels:
            _add(level, now.luminance, self._keep)
        self._seen += 1
        if self._seen >= 2 * MEMORY_SECONDS * self._hz:
            self._judge(now.time)

    @property
    def findings(self) -> list[Finding]:
        return [*self._speed.found, *self._area.found]

    def speeds(self) -> Floats:
        """Degrees a second of every pixel, 0 where nothing drifts."""
        height, width = self._view.size[1], self._view.size[0]
        speed, trust = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
        for level in self._levels:
            there, explained = _velocities(level, self._hz)
            side = level.scale.block * level.scale.coarser
            there, explained = (np.kron(part, np.ones((side, side), np.float32)) for part in (there, explained))
            rows, columns = there.shape
            better = explained > trust[:rows, :columns]
            np.copyto(speed[:rows, :columns], there, where=better)
            np.copyto(trust[:rows, :columns], explained, where=better)
        speed[trust < EXPLAINED] = 0.0
        return speed

    def _judge(self, time: float) -> None:
        speed = self.speeds()
        share = self._view.share(speed >= NOTICED_DEG_PER_SECOND)
        self.widest = max(self.widest, share)
        if share >= limits.DRIFT_VIEW_SHARE:
            self._area.note(time, share, self._view.middle(speed >= NOTICED_DEG_PER_SECOND))
        fastest = self._fastest(speed)
        self.fastest = max(self.fastest, fastest)
        if fastest > limits.DRIFT_DEG_PER_SECOND:
            self._speed.note(time, fastest, self._view.middle(speed > limits.DRIFT_DEG_PER_SECOND))

    def _fastest(self, speed: Floats) -> float:
        """The speed that enough of some circle of view reaches."""
        top = 0.0
        for each in np.unique(speed[speed > 0.0])[::-1]:
            reached: Mask = speed >= each
            if self._view.exceeds(reached, limits.FLASH_SOLID_ANGLE_SR):
                top = float(each)
                break
        return top


def _level(view: Sight, scale: _Scale, hz: float) -> _Level:
    width, height = (side // scale.coarser for side in view.size)
    pictures = max(round(scale.seconds * hz), 1) + 1
    blocks = (6, height // scale.block, width // scale.block)
    return _Level(scale, sight((width, height), view.fov), deque(maxlen=pictures), np.zeros(blocks, np.float32))


def _coarse(luminance: Floats, by: int) -> Floats:
    height, width = (side // by for side in luminance.shape)
    coarse: Floats = luminance[: height * by, : width * by].reshape(height, by, width, by).mean((1, 3))
    return coarse


def _add(level: _Level, luminance: Floats, keep: float) -> None:
    """Let the sums fade and add this picture's."""
    past = level.past
    past.append(_coarse(luminance, level.scale.coarser))
    if len(past) < (past.maxlen or 0):
        return
    one, other = past[0], past[-1]
    middle = 0.5 * (one + other)
    x, y = np.zeros_like(middle), np.zeros_like(middle)
    x[:, 1:-1] = 0.5 * (middle[:, 2:] - middle[:, :-2])
    y[1:-1] = 0.5 * (middle[2:] - middle[:-2])
    changed = other - one
    level.sums[...] *= keep
    block = level.scale.block
    _, down, across = level.sums.shape
    for index, product in enumerate((x * x, x * y, y * y, x * changed, y * changed, changed * changed)):
        cut = product[: down * block, : across * block].reshape(down, block, across, block)
        level.sums[index] += (1.0 - keep) * cut.mean((1, 3))


def _velocities(level: _Level, hz: float) -> tuple[Floats, Floats]:
    """Degrees a second of each block, and which part of its change that motion explains; 0 where there is no detail."""
    xx, xy, yy, xt, yt, tt = level.sums
    faint = np.float32(GRADIENT**2)
    inner = (xx + faint) * (yy + faint) - xy * xy  # the small addend keeps stripes to their own normal
    across = _calm(-((yy + faint) * xt - xy * yt) / inner)  # pixels from one picture to the other
    down = _calm(-((xx + faint) * yt - xy * xt) / inner)
    left = tt + 2 * (across * xt + down * yt) + across * across * xx + 2 * across * down * xy + down * down * yy
    explained = np.where(xx + yy >= faint, 1.0 - left / np.maximum(tt, 1e-12), 0.0)
    speed = _angle(level, across, down) * np.float32(hz / max(len(level.past) - 1, 1))
    return speed, explained.astype(np.float32)


def _calm(motion: Floats) -> Floats:
    """The median of each block and its neighbours: what drifts is wider than a block."""
    height, width = motion.shape
    wide = np.pad(motion, 1, mode="edge")
    nine = [wide[down : down + height, across : across + width] for down in range(3) for across in range(3)]
    return np.asarray(np.median(nine, axis=0), np.float32)


def _angle(level: _Level, across: Floats, down: Floats) -> Floats:
    """Degrees that so many pixels are at the middle of each block."""
    block = level.scale.block
    rows, columns = (block * np.arange(count) + block // 2 for count in across.shape)
    x, y = level.view.x[columns][None, :], level.view.y[rows][:, None]
    dx = across * (level.view.x[1] - level.view.x[0])
    dy = down * (level.view.y[1] - level.view.y[0])
    # Of a tangent plane's motion only the part across the line of sight turns it.
    squared = 1.0 + x * x + y * y
    along = (x * dx + y * dy) ** 2 / squared
    angle: Floats = np.degrees(np.sqrt(np.maximum(dx * dx + dy * dy - along, 0.0) / squared)).astype(np.float32)
    return angle
