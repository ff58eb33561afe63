"""Six quiet symbols as pictures of distance, to be cut into paper: a leaf, a wave, a hill, a star, a hand, a circle."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, tau
from typing import Final

import numpy as np
import numpy.typing as npt

from scenes.valley.shapes import Floats
from vr_app.api import Arrays

SYMBOLS: Final = ("leaf", "wave", "hill", "star", "hand", "circle")
TEXELS: Final = 112  # of a symbol's square
LINE: Final = 0.06  # half the width of a cut, in half sides of the square
REACH: Final = 0.30  # distance that the picture holds on either side of a cut's edge; the square ends beyond


def symbol_arrays() -> Arrays:
    """'symbols': (TEXELS, 6 TEXELS, 1) uint8, left to right, the top row last: 128 on the edge of a cut, more in it."""
    ticks = (np.arange(TEXELS) + 0.5) / TEXELS * 2.0 - 1.0
    x, y = np.meshgrid(ticks, ticks)
    drawn = [LINE - away for away in (_leaf(x, y), _wave(x, y), _hill(x, y), _star(x, y), _hand(x, y), _circle(x, y))]
    row = np.concatenate(drawn, axis=1)
    pixels = np.round(127.5 + 127.5 * np.clip(row / REACH, -1.0, 1.0)).astype(np.uint8)
    return {"symbols": pixels[..., None]}


def _leaf(x: Floats, y: Floats) -> Floats:
    """Two bows that meet in a tip and a stalk, a rib between them; it leans."""
    t = np.linspace(0.0, 1.0, 40)
    half, along = 0.40 * np.sin(pi * t) ** 0.8, -0.46 + 1.22 * t
    lean = 0.42
    lines = [_leaning(side * half, along, lean) for side in (-1.0, 1.0)]
    lines.append(_leaning(0.05 * np.sin(pi * t), -0.82 + 1.18 * t, lean))
    return _nearest(x, y, lines)


def _leaning(x: Floats, y: Floats, by: float) -> Floats:
    return np.stack([x * np.cos(by) + y * np.sin(by), y * np.cos(by) - x * np.sin(by)], axis=-1)


def _wave(x: Floats, y: Floats) -> Floats:
    """Three lines of swell."""
    t = np.linspace(-0.78, 0.78, 60)
    return _nearest(
        x, y, [np.stack([t, at + 0.13 * np.sin(tau * t / 0.8 + shift)], axis=-1)
               for at, shift in ((0.42, 0.0), (0.0, 1.3), (-0.42, 2.6))]
    )  # fmt: skip


def _hill(x: Floats, y: Floats) -> Floats:
    """A low slope before a higher one, and the shore below."""
    t = np.linspace(-0.80, 0.80, 60)
    near = np.stack([t, -0.34 + 0.44 * np.exp(-(((t + 0.34) / 0.30) ** 2))], axis=-1)
    far = np.stack([t, -0.34 + 0.90 * np.exp(-(((t - 0.20) / 0.34) ** 2))], axis=-1)
    before = far[:, 1] > near[:, 1] + 0.02
    ground = np.stack([t, -0.60 + 0.03 * np.sin(5.0 * t)], axis=-1)
    return _nearest(x, y, [near[t < 0.06], far[before & (t > -0.35)], ground])


def _star(x: Floats, y: Floats) -> Floats:
    """Four points, its sides bent in."""
    t = np.linspace(0.0, tau, 160)
    curve = np.stack([np.sign(np.cos(t)) * np.abs(np.cos(t)) ** 3.4, np.sign(np.sin(t)) * np.abs(np.sin(t)) ** 3.4], -1)
    return _nearest(x, y, [0.80 * curve])


def _hand(x: Floats, y: Floats) -> Floats:
    """An open hand, whole: palm, four fingers and a thumb."""
    within = _from_line(x, y, -0.03, -0.50, -0.02, -0.26) - 0.30
    for base, tip, wide in (
        ((-0.235, -0.15), (-0.40, 0.36), 0.072),
        ((-0.09, -0.05), (-0.15, 0.62), 0.078),
        ((0.06, -0.05), (0.10, 0.66), 0.078),
        ((0.20, -0.12), (0.33, 0.48), 0.072),
        ((0.12, -0.50), (0.62, -0.06), 0.085),
    ):
        within = _blended(within, _from_line(x, y, *base, *tip) - wide)
    return within + LINE


def _circle(x: Floats, y: Floats) -> Floats:
    return np.abs(np.hypot(x, y) - 0.62)


def _blended(a: Floats, b: Floats) -> Floats:
    """The nearer of two outlines, their inner corners rounded."""
    share = np.clip(0.5 + 0.5 * (b - a) / 0.04, 0.0, 1.0)
    return np.asarray(b + (a - b) * share - 0.04 * share * (1.0 - share))


def _from_line(x: Floats, y: Floats, ax: float, ay: float, bx: float, by: float) -> Floats:
    """Distance to a line from a to b."""
    dx, dy = bx - ax, by - ay
    t = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    return np.hypot(x - ax - t * dx, y - ay - t * dy)


def _nearest(x: Floats, y: Floats, lines: Sequence[npt.NDArray[np.float64]]) -> Floats:
    """Distance to the nearest of several bent lines (n, 2)."""
    away = np.full_like(x, 9.0)
    for line in lines:
        for (ax, ay), (bx, by) in zip(line[:-1].tolist(), line[1:].tolist(), strict=True):
            away = np.minimum(away, _from_line(x, y, ax, ay, bx, by))
    return away
