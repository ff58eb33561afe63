"""Lines on a table: strokes as rows of flat pieces, each seen as often as its symmetry says.

A piece of a stroke is one row for each of its copies, turned about the work's +y and mirrored across its plane x = 0;
pieces meet in the half of each turn, so that nothing is drawn twice. Rows are as shaders/include/bed_line.glsl
has them.
When many come back at once, a share does in every frame. Metres; a stroke's height is not heeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, tau
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.api import Kit, Mesh, Strokes, Vec3, Vec4

ROWS: Final = 98_304  # pieces with all their copies
FINEST: Final = 0.0028  # metres between two points at least
ROUND: Final = 1.2  # tangent of half a turn, beyond which a stroke is broken into two with round ends
BLOCK: Final = 32  # pieces of a copy that lie in one row after the other, so that copies cross and do not braid
IN_A_FRAME: Final = 2_048  # rows that are made again at most, when strokes come back
FIRST, LAST = 1, 2  # round ends
Rows = npt.NDArray[np.float32]


@dataclass(slots=True)
class _Laid:
    """Where a stroke's rows lie, and whether they are to be seen, and are."""

    first: int
    count: int = 0
    wanted: bool = True
    shown: bool = True
    forgotten: bool = False


@dataclass(slots=True)
class _Looks:
    """Of the stroke that is drawn."""

    colour: Vec4
    furrows: float
    turns: npt.NDArray[np.float64]  # radians, one a copy
    signs: npt.NDArray[np.float64]  # -1: mirrored
    cosines: npt.NDArray[np.float64]
    sines: npt.NDArray[np.float64]


def corners() -> dict[str, npt.NDArray[np.float64]]:
    """A strip; uv: 0 or 1 along, -1 or 1 across."""
    uv = np.array([[0.0, -1.0], [1.0, -1.0], [1.0, 1.0], [0.0, 1.0]])
    position = np.insert(uv, 1, 0.0, axis=1)
    return {"position": position, "uv": uv, "index": np.array([0, 2, 1, 0, 3, 2])}


