"""A work as it stands: strokes, which of them are seen, the steps that led there, and things put under a name.

Pure: what is done here is told by operations.py to the journal, and done again from there when the work is opened.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from vr_app.api import STROKE_TURNS, WORK_POINTS, Stroke, Vec3, Vec4

NAME_CHARACTERS = 32  # of a brush and of a thing that is put


@dataclass(slots=True)
class Drawn:
    """A stroke and how it is seen."""

    brush: str
    colour: Vec4
    turns: int
    mirror: bool
    values: array[float] = field(default_factory=lambda: array("f"))  # x, y, z, radius, ...
    seen: bool = True

    def stroke(self) -> Stroke:
        points = np.array(self.values, np.float32).reshape(-1, 4)
        return Stroke(self.brush, self.colour, points, self.turns, self.mirror)


class Sketch:
    """Steps can be taken back and done again without end. Strokes are numbered as they were begun."""

    def __init__(self) -> None:
        self.strokes: list[Drawn] = []
        self.things: dict[str, bytes] = {}
        self.points = 0  # of all strokes
        self.finished = False
        self.open: Drawn | None = None  # the stroke that is drawn just now
        self._steps: list[tuple[bool, tuple[int, ...]]] = []  # whether these strokes are seen after it
        self._done = 0  # of the steps

    def shown(self) -> Mapping[int, Stroke]:
        """In the order they were drawn."""
        return {number: drawn.stroke() for number, drawn in enumerate(self.strokes) if drawn.seen and drawn.values}

    @property
    def seen(self) -> int:
        """How many strokes are."""
        return sum(drawn.seen and bool(drawn.values) for drawn in self.strokes)

    def begin(self, brush: str, colour: Vec4, turns: int, mirror: bool) -> int | None:
        """Raises ValueError for what no stroke can be."""
        if not 0 < len(brush) <= NAME_CHARACTERS or not brush.isprintable():
            raise ValueError(f"{brush[:40]!r} is no brush's name: 1 to {NAME_CHARACTERS} characters")
        if not 1 <= turns <= STROKE_TURNS or not all(map(isfinite, colour)):
            raise ValueError(f"a stroke of {turns} turns and colour {colour} cannot be drawn")
        self.end()
        if self.points >= WORK_POINTS:
            return None
        self.open = Drawn(brush, colour, turns, mirror)
        self.strokes.append(self.open)
        return len(self.strokes) - 1

    def append(self, position: Vec3, radius: float) -> bool:
        x, y, z = position
        if self.open is None or self.points >= WORK_POINTS or not isfinite(x + y + z + radius):
            return False
        self.open.values.extend((x, y, z, radius))
        self.points += 1
        return True

    def extend(self, rows: bytes) -> None:
        """Many points at once: x, y, z, radius as f32 each; those that `append` would not take are left out."""
        points = np.frombuffer(rows, "<f4").reshape(-1, 4)
        points = points[np.isfinite(points).all(axis=1)][: max(WORK_POINTS - self.points, 0)]
        if self.open is not None:
            self.open.values.frombytes(points.astype(np.float32).tobytes())
            self.points += len(points)

    def end(self) -> None:
        drawn, self.open = self.open, None
        if drawn is not None and drawn.values:
            self._step(True, (len(self.strokes) - 1,))

    def erase(self, strokes: Sequence[int]) -> bool:
        """Whether anything was seen of them."""
        self.end()
        seen = tuple(n for n in sorted(set(strokes)) if 0 <= n < len(self.strokes) and self.strokes[n].seen)
        if seen:
            self._step(False, seen)
        return bool(seen)

    def clear(self) -> bool:
        """Whether anything was seen."""
        self.end()
        return self.erase([n for n, drawn in enumerate(self.strokes) if drawn.seen and drawn.values])

    def undo(self) -> Mapping[int, bool] | None:
        self.end()
        if not self._done:
            return None
        self._done -= 1
        return self._see(self._steps[self._done], back=True)

    def redo(self) -> Mapping[int, bool] | None:
        self.end()
        if self._done == len(self._steps):
            return None
        self._done += 1
        return self._see(self._steps[self._done - 1], back=False)

    def _step(self, seen: bool, strokes: tuple[int, ...]) -> None:
        del self._steps[self._done :]
        self._steps.append((seen, strokes))
        self._done += 1
        self._see(self._steps[-1], back=False)

    def _see(self, step: tuple[bool, tuple[int, ...]], *, back: bool) -> dict[int, bool]:
        seen = step[0] is not back
        for number in step[1]:
            self.strokes[number].seen = seen
        return dict.fromkeys(step[1], seen)
