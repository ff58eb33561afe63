"""The brushes: what each is made of, how wide it is and how far apart its points lie; and their ink. Metres.

shaders/include/brush.glsl reads which one it is, and its own value, from a stroke's fourth colour byte.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vr_app.api import WORK_POINTS, Frame, Kit, Pass, Pose, Strokes, Vec4

COPIES: Final = 8192  # of strokes, that are seen at most


class Brush(NamedTuple):
    number: int
    light: bool  # shines, and is seen through; else it is matter
    radius: float  # half its width at full pressure
    spacing: float  # between two points
    least: float  # share of its radius without pressure


BRUSHES: Final[dict[str, Brush]] = {
    "ribbon": Brush(0, True, 0.040, 0.014, 0.35),
    "ink": Brush(1, False, 0.014, 0.008, 0.15),
    "chalk": Brush(2, False, 0.022, 0.012, 0.50),
    "leaf": Brush(3, False, 0.034, 0.046, 0.60),
    "dust": Brush(4, True, 0.070, 0.030, 0.60),
    "tube": Brush(5, True, 0.013, 0.010, 0.45),
}
PLAINEST: Final = "ink"  # what a brush is shown as that is not known
OWN: Final = 31.0  # steps of a brush's own value in the byte


def brush(name: str) -> Brush:
    return BRUSHES.get(name) or BRUSHES[PLAINEST]


def paint(name: str, colour: Vec4) -> Vec4:
    """A stroke's colour as shaders read it: the brush and its own value in one byte."""
    red, green, blue, own = colour
    return red, green, blue, (32.0 * brush(name).number + OWN * min(max(own, 0.0), 1.0)) / 255.0


class AirInks:
    """Strokes of matter and of light that hang in the air, or before a cloth; see scenes.making.canvas.Inks."""

    def __init__(self, kit: Kit, points: int = WORK_POINTS, copies: int = COPIES) -> None:
        self.matter, self.light = kit.strokes(points, copies), kit.strokes(points, copies)
        self._solid, self._shines = kit.material("brush"), kit.material("brush_light")

    def of(self, name: str) -> Strokes | None:
        return None if ":" in name else self.light if brush(name).light else self.matter

    def colour(self, name: str, colour: Vec4) -> Vec4:
        return paint(name, colour)

    def spacing(self, name: str) -> float:
        return brush(name).spacing

    def clear(self) -> None:
        self.matter.clear()
        self.light.clear()

    def draw(self, out: Pass, frame: Frame, at: Pose = Pose()) -> None:
        """Matter first, then what shines; nothing of it while it is veiled. `at`: the canvas's own frame."""
        if frame.veil < 1.0:
            out.strokes(self.matter, self._solid, at, veil=frame.veil)
            out.strokes(self.light, self._shines, at, veil=frame.veil)
