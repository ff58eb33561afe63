"""Things laid into a picture, beside its paint, as steps that can be taken back and done again.

A thing is a stroke of the brush "shape:<name>" with one point: its place and size; its colour's fourth value is its
turn in radians. To move one is two steps of the work, erased here and laid there, that go together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import Final, NamedTuple

import numpy as np

from scenes.making.canvas import Canvas
from vr_app.api import Stroke, Vec3

PREFIX: Final = "shape:"
MOVES: Final = "moves"  # in the work: numbers of strokes that were laid by a move, u32 each
MOVES_KEPT: Final = 400  # the newest
NATURAL: Final = (1.0, 1.0, 1.0)  # colours of a thing as it is


class Thing(NamedTuple):
    """What lies there: metres and radians."""

    name: str
    place: Vec3
    size: float
    turn: float


def thing_of(stroke: Stroke, names: Collection[str]) -> Thing | None:
    """None: it is paint, or a thing nobody here knows."""
    name = stroke.brush.removeprefix(PREFIX)
    if name == stroke.brush or name not in names or not len(stroke.points):
        return None
    x, y, z, size = stroke.points[0].tolist()
    turn = stroke.colour[3]
    return Thing(name, (x, y, z), size, turn) if isfinite(x + y + z + size + turn) else None


class Placed:
    """Read `things`, by the number of their stroke, in the order they were made; the canvas has all else."""

    def __init__(self, canvas: Canvas, names: Collection[str], most: int) -> None:
        """The canvas's work was opened; at most so many things lie at once."""
        self._canvas, self._names, self._most = canvas, names, most
        self.things: dict[int, Thing] = {}
        moves = canvas.work.get(MOVES) or b""
        self._moves = np.frombuffer(moves[: len(moves) // 4 * 4], "<u4").tolist()
        self._follow(dict.fromkeys(canvas.work.shown(), True))

    def lay(self, name: str, place: Vec3, size: float, turn: float = 0.0) -> int | None:
        """Its number; None: there is no room, or it is nowhere."""
        if len(self.things) >= self._most or not isfinite(sum(place) + size + turn):
            return None
        number = self._canvas.begin(PREFIX + name, (*NATURAL, turn))
        if number is None:
            return None
        laid = self._canvas.append(place, size)
        self._canvas.end()
        if laid:
            self.things[number] = Thing(name, place, size, turn)
        return number if laid else None

    def move(self, number: int, place: Vec3, turn: float) -> int | None:
        """Its number from now on."""
        old = self.things.get(number)
        if old is None or not isfinite(sum(place) + turn):
            return None
        self.put_back(number)
        now = self.lay(old.name, place, old.size, turn)
        if now is not None:
            self._moves = [*self._moves, now][-MOVES_KEPT:]
            self._canvas.work.put(MOVES, np.array(self._moves, "<u4").tobytes())
        return now

    def put_back(self, number: int) -> None:
        """It lies there no more."""
        if number in self.things:
            self._remove([number])

    def clear(self, here: Callable[[Vec3], bool]) -> bool:
        """All whose place, or paint whose middle point, is here; whether there was anything."""
        gone = self._canvas.those(here)
        self._remove(gone)
        return bool(gone)

    def _remove(self, numbers: Sequence[int]) -> None:
        self._canvas.remove(numbers)
        self._follow(dict.fromkeys(numbers, False))

    def undo(self) -> bool:
        """One step back, and of a move both."""
        changed = dict(self._canvas.undo())
        if any(not seen and number in self._moves for number, seen in changed.items()):
            changed |= self._canvas.undo()
        self._follow(changed)
        return bool(changed)

    def redo(self) -> bool:
        """One step on again, and of a move both."""
        changed = dict(self._canvas.redo())
        if len(changed) == 1 and not any(changed.values()):  # something went; it may have been moved
            then = self._canvas.redo()
            if any(seen and number in self._moves for number, seen in then.items()):
                changed |= then
            elif then:
                self._canvas.undo()
        self._follow(changed)
        return bool(changed)

    def _follow(self, changed: Mapping[int, bool]) -> None:
        for number, seen in changed.items():
            thing = thing_of(self._canvas.work.stroke(number), self._names) if seen else None
            if thing is None:
                self.things.pop(number, None)
            else:
                self.things[number] = thing
        self.things = dict(sorted(self.things.items())[: self._most])
