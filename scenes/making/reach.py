"""Where a seated hand's mark lies: further out the further it reaches, in an arc before the seat. Metres."""

from __future__ import annotations

from math import sqrt
from typing import Final

from vr_app.api import Vec3

CHEST: Final[Vec3] = (0.0, 1.05, 0.0)
NEAREST, FARTHEST = 0.80, 2.40  # from the chest
OUT: Final = 0.55  # of a hand that rests there
GAIN: Final = 1.35  # by which reaching out counts: an arm that bends fills the arc as well


def in_arc(tip: Vec3, gain: float = 1.0) -> Vec3:
    """In the direction in which it lies from the chest; `gain` 0.5..2 makes a small reach count for more."""
    x, y, z = (a - b for a, b in zip(tip, CHEST, strict=True))
    away = sqrt(x * x + y * y + z * z)
    if away < 1e-3:
        return CHEST[0], CHEST[1], CHEST[2] - NEAREST
    out = min(max(OUT + GAIN * gain * away, NEAREST), FARTHEST) / away
    return CHEST[0] + x * out, CHEST[1] + y * out, CHEST[2] + z * out
