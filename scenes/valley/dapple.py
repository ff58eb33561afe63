"""The shadow that birch leaves throw, as a tiling texture: the calm room's sun patch and dappled ground share it."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import numpy.typing as npt

from scenes.valley.light import spread
from scenes.valley.shapes import Floats, Ints
from vr_app.api import Arrays, Image, Kit

SIZE = 512  # pixels of the tile's side
METRES = 2.0  # of the tile's side
BOUGHS, TWIGS, LEAVES = 7, 9, 14  # boughs in the tile with open sun between them, twigs of a bough, leaves of a twig


def dapple_arrays() -> Arrays:
    """'dapple' (SIZE, SIZE, 1) float32: 1 where a leaf or twig keeps the sun away, with soft edges a pixel wide."""
    random = np.random.default_rng(11)
    shade = np.zeros((SIZE, SIZE))
    for start in [foot for bough in spread(BOUGHS) for foot in _bough(shade, bough * METRES, random)]:
        at, bend = start, random.uniform(-0.9, 0.9)
        turn = -pi / 2 + random.uniform(-0.7, 0.7)  # twigs of a birch hang
        for step in range(LEAVES):
            turn += bend / LEAVES
            ahead = np.array([cos(turn), sin(turn)])
            _stroke(shade, at, turn, 0.034, 0.0022)
            at = at + ahead * 0.031
            side = turn + (0.85 if step % 2 else -0.85) + random.uniform(-0.3, 0.3)
            stalk = at + 0.012 * np.array([cos(side), sin(side)])
            _leaf(shade, stalk, side, random.uniform(0.04, 0.064), random.uniform(0.35, 1.0))
    return {"dapple": shade[..., None].astype(np.float32)}


def _bough(shade: Floats, at: Floats, random: np.random.Generator) -> list[Floats]:
    """Draw a thin bough that sinks to its end; where its twigs begin."""
    turn, feet = random.uniform(-0.35, 0.1), []
    for step in range(2 * TWIGS):
        _stroke(shade, at, turn, 0.05, 0.0045)
        at = at + 0.045 * np.array([cos(turn), sin(turn)])
        turn -= 0.05
        if step % 2:
            feet.append(at)
    return feet


def dapple_image(kit: Kit) -> Image:
    return kit.image(kit.bake(dapple_arrays)["dapple"], repeat=True)


def _leaf(shade: Floats, foot: Floats, turn: float, length: float, facing: float) -> None:
    """Broad near the stalk, pointed at its end; turned away from the sun by `facing`."""
    along, across, rows, columns = _around(foot, turn, length)
    t = along / length
    half = 0.40 * length * facing * np.sin(pi * np.clip(t, 0, 1) ** 0.7) * (1.0 - 0.35 * np.clip(t, 0, 1))
    _darken(shade, rows, columns, half - np.abs(across), (t > 0) & (t < 1))


def _stroke(shade: Floats, foot: Floats, turn: float, length: float, half: float) -> None:
    along, across, rows, columns = _around(foot, turn, length)
    _darken(shade, rows, columns, half - np.abs(across), (along > 0) & (along < length))


def _around(foot: Floats, turn: float, reach: float) -> tuple[Floats, Floats, Ints, Ints]:
    """Pixels about a point: metres along and across `turn`, and the rows and columns they have in the tile."""
    pixel = METRES / SIZE
    span = int(reach / pixel) + 3
    first = np.floor(foot / pixel).astype(int) - span
    columns, rows = np.meshgrid(first[0] + np.arange(2 * span), first[1] + np.arange(2 * span))
    x, y = (columns + 0.5) * pixel - foot[0], (rows + 0.5) * pixel - foot[1]
    return cos(turn) * x + sin(turn) * y, cos(turn) * y - sin(turn) * x, rows % SIZE, columns % SIZE


def _darken(shade: Floats, rows: Ints, columns: Ints, inside: Floats, near: npt.NDArray[np.bool_]) -> None:
    cover = np.clip(inside / (METRES / SIZE) + 0.5, 0, 1) * near
    shade[rows, columns] = np.maximum(shade[rows, columns], cover)
