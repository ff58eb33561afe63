"""A mandala for print: outlines as SVG, and the same as a 300-dpi picture of 20 x 20 cm."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from vr_app.api import Stroke
from vr_app.exports.picture import encoded
from vr_app.exports.solid import Floats, expanded, frames_of

Look = Literal["paper", "night", "sand"]
SIDE: Final = 200.0  # millimetres
DPI: Final = 300.0
_NAMES: Final = "http://www.w3.org/2000/svg"
MARGIN: Final = 12.0  # millimetres
GROUNDS: Final[dict[Look, str]] = {"paper": "#F6F0E4", "night": "#0E1426", "sand": "#C9AE8C"}
_SHADE, _SHINE = "#8B7248", "#E6D3B3"  # of a groove in sand
_GROOVE: Final = 0.55  # millimetres between its light and its dark side
_LIGHT: Final = frozenset({"ribbon", "dust", "tube"})
_FINER: Final = 2  # pixels drawn for one that is kept, each way


class Outline(NamedTuple):
    """A stroke from above: a closed polygon in millimetres from the upper left."""

    points: Floats  # (n, 2)
    colour: str  # #RRGGBB


def look_of(strokes: Sequence[Stroke]) -> Look:
    """What most of it was made with."""
    names = [stroke.brush for stroke in strokes]
    if sum(name == "sand" for name in names) * 2 > len(names):
        return "sand"
    return "night" if sum(name in _LIGHT for name in names) * 2 > len(names) else "paper"


def outlines(strokes: Sequence[Stroke]) -> list[Outline]:
    """All copies, fitted about the middle of the work: its symmetry stays where it was."""
    whole = [stroke for stroke in expanded(strokes) if len(stroke.points)]
    reach = max(
        (float((np.hypot(p[:, 0], p[:, 2]) + p[:, 3]).max()) for p in (each.points for each in whole)), default=1.0
    )
    scale = (SIDE / 2.0 - MARGIN) / max(reach, 1e-6)
    return [Outline(SIDE / 2.0 + scale * _around(each.points), _hex(each.colour[:3])) for each in whole]


def _around(points: Floats) -> Floats:
    """Up one side and down the other, with round ends; x to the right and z down, as from the seat."""
    flat = np.stack([points[:, 0], np.zeros(len(points)), points[:, 2]], axis=1).astype(np.float32)
    keep = np.concatenate([[True], np.linalg.norm(np.diff(flat, axis=0), axis=1) > 1e-6])
    flat, radius = flat[keep], points[keep, 3:4]
    along, _ = frames_of(flat)
    flat_way = along[:, ::2] if len(flat) > 1 else np.array([[1.0, 0.0]], np.float32)
    way = np.asarray(flat_way / np.maximum(np.linalg.norm(flat_way, axis=1, keepdims=True), 1e-9), np.float32)
    side = np.stack([-way[:, 1], way[:, 0]], axis=1)
    place = flat[:, ::2]
    turns = np.linspace(0.0, np.pi, 9)[1:-1, None]
    end = place[-1] + radius[-1] * (side[-1] * np.cos(turns) + way[-1] * np.sin(turns))
    start = place[0] - radius[0] * (side[0] * np.cos(turns) + way[0] * np.sin(turns))
    return np.concatenate([place + side * radius, end, (place - side * radius)[::-1], start])


def _hex(linear: Sequence[float]) -> str:
    """sRGB (IEC 61966-2-1) of linear light."""
    x = np.clip(np.array(linear), 0.0, 1.0)
    encoded_light = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1.0 / 2.4) - 0.055)
    red, green, blue = (round(255.0 * float(value)) for value in encoded_light)
    return f"#{red:02X}{green:02X}{blue:02X}"


def svg(strokes: Sequence[Stroke], title: str = "Mandala") -> str:
    """SVG 1.1, millimetres; nothing in it but shapes and its title."""
    look = look_of(strokes)
    lines = [
        f'<svg xmlns="{_NAMES}" width="{SIDE:g}mm" height="{SIDE:g}mm" viewBox="0 0 {SIDE:g} {SIDE:g}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="{GROUNDS[look]}"/>',
    ]
    for dx, dy, colour in _passes(look):
        for outline in outlines(strokes):
            d = "M" + "L".join(f"{x + dx:.2f} {y + dy:.2f}" for x, y in outline.points.tolist()) + "Z"
            lines.append(f'<path d="{d}" fill="{colour or outline.colour}"/>')
    return "\n".join([*lines, "</svg>", ""])


def _passes(look: Look) -> Sequence[tuple[float, float, str]]:
    """Offsets and colours in which everything is drawn, one over the other; "" is its own colour."""
    if look == "sand":
        return (_GROOVE, _GROOVE, _SHINE), (-_GROOVE, -_GROOVE, _SHADE), (0.0, 0.0, "#B39670")
    return ((0.0, 0.0, ""),)


def print_png(strokes: Sequence[Stroke], dots_an_inch: float = DPI) -> bytes:
    """The same, as a picture that says how large it is."""
    side = round(SIDE / 25.4 * dots_an_inch)
    look = look_of(strokes)
    fine = Image.new("RGB", (side * _FINER, side * _FINER), GROUNDS[look])
    scale = side * _FINER / SIDE
    drawing = ImageDraw.Draw(fine)
    for dx, dy, colour in _passes(look):
        for outline in outlines(strokes):
            corners = [((x + dx) * scale, (y + dy) * scale) for x, y in outline.points.tolist()]
            drawing.polygon(corners, fill=colour or outline.colour)
    picture = fine.resize((side, side), Image.Resampling.BOX)
    if look == "night":  # light has a glow about it
        glow = picture.filter(ImageFilter.GaussianBlur(side / 160.0))
        picture = Image.fromarray(np.maximum(np.asarray(picture), np.asarray(glow)))
    return encoded(picture, dots_an_inch=dots_an_inch)