class TableLines:
    """A scenes.making.canvas.Inks for all brushes: `update` once a frame; draw `count` rows of `mesh`."""

    def __init__(self, kit: Kit, horizon: npt.NDArray[np.uint8], rows: int = ROWS) -> None:
        self._rows: Rows = np.zeros((rows, 16), np.float32)
        self._buffer = kit.buffer(self._rows)
        self.mesh: Mesh = kit.mesh({**corners(), "horizon": np.repeat(horizon[:1], 4, axis=0)}, self._buffer)
        self.clear()

    def of(self, brush: str) -> Strokes:
        return self

    def colour(self, brush: str, colour: Vec4) -> Vec4:
        return colour

    def spacing(self, brush: str) -> float:
        return FINEST

    # --- strokes

    def clear(self) -> None:
        self._laid: list[_Laid] = []  # in the order of their rows
        self._numbers: dict[int, _Laid] = {}
        self._next = 0  # row that the next piece takes
        self._number = 0
        self.count = 0  # rows to draw
        self._points, self._in_block = 0, BLOCK
        self._block = self._rows[:0].reshape(0, BLOCK, 16)  # by copy and piece, where the next piece comes

    def begin(self, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        copies = turns * (1 + mirror)
        if self._next + BLOCK * copies > len(self._rows):
            return None
        around = np.repeat(tau * np.arange(turns) / turns, 1 + mirror)
        signs = np.tile([1.0, -1.0], turns) if mirror else np.ones(turns)
        self._looks = _Looks(colour, round(colour[3] * 10) or 1, around, signs, np.cos(around), np.sin(around))
        self._number += 1
        self._numbers[self._number] = _Laid(self._next)
        self._laid.append(self._numbers[self._number])
        self._points, self._in_block = 0, BLOCK
        self._along = self._turn = 0.0  # metres so far; direction of the last piece
        return self._number

    def append(self, position: Vec3, radius: float) -> bool:
        if self._in_block == BLOCK and self._next + BLOCK * len(self._looks.turns) > len(self._rows):
            return False
        self._lay(position[0], position[2], radius)
        return True

    def end(self) -> None:
        """The last block takes no more room than it needs."""
        if self._points == 1:  # a dot
            self._lay(self._x + 1e-4, self._z, self._radius)
        if self._points < 2:
            return
        laid, pieces = self._laid[-1], self._block[:, : self._in_block].reshape(-1, 16)
        first = self._next - self._block.shape[0] * BLOCK
        self._next = first + len(pieces)
        self._rows[first : self._next] = pieces.copy()
        laid.count = self._next - laid.first
        self._buffer.write(first, self._rows[first : self._next])

    def show(self, stroke: int, seen: bool) -> None:
        """From one of the next `update`s on."""
        self._numbers[stroke].wanted = seen

    def forget(self, stroke: int) -> None:
        """Rows are free again once all that were laid after them are."""
        gone = self._numbers.pop(stroke)
        gone.wanted, gone.forgotten = False, True
        while self._laid and self._laid[-1].forgotten:
            self._next = self._laid.pop().first

    # --- its rows

    def update(self) -> None:
        """Some of what is to be seen, or not, becomes so."""
        self.count, left = 0, IN_A_FRAME
        for laid in self._laid:
            if laid.shown is not laid.wanted and left > 0:
                left -= laid.count
                laid.shown = laid.wanted
                part = self._rows[laid.first : laid.first + laid.count]
                self._buffer.write(laid.first, part if laid.shown else np.zeros_like(part))
            if laid.shown:
                self.count = laid.first + laid.count

    def _lay(self, x: float, z: float, radius: float) -> None:
        """One more point, and the piece that leads there; the piece before it is told how it goes on."""
        self._points += 1
        if self._points == 1:
            self._x, self._z, self._radius = x, z, radius
            return
        dx, dz = x - self._x, z - self._z
        long, turn = hypot(dx, dz), atan2(-dz, dx)
        ends, half = FIRST | LAST, 0.0
        first, before = self._open_block()
        if self._points > 2:
            bend = (turn - self._turn + pi) % tau - pi
            half = sin(bend / 2) / max(cos(bend / 2), 1e-3)
            if abs(half) < ROUND:
                before[:, 13] = half * self._looks.signs
                before[:, 14] -= LAST
                ends = LAST
            else:
                half = 0.0
        rows, looks = self._block[:, self._in_block], self._looks
        sx = looks.signs * self._x
        rows[:, 0] = looks.cosines * sx + looks.sines * self._z
        rows[:, 1] = 0.0
        rows[:, 2] = looks.cosines * self._z - looks.sines * sx
        rows[:, 3] = looks.turns + np.where(looks.signs > 0.0, turn, pi - turn)
        rows[:, 4:8] = long, self._radius, radius, self._along
        rows[:, 8:12] = looks.colour
        rows[:, 12] = half * looks.signs
        rows[:, 13] = 0.0
        rows[:, 14], rows[:, 15] = ends, looks.furrows
        self._in_block += 1
        self._buffer.write(first, self._rows[first : self._next])
        self._x, self._z, self._radius, self._turn = x, z, radius, turn
        self._along += long

    def _open_block(self) -> tuple[int, Rows]:
        """Where there is room for a piece; the first row that changes with it, and all copies of the last piece."""
        copies = len(self._looks.turns)
        if self._in_block < BLOCK:
            return self._next - copies * BLOCK, self._block[:, self._in_block - 1]
        first, last = self._next, self._block[:, BLOCK - 1] if self._points > 2 else self._rows[:0]
        self._next += copies * BLOCK
        self._rows[first : self._next] = 0.0
        self._block = self._rows[first : self._next].reshape(copies, BLOCK, 16)
        self._in_block = 0
        self._laid[-1].count += copies * BLOCK
        return max(first - copies * BLOCK, self._laid[-1].first), last
