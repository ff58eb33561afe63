"""What is drawn in a scene: seen by the GPU and kept by the patient's work; both always say the same.

Places are in the canvas's own frame, metres; `draw` says where that is. Nothing here allocates much in a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, dist, inf, sin, tau
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scenes.making.brushes import brush, paint
from vr_app.api import STROKE_TURNS, WORK_POINTS, Frame, Kit, Pass, Pose, Stroke, Strokes, Vec3, Vec4, Work

COPIES: Final = 8192  # of strokes, that are seen at most
LOADED: Final = 400  # points of a work that is opened, shown anew in a frame: a millisecond at most


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


class Canvas:
    """`open` in enter, `load` and what is drawn in update, `draw`."""

    work: Work

    def __init__(self, kit: Kit, points: int = WORK_POINTS, copies: int = COPIES) -> None:
        self._matter, self._light = kit.strokes(points, copies), kit.strokes(points, copies)
        self._solid, self._shines = kit.material("brush"), kit.material("brush_light")
        self._points, self._copies = points, copies
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
        self._matter.clear()
        self._light.clear()
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

    def begin(self, name: str, colour: Vec4, *, turns: int = 1, mirror: bool = False) -> bool:
        """False when work or canvas is full."""
        self.end()
        self._step()
        number = self.work.begin(name, colour, turns=turns, mirror=mirror)
        if number is None:
            return False
        strokes = self._of(name)
        shown = strokes.begin(paint(name, colour), turns=turns, mirror=mirror)
        if shown is None:
            self.work.end()
            return False
        self._shown[number] = _Shown(strokes, shown)
        self._open, self._spacing, self._last = number, brush(name).spacing, (inf, inf, inf)
        return True

    def append(self, position: Vec3, radius: float) -> bool:
        """Kept once it is the brush's spacing away from the last point. False: the stroke cannot go on."""
        if self._open is None:
            return False
        if self._last[0] != inf and dist(position, self._last) < self._spacing:
            return True
        if not self.work.append(position, radius):
            return False
        self._last = position
        return self._shown[self._open].strokes.append(position, radius)

    def end(self) -> None:
        number, self._open = self._open, None
        if number is None:
            return
        self._shown[number].strokes.end()
        self.work.end()
        self._place(number)

    @property
    def drawing(self) -> bool:
        return self._open is not None

    @property
    def last(self) -> Vec3 | None:
        """Where the stroke that is drawn has come to."""
        return None if self._last[0] == inf else self._last

    def undo(self) -> bool:
        self.end()
        return self._follow(self.work.undo(), forgets=True)

    def redo(self) -> bool:
        self.end()
        return self._follow(self.work.redo(), forgets=False)

    def erase(self, at: Vec3, reach: float) -> bool:
        """The strokes that come within `reach` of here are gone; whether there were any."""
        self.end()
        found = [number for number in self._seen if self._comes_near(number, at, reach)]
        if found:
            self._step()
            self.work.erase(found)
            self._see(dict.fromkeys(found, False))
        return bool(found)

    def clear(self) -> None:
        self.end()
        self._step()
        self.work.clear()
        self._see(dict.fromkeys(tuple(self._seen), False))

    def draw(self, out: Pass, frame: Frame, at: Pose = Pose()) -> None:
        """Matter first, then what shines; nothing of it while it is veiled."""
        if frame.veil < 1.0:
            out.strokes(self._matter, self._solid, at, veil=frame.veil)
            out.strokes(self._light, self._shines, at, veil=frame.veil)

    # --- both in step

    def _of(self, name: str) -> Strokes:
        return self._light if brush(name).light else self._matter

    def _step(self) -> None:
        """What was undone is forgotten."""
        for number in self._undone:
            shown = self._shown.pop(number, None)
            if shown is not None:
                shown.strokes.forget(shown.number)
            self._lies.pop(number, None)
        self._undone.clear()

    def _follow(self, changed: object, *, forgets: bool) -> bool:
        if changed is None:
            return False
        assert isinstance(changed, dict)
        self._see(changed)
        for number, seen in changed.items():
            if forgets and not seen:
                self._undone.add(number)
            else:
                self._undone.discard(number)
        return True

    def _see(self, changed: dict[int, bool]) -> None:
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
        strokes = self._of(stroke.brush)
        shown = strokes.begin(paint(stroke.brush, stroke.colour), turns=stroke.turns, mirror=stroke.mirror)
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
