"""Paint on the bays' cloths: strokes as the GPU has them, in step with those of a work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scenes.valley.shapes import srgb
from scenes.valley.three_bays import CHALK, INK, LIGHT, PIGMENT
from vr_app.api import Kit, Pass, Pose, Stroke, Vec3, Vec4

POINTS, STROKES = 24_000, 600  # that are seen at once
BRUSHES: Final = {INK: "ink", CHALK: "chalk", LIGHT: "ribbon"}  # by tool, as works name them
OF_BRUSH: Final = {brush: tool for tool, brush in BRUSHES.items()}
SHINES: Final = {INK: 0.0, CHALK: 0.10, LIGHT: 1.0}  # share of its colour that it radiates
LEAST, WIDE = 0.0035, {INK: 0.0075, CHALK: 0.0105, LIGHT: 0.0090}  # metres: radius without pressure, and with it
OWN: Final = 1.15


def colour_of(tool: str) -> Vec4:
    red, green, blue = srgb(PIGMENT[tool]).tolist()
    return red, green, blue, SHINES[tool]


def radius_of(tool: str, pressure: float) -> float:
    return LEAST + (WIDE[tool] - LEAST) * min(max(pressure, 0.0), 1.0)


class BayPaint:
    """`begin`, `append`, `end` as a work; `show` after anything else has changed."""

    def __init__(self, kit: Kit) -> None:
        self._strokes, self._material = kit.strokes(POINTS, STROKES), kit.material("strokes")

    def begin(self, tool: str) -> bool:
        return self._strokes.begin(colour_of(tool)) is not None

    def append(self, place: Vec3, radius: float) -> bool:
        return self._strokes.append(place, radius)

    def end(self) -> None:
        self._strokes.end()

    def show(self, paint: Mapping[int, Stroke]) -> None:
        """These and no others, as many as there is room for."""
        self._strokes.clear()
        for stroke in paint.values():
            tool = OF_BRUSH.get(stroke.brush, INK)
            if self._strokes.begin((*stroke.colour[:3], SHINES[tool])) is None:
                return
            for x, y, z, radius in stroke.points.tolist():
                self._strokes.append((x, y, z), radius)
            self._strokes.end()

    def draw(self, out: Pass, lift: float) -> None:
        out.strokes(self._strokes, self._material, Pose((0.0, lift, 0.0)), own=OWN)
