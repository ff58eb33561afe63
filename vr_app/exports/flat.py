"""Strokes as flat paint on a Pillow picture, whatever way they cross themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import ImageDraw

from vr_app.exports.solid import Floats


def shade(linear: Sequence[float]) -> str:
    """#RRGGBB, sRGB (IEC 61966-2-1), of linear light."""
    x = np.clip(np.array(linear), 0.0, 1.0)
    encoded = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1.0 / 2.4) - 0.055)
    red, green, blue = (round(255.0 * float(value)) for value in encoded)
    return f"#{red:02X}{green:02X}{blue:02X}"


def paint(drawing: ImageDraw.ImageDraw, line: Floats, colour: str) -> None:
    """A line of (n, 3) x, y and radius in pixels: a disc at each point and what lies between two.

    Not one polygon: Pillow leaves open what a polygon covers twice.
    """
    for x, y, radius in line.tolist():
        drawing.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    if len(line) < 2:
        return
    way = np.diff(line[:, :2], axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    side = np.stack([-way[:, 1], way[:, 0]], axis=1)
    start, end, wide, narrow = line[:-1, :2], line[1:, :2], line[:-1, 2:], line[1:, 2:]
    quads = np.concatenate([start + side * wide, end + side * narrow, end - side * narrow, start - side * wide], axis=1)
    for corners in quads.tolist():
        drawing.polygon(corners, fill=colour)
