"""A work in a few lines, to know it by in a list: seen from ahead, a mandala from above, in a square of 100."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

import numpy as np

from vr_app.api import Stroke
from vr_app.companion.forms import Glimpse, Line
from vr_app.exports.flat import shade
from vr_app.exports.items import Kind
from vr_app.exports.mandala import GROUNDS, look_of
from vr_app.exports.solid import expanded, sound

SIDE: Final = 100.0
MARGIN: Final = 7.0
MOST_POINTS: Final = 900  # of all copies
MOST_LINES: Final = 240
_THINNEST: Final = 0.7
_LEAST: Final = 0.1  # metres that it shows at least
_DUSK: Final = "#222B49"  # as in pictures that go home


def glimpse(kind: Kind, strokes: Sequence[Stroke]) -> Glimpse:
    """However large the work, it stays as small."""
    seen = [stroke for stroke in map(sound, strokes) if len(stroke.points)]
    copies = sum(stroke.turns * (1 + stroke.mirror) for stroke in seen)
    if copies > MOST_LINES:
        few = ceil(len(seen) * MOST_LINES / copies)
        seen = [seen[number] for number in np.linspace(0, len(seen) - 1, few).astype(int)]
    points = sum(len(stroke.points) * stroke.turns * (1 + stroke.mirror) for stroke in seen)
    every = ceil(points / MOST_POINTS) or 1
    thinned = [stroke._replace(points=np.concatenate([stroke.points[::every], stroke.points[-1:]])) for stroke in seen]
    above = kind == "mandala"
    flat = [
        (stroke.points[:, 3], stroke.points[:, [0, 2]] if above else stroke.points[:, :2] * (1.0, -1.0), stroke.colour)
        for stroke in expanded(thinned)
    ]
    ground = GROUNDS[look_of(strokes)] if above else _DUSK
    if not flat:
        return Glimpse(ground, ())
    low = np.min([(place - radius[:, None]).min(axis=0) for radius, place, _ in flat], axis=0)
    high = np.max([(place + radius[:, None]).max(axis=0) for radius, place, _ in flat], axis=0)
    scale = (SIDE - 2.0 * MARGIN) / max(float((high - low).max()), _LEAST)
    lines = []
    for radius, place, colour in flat:
        at = SIDE / 2.0 + scale * (place - (low + high) / 2.0)
        wide = max(2.0 * scale * float(np.median(radius)), _THINNEST)
        lines.append(Line(shade(colour[:3]), round(wide, 1), tuple(np.round(at, 1).ravel().tolist())))
    return Glimpse(ground, tuple(lines))
