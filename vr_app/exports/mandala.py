"""A mandala for print: outlines as SVG, and the same as a 300-dpi picture of 20 x 20 cm."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite
from typing import Final, Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from vr_app.api import Stroke
from vr_app.exports.flat import paint, shade
from vr_app.exports.picture import encoded
from vr_app.exports.solid import Floats, expanded, sound, straightened

Look = Literal["paper", "night", "sand"]
SIDE: Final = 200.0  # millimetres
DPI: Final = 300.0
_NAMES: Final = "http://www.w3.org/2000/svg"
MARGIN: Final = 12.0  # millimetres
GROUNDS: Final[dict[Look, str]] = {"paper": "#F6F0E4", "night": "#0E1426", "sand": "#C9AE8C"}
_SHADE, _SHINE = "#8B7248", "#E6D3B3"  # of a groove in sand
_GROOVE: Final = 0.55  # millimetres between its light and its dark side
_LIGHT: Final = frozenset({"ribbon", "dust", "tube"})
BESIDE: Final = 0.02  # millimetres that a line may be off where points are left out
MOST_POINTS: Final = 400_000  # of all copies
RAKE: Final = 3  # tines
_FINER: Final = 2  # pixels drawn for one that is kept, each way


class Line(NamedTuple):
    """A stroke from above, in millimetres from the upper left."""

    points: Floats  # (n, 3): x, y, radius
    colour: str  # #RRGGBB

    def outline(self) -> Floats:
        """Up one side and down the other, with round ends: (n, 2), closed."""
        place, radius = self.points[:, :2], self.points[:, 2:]
        way = _way(place)
        side = np.stack([-way[:, 1], way[:, 0]], axis=1)
        turns = np.linspace(0.0, np.pi, 9)[1:-1, None]
        end = place[-1] + radius[-1] * (side[-1] * np.cos(turns) + way[-1] * np.sin(turns))
        start = place[0] - radius[0] * (side[0] * np.cos(turns) + way[0] * np.sin(turns))
        return np.concatenate([place + side * radius, end, (place - side * radius)[::-1], start])


def look_of(strokes: Sequence[Stroke]) -> Look:
    """What most of it was made with."""
    names = [stroke.brush for stroke in strokes]
    if sum(name == "sand" for name in names) * 2 > len(names):
        return "sand"
    return "night" if sum(name in _LIGHT for name in names) * 2 > len(names) else "paper"


def lines(strokes: Sequence[Stroke]) -> list[Line]:
    """All copies, fitted about the middle of the work: its symmetry stays where it was."""
    whole = [stroke for stroke in map(_laid, strokes) if len(stroke.points)]
    reach = max((float((np.hypot(p[:, 0], p[:, 2]) + p[:, 3]).max()) for p in (s.points for s in whole)), default=1.0)
    scale = (SIDE / 2.0 - MARGIN) / max(reach, 1e-6)
    drawn = _within([furrow for stroke in whole for furrow in _furrows(stroke)], BESIDE / scale)
    middle = np.array([SIDE / 2.0, SIDE / 2.0, 0.0])
    return [Line(middle + scale * each.points[:, [0, 2, 3]], shade(each.colour[:3])) for each in expanded(drawn)]


def _laid(stroke: Stroke) -> Stroke:
    """Flat on the table; no place twice in a row."""
    points = sound(stroke).points * np.array([1.0, 0.0, 1.0, 1.0], np.float32)
    return sound(stroke._replace(points=points))


def _furrows(stroke: Stroke) -> list[Stroke]:
    """The lines of a rake; its colour's fourth value is a tenth of how many."""
    tines = round(10.0 * stroke.colour[3]) if stroke.brush == "sand" and isfinite(stroke.colour[3]) else 1
    if tines != RAKE or len(stroke.points) < 2:
        return [stroke]
    way = _way(stroke.points[:, ::2][:, :2])
    across = np.stack([-way[:, 1], np.zeros(len(way)), way[:, 0]], axis=1)
    place, radius = stroke.points[:, :3], stroke.points[:, 3:]
    found = [np.concatenate([place + across * radius * off, radius * 0.26], axis=1) for off in (-0.68, 0.0, 0.68)]
    return [stroke._replace(points=points.astype(np.float32)) for points in found]


