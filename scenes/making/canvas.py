"""What is drawn in a scene: seen by the GPU and kept by the patient's work; both always say the same.

Places are in the canvas's own frame, metres. Nothing here allocates much in a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import cos, dist, inf, sin, tau
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from vr_app.api import STROKE_TURNS, Stroke, Strokes, Vec3, Vec4, Work

LOADED: Final = 400  # points of a work that is opened, shown anew in a frame: a millisecond at most


class Inks(Protocol):
    """What strokes are seen in: scenes/making/brushes.py in the air, scenes/making/table_lines.py on a table."""

    def of(self, brush: str) -> Strokes | None:
        """None: somebody else shows what is made with it."""

    def colour(self, brush: str, colour: Vec4) -> Vec4:
        """A stroke's colour as its shader reads it."""

    def spacing(self, brush: str) -> float:
        """Metres between two points."""

    def clear(self) -> None:
        """Nothing is seen any more."""


class _Shown(NamedTuple):
    """A stroke as the GPU has it."""

    strokes: Strokes
    number: int  # in there


class _Lies(NamedTuple):
    """Where a whole stroke lies, for who erases."""

    points: npt.NDArray[np.float32]  # (n, 3)
    turns: int
    mirror: bool
    reach: float  # its largest radius

    @property
    def middle(self) -> Vec3:
        x, y, z = self.points[len(self.points) // 2].tolist()
        return x, y, z


class Canvas:
    """`open` in enter, `load` and what is drawn in update. Until all of an opened work is shown, nothing changes it."""

    work: Work

    def __init__(self, inks: Inks) -> None:
        self._inks = inks
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._shown: dict[int, _Shown] = {}  # by number in the work
        self._lies: dict[int, _Lies] = {}
        self._seen: set[int] = set()
        self._undone: set[int] = set()  # strokes that the next step forgets
        self._loads: Iterator[int] | None = None
        self._open: int | None = None
        self._spacing, self._last = 0.0, (inf, inf, inf)

    def open(self, work: Work) -> None:
        """Another work in place of what was here; `load` shows it, a share in every frame."""
        self._inks.clear()
        self._begin_anew()
        self.work = work
        self._loads = self._load_all()

    @property
    def whole(self) -> bool:
        """All of an opened work is shown."""
        return self._loads is None

    def load(self, most: int = LOADED) -> None:
        """Once a frame: show at most so many more points."""
        while self._loads is not None and most > 0:
            count = next(self._loads, None)
            if count is None:
                self._loads = None
            else:
                most -= count

    def load_whole(self) -> None:
        """For who waits anyway."""
        while not self.whole:
            self.load(1_000_000)

    @property
    def count(self) -> int:
        """Strokes that are seen."""
        return len(self._seen)

    # --- drawing

    def begin(self, brush: str, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> int | None:
        """The stroke's number in the work. None: work or canvas is full, or not yet whole."""
        self.end()
        if not self.whole:
            return None
        self._step()
        number = self.work.begin(brush, colour, turns=turns, mirror=mirror)
        if number is None:
            return None
        strokes = self._inks.of(brush)
        if strokes is not None:
            shown = strokes.begin(self._inks.colour(brush, colour), turns=turns, mirror=mirror)
            if shown is None:
                self.work.end()
                return None
            self._shown[number] = _Shown(strokes, shown)
        self._open, self._spacing, self._last = number, self._inks.spacing(brush), (inf, inf, inf)
        return number

    def append(self, position: Vec3, radius: float) -> bool:
        """Kept once it is the brush's spacing away from the last point. False: the stroke cannot go on."""
        if self._open is None:
            return False
        if self._last[0] != inf and dist(position, self._last) < self._spacing:
            return True
        if not self.work.append(position, radius):
            return False
        self._last = position
        shown = self._shown.get(self._open)
        return shown is None or shown.strokes.append(position, radius)

    def end(self) -> None:
        number, self._open = self._open, None
        if number is None:
            return
        shown = self._shown.get(number)
        if shown is not None:
            shown.strokes.end()
        self.work.end()
        self._place(number)

    @property
    def drawing(self) -> bool:
        return self._open is not None

    @property
    def last(self) -> Vec3 | None:
        """Where the stroke that is drawn has come to."""
        return None if self._last[0] == inf else self._last

    def undo(self) -> Mapping[int, bool]:
        """One step back: which strokes are now seen, or not."""
        self.end()
        return self._follow(self.work.undo() if self.whole else None, forgets=True)

    def redo(self) -> Mapping[int, bool]:
        """One step on again."""
        self.end()
        return self._follow(self.work.redo() if self.whole else None, forgets=False)

    def erase(self, at: Vec3, reach: float) -> bool:
        """The strokes that come within `reach` of here are gone; whether there were any."""
        self.end()
        found = [number for number in self._seen if self._comes_near(number, at, reach)]
        self.remove(found)
        return bool(found)

    def remove(self, numbers: Sequence[int]) -> None:
        """These strokes are gone."""
        self.end()
        if numbers and self.whole:
            self._step()
            self.work.erase(numbers)
            self._see(dict.fromkeys(numbers, False))

    def those(self, here: Callable[[Vec3], bool]) -> list[int]:
        """Strokes whose middle point is here."""
        return [number for number in self._seen if number in self._lies and here(self._lies[number].middle)]

    def clear(self) -> None:
        self.end()
        if not self.whole:
            return
        self._step()
        self.work.clear()
        self._see(dict.fromkeys(tuple(self._seen), False))

    # --- both in step

    def _step(self) -> None:
        """What was undone is forgotten."""
        for number in self._undone:
            shown = self._shown.pop(number, None)
            if shown is not None:
                shown.strokes.forget(shown.number)
            self._lies.pop(number, None)
        self._undone.clear()

    def _follow(self, changed: Mapping[int, bool] | None, *, forgets: bool) -> Mapping[int, bool]:
        if changed is None:
            return {}
        self._see(changed)
        for number, seen in changed.items():
            if forgets and not seen:
                self._undone.add(number)
            else:
                self._undone.discard(number)
        return changed

    def _see(self, changed: Mapping[int, bool]) -> None:
        for number, seen in changed.items():
            if seen and number not in self._shown:
                self._show(number, self.work.stroke(number))
            shown = self._shown.get(number)
            if shown is not None:
                shown.strokes.show(shown.number, seen)
            (self._seen.add if seen else self._seen.discard)(number)

    def _load_all(self) -> Iterator[int]:
        """Shows all of the work, and says how many points each stroke took."""
        for number, stroke in self.work.shown().items():
            if number not in self._seen:
                self._show(number, stroke)
                yield len(stroke.points)

    def _show(self, number: int, stroke: Stroke) -> None:
        strokes = self._inks.of(stroke.brush)
        if strokes is not None:
            colour = self._inks.colour(stroke.brush, stroke.colour)
            shown = strokes.begin(colour, turns=stroke.turns, mirror=stroke.mirror)
            if shown is None:
                return
            for x, y, z, radius in stroke.points.tolist():
                strokes.append((x, y, z), radius)
            strokes.end()
            self._shown[number] = _Shown(strokes, shown)
        self._place(number, stroke)

    def _place(self, number: int, stroke: Stroke | None = None) -> None:
        stroke = stroke or self.work.stroke(number)
        if len(stroke.points):
            points = stroke.points
            self._lies[number] = _Lies(points[:, :3], stroke.turns, stroke.mirror, float(points[:, 3].max()))
            self._seen.add(number)

    def _comes_near(self, number: int, at: Vec3, reach: float) -> bool:
        lies = self._lies.get(number)
        if lies is None:
            return False
        near = (reach + lies.reach) ** 2
        for place in _copies_of(at, lies.turns, lies.mirror):
            away = lies.points - place
            if float(np.einsum("ij,ij->i", away, away).min()) < near:
                return True
        return False


def _copies_of(at: Vec3, turns: int, mirror: bool) -> Iterator[npt.NDArray[np.float32]]:
    """Where a place lies for each copy, in the stroke's own frame."""
    x, y, z = at
    for turn in range(min(turns, STROKE_TURNS)):
        c, s = cos(tau * turn / turns), sin(tau * turn / turns)
        back = (c * x - s * z, y, s * x + c * z)
        yield np.array(back, np.float32)
        if mirror:
            yield np.array((-back[0], y, back[2]), np.float32)
