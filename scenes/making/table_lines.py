"""Lines on a table: strokes of a work as rows of flat pieces, each seen as often as its symmetry says.

A piece of a stroke is one row for each of its copies, turned about the work's +y and mirrored across its plane x = 0;
pieces meet in the half of each turn, so that nothing is drawn twice. Rows are as shaders/include/bed_line.glsl
has them.
The work is what counts; the rows follow it, a share in every frame when many come back at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import atan2, cos, hypot, isfinite, pi, sin, tau
from typing import Final

import numpy as np
import numpy.typing as npt

from vr_app.api import Kit, Mesh, Stroke, Vec4, Work

ROWS: Final = 98_304  # pieces with all their copies
FINEST: Final = 0.0028  # metres between two points at least
ROUND: Final = 1.2  # tangent of half a turn, beyond which a stroke is broken into two with round ends
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
    """`open` a work, then `begin`, `append`, `end`, `undo`, `redo`, `clear`; `update` once a frame; draw `mesh`."""

    def __init__(self, kit: Kit, horizon: npt.NDArray[np.uint8], rows: int = ROWS) -> None:
        self._rows: Rows = np.zeros((rows, 16), np.float32)
        self._buffer = kit.buffer(self._rows)
        self.mesh: Mesh = kit.mesh({**corners(), "horizon": np.repeat(horizon[:1], 4, axis=0)}, self._buffer)
        self._laid: dict[int, _Laid] = {}  # by the work's numbers, in the order of their rows
        self._undone: set[int] = set()
        self._next = 0  # row that the next piece takes
        self.count = 0  # rows to draw
        self._stroke: int | None = None
        self._waiting: list[tuple[int, Stroke]] = []  # of a work that was opened, still to be laid

    # --- a work

    def open(self, work: Work) -> None:
        """Its strokes, from the next `update` on."""
        self._work = work
        self._laid.clear()
        self._undone.clear()
        self._next = self.count = 0
        self._stroke = None
        self._waiting = list(work.shown().items())[::-1]

    @property
    def drawing(self) -> bool:
        return self._stroke is not None

    @property
    def empty(self) -> bool:
        return not self._waiting and not any(laid.wanted for laid in self._laid.values())

    def begin(self, brush: str, colour: Vec4, *, turns: int, mirror: bool, furrows: int = 1) -> bool:
        """False where the table is full."""
        self.end()
        self._lay_waiting(len(self._rows))
        self._forget_undone()
        copies = turns * (1 + mirror)
        if self._next + 64 * copies > len(self._rows):
            return False
        number = self._work.begin(brush, colour, turns=turns, mirror=mirror)
        if number is None:
            return False
        self._begin_rows(number, colour, turns, mirror, furrows)
        return True

    def append(self, x: float, z: float, radius: float) -> bool:
        """The stroke goes on to here, metres in the work's frame. False when nothing was added."""
        if self._stroke is None or not isfinite(x + z + radius):
            return False
        if self._points and hypot(x - self._x, z - self._z) < FINEST:
            return False
        if not self._work.append((x, 0.0, z), radius):
            return False
        self._lay(x, z, radius)
        return True

    def end(self) -> None:
        if self._stroke is not None:
            if self._points == 1:  # a dot
                self._lay(self._x + 1e-4, self._z, self._radius)
            self._stroke = None
            self._work.end()

    def undo(self) -> bool:
        return self._see(self._work.undo())

    def redo(self) -> bool:
        return self._see(self._work.redo())

    def clear(self) -> None:
        self.end()
        self._lay_waiting(len(self._rows))
        self._work.clear()
        for laid in self._laid.values():
            laid.wanted = False
        self._undone.clear()

    def _see(self, changed: Mapping[int, bool] | None) -> bool:
        self.end()
        self._lay_waiting(len(self._rows))
        for number, seen in (changed or {}).items():
            laid = self._laid.get(number)
            if laid is not None:
                laid.wanted = seen
            if seen:
                self._undone.discard(number)
            else:
                self._undone.add(number)
        return changed is not None

    def _forget_undone(self) -> None:
        """What was undone last gives its rows back, for the work has forgotten it."""
        for number in list(self._laid)[::-1]:
            if number not in self._undone or self._laid[number].wanted:
                break
            self._next = self._laid.pop(number).first
        self._undone.clear()

    # --- its rows

    def update(self) -> None:
        """Some of what is to be seen, or not, becomes so."""
        self._lay_waiting(IN_A_FRAME)
        self.count, left = 0, IN_A_FRAME
        for laid in self._laid.values():
            if laid.shown is not laid.wanted and left > 0:
                left -= laid.count
                laid.shown = laid.wanted
                part = self._rows[laid.first : laid.first + laid.count]
                self._buffer.write(laid.first, part if laid.shown else np.zeros_like(part))
            if laid.shown:
                self.count = laid.first + laid.count

    def _lay_waiting(self, rows: int) -> None:
        while self._waiting and rows > 0:
            number, stroke = self._waiting.pop()
            before = self._next
            if self._next + len(stroke.points) * stroke.turns * (1 + stroke.mirror) + 64 > len(self._rows):
                self._waiting.clear()
                return
            self._begin_rows(number, stroke.colour, stroke.turns, stroke.mirror, round(stroke.colour[3] * 10) or 1)
            for x, _, z, radius in stroke.points.tolist():
                self._lay(x, z, radius)
            if self._points == 1:
                self._lay(self._x + 1e-4, self._z, self._radius)
            self._stroke = None
            rows -= self._next - before

    def _begin_rows(self, number: int, colour: Vec4, turns: int, mirror: bool, furrows: int) -> None:
        around = np.repeat(tau * np.arange(turns) / turns, 1 + mirror)
        signs = np.tile([1.0, -1.0], turns) if mirror else np.ones(turns)
        self._looks = _Looks(colour, float(furrows), around, signs, np.cos(around), np.sin(around))
        self._stroke = number
        self._laid[number] = _Laid(self._next)
        self._points = 0
        self._along = self._turn = 0.0  # metres so far; direction of the last piece

    def _lay(self, x: float, z: float, radius: float) -> None:
        """One more point, and the piece that leads there; the piece before it is told how it goes on."""
        self._points += 1
        if self._points == 1:
            self._x, self._z, self._radius = x, z, radius
            return
        dx, dz = x - self._x, z - self._z
        long, turn = hypot(dx, dz), atan2(-dz, dx)
        laid = self._laid[self._stroke] if self._stroke is not None else _Laid(0)
        copies = len(self._looks.turns)
        if self._next + copies > len(self._rows):
            return
        ends, half = FIRST | LAST, 0.0
        first = self._next
        if self._points > 2:
            bend = (turn - self._turn + pi) % tau - pi
            half = sin(bend / 2) / max(cos(bend / 2), 1e-3)
            if abs(half) < ROUND:
                before = self._rows[first - copies : first]
                before[:, 13] = half * self._looks.signs
                before[:, 14] -= LAST
                ends, first = LAST, first - copies
            else:
                half = 0.0
        rows = self._rows[self._next : self._next + copies]
        looks = self._looks
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
        self._next += copies
        laid.count += copies
        if laid.shown:
            self._buffer.write(first, self._rows[first : self._next])
        self._x, self._z, self._radius, self._turn = x, z, radius, turn
        self._along += long