def _within(whole: Sequence[Stroke], beside: float) -> Sequence[Stroke]:
    """Smooth, and of no more points than a printer takes; `beside` in metres is not seen on paper."""
    smooth = [stroke._replace(points=_smooth(stroke.points)) for stroke in whole]
    for _ in range(6):
        smooth = [s._replace(points=straightened(s.points, np.full(len(s.points), beside, np.float32))) for s in smooth]
        if sum(len(s.points) * s.turns * (2 if s.mirror else 1) for s in smooth) <= MOST_POINTS:
            break
        beside *= 2.0
    return smooth


def _smooth(points: Floats) -> Floats:
    """Two more points between each two (Catmull and Rom, 1974)."""
    if len(points) < 3:
        return points
    padded = np.concatenate([2.0 * points[:1] - points[1:2], points, 2.0 * points[-1:] - points[-2:-1]])
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    parts = [
        0.5 * (2.0 * b + (c - a) * t + (2.0 * a - 5.0 * b + 4.0 * c - d) * t**2 + (3.0 * b - a - 3.0 * c + d) * t**3)
        for t in (0.0, 1.0 / 3.0, 2.0 / 3.0)
    ]
    made = np.concatenate([np.stack(parts, axis=1).reshape(-1, 4), points[-1:]])
    made[:, 3] = np.clip(made[:, 3], points[:, 3].min(), points[:, 3].max())
    return made.astype(np.float32)


def _way(place: Floats) -> Floats:
    """The unit direction of a line at each of its (n, 2) places."""
    if len(place) == 1:
        return np.array([[1.0, 0.0]], np.float32)
    step = np.diff(place, axis=0)
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    mean = np.concatenate([step[:1], step[:-1] + step[1:], step[-1:]])
    size = np.linalg.norm(mean, axis=1, keepdims=True)
    return np.asarray(np.where(size > 1e-3, mean / np.maximum(size, 1e-9), np.concatenate([step[:1], step])))


def svg(strokes: Sequence[Stroke], title: str = "Mandala") -> str:
    """SVG 1.1, millimetres; nothing in it but shapes and its title."""
    look, drawn = look_of(strokes), lines(strokes)
    rows = [
        f'<svg xmlns="{_NAMES}" width="{SIDE:g}mm" height="{SIDE:g}mm" viewBox="0 0 {SIDE:g} {SIDE:g}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="{GROUNDS[look]}"/>',
    ]
    for dx, dy, colour in _passes(look):
        for line in drawn:
            d = "M" + "L".join(f"{x + dx:.2f} {y + dy:.2f}" for x, y in line.outline().tolist()) + "Z"
            rows.append(f'<path d="{d}" fill="{colour or line.colour}"/>')
    return "\n".join([*rows, "</svg>", ""])


def _passes(look: Look) -> Sequence[tuple[float, float, str]]:
    """Offsets and colours in which everything is drawn, one over the other; "" is its own colour."""
    if look == "sand":
        return (_GROOVE, _GROOVE, _SHINE), (-_GROOVE, -_GROOVE, _SHADE), (0.0, 0.0, "#B39670")
    return ((0.0, 0.0, ""),)


def print_png(strokes: Sequence[Stroke], dots_an_inch: float = DPI) -> bytes:
    """The same, as a picture that says how large it is."""
    side = round(SIDE / 25.4 * dots_an_inch)
    look, drawn = look_of(strokes), lines(strokes)
    fine = Image.new("RGB", (side * _FINER, side * _FINER), GROUNDS[look])
    scale = side * _FINER / SIDE
    drawing = ImageDraw.Draw(fine)
    for dx, dy, colour in _passes(look):
        for line in drawn:
            paint(drawing, (line.points + np.array([dx, dy, 0.0])) * scale, colour or line.colour)
    picture = fine.resize((side, side), Image.Resampling.BOX)
    if look == "night":  # light has a glow about it
        glow = picture.filter(ImageFilter.GaussianBlur(side / 160.0))
        picture = Image.fromarray(np.maximum(np.asarray(picture), np.asarray(glow)))
    return encoded(picture, dots_an_inch=dots_an_inch)
