"""Things laid into a picture, and paint beside them, as steps that can be taken back and done again.

A thing is a stroke of the brush "shape:<name>" with one point: its place and size; its colour's fourth value is its
turn in radians. To move one is two steps of the work, erased here and laid there, that go together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import Final, NamedTuple

import numpy as np

from vr_app.api import Stroke, Vec3, Work

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
    """Read `things` and `paint`, by the number of their stroke, in the order they were made."""

    def __init__(self, work: Work, names: Collection[str], most: int) -> None:
        """At most so many things lie at once."""
        self.work, self._names, self._most = work, names, most
        self.things: dict[int, Thing] = {}
        self.paint: dict[int, Stroke] = {}
        self.painted = 0  # counts up whenever paint is seen or gone by something else than being drawn
        moves = work.get(MOVES) or b""
        self._moves = np.frombuffer(moves[: len(moves) // 4 * 4], "<u4").tolist()
        self._see_all()

    def lay(self, name: str, place: Vec3, size: float, turn: float = 0.0) -> int | None:
        """Its number; None: there is no room, or it is nowhere."""
        if len(self.things) >= self._most or not isfinite(sum(place) + size + turn):
            return None
        number = self.work.begin(PREFIX + name, (*NATURAL, turn))
        if number is None:
            return None
        laid = self.work.append(place, size)
        self.work.end()
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
            self.work.put(MOVES, np.array(self._moves, "<u4").tobytes())
        return now

    def put_back(self, number: int) -> None:
        """It lies there no more."""
        if self.things.pop(number, None) is not None:
            self.work.erase([number])

    def clear(self, here: Callable[[Vec3], bool]) -> bool:
        """All whose place, or paint whose middle point, is here; whether there was anything."""
        gone = [number for number, thing in self.things.items() if here(thing.place)]
        for number, stroke in self.paint.items():
            x, y, z, _ = stroke.points[len(stroke.points) // 2].tolist()
            if here((x, y, z)):
                gone.append(number)
        if gone:
            self.work.erase(gone)
            self._drop(gone)
        return bool(gone)

    def drawn(self, number: int, stroke: Stroke) -> None:
        """A stroke of paint that the work was told point by point is whole."""
        self.work.end()
        if len(stroke.points):
            self.paint[number] = stroke

    def undo(self) -> bool:
        """One step back, and of a move both."""
        changed = self.work.undo()
        if changed is None:
            return False
        if any(not seen and number in self._moves for number, seen in changed.items()):
            changed = {**changed, **(self.work.undo() or {})}
        self._follow(changed)
        return True

    def redo(self) -> bool:
        """One step on again, and of a move both."""
        changed = self.work.redo()
        if changed is None:
            return False
        if len(changed) == 1 and not any(changed.values()):  # something went; it may have been moved
            then = self.work.redo()
            if then is not None and any(seen and number in self._moves for number, seen in then.items()):
                changed = {**changed, **then}
            elif then is not None:
                self.work.undo()
        self._follow(changed)
        return True

    def _follow(self, changed: Mapping[int, bool]) -> None:
        if any(changed.values()):
            self._see_all()
        else:
            self._drop(changed)

    def _drop(self, numbers: Collection[int]) -> None:
        for number in numbers:
            self.things.pop(number, None)
            if self.paint.pop(number, None) is not None:
                self.painted += 1

    def _see_all(self) -> None:
        shown = self.work.shown()
        things = {number: thing_of(stroke, self._names) for number, stroke in shown.items()}
        laid = {number: thing for number, thing in things.items() if thing is not None}
        self.things = dict(list(laid.items())[: self._most])
        paint = {number: stroke for number, stroke in shown.items() if not stroke.brush.startswith(PREFIX)}
        if paint.keys() != self.paint.keys():
            self.painted += 1
        self.paint = paint
